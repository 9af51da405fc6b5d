/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte says how the picture is asked for. */
#include "engine/files/jpeg-file.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  uint8_t how = size > 0 ? data[0] : 0;
  GwJpegDecoding decoding = {
    .channels = how % 3 == 2 ? 3 : how % 3, .ratio = 1 << (how / 3 % 4), .fancy_upscaling = (how & 0x40) != 0,
    .accurate = (how & 0x20) != 0, .recover = (how & 0x80) != 0, .acceptable_fraction = 0.25,
  };
  GError *error = NULL;
  GwTensor *image = size > 0 ? gw_jpeg_decode (data + 1, size - 1, &decoding, &error) : NULL;

  if (size > 0)
    fuzz_take_tensor (image, error);
  return 0;
}
