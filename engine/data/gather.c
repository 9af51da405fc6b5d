/* SPDX-License-Identifier: Apache-2.0 */
/* Rows into batches. The common ways (copy, number to scaled float32) are vector
 * loops that fetch rows ahead; the rest goes element by element in double. */
#include "engine/data/recipe-private.h"

#include "engine/base/simd.h"

#include <math.h>
#include <string.h>

#define ROWS_AHEAD 8
#define CACHE_LINE 64

static inline void
prefetch_row (const char *row,
              size_t      size)
{
  for (size_t at = 0; at < size; at += CACHE_LINE)
    __builtin_prefetch (row + at, 0, 2); /* into the second cache, which waits for more lines at a time */
}

/* Of the row that follows ROWS_AHEAD behind row i; before the first one, of those until there. */
static inline void
prefetch_ahead (const void    *data,
                const int32_t *rows,
                int64_t        n,
                int64_t        i,
                size_t         size)
{
  int64_t first = i == 0 ? 1 : i + ROWS_AHEAD;

  for (int64_t ahead = first; ahead <= i + ROWS_AHEAD && ahead < n; ahead++)
    prefetch_row ((const char *) data + (size_t) rows[ahead] * size, size);
}

static void
copy_rows (const GwRecipePart *part,
           const int32_t      *rows,
           int64_t             n,
           char               *out,
           size_t              stride)
{
  size_t size = (size_t) part->elements * gw_dtype_size (part->tensor->dtype);
  const char *data = part->tensor->data;

  for (int64_t i = 0; i < n; i++)
    {
      prefetch_ahead (data, rows, n, i, size);
      memcpy (out + (size_t) i * stride, data + (size_t) rows[i] * size, size);
    }
}

/* Elements of a row to scale × value + offset, where scale and offset are one for
 * all (uniform) or one for each element. */
#define SCALE_ROWS(NAME, CTYPE)                                                                              \
  GW_CLONES static void                                                                                      \
  scale_rows_##NAME (const CTYPE *data, int64_t elements, const int32_t *rows, int64_t n,                    \
                     float *restrict out, int64_t stride, float scale, float offset)                         \
  {                                                                                                          \
    for (int64_t i = 0; i < n; i++)                                                                          \
      {                                                                                                      \
        const CTYPE *in = data + (int64_t) rows[i] * elements;                                               \
        float *row = out + i * stride;                                                                       \
                                                                                                             \
        prefetch_ahead (data, rows, n, i, (size_t) elements * sizeof (CTYPE));                               \
        for (int64_t e = 0; e < elements; e++)                                                               \
          row[e] = (float) in[e] * scale + offset;                                                           \
      }                                                                                                      \
  }                                                                                                          \
                                                                                                             \
  GW_CLONES static void                                                                                      \
  scale_features_##NAME (const CTYPE *data, int64_t elements, const int32_t *rows, int64_t n,                \
                         float *restrict out, int64_t stride, const double *scale, const double *offset)     \
  {                                                                                                          \
    for (int64_t i = 0; i < n; i++)                                                                          \
      {                                                                                                      \
        const CTYPE *in = data + (int64_t) rows[i] * elements;                                               \
        float *row = out + i * stride;                                                                       \
                                                                                                             \
        prefetch_ahead (data, rows, n, i, (size_t) elements * sizeof (CTYPE));                               \
        for (int64_t e = 0; e < elements; e++)                                                               \
          row[e] = (float) ((double) in[e] * scale[e] + offset[e]);                                          \
      }                                                                                                      \
  }

SCALE_ROWS (uint8, uint8_t)
SCALE_ROWS (int32, int32_t)
SCALE_ROWS (int64, int64_t)
SCALE_ROWS (float32, float)
SCALE_ROWS (float64, double)

#define SCALE_CASE(ENUM, NAME, CTYPE)                                                                                \
  case ENUM:                                                                                                         \
    if (uniform)                                                                                                     \
      scale_rows_##NAME ((const CTYPE *) part->tensor->data, part->elements, rows, n, out, stride,                   \
                         part->scale != NULL ? (float) part->scale[0] : 1.0f,                                        \
                         part->scale != NULL ? (float) part->offset[0] : 0.0f);                                      \
    else                                                                                                             \
      scale_features_##NAME ((const CTYPE *) part->tensor->data, part->elements, rows, n, out, stride, part->scale,  \
                             part->offset);                                                                          \
    return TRUE;

/* FALSE when there is no fast loop for the type. */
static gboolean
scale_rows (const GwRecipePart *part,
            gboolean            uniform,
            const int32_t      *rows,
            int64_t             n,
            float              *out,
            int64_t             stride)
{
  if (part->elements == 0)
    return TRUE;
  switch ((int) part->tensor->dtype)
    {
    SCALE_CASE (GW_UINT8, uint8, uint8_t)
    SCALE_CASE (GW_INT32, int32, int32_t)
    SCALE_CASE (GW_INT64, int64, int64_t)
    SCALE_CASE (GW_FLOAT32, float32, float)
    SCALE_CASE (GW_FLOAT64, float64, double)
    default: return FALSE;
    }
}

static int64_t
renumber (const GwRecipe *recipe,
          int64_t         id)
{
  if (recipe->ids == NULL)
    return id;
  return id >= 0 && id < recipe->n_ids ? recipe->ids[id] : recipe->unknown_id;
}

/* Into the range of an integer type; what is no number becomes 0. */
static double
clamp_number (double value,
              double least,
              double most)
{
  return isnan (value) ? 0 : CLAMP (value, least, most);
}

static void
store (void   *out,
       GwDType dtype,
       int64_t index,
       double  value)
{
  switch ((int) dtype)
    {
    case GW_FLOAT32: ((float *) out)[index] = (float) value; break;
    case GW_FLOAT64: ((double *) out)[index] = value; break;
    case GW_INT32: ((int32_t *) out)[index] = (int32_t) clamp_number (value, G_MININT32, G_MAXINT32); break;
    case GW_INT64: ((int64_t *) out)[index] = (int64_t) clamp_number (value, -0x1p63, 0x1.fffffffffffffp62); break;
    case GW_UINT8: ((uint8_t *) out)[index] = (uint8_t) clamp_number (value, 0, G_MAXUINT8); break;
    default: ((uint8_t *) out)[index] = value != 0; break; /* bool: cast offers no other */
    }
}

static void
convert_rows (const GwRecipe     *recipe,
              const GwRecipePart *part,
              const int32_t      *rows,
              int64_t             n,
              void               *out,
              int64_t             out_offset)
{
  for (int64_t i = 0; i < n; i++)
    for (int64_t e = 0; e < part->elements; e++)
      {
        double value = gw_tensor_get_double (part->tensor, (int64_t) rows[i] * part->elements + e);

        if (recipe->ids != NULL)
          value = (double) renumber (recipe, (int64_t) value);
        if (part->scale != NULL)
          value = value * part->scale[e] + part->offset[e];
        if (part->fill != NULL && isnan (value))
          value = part->fill[e];
        store (out, recipe->dtype, i * recipe->elements + out_offset + e, value);
      }
}

static void
gather_one_hot (const GwRecipe *recipe,
                const int32_t  *rows,
                int64_t         n,
                void           *out)
{
  const GwRecipePart *part = &recipe->parts[0];

  if (recipe->off_value == 0)
    memset (out, 0, (size_t) (n * part->elements * recipe->depth) * gw_dtype_size (recipe->dtype));
  else
    for (int64_t i = 0; i < n * part->elements * recipe->depth; i++)
      store (out, recipe->dtype, i, recipe->off_value);
  for (int64_t i = 0; i < n; i++)
    for (int64_t e = 0; e < part->elements; e++)
      {
        int64_t id = renumber (recipe, gw_tensor_get_int (part->tensor, (int64_t) rows[i] * part->elements + e));

        if (id >= 0 && id < recipe->depth)
          store (out, recipe->dtype, (i * part->elements + e) * recipe->depth + id, recipe->on_value);
      }
}

static void
gather_part (const GwRecipe     *recipe,
             const GwRecipePart *part,
             const int32_t      *rows,
             int64_t             n,
             void               *out,
             int64_t             out_offset)
{
  size_t size = gw_dtype_size (recipe->dtype);

  if (recipe->ids == NULL && part->scale == NULL && part->tensor->dtype == recipe->dtype)
    {
      copy_rows (part, rows, n, (char *) out + (size_t) out_offset * size, (size_t) recipe->elements * size);
      return;
    }
  if (recipe->ids == NULL && part->fill == NULL && recipe->dtype == GW_FLOAT32 &&
      scale_rows (part, recipe->uniform, rows, n, (float *) out + out_offset, recipe->elements))
    return;
  convert_rows (recipe, part, rows, n, out, out_offset);
}

void
gw_recipe_gather (const GwRecipe *recipe,
                  const int32_t  *rows,
                  int64_t         n,
                  void           *out)
{
  int64_t out_offset = 0;

  if (recipe->depth != 0)
    {
      gather_one_hot (recipe, rows, n, out);
      return;
    }
  for (int p = 0; p < recipe->n_parts; p++)
    {
      gather_part (recipe, &recipe->parts[p], rows, n, out, out_offset);
      out_offset += recipe->parts[p].elements;
    }
}
