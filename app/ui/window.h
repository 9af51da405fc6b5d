/* SPDX-License-Identifier: Apache-2.0 */
/* One document in one window. */
#pragma once

#include <adwaita.h>

#include "app/model/autosave.h"
#include "app/model/run.h"

G_BEGIN_DECLS

#define GW_TYPE_WINDOW (gw_window_get_type ())
G_DECLARE_FINAL_TYPE (GwWindow, gw_window, GW, WINDOW, AdwApplicationWindow)

GwWindow *gw_window_new (GtkApplication *application);
/* Loads into this window, which must hold nothing worth keeping; as a copy it stays
 * untitled. */
void gw_window_open_file (GwWindow *window, GFile *file, gboolean as_copy);
/* The window's own; borrowed. */
GwDocModel *gw_window_get_model (GwWindow *window);
GwRun *gw_window_get_run (GwWindow *window);
/* Asks, without blocking, whether to take up what a crash left. */
void gw_window_offer_recovery (GwWindow *window, const GwRecovery *recovery);

G_END_DECLS
