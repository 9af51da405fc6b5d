/* SPDX-License-Identifier: Apache-2.0 */
/* The entry for when a breakpoint stops. */
#include "app/ui/editor-private.h"

#include <string.h>

/* The node that the selection means: a wire's is the one it comes from; 0 = none. */
static int64_t
meant_node (GwEditorPage *self)
{
  const GArray *selection = gw_canvas_adapter_get_selection (self->adapter);
  const GwScene *scene = gw_canvas_model_get_scene (GW_CANVAS_MODEL (self->adapter));

  for (guint i = 0; i < selection->len; i++)
    {
      guint64 id = g_array_index (selection, guint64, i);
      const GwSceneWire *wire = gw_scene_get_wire (scene, id);
      int64_t node = (int64_t) (wire != NULL ? wire->from : id);

      if (gw_document_node (gw_doc_model_get_document (self->model), node) != NULL)
        return node;
    }
  return 0;
}

static void
set_condition (GwEditorPage *self,
               int64_t       id,
               const char   *text)
{
  GwDocument *document = gw_doc_model_get_document (self->model);
  GwEdit *edit = gw_edit_new ("Breakpoint");
  GwItem *item = gw_edit_take (edit, document, id);
  GwAttrValue value = { .type = GW_ATTR_STRING, .s = (char *) text };

  item->node.flags |= GW_DOC_BREAK;
  gw_named_attrs_set (item->node.attrs, "_break", text[0] != 0 ? &value : NULL);
  gw_edit_put (edit, document, item);
  gw_doc_model_apply (self->model, edit, NULL);
}

static void
on_activate (GwEditorPage *self,
             GtkEntry     *entry)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (entry));
  GtkLabel *reason = g_object_get_data (G_OBJECT (entry), "reason");
  gint64 *id = g_object_get_data (G_OBJECT (entry), "node");
  g_autoptr (GError) error = NULL;
  GwStopCondition condition;

  if (!gw_stop_condition_parse (text, &condition, &error))
    {
      gtk_label_set_text (reason, error->message);
      gtk_widget_set_visible (GTK_WIDGET (reason), TRUE);
      gtk_widget_add_css_class (GTK_WIDGET (entry), "error");
      return;
    }
  if (gw_document_node (gw_doc_model_get_document (self->model), *id) != NULL)
    set_condition (self, *id, text);
  gtk_popover_popdown (GTK_POPOVER (self->menu));
}

static void
on_closed (GwEditorPage *self)
{
  gtk_widget_grab_focus (self->canvas);
}

static GtkWidget *
make_entry (GwEditorPage *self,
            int64_t       id)
{
  const GwDocNode *node = gw_document_node (gw_doc_model_get_document (self->model), id);
  const GwAttrValue *when = gw_named_attrs_get (node->attrs, "_break");
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *title = gtk_label_new (NULL);
  GtkWidget *entry = gtk_entry_new ();
  GtkWidget *reason = gtk_label_new (NULL);
  g_autofree char *text = g_strdup_printf ("Stop when the value of %s is", node->name);

  gtk_label_set_text (GTK_LABEL (title), text);
  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), "always, NaN, > 3, <= 0.5");
  if (when != NULL && when->type == GW_ATTR_STRING && when->s != NULL)
    gtk_editable_set_text (GTK_EDITABLE (entry), when->s);
  gtk_widget_add_css_class (title, "gw-caption");
  gtk_widget_add_css_class (reason, "error");
  gtk_widget_set_visible (reason, FALSE);
  gtk_label_set_wrap (GTK_LABEL (reason), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (reason), 32);
  gtk_label_set_xalign (GTK_LABEL (reason), 0);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), entry);
  gtk_box_append (GTK_BOX (box), reason);
  g_object_set_data (G_OBJECT (entry), "reason", reason);
  g_object_set_data_full (G_OBJECT (entry), "node", g_memdup2 (&id, sizeof id), g_free);
  g_signal_connect_object (entry, "activate", G_CALLBACK (on_activate), self, G_CONNECT_SWAPPED);
  return box;
}

void
gw_editor_page_edit_breakpoint (GwEditorPage *self)
{
  int64_t id = meant_node (self);
  GwCanvasRect box;
  double x, y;

  if (id == 0 || !gw_canvas_get_node_box (GW_CANVAS (self->canvas), (guint64) id, &box))
    {
      gw_editor_page_message (self, "Select a node or a wire first");
      return;
    }
  gw_canvas_to_widget (GW_CANVAS (self->canvas), box.x + box.width / 2, box.y + box.height, &x, &y);
  g_clear_pointer (&self->menu, gtk_widget_unparent);
  self->menu = gtk_popover_new ();
  gtk_popover_set_child (GTK_POPOVER (self->menu), make_entry (self, id));
  gtk_widget_set_parent (self->menu, self->overlay);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), &(GdkRectangle) { (int) x, (int) y, 1, 1 });
  g_signal_connect_object (self->menu, "closed", G_CALLBACK (on_closed), self, G_CONNECT_SWAPPED);
  gtk_popover_popup (GTK_POPOVER (self->menu));
}
