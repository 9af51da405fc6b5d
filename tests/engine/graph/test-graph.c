/* SPDX-License-Identifier: Apache-2.0 */
/* Adding nodes: names, attributes, ports, seeds; shapes and values known beforehand. */
#include "engine/graph/builder.h"
#include "engine/graph/registry.h"
#include "engine/ops/families.h"
#include "tests/support/support.h"

#include <string.h>

typedef struct {
  GwGraph  *graph;
  GwBuilder b;
} Fixture;

static void
set_up (Fixture      *f,
        gconstpointer data)
{
  f->graph = gw_graph_new ();
  gw_builder_init (&f->b, f->graph);
}

static void
tear_down (Fixture      *f,
           gconstpointer data)
{
  gw_builder_clear (&f->b);
  gw_graph_unref (f->graph);
}

static GwOutput
placeholder (Fixture *f,
             GwDType  dtype,
             GwShape  shape)
{
  return gw_op (&f->b, "Placeholder", GW_NO_IN, GW_WITH ({ "dtype", gw_attr_dtype (dtype) },
                                                         { "shape", gw_attr_shape (shape) }));
}

/* The builder holds this error, which names `node`; it is forgotten. */
static void
assert_failed (Fixture    *f,
               GwErrorCode code,
               const char *node,
               const char *part)
{
  g_assert_nonnull (f->b.error);
  if (node != NULL)
    g_assert_cmpstr (gw_error_get_node (f->b.error), ==, node);
  gw_test_assert_error (&f->b.error, code, part);
}

static void
assert_shape (Fixture    *f,
              GwOutput    output,
              const char *expected)
{
  g_autofree char *text = NULL;

  g_assert_no_error (f->b.error);
  text = gw_shape_to_string (gw_output_shape (output));
  g_assert_cmpstr (text, ==, expected);
}

/* ---- names ---- */

/* py/framework/ops.py, Graph.unique_name(). */
static void
test_unique_names (Fixture      *f,
                   gconstpointer data)
{
  static const char *const asked[] = { "a", "a", "A", "a_1", "a", "a_1", "b/c", "B/C", "a_2", "a" };
  static const char *const given[] = { "a", "a_1", "A_2", "a_1_1", "a_3", "a_1_2", "b/c", "B/C_1", "a_2_1", "a_4" };

  for (gsize i = 0; i < G_N_ELEMENTS (asked); i++)
    {
      g_autofree char *name = gw_graph_unique_name (f->graph, asked[i]);

      g_assert_cmpstr (name, ==, given[i]);
    }
}

static void
test_scopes (Fixture      *f,
             gconstpointer data)
{
  char *root, *outer;
  GwOutput x = gw_const_scalar (&f->b, GW_FLOAT32, 1);

  root = gw_builder_enter (&f->b, "layer");
  g_assert_cmpstr (gw_op1 (&f->b, "Neg", x).node->name, ==, "layer/Neg");
  outer = gw_builder_enter (&f->b, "inner");
  g_assert_cmpstr (gw_op1 (&f->b, "Neg", x).node->name, ==, "layer/inner/Neg");
  g_assert_cmpstr (gw_op1 (&f->b, "Neg", x).node->name, ==, "layer/inner/Neg_1");
  gw_builder_leave (&f->b, outer);
  gw_builder_leave (&f->b, root);
  root = gw_builder_enter (&f->b, "layer");
  g_assert_cmpstr (gw_op1 (&f->b, "Neg", x).node->name, ==, "layer_1/Neg");
  gw_builder_leave (&f->b, root);
  g_assert_cmpstr (gw_op1 (&f->b, "Neg", x).node->name, ==, "Neg");
  g_assert_true (gw_graph_find (f->graph, "layer/inner/Neg") != NULL);
}

static void
test_bad_names (Fixture      *f,
                gconstpointer data)
{
  static const char *const bad[] = { "", "_a", "a b", "a:0", "/a", "a/", "a//b", "ä", "a\n" };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_null (gw_node_new (&f->b, "NoOp", bad[i], GW_NO_IN, NULL));
      assert_failed (f, GW_ERROR_INVALID_ARGUMENT, bad[i], "cannot be a name");
    }
  g_assert_cmpint (gw_graph_n_nodes (f->graph), ==, 0);
  g_assert_nonnull (gw_node_new (&f->b, "NoOp", ".a-b/0_c.d", GW_NO_IN, NULL));
}

static void
test_find_output (Fixture      *f,
                  gconstpointer data)
{
  GwOutput x = gw_const_scalar (&f->b, GW_FLOAT32, 1);
  GwOutput found;
  GError *error = NULL;

  g_assert_true (gw_graph_find_output (f->graph, "Const", &found, NULL) && gw_output_equal (found, x));
  g_assert_true (gw_graph_find_output (f->graph, "Const:0", &found, NULL) && gw_output_equal (found, x));
  g_assert_false (gw_graph_find_output (f->graph, "Const:1", &found, &error));
  gw_test_assert_error (&error, GW_ERROR_OUT_OF_RANGE, "exists but only has 1 outputs");
  g_assert_false (gw_graph_find_output (f->graph, "Const:x", &found, &error));
  gw_test_assert_error (&error, GW_ERROR_OUT_OF_RANGE, "exists but only has");
  g_assert_false (gw_graph_find_output (f->graph, "Const:99999999999999999999", &found, &error));
  gw_test_assert_error (&error, GW_ERROR_OUT_OF_RANGE, "exists but only has");
  g_assert_false (gw_graph_find_output (f->graph, "y:0", &found, &error));
  gw_test_assert_error (&error, GW_ERROR_NOT_FOUND, "The name 'y:0' refers to a Tensor which does not exist");
}

/* ---- attributes and ports ---- */

static void
test_inferred_attrs (Fixture      *f,
                     gconstpointer data)
{
  GwOutput x = placeholder (f, GW_FLOAT64, GW_SHAPE (2));
  GwOutput i = placeholder (f, GW_INT32, GW_SHAPE (2));
  GwOutput sum = gw_op (&f->b, "AddN", GW_IN (x, x, x), NULL);

  g_assert_cmpint (gw_node_attr (sum.node, "N")->i, ==, 3);
  g_assert_cmpint (gw_node_attr (sum.node, "T")->dtype, ==, GW_FLOAT64);
  g_assert_cmpstr (gw_node_input_port (sum.node, 2)->name, ==, "inputs");
  g_assert_null (gw_node_attr (sum.node, "U"));
  gw_op2 (&f->b, "AddV2", x, i);
  assert_failed (f, GW_ERROR_INVALID_ARGUMENT, "AddV2", "AddV2: y is int32 but T is float64");
  gw_op (&f->b, "AddN", GW_IN (x, x), GW_WITH ({ "N", gw_attr_int (3) }));
  assert_failed (f, GW_ERROR_INVALID_ARGUMENT, "AddN", "nothing is wired to inputs");
  gw_op (&f->b, "AddN", GW_IN (x, x), GW_WITH ({ "N", gw_attr_int (((int64_t) 1 << 32) + 2) }));
  assert_failed (f, GW_ERROR_INVALID_ARGUMENT, "AddN", NULL);
  gw_op (&f->b, "AddN", GW_NO_IN, NULL);
  assert_failed (f, GW_ERROR_INVALID_ARGUMENT, "AddN", NULL);
  gw_op1 (&f->b, "AddV2", x);
  assert_failed (f, GW_ERROR_INVALID_ARGUMENT, "AddV2", "nothing is wired to y");
  gw_op3 (&f->b, "AddV2", x, x, x);
  assert_failed (f, GW_ERROR_INVALID_ARGUMENT, "AddV2", "takes 2 inputs, not 3");
  gw_op (&f->b, "Neg", GW_IN (x), GW_WITH ({ "axis", gw_attr_int (1) }));
  assert_failed (f, GW_ERROR_INVALID_ARGUMENT, "Neg", "Neg has no attribute “axis”");
  gw_op (&f->b, "Neg", GW_IN (x), GW_WITH ({ "T", gw_attr_dtype (GW_FLOAT32) }));
  assert_failed (f, GW_ERROR_INVALID_ARGUMENT, "Neg", "x is float64 but T is float32");
  gw_op (&f->b, "Const", GW_NO_IN, NULL);
  assert_failed (f, GW_ERROR_INVALID_ARGUMENT, "Const", "“value” must be given");
  gw_op1 (&f->b, "Nega", x);
  assert_failed (f, GW_ERROR_NOT_FOUND, NULL, "there is no op called Nega");
  gw_op1 (&f->b, "Neg", GW_NO_OUTPUT);
  assert_failed (f, GW_ERROR_INVALID_ARGUMENT, NULL, "input 0 is missing");
}

/* Lists of several types, and many outputs. */
static void
test_list_ports (Fixture      *f,
                 gconstpointer data)
{
  GwOutput x = placeholder (f, GW_FLOAT32, GW_SHAPE (4));
  GwOutput i = placeholder (f, GW_INT32, GW_SHAPE (2));
  GwNode *both = gw_node_new (&f->b, "IdentityN", NULL, GW_IN (x, i), NULL);
  GwNode *parts = gw_node_new (&f->b, "Split", NULL, GW_IN (gw_const_scalar (&f->b, GW_INT32, 0), x),
                               GW_WITH ({ "num_split", gw_attr_int (4) }));

  g_assert_cmpint (both->n_outputs, ==, 2);
  g_assert_cmpint (both->dtypes[1], ==, GW_INT32);
  assert_shape (f, (GwOutput) { both, 1 }, "[2]");
  g_assert_cmpint (parts->n_outputs, ==, 4);
  assert_shape (f, (GwOutput) { parts, 3 }, "[1]");
  gw_node_new (&f->b, "Split", NULL, GW_IN (gw_const_scalar (&f->b, GW_INT32, 0), x),
               GW_WITH ({ "num_split", gw_attr_int (G_MAXINT64) }));
  assert_failed (f, GW_ERROR_INVALID_ARGUMENT, "Split", NULL);
}

static void
test_reference_ports (Fixture      *f,
                      gconstpointer data)
{
  GwOutput x = placeholder (f, GW_FLOAT32, GW_SHAPE (2));
  GwOutput w = gw_op (&f->b, "VariableV2", GW_NO_IN, GW_WITH ({ "shape", gw_attr_shape (GW_SHAPE (2)) },
                                                              { "dtype", gw_attr_dtype (GW_FLOAT32) }));
  GwOutput chain = w;

  for (int i = 0; i < 1000; i++)
    chain = gw_op2 (&f->b, "AssignAdd", chain, x);
  g_assert_true (gw_output_variable (chain) == w.node);
  g_assert_true (gw_node_output_is_ref (chain.node, 0));
  g_assert_null (gw_output_variable (gw_op1 (&f->b, "Identity", w)));
  g_assert_null (gw_output_variable (GW_NO_OUTPUT));
  gw_op2 (&f->b, "Assign", x, x);
  assert_failed (f, GW_ERROR_INVALID_ARGUMENT, "Assign", "ref must be a reference to a variable");
  gw_op2 (&f->b, "Assign", gw_op1 (&f->b, "Identity", w), x);
  assert_failed (f, GW_ERROR_INVALID_ARGUMENT, "Assign", "ref must be a reference to a variable");
}

/* What only a careless caller or a damaged file does. */
static void
test_foreign_inputs (Fixture      *f,
                     gconstpointer data)
{
  g_autoptr (GwGraph) other = gw_graph_new ();
  GwOutput x = gw_const_scalar (&f->b, GW_FLOAT32, 1);
  GwBuilder b;

  gw_builder_init (&b, other);
  gw_op1 (&b, "Neg", x);
  gw_test_assert_error (&b.error, GW_ERROR_INVALID_ARGUMENT, "not of this graph");
  gw_builder_clear (&b);
  gw_op1 (&f->b, "Neg", (GwOutput) { x.node, 1 });
  assert_failed (f, GW_ERROR_INVALID_ARGUMENT, "Neg", "has no output 1");
  gw_const (&f->b, NULL);
  assert_failed (f, GW_ERROR_RESOURCE_EXHAUSTED, NULL, "memory");
}

static void
test_controls (Fixture      *f,
               gconstpointer data)
{
  GwNode *group = gw_node_new (&f->b, "NoOp", NULL, GW_NO_IN, NULL);

  for (int round = 0; round < 2; round++)
    for (int i = 0; i < 5000; i++)
      gw_graph_add_control (group, round == 0 ? gw_node_new (&f->b, "NoOp", NULL, GW_NO_IN, NULL)
                                              : gw_graph_node (f->graph, i + 1));
  g_assert_cmpuint (group->control_inputs->len, ==, 5000);
}

/* ---- seeds ---- */

/* tests/golden/seeds.json: what TensorFlow gives an op for a graph seed and none of its
 * own; and the numbering of several. */
static void
test_seeds (void)
{
  g_autoptr (cJSON) golden = gw_test_golden ("seeds.json");
  const cJSON *seed_case;
  int n = 0;

  cJSON_ArrayForEach (seed_case, cJSON_GetObjectItem (golden, "cases"))
    {
      g_autoptr (GwGraph) graph = gw_graph_new ();
      GwBuilder b;
      GwOutput shape, drawn;

      if (!cJSON_IsNull (cJSON_GetObjectItem (seed_case, "op_seed")))
        continue; /* those are combined by who makes the op */
      gw_builder_init (&b, graph);
      gw_graph_set_seed (graph, gw_json_member_int (seed_case, "graph_seed", -1));
      shape = gw_const_ints (&b, 1, (const int64_t[]) { 3 });
      for (int k = 0; k < 3; k++)
        {
          drawn = gw_op (&b, "RandomUniform", GW_IN (shape), GW_WITH ({ "dtype", gw_attr_dtype (GW_FLOAT32) }));
          g_assert_cmpint (gw_node_attr (drawn.node, "seed")->i, ==, gw_json_member_int (seed_case, "attr_seed", -1));
          g_assert_cmpint (gw_node_attr (drawn.node, "seed2")->i, ==,
                           gw_json_member_int (seed_case, "attr_seed2", -1) + (gw_graph_seed (graph) >= 0 ? k : 0));
          /* One that is refused, or has seeds, takes no number. */
          gw_op (&b, "RandomUniform", GW_IN (gw_const_ints (&b, 1, (const int64_t[]) { -3 })),
                 GW_WITH ({ "dtype", gw_attr_dtype (GW_FLOAT32) }));
          g_assert_nonnull (b.error);
          g_clear_error (&b.error);
          gw_op (&b, "RandomUniform", GW_IN (shape), GW_WITH ({ "dtype", gw_attr_dtype (GW_FLOAT32) }, { "seed2", gw_attr_int (5) }));
        }
      g_assert_true (gw_builder_finish (&b, NULL));
      n++;
    }
  g_assert_cmpint (n, >=, 2);
}

/* ---- values and shapes ---- */

static void
test_constants (Fixture      *f,
                gconstpointer data)
{
  GwOutput x = placeholder (f, GW_FLOAT32, GW_SHAPE (2, 3));
  GwOutput five = gw_op2 (&f->b, "AddV2", gw_const_scalar (&f->b, GW_INT32, 2), gw_const_scalar (&f->b, GW_INT32, 3));
  GwOutput shape = gw_op1 (&f->b, "Shape", x);
  GwOutput doubled = gw_op2 (&f->b, "Mul", shape, gw_const_scalar (&f->b, GW_INT32, 2));
  GwOutput negative = gw_op2 (&f->b, "Sub", gw_const_scalar (&f->b, GW_INT32, 2), gw_const_scalar (&f->b, GW_INT32, 5));
  GwOutput drawn = gw_op (&f->b, "RandomUniform", GW_IN (shape), GW_WITH ({ "dtype", gw_attr_dtype (GW_FLOAT32) }));
  GwOutput failing = gw_op2 (&f->b, "FloorDiv", gw_const_scalar (&f->b, GW_INT32, 2), gw_const_scalar (&f->b, GW_INT32, 0));
  GwNode *parts;
  GwOutput large;

  gw_test_assert_tensor (gw_output_constant (five), "5");
  gw_test_assert_tensor (gw_output_constant (shape), "[2, 3]");
  gw_test_assert_tensor (gw_output_constant (doubled), "[4, 6]");
  gw_test_assert_tensor (gw_output_constant (negative), "-3");
  g_assert_null (gw_output_constant (x));
  g_assert_null (gw_output_constant (gw_op1 (&f->b, "Neg", x)));
  g_assert_null (gw_output_constant (drawn));
  g_assert_null (gw_output_constant (failing));
  assert_shape (f, drawn, "[2,3]");
  parts = gw_node_new (&f->b, "Split", NULL, GW_IN (gw_const_scalar (&f->b, GW_INT32, 0), doubled),
                       GW_WITH ({ "num_split", gw_attr_int (2) }));
  gw_test_assert_tensor (gw_output_constant ((GwOutput) { parts, 1 }), "[6]");
  large = gw_op2 (&f->b, "Fill", gw_const_ints (&f->b, 1, (const int64_t[]) { 5000 }), gw_const_scalar (&f->b, GW_FLOAT32, 1));
  g_assert_null (gw_output_constant (large));
  g_assert_no_error (f->b.error);
}

/* Shapes computed from shapes of which only parts are known. */
static void
test_partial_values (Fixture      *f,
                     gconstpointer data)
{
  GwOutput x = placeholder (f, GW_FLOAT32, GW_SHAPE (-1, 4, 6));
  GwOutput shape = gw_op1 (&f->b, "Shape", x);
  GwOutput flat = gw_op2 (&f->b, "Reshape", x, gw_op (&f->b, "ConcatV2",
    GW_IN (gw_op3 (&f->b, "Slice", shape, gw_const_ints (&f->b, 1, (const int64_t[]) { 0 }), gw_const_ints (&f->b, 1, (const int64_t[]) { 1 })),
           gw_const_ints (&f->b, 1, (const int64_t[]) { -1 }), gw_const_scalar (&f->b, GW_INT32, 0)), NULL));
  GwOutput halves = gw_op2 (&f->b, "Fill", gw_op2 (&f->b, "Mul", shape, gw_const_scalar (&f->b, GW_INT32, 2)),
                            gw_const_scalar (&f->b, GW_FLOAT32, 0));

  g_assert_cmpint (gw_output_shape (flat)->rank, ==, 2);
  assert_shape (f, halves, "[?,8,12]");
  g_assert_null (gw_output_constant (shape));
}

/* A diamond upon a diamond: every value is looked at once. */
static void
test_deep_values (Fixture      *f,
                  gconstpointer data)
{
  GwOutput x = gw_op1 (&f->b, "Size", placeholder (f, GW_FLOAT32, GW_SHAPE (-1, 2)));
  GwOutput y = gw_const_scalar (&f->b, GW_FLOAT32, 1);

  for (int i = 0; i < 5000; i++)
    {
      x = gw_op2 (&f->b, "AddV2", x, x);
      y = gw_op2 (&f->b, "Mul", y, y);
    }
  g_assert_null (gw_output_constant (x));
  gw_test_assert_tensor (gw_output_constant (y), "1.0");
}

static void
test_suggestions (void)
{
  g_auto (GStrv) near = gw_registry_suggest ("MatMull", 3);
  g_autofree char *word = g_strnfill (1000000, 'a');
  g_auto (GStrv) none = gw_registry_suggest (word, 3);
  g_auto (GStrv) empty = gw_registry_suggest ("", 3);

  g_assert_cmpstr (near[0], ==, "MatMul");
  g_assert_null (none[0]);
  g_assert_cmpuint (g_strv_length (empty), <=, 3);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gw_register_all_ops ();
#define ADD(name, func) g_test_add ("/graph/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("unique-names", test_unique_names);
  ADD ("scopes", test_scopes);
  ADD ("bad-names", test_bad_names);
  ADD ("find-output", test_find_output);
  ADD ("inferred-attrs", test_inferred_attrs);
  ADD ("list-ports", test_list_ports);
  ADD ("reference-ports", test_reference_ports);
  ADD ("foreign-inputs", test_foreign_inputs);
  ADD ("controls", test_controls);
  ADD ("constants", test_constants);
  ADD ("partial-values", test_partial_values);
  ADD ("deep-values", test_deep_values);
  g_test_add_func ("/graph/seeds", test_seeds);
  g_test_add_func ("/graph/suggestions", test_suggestions);
  return g_test_run ();
}
