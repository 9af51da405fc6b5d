/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/kernel.h"

#include "engine/base/alloc.h"
#include "engine/base/error.h"

typedef struct {
  void  *data;
  size_t size;
} Block;

struct _GwKernelMemory {
  Block      scratch, copies;
  GPtrArray *dynamic;   /* of GwTensor, reused from run to run in the same order */
  guint      n_dynamic; /* how many are in use in this run */
};

GwKernelMemory *
gw_kernel_memory_new (void)
{
  GwKernelMemory *memory = g_new0 (GwKernelMemory, 1);

  memory->dynamic = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_tensor_unref);
  return memory;
}

void
gw_kernel_memory_free (GwKernelMemory *memory)
{
  if (memory == NULL)
    return;
  g_ptr_array_unref (memory->dynamic);
  gw_free (memory->scratch.data);
  gw_free (memory->copies.data);
  g_free (memory);
}

void
gw_kernel_memory_reset (GwKernelMemory *memory)
{
  memory->n_dynamic = 0;
}

/* Grows once, then is reused. */
static void *
block_of (Block   *block,
          size_t   size,
          GError **error)
{
  if (size > block->size || block->data == NULL)
    {
      gw_free (block->data);
      block->size = 0;
      block->data = gw_alloc (size, error);
      if (block->data == NULL)
        return NULL;
      block->size = size;
    }
  return block->data;
}

void *
gw_kernel_scratch (GwKernelContext *context,
                   size_t           size,
                   GError         **error)
{
  return block_of (&context->memory->scratch, size, error);
}

void *
gw_kernel_copies (GwKernelContext *context,
                  size_t           size,
                  GError         **error)
{
  return block_of (&context->memory->copies, size, error);
}

static gboolean
can_reuse (const GwTensor *tensor,
           GwDType         dtype,
           const GwShape  *shape)
{
  return tensor->refs == 1 && tensor->dtype == dtype && gw_shape_equal (&tensor->shape, shape);
}

gboolean
gw_kernel_allocate_output (GwKernelContext *context,
                           int              index,
                           GwDType          dtype,
                           const GwShape   *shape,
                           GError         **error)
{
  GwKernelMemory *memory = context->memory;
  GwTensor *tensor;

  if (memory->n_dynamic < memory->dynamic->len)
    {
      tensor = g_ptr_array_index (memory->dynamic, memory->n_dynamic);
      if (can_reuse (tensor, dtype, shape))
        {
          memory->n_dynamic++;
          context->outputs[index] = tensor;
          return TRUE;
        }
    }
  tensor = gw_tensor_new (dtype, shape, error);
  if (tensor == NULL)
    return FALSE;
  if (memory->n_dynamic < memory->dynamic->len)
    {
      gw_tensor_unref (g_ptr_array_index (memory->dynamic, memory->n_dynamic));
      g_ptr_array_index (memory->dynamic, memory->n_dynamic) = tensor;
    }
  else
    g_ptr_array_add (memory->dynamic, tensor);
  memory->n_dynamic++;
  context->outputs[index] = tensor;
  return TRUE;
}

gboolean
gw_kernel_call (GwKernelContext *context,
                int              function,
                GwTensor *const *inputs,
                GwTensor       **results,
                GError         **error)
{
  if (context->calls == NULL)
    {
      g_set_error_literal (error, GW_ERROR, GW_ERROR_UNIMPLEMENTED, "sub-graphs only run in a session");
      return FALSE;
    }
  return context->calls->call (context->calls, function, inputs, results, error);
}

int64_t
gw_kernel_max_iterations (const GwKernelContext *context)
{
  return context->calls != NULL ? context->calls->max_iterations (context->calls) : 0;
}

typedef struct {
  GwRangeFunc func;
  void       *data;
  int64_t     n;
  int64_t     size;
} RangeTask;

static void
run_range (void *data,
           int   chunk)
{
  RangeTask *task = data;
  int64_t begin = chunk * task->size;

  task->func (task->data, begin, MIN (begin + task->size, task->n));
}

/* Cut into chunks whose size is a multiple of 64 elements, so that no two threads
 * write to one cache line; at most 256 of them. */
void
gw_kernel_parallel (GwKernelContext *context,
                    int64_t          n,
                    int64_t          grain,
                    GwRangeFunc      func,
                    void            *data)
{
  RangeTask task = { func, data, n, 0 };

  if (n <= 0)
    return;
  if (n <= grain)
    {
      func (data, 0, n);
      return;
    }
  task.size = gw_chunk_size (n, MAX (MAX (grain, 1), (n + 255) / 256));
  if (task.size >= 64)
    task.size = (task.size + 63) / 64 * 64;
  gw_workers_run (context->workers, (int) ((n + task.size - 1) / task.size), run_range, &task);
}

#define TAIL_GRAIN 32768

static void
run_tail_rows (void    *data,
               int64_t  begin,
               int64_t  end)
{
  const GwKernelTail *tail = data;

  tail->run (tail, begin * tail->row, end * tail->row);
}

void
gw_kernel_run_whole_tail (GwKernelContext *context)
{
  const GwKernelTail *tail = context->tail;

  if (tail != NULL && tail->row > 0)
    gw_kernel_parallel (context, tail->elements / tail->row, MAX (TAIL_GRAIN / tail->row, 1), run_tail_rows, (gpointer) tail);
}
