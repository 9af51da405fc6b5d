/* SPDX-License-Identifier: Apache-2.0 */

/* What lies behind the nodes (ground, frames, wires; far out the plain boxes
 * too) as square pictures that are kept while they are right, so that panning
 * draws nothing.  Drawing tiles has a budget for each frame: what is left
 * over shows its old picture, or that of the last zoom, until its turn. */

#include "widgets/canvas/canvas-private.h"

#include <math.h>

#define TILE_PIXELS 256
#define BUDGET 3000             /* µs a frame */
#define MAX_TILES 160           /* of both tables, 40 MiB, if no more are in sight */
#define MAX_UNSEEN 64

typedef struct
{
  int x, y;
  GskRenderNode *node;          /* at the origin; NULL: never drawn */
  gboolean valid;
  guint seen;                   /* the snapshot that used it last */
} Tile;

struct _GwCanvasTiles
{
  GHashTable *tiles;            /* of the present scale */
  double scale;
  int factor;
  gboolean complete;            /* all that were in sight had been drawn */
  gboolean zooming;             /* the last snapshot had another scale than the one before */
  GHashTable *old;              /* of a scale before, as a stand-in */
  double old_scale;
  guint snapshot;
};

static gint64
tile_key (int x,
          int y)
{
  return (gint64) (((guint64) (guint32) x << 32) | (guint32) y);
}

static void
tile_free (gpointer data)
{
  Tile *tile = data;

  g_clear_pointer (&tile->node, gsk_render_node_unref);
  g_free (tile);
}

static GHashTable *
make_table (void)
{
  return g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, tile_free);
}

GwCanvasTiles *
gw_canvas_tiles_new (void)
{
  GwCanvasTiles *tiles = g_new0 (GwCanvasTiles, 1);

  tiles->tiles = make_table ();
  tiles->old = make_table ();
  return tiles;
}

void
gw_canvas_tiles_free (GwCanvasTiles *tiles)
{
  g_hash_table_unref (tiles->tiles);
  g_hash_table_unref (tiles->old);
  g_free (tiles);
}

gboolean
gw_canvas_tiles_zooming (GwCanvasTiles *tiles)
{
  return tiles->zooming;
}

void
gw_canvas_tiles_clear (GwCanvasTiles *tiles)
{
  g_hash_table_remove_all (tiles->tiles);
  g_hash_table_remove_all (tiles->old);
}

static double
tile_size (GwCanvasTiles *tiles)
{
  return (double) TILE_PIXELS / MAX (tiles->factor, 1);
}

void
gw_canvas_tiles_invalidate (GwCanvas           *canvas,
                            const GwCanvasRect *rect)
{
  GwCanvasTiles *tiles = canvas->tiles;
  double size = tile_size (tiles), scale = tiles->scale;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, tiles->tiles);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Tile *tile = value;
      GwCanvasRect area = { tile->x * size / scale - 1 / scale, tile->y * size / scale - 1 / scale,
                            (size + 2) / scale, (size + 2) / scale };

      if (gw_canvas_rect_intersects (&area, rect))
        tile->valid = FALSE;
    }
  gtk_widget_queue_draw (GTK_WIDGET (canvas));
}

static void
keep_seen (GwCanvasTiles *tiles,
           GHashTable    *table)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((Tile *) value)->seen != tiles->snapshot)
      g_hash_table_iter_remove (&iter);
}

/* The tiles of the last zoom are as many as are in sight, hence twice n_seen. */
static void
drop_unseen (GwCanvasTiles *tiles,
             guint          n_seen)
{
  guint spare = MAX_TILES > 2 * n_seen ? MIN (MAX_TILES - 2 * n_seen, MAX_UNSEEN) : 0;

  if (g_hash_table_size (tiles->tiles) > n_seen + spare)
    keep_seen (tiles, tiles->tiles);
}

gsize
gw_canvas_tiles_bytes (GwCanvasTiles *tiles)
{
  gsize n = 0;
  GHashTableIter iter;
  gpointer value;

  for (int i = 0; i < 2; i++)
    {
      g_hash_table_iter_init (&iter, i == 0 ? tiles->tiles : tiles->old);
      while (g_hash_table_iter_next (&iter, NULL, &value))
        n += ((Tile *) value)->node != NULL;
    }
  return n * TILE_PIXELS * TILE_PIXELS * 4;
}

/* A new scale: the tiles so far stand in until the new ones are drawn.  Those of a zoom
 * that was passed before they were complete do not: what they stand before still can. */
static void
set_scale (GwCanvas *canvas)
{
  GwCanvasTiles *tiles = canvas->tiles;
  double scale = gw_canvas_scale (canvas);
  int factor = gtk_widget_get_scale_factor (GTK_WIDGET (canvas));

  tiles->zooming = tiles->scale != scale && tiles->scale != 0;
  if (tiles->scale == scale && tiles->factor == factor)
    return;
  if (tiles->factor == factor && (tiles->complete || g_hash_table_size (tiles->old) == 0))
    {
      GHashTable *spare = tiles->old;

      keep_seen (tiles, tiles->tiles);
      tiles->old = tiles->tiles;
      tiles->old_scale = tiles->scale;
      tiles->tiles = spare;
    }
  if (tiles->factor != factor)
    g_hash_table_remove_all (tiles->old);
  g_hash_table_remove_all (tiles->tiles);
  tiles->complete = FALSE;
  tiles->scale = scale;
  tiles->factor = factor;
}

static gboolean
skip_live (const GwCanvasWireItem *item,
           gpointer                data)
{
  GwCanvas *canvas = data;

  return canvas->wire_style == GW_CANVAS_WIRES_HIDDEN
         || g_hash_table_contains (canvas->live, &item->id);
}

static GwCanvasState
back_state (guint64  id,
            gpointer data)
{
  return gw_canvas_item_state (data, id);
}

static void
draw_tile (GwCanvas *canvas,
           cairo_t  *cr,
           gpointer  data)
{
  Tile *tile = data;
  GwCanvasTiles *tiles = canvas->tiles;
  double size = tile_size (tiles);
  GwCanvasPaint paint = gw_canvas_make_paint (canvas);
  GwCanvasBackHooks hooks = { skip_live, back_state, canvas };
  GwCanvasRect rect = { tile->x * size / tiles->scale, tile->y * size / tiles->scale,
                        size / tiles->scale, size / tiles->scale };

  cairo_translate (cr, -tile->x * size, -tile->y * size);
  cairo_scale (cr, tiles->scale, tiles->scale);
  if (canvas->layout != NULL)
    gw_canvas_paint_back (&paint, cr, canvas->layout, &rect, &hooks);
  else
    gw_canvas_paint_ground (&paint, cr, &rect);
}

static void
render_tile (GwCanvas *canvas,
             Tile     *tile)
{
  double size = tile_size (canvas->tiles);

  g_clear_pointer (&tile->node, gsk_render_node_unref);
  tile->node = gw_canvas_record (canvas, size, size, TRUE, draw_tile, tile);
  tile->valid = TRUE;
}

static Tile *
get_tile (GwCanvasTiles *tiles,
          int            x,
          int            y)
{
  gint64 key = tile_key (x, y);
  Tile *tile = g_hash_table_lookup (tiles->tiles, &key);

  if (tile == NULL)
    {
      tile = g_new0 (Tile, 1);
      tile->x = x;
      tile->y = y;
      g_hash_table_insert (tiles->tiles, g_memdup2 (&key, sizeof key), tile);
    }
  return tile;
}

/* The last zoom's tiles, enlarged or reduced, from `top` (in the widget) down: above it
 * all is drawn. */
static void
snapshot_stand_ins (GwCanvas    *canvas,
                    GtkSnapshot *snapshot,
                    double       top)
{
  GwCanvasTiles *tiles = canvas->tiles;
  double ratio = tiles->scale / tiles->old_scale;
  double size = tile_size (tiles);
  double width = gtk_widget_get_width (GTK_WIDGET (canvas));
  double height = gtk_widget_get_height (GTK_WIDGET (canvas));
  GHashTableIter iter;
  gpointer value;

  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, top, width, height - top));
  g_hash_table_iter_init (&iter, tiles->old);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Tile *tile = value;
      double x = tile->x * size * ratio - canvas->x * tiles->scale;
      double y = tile->y * size * ratio - canvas->y * tiles->scale;

      if (tile->node == NULL || x > width || y > height || x + size * ratio < 0 || y + size * ratio < top)
        continue;
      gtk_snapshot_save (snapshot);
      gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x, y));
      gtk_snapshot_scale (snapshot, ratio, ratio);
      gtk_snapshot_append_node (snapshot, tile->node);
      gtk_snapshot_restore (snapshot);
    }
  gtk_snapshot_pop (snapshot);
}

/* Draws what the budget allows, as far as can be told from the tiles before, row by row, one at
 * least; returns the first row that still has tiles that are not right, y1 + 1 = none has. While
 * zooming the last zoom's tiles stand in: new ones would be of no use a frame later. */
static int
render_missing (GwCanvas *canvas,
                int       x0,
                int       y0,
                int       x1,
                int       y1)
{
  gint64 start = g_get_monotonic_time ();
  int n_drawn = 0;

  if (canvas->tiles->zooming && g_hash_table_size (canvas->tiles->old) > 0)
    return y0;
  for (int y = y0; y <= y1; y++)
    for (int x = x0; x <= x1; x++)
      {
        Tile *tile = get_tile (canvas->tiles, x, y);

        tile->seen = canvas->tiles->snapshot;
        if (tile->valid)
          continue;
        if (n_drawn > 0 && (g_get_monotonic_time () - start) * (n_drawn + 1) > BUDGET * n_drawn)
          return y;
        render_tile (canvas, tile);
        n_drawn++;
      }
  return y1 + 1;
}

gboolean
gw_canvas_tiles_snapshot (GwCanvas    *canvas,
                          GtkSnapshot *snapshot)
{
  GwCanvasTiles *tiles = canvas->tiles;
  double size, left, top;
  int x0, y0, x1, y1, missing;

  set_scale (canvas);
  tiles->snapshot++;
  size = tile_size (tiles);
  left = -gw_canvas_screen_x (canvas, 0);
  top = -gw_canvas_screen_y (canvas, 0);
  x0 = floor (left / size);
  y0 = floor (top / size);
  x1 = floor ((left + gtk_widget_get_width (GTK_WIDGET (canvas)) - 1) / size);
  y1 = floor ((top + gtk_widget_get_height (GTK_WIDGET (canvas)) - 1) / size);
  missing = render_missing (canvas, x0, y0, x1, y1);
  tiles->complete = missing > y1;
  if (tiles->complete)
    g_hash_table_remove_all (tiles->old);
  else if (g_hash_table_size (tiles->old) > 0)
    snapshot_stand_ins (canvas, snapshot, MAX (missing * size - top, 0));
  for (int y = y0; y <= y1; y++)
    for (int x = x0; x <= x1; x++)
      {
        Tile *tile = get_tile (tiles, x, y);

        tile->seen = tiles->snapshot;
        if (tile->node == NULL)
          continue;
        gtk_snapshot_save (snapshot);
        gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x * size - left, y * size - top));
        gtk_snapshot_append_node (snapshot, tile->node);
        gtk_snapshot_restore (snapshot);
      }
  drop_unseen (tiles, (guint) (x1 - x0 + 1) * (guint) (y1 - y0 + 1));
  return tiles->complete;
}
