/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures of one tensor: a bar histogram (optionally with a second one
 * outlined over it) and a heat map of a matrix with its colour bar. */
#pragma once

#include "widgets/paint/axis.h"
#include "widgets/paint/chart.h"
#include "widgets/paint/histogram.h"

G_BEGIN_DECLS

/* --- bar histogram --- */

typedef struct _GwBarHistogram GwBarHistogram;

GwBarHistogram *gw_bar_histogram_new (void);
/* Buckets of A (filled) and B (outlined); both may be empty.  Copied. */
void gw_bar_histogram_set (GwBarHistogram *chart, const GwBucket *filled, guint n_filled,
                           const GwBucket *outlined, guint n_outlined);
/* Bins to draw (default 30). */
void gw_bar_histogram_set_bins (GwBarHistogram *chart, guint n_bins);
/* Without axes and labels: for a table's cell. */
void gw_bar_histogram_set_compact (GwBarHistogram *chart, gboolean compact);

/* --- heat map --- */

typedef struct _GwHeatMap GwHeatMap;

typedef enum
{
  GW_HEAT_AUTO,      /* signed when a value is below 0 */
  GW_HEAT_SIGNED,    /* symmetric about 0 */
  GW_HEAT_UNSIGNED   /* from 0 (or the minimum) up */
} GwHeatScale;

GwHeatMap *gw_heat_map_new (void);
/* Row-major values, copied; FALSE when memory ran out. */
gboolean gw_heat_map_set (GwHeatMap *chart, const float *values, gsize rows, gsize columns);
void gw_heat_map_set_scale (GwHeatMap *chart, GwHeatScale scale);
/* Largest magnitude of the map; NaN = from the values. */
void gw_heat_map_set_limit (GwHeatMap *chart, double limit);
/* Frame round a part of the matrix; rows 0 = none. */
void gw_heat_map_set_mark (GwHeatMap *chart, gsize row, gsize column, gsize rows, gsize columns);
gsize gw_heat_map_rows (const GwHeatMap *chart);
gsize gw_heat_map_columns (const GwHeatMap *chart);
float gw_heat_map_value (const GwHeatMap *chart, gsize row, gsize column);
/* Cell under the point; FALSE outside. */
gboolean gw_heat_map_pick (GwHeatMap *chart, GwChartPen *pen, double width, double height,
                           double x, double y, gsize *row, gsize *column);
/* "largest of every 16 × 8 values, by magnitude" or "" ; of the last drawing. */
const char *gw_heat_map_footer (const GwHeatMap *chart);

/* The value of largest magnitude in each block of @block_rows x @block_columns;
 * NaN wins.  @out has ceil (rows / block_rows) x ceil (columns / block_columns). */
void gw_heat_map_reduce (const float *values, gsize rows, gsize columns, gsize block_rows,
                         gsize block_columns, float *out);

G_END_DECLS
