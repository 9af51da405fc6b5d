/* SPDX-License-Identifier: Apache-2.0 */
/* Graphs in TensorFlow's form (GraphDef), for event files, TensorBoard and
 * TensorFlow itself. */
#pragma once

#include "engine/graph/graph.h"

G_BEGIN_DECLS

/* GraphDef's versions.producer: TensorFlow 1.15's. */
#define GW_GRAPH_DEF_PRODUCER 134

/* A serialised GraphDef of all the graph's nodes, in their order. Each node carries
 * `_output_shapes`, as as_graph_def (add_shapes=True) does, and `_gw_origin`, the
 * document node that it comes from; TensorFlow ignores both. Defaults are written as
 * well. The sub-graphs that nodes call stand in its library. INVALID_ARGUMENT beyond protobuf's 2 GiB. Any thread, on a finished graph. */
GBytes *gw_graph_to_proto (const GwGraph *graph, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same with one more attribute, a text, on the first node. */
GBytes *gw_graph_to_proto_noted (const GwGraph *graph, const char *attr, const char *note, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
