/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps the scene up to date with the document, what lowering says of it, and the
 * values of the run. */
#include "app/ui/canvas-adapter-private.h"

#include "app/model/targets.h"
#include "widgets/paint/number-text.h"

#include <math.h>
#include <string.h>

/* Wires have no ids in the document; theirs begin here, above all of its ids. */
#define FIRST_WIRE (G_GUINT64_CONSTANT (1) << 48)
#define LIVE_INTERVAL 100

guint gw_canvas_adapter_signals[GW_ADAPTER_N_SIGNALS];

G_DEFINE_FINAL_TYPE_WITH_CODE (GwCanvasAdapter, gw_canvas_adapter, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GW_TYPE_CANVAS_MODEL, gw_canvas_adapter_iface_init))

const GwWireEnd *
gw_canvas_adapter_wire (GwCanvasAdapter *self,
                        guint64          wire)
{
  return g_hash_table_lookup (self->wire_ends, &wire);
}

static guint64
wire_id (GwCanvasAdapter *self,
         int64_t          to,
         int              input,
         int64_t          control)
{
  g_autofree char *key = g_strdup_printf ("%" G_GINT64_FORMAT ":%d:%" G_GINT64_FORMAT, (gint64) to, input,
                                          (gint64) control);
  guint64 *id = g_hash_table_lookup (self->wire_ids, key);

  if (id == NULL)
    {
      GwWireEnd end = { to, input, control };

      id = g_new (guint64, 1);
      *id = ++self->last_wire;
      g_hash_table_insert (self->wire_ids, g_steal_pointer (&key), id);
      g_hash_table_insert (self->wire_ends, g_memdup2 (id, sizeof *id), g_memdup2 (&end, sizeof end));
    }
  return *id;
}

static double
batch_size (const GwDocument *document)
{
  const GwPipelineDef *pipeline = gw_document_settings (document)->pipeline;

  return pipeline != NULL ? (double) pipeline->attrs[GW_PIPELINE_BATCH_SIZE].i : 1;
}

void
gw_canvas_adapter_source (GwCanvasAdapter *self,
                          GwSceneSource   *source)
{
  GwDocument *document = gw_doc_model_get_document (self->model);
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  *source = (GwSceneSource) { .document = document, .lowered = gw_doc_model_get_lowered (self->model),
                              .batch = batch_size (document) };
  source->used = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  for (int i = 0; i < n; i++)
    {
      const GArray *inputs = gw_document_node (document, ids[i])->inputs;

      for (guint k = 0; k < inputs->len; k++)
        {
          int64_t from = g_array_index (inputs, GwDocInput, k).from;

          if (from != 0)
            g_hash_table_add (source->used, g_memdup2 (&from, sizeof from));
        }
    }
  if (gw_run_is_active (self->run))
    source->needed = gw_document_needed (document);
}

void
gw_canvas_adapter_source_clear (GwSceneSource *source)
{
  g_clear_pointer (&source->needed, g_hash_table_unref);
  g_clear_pointer (&source->used, g_hash_table_unref);
}

/* ---- the scene ---- */

typedef struct {
  GwCanvasAdapter *self;
  GArray          *changed;  /* of guint64 */
  GHashTable      *seen;     /* ids of items that are in the document */
} Sync;

/* Whether the item's picture differs from what the scene has. */
static gboolean
note_signature (Sync   *sync,
                guint64 id,
                char   *signature)
{
  const char *old = g_hash_table_lookup (sync->self->signatures, &id);
  gboolean differs = g_strcmp0 (old, signature) != 0;

  g_hash_table_add (sync->seen, g_memdup2 (&id, sizeof id));
  if (!differs)
    {
      g_free (signature);
      return FALSE;
    }
  g_hash_table_replace (sync->self->signatures, g_memdup2 (&id, sizeof id), signature);
  g_array_append_val (sync->changed, id);
  return TRUE;
}

static void
keep_live (GwSceneNode *fresh,
           GwSceneNode *old)
{
  if (old != NULL)
    fresh->live = g_steal_pointer (&old->live);
}

static void
sync_node (Sync                *sync,
           const GwSceneSource *source,
           int64_t              id)
{
  GwCanvasAdapter *self = sync->self;
  GwSceneNode *node = gw_scene_build_node (source, id, gw_doc_model_problem_of (self->model, id));

  if (note_signature (sync, (guint64) id, gw_scene_node_signature (node)))
    {
      keep_live (node, gw_scene_get_node (self->scene, (guint64) id));
      gw_scene_add_node (self->scene, node);
    }
  else
    {
      gw_scene_node_free (node);
    }
}

static void
sync_wire (Sync        *sync,
           GwSceneWire *wire)
{
  if (note_signature (sync, wire->id, gw_scene_wire_signature (wire)))
    gw_scene_add_wire (sync->self->scene, wire);
  else
    gw_scene_wire_free (wire);
}

static void
sync_wires (Sync                *sync,
            const GwSceneSource *source,
            int64_t              id)
{
  GwCanvasAdapter *self = sync->self;
  const GwDocNode *node = gw_document_node (source->document, id);
  const GwProblem *problem = gw_doc_model_problem_of (self->model, id);
  int n = gw_scene_n_inputs (node);

  for (int i = 0; i < n; i++)
    {
      GwSceneWire *wire = gw_scene_build_wire (source, wire_id (self, id, i, 0), id, i);
      const char *port;
      int index;

      if (wire == NULL)
        continue;
      if (problem != NULL && problem->severity == GW_PROBLEM_ERROR && problem->port != NULL &&
          gw_scene_input_port (node, i, &port, &index) && strcmp (port, problem->port) == 0)
        gw_scene_set_string (&wire->conflict, wire->shape != NULL ? wire->shape : "does not fit");
      sync_wire (sync, wire);
    }
  for (guint i = 0; i < node->controls->len; i++)
    {
      int64_t from = g_array_index (node->controls, int64_t, i);

      if (gw_document_node (source->document, from) != NULL)
        sync_wire (sync, gw_scene_build_control (wire_id (self, id, GW_SCENE_CONTROL_PORT, from), from, id));
    }
}

static void
sync_frame (Sync             *sync,
            const GwDocument *document,
            int64_t           id)
{
  GwSceneFrame *frame = gw_scene_build_frame (document, id);
  char *signature = g_strdup_printf ("%d|%s|%s|%d|%g,%g,%g,%g", frame->kind, frame->title, frame->detail, frame->tint,
                                     frame->x, frame->y, frame->width, frame->height);

  if (note_signature (sync, (guint64) id, signature))
    gw_scene_add_frame (sync->self->scene, frame);
  else
    gw_scene_frame_free (frame);
}

static void
drop_missing (Sync *sync)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, sync->self->signatures);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      guint64 id = *(guint64 *) key;

      if (g_hash_table_contains (sync->seen, &id))
        continue;
      g_array_append_val (sync->changed, id);
      gw_scene_remove (sync->self->scene, id);
      g_hash_table_iter_remove (&iter);
    }
}

/* Brings the scene in line with the document; only what looks different is new. */
static void
sync_scene (GwCanvasAdapter *self)
{
  Sync sync = { self, g_array_new (FALSE, FALSE, sizeof (guint64)),
                g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL) };
  GwSceneSource source;
  int n, n_frames;
  const int64_t *ids, *frames;

  gw_canvas_adapter_source (self, &source);
  frames = gw_document_ids (source.document, GW_ITEM_FRAME, &n_frames);
  for (int i = 0; i < n_frames; i++)
    sync_frame (&sync, source.document, frames[i]);
  ids = gw_document_ids (source.document, GW_ITEM_NODE, &n);
  for (int i = 0; i < n; i++)
    sync_node (&sync, &source, ids[i]);
  for (int i = 0; i < n; i++)
    sync_wires (&sync, &source, ids[i]);
  drop_missing (&sync);
  gw_canvas_adapter_source_clear (&source);
  if (sync.changed->len > 0)
    gw_canvas_model_changed (GW_CANVAS_MODEL (self), (const guint64 *) (gpointer) sync.changed->data,
                             sync.changed->len);
  g_array_unref (sync.changed);
  g_hash_table_unref (sync.seen);
}

static void
reset_scene (GwCanvasAdapter *self)
{
  gw_scene_clear (self->scene);
  g_hash_table_remove_all (self->signatures);
  sync_scene (self);
  gw_canvas_model_reset (GW_CANVAS_MODEL (self));
}

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
  g_free (live->samples);
  live->samples = g_memdup2 (watched->history, sizeof (float) * (gsize) watched->n_history);
  live->n_samples = (guint) watched->n_history;
  if (watched->result->kind != GW_WATCH_SCALAR)
    set_health (live, &watched->result->stats);
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
gw_canvas_adapter_watch_all (GwCanvasAdapter *self)
{
  GwDocument *document = gw_doc_model_get_document (self->model);
  GwLowered *lowered = gw_doc_model_get_lowered (self->model);
  g_autoptr (GHashTable) needed = gw_document_needed (document);
  g_autoptr (GArray) watches = g_array_new (FALSE, TRUE, sizeof (GwWatch));
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  for (int i = 0; i < n; i++)
    {
      GwOutput output = gw_lowered_output (lowered, ids[i], 0);
      GwWatch watch = { .node = ids[i], .kind = GW_WATCH_STATS, .per_second = 4 };

      if (output.node != NULL && gw_dtype_is_floating (gw_output_dtype (output)) &&
          g_hash_table_contains (needed, &ids[i]))
        g_array_append_val (watches, watch);
    }
  gw_run_set_watches (self->run, (const GwWatch *) (gpointer) watches->data, (int) watches->len);
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
  clear_live (self);
  gw_canvas_adapter_watch_all (self);
}

static void
on_run_changed (GwCanvasAdapter *self)
{
  GwRunState state = gw_run_get_state (self->run);

  if (g_object_get_data (G_OBJECT (self), "state") == GINT_TO_POINTER (state))
    return;
  g_object_set_data (G_OBJECT (self), "state", GINT_TO_POINTER (state));
  sync_scene (self);
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
  G_OBJECT_CLASS (gw_canvas_adapter_parent_class)->dispose (object);
}

static void
gw_canvas_adapter_finalize (GObject *object)
{
  GwCanvasAdapter *self = GW_CANVAS_ADAPTER (object);

  gw_scene_free (self->scene);
  g_hash_table_unref (self->signatures);
  g_hash_table_unref (self->wire_ids);
  g_hash_table_unref (self->wire_ends);
  g_array_unref (self->selection);
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
  signals[GW_ADAPTER_MESSAGE] =
    g_signal_new ("message", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
gw_canvas_adapter_init (GwCanvasAdapter *self)
{
  self->scene = gw_scene_new ();
  self->signatures = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  self->wire_ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->wire_ends = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  self->selection = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->last_wire = FIRST_WIRE;
}

GwCanvasAdapter *
gw_canvas_adapter_new (GwDocModel *model,
                       GwRun      *run)
{
  GwCanvasAdapter *self = g_object_new (GW_TYPE_CANVAS_ADAPTER, NULL);

  self->model = g_object_ref (model);
  self->run = g_object_ref (run);
  sync_scene (self);
  g_signal_connect_object (model, "items-changed", G_CALLBACK (sync_scene), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "lowered-changed", G_CALLBACK (sync_scene), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "reset", G_CALLBACK (reset_scene), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "started", G_CALLBACK (on_started), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "watches", G_CALLBACK (on_watches), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "changed", G_CALLBACK (on_run_changed), self, G_CONNECT_SWAPPED);
  return self;
}
