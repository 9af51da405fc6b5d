/* SPDX-License-Identifier: Apache-2.0 */
/* Batches of rows of about one length: lines of a text in buckets, padded no further than the longest of a batch. */
#include "engine/data/buckets.h"
#include "engine/data/iterator.h"
#include "tests/support/support.h"

#include <string.h>

/* Lines of 1, 5, 2, 6, 3, 1, 5, 2 and 9 letters, each of its own letter. */
#define LINES "a\nbbbbb\ncc\ndddddd\neee\nf\nggggg\nhh\niiiiiiiii\n"
#define N_LINES 9
static const int lengths[N_LINES] = { 1, 5, 2, 6, 3, 1, 5, 2, 9 };

typedef struct {
  char          *dir;
  GwPipelineDef *pipeline;
  GwDataset     *data;
} Fixture;

static void
set_up (Fixture      *f,
        gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  f->dir = gw_test_dir_new ();
  path = gw_test_write_file (f->dir, "lines", LINES, -1);
  f->pipeline = gw_pipeline_new (gw_source_find ("text"));
  g_assert_true (gw_pipeline_set (f->pipeline, "source.path", path, NULL));
  g_assert_true (gw_pipeline_set (f->pipeline, "source.rows", "lines", NULL));
  g_assert_true (gw_pipeline_set (f->pipeline, "source.length", "8", NULL));
  g_assert_true (gw_pipeline_set (f->pipeline, "test_fraction", "0", NULL));
  g_assert_true (gw_pipeline_set (f->pipeline, "batch_size", "2", NULL));
  g_assert_true (gw_pipeline_set (f->pipeline, "shuffle", "false", NULL));
  g_assert_true (gw_pipeline_set (f->pipeline, "bucket_by", "length", NULL));
  g_assert_true (gw_pipeline_set (f->pipeline, "bucket_boundaries", "3,6", NULL));
  f->data = gw_dataset_new (f->pipeline->source, f->pipeline->source_attrs, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture      *f,
           gconstpointer data)
{
  gw_dataset_unref (f->data);
  gw_pipeline_free (f->pipeline);
  gw_test_dir_remove (f->dir);
}

static GwIterator *
iterator_of (Fixture        *f,
             GwIteratorFlags flags)
{
  g_autoptr (GError) error = NULL;
  GwIterator *iterator = gw_iterator_new (f->data, f->pipeline, GW_SPLIT_TRAIN, flags, &error);

  g_assert_no_error (error);
  return iterator;
}

/* "0 2:2" is a batch of the lines 0 and 2, 2 places long; NULL at the end. Every line stands in its row, the rest is 0. */
static char *
next (GwIterator *iterator)
{
  GString *text = g_string_new (NULL);
  GwTensor *columns[2];
  g_autoptr (GError) error = NULL;
  const int32_t *rows;
  int64_t n;

  if (!gw_iterator_next (iterator, columns, &error))
    {
      g_assert_error (error, GW_ERROR, GW_ERROR_OUT_OF_RANGE);
      g_string_free (text, TRUE);
      return NULL;
    }
  rows = gw_iterator_last_rows (iterator, &n);
  g_assert_cmpint (columns[0]->shape.rank, ==, 2);
  g_assert_cmpint (columns[0]->shape.dims[0], ==, n);
  for (int64_t i = 0; i < n; i++)
    {
      int64_t length = MIN (lengths[rows[i]], 8), width = columns[0]->shape.dims[1];

      g_assert_cmpint (gw_tensor_get_int (columns[1], i), ==, length);
      for (int64_t k = 0; k < width; k++)
        if (k < length)
          g_assert_cmpint (gw_tensor_get_int (columns[0], i * width + k), ==, gw_tensor_get_int (columns[0], i * width));
        else
          g_assert_cmpint (gw_tensor_get_int (columns[0], i * width + k), ==, 0);
      g_assert_cmpint (gw_tensor_get_int (columns[0], i * width), >, 0);
      g_string_append_printf (text, "%s%d", i > 0 ? " " : "", rows[i]);
    }
  g_string_append_printf (text, ":%d", (int) columns[0]->shape.dims[1]);
  return g_string_free (text, FALSE);
}

static void
assert_batches (GwIterator        *iterator,
                const char *const *want)
{
  for (int i = 0; want[i] != NULL; i++)
    {
      g_autofree char *text = next (iterator);

      g_assert_cmpstr (text, ==, want[i]);
    }
}

/* Buckets are given out as they get full, then the rest of each, the shortest first. */
static void
test_order (Fixture      *f,
            gconstpointer data)
{
  g_autoptr (GwIterator) iterator = iterator_of (f, GW_ITERATOR_DEFAULT);
  const char *const two_epochs[] = { "0 2:2", "1 4:5", "5 7:2", "3 8:8", "6:5", "0 2:2", "1 4:5", NULL };

  g_assert_cmpint (gw_iterator_batches_per_epoch (iterator), ==, 5);
  assert_batches (iterator, two_epochs);
}

static void
test_dropped (Fixture      *f,
              gconstpointer data)
{
  g_autoptr (GwIterator) iterator = NULL;
  const char *const want[] = { "0 2:2", "1 4:5", "5 7:2", "3 8:8", "0 2:2", NULL };
  GError *error = NULL;

  g_assert_true (gw_pipeline_set (f->pipeline, "drop_remainder", "true", NULL));
  iterator = iterator_of (f, GW_ITERATOR_DEFAULT);
  g_assert_cmpint (gw_iterator_batches_per_epoch (iterator), ==, 4);
  assert_batches (iterator, want);
  g_assert_true (gw_pipeline_set (f->pipeline, "batch_size", "6", NULL));
  g_assert_null (gw_iterator_new (f->data, f->pipeline, GW_SPLIT_TRAIN, GW_ITERATOR_DEFAULT, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "no bucket has the 6 rows");
}

/* For evaluation rows stay in order; padding goes as far as the batch needs. */
static void
test_in_order (Fixture      *f,
               gconstpointer data)
{
  g_autoptr (GwIterator) iterator = iterator_of (f, GW_ITERATOR_IN_ORDER);
  const char *const want[] = { "0 1:5", "2 3:6", "4 5:3", "6 7:5", "8:8", NULL, };

  assert_batches (iterator, want);
  g_assert_null (next (iterator));
}

/* Each line once an epoch, never beside one of another bucket; from any batch on the same again. */
static void
test_shuffled (Fixture      *f,
               gconstpointer data)
{
  g_autoptr (GwIterator) iterator = NULL;
  g_autoptr (GPtrArray) seen = g_ptr_array_new_with_free_func (g_free);
  GwDataPosition places[15];

  g_assert_true (gw_pipeline_set (f->pipeline, "shuffle", "true", NULL));
  g_assert_true (gw_pipeline_set (f->pipeline, "seed", "7", NULL));
  iterator = iterator_of (f, GW_ITERATOR_DEFAULT);
  for (int epoch = 0; epoch < 3; epoch++)
    {
      gboolean found[N_LINES] = { FALSE };

      for (int k = 0; k < 5; k++)
        {
          const int32_t *rows;
          int64_t n;

          gw_iterator_get_position (iterator, &places[seen->len]);
          g_ptr_array_add (seen, next (iterator));
          rows = gw_iterator_last_rows (iterator, &n);
          for (int64_t i = 0; i < n; i++)
            {
              g_assert_false (found[rows[i]]);
              found[rows[i]] = TRUE;
              g_assert_cmpint ((lengths[rows[i]] >= 3) + (lengths[rows[i]] >= 6), ==, (lengths[rows[0]] >= 3) + (lengths[rows[0]] >= 6));
            }
        }
      for (int i = 0; i < N_LINES; i++)
        g_assert_true (found[i]);
    }
  for (int i = 0; i < 15; i++)
    {
      g_autoptr (GwIterator) other = iterator_of (f, GW_ITERATOR_DEFAULT);
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;

      g_assert_true (gw_iterator_set_position (other, &places[i], &error));
      text = next (other);
      g_assert_cmpstr (text, ==, g_ptr_array_index (seen, i));
    }
  places[0].row = 1;
  g_assert_false (gw_iterator_set_position (iterator, &places[0], NULL));
}

/* What comes out has no length any more; what is no longer the source's rows keeps its own. */
static void
test_described (Fixture      *f,
                gconstpointer data)
{
  g_autoptr (GArray) source = f->pipeline->source->columns (f->pipeline->source_attrs, NULL);
  g_autoptr (GArray) infos = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GwIterator) iterator = NULL;
  GwTensor *columns[2];
  GwShape shape;

  g_assert_true (gw_pipeline_add_column (f->pipeline, "text", "text") == 0);
  g_assert_true (gw_pipeline_add_column (f->pipeline, "hot", "text") == 1);
  g_assert_true (gw_pipeline_add_transform (f->pipeline, 1, "one_hot", "depth=11", NULL));
  infos = gw_pipeline_describe (f->pipeline, source, &error);
  g_assert_no_error (error);
  g_assert_true (gw_shape_equal (&g_array_index (infos, GwColumnInfo, 0).row_shape, &GW_SHAPE (-1)));
  g_assert_true (gw_shape_equal (&g_array_index (infos, GwColumnInfo, 1).row_shape, &GW_SHAPE (-1, 11)));
  shape = gw_pipeline_batch_shape (f->pipeline, &g_array_index (infos, GwColumnInfo, 0));
  g_assert_true (gw_shape_equal (&shape, &GW_SHAPE (-1, -1)));
  iterator = iterator_of (f, GW_ITERATOR_DEFAULT);
  g_assert_true (gw_iterator_next (iterator, columns, &error));
  g_assert_true (gw_shape_equal (&columns[1]->shape, &GW_SHAPE (2, 2, 11)));
  for (int i = 0; i < 4; i++)
    g_assert_cmpfloat (gw_tensor_get_double (columns[1], i * 11 + gw_tensor_get_int (columns[0], i)), ==, 1);
}

static void
test_refused (Fixture      *f,
              gconstpointer data)
{
  static const struct { const char *by, *boundaries, *words; GwErrorCode code; } wrong[] = {
    { "size", "3", "no column “size”", GW_ERROR_NOT_FOUND },
    { "text", "3", "no column of whole numbers, one a row", GW_ERROR_INVALID_ARGUMENT },
    { "length", "3,3", "must ascend", GW_ERROR_INVALID_ARGUMENT },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      GError *error = NULL;

      g_assert_true (gw_pipeline_set (f->pipeline, "bucket_by", wrong[i].by, NULL));
      g_assert_true (gw_pipeline_set (f->pipeline, "bucket_boundaries", wrong[i].boundaries, NULL));
      g_assert_null (gw_iterator_new (f->data, f->pipeline, GW_SPLIT_TRAIN, GW_ITERATOR_DEFAULT, &error));
      gw_test_assert_error (&error, wrong[i].code, wrong[i].words);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/buckets/order", Fixture, NULL, set_up, test_order, tear_down);
  g_test_add ("/buckets/dropped", Fixture, NULL, set_up, test_dropped, tear_down);
  g_test_add ("/buckets/in-order", Fixture, NULL, set_up, test_in_order, tear_down);
  g_test_add ("/buckets/shuffled", Fixture, NULL, set_up, test_shuffled, tear_down);
  g_test_add ("/buckets/described", Fixture, NULL, set_up, test_described, tear_down);
  g_test_add ("/buckets/refused", Fixture, NULL, set_up, test_refused, tear_down);
  return g_test_run ();
}
