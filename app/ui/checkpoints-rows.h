/* SPDX-License-Identifier: Apache-2.0 */
/* The list of checkpoints at the left: a line of time with the badges A and B.
 * Signal "chosen" (string prefix, boolean as_b). */
#pragma once

#include <gtk/gtk.h>

#include "app/model/checkpoint-list.h"

G_BEGIN_DECLS

#define GW_TYPE_CHECKPOINTS_ROWS (gw_checkpoints_rows_get_type ())
G_DECLARE_FINAL_TYPE (GwCheckpointsRows, gw_checkpoints_rows, GW, CHECKPOINTS_ROWS, GtkWidget)

GtkWidget *gw_checkpoints_rows_new (void);
/* Shows these (read during the call only). */
void gw_checkpoints_rows_set (GwCheckpointsRows *rows, const GwCheckpointList *list);
/* Where the badges stand; B may be NULL. */
void gw_checkpoints_rows_mark (GwCheckpointsRows *rows, const char *a, const char *b);

G_END_DECLS
