/* SPDX-License-Identifier: Apache-2.0 */
/* Running sums and products along an axis. */
#include "engine/base/error.h"
#include "engine/device/cpu/reduce.h"
#include "engine/ops/math-common.h"

#include <string.h>

enum { SCAN_EXCLUSIVE, SCAN_REVERSE, SCAN_T, SCAN_INDEX };

static gboolean
scan_axis (int64_t   value,
           int       rank,
           int      *axis,
           GError  **error)
{
  if (gw_shape_normalize_axis (value, rank, axis))
    return TRUE;
  return gw_invalid (error, "Expected scan axis in the range [%d, %d), but got %" G_GINT64_FORMAT, -rank, rank, value);
}

static gboolean
scan_shape (GwShapeContext *context,
            GError        **error)
{
  const GwTensor *axis = gw_shape_input_value (context, 1);
  int rank = context->inputs[0].rank;
  GwShape scalar;
  int which;

  context->outputs[0] = context->inputs[0];
  return gw_shape_want_rank (context, 1, 0, &scalar, error) &&
         (axis == NULL || rank < 0 || scan_axis (gw_tensor_get_int (axis, 0), rank, &which, error));
}

static gboolean
scan_cpu (GwKernelContext *context,
          GwScanOp         op,
          GError         **error)
{
  const GwTensor *x = context->inputs[0];
  int axis;

  return scan_axis (gw_tensor_get_int (context->inputs[1], 0), x->shape.rank, &axis, error) &&
         gw_cpu_scan (context, op, x, axis, context->attrs[SCAN_EXCLUSIVE].b, context->attrs[SCAN_REVERSE].b,
                      context->outputs[0], error);
}

static gboolean
cumsum_cpu (GwKernelContext *context,
            GError         **error)
{
  return scan_cpu (context, GW_SCAN_SUM, error);
}

static gboolean
cumprod_cpu (GwKernelContext *context,
             GError         **error)
{
  return scan_cpu (context, GW_SCAN_PRODUCT, error);
}

static gboolean
log_sum_cpu (GwKernelContext *context,
             GError         **error)
{
  return scan_cpu (context, GW_SCAN_LOG_SUM_EXP, error);
}

/* A running total of type `op` the other way round. */
static GwOutput
scan_back (GwGradContext *context,
           const char    *op,
           GwOutput       value)
{
  const GwAttrValue *attrs = context->node->attrs;

  return gw_op (context->builder, op, GW_IN (value, gw_grad_x (context, 1)),
                GW_WITH ({ "exclusive", attrs[SCAN_EXCLUSIVE] }, { "reverse", gw_attr_bool (!attrs[SCAN_REVERSE].b) }));
}

static void
cumsum_grad (GwGradContext *context)
{
  context->dx[0] = scan_back (context, "Cumsum", gw_grad_dy (context, 0));
}

static void
cumprod_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;

  context->dx[0] = gw_op2 (b, "DivNoNan", scan_back (context, "Cumsum", MUL (gw_grad_y (context, 0), gw_grad_dy (context, 0))),
                           gw_grad_x (context, 0));
}

static double
lowest_of (GwDType dtype)
{
  switch (dtype)
    {
    case GW_FLOAT16: return -65504;
    case GW_BFLOAT16: return -0x1.FEp127;
    case GW_FLOAT32: return -G_MAXFLOAT;
    default: return -G_MAXDOUBLE;
    }
}

/* The share of dz of one sign, through its logarithm: e^(back (ln |dz| - z) + x), where the
 * logarithm of what has the other sign is the lowest number of the type. */
static GwOutput
signed_share (GwGradContext *context,
              const char    *test,
              GwOutput       dz)
{
  GwBuilder *b = context->builder;
  GwOutput size = strcmp (test, "Less") == 0 ? NEG (dz) : dz;
  GwOutput logarithm = gw_op3 (b, "SelectV2", gw_op2 (b, test, dz, NUMBER (0)), gw_op1 (b, "Log", size), NUMBER (lowest_of (gw_output_dtype (gw_grad_y (context, 0)))));

  return gw_op1 (b, "Exp", ADD (scan_back (context, "CumulativeLogsumexp", SUB (logarithm, gw_grad_y (context, 0))),
                                gw_grad_x (context, 0)));
}

static void
log_sum_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput dz = gw_grad_dy (context, 0);

  context->dx[0] = SUB (signed_share (context, "Greater", dz), signed_share (context, "Less", dz));
}

#define SCAN_OP(NAME, TYPE, TITLE, TYPES, SUMMARY, DOC, EXAMPLES)                                            \
  static const GwOpDef NAME = {                                                                       \
    .name = TYPE, .since = 1, .title = TITLE, .category = "maths/Running totals", .summary = SUMMARY, .doc = DOC,    \
    .inputs = GW_PORTS ({ "x", "T", "The elements." },                                                \
                        { "axis", "Tidx", "The axis, negative from the end.", .literal = "0" }),      \
    .outputs = GW_PORTS ({ "out", "T", "The running results, shaped like x." }),                      \
    .attrs = GW_ATTRS (                                                                               \
      [SCAN_EXCLUSIVE] = { "exclusive", GW_ATTR_BOOL, .def = "false", .label = "Exclusive",           \
                           .help = "Whether an element itself is left out of its result." },          \
      [SCAN_REVERSE] = { "reverse", GW_ATTR_BOOL, .def = "false", .label = "Reverse",                 \
                         .help = "Whether it runs from the end." },                                   \
      [SCAN_T] = GW_MATH_T (TYPES), [SCAN_INDEX] = GW_MATH_INDEX ("Tidx")),                 \
    .shape_rule = "the input's", \
    .shape = scan_shape, .grad = NAME##_grad, .cpu = NAME##_cpu, .examples = EXAMPLES,                \
    .tell = GW_CHOICES ("exclusive", "reverse"),                                                      \
  };

SCAN_OP (cumsum, "Cumsum", "Running sum", GW_ANY_NUMBER, "The sum of all elements up to each, along an axis.",
         "`[a, b, c]` gives `[a, a + b, a + b + c]`; exclusive `[0, a, a + b]`; in reverse `[a + b + c, b + c, c]`.",
         GW_EXAMPLES ({ GW_TEXTS ("[1.5, 2, 3]", "0"), NULL, GW_TEXTS ("[1.5, 3.5, 6.5]") },
                      { GW_TEXTS ("[[1, 2], [3, 4]]", "0"), "T=int32 exclusive=true reverse=true", GW_TEXTS ("[[3, 4], [0, 0]]") }))
SCAN_OP (cumprod, "Cumprod", "Running product", GW_ANY_NUMBER, "The product of all elements up to each, along an axis.",
         "`[a, b, c]` gives `[a, ab, abc]`; exclusive `[1, a, ab]`; in reverse `[abc, bc, c]`. The gradient divides by x: it "
         "is 0 where x is 0.",
         GW_EXAMPLES ({ GW_TEXTS ("[1.5, 2, 3]", "0"), NULL, GW_TEXTS ("[1.5, 3, 9]") },
                      { GW_TEXTS ("[[1, 2], [3, 4]]", "1"), "T=int32 exclusive=true", GW_TEXTS ("[[1, 1], [1, 3]]") }))

SCAN_OP (log_sum, "CumulativeLogsumexp", "Running log-sum-exp", GW_ANY_FLOAT,
         "The logarithm of the sum of the exponentials of all elements up to each, along an axis.",
         "`[a, b, c]` gives `[a, ln (eᵃ + eᵇ), ln (eᵃ + eᵇ + eᶜ)]`, without overflow; exclusive it begins with minus infinity, "
         "the logarithm of nothing. Running sums of probabilities that are kept as logarithms.",
         GW_EXAMPLES ({ GW_TEXTS ("[0.0, 0, 1.5]", "0"), NULL, GW_TEXTS ("[0, 0.6931472, 1.8689811]") },
                      { GW_TEXTS ("[[0.5, 2], [3, 4]]", "1"), "reverse=true", GW_TEXTS ("[[2.2014133, 2], [4.3132617, 4]]") }))

const GwOpDef *const gw_ops_scan[] = { &cumsum, &cumprod, &log_sum, NULL };
