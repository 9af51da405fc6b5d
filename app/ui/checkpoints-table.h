/* SPDX-License-Identifier: Apache-2.0 */
/* The table of a checkpoint's variables. Signals: "selected" (string name), "shown"
 * (the filter leaves another number of rows). */
#pragma once

#include <gtk/gtk.h>

#include "app/model/checkpoint-store.h"

G_BEGIN_DECLS

#define GW_TYPE_CHECKPOINTS_TABLE (gw_checkpoints_table_get_type ())
G_DECLARE_FINAL_TYPE (GwCheckpointsTable, gw_checkpoints_table, GW, CHECKPOINTS_TABLE, GtkWidget)

typedef enum {
  GW_VARIABLES_ALL,
  GW_VARIABLES_TRAINABLE,
  GW_VARIABLES_SLOTS,
} GwVariablesFilter;

GtkWidget *gw_checkpoints_table_new (GwCheckpointStore *store);
/* With it, the column “Change from B” is there and the rows are sorted by it. */
void gw_checkpoints_table_set_compare (GwCheckpointsTable *table, gboolean compare);
void gw_checkpoints_table_set_filter (GwCheckpointsTable *table, GwVariablesFilter filter, const char *text);
/* Rows that the filter lets through. */
guint gw_checkpoints_table_n_shown (GwCheckpointsTable *table);
/* Selects the row of a variable, else the first. */
void gw_checkpoints_table_select (GwCheckpointsTable *table, const char *name);

G_END_DECLS
