/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/arrange.h"

#include <math.h>

/* dot takes about a second for this many, and a minute for a few times as many. */
#define DOT_BOXES 1000
#define DOT_LINKS 3000

GwArrangement *
gw_arrangement_new (void)
{
  GwArrangement *self = g_new0 (GwArrangement, 1);

  self->boxes = g_array_new (FALSE, FALSE, sizeof (GwArrangeBox));
  self->links = g_array_new (FALSE, FALSE, sizeof (GwArrangeLink));
  self->obstacles = g_array_new (FALSE, FALSE, sizeof (GwArrangeBox));
  return self;
}

void
gw_arrangement_free (GwArrangement *self)
{
  g_array_unref (self->boxes);
  g_array_unref (self->links);
  g_array_unref (self->obstacles);
  g_free (self);
}

/* ---- obstacles ---- */

#define CLEARANCE 24.0  /* px between a box and an obstacle */
#define GRID 8.0

static gint
compare_tops (gconstpointer a,
              gconstpointer b)
{
  const GwArrangeBox *first = *(GwArrangeBox *const *) a, *second = *(GwArrangeBox *const *) b;

  return first->y != second->y ? (first->y > second->y) - (first->y < second->y)
                               : (first->id > second->id) - (first->id < second->id);
}

/* The lowest edge among those in `array` that the box is too near to; −∞ = it is clear. */
static double
edge_in_the_way (const GArray       *array,
                 const GwArrangeBox *box)
{
  double edge = -INFINITY;

  for (guint i = 0; i < array->len; i++)
    {
      const GwArrangeBox *other = &g_array_index (array, GwArrangeBox, i);

      if (box->x < other->x + other->width + CLEARANCE && other->x < box->x + box->width + CLEARANCE &&
          box->y < other->y + other->height + CLEARANCE && other->y < box->y + box->height + CLEARANCE)
        edge = MAX (edge, other->y + other->height);
    }
  return edge;
}

void
gw_arrangement_avoid (GwArrangement *self)
{
  g_autoptr (GPtrArray) order = g_ptr_array_new ();
  g_autoptr (GArray) taken = g_array_copy (self->obstacles);

  if (self->obstacles->len == 0)
    return;
  for (guint i = 0; i < self->boxes->len; i++)
    g_ptr_array_add (order, &g_array_index (self->boxes, GwArrangeBox, i));
  g_ptr_array_sort (order, compare_tops);
  for (guint i = 0; i < order->len && !g_cancellable_is_cancelled (self->cancellable); i++)
    {
      GwArrangeBox *box = g_ptr_array_index (order, i);
      double top = box->y;

      for (double edge; (edge = edge_in_the_way (taken, box)) > -INFINITY;)
        box->y = GRID * ceil ((edge + CLEARANCE) / GRID);
      if (box->y != top) /* what came after it in its column must give way in turn */
        g_array_append_val (taken, *box);
    }
}

/* ---- in a thread ---- */

static void
run_thread (GTask        *task,
            gpointer      source,
            gpointer      data,
            GCancellable *cancellable)
{
  GwArrangement *self = data;
  gboolean done = FALSE;

  if (self->boxes->len <= DOT_BOXES && self->links->len <= DOT_LINKS)
    done = gw_arrangement_dot (self, cancellable, NULL);
  if (g_task_return_error_if_cancelled (task))
    return;
  done = done || gw_arrangement_layers (self);
  if (done)
    gw_arrangement_avoid (self);
  g_task_return_boolean (task, done);
}

void
gw_arrangement_run_async (GwArrangement      *self,
                          GCancellable       *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer            data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);

  self->cancellable = cancellable;
  g_task_set_task_data (task, self, NULL);
  g_task_run_in_thread (task, run_thread);
}

gboolean
gw_arrangement_run_finish (GAsyncResult *result,
                           GError      **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* ---- documents ---- */

GwEdit *
gw_arrangement_edit (const GwArrangement *self,
                     const GwDocument    *document)
{
  GwEdit *edit = gw_edit_new ("Lay out");

  for (guint i = 0; i < self->boxes->len; i++)
    {
      const GwArrangeBox *box = &g_array_index (self->boxes, GwArrangeBox, i);
      GwItem *item = gw_edit_take (edit, document, box->id);

      if (item != NULL && item->kind == GW_ITEM_NODE)
        {
          item->node.x = box->x;
          item->node.y = box->y;
        }
      else if (item != NULL && item->kind == GW_ITEM_GROUP)
        {
          item->group.x = box->x;
          item->group.y = box->y;
        }
      if (item != NULL)
        gw_edit_put (edit, document, item);
    }
  return edit;
}

static void
add_box (GwArrangement    *self,
         GHashTable       *places,
         const GwDocument *document,
         int64_t           id,
         GwNodeSize        size,
         gpointer          data)
{
  const GwDocNode *node = gw_document_node (document, id);
  GwArrangeBox box = { .id = id };

  if (node == NULL)
    return;
  box.x = node->x;
  box.y = node->y;
  size (id, &box.width, &box.height, data);
  if ((node->flags & GW_DOC_LOCKED) != 0)
    {
      g_array_append_val (self->obstacles, box);
      return;
    }
  g_array_append_val (self->boxes, box);
  g_hash_table_insert (places, GSIZE_TO_POINTER ((gsize) id), GUINT_TO_POINTER (self->boxes->len));
}

static void
add_links (GwArrangement    *self,
           GHashTable       *places,
           const GwDocument *document,
           int               to)
{
  const GwArrangeBox *box = &g_array_index (self->boxes, GwArrangeBox, to);
  const GArray *inputs = gw_document_node (document, box->id)->inputs;

  for (guint i = 0; i < inputs->len; i++)
    {
      const GwDocInput *input = &g_array_index (inputs, GwDocInput, i);
      guint place = GPOINTER_TO_UINT (g_hash_table_lookup (places, GSIZE_TO_POINTER ((gsize) input->from)));
      GwArrangeLink link = { (int) place - 1, to, input->output, (int) i, 0, box->height * (i + 1) / (inputs->len + 1) };

      if (place == 0)
        continue;
      link.from_y = g_array_index (self->boxes, GwArrangeBox, place - 1).height / 2;
      g_array_append_val (self->links, link);
    }
}

GwEdit *
gw_edit_arrange (const GwDocument *document,
                 const int64_t    *ids,
                 int               n,
                 GwNodeSize        size,
                 gpointer          data)
{
  g_autoptr (GwArrangement) self = gw_arrangement_new ();
  g_autoptr (GHashTable) places = g_hash_table_new (NULL, NULL);

  if (n == 0)
    ids = gw_document_ids (document, GW_ITEM_NODE, &n);
  for (int i = 0; i < n; i++)
    add_box (self, places, document, ids[i], size, data);
  self->left = self->top = self->boxes->len > 0 ? INFINITY : 0;
  for (guint i = 0; i < self->boxes->len; i++)
    {
      self->left = MIN (self->left, g_array_index (self->boxes, GwArrangeBox, i).x);
      self->top = MIN (self->top, g_array_index (self->boxes, GwArrangeBox, i).y);
      add_links (self, places, document, (int) i);
    }
  if (gw_arrangement_layers (self))
    gw_arrangement_avoid (self);
  return gw_arrangement_edit (self, document);
}
