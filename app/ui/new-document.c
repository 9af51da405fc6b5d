/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/new-document.h"

#include "app/ui/examples.h"
#include "app/ui/op-catalog.h"
#include "widgets/forms/op-tile.h"

#define TILE 34

struct _GwNewDocument {
  AdwWindow  parent_instance;
  GtkWidget *list;
};

static guint chosen;

G_DEFINE_FINAL_TYPE (GwNewDocument, gw_new_document, ADW_TYPE_WINDOW)

/* Templates are the examples of the same name; `op` lends its tile. */
static const struct {
  const char *file, *title, *text, *op;
} templates[] = {
  { NULL, "Empty", "A blank canvas.", "Placeholder" },
  { "linear-regression.gw", "Linear regression", "A line through points of a table: one weight, one bias.", "Mul" },
  { "logistic-regression.gw", "Logistic regression", "Pictures to ten classes by one matrix and softmax.", "MatMul" },
  { "fashion-mlp.gw", "MLP classifier", "Two dense layers with dropout, cross entropy, accuracy.", "Dense" },
  { "convnet.gw", "Convnet", "Convolution and pooling twice, then dense layers.", "Conv2DLayer" },
  { "row-lstm.gw", "Recurrent network", "An LSTM that reads a sequence, and a classifier behind it.", "LSTM" },
  { "autoencoder.gw", "Autoencoder", "Squeezes pictures into a few numbers and draws them again.", "Dropout" },
  { "xor.gw", "XOR", "The smallest network that needs a hidden layer.", "Sigmoid" },
};

static GtkWidget *
template_row (guint       number,
              const char *path)
{
  GtkWidget *row = adw_action_row_new (), *tile = gw_op_tile_new (TILE);
  const GwOpDef *op = gw_registry_find (templates[number].op);

  if (op != NULL)
    gw_op_tile_set (GW_OP_TILE (tile), gw_op_icon_name (op), gw_op_color (op), number == 0);
  gtk_widget_set_valign (tile, GTK_ALIGN_CENTER);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), templates[number].title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), templates[number].text);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), tile);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data_full (G_OBJECT (row), "path", g_strdup (path), g_free);
  return row;
}

static void
fill (GwNewDocument *self)
{
  g_autofree char *folder = gw_examples_folder ();

  for (guint i = 0; i < G_N_ELEMENTS (templates); i++)
    {
      g_autofree char *path = folder != NULL && templates[i].file != NULL
                                ? g_build_filename (folder, templates[i].file, NULL) : NULL;

      if (templates[i].file == NULL || (path != NULL && g_file_test (path, G_FILE_TEST_EXISTS)))
        gtk_list_box_append (GTK_LIST_BOX (self->list), template_row (i, path));
    }
}

static void
on_activated (GwNewDocument *self,
              GtkListBoxRow *row)
{
  const char *path = g_object_get_data (G_OBJECT (row), "path");
  g_autoptr (GFile) file = path != NULL ? g_file_new_for_path (path) : NULL;

  g_object_ref (self);
  gtk_window_close (GTK_WINDOW (self));
  g_signal_emit (self, chosen, 0, file);
  g_object_unref (self);
}

static void
gw_new_document_class_init (GwNewDocumentClass *klass)
{
  chosen = g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                         G_TYPE_FILE);
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
gw_new_document_init (GwNewDocument *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *scroller = gtk_scrolled_window_new ();

  self->list = gtk_list_box_new ();
  gtk_widget_add_css_class (self->list, "boxed-list");
  gtk_widget_set_valign (self->list, GTK_ALIGN_START);
  gtk_widget_set_margin_start (self->list, 16);
  gtk_widget_set_margin_end (self->list, 16);
  gtk_widget_set_margin_top (self->list, 16);
  gtk_widget_set_margin_bottom (self->list, 16);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->list);
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (column), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (column), scroller);
  adw_window_set_content (ADW_WINDOW (self), column);
  gtk_window_set_title (GTK_WINDOW (self), "New Document");
  gtk_window_set_default_size (GTK_WINDOW (self), 520, 620);
  g_signal_connect_swapped (self->list, "row-activated", G_CALLBACK (on_activated), self);
  fill (self);
  gtk_window_set_focus (GTK_WINDOW (self),
                        GTK_WIDGET (gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->list), 0)));
}

GtkWidget *
gw_new_document_new (void)
{
  return g_object_new (GW_TYPE_NEW_DOCUMENT, NULL);
}
