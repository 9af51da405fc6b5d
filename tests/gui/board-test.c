/* SPDX-License-Identifier: Apache-2.0 */
/* The Board in a window: a folder of events becomes cards, hiding a run takes its curve
 * away, every format exports. */
#include <adwaita.h>
#include <string.h>

#include "app/ui/board-export.h"
#include "app/ui/board-page.h"
#include "tests/support/support.h"
#include "widgets/charts/chart-view.h"

#define PATIENCE (20 * G_TIME_SPAN_SECOND)

typedef gboolean (*Condition) (GtkWidget *page);

static void
wait_until (Condition  condition,
            GtkWidget *page)
{
  gint64 end = g_get_monotonic_time () + PATIENCE;

  while (!condition (page) && g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  g_assert_true (condition (page));
}

/* The built card of that tag below `widget`, or NULL. */
static GwBoardCard *
find_card (GtkWidget  *widget,
           const char *tag)
{
  if (GW_IS_BOARD_CARD (widget) && strcmp (gw_board_card_get_tag (GW_BOARD_CARD (widget)), tag) == 0 &&
      gw_board_card_is_built (GW_BOARD_CARD (widget)))
    return GW_BOARD_CARD (widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GwBoardCard *found = find_card (child, tag);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static GwLineChart *
loss_chart (GtkWidget *page)
{
  GwBoardCard *card = find_card (page, "loss");
  GtkWidget *view = card != NULL ? gw_chart_card_get_child (gw_board_card_get_card (card)) : NULL;

  return view != NULL ? gw_chart_view_get_line_chart (GW_CHART_VIEW (view)) : NULL;
}

static gboolean
two_curves (GtkWidget *page)
{
  GwLineChart *line = loss_chart (page);

  return line != NULL && gw_line_chart_n_series (line) == 2 && gw_series_length (gw_line_chart_series (line, 0)) == 300 &&
         gw_series_length (gw_line_chart_series (line, 1)) == 300;
}

static gboolean
one_curve (GtkWidget *page)
{
  return gw_line_chart_n_series (loss_chart (page)) == 1;
}

static void
write_run (const char *dir,
           const char *name)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  g_autoptr (GwEventWriter) writer = gw_event_writer_new (path, NULL, NULL);

  for (int step = 1; step <= 300; step++)
    gw_event_writer_add_scalar (writer, 1e9 + step, step, "loss", (float) (1.0 / step), NULL);
}

static void
check_export (GwBoardCard *card,
              const char  *dir,
              const char  *format,
              const char  *begins)
{
  g_autofree char *name = g_strconcat ("card.", strcmp (format, "pgfplots") == 0 ? "tex" : format, NULL);
  g_autofree char *path = g_build_filename (dir, name, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  gw_board_write (card, format, path, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  g_assert_cmpuint (length, >, 500);
  g_assert_nonnull (g_strstr_len (text, 200, begins));
}

static void
test_board (void)
{
  char *dir = gw_test_dir_new ();
  g_autoptr (GwDocModel) model = gw_doc_model_new ();
  g_autoptr (GwRun) run = gw_run_new ();
  g_autoptr (GFile) folder = g_file_new_for_path (dir);
  GtkWidget *window = adw_window_new (), *page = gw_board_page_new (model, run);
  GwBoardCard *card;

  write_run (dir, "one");
  write_run (dir, "two");
  gtk_window_set_default_size (GTK_WINDOW (window), 1280, 800);
  adw_window_set_content (ADW_WINDOW (window), page);
  gtk_window_present (GTK_WINDOW (window));
  gw_board_page_open_folder (GW_BOARD_PAGE (page), folder);
  wait_until (two_curves, page);
  card = find_card (page, "loss");
  check_export (card, dir, "png", "PNG");
  check_export (card, dir, "svg", "<svg");
  check_export (card, dir, "pdf", "%PDF");
  check_export (card, dir, "csv", "run,");
  check_export (card, dir, "pgfplots", "\\begin");
  gw_run_log_set_visible (gw_run_log_list_get (gw_board_page_get_runs (GW_BOARD_PAGE (page)), 0), FALSE);
  wait_until (one_curve, page);
  g_assert_true (find_card (page, "loss") == card);
  gtk_window_destroy (GTK_WINDOW (window));
  gw_test_dir_remove (dir);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  if (!gtk_init_check ())
    {
      g_print ("1..0 # SKIP no display\n");
      return 0;
    }
  adw_init ();
  gw_init ();
  g_test_add_func ("/board/cards", test_board);
  return g_test_run ();
}
