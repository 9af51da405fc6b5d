/* SPDX-License-Identifier: Apache-2.0 */
/* Which rows an op list shows: logic without widgets. */
#pragma once

#include "widgets/forms/op-list.h"

G_BEGIN_DECLS

typedef enum
{
  GW_OP_ROW_CATEGORY,
  GW_OP_ROW_GROUP,    /* a heading within an expanded category */
  GW_OP_ROW_OP
} GwOpRowKind;

#define GW_TYPE_OP_ROW (gw_op_row_get_type ())
G_DECLARE_FINAL_TYPE (GwOpRow, gw_op_row, GW, OP_ROW, GObject)

struct _GwOpRow
{
  GObject parent_instance;
  GwOpRowKind kind;
  GwOpEntry *entry;      /* of a heading: its first op, for title, colour and icon */
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
  gboolean show_hidden;
  GwOpFilter filter;
  gpointer filter_data;
} GwOpListQuery;

/* New rows in order, of GwOpRow. */
GPtrArray *gw_op_list_rows (const GwOpListQuery *query);

/* How well @entry fits what was typed; 0 = not at all.  A hidden one fits its exact name
 * alone, unless @show_hidden. */
int gw_op_list_score (GwOpEntry *entry, const char *typed, gboolean show_hidden);

/* Up to three ops whose names are nearest to what was typed (not owned). */
GPtrArray *gw_op_list_nearest (const GwOpListQuery *query);

/* Ops that the model offers (filtered ones left out, and hidden ones unless they show). */
guint gw_op_list_count (const GwOpListQuery *query);

G_END_DECLS
