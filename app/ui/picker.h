/* SPDX-License-Identifier: Apache-2.0 */
/* A popover to type into and choose from: the nodes of the document, all commands. Up, Down
 * and Enter work from the entry. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GW_TYPE_PICKER (gw_picker_get_type ())
G_DECLARE_FINAL_TYPE (GwPicker, gw_picker, GW, PICKER, GtkPopover)

/* Signals: "fill" (string): add the rows for what was typed; "chosen" (guint64 key). */
GtkWidget *gw_picker_new (const char *placeholder);
/* `detail` stands at the end, dim; may be NULL. FALSE when the list is full. */
gboolean gw_picker_add (GwPicker *picker, const char *text, const char *detail, guint64 key);
/* Opens at the top of its parent, empty. */
void gw_picker_open (GwPicker *picker);

G_END_DECLS
