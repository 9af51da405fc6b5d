/* SPDX-License-Identifier: Apache-2.0 */
/* The Board right after a run that was over at once: every curve has all its points, whether the
 * page stood open meanwhile or not, in a folder of runs that is new or was there before, beside
 * the document or, where that is in no file yet, elsewhere. */
#include <stdlib.h>
#include <string.h>

#include "app/ui/application.h"
#include "app/ui/board-card.h"
#include "app/ui/board-page.h"
#include "app/ui/window-private.h"
#include "tests/widgets/charts/gui-driver.h"
#include "widgets/charts/chart-view.h"

static GwApplication *application;

/* 300 rows in batches of 50, 20 epochs: 120 steps, some milliseconds of work. */
static const char document[] =
  "{\"graphwright\": 1, \"nodes\": ["
  "{\"id\": 1, \"name\": \"x\", \"op\": \"Placeholder\", \"at\": [0, 0], \"attrs\": {\"shape\": [null, 2], \"_column\": \"x\"}},"
  "{\"id\": 2, \"name\": \"logit\", \"op\": \"Dense\", \"at\": [240, 0], \"attrs\": {\"units\": 1}, \"inputs\": {\"inputs\": {\"from\": 1}}},"
  "{\"id\": 3, \"name\": \"y\", \"op\": \"Placeholder\", \"at\": [240, 200], \"attrs\": {\"shape\": [null, 1], \"_column\": \"y\"}},"
  "{\"id\": 4, \"name\": \"loss\", \"op\": \"Loss\", \"at\": [480, 0], \"attrs\": {\"kind\": \"sigmoid_cross_entropy\"},"
  " \"inputs\": {\"predictions\": {\"from\": 2}, \"labels\": {\"from\": 3}}},"
  "{\"id\": 5, \"name\": \"train\", \"op\": \"Minimize\", \"at\": [720, 0], \"inputs\": {\"loss\": {\"from\": 4}}},"
  "{\"id\": 6, \"name\": \"accuracy\", \"op\": \"Accuracy\", \"at\": [480, 240], \"attrs\": {\"threshold\": 0},"
  " \"inputs\": {\"predictions\": {\"from\": 2}, \"labels\": {\"from\": 3}}}],"
  "\"data\": {\"source\": \"xor\", \"source_attrs\": {\"n\": 400}, \"test_fraction\": 0.25, \"batch_size\": 50,"
  " \"columns\": [{\"name\": \"x\", \"from\": [\"x\"]}, {\"name\": \"y\", \"from\": [\"y\"]}]},"
  "\"training\": {\"targets\": [5], \"loss\": 4, \"metrics\": [6], \"attrs\": {\"epochs\": 20, \"seed\": 1}}}";

#define STEPS 120
#define EPOCHS 20

typedef struct {
  const char *path, *page;  /* that is shown while it trains */
  gboolean    has_file;
} Case;

static const Case cases[] = {
  { "/short-run/board-open", "3", TRUE },
  { "/short-run/board-later", "1", TRUE },
  { "/short-run/no-file", "1", FALSE },
};

typedef struct {
  GwWindow *window;
  GwRun    *run;
} Fixture;

static int
patience (void)
{
  const char *text = g_getenv ("GW_TEST_PATIENCE");

  return text != NULL ? MAX (atoi (text), 1) : 1;
}

/* Waits until the condition holds or 20 s are over, more of a slow build. */
#define WAIT_FOR(condition)                                                    \
  for (int tries_ = 2000 * patience (); tries_ > 0 && !(condition); tries_--) \
    gui_wait (10);                                                             \
  g_assert_true (condition)

static void
set_up (Fixture      *f,
        gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("gw-short-run-XXXXXX", &error);
  g_autofree char *path = g_build_filename (folder, "short.gw", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GwDocument *parsed;

  g_assert_no_error (error);
  parsed = gw_document_from_json (document, strlen (document), &error);
  g_assert_no_error (error);
  f->window = gw_window_new (GTK_APPLICATION (application));
  f->run = gw_window_get_run (f->window);
  gtk_window_set_default_size (GTK_WINDOW (f->window), 1280, 780);
  gw_doc_model_set_document (gw_window_get_model (f->window), parsed, ((const Case *) data)->has_file ? file : NULL, "short");
  gtk_window_present (GTK_WINDOW (f->window));
  gui_wait (700);
}

static void
tear_down (Fixture      *f,
           gconstpointer data)
{
  gw_run_close (f->run);
  WAIT_FOR (gw_run_get_document (f->run) == NULL);
  gtk_window_destroy (GTK_WINDOW (f->window));
  gui_wait (100);
}

/* The chart of that tag on the page; NULL = it is not there (yet). */
static GwLineChart *
find_chart (GtkWidget  *widget,
            const char *tag)
{
  GwLineChart *found = NULL;

  if (GW_IS_BOARD_CARD (widget) && strcmp (gw_board_card_get_tag (GW_BOARD_CARD (widget)), tag) == 0 &&
      gw_board_card_is_built (GW_BOARD_CARD (widget)) && gtk_widget_get_mapped (widget))
    return gw_chart_view_get_line_chart (GW_CHART_VIEW (gw_chart_card_get_child (gw_board_card_get_card (GW_BOARD_CARD (widget)))));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = find_chart (child, tag);
  return found;
}

/* Whether the chart shows `n` lines, the newest run's with all points of the curve. */
static gboolean
shows (Fixture          *f,
       const GwRunCurve *curve,
       guint             n)
{
  GwLineChart *chart = find_chart (f->window->board, curve->tag);
  const GwRunPoint *last = &g_array_index (curve->points, GwRunPoint, curve->points->len - 1);
  GwSeries *series;

  if (chart == NULL || gw_line_chart_n_series (chart) != n || strstr (gw_line_chart_footer (chart, 300), "No points") != NULL)
    return FALSE;
  series = gw_line_chart_series (chart, 0);
  return gw_series_length (series) == curve->points->len &&
         gw_series_x (series, GW_SERIES_X_STEP, gw_series_length (series) - 1) == last->step;
}

static gboolean
shows_all (Fixture *f,
           guint    n)
{
  const GPtrArray *curves = gw_run_get_curves (f->run);

  for (guint i = 0; i < curves->len; i++)
    if (!shows (f, g_ptr_array_index (curves, i), n))
      return FALSE;
  return TRUE;
}

/* The run has measured what it should: the loss at each step, loss and accuracy of the test rows at each epoch. */
static void
assert_complete (Fixture *f)
{
  const GPtrArray *curves = gw_run_get_curves (f->run);

  g_assert_cmpuint (curves->len, ==, 3);
  for (guint i = 0; i < curves->len; i++)
    {
      const GwRunCurve *curve = g_ptr_array_index (curves, i);

      g_assert_cmpuint (curve->points->len, ==, curve->evaluation ? EPOCHS : STEPS);
    }
}

/* Trains from the page that is shown; then the Board has it all. */
static void
train (Fixture *f,
       guint    n)
{
  g_autofree char *before = g_strdup (gw_run_get_dir (f->run));
  gint64 end;

  gui_do ("key F5");
  WAIT_FOR (gw_run_get_state (f->run) == GW_RUN_DONE && g_strcmp0 (gw_run_get_dir (f->run), before) != 0);
  g_assert_cmpint (gw_run_get_progress (f->run)->step, ==, STEPS);
  assert_complete (f);
  end = g_get_monotonic_time ();
  gui_do ("key alt+3");
  WAIT_FOR (shows_all (f, n));
  g_test_message ("run %u: %.2f s after its end", n, (double) (g_get_monotonic_time () - end) / 1e6);
}

static void
test_short_run (Fixture      *f,
                gconstpointer data)
{
  const Case *c = data;

  if (!gui_can_drive ())
    {
      g_test_skip ("xdotool is missing");
      return;
    }
  for (guint n = 1; n <= 3; n++)
    {
      gui_do ("key alt+%s", c->page);
      gui_wait (200);
      train (f, n);
    }
}

/* Nothing of the test's goes where a person's documents are. */
static void
be_private (void)
{
  static const char *const names[] = { "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME" };
  g_autofree char *folder = g_dir_make_tmp ("gw-short-run-XXXXXX", NULL);

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
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add (cases[i].path, Fixture, &cases[i], set_up, test_short_run, tear_down);
  status = g_test_run ();
  g_object_unref (application);
  return status;
}
