/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/gemm-one-hot.h"

#include <string.h>

#include "engine/device/cpu/loops.h"

/* Below them the look at a costs more than it can gain, and other ways are as good. */
#define LEAST_COLUMNS 16
#define LEAST_WORK 1e5
/* Columns of the result that a chunk of sums takes: each chunk looks through a. */
#define SUM_GRAIN 256
/* Rows of a that are looked at before any other work. */
#define FIRST_ROWS 4

typedef struct {
  int64_t      rows, width, n; /* a: rows × width; b and c: rows of n */
  const float *a, *b;
  float       *c;
  int          refused;        /* atomic: it is no such product */
} Product;

/* Whether at most one element differs from 0; then its place, or -1. */
GW_CLONES static gboolean
find_single (const float *row,
             int64_t      width,
             int64_t     *place)
{
  uint32_t count = 0, places = 0;

  for (uint32_t j = 0; j < (uint32_t) width; j++)
    {
      uint32_t differs = row[j] != 0;

      count += differs;
      places += differs * j;
    }
  *place = count == 1 ? (int64_t) places : -1;
  return count <= 1;
}

GW_CLONES static gboolean
is_finite (const float *x,
           int64_t      n)
{
  const uint32_t exponent = 0x7f800000;
  uint32_t found = 0;

  for (int64_t j = 0; j < n; j++)
    {
      uint32_t bits;

      memcpy (&bits, x + j, sizeof bits);
      found |= (bits & exponent) == exponent;
    }
  return !found;
}

static void
check_finite (void    *data,
              int64_t  begin,
              int64_t  end)
{
  Product *p = data;

  if (!is_finite (p->b + begin, end - begin))
    g_atomic_int_set (&p->refused, TRUE);
}

/* ---- a as it stands: rows of b ---- */

/* From +0 on, as a sum begins: it never ends at -0. */
GW_CLONES static void
scale_row (float        factor,
           const float *restrict row,
           int64_t      n,
           float       *restrict y)
{
  for (int64_t j = 0; j < n; j++)
    y[j] = 0 + factor * row[j];
}

static void
look_up (void    *data,
         int64_t  begin,
         int64_t  end)
{
  Product *p = data;
  int64_t place;

  for (int64_t r = begin; r < end; r++)
    {
      const float *row = p->a + r * p->width;

      if (!find_single (row, p->width, &place))
        g_atomic_int_set (&p->refused, TRUE);
      if (g_atomic_int_get (&p->refused))
        return;
      if (place < 0)
        memset (p->c + r * p->n, 0, p->n * sizeof (float));
      else
        scale_row (row[place], p->b + place * p->n, p->n, p->c + r * p->n);
    }
}

/* ---- a transposed: sums of rows of b ---- */

GW_CLONES static void
add_row (float        factor,
         const float *restrict row,
         int64_t      n,
         float       *restrict y)
{
  for (int64_t j = 0; j < n; j++)
    y[j] += factor * row[j];
}

/* Columns begin to end of the result. */
static void
sum_up (void    *data,
        int64_t  begin,
        int64_t  end)
{
  Product *p = data;
  int64_t columns = end - begin, place;

  for (int64_t i = 0; i < p->width; i++)
    memset (p->c + i * p->n + begin, 0, columns * sizeof (float));
  for (int64_t r = 0; r < p->rows; r++)
    {
      const float *row = p->a + r * p->width, *values = p->b + r * p->n + begin;

      if (!find_single (row, p->width, &place) || !is_finite (values, columns))
        g_atomic_int_set (&p->refused, TRUE);
      if (g_atomic_int_get (&p->refused))
        return;
      if (place >= 0)
        add_row (row[place], values, columns, p->c + place * p->n + begin);
    }
}

gboolean
gw_gemm_one_hot (GwKernelContext *context,
                 gboolean         transpose_a,
                 int64_t          m,
                 int64_t          n,
                 int64_t          k,
                 const float     *a,
                 const float     *b,
                 float           *c)
{
  Product p = { transpose_a ? k : m, transpose_a ? m : k, n, a, b, c, FALSE };
  int64_t place;

  if (n < LEAST_COLUMNS || (double) m * (double) n * (double) k < LEAST_WORK)
    return FALSE;
  for (int64_t r = 0; r < MIN (p.rows, FIRST_ROWS); r++)
    if (!find_single (a + r * p.width, p.width, &place))
      return FALSE;
  if (transpose_a)
    gw_kernel_parallel (context, n, SUM_GRAIN, sum_up, &p);
  else
    {
      gw_kernel_parallel (context, k * n, GW_GRAIN, check_finite, &p);
      if (!g_atomic_int_get (&p.refused))
        gw_kernel_parallel (context, m, MAX (1, GW_GRAIN / (n + k)), look_up, &p);
    }
  return !g_atomic_int_get (&p.refused);
}
