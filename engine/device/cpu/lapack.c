/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/lapack.h"

#include "engine/base/alloc.h"
#include "engine/base/error.h"
#include "engine/device/cpu/lapack-matrix.h"
#include "engine/device/cpu/no-kernel.h"

#define MAX_CHUNKS 16
/* Multiplications that make a chunk worth a thread. */
#define CHUNK_WORK 2e5

typedef struct {
  GwTensor *tensor;
  int       rows, columns;
  gboolean  transposed;  /* column-major already as the tensor has it, but for the sign of what is imaginary */
  GwShape   batch;
} Side;

typedef struct {
  GwMatrixRoutine routine;
  gboolean    all_outputs;          /* not only with options->vectors */
  GwMatrix      plan;                 /* sizes and options; memory is each chunk's own */
  int         n_inputs, n_outputs;
  Side        in[2], out[3];
  GwShape     batch;
  int64_t     n, per_chunk;
  char       *scratch;
  size_t      chunk_bytes;
  const char *problem[MAX_CHUNKS];
} Batch;

static void
side_init (Side     *side,
           GwTensor *tensor,
           int       trailing)
{
  const GwShape *shape = &tensor->shape;

  *side = (Side) { .tensor = tensor, .batch = *shape };
  side->batch.rank = shape->rank - trailing;
  side->rows = trailing > 0 ? (int) shape->dims[side->batch.rank] : 1;
  side->columns = trailing > 1 ? (int) shape->dims[side->batch.rank + 1] : 1;
}

static size_t
side_size (const Side *side)
{
  return (size_t) side->rows * (size_t) side->columns;
}

/* Which of the operand's matrices belongs to matrix `index` of the batch. */
static int64_t
matrix_index (const GwShape *batch,
              const GwShape *own,
              int64_t        index)
{
  int64_t place = 0, stride = 1;

  for (int i = 0; i < own->rank; i++)
    {
      int64_t size = batch->dims[batch->rank - 1 - i];
      int64_t mine = own->dims[own->rank - 1 - i];

      place += mine == 1 ? 0 : index % size * stride;
      stride *= mine;
      index /= size;
    }
  return place;
}

#define COPY_MATRICES(T)                                                                           \
  static void                                                                                      \
  load_##T (const Side *side, int width, int64_t index, double *to)                                \
  {                                                                                                \
    const T *from = (const T *) side->tensor->data + index * width * (int64_t) side_size (side);   \
    size_t down = side->transposed ? side->columns : 1, along = side->transposed ? 1 : side->rows; \
                                                                                                   \
    for (int i = 0; i < side->rows; i++)                                                           \
      for (int j = 0; j < side->columns; j++)                                                      \
        {                                                                                          \
          double *at = to + (size_t) width * (i * down + j * along);                               \
                                                                                                   \
          at[0] = (double) *from++;                                                                \
          if (width > 1)                                                                           \
            at[1] = side->transposed ? -(double) *from++ : (double) *from++;                       \
        }                                                                                          \
  }                                                                                                \
  static void                                                                                      \
  store_##T (const Side *side, int width, int64_t index, const double *from)                       \
  {                                                                                                \
    T *to = (T *) side->tensor->data + index * width * (int64_t) side_size (side);                 \
    size_t down = side->transposed ? side->columns : 1, along = side->transposed ? 1 : side->rows; \
                                                                                                   \
    for (int i = 0; i < side->rows; i++)                                                           \
      for (int j = 0; j < side->columns; j++)                                                      \
        {                                                                                          \
          const double *at = from + (size_t) width * (i * down + j * along);                       \
                                                                                                   \
          *to++ = (T) at[0];                                                                       \
          if (width > 1)                                                                           \
            *to++ = (T) (side->transposed ? -at[1] : at[1]);                                       \
        }                                                                                          \
  }
COPY_MATRICES (float)
COPY_MATRICES (double)

static void
run_matrix (const Batch  *batch,
            GwMatrix       *a,
            int64_t       index,
            const char  **problem)
{
  GwDType dtype = batch->in[0].tensor->dtype;
  gboolean twice = dtype == GW_FLOAT64 || dtype == GW_COMPLEX128;

  for (int i = 0; i < batch->n_inputs; i++)
    (twice ? load_double : load_float) (&batch->in[i], a->width,
                                        matrix_index (&batch->batch, &batch->in[i].batch, index), a->in[i]);
  *problem = batch->routine (a);
  for (int i = 0; i < batch->n_outputs && *problem == NULL; i++)
    if (a->out[i] != NULL)
      (twice ? store_double : store_float) (&batch->out[i], a->width, index, a->out[i]);
}

static double *
take (char   **memory,
      size_t   n)
{
  double *taken = (double *) *memory;

  *memory += n * sizeof (double);
  return taken;
}

static void
run_chunks (void    *data,
            int64_t  begin,
            int64_t  end)
{
  Batch *batch = data;

  for (int64_t chunk = begin; chunk < end; chunk++)
    {
      char *memory = batch->scratch + (size_t) chunk * batch->chunk_bytes;
      int64_t last = MIN (batch->n, (chunk + 1) * batch->per_chunk);
      GwMatrix a = batch->plan;

      for (int i = 0; i < batch->n_inputs; i++)
        a.in[i] = take (&memory, side_size (&batch->in[i]) * a.width);
      for (int i = 0; i < batch->n_outputs; i++)
        a.out[i] = i == 0 || batch->all_outputs || a.options->vectors
                     ? take (&memory, side_size (&batch->out[i]) * a.width) : NULL;
      a.work = take (&memory, (size_t) MAX (a.n_work, 1) * a.width);
      a.rwork = take (&memory, (size_t) a.n_rwork);
      a.iwork = (int *) memory;
      for (int64_t i = chunk * batch->per_chunk; i < last && batch->problem[chunk] == NULL; i++)
        {
          a.n_work = batch->plan.n_work;
          run_matrix (batch, &a, i, &batch->problem[chunk]);
        }
    }
}

/* Bytes of a chunk: inputs, outputs, work, integers (eight a row or column). */
static gboolean
plan_memory (Batch    *batch,
             int       n_chunks,
             size_t   *total,
             GError  **error)
{
  double size = 8.0 * batch->plan.most + 64;

  for (int i = 0; i < batch->n_inputs; i++)
    size += (double) batch->in[i].rows * batch->in[i].columns;
  for (int i = 0; i < batch->n_outputs; i++)
    size += (double) batch->out[i].rows * batch->out[i].columns;
  size *= batch->plan.width;
  if (batch->plan.most < G_MAXINT32 / 128 && size < G_MAXSSIZE / 1024)
    {
      batch->routine (&batch->plan);
      if (batch->plan.width == 1)
        batch->plan.n_rwork = 0;
      size += batch->plan.n_rwork;
      batch->chunk_bytes = ((size_t) size + (size_t) batch->plan.n_work * (size_t) batch->plan.width) * sizeof (double);
      if (batch->plan.n_work < G_MAXINT32 && batch->plan.n_rwork < G_MAXINT32 &&
          gw_size_mul (batch->chunk_bytes, (size_t) n_chunks, total))
        return TRUE;
    }
  g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED, "matrices of %d × %d are too large for this", batch->plan.m,
               batch->plan.n);
  return FALSE;
}

static void
plan_sides (Batch           *batch,
            GwKernelContext *context,
            GwMatrixOp       op)
{
  const GwMatrixOptions *options = batch->plan.options;
  int batch_rank;

  for (int i = 0; i < batch->n_inputs; i++)
    side_init (&batch->in[i], context->inputs[i], 2);
  batch_rank = MAX (batch->in[0].batch.rank, batch->n_inputs > 1 ? batch->in[1].batch.rank : 0);
  for (int i = 0; i < batch->n_outputs; i++)
    side_init (&batch->out[i], context->outputs[i], MAX (context->outputs[i]->shape.rank - batch_rank, 0));
  batch->in[0].transposed = options->adjoint;
  batch->out[2].transposed = op == GW_MATRIX_SVD;
  batch->batch = batch->out[0].batch;
  batch->plan.m = batch->in[0].rows;
  batch->plan.n = batch->in[0].columns;
  batch->plan.least = MIN (batch->plan.m, batch->plan.n);
  batch->plan.most = MAX (batch->plan.m, batch->plan.n);
  batch->plan.k = batch->in[1].columns;
  batch->n = gw_shape_span (&batch->batch, 0, batch->batch.rank);
}

gboolean
gw_cpu_matrices (GwKernelContext        *context,
                 GwMatrixOp              op,
                 int                     n_inputs,
                 const GwMatrixOptions  *options,
                 GError                **error)
{
  GwDType dtype = context->inputs[0]->dtype;
  gboolean complex_numbers = dtype == GW_COMPLEX64 || dtype == GW_COMPLEX128;
  Batch batch = { .routine = gw_matrix_routines[op], .plan = { gw_lapack_open (complex_numbers, error), options, complex_numbers ? 2 : 1 },
                  .n_inputs = n_inputs, .n_outputs = context->n_outputs,
                  .all_outputs = op == GW_MATRIX_QR || op == GW_MATRIX_LOG_DETERMINANT };
  double work;
  size_t total;
  int n_chunks;

  if (batch.plan.lapack == NULL)
    return FALSE;
  if ((dtype != GW_FLOAT32 && dtype != GW_FLOAT64 && !complex_numbers) ||
      (op == GW_MATRIX_CHOLESKY_GRAD && complex_numbers))
    return gw_cpu_no_kernel (context, dtype, error);
  for (int i = 0; i < n_inputs; i++)
    for (int d = 1; d <= 2; d++)
      if (context->inputs[i]->shape.dims[context->inputs[i]->shape.rank - d] > G_MAXINT32)
        return gw_invalid (error, "a matrix of more than 2147483647 rows or columns is too large");
  plan_sides (&batch, context, op);
  if (batch.n == 0)
    return TRUE;
  work = (double) batch.n * batch.plan.most * batch.plan.least * MAX (batch.plan.least, batch.plan.k);
  n_chunks = (int) CLAMP (work / CHUNK_WORK, 1, MIN (batch.n, MAX_CHUNKS));
  batch.per_chunk = (batch.n + n_chunks - 1) / n_chunks;
  if (!plan_memory (&batch, n_chunks, &total, error))
    return FALSE;
  batch.scratch = gw_kernel_scratch (context, total, error);
  if (batch.scratch == NULL)
    return FALSE;
  gw_kernel_parallel (context, n_chunks, 1, run_chunks, &batch);
  for (int i = 0; i < n_chunks; i++)
    if (batch.problem[i] != NULL)
      return gw_invalid (error, "%s", batch.problem[i]);
  return TRUE;
}
