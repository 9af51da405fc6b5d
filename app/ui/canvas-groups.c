/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that have to do with scopes: a wire to a scope's box or to a stub at the border
 * means the wires of the document behind it. All others go on to canvas-requests.c. */
#include "app/ui/canvas-adapter-private.h"

#include <string.h>

static GwCanvasModelInterface base;

static const char read_only[] = "This is what the composite makes: break it apart to change it";

static GwDocument *
document_of (GwCanvasAdapter *self)
{
  return gw_doc_model_get_document (self->model);
}

static void
say (GwCanvasAdapter *self,
     const char      *text)
{
  g_signal_emit (self, gw_canvas_adapter_signals[GW_ADAPTER_MESSAGE], 0, text);
}

/* ---- what stands behind a box ---- */

static const GwScopePorts *
ports_of (GwCanvasAdapter *self,
          guint64          box)
{
  return g_hash_table_lookup (self->scopes, GSIZE_TO_POINTER ((gsize) box));
}

static int
stub_number (GwCanvasAdapter *self,
             guint64          box,
             int              port)
{
  const GwStub *stub = g_hash_table_lookup (self->stubs, GSIZE_TO_POINTER ((gsize) box));

  return stub != NULL && port >= 0 && port < (int) stub->ports->len ? g_array_index (stub->ports, int, port) : -1;
}

/* FALSE when the box has no such output. */
static gboolean
behind_output (GwCanvasAdapter *self,
               guint64          box,
               int              port,
               GwPlaceEnd      *end)
{
  const GwScopePorts *ports = ports_of (self, box);

  *end = (GwPlaceEnd) { (int64_t) box, port };
  if (ports != NULL && port >= 0 && port < (int) ports->outputs->len)
    *end = g_array_index (ports->outputs, GwPlaceEnd, port);
  else if ((box & GW_STUB_IN) != 0)
    *end = (GwPlaceEnd) { (int64_t) (box & ~GW_STUB_MASK), stub_number (self, box, port) };
  return gw_document_node (document_of (self), end->node) != NULL && end->port >= 0;
}

/* Of GwPlaceEnd; empty when the box has no such input. */
static GArray *
behind_input (GwCanvasAdapter *self,
              guint64          box,
              int              port)
{
  const GwScopePorts *ports = ports_of (self, box);
  GArray *ends = g_array_new (FALSE, FALSE, sizeof (GwPlaceEnd));
  GwPlaceEnd end = { (int64_t) box, port };

  if (ports != NULL && port >= 0 && port < (int) ports->inputs->len)
    {
      const GArray *all = g_array_index (ports->inputs, GwScopeInput, port).ends;

      g_array_append_vals (ends, all->data, all->len);
      return ends;
    }
  if ((box & GW_STUB_OUT) != 0)
    end = (GwPlaceEnd) { (int64_t) (box & ~GW_STUB_MASK), stub_number (self, box, port) };
  if (gw_document_node (document_of (self), end.node) != NULL && end.port >= 0)
    g_array_append_val (ends, end);
  return ends;
}

static gboolean
is_plain (GwCanvasAdapter *self,
          guint64          box)
{
  return gw_document_node (document_of (self), (int64_t) box) != NULL;
}

gboolean
gw_canvas_adapter_resolve (GwCanvasAdapter *self,
                           GwCanvasPort    *port)
{
  GwPlaceEnd end = { 0, 0 };

  if (port->node == 0 || is_plain (self, port->node) || port->port == GW_SCENE_CONTROL_PORT)
    return port->node == 0 || is_plain (self, port->node);
  if (port->is_output && !behind_output (self, port->node, port->port, &end))
    return FALSE;
  if (!port->is_output)
    {
      g_autoptr (GArray) ends = behind_input (self, port->node, port->port);

      if (ends->len == 0)
        return FALSE;
      end = g_array_index (ends, GwPlaceEnd, 0);
    }
  port->node = (guint64) end.node;
  port->port = end.port;
  return TRUE;
}

/* ---- wires ---- */

static char *
can_connect (GwCanvasModel *model,
             guint64        from,
             int            output,
             guint64        to,
             int            input)
{
  GwCanvasAdapter *self = GW_CANVAS_ADAPTER (model);
  g_autoptr (GArray) ends = NULL;
  char *reason = NULL;
  GwPlaceEnd source;

  if (gw_canvas_adapter_is_inside (self))
    return g_strdup (read_only);
  if (is_plain (self, from) && is_plain (self, to))
    return base.can_connect (model, from, output, to, input);
  if (output == GW_SCENE_CONTROL_PORT || input == GW_SCENE_CONTROL_PORT)
    return g_strdup ("A control wire joins two nodes: enter the scope to draw it");
  ends = behind_input (self, to, input);
  if (from == to || ends->len == 0 || !behind_output (self, from, output, &source))
    return g_strdup ("There is no such port");
  for (guint i = 0; i < ends->len && reason == NULL; i++)
    {
      const GwPlaceEnd *end = &g_array_index (ends, GwPlaceEnd, i);

      reason = base.can_connect (model, (guint64) source.node, source.port, (guint64) end->node, end->port);
    }
  return reason;
}

static void
connect (GwCanvasModel *model,
         guint64        from,
         int            output,
         guint64        to,
         int            input)
{
  GwCanvasAdapter *self = GW_CANVAS_ADAPTER (model);
  g_autoptr (GArray) ends = NULL;
  GwPlaceEnd source;

  if (is_plain (self, from) && is_plain (self, to))
    {
      base.connect (model, from, output, to, input);
      return;
    }
  ends = behind_input (self, to, input);
  if (!behind_output (self, from, output, &source))
    return;
  gw_doc_model_begin_group (self->model, "Connect");
  for (guint i = 0; i < ends->len; i++)
    {
      const GwPlaceEnd *end = &g_array_index (ends, GwPlaceEnd, i);

      base.connect (model, (guint64) source.node, source.port, (guint64) end->node, end->port);
    }
  gw_doc_model_end_group (self->model);
}

/* All wires of the document that the wire stands for. */
static void
cut_bundle (GwCanvasAdapter *self,
            GwEdit          *edit,
            guint64          wire)
{
  const GwSceneWire *scene = gw_scene_get_wire (self->scene, wire);
  g_autoptr (GArray) ends = scene != NULL ? behind_input (self, scene->to, scene->to_port) : NULL;

  for (guint i = 0; ends != NULL && i < ends->len; i++)
    {
      const GwPlaceEnd *end = &g_array_index (ends, GwPlaceEnd, i);
      GwItem *item = gw_edit_take (edit, document_of (self), end->node);
      const char *port;
      int index;

      if (gw_scene_input_port (document_of (self), &item->node, end->port, &port, &index))
        gw_doc_node_set_input (&item->node, port, index, 0, 0, NULL);
      gw_edit_put (edit, document_of (self), item);
    }
}

static void
disconnect (GwCanvasModel *model,
            guint64        wire)
{
  GwCanvasAdapter *self = GW_CANVAS_ADAPTER (model);
  GwEdit *edit;

  if (gw_canvas_adapter_bundle (self, wire) == NULL)
    {
      base.disconnect (model, wire);
      return;
    }
  edit = gw_edit_new ("Disconnect");
  cut_bundle (self, edit, wire);
  gw_doc_model_apply (self->model, edit, NULL);
}

static void
remove_items (GwCanvasModel *model,
              const guint64 *ids,
              gsize          n_ids,
              gboolean       reconnect)
{
  GwCanvasAdapter *self = GW_CANVAS_ADAPTER (model);
  g_autoptr (GArray) others = g_array_new (FALSE, FALSE, sizeof (guint64));
  GwEdit *edit = gw_edit_new ("Delete wires");

  for (gsize i = 0; i < n_ids; i++)
    if (gw_canvas_adapter_bundle (self, ids[i]) != NULL)
      cut_bundle (self, edit, ids[i]);
    else
      g_array_append_val (others, ids[i]);
  if (others->len == n_ids)
    {
      gw_edit_free (edit);
      base.remove (model, ids, n_ids, reconnect);
      return;
    }
  gw_doc_model_begin_group (self->model, others->len > 0 ? "Delete" : "Delete wires");
  gw_doc_model_apply (self->model, edit, NULL);
  if (others->len > 0)
    base.remove (model, (const guint64 *) (gpointer) others->data, others->len, reconnect);
  gw_doc_model_end_group (self->model);
}

/* ---- names and values ---- */

static char *
rename_group (GwCanvasAdapter *self,
              int64_t          group,
              const char      *name)
{
  g_autoptr (GError) error = NULL;
  GwEdit *edit = gw_edit_rename_group (document_of (self), group, name, &error);

  if (edit == NULL)
    return g_strdup (error->message);
  gw_doc_model_apply (self->model, edit, NULL);
  return NULL;
}

/* On the canvas of a group the names are without its own. */
static char *
rename_item (GwCanvasModel *model,
             guint64        id,
             const char    *name)
{
  GwCanvasAdapter *self = GW_CANVAS_ADAPTER (model);
  GwDocument *document = document_of (self);
  const GwDocNode *node = gw_document_node (document, (int64_t) id);
  g_autofree char *prefix = NULL;
  g_autofree char *full = NULL;

  if (gw_document_item (document, (int64_t) id) == NULL)
    return g_strdup ("It is renamed where it stands");
  if (gw_document_group (document, (int64_t) id) != NULL)
    return rename_group (self, (int64_t) id, name);
  prefix = gw_document_prefix (document, gw_document_owner (document, (int64_t) id));
  if (node == NULL || !g_str_has_prefix (node->name, prefix))
    return base.rename (model, id, name);
  full = g_strconcat (prefix, name, NULL);
  return base.rename (model, id, full);
}

static char *
set_literal (GwCanvasModel *model,
             guint64        id,
             int            input,
             const char    *text)
{
  GwCanvasAdapter *self = GW_CANVAS_ADAPTER (model);
  GwCanvasPort port = { id, input, FALSE };

  if (gw_canvas_adapter_is_inside (self))
    return g_strdup (read_only);
  if (!gw_canvas_adapter_resolve (self, &port))
    return g_strdup ("There is no such port");
  return base.set_literal (model, port.node, port.port, text);
}

/* ---- going in and out ---- */

static void
activate (GwCanvasModel *model,
          guint64        id)
{
  GwCanvasAdapter *self = GW_CANVAS_ADAPTER (model);

  if ((id & GW_STUB_MASK) != 0 && g_hash_table_contains (self->stubs, GSIZE_TO_POINTER ((gsize) id)))
    gw_canvas_adapter_show_item (self, (int64_t) (id & ~GW_STUB_MASK));
  else
    gw_canvas_adapter_enter (self, (int64_t) id);
}

static void
leave (GwCanvasModel *model)
{
  gw_canvas_adapter_leave (GW_CANVAS_ADAPTER (model));
}

void
gw_canvas_adapter_put_here (GwCanvasAdapter *self,
                            GwEdit          *edit,
                            int64_t          id)
{
  if (gw_document_group (document_of (self), self->place) != NULL)
    gw_edit_move_into (edit, document_of (self), &id, 1, self->place);
}

/* ---- grouping ---- */

static GArray *
selected_items (GwCanvasAdapter *self)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (int64_t));

  for (guint i = 0; i < self->selection->len; i++)
    {
      int64_t id = (int64_t) g_array_index (self->selection, guint64, i);

      if (gw_document_item (document_of (self), id) != NULL)
        g_array_append_val (ids, id);
    }
  return ids;
}

int64_t
gw_canvas_adapter_group (GwCanvasAdapter *self)
{
  g_autoptr (GArray) ids = selected_items (self);
  g_autoptr (GError) error = NULL;
  int64_t group;
  GwEdit *edit = gw_edit_group (document_of (self), (const int64_t *) (gpointer) ids->data, (int) ids->len, NULL, &group, &error);

  if (edit == NULL)
    say (self, error->message);
  else
    gw_doc_model_apply (self->model, edit, NULL);
  return group;
}

/* Boxes of one kind that can come apart together: what ships, or one's own. */
static GArray *
composites_among (GwCanvasAdapter *self,
                  const GArray    *ids)
{
  GwDocument *document = document_of (self);
  GArray *boxes = g_array_new (FALSE, FALSE, sizeof (int64_t));
  gboolean own = FALSE;

  for (guint i = 0; i < ids->len; i++)
    {
      int64_t id = g_array_index (ids, int64_t, i);
      const GwDocNode *node = gw_document_node (document, id);
      const GwOpDef *op = node != NULL ? gw_document_op (document, node->op) : NULL;

      if (op == NULL || op->expand == NULL)
        continue;
      if (boxes->len == 0)
        own = gw_document_own_composite (document, id) != 0;
      if (own == (gw_document_own_composite (document, id) != 0))
        g_array_append_val (boxes, id);
    }
  return boxes;
}

gboolean
gw_canvas_adapter_ungroup (GwCanvasAdapter *self,
                           GArray          *lifted)
{
  g_autoptr (GArray) ids = selected_items (self);
  g_autoptr (GArray) boxes = composites_among (self, ids);
  g_autoptr (GError) error = NULL;
  GwEdit *edit = gw_edit_ungroup (document_of (self), (const int64_t *) (gpointer) ids->data, (int) ids->len, lifted);
  GwEdit *apart = NULL;
  gboolean done = !gw_edit_is_empty (edit) || boxes->len > 0;

  if (boxes->len > 0)
    {
      apart = gw_edit_break_apart_many (document_of (self), (const int64_t *) (gpointer) boxes->data, (int) boxes->len, lifted, &error);
      if (apart == NULL)
        say (self, error->message);
    }
  gw_doc_model_begin_group (self->model, apart != NULL ? apart->label : edit->label);
  gw_doc_model_apply (self->model, edit, NULL);
  if (apart != NULL)
    gw_doc_model_apply (self->model, apart, NULL);
  gw_doc_model_end_group (self->model);
  return done;
}

void
gw_canvas_adapter_groups_init (GwCanvasModelInterface *iface)
{
  gw_canvas_adapter_iface_init (iface);
  base = *iface;
  iface->can_connect = can_connect;
  iface->connect = connect;
  iface->disconnect = disconnect;
  iface->remove = remove_items;
  iface->rename = rename_item;
  iface->set_literal = set_literal;
  iface->activate = activate;
  iface->leave = leave;
}
