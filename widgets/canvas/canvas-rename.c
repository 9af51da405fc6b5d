/* SPDX-License-Identifier: Apache-2.0 */

/* The entry on the canvas: a node's name or the literal of an input.  A text
 * that the model refuses stays open with the reason under it. */

#include "widgets/canvas/canvas-private.h"

static void
close_entry (GwCanvas *canvas)
{
  gtk_popover_popdown (GTK_POPOVER (canvas->popover));
}

static void
show_reason (GwCanvas   *canvas,
             const char *reason)
{
  gtk_label_set_text (GTK_LABEL (canvas->entry_error), reason != NULL ? reason : "");
  gtk_widget_set_visible (canvas->entry_error, reason != NULL);
  if (reason != NULL)
    gtk_widget_add_css_class (canvas->entry, "error");
  else
    gtk_widget_remove_css_class (canvas->entry, "error");
}

static void
on_entry_activate (GtkEntry *entry,
                   GwCanvas *canvas)
{
  GwCanvasModelInterface *iface;
  const char *text = gtk_editable_get_text (GTK_EDITABLE (canvas->entry));
  g_autofree char *reason = NULL;

  if (canvas->model == NULL)
    return;
  iface = GW_CANVAS_MODEL_GET_IFACE (canvas->model);
  if (canvas->edit_input < 0 && iface->rename != NULL)
    reason = iface->rename (canvas->model, canvas->edit_id, text);
  else if (canvas->edit_input >= 0 && iface->set_literal != NULL)
    reason = iface->set_literal (canvas->model, canvas->edit_id, canvas->edit_input, text);
  show_reason (canvas, reason);
  if (reason == NULL)
    close_entry (canvas);
}

static void
on_entry_changed (GtkEditable *editable,
                  GwCanvas    *canvas)
{
  show_reason (canvas, NULL);
}

static void
on_popover_closed (GtkPopover *popover,
                   GwCanvas   *canvas)
{
  canvas->edit_id = 0;
  gtk_widget_grab_focus (GTK_WIDGET (canvas));
}

static void
make_popover (GwCanvas *canvas)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);

  canvas->popover = gtk_popover_new ();
  canvas->entry = gtk_entry_new ();
  canvas->entry_error = gtk_label_new (NULL);
  gtk_widget_add_css_class (canvas->entry_error, "error");
  gtk_widget_add_css_class (canvas->entry_error, "caption");
  gtk_label_set_wrap (GTK_LABEL (canvas->entry_error), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (canvas->entry_error), 32);
  gtk_label_set_xalign (GTK_LABEL (canvas->entry_error), 0);
  gtk_widget_set_visible (canvas->entry_error, FALSE);
  gtk_box_append (GTK_BOX (box), canvas->entry);
  gtk_box_append (GTK_BOX (box), canvas->entry_error);
  gtk_popover_set_child (GTK_POPOVER (canvas->popover), box);
  gtk_widget_set_parent (canvas->popover, GTK_WIDGET (canvas));
  g_signal_connect (canvas->entry, "activate", G_CALLBACK (on_entry_activate), canvas);
  g_signal_connect (canvas->entry, "changed", G_CALLBACK (on_entry_changed), canvas);
  g_signal_connect (canvas->popover, "closed", G_CALLBACK (on_popover_closed), canvas);
}

/* Where the entry belongs, in canvas px; FALSE when its item is gone. */
static gboolean
entry_place (GwCanvas     *canvas,
             GwCanvasRect *rect)
{
  GwCanvasNodeItem *item = gw_canvas_layout_get_node (canvas->layout, canvas->edit_id);
  const GwSceneFrame *frame = gw_scene_get_frame (gw_canvas_scene (canvas), canvas->edit_id);

  if (item == NULL && frame != NULL)
    {
      *rect = (GwCanvasRect) { frame->x, frame->y, MIN (frame->width, 200), GW_CANVAS_TITLE_BAR };
      return TRUE;
    }
  if (item == NULL)
    return FALSE;
  if (canvas->edit_input < 0)
    {
      *rect = (GwCanvasRect) { 34, 6, MAX (item->metrics.width - 40, 20), 16 };
    }
  else if (!gw_canvas_literal_rect (canvas->text, item->node, &item->metrics, canvas->edit_input,
                                    rect))
    {
      double x, y;

      gw_canvas_port_position (item->node, &item->metrics, FALSE, canvas->edit_input, &x, &y);
      *rect = (GwCanvasRect) { x + 11, y - 8, 60, 16 };
    }
  rect->x += item->box.x;
  rect->y += item->box.y;
  return TRUE;
}

void
gw_canvas_place_popover (GwCanvas *canvas)
{
  int width = gtk_widget_get_width (GTK_WIDGET (canvas));
  int height = gtk_widget_get_height (GTK_WIDGET (canvas));
  GwCanvasRect rect;
  double x, y, right, bottom;

  if (canvas->popover == NULL || canvas->edit_id == 0 || canvas->layout == NULL)
    return;
  if (!entry_place (canvas, &rect))
    {
      close_entry (canvas);
      return;
    }
  gw_canvas_to_widget (canvas, rect.x, rect.y, &x, &y);
  right = CLAMP (x + rect.width * gw_canvas_scale (canvas), 1, MAX (width, 1));
  bottom = CLAMP (y + rect.height * gw_canvas_scale (canvas), 1, MAX (height, 1));
  /* A popover cannot point to what is out of the window: it stays at the edge. */
  x = CLAMP (x, 0, right - 1);
  y = CLAMP (y, 0, bottom - 1);
  gtk_popover_set_pointing_to (GTK_POPOVER (canvas->popover),
                               &(GdkRectangle) { x, y, right - x, bottom - y });
}

static void
open_entry (GwCanvas   *canvas,
            guint64     id,
            int         input,
            const char *text)
{
  if (canvas->popover == NULL)
    make_popover (canvas);
  gw_canvas_stop_glide (canvas);
  gw_canvas_ensure_visible (canvas, id);
  canvas->edit_id = id;
  canvas->edit_input = input;
  gtk_editable_set_text (GTK_EDITABLE (canvas->entry), text != NULL ? text : "");
  show_reason (canvas, NULL);
  gw_canvas_place_popover (canvas);
  gtk_popover_popup (GTK_POPOVER (canvas->popover));
  gtk_widget_grab_focus (canvas->entry);
  gtk_editable_select_region (GTK_EDITABLE (canvas->entry), 0, -1);
}

void
gw_canvas_rename (GwCanvas *canvas,
                  guint64   id)
{
  const GwSceneNode *node;
  const GwSceneFrame *frame;

  g_return_if_fail (GW_IS_CANVAS (canvas));
  if (canvas->layout == NULL)
    return;
  node = gw_scene_get_node (gw_canvas_scene (canvas), id);
  frame = gw_scene_get_frame (gw_canvas_scene (canvas), id);
  if (node != NULL && !(node->flags & GW_SCENE_NODE_REROUTE))
    open_entry (canvas, id, -1, node->name);
  else if (frame != NULL)
    open_entry (canvas, id, -1, frame->title);
}

void
gw_canvas_edit_literal (GwCanvas *canvas,
                        guint64   id,
                        int       input)
{
  const GwSceneNode *node;

  g_return_if_fail (GW_IS_CANVAS (canvas));
  if (canvas->layout == NULL)
    return;
  node = gw_scene_get_node (gw_canvas_scene (canvas), id);
  if (node != NULL && input >= 0 && (guint) input < node->n_inputs
      && !node->inputs[input].connected)
    open_entry (canvas, id, input, node->inputs[input].literal);
}
