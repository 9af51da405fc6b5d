/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/document/averages.h"

#include "engine/document/lower-private.h"

#include <string.h>

#define SHADOW "ExponentialMovingAverage"

/* ---- which variables ---- */

gboolean
gw_variable_is_under (const char *name,
                      const char *prefix)
{
  gsize length = strlen (prefix);

  if (strpbrk (prefix, "*?[](){}|^$+\\") != NULL)
    return g_regex_match_simple (prefix, name, G_REGEX_RAW, G_REGEX_MATCH_ANCHORED);
  while (length > 0 && prefix[length - 1] == '/')
    length--;
  return length > 0 && strncmp (name, prefix, length) == 0 && (name[length] == '\0' || name[length] == '/');
}

gboolean
gw_variable_is_chosen (const GwLoweredVariable *variable,
                       const GwAttrValue       *names)
{
  gboolean any = names == NULL || names->type != GW_ATTR_STRINGS || names->list.n == 0;

  if (!variable->trainable || !gw_dtype_is_floating (gw_variable_node_dtype (variable->variable)))
    return FALSE;
  for (int i = 0; !any && i < names->list.n; i++)
    any = gw_variable_is_under (variable->name, names->list.s[i]);
  return any;
}

static GwOutput
reference (const GwLoweredVariable *variable)
{
  return gw_output_of (variable->variable, 0);
}

/* ---- moving averages ---- */

static const GwLoweredVariable *
shadow_of (GwExpandContext         *context,
           const GwLoweredVariable *variable)
{
  g_autofree char *name = g_strconcat (variable->name, "/" SHADOW, NULL);
  GwLoweredVariable *found = gw_lowering_find_variable (context, name);

  return found != NULL ? found : gw_lowering_new_shadow (context, SHADOW, variable);
}

/* The boxes that keep averages; looked for once. */
static const GPtrArray *
averaging_boxes (GwLowering *lowering)
{
  int n;
  const int64_t *ids;

  if (lowering->averaging != NULL)
    return lowering->averaging;
  lowering->averaging = g_ptr_array_new ();
  ids = gw_document_ids (lowering->document, GW_ITEM_NODE, &n);
  for (int i = 0; i < n; i++)
    {
      const GwDocNode *node = gw_document_node (lowering->document, ids[i]);
      const GwAttrValue *decay = gw_named_attrs_get (node->attrs, "moving_average_decay");

      if (decay != NULL && decay->type == GW_ATTR_FLOAT && decay->f > 0 &&
          (node->flags & (GW_DOC_MUTED | GW_DOC_BYPASSED)) == 0)
        g_ptr_array_add (lowering->averaging, (gpointer) node);
    }
  return lowering->averaging;
}

static gboolean
is_averaged (GwLowering              *lowering,
             const GwLoweredVariable *variable)
{
  const GPtrArray *boxes;

  if (lowering->options.mode == GW_MODE_TRAIN)
    return FALSE;
  boxes = averaging_boxes (lowering);
  for (guint i = 0; i < boxes->len; i++)
    if (gw_variable_is_chosen (variable, gw_named_attrs_get (((const GwDocNode *) g_ptr_array_index (boxes, i))->attrs, "var_list")))
      return TRUE;
  return FALSE;
}

GwOutput
gw_averaged_read (GwExpandContext         *context,
                  const GwLoweredVariable *variable)
{
  const GwLoweredVariable *shadow;

  if (!is_averaged (context->lowering, variable))
    return variable->read;
  shadow = shadow_of (context, variable);
  return shadow != NULL ? shadow->read : GW_NO_OUTPUT;
}

GwOutput
gw_averaged_value (GwLowering *lowering,
                   GwOutput    reference_of_variable)
{
  GwExpandContext context = { .builder = &lowering->builder, .mode = lowering->options.mode, .lowering = lowering };
  const GPtrArray *variables = lowering->lowered->variables;

  for (guint i = 0; lowering->options.mode != GW_MODE_TRAIN && i < variables->len; i++)
    {
      const GwLoweredVariable *variable = g_ptr_array_index (variables, i);

      if (variable->variable == reference_of_variable.node)
        return gw_averaged_read (&context, variable);
    }
  return reference_of_variable;
}

/* 1 − decay, of a type: the decay is at most (1 + n) / (10 + n) where it begins fast. */
static GwOutput
rest_of_decay (GwExpandContext *context,
               GwDType          dtype,
               GwNode          *after)
{
  GwBuilder *b = context->builder;
  GwOutput decay = gw_const_scalar (b, dtype, gw_expand_attr (context, "moving_average_decay")->f);
  GwLoweredVariable *step;
  GwOutput n, most;
  GwNode *read;

  if (gw_expand_attr (context, "moving_average_num_updates")->b)
    {
      step = gw_lowering_global_variable (context, "global_step", GW_INT64, &GW_SHAPE_SCALAR, "zeros");
      read = step != NULL ? gw_node_new (b, "Identity", NULL, GW_IN (reference (step)), NULL) : NULL;
      if (read == NULL)
        return GW_NO_OUTPUT;
      gw_graph_add_control (read, after);
      n = gw_op (b, "Cast", GW_IN (gw_output_of (read, 0)), GW_WITH ({ "DstT", gw_attr_dtype (dtype) }));
      most = gw_op2 (b, "RealDiv", gw_op2 (b, "AddV2", gw_const_scalar (b, dtype, 1), n),
                     gw_op2 (b, "AddV2", gw_const_scalar (b, dtype, 10), n));
      decay = gw_op2 (b, "Minimum", decay, most);
    }
  return gw_op2 (b, "Sub", gw_const_scalar (b, dtype, 1), decay);
}

/* shadow −= (1 − decay) · (shadow − variable), the variable as it is after `after`. */
static GwNode *
move (GwExpandContext         *context,
      const GwLoweredVariable *variable,
      GwNode                  *after)
{
  GwBuilder *b = context->builder;
  const GwLoweredVariable *shadow = shadow_of (context, variable);
  gboolean by_handle = gw_output_is_handle (reference (variable));
  GwNode *value = gw_node_new (b, by_handle ? "ReadVariableOp" : "Identity", NULL, GW_IN (reference (variable)), NULL);
  GwOutput difference;

  if (shadow == NULL || value == NULL)
    return NULL;
  gw_graph_add_control (value, after);
  difference = gw_op2 (b, "Sub", shadow->read, gw_output_of (value, 0));
  return gw_node_new (b, "AssignSub", NULL,
                      GW_IN (reference (shadow), gw_op2 (b, "Mul", difference, rest_of_decay (context, gw_output_dtype (difference), after))),
                      NULL);
}

GwNode *
gw_averages_move (GwExpandContext          *context,
                  GwNode                   *after,
                  int                       n,
                  GwLoweredVariable *const *variables)
{
  GwBuilder *b = context->builder;
  GwNode *group;
  char *previous;

  if (after == NULL || gw_expand_attr (context, "moving_average_decay")->f <= 0)
    return after;
  previous = gw_builder_enter (b, SHADOW);
  group = gw_node_new (b, "NoOp", "group", GW_NO_IN, NULL);
  if (group != NULL)
    gw_graph_add_control (group, after);
  for (int i = 0; i < n && b->error == NULL; i++)
    {
      GwNode *moved = move (context, variables[i], after);

      if (moved != NULL)
        gw_graph_add_control (group, moved);
    }
  gw_builder_leave (b, previous);
  return b->error == NULL ? group : NULL;
}

/* ---- gathered gradients ---- */

GArray *
gw_gather_gradients (GwExpandContext          *context,
                     int                       n,
                     GwLoweredVariable *const *variables,
                     GwGradient               *gradients)
{
  GwBuilder *b = context->builder;
  double steps = (double) gw_expand_attr (context, "accumulate_steps")->i;
  GArray *sums;
  GwNode *added;

  if (steps <= 1 || b->error != NULL)
    return NULL;
  sums = g_array_new (FALSE, FALSE, sizeof (GwOutput));
  added = gw_node_new (b, "NoOp", "gathered", GW_NO_IN, NULL);
  for (int i = 0; i < n && b->error == NULL; i++)
    {
      g_autofree char *name = g_strconcat (variables[i]->name, "/GradientSum", NULL);
      GwLoweredVariable *sum;
      GwOutput reference_of_sum, now;

      if (gradients[i].values.node == NULL)
        continue;
      sum = gw_lowering_new_variable (context, name, gw_variable_node_dtype (variables[i]->variable),
                                      &gw_node_attr (variables[i]->variable, "shape")->shape, "zeros");
      if (sum == NULL)
        break;
      reference_of_sum = reference (sum);
      now = gw_op2 (b, "AssignAdd", reference_of_sum, gw_gradient_to_dense (b, &gradients[i]));
      gradients[i] = gw_gradient_whole (gw_op2 (b, "RealDiv", now, gw_const_like (b, now, steps)));
      g_array_append_val (sums, reference_of_sum);
      if (now.node != NULL)
        gw_graph_add_control (added, now.node);
    }
  gw_lowering_set_partial (context, added);
  return sums;
}

GwNode *
gw_gathered_clear (GwExpandContext *context,
                   GwNode          *after,
                   const GArray    *sums)
{
  GwBuilder *b = context->builder;
  GwNode *group;

  if (sums == NULL || after == NULL)
    return after;
  group = gw_node_new (b, "NoOp", "cleared", GW_NO_IN, NULL);
  if (group == NULL)
    return NULL;
  gw_graph_add_control (group, after);
  for (guint i = 0; i < sums->len; i++)
    {
      GwOutput sum = g_array_index (sums, GwOutput, i);
      GwOutput zeros = gw_op2 (b, "Fill", gw_const_ints (b, sum.node->shapes[0].rank, sum.node->shapes[0].dims),
                               gw_const_scalar (b, gw_output_dtype (sum), 0));
      GwNode *assign = gw_node_new (b, "Assign", NULL, GW_IN (sum, zeros), NULL);

      if (assign == NULL)
        return NULL;
      gw_graph_add_control (assign, after);
      gw_graph_add_control (group, assign);
    }
  return group;
}
