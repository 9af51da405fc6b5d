/* SPDX-License-Identifier: Apache-2.0 */
/* What lowering gives: the graph and the way back from it to the document. */
#include "engine/base/error.h"
#include "engine/document/functions-private.h"
#include "engine/graph/registry.h"

#include <string.h>

static gpointer
id_key (int64_t id)
{
  return GSIZE_TO_POINTER ((gsize) id);
}

static void
variable_free (gpointer data)
{
  GwLoweredVariable *variable = data;

  g_free (variable->name);
  g_free (variable);
}

static void
input_free (gpointer data)
{
  GwLoweredInput *input = data;

  g_free (input->name);
  g_free (input->column);
  gw_tensor_unref (input->value);
  g_free (input);
}

GwLowered *
gw_lowered_new (GwMode mode)
{
  GwLowered *lowered = g_new0 (GwLowered, 1);

  lowered->graph = gw_graph_new ();
  lowered->mode = mode;
  lowered->problems = g_ptr_array_new_with_free_func (gw_problem_free);
  lowered->variables = g_ptr_array_new_with_free_func (variable_free);
  lowered->inputs = g_ptr_array_new_with_free_func (input_free);
  lowered->summaries = g_ptr_array_new ();
  lowered->outputs = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref);
  lowered->penalties = g_array_new (FALSE, FALSE, sizeof (GwLoweredPenalty));
  lowered->finals = g_hash_table_new (NULL, NULL);
  lowered->partials = g_hash_table_new (NULL, NULL);
  lowered->makers = g_array_new (FALSE, FALSE, sizeof (GwLoweredMaker));
  lowered->refs = 1;
  return lowered;
}

GwLowered *
gw_lowered_ref (GwLowered *lowered)
{
  g_atomic_int_inc (&lowered->refs);
  return lowered;
}

void
gw_lowered_unref (GwLowered *lowered)
{
  if (lowered == NULL || !g_atomic_int_dec_and_test (&lowered->refs))
    return;
  g_ptr_array_unref (lowered->problems);
  g_ptr_array_unref (lowered->variables);
  g_ptr_array_unref (lowered->inputs);
  g_ptr_array_unref (lowered->summaries);
  g_hash_table_unref (lowered->outputs);
  g_array_unref (lowered->penalties);
  g_hash_table_unref (lowered->finals);
  g_hash_table_unref (lowered->partials);
  g_array_unref (lowered->makers);
  gw_failed_node_free (lowered->failed);
  gw_graph_unref (lowered->graph);
  g_free (lowered);
}

void
gw_lowered_set_outputs (GwLowered      *lowered,
                        int64_t         id,
                        int             n,
                        const GwOutput *outputs)
{
  GArray *list = g_array_sized_new (FALSE, FALSE, sizeof (GwOutput), (guint) n);

  g_array_append_vals (list, outputs, (guint) n);
  g_hash_table_insert (lowered->outputs, id_key (id), list);
}

void
gw_lowered_set_final (GwLowered *lowered,
                      int64_t    id,
                      GwNode    *node)
{
  g_hash_table_insert (lowered->finals, id_key (id), node);
}

GwOutput
gw_lowered_output (const GwLowered *lowered,
                   int64_t          node,
                   int              output)
{
  const GArray *list = g_hash_table_lookup (lowered->outputs, id_key (node));

  return list != NULL && output >= 0 && output < (int) list->len ? g_array_index (list, GwOutput, output)
                                                                 : GW_NO_OUTPUT;
}

int
gw_lowered_n_outputs (const GwLowered *lowered,
                      int64_t          node)
{
  const GArray *list = g_hash_table_lookup (lowered->outputs, id_key (node));

  return list != NULL ? (int) list->len : 0;
}

GwNode *
gw_lowered_final (const GwLowered *lowered,
                  int64_t          node)
{
  return g_hash_table_lookup (lowered->finals, id_key (node));
}

void
gw_lowered_set_partial (GwLowered *lowered,
                        int64_t    id,
                        GwNode    *node)
{
  g_hash_table_insert (lowered->partials, id_key (id), node);
}

int64_t
gw_lowered_maker (const GwLowered *lowered,
                  const GwNode    *node)
{
  guint low = 0, high = lowered->makers->len;

  while (low < high)
    {
      guint middle = (low + high) / 2;

      if (g_array_index (lowered->makers, GwLoweredMaker, middle).first <= node->id)
        low = middle + 1;
      else
        high = middle;
    }
  return low > 0 ? g_array_index (lowered->makers, GwLoweredMaker, low - 1).node : 0;
}

GwNode *
gw_lowered_partial (const GwLowered *lowered,
                    int64_t          node)
{
  return g_hash_table_lookup (lowered->partials, id_key (node));
}

/* "name:k" of a document node; FALSE when it is none, or has no such output. */
static gboolean
find_of_document (const GwLowered  *lowered,
                  const GwDocument *document,
                  const char       *name,
                  int64_t          *id,
                  GwOutput         *output)
{
  const char *colon = strrchr (name, ':');
  g_autofree char *stem = colon != NULL ? g_strndup (name, (gsize) (colon - name)) : g_strdup (name);
  guint64 index = 0;

  *id = gw_document_find (document, stem);
  if (*id == 0 || (colon != NULL && !g_ascii_string_to_unsigned (colon + 1, 10, 0, G_MAXINT, &index, NULL)))
    return FALSE;
  *output = gw_lowered_output (lowered, *id, (int) index);
  return output->node != NULL;
}

gboolean
gw_lowered_find (const GwLowered  *lowered,
                 const GwDocument *document,
                 const char       *name,
                 GwOutput         *output,
                 GError          **error)
{
  int64_t id;

  if (find_of_document (lowered, document, name, &id, output))
    return TRUE;
  if (id != 0 && !gw_lowered_check (lowered, document, &id, 1, error))
    return FALSE;
  return gw_graph_find_output (lowered->graph, name, output, error);
}

gboolean
gw_lowered_has_errors (const GwLowered *lowered)
{
  for (guint i = 0; i < lowered->problems->len; i++)
    if (((GwProblem *) g_ptr_array_index (lowered->problems, i))->severity == GW_PROBLEM_ERROR)
      return TRUE;
  return FALSE;
}

/* ---- what a node needs ---- */

/* `ids` and all that they depend on, as a set. */
static GHashTable *
cone_above (const GwDocument *document,
            const int64_t    *ids,
            int               n)
{
  GHashTable *cone = g_hash_table_new (NULL, NULL);
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (int64_t));

  g_array_append_vals (stack, ids, (guint) n);
  while (stack->len > 0)
    {
      int64_t id = g_array_index (stack, int64_t, stack->len - 1);
      const GwDocNode *node = gw_document_node (document, id);

      g_array_set_size (stack, stack->len - 1);
      if (node == NULL || !g_hash_table_add (cone, id_key (id)))
        continue;
      for (guint i = 0; i < node->inputs->len; i++)
        {
          int output;
          int64_t source = gw_lowering_source (document, gw_registry_find (node->op),
                                               &g_array_index (node->inputs, GwDocInput, i), &output);

          if (source != 0)
            g_array_append_val (stack, source);
        }
      g_array_append_vals (stack, node->controls->data, node->controls->len);
      gw_document_called_nodes (document, node, stack);
    }
  return cone;
}

gboolean
gw_problems_check (const GPtrArray  *problems,
                   const GwDocument *document,
                   const int64_t    *needed_by,
                   int               n,
                   GError          **error)
{
  g_autoptr (GHashTable) cone = needed_by != NULL ? cone_above (document, needed_by, n) : NULL;

  for (guint i = 0; i < problems->len; i++)
    {
      const GwProblem *problem = g_ptr_array_index (problems, i);
      const GwDocNode *node = gw_document_node (document, problem->node);

      if (problem->severity != GW_PROBLEM_ERROR ||
          (cone != NULL && problem->node != 0 && !g_hash_table_contains (cone, id_key (problem->node))))
        continue;
      g_set_error_literal (error, GW_ERROR, (int) problem->rule, problem->message);
      gw_error_set_node (error, problem->node_name, node != NULL ? node->op : NULL);
      return FALSE;
    }
  return TRUE;
}

gboolean
gw_lowered_check (const GwLowered  *lowered,
                  const GwDocument *document,
                  const int64_t    *needed_by,
                  int               n,
                  GError          **error)
{
  return gw_problems_check (lowered->problems, document, needed_by, n, error);
}
