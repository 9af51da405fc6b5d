/* SPDX-License-Identifier: Apache-2.0 */
/* The palette: a search entry over ops grouped by category.  Rows are dragged
 * (G_TYPE_STRING "op:NAME") or activated by Enter and double-click. */
#pragma once

#include <gtk/gtk.h>

#include "widgets/forms/op-entry.h"

G_BEGIN_DECLS

#define GW_TYPE_OP_LIST (gw_op_list_get_type ())
G_DECLARE_FINAL_TYPE (GwOpList, gw_op_list, GW, OP_LIST, GtkWidget)

/* TRUE = offer this op. */
typedef gboolean (*GwOpFilter) (GwOpEntry *entry, gpointer data);

/* Signals "activated" (GwOpEntry); "menu" (GwOpEntry, GtkWidget *row) on a right click, the Menu key
 * and Shift+F10; "delete" (GwOpEntry). */
GtkWidget *gw_op_list_new (void);
/* A model of GwOpEntry; entries of one category need not be neighbours. */
void gw_op_list_set_model (GwOpList *list, GListModel *model);
GListModel *gw_op_list_get_model (GwOpList *list);
void gw_op_list_set_search (GwOpList *list, const char *text);
const char *gw_op_list_get_search (GwOpList *list);
/* Names used lately, newest first; a matching one ranks before equals.  NULL-terminated. */
void gw_op_list_set_recent (GwOpList *list, const char *const *names);
/* NULL = everything. */
void gw_op_list_set_filter (GwOpList *list, GwOpFilter filter, gpointer data,
                            GDestroyNotify destroy);
/* A flat list instead of groups, no drag, no foot: for a popover. */
void gw_op_list_set_flat (GwOpList *list, gboolean flat);
void gw_op_list_set_expanded (GwOpList *list, const char *category, gboolean expanded);
gboolean gw_op_list_get_expanded (GwOpList *list, const char *category);
/* Whether hidden ops stand among the others; the foot's toggle does the same. */
void gw_op_list_set_show_hidden (GwOpList *list, gboolean show);
gboolean gw_op_list_get_show_hidden (GwOpList *list);
/* Rows of ops shown now (headings not counted). */
guint gw_op_list_get_n_shown (GwOpList *list);
/* The op at place @position among the ops shown, NULL beyond (transfer none). */
GwOpEntry *gw_op_list_get_shown (GwOpList *list, guint position);
void gw_op_list_grab_search (GwOpList *list);
/* Activates the selected row, as Enter does. */
void gw_op_list_activate_selected (GwOpList *list);

G_END_DECLS
