/* SPDX-License-Identifier: Apache-2.0 */

/* The overview in the corner: boxes as the categories' colours, the view as a
 * frame that can be dragged, and buttons for the zoom under it. */

#include "widgets/canvas/canvas-private.h"

#include <math.h>
#include <string.h>

#define WIDTH 156.0
#define HEIGHT 118.0
#define MARGIN 16.0
#define FOOT 25.0               /* of the buttons */
#define INSET 5.0
#define MIN_VIEW_WIDTH 420.0    /* of the widget, else there is no room for it */
#define MIN_VIEW_HEIGHT 300.0
#define MAX_BOXES 4000          /* beyond, every n-th box is drawn */
#define FEW_BOXES 300           /* up to here it is redrawn at every change */
#define REDRAW_TIME 300         /* ms between two drawings of a large one */

typedef struct
{
  GwCanvasRect map;             /* widget px: where boxes are drawn */
  GwCanvasRect world;           /* canvas px shown there */
  double scale;
} MinimapView;

gboolean
gw_canvas_minimap_rect (GwCanvas     *canvas,
                        GwCanvasRect *rect)
{
  double width = gtk_widget_get_width (GTK_WIDGET (canvas));
  double height = gtk_widget_get_height (GTK_WIDGET (canvas));

  if (!canvas->show_minimap || canvas->layout == NULL || width < MIN_VIEW_WIDTH
      || height < MIN_VIEW_HEIGHT)
    return FALSE;
  *rect = (GwCanvasRect) { width - WIDTH - MARGIN, height - HEIGHT - MARGIN, WIDTH, HEIGHT };
  return TRUE;
}

static gboolean
get_view (GwCanvas    *canvas,
          MinimapView *view)
{
  GwCanvasRect rect, visible = gw_canvas_visible_rect (canvas);

  if (!gw_canvas_minimap_rect (canvas, &rect))
    return FALSE;
  view->map = (GwCanvasRect) { rect.x + INSET, rect.y + INSET, rect.width - 2 * INSET,
                               rect.height - FOOT - 2 * INSET };
  if (!gw_canvas_layout_bounds (canvas->layout, &view->world))
    view->world = visible;
  gw_canvas_rect_union (&view->world, &visible);
  view->scale = MIN (view->map.width / view->world.width, view->map.height / view->world.height);
  return TRUE;
}

static void
map_point (const MinimapView *view,
           double             x,
           double             y,
           double            *map_x,
           double            *map_y)
{
  *map_x = (x - view->world.x) * view->scale;
  *map_y = (y - view->world.y) * view->scale;
}

static void
draw_boxes (GwCanvas          *canvas,
            cairo_t           *cr,
            const MinimapView *view)
{
  const GPtrArray *nodes = gw_scene_nodes (gw_canvas_scene (canvas));
  guint step = nodes->len / MAX_BOXES + 1;

  for (guint i = 0; i < nodes->len; i += step)
    {
      const GwSceneNode *node = g_ptr_array_index (nodes, i);
      GwCanvasNodeItem *item = gw_canvas_layout_get_node (canvas->layout, node->id);
      GwCanvasColor color = gw_canvas_color (gw_canvas_category_color (node->category));
      double x, y;

      if (item == NULL || (node->flags & GW_SCENE_NODE_REROUTE))
        continue;
      if (node->problem != NULL && !(node->flags & GW_SCENE_NODE_WARNING))
        color = canvas->theme.problem;
      if (node->flags & GW_SCENE_NODE_RUNNING)
        color = canvas->theme.running;
      if (gw_canvas_is_selected (canvas, node->id))
        color = canvas->theme.accent;
      map_point (view, item->box.x, item->box.y, &x, &y);
      gw_canvas_rounded_rect (cr, x, y, MAX (item->box.width * view->scale, 1.5),
                              MAX (item->box.height * view->scale, 1.5),
                              nodes->len > FEW_BOXES ? 0 : 1);
      gw_canvas_set_color (cr, &color, 0.9);
      cairo_fill (cr);
    }
}

static void
draw_scopes (GwCanvas          *canvas,
             cairo_t           *cr,
             const MinimapView *view)
{
  const GPtrArray *frames = gw_scene_frames (gw_canvas_scene (canvas));

  for (guint i = 0; i < frames->len; i++)
    {
      const GwSceneFrame *frame = g_ptr_array_index (frames, i);
      double x, y;

      map_point (view, frame->x, frame->y, &x, &y);
      gw_canvas_rounded_rect (cr, x, y, frame->width * view->scale, frame->height * view->scale,
                              1.5);
      gw_canvas_set_color (cr, &canvas->theme.dim, 0.2);
      cairo_fill (cr);
    }
}

static void
draw_foot (GwCanvas *canvas,
           cairo_t  *cr)
{
  g_autofree char *percent = g_strdup_printf ("%.0f %%", canvas->zoom * 100);
  double top = HEIGHT - FOOT;
  GwCanvasLine line = { .font = GW_CANVAS_FONT_SMALL, .text = percent, .x = 50,
                        .baseline = top + 17, .align = GW_CANVAS_ALIGN_MIDDLE,
                        .color = canvas->theme.text };

  cairo_rectangle (cr, 1, top, WIDTH - 2, 1);
  gw_canvas_set_color (cr, &canvas->theme.border, 1);
  cairo_fill (cr);
  gw_canvas_paint_glyph (cr, "M3.500 8h9", 10, top + 7, 12, 1.6, &canvas->theme.text);
  gw_canvas_text_draw (canvas->text, cr, &line);
  gw_canvas_paint_glyph (cr, "M8 3.500v9M3.500 8h9", 78, top + 7, 12, 1.6, &canvas->theme.text);
  gw_canvas_paint_glyph (cr, "M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3", 105, top + 6, 14, 1.6,
                         &canvas->theme.text);
  gw_canvas_paint_glyph (cr, "M4 6l4 4l4-4", 132, top + 6, 14, 1.6, &canvas->theme.text);
}

static void
draw_minimap (GwCanvas *canvas,
              cairo_t  *cr,
              gpointer  data)
{
  MinimapView *view = data;

  cairo_translate (cr, 3, 2);
  for (int i = 0; canvas->theme.shadow > 0 && i < 3; i++)
    {
      gw_canvas_rounded_rect (cr, i - 2.5, i - 1, WIDTH + 5 - 2 * i, HEIGHT + 4 - 2 * i, 10);
      cairo_set_source_rgba (cr, 0, 0, 0, canvas->theme.shadow * (0.3 + 0.25 * i));
      cairo_fill (cr);
    }
  gw_canvas_rounded_rect (cr, 0.5, 0.5, WIDTH - 1, HEIGHT - 1, 8);
  gw_canvas_set_color (cr, &canvas->theme.node, 1);
  cairo_fill_preserve (cr);
  gw_canvas_set_color (cr, &canvas->theme.border, 1);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  cairo_rectangle (cr, INSET - 2, INSET - 2, view->map.width + 4, view->map.height + 4);
  cairo_clip (cr);
  cairo_translate (cr, INSET, INSET);
  draw_scopes (canvas, cr, view);
  draw_boxes (canvas, cr, view);
}

static gboolean
on_redraw (gpointer data)
{
  GwCanvas *canvas = data;

  canvas->minimap_timer = 0;
  g_clear_pointer (&canvas->minimap_node, gsk_render_node_unref);
  gtk_widget_queue_draw (GTK_WIDGET (canvas));
  return G_SOURCE_REMOVE;
}

/* Whether the picture of the boxes may stay for now. */
static gboolean
picture_serves (GwCanvas          *canvas,
                const MinimapView *view)
{
  const GwCanvasRect *old = &canvas->minimap_world;

  if (canvas->minimap_node == NULL)
    return FALSE;
  return !canvas->minimap_stale && old->x == view->world.x && old->y == view->world.y
         && old->width == view->world.width && old->height == view->world.height;
}

static void
update_picture (GwCanvas    *canvas,
                MinimapView *view)
{
  gboolean few = gw_scene_nodes (gw_canvas_scene (canvas))->len <= FEW_BOXES;

  if (picture_serves (canvas, view))
    return;
  if (!few && canvas->minimap_node != NULL)
    {
      if (canvas->minimap_timer == 0)
        canvas->minimap_timer = g_timeout_add (REDRAW_TIME, on_redraw, canvas);
      return;
    }
  g_clear_pointer (&canvas->minimap_node, gsk_render_node_unref);
  canvas->minimap_stale = FALSE;
  canvas->minimap_world = view->world;
  canvas->minimap_node = gw_canvas_record (canvas, WIDTH + 6, HEIGHT + 6, FALSE, draw_minimap,
                                           view);
}

static void
draw_view (GwCanvas *canvas,
           cairo_t  *cr,
           gpointer  data)
{
  MinimapView *view = data;
  GwCanvasRect visible = gw_canvas_visible_rect (canvas);
  double x, y;

  map_point (view, visible.x, visible.y, &x, &y);
  gw_canvas_rounded_rect (cr, INSET + x + 0.75, INSET + y + 0.75,
                          MAX (visible.width * view->scale - 1.5, 3),
                          MAX (visible.height * view->scale - 1.5, 3), 3);
  gw_canvas_set_color (cr, &canvas->theme.accent, 1);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
  draw_foot (canvas, cr);
}

/* The frame of the view and the zoom, which change while one pans. */
static void
update_view (GwCanvas    *canvas,
             MinimapView *view)
{
  GwCanvasRect visible = gw_canvas_visible_rect (canvas);
  double key[] = { visible.x, visible.y, visible.width, visible.height, view->world.x,
                   view->world.y, view->scale, canvas->zoom };

  G_STATIC_ASSERT (sizeof key == sizeof canvas->minimap_key);
  if (canvas->minimap_view != NULL && memcmp (key, canvas->minimap_key, sizeof key) == 0)
    return;
  g_clear_pointer (&canvas->minimap_view, gsk_render_node_unref);
  memcpy (canvas->minimap_key, key, sizeof key);
  canvas->minimap_view = gw_canvas_record (canvas, WIDTH, HEIGHT, FALSE, draw_view, view);
}

void
gw_canvas_snapshot_minimap (GwCanvas    *canvas,
                            GtkSnapshot *snapshot)
{
  MinimapView view;
  GwCanvasRect rect;

  if (!get_view (canvas, &view) || !gw_canvas_minimap_rect (canvas, &rect))
    return;
  update_picture (canvas, &view);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (rect.x - 3, rect.y - 2));
  gtk_snapshot_append_node (snapshot, canvas->minimap_node);
  gtk_snapshot_restore (snapshot);
  update_view (canvas, &view);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (rect.x, rect.y));
  gtk_snapshot_append_node (snapshot, canvas->minimap_view);
  gtk_snapshot_restore (snapshot);
}

void
gw_canvas_minimap_changed (GwCanvas *canvas)
{
  canvas->minimap_stale = TRUE;
}

void
gw_canvas_minimap_drag (GwCanvas *canvas,
                        double    x,
                        double    y)
{
  MinimapView view;
  GwCanvasRect visible = gw_canvas_visible_rect (canvas);

  if (!get_view (canvas, &view))
    return;
  gw_canvas_scroll_to (canvas,
                       view.world.x + (x - view.map.x) / view.scale - visible.width / 2,
                       view.world.y + (y - view.map.y) / view.scale - visible.height / 2);
}

gboolean
gw_canvas_minimap_press (GwCanvas *canvas,
                         double    x,
                         double    y)
{
  GwCanvasRect rect;

  if (!gw_canvas_minimap_rect (canvas, &rect) || !gw_canvas_rect_contains (&rect, x, y))
    return FALSE;
  if (y < rect.y + HEIGHT - FOOT)
    {
      canvas->drag.kind = GW_CANVAS_DRAG_MINIMAP;
      gw_canvas_minimap_drag (canvas, x, y);
      return TRUE;
    }
  x -= rect.x;
  if (x < 30)
    gw_canvas_zoom_out (canvas);
  else if (x < 70)
    gw_canvas_zoom_to_normal (canvas);
  else if (x < 98)
    gw_canvas_zoom_in (canvas);
  else if (x < 126)
    gw_canvas_zoom_to_fit (canvas);
  else
    gw_canvas_set_show_minimap (canvas, FALSE);
  return TRUE;
}

void
gw_canvas_set_show_minimap (GwCanvas *canvas,
                            gboolean  show)
{
  g_return_if_fail (GW_IS_CANVAS (canvas));
  canvas->show_minimap = show;
  gtk_widget_queue_draw (GTK_WIDGET (canvas));
}

gboolean
gw_canvas_get_show_minimap (GwCanvas *canvas)
{
  g_return_val_if_fail (GW_IS_CANVAS (canvas), FALSE);
  return canvas->show_minimap;
}
