/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the op list share. */
#pragma once

#include "widgets/forms/op-list-rows.h"

G_BEGIN_DECLS

/* Makes the rows' widgets. */
GtkListItemFactory *gw_op_list_factory_new (GwOpList *list);
gboolean gw_op_list_is_flat (GwOpList *list);
/* Emits "menu" for an op's row. */
void gw_op_list_open_menu (GwOpList *list, GwOpRow *row, GtkWidget *widget);
/* Folds or unfolds the row's category. */
void gw_op_list_toggle (GwOpList *list, GwOpRow *row);

G_END_DECLS
