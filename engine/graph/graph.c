/* SPDX-License-Identifier: Apache-2.0 */
/* The container: nodes by position and by name. */
#include "engine/graph/graph.h"

#include "engine/base/error.h"
#include "engine/graph/graph-private.h"

#include <string.h>

GwGraph *
gw_graph_new (void)
{
  GwGraph *graph = g_new0 (GwGraph, 1);

  graph->refs = 1;
  graph->nodes = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_node_free);
  graph->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  graph->name_counters = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  graph->seed = -1;
  pthread_mutex_init (&graph->lock, NULL);
  return graph;
}

GwGraph *
gw_graph_ref (GwGraph *graph)
{
  g_atomic_int_inc (&graph->refs);
  return graph;
}

void
gw_graph_unref (GwGraph *graph)
{
  if (graph == NULL || !g_atomic_int_dec_and_test (&graph->refs))
    return;
  g_hash_table_unref (graph->by_name);
  g_hash_table_unref (graph->name_counters);
  g_ptr_array_unref (graph->nodes);
  g_clear_pointer (&graph->functions, g_hash_table_unref);
  g_clear_pointer (&graph->keep_draws, g_hash_table_unref);
  g_clear_pointer (&graph->reserved, g_hash_table_unref);
  pthread_mutex_destroy (&graph->lock);
  g_free (graph);
}

int
gw_graph_n_nodes (const GwGraph *graph)
{
  return (int) graph->nodes->len;
}

GwNode *
gw_graph_node (const GwGraph *graph,
               int            id)
{
  return g_ptr_array_index (graph->nodes, id);
}

GwNode *
gw_graph_find (const GwGraph *graph,
               const char    *name)
{
  return g_hash_table_lookup (graph->by_name, name);
}

void
gw_graph_set_seed (GwGraph *graph,
                   int64_t  seed)
{
  graph->seed = seed;
}

int64_t
gw_graph_seed (const GwGraph *graph)
{
  return graph->seed;
}

void
gw_graph_reserve_random_number (GwGraph *graph,
                                int64_t  number)
{
  if (graph->reserved == NULL)
    graph->reserved = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_hash_table_add (graph->reserved, g_memdup2 (&number, sizeof number));
}

void
gw_graph_give_random_numbers (GwGraph       *graph,
                              int            n,
                              const int64_t *numbers)
{
  graph->given = numbers;
  graph->n_given = n;
}

int64_t
gw_graph_take_random_number (GwGraph *graph)
{
  if (graph->n_given > 0)
    {
      graph->n_given--;
      return *graph->given++;
    }
  while (graph->reserved != NULL && g_hash_table_contains (graph->reserved, &graph->n_random_ops))
    graph->n_random_ops++;
  return graph->n_random_ops++;
}

void
gw_graph_keep_draws (GwGraph    *graph,
                     const char *loop)
{
  if (graph->keep_draws == NULL)
    graph->keep_draws = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_add (graph->keep_draws, g_strdup (loop));
}

gboolean
gw_graph_keeps_draws (const GwGraph *graph,
                      const char    *loop)
{
  return graph->keep_draws != NULL && g_hash_table_contains (graph->keep_draws, loop);
}

GHashTable *
gw_graph_draws_kept (const GwGraph *graph)
{
  return graph->keep_draws;
}

guint64
gw_graph_version (const GwGraph *graph)
{
  return graph->version;
}

/* Splits "name:k"; k is 0 without a colon, -1 when it is no number. */
static char *
split_tensor_name (const char *tensor_name,
                   int        *index)
{
  const char *colon = strrchr (tensor_name, ':');
  guint64 value;

  *index = 0;
  if (colon == NULL)
    return g_strdup (tensor_name);
  if (!g_ascii_string_to_unsigned (colon + 1, 10, 0, G_MAXINT, &value, NULL))
    *index = -1;
  else
    *index = (int) value;
  return g_strndup (tensor_name, (gsize) (colon - tensor_name));
}

gboolean
gw_graph_find_output (const GwGraph *graph,
                      const char    *tensor_name,
                      GwOutput      *output,
                      GError       **error)
{
  int index;
  g_autofree char *name = split_tensor_name (tensor_name, &index);
  GwNode *node = gw_graph_find (graph, name);

  if (node == NULL)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND,
                   "The name '%s' refers to a Tensor which does not exist. The operation, '%s', "
                   "does not exist in the graph.", tensor_name, name);
      return FALSE;
    }
  if (index < 0 || index >= node->n_outputs)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_OUT_OF_RANGE,
                   "The name '%s' refers to a Tensor which does not exist. The operation, '%s', "
                   "exists but only has %d outputs.", tensor_name, name, node->n_outputs);
      return FALSE;
    }
  *output = (GwOutput) { node, index };
  return TRUE;
}

/* py/framework/ops.py, _VALID_OP_NAME_REGEX. */
gboolean
gw_node_name_check (const char *name,
                    GError    **error)
{
  if (!g_ascii_isalnum (*name) && *name != '.')
    return gw_invalid (error, "“%s” cannot be a name: it must begin with a letter, a digit or a full stop", name);
  for (const char *p = name; *p != '\0'; p++)
    {
      if (!g_ascii_isalnum (*p) && strchr ("_.-/", *p) == NULL)
        return gw_invalid (error, "“%s” cannot be a name: letters, digits and _ . - / only", name);
      if (p[0] == '/' && (p[1] == '/' || p[1] == '\0'))
        return gw_invalid (error, "“%s” cannot be a name: a part between its slashes is empty", name);
    }
  return TRUE;
}

/* py/framework/ops.py, Graph.unique_name(): the counter belongs to the lower-cased
 * name, and every name handed out is marked as used itself. */
char *
gw_graph_unique_name (GwGraph    *graph,
                      const char *name)
{
  char *key = g_ascii_strdown (name, -1);
  int count = GPOINTER_TO_INT (g_hash_table_lookup (graph->name_counters, key));
  g_autofree char *unique = g_strdup (name);

  if (count > 0)
    {
      do
        {
          g_autofree char *lower = NULL;

          g_free (unique);
          unique = g_strdup_printf ("%s_%d", name, count++);
          lower = g_ascii_strdown (unique, -1);
          if (!g_hash_table_contains (graph->name_counters, lower))
            break;
        }
      while (TRUE);
      g_hash_table_insert (graph->name_counters, g_ascii_strdown (unique, -1), GINT_TO_POINTER (1));
      g_hash_table_insert (graph->name_counters, key, GINT_TO_POINTER (count));
    }
  else
    g_hash_table_insert (graph->name_counters, key, GINT_TO_POINTER (1));
  return g_steal_pointer (&unique);
}

char *
gw_output_name (GwOutput output)
{
  return output.index == 0 ? g_strdup (output.node->name)
                           : g_strdup_printf ("%s:%d", output.node->name, output.index);
}
