/* SPDX-License-Identifier: Apache-2.0 */
/* From text to numbers and back: texts taken apart into tokens of one length, and vocabularies
 * that number them, built as lookup_ops.py builds them. */
#include "engine/base/error.h"
#include "engine/document/composites.h"
#include "engine/document/lower.h"
#include "engine/document/parts.h"

/* ---- vocabularies ---- */

typedef struct {
  GwExpandContext   *context;
  GwBuilder         *b;
  const GwAttrValue *words;
  const char        *file;       /* "" = the words stand in the attribute */
  gboolean           to_words;   /* numbers are the keys */
  GwOutput           table;
  GwNode            *filled;
} Vocabulary;

/* 0, 1, …: int64. */
static GwOutput
numbers (GwBuilder *b,
         int        n)
{
  GwTensor *tensor = gw_tensor_new (GW_INT64, &GW_SHAPE (n), &b->error);

  for (int i = 0; tensor != NULL && i < n; i++)
    GW_TENSOR_DATA (tensor, int64_t)[i] = i;
  return tensor != NULL ? gw_const (b, tensor) : GW_NO_OUTPUT;
}

static GwOutput
text_scalar (GwBuilder  *b,
             const char *text)
{
  return gw_const (b, gw_tensor_new_string (text));
}

/* The table and the node that fills it; filling it in every step costs a look, not a copy. */
static void
add_table (Vocabulary *v)
{
  GwBuilder *b = v->b;
  GwAttrSetting key = { "key_dtype", gw_attr_dtype (v->to_words ? GW_INT64 : GW_STRING) };
  GwAttrSetting value = { "value_dtype", gw_attr_dtype (v->to_words ? GW_STRING : GW_INT64) };

  v->table = gw_output_of (gw_node_new (b, "HashTableV2", "table", GW_NO_IN, GW_WITH (key, value)), 0);
  if (*v->file != '\0')
    v->filled = gw_node_new (b, "InitializeTableFromTextFileV2", NULL, GW_IN (v->table, text_scalar (b, v->file)),
                             GW_WITH ({ "key_index", gw_attr_int (v->to_words ? -1 : -2) },
                                      { "value_index", gw_attr_int (v->to_words ? -2 : -1) }));
  else
    {
      GwOutput words = gw_const (b, gw_tensor_new_strings (v->words->list.n, (const char *const *) v->words->list.s));
      GwOutput ids = numbers (b, v->words->list.n);

      v->filled = gw_node_new (b, "InitializeTableV2", NULL, GW_IN (v->table, v->to_words ? ids : words, v->to_words ? words : ids),
                               NULL);
    }
}

static gboolean
begin (Vocabulary      *v,
       GwExpandContext *context,
       gboolean         to_words)
{
  const char *file = gw_expand_attr (context, "file")->s;

  *v = (Vocabulary) { context, context->builder, gw_expand_attr (context, "words"), file != NULL ? file : "", to_words };
  if (*v->file == '\0' && v->words->list.n == 0)
    gw_builder_fail (v->b, GW_ERROR_INVALID_ARGUMENT, "there are no words: give some in `words`, or a file with one a line");
  else if (*v->file != '\0' && v->words->list.n > 0)
    gw_builder_fail (v->b, GW_ERROR_INVALID_ARGUMENT, "`words` and `file` both give a vocabulary: empty one of them");
  if (v->b->error == NULL)
    add_table (v);
  return v->b->error == NULL;
}

static GwOutput
look_up (const Vocabulary *v,
         GwOutput          keys,
         GwOutput          otherwise)
{
  GwNode *find = gw_node_new (v->b, "LookupTableFindV2", NULL, GW_IN (v->table, keys, otherwise), NULL);

  if (find != NULL)
    gw_graph_add_control (find, v->filled);
  return gw_output_of (find, 0);
}

/* Words that it does not hold get one of `n` numbers behind the others, by their hash:
 * IdTableWithHashBuckets. */
static GwOutput
use_buckets (const Vocabulary *v,
             GwOutput          words,
             GwOutput          ids,
             int64_t           n)
{
  GwBuilder *b = v->b;
  GwOutput unknown = gw_const_scalar (b, GW_INT64, -1), size;
  GwOutput bucket = gw_op (b, "StringToHashBucketFast", GW_IN (words), GW_WITH ({ "num_buckets", gw_attr_int (n) }));

  if (*v->file == '\0')
    size = gw_const_scalar (b, GW_INT64, v->words->list.n);
  else
    {
      GwNode *node = gw_node_new (b, "LookupTableSizeV2", NULL, GW_IN (v->table), NULL);

      if (node != NULL)
        gw_graph_add_control (node, v->filled);
      size = gw_output_of (node, 0);
    }
  return gw_op3 (b, "SelectV2", gw_op2 (b, "NotEqual", ids, unknown), ids, gw_op2 (b, "AddV2", bucket, size));
}

static void
vocabulary_expand (GwExpandContext *context)
{
  int64_t buckets = gw_expand_attr (context, "num_oov_buckets")->i;
  int64_t otherwise = gw_expand_attr (context, "default_value")->i;
  Vocabulary v;
  GwOutput ids;

  if (!begin (&v, context, FALSE))
    return;
  ids = look_up (&v, context->inputs[0], gw_const_scalar (v.b, GW_INT64, buckets > 0 ? -1 : (double) otherwise));
  context->outputs[0] = buckets > 0 ? use_buckets (&v, context->inputs[0], ids, buckets) : ids;
}

static void
words_expand (GwExpandContext *context)
{
  const char *unknown = gw_expand_attr (context, "default_value")->s;
  Vocabulary v;

  if (begin (&v, context, TRUE))
    context->outputs[0] = look_up (&v, gw_part_cast (v.b, context->inputs[0], GW_INT64), text_scalar (v.b, unknown != NULL ? unknown : ""));
}

/* ---- tokens ---- */

/* Parts that stand before place `length` of their row. */
static void
cut_rows (GwBuilder *b,
          int64_t    length,
          GwOutput  *indices,
          GwOutput  *values)
{
  GwOutput zero = gw_const_scalar (b, GW_INT32, 0), one = gw_const_scalar (b, GW_INT32, 1);
  GwOutput place = gw_op3 (b, "GatherV2", *indices, one, one);
  GwOutput kept = gw_op1 (b, "Where", gw_op2 (b, "Less", place, gw_const_scalar (b, GW_INT64, (double) length)));

  kept = gw_op2 (b, "Reshape", kept, GW_INTS (b, -1));
  *indices = gw_op3 (b, "GatherV2", *indices, kept, zero);
  *values = gw_op3 (b, "GatherV2", *values, kept, zero);
}

/* How many parts each row has. */
static GwOutput
count_rows (GwBuilder *b,
            GwOutput   indices,
            GwOutput   n_rows)
{
  GwOutput row = gw_op3 (b, "GatherV2", indices, gw_const_scalar (b, GW_INT32, 0), gw_const_scalar (b, GW_INT32, 1));

  return gw_op3 (b, "UnsortedSegmentSum", gw_op1 (b, "OnesLike", gw_part_cast (b, row, GW_INT32)), row, n_rows);
}

/* Words: the rows' parts, and in `sizes` how far they go. */
static void
split_words (GwExpandContext *context,
             int64_t          length,
             GwOutput        *indices,
             GwOutput        *values,
             GwOutput        *sizes)
{
  GwBuilder *b = context->builder;
  const char *separator = gw_expand_attr (context, "separator")->s;
  GwNode *parts = gw_node_new (b, "StringSplitV2", NULL,
                               GW_IN (context->inputs[0], text_scalar (b, separator != NULL ? separator : "")), NULL);

  *indices = gw_output_of (parts, 0);
  *values = gw_output_of (parts, 1);
  *sizes = gw_output_of (parts, 2);
  if (length > 0)
    cut_rows (b, length, indices, values);
}

/* Characters of UTF-8, whatever bytes each takes: one part of one character for each place
 * that a row has. */
static void
split_characters (GwExpandContext *context,
                  int64_t          length,
                  GwOutput        *indices,
                  GwOutput        *values,
                  GwOutput        *sizes)
{
  GwBuilder *b = context->builder;
  const GwAttrSetting unit[] = { { "unit", gw_attr_string ("UTF8_CHAR") }, { NULL } };
  GwOutput zero = gw_const_scalar (b, GW_INT32, 0), one = gw_const_scalar (b, GW_INT32, 1);
  GwOutput n = gw_op (b, "StringLength", GW_IN (context->inputs[0]), unit);
  GwOutput most = length > 0 ? gw_const_scalar (b, GW_INT32, (double) length)
                             : gw_op2 (b, "Maximum", gw_op2 (b, "Max", n, GW_INTS (b, 0)), zero);
  GwOutput places = gw_op2 (b, "ExpandDims", gw_op3 (b, "Range", zero, most, one), zero);
  GwOutput taken = gw_op2 (b, "Less", places, gw_op2 (b, "ExpandDims", n, one)), row, place;

  *indices = gw_op1 (b, "Where", taken);
  row = gw_op3 (b, "GatherV2", *indices, zero, one);
  place = gw_op3 (b, "GatherV2", *indices, one, one);
  *values = gw_op (b, "Substr", GW_IN (gw_op3 (b, "GatherV2", context->inputs[0], row, zero), place, gw_op1 (b, "OnesLike", place)),
                   unit);
  *sizes = gw_part_cast (b, gw_op (b, "Pack", GW_IN (gw_op1 (b, "Size", context->inputs[0]), most), NULL), GW_INT64);
}

static void
tokens_expand (GwExpandContext *context)
{
  GwBuilder *b = context->builder;
  int64_t length = gw_expand_attr (context, "length")->i;
  const char *padding = gw_expand_attr (context, "padding")->s;
  const GwShape *shape = gw_output_shape (context->inputs[0]);
  g_autofree char *text = gw_shape_to_string (shape);
  GwOutput indices, values, sizes, n_rows;

  if (shape->rank >= 0 && shape->rank != 1)
    {
      gw_builder_fail (b, GW_ERROR_INVALID_ARGUMENT, "texts must be a vector, one text an example, but its shape is %s", text);
      return;
    }
  if (g_str_equal (gw_expand_attr (context, "into")->s, "characters"))
    split_characters (context, length, &indices, &values, &sizes);
  else
    split_words (context, length, &indices, &values, &sizes);
  n_rows = gw_op1 (b, "Size", context->inputs[0]);
  if (length > 0)
    sizes = gw_op (b, "Pack", GW_IN (gw_part_cast (b, n_rows, GW_INT64), gw_const_scalar (b, GW_INT64, (double) length)), NULL);
  context->outputs[0] = gw_op (b, "SparseToDense", GW_IN (indices, sizes, values, text_scalar (b, padding != NULL ? padding : "")), NULL);
  context->outputs[1] = count_rows (b, indices, n_rows);
}

/* ---- descriptions ---- */

#define VOCABULARY_ATTRS \
  { "words", GW_ATTR_STRINGS, .max = G_MAXINT32, .label = "Words", .help = "The vocabulary: the first word is number 0." }, \
  { "file", GW_ATTR_FILE, .label = "File", .help = "A text file with one word a line, instead of `words`. Relative to the document's folder." }

static const GwOpDef vocabulary_op = {
  .name = "Vocabulary", .since = 1, .title = "Vocabulary", .category = "strings/Tables",
  .summary = "The numbers of words in a vocabulary.",
  .doc = "A table gives each word its place in the vocabulary, from 0: what an Embedding takes. Words that it does not hold get "
         "`default_value`, or, with `num_oov_buckets`, one of as many numbers behind the vocabulary's, always the same one for "
         "the same word. The Embedding's `input_dim` is then the number of words and buckets. VocabularyWords goes the other way.",
  .inputs = GW_PORTS ({ "words", "string", "Words, of any shape." }),
  .outputs = GW_PORTS ({ "ids", "int64", "The number of each word." }),
  .attrs = GW_ATTRS (VOCABULARY_ATTRS,
                     { "num_oov_buckets", GW_ATTR_INT, .def = "0", .min = 0, .max = G_MAXINT32, .ui_max = 1000, .label = "Buckets",
                       .help = "How many numbers there are for words that the vocabulary does not hold; 0: default_value." },
                     { "default_value", GW_ATTR_INT, .def = "-1", .min = -1, .max = G_MAXINT32, .label = "Unknown words",
                       .help = "The number of a word that the vocabulary does not hold.", .visible_if = "num_oov_buckets=0" }),
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[\"b\", \"x\"]"), "words=[\"a\",\"b\"]", GW_TEXTS ("[1, -1]") }),
  .expand = vocabulary_expand, .tell = GW_TEXTS ("words", "file"),
};

static const GwOpDef words_op = {
  .name = "VocabularyWords", .since = 1, .title = "Words of a vocabulary", .category = "strings/Tables",
  .summary = "The words that numbers stand for in a vocabulary.",
  .doc = "The other way round of Vocabulary: what a model says, read again.",
  .inputs = GW_PORTS ({ "ids", "T", "Numbers, of any shape." }),
  .outputs = GW_PORTS ({ "words", "string", "The word of each number." }),
  .attrs = GW_ATTRS ({ "T", GW_ATTR_DTYPE, .def = "int64", .choices = GW_INDEX_TYPES, .flags = GW_ATTR_HIDDEN,
                       .help = "Follows from what is wired." },
                     VOCABULARY_ATTRS,
                     { "default_value", GW_ATTR_STRING, .def = "UNK", .label = "Unknown numbers",
                       .help = "The word for a number that is none of the vocabulary." }),
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1, 7]"), "words=[\"a\",\"b\"]", GW_TEXTS ("[\"b\", \"UNK\"]") }),
  .expand = words_expand, .tell = GW_TEXTS ("words", "file"),
};

static const GwOpDef tokens_op = {
  .name = "Tokens", .since = 1, .title = "Tokens", .category = "strings/Text",
  .summary = "Takes texts apart into words or characters, padded to one length.",
  .doc = "Rows of shorter texts are filled up with `padding`; `lengths` says how many tokens each has, for the layers that "
         "take sequence lengths. With `length` every row has as many places, and what does not fit is left out. Characters "
         "are those of UTF-8: an ä is one token, though it takes two bytes.",
  .inputs = GW_PORTS ({ "texts", "string", "A vector of texts." }),
  .outputs = GW_PORTS ({ "tokens", "string", "[texts, places]: the tokens." },
                       { "lengths", "int32", "How many tokens each text has." }),
  .attrs = GW_ATTRS ({ "into", GW_ATTR_CHOICE, .def = "words", .choices = GW_CHOICES ("words", "characters"), .label = "Into",
                       .help = "What a token is." },
                     { "separator", GW_ATTR_STRING, .def = "", .label = "Separator", .visible_if = "into=words",
                       .help = "What stands between words; empty: white space." },
                     { "length", GW_ATTR_INT, .def = "0", .min = 0, .max = G_MAXINT32, .ui_max = 1000, .label = "Length", .unit = "tokens",
                       .help = "Places a row has; 0: as many as the longest text of the batch." },
                     { "padding", GW_ATTR_STRING, .def = "", .label = "Padding", .help = "The token of an empty place." }),
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[\"a b\", \"c\"]"), NULL, GW_TEXTS ("[[\"a\", \"b\"], [\"c\", \"\"]]", "[2, 1]") },
                           { GW_TEXTS ("[\"hä\", \"c\"]"), "into=characters", GW_TEXTS ("[[\"h\", \"ä\"], [\"c\", \"\"]]", "[2, 1]") }),
  .expand = tokens_expand, .tell = GW_TEXTS ("into", "length"),
};

const GwOpDef *const gw_composites_text[] = { &vocabulary_op, &words_op, &tokens_op, NULL };
