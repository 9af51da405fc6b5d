/* SPDX-License-Identifier: Apache-2.0 */

/* A frame of the canvas, from back to front. */

#include "widgets/canvas/canvas-private.h"

#include <math.h>

#define EM_AT_DESIGN 14.67      /* px of the font for which the design is drawn */

/* px of the system font. */
static double
font_pixels (GtkWidget *widget)
{
  PangoContext *context = gtk_widget_get_pango_context (widget);
  const PangoFontDescription *description = pango_context_get_font_description (context);
  double size = pango_font_description_get_size (description) / (double) PANGO_SCALE;
  double resolution = pango_cairo_context_get_resolution (context);

  if (size <= 0)
    return EM_AT_DESIGN;
  if (pango_font_description_get_size_is_absolute (description))
    return size;
  return size * (resolution > 0 ? resolution : 96) / 72;
}

static void
read_accent (GtkWidget     *widget,
             GwCanvasColor *accent)
{
  GdkRGBA color;

  if (gtk_style_context_lookup_color (gtk_widget_get_style_context (widget), "accent_bg_color",
                                      &color))
    *accent = (GwCanvasColor) { color.red, color.green, color.blue };
}

void
gw_canvas_update_theme (GwCanvas *canvas)
{
  GtkWidget *widget = GTK_WIDGET (canvas);
  AdwStyleManager *style = adw_style_manager_get_default ();
  double font_scale = font_pixels (widget) / EM_AT_DESIGN;

  gw_canvas_theme_init (&canvas->theme, adw_style_manager_get_dark (style),
                        adw_style_manager_get_high_contrast (style));
  read_accent (widget, &canvas->theme.accent);
  canvas->font_scale = fabs (font_scale - 1) < 0.02 ? 1 : font_scale;
  canvas->look++;
  g_clear_pointer (&canvas->minimap_node, gsk_render_node_unref);
  g_clear_pointer (&canvas->minimap_view, gsk_render_node_unref);
  gw_canvas_tiles_clear (canvas->tiles);
  gw_canvas_view_changed (canvas, TRUE);
}

GwCanvasState
gw_canvas_item_state (GwCanvas *canvas,
                      guint64   id)
{
  GwCanvasState state = 0;

  if (g_hash_table_contains (canvas->selected, &id))
    state |= GW_CANVAS_STATE_SELECTED;
  if (canvas->hover.kind != GW_CANVAS_HIT_NONE && canvas->hover.id == id
      && canvas->drag.kind == GW_CANVAS_DRAG_NONE && gw_canvas_scale (canvas) >= GW_CANVAS_LOD_PORTS
      && canvas->hover.kind != GW_CANVAS_HIT_FRAME)
    state |= GW_CANVAS_STATE_HOVER;
  if (canvas->focus == id && gtk_widget_has_visible_focus (GTK_WIDGET (canvas)))
    state |= GW_CANVAS_STATE_FOCUS;
  if (canvas->drag.target_wire == id && id != 0)
    state |= GW_CANVAS_STATE_TARGET;
  return state;
}

GwCanvasPaint
gw_canvas_make_paint (GwCanvas *canvas)
{
  return (GwCanvasPaint) { &canvas->theme, canvas->text, gw_canvas_scale (canvas), -1 };
}

/* The only problem of the scene, so that it is told without being asked. */
static GwCanvasNodeItem *
only_problem (GwCanvas *canvas)
{
  GHashTableIter iter;
  gpointer key;

  if (g_hash_table_size (canvas->problems) != 1)
    return NULL;
  g_hash_table_iter_init (&iter, canvas->problems);
  g_hash_table_iter_next (&iter, &key, NULL);
  return gw_canvas_layout_get_node (canvas->layout, *(guint64 *) key);
}

static GwCanvasNodeItem *
item_with_problem (GwCanvas *canvas,
                   guint64   id)
{
  GwCanvasNodeItem *item = gw_canvas_layout_get_node (canvas->layout, id);

  return item != NULL && item->node->problem != NULL ? item : NULL;
}

GwCanvasNodeItem *
gw_canvas_problem_item (GwCanvas *canvas)
{
  GwCanvasNodeItem *item = NULL;

  if (canvas->layout == NULL || gw_canvas_scale (canvas) < GW_CANVAS_LOD_PORTS
      || canvas->drag.kind != GW_CANVAS_DRAG_NONE)
    return NULL;
  if (canvas->hover.kind == GW_CANVAS_HIT_NODE || canvas->hover.kind == GW_CANVAS_HIT_NAME)
    item = item_with_problem (canvas, canvas->hover.id);
  if (item == NULL && g_hash_table_size (canvas->selected) == 1)
    {
      GHashTableIter iter;
      gpointer key;

      g_hash_table_iter_init (&iter, canvas->selected);
      g_hash_table_iter_next (&iter, &key, NULL);
      item = item_with_problem (canvas, *(guint64 *) key);
    }
  return item != NULL ? item : only_problem (canvas);
}

/* What is being moved is seen above the rest, wherever it stands. */
static void
raise_moved (GwCanvas  *canvas,
             GPtrArray *nodes)
{
  g_autoptr (GPtrArray) moved = g_ptr_array_new ();
  guint kept = 0;

  if (canvas->drag.kind != GW_CANVAS_DRAG_MOVE)
    return;
  for (guint i = 0; i < nodes->len; i++)
    {
      GwCanvasNodeItem *item = g_ptr_array_index (nodes, i);

      if (gw_canvas_is_selected (canvas, item->id))
        g_ptr_array_add (moved, item);
      else
        g_ptr_array_index (nodes, kept++) = item;
    }
  for (guint i = 0; i < moved->len; i++)
    g_ptr_array_index (nodes, kept++) = g_ptr_array_index (moved, i);
}

static gboolean
snapshot_nodes (GwCanvas    *canvas,
                GtkSnapshot *snapshot)
{
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();
  GwCanvasRect view = gw_canvas_visible_rect (canvas);

  gw_canvas_layout_find_nodes (canvas->layout, &view, nodes);
  raise_moved (canvas, nodes);
  return gw_canvas_snapshot_nodes (canvas, snapshot, nodes);
}

void
gw_canvas_snapshot (GtkWidget   *widget,
                    GtkSnapshot *snapshot)
{
  GwCanvas *canvas = GW_CANVAS (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  gboolean complete;

  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  complete = gw_canvas_tiles_snapshot (canvas, snapshot);
  if (canvas->layout != NULL)
    {
      gw_canvas_snapshot_live (canvas, snapshot);
      if (gw_canvas_scale (canvas) >= GW_CANVAS_LOD_PORTS)
        complete &= snapshot_nodes (canvas, snapshot);
      gw_canvas_snapshot_overlay (canvas, snapshot);
      gw_canvas_snapshot_minimap (canvas, snapshot);
    }
  gtk_snapshot_pop (snapshot);
  if (!complete)
    gw_canvas_queue_refresh (canvas);
}
