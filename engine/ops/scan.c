/* SPDX-License-Identifier: Apache-2.0 */
/* Running sums and products along an axis. */
#include "engine/base/error.h"
#include "engine/device/cpu/reduce.h"
#include "engine/ops/math-common.h"

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
          gboolean         product,
          GError         **error)
{
  const GwTensor *x = context->inputs[0];
  int axis;

  return scan_axis (gw_tensor_get_int (context->inputs[1], 0), x->shape.rank, &axis, error) &&
         gw_cpu_scan (context, product, x, axis, context->attrs[SCAN_EXCLUSIVE].b, context->attrs[SCAN_REVERSE].b,
                      context->outputs[0], error);
}

static gboolean
cumsum_cpu (GwKernelContext *context,
            GError         **error)
{
  return scan_cpu (context, FALSE, error);
}

static gboolean
cumprod_cpu (GwKernelContext *context,
             GError         **error)
{
  return scan_cpu (context, TRUE, error);
}

/* A running sum the other way round. */
static GwOutput
sum_back (GwGradContext *context,
          GwOutput       value)
{
  const GwAttrValue *attrs = context->node->attrs;

  return gw_op (context->builder, "Cumsum", GW_IN (value, gw_grad_x (context, 1)),
                GW_WITH ({ "exclusive", attrs[SCAN_EXCLUSIVE] }, { "reverse", gw_attr_bool (!attrs[SCAN_REVERSE].b) }));
}

static void
cumsum_grad (GwGradContext *context)
{
  context->dx[0] = sum_back (context, gw_grad_dy (context, 0));
}

static void
cumprod_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;

  context->dx[0] = DIV (sum_back (context, MUL (gw_grad_y (context, 0), gw_grad_dy (context, 0))), gw_grad_x (context, 0));
}

#define SCAN_OP(NAME, TYPE, TITLE, SUMMARY, DOC, EXAMPLES)                                            \
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
      [SCAN_T] = GW_MATH_T (GW_NUMBER_TYPES), [SCAN_INDEX] = GW_MATH_INDEX ("Tidx")),                 \
    .shape = scan_shape, .grad = NAME##_grad, .cpu = NAME##_cpu, .examples = EXAMPLES,                \
    .tell = GW_CHOICES ("exclusive", "reverse"),                                                      \
  };

SCAN_OP (cumsum, "Cumsum", "Running sum", "The sum of all elements up to each, along an axis.",
         "`[a, b, c]` gives `[a, a + b, a + b + c]`; exclusive `[0, a, a + b]`; in reverse `[a + b + c, b + c, c]`.",
         GW_EXAMPLES ({ GW_TEXTS ("[1.5, 2, 3]", "0"), NULL, GW_TEXTS ("[1.5, 3.5, 6.5]") },
                      { GW_TEXTS ("[[1, 2], [3, 4]]", "0"), "T=int32 exclusive=true reverse=true", GW_TEXTS ("[[3, 4], [0, 0]]") }))
SCAN_OP (cumprod, "Cumprod", "Running product", "The product of all elements up to each, along an axis.",
         "`[a, b, c]` gives `[a, ab, abc]`; exclusive `[1, a, ab]`; in reverse `[abc, bc, c]`. The gradient divides by x: it "
         "is NaN where x is 0.",
         GW_EXAMPLES ({ GW_TEXTS ("[1.5, 2, 3]", "0"), NULL, GW_TEXTS ("[1.5, 3, 9]") },
                      { GW_TEXTS ("[[1, 2], [3, 4]]", "1"), "T=int32 exclusive=true", GW_TEXTS ("[[1, 1], [1, 3]]") }))

const GwOpDef *const gw_ops_scan[] = { &cumsum, &cumprod, NULL };
