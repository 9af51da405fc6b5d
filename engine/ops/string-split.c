/* SPDX-License-Identifier: Apache-2.0 */
/* Texts taken apart and put together along dimensions. */
#include "engine/base/error.h"
#include "engine/graph/shape-rules.h"
#include "engine/ops/families.h"
#include "engine/ops/strings-common.h"

#include <string.h>

/* ---- StringSplit, StringSplitV2 ---- */

typedef struct {
  int64_t     row;
  const char *text;
  size_t      length;
} Token;

typedef struct {
  const GwString *separator;
  gboolean        skip_empty;  /* StringSplit */
  int64_t         max_splits;  /* StringSplitV2; < 0: any number */
  GArray         *tokens;      /* of Token */
  int64_t         row;
} Split;

static void
add_token (Split      *split,
           const char *text,
           size_t      length)
{
  Token token = { split->row, text, length };

  if (length > 0 || !split->skip_empty)
    g_array_append_val (split->tokens, token);
}

/* At every byte that is one of the separator's; without separator at every byte. An
 * empty text has no parts, not even an empty one. */
static void
split_at_bytes (Split          *split,
                const GwString *text)
{
  size_t begin = 0;

  for (size_t i = 0; i < text->length; i++)
    if (split->separator->length == 0)
      add_token (split, text->data + i, 1);
    else if (memchr (split->separator->data, text->data[i], split->separator->length) != NULL)
      {
        add_token (split, text->data + begin, i - begin);
        begin = i + 1;
      }
  if (split->separator->length > 0 && text->length > 0)
    add_token (split, text->data + begin, text->length - begin);
}

/* At runs of white space, as Python's str.split() without argument. */
static void
split_at_space (Split          *split,
                const GwString *text)
{
  size_t at = 0;

  for (int64_t n = 0; ; n++)
    {
      size_t begin;

      while (at < text->length && gw_string_is_space (text->data[at]))
        at++;
      begin = at;
      if (n > 0 && n == split->max_splits)
        {
          add_token (split, text->data + begin, text->length - begin);
          return;
        }
      while (at < text->length && !gw_string_is_space (text->data[at]))
        at++;
      if (at == begin)
        return;
      add_token (split, text->data + begin, at - begin);
    }
}

/* At every separator, as Python's str.split(separator). */
static void
split_at_text (Split          *split,
               const GwString *text)
{
  size_t begin = 0;

  for (int64_t n = 0; n < split->max_splits || split->max_splits < 0; n++)
    {
      const char *found = text->length - begin < split->separator->length ? NULL
                          : memmem (text->data + begin, text->length - begin, split->separator->data,
                                    split->separator->length);

      if (found == NULL)
        break;
      add_token (split, text->data + begin, (size_t) (found - text->data) - begin);
      begin = (size_t) (found - text->data) + split->separator->length;
    }
  add_token (split, text->data + begin, text->length - begin);
}

typedef void (*SplitFunc) (Split *split, const GwString *text);

static gboolean
write_tokens (GwKernelContext *context,
              const GArray    *tokens,
              GError         **error)
{
  int64_t n = tokens->len;
  int64_t last = -1, column = 0, widest = 0;

  if (!gw_kernel_allocate_output (context, 0, GW_INT64, &GW_SHAPE (n, 2), error) ||
      !gw_kernel_allocate_output (context, 1, GW_STRING, &GW_SHAPE (n), error) ||
      !gw_kernel_allocate_output (context, 2, GW_INT64, &GW_SHAPE (2), error))
    return FALSE;
  for (int64_t i = 0; i < n; i++)
    {
      const Token *token = &g_array_index (tokens, Token, i);

      column = token->row == last ? column + 1 : 0;
      last = token->row;
      widest = MAX (widest, column + 1);
      GW_TENSOR_DATA (context->outputs[0], int64_t)[2 * i] = token->row;
      GW_TENSOR_DATA (context->outputs[0], int64_t)[2 * i + 1] = column;
      gw_string_set (gw_string_at (context->outputs[1], i), token->text, token->length);
    }
  GW_TENSOR_DATA (context->outputs[2], int64_t)[0] = context->inputs[0]->elements;
  GW_TENSOR_DATA (context->outputs[2], int64_t)[1] = widest;
  return TRUE;
}

static gboolean
split_shape (GwShapeContext *context,
             GError        **error)
{
  return gw_array_want_vector (context, 0, error) && gw_array_want_scalar (context, 1, error) &&
         gw_string_sparse_shape (context, error);
}

static gboolean
run_split (GwKernelContext *context,
           Split           *split,
           SplitFunc        func,
           GError         **error)
{
  static const GwString empty = { .data = (char *) "" };
  g_autoptr (GArray) tokens = g_array_new (FALSE, FALSE, sizeof (Token));
  const GwTensor *input = context->inputs[0];

  if (input->shape.rank != 1 || context->inputs[1]->shape.rank != 0)
    return gw_invalid (error, "input must be a vector and the separator a scalar");
  split->tokens = tokens;
  for (split->row = 0; split->row < input->elements; split->row++)
    {
      const GwString *text = gw_string_at (input, split->row);

      func (split, text->length > 0 ? text : &empty);
    }
  return write_tokens (context, tokens, error);
}

enum { SPLIT_SKIP_EMPTY };

static gboolean
string_split_cpu (GwKernelContext *context,
                  GError         **error)
{
  Split split = { .separator = gw_string_at (context->inputs[1], 0),
                  .skip_empty = context->attrs[SPLIT_SKIP_EMPTY].b };

  return run_split (context, &split, split_at_bytes, error);
}

enum { SPLIT_V2_MAXSPLIT };

static gboolean
string_split_v2_cpu (GwKernelContext *context,
                     GError         **error)
{
  Split split = { .separator = gw_string_at (context->inputs[1], 0),
                  .max_splits = context->attrs[SPLIT_V2_MAXSPLIT].i };

  return run_split (context, &split,
                    split.separator->length == 0 && split.max_splits != 0 ? split_at_space : split_at_text, error);
}

#define SPLIT_OUTPUTS                                                                                \
  GW_PORTS ({ "indices", "int64", "[n, 2]: row and place of each part." },                           \
            { "values", "string", "[n]: the parts, row after row." },                                \
            { "shape", "int64", "[2]: number of rows, largest number of parts." })
static const char split_doc[] =
  "The result is a sparse matrix, as rows have different numbers of parts: part i stands at indices[i], its text is values[i].";

static const GwOpDef string_split_op = {
  .name = "StringSplit", .since = 1, .title = "Split texts at bytes", .category = "strings/Text",
  .summary = "Takes texts apart wherever one of the delimiter's bytes stands.",
  .doc = "An empty delimiter takes them apart into single bytes. The result is a sparse matrix, as rows have different numbers of "
         "parts: part i stands at indices[i], its text is values[i].",
  .inputs = GW_PORTS ({ "input", "string", "A vector of texts." },
                      { "delimiter", "string", "Bytes at which to split.", .literal = "\" \"" }),
  .outputs = SPLIT_OUTPUTS,
  .attrs = GW_ATTRS ([SPLIT_SKIP_EMPTY] = { "skip_empty", GW_ATTR_BOOL, .def = "true", .label = "Skip empty",
                                            .help = "Leave empty parts out." }),
  .shape_rule = "indices [words, 2], values [words], shape [2]; how many words follows from the texts",
  .flags = GW_OP_NO_GRADIENT | GW_OP_DYNAMIC_OUTPUT, .shape = split_shape, .cpu = string_split_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[\"a b\", \"c\"]", "\" \""), NULL,
                             GW_TEXTS ("int64 [[0, 0], [0, 1], [1, 0]]", "[\"a\", \"b\", \"c\"]", "int64 [2, 2]") }),
};

static const GwOpDef string_split_v2_op = {
  .name = "StringSplitV2", .since = 1, .title = "Split texts", .category = "strings/Text",
  .summary = "Takes texts apart at a separator, or at white space.", .doc = split_doc,
  .inputs = GW_PORTS ({ "input", "string", "A vector of texts." },
                      { "sep", "string", "The separator; empty = runs of white space.", .literal = "\"\"" }),
  .outputs = SPLIT_OUTPUTS,
  .attrs = GW_ATTRS ([SPLIT_V2_MAXSPLIT] = { "maxsplit", GW_ATTR_INT, .def = "-1", .label = "Splits at most",
                                             .help = "How often a text is split; -1 = as often as it can be." }),
  .shape_rule = "indices [words, 2], values [words], shape [2]; how many words follows from the texts",
  .flags = GW_OP_NO_GRADIENT | GW_OP_DYNAMIC_OUTPUT, .shape = split_shape, .cpu = string_split_v2_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[\" a  b\", \"c\"]", "\"\""), NULL,
                             GW_TEXTS ("int64 [[0, 0], [0, 1], [1, 0]]", "[\"a\", \"b\", \"c\"]", "int64 [2, 2]") },
                           { GW_TEXTS ("[\"1<>2<>3\"]", "\"<>\""), "maxsplit=1",
                             GW_TEXTS ("int64 [[0, 0], [0, 1]]", "[\"1\", \"2<>3\"]", "int64 [1, 2]") }),
  .tell = GW_TEXTS ("maxsplit"),
};

/* ---- ReduceJoin ---- */

enum { JOIN_KEEP_DIMS, JOIN_SEPARATOR };

/* The axes in the order in which they are listed. */
static gboolean
read_axes (const GwTensor *axes,
           int             rank,
           int             order[GW_MAX_RANK],
           gboolean        reduced[GW_MAX_RANK],
           int            *n,
           GError        **error)
{
  *n = 0;
  memset (reduced, 0, GW_MAX_RANK * sizeof (gboolean));
  for (int64_t i = 0; i < axes->elements; i++)
    {
      int axis;

      if (!gw_array_axis ("reduction_indices: dimension", gw_tensor_get_int (axes, i), rank, &axis, error))
        return FALSE;
      if (reduced[axis])
        return gw_invalid (error, "reduction_indices: Duplicate reduction dimension %d", axis);
      reduced[axis] = TRUE;
      order[(*n)++] = axis;
    }
  return TRUE;
}

static gboolean
reduce_join_shape (GwShapeContext *context,
                   GError        **error)
{
  const GwShape *input = &context->inputs[0];
  const GwTensor *axes = gw_shape_input_value (context, 1);
  gboolean keep_dims = context->attrs[JOIN_KEEP_DIMS].b;
  gboolean reduced[GW_MAX_RANK];
  int order[GW_MAX_RANK], n;

  if (context->inputs[1].rank > 1)
    return gw_invalid (error, "reduction_indices must be a scalar or vector, but is rank %d", context->inputs[1].rank);
  if (input->rank < 0)
    return TRUE;
  if (axes == NULL)
    {
      if (keep_dims)
        context->outputs[0] = gw_shape_of_rank (input->rank);
      return TRUE;
    }
  if (!read_axes (axes, input->rank, order, reduced, &n, error))
    return FALSE;
  gw_shape_reduce (input, reduced, keep_dims, &context->outputs[0]);
  return TRUE;
}

static const GwOpDef reduce_join_op;

/* The listed axes are walked like digits, the first one fastest. */
static gboolean
reduce_join_cpu (GwKernelContext *context,
                 GError         **error)
{
  const GwTensor *input = context->inputs[0];
  const GwShape *shape = &input->shape;
  const GwAttrValue *separator = &context->attrs[JOIN_SEPARATOR];
  g_autoptr (GString) text = g_string_new (NULL);
  int64_t strides[GW_MAX_RANK], joined = 1;
  gboolean reduced[GW_MAX_RANK];
  int order[GW_MAX_RANK], n;

  if (!gw_array_prepare (context, &reduce_join_op, error) ||
      !read_axes (context->inputs[1], shape->rank, order, reduced, &n, error))
    return FALSE;
  gw_shape_strides (shape, strides);
  for (int k = 0; k < n; k++)
    joined = gw_size_times (joined, shape->dims[order[k]]);
  for (int64_t out = 0; out < context->outputs[0]->elements; out++)
    {
      int64_t rest = out, base = 0;

      for (int d = shape->rank - 1; d >= 0; d--)
        if (!reduced[d])
          {
            base += rest % shape->dims[d] * strides[d];
            rest /= shape->dims[d];
          }
      g_string_truncate (text, 0);
      for (int64_t i = 0; i < joined; i++)
        {
          int64_t at = base;
          const GwString *part;

          rest = i;
          for (int k = 0; k < n; k++)
            {
              at += rest % shape->dims[order[k]] * strides[order[k]];
              rest /= shape->dims[order[k]];
            }
          part = gw_string_at (input, at);
          if (i > 0)
            g_string_append (text, separator->s);
          g_string_append_len (text, part->length > 0 ? part->data : "", (gssize) part->length);
        }
      gw_string_set (gw_string_at (context->outputs[0], out), text->str, text->len);
    }
  return TRUE;
}

static const GwOpDef reduce_join_op = {
  .name = "ReduceJoin", .since = 1, .title = "Join along dimensions", .category = "strings/Text",
  .summary = "Puts the texts of one or more dimensions together.",
  .doc = "The dimensions are joined in the order in which they are listed: [1, 0] first joins within the rows and so reads a matrix "
         "row by row, [0, 1] column by column. Without dimensions every text stays as it is.",
  .inputs = GW_PORTS ({ "inputs", "string", "Texts, any shape." },
                      { "reduction_indices", "int32", "The dimensions; negative ones count from the end.", .literal = "[0]" }),
  .outputs = GW_PORTS ({ "output", "string", "The joined texts, without those dimensions." }),
  .attrs = GW_ATTRS (
    [JOIN_KEEP_DIMS] = { "keep_dims", GW_ATTR_BOOL, .def = "false", .label = "Keep dimensions",
                         .help = "The dimensions stay, as 1." },
    [JOIN_SEPARATOR] = { "separator", GW_ATTR_STRING, .def = "", .label = "Separator", .help = "Stands between two texts." }),
  .shape_rule = "the input's without the dimensions joined, or with 1 in their place",
  .flags = GW_OP_NO_GRADIENT, .shape = reduce_join_shape, .cpu = reduce_join_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[\"a\", \"b\"], [\"c\", \"d\"]]", "1"), "separator=+", GW_TEXTS ("[\"a+b\", \"c+d\"]") },
    { GW_TEXTS ("[[\"a\", \"b\"], [\"c\", \"d\"]]", "[1, 0]"), NULL, GW_TEXTS ("\"abcd\"") }),
  .tell = GW_TEXTS ("separator"),
};

const GwOpDef *const gw_ops_string_split[] = { &string_split_op, &string_split_v2_op, &reduce_join_op, NULL };
