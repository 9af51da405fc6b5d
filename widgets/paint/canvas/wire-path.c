/* SPDX-License-Identifier: Apache-2.0 */

/* Geometry of wires; pure functions. */

#include "widgets/paint/canvas/wire-path.h"

#include <math.h>
#include <stdlib.h>

#define BEND_MIN 24.0
#define BEND_MAX 160.0
#define CHANNEL_MIN 16.0        /* a gap this high is a channel */
#define CHANNEL_CLEAR 24.0      /* distance kept beyond the outermost box */
#define WAY_CORNERS 6
#define CUBIC_STEPS (GW_CANVAS_PATH_POINTS - 1)

gboolean
gw_canvas_path_is_forward (double x0,
                           double x1)
{
  return x1 - x0 >= GW_CANVAS_FORWARD_MIN;
}

void
gw_canvas_path_cubic (GwCanvasPath *path,
                      double        x0,
                      double        y0,
                      double        x1,
                      double        y1)
{
  double d = CLAMP (fabs (x1 - x0) / 2, BEND_MIN, BEND_MAX);

  *path = (GwCanvasPath) { .x = { x0, x0 + d, x1 - d, x1 }, .y = { y0, y0, y1, y1 } };
}

void
gw_canvas_path_square (GwCanvasPath *path,
                       double        x0,
                       double        y0,
                       double        x1,
                       double        y1)
{
  double x = (x0 + x1) / 2, y = (y0 + y1) / 2;

  *path = (GwCanvasPath) { .is_way = TRUE,
                           .x = { x0, x, x, x, x, x1 },
                           .y = { y0, y0, y, y, y1, y1 } };
}

void
gw_canvas_path_way (GwCanvasPath *path,
                    double        x0,
                    double        y0,
                    double        x1,
                    double        y1,
                    double        channel)
{
  double out = x0 + GW_CANVAS_OUT, back = x1 - GW_CANVAS_BACK;

  *path = (GwCanvasPath) { .is_way = TRUE,
                           .x = { x0, out, out, back, back, x1 },
                           .y = { y0, y0, channel, channel, y1, y1 } };
}

static int
compare_tops (const void *a,
              const void *b)
{
  const GwCanvasRect *first = a, *second = b;

  return (first->y > second->y) - (first->y < second->y);
}

typedef struct
{
  double y0, y1;                /* ends of the wire */
  double cost, distance;        /* of the best channel so far */
  double channel;
} ChannelSearch;

static void
try_channel (ChannelSearch *search,
             double         y)
{
  double cost = fabs (y - search->y0) + fabs (y - search->y1);
  double distance = fabs (y - search->y1);

  if (cost > search->cost + 0.5 || (cost > search->cost - 0.5 && distance >= search->distance))
    return;
  search->cost = cost;
  search->distance = distance;
  search->channel = y;
}

double
gw_canvas_find_channel (double        y0,
                        double        y1,
                        GwCanvasRect *boxes,
                        gsize         n_boxes)
{
  ChannelSearch search = { .y0 = y0, .y1 = y1, .cost = G_MAXDOUBLE };
  double bottom;

  if (n_boxes == 0)
    return (y0 + y1) / 2;
  qsort (boxes, n_boxes, sizeof *boxes, compare_tops);
  try_channel (&search, boxes[0].y - CHANNEL_CLEAR);
  bottom = boxes[0].y + boxes[0].height;
  for (gsize i = 1; i < n_boxes; i++)
    {
      if (boxes[i].y - bottom >= CHANNEL_MIN)
        try_channel (&search, (bottom + boxes[i].y) / 2);
      bottom = MAX (bottom, boxes[i].y + boxes[i].height);
    }
  try_channel (&search, bottom + CHANNEL_CLEAR);
  return search.channel;
}

/* A line to corner i, rounded towards the next one as far as both halves
 * allow. */
static void
draw_corner (const GwCanvasPath *path,
             cairo_t            *cr,
             int                 i)
{
  double ax = path->x[i] - path->x[i - 1], ay = path->y[i] - path->y[i - 1];
  double bx = path->x[i + 1] - path->x[i], by = path->y[i + 1] - path->y[i];
  double a = hypot (ax, ay), b = hypot (bx, by);
  double r = MIN (GW_CANVAS_CORNER, MIN (a, b) / 2);
  double fx, fy, tx, ty;

  if (r <= 0)
    {
      cairo_line_to (cr, path->x[i], path->y[i]);
      return;
    }
  fx = path->x[i] - ax / a * r;
  fy = path->y[i] - ay / a * r;
  tx = path->x[i] + bx / b * r;
  ty = path->y[i] + by / b * r;
  cairo_line_to (cr, fx, fy);
  cairo_curve_to (cr, (fx + 2 * path->x[i]) / 3, (fy + 2 * path->y[i]) / 3,
                  (tx + 2 * path->x[i]) / 3, (ty + 2 * path->y[i]) / 3, tx, ty);
}

void
gw_canvas_path_draw (const GwCanvasPath *path,
                     cairo_t            *cr)
{
  cairo_move_to (cr, path->x[0], path->y[0]);
  if (!path->is_way)
    {
      cairo_curve_to (cr, path->x[1], path->y[1], path->x[2], path->y[2], path->x[3], path->y[3]);
      return;
    }
  for (int i = 1; i < WAY_CORNERS - 1; i++)
    draw_corner (path, cr, i);
  cairo_line_to (cr, path->x[WAY_CORNERS - 1], path->y[WAY_CORNERS - 1]);
}

GwCanvasRect
gw_canvas_path_bounds (const GwCanvasPath *path)
{
  int n = path->is_way ? WAY_CORNERS : 4;
  double x0 = path->x[0], x1 = path->x[0], y0 = path->y[0], y1 = path->y[0];

  for (int i = 1; i < n; i++)
    {
      x0 = MIN (x0, path->x[i]);
      x1 = MAX (x1, path->x[i]);
      y0 = MIN (y0, path->y[i]);
      y1 = MAX (y1, path->y[i]);
    }
  return (GwCanvasRect) { x0, y0, x1 - x0, y1 - y0 };
}

static GwCanvasPoint
cubic_point (const GwCanvasPath *path,
             double              t)
{
  double s = 1 - t;
  double a = s * s * s, b = 3 * s * s * t, c = 3 * s * t * t, d = t * t * t;

  return (GwCanvasPoint) {
    a * path->x[0] + b * path->x[1] + c * path->x[2] + d * path->x[3],
    a * path->y[0] + b * path->y[1] + c * path->y[2] + d * path->y[3],
  };
}

guint
gw_canvas_path_flatten (const GwCanvasPath *path,
                        GwCanvasPoint      *points)
{
  if (path->is_way)
    {
      for (int i = 0; i < WAY_CORNERS; i++)
        points[i] = (GwCanvasPoint) { path->x[i], path->y[i] };
      return WAY_CORNERS;
    }
  if (path->y[0] == path->y[3])
    {
      points[0] = (GwCanvasPoint) { path->x[0], path->y[0] };
      points[1] = (GwCanvasPoint) { path->x[3], path->y[3] };
      return 2;
    }
  for (int i = 0; i <= CUBIC_STEPS; i++)
    points[i] = cubic_point (path, (double) i / CUBIC_STEPS);
  return CUBIC_STEPS + 1;
}

double
gw_canvas_path_length (const GwCanvasPath *path)
{
  GwCanvasPoint points[GW_CANVAS_PATH_POINTS];
  guint n = gw_canvas_path_flatten (path, points);
  double length = 0;

  for (guint i = 1; i < n; i++)
    length += hypot (points[i].x - points[i - 1].x, points[i].y - points[i - 1].y);
  return length;
}

static double
segment_distance (GwCanvasPoint a,
                  GwCanvasPoint b,
                  double        x,
                  double        y)
{
  double dx = b.x - a.x, dy = b.y - a.y;
  double square = dx * dx + dy * dy;
  double t = square > 0 ? ((x - a.x) * dx + (y - a.y) * dy) / square : 0;

  t = CLAMP (t, 0, 1);
  return hypot (a.x + t * dx - x, a.y + t * dy - y);
}

double
gw_canvas_path_distance (const GwCanvasPath *path,
                         double              x,
                         double              y)
{
  GwCanvasPoint points[GW_CANVAS_PATH_POINTS];
  guint n = gw_canvas_path_flatten (path, points);
  double nearest = G_MAXDOUBLE;

  for (guint i = 1; i < n; i++)
    nearest = MIN (nearest, segment_distance (points[i - 1], points[i], x, y));
  return nearest;
}

GwCanvasPoint
gw_canvas_path_middle (const GwCanvasPath *path)
{
  int longest = 1;
  double length = 0;

  if (!path->is_way)
    return cubic_point (path, 0.5);
  for (int i = 1; i < WAY_CORNERS; i++)
    {
      double piece = fabs (path->x[i] - path->x[i - 1]);

      if (piece > length)
        {
          length = piece;
          longest = i;
        }
    }
  return (GwCanvasPoint) { (path->x[longest - 1] + path->x[longest]) / 2,
                           (path->y[longest - 1] + path->y[longest]) / 2 };
}

/* On which side of the line a–b c lies. */
static double
side (GwCanvasPoint a,
      GwCanvasPoint b,
      GwCanvasPoint c)
{
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

static gboolean
segments_cross (GwCanvasPoint a,
                GwCanvasPoint b,
                GwCanvasPoint c,
                GwCanvasPoint d)
{
  return side (a, b, c) * side (a, b, d) <= 0 && side (c, d, a) * side (c, d, b) <= 0;
}

gboolean
gw_canvas_path_crosses (const GwCanvasPath *path,
                        GwCanvasPoint       a,
                        GwCanvasPoint       b)
{
  GwCanvasPoint points[GW_CANVAS_PATH_POINTS];
  guint n = gw_canvas_path_flatten (path, points);

  for (guint i = 1; i < n; i++)
    if (segments_cross (points[i - 1], points[i], a, b))
      return TRUE;
  return FALSE;
}

gboolean
gw_canvas_path_touches (const GwCanvasPath *path,
                        const GwCanvasRect *rect)
{
  double right = rect->x + rect->width, bottom = rect->y + rect->height;

  if (gw_canvas_rect_contains (rect, path->x[0], path->y[0]))
    return TRUE;
  return gw_canvas_path_crosses (path, (GwCanvasPoint) { rect->x, rect->y },
                                 (GwCanvasPoint) { right, rect->y })
         || gw_canvas_path_crosses (path, (GwCanvasPoint) { rect->x, bottom },
                                    (GwCanvasPoint) { right, bottom })
         || gw_canvas_path_crosses (path, (GwCanvasPoint) { rect->x, rect->y },
                                    (GwCanvasPoint) { rect->x, bottom })
         || gw_canvas_path_crosses (path, (GwCanvasPoint) { right, rect->y },
                                    (GwCanvasPoint) { right, bottom });
}
