/* SPDX-License-Identifier: Apache-2.0 */
/* AddN of lists of tensors: what several readers of one list send back. */
#pragma once

#include "engine/device/kernel.h"

G_BEGIN_DECLS

/* Output 0 gets, element by element of the lists, the sums; an element that nobody has set
 * counts as zeros. INVALID_ARGUMENT when the lists differ in length, or elements in shape. */
gboolean gw_add_lists (GwKernelContext *context, GError **error);

G_END_DECLS
