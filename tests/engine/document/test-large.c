/* SPDX-License-Identifier: Apache-2.0 */
/* Documents of thousands of nodes: the times are printed, the results are checked. */
#include "engine/document/composites.h"
#include "engine/document/live.h"
#include "engine/graph/registry.h"
#include "engine/ops/families.h"
#include "engine/runtime/session.h"
#include "tests/support/support.h"

#include <string.h>

#define N 10000

static void
report (GTimer     *timer,
        const char *what)
{
  g_test_message ("%s: %.0f ms", what, 1000 * g_timer_elapsed (timer, NULL));
  g_timer_start (timer);
}

/* x → Neg → Neg → … */
static GwDocument *
make_chain (GTimer  *timer,
            int64_t *last)
{
  GwDocument *document = gw_document_new ();
  const GwOpDef *neg = gw_registry_find ("Neg");
  int64_t before, id;
  GwEdit *first = gw_edit_add_node (document, gw_registry_find ("Placeholder"), 0, 0, &before);

  gw_document_apply (document, first);
  gw_edit_free (first);
  for (int i = 1; i < N; i++)
    {
      g_autoptr (GwEdit) edit = gw_edit_add_node (document, neg, 0, i * 50, &id);
      GwItem *item = gw_edit_take (edit, document, id);

      gw_doc_node_set_input (&item->node, "x", 0, before, 0, NULL);
      gw_edit_put (edit, document, item);
      gw_document_apply (document, edit);
      before = id;
    }
  *last = before;
  report (timer, "add one by one");
  return document;
}

/* All of them in one edit; undone it is as before. */
static void
move_all (GwDocument *document,
          GTimer     *timer)
{
  g_autoptr (GwDocument) before = gw_document_copy (document);
  g_autoptr (GwEdit) edit = gw_edit_new ("Move");
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  for (int round = 0; round < 2; round++)
    for (int i = 0; i < n; i++)
      {
        GwItem *item = gw_edit_take (edit, document, ids[i]);

        item->node.x += 8;
        gw_edit_put (edit, document, item);
      }
  g_assert_cmpuint (edit->changes->len, ==, n);
  gw_document_apply (document, edit);
  g_assert_false (gw_document_equal (before, document));
  gw_document_revert (document, edit);
  g_assert_true (gw_document_equal (before, document));
  report (timer, "move all, twice, and undo");
}

static void
delete_half (GwDocument *document,
             GTimer     *timer)
{
  g_autoptr (GwDocument) before = gw_document_copy (document);
  g_autoptr (GArray) half = g_array_new (FALSE, FALSE, sizeof (int64_t));
  g_autoptr (GwEdit) edit = NULL;
  int n, left;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  for (int i = 1; i < n; i += 2)
    g_array_append_val (half, ids[i]);
  edit = gw_edit_delete (document, (const int64_t *) half->data, (int) half->len, TRUE);
  gw_document_apply (document, edit);
  ids = gw_document_ids (document, GW_ITEM_NODE, &left);
  g_assert_cmpint (left, ==, n / 2);
  g_assert_cmpint (gw_doc_node_input (gw_document_node (document, ids[left - 1]), "x", 0)->from, ==, ids[left - 2]);
  gw_document_revert (document, edit);
  g_assert_true (gw_document_equal (before, document));
  report (timer, "delete every other one, reconnect, undo");
}

static void
copy_and_paste (GwDocument *document,
                GTimer     *timer)
{
  g_autoptr (GwDocument) before = gw_document_copy (document);
  g_autoptr (GArray) pasted = g_array_new (FALSE, FALSE, sizeof (int64_t));
  g_autoptr (GError) error = NULL;
  g_autoptr (GwEdit) edit = NULL;
  g_autofree char *text = NULL;
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  text = gw_document_copy_items (document, ids, n);
  edit = gw_document_paste (document, text, 10, 10, FALSE, pasted, &error);
  g_assert_no_error (error);
  gw_document_apply (document, edit);
  gw_document_ids (document, GW_ITEM_NODE, &n);
  g_assert_cmpint (n, ==, 2 * N);
  gw_document_revert (document, edit);
  g_assert_true (gw_document_equal (before, document));
  report (timer, "copy and paste all, undo");
}

static void
round_trip (GwDocument *document,
            GTimer     *timer)
{
  g_autofree char *text = gw_document_to_json (document);
  g_autoptr (GError) error = NULL;
  g_autoptr (GwDocument) again = NULL;

  report (timer, "to JSON");
  again = gw_document_from_json (text, strlen (text), &error);
  g_assert_no_error (error);
  g_assert_true (gw_document_equal (document, again));
  report (timer, "from JSON");
}

static void
lower_and_run (GwDocument *document,
               int64_t     last,
               GTimer     *timer)
{
  const GwLowerOptions options = { GW_MODE_PREDICT, FALSE, -1 };
  g_autoptr (GwLowered) lowered = gw_lower (document, &options);
  g_autoptr (GwSession) session = gw_session_new (1);
  g_autoptr (GwTensor) three = gw_tensor_new_float (3);
  g_autoptr (GwTensor) value = NULL;
  g_autoptr (GError) error = NULL;
  GwFeed feed = { gw_graph_find_output (lowered->graph, "Placeholder", &feed.output, NULL) ? feed.output : GW_NO_OUTPUT, three };
  g_autoptr (GwLive) live = NULL;
  g_autofree char *why_not = NULL;
  int n;

  g_assert_cmpuint (lowered->problems->len, ==, 0);
  report (timer, "lower");
  value = gw_session_fetch (session, lowered->graph, 1, &feed, gw_lowered_output (lowered, last, 0), &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (gw_tensor_get_double (value, 0), ==, -3);
  report (timer, "compile and run");
  live = gw_live_new (document);
  report (timer, "lower node by node");
  why_not = gw_live_why_not (live, last, 0, gw_document_ids (document, GW_ITEM_NODE, &n)[1], "x", 0);
  g_assert_nonnull (strstr (why_not, "cycle"));
  report (timer, "why not");
}

static void
test_large (void)
{
  g_autoptr (GTimer) timer = g_timer_new ();
  int64_t last;
  g_autoptr (GwDocument) document = make_chain (timer, &last);

  move_all (document, timer);
  delete_half (document, timer);
  copy_and_paste (document, timer);
  round_trip (document, timer);
  lower_and_run (document, last, timer);
}

/* Deep layers: composites, gradients and slots of many variables. */
static void
test_many_layers (void)
{
  g_autoptr (GString) nodes = g_string_new ("{'id':1,'name':'x','op':'Placeholder','at':[0,0],'attrs':{'shape':[null,4]}}");
  g_autoptr (GTimer) timer = g_timer_new ();
  const GwLowerOptions options = { GW_MODE_TRAIN, TRUE, 1 };
  const int n = 1000;
  g_autoptr (GwDocument) document = NULL;
  g_autoptr (GwLowered) lowered = NULL;
  g_autoptr (GwSession) session = gw_session_new (1);
  g_autoptr (GPtrArray) targets = g_ptr_array_new ();
  g_autoptr (GwTensor) x = gw_test_tensor ("[[1.0, 2.0, 3.0, 4.0]]");
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  GwFeed feed;

  for (int i = 2; i <= n; i++)
    g_string_append_printf (nodes, ",{'id':%d,'name':'layer%d','op':'Dense','at':[0,0],'attrs':{'units':4},'inputs':{'inputs':{'from':%d}}}", i, i, i - 1);
  g_string_append_printf (nodes, ",{'id':%d,'name':'loss','op':'Loss','at':[0,0],'attrs':{'kind':'mean_squared_error'},"
                          "'inputs':{'predictions':{'from':%d},'labels':{'from':1}}},"
                          "{'id':%d,'name':'train','op':'Minimize','at':[0,0],'inputs':{'loss':{'from':%d}}}", n + 1, n, n + 2, n + 1);
  text = g_strdup_printf ("{'graphwright':1,'nodes':[%s]}", nodes->str);
  g_strdelimit (text, "'", '"');
  document = gw_document_from_json (text, strlen (text), &error);
  g_assert_no_error (error);
  report (timer, "1,000 layers from JSON");
  lowered = gw_lower (document, &options);
  g_assert_cmpuint (lowered->problems->len, ==, 0);
  g_test_message ("%d nodes", gw_graph_n_nodes (lowered->graph));
  report (timer, "lower with gradients and Adam");
  for (guint i = 0; i < lowered->variables->len; i++)
    g_ptr_array_add (targets, ((GwLoweredVariable *) g_ptr_array_index (lowered->variables, i))->initializer);
  gw_session_run (session, lowered->graph, 0, NULL, 0, NULL, (int) targets->len, (GwNode *const *) targets->pdata, NULL, NULL, &error);
  g_assert_no_error (error);
  report (timer, "initialise");
  feed = (GwFeed) { gw_lowered_output (lowered, 1, 0), x };
  g_ptr_array_set_size (targets, 0);
  g_ptr_array_add (targets, gw_lowered_final (lowered, n + 2));
  gw_session_run (session, lowered->graph, 1, &feed, 0, NULL, 1, (GwNode *const *) targets->pdata, NULL, NULL, &error);
  g_assert_no_error (error);
  report (timer, "compile and run a step");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gw_register_all_ops ();
  gw_register_composites ();
  g_test_add_func ("/large/ten-thousand-nodes", test_large);
  g_test_add_func ("/large/many-layers", test_many_layers);
  return g_test_run ();
}
