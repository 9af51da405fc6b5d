/* SPDX-License-Identifier: Apache-2.0 */
/* Documents opened or saved lately, kept in a small file of the user's state folder. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define GW_RECENT_MAX 10

/* Puts the file at the head of the list. */
void gw_recent_add (GFile *file);
/* Of GFile, newest first; those that are gone are left out. */
GPtrArray *gw_recent_list (void);

G_END_DECLS
