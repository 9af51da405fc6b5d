/* SPDX-License-Identifier: Apache-2.0 */
/* The rows that the inspector shows of a node, of its values and of the training,
 * and what committing one of them does. */
#pragma once

#include "app/model/doc-model.h"
#include "app/model/run.h"
#include "app/ui/form-adapter.h"

G_BEGIN_DECLS

void gw_inspector_node_fields (GwFieldList *list, GwDocModel *model, int64_t id, gboolean alone);
void gw_inspector_value_fields (GwFieldList *list, GwDocModel *model, GwRun *run, int64_t id);
void gw_inspector_training_fields (GwFieldList *list, GwDocModel *model);

/* Commits a row of the first or the last kind; FALSE with the reason. */
gboolean gw_inspector_commit_node (GwDocModel *model, int64_t id, const char *key, const char *text, GError **error);
gboolean gw_inspector_commit_training (GwDocModel *model, const char *key, const char *text, GError **error);

G_END_DECLS
