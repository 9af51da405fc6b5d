/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of the Data page, and its left side: source and pipeline settings. */
#include "app/ui/data-private.h"

#include <string.h>

#include "app/model/columns.h"

G_DEFINE_FINAL_TYPE (GwDataPage, gw_data_page, ADW_TYPE_BIN)

const GwPipelineDef *
gw_data_page_pipeline (GwDataPage *self)
{
  return gw_document_settings (gw_doc_model_get_document (self->model))->pipeline;
}

static void
set_pipeline (GwDocSettings *settings,
              gpointer       data)
{
  gw_pipeline_free (settings->pipeline);
  settings->pipeline = data != NULL ? gw_pipeline_copy (data) : NULL;
}

void
gw_data_page_put (GwDataPage          *self,
                  const GwPipelineDef *pipeline,
                  const char          *label,
                  const char          *merge)
{
  gw_doc_model_edit_settings (self->model, label, merge, set_pipeline, (gpointer) pipeline);
}

gboolean
gw_data_parse (GwForm          *form,
               const char      *key,
               const GwAttrDef *def,
               const char      *text,
               GwAttrValue     *value)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *attr_text = gw_form_text_to_attr (def, text);
  GwAttrValue parsed;

  if (!gw_attr_parse (def, attr_text, &parsed, &error))
    {
      gw_form_set_error (form, key, error->message);
      return FALSE;
    }
  gw_attr_value_clear (value);
  *value = parsed;
  return TRUE;
}

GArray *
gw_data_page_outputs (GwDataPage *self,
                      GError    **error)
{
  return gw_document_columns (gw_doc_model_get_document (self->model), error);
}

GtkWidget *
gw_data_heading_new (const char *text)
{
  GtkWidget *label = gw_text_new (text, "gw-bold");

  gtk_widget_set_margin_top (label, 10);
  gtk_widget_set_margin_bottom (label, 4);
  return label;
}

void
gw_data_page_set_row (GwDataPage *self,
                      int64_t     row)
{
  self->row = MAX (0, row);
  gw_data_predict_update (self->predict);
}

/* ---- the form ---- */

typedef struct {
  const GwAttrDef   *defs;
  const GwAttrValue *values;
} Lookup;

/* "name=*" asks for any value: what is set is answered by “*”. */
static char *
look_up (const char *name,
         gpointer    data)
{
  const Lookup *lookup = data;
  int i = gw_attr_defs_find (lookup->defs, name);

  return i >= 0 ? gw_attr_to_string (&lookup->values[i]) : NULL;
}

static gboolean
is_visible (const GwAttrDef   *def,
            const GwAttrDef   *defs,
            const GwAttrValue *values)
{
  Lookup lookup = { defs, values };

  if (def->visible_if != NULL && g_str_has_suffix (def->visible_if, "=*"))
    {
      g_autofree char *name = g_strndup (def->visible_if, strlen (def->visible_if) - 2);
      g_autofree char *text = look_up (name, &lookup);

      return text != NULL && *text != '\0';
    }
  return gw_attr_is_visible (def, look_up, &lookup);
}

static void
add_source_fields (GwFieldList         *list,
                   const GwPipelineDef *pipeline)
{
  const GwAttrDef *defs = pipeline->source->attrs;
  const char *group = pipeline->source->title;

  for (int i = 0; i < gw_attr_defs_length (defs); i++)
    {
      g_autofree char *key = g_strconcat ("source.", defs[i].name, NULL);

      if (!is_visible (&defs[i], defs, pipeline->source_attrs))
        continue;
      gw_field_list_add_attr (list, &defs[i], &pipeline->source_attrs[i], key, group);
      group = NULL;
    }
}

static void
add_pipeline_fields (GwFieldList         *list,
                     const GwPipelineDef *pipeline)
{
  gboolean has_test = pipeline->source->has_test (pipeline->source_attrs);
  const char *group = "Batches";

  for (int i = 0; i < GW_PIPELINE_N_ATTRS; i++)
    {
      static const int order[GW_PIPELINE_N_ATTRS] = {
        GW_PIPELINE_BATCH_SIZE, GW_PIPELINE_SHUFFLE, GW_PIPELINE_SHUFFLE_BUFFER, GW_PIPELINE_SEED, GW_PIPELINE_REPEAT,
        GW_PIPELINE_DROP_REMAINDER, GW_PIPELINE_BUCKET_BY, GW_PIPELINE_BUCKET_BOUNDARIES, GW_PIPELINE_TEST_FRACTION, GW_PIPELINE_SPLIT_SEED,
      };
      int k = order[i];
      const GwAttrDef *def = &gw_pipeline_attrs[k];
      gboolean split = k == GW_PIPELINE_TEST_FRACTION || k == GW_PIPELINE_SPLIT_SEED;
      g_autofree char *key = g_strconcat ("pipeline.", def->name, NULL);

      if ((split && has_test) || !is_visible (def, gw_pipeline_attrs, pipeline->attrs))
        continue;
      gw_field_list_add_attr (list, def, &pipeline->attrs[k], key,
                              k == GW_PIPELINE_TEST_FRACTION ? "Test rows" : group);
      group = NULL;
    }
}

static void
update_form (GwDataPage *self)
{
  const GwPipelineDef *pipeline = gw_data_page_pipeline (self);
  g_autoptr (GwFieldList) list = gw_field_list_new ();

  if (pipeline != NULL)
    {
      add_source_fields (list, pipeline);
      add_pipeline_fields (list, pipeline);
    }
  gw_field_list_show (list, GW_FORM (self->form));
}

static void
on_committed (GwForm     *form,
              const char *key,
              const char *text,
              gpointer    data)
{
  GwDataPage *self = data;
  const GwPipelineDef *now = gw_data_page_pipeline (self);
  gboolean of_source = g_str_has_prefix (key, "source.");
  const char *name = strchr (key, '.') + 1;
  g_autoptr (GwPipelineDef) pipeline = now != NULL ? gw_pipeline_copy (now) : NULL;
  const GwAttrDef *defs = of_source && pipeline != NULL ? pipeline->source->attrs : gw_pipeline_attrs;
  int i = gw_attr_defs_find (defs, name);
  g_autofree char *label = NULL, *merge = g_strconcat ("data:", key, NULL);

  if (pipeline == NULL || i < 0 ||
      !gw_data_parse (form, key, &defs[i], text, of_source ? &pipeline->source_attrs[i] : &pipeline->attrs[i]))
    return;
  label = g_strdup_printf ("Set %s", defs[i].label != NULL ? defs[i].label : name);
  gw_data_page_put (self, pipeline, label, g_intern_string (merge));
}

/* ---- sources ---- */

static GtkWidget *
source_row_new (const GwSourceDef *source)
{
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *summary;

  gtk_box_append (GTK_BOX (box), gw_text_new (source->title, "gw-bold"));
  summary = gw_text_new (source->summary, "gw-caption");
  gtk_label_set_wrap (GTK_LABEL (summary), TRUE);
  gtk_box_append (GTK_BOX (box), summary);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  g_object_set_data (G_OBJECT (row), "source", (gpointer) source);
  return row;
}

static void
use_source (GwDataPage        *self,
            const GwSourceDef *source)
{
  g_autoptr (GwPipelineDef) pipeline = gw_pipeline_new (source);
  const GwPipelineDef *now = gw_data_page_pipeline (self);
  g_autoptr (GArray) infos = source->columns (pipeline->source_attrs, NULL);
  g_autofree char *label = g_strdup_printf ("Use %s", source->title);

  if (infos != NULL)
    gw_pipeline_suggest_columns (pipeline, infos);
  for (int i = 0; now != NULL && i < GW_PIPELINE_N_ATTRS; i++)
    {
      gw_attr_value_clear (&pipeline->attrs[i]);
      gw_attr_value_copy (&pipeline->attrs[i], &now->attrs[i]);
    }
  gw_data_page_put (self, pipeline, label, NULL);
}

static void
on_source (GtkListBox    *list,
           GtkListBoxRow *row,
           gpointer       data)
{
  GwDataPage *self = data;
  const GwPipelineDef *pipeline = gw_data_page_pipeline (self);
  const GwSourceDef *source = row != NULL ? g_object_get_data (G_OBJECT (row), "source") : NULL;

  if (!self->updating && source != NULL && (pipeline == NULL || pipeline->source != source))
    use_source (self, source);
}

static void
update_sources (GwDataPage *self)
{
  const GwPipelineDef *pipeline = gw_data_page_pipeline (self);

  self->updating = TRUE;
  for (GtkWidget *row = gtk_widget_get_first_child (self->sources); row != NULL;
       row = gtk_widget_get_next_sibling (row))
    if (pipeline != NULL && g_object_get_data (G_OBJECT (row), "source") == pipeline->source)
      gtk_list_box_select_row (GTK_LIST_BOX (self->sources), GTK_LIST_BOX_ROW (row));
  self->updating = FALSE;
}

void
gw_data_page_use_fashion (GwDataPage *self)
{
  use_source (self, &gw_source_fashion_mnist);
}

void
gw_data_page_open (GwDataPage *self,
                   const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwPipelineDef) pipeline = gw_pipeline_new_for_file (path, &error);
  g_autofree char *name = g_path_get_basename (path), *label = g_strdup_printf ("Use %s", name);

  if (pipeline == NULL)
    gw_page_toast (self->toasts, "%s", error->message);
  else
    gw_data_page_put (self, pipeline, label, NULL);
}

static void
on_file_response (GtkNativeDialog *dialog,
                  int              response,
                  gpointer         data)
{
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (response == GTK_RESPONSE_ACCEPT && path != NULL)
    gw_data_page_open (data, path);
  g_object_unref (dialog);
}

void
gw_data_page_choose_file (GwDataPage *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new ("Choose a table or an IDX file",
                                                              GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
                                                              GTK_FILE_CHOOSER_ACTION_OPEN, "Use", NULL);

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_file_response), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* ---- errors ---- */

static void
focus_form (GtkButton *button,
            gpointer   data)
{
  GwDataPage *self = data;
  const GwPipelineDef *pipeline = gw_data_page_pipeline (self);
  g_autofree char *key = NULL;

  if (pipeline == NULL || gw_attr_defs_length (pipeline->source->attrs) == 0)
    return;
  key = g_strconcat ("source.", pipeline->source->attrs[0].name, NULL);
  gw_form_focus_field (GW_FORM (self->form), key);
}

static void
copy_command (GtkButton *button,
              gpointer   data)
{
  GwDataPage *self = data;

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), "sudo apt install dataset-fashion-mnist");
  gw_page_toast (self->toasts, "Copied: sudo apt install dataset-fashion-mnist");
}

GtkWidget *
gw_data_error_new (GwDataPage   *self,
                   const GError *error)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8), *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *label = gw_text_new (error->message, NULL), *button;

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_box_append (GTK_BOX (box), label);
  if (strstr (error->message, "apt install dataset-fashion-mnist") != NULL)
    {
      button = gw_button_new (NULL, "Copy the command", NULL);
      g_signal_connect_object (button, "clicked", G_CALLBACK (copy_command), self, 0);
      gtk_box_append (GTK_BOX (buttons), button);
    }
  button = gw_button_new (NULL, "Change the source", NULL);
  g_signal_connect_object (button, "clicked", G_CALLBACK (focus_form), self, 0);
  gtk_box_append (GTK_BOX (buttons), button);
  button = gw_button_new (NULL, "Choose files", NULL);
  g_signal_connect_object (button, "clicked", G_CALLBACK (gw_data_page_choose_file), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (buttons), button);
  gtk_box_append (GTK_BOX (box), buttons);
  gw_add_classes (box, "gw-page-error");
  return box;
}

/* ---- updates ---- */

static void
update_parts (GwDataPage *self)
{
  gw_data_columns_update (self->columns);
  gw_data_inputs_update (self->inputs);
  gw_data_predict_update (self->predict);
}

static void
update (GwDataPage *self)
{
  const GwPipelineDef *pipeline = gw_data_page_pipeline (self);
  g_autoptr (GwPipelineDef) resolved = gw_document_resolve_pipeline (gw_doc_model_get_document (self->model));

  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), pipeline != NULL ? "page" : "empty");
  update_sources (self);
  update_form (self);
  if (self->was_shown)
    gw_dataset_loader_set_pipeline (self->loader, resolved);
  gw_data_preview_update (self->preview);
  update_parts (self);
}

/* The data may be large: they are read once somebody looks at them. */
static void
on_map (GwDataPage *self)
{
  if (self->was_shown)
    return;
  self->was_shown = TRUE;
  update (self);
}

static void
on_items_changed (GwDocModel *model,
                  GArray     *ids,
                  gpointer    data)
{
  GwDataPage *self = data;
  gboolean settings = FALSE;

  if (self->loader == NULL)
    return;

  for (guint i = 0; i < ids->len; i++)
    settings |= g_array_index (ids, int64_t, i) == 0;
  if (settings)
    update (self);
  else if (gw_data_page_pipeline (self) != NULL)
    update_parts (self);
}

static void
on_loaded (GwDataPage *self)
{
  gw_data_preview_update (self->preview);
  update_parts (self);
}

static void
on_part (GwDataPage *self)
{
  static const char *const names[] = { "columns", "inputs", "predict" };

  if (self->part_stack != NULL)
    gtk_stack_set_visible_child_name (GTK_STACK (self->part_stack), names[gw_segments_get (self->parts, 3)]);
}

void
gw_data_page_show (GwDataPage *self,
                   GwDataPart  part)
{
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->parts[part]), TRUE);
}

void
gw_data_page_flush (GwDataPage *self)
{
  gw_form_commit_pending (GW_FORM (self->form));
}

/* ---- building ---- */

static GtkWidget *
scrolled_new (GtkWidget *child)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), child);
  gtk_widget_set_vexpand (scrolled, TRUE);
  return scrolled;
}

static GtkWidget *
make_side (GwDataPage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *scrolled, *button;

  gtk_box_append (GTK_BOX (box), gw_data_heading_new ("Source"));
  self->sources = gtk_list_box_new ();
  gw_add_classes (self->sources, "gw-choice-list");
  for (const GwSourceDef *const *source = gw_sources (); *source != NULL; source++)
    gtk_list_box_append (GTK_LIST_BOX (self->sources), source_row_new (*source));
  g_signal_connect_object (self->sources, "row-selected", G_CALLBACK (on_source), self, 0);
  gtk_box_append (GTK_BOX (box), self->sources);
  button = gw_button_new ("document-open-symbolic", "Choose files…", "flat");
  gtk_widget_set_margin_bottom (button, 8);
  g_signal_connect_object (button, "clicked", G_CALLBACK (gw_data_page_choose_file), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), button);
  self->form = gw_form_new ();
  g_signal_connect_object (self->form, "field-committed", G_CALLBACK (on_committed), self, 0);
  gtk_box_append (GTK_BOX (box), self->form);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_widget_set_margin_bottom (box, 12);
  scrolled = scrolled_new (box);
  gtk_widget_set_size_request (scrolled, 288, -1);
  gw_add_classes (scrolled, "gw-page-side");
  return scrolled;
}

static GtkWidget *
make_end (GwDataPage *self)
{
  static const char *const names[] = { "Columns", "Inputs", "Predict", NULL };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *segments;

  segments = gw_segments_new (names, self->parts, G_CALLBACK (on_part), self);
  for (int i = 0; i < 3; i++)
    gtk_widget_set_hexpand (self->parts[i], TRUE);
  gtk_widget_set_margin_start (segments, 12);
  gtk_widget_set_margin_end (segments, 12);
  gtk_widget_set_margin_top (segments, 10);
  gtk_widget_set_margin_bottom (segments, 6);
  gtk_box_append (GTK_BOX (box), segments);
  self->part_stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->part_stack), scrolled_new (gw_data_columns_new (self)), "columns");
  gtk_stack_add_named (GTK_STACK (self->part_stack), scrolled_new (gw_data_inputs_new (self)), "inputs");
  gtk_stack_add_named (GTK_STACK (self->part_stack), scrolled_new (gw_data_predict_new (self)), "predict");
  gtk_box_append (GTK_BOX (box), self->part_stack);
  gtk_widget_set_size_request (box, 340, -1);
  gtk_widget_set_hexpand (box, FALSE);
  gw_add_classes (box, "gw-page-end");
  return box;
}

static GtkWidget *
make_empty (GwDataPage *self)
{
  GtkWidget *page = adw_status_page_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *button;

  adw_status_page_set_icon_name (ADW_STATUS_PAGE (page), "view-data-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (page), "No data yet");
  adw_status_page_set_description (ADW_STATUS_PAGE (page), "Drop a CSV or IDX file here.");
  button = gw_button_new (NULL, "Choose files", "pill suggested-action");
  g_signal_connect_object (button, "clicked", G_CALLBACK (gw_data_page_choose_file), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), button);
  button = gw_button_new (NULL, "Use Fashion-MNIST", "pill");
  g_signal_connect_object (button, "clicked", G_CALLBACK (gw_data_page_use_fashion), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), button);
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  adw_status_page_set_child (ADW_STATUS_PAGE (page), box);
  gtk_widget_set_hexpand (page, TRUE);
  return page;
}

static gboolean
on_drop (GtkDropTarget *target,
         const GValue  *value,
         double         x,
         double         y,
         gpointer       data)
{
  g_autofree char *path = g_file_get_path (g_value_get_object (value));

  gtk_widget_remove_css_class (data, "gw-dropping");
  if (path == NULL)
    return FALSE;
  gw_data_page_open (data, path);
  return TRUE;
}

static GdkDragAction
on_drag_enter (GtkDropTarget *target,
               double         x,
               double         y,
               gpointer       data)
{
  gtk_widget_add_css_class (data, "gw-dropping");
  return GDK_ACTION_COPY;
}

static void
on_drag_leave (GtkDropTarget *target,
               gpointer       data)
{
  gtk_widget_remove_css_class (data, "gw-dropping");
}

void
gw_data_page_connect (GwDataPage   *page,
                      gpointer      instance,
                      const char   *signal,
                      GCallback     callback,
                      gpointer      part,
                      GConnectFlags flags)
{
  GClosure *closure = (flags & G_CONNECT_SWAPPED) != 0 ? g_cclosure_new_swap (callback, part, NULL)
                                                       : g_cclosure_new (callback, part, NULL);

  g_object_watch_closure (G_OBJECT (page), closure);
  g_signal_connect_closure (instance, signal, closure, (flags & G_CONNECT_AFTER) != 0);
}

static void
gw_data_page_dispose (GObject *object)
{
  GwDataPage *self = GW_DATA_PAGE (object);

  if (self->loader != NULL)
    g_signal_handlers_disconnect_by_data (self->loader, self);
  self->updating = TRUE;
  self->part_stack = NULL;
  adw_bin_set_child (ADW_BIN (self), NULL);
  g_clear_object (&self->loader);
  g_clear_object (&self->model);
  g_clear_object (&self->run);
  G_OBJECT_CLASS (gw_data_page_parent_class)->dispose (object);
}

static void
gw_data_page_class_init (GwDataPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gw_data_page_dispose;
}

static void
gw_data_page_init (GwDataPage *self)
{
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_FILE, GDK_ACTION_COPY);

  gw_data_style_ensure ();
  self->loader = gw_dataset_loader_new ();
  g_signal_connect_object (target, "drop", G_CALLBACK (on_drop), self, 0);
  g_signal_connect_object (target, "enter", G_CALLBACK (on_drag_enter), self, 0);
  g_signal_connect_object (target, "leave", G_CALLBACK (on_drag_leave), self, 0);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}

GtkWidget *
gw_data_page_new (GwDocModel *model,
                  GwRun      *run)
{
  GwDataPage *self = g_object_new (GW_TYPE_DATA_PAGE, NULL);
  GtkWidget *page = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0), *middle = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  self->model = g_object_ref (model);
  self->run = g_object_ref (run);
  gtk_box_append (GTK_BOX (middle), gw_data_preview_new (self));
  gtk_box_append (GTK_BOX (middle), make_end (self));
  gtk_widget_set_hexpand (middle, TRUE);
  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), make_empty (self), "empty");
  gtk_stack_add_named (GTK_STACK (self->stack), middle, "page");
  gtk_box_append (GTK_BOX (page), make_side (self));
  gtk_box_append (GTK_BOX (page), self->stack);
  self->toasts = ADW_TOAST_OVERLAY (adw_toast_overlay_new ());
  adw_toast_overlay_set_child (self->toasts, page);
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->toasts));
  g_signal_connect_object (model, "items-changed", G_CALLBACK (on_items_changed), self, 0);
  g_signal_connect_object (model, "reset", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->loader, "changed", G_CALLBACK (on_loaded), self, G_CONNECT_SWAPPED);
  g_signal_connect (self, "map", G_CALLBACK (on_map), NULL);
  update (self);
  return GTK_WIDGET (self);
}
