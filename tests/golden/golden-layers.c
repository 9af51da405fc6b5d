/* SPDX-License-Identifier: Apache-2.0 */
/* Layers: `layer` (a composite), `attrs`, `inputs`, `variables` by their names under the layer's,
 * `outputs` in order (null: not compared), `dy` for the first of them and `grads`, one for each
 * floating input and then for each variable. */
#include "tests/golden/golden-sketch.h"

#include <string.h>

#define MOST_GRADIENTS 32

typedef struct {
  const cJSON *golden;
  GoldenSketch sketch;
  GwSession   *session;
  GwLowered   *lowered;
  GwBuilder    builder;
  int          layer;
  int          n_xs;
  GwOutput     xs[MOST_GRADIENTS];
  int          inputs[MOST_GRADIENTS]; /* nodes of the floating inputs; 0 ends */
} LayerCase;

/* What stands between the braces of an object. */
static char *
members (const cJSON *object)
{
  g_autofree char *text = object != NULL ? cJSON_PrintUnformatted (object) : g_strdup ("{}");

  return g_strndup (text + 1, strlen (text) - 2);
}

static void
sketch_layer (LayerCase *c)
{
  g_autofree char *attrs = members (cJSON_GetObjectItemCaseSensitive (c->golden, "attrs"));
  g_autoptr (GString) inputs = g_string_new (NULL);
  const cJSON *input;
  int n = 0;

  cJSON_ArrayForEach (input, cJSON_GetObjectItemCaseSensitive (c->golden, "inputs"))
    {
      int id = golden_sketch_const (&c->sketch, input);

      g_string_append_printf (inputs, "%s\"%s\": {\"from\": %d}", inputs->len > 0 ? ", " : "",
                              gw_json_member_string (input, "port", ""), id);
      if (g_str_has_prefix (gw_json_member_string (input, "dtype", ""), "float") && n + 1 < MOST_GRADIENTS)
        c->inputs[n++] = id;
    }
  c->layer = golden_sketch_add (&c->sketch, gw_json_member_string (c->golden, "layer", ""), attrs, "%s", inputs->str);
}

/* The variable whose name ends so under the layer's. */
static const GwLoweredVariable *
find_variable (const LayerCase *c,
               const char      *name)
{
  for (guint i = 0; i < c->lowered->variables->len; i++)
    {
      const GwLoweredVariable *variable = g_ptr_array_index (c->lowered->variables, i);
      const char *slash = strchr (variable->name, '/');

      if (slash != NULL && strcmp (slash + 1, name) == 0)
        return variable;
    }
  return NULL;
}

static gboolean
set_variables (LayerCase *c,
               GError   **error)
{
  const cJSON *json;

  if (!golden_sketch_initialize (c->session, c->lowered, error))
    return FALSE;
  for (int i = 0; c->inputs[i] != 0; i++)
    c->xs[c->n_xs++] = golden_sketch_output (c->lowered, c->inputs[i]);
  cJSON_ArrayForEach (json, cJSON_GetObjectItemCaseSensitive (c->golden, "variables"))
    {
      const char *name = gw_json_member_string (json, "name", "");
      const GwLoweredVariable *variable = find_variable (c, name);
      GwVariable *there = variable != NULL ? gw_resources_lookup (gw_session_resources (c->session), variable->name) : NULL;
      g_autoptr (GwTensor) value = gw_tensor_from_json (json, error);

      if (value == NULL)
        return FALSE;
      if (there == NULL || there->tensor->dtype != value->dtype || !gw_shape_equal (&there->tensor->shape, &value->shape) ||
          c->n_xs == MOST_GRADIENTS)
        return gw_invalid (error, "there is no variable %s of this type and shape", name);
      gw_tensor_copy_data (there->tensor, value);
      c->xs[c->n_xs++] = variable->read;
    }
  if (cJSON_GetArraySize (cJSON_GetObjectItemCaseSensitive (c->golden, "variables")) != (int) c->lowered->variables->len)
    return gw_invalid (error, "the layer has %u variables", c->lowered->variables->len);
  return TRUE;
}

static gboolean
compare_one (LayerCase   *c,
             const char  *what,
             GwOutput     output,
             const cJSON *want,
             char       **problem)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) value = NULL;

  if (cJSON_IsNull (want))
    return TRUE;
  value = output.node != NULL ? gw_session_fetch (c->session, c->lowered->graph, 0, NULL, output, &error) : NULL;
  if (value != NULL)
    return golden_compare (what, value, want, -1, problem);
  *problem = g_strdup_printf ("%s: %s", what, error != NULL ? error->message : "there is none");
  return FALSE;
}

static char *
compare_all (LayerCase *c)
{
  GwOutput y = golden_sketch_output (c->lowered, c->layer), dy, gradients[MOST_GRADIENTS] = { GW_NO_OUTPUT };
  GError *error = NULL;
  GwTensor *tensor = gw_tensor_from_json (cJSON_GetObjectItemCaseSensitive (c->golden, "dy"), &error);
  char *problem = NULL;
  const cJSON *want;
  int i = 0;

  if (tensor == NULL)
    {
      problem = g_strdup (error->message);
      g_error_free (error);
      return problem;
    }
  dy = gw_const (&c->builder, tensor);
  gw_gradients (&c->builder, 1, &y, &dy, c->n_xs, c->xs, gradients);
  if (c->builder.error != NULL)
    return g_strdup (c->builder.error->message);
  cJSON_ArrayForEach (want, cJSON_GetObjectItemCaseSensitive (c->golden, "outputs"))
    {
      g_autofree char *what = g_strdup_printf ("output %d", i);

      if (!compare_one (c, what, gw_lowered_output (c->lowered, c->layer, i++), want, &problem))
        return problem;
    }
  i = 0;
  cJSON_ArrayForEach (want, cJSON_GetObjectItemCaseSensitive (c->golden, "grads"))
    {
      g_autofree char *what = g_strdup_printf ("gradient %d", i);

      if (!compare_one (c, what, gradients[i++], want, &problem))
        return problem;
    }
  return NULL;
}

void
golden_layer_case (GoldenReport *report,
                   const cJSON  *golden)
{
  LayerCase c = { .golden = golden };
  g_autoptr (GError) error = NULL;
  g_autofree char *problem = NULL;

  c.session = gw_session_new (2);
  sketch_layer (&c);
  c.lowered = golden_sketch_lower (&c.sketch, &error);
  if (c.lowered != NULL)
    {
      gw_builder_init (&c.builder, c.lowered->graph);
      problem = set_variables (&c, &error) ? compare_all (&c) : NULL;
      gw_builder_clear (&c.builder);
    }
  if (problem != NULL || error != NULL)
    golden_failed (report, golden, "%s", problem != NULL ? problem : error->message);
  else
    golden_passed (report);
  gw_session_free (c.session);
  g_clear_pointer (&c.lowered, gw_lowered_unref);
  golden_sketch_clear (&c.sketch);
}
