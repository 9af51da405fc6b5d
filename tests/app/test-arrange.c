/* SPDX-License-Identifier: Apache-2.0 */
/* Automatic layout: what every layout owes, by our own pass and by Graphviz. */
#include "app/model/arrange.h"
#include "app/model/preferences.h"

#include <math.h>

typedef gboolean (*Pass) (GwArrangement *graph);

static gboolean
by_layers (GwArrangement *graph)
{
  return gw_arrangement_layers (graph);
}

static gboolean
by_dot (GwArrangement *graph)
{
  g_autoptr (GError) error = NULL;
  gboolean done = gw_arrangement_dot (graph, NULL, &error);

  g_assert_no_error (error);
  return done;
}

static GwArrangeBox *
box_at (GwArrangement *graph,
        int            i)
{
  return &g_array_index (graph->boxes, GwArrangeBox, i);
}

static void
add_box (GwArrangement *graph,
         double         width,
         double         height)
{
  GwArrangeBox box = { graph->boxes->len + 1, 13, 7, width, height };

  g_array_append_val (graph->boxes, box);
}

static void
add_link (GwArrangement *graph,
          int            from,
          int            to,
          int            to_port)
{
  GwArrangeLink link = { from, to, 0, to_port, 46, 46 + 20 * to_port };

  g_array_append_val (graph->links, link);
}

/* Random, without cycles; a few boxes without a wire. */
static GwArrangement *
random_graph (GRand *rand,
              int    n)
{
  GwArrangement *graph = gw_arrangement_new ();

  for (int i = 0; i < n; i++)
    add_box (graph, 104 + 8 * g_rand_int_range (rand, 0, 18), 64 + 20 * g_rand_int_range (rand, 0, 4));
  for (int i = 1; i < n - 3; i++)
    for (int k = 0; k < 1 + i % 2; k++)
      add_link (graph, g_rand_int_range (rand, MAX (0, i - 12), i), i, k);
  graph->left = 100;
  graph->top = -50;
  return graph;
}

static void
check_apart (GwArrangement *graph)
{
  for (int i = 0; i < (int) graph->boxes->len; i++)
    for (int k = 0; k < i; k++)
      {
        const GwArrangeBox *a = box_at (graph, i), *b = box_at (graph, k);

        g_assert_false (a->x < b->x + b->width + 24 && b->x < a->x + a->width + 24 && a->y < b->y + b->height + 24 &&
                        b->y < a->y + a->height + 24);
      }
}

/* Wires run to the right, boxes stand on the grid and apart, the corner where it was. */
static void
check_layout (GwArrangement *graph)
{
  double left = INFINITY, top = INFINITY;

  for (int i = 0; i < (int) graph->boxes->len; i++)
    {
      const GwArrangeBox *box = box_at (graph, i);

      g_assert_cmpfloat (fmod (box->x, 8), ==, 0);
      g_assert_cmpfloat (fmod (box->y, 8), ==, 0);
      left = MIN (left, box->x);
      top = MIN (top, box->y);
    }
  g_assert_cmpfloat (fabs (left - graph->left), <=, 8);
  g_assert_cmpfloat (fabs (top - graph->top), <=, 8);
  for (guint i = 0; i < graph->links->len; i++)
    {
      const GwArrangeLink *link = &g_array_index (graph->links, GwArrangeLink, i);

      g_assert_cmpfloat (box_at (graph, link->to)->x, >=, box_at (graph, link->from)->x + box_at (graph, link->from)->width + 24);
    }
  check_apart (graph);
}

static void
check_random (Pass pass)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);

  for (int round = 0; round < 6; round++)
    {
      g_autoptr (GwArrangement) graph = random_graph (rand, 5 + 20 * round);

      g_assert_true (pass (graph));
      check_layout (graph);
    }
}

static void
test_layers (void)
{
  check_random (by_layers);
}

static void
test_dot (void)
{
  g_autofree char *program = g_find_program_in_path ("dot");

  if (program == NULL)
    g_test_skip ("Graphviz is not installed");
  else
    check_random (by_dot);
}

/* Wires between single ports run straight, though the boxes differ in height. */
static void
test_dot_straight (void)
{
  g_autoptr (GwArrangement) graph = gw_arrangement_new ();
  g_autofree char *program = g_find_program_in_path ("dot");

  if (program == NULL)
    {
      g_test_skip ("Graphviz is not installed");
      return;
    }
  for (int i = 0; i < 5; i++)
    add_box (graph, 120, i % 2 == 0 ? 84 : 64);
  for (int i = 0; i < 4; i++)
    add_link (graph, i, i + 1, 0);
  g_assert_true (by_dot (graph));
  for (int i = 1; i < 5; i++)
    g_assert_cmpfloat (box_at (graph, i)->y, ==, box_at (graph, 0)->y);
}

/* A chain runs straight, a source stands just before what it feeds. */
static void
test_chain (void)
{
  g_autoptr (GwArrangement) graph = gw_arrangement_new ();

  for (int i = 0; i < 6; i++)
    add_box (graph, 120, 80);
  for (int i = 0; i < 4; i++)
    add_link (graph, i, i + 1, 0);
  add_link (graph, 5, 4, 1);
  gw_arrangement_layers (graph);
  for (int i = 1; i < 4; i++)
    {
      g_assert_cmpfloat (box_at (graph, i)->y, ==, box_at (graph, 0)->y);
      g_assert_cmpfloat (box_at (graph, i)->x, ==, box_at (graph, i - 1)->x + 192);
    }
  g_assert_cmpfloat (box_at (graph, 5)->x, ==, box_at (graph, 3)->x);
}

/* Nothing ends up on what is locked, nor on what gave way to it. */
static void
test_obstacles (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  g_autoptr (GwArrangement) graph = random_graph (rand, 120);
  guint moved = 0;

  g_assert_true (gw_arrangement_layers (graph));
  for (int i = 0; i < 120; i += 9)
    {
      GwArrangeBox box = { 1000 + i, box_at (graph, i)->x + 20, box_at (graph, i)->y + 31, 176, 300 };

      g_array_append_val (graph->obstacles, box);
    }
  gw_arrangement_avoid (graph);
  check_apart (graph);
  for (guint i = 0; i < graph->boxes->len; i++)
    for (guint k = 0; k < graph->obstacles->len; k++)
      {
        const GwArrangeBox *a = box_at (graph, (int) i), *b = &g_array_index (graph->obstacles, GwArrangeBox, k);

        moved += a->y > b->y + b->height;
        g_assert_false (a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height &&
                        b->y < a->y + a->height);
        g_assert_cmpfloat (fmod (a->y, 8), ==, 0);
      }
  g_assert_cmpuint (moved, >, 0);
}

static void
test_edges (void)
{
  g_autoptr (GwArrangement) none = gw_arrangement_new ();
  g_autoptr (GwArrangement) ring = gw_arrangement_new ();
  g_autoptr (GwArrangement) stopped = gw_arrangement_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_assert_true (gw_arrangement_layers (none));
  for (int i = 0; i < 5; i++)
    add_box (ring, 120, 80);
  for (int i = 0; i < 5; i++)
    add_link (ring, i, (i + 1) % 5, 0);
  add_link (ring, 2, 2, 1);
  g_assert_true (gw_arrangement_layers (ring));
  check_apart (ring);

  for (int i = 0; i < 64; i++)
    add_box (stopped, 120, 80);
  for (int i = 0; i < 63; i++)
    add_link (stopped, i, i + 1, 0);
  g_cancellable_cancel (cancellable);
  stopped->cancellable = cancellable;
  g_assert_false (gw_arrangement_layers (stopped));
  g_assert_cmpfloat (box_at (stopped, 5)->x, ==, 13);
  g_assert_false (gw_arrangement_dot (stopped, cancellable, NULL));
}

/* A deep chain must not go as deep on the stack, and many boxes must not take minutes. */
static void
test_large (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  g_autoptr (GwArrangement) chain = gw_arrangement_new ();
  g_autoptr (GwArrangement) graph = random_graph (rand, 20000);
  gint64 begun = g_get_monotonic_time ();

  for (int i = 0; i < 100000; i++)
    add_box (chain, 120, 80);
  for (int i = 0; i < 99999; i++)
    add_link (chain, i, i + 1, 0);
  g_assert_true (gw_arrangement_layers (chain));
  g_assert_cmpfloat (box_at (chain, 99999)->x, ==, 99999 * 192.0);
  g_test_message ("100,000 in a chain: %.2f s", (double) (g_get_monotonic_time () - begun) / G_USEC_PER_SEC);
  begun = g_get_monotonic_time ();
  g_assert_true (gw_arrangement_layers (graph));
  g_test_message ("20,000: %.2f s", (double) (g_get_monotonic_time () - begun) / G_USEC_PER_SEC);
}

static void
on_done (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  g_assert_true (gw_arrangement_run_finish (result, NULL));
  *(gboolean *) data = TRUE;
}

static void
on_stopped (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (gw_arrangement_run_finish (result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  *(gboolean *) data = TRUE;
}

static void
test_thread (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  g_autoptr (GwArrangement) graph = random_graph (rand, 40);
  g_autoptr (GwArrangement) large = random_graph (rand, 30000);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  gboolean done = FALSE, stopped = FALSE;

  gw_arrangement_run_async (graph, NULL, on_done, &done);
  gw_arrangement_run_async (large, cancellable, on_stopped, &stopped);
  g_cancellable_cancel (cancellable);
  while (!done || !stopped)
    g_main_context_iteration (NULL, TRUE);
  check_layout (graph);
}

static void
fixed_size (int64_t  id,
            double  *width,
            double  *height,
            gpointer data)
{
  *width = 120;
  *height = 80;
}

static void
test_document (void)
{
  g_autoptr (GwDocument) document = gw_document_new ();
  g_autoptr (GwEdit) layout = NULL;
  g_autoptr (GwDocument) before = NULL;
  int64_t ids[3];

  for (int i = 0; i < 3; i++)
    {
      g_autoptr (GwEdit) edit = gw_edit_add_node (document, gw_registry_find ("Neg"), 40, 40, &ids[i]);
      GwItem *item = gw_edit_take (edit, document, ids[i]);

      if (i > 0)
        gw_doc_node_set_input (&item->node, "x", 0, ids[i - 1], 0, NULL);
      if (i == 2)
        item->node.flags |= GW_DOC_LOCKED;
      gw_edit_put (edit, document, item);
      gw_document_apply (document, edit);
    }
  before = gw_document_copy (document);
  layout = gw_edit_arrange (document, NULL, 0, fixed_size, NULL);
  gw_document_apply (document, layout);
  g_assert_cmpfloat (gw_document_node (document, ids[1])->x, ==, 40 + 192);
  g_assert_cmpfloat (gw_document_node (document, ids[2])->x, ==, 40);
  g_assert_cmpfloat (gw_document_node (document, ids[0])->y, >=, 40 + 80); /* below the locked one */
  gw_document_revert (document, layout);
  g_assert_true (gw_document_equal (document, before));
}

static void
test_preferences (void)
{
  g_autofree char *none = gw_preference_get ("wires");
  g_autofree char *kept = NULL;

  g_assert_null (none);
  gw_preference_set ("wires", "square");
  gw_preference_set ("other", "1");
  kept = gw_preference_get ("wires");
  g_assert_cmpstr (kept, ==, "square");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  gw_init ();
  g_test_add_func ("/arrange/layers", test_layers);
  g_test_add_func ("/arrange/dot", test_dot);
  g_test_add_func ("/arrange/dot-straight", test_dot_straight);
  g_test_add_func ("/arrange/chain", test_chain);
  g_test_add_func ("/arrange/obstacles", test_obstacles);
  g_test_add_func ("/arrange/edges", test_edges);
  g_test_add_func ("/arrange/large", test_large);
  g_test_add_func ("/arrange/thread", test_thread);
  g_test_add_func ("/arrange/document", test_document);
  g_test_add_func ("/preferences", test_preferences);
  return g_test_run ();
}
