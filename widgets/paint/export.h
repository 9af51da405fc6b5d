/* SPDX-License-Identifier: Apache-2.0 */
/* Charts to files: PNG, SVG or PDF by the name's extension, in the light style,
 * replaced atomically. */
#pragma once

#include "widgets/paint/chart.h"

G_BEGIN_DECLS

#define GW_EXPORT_ERROR gw_export_error_quark ()

typedef enum
{
  GW_EXPORT_ERROR_FORMAT,  /* the extension is none of .png .svg .pdf */
  GW_EXPORT_ERROR_SIZE,    /* width or height outside 16..16384 */
  GW_EXPORT_ERROR_WRITE    /* the file could not be written */
} GwExportError;

GQuark gw_export_error_quark (void);

typedef struct
{
  double width, height;   /* px (PNG), points (SVG, PDF) */
  double scale;           /* PNG: device pixels per px; 0 = 1 */
  gboolean dark;          /* exports are light unless asked */
  gboolean transparent;   /* leave the ground out */
  const char *family;     /* font, NULL = the design's */
} GwExportOptions;

/* Draws with any function: what the canvas or a page of several charts needs. */
typedef void (*GwExportDraw) (GwChartPen *pen, double width, double height, gpointer data);

gboolean gw_export_draw (const char *path, const GwExportOptions *options, GwExportDraw draw,
                         gpointer data, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* @chart is any GwChart.  The file is written beside @path and renamed: @path
 * holds the old or the new picture, whatever happens. */
gboolean gw_chart_export (gpointer chart, const char *path, const GwExportOptions *options,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
