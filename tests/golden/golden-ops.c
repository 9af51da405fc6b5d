/* SPDX-License-Identifier: Apache-2.0 */
/* Single ops: outputs and gradients, once with every input a constant (which the
 * plan folds) and once with the floating-point inputs fed, their sizes unknown
 * while the graph is built. */
#include "tests/golden/golden.h"

#include <string.h>

typedef struct {
  const GwOpDef *def;
  const cJSON   *golden;
  GPtrArray     *tensors;     /* of GwTensor: the inputs, lists spread out */
  gboolean       fed;         /* floats by placeholders */
  GwBuilder      builder;
  GwOutput      *inputs;
  GArray        *feeds;       /* of GwFeed */
  GwTensor      *dy;
  char          *problem;
} OpCase;

/* ---- reading ---- */

static gboolean
read_input (GPtrArray    *tensors,
            const cJSON  *input,
            GError      **error)
{
  const cJSON *list = cJSON_GetObjectItemCaseSensitive (input, "list");
  const cJSON *item;
  GwTensor *tensor;

  if (list == NULL)
    {
      tensor = gw_tensor_from_json (input, error);
      if (tensor != NULL)
        g_ptr_array_add (tensors, tensor);
      return tensor != NULL;
    }
  cJSON_ArrayForEach (item, list)
    if (!read_input (tensors, item, error))
      return FALSE;
  return TRUE;
}

/* Names of ports in order; a case that names them otherwise is wrong, or we are. */
static char *
check_ports (const GwOpDef *def,
             const cJSON   *inputs)
{
  const GwPortDef *port = def->inputs;
  const cJSON *input;

  cJSON_ArrayForEach (input, inputs)
    {
      const char *name = gw_json_member_string (input, "port", "");

      if (port == NULL || port->name == NULL)
        return g_strdup_printf ("there is no port for %s", name);
      if (strcmp (port->name, name) != 0)
        return g_strdup_printf ("port %s is called %s", name, port->name);
      port++;
    }
  return NULL;
}

/* A type that an op of ours does not have, or GW_DTYPE_INVALID. */
static GwDType
missing_type (const OpCase *op)
{
  const cJSON *inputs = cJSON_GetObjectItemCaseSensitive (op->golden, "inputs");
  const GwPortDef *port = op->def->inputs;
  const cJSON *input;

  cJSON_ArrayForEach (input, inputs)
    {
      GwDType dtype = gw_dtype_from_name (gw_json_member_string (input, "dtype", ""));
      int attr = gw_attr_defs_find (op->def->attrs, port->type);
      const char *const *choices = attr >= 0 ? op->def->attrs[attr].choices : NULL;

      if (dtype != GW_DTYPE_INVALID && choices != NULL && !g_strv_contains (choices, gw_dtype_name (dtype)))
        return dtype;
      port++;
    }
  return GW_DTYPE_INVALID;
}

/* The files name attributes as TensorFlow's Python functions do; the op's own name
 * where it differs. */
static const char *
attr_name (const char *op,
           const char *name)
{
  return strcmp (op, "Squeeze") == 0 && strcmp (name, "axis") == 0 ? "squeeze_dims" : name;
}

/* Attributes of the case as settings, with values of their own. */
static gboolean
read_attrs (const OpCase *op,
            GArray       *settings,
            GError      **error)
{
  const cJSON *item;

  cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive (op->golden, "attrs"))
    {
      const char *name = attr_name (op->def->name, item->string);
      int index = gw_attr_defs_find (op->def->attrs, name);
      GwAttrSetting setting = { name };

      if (index < 0)
        return gw_invalid (error, "there is no attribute %s", item->string);
      if (!gw_attr_from_json (&op->def->attrs[index], item, &setting.value, error))
        return FALSE;
      g_array_append_val (settings, setting);
    }
  return TRUE;
}

/* ---- building and running ---- */

static GwOutput
add_input (OpCase   *op,
           GwTensor *tensor)
{
  GwShape shape = gw_shape_of_rank (tensor->shape.rank);
  GwFeed feed = { .tensor = tensor };

  if (!op->fed || !(gw_dtype_is_floating (tensor->dtype) || gw_dtype_is_complex (tensor->dtype)))
    return gw_const (&op->builder, gw_tensor_ref (tensor));
  feed.output = gw_op (&op->builder, "Placeholder", GW_NO_IN,
                       GW_WITH ({ "dtype", gw_attr_dtype (tensor->dtype) }, { "shape", gw_attr_shape (shape) }));
  g_array_append_val (op->feeds, feed);
  return feed.output;
}

static GwNode *
add_op (OpCase *op)
{
  g_autoptr (GArray) settings = g_array_new (TRUE, TRUE, sizeof (GwAttrSetting));
  GwNode *node = NULL;

  for (guint i = 0; i < op->tensors->len; i++)
    op->inputs[i] = add_input (op, g_ptr_array_index (op->tensors, i));
  if (read_attrs (op, settings, &op->builder.error))
    node = gw_node_new (&op->builder, op->def->name, NULL, (int) op->tensors->len, op->inputs,
                        (const GwAttrSetting *) settings->data);
  for (guint i = 0; i < settings->len; i++)
    gw_attr_value_clear (&g_array_index (settings, GwAttrSetting, i).value);
  return node;
}

static void
compare_all (OpCase          *op,
             int              n,
             GwTensor *const *results,
             const cJSON    **wanted,
             char           **names)
{
  for (int i = 0; i < n; i++)
    golden_compare (names[i], results[i], wanted[i], -1, &op->problem);
}

/* What is fetched, what it must be, and what to call it. */
typedef struct {
  GArray    *outputs;  /* of GwOutput */
  GPtrArray *wanted;   /* of cJSON */
  GPtrArray *names;
} Fetches;

static void
add_fetch (Fetches     *fetches,
           GwOutput     output,
           const cJSON *wanted,
           const char  *kind,
           int          number)
{
  g_array_append_val (fetches->outputs, output);
  g_ptr_array_add (fetches->wanted, (gpointer) wanted);
  g_ptr_array_add (fetches->names, g_strdup_printf ("%s %d", kind, number));
}

static gboolean
add_gradients (OpCase  *op,
               GwNode  *node,
               Fetches *fetches)
{
  const cJSON *grads = cJSON_GetObjectItemCaseSensitive (op->golden, "grads");
  int which = (int) gw_json_member_int (op->golden, "grad_of_output", 0);
  int n = (int) op->tensors->len;
  g_autofree GwOutput *dxs = g_new0 (GwOutput, n);
  GwOutput y, dy_output;

  if (!cJSON_IsArray (grads))
    return TRUE;
  op->dy = gw_tensor_from_json (cJSON_GetObjectItemCaseSensitive (op->golden, "dy"), &op->builder.error);
  if (op->dy == NULL)
    return FALSE;
  y = gw_output_of (node, which);
  dy_output = add_input (op, op->dy);
  if (!gw_gradients (&op->builder, 1, &y, &dy_output, n, op->inputs, dxs))
    return FALSE;
  for (int i = 0; i < n; i++)
    {
      const cJSON *want = cJSON_GetArrayItem (grads, i);

      if ((want == NULL || cJSON_IsNull (want)) && dxs[i].node != NULL)
        return gw_invalid (&op->builder.error, "a gradient reaches input %d, and none should", i);
      if (want == NULL || cJSON_IsNull (want))
        continue;
      if (dxs[i].node == NULL)
        return gw_invalid (&op->builder.error, "no gradient reaches input %d", i);
      add_fetch (fetches, dxs[i], want, "gradient", i);
    }
  return TRUE;
}

static gboolean
run_once (OpCase    *op,
          GwSession *session,
          GwGraph   *graph)
{
  const cJSON *outputs = cJSON_GetObjectItemCaseSensitive (op->golden, "outputs");
  g_autoptr (GArray) fetched = g_array_new (FALSE, FALSE, sizeof (GwOutput));
  g_autoptr (GPtrArray) wanted = g_ptr_array_new ();
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  Fetches fetches = { fetched, wanted, names };
  GwNode *node = add_op (op);
  GwTensor **results;
  gboolean ran;

  if (node == NULL)
    return FALSE;
  /* Outputs behind the ones that are listed are TensorFlow's own business. */
  if (node->n_outputs < cJSON_GetArraySize (outputs))
    return gw_invalid (&op->builder.error, "%d outputs, not %d", node->n_outputs, cJSON_GetArraySize (outputs));
  for (int i = 0; i < cJSON_GetArraySize (outputs); i++)
    add_fetch (&fetches, (GwOutput) { node, i }, cJSON_GetArrayItem (outputs, i), "output", i);
  if (!add_gradients (op, node, &fetches))
    return FALSE;
  results = g_new0 (GwTensor *, MAX (fetched->len, 1));
  ran = gw_session_run (session, graph, (int) op->feeds->len, (const GwFeed *) op->feeds->data, (int) fetched->len,
                        (const GwOutput *) fetched->data, 0, NULL, NULL, results, &op->builder.error);
  if (ran)
    compare_all (op, (int) fetched->len, results, (const cJSON **) wanted->pdata, (char **) names->pdata);
  for (guint i = 0; i < fetched->len; i++)
    g_clear_pointer (&results[i], gw_tensor_unref);
  g_free (results);
  return ran;
}

static void
run_way (OpCase   *op,
         gboolean  fed)
{
  g_autoptr (GwSession) session = gw_session_new (2);
  g_autoptr (GwGraph) graph = gw_graph_new ();

  op->fed = fed;
  op->feeds = g_array_new (FALSE, FALSE, sizeof (GwFeed));
  op->inputs = g_new0 (GwOutput, MAX (op->tensors->len, 1));
  gw_builder_init (&op->builder, graph);
  if (!run_once (op, session, graph) && op->problem == NULL)
    op->problem = g_strdup_printf ("%s%s", op->builder.error != NULL ? op->builder.error->message : "not built",
                                   fed ? " (fed)" : "");
  gw_builder_clear (&op->builder);
  g_array_unref (op->feeds);
  g_clear_pointer (&op->dy, gw_tensor_unref);
  g_free (op->inputs);
}

void
golden_op_case (GoldenReport *report,
                const cJSON  *golden)
{
  const char *name = gw_json_member_string (golden, "op", "");
  const cJSON *inputs = cJSON_GetObjectItemCaseSensitive (golden, "inputs");
  OpCase op = { .def = gw_registry_find (name), .golden = golden };
  g_autoptr (GPtrArray) tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_tensor_unref);
  g_autoptr (GError) error = NULL;
  const cJSON *input;
  GwDType missing;

  if (op.def == NULL)
    {
      golden_skipped (report, "op %s", name);
      return;
    }
  op.tensors = tensors;
  op.problem = check_ports (op.def, inputs);
  missing = op.problem == NULL ? missing_type (&op) : GW_DTYPE_INVALID;
  if (missing != GW_DTYPE_INVALID)
    {
      golden_skipped (report, "op %s of %s", name, gw_dtype_name (missing));
      return;
    }
  cJSON_ArrayForEach (input, inputs)
    if (op.problem == NULL && !read_input (tensors, input, &error))
      op.problem = g_strdup (error->message);
  if (op.problem == NULL)
    run_way (&op, FALSE);
  if (op.problem == NULL)
    run_way (&op, TRUE);
  if (op.problem == NULL)
    golden_passed (report);
  else
    golden_failed (report, golden, "%s", op.problem);
  g_free (op.problem);
}
