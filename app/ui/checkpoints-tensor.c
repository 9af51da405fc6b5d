/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/checkpoints-tensor.h"

#include <math.h>
#include <string.h>

#include "app/model/checkpoint-slice.h"
#include "app/ui/data-style.h"
#include "widgets/forms/set-text.h"
#include "widgets/charts/tensor-grid.h"
#include "widgets/charts/tensor-views.h"
#include "widgets/paint/number-text.h"

struct _GwCheckpointsTensor {
  GtkWidget          parent_instance;
  GwCheckpointStore *store;
  GtkWidget *title, *subtitle, *views[GW_N_VIEWS], *slice, *save, *load;
  GtkWidget *stack, *message;
  GtkWidget *map, *map_foot, *histogram, *legend, *histogram_foot, *grid, *grid_foot;
  GwBarHistogram *bars;
  GwMatrixPart    part;    /* of the matrix that the grid shows */
};

G_DEFINE_FINAL_TYPE (GwCheckpointsTensor, gw_checkpoints_tensor, GTK_TYPE_WIDGET)

enum { SAVE, LOAD, N_SIGNALS };
static guint signals[N_SIGNALS];

static GwVariableRow *
selected_row (GwCheckpointsTensor *self)
{
  GListModel *rows = gw_checkpoint_store_get_rows (self->store);
  const char *name = gw_checkpoint_store_get_selected (self->store);

  for (guint i = 0; name != NULL && i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (GwVariableRow) row = g_list_model_get_item (rows, i);

      if (strcmp (row->name, name) == 0)
        return row; /* the list keeps it */
    }
  return NULL;
}

static const GwValuePicture *
current_picture (GwCheckpointsTensor *self)
{
  const GwVariableValue *value = self->store != NULL ? gw_checkpoint_store_get_value (self->store) : NULL;

  return value != NULL ? &value->pictures[gw_checkpoints_tensor_get_view (self)] : NULL;
}

static double
limit_of (const GwValuePicture *picture)
{
  return MAX (fabs (picture->stats.min), fabs (picture->stats.max));
}

/* ---- numbers ---- */

static double
grid_cell (gsize    row,
           gsize    column,
           char    *buffer,
           gsize    size,
           gpointer data)
{
  GwCheckpointsTensor *self = data;
  const GwValuePicture *picture = current_picture (self);
  char text[GW_NUMBER_TEXT_SIZE];
  gsize r = self->part.row + row, c = self->part.column + column;
  double value, limit;

  if (picture == NULL || picture->floats == NULL || r >= picture->shown_rows || c >= picture->columns)
    {
      g_strlcpy (buffer, "", size);
      return 0;
    }
  value = picture->floats[r * picture->columns + c];
  g_strlcpy (buffer, gw_number_text (text, value), size);
  limit = limit_of (picture);
  return limit > 0 ? value / limit : isfinite (value) ? 0 : NAN;
}

static void
show_visible_part (GwCheckpointsTensor *self)
{
  GwHeatMap *map = gw_heat_map_view_get_heat_map (GW_HEAT_MAP_VIEW (self->map));
  const GwValuePicture *picture = current_picture (self);
  gsize row, column, rows, columns;
  g_autofree char *text = NULL;

  gw_tensor_grid_get_visible_part (GW_TENSOR_GRID (self->grid), &row, &column, &rows, &columns);
  if (picture == NULL || picture->floats == NULL || rows == 0 || columns == 0)
    {
      gw_heat_map_set_mark (map, 0, 0, 0, 0);
      gtk_label_set_label (GTK_LABEL (self->grid_foot), "");
      return;
    }
  row += self->part.row;
  column += self->part.column;
  gw_heat_map_set_mark (map, row, column, rows, columns);
  gw_chart_area_changed (GW_CHART_AREA (self->map));
  text = picture->columns == 1
           ? g_strdup_printf ("rows %zu–%zu (outlined left)", row, row + rows - 1)
           : g_strdup_printf ("rows %zu–%zu, columns %zu–%zu (outlined left)", row, row + rows - 1, column,
                              column + columns - 1);
  gtk_label_set_label (GTK_LABEL (self->grid_foot), text);
}

/* Takes over what the entry says; a slice that does not fit is marked and keeps the
 * grid as it was. */
static void
apply_slice (GwCheckpointsTensor *self)
{
  const GwValuePicture *picture = current_picture (self);
  GwVariableRow *row = selected_row (self);
  g_autoptr (GError) error = NULL;
  GwMatrixPart part = { 0 };
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->slice));

  if (picture == NULL || picture->floats == NULL || row == NULL)
    {
      gw_tensor_grid_set_source (GW_TENSOR_GRID (self->grid), 0, 0, 0, 0, grid_cell, self, NULL);
      return;
    }
  if (!gw_matrix_part_parse (text, &row->shape, &part, &error))
    {
      gw_set_class (self->slice, "error", TRUE);
      gw_set_tooltip (self->slice, error->message);
      gw_matrix_part_parse ("", &row->shape, &part, NULL);
    }
  else
    {
      gw_set_class (self->slice, "error", FALSE);
      gw_set_tooltip (self->slice, "Part of the tensor: one index or range for each dimension");
    }
  self->part = part;
  gw_tensor_grid_set_source (GW_TENSOR_GRID (self->grid), part.rows, part.columns, part.row, part.column, grid_cell,
                             self, NULL);
  show_visible_part (self);
}

static void
on_map_picked (GwHeatMapView *view,
               guint64        row,
               guint64        column,
               gpointer       data)
{
  GwCheckpointsTensor *self = data;
  const GwMatrixPart *part = &self->part;

  if (row < part->row || row >= part->row + part->rows || column < part->column ||
      column >= part->column + part->columns)
    gtk_editable_set_text (GTK_EDITABLE (self->slice), "");
  gw_tensor_grid_scroll_to (GW_TENSOR_GRID (self->grid), (gsize) row - self->part.row,
                            (gsize) column - self->part.column);
}

static void
show_map_foot (GwCheckpointsTensor *self)
{
  GwHeatMap *map = gw_heat_map_view_get_heat_map (GW_HEAT_MAP_VIEW (self->map));
  const GwValuePicture *picture = current_picture (self);
  g_autofree char *text = NULL;

  if (picture != NULL && picture->shown_rows < picture->rows)
    text = g_strdup_printf ("the first %zu of %zu rows", picture->shown_rows, picture->rows);
  else
    text = g_strdup (gw_heat_map_footer (map));
  gtk_label_set_label (GTK_LABEL (self->map_foot), *text != '\0' ? text : "every value");
}

static void
on_map_hovered (GwHeatMapView *view,
                guint64        row,
                guint64        column,
                gpointer       data)
{
  GwCheckpointsTensor *self = data;
  const GwValuePicture *picture = current_picture (self);
  char number[GW_NUMBER_TEXT_SIZE];
  g_autofree char *text = NULL;

  if (picture == NULL || picture->floats == NULL || row >= picture->shown_rows)
    {
      show_map_foot (self);
      return;
    }
  gw_number_text_digits (number, picture->floats[row * picture->columns + column], 6);
  text = g_strdup_printf ("row %" G_GUINT64_FORMAT ", column %" G_GUINT64_FORMAT ": %s", row, column, number);
  gtk_label_set_label (GTK_LABEL (self->map_foot), text);
}

/* ---- histogram ---- */

static guint
buckets_of (const GwValuePicture *picture,
            GwBucket             *buckets)
{
  double low = picture->stats.min, width = (picture->stats.max - low) / GW_VALUE_BINS;

  if (picture->floats == NULL || isnan (low))
    return 0;
  if (width == 0)
    {
      buckets[0] = (GwBucket) { low, low, (double) picture->stats.count };
      return 1;
    }
  for (int i = 0; i < GW_VALUE_BINS; i++)
    buckets[i] = (GwBucket) { low + i * width, low + (i + 1) * width, (double) picture->bins[i] };
  return GW_VALUE_BINS;
}

/* Few values want wider bins. */
static int
shown_bins (const GwValuePicture *picture)
{
  return picture->stats.count < 1000 ? GW_VALUE_BINS / 3 : GW_VALUE_BINS;
}

static char *
legend_part (const char           *color,
             const char           *letter,
             const GwValuePicture *picture)
{
  char number[GW_NUMBER_TEXT_SIZE];

  return g_strdup_printf ("<b><span color=\"%s\">%s</span></b> std %s", color, letter,
                          gw_number_text (number, picture->stats.stddev));
}

static void
show_legend (GwCheckpointsTensor   *self,
             const GwVariableValue *value,
             GwValueView            view)
{
  const GwValuePicture *a = &value->pictures[GW_VIEW_A], *b = &value->pictures[GW_VIEW_B];
  gboolean dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  const char *blue = dark ? "#4f96f6" : "#1c62d9", *orange = dark ? "#ff8f2e" : "#e0560a";
  g_autofree char *first = NULL, *second = NULL, *text = NULL;

  if (view == GW_VIEW_DIFFERENCE)
    first = legend_part (blue, "A − B", &value->pictures[view]);
  else if (a->floats != NULL)
    first = legend_part (blue, "A", a);
  if (view != GW_VIEW_DIFFERENCE && b->floats != NULL)
    second = legend_part (orange, "B", b);
  text = g_strjoin ("     ", first != NULL ? first : second, first != NULL ? second : NULL, NULL);
  gtk_label_set_markup (GTK_LABEL (self->legend), text != NULL ? text : "");
}

static void
show_histogram_foot (GwCheckpointsTensor  *self,
                     const GwValuePicture *picture)
{
  GwVariableRow *row = selected_row (self);
  char n[GW_NUMBER_TEXT_SIZE], bad[GW_NUMBER_TEXT_SIZE];
  int64_t wrong = picture->stats.nan + picture->stats.neg_inf + picture->stats.pos_inf;
  g_autofree char *text = NULL;

  if (wrong > 0)
    text = g_strdup_printf ("%s of %s values are NaN or infinite", gw_number_text_count (bad, wrong),
                            gw_number_text_count (n, picture->stats.count));
  else if (row != NULL && row->ready && !isnan (row->change))
    text = g_strdup_printf ("‖A − B‖ / ‖B‖ = %s, %d bins", gw_number_text_digits (n, row->change, 3), shown_bins (picture));
  else
    text = g_strdup_printf ("%s values, %d bins", gw_number_text_count (n, picture->stats.count), shown_bins (picture));
  gtk_label_set_label (GTK_LABEL (self->histogram_foot), text);
}

static void
show_histogram (GwCheckpointsTensor   *self,
                const GwVariableValue *value,
                GwValueView            view)
{
  GwBucket filled[GW_VALUE_BINS], outlined[GW_VALUE_BINS];
  gboolean difference = view == GW_VIEW_DIFFERENCE;
  guint n_filled = buckets_of (&value->pictures[difference ? GW_VIEW_DIFFERENCE : GW_VIEW_A], filled);
  guint n_outlined = difference ? 0 : buckets_of (&value->pictures[GW_VIEW_B], outlined);

  gw_bar_histogram_set_bins (self->bars, (guint) shown_bins (&value->pictures[view]));
  gw_bar_histogram_set (self->bars, filled, n_filled, outlined, n_outlined);
  gw_chart_area_changed (GW_CHART_AREA (self->histogram));
  show_legend (self, value, view);
}

/* ---- all of it ---- */

static void
show_message (GwCheckpointsTensor *self,
              const char          *text)
{
  gtk_label_set_label (GTK_LABEL (self->message), text);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "message");
}

static void
show_head (GwCheckpointsTensor *self)
{
  const char *name = gw_checkpoint_store_get_selected (self->store);
  GwVariableRow *row = selected_row (self);
  g_autofree char *text = NULL, *shape = NULL, *bytes = NULL;
  char count[GW_NUMBER_TEXT_SIZE];

  gtk_label_set_label (GTK_LABEL (self->title), name != NULL ? name : "No variable chosen");
  gw_set_tooltip (self->title, name);
  if (row != NULL)
    {
      shape = gw_shape_to_label (&row->shape);
      bytes = g_format_size_full ((guint64) row->bytes, G_FORMAT_SIZE_IEC_UNITS);
      text = g_strdup_printf ("%s, %s, %s value%s, %s", gw_dtype_name (row->dtype), shape,
                              gw_number_text_count (count, gw_shape_elements (&row->shape)),
                              gw_shape_elements (&row->shape) == 1 ? "" : "s", bytes);
    }
  gtk_label_set_label (GTK_LABEL (self->subtitle), text != NULL ? text : "");
}

static void
show_views (GwCheckpointsTensor   *self,
            const GwVariableValue *value)
{
  static const char *const why[GW_N_VIEWS] = {
    "A does not have this variable", "B does not have this variable, or there is no B: turn on Compare",
    "Both A and B must have this variable, with the same shape",
  };
  int view = (int) gw_checkpoints_tensor_get_view (self);

  for (int i = 0; i < GW_N_VIEWS; i++)
    {
      gboolean there = value != NULL && (i == GW_VIEW_DIFFERENCE ? value->pictures[i].floats != NULL
                                                                  : value->tensor[i] != NULL);

      gtk_widget_set_sensitive (self->views[i], there || value == NULL);
      gw_set_tooltip (self->views[i], there ? NULL : why[i]);
    }
  if (value != NULL && !gtk_widget_get_sensitive (self->views[view]))
    gtk_toggle_button_set_active (
      GTK_TOGGLE_BUTTON (self->views[value->tensor[0] != NULL ? GW_VIEW_A : GW_VIEW_B]), TRUE);
}

static void
show_text_value (GwCheckpointsTensor *self,
                 const GwTensor      *tensor)
{
  g_autofree char *text = tensor != NULL ? gw_tensor_to_string (tensor, 200) : NULL;

  show_message (self, text != NULL ? text : "This value cannot be shown.");
}

static void
show_value (GwCheckpointsTensor *self)
{
  const GwVariableValue *value = gw_checkpoint_store_get_value (self->store);
  const GError *error = gw_checkpoint_store_get_value_error (self->store);
  GwValueView view;
  const GwValuePicture *picture;

  show_head (self);
  show_views (self, value);
  gtk_widget_set_sensitive (self->save, value != NULL);
  gtk_widget_set_sensitive (self->load, gw_checkpoint_store_get_a (self->store) != NULL);
  if (error != NULL)
    show_message (self, error->message);
  else if (value == NULL)
    show_message (self, gw_checkpoint_store_is_loading (self->store) ? "Reading…" : "Choose a variable above.");
  if (error != NULL || value == NULL)
    return;
  view = gw_checkpoints_tensor_get_view (self);
  picture = &value->pictures[view];
  if (picture->floats == NULL)
    {
      show_text_value (self, value->tensor[view == GW_VIEW_B ? 1 : 0]);
      return;
    }
  gw_heat_map_set (gw_heat_map_view_get_heat_map (GW_HEAT_MAP_VIEW (self->map)), picture->floats,
                   picture->shown_rows, picture->columns);
  gw_chart_area_changed (GW_CHART_AREA (self->map));
  show_histogram (self, value, view);
  show_histogram_foot (self, picture);
  apply_slice (self);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "value");
  show_map_foot (self);
}

static void
on_value (GwCheckpointsTensor *self)
{
  if (gw_checkpoint_store_get_value (self->store) == NULL && gw_checkpoint_store_is_loading (self->store))
    gtk_editable_set_text (GTK_EDITABLE (self->slice), "");
  show_value (self);
}

static void
on_view (GwCheckpointsTensor *self,
         GtkToggleButton     *button)
{
  if (gw_checkpoint_store_get_value (self->store) != NULL)
    show_value (self);
}

/* The footer depends on the size of the last drawing. */
static void
on_map_drawn (GwCheckpointsTensor *self)
{
  show_map_foot (self);
}

static gboolean
map_foot_later (gpointer data)
{
  on_map_drawn (data);
  return G_SOURCE_REMOVE;
}

static void
on_map_changed (GwCheckpointsTensor *self)
{
  g_idle_add_full (G_PRIORITY_LOW, map_foot_later, g_object_ref (self), g_object_unref);
}

static void
on_save (GwCheckpointsTensor *self)
{
  g_signal_emit (self, signals[SAVE], 0);
}

static void
on_load (GwCheckpointsTensor *self)
{
  g_signal_emit (self, signals[LOAD], 0, FALSE);
}

static void
load_activated (GtkWidget  *widget,
                const char *name,
                GVariant   *parameter)
{
  g_signal_emit (widget, signals[LOAD], 0, g_variant_get_boolean (parameter));
}

GwValueView
gw_checkpoints_tensor_get_view (GwCheckpointsTensor *self)
{
  return (GwValueView) gw_segments_get (self->views, GW_N_VIEWS);
}

GtkWidget *
gw_checkpoints_tensor_get_load_button (GwCheckpointsTensor *self)
{
  return self->load;
}

/* ---- building ---- */

static GtkWidget *
make_head (GwCheckpointsTensor *self)
{
  static const char *const names[] = { "A", "B", "A − B", NULL };
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  g_autoptr (GMenu) menu = g_menu_new ();

  self->title = gw_cut_text_new ("", "gw-pane-title");
  self->subtitle = gw_cut_text_new ("", "gw-caption gw-number");
  gtk_box_append (GTK_BOX (texts), self->title);
  gtk_box_append (GTK_BOX (texts), self->subtitle);
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (head), texts);
  gtk_box_append (GTK_BOX (head), gw_segments_new (names, self->views, G_CALLBACK (on_view), self));
  self->slice = gtk_entry_new ();
  gtk_entry_set_placeholder_text (GTK_ENTRY (self->slice), "[0:9, 0:8]");
  gtk_editable_set_width_chars (GTK_EDITABLE (self->slice), 15);
  gtk_widget_set_valign (self->slice, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->slice), GTK_ACCESSIBLE_PROPERTY_LABEL, "Part shown", -1);
  g_signal_connect_object (self->slice, "changed", G_CALLBACK (apply_slice), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (head), self->slice);
  self->save = gw_button_new ("document-save-symbolic", "Save as .npy…", NULL);
  gtk_widget_set_valign (self->save, GTK_ALIGN_CENTER);
  g_signal_connect_object (self->save, "clicked", G_CALLBACK (on_save), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (head), self->save);
  self->load = adw_split_button_new ();
  adw_split_button_set_label (ADW_SPLIT_BUTTON (self->load), "Load into graph");
  gw_add_classes (self->load, "suggested-action");
  gtk_widget_set_valign (self->load, GTK_ALIGN_CENTER);
  g_menu_append (menu, "Load all variables", "variable.load(false)");
  g_menu_append (menu, "Load this variable alone", "variable.load(true)");
  adw_split_button_set_menu_model (ADW_SPLIT_BUTTON (self->load), G_MENU_MODEL (menu));
  g_signal_connect_object (self->load, "clicked", G_CALLBACK (on_load), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (head), self->load);
  gtk_widget_set_margin_start (head, 14);
  gtk_widget_set_margin_end (head, 12);
  gtk_widget_set_margin_top (head, 8);
  gtk_widget_set_margin_bottom (head, 8);
  return head;
}

static GtkWidget *
column_new (GtkWidget *head,
            GtkWidget *child,
            GtkWidget *foot)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);

  if (head != NULL)
    gtk_box_append (GTK_BOX (box), head);
  gtk_widget_set_vexpand (child, TRUE);
  gtk_widget_set_hexpand (child, TRUE);
  gtk_box_append (GTK_BOX (box), child);
  gtk_box_append (GTK_BOX (box), foot);
  return box;
}

static GtkWidget *
make_value (GwCheckpointsTensor *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 20), *scrolled = gtk_scrolled_window_new ();

  gtk_box_set_homogeneous (GTK_BOX (box), TRUE);
  self->map = gw_heat_map_view_new ();
  self->map_foot = gw_cut_text_new ("", "gw-caption gw-number");
  g_signal_connect_object (self->map, "hovered", G_CALLBACK (on_map_hovered), self, 0);
  g_signal_connect_object (self->map, "picked", G_CALLBACK (on_map_picked), self, 0);
  g_signal_connect_object (self->map, "changed", G_CALLBACK (on_map_changed), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), column_new (NULL, self->map, self->map_foot));
  self->bars = gw_bar_histogram_new ();
  self->histogram = gw_chart_area_new (self->bars);
  self->legend = gw_text_new ("", "gw-small gw-number");
  self->histogram_foot = gw_cut_text_new ("", "gw-caption gw-number");
  gtk_box_append (GTK_BOX (box), column_new (self->legend, self->histogram, self->histogram_foot));
  self->grid = gw_tensor_grid_new ();
  self->grid_foot = gw_cut_text_new ("", "gw-caption gw-number");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->grid);
  g_signal_connect_object (self->grid, "visible-changed", G_CALLBACK (show_visible_part), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), column_new (NULL, scrolled, self->grid_foot));
  gtk_widget_set_margin_start (box, 14);
  gtk_widget_set_margin_end (box, 14);
  gtk_widget_set_margin_top (box, 10);
  gtk_widget_set_margin_bottom (box, 8);
  return box;
}

static void
gw_checkpoints_tensor_dispose (GObject *object)
{
  GwCheckpointsTensor *self = GW_CHECKPOINTS_TENSOR (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_pointer (&self->bars, gw_chart_unref);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (gw_checkpoints_tensor_parent_class)->dispose (object);
}

static void
gw_checkpoints_tensor_class_init (GwCheckpointsTensorClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gw_checkpoints_tensor_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_install_action (widget_class, "variable.load", "b", load_activated);
  signals[SAVE] = g_signal_new ("save", GW_TYPE_CHECKPOINTS_TENSOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 0);
  signals[LOAD] = g_signal_new ("load", GW_TYPE_CHECKPOINTS_TENSOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
}

static void
gw_checkpoints_tensor_init (GwCheckpointsTensor *self)
{
}

GtkWidget *
gw_checkpoints_tensor_new (GwCheckpointStore *store)
{
  GwCheckpointsTensor *self = g_object_new (GW_TYPE_CHECKPOINTS_TENSOR, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *scrolled = gtk_scrolled_window_new ();

  self->store = g_object_ref (store);
  gtk_box_append (GTK_BOX (box), make_head (self));
  gtk_box_append (GTK_BOX (box), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  self->stack = gtk_stack_new ();
  gtk_widget_set_vexpand (self->stack, TRUE);
  gtk_stack_add_named (GTK_STACK (self->stack), make_value (self), "value");
  self->message = gw_text_new ("", "gw-dim");
  gtk_label_set_wrap (GTK_LABEL (self->message), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (self->message), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (self->message), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->message), 0.5);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->message);
  gtk_stack_add_named (GTK_STACK (self->stack), scrolled, "message");
  gtk_box_append (GTK_BOX (box), self->stack);
  gw_add_classes (box, "gw-card");
  gtk_widget_set_parent (box, GTK_WIDGET (self));
  g_signal_connect_object (store, "value", G_CALLBACK (on_value), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (store, "rows-changed", G_CALLBACK (on_value), self, G_CONNECT_SWAPPED);
  show_value (self);
  return GTK_WIDGET (self);
}
