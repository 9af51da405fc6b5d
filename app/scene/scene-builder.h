/* SPDX-License-Identifier: Apache-2.0 */
/* Document → scene: what a node of the document looks like on the canvas. */
#pragma once

#include "engine/engine.h"
#include "widgets/paint/canvas/scene.h"

G_BEGIN_DECLS

typedef struct {
  const GwDocument *document;
  const GwLive     *live;
  double            batch;     /* what an unknown size counts as */
  GHashTable       *needed;    /* set of int64_t that the run needs, or NULL */
  gboolean          devices;   /* nodes say where they run */
  int64_t           blamed;    /* node or scope where the box that it is in goes wrong, 0 = none … */
  const char       *blame;     /* … and why */
} GwSceneSource;

/* The node's picture without its live values. */
GwSceneNode *gw_scene_build_node (const GwSceneSource *source, int64_t id);
GwSceneFrame *gw_scene_build_frame (const GwDocument *document, int64_t id);
gboolean gw_scene_has_wire (const GwSceneSource *source, int64_t to, int input);
/* The wire into input number `input` of node `to`; NULL when there is none there. */
GwSceneWire *gw_scene_build_wire (const GwSceneSource *source, guint64 wire, int64_t to, int input);
GwSceneWire *gw_scene_build_control (guint64 wire, int64_t from, int64_t to);

/* Ports of a node as the scene counts them: list ports are spread out. */
int gw_scene_n_inputs (const GwDocument *document, const GwDocNode *node);
/* Port name and place in it of input number `input`; FALSE beyond. */
gboolean gw_scene_input_port (const GwDocument *document, const GwDocNode *node, int input, const char **port, int *index);
/* The number of an input, -1 when it has no such port. */
int gw_scene_find_input (const GwDocument *document, const GwDocNode *node, const char *port, int index);

/* Type of an output or input as far as it is known; INVALID = not known. */
GwDType gw_scene_output_dtype (const GwSceneSource *source, int64_t id, int output);
GwDType gw_scene_input_dtype (const GwSceneSource *source, int64_t id, int input);

/* Everything that the pictures of a node and its wires show, as one string that
 * differs when they do. */
char *gw_scene_node_signature (const GwSceneNode *node);
char *gw_scene_wire_signature (const GwSceneWire *wire);

G_END_DECLS
