/* SPDX-License-Identifier: Apache-2.0 */
/* What the last evaluation found: loss and metrics, the confusion matrix, how well
 * each class is told, and the surest mistakes as pictures or rows. */
#pragma once

#include <adwaita.h>

#include "app/model/doc-model.h"
#include "app/model/run.h"

G_BEGIN_DECLS

#define GW_TYPE_EVALUATION_VIEW (gw_evaluation_view_get_type ())
G_DECLARE_FINAL_TYPE (GwEvaluationView, gw_evaluation_view, GW, EVALUATION_VIEW, AdwBin)

GtkWidget *gw_evaluation_view_new (GwDocModel *model, GwRun *run);

G_END_DECLS
