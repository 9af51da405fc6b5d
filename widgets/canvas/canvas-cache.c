/* SPDX-License-Identifier: Apache-2.0 */

/* Pictures that are drawn once and kept: a node's box and its shelf, each for
 * a scale, a look and a state; and the wires that are drawn apart from the
 * tiles because they are selected, hovered, moving or running. */

#include "widgets/canvas/canvas-private.h"

#include <math.h>

#define MAX_LIVE 400            /* selected items whose wires are drawn apart */
#define MAX_PIXELS 1.5e6        /* of a wire's picture */

#define BUDGET 2500             /* µs a frame for drawing nodes anew */

#define MAX_BYTES (24.0 * 1024 * 1024)  /* of nodes' pictures out of sight */

typedef struct
{
  GwCanvas *canvas;
  GwCanvasNodeItem *item;       /* whose picture it is */
  guint seen;                   /* the frame that showed it last */
  double bytes;                 /* counted in canvas->picture_bytes */
  GskRenderNode *box, *shelf;
  double scale;                 /* for which they were drawn */
  guint look;
  GwCanvasState state;
  double box_x, box_y;          /* of the picture from the node's corner, px */
  double shelf_x, shelf_y;
} NodePicture;

/* What a drawing function of gw_canvas_record () needs of a node. */
typedef struct
{
  GwCanvasNodeItem *item;
  GwCanvasState state;
  double offset_x, offset_y;    /* px from the picture's corner to the node's */
} NodeJob;

typedef struct
{
  GwCanvasWireItem *item;
  double left, top;             /* of the picture, world px */
  double phase;
} WireJob;

/* Stands on whole device px where it is shown as it was drawn; stretched, it is a stand-in for
 * the frames of a zoom, which cannot wait for a smooth one. */
static void
paint_surface (cairo_surface_t *surface,
               cairo_t         *cr)
{
  cairo_set_source_surface (cr, surface, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_FAST);
  cairo_paint (cr);
  cairo_destroy (cr);
}

GskRenderNode *
gw_canvas_record (GwCanvas         *canvas,
                  double            width,
                  double            height,
                  gboolean          opaque,
                  GwCanvasDrawFunc  func,
                  gpointer          data)
{
  int factor = gtk_widget_get_scale_factor (GTK_WIDGET (canvas));
  int pixel_width = MAX (ceil (width * factor), 1), pixel_height = MAX (ceil (height * factor), 1);
  cairo_surface_t *surface = cairo_image_surface_create (opaque ? CAIRO_FORMAT_RGB24
                                                                : CAIRO_FORMAT_ARGB32,
                                                         pixel_width, pixel_height);
  GskRenderNode *node;
  cairo_t *cr;

  cairo_surface_set_device_scale (surface, factor, factor);
  cr = cairo_create (surface);
  func (canvas, cr, data);
  cairo_destroy (cr);
  node = gsk_cairo_node_new (&GRAPHENE_RECT_INIT (0, 0, (double) pixel_width / factor,
                                                  (double) pixel_height / factor));
  paint_surface (surface, gsk_cairo_node_get_draw_context (node));
  cairo_surface_destroy (surface);
  return node;
}

void
gw_canvas_free_picture (gpointer data)
{
  NodePicture *picture = data;

  picture->canvas->picture_bytes -= picture->bytes;
  g_hash_table_remove (picture->canvas->pictures, picture);
  g_clear_pointer (&picture->box, gsk_render_node_unref);
  g_clear_pointer (&picture->shelf, gsk_render_node_unref);
  g_free (picture);
}

static double
bytes_of (GwCanvas      *canvas,
          GskRenderNode *node)
{
  double factor = gtk_widget_get_scale_factor (GTK_WIDGET (canvas));
  graphene_rect_t bounds;

  if (node == NULL)
    return 0;
  gsk_render_node_get_bounds (node, &bounds);
  return 4.0 * bounds.size.width * bounds.size.height * factor * factor;
}

/* Pictures that this frame did not show go when there are many. */
static void
drop_unseen (GwCanvas *canvas)
{
  g_autofree gpointer *all = NULL;
  guint n;

  if (canvas->picture_bytes <= MAX_BYTES)
    return;
  all = g_hash_table_get_keys_as_array (canvas->pictures, &n);
  for (guint i = 0; i < n; i++)
    {
      NodePicture *picture = all[i];

      if (picture->seen == canvas->picture_frame)
        continue;
      picture->item->picture = NULL;
      gw_canvas_free_picture (picture);
    }
}

gsize
gw_canvas_get_picture_bytes (GwCanvas *canvas)
{
  return (gsize) canvas->picture_bytes + gw_canvas_tiles_bytes (canvas->tiles);
}

void
gw_canvas_drop_shelf (GwCanvasNodeItem *item)
{
  NodePicture *picture = item->picture;

  if (picture != NULL)
    g_clear_pointer (&picture->shelf, gsk_render_node_unref);
}

static void
draw_box (GwCanvas *canvas,
          cairo_t  *cr,
          gpointer  data)
{
  NodeJob *job = data;
  GwCanvasPaint paint = gw_canvas_make_paint (canvas);

  cairo_translate (cr, job->offset_x, job->offset_y);
  cairo_scale (cr, paint.zoom, paint.zoom);
  gw_canvas_paint_node (&paint, cr, job->item->node, &job->item->metrics, job->state);
}

static void
draw_shelf (GwCanvas *canvas,
            cairo_t  *cr,
            gpointer  data)
{
  NodeJob *job = data;
  GwCanvasPaint paint = gw_canvas_make_paint (canvas);

  cairo_translate (cr, job->offset_x, job->offset_y);
  cairo_scale (cr, paint.zoom, paint.zoom);
  gw_canvas_paint_shelf (&paint, cr, job->item->node, &job->item->metrics);
}

static void
record_box (GwCanvas         *canvas,
            GwCanvasNodeItem *item,
            NodePicture      *picture)
{
  double scale = gw_canvas_scale (canvas);
  GwCanvasRect extents = gw_canvas_node_extents (item->node, &item->metrics, scale);
  NodeJob job = { item, picture->state, 0, 0 };

  job.offset_x = ceil (-extents.x * scale);
  job.offset_y = ceil (-extents.y * scale);
  picture->box_x = -job.offset_x;
  picture->box_y = -job.offset_y;
  picture->box = gw_canvas_record (canvas, extents.width * scale + 2, extents.height * scale + 2,
                                   FALSE, draw_box, &job);
}

static void
record_shelf (GwCanvas         *canvas,
              GwCanvasNodeItem *item,
              NodePicture      *picture)
{
  double scale = gw_canvas_scale (canvas);
  double height = gw_canvas_shelf_height (item->node, scale);
  NodeJob job = { item, 0, 0, 0 };

  job.offset_x = 2;
  job.offset_y = -floor ((item->metrics.height - 10) * scale);
  picture->shelf_x = -job.offset_x;
  picture->shelf_y = -job.offset_y;
  picture->shelf = gw_canvas_record (canvas, item->metrics.width * scale + 4,
                                     (height + 14) * scale, FALSE, draw_shelf, &job);
}

static gboolean
is_current (GwCanvas         *canvas,
            GwCanvasNodeItem *item)
{
  NodePicture *picture = item->picture;
  double scale = gw_canvas_scale (canvas);

  return picture != NULL && picture->box != NULL && picture->scale == scale
         && picture->look == canvas->look
         && picture->state == gw_canvas_item_state (canvas, item->id)
         && (picture->shelf != NULL || scale < GW_CANVAS_LOD_LABELS
             || gw_canvas_shelf_height (item->node, scale) == 0);
}

/* Draws what is missing or no longer right. */
static void
update_picture (GwCanvas         *canvas,
                GwCanvasNodeItem *item)
{
  double scale = gw_canvas_scale (canvas);
  GwCanvasState state = gw_canvas_item_state (canvas, item->id);
  NodePicture *picture = item->picture;

  if (picture == NULL)
    {
      picture = g_new0 (NodePicture, 1);
      picture->canvas = canvas;
      picture->item = item;
      item->picture = picture;
      g_hash_table_add (canvas->pictures, picture);
    }
  canvas->picture_bytes -= picture->bytes;
  if (picture->scale != scale || picture->look != canvas->look || picture->state != state)
    g_clear_pointer (&picture->box, gsk_render_node_unref);
  if (picture->scale != scale || picture->look != canvas->look)
    g_clear_pointer (&picture->shelf, gsk_render_node_unref);
  picture->scale = scale;
  picture->look = canvas->look;
  picture->state = state;
  if (picture->box == NULL)
    record_box (canvas, item, picture);
  if (picture->shelf == NULL && gw_canvas_shelf_height (item->node, scale) > 0
      && scale >= GW_CANVAS_LOD_LABELS)
    record_shelf (canvas, item, picture);
  picture->bytes = bytes_of (canvas, picture->box) + bytes_of (canvas, picture->shelf);
  canvas->picture_bytes += picture->bytes;
}

static void
append_at (GtkSnapshot   *snapshot,
           GskRenderNode *node,
           double         x,
           double         y)
{
  if (node == NULL)
    return;
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x, y));
  gtk_snapshot_append_node (snapshot, node);
  gtk_snapshot_restore (snapshot);
}

/* What stands for a node until there is time to draw it. */
static void
snapshot_plain (GwCanvas         *canvas,
                GtkSnapshot      *snapshot,
                GwCanvasNodeItem *item)
{
  double scale = gw_canvas_scale (canvas);
  GwCanvasColor *color = &canvas->theme.node;

  gtk_snapshot_append_color (snapshot, &(GdkRGBA) { color->red, color->green, color->blue, 1 },
                             &GRAPHENE_RECT_INIT (gw_canvas_screen_x (canvas, item->box.x),
                                                  gw_canvas_screen_y (canvas, item->box.y),
                                                  item->box.width * scale,
                                                  item->box.height * scale));
}

static void
snapshot_picture (GwCanvas         *canvas,
                  GtkSnapshot      *snapshot,
                  GwCanvasNodeItem *item)
{
  NodePicture *picture = item->picture;
  double ratio = gw_canvas_scale (canvas) / picture->scale;

  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot,
                          &GRAPHENE_POINT_INIT (gw_canvas_screen_x (canvas, item->box.x),
                                                gw_canvas_screen_y (canvas, item->box.y)));
  if (ratio != 1)
    gtk_snapshot_scale (snapshot, ratio, ratio);
  append_at (snapshot, picture->shelf, picture->shelf_x, picture->shelf_y);
  append_at (snapshot, picture->box, picture->box_x, picture->box_y);
  gtk_snapshot_restore (snapshot);
}

/* At whatever scale. */
static gboolean
can_show (GwCanvas          *canvas,
          const NodePicture *picture)
{
  return picture != NULL && picture->box != NULL && picture->look == canvas->look;
}

/* While zooming an old picture is shown at the new scale: one drawn anew would be of no use a frame later. */
gboolean
gw_canvas_snapshot_nodes (GwCanvas    *canvas,
                          GtkSnapshot *snapshot,
                          GPtrArray   *items)
{
  gint64 start = g_get_monotonic_time ();
  gboolean zooming = gw_canvas_tiles_zooming (canvas->tiles);
  gboolean complete = TRUE;

  canvas->picture_frame++;
  for (guint i = 0; i < items->len; i++)
    {
      GwCanvasNodeItem *item = g_ptr_array_index (items, i);
      NodePicture *picture = item->picture;

      if (!is_current (canvas, item))
        {
          if (!(zooming && can_show (canvas, picture)) && g_get_monotonic_time () - start < BUDGET)
            update_picture (canvas, item);
          else
            complete = FALSE;
          picture = item->picture;
        }
      if (picture != NULL)
        picture->seen = canvas->picture_frame;
      if (can_show (canvas, picture))
        snapshot_picture (canvas, snapshot, item);
      else
        snapshot_plain (canvas, snapshot, item);
    }
  drop_unseen (canvas);
  return complete;
}

/* ---- wires drawn apart ---- */

static void
unref_node (gpointer node)
{
  if (node != NULL)
    gsk_render_node_unref (node);
}

static GHashTable *
make_live_table (void)
{
  return g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, unref_node);
}

static void
add_live (GHashTable *live,
          guint64     id)
{
  if (!g_hash_table_contains (live, &id))
    g_hash_table_insert (live, g_memdup2 (&id, sizeof id), NULL);
}

static void
add_wires_of (GwCanvas   *canvas,
              GHashTable *live,
              guint64     id)
{
  GwCanvasNodeItem *item = gw_canvas_layout_get_node (canvas->layout, id);

  for (guint i = 0; item != NULL && i < item->wires->len; i++)
    add_live (live, ((GwCanvasWireItem *) item->wires->pdata[i])->id);
}

static GHashTable *
collect_live (GwCanvas *canvas)
{
  GHashTable *live = make_live_table ();
  GHashTableIter iter;
  gpointer key;

  if (canvas->layout == NULL)
    return live;
  g_hash_table_iter_init (&iter, canvas->running);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    add_live (live, *(guint64 *) key);
  if (canvas->hover.kind == GW_CANVAS_HIT_WIRE)
    add_live (live, canvas->hover.id);
  if (canvas->drag.target_wire != 0)
    add_live (live, canvas->drag.target_wire);
  if (g_hash_table_size (canvas->selected) > MAX_LIVE)
    return live;
  g_hash_table_iter_init (&iter, canvas->selected);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      if (gw_canvas_layout_get_wire (canvas->layout, *(guint64 *) key) != NULL)
        add_live (live, *(guint64 *) key);
      add_wires_of (canvas, live, *(guint64 *) key);
    }
  for (guint i = 0; canvas->drag.ids != NULL && i < canvas->drag.ids->len; i++)
    add_wires_of (canvas, live, g_array_index (canvas->drag.ids, guint64, i));
  return live;
}

static void
invalidate_wire (GwCanvas *canvas,
                 guint64   id)
{
  GwCanvasWireItem *item = canvas->layout != NULL ? gw_canvas_layout_get_wire (canvas->layout, id)
                                                  : NULL;

  if (item != NULL && item->entry.inserted)
    gw_canvas_tiles_invalidate (canvas, &item->entry.rect);
}

void
gw_canvas_update_live (GwCanvas *canvas)
{
  GHashTable *before = canvas->live;
  GHashTableIter iter;
  gpointer key;

  canvas->live = collect_live (canvas);
  g_hash_table_iter_init (&iter, before);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (!g_hash_table_contains (canvas->live, key))
      invalidate_wire (canvas, *(guint64 *) key);
  g_hash_table_iter_init (&iter, canvas->live);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (!g_hash_table_contains (before, key))
      invalidate_wire (canvas, *(guint64 *) key);
  g_hash_table_unref (before);
  gtk_widget_queue_draw (GTK_WIDGET (canvas));
}

void
gw_canvas_drop_live_pictures (GwCanvas *canvas)
{
  GHashTableIter iter;

  g_hash_table_iter_init (&iter, canvas->live);
  while (g_hash_table_iter_next (&iter, NULL, NULL))
    g_hash_table_iter_replace (&iter, NULL);
}

static void
draw_wire (GwCanvas      *canvas,
           cairo_t       *cr,
           const WireJob *job)
{
  GwCanvasPaint paint = gw_canvas_make_paint (canvas);
  GwCanvasState state = gw_canvas_item_state (canvas, job->item->id);

  paint.phase = job->phase;
  cairo_translate (cr, -job->left, -job->top);
  cairo_scale (cr, paint.zoom, paint.zoom);
  gw_canvas_paint_wire (&paint, cr, job->item, state);
  gw_canvas_paint_wire_text (&paint, cr, job->item, state);
}

/* Dashes move 40 px/s; −1 when they stand. */
static double
dash_phase (GwCanvas               *canvas,
            const GwCanvasWireItem *item)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (canvas));

  if (!(item->wire->flags & GW_SCENE_WIRE_RUNNING) || canvas->animation == 0 || clock == NULL)
    return -1;
  return (gdk_frame_clock_get_frame_time (clock) - canvas->animation_start) * 40e-6;
}

static GwCanvasRect
intersection (const GwCanvasRect *a,
              const GwCanvasRect *b)
{
  double x = MAX (a->x, b->x), y = MAX (a->y, b->y);

  return (GwCanvasRect) { x, y, MAX (MIN (a->x + a->width, b->x + b->width) - x, 0),
                          MAX (MIN (a->y + a->height, b->y + b->height) - y, 0) };
}

static void
snapshot_live_wire (GwCanvas         *canvas,
                    GtkSnapshot      *snapshot,
                    GwCanvasWireItem *item)
{
  double scale = gw_canvas_scale (canvas);
  GwCanvasRect area = item->entry.rect;
  GwCanvasRect view = gw_canvas_visible_rect (canvas);
  WireJob job = { item, 0, 0, dash_phase (canvas, item) };
  gboolean cut = area.width * area.height * scale * scale > MAX_PIXELS;
  GskRenderNode *node = g_hash_table_lookup (canvas->live, &item->id);

  /* Strokes are kept as strokes: a picture as large as a far wire's way would
   * cost more than drawing it. */
  if (cut)
    area = intersection (&area, &view);
  job.left = floor (area.x * scale);
  job.top = floor (area.y * scale);
  if (node == NULL || cut || job.phase >= 0)
    {
      cairo_t *cr;

      node = gsk_cairo_node_new (&GRAPHENE_RECT_INIT (0, 0, ceil (area.width * scale) + 2,
                                                      ceil (area.height * scale) + 2));
      cr = gsk_cairo_node_get_draw_context (node);
      draw_wire (canvas, cr, &job);
      cairo_destroy (cr);
      g_hash_table_insert (canvas->live, g_memdup2 (&item->id, sizeof item->id), node);
    }
  append_at (snapshot, node, gw_canvas_screen_x (canvas, 0) + job.left,
             gw_canvas_screen_y (canvas, 0) + job.top);
}

void
gw_canvas_snapshot_live (GwCanvas    *canvas,
                         GtkSnapshot *snapshot)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new ();
  GwCanvasRect view = gw_canvas_visible_rect (canvas);
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, canvas->live);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      GwCanvasWireItem *item = gw_canvas_layout_get_wire (canvas->layout, *(guint64 *) key);

      if (item != NULL && item->from != NULL && item->to != NULL
          && gw_canvas_rect_intersects (&item->entry.rect, &view))
        g_ptr_array_add (items, item);
    }
  for (int pass = 0; pass < 2; pass++)
    for (guint i = 0; i < items->len; i++)
      {
        GwCanvasWireItem *item = g_ptr_array_index (items, i);
        gboolean strong = gw_canvas_item_state (canvas, item->id) != 0;

        if (strong == (pass == 1))
          snapshot_live_wire (canvas, snapshot, item);
      }
}
