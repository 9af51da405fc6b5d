/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/application.h"

/* Software GL is slower than Cairo; without a render device there is nothing else. */
static void
choose_renderer (void)
{
  g_autoptr (GDir) devices = g_dir_open ("/dev/dri", 0, NULL);
  const char *name;

  while (devices != NULL && (name = g_dir_read_name (devices)) != NULL)
    if (g_str_has_prefix (name, "renderD"))
      return;
  g_setenv ("GSK_RENDERER", "cairo", FALSE);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GwApplication) application = NULL;

  choose_renderer ();
  g_set_application_name ("Graphwright");
  application = gw_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
