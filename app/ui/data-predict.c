/* SPDX-License-Identifier: Apache-2.0 */
/* Feed by hand and predict: each placeholder takes the chosen row of the data, a
 * typed value or a file; the outputs are computed and shown. */
#include "app/ui/data-private.h"

#include <string.h>

struct _GwDataPredict {
  GwDataPage *page;
  GtkWidget  *box, *row, *feeds_box, *outputs, *output_list, *button, *note, *results;
  GPtrArray  *feeds;      /* of GwDataFeed */
  char       *shown;      /* placeholders that the widgets were made for */
  char      **chosen;     /* names of the outputs */
  gboolean    waiting;    /* for the trainer */
  guint64     request;
  gboolean    updating;
};

static void
say (GwDataPredict *self,
     const char    *text)
{
  gtk_label_set_label (GTK_LABEL (self->note), text != NULL ? text : "");
  gtk_widget_set_visible (self->note, text != NULL);
}

static void
say_error (GwDataPredict *self,
           const GError  *error)
{
  g_autofree char *text = error != NULL ? gw_error_text (error) : g_strdup ("The graph does not run.");

  say (self, text);
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
      gw_data_page_connect (self->page, check, "toggled", G_CALLBACK (on_output_toggled), self, 0);
      gtk_box_append (GTK_BOX (self->output_list), check);
    }
  self->updating = FALSE;
  show_chosen (self);
}

/* ---- feeds ---- */

static void
fill_feeds (GwDataPredict *self)
{
  const GPtrArray *inputs = gw_live_inputs (gw_doc_model_get_live (self->page->model));
  GString *state = g_string_new (NULL);

  for (guint i = 0; i < inputs->len; i++)
    {
      const GwLiveInput *input = g_ptr_array_index (inputs, i);

      g_string_append_printf (state, "%s<%s\n", input->name, input->column != NULL ? input->column : "");
    }
  if (g_strcmp0 (state->str, self->shown) != 0)
    {
      gw_box_clear (self->feeds_box);
      g_ptr_array_set_size (self->feeds, 0);
      for (guint i = 0; i < inputs->len; i++)
        {
          GwDataFeed *feed = gw_data_feed_new (gw_doc_model_get_document (self->page->model),
                                               g_ptr_array_index (inputs, i));

          gtk_box_append (GTK_BOX (self->feeds_box), gw_data_feed_get_widget (feed));
          g_ptr_array_add (self->feeds, feed);
        }
    }
  g_free (self->shown);
  self->shown = g_string_free (state, FALSE);
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
      const GwDataFeed *feed = g_ptr_array_index (self->feeds, i);
      const GwLoweredInput *input = find_input (lowered, gw_data_feed_name (feed));
      g_autoptr (GError) problem = NULL;
      g_autoptr (GwTensor) value = input != NULL ? gw_data_feed_value (feed, input, row, &problem) : NULL;

      if (problem != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return NULL;
        }
      if (value != NULL)
        gw_named_tensors_add (values, gw_data_feed_name (feed), value);
    }
  return g_steal_pointer (&values);
}

/* ---- results ---- */

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
  say (self, "In predict mode:");
  for (guint i = 0; i < values->len; i++)
    gw_data_result_add (self->page, self->results, g_ptr_array_index (values, i));
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
      say_error (self, error);
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
      say_error (self, error);
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
  fill_feeds (self);
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
  self->feeds = g_ptr_array_new_with_free_func (gw_data_feed_free);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  self->row = gtk_spin_button_new_with_range (0, 1, 1);
  gw_data_page_connect (self->page, self->row, "value-changed", G_CALLBACK (on_row_changed), self, G_CONNECT_SWAPPED);
  self->feeds_box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  make_outputs (self);
  self->button = gw_button_new (NULL, "Predict", "suggested-action");
  gw_data_page_connect (self->page, self->button, "clicked", G_CALLBACK (on_predict), self, G_CONNECT_SWAPPED);
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
