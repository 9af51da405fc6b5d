/* SPDX-License-Identifier: Apache-2.0 */
/* The columns that come out of the pipeline: from which columns of the source each
 * is made, and by which steps. */
#include "app/ui/data-private.h"

#include <string.h>

#include "widgets/charts/dtype-glyph.h"

struct _GwDataColumns {
  GwDataPage *page;
  GtkWidget  *box;
  char       *structure;  /* of what the widgets were made for */
  GPtrArray  *forms;      /* of GwForm, borrowed: one for each step that has settings */
  GPtrArray  *results;    /* of GtkLabel, borrowed: one for each column */
  GPtrArray  *glyphs;
};

/* What the widgets depend on, without the settings' values. */
static char *
structure_of (const GwPipelineDef *pipeline)
{
  GString *text;

  if (pipeline == NULL)
    return NULL;
  text = g_string_new (pipeline->source->name);
  for (int c = 0; c < pipeline->n_columns; c++)
    {
      g_autofree char *from = g_strjoinv (",", pipeline->columns[c].from);

      g_string_append_printf (text, "\n%s<%s", pipeline->columns[c].name, from);
      for (int t = 0; t < pipeline->columns[c].n_transforms; t++)
        g_string_append_printf (text, " %s", pipeline->columns[c].transforms[t].def->name);
    }
  return g_string_free (text, FALSE);
}

/* ---- edits ---- */

static void
place_of (gpointer widget,
          int     *column,
          int     *step)
{
  *column = GPOINTER_TO_INT (g_object_get_data (widget, "column"));
  *step = GPOINTER_TO_INT (g_object_get_data (widget, "step"));
}

static void
set_place (gpointer widget,
           int      column,
           int      step)
{
  g_object_set_data (widget, "column", GINT_TO_POINTER (column));
  g_object_set_data (widget, "step", GINT_TO_POINTER (step));
}

/* Makes the steps of a column anew from those of `pipeline` but one; *add (nullable)
 * goes to the end. The engine only appends, so the column is built again. */
static void
rebuild_column (GwDataPage *page,
                int         column,
                int         leave_out,
                const char *add,
                const char *label)
{
  const GwPipelineDef *now = gw_data_page_pipeline (page);
  g_autoptr (GwPipelineDef) pipeline = gw_pipeline_copy (now);
  GwPipelineColumn *target;
  g_autoptr (GError) error = NULL;

  if (column >= pipeline->n_columns)
    return;
  target = &pipeline->columns[column];
  if (leave_out >= 0 && leave_out < target->n_transforms)
    {
      GwTransform *gone = &target->transforms[leave_out];

      for (int i = 0; i < gw_attr_defs_length (gone->def->attrs); i++)
        gw_attr_value_clear (&gone->values[i]);
      g_free (gone->values);
      target->n_transforms--;
      memmove (gone, gone + 1, (gsize) (target->n_transforms - leave_out) * sizeof *gone);
    }
  if (add != NULL && !gw_pipeline_add_transform (pipeline, column, add, NULL, &error))
    {
      gw_page_toast (page->toasts, "%s", error->message);
      return;
    }
  gw_data_page_put (page, pipeline, label, NULL);
}

static void
on_remove_step (GtkButton *button,
                gpointer   data)
{
  GwDataColumns *self = data;
  int column, step;

  place_of (button, &column, &step);
  rebuild_column (self->page, column, step, NULL, "Remove a step");
}

static void
on_add_step (GtkWidget  *widget,
             const char *transform,
             int         column)
{
  GwDataColumns *self = g_object_get_data (G_OBJECT (widget), "columns");
  const GwTransformDef *def = gw_transform_find (transform);
  g_autofree char *label = g_strdup_printf ("Add %s", def != NULL ? def->title : transform);

  rebuild_column (self->page, column, -1, transform, label);
}

static void
on_step_action (GSimpleAction *action,
                GVariant      *parameter,
                gpointer       data)
{
  const char *transform;
  int column;

  g_variant_get (parameter, "(i&s)", &column, &transform);
  on_add_step (data, transform, column);
}

static void
on_remove_column (GtkButton *button,
                  gpointer   data)
{
  GwDataColumns *self = data;
  g_autoptr (GwPipelineDef) pipeline = gw_pipeline_copy (gw_data_page_pipeline (self->page));
  GwPipelineColumn gone;
  int column, step;

  place_of (button, &column, &step);
  if (column >= pipeline->n_columns)
    return;
  /* Its place is taken by the next; the last one is freed by making it the one cut. */
  gone = pipeline->columns[column];
  memmove (&pipeline->columns[column], &pipeline->columns[column + 1],
           (gsize) (pipeline->n_columns - column - 1) * sizeof gone);
  pipeline->columns[--pipeline->n_columns] = gone;
  gw_data_page_put (self->page, pipeline, "Remove a column", NULL);
  pipeline->n_columns++;
}

static void
on_add_column (GSimpleAction *action,
               GVariant      *parameter,
               gpointer       data)
{
  GwDataColumns *self = g_object_get_data (data, "columns");
  const char *from = g_variant_get_string (parameter, NULL);
  g_autoptr (GwPipelineDef) pipeline = gw_pipeline_copy (gw_data_page_pipeline (self->page));
  g_autofree char *name = g_strdup (from), *label = g_strdup_printf ("Add the column %s", from);

  for (int k = 2, i = 0; i < pipeline->n_columns; i++)
    if (strcmp (pipeline->columns[i].name, name) == 0)
      {
        g_free (name);
        name = g_strdup_printf ("%s_%d", from, k++);
        i = -1;
      }
  gw_pipeline_add_column (pipeline, name, from);
  gw_data_page_put (self->page, pipeline, label, NULL);
}

static void
on_suggest (GwDataColumns *self)
{
  g_autoptr (GwPipelineDef) pipeline = gw_pipeline_copy (gw_data_page_pipeline (self->page));
  g_autoptr (GwPipelineDef) resolved = gw_document_resolve_pipeline (gw_doc_model_get_document (self->page->model));
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) infos = resolved->source->columns (resolved->source_attrs, &error);

  if (infos == NULL)
    {
      gw_page_toast (self->page->toasts, "%s", error->message);
      return;
    }
  gw_pipeline_suggest_columns (pipeline, infos);
  gw_data_page_put (self->page, pipeline, "Suggest columns", NULL);
}

static void
on_committed (GwForm     *form,
              const char *key,
              const char *text,
              gpointer    data)
{
  GwDataColumns *self = data;
  g_autoptr (GwPipelineDef) pipeline = gw_pipeline_copy (gw_data_page_pipeline (self->page));
  g_autofree char *label = NULL, *merge = NULL;
  GwTransform *transform;
  int column, step, i;

  place_of (form, &column, &step);
  if (column >= pipeline->n_columns || step >= pipeline->columns[column].n_transforms)
    return;
  transform = &pipeline->columns[column].transforms[step];
  i = gw_attr_defs_find (transform->def->attrs, key);
  if (i < 0 || !gw_data_parse (form, key, &transform->def->attrs[i], text, &transform->values[i]))
    return;
  label = g_strdup_printf ("Set %s of %s", key, transform->def->title);
  merge = g_strdup_printf ("data:%d.%d.%s", column, step, key);
  gw_data_page_put (self->page, pipeline, label, g_intern_string (merge));
}

static void
on_name (GtkEditable *entry,
         gpointer     data)
{
  GwDataColumns *self = data;
  g_autoptr (GwPipelineDef) pipeline = gw_pipeline_copy (gw_data_page_pipeline (self->page));
  const char *name = gtk_editable_get_text (entry);
  int column, step;

  place_of (entry, &column, &step);
  if (column >= pipeline->n_columns || *name == '\0' || strcmp (pipeline->columns[column].name, name) == 0)
    return;
  for (int i = 0; i < pipeline->n_columns; i++)
    if (i != column && strcmp (pipeline->columns[i].name, name) == 0)
      {
        gtk_widget_add_css_class (GTK_WIDGET (entry), "error");
        return;
      }
  g_free (pipeline->columns[column].name);
  pipeline->columns[column].name = g_strdup (name);
  gw_data_page_put (self->page, pipeline, "Rename a column", NULL);
}

static void
on_name_left (GtkEventControllerFocus *focus,
              gpointer                 data)
{
  on_name (GTK_EDITABLE (gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (focus))), data);
}

/* ---- widgets ---- */

static void
show_step_values (GwForm            *form,
                  const GwTransform *transform)
{
  g_autoptr (GwFieldList) list = gw_field_list_new ();

  for (int i = 0; i < gw_attr_defs_length (transform->def->attrs); i++)
    gw_field_list_add_attr (list, &transform->def->attrs[i], &transform->values[i], NULL, NULL);
  gw_field_list_show (list, form);
}

static GtkWidget *
step_new (GwDataColumns     *self,
          const GwTransform *transform,
          int                column,
          int                step)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2), *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *title = gw_text_new (transform->def->title, NULL), *remove, *form;

  gtk_widget_set_hexpand (title, TRUE);
  gtk_widget_set_tooltip_text (title, transform->def->summary);
  gtk_box_append (GTK_BOX (head), gw_text_new ("↓", "gw-dim"));
  gtk_box_append (GTK_BOX (head), title);
  remove = gw_button_new ("list-remove-symbolic", NULL, "flat");
  gtk_widget_set_tooltip_text (remove, "Remove this step");
  set_place (remove, column, step);
  gw_data_page_connect (self->page, remove, "clicked", G_CALLBACK (on_remove_step), self, 0);
  gtk_box_append (GTK_BOX (head), remove);
  gtk_box_append (GTK_BOX (box), head);
  if (gw_attr_defs_length (transform->def->attrs) == 0)
    return box;
  form = gw_form_new ();
  set_place (form, column, step);
  show_step_values (GW_FORM (form), transform);
  gw_data_page_connect (self->page, form, "field-committed", G_CALLBACK (on_committed), self, 0);
  g_ptr_array_add (self->forms, form);
  gtk_box_append (GTK_BOX (box), form);
  return box;
}

static GtkWidget *
add_step_button_new (int column)
{
  GtkWidget *button = gtk_menu_button_new ();
  g_autoptr (GMenu) menu = g_menu_new ();

  for (const GwTransformDef *const *def = gw_transforms (); *def != NULL; def++)
    {
      g_autoptr (GMenuItem) item = g_menu_item_new ((*def)->title, NULL);

      g_menu_item_set_action_and_target (item, "columns.add-step", "(is)", column, (*def)->name);
      g_menu_append_item (menu, item);
    }
  gtk_menu_button_set_label (GTK_MENU_BUTTON (button), "Add a step");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), G_MENU_MODEL (menu));
  gtk_widget_set_margin_top (button, 4);
  return button;
}

static GtkWidget *
column_head_new (GwDataColumns          *self,
                 const GwPipelineColumn *column,
                 int                     index)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *entry = gtk_entry_new (), *remove;
  GtkEventController *focus = gtk_event_controller_focus_new ();

  gtk_editable_set_text (GTK_EDITABLE (entry), column->name);
  gtk_widget_set_hexpand (entry, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, "Name of the column", -1);
  set_place (entry, index, 0);
  gw_data_page_connect (self->page, entry, "activate", G_CALLBACK (on_name), self, 0);
  gw_data_page_connect (self->page, focus, "leave", G_CALLBACK (on_name_left), self, 0);
  gtk_widget_add_controller (entry, focus);
  gtk_box_append (GTK_BOX (head), entry);
  remove = gw_button_new ("user-trash-symbolic", NULL, "flat");
  gtk_widget_set_tooltip_text (remove, "Remove this column");
  set_place (remove, index, 0);
  gw_data_page_connect (self->page, remove, "clicked", G_CALLBACK (on_remove_column), self, 0);
  gtk_box_append (GTK_BOX (head), remove);
  return head;
}

static GtkWidget *
column_new (GwDataColumns          *self,
            const GwPipelineColumn *column,
            int                     index)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4), *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  g_autofree char *from = g_strjoinv (", ", column->from), *text = g_strdup_printf ("from %s", from);
  GtkWidget *glyph = gw_dtype_glyph_new (NULL), *result = gw_text_new ("", "gw-small gw-number");

  gtk_box_append (GTK_BOX (card), column_head_new (self, column, index));
  gtk_box_append (GTK_BOX (card), gw_cut_text_new (text, "gw-caption"));
  for (int t = 0; t < column->n_transforms; t++)
    gtk_box_append (GTK_BOX (card), step_new (self, &column->transforms[t], index, t));
  gtk_label_set_wrap (GTK_LABEL (result), TRUE);
  gtk_box_append (GTK_BOX (line), glyph);
  gtk_box_append (GTK_BOX (line), result);
  gtk_box_append (GTK_BOX (card), line);
  gtk_box_append (GTK_BOX (card), add_step_button_new (index));
  g_ptr_array_add (self->results, result);
  g_ptr_array_add (self->glyphs, glyph);
  gtk_widget_set_margin_bottom (card, 10);
  gw_add_classes (card, "gw-card gw-column-card");
  return card;
}

static GtkWidget *
add_column_button_new (GwDataColumns *self)
{
  GtkWidget *button = gtk_menu_button_new ();
  g_autoptr (GMenu) menu = g_menu_new ();
  GwDataView *view = gw_dataset_loader_get_view (self->page->loader);
  const GwTable *table = view != NULL ? view->splits[GW_SPLIT_TRAIN].table : NULL;

  for (int i = 0; table != NULL && i < table->n_columns; i++)
    {
      g_autoptr (GMenuItem) item = g_menu_item_new (table->columns[i].name, NULL);

      g_menu_item_set_action_and_target (item, "columns.add-column", "s", table->columns[i].name);
      g_menu_append_item (menu, item);
    }
  gtk_menu_button_set_label (GTK_MENU_BUTTON (button), "Add a column");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), G_MENU_MODEL (menu));
  gtk_widget_set_sensitive (button, table != NULL);
  if (table == NULL)
    gtk_widget_set_tooltip_text (button, "The columns are known when the data has been read");
  return button;
}

static void
rebuild (GwDataColumns       *self,
         const GwPipelineDef *pipeline)
{
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *button, *note;

  g_ptr_array_set_size (self->forms, 0);
  g_ptr_array_set_size (self->results, 0);
  g_ptr_array_set_size (self->glyphs, 0);
  gw_box_clear (self->box);
  for (int c = 0; pipeline != NULL && c < pipeline->n_columns; c++)
    gtk_box_append (GTK_BOX (self->box), column_new (self, &pipeline->columns[c], c));
  if (pipeline != NULL && pipeline->n_columns == 0)
    {
      note = gw_text_new ("Every column of the source comes out as it is.", "gw-dim");
      gtk_label_set_wrap (GTK_LABEL (note), TRUE);
      gtk_box_append (GTK_BOX (self->box), note);
    }
  gtk_box_append (GTK_BOX (buttons), add_column_button_new (self));
  button = gw_button_new (NULL, "Suggest", NULL);
  gtk_widget_set_tooltip_text (button, "Replaces these by what most networks want: pictures from 0 to 1, numbers as "
                                       "float32, classes as int32");
  gw_data_page_connect (self->page, button, "clicked", G_CALLBACK (on_suggest), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (buttons), button);
  gtk_box_append (GTK_BOX (self->box), buttons);
}

static void
show_results (GwDataColumns *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) infos = gw_data_page_outputs (self->page, &error);
  const GError *unread = gw_dataset_loader_get_error (self->page->loader); /* stands in the preview */

  for (guint i = 0; i < self->results->len; i++)
    {
      GtkWidget *label = g_ptr_array_index (self->results, i);
      const GwColumnInfo *info = infos != NULL && i < infos->len ? &g_array_index (infos, GwColumnInfo, i) : NULL;
      g_autofree char *shape = info != NULL ? gw_shape_to_label (&info->row_shape) : NULL, *text = NULL;

      if (info != NULL)
        text = g_strdup_printf ("%s, %s a row", gw_dtype_name (info->dtype), shape);
      else
        text = g_strdup (error != NULL && unread == NULL ? error->message : "");
      gtk_label_set_label (GTK_LABEL (label), text);
      gw_dtype_glyph_set (g_ptr_array_index (self->glyphs, i), info != NULL ? gw_dtype_name (info->dtype) : NULL);
      if (error != NULL)
        gtk_widget_add_css_class (label, "gw-wrong");
      else
        gtk_widget_remove_css_class (label, "gw-wrong");
    }
}

void
gw_data_columns_update (GwDataColumns *self)
{
  const GwPipelineDef *pipeline = gw_data_page_pipeline (self->page);
  g_autofree char *plain = structure_of (pipeline), *structure = NULL;
  guint form = 0;

  structure = g_strdup_printf ("%s %d", plain, gw_dataset_loader_get_view (self->page->loader) != NULL);
  if (g_strcmp0 (structure, self->structure) != 0)
    {
      g_free (self->structure);
      self->structure = g_steal_pointer (&structure);
      rebuild (self, pipeline);
    }
  else
    for (int c = 0; pipeline != NULL && c < pipeline->n_columns; c++)
      for (int t = 0; t < pipeline->columns[c].n_transforms; t++)
        if (gw_attr_defs_length (pipeline->columns[c].transforms[t].def->attrs) > 0)
          show_step_values (g_ptr_array_index (self->forms, form++), &pipeline->columns[c].transforms[t]);
  show_results (self);
}

static void
columns_free (gpointer data)
{
  GwDataColumns *self = data;

  g_ptr_array_unref (self->forms);
  g_ptr_array_unref (self->results);
  g_ptr_array_unref (self->glyphs);
  g_free (self->structure);
  g_free (self);
}

GtkWidget *
gw_data_columns_new (GwDataPage *page)
{
  static const GActionEntry entries[] = {
    { .name = "add-step", .activate = on_step_action, .parameter_type = "(is)" },
    { .name = "add-column", .activate = on_add_column, .parameter_type = "s" },
  };
  GwDataColumns *self = g_new0 (GwDataColumns, 1);
  g_autoptr (GSimpleActionGroup) actions = g_simple_action_group_new ();

  self->page = page;
  self->forms = g_ptr_array_new ();
  self->results = g_ptr_array_new ();
  self->glyphs = g_ptr_array_new ();
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);
  gtk_widget_set_margin_start (self->box, 12);
  gtk_widget_set_margin_end (self->box, 12);
  gtk_widget_set_margin_bottom (self->box, 12);
  g_object_set_data_full (G_OBJECT (self->box), "columns", self, columns_free);
  g_action_map_add_action_entries (G_ACTION_MAP (actions), entries, G_N_ELEMENTS (entries), self->box);
  gtk_widget_insert_action_group (self->box, "columns", G_ACTION_GROUP (actions));
  page->columns = self;
  return self->box;
}
