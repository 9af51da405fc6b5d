/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/recent.h"

static char *
list_path (void)
{
  return g_build_filename (g_get_user_state_dir (), "graphwright", "recent", NULL);
}

static char **
read_uris (void)
{
  g_autofree char *path = list_path ();
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return g_new0 (char *, 1);
  return g_strsplit (text, "\n", -1);
}

void
gw_recent_add (GFile *file)
{
  g_autofree char *uri = g_file_get_uri (file);
  g_autofree char *path = list_path ();
  g_autofree char *folder = g_path_get_dirname (path);
  g_auto (GStrv) old = read_uris ();
  g_autoptr (GString) text = g_string_new (uri);
  int n = 1;

  g_string_append_c (text, '\n');
  for (int i = 0; old[i] != NULL && n < GW_RECENT_MAX; i++)
    if (old[i][0] != 0 && g_strcmp0 (old[i], uri) != 0)
      {
        g_string_append_printf (text, "%s\n", old[i]);
        n++;
      }
  /* A list that cannot be kept is not worth a message. */
  if (g_mkdir_with_parents (folder, 0700) == 0)
    g_file_set_contents (path, text->str, (gssize) text->len, NULL);
}

GPtrArray *
gw_recent_list (void)
{
  GPtrArray *files = g_ptr_array_new_with_free_func (g_object_unref);
  g_auto (GStrv) uris = read_uris ();

  for (int i = 0; uris[i] != NULL; i++)
    {
      g_autoptr (GFile) file = uris[i][0] != 0 ? g_file_new_for_uri (uris[i]) : NULL;

      if (file != NULL && g_file_query_exists (file, NULL))
        g_ptr_array_add (files, g_steal_pointer (&file));
    }
  return files;
}
