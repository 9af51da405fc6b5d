/* SPDX-License-Identifier: Apache-2.0 */
/* Generate Text and Nearest Words, by keys and clicks, on two of the examples. Called with their
 * folder. */
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "app/ui/application.h"
#include "app/ui/generate-window.h"
#include "app/ui/neighbours-window.h"
#include "app/ui/window-private.h"
#include "tests/widgets/charts/gui-driver.h"

#define PATIENCE 60000 /* ms */

static GwApplication *application;
static const char *examples;
static char *home;

typedef struct {
  GwWindow *window;
} Fixture;

static void
copy_example (const char *name)
{
  g_autofree char *from = g_build_filename (examples, name, NULL), *to = g_build_filename (home, name, NULL), *text = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (from, &text, &length, NULL));
  g_assert_true (g_file_set_contents (to, text, (gssize) length, NULL));
}

/* Of the fixture's data: an example and its text. */
static void
set_up (Fixture      *f,
        gconstpointer data)
{
  const char *const *names = data;
  g_autofree char *path = g_build_filename (home, names[0], NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  for (int i = 0; names[i] != NULL; i++)
    copy_example (names[i]);
  f->window = gw_window_new (GTK_APPLICATION (application));
  gtk_window_set_default_size (GTK_WINDOW (f->window), 1200, 760);
  gtk_window_present (GTK_WINDOW (f->window));
  gui_wait (400);
  gw_window_open_file (f->window, file, FALSE);
  gui_wait (900);
}

static void
tear_down (Fixture      *f,
           gconstpointer data)
{
  gw_run_close (f->window->run);
  gui_wait (300);
  gtk_window_destroy (GTK_WINDOW (f->window));
  gui_wait (100);
}

static GtkWidget *
window_of (GType type)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *at = windows; at != NULL; at = at->next)
    if (G_TYPE_CHECK_INSTANCE_TYPE (at->data, type))
      return at->data;
  return NULL;
}

/* The widget below `root` of this type; a button with this label, a row with this title. */
static GtkWidget *
find (GtkWidget  *root,
      GType       type,
      const char *words)
{
  const char *own = NULL;

  if (G_TYPE_CHECK_INSTANCE_TYPE (root, type))
    {
      own = GTK_IS_BUTTON (root) ? gtk_button_get_label (GTK_BUTTON (root))
              : ADW_IS_PREFERENCES_ROW (root) ? adw_preferences_row_get_title (ADW_PREFERENCES_ROW (root)) : NULL;
      if (words == NULL || g_strcmp0 (own, words) == 0)
        return root;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find (child, type, words);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* The line at the bottom: the last label of the content. */
static const char *
status_of (GtkWidget *window)
{
  GtkWidget *column = adw_window_get_content (ADW_WINDOW (window));
  GtkWidget *content = gtk_widget_get_last_child (column);

  return gtk_label_get_text (GTK_LABEL (gtk_widget_get_last_child (content)));
}

static void
click (GtkWidget *widget)
{
  g_assert_nonnull (widget);
  gui_move_to (widget, gtk_widget_get_width (widget) / 2.0, gtk_widget_get_height (widget) / 2.0);
  gui_do ("click 1");
  gui_wait (100);
}

static void
wait_for_run (Fixture *f,
              int64_t  steps)
{
  for (int waited = 0; waited < PATIENCE; waited += 50)
    {
      if (gw_run_get_progress (f->window->run)->step >= steps)
        return;
      gui_wait (50);
    }
  g_error ("the training has not come to step %d", (int) steps);
}

/* Until the window's line begins with these words. */
static void
wait_for_status (GtkWidget  *window,
                 const char *words)
{
  for (int waited = 0; waited < PATIENCE && !g_str_has_prefix (status_of (window), words); waited += 20)
    gui_wait (20);
  if (!g_str_has_prefix (status_of (window), words))
    g_error ("the line says “%s”, not “%s”", status_of (window), words);
}

/* Puts the focus into an entry or a number and types over what is there. */
static void
type_into (GtkWidget  *widget,
           const char *text)
{
  gtk_widget_grab_focus (widget);
  gui_do ("key ctrl+a");
  gui_do ("type --delay 5 '%s'", text);
  gui_wait (100);
}

static char *
written (GtkWidget *window)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (find (window, GTK_TYPE_TEXT_VIEW, NULL)));
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
}

static void
on_text (GObject      *clipboard,
         GAsyncResult *result,
         gpointer      data)
{
  *(char **) data = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (clipboard), result, NULL);
}

/* ---- Generate Text ---- */

static GtkWidget *
open_generate (Fixture *f)
{
  gui_do ("key F5");
  wait_for_run (f, 40);
  gui_do ("key F5");
  gui_wait (300);
  gui_do ("key ctrl+shift+t");
  gui_wait (500);
  g_assert_nonnull (window_of (GW_TYPE_GENERATE_WINDOW));
  return window_of (GW_TYPE_GENERATE_WINDOW);
}

/* Written, copied, the same for the same seed and other for another; a letter that the text does
 * not have is told in words. */
static void
test_generate (Fixture      *f,
               gconstpointer data)
{
  GtkWidget *window, *prompt, *go;
  g_autofree char *first = NULL, *second = NULL, *third = NULL, *copied = NULL;

  if (!gui_can_drive ())
    {
      g_test_skip ("xdotool is missing");
      return;
    }
  window = open_generate (f);
  prompt = find (window, ADW_TYPE_ENTRY_ROW, "Prompt");
  go = find (window, GTK_TYPE_BUTTON, "_Generate");
  type_into (prompt, "When ");
  click (go);
  wait_for_status (window, "Written with the values of step ");
  first = written (window);
  g_assert_true (g_str_has_prefix (first, "When "));
  g_assert_cmpint (g_utf8_strlen (first, -1), ==, 305);
  click (find (window, GTK_TYPE_BUTTON, "_Copy"));
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (window), NULL, on_text, &copied);
  gui_wait (300);
  g_assert_cmpstr (copied, ==, first);
  gtk_widget_grab_focus (prompt);
  gui_do ("key Return");
  gui_wait (100);
  wait_for_status (window, "Written with the values of step ");
  second = written (window);
  g_assert_cmpstr (second, ==, first);
  type_into (find (find (window, ADW_TYPE_ACTION_ROW, "Seed"), GTK_TYPE_SPIN_BUTTON, NULL), "2");
  gui_do ("key Return");
  click (go);
  gui_wait (100);
  wait_for_status (window, "Written with the values of step ");
  third = written (window);
  g_assert_cmpint (g_utf8_strlen (third, -1), ==, 305);
  g_assert_cmpstr (third, !=, first);
  type_into (prompt, "7");
  gui_do ("key Return");
  gui_wait (50);
  wait_for_status (window, "“7” of the prompt is not in the vocabulary");
  gui_do ("key Escape");
  gui_wait (200);
  g_assert_null (window_of (GW_TYPE_GENERATE_WINDOW));
}

/* Text comes while it is written; Stop ends it there, Escape too and only then closes. */
static void
test_stop (Fixture      *f,
           gconstpointer data)
{
  GtkWidget *window;

  if (!gui_can_drive ())
    {
      g_test_skip ("xdotool is missing");
      return;
    }
  window = open_generate (f);
  type_into (find (window, ADW_TYPE_ENTRY_ROW, "Prompt"), "When ");
  type_into (find (find (window, ADW_TYPE_ACTION_ROW, "Length"), GTK_TYPE_SPIN_BUTTON, NULL), "100000");
  gui_do ("key Return");
  for (int round = 0; round < 2; round++)
    {
      g_autofree char *some = NULL, *all = NULL, *later = NULL;

      click (find (window, GTK_TYPE_BUTTON, "_Generate"));
      wait_for_status (window, "Writing…");
      some = written (window);
      g_assert_cmpuint (strlen (some), >, strlen ("When "));
      if (round == 0)
        click (find (window, GTK_TYPE_BUTTON, "_Stop"));
      else
        gui_do ("key Escape");
      wait_for_status (window, "Written with the values of step ");
      all = written (window);
      g_assert_true (g_str_has_prefix (all, some));
      gui_wait (300);
      later = written (window);
      g_assert_cmpstr (later, ==, all);
      g_assert_true (window_of (GW_TYPE_GENERATE_WINDOW) == window);
    }
  click (find (window, GTK_TYPE_BUTTON, "_Generate"));
  wait_for_status (window, "Writing…");
  gtk_window_close (GTK_WINDOW (window)); /* in the middle */
  gui_wait (300);
  g_assert_null (window_of (GW_TYPE_GENERATE_WINDOW));
}

/* ---- Nearest Words ---- */

static void
test_neighbours (Fixture      *f,
                 gconstpointer data)
{
  GtkWidget *window, *word, *list, *first;
  g_autofree char *nearest = NULL;
  double last = 1;
  int n = 0;

  if (!gui_can_drive ())
    {
      g_test_skip ("xdotool is missing");
      return;
    }
  gui_do ("key F5");
  wait_for_run (f, 1890);
  gui_wait (300);
  gui_do ("key ctrl+shift+n");
  gui_wait (500);
  window = window_of (GW_TYPE_NEIGHBOURS_WINDOW);
  g_assert_nonnull (window);
  wait_for_status (window, "vectors: 165 words, vectors of step 1890");
  word = find (window, ADW_TYPE_ENTRY_ROW, "Word");
  type_into (word, "evening");
  list = gtk_widget_get_ancestor (find (window, ADW_TYPE_ACTION_ROW, "morning"), GTK_TYPE_LIST_BOX);
  for (GtkWidget *row = gtk_widget_get_first_child (list); row != NULL; row = gtk_widget_get_next_sibling (row), n++)
    {
      double cosine = gtk_level_bar_get_value (GTK_LEVEL_BAR (find (row, GTK_TYPE_LEVEL_BAR, NULL)));

      g_assert_cmpfloat (cosine, <=, last);
      g_assert_cmpstr (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)), !=, "evening");
      last = cosine;
    }
  g_assert_cmpint (n, ==, 20);
  first = gtk_widget_get_first_child (list);
  nearest = g_strdup (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (first)));
  click (first);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (word)), ==, nearest);
  type_into (word, "eve");
  g_assert_nonnull (strstr (status_of (window), "“eve” is not in the vocabulary; words that begin so: "));
  g_assert_nonnull (strstr (status_of (window), "evening"));
  gui_do ("key Escape");
  gui_wait (200);
  g_assert_null (window_of (GW_TYPE_NEIGHBOURS_WINDOW));
}

/* A document that has nothing for them opens no window. */
static void
test_nothing (Fixture      *f,
              gconstpointer data)
{
  if (!gui_can_drive ())
    {
      g_test_skip ("xdotool is missing");
      return;
    }
  gui_do ("key ctrl+shift+t");
  gui_do ("key ctrl+shift+n");
  gui_wait (300);
  g_assert_null (window_of (GW_TYPE_GENERATE_WINDOW));
  g_assert_null (window_of (GW_TYPE_NEIGHBOURS_WINDOW));
}

/* Nothing of the test's goes where a person's documents are. */
static void
be_private (void)
{
  static const char *const names[] = { "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME" };

  home = g_dir_make_tmp ("gw-text-XXXXXX", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_setenv (names[i], home, TRUE);
  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
}

int
main (int    argc,
      char **argv)
{
  static const char *const letters[] = { "char-rnn.gw", "sonnets.txt", NULL };
  static const char *const words[] = { "word2vec.gw", "genesis.txt", NULL };
  static const char *const neither[] = { "xor.gw", NULL };
  int status;

  examples = argc > 1 ? argv[argc - 1] : ".";
  be_private ();
  gui_start (&argc, &argv);
  application = gw_application_new ();
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, NULL));
  g_test_add ("/text-windows/generate", Fixture, letters, set_up, test_generate, tear_down);
  g_test_add ("/text-windows/stop", Fixture, letters, set_up, test_stop, tear_down);
  g_test_add ("/text-windows/neighbours", Fixture, words, set_up, test_neighbours, tear_down);
  g_test_add ("/text-windows/nothing", Fixture, neither, set_up, test_nothing, tear_down);
  status = g_test_run ();
  g_object_unref (application);
  return status;
}
