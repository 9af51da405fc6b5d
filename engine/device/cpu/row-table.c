/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/row-table.h"

#include "engine/base/alloc.h"

#include <string.h>

/* ---- an element as bits: equal bits for equal numbers ---- */

typedef struct {
  const char *data;
  GwDType     dtype;
  int         part_size;  /* bytes of a number: half of a complex one */
  int         parts;      /* numbers in a row */
  uint64_t    sign;       /* the sign bit of a floating-point number; 0 for other types */
  uint64_t    minus_zero; /* bits that stand for 0 as well; 0 where there are none */
  uint64_t    infinity;   /* its bits: what is above is NaN */
  int64_t     inner;
} Rows;

static Rows
make_rows (GwDType     dtype,
           const void *data,
           int64_t     inner)
{
  gboolean complex_type = gw_dtype_is_complex (dtype);
  Rows rows = { .data = data, .dtype = dtype, .inner = inner, .part_size = (int) gw_dtype_size (dtype) };

  rows.parts = complex_type ? 2 : 1;
  rows.part_size /= rows.parts;
  if (complex_type || gw_dtype_is_floating (dtype))
    {
      rows.sign = G_GUINT64_CONSTANT (1) << (8 * rows.part_size - 1);
      rows.minus_zero = rows.part_size > 2 ? rows.sign : 0;
      rows.infinity = dtype == GW_BFLOAT16       ? 0x7f80
                      : rows.part_size == 2      ? 0x7c00
                      : rows.part_size == 4      ? 0x7f800000
                                                 : G_GUINT64_CONSTANT (0x7ff0000000000000);
    }
  return rows;
}

static uint64_t
part_bits (const Rows *rows,
           int64_t     index)
{
  uint64_t bits = 0;

  memcpy (&bits, rows->data + index * rows->part_size, (size_t) rows->part_size);
  return bits == rows->minus_zero ? 0 : bits;
}

static gboolean
is_nan (const Rows *rows,
        uint64_t    bits)
{
  return rows->sign != 0 && (bits & ~rows->sign) > rows->infinity;
}

static const GwString *
string_at (const Rows *rows,
           int64_t     index)
{
  return (const GwString *) rows->data + index;
}

static uint64_t
mix (uint64_t hash,
     uint64_t bits)
{
  hash = (hash ^ bits) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  return hash ^ hash >> 29;
}

static uint64_t
hash_row (const Rows *rows,
          int64_t     row)
{
  int64_t n = rows->inner * (rows->dtype == GW_STRING ? 1 : rows->parts);
  uint64_t hash = 1;

  for (int64_t i = row * n; i < (row + 1) * n; i++)
    if (rows->dtype == GW_STRING)
      for (size_t k = 0; k < string_at (rows, i)->length; k++)
        hash = mix (hash, (unsigned char) string_at (rows, i)->data[k]);
    else
      hash = mix (hash, part_bits (rows, i));
  return hash;
}

static gboolean
rows_equal (const Rows *rows,
            int64_t     a,
            int64_t     b)
{
  int64_t n = rows->inner * (rows->dtype == GW_STRING ? 1 : rows->parts);

  for (int64_t i = 0; i < n; i++)
    {
      uint64_t bits;

      if (rows->dtype == GW_STRING)
        {
          if (gw_string_compare (string_at (rows, a * n + i), string_at (rows, b * n + i)) != 0)
            return FALSE;
          continue;
        }
      bits = part_bits (rows, a * n + i);
      if (bits != part_bits (rows, b * n + i) || is_nan (rows, bits))
        return FALSE;
    }
  return TRUE;
}

/* ---- the table: open addressing, -1 = free ---- */

static void
add_row (GwRowTable *table,
         const Rows *rows,
         int64_t    *slots,
         uint64_t    mask,
         int64_t     row)
{
  uint64_t at = hash_row (rows, row) & mask;

  while (slots[at] >= 0 && !rows_equal (rows, table->first[slots[at]], row))
    at = (at + 1) & mask;
  if (slots[at] < 0)
    {
      slots[at] = table->n_numbers++;
      table->first[slots[at]] = row;
      table->count[slots[at]] = 0;
    }
  table->number[row] = slots[at];
  table->count[slots[at]]++;
}

gboolean
gw_row_table_init (GwRowTable *table,
                   GwDType     dtype,
                   const void *data,
                   int64_t     n,
                   int64_t     inner,
                   GError    **error)
{
  Rows rows = make_rows (dtype, data, inner);
  uint64_t size = 16;
  size_t words, bytes;
  int64_t *slots;

  *table = (GwRowTable) { 0 };
  while (size / 2 < (uint64_t) n && size < G_MAXUINT64 / 2)
    size *= 2;
  words = 3 * (size_t) n + (size_t) size;
  if (!gw_size_mul (words, sizeof (int64_t), &bytes))
    bytes = G_MAXSSIZE; /* which cannot be had: the error says so */
  table->memory = gw_alloc (bytes, error);
  if (table->memory == NULL)
    return FALSE;
  table->number = table->memory;
  table->first = table->number + n;
  table->count = table->first + n;
  slots = table->count + n;
  memset (slots, 0xff, (size_t) size * sizeof (int64_t));
  for (int64_t row = 0; row < n; row++)
    add_row (table, &rows, slots, size - 1, row);
  return TRUE;
}

void
gw_row_table_clear (GwRowTable *table)
{
  g_clear_pointer (&table->memory, gw_free);
}
