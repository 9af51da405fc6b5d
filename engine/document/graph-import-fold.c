/* SPDX-License-Identifier: Apache-2.0 */
/* Variables of an imported graph. TensorFlow's own code writes one as four to ten nodes:
 * NAME, NAME/Assign, NAME/read and NAME/Initializer/…; here it is one box whose attribute
 * says how it begins. Formulas: TensorFlow's init_ops.py and random_ops.py. */
#include "engine/document/graph-import-private.h"

#include "engine/tensor/text.h"

#include <string.h>

#define MOST_ELEMENTS 4096 /* of an initial value that is written out */

static GwImportNode *
input_node (const GwImportBody *body,
            const GwImportNode *node,
            const char         *port)
{
  const GwDocInput *input = gw_doc_node_input (&node->item->node, port, 0);

  return input != NULL ? g_hash_table_lookup (body->by_id, GSIZE_TO_POINTER ((gsize) input->from)) : NULL;
}

static gboolean
is_op (const GwImportNode *node,
       const char         *op)
{
  return node != NULL && node->op != NULL && g_str_equal (node->op->name, op);
}

static gboolean
is_real (GwDType dtype)
{
  return gw_dtype_is_floating (dtype) || gw_dtype_is_integer (dtype);
}

static GwTensor *
constant_of (const GwImportNode *node)
{
  const GwAttrValue *value = is_op (node, "Const") ? gw_named_attrs_get (node->item->node.attrs, "value") : NULL;

  return value != NULL && value->type == GW_ATTR_TENSOR ? value->tensor : NULL;
}

static gboolean
number_of (const GwImportNode *node,
           double             *number)
{
  const GwTensor *tensor = constant_of (node);

  if (tensor == NULL || tensor->elements != 1 || !is_real (tensor->dtype))
    return FALSE;
  *number = gw_tensor_get_double (tensor, 0);
  return TRUE;
}

static char *
number_text (double number)
{
  const GwAttrValue value = gw_attr_float (number);

  return gw_attr_to_string (&value);
}

static char *
filled_text (double number)
{
  g_autofree char *text = number_text (number);

  if (number == 0 || number == 1)
    return g_strdup (number == 0 ? "zeros" : "ones");
  return g_strdup_printf ("constant(%s)", text);
}

static char *
constant_text (const GwTensor *tensor)
{
  gboolean same = is_real (tensor->dtype);

  if (tensor->elements == 0 || tensor->elements > MOST_ELEMENTS)
    return NULL;
  for (int64_t i = 1; same && i < tensor->elements; i++)
    same = gw_tensor_get_double (tensor, i) == gw_tensor_get_double (tensor, 0);
  return same ? filled_text (gw_tensor_get_double (tensor, 0)) : gw_tensor_to_string (tensor, 0);
}

static GwImportNode *
drawn_by (const GwImportBody *body,
          const GwImportNode *product,
          const char         *op)
{
  GwImportNode *x = input_node (body, product, "x"), *y = input_node (body, product, "y");

  return is_op (x, op) ? y : is_op (y, op) ? x : NULL;
}

/* SUM = (RandomUniform × (MAX − MIN)) + MIN, or (normal × DEVIATION) + MEAN. */
static char *
random_text (const GwImportBody *body,
             const GwImportNode *sum)
{
  static const struct { const char *op, *name; } normals[] = {
    { "TruncatedNormal", "truncated_normal" }, { "RandomStandardNormal", "random_normal" },
  };
  GwImportNode *product = input_node (body, sum, "x"), *range;
  g_autofree char *first = NULL, *second = NULL;
  double offset, scale, end;

  if (!is_op (product, "Mul") || !number_of (input_node (body, sum, "y"), &offset))
    return NULL;
  range = drawn_by (body, product, "RandomUniform");
  if (is_op (range, "Sub") && number_of (input_node (body, range, "x"), &end))
    {
      first = number_text (offset);
      second = number_text (end);
      return g_strdup_printf ("random_uniform(%s, %s)", first, second);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (normals); i++)
    if (number_of (drawn_by (body, product, normals[i].op), &scale))
      {
        first = number_text (offset);
        second = number_text (scale);
        return g_strdup_printf ("%s(%s, %s)", normals[i].name, first, second);
      }
  return NULL;
}

/* What the node computes as an initializer's text, or NULL. */
static char *
initializer_text (const GwImportBody *body,
                  const GwImportNode *node)
{
  double number;

  if (constant_of (node) != NULL)
    return constant_text (constant_of (node));
  if (is_op (node, "Fill") && number_of (input_node (body, node, "value"), &number))
    return filled_text (number);
  return is_op (node, "Add") || is_op (node, "AddV2") ? random_text (body, node) : NULL;
}

/* ---- leaving out ---- */

static void
add_user (GHashTable         *users,
          const GwImportBody *body,
          int64_t             of,
          GwImportNode       *user)
{
  GwImportNode *node = g_hash_table_lookup (body->by_id, GSIZE_TO_POINTER ((gsize) of));
  GPtrArray *list = g_hash_table_lookup (users, node);

  if (list == NULL)
    g_hash_table_insert (users, node, list = g_ptr_array_new ());
  g_ptr_array_add (list, user);
}

/* GwImportNode → GPtrArray of those that take from it or wait for it. */
static GHashTable *
find_users (const GwImportBody *body)
{
  GHashTable *users = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_ptr_array_unref);

  for (guint i = 0; i < body->nodes->len; i++)
    {
      GwImportNode *node = g_ptr_array_index (body->nodes, i);
      const GwDocNode *doc = &node->item->node;

      for (guint k = 0; k < doc->inputs->len; k++)
        add_user (users, body, g_array_index (doc->inputs, GwDocInput, k).from, node);
      for (guint k = 0; k < doc->controls->len; k++)
        add_user (users, body, g_array_index (doc->controls, int64_t, k), node);
    }
  return users;
}

static gboolean
is_unused (GHashTable         *users,
           const GwImportNode *node)
{
  const GPtrArray *list = g_hash_table_lookup (users, node);

  for (guint i = 0; list != NULL && i < list->len; i++)
    if (!((GwImportNode *) g_ptr_array_index (list, i))->folded)
      return FALSE;
  return TRUE;
}

/* The node and what was there for it alone. */
static void
fold_source (const GwImportBody *body,
             GHashTable         *users,
             GwImportNode       *node)
{
  g_autoptr (GPtrArray) stack = g_ptr_array_new ();

  g_ptr_array_add (stack, node);
  while (stack->len > 0)
    {
      GwImportNode *at = g_ptr_array_steal_index (stack, stack->len - 1);
      const GArray *inputs = at->item->node.inputs;

      if (at->folded || !is_unused (users, at))
        continue;
      at->folded = TRUE;
      for (guint i = 0; i < inputs->len; i++)
        g_ptr_array_add (stack, g_hash_table_lookup (body->by_id,
                                                     GSIZE_TO_POINTER ((gsize) g_array_index (inputs, GwDocInput, i).from)));
    }
}

/* Users of a folded node wait for nothing instead; a NoOp that only gathered such is not
 * needed either. */
static void
forget_controls (GHashTable   *users,
                 GwImportNode *folded)
{
  const GPtrArray *list = g_hash_table_lookup (users, folded);

  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      GwImportNode *user = g_ptr_array_index (list, i);
      GArray *controls = user->item->node.controls;
      guint before = controls->len;

      for (guint k = controls->len; k > 0; k--)
        if (g_array_index (controls, int64_t, k - 1) == folded->item->id)
          g_array_remove_index (controls, k - 1);
      if (before > 0 && controls->len == 0 && is_op (user, "NoOp") && is_unused (users, user))
        user->folded = TRUE;
    }
}

/* What takes the Identity takes the variable; what waited for it waits for nothing. */
static void
replace_read (GHashTable         *users,
              GwImportNode       *read,
              const GwImportNode *variable)
{
  const GPtrArray *list = g_hash_table_lookup (users, read);

  read->folded = TRUE;
  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      GwDocNode *user = &((GwImportNode *) g_ptr_array_index (list, i))->item->node;

      for (guint k = 0; k < user->inputs->len; k++)
        if (g_array_index (user->inputs, GwDocInput, k).from == read->item->id)
          g_array_index (user->inputs, GwDocInput, k).from = variable->item->id;
    }
  forget_controls (users, read);
}

static GwImportNode *
part_of (const GwImportBody *body,
         const GwImportNode *variable,
         const char         *part,
         const char         *op,
         const char         *port)
{
  g_autofree char *name = g_strconcat (variable->def->name, part, NULL);
  GwImportNode *node = g_hash_table_lookup (body->names, name);

  return is_op (node, op) && input_node (body, node, port) == variable ? node : NULL;
}

static gboolean
waits_only_to_gather (GHashTable         *users,
                      const GwImportNode *node)
{
  const GPtrArray *list = g_hash_table_lookup (users, node);

  for (guint i = 0; list != NULL && i < list->len; i++)
    if (!is_op (g_ptr_array_index (list, i), "NoOp"))
      return FALSE;
  return TRUE;
}

static void
fold_variable (const GwImportBody *body,
               GHashTable         *users,
               GwImportNode       *variable)
{
  GwImportNode *assign = part_of (body, variable, "/Assign", "Assign", "ref");
  GwImportNode *read = part_of (body, variable, "/read", "Identity", "input");
  GwImportNode *initial = assign != NULL ? input_node (body, assign, "value") : NULL;
  g_autofree char *text = initial != NULL ? initializer_text (body, initial) : NULL;
  GwAttrValue value = gw_attr_string (text);

  /* Who needs the assignment itself keeps it. */
  if (text == NULL || !waits_only_to_gather (users, assign))
    return;
  if (!g_str_equal (text, "zeros"))
    gw_named_attrs_set (variable->item->node.attrs, "_initializer", &value);
  assign->folded = TRUE;
  forget_controls (users, assign);
  fold_source (body, users, initial);
  if (read != NULL)
    replace_read (users, read, variable);
}

void
gw_import_fold_variables (GwImport     *import,
                          GwImportBody *body)
{
  g_autoptr (GHashTable) users = find_users (body);

  for (guint i = 0; i < body->nodes->len; i++)
    {
      GwImportNode *node = g_ptr_array_index (body->nodes, i);

      if (node->def != NULL && is_op (node, "VariableV2"))
        fold_variable (body, users, node);
    }
}
