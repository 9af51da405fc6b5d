/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/editor-private.h"

#include "app/ui/inspector-panel.h"
#include "app/ui/messages-panel.h"
#include "app/ui/op-catalog.h"
#include "app/ui/problems-panel.h"

#include <string.h>

static guint message_signal, panels_signal;

G_DEFINE_FINAL_TYPE (GwEditorPage, gw_editor_page, ADW_TYPE_BIN)

void
gw_editor_page_message (GwEditorPage *self,
                        const char   *text)
{
  g_signal_emit (self, message_signal, 0, text);
}

void
gw_editor_page_error (GwEditorPage *self,
                      const GError *error)
{
  g_autofree char *text = gw_error_text (error);

  gw_editor_page_message (self, text);
}

GwCanvas *
gw_editor_page_get_canvas (GwEditorPage *self)
{
  return GW_CANVAS (self->canvas);
}

void
gw_editor_page_set_palette (GwEditorPage *self,
                            gboolean      shown)
{
  adw_flap_set_reveal_flap (ADW_FLAP (self->start_flap), shown);
}

gboolean
gw_editor_page_get_palette (GwEditorPage *self)
{
  return adw_flap_get_reveal_flap (ADW_FLAP (self->start_flap));
}

void
gw_editor_page_set_inspector (GwEditorPage *self,
                              gboolean      shown)
{
  adw_flap_set_reveal_flap (ADW_FLAP (self->end_flap), shown);
}

gboolean
gw_editor_page_get_inspector (GwEditorPage *self)
{
  return adw_flap_get_reveal_flap (ADW_FLAP (self->end_flap));
}

void
gw_editor_page_set_narrow (GwEditorPage *self,
                           gboolean      palette,
                           gboolean      inspector)
{
  AdwFlapFoldPolicy start = palette ? ADW_FLAP_FOLD_POLICY_ALWAYS : ADW_FLAP_FOLD_POLICY_NEVER;
  AdwFlapFoldPolicy end = inspector ? ADW_FLAP_FOLD_POLICY_ALWAYS : ADW_FLAP_FOLD_POLICY_NEVER;

  if (adw_flap_get_fold_policy (ADW_FLAP (self->start_flap)) != start)
    {
      adw_flap_set_fold_policy (ADW_FLAP (self->start_flap), start);
      adw_flap_set_reveal_flap (ADW_FLAP (self->start_flap), !palette);
    }
  if (adw_flap_get_fold_policy (ADW_FLAP (self->end_flap)) != end)
    {
      adw_flap_set_fold_policy (ADW_FLAP (self->end_flap), end);
      adw_flap_set_reveal_flap (ADW_FLAP (self->end_flap), !inspector);
    }
}

void
gw_editor_page_flush (GwEditorPage *self)
{
  gw_inspector_panel_flush (GW_INSPECTOR_PANEL (self->inspector));
}

void
gw_editor_page_go_problem (GwEditorPage *self,
                           int           direction)
{
  gw_problems_panel_go (GW_PROBLEMS_PANEL (self->problems), direction);
}

void
gw_editor_page_fix_problem (GwEditorPage *self)
{
  g_autoptr (GError) error = NULL;

  if (!gw_problems_panel_fix (GW_PROBLEMS_PANEL (self->problems), &error))
    gw_editor_page_error (self, error);
}

/* ---- adding ops ---- */

/* Whoever comes to this page can press Tab and type at once. */
static void
on_canvas_map (GtkWidget *canvas)
{
  gtk_widget_grab_focus (canvas);
}

static void
select_node (GwEditorPage *self,
             int64_t       id)
{
  guint64 selected = (guint64) id;

  if (id == 0)
    return;
  gw_canvas_set_selection (GW_CANVAS (self->canvas), &selected, 1);
  gw_canvas_set_focus_item (GW_CANVAS (self->canvas), selected);
  gtk_widget_grab_focus (self->canvas);
}

void
gw_editor_page_insert (GwEditorPage *self,
                       const char   *op)
{
  double x, y;

  gw_canvas_to_canvas (GW_CANVAS (self->canvas), gtk_widget_get_width (self->canvas) / 2.0 - 60,
                       gtk_widget_get_height (self->canvas) / 2.0 - 40, &x, &y);
  select_node (self, gw_canvas_adapter_add_op (self->adapter, op, x, y, 0, NULL));
}

static void
on_palette_activated (GwEditorPage *self,
                      GwOpEntry    *entry)
{
  gw_editor_page_insert (self, gw_op_entry_get_info (entry)->name);
}

static void
on_search_chosen (GwEditorPage *self,
                  GwOpEntry    *entry)
{
  select_node (self, gw_canvas_adapter_add_op (self->adapter, gw_op_entry_get_info (entry)->name, self->search_x,
                                               self->search_y, 0, &self->search_port));
}

static gboolean
search_filter (GwOpEntry *entry,
               gpointer   data)
{
  GwEditorPage *self = data;

  return gw_canvas_adapter_op_fits (self->adapter, gw_op_entry_get_info (entry)->name, &self->search_port);
}

static void
on_search_requested (GwEditorPage       *self,
                     double              x,
                     double              y,
                     const GwCanvasPort *port,
                     const char         *text)
{
  double widget_x, widget_y;

  self->search_x = x;
  self->search_y = y;
  self->search_port = port != NULL ? *port : (GwCanvasPort) { 0 };
  gw_canvas_to_widget (GW_CANVAS (self->canvas), x, y, &widget_x, &widget_y);
  gw_op_search_popup (GW_OP_SEARCH (self->search), widget_x, widget_y, text, search_filter, self, NULL);
}

static void
on_problem_activated (GwEditorPage *self,
                      gint64        node)
{
  gw_editor_page_go_to (self, node);
}

/* ---- what stands over the canvas ---- */

static void
update_overlay (GwEditorPage *self)
{
  GwDocument *document = gw_doc_model_get_document (self->model);
  int n_frames, n;

  gw_document_ids (document, GW_ITEM_NODE, &n);
  gw_document_ids (document, GW_ITEM_FRAME, &n_frames);
  gtk_widget_set_visible (self->empty, n == 0 && n_frames == 0);
}

static gboolean
fit_idle (gpointer data)
{
  GwEditorPage *self = data;

  gw_canvas_zoom_to_fit (GW_CANVAS (self->canvas));
  g_object_unref (self);
  return G_SOURCE_REMOVE;
}

static void
on_reset (GwEditorPage *self)
{
  update_overlay (self);
  g_timeout_add (60, fit_idle, g_object_ref (self));
}

static GtkWidget *
make_empty (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *title = gtk_label_new ("Start with an op or an example");
  GtkWidget *text = gtk_label_new ("Press Tab to add an op, or drop a .pb, .onnx or .ckpt file here.");
  GtkWidget *button = gtk_button_new_with_label ("Open an example");

  gtk_widget_add_css_class (title, "title-2");
  gtk_widget_add_css_class (text, "dim-label");
  gtk_widget_add_css_class (button, "suggested-action");
  gtk_widget_add_css_class (button, "pill");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.examples");
  gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), text);
  gtk_box_append (GTK_BOX (box), button);
  return box;
}

static GtkWidget *
make_canvas (GwEditorPage *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->canvas = gw_canvas_new ();
  self->overlay = gtk_overlay_new ();
  self->empty = make_empty ();
  self->problems = gw_problems_panel_new (self->model);
  self->messages = gw_messages_panel_new (self->run);
  gw_canvas_set_model (GW_CANVAS (self->canvas), GW_CANVAS_MODEL (self->adapter));
  gw_canvas_set_show_minimap (GW_CANVAS (self->canvas), TRUE);
  g_signal_connect_after (self->canvas, "map", G_CALLBACK (on_canvas_map), NULL);
  gtk_widget_set_hexpand (self->canvas, TRUE);
  gtk_widget_set_vexpand (self->canvas, TRUE);
  gtk_widget_set_size_request (self->overlay, 240, 200);
  gtk_overlay_set_child (GTK_OVERLAY (self->overlay), self->canvas);
  gtk_overlay_add_overlay (GTK_OVERLAY (self->overlay), gw_editor_page_make_places (self));
  gtk_overlay_add_overlay (GTK_OVERLAY (self->overlay), self->empty);
  gtk_box_append (GTK_BOX (column), self->overlay);
  gtk_box_append (GTK_BOX (column), self->problems);
  gtk_box_append (GTK_BOX (column), self->messages);
  gtk_widget_set_hexpand (column, TRUE);
  return column;
}

static GtkWidget *
make_palette (GwEditorPage *self)
{
  g_autoptr (GListModel) ops = gw_op_catalog_new ();

  self->palette = gw_op_list_new ();
  gw_op_list_set_model (GW_OP_LIST (self->palette), ops);
  gw_op_list_set_expanded (GW_OP_LIST (self->palette), "inputs", TRUE);
  gw_op_list_set_expanded (GW_OP_LIST (self->palette), "layers", TRUE);
  gtk_widget_set_size_request (self->palette, 208, -1);
  gtk_widget_add_css_class (self->palette, "gw-side");
  gtk_widget_add_css_class (self->palette, "gw-side-start");
  self->search = gw_op_search_new ();
  gw_op_list_set_model (gw_op_search_get_list (GW_OP_SEARCH (self->search)), ops);
  gw_editor_page_follow_composites (self, ops);
  gw_editor_page_make_palette_menu (self);
  return self->palette;
}

static GtkWidget *
make_flap (GtkWidget      *content,
           GtkWidget      *flap,
           GtkPackType     position)
{
  GtkWidget *widget = adw_flap_new ();

  adw_flap_set_content (ADW_FLAP (widget), content);
  adw_flap_set_flap (ADW_FLAP (widget), flap);
  adw_flap_set_flap_position (ADW_FLAP (widget), position);
  adw_flap_set_fold_policy (ADW_FLAP (widget), ADW_FLAP_FOLD_POLICY_NEVER);
  adw_flap_set_locked (ADW_FLAP (widget), TRUE);
  adw_flap_set_swipe_to_open (ADW_FLAP (widget), FALSE);
  adw_flap_set_swipe_to_close (ADW_FLAP (widget), FALSE);
  return widget;
}

static void
gw_editor_page_dispose (GObject *object)
{
  GwEditorPage *self = GW_EDITOR_PAGE (object);

  g_clear_pointer (&self->search, gtk_widget_unparent);
  g_clear_pointer (&self->menu, gtk_widget_unparent);
  g_clear_pointer (&self->palette_menu, gtk_widget_unparent);
  g_clear_pointer (&self->find, gtk_widget_unparent);
  g_clear_pointer (&self->commands, gtk_widget_unparent);
  if (self->cards != NULL)
    g_ptr_array_set_size (self->cards, 0);
  if (self->layout != NULL && self->model != NULL)
    gw_editor_page_stop_layout (self);
  gw_editor_page_stop_glow (self);
  g_clear_object (&self->values);
  g_clear_object (&self->model);
  g_clear_object (&self->run);
  g_clear_object (&self->adapter);
  G_OBJECT_CLASS (gw_editor_page_parent_class)->dispose (object);
}

static void
gw_editor_page_finalize (GObject *object)
{
  GwEditorPage *self = GW_EDITOR_PAGE (object);

  g_clear_pointer (&self->cards, g_ptr_array_unref);
  g_clear_pointer (&self->asked, g_array_unref);
  g_clear_pointer (&self->views, g_hash_table_unref);
  gw_editor_page_free_layout (self);
  G_OBJECT_CLASS (gw_editor_page_parent_class)->finalize (object);
}

static void
gw_editor_page_class_init (GwEditorPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gw_editor_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = gw_editor_page_finalize;
  panels_signal = g_signal_new ("panels-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 0);
  message_signal = g_signal_new ("message", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
gw_editor_page_init (GwEditorPage *self)
{
}

static void
on_fetched (GwEditorPage *self,
            GPtrArray    *values)
{
  if (values == NULL)
    return;
  gw_inspector_panel_show_values (GW_INSPECTOR_PANEL (self->inspector), values);
}

/* What the canvas's single keys ask for and the document alone cannot do. */
static gboolean
on_command (GwEditorPage *self,
            const char   *name)
{
  if (g_str_has_prefix (name, "slot-"))
    gw_editor_page_show_slot (self, (int) g_ascii_strtoll (name + strlen ("slot-"), NULL, 10));
  else if (g_str_has_prefix (name, "set-slot-"))
    gw_editor_page_set_slot (self, (int) g_ascii_strtoll (name + strlen ("set-slot-"), NULL, 10));
  else if (strcmp (name, "duplicate") == 0)
    gw_editor_page_duplicate (self, 0);
  else
    return gw_editor_page_place_command (self, name);
  return TRUE;
}

static void
on_panels_changed (GwEditorPage *self)
{
  g_signal_emit (self, panels_signal, 0);
}

static void
connect_signals (GwEditorPage *self)
{
  g_signal_connect_object (self->start_flap, "notify::reveal-flap", G_CALLBACK (on_panels_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->end_flap, "notify::reveal-flap", G_CALLBACK (on_panels_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->palette, "activated", G_CALLBACK (on_palette_activated), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->search, "chosen", G_CALLBACK (on_search_chosen), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->problems, "activated", G_CALLBACK (on_problem_activated), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->messages, "activated", G_CALLBACK (on_problem_activated), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->run, "fetched", G_CALLBACK (on_fetched), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->adapter, "search-requested", G_CALLBACK (on_search_requested), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->adapter, "menu-requested", G_CALLBACK (gw_editor_page_popup_menu), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->adapter, "command", G_CALLBACK (on_command), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->adapter, "message", G_CALLBACK (gw_editor_page_message), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->model, "items-changed", G_CALLBACK (update_overlay), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->model, "history-changed", G_CALLBACK (update_overlay), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->model, "reset", G_CALLBACK (on_reset), self, G_CONNECT_SWAPPED);
}

GtkWidget *
gw_editor_page_new (GwDocModel *model,
                    GwRun      *run)
{
  GwEditorPage *self = g_object_new (GW_TYPE_EDITOR_PAGE, NULL);
  GtkWidget *column;

  self->model = g_object_ref (model);
  self->run = g_object_ref (run);
  self->adapter = gw_canvas_adapter_new (model, run);
  column = make_canvas (self);
  self->inspector = gw_inspector_panel_new (model, run, self->adapter);
  gtk_widget_add_css_class (self->inspector, "gw-side");
  gtk_widget_add_css_class (self->inspector, "gw-side-end");
  self->end_flap = make_flap (column, self->inspector, GTK_PACK_END);
  self->start_flap = make_flap (self->end_flap, make_palette (self), GTK_PACK_START);
  gtk_widget_set_parent (self->search, self->overlay);
  adw_bin_set_child (ADW_BIN (self), self->start_flap);
  gw_editor_page_make_find (self);
  gw_editor_page_make_values (self);
  gw_editor_page_make_layout (self);
  gw_editor_page_make_view (self);
  gw_editor_page_add_canvas_keys (self);
  connect_signals (self);
  update_overlay (self);
  return GTK_WIDGET (self);
}
