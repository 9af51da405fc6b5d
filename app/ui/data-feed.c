/* SPDX-License-Identifier: Apache-2.0 */
/* One line of Predict's feeds: a placeholder's name, an entry for its value, and a file
 * (chosen or dropped) in its place. */
#include "app/ui/data-private.h"

#include <math.h>
#include <string.h>

struct _GwDataFeed {
  char      *name;
  GtkWidget *line, *entry;
  char      *file;     /* chosen, or NULL */
};

void
gw_data_feed_free (gpointer data)
{
  GwDataFeed *feed = data;

  g_free (feed->name);
  g_free (feed->file);
  g_free (feed);
}

const char *
gw_data_feed_name (const GwDataFeed *feed)
{
  return feed->name;
}

GtkWidget *
gw_data_feed_get_widget (GwDataFeed *feed)
{
  return feed->line;
}

/* ---- the line ---- */

/* The entry's text says which file; typing takes its place. */
static void
set_file (GwDataFeed *feed,
          const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  char *copy = g_strdup (path);

  gtk_editable_set_text (GTK_EDITABLE (feed->entry), name);
  g_free (feed->file);
  feed->file = copy;
}

static void
on_feed_file (GtkNativeDialog *dialog,
              int              response,
              gpointer         data)
{
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (response == GTK_RESPONSE_ACCEPT && path != NULL)
    set_file (g_object_get_data (data, "feed"), path);
  g_object_unref (dialog);
}

static void
on_choose_file (GtkButton *button,
                gpointer   data)
{
  static const char *const patterns[] = { "*.npy", "*.png", "*.jpg", "*.jpeg" };
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (button));
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new ("Load a tensor", GTK_WINDOW (root),
                                                              GTK_FILE_CHOOSER_ACTION_OPEN, "Load", NULL);
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  gtk_file_filter_set_name (filter, "Arrays and pictures");
  for (guint i = 0; i < G_N_ELEMENTS (patterns); i++)
    gtk_file_filter_add_pattern (filter, patterns[i]);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_feed_file), button, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
on_feed_typed (GtkEditable *entry,
               gpointer     data)
{
  GwDataFeed *feed = data;

  g_clear_pointer (&feed->file, g_free);
}

static gboolean
on_drop (GtkDropTarget *target,
         const GValue  *value,
         double         x,
         double         y,
         gpointer       data)
{
  g_autofree char *path = g_file_get_path (g_value_get_object (value));

  if (path == NULL)
    return FALSE;
  set_file (data, path);
  return TRUE;
}

/* What stands in the empty entry: where the value comes from. */
static char *
hint_of (const GwDocument     *document,
         const GwLiveInput *input)
{
  const GwDocNode *node = gw_document_node (document, input->node);
  g_autofree char *value = NULL;
  GwAttrValue attr;

  if (input->column != NULL)
    return g_strdup_printf ("%s of the row", input->column);
  if (node != NULL && gw_doc_node_attr (node, "_evaluate_value", &attr))
    {
      value = gw_attr_to_string (&attr);
      gw_attr_value_clear (&attr);
    }
  return g_strdup (value != NULL && *value != '\0' ? value : "a value");
}

GwDataFeed *
gw_data_feed_new (const GwDocument     *document,
                  const GwLiveInput *input)
{
  GwDataFeed *feed = g_new0 (GwDataFeed, 1);
  GtkWidget *label = gw_cut_text_new (input->name, NULL), *button;
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_FILE, GDK_ACTION_COPY);
  g_autofree char *hint = hint_of (document, input);

  feed->name = g_strdup (input->name);
  feed->line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  feed->entry = gtk_entry_new ();
  gtk_entry_set_placeholder_text (GTK_ENTRY (feed->entry), hint);
  gtk_widget_set_hexpand (feed->entry, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (feed->entry), GTK_ACCESSIBLE_PROPERTY_LABEL, input->name, -1);
  g_signal_connect (feed->entry, "changed", G_CALLBACK (on_feed_typed), feed);
  gtk_widget_set_size_request (label, 84, -1);
  button = gw_button_new ("document-open-symbolic", NULL, "flat");
  gtk_widget_set_tooltip_text (button, "Load a .npy file or a picture (or drop one here); pictures become 0 … 1 for "
                                       "floating types");
  g_object_set_data (G_OBJECT (button), "feed", feed);
  g_signal_connect (button, "clicked", G_CALLBACK (on_choose_file), NULL);
  gtk_box_append (GTK_BOX (feed->line), label);
  gtk_box_append (GTK_BOX (feed->line), feed->entry);
  gtk_box_append (GTK_BOX (feed->line), button);
  /* Before the entry, which would take the file's address as text. */
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (target), GTK_PHASE_CAPTURE);
  g_signal_connect (target, "drop", G_CALLBACK (on_drop), feed);
  gtk_widget_add_controller (feed->line, GTK_EVENT_CONTROLLER (target));
  return feed;
}

/* ---- its value ---- */

/* A picture in the placeholder's number of channels: 0 … 1 for floating types, else
 * 0 … 255. */
static GwTensor *
load_picture (const char    *path,
              GwDType        dtype,
              const GwShape *shape,
              GError       **error)
{
  g_autoptr (GdkTexture) texture = gdk_texture_new_from_filename (path, error);
  int channels = shape->rank == 4 && shape->dims[3] == 3 ? 3 : 1;
  int width = texture != NULL ? gdk_texture_get_width (texture) : 0;
  int height = texture != NULL ? gdk_texture_get_height (texture) : 0;
  g_autofree guint32 *pixels = texture != NULL ? g_try_new (guint32, (gsize) width * (gsize) height) : NULL;
  GwShape picture = GW_SHAPE (height, width, channels);
  g_autoptr (GwTensor) values = pixels != NULL ? gw_tensor_new (dtype, &picture, error) : NULL;
  double scale = gw_dtype_is_floating (dtype) ? 255 : 1;

  if (values == NULL)
    return NULL;
  gdk_texture_download (texture, (guchar *) pixels, (gsize) width * 4);
  for (int64_t i = 0; i < (int64_t) width * height; i++)
    {
      double red = (pixels[i] >> 16) & 255, green = (pixels[i] >> 8) & 255, blue = pixels[i] & 255;
      double rgb[3] = { red, green, blue };

      if (channels == 1)
        rgb[0] = round (0.299 * red + 0.587 * green + 0.114 * blue);
      for (int c = 0; c < channels; c++)
        gw_tensor_set_double (values, i * channels + c, rgb[c] / scale);
    }
  return g_steal_pointer (&values);
}

/* Gives a loaded value the placeholder's shape when it has as many elements as one
 * row of it. */
static GwTensor *
fit_shape (GwTensor      *tensor,
           const GwShape *shape,
           const char    *name,
           GError       **error)
{
  GwShape row = *shape;
  g_autofree char *here = NULL, *wanted = NULL;

  if (gw_shape_matches (&tensor->shape, shape))
    return gw_tensor_ref (tensor);
  if (row.rank > 0 && row.dims[0] < 0)
    row.dims[0] = 1;
  if (gw_shape_elements (&row) == tensor->elements)
    return gw_tensor_new_view (tensor, &row);
  here = gw_shape_to_label (&tensor->shape);
  wanted = gw_shape_to_label (shape);
  gw_invalid (error, "%s: the file holds %s, the placeholder takes %s", name, here, wanted);
  return NULL;
}

GwTensor *
gw_data_feed_value (const GwDataFeed     *feed,
                    const GwLoweredInput *input,
                    const GPtrArray      *row,
                    GError              **error)
{
  GwDType dtype = input->output.node->dtypes[input->output.index];
  const GwShape *shape = &input->output.node->shapes[input->output.index];
  const char *text = gtk_editable_get_text (GTK_EDITABLE (feed->entry));
  GwTensor *value;

  if (feed->file != NULL)
    {
      g_autoptr (GwTensor) loaded = g_str_has_suffix (feed->file, ".npy") ? gw_npy_load (feed->file, error)
                                                                          : load_picture (feed->file, dtype, shape, error);
      g_autoptr (GwTensor) cast = loaded != NULL ? gw_tensor_cast (loaded, dtype, error) : NULL;

      return cast != NULL ? fit_shape (cast, shape, feed->name, error) : NULL;
    }
  if (*text != '\0')
    {
      g_autoptr (GwTensor) parsed = gw_tensor_parse (text, dtype, NULL, error);

      if (parsed == NULL)
        g_prefix_error (error, "%s: ", feed->name);
      return parsed != NULL ? fit_shape (parsed, shape, feed->name, error) : NULL;
    }
  value = row != NULL && input->column != NULL ? gw_named_tensors_find (row, input->column) : NULL;
  if (value != NULL)
    return gw_tensor_ref (value);
  return input->value != NULL ? gw_tensor_ref (input->value) : NULL;
}
