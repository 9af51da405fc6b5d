/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/inspector-panel.h"

#include "app/ui/inspector-fields.h"
#include "app/ui/inspector-picture.h"
#include "app/ui/inspector-scope.h"
#include "app/ui/inspector-values.h"
#include "app/ui/inspector-variables.h"
#include "app/ui/op-catalog.h"
#include "app/ui/op-help.h"
#include "widgets/forms/op-tile.h"

#include <string.h>

#define PANEL_WIDTH 288
#define HELP_WIDTH 420
#define HELP_HEIGHT 520

struct _GwInspectorPanel {
  GtkWidget        parent_instance;

  GwDocModel      *model;
  GwRun           *run;
  GwCanvasAdapter *adapter;

  GtkWidget *box, *head, *tile, *title, *subtitle, *help, *doc, *switcher, *stack;
  GtkWidget *attributes, *values, *values_empty, *computed, *variables, *values_page, *picture, *notes;
  const GwOpDef *documented; /* whose page stands behind the question mark */
  GArray    *nodes;         /* ids of the selected nodes */
  int64_t    scope;         /* the one that is selected alone, or 0 */
  guint      refresh, notes_timeout;
  int64_t    notes_of;
  gboolean   filling;
};

G_DEFINE_FINAL_TYPE (GwInspectorPanel, gw_inspector_panel, GTK_TYPE_WIDGET)

static const GwDocNode *
node_at (GwInspectorPanel *self,
         guint             i)
{
  return gw_document_node (gw_doc_model_get_document (self->model), g_array_index (self->nodes, int64_t, i));
}

/* The op that all selected nodes share, or NULL. */
static const GwOpDef *
shared_op (GwInspectorPanel *self)
{
  for (guint i = 1; i < self->nodes->len; i++)
    if (strcmp (node_at (self, i)->op, node_at (self, 0)->op) != 0)
      return NULL;
  return self->nodes->len > 0 ? gw_document_op (gw_doc_model_get_document (self->model), node_at (self, 0)->op) : NULL;
}

static void
show_head (GwInspectorPanel *self,
           const GwOpDef    *op)
{
  g_autofree char *title = NULL, *subtitle = NULL;

  if (self->scope != 0)
    {
      title = g_strdup (gw_document_group (gw_doc_model_get_document (self->model), self->scope)->name);
      subtitle = gw_inspector_scope_text (self->model, self->scope);
    }
  else if (self->nodes->len == 0)
    {
      title = g_strdup ("Nothing selected");
      subtitle = g_strdup ("How this document is trained");
    }
  else if (self->nodes->len == 1)
    {
      title = g_strdup (node_at (self, 0)->name);
      subtitle = op != NULL && op->title != NULL && strcmp (op->title, op->name) != 0
                   ? g_strdup_printf ("%s · %s", op->name, op->title) : g_strdup (node_at (self, 0)->op);
    }
  else
    {
      title = g_strdup_printf ("%u nodes", self->nodes->len);
      subtitle = g_strdup (op != NULL ? op->name : "Select nodes of one op to set them together");
    }
  gtk_label_set_text (GTK_LABEL (self->title), title);
  gtk_label_set_text (GTK_LABEL (self->subtitle), subtitle);
  gtk_widget_set_visible (self->tile, op != NULL);
  gtk_widget_set_visible (self->help, op != NULL);
  if (op == NULL)
    return;
  gw_op_tile_set (GW_OP_TILE (self->tile), gw_op_icon_name (op), gw_op_color (op), FALSE);
  if (op == self->documented)
    return;
  self->documented = op;
  g_clear_pointer (&subtitle, g_free);
  subtitle = gw_op_help_markup (op);
  gtk_label_set_markup (GTK_LABEL (self->doc), subtitle);
}

static void
show_notes (GwInspectorPanel *self)
{
  const GwDocNode *node = self->nodes->len == 1 ? node_at (self, 0) : NULL;
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->notes));
  int64_t id = node != NULL ? g_array_index (self->nodes, int64_t, 0) : 0;

  gtk_widget_set_sensitive (self->notes, node != NULL);
  if (id == self->notes_of && gtk_widget_has_focus (self->notes))
    return;
  self->notes_of = id;
  self->filling = TRUE;
  gtk_text_buffer_set_text (buffer, node != NULL && node->note != NULL ? node->note : "", -1);
  self->filling = FALSE;
}

static void
show_values (GwInspectorPanel *self)
{
  g_autoptr (GwFieldList) list = gw_field_list_new ();

  if (self->nodes->len == 1)
    gw_inspector_value_fields (list, self->model, self->run, g_array_index (self->nodes, int64_t, 0));
  gtk_widget_set_visible (self->values_empty, list->fields->len == 0 && !gtk_widget_get_visible (self->computed) &&
                                                !gtk_widget_get_visible (self->variables));
  gtk_widget_set_visible (self->values, list->fields->len > 0);
  gw_field_list_show (list, GW_FORM (self->values));
}

#define MIXED "—"

/* Where the selected nodes differ no value is shown. */
static void
mark_mixed (GwInspectorPanel *self,
            GwFieldList      *list)
{
  for (guint i = 1; i < self->nodes->len; i++)
    {
      g_autoptr (GwFieldList) other = gw_field_list_new ();

      gw_inspector_node_fields (other, self->model, g_array_index (self->nodes, int64_t, i), FALSE);
      for (guint a = 0; a < list->fields->len; a++)
        for (guint b = 0; b < other->fields->len; b++)
          {
            GwFormField *field = &g_array_index (list->fields, GwFormField, a);
            const GwFormField *theirs = &g_array_index (other->fields, GwFormField, b);

            if (strcmp (field->key, theirs->key) == 0 && g_strcmp0 (field->value, theirs->value) != 0)
              field->value = MIXED;
          }
    }
}

static void
show_picture (GwInspectorPanel *self)
{
  GwNodeSketch *sketch = NULL;

  if (self->nodes->len == 1)
    sketch = gw_node_sketch_new (gw_doc_model_get_document (self->model), gw_doc_model_get_live (self->model),
                                 g_array_index (self->nodes, int64_t, 0));
  gw_inspector_picture_show (GW_INSPECTOR_PICTURE (self->picture), sketch);
}

static void
show (GwInspectorPanel *self)
{
  g_autoptr (GwFieldList) list = gw_field_list_new ();
  const GwOpDef *op;

  for (guint i = self->nodes->len; i > 0; i--)
    if (node_at (self, i - 1) == NULL)
      g_array_remove_index (self->nodes, i - 1);
  if (gw_document_group (gw_doc_model_get_document (self->model), self->scope) == NULL)
    self->scope = 0;
  op = shared_op (self);
  show_head (self, op);
  gtk_widget_set_visible (self->switcher, self->nodes->len == 1);
  if (self->nodes->len != 1)
    gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "attributes");
  if (self->scope != 0)
    gw_inspector_scope_fields (list, self->model, self->scope);
  else if (self->nodes->len == 0)
    gw_inspector_training_fields (list, self->model);
  else if (op != NULL || self->nodes->len == 1)
    gw_inspector_node_fields (list, self->model, g_array_index (self->nodes, int64_t, 0), self->nodes->len == 1);
  if (op != NULL)
    mark_mixed (self, list);
  gw_field_list_show (list, GW_FORM (self->attributes));
  gw_inspector_variables_show (GW_INSPECTOR_VARIABLES (self->variables),
                               self->nodes->len == 1 ? g_array_index (self->nodes, int64_t, 0) : 0);
  show_picture (self);
  show_values (self);
  show_notes (self);
}

static gboolean
refresh_cb (gpointer data)
{
  GwInspectorPanel *self = data;

  self->refresh = 0;
  show (self);
  return G_SOURCE_REMOVE;
}

static void
queue_refresh (GwInspectorPanel *self)
{
  if (self->refresh == 0)
    self->refresh = g_idle_add_full (GTK_PRIORITY_RESIZE - 1, refresh_cb, self, NULL);
}

static void
on_watches (GwInspectorPanel *self)
{
  if (gtk_widget_get_mapped (self->values) || gtk_widget_get_mapped (self->values_empty))
    show_values (self);
}

static void
on_selection (GwInspectorPanel *self)
{
  const GArray *ids = gw_canvas_adapter_get_selection (self->adapter);
  GwDocument *document = gw_doc_model_get_document (self->model);

  gw_inspector_panel_flush (self);
  gtk_widget_set_visible (self->computed, FALSE);
  g_array_set_size (self->nodes, 0);
  self->scope = ids->len == 1 ? gw_inspector_scope (self->model, (int64_t) g_array_index (ids, guint64, 0)) : 0;
  for (guint i = 0; i < ids->len; i++)
    {
      int64_t id = (int64_t) g_array_index (ids, guint64, i);

      if (gw_document_node (document, id) != NULL)
        g_array_append_val (self->nodes, id);
    }
  queue_refresh (self);
}

static void
on_committed (GwInspectorPanel *self,
              const char       *key,
              const char       *text)
{
  g_autofree char *key_copy = g_strdup (key), *text_copy = g_strdup (text);
  g_autoptr (GArray) nodes = g_array_copy (self->nodes);
  g_autoptr (GError) error = NULL;

  if (self->scope != 0)
    gw_inspector_commit_scope (self->model, self->scope, key_copy, text_copy, &error);
  else if (nodes->len == 0)
    gw_inspector_commit_training (self->model, key_copy, text_copy, &error);
  if (nodes->len > 1)
    gw_doc_model_begin_group (self->model, "Set attributes");
  for (guint i = 0; i < nodes->len && error == NULL; i++)
    gw_inspector_commit_node (self->model, g_array_index (nodes, int64_t, i), key_copy, text_copy, &error);
  if (nodes->len > 1)
    gw_doc_model_end_group (self->model);
  gw_form_set_error (GW_FORM (self->attributes), key_copy, error != NULL ? error->message : NULL);
}

/* ---- notes ---- */

static gboolean
notes_cb (gpointer data)
{
  GwInspectorPanel *self = data;
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->notes));
  g_autofree char *text = NULL;
  GtkTextIter start, end;

  self->notes_timeout = 0;
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  text = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  if (gw_document_node (gw_doc_model_get_document (self->model), self->notes_of) != NULL)
    gw_doc_model_set_attr (self->model, self->notes_of, "note", text, NULL);
  return G_SOURCE_REMOVE;
}

static void
on_notes_changed (GwInspectorPanel *self)
{
  if (self->filling)
    return;
  g_clear_handle_id (&self->notes_timeout, g_source_remove);
  self->notes_timeout = g_timeout_add (400, notes_cb, self);
}

void
gw_inspector_panel_flush (GwInspectorPanel *self)
{
  if (self->notes_timeout != 0)
    {
      g_clear_handle_id (&self->notes_timeout, g_source_remove);
      notes_cb (self);
    }
  gw_form_commit_pending (GW_FORM (self->attributes));
}

/* ---- computed values ---- */

void
gw_inspector_panel_show_values (GwInspectorPanel *self,
                                const GPtrArray  *values)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->computed)) != NULL)
    gtk_box_remove (GTK_BOX (self->computed), child);
  for (guint i = 0; i < values->len; i++)
    gtk_box_append (GTK_BOX (self->computed), gw_inspector_value_new (g_ptr_array_index (values, i)));
  gtk_widget_set_visible (self->computed, TRUE);
  gtk_widget_set_visible (self->values_empty, FALSE);
  if (self->nodes->len == 1)
    gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "values");
}

/* ---- making it ---- */

static GtkWidget *
scrolled (GtkWidget *child)
{
  GtkWidget *window = gtk_scrolled_window_new ();

  gtk_widget_set_margin_start (child, 12);
  gtk_widget_set_margin_end (child, 12);
  gtk_widget_set_margin_bottom (child, 12);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (window), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (window), child);
  gtk_widget_set_vexpand (window, TRUE);
  return window;
}

static GtkWidget *
new_label (const char *css)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_widget_add_css_class (label, css);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  return label;
}

static void
make_head (GwInspectorPanel *self)
{
  GtkWidget *names = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *popover = gtk_popover_new (), *scroller = gtk_scrolled_window_new ();

  self->head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  self->tile = gw_op_tile_new (34);
  self->title = new_label ("gw-title");
  self->subtitle = new_label ("gw-caption");
  self->help = gtk_menu_button_new ();
  self->doc = gtk_label_new (NULL);
  gtk_menu_button_set_child (GTK_MENU_BUTTON (self->help), gtk_label_new ("?"));
  gtk_widget_set_tooltip_text (self->help, "What this op does");
  gtk_widget_add_css_class (self->help, "flat");
  gtk_widget_set_valign (self->help, GTK_ALIGN_CENTER);
  gtk_label_set_wrap (GTK_LABEL (self->doc), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (self->doc), 50);
  gtk_label_set_xalign (GTK_LABEL (self->doc), 0);
  gtk_label_set_selectable (GTK_LABEL (self->doc), TRUE);
  gtk_widget_set_focusable (self->doc, FALSE);
  gtk_label_set_wrap_mode (GTK_LABEL (self->doc), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_yalign (GTK_LABEL (self->doc), 0);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), HELP_HEIGHT);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->doc);
  gtk_widget_set_size_request (scroller, HELP_WIDTH, -1);
  gtk_popover_set_child (GTK_POPOVER (popover), scroller);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->help), popover);
  gtk_widget_set_hexpand (names, TRUE);
  gtk_widget_set_valign (names, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (self->tile, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (names), self->title);
  gtk_box_append (GTK_BOX (names), self->subtitle);
  gtk_box_append (GTK_BOX (self->head), self->tile);
  gtk_box_append (GTK_BOX (self->head), names);
  gtk_box_append (GTK_BOX (self->head), self->help);
}

static void
make_pages (GwInspectorPanel *self)
{
  GtkWidget *values = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *attributes;

  self->stack = gtk_stack_new ();
  self->switcher = gtk_stack_switcher_new ();
  gtk_stack_switcher_set_stack (GTK_STACK_SWITCHER (self->switcher), GTK_STACK (self->stack));
  self->attributes = gw_form_new ();
  self->values = gw_form_new ();
  self->values_empty = gtk_label_new ("Values appear here while the graph trains. Ctrl+Enter computes them now.");
  self->notes = gtk_text_view_new ();
  gtk_widget_add_css_class (self->values_empty, "dim-label");
  gtk_label_set_wrap (GTK_LABEL (self->values_empty), TRUE);
  gtk_widget_set_margin_top (self->values_empty, 24);
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (self->notes), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (self->notes), FALSE);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (self->notes), 8);
  gtk_text_view_set_top_margin (GTK_TEXT_VIEW (self->notes), 8);
  self->computed = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  gtk_widget_set_visible (self->computed, FALSE);
  self->values_page = values;
  gtk_box_append (GTK_BOX (values), self->computed);
  gtk_box_append (GTK_BOX (values), self->values_empty);
  gtk_box_append (GTK_BOX (values), self->values);
  self->picture = gw_inspector_picture_new ();
  attributes = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (attributes), self->attributes);
  gtk_box_append (GTK_BOX (attributes), self->picture);
  gtk_stack_add_titled (GTK_STACK (self->stack), scrolled (attributes), "attributes", "Attributes");
  gtk_stack_add_titled (GTK_STACK (self->stack), scrolled (values), "values", "Values");
  gtk_stack_add_titled (GTK_STACK (self->stack), scrolled (self->notes), "notes", "Notes");
  gtk_stack_set_vhomogeneous (GTK_STACK (self->stack), FALSE);
  g_signal_connect_object (self->attributes, "field-committed", G_CALLBACK (on_committed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->notes)), "changed",
                           G_CALLBACK (on_notes_changed), self, G_CONNECT_SWAPPED);
}

static void
gw_inspector_panel_dispose (GObject *object)
{
  GwInspectorPanel *self = GW_INSPECTOR_PANEL (object);

  g_clear_handle_id (&self->refresh, g_source_remove);
  g_clear_handle_id (&self->notes_timeout, g_source_remove);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->model);
  g_clear_object (&self->run);
  g_clear_object (&self->adapter);
  g_clear_pointer (&self->nodes, g_array_unref);
  G_OBJECT_CLASS (gw_inspector_panel_parent_class)->dispose (object);
}

/* The panel keeps its width whatever it shows. */
static void
gw_inspector_panel_measure (GtkWidget     *widget,
                            GtkOrientation orientation,
                            int            for_size,
                            int           *minimum,
                            int           *natural,
                            int           *minimum_baseline,
                            int           *natural_baseline)
{
  gtk_widget_measure (GW_INSPECTOR_PANEL (widget)->box, orientation, -1, minimum, natural, NULL, NULL);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    *minimum = *natural = PANEL_WIDTH;
}

static void
gw_inspector_panel_size_allocate (GtkWidget *widget,
                                  int        width,
                                  int        height,
                                  int        baseline)
{
  GtkWidget *box = GW_INSPECTOR_PANEL (widget)->box;
  int least;

  gtk_widget_measure (box, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
  gtk_widget_allocate (box, MAX (width, least), height, -1, NULL);
}

static void
gw_inspector_panel_class_init (GwInspectorPanelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gw_inspector_panel_dispose;
  GTK_WIDGET_CLASS (klass)->measure = gw_inspector_panel_measure;
  GTK_WIDGET_CLASS (klass)->size_allocate = gw_inspector_panel_size_allocate;
}

static void
gw_inspector_panel_init (GwInspectorPanel *self)
{
  self->nodes = g_array_new (FALSE, FALSE, sizeof (int64_t));
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  make_head (self);
  make_pages (self);
  gtk_widget_set_margin_start (self->head, 12);
  gtk_widget_set_margin_end (self->head, 12);
  gtk_widget_set_margin_top (self->head, 12);
  gtk_widget_set_margin_start (self->switcher, 12);
  gtk_widget_set_margin_end (self->switcher, 12);
  gtk_box_append (GTK_BOX (self->box), self->head);
  gtk_box_append (GTK_BOX (self->box), self->switcher);
  gtk_box_append (GTK_BOX (self->box), self->stack);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

GtkWidget *
gw_inspector_panel_new (GwDocModel      *model,
                        GwRun           *run,
                        GwCanvasAdapter *adapter)
{
  GwInspectorPanel *self = g_object_new (GW_TYPE_INSPECTOR_PANEL, NULL);

  self->model = g_object_ref (model);
  self->run = g_object_ref (run);
  self->adapter = g_object_ref (adapter);
  g_signal_connect_object (adapter, "selection-changed", G_CALLBACK (on_selection), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "items-changed", G_CALLBACK (queue_refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "live-changed", G_CALLBACK (queue_refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "reset", G_CALLBACK (on_selection), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "watches", G_CALLBACK (on_watches), self, G_CONNECT_SWAPPED);
  self->variables = gw_inspector_variables_new (model, run);
  gtk_box_prepend (GTK_BOX (self->values_page), self->variables);
  show (self);
  return GTK_WIDGET (self);
}
