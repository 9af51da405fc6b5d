/* SPDX-License-Identifier: Apache-2.0 */
/* The glyph of an element type. */
#include "widgets/charts/dtype-glyph.h"

#include "widgets/charts/widget-pen.h"
#include "widgets/paint/indicators.h"

#define SIZE 14
#define PLAIN_SIZE 8

static void
draw (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  const char *dtype = g_object_get_data (G_OBJECT (area), "dtype");
  gboolean reference = dtype != NULL && g_str_has_suffix (dtype, "_ref");
  GwChartPen pen;

  if (dtype == NULL)
    return;
  gw_widget_pen_init (&pen, GTK_WIDGET (area), cr);
  gw_chart_draw_dtype (&pen, width / 2.0, height / 2.0, reference ? SIZE : PLAIN_SIZE, dtype);
  gw_chart_pen_clear (&pen);
}

GtkWidget *
gw_dtype_glyph_new (const char *dtype)
{
  GtkWidget *glyph = gtk_drawing_area_new ();

  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (glyph), SIZE);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (glyph), SIZE);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (glyph), draw, NULL, NULL);
  gtk_widget_set_valign (glyph, GTK_ALIGN_CENTER);
  gw_widget_follow_style (glyph);
  gw_dtype_glyph_set (glyph, dtype);
  return glyph;
}

void
gw_dtype_glyph_set (GtkWidget *glyph, const char *dtype)
{
  g_return_if_fail (GTK_IS_DRAWING_AREA (glyph));

  g_object_set_data_full (G_OBJECT (glyph), "dtype", g_strdup (dtype), g_free);
  gtk_widget_queue_draw (glyph);
}
