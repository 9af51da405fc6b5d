/* SPDX-License-Identifier: Apache-2.0 */
/* The position that linked cards share: one object handed to all of them. */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define GW_TYPE_CHART_CURSOR (gw_chart_cursor_get_type ())
G_DECLARE_FINAL_TYPE (GwChartCursor, gw_chart_cursor, GW, CHART_CURSOR, GObject)

/* Signal "moved": the position changed. */
GwChartCursor *gw_chart_cursor_new (void);
/* In data units of the x axis; NaN = nowhere. */
void gw_chart_cursor_set_x (GwChartCursor *cursor, double x);
double gw_chart_cursor_get_x (GwChartCursor *cursor);

G_END_DECLS
