/* SPDX-License-Identifier: Apache-2.0 */
#include "app/scene/place.h"

#include <string.h>

int64_t
gw_place_box (const GwDocument *document,
              int64_t           place,
              int64_t           node)
{
  int64_t box = node;
  int64_t owner = gw_document_owner (document, node);

  for (int depth = 0; owner != place && depth < GW_MAX_DEPTH; depth++)
    {
      const GwDocGroup *group = gw_document_group (document, owner);

      if (group == NULL || group->kind != GW_GROUP_SCOPE)
        return 0;
      box = owner;
      owner = gw_document_owner (document, owner);
    }
  return owner == place ? box : 0;
}

/* ---- ports of a scope ---- */

typedef struct {
  const GwSceneSource *source;
  GwScopePorts        *ports;
  GHashTable          *inside;  /* set of ids */
} Gather;

static gpointer
id_key (int64_t id)
{
  return GSIZE_TO_POINTER ((gsize) id);
}

static void
scope_input_clear (gpointer data)
{
  g_array_unref (((GwScopeInput *) data)->ends);
}

static gboolean
is_inside (const Gather *gather,
           int64_t       id)
{
  return g_hash_table_contains (gather->inside, id_key (id));
}

static GwScopeInput *
find_input (GwScopePorts *ports,
            int64_t       from,
            int           output)
{
  GwScopeInput fresh = { { from, output }, NULL };

  for (guint i = 0; from != 0 && i < ports->inputs->len; i++)
    {
      GwScopeInput *input = &g_array_index (ports->inputs, GwScopeInput, i);

      if (input->from.node == from && input->from.port == output)
        return input;
    }
  fresh.ends = g_array_new (FALSE, FALSE, sizeof (GwPlaceEnd));
  g_array_append_val (ports->inputs, fresh);
  return &g_array_index (ports->inputs, GwScopeInput, ports->inputs->len - 1);
}

/* Whether the op cannot do without something at that input. */
static gboolean
is_needed (const GwDocument *document,
           const GwDocNode  *node,
           const char       *name)
{
  const GwOpDef *op = gw_document_op (document, node->op);

  for (int i = 0; op != NULL && i < gw_ports_length (op->inputs); i++)
    if (strcmp (op->inputs[i].name, name) == 0)
      return op->inputs[i].literal == NULL && op->inputs[i].number_attr == NULL;
  return FALSE;
}

static void
gather_inputs (Gather  *gather,
               int64_t  id)
{
  const GwDocNode *node = gw_document_node (gather->source->document, id);
  const char *name;
  int index;

  for (int i = 0; gw_scene_input_port (gather->source->document, node, i, &name, &index); i++)
    {
      const GwDocInput *there = gw_doc_node_input (node, name, index);
      int64_t from = there != NULL ? there->from : 0;
      GwPlaceEnd end = { id, i };

      if (from != 0 && (is_inside (gather, from) || gw_document_node (gather->source->document, from) == NULL))
        continue;
      if (from == 0 && (there != NULL || !is_needed (gather->source->document, node, name)))
        continue;
      g_array_append_val (find_input (gather->ports, from, there != NULL ? there->output : 0)->ends, end);
    }
  for (guint i = 0; i < node->controls->len; i++)
    {
      int64_t before = g_array_index (node->controls, int64_t, i);
      gboolean known = is_inside (gather, before) || gw_document_node (gather->source->document, before) == NULL;

      for (guint k = 0; !known && k < gather->ports->before->len; k++)
        known = g_array_index (gather->ports->before, int64_t, k) == before;
      if (!known)
        g_array_append_val (gather->ports->before, before);
    }
}

static void
add_output (GwScopePorts *ports,
            int64_t       id,
            int           output)
{
  GwPlaceEnd end = { id, output };

  if (gw_scope_ports_find_output (ports, id, output) < 0)
    g_array_append_val (ports->outputs, end);
}

/* What something outside takes; and what nothing takes: it may be wired next. */
static void
gather_outputs (Gather  *gather,
                int64_t  id)
{
  const GwDocument *document = gather->source->document;
  const GwOpDef *op = gw_document_op (document, gw_document_node (document, id)->op);
  gboolean used = FALSE;
  int n;
  const int64_t *users = gw_live_users (gather->source->live, id, &n);

  for (int i = 0; i < n; i++)
    {
      const GwDocNode *user = gw_document_node (document, users[i]);

      for (guint k = 0; user != NULL && k < user->inputs->len; k++)
        if (g_array_index (user->inputs, GwDocInput, k).from == id)
          {
            used = TRUE;
            if (!is_inside (gather, users[i]))
              add_output (gather->ports, id, g_array_index (user->inputs, GwDocInput, k).output);
          }
    }
  if (!used && op != NULL && gw_ports_length (op->outputs) > 0)
    add_output (gather->ports, id, 0);
}

GwScopePorts *
gw_scope_ports_new (const GwSceneSource *source,
                    int64_t              group)
{
  GwScopePorts *ports = g_new0 (GwScopePorts, 1);
  g_autoptr (GArray) content = gw_document_content (source->document, group, GW_ITEM_NODE);
  g_autoptr (GHashTable) inside = g_hash_table_new (NULL, NULL);
  Gather gather = { source, ports, inside };

  ports->inputs = g_array_new (FALSE, FALSE, sizeof (GwScopeInput));
  g_array_set_clear_func (ports->inputs, scope_input_clear);
  ports->outputs = g_array_new (FALSE, FALSE, sizeof (GwPlaceEnd));
  ports->before = g_array_new (FALSE, FALSE, sizeof (int64_t));
  for (guint i = 0; i < content->len; i++)
    g_hash_table_add (inside, id_key (g_array_index (content, int64_t, i)));
  for (guint i = 0; i < content->len; i++)
    {
      gather_inputs (&gather, g_array_index (content, int64_t, i));
      gather_outputs (&gather, g_array_index (content, int64_t, i));
    }
  return ports;
}

void
gw_scope_ports_free (GwScopePorts *ports)
{
  if (ports == NULL)
    return;
  g_array_unref (ports->inputs);
  g_array_unref (ports->outputs);
  g_array_unref (ports->before);
  g_free (ports);
}

gboolean
gw_scope_ports_same_outputs (const GwScopePorts *a,
                             const GwScopePorts *b)
{
  if (a == NULL || b == NULL || a->outputs->len != b->outputs->len)
    return FALSE;
  for (guint i = 0; i < a->outputs->len; i++)
    {
      const GwPlaceEnd *x = &g_array_index (a->outputs, GwPlaceEnd, i);
      const GwPlaceEnd *y = &g_array_index (b->outputs, GwPlaceEnd, i);

      if (x->node != y->node || x->port != y->port)
        return FALSE;
    }
  return TRUE;
}

int
gw_scope_ports_find_output (const GwScopePorts *ports,
                            int64_t             node,
                            int                 output)
{
  for (guint i = 0; i < ports->outputs->len; i++)
    if (g_array_index (ports->outputs, GwPlaceEnd, i).node == node &&
        g_array_index (ports->outputs, GwPlaceEnd, i).port == output)
      return (int) i;
  return -1;
}

/* ---- the box ---- */

static char *
output_shape (const GwSceneSource *source,
              int64_t              id,
              int                  output)
{
  const GwOutputFacts *made = gw_live_output (source->live, id, output);

  return made != NULL ? gw_shape_to_label (&made->shape) : g_strdup ("any");
}

static void
set_dtype (GwScenePort *port,
           GwDType      dtype)
{
  if (dtype != GW_DTYPE_INVALID)
    gw_scene_set_string (&port->dtype, gw_dtype_name (dtype));
}

static GwCanvasElement
element_of (GwDType dtype)
{
  return gw_canvas_element_from_name (gw_dtype_name (dtype));
}

/* "MatMul a" for one input; what comes in when it goes to several. */
static char *
input_label (const GwSceneSource *source,
             const GwScopeInput  *input)
{
  const GwPlaceEnd *end = &g_array_index (input->ends, GwPlaceEnd, 0);
  const char *name;
  int index;

  if (input->ends->len > 1 && input->from.node != 0)
    return g_strdup (gw_document_leaf_name (source->document, input->from.node));
  if (!gw_scene_input_port (source->document, gw_document_node (source->document, end->node), end->port, &name, &index))
    return g_strdup ("?");
  return g_strdup_printf ("%s %s", gw_document_leaf_name (source->document, end->node), name);
}

static void
add_scope_inputs (const GwSceneSource *source,
                  GwSceneNode         *scene,
                  const GwScopePorts  *ports)
{
  for (guint i = 0; i < ports->inputs->len; i++)
    {
      const GwScopeInput *input = &g_array_index (ports->inputs, GwScopeInput, i);
      const GwPlaceEnd *end = &g_array_index (input->ends, GwPlaceEnd, 0);
      GwDType dtype = gw_scene_input_dtype (source, end->node, end->port);
      g_autofree char *label = input_label (source, input);
      GwScenePort *port = gw_scene_node_add_input (scene, label, element_of (dtype), NULL);

      port->connected = input->from.node != 0;
      set_dtype (port, dtype);
    }
}

static gboolean
is_taken (const GwSceneSource *source,
          const GwPlaceEnd    *end)
{
  int n;
  const int64_t *users = gw_live_users (source->live, end->node, &n);

  for (int i = 0; i < n; i++)
    {
      const GwDocNode *user = gw_document_node (source->document, users[i]);

      for (guint k = 0; user != NULL && k < user->inputs->len; k++)
        if (g_array_index (user->inputs, GwDocInput, k).from == end->node &&
            g_array_index (user->inputs, GwDocInput, k).output == end->port)
          return TRUE;
    }
  return FALSE;
}

static void
add_scope_outputs (const GwSceneSource *source,
                   GwSceneNode         *scene,
                   const GwScopePorts  *ports)
{
  for (guint i = 0; i < ports->outputs->len; i++)
    {
      const GwPlaceEnd *end = &g_array_index (ports->outputs, GwPlaceEnd, i);
      const char *leaf = gw_document_leaf_name (source->document, end->node);
      GwDType dtype = gw_scene_output_dtype (source, end->node, end->port);
      g_autofree char *label = end->port > 0 ? g_strdup_printf ("%s:%d", leaf, end->port) : g_strdup (leaf);
      g_autofree char *shape = output_shape (source, end->node, end->port);
      GwScenePort *port = gw_scene_node_add_output (scene, label, element_of (dtype), shape);

      port->connected = is_taken (source, end);
      set_dtype (port, dtype);
    }
}

/* The worst that is wrong inside, with the name of the node. */
static void
add_worst (const GwSceneSource *source,
           GwSceneNode         *scene,
           const GArray        *content)
{
  const GwProblem *worst = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; i < content->len && (worst == NULL || worst->severity != GW_PROBLEM_ERROR); i++)
    {
      const GwProblem *problem = gw_live_problem (source->live, g_array_index (content, int64_t, i));

      if (problem != NULL && (worst == NULL || problem->severity == GW_PROBLEM_ERROR))
        worst = problem;
    }
  if (worst == NULL && scene->id == (guint64) source->blamed)
    gw_scene_node_set_problem (scene, source->blame, NULL);
  if (worst == NULL)
    return;
  text = g_strdup_printf ("%s: %s", worst->node_name, worst->message);
  gw_scene_node_set_problem (scene, text, NULL);
  if (worst->severity == GW_PROBLEM_WARNING)
    scene->flags |= GW_SCENE_NODE_WARNING;
}

/* "variables v · reuse", NULL where it says nothing of variables. */
static char *
sharing_text (const GwDocGroup *scope)
{
  const char *reuse = scope->reuse == GW_REUSE_TRUE ? "reuse" : scope->reuse == GW_REUSE_AUTO ? "auto reuse" : NULL;

  if (scope->variables == NULL)
    return g_strdup (reuse);
  return g_strdup_printf ("variables %s%s%s", scope->variables, reuse != NULL ? " · " : "", reuse != NULL ? reuse : "");
}

GwSceneNode *
gw_scene_build_scope (const GwSceneSource *source,
                      int64_t              group,
                      const GwScopePorts  *ports)
{
  const GwDocGroup *scope = gw_document_group (source->document, group);
  g_autoptr (GArray) content = gw_document_content (source->document, group, GW_ITEM_NODE);
  g_autofree char *count = g_strdup_printf (content->len == 1 ? "%u node" : "%u nodes", content->len);
  g_autofree char *shared = sharing_text (scope);
  GwSceneNode *scene = gw_scene_node_new ((guint64) group, scope->name, "Scope", gw_canvas_category_from_key ("layers"));

  scene->x = scope->x;
  scene->y = scope->y;
  scene->attributes = g_strdupv ((char *[]) { count, shared, NULL });
  scene->flags |= GW_SCENE_NODE_COMPOSITE;
  add_scope_inputs (source, scene, ports);
  add_scope_outputs (source, scene, ports);
  if (ports->before->len > 0)
    scene->flags |= GW_SCENE_NODE_CONTROL_IN;
  add_worst (source, scene, content);
  return scene;
}

/* ---- stubs ---- */

GwSceneNode *
gw_scene_build_stub (const GwSceneSource *source,
                     guint64              id,
                     int                  n,
                     const int           *ports,
                     double               x,
                     double               y)
{
  int64_t node_id = (int64_t) (id & ~GW_STUB_MASK);
  const GwDocNode *node = gw_document_node (source->document, node_id);
  const GwOpDef *op = gw_document_op (source->document, node->op);
  gboolean gives = (id & GW_STUB_IN) != 0;
  GwSceneNode *scene = gw_scene_node_new (id, node->name, gives ? "from outside" : "to outside",
                                          gw_canvas_category_from_key (op != NULL ? gw_op_category (op)->name : NULL));

  scene->x = x;
  scene->y = y;
  scene->flags |= GW_SCENE_NODE_LOCKED;
  for (int i = 0; i < n; i++)
    {
      GwDType dtype = gives ? gw_scene_output_dtype (source, node_id, ports[i]) : gw_scene_input_dtype (source, node_id, ports[i]);
      const char *name = gives && op != NULL && ports[i] < gw_ports_length (op->outputs) ? op->outputs[ports[i]].name : "";
      g_autofree char *shape = gives ? output_shape (source, node_id, ports[i]) : NULL;
      GwScenePort *port;
      int index;

      if (!gives && !gw_scene_input_port (source->document, node, ports[i], &name, &index))
        name = "";
      port = gives ? gw_scene_node_add_output (scene, name, element_of (dtype), shape)
                   : gw_scene_node_add_input (scene, name, element_of (dtype), NULL);
      port->connected = TRUE;
      set_dtype (port, dtype);
    }
  return scene;
}

/* ---- the main canvas ---- */

typedef struct {
  GwScene             *scene;
  const GwSceneSource *source;
  GHashTable          *scopes;  /* id → GwScopePorts */
  guint64              wire;    /* the next one's id */
} Fill;

/* What gives a value on the main canvas; FALSE = it is not there. */
static gboolean
find_source (const Fill *fill,
             int64_t     from,
             int         output,
             GwPlaceEnd *end)
{
  int64_t box = gw_place_box (fill->source->document, 0, from);

  *end = (GwPlaceEnd) { box, output };
  if (box != 0 && box != from && output != GW_SCENE_CONTROL_PORT)
    end->port = gw_scope_ports_find_output (g_hash_table_lookup (fill->scopes, id_key (box)), from, output);
  return box != 0 && (end->port >= 0 || output == GW_SCENE_CONTROL_PORT);
}

/* The wire into an input of the document, which goes to `port` of `box`. */
static void
fill_wire (Fill             *fill,
           int64_t           box,
           int               port,
           const GwPlaceEnd *to)
{
  GwSceneWire *wire = gw_scene_build_wire (fill->source, fill->wire, to->node, to->port);
  GwPlaceEnd from;

  if (wire == NULL)
    return;
  if (!find_source (fill, (int64_t) wire->from, wire->from_port, &from))
    {
      gw_scene_wire_free (wire);
      return;
    }
  wire->from = (guint64) from.node;
  wire->from_port = from.port;
  wire->to = (guint64) box;
  wire->to_port = port;
  gw_scene_add_wire (fill->scene, wire);
  fill->wire++;
}

static void
fill_control (Fill    *fill,
              int64_t  box,
              int64_t  from)
{
  GwPlaceEnd end;

  if (gw_document_node (fill->source->document, from) != NULL && find_source (fill, from, GW_SCENE_CONTROL_PORT, &end) &&
      end.node != box)
    gw_scene_add_wire (fill->scene, gw_scene_build_control (fill->wire++, end.node, box));
}

static void
fill_node_wires (Fill    *fill,
                 int64_t  id)
{
  const GwDocNode *node = gw_document_node (fill->source->document, id);
  int n = gw_scene_n_inputs (fill->source->document, node);

  for (int i = 0; i < n; i++)
    fill_wire (fill, id, i, &(GwPlaceEnd) { id, i });
  for (guint i = 0; i < node->controls->len; i++)
    fill_control (fill, id, g_array_index (node->controls, int64_t, i));
}

static void
fill_scope_wires (Fill    *fill,
                  int64_t  id)
{
  const GwScopePorts *ports = g_hash_table_lookup (fill->scopes, id_key (id));

  for (guint i = 0; i < ports->inputs->len; i++)
    fill_wire (fill, id, (int) i, &g_array_index (g_array_index (ports->inputs, GwScopeInput, i).ends, GwPlaceEnd, 0));
  for (guint i = 0; i < ports->before->len; i++)
    fill_control (fill, id, g_array_index (ports->before, int64_t, i));
}

static GArray *
fill_scopes (Fill *fill)
{
  GArray *groups = gw_document_members (fill->source->document, 0, GW_ITEM_GROUP);

  for (guint i = groups->len; i > 0; i--)
    {
      int64_t id = g_array_index (groups, int64_t, i - 1);
      GwScopePorts *ports;

      if (gw_document_group (fill->source->document, id)->kind != GW_GROUP_SCOPE)
        {
          g_array_remove_index (groups, i - 1);
          continue;
        }
      ports = gw_scope_ports_new (fill->source, id);
      g_hash_table_insert (fill->scopes, id_key (id), ports);
      gw_scene_add_node (fill->scene, gw_scene_build_scope (fill->source, id, ports));
    }
  return groups;
}

void
gw_scene_fill_main (GwScene             *scene,
                    const GwSceneSource *source,
                    guint64              first_wire)
{
  g_autoptr (GHashTable) scopes = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) gw_scope_ports_free);
  g_autoptr (GArray) frames = gw_document_members (source->document, 0, GW_ITEM_FRAME);
  g_autoptr (GArray) nodes = gw_document_members (source->document, 0, GW_ITEM_NODE);
  Fill fill = { scene, source, scopes, first_wire };
  g_autoptr (GArray) groups = fill_scopes (&fill);

  for (guint i = 0; i < frames->len; i++)
    gw_scene_add_frame (scene, gw_scene_build_frame (source->document, g_array_index (frames, int64_t, i)));
  for (guint i = 0; i < nodes->len; i++)
    gw_scene_add_node (scene, gw_scene_build_node (source, g_array_index (nodes, int64_t, i)));
  for (guint i = 0; i < nodes->len; i++)
    fill_node_wires (&fill, g_array_index (nodes, int64_t, i));
  for (guint i = 0; i < groups->len; i++)
    fill_scope_wires (&fill, g_array_index (groups, int64_t, i));
}
