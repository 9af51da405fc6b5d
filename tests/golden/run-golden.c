/* SPDX-License-Identifier: Apache-2.0 */
/* run-golden DIR…: compares the engine with TensorFlow's numbers in the JSON files
 * of the folders (or single files). One line a failing case, then the reasons for
 * what was skipped, then “N passed, N failed, N skipped”. Exit status 0 when nothing
 * failed, 1 when something did, 2 when there was nothing to run. */
#include "tests/golden/golden.h"

#include "engine/document/composites.h"
#include "engine/ops/families.h"

#include <math.h>
#include <string.h>

/* ---- reports ---- */

void
golden_passed (GoldenReport *report)
{
  report->passed++;
}

void
golden_failed (GoldenReport *report,
               const cJSON  *golden,
               const char   *format,
               ...)
{
  static const char *const keys[] = { "onnx", "op", "layer", "optimizer", "model", "decay", "loss", "initializer", "column", "attrs",
                                      "params", "sparse", "seed", "seed2", "graph_seed", "op_seed", "dtype" };
  g_autoptr (GString) line = g_string_new (report->file);
  g_autofree char *message = NULL;
  va_list args;

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      const cJSON *value = cJSON_GetObjectItemCaseSensitive (golden, keys[i]);
      g_autofree char *text = value != NULL ? cJSON_PrintUnformatted (value) : NULL;

      if (text != NULL && strcmp (text, "{}") != 0)
        g_string_append_printf (line, " %s", text);
    }
  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_print ("FAILED %s: %s\n", line->str, message);
  report->failed++;
}

void
golden_skipped (GoldenReport *report,
                const char   *format,
                ...)
{
  char *reason;
  va_list args;

  va_start (args, format);
  reason = g_strdup_vprintf (format, args);
  va_end (args);
  g_hash_table_insert (report->reasons, reason,
                       GINT_TO_POINTER (GPOINTER_TO_INT (g_hash_table_lookup (report->reasons, reason)) + 1));
  report->skipped++;
}

double
golden_tolerance (GwDType dtype)
{
  switch (dtype)
    {
    case GW_FLOAT32:
    case GW_COMPLEX64:
      return 2e-5;
    case GW_FLOAT64:
    case GW_COMPLEX128:
      return 1e-12;
    case GW_FLOAT16:
      return 1e-3;
    case GW_BFLOAT16:
      return 1e-2;
    default:
      return 0;
    }
}

static char *
number_difference (const GwTensor *got,
                   const GwTensor *want,
                   double          tolerance)
{
  double largest = 1;
  double worst = 0;
  int64_t at = -1;

  for (int64_t i = 0; i < want->elements; i++)
    if (isfinite (gw_tensor_get_double (want, i)))
      largest = MAX (largest, fabs (gw_tensor_get_double (want, i)));
  for (int64_t i = 0; i < want->elements; i++)
    {
      double a = gw_tensor_get_double (got, i);
      double b = gw_tensor_get_double (want, i);
      gboolean same = a == b || (isnan (a) && isnan (b));
      double distance = same ? 0 : isfinite (a) && isfinite (b) ? fabs (a - b) : INFINITY;

      if (distance > worst)
        {
          worst = distance;
          at = i;
        }
    }
  if (worst <= tolerance * largest)
    return NULL;
  return g_strdup_printf ("worst difference %g (%g allowed) at element %" G_GINT64_FORMAT ": %.9g, not %.9g", worst,
                          tolerance * largest, at, gw_tensor_get_double (got, at), gw_tensor_get_double (want, at));
}

/* Real and imaginary parts side by side, sharing memory. */
static GwTensor *
parts_of (const GwTensor *tensor)
{
  GwDType part = tensor->dtype == GW_COMPLEX64 ? GW_FLOAT32 : GW_FLOAT64;

  return gw_tensor_new_foreign (part, &GW_SHAPE (2 * tensor->elements), tensor->data);
}

char *
golden_difference (const GwTensor *got,
                   const GwTensor *want,
                   double          tolerance)
{
  if (got->dtype != want->dtype || !gw_shape_equal (&got->shape, &want->shape))
    {
      g_autofree char *got_shape = gw_shape_to_string (&got->shape);
      g_autofree char *want_shape = gw_shape_to_string (&want->shape);

      return g_strdup_printf ("%s %s, not %s %s", gw_dtype_name (got->dtype), got_shape,
                              gw_dtype_name (want->dtype), want_shape);
    }
  if (gw_dtype_is_complex (want->dtype))
    {
      g_autoptr (GwTensor) got_parts = parts_of (got);
      g_autoptr (GwTensor) want_parts = parts_of (want);

      return number_difference (got_parts, want_parts, tolerance);
    }
  if (want->dtype != GW_STRING && want->dtype != GW_INT64 && want->dtype != GW_UINT64)
    return number_difference (got, want, tolerance);
  return gw_tensor_equal (got, want) ? NULL : g_strdup ("other values");
}

gboolean
golden_compare (const char     *what,
                const GwTensor *got,
                const cJSON    *json,
                double          tolerance,
                char          **problem)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) want = gw_tensor_from_json (json, &error);
  g_autofree char *difference = NULL;

  if (*problem != NULL)
    return FALSE;
  if (want == NULL)
    {
      *problem = g_strdup_printf ("%s: %s", what, error->message);
      return FALSE;
    }
  difference = golden_difference (got, want, tolerance >= 0 ? tolerance : golden_tolerance (want->dtype));
  if (difference == NULL)
    return TRUE;
  *problem = g_strdup_printf ("%s: %s", what, difference);
  return FALSE;
}

/* ---- files ---- */

/* Kinds that need what is not there yet: the key that marks them. */
static const char *const unsupported[] = { "column" };

static void
run_case (GoldenReport *report,
          const cJSON  *golden)
{
  for (guint i = 0; i < G_N_ELEMENTS (unsupported); i++)
    if (cJSON_HasObjectItem (golden, unsupported[i]))
      {
        golden_skipped (report, "%s %s", unsupported[i], gw_json_member_string (golden, unsupported[i], "?"));
        return;
      }
  if (cJSON_HasObjectItem (golden, "initializer"))
    golden_initializer_case (report, golden);
  else if (cJSON_HasObjectItem (golden, "loss"))
    golden_loss_case (report, golden);
  else if (cJSON_HasObjectItem (golden, "decay"))
    golden_decay_case (report, golden);
  else if (cJSON_HasObjectItem (golden, "onnx"))
    golden_onnx_case (report, golden);
  else if (cJSON_HasObjectItem (golden, "model"))
    golden_training_case (report, golden);
  else if (cJSON_HasObjectItem (golden, "layer"))
    golden_layer_case (report, golden);
  else if (cJSON_HasObjectItem (golden, "optimizer"))
    golden_optimizer_case (report, golden);
  else if (cJSON_HasObjectItem (golden, "update"))
    golden_update_case (report, golden);
  else if (cJSON_HasObjectItem (golden, "first_run"))
    golden_random_case (report, golden);
  else if (cJSON_HasObjectItem (golden, "graph_seed"))
    golden_seed_case (report, golden);
  else if (cJSON_HasObjectItem (golden, "op"))
    golden_op_case (report, golden);
  else
    golden_failed (report, golden, "a case of no known kind");
}

/* Integers of more digits than a double holds, made strings: as such they are read
 * exactly. */
static char *
quote_large_integers (const char *text)
{
  g_autoptr (GString) result = g_string_sized_new (strlen (text));
  gboolean quoted = FALSE;

  for (const char *c = text; *c != '\0';)
    {
      size_t length = quoted && c[0] == '\\' && c[1] != '\0' ? 2 : 1;

      if (!quoted && (g_ascii_isdigit (*c) || *c == '-'))
        length = strspn (c, "0123456789+-.eE");
      if (*c == '"')
        quoted = !quoted;
      if (length > 15 && strcspn (c, ".eE") >= length)
        g_string_append_printf (result, "\"%.*s\"", (int) length, c);
      else
        g_string_append_len (result, c, (gssize) length);
      c += length;
    }
  return g_string_free (g_steal_pointer (&result), FALSE);
}

static cJSON *
load_file (const char *path,
           GError    **error)
{
  g_autofree char *text = NULL;
  g_autofree char *readable = NULL;

  if (!g_file_get_contents (path, &text, NULL, error))
    return NULL;
  readable = quote_large_integers (text);
  return gw_json_parse (readable, strlen (readable), error);
}

static void
run_file (GoldenReport *report,
          const char   *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (cJSON) json = load_file (path, &error);
  g_autofree char *name = g_path_get_basename (path);
  const cJSON *golden;

  report->file = name;
  if (json == NULL)
    golden_failed (report, NULL, "%s", error->message);
  else if (!cJSON_IsArray (cJSON_GetObjectItemCaseSensitive (json, "cases")))
    golden_failed (report, NULL, "no list of cases");
  else
    cJSON_ArrayForEach (golden, cJSON_GetObjectItemCaseSensitive (json, "cases"))
      run_case (report, golden);
}

static gint
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
run_folder (GoldenReport *report,
            const char   *path)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (path, 0, &error);
  const char *name;

  if (dir == NULL)
    {
      report->file = path;
      golden_failed (report, NULL, "%s", error->message);
      return;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".json"))
      g_ptr_array_add (names, g_build_filename (path, name, NULL));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    run_file (report, g_ptr_array_index (names, i));
}

static void
print_reasons (GHashTable *reasons)
{
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (reasons), (GCompareFunc) strcmp);

  for (GList *l = keys; l != NULL; l = l->next)
    g_print ("skipped %d: %s\n", GPOINTER_TO_INT (g_hash_table_lookup (reasons, l->data)), (char *) l->data);
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (GHashTable) reasons = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GoldenReport report = { .reasons = reasons };

  gw_register_all_ops ();
  gw_register_composites ();
  for (int i = 1; i < argc; i++)
    if (g_file_test (argv[i], G_FILE_TEST_IS_DIR))
      run_folder (&report, argv[i]);
    else
      run_file (&report, argv[i]);
  print_reasons (reasons);
  g_print ("%d passed, %d failed, %d skipped\n", report.passed, report.failed, report.skipped);
  if (report.failed > 0)
    return 1;
  return report.passed + report.skipped > 0 ? 0 : 2;
}
