/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "engine/document/document.h"

/* gw_document_unique_name(), where the names in `others` (a set, or NULL) are taken as
 * well. */
char *gw_document_unique_name_among (const GwDocument *document, GHashTable *others, const char *name);
