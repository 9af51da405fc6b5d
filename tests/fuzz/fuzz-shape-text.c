/* SPDX-License-Identifier: Apache-2.0 */
/* What is read as a shape is written so that it reads back the same. */
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  char *text = g_strndup ((const char *) data, size);
  GError *error = NULL;
  GwShape shape, back;

  if (gw_shape_parse (text, &shape, &error))
    {
      char *written = gw_shape_to_string (&shape);

      g_assert_no_error (error);
      g_assert_true (gw_shape_parse (written, &back, NULL));
      g_assert_true (gw_shape_equal (&shape, &back));
      g_free (written);
    }
  else
    g_assert_error (error, GW_ERROR, GW_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_free (text);
  return 0;
}
