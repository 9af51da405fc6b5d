/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/checkpoint-state.h"

#include "engine/files/checkpoint.h"
#include "tests/support/support.h"

#include <string.h>

static GwCheckpointState *
parse (const char  *text,
       GError     **error)
{
  return gw_checkpoint_state_parse (text, strlen (text), error);
}

static void
test_parse (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwCheckpointState) state = parse ("# a comment\n"
                                               "model_checkpoint_path: \"model.ckpt-46900\"\n"
                                               "all_model_checkpoint_paths: \"a \\\"b\\\"\\303\\244\"\n"
                                               "some_new_field { inner: \"}\" deep < x: 1 > }\n"
                                               "all_model_checkpoint_paths: 'model.ckpt-46900'\n"
                                               "all_model_checkpoint_timestamps: 1553.5e6\n"
                                               "other: -3 last_preserved_timestamp: 12.25",
                                               &error);

  g_assert_no_error (error);
  g_assert_cmpstr (state->latest, ==, "model.ckpt-46900");
  g_assert_cmpuint (state->all->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (state->all, 0), ==, "a \"b\"ä");
  g_assert_cmpstr (g_ptr_array_index (state->all, 1), ==, "model.ckpt-46900");
  g_assert_cmpuint (state->timestamps->len, ==, 1);
  g_assert_cmpfloat (g_array_index (state->timestamps, double, 0), ==, 1553.5e6);
  g_assert_cmpfloat (state->last_preserved, ==, 12.25);
}

static void
test_damaged (void)
{
  static const char *const texts[] = {
    "\nmodel_checkpoint_path: \"open", "\nmodel_checkpoint_path: \"two\nlines\"", "\n: \"x\"", "\nx { y: 1", "\n}",
    "\n\"\\",
  };
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_assert_null (parse (texts[i], &error));
      gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, "line 2");
    }
}

static void
test_round_trip (void)
{
  char *dir = gw_test_dir_new ();
  g_autoptr (GwCheckpointState) state = gw_checkpoint_state_new ();
  g_autoptr (GwCheckpointState) back = NULL;
  g_autoptr (GError) error = NULL;
  double time = 1795310743.125;

  state->latest = g_strdup ("dir with \"quotes\"/ünïcode\n-2");
  g_ptr_array_add (state->all, g_strdup ("m-1"));
  g_ptr_array_add (state->all, g_strdup (state->latest));
  g_array_append_val (state->timestamps, time);
  g_array_append_val (state->timestamps, time);
  g_assert_true (gw_checkpoint_state_write (state, dir, &error));
  back = gw_checkpoint_state_read (dir, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (back->latest, ==, state->latest);
  g_assert_cmpuint (back->all->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (back->all, 1), ==, state->latest);
  g_assert_cmpfloat (g_array_index (back->timestamps, double, 1), ==, time);
  gw_test_dir_remove (dir);
}

static void
save (const char *dir,
      int         step,
      int         max_to_keep)
{
  g_autofree char *name = g_strdup_printf ("model.ckpt-%d", step);
  g_autofree char *prefix = g_build_filename (dir, name, NULL);
  g_autofree char *side_name = g_strconcat (name, ".state", NULL);
  g_autoptr (GwTensor) value = gw_tensor_new_int64 (step);
  g_autoptr (GError) error = NULL;
  g_autoptr (GwCheckpointWriter) writer = gw_checkpoint_writer_new (prefix, &error);
  static const char *const side[] = { ".state", NULL };

  g_assert_true (gw_checkpoint_writer_add (writer, "global_step", value, &error));
  g_assert_true (gw_checkpoint_writer_finish (writer, &error));
  g_free (gw_test_write_file (dir, side_name, "x", -1));
  g_assert_true (gw_checkpoint_retain (dir, prefix, max_to_keep, side, &error));
  g_assert_no_error (error);
}

static char *
listing (const char *dir)
{
  g_autoptr (GwCheckpointState) state = gw_checkpoint_state_read (dir, NULL);

  g_ptr_array_add (state->all, NULL);
  return g_strjoinv (" ", (char **) state->all->pdata);
}

static int
count_files (const char *dir)
{
  g_autoptr (GDir) files = g_dir_open (dir, 0, NULL);
  int n = 0;

  while (g_dir_read_name (files) != NULL)
    n++;
  return n;
}

static void
test_retain (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *five = NULL;
  g_autofree char *moved = NULL;
  g_autofree char *latest = NULL;
  g_autofree char *all = NULL;
  g_autoptr (GError) error = NULL;

  for (int step = 1; step <= 5; step++)
    save (dir, step, 3);
  five = listing (dir);
  g_assert_cmpstr (five, ==, "model.ckpt-3 model.ckpt-4 model.ckpt-5");
  g_assert_cmpint (count_files (dir), ==, 3 * 3 + 1);
  save (dir, 3, 3);
  moved = listing (dir);
  g_assert_cmpstr (moved, ==, "model.ckpt-4 model.ckpt-5 model.ckpt-3");
  g_assert_cmpint (count_files (dir), ==, 3 * 3 + 1);
  latest = gw_checkpoint_latest (dir, &error);
  g_assert_true (g_str_has_prefix (latest, dir));
  g_assert_true (g_str_has_suffix (latest, "/model.ckpt-3"));
  save (dir, 6, 0);
  save (dir, 7, 0);
  all = listing (dir);
  g_assert_cmpstr (all, ==, "model.ckpt-4 model.ckpt-5 model.ckpt-3 model.ckpt-6 model.ckpt-7");
  gw_test_dir_remove (dir);
}

/* A list from elsewhere may name checkpoints anywhere: those are let go, never deleted. */
static void
test_foreign_paths (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *mine = g_build_filename (dir, "mine", NULL);
  g_autofree char *yours = g_build_filename (dir, "yours", NULL);
  g_autofree char *precious = g_build_filename (yours, "model.ckpt-1.index", NULL);
  g_autofree char *text = g_strdup_printf ("model_checkpoint_path: \"../yours/model.ckpt-1\"\n"
                                           "all_model_checkpoint_paths: \"%s/model.ckpt-1\"\n"
                                           "all_model_checkpoint_paths: \"../yours/model.ckpt-1\"\n", yours);
  g_autofree char *left = NULL;

  save (yours, 1, 5);
  save (mine, 1, 5);
  g_free (gw_test_write_file (mine, "checkpoint", text, -1));
  save (mine, 2, 1);
  g_assert_true (g_file_test (precious, G_FILE_TEST_EXISTS));
  left = listing (mine);
  g_assert_cmpstr (left, ==, "model.ckpt-2");
  gw_test_dir_remove (dir);
}

static void
test_latest_missing (void)
{
  char *dir = gw_test_dir_new ();
  g_autoptr (GError) error = NULL;

  g_assert_null (gw_checkpoint_latest (dir, &error));
  gw_test_assert_error (&error, GW_ERROR_NOT_FOUND, NULL);
  g_free (gw_test_write_file (dir, "checkpoint", "model_checkpoint_path: \"gone\"", -1));
  g_assert_null (gw_checkpoint_latest (dir, &error));
  gw_test_assert_error (&error, GW_ERROR_NOT_FOUND, "Couldn't match files for checkpoint");
  gw_test_dir_remove (dir);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/files/checkpoint-state/parse", test_parse);
  g_test_add_func ("/files/checkpoint-state/damaged", test_damaged);
  g_test_add_func ("/files/checkpoint-state/round-trip", test_round_trip);
  g_test_add_func ("/files/checkpoint-state/retain", test_retain);
  g_test_add_func ("/files/checkpoint-state/foreign-paths", test_foreign_paths);
  g_test_add_func ("/files/checkpoint-state/latest-missing", test_latest_missing);
  return g_test_run ();
}
