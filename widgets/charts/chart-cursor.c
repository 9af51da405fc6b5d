/* SPDX-License-Identifier: Apache-2.0 */
/* The shared position of linked charts. */
#include "widgets/charts/chart-cursor.h"

#include <math.h>

struct _GwChartCursor
{
  GObject parent_instance;
  double x;
};

G_DEFINE_FINAL_TYPE (GwChartCursor, gw_chart_cursor, G_TYPE_OBJECT)

static guint moved_signal;

static void
gw_chart_cursor_class_init (GwChartCursorClass *klass)
{
  moved_signal = g_signal_new ("moved", GW_TYPE_CHART_CURSOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 0);
}

static void
gw_chart_cursor_init (GwChartCursor *self)
{
  self->x = NAN;
}

GwChartCursor *
gw_chart_cursor_new (void)
{
  return g_object_new (GW_TYPE_CHART_CURSOR, NULL);
}

void
gw_chart_cursor_set_x (GwChartCursor *self, double x)
{
  g_return_if_fail (GW_IS_CHART_CURSOR (self));

  if (self->x == x || (isnan (self->x) && isnan (x)))
    return;
  self->x = x;
  g_signal_emit (self, moved_signal, 0);
}

double
gw_chart_cursor_get_x (GwChartCursor *self)
{
  g_return_val_if_fail (GW_IS_CHART_CURSOR (self), NAN);
  return self->x;
}
