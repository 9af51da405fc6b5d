/* SPDX-License-Identifier: Apache-2.0 */
/* gw render */
#include "app/cli/cli.h"

#include "app/scene/place.h"
#include "widgets/paint/canvas/paint-scene.h"
#include "widgets/paint/export.h"
#include "widgets/paint/line-chart.h"

#include <stdio.h>
#include <string.h>

#define CHART_WIDTH 800
#define CHART_HEIGHT 480
#define UNKNOWN_SIZE 32    /* what a size that is not known counts as for a wire's width */
#define WIRE_IDS ((guint64) 1 << 40)

/* ---- a document ---- */

static GwScene *
make_scene (GwDocument *document)
{
  GwScene *scene = gw_scene_new ();
  g_autoptr (GwLive) live = gw_live_new (document);
  const GwPipelineDef *pipeline = gw_document_settings (document)->pipeline;
  GwSceneSource source = { .document = document, .live = live, .batch = UNKNOWN_SIZE };

  if (pipeline != NULL)
    source.batch = (double) pipeline->attrs[GW_PIPELINE_BATCH_SIZE].i;
  gw_scene_fill_main (scene, &source, WIRE_IDS);
  return scene;
}

static gboolean
page_format (const char         *path,
             GwCanvasPageFormat *format)
{
  static const char *const extensions[] = { ".png", ".svg", ".pdf" };

  for (guint i = 0; i < G_N_ELEMENTS (extensions); i++)
    if (g_str_has_suffix (path, extensions[i]))
      {
        *format = (GwCanvasPageFormat) i;
        return TRUE;
      }
  return FALSE;
}

static int
render_document (const CliArgs *args)
{
  int status = CLI_DONE;
  g_autoptr (GError) error = NULL;
  g_autoptr (GwDocument) document = cli_load (args, &status);
  g_autoptr (GwScene) scene = NULL;
  GwCanvasPageFormat format;
  GwCanvasTheme theme;

  if (document == NULL)
    return status;
  if (!page_format (args->output, &format))
    {
      fprintf (stderr, "gw render: %s is none of .png, .svg, .pdf\n", args->output);
      return CLI_USAGE;
    }
  scene = make_scene (document);
  gw_canvas_theme_init (&theme, args->dark, FALSE);
  if (!gw_canvas_write_scene (scene, &theme, args->scale > 0 ? args->scale : 1, format, args->output, &error))
    return cli_fail (args, args->files[0], error);
  return CLI_DONE;
}

/* ---- curves ---- */

/* Appends what the files have of `tag`, in order; FALSE when one is damaged. */
static gboolean
read_curve (const GPtrArray *files,
            const char      *tag,
            GwSeries        *series,
            GError         **error)
{
  for (guint i = 0; i < files->len; i++)
    {
      g_autoptr (GwEventReader) reader = gw_event_reader_open (g_ptr_array_index (files, i), error);
      GwReadStatus status = GW_READ_OK;
      GwEventValue value;

      if (reader == NULL)
        return FALSE;
      while ((status = gw_event_reader_next (reader, &value, error)) == GW_READ_OK)
        {
          if (value.kind == GW_EVENT_SESSION_LOG && value.status == GW_SESSION_START)
            gw_series_truncate_from_step (series, (double) value.step);
          if (value.kind == GW_EVENT_SCALAR && strcmp (value.tag, tag) == 0)
            gw_series_append (series, (double) value.step, value.wall_time, value.scalar);
        }
      if (status == GW_READ_ERROR)
        return FALSE;
    }
  return TRUE;
}

static GPtrArray *
event_files (const char *path,
             GError    **error)
{
  GPtrArray *one;

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return gw_event_files_in_folder (path, error);
  one = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (one, g_strdup (path));
  return one;
}

static gboolean
add_run (const CliArgs *args,
         GwLineChart   *chart,
         int            number,
         GError       **error)
{
  const char *path = args->files[number];
  g_autoptr (GPtrArray) files = event_files (path, error);
  g_autoptr (GwSeries) series = gw_series_new ();
  g_autofree char *canonical = g_canonicalize_filename (path, NULL);
  g_autofree char *name = g_path_get_basename (canonical);

  if (files == NULL || !read_curve (files, args->tag, series, error))
    return FALSE;
  if (gw_series_length (series) == 0)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND, "it has no scalars called %s", args->tag);
      return FALSE;
    }
  gw_series_set_smoothing (series, GW_SMOOTHING_EMA, gw_series_length (series) > 100 ? 0.6 : 0);
  gw_line_chart_add (chart, series, name, (guint) number);
  return TRUE;
}

static int
render_curves (const CliArgs *args)
{
  g_autoptr (GError) error = NULL;
  GwLineChart *chart = gw_line_chart_new ();
  g_autoptr (GwChart) owner = (GwChart *) chart;
  GwLineChartOptions *chart_options = gw_line_chart_options (chart);
  GwExportOptions page = {
    .width = args->width > 0 ? (double) args->width : CHART_WIDTH,
    .height = args->height > 0 ? (double) args->height : CHART_HEIGHT,
    .scale = args->scale, .dark = args->dark,
  };

  chart_options->title = g_intern_string (args->tag);
  chart_options->legend = TRUE;
  chart_options->footer = TRUE;
  for (int i = 0; i < args->n_files; i++)
    if (!add_run (args, chart, i, &error))
      return cli_fail (args, args->files[i], error);
  if (!gw_chart_export (owner, args->output, &page, &error))
    return cli_fail (args, NULL, error);
  return CLI_DONE;
}

static int
run (const CliArgs *args)
{
  if (args->output == NULL)
    {
      fprintf (stderr, "gw render: say where to: -o FILE.png, .svg or .pdf\n");
      return CLI_USAGE;
    }
  if (args->tag != NULL)
    return render_curves (args);
  if (args->n_files == 1 && !g_file_test (args->files[0], G_FILE_TEST_IS_DIR))
    return render_document (args);
  fprintf (stderr, "gw render: say which curve of the run: --tag loss\n");
  return CLI_USAGE;
}

static const CliOption options[] = {
  { "output", 'o', CLI_OPTION_TEXT, "FILE", "Picture to write; its ending says how: .png, .svg, .pdf.", offsetof (CliArgs, output) },
  { "tag", 0, CLI_OPTION_TEXT, "TAG", "Draws this curve of runs instead of a document: loss, accuracy …", offsetof (CliArgs, tag) },
  { "width", 0, CLI_OPTION_INT, "PX", "Width of a chart; 800 by default.", offsetof (CliArgs, width) },
  { "height", 0, CLI_OPTION_INT, "PX", "Height of a chart; 480 by default.", offsetof (CliArgs, height) },
  { "scale", 0, CLI_OPTION_FLOAT, "X", "Pixels of a PNG for each px of the drawing; 1 by default.", offsetof (CliArgs, scale) },
  { "dark", 0, CLI_OPTION_FLAG, NULL, "In the dark style.", offsetof (CliArgs, dark) },
  { "set", 0, CLI_OPTION_LIST, "NODE.ATTR=VALUE", "Sets an attribute of a node first.", offsetof (CliArgs, set) },
  { "json", 'j', CLI_OPTION_FLAG, NULL, "Errors as JSON on standard output.", offsetof (CliArgs, json) },
  { NULL },
};

const CliCommand cli_render = {
  .name = "render", .arguments = "FILE|RUN… -o PICTURE", .min_files = 1, .max_files = 64,
  .summary = "Draws a document or a curve as PNG, SVG or PDF.",
  .description =
    "Draws the graph in FILE as the window shows it, whole. With --tag draws that curve of one or more runs (folders or "
    "event files, TensorFlow's too) in one chart. Needs no display.",
  .examples =
    "  gw render digits.gw -o digits.svg\n"
    "  gw render digits.runs/* --tag loss -o loss.png --scale 2",
  .options = options,
  .run = run,
};
