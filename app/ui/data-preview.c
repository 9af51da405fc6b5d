/* SPDX-License-Identifier: Apache-2.0 */
/* The middle of the Data page: rows as pictures or as a table, how often each class
 * occurs, and what each column holds. */
#include "app/ui/data-private.h"

#include <math.h>

#include "widgets/charts/dtype-glyph.h"
#include "widgets/charts/tensor-views.h"
#include "widgets/paint/number-text.h"

#define MAX_PICTURES 48
#define TABLE_ROWS 200
#define TABLE_COLUMNS 40
#define MAX_CLASSES 20

struct _GwDataPreview {
  GwDataPage *page;
  GtkWidget  *splits[2], *count, *place, *previous, *next, *stack, *pictures, *table, *error, *message;
  GtkWidget  *balance, *balance_title, *columns, *foot;
  int64_t     first;       /* row of the split that is shown first */
  guint       shown;       /* pictures set */
  const void *shown_view;  /* the data that is on view, to be compared only */
  GwSplit     shown_split;
};

static const GwSplitView *
split_of (GwDataPreview *self)
{
  GwDataView *view = gw_dataset_loader_get_view (self->page->loader);

  return view != NULL ? &view->splits[self->page->split] : NULL;
}

/* The first column of pictures, and the first of classes (which names of rows are not);
 * -1 = none. */
static int
picture_column (const GwTable *table)
{
  for (int i = 0; i < table->n_columns; i++)
    {
      const GwShape *shape = &table->columns[i].tensor->shape;
      GwShape row = gw_shape_from_dims (shape->rank - 1, shape->dims + 1);
      int height, width, channels;

      if (gw_row_shape_is_picture (&row, &height, &width, &channels))
        return i;
    }
  return -1;
}

static int
class_column (const GwSplitView *split)
{
  int found = -1;

  for (int i = 0; i < split->table->n_columns; i++)
    if (split->columns[i].n_classes > 1 && split->columns[i].n_classes <= 200 &&
        2 * split->columns[i].n_classes <= split->n_rows &&
        (found < 0 || (split->table->columns[found].classes == NULL && split->table->columns[i].classes != NULL)))
      found = i;
  return found;
}

/* ---- pictures ---- */

/* Fills items with pictures of rows from self->first on; *pixels holds them all. */
static guint
fill_pictures (GwDataPreview     *self,
               const GwSplitView *split,
               int                column,
               GwImageItem       *items,
               guint8           **pixels,
               GPtrArray         *captions)
{
  const GwTensor *tensor = split->table->columns[column].tensor;
  GwShape row = gw_shape_from_dims (tensor->shape.rank - 1, tensor->shape.dims + 1);
  const GwTensorStats *stats = &split->columns[column].stats;
  gboolean bytes = tensor->dtype == GW_UINT8;
  int label = class_column (split), height, width, channels;
  guint n = (guint) MIN (MAX_PICTURES, split->n_rows - self->first);
  gsize size;

  gw_row_shape_is_picture (&row, &height, &width, &channels);
  size = (gsize) height * (gsize) width * (gsize) channels;
  n = (guint) MIN (n, MAX (1, ((gsize) 64 << 20) / size));
  *pixels = g_try_malloc (size * MAX (n, 1));
  if (*pixels == NULL)
    return 0;
  for (guint i = 0; i < n; i++)
    {
      int64_t r = split->rows[self->first + i];

      gw_tensor_to_pixels (tensor, r * (int64_t) size, (int64_t) size, bytes ? 0 : stats->min, bytes ? 255 : stats->max,
                           *pixels + i * size);
      g_ptr_array_add (captions, label >= 0 ? gw_table_cell_to_string (split->table, r, label, 1) : NULL);
      items[i] = (GwImageItem) { (guint) width, (guint) height, (guint) channels, *pixels + i * size,
                                 g_ptr_array_index (captions, i), FALSE };
    }
  return n;
}

static void
show_pictures (GwDataPreview     *self,
               const GwSplitView *split,
               int                column)
{
  g_autofree GwImageItem *items = g_new0 (GwImageItem, MAX_PICTURES);
  g_autoptr (GPtrArray) captions = g_ptr_array_new_with_free_func (g_free);
  g_autofree guint8 *pixels = NULL;

  self->shown = fill_pictures (self, split, column, items, &pixels, captions);
  gw_image_grid_set (gw_image_grid_view_get_image_grid (GW_IMAGE_GRID_VIEW (self->pictures)), items, self->shown);
  gw_chart_area_changed (GW_CHART_AREA (self->pictures));
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "pictures");
}

/* Rows that one look shows. */
static int64_t
page_size (GwDataPreview *self)
{
  GtkWidget *widget = self->pictures;
  GwImageGrid *grid = gw_image_grid_view_get_image_grid (GW_IMAGE_GRID_VIEW (widget));
  guint capacity;

  if (g_strcmp0 (gtk_stack_get_visible_child_name (GTK_STACK (self->stack)), "pictures") != 0)
    return TABLE_ROWS;
  if (gtk_widget_get_width (widget) <= 0)
    return 1;
  capacity = gw_image_grid_capacity (grid, gw_chart_area_measure (GW_CHART_AREA (widget)),
                                     gtk_widget_get_width (widget), gtk_widget_get_height (widget));
  return CLAMP (capacity, 1, MAX_PICTURES);
}

static void
on_picked (GtkWidget *view,
           int        index,
           gpointer   data)
{
  GwDataPreview *self = data;

  if (index < 0)
    return;
  gw_data_page_set_row (self->page, self->first + index);
  gw_data_page_show (self->page, GW_DATA_PREDICT);
}

/* ---- table ---- */

static void
on_cell_setup (GtkListItemFactory *factory,
               GtkListItem        *item,
               gpointer            data)
{
  GtkWidget *label = gw_text_new ("", GPOINTER_TO_INT (data) < 0 ? "gw-figures gw-soft" : "gw-figures");

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_list_item_set_child (item, label);
}

static void
on_cell_bind (GtkListItemFactory *factory,
              GtkListItem        *item,
              gpointer            data)
{
  GwDataView *view = g_object_get_data (G_OBJECT (factory), "view");
  const GwSplitView *split = &view->splits[GPOINTER_TO_INT (g_object_get_data (G_OBJECT (factory), "split"))];
  int column = GPOINTER_TO_INT (data);
  int64_t row = g_ascii_strtoll (gtk_string_object_get_string (gtk_list_item_get_item (item)), NULL, 10);
  g_autofree char *text = NULL;

  if (column < 0)
    text = g_strdup_printf ("%" G_GINT64_FORMAT, (gint64) row);
  else
    text = gw_table_cell_to_string (split->table, split->rows[row], column, 6);
  gtk_label_set_label (GTK_LABEL (gtk_list_item_get_child (item)), text);
}

static void
add_table_column (GwDataPreview *self,
                  const char    *title,
                  int            column)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkColumnViewColumn *view_column = gtk_column_view_column_new (title, factory);

  g_object_set_data_full (G_OBJECT (factory), "view", gw_data_view_ref (gw_dataset_loader_get_view (self->page->loader)),
                          (GDestroyNotify) gw_data_view_unref);
  g_object_set_data (G_OBJECT (factory), "split", GINT_TO_POINTER (self->page->split));
  g_signal_connect (factory, "setup", G_CALLBACK (on_cell_setup), GINT_TO_POINTER (column));
  g_signal_connect (factory, "bind", G_CALLBACK (on_cell_bind), GINT_TO_POINTER (column));
  gtk_column_view_column_set_resizable (view_column, TRUE);
  gtk_column_view_column_set_expand (view_column, column >= 0);
  gtk_column_view_append_column (GTK_COLUMN_VIEW (self->table), view_column);
  g_object_unref (view_column);
}

static void
show_table (GwDataPreview     *self,
            const GwSplitView *split)
{
  GListModel *old = gtk_column_view_get_columns (GTK_COLUMN_VIEW (self->table));
  GtkStringList *rows = gtk_string_list_new (NULL);

  gtk_column_view_set_model (GTK_COLUMN_VIEW (self->table), NULL);
  while (g_list_model_get_n_items (old) > 0)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (old, 0);

      gtk_column_view_remove_column (GTK_COLUMN_VIEW (self->table), column);
    }
  add_table_column (self, "Row", -1);
  for (int i = 0; i < MIN (split->table->n_columns, TABLE_COLUMNS); i++)
    add_table_column (self, split->table->columns[i].name, i);
  for (int64_t r = self->first; r < MIN (self->first + TABLE_ROWS, split->n_rows); r++)
    {
      g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, (gint64) r);

      gtk_string_list_append (rows, number);
    }
  {
    g_autoptr (GtkSelectionModel) selection = GTK_SELECTION_MODEL (gtk_single_selection_new (G_LIST_MODEL (rows)));

    gtk_column_view_set_model (GTK_COLUMN_VIEW (self->table), selection);
  }
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "table");
}

static void
on_row_activated (GtkColumnView *table,
                  guint          position,
                  gpointer       data)
{
  GwDataPreview *self = data;

  gw_data_page_set_row (self->page, self->first + position);
  gw_data_page_show (self->page, GW_DATA_PREDICT);
}

/* ---- class balance ---- */

#define BAR_ROW 17

static int
balance_rows (const GwSplitView *split,
              int                column)
{
  return column < 0 ? 0 : MIN (split->columns[column].n_classes, MAX_CLASSES);
}

static void
draw_balance (GwChartPen *pen,
              double      width,
              double      height,
              gpointer    data)
{
  GwDataPreview *self = data;
  const GwSplitView *split = split_of (self);
  int column = split != NULL ? class_column (split) : -1, n = split != NULL ? balance_rows (split, column) : 0;
  char *const *names = column >= 0 ? split->table->columns[column].classes : NULL;
  char text[GW_NUMBER_TEXT_SIZE], number[24];
  double left = 0, right = 96, row = n > 0 ? height / n : 0;
  int64_t most = 1;

  for (int i = 0; i < n; i++)
    {
      most = MAX (most, split->columns[column].counts[i]);
      if (names != NULL)
        left = MAX (left, gw_chart_pen_text_width (pen, names[i], 11, GW_TEXT_PLAIN));
    }
  left = CLAMP (left + 10, 30, width * 0.3);
  for (int i = 0; i < n; i++)
    {
      int64_t count = split->columns[column].counts[i];
      double y = i * row;

      g_snprintf (number, sizeof number, "%d", i);
      gw_chart_pen_color (pen, pen->theme->text, 1);
      gw_chart_pen_text (pen, names != NULL ? names[i] : number, 11, GW_TEXT_PLAIN, left - 8, y + row / 2, 1, 0.5, left - 8);
      gw_chart_pen_color (pen, gw_chart_theme_run (pen->theme, 0).color, 0.85);
      cairo_rectangle (pen->cr, left, y + 2, MAX (1, (width - left - right) * (double) count / (double) most), row - 5);
      cairo_fill (pen->cr);
      gw_chart_pen_color (pen, pen->theme->dim_text, 1);
      gw_chart_pen_text (pen, gw_number_text_count (text, count), 11, GW_TEXT_PLAIN,
                         left + (width - left - right) * (double) count / (double) most + 6, y + row / 2, 0, 0.5, right);
    }
}

static void
show_balance (GwDataPreview     *self,
              const GwSplitView *split)
{
  int column = split != NULL ? class_column (split) : -1, n = split != NULL ? balance_rows (split, column) : 0;
  g_autofree char *title = NULL;

  if (n > 0 && split->columns[column].n_classes > n)
    title = g_strdup_printf ("Classes of %s, the first %d of %d", split->table->columns[column].name, n,
                             split->columns[column].n_classes);
  else if (n > 0)
    title = g_strdup_printf ("Classes of %s", split->table->columns[column].name);
  gtk_label_set_label (GTK_LABEL (self->balance_title), title != NULL ? title : "");
  gtk_widget_set_visible (self->balance_title, n > 0);
  gtk_widget_set_visible (self->balance, n > 0);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (self->balance), n * BAR_ROW);
  gtk_widget_queue_draw (self->balance);
}

/* ---- what the columns hold ---- */

static void
attach (GtkWidget  *grid,
        const char *text,
        const char *classes,
        int         column,
        int         row,
        double      align)
{
  GtkWidget *label = gw_text_new (text, classes);

  gtk_label_set_xalign (GTK_LABEL (label), (float) align);
  gtk_grid_attach (GTK_GRID (grid), label, column, row, 1, 1);
}

static void
attach_figures (GwDataPreview      *self,
                const GwColumnView *view,
                int64_t             missing,
                int                 row)
{
  const double figures[] = { view->stats.min, view->stats.max, view->stats.mean, view->stats.stddev };
  char text[GW_NUMBER_TEXT_SIZE];

  for (int i = 0; i < 4; i++)
    attach (self->columns, view->has_stats ? gw_number_text (text, figures[i]) : "", "gw-figures", 4 + i, row, 1);
  attach (self->columns, missing > 0 ? gw_number_text_count (text, missing) : "none", "gw-figures gw-soft", 8, row, 1);
}

static void
attach_column (GwDataPreview     *self,
               const GwSplitView *split,
               int                i,
               int                row)
{
  const GwTableColumn *column = &split->table->columns[i];
  const GwShape *whole = &column->tensor->shape;
  GwShape shape = gw_shape_from_dims (whole->rank - 1, whole->dims + 1);
  g_autofree char *label = gw_shape_to_label (&shape), *kind = NULL;
  GtkWidget *name = gw_cut_text_new (column->name, NULL);

  gtk_grid_attach (GTK_GRID (self->columns), gw_dtype_glyph_new (gw_dtype_name (column->tensor->dtype)), 0, row, 1, 1);
  gtk_widget_set_hexpand (name, TRUE);
  gtk_label_set_width_chars (GTK_LABEL (name), 10);
  gtk_grid_attach (GTK_GRID (self->columns), name, 1, row, 1, 1);
  kind = column->classes != NULL ? g_strdup_printf ("%s, %u words", gw_dtype_name (column->tensor->dtype),
                                                    g_strv_length (column->classes))
                                 : g_strdup (gw_dtype_name (column->tensor->dtype));
  attach (self->columns, kind, "gw-soft", 2, row, 0);
  attach (self->columns, label, "gw-figures", 3, row, 1);
  attach_figures (self, &split->columns[i], column->n_missing, row);
}

static void
show_columns (GwDataPreview     *self,
              const GwSplitView *split)
{
  static const char *const heads[] = { "", "Column", "Type", "Shape", "Min", "Max", "Mean", "Std", "Missing" };
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->columns)) != NULL)
    gtk_grid_remove (GTK_GRID (self->columns), child);
  if (split == NULL)
    return;
  for (int i = 0; i < (int) G_N_ELEMENTS (heads); i++)
    attach (self->columns, heads[i], "gw-caption", i, 0, i < 3 ? 0 : 1);
  for (int i = 0; i < MIN (split->table->n_columns, TABLE_COLUMNS); i++)
    attach_column (self, split, i, i + 1);
}

/* ---- all of it ---- */

static void
show_place (GwDataPreview     *self,
            const GwSplitView *split)
{
  char count[GW_NUMBER_TEXT_SIZE], from[GW_NUMBER_TEXT_SIZE], to[GW_NUMBER_TEXT_SIZE];
  g_autofree char *text = NULL, *rows = NULL;
  int64_t size, last;

  gtk_widget_set_sensitive (self->previous, split != NULL && self->first > 0);
  gtk_widget_set_sensitive (self->next, FALSE);
  if (split == NULL)
    {
      gtk_label_set_label (GTK_LABEL (self->count), "");
      gtk_label_set_label (GTK_LABEL (self->place), "");
      return;
    }
  size = page_size (self);
  last = MIN (self->first + size, split->n_rows);
  rows = g_strdup_printf ("%s rows", gw_number_text_count (count, split->n_rows));
  gtk_label_set_label (GTK_LABEL (self->count), rows);
  text = g_strdup_printf ("%s – %s", gw_number_text_count (from, self->first), gw_number_text_count (to, MAX (0, last - 1)));
  gtk_label_set_label (GTK_LABEL (self->place), text);
  gtk_widget_set_sensitive (self->next, last < split->n_rows);
}

static void
show_rows (GwDataPreview     *self,
           const GwSplitView *split)
{
  int column = picture_column (split->table);

  self->first = CLAMP (self->first, 0, MAX (0, split->n_rows - 1));
  if (column >= 0)
    show_pictures (self, split, column);
  else
    show_table (self, split);
  show_place (self, split);
}

static void
show_error (GwDataPreview *self,
            const GError  *error)
{
  gw_box_clear (self->error);
  gtk_box_append (GTK_BOX (self->error), gw_data_error_new (self->page, error));
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "error");
}

void
gw_data_preview_update (GwDataPreview *self)
{
  GwDataView *view = gw_dataset_loader_get_view (self->page->loader);
  const GError *error = gw_dataset_loader_get_error (self->page->loader);
  const GwSplitView *split = split_of (self);

  if (view != NULL && view == self->shown_view && self->shown_split == self->page->split)
    return;
  self->shown_view = view;
  self->shown_split = self->page->split;
  self->first = 0;
  if (error != NULL)
    show_error (self, error);
  else if (split == NULL)
    gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "message");
  else
    show_rows (self, split);
  show_place (self, split);
  show_balance (self, split);
  show_columns (self, split);
  gtk_widget_set_visible (self->foot, split != NULL);
}

static void
on_split (GwDataPreview *self)
{
  GwSplit split = gw_segments_get (self->splits, 2) == 0 ? GW_SPLIT_TRAIN : GW_SPLIT_TEST;

  if (split == self->page->split || self->page->preview == NULL)
    return;
  self->page->split = split;
  self->page->row = 0;
  gw_data_preview_update (self);
  gw_data_predict_update (self->page->predict);
}

static void
turn (GwDataPreview *self,
      int            direction)
{
  const GwSplitView *split = split_of (self);

  if (split == NULL)
    return;
  self->first = MAX (0, self->first + direction * page_size (self));
  show_rows (self, split);
}

static void
on_previous (GwDataPreview *self)
{
  turn (self, -1);
}

static void
on_next (GwDataPreview *self)
{
  turn (self, 1);
}

static gboolean
place_later (gpointer data)
{
  GwDataPreview *self = g_object_get_data (data, "preview");

  show_place (self, split_of (self));
  return G_SOURCE_REMOVE;
}

/* How many pictures fit is known when the view has its size. */
static void
on_pictures_mapped (GtkWidget *pictures,
                    gpointer   data)
{
  g_timeout_add_full (G_PRIORITY_LOW, 100, place_later, g_object_ref (data), g_object_unref);
}

static GtkWidget *
make_head (GwDataPreview *self)
{
  static const char *const names[] = { "Train", "Test", NULL };
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  gtk_box_append (GTK_BOX (head), gw_segments_new (names, self->splits, G_CALLBACK (on_split), self));
  self->count = gw_text_new ("", "gw-dim gw-number");
  gtk_widget_set_hexpand (self->count, TRUE);
  gtk_box_append (GTK_BOX (head), self->count);
  self->place = gw_text_new ("", "gw-dim gw-number");
  self->previous = gw_button_new ("go-previous-symbolic", NULL, "flat");
  self->next = gw_button_new ("go-next-symbolic", NULL, "flat");
  gtk_widget_set_tooltip_text (self->previous, "Rows before these");
  gtk_widget_set_tooltip_text (self->next, "Rows after these");
  gw_data_page_connect (self->page, self->previous, "clicked", G_CALLBACK (on_previous), self, G_CONNECT_SWAPPED);
  gw_data_page_connect (self->page, self->next, "clicked", G_CALLBACK (on_next), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (head), self->previous);
  gtk_box_append (GTK_BOX (head), self->place);
  gtk_box_append (GTK_BOX (head), self->next);
  gw_add_classes (head, "gw-page-head");
  return head;
}

static GtkWidget *
make_rows (GwDataPreview *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new (), *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->pictures = gw_image_grid_view_new ();
  gw_data_page_connect (self->page, self->pictures, "picked", G_CALLBACK (on_picked), self, 0);
  gtk_widget_set_margin_start (self->pictures, 10);
  gtk_widget_set_margin_end (self->pictures, 10);
  gtk_widget_set_margin_top (self->pictures, 10);
  gtk_widget_set_margin_bottom (self->pictures, 6);
  self->table = gtk_column_view_new (NULL);
  gw_add_classes (self->table, "gw-variables");
  gtk_column_view_set_single_click_activate (GTK_COLUMN_VIEW (self->table), FALSE);
  gw_data_page_connect (self->page, self->table, "activate", G_CALLBACK (on_row_activated), self, 0);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->table);
  self->error = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_margin_start (self->error, 16);
  gtk_widget_set_margin_end (self->error, 16);
  gtk_widget_set_margin_top (self->error, 16);
  self->message = gw_text_new ("Reading the data…", "gw-dim");
  gtk_label_set_xalign (GTK_LABEL (self->message), 0.5);
  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), self->message, "message");
  gtk_stack_add_named (GTK_STACK (self->stack), self->pictures, "pictures");
  gtk_stack_add_named (GTK_STACK (self->stack), scrolled, "table");
  gtk_stack_add_named (GTK_STACK (self->stack), self->error, "error");
  gtk_widget_set_vexpand (self->stack, TRUE);
  gtk_box_append (GTK_BOX (card), self->stack);
  gtk_widget_set_overflow (card, GTK_OVERFLOW_HIDDEN);
  gw_add_classes (card, "gw-card");
  return card;
}

static GtkWidget *
make_foot (GwDataPreview *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *scrolled = gtk_scrolled_window_new ();

  self->balance_title = gw_text_new ("", "gw-bold");
  self->balance = gw_area_new (200, 100, draw_balance, self);
  self->columns = gtk_grid_new ();
  gtk_grid_set_column_spacing (GTK_GRID (self->columns), 10);
  gtk_grid_set_row_spacing (GTK_GRID (self->columns), 5);
  gtk_box_append (GTK_BOX (box), self->columns);
  gtk_widget_set_margin_bottom (self->columns, 8);
  gtk_box_append (GTK_BOX (box), self->balance_title);
  gtk_box_append (GTK_BOX (box), self->balance);
  gtk_widget_set_margin_start (box, 14);
  gtk_widget_set_margin_end (box, 14);
  gtk_widget_set_margin_top (box, 10);
  gtk_widget_set_margin_bottom (box, 10);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_AUTOMATIC, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scrolled), 290);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), box);
  gw_add_classes (scrolled, "gw-card");
  return scrolled;
}

GtkWidget *
gw_data_preview_new (GwDataPage *page)
{
  GwDataPreview *self = g_new0 (GwDataPreview, 1);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *rows, *foot;

  self->page = page;
  gtk_box_append (GTK_BOX (box), make_head (self));
  rows = make_rows (self);
  foot = self->foot = make_foot (self);
  gtk_widget_set_margin_start (rows, 16);
  gtk_widget_set_margin_end (rows, 16);
  gtk_widget_set_margin_bottom (rows, 12);
  gtk_widget_set_margin_start (foot, 16);
  gtk_widget_set_margin_end (foot, 16);
  gtk_widget_set_margin_bottom (foot, 12);
  gtk_box_append (GTK_BOX (box), rows);
  gtk_box_append (GTK_BOX (box), foot);
  gtk_widget_set_hexpand (box, TRUE);
  g_object_set_data_full (G_OBJECT (box), "preview", self, g_free);
  g_signal_connect (self->pictures, "map", G_CALLBACK (on_pictures_mapped), box);
  page->preview = self;
  return box;
}
