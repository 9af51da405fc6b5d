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
 *   "message" (string)  why something was refused
 *   "place-leaving", "place-changed"  before and after another canvas is shown */
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
/* ---- places: the canvases of a document ---- */

/* The group, or the node that is a composite, whose canvas is shown; 0 = the main one. */
int64_t gw_canvas_adapter_get_place (GwCanvasAdapter *adapter);
void gw_canvas_adapter_set_place (GwCanvasAdapter *adapter, int64_t place);
/* Into a scope, a composite or the sub-graph that a node calls; FALSE when it is none. */
gboolean gw_canvas_adapter_enter (GwCanvasAdapter *adapter, int64_t id);
/* The sub-graphs that a node calls (GArray of int64_t, the caller's), and into one of them. */
GArray *gw_canvas_adapter_called (GwCanvasAdapter *adapter, int64_t id);
void gw_canvas_adapter_enter_called (GwCanvasAdapter *adapter, int64_t caller, int64_t group);
/* By which the sub-graph that is or was shown was entered. */
int64_t gw_canvas_adapter_get_caller (GwCanvasAdapter *adapter);
/* To the canvas around; returns what was left, 0 = it was the main one. */
int64_t gw_canvas_adapter_leave (GwCanvasAdapter *adapter);
/* To the canvas on which an item stands. */
void gw_canvas_adapter_show_item (GwCanvasAdapter *adapter, int64_t id);
/* What was just made by the edit lives on the canvas that is shown. */
void gw_canvas_adapter_put_here (GwCanvasAdapter *adapter, GwEdit *edit, int64_t id);
/* Puts the selection into a scope, whose id it returns; 0 when that was refused. */
int64_t gw_canvas_adapter_group (GwCanvasAdapter *adapter);
/* Breaks the selected scopes apart; `lifted` (GArray of int64_t) gets what was in them.
 * FALSE when none is selected. */
gboolean gw_canvas_adapter_ungroup (GwCanvasAdapter *adapter, GArray *lifted);

/* Values that were asked for by hand, for the shelves of nodes and the cards under the
 * pointer. */
void gw_canvas_adapter_set_values (GwCanvasAdapter *adapter, GwValues *values);
/* A node's value is new, stale or gone. */
void gw_canvas_adapter_show_value (GwCanvasAdapter *adapter, int64_t node);
/* These nodes (a set of ids; NULL = none) glow and no others, with the wires into them. */
void gw_canvas_adapter_set_running (GwCanvasAdapter *adapter, GHashTable *nodes);
/* Whether the boxes say where they run. */
void gw_canvas_adapter_set_show_devices (GwCanvasAdapter *adapter, gboolean show);
/* Watches every node's first output while a run goes; called when one started. */
void gw_canvas_adapter_watch_all (GwCanvasAdapter *adapter);

G_END_DECLS
