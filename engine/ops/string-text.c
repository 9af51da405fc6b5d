/* SPDX-License-Identifier: Apache-2.0 */
/* Ops that change or measure each text by itself. */
#include "engine/base/error.h"
#include "engine/device/cpu/broadcast.h"
#include "engine/graph/shape-rules.h"
#include "engine/ops/families.h"
#include "engine/ops/strings-common.h"

#include <string.h>

/* ---- StringStrip ---- */

static gboolean
strip_one (const GwString *in,
           void           *data,
           GwTensor       *output,
           int64_t         index,
           GError        **error)
{
  const char *text = in->data;
  size_t length = in->length;

  for (; length > 0 && gw_string_is_space (*text); text++)
    length--;
  while (length > 0 && gw_string_is_space (text[length - 1]))
    length--;
  gw_string_set (gw_string_at (output, index), text, length);
  return TRUE;
}

static gboolean
strip_cpu (GwKernelContext *context,
           GError         **error)
{
  return gw_string_map (context, strip_one, NULL, error);
}

#define TEXTS_IN { "input", "string", "Texts, any shape." }

static const GwOpDef strip_op = {
  .name = "StringStrip", .since = 1, .title = "Strip texts", .category = "strings/Text",
  .summary = "Removes white space at both ends of each text.",
  .doc = "Spaces, tabs and line ends go; those between words stay.",
  .inputs = GW_PORTS (TEXTS_IN),
  .outputs = GW_PORTS ({ "output", "string", "The texts without it, of the same shape." }),
  .flags = GW_OP_NO_GRADIENT, .shape = gw_shape_rule_same, .cpu = strip_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[\" a b \", \"c\"]"), NULL, GW_TEXTS ("[\"a b\", \"c\"]") }),
};

/* ---- StringLower, StringUpper ---- */

enum { CASE_ENCODING };

typedef struct {
  gchar  (*ascii) (gchar c);
  gchar *(*utf8) (const gchar *text, gssize length);
  gboolean is_utf8;
} Case;

static gboolean
case_shape (GwShapeContext *context,
            GError        **error)
{
  const char *encoding = context->attrs[CASE_ENCODING].s;

  if (*encoding != '\0' && strcmp (encoding, "utf-8") != 0)
    return gw_invalid (error, "encoding: only utf-8 or '' (no encoding) is supported, received %s", encoding);
  return gw_shape_rule_same (context, error);
}

/* GLib's functions stop at a NUL: piece by piece. */
static void
change_utf8 (const Case     *change,
             const GwString *in,
             GwString       *out)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (size_t at = 0; at < in->length; at++)
    {
      size_t piece = strnlen (in->data + at, in->length - at);
      g_autofree char *valid = g_utf8_make_valid (in->data + at, (gssize) piece);
      g_autofree char *changed = change->utf8 (valid, -1);

      g_string_append (text, changed);
      at += piece;
      if (at < in->length)
        g_string_append_c (text, '\0');
    }
  gw_string_set (out, text->str, text->len);
}

static gboolean
change_one (const GwString *in,
            void           *data,
            GwTensor       *output,
            int64_t         index,
            GError        **error)
{
  const Case *change = data;
  GwString *out = gw_string_at (output, index);

  if (change->is_utf8)
    {
      change_utf8 (change, in, out);
      return TRUE;
    }
  gw_string_set (out, in->data, in->length);
  for (size_t i = 0; i < out->length; i++)
    out->data[i] = change->ascii (out->data[i]);
  return TRUE;
}

static gboolean
lower_cpu (GwKernelContext *context,
           GError         **error)
{
  Case change = { g_ascii_tolower, g_utf8_strdown, *context->attrs[CASE_ENCODING].s != '\0' };

  return gw_string_map (context, change_one, &change, error);
}

static gboolean
upper_cpu (GwKernelContext *context,
           GError         **error)
{
  Case change = { g_ascii_toupper, g_utf8_strup, *context->attrs[CASE_ENCODING].s != '\0' };

  return gw_string_map (context, change_one, &change, error);
}

#define CASE_ATTRS                                                                                         \
  GW_ATTRS ({ "encoding", GW_ATTR_STRING, .def = "", .label = "Encoding",                                  \
              .help = "utf-8 for letters of all scripts; empty = only A … Z, bytes otherwise." })

static const GwOpDef lower_op = {
  .name = "StringLower", .since = 1, .title = "Lower case", .category = "strings/Text",
  .summary = "Turns capital letters into small ones.",
  .doc = "Those from A to Z; with `encoding` utf-8 the letters of all scripts that have two cases.",
  .inputs = GW_PORTS (TEXTS_IN), .outputs = GW_PORTS ({ "output", "string", "The changed texts." }),
  .shape_rule = "the input's",
  .attrs = CASE_ATTRS, .flags = GW_OP_NO_GRADIENT, .shape = case_shape, .cpu = lower_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[\"Hello World\"]"), NULL, GW_TEXTS ("[\"hello world\"]") },
                           { GW_TEXTS ("[\"ÄPFEL\"]"), "encoding=utf-8", GW_TEXTS ("[\"äpfel\"]") }),
};

static const GwOpDef upper_op = {
  .name = "StringUpper", .since = 1, .title = "Upper case", .category = "strings/Text",
  .summary = "Turns small letters into capital ones.",
  .doc = "Those from a to z; with `encoding` utf-8 the letters of all scripts that have two cases.",
  .inputs = GW_PORTS (TEXTS_IN), .outputs = GW_PORTS ({ "output", "string", "The changed texts." }),
  .shape_rule = "the input's",
  .attrs = CASE_ATTRS, .flags = GW_OP_NO_GRADIENT, .shape = case_shape, .cpu = upper_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[\"Hello World\"]"), NULL, GW_TEXTS ("[\"HELLO WORLD\"]") },
                           { GW_TEXTS ("[\"äpfel\"]"), "encoding=utf-8", GW_TEXTS ("[\"ÄPFEL\"]") }),
};

/* ---- StringLength ---- */

enum { LENGTH_UNIT };

static gboolean
length_one (const GwString *in,
            void           *data,
            GwTensor       *output,
            int64_t         index,
            GError        **error)
{
  size_t n = in->length;

  if (*(const gboolean *) data)
    for (size_t i = 0; i < in->length; i++)
      n -= gw_utf8_continues (in->data[i]);
  if (n > G_MAXINT32)
    return gw_invalid (error, "input: a text of %" G_GSIZE_FORMAT " characters is too long for an int32", n);
  GW_TENSOR_DATA (output, int32_t)[index] = (int32_t) n;
  return TRUE;
}

static gboolean
length_cpu (GwKernelContext *context,
            GError         **error)
{
  gboolean utf8 = strcmp (context->attrs[LENGTH_UNIT].s, "UTF8_CHAR") == 0;

  return gw_string_map (context, length_one, &utf8, error);
}

static const GwOpDef length_op = {
  .name = "StringLength", .since = 1, .title = "Length of texts", .category = "strings/Text",
  .summary = "How long each text is, in bytes or characters.",
  .doc = "With `unit` UTF8_CHAR an ä counts once, though it takes two bytes.",
  .inputs = GW_PORTS (TEXTS_IN), .outputs = GW_PORTS ({ "output", "int32", "A length for each." }),
  .attrs = GW_ATTRS ([LENGTH_UNIT] = GW_STRING_UNIT), .flags = GW_OP_NO_GRADIENT,
  .shape = gw_shape_rule_same, .cpu = length_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[\"abc\", \"\"]"), NULL, GW_TEXTS ("int32 [3, 0]") },
                           { GW_TEXTS ("[\"äöü\"]"), "unit=UTF8_CHAR", GW_TEXTS ("int32 [3]") }),
  .tell = GW_TEXTS ("unit"),
};

/* ---- Substr ---- */

enum { SUBSTR_T, SUBSTR_UNIT };

static gboolean
substr_shape (GwShapeContext *context,
              GError        **error)
{
  const GwShape *input = &context->inputs[0];
  g_autofree char *first = gw_shape_to_string (input);
  g_autofree char *second = NULL;
  GwShape pos;

  if (!gw_array_merge (&context->inputs[1], &context->inputs[2], "pos and len", &pos, error))
    return FALSE;
  if (gw_shape_broadcast (input, &pos, &context->outputs[0]))
    return gw_array_check_size (&context->outputs[0], error);
  second = gw_shape_to_string (&pos);
  return gw_invalid (error, "Incompatible shapes: input is %s, pos and len are %s", first, second);
}

/* Moves *at over `n` characters to the right or left; FALSE when there are fewer. */
static gboolean
forward_chars (const GwString *text,
               int64_t         n,
               size_t         *at)
{
  for (; n > 0 && *at < text->length; n--)
    do
      ++*at;
    while (*at < text->length && gw_utf8_continues (text->data[*at]));
  return n <= 0;
}

static gboolean
back_chars (const GwString *text,
            int64_t         n,
            size_t         *at)
{
  for (; n > 0 && *at > 0; n--)
    do
      --*at;
    while (*at > 0 && gw_utf8_continues (text->data[*at]));
  return n <= 0;
}

/* The bytes [*begin, *end) that pos and len mean; FALSE when pos lies outside. A
 * negative pos counts from the end; a negative len reaches to it (bytes), is 0, or
 * with a negative pos of characters lies outside. */
static gboolean
find_part (const GwString *text,
           gboolean        utf8,
           int64_t         pos,
           int64_t         len,
           size_t         *begin,
           size_t         *end)
{
  int64_t skip;

  if (!utf8)
    {
      int64_t at = pos < 0 ? pos + (int64_t) text->length : pos;

      if (at < 0 || at > (int64_t) text->length)
        return FALSE;
      *begin = (size_t) at;
      *end = len < 0 || len > (int64_t) text->length - at ? text->length : (size_t) (at + len);
      return TRUE;
    }
  if (pos >= 0)
    {
      *begin = 0;
      if (!forward_chars (text, pos, begin))
        return FALSE;
      *end = *begin;
      forward_chars (text, len, end);
      return TRUE;
    }
  if (pos == G_MININT64)
    return FALSE;
  if (len < 0)
    return FALSE;
  skip = len >= -pos ? 0 : -pos - len;
  *end = text->length;
  if (!back_chars (text, skip, end))
    return FALSE;
  *begin = *end;
  return back_chars (text, -pos - skip, begin);
}

typedef struct {
  GwTensor *const *inputs;
  GwTensor        *output;
  GwBroadcast      plan;
  gboolean         utf8;
  GError          *error;
} Substr;

static void
substr_run (void          *data,
            const int64_t *offsets,
            int64_t        out,
            int64_t        n)
{
  Substr *substr = data;
  const int64_t (*strides)[GW_MAX_RANK] = (const int64_t (*)[GW_MAX_RANK]) substr->plan.strides;
  int last = substr->plan.rank - 1;

  for (int64_t i = 0; i < n && substr->error == NULL; i++)
    {
      const GwString *text = gw_string_at (substr->inputs[0], offsets[0] + i * strides[0][last]);
      int64_t pos = gw_tensor_get_int (substr->inputs[1], offsets[1] + i * strides[1][last]);
      int64_t len = gw_tensor_get_int (substr->inputs[2], offsets[2] + i * strides[2][last]);
      size_t begin, end;

      if (find_part (text, substr->utf8, pos, len, &begin, &end))
        gw_string_set (gw_string_at (substr->output, out + i), text->data + begin, end - begin);
      else
        {
          g_autofree char *quoted = gw_string_quote (text);

          gw_invalid (&substr->error, "pos %" G_GINT64_FORMAT " out of range for string %s at index %" G_GINT64_FORMAT, pos,
                      quoted, out + i);
        }
    }
}

static const GwOpDef substr_op;

static gboolean
substr_cpu (GwKernelContext *context,
            GError         **error)
{
  Substr substr = { .inputs = context->inputs, .utf8 = strcmp (context->attrs[SUBSTR_UNIT].s, "UTF8_CHAR") == 0 };
  const GwShape *operands[3];

  if (!gw_array_prepare (context, &substr_op, error))
    return FALSE;
  for (int i = 0; i < 3; i++)
    operands[i] = &context->inputs[i]->shape;
  substr.output = context->outputs[0];
  gw_broadcast_init (&substr.plan, &substr.output->shape, 3, operands);
  gw_broadcast_run (&substr.plan, 0, substr.output->elements, substr_run, &substr);
  if (substr.error == NULL)
    return TRUE;
  g_propagate_error (error, substr.error);
  return FALSE;
}

static const GwOpDef substr_op = {
  .name = "Substr", .since = 1, .title = "Part of texts", .category = "strings/Text",
  .summary = "Cuts a part out of each text.",
  .doc = "From position `pos` on, at most `len` bytes or characters; what lies behind the end is left out. A negative `pos` counts "
         "from the end of the text. `pos` and `len` have one shape, which broadcasts with that of the texts; a position outside of "
         "its text is an error.",
  .inputs = GW_PORTS (TEXTS_IN, { "pos", "T", "Where each part begins.", .literal = "0" },
                      { "len", "T", "How long each may be.", .literal = "1" }),
  .outputs = GW_PORTS ({ "output", "string", "The parts." }),
  .attrs = GW_ATTRS (
    [SUBSTR_T] = { "T", GW_ATTR_DTYPE, .choices = GW_INDEX_TYPES, .label = "Index type",
                   .help = "Type of the positions; follows from what is wired.",
                   .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN },
    [SUBSTR_UNIT] = GW_STRING_UNIT),
  .shape_rule = "input, pos and len broadcast against each other",
  .flags = GW_OP_NO_GRADIENT, .shape = substr_shape, .cpu = substr_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[\"tensor\", \"graph\"]", "1", "3"), NULL, GW_TEXTS ("[\"ens\", \"rap\"]") },
    { GW_TEXTS ("[\"tensor\", \"graph\"]", "[-2, 0]", "[9, 2]"), NULL, GW_TEXTS ("[\"or\", \"gr\"]") }),
  .tell = GW_TEXTS ("unit"),
};

const GwOpDef *const gw_ops_string_text[] = {
  &strip_op, &lower_op, &upper_op, &length_op, &substr_op, NULL,
};
