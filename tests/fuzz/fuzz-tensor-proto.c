/* SPDX-License-Identifier: Apache-2.0 */
/* What can be decoded can be encoded, and is the same then. */
#include "engine/files/tensor-proto.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  GError *error = NULL;
  GwTensor *tensor = gw_tensor_from_proto (data, size, &error);
  GwShape shape;

  if (tensor != NULL && tensor->elements < 1 << 20)
    {
      GBytes *bytes = gw_tensor_to_proto (tensor, &error);
      GwTensor *back;

      g_assert_no_error (error);
      back = gw_tensor_from_proto (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &error);
      g_assert_no_error (error);
      g_assert_true (gw_tensor_equal (tensor, back));
      gw_tensor_unref (back);
      g_bytes_unref (bytes);
    }
  fuzz_take_tensor (tensor, error);
  error = NULL;
  if (!gw_shape_from_proto (data, size, &shape, &error))
    g_assert_true (error->domain == GW_ERROR);
  g_clear_error (&error);
  return 0;
}
