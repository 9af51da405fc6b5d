/* SPDX-License-Identifier: Apache-2.0 */
/* The card of a histogram over the steps of one run. */
#include "app/ui/board-card.h"

#include "widgets/charts/tensor-views.h"
#include "widgets/paint/number-text.h"

#include <math.h>

#define GW_TYPE_BOARD_HISTOGRAM_CARD (gw_board_histogram_card_get_type ())
G_DECLARE_FINAL_TYPE (GwBoardHistogramCard, gw_board_histogram_card, GW, BOARD_HISTOGRAM_CARD, GwBoardCard)

struct _GwBoardHistogramCard {
  GwBoardCard        parent_instance;
  GtkWidget         *view;
  GwHistogramSeries *series;
  GwRunLog          *log;     /* that the series is of, borrowed for comparison */
  guint              taken, resets;
  gint64             n_seen;
  guint              color;
};

G_DEFINE_FINAL_TYPE (GwBoardHistogramCard, gw_board_histogram_card, GW_TYPE_BOARD_CARD)

/* Says that not all steps were kept, when so. */
static void
show_footer (GwBoardHistogramCard *self)
{
  GwHistogramChart *chart = gw_chart_area_get_chart (GW_CHART_AREA (self->view));
  char kept[GW_NUMBER_TEXT_SIZE], seen[GW_NUMBER_TEXT_SIZE];
  g_autofree char *text = NULL;

  if (self->n_seen <= self->taken)
    return;
  text = g_strdup_printf ("%s; %s of %s steps kept", gw_histogram_chart_footer (chart),
                          gw_number_text_count (kept, self->taken), gw_number_text_count (seen, self->n_seen));
  gw_chart_card_set_footer (gw_board_card_get_card (GW_BOARD_CARD (self)), text,
                            gw_histogram_chart_get_mode (chart) == GW_HISTOGRAM_OVERLAY ? "value" : "step");
}

static GtkWidget *
build (GwBoardCard *card)
{
  GwBoardHistogramCard *self = GW_BOARD_HISTOGRAM_CARD (card);
  GtkWidget *widget = gw_chart_card_new ("", "", GW_CHART_CARD_EXPAND | GW_CHART_CARD_EXPORT);

  self->view = gw_histogram_view_new ();
  gw_histogram_chart_set_series (gw_histogram_view_get_histogram (GW_HISTOGRAM_VIEW (self->view)), self->series);
  gw_chart_card_set_child (GW_CHART_CARD (widget), self->view);
  return widget;
}

/* The chart keeps its colour for life, so another colour is another chart. */
static void
show_color (GwBoardHistogramCard *self,
            guint                 color)
{
  GwHistogramChart *chart;

  if (self->color == color)
    return;
  self->color = color;
  chart = gw_histogram_chart_new (self->series, color);
  gw_chart_area_set_chart (GW_CHART_AREA (self->view), chart);
  gw_chart_unref (chart);
}

static void
restyle (GwBoardCard *card)
{
  GwBoardHistogramCard *self = GW_BOARD_HISTOGRAM_CARD (card);
  const GwBoardOptions *options = gw_board_card_get_options (card);
  const GPtrArray *runs = gw_board_card_get_runs (card);
  gboolean link = options->link && options->x == GW_SERIES_X_STEP;
  GwHistogramChart *chart;

  if (runs->len > 0)
    show_color (self, gw_run_log_get_color (runs->pdata[0]));
  chart = gw_chart_area_get_chart (GW_CHART_AREA (self->view));
  gw_histogram_chart_set_mode (chart, options->histograms);
  gw_histogram_view_set_cursor (GW_HISTOGRAM_VIEW (self->view), link ? gw_board_card_get_cursor (card) : NULL);
  gw_chart_area_changed (GW_CHART_AREA (self->view));
  show_footer (self);
}

static void
append (GwBoardHistogramCard *self,
        const GwRunSample    *sample)
{
  const GwHistogram *histogram = sample->histogram;
  g_autofree GwBucket *buckets = g_new (GwBucket, (gsize) histogram->n_buckets + 1);
  double left = histogram->min;
  guint n = 0;

  for (int i = 0; i < histogram->n_buckets; i++)
    {
      double right = MIN (histogram->limits[i], histogram->max);

      if (histogram->counts[i] > 0)
        buckets[n++] = (GwBucket) { MIN (left, right), right, histogram->counts[i] };
      left = MAX (histogram->min, histogram->limits[i]);
    }
  gw_histogram_series_append (self->series, sample->step, sample->wall, buckets, n);
}

static gboolean
refresh (GwBoardCard *card,
         gint64       deadline)
{
  GwBoardHistogramCard *self = GW_BOARD_HISTOGRAM_CARD (card);
  const GPtrArray *runs = gw_board_card_get_runs (card);
  GwRunLog *log = runs->len > 0 ? runs->pdata[0] : NULL;
  const GwRunData *data = log != NULL ? gw_run_log_find (log, GW_RUN_HISTOGRAM, gw_board_card_get_tag (card)) : NULL;
  guint before = self->taken;

  if (data == NULL || (log == self->log && data->resets == self->resets && data->samples->len == self->taken))
    return FALSE;
  if (log != self->log || data->resets != self->resets)
    {
      gw_histogram_series_clear (self->series);
      self->taken = before = 0;
      self->log = log;
      self->resets = data->resets;
    }
  while (self->taken < data->samples->len && (self->taken - before < 16 || g_get_monotonic_time () < deadline))
    append (self, g_ptr_array_index (data->samples, self->taken++));
  self->n_seen = data->n_seen;
  gw_chart_area_changed (GW_CHART_AREA (self->view));
  show_footer (self);
  return self->taken < data->samples->len;
}

static void
gw_board_histogram_card_finalize (GObject *object)
{
  gw_histogram_series_unref (GW_BOARD_HISTOGRAM_CARD (object)->series);
  G_OBJECT_CLASS (gw_board_histogram_card_parent_class)->finalize (object);
}

static void
gw_board_histogram_card_class_init (GwBoardHistogramCardClass *klass)
{
  GwBoardCardClass *card_class = GW_BOARD_CARD_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gw_board_histogram_card_finalize;
  card_class->build = build;
  card_class->restyle = restyle;
  card_class->refresh = refresh;
}

static void
gw_board_histogram_card_init (GwBoardHistogramCard *self)
{
  self->series = gw_histogram_series_new ();
}

GwBoardCard *
gw_board_histogram_card_new (const char    *tag,
                             GwChartCursor *cursor)
{
  GwBoardCard *card = g_object_new (GW_TYPE_BOARD_HISTOGRAM_CARD, NULL);

  gw_board_card_set_up (card, GW_RUN_HISTOGRAM, tag, cursor);
  return card;
}
