/* SPDX-License-Identifier: Apache-2.0 */
/* Scopes that share variables: TensorFlow's variable_scope() with reuse and AUTO_REUSE, its errors in its words;
 * collections chosen by scope; averages of variables drawn by hand. Figures by hand. */
#include "engine/document/averages.h"
#include "engine/document/live.h"
#include "engine/document/lower.h"
#include "engine/document/variable-scopes.h"
#include "tests/engine/train/documents.h"
#include "tests/support/support.h"

#include <string.h>

/* y = k · 1 for a Dense box in each of two scopes, called "<scope>/k"; losses (y − 3)² and (y − 5)², a step of 0.1
 * down the sum of both. `first` and `second` are the scopes' properties, `k` and `l` attributes of the boxes. */
typedef struct {
  const char *first, *second, *k, *l;
} Case;

#define DENSE_OF(id, name, owner, attrs, from)                                                            \
  "{'id':" #id ",'owner':" #owner ",'name':'" name "','op':'Dense','at':[0,0],"                           \
  "'attrs':{'units':1,'use_bias':false,'kernel_initializer':'zeros'" attrs "},'inputs':{'inputs':{'from':" #from "}}}"
#define DENSE(id, name, owner, attrs) DENSE_OF (id, name, owner, attrs, 1)
#define LOSS(id, name, from, label)                                                                       \
  ",{'id':" #id ",'name':'" name "','op':'Loss','at':[0,0],'attrs':{'kind':'mean_squared_error'},"        \
  "'inputs':{'predictions':{'from':" #from "},'labels':{'literal':'[[" #label "]]'}}}"
#define INPUT "{'id':1,'name':'x','op':'Const','at':[0,0],'attrs':{'value':{'dtype':'float32','shape':[1,1],'data':[1]}}},"
#define SUM                                                                                               \
  ",{'id':40,'name':'sum','op':'AddV2','at':[0,0],'inputs':{'x':{'from':12},'y':{'from':22}}}"            \
  ",{'id':30,'name':'train','op':'Minimize','at':[0,0],'attrs':{'optimizer':'GradientDescent'},"          \
  "'inputs':{'loss':{'from':40},'learning_rate':{'literal':'0.1'}}}"

static GwDocument *
make_document (const Case *c)
{
  g_autofree char *text = g_strdup_printf (
    "{'graphwright': 2, 'nodes': [" INPUT DENSE (2, "v/k", 60, "%s") "," DENSE (3, "w/k", 61, "%s")
    LOSS (12, "first", 2, 3) LOSS (22, "second", 3, 5) SUM "],"
    "'groups': [{'id':60,'kind':'scope','name':'v','at':[0,0]%s},{'id':61,'kind':'scope','name':'w','at':[0,0]%s}],"
    "'training': {'targets':[30],'loss':40}}",
    c->k != NULL ? c->k : "", c->l != NULL ? c->l : "", c->first, c->second);

  g_strdelimit (text, "'", '"');
  return gw_test_document (text);
}

static void
assert_value (GwDocument *document,
              int64_t     steps,
              GwMode      mode,
              const char *name,
              double      want)
{
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
  const char *fetches[] = { name, NULL };
  GwTestWorker worker;

  options.steps = steps;
  options.begin = steps > 0 ? GW_TRAINER_RUNNING : GW_TRAINER_IDLE;
  options.keep_open = TRUE;
  gw_test_worker_start (&worker, document, &options);
  if (steps > 0)
    gw_test_await_state (&worker, GW_TRAINER_DONE);
  {
    g_auto (GwReport) report = gw_test_await (&worker, GW_REPORT_VALUES, gw_trainer_predict (worker.trainer, mode, NULL, fetches));
    const GwNamedTensor *named = g_ptr_array_index (report.values, 0);

    g_assert_cmpfloat_with_epsilon (gw_tensor_get_double (named->tensor, 0), want, 1e-6);
  }
  gw_test_worker_end (&worker);
}

static gint
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* "v/k/kernel w/k/kernel", sorted. */
static char *
variables_of (const GwDocument *document,
              GError          **error)
{
  g_autoptr (GwLowered) lowered = gw_lower (document, &(GwLowerOptions) { GW_MODE_TRAIN, FALSE, 7 });
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  if (!gw_lowered_check (lowered, document, NULL, 0, error))
    return NULL;
  for (guint i = 0; i < lowered->variables->len; i++)
    g_ptr_array_add (names, ((GwLoweredVariable *) g_ptr_array_index (lowered->variables, i))->name);
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return g_strjoinv (" ", (char **) names->pdata);
}

/* ---- scopes ---- */

#define EXISTS "already exists, disallowed. Did you mean to set reuse=True or reuse=tf.AUTO_REUSE in VarScope?"
#define MISSING "does not exist, or was not created with tf.get_variable(). Did you mean to set reuse=tf.AUTO_REUSE in VarScope?"

static void
test_reuse (void)
{
  static const struct { Case c; const char *variables; } cases[] = {
    { { "", "" }, "v/k/kernel w/k/kernel" },
    { { "", ",'variables':'v','reuse':'true'" }, "v/k/kernel" },
    { { ",'variables':'w','reuse':'true'", "" }, "w/k/kernel" },             /* whoever makes it comes first */
    { { ",'reuse':'auto'", ",'variables':'v','reuse':'auto'" }, "v/k/kernel" },
    { { ",'variables':'w','reuse':'true'", ",'reuse':'auto'" }, "w/k/kernel" },
    { { "", ",'variables':'v','reuse':'auto'" }, "v/k/kernel" },
    { { "", ",'variables':'/a/b','reuse':'auto'" }, "a/b/k/kernel v/k/kernel" },
    { { ",'variables':'a/b'", ",'variables':'c'" }, "a/b/k/kernel c/k/kernel" },
    { { "", ",'variables':'v','reuse':'true'", ",'use_bias':true" }, "v/k/bias v/k/kernel" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GwDocument) document = make_document (&cases[i].c);
      g_autoptr (GError) error = NULL;
      g_autofree char *variables = variables_of (document, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (variables, ==, cases[i].variables);
    }
}

/* Both losses pull at the one kernel: its change is 0.1 · (2 (3 − k) + 2 (5 − k)). */
static void
test_trained (void)
{
  g_autoptr (GwDocument) document = make_document (&(Case) { "", ",'variables':'v','reuse':'true'" });
  g_autoptr (GwDocument) apart = make_document (&(Case) { "", "" });

  assert_value (document, 1, GW_MODE_TRAIN, "v/k", 1.6);
  assert_value (document, 1, GW_MODE_TRAIN, "w/k", 1.6);
  assert_value (apart, 1, GW_MODE_TRAIN, "v/k", 0.6);
  assert_value (apart, 1, GW_MODE_TRAIN, "w/k", 1);
}

static void
test_refused (void)
{
  static const struct { Case c; const char *words; } cases[] = {
    { { "", ",'variables':'v'" }, "Variable v/k/kernel " EXISTS },
    { { "", ",'variables':'u','reuse':'true'" }, "Variable u/k/kernel " MISSING },
    { { ",'variables':'u','reuse':'true'", ",'variables':'u','reuse':'true'" }, "Variable u/k/kernel " MISSING },
    { { "", ",'variables':'v','reuse':'true'", NULL, ",'use_bias':true" }, "Variable v/k/bias " MISSING },
    { { "", ",'variables':'v','reuse':'auto'", ",'units':2" }, "Trying to share variable v/k/kernel, but specified shape [1,1] and found shape [1,2]" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GwDocument) document = make_document (&cases[i].c);
      g_autoptr (GwLowered) lowered = gw_lower (document, &(GwLowerOptions) { GW_MODE_TRAIN, FALSE, 7 });
      gboolean found = FALSE;

      for (guint k = 0; k < lowered->problems->len; k++)
        found = found || strstr (((GwProblem *) g_ptr_array_index (lowered->problems, k))->message, cases[i].words) != NULL;
      if (!found)
        g_error ("case %d: not “%s”", (int) i, cases[i].words);
    }
}

/* Reuse holds for scopes within, AUTO within True is AUTO (reuse or old.reuse). */
static void
test_nested (void)
{
  static const struct { const char *outer, *inner, *variables, *words; } cases[] = {
    { "'true'", "", "a/in/k/kernel", NULL },
    { "'auto'", ",'variables':'other'", "a/in/k/kernel a/other/k/kernel", NULL },
    { "'true'", ",'variables':'other'", NULL, "Variable a/other/k/kernel " MISSING },
    { "'true'", ",'variables':'other','reuse':'auto'", "a/in/k/kernel a/other/k/kernel", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf (
        "{'graphwright': 2, 'nodes': [" INPUT DENSE (2, "a/in/k", 63, "") "," DENSE (3, "b/in/k", 61, "")
        "],'groups': [{'id':60,'kind':'scope','name':'b','at':[0,0],'variables':'a','reuse':%s},"
        "{'id':61,'owner':60,'kind':'scope','name':'in','at':[0,0]%s},{'id':62,'kind':'scope','name':'a','at':[0,0]},"
        "{'id':63,'owner':62,'kind':'scope','name':'in','at':[0,0]}]}", cases[i].outer, cases[i].inner);
      g_autoptr (GwDocument) document = gw_test_document (g_strdelimit (text, "'", '"'));
      GError *error = NULL;
      g_autofree char *variables = variables_of (document, &error);

      if (cases[i].words != NULL)
        gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, cases[i].words);
      g_assert_no_error (error);
      g_assert_cmpstr (variables, ==, cases[i].variables);
    }
}

/* Composites of one's own in scopes within scopes: their inner layers' variables take the scopes' names, are shared
 * by reuse, and are the same after a file. */
static void
test_own_composite (void)
{
  static const struct { const char *reuse, *variables; } cases[] = {
    { "", "v/in/k/dense/kernel w/in/k/dense/kernel" },
    { ",'variables':'v','reuse':'auto'", "v/in/k/dense/kernel" },
    { ",'variables':'v','reuse':'true'", "v/in/k/dense/kernel" },
    { ",'variables':'/other'", "other/in/k/dense/kernel v/in/k/dense/kernel" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf (
        "{'graphwright': 2, 'nodes': [" INPUT
        "{'id':2,'owner':61,'name':'v/in/k','op':'Block','at':[0,0],'inputs':{'x':{'from':1}}},"
        "{'id':3,'owner':63,'name':'w/in/k','op':'Block','at':[0,0],'inputs':{'x':{'from':1}}},"
        "{'id':4,'owner':70,'name':'Block/x','op':'_Arg','at':[0,0],'attrs':{'index':0}},"
        DENSE_OF (5, "Block/dense", 70, "", 4) ","
        "{'id':6,'owner':70,'name':'Block/y','op':'_Retval','at':[0,0],'attrs':{'index':0},'inputs':{'input':{'from':5}}}"
        LOSS (12, "first", 2, 3) LOSS (22, "second", 3, 5) SUM "],"
        "'groups': [{'id':60,'kind':'scope','name':'v','at':[0,0]},{'id':61,'owner':60,'kind':'scope','name':'in','at':[0,0]},"
        "{'id':62,'kind':'scope','name':'w','at':[0,0]%s},{'id':63,'owner':62,'kind':'scope','name':'in','at':[0,0]},"
        "{'id':70,'kind':'composite','name':'Block'}],'training': {'targets':[30],'loss':40}}", cases[i].reuse);
      g_autoptr (GwDocument) document = gw_test_document (g_strdelimit (text, "'", '"'));
      g_autoptr (GwDocument) read = NULL;
      g_autofree char *again = gw_document_to_json (document), *variables = NULL, *variables_read = NULL;
      GError *error = NULL;

      variables = variables_of (document, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (variables, ==, cases[i].variables);
      read = gw_document_from_json (again, strlen (again), &error);
      g_assert_no_error (error);
      g_assert_true (gw_document_equal (document, read));
      variables_read = variables_of (read, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (variables_read, ==, variables);
      /* one kernel gets both gradients: (2 · 3 + 2 · 5) · 0.1, two get one each */
      assert_value (document, 1, GW_MODE_TRAIN, "v/in/k", strchr (variables, ' ') == NULL ? 1.6 : 0.6);
    }
}

/* A scope within the composite: its names stand within each use's. */
static void
test_within_own_composite (void)
{
  static const struct { const char *inner, *variables; } cases[] = {
    { "", "k/in/dense/kernel l/in/dense/kernel" },
    { ",'variables':'other'", "k/other/dense/kernel l/other/dense/kernel" },
    { ",'variables':'/root','reuse':'auto'", "root/dense/kernel" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf (
        "{'graphwright': 2, 'nodes': [" INPUT
        "{'id':2,'name':'k','op':'Block','at':[0,0],'inputs':{'x':{'from':1}}},"
        "{'id':3,'name':'l','op':'Block','at':[0,0],'inputs':{'x':{'from':1}}},"
        "{'id':4,'owner':70,'name':'Block/x','op':'_Arg','at':[0,0],'attrs':{'index':0}},"
        DENSE_OF (5, "Block/in/dense", 71, "", 4) ","
        "{'id':6,'owner':70,'name':'Block/y','op':'_Retval','at':[0,0],'attrs':{'index':0},'inputs':{'input':{'from':5}}}],"
        "'groups': [{'id':70,'kind':'composite','name':'Block'},{'id':71,'owner':70,'kind':'scope','name':'in','at':[0,0]%s}]}",
        cases[i].inner);
      g_autoptr (GwDocument) document = gw_test_document (g_strdelimit (text, "'", '"'));
      GError *error = NULL;
      g_autofree char *variables = variables_of (document, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (variables, ==, cases[i].variables);
    }
}

/* ---- while it is edited ---- */

static void
assert_live (GwLive     *live,
             int64_t     node,
             const char *words)
{
  g_autoptr (GArray) affected = g_array_new (FALSE, FALSE, sizeof (int64_t));
  const GwProblem *problem;

  while (!gw_live_work (live, 100, affected))
    ;
  problem = gw_live_problem (live, node);
  if (words == NULL)
    g_assert_null (problem);
  else
    g_assert_nonnull (strstr (problem->message, words));
}

/* reuse=True within a composite, and of what a composite makes: makers come first, wherever they stand. */
static void
test_makers_come_first (void)
{
#define BLOCK(id, name, op) "{'id':" #id ",'name':'" name "','op':'" op "','at':[0,0],'inputs':{'x':{'from':1}}},"
#define INSIDE(arg, layer, retval, owner, scope, op)                                                                 \
  "{'id':" #arg ",'owner':" #owner ",'name':'" op "/x','op':'_Arg','at':[0,0],'attrs':{'index':0}},"                  \
  DENSE_OF (layer, op "/in/dense", scope, "", arg) ","                                                               \
  "{'id':" #retval ",'owner':" #owner ",'name':'" op "/y','op':'_Retval','at':[0,0],'attrs':{'index':0},'inputs':{'input':{'from':" #layer "}}}"
#define GROUPS(owner, scope, op, inner)                                                                              \
  "{'id':" #owner ",'kind':'composite','name':'" op "'},{'id':" #scope ",'owner':" #owner ",'kind':'scope','name':'in','at':[0,0]" inner "}"
#define TAKES(name) ",'variables':'/" name "','reuse':'true'"
  static const struct { const char *nodes, *groups, *variables; } cases[] = {
    { BLOCK (2, "k", "Taker") INSIDE (4, 5, 6, 70, 71, "Taker") "," DENSE_OF (9, "root/dense", 90, "", 1),
      GROUPS (70, 71, "Taker", TAKES ("root")) ",{'id':90,'kind':'scope','name':'root','at':[0,0]}", "root/dense/kernel" },
    { BLOCK (2, "k", "Taker") BLOCK (3, "l", "Maker") INSIDE (4, 5, 6, 70, 71, "Taker") "," INSIDE (14, 15, 16, 80, 81, "Maker"),
      GROUPS (70, 71, "Taker", TAKES ("l/in")) "," GROUPS (80, 81, "Maker", ""), "l/in/dense/kernel" },
    { DENSE_OF (2, "own/dense", 90, "", 1) "," BLOCK (3, "l", "Maker") INSIDE (14, 15, 16, 80, 81, "Maker"),
      "{'id':90,'kind':'scope','name':'own','at':[0,0]" TAKES ("l/in") "}," GROUPS (80, 81, "Maker", ""), "l/in/dense/kernel" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("{'graphwright': 2, 'nodes': [" INPUT "%s],'groups': [%s]}",
                                               cases[i].nodes, cases[i].groups);
      g_autoptr (GwDocument) document = gw_test_document (g_strdelimit (text, "'", '"'));
      GwLive *live = gw_live_new (document);
      GError *error = NULL;
      g_autofree char *variables = variables_of (document, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (variables, ==, cases[i].variables);
      assert_live (live, 2, NULL);
      gw_live_free (live);
    }
}

static void
test_edited (void)
{
  g_autoptr (GwDocument) document = make_document (&(Case) { "", "" });
  g_autoptr (GwDocument) before = gw_document_copy (document);
  g_autoptr (GwDocument) again = NULL;
  g_autoptr (GwLive) live = gw_live_new (document);
  g_autoptr (GError) error = NULL;
  g_autoptr (GwEdit) same = gw_edit_set_variable_scope (document, 61, "v", GW_REUSE_INHERIT, &error);
  g_autoptr (GwEdit) reuse = NULL;
  g_autofree char *text = NULL;
  const int64_t changed[] = { 61 };

  g_assert_no_error (error);
  assert_live (live, 3, NULL);
  gw_document_apply (document, same);
  gw_live_change (live, document, 1, changed);
  assert_live (live, 3, "Variable v/k/kernel " EXISTS);
  assert_live (live, 2, NULL);
  reuse = gw_edit_set_variable_scope (document, 61, "v", GW_REUSE_TRUE, &error);
  gw_document_apply (document, reuse);
  gw_live_change (live, document, 1, changed);
  assert_live (live, 3, NULL);
  text = gw_document_to_json (document);
  g_assert_nonnull (strstr (text, "\"graphwright\": 2"));
  again = gw_test_document (text);
  g_assert_true (gw_document_equal (document, again));
  gw_document_revert (document, reuse);
  gw_document_revert (document, same);
  g_assert_true (gw_document_equal (document, before));
  gw_live_change (live, document, 1, changed);
  assert_live (live, 3, NULL);
  g_assert_null (gw_edit_set_variable_scope (document, 61, "a b", GW_REUSE_TRUE, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "cannot be a name");
}

/* ---- collections ---- */

static void
test_chosen_by_scope (void)
{
  static const struct { const char *name, *scope; gboolean is; } cases[] = {
    { "v/k/kernel", "v", TRUE }, { "v/k/kernel", "v/", TRUE }, { "v/k/kernel", "v/k", TRUE }, { "vv/k/kernel", "v", FALSE },
    { "v/k/kernel", ".*/kernel", TRUE }, { "v/k/bias", ".*/kernel", FALSE }, { "vv/k/kernel", "v.", FALSE },
    { "vv/k/kernel", "v+/", TRUE }, { "a/v/kernel", "v+/", FALSE }, { "v/k/kernel", "(", FALSE }, { "v/k/kernel", "", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    if (gw_variable_is_under (cases[i].name, cases[i].scope) != cases[i].is)
      g_error ("%s, %s", cases[i].name, cases[i].scope);
}

static void
test_penalties_by_scope (void)
{
  static const struct { const char *scope; double want; } cases[] = { { "", 22 }, { "v", 2 }, { "w/k", 20 }, { ".*/kernel", 22 }, { "u", 0 } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf (
        "{'graphwright': 1, 'nodes': [" INPUT DENSE (2, "v/k", 60, ",'kernel_initializer':'ones','kernel_regularizer':'l1(2)'") ","
        DENSE (3, "w/k", 61, ",'kernel_initializer':'ones','kernel_regularizer':'l1(20)'") LOSS (12, "first", 2, 1) LOSS (22, "second", 3, 1)
        ",{'id':40,'name':'total','op':'TotalLoss','at':[0,0],'attrs':{'scope':'%s'},"
        "'inputs':{'losses[0]':{'from':12},'losses[1]':{'from':22}}}],"
        "'groups': [{'id':60,'kind':'scope','name':'v','at':[0,0]},{'id':61,'kind':'scope','name':'w','at':[0,0]}]}", cases[i].scope);
      g_autoptr (GwDocument) document = gw_test_document (g_strdelimit (text, "'", '"'));

      assert_value (document, 0, GW_MODE_TRAIN, "total", cases[i].want);
    }
}

/* ---- averages ---- */

/* (v − 3)² of a variable that was drawn: what reads it in evaluation has the average, what assigns has the variable. */
static void
test_averages_of_a_variable (void)
{
  g_autofree char *text = g_strdup (
    "{'graphwright': 1, 'nodes': [{'id':1,'name':'v','op':'VariableV2','at':[0,0],'attrs':{'shape':[1,1],'_initializer':'zeros','_trainable':true}},"
    "{'id':2,'name':'y','op':'Neg','at':[0,0],'inputs':{'x':{'from':1}}},"
    "{'id':3,'name':'set','op':'Assign','at':[0,0],'inputs':{'ref':{'from':1},'value':{'literal':'[[7]]'}}}"
    LOSS (12, "loss", 2, 3)
    ",{'id':30,'name':'train','op':'Minimize','at':[0,0],'attrs':{'optimizer':'GradientDescent','moving_average_decay':0.5},"
    "'inputs':{'loss':{'from':12},'learning_rate':{'literal':'0.1'}}}],'training':{'targets':[30],'loss':12}}");
  g_autoptr (GwDocument) document = gw_test_document (g_strdelimit (text, "'", '"'));
  g_autoptr (GwLowered) lowered = gw_lower (document, &(GwLowerOptions) { GW_MODE_EVALUATE, TRUE, 7 });

  assert_value (document, 1, GW_MODE_TRAIN, "y", 0.6);
  assert_value (document, 1, GW_MODE_EVALUATE, "y", 0.3);
  assert_value (document, 2, GW_MODE_PREDICT, "y", 0.69);
  g_assert_cmpstr (gw_lowered_final (lowered, 3)->inputs[0].node->name, ==, "v");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gw_init ();
  g_test_add_func ("/scopes/reuse", test_reuse);
  g_test_add_func ("/scopes/trained", test_trained);
  g_test_add_func ("/scopes/refused", test_refused);
  g_test_add_func ("/scopes/nested", test_nested);
  g_test_add_func ("/scopes/own-composite", test_own_composite);
  g_test_add_func ("/scopes/within-own-composite", test_within_own_composite);
  g_test_add_func ("/scopes/makers-come-first", test_makers_come_first);
  g_test_add_func ("/scopes/edited", test_edited);
  g_test_add_func ("/scopes/chosen", test_chosen_by_scope);
  g_test_add_func ("/scopes/penalties", test_penalties_by_scope);
  g_test_add_func ("/scopes/averages-of-a-variable", test_averages_of_a_variable);
  return g_test_run ();
}
