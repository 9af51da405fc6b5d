/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/data/pipeline.h"
#include "tests/support/support.h"

#include <string.h>

static GArray *
sources (void)
{
  GArray *infos = gw_column_infos_new ();

  gw_column_infos_add (infos, "image", GW_UINT8, &GW_SHAPE (28, 28), 0);
  gw_column_infos_add (infos, "label", GW_UINT8, &GW_SHAPE_SCALAR, 10);
  gw_column_infos_add (infos, "size", GW_FLOAT32, &GW_SHAPE_SCALAR, 0);
  gw_column_infos_add (infos, "age", GW_INT64, &GW_SHAPE_SCALAR, 0);
  gw_column_infos_add (infos, "word", GW_INT32, &GW_SHAPE_SCALAR, 0);
  return infos;
}

static void
add (GwPipelineDef *pipeline,
     int            column,
     const char    *transform,
     const char    *settings)
{
  g_autoptr (GError) error = NULL;

  gw_pipeline_add_transform (pipeline, column, transform, settings, &error);
  g_assert_no_error (error);
}

/* A pipeline of one column "c" with a chain "scale factor=2; offset=1 | cast". */
static GwPipelineDef *
chain (const char *from,
       const char *steps)
{
  GwPipelineDef *pipeline = gw_pipeline_new (gw_source_find ("xor"));
  g_auto (GStrv) parts = g_strsplit (steps, "|", -1);

  gw_pipeline_add_column (pipeline, "c", from);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      char *step = g_strstrip (parts[i]);
      char *space = strchr (step, ' ');

      if (space != NULL)
        *space = '\0';
      if (*step != '\0')
        add (pipeline, 0, step, space != NULL ? space + 1 : NULL);
    }
  return pipeline;
}

static void
test_describe (void)
{
  static const struct { const char *from, *steps; GwDType dtype; const char *shape; int n_classes; } cases[] = {
    { "image", "", GW_UINT8, "[28,28]", 0 },
    { "image", "scale | reshape shape=[784]", GW_FLOAT32, "[784]", 0 },
    { "image", "reshape shape=[?,4]", GW_UINT8, "[196,4]", 0 },
    { "image", "reshape", GW_UINT8, "[784]", 0 },
    { "image", "standardize", GW_FLOAT32, "[28,28]", 0 },
    { "image", "scale | cast dtype=float64", GW_FLOAT64, "[28,28]", 0 },
    { "label", "cast dtype=int64", GW_INT64, "[]", 10 },
    { "label", "one_hot", GW_FLOAT32, "[10]", 0 },
    { "label", "one_hot depth=5 | cast dtype=int32", GW_INT32, "[5]", 0 },
    { "age", "one_hot", GW_FLOAT32, "[?]", 0 },
    { "age", "one_hot | reshape shape=[2,?]", GW_FLOAT32, "[2,?]", 0 },
    { "word", "vocabulary words=[a,b,c] | one_hot", GW_FLOAT32, "[3]", 0 },
    { "size, age", "", GW_FLOAT32, "[2]", 0 },
    { "age,age", "", GW_INT64, "[2]", 0 },
    { "size,image,age", "min_max", GW_FLOAT32, "[786]", 0 },
    { "size", "fill_missing with=value; value=3", GW_FLOAT32, "[]", 0 },
    { "size", "reshape shape=[1]", GW_FLOAT32, "[1]", 0 },
  };
  g_autoptr (GArray) infos = sources ();

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GwPipelineDef) pipeline = chain (cases[i].from, cases[i].steps);
      g_autoptr (GError) error = NULL;
      g_autoptr (GArray) out = gw_pipeline_describe (pipeline, infos, &error);
      g_autofree char *shape = NULL;

      g_assert_no_error (error);
      g_assert_cmpuint (out->len, ==, 1);
      shape = gw_shape_to_string (&g_array_index (out, GwColumnInfo, 0).row_shape);
      g_assert_cmpstr (shape, ==, cases[i].shape);
      g_assert_cmpint (g_array_index (out, GwColumnInfo, 0).dtype, ==, cases[i].dtype);
      g_assert_cmpint (g_array_index (out, GwColumnInfo, 0).n_classes, ==, cases[i].n_classes);
    }
}

static void
test_describe_errors (void)
{
  static const struct { const char *from, *steps; GwErrorCode code; const char *part; } cases[] = {
    { "nothing", "", GW_ERROR_NOT_FOUND, "has no column “nothing”; it has image, label" },
    { "image", "reshape shape=[5,?]", GW_ERROR_INVALID_ARGUMENT, "[28,28] cannot be reshaped to [5,?]" },
    { "image", "reshape shape=[783]", GW_ERROR_INVALID_ARGUMENT, "cannot be reshaped" },
    { "image", "reshape shape=[?,?]", GW_ERROR_INVALID_ARGUMENT, "several are ?" },
    { "size", "one_hot", GW_ERROR_INVALID_ARGUMENT, "put a cast to int32 before it" },
    { "label", "one_hot | one_hot", GW_ERROR_INVALID_ARGUMENT, "one_hot" },
    { "label", "one_hot | scale", GW_ERROR_INVALID_ARGUMENT, "must stand before one_hot" },
    { "label", "scale | cast dtype=int32 | one_hot", GW_ERROR_INVALID_ARGUMENT, "one_hot" },
    { "size", "cast dtype=int32 | scale", GW_ERROR_INVALID_ARGUMENT, "before the cast" },
    { "label,age", "one_hot", GW_ERROR_INVALID_ARGUMENT, "takes one column" },
    { "size", "vocabulary words=[a]", GW_ERROR_INVALID_ARGUMENT, "texts" },
  };
  g_autoptr (GArray) infos = sources ();
  g_autoptr (GwPipelineDef) twice = chain ("size", "");
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GwPipelineDef) pipeline = chain (cases[i].from, cases[i].steps);

      if (gw_pipeline_describe (pipeline, infos, &error) != NULL)
        g_error ("%s: %s was taken", cases[i].from, cases[i].steps);
      g_assert_nonnull (strstr (error->message, "column “c”"));
      gw_test_assert_error (&error, cases[i].code, cases[i].part);
    }
  gw_pipeline_add_column (twice, "c", "age");
  g_assert_null (gw_pipeline_describe (twice, infos, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "two columns");
}

static void
test_settings (void)
{
  g_autoptr (GwPipelineDef) pipeline = gw_pipeline_new (gw_source_find ("spirals"));
  g_autoptr (GError) error = NULL;

  g_assert_true (gw_pipeline_set (pipeline, "batch_size", "7", &error));
  g_assert_true (gw_pipeline_set (pipeline, "classes", "4", &error));
  g_assert_cmpint (pipeline->attrs[GW_PIPELINE_BATCH_SIZE].i, ==, 7);
  g_assert_false (gw_pipeline_set (pipeline, "batch_size", "0", &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "batch_size is 0");
  g_assert_false (gw_pipeline_set (pipeline, "bath_size", "1", &error));
  gw_test_assert_error (&error, GW_ERROR_NOT_FOUND, "bath_size");
  gw_pipeline_add_column (pipeline, "c", "x");
  g_assert_false (gw_pipeline_add_transform (pipeline, 0, "skale", NULL, &error));
  gw_test_assert_error (&error, GW_ERROR_NOT_FOUND, "skale");
  g_assert_false (gw_pipeline_add_transform (pipeline, 0, "scale", "facto=2", &error));
  gw_test_assert_error (&error, GW_ERROR_NOT_FOUND, "facto");
  g_assert_false (gw_pipeline_add_transform (pipeline, 0, "scale", "factor=two", &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "factor");
  g_assert_cmpint (pipeline->columns[0].n_transforms, ==, 0);
}

static char *
json_text (const GwPipelineDef *pipeline)
{
  g_autoptr (cJSON) json = gw_pipeline_to_json (pipeline);

  return gw_json_print_compact (json);
}

static void
test_json (void)
{
  g_autoptr (GwPipelineDef) pipeline = gw_pipeline_new (gw_source_find ("csv"));
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL, *back_text = NULL, *copy_text = NULL;
  g_autoptr (GwPipelineDef) back = NULL, copy = NULL;
  g_autoptr (cJSON) json = NULL;

  g_assert_true (gw_pipeline_set (pipeline, "path", "a b.csv", NULL));
  g_assert_true (gw_pipeline_set (pipeline, "batch_size", "5", NULL));
  g_assert_true (gw_pipeline_set (pipeline, "seed", "9007199254740993", NULL));
  gw_pipeline_add_column (pipeline, "x", "a,b");
  add (pipeline, 0, "standardize", "per_feature=true");
  add (pipeline, 0, "cast", "dtype=float64");
  gw_pipeline_add_column (pipeline, "y", "c");
  text = json_text (pipeline);
  g_assert_cmpstr (text, ==,
                   "{\"source\":\"csv\",\"source_attrs\":{\"path\":\"a b.csv\"},\"batch_size\":5,"
                   "\"seed\":\"9007199254740993\",\"columns\":["
                   "{\"from\":[\"a\",\"b\"],\"name\":\"x\",\"transforms\":[{\"name\":\"standardize\",\"per_feature\":true},"
                   "{\"name\":\"cast\",\"dtype\":\"float64\"}]},{\"from\":[\"c\"],\"name\":\"y\",\"transforms\":[]}]}");
  json = gw_json_parse (text, strlen (text), NULL);
  back = gw_pipeline_from_json (json, &error);
  g_assert_no_error (error);
  back_text = json_text (back);
  g_assert_cmpstr (back_text, ==, text);
  copy = gw_pipeline_copy (pipeline);
  g_clear_pointer (&pipeline, gw_pipeline_free);
  copy_text = json_text (copy);
  g_assert_cmpstr (copy_text, ==, text);
}

static void
test_json_errors (void)
{
  static const struct { const char *json; GwErrorCode code; const char *part; } cases[] = {
    { "{}", GW_ERROR_NOT_FOUND, "no data source" },
    { "{\"source\":\"xor\",\"batch_size\":0}", GW_ERROR_INVALID_ARGUMENT, "batch_size" },
    { "{\"source\":\"xor\",\"source_attrs\":{\"n\":\"x\"}}", GW_ERROR_INVALID_ARGUMENT, "n is" },
    { "{\"source\":\"xor\",\"columns\":[{\"from\":[\"x\"]}]}", GW_ERROR_INVALID_ARGUMENT, "needs a \"name\"" },
    { "{\"source\":\"xor\",\"columns\":[{\"name\":\"x\",\"from\":[\"x\"],\"transforms\":[{\"name\":\"what\"}]}]}", GW_ERROR_NOT_FOUND, "what" },
    { "{\"source\":\"xor\",\"columns\":[{\"name\":\"x\",\"from\":[\"x\"],\"transforms\":[{\"name\":\"scale\",\"factor\":true}]}]}",
      GW_ERROR_INVALID_ARGUMENT, "factor" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (cJSON) json = gw_json_parse (cases[i].json, strlen (cases[i].json), NULL);
      g_autoptr (GError) error = NULL;

      g_assert_null (gw_pipeline_from_json (json, &error));
      gw_test_assert_error (&error, cases[i].code, cases[i].part);
    }
}

static void
test_suggest (void)
{
  g_autoptr (GArray) infos = sources ();
  g_autoptr (GwPipelineDef) pipeline = gw_pipeline_new (gw_source_find ("xor"));
  g_autoptr (GArray) out = NULL;
  static const GwDType want[] = { GW_FLOAT32, GW_INT32, GW_FLOAT32, GW_INT32, GW_INT32 };

  gw_pipeline_suggest_columns (pipeline, infos);
  gw_pipeline_suggest_columns (pipeline, infos);
  out = gw_pipeline_describe (pipeline, infos, NULL);
  g_assert_cmpuint (out->len, ==, 5);
  for (guint i = 0; i < out->len; i++)
    g_assert_cmpint (g_array_index (out, GwColumnInfo, i).dtype, ==, want[i]);
}

static void
test_batch_shape (void)
{
  g_autoptr (GArray) infos = sources ();
  g_autoptr (GwPipelineDef) pipeline = gw_pipeline_new (gw_source_find ("xor"));
  GwShape shape = gw_pipeline_batch_shape (pipeline, &g_array_index (infos, GwColumnInfo, 0));

  g_assert_true (gw_shape_equal (&shape, &GW_SHAPE (-1, 28, 28)));
  g_assert_true (gw_pipeline_set (pipeline, "drop_remainder", "true", NULL));
  shape = gw_pipeline_batch_shape (pipeline, &g_array_index (infos, GwColumnInfo, 1));
  g_assert_true (gw_shape_equal (&shape, &GW_SHAPE (32)));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pipeline/describe", test_describe);
  g_test_add_func ("/pipeline/describe-errors", test_describe_errors);
  g_test_add_func ("/pipeline/settings", test_settings);
  g_test_add_func ("/pipeline/json", test_json);
  g_test_add_func ("/pipeline/json-errors", test_json_errors);
  g_test_add_func ("/pipeline/suggest", test_suggest);
  g_test_add_func ("/pipeline/batch-shape", test_batch_shape);
  return g_test_run ();
}
