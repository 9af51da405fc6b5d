/* SPDX-License-Identifier: Apache-2.0 */

/* Prints what a frame of a large canvas costs: canvas-bench [NODES].  A frame
 * is measured from the clock's before-paint to its after-paint. */

#include <adwaita.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/widgets/canvas/fake-model.h"
#include "tests/widgets/canvas/fashion.h"
#include "widgets/canvas/canvas.h"

#define FRAMES 90

typedef struct
{
  GtkWidget *window;
  GwCanvas *canvas;
  FakeModel *model;
  guint frame;
  gint64 started;
  double times[FRAMES];         /* ms */
} Bench;

typedef void (*StepFunc) (Bench *bench);

static void
on_before (GdkFrameClock *clock,
           Bench         *bench)
{
  bench->started = g_get_monotonic_time ();
}

static void
on_after (GdkFrameClock *clock,
          Bench         *bench)
{
  if (bench->frame < FRAMES && bench->started != 0)
    bench->times[bench->frame++] = (g_get_monotonic_time () - bench->started) / 1000.0;
}

static int
compare_times (const void *a,
               const void *b)
{
  return (*(double *) a > *(double *) b) - (*(double *) a < *(double *) b);
}

static void
settle (int frames)
{
  gint64 end = g_get_monotonic_time () + frames * 20000;

  while (g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, FALSE);
}

static void
run (Bench      *bench,
     const char *name,
     StepFunc    step)
{
  guint done = 0;

  settle (40);
  bench->frame = 0;
  while (bench->frame < FRAMES)
    {
      if (done <= bench->frame)
        {
          step (bench);
          gtk_widget_queue_draw (GTK_WIDGET (bench->canvas));
          done = bench->frame + 1;
        }
      g_main_context_iteration (NULL, TRUE);
    }
  qsort (bench->times, FRAMES, sizeof *bench->times, compare_times);
  printf ("%-34s median %6.2f ms   95 %% %6.2f ms   worst %6.2f ms\n", name,
          bench->times[FRAMES / 2], bench->times[FRAMES * 95 / 100], bench->times[FRAMES - 1]);
}

static void
step_pan (Bench *bench)
{
  double x, y;

  gw_canvas_to_canvas (bench->canvas, 9, 4, &x, &y);
  gw_canvas_scroll_to (bench->canvas, x, y);
}

static void
step_idle (Bench *bench)
{
}

static void
step_zoom (Bench *bench)
{
  gw_canvas_set_zoom (bench->canvas, 0.6 + 0.4 * cos (bench->frame * 0.1));
}

/* One that is in sight when the bench moves it. */
static guint64
some_node (Bench *bench)
{
  return gw_scene_nodes (fake_model_scene (bench->model))->len > 200 ? 130 : 35;
}

static void
step_select (Bench *bench)
{
  guint64 id = some_node (bench) + bench->frame % 2;

  gw_canvas_set_selection (bench->canvas, &id, 1);
}

static void
step_move (Bench *bench)
{
  guint64 id = some_node (bench);
  GwSceneNode *node = gw_scene_get_node (fake_model_scene (bench->model), id);

  node->x += bench->frame % 2 ? 5 : -5;
  node->y += bench->frame % 2 ? 2 : -2;
  gw_canvas_model_moved (GW_CANVAS_MODEL (bench->model), &id, 1);
}

static void
bench_graph (guint n)
{
  Bench bench = { 0 };
  gint64 start = g_get_monotonic_time ();
  GdkFrameClock *clock;

  bench.model = fake_model_new (large_scene_new (n));
  bench.window = gtk_window_new ();
  bench.canvas = GW_CANVAS (gw_canvas_new ());
  printf ("%u nodes, %u wires\n", n, gw_scene_wires (fake_model_scene (bench.model))->len);
  start = g_get_monotonic_time ();
  gw_canvas_set_model (bench.canvas, GW_CANVAS_MODEL (bench.model));
  printf ("  %-32s %6.1f ms\n", "measure and route everything",
          (g_get_monotonic_time () - start) / 1000.0);
  gtk_window_set_default_size (GTK_WINDOW (bench.window), 1280, 800);
  gtk_window_set_child (GTK_WINDOW (bench.window), GTK_WIDGET (bench.canvas));
  gtk_window_present (GTK_WINDOW (bench.window));
  settle (50);
  clock = gtk_widget_get_frame_clock (bench.window);
  g_signal_connect (clock, "before-paint", G_CALLBACK (on_before), &bench);
  g_signal_connect_after (clock, "after-paint", G_CALLBACK (on_after), &bench);
  gw_canvas_set_zoom (bench.canvas, 1);
  gw_canvas_scroll_to (bench.canvas, n > 200 ? 900 : 0, 500);
  run (&bench, "  zoom 1: nothing changes", step_idle);
  run (&bench, "  zoom 1: pan 9 px a frame", step_pan);
  gw_canvas_set_zoom (bench.canvas, 1);
  gw_canvas_scroll_to (bench.canvas, n > 200 ? 900 : 0, 500);
  run (&bench, "  zoom 1: another node is selected", step_select);
  run (&bench, "  zoom 1: the selected node moves", step_move);
  gw_canvas_set_zoom (bench.canvas, 0.45);
  run (&bench, "  zoom 0.45: pan 9 px a frame", step_pan);
  run (&bench, "  zoom glides 0.2 to 1", step_zoom);
  gw_canvas_set_zoom (bench.canvas, 0.2);
  run (&bench, "  zoom 0.2: pan 9 px a frame", step_pan);
  gw_canvas_zoom_to_fit (bench.canvas);
  run (&bench, "  fitted: pan 9 px a frame", step_pan);
  g_signal_handlers_disconnect_by_data (clock, &bench);
  gtk_window_destroy (GTK_WINDOW (bench.window));
  g_object_unref (bench.model);
}

int
main (int    argc,
      char **argv)
{
  guint n = argc > 1 ? strtoul (argv[1], NULL, 10) : 10000;

  if (!gtk_init_check ())
    {
      fprintf (stderr, "no display\n");
      return 77;
    }
  adw_init ();
  bench_graph (60);
  bench_graph (CLAMP (n, 1, 200000));
  return 0;
}
