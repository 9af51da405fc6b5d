/* SPDX-License-Identifier: Apache-2.0 */
/* The whole window by real pointer and key events: files dropped on it, what Print
 * writes, the inspector. */
#include <glib/gstdio.h>
#include <string.h>

#include "app/ui/application.h"
#include "app/ui/import-drop.h"
#include "app/ui/messages-panel.h"
#include "app/ui/op-help.h"
#include "app/ui/editor-private.h"
#include "app/ui/window-private.h"
#include "tests/widgets/charts/gui-driver.h"
#include "widgets/charts/chart-area.h"
#include "widgets/forms/form.h"

static GwApplication *application;

typedef struct {
  GwWindow *window;
  char     *folder;
} Fixture;

static void
set_up (Fixture      *f,
        gconstpointer document)
{
  g_autoptr (GError) error = NULL;

  f->folder = g_dir_make_tmp ("gw-window-XXXXXX", &error);
  g_assert_no_error (error);
  f->window = gw_window_new (GTK_APPLICATION (application));
  gtk_window_set_default_size (GTK_WINDOW (f->window), 1280, 780);
  if (document != NULL)
    {
      g_autofree char *path = g_build_filename (f->folder, "window.gw", NULL);
      g_autoptr (GFile) file = g_file_new_for_path (path);
      GwDocument *parsed = gw_document_from_json (document, strlen (document), &error);

      g_assert_no_error (error);
      gw_doc_model_set_document (gw_window_get_model (f->window), parsed, file, "window");
    }
  gtk_window_present (GTK_WINDOW (f->window));
  gui_wait (700);
}

static void
tear_down (Fixture      *f,
           gconstpointer data)
{
  gw_run_close (gw_window_get_run (f->window));
  gui_wait (300);
  gtk_window_destroy (GTK_WINDOW (f->window));
  gui_wait (100);
  g_free (f->folder);
}

/* Waits until the condition holds or 15 s are over. */
#define WAIT_FOR(condition)                                    \
  for (int tries_ = 0; tries_ < 300 && !(condition); tries_++) \
    gui_wait (50);                                             \
  g_assert_true (condition)

static GwDocument *
document_of (Fixture *f)
{
  return gw_doc_model_get_document (gw_window_get_model (f->window));
}

static const char *
page_of (Fixture *f)
{
  return adw_view_stack_get_visible_child_name (ADW_VIEW_STACK (f->window->pages));
}

/* The first descendant of a type that is shown; NULL = none. */
static GtkWidget *
find_widget (GtkWidget *widget,
             GType      type,
             gboolean (*fits) (GtkWidget *, gconstpointer),
             gconstpointer data)
{
  if (g_type_is_a (G_OBJECT_TYPE (widget), type) && gtk_widget_get_mapped (widget) && (fits == NULL || fits (widget, data)))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_widget (child, type, fits, data);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static gboolean
has_label (GtkWidget    *widget,
           gconstpointer text)
{
  return g_strcmp0 (GTK_IS_BUTTON (widget) ? gtk_button_get_label (GTK_BUTTON (widget))
                                           : gtk_label_get_text (GTK_LABEL (widget)), text) == 0;
}

static void
click (GtkWidget *widget)
{
  gui_move_to (widget, gtk_widget_get_width (widget) / 2.0, gtk_widget_get_height (widget) / 2.0);
  gui_do ("click 1");
  gui_wait (150);
}

static void
click_button (Fixture    *f,
              const char *label)
{
  GtkWidget *button = find_widget (GTK_WIDGET (f->window), GTK_TYPE_BUTTON, has_label, label);

  g_assert_nonnull (button);
  click (button);
}

/* ---- drops ---- */

/* Drags a file from the run bar to a point of the canvas. */
static void
drop (Fixture    *f,
      const char *path,
      double      x,
      double      y)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GtkDragSource *source = gtk_drag_source_new ();
  GtkWidget *canvas = GTK_WIDGET (gw_editor_page_get_canvas (GW_EDITOR_PAGE (f->window->editor)));

  gtk_drag_source_set_content (source, gdk_content_provider_new_typed (G_TYPE_FILE, file));
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (source), GTK_PHASE_CAPTURE);
  gtk_widget_add_controller (f->window->run_panel, GTK_EVENT_CONTROLLER (source));
  gui_move_to (f->window->run_panel, 700, 50);
  gui_do ("mousedown 1");
  for (int i = 1; i <= 4; i++)
    {
      gui_move_to (f->window->run_panel, 700 - 12 * i, 50 - 12 * i);
      gui_wait (40);
    }
  gui_move_to (canvas, x - 20, y - 20);
  gui_move_to (canvas, x - 10, y - 10);
  gui_move_to (canvas, x, y);
  gui_wait (150);
  gui_do ("mouseup 1");
  gui_wait (500);
  gtk_widget_remove_controller (f->window->run_panel, GTK_EVENT_CONTROLLER (source));
}

static char *
write_array (Fixture    *f,
             const char *name,
             int64_t     rows)
{
  char *path = g_build_filename (f->folder, name, NULL);
  GwShape shape = GW_SHAPE (rows, 3);
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) tensor = gw_tensor_new (GW_FLOAT32, &shape, &error);

  for (int64_t i = 0; i < tensor->elements; i++)
    GW_TENSOR_DATA (tensor, float)[i] = (float) i;
  g_assert_true (gw_npy_save (path, tensor, &error));
  return path;
}

static void
test_drop_array (Fixture      *f,
                 gconstpointer data)
{
  g_autofree char *path = write_array (f, "two words.npy", 2);
  g_autofree char *large = write_array (f, "large.npy", GW_DROP_MOST_ELEMENTS / 3 + 1);
  GwCanvas *canvas = gw_editor_page_get_canvas (GW_EDITOR_PAGE (f->window->editor));
  const GwDocNode *node;
  g_autofree char *value = NULL;
  double x, y;

  if (!gui_can_drive ())
    {
      g_test_skip ("xdotool is missing");
      return;
    }
  drop (f, path, 300, 200);
  gw_canvas_to_canvas (canvas, 300, 200, &x, &y);
  node = gw_document_node (document_of (f), gw_document_find (document_of (f), "two_words"));
  g_assert_nonnull (node);
  g_assert_cmpstr (node->op, ==, "Const");
  g_assert_cmpfloat_with_epsilon (node->x, x, 16);
  g_assert_cmpfloat_with_epsilon (node->y, y, 16);
  value = gw_attr_to_string (gw_named_attrs_get (node->attrs, "value"));
  g_assert_cmpstr (value, ==, "[[0, 1, 2], [3, 4, 5]]");
  g_assert_null (gw_live_problem (gw_doc_model_settle (gw_window_get_model (f->window)),
                                  gw_document_find (document_of (f), "two_words")));
  drop (f, large, 300, 300);
  g_assert_cmpint (gw_document_find (document_of (f), "large"), ==, 0);
  g_assert_true (gw_doc_model_undo (gw_window_get_model (f->window)));
  g_assert_cmpint (gw_document_find (document_of (f), "two_words"), ==, 0);
  g_assert_null (gw_doc_model_undo_label (gw_window_get_model (f->window)));
}

static void
test_drop_picture (Fixture      *f,
                   gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "face.png", NULL);
  const GwDocNode *decode;
  const GwDocInput *contents, *name;

  g_assert_true (g_file_set_contents (path, "no picture yet", -1, NULL));
  if (!gui_can_drive ())
    {
      g_test_skip ("xdotool is missing");
      return;
    }
  drop (f, path, 200, 200);
  decode = gw_document_node (document_of (f), gw_document_find (document_of (f), "face"));
  g_assert_nonnull (decode);
  g_assert_cmpstr (decode->op, ==, "DecodeImage");
  contents = gw_doc_node_input (decode, "contents", 0);
  g_assert_nonnull (contents);
  name = gw_doc_node_input (gw_document_node (document_of (f), contents->from), "filename", 0);
  g_assert_cmpstr (name->literal, ==, path);
  g_assert_true (gw_doc_model_undo (gw_window_get_model (f->window)));
  g_assert_null (gw_doc_model_undo_label (gw_window_get_model (f->window)));
}

static void
test_drop_table (Fixture      *f,
                 gconstpointer data)
{
  g_autofree char *table = g_build_filename (f->folder, "rows.csv", NULL);
  g_autofree char *nothing = g_build_filename (f->folder, "notes.txt", NULL);

  g_assert_true (g_file_set_contents (table, "a,b\n1,2\n3,4\n", -1, NULL));
  g_assert_true (g_file_set_contents (nothing, "words", -1, NULL));
  if (!gui_can_drive ())
    {
      g_test_skip ("xdotool is missing");
      return;
    }
  drop (f, nothing, 300, 200);
  g_assert_cmpstr (page_of (f), ==, "graph");
  drop (f, table, 300, 200);
  g_assert_cmpstr (page_of (f), ==, "data");
  g_assert_nonnull (gw_document_settings (document_of (f))->pipeline);
  g_assert_cmpstr (gw_document_settings (document_of (f))->pipeline->source->name, ==, "csv");
}

static void
test_drop_checkpoint (Fixture      *f,
                      gconstpointer data)
{
  g_autofree char *prefix = g_build_filename (f->folder, "model.ckpt-7", NULL);
  g_autofree char *index = g_strconcat (prefix, ".index", NULL);
  g_autoptr (GwCheckpointWriter) writer = gw_checkpoint_writer_new (prefix, NULL);
  g_autoptr (GwTensor) tensor = gw_tensor_parse ("[1, 2]", GW_FLOAT32, NULL, NULL);

  g_assert_true (gw_checkpoint_writer_add (writer, "w", tensor, NULL));
  g_assert_true (gw_checkpoint_writer_finish (writer, NULL));
  if (!gui_can_drive ())
    {
      g_test_skip ("xdotool is missing");
      return;
    }
  drop (f, index, 300, 200);
  g_assert_cmpstr (page_of (f), ==, "checkpoints");
  g_assert_nonnull (find_widget (f->window->checkpoints, GTK_TYPE_LABEL, has_label, "w"));
}

static void
test_drop_kinds (void)
{
  static const struct {
    const char *path;
    GwDropKind  kind;
  } cases[] = {
    { "/a/b.gw", GW_DROP_DOCUMENT }, { "net.ONNX", GW_DROP_DOCUMENT }, { "B.NPY", GW_DROP_ARRAY }, { "x.JPeg", GW_DROP_PICTURE },
    { "t10k-images-idx3-ubyte.gz", GW_DROP_DATA }, { "t.csv.gz", GW_DROP_DATA }, { "checkpoint", GW_DROP_CHECKPOINT },
    { "model.ckpt-3.index", GW_DROP_CHECKPOINT }, { "model.ckpt", GW_DROP_CHECKPOINT }, { "m.data-00000-of-00001", GW_DROP_CHECKPOINT },
    { "events.out.tfevents.1.host", GW_DROP_EVENTS }, { "a.txt", GW_DROP_UNKNOWN }, { ".gz", GW_DROP_UNKNOWN },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (gw_drop_kind (cases[i].path), ==, cases[i].kind);
}

/* ---- messages ---- */

static const char printing[] =
  "{\"graphwright\": 1, \"nodes\": ["
  "{\"id\": 1, \"name\": \"numbers\", \"op\": \"Const\", \"at\": [60, 80], \"attrs\": {\"value\": {\"dtype\": \"float32\", \"shape\": [2], \"data\": [1.5, 2]}}},"
  "{\"id\": 2, \"name\": \"seen\", \"op\": \"Print\", \"at\": [260, 80], \"attrs\": {\"message\": \"numbers are \"},"
  " \"inputs\": {\"input\": {\"from\": 1}, \"data\": {\"from\": 1}}}]}";

static void
test_messages (Fixture      *f,
               gconstpointer data)
{
  GwEditorPage *editor = GW_EDITOR_PAGE (f->window->editor);
  GwMessagesPanel *panel = GW_MESSAGES_PANEL (editor->messages);
  const guint64 seen = 2, other = 1;
  GtkWidget *text;

  if (!gui_can_drive ())
    {
      g_test_skip ("xdotool is missing");
      return;
    }
  g_assert_false (gtk_widget_get_visible (editor->messages));
  gw_canvas_set_selection (gw_editor_page_get_canvas (editor), &seen, 1);
  gui_do ("key ctrl+Return");
  WAIT_FOR (gw_messages_panel_length (panel) == 1);
  gui_wait (300);
  g_assert_true (gtk_widget_get_mapped (editor->messages));
  text = find_widget (editor->messages, GTK_TYPE_LABEL, has_label, "numbers are [1.5 2]");
  g_assert_nonnull (text);
  gw_canvas_set_selection (gw_editor_page_get_canvas (editor), &other, 1);
  gui_wait (100);
  click (find_widget (editor->messages, GTK_TYPE_BUTTON, has_label, "Show"));
  g_assert_cmpuint (gw_canvas_adapter_get_selection (editor->adapter)->len, ==, 1);
  g_assert_cmpuint (g_array_index (gw_canvas_adapter_get_selection (editor->adapter), guint64, 0), ==, seen);
  click_button (f, "Clear");
  g_assert_cmpuint (gw_messages_panel_length (panel), ==, 0);
  g_assert_false (gtk_widget_get_visible (editor->messages));
}

/* ---- variables ---- */

static const char weights[] =
  "{\"graphwright\": 1, \"nodes\": ["
  "{\"id\": 1, \"name\": \"x\", \"op\": \"Placeholder\", \"at\": [0, 0], \"attrs\": {\"shape\": [null, 3]}},"
  "{\"id\": 2, \"name\": \"dense\", \"op\": \"Dense\", \"at\": [200, 0],"
  " \"attrs\": {\"units\": 2, \"bias_initializer\": \"constant(0.5)\"}, \"inputs\": {\"inputs\": {\"from\": 1}}}]}";

static void
keep_values (GPtrArray **kept,
             GPtrArray  *values)
{
  g_clear_pointer (kept, g_ptr_array_unref);
  *kept = values != NULL ? g_ptr_array_ref (values) : NULL;
}

/* What the variable holds. */
static double
ask_value (Fixture    *f,
           const char *name,
           int64_t     element)
{
  GwRun *run = gw_window_get_run (f->window);
  const char *const names[] = { name, NULL };
  g_autofree char *runs = gw_doc_model_runs_dir (gw_window_get_model (f->window));
  g_autoptr (GPtrArray) values = NULL;
  gulong handler = g_signal_connect_swapped (run, "fetched", G_CALLBACK (keep_values), &values);

  gw_run_fetch (run, document_of (f), runs, names);
  WAIT_FOR (values != NULL);
  g_signal_handler_disconnect (run, handler);
  return gw_tensor_get_double (gw_named_tensors_find (values, name), element);
}

static GtkWindow *
window_called (const char *title)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *l = windows; l != NULL; l = l->next)
    if (g_strcmp0 (gtk_window_get_title (l->data), title) == 0 && gtk_widget_get_mapped (l->data))
      return l->data;
  return NULL;
}

static void
test_variables (Fixture      *f,
                gconstpointer data)
{
  GwEditorPage *editor = GW_EDITOR_PAGE (f->window->editor);
  const guint64 dense = 2;
  GtkWindow *window;
  GtkWidget *stack;

  if (!gui_can_drive ())
    {
      g_test_skip ("xdotool is missing");
      return;
    }
  gw_canvas_set_selection (gw_editor_page_get_canvas (editor), &dense, 1);
  gui_wait (300);
  stack = find_widget (editor->inspector, GTK_TYPE_STACK, NULL, NULL);
  gtk_stack_set_visible_child_name (GTK_STACK (stack), "values");
  gui_wait (300);
  g_assert_nonnull (find_widget (editor->inspector, GTK_TYPE_LABEL, has_label, "dense/kernel"));
  click (find_widget (gtk_widget_get_parent (find_widget (editor->inspector, GTK_TYPE_LABEL, has_label, "dense/bias")),
                      GTK_TYPE_BUTTON, has_label, "Edit…"));
  WAIT_FOR ((window = window_called ("dense/bias")) != NULL);
  gui_wait (300);
  gui_do ("key ctrl+a");
  gui_do ("type 0.25");
  gui_do ("key Return");
  gui_wait (200);
  g_assert_cmpfloat (ask_value (f, "dense/bias", 0), ==, 0.25);
  g_assert_cmpfloat (ask_value (f, "dense/bias", 1), ==, 0.5);
  click (find_widget (GTK_WIDGET (window), GTK_TYPE_BUTTON, has_label, "Undo"));
  g_assert_cmpfloat (ask_value (f, "dense/bias", 0), ==, 0.5);
  gui_do ("key ctrl+a");
  gui_do ("type nonsense");
  gui_do ("key Return");
  g_assert_cmpfloat (ask_value (f, "dense/bias", 0), ==, 0.5);
  gui_do ("key ctrl+a");
  gui_do ("type 7");
  gui_do ("key Return");
  g_assert_cmpfloat (ask_value (f, "dense/bias", 0), ==, 7);
  gui_do ("key Escape");
  WAIT_FOR (window_called ("dense/bias") == NULL);
  click (find_widget (gtk_widget_get_parent (find_widget (editor->inspector, GTK_TYPE_LABEL, has_label, "dense/bias")),
                      GTK_TYPE_BUTTON, has_label, "Initialise"));
  gui_wait (300);
  g_assert_cmpfloat (ask_value (f, "dense/bias", 0), ==, 0.5);
}

/* ---- several nodes at once, pictures ---- */

static const char layers[] =
  "{\"graphwright\": 1, \"nodes\": ["
  "{\"id\": 1, \"name\": \"x\", \"op\": \"Placeholder\", \"at\": [0, 0], \"attrs\": {\"shape\": [null, 30]}},"
  "{\"id\": 2, \"name\": \"first\", \"op\": \"Dense\", \"at\": [200, 0], \"attrs\": {\"units\": 40},"
  " \"inputs\": {\"inputs\": {\"from\": 1}}},"
  "{\"id\": 3, \"name\": \"second\", \"op\": \"Dense\", \"at\": [400, 0], \"attrs\": {\"units\": 7},"
  " \"inputs\": {\"inputs\": {\"from\": 1}}}]}";

static int64_t
units_of (Fixture *f,
          int64_t  node)
{
  return gw_named_attrs_get (gw_document_node (document_of (f), node)->attrs, "units")->i;
}

static void
test_several (Fixture      *f,
              gconstpointer data)
{
  GwEditorPage *editor = GW_EDITOR_PAGE (f->window->editor);
  const guint64 both[] = { 2, 3 };
  GtkWidget *form;

  if (!gui_can_drive ())
    {
      g_test_skip ("xdotool is missing");
      return;
    }
  gw_canvas_set_selection (gw_editor_page_get_canvas (editor), both, 2);
  gui_wait (400);
  form = find_widget (editor->inspector, GW_TYPE_FORM, NULL, NULL);
  g_assert_cmpstr (gw_form_get_text (GW_FORM (form), "units"), ==, "—");
  g_assert_cmpstr (gw_form_get_text (GW_FORM (form), "use_bias"), ==, "true");
  g_assert_true (gw_form_focus_field (GW_FORM (form), "units"));
  gui_do ("key ctrl+a");
  gui_do ("type 12");
  gui_do ("key Return");
  gui_wait (300);
  g_assert_cmpint (units_of (f, 2), ==, 12);
  g_assert_cmpint (units_of (f, 3), ==, 12);
  g_assert_cmpstr (gw_form_get_text (GW_FORM (form), "units"), ==, "12");
  g_assert_true (gw_doc_model_undo (gw_window_get_model (f->window)));
  g_assert_cmpint (units_of (f, 2), ==, 40);
  g_assert_cmpint (units_of (f, 3), ==, 7);
  g_assert_null (gw_doc_model_undo_label (gw_window_get_model (f->window)));
}

static void
test_picture (Fixture      *f,
              gconstpointer data)
{
  GwEditorPage *editor = GW_EDITOR_PAGE (f->window->editor);
  const guint64 first = 2, input = 1;

  gw_canvas_set_selection (gw_editor_page_get_canvas (editor), &first, 1);
  WAIT_FOR (find_widget (editor->inspector, GTK_TYPE_LABEL, has_label, "kernel as drawn: glorot_uniform") != NULL);
  g_assert_true (gw_doc_model_set_attr (gw_window_get_model (f->window), 2, "activation", "elu", NULL));
  WAIT_FOR (find_widget (editor->inspector, GTK_TYPE_LABEL, has_label, "kernel as drawn: glorot_uniform") == NULL);
  WAIT_FOR (find_widget (editor->inspector, GW_TYPE_CHART_AREA, NULL, NULL) != NULL);
  gw_canvas_set_selection (gw_editor_page_get_canvas (editor), &input, 1);
  gui_wait (500);
  g_assert_null (find_widget (editor->inspector, GW_TYPE_CHART_AREA, NULL, NULL));
}

/* ---- large text ---- */

/* With text of twice the size nothing asks for more than the window is wide. */
static void
test_large_text (Fixture      *f,
                 gconstpointer data)
{
  GtkSettings *settings = gtk_settings_get_default ();
  GtkWidget *parts[] = { f->window->header, f->window->run_panel };
  g_autofree char *font = NULL;

  g_object_get (settings, "gtk-font-name", &font, NULL);
  g_object_set (settings, "gtk-font-name", "Cantarell 11", NULL);
  WAIT_FOR (gtk_widget_get_visible (f->window->switcher));
  g_object_set (settings, "gtk-font-name", "Cantarell 22", NULL);
  WAIT_FOR (!gtk_widget_get_visible (f->window->switcher));
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      int minimum;

      gtk_widget_measure (parts[i], GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
      g_assert_cmpint (minimum, <=, 1280);
    }
  g_object_set (settings, "gtk-font-name", font, NULL);
  WAIT_FOR (gtk_widget_get_visible (f->window->switcher));
}

/* ---- help ---- */

static void
test_help (void)
{
  g_autofree char *plain = gw_markdown_to_markup ("### A & B\n\n- `x < 1`, *not* 2 * 3\n```\na*b*c\n```");
  int n;
  const GwOpDef *const *ops = gw_registry_list (&n);

  g_assert_cmpstr (plain, ==, "<b>A &amp; B</b>\n\n• <tt>x &lt; 1</tt>, <i>not</i> 2 * 3\n<tt>a*b*c</tt>");
  for (int i = 0; i < n; i++)
    {
      g_autofree char *markup = gw_op_help_markup (ops[i]);
      g_autoptr (GError) error = NULL;

      pango_parse_markup (markup, -1, 0, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_nonnull (strstr (markup, ops[i]->name));
    }
}

/* A private home, so that nothing of the user's is read or written. */
static void
be_private (void)
{
  g_autofree char *home = g_dir_make_tmp ("gw-home-XXXXXX", NULL);

  for (const char *const *name = (const char *const[]) { "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME",
                                                         "XDG_CACHE_HOME", NULL }; *name != NULL; name++)
    g_setenv (*name, home, TRUE);
  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
}

int
main (int    argc,
      char **argv)
{
  int status;

  be_private ();
  gui_start (&argc, &argv);
  application = gw_application_new ();
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, NULL));
  g_test_add_func ("/window/help", test_help);
  g_test_add_func ("/window/drop/kinds", test_drop_kinds);
  g_test_add ("/window/drop/array", Fixture, NULL, set_up, test_drop_array, tear_down);
  g_test_add ("/window/drop/picture", Fixture, NULL, set_up, test_drop_picture, tear_down);
  g_test_add ("/window/drop/table", Fixture, NULL, set_up, test_drop_table, tear_down);
  g_test_add ("/window/drop/checkpoint", Fixture, NULL, set_up, test_drop_checkpoint, tear_down);
  g_test_add ("/window/messages", Fixture, printing, set_up, test_messages, tear_down);
  g_test_add ("/window/variables", Fixture, weights, set_up, test_variables, tear_down);
  g_test_add ("/window/several", Fixture, layers, set_up, test_several, tear_down);
  g_test_add ("/window/large-text", Fixture, layers, set_up, test_large_text, tear_down);
  g_test_add ("/window/picture", Fixture, layers, set_up, test_picture, tear_down);
  status = g_test_run ();
  g_object_unref (application);
  return status;
}
