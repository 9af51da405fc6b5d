/* SPDX-License-Identifier: Apache-2.0 */
/* The editor page's editing commands: clipboard, frames, layout, menu, find. */
#include "app/ui/editor-private.h"

#include "app/model/arrange.h"
#include "app/ui/actions.h"
#include "widgets/forms/fuzzy.h"
#include "widgets/paint/canvas/metrics.h"

#include <math.h>
#include <string.h>

/* ---- selection ---- */

static GArray *
selected_ids (GwEditorPage *self)
{
  const GArray *selection = gw_canvas_adapter_get_selection (self->adapter);
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (int64_t));

  for (guint i = 0; i < selection->len; i++)
    {
      int64_t id = (int64_t) g_array_index (selection, guint64, i);

      if (gw_document_item (gw_doc_model_get_document (self->model), id) != NULL)
        g_array_append_val (ids, id);
    }
  return ids;
}

static void
select_ids (GwEditorPage *self,
            const GArray *ids)
{
  gw_canvas_set_selection (GW_CANVAS (self->canvas), (const guint64 *) (gpointer) ids->data, ids->len);
}

void
gw_editor_page_command (GwEditorPage *self,
                        const char   *name)
{
  GW_CANVAS_MODEL_GET_IFACE (self->adapter)->command (GW_CANVAS_MODEL (self->adapter), name);
}

void
gw_editor_page_compute (GwEditorPage *self)
{
  GwDocument *document = gw_doc_model_get_document (self->model);
  g_autoptr (GArray) ids = selected_ids (self);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *runs = gw_doc_model_runs_dir (self->model);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < ids->len; i++)
    {
      int64_t id = g_array_index (ids, int64_t, i);

      if (gw_document_node (document, id) != NULL && gw_live_n_outputs (gw_doc_model_settle (self->model), id) > 0)
        g_ptr_array_add (names, gw_document_node (document, id)->name);
    }
  if (ids->len > 0 && !gw_live_check (gw_doc_model_settle (self->model), (const int64_t *) (gpointer) ids->data,
                                      (int) ids->len, &error))
    {
      gw_editor_page_message (self, error->message);
      return;
    }
  if (names->len == 0)
    {
      gw_editor_page_message (self, "Select a node with an output first");
      return;
    }
  g_ptr_array_add (names, NULL);
  gw_run_fetch (self->run, document, runs, (const char *const *) names->pdata);
}

/* ---- clipboard ---- */

static void
paste_text (GwEditorPage *self,
            const char   *text,
            double        dx,
            double        dy,
            gboolean      keep_inputs)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (int64_t));
  g_autoptr (GError) error = NULL;
  GwEdit *edit = gw_document_paste (gw_doc_model_get_document (self->model), text, dx, dy, keep_inputs, ids, &error);

  if (edit == NULL)
    {
      gw_editor_page_message (self, error->message);
      return;
    }
  gw_doc_model_apply (self->model, edit, NULL);
  select_ids (self, ids);
}

void
gw_editor_page_copy (GwEditorPage *self,
                     gboolean      cut)
{
  g_autoptr (GArray) ids = selected_ids (self);
  g_autofree char *text = NULL;

  if (ids->len == 0)
    return;
  text = gw_document_copy_items (gw_doc_model_get_document (self->model), (const int64_t *) (gpointer) ids->data,
                                 (int) ids->len);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  if (cut)
    gw_canvas_delete_selection (GW_CANVAS (self->canvas), FALSE);
}

typedef struct {
  GwEditorPage *self;
  gboolean      keep_inputs;
} Paste;

static void
on_text_read (GObject      *clipboard,
              GAsyncResult *result,
              gpointer      data)
{
  Paste *paste = data;
  g_autofree char *text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (clipboard), result, NULL);

  if (text != NULL)
    paste_text (paste->self, text, 24, 24, paste->keep_inputs);
  g_object_unref (paste->self);
  g_free (paste);
}

void
gw_editor_page_paste (GwEditorPage *self,
                      gboolean      keep_inputs)
{
  Paste *paste = g_new0 (Paste, 1);

  paste->self = g_object_ref (self);
  paste->keep_inputs = keep_inputs;
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (GTK_WIDGET (self)), NULL, on_text_read, paste);
}

void
gw_editor_page_duplicate (GwEditorPage *self)
{
  g_autoptr (GArray) ids = selected_ids (self);
  g_autofree char *text = NULL;

  if (ids->len == 0)
    return;
  text = gw_document_copy_items (gw_doc_model_get_document (self->model), (const int64_t *) (gpointer) ids->data,
                                 (int) ids->len);
  paste_text (self, text, 24, 24, TRUE);
}

/* ---- sizes ---- */

typedef struct {
  GwEditorPage *self;
  const GwScene *scene;
} SizeData;

/* About what the painter gives: columns and rows keep clear of it. */
static void
node_size (int64_t  id,
           double  *width,
           double  *height,
           gpointer data)
{
  const SizeData *size = data;
  const GwSceneNode *node = gw_scene_get_node (size->scene, (guint64) id);
  guint rows = 0, attributes = 0;
  glong text = 0;

  *width = 176;
  *height = 84;
  if (node == NULL)
    return;
  rows = MAX (node->n_inputs, node->n_outputs);
  attributes = node->attributes != NULL ? MIN (g_strv_length (node->attributes), GW_CANVAS_MAX_ATTRIBUTES) : 0;
  text = MAX (g_utf8_strlen (node->name, -1), g_utf8_strlen (node->op, -1));
  *width = CLAMP (48 + 7.0 * (double) text, 128, 248);
  *height = GW_CANVAS_HEADER + GW_CANVAS_ROW * (rows + attributes) + 6;
}

void
gw_editor_page_lay_out (GwEditorPage *self)
{
  g_autoptr (GArray) ids = selected_ids (self);
  SizeData data = { self, gw_canvas_model_get_scene (GW_CANVAS_MODEL (self->adapter)) };
  gboolean some = ids->len > 1;

  gw_doc_model_apply (self->model,
                      gw_edit_arrange (gw_doc_model_get_document (self->model),
                                       some ? (const int64_t *) (gpointer) ids->data : NULL, some ? (int) ids->len : 0,
                                       1400, node_size, &data), NULL);
  if (!some)
    gw_canvas_zoom_to_fit (GW_CANVAS (self->canvas));
}

void
gw_editor_page_add_frame (GwEditorPage *self)
{
  GwDocument *document = gw_doc_model_get_document (self->model);
  g_autoptr (GArray) ids = selected_ids (self);
  SizeData data = { self, gw_canvas_model_get_scene (GW_CANVAS_MODEL (self->adapter)) };
  double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
  GwEdit *edit = gw_edit_new ("Add a frame");
  GwItem *item;

  for (guint i = 0; i < ids->len; i++)
    {
      int64_t id = g_array_index (ids, int64_t, i);
      const GwDocNode *node = gw_document_node (document, id);
      double width, height;

      if (node == NULL)
        continue;
      node_size (id, &width, &height, &data);
      x0 = MIN (x0, node->x);
      y0 = MIN (y0, node->y);
      x1 = MAX (x1, node->x + width);
      y1 = MAX (y1, node->y + height);
    }
  if (x0 > x1)
    {
      gw_canvas_get_pointer (GW_CANVAS (self->canvas), &x0, &y0);
      x1 = x0 + 240;
      y1 = y0 + 120;
    }
  item = gw_item_new (GW_ITEM_FRAME, gw_document_new_id (document));
  item->frame.x = x0 - 16;
  item->frame.y = y0 - 40;
  item->frame.width = x1 - x0 + 32;
  item->frame.height = y1 - y0 + 56;
  item->frame.title = g_strdup ("Frame");
  gw_edit_put (edit, document, item);
  gw_doc_model_apply (self->model, edit, NULL);
}

/* ---- context menu ---- */

static void
append_item (GMenu      *menu,
             const char *label,
             const char *action)
{
  g_autoptr (GMenuItem) item = gw_action_menu_item (label, action);

  g_menu_append_item (menu, item);
}

static GMenu *
node_menu (void)
{
  static const char *const items[][2] = {
    { "Cut", "win.cut" }, { "Copy", "win.copy" }, { "Duplicate", "win.duplicate" }, { "Delete", "win.delete" },
    { "Delete and Reconnect", "win.delete-reconnect" }, { NULL, NULL },
    { "Compute Its Value", "win.compute" }, { "Rename", "win.rename" }, { "Mute", "win.mute" }, { "Bypass", "win.bypass" }, { "Lock", "win.lock" },
    { NULL, NULL }, { "Frame", "win.frame" }, { "Lay Out", "win.lay-out" },
  };
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) section = g_menu_new ();

  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    {
      if (items[i][0] != NULL)
        {
          append_item (section, items[i][0], items[i][1]);
          continue;
        }
      g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
      g_object_unref (section);
      section = g_menu_new ();
    }
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
  return menu;
}

static GMenu *
ground_menu (void)
{
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) first = g_menu_new ();
  g_autoptr (GMenu) second = g_menu_new ();

  append_item (first, "Add an Op…", "win.add-op");
  append_item (first, "Paste", "win.paste");
  append_item (first, "Frame", "win.frame");
  append_item (second, "Select All", "win.select-all");
  append_item (second, "Lay Out", "win.lay-out");
  append_item (second, "Fit", "win.zoom-fit");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (first));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (second));
  return menu;
}

void
gw_editor_page_popup_menu (GwEditorPage *self,
                           guint64       id,
                           double        x,
                           double        y)
{
  g_autoptr (GMenu) menu = id != 0 ? node_menu () : ground_menu ();

  g_clear_pointer (&self->menu, gtk_widget_unparent);
  self->menu = gtk_popover_menu_new_from_model (G_MENU_MODEL (menu));
  gtk_widget_set_parent (self->menu, self->overlay);
  gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
  gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), &(GdkRectangle) { (int) x, (int) y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

/* ---- find ---- */

#define MOST_FOUND 12

static void
fill_found (GwEditorPage *self)
{
  const char *typed = gtk_editable_get_text (GTK_EDITABLE (self->find_entry));
  GwDocument *document = gw_doc_model_get_document (self->model);
  GtkWidget *row;
  int n, found = 0;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  while ((row = gtk_widget_get_first_child (self->find_list)) != NULL)
    gtk_list_box_remove (GTK_LIST_BOX (self->find_list), row);
  for (int i = 0; i < n && found < MOST_FOUND; i++)
    {
      const GwDocNode *node = gw_document_node (document, ids[i]);
      g_autofree char *text = g_strdup_printf ("%s · %s", node->name, node->op);
      GtkWidget *label;

      if (typed[0] != 0 && gw_fuzzy_score (typed, node->name) == 0 && gw_fuzzy_score (typed, node->op) == 0)
        continue;
      label = gtk_label_new (text);
      gtk_label_set_xalign (GTK_LABEL (label), 0);
      g_object_set_data (G_OBJECT (label), "id", GSIZE_TO_POINTER ((gsize) ids[i]));
      gtk_list_box_append (GTK_LIST_BOX (self->find_list), label);
      found++;
    }
  gtk_list_box_select_row (GTK_LIST_BOX (self->find_list),
                           gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->find_list), 0));
}

static void
on_found (GwEditorPage  *self,
          GtkListBoxRow *row)
{
  guint64 id = (guint64) GPOINTER_TO_SIZE (g_object_get_data (G_OBJECT (gtk_list_box_row_get_child (row)), "id"));

  gtk_popover_popdown (GTK_POPOVER (self->find));
  gw_canvas_set_selection (GW_CANVAS (self->canvas), &id, 1);
  gw_canvas_center_on (GW_CANVAS (self->canvas), id);
  gtk_widget_grab_focus (self->canvas);
}

static void
on_find_activate (GwEditorPage *self)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (GTK_LIST_BOX (self->find_list));

  if (row != NULL)
    on_found (self, row);
}

void
gw_editor_page_make_find (GwEditorPage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);

  self->find = gtk_popover_new ();
  self->find_entry = gtk_search_entry_new ();
  self->find_list = gtk_list_box_new ();
  gtk_widget_set_size_request (box, 320, -1);
  gtk_box_append (GTK_BOX (box), self->find_entry);
  gtk_box_append (GTK_BOX (box), self->find_list);
  gtk_popover_set_child (GTK_POPOVER (self->find), box);
  gtk_popover_set_has_arrow (GTK_POPOVER (self->find), FALSE);
  gtk_widget_set_parent (self->find, self->overlay);
  g_signal_connect_swapped (self->find_entry, "search-changed", G_CALLBACK (fill_found), self);
  g_signal_connect_swapped (self->find_entry, "activate", G_CALLBACK (on_find_activate), self);
  g_signal_connect_swapped (self->find_list, "row-activated", G_CALLBACK (on_found), self);
}

void
gw_editor_page_find (GwEditorPage *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->find_entry), "");
  fill_found (self);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->find),
                               &(GdkRectangle) { gtk_widget_get_width (self->overlay) / 2, 12, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->find));
  gtk_widget_grab_focus (self->find_entry);
}

/* ---- keys of the canvas ---- */

void
gw_editor_page_add_canvas_keys (GwEditorPage *self)
{
  static const char *const keys[][2] = {
    { "<Control>c", "win.copy" }, { "<Control>x", "win.cut" }, { "<Control>v", "win.paste" },
    { "<Shift><Control>v", "win.paste-inputs" }, { "<Control>d", "win.duplicate" },
  };
  GtkEventController *controller = gtk_shortcut_controller_new ();

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller),
                                          gtk_shortcut_new (gtk_shortcut_trigger_parse_string (keys[i][0]),
                                                            gtk_named_action_new (keys[i][1])));
  gtk_widget_add_controller (self->canvas, controller);
}
