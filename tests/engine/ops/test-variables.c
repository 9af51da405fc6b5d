/* SPDX-License-Identifier: Apache-2.0 */
/* Const and placeholders; variables and their assignments; saving and restoring;
 * NoOp and CheckNumerics. */
#include "engine/base/error.h"
#include "engine/graph/gradient.h"
#include "tests/engine/ops/op-runner.h"
#include "tests/support/support.h"

typedef struct {
  GwGraph   *graph;
  GwBuilder  b;
  GwSession *session;
} Fixture;

static void
set_up (Fixture      *f,
        gconstpointer data)
{
  op_runner_init ();
  f->graph = gw_graph_new ();
  f->session = gw_session_new (2);
  gw_builder_init (&f->b, f->graph);
}

static void
tear_down (Fixture      *f,
           gconstpointer data)
{
  gw_builder_clear (&f->b);
  gw_session_free (f->session);
  gw_graph_unref (f->graph);
}

static GwOutput
constant (Fixture    *f,
          const char *text)
{
  return gw_const (&f->b, gw_test_tensor (text));
}

static GwOutput
variable (Fixture    *f,
          const char *name,
          GwShape     shape)
{
  return gw_output_of (gw_node_new (&f->b, "VariableV2", name, GW_NO_IN, GW_WITH ({ "shape", gw_attr_shape (shape) })), 0);
}

static void
fetch_is (Fixture    *f,
          GwOutput    output,
          const char *want)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) tensor = NULL;

  g_assert_no_error (f->b.error);
  tensor = gw_session_fetch (f->session, f->graph, 0, NULL, output, &error);
  g_assert_no_error (error);
  gw_test_assert_tensor (tensor, want);
}

static void
fetch_fails (Fixture    *f,
             GwOutput    output,
             GwErrorCode code,
             const char *part)
{
  GError *error = NULL;

  g_assert_no_error (f->b.error);
  g_test_message ("%s must fail", output.node->name);
  g_assert_null (gw_session_fetch (f->session, f->graph, 0, NULL, output, &error));
  gw_test_assert_error (&error, code, part);
}

static void
run_target (Fixture *f,
            GwNode  *node)
{
  g_autoptr (GError) error = NULL;

  g_assert_no_error (f->b.error);
  gw_session_run (f->session, f->graph, 0, NULL, 0, NULL, 1, &node, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
target_fails (Fixture    *f,
              GwNode     *node,
              GwErrorCode code,
              const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_no_error (f->b.error);
  g_assert_false (gw_session_run (f->session, f->graph, 0, NULL, 0, NULL, 1, &node, NULL, NULL, &error));
  gw_test_assert_error (&error, code, part);
}

/* ---- inputs ---- */

static void
test_const (Fixture      *f,
            gconstpointer data)
{
  g_autoptr (GwTensor) value = gw_test_tensor ("1");

  fetch_is (f, constant (f, "[[1.5, 2.5]]"), "[[1.5, 2.5]]");
  fetch_is (f, constant (f, "[\"a\", \"b\"]"), "[\"a\", \"b\"]");
  op_infers ("Const", "dtype=int32 value=[1,2]", OP_NO_IN, "[2]");
  g_assert_null (gw_op (&f->b, "Const", GW_NO_IN, GW_WITH ({ "dtype", gw_attr_dtype (GW_INT64) },
                                                          { "value", gw_attr_tensor (value) })).node);
  gw_test_assert_error (&f->b.error, GW_ERROR_INVALID_ARGUMENT, "the value is int32 but dtype says int64");
}

static void
test_placeholder (Fixture      *f,
                  gconstpointer data)
{
  g_autoptr (GwTensor) fed = gw_test_tensor ("[[1.0, 2.0, 3.0]]");
  g_autoptr (GwTensor) result = NULL;
  g_autoptr (GError) error = NULL;
  GwOutput x = gw_output_of (gw_node_new (&f->b, "Placeholder", "x", GW_NO_IN,
                                          GW_WITH ({ "shape", gw_attr_shape (GW_SHAPE (-1, 3)) })), 0);
  GwOutput y = gw_output_of (gw_node_new (&f->b, "Placeholder", "y", GW_NO_IN,
                                          GW_WITH ({ "dtype", gw_attr_dtype (GW_INT32) })), 0);

  fetch_fails (f, gw_op1 (&f->b, "Identity", x), GW_ERROR_INVALID_ARGUMENT,
               "You must feed a value for placeholder tensor 'x' with dtype float and shape [?,3]");
  fetch_fails (f, y, GW_ERROR_INVALID_ARGUMENT, "You must feed a value for placeholder tensor 'y' with dtype int32");
  result = gw_session_fetch (f->session, f->graph, 1, &(GwFeed) { x, fed }, gw_op1 (&f->b, "Identity", x), &error);
  g_assert_no_error (error);
  gw_test_assert_tensor (result, "[[1.0, 2.0, 3.0]]");
}

static void
test_placeholder_with_default (Fixture      *f,
                               gconstpointer data)
{
  g_autoptr (GwTensor) fed = gw_test_tensor ("[7.0]");
  g_autoptr (GwTensor) result = NULL;
  g_autoptr (GError) error = NULL;
  GwOutput x = gw_op (&f->b, "PlaceholderWithDefault", GW_IN (constant (f, "[1.5, 2.5]")),
                      GW_WITH ({ "shape", gw_attr_shape (GW_SHAPE (-1)) }));
  GwOutput y = gw_op1 (&f->b, "Identity", x);

  fetch_is (f, y, "[1.5, 2.5]");
  result = gw_session_fetch (f->session, f->graph, 1, &(GwFeed) { x, fed }, y, &error);
  g_assert_no_error (error);
  gw_test_assert_tensor (result, "[7.0]");
  op_gives ("PlaceholderWithDefault", "shape=[2]", OP_IN ("[1.5, 2.5]"), OP_IN ("[1.5, 2.5]"));
  op_fails ("PlaceholderWithDefault", "shape=[3]", OP_IN ("[1.5, 2.5]"), GW_ERROR_INVALID_ARGUMENT, "input and shape");
  op_differentiates ("PlaceholderWithDefault", "shape=[2]", OP_IN ("[1.5, 2.5]"), "[3.0, 4.0]", 0, "[3.0, 4.0]");
}

/* ---- variables ---- */

static void
test_assign (Fixture      *f,
             gconstpointer data)
{
  GwOutput w = variable (f, "w", GW_SHAPE (2));
  GwOutput assign = gw_op2 (&f->b, "Assign", w, constant (f, "[1.0, 2.0]"));
  GwOutput add = gw_op2 (&f->b, "AssignAdd", w, constant (f, "[0.5, 0.5]"));
  GwOutput sub = gw_op2 (&f->b, "AssignSub", w, constant (f, "[3.0, 1.0]"));
  GwOutput is_set = gw_op1 (&f->b, "IsVariableInitialized", w);

  fetch_is (f, is_set, "bool false");
  fetch_fails (f, gw_op1 (&f->b, "Identity", w), GW_ERROR_FAILED_PRECONDITION, "Attempting to use uninitialized value w");
  fetch_fails (f, add, GW_ERROR_FAILED_PRECONDITION, "Attempting to use uninitialized value w");
  fetch_is (f, assign, "[1.0, 2.0]");
  fetch_is (f, is_set, "bool true");
  fetch_is (f, add, "[1.5, 2.5]");
  fetch_is (f, add, "[2.0, 3.0]");
  fetch_is (f, sub, "[-1.0, 2.0]");
  fetch_is (f, w, "[-1.0, 2.0]");
  fetch_is (f, gw_op1 (&f->b, "Identity", w), "[-1.0, 2.0]");
}

static void
test_assign_shapes (Fixture      *f,
                    gconstpointer data)
{
  GwOutput w = variable (f, "w", GW_SHAPE (2));
  GwOutput loose;

  g_assert_null (gw_op2 (&f->b, "Assign", w, constant (f, "[1.0, 2.0, 3.0]")).node);
  gw_test_assert_error (&f->b.error, GW_ERROR_INVALID_ARGUMENT, "Dimension 0 in both shapes must be equal, but are 2 and 3");
  g_assert_null (gw_op2 (&f->b, "Assign", constant (f, "[1.0, 2.0]"), constant (f, "[1.0, 2.0]")).node);
  gw_test_assert_error (&f->b.error, GW_ERROR_INVALID_ARGUMENT, "reference");
  loose = gw_op (&f->b, "Assign", GW_IN (w, constant (f, "[1.0, 2.0, 3.0]")),
                 GW_WITH ({ "validate_shape", gw_attr_bool (FALSE) }));
  fetch_fails (f, loose, GW_ERROR_INVALID_ARGUMENT,
               "Assign requires shapes of both tensors to match. lhs shape= [2] rhs shape= [3]");
}

static void
test_string_and_large_variables (Fixture      *f,
                                 gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) sum = NULL;
  GwOutput text = gw_op (&f->b, "VariableV2", GW_NO_IN,
                         GW_WITH ({ "shape", gw_attr_shape (GW_SHAPE (2)) }, { "dtype", gw_attr_dtype (GW_STRING) }));
  GwOutput large = variable (f, "large", GW_SHAPE (100003));
  GwOutput size = gw_const_ints (&f->b, 1, (const int64_t[]) { 100003 });
  GwOutput ones = gw_op2 (&f->b, "Fill", size, gw_const_scalar (&f->b, GW_FLOAT32, 1));

  fetch_is (f, gw_op2 (&f->b, "Assign", text, constant (f, "[\"a\", \"b\"]")), "[\"a\", \"b\"]");
  fetch_is (f, gw_op1 (&f->b, "Identity", text), "[\"a\", \"b\"]");
  run_target (f, gw_op2 (&f->b, "Assign", large, ones).node);
  sum = gw_session_fetch (f->session, f->graph, 0, NULL, gw_op2 (&f->b, "AssignAdd", large, ones), &error);
  g_assert_no_error (error);
  for (int64_t i = 0; i < sum->elements; i++)
    g_assert_cmpfloat (GW_TENSOR_DATA (sum, float)[i], ==, 2);
}

/* ---- SaveV2, RestoreV2 ---- */

static void
test_save_and_restore (Fixture      *f,
                       gconstpointer data)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *prefix = g_build_filename (dir, "model.ckpt-3", NULL);
  GwOutput path = gw_const (&f->b, gw_tensor_new_string (prefix));
  GwOutput names = constant (f, "[\"b\", \"w\"]");
  GwOutput slices = constant (f, "[\"\", \"\"]");
  const GwDType dtypes[] = { GW_INT32, GW_FLOAT32 };
  const GwAttrSetting settings[] = { { "dtypes", gw_attr_dtypes (2, dtypes) }, { NULL } };
  const GwDType wrong[] = { GW_INT32, GW_INT32 };
  const GwAttrSetting wrong_settings[] = { { "dtypes", gw_attr_dtypes (2, wrong) }, { NULL } };
  GwOutput w = variable (f, "w", GW_SHAPE (2));
  GwNode *restore, *missing;

  run_target (f, gw_node_new (&f->b, "SaveV2", NULL, GW_IN (path, names, slices, constant (f, "7"),
                                                           constant (f, "[1.5, 2.5]")), NULL));
  restore = gw_node_new (&f->b, "RestoreV2", NULL, GW_IN (path, names, slices), settings);
  fetch_is (f, gw_output_of (restore, 0), "7");
  fetch_is (f, gw_output_of (restore, 1), "[1.5, 2.5]");
  fetch_is (f, gw_op2 (&f->b, "Assign", w, gw_output_of (restore, 1)), "[1.5, 2.5]");
  fetch_fails (f, gw_op (&f->b, "RestoreV2", GW_IN (path, names, slices), wrong_settings), GW_ERROR_INVALID_ARGUMENT,
               "tensor_name = w; expected dtype");
  missing = gw_node_new (&f->b, "RestoreV2", NULL, GW_IN (path, constant (f, "[\"b\", \"v\"]"), slices), settings);
  fetch_fails (f, gw_output_of (missing, 0), GW_ERROR_NOT_FOUND, "Key v not found in checkpoint");
  fetch_fails (f, gw_op (&f->b, "RestoreV2", GW_IN (path, names, constant (f, "[\"\", \"4 2 0,2:-\"]")), settings),
               GW_ERROR_INVALID_ARGUMENT, "slice");
  g_assert_null (gw_op (&f->b, "RestoreV2", GW_IN (path, constant (f, "[\"b\"]"), slices), settings).node);
  gw_test_assert_error (&f->b.error, GW_ERROR_INVALID_ARGUMENT, "tensor_names has 1 elements for 2 tensors");
  gw_test_dir_remove (dir);
}

/* Slices of a tensor, and what is none. */
static void
test_restore_slices (Fixture      *f,
                     gconstpointer data)
{
  static const struct { const char *slice, *want; } cases[] = {
    { "", "[[1.5, 2.5], [3.5, 4.5], [5.5, 6.5]]" }, { "3 2 1,2:-", "[[3.5, 4.5], [5.5, 6.5]]" },
    { "3 2 -:1,1", "[[2.5], [4.5], [6.5]]" }, { "3 2 2,1:0,1", "[[5.5]]" },
  };
  static const char *const wrong[] = {
    "3 2", "3 2 -", "4 2 -:-", "3 2 2,2:-", "3 2 -1,1:-", "3 2 0,0:-", "x", "3 2 0,9223372036854775807:-", "3 2 4,1:-", "3 2 0,1x:-",
  };
  char *dir = gw_test_dir_new ();
  g_autofree char *prefix = g_build_filename (dir, "whole", NULL);
  GwOutput path = gw_const (&f->b, gw_tensor_new_string (prefix));
  GwOutput name = constant (f, "[\"w\"]");
  const GwDType dtypes[] = { GW_FLOAT32 };
  const GwAttrSetting settings[] = { { "dtypes", gw_attr_dtypes (1, dtypes) }, { NULL } };

  run_target (f, gw_node_new (&f->b, "SaveV2", NULL, GW_IN (path, name, constant (f, "[\"\"]"), constant (f, cases[0].want)),
                              NULL));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    fetch_is (f, gw_op (&f->b, "RestoreV2", GW_IN (path, name, gw_const (&f->b, gw_tensor_new_strings (1, &cases[i].slice))),
                        settings), cases[i].want);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    fetch_fails (f, gw_op (&f->b, "RestoreV2", GW_IN (path, name, gw_const (&f->b, gw_tensor_new_strings (1, &wrong[i]))),
                           settings), GW_ERROR_INVALID_ARGUMENT, "is not one of the shape [3,2]");
  gw_test_dir_remove (dir);
}

/* A tensor saved in parts reads as one. */
static void
test_save_slices (Fixture      *f,
                  gconstpointer data)
{
  static const char *const wrong[] = { "3 2", "3 2 0,2", "x y -:-", "3 2 0,2:0,3", "-3 2 -:-" };
  char *dir = gw_test_dir_new ();
  g_autofree char *prefix = g_build_filename (dir, "parts", NULL);
  GwOutput path = gw_const (&f->b, gw_tensor_new_string (prefix));
  GwOutput names = constant (f, "[\"w\", \"w\"]"), name = constant (f, "[\"w\"]");
  GwOutput slices = constant (f, "[\"3 2 2,1:-\", \"3 2 0,2:-\"]");
  GwOutput last = constant (f, "[[5.5, 6.5]]"), first = constant (f, "[[1.5, 2.5], [3.5, 4.5]]");
  const GwDType dtypes[] = { GW_FLOAT32 };
  const GwAttrSetting settings[] = { { "dtypes", gw_attr_dtypes (1, dtypes) }, { NULL } };

  run_target (f, gw_node_new (&f->b, "SaveV2", NULL, GW_IN (path, names, slices, last, first), NULL));
  fetch_is (f, gw_op (&f->b, "RestoreV2", GW_IN (path, name, constant (f, "[\"\"]")), settings),
            "[[1.5, 2.5], [3.5, 4.5], [5.5, 6.5]]");
  fetch_is (f, gw_op (&f->b, "RestoreV2", GW_IN (path, name, constant (f, "[\"3 2 1,2:1,1\"]")), settings), "[[4.5], [6.5]]");
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    target_fails (f, gw_node_new (&f->b, "SaveV2", NULL, GW_IN (path, name, gw_const (&f->b, gw_tensor_new_strings (1, &wrong[i])),
                                                                last), NULL), GW_ERROR_INVALID_ARGUMENT, "is no slice");
  target_fails (f, gw_node_new (&f->b, "SaveV2", NULL, GW_IN (path, name, constant (f, "[\"3 2 0,2:-\"]"), last), NULL),
                GW_ERROR_INVALID_ARGUMENT, "is not the slice of [3,2]");
  target_fails (f, gw_node_new (&f->b, "SaveV2", NULL, GW_IN (path, names, constant (f, "[\"3 2 2,1:-\", \"\"]"), last, first),
                                NULL), GW_ERROR_ALREADY_EXISTS, "w is in the checkpoint already");
  gw_test_dir_remove (dir);
}

/* Two parts, saved under the names that a sharded Saver gives them, become one; the parts
 * and their folder go. */
static void
test_merge_checkpoints (Fixture      *f,
                        gconstpointer data)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *base = g_build_filename (dir, "temp", "part", NULL);
  g_autofree char *temp = g_build_filename (dir, "temp", NULL);
  g_autofree char *whole = g_build_filename (dir, "model.ckpt", NULL);
  GwOutput names[2], parts[2], path = gw_const (&f->b, gw_tensor_new_string (whole));
  GwOutput count = constant (f, "2");
  const GwDType dtypes[] = { GW_FLOAT32, GW_FLOAT32 };
  const GwAttrSetting settings[] = { { "dtypes", gw_attr_dtypes (2, dtypes) }, { NULL } };
  GwOutput prefixes;
  GwNode *restore;

  for (int i = 0; i < 2; i++)
    {
      names[i] = constant (f, i == 0 ? "[\"a\"]" : "[\"b\"]");
      parts[i] = gw_op3 (&f->b, "ShardedFilename", gw_const (&f->b, gw_tensor_new_string (base)),
                         gw_const (&f->b, gw_tensor_new_int32 (i)), count);
      run_target (f, gw_node_new (&f->b, "SaveV2", NULL, GW_IN (parts[i], names[i], constant (f, "[\"\"]"),
                                                               constant (f, i == 0 ? "1.5" : "2.5")), NULL));
    }
  prefixes = gw_op (&f->b, "Pack", GW_IN (parts[0], parts[1]), NULL);
  run_target (f, gw_node_new (&f->b, "MergeV2Checkpoints", NULL, GW_IN (prefixes, path), NULL));
  restore = gw_node_new (&f->b, "RestoreV2", NULL,
                         GW_IN (path, constant (f, "[\"b\", \"a\"]"), constant (f, "[\"\", \"\"]")), settings);
  fetch_is (f, gw_output_of (restore, 0), "2.5");
  fetch_is (f, gw_output_of (restore, 1), "1.5");
  g_assert_false (g_file_test (temp, G_FILE_TEST_EXISTS));
  restore = gw_node_new (&f->b, "MergeV2Checkpoints", NULL, GW_IN (prefixes, path), NULL);
  g_assert_no_error (f->b.error);
  g_assert_false (gw_session_run (f->session, f->graph, 0, NULL, 0, NULL, 1, &restore, NULL, NULL, &f->b.error));
  gw_test_assert_error (&f->b.error, GW_ERROR_NOT_FOUND, NULL);
  g_assert_true (g_file_test (dir, G_FILE_TEST_IS_DIR));
  gw_test_dir_remove (dir);
}

/* ---- counting ---- */

static void
test_count_up_to (Fixture      *f,
                  gconstpointer data)
{
  GwOutput n = gw_op (&f->b, "VariableV2", GW_NO_IN, GW_WITH ({ "dtype", gw_attr_dtype (GW_INT64) },
                                                            { "shape", gw_attr_shape (GW_SHAPE_SCALAR) }));
  GwOutput count = gw_op (&f->b, "CountUpTo", GW_IN (n), GW_WITH ({ "limit", gw_attr_int (2) }));

  run_target (f, gw_op2 (&f->b, "Assign", n, constant (f, "int64 0")).node);
  fetch_is (f, count, "int64 0");
  fetch_is (f, count, "int64 1");
  fetch_fails (f, count, GW_ERROR_OUT_OF_RANGE, "Reached limit of 2");
  fetch_is (f, n, "int64 2");
}

/* ---- variables by handle ---- */

static GwOutput
handle (Fixture    *f,
        const char *name,
        GwShape     shape)
{
  return gw_output_of (gw_node_new (&f->b, "VarHandleOp", name, GW_NO_IN, GW_WITH ({ "shape", gw_attr_shape (shape) })), 0);
}

static void
test_handle (Fixture      *f,
             gconstpointer data)
{
  GwOutput w = handle (f, "w", GW_SHAPE (2));
  GwOutput through = gw_op1 (&f->b, "Identity", gw_op1 (&f->b, "Identity", w));
  GwOutput read = gw_op1 (&f->b, "ReadVariableOp", through);
  GwOutput is_set = gw_op1 (&f->b, "VarIsInitializedOp", w);
  GwNode *assign = gw_node_new (&f->b, "AssignVariableOp", NULL, GW_IN (through, constant (f, "[1.5, 2.5]")), NULL);
  GwNode *add = gw_node_new (&f->b, "AssignAddVariableOp", NULL, GW_IN (w, constant (f, "[1.0, 1.0]")), NULL);

  g_assert_no_error (f->b.error);
  g_assert_cmpint (gw_output_dtype (read), ==, GW_FLOAT32);
  g_assert_true (gw_shape_equal (gw_output_shape (read), &GW_SHAPE (2)));
  fetch_is (f, is_set, "bool false");
  fetch_fails (f, read, GW_ERROR_FAILED_PRECONDITION, "Error while reading resource variable w");
  run_target (f, assign);
  fetch_is (f, is_set, "bool true");
  fetch_is (f, read, "[1.5, 2.5]");
  run_target (f, add);
  fetch_is (f, read, "[2.5, 3.5]");
  fetch_is (f, w, "[2.5, 3.5]");
  run_target (f, gw_node_new (&f->b, "DestroyResourceOp", NULL, GW_IN (w), NULL));
  fetch_is (f, is_set, "bool false");
}

static void
test_handle_refused (Fixture      *f,
                     gconstpointer data)
{
  GwOutput w = handle (f, "w", GW_SHAPE (2));
  GwOutput fed = gw_op (&f->b, "Placeholder", GW_NO_IN, GW_WITH ({ "dtype", gw_attr_dtype (GW_RESOURCE) },
                                                               { "shape", gw_attr_shape (GW_SHAPE_SCALAR) }));

  g_assert_null (gw_op1 (&f->b, "ReadVariableOp", fed).node);
  gw_test_assert_error (&f->b.error, GW_ERROR_INVALID_ARGUMENT, NULL);
  g_assert_null (gw_op (&f->b, "ReadVariableOp", GW_IN (fed), GW_WITH ({ "dtype", gw_attr_dtype (GW_FLOAT32) })).node);
  gw_test_assert_error (&f->b.error, GW_ERROR_INVALID_ARGUMENT, "must be the handle of a variable");
  g_assert_null (gw_op (&f->b, "ReadVariableOp", GW_IN (w), GW_WITH ({ "dtype", gw_attr_dtype (GW_INT32) })).node);
  gw_test_assert_error (&f->b.error, GW_ERROR_INVALID_ARGUMENT, "resource is float32 but dtype is int32");
  g_assert_null (gw_node_new (&f->b, "AssignVariableOp", NULL, GW_IN (w, constant (f, "[1.0, 2.0, 3.0]")), NULL));
  gw_test_assert_error (&f->b.error, GW_ERROR_INVALID_ARGUMENT, "Dimension 0 in both shapes must be equal");
}

/* A read that no control edge puts behind a write sees the value from before, one behind
 * it the new one; both in one run. */
static void
test_handle_order (Fixture      *f,
                   gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  GwOutput w = handle (f, "w", GW_SHAPE_SCALAR);
  GwOutput before = gw_op1 (&f->b, "ReadVariableOp", w);
  GwNode *add = gw_node_new (&f->b, "AssignAddVariableOp", NULL, GW_IN (w, constant (f, "1.0")), NULL);
  GwOutput after = gw_op1 (&f->b, "ReadVariableOp", w);
  GwOutput sum = gw_op2 (&f->b, "Sub", after, before);
  GwOutput fetches[] = { before, after, sum };
  GwTensor *results[3];

  gw_graph_add_control (after.node, add);
  run_target (f, gw_node_new (&f->b, "AssignVariableOp", NULL, GW_IN (w, constant (f, "5.0")), NULL));
  gw_session_run (f->session, f->graph, 0, NULL, 3, fetches, 0, NULL, NULL, results, &error);
  g_assert_no_error (error);
  gw_test_assert_tensor (results[0], "5.0");
  gw_test_assert_tensor (results[1], "6.0");
  gw_test_assert_tensor (results[2], "1.0");
  for (int i = 0; i < 3; i++)
    gw_tensor_unref (results[i]);
}

/* Σ w² + Σ rows of w: the gradient with respect to the handle is whole. */
static void
test_handle_gradient (Fixture      *f,
                      gconstpointer data)
{
  GwOutput w = handle (f, "w", GW_SHAPE (3, 1));
  GwOutput read = gw_op1 (&f->b, "ReadVariableOp", w);
  GwOutput rows = gw_op2 (&f->b, "ResourceGather", w, constant (f, "[2, 0, 2]"));
  GwOutput all = constant (f, "[0, 1]");
  GwOutput loss = gw_op2 (&f->b, "AddV2", gw_op2 (&f->b, "Sum", gw_op1 (&f->b, "Square", read), all),
                          gw_op2 (&f->b, "Sum", rows, all));
  GwOutput dw;

  run_target (f, gw_node_new (&f->b, "AssignVariableOp", NULL, GW_IN (w, constant (f, "[[1.0], [2.0], [3.0]]")), NULL));
  gw_gradients (&f->b, 1, &loss, NULL, 1, &w, &dw);
  g_assert_no_error (f->b.error);
  g_assert_nonnull (dw.node);
  fetch_is (f, dw, "[[3.0], [4.0], [8.0]]");
  run_target (f, gw_node_new (&f->b, "ResourceApplyGradientDescent", NULL, GW_IN (w, constant (f, "0.5"), dw), NULL));
  fetch_is (f, read, "[[-0.5], [0.0], [-1.0]]");
}

/* ---- control ---- */

static void
test_no_op (Fixture      *f,
            gconstpointer data)
{
  GwOutput a = variable (f, "a", GW_SHAPE_SCALAR);
  GwOutput b = variable (f, "b", GW_SHAPE_SCALAR);
  GwNode *group = gw_node_new (&f->b, "NoOp", "init", GW_NO_IN, NULL);

  gw_graph_add_control (group, gw_op2 (&f->b, "Assign", a, constant (f, "1.5")).node);
  gw_graph_add_control (group, gw_op2 (&f->b, "Assign", b, constant (f, "2.5")).node);
  run_target (f, group);
  fetch_is (f, a, "1.5");
  fetch_is (f, b, "2.5");
}

static void
test_check_numerics (Fixture      *f,
                     gconstpointer data)
{
  op_gives ("CheckNumerics", "message=x", OP_IN ("[1.5, -3e38]"), OP_IN ("[1.5, -3e38]"));
  op_fails ("CheckNumerics", "message=loss", OP_IN ("[1.5, nan]"), GW_ERROR_INVALID_ARGUMENT,
            "loss : Tensor had NaN values");
  op_fails ("CheckNumerics", "message=loss", OP_IN ("float64 [1.5, -inf]"), GW_ERROR_INVALID_ARGUMENT,
            "loss : Tensor had Inf values");
  op_fails ("CheckNumerics", "message=loss", OP_IN ("[nan, inf]"), GW_ERROR_INVALID_ARGUMENT,
            "loss : Tensor had Inf and NaN values");
  op_differentiates ("CheckNumerics", "message=x", OP_IN ("[1.5, 2.5]"), "[3.0, 4.0]", 0, "[3.0, 4.0]");
}

static void
test_assert (Fixture      *f,
             gconstpointer data)
{
  GError *error = NULL;
  GwNode *node = gw_node_new (&f->b, "Assert", NULL,
                              GW_IN (constant (f, "bool false"), constant (f, "[\"too large:\"]"), constant (f, "[1, 2, 3, 4]")),
                              NULL);

  g_assert_no_error (f->b.error);
  g_assert_false (gw_session_run (f->session, f->graph, 0, NULL, 0, NULL, 1, &node, NULL, NULL, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "assertion failed: [\"too large:\"][1 2 3...]");
}

static void
note_message (void       *data,
              const char *node,
              const char *text)
{
  g_string_append_printf (data, "%s: %s\n", node, text);
}

static void
test_print (Fixture      *f,
            gconstpointer data)
{
  g_autoptr (GString) log = g_string_new (NULL);
  GwOutput x = constant (f, "[1.5, 2.5]");
  GwOutput print = gw_op (&f->b, "Print", GW_IN (x, constant (f, "7")), GW_WITH ({ "message", gw_attr_string ("step ") },
                                                                              { "first_n", gw_attr_int (2) }));

  fetch_is (f, print, "[1.5, 2.5]");
  gw_session_set_message_func (f->session, note_message, log);
  for (int i = 0; i < 3; i++)
    fetch_is (f, print, "[1.5, 2.5]");
  g_assert_cmpstr (log->str, ==, "Print: step [7]\n");
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/ops/inputs/const", test_const);
  ADD ("/ops/inputs/placeholder", test_placeholder);
  ADD ("/ops/inputs/placeholder-with-default", test_placeholder_with_default);
  ADD ("/ops/variables/assign", test_assign);
  ADD ("/ops/variables/assign-shapes", test_assign_shapes);
  ADD ("/ops/variables/string-and-large", test_string_and_large_variables);
  ADD ("/ops/save/save-and-restore", test_save_and_restore);
  ADD ("/ops/save/restore-slices", test_restore_slices);
  ADD ("/ops/save/save-slices", test_save_slices);
  ADD ("/ops/save/merge-checkpoints", test_merge_checkpoints);
  ADD ("/ops/variables/count-up-to", test_count_up_to);
  ADD ("/ops/variables/handle", test_handle);
  ADD ("/ops/variables/handle-refused", test_handle_refused);
  ADD ("/ops/variables/handle-order", test_handle_order);
  ADD ("/ops/variables/handle-gradient", test_handle_gradient);
  ADD ("/ops/control/assert", test_assert);
  ADD ("/ops/control/print", test_print);
  ADD ("/ops/control/no-op", test_no_op);
  ADD ("/ops/control/check-numerics", test_check_numerics);
  return g_test_run ();
}
