/* SPDX-License-Identifier: Apache-2.0 */
/* Breaking composites apart: what a box stands for becomes the user's own nodes. */
#pragma once

#include "engine/document/document.h"

G_BEGIN_DECLS

/* Replaces composites of the main graph by what they are lowered to, under the names that
 * they have there, so that variables and checkpoints stay the same, and values do to the last
 * bit, those of training as well: random ops keep the numbers that their seeds follow from
 * (random-numbers.h), and so do those of all other nodes; gradients that meet are added in the order
 * of names. Of a composite of the user's own, by what is in its definition. The node that gives
 * the first output keeps the composite's id: wires to it, targets and metrics go on to mean it.
 * Composites whose inside the first ones take something from (a Minimize from all layers that it
 * trains), and those that share their weights, come apart with them. `made` (GArray of
 * int64_t, or NULL) gets the nodes that are there instead. Refused with the reason:
 * what is no composite or has errors, what does something else while it evaluates (Dropout),
 * what runs a loop of its own (Scan; a recurrent layer that does not know its number of steps), and
 * what the loss takes a penalty from. */
GwEdit *gw_edit_break_apart_many (GwDocument *document, const int64_t *ids, int n, GArray *made, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
/* One of them. */
GwEdit *gw_edit_break_apart (GwDocument *document, int64_t id, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
