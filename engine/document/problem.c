/* SPDX-License-Identifier: Apache-2.0 */
/* Problems, the words that explain them, and the fixes that they offer. */
#include "engine/base/error.h"
#include "engine/document/lower-private.h"
#include "engine/graph/registry.h"

void
gw_fix_free (gpointer data)
{
  GwFix *fix = data;

  g_free (fix->label);
  g_free (fix->name);
  g_free (fix->text);
  g_free (fix->attr);
  g_free (fix->value);
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
  g_free (problem->conflict);
  g_ptr_array_unref (problem->fixes);
  g_free (problem);
}

/* What is wrong in a composite of the user's own is a problem of the box, and names the node
 * inside. */
static void
blame_box (GwLowering *lowering,
           GwProblem  *problem)
{
  const GwDocNode *box = gw_document_node (lowering->document, lowering->expanding->root);
  g_autofree char *message = g_strdup_printf ("%s%s%s: %s", problem->node_name, problem->port != NULL ? ", " : "",
                                              problem->port != NULL ? problem->port : "", problem->message);

  if (problem->inner == NULL)
    problem->inner = g_strdup (problem->node_name);
  problem->node = lowering->expanding->root;
  g_free (problem->node_name);
  problem->node_name = g_strdup (box != NULL ? box->name : NULL);
  g_free (problem->message);
  problem->message = g_steal_pointer (&message);
  g_clear_pointer (&problem->port, g_free);
}

GwProblem *
gw_lowering_problem (GwLowering *lowering,
                     int64_t     id,
                     const char *port,
                     GError     *error)
{
  const GwDocNode *node = gw_lowering_doc_node (lowering, id);
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
  if (lowering->expanding != NULL)
    blame_box (lowering, problem);
  g_ptr_array_add (lowering->lowered->problems, problem);
  g_error_free (error);
  return problem;
}

GwFix *
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
  return fix;
}

/* ---- better words ---- */

static gboolean
is_set (const GwDocNode *node,
        const char      *attr)
{
  GwAttrValue value;
  gboolean set;

  if (!gw_doc_node_attr (node, attr, &value))
    return FALSE;
  set = value.type == GW_ATTR_BOOL && value.b;
  gw_attr_value_clear (&value);
  return set;
}

static void
explain_product (GwProblem       *problem,
                 const GwDocNode *node,
                 const GwOutput  *inputs)
{
  GwShape a = *gw_output_shape (inputs[0]);
  GwShape b = *gw_output_shape (inputs[1]);
  int axis_a = is_set (node, "transpose_a") ? 0 : 1;
  int axis_b = is_set (node, "transpose_b") ? 1 : 0;
  g_autofree char *a_text = NULL;
  g_autofree char *b_text = NULL;

  if (a.rank != 2 || b.rank != 2 || a.dims[axis_a] < 0 || b.dims[axis_b] < 0 || a.dims[axis_a] == b.dims[axis_b])
    return;
  a_text = gw_shape_to_label (&a);
  b_text = gw_shape_to_label (&b);
  g_free (problem->message);
  problem->message = g_strdup_printf ("a is %s and b is %s: the inner sizes %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT
                                      " differ", a_text, b_text, a.dims[axis_a], b.dims[axis_b]);
  g_free (problem->conflict);
  problem->conflict = g_strdup_printf ("%" G_GINT64_FORMAT " ≠ %" G_GINT64_FORMAT, a.dims[axis_a], b.dims[axis_b]);
  if (problem->port == NULL)
    problem->port = g_strdup ("b");
}

/* A Cast before the input: of the one that is no floating-point number to the type of
 * the other, or of the later one to the type of the earlier. */
static void
offer_cast (GwProblem      *problem,
            const GwOpDef  *def,
            const GwOutput *inputs,
            int             n_inputs)
{
  for (int i = 1; i < n_inputs && i < gw_ports_length (def->inputs); i++)
    for (int j = 0; j < i; j++)
      {
        GwDType later = gw_output_dtype (inputs[i]), earlier = gw_output_dtype (inputs[j]);
        gboolean cast_earlier = gw_dtype_is_floating (later) && !gw_dtype_is_floating (earlier);
        const GwPortDef *port = &def->inputs[cast_earlier ? j : i];
        const char *want = gw_dtype_name (cast_earlier ? later : earlier);
        GwFix *fix;

        if (!g_str_equal (def->inputs[i].type, def->inputs[j].type) || port->is_ref || later == earlier ||
            later == GW_STRING || earlier == GW_STRING)
          continue;
        if (problem->port == NULL)
          problem->port = g_strdup (port->name);
        problem->conflict = g_strdup_printf ("%s ≠ %s", gw_dtype_name (cast_earlier ? earlier : later), want);
        fix = gw_problem_add_fix (problem, GW_FIX_INSERT, problem->node, port->name, "Cast", 0,
                                  g_strdup_printf ("Cast %s to %s", port->name, want));
        fix->attr = g_strdup ("DstT");
        fix->value = g_strdup (want);
        return;
      }
}

void
gw_problem_explain (GwLowering     *lowering,
                    GwProblem      *problem,
                    const GwOpDef  *def,
                    const GwOutput *inputs,
                    int             n_inputs)
{
  const GwDocNode *node = gw_lowering_doc_node (lowering, problem->node);

  gboolean lists = FALSE, gaps = FALSE;

  for (int i = 0; i < n_inputs; i++)
    gaps = gaps || inputs[i].node == NULL;
  for (const GwPortDef *port = def->inputs; port != NULL && port->name != NULL; port++)
    lists = lists || port->number_attr != NULL;
  if (!lists && !gaps) /* inputs and ports go side by side */
    {
      offer_cast (problem, def, inputs, n_inputs);
      if (g_str_equal (def->name, "MatMul") && n_inputs == 2)
        explain_product (problem, node, inputs);
    }
  gw_problem_offer_repairs (lowering, problem, def, inputs, n_inputs);
}

/* ---- fixes as edits ---- */

static GwEdit *
edit_input (GwDocument  *document,
            const GwFix *fix)
{
  GwEdit *edit = gw_edit_new (fix->label);
  GwItem *item = gw_edit_take (edit, document, fix->node);

  gw_doc_node_set_input (&item->node, fix->name, fix->index, fix->kind == GW_FIX_CONNECT ? fix->other : 0, 0,
                         fix->kind == GW_FIX_SET_INPUT ? fix->text : NULL);
  gw_edit_put (edit, document, item);
  return edit;
}

static gboolean
set_inserted_attr (const GwFix   *fix,
                   const GwOpDef *op,
                   GwItem        *item,
                   GError       **error)
{
  int index = fix->attr != NULL ? gw_attr_defs_find (op->attrs, fix->attr) : -1;
  GwAttrValue value;

  if (index < 0 && fix->attr != NULL && gw_lowering_find_port (op, fix->attr) != NULL)
    gw_doc_node_set_input (&item->node, fix->attr, 0, 0, 0, fix->value);
  if (index < 0)
    return TRUE;
  if (!gw_attr_parse (&op->attrs[index], fix->value, &value, error))
    return FALSE;
  gw_named_attrs_set (item->node.attrs, fix->attr, &value);
  gw_attr_value_clear (&value);
  return TRUE;
}

/* A node between the input and what is wired to it, a little to the left. */
static GwEdit *
edit_insert (GwDocument  *document,
             const GwFix *fix,
             GError     **error)
{
  const GwOpDef *op = gw_registry_find (fix->text);
  const GwDocNode *node = gw_document_node (document, fix->node);
  const GwDocInput *old = gw_doc_node_input (node, fix->name, fix->index);
  g_autoptr (GwEdit) edit = NULL;
  g_autoptr (GwItem) inserted = NULL;
  GwItem *user;
  int64_t id;

  if (op == NULL || old == NULL || old->from == 0)
    {
      gw_invalid (error, "nothing is wired to %s of %s any more", fix->name, node->name);
      return NULL;
    }
  edit = gw_edit_add_node (document, op, node->x - 152, node->y + 72, &id);
  inserted = gw_edit_take (edit, document, id);
  gw_doc_node_set_input (&inserted->node, op->inputs[0].name, 0, old->from, old->output, NULL);
  if (!set_inserted_attr (fix, op, inserted, error))
    return NULL;
  gw_edit_put (edit, document, g_steal_pointer (&inserted));
  user = gw_edit_take (edit, document, fix->node);
  gw_doc_node_set_input (&user->node, fix->name, fix->index, id, 0, NULL);
  gw_edit_put (edit, document, user);
  return g_steal_pointer (&edit);
}

GwEdit *
gw_fix_edit (const GwFix *fix,
             GwDocument  *document,
             GError     **error)
{
  GwEdit *edit = NULL;

  if (gw_document_node (document, fix->node) == NULL)
    gw_invalid (error, "the node is not there any more");
  else if (fix->kind == GW_FIX_SET_ATTR)
    edit = gw_edit_set_attr (document, fix->node, fix->name, fix->text, error);
  else if (fix->kind == GW_FIX_INSERT)
    edit = edit_insert (document, fix, error);
  else if (fix->kind == GW_FIX_DELETE)
    edit = gw_edit_delete (document, &fix->node, 1, FALSE);
  else
    edit = edit_input (document, fix);
  if (edit == NULL)
    return NULL;
  g_free (edit->label);
  edit->label = g_strdup (fix->label);
  return edit;
}
