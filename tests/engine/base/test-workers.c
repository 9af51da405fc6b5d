/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/base/workers.h"
#include "tests/support/support.h"

#include <float.h>
#include <stdatomic.h>

#define MAX_CHUNKS 1000

typedef struct {
  atomic_int counts[MAX_CHUNKS];
  int        plain[MAX_CHUNKS]; /* written by one chunk, read by the caller: a race shows under TSan */
  int        value;
} Loop;

static void
count_chunk (void *data,
             int   chunk)
{
  Loop *loop = data;

  atomic_fetch_add (&loop->counts[chunk], 1);
  loop->plain[chunk] = loop->value + chunk;
}

static void
check_loop (GwWorkers *workers,
            int        n_chunks,
            int        value)
{
  static Loop loop;

  loop.value = value;
  for (int i = 0; i < n_chunks; i++)
    atomic_store (&loop.counts[i], 0);
  gw_workers_run (workers, n_chunks, count_chunk, &loop);
  for (int i = 0; i < n_chunks; i++)
    {
      g_assert_cmpint (atomic_load (&loop.counts[i]), ==, 1);
      g_assert_cmpint (loop.plain[i], ==, value + i);
    }
}

static void
test_every_chunk_once (void)
{
  static const int teams[] = { 1, 2, 4, 9 };
  static const int chunks[] = { 0, 1, 2, 3, 7, 64, MAX_CHUNKS };

  for (gsize t = 0; t < G_N_ELEMENTS (teams); t++)
    {
      g_autoptr (GwWorkers) workers = gw_workers_new (teams[t]);

      g_assert_cmpint (gw_workers_n_threads (workers), ==, teams[t]);
      for (gsize c = 0; c < G_N_ELEMENTS (chunks); c++)
        check_loop (workers, chunks[c], (int) c);
    }
  check_loop (NULL, 10, 5);
}

/* Many short loops, one directly after another, spinning and parked. */
static void
test_many_loops (void)
{
  g_autoptr (GwWorkers) workers = gw_workers_new (3);

  for (int i = 0; i < 2000; i++)
    check_loop (workers, 1 + i % 17, i);
  for (int round = 0; round < 20; round++)
    {
      gw_workers_begin (workers);
      gw_workers_begin (workers);
      for (int i = 0; i < 200; i++)
        check_loop (workers, 1 + i % 17, i);
      gw_workers_end (workers);
      gw_workers_end (workers);
      g_usleep (200);
      check_loop (workers, 8, round);
    }
}

static void
test_start_and_stop (void)
{
  for (int i = 0; i < 50; i++)
    {
      g_autoptr (GwWorkers) workers = gw_workers_new (4);

      if (i % 3 != 0)
        check_loop (workers, 5, i);
      if (i % 2 != 0)
        gw_workers_begin (workers);
    }
  gw_workers_free (NULL);
}

static void
wait_chunk (void *data,
            int   chunk)
{
  atomic_int *arrived = data;

  atomic_fetch_add (arrived, 1);
  for (int i = 0; i < 5000 && atomic_load (arrived) < 3; i++)
    g_usleep (1000);
}

/* Three chunks that wait for each other need three threads at work. */
static void
test_really_parallel (void)
{
  g_autoptr (GwWorkers) workers = gw_workers_new (3);
  atomic_int arrived = 0;

  gw_workers_run (workers, 3, wait_chunk, &arrived);
  g_assert_cmpint (atomic_load (&arrived), ==, 3);
}

typedef struct {
  GwWorkers *workers;
  atomic_int inner;
} Nested;

static void
inner_chunk (void *data,
             int   chunk)
{
  Nested *nested = data;

  atomic_fetch_add (&nested->inner, 1);
}

static void
outer_chunk (void *data,
             int   chunk)
{
  Nested *nested = data;

  gw_workers_run (nested->workers, 10, inner_chunk, nested);
}

/* A loop within a chunk runs inline instead of taking the team apart. */
static void
test_nested (void)
{
  g_autoptr (GwWorkers) workers = gw_workers_new (3);
  Nested nested = { workers, 0 };

  gw_workers_run (workers, 10, outer_chunk, &nested);
  g_assert_cmpint (atomic_load (&nested.inner), ==, 100);
}

static void
test_default_size (void)
{
  g_autoptr (GwWorkers) workers = gw_workers_new (0);

  g_assert_cmpint (gw_workers_n_threads (workers), >=, 1);
  g_assert_cmpint (gw_workers_n_threads (workers), <=, 64);
  g_assert_cmpint (gw_workers_n_threads (NULL), ==, 1);
}

static void
denormal_chunk (void *data,
                int   chunk)
{
  volatile float *results = data;
  volatile float small = FLT_MIN;

  results[chunk] = small * 0.5f;
  g_usleep (2000);
}

static void
test_float_state (void)
{
  g_autoptr (GwWorkers) workers = gw_workers_new (3);
  volatile float small = FLT_MIN;
  float results[6] = { 1, 1, 1, 1, 1, 1 };
  unsigned state;

  g_assert_true (small * 0.5f > 0);
  state = gw_float_state_enter ();
#if defined(__SSE__) || defined(__aarch64__)
  g_assert_true (small * 0.5f == 0);
  gw_workers_run (workers, 6, denormal_chunk, results);
  for (int i = 0; i < 6; i++)
    g_assert_true (results[i] == 0);
#endif
  gw_float_state_leave (state);
  g_assert_true (small * 0.5f > 0);
}

/* As much for each thread of two, four, … where there are but few chunks, and never much smaller than asked for. */
static void
test_chunk_size (void)
{
  for (int64_t n = 1; n < 3000; n += 7)
    for (int64_t grain = 1; grain < 200; grain += 3)
      {
        int64_t size = gw_chunk_size (n, grain), chunks = (n + size - 1) / size;

        g_assert_cmpint (size, >=, 1);
        g_assert_cmpint (size, <=, MAX (grain, 1));
        g_assert_cmpint (2 * size, >=, MIN (n, grain));
        if ((n - 1) / grain < 16)
          g_assert_cmpint (size * chunks - n, <, chunks);
      }
  g_assert_cmpint (gw_chunk_size (100, 41), ==, 25);
  g_assert_cmpint (gw_chunk_size (100, 100), ==, 100);
  g_assert_cmpint (gw_chunk_size (9, 8), ==, 5);
  g_assert_cmpint (gw_chunk_size (G_MAXINT64 / 2, 1000), ==, 1000);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/workers/every-chunk-once", test_every_chunk_once);
  g_test_add_func ("/workers/many-loops", test_many_loops);
  g_test_add_func ("/workers/start-and-stop", test_start_and_stop);
  g_test_add_func ("/workers/really-parallel", test_really_parallel);
  g_test_add_func ("/workers/nested", test_nested);
  g_test_add_func ("/workers/default-size", test_default_size);
  g_test_add_func ("/workers/float-state", test_float_state);
  g_test_add_func ("/workers/chunk-size", test_chunk_size);
  return g_test_run ();
}
