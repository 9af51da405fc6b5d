/* SPDX-License-Identifier: Apache-2.0 */
/* A window in which a trained model continues a text: prompt, length, temperature, seed; the
 * text appears as it is written. */
#pragma once

#include <adwaita.h>

#include "app/model/doc-model.h"
#include "app/model/run.h"

G_BEGIN_DECLS

#define GW_TYPE_GENERATE_WINDOW (gw_generate_window_get_type ())
G_DECLARE_FINAL_TYPE (GwGenerateWindow, gw_generate_window, GW, GENERATE_WINDOW, AdwWindow)

/* For the model's document as it stands at each press of Generate. */
GtkWidget *gw_generate_window_new (GwDocModel *model, GwRun *run);

G_END_DECLS
