/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/document/random-numbers.h"

#include "engine/base/random.h"
#include "engine/document/lower-private.h"

/* ---- lowering by them ---- */

static gpointer
id_key (int64_t id)
{
  return GSIZE_TO_POINTER ((gsize) id);
}

/* Whether all of them are numbers that nobody has claimed. */
static gboolean
claim (GHashTable        *claimed,
       const GwAttrValue *numbers)
{
  for (int i = 0; i < numbers->list.n; i++)
    if (numbers->list.i[i] < 0 || g_hash_table_contains (claimed, &numbers->list.i[i]))
      return FALSE;
  for (int i = 0; i < numbers->list.n; i++)
    g_hash_table_add (claimed, g_memdup2 (&numbers->list.i[i], sizeof (int64_t)));
  return TRUE;
}

void
gw_lowering_reserve_numbers (GwLowering *lowering)
{
  g_autoptr (GHashTable) claimed = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer number;
  int n;
  const int64_t *ids = gw_document_ids (lowering->document, GW_ITEM_NODE, &n);

  for (int i = 0; i < n; i++)
    {
      const GwAttrValue *numbers = gw_named_attrs_get (gw_document_node (lowering->document, ids[i])->attrs, GW_ATTR_RANDOM_NUMBERS);

      if (numbers == NULL || numbers->type != GW_ATTR_INTS || gw_document_body (lowering->document, ids[i]) != 0 ||
          !claim (claimed, numbers))
        continue;
      if (lowering->numbers == NULL)
        lowering->numbers = g_hash_table_new (NULL, NULL);
      g_hash_table_insert (lowering->numbers, id_key (ids[i]), (gpointer) numbers);
    }
  for (g_hash_table_iter_init (&iter, claimed); g_hash_table_iter_next (&iter, &number, NULL);)
    gw_graph_reserve_random_number (lowering->lowered->graph, *(const int64_t *) number);
}

void
gw_lowering_give_numbers (GwLowering *lowering,
                          int64_t     id)
{
  const GwAttrValue *numbers = lowering->numbers != NULL ? g_hash_table_lookup (lowering->numbers, id_key (id)) : NULL;

  if (numbers != NULL)
    gw_graph_give_random_numbers (lowering->lowered->graph, numbers->list.n, numbers->list.i);
  else
    gw_graph_give_random_numbers (lowering->lowered->graph, 0, NULL);
}

void
gw_lowering_own_seed (GwLowering      *lowering,
                      const GwDocNode *node,
                      const GwOpDef   *def,
                      GArray          *settings)
{
  const GwAttrValue *own = gw_named_attrs_get (node->attrs, GW_ATTR_OWN_SEED);
  const char *const names[] = { "seed", "seed2" };
  int64_t seeds[2];

  if (own == NULL || own->type != GW_ATTR_INT || (def->flags & GW_OP_RANDOM) == 0 || gw_named_attrs_get (node->attrs, "seed") != NULL)
    return;
  gw_combine_seeds (gw_graph_seed (lowering->lowered->graph), own->i, 0, &seeds[0], &seeds[1]);
  for (int i = 0; i < 2; i++)
    if (gw_attr_defs_find (def->attrs, names[i]) >= 0)
      {
        GwAttrSetting setting = { names[i], gw_attr_int (seeds[i]) };

        g_array_append_val (settings, setting);
      }
}

/* ---- keeping them ---- */

static GwLowered *
lower_for_training (const GwDocument *document)
{
  return gw_lower (document, &(GwLowerOptions) { GW_MODE_TRAIN, TRUE, 1 });
}

/* What one node of the document draws, while its parts are gone through. */
typedef struct {
  int64_t  id;      /* 0 = none yet */
  GArray  *numbers; /* of int64_t: as they were before, up to the first part that was not there */
  gboolean is_new;  /* such a part was met */
  gboolean moved;
} Draws;

/* Writes the numbers down at the node if they have moved; starts on the next one. */
static gboolean
settle (Draws            *draws,
        int64_t           next,
        GwEdit           *step,
        const GwDocument *document)
{
  const GwAttrValue value = gw_attr_ints ((int) draws->numbers->len, (const int64_t *) (gpointer) draws->numbers->data);
  GwItem *item = draws->moved && draws->numbers->len > 0 ? gw_edit_take (step, document, draws->id) : NULL;
  const GwAttrValue *has = item != NULL ? gw_named_attrs_get (item->node.attrs, GW_ATTR_RANDOM_NUMBERS) : NULL;
  gboolean changed = item != NULL && (has == NULL || !gw_attr_value_equal (has, &value));

  if (changed)
    {
      gw_named_attrs_set (item->node.attrs, GW_ATTR_RANDOM_NUMBERS, &value);
      gw_edit_put (step, document, item);
    }
  else if (item != NULL)
    gw_item_unref (item);
  g_array_set_size (draws->numbers, 0);
  draws->id = next;
  draws->is_new = draws->moved = FALSE;
  return changed;
}

static void
note_number (Draws        *draws,
             const GwNode *before,
             const GwNode *after)
{
  if (before == NULL || before->random_number < 0)
    draws->is_new = TRUE;
  else if (!draws->is_new)
    {
      g_array_append_val (draws->numbers, before->random_number);
      draws->moved |= before->random_number != after->random_number;
    }
}

/* One round; FALSE when nothing moves. */
static gboolean
write_numbers (GwEdit           *step,
               const GwDocument *document,
               const GwGraph    *before)
{
  g_autoptr (GwLowered) lowered = lower_for_training (document);
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (int64_t));
  Draws draws = { .numbers = numbers };
  gboolean changed = FALSE;

  for (int i = 0; i < gw_graph_n_nodes (lowered->graph); i++)
    {
      const GwNode *node = gw_graph_node (lowered->graph, i);

      if (node->random_number < 0)
        continue;
      if (gw_lowered_maker (lowered, node) != draws.id)
        changed |= settle (&draws, gw_lowered_maker (lowered, node), step, document);
      note_number (&draws, gw_graph_find (before, node->name), node);
    }
  return settle (&draws, 0, step, document) || changed;
}

/* Numbers that are written down are left out in counting, which may move others: until none moves. */
void
gw_edit_keep_draws (GwEdit           *edit,
                    const GwDocument *document)
{
  g_autoptr (GwLowered) before = lower_for_training (document);
  g_autoptr (GwDocument) so_far = gw_document_copy (document);
  gboolean changed = TRUE;

  gw_document_apply (so_far, edit);
  while (changed)
    {
      g_autoptr (GwEdit) step = gw_edit_new ("Numbers");

      changed = write_numbers (step, so_far, before->graph);
      gw_document_apply (so_far, step);
      gw_edit_merge (edit, step);
    }
}
