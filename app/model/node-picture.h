/* SPDX-License-Identifier: Apache-2.0 */
/* What a node does, as a small picture for the inspector: how its initializer draws, the
 * curve of its activation, the learning rate of a schedule over the steps. The numbers come
 * from the engine itself: a small graph is made of the node and run. */
#pragma once

#include "engine/engine.h"

G_BEGIN_DECLS

/* What is to be computed; plain data, for any thread. */
typedef struct {
  char       *title;     /* "kernel, as drawn", "relu", "Learning rate over steps" */
  GwDocument *document;  /* the small graph */
  char       *fetch;     /* its node, or its variable */
  char       *feed;      /* placeholder or global variable that x goes to; NULL: a histogram */
  double      from, to;  /* of x */
  char       *key;       /* equal for equal pictures */
} GwNodeSketch;

typedef struct {
  GwTensor *x;   /* float64 vector; NULL: a histogram of y */
  GwTensor *y;
} GwNodePicture;

/* NULL when the node has nothing to show. `live` gives the shapes of its variables. */
GwNodeSketch *gw_node_sketch_new (const GwDocument *document, GwLive *live, int64_t node);
void gw_node_sketch_free (GwNodeSketch *sketch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwNodeSketch, gw_node_sketch_free)

/* Computes it: some milliseconds; any thread. */
GwNodePicture *gw_node_sketch_draw (const GwNodeSketch *sketch, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void gw_node_picture_free (GwNodePicture *picture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwNodePicture, gw_node_picture_free)

G_END_DECLS
