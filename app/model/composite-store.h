/* SPDX-License-Identifier: Apache-2.0 */
/* The user's own palette: one document for each composite, NAME.gw in
 * XDG_DATA_HOME/graphwright/composites. Each holds a definition, with a version that grows
 * when it is kept again. */
#pragma once

#include "engine/engine.h"

G_BEGIN_DECLS

/* Made when it is missing. */
char *gw_composite_store_folder (void);
/* Names in alphabetical order. */
char **gw_composite_store_list (void);
/* NULL with the reason when there is none of that name, or its file is none. */
GwDocument *gw_composite_store_load (const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Its version in the palette, 0 = it is not there. */
int gw_composite_store_version (const char *name);
/* Whether the palette has the definition exactly as the document has it, but for ids. */
gboolean gw_composite_store_is_kept (const GwDocument *document, int64_t group);
/* Keeps the document's definition. Where the palette has it differently, its version becomes
 * one more than both: *edit gets what tells the document so, else NULL. */
gboolean gw_composite_store_keep (GwDocument *document, int64_t group, GwEdit **edit, GError **error);
/* Returns the file that it was, for gw_composite_store_restore(); NULL on failure. */
GBytes *gw_composite_store_remove (const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean gw_composite_store_restore (const char *name, GBytes *file, GError **error);
/* Brings it into the document, in place of the one of that name there: one step. */
GwEdit *gw_composite_store_take (GwDocument *document, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
