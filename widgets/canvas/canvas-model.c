/* SPDX-License-Identifier: Apache-2.0 */

/* The interface's signals. */

#include "widgets/canvas/canvas-model.h"

enum
{
  CHANGED,
  MOVED,
  LIVE_CHANGED,
  RESET,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_INTERFACE (GwCanvasModel, gw_canvas_model, G_TYPE_OBJECT)

static void
gw_canvas_model_default_init (GwCanvasModelInterface *iface)
{
  /* (const guint64 *ids, guint64 n_ids) */
  signals[CHANGED] = g_signal_new ("changed", GW_TYPE_CANVAS_MODEL, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 2, G_TYPE_POINTER, G_TYPE_UINT64);
  signals[MOVED] = g_signal_new ("moved", GW_TYPE_CANVAS_MODEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 2, G_TYPE_POINTER, G_TYPE_UINT64);
  signals[LIVE_CHANGED] = g_signal_new ("live-changed", GW_TYPE_CANVAS_MODEL, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_POINTER,
                                        G_TYPE_UINT64);
  signals[RESET] = g_signal_new ("reset", GW_TYPE_CANVAS_MODEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

const GwScene *
gw_canvas_model_get_scene (GwCanvasModel *model)
{
  g_return_val_if_fail (GW_IS_CANVAS_MODEL (model), NULL);
  return GW_CANVAS_MODEL_GET_IFACE (model)->get_scene (model);
}

void
gw_canvas_model_changed (GwCanvasModel *model,
                         const guint64 *ids,
                         gsize          n_ids)
{
  g_return_if_fail (GW_IS_CANVAS_MODEL (model));
  if (n_ids > 0)
    g_signal_emit (model, signals[CHANGED], 0, ids, (guint64) n_ids);
}

void
gw_canvas_model_moved (GwCanvasModel *model,
                       const guint64 *ids,
                       gsize          n_ids)
{
  g_return_if_fail (GW_IS_CANVAS_MODEL (model));
  if (n_ids > 0)
    g_signal_emit (model, signals[MOVED], 0, ids, (guint64) n_ids);
}

void
gw_canvas_model_live_changed (GwCanvasModel *model,
                              const guint64 *ids,
                              gsize          n_ids)
{
  g_return_if_fail (GW_IS_CANVAS_MODEL (model));
  if (n_ids > 0)
    g_signal_emit (model, signals[LIVE_CHANGED], 0, ids, (guint64) n_ids);
}

void
gw_canvas_model_reset (GwCanvasModel *model)
{
  g_return_if_fail (GW_IS_CANVAS_MODEL (model));
  g_signal_emit (model, signals[RESET], 0);
}
