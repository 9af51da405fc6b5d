/* SPDX-License-Identifier: Apache-2.0 */
/* Who takes from whom, and an order in which inputs come first, kept while wires come
 * and go: a new wire against the order moves only the nodes between its ends (Pearce
 * and Kelly, “A dynamic topological sort algorithm for directed acyclic graphs”, 2006).
 * A wire that closes a circle stays against the order and is left out of account. */
#include "engine/document/live-private.h"

static gboolean
array_find (const GArray *array,
            int64_t       id,
            guint        *at)
{
  for (guint i = 0; i < array->len; i++)
    if (g_array_index (array, int64_t, i) == id)
      {
        if (at != NULL)
          *at = i;
        return TRUE;
      }
  return FALSE;
}

static void
array_remove (GArray *array,
              int64_t id)
{
  guint at;

  if (array_find (array, id, &at))
    g_array_remove_index_fast (array, at);
}

/* ---- reordering ---- */

typedef struct {
  const GwLive *live;
  gboolean      forward;  /* along wires, or against them */
  int64_t       bound;    /* ranks beyond it are not visited */
  GHashTable   *seen;
  GPtrArray    *found;    /* of GwLiveNode */
} Search;

static void
search_step (Search           *search,
             const GwLiveNode *node)
{
  const GArray *next = search->forward ? node->users : node->sources;

  for (guint i = 0; i < next->len; i++)
    {
      GwLiveNode *other = gw_live_node (search->live, g_array_index (next, int64_t, i));
      gboolean against = search->forward ? gw_live_is_backward (node, other) : gw_live_is_backward (other, node);
      gboolean beyond = search->forward ? other->rank > search->bound : other->rank < search->bound;

      if (!against && !beyond && g_hash_table_add (search->seen, other))
        g_ptr_array_add (search->found, other);
    }
}

/* `start` and all it leads to within the bound. */
static GPtrArray *
search_from (const GwLive *live,
             GwLiveNode   *start,
             gboolean      forward,
             int64_t       bound)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  Search search = { live, forward, bound, seen, g_ptr_array_new () };

  g_hash_table_add (seen, start);
  g_ptr_array_add (search.found, start);
  for (guint i = 0; i < search.found->len; i++)
    search_step (&search, g_ptr_array_index (search.found, i));
  return search.found;
}

static gint
compare_ranks (gconstpointer a,
               gconstpointer b)
{
  const GwLiveNode *first = *(const GwLiveNode *const *) a;
  const GwLiveNode *second = *(const GwLiveNode *const *) b;

  return (first->rank > second->rank) - (first->rank < second->rank);
}

/* Lets those before the wire have the smaller ones of the ranks that both sides hold. */
static void
share_ranks (GPtrArray *before,
             GPtrArray *behind)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  g_autofree int64_t *ranks = g_new (int64_t, before->len + behind->len);

  g_ptr_array_sort (before, compare_ranks);
  g_ptr_array_sort (behind, compare_ranks);
  g_ptr_array_extend (all, before, NULL, NULL);
  g_ptr_array_extend (all, behind, NULL, NULL);
  g_ptr_array_sort (all, compare_ranks);
  for (guint i = 0; i < all->len; i++)
    ranks[i] = ((GwLiveNode *) g_ptr_array_index (all, i))->rank;
  for (guint i = 0; i < before->len; i++)
    ((GwLiveNode *) g_ptr_array_index (before, i))->rank = ranks[i];
  for (guint i = 0; i < behind->len; i++)
    ((GwLiveNode *) g_ptr_array_index (behind, i))->rank = ranks[before->len + i];
}

/* Moves `source` before `user`; FALSE when the wire closes a circle. */
static gboolean
put_in_order (GwLive     *live,
              GwLiveNode *source,
              GwLiveNode *user)
{
  g_autoptr (GPtrArray) behind = NULL;
  g_autoptr (GPtrArray) before = NULL;

  if (!gw_live_is_backward (source, user))
    return TRUE;
  behind = search_from (live, user, TRUE, source->rank);
  if (g_ptr_array_find (behind, source, NULL))
    return FALSE;
  before = search_from (live, source, FALSE, user->rank);
  share_ranks (before, behind);
  return TRUE;
}

static void
order_sources (GwLive     *live,
               GwLiveNode *node)
{
  gboolean circular = FALSE;

  for (guint i = 0; i < node->sources->len; i++)
    circular |= !put_in_order (live, gw_live_node (live, g_array_index (node->sources, int64_t, i)), node);
  if (circular)
    g_hash_table_add (live->circular, GSIZE_TO_POINTER ((gsize) node->id));
  else
    g_hash_table_remove (live->circular, GSIZE_TO_POINTER ((gsize) node->id));
}

void
gw_live_reopen (GwLive *live)
{
  g_autoptr (GList) ids = g_hash_table_get_keys (live->circular);

  for (GList *l = ids; l != NULL; l = l->next)
    {
      GwLiveNode *node = gw_live_node (live, (int64_t) GPOINTER_TO_SIZE (l->data));

      order_sources (live, node);
      gw_live_wait (live, node);
    }
}

/* ---- wires ---- */

/* Whether every input that should have a source has one. */
static gboolean
is_resolved (const GwDocument *document,
             const GwDocNode  *node)
{
  const GwOpDef *def = gw_registry_find (node->op);

  for (guint i = 0; i < node->inputs->len; i++)
    {
      const GwDocInput *input = &g_array_index (node->inputs, GwDocInput, i);
      const GwPortDef *port = gw_lowering_find_port (def, input->port);
      int output;

      if ((input->from != 0 || (port != NULL && port->is_ref)) &&
          gw_lowering_source (document, def, input, &output) == 0)
        return FALSE;
    }
  return TRUE;
}

/* The node's sources as the document has them, each once. */
static GArray *
wanted_sources (GwLive     *live,
                GwLiveNode *node)
{
  const GwDocNode *item = gw_document_node (live->document, node->id);
  g_autoptr (GArray) all = gw_lowering_sources (live->document, item);
  GArray *once = g_array_new (FALSE, FALSE, sizeof (int64_t));

  for (guint i = 0; i < all->len; i++)
    if (!array_find (once, g_array_index (all, int64_t, i), NULL))
      g_array_append_val (once, g_array_index (all, int64_t, i));
  if (is_resolved (live->document, item))
    g_hash_table_remove (live->unresolved, GSIZE_TO_POINTER ((gsize) node->id));
  else
    g_hash_table_add (live->unresolved, GSIZE_TO_POINTER ((gsize) node->id));
  return once;
}

void
gw_live_rewire (GwLive     *live,
                GwLiveNode *node)
{
  GArray *wanted = wanted_sources (live, node);

  for (guint i = 0; i < node->sources->len; i++)
    {
      int64_t source = g_array_index (node->sources, int64_t, i);

      if (!array_find (wanted, source, NULL))
        array_remove (gw_live_node (live, source)->users, node->id);
    }
  for (guint i = 0; i < wanted->len; i++)
    {
      int64_t source = g_array_index (wanted, int64_t, i);

      if (!array_find (node->sources, source, NULL))
        g_array_append_val (gw_live_node (live, source)->users, node->id);
    }
  g_array_unref (node->sources);
  node->sources = wanted;
  order_sources (live, node);
  gw_live_wait (live, node);
}

void
gw_live_cut (GwLive     *live,
             GwLiveNode *node)
{
  for (guint i = 0; i < node->sources->len; i++)
    array_remove (gw_live_node (live, g_array_index (node->sources, int64_t, i))->users, node->id);
  for (guint i = 0; i < node->users->len; i++)
    {
      GwLiveNode *user = gw_live_node (live, g_array_index (node->users, int64_t, i));

      array_remove (user->sources, node->id);
      gw_live_wait (live, user);
    }
  g_array_set_size (node->sources, 0);
  g_array_set_size (node->users, 0);
  g_hash_table_remove (live->circular, GSIZE_TO_POINTER ((gsize) node->id));
  g_hash_table_remove (live->unresolved, GSIZE_TO_POINTER ((gsize) node->id));
}

gboolean
gw_live_reaches (const GwLive *live,
                 int64_t       from,
                 int64_t       to)
{
  GwLiveNode *first = gw_live_node (live, from);
  GwLiveNode *last = gw_live_node (live, to);
  g_autoptr (GPtrArray) behind = NULL;

  if (first == NULL || last == NULL || first->rank > last->rank)
    return FALSE;
  behind = search_from (live, first, TRUE, last->rank);
  return g_ptr_array_find (behind, last, NULL);
}
