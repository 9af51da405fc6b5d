/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/atomic-file.h"

#include "tests/support/support.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char *
contents (const char *path)
{
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static int
count_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  int n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_replace (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "sub", "folder", "file.txt", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  struct stat info;

  g_assert_true (gw_atomic_write (path, "one", 3, &error));
  first = contents (path);
  g_assert_cmpstr (first, ==, "one");
  g_assert_cmpint (g_chmod (path, 0640), ==, 0);
  g_assert_true (gw_atomic_write (path, "three", 5, &error));
  second = contents (path);
  g_assert_cmpstr (second, ==, "three");
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmphex (info.st_mode & 0777, ==, 0640);
  gw_test_dir_remove (dir);
}

static void
test_large (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "large", NULL);
  g_autofree char *block = g_malloc (700001);
  g_autofree char *got = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GwAtomicFile) file = gw_atomic_file_new (path, &error);
  gsize length;

  for (int i = 0; i < 700001; i++)
    block[i] = (char) (i * 7 + i / 1000);
  g_assert_nonnull (file);
  for (int i = 0; i < 700001; i += 1000)
    g_assert_true (gw_atomic_file_write (file, block + i, MIN (1000, 700001 - i), &error));
  g_assert_true (gw_atomic_file_write (file, block, 700001, &error));
  g_assert_cmpuint (gw_atomic_file_position (file), ==, 2 * 700001);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (gw_atomic_file_commit (file, &error));
  g_assert_true (g_file_get_contents (path, &got, &length, NULL));
  g_assert_cmpmem (got, length / 2, block, 700001);
  g_assert_cmpmem (got + length / 2, length / 2, block, 700001);
  gw_test_dir_remove (dir);
}

static void
test_abandoned (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *path = gw_test_write_file (dir, "kept", "old", -1);
  GwAtomicFile *file = gw_atomic_file_new (path, NULL);
  g_autofree char *text = NULL;

  g_assert_nonnull (file);
  g_assert_true (gw_atomic_file_write (file, "new", 3, NULL));
  g_assert_true (gw_atomic_file_sync (file, NULL));
  g_assert_cmpint (count_files (dir), ==, 2);
  gw_atomic_file_free (file);
  g_assert_cmpint (count_files (dir), ==, 1);
  text = contents (path);
  g_assert_cmpstr (text, ==, "old");
  gw_test_dir_remove (dir);
}

static void
test_symbolic_link (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *path = gw_test_write_file (dir, "real", "old", -1);
  g_autofree char *alias = g_build_filename (dir, "alias", NULL);
  g_autofree char *text = NULL;

  g_assert_cmpint (symlink ("real", alias), ==, 0);
  g_assert_true (gw_atomic_write (alias, "new", 3, NULL));
  text = contents (path);
  g_assert_cmpstr (text, ==, "new");
  g_assert_true (g_file_test (alias, G_FILE_TEST_IS_SYMLINK));
  gw_test_dir_remove (dir);
}

static void
test_refused (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *path = gw_test_write_file (dir, "file", "old", -1);
  g_autofree char *below = g_build_filename (path, "child", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (gw_atomic_write (dir, "x", 1, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, dir);
  g_assert_false (gw_atomic_write (below, "x", 1, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "Not a directory");
  gw_test_dir_remove (dir);
}

/* A file size limit stands for the full disk. */
static void
test_full_disk (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *path = gw_test_write_file (dir, "kept", "old", -1);
  g_autofree char *block = g_malloc0 (1 << 20);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  struct rlimit before, limit;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  signal (SIGXFSZ, SIG_IGN);
  limit = before;
  limit.rlim_cur = 100000;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  g_assert_false (gw_atomic_write (path, block, 1 << 20, &error));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  gw_test_assert_error (&error, GW_ERROR_RESOURCE_EXHAUSTED, path);
  g_assert_cmpint (count_files (dir), ==, 1);
  text = contents (path);
  g_assert_cmpstr (text, ==, "old");
  gw_test_dir_remove (dir);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/files/atomic-file/replace", test_replace);
  g_test_add_func ("/files/atomic-file/large", test_large);
  g_test_add_func ("/files/atomic-file/abandoned", test_abandoned);
  g_test_add_func ("/files/atomic-file/symbolic-link", test_symbolic_link);
  g_test_add_func ("/files/atomic-file/refused", test_refused);
  g_test_add_func ("/files/atomic-file/full-disk", test_full_disk);
  return g_test_run ();
}
