/* SPDX-License-Identifier: Apache-2.0 */
/* PNG to and from tensors. A picture is a uint8 tensor of shape
 * [height, width, channels], channels 1 (gray), 2 (gray, alpha), 3 (RGB), 4 (RGBA). */
#pragma once

#include "engine/tensor/tensor.h"

G_BEGIN_DECLS

/* uint8 [h,w,1…4] or [h,w]. INVALID_ARGUMENT for another type or shape, or an empty
 * picture. */
GBytes *gw_png_encode (const GwTensor *image, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* uint16 as well; `compression` 0 (none) … 9 (most), -1 = zlib's default. */
GBytes *gw_png_encode_packed (const GwTensor *image, int compression, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same from rows of `stride` bytes. */
GBytes *gw_png_encode_rows (const guint8 *pixels, int height, int width, int channels, size_t stride,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean gw_png_save (const char *path, const GwTensor *image, GError **error);

/* uint8 [h,w,channels]; `channels` 0 = as stored (a palette counts as RGB, or RGBA
 * when it has transparency), else 1 to 4, converted (gray = 0.299 red + 0.587 green +
 * 0.114 blue). 16 bits a channel are cut to 8. DATA_LOSS for bytes that are no whole PNG; RESOURCE_EXHAUSTED beyond 2^28
 * pixels. The size that a header claims is checked against what so many bytes can
 * hold. */
GwTensor *gw_png_decode (const void *data, size_t size, int channels, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same as uint8 or uint16; 8 bits become 16 by repeating them. */
GwTensor *gw_png_decode_as (const void *data, size_t size, int channels, GwDType dtype, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GwTensor *gw_png_load (const char *path, int channels, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* From the header alone; `channels` as stored. Any of the three may be NULL. */
gboolean gw_png_read_size (const void *data, size_t size, int *height, int *width, int *channels, GError **error);

G_END_DECLS
