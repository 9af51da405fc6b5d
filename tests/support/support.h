/* SPDX-License-Identifier: Apache-2.0 */
/* What tests share: tensors written as text, comparison within a tolerance,
 * golden files, scratch folders. All of these stop the test when they fail. */
#pragma once

#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/tensor/tensor.h"

G_BEGIN_DECLS

/* "[[1, 2], [3, 4]]", led by a type where the text alone gives another:
 * "float32 [1, 2]". */
GwTensor *gw_test_tensor (const char *text);

/* Units in the last place between two floats; G_MAXINT64 when one is not finite
 * and the other differs. */
int64_t gw_test_ulps (float a, float b);

/* Why `got` is not `want`, or NULL when it is: same type and shape; integers,
 * bool and strings equal; numbers within tolerance × max (1, the largest
 * magnitude in `want`), NaN and infinities in the same places. Free it. */
char *gw_test_difference (const GwTensor *got, const GwTensor *want, double tolerance);
void gw_test_assert_close (const GwTensor *got, const GwTensor *want, double tolerance);
/* The same with `want` as gw_test_tensor() takes it, and tolerance 1e-6. */
void gw_test_assert_tensor (const GwTensor *got, const char *want);

/* Asserts that *error is set, of GW_ERROR and `code`, and that its message has
 * `part` in it (NULL = any); clears it. */
void gw_test_assert_error (GError **error, GwErrorCode code, const char *part);

/* tests/golden/NAME, read; and a tensor in it. */
cJSON *gw_test_golden (const char *name);
GwTensor *gw_test_golden_tensor (const cJSON *json);

/* A new empty folder; removed with all it holds by gw_test_dir_remove(), which
 * frees `path` too. */
char *gw_test_dir_new (void);
void gw_test_dir_remove (char *path);
/* Writes DIR/NAME; length -1 = a string. Returns its path (free it). */
char *gw_test_write_file (const char *dir, const char *name, const void *data, gssize length);

G_END_DECLS
