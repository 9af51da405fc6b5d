/* SPDX-License-Identifier: Apache-2.0 */
/* A lowered graph as GraphDef, read back field by field; and the registry described. */
#include "engine/engine.h"
#include "engine/files/proto-arena.h"
#include "engine/files/proto/graph.pb-c.h"
#include "engine/files/tensor-proto.h"
#include "tests/engine/train/documents.h"

#include <string.h>

static const Gw__NodeDef *
find (const Gw__GraphDef *graph,
      const char         *name)
{
  for (size_t i = 0; i < graph->n_node; i++)
    if (strcmp (graph->node[i]->name, name) == 0)
      return graph->node[i];
  g_error ("no node %s", name);
}

static const Gw__AttrValue *
attr (const Gw__NodeDef *node,
      const char        *name)
{
  for (size_t i = 0; i < node->n_attr; i++)
    if (strcmp (node->attr[i]->key, name) == 0)
      return node->attr[i]->value;
  g_error ("%s has no attribute %s", node->name, name);
}

/* Attributes sorted, inputs before controls, everything that is named exists. */
static void
check_node (const Gw__GraphDef *graph,
            const Gw__NodeDef  *node)
{
  gboolean controls = FALSE;

  for (size_t i = 1; i < node->n_attr; i++)
    g_assert_cmpstr (node->attr[i - 1]->key, <, node->attr[i]->key);
  for (size_t i = 0; i < node->n_input; i++)
    {
      const char *input = node->input[i];
      g_autofree char *name = g_strdup (*input == '^' ? input + 1 : input);

      g_assert_true (*input == '^' || !controls);
      controls = *input == '^';
      if (strchr (name, ':') != NULL)
        *strchr (name, ':') = '\0';
      find (graph, name);
    }
}

static void
test_graph (void)
{
  g_autoptr (GwDocument) document = gw_test_xor ("\"epochs\": 1");
  g_autoptr (GwLowered) lowered = gw_lower (document, &(GwLowerOptions) { GW_MODE_TRAIN, TRUE, 5 });
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  GError *error = NULL;
  g_autoptr (GBytes) bytes = gw_graph_to_proto (lowered->graph, &error);
  g_autoptr (GwTensor) value = NULL;
  const Gw__GraphDef *graph;
  const Gw__NodeDef *node;
  gsize size;
  const void *data;

  g_assert_no_error (error);
  data = g_bytes_get_data (bytes, &size);
  graph = gw_proto_unpack (arena, &gw__graph_def__descriptor, data, size, "the graph", &error);
  g_assert_no_error (error);
  g_assert_cmpint (graph->n_node, ==, gw_graph_n_nodes (lowered->graph));
  g_assert_cmpint (graph->versions->producer, ==, GW_GRAPH_DEF_PRODUCER);
  for (size_t i = 0; i < graph->n_node; i++)
    check_node (graph, graph->node[i]);
  node = find (graph, "hidden/kernel");
  g_assert_cmpstr (node->op, ==, "VariableV2");
  g_assert_cmpint (attr (node, "dtype")->type, ==, GW_FLOAT32);
  g_assert_cmpint (attr (node, "shape")->shape->n_dim, ==, 2);
  g_assert_cmpint (attr (node, "shape")->shape->dim[1]->size, ==, 15);
  g_assert_cmpint (attr (node, "_gw_origin")->i, ==, 2);
  node = find (graph, "hidden/MatMul");
  g_assert_cmpstr (node->input[0], ==, "point");
  g_assert_cmpstr (node->input[1], ==, "hidden/kernel/read");
  g_assert_cmpint (attr (node, "transpose_a")->b, ==, FALSE);
  g_assert_cmpint (attr (node, "_output_shapes")->list->n_shape, ==, 1);
  g_assert_cmpint (attr (node, "_output_shapes")->list->shape[0]->dim[0]->size, ==, -1);
  node = find (graph, "train/learning_rate");
  value = gw_tensor_from_proto (attr (node, "value")->tensor.data, attr (node, "value")->tensor.len, &error);
  g_assert_no_error (error);
  gw_test_assert_tensor (value, "0.03");
}

static void
test_describe_all (void)
{
  g_autoptr (cJSON) ops = gw_describe_ops ();
  g_autofree char *markdown = gw_describe_ops_markdown ();
  const cJSON *op;
  int n;

  gw_registry_list (&n);
  g_assert_cmpint (cJSON_GetArraySize (ops), ==, n);
  cJSON_ArrayForEach (op, ops)
    {
      const char *name = gw_json_member_string (op, "name", NULL);
      const GwOpDef *def = gw_registry_find (name);
      g_autofree char *heading = g_strdup_printf ("\n### %s\n", name);

      g_assert_cmpint (cJSON_GetArraySize (cJSON_GetObjectItem (op, "inputs")), ==, gw_ports_length (def->inputs));
      g_assert_cmpint (cJSON_GetArraySize (cJSON_GetObjectItem (op, "outputs")), ==, gw_ports_length (def->outputs));
      g_assert_cmpint (cJSON_GetArraySize (cJSON_GetObjectItem (op, "attrs")), ==, gw_attr_defs_length (def->attrs));
      g_assert_nonnull (strstr (markdown, heading)); /* its category is one of the list */
    }
}

static void
test_describe_one (void)
{
  g_autoptr (cJSON) matmul = gw_describe_op (gw_registry_find ("MatMul"));
  g_autofree char *signature = gw_describe_signature (gw_registry_find ("MatMul"));
  const cJSON *attr_b = cJSON_GetArrayItem (cJSON_GetObjectItem (matmul, "attrs"), 2);

  g_assert_cmpstr (signature, ==, "product = MatMul (a, b; T, transpose_a, transpose_b)");
  g_assert_cmpstr (gw_json_member_string (attr_b, "name", NULL), ==, "transpose_b");
  g_assert_cmpstr (gw_json_member_string (attr_b, "type", NULL), ==, "bool");
  g_assert_cmpstr (gw_json_member_string (attr_b, "default", NULL), ==, "false");
  g_assert_cmpstr (gw_json_member_string (matmul, "kind", NULL), ==, "primitive");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gw_init ();
  gw_init (); /* the second time does nothing */
  g_test_add_func ("/train/graph-pb", test_graph);
  g_test_add_func ("/train/describe/all", test_describe_all);
  g_test_add_func ("/train/describe/one", test_describe_one);
  return g_test_run ();
}
