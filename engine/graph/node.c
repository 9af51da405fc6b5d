/* SPDX-License-Identifier: Apache-2.0 */
/* Adding a node: attributes, ports and types are checked as TensorFlow's
 * op_def_library does, then shapes are inferred. */
#include "engine/base/error.h"
#include "engine/base/random.h"
#include "engine/graph/graph-private.h"
#include "engine/graph/graph.h"
#include "engine/graph/shape-context.h"
#include "engine/graph/shape-infer.h"

#include <string.h>

/* More would be a mistake in an attribute, not a graph. */
#define MAX_OUTPUTS 65536

/* From this many control inputs on a set remembers them. */
#define MANY_CONTROLS 16

void
gw_node_free (GwNode *node)
{
  int n_attrs = gw_attr_defs_length (node->def->attrs);

  for (int i = 0; i < n_attrs; i++)
    gw_attr_value_clear (&node->attrs[i]);
  for (int i = 0; node->values != NULL && i < node->n_outputs; i++)
    gw_tensor_unref (node->values[i]);
  g_clear_pointer (&node->control_inputs, g_ptr_array_unref);
  g_clear_pointer (&node->control_set, g_hash_table_unref);
  g_free (node->input_ports);
  g_free (node->refs);
  g_free (node->partial);
  g_free (node->values);
  g_free (node->attrs);
  g_free (node->inputs);
  g_free (node->dtypes);
  g_free (node->shapes);
  g_free (node->device);
  g_free (node->name);
  g_free (node);
}

/* While a node is made: which attributes have a value, from a setting or from
 * the inputs. */
typedef struct {
  GwNode   *node;
  gboolean *given;
} Maker;

static int
find_attr (const Maker *maker,
           const char  *name)
{
  return gw_attr_defs_find (maker->node->def->attrs, name);
}

/* Attribute `index` as it is set; the type of an op that takes lists may be that of lists,
 * which nobody chooses. */
static gboolean
check_value (Maker   *maker,
             int      index,
             GError **error)
{
  GwAttrValue *value = &maker->node->attrs[index];

  return (value->type == GW_ATTR_DTYPE && value->dtype == GW_VARIANT && (maker->node->def->flags & GW_OP_TAKES_LISTS) != 0) ||
         gw_attr_check (&maker->node->def->attrs[index], value, error);
}

static gboolean
apply_settings (Maker            *maker,
                const GwNodeSpec *spec,
                GError          **error)
{
  for (int i = 0; i < spec->n_attrs; i++)
    {
      const GwAttrSetting *setting = &spec->attrs[i];
      int index = find_attr (maker, setting->name);

      if (index < 0)
        return gw_invalid (error, "%s has no attribute “%s”", spec->def->name, setting->name);
      gw_attr_value_clear (&maker->node->attrs[index]);
      gw_attr_value_copy (&maker->node->attrs[index], &setting->value);
      maker->given[index] = TRUE;
      if (!check_value (maker, index, error))
        return FALSE;
    }
  return TRUE;
}

/* Gives attribute `name` the value that the inputs imply, or checks the one given. */
static gboolean
imply_attr (Maker       *maker,
            const char  *name,
            GwAttrValue  value,
            const char  *port,
            GError     **error)
{
  int index = find_attr (maker, name);
  GwAttrValue *attr = &maker->node->attrs[index];
  g_autofree char *want = NULL;
  g_autofree char *got = NULL;

  if (!maker->given[index])
    {
      gw_attr_value_clear (attr);
      gw_attr_value_copy (attr, &value);
      maker->given[index] = TRUE;
      return check_value (maker, index, error);
    }
  if (gw_attr_value_equal (attr, &value))
    return TRUE;
  want = gw_attr_to_string (attr);
  got = gw_attr_to_string (&value);
  return gw_invalid (error, "%s: %s is %s but %s is %s", maker->node->def->name, port, got, name, want);
}

/* How many inputs port `port` takes, given that `left` remain for it and those behind it:
 * ports of one number share what single ports leave. */
static int64_t
port_count (const Maker     *maker,
            const GwPortDef *port,
            int              left)
{
  int type = find_attr (maker, port->type);
  int alike = 1, behind = 0;

  for (const GwPortDef *other = port + 1; other->name != NULL; other++)
    if (g_strcmp0 (port->number_attr, other->number_attr) == 0 && port->number_attr != NULL)
      alike++;
    else
      behind++;
  if (port->number_attr != NULL)
    {
      int index = find_attr (maker, port->number_attr);

      return maker->given[index] ? maker->node->attrs[index].i : (left - behind) / alike;
    }
  if (type >= 0 && maker->node->def->attrs[type].type == GW_ATTR_DTYPES)
    return maker->given[type] ? maker->node->attrs[type].list.n : left - behind;
  return 1;
}

static gboolean
check_reference (const GwNodeSpec *spec,
                 const GwPortDef  *port,
                 GwOutput          input,
                 GError          **error)
{
  if (!port->is_ref || gw_node_output_is_ref (input.node, input.index))
    return TRUE;
  return gw_invalid (error, "%s: %s must be a reference to a variable, and %s is a value",
                     spec->def->name, port->name, input.node->name);
}

/* A handle says of which type its variable is: attribute "dtype", or "T", of the op. */
static gboolean
imply_handle_type (Maker           *maker,
                   const GwPortDef *port,
                   GwOutput         input,
                   GError         **error)
{
  const GwNode *variable = gw_output_variable (input);
  const char *name = find_attr (maker, "dtype") >= 0 ? "dtype" : "T";
  int index = find_attr (maker, name);

  if (!gw_output_is_handle (input) || variable == NULL || port->is_ref || strcmp (port->type, "resource") != 0 ||
      index < 0 || maker->node->def->attrs[index].type != GW_ATTR_DTYPE)
    return TRUE;
  return imply_attr (maker, name, gw_attr_dtype (gw_variable_node_dtype (variable)), port->name, error);
}

/* The types of the `count` inputs at `inputs` against the port's. */
static gboolean
bind_types (Maker            *maker,
            const GwNodeSpec *spec,
            const GwPortDef  *port,
            const GwOutput   *inputs,
            int               count,
            GError          **error)
{
  int type = find_attr (maker, port->type);
  g_autofree GwDType *dtypes = g_new (GwDType, MAX (count, 1));

  for (int i = 0; i < count; i++)
    {
      dtypes[i] = gw_output_dtype (inputs[i]);
      if (!check_reference (spec, port, inputs[i], error))
        return FALSE;
      if (type >= 0 && dtypes[i] == GW_VARIANT && (spec->def->flags & GW_OP_TAKES_LISTS) == 0)
        return gw_invalid (error, "%s: %s cannot be a list of tensors (variant), as %s is", spec->def->name, port->name,
                           inputs[i].node->name);
      if (type >= 0 && spec->def->attrs[type].type == GW_ATTR_DTYPES)
        continue;
      if (type >= 0 && !imply_attr (maker, port->type, gw_attr_dtype (dtypes[i]), port->name, error))
        return FALSE;
      if (type < 0 && dtypes[i] != gw_dtype_from_name (port->type))
        return gw_invalid (error, "%s: %s must be %s, and %s is %s", spec->def->name, port->name,
                           port->type, inputs[i].node->name, gw_dtype_name (dtypes[i]));
      if (!imply_handle_type (maker, port, inputs[i], error))
        return FALSE;
    }
  if (type >= 0 && spec->def->attrs[type].type == GW_ATTR_DTYPES)
    return imply_attr (maker, port->type, gw_attr_dtypes (count, dtypes), port->name, error);
  return TRUE;
}

static gboolean
bind_inputs (Maker            *maker,
             const GwNodeSpec *spec,
             GError          **error)
{
  int n_ports = gw_ports_length (spec->def->inputs);
  int used = 0;

  for (int p = 0; p < n_ports; p++)
    {
      const GwPortDef *port = &spec->def->inputs[p];
      int left = spec->n_inputs - used;
      int64_t count = port_count (maker, port, left);

      if (count < 0 || count > left)
        return gw_invalid (error, "%s: nothing is wired to %s", spec->def->name, port->name);
      if (port->number_attr != NULL &&
          !imply_attr (maker, port->number_attr, gw_attr_int (count), port->name, error))
        return FALSE;
      if (!bind_types (maker, spec, port, spec->inputs + used, (int) count, error))
        return FALSE;
      for (int64_t i = 0; i < count; i++)
        maker->node->input_ports[used++] = port;
    }
  if (used != spec->n_inputs)
    return gw_invalid (error, "%s takes %d inputs, not %d", spec->def->name, used, spec->n_inputs);
  return TRUE;
}

static gboolean
require_attrs (Maker   *maker,
               GError **error)
{
  const GwAttrDef *defs = maker->node->def->attrs;

  for (int i = 0; defs != NULL && defs[i].name != NULL; i++)
    if ((defs[i].flags & GW_ATTR_REQUIRED) != 0 && !maker->given[i])
      return gw_invalid (error, "%s: the attribute “%s” must be given", maker->node->def->name, defs[i].name);
  return TRUE;
}

/* Number of tensors of an output port. */
static int64_t
output_count (const GwNode    *node,
              const GwPortDef *port)
{
  int type = gw_attr_defs_find (node->def->attrs, port->type);

  if (type >= 0 && node->def->attrs[type].type == GW_ATTR_DTYPES)
    return node->attrs[type].list.n;
  return port->number_attr != NULL ? gw_node_attr (node, port->number_attr)->i : 1;
}

/* Types and kinds of the `count` outputs of a port, from number `first` on. */
static void
describe_outputs (GwNode          *node,
                  const GwPortDef *port,
                  int              first,
                  int              count)
{
  int type = gw_attr_defs_find (node->def->attrs, port->type);
  gboolean is_list = type >= 0 && node->def->attrs[type].type == GW_ATTR_DTYPES;

  for (int i = 0; i < count; i++)
    {
      node->dtypes[first + i] = is_list ? node->attrs[type].list.dtypes[i]
                                        : type >= 0 ? node->attrs[type].dtype : gw_dtype_from_name (port->type);
      node->refs[first + i] = port->is_ref;
    }
}

/* The variable that output 0 refers to, or is the handle of. */
static GwNode *
find_variable (GwNode *node)
{
  if (node->n_outputs == 0 || (!node->refs[0] && node->dtypes[0] != GW_RESOURCE))
    return NULL;
  if (node->refs[0])
    return node->n_inputs == 0 ? node : gw_output_variable (node->inputs[0]);
  if (g_str_equal (node->def->name, "VarHandleOp") || gw_attr_defs_find (node->def->attrs, "key_dtype") >= 0)
    return node;
  return (node->def->flags & GW_OP_FORWARDS_INPUT) != 0 && node->n_outputs == 1 && node->n_inputs > 0
           ? gw_output_variable (node->inputs[0]) : NULL;
}

static gboolean
make_outputs (GwNode  *node,
              GError **error)
{
  int64_t n = 0;

  for (const GwPortDef *port = node->def->outputs; port != NULL && port->name != NULL; port++)
    {
      int64_t count = output_count (node, port);

      if (count < 0 || n + count > MAX_OUTPUTS)
        return gw_invalid (error, "%s cannot have %" G_GINT64_FORMAT " outputs; %d are the most",
                           node->def->name, count, MAX_OUTPUTS);
      n += count;
    }
  node->n_outputs = (int) n;
  node->dtypes = g_new0 (GwDType, MAX (n, 1));
  node->shapes = g_new0 (GwShape, MAX (n, 1));
  node->refs = g_new0 (gboolean, MAX (n, 1));
  n = 0;
  for (const GwPortDef *port = node->def->outputs; port != NULL && port->name != NULL; port++)
    {
      describe_outputs (node, port, (int) n, (int) output_count (node, port));
      n += output_count (node, port);
    }
  node->variable = find_variable (node);
  return TRUE;
}

/* Random ops without seeds of their own take the graph's, as TensorFlow's Python
 * layer does. Last of all, so that an op that is refused takes no number. */
static void
combine_seeds (Maker *maker)
{
  GwGraph *graph = maker->node->graph;
  int seed = find_attr (maker, "seed");
  int seed2 = find_attr (maker, "seed2");

  if ((maker->node->def->flags & GW_OP_RANDOM) == 0 || seed < 0 || seed2 < 0)
    return;
  if (maker->node->attrs[seed].i != 0 || maker->node->attrs[seed2].i != 0)
    return;
  maker->node->random_number = gw_graph_take_random_number (graph);
  if (graph->seed >= 0)
    gw_combine_seeds (graph->seed, -1, maker->node->random_number, &maker->node->attrs[seed].i, &maker->node->attrs[seed2].i);
}

static gboolean
make_node (Maker            *maker,
           const GwNodeSpec *spec,
           GError          **error)
{
  GwNode *node = maker->node;

  for (int i = 0; i < gw_attr_defs_length (spec->def->attrs); i++)
    gw_attr_default (&spec->def->attrs[i], &node->attrs[i]);
  if (!apply_settings (maker, spec, error) ||
      !bind_inputs (maker, spec, error) ||
      !require_attrs (maker, error) ||
      !make_outputs (node, error) ||
      !gw_infer_node (node, error))
    return FALSE;
  gw_infer_partial (node);
  combine_seeds (maker);
  return TRUE;
}

/* What a caller can get wrong before there is a node. */
static gboolean
check_spec (const GwGraph    *graph,
            const GwNodeSpec *spec,
            const char       *name,
            GError          **error)
{
  if (!gw_node_name_check (name, error))
    return FALSE;
  if (spec->def->shape == NULL)
    return gw_invalid (error, "%s stands for other ops: a graph holds those, not the %s itself",
                       spec->def->name, spec->def->name);
  for (int i = 0; i < spec->n_inputs; i++)
    {
      GwOutput input = spec->inputs[i];

      if (input.node == NULL || input.node->graph != graph)
        return gw_invalid (error, "%s: input %d is not of this graph", spec->def->name, i);
      if (input.index < 0 || input.index >= input.node->n_outputs)
        return gw_invalid (error, "%s: %s has no output %d", spec->def->name, input.node->name, input.index);
    }
  return TRUE;
}

static void
adopt_spec (GwNode           *node,
            const GwNodeSpec *spec)
{
  int n_attrs = gw_attr_defs_length (spec->def->attrs);

  node->def = spec->def;
  node->attrs = g_new0 (GwAttrValue, MAX (n_attrs, 1));
  node->n_inputs = spec->n_inputs;
  node->inputs = g_new (GwOutput, MAX (spec->n_inputs, 1));
  node->input_ports = g_new0 (const GwPortDef *, MAX (spec->n_inputs, 1));
  if (spec->n_inputs > 0)
    memcpy (node->inputs, spec->inputs, sizeof (GwOutput) * (gsize) spec->n_inputs);
  node->device = g_strdup (spec->device);
  node->origin = spec->origin;
  node->random_number = -1;
  for (int i = 0; i < spec->n_controls; i++)
    gw_graph_add_control (node, spec->controls[i]);
}

GwNode *
gw_graph_add (GwGraph          *graph,
              const GwNodeSpec *spec,
              GError          **error)
{
  g_autofree gboolean *given = g_new0 (gboolean, gw_attr_defs_length (spec->def->attrs) + 1);
  const char *name = spec->name != NULL ? spec->name : spec->def->name;
  Maker maker = { NULL, given };
  GwNode *node;

  if (!check_spec (graph, spec, name, error))
    {
      gw_error_set_node (error, name, spec->def->name);
      return NULL;
    }
  node = maker.node = g_new0 (GwNode, 1);
  node->graph = graph;
  node->name = g_strdup (name);
  adopt_spec (node, spec);
  if (!make_node (&maker, spec, error))
    {
      gw_error_set_node (error, name, spec->def->name);
      gw_node_free (node);
      return NULL;
    }
  g_free (node->name);
  node->name = gw_graph_unique_name (graph, name);
  node->id = (int) graph->nodes->len;
  g_ptr_array_add (graph->nodes, node);
  g_hash_table_insert (graph->by_name, node->name, node);
  graph->version++;
  return node;
}

static gboolean
waits_for (GwNode *node,
           GwNode *before)
{
  GPtrArray *controls = node->control_inputs;

  if (node->control_set == NULL && controls->len < MANY_CONTROLS)
    return g_ptr_array_find (controls, before, NULL);
  if (node->control_set == NULL)
    {
      node->control_set = g_hash_table_new (NULL, NULL);
      for (guint i = 0; i < controls->len; i++)
        g_hash_table_add (node->control_set, g_ptr_array_index (controls, i));
    }
  return !g_hash_table_add (node->control_set, before);
}

void
gw_graph_add_control (GwNode *node,
                      GwNode *before)
{
  if (node->control_inputs == NULL)
    node->control_inputs = g_ptr_array_new ();
  if (waits_for (node, before))
    return;
  g_ptr_array_add (node->control_inputs, before);
  node->graph->version++;
}

const GwAttrValue *
gw_node_attr (const GwNode *node,
              const char   *name)
{
  int index = gw_attr_defs_find (node->def->attrs, name);

  return index >= 0 ? &node->attrs[index] : NULL;
}

const GwPortDef *
gw_node_input_port (const GwNode *node,
                    int           input)
{
  return node->input_ports[input];
}

gboolean
gw_node_output_is_ref (const GwNode *node,
                       int           output)
{
  return node->refs[output];
}

GwNode *
gw_output_variable (GwOutput output)
{
  return output.node != NULL && (output.node->refs[output.index] || gw_output_is_handle (output))
           ? output.node->variable : NULL;
}

GwDType
gw_variable_node_dtype (const GwNode *variable)
{
  const GwAttrValue *dtype = gw_node_attr (variable, "dtype");

  return dtype != NULL ? dtype->dtype : GW_VARIANT;
}

GwShape
gw_variable_node_shape (const GwNode *variable)
{
  const GwAttrValue *shape = gw_node_attr (variable, "shape");

  return shape != NULL ? shape->shape : GW_SHAPE_SCALAR;
}
