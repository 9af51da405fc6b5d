/* SPDX-License-Identifier: Apache-2.0 */
/* The examples that ship, as a small window of cards. Signal "chosen" (GFile). */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define GW_TYPE_EXAMPLES_WINDOW (gw_examples_window_get_type ())
G_DECLARE_FINAL_TYPE (GwExamplesWindow, gw_examples_window, GW, EXAMPLES_WINDOW, AdwWindow)

GtkWidget *gw_examples_window_new (void);
/* The folder of the examples: where they are installed, else beside the build; NULL
 * when there is none. Free it. */
char *gw_examples_folder (void);

G_END_DECLS
