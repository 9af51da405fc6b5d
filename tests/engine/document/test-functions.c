/* SPDX-License-Identifier: Apache-2.0 */
/* Sub-graphs in documents: what a new If, While and Scan begin with, lowering, problems inside,
 * live inference, and a cell drawn by hand against the same thing unrolled. */
#include "engine/base/error.h"
#include "engine/document/composites.h"
#include "engine/document/live.h"
#include "engine/document/lower.h"
#include "engine/graph/gradient.h"
#include "engine/graph/registry.h"
#include "engine/ops/families.h"
#include "engine/runtime/session.h"
#include "engine/tensor/text.h"

#include <math.h>
#include <string.h>

static const GwLowerOptions options = { GW_MODE_TRAIN, TRUE, 42 };

static int64_t
add (GwDocument *document,
     const char *op)
{
  int64_t id;
  g_autoptr (GwEdit) edit = gw_edit_add_node (document, gw_registry_find (op), 0, 0, &id);

  gw_document_apply (document, edit);
  return id;
}

static void
set_input (GwDocument *document,
           int64_t     id,
           const char *port,
           int         index,
           int64_t     from,
           const char *literal)
{
  GwEdit *edit = gw_edit_new ("");
  GwItem *item = gw_edit_take (edit, document, id);

  gw_doc_node_set_input (&item->node, port, index, from, 0, literal);
  gw_edit_put (edit, document, item);
  gw_document_apply (document, edit);
  gw_edit_free (edit);
}

static void
set_attr (GwDocument *document,
          int64_t     id,
          const char *name,
          const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwEdit) edit = gw_edit_set_attr (document, id, name, text, &error);

  g_assert_no_error (error);
  gw_document_apply (document, edit);
}

static int64_t
add_const (GwDocument *document,
           const char *value)
{
  int64_t id = add (document, "Const");

  set_attr (document, id, "dtype", "float32");
  set_attr (document, id, "value", value);
  return id;
}

static void
assert_value (GwDocument *document,
              int64_t     id,
              int         output,
              const char *expected)
{
  g_autoptr (GwLowered) lowered = gw_lower (document, &options);
  g_autoptr (GwSession) session = gw_session_new (1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) result = NULL;
  g_autofree char *text = NULL;

  gw_lowered_check (lowered, document, NULL, 0, &error);
  g_assert_no_error (error);
  result = gw_session_fetch (session, lowered->graph, 0, NULL, gw_lowered_output (lowered, id, output), &error);
  g_assert_no_error (error);
  text = gw_tensor_to_string (result, 0);
  g_assert_cmpstr (text, ==, expected);
}

/* ---- what they begin with ---- */

static void
test_new_while (void)
{
  g_autoptr (GwDocument) document = gw_document_new ();
  int64_t loop = add (document, "While");

  set_input (document, loop, "input", 0, add_const (document, "2.5"), NULL);
  assert_value (document, loop, 0, "10.5");
}

static void
test_new_if (void)
{
  g_autoptr (GwDocument) document = gw_document_new ();
  int64_t branch = add (document, "If"), x = add_const (document, "[1, 2]");

  set_input (document, branch, "input", 0, x, NULL);
  set_input (document, branch, "cond", 0, 0, "true");
  assert_value (document, branch, 0, "[1, 2]");
  set_input (document, branch, "cond", 0, 0, "false");
  assert_value (document, branch, 0, "[-1, -2]");
}

static void
test_new_scan (void)
{
  g_autoptr (GwDocument) document = gw_document_new ();
  int64_t scan = add (document, "Scan");

  set_input (document, scan, "xs", 0, add_const (document, "[[1, 2, 3], [10, 20, 30]]"), NULL);
  set_input (document, scan, "states", 0, add_const (document, "[100, 1000]"), NULL);
  assert_value (document, scan, 0, "[[101, 103, 106], [1010, 1030, 1060]]");
  assert_value (document, scan, 1, "[106, 1060]");
  set_attr (document, scan, "reverse", "true");
  assert_value (document, scan, 0, "[[106, 105, 103], [1060, 1050, 1030]]");
  set_attr (document, scan, "reverse", "false");
  set_attr (document, scan, "time_axis", "0");
  set_input (document, scan, "states", 0, add_const (document, "[100, 1000, 0]"), NULL);
  assert_value (document, scan, 0, "[[101, 1002, 3], [111, 1022, 33]]");
}

/* The file keeps it all; undo takes the sub-graphs away again. */
static void
test_file (void)
{
  g_autoptr (GwDocument) document = gw_document_new ();
  g_autoptr (GwDocument) before = gw_document_copy (document);
  g_autoptr (GwDocument) again = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  int64_t loop;
  g_autoptr (GwEdit) edit = gw_edit_add_node (document, gw_registry_find ("While"), 0, 0, &loop);

  gw_document_apply (document, edit);
  text = gw_document_to_json (document);
  again = gw_document_from_json (text, strlen (text), &error);
  g_assert_no_error (error);
  g_assert_true (gw_document_equal (document, again));
  set_input (again, loop, "input", 0, add_const (again, "2.5"), NULL);
  assert_value (again, loop, 0, "10.5");
  gw_document_revert (document, edit);
  g_assert_true (gw_document_equal (document, before));
}

/* ---- a cell by hand ---- */

/* state' = tanh (x · w + state): along [[0.1, 0.2, 0.3]] from 0.5, and its gradient. */
static void
test_cell (void)
{
  g_autoptr (GwDocument) document = gw_document_new ();
  int64_t scan = add (document, "Scan"), w = add (document, "VariableV2");
  int64_t cell = gw_document_find (document, "Scan_cell/Add"), x = gw_document_find (document, "Scan_cell/x");
  int64_t product = add (document, "Mul"), tanh_node = add (document, "Tanh"), weight = add (document, "_Arg");
  g_autoptr (GwSession) session = gw_session_new (1);
  g_autoptr (GwLowered) lowered = NULL;
  g_autoptr (GError) error = NULL;
  GwOutput ys, weights, gradient;
  GwNode *init;
  double state = 0.5, dstate = 0;
  const double steps[3] = { 0.1, 0.2, 0.3 };
  GwTensor *results[2];
  GwBuilder b;
  GwEdit *edit = gw_edit_new ("");
  const int64_t inside[3] = { product, tanh_node, weight };
  int64_t group = gw_document_find_group (document, "Scan_cell");

  g_assert_cmpint (group, !=, 0);
  gw_edit_move_into (edit, document, inside, 3, group);
  gw_document_apply (document, edit);
  gw_edit_free (edit);
  set_attr (document, weight, "index", "2");
  set_attr (document, w, "dtype", "float32");
  set_attr (document, w, "shape", "[]");
  set_attr (document, w, "_initializer", "constant(2)");
  set_input (document, product, "x", 0, x, NULL);
  set_input (document, product, "y", 0, weight, NULL);
  set_input (document, cell, "x", 0, product, NULL);
  set_input (document, tanh_node, "x", 0, cell, NULL);
  set_input (document, gw_document_find (document, "Scan_cell/y"), "input", 0, tanh_node, NULL);
  set_input (document, gw_document_find (document, "Scan_cell/next_state"), "input", 0, tanh_node, NULL);
  set_input (document, scan, "xs", 0, add_const (document, "[[0.1, 0.2, 0.3]]"), NULL);
  set_input (document, scan, "states", 0, add_const (document, "[0.5]"), NULL);
  set_input (document, scan, "reads", 0, w, NULL);
  lowered = gw_lower (document, &options);
  gw_lowered_check (lowered, document, NULL, 0, &error);
  g_assert_no_error (error);
  ys = gw_lowered_output (lowered, scan, 1);
  weights = gw_lowered_output (lowered, w, 0);
  gw_builder_init (&b, lowered->graph);
  gw_gradients (&b, 1, &ys, NULL, 1, &weights, &gradient);
  gw_builder_finish (&b, &error);
  g_assert_no_error (error);
  init = ((GwLoweredVariable *) g_ptr_array_index (lowered->variables, 0))->initializer;
  gw_session_run (session, lowered->graph, 0, NULL, 0, NULL, 1, &init, NULL, NULL, &error);
  g_assert_no_error (error);
  gw_session_run (session, lowered->graph, 0, NULL, 2, (const GwOutput[]) { ys, gradient }, 0, NULL, NULL, results, &error);
  g_assert_no_error (error);
  for (int i = 0; i < 3; i++)
    {
      state = tanh (2 * steps[i] + state);
      dstate = (1 - state * state) * (steps[i] + dstate);
    }
  g_assert_cmpfloat_with_epsilon (gw_tensor_get_double (results[0], 0), state, 1e-6);
  g_assert_cmpfloat_with_epsilon (gw_tensor_get_double (results[1], 0), dstate, 1e-6);
  gw_tensor_unref (results[0]);
  gw_tensor_unref (results[1]);
}

/* state' = state + x · r, where r is drawn anew at every step, and is the result: the gradient of the
 * last state with respect to the steps is what was drawn. */
static void
test_random_cell (void)
{
  g_autoptr (GwDocument) document = gw_document_new ();
  int64_t scan = add (document, "Scan"), xs = add_const (document, "[[0.1, 0.2, 0.3]]"), gradients = add (document, "Gradients");
  int64_t sum = gw_document_find (document, "Scan_cell/Add"), x = gw_document_find (document, "Scan_cell/x");
  const int64_t inside[2] = { add (document, "Mul"), add (document, "RandomUniform") };
  g_autoptr (GwSession) session = gw_session_new (1);
  g_autoptr (GwLowered) lowered = NULL;
  g_autoptr (GError) error = NULL;
  GwEdit *edit = gw_edit_new ("");
  GwTensor *results[3];

  gw_edit_move_into (edit, document, inside, 2, gw_document_find_group (document, "Scan_cell"));
  gw_document_apply (document, edit);
  gw_edit_free (edit);
  set_input (document, inside[1], "shape", 0, 0, "[1]");
  set_input (document, inside[0], "x", 0, x, NULL);
  set_input (document, inside[0], "y", 0, inside[1], NULL);
  set_input (document, sum, "x", 0, inside[0], NULL);
  set_input (document, gw_document_find (document, "Scan_cell/y"), "input", 0, inside[1], NULL);
  set_input (document, scan, "xs", 0, xs, NULL);
  set_input (document, scan, "states", 0, add_const (document, "[0.5]"), NULL);
  edit = gw_edit_new ("");
  {
    GwItem *item = gw_edit_take (edit, document, gradients);

    gw_doc_node_set_input (&item->node, "ys", 0, scan, 1, NULL);
    gw_doc_node_set_input (&item->node, "xs", 0, xs, 0, NULL);
    gw_edit_put (edit, document, item);
  }
  gw_document_apply (document, edit);
  gw_edit_free (edit);
  lowered = gw_lower (document, &options);
  gw_lowered_check (lowered, document, NULL, 0, &error);
  g_assert_no_error (error);
  gw_session_run (session, lowered->graph, 0, NULL, 3,
                  (const GwOutput[]) { gw_lowered_output (lowered, scan, 0), gw_lowered_output (lowered, gradients, 0),
                                       gw_lowered_output (lowered, scan, 1) }, 0, NULL, NULL, results, &error);
  g_assert_no_error (error);
  for (int i = 0; i < 3; i++)
    g_assert_cmpfloat (gw_tensor_get_double (results[0], i), ==, gw_tensor_get_double (results[1], i));
  g_assert_cmpfloat (gw_tensor_get_double (results[0], 0), !=, gw_tensor_get_double (results[0], 1));
  g_assert_cmpfloat_with_epsilon (gw_tensor_get_double (results[2], 0),
                                  0.5 + 0.1 * gw_tensor_get_double (results[0], 0) + 0.2 * gw_tensor_get_double (results[0], 1) +
                                    0.3 * gw_tensor_get_double (results[0], 2), 1e-6);
  for (int i = 0; i < 3; i++)
    gw_tensor_unref (results[i]);
}

/* ---- problems ---- */

static const GwProblem *
find_problem (const GPtrArray *problems,
              int64_t          node,
              const char      *part)
{
  for (guint i = 0; i < problems->len; i++)
    {
      const GwProblem *problem = g_ptr_array_index (problems, i);

      if (problem->node == node && strstr (problem->message, part) != NULL)
        return problem;
    }
  return NULL;
}

/* One inside stands at the node inside, once; the caller cannot be lowered. */
static void
test_problems (void)
{
  g_autoptr (GwDocument) document = gw_document_new ();
  int64_t loop = add (document, "While"), inner = gw_document_find (document, "While_body/Add");
  int64_t variable = add (document, "VariableV2");
  g_autoptr (GwLowered) lowered = NULL;
  g_autoptr (GError) error = NULL;
  GwEdit *edit = gw_edit_new ("");

  set_input (document, loop, "input", 0, add_const (document, "2.5"), NULL);
  set_input (document, inner, "x", 0, 0, NULL);
  gw_edit_move_into (edit, document, &variable, 1, gw_document_find_group (document, "While_cond"));
  gw_document_apply (document, edit);
  gw_edit_free (edit);
  set_attr (document, variable, "shape", "[2]");
  lowered = gw_lower (document, &options);
  g_assert_nonnull (find_problem (lowered->problems, inner, "nothing is wired to x"));
  g_assert_nonnull (find_problem (lowered->problems, variable, "cannot live in a sub-graph"));
  g_assert_cmpuint (lowered->problems->len, ==, 2);
  g_assert_null (gw_lowered_output (lowered, loop, 0).node);
  g_assert_false (gw_lowered_check (lowered, document, &loop, 1, &error));
}

static void
test_itself (void)
{
  g_autoptr (GwDocument) document = gw_document_new ();
  int64_t loop = add (document, "While"), inner = add (document, "If");
  g_autoptr (GwLowered) lowered = NULL;
  GwEdit *edit = gw_edit_new ("");

  gw_edit_move_into (edit, document, &inner, 1, gw_document_find_group (document, "While_body"));
  gw_document_apply (document, edit);
  gw_edit_free (edit);
  set_input (document, loop, "input", 0, add_const (document, "2.5"), NULL);
  set_attr (document, inner, "then_branch", "While_body");
  lowered = gw_lower (document, &options);
  g_assert_true (gw_lowered_has_errors (lowered));
}

/* Types that do not fit say which input of which sub-graph. */
static void
test_types (void)
{
  g_autoptr (GwDocument) document = gw_document_new ();
  int64_t loop = add (document, "While"), x = add_const (document, "2");
  g_autoptr (GwLowered) lowered = NULL;

  set_attr (document, x, "dtype", "int32");
  set_input (document, loop, "input", 0, x, NULL);
  lowered = gw_lower (document, &options);
  g_assert_nonnull (find_problem (lowered->problems, loop, "input 0 of While_cond is float32 where int32 is wanted"));
}

/* ---- while it is drawn ---- */

static const char *
live_shape (GwLive  *live,
            int64_t  id,
            char   **text)
{
  const GwOutputFacts *facts = gw_live_output (live, id, 0);

  g_clear_pointer (text, g_free);
  *text = facts != NULL ? gw_shape_to_string (&facts->shape) : g_strdup ("none");
  return *text;
}

/* A change in the body is seen at who calls it. */
static void
test_live (void)
{
  g_autoptr (GwDocument) document = gw_document_new ();
  int64_t loop = add (document, "While"), inner = gw_document_find (document, "While_body/Add");
  g_autoptr (GArray) affected = g_array_new (FALSE, FALSE, sizeof (int64_t));
  g_autofree char *text = NULL;
  GwLive *live;

  set_input (document, loop, "input", 0, add_const (document, "[1, 2]"), NULL);
  live = gw_live_new (document);
  g_assert_cmpstr (live_shape (live, loop, &text), ==, "[2]");
  g_assert_cmpuint (gw_live_problems (live)->len, ==, 0);
  set_input (document, inner, "y", 0, 0, "[[1.0], [2.0]]");
  gw_live_change (live, document, 1, &inner);
  gw_live_work (live, G_MAXINT, affected);
  g_assert_cmpstr (live_shape (live, loop, &text), ==, "?");
  set_input (document, inner, "x", 0, 0, NULL);
  gw_live_change (live, document, 1, &inner);
  gw_live_work (live, G_MAXINT, affected);
  g_assert_cmpstr (live_shape (live, loop, &text), ==, "none");
  g_assert_nonnull (find_problem (gw_live_problems (live), inner, "nothing is wired to x"));
  g_assert_nonnull (find_problem (gw_live_problems (live), loop, "the sub-graph While_body: While_body/Add"));
  gw_live_free (live);
}

/* A new Case has three branches; renaming one keeps it called. */
static void
test_case (void)
{
  g_autoptr (GwDocument) document = gw_document_new ();
  int64_t branch = add (document, "Case"), x = add_const (document, "[1, 2]");
  g_autoptr (GError) error = NULL;
  g_autoptr (GwEdit) edit = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GwDocument) loaded = NULL;

  set_input (document, branch, "input", 0, x, NULL);
  assert_value (document, branch, 0, "[1, 2]");
  set_input (document, branch, "branch_index", 0, 0, "1");
  assert_value (document, branch, 0, "[-1, -2]");
  set_input (document, branch, "branch_index", 0, 0, "2");
  assert_value (document, branch, 0, "[1, 4]");
  edit = gw_edit_rename_group (document, gw_document_find_group (document, "Case_2"), "squares", &error);
  g_assert_no_error (error);
  gw_document_apply (document, edit);
  g_assert_cmpint (gw_document_find_group (document, "squares"), >, 0);
  assert_value (document, branch, 0, "[1, 4]");
  text = gw_document_to_json (document);
  loaded = gw_document_from_json (text, strlen (text), &error);
  g_assert_no_error (error);
  g_assert_true (gw_document_equal (document, loaded));
  assert_value (loaded, branch, 0, "[1, 4]");
  gw_document_revert (document, edit);
  assert_value (document, branch, 0, "[1, 4]");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gw_register_all_ops ();
  gw_register_composites ();
  g_test_add_func ("/functions/case", test_case);
  g_test_add_func ("/functions/new-while", test_new_while);
  g_test_add_func ("/functions/new-if", test_new_if);
  g_test_add_func ("/functions/new-scan", test_new_scan);
  g_test_add_func ("/functions/file", test_file);
  g_test_add_func ("/functions/cell", test_cell);
  g_test_add_func ("/functions/random-cell", test_random_cell);
  g_test_add_func ("/functions/problems", test_problems);
  g_test_add_func ("/functions/itself", test_itself);
  g_test_add_func ("/functions/types", test_types);
  g_test_add_func ("/functions/live", test_live);
  return g_test_run ();
}
