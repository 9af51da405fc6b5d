/* SPDX-License-Identifier: Apache-2.0 */
/* One axis: a scale, its range and 4 to 7 labelled ticks.  Linear steps are 1,
 * 2, 2.5, 5 times a power of ten, log ticks stand at 1, 2, 5, times at round
 * seconds, minutes, hours, days. */
#pragma once

#include <glib.h>

#include "widgets/paint/number-text.h"

G_BEGIN_DECLS

#define GW_AXIS_MAX_TICKS 12

typedef enum
{
  GW_AXIS_LINEAR,
  GW_AXIS_INTEGER,   /* linear, steps of at least 1 */
  GW_AXIS_LOG,       /* range above 0 */
  GW_AXIS_DURATION,  /* seconds since a start */
  GW_AXIS_CLOCK      /* seconds since 1970, local time */
} GwAxisScale;

typedef struct
{
  double value;
  char text[GW_NUMBER_TEXT_SIZE];
} GwAxisTick;

typedef struct
{
  GwAxisScale scale;
  double low, high;  /* low < high, both finite */
  guint n_ticks;
  GwAxisTick ticks[GW_AXIS_MAX_TICKS];
} GwAxis;

/* @max_labels 2..GW_AXIS_MAX_TICKS, 7 where there is room.  A range that is
 * empty, reversed, not finite or (LOG) not positive is repaired to one that
 * shows its values: never fails. */
void gw_axis_init (GwAxis *axis, GwAxisScale scale, double low, double high, guint max_labels);

/* Place of @value: 0 at low, 1 at high; not clamped.  NaN where the scale has
 * no place (log of a value <= 0 gives -infinity). */
double gw_axis_map (const GwAxis *axis, double value);
double gw_axis_unmap (const GwAxis *axis, double share);

/* Widens low..high by @share of its length in the scale on each side. */
void gw_axis_pad (GwAxisScale scale, double *low, double *high, double share);

G_END_DECLS
