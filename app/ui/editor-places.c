/* SPDX-License-Identifier: Apache-2.0 */
/* The editor page and the canvases of the document: each keeps where it was looked at,
 * grouping and breaking apart, going in and out. */
#include "app/ui/editor-private.h"

#include "app/ui/breadcrumbs.h"

#include <string.h>

/* How a place was looked at when it was left. */
typedef struct {
  double zoom, x, y;
} View;

static gpointer
id_key (int64_t id)
{
  return GSIZE_TO_POINTER ((gsize) id);
}

static void
on_leaving (GwEditorPage *self)
{
  GwCanvas *canvas = GW_CANVAS (self->canvas);
  View *view = g_new0 (View, 1);

  view->zoom = gw_canvas_get_zoom (canvas);
  gw_canvas_to_canvas (canvas, 0, 0, &view->x, &view->y);
  self->left = gw_canvas_adapter_get_place (self->adapter);
  g_hash_table_insert (self->views, id_key (self->left), view);
}

/* What was left is selected where it stands, so that Enter goes back in. */
static void
select_left (GwEditorPage *self)
{
  GwDocument *document = gw_doc_model_get_document (self->model);
  const GwDocGroup *group = gw_document_group (document, self->left);
  guint64 id;

  if (group != NULL && group->kind != GW_GROUP_SCOPE)
    self->left = gw_canvas_adapter_get_caller (self->adapter);
  id = (guint64) self->left;
  if (id == 0 || gw_document_item (document, self->left) == NULL ||
      gw_document_owner (document, self->left) != gw_canvas_adapter_get_place (self->adapter) ||
      gw_scene_get_node (gw_canvas_model_get_scene (GW_CANVAS_MODEL (self->adapter)), id) == NULL)
    return;
  gw_canvas_set_selection (GW_CANVAS (self->canvas), &id, 1);
  gw_canvas_set_focus_item (GW_CANVAS (self->canvas), id);
}

static void
on_entered (GwEditorPage *self)
{
  GwCanvas *canvas = GW_CANVAS (self->canvas);
  const View *view = g_hash_table_lookup (self->views, id_key (gw_canvas_adapter_get_place (self->adapter)));

  if (view != NULL)
    {
      gw_canvas_set_zoom (canvas, view->zoom);
      gw_canvas_scroll_to (canvas, view->x, view->y);
    }
  else if (gtk_widget_get_width (self->canvas) > 0)
    gw_canvas_zoom_to_fit (canvas);
  select_left (self);
}

static void
on_reset (GwEditorPage *self)
{
  g_hash_table_remove_all (self->views);
}

GtkWidget *
gw_editor_page_make_places (GwEditorPage *self)
{
  GtkWidget *crumbs = gw_breadcrumbs_new (self->model, self->adapter);

  self->views = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  gtk_widget_set_halign (crumbs, GTK_ALIGN_START);
  gtk_widget_set_valign (crumbs, GTK_ALIGN_START);
  gtk_widget_set_margin_start (crumbs, 12);
  gtk_widget_set_margin_top (crumbs, 12);
  g_signal_connect_object (self->adapter, "place-leaving", G_CALLBACK (on_leaving), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->adapter, "place-changed", G_CALLBACK (on_entered), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->model, "reset", G_CALLBACK (on_reset), self, G_CONNECT_SWAPPED);
  return crumbs;
}

void
gw_editor_page_go_to (GwEditorPage *self,
                      int64_t       id)
{
  guint64 item = (guint64) id;

  if (gw_document_item (gw_doc_model_get_document (self->model), id) == NULL)
    return;
  gw_canvas_adapter_show_item (self->adapter, id);
  gw_canvas_set_selection (GW_CANVAS (self->canvas), &item, 1);
  gw_canvas_set_focus_item (GW_CANVAS (self->canvas), item);
  gw_canvas_center_on (GW_CANVAS (self->canvas), item);
}

void
gw_editor_page_enter (GwEditorPage *self,
                      int64_t       caller,
                      int64_t       group)
{
  gw_canvas_adapter_enter_called (self->adapter, caller, group);
  gtk_widget_grab_focus (self->canvas);
}

/* A node that calls several sub-graphs: Enter goes into the first, the menu into each. */
void
gw_editor_page_add_bodies (GwEditorPage *self,
                           GMenu        *menu,
                           int64_t       id)
{
  g_autoptr (GArray) called = gw_canvas_adapter_called (self->adapter, id);
  g_autoptr (GMenu) section = g_menu_new ();

  for (guint i = 0; i < called->len; i++)
    {
      int64_t group = g_array_index (called, int64_t, i);
      const char *name = gw_document_group (gw_doc_model_get_document (self->model), group)->name;
      g_autofree char *label = g_strdup_printf ("Enter “%s”", name);
      g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);

      g_menu_item_set_action_and_target (item, "win.enter-body", "(xx)", id, group);
      g_menu_append_item (section, item);
    }
  if (called->len > 0)
    g_menu_prepend_section (menu, NULL, G_MENU_MODEL (section));
}

/* ---- commands ---- */

/* The name is asked for in place; Esc keeps the one that was found. */
static void
group (GwEditorPage *self)
{
  guint64 id = (guint64) gw_canvas_adapter_group (self->adapter);

  if (id == 0)
    return;
  gw_canvas_set_selection (GW_CANVAS (self->canvas), &id, 1);
  gw_canvas_set_focus_item (GW_CANVAS (self->canvas), id);
  gw_canvas_rename (GW_CANVAS (self->canvas), id);
}

static void
ungroup (GwEditorPage *self)
{
  g_autoptr (GArray) lifted = g_array_new (FALSE, FALSE, sizeof (int64_t));

  if (gw_canvas_adapter_ungroup (self->adapter, lifted) && lifted->len > 0)
    gw_canvas_set_selection (GW_CANVAS (self->canvas), (const guint64 *) (gpointer) lifted->data, lifted->len);
  else
    gw_editor_page_message (self, "Select a scope or a composite to break it apart");
}

gboolean
gw_editor_page_place_command (GwEditorPage *self,
                              const char   *name)
{
  guint64 focus = gw_canvas_get_focus_item (GW_CANVAS (self->canvas));
  g_autoptr (GArray) selection = gw_canvas_get_selection (GW_CANVAS (self->canvas));

  if (strcmp (name, "group") == 0)
    group (self);
  else if (strcmp (name, "ungroup") == 0)
    ungroup (self);
  else if (gw_editor_page_composite_command (self, name))
    return TRUE;
  else if (strcmp (name, "enter") == 0 && selection->len > 0)
    gw_canvas_adapter_enter (self->adapter, (int64_t) (focus != 0 ? focus : g_array_index (selection, guint64, 0)));
  else if (strcmp (name, "leave") == 0)
    gw_canvas_adapter_leave (self->adapter);
  else
    return FALSE;
  return TRUE;
}
