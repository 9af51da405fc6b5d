/* SPDX-License-Identifier: Apache-2.0 */
/* The line chart's cursor: dashed line, ringed points, flag on the x axis and
 * the table of values. */
#include "widgets/paint/line-chart.h"
#include "widgets/paint/line-chart-private.h"

#include <math.h>
#include <time.h>

#define TEXT_SIZE 11
#define MAX_ROWS 32
#define NAME_WIDTH 150
#define PADDING 8
#define COLUMN_GAP 14
#define POINTER_GAP 14

typedef struct
{
  GwLineChart *chart;
  GwChartPen *pen;
  double width, height;
  GwRect plot;
  GwAxis x_axis, y_axis;
} View;

static void
view_init (View *view, GwLineChart *chart, GwChartPen *pen, double width, double height)
{
  view->chart = chart;
  view->pen = pen;
  view->width = width;
  view->height = height;
  gw_line_chart_layout (chart, pen, width, height, &view->plot, &view->x_axis, &view->y_axis);
}

static int
compare_rows (gconstpointer a, gconstpointer b)
{
  const GwLineChartRow *left = a;
  const GwLineChartRow *right = b;

  if (left->distance != right->distance)
    return left->distance < right->distance ? -1 : 1;
  return left->series < right->series ? -1 : left->series > right->series;
}

/* Finds the row of one series; FALSE when the series has no point to show. */
static gboolean
find_row (const View *view, guint number, double x, double pointer_y, GwLineChartRow *row)
{
  const GwLineEntry *entry = gw_line_chart_entry (view->chart, number);

  if (!entry->visible
      || !gw_series_nearest (entry->series, view->chart->options.x, x, &row->index))
    return FALSE;
  row->series = number;
  row->point = gw_series_point (entry->series, row->index);
  row->x = gw_series_x (entry->series, view->chart->options.x, row->index);
  row->seconds = gw_series_x (entry->series, GW_SERIES_X_RELATIVE, row->index);

  double y = gw_plot_py (&view->plot, &view->y_axis, row->point.smoothed);

  if (isnan (y))
    row->distance = 1e9;
  else
    row->distance = isnan (pointer_y) ? y : fabs (y - pointer_y);
  return TRUE;
}

static guint
find_rows (const View *view, double x, double pointer_y, GwLineChartRow *rows, guint max_rows,
           guint *total)
{
  g_autoptr (GArray) all = g_array_new (FALSE, TRUE, sizeof (GwLineChartRow));

  for (guint i = 0; i < view->chart->entries->len; i++)
    {
      GwLineChartRow row = { 0 };

      if (find_row (view, i, x, pointer_y, &row))
        g_array_append_val (all, row);
    }
  g_array_sort (all, compare_rows);
  if (total != NULL)
    *total = all->len;

  guint n = MIN (all->len, max_rows);

  for (guint i = 0; i < n; i++)
    rows[i] = g_array_index (all, GwLineChartRow, i);
  return n;
}

guint
gw_line_chart_rows (GwLineChart *chart, GwChartPen *pen, double width, double height, double x,
                    double pointer_y, GwLineChartRow *rows, guint max_rows, guint *total)
{
  View view;

  view_init (&view, chart, pen, width, height);
  return find_rows (&view, x, pointer_y, rows, max_rows, total);
}

static void
flag_text (const View *view, double x, char buffer[GW_NUMBER_TEXT_SIZE])
{
  switch (view->chart->options.x)
    {
    case GW_SERIES_X_RELATIVE:
      gw_number_text_duration (buffer, x);
      break;
    case GW_SERIES_X_WALL:
      {
        time_t seconds = (time_t) x;
        struct tm parts;

        if (localtime_r (&seconds, &parts) == NULL
            || strftime (buffer, GW_NUMBER_TEXT_SIZE, "%H:%M:%S", &parts) == 0)
          gw_number_text (buffer, x);
        break;
      }
    case GW_SERIES_X_STEP:
    default:
      gw_number_text_digits (buffer, x, 12);
      break;
    }
}

static void
draw_flag (const View *view, double px, double x)
{
  GwChartPen *pen = view->pen;
  char text[GW_NUMBER_TEXT_SIZE];

  flag_text (view, x, text);

  double width = gw_chart_pen_text_width (pen, text, TEXT_SIZE, GW_TEXT_BOLD) + 14;
  double height = gw_chart_pen_line_height (pen, TEXT_SIZE) + 3;
  double left = CLAMP (px - width / 2, 0, MAX (0, view->width - width));
  double top = view->plot.y + view->plot.height + 4;

  gw_chart_pen_color (pen, pen->theme->flag, 1);
  gw_chart_pen_rounded (pen, left, top, width, height, 4);
  cairo_fill (pen->cr);
  gw_chart_pen_color (pen, pen->theme->flag_text, 1);
  gw_chart_pen_text (pen, text, TEXT_SIZE, GW_TEXT_BOLD, left + width / 2, top + height / 2, 0.5,
                     0.5, 0);
}

static void
draw_rings (const View *view, const GwLineChartRow *rows, guint n_rows)
{
  GwChartPen *pen = view->pen;

  for (guint i = n_rows; i-- > 0;)
    {
      double x = gw_plot_px (&view->plot, &view->x_axis, rows[i].x);
      double y = gw_plot_py (&view->plot, &view->y_axis, rows[i].point.smoothed);
      guint run = gw_line_chart_run (view->chart, rows[i].series);

      if (isnan (x) || isnan (y) || x < view->plot.x - 1
          || x > view->plot.x + view->plot.width + 1 || y < view->plot.y - 1
          || y > view->plot.y + view->plot.height + 1)
        continue;
      gw_chart_pen_color (pen, pen->theme->card, 1);
      cairo_arc (pen->cr, x, y, 6, 0, 2 * G_PI);
      cairo_fill (pen->cr);
      gw_chart_pen_color (pen, gw_chart_theme_run (pen->theme, run).color, 1);
      cairo_arc (pen->cr, x, y, 4, 0, 2 * G_PI);
      cairo_fill (pen->cr);
    }
}

/* --- table --- */

enum
{
  COLUMN_RUN,
  COLUMN_SMOOTHED,
  COLUMN_VALUE,
  COLUMN_STEP,
  COLUMN_TIME,
  N_COLUMNS
};

static const char *const column_titles[N_COLUMNS] = { "Run", "Smoothed", "Value", "Step", "Time" };

typedef struct
{
  char text[N_COLUMNS][GW_NUMBER_TEXT_SIZE];
} TableRow;

typedef struct
{
  guint n_rows, more;
  TableRow cells[MAX_ROWS];
  const char *names[MAX_ROWS];
  guint runs[MAX_ROWS];
  gboolean shown[N_COLUMNS];
  double column_width[N_COLUMNS];
  double row_height, width, height;
} Table;

static void
table_fill (Table *table, const View *view, const GwLineChartRow *rows, guint n_rows, guint total)
{
  gboolean by_step = view->chart->options.x == GW_SERIES_X_STEP;

  table->n_rows = n_rows;
  table->more = total - n_rows;
  for (int c = 0; c < N_COLUMNS; c++)
    table->shown[c] = c != COLUMN_STEP || !by_step;
  for (guint i = 0; i < n_rows; i++)
    {
      TableRow *cells = &table->cells[i];

      table->names[i] = gw_line_chart_name (view->chart, rows[i].series);
      table->runs[i] = gw_line_chart_run (view->chart, rows[i].series);
      gw_number_text (cells->text[COLUMN_SMOOTHED], rows[i].point.smoothed);
      gw_number_text (cells->text[COLUMN_VALUE], rows[i].point.value);
      gw_number_text_digits (cells->text[COLUMN_STEP], rows[i].point.step, 12);
      gw_number_text_duration (cells->text[COLUMN_TIME], rows[i].seconds);
    }
}

static void
table_measure (Table *table, GwChartPen *pen)
{
  table->row_height = gw_chart_pen_line_height (pen, TEXT_SIZE) + 6;
  table->width = 2 * PADDING;
  for (int c = 0; c < N_COLUMNS; c++)
    {
      if (!table->shown[c])
        continue;

      double width = gw_chart_pen_text_width (pen, column_titles[c], TEXT_SIZE, GW_TEXT_PLAIN);

      for (guint i = 0; i < table->n_rows; i++)
        {
          const char *text = c == COLUMN_RUN ? table->names[i] : table->cells[i].text[c];

          width = MAX (width, gw_chart_pen_text_width (pen, text, TEXT_SIZE,
                                                       i == 0 ? GW_TEXT_BOLD : GW_TEXT_PLAIN));
        }
      if (c == COLUMN_RUN)
        width = MIN (width, NAME_WIDTH) + 18;
      table->column_width[c] = ceil (width);
      table->width += table->column_width[c] + (c > 0 ? COLUMN_GAP : 0);
    }
  table->height
      = 2 * 4 + (1 + table->n_rows + (table->more > 0 ? 1 : 0)) * table->row_height;
}

/* How many of the lines' points lie in the rectangle, of about 48 a series. */
static guint
lines_inside (const View *view, const GwRect *rect)
{
  const int samples = 48;
  guint inside = 0;

  for (guint i = 0; i < view->chart->entries->len; i++)
    {
      const GwLineEntry *entry = gw_line_chart_entry (view->chart, i);

      if (!entry->visible)
        continue;
      for (int k = 0; k < samples; k++)
        {
          double share = (k + 0.5) / samples;
          double px = view->plot.x + share * view->plot.width;
          gsize index;

          if (px < rect->x || px > rect->x + rect->width
              || !gw_series_nearest (entry->series, view->chart->options.x,
                                     gw_axis_unmap (&view->x_axis, share), &index))
            continue;

          double py = gw_plot_py (&view->plot, &view->y_axis,
                                        gw_series_point (entry->series, index).smoothed);

          if (py > rect->y - 4 && py < rect->y + rect->height + 4)
            inside++;
        }
    }
  return inside;
}

/* The place that hides the fewest points of lines; never under the pointer, and
 * over the cursor's line only where neither side has room. */
static void
table_place (const Table *table, const View *view, double px, double pointer_y, double *x,
             double *y)
{
  double right_most = MAX (0, view->width - table->width - 4);
  double lowest = MAX (0, view->plot.y + view->plot.height - table->height - 4);
  double across[4] = { px + POINTER_GAP, px - POINTER_GAP - table->width, right_most,
                       view->plot.x + 4 };
  double down[3] = { view->plot.y, (view->plot.y + lowest) / 2, lowest };
  double best = INFINITY;

  for (int s = 0; s < 4; s++)
    for (int h = 0; h < 3; h++)
      {
        GwRect rect = { CLAMP (across[s], 0, right_most), MAX (0, down[h]), table->width,
                        table->height };
        gboolean over_line = px > rect.x - 4 && px < rect.x + rect.width + 4;
        gboolean over_pointer = over_line && pointer_y > rect.y - POINTER_GAP
                                && pointer_y < rect.y + rect.height + POINTER_GAP;
        double cost = lines_inside (view, &rect) + (over_line ? 2.5 : 0)
                      + (over_pointer ? 1000 : 0);

        if (cost < best)
          {
            best = cost;
            *x = rect.x;
            *y = rect.y;
          }
      }
  *x = round (*x);
  *y = round (*y);
}

static void
table_draw_ground (const Table *table, GwChartPen *pen, double x, double y)
{
  for (int i = 4; i > 0; i--)
    {
      cairo_set_source_rgba (pen->cr, 0, 0, 0, 0.035);
      gw_chart_pen_rounded (pen, x - i + 0.5, y - i + 1.5, table->width + 2 * i - 1,
                            table->height + 2 * i - 1, 8 + i);
      cairo_fill (pen->cr);
    }
  gw_chart_pen_rounded (pen, x + 0.5, y + 0.5, table->width - 1, table->height - 1, 8);
  gw_chart_pen_color (pen, pen->theme->card, 1);
  cairo_fill_preserve (pen->cr);
  gw_chart_pen_color (pen, pen->theme->border, 1);
  cairo_set_line_width (pen->cr, 1);
  cairo_stroke (pen->cr);
}

static void
table_draw_cells (const Table *table, GwChartPen *pen, double x, double y, int row)
{
  double left = x + PADDING;
  double middle = y + 4 + (row + 1.5) * table->row_height;
  GwTextFlags flags = row == 0 ? GW_TEXT_BOLD : GW_TEXT_PLAIN;

  for (int c = 0; c < N_COLUMNS; c++)
    {
      if (!table->shown[c])
        continue;

      double width = table->column_width[c];

      gw_chart_pen_color (pen, row < 0 ? pen->theme->dim_text : pen->theme->text, 1);
      if (c == COLUMN_RUN)
        gw_chart_pen_text (pen, row < 0 ? column_titles[c] : table->names[row], TEXT_SIZE, flags,
                           left + 18, middle, 0, 0.5, width - 18);
      else
        gw_chart_pen_text (pen, row < 0 ? column_titles[c] : table->cells[row].text[c], TEXT_SIZE,
                           flags, left + width, middle, 1, 0.5, 0);
      left += width + COLUMN_GAP;
    }
  if (row >= 0)
    {
      gw_chart_pen_color (pen, gw_chart_theme_run (pen->theme, table->runs[row]).color, 1);
      cairo_arc (pen->cr, x + PADDING + 5, middle, 4, 0, 2 * G_PI);
      cairo_fill (pen->cr);
    }
}

static void
table_draw (const Table *table, GwChartPen *pen, double x, double y)
{
  table_draw_ground (table, pen, x, y);
  gw_chart_pen_color (pen, pen->theme->accent, pen->theme->dark ? 0.3 : 0.18);
  gw_chart_pen_rounded (pen, x + 4, y + 4 + table->row_height, table->width - 8,
                        table->row_height, 4);
  cairo_fill (pen->cr);
  for (int row = -1; row < (int) table->n_rows; row++)
    table_draw_cells (table, pen, x, y, row);
  if (table->more > 0)
    {
      char text[64];

      g_snprintf (text, sizeof text, "and %u more", table->more);
      gw_chart_pen_color (pen, pen->theme->dim_text, 1);
      gw_chart_pen_text (pen, text, TEXT_SIZE, GW_TEXT_PLAIN, x + PADDING + 18,
                         y + 4 + (table->n_rows + 1.5) * table->row_height, 0, 0.5, 0);
    }
}

void
gw_line_chart_draw_cursor (GwLineChart *chart, GwChartPen *pen, double width, double height,
                           double x, double pointer_y, gboolean with_table)
{
  static const double dash[] = { 3, 3 };
  GwLineChartRow rows[MAX_ROWS];
  guint total;
  View view;

  view_init (&view, chart, pen, width, height);

  double px = gw_plot_px (&view.plot, &view.x_axis, x);

  if (!(px >= view.plot.x - 0.5 && px <= view.plot.x + view.plot.width + 0.5))
    return;

  double crisp = gw_chart_pen_crisp (pen, px, 1);

  gw_chart_pen_color (pen, pen->theme->cursor, 1);
  cairo_set_line_width (pen->cr, 1);
  cairo_set_line_cap (pen->cr, CAIRO_LINE_CAP_BUTT);
  cairo_set_dash (pen->cr, dash, 2, 0);
  cairo_move_to (pen->cr, crisp, view.plot.y);
  cairo_line_to (pen->cr, crisp, view.plot.y + view.plot.height);
  cairo_stroke (pen->cr);
  cairo_set_dash (pen->cr, NULL, 0, 0);

  guint n = find_rows (&view, x, pointer_y, rows,
                       MIN (MAX_ROWS, MAX (1, chart->options.tooltip_rows)), &total);

  draw_rings (&view, rows, n);
  draw_flag (&view, px, x);
  if (!with_table || n == 0)
    return;

  Table table = { 0 };
  double table_x = 0;
  double table_y = 0;

  table_fill (&table, &view, rows, n, total);
  table_measure (&table, pen);
  table_place (&table, &view, px, pointer_y, &table_x, &table_y);
  table_draw (&table, pen, table_x, table_y);
}
