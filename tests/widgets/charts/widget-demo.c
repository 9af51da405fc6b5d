/* SPDX-License-Identifier: Apache-2.0 */
/* Shows all charts and forms in one window; "--dark" shows them dark. */
#include <adwaita.h>
#include <string.h>

#include "tests/widgets/charts/sample-data.h"
#include "tests/widgets/charts/sample-widgets.h"
#include "widgets/charts/chart-card.h"
#include "widgets/charts/small-widgets.h"
#include "widgets/charts/tensor-grid.h"
#include "widgets/charts/tensor-views.h"

static GtkWidget *
card (const char *title, const char *tag, GwChartCardTools tools, GtkWidget *child)
{
  GtkWidget *widget = gw_chart_card_new (title, tag, tools);

  gw_chart_card_set_child (GW_CHART_CARD (widget), child);
  gtk_widget_set_hexpand (widget, TRUE);
  gtk_widget_set_vexpand (widget, TRUE);
  return widget;
}

static GtkWidget *
chart_of (gpointer chart)
{
  GtkWidget *area = gw_chart_area_new (chart);

  gw_chart_unref (chart);
  return area;
}

static GtkWidget *
histogram (GwHistogramMode mode, GwChartCursor *cursor)
{
  g_autoptr (GwHistogramSeries) steps = sample_histograms (60);
  GtkWidget *view = gw_histogram_view_new ();
  GwHistogramChart *chart = gw_histogram_view_get_histogram (GW_HISTOGRAM_VIEW (view));

  gw_histogram_chart_set_series (chart, steps);
  gw_histogram_chart_set_mode (chart, mode);
  gw_histogram_view_set_cursor (GW_HISTOGRAM_VIEW (view), cursor);
  return view;
}

static GtkWidget *
tensor_numbers (void)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *grid = gw_tensor_grid_new ();
  g_autofree float *values = sample_matrix (784, 500);

  g_assert_true (gw_tensor_grid_set_floats (GW_TENSOR_GRID (grid), values, 784, 500, 0, 0));
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), grid);
  gtk_widget_set_margin_start (scrolled, 8);
  return scrolled;
}

static GtkWidget *
heat_map (void)
{
  GtkWidget *view = gw_heat_map_view_new ();
  g_autofree float *values = sample_matrix (784, 500);

  g_assert_true (gw_heat_map_set (gw_heat_map_view_get_heat_map (GW_HEAT_MAP_VIEW (view)), values,
                                  784, 500));
  return view;
}

static GtkWidget *
cards (void)
{
  GtkWidget *grid = gtk_grid_new ();
  GtkWidget *loss = sample_chart_view ();
  GtkWidget *again = sample_chart_view ();
  GwChartCursor *cursor = gw_chart_view_get_cursor (GW_CHART_VIEW (loss));

  gw_chart_view_set_cursor (GW_CHART_VIEW (again), cursor);
  gw_chart_view_set_log_y (GW_CHART_VIEW (loss), TRUE);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 12);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  gtk_grid_set_column_homogeneous (GTK_GRID (grid), TRUE);
  gtk_grid_attach (GTK_GRID (grid), card ("loss", "train", 31, loss), 0, 0, 3, 1);
  gtk_grid_attach (GTK_GRID (grid), card ("loss, linear", "train", 31, again), 3, 0, 3, 1);
  gtk_grid_attach (GTK_GRID (grid),
                   card ("hidden1/kernel", "histogram", GW_CHART_CARD_EXPAND | GW_CHART_CARD_EXPORT,
                         histogram (GW_HISTOGRAM_OFFSET, cursor)),
                   0, 1, 2, 1);
  gtk_grid_attach (GTK_GRID (grid),
                   card ("hidden1/kernel", "distribution", GW_CHART_CARD_EXPORT,
                         histogram (GW_HISTOGRAM_DISTRIBUTION, cursor)),
                   2, 1, 2, 1);
  gtk_grid_attach (GTK_GRID (grid),
                   card ("samples", "images", GW_CHART_CARD_EXPORT, chart_of (sample_images ())),
                   4, 1, 2, 1);
  gtk_grid_attach (GTK_GRID (grid), card ("hidden1/kernel", "784×500", 0, heat_map ()), 0, 2, 2, 1);
  gtk_grid_attach (GTK_GRID (grid), card ("values", NULL, 0, tensor_numbers ()), 2, 2, 2, 1);
  gtk_grid_attach (GTK_GRID (grid),
                   card ("confusion", "test", 0, chart_of (sample_confusion ())), 4, 2, 2, 1);
  return grid;
}

static GtkWidget *
run_bar (void)
{
  static const double ticks[] = { 0.2, 0.4, 0.6, 0.8 };
  static const double counts[GW_HEALTH_N_KINDS] = { 3, 0, 40, 12, 60, 1 };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 16);
  GtkWidget *progress = gw_run_progress_new ();
  GtkWidget *sparkline = gw_sparkline_new ();
  GtkWidget *pill = gw_health_pill_new ();
  g_autoptr (GwSeries) loss = sample_loss (200, 2.3, 0.2, 9);

  for (gsize i = 0; i < 200; i++)
    gw_sparkline_append (GW_SPARKLINE (sparkline), gw_series_point (loss, i).value);
  gw_run_progress_set (GW_RUN_PROGRESS (progress), 0.55, GW_PROGRESS_RUNNING);
  gw_run_progress_set_ticks (GW_RUN_PROGRESS (progress), ticks, 4);
  gw_health_pill_set_counts (GW_HEALTH_PILL (pill), counts);
  gtk_widget_set_hexpand (progress, TRUE);
  gtk_box_append (GTK_BOX (box), progress);
  gtk_box_append (GTK_BOX (box), pill);
  gtk_box_append (GTK_BOX (box), sparkline);
  return box;
}

static GtkWidget *
contents (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *middle = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *list = gw_op_list_new ();
  GtkWidget *form = gw_form_new ();
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  g_autoptr (GListModel) ops = sample_ops ();

  gw_op_list_set_model (GW_OP_LIST (list), ops);
  gw_op_list_set_expanded (GW_OP_LIST (list), "layers", TRUE);
  gw_op_list_set_expanded (GW_OP_LIST (list), "maths", TRUE);
  gtk_widget_set_size_request (list, 208, -1);
  gtk_box_append (GTK_BOX (box), list);
  gtk_box_append (GTK_BOX (box), gtk_separator_new (GTK_ORIENTATION_VERTICAL));

  gtk_widget_set_margin_start (middle, 16);
  gtk_widget_set_margin_end (middle, 16);
  gtk_widget_set_margin_top (middle, 16);
  gtk_widget_set_margin_bottom (middle, 16);
  gtk_box_append (GTK_BOX (middle), cards ());
  gtk_box_append (GTK_BOX (middle), run_bar ());
  gtk_box_append (GTK_BOX (box), middle);
  gtk_box_append (GTK_BOX (box), gtk_separator_new (GTK_ORIENTATION_VERTICAL));

  sample_form (GW_FORM (form));
  gtk_widget_set_margin_start (form, 12);
  gtk_widget_set_margin_end (form, 12);
  gtk_widget_set_margin_top (form, 12);
  gtk_widget_set_margin_bottom (form, 12);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), form);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_widget_set_size_request (scrolled, 288, -1);
  gtk_box_append (GTK_BOX (box), scrolled);
  return box;
}

static void
activate (GtkApplication *application, gpointer data)
{
  GtkWidget *window = adw_application_window_new (application);

  gtk_window_set_default_size (GTK_WINDOW (window), 1440, 900);
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (window), contents ());
  gtk_window_present (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  g_autoptr (AdwApplication) application
      = adw_application_new ("io.github.graphwright.ChartDemo", G_APPLICATION_NON_UNIQUE);

  if (argc > 1 && strcmp (argv[1], "--dark") == 0)
    adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                        ADW_COLOR_SCHEME_FORCE_DARK);
  g_signal_connect (application, "activate", G_CALLBACK (activate), NULL);
  return g_application_run (G_APPLICATION (application), 1, argv);
}
