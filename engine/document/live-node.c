/* SPDX-License-Identifier: Apache-2.0 */
/* Lowering one node by itself: what is wired to it is replaced by stand-ins. */
#include "engine/base/error.h"
#include "engine/document/live-private.h"

/* No name that a person would give, so that it takes none away. */
#define STAND_IN ".in"

static const GwLowerOptions options = { GW_MODE_TRAIN, FALSE, -1 };

static gpointer
id_key (int64_t id)
{
  return GSIZE_TO_POINTER ((gsize) id);
}

static void
variable_free (gpointer data)
{
  GwLiveVariable *variable = data;

  g_free (variable->name);
  g_free (variable);
}

static void
input_free (GwLiveInput *input)
{
  g_free (input->name);
  g_free (input->column);
  gw_tensor_unref (input->value);
  g_free (input);
}

void
gw_fragment_clear (GwFragment *fragment)
{
  for (int i = 0; fragment->outputs != NULL && i < fragment->n_outputs; i++)
    gw_output_facts_clear (&fragment->outputs[i]);
  g_clear_pointer (&fragment->outputs, g_free);
  g_clear_pointer (&fragment->problems, g_ptr_array_unref);
  g_clear_pointer (&fragment->variables, g_ptr_array_unref);
  g_clear_pointer (&fragment->input, input_free);
}

gboolean
gw_fragment_same_outputs (const GwFragment *a,
                          const GwFragment *b)
{
  if (a->outputs == NULL || b->outputs == NULL)
    return a->outputs == b->outputs;
  if (a->n_outputs != b->n_outputs)
    return FALSE;
  for (int i = 0; i < a->n_outputs; i++)
    if (!gw_output_facts_equal (&a->outputs[i], &b->outputs[i]))
      return FALSE;
  return TRUE;
}

/* ---- stand-ins ---- */

/* A list of the source's outputs for `lowering`, none of them there yet. */
static GArray *
open_outputs (GwLowering       *lowering,
              const GwLiveNode *source)
{
  GArray *outputs = g_hash_table_lookup (lowering->lowered->outputs, id_key (source->id));

  if (outputs != NULL)
    return outputs;
  outputs = g_array_new (FALSE, TRUE, sizeof (GwOutput));
  g_array_set_size (outputs, (guint) source->fragment.n_outputs);
  g_hash_table_insert (lowering->lowered->outputs, id_key (source->id), outputs);
  return outputs;
}

static void
stand_in_for (GwLowering       *lowering,
              const GwLiveNode *source,
              int               index)
{
  GArray *outputs = open_outputs (lowering, source);
  const GwOutputFacts *facts = index >= 0 && index < source->fragment.n_outputs ? &source->fragment.outputs[index] : NULL;

  if (facts != NULL && facts->dtype != GW_DTYPE_INVALID && g_array_index (outputs, GwOutput, index).node == NULL)
    g_array_index (outputs, GwOutput, index) = gw_output_stand_in (&lowering->builder, facts, STAND_IN);
}

/* On trial the wires are known to close no circle, whatever the order says. */
static void
add_stand_ins (const GwLive    *live,
               const GwDocNode *item,
               int64_t          id,
               gboolean         on_trial,
               GwLowering      *lowering)
{
  const GwLiveNode *node = gw_live_node (live, id);
  const GwOpDef *def = gw_registry_find (item->op);

  for (guint i = 0; i < item->inputs->len; i++)
    {
      int index;
      int64_t from = gw_lowering_source (live->document, def, &g_array_index (item->inputs, GwDocInput, i), &index);
      const GwLiveNode *source = from != 0 ? gw_live_node (live, from) : NULL;

      if (source != NULL && source->fragment.outputs != NULL && (on_trial || !gw_live_is_backward (source, node)))
        stand_in_for (lowering, source, index);
    }
}

/* ---- circles ---- */

/* The way from `node` against the wires to `source`, which takes something from it;
 * `source` comes first. */
static GArray *
circle_through (const GwLive     *live,
                const GwLiveNode *source,
                const GwLiveNode *node)
{
  g_autoptr (GHashTable) next = g_hash_table_new (NULL, NULL); /* id → id that takes from it */
  g_autoptr (GQueue) queue = g_queue_new ();
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (int64_t));
  gpointer at = id_key (source->id);

  g_hash_table_insert (next, at, at);
  g_queue_push_tail (queue, at);
  while (!g_queue_is_empty (queue) && !g_hash_table_contains (next, id_key (node->id)))
    {
      gpointer key = g_queue_pop_head (queue);
      const GArray *sources = gw_live_node (live, (int64_t) GPOINTER_TO_SIZE (key))->sources;

      for (guint i = 0; i < sources->len; i++)
        if (!g_hash_table_contains (next, id_key (g_array_index (sources, int64_t, i))))
          {
            g_hash_table_insert (next, id_key (g_array_index (sources, int64_t, i)), key);
            g_queue_push_tail (queue, id_key (g_array_index (sources, int64_t, i)));
          }
    }
  for (at = id_key (node->id); g_hash_table_contains (next, at); at = g_hash_table_lookup (next, at))
    {
      int64_t id = (int64_t) GPOINTER_TO_SIZE (at);

      g_array_prepend_val (ids, id);
      if (at == id_key (source->id))
        break;
    }
  return ids;
}

static void
report_circles (const GwLive *live,
                int64_t       id,
                GwLowering   *lowering)
{
  const GwLiveNode *node = gw_live_node (live, id);

  for (guint i = 0; i < node->sources->len; i++)
    {
      const GwLiveNode *source = gw_live_node (live, g_array_index (node->sources, int64_t, i));
      g_autoptr (GArray) ids = NULL;

      if (!gw_live_is_backward (source, node))
        continue;
      ids = circle_through (live, source, node);
      if (ids->len > 0)
        gw_lowering_report_cycle (lowering, id, ids->len, (const int64_t *) ids->data);
    }
}

/* ---- what it gave ---- */

static GPtrArray *
take_variables (const GPtrArray *lowered,
                int64_t          id)
{
  GPtrArray *variables = lowered->len > 0 ? g_ptr_array_new_with_free_func (variable_free) : NULL;

  for (guint i = 0; i < lowered->len; i++)
    {
      const GwLoweredVariable *from = g_ptr_array_index (lowered, i);
      GwLiveVariable *variable = g_new0 (GwLiveVariable, 1);

      variable->node = id;
      variable->name = g_strdup (from->name);
      variable->dtype = gw_variable_node_dtype (from->variable);
      variable->shape = gw_node_attr (from->variable, "shape")->shape;
      variable->trainable = from->trainable;
      g_ptr_array_add (variables, variable);
    }
  return variables;
}

static GwLiveInput *
take_input (const GPtrArray *lowered)
{
  const GwLoweredInput *from = lowered->len > 0 ? g_ptr_array_index (lowered, 0) : NULL;
  GwLiveInput *input;

  if (from == NULL)
    return NULL;
  input = g_new0 (GwLiveInput, 1);
  input->node = from->node;
  input->name = g_strdup (from->name);
  input->column = g_strdup (from->column);
  input->value = from->value != NULL ? gw_tensor_ref (from->value) : NULL;
  return input;
}

static void
take_outputs (GwFragment      *fragment,
              const GwLowered *lowered,
              int64_t          id)
{
  const GArray *outputs = g_hash_table_lookup (lowered->outputs, id_key (id));

  if (outputs == NULL)
    return;
  fragment->n_outputs = (int) outputs->len;
  fragment->outputs = g_new0 (GwOutputFacts, MAX (outputs->len, 1));
  for (guint i = 0; i < outputs->len; i++)
    if (g_array_index (outputs, GwOutput, i).node != NULL)
      gw_output_facts_init (&fragment->outputs[i], g_array_index (outputs, GwOutput, i));
}

void
gw_fragment_init (GwFragment      *fragment,
                  const GwLive    *live,
                  int64_t          id,
                  const GwDocNode *instead)
{
  const GwDocNode *item = instead != NULL ? instead : gw_document_node (live->document, id);
  GwLowering lowering;

  *fragment = (GwFragment) { 0 };
  gw_lowering_init (&lowering, live->document, &options);
  lowering.instead = instead;
  lowering.is_fragment = TRUE;
  add_stand_ins (live, item, id, instead != NULL, &lowering);
  if (g_hash_table_contains (live->circular, id_key (id)))
    report_circles (live, id, &lowering);
  gw_lowering_node (&lowering, id);
  take_outputs (fragment, lowering.lowered, id);
  fragment->variables = take_variables (lowering.lowered->variables, id);
  fragment->input = take_input (lowering.lowered->inputs);
  if (lowering.lowered->problems->len > 0)
    fragment->problems = g_ptr_array_ref (lowering.lowered->problems);
  gw_lowering_clear (&lowering);
  gw_lowered_unref (lowering.lowered);
}

GwLowered *
gw_live_inside (const GwLive *live,
                int64_t       id)
{
  const GwLowerOptions training = { GW_MODE_TRAIN, TRUE, -1 };
  const GwDocNode *item = gw_document_node (live->document, id);
  GwLowering lowering;

  gw_lowering_init (&lowering, live->document, &training);
  add_stand_ins (live, item, id, FALSE, &lowering);
  gw_lowering_node (&lowering, id);
  lowering.lowered->failed = g_steal_pointer (&lowering.builder.failed);
  gw_lowering_clear (&lowering);
  return lowering.lowered;
}
