/* SPDX-License-Identifier: Apache-2.0 */
/* Training wired by hand: Gradients, what is done to them, ApplyGradients; optimizers of
 * Minimize beside it. */
#include "engine/document/live.h"
#include "engine/document/lower.h"
#include "engine/engine.h"
#include "engine/runtime/session.h"
#include "engine/tensor/text.h"
#include "tests/support/support.h"

#include <string.h>

typedef struct {
  GwDocument *document;
  GwLowered  *lowered;
  GwSession  *session;
} Trial;

/* ' stands for ". */
static GwDocument *
parse (const char *nodes)
{
  g_autofree char *text = g_strdup_printf ("{'graphwright': 1, 'nodes': [%s]}", nodes);
  g_autoptr (GError) error = NULL;
  GwDocument *document;

  g_strdelimit (text, "'", '"');
  document = gw_document_from_json (text, strlen (text), &error);
  g_assert_no_error (error);
  return document;
}

static void
trial_init (Trial      *trial,
            const char *nodes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) targets = g_ptr_array_new ();

  trial->document = parse (nodes);
  trial->lowered = gw_lower (trial->document, &(GwLowerOptions) { GW_MODE_TRAIN, TRUE, -1 });
  trial->session = gw_session_new (2);
  gw_lowered_check (trial->lowered, trial->document, NULL, 0, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < trial->lowered->variables->len; i++)
    g_ptr_array_add (targets, ((GwLoweredVariable *) g_ptr_array_index (trial->lowered->variables, i))->initializer);
  gw_session_run (trial->session, trial->lowered->graph, 0, NULL, 0, NULL, (int) targets->len,
                  (GwNode *const *) targets->pdata, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
trial_clear (Trial *trial)
{
  gw_session_free (trial->session);
  gw_lowered_unref (trial->lowered);
  gw_document_unref (trial->document);
}

static void
assert_output (Trial      *trial,
               int         id,
               int         output,
               const char *want)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) tensor = gw_session_fetch (trial->session, trial->lowered->graph, 0, NULL,
                                                  gw_lowered_output (trial->lowered, id, output), &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = gw_tensor_to_string (tensor, -1);
  g_assert_cmpstr (text, ==, want);
}

static GwTensor *
value_of (Trial      *trial,
          const char *variable)
{
  GwVariable *stored = gw_resources_lookup (gw_session_resources (trial->session), variable);

  g_assert_nonnull (stored);
  return stored->tensor;
}

static void
run (Trial *trial,
     int    id)
{
  g_autoptr (GError) error = NULL;
  GwNode *target = gw_lowered_final (trial->lowered, id);

  g_assert_nonnull (target);
  gw_session_run (trial->session, trial->lowered->graph, 0, NULL, 0, NULL, 1, &target, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* The first problem has these words. */
static void
assert_problem (const char *nodes,
                const char *part)
{
  g_autoptr (GwDocument) document = parse (nodes);
  g_autoptr (GwLowered) lowered = gw_lower (document, &(GwLowerOptions) { GW_MODE_TRAIN, TRUE, -1 });
  g_autoptr (GError) error = NULL;

  g_assert_false (gw_lowered_check (lowered, document, NULL, 0, &error));
  if (strstr (error->message, part) == NULL)
    g_error ("“%s” is not in “%s”", part, error->message);
}

/* w = [3, 4] and its squares. */
#define SQUARES \
  "{'id':1,'name':'w','op':'VariableV2','at':[0,0],'attrs':{'shape':[2],'_initializer':'[3, 4]'}}," \
  "{'id':2,'name':'y','op':'Square','at':[0,0],'inputs':{'x':{'from':1}}}"
#define GRADIENT_OF(id, y, x) \
  ",{'id':" #id ",'name':'g" #id "','op':'Gradients','at':[0,0],'inputs':{'ys':{'from':" #y "},'xs':{'from':" #x "}}}"

static void
test_gradients (void)
{
  Trial trial;

  trial_init (&trial, SQUARES
              ",{'id':3,'name':'z','op':'Neg','at':[0,0],'inputs':{'x':{'from':2}}}"
              ",{'id':4,'name':'c','op':'Const','at':[0,0],'attrs':{'value':{'dtype':'float32','shape':[2],'data':[10,100]}}}"
              ",{'id':5,'name':'g','op':'Gradients','at':[0,0],'inputs':{'ys':{'from':2},'ys[1]':{'from':3},"
              "'xs':{'from':1},'xs[1]':{'from':2},'grad_ys':{'from':4}}}"
              GRADIENT_OF (6, 2, 1) GRADIENT_OF (7, 6, 1)
              ",{'id':8,'name':'zeros','op':'Gradients','at':[0,0],'attrs':{'unconnected_gradients':'zero'},"
              "'inputs':{'ys':{'from':2},'xs':{'from':4}}}"
              ",{'id':9,'name':'p','op':'Mul','at':[0,0],'inputs':{'x':{'from':2},'y':{'from':1}}}"
              ",{'id':10,'name':'stopped','op':'Gradients','at':[0,0],"
              "'inputs':{'ys':{'from':9},'xs':{'from':1},'stop_gradients':{'from':2}}}");
  g_assert_cmpint (gw_lowered_n_outputs (trial.lowered, 5), ==, 2);
  assert_output (&trial, 5, 0, "[54, 792]");
  assert_output (&trial, 5, 1, "[9, 99]");
  assert_output (&trial, 6, 0, "[6, 8]");
  assert_output (&trial, 7, 0, "[2, 2]");
  assert_output (&trial, 8, 0, "[0, 0]");
  assert_output (&trial, 10, 0, "[9, 16]");
  trial_clear (&trial);
}

static void
test_refusals (void)
{
  assert_problem (SQUARES ",{'id':3,'name':'c','op':'Const','at':[0,0],'attrs':{'value':{'dtype':'float32','shape':[],'data':[1]}}}"
                  GRADIENT_OF (4, 2, 3), "no path along which gradients flow leads from c to ys");
  assert_problem (SQUARES ",{'id':3,'name':'g','op':'Gradients','at':[0,0],'inputs':{'ys':{'from':2}}}", "wire xs, or name variables");
  assert_problem (SQUARES ",{'id':3,'name':'g','op':'Gradients','at':[0,0],'attrs':{'var_list':['v']},'inputs':{'ys':{'from':2}}}",
                  "var_list names “v”");
  assert_problem (SQUARES ",{'id':3,'name':'f','op':'Bincount','at':[0,0],'inputs':{'arr':{'literal':'[0, 1]'},'size':{'literal':'2'},'weights':{'from':2}}}"
                  ",{'id':4,'name':'top','op':'Exp','at':[0,0],'inputs':{'x':{'from':3}}}" GRADIENT_OF (5, 4, 1),
                  "No gradient defined for operation 'f' (op type: Bincount); it stands on the path f → top");
  assert_problem (SQUARES GRADIENT_OF (3, 2, 1) ",{'id':4,'name':'a','op':'ApplyGradients','at':[0,0],"
                  "'inputs':{'gradients':{'from':3}}}", "1 gradients for 0 variables");
  assert_problem (SQUARES GRADIENT_OF (3, 2, 1) ",{'id':4,'name':'a','op':'ApplyGradients','at':[0,0],"
                  "'inputs':{'gradients':{'from':3},'variables':{'from':2}}}", "variables[0] must be a variable");
  assert_problem (SQUARES ",{'id':3,'name':'s','op':'Const','at':[0,0],'attrs':{'value':{'dtype':'float32','shape':[],'data':[1]}}}"
                  ",{'id':4,'name':'a','op':'ApplyGradients','at':[0,0],"
                  "'inputs':{'gradients':{'from':3},'variables':{'from':1}}}",
                  "gradients[0] is float32 [], and its variable w is float32 [2]");
  assert_problem (SQUARES GRADIENT_OF (3, 2, 1) ",{'id':4,'name':'a','op':'ApplyGradients','at':[0,0],"
                  "'attrs':{'optimizer':'Adagrad','initial_accumulator_value':0},"
                  "'inputs':{'gradients':{'from':3},'variables':{'from':1}}}", "initial_accumulator_value must be positive");
}

static void
test_clipping (void)
{
  Trial trial;

  trial_init (&trial, SQUARES
              ",{'id':3,'name':'n','op':'ClipByNorm','at':[0,0],'inputs':{'t':{'from':1},'clip_norm':{'literal':'2.5'}}}"
              ",{'id':4,'name':'long','op':'ClipByNorm','at':[0,0],'inputs':{'t':{'from':1},'clip_norm':{'literal':'50'}}}"
              ",{'id':5,'name':'zero','op':'Sub','at':[0,0],'inputs':{'x':{'from':1},'y':{'from':1}}}"
              ",{'id':6,'name':'nothing','op':'ClipByNorm','at':[0,0],'attrs':{'axes':[0]},'inputs':{'t':{'from':5}}}"
              ",{'id':7,'name':'k','op':'Const','at':[0,0],'attrs':{'value':{'dtype':'float32','shape':[],'data':[12]}}}"
              ",{'id':8,'name':'all','op':'ClipByGlobalNorm','at':[0,0],"
              "'inputs':{'t_list':{'from':1},'t_list[1]':{'from':7},'clip_norm':{'literal':'6.5'}}}"
              ",{'id':9,'name':'inf','op':'RealDiv','at':[0,0],'inputs':{'x':{'from':1},'y':{'from':5}}}"
              ",{'id':10,'name':'broken','op':'ClipByGlobalNorm','at':[0,0],'inputs':{'t_list':{'from':9},'t_list[1]':{'from':7}}}"
              GRADIENT_OF (11, 6, 5));
  assert_output (&trial, 3, 0, "[1.5, 2]");
  assert_output (&trial, 4, 0, "[3, 4]");
  assert_output (&trial, 6, 0, "[0, 0]");
  g_assert_cmpint (gw_lowered_n_outputs (trial.lowered, 8), ==, 3);
  assert_output (&trial, 8, 0, "[1.5, 2]");
  assert_output (&trial, 8, 1, "6");
  assert_output (&trial, 8, 2, "13");
  assert_output (&trial, 10, 1, "nan");
  assert_output (&trial, 11, 0, "[1, 1]");
  trial_clear (&trial);
}

/* compute → clip → apply moves by the clipped gradient; slots and global_step are there. */
static void
test_by_hand (void)
{
  Trial trial;

  trial_init (&trial, SQUARES GRADIENT_OF (3, 2, 1)
              ",{'id':4,'name':'clip','op':'ClipByNorm','at':[0,0],'inputs':{'t':{'from':3},'clip_norm':{'literal':'5'}}}"
              ",{'id':5,'name':'train','op':'ApplyGradients','at':[0,0],'attrs':{'optimizer':'Momentum','momentum':0.5},"
              "'inputs':{'gradients':{'from':4},'variables':{'from':1},'learning_rate':{'literal':'0.5'}}}");
  run (&trial, 5);
  assert_output (&trial, 1, 0, "[1.5, 2]");
  gw_test_assert_tensor (value_of (&trial, "w/Momentum"), "[3.0, 4.0]");
  gw_test_assert_tensor (value_of (&trial, "global_step"), "int64 1");
  run (&trial, 5);
  assert_output (&trial, 1, 0, "[-0.75, -1]");
  trial_clear (&trial);
}

#define LAYER \
  "{'id':1,'name':'x','op':'Const','at':[0,0],'attrs':{'value':{'dtype':'float32','shape':[2,2],'data':[1,2,3,4]}}}," \
  "{'id':2,'name':'layer','op':'Dense','at':[0,0],'attrs':{'units':1,'kernel_initializer':'[[1], [2]]'},'inputs':{'inputs':{'from':1}}}," \
  "{'id':3,'name':'cost','op':'Mean','at':[0,0],'inputs':{'input':{'from':2},'axis':{'literal':'[0, 1]'}}},"

/* Variables of layers go by their names: the same step as Minimize's. */
static void
test_named (void)
{
  Trial by_hand, whole;

  trial_init (&by_hand, LAYER
              "{'id':4,'name':'g','op':'Gradients','at':[0,0],'attrs':{'var_list':['layer/bias','layer/kernel']},"
              "'inputs':{'ys':{'from':3}}},"
              "{'id':5,'name':'train','op':'ApplyGradients','at':[0,0],'attrs':{'var_list':['layer/bias','layer/kernel']},"
              "'inputs':{'gradients':{'from':4},'gradients[1]':{'from':4,'output':1},'learning_rate':{'literal':'0.5'}}}");
  trial_init (&whole, LAYER
              "{'id':4,'name':'train','op':'Minimize','at':[0,0],'inputs':{'loss':{'from':3},'learning_rate':{'literal':'0.5'}}}");
  assert_output (&by_hand, 4, 0, "[1]");
  assert_output (&by_hand, 4, 1, "[[2], [3]]");
  for (int i = 0; i < 3; i++)
    {
      run (&by_hand, 5);
      run (&whole, 4);
    }
  g_assert_true (gw_tensor_equal (value_of (&by_hand, "layer/kernel"), value_of (&whole, "layer/kernel")));
  g_assert_true (gw_tensor_equal (value_of (&by_hand, "layer/bias/Adam_1"), value_of (&whole, "layer/bias/Adam_1")));
  trial_clear (&by_hand);
  trial_clear (&whole);
  assert_problem (LAYER "{'id':4,'name':'g','op':'Gradients','at':[0,0],'attrs':{'var_list':['layer']},'inputs':{'ys':{'from':3}}}",
                  "name each of layer/kernel, layer/bias");
}

/* Rows of an embedding reach the optimizer as rows. */
static void
test_embedding (void)
{
  static const struct { const char *optimizer, *op; } cases[] = {
    { "GradientDescent", "ScatterSub" }, { "Momentum", "SparseApplyMomentum" }, { "Adagrad", "SparseApplyAdagrad" },
    { "Adadelta", "SparseApplyAdadelta" }, { "Adam", "ScatterAdd" }, { "RMSProp", "SparseApplyRMSProp" }, { "Ftrl", "SparseApplyFtrl" },
    { "ProximalGradientDescent", "SparseApplyProximalGradientDescent" }, { "ProximalAdagrad", "SparseApplyProximalAdagrad" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strconcat ("train/update_w/", cases[i].op, NULL);
      g_autofree char *nodes = g_strdup_printf (
        "{'id':1,'name':'w','op':'VariableV2','at':[0,0],'attrs':{'shape':[4,1],'_initializer':'ones'}},"
        "{'id':2,'name':'picked','op':'GatherV2','at':[0,0],'inputs':{'params':{'from':1},'indices':{'literal':'[2, 2]'}}},"
        "{'id':3,'name':'cost','op':'Sum','at':[0,0],'inputs':{'input':{'from':2},'axis':{'literal':'[0, 1]'}}},"
        "{'id':4,'name':'train','op':'Minimize','at':[0,0],'attrs':{'optimizer':'%s'},"
        "'inputs':{'loss':{'from':3},'learning_rate':{'literal':'0.25'}}}", cases[i].optimizer);
      Trial trial;

      trial_init (&trial, nodes);
      if (gw_graph_find (trial.lowered->graph, name) == NULL)
        g_error ("%s: there is no %s", cases[i].optimizer, name);
      run (&trial, 4);
      g_assert_cmpfloat (gw_tensor_get_double (value_of (&trial, "w"), 0), ==, i == 6 ? 1 : gw_tensor_get_double (value_of (&trial, "w"), 3));
      g_assert_cmpfloat (gw_tensor_get_double (value_of (&trial, "w"), 2), <, 1);
      if (i == 0)
        gw_test_assert_tensor (value_of (&trial, "w"), "[[1.0], [1.0], [0.5], [1.0]]");
      trial_clear (&trial);
    }
}

/* While a document is edited the outputs are known by type and shape. */
static void
test_outline (void)
{
  g_autoptr (GwDocument) document = parse (SQUARES GRADIENT_OF (3, 2, 1)
                                           ",{'id':4,'name':'g','op':'Gradients','at':[0,0],'attrs':{'var_list':['w']},"
                                           "'inputs':{'ys':{'from':2},'xs':{'from':2}}}");
  GwLive *live = gw_live_new (document);

  g_assert_cmpint (gw_live_n_outputs (live, 3), ==, 1);
  g_assert_cmpint (gw_live_output (live, 3, 0)->dtype, ==, GW_FLOAT32);
  g_assert_true (gw_shape_equal (&gw_live_output (live, 3, 0)->shape, &GW_SHAPE (2)));
  g_assert_cmpint (gw_live_n_outputs (live, 4), ==, 2);
  g_assert_cmpint (gw_live_problems (live)->len, ==, 0);
  gw_live_free (live);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gw_init ();
  g_test_add_func ("/gradients/gradients", test_gradients);
  g_test_add_func ("/gradients/refusals", test_refusals);
  g_test_add_func ("/gradients/clipping", test_clipping);
  g_test_add_func ("/gradients/by-hand", test_by_hand);
  g_test_add_func ("/gradients/named", test_named);
  g_test_add_func ("/gradients/embedding", test_embedding);
  g_test_add_func ("/gradients/outline", test_outline);
  return g_test_run ();
}
