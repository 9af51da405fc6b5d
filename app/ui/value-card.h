/* SPDX-License-Identifier: Apache-2.0 */
/* A card that shows one computed value by its shape: a figure or text, pictures, a table,
 * a histogram for what is too large to read. */
#pragma once

#include <gtk/gtk.h>

#include "app/model/values.h"

G_BEGIN_DECLS

#define GW_TYPE_VALUE_CARD (gw_value_card_get_type ())
G_DECLARE_FINAL_TYPE (GwValueCard, gw_value_card, GW, VALUE_CARD, GtkBox)

/* Signals: "closed"; "pinned" (gboolean): whether it stays when another is shown. */
GtkWidget *gw_value_card_new (void);
/* `title` names the output; `slot` 1 … 9 is the watch slot that it is in, 0 = none. */
void gw_value_card_show (GwValueCard *card, const char *title, const GwValue *value, int slot);
gboolean gw_value_card_get_pinned (GwValueCard *card);
void gw_value_card_set_pinned (GwValueCard *card, gboolean pinned);

/* What a value looks like: number, text, table, pictures or histogram, by its type and
 * shape. */
GtkWidget *gw_value_picture_new (const GwValue *value);

G_END_DECLS
