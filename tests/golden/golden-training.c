/* SPDX-License-Identifier: Apache-2.0 */
/* Optimizers on a given row of gradients, and whole trainings. */
#include "tests/golden/golden.h"

#include <math.h>
#include <string.h>

/* ---- variables and optimizers from ops ---- */

GwOutput
golden_variable (GwBuilder  *builder,
                 const char *name,
                 GwTensor   *initial,
                 GwNode    **assign)
{
  GwNode *node = gw_node_new (builder, "VariableV2", name, GW_NO_IN,
                              GW_WITH ({ "dtype", gw_attr_dtype (initial->dtype) },
                                       { "shape", gw_attr_shape (initial->shape) }));
  GwOutput variable = gw_output_of (node, 0);

  *assign = gw_node_new (builder, "Assign", NULL, GW_IN (variable, gw_const (builder, gw_tensor_ref (initial))), NULL);
  return variable;
}

struct _GoldenOptimizer {
  const char  *name;
  const cJSON *params;
  GPtrArray   *init, *step;
  GwOutput     powers[2];   /* Adam's */
};

static const char *const with_ops[] = { "GradientDescent", "Momentum", "Adam" };

GoldenOptimizer *
golden_optimizer_new (GwBuilder   *builder,
                      const char  *name,
                      const cJSON *params)
{
  GoldenOptimizer *optimizer = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (with_ops); i++)
    if (strcmp (name, with_ops[i]) == 0)
      {
        optimizer = g_new0 (GoldenOptimizer, 1);
        optimizer->name = with_ops[i];
        optimizer->params = params;
        optimizer->init = g_ptr_array_new ();
        optimizer->step = g_ptr_array_new ();
      }
  return optimizer;
}

void
golden_optimizer_free (GoldenOptimizer *optimizer)
{
  if (optimizer == NULL)
    return;
  g_ptr_array_unref (optimizer->init);
  g_ptr_array_unref (optimizer->step);
  g_free (optimizer);
}

GPtrArray *
golden_optimizer_init (GoldenOptimizer *optimizer)
{
  return optimizer->init;
}

GPtrArray *
golden_optimizer_step (GoldenOptimizer *optimizer)
{
  return optimizer->step;
}

static GwOutput
param (GoldenOptimizer *optimizer,
       GwBuilder       *builder,
       GwDType          dtype,
       const char      *name,
       double           otherwise)
{
  return gw_const_scalar (builder, dtype, gw_json_member_double (optimizer->params, name, otherwise));
}

static GwOutput
slot (GoldenOptimizer *optimizer,
      GwBuilder       *builder,
      const char      *name,
      GwDType          dtype,
      const GwShape   *shape,
      double           value)
{
  g_autoptr (GwTensor) initial = gw_tensor_new (dtype, shape, NULL);
  GwOutput variable;
  GwNode *assign;

  for (int64_t i = 0; i < initial->elements; i++)
    gw_tensor_set_double (initial, i, value);
  variable = golden_variable (builder, name, initial, &assign);
  g_ptr_array_add (optimizer->init, assign);
  return variable;
}

static GwNode *
adam_step (GoldenOptimizer *optimizer,
           GwBuilder       *builder,
           GwOutput         variable,
           GwTensor        *initial,
           GwOutput         gradient)
{
  GwDType dtype = initial->dtype;
  GwOutput m = slot (optimizer, builder, "m", dtype, &initial->shape, 0);
  GwOutput v = slot (optimizer, builder, "v", dtype, &initial->shape, 0);
  GwOutput beta1 = param (optimizer, builder, dtype, "beta1", 0.9);
  GwOutput beta2 = param (optimizer, builder, dtype, "beta2", 0.999);

  if (optimizer->powers[0].node == NULL)
    {
      optimizer->powers[0] = slot (optimizer, builder, "beta1_power", dtype, &GW_SHAPE_SCALAR,
                                   gw_json_member_double (optimizer->params, "beta1", 0.9));
      optimizer->powers[1] = slot (optimizer, builder, "beta2_power", dtype, &GW_SHAPE_SCALAR,
                                   gw_json_member_double (optimizer->params, "beta2", 0.999));
    }
  return gw_node_new (builder, "ApplyAdam", NULL,
                      GW_IN (variable, m, v, optimizer->powers[0], optimizer->powers[1],
                             param (optimizer, builder, dtype, "learning_rate", 0.001), beta1, beta2,
                             param (optimizer, builder, dtype, "epsilon", 1e-8), gradient), NULL);
}

void
golden_optimizer_add (GoldenOptimizer *optimizer,
                      GwBuilder       *builder,
                      GwOutput         variable,
                      GwTensor        *initial,
                      GwOutput         gradient)
{
  GwDType dtype = initial->dtype;
  GwOutput rate = param (optimizer, builder, dtype, "learning_rate", 0.001);
  gboolean nesterov = gw_json_member_bool (optimizer->params, "use_nesterov", FALSE);
  GwNode *node;

  if (strcmp (optimizer->name, "GradientDescent") == 0)
    node = gw_node_new (builder, "ApplyGradientDescent", NULL, GW_IN (variable, rate, gradient), NULL);
  else if (strcmp (optimizer->name, "Momentum") == 0)
    node = gw_node_new (builder, "ApplyMomentum", NULL,
                        GW_IN (variable, slot (optimizer, builder, "momentum", dtype, &initial->shape, 0), rate, gradient,
                               param (optimizer, builder, dtype, "momentum", 0)),
                        GW_WITH ({ "use_nesterov", gw_attr_bool (nesterov) }));
  else
    node = adam_step (optimizer, builder, variable, initial, gradient);
  g_ptr_array_add (optimizer->step, node);
}

/* The powers are multiplied after all the steps. */
void
golden_optimizer_finish (GoldenOptimizer *optimizer,
                         GwBuilder       *builder)
{
  static const char *const names[] = { "beta1", "beta2" };
  guint n_steps = optimizer->step->len;

  for (int i = 0; i < 2 && optimizer->powers[0].node != NULL && builder->error == NULL; i++)
    {
      GwOutput power = optimizer->powers[i];
      GwNode *read = gw_node_new (builder, "Identity", NULL, GW_IN (power), NULL);
      GwOutput next = gw_op2 (builder, "Mul", gw_output_of (read, 0),
                              param (optimizer, builder, gw_output_dtype (power), names[i], i == 0 ? 0.9 : 0.999));
      GwNode *assign = gw_node_new (builder, "Assign", NULL, GW_IN (power, next), NULL);

      for (guint k = 0; k < n_steps && assign != NULL; k++)
        gw_graph_add_control (assign, g_ptr_array_index (optimizer->step, k));
      g_ptr_array_add (optimizer->step, assign);
    }
}

static gboolean
run_nodes (GwSession *session,
           GwGraph   *graph,
           GPtrArray *nodes,
           GwFeed    *feed,
           GError   **error)
{
  return gw_session_run (session, graph, feed != NULL, feed, 0, NULL, (int) nodes->len,
                         (GwNode *const *) nodes->pdata, NULL, NULL, error);
}

/* ---- one variable, gradients given ---- */

typedef struct {
  GwSession *session;
  GwGraph   *graph;
  GwBuilder  builder;
} Ground;

static char *
run_optimizer (Ground          *ground,
               GoldenOptimizer *optimizer,
               const cJSON     *golden)
{
  GwBuilder *b = &ground->builder;
  g_autoptr (GwTensor) initial = gw_tensor_from_json (cJSON_GetObjectItemCaseSensitive (golden, "initial"), &b->error);
  char *problem = NULL;
  GwOutput variable, gradient;
  GwNode *assign;
  const cJSON *step;
  int number = 0;

  if (initial == NULL)
    return g_strdup (b->error->message);
  variable = golden_variable (b, "variable", initial, &assign);
  g_ptr_array_add (optimizer->init, assign);
  gradient = gw_op (b, "Placeholder", GW_NO_IN, GW_WITH ({ "dtype", gw_attr_dtype (initial->dtype) },
                                                         { "shape", gw_attr_shape (initial->shape) }));
  golden_optimizer_add (optimizer, b, variable, initial, gradient);
  golden_optimizer_finish (optimizer, b);
  if (b->error != NULL || !run_nodes (ground->session, ground->graph, optimizer->init, NULL, &b->error))
    return g_strdup (b->error->message);
  cJSON_ArrayForEach (step, cJSON_GetObjectItemCaseSensitive (golden, "steps"))
    {
      g_autoptr (GwTensor) value = gw_tensor_from_json (cJSON_GetObjectItemCaseSensitive (step, "grad"), &b->error);
      GwFeed feed = { gradient, value };
      g_autoptr (GwTensor) after = NULL;
      g_autofree char *what = g_strdup_printf ("value after step %d", ++number);

      if (value == NULL || !run_nodes (ground->session, ground->graph, optimizer->step, &feed, &b->error) ||
          (after = gw_session_fetch (ground->session, ground->graph, 0, NULL, variable, &b->error)) == NULL)
        return g_strdup (b->error->message);
      if (!golden_compare (what, after, cJSON_GetObjectItemCaseSensitive (step, "value"), -1, &problem))
        break;
    }
  return problem;
}

void
golden_optimizer_case (GoldenReport *report,
                       const cJSON  *golden)
{
  const char *name = gw_json_member_string (golden, "optimizer", "");
  gboolean sparse = gw_json_member_bool (golden, "sparse", FALSE);
  g_autoptr (GwSession) session = gw_session_new (2);
  g_autoptr (GwGraph) graph = gw_graph_new ();
  Ground ground = { session, graph };
  GoldenOptimizer *optimizer;
  g_autofree char *problem = NULL;

  gw_builder_init (&ground.builder, graph);
  optimizer = golden_optimizer_new (&ground.builder, name, cJSON_GetObjectItemCaseSensitive (golden, "params"));
  if (optimizer == NULL || sparse)
    golden_skipped (report, "optimizer %s%s", name, sparse ? ", sparse gradients" : "");
  else if ((problem = run_optimizer (&ground, optimizer, golden)) != NULL)
    golden_failed (report, golden, "%s", problem);
  else
    golden_passed (report);
  golden_optimizer_free (optimizer);
  gw_builder_clear (&ground.builder);
}

/* ---- whole trainings ---- */

static GwTensor *
tensor_at (GwBuilder   *b,
           const cJSON *golden,
           const char  *key,
           int          index)
{
  const cJSON *item = cJSON_GetArrayItem (cJSON_GetObjectItemCaseSensitive (golden, key), index);

  if (b->error != NULL)
    return NULL;
  if (item == NULL)
    {
      gw_builder_fail (b, GW_ERROR_INVALID_ARGUMENT, "%s %d is missing", key, index);
      return NULL;
    }
  return gw_tensor_from_json (item, &b->error);
}

#define MLP_WEIGHTS 4

typedef struct {
  GwOutput  weights[MLP_WEIGHTS];
  GwTensor *initial[MLP_WEIGHTS];
  GwOutput  gradients[MLP_WEIGHTS];
  GwOutput  loss;
} Mlp;

static void
build_mlp (Ground          *ground,
           GoldenOptimizer *optimizer,
           const cJSON     *golden,
           Mlp             *mlp)
{
  GwBuilder *b = &ground->builder;
  GwTensor *x = tensor_at (b, golden, "inputs", 0);
  GwTensor *labels = tensor_at (b, golden, "inputs", 1);
  GwOutput hidden, logits, losses;

  for (int i = 0; i < MLP_WEIGHTS; i++)
    {
      GwNode *assign;

      mlp->initial[i] = tensor_at (b, golden, "initial", i);
      if (mlp->initial[i] == NULL)
        break;
      mlp->weights[i] = golden_variable (b, "Variable", mlp->initial[i], &assign);
      g_ptr_array_add (optimizer->init, assign);
    }
  if (b->error != NULL)
    {
      gw_tensor_unref (x);
      gw_tensor_unref (labels);
      return;
    }
  hidden = gw_op2 (b, "MatMul", gw_const (b, x), mlp->weights[0]);
  hidden = gw_op1 (b, "Relu", gw_op2 (b, "AddV2", hidden, mlp->weights[1]));
  logits = gw_op2 (b, "BiasAdd", gw_op2 (b, "MatMul", hidden, mlp->weights[2]), mlp->weights[3]);
  losses = gw_op2 (b, "SoftmaxCrossEntropyWithLogits", logits, gw_const (b, labels));
  mlp->loss = gw_op2 (b, "Mean", losses, gw_const_ints (b, 1, (int64_t[]) { 0 }));
  if (gw_gradients (b, 1, &mlp->loss, NULL, MLP_WEIGHTS, mlp->weights, mlp->gradients))
    for (int i = 0; i < MLP_WEIGHTS; i++)
      golden_optimizer_add (optimizer, b, mlp->weights[i], mlp->initial[i], mlp->gradients[i]);
  golden_optimizer_finish (optimizer, b);
}

/* The loss before each step, within 1e-4 of itself; then the final weights. */
static char *
train (Ground          *ground,
       GoldenOptimizer *optimizer,
       const cJSON     *golden,
       const Mlp       *mlp)
{
  GError **error = &ground->builder.error;
  char *problem = NULL;
  const cJSON *want;
  int step = 0;

  if (*error != NULL || !run_nodes (ground->session, ground->graph, optimizer->init, NULL, error))
    return g_strdup ((*error)->message);
  cJSON_ArrayForEach (want, cJSON_GetObjectItemCaseSensitive (golden, "losses"))
    {
      g_autoptr (GwTensor) loss = NULL;
      GwTensor *result = NULL;

      if (!gw_session_run (ground->session, ground->graph, 0, NULL, 1, &mlp->loss, (int) optimizer->step->len,
                           (GwNode *const *) optimizer->step->pdata, NULL, &result, error))
        return g_strdup ((*error)->message);
      loss = result;
      if (!(fabs (gw_tensor_get_double (loss, 0) - want->valuedouble) <= 1e-4 * fabs (want->valuedouble)))
        return g_strdup_printf ("loss before step %d: %.9g, not %.9g", step, gw_tensor_get_double (loss, 0), want->valuedouble);
      step++;
    }
  for (int i = 0; i < MLP_WEIGHTS && problem == NULL; i++)
    {
      g_autoptr (GwTensor) value = gw_session_fetch (ground->session, ground->graph, 0, NULL, mlp->weights[i], error);
      g_autofree char *what = g_strdup_printf ("final weights %d", i);

      if (value == NULL)
        return g_strdup ((*error)->message);
      golden_compare (what, value, cJSON_GetArrayItem (cJSON_GetObjectItemCaseSensitive (golden, "final"), i), 1e-4, &problem);
    }
  return problem;
}

void
golden_training_case (GoldenReport *report,
                      const cJSON  *golden)
{
  const char *model = gw_json_member_string (golden, "model", "");
  const char *name = gw_json_member_string (golden, "optimizer", "");
  g_autoptr (GwSession) session = gw_session_new (2);
  g_autoptr (GwGraph) graph = gw_graph_new ();
  Ground ground = { session, graph };
  GoldenOptimizer *optimizer = NULL;
  g_autofree char *problem = NULL;
  Mlp mlp = { 0 };

  gw_builder_init (&ground.builder, graph);
  if (g_str_has_prefix (model, "mlp"))
    optimizer = golden_optimizer_new (&ground.builder, name, cJSON_GetObjectItemCaseSensitive (golden, "params"));
  if (optimizer == NULL)
    golden_skipped (report, "training with %s of: %s", name, model);
  else
    {
      build_mlp (&ground, optimizer, golden, &mlp);
      problem = train (&ground, optimizer, golden, &mlp);
      if (problem != NULL)
        golden_failed (report, golden, "%s", problem);
      else
        golden_passed (report);
    }
  for (int i = 0; i < MLP_WEIGHTS; i++)
    gw_tensor_unref (mlp.initial[i]);
  golden_optimizer_free (optimizer);
  gw_builder_clear (&ground.builder);
}
