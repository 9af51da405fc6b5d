/* SPDX-License-Identifier: Apache-2.0 */
/* The menu of the palette's rows: inserting an op, and what becomes of the user's own composites. */
#include "app/ui/editor-private.h"

#include "app/model/composite-store.h"

#include <string.h>

/* What a toast can bring back. */
typedef struct {
  GwEditorPage *page;
  char         *name;
  GBytes       *file;
} Removed;

static void
removed_free (gpointer  data,
              GClosure *closure)
{
  Removed *removed = data;

  g_free (removed->name);
  g_bytes_unref (removed->file);
  g_free (removed);
}

static void
on_undo (Removed *removed)
{
  g_autoptr (GError) error = NULL;

  if (gw_composite_store_restore (removed->name, removed->file, &error))
    gw_editor_page_show_mine (removed->page);
  else
    gw_editor_page_error (removed->page, error);
}

/* Documents that have the composite keep it: each has a definition of its own. */
static void
tell_removal (GwEditorPage *self,
              const char   *name,
              GBytes       *file)
{
  GtkWidget *overlay = gtk_widget_get_ancestor (GTK_WIDGET (self), ADW_TYPE_TOAST_OVERLAY);
  gboolean here = gw_document_find_group (gw_doc_model_get_document (self->model), name) != 0;
  g_autofree char *text = g_markup_printf_escaped (here ? "“%s” is off the palette; this document keeps its own"
                                                        : "“%s” is off the palette", name);
  Removed *removed = g_new (Removed, 1);
  AdwToast *toast = adw_toast_new (text);

  *removed = (Removed) { self, g_strdup (name), g_bytes_ref (file) };
  adw_toast_set_button_label (toast, "Undo");
  g_signal_connect_data (toast, "button-clicked", G_CALLBACK (on_undo), removed, removed_free, G_CONNECT_SWAPPED);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (overlay), toast);
}

static void
remove_from_palette (GwEditorPage *self,
                     const char   *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) file = gw_composite_store_remove (name, &error);

  if (file == NULL)
    {
      gw_editor_page_error (self, error);
      return;
    }
  gw_editor_page_show_mine (self);
  tell_removal (self, name, file);
}

static gboolean
is_in_palette (GwOpEntry *entry)
{
  const GwOpEntryInfo *info = gw_op_entry_get_info (entry);

  return strcmp (info->category, "mine") == 0 && gw_composite_store_version (info->name) > 0;
}

/* ---- the menu ---- */

static void
on_insert (GSimpleAction *action,
           GVariant      *name,
           gpointer       self)
{
  gw_editor_page_insert (self, g_variant_get_string (name, NULL));
}

static void
on_remove (GSimpleAction *action,
           GVariant      *name,
           gpointer       self)
{
  remove_from_palette (self, g_variant_get_string (name, NULL));
}

static void
append (GMenu      *menu,
        const char *label,
        const char *action,
        const char *name)
{
  g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);

  g_menu_item_set_action_and_target (item, action, "s", name);
  g_menu_append_item (menu, item);
}

static void
on_menu (GwEditorPage *self,
         GwOpEntry    *entry,
         GtkWidget    *row)
{
  const char *name = gw_op_entry_get_info (entry)->name;
  g_autoptr (GMenu) menu = g_menu_new ();
  graphene_rect_t bounds;

  append (menu, "Insert", "palette.insert", name);
  if (is_in_palette (entry))
    append (menu, "Remove from the Palette", "palette.remove", name);
  if (!gtk_widget_compute_bounds (row, self->palette, &bounds))
    return;
  g_clear_pointer (&self->palette_menu, gtk_widget_unparent);
  self->palette_menu = gtk_popover_menu_new_from_model (G_MENU_MODEL (menu));
  gtk_widget_set_parent (self->palette_menu, self->palette);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->palette_menu),
                               &(GdkRectangle) { (int) bounds.origin.x, (int) bounds.origin.y,
                                                 (int) bounds.size.width, (int) bounds.size.height });
  gtk_popover_popup (GTK_POPOVER (self->palette_menu));
}

static void
on_delete (GwEditorPage *self,
           GwOpEntry    *entry)
{
  if (is_in_palette (entry))
    remove_from_palette (self, gw_op_entry_get_info (entry)->name);
  else
    gw_editor_page_message (self, "Only composites of your own can be taken off the palette");
}

void
gw_editor_page_make_palette_menu (GwEditorPage *self)
{
  static const GActionEntry entries[] = { { "insert", on_insert, "s" }, { "remove", on_remove, "s" } };
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();

  g_action_map_add_action_entries (G_ACTION_MAP (group), entries, G_N_ELEMENTS (entries), self);
  gtk_widget_insert_action_group (self->palette, "palette", G_ACTION_GROUP (group));
  g_signal_connect_object (self->palette, "menu", G_CALLBACK (on_menu), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->palette, "delete", G_CALLBACK (on_delete), self, G_CONNECT_SWAPPED);
}
