/* SPDX-License-Identifier: Apache-2.0 */
/* The breakpoints that a document holds, as a trainer wants them. */
#pragma once

#include "engine/engine.h"

G_BEGIN_DECLS

/* Of GwWatch: output 0 of every node with a breakpoint that is not disabled, looked at
 * after every step; the caller's. Reads only the document: any thread. */
GArray *gw_document_breakpoints (const GwDocument *document);

G_END_DECLS
