/* SPDX-License-Identifier: Apache-2.0 */
/* The card of a scalar: one curve of each run. */
#include "app/ui/board-card.h"

#include "widgets/charts/chart-view.h"

#include <math.h>

#define SLICE 4096 /* points between two looks at the clock */

typedef struct {
  GwRunLog *log;
  GwSeries *series;
  gsize     taken;
  guint     resets;
} Entry;

#define GW_TYPE_BOARD_SCALAR_CARD (gw_board_scalar_card_get_type ())
G_DECLARE_FINAL_TYPE (GwBoardScalarCard, gw_board_scalar_card, GW, BOARD_SCALAR_CARD, GwBoardCard)

struct _GwBoardScalarCard {
  GwBoardCard    parent_instance;
  GtkWidget     *view;
  GwChartCursor *own_cursor; /* while cards are not linked */
  GArray        *entries;    /* of Entry, in the order of the chart's series */
  gboolean       fixed;      /* the view is one that …_fix_range() set */
  GwChartRange   fixed_range;
};

G_DEFINE_FINAL_TYPE (GwBoardScalarCard, gw_board_scalar_card, GW_TYPE_BOARD_CARD)

static GwLineChart *
line_of (GwBoardScalarCard *self)
{
  return gw_chart_view_get_line_chart (GW_CHART_VIEW (self->view));
}

static void
entry_clear (gpointer data)
{
  Entry *entry = data;

  g_clear_object (&entry->log);
  g_clear_pointer (&entry->series, gw_series_unref);
}

static GtkWidget *
build (GwBoardCard *card)
{
  GwBoardScalarCard *self = GW_BOARD_SCALAR_CARD (card);
  GtkWidget *widget = gw_chart_card_new ("", "", GW_CHART_CARD_LOG_Y | GW_CHART_CARD_FIT | GW_CHART_CARD_EXPAND |
                                                   GW_CHART_CARD_EXPORT);

  self->view = gw_chart_view_new ();
  gw_chart_card_set_child (GW_CHART_CARD (widget), self->view);
  return widget;
}

/* Moves the series of a run that was shown before into `entry`. */
static void
keep_series (GArray *old,
             Entry  *entry)
{
  for (guint i = 0; i < old->len; i++)
    {
      Entry *before = &g_array_index (old, Entry, i);

      if (before->log != entry->log || before->series == NULL)
        continue;
      entry->series = g_steal_pointer (&before->series);
      entry->taken = before->taken;
      entry->resets = before->resets;
      return;
    }
  entry->series = gw_series_new ();
}

static void
take_options (GwBoardScalarCard    *self,
              const GwBoardOptions *options)
{
  GwLineChartOptions *line = gw_line_chart_options (line_of (self));

  if (line->x != options->x || line->log_x != options->log_x)
    gw_chart_view_fit (GW_CHART_VIEW (self->view));
  line->x = options->x;
  line->log_x = options->log_x;
  line->raw_line = options->raw_line;
  line->envelope = options->envelope;
  line->ignore_outliers = options->ignore_outliers;
  line->tooltip_rows = options->tooltip_rows;
}

static void
restyle (GwBoardCard *card)
{
  GwBoardScalarCard *self = GW_BOARD_SCALAR_CARD (card);
  const GPtrArray *runs = gw_board_card_get_runs (card);
  const GwBoardOptions *options = gw_board_card_get_options (card);
  GwLineChart *line = line_of (self);
  g_autoptr (GArray) old = self->entries;

  self->entries = g_array_new (FALSE, TRUE, sizeof (Entry));
  g_array_set_clear_func (self->entries, entry_clear);
  gw_line_chart_clear (line);
  for (guint i = 0; i < runs->len; i++)
    {
      Entry entry = { .log = g_object_ref (runs->pdata[i]) };

      keep_series (old, &entry);
      gw_line_chart_add (line, entry.series, gw_run_log_get_name (entry.log), gw_run_log_get_color (entry.log));
      g_array_append_val (self->entries, entry);
    }
  take_options (self, options);
  gw_chart_view_set_cursor (GW_CHART_VIEW (self->view),
                            options->link ? gw_board_card_get_cursor (card) : self->own_cursor);
  gw_chart_area_changed (GW_CHART_AREA (self->view));
}

/* TRUE when the series changed. */
static gboolean
take_points (Entry           *entry,
             const GwRunData *data,
             gint64           deadline,
             gboolean        *more)
{
  guint64 version = gw_series_version (entry->series);

  if (entry->resets != data->resets)
    {
      gw_series_clear (entry->series);
      entry->taken = 0;
      entry->resets = data->resets;
    }
  while (entry->taken < data->n_points)
    {
      gsize end = MIN (data->n_points, entry->taken + SLICE);

      for (; entry->taken < end; entry->taken++)
        {
          const GwRunPoint *point = &data->points[entry->taken];

          gw_series_append (entry->series, point->step, point->wall, point->value);
        }
      if (g_get_monotonic_time () > deadline)
        break;
    }
  *more |= entry->taken < data->n_points;
  return gw_series_version (entry->series) != version;
}

static gboolean
refresh (GwBoardCard *card,
         gint64       deadline)
{
  GwBoardScalarCard *self = GW_BOARD_SCALAR_CARD (card);
  const GwBoardOptions *options = gw_board_card_get_options (card);
  gboolean changed = FALSE, more = FALSE;

  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = &g_array_index (self->entries, Entry, i);
      const GwRunData *data = gw_run_log_find (entry->log, GW_RUN_SCALAR, gw_board_card_get_tag (card));
      guint64 version = gw_series_version (entry->series);

      gw_series_set_smoothing (entry->series, options->smoothing, options->weight);
      changed |= gw_series_version (entry->series) != version;
      if (data != NULL)
        changed |= take_points (entry, data, deadline, &more);
    }
  if (changed)
    gw_chart_area_changed (GW_CHART_AREA (self->view));
  return more;
}

/* ---- one range for all cards ---- */

static gboolean
is_ours (GwBoardScalarCard *self)
{
  GwChartRange now;

  return self->fixed && gw_line_chart_get_view (line_of (self), &now) && now.x0 == self->fixed_range.x0 &&
         now.x1 == self->fixed_range.x1 && now.y0 == self->fixed_range.y0 && now.y1 == self->fixed_range.y1;
}

gboolean
gw_board_scalar_card_get_range (GwBoardCard *card,
                                double      *low,
                                double      *high)
{
  GwBoardScalarCard *self = GW_BOARD_SCALAR_CARD (card);
  GwChartRange range;

  if (self->view == NULL || gw_chart_view_get_log_y (GW_CHART_VIEW (self->view)))
    return FALSE;
  if (is_ours (self))
    gw_line_chart_set_view (line_of (self), NULL);
  if (gw_line_chart_get_view (line_of (self), &range) || !(range.y0 < range.y1))
    return FALSE;
  *low = range.y0;
  *high = range.y1;
  return TRUE;
}

void
gw_board_scalar_card_fix_range (GwBoardCard *card,
                                double       low,
                                double       high)
{
  GwBoardScalarCard *self = GW_BOARD_SCALAR_CARD (card);
  GwChartRange range;

  if (self->view == NULL)
    return;
  if (!(low < high))
    {
      if (is_ours (self))
        gw_chart_view_fit (GW_CHART_VIEW (self->view));
      self->fixed = FALSE;
      return;
    }
  if (gw_line_chart_get_view (line_of (self), &range))
    return;
  range.y0 = low;
  range.y1 = high;
  self->fixed = TRUE;
  self->fixed_range = range;
  gw_chart_view_set_range (GW_CHART_VIEW (self->view), &range);
}

/* ---- object ---- */

static void
gw_board_scalar_card_finalize (GObject *object)
{
  GwBoardScalarCard *self = GW_BOARD_SCALAR_CARD (object);

  g_array_unref (self->entries);
  g_object_unref (self->own_cursor);
  G_OBJECT_CLASS (gw_board_scalar_card_parent_class)->finalize (object);
}

static void
gw_board_scalar_card_class_init (GwBoardScalarCardClass *klass)
{
  GwBoardCardClass *card_class = GW_BOARD_CARD_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gw_board_scalar_card_finalize;
  card_class->build = build;
  card_class->restyle = restyle;
  card_class->refresh = refresh;
}

static void
gw_board_scalar_card_init (GwBoardScalarCard *self)
{
  self->own_cursor = gw_chart_cursor_new ();
  self->entries = g_array_new (FALSE, TRUE, sizeof (Entry));
  g_array_set_clear_func (self->entries, entry_clear);
}

GwBoardCard *
gw_board_scalar_card_new (const char    *tag,
                          GwChartCursor *cursor)
{
  GwBoardCard *card = g_object_new (GW_TYPE_BOARD_SCALAR_CARD, NULL);

  gw_board_card_set_up (card, GW_RUN_SCALAR, tag, cursor);
  return card;
}
