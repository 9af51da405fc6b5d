/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/inspector-scope.h"

/* By GwReuse, as TensorFlow's people know them. */
static const char *const reuses[] = { "as around it", "reuse=True", "AUTO_REUSE", NULL };

static const GwDocGroup *
scope_of (GwDocModel *model,
          int64_t     id)
{
  const GwDocGroup *group = gw_document_group (gw_doc_model_get_document (model), id);

  return group != NULL && group->kind == GW_GROUP_SCOPE ? group : NULL;
}

int64_t
gw_inspector_scope (GwDocModel *model,
                    int64_t     id)
{
  return scope_of (model, id) != NULL ? id : 0;
}

void
gw_inspector_scope_fields (GwFieldList *list,
                           GwDocModel  *model,
                           int64_t      scope)
{
  const GwDocGroup *group = scope_of (model, scope);
  GwFormField *field;

  if (group == NULL)
    return;
  field = gw_field_list_add (list, GW_FIELD_STRING, "name", "Name", group->name, "Scope");
  field->default_value = gw_field_list_text (list, group->name);
  field = gw_field_list_add (list, GW_FIELD_STRING, "variables", "Variables under",
                             group->variables != NULL ? group->variables : group->name, NULL);
  field->default_value = gw_field_list_text (list, group->name);
  field->help = "What the names of the variables of layers in it begin with. Another scope's name, and these layers can have the "
                "variables of the layers that are called alike there; from the root after a slash.";
  field = gw_field_list_add (list, GW_FIELD_CHOICE, "reuse", "Reuse", reuses[group->reuse], NULL);
  field->choices = reuses;
  field->default_value = reuses[0];
  field->help = "reuse=True: layers take the variables that are there. AUTO_REUSE: and make those that are not. Both hold for "
                "scopes in it; without either, layers make their own.";
}

char *
gw_inspector_scope_text (GwDocModel *model,
                         int64_t     scope)
{
  g_autoptr (GArray) content = gw_document_content (gw_doc_model_get_document (model), scope, GW_ITEM_NODE);

  return g_strdup_printf (content->len == 1 ? "Scope · %u node" : "Scope · %u nodes", content->len);
}

gboolean
gw_inspector_commit_scope (GwDocModel *model,
                           int64_t     scope,
                           const char *key,
                           const char *text,
                           GError    **error)
{
  GwDocument *document = gw_doc_model_get_document (model);
  const GwDocGroup *group = scope_of (model, scope);
  GwReuse reuse = group != NULL ? group->reuse : GW_REUSE_INHERIT;
  GwEdit *edit;

  if (group == NULL)
    return TRUE;
  for (int i = 0; g_str_equal (key, "reuse") && reuses[i] != NULL; i++)
    if (g_str_equal (text, reuses[i]))
      reuse = (GwReuse) i;
  if (g_str_equal (key, "name"))
    edit = g_str_equal (text, group->name) ? gw_edit_new ("Rename") : gw_edit_rename_group (document, scope, text, error);
  else
    edit = gw_edit_set_variable_scope (document, scope, g_str_equal (key, "variables") ? text : group->variables, reuse, error);
  if (edit == NULL)
    return FALSE;
  if (edit->changes->len > 0)
    gw_doc_model_apply (model, edit, NULL);
  else
    gw_edit_free (edit);
  return TRUE;
}
