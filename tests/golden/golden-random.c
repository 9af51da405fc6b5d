/* SPDX-License-Identifier: Apache-2.0 */
/* Random ops: two runs of one session, bit for bit (normal numbers within 4 units
 * in the last place); and how the seeds of graph and op combine. */
#include "tests/golden/golden.h"

#include "engine/base/random.h"

#include <string.h>

/* Normal numbers go through logarithm, sine and cosine. Of float64 the files hold
 * nine digits. */
static double
random_tolerance (const char *op,
                  GwDType     dtype)
{
  if (dtype == GW_FLOAT64)
    return 1e-9;
  return strstr (op, "Normal") != NULL ? 4 * 1.2e-7 : 0;
}

static GwNode *
add_random (GwBuilder   *builder,
            const cJSON *golden)
{
  const GwOpDef *def = gw_registry_find (gw_json_member_string (golden, "op", ""));
  const cJSON *shape = cJSON_GetObjectItemCaseSensitive (golden, "shape");
  GwDType dtype = gw_dtype_from_name (gw_json_member_string (golden, "dtype", "float32"));
  GwAttrSetting settings[4] = { { "seed", gw_attr_int (gw_json_member_int (golden, "seed", 0)) },
                                { "seed2", gw_attr_int (gw_json_member_int (golden, "seed2", 0)) } };
  GwOutput inputs[4];
  int n = 0;
  const cJSON *item;

  if (cJSON_IsArray (shape))
    {
      int64_t dims[GW_MAX_RANK];
      int rank = 0;

      cJSON_ArrayForEach (item, shape)
        dims[rank++] = (int64_t) item->valuedouble;
      inputs[n++] = gw_const_ints (builder, rank, dims);
    }
  cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive (golden, "inputs"))
    {
      GwTensor *tensor = n < 4 ? gw_tensor_from_json (item, &builder->error) : NULL;

      if (tensor == NULL)
        return NULL;
      inputs[n++] = gw_const (builder, tensor);
    }
  if (gw_attr_defs_find (def->attrs, "dtype") >= 0)
    settings[2] = (GwAttrSetting) { "dtype", gw_attr_dtype (dtype) };
  return gw_node_new (builder, def->name, NULL, n, inputs, settings);
}

void
golden_random_case (GoldenReport *report,
                    const cJSON  *golden)
{
  static const char *const runs[] = { "first_run", "second_run" };
  const char *name = gw_json_member_string (golden, "op", "");
  double tolerance = random_tolerance (name, gw_dtype_from_name (gw_json_member_string (golden, "dtype", "float32")));
  g_autoptr (GwSession) session = gw_session_new (2);
  g_autoptr (GwGraph) graph = gw_graph_new ();
  g_autofree char *problem = NULL;
  GwBuilder builder;
  GwNode *node;

  if (gw_registry_find (name) == NULL)
    {
      golden_skipped (report, "op %s", name);
      return;
    }
  gw_builder_init (&builder, graph);
  node = add_random (&builder, golden);
  for (int i = 0; i < 2 && node != NULL && problem == NULL; i++)
    {
      g_autoptr (GwTensor) got = gw_session_fetch (session, graph, 0, NULL, gw_output_of (node, 0), &builder.error);

      if (got == NULL)
        node = NULL;
      else
        golden_compare (runs[i], got, cJSON_GetObjectItemCaseSensitive (golden, runs[i]), tolerance, &problem);
    }
  if (node == NULL)
    golden_failed (report, golden, "%s", builder.error->message);
  else if (problem != NULL)
    golden_failed (report, golden, "%s", problem);
  else
    golden_passed (report);
  gw_builder_clear (&builder);
}

/* -1 for null. */
static int64_t
seed_of (const cJSON *golden,
         const char  *key)
{
  return gw_json_member_int (golden, key, -1);
}

void
golden_seed_case (GoldenReport *report,
                  const cJSON  *golden)
{
  int64_t want = seed_of (golden, "attr_seed");
  int64_t want2 = seed_of (golden, "attr_seed2");
  int64_t seed, seed2;

  gw_combine_seeds (seed_of (golden, "graph_seed"), seed_of (golden, "op_seed"), 0, &seed, &seed2);
  if (seed == want && seed2 == want2)
    golden_passed (report);
  else
    golden_failed (report, golden, "(%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT "), not (%" G_GINT64_FORMAT
                   ", %" G_GINT64_FORMAT ")", seed, seed2, want, want2);
}
