/* SPDX-License-Identifier: Apache-2.0 */
/* The op list as a popover. */
#include "widgets/forms/op-search.h"

struct _GwOpSearch
{
  GtkPopover parent_instance;
  GwOpList *list;
};

static guint chosen_signal;

G_DEFINE_FINAL_TYPE (GwOpSearch, gw_op_search, GTK_TYPE_POPOVER)

static void
activated (GwOpSearch *self, GwOpEntry *entry)
{
  g_autoptr (GwOpSearch) held = g_object_ref (self);

  gtk_popover_popdown (GTK_POPOVER (self));
  g_signal_emit (self, chosen_signal, 0, entry);
}

static void
gw_op_search_class_init (GwOpSearchClass *klass)
{
  chosen_signal = g_signal_new ("chosen", GW_TYPE_OP_SEARCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, GW_TYPE_OP_ENTRY);
}

static void
gw_op_search_init (GwOpSearch *self)
{
  GtkWidget *list = gw_op_list_new ();

  self->list = GW_OP_LIST (list);
  gw_op_list_set_flat (self->list, TRUE);
  gtk_widget_set_size_request (list, 280, 320);
  g_signal_connect_object (list, "activated", G_CALLBACK (activated), self, G_CONNECT_SWAPPED);
  gtk_popover_set_child (GTK_POPOVER (self), list);
  gtk_popover_set_has_arrow (GTK_POPOVER (self), FALSE);
  gtk_popover_set_position (GTK_POPOVER (self), GTK_POS_BOTTOM);
  gtk_widget_set_halign (GTK_WIDGET (self), GTK_ALIGN_START);
}

GtkWidget *
gw_op_search_new (void)
{
  return g_object_new (GW_TYPE_OP_SEARCH, NULL);
}

GwOpList *
gw_op_search_get_list (GwOpSearch *self)
{
  g_return_val_if_fail (GW_IS_OP_SEARCH (self), NULL);
  return self->list;
}

void
gw_op_search_popup (GwOpSearch *self, double x, double y, const char *text, GwOpFilter filter,
                    gpointer data, GDestroyNotify destroy)
{
  g_return_if_fail (GW_IS_OP_SEARCH (self));
  g_return_if_fail (gtk_widget_get_parent (GTK_WIDGET (self)) != NULL);

  gw_op_list_set_filter (self->list, filter, data, destroy);
  gw_op_list_set_search (self->list, text);
  gtk_popover_set_pointing_to (GTK_POPOVER (self), &(GdkRectangle) { (int) x, (int) y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self));
  gw_op_list_grab_search (self->list);
}
