/* SPDX-License-Identifier: Apache-2.0 */
/* One op of the palette, as a small immutable object for a GListModel. */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define GW_TYPE_OP_ENTRY (gw_op_entry_get_type ())
G_DECLARE_FINAL_TYPE (GwOpEntry, gw_op_entry, GW, OP_ENTRY, GObject)

/* Also properties of the same names ("name", "title", "category",
 * "category-title", "group", "color", "icon-name", "dtype", "summary", "hidden"). */
typedef struct
{
  const char *name;            /* op type: what a drag carries as "op:NAME" */
  const char *title;           /* shown; NULL = name */
  const char *category;        /* id, e.g. "layers"; entries of one category stand together */
  const char *category_title;  /* "Layers" */
  const char *color;           /* of the category, "#9141ac" */
  const char *icon_name;       /* "op-layers-symbolic"; NULL = none */
  const char *dtype;           /* of the first output, "float32"; NULL = none */
  const char *summary;         /* tooltip and searched */
  gboolean hidden;             /* found by search only when named exactly */
  const char *group;           /* sub-heading within the category, "Joining"; NULL = none */
} GwOpEntryInfo;

GwOpEntry *gw_op_entry_new (const GwOpEntryInfo *info);
/* Strings are owned by the entry. */
const GwOpEntryInfo *gw_op_entry_get_info (GwOpEntry *entry);

G_END_DECLS
