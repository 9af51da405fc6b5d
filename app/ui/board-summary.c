/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/board-summary.h"

#include "app/model/run-log-facts.h"
#include "app/ui/board-dot.h"
#include "app/ui/board-text.h"
#include "widgets/forms/set-text.h"
#include "widgets/paint/number-text.h"

#include <string.h>

#define MOST_DIFFERENCES 6

enum { ROW_BEST, ROW_TIME, ROW_RATE, ROW_SEED, ROW_DEVICE, ROW_PARAMETERS, N_ROWS };

struct _GwBoardSummary {
  GtkWidget     parent_instance;

  GtkWidget    *box, *dot, *name, *state, *warning;
  GtkWidget    *rows[N_ROWS], *labels[N_ROWS], *values[N_ROWS];
  GtkWidget    *differs, *card, *open;

  GwRunLog     *log, *next;
  GCancellable *loading;
  gint64        parameters;  /* -1 = not known */
  gboolean      filling;
};

static guint open_graph;

G_DEFINE_FINAL_TYPE (GwBoardSummary, gw_board_summary, GTK_TYPE_WIDGET)

/* ---- figures ---- */

/* Takes `value`; NULL hides the row. */
static void
show_value (GwBoardSummary *self,
            int             row,
            char           *value)
{
  g_autofree char *text = value;

  gtk_widget_set_visible (self->rows[row], text != NULL);
  if (text != NULL)
    gw_set_text (self->values[row], text);
}

static char *
device_text (const GwRunInfo *info)
{
  if (info->device == NULL)
    return NULL;
  if (info->n_threads > 0)
    return g_strdup_printf ("%s, %d thread%s", info->device, info->n_threads, info->n_threads == 1 ? "" : "s");
  return g_strdup (info->device);
}

static void
show_state (GwBoardSummary  *self,
            const GwRunInfo *info)
{
  const char *warning = gw_run_log_get_warning (self->log);

  gtk_widget_set_visible (self->state, info->error != NULL);
  gw_set_text (self->state, info->error);
  gtk_widget_set_visible (self->warning, warning != NULL);
  gw_set_text (self->warning, warning);
}

void
gw_board_summary_update (GwBoardSummary *self)
{
  const GwRunInfo *info;
  char number[GW_NUMBER_TEXT_SIZE];
  g_autofree char *label = NULL;
  char *best = NULL;

  if (self->log == NULL)
    return;
  info = gw_run_log_get_info (self->log);
  if (gw_board_best_text (self->log, &label, &best))
    gw_set_text (self->labels[ROW_BEST], label);
  show_value (self, ROW_BEST, best);
  show_value (self, ROW_TIME, info->seconds > 0 ? g_strdup (gw_number_text_duration (number, info->seconds)) : NULL);
  show_value (self, ROW_RATE,
              info->seconds > 0 ? g_strdup (gw_number_text_count (number, (gint64) (info->steps / info->seconds)))
                                : NULL);
  show_value (self, ROW_SEED,
              info->version != NULL ? g_strdup_printf ("%" G_GINT64_FORMAT, info->seed) : NULL);
  show_value (self, ROW_DEVICE, device_text (info));
  show_value (self, ROW_PARAMETERS,
              self->parameters >= 0 ? g_strdup (gw_number_text_count (number, self->parameters)) : NULL);
  show_state (self, info);
}

/* ---- differences ---- */

static void
clear_box (GtkWidget *box)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (box)) != NULL)
    gtk_box_remove (GTK_BOX (box), child);
}

static GtkWidget *
add_text (GtkWidget  *box,
          const char *text,
          const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_tooltip_text (label, text);
  gtk_widget_add_css_class (label, style);
  gtk_box_append (GTK_BOX (box), label);
  return label;
}

static void
add_difference (GwBoardSummary        *self,
                const GwRunDifference *difference)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_VERTICAL, 1);
  GtkWidget *values = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  g_autofree char *where = *difference->what != 0
                             ? g_strdup_printf ("%s, %s", difference->where, difference->what)
                             : g_strdup (difference->where);

  gtk_widget_add_css_class (row, "gw-board-difference");
  add_text (row, where, "gw-board-caption");
  gtk_widget_add_css_class (gtk_widget_get_first_child (row), "dim-label");
  add_text (values, difference->mine, "gw-board-heading");
  add_text (values, "→", "dim-label");
  add_text (values, difference->theirs, "gw-board-plain");
  gtk_box_append (GTK_BOX (row), values);
  gtk_box_append (GTK_BOX (self->card), row);
}

static void
show_differences (GwBoardSummary  *self,
                  const GPtrArray *differences)
{
  g_autofree char *title = NULL;
  g_autofree char *more = NULL;

  clear_box (self->card);
  gtk_widget_set_visible (self->differs, differences != NULL);
  gtk_widget_set_visible (self->card, differences != NULL && differences->len > 0);
  if (differences == NULL)
    return;
  title = g_strdup_printf (differences->len > 0 ? "Differs from %s in" : "The same graph and settings as %s",
                           gw_run_log_get_name (self->next));
  gtk_label_set_text (GTK_LABEL (self->differs), title);
  gtk_widget_set_tooltip_text (self->differs, title);
  for (guint i = 0; i < MIN (differences->len, MOST_DIFFERENCES); i++)
    add_difference (self, differences->pdata[i]);
  if (differences->len <= MOST_DIFFERENCES)
    return;
  more = g_strdup_printf ("and %u more", differences->len - MOST_DIFFERENCES);
  add_text (self->card, more, "gw-board-difference");
}

static void
facts_loaded (GObject      *object,
              GAsyncResult *result,
              gpointer      data)
{
  g_autoptr (GwBoardSummary) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GwRunFacts) facts = gw_run_facts_load_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->loading);
  if (facts == NULL || self->log == NULL)
    return;
  self->parameters = facts->parameters;
  show_differences (self, self->next != NULL ? facts->differences : NULL);
  gw_board_summary_update (self);
}

static void
load_facts (GwBoardSummary *self)
{
  g_autofree char *path = self->log != NULL ? gw_run_log_graph_path (self->log) : NULL;
  g_autofree char *other = self->next != NULL ? gw_run_log_graph_path (self->next) : NULL;

  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  self->parameters = -1;
  show_differences (self, NULL);
  gtk_widget_set_sensitive (self->open, path != NULL);
  gtk_widget_set_tooltip_text (self->open, path != NULL ? path : "The folder of this run holds no graph.gw");
  if (path == NULL)
    return;
  self->loading = g_cancellable_new ();
  gw_run_facts_load_async (path, other, self->loading, facts_loaded, g_object_ref (self));
}

/* ---- which run ---- */

static void
show_name (GwBoardSummary *self)
{
  self->filling = TRUE;
  gw_board_dot_set (GW_BOARD_DOT (self->dot), gw_run_log_get_color (self->log), gw_run_log_get_visible (self->log));
  if (!gtk_editable_label_get_editing (GTK_EDITABLE_LABEL (self->name)))
    gtk_editable_set_text (GTK_EDITABLE (self->name), gw_run_log_get_name (self->log));
  self->filling = FALSE;
}

void
gw_board_summary_set (GwBoardSummary *self,
                      GwRunLog       *log,
                      GwRunLog       *next)
{
  if (log == self->log && next == self->next)
    return;
  if (self->log != NULL)
    g_signal_handlers_disconnect_by_data (self->log, self);
  g_set_object (&self->log, log);
  g_set_object (&self->next, next);
  gtk_widget_set_visible (self->box, log != NULL);
  if (log == NULL)
    return;
  g_signal_connect_object (log, "notify", G_CALLBACK (show_name), self, G_CONNECT_SWAPPED);
  show_name (self);
  load_facts (self);
  gw_board_summary_update (self);
}

static void
on_editing (GwBoardSummary *self)
{
  if (self->log == NULL || self->filling || gtk_editable_label_get_editing (GTK_EDITABLE_LABEL (self->name)))
    return;
  gw_run_log_set_name (self->log, gtk_editable_get_text (GTK_EDITABLE (self->name)));
  show_name (self);
}

void
gw_board_summary_rename (GwBoardSummary *self)
{
  gtk_editable_label_start_editing (GTK_EDITABLE_LABEL (self->name));
}

static void
on_open (GwBoardSummary *self)
{
  g_autofree char *path = self->log != NULL ? gw_run_log_graph_path (self->log) : NULL;

  if (path != NULL)
    g_signal_emit (self, open_graph, 0, path);
}

/* ---- parts ---- */

static GtkWidget *
head_row (GwBoardSummary *self,
          GMenuModel     *menu)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *button = gtk_menu_button_new ();

  self->dot = gw_board_dot_new ();
  self->name = gtk_editable_label_new ("");
  gtk_widget_set_hexpand (self->name, TRUE);
  gtk_widget_set_tooltip_text (self->name, "Rename (F2)");
  gtk_widget_add_css_class (self->name, "gw-board-title");
  g_signal_connect_object (self->name, "notify::editing", G_CALLBACK (on_editing), self, G_CONNECT_SWAPPED);
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "view-more-symbolic");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), menu);
  gtk_widget_set_tooltip_text (button, "This run");
  gtk_widget_add_css_class (button, "flat");
  gtk_box_append (GTK_BOX (row), self->dot);
  gtk_box_append (GTK_BOX (row), self->name);
  gtk_box_append (GTK_BOX (row), button);
  return row;
}

static void
add_rows (GwBoardSummary *self)
{
  static const char *const texts[N_ROWS] = { "Best", "Time", "Steps per second", "Seed", "Device", "Parameters" };

  for (int i = 0; i < N_ROWS; i++)
    {
      self->rows[i] = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
      self->labels[i] = gtk_label_new (texts[i]);
      self->values[i] = gtk_label_new ("");
      gtk_label_set_xalign (GTK_LABEL (self->labels[i]), 0);
      gtk_label_set_ellipsize (GTK_LABEL (self->labels[i]), PANGO_ELLIPSIZE_MIDDLE);
      gtk_label_set_ellipsize (GTK_LABEL (self->values[i]), PANGO_ELLIPSIZE_END);
      gw_label_tells_itself (self->values[i]);
      gtk_widget_set_hexpand (self->labels[i], TRUE);
      gtk_widget_add_css_class (self->labels[i], "dim-label");
      gtk_widget_add_css_class (self->values[i], "gw-board-number");
      gtk_widget_add_css_class (self->rows[i], "gw-board-figure");
      gtk_box_append (GTK_BOX (self->rows[i]), self->labels[i]);
      gtk_box_append (GTK_BOX (self->rows[i]), self->values[i]);
      gtk_box_append (GTK_BOX (self->box), self->rows[i]);
    }
}

static GtkWidget *
wrapped (const char *style)
{
  GtkWidget *label = gtk_label_new ("");

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_lines (GTK_LABEL (label), 4);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, "gw-board-caption");
  gtk_widget_add_css_class (label, style);
  return label;
}

static void
gw_board_summary_dispose (GObject *object)
{
  GwBoardSummary *self = GW_BOARD_SUMMARY (object);

  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  g_clear_object (&self->log);
  g_clear_object (&self->next);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (gw_board_summary_parent_class)->dispose (object);
}

static void
gw_board_summary_class_init (GwBoardSummaryClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gw_board_summary_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  open_graph = g_signal_new ("open-graph", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                             G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
gw_board_summary_init (GwBoardSummary *self)
{
  self->parameters = -1;
}

GtkWidget *
gw_board_summary_new (GMenuModel *menu)
{
  GwBoardSummary *self = g_object_new (GW_TYPE_BOARD_SUMMARY, NULL);
  GtkWidget *inside = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *icon = gtk_image_new_from_icon_name ("view-graph-symbolic");

  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  gtk_widget_add_css_class (self->box, "gw-board-summary");
  gtk_box_append (GTK_BOX (self->box), head_row (self, menu));
  self->state = wrapped ("error");
  self->warning = wrapped ("warning");
  gtk_box_append (GTK_BOX (self->box), self->state);
  gtk_box_append (GTK_BOX (self->box), self->warning);
  add_rows (self);
  self->differs = wrapped ("gw-board-heading");
  gtk_widget_remove_css_class (self->differs, "gw-board-caption");
  gtk_box_append (GTK_BOX (self->box), self->differs);
  gtk_widget_set_margin_top (self->differs, 6);
  self->card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (self->card, "gw-board-differences");
  gtk_box_append (GTK_BOX (self->box), self->card);
  self->open = gtk_button_new ();
  gtk_widget_set_halign (inside, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (inside), icon);
  gtk_box_append (GTK_BOX (inside), gtk_label_new ("Open the graph of this run"));
  gtk_button_set_child (GTK_BUTTON (self->open), inside);
  gtk_widget_set_margin_top (self->open, 8);
  gtk_widget_add_css_class (self->open, "gw-board-open");
  g_signal_connect_object (self->open, "clicked", G_CALLBACK (on_open), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (self->box), self->open);
  gtk_widget_set_visible (self->box, FALSE);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  return GTK_WIDGET (self);
}
