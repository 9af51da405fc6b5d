/* SPDX-License-Identifier: Apache-2.0 */
/* The columns that a document's pipeline gives. */
#pragma once

#include "engine/engine.h"

G_BEGIN_DECLS

/* Name, type and shape of a row of each column that comes out, as gw_pipeline_describe()
 * has them; NULL without data or with the error. Reads the head of a file at most; the
 * last answer for a source is kept. Main thread. */
GArray *gw_document_columns (const GwDocument *document, GError **error);

G_END_DECLS
