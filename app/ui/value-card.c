/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/value-card.h"

#include <math.h>

#include "app/model/checkpoint-slice.h"
#include "widgets/charts/tensor-grid.h"
#include "widgets/charts/tensor-views.h"

#define CARD_WIDTH 280
#define MOST_TEXT 400      /* elements */
#define MOST_TABLE 4096
#define MOST_PICTURES 12
#define LEAST_PICTURE 4    /* px a side */
#define BINS 30

struct _GwValueCard {
  GtkBox     parent_instance;

  GtkWidget *title, *slot, *state, *pin, *body, *figures;
  const GwTensor *shown;   /* only compared */
};

G_DEFINE_FINAL_TYPE (GwValueCard, gw_value_card, GTK_TYPE_BOX)

static guint closed_signal, pinned_signal;

/* ---- pictures ---- */

/* [H,W,C], [N,H,W,C] of 1 or 3 channels, large enough to be seen as pictures. */
static gboolean
picture_size (const GwTensor *tensor,
              gsize          *n,
              gsize          *height,
              gsize          *width,
              gsize          *channels)
{
  int rank = tensor->shape.rank;
  const int64_t *dims = tensor->shape.dims;

  if (rank != 3 && rank != 4)
    return FALSE;
  *n = rank == 4 ? (gsize) dims[0] : 1;
  *height = (gsize) dims[rank - 3];
  *width = (gsize) dims[rank - 2];
  *channels = (gsize) dims[rank - 1];
  return *n > 0 && *height >= LEAST_PICTURE && *width >= LEAST_PICTURE && *height <= 4096 && *width <= 4096 &&
         (*channels == 1 || *channels == 3);
}

static guint8 *
pixels_of (const GwTensor      *tensor,
           const GwTensorStats *stats,
           gsize                size)
{
  float *values = gw_matrix_floats (tensor, NULL, size, NULL);
  guint8 *pixels = values != NULL ? g_try_malloc (size) : NULL;
  double low = tensor->dtype == GW_UINT8 ? 0 : stats->min, range = tensor->dtype == GW_UINT8 ? 255 : stats->max - low;

  for (gsize i = 0; pixels != NULL && i < size; i++)
    pixels[i] = isfinite (values[i]) && range > 0 ? (guint8) (CLAMP ((values[i] - low) / range, 0, 1) * 255) : 0;
  gw_free (values);
  return pixels;
}

static GtkWidget *
pictures_new (const GwValue *value,
              gsize          n,
              gsize          height,
              gsize          width,
              gsize          channels)
{
  GtkWidget *view = gw_image_grid_view_new ();
  gsize shown = MIN (n, MOST_PICTURES), size = height * width * channels;
  g_autofree guint8 *pixels = pixels_of (value->tensor, &value->stats, shown * size);
  GwImageItem items[MOST_PICTURES] = { { 0 } };

  for (gsize i = 0; i < shown; i++)
    items[i] = (GwImageItem) { .width = (guint) width, .height = (guint) height, .channels = (guint) channels,
                               .pixels = pixels != NULL ? pixels + i * size : NULL };
  if (!gw_image_grid_set (gw_image_grid_view_get_image_grid (GW_IMAGE_GRID_VIEW (view)), items, (guint) shown))
    g_debug ("no memory for the pictures");
  gw_chart_area_changed (GW_CHART_AREA (view));
  gtk_widget_set_size_request (view, -1, 150);
  return view;
}

/* ---- tables, histograms, text ---- */

static GtkWidget *
table_new (const GwTensor *tensor)
{
  GtkWidget *grid = gw_tensor_grid_new (), *scrolled = gtk_scrolled_window_new ();
  gsize rows, columns;
  float *values = gw_matrix_floats (tensor, NULL, (gsize) tensor->elements, NULL);

  if (values != NULL && gw_matrix_size (&tensor->shape, &rows, &columns) &&
      !gw_tensor_grid_set_floats (GW_TENSOR_GRID (grid), values, rows, columns, 0, 0))
    g_debug ("no memory for the table");
  gw_free (values);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), grid);
  gtk_widget_set_size_request (scrolled, -1, 150);
  return scrolled;
}

static GtkWidget *
histogram_new (const GwValue *value)
{
  GwBarHistogram *bars = gw_bar_histogram_new ();
  GwBucket buckets[BINS];
  int64_t counts[BINS];
  double width = (value->stats.max - value->stats.min) / BINS;
  GtkWidget *area = gw_chart_area_new (bars);

  gw_tensor_bin (value->tensor, value->stats.min, value->stats.max, BINS, counts);
  for (int i = 0; i < BINS; i++)
    buckets[i] = (GwBucket) { value->stats.min + i * width, value->stats.min + (i + 1) * width, (double) counts[i] };
  gw_bar_histogram_set_bins (bars, BINS);
  gw_bar_histogram_set (bars, buckets, BINS, NULL, 0);
  gtk_widget_set_size_request (area, -1, 130);
  gw_chart_unref (bars);
  return area;
}

static GtkWidget *
text_new (const GwTensor *tensor)
{
  g_autofree char *text = gw_tensor_to_string (tensor, MOST_TEXT);
  GtkWidget *label = gtk_label_new (text);

  if (tensor->elements == 1 && tensor->dtype != GW_STRING)
    gtk_widget_add_css_class (label, "gw-big");
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 32);
  gtk_label_set_lines (GTK_LABEL (label), 8);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  return label;
}

GtkWidget *
gw_value_picture_new (const GwValue *value)
{
  const GwTensor *tensor = value->tensor;
  gboolean real = tensor->dtype == GW_BOOL ||
                  (gw_dtype_is_numeric (tensor->dtype) && !gw_dtype_is_complex (tensor->dtype));
  gsize n, height, width, channels;

  if (!real || tensor->elements <= 1)
    return text_new (tensor);
  if (picture_size (tensor, &n, &height, &width, &channels))
    return pictures_new (value, n, height, width, channels);
  if (tensor->elements <= MOST_TABLE || !(value->stats.max > value->stats.min))
    return table_new (tensor);
  return histogram_new (value);
}

/* ---- the card ---- */

void
gw_value_card_show (GwValueCard   *self,
                    const char    *title,
                    const GwValue *value,
                    int            slot)
{
  g_autofree char *shape = gw_shape_to_label (&value->tensor->shape);
  g_autofree char *head = g_strdup_printf ("%s · %s %s", title, gw_dtype_name (value->tensor->dtype), shape);
  g_autofree char *figures = value->tensor->elements > 1 ? gw_value_summary (&value->stats) : NULL;
  g_autofree char *mode = g_strconcat ("In ", value->mode, " mode", figures != NULL ? " · " : "", figures, NULL);
  g_autofree char *number = g_strdup_printf ("%d", slot);
  GtkWidget *child;

  gtk_label_set_text (GTK_LABEL (self->title), head);
  gtk_widget_set_tooltip_text (self->title, head);
  gtk_label_set_text (GTK_LABEL (self->slot), number);
  gtk_widget_set_visible (self->slot, slot > 0);
  gtk_label_set_text (GTK_LABEL (self->figures), mode);
  gtk_widget_set_visible (self->state, value->stale);
  gtk_widget_set_opacity (self->body, value->stale ? 0.5 : 1);
  gtk_widget_set_opacity (self->figures, value->stale ? 0.5 : 1);
  if (self->shown == value->tensor)
    return;
  self->shown = value->tensor;
  while ((child = gtk_widget_get_first_child (self->body)) != NULL)
    gtk_box_remove (GTK_BOX (self->body), child);
  gtk_box_append (GTK_BOX (self->body), gw_value_picture_new (value));
}

gboolean
gw_value_card_get_pinned (GwValueCard *self)
{
  return gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->pin));
}

void
gw_value_card_set_pinned (GwValueCard *self,
                          gboolean     pinned)
{
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->pin), pinned);
}

static void
on_close (GwValueCard *self)
{
  g_signal_emit (self, closed_signal, 0);
}

static void
on_pin (GwValueCard *self)
{
  g_signal_emit (self, pinned_signal, 0, gw_value_card_get_pinned (self));
}

static GtkWidget *
small_button (GtkWidget  *button,
              const char *icon,
              const char *tip)
{
  gtk_button_set_icon_name (GTK_BUTTON (button), icon);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, tip);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  return button;
}

static void
gw_value_card_class_init (GwValueCardClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  closed_signal = g_signal_new ("closed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  pinned_signal = g_signal_new ("pinned", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                G_TYPE_BOOLEAN);
}

static void
gw_value_card_init (GwValueCard *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *close = small_button (gtk_button_new (), "window-close-symbolic", "Close");

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 6);
  self->title = gtk_label_new (NULL);
  self->slot = gtk_label_new (NULL);
  self->state = gtk_label_new ("stale");
  self->pin = small_button (gtk_toggle_button_new (), "changes-prevent-symbolic", "Keep this card");
  self->body = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->figures = gtk_label_new (NULL);
  gtk_label_set_ellipsize (GTK_LABEL (self->title), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_xalign (GTK_LABEL (self->title), 0);
  gtk_widget_set_hexpand (self->title, TRUE);
  gtk_widget_add_css_class (self->title, "gw-bold");
  gtk_widget_add_css_class (self->slot, "gw-key");
  gtk_widget_add_css_class (self->state, "gw-warning");
  gtk_widget_set_tooltip_text (self->state, "Something that it was computed from has changed. Ctrl+Enter computes it anew.");
  gtk_widget_add_css_class (self->figures, "gw-caption");
  gtk_label_set_wrap (GTK_LABEL (self->figures), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->figures), 0);
  gtk_box_append (GTK_BOX (head), self->slot);
  gtk_box_append (GTK_BOX (head), self->title);
  gtk_box_append (GTK_BOX (head), self->state);
  gtk_box_append (GTK_BOX (head), self->pin);
  gtk_box_append (GTK_BOX (head), close);
  gtk_box_append (GTK_BOX (self), head);
  gtk_box_append (GTK_BOX (self), self->body);
  gtk_box_append (GTK_BOX (self), self->figures);
  gtk_widget_add_css_class (GTK_WIDGET (self), "gw-breadcrumb");
  gtk_widget_set_size_request (GTK_WIDGET (self), CARD_WIDTH, -1);
  g_signal_connect_object (close, "clicked", G_CALLBACK (on_close), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->pin, "toggled", G_CALLBACK (on_pin), self, G_CONNECT_SWAPPED);
}

GtkWidget *
gw_value_card_new (void)
{
  return g_object_new (GW_TYPE_VALUE_CARD, NULL);
}
