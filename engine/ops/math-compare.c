/* SPDX-License-Identifier: Apache-2.0 */
/* Comparisons, logic, and choosing between two tensors. */
#include "engine/base/error.h"
#include "engine/device/cpu/broadcast.h"
#include "engine/ops/math-common.h"

/* ---- order ---- */

#define ORDER_OP(NAME, TYPE, TITLE, FUNCTION, SIGN, SUMMARY, EXAMPLE)                                  \
  GW_BINARY_FUNCTION (NAME, FUNCTION)                                                                    \
  static const GwOpDef NAME = {                                                                        \
    .name = TYPE, .since = 1, .title = TITLE, .category = "maths/Comparing", .summary = SUMMARY,                 \
    .doc = "`z = x " SIGN " y`, element by element. Whatever is compared with NaN is false." GW_BROADCASTING, \
    .inputs = GW_PORTS ({ "x", "T", "The left side." }, { "y", "T", "The right side." }),              \
    .outputs = GW_PORTS ({ "z", "bool", "True where x " SIGN " y." }),                                 \
    .attrs = GW_ATTRS (GW_MATH_T (GW_ANY_REAL)), .flags = GW_OP_STOPS_GRADIENT,                        \
    .shape = gw_shape_rule_broadcast, GW_FUNCTION (NAME),                                               \
    .examples = EXAMPLE,                                                                               \
  };

ORDER_OP (less, "Less", "Less than", GW_BINARY_LESS, "<", "True where x is less than y.",
          GW_EXAMPLE_2 ("[1.5, 2, 3]", "2.0", "[true, false, false]"))
ORDER_OP (less_equal, "LessEqual", "At most", GW_BINARY_LESS_EQUAL, "≤", "True where x is less than y or equal to it.",
          GW_EXAMPLE_2 ("[1.5, 2, 3]", "2.0", "[true, true, false]"))
ORDER_OP (greater, "Greater", "Greater than", GW_BINARY_GREATER, ">", "True where x is greater than y.",
          GW_EXAMPLE_2 ("[1, 2, 3]", "[2, 2, 2]", "[false, false, true]"))
ORDER_OP (greater_equal, "GreaterEqual", "At least", GW_BINARY_GREATER_EQUAL, "≥",
          "True where x is greater than y or equal to it.",
          GW_EXAMPLE_2 ("[[1], [2]]", "[1, 2]", "[[true, false], [true, true]]"))

/* ---- equality ---- */

enum { EQUAL_T, EQUAL_INCOMPATIBLE_SHAPE_ERROR };

typedef struct {
  GwBroadcast     plan;
  const GwString *x, *y;
  uint8_t        *z;
  gboolean        wanted;  /* what equal strings give */
} StringPair;

static void
compare_strings (void          *data,
                 const int64_t *offsets,
                 int64_t        out,
                 int64_t        n)
{
  const StringPair *pair = data;
  int64_t x_step = pair->plan.strides[0][pair->plan.rank - 1];
  int64_t y_step = pair->plan.strides[1][pair->plan.rank - 1];

  for (int64_t i = 0; i < n; i++)
    pair->z[out + i] = (gw_string_compare (pair->x + offsets[0] + i * x_step,
                                           pair->y + offsets[1] + i * y_step) == 0) == pair->wanted;
}

static gboolean
equality_cpu (GwKernelContext *context,
              gboolean         wanted,
              GError         **error)
{
  const GwTensor *x = context->inputs[0];
  const GwTensor *y = context->inputs[1];
  GwTensor *z = context->outputs[0];
  const GwShape *const operands[] = { &x->shape, &y->shape };
  StringPair pair = { .x = x->data, .y = y->data, .z = z->data, .wanted = wanted };
  GwShape both;

  if (!gw_shape_broadcast (&x->shape, &y->shape, &both))
    {
      *(uint8_t *) z->data = !wanted;
      return TRUE;
    }
  if (x->dtype != GW_STRING)
    return gw_cpu_binary (context, wanted ? GW_BINARY_EQUAL : GW_BINARY_NOT_EQUAL, error);
  gw_broadcast_init (&pair.plan, &z->shape, 2, operands);
  gw_broadcast_run (&pair.plan, 0, z->elements, compare_strings, &pair);
  return TRUE;
}

static gboolean
equal_cpu (GwKernelContext *context,
           GError         **error)
{
  return equality_cpu (context, TRUE, error);
}

static gboolean
not_equal_cpu (GwKernelContext *context,
               GError         **error)
{
  return equality_cpu (context, FALSE, error);
}

static gboolean
equality_shape (GwShapeContext *context,
                GError        **error)
{
  if (context->attrs[EQUAL_INCOMPATIBLE_SHAPE_ERROR].b)
    return gw_shape_rule_broadcast (context, error);
  if (context->inputs[0].rank < 0 || context->inputs[1].rank < 0)
    return TRUE;
  if (!gw_shape_broadcast (&context->inputs[0], &context->inputs[1], &context->outputs[0]))
    context->outputs[0] = GW_SHAPE_SCALAR;
  else if (!gw_shape_is_known (&context->inputs[0]) || !gw_shape_is_known (&context->inputs[1]))
    context->outputs[0] = GW_SHAPE_UNKNOWN;
  return TRUE;
}

#define EQUAL_TYPES GW_CHOICES (GW_FLOATS, GW_SIGNED_INTEGERS, GW_UNSIGNED_INTEGERS, GW_COMPLEXES, "bool", "string")

#define EQUALITY_OP(NAME, TYPE, TITLE, SIGN, SUMMARY, EXAMPLES)                                        \
  static const GwOpDef NAME = {                                                                        \
    .name = TYPE, .since = 1, .title = TITLE, .category = "maths/Comparing", .summary = SUMMARY,                 \
    .doc = "`z = x " SIGN " y`, element by element, of numbers, truth values and strings. NaN equals nothing, " \
           "not even itself." GW_BROADCASTING,                                                            \
    .inputs = GW_PORTS ({ "x", "T", "The left side." }, { "y", "T", "The right side." }),              \
    .outputs = GW_PORTS ({ "z", "bool", "True where x " SIGN " y." }),                                 \
    .attrs = GW_ATTRS (                                                                                \
      [EQUAL_T] = GW_MATH_T (EQUAL_TYPES),                                                             \
      [EQUAL_INCOMPATIBLE_SHAPE_ERROR] = { "incompatible_shape_error", GW_ATTR_BOOL, .def = "true",    \
        .label = "Refuse shapes that do not fit",                                                      \
        .help = "Whether shapes that cannot be broadcast are an error; otherwise the answer is one “not equal”." }), \
    .flags = GW_OP_STOPS_GRADIENT | GW_OP_COMMUTATIVE,                                                 \
    .shape_rule = "the inputs broadcast against each other; if they do not and incompatible_shape_error is off, a " \
                  "scalar", \
    .shape = equality_shape, .cpu = NAME##_cpu, .examples = EXAMPLES,                                  \
  };

EQUALITY_OP (equal, "Equal", "Equal", "=", "True where x and y are the same.",
             GW_EXAMPLES ({ GW_TEXTS ("[1.5, 2, nan]", "[1.5, 3, nan]"), NULL, GW_TEXTS ("[true, false, false]") },
                          { GW_TEXTS ("[\"a\", \"b\"]", "\"b\""), "T=string", GW_TEXTS ("[false, true]") },
                          { GW_TEXTS ("[1, 2]", "[1, 2, 3]"), "T=int32 incompatible_shape_error=false", GW_TEXTS ("false") }))
EQUALITY_OP (not_equal, "NotEqual", "Not equal", "≠", "True where x and y differ.",
             GW_EXAMPLES ({ GW_TEXTS ("[1.5, 2, nan]", "[1.5, 3, nan]"), NULL, GW_TEXTS ("[false, true, true]") },
                          { GW_TEXTS ("[true, false]", "[true, true]"), "T=bool", GW_TEXTS ("[false, true]") }))

/* ---- nearly equal ---- */

enum { NEAR_T, NEAR_TOLERANCE };

static gboolean
near_shape (GwShapeContext *context,
            GError        **error)
{
  g_autofree char *x = gw_shape_to_string (&context->inputs[0]);
  g_autofree char *y = gw_shape_to_string (&context->inputs[1]);

  if (gw_shape_merge (&context->inputs[0], &context->inputs[1], &context->outputs[0]))
    return TRUE;
  return gw_invalid (error, "x and y must be of the same shape. x shape: %s. y shape: %s", x, y);
}

static gboolean
near_cpu (GwKernelContext *context,
          GError         **error)
{
  GwDType dtype = context->inputs[0]->dtype;
  GwElement tolerance;
  const GwOperand operands[] = {
    gw_operand (context->inputs[0]), gw_operand (context->inputs[1]),
    gw_operand_of_number (&tolerance, dtype, (float) context->attrs[NEAR_TOLERANCE].f),
  };

  return gw_cpu_ternary_of (context, GW_TERNARY_APPROXIMATE_EQUAL, dtype, operands, context->outputs[0], error);
}

static const GwOpDef near = {
  .name = "ApproximateEqual", .since = 1, .title = "Nearly equal", .category = "maths/Comparing",
  .summary = "True where x and y differ by less than a tolerance.",
  .doc = "`z = |x - y| < tolerance`, element by element, of two tensors of one shape: nothing is broadcast. NaN is near "
         "nothing, and neither is an infinity.",
  .inputs = GW_PORTS ({ "x", "T", "One tensor." }, { "y", "T", "The other, of the same shape." }),
  .outputs = GW_PORTS ({ "z", "bool", "True where they are near." }),
  .attrs = GW_ATTRS ([NEAR_T] = GW_MATH_T (GW_FLOAT_TYPES),
                     [NEAR_TOLERANCE] = { "tolerance", GW_ATTR_FLOAT, .def = "1e-5",
                                          .ui_min = 0, .ui_max = 1, .label = "Tolerance",
                                          .help = "From this difference on they are no longer equal." }),
  .flags = GW_OP_STOPS_GRADIENT | GW_OP_COMMUTATIVE,
  .shape_rule = "that of both inputs, which must agree",
  .shape = near_shape, .cpu = near_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1.5, 2, nan]", "[1.500001, 2.1, nan]"), NULL, GW_TEXTS ("[true, false, false]") },
                           { GW_TEXTS ("[1.5, 2]", "[2.0, 4]"), "tolerance=1", GW_TEXTS ("[true, false]") }),
  .tell = GW_CHOICES ("tolerance"),
};

/* ---- logic ---- */

GW_UNARY_FUNCTION (logical_not, GW_UNARY_NOT)
GW_BINARY_FUNCTION (logical_and, GW_BINARY_AND)
GW_BINARY_FUNCTION (logical_or, GW_BINARY_OR)

static const GwOpDef logical_not = {
  .name = "LogicalNot", .since = 1, .title = "Not", .category = "maths/Logic",
  .summary = "True where x is false.",
  .doc = "Turns every truth value around: true becomes false, and false true.",
  .inputs = GW_PORTS ({ "x", "bool", "The operand." }),
  .outputs = GW_PORTS ({ "y", "bool", "True where x is false." }),
  .flags = GW_OP_STOPS_GRADIENT | GW_OP_INPLACE,
  .shape = gw_shape_rule_same, GW_FUNCTION (logical_not),
  .examples = GW_EXAMPLE_1 ("[true, false]", "[false, true]"),
};

#define LOGIC_OP(NAME, TYPE, TITLE, WORD, SUMMARY, EXAMPLE)                                         \
  static const GwOpDef NAME = {                                                                     \
    .name = TYPE, .since = 1, .title = TITLE, .category = "maths/Logic", .summary = SUMMARY,              \
    .doc = "`z = x " WORD " y`, element by element." GW_BROADCASTING,                                  \
    .inputs = GW_PORTS ({ "x", "bool", "One operand." }, { "y", "bool", "The other." }),            \
    .outputs = GW_PORTS ({ "z", "bool", "x " WORD " y." }),                                         \
    .flags = GW_OP_STOPS_GRADIENT | GW_OP_COMMUTATIVE | GW_OP_INPLACE,                              \
    .shape = gw_shape_rule_broadcast, GW_FUNCTION (NAME), .examples = EXAMPLE,                       \
  };

LOGIC_OP (logical_and, "LogicalAnd", "And", "and", "True where both are true.",
          GW_EXAMPLE_2 ("[true, true, false]", "[true, false, false]", "[true, false, false]"))
LOGIC_OP (logical_or, "LogicalOr", "Or", "or", "True where one or both are true.",
          GW_EXAMPLE_2 ("[true, true, false]", "[true, false, false]", "[true, true, false]"))

/* ---- choosing ---- */

static gboolean
select_shape (GwShapeContext *context,
              GError        **error)
{
  const GwShape *condition = &context->inputs[0];
  GwShape both;
  g_autofree char *text = NULL;
  g_autofree char *other = NULL;

  if (!gw_shape_merge (&context->inputs[1], &context->inputs[2], &both))
    {
      text = gw_shape_to_string (&context->inputs[1]);
      other = gw_shape_to_string (&context->inputs[2]);
      return gw_invalid (error, "x and y must have the same shape, but they are %s and %s", text, other);
    }
  context->outputs[0] = both;
  if (condition->rank <= 0 || both.rank < 0)
    return TRUE;
  if (condition->rank == 1 && both.rank > 1)
    {
      GwShape first = GW_SHAPE (both.dims[0]);

      if (gw_shape_compatible (condition, &first))
        return TRUE;
    }
  else if (gw_shape_merge (condition, &both, &context->outputs[0]))
    return TRUE;
  text = gw_shape_to_string (condition);
  other = gw_shape_to_string (&both);
  return gw_invalid (error, "condition is %s, but x and y are %s: it must have their shape, or be a vector of as many "
                     "elements as they have rows, or a single value", text, other);
}

static gboolean
select_cpu (GwKernelContext *context,
            GError         **error)
{
  GwShape condition = context->inputs[0]->shape;
  int rank = context->outputs[0]->shape.rank;

  if (condition.rank == 1 && rank > 1)
    for (; condition.rank < rank; condition.rank++)
      condition.dims[condition.rank] = 1;
  return gw_cpu_select (context, &condition, error);
}

static void
select_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput condition = gw_grad_x (context, 0);
  GwOutput dz = gw_grad_dy (context, 0);
  GwOutput zeros = gw_op1 (b, "ZerosLike", dz);

  if (context->wanted[1])
    context->dx[1] = gw_op3 (b, "Select", condition, dz, zeros);
  if (context->wanted[2])
    context->dx[2] = gw_op3 (b, "Select", condition, zeros, dz);
}

static gboolean
select_v2_shape (GwShapeContext *context,
                 GError        **error)
{
  GwShape both;
  g_autofree char *condition = NULL;
  g_autofree char *t = NULL;
  g_autofree char *e = NULL;

  if (gw_shape_broadcast (&context->inputs[1], &context->inputs[2], &both) &&
      gw_shape_broadcast (&context->inputs[0], &both, &context->outputs[0]))
    return TRUE;
  condition = gw_shape_to_string (&context->inputs[0]);
  t = gw_shape_to_string (&context->inputs[1]);
  e = gw_shape_to_string (&context->inputs[2]);
  return gw_invalid (error, "condition %s, t %s and e %s must be broadcastable", condition, t, e);
}

static gboolean
select_v2_cpu (GwKernelContext *context,
               GError         **error)
{
  return gw_cpu_select (context, &context->inputs[0]->shape, error);
}

static void
select_v2_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput condition = gw_grad_x (context, 0);
  GwOutput dz = gw_grad_dy (context, 0);
  GwOutput zero = NUMBER (0);

  if (context->wanted[1])
    context->dx[1] = gw_grad_unbroadcast (context, gw_op3 (b, "SelectV2", condition, dz, zero), gw_grad_x (context, 1));
  if (context->wanted[2])
    context->dx[2] = gw_grad_unbroadcast (context, gw_op3 (b, "SelectV2", condition, zero, dz), gw_grad_x (context, 2));
}

#define SELECT_T \
  { "T", GW_ATTR_DTYPE, .label = "Type", .help = "Element type; follows from what is wired.", \
    .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }

static const GwOpDef select_op = {
  .name = "Select", .since = 1, .title = "Choose (first version)", .category = "maths/Logic",
  .summary = "Takes elements or rows from one of two tensors, as a condition tells.",
  .doc = "x and y have the same shape. The condition has that shape as well, or it is a vector that chooses whole rows, "
         "or one value. *SelectV2* broadcasts instead.",
  .inputs = GW_PORTS ({ "condition", "bool", "What chooses." }, { "x", "T", "Taken where it is true." },
                      { "y", "T", "Taken where it is false." }),
  .outputs = GW_PORTS ({ "output", "T", "What was chosen." }),
  .attrs = GW_ATTRS (SELECT_T),
  .flags = GW_OP_HIDDEN,
  .shape_rule = "that of t and e, which must agree; condition has it too, is a scalar, or a vector with one element "
                "for each row",
  .shape = select_shape, .grad = select_grad, .cpu = select_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[true, false]", "[[1.5, 2], [3, 4]]", "[[5.0, 6], [7, 8]]"), "T=float32", GW_TEXTS ("[[1.5, 2], [7, 8]]") },
    { GW_TEXTS ("false", "[1, 2]", "[3, 4]"), "T=int32", GW_TEXTS ("[3, 4]") }),
};

static const GwOpDef select_v2 = {
  .name = "SelectV2", .since = 1, .title = "Choose", .category = "maths/Logic",
  .summary = "Takes each element from one of two tensors, as a condition tells.",
  .doc = "`output = t where condition, else e`; all three are broadcast. The gradient flows to the element that was "
         "taken. Mind that a NaN on the side that is not taken still spoils the gradient of what computed it: make the "
         "operand safe before the function, not after." GW_BROADCASTING,
  .inputs = GW_PORTS ({ "condition", "bool", "What chooses." }, { "t", "T", "Taken where it is true." },
                      { "e", "T", "Taken where it is false." }),
  .outputs = GW_PORTS ({ "output", "T", "What was chosen." }),
  .attrs = GW_ATTRS (SELECT_T),
  .shape_rule = "the three inputs broadcast against each other",
  .shape = select_v2_shape, .grad = select_v2_grad, .cpu = select_v2_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[true], [false]]", "[1.5, 2, 3]", "0.5"), "T=float32", GW_TEXTS ("[[1.5, 2, 3], [0.5, 0.5, 0.5]]") },
    { GW_TEXTS ("[true, false]", "[\"a\", \"b\"]", "\"c\""), "T=string", GW_TEXTS ("[\"a\", \"c\"]") },
    { GW_TEXTS ("[true, false]", "[1, 2]", "[3, 4]"), "T=uint8", GW_TEXTS ("[1, 4]") }),
};

const GwOpDef *const gw_ops_math_compare[] = {
  &less, &less_equal, &greater, &greater_equal, &equal, &not_equal, &near, &logical_not, &logical_and, &logical_or,
  &select_op, &select_v2, NULL,
};
