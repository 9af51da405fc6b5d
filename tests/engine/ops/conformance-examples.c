/* SPDX-License-Identifier: Apache-2.0 */
/* Examples come true: in every way that their inputs can arrive, and in every element
 * type that the op lists. */
#include "tests/engine/ops/conformance.h"

#include "engine/base/error.h"
#include "tests/support/support.h"

#include <complex.h>
#include <math.h>

/* ---- as they are written ---- */

static void
check_results (const Example    *example,
               const Stage      *stage,
               GwTensor *const  *results,
               const char       *what)
{
  for (int i = 0; i < stage->n_fetches; i++)
    {
      g_autofree char *difference = NULL;

      conformance_check_shape (example, stage, i, results[i], what);
      if (example->example->outputs == NULL)
        continue;
      difference = gw_test_difference (results[i], example->outputs[i], 1e-6);
      if (difference != NULL)
        g_error ("%s, %s: output %d: %s", example->def->name, what, i, difference);
    }
}

static void
run_example (const GwOpDef     *def,
             const GwOpExample *text,
             ExampleWay         way)
{
  g_autoptr (Example) example = example_new (def, text, GW_DTYPE_INVALID);
  g_autoptr (GwSession) session = gw_session_new (2);
  g_autoptr (GError) error = NULL;
  GwTensor *results[EXAMPLE_MAX] = { NULL };
  Stage stage;

  stage_init (&stage, example, way);
  if (stage.node == NULL)
    g_error ("%s, %s: %s", def->name, example_way_names[way], stage.builder.error->message);
  if (example->example->outputs != NULL)
    g_assert_cmpint (example->n_outputs, ==, stage.n_fetches);
  if (!stage_run (&stage, session, results, &error))
    g_error ("%s, %s: %s", def->name, example_way_names[way], error->message);
  check_results (example, &stage, results, example_way_names[way]);
  stage_drop_results (&stage, results);
  stage_clear (&stage);
}

void
conformance_examples (gconstpointer data)
{
  const GwOpDef *def = data;

  FOR_EACH_EXAMPLE (def, example)
    for (int way = 0; way < EXAMPLE_N_WAYS; way++)
      run_example (def, example, way);
}

/* ---- in every type ---- */

static const GwDType all_types[] = {
  GW_FLOAT16, GW_BFLOAT16, GW_FLOAT32, GW_FLOAT64, GW_INT8, GW_INT16, GW_INT32, GW_INT64, GW_UINT8, GW_UINT16, GW_UINT32,
  GW_UINT64, GW_BOOL, GW_STRING, GW_COMPLEX64, GW_COMPLEX128,
};

/* How far from the example a type may be, which holds its numbers less well: times the
 * largest number. */
static double
tolerance_of (GwDType dtype)
{
  return dtype == GW_BFLOAT16 ? 6e-2 : dtype == GW_FLOAT16 ? 8e-3 : 2e-5;
}

/* Types between which an op means the same: 7 / 2 is another number for integers. */
static gboolean
same_kind (GwDType a,
           GwDType b)
{
  return gw_dtype_is_integer (a) == gw_dtype_is_integer (b) && (a == GW_BOOL) == (b == GW_BOOL);
}

/* Whether `changed` holds the numbers of `tensor`, to within what floats round. Zeros have
 * become empty texts. */
static gboolean
keeps_values (const GwTensor *tensor,
              const GwTensor *changed)
{
  gboolean rounds = gw_dtype_is_floating (changed->dtype);

  if (changed->dtype == tensor->dtype)
    return TRUE;
  for (int64_t i = 0; i < tensor->elements; i++)
    {
      double before = gw_tensor_get_double (tensor, i);
      double after = changed->dtype == GW_STRING ? before
                     : gw_dtype_is_complex (changed->dtype) ? creal (gw_tensor_get_complex (changed, i))
                                                            : gw_tensor_get_double (changed, i);

      if (isnan (before) ? !rounds || !isnan (after)
                         : before != after && !(rounds && fabs (before - after) <= 1e-2 * fabs (before)))
        return FALSE;
    }
  return same_kind (tensor->dtype, changed->dtype) || changed->dtype == GW_STRING;
}

static void
compare_output (const Example  *example,
                const Example  *cast,
                int             i,
                const GwTensor *result,
                GwDType         dtype)
{
  g_autofree char *difference = NULL;
  g_autofree char *inputs = NULL;

  if (i >= cast->n_outputs || !keeps_values (example->outputs[i], cast->outputs[i]))
    return;
  difference = gw_test_difference (result, cast->outputs[i], tolerance_of (dtype));
  if (difference == NULL)
    return;
  inputs = conformance_describe (cast);
  g_error ("%s: output %d: %s", inputs, i, difference);
}

/* Ops whose answer to the same numbers is another one in another type: bits, the lowest and
 * highest number, texts that are put together. */
static gboolean
depends_on_type (const GwOpDef *def)
{
  static const char *const names[] = {
    "Invert", "PopulationCount", "Bitcast", "Cast", "UnsortedSegmentMax", "UnsortedSegmentMin", "ScatterNd",
    "ScatterNdNonAliasingAdd", "TensorScatterAdd", NULL,
  };

  return g_strv_contains (names, def->name);
}

/* The stage has run. Where the example's numbers fit, its answer is the example's. */
static void
check_type (const Example   *example,
            const Example   *cast,
            const Stage     *stage,
            GwTensor *const *results,
            gboolean         fits,
            GwDType          dtype)
{
  for (int i = 0; i < stage->n_fetches; i++)
    {
      conformance_check_shape (cast, stage, i, results[i], "fed");
      if (fits && !depends_on_type (cast->def))
        compare_output (example, cast, i, results[i], dtype);
    }
}

/* Attributes that say what to do may not go with every type (AsString's precision). */
static gboolean
has_settings (const Example *example)
{
  for (guint i = 0; i < example->settings->len; i++)
    if (g_array_index (example->settings, GwAttrSetting, i).value.type != GW_ATTR_DTYPE)
      return TRUE;
  return FALSE;
}

/* A type is listed, so there is a kernel for it: FALSE, with why, when it did not run. */
static gboolean
run_type (const Example *example,
          const Example *cast,
          GwDType        dtype,
          GError       **error)
{
  g_autoptr (GwSession) session = gw_session_new (2);
  g_autoptr (GError) why = NULL;
  GwTensor *results[EXAMPLE_MAX] = { NULL };
  gboolean fits = TRUE;
  gboolean ran;
  Stage stage;

  for (int i = 0; i < cast->n_inputs; i++)
    fits = fits && keeps_values (example->inputs[i], cast->inputs[i]);
  stage_init (&stage, cast, EXAMPLE_FED);
  if (stage.node == NULL)
    why = g_error_copy (stage.builder.error);
  ran = stage.node != NULL && stage_run (&stage, session, results, &why);
  if (ran)
    check_type (example, cast, &stage, results, fits, dtype);
  stage_drop_results (&stage, results);
  stage_clear (&stage);
  if (ran || !((fits && !has_settings (example)) || g_error_matches (why, GW_ERROR, GW_ERROR_UNIMPLEMENTED)))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

static gboolean
is_choice (const GwAttrDef *attr,
           GwDType          dtype)
{
  return attr->choices == NULL || g_strv_contains (attr->choices, gw_dtype_name (dtype));
}

/* Whether an input has the type that the attribute says. */
static gboolean
is_followed (const GwOpDef *def,
             const char    *attr)
{
  for (const GwPortDef *port = def->inputs; port != NULL && port->name != NULL; port++)
    if (g_strcmp0 (example_type_attr (def, port), attr) == 0)
      return TRUE;
  return FALSE;
}

/* The example with one attribute more or another one: types of results that must go
 * with those of the inputs (Complex, FFT). */
static gboolean
try_result_types (const Example *example,
                  const Example *cast,
                  GwDType        dtype)
{
  const GwOpDef *def = example->def;

  for (const GwAttrDef *attr = def->attrs; attr != NULL && attr->name != NULL; attr++)
    for (guint i = 0; i < G_N_ELEMENTS (all_types); i++)
      {
        g_autoptr (Example) made = attr->type == GW_ATTR_DTYPE && !is_followed (def, attr->name) &&
                                     is_choice (attr, all_types[i]) ? example_cast (cast, attr->name, all_types[i]) : NULL;

        if (made != NULL && run_type (example, made, dtype, NULL))
          return TRUE;
      }
  return FALSE;
}

static void
check_one_type (const Example   *example,
                const GwAttrDef *attr,
                GwDType          dtype)
{
  g_autoptr (Example) cast = example_cast (example, attr->name, dtype);
  g_autoptr (GError) error = NULL;
  g_autofree char *inputs = NULL;

  if (cast == NULL || run_type (example, cast, dtype, &error) || try_result_types (example, cast, dtype))
    return;
  inputs = conformance_describe (cast);
  g_error ("%s: %s", inputs, error->message);
}

/* Outputs alone: what the op makes without being told by an input. */
static gboolean
is_made (const GwOpDef *def,
         const char    *attr)
{
  for (const GwAttrDef *other = def->attrs; other != NULL && other->name != NULL; other++)
    if (other->type == GW_ATTR_TENSOR)
      return FALSE;
  for (const GwPortDef *port = def->outputs; port != NULL && port->name != NULL; port++)
    if (g_strcmp0 (example_type_attr (def, port), attr) == 0)
      return TRUE;
  return FALSE;
}

void
conformance_types (gconstpointer data)
{
  const GwOpDef *def = data;

  FOR_EACH_EXAMPLE (def, text)
    {
      g_autoptr (Example) example = example_new (def, text, GW_DTYPE_INVALID);

      for (const GwAttrDef *attr = def->attrs; attr != NULL && attr->name != NULL; attr++)
        for (guint i = 0; i < G_N_ELEMENTS (all_types) && attr->type == GW_ATTR_DTYPE; i++)
          if (is_choice (attr, all_types[i]) && (is_followed (def, attr->name) || is_made (def, attr->name)))
            check_one_type (example, attr, all_types[i]);
    }
}
