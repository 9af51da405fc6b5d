/* SPDX-License-Identifier: Apache-2.0 */
/* The card of pictures or texts of one run: one step at a time, chosen by a slider, that
 * follows the newest while it stands at the end. Pictures are decoded by a worker. */
#include "app/ui/board-card.h"

#include "app/model/background.h"
#include "widgets/charts/tensor-views.h"
#include "widgets/paint/number-text.h"

#include <math.h>

#define LARGEST_SIDE 4096

#define GW_TYPE_BOARD_SAMPLE_CARD (gw_board_sample_card_get_type ())
G_DECLARE_FINAL_TYPE (GwBoardSampleCard, gw_board_sample_card, GW, BOARD_SAMPLE_CARD, GwBoardCard)

struct _GwBoardSampleCard {
  GwBoardCard    parent_instance;
  GtkWidget     *view;       /* GwImageGridView or GtkLabel */
  GtkWidget     *scale, *step;
  GwRunLog      *log;        /* borrowed, for comparison */
  guint          n_samples, resets;
  gint64         shown;      /* number of the sample in the view, -1 = none */
  guint          n_pictures;
  gboolean       filling;
  GCancellable  *decoding;
};

G_DEFINE_FINAL_TYPE (GwBoardSampleCard, gw_board_sample_card, GW_TYPE_BOARD_CARD)

static const GwRunData *
data_of (GwBoardSampleCard *self)
{
  GwBoardCard *card = GW_BOARD_CARD (self);
  const GPtrArray *runs = gw_board_card_get_runs (card);

  return runs->len > 0 ? gw_run_log_find (runs->pdata[0], gw_board_card_get_kind (card), gw_board_card_get_tag (card))
                       : NULL;
}

/* ---- pictures ---- */

typedef struct {
  GPtrArray *encoded;  /* of GBytes or NULL */
  GArray    *items;    /* of GwImageItem, pixels owned */
} Decoding;

static void
item_clear (gpointer data)
{
  g_free ((guint8 *) ((GwImageItem *) data)->pixels);
}

static void
decoding_free (gpointer data)
{
  Decoding *decoding = data;

  g_ptr_array_unref (decoding->encoded);
  g_array_unref (decoding->items);
  g_free (decoding);
}

/* Cairo's pixels (BGRA in memory) to RGB. */
static void
to_rgb (const guint8 *from,
        gsize         n,
        guint8       *to)
{
  for (gsize i = 0; i < n; i++)
    {
      guint32 pixel = ((const guint32 *) (gconstpointer) from)[i];

      to[3 * i] = (guint8) (pixel >> 16);
      to[3 * i + 1] = (guint8) (pixel >> 8);
      to[3 * i + 2] = (guint8) pixel;
    }
}

/* An item without pixels shows as an empty frame. */
static GwImageItem
decode (GBytes *bytes)
{
  g_autoptr (GdkTexture) texture = bytes != NULL ? gdk_texture_new_from_bytes (bytes, NULL) : NULL;
  gsize width = texture != NULL ? (gsize) gdk_texture_get_width (texture) : 0;
  gsize height = texture != NULL ? (gsize) gdk_texture_get_height (texture) : 0;
  GwImageItem item = { .channels = 3 };
  g_autofree guint8 *pixels = NULL;
  guint8 *rgb;

  if (width == 0 || width > LARGEST_SIDE || height > LARGEST_SIDE)
    return item;
  pixels = g_try_malloc_n (width * height, 4);
  rgb = g_try_malloc_n (width * height, 3);
  if (pixels == NULL || rgb == NULL)
    {
      g_free (rgb);
      return item;
    }
  gdk_texture_download (texture, pixels, width * 4);
  to_rgb (pixels, width * height, rgb);
  item.width = (guint) width;
  item.height = (guint) height;
  item.pixels = rgb;
  return item;
}

static void
decode_thread (GTask        *task,
               gpointer      source,
               gpointer      data,
               GCancellable *cancellable)
{
  Decoding *decoding = data;

  for (guint i = 0; i < decoding->encoded->len && !g_cancellable_is_cancelled (cancellable); i++)
    {
      GwImageItem item = decode (decoding->encoded->pdata[i]);

      g_array_append_val (decoding->items, item);
    }
  g_task_return_boolean (task, TRUE);
}

static void
decoded (GObject      *object,
         GAsyncResult *result,
         gpointer      unused)
{
  GwBoardSampleCard *self = GW_BOARD_SAMPLE_CARD (object);
  Decoding *decoding = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), NULL))
    return; /* cancelled: another step is wanted */
  g_clear_object (&self->decoding);
  gw_image_grid_set (gw_image_grid_view_get_image_grid (GW_IMAGE_GRID_VIEW (self->view)),
                     (const GwImageItem *) (gpointer) decoding->items->data, decoding->items->len);
  gw_chart_area_changed (GW_CHART_AREA (self->view));
}

static void
bytes_clear (gpointer data)
{
  if (data != NULL)
    g_bytes_unref (data);
}

static void
show_pictures (GwBoardSampleCard *self,
               const GwRunSample *sample)
{
  g_autoptr (GTask) task = NULL;
  Decoding *decoding = g_new0 (Decoding, 1);

  if (self->decoding != NULL)
    g_cancellable_cancel (self->decoding);
  g_clear_object (&self->decoding);
  self->decoding = g_cancellable_new ();
  decoding->items = g_array_new (FALSE, TRUE, sizeof (GwImageItem));
  g_array_set_clear_func (decoding->items, item_clear);
  decoding->encoded = g_ptr_array_new_with_free_func (bytes_clear);
  for (guint i = 0; i < sample->pictures->len; i++)
    g_ptr_array_add (decoding->encoded,
                     sample->pictures->pdata[i] != NULL ? g_bytes_ref (sample->pictures->pdata[i]) : NULL);
  task = g_task_new (self, self->decoding, decoded, NULL);
  g_task_set_task_data (task, decoding, decoding_free);
  gw_background_run_task (task, decode_thread);
}

/* ---- one step ---- */

static void
show_footer (GwBoardSampleCard *self,
             const GwRunData   *data,
             const GwRunSample *sample)
{
  char kept[GW_NUMBER_TEXT_SIZE], seen[GW_NUMBER_TEXT_SIZE];
  g_autofree char *steps = NULL;
  g_autofree char *text = NULL;

  if (data->n_seen > data->samples->len)
    steps = g_strdup_printf ("%s of %s steps kept", gw_number_text_count (kept, data->samples->len),
                             gw_number_text_count (seen, data->n_seen));
  else
    steps = g_strdup_printf ("%s step%s", gw_number_text_count (kept, data->samples->len),
                             data->samples->len == 1 ? "" : "s");
  if (sample->pictures != NULL)
    text = g_strdup_printf ("%u picture%s, %s", sample->pictures->len, sample->pictures->len == 1 ? "" : "s", steps);
  gw_chart_card_set_footer (gw_board_card_get_card (GW_BOARD_CARD (self)), text != NULL ? text : steps, "");
}

static void
show_sample (GwBoardSampleCard *self,
             guint              index)
{
  const GwRunData *data = data_of (self);
  const GwRunSample *sample = data != NULL && index < data->samples->len ? data->samples->pdata[index] : NULL;
  char number[GW_NUMBER_TEXT_SIZE];

  if (sample == NULL)
    return;
  gtk_label_set_text (GTK_LABEL (self->step), gw_number_text_count (number, (gint64) sample->step));
  show_footer (self, data, sample);
  if (sample->number == self->shown && (sample->pictures == NULL || sample->pictures->len == self->n_pictures))
    return;
  self->shown = sample->number;
  self->n_pictures = sample->pictures != NULL ? sample->pictures->len : 0;
  if (sample->pictures != NULL)
    show_pictures (self, sample);
  else
    gtk_label_set_text (GTK_LABEL (self->view), sample->text);
}

static guint
chosen (GwBoardSampleCard *self)
{
  return (guint) lround (gtk_range_get_value (GTK_RANGE (self->scale)));
}

static void
on_slider (GwBoardSampleCard *self)
{
  if (!self->filling)
    show_sample (self, chosen (self));
}

/* The linked cursor stands at a step: show the one before or at it. */
static void
on_cursor (GwBoardSampleCard *self)
{
  const GwBoardOptions *options = gw_board_card_get_options (GW_BOARD_CARD (self));
  const GwRunData *data = data_of (self);
  double x = gw_chart_cursor_get_x (gw_board_card_get_cursor (GW_BOARD_CARD (self)));
  guint index = 0;

  if (!gw_board_card_is_built (GW_BOARD_CARD (self)) || data == NULL || isnan (x) || !options->link ||
      options->x != GW_SERIES_X_STEP || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  while (index + 1 < data->samples->len && ((GwRunSample *) data->samples->pdata[index + 1])->step <= x)
    index++;
  gtk_range_set_value (GTK_RANGE (self->scale), index);
}

/* ---- the card ---- */

static GtkWidget *
slider_row (GwBoardSampleCard *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *label = gtk_label_new ("Step");

  self->scale = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 0, 1, 1);
  self->step = gtk_label_new ("");
  gtk_scale_set_draw_value (GTK_SCALE (self->scale), FALSE);
  gtk_widget_set_hexpand (self->scale, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->scale), GTK_ACCESSIBLE_PROPERTY_LABEL, "Step", -1);
  gtk_widget_add_css_class (label, "dim-label");
  gtk_widget_add_css_class (self->step, "gw-board-number");
  gtk_widget_add_css_class (row, "gw-board-slider");
  gtk_label_set_width_chars (GTK_LABEL (self->step), 6);
  gtk_label_set_xalign (GTK_LABEL (self->step), 1);
  gtk_box_append (GTK_BOX (row), label);
  gtk_box_append (GTK_BOX (row), self->scale);
  gtk_box_append (GTK_BOX (row), self->step);
  g_signal_connect_object (self->scale, "value-changed", G_CALLBACK (on_slider), self, G_CONNECT_SWAPPED);
  return row;
}

static GtkWidget *
text_view (GwBoardSampleCard *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->view = gtk_label_new ("");
  gtk_label_set_wrap (GTK_LABEL (self->view), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (self->view), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (self->view), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->view), 0);
  gtk_label_set_yalign (GTK_LABEL (self->view), 0);
  gtk_widget_add_css_class (self->view, "gw-board-text");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->view);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  return scroller;
}

static GtkWidget *
build (GwBoardCard *card)
{
  GwBoardSampleCard *self = GW_BOARD_SAMPLE_CARD (card);
  gboolean text = gw_board_card_get_kind (card) == GW_RUN_TEXT;
  GtkWidget *widget =
    gw_chart_card_new ("", "", text ? GW_CHART_CARD_EXPAND : GW_CHART_CARD_EXPAND | GW_CHART_CARD_EXPORT);

  if (text)
    gw_chart_card_set_child (GW_CHART_CARD (widget), text_view (self));
  else
    {
      self->view = gw_image_grid_view_new ();
      gw_chart_card_set_child (GW_CHART_CARD (widget), self->view);
    }
  gw_chart_card_set_controls (GW_CHART_CARD (widget), slider_row (self));
  g_signal_connect_object (gw_board_card_get_cursor (card), "moved", G_CALLBACK (on_cursor), self, G_CONNECT_SWAPPED);
  return widget;
}

static void
restyle (GwBoardCard *card)
{
}

static gboolean
refresh (GwBoardCard *card,
         gint64       deadline)
{
  GwBoardSampleCard *self = GW_BOARD_SAMPLE_CARD (card);
  const GPtrArray *runs = gw_board_card_get_runs (card);
  GwRunLog *log = runs->len > 0 ? runs->pdata[0] : NULL;
  const GwRunData *data = data_of (self);
  guint before = self->n_samples;
  gboolean at_end;

  if (data == NULL || data->samples->len == 0 ||
      (log == self->log && data->resets == self->resets && data->samples->len == before))
    return FALSE;
  at_end = log != self->log || before == 0 || chosen (self) + 1 >= before;
  if (log != self->log)
    self->shown = -1;
  self->log = log;
  self->resets = data->resets;
  self->n_samples = data->samples->len;
  self->filling = TRUE;
  gtk_range_set_range (GTK_RANGE (self->scale), 0, MAX (data->samples->len - 1, 1));
  gtk_widget_set_sensitive (self->scale, data->samples->len > 1);
  gtk_widget_set_tooltip_text (self->scale, data->samples->len > 1 ? NULL : "There is one step so far");
  if (at_end)
    gtk_range_set_value (GTK_RANGE (self->scale), data->samples->len - 1);
  self->filling = FALSE;
  show_sample (self, MIN (chosen (self), data->samples->len - 1));
  return FALSE;
}

static void
gw_board_sample_card_dispose (GObject *object)
{
  GwBoardSampleCard *self = GW_BOARD_SAMPLE_CARD (object);

  if (self->decoding != NULL)
    g_cancellable_cancel (self->decoding);
  g_clear_object (&self->decoding);
  G_OBJECT_CLASS (gw_board_sample_card_parent_class)->dispose (object);
}

static void
gw_board_sample_card_class_init (GwBoardSampleCardClass *klass)
{
  GwBoardCardClass *card_class = GW_BOARD_CARD_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gw_board_sample_card_dispose;
  card_class->build = build;
  card_class->restyle = restyle;
  card_class->refresh = refresh;
}

static void
gw_board_sample_card_init (GwBoardSampleCard *self)
{
  self->shown = -1;
}

GwBoardCard *
gw_board_sample_card_new (GwRunDataKind  kind,
                          const char    *tag,
                          GwChartCursor *cursor)
{
  GwBoardCard *card = g_object_new (GW_TYPE_BOARD_SAMPLE_CARD, NULL);

  gw_board_card_set_up (card, kind, tag, cursor);
  return card;
}
