/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/run-folders.h"

#include <string.h>

#define DEEPEST 8
#define MOST_FOLDERS 2000

static void
find_folders (const char *path,
              const char *key,
              int         depth,
              GPtrArray  *infos)
{
  g_autoptr (GPtrArray) files = gw_event_files_in_folder (path, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  if (infos->len >= MOST_FOLDERS || dir == NULL)
    return;
  if (files != NULL && files->len > 0)
    {
      GwRunInfo *info = gw_run_info_read (path, NULL);

      if (info == NULL)
        {
          info = gw_run_info_new ();
          info->path = g_strdup (path);
          info->state = g_strdup ("unknown");
        }
      g_free (info->id);
      info->id = g_strdup (key);
      g_ptr_array_add (infos, info);
    }
  while (depth < DEEPEST && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      g_autofree char *child_key = depth == 0 ? g_strdup (name) : g_build_filename (key, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        find_folders (child, child_key, depth + 1, infos);
    }
}

static gint
compare_infos (gconstpointer a,
               gconstpointer b)
{
  return strcmp ((*(GwRunInfo *const *) a)->id, (*(GwRunInfo *const *) b)->id);
}

GPtrArray *
gw_run_folders_find (const char *path)
{
  GPtrArray *infos = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_run_info_free);
  g_autofree char *name = g_path_get_basename (path);

  find_folders (path, name, 0, infos);
  g_ptr_array_sort (infos, compare_infos);
  return infos;
}
