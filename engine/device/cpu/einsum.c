/* SPDX-License-Identifier: Apache-2.0 */
/* A sum of one or two operands comes down to products of matrices: each operand is
 * seen, or copied, as [batch, free, summed], what only it sums is added up by a product
 * with ones, and the result is moved to where the output wants it. */
#include "engine/device/cpu/einsum.h"

#include "engine/base/alloc.h"
#include "engine/base/error.h"
#include "engine/device/cpu/copy.h"
#include "engine/device/cpu/gemm.h"
#include "engine/device/cpu/no-kernel.h"

#include <string.h>

#include "engine/device/cpu/loops.h"

/* Labels of one kind in the order of their first appearance. */
typedef struct {
  int n;
  int labels[GW_EINSUM_LABELS];
} Group;

typedef struct {
  const GwTensor *tensor;
  int64_t  strides[GW_EINSUM_LABELS];  /* in the tensor; 0 where it is repeated */
  gboolean has[GW_EINSUM_LABELS];
  int64_t  dims[GW_EINSUM_LABELS];     /* 1 where it is repeated */
  Group    order;                      /* batch, free, summed with the other */
  Group    own;                        /* summed here alone */
  gboolean copied, transposed;
  int64_t  kept, summed;               /* elements: of order, of own */
  int64_t  batch_strides[GW_EINSUM_LABELS];
  char    *copy, *matrix, *ones;
} Operand;

typedef struct {
  const GwEinsum *einsum;
  Operand operands[2];
  Group   batch, free[2], inner;
  char   *result;                      /* NULL: straight into the output */
} Sum;

static gboolean
holds (const GwEinsumTerm *term,
       int                 label)
{
  for (int i = 0; i < term->n; i++)
    if (term->labels[i] == label)
      return TRUE;
  return FALSE;
}

static void
add_label (Group *group,
           int    label)
{
  for (int i = 0; i < group->n; i++)
    if (group->labels[i] == label)
      return;
  group->labels[group->n++] = label;
}

static void
add_group (Group       *to,
           const Group *from)
{
  for (int i = 0; i < from->n; i++)
    add_label (to, from->labels[i]);
}

static int64_t
count (const Group   *group,
       const int64_t *dims)
{
  int64_t n = 1;

  for (int i = 0; i < group->n; i++)
    n *= dims[group->labels[i]];
  return n;
}

static void
sort_labels (Sum *sum)
{
  const GwEinsum *e = sum->einsum;

  for (int i = 0; i < e->output.n; i++)
    {
      int label = e->output.labels[i];
      gboolean both = e->n_inputs == 2 && holds (&e->inputs[0], label) && holds (&e->inputs[1], label);

      add_label (both ? &sum->batch : &sum->free[holds (&e->inputs[0], label) ? 0 : 1], label);
    }
  for (int k = 0; k < e->n_inputs; k++)
    for (int i = 0; i < e->inputs[k].n; i++)
      {
        int label = e->inputs[k].labels[i];
        gboolean both = e->n_inputs == 2 && holds (&e->inputs[1 - k], label);

        if (!holds (&e->output, label))
          add_label (both ? &sum->inner : &sum->operands[k].own, label);
      }
}

/* Whether the tensor lies in memory in this order, without gaps. */
static gboolean
lies_as (const Operand *o,
         const Group   *first,
         const Group   *second,
         const Group   *third)
{
  Group all = *first;
  int64_t stride = 1;

  add_group (&all, second);
  add_group (&all, third);
  for (int i = all.n - 1; i >= 0; i--)
    {
      int label = all.labels[i];

      if (o->dims[label] != 1 && o->strides[label] != stride)
        return FALSE;
      stride *= o->dims[label];
    }
  return TRUE;
}

static void
operand_init (Sum            *sum,
              int             which,
              const GwTensor *tensor)
{
  Operand *o = &sum->operands[which];
  const GwEinsumTerm *term = &sum->einsum->inputs[which];
  const Group *mine = &sum->free[which];
  const Group *outer = which == 0 ? mine : &sum->inner;
  const Group *inner = which == 0 ? &sum->inner : mine;
  int64_t strides[GW_MAX_RANK], stride;
  gboolean twice = FALSE;

  o->tensor = tensor;
  gw_shape_strides (&tensor->shape, strides);
  for (int i = 0; i < GW_EINSUM_LABELS; i++)
    o->dims[i] = 1;
  for (int i = 0; i < term->n; i++)
    {
      int label = term->labels[i];

      twice = twice || o->has[label];
      o->has[label] = TRUE;
      o->dims[label] = tensor->shape.dims[i];
      o->strides[label] += strides[i];
    }
  o->order = sum->batch;
  add_group (&o->order, outer);
  add_group (&o->order, inner);
  o->kept = count (&o->order, o->dims);
  o->summed = count (&o->own, o->dims);
  o->transposed = o->own.n == 0 && !twice && !lies_as (o, &sum->batch, outer, inner) &&
                  lies_as (o, &sum->batch, inner, outer);
  o->copied = !o->transposed && (o->own.n > 0 || twice || !lies_as (o, &sum->batch, outer, inner));
  stride = count (outer, o->dims) * count (inner, o->dims);
  for (int i = sum->batch.n - 1; i >= 0; i--)
    {
      int label = sum->batch.labels[i];

      o->batch_strides[i] = o->dims[label] == 1 ? 0 : stride;
      stride *= o->dims[label];
    }
}

/* A place of `n` elements in memory that is not there yet: offsets first. */
static gboolean
reserve (size_t   *total,
         int64_t   n,
         size_t    size,
         size_t   *offset)
{
  size_t bytes;

  *offset = *total;
  if (!gw_size_mul ((size_t) n, size, &bytes) || bytes > G_MAXSSIZE - *total - GW_ALIGNMENT)
    return FALSE;
  *total += (bytes + GW_ALIGNMENT - 1) / GW_ALIGNMENT * GW_ALIGNMENT;
  return TRUE;
}

/* The result lies as [batch, free of x, free of y]: whether the output does. */
static gboolean
output_fits (const Sum *sum)
{
  Group order = sum->batch;

  add_group (&order, &sum->free[0]);
  add_group (&order, &sum->free[1]);
  if (order.n != sum->einsum->output.n)
    return FALSE;
  for (int i = 0; i < order.n; i++)
    if (order.labels[i] != sum->einsum->output.labels[i])
      return FALSE;
  return TRUE;
}

static gboolean
reserve_memory (GwKernelContext *context,
                Sum             *sum,
                GError         **error)
{
  size_t size = gw_dtype_size (context->outputs[0]->dtype), total = 0, at[2][3], result_at = 0;
  gboolean direct = output_fits (sum);
  gboolean fits = TRUE;
  int64_t results = count (&sum->batch, sum->einsum->dims) * count (&sum->free[0], sum->einsum->dims) *
                    count (&sum->free[1], sum->einsum->dims);
  char *memory;

  for (int i = 0; i < sum->einsum->n_inputs; i++)
    {
      Operand *o = &sum->operands[i];

      fits = fits && reserve (&total, o->copied ? o->tensor->elements : 0, size, &at[i][0]) &&
             reserve (&total, o->own.n > 0 ? o->kept : 0, size, &at[i][1]) &&
             reserve (&total, o->own.n > 0 ? o->summed : 0, size, &at[i][2]);
    }
  fits = fits && reserve (&total, direct ? 0 : results, size, &result_at);
  memory = fits ? gw_kernel_scratch (context, total, error) : NULL;
  if (!fits)
    g_set_error_literal (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED, "the operands of this sum are too large");
  if (memory == NULL)
    return FALSE;
  for (int i = 0; i < sum->einsum->n_inputs; i++)
    {
      sum->operands[i].copy = memory + at[i][0];
      sum->operands[i].matrix = memory + at[i][1];
      sum->operands[i].ones = memory + at[i][2];
    }
  sum->result = direct ? NULL : memory + result_at;
  return TRUE;
}

/* Elements in the order of `labels`, one group behind the other. */
static void
copy_operand (GwKernelContext *context,
              const Operand   *o)
{
  GwStridedCopy copy = { 0 };
  Group all = o->own;
  int64_t stride = o->kept * o->summed;

  add_group (&all, &o->order);
  for (int i = 0; i < all.n; i++)
    {
      int label = all.labels[i];

      stride /= o->dims[label];
      gw_strided_copy_append (&copy, o->dims[label], o->strides[label], stride);
    }
  gw_strided_copy_run (context, &copy, o->tensor->dtype, o->tensor->data, o->copy);
}

/* The operand as [batch, outer, inner], or with the last two turned round. */
static const char *
prepare_operand (GwKernelContext  *context,
                 Operand          *o,
                 GError          **error)
{
  g_autoptr (GwTensor) one = NULL;

  if (!o->copied)
    return o->tensor->data;
  if (o->kept > 0 && o->summed > 0)
    copy_operand (context, o);
  if (o->own.n == 0)
    return o->copy;
  one = gw_tensor_new_scalar (o->tensor->dtype, 1);
  gw_fill_elements (context, o->tensor->dtype, one->data, o->ones, o->summed);
  return gw_cpu_gemm (context, o->tensor->dtype, FALSE, FALSE, 1, o->kept, o->summed, o->ones, o->copy, o->matrix, error)
           ? o->matrix : NULL;
}

/* Whether the operand goes into several matrices of the batch. */
static gboolean
is_repeated (const Sum *sum,
             int        which)
{
  for (int i = 0; i < sum->batch.n; i++)
    if (sum->operands[which].dims[sum->batch.labels[i]] != sum->einsum->dims[sum->batch.labels[i]])
      return TRUE;
  return FALSE;
}

/* Matrices one behind the other, as a tensor that owns nothing. */
static GwTensor
stack (GwDType     dtype,
       const void *data,
       int64_t     n,
       int64_t     rows,
       int64_t     columns)
{
  return (GwTensor) { .dtype = dtype, .shape = GW_SHAPE (n, rows, columns), .elements = n * rows * columns,
                      .bytes = (size_t) (n * rows * columns) * gw_dtype_size (dtype), .data = (void *) data };
}

static gboolean
multiply (GwKernelContext *context,
          const Sum       *sum,
          const char      *x,
          const char      *y,
          char            *result,
          GError         **error)
{
  const int64_t *dims = sum->einsum->dims;
  int64_t m = count (&sum->free[0], dims), n = count (&sum->free[1], dims), k = count (&sum->inner, dims);
  int64_t n_batch = count (&sum->batch, dims);
  GwDType dtype = context->outputs[0]->dtype;
  size_t size = gw_dtype_size (dtype);
  gboolean tx = sum->operands[0].transposed, ty = sum->operands[1].transposed;

  if (!is_repeated (sum, 0) && !is_repeated (sum, 1))
    {
      const GwTensor xs = stack (dtype, x, n_batch, tx ? k : m, tx ? m : k);
      const GwTensor ys = stack (dtype, y, n_batch, ty ? n : k, ty ? k : n);
      GwTensor zs = stack (dtype, result, n_batch, m, n);

      return gw_cpu_matmul (context, &xs, tx, &ys, ty, &zs, error);
    }
  for (int64_t b = 0; b < n_batch; b++)
    {
      int64_t rest = b, x_at = 0, y_at = 0;

      for (int i = sum->batch.n - 1; i >= 0; i--)
        {
          int64_t index = rest % dims[sum->batch.labels[i]];

          rest /= dims[sum->batch.labels[i]];
          x_at += index * sum->operands[0].batch_strides[i];
          y_at += index * sum->operands[1].batch_strides[i];
        }
      if (!gw_cpu_gemm (context, dtype, tx, ty, m, n, k, x + x_at * size, y + y_at * size, result + b * m * n * size, error))
        return FALSE;
    }
  return TRUE;
}

/* From strides by label to the output; what lies off a diagonal becomes 0. */
static void
place_result (GwKernelContext *context,
              const Sum       *sum,
              const char      *result,
              const int64_t   *strides)
{
  static const GwBits128 zero;
  const GwEinsumTerm *term = &sum->einsum->output;
  GwTensor *output = context->outputs[0];
  int64_t own[GW_MAX_RANK], to[GW_EINSUM_LABELS] = { 0 };
  GwStridedCopy copy = { 0 };
  Group labels = { 0 };

  gw_shape_strides (&output->shape, own);
  for (int i = 0; i < term->n; i++)
    {
      add_label (&labels, term->labels[i]);
      to[term->labels[i]] += own[i];
    }
  if (labels.n < term->n)
    gw_fill_elements (context, output->dtype, &zero, output->data, output->elements);
  for (int i = 0; i < labels.n; i++)
    gw_strided_copy_append (&copy, sum->einsum->dims[labels.labels[i]], strides[labels.labels[i]], to[labels.labels[i]]);
  gw_strided_copy_run (context, &copy, output->dtype, result, output->data);
}

static void
result_strides (const Sum *sum,
                int64_t    strides[GW_EINSUM_LABELS])
{
  Group order = sum->batch;
  int64_t stride = 1;

  add_group (&order, &sum->free[0]);
  add_group (&order, &sum->free[1]);
  for (int i = order.n - 1; i >= 0; i--)
    {
      strides[order.labels[i]] = stride;
      stride *= sum->einsum->dims[order.labels[i]];
    }
}

gboolean
gw_cpu_einsum (GwKernelContext *context,
               const GwEinsum  *einsum,
               GError         **error)
{
  Sum sum = { einsum };
  GwTensor *output = context->outputs[0];
  int64_t strides[GW_EINSUM_LABELS] = { 0 };
  const char *x, *y = NULL;

  sort_labels (&sum);
  for (int i = 0; i < einsum->n_inputs; i++)
    operand_init (&sum, i, context->inputs[i]);
  if (output->elements == 0)
    return TRUE;
  if (einsum->n_inputs == 1 && sum.operands[0].own.n == 0)
    {
      place_result (context, &sum, context->inputs[0]->data, sum.operands[0].strides);
      return TRUE;
    }
  if (!reserve_memory (context, &sum, error))
    return FALSE;
  x = prepare_operand (context, &sum.operands[0], error);
  if (x != NULL && einsum->n_inputs == 2)
    y = prepare_operand (context, &sum.operands[1], error);
  if (x == NULL || (einsum->n_inputs == 2 && y == NULL))
    return FALSE;
  if (einsum->n_inputs == 2 && !multiply (context, &sum, x, y, sum.result != NULL ? sum.result : output->data, error))
    return FALSE;
  result_strides (&sum, strides);
  if (einsum->n_inputs == 1)
    place_result (context, &sum, x, strides);
  else if (sum.result != NULL)
    place_result (context, &sum, sum.result, strides);
  return TRUE;
}

/* ---- cross product ---- */

#define CROSS(T, CLONES)                                                               \
  CLONES static void                                                                   \
  cross_##T (void *data, int64_t begin, int64_t end)                                   \
  {                                                                                    \
    const GwKernelContext *context = data;                                             \
    const T *a = GW_TENSOR_DATA (context->inputs[0], T);                               \
    const T *b = GW_TENSOR_DATA (context->inputs[1], T);                               \
    T *c = GW_TENSOR_DATA (context->outputs[0], T);                                    \
                                                                                       \
    for (int64_t i = 3 * begin; i < 3 * end; i += 3)                                   \
      for (int j = 0; j < 3; j++)                                                      \
        {                                                                              \
          int k = (j + 1) % 3, l = (j + 2) % 3;                                        \
                                                                                       \
          c[i + j] = DIFFERENCE (T, PRODUCT (T, a[i + k], b[i + l]), PRODUCT (T, a[i + l], b[i + k])); \
        }                                                                              \
  }

#define DIFFERENCE(T, a, b) ((a) - (b))
#define PRODUCT(T, a, b) ((a) * (b))
CROSS (float, GW_CLONES)
CROSS (double, GW_CLONES)
#undef DIFFERENCE
#undef PRODUCT
#define DIFFERENCE(T, a, b) GW_WRAP (T, a, -, b)
#define PRODUCT(T, a, b) GW_WRAP (T, a, *, b)
typedef uint32_t GwWrap_uint32_t;
typedef uint64_t GwWrap_uint64_t;
CROSS (int32_t, GW_NO_CLONES)
CROSS (int64_t, GW_NO_CLONES)
CROSS (uint8_t, GW_NO_CLONES)
CROSS (int8_t, GW_NO_CLONES)
CROSS (int16_t, GW_NO_CLONES)
CROSS (uint16_t, GW_NO_CLONES)
CROSS (uint32_t, GW_NO_CLONES)
CROSS (uint64_t, GW_NO_CLONES)

gboolean
gw_cpu_cross (GwKernelContext *context,
              GError         **error)
{
  static const GwRangeFunc loops[] = {
    [GW_FLOAT32] = cross_float, [GW_FLOAT64] = cross_double, [GW_INT32] = cross_int32_t, [GW_INT64] = cross_int64_t,
    [GW_UINT8] = cross_uint8_t, [GW_INT8] = cross_int8_t, [GW_INT16] = cross_int16_t, [GW_UINT16] = cross_uint16_t,
    [GW_UINT32] = cross_uint32_t, [GW_UINT64] = cross_uint64_t,
  };
  GwTensor *output = context->outputs[0];

  if ((unsigned) output->dtype >= G_N_ELEMENTS (loops) || loops[output->dtype] == NULL)
    return gw_cpu_no_kernel (context, output->dtype, error);
  gw_kernel_parallel (context, output->elements / 3, GW_GRAIN / 3, loops[output->dtype], context);
  return TRUE;
}
