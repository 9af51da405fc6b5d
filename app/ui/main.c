/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/application.h"

#include "app/model/background.h"

#include <malloc.h>
#include <signal.h>

#define LARGE_BLOCK (1 << 20)

/* Software GL is slower than Cairo; without a render device there is nothing else. GDK
 * would load it all the same, and the compiler behind it with 50 MiB. */
static void
choose_renderer (void)
{
  g_autoptr (GDir) devices = g_dir_open ("/dev/dri", 0, NULL);
  const char *name;

  while (devices != NULL && (name = g_dir_read_name (devices)) != NULL)
    if (g_str_has_prefix (name, "renderD"))
      return;
  g_setenv ("GSK_RENDERER", "cairo", FALSE);
  if (g_str_equal (g_getenv ("GSK_RENDERER"), "cairo"))
    g_setenv ("GDK_DEBUG", "gl-disable", FALSE);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GwApplication) application = NULL;
  int status;

  choose_renderer ();
  mallopt (M_MMAP_THRESHOLD, LARGE_BLOCK); /* tables and tensors go back to the system when freed */
  signal (SIGXFSZ, SIG_IGN); /* a limit of file sizes is then an error of write() like a full disk */
  g_set_application_name ("Graphwright");
  application = gw_application_new ();
  status = g_application_run (G_APPLICATION (application), argc, argv);
  gw_background_wait ();
  return status;
}
