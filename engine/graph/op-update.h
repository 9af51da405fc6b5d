/* SPDX-License-Identifier: Apache-2.0 */
/* The ports of the ops that make an optimizer's step (GwOpDef.update), and what their
 * kernels get of them: for the ops themselves and for plans that make many steps at once. */
#pragma once

#include "engine/device/cpu/updates.h"
#include "engine/graph/op-def.h"

G_BEGIN_DECLS

typedef enum {
  GW_UPDATE_TENSOR,    /* the variable and its slots */
  GW_UPDATE_GRADIENT,
  GW_UPDATE_INDICES,
  GW_UPDATE_SCALAR,
} GwUpdatePort;

GwUpdatePort gw_update_port (const GwPortDef *port);

/* Where things are among the inputs and attributes of an op. */
typedef struct {
  GwUpdateRule rule;
  int          n_tensors, tensors[1 + GW_UPDATE_MAX_SLOTS];
  int          gradient;
  int          indices;    /* -1 = the gradient is one of all rows */
  int          n_scalars, scalars[GW_UPDATE_MAX_SCALARS];
  int          n_flags, flags[GW_UPDATE_MAX_SCALARS]; /* attributes */
} GwUpdateLayout;

/* Of an op with GwOpDef.update set. */
void gw_update_layout (const GwOpDef *def, GwUpdateLayout *layout);

/* What the kernel's context holds. Nothing is checked but that scalars have an element. */
void gw_update_read (const GwUpdateLayout *layout, const GwKernelContext *context, GwUpdate *update);

/* Whether the variable, its slots and a gradient of all rows are of one shape, and the
 * rest scalars. */
gboolean gw_update_fits (const GwUpdateLayout *layout, const GwKernelContext *context);

G_END_DECLS
