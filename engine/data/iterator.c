/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/data/iterator.h"

#include "engine/base/alloc.h"
#include "engine/base/error.h"
#include "engine/data/buckets.h"
#include "engine/data/recipe-private.h"
#include "engine/data/shuffle.h"

#include <string.h>

#define GATHER_BYTES 98304 /* of a batch that a thread gathers at once */

typedef struct {
  GwRecipe  recipe;
  gboolean  wanted;
  void     *buffer; /* batch_size rows; made with the first batch */
  GwTensor *tensor; /* over `buffer` */
  const char *const *classes;
  const GwTensor *lengths; /* of its rows, which are cut to the batch's longest; NULL = they are as long as all */
} Column;

struct _GwIterator {
  GwDataset *dataset;
  GArray    *infos;
  Column    *columns;
  int        n_columns;

  int32_t   *rows;          /* of the split */
  int64_t    n_rows;
  int64_t    batch_size;
  int64_t    epochs;        /* -1 = without end */
  gboolean   drop_remainder;
  gboolean   shuffled;
  GwShuffle  shuffle;
  GwBuckets *buckets;       /* NULL: batches are the rows as they come */

  GwDataPosition position;
  int32_t   *batch_rows;    /* of the last batch */
  int64_t    n_batch_rows;
  GwWorkers *workers;       /* share the gathering; NULL = the caller alone */
};

/* Rows of `split` in its table: all, or a share set apart by the pipeline's split. */
static int32_t *
split_rows (GwDataset           *dataset,
            const GwPipelineDef *pipeline,
            const GwTable       *table,
            GwSplit              split,
            int64_t             *n)
{
  double fraction = gw_dataset_has_test (dataset) ? 0 : pipeline->attrs[GW_PIPELINE_TEST_FRACTION].f;

  return gw_split_rows (table->n_rows, fraction, (uint64_t) pipeline->attrs[GW_PIPELINE_SPLIT_SEED].i,
                        fraction == 0 ? GW_SPLIT_TRAIN : split, n);
}

static gboolean
fold_columns (GwIterator          *iterator,
              const GwPipelineDef *pipeline,
              const GwRowSet      *train,
              const GwTable       *table,
              GError             **error)
{
  g_autoptr (GArray) source_infos = gw_table_infos (train->table);
  g_autoptr (GArray) described = gw_pipeline_describe (pipeline, source_infos, error);

  if (described == NULL)
    return FALSE;
  iterator->n_columns = (int) described->len;
  iterator->columns = g_new0 (Column, described->len);
  iterator->infos = gw_column_infos_new ();
  for (int i = 0; i < iterator->n_columns; i++)
    {
      Column *column = &iterator->columns[i];
      GwRecipe *recipe = &column->recipe;
      char *from[2];
      GwPipelineColumn plain = pipeline->n_columns > 0
        ? pipeline->columns[i]
        : gw_pipeline_plain_column (&g_array_index (source_infos, GwColumnInfo, i), from);

      if (!gw_recipe_fold (recipe, &plain, source_infos, train, error))
        return FALSE;
      gw_recipe_use_table (recipe, table);
      column->wanted = TRUE;
      if (recipe->n_classes > 0 && recipe->ids == NULL)
        column->classes = (const char *const *) train->table->columns[recipe->parts[0].column].classes;
      gw_column_infos_add (iterator->infos, plain.name, recipe->dtype, &g_array_index (described, GwColumnInfo, i).row_shape,
                           recipe->n_classes);
      if (g_array_index (described, GwColumnInfo, i).padded)
        column->lengths = table->columns[table->columns[recipe->parts[0].column].lengths - 1].tensor;
      else
        g_array_index (iterator->infos, GwColumnInfo, i).row_shape = recipe->row_shape;
    }
  return TRUE;
}

static void
seed_shuffle (GwIterator          *iterator,
              const GwPipelineDef *pipeline)
{
  int64_t seed = pipeline->attrs[GW_PIPELINE_SEED].i;
  int64_t first, second;

  if (seed == 0)
    seed = (int64_t) (gw_random_seed () & G_MAXINT32);
  gw_combine_seeds (-1, seed, 0, &first, &second);
  iterator->position.seed = (uint64_t) first;
  iterator->position.seed2 = (uint64_t) second;
  gw_shuffle_init (&iterator->shuffle, iterator->n_rows, pipeline->attrs[GW_PIPELINE_SHUFFLE_BUFFER].i);
  gw_shuffle_start_epoch (&iterator->shuffle, iterator->position.seed, iterator->position.seed2, 0);
}

/* The order of an epoch that has begun, in its buckets. */
static void
fill_buckets (GwIterator *iterator)
{
  if (iterator->buckets == NULL)
    return;
  gw_buckets_begin (iterator->buckets);
  for (int64_t i = 0; i < iterator->n_rows; i++)
    gw_buckets_put (iterator->buckets, iterator->rows[iterator->shuffled ? gw_shuffle_next (&iterator->shuffle) : i]);
  gw_buckets_end (iterator->buckets);
}

static gboolean
prepare (GwIterator          *iterator,
         const GwPipelineDef *pipeline,
         GwSplit              split,
         GwIteratorFlags      flags,
         GError             **error)
{
  const GwTable *train = gw_dataset_table (iterator->dataset, GW_SPLIT_TRAIN, error);
  const GwTable *table = train != NULL ? gw_dataset_table (iterator->dataset, split, error) : NULL;
  g_autofree int32_t *train_rows = NULL;
  gboolean in_order = (flags & GW_ITERATOR_IN_ORDER) != 0;
  GwRowSet train_set;

  if (table == NULL)
    return FALSE;
  iterator->rows = split_rows (iterator->dataset, pipeline, table, split, &iterator->n_rows);
  if (iterator->n_rows == 0)
    return gw_invalid (error, "no rows are left for %s", split == GW_SPLIT_TEST ? "tests" : "training");
  train_set.table = train;
  train_rows = split_rows (iterator->dataset, pipeline, train, GW_SPLIT_TRAIN, &train_set.n_rows);
  train_set.rows = train_rows;
  if (!fold_columns (iterator, pipeline, &train_set, table, error))
    return FALSE;
  iterator->batch_size = MIN (pipeline->attrs[GW_PIPELINE_BATCH_SIZE].i, iterator->n_rows);
  iterator->epochs = in_order ? 1 : pipeline->attrs[GW_PIPELINE_REPEAT].i;
  iterator->drop_remainder = !in_order && pipeline->attrs[GW_PIPELINE_DROP_REMAINDER].b;
  if (iterator->drop_remainder && iterator->n_rows < pipeline->attrs[GW_PIPELINE_BATCH_SIZE].i)
    return gw_invalid (error, "a batch of %" G_GINT64_FORMAT " rows is more than the %" G_GINT64_FORMAT " there are, "
                       "and the remainder is dropped: nothing would come out",
                       (gint64) pipeline->attrs[GW_PIPELINE_BATCH_SIZE].i, (gint64) iterator->n_rows);
  iterator->shuffled = !in_order && pipeline->attrs[GW_PIPELINE_SHUFFLE].b;
  if (iterator->shuffled)
    seed_shuffle (iterator, pipeline);
  if (!in_order && gw_buckets_are_wanted (pipeline))
    iterator->buckets = gw_buckets_new (pipeline, table, iterator->batch_size, iterator->drop_remainder);
  if (iterator->buckets != NULL && gw_buckets_count (iterator->buckets, iterator->rows, iterator->n_rows) == 0)
    return gw_invalid (error, "no bucket has the %" G_GINT64_FORMAT " rows of a batch, and the remainder is dropped: "
                       "nothing would come out", iterator->batch_size);
  fill_buckets (iterator);
  iterator->batch_rows = g_new (int32_t, iterator->batch_size);
  return TRUE;
}

GwIterator *
gw_iterator_new (GwDataset           *dataset,
                 const GwPipelineDef *pipeline,
                 GwSplit              split,
                 GwIteratorFlags      flags,
                 GError             **error)
{
  g_autoptr (GwIterator) iterator = g_new0 (GwIterator, 1);

  iterator->dataset = gw_dataset_ref (dataset);
  return prepare (iterator, pipeline, split, flags, error) ? g_steal_pointer (&iterator) : NULL;
}

void
gw_iterator_free (GwIterator *iterator)
{
  if (iterator == NULL)
    return;
  for (int i = 0; i < iterator->n_columns; i++)
    {
      gw_recipe_clear (&iterator->columns[i].recipe);
      gw_tensor_unref (iterator->columns[i].tensor);
      gw_free (iterator->columns[i].buffer);
    }
  g_free (iterator->columns);
  g_clear_pointer (&iterator->infos, g_array_unref);
  g_free (iterator->rows);
  g_free (iterator->batch_rows);
  gw_shuffle_clear (&iterator->shuffle);
  gw_buckets_free (iterator->buckets);
  gw_dataset_unref (iterator->dataset);
  g_free (iterator);
}

int
gw_iterator_n_columns (const GwIterator *iterator)
{
  return iterator->n_columns;
}

const GwColumnInfo *
gw_iterator_column (const GwIterator *iterator,
                    int               column)
{
  return &g_array_index (iterator->infos, GwColumnInfo, column);
}

int
gw_iterator_find_column (const GwIterator *iterator,
                         const char       *name)
{
  for (int i = 0; i < iterator->n_columns; i++)
    if (strcmp (gw_iterator_column (iterator, i)->name, name) == 0)
      return i;
  return -1;
}

const char *const *
gw_iterator_classes (const GwIterator *iterator,
                     int               column)
{
  return iterator->columns[column].classes;
}

void
gw_iterator_set_wanted (GwIterator *iterator,
                        int         column,
                        gboolean    wanted)
{
  iterator->columns[column].wanted = wanted;
}

void
gw_iterator_set_workers (GwIterator *iterator,
                         GwWorkers  *workers)
{
  iterator->workers = workers;
}

int64_t
gw_iterator_n_rows (const GwIterator *iterator)
{
  return iterator->n_rows;
}

int64_t
gw_iterator_batches_per_epoch (const GwIterator *iterator)
{
  if (iterator->buckets != NULL)
    return gw_buckets_count (iterator->buckets, iterator->rows, iterator->n_rows);
  return (iterator->n_rows + (iterator->drop_remainder ? 0 : iterator->batch_size - 1)) / iterator->batch_size;
}

static GwShape
batch_shape (const GwShape *row_shape,
             int64_t        n)
{
  GwShape shape = { .rank = row_shape->rank + 1, .dims = { n } };

  memcpy (shape.dims + 1, row_shape->dims, sizeof (int64_t) * (size_t) row_shape->rank);
  return shape;
}

/* Room for a whole batch. */
static gboolean
make_buffer (GwIterator *iterator,
             int         i,
             GError    **error)
{
  Column *column = &iterator->columns[i];
  int64_t row = gw_shape_elements (&column->recipe.row_shape);
  size_t size;
  GwShape shape = batch_shape (&column->recipe.row_shape, iterator->batch_size);

  if (column->recipe.row_shape.rank >= GW_MAX_RANK || row < 0 ||
      !gw_size_mul ((size_t) row, (size_t) iterator->batch_size, &size) ||
      !gw_size_mul (size, gw_dtype_size (column->recipe.dtype), &size))
    return gw_invalid (error, "column “%s”: a batch of it is larger than can be counted", gw_iterator_column (iterator, i)->name);
  column->buffer = gw_alloc (size, error);
  if (column->buffer == NULL)
    return FALSE;
  column->tensor = gw_tensor_new_foreign (column->recipe.dtype, &shape, column->buffer);
  return TRUE;
}

/* Rows that the next batch takes of this epoch; 0 when it is through. */
static int64_t
rows_of_next_batch (const GwIterator *iterator)
{
  int64_t left = iterator->n_rows - iterator->position.row, n;

  if (iterator->buckets != NULL)
    {
      gw_buckets_batch (iterator->buckets, iterator->position.row, &n);
      return n;
    }
  return iterator->drop_remainder && left < iterator->batch_size ? 0 : MIN (left, iterator->batch_size);
}

static void
start_epoch (GwIterator *iterator,
             int64_t     epoch)
{
  iterator->position.epoch = epoch;
  iterator->position.row = 0;
  if (iterator->shuffled)
    gw_shuffle_start_epoch (&iterator->shuffle, iterator->position.seed, iterator->position.seed2, epoch);
  fill_buckets (iterator);
}

static void
pick_rows (GwIterator *iterator,
           int64_t     n)
{
  const int32_t *batch = iterator->buckets != NULL ? gw_buckets_batch (iterator->buckets, iterator->position.row, &n) : NULL;

  if (batch != NULL)
    memcpy (iterator->batch_rows, batch, sizeof (int32_t) * (size_t) n);
  for (int64_t i = 0; batch == NULL && i < n; i++)
    {
      int64_t at = iterator->shuffled ? gw_shuffle_next (&iterator->shuffle) : iterator->position.row + i;

      iterator->batch_rows[i] = iterator->rows[at];
    }
  iterator->n_batch_rows = n;
  iterator->position.row += n;
}

/* Takes what is padding in all rows away; the length that is left. */
static int64_t
cut_padding (Column        *column,
             const int32_t *rows,
             int64_t        n)
{
  int64_t full = column->recipe.row_shape.dims[0], longest = MIN (1, full);
  size_t size = full > 0 ? (size_t) (gw_shape_elements (&column->recipe.row_shape) / full) * gw_dtype_size (column->recipe.dtype) : 0;
  char *data = column->buffer;

  for (int64_t i = 0; i < n; i++)
    longest = MAX (longest, gw_tensor_get_int (column->lengths, rows[i]));
  longest = MIN (longest, full);
  for (int64_t i = 1; i < n && longest < full; i++)
    memmove (data + (size_t) (i * longest) * size, data + (size_t) (i * full) * size, (size_t) longest * size);
  return longest;
}

static size_t
row_bytes (const Column *column)
{
  return (size_t) gw_shape_elements (&column->recipe.row_shape) * gw_dtype_size (column->recipe.dtype);
}

typedef struct {
  GwIterator *iterator;
  int64_t     at_once; /* rows of a chunk */
} Gathering;

/* The same rows of all columns. */
static void
gather_chunk (void *data,
              int   chunk)
{
  const Gathering *gathering = data;
  const GwIterator *iterator = gathering->iterator;
  int64_t begin = chunk * gathering->at_once, n = MIN (gathering->at_once, iterator->n_batch_rows - begin);

  for (int i = 0; i < iterator->n_columns; i++)
    {
      const Column *column = &iterator->columns[i];

      if (column->wanted)
        gw_recipe_gather (&column->recipe, iterator->batch_rows + begin, n,
                          (char *) column->buffer + (size_t) begin * row_bytes (column));
    }
}

static void
gather (GwIterator *iterator)
{
  int64_t n = iterator->n_batch_rows;
  Gathering gathering = { iterator, 0 };
  size_t bytes = 1; /* of a row in all columns */

  for (int i = 0; i < iterator->n_columns; i++)
    bytes += iterator->columns[i].wanted ? row_bytes (&iterator->columns[i]) : 0;
  gathering.at_once = gw_chunk_size (n, MAX (GATHER_BYTES / (int64_t) bytes, 1));
  gw_workers_run (iterator->workers, (int) ((n + gathering.at_once - 1) / gathering.at_once), gather_chunk, &gathering);
}

gboolean
gw_iterator_next (GwIterator *iterator,
                  GwTensor  **columns,
                  GError    **error)
{
  int64_t n;

  for (int i = 0; i < iterator->n_columns; i++)
    if (iterator->columns[i].wanted && iterator->columns[i].tensor == NULL && !make_buffer (iterator, i, error))
      return FALSE;
  if (rows_of_next_batch (iterator) == 0 &&
      (iterator->epochs < 0 || iterator->position.epoch + 1 < iterator->epochs))
    start_epoch (iterator, iterator->position.epoch + 1);
  n = rows_of_next_batch (iterator);
  if (n == 0 || iterator->epochs == 0)
    {
      g_set_error_literal (error, GW_ERROR, GW_ERROR_OUT_OF_RANGE, "End of sequence");
      return FALSE;
    }
  pick_rows (iterator, n);
  gather (iterator);
  for (int i = 0; i < iterator->n_columns; i++)
    {
      Column *column = &iterator->columns[i];
      GwShape shape;

      columns[i] = column->wanted ? column->tensor : NULL;
      if (!column->wanted)
        continue;
      shape = batch_shape (&column->recipe.row_shape, n);
      if (column->lengths != NULL)
        shape.dims[1] = cut_padding (column, iterator->batch_rows, n);
      gw_tensor_set_foreign (column->tensor, &shape, column->buffer);
    }
  return TRUE;
}

const int32_t *
gw_iterator_last_rows (const GwIterator *iterator,
                       int64_t          *n)
{
  *n = iterator->n_batch_rows;
  return iterator->batch_rows;
}

void
gw_iterator_get_position (const GwIterator *iterator,
                          GwDataPosition   *position)
{
  *position = iterator->position;
}

gboolean
gw_iterator_set_position (GwIterator           *iterator,
                          const GwDataPosition *position,
                          GError              **error)
{
  if (position->epoch < 0 || position->row < 0 || position->row > iterator->n_rows)
    return gw_invalid (error, "the place in the data (epoch %" G_GINT64_FORMAT ", row %" G_GINT64_FORMAT
                       ") lies beyond the %" G_GINT64_FORMAT " rows there are",
                       (gint64) position->epoch, (gint64) position->row, (gint64) iterator->n_rows);
  iterator->position.seed = position->seed;
  iterator->position.seed2 = position->seed2;
  start_epoch (iterator, position->epoch);
  for (int64_t i = 0; i < position->row && iterator->shuffled && iterator->buckets == NULL; i++)
    gw_shuffle_next (&iterator->shuffle);
  iterator->position.row = position->row;
  if (rows_of_next_batch (iterator) >= 0)
    return TRUE;
  return gw_invalid (error, "the place in the data (epoch %" G_GINT64_FORMAT ", row %" G_GINT64_FORMAT
                     ") lies within a batch of a bucket", position->epoch, position->row);
}

void
gw_iterator_rewind (GwIterator *iterator)
{
  start_epoch (iterator, 0);
}
