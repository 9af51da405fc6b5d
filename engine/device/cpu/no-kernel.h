/* SPDX-License-Identifier: Apache-2.0 */
/* The answer to an element type for which an op has no loops. */
#pragma once

#include "engine/base/error.h"
#include "engine/device/kernel.h"

/* Sets UNIMPLEMENTED and returns FALSE. */
static inline gboolean
gw_cpu_no_kernel (const GwKernelContext *context,
                  GwDType                dtype,
                  GError               **error)
{
  g_set_error (error, GW_ERROR, GW_ERROR_UNIMPLEMENTED, "%s: there is no kernel for %s", context->node,
               gw_dtype_name (dtype));
  return FALSE;
}
