/* SPDX-License-Identifier: Apache-2.0 */
/* The window's actions. */
#include "app/ui/window-private.h"

#include "app/ui/actions.h"
#include "app/ui/generate-window.h"
#include "app/ui/neighbours-window.h"

#include <string.h>

static GwEditorPage *
editor (GtkWidget *widget)
{
  return GW_EDITOR_PAGE (GW_WINDOW (widget)->editor);
}

static GwCanvas *
canvas (GtkWidget *widget)
{
  return gw_editor_page_get_canvas (editor (widget));
}

/* ---- document ---- */

static void
open_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gw_window_open_dialog (GW_WINDOW (widget));
}

static void
open_file_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (GFile) file = g_file_new_for_uri (g_variant_get_string (parameter, NULL));

  gw_window_open_file (GW_WINDOW (widget), file, FALSE);
}

static void
new_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gw_window_show_new (GW_WINDOW (widget));
}

static void
examples_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gw_window_show_examples (GW_WINDOW (widget));
}

static void
save_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gw_window_save (GW_WINDOW (widget), strcmp (name, "win.save-as") == 0);
}

static void
undo_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GwWindow *self = GW_WINDOW (widget);

  gw_window_flush (self);
  if (strcmp (name, "win.undo") == 0)
    gw_doc_model_undo (self->model);
  else
    gw_doc_model_redo (self->model);
}

static void
shortcuts_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GtkWidget *window = gw_shortcuts_window_new ();

  gtk_window_set_transient_for (GTK_WINDOW (window), GTK_WINDOW (widget));
  gtk_window_present (GTK_WINDOW (window));
}

/* ---- training ---- */

/* Whether the document can train; else says why and goes to the problem. */
static gboolean
can_train (GwWindow *self)
{
  GwDocument *document = gw_doc_model_get_document (self->model);
  const GwDocSettings *settings = gw_document_settings (document);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  const char *node;

  gw_window_flush (self);
  if (settings->targets->len == 0)
    {
      gw_window_toast (self, "Nothing to train: add a Minimize node and wire the loss to it");
      return FALSE;
    }
  if (gw_live_check (gw_doc_model_settle (self->model), (const int64_t *) (gpointer) settings->targets->data,
                     (int) settings->targets->len, &error))
    return TRUE;
  text = gw_error_text (error);
  node = gw_error_get_node (error);
  gw_window_toast (self, text);
  if (node != NULL)
    gw_editor_page_go_to (GW_EDITOR_PAGE (self->editor), gw_document_find (document, node));
  return FALSE;
}

static void
start (GwWindow *self,
       GwRunHow  how)
{
  g_autofree char *runs = gw_doc_model_runs_dir (self->model);

  if (can_train (self))
    gw_run_start (self->run, gw_doc_model_get_document (self->model), runs, how);
}

static void
play_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GwWindow *self = GW_WINDOW (widget);

  switch (gw_run_get_state (self->run))
    {
    case GW_RUN_RUNNING:
      gw_run_pause (self->run);
      break;
    case GW_RUN_PAUSED:
      gw_run_resume (self->run);
      break;
    case GW_RUN_PREPARING:
      break;
    case GW_RUN_IDLE:
    case GW_RUN_READY:
    case GW_RUN_DONE:
    case GW_RUN_FAILED:
    case GW_RUN_STOPPED:
      start (self, GW_RUN_TRAIN);
      break;
    }
}

static void
train_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  start (GW_WINDOW (widget), GW_RUN_TRAIN);
}

static void
continue_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GwWindow *self = GW_WINDOW (widget);

  if (gw_run_get_state (self->run) == GW_RUN_PAUSED)
    gw_run_resume (self->run);
  else
    start (self, GW_RUN_CONTINUE);
}

static void
stop_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gw_run_stop (GW_WINDOW (widget)->run);
}

static void
step_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GwWindow *self = GW_WINDOW (widget);

  if (gw_run_get_state (self->run) == GW_RUN_PAUSED || gw_run_get_state (self->run) == GW_RUN_READY)
    gw_run_step (self->run);
  else
    start (self, GW_RUN_STEP);
}

static void
evaluate_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GwWindow *self = GW_WINDOW (widget);
  g_autofree char *runs = gw_doc_model_runs_dir (self->model);

  gw_window_flush (self);
  self->evaluate_asked = TRUE;
  gw_run_evaluate (self->run, gw_doc_model_get_document (self->model), runs);
}

static void
checkpoint_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gw_run_checkpoint (GW_WINDOW (widget)->run);
}

static void
initialise_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gw_run_initialize (GW_WINDOW (widget)->run);
}

/* A window that asks the trained model, once; a toast tells why the document has nothing for it. */
static void
ask_model (GwWindow    *self,
           GType        type,
           gboolean     possible,
           const GError *reason,
           GtkWidget *(*make) (GwDocModel *, GwRun *))
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();
  GtkWidget *window = NULL;

  for (GList *at = windows; at != NULL; at = at->next)
    if (G_TYPE_CHECK_INSTANCE_TYPE (at->data, type) && gtk_window_get_transient_for (at->data) == GTK_WINDOW (self))
      window = at->data;
  if (window == NULL && !possible)
    {
      gw_window_toast (self, reason->message);
      return;
    }
  if (window == NULL)
    {
      window = make (self->model, self->run);
      gtk_window_set_transient_for (GTK_WINDOW (window), GTK_WINDOW (self));
      gtk_window_set_destroy_with_parent (GTK_WINDOW (window), TRUE);
    }
  gtk_window_present (GTK_WINDOW (window));
}

static void
generate_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GwWindow *self = GW_WINDOW (widget);
  g_autoptr (GError) error = NULL;
  gboolean possible;

  gw_window_flush (self);
  possible = gw_document_draws_text (gw_doc_model_get_document (self->model), &error) != NULL;
  ask_model (self, GW_TYPE_GENERATE_WINDOW, possible, error, gw_generate_window_new);
}

static void
neighbours_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GwWindow *self = GW_WINDOW (widget);
  g_autoptr (GError) error = NULL;
  gboolean possible;

  gw_window_flush (self);
  possible = gw_document_has_embeddings (gw_doc_model_get_document (self->model), &error);
  ask_model (self, GW_TYPE_NEIGHBOURS_WINDOW, possible, error, gw_neighbours_window_new);
}

/* ---- view ---- */

static void
page_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AdwViewStack *pages = ADW_VIEW_STACK (GW_WINDOW (widget)->pages);
  const char *page = g_variant_get_string (parameter, NULL);

  if (adw_view_stack_get_child_by_name (pages, page) != NULL)
    adw_view_stack_set_visible_child_name (pages, page);
}

static void
show_data_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (GVariant) page = g_variant_ref_sink (g_variant_new_string ("data"));

  page_cb (widget, name, page);
}

static void
find_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (GW_WINDOW (widget)->pages), "graph");
  if (strcmp (name, "win.commands") == 0)
    gw_editor_page_search_commands (editor (widget));
  else
    gw_editor_page_find (editor (widget));
}

static void
align_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gw_editor_page_align (editor (widget), g_variant_get_string (parameter, NULL));
}

/* The n-th fix of a node's problem. */
static void
fix_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GwWindow *self = GW_WINDOW (widget);
  const GwProblem *problem;
  g_autoptr (GError) error = NULL;
  gint64 node;
  guint32 number;

  g_variant_get (parameter, "(xu)", &node, &number);
  problem = gw_live_problem (gw_doc_model_settle (self->model), node);
  if (problem != NULL && number < problem->fixes->len &&
      !gw_doc_model_apply_fix (self->model, g_ptr_array_index (problem->fixes, number), &error))
    gw_window_toast (self, error->message);
}

static void
problem_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (GW_WINDOW (widget)->pages), "graph");
  if (strcmp (name, "win.fix-problem") == 0)
    gw_editor_page_fix_problem (editor (widget));
  else
    gw_editor_page_go_problem (editor (widget), strcmp (name, "win.next-problem") == 0 ? 1 : -1);
}

/* ---- canvas ---- */

static void
compute_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gw_editor_page_flush (editor (widget));
  gw_editor_page_compute (editor (widget));
}

static void
enter_body_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gint64 caller, group;

  g_variant_get (parameter, "(xx)", &caller, &group);
  gw_editor_page_enter (editor (widget), caller, group);
}

static void
edit_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const char *what = name + strlen ("win.");

  if (strcmp (what, "copy") == 0 || strcmp (what, "cut") == 0)
    gw_editor_page_copy (editor (widget), strcmp (what, "cut") == 0);
  else if (g_str_has_prefix (what, "paste"))
    gw_editor_page_paste (editor (widget), strcmp (what, "paste-inputs") == 0);
  else if (strcmp (what, "duplicate") == 0)
    gw_editor_page_duplicate (editor (widget), 24);
  else if (g_str_has_prefix (what, "delete"))
    gw_canvas_delete_selection (canvas (widget), strcmp (what, "delete-reconnect") == 0);
  else if (strcmp (what, "rename") == 0)
    gw_canvas_rename (canvas (widget), gw_canvas_get_focus_item (canvas (widget)));
  else if (strcmp (what, "frame") == 0)
    gw_editor_page_add_frame (editor (widget));
  else if (strcmp (what, "lay-out") == 0)
    gw_editor_page_lay_out (editor (widget));
  else if (strcmp (what, "breakpoint-condition") == 0)
    gw_editor_page_edit_breakpoint (editor (widget));
  else if (strcmp (what, "add-op") == 0)
    gw_canvas_search (canvas (widget), "");
  else if (strcmp (what, "select-all") == 0)
    gw_canvas_select_all (canvas (widget));
  else if (strcmp (what, "zoom-fit") == 0)
    gw_canvas_zoom_to_fit (canvas (widget));
  else
    gw_editor_page_command (editor (widget), what);
}

void
gw_window_update_actions (GwWindow *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GwRunState state = gw_run_get_state (self->run);
  gboolean standing = state != GW_RUN_IDLE && state != GW_RUN_PREPARING && state != GW_RUN_FAILED;

  gtk_widget_action_set_enabled (widget, "win.undo", gw_doc_model_undo_label (self->model) != NULL);
  gtk_widget_action_set_enabled (widget, "win.redo", gw_doc_model_redo_label (self->model) != NULL);
  gtk_widget_action_set_enabled (widget, "win.stop", gw_run_is_active (self->run));
  gtk_widget_action_set_enabled (widget, "win.step", state != GW_RUN_RUNNING && state != GW_RUN_PREPARING);
  gtk_widget_action_set_enabled (widget, "win.checkpoint", standing && gw_run_get_dir (self->run) != NULL);
  gtk_widget_action_set_enabled (widget, "win.initialise", standing && state != GW_RUN_RUNNING);
  gtk_widget_action_set_enabled (widget, "win.train", state != GW_RUN_PREPARING);
  gtk_widget_action_set_enabled (widget, "win.continue", state != GW_RUN_RUNNING && state != GW_RUN_PREPARING);
}

/* The panels' toggles are properties of the window, so that buttons and menu follow. */
enum { PROP_0, PROP_PALETTE, PROP_INSPECTOR, PROP_WIRES, PROP_MINIMAP, PROP_DEVICES };

static void
get_property (GObject    *object,
              guint       property,
              GValue     *value,
              GParamSpec *spec)
{
  GwEditorPage *page = GW_EDITOR_PAGE (GW_WINDOW (object)->editor);

  if (property == PROP_WIRES)
    g_value_set_string (value, gw_editor_page_get_wire_style (page));
  else if (property == PROP_MINIMAP)
    g_value_set_boolean (value, gw_canvas_get_show_minimap (gw_editor_page_get_canvas (page)));
  else if (property == PROP_DEVICES)
    g_value_set_boolean (value, gw_editor_page_get_show_devices (page));
  else
    g_value_set_boolean (value, property == PROP_PALETTE ? gw_editor_page_get_palette (page)
                                                         : gw_editor_page_get_inspector (page));
}

static void
set_property (GObject      *object,
              guint         property,
              const GValue *value,
              GParamSpec   *spec)
{
  GwEditorPage *page = GW_EDITOR_PAGE (GW_WINDOW (object)->editor);

  if (property == PROP_WIRES)
    gw_editor_page_set_wire_style (page, g_value_get_string (value));
  else if (property == PROP_MINIMAP)
    gw_canvas_set_show_minimap (gw_editor_page_get_canvas (page), g_value_get_boolean (value));
  else if (property == PROP_DEVICES)
    gw_editor_page_set_show_devices (page, g_value_get_boolean (value));
  else if (property == PROP_PALETTE)
    gw_editor_page_set_palette (page, g_value_get_boolean (value));
  else
    gw_editor_page_set_inspector (page, g_value_get_boolean (value));
}

void
gw_window_add_actions (GwWindowClass *klass)
{
  static const struct {
    const char                   *name;
    GtkWidgetActionActivateFunc   func;
    const char                   *type;
  } actions[] = {
    { "win.new", new_cb, NULL }, { "win.open", open_cb, NULL }, { "win.open-file", open_file_cb, "s" }, { "win.examples", examples_cb, NULL },
    { "win.save", save_cb, NULL }, { "win.save-as", save_cb, NULL }, { "win.undo", undo_cb, NULL },
    { "win.redo", undo_cb, NULL }, { "win.shortcuts", shortcuts_cb, NULL }, { "win.play", play_cb, NULL },
    { "win.train", train_cb, NULL }, { "win.continue", continue_cb, NULL }, { "win.stop", stop_cb, NULL }, { "win.step", step_cb, NULL },
    { "win.evaluate", evaluate_cb, NULL }, { "win.checkpoint", checkpoint_cb, NULL },
    { "win.generate", generate_cb, NULL }, { "win.neighbours", neighbours_cb, NULL },
    { "win.initialise", initialise_cb, NULL }, { "win.page", page_cb, "s" }, { "win.show-data", show_data_cb, NULL },
    { "win.compute", compute_cb, NULL }, { "win.find", find_cb, NULL }, { "win.commands", find_cb, NULL },
    { "win.align", align_cb, "s" }, { "win.fix", fix_cb, "(xu)" }, { "win.enter-body", enter_body_cb, "(xx)" },
    { "win.next-problem", problem_cb, NULL },
    { "win.previous-problem", problem_cb, NULL }, { "win.fix-problem", problem_cb, NULL },
  };
  static const char *const edits[] = { "copy", "cut", "paste", "paste-inputs", "duplicate", "delete",
                                       "delete-reconnect", "rename", "frame", "lay-out", "group", "ungroup", "make-composite", "keep-composite", "update-composite", "enter", "leave", "add-op", "select-all",
                                       "zoom-fit", "mute", "lock", "bypass", "fold", "hide-ports", "watch", "breakpoint",
                                       "breakpoint-off", "breakpoint-condition" };
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (widget_class, actions[i].name, actions[i].type, actions[i].func);
  for (guint i = 0; i < G_N_ELEMENTS (edits); i++)
    {
      g_autofree char *name = g_strdup_printf ("win.%s", edits[i]);

      gtk_widget_class_install_action (widget_class, name, NULL, edit_cb);
    }
  object_class->get_property = get_property;
  object_class->set_property = set_property;
  g_object_class_install_property (object_class, PROP_PALETTE,
                                   g_param_spec_boolean ("palette", NULL, NULL, TRUE,
                                                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, PROP_INSPECTOR,
                                   g_param_spec_boolean ("inspector", NULL, NULL, TRUE,
                                                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, PROP_WIRES,
                                   g_param_spec_string ("wires", NULL, NULL, NULL,
                                                        G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, PROP_MINIMAP,
                                   g_param_spec_boolean ("minimap", NULL, NULL, TRUE,
                                                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, PROP_DEVICES,
                                   g_param_spec_boolean ("show-devices", NULL, NULL, FALSE,
                                                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  gtk_widget_class_install_property_action (widget_class, "win.wires", "wires");
  gtk_widget_class_install_property_action (widget_class, "win.minimap", "minimap");
  gtk_widget_class_install_property_action (widget_class, "win.show-devices", "show-devices");
  gtk_widget_class_install_property_action (widget_class, "win.palette", "palette");
  gtk_widget_class_install_property_action (widget_class, "win.inspector", "inspector");
}

static void
append_section (GMenu             *menu,
                const char *const *items)
{
  g_autoptr (GMenu) section = g_menu_new ();

  for (int i = 0; items[i] != NULL; i += 2)
    {
      g_autoptr (GMenuItem) item = gw_action_menu_item (items[i], items[i + 1]);

      g_menu_append_item (section, item);
    }
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
}

GMenuModel *
gw_window_make_menu (GMenu *recent)
{
  static const char *const file[] = { "New…", "win.new", "Open…", "win.open", "Open an Example…", "win.examples",
                                      "Save", "win.save", "Save As…", "win.save-as", NULL };
  static const char *const run[] = { "Train or Pause", "win.play", "Continue from Present Values", "win.continue",
                                     "One Step", "win.step", "Stop", "win.stop", "Evaluate", "win.evaluate",
                                     "Save a Checkpoint", "win.checkpoint", "Initialise Variables", "win.initialise",
                                     "Generate Text…", "win.generate", "Nearest Words…", "win.neighbours", NULL };
  static const char *const edit[] = { "Find…", "win.find", "All Commands…", "win.commands", "Lay Out", "win.lay-out", "Frame", "win.frame", "Group", "win.group", "Break Apart", "win.ungroup",
                                      "Next Problem", "win.next-problem", "Apply First Fix", "win.fix-problem", NULL };
  static const char *const view[] = { "Palette", "win.palette", "Inspector", "win.inspector", "Minimap", "win.minimap",
                                      "Colour by Device", "win.show-devices", NULL };
  static const char *const wires[] = { "Curved", "win.wires::spline", "Square", "win.wires::square",
                                       "Hidden", "win.wires::hidden", NULL };
  static const char *const help[] = { "Shortcuts", "win.shortcuts", "About Graphwright", "app.about", "Quit",
                                      "app.quit", NULL };
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) wire_menu = g_menu_new ();

  append_section (menu, file);
  g_menu_append_submenu (menu, "Open Recent", G_MENU_MODEL (recent));
  append_section (menu, run);
  append_section (menu, edit);
  append_section (menu, view);
  append_section (wire_menu, wires);
  g_menu_append_submenu (menu, "Wires", G_MENU_MODEL (wire_menu));
  append_section (menu, help);
  return G_MENU_MODEL (menu);
}
