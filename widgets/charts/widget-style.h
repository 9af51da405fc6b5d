/* SPDX-License-Identifier: Apache-2.0 */
/* The style sheet of charts and forms. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Adds the sheet to the default display; further calls do nothing.  Called by
 * the widgets that need it. */
void gw_widget_style_ensure (void);

G_END_DECLS
