/* SPDX-License-Identifier: Apache-2.0 */
/* Puts nodes into columns along their wires. */
#pragma once

#include "engine/engine.h"

G_BEGIN_DECLS

/* Size of a node's box in canvas px. */
typedef void (*GwNodeSize) (int64_t id, double *width, double *height, gpointer data);

/* Moves the nodes `ids` (n == 0: all): layers by the longest path, gaps 72 and 56,
 * everything on multiples of 8, the upper left corner where it was. Order in a column
 * follows the mean of what feeds it. Long chains go on in a new row of columns when
 * `max_width` is exceeded (0 = never). */
GwEdit *gw_edit_arrange (const GwDocument *document, const int64_t *ids, int n, double max_width, GwNodeSize size,
                         gpointer data);

G_END_DECLS
