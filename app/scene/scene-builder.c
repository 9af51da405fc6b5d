/* SPDX-License-Identifier: Apache-2.0 */
#include "app/scene/scene-builder.h"

#include <math.h>
#include <string.h>

/* ---- ports ---- */

int
gw_scene_n_inputs (const GwDocument *document,
                   const GwDocNode  *node)
{
  const GwOpDef *op = gw_document_op (document, node->op);
  int n = 0;

  if (op == NULL)
    return (int) node->inputs->len;
  for (int i = 0; i < gw_ports_length (op->inputs); i++)
    n += gw_doc_node_port_count (node, &op->inputs[i]);
  return n;
}

/* The port definition of input number `input`; NULL for ops that are not known. */
static const GwPortDef *
input_def (const GwDocument *document,
           const GwDocNode  *node,
           int               input,
           int              *index)
{
  const GwOpDef *op = gw_document_op (document, node->op);

  for (int i = 0; op != NULL && i < gw_ports_length (op->inputs); i++)
    {
      int n = gw_doc_node_port_count (node, &op->inputs[i]);

      if (input < n)
        {
          *index = input;
          return &op->inputs[i];
        }
      input -= n;
    }
  return NULL;
}

gboolean
gw_scene_input_port (const GwDocument *document,
                     const GwDocNode  *node,
                     int               input,
                     const char      **port,
                     int              *index)
{
  const GwPortDef *def = input_def (document, node, input, index);

  if (def != NULL)
    {
      *port = def->name;
      return TRUE;
    }
  if (gw_document_op (document, node->op) != NULL || input < 0 || input >= (int) node->inputs->len)
    return FALSE;
  *port = g_array_index (node->inputs, GwDocInput, input).port;
  *index = g_array_index (node->inputs, GwDocInput, input).index;
  return TRUE;
}

int
gw_scene_find_input (const GwDocument *document,
                     const GwDocNode  *node,
                     const char       *port,
                     int               index)
{
  const char *name;
  int place;

  for (int i = 0; gw_scene_input_port (document, node, i, &name, &place); i++)
    if (strcmp (name, port) == 0 && place == index)
      return i;
  return -1;
}

/* ---- types ---- */

/* A type attribute as it was set, or as an output of that type has it. */
static GwDType
type_attr (const GwSceneSource *source,
           int64_t              id,
           const char          *name)
{
  const GwDocNode *node = gw_document_node (source->document, id);
  const GwOpDef *op = gw_document_op (source->document, node->op);
  const GwAttrValue *set = gw_named_attrs_get (node->attrs, name);
  GwAttrValue value;

  if (set != NULL && set->type == GW_ATTR_DTYPE)
    return set->dtype;
  for (int i = 0; op != NULL && i < gw_ports_length (op->outputs); i++)
    if (strcmp (op->outputs[i].type, name) == 0 && gw_live_output (source->live, id, i) != NULL)
      return gw_live_output (source->live, id, i)->dtype;
  if (!gw_document_attr (source->document, node, name, &value))
    return GW_DTYPE_INVALID;
  return value.type == GW_ATTR_DTYPE ? value.dtype : GW_DTYPE_INVALID;
}

static GwDType
port_dtype (const GwSceneSource *source,
            int64_t              id,
            const GwPortDef     *port)
{
  GwDType fixed = gw_dtype_from_name (port->type);

  return fixed != GW_DTYPE_INVALID ? fixed : type_attr (source, id, port->type);
}

GwDType
gw_scene_output_dtype (const GwSceneSource *source,
                       int64_t              id,
                       int                  output)
{
  const GwDocNode *node = gw_document_node (source->document, id);
  const GwOutputFacts *made = gw_live_output (source->live, id, output);
  const GwOpDef *op = node != NULL ? gw_document_op (source->document, node->op) : NULL;
  int n = op != NULL ? gw_ports_length (op->outputs) : 0;

  if (made != NULL)
    return made->dtype;
  return n > 0 ? port_dtype (source, id, &op->outputs[CLAMP (output, 0, n - 1)]) : GW_DTYPE_INVALID;
}

/* Another input of the same type attribute that is wired. */
static GwDType
sibling_dtype (const GwSceneSource *source,
               const GwDocNode     *node,
               const char          *type)
{
  for (guint i = 0; i < node->inputs->len; i++)
    {
      const GwDocInput *input = &g_array_index (node->inputs, GwDocInput, i);
      const GwOpDef *op = gw_document_op (source->document, node->op);

      for (int k = 0; k < gw_ports_length (op->inputs); k++)
        if (input->from != 0 && strcmp (op->inputs[k].name, input->port) == 0 &&
            g_strcmp0 (op->inputs[k].type, type) == 0)
          return gw_scene_output_dtype (source, input->from, input->output);
    }
  return GW_DTYPE_INVALID;
}

GwDType
gw_scene_input_dtype (const GwSceneSource *source,
                      int64_t              id,
                      int                  input)
{
  const GwDocNode *node = gw_document_node (source->document, id);
  const char *name;
  int index;
  const GwPortDef *port = input_def (source->document, node, input, &index);
  const GwDocInput *there;
  GwDType dtype;

  if (!gw_scene_input_port (source->document, node, input, &name, &index))
    return GW_DTYPE_INVALID;
  there = gw_doc_node_input (node, name, index);
  if (there != NULL && there->from != 0)
    return gw_scene_output_dtype (source, there->from, there->output);
  if (port == NULL)
    return GW_DTYPE_INVALID;
  dtype = port_dtype (source, id, port);
  return dtype != GW_DTYPE_INVALID ? dtype : sibling_dtype (source, node, port->type);
}

static GwCanvasElement
element_of (GwDType dtype)
{
  return gw_canvas_element_from_name (gw_dtype_name (dtype));
}

/* ---- attribute rows ---- */

static void
append_part (GString    *text,
             const char *part)
{
  if (text->len > 0)
    g_string_append (text, " · ");
  g_string_append (text, part);
}

static const GwAttrDef *
attr_def (const GwOpDef *op,
          const char    *name)
{
  int i = gw_attr_defs_find (op->attrs, name);

  return i >= 0 ? &op->attrs[i] : NULL;
}

/* "500 units", "relu", "axis 0", "transposed a"; NULL when it says nothing. */
static char *
tell_attr (const GwDocNode *node,
           const GwAttrDef *def)
{
  const GwAttrValue *set = gw_named_attrs_get (node->attrs, def->name);
  g_autofree char *label = NULL, *text = NULL;
  GwAttrValue value;

  if (set == NULL && (def->type == GW_ATTR_BOOL || def->type == GW_ATTR_SEED || def->type == GW_ATTR_STRING))
    return NULL;
  if (!gw_doc_node_attr (node, def->name, &value))
    return NULL;
  label = g_utf8_strdown (def->label != NULL ? def->label : def->name, -1);
  if (value.type == GW_ATTR_SHAPE)
    text = gw_shape_to_label (&value.shape);
  else
    text = gw_attr_to_label (&value, 16);
  if (value.type == GW_ATTR_BOOL)
    g_clear_pointer (&text, g_free);
  gw_attr_value_clear (&value);
  if (def->type == GW_ATTR_BOOL)
    return g_steal_pointer (&label);
  if (text == NULL || text[0] == 0)
    return NULL;
  if (def->type == GW_ATTR_INT && strcmp (def->name, "units") == 0)
    return g_strdup_printf ("%s %s", text, label);
  if (def->type == GW_ATTR_INT || def->type == GW_ATTR_FLOAT || def->type == GW_ATTR_SEED || def->type == GW_ATTR_INTS)
    return g_strdup_printf ("%s %s", label, text);
  return g_steal_pointer (&text);
}

/* A placeholder tells what feeds it. */
static gboolean
tell_placeholder (const GwDocNode *node,
                  GString         *text)
{
  const GwAttrValue *column = gw_named_attrs_get (node->attrs, "_column");
  const GwAttrValue *train = gw_named_attrs_get (node->attrs, "_train_value");
  const GwAttrValue *evaluate = gw_named_attrs_get (node->attrs, "_evaluate_value");

  if (strcmp (node->op, "Placeholder") != 0)
    return FALSE;
  if (column != NULL && column->s != NULL && column->s[0] != 0)
    g_string_append_printf (text, "column: %s", column->s);
  else if (train != NULL && train->s != NULL && train->s[0] != 0)
    g_string_append_printf (text, "train %s, test %s", train->s,
                            evaluate != NULL && evaluate->s != NULL ? evaluate->s : train->s);
  else
    g_string_append (text, "not fed");
  return TRUE;
}

#define ROW_LENGTH 30

static void
add_attributes (GwSceneNode     *scene,
                const GwDocNode *node,
                const GwOpDef   *op)
{
  g_autoptr (GString) first = g_string_new (NULL);
  g_autoptr (GString) second = g_string_new (NULL);
  g_autoptr (GPtrArray) rows = g_ptr_array_new ();

  if (node->flags & GW_DOC_BYPASSED)
    g_string_append (first, "bypassed");
  else if (!tell_placeholder (node, first))
    for (int i = 0; op->tell != NULL && op->tell[i] != NULL; i++)
      {
        const GwAttrDef *def = attr_def (op, op->tell[i]);
        g_autofree char *part = def != NULL ? tell_attr (node, def) : NULL;

        if (part != NULL)
          append_part (first->len > 0 && first->len + strlen (part) > ROW_LENGTH ? second : first, part);
      }
  if (first->len > 0)
    g_ptr_array_add (rows, first->str);
  if (second->len > 0)
    g_ptr_array_add (rows, second->str);
  if (rows->len == 0)
    return;
  g_ptr_array_add (rows, NULL);
  scene->attributes = g_strdupv ((char **) rows->pdata);
}

/* ---- nodes ---- */

static void
add_inputs (const GwSceneSource *source,
            GwSceneNode         *scene,
            const GwDocNode     *node,
            int64_t              id,
            const GwProblem     *problem)
{
  const char *name;
  int index;

  for (int i = 0; gw_scene_input_port (source->document, node, i, &name, &index); i++)
    {
      const GwDocInput *there = gw_doc_node_input (node, name, index);
      int place = 0;
      const GwPortDef *def = input_def (source->document, node, i, &place);
      GwDType dtype = gw_scene_input_dtype (source, id, i);
      g_autofree char *label = def != NULL && def->number_attr != NULL ? g_strdup_printf ("%s %d", name, index)
                                                                        : g_strdup (name);
      GwScenePort *port = gw_scene_node_add_input (scene, label, element_of (dtype), NULL);

      port->connected = there != NULL && there->from != 0;
      port->is_ref = def != NULL && def->is_ref;
      port->problem = problem != NULL && g_strcmp0 (problem->port, name) == 0;
      if (dtype != GW_DTYPE_INVALID)
        gw_scene_set_string (&port->dtype, gw_dtype_name (dtype));
      if (!port->connected && there != NULL && there->literal != NULL)
        gw_scene_set_string (&port->literal, there->literal);
      else if (!port->connected && def != NULL && def->number_attr == NULL && g_strcmp0 (def->literal, "") != 0)
        gw_scene_set_string (&port->literal, def->literal);
    }
}

/* Whether a wire starts at the output (GW_SCENE_CONTROL_PORT: somebody waits for it). */
static gboolean
is_used (const GwSceneSource *source,
         int64_t              id,
         int                  output)
{
  int n;
  const int64_t *users = gw_live_users (source->live, id, &n);

  for (int i = 0; i < n; i++)
    {
      const GwDocNode *user = gw_document_node (source->document, users[i]);

      for (guint k = 0; user != NULL && k < user->inputs->len; k++)
        if (g_array_index (user->inputs, GwDocInput, k).from == id &&
            g_array_index (user->inputs, GwDocInput, k).output == output)
          return TRUE;
      for (guint k = 0; user != NULL && output == GW_SCENE_CONTROL_PORT && k < user->controls->len; k++)
        if (g_array_index (user->controls, int64_t, k) == id)
          return TRUE;
    }
  return FALSE;
}

/* Ctrl+H leaves out what has no wire and no problem. */
static void
hide_ports (GwScenePort *ports,
            guint        n)
{
  for (guint i = 0; i < n; i++)
    ports[i].hidden = !ports[i].connected && !ports[i].problem;
}

static void
add_breakpoint (const GwSceneSource *source,
                GwSceneNode         *scene,
                const GwDocNode     *node)
{
  /* A wire carries the mark itself. */
  if ((node->flags & GW_DOC_BREAK) != 0 && !is_used (source, (int64_t) scene->id, 0))
    scene->flags |= node->flags & GW_DOC_BREAK_OFF ? GW_SCENE_NODE_BREAK_OFF : GW_SCENE_NODE_BREAKPOINT;
}

static void
add_outputs (const GwSceneSource *source,
             GwSceneNode         *scene,
             const GwOpDef       *op,
             int64_t              id)
{
  int n_ports = gw_ports_length (op->outputs);
  int n = MAX (n_ports, gw_live_n_outputs (source->live, id));

  for (int i = 0; i < n && n_ports > 0; i++)
    {
      const GwPortDef *def = &op->outputs[MIN (i, n_ports - 1)];
      const GwOutputFacts *made = gw_live_output (source->live, id, i);
      GwDType dtype = gw_scene_output_dtype (source, id, i);
      g_autofree char *shape = made != NULL ? gw_shape_to_label (&made->shape) : g_strdup ("any");
      g_autofree char *label = i >= n_ports || def->number_attr != NULL
                                 ? g_strdup_printf ("%s %d", def->name, i - n_ports + 1) : g_strdup (def->name);
      GwScenePort *port = gw_scene_node_add_output (scene, label, element_of (dtype), shape);

      port->is_ref = def->is_ref;
      port->connected = is_used (source, id, i);
      if (dtype != GW_DTYPE_INVALID)
        gw_scene_set_string (&port->dtype, gw_dtype_name (dtype));
    }
}

static void
add_problem (GwSceneNode     *scene,
             const GwProblem *problem)
{
  g_autoptr (GPtrArray) fixes = g_ptr_array_new ();

  for (guint i = 0; i < problem->fixes->len; i++)
    g_ptr_array_add (fixes, ((GwFix *) g_ptr_array_index (problem->fixes, i))->label);
  g_ptr_array_add (fixes, NULL);
  gw_scene_node_set_problem (scene, problem->message, (const char *const *) fixes->pdata);
  if (problem->severity == GW_PROBLEM_WARNING)
    scene->flags |= GW_SCENE_NODE_WARNING;
}

/* There is one processor; everything else is a wish. */
static void
add_device (GwSceneNode     *scene,
            const GwDocNode *node)
{
  gboolean asked = node->device != NULL && node->device[0] != 0;

  gw_scene_set_string (&scene->device, asked ? node->device : "automatic");
  if (asked && strcmp (node->device, "/cpu:0") != 0)
    scene->flags |= GW_SCENE_NODE_DEVICE_SOFT;
}

/* Copies in a row of a composite of the user's own; 0 = it is one. */
static guint
stack_of (const GwSceneSource *source,
          int64_t              id)
{
  const GwAttrValue *repeat = gw_named_attrs_get (gw_document_node (source->document, id)->attrs, "repeat");

  return repeat != NULL && repeat->type == GW_ATTR_INT && repeat->i > 1 && gw_document_own_composite (source->document, id) != 0
           ? (guint) MIN (repeat->i, GW_MAX_REPEAT) : 0;
}

GwSceneNode *
gw_scene_build_node (const GwSceneSource *source,
                     int64_t              id)
{
  const GwProblem *problem = gw_live_problem (source->live, id);
  const GwDocNode *node = gw_document_node (source->document, id);
  const GwOpDef *op = gw_document_op (source->document, node->op);
  GwSceneNode *scene = gw_scene_node_new ((guint64) id, node->name, node->op,
                                          gw_canvas_category_from_key (op != NULL ? gw_op_category (op)->name : NULL));

  scene->x = node->x;
  scene->y = node->y;
  scene->stack = stack_of (source, id);
  add_inputs (source, scene, node, id, problem);
  if (op != NULL)
    {
      add_outputs (source, scene, op, id);
      add_attributes (scene, node, op);
      if (op->expand != NULL)
        scene->flags |= GW_SCENE_NODE_COMPOSITE;
      if (strcmp (op->name, "Reroute") == 0)
        scene->flags |= GW_SCENE_NODE_REROUTE;
    }
  if (node->flags & GW_DOC_MUTED)
    scene->flags |= GW_SCENE_NODE_MUTED;
  if (node->flags & GW_DOC_BYPASSED)
    scene->flags |= GW_SCENE_NODE_BYPASSED;
  if (node->flags & GW_DOC_LOCKED)
    scene->flags |= GW_SCENE_NODE_LOCKED;
  if (node->flags & GW_DOC_WATCHED)
    scene->flags |= GW_SCENE_NODE_WATCHED;
  if (node->flags & GW_DOC_FOLDED)
    scene->flags |= GW_SCENE_NODE_FOLDED;
  if (node->flags & GW_DOC_HIDES_PORTS)
    {
      hide_ports (scene->inputs, scene->n_inputs);
      hide_ports (scene->outputs, scene->n_outputs);
    }
  add_breakpoint (source, scene, node);
  if (source->devices && (scene->flags & GW_SCENE_NODE_REROUTE) == 0)
    add_device (scene, node);
  if (is_used (source, id, GW_SCENE_CONTROL_PORT))
    scene->flags |= GW_SCENE_NODE_CONTROL_OUT;
  if (node->controls->len > 0)
    scene->flags |= GW_SCENE_NODE_CONTROL_IN;
  if (source->needed != NULL && !g_hash_table_contains (source->needed, &id))
    scene->flags |= GW_SCENE_NODE_NOT_NEEDED;
  if (problem != NULL)
    add_problem (scene, problem);
  else if (id == source->blamed)
    gw_scene_node_set_problem (scene, source->blame, NULL);
  return scene;
}

GwSceneFrame *
gw_scene_build_frame (const GwDocument *document,
                      int64_t           id)
{
  const GwItem *item = gw_document_item (document, id);
  const GwDocFrame *frame = &item->frame;
  gboolean note = frame->text != NULL && frame->text[0] != 0;
  GwSceneFrame *scene = gw_scene_frame_new ((guint64) id, note ? GW_SCENE_FRAME_NOTE : GW_SCENE_FRAME_TINT,
                                            frame->title);

  if (note)
    gw_scene_set_string (&scene->detail, frame->text);
  scene->tint = (GwCanvasCategory) (frame->color % GW_CANVAS_N_CATEGORIES);
  scene->x = frame->x;
  scene->y = frame->y;
  scene->width = frame->width;
  scene->height = frame->height;
  return scene;
}

/* ---- wires ---- */

static double
count_elements (const GwShape *shape,
                double         batch)
{
  double n = 1;

  for (int i = 0; i < shape->rank; i++)
    n *= shape->dims[i] >= 0 ? (double) shape->dims[i] : batch;
  return n;
}

/* What stands at the input when it is a wire, else NULL. */
static const GwDocInput *
wired_input (const GwSceneSource *source,
             int64_t              to,
             int                  input)
{
  const GwDocNode *node = gw_document_node (source->document, to);
  const GwDocInput *there = NULL;
  const char *port;
  int index;

  if (gw_scene_input_port (source->document, node, input, &port, &index))
    there = gw_doc_node_input (node, port, index);
  return there != NULL && gw_document_node (source->document, there->from) != NULL ? there : NULL;
}

gboolean
gw_scene_has_wire (const GwSceneSource *source,
                   int64_t              to,
                   int                  input)
{
  return wired_input (source, to, input) != NULL;
}

/* What the wire and its port disagree in, if that is what is wrong with the node. */
static void
mark_conflict (const GwSceneSource *source,
               GwSceneWire         *wire,
               int64_t              to,
               const char          *port)
{
  const GwProblem *problem = gw_live_problem (source->live, to);

  if (problem == NULL || problem->severity != GW_PROBLEM_ERROR || g_strcmp0 (problem->port, port) != 0)
    return;
  gw_scene_set_string (&wire->conflict, problem->conflict != NULL ? problem->conflict
                                        : wire->shape != NULL ? wire->shape : "does not fit");
}

static void
mark_breakpoint (GwSceneWire     *wire,
                 const GwDocNode *from,
                 int              output)
{
  const GwAttrValue *when = gw_named_attrs_get (from->attrs, "_break");

  if ((from->flags & GW_DOC_BREAK) == 0 || output != 0)
    return;
  wire->flags |= from->flags & GW_DOC_BREAK_OFF ? GW_SCENE_WIRE_BREAK_OFF : GW_SCENE_WIRE_BREAKPOINT;
  if (when != NULL && when->type == GW_ATTR_STRING && when->s != NULL && when->s[0] != 0)
    gw_scene_set_string (&wire->condition, when->s);
}

GwSceneWire *
gw_scene_build_wire (const GwSceneSource *source,
                     guint64              id,
                     int64_t              to,
                     int                  input)
{
  const GwDocInput *there = wired_input (source, to, input);
  const GwDocNode *from;
  const GwOpDef *from_op;
  const GwOutputFacts *made;
  GwDType dtype;
  GwSceneWire *wire;

  if (there == NULL)
    return NULL;
  from = gw_document_node (source->document, there->from);
  wire = gw_scene_wire_new (id, (guint64) there->from, there->output, (guint64) to, input);
  made = gw_live_output (source->live, there->from, there->output);
  dtype = gw_scene_output_dtype (source, there->from, there->output);
  from_op = gw_document_op (source->document, from->op);
  wire->element = element_of (dtype);
  wire->n_elements = 1;
  if ((made != NULL && made->is_ref) ||
      (from_op != NULL && there->output >= 0 && there->output < gw_ports_length (from_op->outputs) && from_op->outputs[there->output].is_ref))
    wire->kind = GW_SCENE_WIRE_REFERENCE;
  if (made != NULL)
    {
      g_autofree char *shape = gw_shape_to_label (&made->shape);

      gw_scene_set_string (&wire->shape, shape);
      wire->n_elements = count_elements (&made->shape, source->batch);
    }
  if (dtype != GW_DTYPE_INVALID)
    gw_scene_set_string (&wire->dtype, gw_dtype_name (dtype));
  if (from->flags & GW_DOC_MUTED)
    wire->flags |= GW_SCENE_WIRE_MUTED;
  mark_breakpoint (wire, from, there->output);
  if (source->needed != NULL && (!g_hash_table_contains (source->needed, &to) ||
                                 !g_hash_table_contains (source->needed, &there->from)))
    wire->flags |= GW_SCENE_WIRE_NOT_NEEDED;
  mark_conflict (source, wire, to, there->port);
  return wire;
}

GwSceneWire *
gw_scene_build_control (guint64 id,
                        int64_t from,
                        int64_t to)
{
  GwSceneWire *wire = gw_scene_wire_new (id, (guint64) from, GW_SCENE_CONTROL_PORT, (guint64) to,
                                         GW_SCENE_CONTROL_PORT);

  wire->kind = GW_SCENE_WIRE_CONTROL;
  return wire;
}

/* ---- signatures ---- */

static void
sign_port (GString           *text,
           const GwScenePort *port)
{
  g_string_append_printf (text, "|%s,%s,%s,%s,%d%d%d%d%d", port->name, port->shape, port->dtype, port->literal,
                          port->element, port->is_ref, port->connected, port->problem, port->hidden);
}

char *
gw_scene_node_signature (const GwSceneNode *node)
{
  GString *text = g_string_new (NULL);

  g_string_printf (text, "%s|%s|%d|%g,%g|%x|%s|", node->name, node->op, node->category, node->x, node->y, node->flags,
                   node->device);
  for (guint i = 0; i < node->n_inputs; i++)
    sign_port (text, &node->inputs[i]);
  g_string_append (text, "→");
  for (guint i = 0; i < node->n_outputs; i++)
    sign_port (text, &node->outputs[i]);
  for (int i = 0; node->attributes != NULL && node->attributes[i] != NULL; i++)
    g_string_append_printf (text, "·%s", node->attributes[i]);
  if (node->problem != NULL)
    g_string_append_printf (text, "!%s", node->problem->text);
  return g_string_free (text, FALSE);
}

char *
gw_scene_wire_signature (const GwSceneWire *wire)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT ",%d,%" G_GUINT64_FORMAT ",%d|%d|%d|%g|%s|%s|%s|%s|%x", wire->from,
                          wire->from_port, wire->to, wire->to_port, wire->element, wire->kind, wire->n_elements,
                          wire->shape, wire->dtype, wire->conflict, wire->condition, wire->flags);
}
