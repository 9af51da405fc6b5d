/* SPDX-License-Identifier: Apache-2.0 */
/* The palette's rows as widgets: a category, a heading within one, an op to be dragged. */
#include <string.h>

#include "widgets/charts/dtype-glyph.h"
#include "widgets/forms/op-list-private.h"
#include "widgets/forms/op-tile.h"

/* Widgets of one list item. */
typedef struct
{
  GtkWidget *box, *arrow, *tile, *label, *count, *handle, *glyph;
  GwOpRow *row;
} Item;

static GdkContentProvider *
drag_prepare (Item *item, double x, double y)
{
  if (item->row == NULL || item->row->kind != GW_OP_ROW_OP)
    return NULL;

  g_autofree char *text
      = g_strdup_printf ("op:%s", gw_op_entry_get_info (item->row->entry)->name);

  return gdk_content_provider_new_typed (G_TYPE_STRING, text);
}

static void
drag_begin (Item *item, GdkDrag *drag)
{
  GtkWidget *icon = gtk_drag_icon_get_for_drag (drag);
  const GwOpEntryInfo *info = gw_op_entry_get_info (item->row->entry);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *tile = gw_op_tile_new (22);

  gw_op_tile_set (GW_OP_TILE (tile), info->icon_name, info->color, FALSE);
  gtk_widget_add_css_class (box, "gw-form-group");
  gtk_widget_add_css_class (box, "gw-op-category");
  gtk_box_append (GTK_BOX (box), tile);
  gtk_box_append (GTK_BOX (box), gtk_label_new (info->title));
  gtk_drag_icon_set_child (GTK_DRAG_ICON (icon), box);
}

static void
category_clicked (Item *item, int n_press)
{
  GtkWidget *list = gtk_widget_get_ancestor (item->box, GW_TYPE_OP_LIST);

  if (list == NULL || item->row == NULL || item->row->kind != GW_OP_ROW_CATEGORY)
    return;

  g_autoptr (GwOpRow) row = g_object_ref (item->row);

  gw_op_list_toggle (GW_OP_LIST (list), row);
}

static void
menu_clicked (Item *item)
{
  GtkWidget *list = gtk_widget_get_ancestor (item->box, GW_TYPE_OP_LIST);

  if (list != NULL && item->row != NULL)
    gw_op_list_open_menu (GW_OP_LIST (list), item->row, item->box);
}

static void
setup_item (GtkSignalListItemFactory *factory, GtkListItem *list_item, GwOpList *self)
{
  Item *item = g_new0 (Item, 1);
  GtkDragSource *source = gtk_drag_source_new ();
  GtkGesture *click = gtk_gesture_click_new ();
  GtkGesture *menu = gtk_gesture_click_new ();

  item->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  item->arrow = gtk_image_new ();
  item->tile = gw_op_tile_new (18);
  item->label = gtk_label_new (NULL);
  item->count = gtk_label_new (NULL);
  item->handle = gtk_image_new_from_icon_name ("list-drag-handle-symbolic");
  item->glyph = gw_dtype_glyph_new (NULL);
  gtk_image_set_pixel_size (GTK_IMAGE (item->arrow), 12);
  gtk_image_set_pixel_size (GTK_IMAGE (item->handle), 12);
  gtk_label_set_xalign (GTK_LABEL (item->label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (item->label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (item->label, TRUE);
  gtk_widget_add_css_class (item->count, "dim-label");
  gtk_widget_add_css_class (item->handle, "gw-op-handle");

  GtkWidget *const parts[]
      = { item->arrow, item->tile, item->label, item->count, item->handle, item->glyph };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    gtk_box_append (GTK_BOX (item->box), parts[i]);

  g_signal_connect_swapped (source, "prepare", G_CALLBACK (drag_prepare), item);
  g_signal_connect_swapped (source, "drag-begin", G_CALLBACK (drag_begin), item);
  gtk_widget_add_controller (item->box, GTK_EVENT_CONTROLLER (source));
  g_signal_connect_swapped (click, "released", G_CALLBACK (category_clicked), item);
  gtk_widget_add_controller (item->box, GTK_EVENT_CONTROLLER (click));
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (menu), GDK_BUTTON_SECONDARY);
  g_signal_connect_swapped (menu, "pressed", G_CALLBACK (menu_clicked), item);
  gtk_widget_add_controller (item->box, GTK_EVENT_CONTROLLER (menu));
  g_object_set_data_full (G_OBJECT (item->box), "item", item, g_free);
  gtk_list_item_set_child (list_item, item->box);
}

static void
set_row_class (Item *item, const char *wanted)
{
  static const char *const classes[] = { "gw-op-category", "gw-op-group", "gw-op-row" };

  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    gtk_widget_remove_css_class (item->box, classes[i]);
  gtk_widget_add_css_class (item->box, wanted);
}

static void
bind_group (Item *item, const GwOpEntryInfo *info)
{
  set_row_class (item, "gw-op-group");
  gtk_label_set_text (GTK_LABEL (item->label), info->group);
  gtk_widget_set_tooltip_text (item->box, NULL);
}

static void
bind_category (Item *item, const GwOpEntryInfo *info)
{
  g_autofree char *count = g_strdup_printf ("%u", item->row->count);

  set_row_class (item, "gw-op-category");
  gtk_image_set_from_icon_name (GTK_IMAGE (item->arrow), item->row->expanded
                                                             ? "pan-down-symbolic"
                                                             : "pan-end-symbolic");
  gw_op_tile_set (GW_OP_TILE (item->tile), info->icon_name, info->color, FALSE);
  gtk_label_set_text (GTK_LABEL (item->label), info->category_title);
  gtk_label_set_text (GTK_LABEL (item->count), count);
  gtk_widget_set_tooltip_text (item->box, NULL);
}

static void
bind_op (Item *item, const GwOpEntryInfo *info)
{
  g_autofree char *both
      = info->summary != NULL && strcmp (info->title, info->name) != 0
            ? g_strdup_printf ("%s: %s", info->name, info->summary)
            : g_strdup (info->summary);

  set_row_class (item, "gw-op-row");
  gw_op_tile_set (GW_OP_TILE (item->tile), info->icon_name, info->color, TRUE);
  gtk_label_set_text (GTK_LABEL (item->label), info->title);
  gw_dtype_glyph_set (item->glyph, info->dtype);
  gtk_widget_set_tooltip_text (item->box, both);
}

static void
bind_item (GtkSignalListItemFactory *factory, GtkListItem *list_item, GwOpList *self)
{
  Item *item = g_object_get_data (G_OBJECT (gtk_list_item_get_child (list_item)), "item");
  GwOpRow *row = gtk_list_item_get_item (list_item);
  gboolean flat = gw_op_list_is_flat (self);
  gboolean grouped = !flat && *gw_op_list_get_search (self) == '\0';

  item->row = row;
  gtk_list_item_set_selectable (list_item, row->kind != GW_OP_ROW_GROUP);
  gtk_list_item_set_activatable (list_item, row->kind != GW_OP_ROW_GROUP);
  gtk_widget_set_visible (item->arrow, row->kind == GW_OP_ROW_CATEGORY);
  gtk_widget_set_visible (item->tile, row->kind != GW_OP_ROW_GROUP);
  gtk_widget_set_visible (item->count, row->kind == GW_OP_ROW_CATEGORY);
  gtk_widget_set_visible (item->glyph, row->kind == GW_OP_ROW_OP);
  gtk_widget_set_visible (item->handle, row->kind == GW_OP_ROW_OP && !flat);
  gtk_widget_set_margin_start (item->box, row->kind != GW_OP_ROW_CATEGORY && grouped ? 22 : 0);
  switch (row->kind)
    {
    case GW_OP_ROW_CATEGORY:
      bind_category (item, gw_op_entry_get_info (row->entry));
      break;
    case GW_OP_ROW_GROUP:
      bind_group (item, gw_op_entry_get_info (row->entry));
      break;
    case GW_OP_ROW_OP:
      bind_op (item, gw_op_entry_get_info (row->entry));
      break;
    }
}

static void
unbind_item (GtkSignalListItemFactory *factory, GtkListItem *list_item, GwOpList *self)
{
  Item *item = g_object_get_data (G_OBJECT (gtk_list_item_get_child (list_item)), "item");

  item->row = NULL;
}

GtkListItemFactory *
gw_op_list_factory_new (GwOpList *list)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (setup_item), list);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_item), list);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_item), list);
  return factory;
}
