/* SPDX-License-Identifier: Apache-2.0 */
/* A fixed ring of scalar points between one thread that puts and one that takes: no
 * lock, no allocation. */
#pragma once

#include <glib.h>
#include <stdatomic.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct {
  int     series;
  int64_t step;
  double  wall_time;  /* seconds since 1970 */
  double  value;
} GwPoint;

typedef struct {
  GwPoint      *points;
  size_t        mask;   /* capacity - 1, capacity a power of two */
  atomic_size_t head;   /* points put so far */
  atomic_size_t tail;   /* points taken so far */
} GwPointRing;

/* `capacity` is rounded up to a power of two. */
void gw_point_ring_init (GwPointRing *ring, size_t capacity);
void gw_point_ring_clear (GwPointRing *ring);

static inline size_t
gw_point_ring_waiting (GwPointRing *ring)
{
  return atomic_load_explicit (&ring->head, memory_order_acquire) -
         atomic_load_explicit (&ring->tail, memory_order_acquire);
}

/* FALSE when it is full. */
static inline gboolean
gw_point_ring_put (GwPointRing   *ring,
                   const GwPoint *point)
{
  size_t head = atomic_load_explicit (&ring->head, memory_order_relaxed);

  if (head - atomic_load_explicit (&ring->tail, memory_order_acquire) > ring->mask)
    return FALSE;
  ring->points[head & ring->mask] = *point;
  atomic_store_explicit (&ring->head, head + 1, memory_order_release);
  return TRUE;
}

/* FALSE when it is empty, or when `until` points have been taken in all. */
static inline gboolean
gw_point_ring_take (GwPointRing *ring,
                    size_t       until,
                    GwPoint     *point)
{
  size_t tail = atomic_load_explicit (&ring->tail, memory_order_relaxed);

  if (tail == until || tail == atomic_load_explicit (&ring->head, memory_order_acquire))
    return FALSE;
  *point = ring->points[tail & ring->mask];
  atomic_store_explicit (&ring->tail, tail + 1, memory_order_release);
  return TRUE;
}

G_END_DECLS
