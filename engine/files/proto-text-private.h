/* SPDX-License-Identifier: Apache-2.0 */
/* What reader and writer of the text format both need to know of our messages. */
#pragma once

#include "engine/files/proto-text.h"

G_BEGIN_DECLS

#define GW_PROTO_TEXT_DEPTH 64

/* The message that a bytes field holds, or NULL: it holds plain bytes. */
const ProtobufCMessageDescriptor *gw_proto_text_nested (const ProtobufCMessageDescriptor *owner,
                                                        const ProtobufCFieldDescriptor   *field);
/* Whether the integers of the field are TensorFlow's DataType. */
gboolean gw_proto_text_is_dtype (const ProtobufCMessageDescriptor *owner, const ProtobufCFieldDescriptor *field);
/* "DT_FLOAT_REF" and its number. */
gboolean gw_proto_text_dtype_number (const char *name, int *number);
char *gw_proto_text_dtype_name (int number); /* NULL = none */

G_END_DECLS
