/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/problems-panel.h"

#define ROW_HEIGHT 30
#define MOST_ROWS 8

struct _GwProblemsPanel {
  GtkWidget   parent_instance;

  GwDocModel *model;
  GtkWidget  *box, *head, *fold, *count, *node, *text, *key, *show, *scroller, *list;
  int         current;   /* the problem gone to, -1 = none */
};

static guint activated;

G_DEFINE_FINAL_TYPE (GwProblemsPanel, gw_problems_panel, GTK_TYPE_WIDGET)

static const GPtrArray *
problems_of (GwProblemsPanel *self)
{
  return gw_live_problems (gw_doc_model_get_live (self->model));
}

static void
go_to (GwProblemsPanel *self,
       guint            number)
{
  const GwProblem *problem;

  if (number >= problems_of (self)->len)
    return;
  problem = g_ptr_array_index (problems_of (self), number);
  self->current = (int) number;
  gtk_list_box_select_row (GTK_LIST_BOX (self->list),
                           gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->list), (int) number));
  g_signal_emit (self, activated, 0, (gint64) problem->node);
}

void
gw_problems_panel_go (GwProblemsPanel *self,
                      int              direction)
{
  int n = (int) problems_of (self)->len;

  if (n > 0)
    go_to (self, (guint) ((self->current < 0 && direction < 0 ? n - 1 : (self->current + direction + n) % n)));
}

gboolean
gw_problems_panel_fix (GwProblemsPanel *self,
                       GError         **error)
{
  const GPtrArray *problems = problems_of (self);
  guint number = self->current >= 0 && self->current < (int) problems->len ? (guint) self->current : 0;
  const GwProblem *problem = problems->len > 0 ? g_ptr_array_index (problems, number) : NULL;

  if (problem == NULL)
    return gw_invalid (error, "No problems");
  if (problem->fixes->len == 0)
    return gw_invalid (error, "“%s” offers no fix", problem->node_name);
  return gw_doc_model_apply_fix (self->model, g_ptr_array_index (problem->fixes, 0), error);
}

static void
on_row_activated (GwProblemsPanel *self,
                  GtkListBoxRow   *row)
{
  go_to (self, (guint) gtk_list_box_row_get_index (row));
}

static void
on_fix (GtkButton       *button,
        GwProblemsPanel *self)
{
  guint number = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "problem"));
  guint fix = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "fix"));
  GwProblem *problem = number < problems_of (self)->len ? g_ptr_array_index (problems_of (self), number) : NULL;

  if (problem != NULL && fix < problem->fixes->len)
    gw_doc_model_apply_fix (self->model, g_ptr_array_index (problem->fixes, fix), NULL);
}

static GtkWidget *
bold_label (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_widget_add_css_class (label, "gw-bold");
  return label;
}

static GtkWidget *
text_label (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_tooltip_text (label, text);
  return label;
}

static GtkWidget *
problem_row (GwProblemsPanel *self,
             const GwProblem *problem,
             guint            number)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gboolean warning = problem->severity == GW_PROBLEM_WARNING;
  GtkWidget *icon = gtk_image_new_from_icon_name (warning ? "dialog-warning-symbolic" : "dialog-error-symbolic");

  gtk_widget_add_css_class (icon, warning ? "gw-warning" : "gw-problem");
  gtk_box_append (GTK_BOX (row), icon);
  if (problem->node_name != NULL)
    gtk_box_append (GTK_BOX (row), bold_label (problem->node_name));
  gtk_box_append (GTK_BOX (row), text_label (problem->message));
  for (guint i = 0; i < MIN (problem->fixes->len, 2); i++)
    {
      GtkWidget *button = gtk_button_new_with_label (((GwFix *) g_ptr_array_index (problem->fixes, i))->label);

      gtk_widget_add_css_class (button, "gw-link");
      g_object_set_data (G_OBJECT (button), "problem", GUINT_TO_POINTER (number));
      g_object_set_data (G_OBJECT (button), "fix", GUINT_TO_POINTER (i));
      g_signal_connect_object (button, "clicked", G_CALLBACK (on_fix), self, 0);
      gtk_box_append (GTK_BOX (row), button);
    }
  return row;
}

static void
show_list (GwProblemsPanel *self)
{
  const GPtrArray *problems = problems_of (self);
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (self->list)) != NULL)
    gtk_list_box_remove (GTK_LIST_BOX (self->list), row);
  if (!gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->fold)))
    return;
  for (guint i = 0; i < problems->len; i++)
    gtk_list_box_append (GTK_LIST_BOX (self->list), problem_row (self, g_ptr_array_index (problems, i), i));
}

static void
show (GwProblemsPanel *self)
{
  const GPtrArray *problems = problems_of (self);
  const GwProblem *first = problems->len > 0 ? g_ptr_array_index (problems, 0) : NULL;
  g_autofree char *count = g_strdup_printf ("%u", problems->len);
  gboolean open = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->fold));

  if (self->current >= (int) problems->len)
    self->current = -1;
  gtk_label_set_text (GTK_LABEL (self->count), count);
  gtk_widget_set_visible (self->count, first != NULL);
  if (first != NULL && first->severity == GW_PROBLEM_WARNING)
    gtk_widget_add_css_class (self->count, "gw-count-warning");
  else
    gtk_widget_remove_css_class (self->count, "gw-count-warning");
  gtk_label_set_text (GTK_LABEL (self->node), first != NULL && first->node_name != NULL ? first->node_name : "");
  gtk_label_set_text (GTK_LABEL (self->text), first != NULL ? first->message : "No problems. The graph is ready.");
  gtk_widget_set_visible (self->show, first != NULL);
  gtk_widget_set_visible (self->key, first != NULL);
  gtk_widget_set_sensitive (self->fold, first != NULL);
  gtk_button_set_icon_name (GTK_BUTTON (self->fold), open ? "pan-down-symbolic" : "pan-end-symbolic");
  gtk_widget_set_visible (self->scroller, open && first != NULL);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (self->scroller),
                                              ROW_HEIGHT * (int) MIN (problems->len, MOST_ROWS));
  show_list (self);
}

static void
on_reset (GwProblemsPanel *self)
{
  self->current = -1;
  show (self);
}

static void
on_show (GwProblemsPanel *self)
{
  gw_problems_panel_go (self, self->current < 0 ? 1 : 0);
}

static void
make_head (GwProblemsPanel *self)
{
  self->head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  self->fold = gtk_toggle_button_new ();
  self->count = gtk_label_new (NULL);
  self->node = bold_label (NULL);
  self->text = text_label (NULL);
  self->key = gtk_label_new ("F8");
  self->show = gtk_button_new_with_label ("Show");
  gtk_widget_add_css_class (self->head, "gw-problems-head");
  gtk_widget_add_css_class (self->fold, "flat");
  gtk_widget_set_tooltip_text (self->fold, "Show all problems");
  gtk_widget_add_css_class (self->count, "gw-count");
  gtk_widget_set_valign (self->count, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (self->text, "gw-dim");
  gtk_widget_add_css_class (self->key, "gw-key");
  gtk_widget_set_valign (self->key, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (self->show, "gw-link");
  gtk_widget_set_valign (self->show, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (self->head), self->fold);
  gtk_box_append (GTK_BOX (self->head), bold_label ("Problems"));
  gtk_box_append (GTK_BOX (self->head), self->count);
  gtk_box_append (GTK_BOX (self->head), self->node);
  gtk_box_append (GTK_BOX (self->head), self->text);
  gtk_box_append (GTK_BOX (self->head), self->key);
  gtk_box_append (GTK_BOX (self->head), self->show);
  g_signal_connect_object (self->fold, "toggled", G_CALLBACK (show), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->show, "clicked", G_CALLBACK (on_show), self, G_CONNECT_SWAPPED);
}

static void
gw_problems_panel_dispose (GObject *object)
{
  GwProblemsPanel *self = GW_PROBLEMS_PANEL (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (gw_problems_panel_parent_class)->dispose (object);
}

static void
gw_problems_panel_class_init (GwProblemsPanelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gw_problems_panel_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  activated = g_signal_new ("activated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                            G_TYPE_NONE, 1, G_TYPE_INT64);
}

static void
gw_problems_panel_init (GwProblemsPanel *self)
{
  self->current = -1;
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (self->box, "gw-problems");
  make_head (self);
  self->scroller = gtk_scrolled_window_new ();
  self->list = gtk_list_box_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), self->list);
  gtk_box_append (GTK_BOX (self->box), self->head);
  gtk_box_append (GTK_BOX (self->box), self->scroller);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  g_signal_connect_object (self->list, "row-activated", G_CALLBACK (on_row_activated), self, G_CONNECT_SWAPPED);
}

GtkWidget *
gw_problems_panel_new (GwDocModel *model)
{
  GwProblemsPanel *self = g_object_new (GW_TYPE_PROBLEMS_PANEL, NULL);

  self->model = g_object_ref (model);
  g_signal_connect_object (model, "live-changed", G_CALLBACK (show), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "reset", G_CALLBACK (on_reset), self, G_CONNECT_SWAPPED);
  show (self);
  return GTK_WIDGET (self);
}
