/* SPDX-License-Identifier: Apache-2.0 */

/* Paints layers of a scene: what lies behind the nodes (also for the widget)
 * and whole pages for export. */

#include "widgets/paint/canvas/paint-scene.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <math.h>

#define MARGIN 32.0
#define TEXT_REACH 100.0 /* texts whose middles lie farther apart are clear of each other */
#define MAX_PIXELS 32767.0
#define SCREEN_TO_POINTS 0.75

typedef struct
{
  const GwCanvasPaint *paint;
  cairo_t *cr;
  const GwCanvasBackHooks *hooks;
  GHashTable *bundles;          /* pairs of scopes that have their line */
} BackPainter;

static GwCanvasState
state_of (const BackPainter *painter,
          guint64            id)
{
  return painter->hooks->state != NULL ? painter->hooks->state (id, painter->hooks->data) : 0;
}

static gboolean
is_skipped (const BackPainter      *painter,
            const GwCanvasWireItem *item)
{
  return painter->hooks->skip != NULL && painter->hooks->skip (item, painter->hooks->data);
}

static GwCanvasPoint
frame_middle (const GwSceneFrame *frame)
{
  return (GwCanvasPoint) { frame->x + frame->width / 2, frame->y + frame->height / 2 };
}

/* Far out, wires between the same two scopes are one line.  FALSE when the
 * wire is not of that kind. */
static gboolean
paint_bundled (BackPainter            *painter,
               const GwScene          *scene,
               const GwCanvasWireItem *item)
{
  guint64 a = item->from->node->scope, b = item->to->node->scope;
  const GwSceneFrame *first, *second;
  GwCanvasPoint start, end;
  guint64 key;

  if (painter->paint->zoom >= GW_CANVAS_LOD_NAMES || a == 0 || b == 0 || a == b)
    return FALSE;
  first = gw_scene_get_frame (scene, a);
  second = gw_scene_get_frame (scene, b);
  if (first == NULL || second == NULL)
    return FALSE;
  key = a * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) ^ b;
  if (g_hash_table_contains (painter->bundles, &key))
    return TRUE;
  g_hash_table_add (painter->bundles, g_memdup2 (&key, sizeof key));
  start = frame_middle (first);
  end = frame_middle (second);
  cairo_new_path (painter->cr);
  cairo_move_to (painter->cr, start.x, start.y);
  cairo_line_to (painter->cr, end.x, end.y);
  cairo_set_line_width (painter->cr, 1 / painter->paint->zoom);
  gw_canvas_set_color (painter->cr, &painter->paint->theme->elements[item->wire->element], 0.35);
  cairo_stroke (painter->cr);
  return TRUE;
}

static void
paint_boxes (const BackPainter *painter,
             GPtrArray         *nodes)
{
  double least = 3 / painter->paint->zoom;

  for (guint i = 0; i < nodes->len; i++)
    {
      GwCanvasNodeItem *item = g_ptr_array_index (nodes, i);
      GwCanvasMetrics metrics = item->metrics;

      metrics.width = MAX (metrics.width, least);
      metrics.height = MAX (metrics.height, least);
      cairo_save (painter->cr);
      cairo_translate (painter->cr, item->box.x, item->box.y);
      gw_canvas_paint_node (painter->paint, painter->cr, item->node, &metrics,
                            state_of (painter, item->id));
      cairo_restore (painter->cr);
    }
}

static void
paint_frames (const BackPainter  *painter,
              const GwScene      *scene,
              const GwCanvasRect *rect)
{
  const GPtrArray *frames = gw_scene_frames (scene);

  for (guint i = 0; i < frames->len; i++)
    {
      const GwSceneFrame *frame = g_ptr_array_index (frames, i);
      GwCanvasRect around = { frame->x - 4, frame->y - 4, frame->width + 8, frame->height + 8 };

      if (gw_canvas_rect_intersects (&around, rect))
        gw_canvas_paint_frame (painter->paint, painter->cr, frame, state_of (painter, frame->id));
    }
}

static void
paint_titles (const BackPainter  *painter,
              const GwScene      *scene,
              const GwCanvasRect *rect)
{
  const GPtrArray *frames = gw_scene_frames (scene);

  for (guint i = 0; i < frames->len; i++)
    {
      const GwSceneFrame *frame = g_ptr_array_index (frames, i);
      GwCanvasRect area = gw_canvas_frame_rect (frame);

      if (frame->kind == GW_SCENE_FRAME_SCOPE && gw_canvas_rect_intersects (&area, rect))
        gw_canvas_paint_frame_title (painter->paint, painter->cr, frame);
    }
}

/* Whether the wire's text would lie on one that stands there. */
static gboolean
is_crowded (const BackPainter      *painter,
            const GwCanvasWireItem *item,
            GArray                 *texts)
{
  GwCanvasRect rect;

  if (!gw_canvas_wire_text_rect (painter->paint, item, &rect))
    return FALSE;
  for (guint i = 0; i < texts->len; i++)
    if (gw_canvas_rect_intersects (&g_array_index (texts, GwCanvasRect, i), &rect))
      return TRUE;
  g_array_append_val (texts, rect);
  return FALSE;
}

/* Of texts that would lie on one another the first is shown. Those around the rectangle count, so
 * that neighbouring rectangles agree, and so do those that another layer paints. */
static void
paint_wire_texts (const BackPainter  *painter,
                  GwCanvasLayout     *layout,
                  const GwCanvasRect *rect)
{
  g_autoptr (GPtrArray) wires = g_ptr_array_new ();
  g_autoptr (GArray) texts = g_array_new (FALSE, FALSE, sizeof (GwCanvasRect));
  GwCanvasRect around = { rect->x - TEXT_REACH, rect->y - TEXT_REACH, rect->width + 2 * TEXT_REACH,
                          rect->height + 2 * TEXT_REACH };

  if (painter->paint->zoom < GW_CANVAS_LOD_PORTS)
    return;
  gw_canvas_layout_find_wires (layout, &around, wires);
  for (guint i = 0; i < wires->len; i++)
    {
      GwCanvasWireItem *item = g_ptr_array_index (wires, i);

      if (!is_crowded (painter, item, texts) && !is_skipped (painter, item))
        gw_canvas_paint_wire_text (painter->paint, painter->cr, item, 0);
    }
}

void
gw_canvas_paint_back (const GwCanvasPaint     *paint,
                      cairo_t                 *cr,
                      GwCanvasLayout          *layout,
                      const GwCanvasRect      *rect,
                      const GwCanvasBackHooks *hooks)
{
  const GwScene *scene = gw_canvas_layout_scene (layout);
  static const GwCanvasBackHooks no_hooks = { 0 };
  g_autoptr (GPtrArray) wires = g_ptr_array_new ();
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();
  g_autoptr (GHashTable) bundles = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                                          NULL);
  BackPainter painter = { paint, cr, hooks != NULL ? hooks : &no_hooks, bundles };

  gw_canvas_paint_ground (paint, cr, rect);
  paint_frames (&painter, scene, rect);
  gw_canvas_layout_find_wires (layout, rect, wires);
  for (guint i = 0; i < wires->len; i++)
    {
      GwCanvasWireItem *item = g_ptr_array_index (wires, i);

      if (!is_skipped (&painter, item) && !paint_bundled (&painter, scene, item))
        gw_canvas_paint_wire (paint, cr, item, 0);
    }
  paint_wire_texts (&painter, layout, rect);
  if (paint->zoom >= GW_CANVAS_LOD_PORTS)
    return;
  gw_canvas_layout_find_nodes (layout, rect, nodes);
  paint_boxes (&painter, nodes);
  paint_titles (&painter, scene, rect);
}

static gboolean
scene_bounds (GwCanvasLayout *layout,
              GwCanvasRect   *bounds)
{
  gboolean any = gw_canvas_layout_bounds (layout, bounds);
  GwCanvasRect all = any ? *bounds : (GwCanvasRect) { 0, 0, 0, 0 };
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();
  g_autoptr (GPtrArray) wires = g_ptr_array_new ();

  gw_canvas_layout_find_wires (layout, &(GwCanvasRect) { -1e9, -1e9, 2e9, 2e9 }, wires);
  for (guint i = 0; i < wires->len; i++)
    {
      GwCanvasRect path = gw_canvas_path_bounds (&((GwCanvasWireItem *) wires->pdata[i])->path);
      gw_canvas_rect_union (&all, &path);
    }
  gw_canvas_layout_find_nodes (layout, &(GwCanvasRect) { -1e9, -1e9, 2e9, 2e9 }, nodes);
  for (guint i = 0; i < nodes->len; i++)
    {
      GwCanvasNodeItem *item = g_ptr_array_index (nodes, i);
      GwCanvasRect shelf = item->box;

      shelf.height += gw_canvas_shelf_height (item->node, 1);
      gw_canvas_rect_union (&all, &shelf);
    }
  *bounds = (GwCanvasRect) { floor (all.x) - MARGIN, floor (all.y) - MARGIN,
                             ceil (all.width) + 2 * MARGIN, ceil (all.height) + 2 * MARGIN };
  return any;
}

static gboolean
paint_layout (cairo_t             *cr,
              GwCanvasLayout      *layout,
              const GwCanvasTheme *theme,
              double               scale)
{
  GwCanvasPaint paint = { theme, gw_canvas_layout_text (layout), MAX (scale, 1), -1 };
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();
  GwCanvasRect bounds;
  gboolean any = scene_bounds (layout, &bounds);

  cairo_save (cr);
  cairo_scale (cr, scale, scale);
  cairo_translate (cr, -bounds.x, -bounds.y);
  gw_canvas_paint_back (&paint, cr, layout, &bounds, NULL);
  gw_canvas_layout_find_nodes (layout, &bounds, nodes);
  for (guint i = 0; i < nodes->len; i++)
    {
      GwCanvasNodeItem *item = g_ptr_array_index (nodes, i);

      cairo_save (cr);
      cairo_translate (cr, item->box.x, item->box.y);
      gw_canvas_paint_shelf (&paint, cr, item->node, &item->metrics);
      gw_canvas_paint_node (&paint, cr, item->node, &item->metrics, 0);
      cairo_restore (cr);
    }
  cairo_restore (cr);
  return any && cairo_status (cr) == CAIRO_STATUS_SUCCESS;
}

gboolean
gw_canvas_scene_size (const GwScene *scene,
                      double        *width,
                      double        *height)
{
  g_autoptr (GwCanvasText) text = gw_canvas_text_new (NULL);
  GwCanvasLayout *layout = gw_canvas_layout_new (scene, text);
  GwCanvasRect bounds;
  gboolean any = scene_bounds (layout, &bounds);

  gw_canvas_layout_free (layout);
  *width = bounds.width;
  *height = bounds.height;
  return any;
}

gboolean
gw_canvas_paint_scene (cairo_t             *cr,
                       const GwScene       *scene,
                       const GwCanvasTheme *theme,
                       double               scale)
{
  g_autoptr (GwCanvasText) text = gw_canvas_text_new (NULL);
  GwCanvasLayout *layout = gw_canvas_layout_new (scene, text);
  gboolean drawn = paint_layout (cr, layout, theme, scale);

  gw_canvas_layout_free (layout);
  return drawn;
}

static cairo_status_t
collect_bytes (void                *closure,
               const unsigned char *data,
               unsigned int         length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

static cairo_surface_t *
make_surface (GwCanvasPageFormat  format,
              GByteArray         *bytes,
              double              width,
              double              height)
{
  switch (format)
    {
    case GW_CANVAS_PAGE_SVG:
      return cairo_svg_surface_create_for_stream (collect_bytes, bytes, width, height);
    case GW_CANVAS_PAGE_PDF:
      return cairo_pdf_surface_create_for_stream (collect_bytes, bytes, width * SCREEN_TO_POINTS,
                                                  height * SCREEN_TO_POINTS);
    default:
      return cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
    }
}

gboolean
gw_canvas_write_scene (const GwScene        *scene,
                       const GwCanvasTheme  *theme,
                       double                scale,
                       GwCanvasPageFormat    format,
                       const char           *path,
                       GError              **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  cairo_surface_t *surface;
  cairo_t *cr;
  cairo_status_t status;
  double width, height;

  if (!gw_canvas_scene_size (scene, &width, &height))
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: the graph has no nodes to draw",
                   path);
      return FALSE;
    }
  width = ceil (width * scale);
  height = ceil (height * scale);
  if (width > MAX_PIXELS || height > MAX_PIXELS)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                   "%s: the picture is %.0f×%.0f px, at most %.0f are possible: use a smaller scale",
                   path, width, height, MAX_PIXELS);
      return FALSE;
    }
  surface = make_surface (format, bytes, width, height);
  cr = cairo_create (surface);
  if (format == GW_CANVAS_PAGE_PDF)
    cairo_scale (cr, SCREEN_TO_POINTS, SCREEN_TO_POINTS);
  gw_canvas_paint_scene (cr, scene, theme, scale);
  status = cairo_status (cr);
  cairo_destroy (cr);
  if (status == CAIRO_STATUS_SUCCESS && format == GW_CANVAS_PAGE_PNG)
    status = cairo_surface_write_to_png_stream (surface, collect_bytes, bytes);
  cairo_surface_finish (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_status (surface);
  cairo_surface_destroy (surface);
  if (status != CAIRO_STATUS_SUCCESS)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: the picture was not drawn: %s",
                   path, cairo_status_to_string (status));
      return FALSE;
    }
  return g_file_set_contents (path, (const char *) bytes->data, bytes->len, error);
}
