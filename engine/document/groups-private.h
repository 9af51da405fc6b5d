/* SPDX-License-Identifier: Apache-2.0 */
/* Who lives where: kept by the document as items come and go. */
#pragma once

#include "engine/document/document.h"

typedef struct _GwGroupIndex GwGroupIndex;

GwGroupIndex *gw_group_index_new (void);
GwGroupIndex *gw_group_index_copy (const GwGroupIndex *index);
void gw_group_index_free (GwGroupIndex *index);
/* An item has come into the document, or goes; the items belong to the document. */
void gw_group_index_add (GwGroupIndex *index, const GwItem *item);
void gw_group_index_remove (GwGroupIndex *index, const GwItem *item);
/* Of a document that was read: that owners are there and of no circle, that names are
 * unique and no wire crosses the border of a sub-graph. */
gboolean gw_document_check_groups (const GwDocument *document, GError **error);
/* Adds the items and all that lives in them to `set` (of ids). */
void gw_document_collect (const GwDocument *document, const int64_t *ids, int n, GHashTable *set);
/* Adds the sub-graphs, with what is in them, that nobody but nodes of `set` calls. */
void gw_document_collect_orphans (const GwDocument *document, GHashTable *set);

/* edit.c */
/* Literals that name a variable follow its name; `names`: old → new. */
void gw_edit_follow_names (GwEdit *edit, const GwDocument *document, GHashTable *names);

/* document.c */
const GwGroupIndex *gw_document_group_index (const GwDocument *document);
/* Where `id` stands in a sorted list of ids, or would. */
guint gw_id_position (const GArray *ids, int64_t id);
