/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/copy.h"

#include "engine/base/simd.h"

#include <string.h>

/* Elements that one chunk of parallel work moves. */
#define GRAIN 32768
/* Rows below this are copied element by element: a call costs more. */
#define SHORT_ROW 16
/* A cache line of 4-byte elements: the side of a transposed tile. */
#define TILE 16

void
gw_strided_copy_append (GwStridedCopy *copy,
                        int64_t        dim,
                        int64_t        src_stride,
                        int64_t        dst_stride)
{
  int i = copy->n_dims++;

  copy->dims[i] = dim;
  copy->src_strides[i] = src_stride;
  copy->dst_strides[i] = dst_stride;
}

/* Drops dimensions of one element and joins neighbours that are walked as one. */
static GwStridedCopy
coalesce (const GwStridedCopy *copy)
{
  GwStridedCopy result = { 0 };

  for (int i = 0; i < copy->n_dims; i++)
    {
      int last = result.n_dims - 1;

      if (copy->dims[i] == 1)
        continue;
      if (last >= 0 && result.src_strides[last] == copy->dims[i] * copy->src_strides[i] &&
          result.dst_strides[last] == copy->dims[i] * copy->dst_strides[i])
        {
          result.dims[last] *= copy->dims[i];
          result.src_strides[last] = copy->src_strides[i];
          result.dst_strides[last] = copy->dst_strides[i];
          continue;
        }
      gw_strided_copy_append (&result, copy->dims[i], copy->src_strides[i], copy->dst_strides[i]);
    }
  return result;
}

static void
remove_dim (GwStridedCopy *copy,
            int            dim)
{
  copy->n_dims--;
  for (int i = dim; i < copy->n_dims; i++)
    {
      copy->dims[i] = copy->dims[i + 1];
      copy->src_strides[i] = copy->src_strides[i + 1];
      copy->dst_strides[i] = copy->dst_strides[i + 1];
    }
}

/* ---- a row: n elements with one stride on each side ---- */

typedef void (*RowFunc) (char *dst, int64_t dst_stride, const char *src, int64_t src_stride, int64_t n);

#define DEFINE_ROW(name, T)                                                                     \
  GW_CLONES static void                                                                         \
  name (char *dst, int64_t dst_stride, const char *src, int64_t src_stride, int64_t n)          \
  {                                                                                             \
    const T *from = (const T *) src;                                                            \
    T *to = (T *) dst;                                                                          \
                                                                                                \
    if (dst_stride == 1 && src_stride == 1 && n >= SHORT_ROW)                                   \
      memcpy (to, from, sizeof (T) * (size_t) n);                                               \
    else if (dst_stride == 1 && src_stride == 0)                                                \
      {                                                                                         \
        T value = *from;                                                                        \
                                                                                                \
        for (int64_t i = 0; i < n; i++)                                                         \
          to[i] = value;                                                                        \
      }                                                                                         \
    else                                                                                        \
      for (int64_t i = 0; i < n; i++)                                                           \
        to[i * dst_stride] = from[i * src_stride];                                              \
  }

DEFINE_ROW (copy_row_1, uint8_t)
DEFINE_ROW (copy_row_2, uint16_t)
DEFINE_ROW (copy_row_4, uint32_t)
DEFINE_ROW (copy_row_8, uint64_t)
DEFINE_ROW (copy_row_16, GwBits128)

static void
copy_row_string (char       *dst,
                 int64_t     dst_stride,
                 const char *src,
                 int64_t     src_stride,
                 int64_t     n)
{
  for (int64_t i = 0; i < n; i++)
    gw_string_copy ((GwString *) dst + i * dst_stride, (const GwString *) src + i * src_stride);
}

static RowFunc
row_func (GwDType dtype)
{
  if (dtype == GW_STRING)
    return copy_row_string;
  switch (gw_dtype_size (dtype))
    {
    case 1:
      return copy_row_1;
    case 2:
      return copy_row_2;
    case 4:
      return copy_row_4;
    case 8:
      return copy_row_8;
    default:
      return copy_row_16;
    }
}

/* ---- walking the outer dimensions ---- */

typedef struct {
  GwStridedCopy outer;  /* walked one by one */
  ptrdiff_t     size;   /* of an element, bytes */
  const char   *src;
  char         *dst;
  RowFunc       row;
  int64_t       n, src_stride, dst_stride;           /* the row */
  int64_t       m, m_src_stride, tiles_m, tiles_n;   /* tiles of m × n: src runs along m, dst along n */
} Walk;

typedef struct {
  const Walk *walk;
  int64_t     at[GW_COPY_MAX_DIMS];
  int64_t     src, dst;  /* offsets in elements */
} Position;

static void
seek (Position   *position,
      const Walk *walk,
      int64_t     index)
{
  position->walk = walk;
  position->src = 0;
  position->dst = 0;
  for (int i = walk->outer.n_dims - 1; i >= 0; i--)
    {
      position->at[i] = index % walk->outer.dims[i];
      index /= walk->outer.dims[i];
      position->src += position->at[i] * walk->outer.src_strides[i];
      position->dst += position->at[i] * walk->outer.dst_strides[i];
    }
}

/* `n` rows on along the last outer dimension, of which so many are left there. */
static void
step (Position *position,
      int64_t   n)
{
  const GwStridedCopy *outer = &position->walk->outer;

  for (int i = outer->n_dims - 1; i >= 0; i--, n = 1)
    {
      position->src += n * outer->src_strides[i];
      position->dst += n * outer->dst_strides[i];
      position->at[i] += n;
      if (position->at[i] < outer->dims[i])
        return;
      position->at[i] = 0;
      position->src -= outer->dims[i] * outer->src_strides[i];
      position->dst -= outer->dims[i] * outer->dst_strides[i];
    }
}

static void
walk_rows (void   *data,
           int64_t begin,
           int64_t end)
{
  const Walk *walk = data;
  int last = walk->outer.n_dims - 1;
  Position position;
  int64_t run;

  seek (&position, walk, begin);
  for (int64_t i = begin; i < end; i += run, step (&position, run))
    {
      char *dst = walk->dst + position.dst * walk->size;
      const char *src = walk->src + position.src * walk->size;

      run = last < 0 ? 1 : MIN (end - i, walk->outer.dims[last] - position.at[last]);
      for (int64_t k = 0; k < run; k++)
        {
          walk->row (dst, walk->dst_stride, src, walk->src_stride, walk->n);
          if (k + 1 < run)
            {
              dst += walk->outer.dst_strides[last] * walk->size;
              src += walk->outer.src_strides[last] * walk->size;
            }
        }
    }
}

/* ---- transposed planes, tile by tile, so that each cache line is used whole ---- */

#define DEFINE_TILE(name, T)                                                                    \
  GW_CLONES static void                                                                         \
  name (char *dst, int64_t dst_stride, const char *src, int64_t src_stride, int64_t m, int64_t n) \
  {                                                                                             \
    const T *from = (const T *) src;                                                            \
    T *to = (T *) dst;                                                                          \
                                                                                                \
    if (m == TILE && n == TILE)                                                                 \
      for (int i = 0; i < TILE; i++)                                                            \
        for (int j = 0; j < TILE; j++)                                                          \
          to[i * dst_stride + j] = from[i + j * src_stride];                                    \
    else                                                                                        \
      for (int64_t i = 0; i < m; i++)                                                           \
        for (int64_t j = 0; j < n; j++)                                                         \
          to[i * dst_stride + j] = from[i + j * src_stride];                                    \
  }

DEFINE_TILE (copy_tile_1, uint8_t)
DEFINE_TILE (copy_tile_2, uint16_t)
DEFINE_TILE (copy_tile_4, uint32_t)
DEFINE_TILE (copy_tile_8, uint64_t)
DEFINE_TILE (copy_tile_16, GwBits128)

static void
copy_tile (const Walk *walk,
           char       *dst,
           const char *src,
           int64_t     m,
           int64_t     n)
{
  switch (walk->size)
    {
    case 1:
      copy_tile_1 (dst, walk->dst_stride, src, walk->src_stride, m, n);
      break;
    case 2:
      copy_tile_2 (dst, walk->dst_stride, src, walk->src_stride, m, n);
      break;
    case 4:
      copy_tile_4 (dst, walk->dst_stride, src, walk->src_stride, m, n);
      break;
    case 8:
      copy_tile_8 (dst, walk->dst_stride, src, walk->src_stride, m, n);
      break;
    default:
      copy_tile_16 (dst, walk->dst_stride, src, walk->src_stride, m, n);
      break;
    }
}

static void
walk_tiles (void   *data,
            int64_t begin,
            int64_t end)
{
  const Walk *walk = data;
  int64_t per_plane = walk->tiles_m * walk->tiles_n;

  for (int64_t t = begin; t < end; t++)
    {
      int64_t i = t % per_plane / walk->tiles_n * TILE;
      int64_t j = t % walk->tiles_n * TILE;
      Position position;

      seek (&position, walk, t / per_plane);
      copy_tile (walk,
                 walk->dst + (position.dst + i * walk->dst_stride + j) * walk->size,
                 walk->src + (position.src + i + j * walk->src_stride) * walk->size,
                 MIN (TILE, walk->m - i), MIN (TILE, walk->n - j));
    }
}

/* 0 at once for an empty box, whose other sizes may be of any magnitude. */
static int64_t
count (const GwStridedCopy *copy)
{
  int64_t n = 1;

  for (int i = 0; i < copy->n_dims; i++)
    if (copy->dims[i] == 0)
      return 0;
  for (int i = 0; i < copy->n_dims; i++)
    n *= copy->dims[i];
  return n;
}

/* The dimension along which the source is contiguous, when it is not the last one
 * and a plane of it and the last one is worth tiling; else -1. */
static int
transposed_dim (const GwStridedCopy *copy,
                GwDType              dtype)
{
  int last = copy->n_dims - 1;

  if (dtype == GW_STRING || last < 1 || copy->dst_strides[last] != 1 || copy->src_strides[last] <= 1 ||
      copy->dims[last] < 4)
    return -1;
  for (int i = 0; i < last; i++)
    if (copy->src_strides[i] == 1 && copy->dims[i] >= 4)
      return i;
  return -1;
}

static void
run_tiles (GwKernelContext *context,
           Walk            *walk,
           int              dim)
{
  int last = walk->outer.n_dims - 1;

  walk->n = walk->outer.dims[last];
  walk->m = walk->outer.dims[dim];
  walk->src_stride = walk->outer.src_strides[last];
  walk->dst_stride = walk->outer.dst_strides[dim];
  walk->tiles_n = (walk->n + TILE - 1) / TILE;
  walk->tiles_m = (walk->m + TILE - 1) / TILE;
  remove_dim (&walk->outer, last);
  remove_dim (&walk->outer, dim);
  gw_kernel_parallel (context, count (&walk->outer) * walk->tiles_m * walk->tiles_n,
                      GRAIN / (TILE * TILE), walk_tiles, walk);
}

static void
run_rows (GwKernelContext *context,
          Walk            *walk)
{
  int last = walk->outer.n_dims - 1;

  walk->n = walk->outer.dims[last];
  walk->src_stride = walk->outer.src_strides[last];
  walk->dst_stride = walk->outer.dst_strides[last];
  walk->outer.n_dims = last;
  gw_kernel_parallel (context, count (&walk->outer), MAX (1, GRAIN / walk->n), walk_rows, walk);
}

/* Cuts a long last dimension into rows of GRAIN, so that they can be shared out;
 * the rest beyond the last whole row is copied at once. */
static void
cut_last_dim (GwKernelContext *context,
              GwStridedCopy   *copy,
              GwDType          dtype,
              const void      *src,
              void            *dst)
{
  int last = copy->n_dims - 1;
  int64_t rows = copy->dims[last] / GRAIN;
  int64_t rest = copy->dims[last] % GRAIN;
  int64_t src_stride = copy->src_strides[last];
  int64_t dst_stride = copy->dst_strides[last];

  if (rows < 2 || copy->n_dims == GW_COPY_MAX_DIMS)
    return;
  if (rest > 0)
    {
      copy->dims[last] = rest;
      gw_strided_copy_run (context, copy, dtype,
                           gw_element_at (src, dtype, rows * GRAIN * src_stride),
                           gw_element_at (dst, dtype, rows * GRAIN * dst_stride));
    }
  copy->dims[last] = rows;
  copy->src_strides[last] *= GRAIN;
  copy->dst_strides[last] *= GRAIN;
  gw_strided_copy_append (copy, GRAIN, src_stride, dst_stride);
}

void
gw_strided_copy_run (GwKernelContext     *context,
                     const GwStridedCopy *copy,
                     GwDType              dtype,
                     const void          *src,
                     void                *dst)
{
  Walk walk = { .size = (ptrdiff_t) gw_dtype_size (dtype), .src = src, .dst = dst, .row = row_func (dtype) };
  int dim;

  if (count (copy) == 0)
    return;
  walk.outer = coalesce (copy);
  if (walk.outer.n_dims == 0)
    gw_strided_copy_append (&walk.outer, 1, 1, 1);
  dim = transposed_dim (&walk.outer, dtype);
  if (dim >= 0)
    {
      run_tiles (context, &walk, dim);
      return;
    }
  cut_last_dim (context, &walk.outer, dtype, src, dst);
  run_rows (context, &walk);
}

void
gw_fill_elements (GwKernelContext *context,
                  GwDType          dtype,
                  const void      *value,
                  void            *dst,
                  int64_t          n)
{
  GwStridedCopy copy = { 0 };

  gw_strided_copy_append (&copy, n, 0, 1);
  gw_strided_copy_run (context, &copy, dtype, value, dst);
}

void
gw_copy_elements (GwKernelContext *context,
                  GwDType          dtype,
                  const void      *src,
                  void            *dst,
                  int64_t          n)
{
  GwStridedCopy copy = { 0 };

  if (src == dst)
    return;
  gw_strided_copy_append (&copy, n, 1, 1);
  gw_strided_copy_run (context, &copy, dtype, src, dst);
}
