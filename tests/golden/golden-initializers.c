/* SPDX-License-Identifier: Apache-2.0 */
/* Initializers: the distribution of one draw against that of TensorFlow's. Files do
 * not say the parameters of those that have some, so these follow from what
 * TensorFlow drew; mean, deviation and extremes must then agree all the same. */
#include "tests/golden/golden.h"

#include "engine/document/initializers.h"
#include "engine/runtime/session.h"
#include "engine/tensor/stats.h"

#include <math.h>
#include <string.h>

typedef struct {
  double mean, std, min, max;
} Draw;

/* The initializer's text form; NULL when there is none of that name. */
static char *
text_of (const char    *name,
         const GwShape *shape,
         const Draw    *want)
{
  if (g_str_equal (name, "constant"))
    return g_strdup_printf ("constant(%.9g)", want->mean);
  if (g_str_equal (name, "random_uniform"))
    return g_strdup_printf ("random_uniform(%.9g, %.9g)", want->min, want->max);
  if (g_str_equal (name, "random_normal"))
    return g_strdup_printf ("random_normal(%.3g, %.9g)", fabs (want->mean) < 0.02 * want->std ? 0.0 : want->mean,
                            want->std);
  /* Cut at two deviations. */
  if (g_str_equal (name, "truncated_normal"))
    return g_strdup_printf ("truncated_normal(%.9g, %.9g)", (want->min + want->max) / 2, (want->max - want->min) / 4);
  if (g_str_equal (name, "variance_scaling") && want->max < 2 * want->std && shape->rank >= 2)
    return g_strdup_printf ("variance_scaling(%.9g, fan_in, uniform)",
                            want->max * want->max / 3 * (double) (gw_shape_elements (shape) / shape->dims[shape->rank - 1]));
  return g_strv_contains (gw_initializer_names (), name) ? g_strdup (name) : NULL;
}

static GwTensor *
draw (const char    *text,
      const GwShape *shape,
      GError       **error)
{
  g_autoptr (GwGraph) graph = gw_graph_new ();
  g_autoptr (GwSession) session = gw_session_new (1);
  GwBuilder builder;
  GwOutput value;

  gw_graph_set_seed (graph, 7);
  gw_builder_init (&builder, graph);
  value = gw_initializer_build (&builder, text, GW_FLOAT32, shape);
  if (!gw_builder_finish (&builder, error))
    return NULL;
  return gw_session_fetch (session, graph, 0, NULL, value, error);
}

/* Bounds for two independent draws of n numbers: five standard errors; the extremes of
 * a normal that is not cut wander by more than a deviation. */
static char *
compare_draws (const GwTensorStats *got,
               const Draw          *want,
               const char          *name)
{
  double error = 5 * sqrt (2.0 / (double) got->count) * want->std + 1e-6;
  double tail = g_str_equal (name, "random_normal") || g_str_equal (name, "orthogonal") ? 1.5 : 0.02;

  if (fabs (got->mean - want->mean) > error)
    return g_strdup_printf ("mean %g, and TensorFlow's %g", got->mean, want->mean);
  if (fabs (got->stddev - want->std) > error)
    return g_strdup_printf ("deviation %g, and TensorFlow's %g", got->stddev, want->std);
  if (fabs (got->min - want->min) > tail * want->std + 1e-6 || fabs (got->max - want->max) > tail * want->std + 1e-6)
    return g_strdup_printf ("range %g … %g, and TensorFlow's %g … %g", got->min, got->max, want->min, want->max);
  return NULL;
}

static GwShape
shape_of (const cJSON *golden)
{
  const cJSON *item;
  GwShape shape = GW_SHAPE_SCALAR;

  cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive (golden, "shape"))
    if (shape.rank < GW_MAX_RANK)
      shape.dims[shape.rank++] = (int64_t) item->valuedouble;
  return shape;
}

void
golden_initializer_case (GoldenReport *report,
                         const cJSON  *golden)
{
  const char *name = gw_json_member_string (golden, "initializer", "?");
  Draw want = {
    gw_json_member_double (golden, "mean", 0), gw_json_member_double (golden, "std", 0),
    gw_json_member_double (golden, "min", 0), gw_json_member_double (golden, "max", 0),
  };
  GwShape shape = shape_of (golden);
  g_autofree char *text = text_of (name, &shape, &want);
  g_autofree char *problem = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) tensor = NULL;
  GwTensorStats stats;

  if (text == NULL)
    {
      golden_skipped (report, "initializer %s", name);
      return;
    }
  tensor = draw (text, &shape, &error);
  if (tensor == NULL)
    {
      golden_failed (report, golden, "%s: %s", text, error->message);
      return;
    }
  gw_tensor_stats (tensor, &stats);
  problem = compare_draws (&stats, &want, name);
  if (problem != NULL)
    golden_failed (report, golden, "%s: %s", text, problem);
  else
    golden_passed (report);
}
