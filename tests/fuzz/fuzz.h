/* SPDX-License-Identifier: Apache-2.0 */
/* What every fuzz target defines (libFuzzer's own name and signature). */
#pragma once

#include "engine/base/error.h"
#include "engine/tensor/tensor.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* A function gave a tensor, or an error of ours: never both, never neither. Frees them. */
static inline void
fuzz_take_tensor (GwTensor *tensor,
                  GError   *error)
{
  g_assert_true ((tensor != NULL) != (error != NULL));
  g_assert_true (tensor == NULL || gw_shape_is_known (&tensor->shape));
  g_assert_true (error == NULL || error->domain == GW_ERROR);
  gw_tensor_unref (tensor);
  g_clear_error (&error);
}
