/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, saving, examples, closing, recovery. */
#include "app/ui/window-private.h"

#include "app/model/recent.h"
#include "app/ui/board-page.h"
#include "app/ui/checkpoints-page.h"
#include "app/ui/data-page.h"
#include "app/ui/examples.h"
#include "app/ui/import-drop.h"
#include "app/ui/new-document.h"

gboolean
gw_window_is_pristine (GwWindow *self)
{
  return gw_doc_model_get_file (self->model) == NULL && !gw_doc_model_is_dirty (self->model) &&
         gw_doc_model_undo_label (self->model) == NULL && !gw_run_is_active (self->run);
}

static gboolean
close_idle (gpointer data)
{
  gtk_window_close (data);
  g_object_unref (data);
  return G_SOURCE_REMOVE;
}

/* The dialog that was answered goes first. */
static void
close_soon (GwWindow *self)
{
  g_idle_add (close_idle, g_object_ref (self));
}

/* ---- opening ---- */

static void
tell_notes (GwWindow  *self,
            GPtrArray *notes)
{
  g_autofree char *text = NULL;

  if (notes == NULL || notes->len == 0)
    return;
  text = notes->len == 1 ? g_strdup (g_ptr_array_index (notes, 0))
                         : g_strdup_printf ("%s · and %u more", (const char *) g_ptr_array_index (notes, 0), notes->len - 1);
  gw_window_toast (self, text);
}

static void
on_loaded (GObject      *model,
           GAsyncResult *result,
           gpointer      data)
{
  GwWindow *self = data;
  g_autoptr (GError) error = NULL;

  if (!gw_doc_model_load_finish (GW_DOC_MODEL (model), result, &error))
    {
      g_autofree char *text = g_strdup_printf ("Could not open: %s", error->message);

      gw_window_toast (self, text);
    }
  else
    {
      adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (self->pages), "graph");
      tell_notes (self, gw_doc_model_load_notes (result));
    }
  gw_window_fill_recent (self);
  g_object_unref (self);
}

void
gw_window_open_file (GwWindow *self,
                     GFile    *file,
                     gboolean  as_copy)
{
  if (!gw_window_is_pristine (self))
    {
      GwWindow *window = gw_window_new (gtk_window_get_application (GTK_WINDOW (self)));

      gtk_window_present (GTK_WINDOW (window));
      self = window;
    }
  gw_run_close (self->run);
  gw_doc_model_load_async (self->model, file, as_copy, NULL, on_loaded, g_object_ref (self));
}

static GtkFileFilter *
document_filter (void)
{
  GtkFileFilter *filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, "Graphwright documents");
  gtk_file_filter_add_suffix (filter, "gw");
  return filter;
}

static GtkFileFilter *
graph_filter (void)
{
  GtkFileFilter *filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, "Graphs of TensorFlow and ONNX");
  gtk_file_filter_add_suffix (filter, "pb");
  gtk_file_filter_add_suffix (filter, "pbtxt");
  gtk_file_filter_add_suffix (filter, "meta");
  gtk_file_filter_add_suffix (filter, "onnx");
  gtk_file_filter_add_pattern (filter, "*tfevents*");
  return filter;
}

static GtkFileChooserNative *
new_chooser (GwWindow            *self,
             const char          *title,
             GtkFileChooserAction action)
{
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (title, GTK_WINDOW (self), action, NULL, NULL);
  g_autoptr (GtkFileFilter) filter = document_filter ();

  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (chooser), filter);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  return chooser;
}

static void
on_open_response (GtkNativeDialog *chooser,
                  int              response,
                  GwWindow        *self)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));

      gw_window_open_file (self, file, FALSE);
    }
  g_object_unref (chooser);
}

void
gw_window_open_dialog (GwWindow *self)
{
  GtkFileChooserNative *chooser = new_chooser (self, "Open", GTK_FILE_CHOOSER_ACTION_OPEN);
  g_autoptr (GtkFileFilter) graphs = graph_filter ();

  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (chooser), graphs);
  g_signal_connect_object (chooser, "response", G_CALLBACK (on_open_response), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

void
gw_window_fill_recent (GwWindow *self)
{
  g_autoptr (GPtrArray) files = gw_recent_list ();

  g_menu_remove_all (self->recent);
  for (guint i = 0; i < files->len; i++)
    {
      GFile *file = g_ptr_array_index (files, i);
      g_autofree char *base = g_file_get_basename (file);
      g_autofree char *uri = g_file_get_uri (file);
      g_autoptr (GMenuItem) item = g_menu_item_new (base, NULL);

      g_menu_item_set_action_and_target (item, "win.open-file", "s", uri);
      g_menu_append_item (self->recent, item);
    }
}

/* (x, y) in the window. */
static void
drop_file (GwWindow *self,
           GFile    *file,
           double    x,
           double    y)
{
  AdwViewStack *pages = ADW_VIEW_STACK (self->pages);
  GtkWidget *canvas = GTK_WIDGET (gw_editor_page_get_canvas (GW_EDITOR_PAGE (self->editor)));
  g_autofree char *path = g_file_get_path (file), *base = g_file_get_basename (file), *text = NULL;
  g_autoptr (GFile) folder = g_file_get_parent (file);

  switch (path != NULL ? gw_drop_kind (path) : GW_DROP_UNKNOWN)
    {
    case GW_DROP_DOCUMENT:
      gw_window_open_file (self, file, FALSE);
      break;
    case GW_DROP_ARRAY:
    case GW_DROP_PICTURE:
      adw_view_stack_set_visible_child_name (pages, "graph");
      gtk_widget_translate_coordinates (GTK_WIDGET (self), canvas, x, y, &x, &y);
      gw_editor_page_drop_file (GW_EDITOR_PAGE (self->editor), path, x, y);
      break;
    case GW_DROP_DATA:
      gw_data_page_open (GW_DATA_PAGE (self->data), path);
      adw_view_stack_set_visible_child_name (pages, "data");
      break;
    case GW_DROP_CHECKPOINT:
      gw_checkpoints_page_open (GW_CHECKPOINTS_PAGE (self->checkpoints),
                                g_str_equal (base, "checkpoint") ? g_file_peek_path (folder) : path);
      adw_view_stack_set_visible_child_name (pages, "checkpoints");
      break;
    case GW_DROP_EVENTS:
      gw_board_page_open_folder (GW_BOARD_PAGE (self->board), folder);
      adw_view_stack_set_visible_child_name (pages, "board");
      break;
    case GW_DROP_UNKNOWN:
      text = g_strdup_printf ("“%s” is no document, array, picture, table, checkpoint or event file", base);
      gw_window_toast (self, text);
      break;
    }
}

typedef struct {
  GwWindow *window;
  GSList   *files;
  double    x, y;
} Dropped;

/* After the drag is over: what is dropped may show another page. */
static gboolean
dropped_idle (gpointer data)
{
  Dropped *dropped = data;
  double x = dropped->x, y = dropped->y;

  for (GSList *l = dropped->files; l != NULL; l = l->next, x += 24, y += 24)
    drop_file (dropped->window, l->data, x, y);
  g_slist_free_full (dropped->files, g_object_unref);
  g_object_unref (dropped->window);
  g_free (dropped);
  return G_SOURCE_REMOVE;
}

static gpointer
ref_file (gconstpointer file,
          gpointer      data)
{
  return g_object_ref ((gpointer) file);
}

static gboolean
on_drop (GtkDropTarget *target,
         const GValue  *value,
         double         x,
         double         y,
         GwWindow      *self)
{
  Dropped *dropped = g_new0 (Dropped, 1);

  dropped->window = g_object_ref (self);
  if (G_VALUE_HOLDS (value, G_TYPE_FILE))
    dropped->files = g_slist_prepend (NULL, g_value_dup_object (value));
  else
    dropped->files = g_slist_copy_deep (g_value_get_boxed (value), ref_file, NULL);
  gtk_widget_translate_coordinates (gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (target)), GTK_WIDGET (self),
                                    x, y, &dropped->x, &dropped->y);
  g_idle_add (dropped_idle, dropped);
  return TRUE;
}

static void
accept_drops (GwWindow           *self,
              GtkWidget          *widget,
              GtkPropagationPhase phase)
{
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_INVALID, GDK_ACTION_COPY);
  GType types[] = { GDK_TYPE_FILE_LIST, G_TYPE_FILE };

  gtk_drop_target_set_gtypes (target, types, G_N_ELEMENTS (types));
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (target), phase);
  g_signal_connect (target, "drop", G_CALLBACK (on_drop), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (target));
}

/* On the canvas before its own target: a file's name would be taken for an op's. */
void
gw_window_accept_drops (GwWindow *self)
{
  accept_drops (self, GTK_WIDGET (self), GTK_PHASE_BUBBLE);
  accept_drops (self, GTK_WIDGET (gw_editor_page_get_canvas (GW_EDITOR_PAGE (self->editor))), GTK_PHASE_CAPTURE);
}

/* ---- examples ---- */

static void
on_example (GwWindow *self,
            GFile    *file)
{
  gw_window_open_file (self, file, TRUE);
}

/* A window that holds nothing is the new document itself. */
static void
on_new (GwWindow *self,
        GFile    *file)
{
  if (file != NULL)
    gw_window_open_file (self, file, TRUE);
  else if (!gw_window_is_pristine (self))
    gtk_window_present (GTK_WINDOW (gw_window_new (gtk_window_get_application (GTK_WINDOW (self)))));
}

void
gw_window_show_new (GwWindow *self)
{
  GtkWidget *window = gw_new_document_new ();

  gtk_widget_add_css_class (window, "graphwright");
  gtk_window_set_transient_for (GTK_WINDOW (window), GTK_WINDOW (self));
  gtk_window_set_modal (GTK_WINDOW (window), TRUE);
  g_signal_connect_object (window, "chosen", G_CALLBACK (on_new), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (window));
}

void
gw_window_show_examples (GwWindow *self)
{
  GtkWidget *window = gw_examples_window_new ();

  gtk_window_set_transient_for (GTK_WINDOW (window), GTK_WINDOW (self));
  g_signal_connect_object (window, "chosen", G_CALLBACK (on_example), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (window));
}

/* ---- saving ---- */

static void
on_saved (GObject      *model,
          GAsyncResult *result,
          gpointer      data)
{
  GwWindow *self = data;
  g_autoptr (GError) error = NULL;
  gboolean close = self->close_on_save;

  self->close_on_save = FALSE;
  if (!gw_doc_model_save_finish (GW_DOC_MODEL (model), result, &error))
    {
      g_autofree char *text = g_strdup_printf ("Not saved: %s", error->message);

      gw_window_toast (self, text);
    }
  else if (close)
    close_soon (self);
  gw_window_fill_recent (self);
  g_object_unref (self);
}

static void
save_to (GwWindow *self,
         GFile    *file)
{
  gw_window_flush (self);
  gw_doc_model_save_async (self->model, file, NULL, on_saved, g_object_ref (self));
}

static void
on_save_response (GtkNativeDialog *chooser,
                  int              response,
                  GwWindow        *self)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));

      save_to (self, file);
    }
  else
    {
      self->close_on_save = FALSE;
    }
  g_object_unref (chooser);
}

void
gw_window_save (GwWindow *self,
                gboolean  as)
{
  GFile *file = gw_doc_model_get_file (self->model);
  GtkFileChooserNative *chooser;
  g_autofree char *name = NULL;

  if (file != NULL && !as)
    {
      save_to (self, file);
      return;
    }
  chooser = new_chooser (self, "Save", GTK_FILE_CHOOSER_ACTION_SAVE);
  name = g_strdup_printf ("%s.gw", gw_doc_model_get_name (self->model));
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), name);
  g_signal_connect_object (chooser, "response", G_CALLBACK (on_save_response), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

/* ---- closing ---- */

static void
on_run_ended (GwWindow *self)
{
  if (!gw_run_is_active (self->run))
    close_soon (self);
}

static void
on_close_response (GwWindow   *self,
                   const char *response)
{
  if (g_str_equal (response, "save"))
    {
      self->close_on_save = TRUE;
      gw_window_save (self, FALSE);
    }
  else if (g_str_equal (response, "discard"))
    {
      self->closing = TRUE;
      close_soon (self);
    }
  else if (g_str_equal (response, "stop"))
    {
      g_signal_connect_object (self->run, "changed", G_CALLBACK (on_run_ended), self, G_CONNECT_SWAPPED);
      gw_run_close (self->run);
    }
}

static void
ask (GwWindow   *self,
     const char *heading,
     const char *body,
     const char *yes_id,
     const char *yes,
     const char *no_id,
     const char *no)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), heading, body);

  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "cancel", "_Cancel");
  if (no_id != NULL)
    {
      adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), no_id, no);
      adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), no_id, ADW_RESPONSE_DESTRUCTIVE);
    }
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), yes_id, yes);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), yes_id, ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), yes_id);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_close_response), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

gboolean
gw_window_ask_close (GwWindow *self)
{
  g_autofree char *heading = NULL;

  if (self->closing)
    return FALSE;
  gw_window_flush (self);
  if (gw_run_is_active (self->run))
    {
      ask (self, "A training is going on", "It is stopped with a checkpoint, from which it can go on later.", "stop",
           "_Stop and Close", NULL, NULL);
      return TRUE;
    }
  if (!gw_doc_model_is_dirty (self->model))
    return FALSE;
  heading = g_strdup_printf ("Save “%s”?", gw_doc_model_get_name (self->model));
  ask (self, heading, "Changes that are not saved are lost.", "save", "_Save", "discard", "_Discard");
  return TRUE;
}

/* ---- recovery ---- */

static void
on_recovery_response (AdwMessageDialog *dialog,
                      const char       *response,
                      GwWindow         *self)
{
  const GwRecovery *recovery = g_object_get_data (G_OBJECT (dialog), "recovery");
  g_autoptr (GError) error = NULL;
  GwDocument *document;

  if (g_str_equal (response, "forget"))
    gw_recovery_forget (recovery);
  if (!g_str_equal (response, "recover"))
    return;
  document = gw_document_load (recovery->path, &error);
  if (document == NULL)
    {
      gw_window_toast (self, error->message);
      return;
    }
  gw_doc_model_recover (self->model, document, recovery->name, recovery->original);
  gw_recovery_forget (recovery);
}

static void
recovery_copy_free (gpointer data)
{
  gw_recovery_free (data);
}

void
gw_window_offer_recovery (GwWindow         *self,
                          const GwRecovery *recovery)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (recovery->time);
  g_autofree char *when = g_date_time_format (time, "%e %B, %H:%M");
  g_autofree char *body = g_strdup_printf ("“%s” was not saved when the program ended. The copy is from %s.",
                                           recovery->name, g_strstrip (when));
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), "Take up unsaved work?", body);
  GwRecovery *copy = g_new0 (GwRecovery, 1);

  copy->path = g_strdup (recovery->path);
  copy->original = g_strdup (recovery->original);
  copy->name = g_strdup (recovery->name);
  copy->time = recovery->time;
  g_object_set_data_full (G_OBJECT (dialog), "recovery", copy, recovery_copy_free);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "later", "_Later", "forget", "_Throw Away", "recover",
                                    "_Recover", NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "forget", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "recover", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "later");
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_recovery_response), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}
