/* SPDX-License-Identifier: Apache-2.0 */
/* A dot that a wire is led through. It is there for the eye: in the graph its users are
 * wired to what feeds it. */
#include "engine/document/composites.h"
#include "engine/document/lower.h"

static void
reroute_expand (GwExpandContext *context)
{
  context->outputs[0] = context->inputs[0];
}

static const GwOpDef reroute_op = {
  .name = "Reroute", .since = 1, .title = "Reroute dot", .category = "arrays/Shape",
  .summary = "A dot on a wire, to lead it around something.",
  .doc = "Makes no node of the graph: whatever is wired to its output takes its input, a reference to a variable "
         "included. A double-click on a wire sets one; deleting it joins the wire again.",
  .inputs = GW_PORTS ({ "input", "T", "Anything." }),
  .outputs = GW_PORTS ({ "output", "T", "The input itself." }),
  .attrs = GW_ATTRS ({ "T", GW_ATTR_DTYPE, .help = "Follows from what is wired.", .flags = GW_ATTR_HIDDEN }),
  .flags = GW_OP_HIDDEN,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1, 2]"), NULL, GW_TEXTS ("[1, 2]") }),
  .expand = reroute_expand,
};

const GwOpDef *const gw_composites_reroute[] = { &reroute_op, NULL };
