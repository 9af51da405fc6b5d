/* SPDX-License-Identifier: Apache-2.0 */
/* Automatic layout of what the canvas shows, or of the selection: worked out in a thread
 * (app/model/arrange.h) with a strip that shows how far it is and takes it back, then
 * every node glides to its place along a straight line. */
#include "app/ui/editor-private.h"

#include "app/model/arrange.h"

#include <adwaita.h>
#include <math.h>

#define SHOW_AFTER 300         /* ms: what is done by then needs no strip */
#define GLIDE 350000.0         /* microseconds */
#define MOST_GLIDING 1500      /* nodes that may be repainted in every frame */

/* A node under way. */
typedef struct {
  guint64 id;
  double  x0, y0, x1, y1;
} Flight;

struct _GwEditorLayout {
  GwEditorPage  *page;         /* that owns this */
  GtkWidget     *strip, *label, *bar;
  GCancellable  *cancellable;  /* of the work under way, or NULL */
  GwArrangement *graph;        /* the worker's until it answers */
  gboolean       whole;        /* not the selection alone */
  guint          timeout;
  GArray        *flights;      /* of Flight; NULL = nothing glides */
  guint          tick;
  gint64         begun;
};

static const GwScene *
scene_of (GwEditorLayout *self)
{
  return gw_canvas_model_get_scene (GW_CANVAS_MODEL (self->page->adapter));
}

/* ---- gliding ---- */

static void
set_places (GwEditorLayout *self,
            double          share)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint64));

  for (guint i = 0; i < self->flights->len; i++)
    {
      const Flight *flight = &g_array_index (self->flights, Flight, i);
      GwSceneNode *node = gw_scene_get_node (scene_of (self), flight->id);

      if (node == NULL)
        continue;
      node->x = flight->x0 + share * (flight->x1 - flight->x0);
      node->y = flight->y0 + share * (flight->y1 - flight->y0);
      g_array_append_val (ids, flight->id);
    }
  gw_canvas_model_moved (GW_CANVAS_MODEL (self->page->adapter), (const guint64 *) (gpointer) ids->data, ids->len);
}

/* Puts everything that is still under way where the document has it. */
static void
land (GwEditorLayout *self)
{
  g_autoptr (GArray) flights = NULL;

  if (self->flights == NULL)
    return;
  set_places (self, 1);
  flights = g_steal_pointer (&self->flights);
  if (self->tick != 0)
    gtk_widget_remove_tick_callback (self->page->canvas, self->tick);
  self->tick = 0;
}

static gboolean
on_tick (GtkWidget     *canvas,
         GdkFrameClock *clock,
         gpointer       data)
{
  GwEditorLayout *self = data;
  gint64 now = gdk_frame_clock_get_frame_time (clock);
  double share;

  if (self->begun == 0)
    self->begun = now;
  share = (double) (now - self->begun) / GLIDE;
  if (share >= 1)
    {
      self->tick = 0;
      land (self);
      return G_SOURCE_REMOVE;
    }
  set_places (self, share < 0.5 ? 2 * share * share : 1 - 2 * (1 - share) * (1 - share));
  return G_SOURCE_CONTINUE;
}

/* An edit while they glide: where its items stand is the document's matter. */
static void
on_items_changed (GwEditorLayout *self,
                  const GArray   *ids)
{
  for (guint i = 0; self->flights != NULL && i < ids->len; i++)
    for (guint k = self->flights->len; k > 0; k--)
      if (g_array_index (self->flights, Flight, k - 1).id == (guint64) g_array_index (ids, int64_t, i))
        g_array_remove_index_fast (self->flights, k - 1);
  land (self);
}

static GArray *
collect_flights (GwEditorLayout *self)
{
  GArray *flights = g_array_new (FALSE, FALSE, sizeof (Flight));

  for (guint i = 0; i < self->graph->boxes->len; i++)
    {
      const GwArrangeBox *box = &g_array_index (self->graph->boxes, GwArrangeBox, i);
      const GwSceneNode *node = gw_scene_get_node (scene_of (self), (guint64) box->id);
      Flight flight = { (guint64) box->id, node != NULL ? node->x : 0, node != NULL ? node->y : 0, box->x, box->y };

      if (node != NULL && (node->x != box->x || node->y != box->y))
        g_array_append_val (flights, flight);
    }
  return flights;
}

static gboolean
animations_are_on (GwEditorLayout *self)
{
  gboolean on = TRUE;

  g_object_get (gtk_widget_get_settings (self->page->canvas), "gtk-enable-animations", &on, NULL);
  return on;
}

/* One edit, one step of undo; the scene follows in its own time. */
static void
apply (GwEditorLayout *self)
{
  g_autoptr (GArray) flights = NULL;

  land (self);
  flights = collect_flights (self);
  gw_doc_model_apply (self->page->model,
                      gw_arrangement_edit (self->graph, gw_doc_model_get_document (self->page->model)), NULL);
  if (flights->len == 0 || flights->len > MOST_GLIDING || !animations_are_on (self))
    return;
  self->flights = g_steal_pointer (&flights);
  self->begun = 0;
  set_places (self, 0);
  self->tick = gtk_widget_add_tick_callback (self->page->canvas, on_tick, self, NULL);
}

/* ---- what is laid out ---- */

static gboolean
is_wanted (GwEditorLayout    *self,
           const GwSceneNode *node,
           GHashTable        *selected)
{
  return (selected == NULL || g_hash_table_contains (selected, &node->id)) &&
         gw_document_item (gw_doc_model_get_document (self->page->model), (int64_t) node->id) != NULL;
}

/* The selected nodes when there are two or more of them, else NULL: all. */
static GHashTable *
selected_nodes (GwEditorLayout *self)
{
  const GArray *selection = gw_canvas_adapter_get_selection (self->page->adapter);
  g_autoptr (GHashTable) set = g_hash_table_new (g_int64_hash, g_int64_equal);

  for (guint i = 0; i < selection->len; i++)
    {
      const GwSceneNode *node = gw_scene_get_node (scene_of (self), g_array_index (selection, guint64, i));

      if (node != NULL)
        g_hash_table_add (set, (gpointer) &node->id);
    }
  return g_hash_table_size (set) > 1 ? g_steal_pointer (&set) : NULL;
}

static void
add_links (GwEditorLayout *self,
           GHashTable     *places)
{
  const GPtrArray *wires = gw_scene_wires (scene_of (self));
  GwCanvas *canvas = GW_CANVAS (self->page->canvas);

  for (guint i = 0; i < wires->len; i++)
    {
      const GwSceneWire *wire = g_ptr_array_index (wires, i);
      guint from = GPOINTER_TO_UINT (g_hash_table_lookup (places, GSIZE_TO_POINTER ((gsize) wire->from)));
      guint to = GPOINTER_TO_UINT (g_hash_table_lookup (places, GSIZE_TO_POINTER ((gsize) wire->to)));
      GwArrangeLink link = { (int) from - 1, (int) to - 1, wire->from_port, wire->to_port, 0, 0 };

      if (from == 0 || to == 0 || from == to)
        continue;
      link.from_y = gw_canvas_get_port_y (canvas, wire->from, TRUE, wire->from_port);
      link.to_y = gw_canvas_get_port_y (canvas, wire->to, FALSE, wire->to_port);
      g_array_append_val (self->graph->links, link);
    }
}

static GwArrangement *
collect_graph (GwEditorLayout *self)
{
  g_autoptr (GHashTable) selected = selected_nodes (self);
  g_autoptr (GHashTable) places = g_hash_table_new (NULL, NULL);
  const GPtrArray *nodes = gw_scene_nodes (scene_of (self));
  GwArrangement *graph = gw_arrangement_new ();

  self->graph = graph;
  self->whole = selected == NULL;
  graph->left = graph->top = INFINITY;
  for (guint i = 0; i < nodes->len; i++)
    {
      const GwSceneNode *node = g_ptr_array_index (nodes, i);
      GwArrangeBox box = { (int64_t) node->id, node->x, node->y, 0, 0 };
      GwCanvasRect rect;

      if (((node->flags & GW_SCENE_NODE_LOCKED) == 0 && !is_wanted (self, node, selected)) || !gw_canvas_get_node_box (GW_CANVAS (self->page->canvas), node->id, &rect))
        continue;
      box.width = rect.width;
      box.height = rect.height;
      if ((node->flags & GW_SCENE_NODE_LOCKED) != 0)
        {
          g_array_append_val (graph->obstacles, box);
          continue;
        }
      graph->left = MIN (graph->left, box.x);
      graph->top = MIN (graph->top, box.y);
      g_array_append_val (graph->boxes, box);
      g_hash_table_insert (places, GSIZE_TO_POINTER ((gsize) node->id), GUINT_TO_POINTER (graph->boxes->len));
    }
  add_links (self, places);
  return graph;
}

/* ---- the strip ---- */

static gboolean
on_timeout (gpointer data)
{
  GwEditorLayout *self = data;
  int progress = atomic_load (&self->graph->progress);

  gtk_widget_set_visible (self->strip, TRUE);
  if (progress > 0)
    gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->bar), progress / 1000.0);
  else
    gtk_progress_bar_pulse (GTK_PROGRESS_BAR (self->bar));
  return G_SOURCE_CONTINUE;
}

static void
on_cancel (GwEditorLayout *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
}

static void
on_cancel_clicked (GwEditorPage *page)
{
  on_cancel (page->layout);
}

static void
make_strip (GwEditorLayout *self)
{
  GtkWidget *cancel = gtk_button_new_with_label ("Cancel");

  self->strip = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  self->label = gtk_label_new (NULL);
  self->bar = gtk_progress_bar_new ();
  gtk_widget_add_css_class (self->strip, "gw-breadcrumb");
  gtk_widget_set_valign (self->bar, GTK_ALIGN_CENTER);
  gtk_widget_set_halign (self->strip, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (self->strip, GTK_ALIGN_END);
  gtk_widget_set_margin_bottom (self->strip, 24);
  gtk_box_append (GTK_BOX (self->strip), self->label);
  gtk_box_append (GTK_BOX (self->strip), self->bar);
  gtk_box_append (GTK_BOX (self->strip), cancel);
  gtk_widget_set_visible (self->strip, FALSE);
  gtk_overlay_add_overlay (GTK_OVERLAY (self->page->overlay), self->strip);
  g_signal_connect_object (cancel, "clicked", G_CALLBACK (on_cancel_clicked), self->page, G_CONNECT_SWAPPED);
}

/* ---- the whole ---- */

static void
forget_work (GwEditorLayout *self)
{
  g_clear_handle_id (&self->timeout, g_source_remove);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->graph, gw_arrangement_free);
  if (self->page->model != NULL) /* else the strip has gone with the page */
    gtk_widget_set_visible (self->strip, FALSE);
}

static void
on_done (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr (GwEditorPage) page = data;
  GwEditorLayout *self = page->layout;
  gboolean done = gw_arrangement_run_finish (result, NULL);
  gboolean whole = self->whole;

  if (done && page->model != NULL)
    apply (self);
  forget_work (self);
  if (done && whole && page->model != NULL)
    gw_canvas_zoom_to_fit (GW_CANVAS (page->canvas));
}

void
gw_editor_page_lay_out (GwEditorPage *page)
{
  GwEditorLayout *self = page->layout;
  g_autofree char *text = NULL;

  if (self->cancellable != NULL)
    return;
  land (self);
  collect_graph (self);
  if (self->graph->boxes->len == 0)
    {
      forget_work (self);
      return;
    }
  text = g_strdup_printf ("Laying out %u nodes", self->graph->boxes->len);
  gtk_label_set_text (GTK_LABEL (self->label), text);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->bar), 0);
  self->cancellable = g_cancellable_new ();
  self->timeout = g_timeout_add (SHOW_AFTER, on_timeout, self);
  gw_arrangement_run_async (self->graph, self->cancellable, on_done, g_object_ref (page));
}

void
gw_editor_page_make_layout (GwEditorPage *page)
{
  GwEditorLayout *self = g_new0 (GwEditorLayout, 1);

  self->page = page;
  page->layout = self;
  make_strip (self);
  g_signal_connect_data (page->model, "items-changed", G_CALLBACK (on_items_changed), self, NULL, G_CONNECT_SWAPPED);
  g_signal_connect_data (page->model, "reset", G_CALLBACK (on_cancel), self, NULL, G_CONNECT_SWAPPED);
}

void
gw_editor_page_stop_layout (GwEditorPage *page)
{
  GwEditorLayout *self = page->layout;

  on_cancel (self);
  g_clear_handle_id (&self->timeout, g_source_remove);
  g_clear_pointer (&self->flights, g_array_unref);
  if (self->tick != 0)
    gtk_widget_remove_tick_callback (page->canvas, self->tick);
  self->tick = 0;
  g_signal_handlers_disconnect_by_data (page->model, self);
}

void
gw_editor_page_free_layout (GwEditorPage *page)
{
  g_clear_pointer (&page->layout, g_free);
}
