/* SPDX-License-Identifier: Apache-2.0 */
/* The example of an op as a document that can be opened, changed and run. */
#pragma once

#include "engine/document/document.h"

G_BEGIN_DECLS

/* A Const for each input of the first example of `def`, wired to a node of that op, which
 * bears the op's name. NULL with UNIMPLEMENTED where there is none, or where an input is no
 * tensor but a variable, a list or a table. */
GwDocument *gw_document_from_example (const GwOpDef *def, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
