/* SPDX-License-Identifier: Apache-2.0 */
/* Lowering: names as TensorFlow's, modes, problems as a list, wires that cannot be. */
#include "engine/base/error.h"
#include "engine/document/composites.h"
#include "engine/document/lower.h"
#include "engine/ops/families.h"
#include "engine/runtime/session.h"
#include "engine/tensor/text.h"

#include <string.h>

static GwDocument *
load_example (const char *name)
{
  g_autofree char *path = g_build_filename (g_getenv ("GW_EXAMPLES"), name, NULL);
  g_autoptr (GError) error = NULL;
  GwDocument *document = gw_document_load (path, &error);

  g_assert_no_error (error);
  return document;
}

static GwDocument *
parse (const char *nodes)
{
  g_autofree char *text = g_strdup_printf ("{\"graphwright\":1,\"nodes\":[%s]}", nodes);
  g_autoptr (GError) error = NULL;
  GwDocument *document = gw_document_from_json (text, strlen (text), &error);

  g_assert_no_error (error);
  return document;
}

static const GwLowerOptions train = { GW_MODE_TRAIN, TRUE, 42 };
static const GwLowerOptions evaluate = { GW_MODE_EVALUATE, FALSE, 42 };

static void
test_examples_have_no_problems (void)
{
  static const char *const names[] = {
    "hello.gw", "linear-regression.gw", "xor.gw", "logistic-regression.gw", "fashion-mlp.gw",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GwDocument) document = load_example (names[i]);
      g_autoptr (GwLowered) lowered = gw_lower (document, &train);
      g_autoptr (GwLowered) evaluated = gw_lower (document, &evaluate);
      g_autoptr (GError) error = NULL;

      gw_lowered_check (lowered, document, NULL, 0, &error);
      g_assert_no_error (error);
      gw_lowered_check (evaluated, document, NULL, 0, &error);
      g_assert_no_error (error);
    }
}

static void
test_names (void)
{
  g_autoptr (GwDocument) document = load_example ("fashion-mlp.gw");
  g_autoptr (GwLowered) lowered = gw_lower (document, &train);
  static const char *const names[] = {
    "image", "hidden1/kernel", "hidden1/kernel/Assign", "hidden1/kernel/read", "hidden1/MatMul",
    "hidden1/BiasAdd", "hidden1/Relu", "hidden1/kernel/Adam", "hidden1/kernel/Adam_1", "beta1_power",
    "beta2_power", "global_step", "train/update_hidden1/kernel/ApplyAdam", "train/learning_rate",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (gw_graph_find (lowered->graph, names[i]) == NULL)
        g_error ("missing: %s", names[i]);
      g_assert_nonnull (gw_graph_find (lowered->graph, names[i]));
    }
  g_assert_nonnull (gw_lowered_final (lowered, gw_document_find (document, "train")));
  g_assert_cmpint (gw_graph_find (lowered->graph, "hidden1/MatMul")->origin, ==,
                   gw_document_find (document, "hidden1"));
}

static void
test_modes (void)
{
  g_autoptr (GwDocument) document = load_example ("fashion-mlp.gw");
  g_autoptr (GwLowered) training = gw_lower (document, &train);
  g_autoptr (GwLowered) evaluating = gw_lower (document, &evaluate);

  g_assert_nonnull (gw_graph_find (training->graph, "drop1/RandomUniform"));
  g_assert_null (gw_graph_find (evaluating->graph, "drop1/RandomUniform"));
  g_assert_nonnull (gw_graph_find (evaluating->graph, "drop1/Identity"));
  for (guint i = 0; i < training->inputs->len; i++)
    {
      GwLoweredInput *a = g_ptr_array_index (training->inputs, i);
      GwLoweredInput *b = g_ptr_array_index (evaluating->inputs, i);

      if (!g_str_equal (a->name, "keep_prob"))
        continue;
      g_assert_cmpfloat (gw_tensor_get_double (a->value, 0), ==, 0.75);
      g_assert_cmpfloat (gw_tensor_get_double (b->value, 0), ==, 1.0);
    }
}

static const GwProblem *
problem_of (const GwLowered  *lowered,
            const GwDocument *document,
            const char       *name)
{
  for (guint i = 0; i < lowered->problems->len; i++)
    {
      const GwProblem *problem = g_ptr_array_index (lowered->problems, i);

      if (problem->node == gw_document_find (document, name))
        return problem;
    }
  return NULL;
}

static void
test_problems_are_a_list (void)
{
  g_autoptr (GwDocument) document = parse (
    "{\"id\":1,\"name\":\"a\",\"op\":\"Placeholder\",\"at\":[0,0],\"attrs\":{\"shape\":[null,10]}},"
    "{\"id\":2,\"name\":\"b\",\"op\":\"VariableV2\",\"at\":[0,0],\"attrs\":{\"shape\":[100,2]}},"
    "{\"id\":3,\"name\":\"m\",\"op\":\"MatMul\",\"at\":[0,0],\"inputs\":{\"a\":{\"from\":1},\"b\":{\"from\":2}}},"
    "{\"id\":4,\"name\":\"r\",\"op\":\"Relu\",\"at\":[0,0],\"inputs\":{\"features\":{\"from\":3}}},"
    "{\"id\":5,\"name\":\"open\",\"op\":\"Relu\",\"at\":[0,0]},"
    "{\"id\":6,\"name\":\"odd\",\"op\":\"MatMull\",\"at\":[0,0]},"
    "{\"id\":7,\"name\":\"i\",\"op\":\"Placeholder\",\"at\":[0,0],\"attrs\":{\"dtype\":\"int32\",\"shape\":[3]}},"
    "{\"id\":8,\"name\":\"f\",\"op\":\"Placeholder\",\"at\":[0,0],\"attrs\":{\"shape\":[3]}},"
    "{\"id\":9,\"name\":\"mix\",\"op\":\"Mul\",\"at\":[0,0],\"inputs\":{\"x\":{\"from\":8},\"y\":{\"from\":7}}}");
  g_autoptr (GwLowered) lowered = gw_lower (document, &evaluate);
  const GwProblem *problem;

  g_assert_cmpuint (lowered->problems->len, ==, 4);
  problem = problem_of (lowered, document, "m");
  g_assert_nonnull (problem);
  g_assert_nonnull (strstr (problem->message, "10"));
  g_assert_null (problem_of (lowered, document, "r")); /* the fault is m's */
  problem = problem_of (lowered, document, "open");
  g_assert_cmpstr (problem->port, ==, "features");
  problem = problem_of (lowered, document, "odd");
  g_assert_nonnull (strstr (problem->message, "MatMul"));
  problem = problem_of (lowered, document, "mix");
  g_assert_cmpuint (problem->fixes->len, ==, 1);
  g_assert_cmpint (((GwFix *) g_ptr_array_index (problem->fixes, 0))->kind, ==, GW_FIX_INSERT);
}

static void
test_cycle (void)
{
  g_autoptr (GwDocument) document = parse (
    "{\"id\":1,\"name\":\"a\",\"op\":\"Relu\",\"at\":[0,0],\"inputs\":{\"features\":{\"from\":3}}},"
    "{\"id\":2,\"name\":\"b\",\"op\":\"Relu\",\"at\":[0,0],\"inputs\":{\"features\":{\"from\":1}}},"
    "{\"id\":3,\"name\":\"c\",\"op\":\"Relu\",\"at\":[0,0],\"inputs\":{\"features\":{\"from\":2}}}");
  g_autoptr (GwLowered) lowered = gw_lower (document, &evaluate);

  g_assert_cmpuint (lowered->problems->len, ==, 1);
  g_assert_nonnull (strstr (((GwProblem *) g_ptr_array_index (lowered->problems, 0))->message, "cycle"));
}

static void
test_literals (void)
{
  g_autoptr (GwDocument) document = parse (
    "{\"id\":1,\"name\":\"x\",\"op\":\"Const\",\"at\":[0,0],\"attrs\":{\"value\":{\"dtype\":\"float64\",\"shape\":[],\"data\":[2.5]},\"dtype\":\"float64\"}},"
    "{\"id\":2,\"name\":\"y\",\"op\":\"Mul\",\"at\":[0,0],\"inputs\":{\"x\":{\"from\":1},\"y\":{\"literal\":\"4\"}}},"
    "{\"id\":3,\"name\":\"steps\",\"op\":\"VariableV2\",\"at\":[0,0]},"
    "{\"id\":4,\"name\":\"count\",\"op\":\"AssignAdd\",\"at\":[0,0],\"inputs\":{\"ref\":{\"literal\":\"steps\"},\"value\":{\"literal\":\"1\"}}}");
  g_autoptr (GwLowered) lowered = gw_lower (document, &evaluate);
  g_autoptr (GwSession) session = gw_session_new (1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) value = NULL;
  GwNode *init;

  gw_lowered_check (lowered, document, NULL, 0, &error);
  g_assert_no_error (error);
  g_assert_nonnull (gw_graph_find (lowered->graph, "y/y"));
  value = gw_session_fetch (session, lowered->graph, 0, NULL, gw_lowered_output (lowered, 2, 0), &error);
  g_assert_no_error (error);
  g_assert_cmpint (value->dtype, ==, GW_FLOAT64);
  g_assert_cmpfloat (gw_tensor_get_double (value, 0), ==, 10);
  g_assert_cmpuint (lowered->variables->len, ==, 1);
  init = ((GwLoweredVariable *) g_ptr_array_index (lowered->variables, 0))->initializer;
  g_assert_true (gw_session_run (session, lowered->graph, 0, NULL, 0, NULL, 1, &init, NULL, NULL, &error));
  g_clear_pointer (&value, gw_tensor_unref);
  value = gw_session_fetch (session, lowered->graph, 0, NULL, gw_lowered_output (lowered, 4, 0), &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (gw_tensor_get_double (value, 0), ==, 1);
}

/* Dots on a wire are no nodes of the graph, a reference to a variable goes through them. */
static void
test_reroute (void)
{
  g_autoptr (GwDocument) document = parse (
    "{\"id\":1,\"name\":\"v\",\"op\":\"VariableV2\",\"at\":[0,0],\"attrs\":{\"dtype\":\"float32\",\"shape\":[]}},"
    "{\"id\":2,\"name\":\"dot\",\"op\":\"Reroute\",\"at\":[0,0],\"inputs\":{\"input\":{\"from\":1}}},"
    "{\"id\":3,\"name\":\"dot_1\",\"op\":\"Reroute\",\"at\":[0,0],\"inputs\":{\"input\":{\"from\":2}}},"
    "{\"id\":4,\"name\":\"set\",\"op\":\"Assign\",\"at\":[0,0],\"inputs\":{\"ref\":{\"from\":3},"
    "\"value\":{\"literal\":\"3\"}}},"
    "{\"id\":5,\"name\":\"loose\",\"op\":\"Reroute\",\"at\":[0,0]}");
  g_autoptr (GwLowered) lowered = gw_lower (document, &evaluate);
  GwNode *set = gw_graph_find (lowered->graph, "set");

  g_assert_nonnull (set);
  g_assert_cmpstr (set->inputs[0].node->name, ==, "v");
  g_assert_null (gw_graph_find (lowered->graph, "dot"));
  g_assert_cmpstr (gw_lowered_output (lowered, 3, 0).node->name, ==, "v");
  g_assert_cmpuint (lowered->problems->len, ==, 1);
  g_assert_cmpint (((GwProblem *) g_ptr_array_index (lowered->problems, 0))->node, ==, 5);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gw_register_all_ops ();
  gw_register_composites ();
  g_test_add_func ("/lower/examples-have-no-problems", test_examples_have_no_problems);
  g_test_add_func ("/lower/names", test_names);
  g_test_add_func ("/lower/modes", test_modes);
  g_test_add_func ("/lower/problems-are-a-list", test_problems_are_a_list);
  g_test_add_func ("/lower/cycle", test_cycle);
  g_test_add_func ("/lower/literals", test_literals);
  g_test_add_func ("/lower/reroute", test_reroute);
  return g_test_run ();
}
