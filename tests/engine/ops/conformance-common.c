/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/engine/ops/conformance.h"

#include "engine/base/error.h"
#include "engine/tensor/text.h"

#include <string.h>

/* Values of more elements are not shown. */
#define FEW 12

char *
conformance_describe (const Example *example)
{
  GString *text = g_string_new (example->def->name);

  for (int i = 0; i < example->n_inputs; i++)
    {
      const GwTensor *tensor = example->inputs[i];
      g_autofree char *shape = gw_shape_to_string (&tensor->shape);
      g_autofree char *values = tensor->elements > 0 && tensor->elements <= FEW ? gw_tensor_to_string (tensor, 0) : NULL;

      g_string_append_printf (text, "%s %s %s%s %s", i == 0 ? "" : ",", example->ports[i]->name,
                              gw_dtype_name (tensor->dtype), shape, values != NULL ? values : "");
    }
  for (guint i = 0; i < example->settings->len; i++)
    {
      const GwAttrSetting *setting = &g_array_index (example->settings, GwAttrSetting, i);
      g_autofree char *value = gw_attr_to_string (&setting->value);

      g_string_append_printf (text, " %s=%s", setting->name, value);
    }
  return g_string_free (text, FALSE);
}

void
conformance_check_shape (const Example  *example,
                         const Stage    *stage,
                         int             i,
                         const GwTensor *result,
                         const char     *what)
{
  g_autofree char *inferred = NULL;
  g_autofree char *actual = NULL;
  g_autofree char *inputs = NULL;

  if (i >= stage->node->n_outputs)
    return;
  if (result->dtype == stage->node->dtypes[i] && gw_shape_matches (&result->shape, &stage->node->shapes[i]))
    return;
  inferred = gw_shape_to_string (&stage->node->shapes[i]);
  actual = gw_shape_to_string (&result->shape);
  inputs = conformance_describe (example);
  g_error ("%s, %s: output %d was inferred as %s %s and is %s %s", inputs, what, i, gw_dtype_name (stage->node->dtypes[i]),
           inferred, gw_dtype_name (result->dtype), actual);
}

/* An error names what refused, and says why in words. */
static void
check_refusal (const Example *example,
               const GError  *error,
               const char    *what)
{
  const char *fault = NULL;
  g_autofree char *inputs = NULL;

  if (error->domain != GW_ERROR)
    fault = "an error of another domain";
  else if (strlen (error->message) < 8)
    fault = "the error says nothing";
  /* The memory of a whole step is no node's own. */
  else if (gw_error_get_node (error) == NULL && error->code != GW_ERROR_RESOURCE_EXHAUSTED)
    fault = "the error names no node";
  if (fault == NULL)
    return;
  inputs = conformance_describe (example);
  g_error ("%s, %s: %s: %s", inputs, what, fault, error->message);
}

gboolean
conformance_answers (const Example *example,
                     Stage         *stage,
                     GwTensor     **results,
                     const char    *what)
{
  g_autoptr (GwSession) session = NULL;
  g_autoptr (GError) error = NULL;

  if (stage->node == NULL)
    {
      check_refusal (example, stage->builder.error, what);
      return FALSE;
    }
  session = gw_session_new (1);
  if (!stage_run (stage, session, results, &error))
    {
      check_refusal (example, error, what);
      return FALSE;
    }
  for (int i = 0; i < stage->n_fetches; i++)
    conformance_check_shape (example, stage, i, results[i], what);
  return TRUE;
}
