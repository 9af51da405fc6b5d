/* SPDX-License-Identifier: Apache-2.0 */
/* The canvas's model: the scene of the document (canvas-sync.c), with the values of the
 * run in it. */
#include "app/ui/canvas-adapter-private.h"

#include "app/model/targets.h"
#include "widgets/paint/number-text.h"

#include <math.h>
#include <string.h>

#define LIVE_INTERVAL 100

guint gw_canvas_adapter_signals[GW_ADAPTER_N_SIGNALS];

G_DEFINE_FINAL_TYPE_WITH_CODE (GwCanvasAdapter, gw_canvas_adapter, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GW_TYPE_CANVAS_MODEL, gw_canvas_adapter_groups_init))

/* ---- live values ---- */

static char *
value_text (const GwWatchResult *result,
            gboolean             percent)
{
  char number[GW_NUMBER_TEXT_SIZE];

  if (result->kind == GW_WATCH_SCALAR || gw_shape_elements (&result->shape) == 1)
    {
      double value = result->kind == GW_WATCH_SCALAR ? result->scalar : result->stats.mean;

      if (percent)
        return g_strdup_printf ("%s %%", gw_number_text_digits (number, value * 100, 3));
      return g_strdup (gw_number_text (number, value));
    }
  return g_strdup_printf ("μ %s", gw_number_text_digits (number, result->stats.mean, 3));
}

static void
set_health (GwSceneLive         *live,
            const GwTensorStats *stats)
{
  double n = (double) stats->count;

  live->has_health = stats->count > 1;
  if (!live->has_health)
    return;
  live->health[0] = (double) stats->nan / n;
  live->health[1] = (double) stats->neg_inf / n;
  live->health[2] = (double) stats->negative / n;
  live->health[3] = (double) stats->zero / n;
  live->health[4] = (double) stats->positive / n;
  live->health[5] = (double) stats->pos_inf / n;
}

static void
show_watched (GwCanvasAdapter    *self,
              const GwRunWatched *watched,
              GwSceneNode        *node,
              gboolean            stale)
{
  GwSceneLive *live = gw_scene_node_ensure_live (node);
  const GwOpDef *op = gw_registry_find (node->op);
  g_autofree char *text = value_text (watched->result, op != NULL && strcmp (op->name, "Accuracy") == 0);

  gw_scene_set_string (&live->value, text);
  live->mode = "train";
  g_free (live->samples);
  live->samples = g_memdup2 (watched->history, sizeof (float) * (gsize) watched->n_history);
  live->n_samples = (guint) watched->n_history;
  if (watched->result->kind != GW_WATCH_SCALAR)
    set_health (live, &watched->result->stats);
  gw_canvas_set_live_histogram (live, watched->result->histogram);
  live->stale = stale;
  if (stale)
    {
      char number[GW_NUMBER_TEXT_SIZE];
      g_autofree char *detail = g_strdup_printf ("step %s", gw_number_text_count (number, watched->result->step));

      gw_scene_set_string (&live->detail, detail);
    }
}

static void
show_live (GwCanvasAdapter *self)
{
  GwRunState state = gw_run_get_state (self->run);
  gboolean stale = state == GW_RUN_DONE || state == GW_RUN_STOPPED || state == GW_RUN_FAILED;
  g_autoptr (GArray) fresh = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_autoptr (GArray) lively = g_array_new (FALSE, FALSE, sizeof (guint64));

  for (int i = 0; i < gw_run_get_n_watches (self->run); i++)
    {
      const GwRunWatched *watched = gw_run_get_watched (self->run, i);
      guint64 id = (guint64) gw_run_get_watch (self->run, i)->node;
      GwSceneNode *node = gw_scene_get_node (self->scene, id);

      if (node == NULL || watched->result == NULL)
        continue;
      if (node->live == NULL)
        g_array_append_val (fresh, id);
      else
        g_array_append_val (lively, id);
      show_watched (self, watched, node, stale);
    }
  self->live_time = g_get_monotonic_time ();
  if (fresh->len > 0)
    gw_canvas_model_changed (GW_CANVAS_MODEL (self), (const guint64 *) (gpointer) fresh->data, fresh->len);
  if (lively->len > 0)
    gw_canvas_model_live_changed (GW_CANVAS_MODEL (self), (const guint64 *) (gpointer) lively->data, lively->len);
}

static gboolean
live_cb (gpointer data)
{
  GwCanvasAdapter *self = data;

  self->live_timeout = 0;
  show_live (self);
  return G_SOURCE_REMOVE;
}

static void
on_watches (GwCanvasAdapter *self)
{
  if (self->live_timeout == 0)
    self->live_timeout = g_timeout_add (LIVE_INTERVAL, live_cb, self);
}

void
gw_canvas_adapter_set_values (GwCanvasAdapter *self,
                              GwValues        *values)
{
  g_set_object (&self->values, values);
}

void
gw_canvas_adapter_show_value (GwCanvasAdapter *self,
                              int64_t          id)
{
  GwSceneNode *node = gw_scene_get_node (self->scene, (guint64) id);
  const GwValue *value = self->values != NULL ? gw_values_get (self->values, id, 0) : NULL;
  GwWatchResult result = { .kind = GW_WATCH_STATS };
  g_autofree char *text = NULL;
  guint64 changed = (guint64) id;
  GwSceneLive *live;

  if (node == NULL)
    return;
  if (value == NULL || value->tensor->elements == 0 || !gw_dtype_is_numeric (value->tensor->dtype))
    {
      gw_scene_node_clear_live (node);
      gw_canvas_model_changed (GW_CANVAS_MODEL (self), &changed, 1);
      return;
    }
  live = gw_scene_node_ensure_live (node);
  result.shape = value->tensor->shape;
  result.stats = value->stats;
  text = value_text (&result, strcmp (node->op, "Accuracy") == 0);
  gw_scene_set_string (&live->value, text);
  live->mode = value->mode;
  gw_scene_set_string (&live->detail, value->stale ? "stale" : NULL);
  live->stale = value->stale;
  set_health (live, &value->stats);
  gw_canvas_model_changed (GW_CANVAS_MODEL (self), &changed, 1);
}

static void
clear_live (GwCanvasAdapter *self)
{
  const GPtrArray *nodes = gw_scene_nodes (self->scene);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint64));

  for (guint i = 0; i < nodes->len; i++)
    {
      GwSceneNode *node = g_ptr_array_index (nodes, i);

      if (node->live == NULL)
        continue;
      gw_scene_node_clear_live (node);
      g_array_append_val (ids, node->id);
    }
  if (ids->len > 0)
    gw_canvas_model_changed (GW_CANVAS_MODEL (self), (const guint64 *) (gpointer) ids->data, ids->len);
}

static void
on_started (GwCanvasAdapter *self)
{
  g_autoptr (GArray) kept = self->values != NULL ? gw_values_get_nodes (self->values) : NULL;

  clear_live (self);
  for (guint i = 0; kept != NULL && i < kept->len; i++)
    gw_canvas_adapter_show_value (self, g_array_index (kept, int64_t, i));
  gw_canvas_adapter_watch_all (self);
}

static void
on_run_changed (GwCanvasAdapter *self)
{
  GwRunState state = gw_run_get_state (self->run);

  if (gw_canvas_adapter_has_new_blame (self) && self->place != 0)
    gw_canvas_adapter_sync_all (self);
  if (g_object_get_data (G_OBJECT (self), "state") == GINT_TO_POINTER (state))
    return;
  g_object_set_data (G_OBJECT (self), "state", GINT_TO_POINTER (state));
  gw_canvas_adapter_sync_all (self);
  on_watches (self);
}

const GArray *
gw_canvas_adapter_get_selection (GwCanvasAdapter *self)
{
  return self->selection;
}

static void
gw_canvas_adapter_dispose (GObject *object)
{
  GwCanvasAdapter *self = GW_CANVAS_ADAPTER (object);

  g_clear_handle_id (&self->live_timeout, g_source_remove);
  g_clear_object (&self->model);
  g_clear_object (&self->run);
  g_clear_object (&self->values);
  G_OBJECT_CLASS (gw_canvas_adapter_parent_class)->dispose (object);
}

static void
gw_canvas_adapter_finalize (GObject *object)
{
  GwCanvasAdapter *self = GW_CANVAS_ADAPTER (object);

  gw_scene_free (self->scene);
  g_hash_table_unref (self->slots);
  g_hash_table_unref (self->watch_states);
  g_hash_table_unref (self->bundles);
  g_hash_table_unref (self->scopes);
  g_hash_table_unref (self->hidden);
  g_hash_table_unref (self->stubs);
  g_clear_pointer (&self->needed, g_hash_table_unref);
  g_array_unref (self->selection);
  g_array_unref (self->callers);
  G_OBJECT_CLASS (gw_canvas_adapter_parent_class)->finalize (object);
}

static void
gw_canvas_adapter_class_init (GwCanvasAdapterClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);
  guint *signals = gw_canvas_adapter_signals;

  G_OBJECT_CLASS (klass)->dispose = gw_canvas_adapter_dispose;
  G_OBJECT_CLASS (klass)->finalize = gw_canvas_adapter_finalize;
  signals[GW_ADAPTER_SEARCH] =
    g_signal_new ("search-requested", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 4, G_TYPE_DOUBLE,
                  G_TYPE_DOUBLE, G_TYPE_POINTER, G_TYPE_STRING);
  signals[GW_ADAPTER_MENU] = g_signal_new ("menu-requested", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                           G_TYPE_NONE, 3, G_TYPE_UINT64, G_TYPE_DOUBLE, G_TYPE_DOUBLE);
  signals[GW_ADAPTER_SELECTION] =
    g_signal_new ("selection-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[GW_ADAPTER_COMMAND] =
    g_signal_new ("command", type, G_SIGNAL_RUN_LAST, 0, g_signal_accumulator_true_handled, NULL, NULL,
                  G_TYPE_BOOLEAN, 1, G_TYPE_STRING);
  signals[GW_ADAPTER_LEAVING] =
    g_signal_new ("place-leaving", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[GW_ADAPTER_PLACE] =
    g_signal_new ("place-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[GW_ADAPTER_MESSAGE] =
    g_signal_new ("message", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
gw_canvas_adapter_init (GwCanvasAdapter *self)
{
  self->scene = gw_scene_new ();
  self->slots = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->watch_states = g_hash_table_new (NULL, NULL);
  self->bundles = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->scopes = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) gw_scope_ports_free);
  self->hidden = g_hash_table_new (NULL, NULL);
  self->stubs = gw_canvas_adapter_stubs_new ();
  self->selection = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->callers = g_array_new (FALSE, FALSE, sizeof (int64_t));
}

GwCanvasAdapter *
gw_canvas_adapter_new (GwDocModel *model,
                       GwRun      *run)
{
  GwCanvasAdapter *self = g_object_new (GW_TYPE_CANVAS_ADAPTER, NULL);

  self->model = g_object_ref (model);
  self->run = g_object_ref (run);
  gw_canvas_adapter_sync_all (self);
  g_signal_connect_object (model, "items-changed", G_CALLBACK (gw_canvas_adapter_sync_items), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "items-changed", G_CALLBACK (gw_canvas_adapter_update_watches), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "live-changed", G_CALLBACK (gw_canvas_adapter_sync_live), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "reset", G_CALLBACK (gw_canvas_adapter_reset_scene), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "started", G_CALLBACK (on_started), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "watches", G_CALLBACK (on_watches), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "changed", G_CALLBACK (on_run_changed), self, G_CONNECT_SWAPPED);
  return self;
}
