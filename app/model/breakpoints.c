/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/breakpoints.h"

GArray *
gw_document_breakpoints (const GwDocument *document)
{
  GArray *watches = g_array_new (FALSE, TRUE, sizeof (GwWatch));
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  for (int i = 0; i < n; i++)
    {
      const GwDocNode *node = gw_document_node (document, ids[i]);
      const GwAttrValue *when = gw_named_attrs_get (node->attrs, "_break");
      GwWatch watch = { .node = ids[i], .kind = node->flags & GW_DOC_WATCHED ? GW_WATCH_HISTOGRAM : GW_WATCH_STATS };

      if ((node->flags & (GW_DOC_BREAK | GW_DOC_BREAK_OFF)) == GW_DOC_BREAK &&
          gw_stop_condition_parse (when != NULL && when->type == GW_ATTR_STRING ? when->s : NULL, &watch.stop, NULL))
        g_array_append_val (watches, watch);
    }
  return watches;
}
