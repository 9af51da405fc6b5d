/* SPDX-License-Identifier: Apache-2.0 */
/* The editor page's editing commands: clipboard, frames, layout, menu. */
#include "app/ui/editor-private.h"

#include "app/model/arrange.h"
#include "app/ui/actions.h"
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
  int64_t place = gw_canvas_adapter_get_place (self->adapter);
  GwDocument *document = gw_doc_model_get_document (self->model);
  GwEdit *edit = gw_document_paste_into (document, gw_document_group (document, place) != NULL ? place : 0, text, dx, dy,
                                         keep_inputs, ids, &error);

  if (edit == NULL)
    {
      gw_editor_page_error (self, error);
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
gw_editor_page_duplicate (GwEditorPage *self,
                          double        offset)
{
  g_autoptr (GArray) ids = selected_ids (self);
  g_autofree char *text = NULL;

  if (ids->len == 0)
    return;
  text = gw_document_copy_items (gw_doc_model_get_document (self->model), (const int64_t *) (gpointer) ids->data,
                                 (int) ids->len);
  paste_text (self, text, offset, offset, TRUE);
}

/* ---- sizes ---- */

/* As the canvas draws it. */
static void
node_size (int64_t  id,
           double  *width,
           double  *height,
           gpointer data)
{
  GwEditorPage *self = data;
  GwCanvasRect box = { 0, 0, 176, 84 };

  gw_canvas_get_node_box (GW_CANVAS (self->canvas), (guint64) id, &box);
  *width = box.width;
  *height = box.height;
}

void
gw_editor_page_node_size (GwEditorPage *self,
                          int64_t       id,
                          double       *width,
                          double       *height)
{
  node_size (id, width, height, self);
}

void
gw_editor_page_align (GwEditorPage *self,
                      const char   *how)
{
  static const char *const names[] = { "left", "right", "top", "bottom", "across", "down", NULL };
  g_autoptr (GArray) ids = selected_ids (self);

  for (int i = 0; names[i] != NULL; i++)
    if (strcmp (names[i], how) == 0)
      gw_doc_model_apply (self->model,
                          gw_edit_align (gw_doc_model_get_document (self->model),
                                         (const int64_t *) (gpointer) ids->data, (int) ids->len, (GwAlign) i,
                                         node_size, self), NULL);
}

void
gw_editor_page_add_frame (GwEditorPage *self)
{
  GwDocument *document = gw_doc_model_get_document (self->model);
  g_autoptr (GArray) ids = selected_ids (self);
  double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
  GwEdit *edit = gw_edit_new ("Add a frame");
  GwItem *item;
  int64_t frame;

  for (guint i = 0; i < ids->len; i++)
    {
      int64_t id = g_array_index (ids, int64_t, i);
      const GwDocNode *node = gw_document_node (document, id);
      double width, height;

      if (node == NULL)
        continue;
      node_size (id, &width, &height, self);
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
  frame = item->id;
  gw_edit_put (edit, document, item);
  gw_canvas_adapter_put_here (self->adapter, edit, frame);
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

static void
append_align_menu (GMenu *menu)
{
  static const char *const items[][2] = {
    { "Left Edges", "win.align::left" }, { "Right Edges", "win.align::right" }, { "Top Edges", "win.align::top" },
    { "Bottom Edges", "win.align::bottom" }, { "Spread Across", "win.align::across" },
    { "Spread Down", "win.align::down" },
  };
  g_autoptr (GMenu) submenu = g_menu_new ();

  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    append_item (submenu, items[i][0], items[i][1]);
  g_menu_append_submenu (menu, "Align", G_MENU_MODEL (submenu));
}

static GMenu *
node_menu (void)
{
  static const char *const items[][2] = {
    { "Cut", "win.cut" }, { "Copy", "win.copy" }, { "Duplicate", "win.duplicate" }, { "Delete", "win.delete" },
    { "Delete and Reconnect", "win.delete-reconnect" }, { NULL, NULL },
    { "Evaluate Here", "win.compute" }, { "Rename", "win.rename" }, { "Mute", "win.mute" }, { "Bypass", "win.bypass" }, { "Lock", "win.lock" },
    { "Fold", "win.fold" }, { "Hide Unused Ports", "win.hide-ports" }, { NULL, NULL },
    { "Watch", "win.watch" }, { "Breakpoint", "win.breakpoint" },
    { "Breakpoint Condition…", "win.breakpoint-condition" },
    { NULL, NULL }, { "Enter", "win.enter" }, { "Group", "win.group" }, { "Make Composite…", "win.make-composite" }, { "Break Apart", "win.ungroup" },
    { "Frame", "win.frame" }, { "Lay Out", "win.lay-out" },
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
  append_align_menu (menu);
  return menu;
}

/* All fixes that the node's problem offers; the canvas itself draws two. */
static void
prepend_fixes (GwEditorPage *self,
               GMenu        *menu,
               int64_t       id)
{
  const GwProblem *problem = gw_live_problem (gw_doc_model_settle (self->model), id);
  g_autoptr (GMenu) section = g_menu_new ();

  for (guint i = 0; problem != NULL && i < problem->fixes->len; i++)
    {
      g_autoptr (GMenuItem) item = g_menu_item_new (((GwFix *) g_ptr_array_index (problem->fixes, i))->label, NULL);

      g_menu_item_set_action_and_target (item, "win.fix", "(xu)", id, i);
      g_menu_append_item (section, item);
    }
  if (problem != NULL && problem->fixes->len > 0)
    g_menu_prepend_section (menu, "Fixes", G_MENU_MODEL (section));
}

static GMenu *
ground_menu (void)
{
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) first = g_menu_new ();
  g_autoptr (GMenu) second = g_menu_new ();

  append_item (first, "Add an Op…", "win.add-op");
  append_item (first, "Paste", "win.paste");
  append_item (first, "Paste with Inputs", "win.paste-inputs");
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

  if (gw_document_node (gw_doc_model_get_document (self->model), (int64_t) id) != NULL)
    {
      gw_editor_page_add_bodies (self, menu, (int64_t) id);
      gw_editor_page_add_composite_items (self, menu, (int64_t) id);
      prepend_fixes (self, menu, (int64_t) id);
    }
  g_clear_pointer (&self->menu, gtk_widget_unparent);
  self->menu = gtk_popover_menu_new_from_model (G_MENU_MODEL (menu));
  gtk_widget_set_parent (self->menu, self->overlay);
  gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
  gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), &(GdkRectangle) { (int) x, (int) y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->menu));
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
