/* SPDX-License-Identifier: Apache-2.0 */
/* What Print nodes wrote while the graph ran: the newest line, and on request those
 * before it. Hidden until there is one. */
#pragma once

#include <gtk/gtk.h>

#include "app/model/run.h"

G_BEGIN_DECLS

#define GW_TYPE_MESSAGES_PANEL (gw_messages_panel_get_type ())
G_DECLARE_FINAL_TYPE (GwMessagesPanel, gw_messages_panel, GW, MESSAGES_PANEL, GtkWidget)

/* Signal "activated" (gint64 node): a line was chosen; go to the node that wrote it. */
GtkWidget *gw_messages_panel_new (GwRun *run);

/* Lines kept now. */
guint gw_messages_panel_length (GwMessagesPanel *panel);

G_END_DECLS
