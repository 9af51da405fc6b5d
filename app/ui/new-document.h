/* SPDX-License-Identifier: Apache-2.0 */
/* The New window: an empty document, or an untitled copy of a template. Enter takes the
 * empty one. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define GW_TYPE_NEW_DOCUMENT (gw_new_document_get_type ())
G_DECLARE_FINAL_TYPE (GwNewDocument, gw_new_document, GW, NEW_DOCUMENT, AdwWindow)

/* Signal "chosen" (GFile *template, or NULL for the empty document); the window closes
 * itself afterwards. */
GtkWidget *gw_new_document_new (void);

G_END_DECLS
