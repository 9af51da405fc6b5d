/* SPDX-License-Identifier: Apache-2.0 */
/* What the canvas costs on documents of many nodes, with all that the program puts between
 * file and picture: reading, inference, the adapter, the widget.
 *
 *   bench-canvas [NODES...] [LINE]   default: 10000 100000; LINE: only frames whose name holds it
 *
 * Frames are whole, from the clock's before-paint to its after-paint; beside the time on the
 * wall stands the processor time of the thread, which does not count what others on the machine
 * do. Needs a display of 2560 by 1440 (with GSK_RENDERER=cairo for figures of software drawing).
 * Prints figures and never fails on a bad one. */
#include <adwaita.h>
#include <glib/gstdio.h>
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/ui/canvas-adapter.h"
#include "widgets/canvas/canvas.h"

#define FRAMES 150
#define EDITS 50
#define COLUMN_WIDTH 260
#define ROW_HEIGHT 150

typedef struct {
  GwDocModel      *model;
  GwRun           *run;
  GwCanvasAdapter *adapter;
  GtkWidget       *window;
  GwCanvas        *canvas;
  int              nodes, rows;
  const char      *only;        /* a part of the lines' names, or NULL */
  gboolean         loaded;
  int              frame;
  gint64           start;
  double           work_start;
  double           wall[FRAMES], work[FRAMES]; /* milliseconds */
} Bench;

typedef void (*StepFunc) (Bench *bench);

/* Of this thread, in milliseconds. */
static double
processor_time (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return (double) time.tv_sec * 1e3 + (double) time.tv_nsec / 1e6;
}

static double
milliseconds_since (gint64 start)
{
  return (double) (g_get_monotonic_time () - start) / 1000;
}

static size_t
allocated (void)
{
  struct mallinfo2 info = mallinfo2 ();

  return info.uordblks + info.hblkhd;
}

static int
compare_times (const void *a,
               const void *b)
{
  return (*(const double *) a > *(const double *) b) - (*(const double *) a < *(const double *) b);
}

static double
share_of (const double *sorted,
          int           n,
          double        share)
{
  return sorted[MIN ((int) (n * share), n - 1)];
}

/* ---- the document ---- */

/* Columns of nodes, each fed by the column before it: every other node adds two of them, one a
 * neighbour and now and then one far off; one in a hundred has an open input for the edits. */
static char *
document_text (int n,
               int rows)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  GString *text = g_string_new ("{\"graphwright\":1,\"nodes\":[");

  for (int i = 0; i < n; i++)
    {
      int column = i / rows, row = i % rows;
      int straight = i - rows + 1;
      int near = (column - 1) * rows + CLAMP (row + g_rand_int_range (random, -3, 4), 0, rows - 1) + 1;
      int far = column > 4 && g_rand_int_range (random, 0, 40) == 0 ? near - 3 * rows : near;

      g_string_append_printf (text, "%s{\"id\":%d,\"name\":\"layer%d/node%d\",\"at\":[%d,%d],", i > 0 ? "," : "",
                              i + 1, column, i + 1, column * COLUMN_WIDTH, row * ROW_HEIGHT);
      if (column == 0)
        g_string_append (text, "\"op\":\"Placeholder\",\"attrs\":{\"shape\":[null,64]}}");
      else if (i % 2 == 0)
        g_string_append_printf (text, "\"op\":\"Relu\",\"inputs\":{\"features\":{\"from\":%d}}}", straight);
      else if (i % 100 == 1)
        g_string_append_printf (text, "\"op\":\"AddV2\",\"inputs\":{\"x\":{\"from\":%d},\"y\":{\"literal\":\"1\"}}}",
                                straight);
      else
        g_string_append_printf (text, "\"op\":\"AddV2\",\"inputs\":{\"x\":{\"from\":%d},\"y\":{\"from\":%d}}}",
                                straight, far);
    }
  g_string_append (text, "]}");
  return g_string_free (text, FALSE);
}

/* ---- frames ---- */

static void
on_before (GdkFrameClock *clock,
           gpointer       data)
{
  Bench *bench = data;

  bench->start = g_get_monotonic_time ();
  bench->work_start = processor_time ();
}

static void
on_after (GdkFrameClock *clock,
          gpointer       data)
{
  Bench *bench = data;

  if (bench->frame >= FRAMES || bench->start == 0)
    return;
  bench->wall[bench->frame] = milliseconds_since (bench->start);
  bench->work[bench->frame++] = processor_time () - bench->work_start;
}

/* Until nothing is left to draw or to infer, for `milliseconds` at least. */
static void
settle (double milliseconds)
{
  gint64 start = g_get_monotonic_time (), quiet = start;

  while (milliseconds_since (start) < milliseconds || milliseconds_since (quiet) < 100)
    if (g_main_context_iteration (NULL, FALSE))
      quiet = milliseconds_since (start) < 20000 ? g_get_monotonic_time () : quiet;
    else
      g_usleep (500);
}

static void
run (Bench      *bench,
     const char *name,
     StepFunc    step)
{
  int done = -1;

  if (bench->only != NULL && strstr (name, bench->only) == NULL)
    return;
  settle (300);
  bench->frame = 0;
  bench->start = 0;
  while (bench->frame < FRAMES)
    {
      if (done < bench->frame)
        {
          done = bench->frame;
          step (bench);
          gtk_widget_queue_draw (GTK_WIDGET (bench->canvas));
        }
      g_main_context_iteration (NULL, TRUE);
    }
  qsort (bench->wall, FRAMES, sizeof *bench->wall, compare_times);
  qsort (bench->work, FRAMES, sizeof *bench->work, compare_times);
  printf ("  %-28s median %6.2f ms   p99 %6.2f ms   worst %6.2f ms   work median %6.2f ms   p99 %6.2f ms\n", name,
          share_of (bench->wall, FRAMES, 0.5), share_of (bench->wall, FRAMES, 0.99), bench->wall[FRAMES - 1],
          share_of (bench->work, FRAMES, 0.5), share_of (bench->work, FRAMES, 0.99));
  fflush (stdout);
}

static void
step_idle (Bench *bench)
{
}

static void
step_pan (Bench *bench)
{
  double x, y;

  gw_canvas_to_canvas (bench->canvas, 9, 4, &x, &y);
  gw_canvas_scroll_to (bench->canvas, x, y);
}

static void
step_zoom (Bench *bench)
{
  gw_canvas_set_zoom (bench->canvas, 0.6 + 0.45 * cos (bench->frame * 0.1));
}

static guint64
middle_node (Bench *bench)
{
  return (guint64) (bench->nodes / 2 + bench->rows / 2);
}

static void
step_select (Bench *bench)
{
  guint64 id = middle_node (bench) + (guint64) (bench->frame % 2);

  gw_canvas_set_selection (bench->canvas, &id, 1);
}

static void
step_move (Bench *bench)
{
  guint64 id = middle_node (bench);
  GwCanvasModel *model = GW_CANVAS_MODEL (bench->adapter);

  GW_CANVAS_MODEL_GET_IFACE (model)->move (model, &id, 1, bench->frame % 2 ? 5 : -5, bench->frame % 2 ? 2 : -2,
                                           bench->frame == FRAMES - 1);
}

static void
look_at_middle (Bench *bench,
                double zoom)
{
  gw_canvas_set_zoom (bench->canvas, zoom);
  gw_canvas_scroll_to (bench->canvas, COLUMN_WIDTH * (double) (bench->nodes / bench->rows) / 2,
                       ROW_HEIGHT * bench->rows / 2.0);
}

static void
run_frames (Bench *bench)
{
  static const double zooms[] = { 1, 0.45, 0.2 };

  for (guint i = 0; i < G_N_ELEMENTS (zooms); i++)
    {
      g_autofree char *name = g_strdup_printf ("pan at zoom %g", zooms[i]);

      look_at_middle (bench, zooms[i]);
      run (bench, name, step_pan);
    }
  look_at_middle (bench, 1);
  run (bench, "nothing changes", step_idle);
  run (bench, "another node is selected", step_select);
  run (bench, "the selected node moves", step_move);
  run (bench, "zoom between 0.15 and 1.05", step_zoom);
  gw_canvas_zoom_to_fit (bench->canvas);
  run (bench, "pan, all in sight", step_pan);
  printf ("  %-28s %.1f MiB\n", "pictures kept", (double) gw_canvas_get_picture_bytes (bench->canvas) / (1 << 20));
}

static void
resize (Bench *bench,
        int    width,
        int    height)
{
  gtk_window_set_default_size (GTK_WINDOW (bench->window), width, height);
  settle (500);
  printf (" %d × %d\n", gtk_widget_get_width (bench->window), gtk_widget_get_height (bench->window));
}

/* ---- open and edit ---- */

static void
on_loaded (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  Bench *bench = data;
  g_autoptr (GError) error = NULL;

  if (!gw_doc_model_load_finish (bench->model, result, &error))
    g_printerr ("bench-canvas: %s\n", error->message);
  bench->loaded = TRUE;
}

/* Until the file is read, and the first whole frame of it was drawn. */
static void
open_document (Bench *bench,
               GFile *file)
{
  gint64 start = g_get_monotonic_time ();
  double read, drawn;

  gw_doc_model_load_async (bench->model, file, FALSE, NULL, on_loaded, bench);
  while (!bench->loaded)
    g_main_context_iteration (NULL, TRUE);
  read = milliseconds_since (start);
  bench->frame = 0;
  gw_canvas_zoom_to_fit (bench->canvas);
  gtk_widget_queue_draw (GTK_WIDGET (bench->canvas));
  while (bench->frame == 0)
    g_main_context_iteration (NULL, TRUE);
  drawn = milliseconds_since (start);
  gw_doc_model_settle (bench->model);
  printf ("  %-28s read and laid out %6.1f ms   first frame %6.1f ms   every shape known %6.1f ms\n", "open", read,
          drawn, milliseconds_since (start));
}

/* A wire into an open input of the middle: the edit, what it means for shapes, the scene and the
 * layout; then it is undone, which is measured as well. */
static void
run_edits (Bench *bench)
{
  GwCanvasModel *model = GW_CANVAS_MODEL (bench->adapter);
  double connects[EDITS], undos[EDITS];
  int first = bench->nodes / 2 / 100 * 100 + 2;

  settle (300);
  for (int i = 0; i < EDITS; i++)
    {
      int to = first + 100 * (i % 8);
      gint64 start = g_get_monotonic_time ();

      GW_CANVAS_MODEL_GET_IFACE (model)->connect (model, (guint64) (to - bench->rows + 1), 0, (guint64) to, 1);
      gw_doc_model_settle (bench->model);
      connects[i] = milliseconds_since (start);
      start = g_get_monotonic_time ();
      gw_doc_model_undo (bench->model);
      gw_doc_model_settle (bench->model);
      undos[i] = milliseconds_since (start);
      settle (30);
    }
  qsort (connects, EDITS, sizeof *connects, compare_times);
  qsort (undos, EDITS, sizeof *undos, compare_times);
  printf ("  %-28s median %6.2f ms   worst %6.2f ms   undo median %6.2f ms   worst %6.2f ms\n",
          "add a wire in the middle", connects[EDITS / 2], connects[EDITS - 1], undos[EDITS / 2], undos[EDITS - 1]);
}

static void
new_bench (Bench *bench)
{
  bench->model = gw_doc_model_new ();
  bench->run = gw_run_new ();
  bench->adapter = gw_canvas_adapter_new (bench->model, bench->run);
  bench->canvas = GW_CANVAS (g_object_ref_sink (gw_canvas_new ()));
  gw_canvas_set_model (bench->canvas, GW_CANVAS_MODEL (bench->adapter));
}

static void
free_bench (Bench *bench)
{
  g_object_unref (bench->canvas);
  g_object_unref (bench->adapter);
  g_object_unref (bench->run);
  g_object_unref (bench->model);
}

/* What a document takes that is open and known in full, without any picture of it; to be told
 * the second time, when fonts and tables of ops are there. */
static void
measure_memory (GFile   *file,
                int      n,
                gboolean tell)
{
  Bench bench = { 0 };
  size_t before = allocated ();

  new_bench (&bench);
  gw_doc_model_load_async (bench.model, file, FALSE, NULL, on_loaded, &bench);
  while (!bench.loaded)
    g_main_context_iteration (NULL, TRUE);
  gw_doc_model_settle (bench.model);
  settle (200);
  if (tell)
    printf ("  %-28s %.2f KiB a node in document and view, %u wires\n", "memory",
            (double) (allocated () - before) / 1024 / n,
            gw_scene_wires (gw_canvas_model_get_scene (GW_CANVAS_MODEL (bench.adapter)))->len);
  free_bench (&bench);
}

static void
bench_document (int         n,
                const char *only)
{
  Bench bench = { .nodes = n, .only = only, .rows = MAX ((int) sqrt (n * 1.5), 1) };
  g_autofree char *text = document_text (n, bench.rows);
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "bench-canvas-XXXXXX", NULL);
  g_autoptr (GFile) file = NULL;
  GdkFrameClock *clock;
  int fd = g_mkstemp (path);

  if (fd < 0 || !g_close (fd, NULL) || !g_file_set_contents (path, text, -1, NULL))
    return;
  file = g_file_new_for_path (path);
  printf ("%d nodes\n", n);
  measure_memory (file, n, FALSE);
  measure_memory (file, n, TRUE);
  new_bench (&bench);
  bench.window = gtk_window_new ();
  gtk_window_set_decorated (GTK_WINDOW (bench.window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (bench.window), 1280, 800);
  gtk_window_set_child (GTK_WINDOW (bench.window), GTK_WIDGET (bench.canvas));
  gtk_window_present (GTK_WINDOW (bench.window));
  settle (500);
  clock = gtk_widget_get_frame_clock (bench.window);
  g_signal_connect (clock, "before-paint", G_CALLBACK (on_before), &bench);
  g_signal_connect_after (clock, "after-paint", G_CALLBACK (on_after), &bench);
  open_document (&bench, file);
  fflush (stdout);
  run_edits (&bench);
  resize (&bench, 1280, 800);
  run_frames (&bench);
  resize (&bench, 2560, 1440);
  run_frames (&bench);
  g_signal_handlers_disconnect_by_data (clock, &bench);
  gtk_window_destroy (GTK_WINDOW (bench.window));
  free_bench (&bench);
  g_unlink (path);
}

int
main (int    argc,
      char **argv)
{
  static const int defaults[] = { 10000, 100000 };
  const char *only = NULL;
  int n_sizes = 0;

  if (!gtk_init_check ())
    {
      g_printerr ("bench-canvas: there is no display\n");
      return 77;
    }
  adw_init ();
  gw_init ();
  for (int i = 1; i < argc; i++)
    if (!g_ascii_isdigit (argv[i][0]))
      only = argv[i];
    else
      n_sizes++;
  for (guint i = 0; n_sizes == 0 && i < G_N_ELEMENTS (defaults); i++)
    bench_document (defaults[i], only);
  for (int i = 1; i < argc; i++)
    if (g_ascii_isdigit (argv[i][0]))
      bench_document (CLAMP (atoi (argv[i]), 100, 1000000), only);
  return 0;
}
