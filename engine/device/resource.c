/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/resource.h"

#include "engine/base/error.h"

#include <string.h>

struct _GwResources {
  GHashTable *variables; /* name → GwVariable */
};

static void
variable_free (gpointer data)
{
  GwVariable *variable = data;

  gw_tensor_unref (variable->tensor);
  g_free (variable->name);
  g_free (variable);
}

GwResources *
gw_resources_new (void)
{
  GwResources *resources = g_new0 (GwResources, 1);

  resources->variables = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, variable_free);
  return resources;
}

void
gw_resources_free (GwResources *resources)
{
  if (resources == NULL)
    return;
  g_hash_table_unref (resources->variables);
  g_free (resources);
}

GwVariable *
gw_resources_lookup (GwResources *resources,
                     const char  *name)
{
  return g_hash_table_lookup (resources->variables, name);
}

static gboolean
check_same (const GwVariable *variable,
            GwDType           dtype,
            const GwShape    *shape,
            GError          **error)
{
  g_autofree char *found = NULL;
  g_autofree char *specified = NULL;

  if (variable->tensor->dtype != dtype)
    return gw_invalid (error, "Trying to share variable %s, but specified dtype %s and found dtype %s.",
                       variable->name, gw_dtype_name (dtype), gw_dtype_name (variable->tensor->dtype));
  if (gw_shape_compatible (&variable->tensor->shape, shape))
    return TRUE;
  found = gw_shape_to_string (&variable->tensor->shape);
  specified = gw_shape_to_string (shape);
  return gw_invalid (error, "Trying to share variable %s, but specified shape %s and found shape %s.",
                     variable->name, specified, found);
}

GwVariable *
gw_resources_variable (GwResources   *resources,
                       const char    *name,
                       GwDType        dtype,
                       const GwShape *shape,
                       GError       **error)
{
  GwVariable *variable = gw_resources_lookup (resources, name);
  GwTensor *tensor;

  if (variable != NULL)
    return check_same (variable, dtype, shape, error) ? variable : NULL;
  tensor = gw_tensor_new_zeros (dtype, shape, error);
  if (tensor == NULL)
    {
      g_prefix_error (error, "the variable %s: ", name);
      return NULL;
    }
  variable = g_new0 (GwVariable, 1);
  variable->name = g_strdup (name);
  variable->tensor = tensor;
  g_hash_table_insert (resources->variables, variable->name, variable);
  return variable;
}

static gint
compare_names (gconstpointer a,
               gconstpointer b)
{
  const GwVariable *const *first = a;
  const GwVariable *const *second = b;

  return strcmp ((*first)->name, (*second)->name);
}

GPtrArray *
gw_resources_list (GwResources *resources)
{
  GPtrArray *list = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer variable;

  g_hash_table_iter_init (&iter, resources->variables);
  while (g_hash_table_iter_next (&iter, NULL, &variable))
    g_ptr_array_add (list, variable);
  g_ptr_array_sort (list, compare_names);
  return list;
}
