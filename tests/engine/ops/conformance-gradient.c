/* SPDX-License-Identifier: Apache-2.0 */
/* Gradients against finite differences: of every floating-point output, with respect to
 * every floating-point input and variable handle. */
#include "tests/engine/ops/conformance.h"

#include "engine/base/error.h"
#include "engine/graph/gradient.h"

#include <math.h>

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

typedef struct {
  Stage          *stage;
  GwSession      *session;
  const Example  *example;
  GwOutput        y;
  const GwTensor *weights;
  int             which;
} Sides;

/* d Σ weights × y / d element `at`. */
static double
difference (const Sides *s,
            int64_t      at,
            double       step)
{
  return (shifted (s->stage, s->session, s->example, s->y, s->weights, s->which, at, step) -
          shifted (s->stage, s->session, s->example, s->y, s->weights, s->which, at, -step)) / (2 * step);
}

/* Ops that read one triangle of a symmetric matrix: their gradient is shared out between
 * both halves, so it is compared as if both had moved. */
static gboolean
reads_triangle (const GwOpDef *def)
{
  static const char *const names[] = { "Cholesky", "SelfAdjointEigV2", NULL };

  return g_strv_contains (names, def->name);
}

/* Element `at` with rows and columns exchanged, in its matrix. */
static int64_t
mirrored (const GwTensor *tensor,
          int64_t         at)
{
  int64_t n = tensor->shape.dims[tensor->shape.rank - 1];
  int64_t matrix = at / (n * n);
  int64_t in_matrix = at % (n * n);

  return matrix * n * n + in_matrix % n * n + in_matrix / n;
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
  gboolean twice = example->inputs[which]->dtype == GW_FLOAT64 && gw_output_dtype (y) == GW_FLOAT64;
  gboolean half = gw_dtype_size (gw_output_dtype (y)) == 2;
  double step = twice ? 1e-5 : half ? 0.125 : 2e-2;
  double tolerance = twice ? 1e-6 : half ? 0.1 : 2e-2;
  Sides sides = { stage, session, example, y, weights, which };

  g_assert_true (gw_shape_equal (&gradient->shape, &example->inputs[which]->shape));
  g_assert_cmpint (gradient->dtype, ==, example->inputs[which]->dtype);
  for (int64_t i = 0; i < gradient->elements; i++)
    {
      double got = gw_tensor_get_double (gradient, i);
      double want = difference (&sides, i, step);

      if (reads_triangle (example->def))
        {
          int64_t other = mirrored (gradient, i);

          got = (got + gw_tensor_get_double (gradient, other)) / 2;
          want = (want + difference (&sides, other, step)) / 2;
        }

      /* Beyond infinities, and where moving leaves what the op is defined for. */
      if (!isfinite (want))
        continue;
      if (!(fabs (got - want) <= tolerance * MAX (1, fabs (want))))
        g_error ("%s: d output %d / d input %d, element %" G_GINT64_FORMAT ": %g, by differences %g",
                 example->def->name, y.index, which, i, got, want);
    }
}

/* FALSE where there is none with the sizes known: with less known that need not show before
 * the graph runs. */
static gboolean
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
      return FALSE;
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
  return TRUE;
}

/* Placeholders that hold floats; what else an op takes is constant. */
static gboolean
can_differentiate (const Example *example,
                   GwNode        *node,
                   int            output)
{
  gboolean floats = FALSE;

  for (int i = 0; i < example->n_inputs; i++)
    floats = floats || (gw_dtype_is_floating (example->inputs[i]->dtype) && !example->ports[i]->is_ref);
  return floats && gw_dtype_is_floating (node->dtypes[output]);
}

void
conformance_gradient (gconstpointer data)
{
  const GwOpDef *def = data;

  /* Every run draws anew. */
  if ((def->flags & GW_OP_RANDOM) != 0)
    return;
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
        if (can_differentiate (example, stage.node, output) && check_gradient (example, output, EXAMPLE_FED))
          check_gradient (example, output, EXAMPLE_OPEN);
      stage_clear (&stage);
    }
}

