/* SPDX-License-Identifier: Apache-2.0 */
/* The losses of tf.losses: the Loss box on given labels, predictions and weights. */
#include "tests/golden/golden-sketch.h"

#include <string.h>

static const char *
kind_of (const char *loss)
{
  const GwOpDef *def = gw_registry_find ("Loss");

  /* Class numbers instead of probabilities: what labels are says which. */
  if (strcmp (loss, "sparse_softmax_cross_entropy") == 0)
    return "softmax_cross_entropy";
  return g_strv_contains (def->attrs[gw_attr_defs_find (def->attrs, "kind")].choices, loss) ? loss : NULL;
}

/* Settings under the names that the box has them by too. */
static char *
attributes (const cJSON *golden,
            const char  *kind)
{
  static const char *const settings[] = { "reduction", "label_smoothing", "delta", "epsilon", "axis" };
  const cJSON *params = cJSON_GetObjectItemCaseSensitive (golden, "params");
  g_autoptr (GString) attrs = g_string_new (NULL);

  g_string_printf (attrs, "\"kind\": \"%s\"", kind);
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      const cJSON *setting = cJSON_GetObjectItemCaseSensitive (golden, settings[i]);
      g_autofree char *text = NULL;

      if (setting == NULL)
        setting = cJSON_GetObjectItemCaseSensitive (params, settings[i]);
      if (setting == NULL || cJSON_IsNull (setting))
        continue;
      text = cJSON_PrintUnformatted (setting);
      g_string_append_printf (attrs, ", \"%s\": %s", settings[i], text);
    }
  return g_string_free (g_steal_pointer (&attrs), FALSE);
}

static int
sketch_loss (GoldenSketch *sketch,
             const cJSON  *golden,
             const char   *kind)
{
  const cJSON *predictions = cJSON_GetObjectItemCaseSensitive (golden, "predictions");
  const cJSON *weights = cJSON_GetObjectItemCaseSensitive (golden, "weights");
  g_autofree char *attrs = attributes (golden, kind);
  g_autofree char *weights_input = NULL;
  int x, labels;

  if (predictions == NULL)
    predictions = cJSON_GetObjectItemCaseSensitive (golden, "logits");
  x = golden_sketch_const (sketch, predictions);
  labels = golden_sketch_const (sketch, cJSON_GetObjectItemCaseSensitive (golden, "labels"));
  if (cJSON_IsObject (weights))
    weights_input = g_strdup_printf (", \"weights\": {\"from\": %d}", golden_sketch_const (sketch, weights));
  return golden_sketch_add (sketch, "Loss", attrs, "\"predictions\": {\"from\": %d}, \"labels\": {\"from\": %d}%s", x, labels,
                            weights_input != NULL ? weights_input : "");
}

void
golden_loss_case (GoldenReport *report,
                  const cJSON  *golden)
{
  const char *name = gw_json_member_string (golden, "loss", "?");
  const char *kind = kind_of (name);
  g_autoptr (GwSession) session = gw_session_new (2);
  g_autoptr (GwLowered) lowered = NULL;
  g_autoptr (GwTensor) got = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *problem = NULL;
  GoldenSketch sketch = { NULL };
  int id;

  if (kind == NULL)
    {
      golden_skipped (report, "loss %s", name);
      return;
    }
  id = sketch_loss (&sketch, golden, kind);
  lowered = golden_sketch_lower (&sketch, &error);
  if (lowered != NULL)
    got = gw_session_fetch (session, lowered->graph, 0, NULL, golden_sketch_output (lowered, id), &error);
  if (got == NULL)
    golden_failed (report, golden, "%s: %s", name, error->message);
  else if (!golden_compare (name, got, cJSON_GetObjectItemCaseSensitive (golden, "value"), -1, &problem))
    golden_failed (report, golden, "%s", problem);
  else
    golden_passed (report);
}
