/* SPDX-License-Identifier: Apache-2.0 */
/* The op list as a popover over the canvas: type, arrows, Enter. */
#pragma once

#include "widgets/forms/op-list.h"

G_BEGIN_DECLS

#define GW_TYPE_OP_SEARCH (gw_op_search_get_type ())
G_DECLARE_FINAL_TYPE (GwOpSearch, gw_op_search, GW, OP_SEARCH, GtkPopover)

/* Signal "chosen" (GwOpEntry): emitted after the popover closed.  Escape or a
 * click outside closes without it.  Set a parent with gtk_widget_set_parent()
 * and unparent it in the parent's dispose. */
GtkWidget *gw_op_search_new (void);
GwOpList *gw_op_search_get_list (GwOpSearch *search);
/* Opens at (x, y) of the parent with @text typed already (may be NULL), offering
 * what @filter lets through (NULL = everything; called until the next popup). */
void gw_op_search_popup (GwOpSearch *search, double x, double y, const char *text,
                         GwOpFilter filter, gpointer data, GDestroyNotify destroy);

G_END_DECLS
