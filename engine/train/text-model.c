/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/train/text-model.h"

#include "engine/base/error.h"
#include "engine/train/trainer-private.h"

#include <math.h>
#include <string.h>

#define MOST_STEPS 16 /* from an op back to the placeholder or the variable that it reads */

/* ---- by the drawing ---- */

static const char *
column_of (const GwDocNode *node)
{
  const GwAttrValue *column = node != NULL && strcmp (node->op, "Placeholder") == 0 ? gw_named_attrs_get (node->attrs, "_column") : NULL;

  return column != NULL && column->type == GW_ATTR_STRING && column->s != NULL && *column->s != '\0' ? column->s : NULL;
}

static const GwDocNode *
node_at (const GwDocument *document,
         int               i)
{
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  return i < n ? gw_document_node (document, ids[i]) : NULL;
}

static const char *
fail (GError    **error,
      const char *reason)
{
  g_set_error_literal (error, GW_ERROR, GW_ERROR_FAILED_PRECONDITION, reason);
  return NULL;
}

const char *
gw_document_draws_text (const GwDocument *document,
                        GError          **error)
{
  g_autoptr (GwPipelineDef) pipeline = gw_document_resolve_pipeline (document);
  const GwDocNode *node, *drawing = gw_document_node (document, gw_document_find (document, "next"));
  gboolean reads = FALSE;
  int n_draws = 0;

  if (pipeline == NULL || !g_str_has_prefix (pipeline->source->name, "text"))
    return fail (error, "The data is no text: choose a text on the Data page.");
  for (int i = 0; (node = node_at (document, i)) != NULL; i++)
    reads = reads || column_of (node) != NULL;
  if (!reads)
    return fail (error, "No placeholder is bound to a column of the text.");
  for (int i = 0; drawing == NULL && (node = node_at (document, i)) != NULL; i++)
    n_draws += strcmp (node->op, "Multinomial") == 0;
  for (int i = 0; n_draws == 1 && drawing == NULL && (node = node_at (document, i)) != NULL; i++)
    if (strcmp (node->op, "Multinomial") == 0)
      drawing = node;
  if (drawing == NULL)
    return fail (error, "Nothing draws what comes next: add a Multinomial on the logits of the last place, and call it next.");
  return drawing->name;
}

gboolean
gw_document_has_embeddings (const GwDocument *document,
                            GError          **error)
{
  static const struct { const char *op, *port; } picks[] = {
    { "Embedding", "inputs" }, { "GatherV2", "indices" }, { "Gather", "indices" }, { "ResourceGather", "indices" },
  };
  const GwDocNode *node;

  for (int i = 0; (node = node_at (document, i)) != NULL; i++)
    for (guint k = 0; k < G_N_ELEMENTS (picks); k++)
      {
        const GwDocInput *input = strcmp (node->op, picks[k].op) == 0 ? gw_doc_node_input (node, picks[k].port, 0) : NULL;

        if (input != NULL && column_of (gw_document_node (document, input->from)) != NULL)
          return TRUE;
      }
  fail (error, "No Embedding reads a placeholder that is bound to a column.");
  return FALSE;
}

/* ---- the tables in the graph ---- */

void
gw_embedding_free (GwEmbedding *embedding)
{
  g_free (embedding->name);
  g_strfreev (embedding->words);
  gw_tensor_unref (embedding->vectors);
  g_free (embedding);
}

/* Back along ops that change the numbers' type or places only. */
static GwOutput
origin_of (GwOutput output)
{
  static const char *const passing[] = { "Identity", "Cast", "Reshape", "ExpandDims", "Squeeze", "ReadVariableOp", "StopGradient", NULL };

  for (int i = 0; i < MOST_STEPS && g_strv_contains (passing, output.node->def->name); i++)
    output = output.node->inputs[0];
  return output;
}

/* The words that the numbers of an output stand for, where they are those of a column. */
static const char *const *
words_of (const GwModeGraph *graph,
          const GwIterator  *iterator,
          GwOutput           numbers)
{
  for (int i = 0; i < graph->n_feeds; i++)
    if (graph->columns[i] >= 0 && gw_output_equal (graph->feeds[i], numbers))
      return gw_iterator_classes (iterator, graph->columns[i]);
  return NULL;
}

static gboolean
is_table (const GwNode *variable)
{
  return gw_dtype_is_floating (gw_variable_node_dtype (variable)) && gw_variable_node_shape (variable).rank == 2;
}

static gboolean
has_name (const GPtrArray *embeddings,
          const char      *name)
{
  for (guint i = 0; i < embeddings->len; i++)
    if (strcmp (((GwEmbedding *) g_ptr_array_index (embeddings, i))->name, name) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
add_embedding (GwTrainer          *trainer,
               GPtrArray          *embeddings,
               const char         *name,
               const char *const  *words,
               GError            **error)
{
  g_autoptr (GPtrArray) values = gw_trainer_copy_variables (trainer, (const char *const[]) { name, NULL }, error);
  GwTensor *vectors = values != NULL ? gw_named_tensors_find (values, name) : NULL;
  GwEmbedding *embedding;

  if (vectors == NULL)
    return values != NULL;
  embedding = g_new0 (GwEmbedding, 1);
  embedding->name = g_strdup (name);
  embedding->words = g_strdupv ((char **) words);
  embedding->n_words = MIN ((int64_t) g_strv_length (embedding->words), vectors->shape.dims[0]);
  embedding->vectors = gw_tensor_ref (vectors);
  g_ptr_array_add (embeddings, embedding);
  return TRUE;
}

static gboolean
is_gather (const GwNode *node)
{
  return strcmp (node->def->name, "GatherV2") == 0 || strcmp (node->def->name, "Gather") == 0 ||
         strcmp (node->def->name, "ResourceGather") == 0;
}

GPtrArray *
gw_trainer_embeddings_now (GwTrainer *trainer,
                           GError   **error)
{
  g_autoptr (GPtrArray) embeddings = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_embedding_free);
  GwModeGraph *graph = gw_trainer_graph (trainer, GW_MODE_PREDICT, error);
  const GwIterator *iterator;

  if (graph == NULL || !gw_trainer_peek_batch (trainer, GW_SPLIT_TEST, graph, error))
    return NULL;
  iterator = trainer->batches[GW_SPLIT_TEST].iterator;
  for (int id = 0; iterator != NULL && id < gw_graph_n_nodes (graph->lowered->graph); id++)
    {
      const GwNode *node = gw_graph_node (graph->lowered->graph, id);
      const GwNode *variable = is_gather (node) ? gw_output_variable (origin_of (node->inputs[0])) : NULL;
      const char *const *words = variable != NULL && is_table (variable) && !has_name (embeddings, variable->name)
                                   ? words_of (graph, iterator, origin_of (node->inputs[1])) : NULL;

      if (words != NULL && !add_embedding (trainer, embeddings, variable->name, words, error))
        return NULL;
    }
  if (embeddings->len == 0)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND, "no variable holds a vector for each word of a column");
      return NULL;
    }
  return g_steal_pointer (&embeddings);
}

/* ---- nearest ---- */

static int64_t
find_word (const GwEmbedding *embedding,
           const char        *word,
           GError           **error)
{
  g_autofree char *folded = g_utf8_casefold (word, -1);
  g_autoptr (GString) alike = g_string_new (NULL);
  int n_alike = 0;

  for (int64_t i = 0; i < embedding->n_words; i++)
    if (strcmp (embedding->words[i], word) == 0)
      return i;
  for (int64_t i = 0; i < embedding->n_words; i++)
    {
      g_autofree char *other = g_utf8_casefold (embedding->words[i], -1);

      if (strcmp (other, folded) == 0)
        return i;
      if (*folded != '\0' && n_alike < 5 && g_str_has_prefix (other, folded))
        g_string_append_printf (alike, "%s%s", n_alike++ > 0 ? ", " : "", embedding->words[i]);
    }
  g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND, n_alike > 0 ? "“%s” is not in the vocabulary; words that begin so: %s"
                                                                : "“%s” is not in the vocabulary%s", word, alike->str);
  return -1;
}

static double
cosine (const GwTensor *vectors,
        int64_t         a,
        int64_t         b)
{
  int64_t n = vectors->shape.dims[1];
  double product = 0, aa = 0, bb = 0;

  for (int64_t i = 0; i < n; i++)
    {
      double x = gw_tensor_get_double (vectors, a * n + i), y = gw_tensor_get_double (vectors, b * n + i);

      product += x * y;
      aa += x * x;
      bb += y * y;
    }
  return aa > 0 && bb > 0 ? product / sqrt (aa * bb) : 0;
}

static int
compare_neighbours (gconstpointer a,
                    gconstpointer b)
{
  const GwNeighbour *x = a, *y = b;

  if (x->cosine != y->cosine)
    return x->cosine > y->cosine ? -1 : 1;
  return x->row < y->row ? -1 : x->row > y->row;
}

GArray *
gw_embedding_nearest (const GwEmbedding *embedding,
                      const char        *word,
                      int                n,
                      GError           **error)
{
  int64_t row = find_word (embedding, word, error);
  GArray *nearest;

  if (row < 0)
    return NULL;
  nearest = g_array_new (FALSE, FALSE, sizeof (GwNeighbour));
  for (int64_t i = 0; i < embedding->n_words; i++)
    if (i != row)
      {
        GwNeighbour neighbour = { i, cosine (embedding->vectors, row, i) };

        if (isfinite (neighbour.cosine))
          g_array_append_val (nearest, neighbour);
      }
  g_array_sort (nearest, compare_neighbours);
  g_array_set_size (nearest, MIN (nearest->len, (guint) MAX (n, 0)));
  return nearest;
}
