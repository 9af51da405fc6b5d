/* SPDX-License-Identifier: Apache-2.0 */
/* Times are summed up by step of the plan; the trace keeps every step and every chunk of
 * work that a thread did, of a few training steps. */
#include "app/cli/bench-profile.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define TRACED_STEPS 20
#define MAX_EVENTS 200000
#define NAME_WIDTH 34

typedef struct {
  GwStepCost cost;
  int64_t    nanoseconds;
  int64_t    runs;
} Row;

typedef struct {
  const Row *row;     /* the step's; NULL = a chunk of one */
  int        thread;
  int64_t    begin, end;
} Event;

typedef struct {
  GHashTable     *rows;    /* plan → GArray of Row, by step: a batch of another size has its own plan */
  const GwPlan   *plan;    /* the last one that ran … */
  GArray         *present; /* … and its rows */
  GArray         *events;  /* of Event; NULL = no trace */
  pthread_mutex_t lock;    /* of events: all threads add to them */
} Profile;

static void
add_event (Profile   *profile,
           const Row *row,
           int        thread,
           int64_t    begin,
           int64_t    end)
{
  Event event = { row, thread, begin, end };

  pthread_mutex_lock (&profile->lock);
  if (profile->events->len < MAX_EVENTS)
    g_array_append_val (profile->events, event);
  pthread_mutex_unlock (&profile->lock);
}

static GArray *
rows_of (Profile      *profile,
         const GwPlan *plan)
{
  GArray *rows = g_hash_table_lookup (profile->rows, plan);

  if (rows == NULL)
    {
      rows = g_array_new (FALSE, TRUE, sizeof (Row));
      g_array_set_size (rows, (guint) gw_plan_n_steps (plan));
      g_hash_table_insert (profile->rows, (gpointer) plan, rows);
    }
  return rows;
}

static void
step_ended (void         *data,
            const GwPlan *plan,
            int           step,
            int64_t       begin,
            int64_t       end)
{
  Profile *profile = data;
  Row *row;

  if (plan != profile->plan)
    {
      profile->plan = plan;
      profile->present = rows_of (profile, plan);
    }
  row = &g_array_index (profile->present, Row, step);
  if (row->runs++ == 0)
    gw_plan_step_cost (plan, step, &row->cost);
  row->nanoseconds += end - begin;
  if (profile->events != NULL)
    add_event (profile, row, 0, begin, end);
}

static void
part_ended (void    *data,
            int      thread,
            int64_t  begin,
            int64_t  end)
{
  add_event (data, NULL, thread, begin, end);
}

static int
slower_first (const void *a,
              const void *b)
{
  int64_t x = ((const Row *) a)->nanoseconds, y = ((const Row *) b)->nanoseconds;

  return (x < y) - (x > y);
}

static double
total (const GArray *rows)
{
  double nanoseconds = 0;

  for (guint i = 0; i < rows->len; i++)
    nanoseconds += (double) g_array_index (rows, Row, i).nanoseconds;
  return nanoseconds;
}

/* Of the plan that ran most. */
static GArray *
main_rows (const Profile *profile)
{
  GHashTableIter iter;
  gpointer rows;
  GArray *most = NULL;

  g_hash_table_iter_init (&iter, profile->rows);
  while (g_hash_table_iter_next (&iter, NULL, &rows))
    if (most == NULL || total (rows) > total (most))
      most = rows;
  return most;
}

/* ---- the table ---- */

static void
print_row (const Row *row,
           double     all)
{
  double own = (double) row->nanoseconds / (double) row->runs / 1e9;
  g_autofree char *more = row->cost.n_nodes > 1 ? g_strdup_printf (" (and %d more)", row->cost.n_nodes - 1) : NULL;
  g_autofree char *name = g_strconcat (row->cost.node->name, more, NULL);

  printf ("%6.1f %% %10.1f %10.2f %10.2f %9.2f %9.2f  %-*s %s\n", 100 * (double) row->nanoseconds / all, own * 1e6,
          row->cost.flops / 1e6, row->cost.bytes / 1e6, row->cost.flops / MAX (own, 1e-12) / 1e9,
          row->cost.bytes / MAX (own, 1e-12) / 1e9, NAME_WIDTH, name, row->cost.node->def->name);
}

/* `microseconds`: of a training step with all that is around it. */
static void
print_table (const GArray *rows,
             double        microseconds)
{
  double all = total (rows), flops = 0, nodes = 0;

  for (guint i = 0; i < rows->len; i++)
    {
      const Row *row = &g_array_index (rows, Row, i);

      nodes += (double) row->nanoseconds / 1e3 / (double) MAX (row->runs, 1);
      flops += row->cost.flops;
    }
  printf ("%8s %10s %10s %10s %9s %9s  %-*s %s\n", "share", "µs", "Mflop", "MB", "Gflop/s", "GB/s", NAME_WIDTH, "node", "op");
  for (guint i = 0; i < rows->len; i++)
    if (g_array_index (rows, Row, i).runs > 0)
      print_row (&g_array_index (rows, Row, i), MAX (all, 1));
  printf ("A training step takes %.1f µs, its nodes %.1f of them: %.1f Mflop, %.2f Gflop/s.\n", microseconds, nodes,
          flops / 1e6, flops / 1e3 / MAX (microseconds, 1e-6));
}

static void
print_json (const GArray *rows)
{
  for (guint i = 0; i < rows->len; i++)
    {
      const Row *row = &g_array_index (rows, Row, i);
      cJSON *event;

      if (row->runs == 0)
        continue;
      event = cli_event ("node");
      cJSON_AddStringToObject (event, "name", row->cost.node->name);
      cJSON_AddStringToObject (event, "op", row->cost.node->def->name);
      cli_add_int (event, "nodes", row->cost.n_nodes);
      cli_add_double (event, "us", (double) row->nanoseconds / 1e3 / (double) row->runs);
      cli_add_double (event, "flops", row->cost.flops);
      cli_add_double (event, "bytes", row->cost.bytes);
      cli_print_json (event);
    }
}

/* ---- the trace ---- */

/* One complete event; chrome's documents call the fields so. */
static void
append_event (GString     *text,
              const Event *event,
              int64_t      zero)
{
  const Row *row = event->row;
  g_autoptr (GString) args = g_string_new (NULL);
  g_autofree char *name = row != NULL ? g_strescape (row->cost.node->name, NULL) : g_strdup ("work");
  char begin[G_ASCII_DTOSTR_BUF_SIZE], length[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (begin, sizeof begin, "%.3f", (double) (event->begin - zero) / 1e3);
  g_ascii_formatd (length, sizeof length, "%.3f", (double) (event->end - event->begin) / 1e3);
  if (row != NULL)
    g_string_printf (args, ",\"args\":{\"op\":\"%s\",\"nodes\":%d,\"flops\":%.0f,\"bytes\":%.0f}", row->cost.node->def->name,
                     row->cost.n_nodes, row->cost.flops, row->cost.bytes);
  g_string_append_printf (text, "%s\n{\"name\":\"%s\",\"cat\":\"%s\",\"ph\":\"X\",\"pid\":1,\"tid\":%d,\"ts\":%s,\"dur\":%s%s}",
                          text->len > 0 ? "," : "", name, row != NULL ? "node" : "work",
                          row != NULL ? 0 : event->thread + 1, begin, length, args->str);
}

static gboolean
write_trace (const Profile *profile,
             const char    *path,
             GError       **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *all = NULL;
  int64_t zero = INT64_MAX;
  int n_threads = 0;

  for (guint i = 0; i < profile->events->len; i++)
    {
      zero = MIN (zero, g_array_index (profile->events, Event, i).begin);
      n_threads = MAX (n_threads, g_array_index (profile->events, Event, i).thread + 1);
    }
  for (guint i = 0; i < profile->events->len; i++)
    append_event (text, &g_array_index (profile->events, Event, i), zero);
  for (int i = 0; i <= n_threads; i++)
    {
      g_autofree char *name = i == 0 ? g_strdup ("nodes") : g_strdup_printf ("thread %d", i);

      g_string_append_printf (text, "%s\n{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":1,\"tid\":%d,\"args\":{\"name\":\"%s\"}}",
                              text->len > 0 ? "," : "", i, name);
    }
  all = g_strdup_printf ("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[%s\n]}\n", text->str);
  return g_file_set_contents (path, all, -1, error);
}

/* ---- running ---- */

/* Steps for that long, at least one and at most `most`. */
static gboolean
run_for (GwTrainer *trainer,
         gboolean   fixed_batch,
         double     seconds,
         int64_t    most,
         double    *taken,
         int64_t   *steps,
         GError   **error)
{
  int64_t begin = gw_nanoseconds ();

  *taken = 0;
  for (*steps = 0; (*steps == 0 || *taken < seconds) && *steps < most; (*steps)++)
    {
      if (!gw_trainer_run_steps (trainer, 1, fixed_batch, error))
        return FALSE;
      *taken = (double) (gw_nanoseconds () - begin) / 1e9;
    }
  return TRUE;
}

static gboolean
run_traced (GwTrainer  *trainer,
            gboolean    fixed_batch,
            double      seconds,
            const char *path,
            Profile    *profile,
            GError    **error)
{
  GwWorkers *workers = gw_session_workers (gw_trainer_session (trainer));
  g_autoptr (GArray) events = g_array_new (FALSE, FALSE, sizeof (Event));
  double taken;
  int64_t steps;
  gboolean ok;

  profile->events = events;
  gw_workers_set_part_func (workers, part_ended, profile);
  ok = run_for (trainer, fixed_batch, seconds, TRACED_STEPS, &taken, &steps, error);
  gw_workers_set_part_func (workers, NULL, NULL);
  ok = ok && write_trace (profile, path, error);
  profile->events = NULL;
  return ok;
}

gboolean
bench_profile (GwTrainer  *trainer,
               gboolean    fixed_batch,
               double      seconds,
               gboolean    table,
               gboolean    json,
               const char *trace,
               GError    **error)
{
  GwSession *session = gw_trainer_session (trainer);
  g_autoptr (GHashTable) rows = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref);
  Profile profile = { .rows = rows, .lock = PTHREAD_MUTEX_INITIALIZER };
  GArray *most;
  double taken;
  int64_t steps;
  gboolean ok;

  gw_session_set_step_func (session, step_ended, &profile);
  ok = run_for (trainer, fixed_batch, seconds, INT64_MAX, &taken, &steps, error) &&
       (trace == NULL || run_traced (trainer, fixed_batch, seconds, trace, &profile, error));
  gw_session_set_step_func (session, NULL, NULL);
  most = main_rows (&profile);
  if (!ok || most == NULL || !table)
    return ok;
  g_array_sort (most, slower_first);
  if (json)
    print_json (most);
  else
    print_table (most, taken * 1e6 / (double) steps);
  return TRUE;
}
