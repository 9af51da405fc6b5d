/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/base/alloc.h"
#include "engine/data/iterator.h"
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

typedef struct {
  char          *dir;
  GwPipelineDef *pipeline;
  GwDataset     *dataset;
} Fixture;

/* A pipeline over a table of text, with settings "name=text;…". */
static void
fixture_init (Fixture    *fixture,
              const char *text,
              const char *settings)
{
  g_autofree char *path = NULL;
  g_auto (GStrv) parts = g_strsplit (settings, ";", -1);
  g_autoptr (GError) error = NULL;

  fixture->dir = gw_test_dir_new ();
  path = gw_test_write_file (fixture->dir, "table.csv", text, -1);
  fixture->pipeline = gw_pipeline_new (gw_source_find ("csv"));
  gw_pipeline_set (fixture->pipeline, "path", path, &error);
  g_assert_no_error (error);
  for (guint i = 0; parts[i] != NULL && *parts[i] != '\0'; i++)
    {
      char *equals = strchr (parts[i], '=');

      *equals = '\0';
      gw_pipeline_set (fixture->pipeline, parts[i], equals + 1, &error);
      g_assert_no_error (error);
    }
  fixture->dataset = gw_dataset_new (fixture->pipeline->source, fixture->pipeline->source_attrs, &error);
  g_assert_no_error (error);
}

static void
fixture_clear (Fixture *fixture)
{
  gw_dataset_unref (fixture->dataset);
  gw_pipeline_free (fixture->pipeline);
  gw_test_dir_remove (fixture->dir);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static GwIterator *
iterate (const Fixture   *fixture,
         GwSplit          split,
         GwIteratorFlags  flags)
{
  g_autoptr (GError) error = NULL;
  GwIterator *iterator = gw_iterator_new (fixture->dataset, fixture->pipeline, split, flags, &error);

  g_assert_no_error (error);
  return iterator;
}

/* Numbers 0 … n - 1 as a table of one column "i". */
static char *
numbers (int n)
{
  GString *text = g_string_new ("i\n");

  for (int i = 0; i < n; i++)
    g_string_append_printf (text, "%d\n", i);
  return g_string_free (text, FALSE);
}

static void
assert_batch (GwIterator *iterator,
              int         column,
              const char *want)
{
  g_autoptr (GError) error = NULL;
  GwTensor *columns[8];

  gw_iterator_next (iterator, columns, &error);
  g_assert_no_error (error);
  gw_test_assert_tensor (columns[column], want);
}

static void
assert_end (GwIterator *iterator)
{
  g_autoptr (GError) error = NULL;
  GwTensor *columns[8];

  for (int i = 0; i < 2; i++)
    {
      g_assert_false (gw_iterator_next (iterator, columns, &error));
      gw_test_assert_error (&error, GW_ERROR_OUT_OF_RANGE, "End of sequence");
    }
}

static void
test_batches (void)
{
  g_autofree char *text = numbers (7);
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (GwIterator) train = NULL;

  fixture_init (&fixture, text, "batch_size=3;shuffle=false;repeat=2;test_fraction=0");
  train = iterate (&fixture, GW_SPLIT_TRAIN, GW_ITERATOR_DEFAULT);
  g_assert_cmpint (gw_iterator_n_rows (train), ==, 7);
  g_assert_cmpint (gw_iterator_batches_per_epoch (train), ==, 3);
  for (int epoch = 0; epoch < 2; epoch++)
    {
      assert_batch (train, 0, "int64 [0, 1, 2]");
      assert_batch (train, 0, "int64 [3, 4, 5]");
      assert_batch (train, 0, "int64 [6]");
    }
  assert_end (train);
  gw_iterator_rewind (train);
  assert_batch (train, 0, "int64 [0, 1, 2]");
}

static void
test_drop_remainder (void)
{
  g_autofree char *text = numbers (7);
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (GwIterator) train = NULL;
  g_autoptr (GwIterator) evaluation = NULL;
  g_autoptr (GError) error = NULL;

  fixture_init (&fixture, text, "batch_size=3;shuffle=false;test_fraction=0;drop_remainder=true");
  train = iterate (&fixture, GW_SPLIT_TRAIN, GW_ITERATOR_DEFAULT);
  g_assert_cmpint (gw_iterator_batches_per_epoch (train), ==, 2);
  for (int epoch = 0; epoch < 3; epoch++)
    {
      assert_batch (train, 0, "int64 [0, 1, 2]");
      assert_batch (train, 0, "int64 [3, 4, 5]");
    }
  evaluation = iterate (&fixture, GW_SPLIT_TRAIN, GW_ITERATOR_IN_ORDER);
  assert_batch (evaluation, 0, "int64 [0, 1, 2]");
  assert_batch (evaluation, 0, "int64 [3, 4, 5]");
  assert_batch (evaluation, 0, "int64 [6]");
  assert_end (evaluation);
  g_assert_true (gw_pipeline_set (fixture.pipeline, "batch_size", "8", NULL));
  g_assert_null (gw_iterator_new (fixture.dataset, fixture.pipeline, GW_SPLIT_TRAIN, 0, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "nothing would come out");
}

static void
test_no_repeat (void)
{
  g_autofree char *text = numbers (4);
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (GwIterator) train = NULL;

  fixture_init (&fixture, text, "repeat=0;test_fraction=0");
  train = iterate (&fixture, GW_SPLIT_TRAIN, GW_ITERATOR_DEFAULT);
  assert_end (train);
}

static void
test_splits (void)
{
  static const struct { int n; const char *fraction; int n_test; } cases[] = {
    { 100, "0.2", 20 }, { 2, "0.01", 1 }, { 2, "0.99", 1 }, { 1001, "0.333", 333 }, { 10, "0.5", 5 },
  };

  for (gsize c = 0; c < G_N_ELEMENTS (cases); c++)
    {
      g_autofree char *text = numbers (cases[c].n);
      g_autofree char *settings = g_strdup_printf ("batch_size=4096;test_fraction=%s", cases[c].fraction);
      g_autofree int *seen = g_new0 (int, cases[c].n);
      g_auto (Fixture) fixture = { 0 };

      fixture_init (&fixture, text, settings);
      for (int split = GW_SPLIT_TRAIN; split <= GW_SPLIT_TEST; split++)
        {
          g_autoptr (GwIterator) iterator = iterate (&fixture, (GwSplit) split, GW_ITERATOR_IN_ORDER);
          GwTensor *columns[1];

          g_assert_true (gw_iterator_next (iterator, columns, NULL));
          g_assert_cmpint (columns[0]->elements, ==, split == GW_SPLIT_TEST ? cases[c].n_test : cases[c].n - cases[c].n_test);
          for (int64_t i = 0; i < columns[0]->elements; i++)
            seen[gw_tensor_get_int (columns[0], i)]++;
        }
      for (int i = 0; i < cases[c].n; i++)
        g_assert_cmpint (seen[i], ==, 1);
    }
}

static void
test_split_seeds (void)
{
  int64_t n, m;
  g_autofree int32_t *a = gw_split_rows (1000, 0.3, 1, GW_SPLIT_TEST, &n);
  g_autofree int32_t *b = gw_split_rows (1000, 0.3, 1, GW_SPLIT_TEST, &m);
  g_autofree int32_t *c = gw_split_rows (1000, 0.3, 2, GW_SPLIT_TEST, &m);

  g_assert_cmpint (n, ==, 300);
  g_assert_cmpint (m, ==, 300);
  g_assert_cmpint (memcmp (a, b, 300 * sizeof *a), ==, 0);
  g_assert_cmpint (memcmp (a, c, 300 * sizeof *a), !=, 0);
  for (int i = 1; i < 300; i++)
    g_assert_cmpint (a[i - 1], <, a[i]);
}

/* Each epoch of a shuffled pass gives every row once, in an order of its own that
 * the seed alone decides. */
static void
test_shuffled (void)
{
  g_autofree char *text = numbers (50);
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (GwIterator) a = NULL, b = NULL;
  g_autoptr (GwTensor) previous = NULL;

  fixture_init (&fixture, text, "batch_size=50;seed=3;test_fraction=0");
  a = iterate (&fixture, GW_SPLIT_TRAIN, GW_ITERATOR_DEFAULT);
  b = iterate (&fixture, GW_SPLIT_TRAIN, GW_ITERATOR_DEFAULT);
  for (int epoch = 0; epoch < 4; epoch++)
    {
      GwTensor *from_a[1], *from_b[1];
      int seen[50] = { 0 };

      g_assert_true (gw_iterator_next (a, from_a, NULL) && gw_iterator_next (b, from_b, NULL));
      g_assert_true (gw_tensor_equal (from_a[0], from_b[0]));
      g_assert_true (previous == NULL || !gw_tensor_equal (from_a[0], previous));
      for (int i = 0; i < 50; i++)
        g_assert_cmpint (seen[gw_tensor_get_int (from_a[0], i)]++, ==, 0);
      gw_tensor_unref (previous);
      previous = gw_tensor_duplicate (from_a[0], NULL);
    }
}

/* From any place, a fresh iterator goes on with the same bits. */
static void
test_resume (void)
{
  static const char *const settings[] = {
    "batch_size=7;seed=3", "batch_size=7;seed=3;shuffle_buffer=5", "batch_size=7;shuffle=false",
    "batch_size=7;seed=0;drop_remainder=true", "batch_size=100;seed=9",
  };
  g_autofree char *text = numbers (40);

  for (gsize s = 0; s < G_N_ELEMENTS (settings); s++)
    {
      g_auto (Fixture) fixture = { 0 };
      g_autoptr (GwIterator) first = NULL;

      fixture_init (&fixture, text, settings[s]);
      first = iterate (&fixture, GW_SPLIT_TRAIN, GW_ITERATOR_DEFAULT);
      for (int step = 0; step < 25; step++)
        {
          g_autoptr (GwIterator) second = iterate (&fixture, GW_SPLIT_TRAIN, GW_ITERATOR_DEFAULT);
          g_autoptr (GError) error = NULL;
          GwTensor *a[1], *b[1];
          GwDataPosition position, position_a, position_b;

          gw_iterator_get_position (first, &position);
          g_assert_true (gw_iterator_set_position (second, &position, &error));
          g_assert_true (gw_iterator_next (first, a, NULL) && gw_iterator_next (second, b, NULL));
          g_assert_true (gw_tensor_equal (a[0], b[0]));
          gw_iterator_get_position (first, &position_a);
          gw_iterator_get_position (second, &position_b);
          g_assert_cmpmem (&position_a, sizeof position_a, &position_b, sizeof position_b);
        }
    }
}

static void
test_bad_position (void)
{
  g_autofree char *text = numbers (10);
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (GwIterator) iterator = NULL;
  g_autoptr (GError) error = NULL;
  GwDataPosition position = { .row = 11 };

  fixture_init (&fixture, text, "test_fraction=0");
  iterator = iterate (&fixture, GW_SPLIT_TRAIN, GW_ITERATOR_DEFAULT);
  g_assert_false (gw_iterator_set_position (iterator, &position, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "beyond the 10 rows");
}

static void
test_wanted_and_rows (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (GwIterator) iterator = NULL;
  GwTensor *columns[2];
  const int32_t *rows;
  int64_t n;
  int live;

  fixture_init (&fixture, "a,b\n1,10\n2,20\n3,30\n", "batch_size=2;seed=4;test_fraction=0");
  iterator = iterate (&fixture, GW_SPLIT_TRAIN, GW_ITERATOR_DEFAULT);
  g_assert_cmpint (gw_iterator_find_column (iterator, "b"), ==, 1);
  g_assert_cmpint (gw_iterator_find_column (iterator, "c"), ==, -1);
  gw_iterator_set_wanted (iterator, 0, FALSE);
  live = gw_alloc_live_count ();
  g_assert_true (gw_iterator_next (iterator, columns, NULL));
  g_assert_null (columns[0]);
  g_assert_cmpint (gw_alloc_live_count (), ==, live + 1);
  rows = gw_iterator_last_rows (iterator, &n);
  g_assert_cmpint (n, ==, 2);
  for (int i = 0; i < 2; i++)
    g_assert_cmpint (gw_tensor_get_int (columns[1], i), ==, 10 * (rows[i] + 1));
}

static const char mixed[] =
  "size,weight,kind\n"
  "1,0.5,cat\n"
  "2,,dog\n"
  "3,2.5,cat\n"
  "4,3,cow\n";

static void
check_chain (const char *from,
             const char *steps,
             const char *want)
{
  g_auto (Fixture) fixture = { 0 };
  g_auto (GStrv) parts = g_strsplit (steps, "|", -1);
  g_autoptr (GwIterator) iterator = NULL;

  fixture_init (&fixture, mixed, "test_fraction=0");
  gw_pipeline_add_column (fixture.pipeline, "c", from);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      char *step = g_strstrip (parts[i]);
      char *space = strchr (step, ' ');
      g_autoptr (GError) error = NULL;

      if (*step == '\0')
        continue;
      if (space != NULL)
        *space = '\0';
      gw_pipeline_add_transform (fixture.pipeline, 0, step, space != NULL ? space + 1 : NULL, &error);
      g_assert_no_error (error);
    }
  iterator = iterate (&fixture, GW_SPLIT_TRAIN, GW_ITERATOR_IN_ORDER);
  assert_batch (iterator, 0, want);
}

static void
test_transforms (void)
{
  check_chain ("size", "", "int64 [1, 2, 3, 4]");
  check_chain ("size", "scale factor=2; offset=1", "float32 [3, 5, 7, 9]");
  check_chain ("size", "scale factor=2 | scale factor=3; offset=-1", "float32 [5, 11, 17, 23]");
  check_chain ("size", "scale factor=0.5 | cast dtype=int32", "[0, 1, 1, 2]");
  check_chain ("size", "cast dtype=float64", "float64 [1, 2, 3, 4]");
  check_chain ("size", "scale | cast dtype=float64 | scale factor=255", "float64 [1, 2, 3, 4]");
  check_chain ("size", "cast dtype=uint8", "uint8 [1, 2, 3, 4]");
  check_chain ("size", "scale factor=1; offset=-1 | cast dtype=bool", "[false, true, true, true]");
  check_chain ("size", "standardize", "[-1.3416408, -0.4472136, 0.4472136, 1.3416408]");
  check_chain ("size", "scale factor=-7; offset=3 | standardize", "[1.3416408, 0.4472136, -0.4472136, -1.3416408]");
  check_chain ("size", "min_max", "[0, 0.33333333, 0.66666667, 1]");
  check_chain ("size", "scale factor=-1 | min_max low=-1; high=1", "[1, 0.33333333, -0.33333333, -1]");
  check_chain ("weight", "", "float32 [0.5, nan, 2.5, 3]");
  check_chain ("weight", "fill_missing", "float32 [0.5, 2, 2.5, 3]");
  check_chain ("weight", "fill_missing with=value; value=9", "float32 [0.5, 9, 2.5, 3]");
  check_chain ("weight", "scale factor=2 | fill_missing | scale factor=1; offset=1", "float32 [2, 5, 6, 7]");
  check_chain ("weight", "standardize | fill_missing with=value; value=0", "[-1.3887301, 0, 0.46291005, 0.9258201]");
  check_chain ("weight", "min_max", "[0, nan, 0.8, 1]");
  check_chain ("kind", "", "[0, 1, 0, 2]");
  check_chain ("kind", "one_hot", "float32 [[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 1]]");
  check_chain ("kind", "one_hot depth=2; on_value=5; off_value=-1", "float32 [[5, -1], [-1, 5], [5, -1], [-1, -1]]");
  check_chain ("kind", "one_hot | cast dtype=int32 | reshape shape=[3,1]",
               "[[[1],[0],[0]], [[0],[1],[0]], [[1],[0],[0]], [[0],[0],[1]]]");
  check_chain ("kind", "vocabulary words=[dog, cow]", "[-1, 0, -1, 1]");
  check_chain ("kind", "vocabulary words=[dog, cow]; unknown=2 | one_hot depth=3", "float32 [[0,0,1], [1,0,0], [0,0,1], [0,1,0]]");
  check_chain ("size", "one_hot", "float32 [[0,1,0,0,0], [0,0,1,0,0], [0,0,0,1,0], [0,0,0,0,1]]");
  check_chain ("size,weight", "fill_missing", "float32 [[1, 0.5], [2, 2], [3, 2.5], [4, 3]]");
  check_chain ("size,weight", "fill_missing | standardize",
               "[[-1.3416408, -1.3887301], [-0.4472136, 0], [0.4472136, 0.46291005], [1.3416408, 0.9258201]]");
  check_chain ("size,kind", "", "float32 [[1, 0], [2, 1], [3, 0], [4, 2]]");
  check_chain ("size", "reshape shape=[1,1]", "int64 [[[1]], [[2]], [[3]], [[4]]]");
}

/* Statistics come from the training rows alone. */
static void
test_no_leak (void)
{
  g_autofree char *text = numbers (100);
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (GwIterator) train = NULL, test = NULL;
  GwTensor *columns[1];
  double sum = 0, squares = 0;

  fixture_init (&fixture, text, "batch_size=4096;test_fraction=0.4");
  gw_pipeline_add_column (fixture.pipeline, "c", "i");
  g_assert_true (gw_pipeline_add_transform (fixture.pipeline, 0, "standardize", NULL, NULL));
  train = iterate (&fixture, GW_SPLIT_TRAIN, GW_ITERATOR_IN_ORDER);
  test = iterate (&fixture, GW_SPLIT_TEST, GW_ITERATOR_IN_ORDER);
  g_assert_true (gw_iterator_next (train, columns, NULL));
  for (int i = 0; i < 60; i++)
    {
      sum += gw_tensor_get_double (columns[0], i);
      squares += pow (gw_tensor_get_double (columns[0], i), 2);
    }
  g_assert_cmpfloat_with_epsilon (sum, 0, 1e-5);
  g_assert_cmpfloat_with_epsilon (squares / 60, 1, 1e-5);
  g_assert_true (gw_iterator_next (test, columns, NULL));
  sum = 0;
  for (int i = 0; i < 40; i++)
    sum += gw_tensor_get_double (columns[0], i);
  g_assert_cmpfloat (fabs (sum), >, 1e-3);
}

/* Random pictures through the fast loops, against the plain formula. */
static void
test_pictures (void)
{
  const int n = 37, height = 5, width = 7;
  g_autofree guint8 *images = g_new0 (guint8, 16 + n * height * width);
  g_autofree guint8 *labels = g_new0 (guint8, 8 + n);
  char *dir = gw_test_dir_new ();
  g_autofree char *image_path = NULL, *label_path = NULL;
  g_autoptr (GwPipelineDef) pipeline = gw_pipeline_new (gw_source_find ("idx"));
  g_autoptr (GwDataset) dataset = NULL;
  g_autoptr (GwIterator) iterator = NULL;
  g_autoptr (GError) error = NULL;
  GwTensor *columns[4];
  const int32_t *rows;
  int64_t n_rows;

  memcpy (images, (const guint8[]) { 0, 0, 8, 3, 0, 0, 0, (guint8) n, 0, 0, 0, (guint8) height, 0, 0, 0, (guint8) width }, 16);
  memcpy (labels, (const guint8[]) { 0, 0, 8, 1, 0, 0, 0, (guint8) n }, 8);
  for (int i = 0; i < n * height * width; i++)
    images[16 + i] = (guint8) (i * 37 + i / 11);
  for (int i = 0; i < n; i++)
    labels[8 + i] = (guint8) (i % 4);
  image_path = gw_test_write_file (dir, "i", images, 16 + n * height * width);
  label_path = gw_test_write_file (dir, "l", labels, 8 + n);
  g_assert_true (gw_pipeline_set (pipeline, "images", image_path, NULL));
  g_assert_true (gw_pipeline_set (pipeline, "labels", label_path, NULL));
  g_assert_true (gw_pipeline_set (pipeline, "batch_size", "10", NULL));
  gw_pipeline_add_column (pipeline, "x", "image");
  g_assert_true (gw_pipeline_add_transform (pipeline, 0, "scale", NULL, NULL));
  g_assert_true (gw_pipeline_add_transform (pipeline, 0, "reshape", "shape=[35]", NULL));
  gw_pipeline_add_column (pipeline, "raw", "image");
  gw_pipeline_add_column (pipeline, "centred", "image");
  g_assert_true (gw_pipeline_add_transform (pipeline, 2, "standardize", "per_feature=true", NULL));
  gw_pipeline_add_column (pipeline, "y", "label");
  g_assert_true (gw_pipeline_add_transform (pipeline, 3, "cast", "dtype=int64", NULL));
  dataset = gw_dataset_new (pipeline->source, pipeline->source_attrs, &error);
  g_assert_no_error (error);
  iterator = gw_iterator_new (dataset, pipeline, GW_SPLIT_TRAIN, GW_ITERATOR_DEFAULT, &error);
  g_assert_no_error (error);
  for (int batch = 0; batch < 9; batch++)
    {
      g_assert_true (gw_iterator_next (iterator, columns, &error));
      rows = gw_iterator_last_rows (iterator, &n_rows);
      g_assert_cmpint (columns[0]->shape.rank, ==, 2);
      g_assert_cmpint (columns[0]->shape.dims[0], ==, n_rows);
      for (int64_t i = 0; i < n_rows; i++)
        {
          g_assert_cmpint (gw_tensor_get_int (columns[3], i), ==, rows[i] % 4);
          for (int e = 0; e < height * width; e++)
            {
              int byte = images[16 + rows[i] * height * width + e];

              g_assert_cmpfloat_with_epsilon (GW_TENSOR_DATA (columns[0], float)[i * 35 + e], (float) byte / 255.0f, 1e-7f);
              g_assert_cmpint (GW_TENSOR_DATA (columns[1], uint8_t)[i * 35 + e], ==, byte);
              g_assert_true (fabsf (GW_TENSOR_DATA (columns[2], float)[i * 35 + e]) < 4);
            }
        }
    }
  gw_test_dir_remove (dir);
}

/* Every memory request that fails is reported, and nothing leaks. */
static void
test_out_of_memory (void)
{
  int live = gw_alloc_live_count ();

  for (int n = 1;; n++)
    {
      g_autoptr (GwPipelineDef) pipeline = gw_pipeline_new (gw_source_find ("spirals"));
      g_autoptr (GwDataset) dataset = gw_dataset_new (pipeline->source, pipeline->source_attrs, NULL);
      g_autoptr (GwIterator) iterator = NULL;
      g_autoptr (GError) error = NULL;
      GwTensor *columns[2];
      gboolean ok;

      gw_alloc_fail_after (n);
      iterator = gw_iterator_new (dataset, pipeline, GW_SPLIT_TRAIN, GW_ITERATOR_DEFAULT, &error);
      ok = iterator != NULL && gw_iterator_next (iterator, columns, &error);
      if (gw_alloc_fail_after (0) > 0)
        {
          g_assert_true (ok);
          g_assert_cmpint (n, >, 4);
          break;
        }
      g_assert_false (ok);
      g_assert_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED);
    }
  g_assert_cmpint (gw_alloc_live_count (), ==, live);
}

/* How long a batch of 100 pictures takes; printed, never judged. */
static void
test_speed (void)
{
  g_autoptr (GwPipelineDef) pipeline = gw_pipeline_new (gw_source_find ("fashion_mnist"));
  g_autoptr (GwDataset) dataset = gw_dataset_new (pipeline->source, pipeline->source_attrs, NULL);
  g_autoptr (GwIterator) iterator = NULL;
  g_autoptr (GError) error = NULL;
  GwTensor *columns[2];
  double best = 1;

  gw_pipeline_add_column (pipeline, "x", "image");
  g_assert_true (gw_pipeline_add_transform (pipeline, 0, "scale", NULL, NULL));
  gw_pipeline_add_column (pipeline, "y", "label");
  g_assert_true (gw_pipeline_add_transform (pipeline, 1, "cast", "dtype=int32", NULL));
  g_assert_true (gw_pipeline_set (pipeline, "batch_size", "100", NULL));
  iterator = gw_iterator_new (dataset, pipeline, GW_SPLIT_TRAIN, GW_ITERATOR_DEFAULT, &error);
  if (g_error_matches (error, GW_ERROR, GW_ERROR_NOT_FOUND))
    {
      g_test_skip ("the package dataset-fashion-mnist is not installed");
      return;
    }
  g_assert_no_error (error);
  for (int i = 0; i < 500; i++)
    {
      g_test_timer_start ();
      g_assert_true (gw_iterator_next (iterator, columns, NULL));
      best = MIN (best, g_test_timer_elapsed ());
    }
  g_test_message ("a batch of 100 × 784: %.1f µs", best * 1e6);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/iterator/batches", test_batches);
  g_test_add_func ("/iterator/drop-remainder", test_drop_remainder);
  g_test_add_func ("/iterator/no-repeat", test_no_repeat);
  g_test_add_func ("/iterator/splits", test_splits);
  g_test_add_func ("/iterator/split-seeds", test_split_seeds);
  g_test_add_func ("/iterator/shuffled", test_shuffled);
  g_test_add_func ("/iterator/resume", test_resume);
  g_test_add_func ("/iterator/bad-position", test_bad_position);
  g_test_add_func ("/iterator/wanted-and-rows", test_wanted_and_rows);
  g_test_add_func ("/iterator/transforms", test_transforms);
  g_test_add_func ("/iterator/no-leak", test_no_leak);
  g_test_add_func ("/iterator/pictures", test_pictures);
  g_test_add_func ("/iterator/out-of-memory", test_out_of_memory);
  g_test_add_func ("/iterator/speed", test_speed);
  return g_test_run ();
}
