/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of a training, and values with names. */
#include "engine/train/trainer.h"

#include <string.h>

static const GwAttrDef training_attrs[] = {
  { "epochs", GW_ATTR_INT, "10", .min = 1, .max = 0, .ui_min = 1, .ui_max = 100, .label = "Epochs",
    .help = "How often the training split is gone through. Without data an epoch is one step." },
  { "steps", GW_ATTR_INT, "0", .min = 0, .max = -1, .label = "Steps",
    .help = "Number of steps instead of epochs. 0 trains by epochs." },
  { "record_every", GW_ATTR_INT, "1", .min = 1, .max = 0, .label = "Record every", .unit = "steps",
    .help = "The loss and reported values are recorded at every step that this divides." },
  { "evaluate_every", GW_ATTR_INT, "0", .min = 0, .max = -1, .label = "Evaluate every", .unit = "steps",
    .help = "The test split is evaluated at every step that this divides; 0: at the end of each epoch." },
  { "checkpoint_every", GW_ATTR_INT, "500", .min = 0, .max = -1, .label = "Checkpoint every", .unit = "steps",
    .help = "Later when the one before is still being written. 0: only at the end." },
  { "max_to_keep", GW_ATTR_INT, "20", .min = 0, .max = -1, .label = "Checkpoints to keep",
    .help = "Older ones are deleted. 0 keeps all." },
  { "histograms_every", GW_ATTR_INT, "0", .min = 0, .max = -1, .label = "Histograms every", .unit = "steps",
    .help = "Histograms of the trainable variables; 0: none are recorded." },
  { "summaries_every", GW_ATTR_INT, "100", .min = 0, .max = -1, .label = "Summaries every", .unit = "steps",
    .help = "What summary ops make; 0: they do not run." },
  { "seed", GW_ATTR_SEED, "0", .label = "Seed",
    .help = "Of every random op that has none of its own. 0: drawn when the run starts, and recorded." },
  { "device", GW_ATTR_CHOICE, "/cpu:0", .choices = GW_CHOICES ("/cpu:0"), .label = "Device",
    .help = "Where ops without a device of their own run." },
  { NULL },
};

const GwAttrDef *
gw_training_attrs (void)
{
  return training_attrs;
}

gboolean
gw_training_setting (const GwDocSettings *settings,
                     const char          *name,
                     GwAttrValue         *value)
{
  int i = gw_attr_defs_find (training_attrs, name);
  const GwAttrValue *set = settings != NULL ? gw_named_attrs_get (settings->training_attrs, name) : NULL;

  if (i < 0)
    return FALSE;
  if (set == NULL)
    {
      gw_attr_default (&training_attrs[i], value);
      return TRUE;
    }
  gw_attr_value_copy (value, set);
  if (gw_attr_check (&training_attrs[i], value, NULL))
    return TRUE;
  gw_attr_value_clear (value);
  gw_attr_default (&training_attrs[i], value);
  return TRUE;
}

const char *
gw_trainer_state_name (GwTrainerState state)
{
  static const char *const names[] = { "idle", "running", "paused", "done", "failed", "stopped" };

  return (guint) state < G_N_ELEMENTS (names) ? names[state] : "unknown";
}

static void
named_tensor_free (gpointer data)
{
  GwNamedTensor *named = data;

  g_free (named->name);
  gw_tensor_unref (named->tensor);
  g_free (named);
}

GPtrArray *
gw_named_tensors_new (void)
{
  return g_ptr_array_new_with_free_func (named_tensor_free);
}

void
gw_named_tensors_add (GPtrArray  *tensors,
                      const char *name,
                      GwTensor   *tensor)
{
  GwNamedTensor *named = g_new (GwNamedTensor, 1);

  named->name = g_strdup (name);
  named->tensor = gw_tensor_ref (tensor);
  g_ptr_array_add (tensors, named);
}

GwTensor *
gw_named_tensors_find (const GPtrArray *tensors,
                       const char      *name)
{
  for (guint i = 0; tensors != NULL && i < tensors->len; i++)
    {
      const GwNamedTensor *named = g_ptr_array_index (tensors, i);

      if (strcmp (named->name, name) == 0)
        return named->tensor;
    }
  return NULL;
}
