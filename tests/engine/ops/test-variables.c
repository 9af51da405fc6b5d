/* SPDX-License-Identifier: Apache-2.0 */
/* Const and placeholders; variables and their assignments; saving and restoring;
 * NoOp and CheckNumerics. */
#include "engine/base/error.h"
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
               GW_ERROR_UNIMPLEMENTED, "slice");
  g_assert_null (gw_op (&f->b, "RestoreV2", GW_IN (path, constant (f, "[\"b\"]"), slices), settings).node);
  gw_test_assert_error (&f->b.error, GW_ERROR_INVALID_ARGUMENT, "tensor_names has 1 elements for 2 tensors");
  gw_test_dir_remove (dir);
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
  ADD ("/ops/control/no-op", test_no_op);
  ADD ("/ops/control/check-numerics", test_check_numerics);
  return g_test_run ();
}
