/* SPDX-License-Identifier: Apache-2.0 */
/* Grey-scale dilation: max pooling where a filter is added first. */
#pragma once

#include "engine/device/cpu/window.h"

G_BEGIN_DECLS

typedef enum {
  GW_DILATION_OUTPUT,  /* the largest input + filter under each window */
  GW_DILATION_INPUT,   /* d goes to the input element that it came from: the first of equal ones */
  GW_DILATION_FILTER,  /* d goes to the filter element */
} GwDilationPass;

/* x (batch, height, width, channels), filter (height, width, channels), d like the
 * output; `result` is what the pass names. OUTPUT for all numbers, the others for float32
 * and float64; UNIMPLEMENTED otherwise. */
typedef struct {
  GwDilationPass pass;
  GwDType        dtype;
  GwWindow       window;
  const void    *x, *filter, *d;
  void          *result;
} GwDilation;

gboolean gw_cpu_dilation (GwKernelContext *context, const GwDilation *dilation, GError **error);

G_END_DECLS
