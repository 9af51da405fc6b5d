/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a composite as a picture: the ops that it was lowered to. For looking at;
 * all nodes stand at (0, 0) and are to be laid out. */
#pragma once

#include "engine/engine.h"
#include "widgets/paint/canvas/scene.h"

G_BEGIN_DECLS

/* Ids of the nodes are this plus their place in the graph: none of a document is as
 * large. Those of the wires are below. */
#define GW_INSIDE_NODE (G_GUINT64_CONSTANT (3) << 56)
#define GW_INSIDE_WIRE (G_GUINT64_CONSTANT (5) << 56)

/* Adds nodes and wires; `prefix` is taken from the names ("hidden1/"). `lowered`: what
 * gw_live_inside() gave. */
void gw_scene_fill_inside (GwScene *scene, const GwLowered *lowered, const char *prefix);

G_END_DECLS
