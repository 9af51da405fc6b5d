/* SPDX-License-Identifier: Apache-2.0 */
/* IDX, the container of MNIST and its kin: big-endian header, then the values.
 * Usually gzip-compressed, which is seen by itself. */
#pragma once

#include "engine/files/input-file.h"
#include "engine/tensor/tensor.h"

G_BEGIN_DECLS

/* uint8, int8, int16, int32, float32, float64, straight into a tensor. DATA_LOSS for
 * what is not IDX or ends early. */
GwTensor *gw_idx_load (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GwTensor *gw_idx_read (GwInput *input, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Type and shape alone. */
gboolean gw_idx_read_header (GwInput *input, GwDType *dtype, GwShape *shape, GError **error);

/* Uncompressed. INVALID_ARGUMENT for a type that IDX has not, or no dimension. */
gboolean gw_idx_save (const char *path, const GwTensor *tensor, GError **error);

G_END_DECLS
