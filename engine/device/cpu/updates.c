/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/updates.h"

#include "engine/device/cpu/no-kernel.h"

#include <math.h>

#include "engine/device/cpu/loops.h"

/* What a range works on: up to three tensors that change and the gradient; the
 * scalars as the formula wants them. */
typedef struct {
  void       *variable, *first, *second;
  const void *gradient;
  double      a, b, c, d;
  gboolean    nesterov;
} Update;

#define DESCENT(T)                                                      \
  GW_CLONES static void                                                 \
  descent_##T (void *data, int64_t begin, int64_t end)                  \
  {                                                                     \
    const Update *update = data;                                        \
    T *restrict x = update->variable;                                   \
    const T *restrict g = update->gradient;                             \
    T rate = (T) update->a;                                             \
                                                                        \
    for (int64_t i = begin; i < end; i++)                               \
      x[i] -= rate * g[i];                                              \
  }

#define MOMENTUM(T)                                                     \
  GW_CLONES static void                                                 \
  momentum_##T (void *data, int64_t begin, int64_t end)                 \
  {                                                                     \
    const Update *update = data;                                        \
    T *restrict x = update->variable;                                   \
    T *restrict slot = update->first;                                   \
    const T *restrict g = update->gradient;                             \
    T rate = (T) update->a;                                             \
    T momentum = (T) update->b;                                         \
    T direct = update->nesterov ? rate : 0;                             \
    T through = update->nesterov ? rate * momentum : rate;              \
                                                                        \
    for (int64_t i = begin; i < end; i++)                               \
      {                                                                 \
        T s = slot[i] * momentum + g[i];                                \
                                                                        \
        slot[i] = s;                                                    \
        x[i] -= direct * g[i] + through * s;                            \
      }                                                                 \
  }

#define ADAM(T, SQRT)                                                   \
  GW_CLONES static void                                                 \
  adam_##T (void *data, int64_t begin, int64_t end)                     \
  {                                                                     \
    const Update *update = data;                                        \
    T *restrict x = update->variable;                                   \
    T *restrict ms = update->first;                                     \
    T *restrict vs = update->second;                                    \
    const T *restrict gs = update->gradient;                            \
    T rate = (T) update->a;                                             \
    T beta1 = (T) update->b, rest1 = 1 - beta1;                         \
    T rest2 = 1 - (T) update->c;                                        \
    T epsilon = (T) update->d;                                          \
    T keep = update->nesterov ? beta1 : 1;                              \
    T ahead = update->nesterov ? rest1 : 0;                             \
                                                                        \
    for (int64_t i = begin; i < end; i++)                               \
      {                                                                 \
        T g = gs[i];                                                    \
        T m = ms[i] + (g - ms[i]) * rest1;                              \
        T v = vs[i] + (g * g - vs[i]) * rest2;                          \
                                                                        \
        ms[i] = m;                                                      \
        vs[i] = v;                                                      \
        x[i] -= (m * keep + g * ahead) * rate / (SQRT (v) + epsilon);   \
      }                                                                 \
  }

DESCENT (float)
DESCENT (double)
MOMENTUM (float)
MOMENTUM (double)
ADAM (float, sqrtf)
ADAM (double, sqrt)

static gboolean
run_update (GwKernelContext *context,
            const GwTensor  *variable,
            Update          *update,
            GwRangeFunc      single,
            GwRangeFunc      twice,
            GError         **error)
{
  if (variable->dtype != GW_FLOAT32 && variable->dtype != GW_FLOAT64)
    return gw_cpu_no_kernel (context, variable->dtype, error);
  gw_kernel_parallel (context, variable->elements, GW_GRAIN, variable->dtype == GW_FLOAT32 ? single : twice, update);
  return TRUE;
}

gboolean
gw_cpu_gradient_descent (GwKernelContext *context,
                         GwTensor        *variable,
                         const GwTensor  *rate,
                         const GwTensor  *gradient,
                         GError         **error)
{
  Update update = { .variable = variable->data, .gradient = gradient->data, .a = gw_tensor_get_double (rate, 0) };

  return run_update (context, variable, &update, descent_float, descent_double, error);
}

gboolean
gw_cpu_momentum (GwKernelContext *context,
                 GwTensor        *variable,
                 GwTensor        *slot,
                 const GwTensor  *rate,
                 const GwTensor  *gradient,
                 const GwTensor  *momentum,
                 gboolean         nesterov,
                 GError         **error)
{
  Update update = { .variable = variable->data, .first = slot->data, .gradient = gradient->data,
                    .a = gw_tensor_get_double (rate, 0), .b = gw_tensor_get_double (momentum, 0),
                    .nesterov = nesterov };

  return run_update (context, variable, &update, momentum_float, momentum_double, error);
}

gboolean
gw_cpu_adam (GwKernelContext  *context,
             const GwAdamStep *step,
             GError          **error)
{
  double power1 = gw_tensor_get_double (step->beta1_power, 0);
  double power2 = gw_tensor_get_double (step->beta2_power, 0);
  Update update = { .variable = step->variable->data, .first = step->m->data, .second = step->v->data,
                    .gradient = step->gradient->data,
                    .a = gw_tensor_get_double (step->rate, 0) * sqrt (1 - power2) / (1 - power1),
                    .b = gw_tensor_get_double (step->beta1, 0), .c = gw_tensor_get_double (step->beta2, 0),
                    .d = gw_tensor_get_double (step->epsilon, 0), .nesterov = step->nesterov };

  return run_update (context, step->variable, &update, adam_float, adam_double, error);
}
