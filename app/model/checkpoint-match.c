/* SPDX-License-Identifier: Apache-2.0 */
/* What variables of a checkpoint are, by name, and how they fit a graph. */
#include "app/model/checkpoint-store.h"

#include <math.h>
#include <string.h>

GwVariableKind
gw_variable_kind_by_name (const char *name,
                          GwDType     dtype,
                          GHashTable *names)
{
  g_autofree char *owner = g_strdup (name);
  char *slash;

  while ((slash = strrchr (owner, '/')) != NULL)
    {
      *slash = '\0';
      if (g_hash_table_contains (names, owner))
        return GW_VARIABLE_SLOT;
    }
  if (g_str_has_suffix (name, "beta1_power") || g_str_has_suffix (name, "beta2_power"))
    return GW_VARIABLE_SLOT;
  return gw_dtype_is_floating (dtype) ? GW_VARIABLE_TRAINABLE : GW_VARIABLE_OTHER;
}

static gboolean
is_number (const GwTensor *tensor)
{
  return tensor->dtype == GW_BOOL || (gw_dtype_is_numeric (tensor->dtype) && !gw_dtype_is_complex (tensor->dtype));
}

double
gw_tensor_change (const GwTensor *a,
                  const GwTensor *b)
{
  double difference = 0, norm = 0;

  if (!gw_shape_equal (&a->shape, &b->shape) || !is_number (a) || !is_number (b))
    return NAN;
  if (a->dtype == GW_FLOAT32 && b->dtype == GW_FLOAT32)
    {
      const float *x = a->data, *y = b->data;

      for (int64_t i = 0; i < a->elements; i++)
        {
          double d = (double) x[i] - y[i];

          difference += d * d;
          norm += (double) y[i] * y[i];
        }
    }
  else
    for (int64_t i = 0; i < a->elements; i++)
      {
        double y = gw_tensor_get_double (b, i), d = gw_tensor_get_double (a, i) - y;

        difference += d * d;
        norm += y * y;
      }
  if (difference == 0)
    return 0;
  return norm > 0 ? sqrt (difference / norm) : INFINITY;
}

/* ---- fit ---- */

void
gw_checkpoint_match_free (GwCheckpointMatch *match)
{
  if (match == NULL)
    return;
  g_ptr_array_unref (match->matching);
  g_ptr_array_unref (match->differing);
  g_ptr_array_unref (match->missing);
  g_ptr_array_unref (match->unused);
  g_free (match);
}

static void
compare (GwCheckpointMatch       *match,
         const GwCheckpointEntry *entry,
         const GwNode            *variable)
{
  GwDType dtype = variable->dtypes[0];
  const GwShape *shape = &variable->shapes[0];

  if (entry->dtype != dtype)
    g_ptr_array_add (match->differing, g_strdup_printf ("%s is %s here, %s in the graph", entry->name,
                                                        gw_dtype_name (entry->dtype), gw_dtype_name (dtype)));
  else if (!gw_shape_compatible (&entry->shape, shape))
    {
      g_autofree char *here = gw_shape_to_label (&entry->shape), *there = gw_shape_to_label (shape);

      g_ptr_array_add (match->differing,
                       g_strdup_printf ("%s is %s here, %s in the graph", entry->name, here, there));
    }
  else
    g_ptr_array_add (match->matching, g_strdup (entry->name));
}

GwCheckpointMatch *
gw_checkpoint_match_new (const GwCheckpoint *checkpoint,
                         const GwLowered    *lowered)
{
  GwCheckpointMatch *match = g_new0 (GwCheckpointMatch, 1);
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  match->matching = g_ptr_array_new_with_free_func (g_free);
  match->differing = g_ptr_array_new_with_free_func (g_free);
  match->missing = g_ptr_array_new_with_free_func (g_free);
  match->unused = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < lowered->variables->len; i++)
    {
      const GwLoweredVariable *variable = g_ptr_array_index (lowered->variables, i);
      const GwCheckpointEntry *entry = gw_checkpoint_find (checkpoint, variable->name);

      g_hash_table_add (names, variable->name);
      if (entry == NULL)
        g_ptr_array_add (match->missing, g_strdup (variable->name));
      else
        compare (match, entry, variable->variable);
    }
  for (int i = 0; i < gw_checkpoint_n_entries (checkpoint); i++)
    {
      const char *name = gw_checkpoint_entry (checkpoint, i)->name;

      if (!g_hash_table_contains (names, name))
        g_ptr_array_add (match->unused, g_strdup (name));
    }
  return match;
}
