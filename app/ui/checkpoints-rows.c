/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/checkpoints-rows.h"

#include <math.h>

#include "app/ui/data-style.h"
#include "widgets/forms/set-text.h"
#include "widgets/paint/number-text.h"

struct _GwCheckpointsRows {
  GtkWidget  parent_instance;
  GtkWidget *list;
  char      *a, *b;
  gboolean   marking;
};

G_DEFINE_FINAL_TYPE (GwCheckpointsRows, gw_checkpoints_rows, GTK_TYPE_WIDGET)

static guint chosen_signal;

static void
choose (GwCheckpointsRows *self,
        const char        *prefix,
        gboolean           as_b)
{
  g_signal_emit (self, chosen_signal, 0, prefix, as_b);
}

/* ---- the line of time ---- */

static void
draw_line (GwChartPen *pen,
           double      width,
           double      height,
           gpointer    data)
{
  int place = GPOINTER_TO_INT (data); /* bit 0 = first, bit 1 = last */
  double x = floor (width / 2) + 0.5;

  gw_chart_pen_color (pen, pen->theme->axis, 1);
  cairo_set_line_width (pen->cr, 1.5);
  cairo_move_to (pen->cr, x, (place & 1) != 0 ? height / 2 : 0);
  cairo_line_to (pen->cr, x, (place & 2) != 0 ? height / 2 : height);
  cairo_stroke (pen->cr);
  cairo_arc (pen->cr, x, height / 2, 4, 0, 2 * G_PI);
  gw_chart_pen_color (pen, pen->theme->card, 1);
  cairo_fill_preserve (pen->cr);
  gw_chart_pen_color (pen, pen->theme->dim_text, 1);
  cairo_stroke (pen->cr);
}

static GdkContentProvider *
prepare_drag (GtkDragSource *source,
              double         x,
              double         y,
              gpointer       letter)
{
  return gdk_content_provider_new_typed (G_TYPE_STRING, letter);
}

static GtkWidget *
badge_new (const char *letter)
{
  GtkWidget *badge = gtk_label_new (letter);
  GtkDragSource *source = gtk_drag_source_new ();

  gw_add_classes (badge, *letter == 'A' ? "gw-badge gw-badge-a" : "gw-badge gw-badge-b");
  gtk_widget_set_halign (badge, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (badge, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (badge, "Drag it onto another checkpoint");
  g_signal_connect (source, "prepare", G_CALLBACK (prepare_drag), (gpointer) letter);
  gtk_widget_add_controller (badge, GTK_EVENT_CONTROLLER (source));
  return badge;
}

static GtkWidget *
line_new (int      place,
          gboolean is_a,
          gboolean is_b)
{
  GtkWidget *overlay = gtk_overlay_new ();

  gtk_overlay_set_child (GTK_OVERLAY (overlay), gw_area_new (40, 48, draw_line, GINT_TO_POINTER (place)));
  if (is_a)
    gtk_overlay_add_overlay (GTK_OVERLAY (overlay), badge_new ("A"));
  if (is_b)
    gtk_overlay_add_overlay (GTK_OVERLAY (overlay), badge_new ("B"));
  return overlay;
}

/* What a row is made of, kept on it. */
typedef struct {
  char      *prefix;
  int        place;   /* bit 0 = first, bit 1 = last */
  GtkWidget *line;    /* made for `place` and these badges; NULL = not yet */
  gboolean   is_a, is_b;
  int        line_place;
  GtkWidget *label, *below, *figure, *mark, *figures;
} Parts;

static void
parts_free (gpointer data)
{
  Parts *parts = data;

  g_free (parts->prefix);
  g_free (parts);
}

static Parts *
row_parts (GtkWidget *row)
{
  return g_object_get_data (G_OBJECT (row), "parts");
}

static const char *
row_prefix (GtkWidget *row)
{
  return row_parts (row)->prefix;
}

static void
show_line (GwCheckpointsRows *self,
           GtkWidget         *row)
{
  GtkWidget *box = gtk_list_box_row_get_child (GTK_LIST_BOX_ROW (row));
  Parts *parts = row_parts (row);
  gboolean is_a = g_strcmp0 (parts->prefix, self->a) == 0;
  gboolean is_b = g_strcmp0 (parts->prefix, self->b) == 0 && g_strcmp0 (self->a, self->b) != 0;

  if (parts->line != NULL && parts->is_a == is_a && parts->is_b == is_b && parts->line_place == parts->place)
    return;
  if (parts->line != NULL)
    gtk_box_remove (GTK_BOX (box), parts->line);
  parts->line = line_new (parts->place, is_a, is_b);
  parts->is_a = is_a;
  parts->is_b = is_b;
  parts->line_place = parts->place;
  gtk_box_prepend (GTK_BOX (box), parts->line);
}

/* ---- a row ---- */

static gboolean
on_drop (GtkDropTarget *target,
         const GValue  *value,
         double         x,
         double         y,
         gpointer       data)
{
  GtkWidget *row = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (target));
  const char *text = g_value_get_string (value);

  if (g_strcmp0 (text, "A") != 0 && g_strcmp0 (text, "B") != 0)
    return FALSE;
  choose (data, row_prefix (row), *text == 'B');
  return TRUE;
}

static gboolean
unparent (gpointer popover)
{
  if (gtk_widget_get_parent (popover) != NULL)
    gtk_widget_unparent (popover);
  return G_SOURCE_REMOVE;
}

/* Not at once: the item's action is activated after the menu has closed. */
static void
on_closed (GtkPopover *popover,
           gpointer    data)
{
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, unparent, g_object_ref (popover), g_object_unref);
}

static void
on_pressed (GtkGestureClick *gesture,
            int              n_press,
            double           x,
            double           y,
            gpointer         data)
{
  GwCheckpointsRows *self = data;
  GtkWidget *row = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (gesture));
  GtkWidget *popover;
  g_autoptr (GMenu) menu = g_menu_new ();

  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GMenuItem) item = g_menu_item_new (i == 0 ? "Look at it (A)" : "Compare with it (B)", NULL);

      g_menu_item_set_action_and_target (item, "rows.choose", "(sb)", row_prefix (row), (gboolean) i);
      g_menu_append_item (menu, item);
    }
  popover = gtk_popover_menu_new_from_model (G_MENU_MODEL (menu));
  gtk_widget_set_parent (popover, GTK_WIDGET (self));
  gtk_widget_translate_coordinates (row, GTK_WIDGET (self), x, y, &x, &y);
  gtk_popover_set_pointing_to (GTK_POPOVER (popover), &(GdkRectangle) { (int) x, (int) y, 1, 1 });
  g_signal_connect (popover, "closed", G_CALLBACK (on_closed), NULL);
  gtk_popover_popup (GTK_POPOVER (popover));
}

static void
add_controllers (GwCheckpointsRows *self,
                 GtkWidget         *row)
{
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_STRING, GDK_ACTION_COPY);
  GtkGesture *click = gtk_gesture_click_new ();

  g_signal_connect_object (target, "drop", G_CALLBACK (on_drop), self, 0);
  gtk_widget_add_controller (row, GTK_EVENT_CONTROLLER (target));
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  g_signal_connect_object (click, "pressed", G_CALLBACK (on_pressed), self, 0);
  gtk_widget_add_controller (row, GTK_EVENT_CONTROLLER (click));
}

static char *
age_text (const GwCheckpointItem *item)
{
  char buffer[GW_NUMBER_TEXT_SIZE];
  double seconds = item->seconds;

  if (!isnan (seconds))
    return g_strdup (gw_number_text_duration (buffer, seconds));
  seconds = (double) (g_get_real_time () - item->written) / G_USEC_PER_SEC;
  if (seconds > 86400)
    return g_strdup_printf ("%.0f days old", seconds / 86400);
  return g_strdup_printf ("%s old", gw_number_text_duration (buffer, floor (MAX (0, seconds))));
}

static GtkWidget *
texts_new (Parts *parts)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  parts->label = gw_cut_text_new ("", "gw-bold gw-number");
  parts->below = gw_text_new ("", "gw-caption gw-number");
  gw_label_tells_itself (parts->label);
  gtk_box_append (GTK_BOX (box), parts->label);
  gtk_box_append (GTK_BOX (box), parts->below);
  gtk_widget_set_hexpand (box, TRUE);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  return box;
}

static GtkWidget *
figures_new (Parts *parts)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  parts->figure = gw_text_new ("", "gw-number");
  parts->mark = gw_text_new ("", NULL);
  gtk_label_set_xalign (GTK_LABEL (parts->figure), 1);
  gtk_label_set_xalign (GTK_LABEL (parts->mark), 1);
  gtk_box_append (GTK_BOX (box), parts->figure);
  gtk_box_append (GTK_BOX (box), parts->mark);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  parts->figures = box;
  return box;
}

static GtkWidget *
row_new (GwCheckpointsRows      *self,
         const GwCheckpointItem *item)
{
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  Parts *parts = g_new0 (Parts, 1);

  parts->prefix = g_strdup (item->prefix);
  g_object_set_data_full (G_OBJECT (row), "parts", parts, parts_free);
  gtk_box_append (GTK_BOX (box), texts_new (parts));
  gtk_box_append (GTK_BOX (box), figures_new (parts));
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_widget_set_tooltip_text (row, item->prefix);
  add_controllers (self, row);
  return row;
}

static void
show_row (GwCheckpointsRows      *self,
          GtkWidget              *row,
          const GwCheckpointItem *item,
          const char             *metric,
          int                     place)
{
  Parts *parts = row_parts (row);
  gboolean has_metric = metric != NULL && !isnan (item->metric);
  g_autofree char *size = g_format_size_full ((guint64) item->bytes, G_FORMAT_SIZE_IEC_UNITS);
  g_autofree char *age = age_text (item);
  g_autofree char *below = g_strdup_printf ("%s, %s", age, size);
  g_autofree char *figure = isnan (item->metric) ? NULL : gw_metric_text (metric, item->metric);
  g_autofree char *tip = has_metric ? g_strdup_printf ("%s of the test set at this step", metric) : NULL;

  gw_set_text (parts->label, item->label);
  gw_set_text (parts->below, below);
  gw_set_text (parts->figure, figure);
  gw_set_class (parts->figure, "gw-bold", item->best);
  gw_set_text (parts->mark, item->best ? "best" : item->newest ? "newest" : NULL);
  gw_set_class (parts->mark, "gw-fine", item->best);
  gw_set_class (parts->mark, "gw-small", item->best);
  gw_set_class (parts->mark, "gw-caption", !item->best);
  gw_set_tooltip (parts->figures, tip);
  parts->place = place;
  show_line (self, row);
}

/* ---- public ---- */

static GtkWidget *
row_at (GwCheckpointsRows *self,
        int                place)
{
  return GTK_WIDGET (gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->list), place));
}

/* The row of a checkpoint at `place`: the one that it has, with what stands before it and is
 * not in the list any more taken away, or a new one. */
static GtkWidget *
ensure_row (GwCheckpointsRows      *self,
            const GwCheckpointItem *item,
            int                     place)
{
  GtkWidget *row = row_at (self, place);
  int found = place;

  while (row != NULL && g_strcmp0 (row_prefix (row), item->prefix) != 0)
    row = row_at (self, ++found);
  if (row == NULL)
    {
      row = row_new (self, item);
      gtk_list_box_insert (GTK_LIST_BOX (self->list), row, place);
    }
  for (; found > place && row_at (self, place) != row; found--)
    gtk_list_box_remove (GTK_LIST_BOX (self->list), row_at (self, place));
  return row;
}

void
gw_checkpoints_rows_set (GwCheckpointsRows      *self,
                         const GwCheckpointList *list)
{
  int n = list != NULL ? (int) list->items->len : 0;
  GtkWidget *row;

  self->marking = TRUE;
  for (int i = 0; i < n; i++)
    {
      const GwCheckpointItem *item = g_ptr_array_index (list->items, (guint) i);

      show_row (self, ensure_row (self, item, i), item, list->metric, (i == 0 ? 1 : 0) | (i + 1 == n ? 2 : 0));
    }
  while ((row = row_at (self, n)) != NULL)
    gtk_list_box_remove (GTK_LIST_BOX (self->list), row);
  self->marking = FALSE;
}

void
gw_checkpoints_rows_mark (GwCheckpointsRows *self,
                          const char        *a,
                          const char        *b)
{
  char *new_a = g_strdup (a), *new_b = g_strdup (b);

  g_free (self->a);
  g_free (self->b);
  self->a = new_a;
  self->b = new_b;
  self->marking = TRUE;
  for (GtkWidget *row = gtk_widget_get_first_child (self->list); row != NULL; row = gtk_widget_get_next_sibling (row))
    {
      show_line (self, row);
      if (g_strcmp0 (row_prefix (row), self->a) == 0)
        gtk_list_box_select_row (GTK_LIST_BOX (self->list), GTK_LIST_BOX_ROW (row));
    }
  self->marking = FALSE;
}

static void
on_selected (GtkListBox    *list,
             GtkListBoxRow *row,
             gpointer       data)
{
  GwCheckpointsRows *self = data;

  if (!self->marking && row != NULL && g_strcmp0 (row_prefix (GTK_WIDGET (row)), self->a) != 0)
    choose (self, row_prefix (GTK_WIDGET (row)), FALSE);
}

static void
choose_activated (GtkWidget  *widget,
                  const char *action,
                  GVariant   *parameter)
{
  const char *prefix;
  gboolean as_b;

  g_variant_get (parameter, "(&sb)", &prefix, &as_b);
  choose (GW_CHECKPOINTS_ROWS (widget), prefix, as_b);
}

static void
gw_checkpoints_rows_dispose (GObject *object)
{
  GwCheckpointsRows *self = GW_CHECKPOINTS_ROWS (object);

  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_pointer (&self->a, g_free);
  g_clear_pointer (&self->b, g_free);
  G_OBJECT_CLASS (gw_checkpoints_rows_parent_class)->dispose (object);
}

static void
gw_checkpoints_rows_class_init (GwCheckpointsRowsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gw_checkpoints_rows_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_install_action (widget_class, "rows.choose", "(sb)", choose_activated);
  chosen_signal = g_signal_new ("chosen", GW_TYPE_CHECKPOINTS_ROWS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_BOOLEAN);
}

static void
gw_checkpoints_rows_init (GwCheckpointsRows *self)
{
  self->list = gtk_list_box_new ();
  gw_add_classes (self->list, "gw-checkpoints");
  g_signal_connect_object (self->list, "row-selected", G_CALLBACK (on_selected), self, 0);
  gtk_widget_set_parent (self->list, GTK_WIDGET (self));
}

GtkWidget *
gw_checkpoints_rows_new (void)
{
  return g_object_new (GW_TYPE_CHECKPOINTS_ROWS, NULL);
}
