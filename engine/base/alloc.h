/* SPDX-License-Identifier: Apache-2.0 */
/* Aligned memory that may fail. GLib's allocators abort; what a user's shapes
 * ask for must not. */
#pragma once

#include <glib.h>
#include <stddef.h>

G_BEGIN_DECLS

#define GW_ALIGNMENT 64

/* `size` bytes aligned to GW_ALIGNMENT (2 MiB and huge pages from 4 MiB on), not
 * cleared; size 0 gives a valid pointer. NULL with RESOURCE_EXHAUSTED otherwise, also
 * when the machine could not back all the large blocks with memory were they used.
 * Free with gw_free(). Any thread. */
void *gw_alloc (size_t size, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void *gw_alloc0 (size_t size, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void gw_free (void *memory);

/* For tests: lets the n-th gw_alloc() from now on fail (1 = the next one), then
 * turns itself off. 0 turns it off. Returns how many were left. */
int gw_alloc_fail_after (int n);

/* For tests: refuses every block of more than `size` bytes; 0 = none. */
void gw_alloc_set_limit (size_t size);

/* Number of gw_alloc() blocks that have not been freed; for leak tests. */
int gw_alloc_live_count (void);

/* a * b, or FALSE when it does not fit into a size_t (or ptrdiff_t). */
gboolean gw_size_mul (size_t a, size_t b, size_t *product);

G_END_DECLS
