/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/messages-panel.h"

#include "widgets/paint/number-text.h"

#define MOST_KEPT 1000
#define MOST_ROWS 100   /* of those kept, in the list */
#define LIST_HEIGHT 180
#define PAUSE_MS 100    /* between two pictures of a stream of lines */

typedef struct {
  gint64 node, step;
  char  *name, *text;
} Line;

struct _GwMessagesPanel {
  GtkWidget  parent_instance;

  GtkWidget *box, *fold, *count, *node, *text, *scroller, *list;
  GQueue     lines;    /* of Line, oldest first */
  guint      pause;    /* source that shows what came, 0 = none */
};

static guint activated;

G_DEFINE_FINAL_TYPE (GwMessagesPanel, gw_messages_panel, GTK_TYPE_WIDGET)

static void
line_free (gpointer data)
{
  Line *line = data;

  g_free (line->name);
  g_free (line->text);
  g_free (line);
}

guint
gw_messages_panel_length (GwMessagesPanel *self)
{
  return g_queue_get_length (&self->lines);
}

static GtkWidget *
new_label (const char *text,
           const char *css)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_widget_add_css_class (label, css);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  return label;
}

static GtkWidget *
new_text (const char *text)
{
  GtkWidget *label = new_label (text, "gw-mono");

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_tooltip_text (label, text);
  return label;
}

static GtkWidget *
line_row (const Line *line)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  char number[GW_NUMBER_TEXT_SIZE];
  GtkWidget *step = new_label (gw_number_text_count (number, line->step), "gw-caption");

  gtk_widget_add_css_class (step, "gw-number");
  gtk_label_set_width_chars (GTK_LABEL (step), 7);
  gtk_label_set_xalign (GTK_LABEL (step), 1);
  gtk_widget_set_tooltip_text (step, "Steps made before");
  gtk_box_append (GTK_BOX (box), step);
  gtk_box_append (GTK_BOX (box), new_label (line->name, "gw-bold"));
  gtk_box_append (GTK_BOX (box), new_text (line->text));
  return box;
}

static void
show_list (GwMessagesPanel *self)
{
  GtkWidget *row;
  guint n = 0;

  while ((row = gtk_widget_get_first_child (self->list)) != NULL)
    gtk_list_box_remove (GTK_LIST_BOX (self->list), row);
  if (!gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->fold)))
    return;
  for (GList *l = self->lines.tail; l != NULL && n < MOST_ROWS; l = l->prev, n++)
    gtk_list_box_append (GTK_LIST_BOX (self->list), line_row (l->data));
}

static void
show (GwMessagesPanel *self)
{
  const Line *last = g_queue_peek_tail (&self->lines);
  gboolean open = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->fold));
  g_autofree char *count = g_strdup_printf ("%u", gw_messages_panel_length (self));

  gtk_widget_set_visible (GTK_WIDGET (self), last != NULL);
  gtk_label_set_text (GTK_LABEL (self->count), count);
  gtk_label_set_text (GTK_LABEL (self->node), last != NULL ? last->name : "");
  gtk_label_set_text (GTK_LABEL (self->text), last != NULL ? last->text : "");
  gtk_widget_set_tooltip_text (self->text, last != NULL ? last->text : NULL);
  gtk_button_set_icon_name (GTK_BUTTON (self->fold), open ? "pan-down-symbolic" : "pan-end-symbolic");
  gtk_widget_set_visible (self->scroller, open && last != NULL);
  show_list (self);
}

static gboolean
pause_cb (gpointer data)
{
  GwMessagesPanel *self = data;

  self->pause = 0;
  show (self);
  return G_SOURCE_REMOVE;
}

static void
on_printed (GwMessagesPanel *self,
            gint64           node,
            gint64           step,
            const char      *name,
            const char      *text)
{
  Line *line = g_new0 (Line, 1);

  *line = (Line) { node, step, g_strdup (name), g_utf8_make_valid (text, -1) };
  g_queue_push_tail (&self->lines, line);
  if (self->lines.length > MOST_KEPT)
    line_free (g_queue_pop_head (&self->lines));
  if (self->pause == 0)
    self->pause = g_timeout_add (PAUSE_MS, pause_cb, self);
}

static void
clear (GwMessagesPanel *self)
{
  g_queue_clear_full (&self->lines, line_free);
  show (self);
}

static void
go_to (GwMessagesPanel *self,
       const Line      *line)
{
  if (line != NULL)
    g_signal_emit (self, activated, 0, line->node);
}

static void
on_row_activated (GwMessagesPanel *self,
                  GtkListBoxRow   *row)
{
  go_to (self, g_queue_peek_nth (&self->lines, self->lines.length - 1 - (guint) gtk_list_box_row_get_index (row)));
}

static void
on_show (GwMessagesPanel *self)
{
  go_to (self, g_queue_peek_tail (&self->lines));
}

static GtkWidget *
new_link (GwMessagesPanel *self,
          const char      *label,
          GCallback        clicked)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_widget_add_css_class (button, "gw-link");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_signal_connect_object (button, "clicked", clicked, self, G_CONNECT_SWAPPED);
  return button;
}

static GtkWidget *
make_head (GwMessagesPanel *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  self->fold = gtk_toggle_button_new ();
  self->count = new_label (NULL, "gw-caption");
  self->node = new_label (NULL, "gw-bold");
  self->text = new_text (NULL);
  gtk_widget_add_css_class (head, "gw-problems-head");
  gtk_widget_add_css_class (self->fold, "flat");
  gtk_widget_set_tooltip_text (self->fold, "Show all messages");
  gtk_box_append (GTK_BOX (head), self->fold);
  gtk_box_append (GTK_BOX (head), new_label ("Messages", "gw-bold"));
  gtk_box_append (GTK_BOX (head), self->count);
  gtk_box_append (GTK_BOX (head), self->node);
  gtk_box_append (GTK_BOX (head), self->text);
  gtk_box_append (GTK_BOX (head), new_link (self, "Clear", G_CALLBACK (clear)));
  gtk_box_append (GTK_BOX (head), new_link (self, "Show", G_CALLBACK (on_show)));
  g_signal_connect_object (self->fold, "toggled", G_CALLBACK (show), self, G_CONNECT_SWAPPED);
  return head;
}

static void
gw_messages_panel_dispose (GObject *object)
{
  GwMessagesPanel *self = GW_MESSAGES_PANEL (object);

  g_clear_handle_id (&self->pause, g_source_remove);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_queue_clear_full (&self->lines, line_free);
  G_OBJECT_CLASS (gw_messages_panel_parent_class)->dispose (object);
}

static void
gw_messages_panel_class_init (GwMessagesPanelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gw_messages_panel_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  activated = g_signal_new ("activated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                            G_TYPE_NONE, 1, G_TYPE_INT64);
}

static void
gw_messages_panel_init (GwMessagesPanel *self)
{
  g_queue_init (&self->lines);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->scroller = gtk_scrolled_window_new ();
  self->list = gtk_list_box_new ();
  gtk_widget_add_css_class (self->box, "gw-problems");
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (self->scroller), LIST_HEIGHT);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), self->list);
  gtk_box_append (GTK_BOX (self->box), make_head (self));
  gtk_box_append (GTK_BOX (self->box), self->scroller);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  g_signal_connect_object (self->list, "row-activated", G_CALLBACK (on_row_activated), self, G_CONNECT_SWAPPED);
  show (self);
}

GtkWidget *
gw_messages_panel_new (GwRun *run)
{
  GwMessagesPanel *self = g_object_new (GW_TYPE_MESSAGES_PANEL, NULL);

  g_signal_connect_object (run, "printed", G_CALLBACK (on_printed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "started", G_CALLBACK (clear), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
