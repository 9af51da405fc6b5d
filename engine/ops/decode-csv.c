/* SPDX-License-Identifier: Apache-2.0 */
/* Records of comma-separated values into columns (core/kernels/decode_csv_op.cc). */
#include "engine/base/error.h"
#include "engine/ops/families.h"
#include "engine/ops/strings-common.h"

#include <string.h>

enum { CSV_OUT_TYPE, CSV_FIELD_DELIM, CSV_USE_QUOTE_DELIM, CSV_NA_VALUE, CSV_SELECT_COLS };

static gboolean
check_columns (const GwAttrValue *attrs,
               GError           **error)
{
  const GwAttrValue *columns = &attrs[CSV_SELECT_COLS];

  if (strlen (attrs[CSV_FIELD_DELIM].s) != 1)
    return gw_invalid (error, "field_delim should be only 1 char, not “%s”", attrs[CSV_FIELD_DELIM].s);
  if (columns->list.n != 0 && columns->list.n != attrs[CSV_OUT_TYPE].list.n)
    return gw_invalid (error, "select_cols should match output size: %d columns for %d outputs", columns->list.n,
                       attrs[CSV_OUT_TYPE].list.n);
  for (int i = 0; i < columns->list.n; i++)
    if (columns->list.i[i] < 0 || (i > 0 && columns->list.i[i] <= columns->list.i[i - 1]))
      return gw_invalid (error, "select_cols should be non-negative and strictly increasing indices");
  return TRUE;
}

static gboolean
csv_shape (GwShapeContext *context,
           GError        **error)
{
  if (!check_columns (context->attrs, error))
    return FALSE;
  for (int i = 1; i < context->n_inputs; i++)
    if (context->inputs[i].rank > 1 || (context->inputs[i].rank == 1 && context->inputs[i].dims[0] > 1))
      return gw_invalid (error, "record_defaults: There should only be 1 default per field, a scalar or a vector of at most one, "
                         "but field %d has another shape", i - 1);
  for (int i = 0; i < context->n_outputs; i++)
    context->outputs[i] = context->inputs[0];
  return TRUE;
}

/* ---- fields of a record ---- */

typedef struct {
  const GwAttrValue *attrs;
  const char        *text;
  size_t             length, at;
  GPtrArray         *fields;   /* of GString: those that are wanted */
  int64_t            n_read;
} Record;

static gboolean
is_wanted (const Record *record)
{
  const GwAttrValue *columns = &record->attrs[CSV_SELECT_COLS];

  return columns->list.n == 0 ||
         ((int) record->fields->len < columns->list.n && columns->list.i[record->fields->len] == record->n_read);
}

static gboolean
read_plain (Record   *record,
            GString  *field,
            GError  **error)
{
  gboolean quotes = record->attrs[CSV_USE_QUOTE_DELIM].b;

  for (; record->at < record->length && record->text[record->at] != *record->attrs[CSV_FIELD_DELIM].s; record->at++)
    {
      char c = record->text[record->at];

      if ((quotes && c == '"') || c == '\n' || c == '\r')
        return gw_invalid (error, "Unquoted fields cannot have quotes/CRLFs inside");
      g_string_append_c (field, c);
    }
  record->at++;
  return TRUE;
}

/* Behind the opening quote: up to one that the delimiter or the end follows. */
static gboolean
read_quoted (Record   *record,
             GString  *field,
             GError  **error)
{
  const char *text = record->text;
  char delimiter = *record->attrs[CSV_FIELD_DELIM].s;

  while (record->at + 1 < record->length && (text[record->at] != '"' || text[record->at + 1] != delimiter))
    {
      if (text[record->at] == '"' && text[record->at + 1] != '"')
        return gw_invalid (error, "Quote inside a string has to be escaped by another quote");
      g_string_append_c (field, text[record->at]);
      record->at += text[record->at] == '"' ? 2 : 1;
    }
  if (record->at >= record->length || text[record->at] != '"' ||
      (record->at + 1 < record->length && text[record->at + 1] != delimiter))
    return gw_invalid (error, "Quoted field has to end with quote followed by delim or end");
  record->at += 2;
  return TRUE;
}

static void
free_field (gpointer field)
{
  g_string_free (field, TRUE);
}

static gboolean
read_record (Record  *record,
             GError **error)
{
  const GwAttrValue *columns = &record->attrs[CSV_SELECT_COLS];

  g_ptr_array_set_size (record->fields, 0);
  record->at = 0;
  record->n_read = 0;
  while (record->at < record->length)
    {
      GString *field;
      gboolean wanted = is_wanted (record);
      gboolean ok;

      if (record->text[record->at] == '\n' || record->text[record->at] == '\r')
        {
          record->at++;
          continue;
        }
      field = g_string_new (NULL);
      if (record->attrs[CSV_USE_QUOTE_DELIM].b && record->text[record->at] == '"')
        {
          record->at++;
          ok = read_quoted (record, field, error);
        }
      else
        ok = read_plain (record, field, error);
      record->n_read++;
      if (ok && wanted)
        g_ptr_array_add (record->fields, field);
      else
        free_field (field);
      if (!ok)
        return FALSE;
      if (columns->list.n > 0 && (int) record->fields->len == columns->list.n)
        return TRUE;
    }
  if (record->length > 0 && record->text[record->length - 1] == *record->attrs[CSV_FIELD_DELIM].s && is_wanted (record))
    g_ptr_array_add (record->fields, g_string_new (NULL));
  return TRUE;
}

/* ---- columns ---- */

static gboolean
store_default (const GwTensor *value,
               GwTensor       *output,
               int64_t         index,
               int             field,
               GError        **error)
{
  size_t size = gw_dtype_size (output->dtype);

  if (value->elements != 1)
    return gw_invalid (error, "Field %d is required but missing in record %" G_GINT64_FORMAT "!", field, index);
  if (output->dtype == GW_STRING)
    gw_string_copy (gw_string_at (output, index), gw_string_at (value, 0));
  else
    memcpy ((char *) output->data + (size_t) index * size, value->data, size);
  return TRUE;
}

static gboolean
store_field (GwKernelContext *context,
             int              which,
             const GString   *field,
             int64_t          index,
             GError         **error)
{
  const char *na = context->attrs[CSV_NA_VALUE].s;
  GwTensor *output = context->outputs[which];
  GwString text = { field->str, field->len };
  g_autofree char *quoted = NULL;

  if (field->len == 0 || (field->len == strlen (na) && strcmp (field->str, na) == 0))
    return store_default (context->inputs[which + 1], output, index, which, error);
  if (output->dtype == GW_STRING)
    {
      gw_string_set (gw_string_at (output, index), field->str, field->len);
      return TRUE;
    }
  if (gw_string_to_number (field->str, field->len, output->dtype, output, index))
    return TRUE;
  quoted = gw_string_quote (&text);
  return gw_invalid (error, "Field %d in record %" G_GINT64_FORMAT " is not a valid %s: %s", which, index,
                     gw_dtype_name (output->dtype), quoted);
}

static gboolean
csv_cpu (GwKernelContext *context,
         GError         **error)
{
  const GwTensor *records = context->inputs[0];
  g_autoptr (GPtrArray) fields = g_ptr_array_new_with_free_func (free_field);
  Record record = { .attrs = context->attrs, .fields = fields };

  for (int i = 1; i < context->n_inputs; i++)
    if (context->inputs[i]->elements > 1 || context->inputs[i]->shape.rank > 1)
      return gw_invalid (error, "record_defaults: There should only be 1 default per field but field %d has %" G_GINT64_FORMAT,
                         i - 1, context->inputs[i]->elements);
  for (int64_t i = 0; i < records->elements; i++)
    {
      const GwString *text = gw_string_at (records, i);

      record.text = text->data;
      record.length = text->length;
      if (!read_record (&record, error))
        return FALSE;
      if ((int) fields->len != context->n_outputs)
        return gw_invalid (error, "records: Expect %d fields but have %u in record %" G_GINT64_FORMAT, context->n_outputs,
                           fields->len, i);
      for (int k = 0; k < context->n_outputs; k++)
        if (!store_field (context, k, g_ptr_array_index (fields, k), i, error))
          return FALSE;
    }
  return TRUE;
}

static const GwOpDef csv_op = {
  .name = "DecodeCSV", .since = 1, .title = "Decode CSV", .category = "strings/Decoding",
  .summary = "Splits records of comma-separated values into a tensor for each column.",
  .doc = "Each record is one line; `record_defaults` has a tensor for each column, which gives its type and, if it holds a value, "
         "what stands for an empty field. A field may stand in quotes, a quote within it is doubled.",
  .inputs = GW_PORTS ({ "records", "string", "Lines, any shape." },
                      { "record_defaults", "OUT_TYPE",
                        "For each column a scalar or a vector of one: its default; an empty vector = the field must be there." }),
  .outputs = GW_PORTS ({ "output", "OUT_TYPE", "The columns, each of the shape of records." }),
  .attrs = GW_ATTRS (
    [CSV_OUT_TYPE] = { "OUT_TYPE", GW_ATTR_DTYPES, .choices = GW_CHOICES ("float32", "float64", "int32", "int64", "string"),
                       .min = 1, .max = -1, .label = "Types", .help = "Of the columns; follow from the defaults.",
                       .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN },
    [CSV_FIELD_DELIM] = { "field_delim", GW_ATTR_STRING, .def = ",", .label = "Delimiter", .help = "One character between fields." },
    [CSV_USE_QUOTE_DELIM] = { "use_quote_delim", GW_ATTR_BOOL, .def = "true", .label = "Quotes",
                              .help = "Off: a quote is a character like others." },
    [CSV_NA_VALUE] = { "na_value", GW_ATTR_STRING, .def = "", .label = "Missing", .help = "A further text that stands for a missing value." },
    [CSV_SELECT_COLS] = { "select_cols", GW_ATTR_INTS, .label = "Columns", .help = "Numbers of the wanted columns, rising; empty = all." }),
  .shape_rule = "each output has the shape of records",
  .flags = GW_OP_NO_GRADIENT, .shape = csv_shape, .cpu = csv_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[\"1,2.5,x\", \"7,,y\"]", "int32 [0]", "float32 [9.5]", "[\"\"]"), "OUT_TYPE=[int32,float32,string]",
      GW_TEXTS ("int32 [1, 7]", "float32 [2.5, 9.5]", "[\"x\", \"y\"]") }),
  .tell = GW_TEXTS ("field_delim"),
};

const GwOpDef *const gw_ops_decode_csv[] = { &csv_op, NULL };
