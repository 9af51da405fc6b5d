/* SPDX-License-Identifier: Apache-2.0 */
/* The copy engine against a loop that follows its definition, over boxes of all
 * kinds: contiguous, strided, reversed, repeated, transposed, long and short. */
#include "engine/base/error.h"
#include "engine/device/cpu/copy.h"

#include <string.h>

typedef struct {
  GwStridedCopy copy;
  int64_t       src_first, src_size, dst_size;
} Box;

/* Element numbers of the source, then a copy by definition into `want`. */
static void
copy_by_definition (const Box *box,
                    int        dim,
                    int64_t    src,
                    int64_t    dst,
                    int64_t   *want)
{
  if (dim == box->copy.n_dims)
    {
      want[dst] = src;
      return;
    }
  for (int64_t i = 0; i < box->copy.dims[dim]; i++)
    copy_by_definition (box, dim + 1, src + i * box->copy.src_strides[dim], dst + i * box->copy.dst_strides[dim], want);
}

static void
fill_numbers (GwDType  dtype,
              void    *data,
              int64_t  n)
{
  for (int64_t i = 0; i < n; i++)
    {
      GwBits128 wide = { (uint64_t) i * 0x9e3779b97f4a7c15u, (uint64_t) i };
      g_autofree char *text = g_strdup_printf ("%d", (int) i);

      if (dtype == GW_STRING)
        gw_string_set ((GwString *) data + i, text, strlen (text));
      else
        memcpy (gw_element_at (data, dtype, i), &wide, gw_dtype_size (dtype));
    }
}

static gboolean
is_element (GwDType     dtype,
            const void *data,
            int64_t     at,
            const void *src,
            int64_t     from)
{
  if (dtype == GW_STRING)
    return gw_string_compare ((const GwString *) data + at, (const GwString *) src + from) == 0;
  return memcmp (gw_element_at (data, dtype, at), gw_element_at (src, dtype, from), gw_dtype_size (dtype)) == 0;
}

static void
check_box (const Box *box,
           GwDType    dtype,
           GwWorkers *workers)
{
  g_autoptr (GwTensor) src = gw_tensor_new_zeros (dtype, &GW_SHAPE (box->src_size), NULL);
  g_autoptr (GwTensor) dst = gw_tensor_new_zeros (dtype, &GW_SHAPE (box->dst_size), NULL);
  g_autoptr (GwTensor) before = gw_tensor_new_zeros (dtype, &GW_SHAPE (1), NULL);
  g_autofree int64_t *want = g_new (int64_t, box->dst_size);
  GwKernelContext context = { .workers = workers };

  fill_numbers (dtype, src->data, box->src_size);
  for (int64_t i = 0; i < box->dst_size; i++)
    want[i] = -1;
  copy_by_definition (box, 0, box->src_first, 0, want);
  gw_strided_copy_run (&context, &box->copy, dtype, gw_element_at (src->data, dtype, box->src_first), dst->data);
  for (int64_t i = 0; i < box->dst_size; i++)
    if (want[i] < 0)
      g_assert_true (is_element (dtype, dst->data, i, before->data, 0));
    else
      g_assert_true (is_element (dtype, dst->data, i, src->data, want[i]));
}

/* A random box: a permuted, partly reversed, partly repeated part of the source,
 * written with gaps. */
static void
random_box (GRand *rand,
            Box   *box,
            int    largest)
{
  int n_dims = g_rand_int_range (rand, 0, 5);
  int order[4] = { 0, 1, 2, 3 };
  int64_t src_strides[4], dst_strides[4], dims[4];
  int64_t src_size = 1, dst_size = 1;

  memset (box, 0, sizeof *box);
  for (int i = n_dims - 1; i > 0; i--)
    {
      int k = g_rand_int_range (rand, 0, i + 1);
      int swap = order[i];

      order[i] = order[k];
      order[k] = swap;
    }
  for (int i = n_dims - 1; i >= 0; i--)
    {
      int d = order[i];

      dims[d] = g_rand_int_range (rand, 1, largest);
      src_strides[d] = src_size;
      src_size *= dims[d] + g_rand_int_range (rand, 0, 2);
    }
  for (int i = n_dims - 1; i >= 0; i--)
    {
      dst_strides[i] = dst_size;
      dst_size *= dims[i] + (g_rand_int_range (rand, 0, 4) == 0 ? 1 : 0);
    }
  for (int i = 0; i < n_dims; i++)
    {
      int kind = g_rand_int_range (rand, 0, 6);

      if (kind == 0)
        src_strides[i] = 0;
      else if (kind == 1)
        {
          box->src_first += (dims[i] - 1) * src_strides[i];
          src_strides[i] = -src_strides[i];
        }
      gw_strided_copy_append (&box->copy, dims[i], src_strides[i], dst_strides[i]);
    }
  box->src_size = src_size;
  box->dst_size = dst_size;
}

static void
test_random_boxes (void)
{
  static const GwDType dtypes[] = { GW_UINT8, GW_INT16, GW_FLOAT32, GW_INT64, GW_COMPLEX128, GW_STRING };
  g_autoptr (GwWorkers) workers = gw_workers_new (2);
  GRand *rand = g_rand_new_with_seed (7);

  for (int round = 0; round < 600; round++)
    {
      Box box;

      random_box (rand, &box, round % 3 == 0 ? 40 : 9);
      if (box.src_size > 400000 || box.dst_size > 400000)
        continue;
      check_box (&box, dtypes[round % G_N_ELEMENTS (dtypes)], round % 2 == 0 ? workers : NULL);
    }
  g_rand_free (rand);
}

static void
test_long_rows (void)
{
  g_autoptr (GwWorkers) workers = gw_workers_new (2);
  const struct { int64_t n, src_stride, dst_stride; } rows[] = {
    { 100003, 1, 1 }, { 100003, 0, 1 }, { 70001, 3, 1 }, { 70001, 1, 2 }, { 65536, 1, 1 }, { 0, 1, 1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Box box = { .src_size = MAX (1, rows[i].n * rows[i].src_stride),
                  .dst_size = MAX (1, rows[i].n * rows[i].dst_stride) };

      gw_strided_copy_append (&box.copy, rows[i].n, rows[i].src_stride, rows[i].dst_stride);
      check_box (&box, GW_FLOAT32, workers);
    }
}

static void
test_transposed_planes (void)
{
  g_autoptr (GwWorkers) workers = gw_workers_new (2);
  const int64_t sizes[][3] = { { 1, 16, 16 }, { 1, 300, 257 }, { 3, 33, 65 }, { 2, 4, 1000 }, { 5, 3, 3 } };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (gsize d = 0; d < 4; d++)
      {
        const int64_t *n = sizes[i];
        Box box = { .src_size = n[0] * n[1] * n[2], .dst_size = n[0] * n[1] * n[2] };

        gw_strided_copy_append (&box.copy, n[0], n[1] * n[2], n[1] * n[2]);
        gw_strided_copy_append (&box.copy, n[2], 1, n[1]);
        gw_strided_copy_append (&box.copy, n[1], n[2], 1);
        check_box (&box, ((const GwDType[]) { GW_UINT8, GW_FLOAT32, GW_FLOAT64, GW_STRING })[d], workers);
      }
}

static void
test_same_place (void)
{
  float values[4] = { 1, 2, 3, 4 };
  GwKernelContext context = { 0 };

  gw_copy_elements (&context, GW_FLOAT32, values, values, 4);
  g_assert_cmpfloat (values[3], ==, 4);
  gw_fill_elements (&context, GW_FLOAT32, &values[1], values + 2, 2);
  g_assert_cmpfloat (values[2], ==, 2);
  g_assert_cmpfloat (values[3], ==, 2);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/copy/random-boxes", test_random_boxes);
  g_test_add_func ("/ops/copy/long-rows", test_long_rows);
  g_test_add_func ("/ops/copy/transposed-planes", test_transposed_planes);
  g_test_add_func ("/ops/copy/same-place", test_same_place);
  return g_test_run ();
}
