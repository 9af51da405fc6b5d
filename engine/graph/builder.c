/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/graph/builder.h"

#include "engine/graph/registry.h"

#include <string.h>

void
gw_builder_init (GwBuilder *builder,
                 GwGraph   *graph)
{
  memset (builder, 0, sizeof *builder);
  builder->graph = graph;
}

void
gw_builder_clear (GwBuilder *builder)
{
  g_clear_pointer (&builder->scope, g_free);
  g_clear_pointer (&builder->device, g_free);
  g_clear_pointer (&builder->failed, gw_failed_node_free);
  g_clear_error (&builder->error);
}

void
gw_failed_node_free (GwFailedNode *failed)
{
  if (failed == NULL)
    return;
  g_free (failed->name);
  g_free (failed->inputs);
  g_free (failed);
}

gboolean
gw_builder_finish (GwBuilder *builder,
                   GError   **error)
{
  gboolean ok = builder->error == NULL;

  if (!ok)
    g_propagate_error (error, g_steal_pointer (&builder->error));
  gw_builder_clear (builder);
  return ok;
}

void
gw_builder_fail (GwBuilder  *builder,
                 GwErrorCode code,
                 const char *format,
                 ...)
{
  g_autofree char *message = NULL;
  va_list args;

  if (builder->error != NULL)
    return;
  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  builder->error = g_error_new_literal (GW_ERROR, (int) code, message);
}

static char *
scoped_name (const GwBuilder *builder,
             const char      *name)
{
  return g_strconcat (builder->scope != NULL ? builder->scope : "", name, NULL);
}

char *
gw_builder_enter (GwBuilder  *builder,
                  const char *name)
{
  char *previous = builder->scope;
  g_autofree char *full = scoped_name (builder, name);
  g_autofree char *unique = gw_graph_unique_name (builder->graph, full);

  builder->scope = g_strconcat (unique, "/", NULL);
  return previous;
}

void
gw_builder_leave (GwBuilder *builder,
                  char      *previous)
{
  g_free (builder->scope);
  builder->scope = previous;
}

static gboolean
inputs_complete (GwBuilder      *builder,
                 const char     *op,
                 int             n_inputs,
                 const GwOutput *inputs)
{
  for (int i = 0; i < n_inputs; i++)
    if (inputs[i].node == NULL)
      {
        gw_builder_fail (builder, GW_ERROR_INVALID_ARGUMENT, "%s: input %d is missing", op, i);
        return FALSE;
      }
  return TRUE;
}

void
gw_builder_blame (GwBuilder        *builder,
                  const GwNodeSpec *spec)
{
  gw_failed_node_free (builder->failed);
  builder->failed = g_new0 (GwFailedNode, 1);
  builder->failed->def = spec->def;
  builder->failed->name = g_strdup (spec->name);
  builder->failed->n_inputs = spec->n_inputs;
  builder->failed->inputs = g_memdup2 (spec->inputs, sizeof *spec->inputs * (gsize) spec->n_inputs);
}

GwNode *
gw_node_new (GwBuilder           *builder,
             const char          *op,
             const char          *name,
             int                  n_inputs,
             const GwOutput      *inputs,
             const GwAttrSetting *attrs)
{
  g_autofree char *full = NULL;
  GwNodeSpec spec = { gw_registry_find (op) };
  GwNode *node;

  if (builder->error != NULL)
    return NULL;
  if (spec.def == NULL)
    {
      gw_builder_fail (builder, GW_ERROR_NOT_FOUND, "there is no op called %s", op);
      return NULL;
    }
  if (!inputs_complete (builder, op, n_inputs, inputs))
    return NULL;
  full = scoped_name (builder, name != NULL ? name : op);
  spec.name = full;
  spec.n_inputs = n_inputs;
  spec.inputs = inputs;
  while (attrs != NULL && attrs[spec.n_attrs].name != NULL)
    spec.n_attrs++;
  spec.attrs = attrs;
  spec.device = builder->device;
  spec.origin = builder->origin;
  node = gw_graph_add (builder->graph, &spec, &builder->error);
  if (node == NULL)
    gw_builder_blame (builder, &spec);
  return node;
}

GwOutput
gw_output_of (GwNode *node,
              int     index)
{
  return node != NULL ? (GwOutput) { node, index } : GW_NO_OUTPUT;
}

GwOutput
gw_op (GwBuilder           *builder,
       const char          *op,
       int                  n_inputs,
       const GwOutput      *inputs,
       const GwAttrSetting *attrs)
{
  return gw_output_of (gw_node_new (builder, op, NULL, n_inputs, inputs, attrs), 0);
}

GwOutput
gw_op1 (GwBuilder  *builder,
        const char *op,
        GwOutput    x)
{
  return gw_op (builder, op, GW_IN (x), NULL);
}

GwOutput
gw_op2 (GwBuilder  *builder,
        const char *op,
        GwOutput    x,
        GwOutput    y)
{
  return gw_op (builder, op, GW_IN (x, y), NULL);
}

GwOutput
gw_op3 (GwBuilder  *builder,
        const char *op,
        GwOutput    x,
        GwOutput    y,
        GwOutput    z)
{
  return gw_op (builder, op, GW_IN (x, y, z), NULL);
}

GwOutput
gw_const (GwBuilder *builder,
          GwTensor  *tensor)
{
  GwOutput output;

  if (tensor == NULL)
    {
      gw_builder_fail (builder, GW_ERROR_RESOURCE_EXHAUSTED, "out of memory for a constant");
      return GW_NO_OUTPUT;
    }
  output = gw_op (builder, "Const", GW_NO_IN,
                  GW_WITH ({ "dtype", gw_attr_dtype (tensor->dtype) }, { "value", gw_attr_tensor (tensor) }));
  gw_tensor_unref (tensor);
  return output;
}

GwOutput
gw_const_scalar (GwBuilder *builder,
                 GwDType    dtype,
                 double     value)
{
  return gw_const (builder, gw_tensor_new_scalar (dtype, value));
}

GwOutput
gw_const_ints (GwBuilder     *builder,
               int            n,
               const int64_t *values)
{
  for (int i = 0; i < n; i++)
    if (values[i] < G_MININT32 || values[i] > G_MAXINT32)
      return gw_const (builder, gw_tensor_new_copy (GW_INT64, &GW_SHAPE (n), values, NULL));
  return gw_const (builder, gw_tensor_new_int32_vector (n, values));
}

GwOutput
gw_const_like (GwBuilder *builder,
               GwOutput   x,
               double     value)
{
  return x.node != NULL ? gw_const_scalar (builder, gw_output_dtype (x), value) : GW_NO_OUTPUT;
}

GwOutput
gw_handle_like (GwBuilder    *builder,
                const char   *name,
                const GwNode *variable,
                const char   *shared_name)
{
  gboolean is_table = gw_variable_node_dtype (variable) == GW_VARIANT;
  const char *type = is_table ? "key_dtype" : "dtype", *other = is_table ? "value_dtype" : "shape";

  return gw_output_of (gw_node_new (builder, variable->def->name, name, GW_NO_IN,
                                    GW_WITH ({ type, *gw_node_attr (variable, type) }, { other, *gw_node_attr (variable, other) },
                                             { "shared_name", gw_attr_string (shared_name) })), 0);
}
