/* SPDX-License-Identifier: Apache-2.0 */
/* Items as JSON: shared by the file and the clipboard. */
#pragma once

#include "engine/base/json.h"
#include "engine/document/document.h"

G_BEGIN_DECLS

cJSON *gw_item_to_json (const GwItem *item);
/* INVALID_ARGUMENT names the node and the member that is wrong. */
GwItem *gw_item_from_json (GwItemKind kind, const cJSON *json, GError **error);

/* {"data": …, "training": …} members of the settings. */
void gw_settings_add_to_json (const GwDocSettings *settings, cJSON *root);
gboolean gw_settings_from_json (GwDocSettings *settings, const cJSON *root, GError **error);

G_END_DECLS
