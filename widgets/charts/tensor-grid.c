/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of a matrix, scrolled; draws only the cells in view. */
#include "widgets/charts/tensor-grid.h"

#include <math.h>
#include <string.h>

#include "widgets/charts/widget-pen.h"
#include "widgets/paint/number-text.h"

#define CELL_WIDTH 74
#define CELL_HEIGHT 24
#define HEAD_HEIGHT 22
#define TEXT_SIZE 11
#define TINT 0.75 /* of the map's colour, so that text stays readable */

struct _GwTensorGrid
{
  GtkWidget parent_instance;

  GtkAdjustment *adjustment[2];     /* by GtkOrientation */
  GtkScrollablePolicy policy[2];

  gsize rows, columns, first_row, first_column;
  GwTensorGridCell cell;
  gpointer data;
  GDestroyNotify destroy;

  gsize selected_row, selected_column;
  gsize seen_row, seen_column, seen_rows, seen_columns; /* last "visible-changed" */
};

/* Values copied by gw_tensor_grid_set_floats(). */
typedef struct
{
  gsize columns;
  double limit;
  float values[];
} FloatSource;

enum
{
  PROP_0,
  PROP_HADJUSTMENT,
  PROP_VADJUSTMENT,
  PROP_HSCROLL_POLICY,
  PROP_VSCROLL_POLICY
};

static guint visible_changed_signal;
static guint cell_activated_signal;

G_DEFINE_FINAL_TYPE_WITH_CODE (GwTensorGrid, gw_tensor_grid, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_SCROLLABLE, NULL))

typedef struct
{
  double head_width, head_height, cell_width, cell_height;
} Cells;

static Cells
find_cells (GwTensorGrid *self)
{
  double scale = gw_widget_em (GTK_WIDGET (self)) / GW_CHART_EM;
  char last[GW_NUMBER_TEXT_SIZE];

  gw_number_text_count (last, (gint64) (self->first_row + self->rows));
  return (Cells) { ceil ((12 + 7.2 * strlen (last)) * scale), ceil (HEAD_HEIGHT * scale),
                   ceil (CELL_WIDTH * scale), ceil (CELL_HEIGHT * scale) };
}

static double
scrolled (const GwTensorGrid *self, GtkOrientation orientation)
{
  GtkAdjustment *adjustment = self->adjustment[orientation];

  return adjustment != NULL ? floor (gtk_adjustment_get_value (adjustment)) : 0;
}

void
gw_tensor_grid_get_visible_part (GwTensorGrid *self, gsize *row, gsize *column, gsize *rows,
                                 gsize *columns)
{
  g_return_if_fail (GW_IS_TENSOR_GRID (self));

  Cells cells = find_cells (self);
  double x = scrolled (self, GTK_ORIENTATION_HORIZONTAL);
  double y = scrolled (self, GTK_ORIENTATION_VERTICAL);
  double width = gtk_widget_get_width (GTK_WIDGET (self)) - cells.head_width;
  double height = gtk_widget_get_height (GTK_WIDGET (self)) - cells.head_height;

  *row = MIN (self->rows, (gsize) (y / cells.cell_height));
  *column = MIN (self->columns, (gsize) (x / cells.cell_width));
  *rows = MIN (self->rows, (gsize) ceil (MAX (0, y + height) / cells.cell_height)) - *row;
  *columns
      = MIN (self->columns, (gsize) ceil (MAX (0, x + width) / cells.cell_width)) - *column;
}

/* --- drawing --- */

static void
draw_cell (GwTensorGrid *self, GwChartPen *pen, const Cells *cells, gsize row, gsize column,
           double x, double y)
{
  char text[GW_NUMBER_TEXT_SIZE] = "";
  double share = self->cell (row, column, text, sizeof text, self->data);
  GwChartColor ground = pen->theme->card;
  GwChartColor ink = pen->theme->text;

  if (isnan (share))
    {
      ink = pen->theme->problem;
    }
  else if (share != 0)
    {
      ground = gw_chart_color_mix (pen->theme->card, gw_chart_theme_signed (pen->theme, share),
                                   TINT);
      ink = gw_chart_color_mix (gw_chart_color_on (ground), ground, 0.08);
      gw_chart_pen_color (pen, ground, 1);
      cairo_rectangle (pen->cr, x, y, cells->cell_width - 1, cells->cell_height - 1);
      cairo_fill (pen->cr);
    }
  gw_chart_pen_color (pen, ink, 1);
  gw_chart_pen_text (pen, text, TEXT_SIZE, GW_TEXT_MONO, x + cells->cell_width - 5,
                     y + cells->cell_height / 2, 1, 0.5, cells->cell_width - 6);
  if (row != self->selected_row || column != self->selected_column
      || !gtk_widget_has_focus (GTK_WIDGET (self)))
    return;
  gw_chart_pen_color (pen, pen->theme->accent, 1);
  cairo_set_line_width (pen->cr, 2);
  cairo_rectangle (pen->cr, x + 1, y + 1, cells->cell_width - 3, cells->cell_height - 3);
  cairo_stroke (pen->cr);
}

static void
draw_heads (GwTensorGrid *self, GwChartPen *pen, const Cells *cells, gsize row, gsize column,
            gsize rows, gsize columns, double left, double top)
{
  char text[GW_NUMBER_TEXT_SIZE];

  gw_chart_pen_color (pen, pen->theme->dim_text, 1);
  cairo_save (pen->cr);
  cairo_rectangle (pen->cr, cells->head_width, 0, 1e6, cells->head_height);
  cairo_clip (pen->cr);
  for (gsize c = 0; c < columns; c++)
    {
      gw_number_text_count (text, (gint64) (self->first_column + column + c));
      gw_chart_pen_text (pen, text, TEXT_SIZE, GW_TEXT_PLAIN, left + (c + 1) * cells->cell_width - 5,
                         cells->head_height / 2, 1, 0.5, 0);
    }
  cairo_restore (pen->cr);
  cairo_save (pen->cr);
  cairo_rectangle (pen->cr, 0, cells->head_height, cells->head_width, 1e6);
  cairo_clip (pen->cr);
  for (gsize r = 0; r < rows; r++)
    {
      gw_number_text_count (text, (gint64) (self->first_row + row + r));
      gw_chart_pen_text (pen, text, TEXT_SIZE, GW_TEXT_PLAIN, cells->head_width - 6,
                         top + (r + 0.5) * cells->cell_height, 1, 0.5, 0);
    }
  cairo_restore (pen->cr);
}

static void
draw (GwTensorGrid *self, GwChartPen *pen, double width, double height)
{
  Cells cells = find_cells (self);
  gsize row;
  gsize column;
  gsize rows;
  gsize columns;

  gw_tensor_grid_get_visible_part (self, &row, &column, &rows, &columns);

  double left = cells.head_width + column * cells.cell_width
                - scrolled (self, GTK_ORIENTATION_HORIZONTAL);
  double top = cells.head_height + row * cells.cell_height
               - scrolled (self, GTK_ORIENTATION_VERTICAL);

  draw_heads (self, pen, &cells, row, column, rows, columns, left, top);
  cairo_rectangle (pen->cr, cells.head_width, cells.head_height, width, height);
  cairo_clip (pen->cr);
  for (gsize r = 0; r < rows; r++)
    for (gsize c = 0; c < columns; c++)
      draw_cell (self, pen, &cells, row + r, column + c, left + c * cells.cell_width,
                 top + r * cells.cell_height);
}

static void
gw_tensor_grid_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GwTensorGrid *self = GW_TENSOR_GRID (widget);
  int width = gtk_widget_get_width (widget);
  int height = gtk_widget_get_height (widget);
  GwChartPen pen;

  if (self->cell == NULL || width <= 0 || height <= 0)
    return;

  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));

  gw_widget_pen_init (&pen, widget, cr);
  draw (self, &pen, width, height);
  gw_chart_pen_clear (&pen);
  cairo_destroy (cr);
}

/* --- scrolling --- */

static void
tell_visible (GwTensorGrid *self)
{
  gsize row;
  gsize column;
  gsize rows;
  gsize columns;

  gw_tensor_grid_get_visible_part (self, &row, &column, &rows, &columns);
  if (row == self->seen_row && column == self->seen_column && rows == self->seen_rows
      && columns == self->seen_columns)
    return;
  self->seen_row = row;
  self->seen_column = column;
  self->seen_rows = rows;
  self->seen_columns = columns;
  g_signal_emit (self, visible_changed_signal, 0);
}

static void
value_changed (GwTensorGrid *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
  tell_visible (self);
}

static void
configure (GwTensorGrid *self)
{
  Cells cells = find_cells (self);
  double content[2] = { cells.head_width + self->columns * cells.cell_width,
                        cells.head_height + self->rows * cells.cell_height };
  double page[2] = { gtk_widget_get_width (GTK_WIDGET (self)),
                     gtk_widget_get_height (GTK_WIDGET (self)) };
  double step[2] = { cells.cell_width, cells.cell_height };

  for (int i = 0; i < 2; i++)
    if (self->adjustment[i] != NULL)
      gtk_adjustment_configure (self->adjustment[i],
                                gtk_adjustment_get_value (self->adjustment[i]), 0,
                                MAX (content[i], page[i]), step[i], page[i] * 0.9, page[i]);
}

static void
gw_tensor_grid_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  configure (GW_TENSOR_GRID (widget));
  tell_visible (GW_TENSOR_GRID (widget));
}

static void
gw_tensor_grid_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                        int *natural, int *minimum_baseline, int *natural_baseline)
{
  GwTensorGrid *self = GW_TENSOR_GRID (widget);
  Cells cells = find_cells (self);
  gboolean across = orientation == GTK_ORIENTATION_HORIZONTAL;
  double cell = across ? cells.cell_width : cells.cell_height;
  double head = across ? cells.head_width : cells.head_height;
  gsize most = across ? MIN (self->columns, 8) : MIN (self->rows, 10);

  *minimum = (int) (head + cell);
  *natural = (int) (head + cell * MAX (1, most));
}

static void
set_adjustment (GwTensorGrid *self, GtkOrientation orientation, GtkAdjustment *adjustment)
{
  GtkAdjustment **place = &self->adjustment[orientation];

  if (adjustment != NULL && *place == adjustment)
    return;
  if (*place != NULL)
    {
      g_signal_handlers_disconnect_by_func (*place, value_changed, self);
      g_clear_object (place);
    }
  if (adjustment == NULL)
    adjustment = gtk_adjustment_new (0, 0, 0, 0, 0, 0);
  *place = g_object_ref_sink (adjustment);
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (value_changed), self, G_CONNECT_SWAPPED);
  configure (self);
}

static void
gw_tensor_grid_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GwTensorGrid *self = GW_TENSOR_GRID (object);

  switch (id)
    {
    case PROP_HADJUSTMENT:
    case PROP_VADJUSTMENT:
      g_value_set_object (value, self->adjustment[id - PROP_HADJUSTMENT]);
      break;
    case PROP_HSCROLL_POLICY:
    case PROP_VSCROLL_POLICY:
      g_value_set_enum (value, self->policy[id - PROP_HSCROLL_POLICY]);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
gw_tensor_grid_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GwTensorGrid *self = GW_TENSOR_GRID (object);

  switch (id)
    {
    case PROP_HADJUSTMENT:
    case PROP_VADJUSTMENT:
      set_adjustment (self, id - PROP_HADJUSTMENT, g_value_get_object (value));
      break;
    case PROP_HSCROLL_POLICY:
    case PROP_VSCROLL_POLICY:
      self->policy[id - PROP_HSCROLL_POLICY] = g_value_get_enum (value);
      gtk_widget_queue_resize (GTK_WIDGET (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

/* --- selection --- */

static void
reveal (GtkAdjustment *adjustment, double head, double from, double size)
{
  if (adjustment == NULL)
    return;

  double value = gtk_adjustment_get_value (adjustment);
  double page = gtk_adjustment_get_page_size (adjustment) - head;

  if (from < value)
    gtk_adjustment_set_value (adjustment, from);
  else if (from + size > value + page)
    gtk_adjustment_set_value (adjustment, from + size - page);
}

void
gw_tensor_grid_scroll_to (GwTensorGrid *self, gsize row, gsize column)
{
  g_return_if_fail (GW_IS_TENSOR_GRID (self));

  Cells cells = find_cells (self);

  reveal (self->adjustment[GTK_ORIENTATION_HORIZONTAL], cells.head_width,
          column * cells.cell_width, cells.cell_width);
  reveal (self->adjustment[GTK_ORIENTATION_VERTICAL], cells.head_height, row * cells.cell_height,
          cells.cell_height);
}

static void
select_cell (GwTensorGrid *self, gssize row, gssize column)
{
  if (self->rows == 0 || self->columns == 0)
    return;
  self->selected_row = (gsize) CLAMP (row, 0, (gssize) self->rows - 1);
  self->selected_column = (gsize) CLAMP (column, 0, (gssize) self->columns - 1);
  gw_tensor_grid_scroll_to (self, self->selected_row, self->selected_column);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
activate_cell (GwTensorGrid *self)
{
  if (self->rows > 0 && self->columns > 0)
    g_signal_emit (self, cell_activated_signal, 0, (guint64) self->selected_row,
                   (guint64) self->selected_column);
}

static gboolean
key_pressed (GwTensorGrid *self, guint key, guint code, GdkModifierType state)
{
  gssize row = (gssize) self->selected_row;
  gssize column = (gssize) self->selected_column;
  gssize page = (gssize) MAX (1, self->seen_rows - 1);

  if ((state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;
  switch (key)
    {
    case GDK_KEY_Left:
      select_cell (self, row, column - 1);
      break;
    case GDK_KEY_Right:
      select_cell (self, row, column + 1);
      break;
    case GDK_KEY_Up:
      select_cell (self, row - 1, column);
      break;
    case GDK_KEY_Down:
      select_cell (self, row + 1, column);
      break;
    case GDK_KEY_Page_Up:
      select_cell (self, row - page, column);
      break;
    case GDK_KEY_Page_Down:
      select_cell (self, row + page, column);
      break;
    case GDK_KEY_Home:
      select_cell (self, row, 0);
      break;
    case GDK_KEY_End:
      select_cell (self, row, (gssize) self->columns - 1);
      break;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
      activate_cell (self);
      break;
    default:
      return GDK_EVENT_PROPAGATE;
    }
  return GDK_EVENT_STOP;
}

static void
pressed (GwTensorGrid *self, int n_press, double x, double y)
{
  Cells cells = find_cells (self);

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (x < cells.head_width || y < cells.head_height)
    return;

  double across = x - cells.head_width + scrolled (self, GTK_ORIENTATION_HORIZONTAL);
  double down = y - cells.head_height + scrolled (self, GTK_ORIENTATION_VERTICAL);

  if (across >= self->columns * cells.cell_width || down >= self->rows * cells.cell_height)
    return;
  select_cell (self, (gssize) (down / cells.cell_height), (gssize) (across / cells.cell_width));
  if (n_press == 2)
    activate_cell (self);
}

/* --- source --- */

void
gw_tensor_grid_set_source (GwTensorGrid *self, gsize rows, gsize columns, gsize first_row,
                           gsize first_column, GwTensorGridCell cell, gpointer data,
                           GDestroyNotify destroy)
{
  g_return_if_fail (GW_IS_TENSOR_GRID (self));

  if (self->destroy != NULL)
    self->destroy (self->data);
  self->rows = cell != NULL ? rows : 0;
  self->columns = cell != NULL ? columns : 0;
  self->first_row = first_row;
  self->first_column = first_column;
  self->cell = cell;
  self->data = data;
  self->destroy = destroy;
  self->selected_row = self->selected_column = 0;
  configure (self);
  tell_visible (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static double
float_cell (gsize row, gsize column, char *buffer, gsize size, gpointer data)
{
  const FloatSource *source = data;
  float value = source->values[row * source->columns + column];
  char text[GW_NUMBER_TEXT_SIZE];

  g_strlcpy (buffer, gw_number_text (text, value), size);
  if (!isfinite (value))
    return NAN;
  return source->limit > 0 ? value / source->limit : 0;
}

gboolean
gw_tensor_grid_set_floats (GwTensorGrid *self, const float *values, gsize rows, gsize columns,
                           gsize first_row, gsize first_column)
{
  g_return_val_if_fail (GW_IS_TENSOR_GRID (self), FALSE);

  if (columns > 0 && rows > (G_MAXSIZE - sizeof (FloatSource)) / sizeof (float) / columns)
    return FALSE;

  gsize n = rows * columns;
  FloatSource *source = g_try_malloc (sizeof *source + n * sizeof (float));

  if (source == NULL)
    return FALSE;
  source->columns = columns;
  source->limit = 0;
  if (n > 0)
    memcpy (source->values, values, n * sizeof (float));
  for (gsize i = 0; i < n; i++)
    if (isfinite (values[i]))
      source->limit = MAX (source->limit, fabs (values[i]));
  gw_tensor_grid_set_source (self, rows, columns, first_row, first_column, float_cell, source,
                             g_free);
  return TRUE;
}

void
gw_tensor_grid_changed (GwTensorGrid *self)
{
  g_return_if_fail (GW_IS_TENSOR_GRID (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* --- object --- */

static void
gw_tensor_grid_dispose (GObject *object)
{
  GwTensorGrid *self = GW_TENSOR_GRID (object);

  for (int i = 0; i < 2; i++)
    if (self->adjustment[i] != NULL)
      {
        g_signal_handlers_disconnect_by_func (self->adjustment[i], value_changed, self);
        g_clear_object (&self->adjustment[i]);
      }
  if (self->destroy != NULL)
    self->destroy (self->data);
  self->destroy = NULL;
  self->cell = NULL;
  self->rows = self->columns = 0;
  G_OBJECT_CLASS (gw_tensor_grid_parent_class)->dispose (object);
}

static void
gw_tensor_grid_class_init (GwTensorGridClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = gw_tensor_grid_dispose;
  object_class->get_property = gw_tensor_grid_get_property;
  object_class->set_property = gw_tensor_grid_set_property;
  widget_class->snapshot = gw_tensor_grid_snapshot;
  widget_class->measure = gw_tensor_grid_measure;
  widget_class->size_allocate = gw_tensor_grid_size_allocate;
  gtk_widget_class_set_css_name (widget_class, "gwtensorgrid");
  g_object_class_override_property (object_class, PROP_HADJUSTMENT, "hadjustment");
  g_object_class_override_property (object_class, PROP_VADJUSTMENT, "vadjustment");
  g_object_class_override_property (object_class, PROP_HSCROLL_POLICY, "hscroll-policy");
  g_object_class_override_property (object_class, PROP_VSCROLL_POLICY, "vscroll-policy");
  visible_changed_signal = g_signal_new ("visible-changed", GW_TYPE_TENSOR_GRID,
                                         G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  cell_activated_signal
      = g_signal_new ("cell-activated", GW_TYPE_TENSOR_GRID, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                      NULL, G_TYPE_NONE, 2, G_TYPE_UINT64, G_TYPE_UINT64);
}

static void
gw_tensor_grid_init (GwTensorGrid *self)
{
  GtkEventController *key = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  g_signal_connect_object (key, "key-pressed", G_CALLBACK (key_pressed), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), key);
  g_signal_connect_object (click, "pressed", G_CALLBACK (pressed), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gw_widget_follow_style (GTK_WIDGET (self));
}

GtkWidget *
gw_tensor_grid_new (void)
{
  return g_object_new (GW_TYPE_TENSOR_GRID, NULL);
}
