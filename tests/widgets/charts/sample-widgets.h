/* SPDX-License-Identifier: Apache-2.0 */
/* Widgets filled with the sample data, for the tests and the demo. */
#pragma once

#include "widgets/charts/chart-view.h"
#include "widgets/forms/form.h"
#include "widgets/forms/op-list.h"

G_BEGIN_DECLS

/* A model of a dozen ops in three categories. */
GListModel *sample_ops (void);

/* The inspector's rows of a Dense layer. */
void sample_form (GwForm *form);

/* Two runs of 6,000 points. */
GtkWidget *sample_chart_view (void);

G_END_DECLS
