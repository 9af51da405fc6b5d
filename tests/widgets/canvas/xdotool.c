/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/widgets/canvas/xdotool.h"

void
tool_spin (int ms)
{
  gint64 end = g_get_monotonic_time () + ms * 1000;

  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (500);
}

static void
on_tool_done (GPid     pid,
              int      status,
              gpointer data)
{
  *(int *) data = status;
  g_spawn_close_pid (pid);
}

void
tool_run (const char *arguments)
{
  g_autofree char *line = g_strconcat ("xdotool ", arguments, NULL);
  g_auto (GStrv) argv = NULL;
  g_autoptr (GError) error = NULL;
  int status = -1;
  GPid pid;

  g_assert_true (g_shell_parse_argv (line, NULL, &argv, &error));
  g_spawn_async (NULL, argv, NULL,
                 G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL, NULL,
                 NULL, &pid, &error);
  g_assert_no_error (error);
  g_child_watch_add (pid, on_tool_done, &status);
  while (status == -1)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (status, ==, 0);
}

void
tool (const char *format,
      ...)
{
  g_autofree char *arguments = NULL;
  va_list args;

  va_start (args, format);
  arguments = g_strdup_vprintf (format, args);
  va_end (args);
  tool_run (arguments);
  tool_spin (120);
}

void
tool_drag (int         button,
           double      x0,
           double      y0,
           double      x1,
           double      y1,
           const char *modifier)
{
  tool ("mousemove %.0f %.0f", x0, y0);
  if (modifier[0] != '\0')
    tool ("keydown %s", modifier);
  tool ("mousedown %d", button);
  for (int i = 1; i <= 4; i++)
    tool ("mousemove %.0f %.0f", x0 + (x1 - x0) * i / 4, y0 + (y1 - y0) * i / 4);
  tool ("mouseup %d", button);
  if (modifier[0] != '\0')
    tool ("keyup %s", modifier);
}
