/* SPDX-License-Identifier: Apache-2.0 */
/* Composites of the user's own: definitions of a document (groups of kind COMPOSITE) that
 * its nodes use as ops. */
#pragma once

#include "engine/document/document.h"

G_BEGIN_DECLS

/* Copies of a composite in a row, at most. */
#define GW_MAX_REPEAT 1000

/* The op of that name as the document knows it: one that ships, or a composite of the
 * document's own. Descriptors live forever: one is made for every look that a definition
 * has had. NULL = there is none. Any thread. */
const GwOpDef *gw_document_op (const GwDocument *document, const char *op);
/* The definition that the node uses, 0 = its op is none of the document's own. */
int64_t gw_document_own_composite (const GwDocument *document, int64_t node);
/* Ids of the nodes that use the definition; the caller's. */
GArray *gw_document_uses (const GwDocument *document, int64_t group);
/* Whether nodes of `group` use `other`, directly or not. */
gboolean gw_document_contains_use (const GwDocument *document, int64_t group, int64_t other);
/* What a new node that uses the composite is called, not yet unique: another name than the
 * definition's, whose nodes are named below it. */
char *gw_composite_use_name (const GwDocument *document, const char *op);
/* Names of nodes in the definition end after its own name and a slash: "dense" of
 * "Block/dense". */
const char *gw_document_inner_name (const GwDocument *document, int64_t group, int64_t node);
/* As gw_doc_node_attr(), of an op of the document's own as well. */
gboolean gw_document_attr (const GwDocument *document, const GwDocNode *node, const char *name, GwAttrValue *value);

/* Values of nodes that use composites, as a file has them, become what the parameters want.
 * After a document was read. */
void gw_document_settle_uses (GwDocument *document);

/* Replaces uses of one's own composites by copies of what is in their definitions; see
 * gw_edit_break_apart_many(). */
GwEdit *gw_edit_unfold (GwDocument *document, const int64_t *ids, int n, GArray *made, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
