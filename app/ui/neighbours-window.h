/* SPDX-License-Identifier: Apache-2.0 */
/* A window that tells which words a model holds for alike: a word, and those whose vectors
 * point most nearly where its own does. */
#pragma once

#include <adwaita.h>

#include "app/model/doc-model.h"
#include "app/model/run.h"

G_BEGIN_DECLS

#define GW_TYPE_NEIGHBOURS_WINDOW (gw_neighbours_window_get_type ())
G_DECLARE_FINAL_TYPE (GwNeighboursWindow, gw_neighbours_window, GW, NEIGHBOURS_WINDOW, AdwWindow)

/* Reads the vectors as they stand now; again when the user asks for it, and after a training. */
GtkWidget *gw_neighbours_window_new (GwDocModel *model, GwRun *run);

G_END_DECLS
