/* SPDX-License-Identifier: Apache-2.0 */
/* Text from a model that was trained to continue it: what it draws is put behind what it
 * has read, again and again. */
#include "engine/train/trainer-private.h"

#include "engine/base/error.h"

#include <string.h>

#define MOST_CONTEXT 1024 /* places that the model is given to read */

typedef struct {
  GwTrainer         *trainer;
  GwModeGraph       *graph;
  int                feed;      /* of the text, in graph->feeds */
  int64_t            context;   /* places that it reads; the newest ones */
  const char *const *words;     /* the vocabulary */
  int                n_words;
  gboolean           by_words;
  GwOutput           next;
  GArray            *ids;       /* of int32_t: prompt and what was drawn */
} Generator;

/* ---- where the text goes in ---- */

static gboolean
reads_text (const GwModeGraph *graph,
            GwIterator        *iterator,
            int                i)
{
  const GwShape *shape = gw_output_shape (graph->feeds[i]);

  return graph->columns[i] >= 0 && gw_iterator_classes (iterator, graph->columns[i]) != NULL && shape->rank == 2 &&
         gw_dtype_is_integer (gw_output_dtype (graph->feeds[i]));
}

static gboolean
find_text (Generator  *g,
           const char *input,
           GError    **error)
{
  GwIterator *iterator = g->trainer->batches[GW_SPLIT_TEST].iterator;
  GwOutput wanted = GW_NO_OUTPUT;

  if (input != NULL && !gw_lowered_find (g->graph->lowered, g->trainer->document, input, &wanted, error))
    return FALSE;
  g->feed = -1;
  for (int i = 0; iterator != NULL && i < g->graph->n_feeds && g->feed < 0; i++)
    if (reads_text (g->graph, iterator, i) && (input == NULL || gw_output_equal (wanted, g->graph->feeds[i])))
      g->feed = i;
  if (g->feed < 0)
    return gw_invalid (error, input != NULL ? "it is no placeholder [batch, time] of a column with a vocabulary"
                                            : "no placeholder [batch, time] is bound to a column with a vocabulary");
  g->words = gw_iterator_classes (iterator, g->graph->columns[g->feed]);
  g->n_words = (int) g_strv_length ((char **) g->words);
  g->context = gw_output_shape (g->graph->feeds[g->feed])->dims[1];
  return TRUE;
}

static gboolean
cut_by_words (const GwPipelineDef *pipeline)
{
  int i = gw_attr_defs_find (pipeline->source->attrs, "unit");

  return i >= 0 && g_str_equal (pipeline->source_attrs[i].s, "words");
}

/* ---- the prompt ---- */

static int32_t
number_of (const Generator *g,
           const char      *word)
{
  for (int i = 0; i < g->n_words; i++)
    if (strcmp (g->words[i], word) == 0)
      return i;
  return strcmp (g->words[0], "<unk>") == 0 ? 0 : -1;
}

static gboolean
take_prompt (Generator  *g,
             const char *prompt,
             GError    **error)
{
  g_auto (GStrv) words = g->by_words ? g_strsplit_set (prompt, " \n\t", -1) : NULL;
  const char *at = prompt;

  for (int i = 0; g->by_words ? words[i] != NULL : *at != '\0'; i++)
    {
      const char *end = g->by_words ? NULL : g_utf8_next_char (at);
      g_autofree char *word = g->by_words ? g_strdup (words[i]) : g_strndup (at, (gsize) (end - at));
      int32_t id = *word != '\0' ? number_of (g, word) : 0;

      at = end;
      if (id < 0)
        return gw_invalid (error, "“%s” of the prompt is not in the vocabulary of the text that the model learned", word);
      if (*word != '\0')
        g_array_append_val (g->ids, id);
    }
  if (g->ids->len == 0)
    return gw_invalid (error, "the prompt is empty");
  if (g->context > 0 && (int64_t) g->ids->len < g->context)
    return gw_invalid (error, "the model reads %" G_GINT64_FORMAT " places, and the prompt has only %u; let the second dimension of "
                       "the placeholder be unknown, or give a longer prompt", g->context, g->ids->len);
  return TRUE;
}

/* ---- drawing ---- */

/* What stands last, as the placeholder takes it. */
static GwTensor *
newest (const Generator *g,
        GError         **error)
{
  int64_t n = g->context > 0 ? g->context : MIN ((int64_t) g->ids->len, MOST_CONTEXT);
  GwTensor *tensor = gw_tensor_new (gw_output_dtype (g->graph->feeds[g->feed]), &GW_SHAPE (1, n), error);

  for (int64_t i = 0; tensor != NULL && i < n; i++)
    gw_tensor_set_double (tensor, i, g_array_index (g->ids, int32_t, (int64_t) g->ids->len - n + i));
  return tensor;
}

static gboolean
draw (Generator *g,
      GError   **error)
{
  GwTensor *borrowed = g->graph->tensors[g->feed], *result = NULL;
  g_autoptr (GwTensor) text = newest (g, error);
  int32_t id;
  gboolean ok;

  if (text == NULL)
    return FALSE;
  g->graph->tensors[g->feed] = text;
  ok = gw_trainer_run_once (g->trainer, g->graph, 1, &g->next, 0, NULL, FALSE, &result, error);
  g->graph->tensors[g->feed] = borrowed;
  if (!ok)
    return FALSE;
  id = result->elements > 0 ? (int32_t) gw_tensor_get_double (result, result->elements - 1) : -1;
  gw_tensor_unref (result);
  if (id < 0 || id >= g->n_words)
    return gw_invalid (error, "the output must be numbers of the vocabulary, and %d is none", id);
  g_array_append_val (g->ids, id);
  return TRUE;
}

static char *
text_of (const Generator *g)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < g->ids->len; i++)
    {
      if (g->by_words && i > 0)
        g_string_append_c (text, ' ');
      g_string_append (text, g->words[g_array_index (g->ids, int32_t, i)]);
    }
  return g_string_free (text, FALSE);
}

/* What was drawn last goes out. */
static gboolean
tell (const Generator         *g,
      const GwGenerateOptions *options)
{
  const char *word = g->words[g_array_index (g->ids, int32_t, g->ids->len - 1)];
  g_autofree char *behind = g->by_words ? g_strconcat (" ", word, NULL) : NULL;

  return options->added (behind != NULL ? behind : word, options->data);
}

/* A scalar placeholder called so gets the value. */
static gboolean
set_scalar (Generator  *g,
            const char *name,
            double      value,
            GwTensor  **tensor,
            GError    **error)
{
  GwOutput output;

  if (!gw_lowered_find (g->graph->lowered, g->trainer->document, name, &output, error))
    return FALSE;
  for (int i = 0; i < g->graph->n_feeds; i++)
    if (gw_output_equal (g->graph->feeds[i], output) && gw_output_shape (output)->rank == 0)
      {
        *tensor = gw_tensor_new (gw_output_dtype (output), &GW_SHAPE_SCALAR, error);
        if (*tensor == NULL)
          return FALSE;
        gw_tensor_set_double (*tensor, 0, value);
        g->graph->tensors[i] = *tensor;
        return TRUE;
      }
  return gw_invalid (error, "%s is no scalar placeholder", name);
}

static char *
generate (Generator                *g,
          const GwGenerateOptions  *options,
          GError                  **error)
{
  if (!find_text (g, options->input, error) || !take_prompt (g, options->prompt, error) ||
      !gw_lowered_find (g->graph->lowered, g->trainer->document, options->next, &g->next, error))
    return NULL;
  if (!gw_dtype_is_integer (gw_output_dtype (g->next)))
    {
      gw_invalid (error, "%s must be numbers of the vocabulary, drawn by Multinomial, say", options->next);
      return NULL;
    }
  for (int64_t i = 0, go_on = TRUE; i < options->count && go_on; i++)
    {
      if (!draw (g, error))
        return NULL;
      go_on = options->added == NULL || tell (g, options);
    }
  return text_of (g);
}

char *
gw_trainer_generate_now (GwTrainer               *trainer,
                         const GwGenerateOptions *options,
                         GError                 **error)
{
  Generator g = { .trainer = trainer };
  g_autofree GwTensor **tensors = NULL;
  g_autoptr (GwTensor) temperature = NULL;
  GwModeGraph graph;
  char *text = NULL;

  g.graph = gw_trainer_graph (trainer, GW_MODE_PREDICT, error);
  if (g.graph == NULL || !gw_trainer_peek_batch (trainer, GW_SPLIT_TEST, g.graph, error))
    return NULL;
  graph = *g.graph;
  tensors = g_memdup2 (graph.tensors, sizeof (GwTensor *) * (size_t) MAX (graph.n_feeds, 1));
  graph.tensors = tensors;
  g.graph = &graph;
  g.by_words = trainer->pipeline != NULL && cut_by_words (trainer->pipeline);
  g.ids = g_array_new (FALSE, FALSE, sizeof (int32_t));
  if (options->temperature <= 0 || set_scalar (&g, "temperature", options->temperature, &temperature, error))
    text = generate (&g, options, error);
  g_array_unref (g.ids);
  return text;
}
