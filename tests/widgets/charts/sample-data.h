/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up but believable data for the tests and the gallery of charts; the same
 * numbers at each call. */
#pragma once

#include "widgets/paint/histogram-chart.h"
#include "widgets/paint/line-chart.h"
#include "widgets/paint/sample-chart.h"
#include "widgets/paint/tensor-chart.h"

G_BEGIN_DECLS

/* A falling loss with noise of @n points, ten steps a second. */
GwSeries *sample_loss (gsize n, double start, double end, guint32 seed);

/* Weights that spread over @n_steps, 64 exponential buckets a step. */
GwHistogramSeries *sample_histograms (guint n_steps);

/* A bell of @n values with deviation @deviation in uneven buckets; free. */
GwBucket *sample_buckets (double deviation, double n, guint *n_buckets);

/* Smooth waves with noise, rows x columns; free. */
float *sample_matrix (gsize rows, gsize columns);

/* Six 28 x 28 pictures, the last one wrong. */
GwImageGrid *sample_images (void);

/* Ten classes of clothes. */
GwConfusionChart *sample_confusion (void);

G_END_DECLS
