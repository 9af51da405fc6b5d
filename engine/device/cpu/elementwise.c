/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/elementwise.h"

#include "engine/base/error.h"
#include "engine/device/cpu/broadcast.h"
#include "engine/device/cpu/no-kernel.h"
#include "engine/device/cpu/loops.h"

/* ---- one operand ---- */

typedef struct {
  GwUnaryLoop loop;
  const char *x;
  char       *y;
  size_t      x_size, y_size;
} Map;

static void
map_range (void    *data,
           int64_t  begin,
           int64_t  end)
{
  const Map *map = data;

  map->loop (map->x + begin * map->x_size, map->y + begin * map->y_size, end - begin);
}

void
gw_cpu_map (GwKernelContext *context,
            GwUnaryLoop      loop,
            const void      *x,
            size_t           x_size,
            void            *y,
            size_t           y_size,
            int64_t          n)
{
  Map map = { loop, x, y, x_size, y_size };

  gw_kernel_parallel (context, n, GW_GRAIN, map_range, &map);
}

gboolean
gw_cpu_unary (GwKernelContext *context,
              GwUnaryOp        op,
              GError         **error)
{
  const GwTensor *x = context->inputs[0];
  GwTensor *y = context->outputs[0];
  GwUnaryLoop loop = gw_unary_loop (op, x->dtype);

  if (loop == NULL)
    return gw_cpu_no_kernel (context, x->dtype, error);
  gw_cpu_map (context, loop, x->data, gw_dtype_size (x->dtype), y->data, gw_dtype_size (y->dtype), x->elements);
  return TRUE;
}

/* ---- two operands ---- */

typedef struct {
  GwBroadcast  plan;
  GwBinaryLoop loop;
  const char  *x, *y;
  char        *z;
  size_t       size, z_size;
} Pair;

static void
pair_run (void          *data,
          const int64_t *offsets,
          int64_t        out,
          int64_t        n)
{
  const Pair *pair = data;
  int last = pair->plan.rank - 1;

  pair->loop (pair->x + offsets[0] * pair->size, pair->plan.strides[0][last],
              pair->y + offsets[1] * pair->size, pair->plan.strides[1][last],
              pair->z + out * pair->z_size, n);
}

static void
pair_range (void    *data,
            int64_t  begin,
            int64_t  end)
{
  Pair *pair = data;

  gw_broadcast_run (&pair->plan, begin, end, pair_run, pair);
}

/* Whether some element of an integer tensor is 0, or below 0. */
static gboolean
any_integer (const GwTensor *tensor,
             gboolean        below)
{
  GW_SWITCH_INTEGER (tensor->dtype, return FALSE,
                     const T *values = tensor->data;
                     for (int64_t i = 0; i < tensor->elements; i++)
                       if (below ? (double) values[i] < 0 : values[i] == 0)
                         return TRUE;)
  return FALSE;
}

static gboolean
check_operands (GwBinaryOp      op,
                const GwTensor *y,
                GError        **error)
{
  gboolean divides = op == GW_BINARY_DIV || op == GW_BINARY_FLOOR_DIV || op == GW_BINARY_FLOOR_MOD;

  if (divides && any_integer (y, FALSE))
    return gw_invalid (error, "Integer division by zero");
  if (op == GW_BINARY_POW && any_integer (y, TRUE))
    return gw_invalid (error, "Integers to negative integer powers are not allowed");
  return TRUE;
}

gboolean
gw_cpu_binary_as (GwKernelContext *context,
                  GwBinaryOp       op,
                  const GwTensor  *x,
                  const GwShape   *x_shape,
                  const GwTensor  *y,
                  const GwShape   *y_shape,
                  GwTensor        *z,
                  GError         **error)
{
  const GwShape *const operands[] = { x_shape, y_shape };
  Pair pair = { .loop = gw_binary_loop (op, x->dtype), .x = x->data, .y = y->data, .z = z->data,
                .size = gw_dtype_size (x->dtype), .z_size = gw_dtype_size (z->dtype) };

  if (pair.loop == NULL)
    return gw_cpu_no_kernel (context, x->dtype, error);
  if (!check_operands (op, y, error))
    return FALSE;
  gw_broadcast_init (&pair.plan, &z->shape, 2, operands);
  gw_kernel_parallel (context, z->elements, GW_GRAIN, pair_range, &pair);
  return TRUE;
}

gboolean
gw_cpu_binary (GwKernelContext *context,
               GwBinaryOp       op,
               GError         **error)
{
  const GwTensor *x = context->inputs[0];
  const GwTensor *y = context->inputs[1];

  return gw_cpu_binary_as (context, op, x, &x->shape, y, &y->shape, context->outputs[0], error);
}

/* ---- choosing ---- */

typedef struct {
  GwBroadcast    plan;
  const uint8_t *condition;
  const char    *yes, *no;
  char          *out;
  size_t         size;
} Choice;

typedef void (*ChooseLoop) (const uint8_t *condition, int64_t c_step, const void *yes, int64_t y_step,
                            const void *no, int64_t n_step, void *out, int64_t n);

#define CHOOSE(T)                                                                                  \
  GW_CLONES static void                                                                            \
  choose_##T (const uint8_t *condition, int64_t c_step, const void *yes, int64_t y_step,           \
              const void *no, int64_t n_step, void *out, int64_t n)                                \
  {                                                                                                \
    const T *y = yes;                                                                              \
    const T *o = no;                                                                               \
    T *z = out;                                                                                    \
                                                                                                   \
    if (c_step == 1 && y_step == 1 && n_step == 1)                                                 \
      GW_IVDEP                                                                                     \
      for (int64_t i = 0; i < n; i++)                                                              \
        {                                                                                          \
          T a = y[i], b = o[i];                                                                    \
                                                                                                   \
          z[i] = condition[i] ? a : b;                                                             \
        }                                                                                          \
    else                                                                                           \
      for (int64_t i = 0; i < n; i++)                                                              \
        z[i] = condition[i * c_step] ? y[i * y_step] : o[i * n_step];                              \
  }

CHOOSE (uint8_t)
CHOOSE (uint16_t)
CHOOSE (uint32_t)
CHOOSE (uint64_t)
CHOOSE (GwBits128)

static ChooseLoop
choose_loop (size_t size)
{
  switch (size)
    {
    case 1: return choose_uint8_t;
    case 2: return choose_uint16_t;
    case 4: return choose_uint32_t;
    case 8: return choose_uint64_t;
    default: return choose_GwBits128;
    }
}

static void
choice_run (void          *data,
            const int64_t *offsets,
            int64_t        out,
            int64_t        n)
{
  const Choice *choice = data;
  int last = choice->plan.rank - 1;
  const uint8_t *condition = choice->condition + offsets[0];
  const char *yes = choice->yes + offsets[1] * choice->size;
  const char *no = choice->no + offsets[2] * choice->size;

  choose_loop (choice->size) (condition, choice->plan.strides[0][last], yes, choice->plan.strides[1][last],
                              no, choice->plan.strides[2][last], choice->out + out * choice->size, n);
}

static void
choice_range (void    *data,
              int64_t  begin,
              int64_t  end)
{
  Choice *choice = data;

  gw_broadcast_run (&choice->plan, begin, end, choice_run, choice);
}

static void
choice_strings (void          *data,
                const int64_t *offsets,
                int64_t        out,
                int64_t        n)
{
  const Choice *choice = data;
  int last = choice->plan.rank - 1;

  for (int64_t i = 0; i < n; i++)
    {
      gboolean yes = choice->condition[offsets[0] + i * choice->plan.strides[0][last]] != 0;
      int which = yes ? 1 : 2;
      const GwString *from = (const GwString *) (yes ? choice->yes : choice->no);

      gw_string_copy ((GwString *) choice->out + out + i,
                      from + offsets[which] + i * choice->plan.strides[which][last]);
    }
}

gboolean
gw_cpu_select (GwKernelContext *context,
               const GwShape   *condition_shape,
               GError         **error)
{
  const GwTensor *yes = context->inputs[1];
  const GwTensor *no = context->inputs[2];
  GwTensor *out = context->outputs[0];
  const GwShape *const operands[] = { condition_shape, &yes->shape, &no->shape };
  Choice choice = { .condition = context->inputs[0]->data, .yes = yes->data, .no = no->data,
                    .out = out->data, .size = gw_dtype_size (out->dtype) };

  gw_broadcast_init (&choice.plan, &out->shape, 3, operands);
  if (out->dtype == GW_STRING)
    gw_broadcast_run (&choice.plan, 0, out->elements, choice_strings, &choice);
  else
    gw_kernel_parallel (context, out->elements, GW_GRAIN, choice_range, &choice);
  return TRUE;
}
