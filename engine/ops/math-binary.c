/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic of two operands with NumPy's broadcasting, and sums of many. */
#include "engine/ops/list-sums.h"
#include "engine/ops/math-common.h"

#include "engine/base/error.h"
#include "engine/device/cpu/half.h"
#include "engine/device/cpu/no-kernel.h"

static int64_t
partial_element (GwPartialOp op,
                 int64_t     a,
                 int64_t     b)
{
  int64_t result;

  if (op == GW_PARTIAL_MUL && (a == 0 || b == 0))
    return 0;
  if (a < 0 || b < 0)
    return GW_DIM_UNKNOWN;
  if (op == GW_PARTIAL_SUB)
    return a - b;
  if (op == GW_PARTIAL_ADD ? __builtin_add_overflow (a, b, &result) : __builtin_mul_overflow (a, b, &result))
    return GW_DIM_UNKNOWN;
  return result;
}

gboolean
gw_math_partial_value (GwShapeContext *context,
                       GwPartialOp     op,
                       GwShape        *value)
{
  GwShape a, b;

  if (!gw_dtype_is_integer (context->input_dtypes[0]) ||
      !context->get_partial (context, 0, &a) || !context->get_partial (context, 1, &b) ||
      a.rank < 0 || b.rank < 0 || (a.rank != b.rank && a.rank != 1 && b.rank != 1))
    return FALSE;
  *value = gw_shape_of_rank (a.rank == 1 ? b.rank : a.rank);
  for (int i = 0; i < value->rank; i++)
    value->dims[i] = MAX (partial_element (op, a.dims[a.rank == 1 ? 0 : i], b.dims[b.rank == 1 ? 0 : i]),
                          GW_DIM_UNKNOWN);
  return TRUE;
}

static gboolean
add_partial (GwShapeContext *context,
             GwShape        *value)
{
  return gw_math_partial_value (context, GW_PARTIAL_ADD, value);
}

static gboolean
subtract_partial (GwShapeContext *context,
                  GwShape        *value)
{
  return gw_math_partial_value (context, GW_PARTIAL_SUB, value);
}

static gboolean
multiply_partial (GwShapeContext *context,
                  GwShape        *value)
{
  return gw_math_partial_value (context, GW_PARTIAL_MUL, value);
}

#define ARITHMETIC "maths/Arithmetic"
#define DIFFERENCE_TYPES GW_CHOICES (GW_FLOATS, "int32", "int64", GW_COMPLEXES)

GW_BINARY_FUNCTION (add, GW_BINARY_ADD)
GW_BINARY_GRADIENT (add, dz, dz)
GW_BINARY_OP (add, "AddV2", "Add", ARITHMETIC, GW_ANY_NUMBER, GW_OP_COMMUTATIVE, add_grad, add_partial,
              "The first summand.", "The second summand.", "The sum, x + y.",
              "The sum of two tensors, element by element.",
              "`z = x + y`. Integers wrap around. For more than two tensors of one shape see *AddN*.",
              GW_EXAMPLES ({ GW_TEXTS ("[[1.5, 2], [3, 4]]", "[10.0, 20]"), NULL, GW_TEXTS ("[[11.5, 22], [13, 24]]") },
                           { GW_TEXTS ("[[1.5], [2]]", "[10.0, 20, 30]"), NULL,
                             GW_TEXTS ("[[11.5, 21.5, 31.5], [12, 22, 32]]") },
                           { GW_TEXTS ("[1, 2]", "3"), "T=int32", GW_TEXTS ("[4, 5]") }))

GW_BINARY_FUNCTION (add_v1, GW_BINARY_ADD)
GW_BINARY_OP (add_v1, "Add", "Add (first version)", ARITHMETIC, GW_ANY_NUMBER, GW_OP_COMMUTATIVE | GW_OP_HIDDEN, add_grad, add_partial,
              "The first summand.", "The second summand.", "The sum, x + y.",
              "The sum of two tensors, as older graphs write it.",
              "The same as *AddV2*, which new graphs use.",
              GW_EXAMPLE_2 ("[1.5, 2]", "[0.5, 0.5]", "[2, 2.5]"))

GW_BINARY_FUNCTION (subtract, GW_BINARY_SUB)
GW_BINARY_GRADIENT (subtract, dz, NEG (dz))
GW_BINARY_OP (subtract, "Sub", "Subtract", ARITHMETIC, GW_ANY_NUMBER, 0, subtract_grad, subtract_partial,
              "What is subtracted from.", "What is subtracted.", "The difference, x - y.",
              "The difference of two tensors, element by element.", "`z = x - y`. Integers wrap around.",
              GW_EXAMPLE_2 ("[[1.5, 2], [3, 4]]", "[[1.0], [2]]", "[[0.5, 1], [1, 2]]"))

GW_BINARY_FUNCTION (multiply, GW_BINARY_MUL)
GW_BINARY_GRADIENT (multiply, MUL (dz, CONJ (y)), MUL (CONJ (x), dz))
GW_BINARY_OP (multiply, "Mul", "Multiply", ARITHMETIC, GW_ANY_NUMBER, GW_OP_COMMUTATIVE, multiply_grad, multiply_partial,
              "The first factor.", "The second factor.", "The product, x · y.",
              "The product of two tensors, element by element.",
              "`z = x · y`, each element with its counterpart; the product of matrices is *MatMul*. Integers wrap around.",
              GW_EXAMPLE_2 ("[[1.5, 2], [3, 4]]", "[2.0, 10]", "[[3, 20], [6, 40]]"))

/* Of equal operands the first gets the whole gradient. */
static GwOutput
extreme_grad (GwGradContext *context,
              const char    *test,
              gboolean       first)
{
  GwBuilder *b = context->builder;
  GwOutput mask = gw_op2 (b, test, gw_grad_x (context, 0), gw_grad_x (context, 1));
  GwOutput dz = gw_grad_dy (context, 0);
  GwOutput zero = NUMBER (0);

  return first ? gw_op3 (b, "SelectV2", mask, dz, zero) : gw_op3 (b, "SelectV2", mask, zero, dz);
}

GW_BINARY_FUNCTION (maximum, GW_BINARY_MAXIMUM)
GW_BINARY_GRADIENT (maximum, (extreme_grad (context, "GreaterEqual", TRUE)), (extreme_grad (context, "GreaterEqual", FALSE)))
GW_BINARY_OP (maximum, "Maximum", "Maximum of two", ARITHMETIC, GW_ANY_REAL, GW_OP_COMMUTATIVE, maximum_grad, NULL,
              "One operand.", "The other.", "The larger of the two.",
              "The larger of two tensors, element by element.",
              "NaN wins over any number. The gradient goes to the larger operand; of equal ones to x.",
              GW_EXAMPLE_2 ("[1.5, 5, -3]", "[2.0, 1, 0]", "[2, 5, 0]"))

GW_BINARY_FUNCTION (minimum, GW_BINARY_MINIMUM)
GW_BINARY_GRADIENT (minimum, (extreme_grad (context, "LessEqual", TRUE)), (extreme_grad (context, "LessEqual", FALSE)))
GW_BINARY_OP (minimum, "Minimum", "Minimum of two", ARITHMETIC, GW_ANY_REAL, GW_OP_COMMUTATIVE, minimum_grad, NULL,
              "One operand.", "The other.", "The smaller of the two.",
              "The smaller of two tensors, element by element.",
              "NaN wins over any number. The gradient goes to the smaller operand; of equal ones to x.",
              GW_EXAMPLE_2 ("[1.5, 5, -3]", "[2.0, 1, 0]", "[1.5, 1, -3]"))

GW_BINARY_FUNCTION (squared_difference, GW_BINARY_SQUARED_DIFFERENCE)
GW_BINARY_GRADIENT (squared_difference, MUL (MUL (NUMBER (2), dz), SUB (x, y)),
                    NEG (MUL (MUL (NUMBER (2), dz), SUB (x, y))))
GW_BINARY_OP (squared_difference, "SquaredDifference", "Squared difference", ARITHMETIC, DIFFERENCE_TYPES, GW_OP_COMMUTATIVE,
              squared_difference_grad, NULL, "One operand.", "The other.", "(x - y)².",
              "The square of the difference of two tensors, element by element.",
              "`z = (x - y)²`. Its mean over all elements is the mean squared error.",
              GW_EXAMPLE_2 ("[1.5, 5]", "[2.0, 2]", "[0.25, 9]"))

/* x^y: ∂/∂x = y x^(y-1); ∂/∂y = x^y ln x where x > 0 (complex: is not 0), else 0. */
static GwOutput
power_log (GwBuilder *b,
           GwOutput   x)
{
  gboolean complex_x = x.node != NULL && gw_dtype_is_complex (gw_output_dtype (x));
  GwOutput defined = gw_op2 (b, complex_x ? "NotEqual" : "Greater", x, gw_const_like (b, x, 0));
  GwOutput safe = gw_op3 (b, "SelectV2", defined, x, gw_op1 (b, "OnesLike", x));

  return gw_op3 (b, "SelectV2", defined, gw_op1 (b, "Log", safe), gw_op1 (b, "ZerosLike", x));
}

GW_BINARY_FUNCTION (power, GW_BINARY_POW)
GW_BINARY_GRADIENT (power, MUL (MUL (dz, CONJ (y)), gw_op2 (b, "Pow", CONJ (x), SUB (CONJ (y), NUMBER (1)))),
                    MUL (MUL (dz, CONJ (z)), power_log (b, CONJ (x))))
GW_BINARY_OP (power, "Pow", "Power", "maths/Powers and logarithms", GW_SIGNED_OR_COMPLEX, 0, power_grad, NULL,
              "The base.", "The exponent.", "x to the power of y.",
              "One tensor to the power of another, element by element.",
              "`z = xʸ`. A negative base with a broken exponent gives NaN (as complex numbers both are fine). An integer cannot be raised to a negative "
              "power. The gradient for the exponent is 0 where the base is not positive.",
              GW_EXAMPLES ({ GW_TEXTS ("[[2.0, 9], [4, 0.5]]", "[3.0, 0.5]"), NULL,
                             GW_TEXTS ("[[8, 3], [64, 0.70710677]]") },
                           { GW_TEXTS ("[2, -3]", "[10, 3]"), "T=int32", GW_TEXTS ("[1024, -27]") }))

/* ---- AddN ---- */

enum { ADD_N_T, ADD_N_N };

typedef struct {
  GwKernelContext *context;
  GwBinaryLoop     loop;
  size_t           size;
} ManySummands;

static void
add_n_range (void    *data,
             int64_t  begin,
             int64_t  end)
{
  const ManySummands *many = data;
  GwTensor *const *inputs = many->context->inputs;
  size_t offset = begin * many->size;
  char *sum = (char *) many->context->outputs[0]->data + offset;

  many->loop ((char *) inputs[0]->data + offset, 1, (char *) inputs[1]->data + offset, 1, sum, end - begin);
  for (int i = 2; i < many->context->n_inputs; i++)
    many->loop (sum, 1, (char *) inputs[i]->data + offset, 1, sum, end - begin);
}

/* The half types add up in float and are rounded once. */
static void
add_n_half_range (void    *data,
                  int64_t  begin,
                  int64_t  end)
{
  const ManySummands *many = data;
  const GwKernelContext *context = many->context;
  GwDType half = context->outputs[0]->dtype;
  float sum[GW_HALF_TILE], summand[GW_HALF_TILE];

  for (; begin < end; begin += GW_HALF_TILE)
    {
      int64_t n = MIN (end - begin, GW_HALF_TILE);

      gw_half_widen (half, GW_TENSOR_DATA (context->inputs[0], uint16_t) + begin, sum, n);
      for (int i = 1; i < context->n_inputs; i++)
        {
          gw_half_widen (half, GW_TENSOR_DATA (context->inputs[i], uint16_t) + begin, summand, n);
          many->loop (sum, 1, summand, 1, sum, n);
        }
      gw_half_narrow (half, sum, GW_TENSOR_DATA (context->outputs[0], uint16_t) + begin, n);
    }
}

static gboolean
add_n_numbers (GwKernelContext *context,
               GError         **error)
{
  GwTensor *sum = context->outputs[0];
  ManySummands many = { context, gw_binary_loop (GW_BINARY_ADD, gw_dtype_computed (sum->dtype)),
                        gw_dtype_size (sum->dtype) };

  if (many.loop == NULL)
    return gw_cpu_no_kernel (context, sum->dtype, error);
  if (context->n_inputs == 1)
    gw_tensor_copy_data (sum, context->inputs[0]);
  else
    gw_kernel_parallel (context, sum->elements, 8192, gw_dtype_is_half (sum->dtype) ? add_n_half_range : add_n_range, &many);
  return TRUE;
}

static gboolean
add_n_cpu (GwKernelContext *context,
           GError         **error)
{
  if (context->outputs[0]->dtype == GW_VARIANT)
    return gw_add_lists (context, error);
  return add_n_numbers (context, error);
}

static void
add_n_grad (GwGradContext *context)
{
  for (int i = 0; i < context->node->n_inputs; i++)
    context->dx[i] = gw_grad_dy (context, 0);
}

static const GwOpDef add_n = {
  .name = "AddN", .since = 1, .title = "Add many", .category = "maths/Arithmetic",
  .summary = "The sum of any number of tensors of one shape.",
  .doc = "All inputs must have the same shape: nothing is broadcast. One pass over memory, where a chain of *AddV2* "
         "makes several. The gradients of a tensor that is used in several places are added by it.",
  .inputs = GW_PORTS ({ "inputs", "T", "The summands.", .number_attr = "N" }),
  .outputs = GW_PORTS ({ "sum", "T", "Their sum." }),
  .attrs = GW_ATTRS ([ADD_N_T] = GW_MATH_T (GW_ANY_NUMBER),
                     [ADD_N_N] = { "N", GW_ATTR_INT, .min = 1, .max = G_MAXINT32, .label = "Number",
                                   .help = "How many summands; follows from what is wired.",
                                   .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }),
  .flags = GW_OP_COMMUTATIVE | GW_OP_TAKES_LISTS,
  .shape = gw_shape_rule_merge, .grad = add_n_grad, .cpu = add_n_cpu,
  .elementwise = { .arity = 2, .function = GW_BINARY_ADD, .folds = TRUE },
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1.5, 2]", "[10.0, 20]", "[100.0, 200]"), "N=3", GW_TEXTS ("[111.5, 222]") },
                           { GW_TEXTS ("[1, 2]"), "N=1", GW_TEXTS ("[1, 2]") }),
};

/* ---- AccumulateNV2 ---- */

enum { ACCUMULATE_T, ACCUMULATE_N, ACCUMULATE_SHAPE };

static gboolean
accumulate_shape (GwShapeContext *context,
                  GError        **error)
{
  const GwShape *given = &context->attrs[ACCUMULATE_SHAPE].shape;
  g_autofree char *given_text = NULL;
  g_autofree char *text = NULL;

  if (!gw_shape_rule_merge (context, error))
    return FALSE;
  if (gw_shape_merge (&context->outputs[0], given, &context->outputs[0]))
    return TRUE;
  given_text = gw_shape_to_string (given);
  text = gw_shape_to_string (&context->outputs[0]);
  return gw_invalid (error, "inputs have the shape %s, but the attribute shape is %s", text, given_text);
}

static const GwOpDef accumulate = {
  .name = "AccumulateNV2", .since = 1, .title = "Accumulate many", .category = ARITHMETIC,
  .summary = "The sum of any number of tensors of one shape, which is given.",
  .doc = "What TensorFlow's `accumulate_n` writes. It adds like *AddN*; that the shape of the sum is an attribute lets "
         "TensorFlow begin before the last summand is there.",
  .inputs = GW_PORTS ({ "inputs", "T", "The summands.", .number_attr = "N" }),
  .outputs = GW_PORTS ({ "sum", "T", "Their sum." }),
  .attrs = GW_ATTRS ([ACCUMULATE_T] = GW_MATH_T (GW_ANY_NUMBER),
                     [ACCUMULATE_N] = { "N", GW_ATTR_INT, .min = 1, .max = G_MAXINT32, .label = "Number",
                                        .help = "How many summands; follows from what is wired.",
                                        .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN },
                     [ACCUMULATE_SHAPE] = { "shape", GW_ATTR_SHAPE, .def = "?", .label = "Shape",
                                            .help = "The shape of every summand and of the sum." }),
  .flags = GW_OP_COMMUTATIVE | GW_OP_HIDDEN,
  .shape_rule = "the attribute `shape`, to which all inputs must fit",
  .shape = accumulate_shape, .grad = add_n_grad, .cpu = add_n_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1.5, 2]", "[10.0, 20]"), "N=2 shape=[2]", GW_TEXTS ("[11.5, 22]") }),
};

/* ---- ClipByValue ---- */

static gboolean
clip_shape (GwShapeContext *context,
            GError        **error)
{
  const GwShape *t = &context->inputs[0];

  context->outputs[0] = *t;
  for (int i = 1; i < 3; i++)
    {
      const GwShape *bound = &context->inputs[i];
      g_autofree char *text = NULL;
      g_autofree char *bound_text = NULL;

      if (bound->rank <= 0 || gw_shape_merge (&context->outputs[0], bound, &context->outputs[0]))
        continue;
      text = gw_shape_to_string (t);
      bound_text = gw_shape_to_string (bound);
      return gw_invalid (error, "clip_value_min and clip_value_max must be either of the same shape as input, or a scalar. "
                         "input shape: %s, %s shape: %s", text, gw_shape_input_name (context, i), bound_text);
    }
  return TRUE;
}

GW_TERNARY_FUNCTION (clip, GW_TERNARY_CLIP)

static void
clip_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput t = gw_grad_x (context, 0);
  GwOutput dz = gw_grad_dy (context, 0);
  GwOutput zero = gw_op1 (b, "ZerosLike", dz);
  GwOutput low = gw_op2 (b, "Less", t, gw_grad_x (context, 1));
  GwOutput high = gw_op2 (b, "Greater", t, gw_grad_x (context, 2));

  if (context->wanted[0])
    context->dx[0] = gw_op3 (b, "SelectV2", gw_op2 (b, "LogicalOr", low, high), zero, dz);
  for (int i = 1; i < 3; i++)
    if (context->wanted[i])
      context->dx[i] = gw_grad_unbroadcast (context, gw_op3 (b, "SelectV2", i == 1 ? low : high, dz, zero),
                                            gw_grad_x (context, i));
}

static const GwOpDef clip = {
  .name = "ClipByValue", .since = 1, .title = "Clip", .category = ARITHMETIC,
  .summary = "Brings every element into a range.",
  .doc = "`output = max (min (t, clip_value_max), clip_value_min)`: what is below the range becomes its lower end, what is "
         "above it its upper end. Where the ends are the wrong way round the lower one wins; NaN stays.\n\n"
         "The bounds are single numbers or shaped like t. Where an element was clipped, its gradient goes to the bound "
         "instead. Gradients that explode are often clipped between `Gradients` and the step that applies them.",
  .inputs = GW_PORTS ({ "t", "T", "The elements." },
                      { "clip_value_min", "T", "The lower end: a scalar, or shaped like t." },
                      { "clip_value_max", "T", "The upper end: a scalar, or shaped like t." }),
  .outputs = GW_PORTS ({ "output", "T", "The elements within the range, shaped like t." }),
  .attrs = GW_ATTRS (GW_MATH_T (GW_CHOICES (GW_FLOATS, GW_SIGNED_INTEGERS, "uint8", "uint16"))),
  .flags = GW_OP_INPLACE,
  .shape_rule = "that of t; the bounds are scalars or of its shape",
  .shape = clip_shape, .grad = clip_grad, GW_FUNCTION (clip),
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[-1.5, 0.5, 7]", "0.0", "6.0"), NULL, GW_TEXTS ("[0, 0.5, 6]") },
                           { GW_TEXTS ("[1.5, 5]", "[2.0, 2]", "[3.0, 4]"), NULL, GW_TEXTS ("[2, 4]") },
                           { GW_TEXTS ("[-3, 3]", "-2", "2"), "T=int32", GW_TEXTS ("[-2, 2]") }),
};

GW_BINARY_FUNCTION (multiply_no_nan, GW_BINARY_MUL_NO_NAN)
GW_BINARY_GRADIENT (multiply_no_nan, gw_op2 (b, "MulNoNan", dz, y), gw_op2 (b, "MulNoNan", x, dz))
GW_BINARY_OP (multiply_no_nan, "MulNoNan", "Multiply, 0 where the second is 0", ARITHMETIC, GW_FLOAT_OR_COMPLEX, 0,
                 multiply_no_nan_grad, NULL, "The first factor.", "The second factor, which decides.", "x · y, or 0.",
                 "The product of two tensors, and 0 where the second factor is 0.",
                 "Even where x is infinite or NaN: for masks that are to silence whatever stands under them.",
                 GW_EXAMPLE_2 ("[1.5, inf, nan]", "[2.0, 0, 0]", "[3, 0, 0]"))

const GwOpDef *const gw_ops_math_binary[] = {
  &add, &add_v1, &subtract, &multiply, &multiply_no_nan, &maximum, &minimum, &squared_difference, &power, &add_n,
  &accumulate, &clip, NULL,
};
