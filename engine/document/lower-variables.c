/* SPDX-License-Identifier: Apache-2.0 */
/* What composites ask of the lowering that expands them: attributes, variables. */
#include "engine/document/lower.h"

#include "engine/document/initializers.h"
#include "engine/document/lower-private.h"

const GwAttrValue *
gw_expand_attr (const GwExpandContext *context,
                const char            *name)
{
  int index = gw_attr_defs_find (context->def->attrs, name);

  g_assert (index >= 0);
  return &context->attrs[index];
}

gboolean
gw_lowering_expands_training (GwExpandContext *context)
{
  return context->lowering->options.training;
}

void
gw_lowering_set_outputs (GwExpandContext *context,
                         int              n,
                         const GwOutput  *outputs)
{
  g_array_set_size (context->lowering->outputs, 0);
  g_array_append_vals (context->lowering->outputs, outputs, (guint) n);
}

void
gw_lowering_set_final (GwExpandContext *context,
                       GwNode          *node)
{
  context->lowering->final = node;
}

const GPtrArray *
gw_lowering_variables (GwExpandContext *context)
{
  return context->lowering->lowered->variables;
}

/* Variables are named from the root, whatever scope the composite is in. A reference, or
 * `by_handle`. */
static GwLoweredVariable *
make_variable (GwExpandContext *context,
               gboolean         by_handle,
               const char      *full_name,
               GwDType          dtype,
               const GwShape   *shape,
               const char      *initializer,
               gboolean         trainable)
{
  GwBuilder *b = context->builder;
  GwLowered *lowered = context->lowering->lowered;
  GwLoweredVariable made = { .trainable = trainable, .origin = context->lowering->current };
  int first = gw_graph_n_nodes (lowered->graph);
  char *scope = g_steal_pointer (&b->scope);
  g_autofree char *init_scope = g_strdup_printf ("%s/Initializer", full_name);
  g_autofree char *assign = g_strdup_printf ("%s/Assign", full_name);
  g_autofree char *read = g_strdup_printf (by_handle ? "%s/Read/ReadVariableOp" : "%s/read", full_name);
  char *previous;

  made.variable = gw_node_new (b, by_handle ? "VarHandleOp" : "VariableV2", full_name, GW_NO_IN,
                               GW_WITH ({ "shape", gw_attr_shape (*shape) },
                                        { "dtype", gw_attr_dtype (dtype) },
                                        { "_initializer", gw_attr_string (initializer) },
                                        { "_trainable", gw_attr_bool (trainable) }));
  previous = gw_builder_enter (b, init_scope);
  made.initial = gw_initializer_build (b, initializer, dtype, shape);
  gw_builder_leave (b, previous);
  made.initializer = gw_node_new (b, by_handle ? "AssignVariableOp" : "Assign", assign,
                                  GW_IN (gw_output_of (made.variable, 0), made.initial), NULL);
  gw_lowering_note_setup (context->lowering, first);
  made.read = gw_output_of (gw_node_new (b, by_handle ? "ReadVariableOp" : "Identity", read,
                                         GW_IN (gw_output_of (made.variable, 0)), NULL), 0);
  g_free (b->scope);
  b->scope = scope;
  if (b->error != NULL)
    return NULL;
  made.name = g_strdup (made.variable->name);
  g_ptr_array_add (lowered->variables, g_memdup2 (&made, sizeof made));
  return g_ptr_array_index (lowered->variables, lowered->variables->len - 1);
}

GwOutput
gw_lowering_variable (GwExpandContext *context,
                      const char      *name,
                      GwDType          dtype,
                      const GwShape   *shape,
                      const char      *initializer,
                      gboolean         trainable)
{
  g_autofree char *full_name = g_strdup_printf ("%s/%s", context->name, name);
  GwLoweredVariable *entry = context->builder->error == NULL
                               ? make_variable (context, FALSE, full_name, dtype, shape, initializer, trainable) : NULL;

  return entry != NULL ? entry->read : GW_NO_OUTPUT;
}

GwLoweredVariable *
gw_lowering_new_variable (GwExpandContext *context,
                          const char      *name,
                          GwDType          dtype,
                          const GwShape   *shape,
                          const char      *initializer)
{
  return context->builder->error == NULL ? make_variable (context, FALSE, name, dtype, shape, initializer, FALSE) : NULL;
}

GwLoweredVariable *
gw_lowering_new_variable_like (GwExpandContext         *context,
                               const char              *name,
                               const GwLoweredVariable *like,
                               const char              *initializer)
{
  GwOutput output = { like->variable, 0 };

  if (context->builder->error != NULL)
    return NULL;
  return make_variable (context, gw_output_is_handle (output), name, gw_variable_node_dtype (like->variable),
                        &gw_node_attr (like->variable, "shape")->shape, initializer, FALSE);
}

static GwLoweredVariable *
find_variable (GwExpandContext *context,
               const char      *name)
{
  const GPtrArray *variables = context->lowering->lowered->variables;

  for (guint i = 0; i < variables->len; i++)
    if (g_str_equal (((GwLoweredVariable *) g_ptr_array_index (variables, i))->name, name))
      return g_ptr_array_index (variables, i);
  return NULL;
}

GwLoweredVariable *
gw_lowering_global_variable (GwExpandContext *context,
                             const char      *name,
                             GwDType          dtype,
                             const GwShape   *shape,
                             const char      *initializer)
{
  GwLoweredVariable *found = find_variable (context, name);
  g_autofree char *text = gw_shape_to_string (shape);

  if (found == NULL)
    return gw_lowering_new_variable (context, name, dtype, shape, initializer);
  if (found->variable->dtypes[0] == dtype && gw_shape_equal (&found->variable->shapes[0], shape))
    return found;
  gw_builder_fail (context->builder, GW_ERROR_INVALID_ARGUMENT,
                   "there is a variable called %s already, and it is not %s of shape %s",
                   name, gw_dtype_name (dtype), text);
  return NULL;
}
