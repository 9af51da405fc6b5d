/* SPDX-License-Identifier: Apache-2.0 */
/* Sums, means and their like over any axes, and the places of extremes. Gradients
 * put the reduced dimensions back as 1 and spread over them. */
#include "engine/device/cpu/reduce.h"

#include "engine/base/error.h"
#include "engine/ops/math-common.h"

enum { REDUCE_T, REDUCE_INDEX, REDUCE_KEEP_DIMS };
/* All and Any have no type of their own. */
enum { LOGIC_INDEX, LOGIC_KEEP_DIMS };

static gboolean
reduce_cpu (GwKernelContext *context,
            GwReduceOp       op,
            GError         **error)
{
  const GwTensor *x = context->inputs[0];
  gboolean reduced[GW_MAX_RANK];

  return gw_shape_reduced_axes (context->inputs[1], x->shape.rank, reduced, error) &&
         gw_cpu_reduce (context, op, x->dtype, &x->shape, reduced, x->data, context->outputs[0]->data, error);
}

/* ---- gradients ---- */

/* The axes of a reduction node, as far as they are constant; FALSE otherwise. */
static gboolean
known_axes (const GwNode *node,
            gboolean      reduced[GW_MAX_RANK])
{
  const GwShape *shape = gw_output_shape (node->inputs[0]);
  const GwTensor *axes = gw_output_constant (node->inputs[1]);

  return shape->rank >= 0 && axes != NULL && gw_shape_reduced_axes (axes, shape->rank, reduced, NULL);
}

/* The shape of x with 1 in the reduced dimensions, as a vector. Constant where at
 * most one size is open (it is then -1, for Reshape). */
static GwOutput
kept_shape (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput x = gw_grad_x (context, 0);
  const GwShape *shape = gw_output_shape (x);
  gboolean reduced[GW_MAX_RANK];
  int64_t sizes[GW_MAX_RANK], mask[GW_MAX_RANK], ones[GW_MAX_RANK];
  int n_open = 0, n_zero = 0;

  if (!known_axes (context->node, reduced))
    return gw_op1 (b, "Shape", gw_op (b, "Sum", GW_IN (x, gw_grad_x (context, 1)),
                                      GW_WITH ({ "keep_dims", gw_attr_bool (TRUE) })));
  for (int i = 0; i < shape->rank; i++)
    {
      sizes[i] = reduced[i] ? 1 : shape->dims[i];
      mask[i] = !reduced[i];
      ones[i] = reduced[i];
      n_open += sizes[i] < 0;
      n_zero += sizes[i] == 0;
    }
  if (n_open == 0 || (n_open == 1 && n_zero == 0))
    return gw_const_ints (b, shape->rank, sizes);
  return ADD (MUL (gw_op1 (b, "Shape", x), gw_const_ints (b, shape->rank, mask)),
              gw_const_ints (b, shape->rank, ones));
}

/* Something shaped like the result, with the reduced dimensions back as 1. */
static GwOutput
with_kept_dims (GwGradContext *context,
                GwOutput       value)
{
  if (gw_node_attr (context->node, "keep_dims")->b)
    return value;
  return gw_op2 (context->builder, "Reshape", value, kept_shape (context));
}

static GwOutput
spread (GwGradContext *context,
        GwOutput       value)
{
  GwBuilder *b = context->builder;

  return gw_op2 (b, "BroadcastTo", with_kept_dims (context, value), gw_op1 (b, "Shape", gw_grad_x (context, 0)));
}

static void
sum_grad (GwGradContext *context)
{
  context->dx[0] = spread (context, gw_grad_dy (context, 0));
}

/* How many elements one result is the mean of, as a scalar of the type of dz. */
static GwOutput
mean_count (GwGradContext *context,
            GwOutput       dz)
{
  GwBuilder *b = context->builder;
  GwAttrSetting to[] = { { "DstT", gw_attr_dtype (gw_output_dtype (dz)) }, { NULL } };
  const GwShape *shape = gw_output_shape (gw_grad_x (context, 0));
  gboolean reduced[GW_MAX_RANK];
  int64_t count = 1;
  GwOutput x_size, z_size;

  if (known_axes (context->node, reduced))
    {
      for (int i = 0; i < shape->rank; i++)
        count = !reduced[i] ? count : count < 0 || shape->dims[i] < 0 ? -1 : count * shape->dims[i];
      if (count >= 0)
        return NUMBER (count);
    }
  x_size = gw_op1 (b, "Size", gw_grad_x (context, 0));
  z_size = gw_op1 (b, "Size", gw_grad_y (context, 0));
  x_size = gw_op2 (b, "FloorDiv", x_size, gw_op2 (b, "Maximum", z_size, gw_const_like (b, z_size, 1)));
  return gw_op (b, "Cast", GW_IN (x_size), to);
}

static void
mean_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput dz = gw_grad_dy (context, 0);

  context->dx[0] = spread (context, DIV (dz, mean_count (context, dz)));
}

/* Equal extremes share the gradient. */
static void
extreme_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput x = gw_grad_x (context, 0);
  GwOutput dz = gw_grad_dy (context, 0);
  GwOutput z = with_kept_dims (context, gw_grad_y (context, 0));
  GwOutput chosen = gw_op (b, "Cast", GW_IN (gw_op2 (b, "Equal", x, z)),
                           GW_WITH ({ "DstT", gw_attr_dtype (gw_output_dtype (x)) }));
  GwOutput number = gw_op (b, "Sum", GW_IN (chosen, gw_grad_x (context, 1)),
                           GW_WITH ({ "keep_dims", gw_attr_bool (TRUE) }));

  context->dx[0] = MUL (DIV (chosen, number), with_kept_dims (context, dz));
}

static GwOutput
product_of_others (GwBuilder *b,
                   GwOutput   x,
                   int64_t    axis)
{
  GwOutput at = gw_const_scalar (b, GW_INT32, (double) axis);
  GwOutput before = gw_op (b, "Cumprod", GW_IN (x, at), GW_WITH ({ "exclusive", gw_attr_bool (TRUE) }));
  GwOutput behind = gw_op (b, "Cumprod", GW_IN (x, at),
                           GW_WITH ({ "exclusive", gw_attr_bool (TRUE) }, { "reverse", gw_attr_bool (TRUE) }));

  return MUL (CONJ (before), CONJ (behind));
}

/* One axis after the other: along an axis, the gradient of an element is the
 * product of the others, which stays right where some are 0. */
static void
prod_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput partial[GW_MAX_RANK + 1];
  int64_t axes[GW_MAX_RANK];
  gboolean reduced[GW_MAX_RANK];
  GwOutput dx;
  int n = 0;

  if (!known_axes (context->node, reduced))
    {
      gw_builder_fail (b, GW_ERROR_UNIMPLEMENTED, "the gradient of Prod needs constant axes and a known rank");
      return;
    }
  for (int i = 0; i < gw_output_shape (gw_grad_x (context, 0))->rank; i++)
    if (reduced[i])
      axes[n++] = i;
  partial[0] = gw_grad_x (context, 0);
  for (int i = 0; i < n - 1; i++)
    partial[i + 1] = gw_op (b, "Prod", GW_IN (partial[i], gw_const_ints (b, 1, &axes[i])),
                            GW_WITH ({ "keep_dims", gw_attr_bool (TRUE) }));
  dx = with_kept_dims (context, gw_grad_dy (context, 0));
  for (int i = n - 1; i >= 0; i--)
    dx = MUL (dx, product_of_others (b, partial[i], axes[i]));
  context->dx[0] = dx;
}

static void
norm_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput share = DIV (gw_grad_y (context, 0), gw_grad_dy (context, 0));

  context->dx[0] = DIV (gw_grad_x (context, 0), with_kept_dims (context, share));
}

/* ---- descriptors ---- */

#define AXES_HELP "The axes to reduce: one or a vector, negative ones from the end; no axes change nothing."
#define KEEP_DIMS                                                                       \
  { "keep_dims", GW_ATTR_BOOL, .def = "false", .label = "Keep dimensions",              \
    .help = "Whether the reduced dimensions stay, of size 1." }
#define REDUCING "\n\nThe axes that are named disappear from the shape, or stay as 1 with *Keep dimensions*: `[2, 3]` " \
                 "over axis 1 gives `[2]`, or `[2, 1]`; over axes 0 and 1 a scalar."

/* A rule of its own: over no axes the norm is the absolute value, where the reductions
 * of the common rule give their input back. */
static gboolean
norm_shape (GwShapeContext *context,
            GError        **error)
{
  return gw_shape_rule_reduce (context, error);
}

#define REDUCE_OP(NAME, TYPE, TITLE, FUNCTION, TYPES, SHAPE, GRADIENT, RESULT, SUMMARY, DOC, EXAMPLES) \
  static gboolean                                                                                   \
  NAME##_cpu (GwKernelContext *context, GError **error)                                             \
  {                                                                                                 \
    return reduce_cpu (context, FUNCTION, error);                                                   \
  }                                                                                                 \
  static const GwOpDef NAME = {                                                                     \
    .name = TYPE, .since = 1, .title = TITLE, .category = "maths/Reductions", .summary = SUMMARY, .doc = DOC REDUCING, \
    .inputs = GW_PORTS ({ "input", "T", "What is reduced." }, { "axis", "Tidx", AXES_HELP, .literal = "0" }), \
    .outputs = GW_PORTS ({ "output", "T", RESULT }),                                                \
    .attrs = GW_ATTRS ([REDUCE_T] = GW_MATH_T (TYPES), [REDUCE_INDEX] = GW_MATH_INDEX ("Tidx"),     \
                       [REDUCE_KEEP_DIMS] = KEEP_DIMS),                                             \
    .shape_rule = "the input's without the axes reduced, or with 1 in their place", .shape = SHAPE, \
    .reduction = FUNCTION == GW_REDUCE_SUM ? GW_REDUCTION_SUM                                       \
                 : FUNCTION == GW_REDUCE_MEAN ? GW_REDUCTION_MEAN : GW_REDUCTION_NONE,              \
    .grad = GRADIENT, .cpu = NAME##_cpu, .examples = EXAMPLES,                                      \
    .tell = GW_CHOICES ("keep_dims"),                                                               \
  };

#define TWO_BY_TWO "[[1.5, 2], [3, 5]]"

REDUCE_OP (sum, "Sum", "Sum", GW_REDUCE_SUM, GW_ANY_NUMBER, gw_shape_rule_reduce, sum_grad, "The sums.",
           "Adds up the elements along some axes.",
           "The sum of nothing is 0. The order of the additions is fixed by the shape alone, so that the same input gives "
           "the same bits on any number of threads.",
           GW_EXAMPLES ({ GW_TEXTS (TWO_BY_TWO, "0"), NULL, GW_TEXTS ("[4.5, 7]") },
                        { GW_TEXTS (TWO_BY_TWO, "[-1]"), "keep_dims=true", GW_TEXTS ("[[3.5], [8]]") },
                        { GW_TEXTS ("[[1, 2], [3, 4]]", "[0, 1]"), "T=int32", GW_TEXTS ("10") }))
REDUCE_OP (mean, "Mean", "Mean", GW_REDUCE_MEAN, GW_ANY_NUMBER, gw_shape_rule_reduce, mean_grad, "The means.",
           "The average of the elements along some axes.",
           "The sum divided by the number of elements; integers are rounded towards zero. The mean of nothing is NaN. The "
           "usual last step of a loss: the mean over the batch.",
           GW_EXAMPLES ({ GW_TEXTS (TWO_BY_TWO, "0"), NULL, GW_TEXTS ("[2.25, 3.5]") },
                        { GW_TEXTS (TWO_BY_TWO, "[0, 1]"), NULL, GW_TEXTS ("2.875") },
                        { GW_TEXTS ("[1, 2, 5]", "0"), "T=int32", GW_TEXTS ("2") }))
REDUCE_OP (prod, "Prod", "Product of elements", GW_REDUCE_PROD, GW_ANY_NUMBER, gw_shape_rule_reduce, prod_grad, "The products.",
           "Multiplies the elements along some axes.",
           "The product of nothing is 1. Products of many elements soon leave the range of their type: add logarithms instead.",
           GW_EXAMPLES ({ GW_TEXTS (TWO_BY_TWO, "0"), NULL, GW_TEXTS ("[4.5, 10]") },
                        { GW_TEXTS ("[[1, 2], [3, 4]]", "[0, 1]"), "T=int32", GW_TEXTS ("24") }))
REDUCE_OP (max, "Max", "Largest element", GW_REDUCE_MAX, GW_ANY_REAL, gw_shape_rule_reduce, extreme_grad, "The largest elements.",
           "The largest element along some axes.",
           "NaN wins over any number; the largest of nothing is the lowest value of the type. Equal largest elements share "
           "the gradient. Where it stands, *ArgMax* tells.",
           GW_EXAMPLES ({ GW_TEXTS (TWO_BY_TWO, "0"), NULL, GW_TEXTS ("[3, 5]") },
                        { GW_TEXTS ("[[1, 2], [3, 4]]", "1"), "T=int32", GW_TEXTS ("[2, 4]") }))
REDUCE_OP (min, "Min", "Smallest element", GW_REDUCE_MIN, GW_ANY_REAL, gw_shape_rule_reduce, extreme_grad, "The smallest elements.",
           "The smallest element along some axes.",
           "NaN wins over any number; the smallest of nothing is the highest value of the type. Equal smallest elements share "
           "the gradient. Where it stands, *ArgMin* tells.",
           GW_EXAMPLES ({ GW_TEXTS (TWO_BY_TWO, "1"), NULL, GW_TEXTS ("[1.5, 3]") },
                        { GW_TEXTS ("[[1, 2], [3, 4]]", "[0, 1]"), "T=int32", GW_TEXTS ("1") }))
REDUCE_OP (norm, "EuclideanNorm", "Length of vectors", GW_REDUCE_NORM, GW_ANY_NUMBER, norm_shape, norm_grad, "The lengths.",
           "The Euclidean length along some axes.",
           "The square root of the sum of squares (of absolute values, where the elements are complex); integers drop its fraction.",
           GW_EXAMPLES ({ GW_TEXTS ("[[3.0, 4], [0, 2]]", "1"), NULL, GW_TEXTS ("[5, 2]") }))

#define REDUCE_LOGIC(NAME, TYPE, TITLE, FUNCTION, RESULT, SUMMARY, DOC, EXAMPLE)                    \
  static gboolean                                                                                   \
  NAME##_cpu (GwKernelContext *context, GError **error)                                             \
  {                                                                                                 \
    return reduce_cpu (context, FUNCTION, error);                                                   \
  }                                                                                                 \
  static const GwOpDef NAME = {                                                                     \
    .name = TYPE, .since = 1, .title = TITLE, .category = "maths/Reductions", .summary = SUMMARY, .doc = DOC REDUCING, \
    .inputs = GW_PORTS ({ "input", "bool", "What is reduced." }, { "axis", "Tidx", AXES_HELP, .literal = "0" }), \
    .outputs = GW_PORTS ({ "output", "bool", RESULT }),                                             \
    .attrs = GW_ATTRS ([LOGIC_INDEX] = GW_MATH_INDEX ("Tidx"), [LOGIC_KEEP_DIMS] = KEEP_DIMS),      \
    .flags = GW_OP_STOPS_GRADIENT,                                                                  \
    .shape = gw_shape_rule_reduce, .cpu = NAME##_cpu, .examples = EXAMPLE,                          \
    .tell = GW_CHOICES ("keep_dims"),                                                               \
  };

REDUCE_LOGIC (all, "All", "All true", GW_REDUCE_ALL, "True where all are.", "True where all elements along some axes are true.",
              "All of nothing is true.", GW_EXAMPLE_2 ("[[true, false], [true, true]]", "1", "[false, true]"))
REDUCE_LOGIC (any, "Any", "Any true", GW_REDUCE_ANY, "True where one is.", "True where an element along some axes is true.",
              "Any of nothing is false.", GW_EXAMPLE_2 ("[[true, false], [false, false]]", "1", "[true, false]"))

/* ---- L2Loss ---- */

static gboolean
l2_loss_cpu (GwKernelContext *context,
             GError         **error)
{
  const GwTensor *t = context->inputs[0];
  gboolean reduced[GW_MAX_RANK];

  for (int i = 0; i < GW_MAX_RANK; i++)
    reduced[i] = TRUE;
  return gw_cpu_reduce (context, GW_REDUCE_HALF_SQUARES, t->dtype, &t->shape, reduced, t->data,
                        context->outputs[0]->data, error);
}

GW_UNARY_GRADIENT (l2_loss, MUL (x, dz))

static const GwOpDef l2_loss = {
  .name = "L2Loss", .since = 1, .title = "L2 loss", .category = "losses/Losses",
  .summary = "Half the sum of squares.",
  .doc = "`output = Σ t² / 2`, without a root. Its gradient is t itself, which pulls weights towards 0: add it to a loss, "
         "times a small factor, for each weight matrix that is to stay small (weight decay).",
  .inputs = GW_PORTS ({ "t", "T", "Of any shape." }),
  .outputs = GW_PORTS ({ "output", "T", "A scalar." }),
  .attrs = GW_ATTRS (GW_MATH_T (GW_ANY_FLOAT)),
  .shape = gw_shape_rule_scalar, .grad = l2_loss_grad, .cpu = l2_loss_cpu,
  .examples = GW_EXAMPLE_1 ("[[1.5, 2], [3, 0]]", "7.625"),
};

/* ---- ArgMax, ArgMin ---- */

enum { ARG_T, ARG_INDEX, ARG_OUTPUT_TYPE };

static gboolean
arg_axis (int64_t   dimension,
          int       rank,
          int      *axis,
          GError  **error)
{
  if (gw_shape_normalize_axis (dimension, rank, axis))
    return TRUE;
  return gw_invalid (error, "Expected dimension in the range [%d, %d), but got %" G_GINT64_FORMAT, -rank, rank, dimension);
}

static gboolean
arg_shape (GwShapeContext *context,
           GError        **error)
{
  const GwShape *shape = &context->inputs[0];
  const GwTensor *dimension = gw_shape_input_value (context, 1);
  gboolean reduced[GW_MAX_RANK] = { FALSE };
  GwShape scalar;
  int axis;

  if (!gw_shape_want_rank (context, 1, 0, &scalar, error) || !gw_shape_want_rank_at_least (context, 0, 1, error))
    return FALSE;
  if (shape->rank < 0)
    return TRUE;
  if (dimension == NULL)
    {
      context->outputs[0] = gw_shape_of_rank (shape->rank - 1);
      return TRUE;
    }
  if (!arg_axis (gw_tensor_get_int (dimension, 0), shape->rank, &axis, error))
    return FALSE;
  reduced[axis] = TRUE;
  gw_shape_reduce (shape, reduced, FALSE, &context->outputs[0]);
  return TRUE;
}

static gboolean
arg_cpu (GwKernelContext *context,
         gboolean         largest,
         GError         **error)
{
  const GwTensor *x = context->inputs[0];
  g_autofree char *text = NULL;
  int axis;

  if (!arg_axis (gw_tensor_get_int (context->inputs[1], 0), x->shape.rank, &axis, error))
    return FALSE;
  if (x->shape.dims[axis] > 0)
    return gw_cpu_arg_reduce (context, largest, x, axis, context->outputs[0], error);
  text = gw_shape_to_string (&x->shape);
  return gw_invalid (error, "Reduction axis %d is empty in shape %s", axis, text);
}

static gboolean
arg_max_cpu (GwKernelContext *context,
             GError         **error)
{
  return arg_cpu (context, TRUE, error);
}

static gboolean
arg_min_cpu (GwKernelContext *context,
             GError         **error)
{
  return arg_cpu (context, FALSE, error);
}

#define ARG_TYPES GW_CHOICES (GW_FLOATS, GW_SIGNED_INTEGERS, GW_UNSIGNED_INTEGERS, "bool")

#define ARG_OP(NAME, TYPE, TITLE, ARG_AXIS_TYPE, RESULT_TYPES, SUMMARY, DOC, EXAMPLES)                                           \
  static const GwOpDef NAME = {                                                                     \
    .name = TYPE, .since = 1, .title = TITLE, .category = "maths/Reductions", .summary = SUMMARY, .doc = DOC,  \
    .inputs = GW_PORTS ({ "input", "T", "What is searched." },                                      \
                        { "dimension", "Tidx", "The axis, negative from the end.", .literal = "-1" }), \
    .outputs = GW_PORTS ({ "output", "output_type", "Positions along the axis." }),                 \
    .attrs = GW_ATTRS (                                                                             \
      [ARG_T] = GW_MATH_T (ARG_TYPES), [ARG_INDEX] = ARG_AXIS_TYPE,                                  \
      [ARG_OUTPUT_TYPE] = { "output_type", GW_ATTR_DTYPE, .def = "int64", .choices = RESULT_TYPES,  \
                            .label = "Result type", .help = "Integer type of the positions." }),    \
    .flags = GW_OP_STOPS_GRADIENT,                                                                  \
    .shape_rule = "the input's without the dimension searched", \
    .shape = arg_shape, .cpu = NAME##_cpu, .examples = EXAMPLES,                                    \
  };

#define WIDE_AXIS_TYPE                                                                              \
  { "Tidx", GW_ATTR_DTYPE, .def = "int32", .choices = GW_CHOICES ("int32", "int64", "int16"),       \
    .label = "Index type", .help = "Type of the axis; follows from what is wired.", .flags = GW_ATTR_HIDDEN }

ARG_OP (arg_max, "ArgMax", "Where the largest is", WIDE_AXIS_TYPE, GW_CHOICES ("int64", "int32", "int16", "uint16"),
        "The position of the largest element along an axis.",
        "Of equal elements the first; NaN is passed over. Over the classes of a classifier's logits it gives the predicted class; compared with "
        "the labels (*Equal*) and averaged, the accuracy. No gradient flows through it.",
        GW_EXAMPLES ({ GW_TEXTS ("[[1.5, 5, 2], [3, 0, 3]]", "1"), NULL, GW_TEXTS ("[1, 0]") },
                     { GW_TEXTS ("[[1, 5], [3, 0]]", "-2"), "T=int32 output_type=int32", GW_TEXTS ("[1, 0]") }))
ARG_OP (arg_min, "ArgMin", "Where the smallest is", GW_MATH_INDEX ("Tidx"), GW_INDEX_TYPES,
        "The position of the smallest element along an axis.",
        "Of equal elements the first; NaN is passed over. No gradient flows through it.",
        GW_EXAMPLES ({ GW_TEXTS ("[[1.5, 5, 2], [3, 0, 3]]", "1"), NULL, GW_TEXTS ("[0, 1]") }))

const GwOpDef *const gw_ops_reduce[] = {
  &sum, &mean, &prod, &max, &min, &norm, &all, &any, &l2_loss, &arg_max, &arg_min, NULL,
};
