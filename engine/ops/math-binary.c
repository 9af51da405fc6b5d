/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic of two operands with NumPy's broadcasting, and sums of many. */
#include "engine/ops/math-common.h"

#include "engine/base/error.h"

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

#define BROADCASTING \
  "\n\nShapes are aligned at the right; a dimension that is 1 or missing on one side is repeated: `[2, 3]` and `[3]` " \
  "give `[2, 3]`, `[4, 1]` and `[5]` give `[4, 5]`."

#define BINARY_OP(NAME, TYPE, TITLE, TYPES, FLAGS, GRADIENT, PARTIAL, X_HELP, Y_HELP, Z_HELP, SUMMARY, DOC, EXAMPLES) \
  static const GwOpDef NAME = {                                                                       \
    .name = TYPE, .since = 1, .title = TITLE, .category = "maths/Arithmetic", .summary = SUMMARY,                \
    .doc = DOC BROADCASTING,                                                                          \
    .inputs = GW_PORTS ({ "x", "T", X_HELP }, { "y", "T", Y_HELP }),                                  \
    .outputs = GW_PORTS ({ "z", "T", Z_HELP }),                                                       \
    .attrs = GW_ATTRS (GW_MATH_T (TYPES)), .flags = GW_OP_INPLACE | (FLAGS),                          \
    .shape = gw_shape_rule_broadcast, .partial_value = PARTIAL, .grad = GRADIENT, .cpu = NAME##_cpu,  \
    .examples = EXAMPLES,                                                                             \
  };

GW_BINARY_KERNEL (add, GW_BINARY_ADD)
GW_BINARY_GRADIENT (add, dz, dz)
BINARY_OP (add, "AddV2", "Add", GW_NUMBER_TYPES, GW_OP_COMMUTATIVE, add_grad, add_partial,
           "The first summand.", "The second summand.", "x + y.",
           "The sum of two tensors, element by element.",
           "`z = x + y`. Integers wrap around. For more than two tensors of one shape see *AddN*.",
           GW_EXAMPLES ({ GW_TEXTS ("[[1.5, 2], [3, 4]]", "[10.0, 20]"), NULL, GW_TEXTS ("[[11.5, 22], [13, 24]]") },
                        { GW_TEXTS ("[[1.5], [2]]", "[10.0, 20, 30]"), NULL,
                          GW_TEXTS ("[[11.5, 21.5, 31.5], [12, 22, 32]]") },
                        { GW_TEXTS ("[1, 2]", "3"), "T=int32", GW_TEXTS ("[4, 5]") }))

#define add_v1_cpu add_cpu
BINARY_OP (add_v1, "Add", "Add (first version)", GW_NUMBER_TYPES, GW_OP_COMMUTATIVE | GW_OP_HIDDEN, add_grad, add_partial,
           "The first summand.", "The second summand.", "x + y.",
           "The sum of two tensors, as older graphs write it.",
           "The same as *AddV2*, which new graphs use.",
           GW_EXAMPLE_2 ("[1.5, 2]", "[0.5, 0.5]", "[2, 2.5]"))

GW_BINARY_KERNEL (subtract, GW_BINARY_SUB)
GW_BINARY_GRADIENT (subtract, dz, NEG (dz))
BINARY_OP (subtract, "Sub", "Subtract", GW_NUMBER_TYPES, 0, subtract_grad, subtract_partial,
           "What is subtracted from.", "What is subtracted.", "x - y.",
           "The difference of two tensors, element by element.", "`z = x - y`. Integers wrap around.",
           GW_EXAMPLE_2 ("[[1.5, 2], [3, 4]]", "[[1.0], [2]]", "[[0.5, 1], [1, 2]]"))

GW_BINARY_KERNEL (multiply, GW_BINARY_MUL)
GW_BINARY_GRADIENT (multiply, MUL (dz, y), MUL (dz, x))
BINARY_OP (multiply, "Mul", "Multiply", GW_NUMBER_TYPES, GW_OP_COMMUTATIVE, multiply_grad, multiply_partial,
           "The first factor.", "The second factor.", "x · y.",
           "The product of two tensors, element by element.",
           "`z = x · y`, each element with its counterpart; the product of matrices is *MatMul*. Integers wrap around.",
           GW_EXAMPLE_2 ("[[1.5, 2], [3, 4]]", "[2.0, 10]", "[[3, 20], [6, 40]]"))

GW_BINARY_KERNEL (divide, GW_BINARY_DIV)
GW_BINARY_GRADIENT (divide, DIV (dz, y), MUL (dz, DIV (DIV (NEG (x), y), y)))
BINARY_OP (divide, "RealDiv", "Divide", GW_FLOAT_TYPES, 0, divide_grad, NULL,
           "The dividend.", "The divisor.", "x / y.",
           "The quotient of two tensors, element by element.",
           "`z = x / y`; plus or minus infinity where y is 0, NaN for 0 / 0. Integers are converted first "
           "(*Cast*), or divided by *Div* and *FloorDiv*.",
           GW_EXAMPLE_2 ("[[1.5, 2], [3, 4]]", "[0.5, 4]", "[[3, 0.5], [6, 1]]"))

#define divide_v1_cpu divide_cpu
BINARY_OP (divide_v1, "Div", "Divide (first version)", GW_NUMBER_TYPES, GW_OP_HIDDEN, divide_grad, NULL,
           "The dividend.", "The divisor.", "x / y.",
           "The quotient of two tensors; integers towards zero.",
           "`z = x / y`. An integer divided by zero is an error.",
           GW_EXAMPLES ({ GW_TEXTS ("[7.5, 2]", "2.5"), NULL, GW_TEXTS ("[3, 0.8]") },
                        { GW_TEXTS ("[7, -7]", "2"), "T=int32", GW_TEXTS ("[3, -3]") }))

GW_BINARY_KERNEL (floor_divide, GW_BINARY_FLOOR_DIV)
BINARY_OP (floor_divide, "FloorDiv", "Divide, rounded down", GW_NUMBER_TYPES, GW_OP_STOPS_GRADIENT, NULL, NULL,
           "The dividend.", "The divisor.", "The quotient, rounded down.",
           "The quotient of two tensors, rounded down.",
           "`z = ⌊x / y⌋`, Python's `//`: rounded towards minus infinity, not towards zero. An integer divided by zero is "
           "an error. No gradient flows through it.",
           GW_EXAMPLE_2 ("[7, -7]", "[2, 2]", "[3, -4]"))

GW_BINARY_KERNEL (floor_modulo, GW_BINARY_FLOOR_MOD)
GW_BINARY_GRADIENT (floor_modulo, dz, MUL (dz, NEG (gw_op2 (b, "FloorDiv", x, y))))
BINARY_OP (floor_modulo, "FloorMod", "Remainder", GW_NUMBER_TYPES, 0, floor_modulo_grad, NULL,
           "The dividend.", "The divisor.", "The remainder, with the sign of y.",
           "The remainder of a division rounded down.",
           "`z = x - ⌊x / y⌋ · y`, Python's `%`: it has the sign of the divisor. An integer divided by zero is an error.",
           GW_EXAMPLE_2 ("[7, -7]", "[3, 3]", "[1, 2]"))

GW_BINARY_KERNEL (divide_no_nan, GW_BINARY_DIV_NO_NAN)
GW_BINARY_GRADIENT (divide_no_nan, gw_op2 (b, "DivNoNan", dz, y),
                    MUL (dz, gw_op2 (b, "DivNoNan", gw_op2 (b, "DivNoNan", NEG (x), y), y)))
BINARY_OP (divide_no_nan, "DivNoNan", "Divide, 0 where the divisor is 0", GW_FLOAT_TYPES, 0, divide_no_nan_grad, NULL,
           "The dividend.", "The divisor.", "x / y, or 0.",
           "The quotient of two tensors, and 0 where the divisor is 0.",
           "For means over what may be empty.",
           GW_EXAMPLE_2 ("[3.0, 3]", "[1.5, 0]", "[2, 0]"))

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

GW_BINARY_KERNEL (maximum, GW_BINARY_MAXIMUM)
GW_BINARY_GRADIENT (maximum, (extreme_grad (context, "GreaterEqual", TRUE)), (extreme_grad (context, "GreaterEqual", FALSE)))
BINARY_OP (maximum, "Maximum", "Maximum of two", GW_NUMBER_TYPES, GW_OP_COMMUTATIVE, maximum_grad, NULL,
           "One operand.", "The other.", "The larger of the two.",
           "The larger of two tensors, element by element.",
           "NaN wins over any number. The gradient goes to the larger operand; of equal ones to x.",
           GW_EXAMPLE_2 ("[1.5, 5, -3]", "[2.0, 1, 0]", "[2, 5, 0]"))

GW_BINARY_KERNEL (minimum, GW_BINARY_MINIMUM)
GW_BINARY_GRADIENT (minimum, (extreme_grad (context, "LessEqual", TRUE)), (extreme_grad (context, "LessEqual", FALSE)))
BINARY_OP (minimum, "Minimum", "Minimum of two", GW_NUMBER_TYPES, GW_OP_COMMUTATIVE, minimum_grad, NULL,
           "One operand.", "The other.", "The smaller of the two.",
           "The smaller of two tensors, element by element.",
           "NaN wins over any number. The gradient goes to the smaller operand; of equal ones to x.",
           GW_EXAMPLE_2 ("[1.5, 5, -3]", "[2.0, 1, 0]", "[1.5, 1, -3]"))

GW_BINARY_KERNEL (squared_difference, GW_BINARY_SQUARED_DIFFERENCE)
GW_BINARY_GRADIENT (squared_difference, MUL (MUL (NUMBER (2), dz), SUB (x, y)),
                    NEG (MUL (MUL (NUMBER (2), dz), SUB (x, y))))
BINARY_OP (squared_difference, "SquaredDifference", "Squared difference", GW_NUMBER_TYPES, GW_OP_COMMUTATIVE,
           squared_difference_grad, NULL, "One operand.", "The other.", "(x - y)².",
           "The square of the difference of two tensors, element by element.",
           "`z = (x - y)²`. Its mean over all elements is the mean squared error.",
           GW_EXAMPLE_2 ("[1.5, 5]", "[2.0, 2]", "[0.25, 9]"))

/* x^y: ∂/∂x = y x^(y-1); ∂/∂y = x^y ln x where x > 0, else 0. */
static GwOutput
power_log (GwBuilder *b,
           GwOutput   x)
{
  GwOutput positive = gw_op2 (b, "Greater", x, gw_const_like (b, x, 0));
  GwOutput safe = gw_op3 (b, "SelectV2", positive, x, gw_op1 (b, "OnesLike", x));

  return gw_op3 (b, "SelectV2", positive, gw_op1 (b, "Log", safe), gw_op1 (b, "ZerosLike", x));
}

GW_BINARY_KERNEL (power, GW_BINARY_POW)
GW_BINARY_GRADIENT (power, MUL (dz, MUL (y, gw_op2 (b, "Pow", x, SUB (y, NUMBER (1))))), MUL (dz, MUL (z, power_log (b, x))))
BINARY_OP (power, "Pow", "Power", GW_NUMBER_TYPES, 0, power_grad, NULL,
           "The base.", "The exponent.", "x to the power of y.",
           "One tensor to the power of another, element by element.",
           "`z = xʸ`. A negative base with a broken exponent gives NaN. An integer cannot be raised to a negative "
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

static gboolean
add_n_cpu (GwKernelContext *context,
           GError         **error)
{
  GwTensor *sum = context->outputs[0];
  ManySummands many = { context, gw_binary_loop (GW_BINARY_ADD, sum->dtype), gw_dtype_size (sum->dtype) };

  if (context->n_inputs == 1)
    gw_tensor_copy_data (sum, context->inputs[0]);
  else
    gw_kernel_parallel (context, sum->elements, 8192, add_n_range, &many);
  return TRUE;
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
  .attrs = GW_ATTRS ([ADD_N_T] = GW_MATH_T (GW_NUMBER_TYPES),
                     [ADD_N_N] = { "N", GW_ATTR_INT, .min = 1, .max = G_MAXINT32, .label = "Number",
                                   .help = "How many summands; follows from what is wired.",
                                   .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }),
  .flags = GW_OP_COMMUTATIVE,
  .shape = gw_shape_rule_merge, .grad = add_n_grad, .cpu = add_n_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1.5, 2]", "[10.0, 20]", "[100.0, 200]"), "N=3", GW_TEXTS ("[111.5, 222]") },
                           { GW_TEXTS ("[1, 2]"), "N=1", GW_TEXTS ("[1, 2]") }),
};

const GwOpDef *const gw_ops_math_binary[] = {
  &add, &add_v1, &subtract, &multiply, &divide, &divide_v1, &floor_divide, &floor_modulo, &divide_no_nan,
  &maximum, &minimum, &squared_difference, &power, &add_n, NULL,
};
