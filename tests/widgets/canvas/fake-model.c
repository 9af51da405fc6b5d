/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/widgets/canvas/fake-model.h"

#include <string.h>

struct _FakeModel
{
  GObject parent_instance;
  GwScene *scene;
  GString *log;
  guint64 next_id;
  double total_x, total_y;      /* of the move that is under way */
  GArray *moved;                /* of guint64: what it moves */
};

static void fake_model_iface_init (GwCanvasModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FakeModel, fake_model, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GW_TYPE_CANVAS_MODEL, fake_model_iface_init))

static void G_GNUC_PRINTF (2, 3)
record (FakeModel  *self,
        const char *format,
        ...)
{
  va_list args;

  va_start (args, format);
  g_string_append_vprintf (self->log, format, args);
  va_end (args);
  g_string_append_c (self->log, '\n');
}

static const GwScene *
get_scene (GwCanvasModel *model)
{
  return FAKE_MODEL (model)->scene;
}

static int
compare_ids (gconstpointer a,
             gconstpointer b)
{
  guint64 first = *(const guint64 *) a, second = *(const guint64 *) b;

  return (first > second) - (first < second);
}

/* "3 5 9", in order of size. */
static char *
ids_text (const guint64 *ids,
          gsize          n_ids)
{
  g_autofree guint64 *sorted = g_memdup2 (ids, MAX (n_ids, 1) * sizeof *ids);
  GString *text = g_string_new (NULL);

  if (n_ids > 0)
    qsort (sorted, n_ids, sizeof *sorted, compare_ids);
  for (gsize i = 0; i < n_ids; i++)
    g_string_append_printf (text, "%s%" G_GUINT64_FORMAT, i > 0 ? " " : "", sorted[i]);
  return g_string_free (text, FALSE);
}

static void
shift (FakeModel     *self,
       const guint64 *ids,
       gsize          n_ids,
       double         dx,
       double         dy)
{
  for (gsize i = 0; i < n_ids; i++)
    {
      GwSceneNode *node = gw_scene_get_node (self->scene, ids[i]);
      GwSceneFrame *frame = gw_scene_get_frame (self->scene, ids[i]);

      if (node != NULL)
        {
          node->x += dx;
          node->y += dy;
        }
      if (frame != NULL)
        {
          frame->x += dx;
          frame->y += dy;
        }
    }
  gw_canvas_model_moved (GW_CANVAS_MODEL (self), ids, n_ids);
}

static void
move (GwCanvasModel *model,
      const guint64 *ids,
      gsize          n_ids,
      double         dx,
      double         dy,
      gboolean       final)
{
  FakeModel *self = FAKE_MODEL (model);
  g_autofree char *text = ids_text (ids, n_ids);

  shift (self, ids, n_ids, dx, dy);
  self->total_x += dx;
  self->total_y += dy;
  g_array_set_size (self->moved, 0);
  g_array_append_vals (self->moved, ids, (guint) n_ids);
  if (!final)
    return;
  record (self, "move %s by %g %g", text, self->total_x, self->total_y);
  self->total_x = self->total_y = 0;
}

static char *
can_connect (GwCanvasModel *model,
             guint64        from,
             int            output,
             guint64        to,
             int            input)
{
  FakeModel *self = FAKE_MODEL (model);
  GwSceneNode *source = gw_scene_get_node (self->scene, from);
  GwSceneNode *target = gw_scene_get_node (self->scene, to);

  if (output < 0 || input < 0)
    return NULL;
  if (source->outputs[output].element == target->inputs[input].element)
    return NULL;
  return g_strdup_printf ("%s wants %s, not %s", target->inputs[input].name,
                          gw_canvas_element_name (target->inputs[input].element),
                          gw_canvas_element_name (source->outputs[output].element));
}

static void
drop_wire (FakeModel   *self,
           GwSceneWire *wire)
{
  GwSceneNode *target = gw_scene_get_node (self->scene, wire->to);
  guint64 ids[] = { wire->id, wire->to };

  if (target != NULL && wire->to_port >= 0)
    target->inputs[wire->to_port].connected = FALSE;
  gw_scene_remove (self->scene, ids[0]);
  gw_canvas_model_changed (GW_CANVAS_MODEL (self), ids, 2);
}

static GwSceneWire *
wire_into (FakeModel *self,
           guint64    to,
           int        input)
{
  const GPtrArray *wires = gw_scene_wires (self->scene);

  for (guint i = 0; i < wires->len; i++)
    {
      GwSceneWire *wire = g_ptr_array_index (wires, i);

      if (wire->to == to && wire->to_port == input)
        return wire;
    }
  return NULL;
}

static void
connect_ports (GwCanvasModel *model,
               guint64        from,
               int            output,
               guint64        to,
               int            input)
{
  FakeModel *self = FAKE_MODEL (model);
  GwSceneWire *wire, *old = wire_into (self, to, input);
  guint64 ids[] = { ++self->next_id, from, to };

  record (self, "connect %" G_GUINT64_FORMAT ":%d %" G_GUINT64_FORMAT ":%d", from, output, to,
          input);
  if (old != NULL)
    drop_wire (self, old);
  wire = gw_scene_wire_new (ids[0], from, output, to, input);
  wire->element = gw_scene_get_node (self->scene, from)->outputs[output].element;
  gw_scene_add_wire (self->scene, wire);
  gw_scene_get_node (self->scene, to)->inputs[input].connected = TRUE;
  gw_scene_get_node (self->scene, from)->outputs[output].connected = TRUE;
  gw_canvas_model_changed (model, ids, 3);
}

static void
disconnect (GwCanvasModel *model,
            guint64        wire)
{
  FakeModel *self = FAKE_MODEL (model);

  record (self, "disconnect %" G_GUINT64_FORMAT, wire);
  drop_wire (self, gw_scene_get_wire (self->scene, wire));
}

static void
remove_items (GwCanvasModel *model,
              const guint64 *ids,
              gsize          n_ids,
              gboolean       reconnect)
{
  FakeModel *self = FAKE_MODEL (model);
  g_autofree char *text = ids_text (ids, n_ids);
  g_autofree guint64 *copy = g_memdup2 (ids, n_ids * sizeof *ids);

  record (self, "remove %s%s", text, reconnect ? " reconnect" : "");
  for (gsize i = 0; i < n_ids; i++)
    {
      const GPtrArray *wires = gw_scene_wires (self->scene);

      for (guint j = wires->len; j > 0; j--)
        {
          GwSceneWire *wire = g_ptr_array_index (wires, j - 1);

          if (wire->from == copy[i] || wire->to == copy[i])
            drop_wire (self, wire);
        }
      gw_scene_remove (self->scene, copy[i]);
    }
  gw_canvas_model_changed (model, copy, n_ids);
}

static char *
rename_item (GwCanvasModel *model,
             guint64        id,
             const char    *name)
{
  FakeModel *self = FAKE_MODEL (model);

  record (self, "rename %" G_GUINT64_FORMAT " %s", id, name);
  if (strchr (name, ' ') != NULL)
    return g_strdup ("A name has no spaces");
  if (gw_scene_get_node (self->scene, id) != NULL)
    gw_scene_set_string (&gw_scene_get_node (self->scene, id)->name, name);
  gw_canvas_model_changed (model, &id, 1);
  return NULL;
}

static char *
set_literal (GwCanvasModel *model,
             guint64        node,
             int            input,
             const char    *text)
{
  FakeModel *self = FAKE_MODEL (model);

  record (self, "literal %" G_GUINT64_FORMAT ":%d %s", node, input, text);
  gw_scene_set_string (&gw_scene_get_node (self->scene, node)->inputs[input].literal, text);
  gw_canvas_model_changed (model, &node, 1);
  return NULL;
}

static void
insert_on_wire (GwCanvasModel *model,
                guint64        node,
                guint64        wire)
{
  record (FAKE_MODEL (model), "insert %" G_GUINT64_FORMAT " on %" G_GUINT64_FORMAT, node, wire);
}

static void
add_reroute (GwCanvasModel *model,
             guint64        wire,
             double         x,
             double         y)
{
  record (FAKE_MODEL (model), "reroute %" G_GUINT64_FORMAT, wire);
}

static void
drop_op (GwCanvasModel *model,
         const char    *op,
         double         x,
         double         y,
         guint64        wire)
{
  record (FAKE_MODEL (model), "drop %s at %.0f %.0f on %" G_GUINT64_FORMAT, op, x, y, wire);
}

static void
apply_fix (GwCanvasModel *model,
           guint64        node,
           guint          fix)
{
  record (FAKE_MODEL (model), "fix %" G_GUINT64_FORMAT ":%u", node, fix);
}

static void
begin_edit (GwCanvasModel *model,
            const char    *label)
{
  record (FAKE_MODEL (model), "begin %s", label);
}

static void
end_edit (GwCanvasModel *model)
{
  record (FAKE_MODEL (model), "end");
}

/* Only moves are taken back here. */
static void
cancel_edit (GwCanvasModel *model)
{
  FakeModel *self = FAKE_MODEL (model);

  if (self->moved->len > 0)
    shift (self, (const guint64 *) (gpointer) self->moved->data, self->moved->len, -self->total_x,
           -self->total_y);
  self->total_x = self->total_y = 0;
  record (self, "cancel");
}

static void
activate (GwCanvasModel *model,
          guint64        id)
{
  record (FAKE_MODEL (model), "activate %" G_GUINT64_FORMAT, id);
}

static void
leave (GwCanvasModel *model)
{
  record (FAKE_MODEL (model), "leave");
}

static void
request_search (GwCanvasModel      *model,
                double              x,
                double              y,
                const GwCanvasPort *port,
                const char         *text)
{
  FakeModel *self = FAKE_MODEL (model);

  if (port->node != 0)
    record (self, "search at %.0f %.0f for %s %" G_GUINT64_FORMAT ":%d", x, y,
            port->is_output ? "output" : "input", port->node, port->port);
  else
    record (self, "search at %.0f %.0f text '%s'", x, y, text);
}

static void
context_menu (GwCanvasModel *model,
              guint64        id,
              double         x,
              double         y)
{
  record (FAKE_MODEL (model), "menu %" G_GUINT64_FORMAT, id);
}

static gboolean
command (GwCanvasModel *model,
         const char    *name)
{
  record (FAKE_MODEL (model), "command %s", name);
  return TRUE;
}

static void
selection_changed (GwCanvasModel *model,
                   const guint64 *ids,
                   gsize          n_ids)
{
  g_autofree char *text = ids_text (ids, n_ids);

  record (FAKE_MODEL (model), "selection %s", text);
}

static void
fake_model_iface_init (GwCanvasModelInterface *iface)
{
  iface->get_scene = get_scene;
  iface->move = move;
  iface->can_connect = can_connect;
  iface->connect = connect_ports;
  iface->disconnect = disconnect;
  iface->remove = remove_items;
  iface->rename = rename_item;
  iface->set_literal = set_literal;
  iface->insert_on_wire = insert_on_wire;
  iface->add_reroute = add_reroute;
  iface->drop_op = drop_op;
  iface->apply_fix = apply_fix;
  iface->begin_edit = begin_edit;
  iface->end_edit = end_edit;
  iface->cancel_edit = cancel_edit;
  iface->activate = activate;
  iface->leave = leave;
  iface->request_search = request_search;
  iface->context_menu = context_menu;
  iface->command = command;
  iface->selection_changed = selection_changed;
}

static void
fake_model_finalize (GObject *object)
{
  FakeModel *self = FAKE_MODEL (object);

  gw_scene_free (self->scene);
  g_string_free (self->log, TRUE);
  g_array_unref (self->moved);
  G_OBJECT_CLASS (fake_model_parent_class)->finalize (object);
}

static void
fake_model_class_init (FakeModelClass *class)
{
  G_OBJECT_CLASS (class)->finalize = fake_model_finalize;
}

static void
fake_model_init (FakeModel *self)
{
  self->log = g_string_new (NULL);
  self->moved = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->next_id = 1000000000;
}

FakeModel *
fake_model_new (GwScene *scene)
{
  FakeModel *self = g_object_new (FAKE_TYPE_MODEL, NULL);

  self->scene = scene;
  return self;
}

GwScene *
fake_model_scene (FakeModel *self)
{
  return self->scene;
}

const char *
fake_model_log (FakeModel *self)
{
  return self->log->str;
}

void
fake_model_clear (FakeModel *self)
{
  g_string_truncate (self->log, 0);
}
