/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/elementwise.h"

#include "engine/base/error.h"
#include "engine/device/cpu/broadcast.h"
#include "engine/device/cpu/half.h"
#include "engine/device/cpu/no-kernel.h"

#include <string.h>

#include "engine/device/cpu/loops.h"

/* ---- one operand ---- */

/* Elements of a half type are widened and narrowed around the loop. */
typedef struct {
  GwUnaryLoop loop;
  const char *x;
  char       *y;
  GwDType     x_dtype, y_dtype;
  size_t      x_size, y_size;
  int         dropped;      /* bits of each x that are cleared first */
} Map;

typedef union {
  float    floats[GW_HALF_TILE];
  uint32_t bits32[GW_HALF_TILE];
  uint64_t bits64[GW_HALF_TILE];
} Tile;

/* What the loop is to read: x itself, or the tile. */
static const void *
map_operand (const Map *map,
             int64_t    begin,
             Tile      *tile,
             int64_t    n)
{
  const char *x = map->x + begin * map->x_size;

  if (gw_dtype_is_half (map->x_dtype))
    {
      gw_half_widen (map->x_dtype, x, tile->floats, n);
      return tile;
    }
  if (map->dropped == 0)
    return x;
  memcpy (tile, x, n * map->x_size);
  for (int64_t i = 0; i < n; i++)
    if (map->x_dtype == GW_FLOAT32)
      tile->bits32[i] &= UINT32_MAX << map->dropped;
    else
      tile->bits64[i] &= UINT64_MAX << map->dropped;
  return tile;
}

static void
map_tiles (void    *data,
           int64_t  begin,
           int64_t  end)
{
  const Map *map = data;
  Tile from;
  float to[GW_HALF_TILE];

  for (; begin < end; begin += GW_HALF_TILE)
    {
      int64_t n = MIN (end - begin, GW_HALF_TILE);
      const void *x = map_operand (map, begin, &from, n);
      char *y = map->y + begin * map->y_size;

      if (!gw_dtype_is_half (map->y_dtype))
        map->loop (x, y, n);
      else
        {
          map->loop (x, to, n);
          gw_half_narrow (map->y_dtype, to, y, n);
        }
    }
}

static void
map_range (void    *data,
           int64_t  begin,
           int64_t  end)
{
  const Map *map = data;

  map->loop (map->x + begin * map->x_size, map->y + begin * map->y_size, end - begin);
}

static gboolean
run_map (GwKernelContext *context,
         GwUnaryLoop      loop,
         const GwTensor  *x,
         int              dropped,
         GwTensor        *y)
{
  Map map = { loop, x->data, y->data, x->dtype, y->dtype, gw_dtype_size (x->dtype), gw_dtype_size (y->dtype), dropped };
  gboolean tiles = dropped > 0 || gw_dtype_is_half (x->dtype) || gw_dtype_is_half (y->dtype);

  gw_kernel_parallel (context, x->elements, GW_GRAIN, tiles ? map_tiles : map_range, &map);
  return TRUE;
}

gboolean
gw_cpu_unary (GwKernelContext *context,
              GwUnaryOp        op,
              GError         **error)
{
  const GwTensor *x = context->inputs[0];
  GwUnaryLoop loop = gw_unary_loop (op, gw_dtype_computed (x->dtype));

  if (loop == NULL)
    return gw_cpu_no_kernel (context, x->dtype, error);
  return run_map (context, loop, x, 0, context->outputs[0]);
}

/* Bits of the significand, the first one not counted. */
static int
significand_bits (GwDType dtype)
{
  switch (dtype)
    {
    case GW_FLOAT64: return 52;
    case GW_FLOAT32: return 23;
    case GW_FLOAT16: return 10;
    case GW_BFLOAT16: return 7;
    default: return 0;
    }
}

gboolean
gw_cpu_cast (GwKernelContext *context,
             const GwTensor  *x,
             gboolean         truncate,
             GwTensor        *y,
             GError         **error)
{
  GwDType to = gw_dtype_computed (y->dtype);
  GwUnaryLoop loop = gw_dtype_is_half (x->dtype) ? gw_cast_half_loop (to) : gw_cast_loop (x->dtype, to);
  int dropped = significand_bits (x->dtype) - significand_bits (y->dtype);

  if (loop != NULL)
    return run_map (context, loop, x, truncate && gw_dtype_is_floating (y->dtype) ? MAX (dropped, 0) : 0, y);
  g_set_error (error, GW_ERROR, GW_ERROR_UNIMPLEMENTED, "Cast %s to %s is not supported",
               gw_dtype_name (x->dtype), gw_dtype_name (y->dtype));
  return FALSE;
}

/* ---- two and three operands ---- */

typedef struct {
  GwBroadcast   plan;
  GwBinaryLoop  two;        /* this or */
  GwTernaryLoop three;      /* this */
  const char   *operands[GW_BROADCAST_MAX];
  char         *z;
  GwDType       dtype;      /* of the operands */
  GwDType       z_dtype;
  size_t        size, z_size;
} Together;

static void
call_loop (const Together *together,
           const void     *const x[GW_BROADCAST_MAX],
           const int64_t   steps[GW_BROADCAST_MAX],
           void           *z,
           int64_t         n)
{
  if (together->two != NULL)
    together->two (x[0], steps[0], x[1], steps[1], z, n);
  else
    together->three (x[0], steps[0], x[1], steps[1], x[2], steps[2], z, n);
}

static void
together_run (void          *data,
              const int64_t *offsets,
              int64_t        out,
              int64_t        n)
{
  const Together *together = data;
  const void *x[GW_BROADCAST_MAX] = { NULL };
  int64_t steps[GW_BROADCAST_MAX] = { 0 };

  for (int k = 0; k < together->plan.n_operands; k++)
    {
      x[k] = together->operands[k] + offsets[k] * together->size;
      steps[k] = together->plan.strides[k][together->plan.rank - 1];
    }
  call_loop (together, x, steps, together->z + out * together->z_size, n);
}

static void
together_tiles (void          *data,
                const int64_t *offsets,
                int64_t        out,
                int64_t        n)
{
  const Together *together = data;
  float tiles[GW_BROADCAST_MAX][GW_HALF_TILE];
  const void *const x[GW_BROADCAST_MAX] = { tiles[0], tiles[1], tiles[2] };
  int64_t steps[GW_BROADCAST_MAX] = { 0 };
  float result[GW_HALF_TILE];

  for (int k = 0; k < together->plan.n_operands; k++)
    steps[k] = together->plan.strides[k][together->plan.rank - 1];
  for (int64_t first = 0; first < n; first += GW_HALF_TILE)
    {
      int64_t count = MIN (n - first, GW_HALF_TILE);
      char *z = together->z + (out + first) * together->z_size;

      for (int k = 0; k < together->plan.n_operands; k++)
        if (steps[k] != 0 || first == 0)
          gw_half_widen (together->dtype, together->operands[k] + (offsets[k] + steps[k] * first) * together->size,
                         tiles[k], steps[k] != 0 ? count : 1);
      call_loop (together, x, steps, gw_dtype_is_half (together->z_dtype) ? (void *) result : z, count);
      if (gw_dtype_is_half (together->z_dtype))
        gw_half_narrow (together->z_dtype, result, z, count);
    }
}

static void
together_range (void    *data,
                int64_t  begin,
                int64_t  end)
{
  Together *together = data;

  gw_broadcast_run (&together->plan, begin, end, gw_dtype_is_half (together->dtype) ? together_tiles : together_run,
                    together);
}

static gboolean
run_together (GwKernelContext *context,
              Together        *together,
              GwDType          dtype,
              int              n_operands,
              const GwOperand *operands,
              GwTensor        *z,
              GError         **error)
{
  const GwShape *shapes[GW_BROADCAST_MAX];

  if (together->two == NULL && together->three == NULL)
    return gw_cpu_no_kernel (context, dtype, error);
  for (int k = 0; k < n_operands; k++)
    {
      shapes[k] = &operands[k].shape;
      together->operands[k] = operands[k].data;
    }
  together->z = z->data;
  together->dtype = dtype;
  together->z_dtype = z->dtype;
  together->size = gw_dtype_size (dtype);
  together->z_size = gw_dtype_size (z->dtype);
  gw_broadcast_init (&together->plan, &z->shape, n_operands, shapes);
  gw_kernel_parallel (context, z->elements, GW_GRAIN, together_range, together);
  return TRUE;
}

/* Whether some element of an integer operand is 0, or below 0. */
static gboolean
any_integer (GwDType          dtype,
             const GwOperand *operand,
             gboolean         below)
{
  int64_t n = gw_shape_span (&operand->shape, 0, operand->shape.rank);

  GW_SWITCH_INTEGER (dtype, return FALSE,
                     const T *values = operand->data;
                     for (int64_t i = 0; i < n; i++)
                       if (below ? (double) values[i] < 0 : values[i] == 0)
                         return TRUE;)
  return FALSE;
}

static gboolean
check_operands (GwBinaryOp       op,
                GwDType          dtype,
                const GwOperand *y,
                GError         **error)
{
  gboolean divides = op == GW_BINARY_DIV || op == GW_BINARY_TRUNCATE_DIV || op == GW_BINARY_FLOOR_DIV ||
                     op == GW_BINARY_FLOOR_MOD || op == GW_BINARY_TRUNCATE_MOD;

  if (divides && any_integer (dtype, y, FALSE))
    return gw_invalid (error, "Integer division by zero");
  if (op == GW_BINARY_POW && any_integer (dtype, y, TRUE))
    return gw_invalid (error, "Integers to negative integer powers are not allowed");
  return TRUE;
}

gboolean
gw_cpu_binary_of (GwKernelContext *context,
                  GwBinaryOp       op,
                  GwDType          dtype,
                  const GwOperand  operands[2],
                  GwTensor        *z,
                  GError         **error)
{
  Together together = { .two = gw_binary_loop (op, gw_dtype_computed (dtype)) };

  return check_operands (op, dtype, &operands[1], error) &&
         run_together (context, &together, dtype, 2, operands, z, error);
}

gboolean
gw_cpu_binary (GwKernelContext *context,
               GwBinaryOp       op,
               GError         **error)
{
  const GwOperand operands[] = { gw_operand (context->inputs[0]), gw_operand (context->inputs[1]) };

  return gw_cpu_binary_of (context, op, context->inputs[0]->dtype, operands, context->outputs[0], error);
}

gboolean
gw_cpu_ternary_of (GwKernelContext *context,
                   GwTernaryOp      op,
                   GwDType          dtype,
                   const GwOperand  operands[3],
                   GwTensor        *z,
                   GError         **error)
{
  Together together = { .three = gw_ternary_loop (op, gw_dtype_computed (dtype)) };

  return run_together (context, &together, dtype, 3, operands, z, error);
}

gboolean
gw_cpu_ternary (GwKernelContext *context,
                GwTernaryOp      op,
                GError         **error)
{
  const GwOperand operands[] = { gw_operand (context->inputs[0]), gw_operand (context->inputs[1]),
                                 gw_operand (context->inputs[2]) };

  return gw_cpu_ternary_of (context, op, context->inputs[0]->dtype, operands, context->outputs[0], error);
}

GwOperand
gw_operand_of_number (GwElement *element,
                      GwDType    dtype,
                      double     value)
{
  GwTensor tensor = { .dtype = dtype, .elements = 1, .data = element };

  gw_tensor_set_double (&tensor, 0, value);
  return (GwOperand) { element, GW_SHAPE_SCALAR };
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

gboolean
gw_cpu_elementwise (GwKernelContext *context,
                    GError         **error)
{
  switch (context->elementwise.arity)
    {
    case 1: return gw_cpu_unary (context, (GwUnaryOp) context->elementwise.function, error);
    case 2: return gw_cpu_binary (context, (GwBinaryOp) context->elementwise.function, error);
    default: return gw_cpu_ternary (context, (GwTernaryOp) context->elementwise.function, error);
    }
}
