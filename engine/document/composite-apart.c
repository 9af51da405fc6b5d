/* SPDX-License-Identifier: Apache-2.0 */
/* Breaking shipped composites apart. The document is lowered as it trains; the primitive
 * nodes that come from the boxes in question become nodes of the document. What only begins
 * variables is left to the VariableV2 that stands for each, small constants become literals
 * again, and the node of the first output takes over the id of its box. */
#include "engine/document/composite-apart.h"

#include "engine/base/error.h"
#include "engine/document/composite-own.h"
#include "engine/document/lower-private.h"
#include "engine/document/random-numbers.h"
#include "engine/graph/function.h"
#include "engine/graph/registry.h"
#include "engine/tensor/text.h"

#include <string.h>

#define COLUMN 288       /* px from one step of the wires to the next */
#define ROW 120
#define GAP 96           /* px to what stands above */
#define BOX_HEIGHT 160   /* about what a box takes */
#define MOST_ELEMENTS 16 /* a constant of more stays a node */

typedef struct {
  GwDocument *document;
  GwLowered  *lowered;     /* as it trains */
  GwLowered  *evaluated;   /* as it evaluates, with another seed */
  GHashTable *boxes;       /* set of ids that come apart */
  GArray     *emitted;     /* of GwNode *, in the order of their making: they become nodes */
  GHashTable *chosen;      /* set of them */
  GHashTable *setup;       /* set of GwNode: only begin a variable */
  GHashTable *ids;         /* GwNode → id in the document */
  GHashTable *depths;      /* id → column */
  GHashTable *rows;        /* "owner, column" → rows that are taken */
  GwEdit     *edit;
} Apart;

static gpointer
id_key (int64_t id)
{
  return GSIZE_TO_POINTER ((gsize) id);
}

static gboolean
is_composite (const GwDocument *document,
              int64_t           id)
{
  const GwDocNode *node = gw_document_node (document, id);
  const GwOpDef *def = node != NULL ? gw_registry_find (node->op) : NULL;

  return def != NULL && def->expand != NULL;
}

static gboolean
is_box (const Apart *apart,
        int64_t      id)
{
  return g_hash_table_contains (apart->boxes, id_key (id));
}

static const char *
name_of (const Apart *apart,
         int64_t      id)
{
  return gw_document_node (apart->document, id)->name;
}

/* ---- what a lowered node is to the document ---- */

/* Not its origin: a gradient is part of what trains, and its origin is a node that trains. */
static int64_t
maker (const Apart  *apart,
       const GwNode *node)
{
  return gw_lowered_maker (apart->lowered, node);
}

/* The number of the document node's output that this is, -1 = none. */
static int
output_number (const Apart *apart,
               int64_t      id,
               GwOutput     output)
{
  for (int i = 0; i < gw_lowered_n_outputs (apart->lowered, id); i++)
    if (gw_output_equal (gw_lowered_output (apart->lowered, id, i), output))
      return i;
  return -1;
}

/* The wire of the box by which it gets the value: through dots and what is bypassed. */
static const GwDocInput *
wire_of (const Apart *apart,
         int64_t      box,
         GwOutput     value)
{
  const GwDocNode *node = gw_document_node (apart->document, box);

  for (guint i = 0; i < node->inputs->len; i++)
    {
      const GwDocInput *input = &g_array_index (node->inputs, GwDocInput, i);

      if (input->from != 0 && !is_box (apart, input->from) &&
          gw_output_equal (gw_lowered_output (apart->lowered, input->from, input->output), value))
        return input;
    }
  return NULL;
}

/* Whether a node of the document outside gives the value. */
static gboolean
is_given (const Apart *apart,
          int64_t      user,
          GwOutput     value)
{
  int64_t origin = maker (apart, value.node);

  if (is_box (apart, user) && wire_of (apart, user, value) != NULL)
    return TRUE;
  return !is_box (apart, origin) && gw_document_node (apart->document, origin) != NULL &&
         output_number (apart, origin, value) >= 0;
}

/* ---- which boxes, which nodes ---- */

/* What computes the initial value and assigns it: all named below the variable. */
static void
note_setup (Apart *apart)
{
  const GwGraph *graph = apart->lowered->graph;

  for (guint i = 0; i < apart->lowered->variables->len; i++)
    {
      const GwLoweredVariable *variable = g_ptr_array_index (apart->lowered->variables, i);
      g_autofree char *prefix = g_strdup_printf ("%s/Initializer/", variable->name);

      if (!is_box (apart, variable->origin))
        continue;
      g_hash_table_add (apart->setup, variable->initializer);
      for (int k = variable->variable->id; k < variable->initializer->id; k++)
        if (g_str_has_prefix (gw_graph_node (graph, k)->name, prefix))
          g_hash_table_add (apart->setup, gw_graph_node (graph, k));
    }
}

/* A node that is taken from, but is no output of a node of the document: its box comes
 * apart as well, or the node is made once more. TRUE when a box was added. */
static gboolean
reach (Apart  *apart,
       GwNode *node)
{
  if (is_box (apart, maker (apart, node)))
    return FALSE;
  if (is_composite (apart->document, maker (apart, node)))
    {
      g_hash_table_add (apart->boxes, id_key (maker (apart, node)));
      return TRUE;
    }
  g_hash_table_add (apart->chosen, node);
  return FALSE;
}

/* One round; TRUE when boxes were added, so that it begins again. */
static gboolean
choose_nodes (Apart *apart)
{
  const GwGraph *graph = apart->lowered->graph;
  gboolean grown = FALSE;

  g_hash_table_remove_all (apart->chosen);
  g_hash_table_remove_all (apart->setup);
  note_setup (apart);
  for (int i = gw_graph_n_nodes (graph); i > 0; i--)
    {
      GwNode *node = gw_graph_node (graph, i - 1);

      if (g_hash_table_contains (apart->setup, node))
        continue;
      if (is_box (apart, maker (apart, node)))
        g_hash_table_add (apart->chosen, node);
      if (!g_hash_table_contains (apart->chosen, node))
        continue;
      for (int k = 0; k < node->n_inputs; k++)
        if (!is_given (apart, maker (apart, node), node->inputs[k]))
          grown |= reach (apart, node->inputs[k].node);
    }
  return grown;
}

/* Layers that share weights with one of the boxes. */
static gboolean
add_sharers (Apart *apart)
{
  gboolean grown = FALSE;
  int n;
  const int64_t *ids = gw_document_ids (apart->document, GW_ITEM_NODE, &n);

  for (int i = 0; i < n; i++)
    {
      const GwAttrValue *share = gw_named_attrs_get (gw_document_node (apart->document, ids[i])->attrs, "share");

      if (share != NULL && share->type == GW_ATTR_INT && share->i != 0 && is_box (apart, share->i) && !is_box (apart, ids[i]) &&
          is_composite (apart->document, ids[i]))
        grown |= g_hash_table_add (apart->boxes, id_key (ids[i]));
    }
  return grown;
}

static void
choose (Apart *apart)
{
  gboolean grown;

  do
    {
      grown = add_sharers (apart);
      grown |= choose_nodes (apart);
    }
  while (grown);
  for (int i = 0; i < gw_graph_n_nodes (apart->lowered->graph); i++)
    {
      GwNode *node = gw_graph_node (apart->lowered->graph, i);

      if (g_hash_table_contains (apart->chosen, node))
        g_array_append_val (apart->emitted, node);
    }
}

/* ---- what is refused ---- */

static gboolean
check_box (const Apart *apart,
           int64_t      id,
           GError     **error)
{
  const GwDocNode *node = gw_document_node (apart->document, id);

  if (node == NULL || !is_composite (apart->document, id))
    return gw_invalid (error, "%s is no composite: there is nothing in it", node != NULL ? node->name : "this");
  if (gw_document_body (apart->document, id) != 0)
    return gw_invalid (error, "%s is in a sub-graph: a composite comes apart in the main graph only", node->name);
  if ((node->flags & (GW_DOC_MUTED | GW_DOC_BYPASSED)) != 0)
    return gw_invalid (error, "%s is muted or bypassed: switch it on first", node->name);
  if (!gw_lowered_check (apart->lowered, apart->document, &id, 1, error))
    return FALSE;
  return gw_lowered_final (apart->lowered, id) != NULL ||
         gw_invalid (error, "%s makes nothing that could stand in its place", node->name);
}

/* The ops of a box in the order of their making, as one text. */
static char *
structure_of (const GwLowered *lowered,
              int64_t          box)
{
  GString *text = g_string_new (NULL);

  for (int i = 0; i < gw_graph_n_nodes (lowered->graph); i++)
    {
      const GwNode *node = gw_graph_node (lowered->graph, i);

      if (gw_lowered_maker (lowered, node) == box)
        g_string_append_printf (text, "%s:%s ", node->name, node->def->name);
    }
  return g_string_free (text, FALSE);
}

static gboolean
check_modes (const Apart *apart,
             int64_t      id,
             GError     **error)
{
  g_autofree char *train = structure_of (apart->lowered, id);
  g_autofree char *evaluate = structure_of (apart->evaluated, id);

  if (g_str_equal (train, evaluate))
    return TRUE;
  return gw_invalid (error, "%s does one thing while it trains and another while it evaluates; its parts could only do one of them",
                     name_of (apart, id));
}

static gboolean
check_penalties (const Apart *apart,
                 GError     **error)
{
  const GArray *penalties = apart->lowered->penalties;

  for (guint i = 0; i < penalties->len; i++)
    {
      int64_t origin = g_array_index (penalties, GwLoweredPenalty, i).weights.node->origin;

      if (is_box (apart, origin))
        return gw_invalid (error, "the weights of %s are part of the loss by its regularizer: set that to none first",
                           name_of (apart, origin));
    }
  return TRUE;
}

static gboolean
check_variables (const Apart *apart,
                 GError     **error)
{
  for (guint i = 0; i < apart->lowered->variables->len; i++)
    {
      const GwLoweredVariable *variable = g_ptr_array_index (apart->lowered->variables, i);
      const GwAttrValue *begins = gw_node_attr (variable->variable, "_initializer");

      if (is_box (apart, variable->origin) && (begins->s == NULL || *begins->s == '\0'))
        return gw_invalid (error, "%s keeps %s, which begins with the value of another variable: that cannot be drawn by hand",
                           name_of (apart, variable->origin), variable->name);
    }
  return TRUE;
}

/* The body of a loop that a composite makes is in no sub-graph of the document. */
static gboolean
check_calls (const Apart *apart,
             GError     **error)
{
  for (guint i = 0; i < apart->emitted->len; i++)
    {
      const GwNode *node = g_array_index (apart->emitted, GwNode *, i);

      for (int n = 0; gw_node_function_at (node, n) != NULL; n++)
        if (gw_document_find_group (apart->document, gw_node_function_at (node, n)->name) == 0)
          return gw_invalid (error, "%s runs its steps in a loop that it makes itself, which cannot stand by itself; where the number "
                             "of steps of a recurrent layer is known it needs none", name_of (apart, maker (apart, node)));
    }
  return TRUE;
}

static gboolean
check (const Apart *apart,
       GError     **error)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, apart->boxes);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (!check_box (apart, (int64_t) GPOINTER_TO_SIZE (key), error) ||
        !check_modes (apart, (int64_t) GPOINTER_TO_SIZE (key), error))
      return FALSE;
  return check_penalties (apart, error) && check_variables (apart, error) && check_calls (apart, error);
}

/* ---- literals ---- */

static gboolean
is_small_constant (const GwNode *node)
{
  const GwAttrValue *value = g_str_equal (node->def->name, "Const") ? gw_node_attr (node, "value") : NULL;

  return value != NULL && value->tensor != NULL && gw_shape_elements (&value->tensor->shape) <= MOST_ELEMENTS &&
         gw_shape_elements (&value->tensor->shape) > 0 && node->control_inputs == NULL;
}

/* Whether it is nobody's output, so that its users can hold the value themselves. */
static gboolean
is_literal (const Apart *apart,
            GwNode      *node)
{
  GHashTableIter iter;
  gpointer key;

  if (!is_small_constant (node) || (is_box (apart, maker (apart, node)) && gw_lowered_final (apart->lowered, maker (apart, node)) == node))
    return FALSE;
  g_hash_table_iter_init (&iter, apart->boxes);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (output_number (apart, (int64_t) GPOINTER_TO_SIZE (key), (GwOutput) { node, 0 }) >= 0)
      return FALSE;
  for (guint i = 0; i < apart->emitted->len; i++)
    {
      const GwNode *user = g_array_index (apart->emitted, GwNode *, i);

      if (user->control_inputs != NULL && g_ptr_array_find (user->control_inputs, node, NULL))
        return FALSE;
    }
  return TRUE;
}

/* A type that only a literal would tell is set on the node. */
static void
hold_type (GwDocNode    *item,
           const GwNode *node,
           int           input)
{
  const GwPortDef *port = gw_node_input_port (node, input);
  int attr = gw_attr_defs_find (node->def->attrs, port->type);

  if (attr >= 0)
    gw_named_attrs_set (item->attrs, port->type, &node->attrs[attr]);
}

/* ---- attributes ---- */

/* Follows from what is wired to the node. */
static gboolean
is_inferred (const GwOpDef *def,
             const char    *name)
{
  for (const GwPortDef *port = def->inputs; port != NULL && port->name != NULL; port++)
    if (g_str_equal (port->type, name) || g_strcmp0 (port->number_attr, name) == 0)
      return TRUE;
  return FALSE;
}

/* A seed that follows from the graph's: it differs in a graph of another seed, and is combined again. */
static gboolean
is_drawn (const Apart  *apart,
          const GwNode *node,
          int           attr)
{
  const GwNode *twin = g_str_has_prefix (node->def->attrs[attr].name, "seed") ? gw_graph_find (apart->evaluated->graph, node->name) : NULL;
  int seed = twin != NULL ? gw_attr_defs_find (node->def->attrs, "seed") : -1;

  return twin != NULL && twin->def == node->def && seed >= 0 && !gw_attr_value_equal (&node->attrs[seed], &twin->attrs[seed]);
}

/* The box's own seed is one's own now; who has none is counted. */
static void
keep_seed (const Apart  *apart,
           GwDocNode    *item,
           const GwNode *node)
{
  int seed = gw_attr_defs_find (node->def->attrs, "seed"), seed2 = gw_attr_defs_find (node->def->attrs, "seed2");

  if ((node->def->flags & GW_OP_RANDOM) != 0 && seed >= 0 && seed2 >= 0 && node->random_number < 0 && is_drawn (apart, node, seed))
    {
      const GwAttrValue own = gw_attr_int (node->attrs[seed2].i);

      gw_named_attrs_set (item->attrs, GW_ATTR_OWN_SEED, &own);
    }
}

static void
set_attrs (const Apart  *apart,
           GwDocNode    *item,
           const GwNode *node)
{
  for (int i = 0; i < gw_attr_defs_length (node->def->attrs); i++)
    {
      GwAttrValue normal;

      if (is_inferred (node->def, node->def->attrs[i].name) || is_drawn (apart, node, i))
        continue;
      gw_attr_default (&node->def->attrs[i], &normal);
      if (!gw_attr_value_equal (&normal, &node->attrs[i]))
        gw_named_attrs_set (item->attrs, node->def->attrs[i].name, &node->attrs[i]);
      gw_attr_value_clear (&normal);
    }
}

/* ---- the nodes ---- */

/* The place of input number `input` within its port. */
static int
place_in_port (const GwNode *node,
               int           input)
{
  int first = input;

  while (first > 0 && gw_node_input_port (node, first - 1) == gw_node_input_port (node, input))
    first--;
  return input - first;
}

static void
set_input (const Apart  *apart,
           GwDocNode    *item,
           const GwNode *node,
           int           input)
{
  GwOutput value = node->inputs[input];
  const char *port = gw_node_input_port (node, input)->name;
  int place = place_in_port (node, input);
  const GwDocInput *wire = is_box (apart, maker (apart, node)) ? wire_of (apart, maker (apart, node), value) : NULL;
  int64_t id = (int64_t) GPOINTER_TO_SIZE (g_hash_table_lookup (apart->ids, value.node));

  if (wire != NULL)
    gw_doc_node_set_input (item, port, place, wire->from, wire->output, NULL);
  else if (id != 0)
    gw_doc_node_set_input (item, port, place, id, value.index, NULL);
  else if (is_given (apart, maker (apart, node), value))
    gw_doc_node_set_input (item, port, place, maker (apart, value.node), output_number (apart, maker (apart, value.node), value), NULL);
  else
    {
      g_autofree char *text = gw_tensor_to_string (gw_node_attr (value.node, "value")->tensor, MOST_ELEMENTS);

      gw_doc_node_set_input (item, port, place, 0, 0, text);
      hold_type (item, node, input);
    }
}

static void
add_control (const Apart  *apart,
             GwDocNode    *item,
             const GwNode *before)
{
  int64_t id = (int64_t) GPOINTER_TO_SIZE (g_hash_table_lookup (apart->ids, before));

  if (id == 0 && !is_box (apart, maker (apart, before)) && gw_document_node (apart->document, maker (apart, before)) != NULL)
    id = maker (apart, before);
  for (guint i = 0; i < item->controls->len && id != 0; i++)
    if (g_array_index (item->controls, int64_t, i) == id)
      id = 0;
  if (id != 0)
    g_array_append_val (item->controls, id);
}

/* The column behind all new nodes that it takes something from. */
static int
depth_of (const Apart  *apart,
          const GwNode *node)
{
  int depth = 0;

  for (int i = 0; i < node->n_inputs; i++)
    if (g_hash_table_contains (apart->ids, node->inputs[i].node))
      depth = MAX (depth, 1 + GPOINTER_TO_INT (g_hash_table_lookup (apart->depths, node->inputs[i].node)));
  return depth;
}

/* Below everything that stays on the canvas, from the first of the boxes on to the right. */
static void
find_room (const Apart *apart,
           int64_t      owner,
           double      *x,
           double      *y)
{
  static const GwItemKind kinds[] = { GW_ITEM_NODE, GW_ITEM_FRAME, GW_ITEM_GROUP };

  *x = G_MAXDOUBLE;
  *y = -G_MAXDOUBLE;
  for (gsize k = 0; k < G_N_ELEMENTS (kinds); k++)
    {
      g_autoptr (GArray) members = gw_document_members (apart->document, owner, kinds[k]);

      for (guint i = 0; i < members->len; i++)
        {
          const GwItem *item = gw_document_item (apart->document, g_array_index (members, int64_t, i));

          *y = MAX (*y, item->kind == GW_ITEM_FRAME ? item->frame.y + item->frame.height
                        : item->kind == GW_ITEM_NODE ? item->node.y + BOX_HEIGHT : item->group.y + BOX_HEIGHT);
          if (is_box (apart, item->id))
            *x = MIN (*x, item->node.x);
        }
    }
  *x = *x == G_MAXDOUBLE ? 0 : *x;
  *y += GAP;
}

static void
place_node (const Apart  *apart,
            GwDocNode    *item,
            const GwNode *node,
            int64_t       owner)
{
  int depth = depth_of (apart, node);
  char *key = g_strdup_printf ("%" G_GINT64_FORMAT ",%d", owner, depth);
  int row = GPOINTER_TO_INT (g_hash_table_lookup (apart->rows, key));

  g_hash_table_insert (apart->depths, (gpointer) node, GINT_TO_POINTER (depth));
  g_hash_table_insert (apart->rows, key, GINT_TO_POINTER (row + 1));
  find_room (apart, owner, &item->x, &item->y);
  item->x += COLUMN * depth;
  item->y += ROW * row;
}

/* What the user has put on the box stays with the node that keeps its id. */
static void
keep_notes (const Apart *apart,
            GwDocNode   *item,
            int64_t      box)
{
  const GwDocNode *old = gw_document_node (apart->document, box);
  const GwAttrValue *breaks = gw_named_attrs_get (old->attrs, "_break");

  item->flags = old->flags & (GW_DOC_LOCKED | GW_DOC_REPORT | GW_DOC_BREAK | GW_DOC_BREAK_OFF | GW_DOC_WATCHED);
  item->note = g_strdup (old->note);
  if (breaks != NULL)
    gw_named_attrs_set (item->attrs, "_break", breaks);
}

static void
emit (Apart  *apart,
      GwNode *node)
{
  int64_t id = (int64_t) GPOINTER_TO_SIZE (g_hash_table_lookup (apart->ids, node));
  GwItem *item = gw_item_new (GW_ITEM_NODE, id);
  int64_t box = is_box (apart, maker (apart, node)) ? maker (apart, node) : id;

  item->owner = gw_document_owner (apart->document, maker (apart, node));
  item->node.op = g_strdup (node->def->name);
  item->node.name = is_box (apart, maker (apart, node)) ? g_strdup (node->name) : gw_document_unique_name (apart->document, node->name);
  item->node.device = g_strdup (node->device);
  set_attrs (apart, &item->node, node);
  keep_seed (apart, &item->node, node);
  for (int i = 0; i < node->n_inputs; i++)
    set_input (apart, &item->node, node, i);
  for (guint i = 0; node->control_inputs != NULL && i < node->control_inputs->len; i++)
    add_control (apart, &item->node, g_ptr_array_index (node->control_inputs, i));
  if (id == box && is_box (apart, id))
    keep_notes (apart, &item->node, id);
  place_node (apart, &item->node, node, item->owner);
  gw_edit_put (apart->edit, apart->document, item);
}

/* The node that runs a box has its id; others get new ones in the order of their making. */
static void
give_ids (Apart *apart)
{
  for (guint i = 0; i < apart->emitted->len; i++)
    {
      GwNode *node = g_array_index (apart->emitted, GwNode *, i);
      gboolean heads = is_box (apart, maker (apart, node)) && gw_lowered_final (apart->lowered, maker (apart, node)) == node;

      if (heads || !is_literal (apart, node))
        g_hash_table_insert (apart->ids, node, id_key (heads ? maker (apart, node) : gw_document_new_id (apart->document)));
    }
}

/* ---- who took something from a box ---- */

static void
rewire_input (const Apart *apart,
              GwDocNode   *item,
              guint        number)
{
  GwDocInput *input = &g_array_index (item->inputs, GwDocInput, number);
  GwOutput value = gw_lowered_output (apart->lowered, input->from, input->output);
  int64_t id = value.node != NULL ? (int64_t) GPOINTER_TO_SIZE (g_hash_table_lookup (apart->ids, value.node)) : 0;

  if (id != 0)
    {
      input->from = id;
      input->output = value.index;
    }
  else if (value.node != NULL && wire_of (apart, input->from, value) != NULL) /* passes through the box */
    {
      const GwDocInput *wire = wire_of (apart, input->from, value);

      input->output = wire->output;
      input->from = wire->from;
    }
}

static void
rewire_users (Apart *apart)
{
  int n;
  const int64_t *ids = gw_document_ids (apart->document, GW_ITEM_NODE, &n);

  for (int i = 0; i < n; i++)
    {
      const GwDocNode *node = gw_document_node (apart->document, ids[i]);
      GwItem *item = NULL;

      for (guint k = 0; !is_box (apart, ids[i]) && k < node->inputs->len; k++)
        if (is_box (apart, g_array_index (node->inputs, GwDocInput, k).from))
          {
            if (item == NULL)
              item = gw_edit_take (apart->edit, apart->document, ids[i]);
            rewire_input (apart, &item->node, k);
          }
      if (item != NULL)
        gw_edit_put (apart->edit, apart->document, item);
    }
}

/* ---- the whole ---- */

static void
apart_init (Apart         *apart,
            GwDocument    *document,
            const int64_t *ids,
            int            n)
{
  const GwLowerOptions train = { GW_MODE_TRAIN, TRUE, 1 };
  const GwLowerOptions evaluate = { GW_MODE_EVALUATE, TRUE, 2 };

  *apart = (Apart) { .document = document };
  apart->lowered = gw_lower (document, &train);
  apart->evaluated = gw_lower (document, &evaluate);
  apart->boxes = g_hash_table_new (NULL, NULL);
  apart->chosen = g_hash_table_new (NULL, NULL);
  apart->setup = g_hash_table_new (NULL, NULL);
  apart->ids = g_hash_table_new (NULL, NULL);
  apart->depths = g_hash_table_new (NULL, NULL);
  apart->rows = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  apart->emitted = g_array_new (FALSE, FALSE, sizeof (GwNode *));
  for (int i = 0; i < n; i++)
    g_hash_table_add (apart->boxes, id_key (ids[i]));
}

static void
apart_clear (Apart *apart)
{
  gw_lowered_unref (apart->lowered);
  gw_lowered_unref (apart->evaluated);
  g_hash_table_unref (apart->boxes);
  g_hash_table_unref (apart->chosen);
  g_hash_table_unref (apart->setup);
  g_hash_table_unref (apart->ids);
  g_hash_table_unref (apart->depths);
  g_hash_table_unref (apart->rows);
  g_array_unref (apart->emitted);
}

static GwEdit *
make_edit (Apart  *apart,
           GArray *made)
{
  guint n = g_hash_table_size (apart->boxes);
  g_autofree char *label = n == 1 ? g_strdup ("Break apart") : g_strdup_printf ("Break %u composites apart", n);

  apart->edit = gw_edit_new (label);
  give_ids (apart);
  for (guint i = 0; i < apart->emitted->len; i++)
    {
      GwNode *node = g_array_index (apart->emitted, GwNode *, i);
      int64_t id = (int64_t) GPOINTER_TO_SIZE (g_hash_table_lookup (apart->ids, node));

      if (id == 0)
        continue;
      emit (apart, node);
      if (made != NULL)
        g_array_append_val (made, id);
    }
  rewire_users (apart);
  gw_edit_keep_draws (apart->edit, apart->document);
  return apart->edit;
}

/* The boxes must be lowered without an error before what they reach can be told. */
static gboolean
check_asked (const Apart   *apart,
             const int64_t *ids,
             int            n,
             GError       **error)
{
  for (int i = 0; i < n; i++)
    if (!check_box (apart, ids[i], error))
      return FALSE;
  return n > 0 || gw_invalid (error, "select a composite to break it apart");
}

GwEdit *
gw_edit_break_apart_many (GwDocument    *document,
                          const int64_t *ids,
                          int            n,
                          GArray        *made,
                          GError       **error)
{
  GwEdit *edit = NULL;
  Apart apart;

  if (n > 0 && gw_document_own_composite (document, ids[0]) != 0)
    return gw_edit_unfold (document, ids, n, made, error);
  apart_init (&apart, document, ids, n);
  if (check_asked (&apart, ids, n, error))
    {
      choose (&apart);
      if (check (&apart, error))
        edit = make_edit (&apart, made);
    }
  apart_clear (&apart);
  return edit;
}

GwEdit *
gw_edit_break_apart (GwDocument *document,
                     int64_t     id,
                     GError    **error)
{
  return gw_edit_break_apart_many (document, &id, 1, NULL, error);
}
