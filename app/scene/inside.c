/* SPDX-License-Identifier: Apache-2.0 */
#include "app/scene/inside.h"

#include <string.h>

static GwCanvasElement
element_of (GwDType dtype)
{
  return gw_canvas_element_from_name (gw_dtype_name (dtype));
}

/* The name of port number `number`, where list ports take the rest. */
static char *
port_label (const GwPortDef *ports,
            int              number)
{
  int n = gw_ports_length (ports);

  if (n == 0)
    return g_strdup ("");
  if (number < n && ports[number].number_attr == NULL)
    return g_strdup (ports[number].name);
  return g_strdup_printf ("%s %d", ports[n - 1].name, number - n + 1);
}

static gboolean
is_stand_in (const GwNode *node)
{
  return *node->name == '.';
}

static void
add_inputs (GwSceneNode    *scene,
            const GwOpDef  *def,
            int             n_inputs,
            const GwOutput *inputs)
{
  for (int i = 0; i < n_inputs; i++)
    {
      const GwOutput *input = &inputs[i];
      GwDType dtype = input->node != NULL ? gw_output_dtype (*input) : GW_DTYPE_INVALID;
      g_autofree char *label = port_label (def->inputs, i);
      GwScenePort *port = gw_scene_node_add_input (scene, label, element_of (dtype), NULL);

      port->connected = input->node != NULL;
      if (input->node != NULL)
        gw_scene_set_string (&port->dtype, gw_dtype_name (dtype));
    }
}

static void
add_ports (GwSceneNode  *scene,
           const GwNode *node)
{
  add_inputs (scene, node->def, node->n_inputs, node->inputs);
  for (int i = 0; i < node->n_outputs; i++)
    {
      g_autofree char *label = port_label (node->def->outputs, i);
      g_autofree char *shape = gw_shape_to_label (&node->shapes[i]);
      GwScenePort *port = gw_scene_node_add_output (scene, label, element_of (node->dtypes[i]), shape);

      port->connected = TRUE;
      gw_scene_set_string (&port->dtype, gw_dtype_name (node->dtypes[i]));
    }
}

static void
add_node (GwScene      *scene,
          const GwNode *node,
          const char   *prefix)
{
  const char *leaf = g_str_has_prefix (node->name, prefix) ? node->name + strlen (prefix) : node->name;
  GwSceneNode *picture = gw_scene_node_new (GW_INSIDE_NODE + (guint64) node->id, is_stand_in (node) ? "input" : leaf,
                                            is_stand_in (node) ? "from outside" : node->def->name,
                                            gw_canvas_category_from_key (gw_op_category (node->def)->name));

  if (node->control_inputs != NULL && node->control_inputs->len > 0)
    picture->flags |= GW_SCENE_NODE_CONTROL_IN;
  add_ports (picture, node);
  gw_scene_add_node (scene, picture);
}

static void
add_input_wires (GwScene        *scene,
                 guint64         to,
                 int             n_inputs,
                 const GwOutput *inputs,
                 guint64        *last)
{
  for (int i = 0; i < n_inputs; i++)
    {
      const GwOutput *input = &inputs[i];
      g_autofree char *shape = NULL;
      GwSceneWire *wire;

      if (input->node == NULL)
        continue; /* of a box: nothing is wired there */
      shape = gw_shape_to_label (&input->node->shapes[input->index]);
      wire = gw_scene_wire_new (++*last, GW_INSIDE_NODE + (guint64) input->node->id, input->index, to, i);
      wire->element = element_of (input->node->dtypes[input->index]);
      wire->n_elements = 1;
      gw_scene_set_string (&wire->shape, shape);
      gw_scene_set_string (&wire->dtype, gw_dtype_name (input->node->dtypes[input->index]));
      gw_scene_add_wire (scene, wire);
    }
}

static void
add_wires (GwScene      *scene,
           const GwNode *node,
           guint64      *last)
{
  add_input_wires (scene, GW_INSIDE_NODE + (guint64) node->id, node->n_inputs, node->inputs, last);
  for (guint i = 0; node->control_inputs != NULL && i < node->control_inputs->len; i++)
    {
      const GwNode *before = g_ptr_array_index (node->control_inputs, i);
      GwSceneWire *wire = gw_scene_wire_new (++*last, GW_INSIDE_NODE + (guint64) before->id, GW_SCENE_CONTROL_PORT,
                                             GW_INSIDE_NODE + (guint64) node->id, GW_SCENE_CONTROL_PORT);

      wire->kind = GW_SCENE_WIRE_CONTROL;
      gw_scene_add_wire (scene, wire);
    }
}

/* The op that breaks a rule is not in the graph: it stands behind its inputs, with the reason. So does the box
 * itself where the rule is its own and no op of it. */
static void
add_failed (GwScene         *scene,
            const GwLowered *lowered,
            const char      *prefix,
            guint64         *last)
{
  const GwFailedNode *failed = lowered->failed;
  const char *leaf = g_str_has_prefix (failed->name, prefix) ? failed->name + strlen (prefix) : failed->name;
  guint64 id = GW_INSIDE_NODE + (guint64) gw_graph_n_nodes (lowered->graph);
  GwSceneNode *picture = gw_scene_node_new (id, leaf, failed->def->name,
                                            gw_canvas_category_from_key (gw_op_category (failed->def)->name));

  add_inputs (picture, failed->def, failed->n_inputs, failed->inputs);
  if (lowered->problems->len > 0)
    gw_scene_node_set_problem (picture, ((GwProblem *) g_ptr_array_index (lowered->problems, 0))->message, NULL);
  gw_scene_add_node (scene, picture);
  add_input_wires (scene, id, failed->n_inputs, failed->inputs, last);
}

void
gw_scene_fill_inside (GwScene         *scene,
                      const GwLowered *lowered,
                      const char      *prefix)
{
  guint64 last = GW_INSIDE_WIRE;
  int n = gw_graph_n_nodes (lowered->graph);

  for (int i = 0; i < n; i++)
    add_node (scene, gw_graph_node (lowered->graph, i), prefix);
  for (int i = 0; i < n; i++)
    add_wires (scene, gw_graph_node (lowered->graph, i), &last);
  if (lowered->failed != NULL)
    add_failed (scene, lowered, prefix, &last);
}
