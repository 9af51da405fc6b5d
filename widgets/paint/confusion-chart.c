/* SPDX-License-Identifier: Apache-2.0 */
/* The confusion matrix: counts, each row shaded by its shares of the row. */
#include "widgets/paint/sample-chart.h"

#include <math.h>
#include <string.h>

#include "widgets/paint/number-text.h"

#define TEXT_SIZE 11
#define MAX_CLASSES 1024

struct _GwConfusionChart
{
  GwChart chart;
  guint n;
  gint64 *counts;
  double *row_totals;
  char **names;
  int hover_row, hover_column;
};

typedef struct
{
  GwRect grid;
  double cell_width, cell_height;
  gboolean slanted;     /* column names do not fit side by side */
} ConfusionLayout;

static void confusion_draw (GwChart *base, GwChartPen *pen, double width, double height);
static void confusion_clear (GwChart *base);

static const GwChartClass confusion_class = { "confusion matrix", confusion_draw, confusion_clear };

GwConfusionChart *
gw_confusion_chart_new (void)
{
  GwConfusionChart *chart = gw_chart_alloc (&confusion_class, sizeof *chart);

  chart->hover_row = chart->hover_column = -1;
  return chart;
}

static void
confusion_clear (GwChart *base)
{
  GwConfusionChart *chart = (GwConfusionChart *) base;

  g_free (chart->counts);
  g_free (chart->row_totals);
  g_strfreev (chart->names);
}

gboolean
gw_confusion_chart_set (GwConfusionChart *chart, const gint64 *counts, guint n,
                        const char *const *names)
{
  g_return_val_if_fail (chart != NULL, FALSE);

  if (n > MAX_CLASSES)
    return FALSE;

  gint64 *copy = n > 0 ? g_try_new (gint64, (gsize) n * n) : NULL;
  double *totals = n > 0 ? g_try_new0 (double, n) : NULL;

  if (n > 0 && (copy == NULL || totals == NULL))
    {
      g_free (copy);
      g_free (totals);
      return FALSE;
    }

  char **copied_names = g_new0 (char *, n + 1);

  for (guint row = 0; row < n; row++)
    {
      for (guint column = 0; column < n; column++)
        {
          gint64 count = MAX (0, counts[(gsize) row * n + column]);

          copy[(gsize) row * n + column] = count;
          totals[row] += (double) count;
        }
      copied_names[row] = names != NULL && names[row] != NULL ? g_strdup (names[row])
                                                              : g_strdup_printf ("%u", row);
    }
  confusion_clear (&chart->chart);
  chart->n = n;
  chart->counts = copy;
  chart->row_totals = totals;
  chart->names = copied_names;
  return TRUE;
}

guint
gw_confusion_chart_n_classes (const GwConfusionChart *chart)
{
  return chart->n;
}

gint64
gw_confusion_chart_count (const GwConfusionChart *chart, guint row, guint column)
{
  g_return_val_if_fail (row < chart->n && column < chart->n, 0);
  return chart->counts[(gsize) row * chart->n + column];
}

void
gw_confusion_chart_set_hover (GwConfusionChart *chart, int row, int column)
{
  chart->hover_row = row;
  chart->hover_column = column;
}

static void
lay_out (const GwConfusionChart *chart, GwChartPen *pen, double width, double height,
         ConfusionLayout *layout)
{
  double line = gw_chart_pen_line_height (pen, TEXT_SIZE);
  double longest = 0;

  for (guint i = 0; i < chart->n; i++)
    longest = MAX (longest, gw_chart_pen_text_width (pen, chart->names[i], TEXT_SIZE,
                                                     GW_TEXT_PLAIN));
  longest = MIN (ceil (longest), MAX (40, width / 4));

  double left = 12 + longest + 8;
  double cells = MAX (1, chart->n);
  double across = MAX (8, width - left - 8) / cells;

  layout->slanted = longest + 6 > across;

  if (layout->slanted)
    across = MAX (8, width - left - 8 - longest * 0.71) / cells;

  double head = layout->slanted ? longest * 0.71 + line : line + 6;
  double top = line + 4 + head;

  layout->cell_width = across;
  layout->cell_height = MIN (across, MAX (2, (height - top - 8) / cells));
  layout->cell_width = MIN (across, layout->cell_height * 2.2);
  layout->grid = (GwRect) { left, top, layout->cell_width * cells, layout->cell_height * cells };
}

static void
draw_column_name (const GwConfusionChart *chart, GwChartPen *pen, const ConfusionLayout *layout,
                  guint column)
{
  double x = layout->grid.x + (column + 0.5) * layout->cell_width;
  double y = layout->grid.y - 4;

  if (!layout->slanted)
    {
      gw_chart_pen_text (pen, chart->names[column], TEXT_SIZE, GW_TEXT_PLAIN, x, y, 0.5, 1,
                         layout->cell_width - 4);
      return;
    }
  cairo_save (pen->cr);
  cairo_translate (pen->cr, x, y);
  cairo_rotate (pen->cr, -G_PI / 4);
  gw_chart_pen_text (pen, chart->names[column], TEXT_SIZE, GW_TEXT_PLAIN, 0, 0, 0, 0.5,
                     layout->grid.x);
  cairo_restore (pen->cr);
}

static void
draw_names (const GwConfusionChart *chart, GwChartPen *pen, const ConfusionLayout *layout)
{
  double line = gw_chart_pen_line_height (pen, TEXT_SIZE);
  guint every_row = (guint) MAX (1, ceil (line * 0.95 / layout->cell_height));
  guint every_column = (guint) MAX (1, ceil (line * 1.1 / layout->cell_width));

  gw_chart_pen_color (pen, pen->theme->dim_text, 1);
  gw_chart_pen_text (pen, "true \xe2\x86\x93  predicted \xe2\x86\x92", TEXT_SIZE, GW_TEXT_PLAIN,
                     12, 2, 0, 0, 0);
  gw_chart_pen_color (pen, pen->theme->text, 1);
  for (guint i = 0; i < chart->n; i += every_row)
    gw_chart_pen_text (pen, chart->names[i], TEXT_SIZE, GW_TEXT_PLAIN, layout->grid.x - 8,
                       layout->grid.y + (i + 0.5) * layout->cell_height, 1, 0.5,
                       layout->grid.x - 16);
  for (guint i = 0; i < chart->n; i += every_column)
    draw_column_name (chart, pen, layout, i);
}

static void
draw_cell (const GwConfusionChart *chart, GwChartPen *pen, const ConfusionLayout *layout,
           guint row, guint column)
{
  gint64 count = gw_confusion_chart_count (chart, row, column);
  double share = chart->row_totals[row] > 0 ? (double) count / chart->row_totals[row] : 0;
  /* Mistakes are red, as wrong predictions are everywhere; a power below 1 keeps
   * the few of a good classifier visible. */
  GwChartColor full = row == column ? pen->theme->negative : pen->theme->problem;
  GwChartColor ground = gw_chart_color_mix (pen->theme->card, full, pow (share, 0.7) * 0.95);
  double x = layout->grid.x + column * layout->cell_width;
  double y = layout->grid.y + row * layout->cell_height;
  double gap = layout->cell_width >= 8 ? 1 : 0;
  char text[GW_NUMBER_TEXT_SIZE];

  gw_chart_pen_color (pen, ground, 1);
  cairo_rectangle (pen->cr, x, y, layout->cell_width - gap, layout->cell_height - gap);
  cairo_fill (pen->cr);
  gw_number_text_count (text, count);
  if (layout->cell_height < gw_chart_pen_line_height (pen, 10)
      || gw_chart_pen_text_width (pen, text, TEXT_SIZE, GW_TEXT_PLAIN) > layout->cell_width - 3)
    return;
  gw_chart_pen_color (pen, count == 0 ? pen->theme->dim_text : gw_chart_color_on (ground),
                      count == 0 ? 0.6 : 1);
  gw_chart_pen_text (pen, text, TEXT_SIZE, row == column ? GW_TEXT_BOLD : GW_TEXT_PLAIN,
                     x + layout->cell_width / 2, y + layout->cell_height / 2, 0.5, 0.5, 0);
}

static void
confusion_draw (GwChart *base, GwChartPen *pen, double width, double height)
{
  GwConfusionChart *chart = (GwConfusionChart *) base;
  ConfusionLayout layout;

  if (chart->n == 0)
    {
      gw_chart_pen_color (pen, pen->theme->dim_text, 1);
      gw_chart_pen_text (pen, "Not evaluated yet", 12, GW_TEXT_PLAIN, width / 2, height / 2, 0.5,
                         0.5, width);
      return;
    }
  lay_out (chart, pen, width, height, &layout);
  for (guint row = 0; row < chart->n; row++)
    for (guint column = 0; column < chart->n; column++)
      draw_cell (chart, pen, &layout, row, column);
  draw_names (chart, pen, &layout);
  gw_chart_pen_color (pen, pen->theme->border, 1);
  cairo_set_line_width (pen->cr, 1);
  cairo_rectangle (pen->cr, layout.grid.x - 0.5, layout.grid.y - 0.5, layout.grid.width,
                   layout.grid.height);
  cairo_stroke (pen->cr);
  if (chart->hover_row < 0 || chart->hover_column < 0 || chart->hover_row >= (int) chart->n
      || chart->hover_column >= (int) chart->n)
    return;
  gw_chart_pen_color (pen, pen->theme->text, 1);
  cairo_set_line_width (pen->cr, 2);
  cairo_rectangle (pen->cr, layout.grid.x + chart->hover_column * layout.cell_width,
                   layout.grid.y + chart->hover_row * layout.cell_height,
                   layout.cell_width - 1, layout.cell_height - 1);
  cairo_stroke (pen->cr);
}

gboolean
gw_confusion_chart_pick (GwConfusionChart *chart, GwChartPen *pen, double width, double height,
                         double x, double y, guint *row, guint *column)
{
  ConfusionLayout layout;

  if (chart->n == 0)
    return FALSE;
  lay_out (chart, pen, width, height, &layout);
  if (x < layout.grid.x || y < layout.grid.y || x >= layout.grid.x + layout.grid.width
      || y >= layout.grid.y + layout.grid.height)
    return FALSE;
  *row = MIN (chart->n - 1, (guint) ((y - layout.grid.y) / layout.cell_height));
  *column = MIN (chart->n - 1, (guint) ((x - layout.grid.x) / layout.cell_width));
  return TRUE;
}
