/* SPDX-License-Identifier: Apache-2.0 */
/* What the Data page stands on, without a display. */
#include "app/model/dataset-loader.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "engine/files/idx.h"

static char *
write_text (const char *folder,
            const char *name,
            const char *text)
{
  char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static void
remove_file (char *path)
{
  g_remove (path);
  g_free (path);
}

static void
test_table (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("gw-data-XXXXXX", &error);
  char *path = write_text (folder, "Birds.csv", "size,kind\n1,owl\n2,jay\n3,owl\n4,owl\n5,jay\n");
  g_autoptr (GwPipelineDef) pipeline = gw_pipeline_new_for_file (path, &error);
  g_autoptr (GwDataView) view = NULL;
  g_autoptr (GPtrArray) row = NULL;
  const GwSplitView *train, *test;

  g_assert_no_error (error);
  g_assert_cmpstr (pipeline->source->name, ==, "csv");
  g_assert_cmpint (pipeline->n_columns, ==, 2);
  view = gw_data_view_new (pipeline, &error);
  g_assert_no_error (error);
  train = &view->splits[GW_SPLIT_TRAIN];
  test = &view->splits[GW_SPLIT_TEST];
  g_assert_cmpint (train->n_rows, ==, 4);
  g_assert_cmpint (test->n_rows, ==, 1);
  g_assert_cmpint (train->columns[1].n_classes, ==, 2);
  g_assert_cmpint (train->columns[1].counts[0] + test->columns[1].counts[0], ==, 3);
  g_assert_cmpfloat_with_epsilon (train->columns[0].stats.sum + test->columns[0].stats.sum, 15, 1e-9);
  g_assert_cmpstr (gw_data_view_class_names (view, 2)[1], ==, "jay");
  g_assert_null (gw_data_view_class_names (view, 3));

  row = gw_pipeline_read_row (view->dataset, pipeline, GW_SPLIT_TEST, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (gw_tensor_get_double (gw_named_tensors_find (row, "size"), 0), ==, test->rows[0] + 1);
  g_assert_null (gw_pipeline_read_row (view->dataset, pipeline, GW_SPLIT_TEST, 5, &error));
  g_assert_nonnull (error);
  remove_file (path);
  g_rmdir (folder);
}

static void
test_idx (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("gw-data-XXXXXX", &error);
  static const char *const names[] = { "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
                                       "t10k-labels-idx1-ubyte" };
  char *paths[4];

  for (int i = 0; i < 4; i++)
    {
      GwShape shape = i % 2 == 0 ? GW_SHAPE (2, 4, 4) : GW_SHAPE (2);
      g_autoptr (GwTensor) tensor = gw_tensor_new_zeros (GW_UINT8, &shape, &error);

      paths[i] = g_build_filename (folder, names[i], NULL);
      g_assert_true (gw_idx_save (paths[i], tensor, &error));
    }
  /* Whichever of the two is given, both are found, and the tests with them. */
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GwPipelineDef) pipeline = gw_pipeline_new_for_file (paths[i], &error);

      g_assert_no_error (error);
      for (int k = 0; k < 4; k++)
        g_assert_cmpstr (pipeline->source_attrs[k].s, ==, paths[k]);
    }
  remove_file (paths[1]);
  g_assert_null (gw_pipeline_new_for_file (paths[0], &error));
  g_assert_error (error, GW_ERROR, GW_ERROR_INVALID_ARGUMENT);
  remove_file (paths[0]);
  remove_file (paths[2]);
  remove_file (paths[3]);
  g_rmdir (folder);
}

static void
test_other_file (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (gw_pipeline_new_for_file ("/tmp/picture.jpeg", &error));
  g_assert_error (error, GW_ERROR, GW_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "picture.jpeg"));
}

static void
test_why_not (void)
{
  g_autoptr (GwPipelineDef) pipeline = gw_pipeline_new (&gw_source_xor);
  GwColumnInfo column = { (char *) "pixels", GW_FLOAT32, GW_SHAPE (28, 28), 0 };
  GwShape flat = GW_SHAPE (-1, 784), same = GW_SHAPE (-1, 28, 28), other = GW_SHAPE (-1, 10);
  g_autofree char *reshape = gw_column_why_not (pipeline, &column, GW_FLOAT32, &flat);
  g_autofree char *cast = gw_column_why_not (pipeline, &column, GW_INT32, &same);
  g_autofree char *neither = gw_column_why_not (pipeline, &column, GW_FLOAT32, &other);

  g_assert_null (gw_column_why_not (pipeline, &column, GW_FLOAT32, &same));
  g_assert_cmpstr (reshape, ==, "?×28×28, not ?×784: add the step Reshape");
  g_assert_cmpstr (cast, ==, "float32, not int32: add the step Cast");
  g_assert_cmpstr (neither, ==, "?×28×28, not ?×10");
}

static void
test_pixels (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) tensor = gw_tensor_parse ("[-1, 0, 1, nan, 2]", GW_FLOAT32, NULL, &error);
  guint8 pixels[5];
  int height, width, channels;

  gw_tensor_to_pixels (tensor, 0, 5, -1, 1, pixels);
  g_assert_cmpint (pixels[0], ==, 0);
  g_assert_cmpint (pixels[1], ==, 128);
  g_assert_cmpint (pixels[2], ==, 255);
  g_assert_cmpint (pixels[3], ==, 0);
  g_assert_cmpint (pixels[4], ==, 255);
  g_assert_true (gw_row_shape_is_picture (&GW_SHAPE (28, 20, 3), &height, &width, &channels));
  g_assert_cmpint (height, ==, 28);
  g_assert_cmpint (width, ==, 20);
  g_assert_cmpint (channels, ==, 3);
  g_assert_false (gw_row_shape_is_picture (&GW_SHAPE (28, 20, 4), &height, &width, &channels));
  g_assert_false (gw_row_shape_is_picture (&GW_SHAPE (784), &height, &width, &channels));
}

static void
on_changed (GwDatasetLoader *loader,
            gpointer         data)
{
  ++*(int *) data;
}

static void
wait_loaded (GwDatasetLoader *loader)
{
  gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (gw_dataset_loader_is_loading (loader) && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, FALSE);
  g_assert_false (gw_dataset_loader_is_loading (loader));
}

static void
test_loader (void)
{
  g_autoptr (GwDatasetLoader) loader = gw_dataset_loader_new ();
  g_autoptr (GwPipelineDef) pipeline = gw_pipeline_new (&gw_source_xor), bad = gw_pipeline_new (&gw_source_csv);
  int n = 0;

  g_signal_connect (loader, "changed", G_CALLBACK (on_changed), &n);
  gw_dataset_loader_set_pipeline (loader, pipeline);
  gw_dataset_loader_set_pipeline (loader, bad);
  gw_dataset_loader_set_pipeline (loader, pipeline);
  wait_loaded (loader);
  g_assert_cmpint (gw_dataset_loader_get_view (loader)->splits[0].n_rows, ==, 160);
  n = 0;
  pipeline->attrs[GW_PIPELINE_BATCH_SIZE].i = 7;
  gw_dataset_loader_set_pipeline (loader, pipeline);
  g_assert_cmpint (n, ==, 0);
  gw_dataset_loader_set_pipeline (loader, bad);
  wait_loaded (loader);
  g_assert_null (gw_dataset_loader_get_view (loader));
  g_assert_error (gw_dataset_loader_get_error (loader), GW_ERROR, GW_ERROR_INVALID_ARGUMENT);
  gw_dataset_loader_set_pipeline (loader, NULL);
  g_assert_null (gw_dataset_loader_get_error (loader));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gw_init ();
  g_test_add_func ("/dataset/table", test_table);
  g_test_add_func ("/dataset/idx", test_idx);
  g_test_add_func ("/dataset/other-file", test_other_file);
  g_test_add_func ("/dataset/why-not", test_why_not);
  g_test_add_func ("/dataset/pixels", test_pixels);
  g_test_add_func ("/dataset/loader", test_loader);
  return g_test_run ();
}
