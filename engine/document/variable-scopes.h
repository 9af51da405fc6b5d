/* SPDX-License-Identifier: Apache-2.0 */
/* Scopes that share variables as TensorFlow's variable_scope() does (python/ops/variable_scope.py):
 * what layers in a scope call their variables, and whether they may take those that are there.
 * Layers alone share so (get_variable()); a variable drawn by hand is always one of its own. */
#pragma once

#include "engine/document/lower.h"

G_BEGIN_DECLS

/* Whether a scope's variables can stand under `name`: one of a node, or one after a slash. */
gboolean gw_variable_scope_check (const char *name, GError **error);

/* Whether a scope of the document has a property of these; without one nothing here changes anything. */
gboolean gw_variable_scopes_any (const GwDocument *document);
/* "encoder/v/dense" of the node "encoder/v_1/dense" whose scope v_1 has its variables under v; free it. */
char *gw_variable_scope_name (const GwDocument *document, int64_t node);
/* What the innermost scope around the item says, or else the one around that: AUTO within True is
 * AUTO, and nothing ends either (reuse or old.reuse). */
GwReuse gw_variable_scope_reuse (const GwDocument *document, int64_t id);

/* The layers whose variables another layer's choice may forbid or allow: GArray of int64_t, those
 * that make variables first, those that must find them last. */
GArray *gw_variable_scope_layers (const GwDocument *document);

/* `name`, that of the layer `id` which owns the variables, as its variables have it; free it. */
char *gw_variable_scope_map (const GwLowering *lowering, int64_t id, const char *name);
/* A layer asks for the variable `full_name`, which `found` is if it is there. FALSE after the builder was
 * told in TensorFlow's words why it cannot have it; else *take tells whether it is to take `found`. */
gboolean gw_variable_scope_allows (GwExpandContext *context, const char *full_name, const GwLoweredVariable *found,
                                   gboolean *take);

G_END_DECLS
