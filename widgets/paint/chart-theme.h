/* SPDX-License-Identifier: Apache-2.0 */
/* Colours of charts and tensor pictures, light and dark: run colours with
 * their dashes, the health pill's six kinds, the value maps. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define GW_CHART_RUN_COLORS 12

/* sRGB, each component 0..1. */
typedef struct
{
  double red, green, blue;
} GwChartColor;

/* The kinds of a health pill in their fixed order. */
typedef enum
{
  GW_HEALTH_NAN,
  GW_HEALTH_MINUS_INFINITY,
  GW_HEALTH_NEGATIVE,
  GW_HEALTH_ZERO,
  GW_HEALTH_POSITIVE,
  GW_HEALTH_PLUS_INFINITY,
  GW_HEALTH_N_KINDS
} GwHealthKind;

typedef struct
{
  gboolean dark;
  GwChartColor card;        /* ground of a card; also "nothing" of the value maps */
  GwChartColor text;
  GwChartColor dim_text;
  GwChartColor grid;        /* horizontal lines of a plot */
  GwChartColor axis;        /* x axis and its ticks */
  GwChartColor border;
  GwChartColor control;     /* fill of quiet controls and of empty bars */
  GwChartColor accent;
  GwChartColor problem;
  GwChartColor warning;
  GwChartColor good;
  GwChartColor running;
  GwChartColor flag;        /* ground of the step flag on the x axis */
  GwChartColor flag_text;
  GwChartColor cursor;      /* the vertical dashed line */
  GwChartColor negative;    /* ends of the signed map, the same in both styles */
  GwChartColor positive;
  GwChartColor run[GW_CHART_RUN_COLORS];
  GwChartColor health[GW_HEALTH_N_KINDS];
} GwChartTheme;

/* How the line of one run is drawn. */
typedef struct
{
  GwChartColor color;
  double alpha;             /* 1, or 0.6 from the 13th run on */
  double dash[4];           /* on, off, ...; px */
  int n_dash;               /* 0 = solid */
  gboolean name_at_end;     /* the colour repeats: write the name at the line's end */
} GwRunStyle;

/* The light or the dark table; constant. */
const GwChartTheme *gw_chart_theme_get (gboolean dark);

/* from + (to - from) * share, share in 0..1. */
GwChartColor gw_chart_color_mix (GwChartColor from, GwChartColor to, double share);

/* Style of the run that appeared as number @run (0 = first). */
GwRunStyle gw_chart_theme_run (const GwChartTheme *theme, guint run);

/* Colour of @value / @limit on the map blue - ground - orange with power 0.8;
 * shares beyond -1..1 are clamped, a NaN gives the warning colour. */
GwChartColor gw_chart_theme_signed (const GwChartTheme *theme, double share);

/* Colour of a share 0..1 on the map ground - blue. */
GwChartColor gw_chart_theme_unsigned (const GwChartTheme *theme, double share);

/* Black or white, whichever reads better on @ground. */
GwChartColor gw_chart_color_on (GwChartColor ground);

G_END_DECLS
