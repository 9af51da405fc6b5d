/* SPDX-License-Identifier: Apache-2.0 */
/* Sparkline, health pill and run progress as widgets. */
#include "widgets/charts/small-widgets.h"

#include <math.h>
#include <string.h>

#include "widgets/charts/widget-pen.h"
#include "widgets/paint/indicators.h"

#define CAPACITY 240

/* Draws one of these widgets into @pen. */
typedef void (*DrawSmall) (GtkWidget *widget, GwChartPen *pen, double width, double height);

static void
snapshot_small (GtkWidget *widget, GtkSnapshot *snapshot, DrawSmall draw)
{
  int width = gtk_widget_get_width (widget);
  int height = gtk_widget_get_height (widget);
  GwChartPen pen;

  if (width <= 0 || height <= 0)
    return;

  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));

  gw_widget_pen_init (&pen, widget, cr);
  draw (widget, &pen, width, height);
  gw_chart_pen_clear (&pen);
  cairo_destroy (cr);
}

static void
set_natural (GtkOrientation orientation, int width, int height, int *minimum, int *natural)
{
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? width : height;
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? width / 2 : height;
}

/* --- sparkline --- */

struct _GwSparkline
{
  GtkWidget parent_instance;
  double values[CAPACITY];
  gsize length;
  guint run;
  gboolean stale;
};

G_DEFINE_FINAL_TYPE (GwSparkline, gw_sparkline, GTK_TYPE_WIDGET)

static void
draw_sparkline (GtkWidget *widget, GwChartPen *pen, double width, double height)
{
  GwSparkline *self = GW_SPARKLINE (widget);
  GwChartColor color = self->stale ? pen->theme->dim_text
                                   : gw_chart_theme_run (pen->theme, self->run).color;

  gw_chart_draw_sparkline (pen, 0, 0, width, height, self->values, self->length, color);
}

static void
gw_sparkline_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  snapshot_small (widget, snapshot, draw_sparkline);
}

static void
gw_sparkline_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                      int *natural, int *minimum_baseline, int *natural_baseline)
{
  set_natural (orientation, 144, 34, minimum, natural);
}

static void
gw_sparkline_class_init (GwSparklineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->snapshot = gw_sparkline_snapshot;
  widget_class->measure = gw_sparkline_measure;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
gw_sparkline_init (GwSparkline *self)
{
  gw_widget_follow_style (GTK_WIDGET (self));
}

GtkWidget *
gw_sparkline_new (void)
{
  return g_object_new (GW_TYPE_SPARKLINE, NULL);
}

void
gw_sparkline_append (GwSparkline *self, double value)
{
  g_return_if_fail (GW_IS_SPARKLINE (self));

  if (self->length == CAPACITY)
    {
      memmove (self->values, self->values + 1, (CAPACITY - 1) * sizeof *self->values);
      self->length--;
    }
  self->values[self->length++] = value;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
gw_sparkline_set_values (GwSparkline *self, const double *values, gsize n_values)
{
  g_return_if_fail (GW_IS_SPARKLINE (self));

  self->length = MIN (n_values, CAPACITY);
  if (self->length > 0)
    memcpy (self->values, values + (n_values - self->length),
            self->length * sizeof *self->values);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
gw_sparkline_clear (GwSparkline *self)
{
  gw_sparkline_set_values (self, NULL, 0);
}

gsize
gw_sparkline_get_length (GwSparkline *self)
{
  g_return_val_if_fail (GW_IS_SPARKLINE (self), 0);
  return self->length;
}

void
gw_sparkline_set_run (GwSparkline *self, guint run)
{
  g_return_if_fail (GW_IS_SPARKLINE (self));
  self->run = run;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
gw_sparkline_set_stale (GwSparkline *self, gboolean stale)
{
  g_return_if_fail (GW_IS_SPARKLINE (self));
  self->stale = stale;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* --- health pill --- */

struct _GwHealthPill
{
  GtkWidget parent_instance;
  double counts[GW_HEALTH_N_KINDS];
};

G_DEFINE_FINAL_TYPE (GwHealthPill, gw_health_pill, GTK_TYPE_WIDGET)

static void
draw_pill (GtkWidget *widget, GwChartPen *pen, double width, double height)
{
  gw_chart_draw_health (pen, 0, (height - 8) / 2, width, 8, GW_HEALTH_PILL (widget)->counts);
}

static void
gw_health_pill_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  snapshot_small (widget, snapshot, draw_pill);
}

static void
gw_health_pill_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                        int *natural, int *minimum_baseline, int *natural_baseline)
{
  set_natural (orientation, 120, 8, minimum, natural);
}

static void
gw_health_pill_class_init (GwHealthPillClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->snapshot = gw_health_pill_snapshot;
  widget_class->measure = gw_health_pill_measure;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
gw_health_pill_init (GwHealthPill *self)
{
  gw_widget_follow_style (GTK_WIDGET (self));
}

GtkWidget *
gw_health_pill_new (void)
{
  return g_object_new (GW_TYPE_HEALTH_PILL, NULL);
}

void
gw_health_pill_set_counts (GwHealthPill *self, const double counts[GW_HEALTH_N_KINDS])
{
  static const char *const names[GW_HEALTH_N_KINDS]
      = { "NaN", "−∞", "negative", "zero", "positive", "+∞" };
  g_autoptr (GString) tooltip = g_string_new (NULL);

  g_return_if_fail (GW_IS_HEALTH_PILL (self));

  memcpy (self->counts, counts, sizeof self->counts);
  for (int i = 0; i < GW_HEALTH_N_KINDS; i++)
    if (counts[i] > 0)
      g_string_append_printf (tooltip, "%s%s %.0f", tooltip->len > 0 ? ", " : "", names[i],
                              counts[i]);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), tooltip->str);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* --- run progress --- */

struct _GwRunProgress
{
  GtkWidget parent_instance;
  double share;
  GwProgressState state;
  double *ticks;
  guint n_ticks;
};

G_DEFINE_FINAL_TYPE (GwRunProgress, gw_run_progress, GTK_TYPE_WIDGET)

static void
draw_progress (GtkWidget *widget, GwChartPen *pen, double width, double height)
{
  GwRunProgress *self = GW_RUN_PROGRESS (widget);
  const GwChartTheme *theme = pen->theme;
  /* The bar of a pause is amber, lighter than the text colour of a warning. */
  const GwChartColor amber = { 0xe5 / 255.0, 0xa5 / 255.0, 0x0a / 255.0 };
  const GwChartColor colors[] = {
    [GW_PROGRESS_IDLE] = theme->dim_text, [GW_PROGRESS_RUNNING] = theme->running,
    [GW_PROGRESS_PAUSED] = amber,         [GW_PROGRESS_DONE] = theme->good,
    [GW_PROGRESS_FAILED] = theme->problem,
  };

  gw_chart_draw_progress (pen, 0, (height - 6) / 2, width, 6, self->share, colors[self->state],
                          self->ticks, self->n_ticks);
}

static void
gw_run_progress_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  snapshot_small (widget, snapshot, draw_progress);
}

static void
gw_run_progress_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                         int *minimum, int *natural, int *minimum_baseline,
                         int *natural_baseline)
{
  set_natural (orientation, 200, 6, minimum, natural);
}

static void
gw_run_progress_finalize (GObject *object)
{
  g_free (GW_RUN_PROGRESS (object)->ticks);
  G_OBJECT_CLASS (gw_run_progress_parent_class)->finalize (object);
}

static void
gw_run_progress_class_init (GwRunProgressClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gw_run_progress_finalize;
  widget_class->snapshot = gw_run_progress_snapshot;
  widget_class->measure = gw_run_progress_measure;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PROGRESS_BAR);
}

static void
gw_run_progress_init (GwRunProgress *self)
{
  gw_widget_follow_style (GTK_WIDGET (self));
}

GtkWidget *
gw_run_progress_new (void)
{
  return g_object_new (GW_TYPE_RUN_PROGRESS, NULL);
}

void
gw_run_progress_set (GwRunProgress *self, double share, GwProgressState state)
{
  g_return_if_fail (GW_IS_RUN_PROGRESS (self));

  share = isnan (share) ? 0 : CLAMP (share, 0, 1);
  if (self->share == share && self->state == state)
    return;
  self->share = share;
  self->state = state;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, 0.0,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, 1.0,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_NOW, share, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
gw_run_progress_set_ticks (GwRunProgress *self, const double *ticks, guint n_ticks)
{
  g_return_if_fail (GW_IS_RUN_PROGRESS (self));

  g_free (self->ticks);
  self->ticks = g_memdup2 (ticks, n_ticks * sizeof *ticks);
  self->n_ticks = self->ticks != NULL ? n_ticks : 0;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
