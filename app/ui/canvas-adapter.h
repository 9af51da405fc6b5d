/* SPDX-License-Identifier: Apache-2.0 */
/* The canvas's model over a document: keeps the scene up to date and turns what the
 * canvas asks for into undoable edits.
 *
 * Signals, all for the page around the canvas:
 *   "search-requested" (double x, double y, GwCanvasPort *port, string text)
 *   "menu-requested"   (guint64 id, double x, double y)
 *   "selection-changed"
 *   "command" (string) → gboolean: a single key that the document alone cannot obey;
 *                       TRUE when it was obeyed
 *   "message" (string)  why something was refused */
#pragma once

#include "app/model/doc-model.h"
#include "app/model/run.h"
#include "app/model/values.h"
#include "widgets/canvas/canvas-model.h"

G_BEGIN_DECLS

#define GW_TYPE_CANVAS_ADAPTER (gw_canvas_adapter_get_type ())
G_DECLARE_FINAL_TYPE (GwCanvasAdapter, gw_canvas_adapter, GW, CANVAS_ADAPTER, GObject)

GwCanvasAdapter *gw_canvas_adapter_new (GwDocModel *model, GwRun *run);

/* Ids of the selected items, in no order; owned by the adapter. */
const GArray *gw_canvas_adapter_get_selection (GwCanvasAdapter *adapter);
/* Adds an op at a canvas point, onto `wire` or joined with `port` (either may be
 * none); returns its id, 0 when the op is not known. */
int64_t gw_canvas_adapter_add_op (GwCanvasAdapter *adapter, const char *op, double x, double y, guint64 wire,
                                  const GwCanvasPort *port);
/* Whether an op could be joined with a loose wire's end. */
gboolean gw_canvas_adapter_op_fits (GwCanvasAdapter *adapter, const char *op, const GwCanvasPort *port);
/* Values that were asked for by hand, for the shelves of nodes and the cards under the
 * pointer. */
void gw_canvas_adapter_set_values (GwCanvasAdapter *adapter, GwValues *values);
/* A node's value is new, stale or gone. */
void gw_canvas_adapter_show_value (GwCanvasAdapter *adapter, int64_t node);
/* Watches every node's first output while a run goes; called when one started. */
void gw_canvas_adapter_watch_all (GwCanvasAdapter *adapter);

G_END_DECLS
