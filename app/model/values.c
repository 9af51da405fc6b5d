/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/values.h"

#include <math.h>
#include <string.h>

/* What a fetch is answered by. */
typedef struct {
  GwDocument *document;  /* as it was computed */
  GHashTable *cone;      /* set of ids that the value was computed from */
} Origin;

typedef struct {
  GwValue  value;
  Origin  *origin;       /* a reference */
  gboolean outdated;     /* the variables are others by now: stale whatever the graph is */
} Entry;

struct _GwValues {
  GObject     parent_instance;

  GwDocModel *model;
  GwRun      *run;
  GPtrArray  *entries;   /* of Entry */
  Origin     *asked;     /* of the request under way, or NULL */
};

G_DEFINE_FINAL_TYPE (GwValues, gw_values, G_TYPE_OBJECT)

static guint changed_signal, asked_signal;

static void
origin_clear (gpointer data)
{
  Origin *origin = data;

  gw_document_unref (origin->document);
  g_hash_table_unref (origin->cone);
}

static void
origin_unref (gpointer origin)
{
  g_rc_box_release_full (origin, origin_clear);
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  gw_tensor_unref (entry->value.tensor);
  origin_unref (entry->origin);
  g_free (entry);
}

/* ---- what a value is computed from ---- */

static void
add_to_cone (GHashTable *cone,
             GQueue     *queue,
             int64_t     id)
{
  gpointer key = GSIZE_TO_POINTER ((gsize) id);

  if (id != 0 && g_hash_table_add (cone, key))
    g_queue_push_tail (queue, key);
}

/* Calls `visit` with what the node takes: wires, controls, and variables that it names. */
static void
visit_needs (GwDocument      *document,
             const GwDocNode *node,
             void           (*visit) (int64_t id, gpointer data),
             gpointer         data)
{
  for (guint i = 0; node != NULL && i < node->inputs->len; i++)
    {
      const GwDocInput *input = &g_array_index (node->inputs, GwDocInput, i);

      visit (input->from != 0 || input->literal == NULL ? input->from : gw_document_find (document, input->literal), data);
    }
  for (guint i = 0; node != NULL && i < node->controls->len; i++)
    visit (g_array_index (node->controls, int64_t, i), data);
}

typedef struct {
  GHashTable *cone;
  GQueue      queue;
} Gathering;

static void
gather_need (int64_t  id,
             gpointer gathering)
{
  add_to_cone (((Gathering *) gathering)->cone, &((Gathering *) gathering)->queue, id);
}

static Origin *
origin_new (GwDocument   *document,
            const GArray *nodes)
{
  Origin *origin = g_rc_box_new0 (Origin);
  Gathering gathering = { g_hash_table_new (NULL, NULL), G_QUEUE_INIT };

  origin->document = gw_document_copy (document);
  origin->cone = gathering.cone;
  for (guint i = 0; i < nodes->len; i++)
    gather_need (g_array_index (nodes, int64_t, i), &gathering);
  while (!g_queue_is_empty (&gathering.queue))
    visit_needs (document, gw_document_node (document, (int64_t) GPOINTER_TO_SIZE (g_queue_pop_head (&gathering.queue))),
                 gather_need, &gathering);
  return origin;
}

/* ---- the order that they run in ---- */

#define RANK_OPEN G_MININT /* its needs are being ranked */

typedef struct {
  GHashTable *ranks;   /* node → its rank, RANK_OPEN until it is known */
  GArray     *stack;   /* of int64_t */
  int         rank;    /* highest of what was visited; −1 = nothing */
} Ranking;

static void
push_need (int64_t  id,
           gpointer data)
{
  Ranking *ranking = data;

  if (id != 0 && !g_hash_table_contains (ranking->ranks, GSIZE_TO_POINTER ((gsize) id)))
    g_array_append_val (ranking->stack, id);
}

static void
take_rank (int64_t  id,
           gpointer data)
{
  Ranking *ranking = data;
  gpointer rank;

  if (id != 0 && g_hash_table_lookup_extended (ranking->ranks, GSIZE_TO_POINTER ((gsize) id), NULL, &rank))
    ranking->rank = MAX (ranking->rank, GPOINTER_TO_INT (rank));
}

/* What stands on top of the stack: its needs first, then the node itself. */
static void
rank_top (Ranking    *ranking,
          GwDocument *document,
          GArray     *order)
{
  int64_t id = g_array_index (ranking->stack, int64_t, ranking->stack->len - 1);
  const GwDocNode *node = gw_document_node (document, id);
  gpointer key = GSIZE_TO_POINTER ((gsize) id), rank;
  gboolean known = g_hash_table_lookup_extended (ranking->ranks, key, NULL, &rank);

  if (!known)
    {
      g_hash_table_insert (ranking->ranks, key, GINT_TO_POINTER (RANK_OPEN));
      visit_needs (document, node, push_need, ranking);
      return;
    }
  g_array_set_size (ranking->stack, ranking->stack->len - 1);
  if (GPOINTER_TO_INT (rank) != RANK_OPEN || node == NULL)
    return;
  ranking->rank = -1;
  visit_needs (document, node, take_rank, ranking);
  g_hash_table_insert (ranking->ranks, key, GINT_TO_POINTER (ranking->rank + 1));
  g_array_append_val (order, ((GwValueStep) { id, ranking->rank + 1 }));
}

GArray *
gw_values_get_pending (GwValues *self)
{
  Ranking ranking = { NULL, NULL, -1 };
  GHashTableIter iter;
  gpointer key;
  GArray *order;

  if (self->asked == NULL)
    return NULL;
  order = g_array_new (FALSE, FALSE, sizeof (GwValueStep));
  ranking.ranks = g_hash_table_new (NULL, NULL);
  ranking.stack = g_array_new (FALSE, FALSE, sizeof (int64_t));
  g_hash_table_iter_init (&iter, self->asked->cone);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      push_need ((int64_t) GPOINTER_TO_SIZE (key), &ranking);
      while (ranking.stack->len > 0)
        rank_top (&ranking, self->asked->document, order);
    }
  g_hash_table_unref (ranking.ranks);
  g_array_unref (ranking.stack);
  return order;
}

static void
set_asked (GwValues *self,
           Origin   *asked)
{
  if (self->asked == NULL && asked == NULL)
    return;
  g_clear_pointer (&self->asked, origin_unref);
  self->asked = asked;
  g_signal_emit (self, asked_signal, 0);
}

/* Flags that change no value. */
#define LOOKS ((GwDocNodeFlags) (GW_DOC_LOCKED | GW_DOC_FOLDED | GW_DOC_HIDES_PORTS | GW_DOC_BREAK | GW_DOC_BREAK_OFF | \
                                  GW_DOC_WATCHED))

/* Equal but for where it stands and what is noted on it. */
static gboolean
means_the_same (const GwItem *a,
                const GwItem *b)
{
  g_autoptr (GwItem) copy = NULL;

  if (a == b)
    return TRUE;
  if (a == NULL || b == NULL || a->kind != b->kind)
    return FALSE;
  copy = gw_item_copy (b);
  if (a->kind == GW_ITEM_NODE)
    {
      copy->node.x = a->node.x;
      copy->node.y = a->node.y;
      g_free (copy->node.note);
      copy->node.note = g_strdup (a->node.note);
      copy->node.flags = (copy->node.flags & ~LOOKS) | (a->node.flags & LOOKS);
      gw_named_attrs_set (copy->node.attrs, "_break", gw_named_attrs_get (a->node.attrs, "_break"));
    }
  return gw_item_equal (a, copy);
}

static gboolean
touches (const Origin     *origin,
         const GwDocument *document,
         int64_t           id)
{
  return (id == 0 || g_hash_table_contains (origin->cone, GSIZE_TO_POINTER ((gsize) id))) &&
         !means_the_same (gw_document_item (origin->document, id), gw_document_item (document, id));
}

/* ---- growing old ---- */

static gboolean
is_as_it_was (const Origin     *origin,
              const GwDocument *document)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, origin->cone);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (touches (origin, document, (int64_t) GPOINTER_TO_SIZE (key)))
      return FALSE;
  return !touches (origin, document, 0);
}

/* An edit makes it stale, and taking that back makes it fresh again. */
static gboolean
is_stale_after (const Entry      *entry,
                const GwDocument *document,
                const GArray     *ids)
{
  gboolean concerned = FALSE;

  for (guint i = 0; i < ids->len && !entry->outdated; i++)
    {
      int64_t id = g_array_index (ids, int64_t, i);

      if (touches (entry->origin, document, id))
        return TRUE;
      concerned = concerned || id == 0 || g_hash_table_contains (entry->origin->cone, GSIZE_TO_POINTER ((gsize) id));
    }
  return entry->value.stale && !(concerned && is_as_it_was (entry->origin, document));
}

static void
emit_changed (GwValues     *self,
              const GArray *nodes)
{
  if (nodes->len > 0)
    g_signal_emit (self, changed_signal, 0, nodes);
}

static void
on_items_changed (GwValues     *self,
                  const GArray *ids)
{
  GwDocument *document = gw_doc_model_get_document (self->model);
  g_autoptr (GArray) nodes = g_array_new (FALSE, FALSE, sizeof (int64_t));

  for (guint i = self->entries->len; i > 0; i--)
    {
      Entry *entry = g_ptr_array_index (self->entries, i - 1);
      int64_t node = entry->value.node;
      gboolean stale = is_stale_after (entry, document, ids);

      if (gw_document_node (document, node) != NULL && stale == entry->value.stale)
        continue;
      entry->value.stale = stale;
      g_array_append_val (nodes, node);
      if (gw_document_node (document, node) == NULL)
        g_ptr_array_remove_index (self->entries, i - 1);
    }
  emit_changed (self, nodes);
}

/* Training changes the variables. */
static void
on_run_changed (GwValues *self)
{
  g_autoptr (GArray) nodes = g_array_new (FALSE, FALSE, sizeof (int64_t));

  if (gw_run_get_state (self->run) == GW_RUN_FAILED)
    set_asked (self, NULL);
  if (gw_run_get_state (self->run) != GW_RUN_RUNNING)
    return;
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = g_ptr_array_index (self->entries, i);

      entry->outdated = TRUE;
      if (entry->value.stale)
        continue;
      entry->value.stale = TRUE;
      g_array_append_val (nodes, entry->value.node);
    }
  emit_changed (self, nodes);
}

static void
on_reset (GwValues *self)
{
  g_autoptr (GArray) nodes = g_array_new (FALSE, FALSE, sizeof (int64_t));

  for (guint i = 0; i < self->entries->len; i++)
    g_array_append_val (nodes, ((Entry *) g_ptr_array_index (self->entries, i))->value.node);
  g_ptr_array_set_size (self->entries, 0);
  set_asked (self, NULL);
  emit_changed (self, nodes);
}

/* ---- asking ---- */

/* What is wrong elsewhere must not stand in the way: the document without the nodes that
 * have an error and all that follows from them. NULL when there are none. */
static GwDocument *
sound_part (GwDocument *document,
            GwLive     *live)
{
  g_autoptr (GHashTable) broken = g_hash_table_new (NULL, NULL);
  g_autoptr (GQueue) queue = g_queue_new ();
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (int64_t));
  const GPtrArray *problems = gw_live_problems (live);
  GwDocument *part;
  GwEdit *edit;

  for (guint i = 0; i < problems->len; i++)
    if (((GwProblem *) g_ptr_array_index (problems, i))->severity == GW_PROBLEM_ERROR)
      add_to_cone (broken, queue, ((GwProblem *) g_ptr_array_index (problems, i))->node);
  while (!g_queue_is_empty (queue))
    {
      int64_t id = (int64_t) GPOINTER_TO_SIZE (g_queue_pop_head (queue));
      int n;
      const int64_t *users = gw_live_users (live, id, &n);

      g_array_append_val (ids, id);
      for (int i = 0; i < n; i++)
        add_to_cone (broken, queue, users[i]);
    }
  if (ids->len == 0)
    return NULL;
  part = gw_document_copy (document);
  edit = gw_edit_delete (part, (const int64_t *) (gpointer) ids->data, (int) ids->len, FALSE);
  gw_document_apply (part, edit);
  gw_edit_free (edit);
  return part;
}

gboolean
gw_values_compute (GwValues     *self,
                   const GArray *nodes,
                   GError      **error)
{
  GwDocument *document = gw_doc_model_get_document (self->model);
  GwLive *live = gw_doc_model_settle (self->model);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *runs = gw_doc_model_runs_dir (self->model);
  g_autoptr (GwDocument) sound = NULL;

  for (guint i = 0; i < nodes->len; i++)
    {
      int64_t id = g_array_index (nodes, int64_t, i);
      const GwDocNode *node = gw_document_node (document, id);
      int n = node != NULL ? gw_live_n_outputs (live, id) : 0;

      for (int k = 0; k < n; k++)
        g_ptr_array_add (names, g_strdup_printf ("%s:%d", node->name, k));
    }
  if (nodes->len > 0 && !gw_live_check (live, (const int64_t *) (gpointer) nodes->data, (int) nodes->len, error))
    return FALSE;
  if (names->len == 0)
    return gw_invalid (error, "Select a node or a wire that has a value");
  set_asked (self, origin_new (document, nodes));
  g_ptr_array_add (names, NULL);
  sound = sound_part (document, live);
  gw_run_fetch (self->run, sound != NULL ? sound : document, runs, (const char *const *) names->pdata);
  return TRUE;
}

static Entry *
find (GwValues *self,
      int64_t   node,
      int       output)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = g_ptr_array_index (self->entries, i);

      if (entry->value.node == node && entry->value.output == output)
        return entry;
    }
  return NULL;
}

static void
keep (GwValues            *self,
      const GwNamedTensor *named,
      GArray              *nodes)
{
  const char *colon = strrchr (named->name, ':');
  g_autofree char *name = colon != NULL ? g_strndup (named->name, (gsize) (colon - named->name))
                                        : g_strdup (named->name);
  int64_t node = gw_document_find (self->asked->document, name);
  int output = colon != NULL ? (int) g_ascii_strtoll (colon + 1, NULL, 10) : 0;
  Entry *entry;

  if (node == 0 || gw_document_node (gw_doc_model_get_document (self->model), node) == NULL)
    return;
  entry = find (self, node, output);
  if (entry != NULL)
    g_ptr_array_remove (self->entries, entry);
  entry = g_new0 (Entry, 1);
  entry->origin = g_rc_box_acquire (self->asked);
  entry->value.node = node;
  entry->value.output = output;
  entry->value.tensor = gw_tensor_ref (named->tensor);
  entry->value.mode = "evaluate"; /* gw_run_fetch()'s */
  gw_tensor_stats (named->tensor, &entry->value.stats);
  g_ptr_array_add (self->entries, entry);
  g_array_append_val (nodes, node);
}

static void
on_fetched (GwValues  *self,
            GPtrArray *values)
{
  g_autoptr (GArray) nodes = g_array_new (FALSE, FALSE, sizeof (int64_t));
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (int64_t));
  GHashTableIter iter;
  gpointer id;

  if (self->asked == NULL)
    return;
  for (guint i = 0; values != NULL && i < values->len; i++)
    keep (self, g_ptr_array_index (values, i), nodes);
  /* The document may have changed while it was computed. */
  g_hash_table_iter_init (&iter, self->asked->cone);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      int64_t item = (int64_t) GPOINTER_TO_SIZE (id);

      g_array_append_val (all, item);
    }
  set_asked (self, NULL);
  on_items_changed (self, all);
  emit_changed (self, nodes);
}

const GwValue *
gw_values_get (GwValues *self,
               int64_t   node,
               int       output)
{
  Entry *entry = find (self, node, output);

  return entry != NULL ? &entry->value : NULL;
}

GArray *
gw_values_get_nodes (GwValues *self)
{
  GArray *nodes = g_array_new (FALSE, FALSE, sizeof (int64_t));

  for (guint i = 0; i < self->entries->len; i++)
    g_array_append_val (nodes, ((Entry *) g_ptr_array_index (self->entries, i))->value.node);
  return nodes;
}

void
gw_values_forget (GwValues *self,
                  int64_t   node)
{
  g_autoptr (GArray) nodes = g_array_new (FALSE, FALSE, sizeof (int64_t));

  for (guint i = self->entries->len; i > 0; i--)
    if (((Entry *) g_ptr_array_index (self->entries, i - 1))->value.node == node)
      {
        g_ptr_array_remove_index (self->entries, i - 1);
        g_array_append_val (nodes, node);
      }
  emit_changed (self, nodes);
}

char *
gw_value_summary (const GwTensorStats *stats)
{
  GString *text;

  if (stats->nan + stats->neg_inf + stats->pos_inf + stats->negative + stats->zero + stats->positive == 0)
    return NULL;
  text = g_string_new (NULL);
  if (!isnan (stats->min))
    g_string_append_printf (text, "min %.4g · mean %.4g · max %.4g · σ %.4g · ", stats->min, stats->mean, stats->max,
                            stats->stddev);
  g_string_append_printf (text, "%" G_GINT64_FORMAT " NaN", stats->nan);
  if (stats->neg_inf + stats->pos_inf > 0)
    g_string_append_printf (text, " · %" G_GINT64_FORMAT " infinite", stats->neg_inf + stats->pos_inf);
  return g_string_free (text, FALSE);
}

char *
gw_value_describe (const GwTensorStats *stats,
                   const char          *mode)
{
  g_autofree char *text = gw_value_summary (stats);

  return text != NULL ? g_strconcat (mode, " · ", text, NULL) : NULL;
}

static void
gw_values_dispose (GObject *object)
{
  GwValues *self = GW_VALUES (object);

  g_clear_object (&self->model);
  g_clear_object (&self->run);
  g_clear_pointer (&self->asked, origin_unref);
  g_clear_pointer (&self->entries, g_ptr_array_unref);
  G_OBJECT_CLASS (gw_values_parent_class)->dispose (object);
}

static void
gw_values_class_init (GwValuesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gw_values_dispose;
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_POINTER);
  asked_signal = g_signal_new ("asked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 0);
}

static void
gw_values_init (GwValues *self)
{
  self->entries = g_ptr_array_new_with_free_func (entry_free);
}

GwValues *
gw_values_new (GwDocModel *model,
               GwRun      *run)
{
  GwValues *self = g_object_new (GW_TYPE_VALUES, NULL);

  self->model = g_object_ref (model);
  self->run = g_object_ref (run);
  g_signal_connect_object (model, "items-changed", G_CALLBACK (on_items_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "reset", G_CALLBACK (on_reset), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "changed", G_CALLBACK (on_run_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "fetched", G_CALLBACK (on_fetched), self, G_CONNECT_SWAPPED);
  return self;
}
