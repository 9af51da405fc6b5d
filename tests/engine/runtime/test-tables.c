/* SPDX-License-Identifier: Apache-2.0 */
/* Lookup tables: filling, looking up, changing, from files, and what they refuse. What is
 * expected was seen with TensorFlow 2.15. */
#include "tests/engine/runtime/body.h"
#include "tests/engine/runtime/fixture.h"
#include "tests/support/support.h"

#include <glib/gstdio.h>
#include <string.h>

static GwOutput
texts (Fixture    *f,
       const char *text)
{
  return fixture_const (f, text, GW_STRING);
}

static GwOutput
longs (Fixture    *f,
       const char *text)
{
  return fixture_const (f, text, GW_INT64);
}

static GwOutput
add_table (Fixture    *f,
           const char *op,
           const char *name,
           GwDType     key,
           GwDType     value)
{
  return gw_output_of (gw_node_new (&f->b, op, name, GW_NO_IN, GW_WITH ({ "key_dtype", gw_attr_dtype (key) },
                                                                       { "value_dtype", gw_attr_dtype (value) })), 0);
}

static GwNode *
add_step (Fixture    *f,
          const char *op,
          GwOutput    table,
          GwOutput    keys,
          GwOutput    values)
{
  return gw_node_new (&f->b, op, NULL, GW_IN (table, keys, values), NULL);
}

static void
run (Fixture *f,
     GwNode  *node)
{
  g_autoptr (GError) error = NULL;

  g_assert_no_error (f->b.error);
  gw_session_run (f->session, f->graph, 0, NULL, 0, NULL, 1, &node, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
run_fails (Fixture    *f,
           GwNode     *node,
           GwErrorCode code,
           const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_no_error (f->b.error);
  g_assert_false (gw_session_run (f->session, f->graph, 0, NULL, 0, NULL, 1, &node, NULL, NULL, &error));
  gw_test_assert_error (&error, code, words);
}

static GwOutput
size_of (Fixture *f,
         GwOutput table)
{
  return gw_op1 (&f->b, "LookupTableSizeV2", table);
}

/* ---- a table that is filled once ---- */

static void
test_fill (Fixture      *f,
           gconstpointer data)
{
  GwOutput table = add_table (f, "HashTableV2", "words", GW_STRING, GW_INT64);
  GwOutput found = gw_op3 (&f->b, "LookupTableFindV2", table, texts (f, "[[\"be\", \"not\"], [\"to\", \"\"]]"), longs (f, "-1"));
  GwNode *fill = add_step (f, "InitializeTableV2", table, texts (f, "[\"to\", \"be\", \"or\"]"), longs (f, "[0, 1, 2]"));

  g_assert_no_error (f->b.error);
  g_assert_true (gw_shape_equal (gw_output_shape (found), &GW_SHAPE (2, 2)));
  fixture_assert_fails (f, found, 0, NULL, GW_ERROR_FAILED_PRECONDITION, "Table not initialized: words");
  run (f, fill);
  fixture_assert (f, found, 0, NULL, "[[1, -1], [0, -1]]");
  fixture_assert (f, size_of (f, table), 0, NULL, "3");
  run (f, fill); /* once more with the same */
  run (f, add_step (f, "InitializeTableV2", table, texts (f, "[\"a\", \"b\", \"c\"]"), longs (f, "[7, 8, 9]")));
  fixture_assert (f, found, 0, NULL, "[[1, -1], [0, -1]]");
  run_fails (f, add_step (f, "InitializeTableV2", table, texts (f, "[\"a\"]"), longs (f, "[7]")), GW_ERROR_FAILED_PRECONDITION,
             "Table was already initialized with different data.");
  run_fails (f, add_step (f, "LookupTableInsertV2", table, texts (f, "[\"a\"]"), longs (f, "[7]")), GW_ERROR_UNIMPLEMENTED, "insert");
  run_fails (f, add_step (f, "LookupTableImportV2", table, texts (f, "[\"a\"]"), longs (f, "[7]")), GW_ERROR_FAILED_PRECONDITION,
             "different data");
}

static void
test_doubles (Fixture      *f,
              gconstpointer data)
{
  GwOutput table = add_table (f, "HashTableV2", "doubles", GW_STRING, GW_INT64);

  run_fails (f, add_step (f, "InitializeTableV2", table, texts (f, "[\"a\", \"b\", \"a\"]"), longs (f, "[1, 2, 3]")),
             GW_ERROR_FAILED_PRECONDITION, "HashTable has different value for same key. Key \"a\" has 1 and trying to add value 3");
  run (f, add_step (f, "InitializeTableV2", table, texts (f, "[\"a\", \"b\", \"a\"]"), longs (f, "[1, 2, 1]")));
  fixture_assert (f, size_of (f, table), 0, NULL, "2");
}

/* All types of keys and values that TensorFlow has tables of, as far as tests go. */
static void
test_types (Fixture      *f,
            gconstpointer data)
{
  GwOutput numbers = add_table (f, "HashTableV2", "numbers", GW_INT64, GW_STRING);
  GwOutput floats = add_table (f, "HashTableV2", "floats", GW_INT32, GW_FLOAT32);

  run (f, add_step (f, "InitializeTableV2", numbers, longs (f, "[5, -3]"), texts (f, "[\"five\", \"minus three\"]")));
  fixture_assert (f, gw_op3 (&f->b, "LookupTableFindV2", numbers, longs (f, "[-3, 5, 0]"), texts (f, "UNK")), 0, NULL,
                  "[\"minus three\", \"five\", \"UNK\"]");
  run (f, add_step (f, "InitializeTableV2", floats, fixture_const (f, "[2, 1]", GW_INT32), fixture_const (f, "[0.5, 0.25]", GW_FLOAT32)));
  fixture_assert (f, gw_op3 (&f->b, "LookupTableFindV2", floats, fixture_const (f, "[1, 9]", GW_INT32), fixture_const (f, "-1", GW_FLOAT32)),
                  0, NULL, "[0.25, -1]");
  fixture_assert_fails (f, gw_op3 (&f->b, "LookupTableFindV2", numbers, longs (f, "[1]"), longs (f, "0")), 0, NULL,
                        GW_ERROR_INVALID_ARGUMENT, "the table's values are string, and int64 are given");
}

/* ---- a table that changes ---- */

static void
test_change (Fixture      *f,
             gconstpointer data)
{
  GwOutput table = add_table (f, "MutableHashTableV2", "counts", GW_STRING, GW_INT64);
  GwOutput found = gw_op3 (&f->b, "LookupTableFindV2", table, texts (f, "[\"a\", \"b\", \"c\"]"), longs (f, "0"));
  GwNode *content = gw_node_new (&f->b, "LookupTableExportV2", NULL, GW_IN (table), NULL);

  g_assert_no_error (f->b.error);
  fixture_assert (f, found, 0, NULL, "[0, 0, 0]");
  fixture_assert (f, size_of (f, table), 0, NULL, "0");
  run (f, add_step (f, "LookupTableInsertV2", table, texts (f, "[\"c\", \"a\", \"c\"]"), longs (f, "[3, 1, 4]")));
  fixture_assert (f, found, 0, NULL, "[1, 0, 4]");
  run (f, add_step (f, "LookupTableInsertV2", table, texts (f, "[[\"b\", \"a\"]]"), longs (f, "[[2, 5]]")));
  fixture_assert (f, found, 0, NULL, "[5, 2, 4]");
  fixture_assert (f, gw_output_of (content, 0), 0, NULL, "[\"a\", \"b\", \"c\"]");
  fixture_assert (f, gw_output_of (content, 1), 0, NULL, "[5, 2, 4]");
  run (f, gw_node_new (&f->b, "LookupTableRemoveV2", NULL, GW_IN (table, texts (f, "[\"b\", \"z\"]")), NULL));
  fixture_assert (f, found, 0, NULL, "[5, 0, 4]");
  run (f, add_step (f, "LookupTableImportV2", table, texts (f, "[\"b\"]"), longs (f, "[9]")));
  fixture_assert (f, found, 0, NULL, "[0, 9, 0]");
}

/* In one step a control edge says that the look comes after the change. */
static void
test_order (Fixture      *f,
            gconstpointer data)
{
  GwOutput table = add_table (f, "MutableHashTableV2", "ordered", GW_INT64, GW_INT64);
  GwNode *insert = add_step (f, "LookupTableInsertV2", table, longs (f, "[1]"), longs (f, "[10]"));
  GwNode *find = gw_node_new (&f->b, "LookupTableFindV2", NULL, GW_IN (table, longs (f, "[1]"), longs (f, "0")), NULL);

  gw_graph_add_control (find, insert);
  fixture_assert (f, gw_output_of (find, 0), 0, NULL, "[10]");
}

/* ---- files ---- */

static GwNode *
add_file (Fixture    *f,
          GwOutput    table,
          const char *path,
          int64_t     key,
          int64_t     value,
          int64_t     size)
{
  return gw_node_new (&f->b, "InitializeTableFromTextFileV2", NULL, GW_IN (table, gw_const (&f->b, gw_tensor_new_string (path))),
                      GW_WITH ({ "key_index", gw_attr_int (key) }, { "value_index", gw_attr_int (value) },
                               { "vocab_size", gw_attr_int (size) }));
}

static void
test_file (Fixture      *f,
           gconstpointer data)
{
  g_autofree char *folder = g_dir_make_tmp ("tables-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "words.txt", NULL);
  GwOutput lines = add_table (f, "HashTableV2", "lines", GW_STRING, GW_INT64);
  GwOutput columns = add_table (f, "HashTableV2", "columns", GW_STRING, GW_INT64);

  g_assert_true (g_file_set_contents (path, "to\t7\r\nbe\t8\nor\t-9", -1, NULL));
  run_fails (f, add_file (f, lines, path, -2, -1, 4), GW_ERROR_INVALID_ARGUMENT, "expected 4 but got 3");
  run_fails (f, add_file (f, lines, path, -1, -2, -1), GW_ERROR_INVALID_ARGUMENT, "key_index");
  run_fails (f, add_file (f, columns, path, 0, 2, -1), GW_ERROR_INVALID_ARGUMENT, "line 0: Expected column 2");
  run (f, add_file (f, lines, path, -2, -1, -1));
  fixture_assert (f, gw_op3 (&f->b, "LookupTableFindV2", lines, texts (f, "[\"to\\t7\", \"be\\t8\", \"be\"]"), longs (f, "-1")), 0, NULL,
                  "[0, 1, -1]");
  run (f, add_file (f, columns, path, 0, 1, -1));
  fixture_assert (f, gw_op3 (&f->b, "LookupTableFindV2", columns, texts (f, "[\"to\", \"or\", \"x\"]"), longs (f, "0")), 0, NULL, "[7, -9, 0]");
  g_remove (path);
  run_fails (f, add_file (f, add_table (f, "HashTableV2", "gone", GW_STRING, GW_INT64), path, -2, -1, -1), GW_ERROR_NOT_FOUND, "words.txt");
  g_rmdir (folder);
}

/* ---- refusals, sub-graphs ---- */

static void
test_refusals (Fixture      *f,
               gconstpointer data)
{
  GwOutput table = add_table (f, "HashTableV2", "t", GW_STRING, GW_INT64);
  GwOutput variable = gw_output_of (gw_node_new (&f->b, "VarHandleOp", "v", GW_NO_IN, GW_WITH ({ "shape", gw_attr_shape (GW_SHAPE (2)) })), 0);

  g_assert_null (gw_op3 (&f->b, "LookupTableFindV2", variable, texts (f, "[\"a\"]"), longs (f, "0")).node);
  gw_test_assert_error (&f->b.error, GW_ERROR_INVALID_ARGUMENT, "table_handle must be the handle of a table");
  g_assert_null (gw_op3 (&f->b, "LookupTableFindV2", table, texts (f, "[\"a\"]"), longs (f, "[0]")).node);
  gw_test_assert_error (&f->b.error, GW_ERROR_INVALID_ARGUMENT, "default_value");
  g_assert_null (add_step (f, "InitializeTableV2", table, texts (f, "[\"a\"]"), longs (f, "[0, 1]")));
  gw_test_assert_error (&f->b.error, GW_ERROR_INVALID_ARGUMENT, "keys and values");
  g_assert_null (gw_op (&f->b, "ReadVariableOp", GW_IN (table), GW_WITH ({ "dtype", gw_attr_dtype (GW_FLOAT32) })).node);
  gw_test_assert_error (&f->b.error, GW_ERROR_INVALID_ARGUMENT, "");
}

/* A branch looks into a table that it gets as an input. */
static void
test_inside (Fixture      *f,
             gconstpointer data)
{
  const GwDType types[2] = { GW_RESOURCE, GW_STRING }, out = GW_INT64;
  GwOutput table = add_table (f, "HashTableV2", "outer", GW_STRING, GW_INT64), found;
  const char *name;
  Body body;

  run (f, add_step (f, "InitializeTableV2", table, texts (f, "[\"a\"]"), longs (f, "[6]")));
  body_init (&body, 0, types);
  body.args[0] = gw_function_arg (&body.b, "table", 0, table);
  body.args[1] = gw_function_arg (&body.b, "keys", 1, texts (f, "[\"a\"]"));
  body.n = 2;
  found = gw_op3 (&body.b, "LookupTableFindV2", body.args[0], body.args[1], number (&body.b, GW_INT64, -1));
  name = body_add_to (&body, f->graph, "inside", 1, &found);
  found = gw_op (&f->b, "If", GW_IN (number (&f->b, GW_BOOL, 1), table, texts (f, "[\"b\", \"a\"]")),
                 GW_WITH ({ "then_branch", gw_attr_func (name) }, { "else_branch", gw_attr_func (name) }, { "Tout", gw_attr_dtypes (1, &out) }));
  g_assert_no_error (f->b.error);
  fixture_assert (f, found, 0, NULL, "[-1, 6]");
}

int
main (int   argc,
      char *argv[])
{
  fixture_init (&argc, &argv);
  FIXTURE_ADD ("/tables/fill", test_fill);
  FIXTURE_ADD ("/tables/doubles", test_doubles);
  FIXTURE_ADD ("/tables/types", test_types);
  FIXTURE_ADD ("/tables/change", test_change);
  FIXTURE_ADD ("/tables/order", test_order);
  FIXTURE_ADD ("/tables/file", test_file);
  FIXTURE_ADD ("/tables/refusals", test_refusals);
  FIXTURE_ADD ("/tables/inside", test_inside);
  return g_test_run ();
}
