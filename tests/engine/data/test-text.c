/* SPDX-License-Identifier: Apache-2.0 */
/* Texts as numbers. */
#include "engine/data/pipeline.h"
#include "tests/support/support.h"

#include <string.h>

/* The table of a text; NULL with the reason. */
static GwTable *
open_text (const char *source,
           const char *text,
           const char *vocabulary,
           const char *settings,
           GError    **error)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *path = gw_test_write_file (dir, "text", text, -1);
  g_autofree char *words = vocabulary != NULL ? gw_test_write_file (dir, "words", vocabulary, -1) : g_strdup ("");
  const GwSourceDef *def = gw_source_find (source);
  g_autoptr (GwPipelineDef) pipeline = gw_pipeline_new (def);
  g_auto (GStrv) parts = g_strsplit (settings, ";", -1);
  g_autoptr (GwDataset) data = NULL;
  const GwTable *table;
  GwTable *kept;

  g_assert_true (gw_pipeline_set (pipeline, "source.path", path, NULL));
  g_assert_true (gw_pipeline_set (pipeline, "source.vocabulary_path", words, NULL));
  for (guint i = 0; parts[i] != NULL && *parts[i] != '\0'; i++)
    {
      char *equals = strchr (parts[i], '=');
      g_autofree char *name = g_strdup_printf ("source.%.*s", (int) (equals - parts[i]), parts[i]);

      g_assert_true (gw_pipeline_set (pipeline, name, equals + 1, NULL));
    }
  data = gw_dataset_new (def, pipeline->source_attrs, error);
  g_assert_nonnull (data);
  table = gw_dataset_table (data, GW_SPLIT_TRAIN, error);
  kept = table != NULL ? gw_table_ref ((GwTable *) table) : NULL;
  gw_test_dir_remove (dir);
  return kept;
}

static GwTable *
table_of (const char *source,
          const char *text,
          const char *vocabulary,
          const char *settings)
{
  g_autoptr (GError) error = NULL;
  GwTable *table = open_text (source, text, vocabulary, settings, &error);

  g_assert_no_error (error);
  return table;
}

static void
assert_classes (const GwTable *table,
                const char    *want)
{
  g_autofree char *classes = g_strjoinv ("|", table->columns[0].classes);

  g_assert_cmpstr (classes, ==, want);
}

/* Numbers by frequency; the first met first of equals. */
static void
test_characters (void)
{
  g_autoptr (GwTable) table = table_of ("text", "äbb äbc", NULL, "length=3");
  g_autoptr (GwTable) strides = table_of ("text", "abcab", NULL, "length=2;stride=1");

  assert_classes (table, "b|ä| |c");
  gw_test_assert_tensor (table->columns[0].tensor, "int32 [[1, 0, 0], [2, 1, 0]]");
  gw_test_assert_tensor (table->columns[1].tensor, "int32 [[0, 0, 2], [1, 0, 3]]");
  gw_test_assert_tensor (strides->columns[0].tensor, "int32 [[0, 1], [1, 2], [2, 0]]");
  gw_test_assert_tensor (strides->columns[1].tensor, "int32 [[1, 2], [2, 0], [0, 1]]");
}

static void
test_words (void)
{
  static const char text[] = "The cat, the dog's hat.\nThe end";
  g_autoptr (GwTable) all = table_of ("text", text, NULL, "unit=words;lower=true;length=8");
  g_autoptr (GwTable) some = table_of ("text", text, NULL, "unit=words;lower=true;length=8;vocabulary_size=2");
  g_autoptr (GwTable) fixed = table_of ("text", text, "end\nthe\n", "unit=words;lower=true;length=8");

  assert_classes (all, "the|cat|,|dog's|hat|.|end");
  gw_test_assert_tensor (all->columns[0].tensor, "int32 [[0, 1, 2, 0, 3, 4, 5, 0]]");
  assert_classes (some, "<unk>|the|cat");
  gw_test_assert_tensor (some->columns[0].tensor, "int32 [[1, 2, 0, 1, 0, 0, 0, 1]]");
  assert_classes (fixed, "<unk>|end|the");
  gw_test_assert_tensor (fixed->columns[1].tensor, "int32 [[0, 0, 2, 0, 0, 0, 2, 1]]");
}

static void
test_lines (void)
{
  g_autoptr (GwTable) table = table_of ("text", "a b c d\n\nb a\nb", NULL, "unit=words;rows=lines;length=3");
  g_autoptr (GwTable) fixed = table_of ("text", "a b\nz", "b\n", "unit=words;rows=lines;length=3");

  assert_classes (table, "<pad>|b|a|c|d");
  gw_test_assert_tensor (table->columns[0].tensor, "int32 [[2, 1, 3], [1, 2, 0], [1, 0, 0]]");
  gw_test_assert_tensor (table->columns[1].tensor, "int32 [3, 2, 1]");
  assert_classes (fixed, "<pad>|<unk>|b");
  gw_test_assert_tensor (fixed->columns[0].tensor, "int32 [[1, 2, 0], [1, 0, 0]]");
}

static void
test_pairs (void)
{
  g_autoptr (GwTable) near = table_of ("text_pairs", "a b c", NULL, "window=1");
  g_autoptr (GwTable) far = table_of ("text_pairs", "a b c", NULL, "window=9");

  gw_test_assert_tensor (near->columns[0].tensor, "int32 [0, 1, 1, 2]");
  gw_test_assert_tensor (near->columns[1].tensor, "int32 [[1], [0], [2], [1]]");
  gw_test_assert_tensor (far->columns[0].tensor, "int32 [0, 0, 1, 1, 2, 2]");
}

static void
test_refused (void)
{
  static const struct { const char *source, *text, *vocabulary, *settings, *part; } wrong[] = {
    { "text", "abc", NULL, "length=3", "too short" },
    { "text", "", NULL, "length=1", "too short" },
    { "text", "\n\n", NULL, "rows=lines", "too short" },
    { "text", "a\xff", NULL, "length=1", "not a text in UTF-8: byte 1" },
    { "text", "abc", "\n", "length=1", "is empty" },
    { "text_pairs", "word", NULL, "", "too short" },
    { "text_pairs", "", NULL, "", "too short" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      GError *error = NULL;

      g_assert_null (open_text (wrong[i].source, wrong[i].text, wrong[i].vocabulary, wrong[i].settings, &error));
      gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, wrong[i].part);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/characters", test_characters);
  g_test_add_func ("/text/words", test_words);
  g_test_add_func ("/text/lines", test_lines);
  g_test_add_func ("/text/pairs", test_pairs);
  g_test_add_func ("/text/refused", test_refused);
  return g_test_run ();
}
