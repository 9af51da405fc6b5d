/* SPDX-License-Identifier: Apache-2.0 */
/* Which number a random op has among those that take the graph's seed. It is counted as nodes are
 * lowered, so that an edit that changes nothing but who holds an op (a box that is broken apart)
 * would let it, and those after it, draw anew; the numbers are written down where they would move. */
#pragma once

#include "engine/document/document.h"

G_BEGIN_DECLS

/* Hidden attributes of a node of the document. The first, a list: the numbers of the random ops that
 * the node is lowered to, in the order of their making; counting leaves them out. Of two nodes that
 * claim one number the older has it. Heeded in the main graph. The second, of a random op: its
 * own seed, as a box has one, to be combined with the graph's by gw_combine_seeds(). */
#define GW_ATTR_RANDOM_NUMBERS "_random_numbers"
#define GW_ATTR_OWN_SEED "_seed"

/* Adds to the edit, which is not applied yet, the numbers of all random ops of the main graph that
 * it would move; ops are the same by their names. */
void gw_edit_keep_draws (GwEdit *edit, const GwDocument *document);

G_END_DECLS
