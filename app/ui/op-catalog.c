/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/op-catalog.h"

#include "widgets/forms/op-entry.h"
#include "widgets/paint/canvas/element.h"

static const char *
category_icon (const char *category)
{
  g_autofree char *name = g_strdup_printf ("op-%s-symbolic", category);

  return g_intern_string (name);
}

static const char *
category_color (const char *category)
{
  g_autofree char *text = g_strdup_printf ("#%06x", gw_canvas_category_color (gw_canvas_category_from_key (category)));

  return g_intern_string (text);
}

const char *
gw_op_icon_name (const GwOpDef *op)
{
  return category_icon (gw_op_category (op)->name);
}

const char *
gw_op_color (const GwOpDef *op)
{
  return category_color (gw_op_category (op)->name);
}

/* Type of the first output as far as the op alone tells. */
static const char *
first_dtype (const GwOpDef *op)
{
  GwDType dtype;
  int attr;

  if (gw_ports_length (op->outputs) == 0)
    return NULL;
  dtype = gw_dtype_from_name (op->outputs[0].type);
  attr = gw_attr_defs_find (op->attrs, op->outputs[0].type);
  if (dtype == GW_DTYPE_INVALID && attr >= 0 && op->attrs[attr].def != NULL)
    dtype = gw_dtype_from_name (op->attrs[attr].def);
  return dtype != GW_DTYPE_INVALID ? gw_dtype_name (dtype) : "float32";
}

static void
append_op (GListStore    *store,
           const GwOpDef *op)
{
  GwOpEntryInfo info = {
    .name = op->name,
    .title = op->name,
    .category = gw_op_category (op)->name,
    .category_title = gw_op_category (op)->title,
    .group = gw_op_group (op),
    .color = gw_op_color (op),
    .icon_name = gw_op_icon_name (op),
    .dtype = first_dtype (op),
    .summary = op->summary,
    .hidden = (op->flags & GW_OP_HIDDEN) != 0,
  };
  g_autoptr (GwOpEntry) entry = gw_op_entry_new (&info);

  g_list_store_append (store, entry);
}

GListModel *
gw_op_catalog_new (void)
{
  GListStore *store = g_list_store_new (GW_TYPE_OP_ENTRY);
  int n;
  const GwOpDef *const *ops = gw_registry_list_by_category (&n);

  for (int i = 0; i < n; i++)
    append_op (store, ops[i]);
  return G_LIST_MODEL (store);
}
