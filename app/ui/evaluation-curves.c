/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/evaluation-curves.h"

#include "app/ui/data-style.h"
#include "widgets/paint/number-text.h"

#define SIDE 180
#define MARGIN 6
#define MOST_NUMBERS 16

/* A curve within the unit square. */
typedef struct {
  int     n;
  double *points;  /* x, y, … */
} Curve;

static void
curve_free (gpointer data)
{
  Curve *curve = data;

  g_free (curve->points);
  g_free (curve);
}

static void
draw_curve (GwChartPen *pen,
            double      width,
            double      height,
            gpointer    data)
{
  const Curve *curve = data;
  double side = MIN (width, height) - 2 * MARGIN;

  gw_chart_pen_color (pen, pen->theme->control, 1);
  gw_chart_pen_rounded (pen, MARGIN, MARGIN, side, side, 3);
  cairo_fill (pen->cr);
  gw_chart_pen_color (pen, pen->theme->dim_text, 0.5);
  cairo_set_line_width (pen->cr, 1);
  cairo_move_to (pen->cr, MARGIN, MARGIN + side);
  cairo_line_to (pen->cr, MARGIN + side, MARGIN);
  cairo_stroke (pen->cr);
  gw_chart_pen_color (pen, gw_chart_theme_run (pen->theme, 0).color, 1);
  cairo_set_line_width (pen->cr, 2);
  for (int i = 0; i < curve->n; i++)
    cairo_line_to (pen->cr, MARGIN + CLAMP (curve->points[2 * i], 0, 1) * side,
                   MARGIN + (1 - CLAMP (curve->points[2 * i + 1], 0, 1)) * side);
  cairo_stroke (pen->cr);
}

static GtkWidget *
curve_new (const GwTensor *details)
{
  Curve *curve = g_new0 (Curve, 1);
  GtkWidget *area;

  curve->n = (int) details->shape.dims[0];
  curve->points = g_new (double, 2 * (gsize) curve->n + 1);
  for (int i = 0; i < 2 * curve->n; i++)
    curve->points[i] = gw_tensor_get_double (details, i);
  area = gw_area_new (SIDE, SIDE, draw_curve, curve);
  g_object_set_data_full (G_OBJECT (area), "gw-curve", curve, curve_free);
  return area;
}

/* "12  3  4  50" */
static GtkWidget *
numbers_new (const GwTensor *details)
{
  GString *text = g_string_new (NULL);
  GtkWidget *label;

  for (int64_t i = 0; i < MIN (details->elements, MOST_NUMBERS); i++)
    {
      char number[GW_NUMBER_TEXT_SIZE];

      g_string_append_printf (text, "%s%s", i > 0 ? "   " : "", gw_number_text (number, gw_tensor_get_double (details, i)));
    }
  if (details->elements > MOST_NUMBERS)
    g_string_append (text, "   …");
  label = gw_text_new (text->str, "gw-number");
  gtk_widget_set_valign (label, GTK_ALIGN_START);
  g_string_free (text, TRUE);
  return label;
}

GtkWidget *
gw_evaluation_curves_new (void)
{
  GtkWidget *box = gtk_flow_box_new ();

  gtk_flow_box_set_selection_mode (GTK_FLOW_BOX (box), GTK_SELECTION_NONE);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (box), 8);
  gtk_widget_set_valign (box, GTK_ALIGN_START);
  gtk_widget_set_visible (box, FALSE);
  return box;
}

static gboolean
is_curve (const GwTensor *details)
{
  return details->shape.rank == 2 && details->shape.dims[1] == 2 && details->shape.dims[0] > 2;
}

void
gw_evaluation_curves_set (GtkWidget          *curves,
                          const GwEvaluation *evaluation)
{
  GtkWidget *child;
  int n = 0;

  while ((child = gtk_widget_get_first_child (curves)) != NULL)
    gtk_flow_box_remove (GTK_FLOW_BOX (curves), child);
  for (int i = 0; i < evaluation->n_metrics; i++)
    {
      const GwTensor *details = evaluation->metrics[i].details;
      GtkWidget *card;

      if (details == NULL || details->shape.rank < 1 || (details->shape.rank == 2 && !is_curve (details)))
        continue;
      card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
      gtk_box_append (GTK_BOX (card), gw_text_new (evaluation->metrics[i].name, "gw-pane-title"));
      gtk_box_append (GTK_BOX (card), is_curve (details) ? curve_new (details) : numbers_new (details));
      gw_add_classes (card, "gw-card gw-column-card");
      gtk_flow_box_insert (GTK_FLOW_BOX (curves), card, -1);
      n++;
    }
  gtk_widget_set_visible (curves, n > 0);
}
