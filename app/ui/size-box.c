/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/size-box.h"

struct _GwSizeBox {
  GtkWidget  parent_instance;
  GtkWidget *child;
  int        min_width, min_height, width;
  guint      idle;
};

static guint resized;

G_DEFINE_FINAL_TYPE (GwSizeBox, gw_size_box, GTK_TYPE_WIDGET)

static void
gw_size_box_measure (GtkWidget     *widget,
                     GtkOrientation orientation,
                     int            for_size,
                     int           *minimum,
                     int           *natural,
                     int           *minimum_baseline,
                     int           *natural_baseline)
{
  GwSizeBox *self = GW_SIZE_BOX (widget);

  gtk_widget_measure (self->child, orientation, -1, minimum, natural, NULL, NULL);
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? self->min_width : self->min_height;
  *natural = MAX (*natural, *minimum);
}

static gboolean
idle_cb (gpointer data)
{
  GwSizeBox *self = data;

  self->idle = 0;
  g_signal_emit (self, resized, 0, self->width);
  return G_SOURCE_REMOVE;
}

static void
gw_size_box_size_allocate (GtkWidget *widget,
                           int        width,
                           int        height,
                           int        baseline)
{
  GwSizeBox *self = GW_SIZE_BOX (widget);
  int least_width, least_height;

  if (width != self->width)
    {
      self->width = width;
      if (self->idle == 0)
        self->idle = g_idle_add_full (GTK_PRIORITY_RESIZE - 1, idle_cb, self, NULL);
    }
  /* Until the narrow form is taken on, the child may be wider than there is room. */
  gtk_widget_measure (self->child, GTK_ORIENTATION_HORIZONTAL, -1, &least_width, NULL, NULL, NULL);
  gtk_widget_measure (self->child, GTK_ORIENTATION_VERTICAL, -1, &least_height, NULL, NULL, NULL);
  gtk_widget_allocate (self->child, MAX (width, least_width), MAX (height, least_height), -1, NULL);
}

static void
gw_size_box_dispose (GObject *object)
{
  GwSizeBox *self = GW_SIZE_BOX (object);

  g_clear_handle_id (&self->idle, g_source_remove);
  g_clear_pointer (&self->child, gtk_widget_unparent);
  G_OBJECT_CLASS (gw_size_box_parent_class)->dispose (object);
}

static void
gw_size_box_class_init (GwSizeBoxClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gw_size_box_dispose;
  widget_class->measure = gw_size_box_measure;
  widget_class->size_allocate = gw_size_box_size_allocate;
  resized = g_signal_new ("resized", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                          1, G_TYPE_INT);
}

static void
gw_size_box_init (GwSizeBox *self)
{
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

GtkWidget *
gw_size_box_new (GtkWidget *child,
                 int        min_width,
                 int        min_height)
{
  GwSizeBox *self = g_object_new (GW_TYPE_SIZE_BOX, NULL);

  self->child = child;
  self->min_width = min_width;
  self->min_height = min_height;
  gtk_widget_set_parent (child, GTK_WIDGET (self));
  return GTK_WIDGET (self);
}
