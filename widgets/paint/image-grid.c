/* SPDX-License-Identifier: Apache-2.0 */
/* Small pictures in a grid, enlarged by whole multiples of a pixel. */
#include "widgets/paint/sample-chart.h"

#include <math.h>
#include <string.h>

#define GAP 8
#define MARGIN 12
#define WIDEST_CAPTION 96
#define CAPTION_SIZE 11
#define LARGEST_SIDE 4096

typedef struct
{
  cairo_surface_t *picture; /* NULL = no picture */
  guint8 *pixels;           /* as given, for the levels */
  guint width, height, channels;
  char *caption;
  gboolean wrong;
} Item;

struct _GwImageGrid
{
  GwChart chart;
  GArray *items;
  guint widest, highest;
  gboolean captions;
  double brightness, contrast;
};

typedef struct
{
  guint columns, rows;
  guint multiple;        /* px a pixel of the widest picture takes */
  double cell_width, cell_height, picture_height;
} GridLayout;

static void image_grid_draw (GwChart *base, GwChartPen *pen, double width, double height);
static void image_grid_clear (GwChart *base);

static const GwChartClass image_grid_class = { "image grid", image_grid_draw, image_grid_clear };

static void
clear_item (gpointer data)
{
  Item *item = data;

  g_clear_pointer (&item->picture, cairo_surface_destroy);
  g_free (item->pixels);
  g_free (item->caption);
}

GwImageGrid *
gw_image_grid_new (void)
{
  GwImageGrid *chart = gw_chart_alloc (&image_grid_class, sizeof *chart);

  chart->items = g_array_new (FALSE, TRUE, sizeof (Item));
  g_array_set_clear_func (chart->items, clear_item);
  chart->brightness = chart->contrast = 1;
  return chart;
}

static void
image_grid_clear (GwChart *base)
{
  g_array_unref (((GwImageGrid *) base)->items);
}

/* 8-bit level after contrast about the middle grey and brightness. */
static void
fill_levels (const GwImageGrid *chart, guint8 levels[256])
{
  for (int i = 0; i < 256; i++)
    {
      double level = ((i / 255.0 - 0.5) * chart->contrast + 0.5) * chart->brightness;

      levels[i] = (guint8) (CLAMP (level, 0, 1) * 255 + 0.5);
    }
}

static void
make_picture (const GwImageGrid *chart, Item *item)
{
  guint8 levels[256];

  if (item->pixels == NULL)
    return;
  g_clear_pointer (&item->picture, cairo_surface_destroy);
  item->picture
      = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) item->width, (int) item->height);
  if (cairo_surface_status (item->picture) != CAIRO_STATUS_SUCCESS)
    {
      g_clear_pointer (&item->picture, cairo_surface_destroy);
      return;
    }
  fill_levels (chart, levels);

  guint8 *target = cairo_image_surface_get_data (item->picture);
  gsize stride = (gsize) cairo_image_surface_get_stride (item->picture);
  const guint8 *source = item->pixels;

  for (guint y = 0; y < item->height; y++)
    {
      guint32 *line = (guint32 *) (gpointer) (target + y * stride);

      for (guint x = 0; x < item->width; x++, source += item->channels)
        {
          guint32 red = levels[source[0]];
          guint32 green = item->channels == 3 ? levels[source[1]] : red;
          guint32 blue = item->channels == 3 ? levels[source[2]] : red;

          line[x] = red << 16 | green << 8 | blue;
        }
    }
  cairo_surface_mark_dirty (item->picture);
}

static gboolean
copy_item (GwImageGrid *chart, const GwImageItem *from, Item *to)
{
  to->width = from->width;
  to->height = from->height;
  to->channels = from->channels;
  to->wrong = from->wrong;
  to->caption = g_strdup (from->caption);
  if (from->pixels == NULL || from->width == 0 || from->height == 0
      || from->width > LARGEST_SIDE || from->height > LARGEST_SIDE
      || (from->channels != 1 && from->channels != 3))
    {
      to->width = to->height = 0;
      return TRUE;
    }

  gsize size = (gsize) from->width * from->height * from->channels;

  to->pixels = g_try_malloc (size);
  if (to->pixels == NULL)
    return FALSE;
  memcpy (to->pixels, from->pixels, size);
  make_picture (chart, to);
  return TRUE;
}

gboolean
gw_image_grid_set (GwImageGrid *chart, const GwImageItem *items, guint n_items)
{
  g_return_val_if_fail (chart != NULL, FALSE);

  g_array_set_size (chart->items, 0);
  chart->widest = chart->highest = 0;
  chart->captions = FALSE;
  for (guint i = 0; i < n_items; i++)
    {
      Item item = { 0 };
      gboolean copied = copy_item (chart, &items[i], &item);

      g_array_append_val (chart->items, item);
      if (!copied)
        return FALSE;
      chart->widest = MAX (chart->widest, item.width);
      chart->highest = MAX (chart->highest, item.height);
      chart->captions |= item.caption != NULL;
    }
  return TRUE;
}

guint
gw_image_grid_length (const GwImageGrid *chart)
{
  return chart->items->len;
}

void
gw_image_grid_set_levels (GwImageGrid *chart, double brightness, double contrast)
{
  chart->brightness = CLAMP (brightness, 0, 2);
  chart->contrast = CLAMP (contrast, 0, 5);
  for (guint i = 0; i < chart->items->len; i++)
    make_picture (chart, &g_array_index (chart->items, Item, i));
}

static double
widest_caption (const GwImageGrid *chart, GwChartPen *pen)
{
  double widest = 40;

  for (guint i = 0; i < chart->items->len; i++)
    {
      const Item *item = &g_array_index (chart->items, Item, i);

      if (item->caption != NULL)
        widest = MAX (widest, gw_chart_pen_text_width (pen, item->caption, CAPTION_SIZE,
                                                       item->wrong ? GW_TEXT_BOLD
                                                                   : GW_TEXT_PLAIN));
    }
  return ceil (MIN (widest, WIDEST_CAPTION * pen->text_scale));
}

static void
layout_for (const GwImageGrid *chart, const GwChartPen *pen, double width, double height,
            guint multiple, double least_width, GridLayout *layout)
{
  double caption
      = chart->captions ? gw_chart_pen_line_height (pen, CAPTION_SIZE) + 4 : 0;

  layout->multiple = multiple;
  layout->cell_width = MAX (least_width, (double) chart->widest * multiple);
  layout->picture_height = MAX (28, (double) chart->highest * multiple);
  layout->cell_height = layout->picture_height + caption;
  layout->columns = (guint) MAX (1, floor ((width - 2 * MARGIN + GAP) / (layout->cell_width + GAP)));
  layout->rows = (guint) MAX (1, floor ((height - 4 + GAP) / (layout->cell_height + GAP)));
}

/* The largest whole multiple with which all pictures fit, else 1. */
static void
lay_out (const GwImageGrid *chart, GwChartPen *pen, double width, double height,
         GridLayout *layout)
{
  double least = widest_caption (chart, pen);

  for (guint multiple = 16; multiple > 1; multiple--)
    {
      layout_for (chart, pen, width, height, multiple, least, layout);
      if (layout->columns * layout->rows >= chart->items->len
          && layout->cell_width <= width - 2 * MARGIN && layout->cell_height <= height - 4)
        return;
    }
  layout_for (chart, pen, width, height, 1, least, layout);
}

guint
gw_image_grid_capacity (GwImageGrid *chart, GwChartPen *pen, double width, double height)
{
  GridLayout layout;

  lay_out (chart, pen, width, height, &layout);
  return layout.columns * layout.rows;
}

static void
draw_frame (GwChartPen *pen, double x, double y, double width, double height, gboolean wrong)
{
  gw_chart_pen_color (pen, wrong ? pen->theme->problem : pen->theme->border, 1);
  cairo_set_line_width (pen->cr, wrong ? 2 : 1);
  if (wrong)
    cairo_rectangle (pen->cr, x - 1, y - 1, width + 2, height + 2);
  else
    cairo_rectangle (pen->cr, x + 0.5, y + 0.5, width - 1, height - 1);
  cairo_stroke (pen->cr);
}

static void
draw_item (GwChartPen *pen, const Item *item, const GridLayout *layout, double x, double y)
{
  double width = (double) item->width * layout->multiple;
  double height = (double) item->height * layout->multiple;

  if (item->picture != NULL)
    {
      cairo_save (pen->cr);
      cairo_translate (pen->cr, x, y);
      cairo_scale (pen->cr, layout->multiple, layout->multiple);
      cairo_set_source_surface (pen->cr, item->picture, 0, 0);
      cairo_pattern_set_filter (cairo_get_source (pen->cr), CAIRO_FILTER_NEAREST);
      cairo_rectangle (pen->cr, 0, 0, item->width, item->height);
      cairo_fill (pen->cr);
      cairo_restore (pen->cr);
      if (item->wrong)
        draw_frame (pen, x, y, width, height, TRUE);
    }
  else
    draw_frame (pen, x, y, layout->cell_width, layout->picture_height, item->wrong);
  if (item->caption == NULL)
    return;
  gw_chart_pen_color (pen, item->wrong ? pen->theme->problem : pen->theme->dim_text, 1);
  gw_chart_pen_text (pen, item->caption, CAPTION_SIZE,
                     item->wrong ? GW_TEXT_BOLD : GW_TEXT_PLAIN, x, y + layout->picture_height + 3,
                     0, 0, layout->cell_width);
}

static void
image_grid_draw (GwChart *base, GwChartPen *pen, double width, double height)
{
  GwImageGrid *chart = (GwImageGrid *) base;
  GridLayout layout;

  if (chart->items->len == 0)
    {
      gw_chart_pen_color (pen, pen->theme->dim_text, 1);
      gw_chart_pen_text (pen, "No pictures yet", 12, GW_TEXT_PLAIN, width / 2, height / 2, 0.5,
                         0.5, width);
      return;
    }
  lay_out (chart, pen, width, height, &layout);
  for (guint i = 0; i < MIN (chart->items->len, layout.columns * layout.rows); i++)
    draw_item (pen, &g_array_index (chart->items, Item, i), &layout,
               MARGIN + i % layout.columns * (layout.cell_width + GAP),
               2 + i / layout.columns * (layout.cell_height + GAP));
}

int
gw_image_grid_pick (GwImageGrid *chart, GwChartPen *pen, double width, double height, double x,
                    double y)
{
  GridLayout layout;

  if (x < MARGIN || y < 2)
    return -1;
  lay_out (chart, pen, width, height, &layout);

  guint column = (guint) ((x - MARGIN) / (layout.cell_width + GAP));
  guint row = (guint) ((y - 2) / (layout.cell_height + GAP));
  guint index = row * layout.columns + column;

  if (column >= layout.columns || row >= layout.rows || index >= chart->items->len
      || x - MARGIN - column * (layout.cell_width + GAP) > layout.cell_width
      || y - 2 - row * (layout.cell_height + GAP) > layout.cell_height)
    return -1;
  return (int) index;
}
