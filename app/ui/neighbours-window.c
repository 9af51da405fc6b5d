/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/neighbours-window.h"

#include "app/model/text-worker.h"
#include "app/ui/tool-window.h"

#include <string.h>

#define MOST_NEIGHBOURS 20

struct _GwNeighboursWindow {
  AdwWindow     parent_instance;

  GwDocModel   *model;
  GwRun        *run;
  GwTextWorker *worker;
  GPtrArray    *embeddings;  /* of GwEmbedding, or NULL */
  GwRunState    run_state;
  GtkWidget    *word, *table, *table_row, *list, *status, *refresh;
};

G_DEFINE_FINAL_TYPE (GwNeighboursWindow, gw_neighbours_window, ADW_TYPE_WINDOW)

static const GwEmbedding *
chosen (GwNeighboursWindow *self)
{
  guint i = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->table));

  return self->embeddings == NULL ? NULL : g_ptr_array_index (self->embeddings, i < self->embeddings->len ? i : 0);
}

/* ---- the list ---- */

static void
clear_list (GwNeighboursWindow *self)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (self->list)) != NULL)
    gtk_list_box_remove (GTK_LIST_BOX (self->list), row);
}

static GtkWidget *
neighbour_row (const char *word,
               double      cosine)
{
  GtkWidget *row = adw_action_row_new (), *bar = gtk_level_bar_new_for_interval (0, 1);
  g_autofree char *number = g_strdup_printf (cosine < 0 ? "−%.3f" : "%.3f", ABS (cosine));
  GtkWidget *label = gtk_label_new (number);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), word);
  gtk_level_bar_set_value (GTK_LEVEL_BAR (bar), CLAMP (cosine, 0, 1));
  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (bar), GTK_LEVEL_BAR_OFFSET_LOW);
  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (bar), GTK_LEVEL_BAR_OFFSET_HIGH);
  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (bar), GTK_LEVEL_BAR_OFFSET_FULL);
  gtk_widget_set_size_request (bar, 120, -1);
  gtk_widget_set_valign (bar, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (label, "numeric");
  gtk_label_set_width_chars (GTK_LABEL (label), 6);
  gtk_label_set_xalign (GTK_LABEL (label), 1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), bar);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), label);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  return row;
}

static void
tell_vectors (GwNeighboursWindow *self,
              const GwEmbedding  *embedding)
{
  g_autofree char *step = gw_tool_step_text ("vectors", gw_text_worker_get_step (self->worker));
  g_autofree char *text = g_strdup_printf ("%s: %" G_GINT64_FORMAT " words, %s", embedding->name, embedding->n_words, step);

  gw_tool_status_set (self->status, text, FALSE);
}

static void
look_up (GwNeighboursWindow *self)
{
  const GwEmbedding *embedding = chosen (self);
  const char *word = gtk_editable_get_text (GTK_EDITABLE (self->word));
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) nearest = NULL;

  clear_list (self);
  if (embedding == NULL)
    return;
  tell_vectors (self, embedding);
  if (*word == '\0')
    return;
  nearest = gw_embedding_nearest (embedding, word, MOST_NEIGHBOURS, &error);
  if (nearest == NULL)
    gw_tool_status_set (self->status, error->message, TRUE);
  for (guint i = 0; nearest != NULL && i < nearest->len; i++)
    {
      const GwNeighbour *neighbour = &g_array_index (nearest, GwNeighbour, i);

      gtk_list_box_append (GTK_LIST_BOX (self->list), neighbour_row (embedding->words[neighbour->row], neighbour->cosine));
    }
}

/* On to the neighbours of a neighbour. */
static void
on_row (GwNeighboursWindow *self,
        GtkListBoxRow      *row)
{
  gtk_editable_set_text (GTK_EDITABLE (self->word), adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)));
  gtk_widget_grab_focus (self->word);
  gtk_editable_set_position (GTK_EDITABLE (self->word), -1);
}

/* ---- the vectors ---- */

static void
read_vectors (GwNeighboursWindow *self)
{
  g_autofree char *runs_dir = gw_doc_model_runs_dir (self->model);

  gw_tool_status_set (self->status, "Reading the vectors…", FALSE);
  gtk_widget_set_sensitive (self->refresh, FALSE);
  gw_text_worker_read_embeddings (self->worker, gw_doc_model_get_document (self->model), runs_dir);
}

static void
on_embeddings (GwNeighboursWindow *self,
               GPtrArray          *embeddings)
{
  guint selected = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->table));
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  g_clear_pointer (&self->embeddings, g_ptr_array_unref);
  self->embeddings = g_ptr_array_ref (embeddings);
  for (guint i = 0; i < embeddings->len; i++)
    gtk_string_list_append (names, ((GwEmbedding *) g_ptr_array_index (embeddings, i))->name);
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->table), G_LIST_MODEL (names));
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->table), selected < embeddings->len ? selected : 0);
  gtk_widget_set_visible (self->table_row, embeddings->len > 1);
  if (*gtk_editable_get_text (GTK_EDITABLE (self->word)) == '\0' && chosen (self)->n_words > 1)
    gtk_editable_set_text (GTK_EDITABLE (self->word), chosen (self)->words[1]); /* 0 may stand for all unknown ones */
  look_up (self);
}

static void
on_ended (GwNeighboursWindow *self,
          const char         *reason)
{
  gtk_widget_set_sensitive (self->refresh, TRUE);
  if (reason != NULL)
    gw_tool_status_set (self->status, reason, TRUE);
}

/* A training that has come to an end leaves other vectors. */
static void
on_run_changed (GwNeighboursWindow *self)
{
  GwRunState before = self->run_state;

  self->run_state = gw_run_get_state (self->run);
  if (before == GW_RUN_RUNNING && self->run_state != GW_RUN_RUNNING && self->run_state != GW_RUN_FAILED)
    read_vectors (self);
}

static gboolean
escape (GtkWidget *window)
{
  gtk_window_close (GTK_WINDOW (window));
  return TRUE;
}

/* ---- building ---- */

static GtkWidget *
make_fields (GwNeighboursWindow *self)
{
  GtkWidget *group = adw_preferences_group_new ();

  self->word = adw_entry_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->word), "Word");
  g_signal_connect_object (self->word, "changed", G_CALLBACK (look_up), self, G_CONNECT_SWAPPED);
  self->table_row = adw_action_row_new ();
  self->table = gtk_drop_down_new (NULL, NULL);
  gtk_widget_set_valign (self->table, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->table), GTK_ACCESSIBLE_PROPERTY_LABEL, "Vectors", -1);
  g_signal_connect_object (self->table, "notify::selected", G_CALLBACK (look_up), self, G_CONNECT_SWAPPED);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->table_row), "Vectors");
  adw_action_row_add_suffix (ADW_ACTION_ROW (self->table_row), self->table);
  gtk_widget_set_visible (self->table_row, FALSE);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), self->word);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), self->table_row);
  return group;
}

static GtkWidget *
make_list (GwNeighboursWindow *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (self->list, "boxed-list");
  gtk_widget_set_valign (self->list, GTK_ALIGN_START);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL, "Nearest words", -1);
  g_signal_connect_object (self->list, "row-activated", G_CALLBACK (on_row), self, G_CONNECT_SWAPPED);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->list);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_widget_set_vexpand (scroller, TRUE);
  return scroller;
}

static void
gw_neighbours_window_init (GwNeighboursWindow *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *header = adw_header_bar_new ();

  gtk_widget_set_margin_start (content, 12);
  gtk_widget_set_margin_end (content, 12);
  gtk_widget_set_margin_top (content, 12);
  gtk_widget_set_margin_bottom (content, 12);
  self->refresh = gtk_button_new_from_icon_name ("view-refresh-symbolic");
  gtk_widget_set_tooltip_text (self->refresh, "Read the present vectors");
  g_signal_connect_object (self->refresh, "clicked", G_CALLBACK (read_vectors), self, G_CONNECT_SWAPPED);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), self->refresh);
  self->status = gw_tool_status_new ();
  gtk_box_append (GTK_BOX (content), make_fields (self));
  gtk_box_append (GTK_BOX (content), make_list (self));
  gtk_box_append (GTK_BOX (content), self->status);
  gtk_box_append (GTK_BOX (column), header);
  gtk_box_append (GTK_BOX (column), content);
  adw_window_set_content (ADW_WINDOW (self), column);
  gtk_window_set_title (GTK_WINDOW (self), "Nearest Words");
  gtk_window_set_default_size (GTK_WINDOW (self), 460, 620);
  gtk_widget_add_css_class (GTK_WIDGET (self), "graphwright");
  gw_tool_window_on_escape (GTK_WIDGET (self), escape);
}

static void
gw_neighbours_window_dispose (GObject *object)
{
  GwNeighboursWindow *self = GW_NEIGHBOURS_WINDOW (object);

  if (self->worker != NULL)
    gw_text_worker_stop (self->worker);
  g_clear_object (&self->worker);
  g_clear_object (&self->run);
  g_clear_object (&self->model);
  g_clear_pointer (&self->embeddings, g_ptr_array_unref);
  G_OBJECT_CLASS (gw_neighbours_window_parent_class)->dispose (object);
}

static void
gw_neighbours_window_class_init (GwNeighboursWindowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gw_neighbours_window_dispose;
}

GtkWidget *
gw_neighbours_window_new (GwDocModel *model,
                          GwRun      *run)
{
  GwNeighboursWindow *self = g_object_new (GW_TYPE_NEIGHBOURS_WINDOW, NULL);

  self->model = g_object_ref (model);
  self->run = g_object_ref (run);
  self->run_state = gw_run_get_state (run);
  self->worker = gw_text_worker_new (run);
  g_signal_connect_object (self->worker, "embeddings", G_CALLBACK (on_embeddings), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->worker, "ended", G_CALLBACK (on_ended), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "changed", G_CALLBACK (on_run_changed), self, G_CONNECT_SWAPPED);
  read_vectors (self);
  gtk_window_set_focus (GTK_WINDOW (self), self->word);
  return GTK_WIDGET (self);
}
