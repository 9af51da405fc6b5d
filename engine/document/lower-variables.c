/* SPDX-License-Identifier: Apache-2.0 */
/* What composites ask of the lowering that expands them: attributes, variables. */
#include "engine/document/lower.h"

#include "engine/document/averages.h"
#include "engine/document/initializers.h"
#include "engine/document/lower-private.h"
#include "engine/document/sharing.h"
#include "engine/document/variable-scopes.h"

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

void
gw_lowering_set_partial (GwExpandContext *context,
                         GwNode          *node)
{
  gw_lowered_set_partial (context->lowering->lowered, context->lowering->current, node);
}

/* ---- penalties ---- */

const GArray *
gw_lowering_penalties (GwExpandContext *context)
{
  return context->lowering->lowered->penalties;
}

gboolean
gw_lowering_has_penalty (GwExpandContext *context,
                         GwOutput         weights)
{
  const GArray *penalties = gw_lowering_penalties (context);

  for (guint i = 0; i < penalties->len; i++)
    if (gw_output_equal (g_array_index (penalties, GwLoweredPenalty, i).weights, weights))
      return TRUE;
  return FALSE;
}

void
gw_lowering_add_penalty (GwExpandContext *context,
                         GwOutput         weights,
                         GwOutput         penalty)
{
  GwLoweredPenalty added = { weights, penalty };

  g_array_append_val (context->lowering->lowered->penalties, added);
}

/* ---- variables ---- */

const GPtrArray *
gw_lowering_variables (GwExpandContext *context)
{
  return context->lowering->lowered->variables;
}

/* Variables are named from the root, whatever scope the composite is in. A reference, or
 * `by_handle`; begun with `initial`, or with what `initializer` says where that has no node. */
static GwLoweredVariable *
make_variable (GwExpandContext *context,
               gboolean         by_handle,
               const char      *full_name,
               GwDType          dtype,
               const GwShape   *shape,
               const char      *initializer,
               GwOutput         initial,
               gboolean         trainable)
{
  GwBuilder *b = context->builder;
  GwLowered *lowered = context->lowering->lowered;
  GwLoweredVariable made = { .trainable = trainable, .origin = context->lowering->expanding != NULL ? context->lowering->expanding->root : context->lowering->current };
  int first = gw_graph_n_nodes (lowered->graph);
  char *scope = g_steal_pointer (&b->scope);
  g_autofree char *init_scope = g_strdup_printf ("%s/Initializer", full_name);
  g_autofree char *assign = g_strdup_printf ("%s/Assign", full_name);
  g_autofree char *read = g_strdup_printf (by_handle ? "%s/Read/ReadVariableOp" : "%s/read", full_name);

  made.variable = gw_node_new (b, by_handle ? "VarHandleOp" : "VariableV2", full_name, GW_NO_IN,
                               GW_WITH ({ "shape", gw_attr_shape (*shape) },
                                        { "dtype", gw_attr_dtype (dtype) },
                                        { "_initializer", gw_attr_string (initializer) },
                                        { "_trainable", gw_attr_bool (trainable) }));
  made.initial = initial;
  if (initial.node == NULL)
    {
      char *previous = gw_builder_enter (b, init_scope);

      made.initial = gw_initializer_build (b, initializer, dtype, shape);
      gw_builder_leave (b, previous);
    }
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

/* ---- of layers ---- */

GwLoweredVariable *
gw_lowering_find_variable (GwExpandContext *context,
                           const char      *name)
{
  const GPtrArray *variables = context->lowering->lowered->variables;

  for (guint i = 0; i < variables->len; i++)
    if (g_str_equal (((GwLoweredVariable *) g_ptr_array_index (variables, i))->name, name))
      return g_ptr_array_index (variables, i);
  return NULL;
}

/* TensorFlow's words of get_variable(). */
static gboolean
check_shared (GwExpandContext         *context,
              const GwLoweredVariable *found,
              GwDType                  dtype,
              const GwShape           *shape)
{
  const GwShape *has = &gw_node_attr (found->variable, "shape")->shape;
  GwDType is = gw_variable_node_dtype (found->variable);
  g_autofree char *wanted_text = gw_shape_to_string (shape);
  g_autofree char *has_text = gw_shape_to_string (has);

  if (!gw_shape_equal (has, shape))
    gw_builder_fail (context->builder, GW_ERROR_INVALID_ARGUMENT,
                     "Trying to share variable %s, but specified shape %s and found shape %s", found->name, wanted_text, has_text);
  else if (is != dtype)
    gw_builder_fail (context->builder, GW_ERROR_INVALID_ARGUMENT,
                     "Trying to share variable %s, but specified dtype %s and found dtype %s", found->name,
                     gw_dtype_name (dtype), gw_dtype_name (is));
  return context->builder->error == NULL;
}

GwLoweredVariable *
gw_lowering_layer_variable (GwExpandContext *context,
                            const char      *name,
                            GwDType          dtype,
                            const GwShape   *shape,
                            const char      *initializer,
                            gboolean         trainable)
{
  g_autofree char *owner = gw_sharing_owner_name (context);
  g_autofree char *full_name = NULL;
  GwLoweredVariable *found;
  gboolean take;

  if (context->builder->error != NULL || owner == NULL)
    return NULL;
  full_name = g_strdup_printf ("%s/%s", owner, name);
  found = gw_lowering_find_variable (context, full_name);
  if (found != NULL && gw_sharing_is_shared (context, found->origin))
    return check_shared (context, found, dtype, shape) ? found : NULL;
  if (!gw_variable_scope_allows (context, full_name, found, &take))
    return NULL;
  if (take)
    return check_shared (context, found, dtype, shape) ? found : NULL;
  return make_variable (context, FALSE, full_name, dtype, shape, initializer, GW_NO_OUTPUT, trainable);
}

GwOutput
gw_lowering_variable (GwExpandContext *context,
                      const char      *name,
                      GwDType          dtype,
                      const GwShape   *shape,
                      const char      *initializer,
                      gboolean         trainable)
{
  GwLoweredVariable *variable = gw_lowering_layer_variable (context, name, dtype, shape, initializer, trainable);

  return variable != NULL ? gw_averaged_read (context, variable) : GW_NO_OUTPUT;
}

/* ---- of their own name ---- */

GwLoweredVariable *
gw_lowering_new_variable (GwExpandContext *context,
                          const char      *name,
                          GwDType          dtype,
                          const GwShape   *shape,
                          const char      *initializer)
{
  return context->builder->error == NULL ? make_variable (context, FALSE, name, dtype, shape, initializer, GW_NO_OUTPUT, FALSE) : NULL;
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
                        &gw_node_attr (like->variable, "shape")->shape, initializer, GW_NO_OUTPUT, FALSE);
}

GwLoweredVariable *
gw_lowering_new_shadow (GwExpandContext         *context,
                        const char              *name,
                        const GwLoweredVariable *of)
{
  g_autofree char *full_name = g_strdup_printf ("%s/%s", of->name, name);

  if (context->builder->error != NULL)
    return NULL;
  return make_variable (context, FALSE, full_name, gw_variable_node_dtype (of->variable),
                        &gw_node_attr (of->variable, "shape")->shape, "", of->initial, FALSE);
}

GwLoweredVariable *
gw_lowering_global_variable (GwExpandContext *context,
                             const char      *name,
                             GwDType          dtype,
                             const GwShape   *shape,
                             const char      *initializer)
{
  GwLoweredVariable *found = gw_lowering_find_variable (context, name);
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
