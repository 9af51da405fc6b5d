/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "engine/tensor/attr.h"
#include "engine/tensor/text.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

GwTensor *
gw_test_tensor (const char *text)
{
  static const GwAttrDef def = { .name = "test tensor", .type = GW_ATTR_TENSOR };
  g_autoptr (GError) error = NULL;
  GwAttrValue value;

  gw_attr_parse (&def, text, &value, &error);
  g_assert_no_error (error);
  return value.tensor;
}

/* Memory that cannot be had is what the engine is tested for. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
const char *__asan_default_options (void);
const char *__tsan_default_options (void);

const char *
__asan_default_options (void)
{
  return "allocator_may_return_null=1";
}

const char *
__tsan_default_options (void)
{
  return "allocator_may_return_null=1";
}
#endif

/* Floats in order as integers in order. */
static int64_t
ordered_bits (float value)
{
  int32_t bits;

  memcpy (&bits, &value, sizeof bits);
  return bits < 0 ? (int64_t) G_MININT32 - bits : bits;
}

int64_t
gw_test_ulps (float a,
              float b)
{
  if ((isnan (a) && isnan (b)) || a == b)
    return 0;
  if (!isfinite (a) || !isfinite (b))
    return G_MAXINT64;
  return ABS (ordered_bits (a) - ordered_bits (b));
}

static gboolean
same_element (const GwTensor *got,
              const GwTensor *want,
              int64_t         i,
              double          allowed)
{
  double a, b;

  if (want->dtype == GW_STRING)
    return gw_string_compare (gw_tensor_get_string (got, i), gw_tensor_get_string (want, i)) == 0;
  if (!gw_dtype_is_floating (want->dtype))
    return gw_tensor_get_int (got, i) == gw_tensor_get_int (want, i);
  a = gw_tensor_get_double (got, i);
  b = gw_tensor_get_double (want, i);
  return a == b || (isnan (a) && isnan (b)) || fabs (a - b) <= allowed;
}

/* Complex numbers as twice as many real ones. */
static GwTensor *
real_view (const GwTensor *tensor)
{
  GwShape shape;

  if (!gw_dtype_is_complex (tensor->dtype))
    return gw_tensor_ref ((GwTensor *) tensor);
  shape = GW_SHAPE (2 * tensor->elements);
  return gw_tensor_new_foreign (tensor->dtype == GW_COMPLEX64 ? GW_FLOAT32 : GW_FLOAT64, &shape, tensor->data);
}

char *
gw_test_difference (const GwTensor *got,
                    const GwTensor *want,
                    double          tolerance)
{
  g_autofree char *got_shape = gw_shape_to_string (&got->shape);
  g_autofree char *want_shape = gw_shape_to_string (&want->shape);
  g_autoptr (GwTensor) a = real_view (got);
  g_autoptr (GwTensor) b = real_view (want);
  double largest = 1;

  if (got->dtype != want->dtype || !gw_shape_equal (&got->shape, &want->shape))
    return g_strdup_printf ("got %s %s, want %s %s", gw_dtype_name (got->dtype), got_shape,
                            gw_dtype_name (want->dtype), want_shape);
  for (int64_t i = 0; i < b->elements && gw_dtype_is_floating (b->dtype); i++)
    if (isfinite (gw_tensor_get_double (b, i)))
      largest = MAX (largest, fabs (gw_tensor_get_double (b, i)));
  for (int64_t i = 0; i < b->elements; i++)
    if (!same_element (a, b, i, tolerance * largest))
      {
        g_autofree char *got_text = gw_tensor_element_to_string (a, i);
        g_autofree char *want_text = gw_tensor_element_to_string (b, i);

        return g_strdup_printf ("element %" G_GINT64_FORMAT " of %s is %s, want %s", (gint64) i, got_shape,
                                got_text, want_text);
      }
  return NULL;
}

void
gw_test_assert_close (const GwTensor *got,
                      const GwTensor *want,
                      double          tolerance)
{
  g_autofree char *difference = gw_test_difference (got, want, tolerance);

  if (difference != NULL)
    g_error ("%s", difference);
}

void
gw_test_assert_tensor (const GwTensor *got,
                       const char     *want)
{
  g_autoptr (GwTensor) tensor = gw_test_tensor (want);

  gw_test_assert_close (got, tensor, 1e-6);
}

void
gw_test_assert_error (GError    **error,
                      GwErrorCode code,
                      const char *part)
{
  g_assert_error (*error, GW_ERROR, (int) code);
  if (part != NULL && strstr ((*error)->message, part) == NULL)
    g_error ("“%s” does not have “%s” in it", (*error)->message, part);
  g_clear_error (error);
}

cJSON *
gw_test_golden (const char *name)
{
  g_autofree char *path = g_build_filename (GW_TESTS_DIR, "golden", name, NULL);
  g_autoptr (GError) error = NULL;
  cJSON *json = gw_json_load (path, &error);

  g_assert_no_error (error);
  return json;
}

GwTensor *
gw_test_golden_tensor (const cJSON *json)
{
  g_autoptr (GError) error = NULL;
  GwTensor *tensor = gw_tensor_from_json (json, &error);

  g_assert_no_error (error);
  return tensor;
}

char *
gw_test_dir_new (void)
{
  g_autoptr (GError) error = NULL;
  char *path = g_dir_make_tmp ("gw-test-XXXXXX", &error);

  g_assert_no_error (error);
  return path;
}

static void
remove_tree (const char *path)
{
  GDir *dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *inner = g_build_filename (path, name, NULL);

      remove_tree (inner);
    }
  g_clear_pointer (&dir, g_dir_close);
  g_remove (path);
}

void
gw_test_dir_remove (char *path)
{
  remove_tree (path);
  g_free (path);
}

char *
gw_test_write_file (const char *dir,
                    const char *name,
                    const void *data,
                    gssize      length)
{
  g_autoptr (GError) error = NULL;
  char *path = g_build_filename (dir, name, NULL);

  g_file_set_contents (path, data, length, &error);
  g_assert_no_error (error);
  return path;
}
