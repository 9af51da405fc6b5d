/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluate here: the cards that show computed values beside their nodes, and the nine
 * watch slots. */
#include "app/ui/editor-private.h"

#include "app/ui/value-card.h"

#include <string.h>

#define MOST_ASKED 6

/* An output that is shown or to be shown. */
typedef struct {
  int64_t    node;
  int        output;
  GtkWidget *card;    /* NULL = in a slot, not on show */
} Shown;

static Shown *
find_shown (GwEditorPage *self,
            int64_t       node,
            int           output)
{
  for (guint i = 0; i < self->cards->len; i++)
    {
      Shown *shown = g_ptr_array_index (self->cards, i);

      if (shown->node == node && shown->output == output)
        return shown;
    }
  return NULL;
}

static int
slot_of (GwEditorPage *self,
         int64_t       node,
         int           output)
{
  for (int i = 0; i < GW_WATCH_SLOTS; i++)
    if (self->slots[i].node == node && self->slots[i].output == output)
      return i + 1;
  return 0;
}

static void
drop_card (GwEditorPage *self,
           Shown        *shown)
{
  gtk_overlay_remove_overlay (GTK_OVERLAY (self->overlay), shown->card);
  g_ptr_array_remove (self->cards, shown);
}

static void
on_closed (GwEditorPage *self,
           GtkWidget    *card)
{
  for (guint i = 0; i < self->cards->len; i++)
    if (((Shown *) g_ptr_array_index (self->cards, i))->card == card)
      {
        drop_card (self, g_ptr_array_index (self->cards, i));
        gtk_widget_grab_focus (self->canvas);
        return;
      }
}

/* Those that are not pinned make room, but for `node`'s. */
static void
drop_loose (GwEditorPage *self,
            int64_t       node)
{
  for (guint i = self->cards->len; i > 0; i--)
    {
      Shown *shown = g_ptr_array_index (self->cards, i - 1);

      if (shown->node != node && !gw_value_card_get_pinned (GW_VALUE_CARD (shown->card)))
        drop_card (self, shown);
    }
}

static void
update_card (GwEditorPage *self,
             Shown        *shown)
{
  const GwDocNode *node = gw_document_node (gw_doc_model_get_document (self->model), shown->node);
  const GwValue *value = gw_values_get (self->values, shown->node, shown->output);
  g_autofree char *title = NULL;

  if (node == NULL || value == NULL)
    {
      drop_card (self, shown);
      return;
    }
  title = shown->output == 0 ? g_strdup (node->name) : g_strdup_printf ("%s:%d", node->name, shown->output);
  gw_value_card_show (GW_VALUE_CARD (shown->card), title, value, slot_of (self, shown->node, shown->output));
}

static void
show_card (GwEditorPage *self,
           int64_t       node,
           int           output)
{
  Shown *shown = find_shown (self, node, output);

  if (shown == NULL)
    {
      drop_loose (self, node);
      shown = g_new0 (Shown, 1);
      shown->node = node;
      shown->output = output;
      shown->card = gw_value_card_new ();
      g_ptr_array_add (self->cards, shown);
      gtk_overlay_add_overlay (GTK_OVERLAY (self->overlay), shown->card);
      g_signal_connect_object (shown->card, "closed", G_CALLBACK (on_closed), self, G_CONNECT_SWAPPED);
    }
  update_card (self, shown);
}

/* ---- where they stand ---- */

#define CARD_GAP 8

/* Under its node, or else over or beside it: where the node stays in sight, if there is such a place. */
static void
place_card (GwEditorPage *self,
            GdkRectangle *place,
            double        left,
            double        top,
            double        right,
            double        bottom)
{
  double shelf = 40 * gw_canvas_get_zoom (GW_CANVAS (self->canvas));
  double width = gtk_widget_get_width (self->canvas), height = gtk_widget_get_height (self->canvas);
  double x = left, y = bottom + shelf;

  if (y + place->height > height && top - CARD_GAP - place->height >= 0)
    y = top - CARD_GAP - place->height;
  else if (y + place->height > height && right + CARD_GAP + place->width <= width)
    x = right + CARD_GAP;
  else if (y + place->height > height && left - CARD_GAP - place->width >= 0)
    x = left - CARD_GAP - place->width;
  place->x = (int) CLAMP (x, 0, MAX (width - place->width, 0));
  place->y = (int) CLAMP (y, 0, MAX (height - place->height, 0));
}

static gboolean
on_child_position (GwEditorPage *self,
                   GtkWidget    *child,
                   GdkRectangle *place)
{
  const Shown *shown = NULL;
  const GwDocNode *node;
  double left, top, right, bottom, width, height;

  for (guint i = 0; i < self->cards->len && shown == NULL; i++)
    if (((Shown *) g_ptr_array_index (self->cards, i))->card == child)
      shown = g_ptr_array_index (self->cards, i);
  node = shown != NULL ? gw_document_node (gw_doc_model_get_document (self->model), shown->node) : NULL;
  if (node == NULL)
    return FALSE;
  gw_editor_page_node_size (self, shown->node, &width, &height);
  gw_canvas_to_widget (GW_CANVAS (self->canvas), node->x, node->y, &left, &top);
  gw_canvas_to_widget (GW_CANVAS (self->canvas), node->x + width, node->y + height, &right, &bottom);
  /* The least: charts would take all there is. */
  gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &place->width, NULL, NULL, NULL);
  gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, place->width, &place->height, NULL, NULL, NULL);
  place_card (self, place, left, top, right, bottom);
  return TRUE;
}

static void
on_view_changed (GwEditorPage *self)
{
  if (self->cards->len > 0)
    gtk_widget_queue_allocate (self->overlay);
}

/* Esc and a click on the ground put away what is not pinned. */
static void
on_selection (GwEditorPage *self)
{
  if (gw_canvas_adapter_get_selection (self->adapter)->len == 0)
    drop_loose (self, 0);
}

/* ---- values ---- */

static void
on_values_changed (GwEditorPage *self,
                   const GArray *nodes)
{
  for (guint i = 0; i < nodes->len; i++)
    gw_canvas_adapter_show_value (self->adapter, g_array_index (nodes, int64_t, i));
  for (guint i = self->cards->len; i > 0; i--)
    update_card (self, g_ptr_array_index (self->cards, i - 1));
  for (guint i = 0; i < self->asked->len; i++)
    {
      const GwWatchSlot *asked = &g_array_index (self->asked, GwWatchSlot, i);

      for (guint k = 0; k < nodes->len; k++)
        if (g_array_index (nodes, int64_t, k) == asked->node &&
            gw_values_get (self->values, asked->node, asked->output) != NULL)
          {
            show_card (self, asked->node, asked->output);
            break;
          }
    }
  if (nodes->len > 0)
    g_array_set_size (self->asked, 0);
}

static void
ask (GwEditorPage *self,
     int64_t       node,
     int           output)
{
  GwWatchSlot slot = { node, output };

  if (self->asked->len < MOST_ASKED)
    g_array_append_val (self->asked, slot);
}

/* The outputs that the selection means: the selected wires', all of the selected nodes. */
static GArray *
collect_asked (GwEditorPage *self)
{
  const GArray *selection = gw_canvas_adapter_get_selection (self->adapter);
  const GwScene *scene = gw_canvas_model_get_scene (GW_CANVAS_MODEL (self->adapter));
  GwLive *live = gw_doc_model_settle (self->model);
  GArray *nodes = g_array_new (FALSE, FALSE, sizeof (int64_t));

  g_array_set_size (self->asked, 0);
  for (guint i = 0; i < selection->len; i++)
    {
      guint64 id = g_array_index (selection, guint64, i);
      const GwSceneWire *wire = gw_scene_get_wire (scene, id);
      int64_t node = wire != NULL ? (int64_t) wire->from : (int64_t) id;
      int n = gw_live_n_outputs (live, node);

      if (gw_document_node (gw_doc_model_get_document (self->model), node) == NULL)
        continue;
      g_array_append_val (nodes, node);
      if (wire != NULL && wire->from_port >= 0)
        ask (self, node, wire->from_port);
      for (int k = 0; wire == NULL && k < n; k++)
        ask (self, node, k);
    }
  return nodes;
}

void
gw_editor_page_compute (GwEditorPage *self)
{
  g_autoptr (GArray) nodes = collect_asked (self);
  g_autoptr (GError) error = NULL;

  if (!gw_values_compute (self->values, nodes, &error))
    gw_editor_page_error (self, error);
}

/* ---- watch slots ---- */

void
gw_editor_page_set_slot (GwEditorPage *self,
                         int           slot)
{
  g_autoptr (GArray) nodes = NULL;
  g_autofree char *text = NULL;
  Shown *shown;

  if (slot < 1 || slot > GW_WATCH_SLOTS)
    return;
  nodes = collect_asked (self);
  if (self->asked->len == 0)
    {
      gw_editor_page_message (self, "Select a node or a wire first");
      return;
    }
  self->slots[slot - 1] = g_array_index (self->asked, GwWatchSlot, 0);
  gw_editor_page_show_slot (self, slot);
  shown = find_shown (self, self->slots[slot - 1].node, self->slots[slot - 1].output);
  if (shown != NULL)
    gw_value_card_set_pinned (GW_VALUE_CARD (shown->card), TRUE);
  text = g_strdup_printf ("Watch slot %d is %s: press %d to show it", slot,
                          gw_document_node (gw_doc_model_get_document (self->model), self->slots[slot - 1].node)->name,
                          slot);
  gw_editor_page_message (self, text);
}

void
gw_editor_page_show_slot (GwEditorPage *self,
                          int           slot)
{
  const GwWatchSlot *entry = slot >= 1 && slot <= GW_WATCH_SLOTS ? &self->slots[slot - 1] : NULL;
  const GwValue *value;
  g_autoptr (GArray) nodes = g_array_new (FALSE, FALSE, sizeof (int64_t));
  g_autoptr (GError) error = NULL;

  if (entry == NULL || gw_document_node (gw_doc_model_get_document (self->model), entry->node) == NULL)
    {
      g_autofree char *text = g_strdup_printf ("Watch slot %d is empty: Shift+%d sets it to what is selected", slot, slot);

      gw_editor_page_message (self, text);
      return;
    }
  value = gw_values_get (self->values, entry->node, entry->output);
  if (value != NULL)
    show_card (self, entry->node, entry->output);
  if (value != NULL && !value->stale)
    return;
  g_array_set_size (self->asked, 0);
  ask (self, entry->node, entry->output);
  g_array_append_val (nodes, entry->node);
  if (!gw_values_compute (self->values, nodes, &error))
    gw_editor_page_error (self, error);
}

void
gw_editor_page_make_values (GwEditorPage *self)
{
  self->values = gw_values_new (self->model, self->run);
  self->cards = g_ptr_array_new_with_free_func (g_free);
  self->asked = g_array_new (FALSE, FALSE, sizeof (GwWatchSlot));
  gw_canvas_adapter_set_values (self->adapter, self->values);
  gw_editor_page_make_glow (self);
  g_signal_connect_object (self->values, "changed", G_CALLBACK (on_values_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->overlay, "get-child-position", G_CALLBACK (on_child_position), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->canvas, "view-changed", G_CALLBACK (on_view_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->adapter, "selection-changed", G_CALLBACK (on_selection), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->model, "items-changed", G_CALLBACK (on_view_changed), self, G_CONNECT_SWAPPED);
}
