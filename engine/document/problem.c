/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/base/error.h"
#include "engine/document/lower-private.h"

void
gw_fix_free (gpointer data)
{
  GwFix *fix = data;

  g_free (fix->label);
  g_free (fix->name);
  g_free (fix->text);
  g_free (fix);
}

void
gw_problem_free (gpointer data)
{
  GwProblem *problem = data;

  g_free (problem->node_name);
  g_free (problem->port);
  g_free (problem->inner);
  g_free (problem->message);
  g_ptr_array_unref (problem->fixes);
  g_free (problem);
}

GwProblem *
gw_lowering_problem (GwLowering *lowering,
                     int64_t     id,
                     const char *port,
                     GError     *error)
{
  const GwDocNode *node = gw_document_node (lowering->document, id);
  const char *inner = gw_error_get_node (error);
  GwProblem *problem = g_new0 (GwProblem, 1);

  problem->severity = GW_PROBLEM_ERROR;
  problem->node = id;
  problem->node_name = g_strdup (node != NULL ? node->name : NULL);
  problem->port = g_strdup (port);
  if (inner != NULL && g_strcmp0 (inner, problem->node_name) != 0)
    problem->inner = g_strdup (inner);
  problem->rule = error->domain == GW_ERROR ? (GwErrorCode) error->code : GW_ERROR_INVALID_ARGUMENT;
  problem->message = g_strdup (error->message);
  problem->fixes = g_ptr_array_new_with_free_func (gw_fix_free);
  g_ptr_array_add (lowering->lowered->problems, problem);
  g_error_free (error);
  return problem;
}

void
gw_problem_add_fix (GwProblem  *problem,
                    GwFixKind   kind,
                    int64_t     node,
                    const char *name,
                    const char *text,
                    int64_t     other,
                    char       *label)
{
  GwFix *fix = g_new0 (GwFix, 1);

  fix->kind = kind;
  fix->label = label;
  fix->node = node;
  fix->name = g_strdup (name);
  fix->text = g_strdup (text);
  fix->other = other;
  g_ptr_array_add (problem->fixes, fix);
}
