/* SPDX-License-Identifier: Apache-2.0 */
/* One variable of two checkpoints, ready to be drawn: A, B, and A − B. */
#pragma once

#include "engine/engine.h"

G_BEGIN_DECLS

typedef enum {
  GW_VIEW_A,
  GW_VIEW_B,
  GW_VIEW_DIFFERENCE,
  GW_N_VIEWS
} GwValueView;

#define GW_VALUE_BINS 60
/* Elements of which a picture is made; of larger values the first rows are shown. */
#define GW_VALUE_MAX_SHOWN (4 << 20)

typedef struct {
  float        *floats;      /* row-major shown_rows × columns; NULL = there is no such picture */
  gsize         rows, columns;
  gsize         shown_rows;
  GwTensorStats stats;       /* of all elements; of the shown ones for the difference */
  int64_t       bins[GW_VALUE_BINS]; /* over stats.min … stats.max */
} GwValuePicture;

typedef struct {
  GwTensor      *tensor[2];  /* A, B; NULL = not there */
  GwValuePicture pictures[GW_N_VIEWS];
} GwVariableValue;

/* Takes the tensors. Milliseconds to a second: for a worker thread. A picture that
 * cannot be made is left out. */
GwVariableValue *gw_variable_value_new (GwTensor *a, GwTensor *b);
void gw_variable_value_free (GwVariableValue *value);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwVariableValue, gw_variable_value_free)

G_END_DECLS
