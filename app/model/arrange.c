/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/arrange.h"

#include <math.h>

#define COLUMN_GAP 72.0
#define ROW_GAP 56.0
#define GRID 8.0

typedef struct {
  int64_t id;
  int     layer;
  double  order;    /* place in its column; mean of those before */
  double  x, y, width, height;
} Box;

typedef struct {
  const GwDocument *document;
  GArray           *boxes;   /* of Box */
  GHashTable       *index;   /* id → place in boxes, + 1 */
} Arrangement;

static Box *
box_of (Arrangement *self,
        int64_t      id)
{
  gpointer place = g_hash_table_lookup (self->index, &id);

  return place != NULL ? &g_array_index (self->boxes, Box, GPOINTER_TO_UINT (place) - 1) : NULL;
}

/* Longest path from a source, bounded against cycles. */
static int
find_layer (Arrangement *self,
            Box         *box,
            guint        depth)
{
  const GwDocNode *node = gw_document_node (self->document, box->id);
  int layer = 0;

  if (box->layer >= 0 || depth > self->boxes->len)
    return MAX (box->layer, 0);
  for (guint i = 0; i < node->inputs->len; i++)
    {
      Box *from = box_of (self, g_array_index (node->inputs, GwDocInput, i).from);

      if (from != NULL && from != box)
        layer = MAX (layer, find_layer (self, from, depth + 1) + 1);
    }
  box->layer = layer;
  return layer;
}

/* Sources stand just before the first that uses them, not all in column 0. */
static void
pull_sources (Arrangement *self)
{
  for (guint i = 0; i < self->boxes->len; i++)
    {
      Box *box = &g_array_index (self->boxes, Box, i);
      int first = G_MAXINT;

      if (box->layer > 0)
        continue;
      for (guint k = 0; k < self->boxes->len; k++)
        {
          Box *user = &g_array_index (self->boxes, Box, k);
          const GArray *inputs = gw_document_node (self->document, user->id)->inputs;

          for (guint p = 0; p < inputs->len; p++)
            if (g_array_index (inputs, GwDocInput, p).from == box->id)
              first = MIN (first, user->layer);
        }
      if (first != G_MAXINT && first > 0)
        box->layer = first - 1;
    }
}

static double
mean_of_inputs (Arrangement *self,
                const Box   *box)
{
  const GArray *inputs = gw_document_node (self->document, box->id)->inputs;
  double sum = 0;
  int n = 0;

  for (guint i = 0; i < inputs->len; i++)
    {
      const Box *from = box_of (self, g_array_index (inputs, GwDocInput, i).from);

      if (from != NULL)
        {
          sum += from->y + from->height / 2;
          n++;
        }
    }
  return n > 0 ? sum / n : box->y;
}

static gint
compare_boxes (gconstpointer a,
               gconstpointer b)
{
  const Box *x = *(Box *const *) a, *y = *(Box *const *) b;

  return x->order < y->order ? -1 : x->order > y->order ? 1 : x->id < y->id ? -1 : 1;
}

static double
to_grid (double value)
{
  return GRID * ceil (value / GRID);
}

/* Places column after column; a row of columns ends before max_width. */
static void
place_columns (Arrangement *self,
               double       x0,
               double       y0,
               double       max_width)
{
  double x = x0, y = y0, bottom = y0;
  int last = 0;

  for (guint i = 0; i < self->boxes->len; i++)
    last = MAX (last, g_array_index (self->boxes, Box, i).layer);
  for (int layer = 0; layer <= last; layer++)
    {
      g_autoptr (GPtrArray) column = g_ptr_array_new ();
      double width = 0, row = y;

      for (guint i = 0; i < self->boxes->len; i++)
        {
          Box *box = &g_array_index (self->boxes, Box, i);

          if (box->layer != layer)
            continue;
          box->order = mean_of_inputs (self, box);
          width = MAX (width, box->width);
          g_ptr_array_add (column, box);
        }
      if (max_width > 0 && x > x0 && x + width - x0 > max_width)
        {
          x = x0;
          y = row = to_grid (bottom + ROW_GAP);
        }
      g_ptr_array_sort (column, compare_boxes);
      for (guint i = 0; i < column->len; i++)
        {
          Box *box = g_ptr_array_index (column, i);

          box->x = x;
          box->y = row;
          row = to_grid (row + box->height + ROW_GAP);
          bottom = MAX (bottom, box->y + box->height);
        }
      x = to_grid (x + width + COLUMN_GAP);
    }
}

static void
add_box (Arrangement *self,
         int64_t      id,
         GwNodeSize   size,
         gpointer     data)
{
  const GwDocNode *node = gw_document_node (self->document, id);
  Box box = { .id = id, .layer = -1 };

  if (node == NULL || (node->flags & GW_DOC_LOCKED) != 0)
    return;
  box.x = node->x;
  box.y = node->y;
  size (id, &box.width, &box.height, data);
  g_array_append_val (self->boxes, box);
  g_hash_table_insert (self->index, g_memdup2 (&id, sizeof id), GUINT_TO_POINTER (self->boxes->len));
}

GwEdit *
gw_edit_arrange (const GwDocument *document,
                 const int64_t    *ids,
                 int               n,
                 double            max_width,
                 GwNodeSize        size,
                 gpointer          data)
{
  Arrangement self = { document, g_array_new (FALSE, TRUE, sizeof (Box)),
                       g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL) };
  GwEdit *edit = gw_edit_new ("Lay out");
  double x0 = INFINITY, y0 = INFINITY;

  if (n == 0)
    ids = gw_document_ids (document, GW_ITEM_NODE, &n);
  for (int i = 0; i < n; i++)
    add_box (&self, ids[i], size, data);
  for (guint i = 0; i < self.boxes->len; i++)
    {
      Box *box = &g_array_index (self.boxes, Box, i);

      x0 = MIN (x0, box->x);
      y0 = MIN (y0, box->y);
      find_layer (&self, box, 0);
    }
  pull_sources (&self);
  place_columns (&self, to_grid (x0), to_grid (y0), max_width);
  for (guint i = 0; i < self.boxes->len; i++)
    {
      const Box *box = &g_array_index (self.boxes, Box, i);
      GwItem *item = gw_edit_take (edit, document, box->id);

      item->node.x = box->x;
      item->node.y = box->y;
      gw_edit_put (edit, document, item);
    }
  g_array_unref (self.boxes);
  g_hash_table_unref (self.index);
  return edit;
}
