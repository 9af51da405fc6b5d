/* SPDX-License-Identifier: Apache-2.0 */
/* Graphs of TensorFlow's (GraphDef) as documents, and documents as such graphs. */
#pragma once

#include "engine/document/lower.h"

G_BEGIN_DECLS

/* What a graph carries that was written here: the document, on its first node. */
#define GW_GRAPH_DOCUMENT_ATTR "_gw_document"

/* A document of the nodes of a serialised GraphDef, all at (0, 0). A graph that this
 * program wrote and that nobody has changed since gives the document that it was made
 * of. Else: a node of the document for each node, with its attributes, wires and device;
 * what gives a variable its first value goes into the variable's attribute where it is one
 * of our initializers, name scopes become groups, functions sub-graphs. Ops that this
 * program has not are kept, with what was set. `notes` (GPtrArray of char *, or NULL) gets
 * a sentence for each thing that could not be taken over. INVALID_ARGUMENT, DATA_LOSS for
 * what is no graph. Any thread. */
GwDocument *gw_document_from_graph_def (const void *data, size_t size, GPtrArray *notes, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

/* The document lowered as `options` say, as a serialised GraphDef that carries the document
 * as well. The first problem as the error. Any thread. */
GBytes *gw_document_to_graph_def (const GwDocument *document, const GwLowerOptions *options, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
