/* SPDX-License-Identifier: Apache-2.0 */
/* What a selection would be as a composite: its border, and why it cannot be one. */
#include "engine/document/composite-edits.h"

#include "engine/base/error.h"
#include "engine/document/groups-private.h"
#include "engine/document/lower-private.h"
#include "engine/graph/registry.h"

#include <string.h>

typedef struct {
  const GwDocument *document;
  const GwLive     *live;     /* or NULL */
  GHashTable       *inside;   /* set of ids of all that is selected, scopes' content included */
  GwCompositeDraft *draft;
} Gather;

static gboolean
is_inside (const Gather *gather,
           int64_t       id)
{
  return g_hash_table_contains (gather->inside, GSIZE_TO_POINTER ((gsize) id));
}

/* ---- life ---- */

static void
port_free (gpointer data)
{
  GwDraftPort *port = data;

  g_free (port->name);
  g_array_unref (port->ends);
  g_free (port);
}

static void
end_clear (gpointer data)
{
  g_free (((GwDraftEnd *) data)->port);
}

static void
param_free (gpointer data)
{
  GwDraftParam *param = data;

  g_free (param->attr);
  g_free (param->name);
  g_free (param->help);
  g_free (param);
}

void
gw_composite_draft_free (GwCompositeDraft *draft)
{
  if (draft == NULL)
    return;
  g_free (draft->name);
  g_free (draft->category);
  g_free (draft->summary);
  g_ptr_array_unref (draft->inputs);
  g_ptr_array_unref (draft->outputs);
  g_ptr_array_unref (draft->params);
  g_array_unref (draft->members);
  g_free (draft);
}

static GwCompositeDraft *
draft_alloc (void)
{
  GwCompositeDraft *draft = g_new0 (GwCompositeDraft, 1);

  draft->inputs = g_ptr_array_new_with_free_func (port_free);
  draft->outputs = g_ptr_array_new_with_free_func (port_free);
  draft->params = g_ptr_array_new_with_free_func (param_free);
  draft->members = g_array_new (FALSE, FALSE, sizeof (int64_t));
  return draft;
}

/* ---- ports ---- */

static gboolean
has_port (const GPtrArray *ports,
          const char      *name)
{
  for (guint i = 0; i < ports->len; i++)
    if (g_str_equal (((GwDraftPort *) g_ptr_array_index (ports, i))->name, name))
      return TRUE;
  return FALSE;
}

/* Ports are nodes of the definition, and so have no name that a node in it has. */
static gboolean
name_is_taken (const Gather *gather,
               const char   *name)
{
  const GArray *members = gather->draft->members;

  for (guint i = 0; i < members->len; i++)
    {
      int64_t id = g_array_index (members, int64_t, i);

      if (gw_document_node (gather->document, id) != NULL && g_str_equal (gw_document_leaf_name (gather->document, id), name))
        return TRUE;
    }
  return has_port (gather->draft->inputs, name) || has_port (gather->draft->outputs, name);
}

/* What a port is called at first: letters, digits and underscores alone. */
static char *
port_name (const Gather *gather,
           const char   *wanted)
{
  g_autofree char *stem = g_strcanon (g_strdup (wanted), G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_", '_');
  char *name = g_ascii_isalnum (*stem) ? g_strdup (stem) : g_strconcat ("x", stem, NULL);

  for (int i = 1; name_is_taken (gather, name); i++)
    {
      g_free (name);
      name = g_strdup_printf ("%s_%d", stem, i);
    }
  return name;
}

static GwDraftPort *
add_port (const Gather *gather,
          GPtrArray    *ports,
          const char   *wanted,
          int64_t       node,
          int           output)
{
  const GwOutputFacts *facts = gather->live != NULL && node != 0 ? gw_live_output (gather->live, node, output) : NULL;
  GwDraftPort *port = g_new0 (GwDraftPort, 1);

  port->name = port_name (gather, wanted);
  port->node = node;
  port->output = output;
  port->dtype = facts != NULL ? facts->dtype : GW_DTYPE_INVALID;
  port->shape = facts != NULL ? facts->shape : GW_SHAPE_UNKNOWN;
  port->ends = g_array_new (FALSE, FALSE, sizeof (GwDraftEnd));
  g_array_set_clear_func (port->ends, end_clear);
  g_ptr_array_add (ports, port);
  return port;
}

static GwDraftPort *
find_port (const GPtrArray *ports,
           int64_t          node,
           int              output)
{
  for (guint i = 0; i < ports->len; i++)
    {
      GwDraftPort *port = g_ptr_array_index (ports, i);

      if (port->node == node && port->output == output)
        return port;
    }
  return NULL;
}

static void
add_end (GwDraftPort *port,
         int64_t      node,
         const char  *name,
         int          index)
{
  GwDraftEnd end = { node, g_strdup (name), index };

  g_array_append_val (port->ends, end);
}

/* The last part of a node's name. */
static const char *
leaf_of (const GwDocument *document,
         int64_t           id)
{
  const char *name = gw_document_node (document, id)->name;
  const char *slash = strrchr (name, '/');

  return slash != NULL ? slash + 1 : name;
}

/* ---- what cannot be ---- */

static gboolean
check_reference (const Gather     *gather,
                 const GwDocNode  *node,
                 const GwPortDef  *port,
                 int64_t           source,
                 GError          **error)
{
  if (port == NULL || !port->is_ref || source == 0)
    return TRUE;
  return gw_invalid (error, "%s changes the variable %s, which must be on the same side of the border: select it as well",
                     node->name, gw_document_node (gather->document, source)->name);
}

static gboolean
check_sharing (const Gather    *gather,
               int64_t          id,
               GError         **error)
{
  const GwDocNode *node = gw_document_node (gather->document, id);
  const GwAttrValue *share = gw_named_attrs_get (node->attrs, "share");
  const GwDocNode *owner = share != NULL && share->type == GW_ATTR_INT ? gw_document_node (gather->document, share->i) : NULL;

  if (owner == NULL || is_inside (gather, id) == is_inside (gather, share->i))
    return TRUE;
  return gw_invalid (error, "%s shares its weights with %s: select both or none", node->name, owner->name);
}

/* ---- inputs ---- */

static gboolean
add_wire_in (const Gather     *gather,
             int64_t           id,
             const GwOpDef    *def,
             const GwDocInput *input,
             GError          **error)
{
  int output;
  int64_t source = gw_lowering_source (gather->document, def, input, &output);
  GwDraftPort *port;

  if (source == 0 || is_inside (gather, source))
    return TRUE;
  if (!check_reference (gather, gw_document_node (gather->document, id), gw_lowering_find_port (def, input->port), source, error))
    return FALSE;
  port = find_port (gather->draft->inputs, source, output);
  if (port == NULL)
    port = add_port (gather, gather->draft->inputs, leaf_of (gather->document, source), source, output);
  add_end (port, id, input->port, input->index);
  return TRUE;
}

/* An input that must be wired and is not. */
static void
add_open (const Gather    *gather,
          int64_t          id,
          const GwOpDef   *def)
{
  const GwDocNode *node = gw_document_node (gather->document, id);

  for (const GwPortDef *port = def != NULL ? def->inputs : NULL; port != NULL && port->name != NULL; port++)
    if (port->literal == NULL && !port->is_ref && gw_doc_node_port_size (node, port) <= 1 &&
        gw_doc_node_input (node, port->name, 0) == NULL)
      {
        GwDraftPort *open = add_port (gather, gather->draft->inputs, port->name, 0, 0);

        open->dtype = gw_dtype_from_name (port->type);
        add_end (open, id, port->name, 0);
      }
}

/* ---- outputs ---- */

static void
add_output (const Gather *gather,
            int64_t       node,
            int           output)
{
  const GwOpDef *def = gw_document_op (gather->document, gw_document_node (gather->document, node)->op);
  const char *name = def != NULL && output < gw_ports_length (def->outputs) ? def->outputs[output].name : "output";

  if (find_port (gather->draft->outputs, node, output) == NULL)
    add_port (gather, gather->draft->outputs, name, node, output);
}

/* What a node outside takes from those inside. */
static gboolean
add_wires_out (const Gather *gather,
               int64_t       id,
               GError      **error)
{
  const GwDocNode *node = gw_document_node (gather->document, id);
  const GwOpDef *def = gw_document_op (gather->document, node->op);

  for (guint i = 0; i < node->inputs->len; i++)
    {
      const GwDocInput *input = &g_array_index (node->inputs, GwDocInput, i);
      int output;
      int64_t source = gw_lowering_source (gather->document, def, input, &output);

      if (source == 0 || !is_inside (gather, source))
        continue;
      if (!check_reference (gather, node, gw_lowering_find_port (def, input->port), source, error))
        return FALSE;
      add_output (gather, source, output);
    }
  return TRUE;
}

static gboolean
is_taken_inside (const Gather *gather,
                 const int64_t *ids,
                 int           n,
                 int64_t       id)
{
  for (int i = 0; i < n; i++)
    {
      const GwDocNode *node = is_inside (gather, ids[i]) ? gw_document_node (gather->document, ids[i]) : NULL;

      for (guint k = 0; node != NULL && k < node->inputs->len; k++)
        if (g_array_index (node->inputs, GwDocInput, k).from == id)
          return TRUE;
    }
  return FALSE;
}

/* The first output of what nobody takes anything from; nothing of what only runs. */
static void
add_loose_ends (const Gather  *gather,
                const int64_t *ids,
                int            n)
{
  for (int i = 0; i < n; i++)
    {
      const GwDocNode *node = gw_document_node (gather->document, ids[i]);
      const GwOpDef *def = is_inside (gather, ids[i]) ? gw_document_op (gather->document, node->op) : NULL;

      if (def != NULL && gw_ports_length (def->outputs) > 0 && def->flags != GW_OP_SUMMARY &&
          !is_taken_inside (gather, ids, n, ids[i]) && !g_str_equal (node->op, "Minimize"))
        add_output (gather, ids[i], 0);
    }
}

/* ---- parameters ---- */

static void
add_params (const Gather *gather,
            int64_t       id)
{
  const GwDocNode *node = gw_document_node (gather->document, id);
  const GwOpDef *def = gw_document_op (gather->document, node->op);

  for (int i = 0; def != NULL && i < gw_attr_defs_length (def->attrs); i++)
    {
      GwDraftParam *param;

      if ((def->attrs[i].flags & GW_ATTR_HIDDEN) != 0 || g_str_equal (def->attrs[i].name, "share"))
        continue;
      param = g_new0 (GwDraftParam, 1);
      param->node = id;
      param->attr = g_strdup (def->attrs[i].name);
      param->name = g_strdup (def->attrs[i].name);
      g_ptr_array_add (gather->draft->params, param);
    }
}

/* ---- the whole ---- */

static gboolean
check_members (const Gather *gather,
               GError      **error)
{
  GHashTableIter iter;
  gpointer key;

  if (gather->draft->members->len == 0)
    return gw_invalid (error, "select the nodes that a composite is to be made of");
  g_hash_table_iter_init (&iter, gather->inside);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      const GwDocNode *node = gw_document_node (gather->document, (int64_t) GPOINTER_TO_SIZE (key));

      if (node != NULL && g_str_equal (node->op, "Placeholder"))
        return gw_invalid (error, "%s is a placeholder: data comes in from outside, leave it out of the selection", node->name);
    }
  return TRUE;
}

static void
choose_members (Gather        *gather,
                const int64_t *ids,
                int            n)
{
  GArray *members = gather->draft->members;
  int64_t owner = -1;

  for (int i = 0; i < n; i++)
    {
      const GwItem *item = ids[i] != 0 ? gw_document_item (gather->document, ids[i]) : NULL;

      if (item == NULL || (item->kind == GW_ITEM_GROUP && item->group.kind != GW_GROUP_SCOPE) ||
          (item->kind == GW_ITEM_NODE && *item->node.op == '_'))
        continue;
      if (owner < 0)
        owner = item->owner;
      if (item->owner == owner)
        g_array_append_val (members, ids[i]);
    }
  gw_document_collect (gather->document, (const int64_t *) (gpointer) members->data, (int) members->len, gather->inside);
}

/* Nodes of the selection one after the other, then what takes from them. */
static gboolean
gather_all (const Gather *gather,
            GError      **error)
{
  int64_t loss = gw_document_settings (gather->document)->loss;
  int n;
  const int64_t *ids = gw_document_ids (gather->document, GW_ITEM_NODE, &n);

  if (loss != 0 && is_inside (gather, loss))
    add_output (gather, loss, 0);
  for (int i = 0; i < n; i++)
    {
      const GwDocNode *node = gw_document_node (gather->document, ids[i]);
      const GwOpDef *def = is_inside (gather, ids[i]) ? gw_document_op (gather->document, node->op) : NULL;

      if (!check_sharing (gather, ids[i], error))
        return FALSE;
      if (!is_inside (gather, ids[i]))
        {
          if (!add_wires_out (gather, ids[i], error))
            return FALSE;
          continue;
        }
      for (guint k = 0; k < node->inputs->len; k++)
        if (!add_wire_in (gather, ids[i], def, &g_array_index (node->inputs, GwDocInput, k), error))
          return FALSE;
      add_open (gather, ids[i], def);
      add_params (gather, ids[i]);
    }
  add_loose_ends (gather, ids, n);
  return TRUE;
}

GwCompositeDraft *
gw_composite_draft_new (const GwDocument *document,
                        const GwLive     *live,
                        const int64_t    *ids,
                        int               n,
                        GError          **error)
{
  g_autoptr (GwCompositeDraft) draft = draft_alloc ();
  g_autoptr (GHashTable) inside = g_hash_table_new (NULL, NULL);
  Gather gather = { document, live, inside, draft };

  choose_members (&gather, ids, n);
  if (!check_members (&gather, error) || !gather_all (&gather, error))
    return NULL;
  draft->name = g_strdup ("Block");
  for (int i = 2; !gw_document_check_op_name (document, draft->name, NULL); i++)
    {
      g_free (draft->name);
      draft->name = g_strdup_printf ("Block%d", i);
    }
  return g_steal_pointer (&draft);
}
