/* SPDX-License-Identifier: Apache-2.0 */
/* A team of threads that shares out one loop at a time. The caller works too;
 * the others spin shortly between loops and park when a run pauses. Work is cut
 * by its size, never by the number of threads, so results do not depend on it. */
#pragma once

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct _GwWorkers GwWorkers;

/* n_threads counts the caller; 1 makes a team that runs everything inline;
 * 0 = as many as the machine has cores (at most 64). */
GwWorkers *gw_workers_new (int n_threads);
void gw_workers_free (GwWorkers *workers);
int gw_workers_n_threads (const GwWorkers *workers);

/* Calls func (data, chunk) once for each chunk in [0, n_chunks), in any order, on
 * any of the threads, and returns when all are done. Not reentrant: one loop at
 * a time, from one thread at a time; `workers` may be NULL (runs inline). */
typedef void (*GwChunkFunc) (void *data, int chunk);
void gw_workers_run (GwWorkers *workers, int n_chunks, GwChunkFunc func, void *data);

/* The size of the chunks, about `grain` but no smaller than half of it, into which n > 0 things
 * are best cut: so many that two, four, … threads get as much each, where there are but few. */
int64_t gw_chunk_size (int64_t n, int64_t grain);

/* Between begin and end the threads spin while they wait (a step is short), and a tenth of
 * a millisecond after, in case another step follows; then they park. Calls nest. */
void gw_workers_begin (GwWorkers *workers);
void gw_workers_end (GwWorkers *workers);

/* Called at the end of each chunk of a loop that several threads share: `thread` is 0 for
 * the caller, the times are g_get_monotonic_time()'s clock in nanoseconds. For
 * traces; NULL = nobody listens. Set it while no loop runs. */
typedef void (*GwPartFunc) (void *data, int thread, int64_t begin, int64_t end);
void gw_workers_set_part_func (GwWorkers *workers, GwPartFunc func, void *data);
/* That clock. */
int64_t gw_nanoseconds (void);

/* Keeps each thread of the team on a core of its own, the calling thread among them: for
 * benchmarks alone, where nothing else needs the cores. FALSE when the system refuses. */
gboolean gw_workers_pin (GwWorkers *workers);

/* Sets flush-to-zero and denormals-are-zero on the calling thread and returns the
 * state to restore. The team's own threads have it set. */
unsigned gw_float_state_enter (void);
void gw_float_state_leave (unsigned state);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwWorkers, gw_workers_free)

G_END_DECLS
