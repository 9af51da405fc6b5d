/* SPDX-License-Identifier: Apache-2.0 */
/* The Checkpoints page: what a run saved, variable by variable, alone or compared
 * with another checkpoint, and the way back into the graph. */
#pragma once

#include <adwaita.h>

#include "app/model/doc-model.h"
#include "app/model/run.h"

G_BEGIN_DECLS

#define GW_TYPE_CHECKPOINTS_PAGE (gw_checkpoints_page_get_type ())
G_DECLARE_FINAL_TYPE (GwCheckpointsPage, gw_checkpoints_page, GW, CHECKPOINTS_PAGE, AdwBin)

GtkWidget *gw_checkpoints_page_new (GwDocModel *model, GwRun *run);
/* Shows a run's folder, or a checkpoint by its prefix or one of its files. */
void gw_checkpoints_page_open (GwCheckpointsPage *page, const char *path);
/* Compares A with B (on), with the oldest checkpoint as B when there is none yet. */
void gw_checkpoints_page_set_compare (GwCheckpointsPage *page, gboolean compare);

G_END_DECLS
