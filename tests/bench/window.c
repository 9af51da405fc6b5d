/* SPDX-License-Identifier: Apache-2.0 */
/* How smooth the window stays while a document trains at full speed. Prints a line a
 * page: the longest pieces of work of the main loop and the gaps between ticks of the frame
 * clock, which is kept ticking for it; then, with the clock left to itself, the training's
 * speed beside that of the same training without a window. The two take turns, one resting
 * while the other goes, so that both have the machine as it is in that minute; evaluations
 * and checkpoints count for both. Beside the speed stands what share of a core the main
 * thread took, and what everything else on the machine (the display's server among it) took.
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
#define WARM_SECONDS 0.25  /* after a training went on, before it is timed */
#define TURNS 3            /* of each of the two, a page */
#define POLL_MICROSECONDS 10000
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

/* How far a training came in its turns. */
typedef struct {
  int64_t first_step, step;  /* told of after it was warm, and newest */
  gint64  first, last;       /* when that was */
  gint64  begin;             /* of the turn */
  double  steps, seconds;    /* of all turns */
} Pace;

typedef struct {
  GApplication *application;
  GwWindow     *window;
  GwTrainer    *alone;       /* without a window, in a thread of its own */
  double        seconds;
  int           phase, turn;
  Pace          pace, alone_pace;
  Clocks        clocks, spent;  /* at the begin of a turn of the window's, and what all took */
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

/* ---- speed ---- */

static void
begin_turn (Pace *pace)
{
  pace->begin = g_get_monotonic_time ();
  pace->first = 0;
}

static void
tell_step (Pace    *pace,
           int64_t  step)
{
  gint64 now = g_get_monotonic_time ();

  if (step == pace->step)
    return;
  pace->step = step;
  pace->last = now;
  if (pace->first == 0 && now - pace->begin >= WARM_SECONDS * G_USEC_PER_SEC)
    {
      pace->first = now;
      pace->first_step = step;
    }
}

static void
end_turn (Pace *pace)
{
  if (pace->first == 0)
    return;
  pace->steps += (double) (pace->step - pace->first_step);
  pace->seconds += (double) (pace->last - pace->first) / G_USEC_PER_SEC;
}

static double
pace_rate (const Pace *pace)
{
  return pace->steps / pace->seconds;
}

/* ---- the run without a window ---- */

static gpointer
run_alone (gpointer trainer)
{
  g_autoptr (GError) error = NULL;

  if (!gw_trainer_run (trainer, &error))
    fprintf (stderr, "bench-window: %s\n", error->message);
  return NULL;
}

static GwTrainer *
make_alone (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *dir = g_dir_make_tmp ("gw-bench-XXXXXX", &error);
  g_autoptr (GwDocument) document = dir != NULL ? gw_document_load (path, &error) : NULL;
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
  GwTrainer *trainer;

  options.run_dir = dir;
  options.epochs = 1000000;
  options.begin = GW_TRAINER_PAUSED;
  trainer = document != NULL ? gw_trainer_new (document, &options, &error) : NULL;
  if (trainer == NULL)
    {
      fprintf (stderr, "bench-window: %s\n", error->message);
      exit (EXIT_FAILURE);
    }
  return trainer;
}

static gboolean next_turn (gpointer data);

static gpointer
take_turn_alone (gpointer data)
{
  Bench *bench = data;
  Pace *pace = &bench->alone_pace;
  GwReport report;

  gw_trainer_play (bench->alone);
  begin_turn (pace);
  while (g_get_monotonic_time () - pace->begin < (WARM_SECONDS + bench->seconds / TURNS) * G_USEC_PER_SEC)
    {
      g_usleep (POLL_MICROSECONDS);
      for (; gw_trainer_poll (bench->alone, &report); gw_report_clear (&report))
        if (report.kind == GW_REPORT_PROGRESS)
          tell_step (pace, report.progress.step);
    }
  end_turn (pace);
  gw_trainer_pause (bench->alone);
  while (gw_trainer_state (bench->alone) == GW_TRAINER_RUNNING)
    g_usleep (POLL_MICROSECONDS);
  g_idle_add (next_turn, bench);
  return NULL;
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

static GwRun *
window_run (const Bench *bench)
{
  return gw_window_get_run (bench->window);
}

static void
print_phase (const Bench *bench)
{
  double rate = pace_rate (&bench->pace), alone = pace_rate (&bench->alone_pace);
  const Clocks *spent = &bench->spent;

  printf ("window\t%s\tdispatch p99 %.1f ms, longest %.1f ms (processor time %.1f, %.1f)\t"
          "ticks p50 %.1f ms, p99 %.1f ms, longest %.1f ms\t%.0f steps/s, %.0f %% of %.0f\t"
          "main thread %.0f %%, others %.0f %% of a core\n",
          phases[bench->phase].title, percentile (meter.dispatches, 0.99), percentile (meter.dispatches, 1),
          percentile (meter.work, 0.99), percentile (meter.work, 1), percentile (meter.gaps, 0.5),
          percentile (meter.gaps, 0.99), percentile (meter.gaps, 1), rate, rate / alone * 100, alone,
          spent->main_thread / spent->wall * 100, (spent->machine - spent->process) / spent->wall * 100);
  fflush (stdout);
}

static void
next_phase (Bench *bench)
{
  print_phase (bench);
  if (++bench->phase < (int) G_N_ELEMENTS (phases))
    {
      gtk_widget_activate_action (GTK_WIDGET (bench->window), "win.page", "s", phases[bench->phase].page);
      gw_run_resume (window_run (bench));
      g_timeout_add ((guint) (SETTLE_SECONDS * 1000), begin_counting, bench);
      return;
    }
  gw_trainer_quit (bench->alone);
  gw_run_close (window_run (bench));
  g_timeout_add (50, end, bench);
}

static gboolean
rest (gpointer data)
{
  Bench *bench = data;

  if (gw_run_get_state (window_run (bench)) != GW_RUN_PAUSED)
    return G_SOURCE_CONTINUE;
  g_thread_unref (g_thread_new ("turn", take_turn_alone, bench));
  return G_SOURCE_REMOVE;
}

static gboolean
end_window_turn (gpointer data)
{
  Bench *bench = data;
  Clocks now = read_clocks (), *begin = &bench->clocks, *spent = &bench->spent;

  spent->wall += now.wall - begin->wall;
  spent->main_thread += now.main_thread - begin->main_thread;
  spent->process += now.process - begin->process;
  spent->machine += now.machine - begin->machine;
  end_turn (&bench->pace);
  gw_run_pause (window_run (bench));
  g_timeout_add (10, rest, bench);
  return G_SOURCE_REMOVE;
}

static gboolean
next_turn (gpointer data)
{
  Bench *bench = data;

  if (bench->turn++ == TURNS)
    {
      next_phase (bench);
      return G_SOURCE_REMOVE;
    }
  if (gw_run_get_state (window_run (bench)) == GW_RUN_PAUSED)
    gw_run_resume (window_run (bench));
  bench->clocks = read_clocks ();
  begin_turn (&bench->pace);
  g_timeout_add ((guint) ((WARM_SECONDS + bench->seconds / TURNS) * 1000), end_window_turn, bench);
  return G_SOURCE_REMOVE;
}

static void
on_run_changed (GwRun *run,
                Bench *bench)
{
  tell_step (&bench->pace, gw_run_get_progress (run)->step);
}

/* The other half of a phase: how fast it trains. */
static gboolean
begin_rate (gpointer data)
{
  Bench *bench = data;

  meter.counting = FALSE;
  gdk_frame_clock_end_updating (frame_clock (bench));
  bench->turn = 0;
  bench->pace = bench->alone_pace = (Pace) { 0 };
  bench->spent = (Clocks) { 0 };
  return next_turn (bench);
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
  g_signal_connect (window_run (bench), "changed", G_CALLBACK (on_run_changed), bench);
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
  GThread *alone;
  int status;

  if (argc < 2 || !(bench.seconds > 0))
    {
      fprintf (stderr, "Usage: bench-window DOCUMENT [SECONDS [POINTS]]\n");
      return 2;
    }
  gw_init ();
  bench.alone = make_alone (argv[1]);
  alone = g_thread_new ("alone", run_alone, bench.alone);
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
  gw_trainer_quit (bench.alone);
  g_thread_join (alone);
  gw_trainer_free (bench.alone);
  return status;
}
