/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "engine/document/lower.h"

G_BEGIN_DECLS

/* Expands a node whose op is a composite of its document: what is in the definition is
 * lowered once more under the node's name, with the node's inputs in place of the
 * arguments and its attributes in place of the parameters. Problems name the node and the
 * one inside. */
void gw_composite_use_expand (GwExpandContext *context);

G_END_DECLS
