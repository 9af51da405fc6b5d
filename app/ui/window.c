/* SPDX-License-Identifier: Apache-2.0 */
/* The window's frame: header bar, pages, run bar, narrow forms. */
#include "app/ui/window-private.h"

#include "app/ui/actions.h"
#include "app/ui/board-page.h"
#include "app/ui/checkpoints-page.h"
#include "app/ui/data-page.h"
#include "app/ui/evaluation-view.h"
#include "app/ui/size-box.h"
#include "widgets/charts/widget-pen.h"

G_DEFINE_FINAL_TYPE (GwWindow, gw_window, ADW_TYPE_APPLICATION_WINDOW)

void
gw_window_toast (GwWindow   *self,
                 const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);
  AdwToast *toast = adw_toast_new (escaped);

  adw_toast_set_timeout (toast, 4);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), toast);
}

static void
on_message (GwWindow   *self,
            const char *text)
{
  gw_window_toast (self, text);
}

/* ---- header ---- */

static void
update_header (GwWindow *self)
{
  GFile *file = gw_doc_model_get_file (self->model);
  const char *undo = gw_doc_model_undo_label (self->model), *redo = gw_doc_model_redo_label (self->model);
  g_autofree char *base = file != NULL ? g_file_get_basename (file) : NULL;
  g_autofree char *state = g_strdup_printf ("%s · %s", base != NULL ? base : "no file yet",
                                            gw_doc_model_is_dirty (self->model) ? "changed"
                                            : file != NULL                      ? "saved"
                                                                                : "untouched");
  g_autofree char *title = g_strdup_printf ("%s — Graphwright", gw_doc_model_get_name (self->model));
  g_autofree char *undo_tip = undo != NULL ? g_strdup_printf ("Undo “%s” (Ctrl+Z)", undo) : NULL;
  g_autofree char *redo_tip = redo != NULL ? g_strdup_printf ("Redo “%s” (Ctrl+Shift+Z)", redo) : NULL;

  gtk_window_set_title (GTK_WINDOW (self), title);
  gtk_label_set_text (GTK_LABEL (self->name), gw_doc_model_get_name (self->model));
  gtk_label_set_text (GTK_LABEL (self->state), state);
  gtk_widget_set_tooltip_text (self->undo, undo_tip != NULL ? undo_tip : "Nothing to undo");
  gtk_widget_set_tooltip_text (self->redo, redo_tip != NULL ? redo_tip : "Nothing to redo");
  gw_window_update_actions (self);
}

static GtkWidget *
header_button (const char *icon,
               const char *action,
               const char *tooltip)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_tooltip_text (button, tooltip);
  return button;
}

static GtkWidget *
header_toggle (const char *icon,
               const char *action,
               const char *tooltip)
{
  GtkWidget *button = gtk_toggle_button_new ();

  gtk_button_set_icon_name (GTK_BUTTON (button), icon);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_tooltip_text (button, tooltip);
  return button;
}

static GtkWidget *
make_names (GwWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->name = gtk_label_new (NULL);
  self->state = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->name), 0);
  gtk_label_set_xalign (GTK_LABEL (self->state), 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->name), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_ellipsize (GTK_LABEL (self->state), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_width_chars (GTK_LABEL (self->name), 12);
  gtk_label_set_max_width_chars (GTK_LABEL (self->name), 26);
  gtk_widget_add_css_class (self->name, "gw-document-name");
  gtk_widget_add_css_class (self->state, "gw-document-state");
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_margin_start (box, 6);
  gtk_box_append (GTK_BOX (box), self->name);
  gtk_box_append (GTK_BOX (box), self->state);
  return box;
}

static void
make_header (GwWindow *self)
{
  g_autoptr (GMenuModel) menu = NULL;

  self->recent = g_menu_new ();
  menu = gw_window_make_menu (self->recent);
  gw_window_fill_recent (self);
  self->header = adw_header_bar_new ();
  adw_header_bar_set_centering_policy (ADW_HEADER_BAR (self->header), ADW_CENTERING_POLICY_STRICT);
  self->palette_button = header_toggle ("sidebar-show-symbolic", "win.palette", "Palette (F9)");
  self->undo = header_button ("edit-undo-symbolic", "win.undo", NULL);
  self->redo = header_button ("edit-redo-symbolic", "win.redo", NULL);
  adw_header_bar_pack_start (ADW_HEADER_BAR (self->header), self->palette_button);
  adw_header_bar_pack_start (ADW_HEADER_BAR (self->header), self->undo);
  adw_header_bar_pack_start (ADW_HEADER_BAR (self->header), self->redo);
  adw_header_bar_pack_start (ADW_HEADER_BAR (self->header), make_names (self));
  self->switcher = adw_view_switcher_new ();
  adw_view_switcher_set_policy (ADW_VIEW_SWITCHER (self->switcher), ADW_VIEW_SWITCHER_POLICY_WIDE);
  adw_view_switcher_set_stack (ADW_VIEW_SWITCHER (self->switcher), ADW_VIEW_STACK (self->pages));
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (self->header), self->switcher);
  self->menu_button = gtk_menu_button_new ();
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (self->menu_button), "open-menu-symbolic");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->menu_button), menu);
  gtk_menu_button_set_primary (GTK_MENU_BUTTON (self->menu_button), FALSE);
  gtk_widget_set_tooltip_text (self->menu_button, "Menu");
  self->inspector_button = header_toggle ("sidebar-show-right-symbolic", "win.inspector", "Inspector (Shift+F9)");
  adw_header_bar_pack_end (ADW_HEADER_BAR (self->header), self->menu_button);
  adw_header_bar_pack_end (ADW_HEADER_BAR (self->header), self->inspector_button);
  adw_header_bar_pack_end (ADW_HEADER_BAR (self->header),
                           header_button ("system-search-symbolic", "win.find", "Find a node (Ctrl+F)"));
}

void
gw_window_flush (GwWindow *self)
{
  gw_editor_page_flush (GW_EDITOR_PAGE (self->editor));
  gw_data_page_flush (GW_DATA_PAGE (self->data));
}

/* ---- evaluation ---- */

static void
close_on_escape (GtkWidget *window)
{
  GtkEventController *keys = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (keys),
                                        gtk_shortcut_new (gtk_shortcut_trigger_parse_string ("Escape|<Control>w"),
                                                          gtk_named_action_new ("window.close")));
  gtk_widget_add_controller (window, keys);
}

void
gw_window_show_evaluation (GwWindow *self)
{
  GtkWidget *column;

  if (self->evaluation == NULL)
    {
      self->evaluation = adw_window_new ();
      g_object_add_weak_pointer (G_OBJECT (self->evaluation), (gpointer *) &self->evaluation);
      column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
      gtk_box_append (GTK_BOX (column), adw_header_bar_new ());
      gtk_box_append (GTK_BOX (column), gw_evaluation_view_new (self->model, self->run));
      gtk_widget_set_vexpand (gtk_widget_get_last_child (column), TRUE);
      adw_window_set_content (ADW_WINDOW (self->evaluation), column);
      gtk_widget_add_css_class (self->evaluation, "graphwright");
      gtk_window_set_title (GTK_WINDOW (self->evaluation), "Evaluation");
      gtk_window_set_default_size (GTK_WINDOW (self->evaluation), 1000, 720);
      gtk_window_set_transient_for (GTK_WINDOW (self->evaluation), GTK_WINDOW (self));
      close_on_escape (self->evaluation);
      gtk_window_set_destroy_with_parent (GTK_WINDOW (self->evaluation), TRUE);
    }
  gtk_window_present (GTK_WINDOW (self->evaluation));
}

/* The answer to Evaluate; what a training evaluates on its way shows in the bar alone. */
static void
on_evaluation (GwWindow *self)
{
  if (self->evaluate_asked)
    gw_window_show_evaluation (self);
  self->evaluate_asked = FALSE;
}

/* ---- pages ---- */

/* Where a page needs more room than there is, it scrolls. */
static GtkWidget *
scrolling (GtkWidget *page)
{
  GtkWidget *window = gtk_scrolled_window_new ();

  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (window), page);
  gtk_widget_set_hexpand (page, TRUE);
  gtk_widget_set_vexpand (page, TRUE);
  return window;
}

static void
add_page (GwWindow   *self,
          GtkWidget  *page,
          const char *name,
          const char *title,
          const char *icon)
{
  AdwViewStackPage *added = adw_view_stack_add_titled (ADW_VIEW_STACK (self->pages), page, name, title);

  adw_view_stack_page_set_icon_name (added, icon);
}

static void
on_page_changed (GwWindow *self)
{
  gboolean graph = g_strcmp0 (adw_view_stack_get_visible_child_name (ADW_VIEW_STACK (self->pages)), "graph") == 0;

  gtk_widget_set_sensitive (self->palette_button, graph);
  gtk_widget_set_sensitive (self->inspector_button, graph);
  gw_window_update_actions (self);
}

static void
on_panels_changed (GwWindow *self)
{
  g_object_notify (G_OBJECT (self), "palette");
  g_object_notify (G_OBJECT (self), "inspector");
}

static void
on_train_requested (GwWindow *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.train", NULL);
}

/* A run's graph is a copy: editing it changes no run. */
static void
on_open_run_graph (GwWindow   *self,
                   const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GwWindow *window = gw_window_new (gtk_window_get_application (GTK_WINDOW (self)));

  gtk_window_present (GTK_WINDOW (window));
  gw_window_open_file (window, file, TRUE);
}

static void
make_pages (GwWindow *self)
{
  self->pages = adw_view_stack_new ();
  adw_view_stack_set_hhomogeneous (ADW_VIEW_STACK (self->pages), FALSE);
  adw_view_stack_set_vhomogeneous (ADW_VIEW_STACK (self->pages), FALSE);
  self->editor = gw_editor_page_new (self->model, self->run);
  add_page (self, self->editor, "graph", "Graph", "view-graph-symbolic");
  g_signal_connect_object (self->editor, "message", G_CALLBACK (on_message), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->editor, "panels-changed", G_CALLBACK (on_panels_changed), self, G_CONNECT_SWAPPED);
  self->data = gw_data_page_new (self->model, self->run);
  add_page (self, scrolling (self->data), "data", "Data", "view-data-symbolic");
  self->board = gw_board_page_new (self->model, self->run);
  add_page (self, self->board, "board", "Board", "view-board-symbolic");
  g_signal_connect_object (self->board, "train-requested", G_CALLBACK (on_train_requested), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->board, "open-run-graph", G_CALLBACK (on_open_run_graph), self, G_CONNECT_SWAPPED);
  self->checkpoints = gw_checkpoints_page_new (self->model, self->run);
  add_page (self, scrolling (self->checkpoints), "checkpoints", "Checkpoints", "view-checkpoints-symbolic");
}

/* ---- narrow windows ---- */

/* What a width is worth: large text makes a window narrow. */
static void
on_resized (GwWindow *self,
            int       pixels)
{
  int width = (int) (pixels * MIN (1, GW_CHART_EM / gw_widget_em (GTK_WIDGET (self))));
  gboolean narrow = width < 1000;

  if (width == self->width)
    return;
  self->width = width;
  gw_editor_page_set_narrow (GW_EDITOR_PAGE (self->editor), narrow, width < 1100);
  g_object_set (self->board, "show-runs", width >= 800, "show-settings", width >= 1100, NULL);
  gw_run_panel_set_width (GW_RUN_PANEL (self->run_panel), width);
  gtk_widget_set_visible (self->switcher, !narrow);
  adw_view_switcher_bar_set_reveal (ADW_VIEW_SWITCHER_BAR (self->bottom_switcher), narrow);
  gw_window_update_actions (self);
}

static gboolean
follow_text_size (gpointer data)
{
  GwWindow *self = data;

  if (self->run != NULL)
    on_resized (self, gtk_widget_get_width (self->size_box));
  return G_SOURCE_REMOVE;
}

/* The style takes the new size on later. */
static void
on_text_size (GwWindow *self)
{
  g_idle_add_full (G_PRIORITY_LOW, follow_text_size, g_object_ref (self), g_object_unref);
}

/* ---- making it ---- */

static gboolean
gw_window_close_request (GtkWindow *window)
{
  GwWindow *self = GW_WINDOW (window);

  if (gw_window_ask_close (self))
    return GDK_EVENT_STOP;
  return GTK_WINDOW_CLASS (gw_window_parent_class)->close_request (window);
}

static void
gw_window_dispose (GObject *object)
{
  GwWindow *self = GW_WINDOW (object);

  if (self->run != NULL)
    gw_run_close (self->run);
  g_clear_object (&self->recent);
  g_clear_object (&self->model);
  g_clear_object (&self->run);
  G_OBJECT_CLASS (gw_window_parent_class)->dispose (object);
}

static void
gw_window_class_init (GwWindowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gw_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = gw_window_close_request;
  gw_window_add_actions (klass);
}

static void
gw_window_init (GwWindow *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->model = gw_doc_model_new ();
  self->run = gw_run_new ();
  gtk_widget_add_css_class (GTK_WIDGET (self), "graphwright");
  gtk_window_set_default_size (GTK_WINDOW (self), 1440, 900);
  make_pages (self);
  make_header (self);
  self->toasts = adw_toast_overlay_new ();
  self->run_panel = gw_run_panel_new (self->model, self->run);
  self->bottom_switcher = adw_view_switcher_bar_new ();
  adw_view_switcher_bar_set_stack (ADW_VIEW_SWITCHER_BAR (self->bottom_switcher), ADW_VIEW_STACK (self->pages));
  gtk_widget_set_vexpand (self->pages, TRUE);
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (self->toasts), self->pages);
  gtk_box_append (GTK_BOX (column), self->header);
  gtk_box_append (GTK_BOX (column), gw_window_make_banner (self));
  gtk_box_append (GTK_BOX (column), self->toasts);
  gtk_box_append (GTK_BOX (column), self->run_panel);
  gtk_box_append (GTK_BOX (column), self->bottom_switcher);
  self->size_box = gw_size_box_new (column, 560, 400);
  g_signal_connect_object (self->size_box, "resized", G_CALLBACK (on_resized), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_widget_get_settings (GTK_WIDGET (self)), "notify::gtk-font-name",
                           G_CALLBACK (on_text_size), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_widget_get_settings (GTK_WIDGET (self)), "notify::gtk-xft-dpi",
                           G_CALLBACK (on_text_size), self, G_CONNECT_SWAPPED);
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (self), self->size_box);
  gw_actions_add_keys (GTK_WIDGET (self));
  gw_window_accept_drops (self);
  g_signal_connect_object (self->model, "history-changed", G_CALLBACK (update_header), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->run, "changed", G_CALLBACK (gw_window_update_actions), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->run, "evaluation", G_CALLBACK (on_evaluation), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->run, "message", G_CALLBACK (on_message), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->pages, "notify::visible-child", G_CALLBACK (on_page_changed), self, G_CONNECT_SWAPPED);
  update_header (self);
}

GwDocModel *
gw_window_get_model (GwWindow *self)
{
  return self->model;
}

GwRun *
gw_window_get_run (GwWindow *self)
{
  return self->run;
}

GwWindow *
gw_window_new (GtkApplication *application)
{
  return g_object_new (GW_TYPE_WINDOW, "application", application, NULL);
}
