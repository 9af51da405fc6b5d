/* SPDX-License-Identifier: Apache-2.0 */
/* What every op of the registry must keep, whoever wrote it: a complete description,
 * defaults that parse, examples that come true however their inputs arrive, shapes
 * inferred as they turn out, gradients equal to finite differences, refusals instead
 * of crashes, and no leak when memory runs out. A new op is tested by being listed. */
#include "tests/engine/ops/example.h"

#include "engine/base/alloc.h"
#include "engine/base/error.h"
#include "engine/graph/gradient.h"
#include "engine/graph/registry.h"
#include "tests/engine/ops/op-runner.h"
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

static gboolean
is_composite (const GwOpDef *def)
{
  return def->expand != NULL;
}

static const GwOpExample *
next_example (const GwOpExample *example)
{
  return example != NULL && (example->inputs != NULL || example->outputs != NULL) ? example : NULL;
}

#define FOR_EACH_EXAMPLE(def, e) for (const GwOpExample *e = next_example ((def)->examples); e != NULL; e = next_example (e + 1))

/* ---- description ---- */

static void
check_port (const GwOpDef   *def,
            const GwPortDef *port)
{
  int type = gw_attr_defs_find (def->attrs, port->type);

  g_assert_true (port->help != NULL && *port->help != '\0');
  if (type >= 0)
    g_assert_true (def->attrs[type].type == GW_ATTR_DTYPE || def->attrs[type].type == GW_ATTR_DTYPES);
  else
    g_assert_cmpint (gw_dtype_from_name (port->type), !=, GW_DTYPE_INVALID);
  if (port->number_attr != NULL)
    {
      int number = gw_attr_defs_find (def->attrs, port->number_attr);

      g_assert_cmpint (number, >=, 0);
      g_assert_cmpint (def->attrs[number].type, ==, GW_ATTR_INT);
    }
}

static void
check_attr (const GwOpDef   *def,
            const GwAttrDef *attr)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  GwAttrValue value, again;
  cJSON *json;

  if ((attr->flags & GW_ATTR_HIDDEN) == 0)
    g_assert_true (attr->label != NULL && attr->help != NULL);
  g_assert_cmpint (gw_attr_defs_find (def->attrs, attr->name), ==, (int) (attr - def->attrs));
  for (int i = 0; attr->type == GW_ATTR_DTYPE && attr->choices != NULL && attr->choices[i] != NULL; i++)
    g_assert_cmpint (gw_dtype_from_name (attr->choices[i]), !=, GW_DTYPE_INVALID);
  if ((attr->flags & GW_ATTR_REQUIRED) != 0)
    return;
  gw_attr_default (attr, &value);
  g_assert_true (gw_attr_check (attr, &value, &error));
  g_assert_no_error (error);
  json = gw_attr_to_json (&value);
  gw_attr_from_json (attr, json, &again, &error);
  g_assert_no_error (error);
  g_assert_true (gw_attr_value_equal (&value, &again));
  cJSON_Delete (json);
  gw_attr_value_clear (&again);
  gw_attr_value_clear (&value);
}

static void
test_description (gconstpointer data)
{
  const GwOpDef *def = data;

  g_assert_cmpint (def->since, >=, 1);
  g_assert_nonnull (gw_op_category (def));
  g_assert_true ((gw_op_group (def) != NULL) == (strchr (def->category, '/') != NULL));
  g_assert_true (def->title != NULL && *def->title != '\0');
  g_assert_true (def->summary != NULL && g_str_has_suffix (def->summary, "."));
  g_assert_true (def->doc == NULL || *def->doc != '\0');
  for (const GwPortDef *port = def->inputs; port != NULL && port->name != NULL; port++)
    check_port (def, port);
  for (const GwPortDef *port = def->outputs; port != NULL && port->name != NULL; port++)
    check_port (def, port);
  for (const GwAttrDef *attr = def->attrs; attr != NULL && attr->name != NULL; attr++)
    check_attr (def, attr);
  for (int i = 0; def->tell != NULL && def->tell[i] != NULL; i++)
    g_assert_cmpint (gw_attr_defs_find (def->attrs, def->tell[i]), >=, 0);
  if (is_composite (def))
    return;
  g_assert_nonnull (def->shape);
  g_assert_nonnull (def->cpu);
  g_assert_true ((def->grad == NULL) == ((def->flags & (GW_OP_NO_GRADIENT | GW_OP_STOPS_GRADIENT)) != 0));
}

/* ---- examples ---- */

static void
check_results (const Example    *example,
               const Stage      *stage,
               GwTensor *const  *results,
               ExampleWay        way)
{
  for (int i = 0; i < stage->node->n_outputs; i++)
    {
      g_autofree char *difference = NULL;
      g_autofree char *inferred = gw_shape_to_string (&stage->node->shapes[i]);
      g_autofree char *actual = gw_shape_to_string (&results[i]->shape);

      if (!gw_shape_matches (&results[i]->shape, &stage->node->shapes[i]))
        g_error ("%s, %s: output %d was inferred as %s and is %s", example->def->name, example_way_names[way], i,
                 inferred, actual);
      if (example->example->outputs == NULL)
        continue;
      difference = gw_test_difference (results[i], example->outputs[i], 1e-6);
      if (difference != NULL)
        g_error ("%s, %s: output %d: %s", example->def->name, example_way_names[way], i, difference);
    }
}

/* Attributes that a value of unknown shape must not be missing, say Unpack's number,
 * may be given by the shape alone: only a graph that builds is run. */
static void
run_example (const GwOpDef     *def,
             const GwOpExample *text,
             ExampleWay         way)
{
  g_autoptr (Example) example = example_new (def, text, GW_DTYPE_INVALID);
  g_autoptr (GwSession) session = gw_session_new (2);
  g_autoptr (GError) error = NULL;
  GwTensor *results[EXAMPLE_MAX] = { NULL };
  Stage stage;

  stage_init (&stage, example, way);
  if (stage.node == NULL)
    g_error ("%s, %s: %s", def->name, example_way_names[way], stage.builder.error->message);
  if (example->example->outputs != NULL)
    g_assert_cmpint (example->n_outputs, ==, stage.node->n_outputs);
  if (!stage_run (&stage, session, results, &error))
    g_error ("%s, %s: %s", def->name, example_way_names[way], error->message);
  check_results (example, &stage, results, way);
  for (int i = 0; i < stage.node->n_outputs; i++)
    gw_tensor_unref (results[i]);
  stage_clear (&stage);
}

static void
test_examples (gconstpointer data)
{
  const GwOpDef *def = data;

  FOR_EACH_EXAMPLE (def, example)
    for (int way = 0; way < EXAMPLE_N_WAYS; way++)
      run_example (def, example, way);
}

/* ---- gradients ---- */

/* Weights of the outputs, so that no symmetry hides a mistake. */
static GwTensor *
make_weights (const GwTensor *like)
{
  GwTensor *weights = gw_tensor_new (like->dtype, &like->shape, NULL);

  for (int64_t i = 0; i < weights->elements; i++)
    gw_tensor_set_double (weights, i, 0.5 + fmod (0.37 * (double) (i + 1), 1.0));
  return weights;
}

static double
weighted_sum (const GwTensor *y,
              const GwTensor *weights)
{
  double sum = 0;

  for (int64_t i = 0; i < y->elements; i++)
    sum += gw_tensor_get_double (y, i) * gw_tensor_get_double (weights, i);
  return sum;
}

/* Away from corners and ties; what adds up to 1 along the last dimension still does. */
static void
nudge (GwTensor *tensor,
       int       which)
{
  int64_t n = tensor->shape.rank > 0 ? tensor->shape.dims[tensor->shape.rank - 1] : 1;
  double sum = 0;

  for (int64_t i = 0; i < tensor->elements; i++)
    {
      double shift = 0.0137 * (double) (i % n + 1) * (1 + 0.3 * (double) (i / n)) * (1 + 0.2 * which);

      if (n > 1 && i % n == n - 1)
        shift = -sum;
      sum = i % n == n - 1 ? 0 : sum + shift;
      gw_tensor_set_double (tensor, i, gw_tensor_get_double (tensor, i) + shift);
    }
}

/* Σ weights × output with element `at` of input `which` moved by `step`. */
static double
shifted (Stage          *stage,
         GwSession      *session,
         const Example  *example,
         GwOutput        y,
         const GwTensor *weights,
         int             which,
         int64_t         at,
         double          step)
{
  g_autoptr (GError) error = NULL;
  double before = gw_tensor_get_double (example->inputs[which], at);
  GwTensor *result = NULL;
  double sum;

  gw_tensor_set_double (example->inputs[which], at, before + step);
  stage_fetch (stage, session, 1, &y, &result, &error);
  g_assert_no_error (error);
  gw_tensor_set_double (example->inputs[which], at, before);
  sum = weighted_sum (result, weights);
  gw_tensor_unref (result);
  return sum;
}

static void
compare_gradient (Stage          *stage,
                  GwSession      *session,
                  const Example  *example,
                  GwOutput        y,
                  const GwTensor *weights,
                  int             which,
                  const GwTensor *gradient)
{
  gboolean twice = example->inputs[which]->dtype == GW_FLOAT64;
  double step = twice ? 1e-5 : 2e-2;
  double tolerance = twice ? 1e-6 : 2e-2;

  g_assert_true (gw_shape_equal (&gradient->shape, &example->inputs[which]->shape));
  g_assert_cmpint (gradient->dtype, ==, example->inputs[which]->dtype);
  for (int64_t i = 0; i < gradient->elements; i++)
    {
      double got = gw_tensor_get_double (gradient, i);
      double want = (shifted (stage, session, example, y, weights, which, i, step) -
                     shifted (stage, session, example, y, weights, which, i, -step)) / (2 * step);

      if (!(fabs (got - want) <= tolerance * MAX (1, fabs (want))))
        g_error ("%s: d output %d / d input %d, element %" G_GINT64_FORMAT ": %g, by differences %g",
                 example->def->name, y.index, which, i, got, want);
    }
}

static void
check_gradient (const Example *example,
                int            output,
                ExampleWay     way)
{
  g_autoptr (GwSession) session = gw_session_new (2);
  g_autoptr (GwTensor) weights = NULL;
  g_autoptr (GwTensor) plain = NULL;
  GwOutput dxs[EXAMPLE_MAX], y, dy;
  Stage stage;

  stage_init (&stage, example, way);
  g_assert_no_error (stage.builder.error);
  y = gw_output_of (stage.node, output);
  stage_fetch (&stage, session, 1, &y, &plain, &stage.builder.error);
  g_assert_no_error (stage.builder.error);
  weights = make_weights (plain);
  dy = gw_const (&stage.builder, gw_tensor_ref (weights));
  if (!gw_gradients (&stage.builder, 1, &y, &dy, example->n_inputs, stage.inputs, dxs) &&
      g_error_matches (stage.builder.error, GW_ERROR, GW_ERROR_UNIMPLEMENTED))
    {
      stage_clear (&stage);
      return;
    }
  g_assert_no_error (stage.builder.error);
  for (int i = 0; i < example->n_inputs; i++)
    {
      g_autoptr (GwTensor) gradient = NULL;

      if (dxs[i].node == NULL || !gw_dtype_is_floating (example->inputs[i]->dtype))
        continue;
      stage_fetch (&stage, session, 1, &dxs[i], &gradient, &stage.builder.error);
      g_assert_no_error (stage.builder.error);
      compare_gradient (&stage, session, example, y, weights, i, gradient);
    }
  stage_clear (&stage);
}

/* Placeholders that hold floats; what else an op takes is constant. */
static gboolean
can_differentiate (const Example *example,
                   GwNode        *node,
                   int            output)
{
  gboolean floats = FALSE;

  for (int i = 0; i < example->n_inputs; i++)
    floats = floats || (gw_dtype_is_floating (example->inputs[i]->dtype) && !example->is_ref[i]);
  return floats && gw_dtype_is_floating (node->dtypes[output]);
}

static void
test_gradient (gconstpointer data)
{
  const GwOpDef *def = data;

  FOR_EACH_EXAMPLE (def, text)
    {
      g_autoptr (Example) example = example_new (def, text, GW_FLOAT64);
      int n_outputs = 0;
      Stage stage;

      for (int i = 0; i < example->n_inputs; i++)
        if (gw_dtype_is_floating (example->inputs[i]->dtype))
          nudge (example->inputs[i], i);
      stage_init (&stage, example, EXAMPLE_FED);
      g_assert_no_error (stage.builder.error);
      n_outputs = stage.node->n_outputs;
      for (int output = 0; output < n_outputs; output++)
        if (can_differentiate (example, stage.node, output))
          {
            check_gradient (example, output, EXAMPLE_FED);
            check_gradient (example, output, EXAMPLE_OPEN);
          }
      stage_clear (&stage);
    }
}

/* ---- refusals ---- */

static gboolean
is_list (const GwOpDef   *def,
         const GwPortDef *port)
{
  int index = gw_attr_defs_find (def->attrs, port->type);

  return port->number_attr != NULL || (index >= 0 && def->attrs[index].type == GW_ATTR_DTYPES);
}

/* Adds the op with these inputs as constants; TRUE when it was refused, as it should. */
static gboolean
is_refused (const Example   *example,
            int              n_inputs,
            GwTensor *const *tensors)
{
  g_autoptr (GwGraph) graph = gw_graph_new ();
  GwOutput inputs[EXAMPLE_MAX];
  GwBuilder builder;
  GwNode *node;

  gw_builder_init (&builder, graph);
  for (int i = 0; i < n_inputs; i++)
    inputs[i] = gw_const (&builder, gw_tensor_ref (tensors[i]));
  g_assert_no_error (builder.error);
  node = op_add (graph, example->def->name, example->example->attrs, n_inputs, inputs, &builder.error);
  if (node == NULL)
    gw_test_assert_error (&builder.error, GW_ERROR_INVALID_ARGUMENT, NULL);
  gw_builder_clear (&builder);
  return node == NULL;
}

/* Whether a port can be of `dtype` at all. */
static gboolean
takes_type (const GwOpDef   *def,
            const GwPortDef *port,
            GwDType          dtype)
{
  int index = gw_attr_defs_find (def->attrs, port->type);
  const char *const *choices = index >= 0 ? def->attrs[index].choices : NULL;

  if (index < 0)
    return gw_dtype_from_name (port->type) == dtype;
  return choices == NULL || g_strv_contains (choices, gw_dtype_name (dtype));
}

/* An input of a type that its port does not have, and an input too few. */
static void
test_wrong_inputs (gconstpointer data)
{
  const GwOpDef *def = data;
  const GwOpExample *text = next_example (def->examples);
  g_autoptr (Example) example = NULL;
  gboolean has_list = FALSE;
  Stage stage;

  if (text == NULL || text->inputs == NULL)
    return;
  example = example_new (def, text, GW_DTYPE_INVALID);
  stage_init (&stage, example, EXAMPLE_CONSTANT);
  g_assert_no_error (stage.builder.error);
  for (int i = 0; i < example->n_inputs; i++)
    {
      const GwPortDef *port = gw_node_input_port (stage.node, i);
      g_autoptr (GwTensor) wrong = example->inputs[i]->dtype == GW_STRING ? gw_tensor_new_float (1)
                                                                        : gw_tensor_new_string ("x");
      GwTensor *tensors[EXAMPLE_MAX];

      memcpy (tensors, example->inputs, sizeof tensors);
      tensors[i] = wrong;
      has_list = has_list || is_list (def, port);
      if (port->is_ref || !takes_type (def, port, wrong->dtype))
        g_assert_true (is_refused (example, example->n_inputs, tensors));
    }
  if (!has_list && example->n_inputs == gw_ports_length (def->inputs))
    for (int i = 0; i < example->n_inputs; i++)
      g_assert_true (is_refused (example, i, example->inputs));
  stage_clear (&stage);
}

static GwTensor *
random_tensor (GRand         *rand,
               const GwTensor *like)
{
  GwShape shape = { .rank = g_rand_int_range (rand, 0, 4) };
  GwTensor *tensor;

  for (int i = 0; i < shape.rank; i++)
    shape.dims[i] = g_rand_int_range (rand, 0, 4);
  if (g_rand_boolean (rand))
    shape = like->shape;
  tensor = gw_tensor_new_zeros (like->dtype, &shape, NULL);
  for (int64_t i = 0; i < tensor->elements && tensor->dtype != GW_STRING; i++)
    gw_tensor_set_double (tensor, i, tensor->dtype == GW_BOOL ? g_rand_int_range (rand, 0, 2)
                                     : g_rand_int_range (rand, gw_dtype_is_integer (tensor->dtype) &&
                                                         tensor->dtype != GW_UINT8 && tensor->dtype != GW_UINT16 ? -3 : 0, 5));
  return tensor;
}

/* Any shapes and small values: the op answers or refuses, and what was inferred
 * holds. */
static void
test_any_input (gconstpointer data)
{
  const GwOpDef *def = data;
  GRand *rand = g_rand_new_with_seed (g_str_hash (def->name));

  FOR_EACH_EXAMPLE (def, text)
    for (int round = 0; round < 60 && example_is_harmless (def); round++)
      {
        g_autoptr (Example) example = example_new (def, text, GW_DTYPE_INVALID);
        g_autoptr (GwSession) session = gw_session_new (1);
        GwTensor *results[EXAMPLE_MAX] = { NULL };
        g_autoptr (GError) error = NULL;
        Stage stage;

        for (int i = 0; i < example->n_inputs; i++)
          {
            GwTensor *tensor = random_tensor (rand, example->inputs[i]);

            gw_tensor_unref (example->inputs[i]);
            example->inputs[i] = tensor;
          }
        stage_init (&stage, example, round % EXAMPLE_N_WAYS);
        if (stage.node != NULL && stage_run (&stage, session, results, &error))
          for (int i = 0; i < stage.node->n_outputs; i++)
            {
              g_assert_true (gw_shape_matches (&results[i]->shape, &stage.node->shapes[i]));
              gw_tensor_unref (results[i]);
            }
        if (error != NULL)
          g_assert_true (error->domain == GW_ERROR);
        stage_clear (&stage);
      }
  g_rand_free (rand);
}

/* ---- memory ---- */

/* The n-th allocation fails, for n = 1, 2, …, until the run needs fewer. */
static void
test_allocations (gconstpointer data)
{
  const GwOpDef *def = data;
  const GwOpExample *text = next_example (def->examples);

  for (int n = 1; text != NULL && n < 200; n++)
    {
      g_autoptr (Example) example = example_new (def, text, GW_DTYPE_INVALID);
      g_autoptr (GError) error = NULL;
      GwTensor *results[EXAMPLE_MAX] = { NULL };
      GwSession *session;
      int live = gw_alloc_live_count ();
      gboolean ran;
      Stage stage;

      stage_init (&stage, example, EXAMPLE_FED);
      g_assert_no_error (stage.builder.error);
      session = gw_session_new (1);
      gw_alloc_fail_after (n);
      ran = stage_run (&stage, session, results, &error);
      if (gw_alloc_fail_after (0) != 0)
        n = 200;
      for (int i = 0; i < stage.node->n_outputs; i++)
        gw_tensor_unref (results[i]);
      gw_session_free (session);
      stage_clear (&stage);
      if (!ran)
        gw_test_assert_error (&error, GW_ERROR_RESOURCE_EXHAUSTED, NULL);
      g_assert_cmpint (gw_alloc_live_count (), ==, live);
    }
}

int
main (int   argc,
      char *argv[])
{
  static const struct {
    const char *name;
    GTestDataFunc func;
    gboolean needs_gradient;
  } checks[] = {
    { "description", test_description }, { "examples", test_examples }, { "gradient", test_gradient, TRUE },
    { "wrong-inputs", test_wrong_inputs }, { "any-input", test_any_input }, { "allocations", test_allocations },
  };
  const GwOpDef *const *list;
  int n;

  g_test_init (&argc, &argv, NULL);
  op_runner_init ();
  list = gw_registry_list (&n);
  g_assert_cmpint (n, >, 0);
  for (guint c = 0; c < G_N_ELEMENTS (checks); c++)
    for (int i = 0; i < n; i++)
      {
        g_autofree char *path = g_strdup_printf ("/conformance/%s/%s", checks[c].name, list[i]->name);

        if ((!checks[c].needs_gradient || list[i]->grad != NULL) && (c == 0 || !is_composite (list[i])))
          g_test_add_data_func (path, list[i], checks[c].func);
      }
  return g_test_run ();
}
