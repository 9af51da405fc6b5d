/* SPDX-License-Identifier: Apache-2.0 */
/* The Checkpoints page's ways out: into the graph, into a file. */
#include "app/ui/checkpoints-private.h"

#include "app/model/background.h"
#include "app/model/checkpoint-slice.h"
#include "app/ui/checkpoints-tensor.h"
#include "app/ui/data-style.h"

/* ---- into the graph ---- */

typedef struct {
  char       *prefix;
  char       *alone;      /* the one variable wanted, or NULL */
  GwDocument *document;
} MatchJob;

static void
match_job_free (gpointer data)
{
  MatchJob *job = data;

  g_free (job->prefix);
  g_free (job->alone);
  gw_document_unref (job->document);
  g_free (job);
}

static void
match_in_thread (GTask        *task,
                 gpointer      source,
                 gpointer      data,
                 GCancellable *cancellable)
{
  MatchJob *job = data;
  GError *error = NULL;
  g_autoptr (GwCheckpoint) checkpoint = gw_checkpoint_open (job->prefix, &error);
  g_autoptr (GwLowered) lowered = NULL;

  if (checkpoint == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  lowered = gw_lower (job->document, &(GwLowerOptions) { .mode = GW_MODE_TRAIN, .training = TRUE, .seed = -1 });
  g_task_return_pointer (task, gw_checkpoint_match_new (checkpoint, lowered), (GDestroyNotify) gw_checkpoint_match_free);
}

static void
start_load (GwCheckpointsPage *self,
            const char        *prefix,
            const char *const *names)
{
  g_autofree char *runs_dir = gw_doc_model_runs_dir (self->model);

  self->asked = TRUE;
  gw_run_load_checkpoint (self->run, gw_doc_model_get_document (self->model), runs_dir, prefix, names);
}

static void
on_undo (GwRun *run)
{
  gw_run_undo_load (run);
}

static void
on_loaded (GwCheckpointsPage *self,
           const char        *prefix,
           guint              n)
{
  g_autofree char *label = prefix != NULL ? gw_checkpoints_page_label (self, prefix) : NULL;
  const char *s = n == 1 ? "" : "s";
  AdwToast *toast;

  if (!self->asked)
    return;
  if (prefix == NULL)
    {
      self->asked = FALSE;
      gw_page_toast (self->toasts, "%u variable%s as before the load", n, s);
      return;
    }
  toast = gw_page_toast (self->toasts, "Loaded %u variable%s of %s", n, s, label);
  adw_toast_set_button_label (toast, "Undo");
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (on_undo), self->run, G_CONNECT_SWAPPED);
}

void
gw_checkpoints_page_tell_loads (GwCheckpointsPage *self)
{
  g_signal_connect_object (self->run, "loaded", G_CALLBACK (on_loaded), self, G_CONNECT_SWAPPED);
}

static char **
names_of (const GPtrArray *names)
{
  GStrvBuilder *builder = g_strv_builder_new ();
  char **list;

  for (guint i = 0; i < names->len; i++)
    g_strv_builder_add (builder, g_ptr_array_index (names, i));
  list = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);
  return list;
}

static void
on_load_anyway (GtkButton *button,
                gpointer   data)
{
  GwCheckpointsPage *self = data;
  GtkWidget *popover = gtk_widget_get_ancestor (GTK_WIDGET (button), GTK_TYPE_POPOVER);

  start_load (self, g_object_get_data (G_OBJECT (popover), "prefix"), g_object_get_data (G_OBJECT (popover), "names"));
  gtk_popover_popdown (GTK_POPOVER (popover));
}

static void
add_list (GtkWidget       *box,
          const char      *title,
          const GPtrArray *names,
          const char      *classes)
{
  g_autofree char *head = g_strdup_printf ("%s: %u", title, names->len);

  if (names->len == 0)
    return;
  gtk_box_append (GTK_BOX (box), gw_text_new (head, classes));
  for (guint i = 0; i < MIN (names->len, 8); i++)
    {
      GtkWidget *label = gw_cut_text_new (g_ptr_array_index (names, i), "gw-small");

      gtk_widget_set_margin_start (label, 12);
      gtk_box_append (GTK_BOX (box), label);
    }
  if (names->len > 8)
    {
      g_autofree char *more = g_strdup_printf ("and %u more", names->len - 8);
      GtkWidget *label = gw_text_new (more, "gw-small gw-dim");

      gtk_widget_set_margin_start (label, 12);
      gtk_box_append (GTK_BOX (box), label);
    }
}

static void
on_popover_closed (GtkPopover *popover,
                   gpointer    data)
{
  gtk_widget_unparent (GTK_WIDGET (popover));
}

/* What fits and what does not, with the choice to load what fits. */
static void
show_match (GwCheckpointsPage       *self,
            const char              *prefix,
            const GwCheckpointMatch *match)
{
  GtkWidget *popover = gtk_popover_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4), *button;
  GtkWidget *lists = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4), *scrolled = gtk_scrolled_window_new ();
  g_autofree char *text = g_strdup_printf ("Load the %u that fit", match->matching->len);

  gtk_box_append (GTK_BOX (box), gw_text_new ("This is another graph’s checkpoint", "gw-pane-title"));
  add_list (lists, "Fit", match->matching, "gw-fine");
  add_list (lists, "Differ", match->differing, "gw-wrong gw-bold");
  add_list (lists, "Missing in the checkpoint", match->missing, "gw-bold");
  add_list (lists, "Not in the graph", match->unused, "gw-bold");
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scrolled), 220);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), lists);
  gtk_box_append (GTK_BOX (box), scrolled);
  button = gw_button_new (NULL, text, "suggested-action");
  gtk_widget_set_sensitive (button, match->matching->len > 0);
  if (match->matching->len == 0)
    gtk_widget_set_tooltip_text (button, "No variable has a name, type and shape that the graph has too");
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_load_anyway), self, 0);
  gtk_widget_set_margin_top (button, 8);
  gtk_box_append (GTK_BOX (box), button);
  gtk_widget_set_size_request (box, 320, -1);
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  g_object_set_data_full (G_OBJECT (popover), "names", names_of (match->matching), (GDestroyNotify) g_strfreev);
  g_object_set_data_full (G_OBJECT (popover), "prefix", g_strdup (prefix), g_free);
  gtk_popover_set_position (GTK_POPOVER (popover), GTK_POS_TOP);
  gtk_widget_set_parent (popover, gw_checkpoints_tensor_get_load_button (GW_CHECKPOINTS_TENSOR (self->tensor)));
  g_signal_connect (popover, "closed", G_CALLBACK (on_popover_closed), NULL);
  gtk_popover_popup (GTK_POPOVER (popover));
}

static gboolean
contains (const GPtrArray *names,
          const char      *name)
{
  for (guint i = 0; i < names->len; i++)
    if (g_strcmp0 (g_ptr_array_index (names, i), name) == 0)
      return TRUE;
  return FALSE;
}

static void
on_matched (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  GwCheckpointsPage *self = GW_CHECKPOINTS_PAGE (source);
  MatchJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (GwCheckpointMatch) match = g_task_propagate_pointer (G_TASK (result), &error);

  if (self->store == NULL)
    return;
  if (match == NULL)
    gw_page_toast (self->toasts, "%s", error->message);
  else if (job->alone != NULL && !contains (match->matching, job->alone))
    gw_page_toast (self->toasts, "The graph has no variable %s of this type and shape", job->alone);
  else if (job->alone != NULL)
    start_load (self, job->prefix, (const char *const[]) { job->alone, NULL });
  else if (match->differing->len > 0 || match->missing->len > 0 || match->matching->len == 0)
    show_match (self, job->prefix, match);
  else
    {
      g_auto (GStrv) names = names_of (match->matching);

      start_load (self, job->prefix, (const char *const *) names);
    }
}

void
gw_checkpoints_page_load (GwCheckpointsPage *self,
                          gboolean           alone)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, on_matched, NULL);
  MatchJob *job;

  if (self->a == NULL)
    return;
  job = g_new0 (MatchJob, 1);
  job->prefix = g_strdup (self->a);
  job->alone = alone ? g_strdup (gw_checkpoint_store_get_selected (self->store)) : NULL;
  job->document = gw_document_copy (gw_doc_model_get_document (self->model));
  g_task_set_task_data (task, job, match_job_free);
  gw_background_run_task (task, match_in_thread);
}

/* ---- into a file ---- */

typedef struct {
  GwTensor *tensor, *minus;
  char     *path;
} SaveJob;

static void
save_job_free (gpointer data)
{
  SaveJob *job = data;

  gw_tensor_unref (job->tensor);
  gw_tensor_unref (job->minus);
  g_free (job->path);
  g_free (job);
}

static gboolean
save_difference (SaveJob *job,
                 GError **error)
{
  float *values = gw_matrix_floats (job->tensor, job->minus, (gsize) job->tensor->elements, error);
  g_autoptr (GwTensor) difference = NULL;
  gboolean good;

  if (values == NULL)
    return FALSE;
  difference = gw_tensor_new_foreign (GW_FLOAT32, &job->tensor->shape, values);
  good = gw_npy_save (job->path, difference, error);
  gw_free (values);
  return good;
}

static void
save_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  SaveJob *job = data;
  GError *error = NULL;

  if (job->minus != NULL ? save_difference (job, &error) : gw_npy_save (job->path, job->tensor, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_saved (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  GwCheckpointsPage *self = GW_CHECKPOINTS_PAGE (source);
  SaveJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_path_get_basename (job->path);

  if (g_task_propagate_boolean (G_TASK (result), &error))
    gw_page_toast (self->toasts, "Saved %s", name);
  else
    gw_page_toast (self->toasts, "%s", error->message);
}

static void
on_save_response (GtkNativeDialog *dialog,
                  int              response,
                  gpointer         data)
{
  SaveJob *job = g_object_steal_data (G_OBJECT (dialog), "job");
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));

  job->path = response == GTK_RESPONSE_ACCEPT && file != NULL ? g_file_get_path (file) : NULL;
  if (job->path != NULL)
    {
      g_autoptr (GTask) task = g_task_new (data, NULL, on_saved, NULL);

      g_task_set_task_data (task, job, save_job_free);
      gw_background_run_task (task, save_in_thread);
    }
  else
    save_job_free (job);
  g_object_unref (dialog);
}

static GtkWindow *
window_of (GwCheckpointsPage *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  return GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL;
}

void
gw_checkpoints_page_save_value (GwCheckpointsPage *self)
{
  const GwVariableValue *value = gw_checkpoint_store_get_value (self->store);
  GwValueView view = gw_checkpoints_tensor_get_view (GW_CHECKPOINTS_TENSOR (self->tensor));
  GtkFileChooserNative *dialog;
  GwTensor *tensor = value != NULL ? value->tensor[view == GW_VIEW_B ? 1 : 0] : NULL;
  g_autofree char *base = NULL, *name = NULL;
  SaveJob *job;

  if (tensor == NULL)
    return;
  job = g_new0 (SaveJob, 1);
  job->tensor = gw_tensor_ref (tensor);
  job->minus = view == GW_VIEW_DIFFERENCE ? gw_tensor_ref (value->tensor[1]) : NULL;
  base = g_strdelimit (g_strdup (gw_checkpoint_store_get_selected (self->store)), "/:", '_');
  name = g_strconcat (base, ".npy", NULL);
  dialog = gtk_file_chooser_native_new ("Save the tensor", window_of (self), GTK_FILE_CHOOSER_ACTION_SAVE, "Save", NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  g_object_set_data_full (G_OBJECT (dialog), "job", job, save_job_free);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_save_response), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* ---- from a file ---- */

static void
on_open_response (GtkNativeDialog *dialog,
                  int              response,
                  gpointer         data)
{
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (response == GTK_RESPONSE_ACCEPT && path != NULL)
    gw_checkpoints_page_open (data, path);
  g_object_unref (dialog);
}

void
gw_checkpoints_page_choose_file (GwCheckpointsPage *self)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new ("Open a checkpoint", window_of (self),
                                                              GTK_FILE_CHOOSER_ACTION_OPEN, "Open", NULL);
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  gtk_file_filter_set_name (filter, "Checkpoints (.index)");
  gtk_file_filter_add_pattern (filter, "*.index");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_open_response), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}
