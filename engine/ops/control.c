/* SPDX-License-Identifier: Apache-2.0 */
/* Ops that order or guard others. */
#include "engine/base/error.h"
#include "engine/base/simd.h"
#include "engine/graph/builder.h"
#include "engine/graph/shape-rules.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

#include <math.h>

/* ---- NoOp ---- */

static const GwOpDef no_op = {
  .name = "NoOp", .since = 1, .title = "Group", .category = "control",
  .summary = "Does nothing, once everything that it waits for is done.",
  .doc = "Wire control edges to it and run it: a train step of several ops, or the initialisation of all variables.",
  .flags = GW_OP_STATEFUL | GW_OP_STOPS_GRADIENT,
  .shape = gw_shape_rule_none, .cpu = gw_array_kernel_none,
};

/* ---- CheckNumerics ---- */

enum { CHECK_T, CHECK_MESSAGE };

/* x - x is 0 unless x is NaN or infinite: one pass without branches. */
GW_CLONES static gboolean
all_finite (const GwTensor *tensor)
{
  GW_SWITCH_FLOAT (tensor->dtype, return TRUE,
                   const T *x = tensor->data;
                   int bad = 0;

                   for (int64_t i = 0; i < tensor->elements; i++)
                     bad |= !(x[i] - x[i] == 0);
                   return bad == 0);
  return TRUE;
}

static void
find_bad (const GwTensor *tensor,
          gboolean       *has_nan,
          gboolean       *has_inf)
{
  for (int64_t i = 0; i < tensor->elements; i++)
    {
      double x = gw_tensor_get_double (tensor, i);

      *has_nan = *has_nan || isnan (x);
      *has_inf = *has_inf || isinf (x);
    }
}

static gboolean
check_numerics_cpu (GwKernelContext *context,
                    GError         **error)
{
  gboolean has_nan = FALSE, has_inf = FALSE;

  if (!all_finite (context->inputs[0]))
    {
      find_bad (context->inputs[0], &has_nan, &has_inf);
      return gw_invalid (error, "%s : Tensor had %s values", context->attrs[CHECK_MESSAGE].s,
                         has_nan && has_inf ? "Inf and NaN" : has_nan ? "NaN" : "Inf");
    }
  return gw_array_kernel_copy (context, error);
}

static void
check_numerics_grad (GwGradContext *context)
{
  g_autofree char *message = g_strdup_printf ("Not a number (NaN) or infinity (Inf) values detected in gradient. %s",
                                              context->node->attrs[CHECK_MESSAGE].s);

  context->dx[0] = gw_op (context->builder, "CheckNumerics", GW_IN (context->dy[0]),
                          GW_WITH ({ "message", gw_attr_string (message) }));
}

static const GwOpDef check_numerics_op = {
  .name = "CheckNumerics", .since = 1, .title = "Check numbers", .category = "control",
  .summary = "Passes its input on, and fails when it holds NaN or infinity.",
  .doc = "The error begins with `message`, so that it tells which check failed. The gradient is checked as well. Put it behind "
         "a logarithm or a division that is under suspicion.",
  .inputs = GW_PORTS ({ "tensor", "T", "What is checked." }),
  .outputs = GW_PORTS ({ "output", "T", "The same." }),
  .attrs = GW_ATTRS (
    [CHECK_T] = { "T", GW_ATTR_DTYPE, .choices = GW_FLOAT_TYPES, .label = "Type",
                  .help = "Element type; follows from what is wired.", .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN },
    [CHECK_MESSAGE] = { "message", GW_ATTR_STRING, .label = "Message", .help = "Begins the error." }),
  .flags = GW_OP_INPLACE,
  .shape = gw_shape_rule_same, .grad = check_numerics_grad, .cpu = check_numerics_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1.5, 2.5]"), "message=loss", GW_TEXTS ("[1.5, 2.5]") }),
  .tell = GW_TEXTS ("message"),
};

const GwOpDef *const gw_ops_control[] = { &no_op, &check_numerics_op, NULL };
