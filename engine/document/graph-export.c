/* SPDX-License-Identifier: Apache-2.0 */
/* Document → GraphDef. */
#include "engine/document/graph-import.h"

#include "engine/graph/graph-pb.h"

GBytes *
gw_document_to_graph_def (const GwDocument     *document,
                          const GwLowerOptions *options,
                          GError              **error)
{
  g_autoptr (GwLowered) lowered = gw_lower (document, options);
  g_autofree char *json = NULL;

  if (!gw_lowered_check (lowered, document, NULL, 0, error))
    return NULL;
  json = gw_document_to_json (document);
  return gw_graph_to_proto_noted (lowered->graph, GW_GRAPH_DOCUMENT_ATTR, json, error);
}
