/* SPDX-License-Identifier: Apache-2.0 */

/* The arithmetic of a node's box (see the measures of the design kit). */

#include "widgets/paint/canvas/metrics.h"

#include <math.h>

#define MIN_WIDTH 104.0
#define MAX_WIDTH 248.0
#define WIDTH_STEP 8.0
#define TEXT_X 37.0             /* name and op type */
#define HEADER_END 10.0
#define BADGE_END 26.0          /* beside the name: a problem must not cut it */
#define LABEL_INSET 11.0
#define LABEL_GAP 20.0          /* between an input's and an output's text */
#define PILL_GAP 5.0
#define PILL_PADDING 6.0
#define PILL_MAX 96.0
#define BOTTOM_PADDING 6.0
#define FOLDED_Y 30.0           /* of the ports of a folded node, under its control port */
#define SHELF_VALUE 26.0
#define SHELF_HEALTH 38.0
#define SHELF_HISTOGRAM 40.0
#define WIRE_MIN 1.25
#define WIRE_BASE 0.75
#define WIRE_RANGE 11.25
#define WIRE_MAX 12.0
#define WIRE_EXPONENT 0.3
#define WIRE_FULL 5000000.0     /* elements of the thickest wire */

static double
pill_width (GwCanvasText *text,
            const char   *literal)
{
  double width = gw_canvas_text_width (text, GW_CANVAS_FONT_SMALL, literal);

  return MIN (width + 2 * PILL_PADDING, PILL_MAX);
}

static gboolean
has_pill (const GwScenePort *port)
{
  return port->literal != NULL && !port->connected;
}

/* The n-th port of a side that takes a row, or NULL. */
static const GwScenePort *
visible_port (const GwScenePort *ports,
              guint              n_ports,
              guint              n)
{
  for (guint i = 0; i < n_ports; i++)
    if (!ports[i].hidden && n-- == 0)
      return &ports[i];
  return NULL;
}

static guint
count_visible (const GwScenePort *ports,
               guint              n_ports)
{
  guint n = 0;

  for (guint i = 0; i < n_ports; i++)
    n += !ports[i].hidden;
  return n;
}

static double
row_width (GwCanvasText      *text,
           const GwSceneNode *node,
           guint              row)
{
  const GwScenePort *input = visible_port (node->inputs, node->n_inputs, row);
  const GwScenePort *output = visible_port (node->outputs, node->n_outputs, row);
  double width = 2 * LABEL_INSET;

  if (input != NULL)
    {
      width += gw_canvas_text_width (text, GW_CANVAS_FONT_SMALL, input->name);
      if (has_pill (input))
        width += PILL_GAP + pill_width (text, input->literal);
    }
  if (output != NULL)
    {
      const char *label = output->shape != NULL ? output->shape : output->name;

      width += gw_canvas_text_width (text, GW_CANVAS_FONT_SMALL, label);
      if (input != NULL)
        width += LABEL_GAP;
    }
  return width;
}

static gboolean
is_folded (const GwSceneNode *node)
{
  return (node->flags & GW_SCENE_NODE_FOLDED) != 0;
}

static guint
count_attributes (const GwSceneNode *node)
{
  guint n = node->attributes != NULL ? g_strv_length (node->attributes) : 0;

  if (node->flags & GW_SCENE_NODE_BYPASSED)
    return MAX (MIN (n, GW_CANVAS_MAX_ATTRIBUTES), 1);
  return MIN (n, GW_CANVAS_MAX_ATTRIBUTES);
}

void
gw_canvas_measure_node (GwCanvasText      *text,
                        const GwSceneNode *node,
                        GwCanvasMetrics   *metrics)
{
  guint inputs = count_visible (node->inputs, node->n_inputs);
  guint outputs = count_visible (node->outputs, node->n_outputs);
  double width;

  *metrics = (GwCanvasMetrics) { .width = GW_CANVAS_REROUTE, .height = GW_CANVAS_REROUTE };
  if (node->flags & GW_SCENE_NODE_REROUTE)
    return;
  if (!is_folded (node))
    {
      metrics->n_hidden = node->n_inputs - inputs + node->n_outputs - outputs;
      metrics->port_rows = MAX (MAX (inputs, outputs), metrics->n_hidden > 0 ? 1 : 0);
      metrics->attribute_rows = count_attributes (node);
    }

  width = MAX (gw_canvas_text_width (text, GW_CANVAS_FONT_NAME, node->name) + BADGE_END,
               gw_canvas_text_width (text, GW_CANVAS_FONT_SMALL, node->op) + HEADER_END)
          + TEXT_X;
  for (guint row = 0; row < metrics->port_rows; row++)
    width = MAX (width, row_width (text, node, row));
  for (guint i = 0; node->attributes != NULL && i < metrics->attribute_rows
                    && node->attributes[i] != NULL; i++)
    width = MAX (width, gw_canvas_text_width (text, GW_CANVAS_FONT_SMALL, node->attributes[i])
                        + 2 * LABEL_INSET);
  metrics->width = CLAMP (ceil (width / WIDTH_STEP) * WIDTH_STEP, MIN_WIDTH, MAX_WIDTH);
  metrics->height = GW_CANVAS_HEADER
                    + GW_CANVAS_ROW * (metrics->port_rows + metrics->attribute_rows)
                    + (is_folded (node) ? 0 : BOTTOM_PADDING);
}

void
gw_canvas_port_position (const GwSceneNode     *node,
                         const GwCanvasMetrics *metrics,
                         gboolean               is_output,
                         int                    port,
                         double                *x,
                         double                *y)
{
  const GwScenePort *ports = is_output ? node->outputs : node->inputs;
  guint n_ports = is_output ? node->n_outputs : node->n_inputs;
  guint row = 0;

  if (node->flags & GW_SCENE_NODE_REROUTE)
    {
      *x = *y = GW_CANVAS_REROUTE / 2;
      return;
    }
  *x = is_output ? metrics->width : 0;
  *y = GW_CANVAS_CONTROL_Y;
  if (port < 0)
    return;
  if (is_folded (node))
    {
      *y = node->flags & (is_output ? GW_SCENE_NODE_CONTROL_OUT : GW_SCENE_NODE_CONTROL_IN) ? FOLDED_Y : *y;
      return;
    }
  for (guint i = 0; i < n_ports && i < (guint) port; i++)
    row += !ports[i].hidden;
  if (metrics->port_rows > 0)
    row = MIN (row, metrics->port_rows - 1);
  *y = GW_CANVAS_FIRST_ROW + GW_CANVAS_ROW * row;
}

gboolean
gw_canvas_literal_rect (GwCanvasText          *text,
                        const GwSceneNode     *node,
                        const GwCanvasMetrics *metrics,
                        guint                  input,
                        GwCanvasRect          *rect)
{
  const GwScenePort *port;
  double x, y;

  if (input >= node->n_inputs)
    return FALSE;
  port = &node->inputs[input];
  if (port->hidden || !has_pill (port) || is_folded (node))
    return FALSE;
  gw_canvas_port_position (node, metrics, FALSE, input, &x, &y);
  rect->x = LABEL_INSET + gw_canvas_text_width (text, GW_CANVAS_FONT_SMALL, port->name) + PILL_GAP;
  rect->y = y - 8;
  rect->width = pill_width (text, port->literal);
  rect->height = 16;
  return TRUE;
}

double
gw_canvas_shelf_height (const GwSceneNode *node,
                        double             zoom)
{
  double height;

  if (node->live == NULL || (node->flags & GW_SCENE_NODE_REROUTE))
    return 0;
  height = node->live->has_health ? SHELF_HEALTH : SHELF_VALUE;
  if (zoom >= 1.5 && (node->flags & GW_SCENE_NODE_WATCHED) && node->live->n_bins > 0)
    height += SHELF_HISTOGRAM;
  return height;
}

double
gw_canvas_wire_width (double n_elements)
{
  double share;

  if (!(n_elements > 1))
    return WIRE_MIN;
  share = (pow (n_elements, WIRE_EXPONENT) - 1) / (pow (WIRE_FULL, WIRE_EXPONENT) - 1);
  return CLAMP (WIRE_BASE + WIRE_RANGE * share, WIRE_MIN, WIRE_MAX);
}

gboolean
gw_canvas_rect_intersects (const GwCanvasRect *a,
                           const GwCanvasRect *b)
{
  return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height
         && b->y < a->y + a->height;
}

gboolean
gw_canvas_rect_contains (const GwCanvasRect *rect,
                         double              x,
                         double              y)
{
  return x >= rect->x && x < rect->x + rect->width && y >= rect->y && y < rect->y + rect->height;
}

void
gw_canvas_rect_union (GwCanvasRect       *rect,
                      const GwCanvasRect *other)
{
  double right = MAX (rect->x + rect->width, other->x + other->width);
  double bottom = MAX (rect->y + rect->height, other->y + other->height);

  rect->x = MIN (rect->x, other->x);
  rect->y = MIN (rect->y, other->y);
  rect->width = right - rect->x;
  rect->height = bottom - rect->y;
}
