/* SPDX-License-Identifier: Apache-2.0 */
/* Where in the document the canvas is: the document, then group by group what was entered;
 * a click goes back there. Beside it how many nodes stand here. */
#pragma once

#include <gtk/gtk.h>

#include "app/model/doc-model.h"
#include "app/ui/canvas-adapter.h"

G_BEGIN_DECLS

#define GW_TYPE_BREADCRUMBS (gw_breadcrumbs_get_type ())
G_DECLARE_FINAL_TYPE (GwBreadcrumbs, gw_breadcrumbs, GW, BREADCRUMBS, GtkBox)

GtkWidget *gw_breadcrumbs_new (GwDocModel *model, GwCanvasAdapter *adapter);

/* What they say, for tests and assistive technology: "untitled › encoder · 3 nodes". */
char *gw_breadcrumbs_get_text (GwBreadcrumbs *breadcrumbs);

G_END_DECLS
