/* SPDX-License-Identifier: Apache-2.0 */
/* Feed by hand and predict: each placeholder takes the chosen row of the data, a
 * typed value or a file; the outputs show as figures, bars or numbers. */
#include "app/ui/data-private.h"

#include <math.h>
#include <string.h>

#include "app/model/checkpoint-slice.h"
#include "widgets/charts/tensor-grid.h"
#include "widgets/paint/number-text.h"

#define MAX_BARS 20

/* What is fed into one placeholder. */
typedef struct {
  char      *name;
  GtkWidget *entry;
  char      *file;     /* chosen, or NULL */
} Feed;

struct _GwDataPredict {
  GwDataPage *page;
  GtkWidget  *box, *row, *feeds_box, *outputs, *output_list, *button, *note, *results;
  GPtrArray  *feeds;      /* of Feed */
  char       *shown;      /* placeholders that the widgets were made for */
  char      **chosen;     /* names of the outputs */
  gboolean    waiting;    /* for the trainer */
  guint64     request;
  gboolean    updating;
};

static void
feed_free (gpointer data)
{
  Feed *feed = data;

  g_free (feed->name);
  g_free (feed->file);
  g_free (feed);
}

static void
say (GwDataPredict *self,
     const char    *text)
{
  gtk_label_set_label (GTK_LABEL (self->note), text != NULL ? text : "");
  gtk_widget_set_visible (self->note, text != NULL);
}

/* ---- outputs ---- */

/* What a metric takes as predictions, else the last node that nothing follows. */
static char *
usual_output (GwDocument *document)
{
  const GwDocSettings *settings = gw_document_settings (document);
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  for (guint i = 0; i < settings->metrics->len; i++)
    {
      const GwDocNode *metric = gw_document_node (document, g_array_index (settings->metrics, int64_t, i));
      const GwDocInput *input = metric != NULL ? gw_doc_node_input (metric, "predictions", 0) : NULL;
      const GwDocNode *from = input != NULL ? gw_document_node (document, input->from) : NULL;

      if (from != NULL)
        return g_strdup (from->name);
    }
  for (int i = n - 1; i >= 0; i--)
    {
      const GwDocNode *node = gw_document_node (document, ids[i]);
      const GwOpDef *op = gw_registry_find (node->op);

      if (op != NULL && gw_ports_length (op->outputs) > 0 && strcmp (node->op, "Placeholder") != 0)
        return g_strdup (node->name);
    }
  return NULL;
}

static void
show_chosen (GwDataPredict *self)
{
  g_autofree char *text = g_strjoinv (", ", self->chosen);

  gtk_menu_button_set_label (GTK_MENU_BUTTON (self->outputs), *text != '\0' ? text : "Choose outputs");
}

static void
on_output_toggled (GtkCheckButton *check,
                   gpointer        data)
{
  GwDataPredict *self = data;
  GStrvBuilder *builder = g_strv_builder_new ();

  if (self->updating)
    {
      g_strv_builder_unref (builder);
      return;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (self->output_list); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (gtk_check_button_get_active (GTK_CHECK_BUTTON (child)))
      g_strv_builder_add (builder, gtk_check_button_get_label (GTK_CHECK_BUTTON (child)));
  g_strfreev (self->chosen);
  self->chosen = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);
  show_chosen (self);
}

static void
fill_outputs (GwDataPredict *self,
              GwDocument    *document)
{
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);
  g_autofree char *usual = NULL;

  if (self->chosen == NULL || self->chosen[0] == NULL || gw_document_find (document, self->chosen[0]) == 0)
    {
      usual = usual_output (document);
      g_strfreev (self->chosen);
      self->chosen = usual != NULL ? g_strdupv ((char *[]) { usual, NULL }) : g_new0 (char *, 1);
    }
  self->updating = TRUE;
  gw_box_clear (self->output_list);
  for (int i = 0; i < n; i++)
    {
      const GwDocNode *node = gw_document_node (document, ids[i]);
      const GwOpDef *op = gw_registry_find (node->op);
      GtkWidget *check;

      if (op == NULL || gw_ports_length (op->outputs) == 0 || gw_op_is_in (op, "training"))
        continue;
      check = gtk_check_button_new_with_label (node->name);
      gtk_check_button_set_active (GTK_CHECK_BUTTON (check),
                                   g_strv_contains ((const char *const *) self->chosen, node->name));
      g_signal_connect (check, "toggled", G_CALLBACK (on_output_toggled), self);
      gtk_box_append (GTK_BOX (self->output_list), check);
    }
  self->updating = FALSE;
  show_chosen (self);
}

/* ---- feeds ---- */

static void
on_feed_file (GtkNativeDialog *dialog,
              int              response,
              gpointer         data)
{
  Feed *feed = g_object_get_data (data, "feed");
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (response == GTK_RESPONSE_ACCEPT && path != NULL)
    {
      g_autofree char *name = g_path_get_basename (path);

      gtk_editable_set_text (GTK_EDITABLE (feed->entry), name);
      g_free (feed->file);
      feed->file = g_steal_pointer (&path);
    }
  g_object_unref (dialog);
}

static void
on_choose_file (GtkButton *button,
                gpointer   data)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (button));
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new ("Load a tensor", GTK_WINDOW (root),
                                                              GTK_FILE_CHOOSER_ACTION_OPEN, "Load", NULL);
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  gtk_file_filter_set_name (filter, "Arrays and pictures (.npy, .png)");
  gtk_file_filter_add_pattern (filter, "*.npy");
  gtk_file_filter_add_pattern (filter, "*.png");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_feed_file), button, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* Typing takes the place of a file. */
static void
on_feed_typed (GtkEditable *entry,
               gpointer     data)
{
  Feed *feed = data;

  g_clear_pointer (&feed->file, g_free);
}

static void
add_feed (GwDataPredict        *self,
          const GwLoweredInput *input)
{
  Feed *feed = g_new0 (Feed, 1);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *label = gw_cut_text_new (input->name, NULL), *button;
  const GwDocNode *node = gw_document_node (gw_doc_model_get_document (self->page->model), input->node);
  g_autofree char *value = NULL, *hint = NULL;
  GwAttrValue attr;

  if (node != NULL && gw_doc_node_attr (node, "_evaluate_value", &attr))
    {
      value = gw_attr_to_string (&attr);
      gw_attr_value_clear (&attr);
    }

  feed->name = g_strdup (input->name);
  feed->entry = gtk_entry_new ();
  hint = input->column != NULL ? g_strdup_printf ("%s of the row", input->column) : g_strdup (value != NULL && *value != '\0' ? value : "a value");
  gtk_entry_set_placeholder_text (GTK_ENTRY (feed->entry), hint);
  gtk_widget_set_hexpand (feed->entry, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (feed->entry), GTK_ACCESSIBLE_PROPERTY_LABEL, input->name, -1);
  g_signal_connect (feed->entry, "changed", G_CALLBACK (on_feed_typed), feed);
  gtk_widget_set_size_request (label, 84, -1);
  button = gw_button_new ("document-open-symbolic", NULL, "flat");
  gtk_widget_set_tooltip_text (button, "Load a .npy or .png file; pictures become 0 … 1 for floating types");
  g_object_set_data (G_OBJECT (button), "feed", feed);
  g_signal_connect (button, "clicked", G_CALLBACK (on_choose_file), NULL);
  gtk_box_append (GTK_BOX (line), label);
  gtk_box_append (GTK_BOX (line), feed->entry);
  gtk_box_append (GTK_BOX (line), button);
  gtk_box_append (GTK_BOX (self->feeds_box), line);
  g_ptr_array_add (self->feeds, feed);
}

static void
fill_feeds (GwDataPredict   *self,
            const GwLowered *lowered)
{
  GString *state = g_string_new (NULL);

  for (guint i = 0; i < lowered->inputs->len; i++)
    {
      const GwLoweredInput *input = g_ptr_array_index (lowered->inputs, i);

      g_string_append_printf (state, "%s<%s\n", input->name, input->column != NULL ? input->column : "");
    }
  if (g_strcmp0 (state->str, self->shown) != 0)
    {
      gw_box_clear (self->feeds_box);
      g_ptr_array_set_size (self->feeds, 0);
      for (guint i = 0; i < lowered->inputs->len; i++)
        add_feed (self, g_ptr_array_index (lowered->inputs, i));
    }
  g_free (self->shown);
  self->shown = g_string_free (state, FALSE);
}

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

static GwTensor *
feed_value (const Feed           *feed,
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

static const GwLoweredInput *
find_input (const GwLowered *lowered,
            const char      *name)
{
  for (guint i = 0; i < lowered->inputs->len; i++)
    {
      const GwLoweredInput *input = g_ptr_array_index (lowered->inputs, i);

      if (strcmp (input->name, name) == 0)
        return input;
    }
  return NULL;
}

static GPtrArray *
collect_feeds (GwDataPredict *self,
               GError       **error)
{
  g_autoptr (GPtrArray) values = gw_named_tensors_new (), row = NULL;
  GwDocument *document = gw_doc_model_get_document (self->page->model);
  g_autoptr (GwPipelineDef) pipeline = gw_document_resolve_pipeline (document);
  GwDataView *view = gw_dataset_loader_get_view (self->page->loader);
  GwLowerOptions options = { .mode = GW_MODE_PREDICT, .seed = -1 };
  g_autoptr (GwLowered) lowered = gw_lower (document, &options);

  if (view != NULL && pipeline != NULL)
    {
      row = gw_pipeline_read_row (view->dataset, pipeline, self->page->split, self->page->row, error);
      if (row == NULL)
        return NULL;
    }
  for (guint i = 0; i < self->feeds->len; i++)
    {
      const Feed *feed = g_ptr_array_index (self->feeds, i);
      const GwLoweredInput *input = find_input (lowered, feed->name);
      g_autoptr (GError) problem = NULL;
      g_autoptr (GwTensor) value = input != NULL ? feed_value (feed, input, row, &problem) : NULL;

      if (problem != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return NULL;
        }
      if (value != NULL)
        gw_named_tensors_add (values, feed->name, value);
    }
  return g_steal_pointer (&values);
}

/* ---- results ---- */

typedef struct {
  double *values;     /* 0 … 1 for probabilities, else as they are */
  char  **names;      /* or NULL */
  int     n;
  gboolean shares;
} Bars;

static void
bars_free (gpointer data)
{
  Bars *bars = data;

  g_free (bars->values);
  g_strfreev (bars->names);
  g_free (bars);
}

static void
draw_bars (GwChartPen *pen,
           double      width,
           double      height,
           gpointer    data)
{
  const Bars *bars = data;
  double row = height / bars->n, most = 0, left = 0, right = 58;
  int best = 0;
  char text[GW_NUMBER_TEXT_SIZE], number[24];

  for (int i = 0; i < bars->n; i++)
    {
      most = MAX (most, fabs (bars->values[i]));
      if (bars->values[i] > bars->values[best])
        best = i;
      if (bars->names != NULL)
        left = MAX (left, gw_chart_pen_text_width (pen, bars->names[i], 11, GW_TEXT_BOLD));
    }
  left = CLAMP (left + 10, 24, width * 0.4);
  most = bars->shares ? 1 : most > 0 ? most : 1;
  for (int i = 0; i < bars->n; i++)
    {
      double y = i * row, share = fabs (bars->values[i]) / most;

      g_snprintf (number, sizeof number, "%d", i);
      gw_chart_pen_color (pen, i == best ? pen->theme->text : pen->theme->dim_text, 1);
      gw_chart_pen_text (pen, bars->names != NULL ? bars->names[i] : number, 11, i == best ? GW_TEXT_BOLD : GW_TEXT_PLAIN,
                         left - 8, y + row / 2, 1, 0.5, left - 8);
      gw_chart_pen_color (pen, bars->values[i] < 0 ? pen->theme->positive : pen->theme->negative, i == best ? 1 : 0.55);
      cairo_rectangle (pen->cr, left, y + 2, MAX (1, (width - left - right) * share), row - 5);
      cairo_fill (pen->cr);
      if (bars->shares)
        g_snprintf (text, sizeof text, "%.1f %%", bars->values[i] * 100);
      else
        gw_number_text (text, bars->values[i]);
      gw_chart_pen_color (pen, i == best ? pen->theme->text : pen->theme->dim_text, 1);
      gw_chart_pen_text (pen, text, 11, GW_TEXT_PLAIN, width, y + row / 2, 1, 0.5, 0);
    }
}

static void
softmax (double *values,
         int     n)
{
  double most = values[0], sum = 0;

  for (int i = 1; i < n; i++)
    most = MAX (most, values[i]);
  for (int i = 0; i < n; i++)
    sum += values[i] = exp (values[i] - most);
  for (int i = 0; i < n; i++)
    values[i] /= sum;
}

/* Whether a loss takes the output as logits. */
static gboolean
is_logits (GwDocument *document,
           const char *name)
{
  int64_t id = gw_document_find (document, name);
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  for (int i = 0; i < n; i++)
    {
      const GwDocNode *node = gw_document_node (document, ids[i]);

      if (strstr (node->op, "SoftmaxCrossEntropy") == NULL)
        continue;
      for (guint k = 0; k < node->inputs->len; k++)
        {
          const GwDocInput *input = &g_array_index (node->inputs, GwDocInput, k);

          if (id != 0 && input->from == id && (strcmp (input->port, "features") == 0 || strcmp (input->port, "logits") == 0))
            return TRUE;
        }
    }
  return FALSE;
}

static GtkWidget *
bars_new (GwDataPredict  *self,
          const GwTensor *tensor,
          gboolean        logits)
{
  Bars *bars = g_new0 (Bars, 1);
  const char *const *names = gw_data_view_class_names (gw_dataset_loader_get_view (self->page->loader),
                                                       (int) tensor->elements);
  double sum = 0;
  gboolean positive = TRUE;
  GtkWidget *area;

  bars->n = (int) tensor->elements;
  bars->values = g_new (double, bars->n);
  bars->names = g_strdupv ((char **) names);
  for (int i = 0; i < bars->n; i++)
    {
      bars->values[i] = gw_tensor_get_double (tensor, i);
      sum += bars->values[i];
      positive &= bars->values[i] >= 0;
    }
  if (logits)
    softmax (bars->values, bars->n);
  bars->shares = logits || (positive && fabs (sum - 1) < 1e-3);
  area = gw_area_new (200, bars->n * 18, draw_bars, bars);
  g_object_set_data_full (G_OBJECT (area), "bars", bars, bars_free);
  return area;
}

static GtkWidget *
grid_new (const GwTensor *tensor)
{
  GtkWidget *grid = gw_tensor_grid_new (), *scrolled = gtk_scrolled_window_new ();
  gsize rows, columns;
  float *values = gw_matrix_floats (tensor, NULL, (gsize) MIN (tensor->elements, 1 << 20), NULL);

  if (values != NULL && gw_matrix_size (&tensor->shape, &rows, &columns) && columns > 0 &&
      !gw_tensor_grid_set_floats (GW_TENSOR_GRID (grid), values, MIN (rows, (1 << 20) / columns), columns, 0, 0))
    g_debug ("no memory for the grid");
  gw_free (values);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), grid);
  gtk_widget_set_size_request (scrolled, -1, 200);
  return scrolled;
}

static void
add_result (GwDataPredict       *self,
            const GwNamedTensor *named)
{
  const GwTensor *tensor = named->tensor;
  gboolean number = tensor->dtype == GW_BOOL || (gw_dtype_is_numeric (tensor->dtype) && !gw_dtype_is_complex (tensor->dtype));
  g_autofree char *bare = g_strndup (named->name, strcspn (named->name, ":"));
  gboolean logits = is_logits (gw_doc_model_get_document (self->page->model), bare), row, title_logits;
  g_autofree char *shape = gw_shape_to_label (&tensor->shape), *title = NULL, *text = NULL;

  row = number && tensor->elements > 1 && tensor->elements <= MAX_BARS &&
        (tensor->shape.rank == 1 || (tensor->shape.rank == 2 && tensor->shape.dims[0] == 1));
  title_logits = logits && row;
  title = g_strdup_printf ("%s%s · %s, %s", named->name, title_logits ? " (softmax)" : "", gw_dtype_name (tensor->dtype), shape);
  gtk_box_append (GTK_BOX (self->results), gw_cut_text_new (title, "gw-caption"));
  if (row)
    gtk_box_append (GTK_BOX (self->results), bars_new (self, tensor, logits));
  else if (number && tensor->elements > 1)
    gtk_box_append (GTK_BOX (self->results), grid_new (tensor));
  else
    {
      GtkWidget *label;

      text = gw_tensor_to_string (tensor, 100);
      label = gw_text_new (text, number ? "gw-big gw-number" : NULL);
      gtk_label_set_wrap (GTK_LABEL (label), TRUE);
      gtk_label_set_selectable (GTK_LABEL (label), TRUE);
      gtk_box_append (GTK_BOX (self->results), label);
    }
}

static void
on_values (GwRun     *run,
           guint64    request,
           GPtrArray *values,
           gpointer   data)
{
  GwDataPredict *self = g_object_get_data (data, "predict");

  if (request != self->request || request == 0)
    return;
  self->request = 0;
  gtk_widget_set_sensitive (self->button, TRUE);
  gw_box_clear (self->results);
  if (values == NULL)
    {
      say (self, "The graph refused it; the message tells why.");
      return;
    }
  say (self, NULL);
  for (guint i = 0; i < values->len; i++)
    add_result (self, g_ptr_array_index (values, i));
}

/* ---- predicting ---- */

static void
send (GwDataPredict *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) feeds = collect_feeds (self, &error);

  self->waiting = FALSE;
  if (feeds == NULL)
    {
      say (self, error->message);
      gtk_widget_set_sensitive (self->button, TRUE);
      return;
    }
  self->request = gw_run_predict (self->page->run, GW_MODE_PREDICT, feeds, (const char *const *) self->chosen);
  if (self->request == 0)
    gtk_widget_set_sensitive (self->button, TRUE);
  say (self, self->request == 0 ? "The graph does not run." : "Computing…");
}

static void
on_predict (GwDataPredict *self)
{
  GwRunState state = gw_run_get_state (self->page->run);
  g_autofree char *runs_dir = NULL;

  if (self->chosen == NULL || self->chosen[0] == NULL)
    {
      say (self, "Choose an output first.");
      return;
    }
  gtk_widget_set_sensitive (self->button, FALSE);
  if (state != GW_RUN_IDLE && state != GW_RUN_FAILED && state != GW_RUN_PREPARING)
    {
      send (self);
      return;
    }
  self->waiting = TRUE;
  say (self, "Preparing the graph…");
  runs_dir = gw_doc_model_runs_dir (self->page->model);
  if (state != GW_RUN_PREPARING)
    gw_run_start (self->page->run, gw_doc_model_get_document (self->page->model), runs_dir, GW_RUN_OPEN);
}

static void
on_run_changed (GwRun   *run,
                gpointer data)
{
  GwDataPredict *self = g_object_get_data (data, "predict");
  GwRunState state = gw_run_get_state (run);
  const GError *error = gw_run_get_error (run);

  if (!self->waiting || state == GW_RUN_PREPARING)
    return;
  if (state != GW_RUN_IDLE && state != GW_RUN_FAILED)
    send (self);
  else if (state == GW_RUN_FAILED)
    {
      self->waiting = FALSE;
      gtk_widget_set_sensitive (self->button, TRUE);
      say (self, error != NULL ? error->message : "The graph does not run.");
    }
}

static void
on_run_message (GwRun      *run,
                const char *text,
                gpointer    data)
{
  GwDataPredict *self = g_object_get_data (data, "predict");

  if (self->request == 0)
    return;
  self->request = 0;
  gtk_widget_set_sensitive (self->button, TRUE);
  say (self, text);
}

static void
on_row_changed (GwDataPredict *self)
{
  if (!self->updating)
    self->page->row = (int64_t) gtk_spin_button_get_value (GTK_SPIN_BUTTON (self->row));
}

void
gw_data_predict_update (GwDataPredict *self)
{
  GwDocument *document = gw_doc_model_get_document (self->page->model);
  GwDataView *view = gw_dataset_loader_get_view (self->page->loader);
  int64_t n = view != NULL ? view->splits[self->page->split].n_rows : 0;

  self->updating = TRUE;
  gtk_spin_button_set_range (GTK_SPIN_BUTTON (self->row), 0, (double) MAX (0, n - 1));
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->row), (double) self->page->row);
  gtk_widget_set_sensitive (self->row, n > 0);
  self->updating = FALSE;
  fill_feeds (self, gw_doc_model_get_lowered (self->page->model));
  fill_outputs (self, document);
}

/* ---- building ---- */

static void
make_outputs (GwDataPredict *self)
{
  GtkWidget *popover = gtk_popover_new (), *scrolled = gtk_scrolled_window_new ();

  self->output_list = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scrolled), 320);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->output_list);
  gtk_popover_set_child (GTK_POPOVER (popover), scrolled);
  self->outputs = gtk_menu_button_new ();
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->outputs), popover);
}

static void
predict_free (gpointer data)
{
  GwDataPredict *self = data;

  g_ptr_array_unref (self->feeds);
  g_strfreev (self->chosen);
  g_free (self->shown);
  g_free (self);
}

static void
fill_box (GwDataPredict *self)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *hint;

  gtk_box_append (GTK_BOX (self->box), gw_data_heading_new ("Feed"));
  gtk_box_append (GTK_BOX (line), gw_text_new ("Row of the data", NULL));
  gtk_widget_set_hexpand (gtk_widget_get_first_child (line), TRUE);
  gtk_box_append (GTK_BOX (line), self->row);
  gtk_box_append (GTK_BOX (self->box), line);
  hint = gw_text_new ("A click on a picture or row takes it.", "gw-caption");
  gtk_box_append (GTK_BOX (self->box), hint);
  gtk_box_append (GTK_BOX (self->box), self->feeds_box);
  gtk_box_append (GTK_BOX (self->box), gw_data_heading_new ("Outputs"));
  gtk_box_append (GTK_BOX (self->box), self->outputs);
  gtk_widget_set_margin_top (self->button, 8);
  gtk_box_append (GTK_BOX (self->box), self->button);
  gtk_box_append (GTK_BOX (self->box), self->note);
  gtk_box_append (GTK_BOX (self->box), self->results);
  gtk_widget_set_margin_start (self->box, 12);
  gtk_widget_set_margin_end (self->box, 12);
  gtk_widget_set_margin_bottom (self->box, 12);
}

GtkWidget *
gw_data_predict_new (GwDataPage *page)
{
  GwDataPredict *self = g_new0 (GwDataPredict, 1);

  self->page = page;
  self->feeds = g_ptr_array_new_with_free_func (feed_free);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  self->row = gtk_spin_button_new_with_range (0, 1, 1);
  g_signal_connect_swapped (self->row, "value-changed", G_CALLBACK (on_row_changed), self);
  self->feeds_box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  make_outputs (self);
  self->button = gw_button_new (NULL, "Predict", "suggested-action");
  g_signal_connect_swapped (self->button, "clicked", G_CALLBACK (on_predict), self);
  self->note = gw_text_new ("", "gw-dim");
  gtk_label_set_wrap (GTK_LABEL (self->note), TRUE);
  gtk_widget_set_visible (self->note, FALSE);
  self->results = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  fill_box (self);
  g_object_set_data_full (G_OBJECT (self->box), "predict", self, predict_free);
  g_signal_connect_object (page->run, "values", G_CALLBACK (on_values), self->box, 0);
  g_signal_connect_object (page->run, "changed", G_CALLBACK (on_run_changed), self->box, 0);
  g_signal_connect_object (page->run, "message", G_CALLBACK (on_run_message), self->box, 0);
  page->predict = self;
  return self->box;
}
