/* SPDX-License-Identifier: Apache-2.0 */
/* The values of a trainer's variables: initialising, loading, setting, saving, and
 * running any outputs once. */
#include "engine/train/trainer-private.h"

#include "engine/base/error.h"
#include "engine/files/checkpoint-state.h"
#include "engine/files/checkpoint.h"

#include <string.h>

#define SIDE_VERSION 1

static const GPtrArray *
variables_of (const GwTrainer *trainer)
{
  return trainer->graphs[GW_MODE_TRAIN].lowered->variables;
}

static gboolean
is_chosen (const char        *name,
           const char *const *names)
{
  return names == NULL || g_strv_contains (names, name);
}

/* Every name must be a variable's. */
static gboolean
check_names (GwTrainer         *trainer,
             const char *const *names,
             GError           **error)
{
  const GPtrArray *variables = variables_of (trainer);

  for (; names != NULL && *names != NULL; names++)
    {
      gboolean found = FALSE;

      for (guint i = 0; i < variables->len && !found; i++)
        found = strcmp (((GwLoweredVariable *) g_ptr_array_index (variables, i))->name, *names) == 0;
      if (found)
        continue;
      g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND, "there is no variable called %s", *names);
      return FALSE;
    }
  return TRUE;
}

/* ---- running something once ---- */

static GwPlan *
plan_once (GwTrainer      *trainer,
           GwModeGraph    *graph,
           int             n_fetches,
           const GwOutput *fetches,
           int             n_targets,
           GwNode *const  *targets,
           GError        **error)
{
  g_autofree GwOutput *feeds = g_new (GwOutput, MAX (graph->n_feeds, 1));
  g_autofree GwShape *shapes = g_new (GwShape, MAX (graph->n_feeds, 1));
  GwPlanSpec spec = { graph->lowered->graph, 0, feeds, shapes, n_fetches, fetches, n_targets, targets, GW_NO_OUTPUT };

  for (int i = 0; i < graph->n_feeds; i++)
    if (graph->tensors[i] != NULL)
      {
        feeds[spec.n_feeds] = graph->feeds[i];
        shapes[spec.n_feeds++] = graph->tensors[i]->shape;
      }
  return gw_plan_new (trainer->session, &spec, error);
}

static gboolean
run_plan (GwPlan            *plan,
          const GwModeGraph *graph,
          int                n_fetches,
          GwTensor         **results,
          GError           **error)
{
  g_autofree GwTensor **tensors = g_new (GwTensor *, MAX (graph->n_feeds, 1));
  g_autofree GwTensor **fetched = g_new0 (GwTensor *, MAX (n_fetches, 1));
  int n = 0;

  for (int i = 0; i < graph->n_feeds; i++)
    if (graph->tensors[i] != NULL)
      tensors[n++] = graph->tensors[i];
  if (!gw_plan_run (plan, tensors, NULL, fetched, error))
    return FALSE;
  for (int i = 0; i < n_fetches; i++)
    {
      results[i] = gw_tensor_duplicate (fetched[i], error);
      if (results[i] != NULL)
        continue;
      while (i-- > 0)
        g_clear_pointer (&results[i], gw_tensor_unref);
      return FALSE;
    }
  return TRUE;
}

gboolean
gw_trainer_run_once (GwTrainer      *trainer,
                     GwModeGraph    *graph,
                     int             n_fetches,
                     const GwOutput *fetches,
                     int             n_targets,
                     GwNode *const  *targets,
                     gboolean        keep_streams,
                     GwTensor      **results,
                     GError        **error)
{
  g_autoptr (GwPlan) plan = plan_once (trainer, graph, n_fetches, fetches, n_targets, targets, error);
  g_autoptr (GBytes) streams = NULL;
  gboolean ok;

  if (plan == NULL)
    {
      gw_trainer_name_error (trainer, graph->lowered->graph, error);
      return FALSE;
    }
  if (keep_streams)
    streams = gw_session_get_streams (trainer->session, graph->lowered->graph);
  ok = run_plan (plan, graph, n_fetches, results, error);
  if (keep_streams)
    gw_session_set_streams (trainer->session, graph->lowered->graph, streams);
  if (!ok)
    gw_trainer_name_error (trainer, graph->lowered->graph, error);
  return ok;
}

/* Tensors to be fed instead of the graph's own while something runs once. */
static gboolean
feed_by_hand (GwTrainer       *trainer,
              GwModeGraph     *graph,
              const GPtrArray *feeds,
              GError         **error)
{
  for (guint k = 0; feeds != NULL && k < feeds->len; k++)
    {
      const GwNamedTensor *feed = g_ptr_array_index (feeds, k);
      GwOutput output;
      int at = 0;

      if (!gw_lowered_find (graph->lowered, trainer->document, feed->name, &output, error))
        return FALSE;
      if (gw_output_dtype (output) != feed->tensor->dtype)
        return gw_invalid (error, "%s takes %s, not %s", feed->name, gw_dtype_name (gw_output_dtype (output)),
                           gw_dtype_name (feed->tensor->dtype));
      while (at < graph->n_feeds && !gw_output_equal (graph->feeds[at], output))
        at++;
      graph->feeds[at] = output;
      graph->tensors[at] = feed->tensor;
      graph->n_feeds = MAX (graph->n_feeds, at + 1);
    }
  return TRUE;
}

static gboolean
find_fetches (GwTrainer         *trainer,
              const GwModeGraph *graph,
              const char *const *names,
              GwOutput          *outputs,
              GError           **error)
{
  for (; *names != NULL; names++)
    if (!gw_lowered_find (graph->lowered, trainer->document, *names, outputs++, error))
      return FALSE;
  return TRUE;
}

GPtrArray *
gw_trainer_make_prediction (GwTrainer         *trainer,
                            GwMode             mode,
                            const GPtrArray   *feeds,
                            const char *const *fetches,
                            GError           **error)
{
  GwModeGraph *own = gw_trainer_graph (trainer, mode, error);
  guint n = g_strv_length ((char **) fetches);
  int room = own != NULL ? own->n_feeds + (feeds != NULL ? (int) feeds->len : 0) + 1 : 1;
  g_autofree GwOutput *feed_outputs = g_new0 (GwOutput, room);
  g_autofree GwTensor **tensors = g_new0 (GwTensor *, room);
  g_autofree GwOutput *outputs = g_new (GwOutput, n + 1);
  g_autofree GwTensor **results = g_new0 (GwTensor *, n + 1);
  g_autoptr (GPtrArray) values = gw_named_tensors_new ();
  GwModeGraph graph;

  if (own == NULL || !gw_trainer_peek_batch (trainer, mode == GW_MODE_TRAIN ? GW_SPLIT_TRAIN : GW_SPLIT_TEST, own, error))
    return NULL;
  graph = *own;
  graph.feeds = memcpy (feed_outputs, own->feeds, sizeof (GwOutput) * (size_t) own->n_feeds);
  graph.tensors = memcpy (tensors, own->tensors, sizeof (GwTensor *) * (size_t) own->n_feeds);
  if (!feed_by_hand (trainer, &graph, feeds, error) || !find_fetches (trainer, &graph, fetches, outputs, error) ||
      !gw_trainer_run_once (trainer, &graph, (int) n, outputs, 0, NULL, TRUE, results, error))
    return NULL;
  for (guint i = 0; i < n; i++)
    {
      gw_named_tensors_add (values, fetches[i], results[i]);
      gw_tensor_unref (results[i]);
    }
  return g_steal_pointer (&values);
}

/* ---- setting ---- */

gboolean
gw_trainer_initialize_variables (GwTrainer         *trainer,
                                 const char *const *names,
                                 GError           **error)
{
  const GPtrArray *variables = variables_of (trainer);
  g_autoptr (GPtrArray) targets = g_ptr_array_new ();
  GwTensor *none = NULL;

  if (!check_names (trainer, names, error))
    return FALSE;
  for (guint i = 0; i < variables->len; i++)
    {
      const GwLoweredVariable *variable = g_ptr_array_index (variables, i);

      if (variable->initializer != NULL && is_chosen (variable->name, names))
        g_ptr_array_add (targets, variable->initializer);
    }
  return targets->len == 0 ||
         gw_trainer_run_once (trainer, &trainer->graphs[GW_MODE_TRAIN], 0, NULL, (int) targets->len,
                              (GwNode *const *) targets->pdata, FALSE, &none, error);
}

/* The variable's memory. */
static GwVariable *
variable_in_session (GwTrainer               *trainer,
                     const GwLoweredVariable *variable,
                     GError                 **error)
{
  return gw_resources_variable (gw_session_resources (trainer->session), variable->name,
                                gw_variable_node_dtype (variable->variable),
                                &gw_node_attr (variable->variable, "shape")->shape, error);
}

static gboolean
put (GwTrainer               *trainer,
     const GwLoweredVariable *lowered,
     const GwTensor          *value,
     GError                 **error)
{
  GwVariable *variable = variable_in_session (trainer, lowered, error);
  g_autofree char *want = NULL;
  g_autofree char *got = NULL;

  if (variable == NULL)
    return FALSE;
  want = gw_shape_to_string (&variable->tensor->shape);
  got = gw_shape_to_string (&value->shape);
  if (variable->tensor->dtype != value->dtype)
    gw_invalid (error, "%s is %s, and the value is %s", variable->name, gw_dtype_name (variable->tensor->dtype),
                gw_dtype_name (value->dtype));
  else if (!gw_shape_equal (&variable->tensor->shape, &value->shape))
    gw_invalid (error, "Assign requires shapes of both tensors to match. lhs shape= %s rhs shape= %s", want, got);
  else
    {
      gw_tensor_copy_data (variable->tensor, value);
      variable->initialized = TRUE;
      return TRUE;
    }
  gw_error_set_node (error, variable->name, "VariableV2");
  return FALSE;
}

gboolean
gw_trainer_take_values (GwTrainer       *trainer,
                        const GPtrArray *values,
                        GError         **error)
{
  const GPtrArray *variables = variables_of (trainer);

  for (guint i = 0; i < variables->len; i++)
    {
      const GwLoweredVariable *variable = g_ptr_array_index (variables, i);
      const GwTensor *value = gw_named_tensors_find (values, variable->name);
      GwVariable *in_session;

      if (value == NULL)
        continue;
      /* A variable whose shape was edited since begins anew. */
      in_session = variable_in_session (trainer, variable, error);
      if (in_session == NULL)
        return FALSE;
      if (in_session->tensor->dtype == value->dtype && gw_shape_equal (&in_session->tensor->shape, &value->shape) &&
          !put (trainer, variable, value, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
put_placeholder (GwTrainer  *trainer,
                 const char *name,
                 GwTensor   *value,
                 GError    **error)
{
  GwModeGraph *graph = &trainer->graphs[GW_MODE_TRAIN];
  int64_t id = gw_document_find (trainer->document, name);

  for (int i = 0; id != 0 && i < graph->n_feeds; i++)
    {
      if (graph->columns[i] >= 0 || graph->feeds[i].node->origin != id)
        continue;
      if (value->dtype != graph->tensors[i]->dtype || !gw_shape_equal (&value->shape, &graph->tensors[i]->shape))
        {
          g_autofree char *shape = gw_shape_to_string (&graph->tensors[i]->shape);

          return gw_invalid (error, "%s takes %s of shape %s", name, gw_dtype_name (graph->tensors[i]->dtype), shape);
        }
      gw_tensor_unref (graph->tensors[i]);
      graph->tensors[i] = gw_tensor_ref (value);
      return TRUE;
    }
  g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND, "there is no variable and no placeholder with a value called %s",
               name);
  return FALSE;
}

gboolean
gw_trainer_put_value (GwTrainer  *trainer,
                      const char *name,
                      GwTensor   *value,
                      GError    **error)
{
  const GPtrArray *variables = variables_of (trainer);

  for (guint i = 0; i < variables->len; i++)
    {
      const GwLoweredVariable *variable = g_ptr_array_index (variables, i);

      if (strcmp (variable->name, name) == 0)
        return put (trainer, variable, value, error);
    }
  return put_placeholder (trainer, name, value, error);
}

GPtrArray *
gw_trainer_copy_variables (GwTrainer         *trainer,
                           const char *const *names,
                           GError           **error)
{
  const GPtrArray *variables = variables_of (trainer);
  g_autoptr (GPtrArray) copies = gw_named_tensors_new ();

  if (!check_names (trainer, names, error))
    return NULL;
  for (guint i = 0; i < variables->len; i++)
    {
      const GwLoweredVariable *lowered = g_ptr_array_index (variables, i);
      GwVariable *variable = gw_resources_lookup (gw_session_resources (trainer->session), lowered->name);
      g_autoptr (GwTensor) copy = NULL;

      if (!is_chosen (lowered->name, names) || variable == NULL || !variable->initialized)
        continue;
      copy = gw_tensor_duplicate (variable->tensor, error);
      if (copy == NULL)
        return NULL;
      gw_named_tensors_add (copies, lowered->name, copy);
    }
  return g_steal_pointer (&copies);
}

/* ---- checkpoints ---- */

int64_t
gw_trainer_value_step (const GwTrainer *trainer)
{
  return trainer->loaded_at == trainer->step ? trainer->loaded_step : trainer->step;
}

void
gw_trainer_set_value_step (GwTrainer *trainer,
                           int64_t    step)
{
  trainer->loaded_step = step;
  trainer->loaded_at = step != trainer->step ? trainer->step : -1;
}

/* "…/model.ckpt-600" → 600, else what its global_step says, else 0. */
static int64_t
step_of_checkpoint (GwCheckpoint *checkpoint,
                    const char   *prefix)
{
  g_autofree char *base = g_path_get_basename (prefix);
  const char *dash = strrchr (base, '-');
  g_autoptr (GwTensor) step = NULL;
  gint64 number;

  if (dash != NULL && g_ascii_string_to_signed (dash + 1, 10, 0, G_MAXINT64, &number, NULL))
    return number;
  if (gw_checkpoint_find (checkpoint, "global_step") != NULL)
    step = gw_checkpoint_read (checkpoint, "global_step", NULL);
  if (step == NULL || step->elements != 1 || !(gw_tensor_get_double (step, 0) >= 0 && gw_tensor_get_double (step, 0) < 0x1p62))
    return 0;
  return (int64_t) gw_tensor_get_double (step, 0);
}

gboolean
gw_trainer_load_variables (GwTrainer         *trainer,
                           const char        *prefix,
                           const char *const *names,
                           gboolean           must_have_all,
                           GError           **error)
{
  g_autoptr (GwCheckpoint) checkpoint = gw_checkpoint_open (prefix, error);
  const GPtrArray *variables = variables_of (trainer);
  int n_loaded = 0;

  if (checkpoint == NULL || !check_names (trainer, names, error))
    return FALSE;
  for (guint i = 0; i < variables->len; i++)
    {
      const GwLoweredVariable *variable = g_ptr_array_index (variables, i);
      g_autoptr (GwTensor) value = NULL;

      if (!is_chosen (variable->name, names) ||
          (names == NULL && !must_have_all && gw_checkpoint_find (checkpoint, variable->name) == NULL))
        continue;
      value = gw_checkpoint_read (checkpoint, variable->name, error);
      if (value == NULL || !put (trainer, variable, value, error))
        return FALSE;
      n_loaded++;
    }
  if (n_loaded == 0 && variables->len > 0)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND, "%s holds none of the graph's variables", prefix);
      return FALSE;
    }
  /* Some variables of another step are values of no step at all: that stays as it was. */
  if (names == NULL || n_loaded == (int) variables->len)
    gw_trainer_set_value_step (trainer, step_of_checkpoint (checkpoint, prefix));
  return TRUE;
}

GPtrArray *
gw_trainer_exchange_variables (GwTrainer         *trainer,
                               const char        *prefix,
                               const char *const *names,
                               int64_t           *step,
                               GError           **error)
{
  g_autoptr (GPtrArray) before = gw_trainer_copy_variables (trainer, names, error);
  int64_t step_before = gw_trainer_value_step (trainer);

  if (before == NULL)
    return NULL;
  if (!gw_trainer_load_variables (trainer, prefix, names, names != NULL, error))
    {
      gw_trainer_take_values (trainer, before, NULL);
      return NULL;
    }
  *step = step_before;
  return g_steal_pointer (&before);
}

static char *
side_text (GwTrainer *trainer)
{
  g_autoptr (cJSON) json = cJSON_CreateObject ();
  g_autoptr (GBytes) streams = gw_session_get_streams (trainer->session, trainer->graphs[GW_MODE_TRAIN].lowered->graph);
  gsize size;
  const guchar *data = g_bytes_get_data (streams, &size);
  g_autofree char *text = g_base64_encode (data, size);

  cJSON_AddItemToObject (json, "version", gw_json_new_int (SIDE_VERSION));
  cJSON_AddItemToObject (json, "step", gw_json_new_int (trainer->step));
  cJSON_AddItemToObject (json, "seed", gw_json_new_int (trainer->seed));
  cJSON_AddItemToObject (json, "seconds", gw_json_new_double (gw_trainer_seconds (trainer, g_get_monotonic_time ())));
  cJSON_AddItemToObject (json, "data", gw_trainer_data_position (trainer));
  cJSON_AddStringToObject (json, "streams", text);
  return gw_json_print (json);
}

/* trainer->copies, brought up to date; made anew when the set of variables changed. */
static gboolean
refresh_copies (GwTrainer *trainer,
                GError   **error)
{
  GwResources *resources = gw_session_resources (trainer->session);
  const GPtrArray *variables = variables_of (trainer);
  guint n = 0;

  for (guint i = 0; i < variables->len; i++)
    {
      GwVariable *variable = gw_resources_lookup (resources, ((GwLoweredVariable *) g_ptr_array_index (variables, i))->name);

      n += variable != NULL && variable->initialized;
    }
  if (trainer->copies == NULL || trainer->copies->len != n)
    {
      g_clear_pointer (&trainer->copies, g_ptr_array_unref);
      trainer->copies = gw_trainer_copy_variables (trainer, NULL, error);
      return trainer->copies != NULL;
    }
  for (guint i = 0; i < n; i++)
    {
      const GwNamedTensor *copy = g_ptr_array_index (trainer->copies, i);

      gw_tensor_copy_data (copy->tensor, gw_resources_lookup (resources, copy->name)->tensor);
    }
  return TRUE;
}

gboolean
gw_trainer_save (GwTrainer *trainer,
                 guint64    request,
                 gboolean   wait,
                 GError   **error)
{
  if (trainer->recorder == NULL)
    {
      g_set_error_literal (error, GW_ERROR, GW_ERROR_FAILED_PRECONDITION,
                           "this training writes no run, so there is no place for a checkpoint");
      return FALSE;
    }
  if (gw_recorder_is_saving (trainer->recorder))
    {
      if (!wait)
        return FALSE;
      gw_recorder_wait (trainer->recorder);
    }
  if (!refresh_copies (trainer, error))
    return FALSE;
  gw_recorder_checkpoint (trainer->recorder, request, trainer->step, trainer->copies, side_text (trainer));
  trainer->saved = TRUE;
  return TRUE;
}

static cJSON *
load_side (const char *run_dir,
           char      **prefix,
           GError    **error)
{
  g_autofree char *path = NULL;
  g_autoptr (cJSON) side = NULL;

  *prefix = gw_checkpoint_latest (run_dir, error);
  if (*prefix == NULL)
    return NULL;
  path = g_strconcat (*prefix, GW_RUN_RESUME_SUFFIX, NULL);
  side = gw_json_load (path, error);
  if (side == NULL)
    return NULL;
  if (gw_json_member_int (side, "version", 0) == SIDE_VERSION)
    return g_steal_pointer (&side);
  g_set_error (error, GW_ERROR, GW_ERROR_DATA_LOSS, "%s is not of a version that this program can resume", path);
  return NULL;
}

gboolean
gw_trainer_read_seed (const char *run_dir,
                      int64_t    *seed,
                      GError    **error)
{
  g_autofree char *prefix = NULL;
  g_autoptr (cJSON) side = load_side (run_dir, &prefix, error);

  if (side == NULL)
    return FALSE;
  *seed = gw_json_member_int (side, "seed", 0);
  return TRUE;
}

gboolean
gw_trainer_resume (GwTrainer *trainer,
                   GError   **error)
{
  g_autofree char *prefix = NULL;
  g_autoptr (cJSON) side = load_side (trainer->run_dir, &prefix, error);
  g_autofree guchar *data = NULL;
  g_autoptr (GBytes) streams = NULL;
  gsize size;

  if (side == NULL || !gw_trainer_load_variables (trainer, prefix, NULL, TRUE, error) ||
      !gw_trainer_set_data_position (trainer, cJSON_GetObjectItemCaseSensitive (side, "data"), error))
    return FALSE;
  data = g_base64_decode (gw_json_member_string (side, "streams", ""), &size);
  streams = g_bytes_new (data, size);
  if (!gw_session_set_streams (trainer->session, trainer->graphs[GW_MODE_TRAIN].lowered->graph, streams))
    {
      g_set_error (error, GW_ERROR, GW_ERROR_FAILED_PRECONDITION,
                   "%s was saved by another graph: its random streams do not fit this one", prefix);
      return FALSE;
    }
  trainer->step = gw_json_member_int (side, "step", 0);
  trainer->seconds = gw_json_member_double (side, "seconds", 0);
  return TRUE;
}

void
gw_trainer_record_histograms (GwTrainer *trainer)
{
  const GPtrArray *variables = variables_of (trainer);

  for (guint i = 0; i < variables->len; i++)
    {
      const GwLoweredVariable *lowered = g_ptr_array_index (variables, i);
      GwVariable *variable = gw_resources_lookup (gw_session_resources (trainer->session), lowered->name);
      GwTensor *copy;

      if (!lowered->trainable || variable == NULL || !variable->initialized)
        continue;
      copy = gw_tensor_duplicate (variable->tensor, NULL);
      if (copy != NULL)
        gw_recorder_histogram (trainer->recorder, trainer->step, lowered->name, copy);
    }
}
