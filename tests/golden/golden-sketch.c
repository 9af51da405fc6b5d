/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/golden/golden-sketch.h"

#include <string.h>

int
golden_sketch_add (GoldenSketch *sketch,
                   const char   *op,
                   const char   *attrs,
                   const char   *inputs,
                   ...)
{
  int id = ++sketch->last;
  va_list arguments;

  if (sketch->nodes == NULL)
    sketch->nodes = g_string_new (NULL);
  g_string_append_printf (sketch->nodes, "%s{\"id\": %d, \"name\": \"%s_%d\", \"op\": \"%s\", \"at\": [0, 0], \"attrs\": {%s}, \"inputs\": {",
                          id > 1 ? ",\n" : "", id, op, id, op, attrs != NULL ? attrs : "");
  va_start (arguments, inputs);
  g_string_append_vprintf (sketch->nodes, inputs, arguments);
  va_end (arguments);
  g_string_append (sketch->nodes, "}}");
  return id;
}

int
golden_sketch_const (GoldenSketch *sketch,
                     const cJSON  *tensor)
{
  g_autofree char *value = cJSON_PrintUnformatted (tensor);
  g_autofree char *attrs = g_strdup_printf ("\"dtype\": \"%s\", \"value\": %s",
                                            gw_json_member_string (tensor, "dtype", ""), value);

  return golden_sketch_add (sketch, "Const", attrs, "%s", "");
}

int
golden_sketch_variable (GoldenSketch *sketch,
                        const cJSON  *tensor,
                        gboolean      by_handle)
{
  g_autofree char *shape = cJSON_PrintUnformatted (cJSON_GetObjectItemCaseSensitive (tensor, "shape"));
  g_autofree char *attrs = g_strdup_printf ("\"dtype\": \"%s\", \"shape\": %s", gw_json_member_string (tensor, "dtype", ""), shape);

  return golden_sketch_add (sketch, by_handle ? "VarHandleOp" : "VariableV2", attrs, "%s", "");
}

/* ---- optimizers ---- */

/* Two settings share a name with other optimizers' and have defaults of their own. */
static const char *
attribute_name (const char *optimizer,
                const char *param)
{
  if (strcmp (optimizer, "RMSProp") == 0 && strcmp (param, "momentum") == 0)
    return "rms_momentum";
  if (strcmp (optimizer, "RMSProp") == 0 && strcmp (param, "epsilon") == 0)
    return "rms_epsilon";
  return param;
}

static gboolean
has_optimizer (const char *name)
{
  const GwOpDef *def = gw_registry_find ("Minimize");

  return g_strv_contains (def->attrs[gw_attr_defs_find (def->attrs, "optimizer")].choices, name);
}

int
golden_sketch_minimize (GoldenSketch *sketch,
                        int           loss,
                        const char   *optimizer,
                        const cJSON  *params)
{
  g_autoptr (GString) attrs = g_string_new (NULL);
  const cJSON *param;

  if (!has_optimizer (optimizer))
    return 0;
  g_string_printf (attrs, "\"optimizer\": \"%s\"", optimizer);
  cJSON_ArrayForEach (param, params)
    {
      g_autofree char *value = cJSON_PrintUnformatted (param);

      if (strcmp (param->string, "learning_rate") != 0 && strcmp (param->string, "use_locking") != 0)
        g_string_append_printf (attrs, ", \"%s\": %s", attribute_name (optimizer, param->string), value);
    }
  return golden_sketch_add (sketch, "Minimize", attrs->str,
                            "\"loss\": {\"from\": %d}, \"learning_rate\": {\"literal\": \"%.17g\"}", loss,
                            gw_json_member_double (params, "learning_rate", 0.001));
}

/* ---- running ---- */

GwLowered *
golden_sketch_lower (GoldenSketch *sketch,
                     GError      **error)
{
  g_autofree char *text = g_strdup_printf ("{\"graphwright\": 1, \"nodes\": [%s]}", sketch->nodes->str);
  g_autoptr (GwDocument) document = gw_document_from_json (text, strlen (text), error);
  g_autoptr (GwLowered) lowered = NULL;

  golden_sketch_clear (sketch);
  if (document == NULL)
    return NULL;
  lowered = gw_lower (document, &(GwLowerOptions) { GW_MODE_TRAIN, TRUE, -1 });
  return gw_lowered_check (lowered, document, NULL, 0, error) ? g_steal_pointer (&lowered) : NULL;
}

void
golden_sketch_clear (GoldenSketch *sketch)
{
  if (sketch->nodes != NULL)
    g_string_free (sketch->nodes, TRUE);
  *sketch = (GoldenSketch) { NULL };
}

GwOutput
golden_sketch_output (const GwLowered *lowered,
                      int              id)
{
  return gw_lowered_output (lowered, id, 0);
}

gboolean
golden_sketch_initialize (GwSession       *session,
                          const GwLowered *lowered,
                          GError         **error)
{
  g_autoptr (GPtrArray) targets = g_ptr_array_new ();

  for (guint i = 0; i < lowered->variables->len; i++)
    g_ptr_array_add (targets, ((GwLoweredVariable *) g_ptr_array_index (lowered->variables, i))->initializer);
  return gw_session_run (session, lowered->graph, 0, NULL, 0, NULL, (int) targets->len, (GwNode *const *) targets->pdata,
                         NULL, NULL, error);
}

static GwTensor *
stored (GwSession       *session,
        const GwLowered *lowered,
        int              variable)
{
  const char *name = golden_sketch_output (lowered, variable).node->name;
  GwVariable *found = gw_resources_lookup (gw_session_resources (session), name);

  return found != NULL ? found->tensor : NULL;
}

GwTensor *
golden_sketch_value (GwSession       *session,
                     const GwLowered *lowered,
                     int              variable,
                     GError         **error)
{
  const GwTensor *tensor = stored (session, lowered, variable);

  if (tensor != NULL)
    return gw_tensor_duplicate (tensor, error);
  gw_invalid (error, "there is no variable %d", variable);
  return NULL;
}

gboolean
golden_sketch_set (GwSession       *session,
                   const GwLowered *lowered,
                   int              variable,
                   const cJSON     *tensor,
                   GError         **error)
{
  GwTensor *there = stored (session, lowered, variable);
  g_autoptr (GwTensor) value = gw_tensor_from_json (tensor, error);

  if (value == NULL)
    return FALSE;
  if (there == NULL || there->dtype != value->dtype || !gw_shape_equal (&there->shape, &value->shape))
    return gw_invalid (error, "variable %d cannot be set", variable);
  gw_tensor_copy_data (there, value);
  return TRUE;
}
