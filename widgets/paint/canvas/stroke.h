/* SPDX-License-Identifier: Apache-2.0 */

/* Small pictures as path text: the letters M L H V C S A Z (and lower case)
 * of SVG, enough for the glyphs of the tiles.  Arcs must be circular. */

#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

/* Appends the path to cr's; stops at the first letter or number that it does
 * not know and returns FALSE. */
gboolean gw_canvas_stroke_path (cairo_t    *cr,
                                const char *path);

G_END_DECLS
