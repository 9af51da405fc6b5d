/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/checkpoint-store.h"

#include "app/model/background.h"

#include <math.h>
#include <string.h>

/* ---- rows ---- */

G_DEFINE_FINAL_TYPE (GwVariableRow, gw_variable_row, G_TYPE_OBJECT)

static guint row_changed;

static void
gw_variable_row_finalize (GObject *object)
{
  GwVariableRow *row = GW_VARIABLE_ROW (object);

  g_free (row->name);
  g_free (row->problem);
  G_OBJECT_CLASS (gw_variable_row_parent_class)->finalize (object);
}

static void
gw_variable_row_class_init (GwVariableRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gw_variable_row_finalize;
  row_changed = g_signal_new ("changed", GW_TYPE_VARIABLE_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gw_variable_row_init (GwVariableRow *row)
{
  row->change = row->scalar_b = NAN;
}

static GwVariableRow *
row_new (const char              *name,
         const GwCheckpointEntry *a,
         const GwCheckpointEntry *b)
{
  GwVariableRow *row = g_object_new (GW_TYPE_VARIABLE_ROW, NULL);
  const GwCheckpointEntry *entry = a != NULL ? a : b;

  row->name = g_strdup (name);
  row->dtype = entry->dtype;
  row->shape = entry->shape;
  row->bytes = entry->bytes;
  row->in_a = a != NULL;
  row->in_b = b != NULL;
  row->other_shape = a != NULL && b != NULL && (a->dtype != b->dtype || !gw_shape_equal (&a->shape, &b->shape));
  return row;
}

/* ---- the worker ----
 * It owns a queue of jobs. `generation` counts openings, `wanted` selections: work of
 * an older number is dropped. */

typedef struct {
  gint       refs;
  gint       generation;  /* atomic */
  gint       selection;   /* atomic */
  gint       quit;        /* atomic */
  GMutex     lock;
  GCond      cond;
  GPtrArray *jobs;        /* of Job, under the lock */
  GWeakRef   store;
} Worker;

/* An opening, or the reading of one value. */
typedef struct {
  gint   generation, selection;
  char  *a, *b;
  char  *name;            /* value to read; NULL = open */
  char **trainable, **known;
} Job;

typedef struct {
  Worker    *worker;
  gint       generation, selection;
  GPtrArray *rows;        /* an opening's, or NULL */
  guint      place;       /* of the row whose statistics these are … */
  GwVariableRow *filled;  /* … as they were computed, in an object of the worker's own; or NULL */
  gboolean   is_value;
  GwVariableValue *value;
  GError    *error;
} Result;

struct _GwCheckpointStore {
  GObject     parent_instance;
  Worker     *worker;
  char       *a, *b;
  char       *selected;
  GListStore *rows;
  GError     *error, *value_error;
  GwVariableValue *value;
  gboolean    loading;
  gboolean    kept;      /* `value` is of the checkpoint before, until the new one is there */
  guint       n_ready;
};

G_DEFINE_FINAL_TYPE (GwCheckpointStore, gw_checkpoint_store, G_TYPE_OBJECT)

enum { ROWS_CHANGED, PROGRESS, VALUE, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
job_free (gpointer data)
{
  Job *job = data;

  g_free (job->a);
  g_free (job->b);
  g_free (job->name);
  g_strfreev (job->trainable);
  g_strfreev (job->known);
  g_free (job);
}

static void
worker_unref (Worker *worker)
{
  if (!g_atomic_int_dec_and_test (&worker->refs))
    return;
  g_ptr_array_unref (worker->jobs);
  g_mutex_clear (&worker->lock);
  g_cond_clear (&worker->cond);
  g_weak_ref_clear (&worker->store);
  g_free (worker);
}

static void
result_free (gpointer data)
{
  Result *result = data;

  worker_unref (result->worker);
  g_clear_pointer (&result->rows, g_ptr_array_unref);
  g_clear_object (&result->filled);
  gw_variable_value_free (result->value);
  g_clear_error (&result->error);
  g_free (result);
}

static gboolean take_result (gpointer data);

static void
post (Worker *worker,
      Result *result)
{
  g_atomic_int_inc (&worker->refs);
  result->worker = worker;
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, take_result, result, result_free);
}

static gboolean
is_stale (Worker *worker,
          gint    generation)
{
  return g_atomic_int_get (&worker->quit) || g_atomic_int_get (&worker->generation) != generation;
}

static gboolean
in_list (char *const *list,
         const char  *name)
{
  return list != NULL && g_strv_contains ((const char *const *) list, name);
}

/* Names of both checkpoints, each once, as keys that the checkpoints own. */
static GHashTable *
names_of (const GwCheckpoint *a,
          const GwCheckpoint *b)
{
  GHashTable *names = g_hash_table_new (g_str_hash, g_str_equal);

  for (int k = 0; k < 2; k++)
    {
      const GwCheckpoint *checkpoint = k == 0 ? a : b;

      for (int i = 0; checkpoint != NULL && i < gw_checkpoint_n_entries (checkpoint); i++)
        g_hash_table_add (names, (gpointer) gw_checkpoint_entry (checkpoint, i)->name);
    }
  return names;
}

static GPtrArray *
rows_of (const Job          *job,
         const GwCheckpoint *a,
         const GwCheckpoint *b)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GHashTable) names = names_of (a, b);
  GList *sorted = g_list_sort (g_hash_table_get_keys (names), (GCompareFunc) (GCallback) strcmp);

  for (GList *l = sorted; l != NULL; l = l->next)
    {
      const char *name = l->data;
      GwVariableRow *row = row_new (name, gw_checkpoint_find (a, name), b != NULL ? gw_checkpoint_find (b, name) : NULL);

      if (in_list (job->trainable, name))
        row->kind = GW_VARIABLE_TRAINABLE;
      else
        row->kind = gw_variable_kind_by_name (name, row->dtype, names);
      if (row->kind == GW_VARIABLE_TRAINABLE && in_list (job->known, name) && !in_list (job->trainable, name))
        row->kind = GW_VARIABLE_OTHER;
      g_ptr_array_add (rows, row);
    }
  g_list_free (sorted);
  return rows;
}

static void
post_opened (Worker    *worker,
             const Job *job,
             GPtrArray *rows,
             GError    *error)
{
  Result *result = g_new0 (Result, 1);

  result->generation = job->generation;
  result->rows = rows != NULL ? g_ptr_array_ref (rows) : g_ptr_array_new ();
  result->error = error;
  post (worker, result);
}

static gboolean
has_numbers (const GwTensor *tensor)
{
  return tensor->dtype == GW_BOOL || (gw_dtype_is_numeric (tensor->dtype) && !gw_dtype_is_complex (tensor->dtype));
}

static void
fill_row (GwVariableRow      *row,
          const GwCheckpoint *a,
          const GwCheckpoint *b)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) value = gw_checkpoint_read (row->in_a ? a : b, row->name, &error);

  row->ready = TRUE;
  if (value == NULL)
    {
      row->problem = g_strdup (error->message);
      return;
    }
  gw_tensor_stats (value, &row->stats);
  if (has_numbers (value) && isfinite (row->stats.min))
    gw_tensor_bin (value, row->stats.min, row->stats.max, GW_VARIABLE_BINS, row->bins);
  if (row->in_a && row->in_b && !row->other_shape)
    {
      g_autoptr (GwTensor) other = gw_checkpoint_read (b, row->name, &error);

      if (other == NULL)
        row->problem = g_strdup_printf ("B: %s", error->message);
      else
        {
          row->change = gw_tensor_change (value, other);
          row->scalar_b = other->elements == 1 && has_numbers (other) ? gw_tensor_get_double (other, 0) : NAN;
        }
    }
}

/* The statistics of one row are computed into an object that the window does not
 * see yet. */
static void
read_row (Worker             *worker,
          const Job          *job,
          const GPtrArray    *rows,
          guint               place,
          const GwCheckpoint *a,
          const GwCheckpoint *b)
{
  Result *result = g_new0 (Result, 1);
  const GwVariableRow *row = g_ptr_array_index (rows, place);

  result->generation = job->generation;
  result->place = place;
  result->filled = g_object_new (GW_TYPE_VARIABLE_ROW, NULL);
  result->filled->name = g_strdup (row->name);
  result->filled->in_a = row->in_a;
  result->filled->in_b = row->in_b;
  result->filled->other_shape = row->other_shape;
  fill_row (result->filled, a, b);
  post (worker, result);
}

static void
read_value (Worker             *worker,
            const Job          *job,
            const GwCheckpoint *a,
            const GwCheckpoint *b)
{
  Result *result = g_new0 (Result, 1);
  const GwCheckpoint *checkpoints[2] = { a, b };
  GwTensor *tensors[2] = { NULL, NULL };

  result->generation = job->generation;
  result->selection = job->selection;
  result->is_value = TRUE;
  for (int i = 0; i < 2; i++)
    if (checkpoints[i] != NULL && gw_checkpoint_find (checkpoints[i], job->name) != NULL && result->error == NULL)
      tensors[i] = gw_checkpoint_read (checkpoints[i], job->name, &result->error);
  result->value = gw_variable_value_new (tensors[0], tensors[1]);
  post (worker, result);
}

/* The newest job of this generation that waits, or NULL. A value that nobody wants any
 * more is dropped. */
static Job *
next_job (Worker  *worker,
          gboolean wait)
{
  Job *job = NULL;

  g_mutex_lock (&worker->lock);
  while (wait && worker->jobs->len == 0 && !g_atomic_int_get (&worker->quit))
    g_cond_wait (&worker->cond, &worker->lock);
  if (worker->jobs->len > 0 && !g_atomic_int_get (&worker->quit))
    job = g_ptr_array_steal_index (worker->jobs, 0);
  g_mutex_unlock (&worker->lock);
  return job;
}

typedef struct {
  GwCheckpoint *a, *b;
  GPtrArray    *rows;
  guint         done;   /* rows whose statistics were read */
  Job          *job;    /* the opening */
} Opened;

static void
opened_clear (Opened *opened)
{
  g_clear_pointer (&opened->a, gw_checkpoint_free);
  g_clear_pointer (&opened->b, gw_checkpoint_free);
  g_clear_pointer (&opened->rows, g_ptr_array_unref);
  g_clear_pointer (&opened->job, job_free);
  opened->done = 0;
}

/* Takes `job`. */
static void
open_job (Worker *worker,
          Opened *opened,
          Job    *job)
{
  GError *error = NULL;

  opened_clear (opened);
  opened->job = job;
  opened->a = gw_checkpoint_open (job->a, &error);
  if (opened->a != NULL && job->b != NULL)
    opened->b = gw_checkpoint_open (job->b, &error);
  if (error == NULL)
    opened->rows = rows_of (job, opened->a, opened->b);
  post_opened (worker, job, opened->rows, error);
}

static void
do_job (Worker *worker,
        Opened *opened,
        Job    *job)
{
  if (job->name == NULL)
    {
      open_job (worker, opened, job);
      return;
    }
  if (job->selection == g_atomic_int_get (&worker->selection) && opened->a != NULL && opened->job != NULL &&
      opened->job->generation == job->generation)
    read_value (worker, job, opened->a, opened->b);
  job_free (job);
}

static gpointer
work (gpointer data)
{
  Worker *worker = data;
  Opened opened = { 0 };

  while (!g_atomic_int_get (&worker->quit))
    {
      gboolean left = opened.rows != NULL && opened.done < opened.rows->len &&
                      !is_stale (worker, opened.job->generation);
      Job *job = next_job (worker, !left);

      gw_background_begin ();
      if (job != NULL)
        do_job (worker, &opened, job);
      else if (left)
        {
          read_row (worker, opened.job, opened.rows, opened.done, opened.a, opened.b);
          opened.done++;
        }
      gw_background_end ();
    }
  opened_clear (&opened);
  worker_unref (worker);
  return NULL;
}

static void
push_job (GwCheckpointStore *self,
          Job               *job)
{
  Worker *worker = self->worker;

  job->generation = g_atomic_int_get (&worker->generation);
  job->selection = g_atomic_int_get (&worker->selection);
  g_mutex_lock (&worker->lock);
  if (job->name == NULL)
    g_ptr_array_set_size (worker->jobs, 0);
  g_ptr_array_add (worker->jobs, job);
  g_cond_signal (&worker->cond);
  g_mutex_unlock (&worker->lock);
}

/* ---- results, main thread ---- */

static gboolean
is_same_variable (const GwVariableRow *x,
                  const GwVariableRow *y)
{
  return strcmp (x->name, y->name) == 0 && x->kind == y->kind && x->dtype == y->dtype && x->bytes == y->bytes &&
         gw_shape_equal (&x->shape, &y->shape) && x->in_a == y->in_a && x->in_b == y->in_b &&
         x->other_shape == y->other_shape;
}

/* Whether all that changes are figures, as with the next checkpoint of a training. */
static gboolean
are_same_variables (GwCheckpointStore *self,
                    const GPtrArray   *rows)
{
  GListModel *present = G_LIST_MODEL (self->rows);
  gboolean same = rows->len == g_list_model_get_n_items (present) && rows->len > 0;

  for (guint i = 0; i < rows->len && same; i++)
    {
      g_autoptr (GwVariableRow) row = g_list_model_get_item (present, i);

      same = is_same_variable (row, g_ptr_array_index (rows, i));
    }
  return same;
}

static void
drop_kept_value (GwCheckpointStore *self)
{
  if (!self->kept)
    return;
  self->kept = FALSE;
  g_clear_pointer (&self->value, gw_variable_value_free);
  g_signal_emit (self, signals[VALUE], 0);
}

static void
take_rows (GwCheckpointStore *self,
           Result            *result)
{
  gboolean failed = self->error != NULL;

  g_clear_error (&self->error);
  self->error = g_steal_pointer (&result->error);
  if (!failed && self->error == NULL && are_same_variables (self, result->rows))
    return; /* they show the figures that they have until the new ones come */
  drop_kept_value (self);
  self->n_ready = 0;
  g_list_store_splice (self->rows, 0, g_list_model_get_n_items (G_LIST_MODEL (self->rows)), result->rows->pdata,
                       result->rows->len);
  g_signal_emit (self, signals[ROWS_CHANGED], 0);
}

static void
take_row (GwCheckpointStore *self,
          Result            *result)
{
  g_autoptr (GwVariableRow) row = g_list_model_get_item (G_LIST_MODEL (self->rows), result->place);
  GwVariableRow *filled = result->filled;
  gboolean first = !row->ready, last = result->place + 1 == g_list_model_get_n_items (G_LIST_MODEL (self->rows));

  row->ready = TRUE;
  g_free (row->problem);
  row->problem = g_steal_pointer (&filled->problem);
  row->stats = filled->stats;
  memcpy (row->bins, filled->bins, sizeof row->bins);
  row->change = filled->change;
  row->scalar_b = filled->scalar_b;
  if (first)
    self->n_ready++;
  g_signal_emit (row, row_changed, 0);
  if (first || last)
    g_signal_emit (self, signals[PROGRESS], 0);
}

static void
take_value (GwCheckpointStore *self,
            Result            *result)
{
  if (result->selection != g_atomic_int_get (&self->worker->selection))
    return;
  gw_variable_value_free (self->value);
  self->kept = FALSE;
  self->value = g_steal_pointer (&result->value);
  g_clear_error (&self->value_error);
  self->value_error = g_steal_pointer (&result->error);
  self->loading = FALSE;
  g_signal_emit (self, signals[VALUE], 0);
}

static gboolean
take_result (gpointer data)
{
  Result *result = data;
  g_autoptr (GwCheckpointStore) self = g_weak_ref_get (&result->worker->store);

  if (self == NULL || is_stale (result->worker, result->generation))
    return G_SOURCE_REMOVE;
  if (result->rows != NULL)
    take_rows (self, result);
  else if (result->filled != NULL)
    take_row (self, result);
  else
    take_value (self, result);
  return G_SOURCE_REMOVE;
}

/* ---- public ---- */

static void
drop_value (GwCheckpointStore *self)
{
  g_clear_pointer (&self->value, gw_variable_value_free);
  g_clear_error (&self->value_error);
  g_atomic_int_inc (&self->worker->selection);
  self->loading = self->kept = FALSE;
}

static void
ask_for_value (GwCheckpointStore *self)
{
  Job *job = g_new0 (Job, 1);

  job->name = g_strdup (self->selected);
  self->loading = TRUE;
  push_job (self, job);
}

void
gw_checkpoint_store_open (GwCheckpointStore *self,
                          const char        *a,
                          const char        *b,
                          const char *const *trainable,
                          const char *const *known)
{
  Job *job;

  g_atomic_int_inc (&self->worker->generation);
  /* The value on view goes when the new one is there, if that is one of the same kind. */
  self->kept = a != NULL && (b == NULL) == (self->b == NULL) && self->selected != NULL && self->value != NULL;
  if (!self->kept)
    drop_value (self);
  g_free (self->a);
  g_free (self->b);
  self->a = g_strdup (a);
  self->b = g_strdup (b);
  if (a == NULL)
    {
      g_clear_error (&self->error);
      self->n_ready = 0;
      g_list_store_remove_all (self->rows);
      g_signal_emit (self, signals[ROWS_CHANGED], 0);
      return;
    }
  job = g_new0 (Job, 1);
  job->a = g_strdup (a);
  job->b = g_strdup (b);
  job->trainable = g_strdupv ((char **) trainable);
  job->known = g_strdupv ((char **) known);
  push_job (self, job);
  if (self->selected == NULL)
    return;
  ask_for_value (self);
  if (!self->kept)
    g_signal_emit (self, signals[VALUE], 0);
}

void
gw_checkpoint_store_select (GwCheckpointStore *self,
                            const char        *name)
{
  drop_value (self);
  if (self->selected != name)
    {
      g_free (self->selected);
      self->selected = g_strdup (name);
    }
  if (name != NULL && self->a != NULL)
    ask_for_value (self);
  g_signal_emit (self, signals[VALUE], 0);
}

const char *
gw_checkpoint_store_get_a (GwCheckpointStore *self)
{
  return self->a;
}

const char *
gw_checkpoint_store_get_b (GwCheckpointStore *self)
{
  return self->b;
}

GListModel *
gw_checkpoint_store_get_rows (GwCheckpointStore *self)
{
  return G_LIST_MODEL (self->rows);
}

const GError *
gw_checkpoint_store_get_error (GwCheckpointStore *self)
{
  return self->error;
}

guint
gw_checkpoint_store_n_ready (GwCheckpointStore *self)
{
  return self->n_ready;
}

const char *
gw_checkpoint_store_get_selected (GwCheckpointStore *self)
{
  return self->selected;
}

const GwVariableValue *
gw_checkpoint_store_get_value (GwCheckpointStore *self)
{
  return self->value;
}

const GError *
gw_checkpoint_store_get_value_error (GwCheckpointStore *self)
{
  return self->value_error;
}

gboolean
gw_checkpoint_store_is_loading (GwCheckpointStore *self)
{
  return self->loading;
}

/* ---- object ---- */

static void
gw_checkpoint_store_finalize (GObject *object)
{
  GwCheckpointStore *self = GW_CHECKPOINT_STORE (object);

  g_mutex_lock (&self->worker->lock);
  g_atomic_int_set (&self->worker->quit, 1);
  g_cond_signal (&self->worker->cond);
  g_mutex_unlock (&self->worker->lock);
  worker_unref (self->worker);
  g_object_unref (self->rows);
  g_free (self->a);
  g_free (self->b);
  g_free (self->selected);
  g_clear_error (&self->error);
  g_clear_error (&self->value_error);
  gw_variable_value_free (self->value);
  G_OBJECT_CLASS (gw_checkpoint_store_parent_class)->finalize (object);
}

static void
gw_checkpoint_store_class_init (GwCheckpointStoreClass *klass)
{
  static const char *const names[N_SIGNALS] = { "rows-changed", "progress", "value" };

  G_OBJECT_CLASS (klass)->finalize = gw_checkpoint_store_finalize;
  for (int i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], GW_TYPE_CHECKPOINT_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gw_checkpoint_store_init (GwCheckpointStore *self)
{
  Worker *worker = g_new0 (Worker, 1);

  self->rows = g_list_store_new (GW_TYPE_VARIABLE_ROW);
  self->worker = worker;
  worker->refs = 2;
  worker->jobs = g_ptr_array_new_with_free_func (job_free);
  g_mutex_init (&worker->lock);
  g_cond_init (&worker->cond);
  g_weak_ref_init (&worker->store, self);
  g_thread_unref (g_thread_new ("checkpoint", work, worker));
}

GwCheckpointStore *
gw_checkpoint_store_new (void)
{
  return g_object_new (GW_TYPE_CHECKPOINT_STORE, NULL);
}
