/* SPDX-License-Identifier: Apache-2.0 */
/* The canvas's requests as undoable edits. */
#include "app/ui/canvas-adapter-private.h"

#include "app/model/composite-store.h"
#include "app/model/targets.h"
#include "widgets/paint/number-text.h"

#include <math.h>
#include <string.h>

#define SNAP 8.0

static GwDocument *
document_of (GwCanvasAdapter *self)
{
  return gw_doc_model_get_document (self->model);
}

static const GwScene *
get_scene (GwCanvasModel *model)
{
  return GW_CANVAS_ADAPTER (model)->scene;
}

static void
move (GwCanvasModel *model,
      const guint64 *ids,
      gsize          n_ids,
      double         dx,
      double         dy,
      gboolean       final)
{
  GwCanvasAdapter *self = GW_CANVAS_ADAPTER (model);
  g_autofree char *label = n_ids == 1 ? g_strdup ("Move a node") : g_strdup_printf ("Move %zu nodes", n_ids);
  g_autofree char *key = g_strdup_printf ("drag:%" G_GUINT64_FORMAT, self->moved);
  GwEdit *edit = gw_edit_new (label);

  for (gsize i = 0; i < n_ids && (dx != 0 || dy != 0); i++)
    {
      GwItem *item = gw_edit_take (edit, document_of (self), (int64_t) ids[i]);

      if (item == NULL)
        continue;
      if (item->kind == GW_ITEM_NODE)
        {
          item->node.x += dx;
          item->node.y += dy;
        }
      else if (item->kind == GW_ITEM_FRAME)
        {
          item->frame.x += dx;
          item->frame.y += dy;
        }
      else if (item->kind == GW_ITEM_GROUP)
        {
          item->group.x += dx;
          item->group.y += dy;
        }
      gw_edit_put (edit, document_of (self), item);
    }
  gw_doc_model_apply (self->model, edit, g_intern_string (key));
  if (final)
    {
      gw_doc_model_close_step (self->model);
      self->moved++;
    }
}

static char *
can_connect (GwCanvasModel *model,
             guint64        from,
             int            output,
             guint64        to,
             int            input)
{
  GwCanvasAdapter *self = GW_CANVAS_ADAPTER (model);
  const GwDocNode *node = gw_document_node (document_of (self), (int64_t) to);
  const char *port;
  int index;

  if (from == to)
    return g_strdup ("A node cannot feed itself");
  if (input == GW_SCENE_CONTROL_PORT || output == GW_SCENE_CONTROL_PORT)
    return input == output ? NULL : g_strdup ("A control wire joins two control ports");
  if (node == NULL || !gw_scene_input_port (document_of (self), node, input, &port, &index))
    return g_strdup ("There is no such port");
  return gw_live_why_not (gw_doc_model_get_live (self->model), (int64_t) from, output, (int64_t) to, port, index);
}

static void
put_control (GwEdit     *edit,
             GwDocument *document,
             int64_t     from,
             int64_t     to,
             gboolean    on)
{
  GwItem *item = gw_edit_take (edit, document, to);
  GArray *controls = item->node.controls;

  for (guint i = controls->len; i > 0; i--)
    if (g_array_index (controls, int64_t, i - 1) == from)
      g_array_remove_index (controls, i - 1);
  if (on)
    g_array_append_val (controls, from);
  gw_edit_put (edit, document, item);
}

static void
put_wire (GwEdit     *edit,
          GwDocument *document,
          int64_t     from,
          int         output,
          int64_t     to,
          int         input)
{
  GwItem *item = gw_edit_take (edit, document, to);
  const char *port;
  int index;

  if (item != NULL && gw_scene_input_port (document, &item->node, input, &port, &index))
    {
      gw_doc_node_set_input (&item->node, port, index, from, output, NULL);
      gw_edit_put (edit, document, g_steal_pointer (&item));
      gw_targets_connected (edit, document, from, to, port);
    }
  g_clear_pointer (&item, gw_item_unref);
}

static void
connect (GwCanvasModel *model,
         guint64        from,
         int            output,
         guint64        to,
         int            input)
{
  GwCanvasAdapter *self = GW_CANVAS_ADAPTER (model);
  GwEdit *edit = gw_edit_new ("Connect");

  if (input == GW_SCENE_CONTROL_PORT)
    put_control (edit, document_of (self), (int64_t) from, (int64_t) to, TRUE);
  else
    put_wire (edit, document_of (self), (int64_t) from, output, (int64_t) to, input);
  gw_doc_model_apply (self->model, edit, NULL);
}

static void
put_disconnect (GwCanvasAdapter *self,
                GwEdit          *edit,
                const GwWireEnd *end)
{
  GwItem *item = gw_edit_take (edit, document_of (self), end->to);
  const char *port;
  int index;

  if (item == NULL)
    return;
  if (end->input == GW_SCENE_CONTROL_PORT)
    {
      gw_item_unref (item);
      put_control (edit, document_of (self), end->from, end->to, FALSE);
      return;
    }
  if (gw_scene_input_port (document_of (self), &item->node, end->input, &port, &index))
    gw_doc_node_set_input (&item->node, port, index, 0, 0, NULL);
  gw_edit_put (edit, document_of (self), item);
}

static void
disconnect (GwCanvasModel *model,
            guint64        wire)
{
  GwCanvasAdapter *self = GW_CANVAS_ADAPTER (model);
  GwEdit *edit = gw_edit_new ("Disconnect");
  GwWireEnd end;

  if (gw_canvas_adapter_wire (self, wire, &end))
    put_disconnect (self, edit, &end);
  gw_doc_model_apply (self->model, edit, NULL);
}

static void
remove_items (GwCanvasModel *model,
              const guint64 *ids,
              gsize          n_ids,
              gboolean       reconnect)
{
  GwCanvasAdapter *self = GW_CANVAS_ADAPTER (model);
  g_autoptr (GArray) items = g_array_new (FALSE, FALSE, sizeof (int64_t));
  g_autofree char *label = NULL;
  GwEdit *wires = gw_edit_new ("Delete wires");
  gboolean dots = TRUE; /* a wire without its dots is still a wire */

  for (gsize i = 0; i < n_ids; i++)
    {
      GwWireEnd end;
      int64_t id = (int64_t) ids[i];
      const GwDocNode *node = gw_document_node (document_of (self), id);

      dots = dots && node != NULL && strcmp (node->op, "Reroute") == 0;
      if (gw_canvas_adapter_wire (self, ids[i], &end))
        put_disconnect (self, wires, &end);
      else if (gw_document_item (document_of (self), id) != NULL)
        g_array_append_val (items, id);
    }
  label = items->len == 0   ? g_strdup ("Delete a wire")
          : items->len == 1 ? g_strdup_printf ("Delete %s", gw_document_node (document_of (self), g_array_index (items, int64_t, 0)) != NULL
                                                 ? gw_document_node (document_of (self), g_array_index (items, int64_t, 0))->name : "a frame")
                            : g_strdup_printf ("Delete %u items", items->len);
  gw_doc_model_begin_group (self->model, label);
  gw_doc_model_apply (self->model, wires, NULL);
  if (items->len > 0)
    gw_doc_model_apply (self->model,
                        gw_edit_delete (document_of (self), (const int64_t *) (gpointer) items->data, (int) items->len,
                                        reconnect || dots), NULL);
  gw_doc_model_end_group (self->model);
}

static char *
rename_node (GwCanvasModel *model,
             guint64        id,
             const char    *name)
{
  GwCanvasAdapter *self = GW_CANVAS_ADAPTER (model);
  GwDocument *document = document_of (self);
  GwItem *item = gw_document_item (document, (int64_t) id);
  g_autoptr (GError) error = NULL;

  if (item != NULL && item->kind == GW_ITEM_FRAME)
    {
      GwEdit *edit = gw_edit_new ("Rename a frame");
      GwItem *copy = gw_edit_take (edit, document, (int64_t) id);

      g_free (copy->frame.title);
      copy->frame.title = g_strdup (name);
      gw_edit_put (edit, document, copy);
      gw_doc_model_apply (self->model, edit, NULL);
      return NULL;
    }
  if (gw_doc_model_set_attr (self->model, (int64_t) id, "name", name, &error))
    return NULL;
  return g_strdup (error->message);
}

static char *
set_literal (GwCanvasModel *model,
             guint64        id,
             int            input,
             const char    *text)
{
  GwCanvasAdapter *self = GW_CANVAS_ADAPTER (model);
  GwEdit *edit = gw_edit_new ("Set a value");
  GwItem *item = gw_edit_take (edit, document_of (self), (int64_t) id);
  g_autoptr (GError) error = NULL;
  GwSceneSource source;
  GwDType dtype;
  const char *port;
  int index;

  gw_canvas_adapter_source (self, &source);
  dtype = item != NULL ? gw_scene_input_dtype (&source, (int64_t) id, input) : GW_DTYPE_INVALID;
  if (text[0] != 0)
    {
      g_autoptr (GwTensor) value = gw_tensor_parse (text, dtype, NULL, &error);

      if (value == NULL)
        {
          gw_edit_free (edit);
          gw_item_unref (item);
          return g_strdup (error->message);
        }
    }
  if (item != NULL && gw_scene_input_port (document_of (self), &item->node, input, &port, &index))
    {
      gw_doc_node_set_input (&item->node, port, index, 0, 0, text[0] != 0 ? text : NULL);
      gw_edit_put (edit, document_of (self), g_steal_pointer (&item));
    }
  g_clear_pointer (&item, gw_item_unref);
  gw_doc_model_apply (self->model, edit, NULL);
  return NULL;
}

/* The first input of `to` that takes the output; -1 = none. */
static int
fitting_input (GwCanvasAdapter *self,
               int64_t          from,
               int              output,
               int64_t          to)
{
  GwLive *live = gw_doc_model_settle (self->model);
  const GwDocNode *node = gw_document_node (document_of (self), to);
  const char *port;
  int index;

  for (int i = 0; gw_scene_input_port (document_of (self), node, i, &port, &index); i++)
    {
      const GwDocInput *there = gw_doc_node_input (node, port, index);
      g_autofree char *reason = NULL;

      if (there != NULL && there->from != 0)
        continue;
      reason = gw_live_why_not (live, from, output, to, port, index);
      if (reason == NULL)
        return i;
    }
  return -1;
}

static void
wire_in (GwCanvasAdapter *self,
         int64_t          from,
         int              output,
         int64_t          to,
         int              input)
{
  GwEdit *edit = gw_edit_new ("Connect");

  if (input >= 0)
    put_wire (edit, document_of (self), from, output, to, input);
  gw_doc_model_apply (self->model, edit, NULL);
}

/* A control wire. */
static void
order (GwCanvasAdapter *self,
       int64_t          from,
       int64_t          to)
{
  GwEdit *edit = gw_edit_new ("Connect");

  put_control (edit, document_of (self), from, to, TRUE);
  gw_doc_model_apply (self->model, edit, NULL);
}

static void
insert_on_wire (GwCanvasModel *model,
                guint64        id,
                guint64        wire)
{
  GwCanvasAdapter *self = GW_CANVAS_ADAPTER (model);
  const GwSceneWire *scene = gw_scene_get_wire (self->scene, wire);
  GwWireEnd end;
  int64_t from;
  int output, input;

  if (!gw_canvas_adapter_wire (self, wire, &end) || end.input == GW_SCENE_CONTROL_PORT)
    return;
  from = (int64_t) scene->from;
  output = scene->from_port;
  gw_doc_model_begin_group (self->model, "Insert into a wire");
  input = fitting_input (self, from, output, (int64_t) id);
  wire_in (self, from, output, (int64_t) id, input);
  if (input >= 0)
    wire_in (self, (int64_t) id, 0, end.to, end.input);
  gw_doc_model_end_group (self->model);
}

int64_t
gw_canvas_adapter_add_op (GwCanvasAdapter    *self,
                          const char         *name,
                          double              x,
                          double              y,
                          guint64             wire,
                          const GwCanvasPort *port)
{
  const GwOpDef *op = gw_document_op (document_of (self), name);
  g_autofree char *label = NULL;
  GwEdit *taken = NULL, *edit;
  int64_t id;

  GwCanvasPort end = port != NULL ? *port : (GwCanvasPort) { 0 };

  if (gw_canvas_adapter_is_inside (self) || !gw_canvas_adapter_resolve (self, &end))
    return 0;
  if (op == NULL)
    taken = gw_composite_store_take (document_of (self), name, NULL);
  if (op == NULL && taken == NULL)
    return 0;
  port = &end;
  label = g_strdup_printf ("Add %s", name);
  gw_doc_model_begin_group (self->model, label);
  if (taken != NULL)
    {
      gw_doc_model_apply (self->model, taken, NULL);
      op = gw_document_op (document_of (self), name);
    }
  edit = gw_edit_add_node (document_of (self), op, SNAP * round (x / SNAP), SNAP * round (y / SNAP), &id);
  gw_canvas_adapter_put_here (self, edit, id);
  gw_targets_node_added (edit, document_of (self), id);
  gw_doc_model_apply (self->model, edit, NULL);
  if (wire != 0)
    insert_on_wire (GW_CANVAS_MODEL (self), (guint64) id, wire);
  else if (port != NULL && port->node != 0 && port->port == GW_SCENE_CONTROL_PORT)
    order (self, port->is_output ? (int64_t) port->node : id, port->is_output ? id : (int64_t) port->node);
  else if (port != NULL && port->node != 0 && port->is_output)
    wire_in (self, (int64_t) port->node, port->port, id,
             fitting_input (self, (int64_t) port->node, port->port, id));
  else if (port != NULL && port->node != 0 && gw_ports_length (op->outputs) > 0)
    wire_in (self, id, 0, (int64_t) port->node, port->port);
  gw_doc_model_end_group (self->model);
  return id;
}

gboolean
gw_canvas_adapter_op_fits (GwCanvasAdapter    *self,
                           const char         *name,
                           const GwCanvasPort *port)
{
  const GwOpDef *op = gw_document_op (document_of (self), name);

  g_autoptr (GwDocument) library = op == NULL ? gw_composite_store_load (name, NULL) : NULL;

  if (library != NULL)
    op = gw_document_op (library, name);
  if (op == NULL)
    return FALSE;
  if (port == NULL || port->node == 0 || port->port == GW_SCENE_CONTROL_PORT)
    return TRUE;
  return gw_ports_length (port->is_output ? op->inputs : op->outputs) > 0;
}

static void
drop_op (GwCanvasModel *model,
         const char    *op,
         double         x,
         double         y,
         guint64        wire)
{
  gw_canvas_adapter_add_op (GW_CANVAS_ADAPTER (model), op, x, y, wire, NULL);
}

#define DOT 9.0

static void
add_reroute (GwCanvasModel *model,
             guint64        wire,
             double         x,
             double         y)
{
  GwCanvasAdapter *self = GW_CANVAS_ADAPTER (model);
  GwDocument *document = document_of (self);
  const GwSceneWire *scene = gw_scene_get_wire (self->scene, wire);
  const char *port;
  GwWireEnd end;
  GwEdit *edit;
  GwItem *item;
  int64_t id;
  int index;

  if (!gw_canvas_adapter_wire (self, wire, &end) || end.input == GW_SCENE_CONTROL_PORT)
    return;
  edit = gw_edit_add_node (document, gw_registry_find ("Reroute"), x - DOT / 2, y - DOT / 2, &id);
  gw_canvas_adapter_put_here (self, edit, id);
  g_free (edit->label);
  edit->label = g_strdup ("Add a reroute dot");
  item = gw_edit_take (edit, document, id);
  gw_doc_node_set_input (&item->node, "input", 0, (int64_t) scene->from, scene->from_port, NULL);
  gw_edit_put (edit, document, item);
  item = gw_edit_take (edit, document, end.to);
  if (gw_scene_input_port (document, &item->node, end.input, &port, &index))
    gw_doc_node_set_input (&item->node, port, index, id, 0, NULL);
  gw_edit_put (edit, document, item);
  gw_doc_model_apply (self->model, edit, NULL);
}

static void
apply_fix (GwCanvasModel *model,
           guint64        node,
           guint          number)
{
  GwCanvasAdapter *self = GW_CANVAS_ADAPTER (model);
  const GwProblem *problem = gw_live_problem (gw_doc_model_get_live (self->model), (int64_t) node);
  g_autoptr (GError) error = NULL;

  if (problem != NULL && number < problem->fixes->len &&
      !gw_doc_model_apply_fix (self->model, g_ptr_array_index (problem->fixes, number), &error))
    g_signal_emit (self, gw_canvas_adapter_signals[GW_ADAPTER_MESSAGE], 0, error->message);
}

static void
begin_edit (GwCanvasModel *model,
            const char    *label)
{
  gw_doc_model_begin_group (GW_CANVAS_ADAPTER (model)->model, label);
}

static void
end_edit (GwCanvasModel *model)
{
  gw_doc_model_end_group (GW_CANVAS_ADAPTER (model)->model);
}

static void
cancel_edit (GwCanvasModel *model)
{
  gw_doc_model_cancel_group (GW_CANVAS_ADAPTER (model)->model);
}

static void
request_search (GwCanvasModel      *model,
                double              x,
                double              y,
                const GwCanvasPort *port,
                const char         *text)
{
  g_signal_emit (model, gw_canvas_adapter_signals[GW_ADAPTER_SEARCH], 0, x, y, port, text);
}

static void
context_menu (GwCanvasModel *model,
              guint64        id,
              double         x,
              double         y)
{
  g_signal_emit (model, gw_canvas_adapter_signals[GW_ADAPTER_MENU], 0, id, x, y);
}

/* Ids of the selected nodes (GArray of int64_t); a wire stands for the node it comes from. */
static GArray *
selected_nodes (GwCanvasAdapter *self)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (int64_t));
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < self->selection->len; i++)
    {
      guint64 item = g_array_index (self->selection, guint64, i);
      const GwSceneWire *wire = gw_scene_get_wire (self->scene, item);
      int64_t id = (int64_t) (wire != NULL ? wire->from : item);

      if (gw_document_node (document_of (self), id) != NULL && g_hash_table_add (seen, GSIZE_TO_POINTER ((gsize) id)))
        g_array_append_val (ids, id);
    }
  return ids;
}

/* Flips a flag of all selected nodes: off only when all have it. */
static gboolean
toggle_flag (GwCanvasAdapter *self,
             GwDocNodeFlags   flag,
             const char      *label)
{
  g_autoptr (GArray) ids = selected_nodes (self);
  GwEdit *edit = gw_edit_new (label);
  gboolean all = TRUE;

  for (guint i = 0; i < ids->len; i++)
    all = all && (gw_document_node (document_of (self), g_array_index (ids, int64_t, i))->flags & flag) != 0;
  for (guint i = 0; i < ids->len; i++)
    {
      GwItem *item = gw_edit_take (edit, document_of (self), g_array_index (ids, int64_t, i));

      item->node.flags = all ? item->node.flags & ~flag : item->node.flags | flag;
      gw_edit_put (edit, document_of (self), item);
    }
  if (gw_edit_is_empty (edit))
    {
      gw_edit_free (edit);
      return FALSE;
    }
  gw_doc_model_apply (self->model, edit, NULL);
  return TRUE;
}

/* Unwires the selected nodes and joins what was on both sides of them. */
static gboolean
take_out (GwCanvasAdapter *self)
{
  GwDocument *document = document_of (self);
  g_autoptr (GArray) ids = selected_nodes (self);
  GwEdit *edit;

  if (ids->len == 0)
    return FALSE;
  /* As if they were deleted, and put back without a wire; the settings never miss them. */
  edit = gw_edit_delete (document, (const int64_t *) (gpointer) ids->data, (int) ids->len, TRUE);
  for (guint i = 0; i < ids->len; i++)
    {
      GwItem *item = gw_item_copy (gw_document_item (document, g_array_index (ids, int64_t, i)));

      for (guint k = item->node.inputs->len; k > 0; k--)
        {
          GwDocInput input = g_array_index (item->node.inputs, GwDocInput, k - 1);
          g_autofree char *port = g_strdup (input.port);

          if (input.from != 0)
            gw_doc_node_set_input (&item->node, port, input.index, 0, 0, NULL);
        }
      g_array_set_size (item->node.controls, 0);
      gw_edit_put (edit, document, item);
    }
  gw_edit_put (edit, document, gw_item_copy (gw_document_item (document, 0)));
  g_free (edit->label);
  edit->label = g_strdup ("Take out");
  gw_doc_model_apply (self->model, edit, NULL);
  return TRUE;
}

static gboolean
command (GwCanvasModel *model,
         const char    *name)
{
  static const struct {
    const char     *command, *label;
    GwDocNodeFlags  flag;
  } flags[] = {
    { "mute", "Mute", GW_DOC_MUTED }, { "lock", "Lock", GW_DOC_LOCKED }, { "bypass", "Bypass", GW_DOC_BYPASSED },
    { "fold", "Fold", GW_DOC_FOLDED }, { "hide-ports", "Hide unused ports", GW_DOC_HIDES_PORTS },
    { "watch", "Watch", GW_DOC_WATCHED }, { "breakpoint", "Breakpoint", GW_DOC_BREAK },
    { "breakpoint-off", "Disable the breakpoint", GW_DOC_BREAK_OFF },
  };
  GwCanvasAdapter *self = GW_CANVAS_ADAPTER (model);
  gboolean done = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    if (strcmp (name, flags[i].command) == 0)
      return toggle_flag (self, flags[i].flag, flags[i].label);
  if (strcmp (name, "take-out") == 0)
    return take_out (self);
  g_signal_emit (self, gw_canvas_adapter_signals[GW_ADAPTER_COMMAND], 0, name, &done);
  return done;
}

/* The figures of the output under the pointer, where they are known. */
static char *
tooltip (GwCanvasModel      *model,
         guint64             id,
         const GwCanvasPort *port)
{
  GwCanvasAdapter *self = GW_CANVAS_ADAPTER (model);
  const GwSceneWire *wire = gw_scene_get_wire (self->scene, id);
  int64_t node = wire != NULL ? (int64_t) wire->from : (int64_t) id;
  int output = wire != NULL ? wire->from_port : port != NULL && port->node != 0 && port->is_output ? port->port : 0;
  const GwValue *value = self->values != NULL ? gw_values_get (self->values, node, output) : NULL;
  const GwTensorStats *stats = value != NULL ? &value->stats : NULL;
  char number[GW_NUMBER_TEXT_SIZE];
  g_autofree char *text = NULL, *mode = g_strdup (value != NULL ? value->mode : NULL);

  for (int i = 0; value == NULL && output == 0 && i < gw_run_get_n_watches (self->run); i++)
    {
      const GwWatchResult *result = gw_run_get_watched (self->run, i)->result;

      if (gw_run_get_watch (self->run, i)->node != node || result == NULL || result->kind == GW_WATCH_SCALAR)
        continue;
      stats = &result->stats;
      g_free (mode);
      mode = g_strdup_printf ("train, step %s", gw_number_text_count (number, result->step));
    }
  text = stats != NULL ? gw_value_describe (stats, mode) : NULL;
  return text != NULL ? g_markup_printf_escaped (value != NULL && value->stale ? "%s (stale)" : "%s", text) : NULL;
}

static void
selection_changed (GwCanvasModel *model,
                   const guint64 *ids,
                   gsize          n_ids)
{
  GwCanvasAdapter *self = GW_CANVAS_ADAPTER (model);

  g_array_set_size (self->selection, 0);
  g_array_append_vals (self->selection, ids, (guint) n_ids);
  g_signal_emit (self, gw_canvas_adapter_signals[GW_ADAPTER_SELECTION], 0);
}

void
gw_canvas_adapter_iface_init (GwCanvasModelInterface *iface)
{
  iface->get_scene = get_scene;
  iface->move = move;
  iface->can_connect = can_connect;
  iface->connect = connect;
  iface->disconnect = disconnect;
  iface->remove = remove_items;
  iface->rename = rename_node;
  iface->set_literal = set_literal;
  iface->insert_on_wire = insert_on_wire;
  iface->drop_op = drop_op;
  iface->add_reroute = add_reroute;
  iface->paint_device = gw_canvas_adapter_paint_device;
  iface->apply_fix = apply_fix;
  iface->begin_edit = begin_edit;
  iface->end_edit = end_edit;
  iface->cancel_edit = cancel_edit;
  iface->request_search = request_search;
  iface->context_menu = context_menu;
  iface->command = command;
  iface->tooltip = tooltip;
  iface->selection_changed = selection_changed;
}
