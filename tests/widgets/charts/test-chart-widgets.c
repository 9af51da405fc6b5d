/* SPDX-License-Identifier: Apache-2.0 */
/* Chart widgets: properties, signals, gestures by real events, life times. */
#include <math.h>

#include "tests/widgets/charts/gui-driver.h"
#include "tests/widgets/charts/sample-data.h"
#include "tests/widgets/charts/sample-widgets.h"
#include "widgets/charts/chart-card.h"
#include "widgets/charts/small-widgets.h"
#include "widgets/charts/tensor-grid.h"
#include "widgets/charts/tensor-views.h"

static void
count (gpointer object, gpointer pspec_or_data, guint *n)
{
  (*n)++;
}

static void
count_plain (guint *n)
{
  (*n)++;
}

static void
test_view_properties (void)
{
  GtkWidget *widget = g_object_ref_sink (sample_chart_view ());
  GwChartView *view = GW_CHART_VIEW (widget);
  const GwChartRange range = { 100, 200, 0, 1 };
  const GwChartRange reversed = { 5, 2, 0, 1 };
  guint log_changes = 0;
  guint zoom_changes = 0;

  g_signal_connect (view, "notify::log-y", G_CALLBACK (count), &log_changes);
  g_signal_connect (view, "notify::zoomed", G_CALLBACK (count), &zoom_changes);
  gw_chart_view_set_log_y (view, TRUE);
  gw_chart_view_set_log_y (view, TRUE);
  g_assert_true (gw_chart_view_get_log_y (view));
  g_assert_cmpuint (log_changes, ==, 1);
  gw_chart_view_set_range (view, &range);
  g_assert_true (gw_chart_view_is_zoomed (view));
  gw_chart_view_set_range (view, &reversed);
  g_assert_true (gw_chart_view_is_zoomed (view));
  gw_chart_view_fit (view);
  g_assert_false (gw_chart_view_is_zoomed (view));
  g_assert_cmpuint (zoom_changes, ==, 2);

  gw_chart_view_step_cursor (view, 1);
  g_assert_cmpfloat (gw_chart_cursor_get_x (gw_chart_view_get_cursor (view)), ==, 6000);
  gw_chart_view_step_cursor (view, -1);
  g_assert_cmpfloat (gw_chart_cursor_get_x (gw_chart_view_get_cursor (view)), ==, 5999);
  g_assert_finalize_object (widget);
}

static void
test_zoom_and_pan (void)
{
  GtkWidget *widget = sample_chart_view ();
  GwLineChart *line = gw_chart_view_get_line_chart (GW_CHART_VIEW (widget));
  GtkWindow *window = gui_show (widget, 500, 320);
  GwChartRange before;
  GwChartRange after;

  gw_line_chart_get_view (line, &before);
  gw_chart_view_zoom (GW_CHART_VIEW (widget), 2, 0.5, 0.5);
  g_assert_true (gw_line_chart_get_view (line, &after));
  g_assert_cmpfloat_with_epsilon (after.x1 - after.x0, (before.x1 - before.x0) / 2, 1e-6);
  g_assert_cmpfloat_with_epsilon (after.x0 + after.x1, before.x0 + before.x1, 1e-6);
  gw_chart_view_pan (GW_CHART_VIEW (widget), 0.5, 0);
  gw_line_chart_get_view (line, &before);
  g_assert_cmpfloat_with_epsilon (before.x0, (after.x0 + after.x1) / 2, 1e-6);
  g_assert_cmpfloat_with_epsilon (before.y0, after.y0, 1e-9);
  gui_close (window);
}

/* The cursor of one card moves the overlay of the other, and draws no curve. */
static void
test_linked_cursor (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *first = sample_chart_view ();
  GtkWidget *second = sample_chart_view ();
  GwChartCursor *cursor = gw_chart_view_get_cursor (GW_CHART_VIEW (first));
  GtkWindow *window;
  guint draws;

  gtk_box_append (GTK_BOX (box), first);
  gtk_box_append (GTK_BOX (box), second);
  gw_chart_view_set_cursor (GW_CHART_VIEW (second), cursor);
  window = gui_show (box, 500, 600);
  draws = gw_chart_area_get_n_draws (GW_CHART_AREA (second));
  g_assert_cmpuint (draws, >=, 1);
  for (int i = 0; i < 5; i++)
    {
      gw_chart_cursor_set_x (cursor, 1000 + 100 * i);
      gui_wait (30);
    }
  g_assert_cmpuint (gw_chart_area_get_n_draws (GW_CHART_AREA (second)), ==, draws);
  gw_chart_area_changed (GW_CHART_AREA (second));
  gui_wait (60);
  g_assert_cmpuint (gw_chart_area_get_n_draws (GW_CHART_AREA (second)), ==, draws + 1);
  gui_close (window);
}

static void
test_pointer (void)
{
  GtkWidget *widget = sample_chart_view ();
  GwChartView *view = GW_CHART_VIEW (widget);
  GwLineChart *line = gw_chart_view_get_line_chart (view);
  GwChartRange range;
  GtkWindow *window;

  if (!gui_can_drive ())
    {
      g_object_unref (g_object_ref_sink (widget));
      g_test_skip ("no xdotool");
      return;
    }
  window = gui_show (widget, 500, 320);
  gui_move_to (widget, 300, 150);
  g_assert_cmpfloat (gw_chart_cursor_get_x (gw_chart_view_get_cursor (view)), >, 1000);

  /* A box from (100, 40) to (300, 200). */
  gui_move_to (widget, 100, 40);
  gui_do ("mousedown 1");
  gui_move_to (widget, 200, 120);
  gui_move_to (widget, 300, 200);
  gui_do ("mouseup 1");
  g_assert_true (gw_chart_view_is_zoomed (view));
  gw_line_chart_get_view (line, &range);
  g_assert_cmpfloat (range.x1 - range.x0, <, 3500);
  g_assert_cmpfloat (range.x1 - range.x0, >, 1500);

  /* The middle button pans: to the right shows what is left. */
  double left = range.x0;

  gui_do ("mousedown 2");
  gui_move_to (widget, 340, 200);
  gui_move_to (widget, 380, 200);
  gui_do ("mouseup 2");
  gw_line_chart_get_view (line, &range);
  g_assert_cmpfloat (range.x0, <, left - 100);

  /* The click gave the focus: the wheel zooms. */
  double width = range.x1 - range.x0;

  gui_do ("click 4");
  gw_line_chart_get_view (line, &range);
  g_assert_cmpfloat (range.x1 - range.x0, <, width * 0.9);
  gui_do ("click --repeat 2 --delay 60 1");
  g_assert_false (gw_chart_view_is_zoomed (view));
  gui_close (window);
}

static void
test_keys (void)
{
  GtkWidget *widget = sample_chart_view ();
  GwChartView *view = GW_CHART_VIEW (widget);
  GtkWindow *window;

  if (!gui_can_drive ())
    {
      g_object_unref (g_object_ref_sink (widget));
      g_test_skip ("no xdotool");
      return;
    }
  window = gui_show (widget, 500, 320);
  gui_move_to (widget, 300, 150);
  gtk_widget_grab_focus (widget);
  gui_do ("key y");
  g_assert_true (gw_chart_view_get_log_y (view));
  gui_do ("key plus");
  g_assert_true (gw_chart_view_is_zoomed (view));
  gui_do ("key Left");
  gui_do ("key 0");
  g_assert_false (gw_chart_view_is_zoomed (view));

  double before = gw_chart_cursor_get_x (gw_chart_view_get_cursor (view));

  gui_do ("key period");
  g_assert_cmpfloat (gw_chart_cursor_get_x (gw_chart_view_get_cursor (view)), ==, before + 1);
  gui_close (window);
}

static void
note_export (GwChartCard *card, const char *format, char **noted)
{
  g_free (*noted);
  *noted = g_strdup (format);
}

static void
test_card (void)
{
  GtkWidget *card = g_object_ref_sink (gw_chart_card_new (
      "loss", "train",
      GW_CHART_CARD_LOG_Y | GW_CHART_CARD_FIT | GW_CHART_CARD_EXPAND | GW_CHART_CARD_EXPORT));
  GtkWidget *view = sample_chart_view ();
  g_autofree char *footer = NULL;
  g_autofree char *end = NULL;
  g_autofree char *exported = NULL;
  gboolean expanded = FALSE;
  guint changes = 0;

  gw_chart_card_set_child (GW_CHART_CARD (card), view);
  g_assert_true (gw_chart_card_get_child (GW_CHART_CARD (card)) == view);
  g_object_get (card, "footer", &footer, "footer-end", &end, NULL);
  g_assert_true (g_str_has_prefix (footer, "12,000 of 12,000 points"));
  g_assert_cmpstr (end, ==, "step");

  g_signal_connect (card, "notify::expanded", G_CALLBACK (count), &changes);
  g_object_set (card, "expanded", TRUE, NULL);
  g_object_get (card, "expanded", &expanded, NULL);
  g_assert_true (expanded);
  g_assert_cmpuint (changes, ==, 1);

  g_signal_connect (card, "export", G_CALLBACK (note_export), &exported);
  g_assert_true (gtk_widget_activate_action (card, "card.export", "s", "svg"));
  g_assert_cmpstr (exported, ==, "svg");
  gw_chart_card_set_child (GW_CHART_CARD (card), NULL);
  g_assert_null (gw_chart_card_get_child (GW_CHART_CARD (card)));
  g_assert_finalize_object (card);
}

static double
counted_cell (gsize row, gsize column, char *buffer, gsize size, gpointer data)
{
  (*(guint *) data)++;
  g_snprintf (buffer, size, "%" G_GSIZE_FORMAT, row + column);
  return 0;
}

/* A million rows: only those in view are asked for. */
static void
test_tensor_grid (void)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *grid = gw_tensor_grid_new ();
  guint asked = 0;
  guint moved = 0;
  gsize row;
  gsize column;
  gsize rows;
  gsize columns;
  GtkWindow *window;

  gw_tensor_grid_set_source (GW_TENSOR_GRID (grid), 1000000, 5000, 0, 0, counted_cell, &asked,
                             NULL);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), grid);
  window = gui_show (scrolled, 400, 300);
  g_assert_cmpuint (asked, >, 10);
  g_assert_cmpuint (asked, <, 1000);
  g_signal_connect_swapped (grid, "visible-changed", G_CALLBACK (count_plain), &moved);
  gw_tensor_grid_scroll_to (GW_TENSOR_GRID (grid), 777777, 4321);
  gui_wait (50);
  gw_tensor_grid_get_visible_part (GW_TENSOR_GRID (grid), &row, &column, &rows, &columns);
  g_assert_cmpuint (row, <=, 777777);
  g_assert_cmpuint (row + rows, >, 777777);
  g_assert_cmpuint (column, <=, 4321);
  g_assert_cmpuint (column + columns, >, 4321);
  g_assert_cmpuint (moved, >, 0);
  g_assert_false (gw_tensor_grid_set_floats (GW_TENSOR_GRID (grid), NULL, G_MAXSIZE / 2, 3, 0, 0));
  gui_close (window);
}

static void
note_cell (GtkWidget *view, guint64 row, guint64 column, guint64 cell[2])
{
  cell[0] = row;
  cell[1] = column;
}

static void
test_heat_map_pick (void)
{
  GtkWidget *view = gw_heat_map_view_new ();
  const float values[] = { 1, 2, 3, 4 };
  guint64 hovered[2] = { 7, 7 };
  guint64 picked[2] = { 7, 7 };
  GtkWindow *window;

  g_assert_true (
      gw_heat_map_set (gw_heat_map_view_get_heat_map (GW_HEAT_MAP_VIEW (view)), values, 2, 2));
  g_signal_connect (view, "hovered", G_CALLBACK (note_cell), hovered);
  g_signal_connect (view, "picked", G_CALLBACK (note_cell), picked);
  window = gui_show (view, 400, 300);
  if (gui_can_drive ())
    {
      gui_move_to (view, 60, 60);
      g_assert_cmpuint (hovered[0], ==, 0);
      g_assert_cmpuint (hovered[1], ==, 0);
      gui_move_to (view, 60, 230);
      gui_do ("click 1");
      g_assert_cmpuint (picked[0], ==, 1);
      g_assert_cmpuint (picked[1], ==, 0);
      gui_move_to (view, 390, 290);
      g_assert_cmpuint (hovered[0], ==, G_MAXUINT64);
    }
  else
    g_test_skip ("no xdotool");
  gui_close (window);
}

static void
test_life_times (void)
{
  const double values[] = { 1, 2, NAN, 4 };
  GtkWidget *widgets[] = { gw_chart_view_new (),      gw_histogram_view_new (),
                           gw_heat_map_view_new (),   gw_image_grid_view_new (),
                           gw_confusion_view_new (),  gw_tensor_grid_new (),
                           gw_sparkline_new (),       gw_health_pill_new (),
                           gw_run_progress_new () };

  gw_sparkline_set_values (GW_SPARKLINE (widgets[6]), values, 4);
  for (int i = 0; i < 300; i++)
    gw_sparkline_append (GW_SPARKLINE (widgets[6]), i);
  g_assert_cmpuint (gw_sparkline_get_length (GW_SPARKLINE (widgets[6])), ==, 240);
  for (guint i = 0; i < G_N_ELEMENTS (widgets); i++)
    {
      g_object_ref_sink (widgets[i]);
      g_assert_finalize_object (widgets[i]);
    }
}

int
main (int argc, char **argv)
{
  gui_start (&argc, &argv);
  g_test_add_func ("/chart-widgets/view-properties", test_view_properties);
  g_test_add_func ("/chart-widgets/zoom-and-pan", test_zoom_and_pan);
  g_test_add_func ("/chart-widgets/linked-cursor", test_linked_cursor);
  g_test_add_func ("/chart-widgets/pointer", test_pointer);
  g_test_add_func ("/chart-widgets/keys", test_keys);
  g_test_add_func ("/chart-widgets/card", test_card);
  g_test_add_func ("/chart-widgets/tensor-grid", test_tensor_grid);
  g_test_add_func ("/chart-widgets/heat-map-pick", test_heat_map_pick);
  g_test_add_func ("/chart-widgets/life-times", test_life_times);
  return g_test_run ();
}
