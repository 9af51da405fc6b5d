/* SPDX-License-Identifier: Apache-2.0 */
/* Random ops: two runs of one session, bit for bit (normal numbers within 4 units
 * in the last place); and how the seeds of graph and op combine. */
#include "tests/golden/golden.h"

#include "engine/base/random.h"

#include <string.h>

#define MAX_PORTS 8

/* Normal and gamma numbers go through logarithms, powers, sine and cosine: four units
 * in the last place. Of float64 the files hold at least nine digits. */
static double
random_tolerance (const char *op,
                  GwDType     dtype)
{
  if (dtype == GW_FLOAT64)
    return 1e-9;
  if (strstr (op, "Normal") == NULL && strstr (op, "Gamma") == NULL && strstr (op, "Sampler") == NULL)
    return 0;
  return 4 * (dtype == GW_FLOAT16 ? 0x1p-10 : dtype == GW_BFLOAT16 ? 0x1p-7 : 1.2e-7);
}

/* What the case says of the port: of “shape” also a plain list of sizes. */
static GwTensor *
read_input (const cJSON     *golden,
            const GwPortDef *port,
            GError         **error)
{
  const cJSON *inputs = cJSON_GetObjectItemCaseSensitive (golden, "inputs");
  const cJSON *input = cJSON_GetObjectItemCaseSensitive (inputs, port->name);
  const cJSON *shape = cJSON_GetObjectItemCaseSensitive (golden, "shape");
  int64_t dims[GW_MAX_RANK];
  int rank = 0;
  const cJSON *item;

  if (input == NULL)
    cJSON_ArrayForEach (item, inputs)
      if (strcmp (gw_json_member_string (item, "port", ""), port->name) == 0)
        input = item;
  if (input != NULL)
    return gw_tensor_from_json (input, error);
  if (strcmp (port->name, "shape") != 0 || cJSON_GetArraySize (shape) > GW_MAX_RANK)
    {
      gw_invalid (error, "the case has no input %s", port->name);
      return NULL;
    }
  cJSON_ArrayForEach (item, shape)
    dims[rank++] = (int64_t) item->valuedouble;
  return gw_tensor_new_int32_vector (rank, dims);
}

/* The attributes of the case, in its member “attrs” or beside its other members. */
static gboolean
read_attrs (const cJSON   *golden,
            const GwOpDef *def,
            GArray        *settings,
            GError       **error)
{
  static const char *const type_names[] = { "dtype", "output_dtype", "Tout" };
  const cJSON *attrs = cJSON_GetObjectItemCaseSensitive (golden, "attrs");

  for (const GwAttrDef *attr = def->attrs; attr->name != NULL; attr++)
    {
      const cJSON *item = cJSON_GetObjectItemCaseSensitive (attrs, attr->name);
      GwAttrSetting setting = { attr->name };

      if (item == NULL)
        item = cJSON_GetObjectItemCaseSensitive (golden, attr->name);
      for (guint i = 0; item == NULL && i < G_N_ELEMENTS (type_names); i++)
        if (strcmp (attr->name, type_names[i]) == 0)
          item = cJSON_GetObjectItemCaseSensitive (golden, "dtype");
      if (item == NULL)
        continue;
      if (!gw_attr_from_json (attr, item, &setting.value, error))
        return FALSE;
      g_array_append_val (settings, setting);
    }
  return TRUE;
}

static void
clear_setting (gpointer data)
{
  gw_attr_value_clear (&((GwAttrSetting *) data)->value);
}

static GwNode *
add_random (GwBuilder     *builder,
            const cJSON   *golden,
            const GwOpDef *def)
{
  g_autoptr (GArray) settings = g_array_new (TRUE, TRUE, sizeof (GwAttrSetting));
  GwOutput inputs[MAX_PORTS];
  int n = 0;

  g_array_set_clear_func (settings, clear_setting);
  for (const GwPortDef *port = def->inputs; port->name != NULL && n < MAX_PORTS; port++)
    {
      GwTensor *tensor = read_input (golden, port, &builder->error);

      if (tensor == NULL)
        return NULL;
      inputs[n++] = gw_const (builder, tensor);
    }
  if (!read_attrs (golden, def, settings, &builder->error))
    return NULL;
  return gw_node_new (builder, def->name, NULL, n, inputs, (const GwAttrSetting *) settings->data);
}

/* All outputs of one run against a tensor, or a list of them. */
static gboolean
run_and_compare (GwSession   *session,
                 GwNode      *node,
                 const char  *what,
                 const cJSON *want,
                 char       **problem,
                 GError     **error)
{
  GwOutput fetches[MAX_PORTS];
  GwTensor *results[MAX_PORTS] = { NULL };
  int n = MIN (node->n_outputs, MAX_PORTS);
  gboolean ran;

  for (int i = 0; i < n; i++)
    fetches[i] = (GwOutput) { node, i };
  ran = gw_session_run (session, node->graph, 0, NULL, n, fetches, 0, NULL, NULL, results, error);
  for (int i = 0; i < n && ran; i++)
    golden_compare (what, results[i], cJSON_IsArray (want) ? cJSON_GetArrayItem (want, i) : want,
                    random_tolerance (node->def->name, results[i]->dtype), problem);
  for (int i = 0; i < n; i++)
    gw_tensor_unref (results[i]);
  return ran;
}

void
golden_random_case (GoldenReport *report,
                    const cJSON  *golden)
{
  static const char *const runs[] = { "first_run", "second_run" };
  const char *name = gw_json_member_string (golden, "op", "");
  const GwOpDef *def = gw_registry_find (name);
  g_autoptr (GwSession) session = gw_session_new (2);
  g_autoptr (GwGraph) graph = gw_graph_new ();
  g_autofree char *problem = NULL;
  GwBuilder builder;
  GwNode *node;

  if (def == NULL)
    {
      golden_skipped (report, "op %s", name);
      return;
    }
  gw_builder_init (&builder, graph);
  node = add_random (&builder, golden, def);
  for (int i = 0; i < 2 && node != NULL && problem == NULL; i++)
    if (!run_and_compare (session, node, runs[i], cJSON_GetObjectItemCaseSensitive (golden, runs[i]), &problem,
                          &builder.error))
      node = NULL;
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
