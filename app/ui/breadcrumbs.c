/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/breadcrumbs.h"

#include "widgets/paint/number-text.h"

#include <string.h>

struct _GwBreadcrumbs {
  GtkBox           parent_instance;

  GwDocModel      *model;
  GwCanvasAdapter *adapter;
  GtkWidget       *path;   /* box of the steps */
  GtkWidget       *count;
  GArray          *shown;  /* of int64_t: the places that the steps are for */
  char            *text;   /* of the steps, as they were made */
};

G_DEFINE_FINAL_TYPE (GwBreadcrumbs, gw_breadcrumbs, GTK_TYPE_BOX)

/* ---- what there is to say ---- */

/* Places from the main canvas to the one shown. */
static GArray *
places_of (GwBreadcrumbs *self)
{
  GwDocument *document = gw_doc_model_get_document (self->model);
  GArray *places = g_array_new (FALSE, FALSE, sizeof (int64_t));
  int64_t place = gw_canvas_adapter_get_place (self->adapter);

  for (int depth = 0; place != 0 && depth <= GW_MAX_DEPTH + 1; depth++)
    {
      g_array_prepend_val (places, place);
      place = gw_document_owner (document, place);
    }
  g_array_prepend_vals (places, &(int64_t) { 0 }, 1);
  return places;
}

static const char *
place_name (GwBreadcrumbs *self,
            int64_t        place)
{
  GwDocument *document = gw_doc_model_get_document (self->model);

  if (place == 0)
    return gw_doc_model_get_name (self->model);
  if (gw_document_node (document, place) != NULL)
    return gw_document_leaf_name (document, place);
  return gw_document_group (document, place) != NULL ? gw_document_group (document, place)->name : "";
}

static char *
path_text (GwBreadcrumbs *self,
           const GArray  *places)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < places->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " › " : "", place_name (self, g_array_index (places, int64_t, i)));
  return g_string_free (text, FALSE);
}

/* ---- the widgets ---- */

static void
on_clicked (GtkButton *button,
            gpointer   data)
{
  GwBreadcrumbs *self = data;
  int64_t *place = g_object_get_data (G_OBJECT (button), "place");

  gw_canvas_adapter_set_place (self->adapter, *place);
}

static GtkWidget *
make_step (GwBreadcrumbs *self,
           int64_t        place)
{
  GtkWidget *button = gtk_button_new_with_label (place_name (self, place));

  gtk_button_set_has_frame (GTK_BUTTON (button), FALSE);
  gtk_widget_add_css_class (button, "gw-crumb");
  gtk_widget_set_focus_on_click (button, FALSE);
  g_object_set_data_full (G_OBJECT (button), "place", g_memdup2 (&place, sizeof place), g_free);
  g_signal_connect (button, "clicked", G_CALLBACK (on_clicked), self);
  return button;
}

static void
fill (GwBreadcrumbs *self,
      const GArray  *places)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->path)) != NULL)
    gtk_box_remove (GTK_BOX (self->path), child);
  for (guint i = 0; i < places->len; i++)
    {
      int64_t place = g_array_index (places, int64_t, i);
      gboolean last = i + 1 == places->len;
      GtkWidget *step = last ? gtk_label_new (place_name (self, place)) : make_step (self, place);

      gtk_widget_add_css_class (step, last ? "gw-bold" : "dim-label");
      gtk_box_append (GTK_BOX (self->path), step);
      if (!last)
        gtk_box_append (GTK_BOX (self->path), gtk_label_new ("›"));
    }
  /* On the main canvas there is nothing to click: the pointer goes through. */
  gtk_widget_set_can_target (GTK_WIDGET (self), places->len > 1);
}

static char *
nodes_text (gint64 n)
{
  char number[GW_NUMBER_TEXT_SIZE];

  return g_strdup_printf (n == 1 ? "%s node" : "%s nodes", gw_number_text_count (number, n));
}

static char *
count_text (GwBreadcrumbs *self)
{
  GwDocument *document = gw_doc_model_get_document (self->model);
  int64_t place = gw_canvas_adapter_get_place (self->adapter);
  const GwDocGroup *group = gw_document_group (document, place);
  g_autoptr (GArray) nodes = NULL;

  if (place != 0 && group == NULL)
    return g_strdup ("read only");
  nodes = place != 0 ? gw_document_content (document, place, GW_ITEM_NODE) : NULL;
  if (place == 0)
    {
      int n;

      gw_document_ids (document, GW_ITEM_NODE, &n);
      return nodes_text (n);
    }
  return nodes_text (nodes->len);
}

static void
update (GwBreadcrumbs *self)
{
  g_autoptr (GArray) places = places_of (self);
  g_autofree char *text = path_text (self, places);
  g_autofree char *count = count_text (self);

  if (g_strcmp0 (text, self->text) != 0 || self->shown == NULL || places->len != self->shown->len ||
      memcmp (places->data, self->shown->data, places->len * sizeof (int64_t)) != 0)
    {
      fill (self, places);
      g_free (self->text);
      self->text = g_steal_pointer (&text);
      g_clear_pointer (&self->shown, g_array_unref);
      self->shown = g_steal_pointer (&places);
    }
  gtk_label_set_text (GTK_LABEL (self->count), count);
}

char *
gw_breadcrumbs_get_text (GwBreadcrumbs *self)
{
  return g_strdup_printf ("%s · %s", self->text, gtk_label_get_text (GTK_LABEL (self->count)));
}

static void
gw_breadcrumbs_dispose (GObject *object)
{
  GwBreadcrumbs *self = GW_BREADCRUMBS (object);

  g_clear_object (&self->model);
  g_clear_object (&self->adapter);
  g_clear_pointer (&self->shown, g_array_unref);
  g_clear_pointer (&self->text, g_free);
  G_OBJECT_CLASS (gw_breadcrumbs_parent_class)->dispose (object);
}

static void
gw_breadcrumbs_class_init (GwBreadcrumbsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gw_breadcrumbs_dispose;
}

static void
gw_breadcrumbs_init (GwBreadcrumbs *self)
{
  self->path = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  self->count = gtk_label_new (NULL);
  gtk_box_set_spacing (GTK_BOX (self), 6);
  gtk_widget_add_css_class (GTK_WIDGET (self), "gw-breadcrumb");
  gtk_widget_add_css_class (self->count, "gw-caption");
  gtk_box_append (GTK_BOX (self), gtk_image_new_from_icon_name ("view-graph-symbolic"));
  gtk_box_append (GTK_BOX (self), self->path);
  gtk_box_append (GTK_BOX (self), self->count);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->path), GTK_ACCESSIBLE_PROPERTY_LABEL, "Place in the document", -1);
}

GtkWidget *
gw_breadcrumbs_new (GwDocModel      *model,
                    GwCanvasAdapter *adapter)
{
  GwBreadcrumbs *self = g_object_new (GW_TYPE_BREADCRUMBS, NULL);

  self->model = g_object_ref (model);
  self->adapter = g_object_ref (adapter);
  g_signal_connect_object (model, "items-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "history-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "reset", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (adapter, "place-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
