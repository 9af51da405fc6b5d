/* SPDX-License-Identifier: Apache-2.0 */
/* A matrix as colours.  Where it has more cells than pixels each block shows its
 * value of largest magnitude, so that a single spike is never averaged away. */
#include "widgets/paint/tensor-chart.h"

#include <math.h>
#include <string.h>

#include "widgets/paint/number-text.h"
#include "widgets/paint/plot-frame.h"

#define BAR_WIDTH 10
#define BAR_LABEL_GAP 6
#define LEAST_BLOCK 2.0 /* px a block is wide at least, when reduced */

struct _GwHeatMap
{
  GwChart chart;
  float *values;
  gsize rows, columns;
  float low, high;      /* finite values only */
  gboolean any_finite;
  GwHeatScale scale;
  double limit;
  gsize mark_row, mark_column, mark_rows, mark_columns;
  char footer[96];

  /* The reduced picture of the last drawing. */
  cairo_surface_t *picture;
  gsize block_rows, block_columns;
  gboolean picture_dark;
};

static void heat_map_draw (GwChart *base, GwChartPen *pen, double width, double height);
static void heat_map_clear (GwChart *base);

static const GwChartClass heat_map_class = { "heat map", heat_map_draw, heat_map_clear };

GwHeatMap *
gw_heat_map_new (void)
{
  GwHeatMap *chart = gw_chart_alloc (&heat_map_class, sizeof *chart);

  chart->limit = NAN;
  return chart;
}

static void
heat_map_clear (GwChart *base)
{
  GwHeatMap *chart = (GwHeatMap *) base;

  g_free (chart->values);
  g_clear_pointer (&chart->picture, cairo_surface_destroy);
}

static void
forget_picture (GwHeatMap *chart)
{
  g_clear_pointer (&chart->picture, cairo_surface_destroy);
}

gboolean
gw_heat_map_set (GwHeatMap *chart, const float *values, gsize rows, gsize columns)
{
  g_return_val_if_fail (chart != NULL, FALSE);
  g_return_val_if_fail (values != NULL || rows == 0 || columns == 0, FALSE);

  gsize n = columns > 0 && rows > G_MAXSIZE / sizeof (float) / columns ? 0 : rows * columns;

  if (n == 0 && rows > 0 && columns > 0)
    return FALSE;
  if (n != chart->rows * chart->columns)
    {
      float *grown = n > 0 ? g_try_new (float, n) : NULL;

      if (grown == NULL && n > 0)
        return FALSE;
      g_free (chart->values);
      chart->values = grown;
    }
  chart->rows = rows;
  chart->columns = columns;
  chart->any_finite = FALSE;
  chart->low = INFINITY;
  chart->high = -INFINITY;
  if (n > 0)
    memcpy (chart->values, values, n * sizeof (float));
  for (gsize i = 0; i < n; i++)
    if (isfinite (chart->values[i]))
      {
        chart->any_finite = TRUE;
        chart->low = MIN (chart->low, chart->values[i]);
        chart->high = MAX (chart->high, chart->values[i]);
      }
  forget_picture (chart);
  return TRUE;
}

void
gw_heat_map_set_scale (GwHeatMap *chart, GwHeatScale scale)
{
  chart->scale = scale;
  forget_picture (chart);
}

void
gw_heat_map_set_limit (GwHeatMap *chart, double limit)
{
  chart->limit = limit;
  forget_picture (chart);
}

void
gw_heat_map_set_mark (GwHeatMap *chart, gsize row, gsize column, gsize rows, gsize columns)
{
  chart->mark_row = row;
  chart->mark_column = column;
  chart->mark_rows = rows;
  chart->mark_columns = columns;
}

gsize
gw_heat_map_rows (const GwHeatMap *chart)
{
  return chart->rows;
}

gsize
gw_heat_map_columns (const GwHeatMap *chart)
{
  return chart->columns;
}

float
gw_heat_map_value (const GwHeatMap *chart, gsize row, gsize column)
{
  g_return_val_if_fail (row < chart->rows && column < chart->columns, NAN);
  return chart->values[row * chart->columns + column];
}

const char *
gw_heat_map_footer (const GwHeatMap *chart)
{
  return chart->footer;
}

static float
largest_in_block (const float *values, gsize columns, gsize row, gsize end_row, gsize column,
                  gsize end_column)
{
  float largest = 0;

  for (gsize r = row; r < end_row; r++)
    for (gsize c = column; c < end_column; c++)
      {
        float value = values[r * columns + c];

        if (isnan (value))
          return value;
        if (fabsf (value) > fabsf (largest))
          largest = value;
      }
  return largest;
}

void
gw_heat_map_reduce (const float *values, gsize rows, gsize columns, gsize block_rows,
                    gsize block_columns, float *out)
{
  g_return_if_fail (block_rows > 0 && block_columns > 0);

  for (gsize row = 0; row < rows; row += block_rows)
    for (gsize column = 0; column < columns; column += block_columns)
      *out++ = largest_in_block (values, columns, row, MIN (rows, row + block_rows), column,
                                 MIN (columns, column + block_columns));
}

/* --- colours --- */

static gboolean
is_signed (const GwHeatMap *chart)
{
  return chart->scale == GW_HEAT_SIGNED || (chart->scale == GW_HEAT_AUTO && chart->low < 0);
}

/* Values at the ends of the colour bar. */
static void
bar_range (const GwHeatMap *chart, double *low, double *high)
{
  double limit = chart->limit;

  if (!chart->any_finite)
    {
      *low = is_signed (chart) ? -1 : 0;
      *high = 1;
      return;
    }
  if (is_signed (chart))
    {
      if (isnan (limit))
        limit = MAX (fabs (chart->low), fabs (chart->high));
      *high = limit > 0 ? limit : 1;
      *low = -*high;
      return;
    }
  *low = MIN (0, chart->low);
  *high = isnan (limit) ? chart->high : limit;
  if (*high <= *low)
    *high = *low + 1;
}

static guint32
pack (GwChartColor color)
{
  return 0xff000000u | ((guint32) (color.red * 255 + 0.5) << 16)
         | ((guint32) (color.green * 255 + 0.5) << 8) | (guint32) (color.blue * 255 + 0.5);
}

#define TABLE_SIZE 513

/* 513 colours from the low to the high end. */
static void
fill_table (const GwHeatMap *chart, const GwChartTheme *theme, guint32 *table)
{
  gboolean both = is_signed (chart);

  for (int i = 0; i < TABLE_SIZE; i++)
    {
      double share = (double) i / (TABLE_SIZE - 1);

      table[i] = pack (both ? gw_chart_theme_signed (theme, share * 2 - 1)
                            : gw_chart_theme_unsigned (theme, share));
    }
}

static gboolean
make_picture (GwHeatMap *chart, const GwChartTheme *theme, gsize block_rows, gsize block_columns)
{
  gsize rows = (chart->rows + block_rows - 1) / block_rows;
  gsize columns = (chart->columns + block_columns - 1) / block_columns;
  float *reduced = g_try_new (float, rows *columns);
  guint32 table[TABLE_SIZE];
  double low;
  double high;

  if (reduced == NULL)
    return FALSE;
  forget_picture (chart);
  chart->picture = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) columns, (int) rows);
  if (cairo_surface_status (chart->picture) != CAIRO_STATUS_SUCCESS)
    {
      forget_picture (chart);
      g_free (reduced);
      return FALSE;
    }
  gw_heat_map_reduce (chart->values, chart->rows, chart->columns, block_rows, block_columns,
                      reduced);
  fill_table (chart, theme, table);
  bar_range (chart, &low, &high);

  guint32 bad = pack (theme->warning);
  guint8 *pixels = cairo_image_surface_get_data (chart->picture);
  gsize stride = (gsize) cairo_image_surface_get_stride (chart->picture);

  for (gsize r = 0; r < rows; r++)
    {
      guint32 *line = (guint32 *) (gpointer) (pixels + r * stride);

      for (gsize c = 0; c < columns; c++)
        {
          double share = (reduced[r * columns + c] - low) / (high - low);

          line[c] = isnan (share) ? bad
                                  : table[(int) (CLAMP (share, 0, 1) * (TABLE_SIZE - 1) + 0.5)];
        }
    }
  cairo_surface_mark_dirty (chart->picture);
  chart->block_rows = block_rows;
  chart->block_columns = block_columns;
  chart->picture_dark = theme->dark;
  g_free (reduced);
  return TRUE;
}

/* --- layout --- */

typedef struct
{
  GwRect map;
  GwRect bar;
} HeatLayout;

/* A label of the colour bar: 0 at the top, 1 at the bottom. */
static void
bar_label (const GwHeatMap *chart, double share, char *text)
{
  double low;
  double high;

  bar_range (chart, &low, &high);
  gw_number_text_digits (text, high - share * (high - low), 3);
}

/* Room at the right of the bar; the same for most values, so that the map keeps its
 * size while they change. */
static double
bar_label_room (const GwHeatMap *chart, GwChartPen *pen)
{
  double room = 40 * pen->text_scale;
  char text[GW_NUMBER_TEXT_SIZE];

  for (int end = 0; end <= 1; end++)
    {
      bar_label (chart, end, text);
      room = MAX (room, gw_chart_pen_text_width (pen, text, GW_PLOT_TEXT, GW_TEXT_PLAIN) + 2);
    }
  return BAR_LABEL_GAP + ceil (room);
}

static void
lay_out (const GwHeatMap *chart, GwChartPen *pen, double width, double height,
         HeatLayout *layout)
{
  double line = gw_chart_pen_line_height (pen, GW_PLOT_TEXT);
  double bar_labels = bar_label_room (chart, pen);
  double row_labels = 8;
  char text[GW_NUMBER_TEXT_SIZE];

  gw_number_text_count (text, (gint64) chart->rows);
  row_labels += gw_chart_pen_text_width (pen, text, GW_PLOT_TEXT, GW_TEXT_PLAIN);

  double map_width = MAX (8, width - row_labels - 10 - BAR_WIDTH - bar_labels);
  double map_height = MAX (8, height - line / 2 - line - 8);
  double cell = MIN (map_width / MAX (1, chart->columns), map_height / MAX (1, chart->rows));

  /* Small matrices keep square cells; large ones fill the plot. */
  if (cell >= 4)
    {
      map_width = cell * chart->columns;
      map_height = cell * chart->rows;
    }
  layout->map = (GwRect) { ceil (row_labels), ceil (line / 2), map_width, map_height };
  layout->bar = (GwRect) { layout->map.x + map_width + 10, layout->map.y, BAR_WIDTH,
                           MAX (map_height, MIN (80, height - line * 2)) };
}

static gsize
block_for (gsize cells, double pixels)
{
  if ((double) cells * LEAST_BLOCK <= pixels || cells <= pixels)
    return 1;
  return (gsize) ceil (cells * LEAST_BLOCK / pixels);
}

static void
draw_map (GwHeatMap *chart, GwChartPen *pen, const GwRect *map)
{
  gsize block_rows = block_for (chart->rows, map->height / pen->pixel);
  gsize block_columns = block_for (chart->columns, map->width / pen->pixel);

  if (chart->picture == NULL || chart->block_rows != block_rows
      || chart->block_columns != block_columns || chart->picture_dark != pen->theme->dark)
    if (!make_picture (chart, pen->theme, block_rows, block_columns))
      return;

  cairo_save (pen->cr);
  cairo_rectangle (pen->cr, map->x, map->y, map->width, map->height);
  cairo_clip (pen->cr);
  cairo_translate (pen->cr, map->x, map->y);
  /* The last block may be a part of one: it is as large as what it covers. */
  cairo_scale (pen->cr, map->width * block_columns / chart->columns,
               map->height * block_rows / chart->rows);
  cairo_set_source_surface (pen->cr, chart->picture, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (pen->cr), CAIRO_FILTER_NEAREST);
  cairo_paint (pen->cr);
  cairo_restore (pen->cr);

  gw_chart_pen_color (pen, pen->theme->border, 1);
  cairo_set_line_width (pen->cr, 1);
  cairo_rectangle (pen->cr, map->x - 0.5, map->y - 0.5, map->width + 1, map->height + 1);
  cairo_stroke (pen->cr);
}

static void
draw_labels (GwHeatMap *chart, GwChartPen *pen, const GwRect *map)
{
  char text[GW_NUMBER_TEXT_SIZE];
  double line = gw_chart_pen_line_height (pen, GW_PLOT_TEXT);
  int most_rows = map->height < 3 * line ? 2 : 3;
  int most_columns = map->width < 120 ? 2 : 3;

  gw_chart_pen_color (pen, pen->theme->dim_text, 1);
  for (int i = 0; i < most_rows && chart->rows > 0; i++)
    {
      double share = (double) i / (most_rows - 1);

      gw_number_text_count (text, (gint64) round (share * chart->rows));
      gw_chart_pen_text (pen, text, GW_PLOT_TEXT, GW_TEXT_PLAIN, map->x - 6,
                         map->y + share * map->height, 1, share == 0 ? 0.2 : 0.5, 0);
    }
  for (int i = 0; i < most_columns && chart->columns > 0; i++)
    {
      double share = (double) i / (most_columns - 1);

      gw_number_text_count (text, (gint64) round (share * chart->columns));
      gw_chart_pen_text (pen, text, GW_PLOT_TEXT, GW_TEXT_PLAIN, map->x + share * map->width,
                         map->y + map->height + 5, share == 0 ? 0 : share == 1 ? 1 : 0.5, 0, 0);
    }
}

static void
draw_bar (GwHeatMap *chart, GwChartPen *pen, const GwRect *bar)
{
  guint32 table[TABLE_SIZE];
  char text[GW_NUMBER_TEXT_SIZE];
  int lines = (int) MAX (1, bar->height / pen->pixel);

  fill_table (chart, pen->theme, table);
  for (int i = 0; i < lines; i++)
    {
      guint32 color = table[(int) ((1 - (i + 0.5) / lines) * (TABLE_SIZE - 1))];

      cairo_set_source_rgb (pen->cr, ((color >> 16) & 255) / 255.0, ((color >> 8) & 255) / 255.0,
                            (color & 255) / 255.0);
      cairo_rectangle (pen->cr, bar->x, bar->y + i * bar->height / lines, bar->width,
                       bar->height / lines + (i + 1 < lines ? 0.5 : 0));
      cairo_fill (pen->cr);
    }
  gw_chart_pen_color (pen, pen->theme->dim_text, 1);

  double x = bar->x + bar->width + BAR_LABEL_GAP;
  const double shares[] = { 0, 0.5, 1 };

  for (int i = 0; i < 3; i++)
    {
      if (i == 1 && !is_signed (chart))
        continue;
      bar_label (chart, shares[i], text);
      gw_chart_pen_text (pen, text, GW_PLOT_TEXT, GW_TEXT_PLAIN, x,
                         bar->y + shares[i] * bar->height, 0,
                         i == 0   ? 0.2
                         : i == 2 ? 0.8
                                  : 0.5,
                         0);
    }
}

static void
draw_mark (GwHeatMap *chart, GwChartPen *pen, const GwRect *map)
{
  if (chart->mark_rows == 0 || chart->mark_columns == 0 || chart->mark_row >= chart->rows
      || chart->mark_column >= chart->columns)
    return;

  double cell_width = map->width / chart->columns;
  double cell_height = map->height / chart->rows;
  double width = MAX (6, cell_width * MIN (chart->mark_columns, chart->columns));
  double height = MAX (6, cell_height * MIN (chart->mark_rows, chart->rows));
  double x = MIN (map->x + chart->mark_column * cell_width, map->x + map->width - width);
  double y = MIN (map->y + chart->mark_row * cell_height, map->y + map->height - height);

  cairo_set_line_join (pen->cr, CAIRO_LINE_JOIN_ROUND);
  cairo_rectangle (pen->cr, round (x), round (y), round (width), round (height));
  gw_chart_pen_color (pen, pen->theme->card, 1);
  cairo_set_line_width (pen->cr, 4);
  cairo_stroke_preserve (pen->cr);
  gw_chart_pen_color (pen, pen->theme->text, 1);
  cairo_set_line_width (pen->cr, 2);
  cairo_stroke (pen->cr);
}

static void
heat_map_draw (GwChart *base, GwChartPen *pen, double width, double height)
{
  GwHeatMap *chart = (GwHeatMap *) base;
  HeatLayout layout;

  chart->footer[0] = '\0';
  if (chart->rows == 0 || chart->columns == 0)
    {
      gw_chart_pen_color (pen, pen->theme->dim_text, 1);
      gw_chart_pen_text (pen, "No values", 12, GW_TEXT_PLAIN, width / 2, height / 2, 0.5, 0.5,
                         width);
      return;
    }
  lay_out (chart, pen, width, height, &layout);
  draw_map (chart, pen, &layout.map);
  draw_labels (chart, pen, &layout.map);
  draw_bar (chart, pen, &layout.bar);
  draw_mark (chart, pen, &layout.map);
  if (chart->block_rows > 1 || chart->block_columns > 1)
    g_snprintf (chart->footer, sizeof chart->footer,
                "largest of every %" G_GSIZE_FORMAT " \xc3\x97 %" G_GSIZE_FORMAT
                " values, by magnitude",
                chart->block_rows, chart->block_columns);
}

gboolean
gw_heat_map_pick (GwHeatMap *chart, GwChartPen *pen, double width, double height, double x,
                  double y, gsize *row, gsize *column)
{
  HeatLayout layout;

  if (chart->rows == 0 || chart->columns == 0)
    return FALSE;
  lay_out (chart, pen, width, height, &layout);

  double across = (x - layout.map.x) / layout.map.width;
  double down = (y - layout.map.y) / layout.map.height;

  if (!(across >= 0 && across < 1 && down >= 0 && down < 1))
    return FALSE;
  *row = MIN (chart->rows - 1, (gsize) (down * chart->rows));
  *column = MIN (chart->columns - 1, (gsize) (across * chart->columns));
  return TRUE;
}
