/* SPDX-License-Identifier: Apache-2.0 */
/* What a shape function sees: input shapes, known as far as they are, and the
 * values of inputs that are constants. It sets every output shape, unknown where
 * it cannot tell, and refuses what TensorFlow would refuse. Runs while the user
 * wires: microseconds, no big allocation. */
#pragma once

#include "engine/graph/op-def.h"

G_BEGIN_DECLS

struct _GwShapeContext {
  const GwOpDef     *def;
  const GwAttrValue *attrs;        /* in the order of def->attrs */
  int                n_inputs;
  int                n_outputs;
  const GwShape     *inputs;
  const GwDType     *input_dtypes;
  GwShape           *outputs;      /* unknown rank to begin with */

  /*< private >*/
  const GwTensor *(*get_value) (GwShapeContext *context, int input);
  gboolean (*get_partial) (GwShapeContext *context, int input, GwShape *value);
  void             *data;
  const GwNode     *node;  /* NULL while a kernel checks what it got */
};

/* The value of an input when it is a constant, else NULL. Owned by the graph. */
const GwTensor *gw_shape_input_value (GwShapeContext *context, int input);
/* An integer vector (or scalar: rank 1 result) input as far as it is known: -1 per
 * unknown element; unknown rank when even the length is not known. Values below
 * -1 make it fail (INVALID_ARGUMENT); -1 itself reads as unknown. */
gboolean gw_shape_input_as_shape (GwShapeContext *context, int input, GwShape *value, GError **error);

const GwAttrValue *gw_shape_attr (const GwShapeContext *context, const char *name);

/* Type and shape of the variable that an input, a reference or a handle, stands for; the
 * shape as far as the graph tells. INVALID_ARGUMENT for a handle of no known variable. */
gboolean gw_shape_input_variable (GwShapeContext *context, int input, GwDType *dtype, GwShape *shape, GError **error);

/* Port name of an input, for messages. */
const char *gw_shape_input_name (const GwShapeContext *context, int input);

/* inputs[input] must have (or be able to have) this rank; *shape gets it with that
 * rank. “logits must be rank 2 but is rank 3 ([?,3,4])”. */
gboolean gw_shape_want_rank (GwShapeContext *context, int input, int rank, GwShape *shape, GError **error);
gboolean gw_shape_want_rank_at_least (GwShapeContext *context, int input, int rank, GError **error);

G_END_DECLS
