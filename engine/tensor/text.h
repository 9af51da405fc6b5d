/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors as people write them: [[1, 2], [3, 4]]. */
#pragma once

#include "engine/tensor/tensor.h"

G_BEGIN_DECLS

/* One number in the fewest digits that read back to the same value ("0.1",
 * "1e-07", "nan", "inf", "-inf"); strings quoted with C escapes, bytes that are
 * not UTF-8 as \xNN. */
char *gw_tensor_element_to_string (const GwTensor *tensor, int64_t index);

/* "[[1, 2], [3, 4]]"; a scalar stands bare. More than `max_elements` elements
 * are cut by " … " in the middle of each long dimension (0 = never cut, but for an
 * empty tensor of more than 10,000 lists). */
char *gw_tensor_to_string (const GwTensor *tensor, int64_t max_elements);

/* Reads what gw_tensor_to_string() writes without a cut, and what a person types:
 * "3", "1 2 3" and "1, 2, 3" are vectors, nested brackets, true/false, nan, inf,
 * quoted or (for GW_STRING) bare strings. With `shape` of known sizes a single
 * value fills the tensor and a flat list of as many values is reshaped; a partly
 * known shape must match; NULL takes any. A text for a string that begins with
 * neither bracket nor quote is one string, unless `shape` has dimensions. `dtype` INVALID picks
 * int32, float32, bool or string from the text as Python would.
 * INVALID_ARGUMENT says what is wrong and where (character number). */
GwTensor *gw_tensor_parse (const char *text, GwDType dtype, const GwShape *shape, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
