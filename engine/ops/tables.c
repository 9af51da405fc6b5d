/* SPDX-License-Identifier: Apache-2.0 */
/* Lookup tables: vocabularies, from words to numbers and back. A table's handle leads to a
 * variable of the session that holds keys and values (table-store.h). */
#include "engine/base/error.h"
#include "engine/graph/shape-rules.h"
#include "engine/ops/families.h"
#include "engine/ops/strings-common.h"
#include "engine/ops/table-store.h"
#include "engine/ops/tables-file.h"

#include <string.h>

#define KEY_TYPES GW_CHOICES ("string", "int64", "int32")
#define VALUE_TYPES GW_CHOICES ("string", "int64", "int32", "float32", "float64", "bool")
#define LOOKUP_GRAIN 256

/* ---- shapes ---- */

static gboolean
want_table (GwShapeContext *context,
            GError        **error)
{
  const GwNode *table = context->node != NULL ? gw_output_variable (context->node->inputs[0]) : NULL;

  if (!gw_array_want_scalar (context, 0, error))
    return FALSE;
  if (context->node != NULL && (table == NULL || gw_variable_node_dtype (table) != GW_VARIANT))
    return gw_invalid (error, "table_handle must be the handle of a table (HashTableV2 or MutableHashTableV2)");
  return TRUE;
}

static gboolean
find_shape (GwShapeContext *context,
            GError        **error)
{
  context->outputs[0] = context->inputs[1];
  return want_table (context, error) && gw_array_want_scalar (context, 2, error);
}

static gboolean
put_shape (GwShapeContext *context,
           GError        **error)
{
  GwShape merged;

  return want_table (context, error) &&
         gw_array_merge (&context->inputs[1], &context->inputs[2], "keys and values", &merged, error);
}

static gboolean
initialize_shape (GwShapeContext *context,
                  GError        **error)
{
  return put_shape (context, error) && gw_array_want_vector (context, 1, error);
}

static gboolean
text_file_shape (GwShapeContext *context,
                 GError        **error)
{
  return want_table (context, error) && gw_array_want_scalar (context, 1, error);
}

static gboolean
size_shape (GwShapeContext *context,
            GError        **error)
{
  context->outputs[0] = GW_SHAPE_SCALAR;
  return want_table (context, error);
}

static gboolean
export_shape (GwShapeContext *context,
              GError        **error)
{
  context->outputs[0] = context->outputs[1] = GW_SHAPE (GW_DIM_UNKNOWN);
  return want_table (context, error);
}

/* ---- what kernels check ---- */

static gboolean
check_type (const char *what,
            GwDType     want,
            GwDType     got,
            GError    **error)
{
  return want == got || gw_invalid (error, "the table's %s are %s, and %s are given", what, gw_dtype_name (want), gw_dtype_name (got));
}

static gboolean
check_types (const GwKernelContext *context,
             GwDType                keys,
             GwDType                values,
             GError               **error)
{
  const GwVariable *table = context->variables[0];

  if (table == NULL || table->tensor->dtype != GW_VARIANT)
    return gw_invalid (error, "table_handle is no table");
  return check_type ("keys", table->key_dtype, keys, error) && check_type ("values", table->value_dtype, values, error);
}

static gboolean
check_pairs (const GwKernelContext *context,
             GError               **error)
{
  const GwTensor *keys = context->inputs[1], *values = context->inputs[2];
  g_autofree char *want = gw_shape_to_string (&keys->shape);
  g_autofree char *got = gw_shape_to_string (&values->shape);

  if (!gw_shape_equal (&keys->shape, &values->shape))
    return gw_invalid (error, "Expected shape %s for value, got %s", want, got);
  return check_types (context, keys->dtype, values->dtype, error);
}

/* ---- LookupTableFindV2 ---- */

typedef struct {
  const GwTensorList *store;
  const GwTensor     *keys, *otherwise;
  GwTensor           *values;
} Lookup;

static void
find_range (void   *data,
            int64_t begin,
            int64_t end)
{
  const Lookup *lookup = data;

  for (int64_t i = begin; i < end; i++)
    {
      int64_t place = gw_table_store_find (lookup->store, lookup->keys, i);

      if (place >= 0)
        gw_table_copy_element (lookup->values, i, gw_table_store_values (lookup->store), place);
      else
        gw_table_copy_element (lookup->values, i, lookup->otherwise, 0);
    }
}

static gboolean
find_cpu (GwKernelContext *context,
          GError         **error)
{
  const GwTensor *otherwise = context->inputs[2];
  Lookup lookup = { NULL, context->inputs[1], otherwise, context->outputs[0] };
  g_autofree char *shape = gw_shape_to_string (&otherwise->shape);

  if (otherwise->shape.rank != 0)
    return gw_invalid (error, "Expected shape [] for default value, got %s", shape);
  if (!check_types (context, context->inputs[1]->dtype, otherwise->dtype, error))
    return FALSE;
  lookup.store = gw_table_store_of (context->variables[0]);
  gw_kernel_parallel (context, lookup.keys->elements, LOOKUP_GRAIN, find_range, &lookup);
  return TRUE;
}

/* ---- filling ---- */

static gboolean
fill (GwVariable     *table,
      const GwTensor *keys,
      const GwTensor *values,
      GError        **error)
{
  GwTensorList *store;

  /* core/framework/lookup_interface, Initialize(): once more with as much is no error. */
  if (table->initialized && !table->changes && gw_table_store_of (table) != NULL)
    {
      g_autoptr (GwTensorList) again = gw_table_store_new (NULL, keys, values, GW_TABLE_FILL, error);

      if (again == NULL)
        return FALSE;
      if (gw_table_store_size (again) == gw_table_store_size (gw_table_store_of (table)))
        return TRUE;
      g_set_error (error, GW_ERROR, GW_ERROR_FAILED_PRECONDITION, "Table was already initialized with different data.");
      return FALSE;
    }
  store = gw_table_store_new (NULL, keys, values, GW_TABLE_FILL, error);
  if (store != NULL)
    gw_table_store_set (table, store);
  return store != NULL;
}

static gboolean
initialize_cpu (GwKernelContext *context,
                GError         **error)
{
  const GwTensor *keys = context->inputs[1];

  if (!check_pairs (context, error))
    return FALSE;
  if (keys->shape.rank != 1)
    return gw_invalid (error, "Keys must be a vector, but is rank %d", keys->shape.rank);
  return fill (context->variables[0], keys, context->inputs[2], error);
}

enum { FILE_KEY, FILE_VALUE, FILE_SIZE, FILE_DELIMITER, FILE_OFFSET };

static gboolean
text_file_cpu (GwKernelContext *context,
               GError         **error)
{
  GwVariable *table = context->variables[0];
  GwTableFile file = {
    .key_index = context->attrs[FILE_KEY].i, .value_index = context->attrs[FILE_VALUE].i, .size = context->attrs[FILE_SIZE].i,
    .delimiter = context->attrs[FILE_DELIMITER].s, .offset = context->attrs[FILE_OFFSET].i,
    .key_dtype = table->key_dtype, .value_dtype = table->value_dtype,
  };
  g_autoptr (GwTensor) keys = NULL;
  g_autoptr (GwTensor) values = NULL;
  g_autofree char *path = NULL;
  const GwString *name = gw_tensor_get_string (context->inputs[1], 0);

  if (table->tensor->dtype != GW_VARIANT)
    return gw_invalid (error, "table_handle is no table");
  if (context->inputs[1]->shape.rank != 0)
    return gw_invalid (error, "filename should be a single string, but is rank %d", context->inputs[1]->shape.rank);
  if (name->length == 0 || memchr (name->data, '\0', name->length) != NULL)
    return gw_invalid (error, "filename names no file");
  path = g_strndup (name->data, name->length);
  return gw_table_file_read (&file, path, &keys, &values, error) && fill (table, keys, values, error);
}

/* ---- changing ---- */

static gboolean
check_changes (const GwKernelContext *context,
               const char            *what,
               GError               **error)
{
  if (context->variables[0]->changes)
    return TRUE;
  g_set_error (error, GW_ERROR, GW_ERROR_UNIMPLEMENTED, "%s: a HashTableV2 is filled once, by InitializeTableV2; a "
               "MutableHashTableV2 can be changed", what);
  return FALSE;
}

static gboolean
put (GwKernelContext    *context,
     const GwTensorList *before,
     GError            **error)
{
  GwTensorList *store = gw_table_store_new (before, context->inputs[1], context->inputs[2], GW_TABLE_INSERT, error);

  if (store != NULL)
    gw_table_store_set (context->variables[0], store);
  return store != NULL;
}

static gboolean
insert_cpu (GwKernelContext *context,
            GError         **error)
{
  return check_pairs (context, error) && check_changes (context, "insert", error) &&
         put (context, gw_table_store_of (context->variables[0]), error);
}

static gboolean
import_cpu (GwKernelContext *context,
            GError         **error)
{
  if (!check_pairs (context, error))
    return FALSE;
  return context->variables[0]->changes ? put (context, NULL, error)
                                        : fill (context->variables[0], context->inputs[1], context->inputs[2], error);
}

static gboolean
remove_cpu (GwKernelContext *context,
            GError         **error)
{
  GwVariable *table = context->variables[0];
  GwTensorList *store;

  if (!check_types (context, context->inputs[1]->dtype, table->value_dtype, error) || !check_changes (context, "remove", error))
    return FALSE;
  if (gw_table_store_size (gw_table_store_of (table)) == 0)
    return TRUE;
  store = gw_table_store_without (gw_table_store_of (table), context->inputs[1], error);
  if (store != NULL)
    gw_table_store_set (table, store);
  return store != NULL;
}

/* ---- looking at the whole ---- */

static gboolean
size_cpu (GwKernelContext *context,
          GError         **error)
{
  if (context->variables[0]->tensor->dtype != GW_VARIANT)
    return gw_invalid (error, "table_handle is no table");
  *GW_TENSOR_DATA (context->outputs[0], int64_t) = gw_table_store_size (gw_table_store_of (context->variables[0]));
  return TRUE;
}

enum { EXPORT_KEYS, EXPORT_VALUES };

static gboolean
export_cpu (GwKernelContext *context,
            GError         **error)
{
  const GwTensorList *store;
  GwShape shape;

  if (!check_types (context, context->attrs[EXPORT_KEYS].dtype, context->attrs[EXPORT_VALUES].dtype, error))
    return FALSE;
  store = gw_table_store_of (context->variables[0]);
  shape = GW_SHAPE (gw_table_store_size (store));
  if (!gw_kernel_allocate_output (context, 0, context->attrs[EXPORT_KEYS].dtype, &shape, error) ||
      !gw_kernel_allocate_output (context, 1, context->attrs[EXPORT_VALUES].dtype, &shape, error))
    return FALSE;
  for (int64_t i = 0; i < shape.dims[0]; i++)
    {
      gw_table_copy_element (context->outputs[0], i, gw_table_store_keys (store), i);
      gw_table_copy_element (context->outputs[1], i, gw_table_store_values (store), i);
    }
  return TRUE;
}

/* ---- descriptions ---- */

#define TYPE_ATTR(NAME, DEF, CHOICES, LABEL, HELP) \
  { NAME, GW_ATTR_DTYPE, .def = DEF, .choices = CHOICES, .label = LABEL, .help = HELP }
#define KEY_ATTR(NAME) TYPE_ATTR (NAME, "string", KEY_TYPES, "Key type", "Type of the keys.")
#define VALUE_ATTR(NAME) TYPE_ATTR (NAME, "int64", VALUE_TYPES, "Value type", "Type of the values.")

#define TABLE_ATTRS                                                                                               \
  GW_ATTRS ({ "container", GW_ATTR_STRING, .help = "Kept for files of TensorFlow.", .flags = GW_ATTR_HIDDEN },    \
            { "shared_name", GW_ATTR_STRING, .label = "Shared name",                                              \
              .help = "Name under which the table lives; empty: the node's. Tables of one name are one table." }, \
            { "use_node_name_sharing", GW_ATTR_BOOL, .def = "false",                                              \
              .help = "Kept for files of TensorFlow: a table always lives under its name.", .flags = GW_ATTR_HIDDEN }, \
            KEY_ATTR ("key_dtype"), VALUE_ATTR ("value_dtype"))

#define TABLE_DEF(NAME, TITLE, SUMMARY, DOC, EXAMPLE, FLAGS)                                                      \
  {                                                                                                               \
    .name = NAME, .since = 1, .title = TITLE, .category = "strings/Tables", .summary = SUMMARY,                   \
    .doc = DOC " It lives in the session, under the node's name; the wire carries its handle.\n\nExample: " EXAMPLE, \
    .outputs = GW_PORTS ({ "table_handle", "resource", "Handle of the table." }),                                 \
    .attrs = TABLE_ATTRS, .flags = GW_OP_STATEFUL | GW_OP_STOPS_GRADIENT | (FLAGS),                               \
    .shape = gw_shape_rule_scalar, .cpu = gw_array_kernel_none, .tell = GW_TEXTS ("key_dtype", "value_dtype"),    \
  }

static const GwOpDef hash_table_op =
  TABLE_DEF ("HashTableV2", "Table", "A table from keys to values that is filled once.",
             "InitializeTableV2 or InitializeTableFromTextFileV2 fills it, LookupTableFindV2 reads it: a control edge from the "
             "one to the other orders them. Reading before that is an error.",
             "after `InitializeTableV2 (table, [\"a\", \"b\"], [0, 1])`, `LookupTableFindV2 (table, [\"b\", \"x\"], -1)` is [1, -1].", 0);
/* Born empty and usable: the flag says so of the variable behind it. */
static const GwOpDef mutable_hash_table_op =
  TABLE_DEF ("MutableHashTableV2", "Changing table", "A table from keys to values that can be changed at any time.",
             "It begins empty. LookupTableInsertV2 adds to it, LookupTableRemoveV2 takes away, LookupTableImportV2 replaces all.",
             "after `LookupTableInsertV2 (table, [\"a\"], [5])`, `LookupTableFindV2 (table, [\"a\", \"x\"], -1)` is [5, -1].",
             GW_OP_UNINITIALIZED);

#define PORT_TABLE { "table_handle", "resource", "Handle of the table." }
#define PORT_KEYS(TYPE) { "keys", TYPE, "The keys." }
#define PORT_VALUES(TYPE) { "values", TYPE, "A value for each key." }
#define IN_ATTRS GW_ATTRS (KEY_ATTR ("Tin"), VALUE_ATTR ("Tout"))

#define STEP_DEF(NAME, TITLE, SUMMARY, DOC, EXAMPLE, INPUTS, ATTRS, FLAGS, SHAPE, CPU)                            \
  {                                                                                                               \
    .name = NAME, .since = 1, .title = TITLE, .category = "strings/Tables", .summary = SUMMARY,                   \
    .doc = DOC " It has no output: a control edge from it orders what reads the table afterwards.\n\nExample: " EXAMPLE, \
    .inputs = INPUTS, .attrs = ATTRS, .flags = GW_OP_STATEFUL | GW_OP_NO_GRADIENT | (FLAGS), .shape = SHAPE, .cpu = CPU, \
  }

static const GwOpDef find_op = {
  .name = "LookupTableFindV2", .since = 1, .title = "Look up", .category = "strings/Tables",
  .summary = "The values that a table has for keys.",
  .doc = "A key that the table does not hold gives `default_value`. Keys may come in a tensor of any shape.\n\n"
         "Example: of a table of \"a\" → 0 and \"b\" → 1, `LookupTableFindV2 (table, [\"b\", \"x\"], -1)` is [1, -1].",
  .inputs = GW_PORTS (PORT_TABLE, { "keys", "Tin", "The keys to look up, of any shape." },
                      { "default_value", "Tout", "Scalar: the value of a key that is not there.", .literal = "-1" }),
  .outputs = GW_PORTS ({ "values", "Tout", "The value of each key." }),
  .attrs = IN_ATTRS, .flags = GW_OP_STATEFUL | GW_OP_STOPS_GRADIENT, .shape_rule = "that of `keys`",
  .shape = find_shape, .cpu = find_cpu,
};

static const GwOpDef initialize_op =
  STEP_DEF ("InitializeTableV2", "Fill table", "Fills a table with keys and values.",
            "A HashTableV2 is filled once; filling it again with as many keys changes nothing, with other ones is an error.",
            "`InitializeTableV2 (table, [\"a\", \"b\"], [0, 1])` makes it say 0 for \"a\" and 1 for \"b\".",
            GW_PORTS (PORT_TABLE, { "keys", "Tkey", "Vector: the keys, each once." }, { "values", "Tval", "Vector: a value for each key." }),
            GW_ATTRS (KEY_ATTR ("Tkey"), VALUE_ATTR ("Tval")), GW_OP_UNINITIALIZED, initialize_shape, initialize_cpu);

#define COLUMN_ATTR(NAME, LABEL, WHAT) \
  { NAME, GW_ATTR_INT, .min = -2, .max = G_MAXINT32, .label = LABEL, .flags = GW_ATTR_REQUIRED, \
    .help = "What is the " WHAT ": -2 the whole line, -1 the line's number from 0, or a column from 0." }

static const GwOpDef text_file_op =
  STEP_DEF ("InitializeTableFromTextFileV2", "Fill table from file", "Fills a table from a text file, a line a key.",
            "The line, its number or a column of it is the key, and likewise the value: for a vocabulary with one word a line "
            "`key_index` -2 and `value_index` -1.",
            "of a file with the lines the, of, and, `InitializeTableFromTextFileV2 (table, \"words.txt\"; key_index=-2, "
            "value_index=-1)` makes it say 0, 1 and 2 for them.",
            GW_PORTS (PORT_TABLE, { "filename", "string", "Scalar: where the file is." }),
            GW_ATTRS ([FILE_KEY] = COLUMN_ATTR ("key_index", "Key", "key"),
                      [FILE_VALUE] = COLUMN_ATTR ("value_index", "Value", "value"),
                      [FILE_SIZE] = { "vocab_size", GW_ATTR_INT, .def = "-1", .min = -1, .max = G_MAXINT32, .label = "Lines",
                                      .help = "How many lines are read, -1: all. With fewer in the file it is an error." },
                      [FILE_DELIMITER] = { "delimiter", GW_ATTR_STRING, .def = "\t", .label = "Delimiter",
                                           .help = "One character that ends a column." },
                      [FILE_OFFSET] = { "offset", GW_ATTR_INT, .def = "0", .min = 0, .max = G_MAXINT32, .label = "Lines left out",
                                        .help = "How many lines at the beginning are no part of the table." }),
            GW_OP_UNINITIALIZED, text_file_shape, text_file_cpu);

static const GwOpDef insert_op =
  STEP_DEF ("LookupTableInsertV2", "Add to table", "Adds keys and values to a table that can be changed.",
            "A key that is there gets the new value; of a key that comes twice the last counts.",
            "of a table of \"a\" → 0, `LookupTableInsertV2 (table, [\"a\", \"b\"], [7, 8])` makes one of \"a\" → 7 and \"b\" → 8.",
            GW_PORTS (PORT_TABLE, PORT_KEYS ("Tin"), PORT_VALUES ("Tout")), IN_ATTRS, 0, put_shape, insert_cpu);
static const GwOpDef import_op =
  STEP_DEF ("LookupTableImportV2", "Replace table", "Replaces all that a table holds.",
            "What it held before is forgotten; a HashTableV2 can only be filled so, once.",
            "of a table of \"a\" → 0, `LookupTableImportV2 (table, [\"b\"], [8])` makes one of \"b\" → 8.",
            GW_PORTS (PORT_TABLE, PORT_KEYS ("Tin"), PORT_VALUES ("Tout")), IN_ATTRS, GW_OP_UNINITIALIZED, put_shape, import_cpu);
static const GwOpDef remove_op =
  STEP_DEF ("LookupTableRemoveV2", "Take from table", "Takes keys and their values out of a table.",
            "Keys that it does not hold do not matter.",
            "of a table of \"a\" → 0 and \"b\" → 1, `LookupTableRemoveV2 (table, [\"b\", \"x\"])` leaves \"a\" → 0.",
            GW_PORTS (PORT_TABLE, { "keys", "Tin", "The keys." }), GW_ATTRS (KEY_ATTR ("Tin")), 0, size_shape, remove_cpu);

static const GwOpDef size_op = {
  .name = "LookupTableSizeV2", .since = 1, .title = "Size of table", .category = "strings/Tables",
  .summary = "How many keys a table holds.",
  .doc = "A key counts once, however often it was set; keys that were taken out do not count.\n\n"
         "Example: of a table of \"a\" → 0 and \"b\" → 1, `LookupTableSizeV2 (table)` is 2.",
  .inputs = GW_PORTS (PORT_TABLE),
  .outputs = GW_PORTS ({ "size", "int64", "Scalar: the number of keys." }),
  .flags = GW_OP_STATEFUL | GW_OP_STOPS_GRADIENT, .shape_rule = "a scalar", .shape = size_shape, .cpu = size_cpu,
};

static const GwOpDef export_op = {
  .name = "LookupTableExportV2", .since = 1, .title = "Content of table", .category = "strings/Tables",
  .summary = "All keys of a table with their values.",
  .doc = "Keys come in ascending order; TensorFlow promises none.\n\n"
         "Example: of a table of \"b\" → 1 and \"a\" → 0, `LookupTableExportV2 (table)` gives [\"a\", \"b\"] and [0, 1].",
  .inputs = GW_PORTS (PORT_TABLE),
  .outputs = GW_PORTS ({ "keys", "Tkeys", "Vector: the keys." }, { "values", "Tvalues", "Vector: their values." }),
  .attrs = GW_ATTRS ([EXPORT_KEYS] = KEY_ATTR ("Tkeys"), [EXPORT_VALUES] = VALUE_ATTR ("Tvalues")),
  .flags = GW_OP_STATEFUL | GW_OP_STOPS_GRADIENT | GW_OP_DYNAMIC_OUTPUT, .shape_rule = "vectors of a length that the run tells",
  .shape = export_shape, .cpu = export_cpu,
};

const GwOpDef *const gw_ops_tables[] = {
  &hash_table_op, &mutable_hash_table_op, &find_op, &initialize_op, &text_file_op, &insert_op, &import_op, &remove_op, &size_op,
  &export_op, NULL,
};
