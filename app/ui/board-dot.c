/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/board-dot.h"

#include "widgets/charts/widget-pen.h"

#include <math.h>

#define SIZE 14

struct _GwBoardDot {
  GtkWidget parent_instance;
  guint     color;
  gboolean  filled;
};

G_DEFINE_FINAL_TYPE (GwBoardDot, gw_board_dot, GTK_TYPE_WIDGET)

void
gw_board_dot_set (GwBoardDot *self,
                  guint       color,
                  gboolean    filled)
{
  if (self->color == color && self->filled == filled)
    return;
  self->color = color;
  self->filled = filled;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
gw_board_dot_snapshot (GtkWidget   *widget,
                       GtkSnapshot *snapshot)
{
  GwBoardDot *self = GW_BOARD_DOT (widget);
  GwRunStyle style = gw_chart_theme_run (gw_widget_chart_theme (), self->color);
  double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));

  cairo_set_source_rgba (cr, style.color.red, style.color.green, style.color.blue, style.alpha);
  cairo_arc (cr, width / 2, height / 2, SIZE / 2.0 - 1, 0, 2 * G_PI);
  if (self->filled)
    cairo_fill (cr);
  else
    {
      cairo_set_line_width (cr, 1.8);
      cairo_stroke (cr);
    }
  cairo_destroy (cr);
}

static void
gw_board_dot_measure (GtkWidget      *widget,
                      GtkOrientation  orientation,
                      int             for_size,
                      int            *minimum,
                      int            *natural,
                      int            *minimum_baseline,
                      int            *natural_baseline)
{
  *minimum = *natural = SIZE;
}

static void
gw_board_dot_class_init (GwBoardDotClass *klass)
{
  GTK_WIDGET_CLASS (klass)->snapshot = gw_board_dot_snapshot;
  GTK_WIDGET_CLASS (klass)->measure = gw_board_dot_measure;
}

static void
gw_board_dot_init (GwBoardDot *self)
{
  self->filled = TRUE;
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
  gw_widget_follow_style (GTK_WIDGET (self));
}

GtkWidget *
gw_board_dot_new (void)
{
  return g_object_new (GW_TYPE_BOARD_DOT, NULL);
}
