/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/composite-dialog.h"

#include "app/model/composite-store.h"

#include <string.h>

struct _GwCompositeDialog {
  AdwWindow         parent_instance;
  GwDocModel       *model;
  GwCompositeDraft *draft;
  GtkWidget        *name, *summary, *category;
  GtkWidget        *inputs, *outputs;  /* AdwPreferencesGroup */
  GPtrArray        *input_rows, *output_rows; /* of GtkWidget in the groups, in their order */
  GtkWidget        *problem;
};

static guint made_signal;

G_DEFINE_FINAL_TYPE (GwCompositeDialog, gw_composite_dialog, ADW_TYPE_WINDOW)

static void fill_ports (GwCompositeDialog *self, gboolean outputs);

static void
replace (char      **text,
         GtkWidget  *entry)
{
  const char *fresh = gtk_editable_get_text (GTK_EDITABLE (entry));

  g_free (*text);
  *text = *fresh != '\0' ? g_strdup (fresh) : NULL;
}

/* ---- ports ---- */

static const char *
port_source (GwCompositeDialog *self,
             const GwDraftPort *port)
{
  const GwDocNode *node = gw_document_node (gw_doc_model_get_document (self->model), port->node);

  return node != NULL ? node->name : "not wired yet";
}

static void
on_port_named (GtkEditable *row,
               GwDraftPort *port)
{
  g_free (port->name);
  port->name = g_strdup (gtk_editable_get_text (row));
}

/* The port above changes places with it. */
static void
on_up (GtkButton *button,
       gpointer   data)
{
  GwCompositeDialog *self = data;
  gboolean outputs = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "outputs"));
  guint at = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "at"));
  GPtrArray *ports = outputs ? self->draft->outputs : self->draft->inputs;
  gpointer above = ports->pdata[at - 1];

  ports->pdata[at - 1] = ports->pdata[at];
  ports->pdata[at] = above;
  fill_ports (self, outputs);
}

static GtkWidget *
port_row (GwCompositeDialog *self,
          GwDraftPort       *port,
          gboolean           outputs,
          guint              at)
{
  GtkWidget *row = adw_entry_row_new ();
  g_autofree char *title = g_strdup_printf ("%s · %s", port_source (self, port),
                                            port->dtype != GW_DTYPE_INVALID ? gw_dtype_name (port->dtype) : "any type");

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  gtk_editable_set_text (GTK_EDITABLE (row), port->name);
  g_signal_connect (row, "changed", G_CALLBACK (on_port_named), port);
  if (at > 0)
    {
      GtkWidget *up = gtk_button_new_from_icon_name ("go-up-symbolic");

      gtk_widget_set_tooltip_text (up, "Move up");
      gtk_widget_set_valign (up, GTK_ALIGN_CENTER);
      gtk_widget_add_css_class (up, "flat");
      g_object_set_data (G_OBJECT (up), "at", GUINT_TO_POINTER (at));
      g_object_set_data (G_OBJECT (up), "outputs", GINT_TO_POINTER (outputs));
      g_signal_connect_object (up, "clicked", G_CALLBACK (on_up), self, 0);
      adw_entry_row_add_suffix (ADW_ENTRY_ROW (row), up);
    }
  return row;
}

static void
fill_ports (GwCompositeDialog *self,
            gboolean           outputs)
{
  GtkWidget *group = outputs ? self->outputs : self->inputs;
  GPtrArray *rows = outputs ? self->output_rows : self->input_rows;
  GPtrArray *ports = outputs ? self->draft->outputs : self->draft->inputs;

  for (guint i = 0; i < rows->len; i++)
    adw_preferences_group_remove (ADW_PREFERENCES_GROUP (group), g_ptr_array_index (rows, i));
  g_ptr_array_set_size (rows, 0);
  for (guint i = 0; i < ports->len; i++)
    {
      GtkWidget *row = port_row (self, g_ptr_array_index (ports, i), outputs, i);

      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
      g_ptr_array_add (rows, row);
    }
}

/* ---- parameters ---- */

static void
on_param_named (GtkEditable  *row,
                GwDraftParam *param)
{
  g_free (param->name);
  param->name = g_strdup (gtk_editable_get_text (row));
}

static void
on_param_help (GtkEditable  *row,
               GwDraftParam *param)
{
  g_free (param->help);
  param->help = g_strdup (gtk_editable_get_text (row));
}

static void
on_param_chosen (GtkWidget    *row,
                 GParamSpec   *spec,
                 GwDraftParam *param)
{
  param->chosen = adw_expander_row_get_enable_expansion (ADW_EXPANDER_ROW (row));
}

static GtkWidget *
text_row (const char *title,
          const char *text,
          GCallback   changed,
          gpointer    data)
{
  GtkWidget *row = adw_entry_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  gtk_editable_set_text (GTK_EDITABLE (row), text);
  g_signal_connect (row, "changed", changed, data);
  return row;
}

static GtkWidget *
param_row (GwCompositeDialog *self,
           GwDraftParam      *param)
{
  const GwDocument *document = gw_doc_model_get_document (self->model);
  GtkWidget *row = adw_expander_row_new ();
  GwAttrValue value;
  g_autofree char *text = NULL;
  g_autofree char *subtitle = NULL;

  if (gw_document_attr (document, gw_document_node (document, param->node), param->attr, &value))
    {
      text = gw_attr_to_string (&value);
      gw_attr_value_clear (&value);
    }
  subtitle = g_strdup_printf ("%s, now %s", gw_document_node (document, param->node)->name, text != NULL && *text != '\0' ? text : "empty");
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), param->attr);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), subtitle);
  adw_expander_row_set_show_enable_switch (ADW_EXPANDER_ROW (row), TRUE);
  adw_expander_row_set_enable_expansion (ADW_EXPANDER_ROW (row), param->chosen);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (row), text_row ("Called", param->name, G_CALLBACK (on_param_named), param));
  adw_expander_row_add_row (ADW_EXPANDER_ROW (row), text_row ("Help", param->help != NULL ? param->help : "",
                                                              G_CALLBACK (on_param_help), param));
  g_signal_connect (row, "notify::enable-expansion", G_CALLBACK (on_param_chosen), param);
  return row;
}

/* ---- making it ---- */

/* The file of the palette may fail; the composite is in the document all the same. */
static void
keep (GwCompositeDialog *self)
{
  GwDocument *document = gw_doc_model_get_document (self->model);
  int64_t group = gw_document_find_group (document, self->draft->name);
  GwEdit *edit = NULL;

  if (gw_composite_store_version (self->draft->name) > 0)
    return; /* somebody else's of that name stays */
  gw_composite_store_keep (document, group, &edit, NULL);
  if (edit != NULL)
    gw_doc_model_apply (self->model, edit, NULL);
}

static void
on_make (GwCompositeDialog *self)
{
  GwDocument *document = gw_doc_model_get_document (self->model);
  int n;
  const GwCategory *categories = gw_category_list (&n);
  guint category = adw_combo_row_get_selected (ADW_COMBO_ROW (self->category));
  g_autoptr (GError) error = NULL;
  GwEdit *edit;
  int64_t use;

  g_free (self->draft->name);
  self->draft->name = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->name))));
  replace (&self->draft->summary, self->summary);
  g_free (self->draft->category);
  self->draft->category = g_strdup (category < (guint) n ? categories[category].name : NULL);
  edit = gw_edit_make_composite (document, self->draft, &use, &error);
  if (edit == NULL)
    {
      gtk_label_set_text (GTK_LABEL (self->problem), error->message);
      gtk_widget_set_visible (self->problem, TRUE);
      return;
    }
  gw_doc_model_apply (self->model, edit, NULL);
  keep (self);
  g_signal_emit (self, made_signal, 0, (gint64) use);
  gtk_window_close (GTK_WINDOW (self));
}

/* ---- the window ---- */

static GtkWidget *
make_category_row (void)
{
  g_autoptr (GtkStringList) titles = gtk_string_list_new (NULL);
  GtkWidget *row = adw_combo_row_new ();
  int n;
  const GwCategory *categories = gw_category_list (&n);

  for (int i = 0; i < n; i++)
    gtk_string_list_append (titles, categories[i].title);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), "Category");
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (titles));
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), (guint) n - 1);
  return row;
}

static GtkWidget *
make_group (GtkWidget  *page,
            const char *title)
{
  GtkWidget *group = adw_preferences_group_new ();

  if (title != NULL)
    adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (group));
  return group;
}

static GtkWidget *
make_page (GwCompositeDialog *self)
{
  GtkWidget *page = adw_preferences_page_new ();
  GtkWidget *about = make_group (page, NULL);
  GtkWidget *params;

  self->name = adw_entry_row_new ();
  self->summary = adw_entry_row_new ();
  self->category = make_category_row ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->name), "Name");
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->summary), "What it does");
  gtk_editable_set_text (GTK_EDITABLE (self->name), self->draft->name);
  g_signal_connect_object (self->name, "entry-activated", G_CALLBACK (on_make), self, G_CONNECT_SWAPPED);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (about), self->name);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (about), self->summary);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (about), self->category);
  self->inputs = make_group (page, "Inputs");
  self->outputs = make_group (page, "Outputs");
  fill_ports (self, FALSE);
  fill_ports (self, TRUE);
  params = make_group (page, "Attributes of the Box");
  for (guint i = 0; i < self->draft->params->len; i++)
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (params), param_row (self, g_ptr_array_index (self->draft->params, i)));
  return page;
}

static GtkWidget *
make_header (GwCompositeDialog *self)
{
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *cancel = gtk_button_new_with_mnemonic ("_Cancel");
  GtkWidget *make = gtk_button_new_with_mnemonic ("_Make");

  adw_header_bar_set_show_start_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (header), FALSE);
  gtk_widget_add_css_class (make, "suggested-action");
  g_signal_connect_object (cancel, "clicked", G_CALLBACK (gtk_window_close), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (make, "clicked", G_CALLBACK (on_make), self, G_CONNECT_SWAPPED);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), cancel);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), make);
  return header;
}

static gboolean
on_escape (GtkWidget *widget,
           GVariant  *args,
           gpointer   data)
{
  gtk_window_close (GTK_WINDOW (widget));
  return TRUE;
}

static void
gw_composite_dialog_dispose (GObject *object)
{
  GwCompositeDialog *self = GW_COMPOSITE_DIALOG (object);

  g_clear_object (&self->model);
  G_OBJECT_CLASS (gw_composite_dialog_parent_class)->dispose (object);
}

/* After the rows, which write into the draft. */
static void
gw_composite_dialog_finalize (GObject *object)
{
  GwCompositeDialog *self = GW_COMPOSITE_DIALOG (object);

  g_clear_pointer (&self->draft, gw_composite_draft_free);
  g_ptr_array_unref (self->input_rows);
  g_ptr_array_unref (self->output_rows);
  G_OBJECT_CLASS (gw_composite_dialog_parent_class)->finalize (object);
}

static void
gw_composite_dialog_class_init (GwCompositeDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gw_composite_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = gw_composite_dialog_finalize;
  made_signal = g_signal_new ("made", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT64);
  gtk_widget_class_add_binding (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, on_escape, NULL);
}

static void
gw_composite_dialog_init (GwCompositeDialog *self)
{
  self->input_rows = g_ptr_array_new ();
  self->output_rows = g_ptr_array_new ();
}

GtkWidget *
gw_composite_dialog_new (GwDocModel       *model,
                         GwCompositeDraft *draft,
                         GtkWindow        *parent)
{
  GwCompositeDialog *self = g_object_new (GW_TYPE_COMPOSITE_DIALOG, "title", "Make Composite", "modal", TRUE, "default-width", 480,
                                          "default-height", 620, "transient-for", parent, NULL);
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *page;

  self->model = g_object_ref (model);
  self->draft = draft;
  self->problem = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->problem), TRUE);
  gtk_widget_add_css_class (self->problem, "error");
  gtk_widget_set_margin_top (self->problem, 6);
  gtk_widget_set_margin_bottom (self->problem, 12);
  gtk_widget_set_visible (self->problem, FALSE);
  page = make_page (self);
  gtk_widget_set_vexpand (page, TRUE);
  gtk_box_append (GTK_BOX (column), make_header (self));
  gtk_box_append (GTK_BOX (column), page);
  gtk_box_append (GTK_BOX (column), self->problem);
  adw_window_set_content (ADW_WINDOW (self), column);
  gtk_widget_grab_focus (self->name);
  return GTK_WIDGET (self);
}
