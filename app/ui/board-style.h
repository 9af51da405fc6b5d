/* SPDX-License-Identifier: Apache-2.0 */
/* The style sheet of the Board. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Adds the sheet to the default display; further calls do nothing. */
void gw_board_style_ensure (void);

G_END_DECLS
