/* SPDX-License-Identifier: Apache-2.0 */
/* How smooth the window stays while a document trains at full speed. Prints a line a
 * page: the longest pieces of work of the main loop and the gaps between ticks of the frame
 * clock, which is kept ticking for it; then, with the clock left to itself, the training's
 * speed beside that of the same training without a window, measured right after it while
 * the window's own rests. Beside the speed stands what share of a core the main thread took,
 * and what everything else on the machine (the display's server among it) took.
 *
 *   bench-window DOCUMENT [SECONDS [POINTS]]
 *
 * POINTS (default 1,000,000) is the length of an old run that the Board shows beside the
 * live one. Needs a display. Prints figures and never fails on a bad one. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "app/ui/application.h"
#include "app/ui/window.h"

#define SETTLE_SECONDS 2.0 /* after a page came on view */
#define TAG "loss"

typedef struct {
  GArray *dispatches;   /* of double: milliseconds between two polls of the main loop */
  GArray *work;         /* of double: milliseconds of processor time in them */
  GArray *gaps;         /* of double: milliseconds between two ticks */
  gint64  poll_end;
  double  work_end;
  gint64  last_tick;
  gboolean counting;
} Meter;

/* Of clocks that run together, in seconds. */
typedef struct {
  double wall;
  double main_thread; /* its processor time */
  double process;     /* of all its threads */
  double machine;     /* of all that runs */
} Clocks;

typedef struct {
  GApplication *application;
  GwWindow     *window;
  const char   *document;    /* as it was given */
  double        seconds;
  int           phase;
  int64_t       first_step;
  Clocks        clocks;      /* at the begin of what is measured */
  double        rate;        /* steps a second … */
  double        alone;       /* … and without a window */
  double        main_share, other_share; /* of a core */
} Bench;

static Meter meter;

/* ---- measuring ---- */

static double
seconds_of (clockid_t clock)
{
  struct timespec time;

  clock_gettime (clock, &time);
  return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

/* Of this thread, in milliseconds: what others on the machine do is not in it. */
static double
processor_time (void)
{
  return seconds_of (CLOCK_THREAD_CPUTIME_ID) * 1e3;
}

/* NAN where the system does not tell. */
static double
machine_time (void)
{
  g_autofree char *text = NULL;
  double user, nice_time, kernel;

  if (!g_file_get_contents ("/proc/stat", &text, NULL, NULL) ||
      sscanf (text, "cpu %lf %lf %lf", &user, &nice_time, &kernel) != 3)
    return NAN;
  return (user + nice_time + kernel) / (double) sysconf (_SC_CLK_TCK);
}

static Clocks
read_clocks (void)
{
  return (Clocks) { seconds_of (CLOCK_MONOTONIC), seconds_of (CLOCK_THREAD_CPUTIME_ID),
                    seconds_of (CLOCK_PROCESS_CPUTIME_ID), machine_time () };
}

static int
poll_and_measure (GPollFD *fds,
                  guint    n,
                  int      timeout)
{
  gint64 now = g_get_monotonic_time ();
  int result;

  if (meter.counting && meter.poll_end != 0)
    {
      double milliseconds = (double) (now - meter.poll_end) / 1000;
      double work = processor_time () - meter.work_end;

      g_array_append_val (meter.dispatches, milliseconds);
      g_array_append_val (meter.work, work);
    }
  result = g_poll (fds, n, timeout);
  meter.poll_end = g_get_monotonic_time ();
  meter.work_end = processor_time ();
  return result;
}

static void
on_tick (GdkFrameClock *clock,
         gpointer       data)
{
  gint64 now = g_get_monotonic_time ();

  if (meter.counting && meter.last_tick != 0)
    {
      double milliseconds = (double) (now - meter.last_tick) / 1000;

      g_array_append_val (meter.gaps, milliseconds);
    }
  meter.last_tick = now;
}

static gint
compare (gconstpointer a,
         gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

/* `share` 1 = the largest. */
static double
percentile (GArray *values,
            double  share)
{
  if (values->len == 0)
    return NAN;
  g_array_sort (values, compare);
  return g_array_index (values, double, (guint) (share * (values->len - 1) + 0.5));
}

/* ---- the run without a window ---- */

typedef struct {
  GwTrainer *trainer;
  double     seconds;
} Stop;

static gpointer
stop_later (gpointer data)
{
  Stop *stop = data;

  g_usleep ((gulong) (stop->seconds * G_USEC_PER_SEC));
  gw_trainer_quit (stop->trainer);
  return NULL;
}

static double
train_alone (const char *path,
             double      seconds)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *dir = g_dir_make_tmp ("gw-bench-XXXXXX", &error);
  g_autoptr (GwDocument) document = dir != NULL ? gw_document_load (path, &error) : NULL;
  g_autoptr (GwTrainer) trainer = NULL;
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
  GwProgress progress;
  GThread *thread;
  Stop stop;

  options.run_dir = dir;
  options.epochs = 1000000;
  trainer = document != NULL ? gw_trainer_new (document, &options, &error) : NULL;
  if (trainer == NULL)
    {
      fprintf (stderr, "bench-window: %s\n", error->message);
      exit (EXIT_FAILURE);
    }
  stop = (Stop) { trainer, seconds };
  thread = g_thread_new ("stop", stop_later, &stop);
  if (!gw_trainer_run (trainer, &error))
    fprintf (stderr, "bench-window: %s\n", error->message);
  g_thread_join (thread);
  gw_trainer_get_progress (trainer, &progress);
  return progress.seconds > 0 ? (double) progress.step / progress.seconds : NAN;
}

/* ---- what is shown ---- */

/* A copy of the document that does not come to its end, with an old run beside it. */
static char *
make_document (const char *path,
               int         n_points)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *dir = g_dir_make_tmp ("gw-bench-XXXXXX", &error);
  g_autofree char *run = g_build_filename (dir, "bench.runs", "2020-01-01_00-00-00", NULL);
  char *copy = g_build_filename (dir, "bench.gw", NULL);
  g_autoptr (cJSON) json = gw_json_load (path, &error);
  cJSON *attrs = cJSON_GetObjectItemCaseSensitive (cJSON_GetObjectItemCaseSensitive (json, "training"), "attrs");
  g_autofree char *text = NULL;
  g_autoptr (GwEventWriter) writer = NULL;

  if (attrs == NULL || g_mkdir_with_parents (run, 0777) != 0)
    {
      fprintf (stderr, "bench-window: %s is no document that trains\n", path);
      exit (EXIT_FAILURE);
    }
  cJSON_DeleteItemFromObjectCaseSensitive (attrs, "epochs");
  cJSON_AddNumberToObject (attrs, "epochs", 1000000);
  text = gw_json_print (json);
  writer = g_file_set_contents (copy, text, -1, &error) ? gw_event_writer_new (run, NULL, &error) : NULL;
  for (int i = 1; writer != NULL && i <= n_points; i++)
    if (!gw_event_writer_add_scalar (writer, 1.6e9 + i * 1e-3, i, TAG, (float) (2 / sqrt (i) + 0.1 * sin (i * 0.7)), &error))
      break;
  if (error != NULL)
    fprintf (stderr, "bench-window: %s\n", error->message);
  return copy;
}

static const struct {
  const char *page, *title;
} phases[] = { { "graph", "Graph" }, { "board", "Board" }, { "data", "Data" }, { "checkpoints", "Checkpoints" } };

static gboolean begin_counting (gpointer data);

/* Once the training has gone. */
static gboolean
end (gpointer data)
{
  Bench *bench = data;

  if (gw_run_is_active (gw_window_get_run (bench->window)) || gw_run_get_document (gw_window_get_run (bench->window)) != NULL)
    return G_SOURCE_CONTINUE;
  g_application_quit (bench->application);
  return G_SOURCE_REMOVE;
}

static GdkFrameClock *
frame_clock (const Bench *bench)
{
  return gtk_widget_get_frame_clock (GTK_WIDGET (bench->window));
}

static void
print_phase (const Bench *bench)
{
  printf ("window\t%s\tdispatch p99 %.1f ms, longest %.1f ms (processor time %.1f, %.1f)\t"
          "ticks p50 %.1f ms, p99 %.1f ms, longest %.1f ms\t%.0f steps/s, %.0f %% of %.0f\t"
          "main thread %.0f %%, others %.0f %% of a core\n",
          phases[bench->phase].title, percentile (meter.dispatches, 0.99), percentile (meter.dispatches, 1),
          percentile (meter.work, 0.99), percentile (meter.work, 1), percentile (meter.gaps, 0.5),
          percentile (meter.gaps, 0.99), percentile (meter.gaps, 1), bench->rate, bench->rate / bench->alone * 100,
          bench->alone, bench->main_share * 100, bench->other_share * 100);
  fflush (stdout);
}

static gboolean
next_phase (gpointer data)
{
  Bench *bench = data;
  GwRun *run = gw_window_get_run (bench->window);

  print_phase (bench);
  if (++bench->phase < (int) G_N_ELEMENTS (phases))
    {
      gtk_widget_activate_action (GTK_WIDGET (bench->window), "win.page", "s", phases[bench->phase].page);
      gw_run_resume (run);
      g_timeout_add ((guint) (SETTLE_SECONDS * 1000), begin_counting, bench);
    }
  else
    {
      gw_run_close (run);
      g_timeout_add (50, end, bench);
    }
  return G_SOURCE_REMOVE;
}

static gpointer
measure_alone (gpointer data)
{
  Bench *bench = data;

  bench->alone = train_alone (bench->document, bench->seconds);
  g_idle_add (next_phase, bench);
  return NULL;
}

static gboolean
begin_alone (gpointer data)
{
  Bench *bench = data;

  if (gw_run_get_state (gw_window_get_run (bench->window)) != GW_RUN_PAUSED)
    return G_SOURCE_CONTINUE;
  g_thread_unref (g_thread_new ("alone", measure_alone, bench));
  return G_SOURCE_REMOVE;
}

static gboolean
end_rate (gpointer data)
{
  Bench *bench = data;
  GwRun *run = gw_window_get_run (bench->window);
  Clocks now = read_clocks ();
  double seconds = now.wall - bench->clocks.wall, process = now.process - bench->clocks.process;

  bench->rate = (double) (gw_run_get_progress (run)->step - bench->first_step) / seconds;
  bench->main_share = (now.main_thread - bench->clocks.main_thread) / seconds;
  bench->other_share = (now.machine - bench->clocks.machine - process) / seconds;
  gw_run_pause (run);
  g_timeout_add (50, begin_alone, bench);
  return G_SOURCE_REMOVE;
}

/* The other half of a phase: how fast it trains. */
static gboolean
begin_rate (gpointer data)
{
  Bench *bench = data;

  meter.counting = FALSE;
  gdk_frame_clock_end_updating (frame_clock (bench));
  bench->clocks = read_clocks ();
  bench->first_step = gw_run_get_progress (gw_window_get_run (bench->window))->step;
  g_timeout_add ((guint) (bench->seconds * 1000), end_rate, bench);
  return G_SOURCE_REMOVE;
}

static gboolean
begin_counting (gpointer data)
{
  Bench *bench = data;

  if (gw_run_get_state (gw_window_get_run (bench->window)) != GW_RUN_RUNNING)
    return G_SOURCE_CONTINUE;
  g_array_set_size (meter.dispatches, 0);
  g_array_set_size (meter.work, 0);
  g_array_set_size (meter.gaps, 0);
  meter.last_tick = 0;
  meter.counting = TRUE;
  gdk_frame_clock_begin_updating (frame_clock (bench)); /* every gap counts, not only those with something new */
  g_timeout_add ((guint) (bench->seconds * 1000), begin_rate, bench);
  return G_SOURCE_REMOVE;
}

static gboolean
start (gpointer data)
{
  Bench *bench = data;
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (bench->application));

  if (!GW_IS_WINDOW (window) || gw_doc_model_get_file (gw_window_get_model (GW_WINDOW (window))) == NULL)
    return G_SOURCE_CONTINUE;
  bench->window = GW_WINDOW (window);
  gtk_window_set_default_size (window, 1440, 900);
  g_signal_connect (frame_clock (bench), "before-paint", G_CALLBACK (on_tick), NULL);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.train", NULL);
  g_timeout_add ((guint) (SETTLE_SECONDS * 1000), begin_counting, bench);
  return G_SOURCE_REMOVE;
}

int
main (int    argc,
      char **argv)
{
  Bench bench = { .seconds = argc > 2 ? atof (argv[2]) : 8 };
  g_autofree char *document = NULL;
  int status;

  if (argc < 2 || !(bench.seconds > 0))
    {
      fprintf (stderr, "Usage: bench-window DOCUMENT [SECONDS [POINTS]]\n");
      return 2;
    }
  gw_init ();
  bench.document = argv[1];
  document = make_document (argv[1], argc > 3 ? atoi (argv[3]) : 1000000);
  meter.dispatches = g_array_new (FALSE, FALSE, sizeof (double));
  meter.work = g_array_new (FALSE, FALSE, sizeof (double));
  meter.gaps = g_array_new (FALSE, FALSE, sizeof (double));
  g_main_context_set_poll_func (NULL, poll_and_measure);
  bench.application = G_APPLICATION (gw_application_new ());
  g_application_set_flags (bench.application, g_application_get_flags (bench.application) | G_APPLICATION_NON_UNIQUE);
  g_timeout_add (200, start, &bench);
  {
    char *arguments[] = { argv[0], document, NULL };

    status = g_application_run (bench.application, 2, arguments);
  }
  g_object_unref (bench.application);
  return status;
}
