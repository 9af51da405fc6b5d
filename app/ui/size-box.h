/* SPDX-License-Identifier: Apache-2.0 */
/* A container of one child that says how wide it became, and is willing to become as
 * small as the window's smallest size whatever the child wants. Signal "resized" (int
 * width), before the child gets its size. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GW_TYPE_SIZE_BOX (gw_size_box_get_type ())
G_DECLARE_FINAL_TYPE (GwSizeBox, gw_size_box, GW, SIZE_BOX, GtkWidget)

GtkWidget *gw_size_box_new (GtkWidget *child, int min_width, int min_height);

G_END_DECLS
