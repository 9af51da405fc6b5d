/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors, shapes and types in TensorFlow's protobuf form (TensorProto,
 * TensorShapeProto), for graphs, summaries and Examples. */
#pragma once

#include "engine/tensor/tensor.h"

G_BEGIN_DECLS

/* What a list of fewer values than elements may be repeated to. */
#define GW_TENSOR_PROTO_MAX_FILL ((size_t) 256 << 20)

/* From a serialised TensorProto: tensor_content, or the typed list, whose last value
 * is repeated when it is shorter than the shape. INVALID_ARGUMENT when content and
 * shape contradict each other; DATA_LOSS when it is no such message; UNIMPLEMENTED for
 * types and ranks that this program does not have; RESOURCE_EXHAUSTED when a short
 * list stands for more than GW_TENSOR_PROTO_MAX_FILL bytes. */
GwTensor *gw_tensor_from_proto (const void *data, size_t size, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Serialised as TensorFlow's make_tensor_proto does: tensor_content for more than one
 * number, typed lists for scalars, bool, half and strings. INVALID_ARGUMENT beyond
 * protobuf's 2 GiB and for resources. */
GBytes *gw_tensor_to_proto (const GwTensor *tensor, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A serialised TensorShapeProto; unknown rank and sizes included. */
gboolean gw_shape_from_proto (const void *data, size_t size, GwShape *shape, GError **error);
GBytes *gw_shape_to_proto (const GwShape *shape);

G_END_DECLS
