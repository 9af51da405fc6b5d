/* SPDX-License-Identifier: Apache-2.0 */
/* Text and crisp lines for charts. */
#include "widgets/paint/chart-pen.h"

#include <math.h>

void
gw_chart_pen_init (GwChartPen *pen, cairo_t *cr, const GwChartTheme *theme, const char *family,
                   double em)
{
  double dx = 1;
  double dy = 0;

  pen->cr = cr;
  pen->theme = theme;
  pen->text_scale = em > 0 ? em / GW_CHART_EM : 1.0;
  cairo_device_to_user_distance (cr, &dx, &dy);
  pen->pixel = fabs (dx) > 0 ? CLAMP (hypot (dx, dy), 0.25, 1.0) : 1.0;

  pen->layout = pango_cairo_create_layout (cr);
  pango_layout_set_single_paragraph_mode (pen->layout, TRUE);

  PangoAttrList *attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum"));
  pango_layout_set_attributes (pen->layout, attributes);
  pango_attr_list_unref (attributes);

  pen->font = pango_font_description_new ();
  pango_font_description_set_family (pen->font, family != NULL ? family : "Cantarell, sans-serif");
  pen->mono = pango_font_description_new ();
  pango_font_description_set_family (pen->mono, "monospace");
}

void
gw_chart_pen_clear (GwChartPen *pen)
{
  g_clear_object (&pen->layout);
  g_clear_pointer (&pen->font, pango_font_description_free);
  g_clear_pointer (&pen->mono, pango_font_description_free);
  pen->cr = NULL;
}

void
gw_chart_pen_color (GwChartPen *pen, GwChartColor color, double alpha)
{
  cairo_set_source_rgba (pen->cr, color.red, color.green, color.blue, alpha);
}

double
gw_chart_pen_line_height (const GwChartPen *pen, double size)
{
  return ceil (size * 1.3 * pen->text_scale);
}

static void
prepare_text (GwChartPen *pen, const char *text, double size, GwTextFlags flags)
{
  PangoFontDescription *font = (flags & GW_TEXT_MONO) != 0 ? pen->mono : pen->font;

  pango_font_description_set_absolute_size (font, size * pen->text_scale * PANGO_SCALE);
  pango_font_description_set_weight (
      font, (flags & GW_TEXT_BOLD) != 0 ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  pango_layout_set_font_description (pen->layout, font);
  pango_layout_set_width (pen->layout, -1);
  pango_layout_set_text (pen->layout, text, -1);
}

double
gw_chart_pen_text_width (GwChartPen *pen, const char *text, double size, GwTextFlags flags)
{
  int width;

  prepare_text (pen, text, size, flags);
  pango_layout_get_size (pen->layout, &width, NULL);
  return (double) width / PANGO_SCALE;
}

double
gw_chart_pen_text (GwChartPen *pen, const char *text, double size, GwTextFlags flags, double x,
                   double y, double align_x, double align_y, double max_width)
{
  int width;
  int height;

  prepare_text (pen, text, size, flags);
  pango_layout_get_size (pen->layout, &width, &height);
  if (max_width > 0 && width > max_width * PANGO_SCALE)
    {
      pango_layout_set_ellipsize (pen->layout, PANGO_ELLIPSIZE_END);
      pango_layout_set_width (pen->layout, (int) (max_width * PANGO_SCALE));
      pango_layout_get_size (pen->layout, &width, &height);
    }

  double left = x - align_x * width / PANGO_SCALE;
  double top = y - align_y * height / PANGO_SCALE;

  cairo_move_to (pen->cr, left, round (top / pen->pixel) * pen->pixel);
  pango_cairo_show_layout (pen->cr, pen->layout);
  cairo_new_path (pen->cr);
  pango_layout_set_ellipsize (pen->layout, PANGO_ELLIPSIZE_NONE);
  return (double) width / PANGO_SCALE;
}

double
gw_chart_pen_crisp (const GwChartPen *pen, double value, double width)
{
  double pixels = round (width / pen->pixel);
  double half = fmod (pixels, 2.0) > 0.5 ? 0.5 : 0.0;

  return (floor (value / pen->pixel + 0.5 - half) + half) * pen->pixel;
}

void
gw_chart_pen_rounded (GwChartPen *pen, double x, double y, double width, double height,
                      double radius)
{
  radius = MIN (radius, MIN (width, height) / 2);
  cairo_new_sub_path (pen->cr);
  cairo_arc (pen->cr, x + width - radius, y + radius, radius, -G_PI_2, 0);
  cairo_arc (pen->cr, x + width - radius, y + height - radius, radius, 0, G_PI_2);
  cairo_arc (pen->cr, x + radius, y + height - radius, radius, G_PI_2, G_PI);
  cairo_arc (pen->cr, x + radius, y + radius, radius, G_PI, 1.5 * G_PI);
  cairo_close_path (pen->cr);
}
