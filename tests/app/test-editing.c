/* SPDX-License-Identifier: Apache-2.0 */
/* What editing needs beside the document: evaluating on the spot, finding, lining up. */
#include "app/model/align.h"
#include "app/model/node-query.h"
#include "app/model/values.h"

#include <string.h>

static int64_t
add (GwDocModel *model,
     const char *op,
     const char *name,
     double      x,
     double      y)
{
  int64_t id;

  gw_doc_model_apply (model, gw_edit_add_node (gw_doc_model_get_document (model), gw_registry_find (op), x, y, &id),
                      NULL);
  g_assert_true (gw_doc_model_set_attr (model, id, "name", name, NULL));
  return id;
}

static void
wire (GwDocModel *model,
      int64_t     from,
      int64_t     to,
      const char *port)
{
  GwEdit *edit = gw_edit_new ("Connect");
  GwItem *item = gw_edit_take (edit, gw_doc_model_get_document (model), to);

  gw_doc_node_set_input (&item->node, port, 0, from, 0, NULL);
  gw_edit_put (edit, gw_doc_model_get_document (model), item);
  gw_doc_model_apply (model, edit, NULL);
}

/* ---- values ---- */

static void
compute (GwValues *values,
         GwRun    *run,
         int64_t   id)
{
  g_autoptr (GArray) nodes = g_array_new (FALSE, FALSE, sizeof (int64_t));
  g_autoptr (GError) error = NULL;
  gint64 end = g_get_monotonic_time () + 20 * G_TIME_SPAN_SECOND;
  const GwValue *value;

  g_array_append_val (nodes, id);
  gw_values_compute (values, nodes, &error);
  g_assert_no_error (error);
  while (((value = gw_values_get (values, id, 0)) == NULL || value->stale) && g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (500);
  g_assert_no_error (gw_run_get_error (run));
  g_assert_nonnull (value);
  g_assert_false (value->stale);
}

static void
move (GwDocModel *model,
      int64_t     id)
{
  GwEdit *edit = gw_edit_new ("Move");
  GwItem *item = gw_edit_take (edit, gw_doc_model_get_document (model), id);

  item->node.x += 8;
  gw_edit_put (edit, gw_doc_model_get_document (model), item);
  gw_doc_model_apply (model, edit, NULL);
}

static void
test_values (void)
{
  g_autoptr (GwDocModel) model = gw_doc_model_new ();
  g_autoptr (GwRun) run = gw_run_new ();
  g_autoptr (GwValues) values = gw_values_new (model, run);
  int64_t a = add (model, "Const", "a", 0, 0), b = add (model, "Neg", "b", 200, 0), c = add (model, "Const", "c", 0, 200);
  g_autofree char *summary = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) none = g_array_new (FALSE, FALSE, sizeof (int64_t));

  g_assert_true (gw_doc_model_set_attr (model, a, "value", "[1, 2, 6]", NULL));
  wire (model, a, b, "x");
  g_assert_null (gw_values_get (values, b, 0));
  g_assert_false (gw_values_compute (values, none, &error));
  g_assert_nonnull (error);
  compute (values, run, b);
  g_assert_cmpfloat (gw_tensor_get_double (gw_values_get (values, b, 0)->tensor, 2), ==, -6);
  summary = gw_value_summary (&gw_values_get (values, b, 0)->stats);
  g_assert_cmpstr (summary, ==, "min -6 · mean -3 · max -1 · σ 2.16 · 0 NaN");

  /* Neither a move nor an edit elsewhere makes it stale; one before it does, until it is taken back. */
  move (model, a);
  g_assert_true (gw_doc_model_set_attr (model, c, "value", "5", NULL));
  g_assert_false (gw_values_get (values, b, 0)->stale);
  g_assert_true (gw_doc_model_set_attr (model, a, "value", "[1, 2, 7]", NULL));
  g_assert_true (gw_values_get (values, b, 0)->stale);
  g_assert_true (gw_doc_model_undo (model));
  g_assert_false (gw_values_get (values, b, 0)->stale);
  gw_doc_model_apply (model, gw_edit_delete (gw_doc_model_get_document (model), &b, 1, FALSE), NULL);
  g_assert_null (gw_values_get (values, b, 0));
  gw_run_close (run);
  while (gw_run_get_state (run) == GW_RUN_READY || gw_run_get_state (run) == GW_RUN_PREPARING)
    g_main_context_iteration (NULL, TRUE);
}

/* ---- finding ---- */

static void
test_query (void)
{
  static const struct { const char *text; gboolean a, b, c; } cases[] = {
    { "", TRUE, TRUE, TRUE },          { "HIDDEN", TRUE, TRUE, FALSE },   { "op:neg", FALSE, TRUE, FALSE },
    { "dtype:int64", FALSE, FALSE, TRUE }, { "hidden op:const", TRUE, FALSE, FALSE },
    { "device:cpu", FALSE, TRUE, FALSE }, { "device:auto", TRUE, FALSE, TRUE }, { "op:", TRUE, TRUE, TRUE },
    { "const", TRUE, FALSE, TRUE },    { "nothing", FALSE, FALSE, FALSE },
  };
  g_autoptr (GwDocModel) model = gw_doc_model_new ();
  int64_t a = add (model, "Const", "hidden1", 0, 0), b = add (model, "Neg", "hidden2", 0, 0);
  int64_t c = add (model, "Const", "count", 0, 0);

  g_assert_true (gw_doc_model_set_attr (model, b, "device", "/cpu:0", NULL));
  g_assert_true (gw_doc_model_set_attr (model, c, "dtype", "int64", NULL));
  g_assert_true (gw_doc_model_set_attr (model, c, "value", "3", NULL));
  wire (model, a, b, "x");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GwNodeQuery) query = gw_node_query_new (cases[i].text);
      const GwLive *live = gw_doc_model_settle (model);

      g_test_message ("“%s”", cases[i].text);
      g_assert_cmpint (gw_node_query_matches (query, live, a), ==, cases[i].a);
      g_assert_cmpint (gw_node_query_matches (query, live, b), ==, cases[i].b);
      g_assert_cmpint (gw_node_query_matches (query, live, c), ==, cases[i].c);
      g_assert_false (gw_node_query_matches (query, live, 999));
    }
}

/* ---- lining up ---- */

static void
box (int64_t  id,
     double  *width,
     double  *height,
     gpointer data)
{
  *width = 100 + 10 * (double) id;
  *height = 50;
}

static void
assert_at (GwDocModel *model,
           int64_t     id,
           double      x,
           double      y)
{
  const GwDocNode *node = gw_document_node (gw_doc_model_get_document (model), id);

  g_assert_cmpfloat (node->x, ==, x);
  g_assert_cmpfloat (node->y, ==, y);
}

static void
test_align (void)
{
  g_autoptr (GwDocModel) model = gw_doc_model_new ();
  GwDocument *document = gw_doc_model_get_document (model);
  int64_t ids[3] = { add (model, "Const", "a", 10, 0), add (model, "Const", "b", 40, 300), add (model, "Const", "c", 400, 90) };
  GwEdit *edit;

  gw_doc_model_apply (model, gw_edit_align (document, ids, 3, GW_ALIGN_LEFT, box, NULL), NULL);
  for (int i = 0; i < 3; i++)
    g_assert_cmpfloat (gw_document_node (document, ids[i])->x, ==, 10);
  g_assert_cmpstr (gw_doc_model_undo_label (model), ==, "Align");
  gw_doc_model_undo (model);
  gw_doc_model_apply (model, gw_edit_align (document, ids, 3, GW_ALIGN_RIGHT, box, NULL), NULL);
  for (int i = 0; i < 3; i++)
    g_assert_cmpfloat (gw_document_node (document, ids[i])->x + 100 + 10 * (double) ids[i], ==, 400 + 100 + 10 * (double) ids[2]);
  gw_doc_model_undo (model);
  gw_doc_model_apply (model, gw_edit_align (document, ids, 3, GW_ALIGN_SPREAD_DOWN, box, NULL), NULL);
  assert_at (model, ids[0], 10, 0);
  assert_at (model, ids[2], 400, 150);
  assert_at (model, ids[1], 40, 300);
  edit = gw_edit_align (document, ids, 1, GW_ALIGN_TOP, box, NULL);
  g_assert_true (gw_edit_is_empty (edit));
  gw_edit_free (edit);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  gw_init ();
  g_test_add_func ("/editing/values", test_values);
  g_test_add_func ("/editing/query", test_query);
  g_test_add_func ("/editing/align", test_align);
  return g_test_run ();
}
