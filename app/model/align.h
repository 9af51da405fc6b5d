/* SPDX-License-Identifier: Apache-2.0 */
/* Lining up nodes by an edge, and spreading them evenly. */
#pragma once

#include "app/model/arrange.h"

G_BEGIN_DECLS

typedef enum {
  GW_ALIGN_LEFT,
  GW_ALIGN_RIGHT,
  GW_ALIGN_TOP,
  GW_ALIGN_BOTTOM,
  GW_ALIGN_SPREAD_ACROSS,  /* equal gaps from left to right; the outer two stay */
  GW_ALIGN_SPREAD_DOWN,
} GwAlign;

/* Empty with fewer than two nodes (three to spread). */
GwEdit *gw_edit_align (GwDocument *document, const int64_t *ids, int n, GwAlign how, GwNodeSize size,
                       gpointer data);

G_END_DECLS
