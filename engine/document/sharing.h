/* SPDX-License-Identifier: Apache-2.0 */
/* Layers that share their variables: the attribute `share` of one names the other by its
 * id, over any number of steps; who names nobody is the owner, and the variables bear its
 * name. */
#pragma once

#include "engine/document/lower.h"

G_BEGIN_DECLS

/* The layer whose variables `id` uses: itself where it shares with nobody. 0 when that leads to
 * nothing, to a layer of another kind or in a circle; `error` then says so. */
int64_t gw_sharing_owner (const GwDocument *document, int64_t id, GError **error);

/* The name under which the composite's variables stand, to be freed; NULL after the builder
 * was told why there is none. */
char *gw_sharing_owner_name (GwExpandContext *context);
/* Whether a variable that `origin` made is the composite's as well. */
gboolean gw_sharing_is_shared (GwExpandContext *context, int64_t origin);

/* Those that share with `id` directly or not, itself among them: GArray of int64_t, in the
 * document's order; the owner first. */
GArray *gw_sharing_group (const GwDocument *document, int64_t id);
/* Lets `id` use the variables of `owner` (0: its own again). Refused with the reason. */
GwEdit *gw_edit_share (GwDocument *document, int64_t id, int64_t owner, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Nodes are being removed by `edit`: of those that shared with one of them the first becomes
 * the owner of the others. */
void gw_sharing_promote (GwEdit *edit, const GwDocument *document, const int64_t *ids, int n);

G_END_DECLS
