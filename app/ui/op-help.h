/* SPDX-License-Identifier: Apache-2.0 */
/* The page of an op as it is printed in the documentation, for a label. */
#pragma once

#include "engine/engine.h"

G_BEGIN_DECLS

/* Pango markup; free it. */
char *gw_op_help_markup (const GwOpDef *op);
/* The same of Markdown with headings, `code`, *emphasis* and fenced blocks. */
char *gw_markdown_to_markup (const char *text);

G_END_DECLS
