/* SPDX-License-Identifier: Apache-2.0 */
/* What a canvas shows of a document that has groups: the items of one place, scopes as
 * boxes with ports for the wires that cross their border, and stubs for what lies outside
 * of a scope that was entered. */
#pragma once

#include "app/scene/scene-builder.h"

G_BEGIN_DECLS

/* Stubs have the id of their node and these bits: all above the ids of a document that
 * was made by hand. */
#define GW_STUB_IN (G_GUINT64_CONSTANT (1) << 56)   /* something outside that is taken from */
#define GW_STUB_OUT (G_GUINT64_CONSTANT (1) << 57)  /* … that takes something */
#define GW_STUB_MASK (GW_STUB_IN | GW_STUB_OUT)

/* An end of a wire of the document. */
typedef struct {
  int64_t node;
  int     port;  /* number of an input or output */
} GwPlaceEnd;

/* A port of a scope's box. */
typedef struct {
  GwPlaceEnd from;  /* what gives the value; node 0 = nothing is wired yet */
  GArray    *ends;  /* of GwPlaceEnd: the inputs in the scope that it goes to */
} GwScopeInput;

typedef struct {
  GArray *inputs;   /* of GwScopeInput */
  GArray *outputs;  /* of GwPlaceEnd: outputs in the scope that something outside takes, or nothing does */
  GArray *before;   /* of int64_t: nodes outside that nodes inside wait for */
} GwScopePorts;

/* The item that stands for a node on the canvas of `place`: itself, a scope that it is in,
 * or 0 = it is outside. */
int64_t gw_place_box (const GwDocument *document, int64_t place, int64_t node);

/* Ports of a scope seen from outside; or, turned round, what a scope that was entered
 * takes from and gives to the outside. */
GwScopePorts *gw_scope_ports_new (const GwSceneSource *source, int64_t group);
void gw_scope_ports_free (GwScopePorts *ports);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwScopePorts, gw_scope_ports_free)
gboolean gw_scope_ports_same_outputs (const GwScopePorts *a, const GwScopePorts *b);
/* Number of the port for an output in the scope; -1 = none. */
int gw_scope_ports_find_output (const GwScopePorts *ports, int64_t node, int output);

/* The scope's box. */
GwSceneNode *gw_scene_build_scope (const GwSceneSource *source, int64_t group, const GwScopePorts *ports);
/* A stub at (x, y) for a node outside: with the `n` of its outputs, or inputs, that cross
 * the border. */
GwSceneNode *gw_scene_build_stub (const GwSceneSource *source, guint64 id, int n, const int *ports, double x, double y);

/* The whole canvas of the main graph: frames, nodes, scopes as boxes, and the wires with
 * ids from `first_wire`. */
void gw_scene_fill_main (GwScene *scene, const GwSceneSource *source, guint64 first_wire);

G_END_DECLS
