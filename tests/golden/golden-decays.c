/* SPDX-License-Identifier: Apache-2.0 */
/* Schedules: the learning rate at given values of global_step. */
#include "tests/golden/golden-sketch.h"

#include <math.h>
#include <string.h>

static const struct { const char *decay, *op; } boxes[] = {
  { "exponential_decay", "ExponentialDecay" }, { "natural_exp_decay", "NaturalExpDecay" },
  { "inverse_time_decay", "InverseTimeDecay" }, { "polynomial_decay", "PolynomialDecay" },
  { "piecewise_constant", "PiecewiseConstant" }, { "piecewise_constant_decay", "PiecewiseConstant" },
  { "cosine_decay", "CosineDecay" }, { "cosine_decay_restarts", "CosineDecayRestarts" },
  { "linear_cosine_decay", "LinearCosineDecay" }, { "noisy_linear_cosine_decay", "NoisyLinearCosineDecay" },
};

static const char *
op_of (const char *decay)
{
  for (guint i = 0; i < G_N_ELEMENTS (boxes); i++)
    if (strcmp (boxes[i].decay, decay) == 0)
      return boxes[i].op;
  return NULL;
}

static int
sketch_schedule (GoldenSketch *sketch,
                 const cJSON  *golden,
                 const char   *op)
{
  g_autoptr (GString) attrs = g_string_new (NULL);
  const cJSON *param;

  cJSON_ArrayForEach (param, cJSON_GetObjectItemCaseSensitive (golden, "params"))
    {
      g_autofree char *text = cJSON_PrintUnformatted (param);

      g_string_append_printf (attrs, "%s\"%s\": %s", attrs->len > 0 ? ", " : "", param->string, text);
    }
  return golden_sketch_add (sketch, op, attrs->str, "%s", "");
}

/* Read instead of counted. */
static GwOutput
step_of (const GwLowered *lowered)
{
  for (guint i = 0; i < lowered->variables->len; i++)
    {
      const GwLoweredVariable *variable = g_ptr_array_index (lowered->variables, i);

      if (strcmp (variable->name, "global_step") == 0)
        return variable->read;
    }
  return GW_NO_OUTPUT;
}

/* NULL, or what is wrong. */
static char *
compare_rates (const cJSON     *golden,
               GwSession       *session,
               const GwLowered *lowered,
               int              id)
{
  const cJSON *values = cJSON_GetObjectItemCaseSensitive (golden, "values");
  const cJSON *step;
  int i = 0;

  cJSON_ArrayForEach (step, cJSON_GetObjectItemCaseSensitive (golden, "steps"))
    {
      g_autoptr (GwTensor) number = gw_tensor_new_int64 ((int64_t) step->valuedouble);
      g_autoptr (GwTensor) rate = NULL;
      g_autoptr (GError) error = NULL;
      GwFeed feed = { step_of (lowered), number };
      const cJSON *want = cJSON_GetArrayItem (values, i++);

      rate = gw_session_fetch (session, lowered->graph, 1, &feed, golden_sketch_output (lowered, id), &error);
      if (rate == NULL)
        return g_strdup (error->message);
      if (!cJSON_IsNumber (want) || rate->dtype != GW_FLOAT32 ||
          !(fabs (gw_tensor_get_double (rate, 0) - want->valuedouble) <= golden_tolerance (GW_FLOAT32) * fmax (0.01, fabs (want->valuedouble))))
        return g_strdup_printf ("%.9g at step %.0f, and TensorFlow's %.9g", gw_tensor_get_double (rate, 0), step->valuedouble,
                                want != NULL ? want->valuedouble : NAN);
    }
  return i > 0 ? NULL : g_strdup ("no steps");
}

void
golden_decay_case (GoldenReport *report,
                   const cJSON  *golden)
{
  const char *decay = gw_json_member_string (golden, "decay", "?");
  const char *op = op_of (decay);
  g_autoptr (GwSession) session = gw_session_new (2);
  g_autoptr (GwLowered) lowered = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *problem = NULL;
  GoldenSketch sketch = { NULL };
  int id;

  if (op == NULL)
    {
      golden_skipped (report, "decay %s", decay);
      return;
    }
  id = sketch_schedule (&sketch, golden, op);
  lowered = golden_sketch_lower (&sketch, &error);
  problem = lowered != NULL ? compare_rates (golden, session, lowered, id) : g_strdup (error->message);
  if (problem != NULL)
    golden_failed (report, golden, "%s: %s", decay, problem);
  else
    golden_passed (report);
}
