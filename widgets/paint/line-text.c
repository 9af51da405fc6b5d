/* SPDX-License-Identifier: Apache-2.0 */
/* What a line chart says in words and files of text: its footer, CSV and a
 * pgfplots picture. */
#include "widgets/paint/line-chart.h"
#include "widgets/paint/line-chart-private.h"

#include <math.h>
#include <string.h>

/* Points of a series between the ends of the view. */
static gsize
count_in_view (GwLineChart *chart, const GwSeries *series, const GwChartRange *view)
{
  gsize n = 0;

  for (gsize s = 0; s < gw_series_n_segments (series); s++)
    {
      gsize begin;
      gsize end;

      gw_series_segment (series, s, &begin, &end);

      gsize first = gw_series_lower_bound (series, chart->options.x, begin, end, view->x0);
      gsize last = gw_series_lower_bound (series, chart->options.x, first, end,
                                          nextafter (view->x1, INFINITY));

      n += last - first;
    }
  return n;
}

const char *
gw_line_chart_footer (GwLineChart *chart, double plot_width)
{
  char shown_text[GW_NUMBER_TEXT_SIZE];
  char all_text[GW_NUMBER_TEXT_SIZE];
  gsize all = 0;
  gsize shown = 0;
  gboolean dense = FALSE;
  gboolean cut = FALSE;
  gboolean left_out = FALSE;
  GwChartRange view;

  gw_line_chart_get_view (chart, &view);
  for (guint i = 0; i < chart->entries->len; i++)
    {
      const GwLineEntry *entry = gw_line_chart_entry (chart, i);
      gsize length = gw_series_length (entry->series);

      if (!entry->visible || length == 0)
        continue;

      gsize in_view = count_in_view (chart, entry->series, &view);
      GwSeriesRange range = gw_series_range (entry->series, FALSE, 0, length);

      all += length;
      shown += in_view;
      dense |= in_view > 1.5 * plot_width;
      cut |= !chart->fixed && chart->options.ignore_outliers
             && (range.high > view.y1 || (!chart->options.log_y && range.low < view.y0));
      left_out |= chart->options.log_y && range.low <= 0;
    }

  g_free (chart->footer);
  if (all == 0)
    chart->footer = g_strdup ("No points yet");
  else
    chart->footer = g_strdup_printf (
        "%s of %s %s%s%s%s", gw_number_text_count (shown_text, (gint64) shown),
        gw_number_text_count (all_text, (gint64) all), all == 1 ? "point" : "points",
        dense ? ", min\xe2\x80\x93max per pixel" : "", cut ? ", outliers cut" : "",
        left_out ? ", values \xe2\x89\xa4 0 left out" : "");
  return chart->footer;
}

static void
append_number (GString *text, double value)
{
  char ascii[G_ASCII_DTOSTR_BUF_SIZE];

  if (isnan (value))
    g_string_append (text, "nan");
  else if (isinf (value))
    g_string_append (text, value > 0 ? "inf" : "-inf");
  else
    g_string_append (text, g_ascii_dtostr (ascii, sizeof ascii, value));
}

/* Quoted as CSV wants where the name holds a comma, a quote or a line end. */
static void
append_csv_name (GString *text, const char *name)
{
  if (strpbrk (name, ",\"\r\n") == NULL)
    {
      g_string_append (text, name);
      return;
    }
  g_string_append_c (text, '"');
  for (const char *p = name; *p != '\0'; p++)
    {
      if (*p == '"')
        g_string_append_c (text, '"');
      g_string_append_c (text, *p);
    }
  g_string_append_c (text, '"');
}

char *
gw_line_chart_to_csv (GwLineChart *chart)
{
  GString *text = g_string_new ("run,step,wall_time,value,smoothed\n");

  for (guint i = 0; i < chart->entries->len; i++)
    {
      const GwLineEntry *entry = gw_line_chart_entry (chart, i);

      for (gsize k = 0; entry->visible && k < gw_series_length (entry->series); k++)
        {
          GwSeriesPoint point = gw_series_point (entry->series, k);
          const double numbers[] = { point.step, point.wall, point.value, point.smoothed };

          append_csv_name (text, entry->name);
          for (guint n = 0; n < G_N_ELEMENTS (numbers); n++)
            {
              g_string_append_c (text, ',');
              append_number (text, numbers[n]);
            }
          g_string_append_c (text, '\n');
        }
    }
  return g_string_free (text, FALSE);
}

static void
append_latex (GString *text, const char *plain)
{
  for (const char *p = plain; *p != '\0'; p++)
    {
      if (strchr ("#$%&_{}", *p) != NULL)
        g_string_append_c (text, '\\');
      if (*p == '\\')
        g_string_append (text, "\\textbackslash{}");
      else if (*p == '^' || *p == '~')
        g_string_append_printf (text, "\\%c{}", *p);
      else
        g_string_append_c (text, *p);
    }
}

char *
gw_line_chart_to_pgfplots (GwLineChart *chart)
{
  GString *text = g_string_new ("\\begin{tikzpicture}\n");
  const GwChartTheme *theme = gw_chart_theme_get (FALSE);

  for (guint i = 0; i < GW_CHART_RUN_COLORS; i++)
    g_string_append_printf (text, "\\definecolor{run%u}{RGB}{%d,%d,%d}\n", i,
                            (int) round (theme->run[i].red * 255),
                            (int) round (theme->run[i].green * 255),
                            (int) round (theme->run[i].blue * 255));
  g_string_append (text, "\\begin{axis}[xlabel={");
  append_latex (text, gw_line_chart_x_title (chart));
  g_string_append (text, "}, ylabel={");
  append_latex (text, chart->options.y_title != NULL ? chart->options.y_title : "");
  g_string_append (text, "}, title={");
  append_latex (text, chart->options.title != NULL ? chart->options.title : "");
  g_string_append_printf (text, "}, ymajorgrids, unbounded coords=jump%s%s]\n",
                          chart->options.log_x ? ", xmode=log" : "",
                          chart->options.log_y ? ", ymode=log" : "");
  for (guint i = 0; i < chart->entries->len; i++)
    {
      const GwLineEntry *entry = gw_line_chart_entry (chart, i);

      if (!entry->visible)
        continue;
      g_string_append_printf (text, "\\addplot[run%u, thick] coordinates {\n",
                              entry->run % GW_CHART_RUN_COLORS);
      for (gsize k = 0; k < gw_series_length (entry->series); k++)
        {
          g_string_append_c (text, '(');
          append_number (text, gw_series_x (entry->series, chart->options.x, k));
          g_string_append_c (text, ',');
          append_number (text, gw_series_point (entry->series, k).smoothed);
          g_string_append (text, ")\n");
        }
      g_string_append (text, "};\n\\addlegendentry{");
      append_latex (text, entry->name);
      g_string_append (text, "}\n");
    }
  g_string_append (text, "\\end{axis}\n\\end{tikzpicture}\n");
  return g_string_free (text, FALSE);
}
