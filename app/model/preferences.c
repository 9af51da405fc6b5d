/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/preferences.h"

#define GROUP "View"

static char *
file_path (void)
{
  return g_build_filename (g_get_user_config_dir (), "graphwright", "preferences.ini", NULL);
}

static GKeyFile *
read_file (void)
{
  GKeyFile *file = g_key_file_new ();
  g_autofree char *path = file_path ();

  g_key_file_load_from_file (file, path, G_KEY_FILE_KEEP_COMMENTS, NULL);
  return file;
}

char *
gw_preference_get (const char *name)
{
  g_autoptr (GKeyFile) file = read_file ();

  return g_key_file_get_string (file, GROUP, name, NULL);
}

void
gw_preference_set (const char *name,
                   const char *value)
{
  g_autoptr (GKeyFile) file = read_file ();
  g_autofree char *path = file_path ();
  g_autofree char *folder = g_path_get_dirname (path);

  g_key_file_set_string (file, GROUP, name, value);
  if (g_mkdir_with_parents (folder, 0700) == 0)
    g_key_file_save_to_file (file, path, NULL);
}
