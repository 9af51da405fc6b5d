/* SPDX-License-Identifier: Apache-2.0 */
/* Sub-graphs of a document as functions of the graph that it is lowered to. */
#pragma once

#include "engine/document/lower-private.h"
#include "engine/graph/function.h"

/* The function of the definition called `name`, lowered when it is first asked for, with the
 * definition's problems noted; known to the lowering's graph. NULL with an error, which is
 * empty (no error set) when noted problems say why. */
GwFunction *gw_lowering_function (GwLowering *lowering, const char *name, GError **error);

/* Before a node that calls sub-graphs is added: their functions are made known to the graph,
 * its attributes in `settings` name them as they are called there, and Tout, where the op has
 * it, follows from them. Lists of names that it makes are put into `lists`, which frees them.
 * FALSE without an error when noted problems say why. */
gboolean gw_lowering_add_calls (GwLowering *lowering, const GwOpDef *def, GArray *settings, GPtrArray *lists,
                                GError **error);

/* The nodes in the sub-graphs that a node calls. Appended to `ids`. */
void gw_document_called_nodes (const GwDocument *document, const GwDocNode *node, GArray *ids);
/* The same for what a node waits for: see gw_lowering_sources(). */
gboolean gw_op_calls (const GwOpDef *def);

/* Lowers those sub-graphs that nothing has called, for their problems. */
void gw_lowering_check_functions (GwLowering *lowering);
