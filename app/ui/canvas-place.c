/* SPDX-License-Identifier: Apache-2.0 */
/* Which canvas of the document is shown: the main one, that of a group, or the inside of a
 * composite; and what stands at its border. */
#include "app/ui/canvas-adapter-private.h"

#include "app/model/arrange.h"
#include "app/scene/inside.h"
#include "widgets/paint/canvas/metrics.h"

#include <string.h>

/* Stubs keep this far from the nodes, and from each other. */
#define STUB_GAP 96
#define STUB_WIDTH 168
#define STUB_ROW 88

static gpointer
id_key (guint64 id)
{
  return GSIZE_TO_POINTER ((gsize) id);
}

static GwDocument *
document_of (GwCanvasAdapter *self)
{
  return gw_doc_model_get_document (self->model);
}

/* A node that is a composite by its op: what it becomes can be looked at. */
static gboolean
has_inside (const GwDocNode *node)
{
  const GwOpDef *op = node != NULL ? gw_registry_find (node->op) : NULL;

  return op != NULL && op->expand != NULL;
}

gboolean
gw_canvas_adapter_is_inside (GwCanvasAdapter *self)
{
  return self->place != 0 && gw_document_node (document_of (self), self->place) != NULL;
}

gboolean
gw_canvas_adapter_check_place (GwCanvasAdapter *self)
{
  if (self->place == 0 || gw_document_group (document_of (self), self->place) != NULL ||
      has_inside (gw_document_node (document_of (self), self->place)))
    return TRUE;
  gw_canvas_adapter_set_place (self, 0);
  return FALSE;
}

int64_t
gw_canvas_adapter_get_place (GwCanvasAdapter *self)
{
  return self->place;
}

void
gw_canvas_adapter_set_place (GwCanvasAdapter *self,
                             int64_t          place)
{
  if (place == self->place)
    return;
  g_signal_emit (self, gw_canvas_adapter_signals[GW_ADAPTER_LEAVING], 0);
  gw_canvas_adapter_clear_scene (self);
  self->place = place;
  gw_canvas_adapter_sync_all (self);
  gw_canvas_adapter_end_reset (self);
  g_signal_emit (self, gw_canvas_adapter_signals[GW_ADAPTER_PLACE], 0);
}

GArray *
gw_canvas_adapter_called (GwCanvasAdapter *self,
                          int64_t          id)
{
  const GwDocNode *node = gw_document_node (document_of (self), id);
  GArray *called = g_array_new (FALSE, FALSE, sizeof (int64_t));
  int64_t own = gw_document_own_composite (document_of (self), id);

  for (guint i = 0; node != NULL && i < node->attrs->len; i++)
    {
      const GwAttrValue *value = &g_array_index (node->attrs, GwNamedAttr, i).value;
      int n_names;
      char *const *names = gw_attr_func_names (value, &n_names);

      for (int k = 0; k < n_names; k++)
        {
          int64_t group = names[k] != NULL ? gw_document_find_group (document_of (self), names[k]) : 0;

          if (group != 0)
            g_array_append_val (called, group);
        }
    }
  if (own != 0)
    g_array_append_val (called, own);
  return called;
}

/* Number of the innermost caller of a group; -1 = none. */
static int
find_caller (GwCanvasAdapter *self,
             int64_t          group)
{
  for (int i = (int) self->callers->len - 1; i >= 0; i--)
    {
      g_autoptr (GArray) called = gw_canvas_adapter_called (self, g_array_index (self->callers, int64_t, i));

      for (guint k = 0; k < called->len; k++)
        if (g_array_index (called, int64_t, k) == group)
          return i;
    }
  return -1;
}

int64_t
gw_canvas_adapter_find_caller (GwCanvasAdapter *self,
                               int64_t          group)
{
  int i = find_caller (self, group);

  return i >= 0 ? g_array_index (self->callers, int64_t, i) : 0;
}

/* The sub-graph that an item is in, whatever scopes are between; 0 = the main graph. */
static int64_t
sub_graph_of (const GwDocument *document,
              int64_t           id)
{
  do
    id = gw_document_owner (document, id);
  while (id != 0 && gw_document_group (document, id)->kind == GW_GROUP_SCOPE);
  return id;
}

void
gw_canvas_adapter_enter_called (GwCanvasAdapter *self,
                                int64_t          caller,
                                int64_t          group)
{
  int64_t around = sub_graph_of (document_of (self), caller);

  if (gw_document_group (document_of (self), group) == NULL)
    return;
  /* Callers that led elsewhere are forgotten. */
  g_array_set_size (self->callers, around != 0 ? (guint) (find_caller (self, around) + 1) : 0);
  g_array_append_val (self->callers, caller);
  self->caller = caller;
  gw_canvas_adapter_set_place (self, group);
}

int64_t
gw_canvas_adapter_get_caller (GwCanvasAdapter *self)
{
  return self->caller;
}

gboolean
gw_canvas_adapter_enter (GwCanvasAdapter *self,
                         int64_t          id)
{
  GwDocument *document = document_of (self);
  const GwDocNode *node = gw_document_node (document, id);
  g_autoptr (GArray) called = gw_canvas_adapter_called (self, id);

  if (called->len > 0)
    {
      gw_canvas_adapter_enter_called (self, id, g_array_index (called, int64_t, 0));
      return TRUE;
    }
  if (gw_document_group (document, id) == NULL && !has_inside (node))
    return FALSE;
  gw_canvas_adapter_set_place (self, id);
  return TRUE;
}

/* A sub-graph is left to where it was entered from; one that calls itself, until another did. */
static int64_t
place_around (GwCanvasAdapter *self)
{
  const GwDocGroup *group = gw_document_group (document_of (self), self->place);
  int64_t around = self->place;

  if (group == NULL || group->kind == GW_GROUP_SCOPE)
    return gw_document_owner (document_of (self), self->place);
  while (around == self->place)
    {
      int i = find_caller (self, self->place);

      self->caller = i >= 0 ? g_array_index (self->callers, int64_t, i) : 0;
      g_array_set_size (self->callers, (guint) MAX (i, 0));
      around = gw_document_owner (document_of (self), self->caller);
    }
  return around;
}

int64_t
gw_canvas_adapter_leave (GwCanvasAdapter *self)
{
  int64_t left = self->place;

  if (left != 0)
    gw_canvas_adapter_set_place (self, place_around (self));
  return left;
}

void
gw_canvas_adapter_show_item (GwCanvasAdapter *self,
                             int64_t          id)
{
  if (gw_document_item (document_of (self), id) != NULL)
    gw_canvas_adapter_set_place (self, gw_document_owner (document_of (self), id));
}

/* ---- stubs ---- */

static void
stub_free (gpointer data)
{
  GwStub *stub = data;

  g_array_unref (stub->ports);
  g_free (stub);
}

GHashTable *
gw_canvas_adapter_stubs_new (void)
{
  return g_hash_table_new_full (NULL, NULL, NULL, stub_free);
}

static void
add_stub_port (GwCanvasAdapter *self,
               guint64          id,
               int              port)
{
  GwStub *stub = g_hash_table_lookup (self->stubs, id_key (id));

  if (stub == NULL)
    {
      stub = g_new0 (GwStub, 1);
      stub->ports = g_array_new (FALSE, FALSE, sizeof (int));
      g_hash_table_insert (self->stubs, id_key (id), stub);
    }
  for (guint i = 0; i < stub->ports->len; i++)
    if (g_array_index (stub->ports, int, i) == port)
      return;
  g_array_append_val (stub->ports, port);
}

int
gw_canvas_adapter_stub_port (GwCanvasAdapter *self,
                             guint64          id,
                             int              output)
{
  const GwStub *stub = g_hash_table_lookup (self->stubs, id_key (id));

  for (guint i = 0; stub != NULL && i < stub->ports->len; i++)
    if (g_array_index (stub->ports, int, i) == output)
      return (int) i;
  return -1;
}

/* Inputs of what lies outside that are wired to the output. */
static void
add_takers (GwCanvasAdapter     *self,
            const GwSceneSource *source,
            const GwPlaceEnd    *end)
{
  int n;
  const int64_t *users = gw_live_users (source->live, end->node, &n);

  for (int i = 0; i < n; i++)
    {
      const GwDocNode *user = gw_document_node (source->document, users[i]);

      if (user == NULL || gw_document_is_inside (source->document, users[i], self->place))
        continue;
      for (guint k = 0; k < user->inputs->len; k++)
        {
          const GwDocInput *input = &g_array_index (user->inputs, GwDocInput, k);
          int port = input->from == end->node && input->output == end->port ? gw_scene_find_input (source->document, user, input->port, input->index) : -1;

          if (port >= 0)
            add_stub_port (self, GW_STUB_OUT | (guint64) users[i], port);
        }
    }
}

typedef struct {
  double x0, y0, x1;
} Middle;

static Middle
extent_of (const GwDocument *document,
           int64_t           place)
{
  g_autoptr (GArray) nodes = gw_document_members (document, place, GW_ITEM_NODE);
  g_autoptr (GArray) groups = gw_document_members (document, place, GW_ITEM_GROUP);
  Middle extent = { G_MAXDOUBLE, G_MAXDOUBLE, -G_MAXDOUBLE };

  g_array_append_vals (nodes, groups->data, groups->len);
  for (guint i = 0; i < nodes->len; i++)
    {
      const GwItem *item = gw_document_item (document, g_array_index (nodes, int64_t, i));
      double x = item->kind == GW_ITEM_NODE ? item->node.x : item->group.x;
      double y = item->kind == GW_ITEM_NODE ? item->node.y : item->group.y;

      extent.x0 = MIN (extent.x0, x);
      extent.y0 = MIN (extent.y0, y);
      extent.x1 = MAX (extent.x1, x);
    }
  return extent;
}

static gint
compare_keys (gconstpointer a,
              gconstpointer b)
{
  return (GPOINTER_TO_SIZE (a) > GPOINTER_TO_SIZE (b)) - (GPOINTER_TO_SIZE (a) < GPOINTER_TO_SIZE (b));
}

/* What is taken stands to the left of everything, what takes to the right. */
static void
put_stubs (GwCanvasAdapter *self)
{
  g_autoptr (GList) ids = g_list_sort (g_hash_table_get_keys (self->stubs), compare_keys);
  Middle extent = extent_of (document_of (self), self->place);
  double y_in = extent.y0, y_out = extent.y0;

  for (GList *l = ids; l != NULL; l = l->next)
    {
      GwStub *stub = g_hash_table_lookup (self->stubs, l->data);
      gboolean gives = (GPOINTER_TO_SIZE (l->data) & GW_STUB_IN) != 0;
      double *y = gives ? &y_in : &y_out;

      stub->x = gives ? extent.x0 - STUB_GAP - STUB_WIDTH : extent.x1 + STUB_WIDTH + STUB_GAP;
      stub->y = *y;
      *y += STUB_ROW + GW_CANVAS_ROW * (double) (stub->ports->len - 1);
    }
}

void
gw_canvas_adapter_gather_stubs (GwCanvasAdapter     *self,
                                const GwSceneSource *source)
{
  const GwDocGroup *group = gw_document_group (source->document, self->place);
  g_autoptr (GwScopePorts) ports = NULL;

  g_hash_table_remove_all (self->stubs);
  if (group == NULL || group->kind != GW_GROUP_SCOPE)
    return;
  ports = gw_scope_ports_new (source, self->place);
  for (guint i = 0; i < ports->inputs->len; i++)
    {
      const GwPlaceEnd *from = &g_array_index (ports->inputs, GwScopeInput, i).from;

      if (from->node != 0)
        add_stub_port (self, GW_STUB_IN | (guint64) from->node, from->port);
    }
  for (guint i = 0; i < ports->outputs->len; i++)
    add_takers (self, source, &g_array_index (ports->outputs, GwPlaceEnd, i));
  put_stubs (self);
}

/* ---- the inside of a composite ---- */

static void
add_link (GwArrangement     *arrangement,
          GHashTable        *places,
          const GwSceneWire *wire)
{
  GwArrangeLink link = { GPOINTER_TO_INT (g_hash_table_lookup (places, id_key (wire->from))),
                         GPOINTER_TO_INT (g_hash_table_lookup (places, id_key (wire->to))),
                         MAX (wire->from_port, 0), MAX (wire->to_port, 0), 0, 0 };

  link.from_y = GW_CANVAS_HEADER + GW_CANVAS_ROW * (link.from_port + 0.5);
  link.to_y = GW_CANVAS_HEADER + GW_CANVAS_ROW * (link.to_port + 0.5);
  g_array_append_val (arrangement->links, link);
}

/* Readably, along the wires. */
static void
lay_out (GwScene *scene)
{
  g_autoptr (GwArrangement) arrangement = gw_arrangement_new ();
  g_autoptr (GHashTable) places = g_hash_table_new (NULL, NULL);
  const GPtrArray *nodes = gw_scene_nodes (scene);
  const GPtrArray *wires = gw_scene_wires (scene);

  for (guint i = 0; i < nodes->len; i++)
    {
      const GwSceneNode *node = g_ptr_array_index (nodes, i);
      glong text = MAX (g_utf8_strlen (node->name, -1), g_utf8_strlen (node->op, -1));
      GwArrangeBox box = { (int64_t) node->id, 0, 0, CLAMP (48 + 7.0 * (double) text, 128, 248),
                           GW_CANVAS_HEADER + GW_CANVAS_ROW * MAX (node->n_inputs, node->n_outputs) + 6 };

      g_hash_table_insert (places, id_key (node->id), GINT_TO_POINTER ((int) i));
      g_array_append_val (arrangement->boxes, box);
    }
  for (guint i = 0; i < wires->len; i++)
    add_link (arrangement, places, g_ptr_array_index (wires, i));
  gw_arrangement_layers (arrangement);
  for (guint i = 0; i < nodes->len; i++)
    {
      GwSceneNode *node = g_ptr_array_index (nodes, i);

      node->x = g_array_index (arrangement->boxes, GwArrangeBox, i).x;
      node->y = g_array_index (arrangement->boxes, GwArrangeBox, i).y;
    }
}

void
gw_canvas_adapter_show_inside (GwCanvasAdapter *self)
{
  GwLive *live = gw_doc_model_settle (self->model);
  const char *name = gw_document_node (document_of (self), self->place)->name;
  g_autofree char *prefix = g_strconcat (name, "/", NULL);
  GwLowered *lowered = gw_live_inside (live, self->place);

  gw_canvas_adapter_clear_scene (self);
  gw_scene_fill_inside (self->scene, lowered, prefix);
  gw_canvas_adapter_blame_op (self);
  lay_out (self->scene);
  gw_lowered_unref (lowered);
  gw_canvas_adapter_end_reset (self);
}
