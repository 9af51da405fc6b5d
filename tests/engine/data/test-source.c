/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/data/pipeline.h"
#include "tests/support/support.h"

#include <math.h>
#include <pthread.h>
#include <string.h>
#include <zlib.h>

/* A dataset of `source` with settings "name=text;…". */
static GwDataset *
dataset (const char *source,
         const char *settings)
{
  const GwSourceDef *def = gw_source_find (source);
  g_autoptr (GwPipelineDef) pipeline = gw_pipeline_new (def);
  g_auto (GStrv) parts = g_strsplit (settings, ";", -1);
  g_autoptr (GError) error = NULL;
  GwDataset *result;

  for (guint i = 0; parts[i] != NULL && *parts[i] != '\0'; i++)
    {
      char *equals = strchr (parts[i], '=');
      g_autofree char *name = g_strdup_printf ("source.%.*s", (int) (equals - parts[i]), parts[i]);

      gw_pipeline_set (pipeline, name, equals + 1, &error);
      g_assert_no_error (error);
    }
  result = gw_dataset_new (def, pipeline->source_attrs, &error);
  g_assert_no_error (error);
  return result;
}

static const GwTable *
table_of (GwDataset *data,
          GwSplit    split)
{
  g_autoptr (GError) error = NULL;
  const GwTable *table = gw_dataset_table (data, split, &error);

  g_assert_no_error (error);
  return table;
}

/* Every source is described in full, and its defaults can be parsed. */
static void
test_registry (void)
{
  for (int i = 0; gw_sources ()[i] != NULL; i++)
    {
      const GwSourceDef *source = gw_sources ()[i];
      g_autoptr (GwPipelineDef) pipeline = gw_pipeline_new (source);

      g_assert_true (gw_source_find (source->name) == source);
      g_assert_true (source->title != NULL && source->summary != NULL && source->attrs != NULL);
      g_assert_true (source->columns != NULL && source->open != NULL && source->has_test != NULL);
      for (int a = 0; source->attrs[a].name != NULL; a++)
        {
          g_assert_nonnull (source->attrs[a].label);
          g_assert_cmpint (gw_attr_defs_find (gw_pipeline_attrs, source->attrs[a].name) < 0, ==,
                           strcmp (source->attrs[a].name, "seed") != 0);
        }
    }
  g_assert_null (gw_source_find ("nothing"));
  for (int i = 0; gw_transforms ()[i] != NULL; i++)
    {
      g_assert_true (gw_transform_find (gw_transforms ()[i]->name) == gw_transforms ()[i]);
      g_assert_true (gw_transforms ()[i]->title != NULL && gw_transforms ()[i]->summary != NULL);
    }
}

/* Who asks for what is open gets that, until its files are others. */
static void
test_shared (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *path = gw_test_write_file (dir, "table.csv", "a\n1\n2\n", -1);
  g_autofree char *settings = g_strdup_printf ("path=%s", path);
  g_autoptr (GwDataset) first = dataset ("csv", settings), second = dataset ("csv", settings), third = NULL;
  g_autoptr (GwDataset) spirals = dataset ("spirals", "n=50"), more = dataset ("spirals", "n=60");

  g_assert_true (first == second);
  g_assert_true (spirals != more);
  g_assert_cmpint (table_of (first, GW_SPLIT_TRAIN)->n_rows, ==, 2);
  g_free (gw_test_write_file (dir, "table.csv", "a\n1\n2\n3\n", -1));
  third = dataset ("csv", settings);
  g_assert_cmpint (table_of (third, GW_SPLIT_TRAIN)->n_rows, ==, 3);
  g_assert_cmpint (table_of (second, GW_SPLIT_TRAIN)->n_rows, ==, 2);
  g_clear_pointer (&third, gw_dataset_unref);
  third = dataset ("csv", settings);
  g_assert_cmpint (table_of (third, GW_SPLIT_TRAIN)->n_rows, ==, 3);
  gw_test_dir_remove (dir);
}

/* The columns announced are the columns that come. */
static void
check_announced (const char *source,
                 const char *settings)
{
  g_autoptr (GwDataset) data = dataset (source, settings);
  g_autoptr (GwPipelineDef) pipeline = gw_pipeline_new (gw_dataset_source (data));
  g_autoptr (GArray) announced = gw_dataset_source (data)->columns (pipeline->source_attrs, NULL);
  g_autoptr (GArray) actual = gw_table_infos (table_of (data, GW_SPLIT_TRAIN));

  g_assert_cmpuint (announced->len, ==, actual->len);
  for (guint i = 0; i < actual->len; i++)
    {
      const GwColumnInfo *a = &g_array_index (announced, GwColumnInfo, i);
      const GwColumnInfo *b = &g_array_index (actual, GwColumnInfo, i);

      g_assert_cmpstr (a->name, ==, b->name);
      g_assert_cmpint (a->dtype, ==, b->dtype);
      g_assert_true (gw_shape_equal (&a->row_shape, &b->row_shape));
      g_assert_cmpint (a->n_classes, ==, b->n_classes);
    }
}

static void
test_toys (void)
{
  static const char *const toys[] = { "xor", "sine", "spirals" };

  for (gsize i = 0; i < G_N_ELEMENTS (toys); i++)
    {
      g_autoptr (GwDataset) a = dataset (toys[i], "n=101;noise=0.2;seed=5");
      g_autoptr (GwDataset) b = dataset (toys[i], "n=101;noise=0.2;seed=5");
      g_autoptr (GwDataset) c = dataset (toys[i], "n=101;noise=0.2;seed=6");
      const GwTable *ta = table_of (a, GW_SPLIT_TRAIN), *tb = table_of (b, GW_SPLIT_TRAIN);
      const GwTable *tc = table_of (c, GW_SPLIT_TRAIN);

      check_announced (toys[i], "");
      g_assert_cmpint (ta->n_rows, ==, 101);
      g_assert_true (table_of (a, GW_SPLIT_TEST) == ta);
      for (int k = 0; k < ta->n_columns; k++)
        g_assert_true (gw_tensor_equal (ta->columns[k].tensor, tb->columns[k].tensor));
      g_assert_false (gw_tensor_equal (ta->columns[0].tensor, tc->columns[0].tensor));
    }
}

static void
test_toy_values (void)
{
  g_autoptr (GwDataset) exclusive = dataset ("xor", "n=40;noise=0");
  g_autoptr (GwDataset) sine = dataset ("sine", "n=300;noise=0;low=-2;high=5");
  g_autoptr (GwDataset) spirals = dataset ("spirals", "n=90;classes=3;noise=0");
  const GwTable *table = table_of (exclusive, GW_SPLIT_TRAIN);

  for (int i = 0; i < 40; i++)
    {
      const float *x = GW_TENSOR_DATA (table->columns[0].tensor, float) + 2 * i;

      g_assert_true ((x[0] == 0 || x[0] == 1) && (x[1] == 0 || x[1] == 1));
      g_assert_cmpint (GW_TENSOR_DATA (table->columns[2].tensor, int32_t)[i], ==, x[0] != x[1]);
      g_assert_true (GW_TENSOR_DATA (table->columns[1].tensor, float)[i] == (float) (x[0] != x[1]));
    }
  table = table_of (sine, GW_SPLIT_TRAIN);
  for (int i = 0; i < 300; i++)
    {
      float x = GW_TENSOR_DATA (table->columns[0].tensor, float)[i];

      g_assert_true (x >= -2 && x <= 5);
      g_assert_cmpfloat_with_epsilon (GW_TENSOR_DATA (table->columns[1].tensor, float)[i], sinf (x), 1e-6f);
    }
  table = table_of (spirals, GW_SPLIT_TRAIN);
  for (int i = 0; i < 90; i++)
    {
      const float *x = GW_TENSOR_DATA (table->columns[0].tensor, float) + 2 * i;

      g_assert_cmpfloat_with_epsilon (hypotf (x[0], x[1]), (float) (i / 3 + 1) / 30.0f, 1e-6f);
      g_assert_cmpint (GW_TENSOR_DATA (table->columns[1].tensor, int32_t)[i], ==, i % 3);
    }
  g_assert_cmpuint (g_strv_length (table->columns[1].classes), ==, 3);
}

/* A new seed is drawn for 0. */
static void
test_open_seed (void)
{
  g_autoptr (GwDataset) a = dataset ("sine", "seed=0");
  g_autoptr (GwDataset) b = dataset ("sine", "seed=0");

  g_assert_false (gw_tensor_equal (table_of (a, GW_SPLIT_TRAIN)->columns[0].tensor,
                                   table_of (b, GW_SPLIT_TRAIN)->columns[0].tensor));
}

static const guint8 idx_images[] = {
  0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 1, 2, 3, 10, 20, 30, 40, 255, 254, 253, 252,
};
static const guint8 idx_labels[] = { 0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 2 };

static void
write_gzip (const char   *path,
            const guint8 *data,
            unsigned      length)
{
  gzFile file = gzopen (path, "wb");

  g_assert_nonnull (file);
  g_assert_cmpint (gzwrite (file, data, length), ==, (int) length);
  g_assert_cmpint (gzclose (file), ==, Z_OK);
}

static void
test_idx (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *images = g_build_filename (dir, "images.gz", NULL);
  g_autofree char *labels = gw_test_write_file (dir, "labels", idx_labels, sizeof idx_labels);
  g_autofree char *settings = g_strdup_printf ("images=%s;labels=%s", images, labels);
  g_autofree char *both = g_strdup_printf ("%s;test_images=%s;test_labels=%s", settings, images, labels);
  g_autoptr (GwDataset) data = NULL;
  g_autoptr (GwDataset) with_test = NULL;
  const GwTable *table;

  write_gzip (images, idx_images, sizeof idx_images);
  data = dataset ("idx", settings);
  with_test = dataset ("idx", both);
  table = table_of (data, GW_SPLIT_TRAIN);
  gw_test_assert_tensor (table->columns[0].tensor,
                         "uint8 [[[0, 1], [2, 3]], [[10, 20], [30, 40]], [[255, 254], [253, 252]]]");
  gw_test_assert_tensor (table->columns[1].tensor, "uint8 [7, 0, 2]");
  g_assert_false (gw_dataset_has_test (data));
  g_assert_true (gw_dataset_has_test (with_test));
  g_assert_true (table_of (with_test, GW_SPLIT_TEST) != table_of (with_test, GW_SPLIT_TRAIN));
  gw_test_dir_remove (dir);
}

static void
assert_source_fails (const char *source,
                     const char *settings,
                     GwErrorCode code,
                     const char *part)
{
  g_autoptr (GwDataset) data = dataset (source, settings);
  g_autoptr (GError) error = NULL;

  g_assert_null (gw_dataset_table (data, GW_SPLIT_TRAIN, &error));
  gw_test_assert_error (&error, code, part);
}

static void
test_idx_errors (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *images = gw_test_write_file (dir, "images", idx_images, sizeof idx_images);
  g_autofree char *two = gw_test_write_file (dir, "two", "\0\0\x08\x01\0\0\0\x02\x01\x02", 10);
  g_autofree char *cut = gw_test_write_file (dir, "cut", idx_images, sizeof idx_images - 1);
  g_autofree char *fewer = g_strdup_printf ("images=%s;labels=%s", images, two);
  g_autofree char *broken = g_strdup_printf ("images=%s;labels=%s", cut, two);
  g_autofree char *missing = g_strdup_printf ("images=%s/none;labels=%s", dir, two);
  g_autoptr (GwPipelineDef) pipeline = gw_pipeline_new (gw_source_find ("idx"));
  g_autoptr (GError) error = NULL;

  assert_source_fails ("idx", fewer, GW_ERROR_INVALID_ARGUMENT, "holds 3 pictures");
  assert_source_fails ("idx", broken, GW_ERROR_DATA_LOSS, "cut");
  assert_source_fails ("idx", missing, GW_ERROR_NOT_FOUND, "none");
  g_assert_null (gw_dataset_new (pipeline->source, pipeline->source_attrs, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "“Pictures” is empty");
  gw_test_dir_remove (dir);
}

static GwDataset *
csv (const char *dir,
     const char *text,
     const char *more)
{
  g_autofree char *path = gw_test_write_file (dir, "table.csv", text, -1);
  g_autofree char *settings = g_strdup_printf ("path=%s%s", path, more);

  return dataset ("csv", settings);
}

static void
test_csv (void)
{
  char *dir = gw_test_dir_new ();
  g_autoptr (GwDataset) data = csv (dir,
                                    "size,weight,kind,flag\n"
                                    "1,0.5,cat,a\n"
                                    "2,,dog,\n"
                                    "-3,1e2,cat,b\n"
                                    "4,NA,\"a, b\",a\n", "");
  const GwTable *table = table_of (data, GW_SPLIT_TRAIN);

  g_assert_cmpint (table->n_columns, ==, 4);
  g_assert_cmpint (gw_table_find (table, "kind"), ==, 2);
  g_assert_cmpint (gw_table_find (table, "Kind"), ==, -1);
  gw_test_assert_tensor (table->columns[0].tensor, "int64 [1, 2, -3, 4]");
  gw_test_assert_tensor (table->columns[1].tensor, "float32 [0.5, nan, 100, nan]");
  gw_test_assert_tensor (table->columns[2].tensor, "[0, 1, 0, 2]");
  gw_test_assert_tensor (table->columns[3].tensor, "[0, -1, 1, 0]");
  g_assert_cmpint (table->columns[1].n_missing, ==, 2);
  g_assert_cmpint (table->columns[3].n_missing, ==, 1);
  g_assert_cmpstr (table->columns[2].classes[0], ==, "cat");
  g_assert_cmpstr (table->columns[2].classes[2], ==, "a, b");
  g_assert_cmpuint (g_strv_length (table->columns[2].classes), ==, 3);
  g_assert_null (table->columns[0].classes);
  gw_test_dir_remove (dir);
}

/* The test file takes the training file's types and vocabularies, whatever the
 * order of its columns. */
static void
test_csv_test_file (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *test = gw_test_write_file (dir, "test.csv", "kind;size\nbird;5\ndog;6\n", -1);
  g_autofree char *wrong = gw_test_write_file (dir, "wrong.csv", "kind;height\nbird;5\n", -1);
  g_autofree char *more = g_strdup_printf (";test_path=%s", test);
  g_autofree char *more_wrong = g_strdup_printf (";test_path=%s", wrong);
  g_autoptr (GwDataset) data = csv (dir, "size,kind\n1.5,cat\n2,dog\n", more);
  const GwTable *table = table_of (data, GW_SPLIT_TEST);
  g_autoptr (GwDataset) failing = NULL;
  g_autoptr (GError) error = NULL;

  gw_test_assert_tensor (table->columns[0].tensor, "float32 [5, 6]");
  gw_test_assert_tensor (table->columns[1].tensor, "[-1, 1]");
  failing = csv (dir, "size,kind\n1,cat\n", more_wrong);
  g_assert_null (gw_dataset_table (failing, GW_SPLIT_TEST, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "no column “size”");
  gw_test_dir_remove (dir);
}

static void
test_csv_errors (void)
{
  char *dir = gw_test_dir_new ();
  static const struct { const char *text, *more, *part; } cases[] = {
    { "a,b\n1,2\n3\n", "", "table.csv: line 3" },
    { "a,b\n1,\"2\n", "", "quote" },
    { "a,b\n", ";header=yes", "no rows" },
    { "", "", "table.csv" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GwDataset) data = csv (dir, cases[i].text, cases[i].more);
      g_autoptr (GError) error = NULL;

      g_assert_null (gw_dataset_table (data, GW_SPLIT_TRAIN, &error));
      gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, cases[i].part);
    }
  gw_test_dir_remove (dir);
}

static void
test_csv_options (void)
{
  char *dir = gw_test_dir_new ();
  g_autoptr (GwDataset) no_header = csv (dir, "1|2\n3|4\n", ";delimiter=bar;header=no");
  const GwTable *table = table_of (no_header, GW_SPLIT_TRAIN);

  g_assert_cmpint (table->n_rows, ==, 2);
  gw_test_assert_tensor (table->columns[1].tensor, "int64 [2, 4]");
  gw_test_dir_remove (dir);
}

static void
test_fashion_missing (void)
{
  assert_source_fails ("fashion_mnist", "dir=/nonexistent", GW_ERROR_NOT_FOUND, "apt install dataset-fashion-mnist");
}

static void
test_fashion (void)
{
  g_autoptr (GwDataset) data = dataset ("fashion_mnist", "");
  g_autoptr (GError) error = NULL;
  const GwTable *train = gw_dataset_table (data, GW_SPLIT_TRAIN, &error);
  int counts[10] = { 0 };
  const GwTable *test;

  if (g_error_matches (error, GW_ERROR, GW_ERROR_NOT_FOUND))
    {
      g_test_skip ("the package dataset-fashion-mnist is not installed");
      return;
    }
  g_assert_no_error (error);
  check_announced ("fashion_mnist", "");
  test = table_of (data, GW_SPLIT_TEST);
  g_assert_true (gw_shape_equal (&train->columns[0].tensor->shape, &GW_SHAPE (60000, 28, 28)));
  g_assert_true (gw_shape_equal (&test->columns[0].tensor->shape, &GW_SHAPE (10000, 28, 28)));
  g_assert_cmpint (train->columns[0].tensor->dtype, ==, GW_UINT8);
  for (int i = 0; i < 60000; i++)
    counts[gw_tensor_get_int (train->columns[1].tensor, i)]++;
  for (int i = 0; i < 10; i++)
    g_assert_cmpint (counts[i], ==, 6000);
  g_assert_cmpint (gw_tensor_get_int (train->columns[1].tensor, 0), ==, 9);
  g_assert_cmpstr (train->columns[1].classes[9], ==, "Ankle boot");
}

static void *
ask_for_table (void *data)
{
  return (void *) gw_dataset_table (data, GW_SPLIT_TEST, NULL);
}

/* Several threads that ask at once get the one table. */
static void
test_threads (void)
{
  g_autoptr (GwDataset) data = dataset ("spirals", "n=20000");
  pthread_t threads[4];

  for (int i = 0; i < 4; i++)
    g_assert_cmpint (pthread_create (&threads[i], NULL, ask_for_table, data), ==, 0);
  for (int i = 0; i < 4; i++)
    {
      void *table;

      pthread_join (threads[i], &table);
      g_assert_true (table == table_of (data, GW_SPLIT_TRAIN));
    }
}

static void
test_attr_check (void)
{
  g_autoptr (GwPipelineDef) pipeline = gw_pipeline_new (gw_source_find ("xor"));
  g_autoptr (GError) error = NULL;

  pipeline->source_attrs[0].i = 0;
  g_assert_null (gw_dataset_new (pipeline->source, pipeline->source_attrs, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "n is 0, but must be from 1");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/source/registry", test_registry);
  g_test_add_func ("/source/toys", test_toys);
  g_test_add_func ("/source/toy-values", test_toy_values);
  g_test_add_func ("/source/open-seed", test_open_seed);
  g_test_add_func ("/source/shared", test_shared);
  g_test_add_func ("/source/idx", test_idx);
  g_test_add_func ("/source/idx-errors", test_idx_errors);
  g_test_add_func ("/source/csv", test_csv);
  g_test_add_func ("/source/csv-test-file", test_csv_test_file);
  g_test_add_func ("/source/csv-errors", test_csv_errors);
  g_test_add_func ("/source/csv-options", test_csv_options);
  g_test_add_func ("/source/fashion-missing", test_fashion_missing);
  g_test_add_func ("/source/fashion", test_fashion);
  g_test_add_func ("/source/threads", test_threads);
  g_test_add_func ("/source/attr-check", test_attr_check);
  return g_test_run ();
}
