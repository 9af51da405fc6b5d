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

/* document.c */
const GwGroupIndex *gw_document_group_index (const GwDocument *document);
/* Where `id` stands in a sorted list of ids, or would. */
guint gw_id_position (const GArray *ids, int64_t id);
