/* SPDX-License-Identifier: Apache-2.0 */
/* Work in threads that the program waits for before it ends: what a thread still uses must
 * not be taken down by the end of the process, and what it writes is to be whole. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One piece of work begins, ends. Any thread. */
void gw_background_begin (void);
void gw_background_end (void);

/* g_task_run_in_thread(), counted as one piece of work. */
void gw_background_run_task (GTask           *task,
                             GTaskThreadFunc  function);

/* Runs the main loop until no work is left. Main thread, after its last window. */
void gw_background_wait (void);

G_END_DECLS
