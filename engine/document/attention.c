/* SPDX-License-Identifier: Apache-2.0 */
/* Attention: every query takes a mean of the values, weighted by how well their keys fit. */
#include "engine/document/composites.h"
#include "engine/document/parts.h"
#include "engine/document/weights.h"

#include <math.h>

#define MASKED -1e9 /* added to the score of what must not be seen: its share then is 0 */

enum { QUERY, KEY, VALUE, MASK };

static GwOutput
int_scalar (GwBuilder *b,
            int64_t    value)
{
  return gw_const_scalar (b, GW_INT32, (double) value);
}

/* The shape's element `axis`, counted from the end: a vector of one. */
static GwOutput
dim_from_end (GwBuilder *b,
              GwOutput   x,
              int        axis)
{
  return gw_part_slice (b, gw_op1 (b, "Shape", x), gw_output_shape (x)->rank - axis, 1);
}

/* Scores of what `seen` (1 or true: may be seen) leaves out fall to nothing. */
static GwOutput
leave_out (GwBuilder *b,
           GwOutput   scores,
           GwOutput   seen)
{
  GwOutput hidden = gw_op2 (b, "Sub", gw_const_like (b, scores, 1), gw_part_cast (b, seen, gw_output_dtype (scores)));

  return gw_op2 (b, "AddV2", scores, gw_op2 (b, "Mul", hidden, gw_const_like (b, scores, MASKED)));
}

/* [queries, keys] with true where the key is not later than the query. */
static GwOutput
earlier (GwBuilder *b,
         GwOutput   scores)
{
  GwOutput n_queries = gw_op (b, "Squeeze", GW_IN (dim_from_end (b, scores, 2)), NULL);
  GwOutput n_keys = gw_op (b, "Squeeze", GW_IN (dim_from_end (b, scores, 1)), NULL);
  GwOutput queries = gw_op3 (b, "Range", int_scalar (b, 0), n_queries, int_scalar (b, 1));
  GwOutput keys = gw_op3 (b, "Range", int_scalar (b, 0), n_keys, int_scalar (b, 1));

  return gw_op2 (b, "GreaterEqual", gw_op2 (b, "ExpandDims", queries, int_scalar (b, 1)), keys);
}

/* softmax (q · kᵀ / √size) · v over the last two dimensions; `shares` are the softmax. */
static GwOutput
attend (GwExpandContext *context,
        GwOutput         query,
        GwOutput         key,
        GwOutput         value,
        GwOutput         mask,
        GwOutput        *shares)
{
  GwBuilder *b = context->builder;
  const GwShape *shape = gw_output_shape (query);
  double size = shape->rank > 0 ? (double) shape->dims[shape->rank - 1] : 1;
  GwOutput scaled = gw_op2 (b, "Mul", query, gw_const_like (b, query, 1 / sqrt (size)));
  GwOutput scores = gw_op (b, "BatchMatMulV2", GW_IN (scaled, key), GW_WITH ({ "adj_y", gw_attr_bool (TRUE) }));

  if (b->error != NULL)
    return GW_NO_OUTPUT;
  if (gw_expand_attr (context, "causal")->b)
    scores = leave_out (b, scores, earlier (b, scores));
  if (mask.node != NULL)
    scores = leave_out (b, scores, mask);
  *shares = gw_op1 (b, "Softmax", scores);
  return gw_op2 (b, "BatchMatMulV2", *shares, value);
}

/* Floating-point, of one rank that is at least `least`, the last sizes known. */
static gboolean
check_ports (GwExpandContext *context,
             int              least)
{
  static const char *const names[] = { "query", "key", "value" };
  int rank = gw_output_shape (context->inputs[QUERY])->rank;

  for (int i = QUERY; i <= VALUE; i++)
    {
      const GwShape *shape = gw_output_shape (context->inputs[i]);
      g_autofree char *text = gw_shape_to_string (shape);

      if (shape->rank >= least && shape->rank == rank && shape->dims[rank - 1] > 0)
        continue;
      gw_builder_fail (context->builder, GW_ERROR_INVALID_ARGUMENT,
                       "%s must be [batch, %ssteps, size] of known size and of the query's rank, but is %s", names[i],
                       least == 2 ? "…, " : "", text);
      return FALSE;
    }
  return TRUE;
}

/* ---- plain ---- */

static void
attention_expand (GwExpandContext *context)
{
  if (check_ports (context, 2))
    context->outputs[0] = attend (context, context->inputs[QUERY], context->inputs[KEY], context->inputs[VALUE], context->inputs[MASK],
                                  &context->outputs[1]);
}

#define MASK_HELP "1 or true where a query may see a key: [batch, queries, keys], or what broadcasts to it; unwired: all."
#define CAUSAL                                                                                                         \
  { "causal", GW_ATTR_BOOL, .def = "false", .label = "Causal", .help = "A query sees only keys of its own step and earlier ones." }
#define MASK_TYPE                                                                                                      \
  { "M", GW_ATTR_DTYPE, .def = "bool", .choices = GW_CHOICES ("bool", "float32", "float64", "int32", "int64"),         \
    .help = "Follows from what is wired.", .flags = GW_ATTR_HIDDEN }

static const GwOpDef attention = {
  .name = "Attention", .since = 1, .title = "Attention", .category = "layers",
  .summary = "Means of the values, weighted by how well their keys fit each query: softmax (q · kᵀ / √size) · v.",
  .doc = "Scaled dot product attention over the last two dimensions. For self-attention wire the same to `query`, `key` and `value`. "
         "`weights` are the shares that each query gave to each key: worth looking at.",
  .inputs = GW_PORTS ({ "query", "T", "[batch, …, queries, size]" }, { "key", "T", "[batch, …, keys, size]" },
                      { "value", "T", "[batch, …, keys, size of the outputs]" }, { "mask", "M", MASK_HELP, .literal = "" }),
  .outputs = GW_PORTS ({ "outputs", "T", "[batch, …, queries, size of the values]" },
                       { "weights", "T", "[batch, …, queries, keys]: each row sums to 1." }),
  .attrs = GW_ATTRS (CAUSAL, GW_LAYER_TYPE_ATTR, MASK_TYPE),
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[1, 0]]]", "[[[1, 0], [1, 0]]]", "[[[2, 4], [4, 8]]]"),
      NULL,
      GW_TEXTS ("[[[3, 6]]]", "[[[0.5, 0.5]]]") }),
  .expand = attention_expand, .tell = GW_TEXTS ("causal"),
};

/* ---- several heads ---- */

typedef struct {
  GwExpandContext *context;
  GwBuilder       *b;
  GwDType          dtype;
  int64_t          heads;
  gboolean         use_bias;
} Heads;

/* x·W + b over the last axis of [batch, steps, n_in]: [batch, steps, n_out]. The variables are of
 * the shapes given, which have as many elements; no bias where that is NULL. */
static GwOutput
project (const Heads   *h,
         const char    *name,
         GwOutput       x,
         int64_t        n_out,
         const GwShape *kernel_shape,
         const GwShape *bias_shape)
{
  GwBuilder *b = h->b;
  int64_t n_in = x.node != NULL ? gw_output_shape (x)->dims[2] : 1;
  g_autofree char *kernel_name = g_strconcat (name, "/kernel", NULL);
  g_autofree char *bias_name = g_strconcat (name, "/bias", NULL);
  GwOutput kernel = gw_layer_weights (h->context, kernel_name, "kernel", h->dtype, kernel_shape);
  GwOutput rows = gw_op2 (b, "Reshape", x, GW_INTS (b, -1, n_in));
  GwOutput y = gw_op2 (b, "MatMul", rows, gw_op2 (b, "Reshape", kernel, GW_INTS (b, n_in, n_out)));
  GwOutput leading = gw_part_slice (b, gw_op1 (b, "Shape", x), 0, 2);

  if (bias_shape != NULL)
    y = gw_op2 (b, "BiasAdd", y, gw_op2 (b, "Reshape", gw_layer_weights (h->context, bias_name, "bias", h->dtype, bias_shape),
                                         GW_INTS (b, n_out)));
  return gw_op2 (b, "Reshape", y, gw_part_concat (b, GW_IN (leading, GW_INTS (b, n_out)), 0));
}

/* [batch, steps, heads · size] ↔ [batch, heads, steps, size] */
static GwOutput
split_heads (const Heads *h,
             GwOutput     x,
             int64_t      size)
{
  GwBuilder *b = h->b;
  GwOutput leading = gw_part_slice (b, gw_op1 (b, "Shape", x), 0, 2);
  GwOutput split = gw_op2 (b, "Reshape", x, gw_part_concat (b, GW_IN (leading, GW_INTS (b, h->heads, size)), 0));

  return gw_op2 (b, "Transpose", split, GW_INTS (b, 0, 2, 1, 3));
}

static GwOutput
join_heads (const Heads *h,
            GwOutput     x,
            int64_t      size)
{
  GwBuilder *b = h->b;
  GwOutput turned = gw_op2 (b, "Transpose", x, GW_INTS (b, 0, 2, 1, 3));
  GwOutput leading = gw_part_slice (b, gw_op1 (b, "Shape", turned), 0, 2);

  return gw_op2 (b, "Reshape", turned, gw_part_concat (b, GW_IN (leading, GW_INTS (b, h->heads * size)), 0));
}

static GwOutput
head_input (const Heads *h,
            const char  *name,
            int          port,
            int64_t      size)
{
  GwOutput x = h->context->inputs[port];
  GwShape kernel = GW_SHAPE (gw_output_shape (x)->dims[2], h->heads, size), bias = GW_SHAPE (h->heads, size);

  return split_heads (h, project (h, name, x, h->heads * size, &kernel, h->use_bias ? &bias : NULL), size);
}

static void
multi_head_expand (GwExpandContext *context)
{
  GwBuilder *b = context->builder;
  Heads h = { context, b, gw_output_dtype (context->inputs[QUERY]), gw_expand_attr (context, "num_heads")->i,
              gw_expand_attr (context, "use_bias")->b };
  int64_t key_dim = gw_expand_attr (context, "key_dim")->i, value_dim = gw_expand_attr (context, "value_dim")->i;
  int64_t n_out = gw_expand_attr (context, "units")->i;
  GwOutput query, key, value, mask = context->inputs[MASK], y;

  if (!check_ports (context, 3))
    return;
  if (gw_output_shape (context->inputs[QUERY])->rank != 3)
    {
      gw_builder_fail (b, GW_ERROR_INVALID_ARGUMENT, "query, key and value must be [batch, steps, size]");
      return;
    }
  value_dim = value_dim > 0 ? value_dim : key_dim;
  n_out = n_out > 0 ? n_out : gw_output_shape (context->inputs[QUERY])->dims[2];
  query = head_input (&h, "query", QUERY, key_dim);
  key = head_input (&h, "key", KEY, key_dim);
  value = head_input (&h, "value", VALUE, value_dim);
  if (mask.node != NULL && gw_output_shape (mask)->rank == 3)
    mask = gw_op2 (b, "ExpandDims", mask, int_scalar (b, 1));
  if (b->error != NULL)
    return;
  y = attend (context, query, key, value, mask, &context->outputs[1]);
  context->outputs[0] = project (&h, "attention_output", join_heads (&h, y, value_dim), n_out,
                                 &GW_SHAPE (h.heads, value_dim, n_out), h.use_bias ? &GW_SHAPE (n_out) : NULL);
}

static const GwOpDef multi_head = {
  .name = "MultiHeadAttention", .since = 1, .title = "Multi-head attention", .category = "layers",
  .summary = "Several attentions side by side, each with trainable views of query, key and value.",
  .doc = "As tf.keras.layers.MultiHeadAttention: query, key and value are projected for each head, every head attends, and the results "
         "are projected together. The variables are called NAME/query/kernel [size, heads, key size], …, NAME/attention_output/kernel "
         "[heads, value size, units] and likewise bias.",
  .inputs = GW_PORTS ({ "query", "T", "[batch, queries, size]" }, { "key", "T", "[batch, keys, size]" },
                      { "value", "T", "[batch, keys, size]" }, { "mask", "M", MASK_HELP, .literal = "" }),
  .outputs = GW_PORTS ({ "outputs", "T", "[batch, queries, units]" }, { "weights", "T", "[batch, heads, queries, keys]" }),
  .attrs = GW_ATTRS (
    { "num_heads", GW_ATTR_INT, .def = "4", .min = 1, .max = 1e4, .ui_min = 1, .ui_max = 16, .label = "Heads", .help = "How many." },
    { "key_dim", GW_ATTR_INT, .def = "16", .min = 1, .max = 1e6, .ui_min = 1, .ui_max = 256, .label = "Key size",
      .help = "Of each head's queries and keys." },
    { "value_dim", GW_ATTR_INT, .def = "0", .min = 0, .max = 1e6, .ui_min = 0, .ui_max = 256, .label = "Value size",
      .help = "Of each head's values; 0: as the keys." },
    { "units", GW_ATTR_INT, .def = "0", .min = 0, .max = 1e6, .ui_min = 0, .ui_max = 1024, .label = "Units",
      .help = "Of each output; 0: as the query." },
    CAUSAL, GW_INITIALIZER_ATTR ("kernel_initializer", "glorot_uniform", "Kernel init"),
    GW_INITIALIZER_ATTR ("bias_initializer", "zeros", "Bias init"), GW_REGULARIZER_ATTR ("kernel_regularizer", "Kernel penalty"),
    GW_USE_BIAS_ATTR, GW_VARIABLES_ATTRS, GW_LAYER_TYPE_ATTR, MASK_TYPE),
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[1, 0]]]", "[[[1, 2]]]", "[[[1, 2]]]"),
      "num_heads=1 key_dim=2 kernel_initializer=ones",
      GW_TEXTS ("[[[6, 6]]]", "[[[[1]]]]") }),
  .expand = multi_head_expand, .tell = GW_TEXTS ("num_heads", "key_dim"),
};

/* ---- joining ---- */

/* Of one another's shape, or with a trainable projection of the shortcut's last axis. */
static void
residual_expand (GwExpandContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput shortcut = context->inputs[0], branch = context->inputs[1], y;
  const GwShape *s = gw_output_shape (shortcut), *r = gw_output_shape (branch);
  g_autofree char *s_text = gw_shape_to_string (s);
  g_autofree char *r_text = gw_shape_to_string (r);
  gboolean same = gw_shape_compatible (s, r);

  if (!same && s->rank == 3 && r->rank == 3 && s->dims[2] > 0 && r->dims[2] > 0)
    {
      Heads h = { context, b, gw_output_dtype (shortcut) };

      shortcut = project (&h, "shortcut", shortcut, r->dims[2], &GW_SHAPE (s->dims[2], r->dims[2]), NULL);
    }
  else if (!same && s->rank == 2 && r->rank == 2 && s->dims[1] > 0 && r->dims[1] > 0)
    shortcut = gw_op2 (b, "MatMul", shortcut,
                       gw_layer_weights (context, "shortcut/kernel", "kernel", gw_output_dtype (shortcut), &GW_SHAPE (s->dims[1], r->dims[1])));
  else if (!same && s->rank == 4 && r->rank == 4 && s->dims[3] > 0 && r->dims[3] > 0)
    shortcut = gw_op (b, "Conv2D", GW_IN (shortcut, gw_layer_weights (context, "shortcut/kernel", "kernel", gw_output_dtype (shortcut),
                                                                      &GW_SHAPE (1, 1, s->dims[3], r->dims[3]))),
                      GW_WITH ({ "padding", gw_attr_string ("SAME") },
                               { "strides", gw_attr_ints (4, (const int64_t[]) { 1, 1, 1, 1 }) }));
  else if (!same)
    gw_builder_fail (b, GW_ERROR_INVALID_ARGUMENT, "shortcut is %s and branch %s: only their last sizes may differ", s_text, r_text);
  if (b->error != NULL)
    return;
  if (!gw_shape_compatible (gw_output_shape (shortcut), r))
    {
      gw_builder_fail (b, GW_ERROR_INVALID_ARGUMENT, "shortcut is %s and branch %s: only their last sizes may differ", s_text, r_text);
      return;
    }
  y = gw_op2 (b, "AddV2", shortcut, branch);
  context->outputs[0] = gw_part_activation (b, gw_expand_attr (context, "activation")->s, y);
}

static const GwOpDef residual = {
  .name = "Residual", .since = 1, .title = "Residual connection", .category = "layers",
  .summary = "Adds what went around some layers to what came through them: activation (shortcut + branch).",
  .doc = "Lets gradients pass by the layers of the branch, so that deep networks train. Where the last sizes differ the shortcut is "
         "multiplied by a trainable matrix, NAME/shortcut/kernel (for pictures a convolution by 1 × 1).",
  .inputs = GW_PORTS ({ "shortcut", "T", "[batch, …, channels]: what the branch began with." }, { "branch", "T", "What came out of it." }),
  .outputs = GW_PORTS ({ "outputs", "T", "Like branch." }),
  .attrs = GW_ATTRS (GW_ACTIVATION_ATTR ("linear"), GW_INITIALIZER_ATTR ("kernel_initializer", "glorot_uniform", "Shortcut init"),
                     GW_REGULARIZER_ATTR ("kernel_regularizer", "Shortcut penalty"),
                     GW_VARIABLES_ATTRS, GW_LAYER_TYPE_ATTR),
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[1, 2]]", "[[3, 4]]"), NULL, GW_TEXTS ("[[4, 6]]") }),
  .expand = residual_expand, .tell = GW_TEXTS ("activation"),
};

static void
concatenate_expand (GwExpandContext *context)
{
  context->outputs[0] = context->n_inputs == 1
                          ? gw_op1 (context->builder, "Identity", context->inputs[0])
                          : gw_part_concat (context->builder, context->n_inputs, context->inputs, gw_expand_attr (context, "axis")->i);
}

static const GwOpDef concatenate = {
  .name = "Concatenate", .since = 1, .title = "Concatenate", .category = "layers",
  .summary = "Puts tensors side by side along an axis.",
  .doc = "As tf.keras.layers.Concatenate: *ConcatV2* with the axis as a setting instead of an input.",
  .inputs = GW_PORTS ({ "inputs", "T", "Of one shape but for the axis.", .number_attr = "N" }),
  .outputs = GW_PORTS ({ "outputs", "T", "The axis is as long as theirs together." }),
  .attrs = GW_ATTRS (
    { "axis", GW_ATTR_INT, .def = "-1", .min = -GW_MAX_RANK, .max = GW_MAX_RANK - 1, .label = "Axis", .help = "−1: the last one." },
    { "N", GW_ATTR_INT, .def = "2", .min = 1, .max = 1e6, .help = "Number of inputs; follows from what is wired.", .flags = GW_ATTR_HIDDEN },
    { "T", GW_ATTR_DTYPE, .def = "float32", .help = "Follows from what is wired.", .flags = GW_ATTR_HIDDEN }),
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[1, 2]]", "[[3]]"), NULL, GW_TEXTS ("[[1, 2, 3]]") }),
  .expand = concatenate_expand, .tell = GW_TEXTS ("axis"),
};

const GwOpDef *const gw_composites_attention[] = { &attention, &multi_head, &residual, &concatenate, NULL };
