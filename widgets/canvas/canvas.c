/* SPDX-License-Identifier: Apache-2.0 */

/* The widget: its life, its model, and what it does when that changes. */

#include "widgets/canvas/canvas-private.h"
#include "widgets/canvas/frame-memory.h"

#define NATURAL_WIDTH 640
#define NATURAL_HEIGHT 480

enum
{
  PROP_0,
  PROP_MODEL,
  PROP_ZOOM,
  N_PROPS
};

static GParamSpec *props[N_PROPS];
static guint view_changed;

G_DEFINE_FINAL_TYPE (GwCanvas, gw_canvas, GTK_TYPE_WIDGET)

const GwScene *
gw_canvas_scene (GwCanvas *canvas)
{
  return canvas->layout != NULL ? gw_canvas_layout_scene (canvas->layout) : NULL;
}

void
gw_canvas_emit_view_changed (GwCanvas *canvas)
{
  g_signal_emit (canvas, view_changed, 0);
}

/* ---- what the frame's budget left out ---- */

static gboolean
on_refresh (gpointer data)
{
  GwCanvas *canvas = data;

  canvas->refresh = 0;
  gtk_widget_queue_draw (GTK_WIDGET (canvas));
  return G_SOURCE_REMOVE;
}

void
gw_canvas_queue_refresh (GwCanvas *canvas)
{
  if (canvas->refresh == 0)
    canvas->refresh = g_idle_add (on_refresh, canvas);
}

/* ---- moving dashes ---- */

static gboolean
has_running_wire (GwCanvas *canvas)
{
  GHashTableIter iter;
  gpointer key;

  if (canvas->layout == NULL)
    return FALSE;
  g_hash_table_iter_init (&iter, canvas->live);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      GwCanvasWireItem *item = gw_canvas_layout_get_wire (canvas->layout, *(guint64 *) key);

      if (item != NULL && (item->wire->flags & GW_SCENE_WIRE_RUNNING))
        return TRUE;
    }
  return FALSE;
}

static gboolean
animation_tick (GtkWidget     *widget,
                GdkFrameClock *clock,
                gpointer       data)
{
  GwCanvas *canvas = GW_CANVAS (widget);

  if (!has_running_wire (canvas))
    {
      canvas->animation = 0;
      return G_SOURCE_REMOVE;
    }
  gtk_widget_queue_draw (widget);
  return G_SOURCE_CONTINUE;
}

static void
update_animation (GwCanvas *canvas)
{
  gboolean animate = TRUE;
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (canvas));

  if (canvas->animation != 0 || clock == NULL || !has_running_wire (canvas))
    return;
  g_object_get (gtk_widget_get_settings (GTK_WIDGET (canvas)), "gtk-enable-animations", &animate,
                NULL);
  if (!animate)
    return;
  canvas->animation_start = gdk_frame_clock_get_frame_time (clock);
  canvas->animation = gtk_widget_add_tick_callback (GTK_WIDGET (canvas), animation_tick, NULL,
                                                    NULL);
}

/* ---- the model ---- */

static void
on_damage (GwCanvasDamageKind  kind,
           guint64             id,
           const GwCanvasRect *rect,
           gpointer            data)
{
  GwCanvas *canvas = data;

  if (kind == GW_CANVAS_DAMAGE_NODE && gw_canvas_scale (canvas) >= GW_CANVAS_LOD_PORTS)
    return;
  if (kind == GW_CANVAS_DAMAGE_WIRE && g_hash_table_contains (canvas->live, &id))
    {
      g_hash_table_insert (canvas->live, g_memdup2 (&id, sizeof id), NULL);
      return;
    }
  gw_canvas_tiles_invalidate (canvas, rect);
}

static void
put_in_set (GHashTable *set,
            guint64     id,
            gboolean    in)
{
  if (in)
    g_hash_table_add (set, g_memdup2 (&id, sizeof id));
  else
    g_hash_table_remove (set, &id);
}

/* What a frame must find without looking through the scene. */
static void
note_marks (GwCanvas *canvas,
            guint64   id)
{
  const GwScene *scene = gw_canvas_scene (canvas);
  const GwSceneNode *node = gw_scene_get_node (scene, id);
  const GwSceneWire *wire = gw_scene_get_wire (scene, id);

  put_in_set (canvas->problems, id, node != NULL && node->problem != NULL);
  put_in_set (canvas->running, id, wire != NULL && (wire->flags & GW_SCENE_WIRE_RUNNING));
}

static void
note_all_marks (GwCanvas *canvas)
{
  const GPtrArray *nodes = gw_scene_nodes (gw_canvas_scene (canvas));
  const GPtrArray *wires = gw_scene_wires (gw_canvas_scene (canvas));

  g_hash_table_remove_all (canvas->problems);
  g_hash_table_remove_all (canvas->running);
  for (guint i = 0; i < nodes->len; i++)
    note_marks (canvas, ((GwSceneNode *) nodes->pdata[i])->id);
  for (guint i = 0; i < wires->len; i++)
    note_marks (canvas, ((GwSceneWire *) wires->pdata[i])->id);
}

static void
on_changed (GwCanvasModel *model,
            const guint64 *ids,
            guint64        n_ids,
            GwCanvas      *canvas)
{
  gboolean focus_touched = FALSE;

  gw_canvas_layout_update (canvas->layout, ids, n_ids);
  for (guint64 i = 0; i < n_ids; i++)
    note_marks (canvas, ids[i]);
  gw_canvas_prune_selection (canvas);
  gw_canvas_update_live (canvas);
  update_animation (canvas);
  gw_canvas_minimap_changed (canvas);
  gw_canvas_place_popover (canvas);
  for (guint64 i = 0; i < n_ids; i++)
    focus_touched |= ids[i] == canvas->focus;
  if (focus_touched)
    gw_canvas_update_accessible (canvas);
  gtk_widget_queue_draw (GTK_WIDGET (canvas));
}

static void
on_moved (GwCanvasModel *model,
          const guint64 *ids,
          guint64        n_ids,
          GwCanvas      *canvas)
{
  gw_canvas_layout_move (canvas->layout, ids, n_ids);
  gw_canvas_minimap_changed (canvas);
  gw_canvas_place_popover (canvas);
  gtk_widget_queue_draw (GTK_WIDGET (canvas));
}

static void
on_live_changed (GwCanvasModel *model,
                 const guint64 *ids,
                 guint64        n_ids,
                 GwCanvas      *canvas)
{
  for (guint64 i = 0; i < n_ids; i++)
    {
      GwCanvasNodeItem *item = gw_canvas_layout_get_node (canvas->layout, ids[i]);

      if (item != NULL)
        gw_canvas_drop_shelf (item);
    }
  gtk_widget_queue_draw (GTK_WIDGET (canvas));
}

static void
on_reset (GwCanvasModel *model,
          GwCanvas      *canvas)
{
  gw_canvas_layout_reset (canvas->layout); /* first: its items are gone */
  gw_canvas_drag_cancel (canvas);
  note_all_marks (canvas);
  gw_canvas_tiles_clear (canvas->tiles);
  gw_canvas_prune_selection (canvas);
  gw_canvas_update_live (canvas);
  update_animation (canvas);
  gw_canvas_minimap_changed (canvas);
  gw_canvas_update_accessible (canvas);
  gtk_widget_queue_draw (GTK_WIDGET (canvas));
}

static void
drop_model (GwCanvas *canvas)
{
  if (canvas->model == NULL)
    return;
  gw_canvas_drag_cancel (canvas);
  g_signal_handlers_disconnect_by_data (canvas->model, canvas);
  g_clear_pointer (&canvas->layout, gw_canvas_layout_free);
  g_clear_object (&canvas->model);
  g_hash_table_remove_all (canvas->live);
  g_hash_table_remove_all (canvas->selected);
  g_hash_table_remove_all (canvas->running);
  g_hash_table_remove_all (canvas->problems);
  canvas->focus = 0;
  canvas->hover = (GwCanvasHit) { GW_CANVAS_HIT_NONE };
  canvas->problem_node = 0;
}

void
gw_canvas_set_model (GwCanvas      *canvas,
                     GwCanvasModel *model)
{
  g_return_if_fail (GW_IS_CANVAS (canvas));
  g_return_if_fail (model == NULL || GW_IS_CANVAS_MODEL (model));
  if (canvas->model == model)
    return;
  drop_model (canvas);
  if (model != NULL)
    {
      canvas->model = g_object_ref (model);
      canvas->layout = gw_canvas_layout_new (gw_canvas_model_get_scene (model), canvas->text);
      gw_canvas_layout_set_hooks (canvas->layout, on_damage, canvas, gw_canvas_free_picture);
      gw_canvas_layout_set_square_wires (canvas->layout,
                                         canvas->wire_style == GW_CANVAS_WIRES_SQUARE);
      note_all_marks (canvas);
      g_signal_connect (model, "changed", G_CALLBACK (on_changed), canvas);
      g_signal_connect (model, "moved", G_CALLBACK (on_moved), canvas);
      g_signal_connect (model, "live-changed", G_CALLBACK (on_live_changed), canvas);
      g_signal_connect (model, "reset", G_CALLBACK (on_reset), canvas);
    }
  gw_canvas_tiles_clear (canvas->tiles);
  gw_canvas_update_live (canvas);
  update_animation (canvas);
  gw_canvas_minimap_changed (canvas);
  gw_canvas_update_accessible (canvas);
  gtk_widget_queue_draw (GTK_WIDGET (canvas));
  g_object_notify_by_pspec (G_OBJECT (canvas), props[PROP_MODEL]);
}

GwCanvasModel *
gw_canvas_get_model (GwCanvas *canvas)
{
  g_return_val_if_fail (GW_IS_CANVAS (canvas), NULL);
  return canvas->model;
}

void
gw_canvas_set_wire_style (GwCanvas          *canvas,
                          GwCanvasWireStyle  style)
{
  g_return_if_fail (GW_IS_CANVAS (canvas));
  if (canvas->wire_style == style)
    return;
  canvas->wire_style = style;
  if (canvas->layout != NULL)
    gw_canvas_layout_set_square_wires (canvas->layout, style == GW_CANVAS_WIRES_SQUARE);
  gw_canvas_tiles_clear (canvas->tiles);
  gw_canvas_drop_live_pictures (canvas);
  gtk_widget_queue_draw (GTK_WIDGET (canvas));
}

GwCanvasWireStyle
gw_canvas_get_wire_style (GwCanvas *canvas)
{
  g_return_val_if_fail (GW_IS_CANVAS (canvas), GW_CANVAS_WIRES_SPLINE);
  return canvas->wire_style;
}

/* ---- requests that keys, menus and the window share ---- */

void
gw_canvas_delete_selection (GwCanvas *canvas,
                            gboolean  reconnect)
{
  g_autoptr (GArray) ids = NULL;
  GwCanvasModelInterface *iface;

  g_return_if_fail (GW_IS_CANVAS (canvas));
  ids = gw_canvas_get_selection (canvas);
  if (canvas->model == NULL || ids->len == 0)
    return;
  iface = GW_CANVAS_MODEL_GET_IFACE (canvas->model);
  if (iface->remove != NULL)
    iface->remove (canvas->model, (guint64 *) ids->data, ids->len, reconnect);
}

/* Wires the first pair of ports that fits; FALSE when none does. */
static gboolean
join_nodes (GwCanvas          *canvas,
            const GwSceneNode *from,
            const GwSceneNode *to)
{
  GwCanvasModelInterface *iface = GW_CANVAS_MODEL_GET_IFACE (canvas->model);

  for (guint input = 0; input < to->n_inputs; input++)
    for (guint output = 0; output < from->n_outputs && !to->inputs[input].connected; output++)
      {
        g_autofree char *rule = iface->can_connect (canvas->model, from->id, output, to->id, input);

        if (rule != NULL)
          continue;
        iface->connect (canvas->model, from->id, output, to->id, input);
        return TRUE;
      }
  return FALSE;
}

void
gw_canvas_join_selection (GwCanvas *canvas)
{
  g_autoptr (GArray) ids = NULL;
  const GwSceneNode *ends[2] = { NULL, NULL };
  GwCanvasModelInterface *iface;
  guint n = 0;

  g_return_if_fail (GW_IS_CANVAS (canvas));
  if (canvas->model == NULL)
    return;
  iface = GW_CANVAS_MODEL_GET_IFACE (canvas->model);
  ids = gw_canvas_get_selection (canvas);
  for (guint i = 0; i < ids->len && n < 2; i++)
    {
      ends[n] = gw_scene_get_node (gw_canvas_scene (canvas), g_array_index (ids, guint64, i));
      if (ends[n] != NULL)
        n++;
    }
  if (n < 2 || iface->can_connect == NULL || iface->connect == NULL)
    return;
  if (ends[0]->x > ends[1]->x)
    {
      const GwSceneNode *swap = ends[0];
      ends[0] = ends[1];
      ends[1] = swap;
    }
  if (!join_nodes (canvas, ends[0], ends[1]))
    join_nodes (canvas, ends[1], ends[0]);
}

/* ---- the object ---- */

static void
gw_canvas_measure (GtkWidget      *widget,
                   GtkOrientation  orientation,
                   int             for_size,
                   int            *minimum,
                   int            *natural,
                   int            *minimum_baseline,
                   int            *natural_baseline)
{
  *minimum = 100;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? NATURAL_WIDTH : NATURAL_HEIGHT;
}

/* After the allocation that brought the room. */
static gboolean
fit_cb (gpointer data)
{
  GwCanvas *canvas = data;

  if (canvas->fit_waits)
    gw_canvas_zoom_to_fit (canvas);
  return G_SOURCE_REMOVE;
}

static void
gw_canvas_size_allocate (GtkWidget *widget,
                         int        width,
                         int        height,
                         int        baseline)
{
  GwCanvas *canvas = GW_CANVAS (widget);

  gw_canvas_minimap_changed (canvas);
  if (canvas->fit_waits && width > 1)
    g_idle_add_full (GDK_PRIORITY_REDRAW + 10, fit_cb, g_object_ref (canvas), g_object_unref);
  if (canvas->popover != NULL)
    gtk_popover_present (GTK_POPOVER (canvas->popover));
}

static void
gw_canvas_css_changed (GtkWidget         *widget,
                       GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (gw_canvas_parent_class)->css_changed (widget, change);
  gw_canvas_update_theme (GW_CANVAS (widget));
}

static void
gw_canvas_realize (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (gw_canvas_parent_class)->realize (widget);
  gw_frame_memory_keep (gtk_widget_get_native (widget));
  gw_canvas_update_theme (GW_CANVAS (widget));
  update_animation (GW_CANVAS (widget));
}

static void
gw_canvas_unmap (GtkWidget *widget)
{
  gw_canvas_drag_cancel (GW_CANVAS (widget));
  GTK_WIDGET_CLASS (gw_canvas_parent_class)->unmap (widget);
}

static void
on_style (AdwStyleManager *manager,
          GParamSpec      *pspec,
          GwCanvas        *canvas)
{
  gw_canvas_update_theme (canvas);
}

static void
gw_canvas_dispose (GObject *object)
{
  GwCanvas *canvas = GW_CANVAS (object);

  gw_canvas_stop_glide (canvas);
  g_clear_handle_id (&canvas->refresh, g_source_remove);
  g_clear_handle_id (&canvas->minimap_timer, g_source_remove);
  drop_model (canvas);
  g_clear_pointer (&canvas->popover, gtk_widget_unparent);
  g_clear_pointer (&canvas->minimap_node, gsk_render_node_unref);
  g_clear_pointer (&canvas->minimap_view, gsk_render_node_unref);
  G_OBJECT_CLASS (gw_canvas_parent_class)->dispose (object);
}

static void
gw_canvas_finalize (GObject *object)
{
  GwCanvas *canvas = GW_CANVAS (object);

  g_hash_table_unref (canvas->selected);
  g_hash_table_unref (canvas->live);
  g_hash_table_unref (canvas->pictures);
  g_hash_table_unref (canvas->running);
  g_hash_table_unref (canvas->problems);
  gw_canvas_tiles_free (canvas->tiles);
  gw_canvas_text_free (canvas->text);
  G_OBJECT_CLASS (gw_canvas_parent_class)->finalize (object);
}

static void
gw_canvas_get_property (GObject    *object,
                        guint       id,
                        GValue     *value,
                        GParamSpec *pspec)
{
  GwCanvas *canvas = GW_CANVAS (object);

  switch (id)
    {
    case PROP_MODEL:
      g_value_set_object (value, canvas->model);
      break;
    case PROP_ZOOM:
      g_value_set_double (value, canvas->zoom);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
gw_canvas_set_property (GObject      *object,
                        guint         id,
                        const GValue *value,
                        GParamSpec   *pspec)
{
  if (id == PROP_MODEL)
    gw_canvas_set_model (GW_CANVAS (object), g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gw_canvas_class_init (GwCanvasClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = gw_canvas_dispose;
  object_class->finalize = gw_canvas_finalize;
  object_class->get_property = gw_canvas_get_property;
  object_class->set_property = gw_canvas_set_property;
  widget_class->measure = gw_canvas_measure;
  widget_class->size_allocate = gw_canvas_size_allocate;
  widget_class->snapshot = gw_canvas_snapshot;
  widget_class->css_changed = gw_canvas_css_changed;
  widget_class->realize = gw_canvas_realize;
  widget_class->unmap = gw_canvas_unmap;
  props[PROP_MODEL] = g_param_spec_object ("model", NULL, NULL, GW_TYPE_CANVAS_MODEL,
                                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
                                               | G_PARAM_EXPLICIT_NOTIFY);
  props[PROP_ZOOM] = g_param_spec_double ("zoom", NULL, NULL, GW_CANVAS_MIN_ZOOM,
                                          GW_CANVAS_MAX_ZOOM, 1,
                                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  view_changed = g_signal_new ("view-changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0,
                               NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "gw-canvas");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
gw_canvas_init (GwCanvas *canvas)
{
  AdwStyleManager *style = adw_style_manager_get_default ();

  canvas->zoom = 1;
  canvas->font_scale = 1;
  canvas->show_minimap = TRUE;
  canvas->problem_hot = -2;
  canvas->edit_input = -1;
  canvas->text = gw_canvas_text_new (NULL);
  canvas->selected = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  canvas->live = g_hash_table_new (g_int64_hash, g_int64_equal);
  canvas->pictures = g_hash_table_new (NULL, NULL);
  canvas->running = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  canvas->problems = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  canvas->tiles = gw_canvas_tiles_new ();
  gw_canvas_theme_init (&canvas->theme, FALSE, FALSE);
  gtk_widget_set_focusable (GTK_WIDGET (canvas), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (canvas), GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_hexpand (GTK_WIDGET (canvas), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (canvas), TRUE);
  g_signal_connect_object (style, "notify::dark", G_CALLBACK (on_style), canvas, 0);
  g_signal_connect_object (style, "notify::high-contrast", G_CALLBACK (on_style), canvas, 0);
  gw_canvas_init_input (canvas);
  gw_canvas_init_keys (canvas);
  gw_canvas_init_drop (canvas);
  gw_canvas_update_live (canvas);
  gw_canvas_update_accessible (canvas);
}

GtkWidget *
gw_canvas_new (void)
{
  return g_object_new (GW_TYPE_CANVAS, NULL);
}
