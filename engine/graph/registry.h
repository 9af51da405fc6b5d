/* SPDX-License-Identifier: Apache-2.0 */
/* All ops by name. Filled once by gw_init(), read-only afterwards. */
#pragma once

#include "engine/graph/op-def.h"

G_BEGIN_DECLS

/* `family` ends with NULL and lives forever. */
void gw_registry_add_family (const GwOpDef *const *family);
const GwOpDef *gw_registry_find (const char *name);
/* All of them, sorted by name. */
const GwOpDef *const *gw_registry_list (int *n);

/* The kit's name of a category: "arrays" → "Arrays and shapes"; NULL if unknown. */
const char *gw_category_title (const char *category);
/* In the order of the palette, NULL-terminated. */
const char *const *gw_category_list (void);
/* Names near to a misspelt one, at most `max`; free with g_strfreev(). */
char **gw_registry_suggest (const char *name, int max);

G_END_DECLS
