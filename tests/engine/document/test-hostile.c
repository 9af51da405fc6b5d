/* SPDX-License-Identifier: Apache-2.0 */
/* Documents as they should not be, and what lowering says of them: every fault is a
 * problem with its place, what follows from it is not reported again, and the fixes
 * that are offered do away with it. */
#include "engine/document/composites.h"
#include "engine/document/lower.h"
#include "engine/ops/families.h"
#include "engine/runtime/session.h"
#include "tests/support/support.h"

#include <string.h>

static const GwLowerOptions train = { GW_MODE_TRAIN, TRUE, 42 };
static const GwLowerOptions evaluate = { GW_MODE_EVALUATE, FALSE, 42 };

/* Nodes with ' for ". */
static GwDocument *
parse (const char *nodes)
{
  g_autofree char *text = g_strdup_printf ("{'graphwright':1,'nodes':[%s]}", nodes);
  g_autoptr (GError) error = NULL;
  GwDocument *document;

  g_strdelimit (text, "'", '"');
  document = gw_document_from_json (text, strlen (text), &error);
  g_assert_no_error (error);
  return document;
}

static void
refused (const char *nodes,
         const char *part)
{
  g_autofree char *text = g_strdup_printf ("{'graphwright':1,'nodes':[%s]}", nodes);
  g_autoptr (GError) error = NULL;

  g_strdelimit (text, "'", '"');
  g_assert_null (gw_document_from_json (text, strlen (text), &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, part);
}

static const GwProblem *
problem_at (const GwLowered *lowered,
            guint            i)
{
  g_assert_cmpuint (i, <, lowered->problems->len);
  return g_ptr_array_index (lowered->problems, i);
}

/* The only problem, of this node, with these words. */
static const GwProblem *
assert_one (const GwLowered *lowered,
            int64_t          node,
            const char      *words)
{
  const GwProblem *problem = problem_at (lowered, 0);

  for (guint i = 1; i < lowered->problems->len; i++)
    g_test_message ("besides: %s", problem_at (lowered, i)->message);
  g_assert_cmpuint (lowered->problems->len, ==, 1);
  g_assert_cmpint (problem->node, ==, node);
  if (strstr (problem->message, words) == NULL)
    g_error ("“%s” is not in “%s”", words, problem->message);
  return problem;
}

/* The fix that begins with `label`, applied, leaves no problem. */
static void
assert_fixes (GwDocument      *document,
              const GwProblem *problem,
              const char      *label)
{
  for (guint i = 0; i < problem->fixes->len; i++)
    {
      const GwFix *fix = g_ptr_array_index (problem->fixes, i);
      g_autoptr (GError) error = NULL;
      g_autoptr (GwEdit) edit = NULL;
      g_autoptr (GwDocument) copy = NULL;
      g_autoptr (GwLowered) lowered = NULL;

      if (!g_str_has_prefix (fix->label, label))
        continue;
      copy = gw_document_copy (document);
      edit = gw_fix_edit (fix, copy, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (edit->label, ==, fix->label);
      gw_document_apply (copy, edit);
      lowered = gw_lower (copy, &evaluate);
      gw_lowered_check (lowered, copy, NULL, 0, &error);
      g_assert_no_error (error);
      gw_document_revert (copy, edit);
      g_assert_true (gw_document_equal (document, copy));
      return;
    }
  g_error ("no fix “%s”", label);
}

#define X "{'id':1,'name':'x','op':'Placeholder','at':[0,0],'attrs':{'shape':[null,10]}}"

static void
test_wires_to_nowhere (void)
{
  g_autoptr (GwDocument) missing = parse (X ",{'id':2,'name':'y','op':'AddV2','at':[0,0],"
                                          "'inputs':{'x':{'from':1},'y':{'from':77}}},"
                                          "{'id':3,'name':'z','op':'Relu','at':[0,0],'inputs':{'features':{'from':2}}}");
  g_autoptr (GwLowered) lowered = gw_lower (missing, &evaluate);
  g_autoptr (GwDocument) beyond = parse (X ",{'id':2,'name':'y','op':'Relu','at':[0,0],"
                                         "'inputs':{'features':{'from':1,'output':3}}}");
  g_autoptr (GwLowered) lowered_beyond = gw_lower (beyond, &evaluate);
  g_autoptr (GwDocument) itself = parse ("{'id':1,'name':'y','op':'Relu','at':[0,0],'inputs':{'features':{'from':1}}}");
  g_autoptr (GwLowered) lowered_itself = gw_lower (itself, &evaluate);
  const GwProblem *problem = assert_one (lowered, 2, "y is wired to node 77, which does not exist");

  g_assert_cmpstr (problem->port, ==, "y");
  problem = assert_one (lowered_beyond, 2, "features is wired to output 3 of x, which only has 1 output");
  assert_fixes (beyond, problem, "Connect output 0 of x");
  problem = assert_one (lowered_itself, 1, "a cycle: y ← y; cut one of these wires");
  g_assert_cmpstr (((GwFix *) g_ptr_array_index (problem->fixes, 0))->label, ==, "Cut y → y");
}

/* The fix cuts the wire that closes it; a long cycle is told in short. */
static void
test_cycles (void)
{
  g_autoptr (GString) nodes = g_string_new (NULL);
  g_autoptr (GwDocument) document = NULL;
  g_autoptr (GwLowered) lowered = NULL;
  const GwProblem *problem;

  for (int i = 1; i <= 2000; i++)
    g_string_append_printf (nodes, "%s{'id':%d,'name':'n%d','op':'AddN','at':[0,0],'inputs':{'inputs':{'from':%d},"
                            "'inputs[1]':{'from':2001}}}", i > 1 ? "," : "", i, i, i > 1 ? i - 1 : 2000);
  g_string_append (nodes, ",{'id':2001,'name':'c','op':'Const','at':[0,0],'attrs':{'value':{'dtype':'float32','shape':[],'data':[1]}}}");
  document = parse (nodes->str);
  lowered = gw_lower (document, &evaluate);
  problem = assert_one (lowered, 1, "1994 more");
  g_assert_cmpuint (strlen (problem->message), <, 200);
  {
    const GwFix *fix = g_ptr_array_index (problem->fixes, 0);
    g_autoptr (GwEdit) edit = gw_fix_edit (fix, document, NULL);
    g_autoptr (GwLowered) cut = NULL;

    g_assert_cmpint (fix->kind, ==, GW_FIX_DISCONNECT);
    gw_document_apply (document, edit);
    cut = gw_lower (document, &evaluate);
    assert_one (cut, fix->node, "nothing is wired to inputs[0]");
  }
}

/* Everything wired to everything: the list stays short and the time sane. */
static void
test_many_cycles (void)
{
  g_autoptr (GString) nodes = g_string_new (NULL);
  g_autoptr (GwDocument) document = NULL;
  g_autoptr (GwLowered) lowered = NULL;

  for (int i = 1; i <= 150; i++)
    {
      g_string_append_printf (nodes, "%s{'id':%d,'name':'n%d','op':'AddN','at':[0,0],'inputs':{", i > 1 ? "," : "", i, i);
      for (int k = 0; k < 150; k++)
        g_string_append_printf (nodes, "%s'inputs[%d]':{'from':%d}", k > 0 ? "," : "", k, k + 1);
      g_string_append (nodes, "}}");
    }
  document = parse (nodes->str);
  lowered = gw_lower (document, &evaluate);
  g_assert_cmpuint (lowered->problems->len, >, 0);
  g_assert_cmpuint (lowered->problems->len, <=, 20);
}

static void
test_list_ports (void)
{
  g_autoptr (GwDocument) gap = parse (X ",{'id':2,'name':'y','op':'AddN','at':[0,0],'inputs':{'inputs[60000]':{'from':1}}}");
  g_autoptr (GwLowered) lowered = gw_lower (gap, &evaluate);
  g_autoptr (GString) inputs = g_string_new (NULL);
  g_autoptr (GwDocument) many = NULL;
  g_autoptr (GwLowered) lowered_many = NULL;

  assert_one (lowered, 2, "nothing is wired to inputs[0]");
  /* Backwards, and some twice. */
  for (int k = 20000; k >= 0; k--)
    g_string_append_printf (inputs, "'inputs[%d]':{'from':%d},", k, k % 2 + 1);
  g_string_append (inputs, "'inputs':{'from':1},'inputs[7]':{'from':2}");
  g_string_prepend (inputs, X ",{'id':2,'name':'z','op':'Neg','at':[0,0],'inputs':{'x':{'from':1}}},"
                    "{'id':3,'name':'y','op':'AddN','at':[0,0],'inputs':{");
  g_string_append (inputs, "}}");
  many = parse (inputs->str);
  g_assert_cmpuint (gw_document_node (many, 3)->inputs->len, ==, 20001);
  g_assert_cmpint (gw_doc_node_input (gw_document_node (many, 3), "inputs", 7)->from, ==, 2);
  lowered_many = gw_lower (many, &evaluate);
  g_assert_cmpuint (lowered_many->problems->len, ==, 0);
  g_assert_cmpint (gw_graph_find (lowered_many->graph, "y")->n_inputs, ==, 20001);
}

static void
test_unknown (void)
{
  g_autofree char *long_name = g_strnfill (100000, 'q');
  g_autofree char *nodes = g_strdup_printf ("{'id':1,'name':'a','op':'%s','at':[0,0]}", long_name);
  g_autoptr (GwDocument) op = parse (nodes);
  g_autoptr (GwLowered) lowered_op = gw_lower (op, &evaluate);
  g_autoptr (GwDocument) attrs = parse (X ",{'id':2,'name':'y','op':'Dense','at':[0,0],'inputs':{'inputs':{'from':1}},"
                                        "'attrs':{'unitz':3,'_note':'kept'}}");
  g_autoptr (GwLowered) lowered = gw_lower (attrs, &evaluate);
  const GwProblem *problem = assert_one (lowered, 2, "Dense has no attribute “unitz”");

  assert_fixes (attrs, problem, "Remove unitz");
  problem = assert_one (lowered_op, 1, "there is no op called qqq");
  g_assert_cmpuint (strlen (problem->message), <, 200);
}

static void
test_names (void)
{
  static const char *const bad[] = { "a b", "größe", "a/", "/a", "a//b", "_x", "x:1", "^x" };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *nodes = g_strdup_printf ("{'id':1,'name':'%s','op':'Const','at':[0,0],"
                                                "'attrs':{'value':{'dtype':'float32','shape':[],'data':[1]}}}", bad[i]);
      g_autoptr (GwDocument) document = parse (nodes);
      g_autoptr (GwLowered) lowered = gw_lower (document, &evaluate);
      g_autoptr (GError) error = NULL;

      assert_fixes (document, assert_one (lowered, 1, "cannot be a name"), "Call it");
      g_assert_null (gw_edit_set_attr (document, 1, "name", bad[i], &error));
      gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "cannot be a name");
    }
}

static void
test_ids (void)
{
  g_autoptr (GwDocument) document = parse ("{'id':9007199254740992,'name':'a','op':'NoOp','at':[0,0]}");
  int64_t id;
  g_autoptr (GwEdit) edit = gw_edit_add_node (document, gw_registry_find ("NoOp"), 0, 0, &id);

  g_assert_cmpint (id, >, 0);
  g_assert_cmpint (id, <=, GW_MAX_ID);
  gw_document_apply (document, edit);
  g_assert_cmpint (gw_document_find (document, "NoOp"), ==, id);
  refused ("{'id':'9223372036854775807','name':'a','op':'NoOp','at':[0,0]}", "id");
  refused ("{'id':1,'name':'a','op':'NoOp','at':[0,0],'after':['9223372036854775807']}", "not an id");
  refused ("{'id':1,'name':'a','op':'Neg','at':[0,0],'inputs':{'x':{'from':'9223372036854775807'}}}", "neither");
  refused ("{'id':1,'name':'a','op':'NoOp','at':[0,0]},{'id':1,'name':'b','op':'NoOp','at':[0,0]}", "two items");
}

/* ---- what the rules say, and the nearest fix ---- */

static void
test_product (void)
{
  g_autoptr (GwDocument) document = parse (X ",{'id':2,'name':'W','op':'VariableV2','at':[0,0],'attrs':{'shape':[100,2]}},"
                                           "{'id':3,'name':'m','op':'MatMul','at':[0,0],'inputs':{'a':{'from':1},'b':{'from':2}}}");
  g_autoptr (GwLowered) lowered = gw_lower (document, &evaluate);
  const GwProblem *problem = assert_one (lowered, 3, "a is ?×10 and b is 100×2: the inner sizes 10 and 100 differ");

  assert_fixes (document, problem, "Make W 10×2");
}

static void
test_types (void)
{
  g_autoptr (GwDocument) mix = parse ("{'id':1,'name':'i','op':'Placeholder','at':[0,0],'attrs':{'dtype':'int32','shape':[3]}},"
                                      "{'id':2,'name':'d','op':'Placeholder','at':[0,0],'attrs':{'dtype':'float64','shape':[3]}},"
                                      "{'id':3,'name':'y','op':'Mul','at':[0,0],'inputs':{'x':{'from':1},'y':{'from':2}}}");
  g_autoptr (GwLowered) lowered = gw_lower (mix, &evaluate);
  g_autoptr (GwDocument) layer = parse ("{'id':1,'name':'i','op':'Placeholder','at':[0,0],'attrs':{'dtype':'int32','shape':[null,3]}},"
                                        "{'id':2,'name':'y','op':'Dropout','at':[0,0],'inputs':{'x':{'from':1}}}");
  g_autoptr (GwLowered) lowered_layer = gw_lower (layer, &train);
  g_autoptr (GwDocument) text = parse ("{'id':1,'name':'c','op':'Const','at':[0,0],'attrs':{'value':{'dtype':'string','shape':[],'data':['a']}}}");
  g_autoptr (GwLowered) lowered_text = gw_lower (text, &evaluate);
  g_autoptr (GwDocument) value = parse (X ",{'id':2,'name':'y','op':'AssignAdd','at':[0,0],'inputs':{'ref':{'literal':'w'},'value':{'from':1}}}");
  g_autoptr (GwLowered) lowered_value = gw_lower (value, &evaluate);

  assert_fixes (mix, assert_one (lowered, 3, "float64"), "Cast x to float64");
  assert_one (lowered_layer, 2, "x cannot be int32");
  assert_fixes (text, assert_one (lowered_text, 1, ""), "Set dtype to string");
  assert_one (lowered_value, 2, "ref names the variable “w”, and no node is called so");
}

/* ---- muted, bypassed, waiting ---- */

static void
test_bypassed (void)
{
  g_autoptr (GwDocument) document = parse (X ",{'id':2,'name':'y','op':'Relu','at':[0,0],'bypassed':true,'inputs':{'features':{'from':1}}},"
                                           "{'id':3,'name':'z','op':'Neg','at':[0,0],'inputs':{'x':{'from':2}}},"
                                           "{'id':4,'name':'m','op':'Neg','at':[0,0],'muted':true,'inputs':{'x':{'from':3}}},"
                                           "{'id':5,'name':'after','op':'Neg','at':[0,0],'inputs':{'x':{'from':4}}},"
                                           "{'id':6,'name':'literal','op':'Mul','at':[0,0],'bypassed':true,'inputs':{'x':{'literal':'3.5'},'y':{'from':1}}},"
                                           "{'id':7,'name':'late','op':'Neg','at':[0,0],'bypassed':true,'after':[3],'inputs':{'x':{'from':1}}}");
  g_autoptr (GwLowered) lowered = gw_lower (document, &evaluate);
  g_autoptr (GwDocument) none = parse ("{'id':1,'name':'c','op':'NoOp','at':[0,0],'bypassed':true}");
  g_autoptr (GwLowered) lowered_none = gw_lower (none, &evaluate);
  g_autoptr (GwDocument) open = parse ("{'id':1,'name':'y','op':'Relu','at':[0,0],'bypassed':true}");
  g_autoptr (GwLowered) lowered_open = gw_lower (open, &evaluate);

  g_assert_cmpuint (lowered->problems->len, ==, 0);
  g_assert_true (gw_lowered_output (lowered, 2, 0).node == gw_lowered_output (lowered, 1, 0).node);
  g_assert_true (gw_lowered_output (lowered, 3, 0).node->inputs[0].node == gw_lowered_output (lowered, 1, 0).node);
  g_assert_null (gw_lowered_output (lowered, 4, 0).node);
  g_assert_null (gw_lowered_output (lowered, 5, 0).node);
  g_assert_cmpfloat (gw_tensor_get_double (gw_output_constant (gw_lowered_output (lowered, 6, 0)), 0), ==, 3.5);
  g_assert_true (g_ptr_array_index (gw_lowered_output (lowered, 7, 0).node->control_inputs, 0) ==
                 gw_lowered_output (lowered, 3, 0).node);
  assert_one (lowered_none, 1, "no input that could stand in");
  assert_one (lowered_open, 1, "nothing is wired to features");
}

/* A layer that waits for something: its ops wait, its variables' initialisation not. */
static void
test_control_edges (void)
{
  g_autoptr (GwDocument) document = parse (
    X ",{'id':2,'name':'steps','op':'VariableV2','at':[0,0]},"
    "{'id':3,'name':'count','op':'AssignAdd','at':[0,0],'inputs':{'ref':{'from':2}}},"
    "{'id':4,'name':'y','op':'Dense','at':[0,0],'attrs':{'units':2,'kernel_initializer':'ones'},'after':[3,1],'inputs':{'inputs':{'from':1}}},"
    "{'id':5,'name':'v','op':'VariableV2','at':[0,0],'after':[1]}");
  g_autoptr (GwLowered) lowered = gw_lower (document, &evaluate);
  g_autoptr (GwSession) session = gw_session_new (1);
  g_autoptr (GPtrArray) targets = g_ptr_array_new ();
  g_autoptr (GwTensor) x = gw_test_tensor ("[[1.0, 1, 1, 1, 1, 1, 1, 1, 1, 1]]");
  GwTensor *results[2];
  GwFeed feed = { gw_lowered_output (lowered, 1, 0), x };
  GwOutput fetches[2] = { gw_lowered_output (lowered, 4, 0), gw_lowered_output (lowered, 2, 0) };
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (lowered->problems->len, ==, 0);
  for (guint i = 0; i < lowered->variables->len; i++)
    g_ptr_array_add (targets, ((GwLoweredVariable *) g_ptr_array_index (lowered->variables, i))->initializer);
  g_assert_cmpuint (targets->len, ==, 4);
  gw_session_run (session, lowered->graph, 0, NULL, 0, NULL, (int) targets->len, (GwNode *const *) targets->pdata, NULL, NULL, &error);
  g_assert_no_error (error);
  gw_session_run (session, lowered->graph, 1, &feed, 2, fetches, 0, NULL, NULL, results, &error);
  g_assert_no_error (error);
  gw_test_assert_tensor (results[0], "[[10.0, 10.0]]");
  gw_test_assert_tensor (results[1], "1.0");
  gw_tensor_unref (results[0]);
  gw_tensor_unref (results[1]);
}

/* ---- optimizers ---- */

#define LOSS \
  X ",{'id':2,'name':'y','op':'Dense','at':[0,0],'attrs':{'units':1},'inputs':{'inputs':{'from':1}}}," \
  "{'id':3,'name':'t','op':'Placeholder','at':[0,0],'attrs':{'shape':[null,1]}}," \
  "{'id':4,'name':'loss','op':'Loss','at':[0,0],'attrs':{'kind':'mean_squared_error'},'inputs':{'predictions':{'from':2},'labels':{'from':3}}}"

/* Two optimizers of the same variables do not share what they remember. */
static void
test_two_optimizers (void)
{
  g_autoptr (GwDocument) document = parse (
    LOSS ",{'id':5,'name':'A','op':'Minimize','at':[0,0],'inputs':{'loss':{'from':4}}},"
    "{'id':6,'name':'B','op':'Minimize','at':[0,0],'inputs':{'loss':{'from':4}}}");
  g_autoptr (GwLowered) lowered = gw_lower (document, &train);
  static const char *const names[] = {
    "y/kernel/Adam", "y/kernel/Adam_1", "y/kernel/Adam_2", "y/kernel/Adam_3",
    "beta1_power", "beta1_power_1", "beta2_power", "beta2_power_1", "global_step",
  };

  g_assert_cmpuint (lowered->problems->len, ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      GwNode *node = gw_graph_find (lowered->graph, names[i]);

      g_assert_nonnull (node);
      g_assert_cmpstr (node->def->name, ==, "VariableV2");
    }
  g_assert_null (gw_graph_find (lowered->graph, "global_step_1"));
  g_assert_null (gw_graph_find (lowered->graph, "y/kernel/Adam_4"));
}

static void
test_var_list (void)
{
  g_autoptr (GwDocument) under = parse (LOSS ",{'id':5,'name':'A','op':'Minimize','at':[0,0],'attrs':{'var_list':['y/']},'inputs':{'loss':{'from':4}}}");
  g_autoptr (GwLowered) lowered = gw_lower (under, &train);
  g_autoptr (GwDocument) wrong = parse (LOSS ",{'id':5,'name':'A','op':'Minimize','at':[0,0],'attrs':{'var_list':['y','hiden1']},'inputs':{'loss':{'from':4}}}");
  g_autoptr (GwLowered) lowered_wrong = gw_lower (wrong, &train);
  g_autoptr (GwDocument) step = parse (LOSS ",{'id':5,'name':'A','op':'Minimize','at':[0,0],'inputs':{'loss':{'from':4}}},"
                                       "{'id':6,'name':'global_step','op':'VariableV2','at':[0,0],'attrs':{'shape':[2]}},"
                                       "{'id':7,'name':'B','op':'Minimize','at':[0,0],'after':[6],'inputs':{'loss':{'from':4}}}");
  g_autoptr (GwLowered) lowered_step = gw_lower (step, &train);

  g_assert_cmpuint (lowered->problems->len, ==, 0);
  g_assert_nonnull (gw_graph_find (lowered->graph, "A/update_y/bias/ApplyAdam"));
  assert_one (lowered_wrong, 5, "“hiden1”");
  g_assert_cmpuint (lowered_step->problems->len, <=, 1);
}

/* Dropout with a seed of its own: TensorFlow's combination with the graph's. */
static void
test_dropout_seed (void)
{
  g_autoptr (GwDocument) document = parse (X ",{'id':2,'name':'a','op':'Dropout','at':[0,0],'attrs':{'seed':5},'inputs':{'x':{'from':1}}},"
                                           "{'id':3,'name':'b','op':'Dropout','at':[0,0],'inputs':{'x':{'from':1}}}");
  const GwLowerOptions open = { GW_MODE_TRAIN, TRUE, -1 };
  g_autoptr (GwLowered) seeded = gw_lower (document, &train);
  g_autoptr (GwLowered) unseeded = gw_lower (document, &open);
  const struct { GwLowered *lowered; const char *name; int64_t seed, seed2; } expected[] = {
    { seeded, "a/RandomUniform", 42, 5 }, { seeded, "b/RandomUniform", 42, 0 },
    { unseeded, "a/RandomUniform", 87654321, 5 }, { unseeded, "b/RandomUniform", 0, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      const GwNode *node = gw_graph_find (expected[i].lowered->graph, expected[i].name);

      g_assert_cmpint (gw_node_attr (node, "seed")->i, ==, expected[i].seed);
      g_assert_cmpint (gw_node_attr (node, "seed2")->i, ==, expected[i].seed2);
    }
}

/* ---- two threads ---- */

static gpointer
ask_constants (gpointer data)
{
  GwGraph *graph = data;
  int64_t sum = 0;

  for (int id = 0; id < gw_graph_n_nodes (graph); id++)
    {
      const GwTensor *value = gw_output_constant ((GwOutput) { gw_graph_node (graph, id), 0 });

      sum += value != NULL ? (int64_t) gw_tensor_get_double (value, 0) : 0;
    }
  return GSIZE_TO_POINTER ((gsize) sum);
}

/* A graph that is complete may be read from any thread. */
static void
test_two_readers (void)
{
  for (int round = 0; round < 20; round++)
    {
      g_autoptr (GwGraph) graph = gw_graph_new ();
      GwBuilder b;
      GwOutput x;
      GThread *threads[2];
      gsize sums[2];

      gw_builder_init (&b, graph);
      x = gw_const_scalar (&b, GW_FLOAT32, 1);
      for (int i = 0; i < 300; i++)
        x = gw_op2 (&b, "AddV2", x, gw_const_scalar (&b, GW_FLOAT32, 1));
      g_assert_true (gw_builder_finish (&b, NULL));
      for (int i = 0; i < 2; i++)
        threads[i] = g_thread_new ("reader", ask_constants, graph);
      for (int i = 0; i < 2; i++)
        sums[i] = GPOINTER_TO_SIZE (g_thread_join (threads[i]));
      g_assert_cmpuint (sums[0], ==, sums[1]);
      g_assert_cmpuint (sums[0], ==, 301 + 301 * 302 / 2 - 1);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gw_register_all_ops ();
  gw_register_composites ();
  g_test_add_func ("/hostile/wires-to-nowhere", test_wires_to_nowhere);
  g_test_add_func ("/hostile/cycles", test_cycles);
  g_test_add_func ("/hostile/many-cycles", test_many_cycles);
  g_test_add_func ("/hostile/list-ports", test_list_ports);
  g_test_add_func ("/hostile/unknown", test_unknown);
  g_test_add_func ("/hostile/names", test_names);
  g_test_add_func ("/hostile/ids", test_ids);
  g_test_add_func ("/hostile/product", test_product);
  g_test_add_func ("/hostile/types", test_types);
  g_test_add_func ("/hostile/bypassed", test_bypassed);
  g_test_add_func ("/hostile/control-edges", test_control_edges);
  g_test_add_func ("/hostile/two-optimizers", test_two_optimizers);
  g_test_add_func ("/hostile/var-list", test_var_list);
  g_test_add_func ("/hostile/dropout-seed", test_dropout_seed);
  g_test_add_func ("/hostile/two-readers", test_two_readers);
  return g_test_run ();
}
