/* SPDX-License-Identifier: Apache-2.0 */
/* The rows that the inspector shows of a scope: its name, and how layers in it share their
 * variables. */
#pragma once

#include "app/model/doc-model.h"
#include "app/ui/form-adapter.h"

G_BEGIN_DECLS

/* `id` if it is a scope's, else 0. */
int64_t gw_inspector_scope (GwDocModel *model, int64_t id);
/* Nothing where there is no such scope. */
void gw_inspector_scope_fields (GwFieldList *list, GwDocModel *model, int64_t scope);
/* "Scope · 3 nodes"; free it. */
char *gw_inspector_scope_text (GwDocModel *model, int64_t scope);
/* Commits one of the rows; FALSE with the reason. */
gboolean gw_inspector_commit_scope (GwDocModel *model, int64_t scope, const char *key, const char *text, GError **error);

G_END_DECLS
