/* SPDX-License-Identifier: Apache-2.0 */
/* Protobuf's text format (.pbtxt) for the messages of this room: read into the same
 * bytes as the binary form, so that one decoder takes both, and written from a message. */
#pragma once

#include <glib.h>
#include <protobuf-c/protobuf-c.h>

G_BEGIN_DECLS

/* Whether a file that begins with these bytes is text. */
gboolean gw_proto_is_text (const void *data, size_t size);

/* The binary form of a message of type `descriptor`. Fields that it has not are passed
 * over, messages that our descriptors keep as bytes (tensors, functions, graphs) are
 * encoded as what they are. INVALID_ARGUMENT names the line. */
GBytes *gw_proto_from_text (const ProtobufCMessageDescriptor *descriptor, const char *text, size_t size, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

/* The text form, as TensorFlow's write_graph (as_text=True) lays it out. DATA_LOSS when
 * a message that is kept as bytes is damaged. */
char *gw_proto_to_text (const ProtobufCMessage *message, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
