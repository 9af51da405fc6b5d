/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/rows.h"

#include "engine/base/error.h"
#include "engine/device/cpu/copy.h"
#include "engine/device/cpu/elementwise.h"
#include "engine/device/cpu/half.h"
#include "engine/device/cpu/no-kernel.h"

#include <float.h>
#include <string.h>

/* Elements that a chunk of parallel work touches, about. */
#define GRAIN 32768
/* Rows are fetched into the cache so many ahead, and of each no more than that. */
#define ROWS_AHEAD 6
#define BYTES_AHEAD 1024
#define CACHE_LINE 64
#define NUMBER 4

/* ---- one row ---- */

static void
assign_row (GwDType     dtype,
            void       *to,
            const void *from,
            int64_t     n)
{
  if (dtype == GW_STRING)
    for (int64_t i = 0; i < n; i++)
      gw_string_copy ((GwString *) to + i, (const GwString *) from + i);
  else
    memcpy (to, from, (size_t) n * gw_dtype_size (dtype));
}

static void
append_texts (GwString       *to,
              const GwString *from,
              int64_t         n)
{
  for (int64_t i = 0; i < n; i++)
    {
      g_autoptr (GString) joined = g_string_new_len (to[i].data, (gssize) to[i].length);

      g_string_append_len (joined, from[i].data, (gssize) from[i].length);
      gw_string_set (&to[i], joined->str, joined->len);
    }
}

/* Every element becomes the one at `from`. */
static void
fill_row (GwDType     dtype,
          void       *to,
          const void *from,
          int64_t     n)
{
  for (int64_t i = 0; i < n; i++)
    assign_row (dtype, gw_element_at (to, dtype, i), from, 1);
}

static inline void
prefetch_row (const void *row,
              size_t      bytes)
{
  for (size_t at = 0; at < MIN (bytes, BYTES_AHEAD); at += CACHE_LINE)
    __builtin_prefetch ((const char *) row + at);
}

/* ---- picking ---- */

typedef struct {
  GwDType        dtype;
  const char    *src;
  char          *dst;
  const int64_t *rows;
  int64_t        inner;
} Pick;

static void
pick_range (void   *data,
            int64_t begin,
            int64_t end)
{
  const Pick *pick = data;
  size_t bytes = (size_t) pick->inner * gw_dtype_size (pick->dtype);

  for (int64_t i = begin; i < end; i++)
    {
      if (i + ROWS_AHEAD < end && pick->rows[i + ROWS_AHEAD] >= 0)
        prefetch_row (pick->src + pick->rows[i + ROWS_AHEAD] * (int64_t) bytes, bytes);
      if (pick->rows[i] >= 0)
        assign_row (pick->dtype, gw_element_at (pick->dst, pick->dtype, i * pick->inner),
                    gw_element_at (pick->src, pick->dtype, pick->rows[i] * pick->inner), pick->inner);
    }
}

/* Rows of one element of NUMBER bytes. */
static void
pick_numbers (void   *data,
              int64_t begin,
              int64_t end)
{
  const Pick *pick = data;

  for (int64_t i = begin; i < end; i++)
    if (pick->rows[i] >= 0)
      memcpy (pick->dst + i * NUMBER, pick->src + pick->rows[i] * NUMBER, NUMBER);
}

void
gw_rows_pick (GwKernelContext *context,
              GwDType          dtype,
              const void      *src,
              const int64_t   *rows,
              int64_t          n,
              int64_t          inner,
              void            *dst)
{
  Pick pick = { dtype, src, dst, rows, inner };

  if (inner == 1 && gw_dtype_size (dtype) == NUMBER)
    gw_kernel_parallel (context, n, GRAIN, pick_numbers, &pick);
  else if (inner > 0)
    gw_kernel_parallel (context, n, MAX (1, GRAIN / inner), pick_range, &pick);
}

/* ---- writing ---- */

typedef struct {
  const GwRowsUpdate *update;
  GwBinaryLoop        loop;   /* NULL: assigning, or appending texts */
} Walk;

/* to = to op from, n elements; `from` stands still where step is 0. */
static void
combine_row (const Walk *walk,
             void       *to,
             const void *from,
             int64_t     step,
             int64_t     n)
{
  GwDType dtype = walk->update->dtype;
  float left[GW_HALF_TILE];
  float right[GW_HALF_TILE];

  if (!gw_dtype_is_half (dtype))
    {
      walk->loop (to, 1, from, step, to, n);
      return;
    }
  for (int64_t i = 0; i < n; i += GW_HALF_TILE)
    {
      int64_t part = MIN (n - i, GW_HALF_TILE);

      gw_half_widen (dtype, gw_element_at (to, dtype, i), left, part);
      gw_half_widen (dtype, gw_element_at (from, dtype, i * step), right, step == 0 ? 1 : part);
      walk->loop (left, 1, right, step, left, part);
      gw_half_narrow (dtype, left, gw_element_at (to, dtype, i), part);
    }
}

/* Whether the update adds floats to rows of one float or subtracts them. */
static gboolean
adds_numbers (const GwRowsUpdate *u)
{
  return u->dtype == GW_FLOAT32 && u->inner == 1 && (u->op == GW_ROWS_ADD || u->op == GW_ROWS_SUB) &&
         !u->first_assigns && !u->one_for_all && u->src_rows == NULL;
}

static void
add_numbers (const GwRowsUpdate *u)
{
  const float *src = (const float *) u->src;
  float *dst = (float *) u->dst;

  for (int64_t i = 0; i < u->n; i++)
    if (u->rows[i] >= 0)
      dst[u->rows[i]] = u->op == GW_ROWS_ADD ? dst[u->rows[i]] + src[i] : dst[u->rows[i]] - src[i];
}

/* Columns [begin, end) of every row, so that each element is written by one thread and in
 * the order of the rows. */
static void
update_columns (void   *data,
                int64_t begin,
                int64_t end)
{
  const Walk *walk = data;
  const GwRowsUpdate *u = walk->update;

  for (int64_t i = 0; i < u->n; i++)
    {
      void *to;
      const void *from;

      if (u->rows[i] < 0)
        continue;
      to = gw_element_at (u->dst, u->dtype, u->rows[i] * u->inner + begin);
      from = gw_element_at (u->src, u->dtype, u->one_for_all ? 0 : (u->src_rows != NULL ? u->src_rows[i] : i) * u->inner + begin);
      if (u->op == GW_ROWS_ASSIGN && u->one_for_all)
        fill_row (u->dtype, to, from, end - begin);
      else if (u->op == GW_ROWS_ASSIGN || (u->first_assigns && (i == 0 || u->rows[i] != u->rows[i - 1])))
        assign_row (u->dtype, to, from, end - begin);
      else if (walk->loop == NULL)
        append_texts (to, from, end - begin);
      else
        combine_row (walk, to, from, u->one_for_all ? 0 : 1, end - begin);
    }
}

static GwBinaryLoop
row_loop (GwRowsOp op,
          GwDType  dtype)
{
  static const GwBinaryOp ops[] = {
    [GW_ROWS_ADD] = GW_BINARY_ADD, [GW_ROWS_SUB] = GW_BINARY_SUB, [GW_ROWS_MUL] = GW_BINARY_MUL,
    [GW_ROWS_DIV] = GW_BINARY_DIV,
    [GW_ROWS_MAXIMUM] = GW_BINARY_MAXIMUM, [GW_ROWS_MINIMUM] = GW_BINARY_MINIMUM,
  };

  if (dtype == GW_BOOL)
    return op == GW_ROWS_ADD ? gw_binary_loop (GW_BINARY_OR, dtype) : NULL;
  return gw_binary_loop (ops[op], gw_dtype_computed (dtype));
}

gboolean
gw_rows_update (GwKernelContext    *context,
                const GwRowsUpdate *update,
                GError            **error)
{
  Walk walk = { update, NULL };
  gboolean appends = update->dtype == GW_STRING && update->op == GW_ROWS_ADD;

  if (update->op != GW_ROWS_ASSIGN && !appends)
    {
      walk.loop = row_loop (update->op, update->dtype);
      if (walk.loop == NULL)
        return gw_cpu_no_kernel (context, update->dtype, error);
    }
  if (adds_numbers (update))
    add_numbers (update);
  else
    gw_kernel_parallel (context, update->inner, MAX (16, 2 * GRAIN / MAX (1, update->n)), update_columns, &walk);
  return TRUE;
}

/* ---- index tuples ---- */

static gboolean
fail_tuple (const GwTensor *indices,
            int64_t         i,
            int             depth,
            const GwShape  *shape,
            const char     *port,
            GError        **error)
{
  g_autofree char *bounds = gw_shape_to_string (shape);
  g_autoptr (GString) tuple = g_string_new (NULL);

  for (int d = 0; d < depth; d++)
    g_string_append_printf (tuple, d == 0 ? "%" G_GINT64_FORMAT : ", %" G_GINT64_FORMAT,
                            gw_tensor_get_int (indices, i * depth + d));
  return gw_invalid (error, "%s[%" G_GINT64_FORMAT "] = [%s] does not index into shape %s", port, i, tuple->str, bounds);
}

gboolean
gw_rows_resolve (const GwTensor *indices,
                 int64_t         n,
                 int             depth,
                 const GwShape  *shape,
                 const char     *port,
                 int64_t        *rows,
                 GError        **error)
{
  for (int64_t i = 0; i < n; i++)
    {
      rows[i] = 0;
      for (int d = 0; d < depth; d++)
        {
          int64_t index = gw_tensor_get_int (indices, i * depth + d);

          if (index < 0 || index >= shape->dims[d])
            return fail_tuple (indices, i, depth, shape, port, error);
          rows[i] = rows[i] * shape->dims[d] + index;
        }
    }
  return TRUE;
}

char *
gw_position_text (const GwShape *shape,
                  int64_t        index)
{
  g_autoptr (GString) text = g_string_new (NULL);
  int64_t strides[GW_MAX_RANK];

  gw_shape_strides (shape, strides);
  for (int i = 0; i < shape->rank; i++)
    {
      g_string_append_printf (text, i == 0 ? "%" G_GINT64_FORMAT : ",%" G_GINT64_FORMAT, index / strides[i]);
      index %= strides[i];
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* ---- where combining starts ---- */

/* Bits of 1 and of the highest number; of the lowest is that with the sign bit. */
typedef struct {
  GwDType  dtype;
  uint64_t one, highest, sign;
} FloatBits;

static const FloatBits float_bits[] = {
  { GW_FLOAT16, 0x3c00, 0x7bff, 0x8000 },
  { GW_BFLOAT16, 0x3f80, 0x7f7f, 0x8000 },
  { GW_FLOAT32, 0x3f800000, 0x7f7fffff, 0x80000000 },
  { GW_FLOAT64, G_GUINT64_CONSTANT (0x3ff0000000000000), G_GUINT64_CONSTANT (0x7fefffffffffffff),
    G_GUINT64_CONSTANT (0x8000000000000000) },
  { GW_COMPLEX64, 0x3f800000, 0, 0 },
  { GW_COMPLEX128, G_GUINT64_CONSTANT (0x3ff0000000000000), 0, 0 },
};

static gboolean
is_unsigned (GwDType dtype)
{
  return dtype == GW_UINT8 || dtype == GW_UINT16 || dtype == GW_UINT32 || dtype == GW_UINT64;
}

static uint64_t
integer_identity (GwRowsOp op,
                  GwDType  dtype)
{
  int bits = 8 * (int) gw_dtype_size (dtype);
  uint64_t ones = bits == 64 ? G_MAXUINT64 : (G_GUINT64_CONSTANT (1) << bits) - 1;
  uint64_t highest = is_unsigned (dtype) ? ones : ones >> 1;

  return op == GW_ROWS_MUL ? 1 : op == GW_ROWS_MINIMUM ? highest : ~highest & ones;
}

/* Little-endian: the bytes of a narrow value come first. */
void
gw_rows_identity (GwRowsOp   op,
                  GwDType    dtype,
                  GwBits128 *value)
{
  *value = (GwBits128) { 0, 0 };
  if (op == GW_ROWS_ADD || op == GW_ROWS_SUB || op == GW_ROWS_ASSIGN)
    return;
  if (gw_dtype_is_integer (dtype))
    value->lo = integer_identity (op, dtype);
  for (gsize i = 0; i < G_N_ELEMENTS (float_bits); i++)
    if (float_bits[i].dtype == dtype)
      value->lo = op == GW_ROWS_MUL ? float_bits[i].one
                                    : float_bits[i].highest | (op == GW_ROWS_MAXIMUM ? float_bits[i].sign : 0);
}
