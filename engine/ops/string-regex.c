/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions: matching and replacing. */
#include "engine/base/error.h"
#include "engine/base/regex.h"
#include "engine/graph/shape-rules.h"
#include "engine/ops/families.h"
#include "engine/ops/strings-common.h"

#include <string.h>

static const char regex_doc[] =
  "The syntax is RE2's: [abc], \\d, \\w, \\s (of ASCII), groups, alternatives, repetitions with ? for the shortest, (?i) to "
  "ignore case; no back references and no looking ahead.";

/* ---- matching ---- */

static gboolean
match_one (const GwString *in,
           void           *data,
           GwTensor       *output,
           int64_t         index,
           GError        **error)
{
  gboolean matches;

  if (!gw_regex_match (data, in->length > 0 ? in->data : "", in->length, &matches, error))
    return FALSE;
  GW_TENSOR_DATA (output, uint8_t)[index] = matches != FALSE;
  return TRUE;
}

static gboolean
run_match (GwKernelContext *context,
           const char      *pattern,
           size_t           length,
           GError         **error)
{
  g_autoptr (GwRegex) regex = gw_regex_new (pattern, length, TRUE, error);

  return regex != NULL && gw_string_map (context, match_one, regex, error);
}

/* A scalar text input, never NULL. */
static gboolean
read_scalar (GwKernelContext *context,
             int              input,
             const char      *name,
             GwString        *text,
             GError         **error)
{
  const GwTensor *tensor = context->inputs[input];

  if (tensor->shape.rank != 0)
    return gw_invalid (error, "%s must be a scalar, but is rank %d", name, tensor->shape.rank);
  *text = *gw_string_at (tensor, 0);
  if (text->length == 0)
    text->data = (char *) "";
  return TRUE;
}

static gboolean
full_match_shape (GwShapeContext *context,
                  GError        **error)
{
  return gw_array_want_scalar (context, 1, error) && gw_shape_rule_same (context, error);
}

static gboolean
full_match_cpu (GwKernelContext *context,
                GError         **error)
{
  GwString pattern = { NULL };

  return read_scalar (context, 1, "pattern", &pattern, error) && run_match (context, pattern.data, pattern.length, error);
}

enum { MATCH_PATTERN };

static gboolean
static_match_cpu (GwKernelContext *context,
                  GError         **error)
{
  const char *pattern = context->attrs[MATCH_PATTERN].s;

  return run_match (context, pattern, strlen (pattern), error);
}

#define MATCH_OUT GW_PORTS ({ "output", "bool", "Whether each text matches, of the same shape." })
#define PATTERN_ATTR { "pattern", GW_ATTR_STRING, .label = "Pattern", .help = "A regular expression.", .flags = GW_ATTR_REQUIRED }

static const GwOpDef full_match_op = {
  .name = "RegexFullMatch", .since = 1, .title = "Match texts", .category = "strings/Text",
  .summary = "Whether a regular expression fits the whole of each text.", .doc = regex_doc,
  .inputs = GW_PORTS ({ "input", "string", "Texts, any shape." },
                      { "pattern", "string", "A regular expression.", .literal = "\".*\"" }),
  .outputs = MATCH_OUT,
  .shape_rule = "the input's",
  .flags = GW_OP_NO_GRADIENT, .shape = full_match_shape, .cpu = full_match_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[\"a1\", \"b22\", \"c\"]", "\"[a-z][0-9]+\""), NULL,
                             GW_TEXTS ("[true, true, false]") }),
};

static const GwOpDef static_match_op = {
  .name = "StaticRegexFullMatch", .since = 1, .title = "Match texts, fixed pattern", .category = "strings/Text",
  .summary = "Whether a regular expression, given as an attribute, fits the whole of each text.", .doc = regex_doc,
  .inputs = GW_PORTS ({ "input", "string", "Texts, any shape." }), .outputs = MATCH_OUT,
  .attrs = GW_ATTRS ([MATCH_PATTERN] = PATTERN_ATTR),
  .flags = GW_OP_NO_GRADIENT | GW_OP_HIDDEN, .shape = gw_shape_rule_same, .cpu = static_match_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[\"a1\", \"c\"]"), "pattern=[a-z][0-9]+", GW_TEXTS ("[true, false]") }),
};

/* ---- replacing ---- */

typedef struct {
  const GwRegex *regex;
  GwString       rewrite;
  gboolean       all;
} Replace;

static gboolean
replace_one (const GwString *in,
             void           *data,
             GwTensor       *output,
             int64_t         index,
             GError        **error)
{
  const Replace *replace = data;
  g_autoptr (GString) text = g_string_new (NULL);

  if (!gw_regex_replace (replace->regex, in->length > 0 ? in->data : "", in->length, replace->rewrite.data,
                         replace->rewrite.length, replace->all, text, error))
    return FALSE;
  gw_string_set (gw_string_at (output, index), text->str, text->len);
  return TRUE;
}

static gboolean
run_replace (GwKernelContext *context,
             const GwString  *pattern,
             Replace         *replace,
             GError         **error)
{
  g_autoptr (GwRegex) regex = gw_regex_new (pattern->data, pattern->length, FALSE, error);

  replace->regex = regex;
  return regex != NULL && gw_string_map (context, replace_one, replace, error);
}

static gboolean
replace_shape (GwShapeContext *context,
               GError        **error)
{
  return gw_array_want_scalar (context, 1, error) && gw_array_want_scalar (context, 2, error) &&
         gw_shape_rule_same (context, error);
}

enum { REPLACE_GLOBAL };

static gboolean
replace_cpu (GwKernelContext *context,
             GError         **error)
{
  Replace replace = { .all = context->attrs[REPLACE_GLOBAL].b };
  GwString pattern = { NULL };

  return read_scalar (context, 1, "pattern", &pattern, error) &&
         read_scalar (context, 2, "rewrite", &replace.rewrite, error) && run_replace (context, &pattern, &replace, error);
}

enum { STATIC_PATTERN, STATIC_REWRITE, STATIC_GLOBAL };

static gboolean
static_replace_cpu (GwKernelContext *context,
                    GError         **error)
{
  GwString pattern = { context->attrs[STATIC_PATTERN].s, strlen (context->attrs[STATIC_PATTERN].s) };
  Replace replace = { .rewrite = { context->attrs[STATIC_REWRITE].s, strlen (context->attrs[STATIC_REWRITE].s) },
                      .all = context->attrs[STATIC_GLOBAL].b };

  return run_replace (context, &pattern, &replace, error);
}

#define GLOBAL_ATTR                                                                             \
  { "replace_global", GW_ATTR_BOOL, .def = "true", .label = "All matches",                      \
    .help = "Off: only the first match of each text is replaced." }
#define REPLACE_OUT GW_PORTS ({ "output", "string", "The changed texts, of the same shape." })

static const GwOpDef replace_op = {
  .name = "RegexReplace", .since = 1, .title = "Replace in texts", .category = "strings/Text",
  .summary = "Replaces what a regular expression fits in each text.",
  .doc = "In `rewrite` \\0 stands for the match, \\1 to \\9 for its groups and \\\\ for a backslash. The syntax of the pattern "
         "is RE2's: [abc], \\d, \\w, \\s (of ASCII), groups, alternatives, repetitions with ? for the shortest, (?i) to ignore "
         "case; no back references and no looking ahead.",
  .inputs = GW_PORTS ({ "input", "string", "Texts, any shape." }, { "pattern", "string", "A regular expression." },
                      { "rewrite", "string", "What comes in place of a match.", .literal = "\"\"" }),
  .outputs = REPLACE_OUT,
  .attrs = GW_ATTRS ([REPLACE_GLOBAL] = GLOBAL_ATTR),
  .shape_rule = "the input's",
  .flags = GW_OP_NO_GRADIENT, .shape = replace_shape, .cpu = replace_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[\"Hello big world\"]", "\"[aeiou]\"", "\"_\""), NULL,
                             GW_TEXTS ("[\"H_ll_ b_g w_rld\"]") }),
};

static const GwOpDef static_replace_op = {
  .name = "StaticRegexReplace", .since = 1, .title = "Replace in texts, fixed pattern", .category = "strings/Text",
  .summary = "Replaces what a regular expression, given as an attribute, fits in each text.", .doc = regex_doc,
  .inputs = GW_PORTS ({ "input", "string", "Texts, any shape." }), .outputs = REPLACE_OUT,
  .attrs = GW_ATTRS ([STATIC_PATTERN] = PATTERN_ATTR,
                     [STATIC_REWRITE] = { "rewrite", GW_ATTR_STRING, .label = "Replacement",
                                          .help = "What comes in place of a match.", .flags = GW_ATTR_REQUIRED },
                     [STATIC_GLOBAL] = GLOBAL_ATTR),
  .flags = GW_OP_NO_GRADIENT | GW_OP_HIDDEN, .shape = gw_shape_rule_same, .cpu = static_replace_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[\"banana\"]"), "pattern=a rewrite=o replace_global=false", GW_TEXTS ("[\"bonana\"]") }),
};

const GwOpDef *const gw_ops_string_regex[] = { &full_match_op, &static_match_op, &replace_op, &static_replace_op, NULL };
