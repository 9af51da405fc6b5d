/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/board-runs.h"

#include "app/ui/board-dot.h"
#include "app/ui/board-text.h"
#include "widgets/forms/set-text.h"

#define UPDATE_MILLISECONDS 200

struct _GwBoardRuns {
  GtkWidget           parent_instance;

  GwRunLogList       *runs;
  GtkWidget          *box, *entry, *regex_toggle, *count, *show_all, *stack, *none_title, *none_text;
  GtkFilter          *filter;
  GtkFilterListModel *filtered;
  GtkSingleSelection *selection;
  GRegex             *regex;      /* NULL = everything matches */
  GHashTable         *rows;       /* bound Row */
  guint               update;
};

typedef struct {
  GwBoardRuns *list;
  GtkWidget   *box, *dot, *name, *text, *eye;
  GwRunLog    *log;         /* bound, or NULL */
  gulong       notify, info, changed;
} Row;

enum { CHANGED, SELECTED, MENU, RENAME, DELETE, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GwBoardRuns, gw_board_runs, GTK_TYPE_WIDGET)

/* ---- rows ---- */

static void
show_row (Row *row)
{
  gboolean visible = gw_run_log_get_visible (row->log);
  g_autofree char *text = gw_board_run_text (row->log);

  gw_board_dot_set (GW_BOARD_DOT (row->dot), gw_run_log_get_color (row->log), visible);
  gw_set_text (row->name, gw_run_log_get_name (row->log));
  gw_set_text (row->text, text);
  gw_set_class (row->name, "gw-board-shown", visible);
  if (!gw_set_tooltip (row->eye, visible ? "Hide its curves" : "Show its curves"))
    return;
  gtk_button_set_icon_name (GTK_BUTTON (row->eye), visible ? "view-reveal-symbolic" : "view-conceal-symbolic");
  gtk_accessible_update_property (GTK_ACCESSIBLE (row->eye), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  visible ? "Hide its curves" : "Show its curves", -1);
}

static gboolean
update_cb (gpointer data)
{
  GwBoardRuns *self = data;
  GHashTableIter iter;
  gpointer row;

  self->update = 0;
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return G_SOURCE_REMOVE; /* done when it is shown */
  g_hash_table_iter_init (&iter, self->rows);
  while (g_hash_table_iter_next (&iter, &row, NULL))
    show_row (row);
  return G_SOURCE_REMOVE;
}

/* Training reports ten times a second: too much to read. */
static void
queue_update (GwBoardRuns *self)
{
  if (self->update == 0)
    self->update = g_timeout_add (UPDATE_MILLISECONDS, update_cb, self);
}

static void
on_eye (Row *row)
{
  gw_run_log_set_visible (row->log, !gw_run_log_get_visible (row->log));
}

static void
on_notify (Row *row)
{
  show_row (row);
  gtk_filter_changed (row->list->filter, GTK_FILTER_CHANGE_DIFFERENT);
  g_signal_emit (row->list, signals[CHANGED], 0);
}

static void
on_pressed (Row             *row,
            int              n_press,
            double           x,
            double           y,
            GtkGestureClick *click)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (row->list->selection)); i++)
    {
      g_autoptr (GwRunLog) log = g_list_model_get_item (G_LIST_MODEL (row->list->selection), i);

      if (log == row->log)
        gtk_single_selection_set_selected (row->list->selection, i);
    }
  g_signal_emit (row->list, signals[MENU], 0, row->log, row->box, x, y);
}

static void
row_setup (GwBoardRuns *self,
           GtkListItem *item)
{
  Row *row = g_new0 (Row, 1);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 1);
  GtkGesture *click = gtk_gesture_click_new ();

  row->list = self;
  row->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 11);
  row->dot = gw_board_dot_new ();
  row->name = gtk_label_new ("");
  row->text = gtk_label_new ("");
  row->eye = gtk_button_new ();
  gtk_label_set_xalign (GTK_LABEL (row->name), 0);
  gtk_label_set_xalign (GTK_LABEL (row->text), 0);
  gtk_label_set_ellipsize (GTK_LABEL (row->name), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_ellipsize (GTK_LABEL (row->text), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (row->name, "gw-board-run-name");
  gtk_widget_add_css_class (row->text, "gw-board-small");
  gtk_widget_add_css_class (row->eye, "flat");
  gtk_widget_add_css_class (row->box, "gw-board-run");
  gtk_widget_set_valign (row->eye, GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (texts), row->name);
  gtk_box_append (GTK_BOX (texts), row->text);
  gtk_box_append (GTK_BOX (row->box), row->dot);
  gtk_box_append (GTK_BOX (row->box), texts);
  gtk_box_append (GTK_BOX (row->box), row->eye);
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (on_pressed), row);
  gtk_widget_add_controller (row->box, GTK_EVENT_CONTROLLER (click));
  g_signal_connect_swapped (row->eye, "clicked", G_CALLBACK (on_eye), row);
  g_object_set_data_full (G_OBJECT (item), "row", row, g_free);
  gtk_list_item_set_child (item, row->box);
}

static void
row_bind (GwBoardRuns *self,
          GtkListItem *item)
{
  Row *row = g_object_get_data (G_OBJECT (item), "row");

  row->log = g_object_ref (gtk_list_item_get_item (item));
  row->notify = g_signal_connect_swapped (row->log, "notify", G_CALLBACK (on_notify), row);
  row->info = g_signal_connect_object (row->log, "info", G_CALLBACK (queue_update), self, G_CONNECT_SWAPPED);
  row->changed = g_signal_connect_object (row->log, "changed", G_CALLBACK (queue_update), self, G_CONNECT_SWAPPED);
  g_hash_table_add (self->rows, row);
  show_row (row);
}

static void
row_unbind (GwBoardRuns *self,
            GtkListItem *item)
{
  Row *row = g_object_get_data (G_OBJECT (item), "row");

  g_hash_table_remove (self->rows, row);
  g_signal_handler_disconnect (row->log, row->notify);
  g_signal_handler_disconnect (row->log, row->info);
  g_signal_handler_disconnect (row->log, row->changed);
  g_clear_object (&row->log);
}

/* ---- the filter ---- */

const char *
gw_board_runs_get_filter (GwBoardRuns *self)
{
  return gtk_editable_get_text (GTK_EDITABLE (self->entry));
}

guint
gw_board_runs_get_n_matching (GwBoardRuns *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->filtered));
}

static gboolean
matches (gpointer log,
         gpointer list)
{
  GwBoardRuns *self = list;

  return self->regex == NULL || g_regex_match (self->regex, gw_run_log_get_name (log), 0, NULL);
}

static void
show_counts (GwBoardRuns *self)
{
  guint n = gw_run_log_list_get_n (self->runs), n_matching = gw_board_runs_get_n_matching (self);
  g_autofree char *count = n_matching == n ? g_strdup_printf ("%u run%s", n, n == 1 ? "" : "s")
                                           : g_strdup_printf ("%u of %u runs", n_matching, n);
  g_autofree char *title = g_strdup_printf ("No run matches “%s”", gw_board_runs_get_filter (self));
  g_autofree char *text = g_strdup_printf ("%u run%s hidden.", n, n == 1 ? " is" : "s are");

  gtk_label_set_text (GTK_LABEL (self->count), count);
  gtk_label_set_text (GTK_LABEL (self->none_title), title);
  gtk_label_set_text (GTK_LABEL (self->none_text), text);
  gtk_widget_set_visible (self->show_all, n_matching < n);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), n > 0 && n_matching == 0 ? "none" : "list");
}

static void
on_filter (GwBoardRuns *self)
{
  gboolean as_regex = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->regex_toggle));
  const char *text = gw_board_runs_get_filter (self);
  g_autofree char *pattern = as_regex ? g_strdup (text) : g_regex_escape_string (text, -1);
  g_autoptr (GError) error = NULL;
  GRegex *regex = *text != 0 ? g_regex_new (pattern, G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, &error) : NULL;

  gtk_widget_set_tooltip_text (self->entry, error != NULL ? error->message : NULL);
  if (error != NULL)
    {
      gtk_widget_add_css_class (self->entry, "error");
      return; /* half typed: what was matched before stays */
    }
  gtk_widget_remove_css_class (self->entry, "error");
  g_clear_pointer (&self->regex, g_regex_unref);
  self->regex = regex;
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  show_counts (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

void
gw_board_runs_clear_filter (GwBoardRuns *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
}

/* ---- what is chosen ---- */

GwRunLog *
gw_board_runs_get_selected (GwBoardRuns *self)
{
  return gtk_single_selection_get_selected_item (self->selection);
}

GwRunLog *
gw_board_runs_get_next (GwBoardRuns *self)
{
  guint position = gtk_single_selection_get_selected (self->selection);
  guint n = gw_board_runs_get_n_matching (self);
  g_autoptr (GwRunLog) log = NULL;

  if (position == GTK_INVALID_LIST_POSITION || n < 2)
    return NULL;
  log = g_list_model_get_item (G_LIST_MODEL (self->filtered), position + 1 < n ? position + 1 : position - 1);
  return log; /* the list keeps it */
}

static gint
compare_colors (gconstpointer a,
                gconstpointer b)
{
  guint first = gw_run_log_get_color (*(GwRunLog *const *) a), second = gw_run_log_get_color (*(GwRunLog *const *) b);

  return first < second ? -1 : first > second;
}

GPtrArray *
gw_board_runs_shown (GwBoardRuns *self)
{
  GPtrArray *shown = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < gw_board_runs_get_n_matching (self); i++)
    {
      g_autoptr (GwRunLog) log = g_list_model_get_item (G_LIST_MODEL (self->filtered), i);

      if (gw_run_log_get_visible (log))
        g_ptr_array_add (shown, g_steal_pointer (&log));
    }
  g_ptr_array_sort (shown, compare_colors);
  return shown;
}

static void
on_items_changed (GwBoardRuns *self)
{
  show_counts (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
on_selected (GwBoardRuns *self)
{
  g_signal_emit (self, signals[SELECTED], 0);
}

static gboolean
on_key (GwBoardRuns    *self,
        guint           key,
        guint           code,
        GdkModifierType state)
{
  GwRunLog *log = gw_board_runs_get_selected (self);

  if (log == NULL || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;
  if (key == GDK_KEY_F2)
    g_signal_emit (self, signals[RENAME], 0, log);
  else if (key == GDK_KEY_Delete)
    g_signal_emit (self, signals[DELETE], 0, log);
  else if (key == GDK_KEY_space)
    gw_run_log_set_visible (log, !gw_run_log_get_visible (log));
  else
    return GDK_EVENT_PROPAGATE;
  return GDK_EVENT_STOP;
}

/* ---- parts ---- */

static GtkWidget *
filter_row (GwBoardRuns *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->entry = gtk_search_entry_new ();
  self->regex_toggle = gtk_toggle_button_new_with_label (".*");
  g_object_set (self->entry, "placeholder-text", "Filter runs", NULL);
  gtk_widget_set_hexpand (self->entry, TRUE);
  gtk_widget_set_tooltip_text (self->regex_toggle, "Regular expression");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->regex_toggle), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  "Regular expression", -1);
  gtk_widget_add_css_class (self->regex_toggle, "gw-board-regex");
  g_signal_connect_object (self->entry, "search-changed", G_CALLBACK (on_filter), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->regex_toggle, "toggled", G_CALLBACK (on_filter), self, G_CONNECT_SWAPPED);
  gtk_widget_add_css_class (row, "gw-board-filter");
  gtk_box_append (GTK_BOX (row), self->entry);
  gtk_box_append (GTK_BOX (row), self->regex_toggle);
  return row;
}

static GtkWidget *
count_row (GwBoardRuns *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->count = gtk_label_new ("");
  self->show_all = gtk_button_new_with_label ("Clear filter");
  gtk_label_set_xalign (GTK_LABEL (self->count), 0);
  gtk_widget_set_hexpand (self->count, TRUE);
  gtk_widget_add_css_class (self->count, "dim-label");
  gtk_widget_add_css_class (self->count, "gw-board-caption");
  gtk_widget_add_css_class (self->show_all, "flat");
  gtk_widget_add_css_class (self->show_all, "gw-board-link");
  g_signal_connect_object (self->show_all, "clicked", G_CALLBACK (gw_board_runs_clear_filter), self, G_CONNECT_SWAPPED);
  gtk_widget_add_css_class (row, "gw-board-count");
  gtk_box_append (GTK_BOX (row), self->count);
  gtk_box_append (GTK_BOX (row), self->show_all);
  return row;
}

static GtkWidget *
none_box (GwBoardRuns *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  self->none_title = gtk_label_new ("");
  self->none_text = gtk_label_new ("");
  gtk_label_set_wrap (GTK_LABEL (self->none_title), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (self->none_title), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_justify (GTK_LABEL (self->none_title), GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (self->none_title, "gw-board-heading");
  gtk_widget_add_css_class (self->none_text, "dim-label");
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), self->none_title);
  gtk_box_append (GTK_BOX (box), self->none_text);
  return box;
}

static GtkWidget *
list_view (GwBoardRuns *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *list;

  g_signal_connect_object (factory, "setup", G_CALLBACK (row_setup), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "bind", G_CALLBACK (row_bind), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (row_unbind), self, G_CONNECT_SWAPPED);
  self->filter = GTK_FILTER (gtk_custom_filter_new (matches, self, NULL));
  self->filtered = gtk_filter_list_model_new (g_object_ref (G_LIST_MODEL (self->runs)), g_object_ref (self->filter));
  self->selection = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->filtered)));
  g_signal_connect_object (self->filtered, "items-changed", G_CALLBACK (on_items_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (on_selected), self,
                           G_CONNECT_SWAPPED);
  list = gtk_list_view_new (g_object_ref (GTK_SELECTION_MODEL (self->selection)), factory);
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL, "Runs", -1);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (on_key), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (list, keys);
  gtk_widget_add_css_class (list, "gw-board-runs");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), list);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_widget_set_vexpand (scroller, TRUE);
  return scroller;
}

static void
gw_board_runs_dispose (GObject *object)
{
  GwBoardRuns *self = GW_BOARD_RUNS (object);

  g_clear_handle_id (&self->update, g_source_remove);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->selection);
  g_clear_object (&self->filtered);
  g_clear_object (&self->filter);
  g_clear_object (&self->runs);
  g_clear_pointer (&self->regex, g_regex_unref);
  G_OBJECT_CLASS (gw_board_runs_parent_class)->dispose (object);
}

static void
gw_board_runs_finalize (GObject *object)
{
  g_hash_table_unref (GW_BOARD_RUNS (object)->rows);
  G_OBJECT_CLASS (gw_board_runs_parent_class)->finalize (object);
}

static void
gw_board_runs_class_init (GwBoardRunsClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gw_board_runs_dispose;
  G_OBJECT_CLASS (klass)->finalize = gw_board_runs_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[CHANGED] = g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SELECTED] = g_signal_new ("selected", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[MENU] = g_signal_new ("menu", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 4,
                                GW_TYPE_RUN_LOG, GTK_TYPE_WIDGET, G_TYPE_DOUBLE, G_TYPE_DOUBLE);
  signals[RENAME] =
    g_signal_new ("rename", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, GW_TYPE_RUN_LOG);
  signals[DELETE] =
    g_signal_new ("delete", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, GW_TYPE_RUN_LOG);
}

static void
gw_board_runs_init (GwBoardRuns *self)
{
  self->rows = g_hash_table_new (NULL, NULL);
}

GtkWidget *
gw_board_runs_new (GwRunLogList *runs)
{
  GwBoardRuns *self = g_object_new (GW_TYPE_BOARD_RUNS, NULL);

  self->runs = g_object_ref (runs);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->stack = gtk_stack_new ();
  gtk_box_append (GTK_BOX (self->box), filter_row (self));
  gtk_box_append (GTK_BOX (self->box), count_row (self));
  gtk_stack_add_named (GTK_STACK (self->stack), list_view (self), "list");
  gtk_stack_add_named (GTK_STACK (self->stack), none_box (self), "none");
  gtk_widget_set_vexpand (self->stack, TRUE);
  gtk_box_append (GTK_BOX (self->box), self->stack);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  g_signal_connect (self, "map", G_CALLBACK (queue_update), NULL);
  show_counts (self);
  return GTK_WIDGET (self);
}
