/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "engine/document/document.h"
#include "engine/graph/registry.h"

G_BEGIN_DECLS

/* Gives a node that is about to enter the document the sub-graphs that its op calls and that
 * no attribute of it names yet. */
void gw_edit_add_bodies (GwEdit *edit, GwDocument *document, GwDocNode *node);

G_END_DECLS
