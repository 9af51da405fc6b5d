/* SPDX-License-Identifier: Apache-2.0 */
/* Which rows an op list shows: logic without widgets. */
#pragma once

#include <gio/gio.h>

#include "widgets/forms/op-list.h"

G_BEGIN_DECLS

/* One row: a category (entry NULL) or an op. */
#define GW_TYPE_OP_ROW (gw_op_row_get_type ())
G_DECLARE_FINAL_TYPE (GwOpRow, gw_op_row, GW, OP_ROW, GObject)

struct _GwOpRow
{
  GObject parent_instance;
  GwOpEntry *entry;      /* of a category: its first op, for title, colour and icon */
  gboolean is_category;
  gboolean expanded;     /* of a category */
  guint count;           /* of a category: ops in it */
};

/* What decides about the rows. */
typedef struct
{
  GListModel *model;
  const char *search;
  char **recent;         /* NULL = none */
  GHashTable *expanded;  /* set of category ids */
  gboolean flat;
  GwOpFilter filter;
  gpointer filter_data;
} GwOpListQuery;

/* New rows in order, of GwOpRow. */
GPtrArray *gw_op_list_rows (const GwOpListQuery *query);

/* How well @entry fits what was typed; 0 = not at all. */
int gw_op_list_score (GwOpEntry *entry, const char *typed);

/* Up to three ops whose names are nearest to what was typed (not owned). */
GPtrArray *gw_op_list_nearest (const GwOpListQuery *query);

/* Ops that the model offers (hidden ones and filtered ones left out). */
guint gw_op_list_count (const GwOpListQuery *query);

G_END_DECLS
