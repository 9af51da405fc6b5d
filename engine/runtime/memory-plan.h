/* SPDX-License-Identifier: Apache-2.0 */
/* Places buffers of known size and life into one arena. */
#pragma once

#include <glib.h>
#include <stddef.h>

G_BEGIN_DECLS

typedef struct {
  size_t bytes;
  int    first;   /* step that writes it */
  int    last;    /* last step that reads it; INT_MAX = kept to the end */
  size_t offset;  /* result, a multiple of GW_ALIGNMENT */
} GwBlock;

/* Two blocks whose [first, last] overlap never share memory. `blocks` must be
 * sorted by `first`. Returns the size of the arena. O(n log n) for the usual
 * graphs, in which few blocks live at a time. */
size_t gw_memory_plan (GwBlock *blocks, int n_blocks);

G_END_DECLS
