/* SPDX-License-Identifier: Apache-2.0 */
/* The editor page and composites of the user's own: making one of the selection, keeping it
 * in the palette, and taking a newer version from there. */
#include "app/ui/editor-private.h"

#include "app/model/composite-store.h"
#include "app/ui/composite-dialog.h"
#include "app/ui/op-catalog.h"

#include <string.h>

static GwDocument *
document_of (GwEditorPage *self)
{
  return gw_doc_model_get_document (self->model);
}

/* ---- making ---- */

static void
on_made (GwEditorPage *self,
         gint64        use)
{
  guint64 id = (guint64) use;

  gw_canvas_set_selection (GW_CANVAS (self->canvas), &id, 1);
  gw_canvas_set_focus_item (GW_CANVAS (self->canvas), id);
  gtk_widget_grab_focus (self->canvas);
}

static void
make (GwEditorPage *self)
{
  g_autoptr (GArray) selection = gw_canvas_get_selection (GW_CANVAS (self->canvas));
  g_autoptr (GError) error = NULL;
  GwCompositeDraft *draft = gw_composite_draft_new (document_of (self), gw_doc_model_settle (self->model),
                                                    (const int64_t *) (gpointer) selection->data, (int) selection->len, &error);
  GtkWidget *dialog;

  if (draft == NULL)
    {
      gw_editor_page_error (self, error);
      return;
    }
  dialog = gw_composite_dialog_new (self->model, draft, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))));
  g_signal_connect_object (dialog, "made", G_CALLBACK (on_made), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* ---- the palette ---- */

/* The definition of the first selected box that has one, or the one that is shown. */
static int64_t
chosen_group (GwEditorPage *self)
{
  g_autoptr (GArray) selection = gw_canvas_get_selection (GW_CANVAS (self->canvas));
  int64_t place = gw_canvas_adapter_get_place (self->adapter);
  const GwDocGroup *shown = gw_document_group (document_of (self), place);

  for (guint i = 0; i < selection->len; i++)
    {
      int64_t group = gw_document_own_composite (document_of (self), (int64_t) g_array_index (selection, guint64, i));

      if (group != 0)
        return group;
    }
  return shown != NULL && shown->kind == GW_GROUP_COMPOSITE ? place : 0;
}

static void
keep (GwEditorPage *self)
{
  int64_t group = chosen_group (self);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  GwEdit *edit = NULL;

  if (group == 0)
    gw_editor_page_message (self, "Select a composite of your own to keep it in the palette");
  else if (!gw_composite_store_keep (document_of (self), group, &edit, &error))
    gw_editor_page_error (self, error);
  if (group == 0 || error != NULL)
    return;
  if (edit != NULL)
    gw_doc_model_apply (self->model, edit, NULL);
  text = g_strdup_printf ("%s is in the palette, version %d", gw_document_group (document_of (self), group)->name,
                          gw_document_group (document_of (self), group)->version);
  gw_editor_page_message (self, text);
}

static void
update (GwEditorPage *self)
{
  int64_t group = chosen_group (self);
  g_autoptr (GError) error = NULL;
  GwEdit *edit;

  if (group == 0)
    {
      gw_editor_page_message (self, "Select a composite of your own to update it");
      return;
    }
  edit = gw_composite_store_take (document_of (self), gw_document_group (document_of (self), group)->name, &error);
  if (edit == NULL)
    gw_editor_page_error (self, error);
  else
    gw_doc_model_apply (self->model, edit, NULL);
}

gboolean
gw_editor_page_composite_command (GwEditorPage *self,
                                  const char   *name)
{
  if (strcmp (name, "make-composite") == 0)
    make (self);
  else if (strcmp (name, "keep-composite") == 0)
    keep (self);
  else if (strcmp (name, "update-composite") == 0)
    update (self);
  else
    return FALSE;
  return TRUE;
}

void
gw_editor_page_add_composite_items (GwEditorPage *self,
                                    GMenu        *menu,
                                    int64_t       id)
{
  int64_t group = gw_document_own_composite (document_of (self), id);
  const GwDocGroup *definition = gw_document_group (document_of (self), group);
  g_autoptr (GMenu) section = g_menu_new ();
  g_autofree char *label = NULL;
  int version;

  if (definition == NULL)
    return;
  version = gw_composite_store_version (definition->name);
  label = g_strdup_printf ("Update to Version %d", version);
  if (version > definition->version)
    g_menu_append (section, label, "win.update-composite");
  g_menu_append (section, "Keep in the Palette", "win.keep-composite");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
}

/* ---- “Mine” ---- */

void
gw_editor_page_show_mine (GwEditorPage *self)
{
  gw_op_catalog_show_mine (g_object_get_data (G_OBJECT (self), "catalog"), document_of (self));
}

void
gw_editor_page_follow_composites (GwEditorPage *self,
                                  GListModel   *catalog)
{
  g_object_set_data_full (G_OBJECT (self), "catalog", g_object_ref (catalog), g_object_unref);
  g_signal_connect_object (self->model, "items-changed", G_CALLBACK (gw_editor_page_show_mine), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->model, "reset", G_CALLBACK (gw_editor_page_show_mine), self, G_CONNECT_SWAPPED);
  gw_editor_page_show_mine (self);
}
