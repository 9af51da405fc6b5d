/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping gradients from growing too long (python/ops/clip_ops.py). */
#include "engine/document/composites.h"
#include "engine/document/lower.h"

#include <math.h>

/* ---- ClipByNorm ---- */

static GwOutput
all_axes (GwBuilder *b,
          GwOutput   x)
{
  return gw_op3 (b, "Range", gw_const_scalar (b, GW_INT32, 0), gw_op1 (b, "Rank", x), gw_const_scalar (b, GW_INT32, 1));
}

static GwOutput
squares (GwExpandContext *context,
         GwOutput         x)
{
  GwBuilder *b = context->builder;
  const GwAttrValue *axes = gw_expand_attr (context, "axes");
  GwOutput along = axes->list.n > 0 ? gw_const_ints (b, axes->list.n, axes->list.i) : all_axes (b, x);

  return gw_op (b, "Sum", GW_IN (gw_op2 (b, "Mul", x, x), along), GW_WITH ({ "keep_dims", gw_attr_bool (TRUE) }));
}

/* The root is taken of 1 where the sum is 0, so that its gradient stays finite. */
static void
clip_by_norm_expand (GwExpandContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput x = context->inputs[0];
  GwOutput limit = context->inputs[1];
  GwOutput sum = squares (context, x);
  GwOutput positive, safe, norm;

  if (sum.node == NULL)
    return;
  positive = gw_op2 (b, "Greater", sum, gw_const_like (b, sum, 0));
  safe = gw_op3 (b, "Select", positive, sum, gw_op1 (b, "OnesLike", sum));
  norm = gw_op3 (b, "Select", positive, gw_op1 (b, "Sqrt", safe), sum);
  context->outputs[0] = gw_op2 (b, "RealDiv", gw_op2 (b, "Mul", x, limit), gw_op2 (b, "Maximum", norm, limit));
}

#define TYPE \
  { "T", GW_ATTR_DTYPE, .def = "float32", .choices = GW_FLOAT_TYPES, .help = "Follows from what is wired.", .flags = GW_ATTR_HIDDEN }
#define LIMIT { "clip_norm", "T", "The length allowed, a scalar above 0.", .literal = "1" }

static const GwOpDef clip_by_norm_op = {
  .name = "ClipByNorm", .since = 1, .title = "Clip by norm", .category = "training/Gradients",
  .summary = "Shortens a tensor that is longer than allowed; its direction stays.",
  .doc = "`t · clip_norm / max (‖t‖, clip_norm)`, where ‖t‖ is the root of the sum of the squares: of all elements, or along "
         "`axes`.",
  .inputs = GW_PORTS ({ "t", "T", "Usually a gradient." }, LIMIT),
  .outputs = GW_PORTS ({ "clipped", "T", "Of the shape of t." }),
  .attrs = GW_ATTRS (
    { "axes", GW_ATTR_INTS, .label = "Axes", .help = "Dimensions whose elements form one length; none: all." }, TYPE),
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[3, 4]", "2.5"), NULL, GW_TEXTS ("[1.5, 2]") }),
  .expand = clip_by_norm_expand,
};

/* ---- ClipByGlobalNorm ---- */

/* √(2 Σ L2Loss (t)): global_norm() */
static GwOutput
global_norm (GwBuilder      *b,
             int             n,
             const GwOutput *list)
{
  g_autofree GwOutput *halves = g_new (GwOutput, n);
  GwOutput sum;

  for (int i = 0; i < n; i++)
    halves[i] = gw_op1 (b, "L2Loss", list[i]);
  sum = n > 1 ? gw_op (b, "AddN", n, halves, NULL) : halves[0];
  return sum.node != NULL ? gw_op1 (b, "Sqrt", gw_op2 (b, "Mul", sum, gw_const_like (b, sum, 2))) : sum;
}

static void
clip_by_global_norm_expand (GwExpandContext *context)
{
  GwBuilder *b = context->builder;
  int n = context->port_sizes[0];
  GwOutput limit = context->inputs[n];
  g_autofree GwOutput *results = g_new0 (GwOutput, n + 1);
  GwOutput norm = global_norm (b, n, context->inputs);
  GwOutput one, finite, scale;

  if (norm.node == NULL)
    return;
  one = gw_const_like (b, norm, 1);
  finite = gw_op2 (b, "Mul", limit, gw_op2 (b, "Minimum", gw_op2 (b, "RealDiv", one, norm), gw_op2 (b, "RealDiv", one, limit)));
  scale = gw_op3 (b, "Select", gw_op1 (b, "IsFinite", norm), finite, gw_const_like (b, norm, NAN));
  for (int i = 0; i < n; i++)
    results[i] = gw_op2 (b, "Mul", context->inputs[i], scale);
  results[n] = norm;
  gw_lowering_set_outputs (context, n + 1, results);
}

static const GwOpDef clip_by_global_norm_op = {
  .name = "ClipByGlobalNorm", .since = 1, .title = "Clip by global norm", .category = "training/Gradients",
  .summary = "Shortens several tensors together when they are longer than allowed all in all.",
  .doc = "The global norm is the root of the sum of the squares of all elements of all tensors. Each is multiplied by "
         "`clip_norm · min (1 / global_norm, 1 / clip_norm)`: the direction of the whole stays, which suits gradients better than "
         "clipping each by itself. If the norm is not finite all results are NaN.",
  .inputs = GW_PORTS ({ "t_list", "T", "Usually all gradients.", .number_attr = "N" }, LIMIT),
  .outputs = GW_PORTS ({ "clipped", "T", "One for each, of its shape.", .number_attr = "N" },
                       { "global_norm", "T", "The norm before clipping, a scalar." }),
  .attrs = GW_ATTRS ({ "N", GW_ATTR_INT, .help = "How many tensors are wired.", .flags = GW_ATTR_HIDDEN }, TYPE),
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[3]", "[4]", "2.5"), NULL, GW_TEXTS ("[1.5]", "[2]", "5") }),
  .expand = clip_by_global_norm_expand,
};

const GwOpDef *const gw_composites_clip[] = { &clip_by_norm_op, &clip_by_global_norm_op, NULL };
