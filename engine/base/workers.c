/* SPDX-License-Identifier: Apache-2.0 */
/* A loop is published as one 64-bit ticket for each thread: the end of its share of the
 * chunks above, the next chunk below. Taking a chunk is one fetch-and-add, which tells
 * both; `func` and `data` are read only by who got a chunk, and the loop cannot end
 * before that chunk is done, so a thread that comes late never sees a half-written loop.
 *
 * A thread starts with its own share, which is the same part of every loop over as many
 * chunks: what it wrote in one loop is in its cache in the next. Then it helps the others. */
#include "engine/base/workers.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#if defined(__SSE__)
#include <xmmintrin.h>
#endif

#define MAX_THREADS 64
#define SPINS_BEFORE_YIELD 2000 /* some 80 µs of pauses */
#define SPINS_BEFORE_PARK 20000 /* about a millisecond */
#define SPINS_AFTER_END 2500    /* some 100 µs: until the next step, if one follows the other */
#define CACHE_LINE 64
#define FEW_CHUNKS 16

typedef struct {
  _Alignas (CACHE_LINE) _Atomic uint64_t ticket;
} Share;

struct _GwWorkers {
  int          n_threads;
  int          n_started;  /* of them; fewer where the system has no more: the rest's shares are for the others */
  pthread_t    threads[MAX_THREADS];
  Share        shares[MAX_THREADS];

  _Alignas (CACHE_LINE) uint32_t n_chunks; /* of the loop; as `func`, for who got a chunk */
  GwChunkFunc  func;
  void        *data;
  GwPartFunc   part;       /* NULL = nobody listens */
  void        *part_data;

  _Alignas (CACHE_LINE) _Atomic uint32_t done;   /* chunks of this loop that are finished */
  _Atomic uint32_t caller_waits;                 /* parked on `done` */

  _Alignas (CACHE_LINE) _Atomic uint32_t epoch;  /* what parked threads wait on */
  _Atomic int  n_parked;
  _Atomic int  sessions;                         /* gw_workers_begin() without its end */
  _Atomic int  stop;
};

static _Thread_local gboolean inside_chunk;
static _Thread_local int thread_number; /* in its team; 0 = the caller */

static void
futex_wait (_Atomic uint32_t *word,
            uint32_t          value)
{
  syscall (SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void
futex_wake (_Atomic uint32_t *word,
            int               n)
{
  syscall (SYS_futex, word, FUTEX_WAKE_PRIVATE, n, NULL, NULL, 0);
}

static inline void
relax (int spins)
{
  if (spins > SPINS_BEFORE_YIELD && spins % 64 == 0)
    sched_yield ();
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause ();
#elif defined(__aarch64__)
  __asm__ __volatile__ ("yield");
#endif
}

static inline gboolean
is_left (const Share *share)
{
  uint64_t ticket = atomic_load (&((Share *) share)->ticket);

  return (uint32_t) ticket < ticket >> 32;
}

static gboolean
has_chunks (const GwWorkers *workers)
{
  for (int i = 0; i < workers->n_threads; i++)
    if (is_left (&workers->shares[i]))
      return TRUE;
  return FALSE;
}

int64_t
gw_nanoseconds (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C (1000000000) + now.tv_nsec;
}

static void
run_chunk (GwWorkers *workers,
           uint32_t   chunk)
{
  uint32_t n_chunks = workers->n_chunks;
  int64_t begin = 0;

  if (G_UNLIKELY (workers->part != NULL))
    begin = gw_nanoseconds ();
  inside_chunk = TRUE;
  workers->func (workers->data, (int) chunk);
  inside_chunk = FALSE;
  if (G_UNLIKELY (workers->part != NULL))
    workers->part (workers->part_data, thread_number, begin, gw_nanoseconds ());
  if (atomic_fetch_add (&workers->done, 1) + 1 == n_chunks && atomic_load (&workers->caller_waits) != 0)
    futex_wake (&workers->done, 1);
}

/* Works through what is left of the loop, its own share first. */
static void
take_chunks (GwWorkers *workers)
{
  for (int i = 0; i < workers->n_threads; i++)
    {
      Share *share = &workers->shares[(thread_number + i) % workers->n_threads];

      while (is_left (share))
        {
          uint64_t ticket = atomic_fetch_add_explicit (&share->ticket, 1, memory_order_acq_rel);

          if ((uint32_t) ticket >= ticket >> 32)
            break;
          run_chunk (workers, (uint32_t) ticket);
        }
    }
}

static void
park (GwWorkers *workers)
{
  uint32_t epoch;

  atomic_fetch_add (&workers->n_parked, 1);
  epoch = atomic_load (&workers->epoch);
  if (atomic_load (&workers->stop) == 0 && !has_chunks (workers))
    futex_wait (&workers->epoch, epoch);
  atomic_fetch_sub (&workers->n_parked, 1);
}

static void
wake (GwWorkers *workers,
      int        n)
{
  if (atomic_load (&workers->n_parked) == 0)
    return;
  atomic_fetch_add (&workers->epoch, 1);
  futex_wake (&workers->epoch, n);
}

typedef struct {
  GwWorkers *workers;
  int        number;
} Start;

static void *
worker_main (void *argument)
{
  g_autofree Start *start = argument;
  GwWorkers *workers = start->workers;
  int spins = 0;

  thread_number = start->number;

  gw_float_state_enter ();
  while (atomic_load_explicit (&workers->stop, memory_order_relaxed) == 0)
    {
      if (has_chunks (workers))
        {
          take_chunks (workers);
          spins = 0;
        }
      else if (spins < (atomic_load_explicit (&workers->sessions, memory_order_relaxed) > 0 ? SPINS_BEFORE_PARK
                                                                                           : SPINS_AFTER_END))
        relax (spins++);
      else
        {
          park (workers);
          spins = 0;
        }
    }
  return NULL;
}

static int
count_cores (void)
{
  cpu_set_t set;

  if (sched_getaffinity (0, sizeof set, &set) != 0)
    return (int) CLAMP (sysconf (_SC_NPROCESSORS_ONLN), 1, MAX_THREADS);
  return CLAMP (CPU_COUNT (&set), 1, MAX_THREADS);
}

GwWorkers *
gw_workers_new (int n_threads)
{
  GwWorkers *workers = g_aligned_alloc0 (1, sizeof *workers, CACHE_LINE);
  sigset_t all, before;

  if (n_threads <= 0)
    n_threads = count_cores ();
  workers->n_threads = MIN (n_threads, MAX_THREADS);
  workers->n_started = 1;
  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  while (workers->n_started < workers->n_threads)
    {
      Start *start = g_new (Start, 1);

      *start = (Start) { workers, workers->n_started };
      if (pthread_create (&workers->threads[workers->n_started - 1], NULL, worker_main, start) != 0)
        {
          g_free (start);
          break;
        }
      pthread_setname_np (workers->threads[workers->n_started - 1], "gw-worker");
      workers->n_started++;
    }
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  return workers;
}

void
gw_workers_free (GwWorkers *workers)
{
  if (workers == NULL)
    return;
  atomic_store (&workers->stop, 1);
  atomic_fetch_add (&workers->epoch, 1);
  futex_wake (&workers->epoch, INT_MAX);
  for (int i = 0; i < workers->n_started - 1; i++)
    pthread_join (workers->threads[i], NULL);
  g_aligned_free (workers);
}

int
gw_workers_n_threads (const GwWorkers *workers)
{
  return workers != NULL ? workers->n_threads : 1;
}

/* Until the chunks that others took are done. */
static void
wait_for_others (GwWorkers *workers,
                 uint32_t   n_chunks)
{
  uint32_t done;

  for (int spins = 0; spins < SPINS_BEFORE_PARK; spins++)
    {
      if (atomic_load_explicit (&workers->done, memory_order_acquire) == n_chunks)
        return;
      relax (spins);
    }
  atomic_store (&workers->caller_waits, 1);
  while ((done = atomic_load (&workers->done)) != n_chunks)
    futex_wait (&workers->done, done);
  atomic_store (&workers->caller_waits, 0);
}

/* The caller's own share comes last: the others have seen theirs by the time it is at work. */
static void
publish (GwWorkers *workers,
         uint32_t   n_chunks)
{
  uint64_t n_threads = (uint64_t) workers->n_threads;

  for (uint64_t i = n_threads; i-- > 0;)
    {
      uint64_t begin = n_chunks * i / n_threads, end = n_chunks * (i + 1) / n_threads;

      atomic_store (&workers->shares[i].ticket, end << 32 | begin);
    }
}

void
gw_workers_run (GwWorkers   *workers,
                int          n_chunks,
                GwChunkFunc  func,
                void        *data)
{
  if (workers == NULL || workers->n_threads == 1 || n_chunks <= 1 || inside_chunk)
    {
      for (int chunk = 0; chunk < n_chunks; chunk++)
        func (data, chunk);
      return;
    }
  workers->n_chunks = (uint32_t) n_chunks;
  workers->func = func;
  workers->data = data;
  atomic_store_explicit (&workers->done, 0, memory_order_relaxed);
  publish (workers, (uint32_t) n_chunks);
  wake (workers, n_chunks - 1);
  take_chunks (workers);
  wait_for_others (workers, (uint32_t) n_chunks);
}

void
gw_workers_set_part_func (GwWorkers *workers,
                          GwPartFunc func,
                          void      *data)
{
  workers->part = func;
  workers->part_data = data;
}

gboolean
gw_workers_pin (GwWorkers *workers)
{
  cpu_set_t all;
  int core = -1;

  if (sched_getaffinity (0, sizeof all, &all) != 0 || CPU_COUNT (&all) < workers->n_started)
    return FALSE;
  for (int i = 0; i < workers->n_started; i++)
    {
      cpu_set_t own;

      do
        core++;
      while (!CPU_ISSET (core, &all));
      CPU_ZERO (&own);
      CPU_SET (core, &own);
      if (pthread_setaffinity_np (i == 0 ? pthread_self () : workers->threads[i - 1], sizeof own, &own) != 0)
        return FALSE;
    }
  return TRUE;
}

int64_t
gw_chunk_size (int64_t n,
               int64_t grain)
{
  int64_t chunks = (n - 1) / grain + 1, even = 1;

  while (even < chunks)
    even *= 2;
  return even <= FEW_CHUNKS ? (n - 1) / even + 1 : grain;
}

void
gw_workers_begin (GwWorkers *workers)
{
  if (workers != NULL && atomic_fetch_add (&workers->sessions, 1) == 0)
    wake (workers, INT_MAX);
}

void
gw_workers_end (GwWorkers *workers)
{
  if (workers != NULL)
    atomic_fetch_sub (&workers->sessions, 1);
}

#if defined(__SSE__)
#define FLUSH_TO_ZERO 0x8000u
#define DENORMALS_ARE_ZERO 0x0040u

unsigned
gw_float_state_enter (void)
{
  unsigned state = _mm_getcsr ();

  _mm_setcsr (state | FLUSH_TO_ZERO | DENORMALS_ARE_ZERO);
  return state;
}

void
gw_float_state_leave (unsigned state)
{
  _mm_setcsr (state);
}
#elif defined(__aarch64__)
#define FLUSH_TO_ZERO (1u << 24)

unsigned
gw_float_state_enter (void)
{
  uint64_t state;

  __asm__ __volatile__ ("mrs %0, fpcr" : "=r" (state));
  __asm__ __volatile__ ("msr fpcr, %0" : : "r" (state | FLUSH_TO_ZERO));
  return (unsigned) state;
}

void
gw_float_state_leave (unsigned state)
{
  __asm__ __volatile__ ("msr fpcr, %0" : : "r" ((uint64_t) state));
}
#else
unsigned
gw_float_state_enter (void)
{
  return 0;
}

void
gw_float_state_leave (unsigned state)
{
}
#endif
