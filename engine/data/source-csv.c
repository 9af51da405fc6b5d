/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of text. The kind of a column follows from all its fields: integers
 * become int64, numbers float32 with NaN where one is missing, and anything else
 * ids of a vocabulary in order of first appearance. */
#include "engine/data/source.h"

#include "engine/base/error.h"
#include "engine/files/csv.h"

#include <math.h>
#include <string.h>

enum { PATH, TEST_PATH, DELIMITER, HEADER };

#define ROWS_TO_DESCRIBE 1000

static const GwAttrDef csv_attrs[] = {
  { "path", GW_ATTR_FILE, .label = "File", .help = "A table, plain or gzip.", .flags = GW_ATTR_REQUIRED },
  { "test_path", GW_ATTR_FILE, .label = "Test file",
    .help = "With the same columns. Left empty, a part of the rows is set apart for tests." },
  { "delimiter", GW_ATTR_CHOICE, "auto", .choices = GW_CHOICES ("auto", "comma", "semicolon", "tab", "bar"),
    .label = "Delimiter" },
  { "header", GW_ATTR_CHOICE, "auto", .choices = GW_CHOICES ("auto", "yes", "no"), .label = "Header",
    .help = "Whether the first row holds the names of the columns." },
  { NULL }
};

static GwCsvOptions
options_of (const GwAttrValue *attrs)
{
  static const struct { const char *name; char delimiter; } delimiters[] = {
    { "comma", ',' }, { "semicolon", ';' }, { "tab", '\t' }, { "bar", '|' },
  };
  GwCsvOptions options = { 0, GW_CSV_HEADER_DETECT };

  for (gsize i = 0; i < G_N_ELEMENTS (delimiters); i++)
    if (g_strcmp0 (attrs[DELIMITER].s, delimiters[i].name) == 0)
      options.delimiter = delimiters[i].delimiter;
  if (g_strcmp0 (attrs[HEADER].s, "auto") != 0)
    options.header = g_strcmp0 (attrs[HEADER].s, "yes") == 0 ? GW_CSV_HEADER_YES : GW_CSV_HEADER_NO;
  return options;
}

/* Words and their ids while a column is encoded. */
typedef struct {
  GHashTable *ids;   /* word → id + 1; the words belong to `words` */
  GPtrArray  *words;
  gboolean    open;  /* takes new words */
} Vocabulary;

static void
vocabulary_init (Vocabulary   *vocabulary,
                 char *const  *words)
{
  vocabulary->ids = g_hash_table_new (g_str_hash, g_str_equal);
  vocabulary->words = g_ptr_array_new_with_free_func (g_free);
  vocabulary->open = words == NULL;
  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    {
      char *word = g_strdup (words[i]);

      g_ptr_array_add (vocabulary->words, word);
      g_hash_table_insert (vocabulary->ids, word, GUINT_TO_POINTER (i + 1));
    }
}

static int32_t
vocabulary_id (Vocabulary *vocabulary,
               const char *text)
{
  guint id = GPOINTER_TO_UINT (g_hash_table_lookup (vocabulary->ids, text));

  if (id == 0 && vocabulary->open)
    {
      char *word = g_strdup (text);

      g_ptr_array_add (vocabulary->words, word);
      id = vocabulary->words->len;
      g_hash_table_insert (vocabulary->ids, word, GUINT_TO_POINTER (id));
    }
  return (int32_t) id - 1;
}

/* Frees it; returns the words. */
static char **
vocabulary_finish (Vocabulary *vocabulary)
{
  g_hash_table_unref (vocabulary->ids);
  g_ptr_array_add (vocabulary->words, NULL);
  g_ptr_array_set_free_func (vocabulary->words, NULL);
  return (char **) g_ptr_array_free (vocabulary->words, FALSE);
}

static gboolean
add_text (GwTable          *table,
          const GwCsvTable *csv,
          int               column,
          char *const      *known_words,
          GError          **error)
{
  GwTensor *ids = gw_tensor_new (GW_INT32, &GW_SHAPE (table->n_rows), error);
  Vocabulary vocabulary;
  int64_t n_missing = 0;

  if (ids == NULL)
    return FALSE;
  vocabulary_init (&vocabulary, known_words);
  for (int64_t row = 0; row < table->n_rows; row++)
    {
      const char *text = gw_csv_table_text (csv, row, column);
      int32_t id = gw_csv_is_missing (text) ? -1 : vocabulary_id (&vocabulary, text);

      GW_TENSOR_DATA (ids, int32_t)[row] = id;
      n_missing += id < 0;
    }
  gw_table_add (table, gw_csv_table_column_name (csv, column), ids, vocabulary_finish (&vocabulary), n_missing);
  return TRUE;
}

static gboolean
add_numbers (GwTable          *table,
             const GwCsvTable *csv,
             int               column,
             GwDType           dtype,
             GError          **error)
{
  GwTensor *numbers = gw_csv_table_column (csv, column, dtype, error);
  int64_t n_missing = 0;

  if (numbers == NULL)
    return FALSE;
  for (int64_t row = 0; dtype == GW_FLOAT32 && row < table->n_rows; row++)
    n_missing += isnan (GW_TENSOR_DATA (numbers, float)[row]);
  gw_table_add (table, gw_csv_table_column_name (csv, column), numbers, NULL, n_missing);
  return TRUE;
}

static GwDType
dtype_of (const GwCsvTable *csv,
          int               column)
{
  GwCsvKind kind = gw_csv_table_column_kind (csv, column);

  return kind == GW_CSV_INTEGER ? GW_INT64 : kind == GW_CSV_NUMBER ? GW_FLOAT32 : GW_INT32;
}

/* A test file must have the training file's columns; it takes their types and
 * vocabularies. */
static gboolean
add_like (GwTable             *table,
          const GwCsvTable    *csv,
          const char          *path,
          const GwTableColumn *model,
          GError             **error)
{
  int column = gw_csv_table_find_column (csv, model->name);

  if (column < 0)
    return gw_invalid (error, "%s has no column “%s”, which the training file has", path, model->name);
  if (model->classes != NULL)
    return add_text (table, csv, column, model->classes, error);
  return add_numbers (table, csv, column, model->tensor->dtype, error);
}

static GwTable *
encode (const GwCsvTable *csv,
        const char       *path,
        const GwTable    *train,
        GError          **error)
{
  g_autoptr (GwTable) table = gw_table_new (gw_csv_table_n_rows (csv));
  int n = train != NULL ? train->n_columns : gw_csv_table_n_columns (csv);
  gboolean ok = TRUE;

  for (int i = 0; ok && i < n; i++)
    if (train != NULL)
      ok = add_like (table, csv, path, &train->columns[i], error);
    else if (gw_csv_table_column_kind (csv, i) == GW_CSV_TEXT)
      ok = add_text (table, csv, i, NULL, error);
    else
      ok = add_numbers (table, csv, i, dtype_of (csv, i), error);
  return ok ? g_steal_pointer (&table) : NULL;
}

static GwTable *
csv_open (const GwAttrValue *attrs,
          GwSplit            split,
          const GwTable     *train,
          GError           **error)
{
  GwCsvOptions options = options_of (attrs);
  const char *path = attrs[split == GW_SPLIT_TEST ? TEST_PATH : PATH].s;
  g_autoptr (GwCsvTable) csv = gw_csv_load (path, &options, error);

  if (csv == NULL)
    return NULL;
  if (gw_csv_table_n_rows (csv) == 0)
    {
      gw_invalid (error, "%s has no rows", path);
      return NULL;
    }
  return encode (csv, path, train, error);
}

static GArray *
csv_columns (const GwAttrValue *attrs,
             GError           **error)
{
  GwCsvOptions options = options_of (attrs);
  g_autoptr (GwCsvReader) reader = gw_csv_reader_open (attrs[PATH].s, &options, error);
  g_autoptr (GwCsvTable) csv = reader != NULL ? gw_csv_table_read (reader, ROWS_TO_DESCRIBE, error) : NULL;
  GArray *infos;

  if (csv == NULL)
    return NULL;
  infos = gw_column_infos_new ();
  for (int i = 0; i < gw_csv_table_n_columns (csv); i++)
    gw_column_infos_add (infos, gw_csv_table_column_name (csv, i), dtype_of (csv, i), &GW_SHAPE_SCALAR, 0);
  return infos;
}

static gboolean
csv_has_test (const GwAttrValue *attrs)
{
  return attrs[TEST_PATH].s != NULL && *attrs[TEST_PATH].s != '\0';
}

const GwSourceDef gw_source_csv = {
  .name = "csv",
  .title = "Table (CSV)",
  .summary = "A file of rows and columns; texts become numbered words.",
  .attrs = csv_attrs,
  .columns = csv_columns,
  .has_test = csv_has_test,
  .open = csv_open,
};
