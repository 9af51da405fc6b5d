/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/generate-window.h"

#include "app/model/text-worker.h"
#include "app/ui/tool-window.h"

#include <string.h>

struct _GwGenerateWindow {
  AdwWindow     parent_instance;

  GwDocModel   *model;
  GwTextWorker *worker;
  GtkWidget    *prompt, *length, *temperature, *temperature_row, *seed;
  GtkWidget    *go, *stop, *copy, *view, *status;
  GtkTextTag   *bold;
  int64_t       n_added; /* pieces that have come */
};

G_DEFINE_FINAL_TYPE (GwGenerateWindow, gw_generate_window, ADW_TYPE_WINDOW)

static GtkTextBuffer *
buffer_of (GwGenerateWindow *self)
{
  return gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->view));
}

static char *
text_of (GwGenerateWindow *self)
{
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer_of (self), &start, &end);
  return gtk_text_buffer_get_text (buffer_of (self), &start, &end, FALSE);
}

static void
show_state (GwGenerateWindow *self)
{
  gboolean busy = gw_text_worker_is_busy (self->worker);
  g_autofree char *text = text_of (self);

  gtk_widget_set_visible (self->go, !busy);
  gtk_widget_set_visible (self->stop, busy);
  gtk_widget_set_sensitive (self->copy, *text != '\0');
}

/* ---- the text ---- */

static void
begin_text (GwGenerateWindow *self,
            const char       *prompt)
{
  GtkTextIter start;

  gtk_text_buffer_set_text (buffer_of (self), "", -1);
  gtk_text_buffer_get_start_iter (buffer_of (self), &start);
  gtk_text_buffer_insert_with_tags (buffer_of (self), &start, prompt, -1, self->bold, NULL);
  self->n_added = 0;
}

static void
on_added (GwGenerateWindow *self,
          const char       *text)
{
  GtkTextIter end;

  gtk_text_buffer_get_end_iter (buffer_of (self), &end);
  gtk_text_buffer_insert (buffer_of (self), &end, text, -1);
  gtk_text_view_scroll_to_iter (GTK_TEXT_VIEW (self->view), &end, 0, FALSE, 0, 0);
  self->n_added++;
  gw_tool_status_set (self->status, "Writing…", FALSE);
}

static void
on_ended (GwGenerateWindow *self,
          const char       *reason)
{
  g_autofree char *text = gw_tool_step_text ("Written with the values", gw_text_worker_get_step (self->worker));

  if (reason == NULL && self->n_added == 0)
    gtk_text_buffer_set_text (buffer_of (self), "", -1);
  gw_tool_status_set (self->status, reason != NULL ? reason : self->n_added > 0 ? text : "Stopped", reason != NULL);
  show_state (self);
  if (gtk_window_get_focus (GTK_WINDOW (self)) == NULL)
    gtk_widget_grab_focus (self->go);
}

/* ---- asked for ---- */

static void
on_go (GwGenerateWindow *self)
{
  g_autofree char *runs_dir = gw_doc_model_runs_dir (self->model);
  const char *prompt = gtk_editable_get_text (GTK_EDITABLE (self->prompt));
  GwTextRequest request = {
    .prompt = prompt,
    .count = (int64_t) gtk_spin_button_get_value (GTK_SPIN_BUTTON (self->length)),
    .temperature = gtk_widget_get_sensitive (self->temperature_row) ? gtk_spin_button_get_value (GTK_SPIN_BUTTON (self->temperature)) : 0,
    .seed = (int64_t) gtk_spin_button_get_value (GTK_SPIN_BUTTON (self->seed)),
  };

  if (gw_text_worker_is_busy (self->worker))
    return;
  begin_text (self, prompt);
  gw_tool_status_set (self->status, "Preparing the graph…", FALSE);
  gw_text_worker_generate (self->worker, gw_doc_model_get_document (self->model), runs_dir, &request);
  show_state (self);
}

static void
on_stop (GwGenerateWindow *self)
{
  gw_text_worker_stop (self->worker);
}

static void
on_copy (GwGenerateWindow *self)
{
  g_autofree char *text = text_of (self);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  gw_tool_status_set (self->status, "Copied", FALSE);
}

static gboolean
escape (GtkWidget *window)
{
  GwGenerateWindow *self = GW_GENERATE_WINDOW (window);

  if (gw_text_worker_is_busy (self->worker))
    on_stop (self);
  else
    gtk_window_close (GTK_WINDOW (window));
  return TRUE;
}

/* ---- building ---- */

static GtkWidget *
make_fields (GwGenerateWindow *self)
{
  GtkWidget *group = adw_preferences_group_new ();

  self->prompt = adw_entry_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->prompt), "Prompt");
  g_signal_connect_object (self->prompt, "entry-activated", G_CALLBACK (on_go), self, G_CONNECT_SWAPPED);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), self->prompt);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                             gw_tool_number_row ("Length", "Characters or words to add", 300, 1, 100000, 50, 0, &self->length));
  self->temperature_row = gw_tool_number_row ("Temperature", "Below 1 keeps to what is likely, above 1 dares more", 0.7, 0.01, 10,
                                              0.1, 2, &self->temperature);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), self->temperature_row);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                             gw_tool_number_row ("Seed", "The same seed writes the same text", 1, 1, 1e9, 1, 0, &self->seed));
  return group;
}

static GtkWidget *
make_text (GwGenerateWindow *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new (), *frame = gtk_frame_new (NULL);

  self->view = gtk_text_view_new ();
  gtk_text_view_set_editable (GTK_TEXT_VIEW (self->view), FALSE);
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (self->view), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (self->view), 12);
  gtk_text_view_set_right_margin (GTK_TEXT_VIEW (self->view), 12);
  gtk_text_view_set_top_margin (GTK_TEXT_VIEW (self->view), 8);
  gtk_text_view_set_bottom_margin (GTK_TEXT_VIEW (self->view), 8);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (self->view), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL, "What the model wrote", -1);
  self->bold = gtk_text_buffer_create_tag (buffer_of (self), NULL, "weight", PANGO_WEIGHT_BOLD, NULL);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->view);
  gtk_frame_set_child (GTK_FRAME (frame), scroller);
  gtk_widget_set_vexpand (frame, TRUE);
  return frame;
}

static GtkWidget *
header_button (GwGenerateWindow *self,
               const char       *label,
               const char       *css,
               GCallback         clicked)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  if (css != NULL)
    gtk_widget_add_css_class (button, css);
  g_signal_connect_object (button, "clicked", clicked, self, G_CONNECT_SWAPPED);
  return button;
}

static GtkWidget *
make_header (GwGenerateWindow *self)
{
  GtkWidget *header = adw_header_bar_new ();

  self->go = header_button (self, "_Generate", "suggested-action", G_CALLBACK (on_go));
  self->stop = header_button (self, "_Stop", "destructive-action", G_CALLBACK (on_stop));
  self->copy = header_button (self, "_Copy", NULL, G_CALLBACK (on_copy));
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), self->go);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), self->stop);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), self->copy);
  return header;
}

static void
gw_generate_window_init (GwGenerateWindow *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  gtk_widget_set_margin_start (content, 12);
  gtk_widget_set_margin_end (content, 12);
  gtk_widget_set_margin_top (content, 12);
  gtk_widget_set_margin_bottom (content, 12);
  self->status = gw_tool_status_new ();
  gtk_box_append (GTK_BOX (content), make_fields (self));
  gtk_box_append (GTK_BOX (content), make_text (self));
  gtk_box_append (GTK_BOX (content), self->status);
  gtk_box_append (GTK_BOX (column), make_header (self));
  gtk_box_append (GTK_BOX (column), content);
  adw_window_set_content (ADW_WINDOW (self), column);
  gtk_window_set_title (GTK_WINDOW (self), "Generate Text");
  gtk_window_set_default_size (GTK_WINDOW (self), 600, 620);
  gtk_widget_add_css_class (GTK_WIDGET (self), "graphwright");
  gw_tool_window_on_escape (GTK_WIDGET (self), escape);
}

static void
gw_generate_window_dispose (GObject *object)
{
  GwGenerateWindow *self = GW_GENERATE_WINDOW (object);

  if (self->worker != NULL)
    gw_text_worker_stop (self->worker);
  g_clear_object (&self->worker);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (gw_generate_window_parent_class)->dispose (object);
}

static void
gw_generate_window_class_init (GwGenerateWindowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gw_generate_window_dispose;
}

/* A value for evaluation that stands in the document is where the field begins. */
static void
take_temperature (GwGenerateWindow *self)
{
  const GwDocument *document = gw_doc_model_get_document (self->model);
  const GwDocNode *node = gw_document_node (document, gw_document_find (document, "temperature"));
  const GwAttrValue *value = node != NULL ? gw_named_attrs_get (node->attrs, "_evaluate_value") : NULL;
  double number = value != NULL && value->s != NULL ? g_ascii_strtod (value->s, NULL) : 0;

  gtk_widget_set_sensitive (self->temperature_row, node != NULL);
  if (node == NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (self->temperature_row), "The graph has no placeholder called temperature");
  if (number > 0)
    gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->temperature), number);
}

GtkWidget *
gw_generate_window_new (GwDocModel *model,
                        GwRun      *run)
{
  GwGenerateWindow *self = g_object_new (GW_TYPE_GENERATE_WINDOW, NULL);

  self->model = g_object_ref (model);
  self->worker = gw_text_worker_new (run);
  g_signal_connect_object (self->worker, "added", G_CALLBACK (on_added), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->worker, "ended", G_CALLBACK (on_ended), self, G_CONNECT_SWAPPED);
  gtk_editable_set_text (GTK_EDITABLE (self->prompt), "The ");
  take_temperature (self);
  show_state (self);
  gtk_window_set_focus (GTK_WINDOW (self), self->prompt);
  return GTK_WIDGET (self);
}
