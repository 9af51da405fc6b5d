/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/checkpoints-table.h"

#include <math.h>
#include <string.h>

#include "app/ui/data-style.h"
#include "widgets/forms/set-text.h"
#include "widgets/charts/dtype-glyph.h"
#include "widgets/paint/indicators.h"
#include "widgets/paint/number-text.h"

struct _GwCheckpointsTable {
  GtkWidget           parent_instance;
  GwCheckpointStore  *store;
  GtkWidget          *view;
  GtkColumnViewColumn *name_column, *change_column;
  GtkFilter          *filter;
  GtkFilterListModel *filtered;
  GtkSingleSelection *selection;
  GwVariablesFilter   kind;
  char               *text;
  char               *wanted;   /* name to be selected as soon as it is there */
  gboolean            selecting;
  gboolean            filled;   /* all figures were there once */
};

G_DEFINE_FINAL_TYPE (GwCheckpointsTable, gw_checkpoints_table, GTK_TYPE_WIDGET)

enum { SELECTED, SHOWN, N_SIGNALS };
static guint signals[N_SIGNALS];

typedef enum { NAME, TYPE, SHAPE, MIN, MAX, MEAN, STD, ZEROS, HISTOGRAM, CHANGE, N_COLUMNS } Column;

static const struct {
  const char *title;
  int         width;
} columns[N_COLUMNS] = {
  [NAME] = { "Name", 0 },      [TYPE] = { "Type", 86 },    [SHAPE] = { "Shape", 80 },
  [MIN] = { "Min", 74 },       [MAX] = { "Max", 74 },      [MEAN] = { "Mean", 78 },
  [STD] = { "Std", 74 },       [ZEROS] = { "Zeros", 66 },  [HISTOGRAM] = { "Histogram", 108 },
  [CHANGE] = { "Change from B", 172 },
};

#define MOST_FIGURES 9 /* characters of a number that a column shows whole */

/* ---- what stands in a cell ---- */

static double
column_number (const GwVariableRow *row,
               Column               column)
{
  switch (column)
    {
    case SHAPE: return (double) gw_shape_elements (&row->shape);
    case MIN: return row->stats.min;
    case MAX: return row->stats.max;
    case MEAN: return row->stats.mean;
    case STD: return row->stats.stddev;
    case ZEROS: return row->stats.count > 0 ? 100.0 * (double) row->stats.zero / (double) row->stats.count : NAN;
    case CHANGE: return row->change;
    default: return NAN;
    }
}

static gboolean
has_figures (const GwVariableRow *row)
{
  return row->ready && row->problem == NULL && row->dtype != GW_STRING;
}

/* As many figures as the column has room for: a small negative number has one less. */
static char *
figure_text (double number)
{
  char buffer[GW_NUMBER_TEXT_SIZE];
  const char *text = gw_number_text (buffer, number);

  return g_strdup (g_utf8_strlen (text, -1) > MOST_FIGURES ? gw_number_text_digits (buffer, number, 3) : text);
}

static char *
cell_text (const GwVariableRow *row,
           Column               column)
{
  double number = column_number (row, column);

  switch (column)
    {
    case NAME: return g_strdup (row->name);
    case SHAPE: return gw_shape_to_label (&row->shape);
    case ZEROS: return has_figures (row) && !isnan (number) ? g_strdup_printf ("%.1f %%", number) : g_strdup ("");
    default: break;
    }
  if (!has_figures (row) || row->stats.count == 0)
    return g_strdup ("");
  return figure_text (number);
}

static void
draw_bins (GwChartPen *pen,
           double      width,
           double      height,
           gpointer    data)
{
  GtkListItem *item = data;
  GwVariableRow *row = gtk_list_item_get_item (item);
  double step = width / GW_VARIABLE_BINS;
  int64_t most = 0;

  if (row == NULL || !has_figures (row) || isnan (row->stats.min))
    return;
  for (int i = 0; i < GW_VARIABLE_BINS; i++)
    most = MAX (most, row->bins[i]);
  gw_chart_pen_color (pen, gw_chart_theme_run (pen->theme, 0).color, 1);
  if (row->stats.min == row->stats.max)
    cairo_rectangle (pen->cr, floor (width / 2) - 1, 1, 2, height - 2);
  else
    for (int i = 0; i < GW_VARIABLE_BINS && most > 0; i++)
      if (row->bins[i] > 0)
        {
          double tall = MAX (1, (height - 3) * (double) row->bins[i] / (double) most);

          cairo_rectangle (pen->cr, i * step, height - 1 - tall, step > 3 ? step - 1 : step, tall);
        }
  cairo_fill (pen->cr);
  gw_chart_pen_color (pen, pen->theme->axis, 1);
  cairo_rectangle (pen->cr, 0, height - 1, width, 1);
  cairo_fill (pen->cr);
}

static void
draw_change (GwChartPen *pen,
             double      width,
             double      height,
             gpointer    data)
{
  GtkListItem *item = data;
  GwVariableRow *row = gtk_list_item_get_item (item);

  if (row != NULL && row->ready && !isnan (row->change))
    gw_chart_draw_change (pen, 0, 0, width, height, row->change);
}

/* ---- cells ---- */

/* Widgets of a cell: those that its column has. */
typedef struct {
  GtkWidget *label, *note, *area, *glyph;
  gulong     handler;
} Cell;

static void
show_change (const GwVariableRow *row,
             Cell                *cell)
{
  g_autofree char *number = NULL, *note = NULL;
  char buffer[GW_NUMBER_TEXT_SIZE], other[GW_NUMBER_TEXT_SIZE];
  gboolean only = row->in_a != row->in_b;

  gtk_widget_set_visible (cell->area, row->ready && !isnan (row->change));
  if (row->ready && !isnan (row->change))
    number = g_strdup (isinf (row->change) ? "B is 0" : gw_number_text_digits (buffer, row->change, 3));
  if (only)
    note = g_strdup (row->in_a ? "only in A" : "only in B");
  else if (row->other_shape)
    note = g_strdup ("other shape");
  else if (row->ready && !isnan (row->scalar_b) && row->change != 0)
    note = g_strdup_printf ("was %s", gw_number_text (other, row->scalar_b));
  gtk_label_set_label (GTK_LABEL (cell->label), number != NULL ? number : "");
  gtk_label_set_label (GTK_LABEL (cell->note), note != NULL ? note : "");
  gtk_widget_remove_css_class (cell->note, "gw-fine");
  gtk_widget_remove_css_class (cell->note, "gw-dim");
  gtk_widget_add_css_class (cell->note, only ? "gw-fine" : "gw-dim");
}

static void
show_cell (GtkListItem *item)
{
  Cell *cell = g_object_get_data (G_OBJECT (item), "cell");
  Column column = (Column) GPOINTER_TO_INT (g_object_get_data (G_OBJECT (item), "column"));
  GwVariableRow *row = gtk_list_item_get_item (item);
  g_autofree char *text = NULL;

  if (column == CHANGE)
    show_change (row, cell);
  else if (column == TYPE)
    {
      gw_dtype_glyph_set (cell->glyph, gw_dtype_name (row->dtype));
      gtk_label_set_label (GTK_LABEL (cell->label), gw_dtype_name (row->dtype));
    }
  else if (cell->label != NULL)
    {
      text = cell_text (row, column);
      gtk_label_set_label (GTK_LABEL (cell->label), text);
    }
  if (column == NAME)
    {
      gw_set_tooltip (cell->label, row->problem != NULL ? row->problem : row->name);
      gw_set_class (cell->label, "gw-wrong", row->problem != NULL);
    }
  if (cell->area != NULL)
    gtk_widget_queue_draw (cell->area);
}

static GtkWidget *
number_label (const char *classes)
{
  GtkWidget *label = gw_text_new ("", classes);

  gtk_label_set_xalign (GTK_LABEL (label), 1);
  return label;
}

static GtkWidget *
make_change (GtkListItem *item,
             Cell        *cell)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  cell->area = gw_area_new (52, 13, draw_change, item);
  gtk_widget_set_valign (cell->area, GTK_ALIGN_CENTER);
  cell->label = gw_text_new ("", "gw-figures");
  cell->note = gw_text_new ("", "gw-small");
  gtk_label_set_width_chars (GTK_LABEL (cell->label), 6);
  gtk_label_set_xalign (GTK_LABEL (cell->label), 1);
  gtk_label_set_ellipsize (GTK_LABEL (cell->note), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (cell->note, TRUE);
  gtk_label_set_xalign (GTK_LABEL (cell->note), 1);
  gtk_box_append (GTK_BOX (box), cell->area);
  gtk_box_append (GTK_BOX (box), cell->label);
  gtk_box_append (GTK_BOX (box), cell->note);
  return box;
}

static GtkWidget *
make_type (Cell *cell)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  cell->glyph = gw_dtype_glyph_new (NULL);
  cell->label = gw_text_new ("", "gw-soft");
  gtk_box_append (GTK_BOX (box), cell->glyph);
  gtk_box_append (GTK_BOX (box), cell->label);
  return box;
}

static void
on_setup (GtkListItemFactory *factory,
          GtkListItem        *item,
          gpointer            data)
{
  Column column = (Column) GPOINTER_TO_INT (data);
  Cell *cell = g_new0 (Cell, 1);
  GtkWidget *child;

  g_object_set_data_full (G_OBJECT (item), "cell", cell, g_free);
  g_object_set_data (G_OBJECT (item), "column", data);
  if (column == CHANGE)
    child = make_change (item, cell);
  else if (column == TYPE)
    child = make_type (cell);
  else if (column == HISTOGRAM)
    {
      child = cell->area = gw_area_new (88, 20, draw_bins, item);
      gtk_widget_set_valign (child, GTK_ALIGN_CENTER);
    }
  else if (column == NAME)
    child = cell->label = gw_cut_text_new ("", NULL);
  else
    child = cell->label = number_label (column == ZEROS ? "gw-figures gw-soft" : "gw-figures");
  gtk_list_item_set_child (item, child);
}

static void
on_bind (GtkListItemFactory *factory,
         GtkListItem        *item,
         gpointer            data)
{
  Cell *cell = g_object_get_data (G_OBJECT (item), "cell");

  cell->handler = g_signal_connect_swapped (gtk_list_item_get_item (item), "changed", G_CALLBACK (show_cell), item);
  show_cell (item);
}

static void
on_unbind (GtkListItemFactory *factory,
           GtkListItem        *item,
           gpointer            data)
{
  Cell *cell = g_object_get_data (G_OBJECT (item), "cell");

  g_signal_handler_disconnect (gtk_list_item_get_item (item), cell->handler);
}

/* ---- order and filter ---- */

static int
compare_numbers (double x,
                 double y)
{
  if (isnan (x) || isnan (y))
    return isnan (x) && isnan (y) ? 0 : isnan (x) ? -1 : 1;
  return x < y ? -1 : x > y;
}

static int
compare_rows (gconstpointer a,
              gconstpointer b,
              gpointer      data)
{
  const GwVariableRow *x = a, *y = b;
  Column column = (Column) GPOINTER_TO_INT (data);
  int order;

  if (column == NAME)
    return strcmp (x->name, y->name);
  if (column == TYPE)
    order = strcmp (gw_dtype_name (x->dtype), gw_dtype_name (y->dtype));
  else
    order = compare_numbers (column_number (x, column), column_number (y, column));
  return order != 0 ? order : strcmp (y->name, x->name);
}

static gboolean
passes (gpointer item,
        gpointer data)
{
  GwCheckpointsTable *self = data;
  GwVariableRow *row = item;

  if (self->kind == GW_VARIABLES_TRAINABLE && row->kind != GW_VARIABLE_TRAINABLE)
    return FALSE;
  if (self->kind == GW_VARIABLES_SLOTS && row->kind != GW_VARIABLE_SLOT)
    return FALSE;
  return self->text == NULL || *self->text == '\0' || strcasestr (row->name, self->text) != NULL;
}

/* ---- the view ---- */

static GtkColumnViewColumn *
add_column (GwCheckpointsTable *self,
            Column              column)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkColumnViewColumn *view_column = gtk_column_view_column_new (columns[column].title, factory);
  g_autoptr (GtkSorter) sorter = NULL;

  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), GINT_TO_POINTER (column));
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (on_unbind), NULL);
  if (column != HISTOGRAM)
    {
      sorter = GTK_SORTER (gtk_custom_sorter_new (compare_rows, GINT_TO_POINTER (column), NULL));
      gtk_column_view_column_set_sorter (view_column, sorter);
    }
  if (columns[column].width > 0)
    gtk_column_view_column_set_fixed_width (view_column, columns[column].width);
  else
    gtk_column_view_column_set_expand (view_column, TRUE);
  gtk_column_view_append_column (GTK_COLUMN_VIEW (self->view), view_column);
  return view_column;
}

/* The heads of figures stand at the right, as the figures do; the view has no
 * property for it. */
static void
align_heads (GtkWidget *view)
{
  GtkWidget *title = gtk_widget_get_first_child (gtk_widget_get_first_child (view));

  for (int i = 0; title != NULL; i++, title = gtk_widget_get_next_sibling (title))
    if (i >= SHAPE && i <= ZEROS && gtk_widget_get_first_child (title) != NULL)
      gtk_widget_set_halign (gtk_widget_get_first_child (title), GTK_ALIGN_END);
}

static void
on_selection (GtkSingleSelection *selection,
              GParamSpec         *pspec,
              gpointer            data)
{
  GwCheckpointsTable *self = data;
  GwVariableRow *row = gtk_single_selection_get_selected_item (selection);

  if (!self->selecting && row != NULL)
    g_signal_emit (self, signals[SELECTED], 0, row->name);
}

static void
on_shown (GwCheckpointsTable *self)
{
  g_signal_emit (self, signals[SHOWN], 0);
}

static void
on_rows (GwCheckpointsTable *self)
{
  self->filled = FALSE;
  if (self->wanted != NULL)
    {
      g_autofree char *wanted = g_steal_pointer (&self->wanted);

      gw_checkpoints_table_select (self, wanted);
    }
}

static gboolean
to_top (gpointer data)
{
  GwCheckpointsTable *self = data;
  GtkWidget *scrolled = gtk_widget_get_first_child (GTK_WIDGET (self));

  if (scrolled != NULL)
    gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled)), 0);
  return G_SOURCE_REMOVE;
}

static void
on_progress (GwCheckpointsTable *self)
{
  gboolean filled = gw_checkpoint_store_n_ready (self->store) ==
                    g_list_model_get_n_items (gw_checkpoint_store_get_rows (self->store));

  /* Rows find their place once, when all figures are there: they would jump else. */
  if (filled)
    gtk_sorter_changed (gtk_column_view_get_sorter (GTK_COLUMN_VIEW (self->view)), GTK_SORTER_CHANGE_DIFFERENT);
  if (filled && !self->filled)
    g_timeout_add_full (G_PRIORITY_DEFAULT, 60, to_top, g_object_ref (self), g_object_unref);
  self->filled = filled;
}

static void
make_model (GwCheckpointsTable *self)
{
  GtkSorter *sorter = g_object_ref (gtk_column_view_get_sorter (GTK_COLUMN_VIEW (self->view)));
  GListModel *rows = g_object_ref (gw_checkpoint_store_get_rows (self->store));

  self->filter = GTK_FILTER (gtk_custom_filter_new (passes, self, NULL));
  self->filtered = gtk_filter_list_model_new (rows, g_object_ref (self->filter));
  self->selection = gtk_single_selection_new (
    G_LIST_MODEL (gtk_sort_list_model_new (G_LIST_MODEL (g_object_ref (self->filtered)), sorter)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_column_view_set_model (GTK_COLUMN_VIEW (self->view), GTK_SELECTION_MODEL (self->selection));
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (on_selection), self, 0);
  g_signal_connect_object (self->filtered, "items-changed", G_CALLBACK (on_shown), self, G_CONNECT_SWAPPED);
}

void
gw_checkpoints_table_set_compare (GwCheckpointsTable *self,
                                  gboolean            compare)
{
  gboolean there = gtk_column_view_column_get_column_view (self->change_column) != NULL;

  /* A column that only hides keeps its width. */
  if (compare && !there)
    gtk_column_view_append_column (GTK_COLUMN_VIEW (self->view), self->change_column);
  else if (!compare && there)
    gtk_column_view_remove_column (GTK_COLUMN_VIEW (self->view), self->change_column);
  gtk_column_view_sort_by_column (GTK_COLUMN_VIEW (self->view), NULL, GTK_SORT_ASCENDING); /* forgets earlier orders */
  gtk_column_view_sort_by_column (GTK_COLUMN_VIEW (self->view), compare ? self->change_column : self->name_column,
                                  compare ? GTK_SORT_DESCENDING : GTK_SORT_ASCENDING);
}

void
gw_checkpoints_table_set_filter (GwCheckpointsTable *self,
                                 GwVariablesFilter   filter,
                                 const char         *text)
{
  g_free (self->text);
  self->text = g_strdup (text);
  self->kind = filter;
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  g_signal_emit (self, signals[SHOWN], 0);
}

guint
gw_checkpoints_table_n_shown (GwCheckpointsTable *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->filtered));
}

void
gw_checkpoints_table_select (GwCheckpointsTable *self,
                             const char         *name)
{
  GListModel *model = G_LIST_MODEL (self->selection);
  guint n = g_list_model_get_n_items (model), found = n > 0 ? 0 : GTK_INVALID_LIST_POSITION;

  if (n == 0)
    {
      g_free (self->wanted);
      self->wanted = g_strdup (name);
      return;
    }
  for (guint i = 0; i < n && name != NULL; i++)
    {
      g_autoptr (GwVariableRow) row = g_list_model_get_item (model, i);

      if (strcmp (row->name, name) == 0)
        found = i;
    }
  gtk_single_selection_set_selected (self->selection, found);
}

/* ---- object ---- */

static void
gw_checkpoints_table_dispose (GObject *object)
{
  GwCheckpointsTable *self = GW_CHECKPOINTS_TABLE (object);
  GtkWidget *child;

  self->selecting = TRUE;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  if (self->selection != NULL)
    g_signal_handlers_disconnect_by_data (self->selection, self);
  if (self->filtered != NULL)
    g_signal_handlers_disconnect_by_data (self->filtered, self);
  g_clear_object (&self->selection);
  g_clear_object (&self->filtered);
  g_clear_object (&self->filter);
  g_clear_object (&self->store);
  g_clear_object (&self->change_column);
  g_clear_pointer (&self->text, g_free);
  g_clear_pointer (&self->wanted, g_free);
  G_OBJECT_CLASS (gw_checkpoints_table_parent_class)->dispose (object);
}

static void
gw_checkpoints_table_class_init (GwCheckpointsTableClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gw_checkpoints_table_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[SELECTED] = g_signal_new ("selected", GW_TYPE_CHECKPOINTS_TABLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                    G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SHOWN] = g_signal_new ("shown", GW_TYPE_CHECKPOINTS_TABLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
gw_checkpoints_table_init (GwCheckpointsTable *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  self->view = gtk_column_view_new (NULL);
  gw_add_classes (self->view, "gw-variables");
  gtk_column_view_set_reorderable (GTK_COLUMN_VIEW (self->view), FALSE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->view);
  gtk_widget_set_vexpand (scrolled, TRUE);
  gtk_widget_set_parent (scrolled, GTK_WIDGET (self));
}

GtkWidget *
gw_checkpoints_table_new (GwCheckpointStore *store)
{
  GwCheckpointsTable *self = g_object_new (GW_TYPE_CHECKPOINTS_TABLE, NULL);

  self->store = g_object_ref (store);
  make_model (self);
  for (Column i = 0; i < N_COLUMNS; i++)
    {
      GtkColumnViewColumn *column = add_column (self, i);

      if (i == NAME)
        self->name_column = column;
      if (i == CHANGE)
        self->change_column = g_object_ref (column);
      g_object_unref (column); /* the view has it */
    }
  align_heads (self->view);
  gw_checkpoints_table_set_compare (self, FALSE);
  g_signal_connect_object (store, "rows-changed", G_CALLBACK (on_rows), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (store, "progress", G_CALLBACK (on_progress), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
