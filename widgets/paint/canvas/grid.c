/* SPDX-License-Identifier: Apache-2.0 */

/* Cells in a hash table; entries that would fill many cells stand in a list
 * of their own. */

#include "widgets/paint/canvas/grid.h"

#include <math.h>

#define CELL 512.0
#define MAX_CELLS 48
#define CELL_LIMIT 1e6          /* farther out everything shares the last cell */

struct _GwCanvasGrid
{
  GHashTable *cells;            /* packed (x, y) → GPtrArray of entries */
  GPtrArray *big;
  guint stamp;
};

static gint64
cell_key (int x,
          int y)
{
  return (gint64) (((guint64) (guint32) x << 32) | (guint32) y);
}

static int
cell_of (double position)
{
  return CLAMP (floor (position / CELL), -CELL_LIMIT, CELL_LIMIT);
}

/* Always the same for the same rectangle. */
static void
cells_of (const GwCanvasRect *rect,
          int                *x0,
          int                *y0,
          int                *x1,
          int                *y1)
{
  *x0 = cell_of (rect->x);
  *y0 = cell_of (rect->y);
  *x1 = cell_of (rect->x + rect->width);
  *y1 = cell_of (rect->y + rect->height);
}

GwCanvasGrid *
gw_canvas_grid_new (void)
{
  GwCanvasGrid *grid = g_new0 (GwCanvasGrid, 1);

  grid->cells = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                       (GDestroyNotify) g_ptr_array_unref);
  grid->big = g_ptr_array_new ();
  return grid;
}

void
gw_canvas_grid_free (GwCanvasGrid *grid)
{
  if (grid == NULL)
    return;
  g_hash_table_unref (grid->cells);
  g_ptr_array_unref (grid->big);
  g_free (grid);
}

void
gw_canvas_grid_clear (GwCanvasGrid *grid)
{
  g_hash_table_remove_all (grid->cells);
  g_ptr_array_set_size (grid->big, 0);
}

static GPtrArray *
get_cell (GwCanvasGrid *grid,
          int           x,
          int           y,
          gboolean      create)
{
  gint64 key = cell_key (x, y);
  GPtrArray *cell = g_hash_table_lookup (grid->cells, &key);

  if (cell == NULL && create)
    {
      cell = g_ptr_array_new ();
      g_hash_table_insert (grid->cells, g_memdup2 (&key, sizeof key), cell);
    }
  return cell;
}

void
gw_canvas_grid_remove (GwCanvasGrid      *grid,
                       GwCanvasGridEntry *entry)
{
  int x0, y0, x1, y1;

  if (!entry->inserted)
    return;
  entry->inserted = FALSE;
  if (entry->is_big)
    {
      g_ptr_array_remove_fast (grid->big, entry);
      return;
    }
  cells_of (&entry->rect, &x0, &y0, &x1, &y1);
  for (int y = y0; y <= y1; y++)
    for (int x = x0; x <= x1; x++)
      {
        GPtrArray *cell = get_cell (grid, x, y, FALSE);
        gint64 key = cell_key (x, y);

        if (cell == NULL)
          continue;
        g_ptr_array_remove_fast (cell, entry);
        if (cell->len == 0)
          g_hash_table_remove (grid->cells, &key);
      }
}

void
gw_canvas_grid_insert (GwCanvasGrid       *grid,
                       GwCanvasGridEntry  *entry,
                       const GwCanvasRect *rect)
{
  int x0, y0, x1, y1, old_x0, old_y0, old_x1, old_y1;

  cells_of (rect, &x0, &y0, &x1, &y1);
  cells_of (&entry->rect, &old_x0, &old_y0, &old_x1, &old_y1);
  if (entry->inserted && !entry->is_big && old_x0 == x0 && old_y0 == y0 && old_x1 == x1 && old_y1 == y1)
    {
      entry->rect = *rect;
      return;
    }
  gw_canvas_grid_remove (grid, entry);
  entry->rect = *rect;
  entry->inserted = TRUE;
  entry->is_big = (gint64) (x1 - x0 + 1) * (y1 - y0 + 1) > MAX_CELLS;
  if (entry->is_big)
    {
      g_ptr_array_add (grid->big, entry);
      return;
    }
  for (int y = y0; y <= y1; y++)
    for (int x = x0; x <= x1; x++)
      g_ptr_array_add (get_cell (grid, x, y, TRUE), entry);
}

static void
collect (GwCanvasGrid       *grid,
         GPtrArray          *cell,
         const GwCanvasRect *rect,
         GPtrArray          *found)
{
  for (guint i = 0; i < cell->len; i++)
    {
      GwCanvasGridEntry *entry = g_ptr_array_index (cell, i);

      if (entry->stamp == grid->stamp)
        continue;
      entry->stamp = grid->stamp;
      if (gw_canvas_rect_intersects (&entry->rect, rect))
        g_ptr_array_add (found, entry);
    }
}

void
gw_canvas_grid_find (GwCanvasGrid       *grid,
                     const GwCanvasRect *rect,
                     GPtrArray          *found)
{
  int x0, y0, x1, y1;

  grid->stamp++;
  cells_of (rect, &x0, &y0, &x1, &y1);
  if ((gint64) (x1 - x0 + 1) * (y1 - y0 + 1) > g_hash_table_size (grid->cells))
    {
      GHashTableIter iter;
      gpointer cell;

      g_hash_table_iter_init (&iter, grid->cells);
      while (g_hash_table_iter_next (&iter, NULL, &cell))
        collect (grid, cell, rect, found);
    }
  else
    {
      for (int y = y0; y <= y1; y++)
        for (int x = x0; x <= x1; x++)
          {
            GPtrArray *cell = get_cell (grid, x, y, FALSE);

            if (cell != NULL)
              collect (grid, cell, rect, found);
          }
    }
  collect (grid, grid->big, rect, found);
}
