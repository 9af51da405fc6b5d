/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/checkpoint-value.h"

#include <math.h>

#include "app/model/checkpoint-slice.h"

static void
measure (GwValuePicture *picture,
         const GwTensor *tensor)
{
  gw_tensor_stats (tensor, &picture->stats);
  if (isfinite (picture->stats.min))
    gw_tensor_bin (tensor, picture->stats.min, picture->stats.max, GW_VALUE_BINS, picture->bins);
}

static void
make_picture (GwValuePicture *picture,
              const GwTensor *tensor,
              const GwTensor *minus)
{
  if (tensor == NULL || !gw_matrix_size (&tensor->shape, &picture->rows, &picture->columns))
    return;
  picture->shown_rows = picture->rows;
  if (picture->columns > 0)
    picture->shown_rows = MIN (picture->rows, MAX (1, GW_VALUE_MAX_SHOWN / picture->columns));
  picture->floats = gw_matrix_floats (tensor, minus, picture->shown_rows * picture->columns, NULL);
  if (picture->floats == NULL)
    return;
  if (minus == NULL)
    measure (picture, tensor);
  else
    {
      GwShape shape = GW_SHAPE ((int64_t) picture->shown_rows, (int64_t) picture->columns);
      g_autoptr (GwTensor) difference = gw_tensor_new_foreign (GW_FLOAT32, &shape, picture->floats);

      measure (picture, difference);
    }
}

GwVariableValue *
gw_variable_value_new (GwTensor *a,
                       GwTensor *b)
{
  GwVariableValue *value = g_new0 (GwVariableValue, 1);

  value->tensor[0] = a;
  value->tensor[1] = b;
  make_picture (&value->pictures[GW_VIEW_A], a, NULL);
  make_picture (&value->pictures[GW_VIEW_B], b, NULL);
  if (a != NULL && b != NULL)
    make_picture (&value->pictures[GW_VIEW_DIFFERENCE], a, b);
  return value;
}

void
gw_variable_value_free (GwVariableValue *value)
{
  if (value == NULL)
    return;
  for (int i = 0; i < GW_N_VIEWS; i++)
    gw_free (value->pictures[i].floats);
  gw_tensor_unref (value->tensor[0]);
  gw_tensor_unref (value->tensor[1]);
  g_free (value);
}
