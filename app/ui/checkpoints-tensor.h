/* SPDX-License-Identifier: Apache-2.0 */
/* The variable looked at: heat map, histogram and numbers of A, of B or of A − B.
 * Signals: "save" (the value on view as a file), "load" (boolean: this variable
 * alone, else all). */
#pragma once

#include <gtk/gtk.h>

#include "app/model/checkpoint-store.h"

G_BEGIN_DECLS

#define GW_TYPE_CHECKPOINTS_TENSOR (gw_checkpoints_tensor_get_type ())
G_DECLARE_FINAL_TYPE (GwCheckpointsTensor, gw_checkpoints_tensor, GW, CHECKPOINTS_TENSOR, GtkWidget)

GtkWidget *gw_checkpoints_tensor_new (GwCheckpointStore *store);
GwValueView gw_checkpoints_tensor_get_view (GwCheckpointsTensor *tensor);
/* The button that loads, for what points to it. */
GtkWidget *gw_checkpoints_tensor_get_load_button (GwCheckpointsTensor *tensor);

G_END_DECLS
