/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/data/buckets.h"

#include "engine/base/error.h"

#include <string.h>

struct _GwBuckets {
  const GwTensor *lengths;   /* [rows] */
  int64_t        *bounds;    /* ascending: bucket i holds bounds[i - 1] <= length < bounds[i] */
  int             n_bounds;
  int64_t         batch_size;
  gboolean        drop;
  GArray        **waiting;   /* n_bounds + 1 of int32_t: rows of a batch that is not full yet */
  GArray         *order;     /* of int32_t: rows of the epoch, batch by batch */
  GArray         *ends;      /* of int64_t: where each batch ends in `order` */
};

static const char *
column_of (const GwPipelineDef *pipeline)
{
  const char *name = pipeline->attrs[GW_PIPELINE_BUCKET_BY].s;

  return name != NULL ? name : "";
}

gboolean
gw_buckets_are_wanted (const GwPipelineDef *pipeline)
{
  return *column_of (pipeline) != '\0';
}

static const GwColumnInfo *
find_info (GArray     *infos,
           const char *name)
{
  for (guint i = 0; i < infos->len; i++)
    if (strcmp (g_array_index (infos, GwColumnInfo, i).name, name) == 0)
      return &g_array_index (infos, GwColumnInfo, i);
  return NULL;
}

gboolean
gw_buckets_check (const GwPipelineDef *pipeline,
                  GArray              *infos,
                  GError             **error)
{
  const char *name = column_of (pipeline);
  const GwAttrValue *bounds = &pipeline->attrs[GW_PIPELINE_BUCKET_BOUNDARIES];
  const GwColumnInfo *info = find_info (infos, name);

  if (info == NULL)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND, "bucket_by: the source has no column “%s”", name);
      return FALSE;
    }
  if (info->row_shape.rank != 0 || !gw_dtype_is_integer (info->dtype))
    return gw_invalid (error, "bucket_by: “%s” is no column of whole numbers, one a row", name);
  for (int i = 1; i < bounds->list.n; i++)
    if (bounds->list.i[i] <= bounds->list.i[i - 1])
      return gw_invalid (error, "bucket_boundaries must ascend, but %" G_GINT64_FORMAT " comes after %" G_GINT64_FORMAT,
                         bounds->list.i[i], bounds->list.i[i - 1]);
  return TRUE;
}

GwBuckets *
gw_buckets_new (const GwPipelineDef *pipeline,
                const GwTable       *table,
                int64_t              batch_size,
                gboolean             drop)
{
  const GwAttrValue *bounds = &pipeline->attrs[GW_PIPELINE_BUCKET_BOUNDARIES];
  GwBuckets *buckets = g_new0 (GwBuckets, 1);

  buckets->lengths = table->columns[gw_table_find (table, column_of (pipeline))].tensor;
  buckets->n_bounds = bounds->list.n;
  buckets->bounds = g_memdup2 (bounds->list.i, sizeof (int64_t) * (gsize) bounds->list.n);
  buckets->batch_size = batch_size;
  buckets->drop = drop;
  buckets->waiting = g_new (GArray *, buckets->n_bounds + 1);
  for (int i = 0; i <= buckets->n_bounds; i++)
    buckets->waiting[i] = g_array_new (FALSE, FALSE, sizeof (int32_t));
  buckets->order = g_array_new (FALSE, FALSE, sizeof (int32_t));
  buckets->ends = g_array_new (FALSE, FALSE, sizeof (int64_t));
  return buckets;
}

void
gw_buckets_free (GwBuckets *buckets)
{
  if (buckets == NULL)
    return;
  for (int i = 0; i <= buckets->n_bounds; i++)
    g_array_unref (buckets->waiting[i]);
  g_free (buckets->waiting);
  g_array_unref (buckets->order);
  g_array_unref (buckets->ends);
  g_free (buckets->bounds);
  g_free (buckets);
}

static int
bucket_of (const GwBuckets *buckets,
           int32_t          row)
{
  int64_t length = gw_tensor_get_int (buckets->lengths, row);
  int low = 0, high = buckets->n_bounds;

  while (low < high)
    {
      int middle = low + (high - low) / 2;

      if (length < buckets->bounds[middle])
        high = middle;
      else
        low = middle + 1;
    }
  return low;
}

int64_t
gw_buckets_count (const GwBuckets *buckets,
                  const int32_t   *rows,
                  int64_t          n)
{
  g_autofree int64_t *held = g_new0 (int64_t, buckets->n_bounds + 1);
  int64_t count = 0;

  for (int64_t i = 0; i < n; i++)
    held[bucket_of (buckets, rows[i])]++;
  for (int i = 0; i <= buckets->n_bounds; i++)
    count += (held[i] + (buckets->drop ? 0 : buckets->batch_size - 1)) / buckets->batch_size;
  return count;
}

/* ---- an epoch ---- */

void
gw_buckets_begin (GwBuckets *buckets)
{
  g_array_set_size (buckets->order, 0);
  g_array_set_size (buckets->ends, 0);
  for (int i = 0; i <= buckets->n_bounds; i++)
    g_array_set_size (buckets->waiting[i], 0);
}

static void
give_out (GwBuckets *buckets,
          GArray    *batch)
{
  int64_t end;

  g_array_append_vals (buckets->order, batch->data, batch->len);
  end = buckets->order->len;
  g_array_append_val (buckets->ends, end);
  g_array_set_size (batch, 0);
}

void
gw_buckets_put (GwBuckets *buckets,
                int32_t    row)
{
  GArray *batch = buckets->waiting[bucket_of (buckets, row)];

  g_array_append_val (batch, row);
  if (batch->len == buckets->batch_size)
    give_out (buckets, batch);
}

void
gw_buckets_end (GwBuckets *buckets)
{
  for (int i = 0; !buckets->drop && i <= buckets->n_bounds; i++)
    if (buckets->waiting[i]->len > 0)
      give_out (buckets, buckets->waiting[i]);
}

const int32_t *
gw_buckets_batch (const GwBuckets *buckets,
                  int64_t          at,
                  int64_t         *n)
{
  guint low = 0, high = buckets->ends->len;
  int64_t begin;

  while (low < high) /* the first batch that ends behind `at` */
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (buckets->ends, int64_t, middle) > at)
        high = middle;
      else
        low = middle + 1;
    }
  *n = 0;
  if (low == buckets->ends->len)
    return NULL;
  begin = low > 0 ? g_array_index (buckets->ends, int64_t, low - 1) : 0;
  *n = begin == at ? g_array_index (buckets->ends, int64_t, low) - at : -1;
  return *n > 0 ? &g_array_index (buckets->order, int32_t, at) : NULL;
}
