/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/document/live.h"

#include "engine/base/error.h"
#include "engine/document/composite-own.h"
#include "engine/document/live-private.h"
#include "engine/document/variable-scopes.h"

static gpointer
id_key (int64_t id)
{
  return GSIZE_TO_POINTER ((gsize) id);
}

static void
node_free (gpointer data)
{
  GwLiveNode *node = data;

  gw_fragment_clear (&node->fragment);
  g_array_unref (node->sources);
  g_array_unref (node->users);
  g_free (node->name);
  g_free (node);
}

static GwLiveNode *
add_node (GwLive *live,
          int64_t id)
{
  GwLiveNode *node = g_new0 (GwLiveNode, 1);

  node->id = id;
  node->rank = ++live->last_rank;
  node->sources = g_array_new (FALSE, FALSE, sizeof (int64_t));
  node->users = g_array_new (FALSE, FALSE, sizeof (int64_t));
  g_hash_table_insert (live->nodes, id_key (id), node);
  return node;
}

static void
forget_lists (GwLive *live)
{
  g_clear_pointer (&live->problems, g_ptr_array_unref);
  g_clear_pointer (&live->variables, g_ptr_array_unref);
  g_clear_pointer (&live->inputs, g_ptr_array_unref);
}

/* ---- what waits ---- */

static gint
compare_ranks (gconstpointer a,
               gconstpointer b,
               gpointer      data)
{
  const GwLiveNode *first = a;
  const GwLiveNode *second = b;

  return (first->rank > second->rank) - (first->rank < second->rank);
}

void
gw_live_wait (GwLive     *live,
              GwLiveNode *node)
{
  if (node->waiting != NULL)
    return;
  node->waiting = g_sequence_append (live->waiting, node);
  live->sorted = FALSE;
}

/* Behind the one that is at work, where it belongs by its rank. */
static void
wait_in_order (GwLive     *live,
               GwLiveNode *node)
{
  if (node->waiting == NULL)
    node->waiting = g_sequence_insert_sorted (live->waiting, node, compare_ranks, NULL);
}

static void
stop_waiting (GwLiveNode *node)
{
  if (node->waiting != NULL)
    g_sequence_remove (node->waiting);
  node->waiting = NULL;
}

/* ---- life ---- */

GwLive *
gw_live_new (GwDocument *document)
{
  const GwLowerOptions options = { GW_MODE_TRAIN, FALSE, -1 };
  g_autoptr (GArray) affected = g_array_new (FALSE, FALSE, sizeof (int64_t));
  GwLive *live = g_new0 (GwLive, 1);
  GwLowering sorting;

  live->document = gw_document_ref (document);
  live->nodes = g_hash_table_new_full (NULL, NULL, NULL, node_free);
  live->circular = g_hash_table_new (NULL, NULL);
  live->unresolved = g_hash_table_new (NULL, NULL);
  live->waiting = g_sequence_new (NULL);
  live->removed = g_array_new (FALSE, FALSE, sizeof (int64_t));
  gw_lowering_init (&sorting, live->document, &options);
  gw_lowering_sort (&sorting, GW_ALL_BODIES);
  for (guint i = 0; i < sorting.order->len; i++)
    add_node (live, g_array_index (sorting.order, int64_t, i));
  for (guint i = 0; i < sorting.order->len; i++)
    gw_live_rewire (live, gw_live_node (live, g_array_index (sorting.order, int64_t, i)));
  gw_lowering_clear (&sorting);
  gw_lowered_unref (sorting.lowered);
  gw_live_work (live, G_MAXINT, affected);
  return live;
}

void
gw_live_free (GwLive *live)
{
  if (live == NULL)
    return;
  forget_lists (live);
  g_sequence_free (live->waiting);
  g_hash_table_unref (live->nodes);
  g_hash_table_unref (live->circular);
  g_hash_table_unref (live->unresolved);
  g_array_unref (live->removed);
  gw_document_unref (live->document);
  g_free (live);
}

/* ---- changes ---- */

static void
remove_node (GwLive *live,
             int64_t id)
{
  GwLiveNode *node = gw_live_node (live, id);

  if (node == NULL)
    return;
  gw_live_cut (live, node);
  stop_waiting (node);
  g_hash_table_remove (live->nodes, id_key (id));
  g_array_append_val (live->removed, id);
}

/* Those with a name or number in them that meant nothing may find it now. */
static void
resolve (GwLive *live)
{
  g_autoptr (GList) ids = g_hash_table_get_keys (live->unresolved);

  for (GList *l = ids; l != NULL; l = l->next)
    gw_live_rewire (live, gw_live_node (live, (int64_t) GPOINTER_TO_SIZE (l->data)));
}

/* What its users say of it by name. TRUE when the name is new. */
static gboolean
note_name (GwLive     *live,
           GwLiveNode *node)
{
  const char *name = gw_document_node (live->document, node->id)->name;

  if (g_strcmp0 (node->name, name) == 0)
    return FALSE;
  g_free (node->name);
  node->name = g_strdup (name);
  for (guint i = 0; i < node->users->len; i++)
    gw_live_rewire (live, gw_live_node (live, g_array_index (node->users, int64_t, i)));
  return TRUE;
}

static gboolean
changes_bodies (const GwLive  *live,
                int            n,
                const int64_t *changed)
{
  for (int i = 0; i < n; i++)
    if (gw_document_node (live->document, changed[i]) == NULL || gw_document_body (live->document, changed[i]) != 0)
      return TRUE;
  return FALSE;
}

/* Who calls a sub-graph takes something from all that is in it. */
static void
rewire_callers (GwLive *live)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, live->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      GwLiveNode *node = value;
      const GwDocNode *item = gw_document_node (live->document, node->id);

      if (gw_document_own_composite (live->document, node->id) != 0)
        {
          node->changed = TRUE;
          gw_live_rewire (live, node);
          continue;
        }
      for (guint i = 0; i < item->attrs->len; i++)
        if (g_array_index (item->attrs, GwNamedAttr, i).value.type == GW_ATTR_FUNC ||
            g_array_index (item->attrs, GwNamedAttr, i).value.type == GW_ATTR_FUNCS)
          {
            gw_live_rewire (live, node);
            break;
          }
    }
}

/* Which variables there are is a matter of all layers, where scopes share them. */
static void
wait_for_layers (GwLive *live)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, live->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      GwLiveNode *node = value;

      if (node->fragment.variables != NULL || node->fragment.problems != NULL)
        gw_live_wait (live, node);
    }
}

void
gw_live_change (GwLive        *live,
                GwDocument    *document,
                int            n,
                const int64_t *changed)
{
  gboolean fresh_names = FALSE, scoped = gw_variable_scopes_any (live->document) || gw_variable_scopes_any (document);

  gw_document_ref (document);
  gw_document_unref (live->document);
  live->document = document;
  for (int i = 0; i < n; i++)
    if (gw_document_node (document, changed[i]) == NULL)
      remove_node (live, changed[i]);
    else if (gw_live_node (live, changed[i]) == NULL)
      add_node (live, changed[i]);
  for (int i = 0; i < n; i++)
    {
      GwLiveNode *node = gw_live_node (live, changed[i]);

      if (node == NULL)
        continue;
      node->changed = TRUE;
      gw_live_rewire (live, node);
      fresh_names |= note_name (live, node);
    }
  if (fresh_names)
    resolve (live);
  if (changes_bodies (live, n, changed))
    rewire_callers (live);
  if (scoped)
    wait_for_layers (live);
  gw_live_reopen (live);
  forget_lists (live);
}

/* ---- work ---- */

/* TRUE when its pictures have changed. */
static gboolean
lower_again (GwLive     *live,
             GwLiveNode *node)
{
  gboolean affected = node->changed || node->fragment.problems != NULL;
  GwFragment fresh;
  gboolean same;

  gw_fragment_init (&fresh, live, node->id, NULL);
  same = gw_fragment_same_outputs (&node->fragment, &fresh);
  affected |= !same || fresh.problems != NULL;
  gw_fragment_clear (&node->fragment);
  node->fragment = fresh;
  node->changed = FALSE;
  for (guint i = 0; i < node->users->len && !same; i++)
    {
      GwLiveNode *user = gw_live_node (live, g_array_index (node->users, int64_t, i));

      if (!gw_live_is_backward (node, user))
        wait_in_order (live, user);
    }
  return affected;
}

gboolean
gw_live_work (GwLive *live,
              int     most,
              GArray *affected)
{
  g_array_append_vals (affected, live->removed->data, live->removed->len);
  g_array_set_size (live->removed, 0);
  if (!live->sorted)
    g_sequence_sort (live->waiting, compare_ranks, NULL);
  live->sorted = TRUE;
  if (!g_sequence_is_empty (live->waiting))
    forget_lists (live);
  for (; most > 0 && !g_sequence_is_empty (live->waiting); most--)
    {
      GwLiveNode *node = g_sequence_get (g_sequence_get_begin_iter (live->waiting));

      stop_waiting (node);
      if (lower_again (live, node))
        g_array_append_val (affected, node->id);
    }
  return g_sequence_is_empty (live->waiting);
}

/* ---- asking ---- */

const GwDocument *
gw_live_document (const GwLive *live)
{
  return live->document;
}

const GwOutputFacts *
gw_live_output (const GwLive *live,
                int64_t       node,
                int           output)
{
  const GwLiveNode *found = gw_live_node (live, node);

  if (found == NULL || found->fragment.outputs == NULL || output < 0 || output >= found->fragment.n_outputs ||
      found->fragment.outputs[output].dtype == GW_DTYPE_INVALID)
    return NULL;
  return &found->fragment.outputs[output];
}

int
gw_live_n_outputs (const GwLive *live,
                   int64_t       node)
{
  const GwLiveNode *found = gw_live_node (live, node);

  return found != NULL ? found->fragment.n_outputs : 0;
}

const int64_t *
gw_live_users (const GwLive *live,
               int64_t       node,
               int          *n)
{
  const GwLiveNode *found = gw_live_node (live, node);

  *n = found != NULL ? (int) found->users->len : 0;
  return found != NULL ? (const int64_t *) found->users->data : NULL;
}

const GwProblem *
gw_live_problem (const GwLive *live,
                 int64_t       node)
{
  const GwLiveNode *found = gw_live_node (live, node);
  const GPtrArray *problems = found != NULL ? found->fragment.problems : NULL;

  for (guint i = 0; problems != NULL && i < problems->len; i++)
    if (((GwProblem *) g_ptr_array_index (problems, i))->severity == GW_PROBLEM_ERROR)
      return g_ptr_array_index (problems, i);
  return problems != NULL ? g_ptr_array_index (problems, 0) : NULL;
}

static gint
compare_node_pointers (gconstpointer a,
                       gconstpointer b)
{
  return compare_ranks (*(const gpointer *) a, *(const gpointer *) b, NULL);
}

static void
extend (GPtrArray       *list,
        const GPtrArray *with)
{
  for (guint i = 0; with != NULL && i < with->len; i++)
    g_ptr_array_add (list, g_ptr_array_index (with, i));
}

static void
gather_lists (GwLive *live)
{
  g_autoptr (GPtrArray) telling = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  if (live->problems != NULL)
    return;
  live->problems = g_ptr_array_new ();
  live->variables = g_ptr_array_new ();
  live->inputs = g_ptr_array_new ();
  g_hash_table_iter_init (&iter, live->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const GwFragment *fragment = &((GwLiveNode *) value)->fragment;

      if (fragment->problems != NULL || fragment->variables != NULL || fragment->input != NULL)
        g_ptr_array_add (telling, value);
    }
  g_ptr_array_sort (telling, compare_node_pointers);
  for (guint i = 0; i < telling->len; i++)
    {
      const GwFragment *fragment = &((GwLiveNode *) g_ptr_array_index (telling, i))->fragment;

      extend (live->problems, fragment->problems);
      if (gw_document_body (live->document, ((GwLiveNode *) g_ptr_array_index (telling, i))->id) != 0)
        continue; /* of a sub-graph or composite: its uses tell theirs */
      extend (live->variables, fragment->variables);
      if (fragment->input != NULL)
        g_ptr_array_add (live->inputs, fragment->input);
    }
}

const GPtrArray *
gw_live_problems (GwLive *live)
{
  gather_lists (live);
  return live->problems;
}

const GPtrArray *
gw_live_variables (GwLive *live)
{
  gather_lists (live);
  return live->variables;
}

const GPtrArray *
gw_live_inputs (GwLive *live)
{
  gather_lists (live);
  return live->inputs;
}

gboolean
gw_live_check (GwLive        *live,
               const int64_t *needed_by,
               int            n,
               GError       **error)
{
  return gw_problems_check (gw_live_problems (live), live->document, needed_by, n, error);
}

/* ---- whether a wire can be ---- */

/* With other inputs still open the op cannot be tried; types can be compared. */
static char *
compare_types (const GwOpDef       *def,
               const GwPortDef     *port,
               const GwOutputFacts *facts)
{
  int attr = gw_attr_defs_find (def->attrs, port->type);
  const char *name = gw_dtype_name (facts->dtype);

  if (port->is_ref && !facts->is_ref)
    return g_strdup_printf ("%s must be a reference to a variable", port->name);
  if (attr < 0)
    return facts->dtype == gw_dtype_from_name (port->type)
             ? NULL : g_strdup_printf ("%s must be %s, not %s", port->name, port->type, name);
  if (def->attrs[attr].type == GW_ATTR_DTYPE && def->attrs[attr].choices != NULL &&
      !g_strv_contains (def->attrs[attr].choices, name))
    return g_strdup_printf ("%s cannot be %s", port->name, name);
  return NULL;
}

/* The words of what the node refuses when its item is `instead`, or NULL. Missing other
 * inputs are no reason: they may come later. */
static char *
try_node (const GwLive    *live,
          int64_t          id,
          const GwDocNode *instead)
{
  GwFragment trial;
  char *reason = NULL;

  gw_fragment_init (&trial, live, id, instead);
  for (guint i = 0; trial.problems != NULL && i < trial.problems->len && reason == NULL; i++)
    {
      const GwProblem *problem = g_ptr_array_index (trial.problems, i);

      if (!problem->is_gap)
        reason = g_strdup (problem->message);
    }
  gw_fragment_clear (&trial);
  return reason;
}

char *
gw_live_why_not (const GwLive *live,
                 int64_t       from,
                 int           output,
                 int64_t       to,
                 const char   *port,
                 int           index)
{
  const GwDocNode *node = gw_document_node (live->document, to);
  const GwOpDef *def = node != NULL ? gw_document_op (live->document, node->op) : NULL;
  const GwOutputFacts *facts = gw_live_output (live, from, output);
  const GwPortDef *port_def = gw_lowering_find_port (def, port);
  g_autoptr (GwItem) item = NULL;
  char *reason;

  if (port_def == NULL)
    return g_strdup_printf ("there is no input %s", port);
  if (from == to || gw_live_reaches (live, to, from))
    return g_strdup ("that would close a cycle");
  if (facts == NULL)
    return NULL;
  reason = compare_types (def, port_def, facts);
  if (reason != NULL)
    return reason;
  item = gw_item_copy (gw_document_item (live->document, to));
  gw_doc_node_set_input (&item->node, port, index, from, output, NULL);
  return try_node (live, to, &item->node);
}
