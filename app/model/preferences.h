/* SPDX-License-Identifier: Apache-2.0 */
/* How the user likes the window, in a small file of their own configuration folder. What
 * cannot be read or kept is as if it had never been set. Main thread only. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* NULL = never set; the caller's. */
char *gw_preference_get (const char *name);
void gw_preference_set (const char *name, const char *value);

G_END_DECLS
