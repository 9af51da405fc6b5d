/* SPDX-License-Identifier: Apache-2.0 */
/* Decoded shape messages, for readers of larger messages that hold one. */
#pragma once

#include "engine/files/proto/tensor.pb-c.h"
#include "engine/tensor/shape.h"

G_BEGIN_DECLS

/* `message` NULL is a scalar. INVALID_ARGUMENT for a size below -1, UNIMPLEMENTED for
 * more than GW_MAX_RANK dimensions. */
gboolean gw_shape_from_message (const Gw__TensorShapeProto *message, GwShape *shape, GError **error);

/* A message over memory of the caller's, for packing. */
typedef struct {
  Gw__TensorShapeProto message;
  Gw__TensorShapeDim   dims[GW_MAX_RANK];
  Gw__TensorShapeDim  *pointers[GW_MAX_RANK];
} GwShapeMessage;
void gw_shape_message_init (GwShapeMessage *storage, const GwShape *shape);

G_END_DECLS
