/* SPDX-License-Identifier: Apache-2.0 */
/* What a training step runs, what “the loss” is and what Evaluate averages: the
 * parts of the settings that follow from drawing. A node that trains becomes a
 * target when it is added, an op that is a metric a metric, and what is first wired
 * to a training node's loss is the loss; the user changes all of it afterwards. */
#pragma once

#include "engine/engine.h"

G_BEGIN_DECLS

/* Adds to `edit` what adding node `id` means for the settings. */
void gw_targets_node_added (GwEdit *edit, const GwDocument *document, int64_t id);
/* The same for a wire from `from` to port `port` of `to`. */
void gw_targets_connected (GwEdit *edit, const GwDocument *document, int64_t from, int64_t to, const char *port);

typedef enum {
  GW_ROLE_TARGET,  /* runs in each training step */
  GW_ROLE_LOSS,
  GW_ROLE_METRIC,  /* averaged by Evaluate */
  GW_ROLE_REPORT,  /* recorded as a scalar */
} GwRole;

gboolean gw_document_has_role (const GwDocument *document, int64_t id, GwRole role);
GwEdit *gw_edit_set_role (const GwDocument *document, int64_t id, GwRole role, gboolean on);

/* Ids of all nodes that training or evaluating needs, as a set whose
 * keys are pointers to int64_t that it owns. Empty when
 * nothing is trained. */
GHashTable *gw_document_needed (const GwDocument *document);

G_END_DECLS
