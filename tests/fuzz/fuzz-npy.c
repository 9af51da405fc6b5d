/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/npy.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  GwInput *input = gw_input_new_memory (data, size, "fuzz", GW_INPUT_PLAIN);
  GError *error = NULL;
  GwTensor *tensor = gw_npy_read (input, &error);

  fuzz_take_tensor (tensor, error);
  gw_input_free (input);
  return 0;
}
