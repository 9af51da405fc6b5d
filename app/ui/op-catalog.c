/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/op-catalog.h"

#include "app/model/composite-store.h"

#include "widgets/forms/op-entry.h"
#include "widgets/paint/canvas/element.h"

#include <string.h>

static const char *
category_icon (const char *category)
{
  g_autofree char *name = g_strdup_printf ("op-%s-symbolic", strcmp (category, "mine") == 0 ? "layers" : category);

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
           const GwOpDef *op,
           const char    *category)
{
  GwOpEntryInfo info = {
    .name = op->name,
    .title = op->name,
    .category = category != NULL ? category : gw_op_category (op)->name,
    .category_title = category != NULL ? "Mine" : gw_op_category (op)->title,
    .group = category != NULL ? NULL : gw_op_group (op),
    .color = gw_op_color (op),
    .icon_name = gw_op_icon_name (op),
    .dtype = first_dtype (op),
    .summary = op->summary,
    .hidden = (op->flags & GW_OP_HIDDEN) != 0,
  };
  g_autoptr (GwOpEntry) entry = gw_op_entry_new (&info);

  g_list_store_append (store, entry);
}

/* Of composites: the document's own, then those of the palette that it does not have. */
static void
append_mine (GListStore       *store,
             const GwDocument *document)
{
  g_auto (GStrv) kept = gw_composite_store_list ();
  int n;
  const int64_t *groups = gw_document_ids (document, GW_ITEM_GROUP, &n);

  for (int i = 0; i < n; i++)
    if (gw_document_group (document, groups[i])->kind == GW_GROUP_COMPOSITE)
      append_op (store, gw_document_op (document, gw_document_group (document, groups[i])->name), "mine");
  for (int i = 0; kept[i] != NULL; i++)
    {
      g_autoptr (GwDocument) library = gw_document_find_group (document, kept[i]) == 0 ? gw_composite_store_load (kept[i], NULL) : NULL;

      if (library != NULL && gw_registry_find (kept[i]) == NULL && gw_document_op (library, kept[i]) != NULL)
        append_op (store, gw_document_op (library, kept[i]), "mine");
    }
}

/* One text that differs when the list would. */
static char *
signature_of (const GwDocument *document)
{
  GString *text = g_string_new (NULL);
  g_auto (GStrv) kept = gw_composite_store_list ();
  int n;
  const int64_t *groups = gw_document_ids (document, GW_ITEM_GROUP, &n);

  for (int i = 0; i < n; i++)
    if (gw_document_group (document, groups[i])->kind == GW_GROUP_COMPOSITE)
      g_string_append_printf (text, "%p ", (gconstpointer) gw_document_op (document, gw_document_group (document, groups[i])->name));
  for (int i = 0; kept[i] != NULL; i++)
    g_string_append_printf (text, "%s ", kept[i]);
  return g_string_free (text, FALSE);
}

void
gw_op_catalog_show_mine (GListModel       *catalog,
                         const GwDocument *document)
{
  GListStore *store = G_LIST_STORE (catalog);
  guint n_shipped = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (store), "shipped"));
  char *signature = signature_of (document);

  if (g_strcmp0 (signature, g_object_get_data (G_OBJECT (store), "mine")) == 0)
    {
      g_free (signature);
      return;
    }
  g_object_set_data_full (G_OBJECT (store), "mine", signature, g_free);
  g_list_store_splice (store, n_shipped, g_list_model_get_n_items (catalog) - n_shipped, NULL, 0);
  append_mine (store, document);
}

GListModel *
gw_op_catalog_new (void)
{
  GListStore *store = g_list_store_new (GW_TYPE_OP_ENTRY);
  int n;
  const GwOpDef *const *ops = gw_registry_list_by_category (&n);

  for (int i = 0; i < n; i++)
    append_op (store, ops[i], NULL);
  g_object_set_data (G_OBJECT (store), "shipped", GUINT_TO_POINTER (g_list_model_get_n_items (G_LIST_MODEL (store))));
  return G_LIST_MODEL (store);
}
