/* SPDX-License-Identifier: Apache-2.0 */
/* Tiles of categories. */
#include "widgets/forms/op-tile.h"

#include <adwaita.h>

struct _GwOpTile
{
  GtkWidget parent_instance;
  int size;
  char *icon_name;
  GdkRGBA color;
  gboolean bare;
};

G_DEFINE_FINAL_TYPE (GwOpTile, gw_op_tile, GTK_TYPE_WIDGET)

/* A bare glyph on a dark ground is lighter than its category's colour. */
static GdkRGBA
ink_of (GwOpTile *self)
{
  GdkRGBA ink = { 1, 1, 1, 1 };
  float white = adw_style_manager_get_dark (adw_style_manager_get_default ()) ? 0.4f : 0.0f;

  if (!self->bare)
    return ink;
  ink.red = self->color.red + (1 - self->color.red) * white;
  ink.green = self->color.green + (1 - self->color.green) * white;
  ink.blue = self->color.blue + (1 - self->color.blue) * white;
  return ink;
}

static void
draw_icon (GwOpTile *self, GtkSnapshot *snapshot, float offset, double size)
{
  GtkIconTheme *theme = gtk_icon_theme_get_for_display (gtk_widget_get_display (GTK_WIDGET (self)));
  g_autoptr (GtkIconPaintable) icon = gtk_icon_theme_lookup_icon (
      theme, self->icon_name, NULL, (int) size, gtk_widget_get_scale_factor (GTK_WIDGET (self)),
      gtk_widget_get_direction (GTK_WIDGET (self)), GTK_ICON_LOOKUP_FORCE_SYMBOLIC);
  GdkRGBA ink = ink_of (self);

  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (offset, offset));
  gtk_symbolic_paintable_snapshot_symbolic (GTK_SYMBOLIC_PAINTABLE (icon), snapshot, size, size,
                                            &ink, 1);
  gtk_snapshot_restore (snapshot);
}

static void
gw_op_tile_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GwOpTile *self = GW_OP_TILE (widget);
  float left = (gtk_widget_get_width (widget) - self->size) / 2.0f;
  float top = (gtk_widget_get_height (widget) - self->size) / 2.0f;
  float inset = self->bare ? 0 : self->size >= 30 ? 6 : 2;
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, self->size, self->size);

  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (left, top));
  if (!self->bare)
    {
      GskRoundedRect rounded;

      gsk_rounded_rect_init_from_rect (&rounded, &bounds, self->size >= 30 ? 8 : 4);
      gtk_snapshot_push_rounded_clip (snapshot, &rounded);
      gtk_snapshot_append_color (snapshot, &self->color, &bounds);
      gtk_snapshot_pop (snapshot);
    }
  if (self->icon_name != NULL)
    draw_icon (self, snapshot, inset, self->size - 2 * inset);
  gtk_snapshot_restore (snapshot);
}

static void
gw_op_tile_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                    int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = GW_OP_TILE (widget)->size;
}

static void
gw_op_tile_finalize (GObject *object)
{
  g_free (GW_OP_TILE (object)->icon_name);
  G_OBJECT_CLASS (gw_op_tile_parent_class)->finalize (object);
}

static void
gw_op_tile_class_init (GwOpTileClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gw_op_tile_finalize;
  widget_class->snapshot = gw_op_tile_snapshot;
  widget_class->measure = gw_op_tile_measure;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
gw_op_tile_init (GwOpTile *self)
{
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
}

GtkWidget *
gw_op_tile_new (int size)
{
  GwOpTile *self = g_object_new (GW_TYPE_OP_TILE, NULL);

  self->size = size;
  return GTK_WIDGET (self);
}

void
gw_op_tile_set (GwOpTile *self, const char *icon_name, const char *color, gboolean bare)
{
  g_return_if_fail (GW_IS_OP_TILE (self));

  if (color == NULL || !gdk_rgba_parse (&self->color, color))
    self->color = (GdkRGBA) { 0.37f, 0.36f, 0.39f, 1 };
  if (g_strcmp0 (self->icon_name, icon_name) != 0)
    {
      g_free (self->icon_name);
      self->icon_name = g_strdup (icon_name);
    }
  self->bare = bare;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
