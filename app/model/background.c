/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/background.h"

static int n_pieces; /* atomic */

void
gw_background_begin (void)
{
  g_atomic_int_inc (&n_pieces);
}

void
gw_background_end (void)
{
  if (g_atomic_int_dec_and_test (&n_pieces))
    g_main_context_wakeup (NULL);
}

static void
run_task (GTask        *task,
          gpointer      source,
          gpointer      data,
          GCancellable *cancellable)
{
  /* GObject keeps data, not code: the address stands in memory of its own. */
  GTaskThreadFunc *function = g_object_get_data (G_OBJECT (task), "background");

  (*function) (task, source, data, cancellable);
  gw_background_end ();
}

void
gw_background_run_task (GTask           *task,
                        GTaskThreadFunc  function)
{
  GTaskThreadFunc *copy = g_new (GTaskThreadFunc, 1);

  *copy = function;
  g_object_set_data_full (G_OBJECT (task), "background", copy, g_free);
  gw_background_begin ();
  g_task_run_in_thread (task, run_task);
}

void
gw_background_wait (void)
{
  while (g_atomic_int_get (&n_pieces) > 0)
    g_main_context_iteration (NULL, TRUE);
}
