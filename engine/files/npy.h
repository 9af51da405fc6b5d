/* SPDX-License-Identifier: Apache-2.0 */
/* NumPy's array files (.npy), versions 1 to 3. */
#pragma once

#include "engine/files/input-file.h"
#include "engine/tensor/tensor.h"

G_BEGIN_DECLS

/* Both byte orders, both element orders; 'S' and 'U' become strings (UTF-8, without
 * the padding zeros). UNIMPLEMENTED for pickled objects and records, DATA_LOSS for
 * what is not an array file or ends early. */
GwTensor *gw_npy_load (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GwTensor *gw_npy_read (GwInput *input, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Version 1, little endian, row-major. Strings are written as 'U' when all are
 * UTF-8, else as 'S' (either drops zeros at the end of a string). bfloat16, which
 * NumPy has not, is INVALID_ARGUMENT. */
gboolean gw_npy_save (const char *path, const GwTensor *tensor, GError **error);

G_END_DECLS
