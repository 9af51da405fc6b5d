/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/targets.h"

#include <string.h>

static int
find_id (const GArray *ids,
         int64_t       id)
{
  for (guint i = 0; i < ids->len; i++)
    if (g_array_index (ids, int64_t, i) == id)
      return (int) i;
  return -1;
}

static void
set_member (GArray  *ids,
            int64_t  id,
            gboolean on)
{
  int i = find_id (ids, id);

  if (on && i < 0)
    g_array_append_val (ids, id);
  else if (!on && i >= 0)
    g_array_remove_index (ids, (guint) i);
}

/* Ops of that category that are expanded train something; the Apply… ops are
 * building blocks. */
static gboolean
trains (const GwOpDef *op)
{
  return op != NULL && op->expand != NULL && gw_op_is_in (op, "training");
}

static const GwOpDef *
op_in (GwEdit           *edit,
       const GwDocument *document,
       int64_t           id)
{
  g_autoptr (GwItem) item = gw_edit_take (edit, document, id);

  return item != NULL && item->kind == GW_ITEM_NODE ? gw_document_op (document, item->node.op) : NULL;
}

void
gw_targets_node_added (GwEdit           *edit,
                       const GwDocument *document,
                       int64_t           id)
{
  const GwOpDef *op = op_in (edit, document, id);
  GwItem *item;

  if (op == NULL || (!trains (op) && (op->flags & GW_OP_METRIC) == 0))
    return;
  item = gw_edit_take (edit, document, 0);
  if (trains (op))
    set_member (item->settings.targets, id, TRUE);
  else
    set_member (item->settings.metrics, id, TRUE);
  gw_edit_put (edit, document, item);
}

void
gw_targets_connected (GwEdit           *edit,
                      const GwDocument *document,
                      int64_t           from,
                      int64_t           to,
                      const char       *port)
{
  GwItem *item;

  if (!trains (op_in (edit, document, to)) || strcmp (port, "loss") != 0)
    return;
  item = gw_edit_take (edit, document, 0);
  if (item->settings.loss == 0)
    item->settings.loss = from;
  gw_edit_put (edit, document, item);
}

gboolean
gw_document_has_role (const GwDocument *document,
                      int64_t           id,
                      GwRole            role)
{
  const GwDocSettings *settings = gw_document_settings (document);
  const GwDocNode *node = gw_document_node (document, id);

  switch (role)
    {
    case GW_ROLE_TARGET:
      return find_id (settings->targets, id) >= 0;
    case GW_ROLE_LOSS:
      return settings->loss == id;
    case GW_ROLE_METRIC:
      return find_id (settings->metrics, id) >= 0;
    case GW_ROLE_REPORT:
      return node != NULL && (node->flags & GW_DOC_REPORT) != 0;
    }
  return FALSE;
}

GwEdit *
gw_edit_set_role (const GwDocument *document,
                  int64_t           id,
                  GwRole            role,
                  gboolean          on)
{
  static const char *const labels[] = { "Change what is trained", "Change the loss", "Change the metrics",
                                        "Change what is reported" };
  GwEdit *edit = gw_edit_new (labels[role]);
  GwItem *item = gw_edit_take (edit, document, role == GW_ROLE_REPORT ? id : 0);

  if (item == NULL)
    return edit;
  if (role == GW_ROLE_TARGET)
    set_member (item->settings.targets, id, on);
  else if (role == GW_ROLE_METRIC)
    set_member (item->settings.metrics, id, on);
  else if (role == GW_ROLE_LOSS)
    item->settings.loss = on ? id : 0;
  else
    item->node.flags = on ? item->node.flags | GW_DOC_REPORT : item->node.flags & ~GW_DOC_REPORT;
  gw_edit_put (edit, document, item);
  return edit;
}

static void
push_ids (GArray       *stack,
          const GArray *ids)
{
  g_array_append_vals (stack, ids->data, ids->len);
}

GHashTable *
gw_document_needed (const GwDocument *document)
{
  const GwDocSettings *settings = gw_document_settings (document);
  GHashTable *needed = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (int64_t));

  push_ids (stack, settings->targets);
  push_ids (stack, settings->metrics);
  if (settings->loss != 0)
    g_array_append_val (stack, settings->loss);
  while (stack->len > 0)
    {
      int64_t id = g_array_index (stack, int64_t, stack->len - 1);
      const GwDocNode *node = gw_document_node (document, id);

      g_array_set_size (stack, stack->len - 1);
      if (node == NULL || !g_hash_table_add (needed, g_memdup2 (&id, sizeof id)))
        continue;
      push_ids (stack, node->controls);
      for (guint i = 0; i < node->inputs->len; i++)
        if (g_array_index (node->inputs, GwDocInput, i).from != 0)
          g_array_append_val (stack, g_array_index (node->inputs, GwDocInput, i).from);
    }
  return needed;
}
