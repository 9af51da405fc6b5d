/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/engine/ops/op-runner.h"

#include "engine/base/error.h"
#include "engine/graph/gradient.h"
#include "engine/graph/registry.h"
#include "engine/ops/families.h"
#include "engine/tensor/text.h"
#include "tests/support/support.h"

#include <string.h>

#define MAX_PORTS 64

typedef enum { CONSTANT, FED, FED_OPEN, N_WAYS } Way;

static const char *const way_names[] = { "constant", "fed", "fed with open shapes" };

void
op_runner_init (void)
{
  static gsize once;

  if (g_once_init_enter (&once))
    {
      gw_register_all_ops ();
      g_once_init_leave (&once, 1);
    }
}

int
op_parse_attrs (const GwOpDef *def,
                const char    *text,
                GwAttrSetting *settings)
{
  g_auto (GStrv) parts = g_strsplit (text != NULL ? text : "", " ", -1);
  int n = 0;

  for (int i = 0; parts[i] != NULL; i++)
    {
      g_autoptr (GError) error = NULL;
      char *value = strchr (parts[i], '=');
      int index;

      if (value == NULL)
        continue;
      *value++ = '\0';
      index = gw_attr_defs_find (def->attrs, parts[i]);
      g_assert_cmpint (index, >=, 0);
      settings[n].name = def->attrs[index].name;
      gw_attr_parse (&def->attrs[index], value, &settings[n].value, &error);
      g_assert_no_error (error);
      n++;
    }
  return n;
}

GwNode *
op_add (GwGraph        *graph,
        const char     *op,
        const char     *attrs,
        int             n_inputs,
        const GwOutput *inputs,
        GError        **error)
{
  GwAttrSetting settings[16] = { 0 };
  GwNodeSpec spec = { .n_inputs = n_inputs, .inputs = inputs, .attrs = settings };
  GwNode *node;

  op_runner_init ();
  spec.def = gw_registry_find (op);
  g_assert_nonnull (spec.def);
  spec.n_attrs = op_parse_attrs (spec.def, attrs, settings);
  node = gw_graph_add (graph, &spec, error);
  for (int i = 0; i < spec.n_attrs; i++)
    gw_attr_value_clear (&settings[i].value);
  return node;
}

/* ---- running ---- */

typedef struct {
  GwGraph  *graph;
  GwBuilder builder;
  int       n;
  GwOutput  inputs[MAX_PORTS];
  GwTensor *tensors[MAX_PORTS];
  int       n_feeds;
  GwFeed    feeds[MAX_PORTS];
} Stage;

static GwOutput
add_placeholder (Stage   *stage,
                 GwDType  dtype,
                 GwShape  shape)
{
  return gw_op (&stage->builder, "Placeholder", GW_NO_IN,
                GW_WITH ({ "dtype", gw_attr_dtype (dtype) }, { "shape", gw_attr_shape (shape) }));
}

static void
set_stage (Stage             *stage,
           const char *const *inputs,
           Way                way)
{
  memset (stage, 0, sizeof *stage);
  op_runner_init ();
  stage->graph = gw_graph_new ();
  gw_builder_init (&stage->builder, stage->graph);
  for (; inputs[stage->n] != NULL; stage->n++)
    {
      GwTensor *tensor = gw_test_tensor (inputs[stage->n]);
      GwOutput *output = &stage->inputs[stage->n];

      stage->tensors[stage->n] = tensor;
      if (way == CONSTANT)
        *output = gw_const (&stage->builder, gw_tensor_ref (tensor));
      else
        {
          *output = add_placeholder (stage, tensor->dtype, way == FED ? tensor->shape : GW_SHAPE_UNKNOWN);
          stage->feeds[stage->n_feeds++] = (GwFeed) { *output, tensor };
        }
      g_assert_no_error (stage->builder.error);
    }
}

static void
strike_stage (Stage *stage)
{
  for (int i = 0; i < stage->n; i++)
    gw_tensor_unref (stage->tensors[i]);
  gw_builder_clear (&stage->builder);
  gw_graph_unref (stage->graph);
}

/* Number of outputs, or -1 with the error. */
static int
run_way (const char        *op,
         const char        *attrs,
         const char *const *inputs,
         Way                way,
         GwTensor         **results,
         GError           **error)
{
  g_autoptr (GwSession) session = gw_session_new (2);
  GwOutput fetches[MAX_PORTS];
  Stage stage;
  GwNode *node;
  int n = -1;

  set_stage (&stage, inputs, way);
  node = op_add (stage.graph, op, attrs, stage.n, stage.inputs, error);
  if (node != NULL)
    {
      for (int i = 0; i < node->n_outputs; i++)
        fetches[i] = (GwOutput) { node, i };
      if (gw_session_run (session, stage.graph, stage.n_feeds, stage.feeds, node->n_outputs, fetches, 0, NULL, NULL,
                          results, error))
        n = node->n_outputs;
      for (int i = 0; i < n; i++)
        g_assert_true (gw_shape_matches (&results[i]->shape, &node->shapes[i]));
      gw_session_forget_graph (session, stage.graph);
    }
  strike_stage (&stage);
  return n;
}

void
op_gives (const char        *op,
          const char        *attrs,
          const char *const *inputs,
          const char *const *outputs)
{
  for (Way way = 0; way < N_WAYS; way++)
    {
      g_autoptr (GError) error = NULL;
      GwTensor *results[MAX_PORTS];
      int n = run_way (op, attrs, inputs, way, results, &error);

      g_test_message ("%s %s, %s", op, attrs != NULL ? attrs : "", way_names[way]);
      g_assert_no_error (error);
      g_assert_cmpint (n, ==, (int) g_strv_length ((char **) outputs));
      for (int i = 0; i < n; i++)
        {
          g_autoptr (GwTensor) want = gw_test_tensor (outputs[i]);

          gw_test_assert_close (results[i], want, 0);
          gw_tensor_unref (results[i]);
        }
    }
}

void
op_fails (const char        *op,
          const char        *attrs,
          const char *const *inputs,
          GwErrorCode        code,
          const char        *part)
{
  for (Way way = 0; way < N_WAYS; way++)
    {
      GError *error = NULL;
      GwTensor *results[MAX_PORTS];
      int n = run_way (op, attrs, inputs, way, results, &error);

      g_test_message ("%s %s, %s", op, attrs != NULL ? attrs : "", way_names[way]);
      g_assert_cmpint (n, ==, -1);
      g_assert_nonnull (error);
      g_assert_cmpstr (gw_error_get_op (error), ==, op);
      gw_test_assert_error (&error, code, part);
    }
}

/* ---- inferring ---- */

static GwOutput
add_typed_placeholder (Stage      *stage,
                       const char *text)
{
  g_autoptr (GError) error = NULL;
  const char *blank = strchr (text, ' ');
  g_autofree char *type = blank != NULL ? g_strndup (text, (gsize) (blank - text)) : g_strdup ("float32");
  GwShape shape;

  gw_shape_parse (blank != NULL ? blank + 1 : text, &shape, &error);
  g_assert_no_error (error);
  return add_placeholder (stage, gw_dtype_from_name (type), shape);
}

void
op_infers (const char        *op,
           const char        *attrs,
           const char *const *inputs,
           const char        *outputs)
{
  g_autoptr (GString) got = g_string_new (NULL);
  GError *error = NULL;
  Stage stage;
  GwNode *node;

  set_stage (&stage, OP_NO_IN, CONSTANT);
  for (; inputs[stage.n] != NULL; stage.n++)
    stage.inputs[stage.n] = inputs[stage.n][0] == '='
                              ? gw_const (&stage.builder, gw_test_tensor (inputs[stage.n] + 1))
                              : add_typed_placeholder (&stage, inputs[stage.n]);
  node = op_add (stage.graph, op, attrs, stage.n, stage.inputs, &error);
  stage.n = 0;
  if (outputs[0] == '!')
    gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, outputs + 1);
  else
    {
      g_assert_no_error (error);
      for (int i = 0; i < node->n_outputs; i++)
        {
          g_autofree char *text = gw_shape_to_string (&node->shapes[i]);

          g_string_append_printf (got, "%s%s", i == 0 ? "" : " ", text);
        }
      g_assert_cmpstr (got->str, ==, outputs);
    }
  strike_stage (&stage);
}

/* ---- differentiating ---- */

static void
differentiate_way (const char        *op,
                   const char        *attrs,
                   const char *const *inputs,
                   const char        *dy_text,
                   int                input,
                   const char        *dx_text,
                   Way                way)
{
  g_autoptr (GwSession) session = gw_session_new (2);
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) result = NULL;
  GwOutput dx, dy;
  GwNode *node;
  Stage stage;

  set_stage (&stage, inputs, way);
  node = op_add (stage.graph, op, attrs, stage.n, stage.inputs, &error);
  g_assert_no_error (error);
  dy = gw_const (&stage.builder, gw_test_tensor (dy_text));
  gw_gradients (&stage.builder, 1, &(GwOutput) { node, 0 }, &dy, 1, &stage.inputs[input], &dx);
  g_assert_no_error (stage.builder.error);
  g_assert_nonnull (dx.node);
  result = gw_session_fetch (session, stage.graph, stage.n_feeds, stage.feeds, dx, &error);
  g_assert_no_error (error);
  gw_test_assert_tensor (result, dx_text);
  gw_session_forget_graph (session, stage.graph);
  strike_stage (&stage);
}

void
op_differentiates (const char        *op,
                   const char        *attrs,
                   const char *const *inputs,
                   const char        *dy,
                   int                input,
                   const char        *dx)
{
  differentiate_way (op, attrs, inputs, dy, input, dx, CONSTANT);
  differentiate_way (op, attrs, inputs, dy, input, dx, FED);
}
