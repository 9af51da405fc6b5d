/* SPDX-License-Identifier: Apache-2.0 */
/* The port glyph of an element type as a small widget for rows and tables. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* @dtype: TensorFlow's name, "float32" or "float32_ref"; NULL or an unknown
 * name shows nothing. */
GtkWidget *gw_dtype_glyph_new (const char *dtype);
void gw_dtype_glyph_set (GtkWidget *glyph, const char *dtype);

G_END_DECLS
