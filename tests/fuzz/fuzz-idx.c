/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/idx.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  GwInput *input = gw_input_new_memory (data, size, "fuzz", GW_INPUT_AUTO);
  GError *error = NULL;
  GwTensor *tensor = gw_idx_read (input, &error);

  fuzz_take_tensor (tensor, error);
  gw_input_free (input);
  return 0;
}
