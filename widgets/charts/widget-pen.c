/* SPDX-License-Identifier: Apache-2.0 */
/* Pens for widgets. */
#include "widgets/charts/widget-pen.h"

#include <adwaita.h>

double
gw_widget_em (GtkWidget *widget)
{
  PangoContext *context = gtk_widget_get_pango_context (widget);
  const PangoFontDescription *font = pango_context_get_font_description (context);
  double size = (double) pango_font_description_get_size (font) / PANGO_SCALE;
  double resolution = pango_cairo_context_get_resolution (context);

  if (size <= 0)
    return GW_CHART_EM;
  if (pango_font_description_get_size_is_absolute (font))
    return size;
  return size * (resolution > 0 ? resolution : 96) / 72;
}

const GwChartTheme *
gw_widget_chart_theme (void)
{
  return gw_chart_theme_get (adw_style_manager_get_dark (adw_style_manager_get_default ()));
}

void
gw_widget_pen_init (GwChartPen *pen, GtkWidget *widget, cairo_t *cr)
{
  PangoContext *context = gtk_widget_get_pango_context (widget);
  const PangoFontDescription *font = pango_context_get_font_description (context);

  gw_chart_pen_init (pen, cr, gw_widget_chart_theme (), pango_font_description_get_family (font),
                     gw_widget_em (widget));
  pen->pixel = 1.0 / MAX (1, gtk_widget_get_scale_factor (widget));
}

void
gw_widget_follow_style (GtkWidget *widget)
{
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), widget, G_CONNECT_SWAPPED);
}
