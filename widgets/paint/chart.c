/* SPDX-License-Identifier: Apache-2.0 */
/* The base of all charts. */
#include "widgets/paint/chart.h"

gpointer
gw_chart_alloc (const GwChartClass *klass, gsize size)
{
  GwChart *chart = g_malloc0 (size);

  chart->klass = klass;
  chart->ref_count = 1;
  return chart;
}

gpointer
gw_chart_ref (gpointer chart)
{
  g_return_val_if_fail (chart != NULL, NULL);

  ((GwChart *) chart)->ref_count++;
  return chart;
}

void
gw_chart_unref (gpointer chart)
{
  GwChart *self = chart;

  g_return_if_fail (chart != NULL);

  if (--self->ref_count > 0)
    return;

  self->klass->clear (self);
  g_free (self);
}

void
gw_chart_draw (gpointer chart, GwChartPen *pen, double width, double height)
{
  GwChart *self = chart;

  g_return_if_fail (chart != NULL);
  if (!(width > 0 && height > 0))
    return;

  cairo_save (pen->cr);
  cairo_rectangle (pen->cr, 0, 0, width, height);
  cairo_clip (pen->cr);
  self->klass->draw (self, pen, width, height);
  cairo_restore (pen->cr);
}
