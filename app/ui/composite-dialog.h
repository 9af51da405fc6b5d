/* SPDX-License-Identifier: Apache-2.0 */
/* “Make composite”: name, ports and parameters of what a selection is to become. */
#pragma once

#include <adwaita.h>

#include "app/model/doc-model.h"

G_BEGIN_DECLS

#define GW_TYPE_COMPOSITE_DIALOG (gw_composite_dialog_get_type ())
G_DECLARE_FINAL_TYPE (GwCompositeDialog, gw_composite_dialog, GW, COMPOSITE_DIALOG, AdwWindow)

/* Takes the draft. “Make” makes it, in the document and in the palette, and emits
 * "made" with the id of the node that uses it (gint64). */
GtkWidget *gw_composite_dialog_new (GwDocModel *model, GwCompositeDraft *draft, GtkWindow *parent);

G_END_DECLS
