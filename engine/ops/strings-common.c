/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ops/strings-common.h"

#include "engine/base/error.h"
#include "engine/graph/shape-rules.h"

#include <errno.h>
#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

gboolean
gw_string_map (GwKernelContext *context,
               GwStringMapFunc  func,
               void            *data,
               GError         **error)
{
  const GwTensor *input = context->inputs[0];

  for (int64_t i = 0; i < input->elements; i++)
    if (!func (gw_string_at (input, i), data, context->outputs[0], i, error))
      return FALSE;
  return TRUE;
}

#define QUOTED 40

char *
gw_string_quote (const GwString *string)
{
  g_autofree char *part = g_strndup (string->data != NULL ? string->data : "", MIN (string->length, QUOTED));
  g_autofree char *valid = g_utf8_make_valid (part, -1);

  return g_strdup_printf ("“%s%s”", valid, string->length > QUOTED ? "…" : "");
}

/* ---- numbers ---- */

static locale_t c_locale;

static void
make_locale (void)
{
  c_locale = newlocale (LC_ALL_MASK, "C", (locale_t) 0);
}

/* Reads a NUL-terminated text without white space at its ends. */
static gboolean
read_number (const char *text,
             GwDType     dtype,
             GwTensor   *output,
             int64_t     index)
{
  char *end;
  long long integer;

  errno = 0;
  if (dtype == GW_FLOAT32)
    GW_TENSOR_DATA (output, float)[index] = strtof_l (text, &end, c_locale);
  else if (dtype == GW_FLOAT64)
    GW_TENSOR_DATA (output, double)[index] = strtod_l (text, &end, c_locale);
  else
    {
      integer = strtoll (text, &end, 10);
      if (errno != 0 || (dtype == GW_INT32 && (integer < G_MININT32 || integer > G_MAXINT32)))
        return FALSE;
      if (dtype == GW_INT32)
        GW_TENSOR_DATA (output, int32_t)[index] = (int32_t) integer;
      else
        GW_TENSOR_DATA (output, int64_t)[index] = integer;
    }
  return end != text && *end == '\0';
}

/* What strtod() reads and TensorFlow does not: “infinity”, “nan(…)”, hexadecimal
 * fractions and exponents. */
static gboolean
is_foreign (const char *text)
{
  const char *digits = text + (*text == '+' || *text == '-');

  if (g_ascii_isalpha (*digits))
    return g_ascii_strcasecmp (digits, "inf") != 0 && g_ascii_strcasecmp (digits, "nan") != 0;
  return digits[0] == '0' && (digits[1] | 0x20) == 'x' && strpbrk (digits, ".pP") != NULL;
}

gboolean
gw_string_to_number (const char *text,
                     size_t      length,
                     GwDType     dtype,
                     GwTensor   *output,
                     int64_t     index)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  g_autofree char *trimmed = NULL;
  size_t whole = length;

  pthread_once (&once, make_locale);
  for (; length > 0 && gw_string_is_space (*text); text++)
    length--;
  while (length > 0 && gw_string_is_space (text[length - 1]))
    length--;
  if (length == 0 && whole > 0 && gw_dtype_is_floating (dtype))
    {
      gw_tensor_set_double (output, index, 0);
      return TRUE;
    }
  if (length == 0 || memchr (text, '\0', length) != NULL)
    return FALSE;
  trimmed = g_strndup (text, length);
  if (gw_dtype_is_floating (dtype) ? is_foreign (trimmed) : *trimmed == '+')
    return FALSE;
  return read_number (trimmed, dtype, output, index);
}

gboolean
gw_string_sparse_shape (GwShapeContext *context,
                        GError        **error)
{
  context->outputs[0] = GW_SHAPE (GW_DIM_UNKNOWN, 2);
  context->outputs[1] = GW_SHAPE (GW_DIM_UNKNOWN);
  context->outputs[2] = GW_SHAPE (2);
  return TRUE;
}
