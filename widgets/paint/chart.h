/* SPDX-License-Identifier: Apache-2.0 */
/* The common base of everything that can be painted and exported: a reference
 * counted plain C object with a draw function.  Not thread-safe: one thread at
 * a time. */
#pragma once

#include "widgets/paint/chart-pen.h"

G_BEGIN_DECLS

typedef struct _GwChart GwChart;

typedef struct
{
  const char *name;
  /* Draws into (0, 0, @width, @height); the ground is left as it is. */
  void (*draw) (GwChart *chart, GwChartPen *pen, double width, double height);
  /* Frees the contents, not @chart itself. */
  void (*clear) (GwChart *chart);
} GwChartClass;

struct _GwChart
{
  const GwChartClass *klass;
  gint ref_count;
};

/* For the makers of charts: @size bytes, zeroed, one reference. */
gpointer gw_chart_alloc (const GwChartClass *klass, gsize size);

/* Any chart pointer fits; the result is what was given. */
gpointer gw_chart_ref (gpointer chart);
void gw_chart_unref (gpointer chart);

/* Draws with the state of cr saved and restored, clipped to the rectangle. */
void gw_chart_draw (gpointer chart, GwChartPen *pen, double width, double height);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwChart, gw_chart_unref)

G_END_DECLS
