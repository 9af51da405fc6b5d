/* SPDX-License-Identifier: Apache-2.0 */

/* What the canvas shows and whom it asks.  The program implements this
 * interface over its document: it owns a GwScene, keeps it up to date and
 * tells what it touched; every edit by hand comes back as a request, which
 * the program makes into an undoable command (or refuses).  The canvas
 * itself never changes the scene.
 *
 * After an edit of the scene the program emits a signal before it returns
 * to the main loop: the canvas holds pointers to the items until then.
 * Ids are those of the scene.  Every function is optional but get_scene: a
 * missing one means "refused" or "not interested".  Main thread only.
 */

#pragma once

#include <gtk/gtk.h>

#include "widgets/paint/canvas/scene.h"

G_BEGIN_DECLS

#define GW_TYPE_CANVAS_MODEL (gw_canvas_model_get_type ())
G_DECLARE_INTERFACE (GwCanvasModel, gw_canvas_model, GW, CANVAS_MODEL, GObject)

/* One end of a wire: a port, or the control port (GW_SCENE_CONTROL_PORT).
 * node 0 is no port. */
typedef struct
{
  guint64  node;
  int      port;
  gboolean is_output;
} GwCanvasPort;

struct _GwCanvasModelInterface
{
  GTypeInterface parent_iface;

  /* The scene, owned by the model, the same one for the model's life. */
  const GwScene *(*get_scene)      (GwCanvasModel      *model);

  /* Moves nodes, frames and notes by (dx, dy) from where they are now.  A
   * drag sends many calls; all up to the one with final make one undo step
   * (a drag with the pointer is between begin_edit and end_edit as well, or
   * cancel_edit when it is given up). */
  void     (*move)                 (GwCanvasModel      *model,
                                    const guint64      *ids,
                                    gsize               n_ids,
                                    double              dx,
                                    double              dy,
                                    gboolean            final);

  /* NULL when the output may be wired to the input, else the rule that it
   * breaks, in words (transfer full).  Asked for every port in sight when a
   * drag starts: it must be fast. */
  char    *(*can_connect)          (GwCanvasModel      *model,
                                    guint64             from,
                                    int                 output,
                                    guint64             to,
                                    int                 input);
  /* Wires them; a wire that the input already has is replaced. */
  void     (*connect)              (GwCanvasModel      *model,
                                    guint64             from,
                                    int                 output,
                                    guint64             to,
                                    int                 input);
  void     (*disconnect)           (GwCanvasModel      *model,
                                    guint64             wire);
  /* Removes nodes, wires and frames; with reconnect the neighbours of a
   * removed node are wired to each other where the types fit. */
  void     (*remove)               (GwCanvasModel      *model,
                                    const guint64      *ids,
                                    gsize               n_ids,
                                    gboolean            reconnect);
  /* NULL when done, else why the name is refused (transfer full). */
  char    *(*rename)               (GwCanvasModel      *model,
                                    guint64             id,
                                    const char         *name);
  /* Sets the value of an input without a wire; NULL or the reason. */
  char    *(*set_literal)          (GwCanvasModel      *model,
                                    guint64             node,
                                    int                 input,
                                    const char         *text);
  /* A node was dropped on a wire. */
  void     (*insert_on_wire)       (GwCanvasModel      *model,
                                    guint64             node,
                                    guint64             wire);
  /* A dot is wanted on a wire at a canvas point. */
  void     (*add_reroute)          (GwCanvasModel      *model,
                                    guint64             wire,
                                    double              x,
                                    double              y);
  /* An op of the palette was dropped at a canvas point; wire is the one under
   * it, or 0. */
  void     (*drop_op)              (GwCanvasModel      *model,
                                    const char         *op,
                                    double              x,
                                    double              y,
                                    guint64             wire);
  /* A device was dropped on nodes or frames; "" is the program's choice.  NULL
   * when it was set, else why not (transfer full). */
  char    *(*paint_device)         (GwCanvasModel      *model,
                                    const guint64      *ids,
                                    gsize               n_ids,
                                    const char         *device);
  /* The n-th fix of a node's problem was clicked. */
  void     (*apply_fix)            (GwCanvasModel      *model,
                                    guint64             node,
                                    guint               fix);

  /* Everything asked for between the two makes one undo step called label. */
  void     (*begin_edit)           (GwCanvasModel      *model,
                                    const char         *label);
  void     (*end_edit)             (GwCanvasModel      *model);
  /* In place of end_edit: takes back all that was asked for since begin_edit;
   * no step is left. */
  void     (*cancel_edit)          (GwCanvasModel      *model);

  /* Enter, or a double-click: go into a composite or a scope, open a value. */
  void     (*activate)             (GwCanvasModel      *model,
                                    guint64             id);
  /* Escape with nothing selected: go out of what is shown. */
  void     (*leave)                (GwCanvasModel      *model);
  /* The search for an op to add at a canvas point.  Port is the end of a
   * loose wire (node 0: none); text is what was typed already, or "". */
  void     (*request_search)       (GwCanvasModel      *model,
                                    double              x,
                                    double              y,
                                    const GwCanvasPort *port,
                                    const char         *text);
  /* id 0 is the ground; (x, y) in the canvas widget. */
  void     (*context_menu)         (GwCanvasModel      *model,
                                    guint64             id,
                                    double              x,
                                    double              y);
  /* A command for the selection: "mute", "lock", "watch", "breakpoint",
   * "fold", "expand", "hide-ports", "slot-3", "set-slot-3" (both also with
   * nothing selected); before a drag moves the selection "duplicate" (copies
   * it in place and selects the copies) and "take-out" (unwires it and joins
   * its neighbours).  FALSE when nothing was done. */
  gboolean (*command)              (GwCanvasModel      *model,
                                    const char         *name);
  /* Markup to append under the card of what the pointer is over: a node or a
   * wire, and the port of the node (port->node 0: none).  NULL for nothing. */
  char    *(*tooltip)              (GwCanvasModel      *model,
                                    guint64             id,
                                    const GwCanvasPort *port);
  void     (*selection_changed)    (GwCanvasModel      *model,
                                    const guint64      *ids,
                                    gsize               n_ids);
};

const GwScene *gw_canvas_model_get_scene (GwCanvasModel *model);

/* For implementations: emit "changed" for items that were added, changed or
 * removed; "moved" when nothing but positions did (cheap, for drags and
 * layouts that glide); "live-changed" when only the values of nodes (live)
 * did, which repaints their shelves alone; "reset" when everything is new.  One "changed" names
 * every item that the edit removed, wires of a removed node included. */
void           gw_canvas_model_changed      (GwCanvasModel *model,
                                             const guint64 *ids,
                                             gsize          n_ids);
void           gw_canvas_model_moved        (GwCanvasModel *model,
                                             const guint64 *ids,
                                             gsize          n_ids);
void           gw_canvas_model_live_changed (GwCanvasModel *model,
                                             const guint64 *ids,
                                             gsize          n_ids);
void           gw_canvas_model_reset        (GwCanvasModel *model);

G_END_DECLS
