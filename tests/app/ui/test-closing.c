/* SPDX-License-Identifier: Apache-2.0 */
/* A window that goes while its work is under way: data being read, a training, an evaluation,
 * shapes being inferred. Nothing of it is called afterwards, and the work comes to its end. */
#include <adwaita.h>
#include <string.h>

#include "app/model/background.h"
#include "app/ui/window-private.h"
#include "tests/support/support.h"
#include "tests/widgets/charts/gui-driver.h"

typedef struct {
  char     *folder;
  GwWindow *window;
} Fixture;

#define WAIT_FOR(condition)                                     \
  for (int tries_ = 0; tries_ < 600 && !(condition); tries_++) \
    gui_wait (20);                                              \
  g_assert_true (condition)

/* A perceptron of so many layers that learns xor for a very long time. */
static char *
document_text (int n_layers)
{
  GString *text = g_string_new (
    "{\"graphwright\": 1, \"nodes\": ["
    "{\"id\": 1, \"name\": \"x\", \"op\": \"Placeholder\", \"at\": [0, 0],"
    " \"attrs\": {\"shape\": [null, 2], \"_column\": \"x\"}},"
    "{\"id\": 2, \"name\": \"y\", \"op\": \"Placeholder\", \"at\": [0, 90],"
    " \"attrs\": {\"shape\": [null, 1], \"_column\": \"y\"}},");

  for (int i = 0; i < n_layers; i++)
    g_string_append_printf (text,
                            "{\"id\": %d, \"name\": \"dense%d\", \"op\": \"Dense\", \"at\": [%d, 0],"
                            " \"attrs\": {\"units\": %d}, \"inputs\": {\"inputs\": {\"from\": %d}}},",
                            10 + i, i, 200 + 200 * i, i + 1 < n_layers ? 30 : 1, i > 0 ? 9 + i : 1);
  g_string_append_printf (text,
                          "{\"id\": 3, \"name\": \"loss\", \"op\": \"Loss\", \"at\": [0, 300],"
                          " \"attrs\": {\"kind\": \"sigmoid_cross_entropy\"},"
                          " \"inputs\": {\"predictions\": {\"from\": %d}, \"labels\": {\"from\": 2}}},"
                          "{\"id\": 4, \"name\": \"minimize\", \"op\": \"Minimize\", \"at\": [200, 300],"
                          " \"inputs\": {\"loss\": {\"from\": 3}}},"
                          "{\"id\": 5, \"name\": \"accuracy\", \"op\": \"Accuracy\", \"at\": [400, 300],"
                          " \"inputs\": {\"predictions\": {\"from\": %d}, \"labels\": {\"from\": 2}}}],"
                          "\"data\": {\"source\": \"xor\", \"columns\": [{\"name\": \"x\", \"from\": [\"x\"]},"
                          " {\"name\": \"y\", \"from\": [\"y\"]}]},"
                          "\"training\": {\"targets\": [4], \"metrics\": [5],"
                          " \"attrs\": {\"seed\": 3, \"epochs\": 1000000}}}",
                          9 + n_layers, 9 + n_layers);
  return g_string_free (text, FALSE);
}

static void
open_document (Fixture *f,
               int      n_layers)
{
  g_autofree char *text = document_text (n_layers);
  g_autofree char *path = gw_test_write_file (f->folder, "closing.gw", text, -1);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  gw_window_open_file (f->window, file, FALSE);
  WAIT_FOR (gw_doc_model_get_file (gw_window_get_model (f->window)) != NULL);
}

static void
set_up (Fixture      *f,
        gconstpointer data)
{
  f->folder = gw_test_dir_new ();
  f->window = gw_window_new (NULL);
  gtk_window_set_default_size (GTK_WINDOW (f->window), 1280, 800);
  gtk_window_present (GTK_WINDOW (f->window));
  gui_wait (100);
}

static void
tear_down (Fixture      *f,
           gconstpointer data)
{
  gw_test_dir_remove (f->folder);
}

/* ---- what is left of a window ---- */

typedef struct {
  char     *type;
  gpointer  address;
  GWeakRef  alive;
} Widget;

typedef struct {
  GPtrArray *others; /* of the libraries' widgets and their controllers, kept alive */
  GPtrArray *ours;   /* of Widget */
} Census;

static void
widget_free (gpointer data)
{
  Widget *widget = data;

  g_weak_ref_clear (&widget->alive);
  g_free (widget->type);
  g_free (widget);
}

static void
census_clear (Census *census)
{
  /* Some do not bear to be disposed of twice: they stay. */
  static GSList *others;

  others = g_slist_prepend (others, census->others);
  g_ptr_array_unref (census->ours);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Census, census_clear)

static void
count (Census    *census,
       GtkWidget *widget)
{
  const char *name = G_OBJECT_TYPE_NAME (widget);
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  if (g_str_has_prefix (name, "Gw"))
    {
      Widget *ours = g_new0 (Widget, 1);

      ours->type = g_strdup (name);
      ours->address = widget;
      g_weak_ref_init (&ours->alive, widget);
      g_ptr_array_add (census->ours, ours);
    }
  else if (!GTK_IS_ROOT (widget))
    {
      g_ptr_array_add (census->others, g_object_ref (widget));
      for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
        g_ptr_array_add (census->others, g_list_model_get_item (controllers, i));
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    count (census, child);
}

/* As the last reference would do it: a parent lets go of its children, which go next. */
static void
dispose_from_the_top (GPtrArray *objects)
{
  g_autoptr (GHashTable) gone = g_hash_table_new (NULL, NULL);
  gboolean again = TRUE;

  while (again)
    {
      again = FALSE;
      for (guint i = 0; i < objects->len; i++)
        if (GTK_IS_WIDGET (objects->pdata[i]) && gtk_widget_get_parent (objects->pdata[i]) == NULL &&
            g_hash_table_add (gone, objects->pdata[i]))
          {
            g_object_run_dispose (objects->pdata[i]);
            again = TRUE;
          }
    }
}

static const char *
signal_of (gpointer object,
           gpointer data)
{
  for (guint id = 1; id < 4096; id++)
    if (g_signal_name (id) != NULL &&
        g_signal_handler_find (object, G_SIGNAL_MATCH_DATA | G_SIGNAL_MATCH_ID, id, 0, NULL, NULL, data) != 0)
      return g_signal_name (id);
  return "";
}

/* No object that lives on calls a widget of ours that went. */
static void
assert_silent (const Census *census)
{
  for (guint i = 0; i < census->others->len; i++)
    for (guint j = 0; j < census->ours->len; j++)
      {
        gpointer object = census->others->pdata[i];
        Widget *widget = census->ours->pdata[j];
        g_autoptr (GObject) alive = g_weak_ref_get (&widget->alive);

        if (alive != NULL ||
            g_signal_handler_find (object, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL, widget->address) == 0)
          continue;
        g_test_message ("%s still tells %s of %s", G_OBJECT_TYPE_NAME (object), widget->type,
                        signal_of (object, widget->address));
        g_test_fail ();
      }
}

static void
show_pages (Fixture *f)
{
  static const char *const pages[] = { "data", "board", "checkpoints", "graph" };

  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (f->window->pages), pages[i]);
      gui_wait (100);
    }
}

/* The window goes; its work ends; idle and timed functions that it left run. */
static void
destroy_window (Fixture *f)
{
  g_autoptr (GwRun) run = g_object_ref (f->window->run);
  GtkWindow *window = GTK_WINDOW (f->window);

  g_object_add_weak_pointer (G_OBJECT (window), (gpointer *) &f->window);
  gtk_window_destroy (window);
  gw_background_wait ();
  g_assert_null (gw_run_get_dir (run));
  gui_wait (500);
  g_assert_null (f->window);
}

static void
test_silent (Fixture      *f,
             gconstpointer data)
{
  g_auto (Census) census = { g_ptr_array_new_with_free_func (g_object_unref),
                             g_ptr_array_new_with_free_func (widget_free) };

  open_document (f, 2);
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.evaluate", NULL);
  WAIT_FOR (f->window->evaluation != NULL);
  show_pages (f);
  count (&census, GTK_WIDGET (f->window));
  count (&census, f->window->evaluation);
  g_assert_cmpuint (census.ours->len, >, 50);
  g_assert_cmpuint (census.others->len, >, 500);
  g_object_add_weak_pointer (G_OBJECT (f->window), (gpointer *) &f->window);
  gtk_window_destroy (GTK_WINDOW (f->window));
  gw_background_wait ();
  dispose_from_the_top (census.others);
  gui_wait (100);
  g_assert_null (f->window);
  assert_silent (&census);
}

/* ---- under way ---- */

static void
test_reading (Fixture      *f,
              gconstpointer data)
{
  open_document (f, 2);
  show_pages (f);
  destroy_window (f);
}

static void
test_inferring (Fixture      *f,
                gconstpointer data)
{
  /* More nodes than are inferred at once. */
  open_document (f, 900);
  destroy_window (f);
}

static void
start_training (Fixture *f)
{
  g_autofree char *runs = NULL;

  open_document (f, 2);
  runs = gw_doc_model_runs_dir (f->window->model);
  gw_run_start (f->window->run, gw_doc_model_get_document (f->window->model), runs, GW_RUN_TRAIN);
}

static void
test_preparing (Fixture      *f,
                gconstpointer data)
{
  start_training (f);
  g_assert_cmpint (gw_run_get_state (f->window->run), ==, GW_RUN_PREPARING);
  destroy_window (f);
}

static void
test_training (Fixture      *f,
               gconstpointer data)
{
  start_training (f);
  WAIT_FOR (gw_run_get_progress (f->window->run)->step > 100);
  show_pages (f);
  destroy_window (f);
}

static void
test_evaluating (Fixture      *f,
                 gconstpointer data)
{
  start_training (f);
  WAIT_FOR (gw_run_get_progress (f->window->run)->step > 100);
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.evaluate", NULL);
  destroy_window (f);
}

/* The files of a run are whole when the program may end. */
static void
test_files (Fixture      *f,
            gconstpointer data)
{
  g_autofree char *dir = NULL, *prefix = NULL;
  g_autoptr (GwCheckpoint) checkpoint = NULL;
  g_autoptr (GError) error = NULL;

  start_training (f);
  WAIT_FOR (gw_run_get_progress (f->window->run)->step > 100);
  dir = g_strdup (gw_run_get_dir (f->window->run));
  destroy_window (f);
  prefix = gw_checkpoint_latest (dir, &error);
  g_assert_no_error (error);
  checkpoint = gw_checkpoint_open (prefix, &error);
  g_assert_no_error (error);
}

int
main (int    argc,
      char **argv)
{
  gui_start (&argc, &argv);
  gw_init ();
  g_test_add ("/closing/reading", Fixture, NULL, set_up, test_reading, tear_down);
  g_test_add ("/closing/inferring", Fixture, NULL, set_up, test_inferring, tear_down);
  g_test_add ("/closing/preparing", Fixture, NULL, set_up, test_preparing, tear_down);
  g_test_add ("/closing/training", Fixture, NULL, set_up, test_training, tear_down);
  g_test_add ("/closing/evaluating", Fixture, NULL, set_up, test_evaluating, tear_down);
  g_test_add ("/closing/files", Fixture, NULL, set_up, test_files, tear_down);
  /* The last: what it keeps alive is half gone. */
  g_test_add ("/closing/silent", Fixture, NULL, set_up, test_silent, tear_down);
  return g_test_run ();
}
