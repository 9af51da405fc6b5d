/* SPDX-License-Identifier: Apache-2.0 */
/* Why a run failed or stopped by itself: a strip over the pages that stays until it is
 * closed or the next run begins, with the way to the node. */
#include "app/ui/window-private.h"

#include <string.h>

/* The document node that a name of the error belongs to: "hidden1/MatMul" → hidden1. */
static int64_t
find_node (const GwDocument *document,
           const char       *name)
{
  g_autofree char *stem = g_strdup (name);

  for (;;)
    {
      int64_t id = gw_document_find (document, stem);
      char *slash = strrchr (stem, '/');

      if (id != 0 || slash == NULL)
        return id;
      *slash = 0;
    }
}

static void
show_error (GwWindow     *self,
            const GError *error)
{
  const char *node = gw_error_get_node (error);
  g_autofree char *text = gw_error_text (error);

  self->banner_node = node != NULL ? find_node (gw_doc_model_get_document (self->model), node) : 0;
  gtk_label_set_text (GTK_LABEL (self->banner_text), text);
  gtk_widget_set_tooltip_text (self->banner_text, error->domain == GW_ERROR ? gw_error_code_name ((GwErrorCode) error->code)
                                                                            : NULL);
  gtk_widget_set_visible (self->banner_show, self->banner_node != 0);
}

static void
on_run_changed (GwWindow *self)
{
  const GError *error = gw_run_get_error (self->run);

  if (error == self->banner_error)
    return;
  self->banner_error = error;
  if (error != NULL)
    show_error (self, error);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->banner), error != NULL);
}

static void
on_show (GwWindow *self)
{
  adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (self->pages), "graph");
  gw_editor_page_go_to (GW_EDITOR_PAGE (self->editor), self->banner_node);
}

static void
on_close (GwWindow *self)
{
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->banner), FALSE);
}

GtkWidget *
gw_window_make_banner (GwWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *icon = gtk_image_new_from_icon_name ("dialog-error-symbolic");
  GtkWidget *close = gtk_button_new_from_icon_name ("window-close-symbolic");

  self->banner = gtk_revealer_new ();
  self->banner_text = gtk_label_new (NULL);
  self->banner_show = gtk_button_new_with_label ("Show the node");
  gtk_widget_add_css_class (box, "gw-banner");
  gtk_widget_add_css_class (icon, "gw-problem");
  gtk_widget_add_css_class (self->banner_show, "gw-link");
  gtk_widget_add_css_class (close, "flat");
  gtk_widget_set_tooltip_text (close, "Close");
  gtk_label_set_wrap (GTK_LABEL (self->banner_text), TRUE);
  gtk_label_set_selectable (GTK_LABEL (self->banner_text), TRUE);
  gtk_widget_set_can_focus (self->banner_text, FALSE);
  gtk_label_set_xalign (GTK_LABEL (self->banner_text), 0);
  gtk_widget_set_hexpand (self->banner_text, TRUE);
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), self->banner_text);
  gtk_box_append (GTK_BOX (box), self->banner_show);
  gtk_box_append (GTK_BOX (box), close);
  gtk_revealer_set_child (GTK_REVEALER (self->banner), box);
  g_signal_connect_object (self->banner_show, "clicked", G_CALLBACK (on_show), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (close, "clicked", G_CALLBACK (on_close), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->run, "changed", G_CALLBACK (on_run_changed), self, G_CONNECT_SWAPPED);
  return self->banner;
}
