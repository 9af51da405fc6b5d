/* SPDX-License-Identifier: Apache-2.0 */
/* Computed values and devices on the canvas, by real keys, clicks and drags. */
#include <string.h>

#include "app/ui/application.h"
#include "app/ui/canvas-adapter-private.h"
#include "app/ui/editor-private.h"
#include "app/ui/value-card.h"
#include "app/ui/window-private.h"
#include "tests/widgets/charts/gui-driver.h"

static GwApplication *application;

static const char chain[] =
  "{\"graphwright\": 1, \"nodes\": ["
  "{\"id\": 1, \"name\": \"x\", \"op\": \"Const\", \"at\": [0, 0],"
  " \"attrs\": {\"value\": {\"dtype\": \"float32\", \"shape\": [4], \"data\": [-1, 0, 1, 2]}}},"
  "{\"id\": 2, \"name\": \"a\", \"op\": \"Neg\", \"at\": [240, 0], \"inputs\": {\"x\": {\"from\": 1}}},"
  "{\"id\": 3, \"name\": \"b\", \"op\": \"Relu\", \"at\": [480, 0], \"inputs\": {\"features\": {\"from\": 2}}},"
  "{\"id\": 4, \"name\": \"other\", \"op\": \"Log\", \"at\": [240, 250], \"inputs\": {\"x\": {\"from\": 1}}},"
  "{\"id\": 5, \"name\": \"text\", \"op\": \"AsString\", \"at\": [480, 250], \"inputs\": {\"input\": {\"from\": 4}}}]}";

typedef struct {
  GwWindow     *window;
  GwEditorPage *page;
  char         *message;  /* the last one */
} Fixture;

static void
on_message (Fixture    *f,
            const char *text)
{
  g_free (f->message);
  f->message = g_strdup (text);
}

static void
set_up (Fixture      *f,
        gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  GwDocument *parsed = gw_document_from_json (chain, strlen (chain), &error);

  g_assert_no_error (error);
  f->window = gw_window_new (GTK_APPLICATION (application));
  f->page = GW_EDITOR_PAGE (f->window->editor);
  gtk_window_set_default_size (GTK_WINDOW (f->window), 1280, 780);
  gtk_window_present (GTK_WINDOW (f->window));
  gui_wait (500);
  gw_doc_model_set_document (gw_window_get_model (f->window), parsed, NULL, "values");
  gui_wait (700);
  g_signal_connect_swapped (f->page->adapter, "message", G_CALLBACK (on_message), f);
  gtk_widget_grab_focus (f->page->canvas);
}

static void
tear_down (Fixture      *f,
           gconstpointer data)
{
  g_signal_handlers_disconnect_by_data (f->page->adapter, f);
  gw_run_close (gw_window_get_run (f->window));
  gui_wait (300);
  gtk_window_destroy (GTK_WINDOW (f->window));
  gui_wait (100);
  g_free (f->message);
}

/* Waits until the condition holds or 15 s are over. */
#define WAIT_FOR(condition)                                    \
  for (int tries_ = 0; tries_ < 600 && !(condition); tries_++) \
    gui_wait (25);                                             \
  g_assert_true (condition)

static const GwSceneNode *
box (Fixture *f,
     guint64  id)
{
  return gw_scene_get_node (f->page->adapter->scene, id);
}

static gboolean
glows (Fixture *f,
       guint64  id)
{
  return (box (f, id)->flags & GW_SCENE_NODE_RUNNING) != 0;
}

static void
move_to_box (Fixture *f,
             guint64  id)
{
  double x, y;

  gw_canvas_to_widget (GW_CANVAS (f->page->canvas), box (f, id)->x + 60, box (f, id)->y + 10, &x, &y);
  gui_move_to (f->page->canvas, x, y);
}

static void
click_box (Fixture *f,
           guint64  id)
{
  move_to_box (f, id);
  gui_do ("click 1");
  gui_wait (120);
}

static void
key (const char *name)
{
  gui_do ("key %s", name);
  gui_wait (150);
}

/* By Ctrl+Enter. */
static void
compute (Fixture *f,
         guint64  id)
{
  const GwValue *value;

  click_box (f, id);
  gui_do ("key ctrl+Return");
  WAIT_FOR ((value = gw_values_get (f->page->values, (int64_t) id, 0)) != NULL && !value->stale);
  gui_wait (100);
}

static gboolean
has_card (Fixture *f)
{
  for (GtkWidget *child = gtk_widget_get_first_child (f->page->overlay); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (GW_IS_VALUE_CARD (child))
      return TRUE;
  return FALSE;
}

/* When each node first glowed; 0 = never. */
static gboolean
note_glow (gpointer data)
{
  Fixture *f = ((gpointer *) data)[0];
  gint64 *first = ((gpointer *) data)[1];
  gint64 now = g_get_monotonic_time ();

  for (int id = 1; id <= 5; id++)
    if (first[id] == 0 && glows (f, (guint64) id))
      first[id] = now;
  return G_SOURCE_CONTINUE;
}

/* What is needed lights up in order, what is not does not, and all of it ends. */
static void
test_glow (Fixture      *f,
           gconstpointer animate)
{
  gint64 first[6] = { 0 };
  gpointer data[] = { f, first };
  guint source;

  if (!gui_can_drive ())
    return;
  g_object_set (gtk_widget_get_settings (f->page->canvas), "gtk-enable-animations", animate != NULL, NULL);
  source = g_timeout_add (2, note_glow, data);
  compute (f, 3);
  WAIT_FOR (first[3] != 0 && !glows (f, 1) && !glows (f, 2) && !glows (f, 3));
  g_source_remove (source);
  g_assert_cmpint (first[1], !=, 0);
  if (animate != NULL)
    {
      g_assert_cmpint (first[1], <, first[2]);
      g_assert_cmpint (first[2], <, first[3]);
    }
  else
    {
      /* All at once: seen in one and the same look. */
      g_assert_cmpint (first[1], ==, first[2]);
      g_assert_cmpint (first[1], ==, first[3]);
    }
  g_assert_cmpint (first[4], ==, 0);
  g_assert_cmpint (first[5], ==, 0);
  g_object_set (gtk_widget_get_settings (f->page->canvas), "gtk-enable-animations", TRUE, NULL);
}

/* A value stays through edits elsewhere and other computations, and is stale once what it
 * was computed from has changed; the mode stands with it. */
static void
test_kept (Fixture      *f,
           gconstpointer data)
{
  GwDocModel *model = gw_window_get_model (f->window);

  if (!gui_can_drive ())
    return;
  compute (f, 3);
  g_assert_nonnull (box (f, 3)->live);
  g_assert_cmpstr (box (f, 3)->live->mode, ==, "evaluate");
  g_assert_false (box (f, 3)->live->stale);
  g_assert_true (gw_doc_model_set_attr (model, 4, "name", "elsewhere", NULL));
  gui_wait (200);
  g_assert_false (gw_values_get (f->page->values, 3, 0)->stale);
  compute (f, 4);
  g_assert_nonnull (box (f, 3)->live);
  g_assert_cmpstr (box (f, 3)->live->value, !=, NULL);
  g_assert_false (box (f, 3)->live->stale);
  g_assert_true (gw_doc_model_set_attr (model, 2, "name", "minus", NULL));
  gui_wait (200);
  g_assert_true (box (f, 3)->live->stale);
  g_assert_false (box (f, 4)->live->stale);
  gtk_widget_grab_focus (f->page->canvas);
  key ("ctrl+z");
  g_assert_cmpstr (gw_document_node (gw_doc_model_get_document (model), 2)->name, ==, "a");
  gui_wait (200);
  g_assert_false (box (f, 3)->live->stale);
}

/* The text of the tooltip on the screen, or NULL. */
static const char *
tooltip_text (GtkWidget *widget,
              gboolean   within)
{
  within = within || strcmp (G_OBJECT_TYPE_NAME (widget), "GtkTooltipWindow") == 0;
  if (within && GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget))
    return gtk_label_get_text (GTK_LABEL (widget));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (tooltip_text (child, within) != NULL)
      return tooltip_text (child, within);
  return NULL;
}

static gboolean
tooltip_has (Fixture    *f,
             const char *words)
{
  const char *text = tooltip_text (GTK_WIDGET (f->window), FALSE);

  return text != NULL && strstr (text, words) != NULL;
}

/* The pointer over a box or a wire tells the figures of its last value. */
static void
test_hover (Fixture      *f,
            gconstpointer data)
{
  double x, y;

  if (!gui_can_drive ())
    return;
  compute (f, 3);
  key ("Escape");
  compute (f, 4);
  key ("Escape");
  WAIT_FOR (!has_card (f));
  gui_move_to (f->page->canvas, 600, 600);
  gui_wait (300);
  move_to_box (f, 3);
  WAIT_FOR (tooltip_has (f, "evaluate · min 0 · mean 0.25 · max 1 · σ 0.433 · 0 NaN"));
  move_to_box (f, 4);
  WAIT_FOR (tooltip_has (f, "1 NaN · 1 infinite"));
  gw_canvas_to_widget (GW_CANVAS (f->page->canvas), (box (f, 4)->x + box (f, 5)->x) / 2 + 50,
                       box (f, 4)->y + gw_canvas_get_port_y (GW_CANVAS (f->page->canvas), 4, TRUE, 0), &x, &y);
  gui_move_to (f->page->canvas, x - 4, y);
  gui_move_to (f->page->canvas, x, y);
  WAIT_FOR (!tooltip_has (f, "Log") && tooltip_has (f, "evaluate · ") && tooltip_has (f, "1 NaN · 1 infinite"));
}

/* Shift+3 keeps what is selected, 3 shows it anew. */
static void
test_slots (Fixture      *f,
            gconstpointer data)
{
  if (!gui_can_drive ())
    return;
  click_box (f, 3);
  gui_do ("key shift+3");
  WAIT_FOR (gw_values_get (f->page->values, 3, 0) != NULL && has_card (f));
  g_assert_cmpint (f->page->slots[2].node, ==, 3);
  g_assert_cmpint (f->page->slots[0].node, ==, 0);
  key ("Escape");
  click_box (f, 4);
  g_assert_true (gw_doc_model_set_attr (gw_window_get_model (f->window), 2, "name", "minus", NULL));
  gui_wait (200);
  g_assert_true (gw_values_get (f->page->values, 3, 0)->stale);
  gtk_widget_grab_focus (f->page->canvas);
  gui_do ("key 3");
  WAIT_FOR (!gw_values_get (f->page->values, 3, 0)->stale);
  g_assert_true (has_card (f));
}

/* Drags the chip (1 = /cpu:0, 2 = /gpu:0, 3 = automatic) onto a box. */
static void
drag_chip (Fixture *f,
           int      number,
           guint64  id)
{
  GtkWidget *chip = gtk_widget_get_first_child (f->page->devices);
  double x, y;

  for (int i = 0; i < number; i++)
    chip = gtk_widget_get_next_sibling (chip);
  gui_move_to (chip, 12, 10);
  gui_do ("mousedown 1");
  for (int i = 1; i <= 4; i++)
    {
      gui_move_to (chip, 12 + 8 * i, 10 - 10 * i);
      gui_wait (40);
    }
  gw_canvas_to_widget (GW_CANVAS (f->page->canvas), box (f, id)->x + 60, box (f, id)->y + 10, &x, &y);
  for (int i = 3; i >= 0; i--)
    gui_move_to (f->page->canvas, x + 6 * i, y + i);
  gui_wait (150);
  gui_do ("mouseup 1");
  gui_wait (400);
}

static const char *
device_of (Fixture *f,
           int64_t  id)
{
  return gw_document_node (gw_doc_model_get_document (gw_window_get_model (f->window)), id)->device;
}

static void
test_devices (Fixture      *f,
              gconstpointer data)
{
  if (!gui_can_drive ())
    return;
  gw_editor_page_set_show_devices (f->page, TRUE);
  gui_wait (300);
  drag_chip (f, 1, 3);
  g_assert_cmpstr (device_of (f, 3), ==, "/cpu:0");
  g_assert_false (box (f, 3)->flags & GW_SCENE_NODE_DEVICE_SOFT);
  drag_chip (f, 2, 2);
  g_assert_cmpstr (device_of (f, 2), ==, "/gpu:0");
  g_assert_true (box (f, 2)->flags & GW_SCENE_NODE_DEVICE_SOFT);
  g_assert_null (device_of (f, 1));
  /* Strings: refused with the reason. */
  drag_chip (f, 2, 5);
  g_assert_null (device_of (f, 5));
  g_assert_nonnull (f->message);
  g_assert_nonnull (strstr (f->message, "text cannot be on /gpu:0"));
  /* One step each. */
  gtk_widget_grab_focus (f->page->canvas);
  key ("ctrl+z");
  g_assert_null (device_of (f, 2));
  g_assert_cmpstr (device_of (f, 3), ==, "/cpu:0");
}

static void
be_private (void)
{
  static const char *const names[] = { "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME" };
  g_autofree char *folder = g_dir_make_tmp ("gw-values-XXXXXX", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_setenv (names[i], folder, TRUE);
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
  g_test_add ("/values/glow", Fixture, "animated", set_up, test_glow, tear_down);
  g_test_add ("/values/glow-still", Fixture, NULL, set_up, test_glow, tear_down);
  g_test_add ("/values/kept", Fixture, NULL, set_up, test_kept, tear_down);
  g_test_add ("/values/hover", Fixture, NULL, set_up, test_hover, tear_down);
  g_test_add ("/values/slots", Fixture, NULL, set_up, test_slots, tear_down);
  g_test_add ("/values/devices", Fixture, NULL, set_up, test_devices, tear_down);
  status = g_test_run ();
  g_object_unref (application);
  return status;
}
