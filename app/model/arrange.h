/* SPDX-License-Identifier: Apache-2.0 */
/* Automatic layout: boxes into columns along their wires. What is laid out is plain
 * data, made from a canvas or a document, so that it can be worked on in a thread:
 * small graphs by Graphviz, in a process that a cancel kills, all others (and all when
 * Graphviz is not there) by a layered pass of our own. */
#pragma once

#include <gio/gio.h>

#include "engine/engine.h"

#include <stdatomic.h>

G_BEGIN_DECLS

/* In canvas px. */
typedef struct {
  int64_t id;
  double  x, y, width, height;  /* upper left corner */
} GwArrangeBox;

/* A wire between two boxes, by their places in the list; where it leaves and ends, from
 * the boxes' upper edges. */
typedef struct {
  int    from, to;
  int    from_port, to_port;
  double from_y, to_y;
} GwArrangeLink;

typedef struct {
  GArray    *boxes;      /* of GwArrangeBox */
  GArray    *links;      /* of GwArrangeLink */
  GArray    *obstacles;  /* of GwArrangeBox: what stays where it is, and nothing is put onto */
  double     left, top;  /* where the upper left corner of all goes */
  atomic_int progress;   /* of 1000; may be read while a thread works on it */
  GCancellable *cancellable; /* borrowed; NULL = nobody stops it */
} GwArrangement;

/* Empty. */
GwArrangement *gw_arrangement_new (void);
void gw_arrangement_free (GwArrangement *arrangement);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwArrangement, gw_arrangement_free)

/* The layered pass: layers by the longest path, sources just before what they feed, the
 * order in a column by the mean of the neighbours (at first as the boxes stand), gaps 72
 * and 56, everything on multiples of 8, parts that no wire joins side by side. Time
 * grows a little faster than boxes and wires. FALSE when it was cancelled: then the boxes
 * stand where they stood. */
gboolean gw_arrangement_layers (GwArrangement *arrangement);
/* The same by Graphviz's dot. FALSE when it is not installed, failed or was cancelled. */
gboolean gw_arrangement_dot (GwArrangement *arrangement, GCancellable *cancellable, GError **error);

/* Moves boxes that lie on obstacles down until they are clear of these and of each other;
 * the order within a column stays. */
void gw_arrangement_avoid (GwArrangement *arrangement);

/* Whichever fits, then clear of the obstacles, in a worker thread; `arrangement` must stay and be left alone but for
 * `progress` until the callback. Cancelling kills the process. */
void gw_arrangement_run_async (GwArrangement *arrangement, GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer data);
gboolean gw_arrangement_run_finish (GAsyncResult *result, GError **error);

/* Moves the document's nodes and scopes to where the boxes stand: one edit. Boxes of
 * items that are not there any more are passed over. */
GwEdit *gw_arrangement_edit (const GwArrangement *arrangement, const GwDocument *document);

/* Size of a node's box in canvas px. */
typedef void (*GwNodeSize) (int64_t id, double *width, double *height, gpointer data);

/* The layered pass over the nodes `ids` (n == 0: all) at once, locked ones left where
 * they are and nothing put onto them. */
GwEdit *gw_edit_arrange (const GwDocument *document, const int64_t *ids, int n, GwNodeSize size, gpointer data);

G_END_DECLS
