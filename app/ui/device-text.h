/* SPDX-License-Identifier: Apache-2.0 */
/* What the run bar says of the machine's devices. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* "/cpu:0" with its cores, and a popover that tells instruction set and why there is
 * no other device. */
GtkWidget *gw_device_button_new (void);

G_END_DECLS
