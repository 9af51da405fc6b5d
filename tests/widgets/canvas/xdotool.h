/* SPDX-License-Identifier: Apache-2.0 */

/* Real pointer and key events for a window of this process. */

#pragma once

#include <glib.h>

/* Turns the main loop for that long. */
void tool_spin  (int         ms);

/* xdotool with these arguments, to its end, while the main loop turns; it must
 * succeed. */
void tool_run   (const char *arguments);

/* The same, printf-like, and then lets the events come in. */
void tool       (const char *format,
                 ...) G_GNUC_PRINTF (1, 2);

/* Presses a button at a point, moves in steps, releases; modifier may be "". */
void tool_drag  (int         button,
                 double      x0,
                 double      y0,
                 double      x1,
                 double      y1,
                 const char *modifier);
