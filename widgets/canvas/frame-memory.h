/* SPDX-License-Identifier: Apache-2.0 */
/* How the frames of a window that is drawn in software come to an X11 display. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Has the memory that frames of the realized `native` are handed over in kept from one to the
 * next, for as long as its surface lives: a frame of 2560 × 1440 then takes about half the
 * time. Does nothing where it is there already, on other displays and with other renderers. */
void gw_frame_memory_keep (GtkNative *native);

G_END_DECLS
