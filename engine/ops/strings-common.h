/* SPDX-License-Identifier: Apache-2.0 */
/* What the ops on texts share: loops over the elements and readers of numbers. */
#pragma once

#include "engine/ops/array-common.h"

G_BEGIN_DECLS

/* Input 0's element → output 0's, one by one; FALSE with an error ends it. */
typedef gboolean (*GwStringMapFunc) (const GwString *in, void *data, GwTensor *output, int64_t index, GError **error);
gboolean gw_string_map (GwKernelContext *context, GwStringMapFunc func, void *data, GError **error);

/* “tex…”: at most 40 bytes, valid UTF-8, for messages. */
char *gw_string_quote (const GwString *string);

/* The whole text, but for white space at both ends, as a number of the type: float32,
 * float64, int32, int64. FALSE when it is none, or an integer that does not fit. As in
 * TensorFlow white space alone is the float 0, and an integer has no plus sign. */
gboolean gw_string_to_number (const char *text, size_t length, GwDType dtype, GwTensor *output, int64_t index);

/* The outputs of a sparse result of texts: indices [n, 2], values [n], shape [2]. */
gboolean gw_string_sparse_shape (GwShapeContext *context, GError **error);

static inline GwString *
gw_string_at (const GwTensor *tensor,
              int64_t         index)
{
  return &GW_TENSOR_DATA (tensor, GwString)[index];
}

/* White space of ASCII, with the vertical tab. */
static inline gboolean
gw_string_is_space (char byte)
{
  return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* Whether a byte continues a character of UTF-8. */
static inline gboolean
gw_utf8_continues (char byte)
{
  return ((guchar) byte & 0xC0) == 0x80;
}

#define GW_STRING_UNIT \
  { "unit", GW_ATTR_CHOICE, .def = "BYTE", .choices = GW_CHOICES ("BYTE", "UTF8_CHAR"), .label = "Unit", \
    .help = "What is counted: bytes, or characters of UTF-8." }

G_END_DECLS
