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

/* A category of the palette, in the kit's order and words. */
typedef struct {
  const char        *name;   /* "arrays" */
  const char        *title;  /* "Arrays and shapes" */
  const char *const *groups; /* sub-headings, in order; ends with NULL */
} GwCategory;

const GwCategory *gw_category_list (int *n);
/* By GwOpDef.category, “arrays/Joining” or “arrays”; NULL when there is none of that name. */
const GwCategory *gw_op_category (const GwOpDef *def);
/* "Joining", one of its category's groups; NULL when it names none. */
const char *gw_op_group (const GwOpDef *def);
gboolean gw_op_is_in (const GwOpDef *def, const char *category);
/* All ops as a person looks for them: by category and group, composites first, then by
 * name. */
const GwOpDef *const *gw_registry_list_by_category (int *n);
/* Names near to a misspelt one, at most `max`; free with g_strfreev(). */
char **gw_registry_suggest (const char *name, int max);

G_END_DECLS
