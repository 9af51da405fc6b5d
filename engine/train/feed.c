/* SPDX-License-Identifier: Apache-2.0 */
/* The graphs of the three modes, and what is fed to them: batches straight from the
 * iterators' buffers, and the values of scalar placeholders. */
#include "engine/train/trainer-private.h"

#include "engine/base/error.h"

#include <string.h>

/* ---- data ---- */

static gboolean
open_batches (GwTrainer      *trainer,
              GwSplit         split,
              GwSplit         rows_of,
              GwIteratorFlags flags,
              GError        **error)
{
  GwBatches *batches = &trainer->batches[split];
  GwIterator *iterator = gw_iterator_new (trainer->dataset, trainer->pipeline, rows_of, flags, error);

  if (iterator == NULL)
    return FALSE;
  batches->iterator = iterator;
  gw_iterator_set_workers (iterator, gw_session_workers (trainer->session));
  batches->batch = g_new0 (GwTensor *, MAX (gw_iterator_n_columns (iterator), 1));
  for (int i = 0; i < gw_iterator_n_columns (iterator); i++)
    gw_iterator_set_wanted (iterator, i, FALSE);
  return TRUE;
}

gboolean
gw_trainer_open_data (GwTrainer *trainer,
                      GError   **error)
{
  GwPipelineDef *pipeline = gw_document_resolve_pipeline (trainer->document);

  if (pipeline == NULL)
    return TRUE;
  trainer->pipeline = pipeline;
  if (trainer->pipeline->attrs[GW_PIPELINE_SEED].i == 0)
    trainer->pipeline->attrs[GW_PIPELINE_SEED].i = MAX (trainer->seed, 1);
  trainer->dataset = gw_dataset_new (pipeline->source, pipeline->source_attrs, error);
  return trainer->dataset != NULL &&
         open_batches (trainer, GW_SPLIT_TRAIN, GW_SPLIT_TRAIN, GW_ITERATOR_DEFAULT, error);
}

/* The columns that a graph is fed are gathered from now on. */
static void
want_columns (GwBatches         *batches,
              const GwModeGraph *graph)
{
  for (int i = 0; batches->iterator != NULL && i < graph->n_feeds; i++)
    if (graph->columns[i] >= 0)
      gw_iterator_set_wanted (batches->iterator, graph->columns[i], TRUE);
}

gboolean
gw_trainer_open_evaluation (GwTrainer *trainer,
                            GError   **error)
{
  const GwAttrValue *attrs = trainer->pipeline != NULL ? trainer->pipeline->attrs : NULL;
  gboolean has_test;

  if (trainer->dataset == NULL || trainer->batches[GW_SPLIT_TEST].iterator != NULL)
    return TRUE;
  has_test = gw_dataset_has_test (trainer->dataset) || attrs[GW_PIPELINE_TEST_FRACTION].f > 0;
  if (!open_batches (trainer, GW_SPLIT_TEST, has_test ? GW_SPLIT_TEST : GW_SPLIT_TRAIN, GW_ITERATOR_IN_ORDER, error))
    return FALSE;
  for (int mode = 0; mode < 3; mode++)
    if (mode != GW_MODE_TRAIN)
      want_columns (&trainer->batches[GW_SPLIT_TEST], &trainer->graphs[mode]);
  return TRUE;
}

static void
use_batch (GwTrainer   *trainer,
           GwSplit      split,
           GwModeGraph *graph)
{
  GwTensor *const *batch = trainer->batches[split].batch;

  for (int i = 0; i < graph->n_feeds; i++)
    if (graph->columns[i] >= 0)
      graph->tensors[i] = batch[graph->columns[i]];
}

gboolean
gw_trainer_next_batch (GwTrainer   *trainer,
                       GwSplit      split,
                       GwModeGraph *graph,
                       GError     **error)
{
  GwBatches *batches = &trainer->batches[split];

  if (batches->iterator == NULL)
    return TRUE;
  if (!gw_iterator_next (batches->iterator, batches->batch, error))
    return FALSE;
  gw_iterator_last_rows (batches->iterator, &batches->rows);
  use_batch (trainer, split, graph);
  return TRUE;
}

static gboolean
all_fed (const GwModeGraph *graph)
{
  for (int i = 0; i < graph->n_feeds; i++)
    if (graph->tensors[i] == NULL)
      return FALSE;
  return TRUE;
}

gboolean
gw_trainer_peek_batch (GwTrainer   *trainer,
                       GwSplit      split,
                       GwModeGraph *graph,
                       GError     **error)
{
  GwBatches *batches = &trainer->batches[split];
  GwDataPosition position;

  if (split == GW_SPLIT_TEST && !gw_trainer_open_evaluation (trainer, error))
    return FALSE;
  if (batches->iterator == NULL)
    return TRUE;
  use_batch (trainer, split, graph);
  if (all_fed (graph))
    return TRUE;
  gw_iterator_get_position (batches->iterator, &position);
  if (split == GW_SPLIT_TEST)
    gw_iterator_rewind (batches->iterator);
  return gw_trainer_next_batch (trainer, split, graph, error) &&
         gw_iterator_set_position (batches->iterator, &position, error);
}

cJSON *
gw_trainer_data_position (GwTrainer *trainer)
{
  cJSON *json = cJSON_CreateObject ();
  GwDataPosition position;

  if (trainer->batches[GW_SPLIT_TRAIN].iterator == NULL)
    return json;
  gw_iterator_get_position (trainer->batches[GW_SPLIT_TRAIN].iterator, &position);
  cJSON_AddItemToObject (json, "epoch", gw_json_new_int (position.epoch));
  cJSON_AddItemToObject (json, "row", gw_json_new_int (position.row));
  cJSON_AddItemToObject (json, "seed", gw_json_new_int ((int64_t) position.seed));
  cJSON_AddItemToObject (json, "seed2", gw_json_new_int ((int64_t) position.seed2));
  return json;
}

gboolean
gw_trainer_set_data_position (GwTrainer   *trainer,
                              const cJSON *json,
                              GError     **error)
{
  GwDataPosition position = {
    gw_json_member_int (json, "epoch", 0), gw_json_member_int (json, "row", 0),
    (uint64_t) gw_json_member_int (json, "seed", 0), (uint64_t) gw_json_member_int (json, "seed2", 0),
  };

  return trainer->batches[GW_SPLIT_TRAIN].iterator == NULL ||
         gw_iterator_set_position (trainer->batches[GW_SPLIT_TRAIN].iterator, &position, error);
}

/* ---- graphs ---- */

void
gw_mode_graph_clear (GwModeGraph *graph)
{
  for (int i = 0; i < graph->n_feeds; i++)
    if (graph->columns[i] < 0)
      gw_tensor_unref (graph->tensors[i]);
  g_clear_pointer (&graph->lowered, gw_lowered_unref);
  g_free (graph->feeds);
  g_free (graph->columns);
  g_free (graph->tensors);
  g_free (graph->shapes);
  *graph = (GwModeGraph) { NULL };
}

void
gw_mode_graph_shapes (GwModeGraph *graph)
{
  for (int i = 0; i < graph->n_feeds; i++)
    graph->shapes[i] = graph->tensors[i]->shape;
}

static gboolean
blame (const GwTrainer *trainer,
       int64_t          id,
       GError         **error)
{
  const GwDocNode *node = gw_document_node (trainer->document, id);

  gw_error_set_node (error, node != NULL ? node->name : NULL, node != NULL ? node->op : NULL);
  return FALSE;
}

/* The column that the placeholder is bound to. */
static gboolean
find_column (const GwTrainer      *trainer,
             const GwLoweredInput *input,
             int                  *column,
             GError              **error)
{
  GwIterator *iterator = trainer->batches[GW_SPLIT_TRAIN].iterator;
  const GwColumnInfo *info;
  g_autoptr (GString) names = g_string_new (NULL);

  if (iterator == NULL)
    {
      gw_invalid (error, "it is bound to the column %s, but the document has no data", input->column);
      return blame (trainer, input->node, error);
    }
  *column = gw_iterator_find_column (iterator, input->column);
  if (*column < 0)
    {
      for (int i = 0; i < gw_iterator_n_columns (iterator); i++)
        g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", gw_iterator_column (iterator, i)->name);
      gw_invalid (error, "it is bound to the column %s, which the data does not have; it has %s", input->column,
                  names->str);
      return blame (trainer, input->node, error);
    }
  info = gw_iterator_column (iterator, *column);
  if (info->dtype == gw_output_dtype (input->output))
    return TRUE;
  gw_invalid (error, "it is %s, but the column %s gives %s: change its type, or cast the column",
              gw_dtype_name (gw_output_dtype (input->output)), input->column, gw_dtype_name (info->dtype));
  return blame (trainer, input->node, error);
}

static gboolean
bind_inputs (GwTrainer   *trainer,
             GwModeGraph *graph,
             GError     **error)
{
  const GPtrArray *inputs = graph->lowered->inputs;

  graph->feeds = g_new0 (GwOutput, MAX (inputs->len, 1));
  graph->columns = g_new0 (int, MAX (inputs->len, 1));
  graph->tensors = g_new0 (GwTensor *, MAX (inputs->len, 1));
  graph->shapes = g_new0 (GwShape, MAX (inputs->len, 1));
  for (guint i = 0; i < inputs->len; i++)
    {
      const GwLoweredInput *input = g_ptr_array_index (inputs, i);
      int column = -1;

      if (input->column != NULL && !find_column (trainer, input, &column, error))
        return FALSE;
      if (column < 0 && input->value == NULL)
        continue;
      graph->feeds[graph->n_feeds] = input->output;
      graph->columns[graph->n_feeds] = column;
      graph->tensors[graph->n_feeds] = column < 0 ? gw_tensor_ref (input->value) : NULL;
      graph->n_feeds++;
    }
  return TRUE;
}

/* What the document's loss, metrics and (in training) targets need must be whole. */
static gboolean
check_graph (GwTrainer       *trainer,
             const GwLowered *lowered,
             GError         **error)
{
  const GwDocSettings *settings = gw_document_settings (trainer->document);
  g_autoptr (GArray) needed = g_array_new (FALSE, FALSE, sizeof (int64_t));

  if (settings->loss != 0)
    g_array_append_val (needed, settings->loss);
  g_array_append_vals (needed, settings->metrics->data, settings->metrics->len);
  if (lowered->mode == GW_MODE_TRAIN)
    g_array_append_vals (needed, settings->targets->data, settings->targets->len);
  return gw_lowered_check (lowered, trainer->document, (const int64_t *) needed->data, (int) needed->len, error);
}

GwModeGraph *
gw_trainer_graph (GwTrainer *trainer,
                  GwMode     mode,
                  GError   **error)
{
  GwModeGraph *graph = &trainer->graphs[mode];
  GwLowerOptions options = { mode, mode == GW_MODE_TRAIN, trainer->seed };

  if (graph->lowered != NULL)
    return graph;
  graph->lowered = gw_lower (trainer->document, &options);
  if (!check_graph (trainer, graph->lowered, error) || !bind_inputs (trainer, graph, error))
    {
      gw_mode_graph_clear (graph);
      return NULL;
    }
  want_columns (&trainer->batches[mode == GW_MODE_TRAIN ? GW_SPLIT_TRAIN : GW_SPLIT_TEST], graph);
  return graph;
}
