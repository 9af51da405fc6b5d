/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/broadcast.h"

/* Strides of `operand` in the dimensions of `result`, which it is aligned with at
 * the right. */
static void
operand_strides (const GwShape *result,
                 const GwShape *operand,
                 int64_t        strides[GW_MAX_RANK])
{
  int64_t own[GW_MAX_RANK];
  int missing = result->rank - operand->rank;

  gw_shape_strides (operand, own);
  for (int i = 0; i < result->rank; i++)
    strides[i] = i < missing || operand->dims[i - missing] == 1 ? 0 : own[i - missing];
}

static gboolean
can_merge (const GwBroadcast *plan,
           const int64_t      inner[GW_BROADCAST_MAX],
           int64_t            inner_dim)
{
  for (int k = 0; k < plan->n_operands; k++)
    if (plan->strides[k][plan->rank - 1] != gw_size_times (inner[k], inner_dim))
      return FALSE;
  return TRUE;
}

void
gw_broadcast_init (GwBroadcast          *plan,
                   const GwShape        *result,
                   int                   n_operands,
                   const GwShape *const *operands)
{
  int64_t strides[GW_BROADCAST_MAX][GW_MAX_RANK];

  *plan = (GwBroadcast) { .n_operands = n_operands, .elements = gw_shape_span (result, 0, result->rank) };
  for (int k = 0; k < n_operands; k++)
    operand_strides (result, operands[k], strides[k]);
  for (int i = 0; i < result->rank; i++)
    {
      int64_t inner[GW_BROADCAST_MAX] = { 0 };

      if (result->dims[i] == 1)
        continue;
      for (int k = 0; k < n_operands; k++)
        inner[k] = strides[k][i];
      if (plan->rank > 0 && can_merge (plan, inner, result->dims[i]))
        plan->dims[plan->rank - 1] = gw_size_times (plan->dims[plan->rank - 1], result->dims[i]);
      else
        plan->dims[plan->rank++] = result->dims[i];
      for (int k = 0; k < n_operands; k++)
        plan->strides[k][plan->rank - 1] = inner[k];
    }
  if (plan->rank > 0)
    return;
  plan->rank = 1;
  plan->dims[0] = plan->elements;
  for (int k = 0; k < n_operands; k++)
    plan->strides[k][0] = 1;
}

/* Moves to the next run: the position in all but the innermost dimension. */
static void
advance (const GwBroadcast *plan,
         int64_t            position[GW_MAX_RANK],
         int64_t            offsets[GW_BROADCAST_MAX])
{
  for (int i = plan->rank - 2; i >= 0; i--)
    {
      gboolean carry = ++position[i] == plan->dims[i];

      for (int k = 0; k < plan->n_operands; k++)
        offsets[k] += plan->strides[k][i] * (carry ? 1 - plan->dims[i] : 1);
      if (!carry)
        return;
      position[i] = 0;
    }
}

void
gw_broadcast_run (const GwBroadcast *plan,
                  int64_t            begin,
                  int64_t            end,
                  GwBroadcastFunc    func,
                  void              *data)
{
  int last = plan->rank - 1;
  int64_t position[GW_MAX_RANK];
  int64_t offsets[GW_BROADCAST_MAX] = { 0 };
  int64_t row = 0;
  int64_t rest = begin;

  if (begin >= end)
    return;
  row = begin % plan->dims[last];
  for (int i = last; i >= 0; i--)
    {
      position[i] = rest % plan->dims[i];
      rest /= plan->dims[i];
      for (int k = 0; i < last && k < plan->n_operands; k++)
        offsets[k] += position[i] * plan->strides[k][i];
    }
  for (int64_t out = begin; out < end; row = 0)
    {
      int64_t starts[GW_BROADCAST_MAX] = { 0 };
      int64_t n = MIN (plan->dims[last] - row, end - out);

      for (int k = 0; k < plan->n_operands; k++)
        starts[k] = offsets[k] + row * plan->strides[k][last];
      func (data, starts, out, n);
      out += n;
      advance (plan, position, offsets);
    }
}
