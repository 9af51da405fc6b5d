/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/data/recipe-private.h"

#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/data/buckets.h"

#include <string.h>

const GwAttrDef gw_pipeline_attrs[] = {
  [GW_PIPELINE_TEST_FRACTION] = {
    "test_fraction", GW_ATTR_FLOAT, "0.2", .min = 0, .max = 0.99, .ui_min = 0, .ui_max = 0.5, .label = "Set apart for tests",
    .help = "Share of the rows that training never sees, where the source has no test data of its own." },
  [GW_PIPELINE_SPLIT_SEED] = {
    "split_seed", GW_ATTR_INT, "1", .label = "Seed of the split", .help = "Another number sets other rows apart." },
  [GW_PIPELINE_BATCH_SIZE] = {
    "batch_size", GW_ATTR_INT, "32", .min = 1, .max = 1 << 24, .ui_min = 1, .ui_max = 1024, .label = "Batch size", .unit = "rows" },
  [GW_PIPELINE_SHUFFLE] = {
    "shuffle", GW_ATTR_BOOL, "true", .label = "Shuffle", .help = "Draws the training rows in a new order in each epoch." },
  [GW_PIPELINE_SHUFFLE_BUFFER] = {
    "shuffle_buffer", GW_ATTR_INT, "0", .min = 0, .max = G_MAXINT32, .label = "Shuffle buffer", .unit = "rows",
    .help = "Rows to draw from at a time, as in tf.data; 0 = all.", .visible_if = "shuffle=true" },
  [GW_PIPELINE_SEED] = {
    "seed", GW_ATTR_SEED, "0", .label = "Seed of the order", .help = "0 = drawn when the run starts.", .visible_if = "shuffle=true" },
  [GW_PIPELINE_REPEAT] = {
    "repeat", GW_ATTR_INT, "-1", .min = -1, .max = G_MAXINT32, .label = "Repeat", .unit = "epochs",
    .help = "How often training goes through the rows; -1 = without end." },
  [GW_PIPELINE_DROP_REMAINDER] = {
    "drop_remainder", GW_ATTR_BOOL, "false", .label = "Drop the remainder",
    .help = "Leaves out the last batch of an epoch when it is short of rows." },
  [GW_PIPELINE_BUCKET_BY] = {
    "bucket_by", GW_ATTR_STRING, "", .label = "Buckets by",
    .help = "A column of the source with the length of each row: a batch then has rows of about one length, and padded rows "
            "are no longer than its longest. Empty: rows of any length together." },
  [GW_PIPELINE_BUCKET_BOUNDARIES] = {
    "bucket_boundaries", GW_ATTR_INTS, "", .max = 10000, .label = "Boundaries",
    .help = "Ascending: “10,20” keeps rows shorter than 10, from 10 to 19, and of 20 or more apart.", .visible_if = "bucket_by=*" },
  [GW_PIPELINE_N_ATTRS] = { NULL },
};

/* Values of a list of definitions, owned. */
static GwAttrValue *
defaults_of (const GwAttrDef *defs)
{
  int n = gw_attr_defs_length (defs);
  GwAttrValue *values = g_new0 (GwAttrValue, n + 1);

  for (int i = 0; i < n; i++)
    gw_attr_default (&defs[i], &values[i]);
  return values;
}

static GwAttrValue *
copy_values (const GwAttrDef   *defs,
             const GwAttrValue *values)
{
  int n = gw_attr_defs_length (defs);
  GwAttrValue *copy = g_new0 (GwAttrValue, n + 1);

  for (int i = 0; i < n; i++)
    gw_attr_value_copy (&copy[i], &values[i]);
  return copy;
}

static void
free_values (const GwAttrDef *defs,
             GwAttrValue     *values)
{
  for (int i = 0; i < gw_attr_defs_length (defs); i++)
    gw_attr_value_clear (&values[i]);
  g_free (values);
}

GwPipelineDef *
gw_pipeline_new (const GwSourceDef *source)
{
  GwPipelineDef *pipeline = g_new0 (GwPipelineDef, 1);

  pipeline->source = source;
  pipeline->source_attrs = defaults_of (source->attrs);
  pipeline->attrs = defaults_of (gw_pipeline_attrs);
  return pipeline;
}

static void
clear_columns (GwPipelineDef *pipeline)
{
  for (int c = 0; c < pipeline->n_columns; c++)
    {
      GwPipelineColumn *column = &pipeline->columns[c];

      for (int t = 0; t < column->n_transforms; t++)
        free_values (column->transforms[t].def->attrs, column->transforms[t].values);
      g_free (column->transforms);
      g_free (column->name);
      g_strfreev (column->from);
    }
  g_clear_pointer (&pipeline->columns, g_free);
  pipeline->n_columns = 0;
}

GwPipelineDef *
gw_pipeline_copy (const GwPipelineDef *pipeline)
{
  GwPipelineDef *copy = g_new0 (GwPipelineDef, 1);

  copy->source = pipeline->source;
  copy->source_attrs = copy_values (pipeline->source->attrs, pipeline->source_attrs);
  copy->attrs = copy_values (gw_pipeline_attrs, pipeline->attrs);
  copy->n_columns = pipeline->n_columns;
  copy->columns = g_new0 (GwPipelineColumn, pipeline->n_columns);
  for (int c = 0; c < pipeline->n_columns; c++)
    {
      const GwPipelineColumn *column = &pipeline->columns[c];
      GwTransform *transforms = g_new0 (GwTransform, column->n_transforms);

      for (int t = 0; t < column->n_transforms; t++)
        {
          const GwTransform *transform = &column->transforms[t];

          transforms[t] = (GwTransform) { transform->def, copy_values (transform->def->attrs, transform->values) };
        }
      copy->columns[c] = (GwPipelineColumn) { g_strdup (column->name), g_strdupv (column->from), transforms,
                                              column->n_transforms };
    }
  return copy;
}

void
gw_pipeline_free (GwPipelineDef *pipeline)
{
  if (pipeline == NULL)
    return;
  clear_columns (pipeline);
  free_values (pipeline->source->attrs, pipeline->source_attrs);
  free_values (gw_pipeline_attrs, pipeline->attrs);
  g_free (pipeline);
}

/* FALSE without an error when there is no definition of that name. */
static gboolean
set_value (const GwAttrDef *defs,
           GwAttrValue     *values,
           const char      *name,
           const char      *text,
           GError         **error)
{
  int i = gw_attr_defs_find (defs, name);
  GwAttrValue value;

  if (i < 0 || !gw_attr_parse (&defs[i], text, &value, error))
    return FALSE;
  gw_attr_value_clear (&values[i]);
  values[i] = value;
  return TRUE;
}

gboolean
gw_pipeline_set (GwPipelineDef *pipeline,
                 const char    *name,
                 const char    *text,
                 GError       **error)
{
  gboolean of_source = g_str_has_prefix (name, "source.");

  name += of_source ? strlen ("source.") : 0;
  if (!of_source && gw_attr_defs_find (gw_pipeline_attrs, name) >= 0)
    return set_value (gw_pipeline_attrs, pipeline->attrs, name, text, error);
  if (gw_attr_defs_find (pipeline->source->attrs, name) >= 0)
    return set_value (pipeline->source->attrs, pipeline->source_attrs, name, text, error);
  g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND, "neither a pipeline nor the source “%s” has a setting “%s”",
               pipeline->source->name, name);
  return FALSE;
}

int
gw_pipeline_add_column (GwPipelineDef *pipeline,
                        const char    *name,
                        const char    *from)
{
  char **sources = g_strsplit (from, ",", -1);

  for (guint i = 0; sources[i] != NULL; i++)
    g_strstrip (sources[i]);
  pipeline->columns = g_renew (GwPipelineColumn, pipeline->columns, pipeline->n_columns + 1);
  pipeline->columns[pipeline->n_columns] = (GwPipelineColumn) { .name = g_strdup (name), .from = sources };
  return pipeline->n_columns++;
}

/* Takes `values`. */
static void
append_transform (GwPipelineColumn     *column,
                  const GwTransformDef *def,
                  GwAttrValue          *values)
{
  column->transforms = g_renew (GwTransform, column->transforms, column->n_transforms + 1);
  column->transforms[column->n_transforms++] = (GwTransform) { def, values };
}

static const GwTransformDef *
require_transform (const char *name,
                   GError    **error)
{
  const GwTransformDef *def = gw_transform_find (name);

  if (def == NULL)
    g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND, "there is no column transformation “%s”", name);
  return def;
}

static gboolean
apply_settings (const GwTransformDef *def,
                GwAttrValue          *values,
                const char           *settings,
                GError              **error)
{
  g_auto (GStrv) parts = g_strsplit (settings != NULL ? settings : "", ";", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      char *equals = strchr (parts[i], '=');
      g_autofree char *name = g_strstrip (g_strndup (parts[i], equals != NULL ? (gsize) (equals - parts[i]) : strlen (parts[i])));

      if (*name == '\0')
        continue;
      if (equals == NULL || gw_attr_defs_find (def->attrs, name) < 0)
        {
          g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND, "%s has no setting “%s”", def->name, name);
          return FALSE;
        }
      if (!set_value (def->attrs, values, name, equals + 1, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
gw_pipeline_add_transform (GwPipelineDef *pipeline,
                           int            column,
                           const char    *transform,
                           const char    *settings,
                           GError       **error)
{
  const GwTransformDef *def = require_transform (transform, error);
  GwAttrValue *values;

  if (def == NULL)
    return FALSE;
  values = defaults_of (def->attrs);
  if (!apply_settings (def, values, settings, error))
    {
      free_values (def->attrs, values);
      return FALSE;
    }
  append_transform (&pipeline->columns[column], def, values);
  return TRUE;
}

void
gw_pipeline_suggest_columns (GwPipelineDef *pipeline,
                             GArray        *source_infos)
{
  clear_columns (pipeline);
  for (guint i = 0; i < source_infos->len; i++)
    {
      const GwColumnInfo *info = &g_array_index (source_infos, GwColumnInfo, i);
      char *from[2];
      GwPipelineColumn plain = gw_pipeline_plain_column (info, from);
      GwPipelineColumn *column;

      pipeline->columns = g_renew (GwPipelineColumn, pipeline->columns, pipeline->n_columns + 1);
      column = &pipeline->columns[pipeline->n_columns++];
      *column = (GwPipelineColumn) { .name = g_strdup (plain.name), .from = g_strdupv (plain.from) };
      if (info->dtype == GW_UINT8 && info->row_shape.rank > 0)
        append_transform (column, &gw_transform_scale, defaults_of (gw_transform_scale.attrs));
      else if (info->dtype == GW_FLOAT64 ||
               (gw_dtype_is_integer (info->dtype) && info->dtype != GW_INT32))
        {
          GwAttrValue *values = defaults_of (gw_transform_cast.attrs);

          values[0].dtype = info->dtype == GW_FLOAT64 ? GW_FLOAT32 : GW_INT32;
          append_transform (column, &gw_transform_cast, values);
        }
    }
}

GwPipelineColumn
gw_pipeline_plain_column (const GwColumnInfo *source,
                          char               *from[2])
{
  from[0] = source->name;
  from[1] = NULL;
  return (GwPipelineColumn) { .name = source->name, .from = from };
}

/* Whether rows of what the recipe makes are filled up to one length as those of the source are. */
static gboolean
stays_padded (const GwRecipe *recipe,
              GArray         *source_infos)
{
  const GwColumnInfo *source = &g_array_index (source_infos, GwColumnInfo, recipe->parts[0].column);

  return source->padded && recipe->n_parts == 1 && recipe->row_shape.rank > 0 && source->row_shape.rank > 0 &&
         recipe->row_shape.dims[0] == source->row_shape.dims[0];
}

static gboolean
describe_column (const GwPipelineColumn *column,
                 GArray                 *source_infos,
                 gboolean                buckets,
                 GArray                 *infos,
                 GError                **error)
{
  GwRecipe recipe;
  gboolean ok = gw_recipe_fold (&recipe, column, source_infos, NULL, error);

  if (ok)
    {
      gboolean padded = buckets && stays_padded (&recipe, source_infos);

      if (padded)
        recipe.row_shape.dims[0] = GW_DIM_UNKNOWN;
      gw_column_infos_add (infos, column->name, recipe.dtype, &recipe.row_shape, recipe.n_classes);
      g_array_index (infos, GwColumnInfo, infos->len - 1).padded = padded;
    }
  gw_recipe_clear (&recipe);
  return ok;
}

GArray *
gw_pipeline_describe (const GwPipelineDef *pipeline,
                      GArray              *source_infos,
                      GError             **error)
{
  g_autoptr (GArray) infos = gw_column_infos_new ();
  int n = pipeline->n_columns > 0 ? pipeline->n_columns : (int) source_infos->len;
  gboolean buckets = gw_buckets_are_wanted (pipeline);

  if (buckets && !gw_buckets_check (pipeline, source_infos, error))
    return NULL;
  for (int i = 0; i < n; i++)
    {
      char *from[2];
      GwPipelineColumn column = pipeline->n_columns > 0
        ? pipeline->columns[i]
        : gw_pipeline_plain_column (&g_array_index (source_infos, GwColumnInfo, i), from);

      for (int k = 0; k < i; k++)
        if (strcmp (g_array_index (infos, GwColumnInfo, k).name, column.name) == 0)
          {
            gw_invalid (error, "two columns of the pipeline are called “%s”", column.name);
            return NULL;
          }
      if (!describe_column (&column, source_infos, buckets, infos, error))
        return NULL;
    }
  return g_steal_pointer (&infos);
}

GwShape
gw_pipeline_batch_shape (const GwPipelineDef *pipeline,
                         const GwColumnInfo  *info)
{
  GwShape shape = { .rank = info->row_shape.rank + 1 };

  if (info->row_shape.rank < 0 || info->row_shape.rank == GW_MAX_RANK)
    return GW_SHAPE_UNKNOWN;
  shape.dims[0] = pipeline->attrs[GW_PIPELINE_DROP_REMAINDER].b ? pipeline->attrs[GW_PIPELINE_BATCH_SIZE].i : GW_DIM_UNKNOWN;
  memcpy (shape.dims + 1, info->row_shape.dims, sizeof (int64_t) * (size_t) info->row_shape.rank);
  return shape;
}

/* ---- JSON ---- */

/* Adds what differs from the defaults. */
static void
values_to_json (const GwAttrDef   *defs,
                const GwAttrValue *values,
                cJSON             *json)
{
  for (int i = 0; i < gw_attr_defs_length (defs); i++)
    {
      GwAttrValue value;

      gw_attr_default (&defs[i], &value);
      if (!gw_attr_value_equal (&value, &values[i]))
        cJSON_AddItemToObject (json, defs[i].name, gw_attr_to_json (&values[i]));
      gw_attr_value_clear (&value);
    }
}

static cJSON *
column_to_json (const GwPipelineColumn *column)
{
  cJSON *json = cJSON_CreateObject ();
  cJSON *from = cJSON_AddArrayToObject (json, "from");
  cJSON *steps = cJSON_CreateArray ();

  cJSON_AddStringToObject (json, "name", column->name);
  for (guint i = 0; column->from[i] != NULL; i++)
    cJSON_AddItemToArray (from, cJSON_CreateString (column->from[i]));
  for (int t = 0; t < column->n_transforms; t++)
    {
      cJSON *step = cJSON_CreateObject ();

      cJSON_AddStringToObject (step, "name", column->transforms[t].def->name);
      values_to_json (column->transforms[t].def->attrs, column->transforms[t].values, step);
      cJSON_AddItemToArray (steps, step);
    }
  cJSON_AddItemToObject (json, "transforms", steps);
  return json;
}

cJSON *
gw_pipeline_to_json (const GwPipelineDef *pipeline)
{
  cJSON *json = cJSON_CreateObject ();
  cJSON *columns;

  cJSON_AddStringToObject (json, "source", pipeline->source->name);
  values_to_json (pipeline->source->attrs, pipeline->source_attrs, cJSON_AddObjectToObject (json, "source_attrs"));
  values_to_json (gw_pipeline_attrs, pipeline->attrs, json);
  columns = cJSON_AddArrayToObject (json, "columns");
  for (int c = 0; c < pipeline->n_columns; c++)
    cJSON_AddItemToArray (columns, column_to_json (&pipeline->columns[c]));
  return json;
}

static gboolean
values_from_json (const GwAttrDef *defs,
                  GwAttrValue     *values,
                  const cJSON     *json,
                  GError         **error)
{
  for (int i = 0; i < gw_attr_defs_length (defs); i++)
    {
      const cJSON *member = cJSON_GetObjectItemCaseSensitive (json, defs[i].name);
      GwAttrValue value;

      if (member == NULL)
        continue;
      if (!gw_attr_from_json (&defs[i], member, &value, error))
        return FALSE;
      gw_attr_value_clear (&values[i]);
      values[i] = value;
    }
  return TRUE;
}

/* The list called `name` of `json`; NULL when there is none. */
static gboolean
list_of (const cJSON  *json,
         const char   *name,
         const cJSON **list,
         GError      **error)
{
  *list = cJSON_GetObjectItemCaseSensitive (json, name);
  return *list == NULL || cJSON_IsArray (*list) || gw_invalid (error, "\"%s\" of a pipeline must be a list", name);
}

static gboolean
transform_from_json (GwPipelineColumn *column,
                     const cJSON      *json,
                     GError          **error)
{
  const GwTransformDef *def = require_transform (gw_json_member_string (json, "name", ""), error);

  if (def == NULL)
    return FALSE;
  append_transform (column, def, defaults_of (def->attrs));
  return values_from_json (def->attrs, column->transforms[column->n_transforms - 1].values, json, error);
}

static gboolean
column_from_json (GwPipelineDef *pipeline,
                  const cJSON   *json,
                  GError       **error)
{
  const char *name = gw_json_member_string (json, "name", NULL);
  const cJSON *from = cJSON_GetObjectItemCaseSensitive (json, "from");
  const cJSON *transforms, *item;
  GStrvBuilder *sources;
  GwPipelineColumn *column;

  if (name == NULL || !cJSON_IsArray (from))
    return gw_invalid (error, "a column of a pipeline needs a \"name\" and a list \"from\"");
  if (!list_of (json, "transforms", &transforms, error))
    return FALSE;
  cJSON_ArrayForEach (item, from)
    if (!cJSON_IsString (item))
      return gw_invalid (error, "\"from\" of the column “%s” must be a list of names", name);
  sources = g_strv_builder_new ();
  cJSON_ArrayForEach (item, from)
    g_strv_builder_add (sources, item->valuestring);
  pipeline->columns = g_renew (GwPipelineColumn, pipeline->columns, pipeline->n_columns + 1);
  column = &pipeline->columns[pipeline->n_columns++];
  *column = (GwPipelineColumn) { .name = g_strdup (name), .from = g_strv_builder_end (sources) };
  g_strv_builder_unref (sources);
  cJSON_ArrayForEach (item, transforms)
    if (!transform_from_json (column, item, error))
      return FALSE;
  return TRUE;
}

GwPipelineDef *
gw_pipeline_from_json (const cJSON *json,
                       GError     **error)
{
  const char *name = gw_json_member_string (json, "source", "");
  const GwSourceDef *source = gw_source_find (name);
  g_autoptr (GwPipelineDef) pipeline = NULL;
  const cJSON *columns, *column;

  if (source == NULL)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND, "there is no data source “%s”", name);
      return NULL;
    }
  pipeline = gw_pipeline_new (source);
  if (!values_from_json (gw_pipeline_attrs, pipeline->attrs, json, error) ||
      !values_from_json (source->attrs, pipeline->source_attrs,
                         cJSON_GetObjectItemCaseSensitive (json, "source_attrs"), error) ||
      !list_of (json, "columns", &columns, error))
    return NULL;
  cJSON_ArrayForEach (column, columns)
    if (!column_from_json (pipeline, column, error))
      return NULL;
  return g_steal_pointer (&pipeline);
}
