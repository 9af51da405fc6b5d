/* SPDX-License-Identifier: Apache-2.0 */
/* Runs in folders that are not the document's own: anything with event files in it. */
#pragma once

#include "engine/engine.h"

G_BEGIN_DECLS

/* Every folder in `path` (itself too, at most eight levels deep, no links) that holds
 * event files, as a GPtrArray of GwRunInfo that frees them, by its place in `path`, which
 * is the id. At most 2,000. Any thread. */
GPtrArray *gw_run_folders_find (const char *path);

G_END_DECLS
