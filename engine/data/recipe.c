/* SPDX-License-Identifier: Apache-2.0 */
/* Folding: each transformation changes the recipe as it stands, so that however
 * long the chain, a batch is made in one pass. Statistics of a value that is
 * already scaled follow from those of the source. */
#include "engine/data/recipe-private.h"

#include "engine/base/error.h"
#include "engine/base/simd.h"

#include <math.h>
#include <string.h>

/* ---- statistics of the training rows ---- */

typedef struct {
  double *mean, *deviation, *min, *max, *count; /* of each element of a row */
} RowStats;

GW_CLONES static void
add_row (const double *restrict values,
         int64_t       n,
         double       *restrict sum,
         double       *restrict count,
         double       *restrict min,
         double       *restrict max)
{
  for (int64_t i = 0; i < n; i++)
    {
      double v = values[i];
      gboolean there = v == v;

      sum[i] += there ? v : 0;
      count[i] += there ? 1 : 0;
      min[i] = there && v < min[i] ? v : min[i];
      max[i] = there && v > max[i] ? v : max[i];
    }
}

GW_CLONES static void
add_squares (const double *restrict values,
             int64_t       n,
             const double *restrict mean,
             double       *restrict squares)
{
  for (int64_t i = 0; i < n; i++)
    {
      double d = values[i] - mean[i];

      squares[i] += d == d ? d * d : 0;
    }
}

static void
load_row (const GwTensor *tensor,
          int64_t         row,
          int64_t         n,
          double         *restrict values)
{
  if (tensor->dtype == GW_BOOL)
    for (int64_t i = 0; i < n; i++)
      values[i] = gw_tensor_get_double (tensor, row * n + i);
  else
    GW_SWITCH_NUMBER (tensor->dtype, return, {
      const T *in = GW_TENSOR_DATA (tensor, T) + row * n;

      for (int64_t i = 0; i < n; i++)
        values[i] = (double) in[i];
    });
}

static int64_t
row_at (const GwRowSet *set,
        int64_t         i)
{
  return set->rows != NULL ? set->rows[i] : i;
}

/* One value for the whole column in place of one for each element. */
static void
pool (RowStats *stats,
      int64_t   n)
{
  double sum = 0, count = 0, min = INFINITY, max = -INFINITY;

  for (int64_t i = 0; i < n; i++)
    {
      sum += stats->count[i] > 0 ? stats->mean[i] * stats->count[i] : 0;
      count += stats->count[i];
      min = MIN (min, stats->min[i]);
      max = MAX (max, stats->max[i]);
    }
  for (int64_t i = 0; i < n; i++)
    {
      stats->mean[i] = count > 0 ? sum / count : 0;
      stats->min[i] = min;
      stats->max[i] = max;
    }
}

static void
stats_clear (RowStats *stats)
{
  g_free (stats->mean);
  g_free (stats->deviation);
  g_free (stats->min);
  g_free (stats->max);
  g_free (stats->count);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RowStats, stats_clear)

/* Mean, deviation and extremes of the source's values; a column without any has
 * mean 0 and range 0. */
static void
stats_take (RowStats           *stats,
            const GwRecipePart *part,
            const GwRowSet     *set,
            gboolean            per_feature)
{
  int64_t n = part->elements;
  g_autofree double *values = g_new (double, n);
  double squares = 0, count = 0;

  *stats = (RowStats) { g_new0 (double, n), g_new0 (double, n), g_new (double, n), g_new (double, n), g_new0 (double, n) };
  for (int64_t i = 0; i < n; i++)
    {
      stats->min[i] = INFINITY;
      stats->max[i] = -INFINITY;
    }
  for (int64_t i = 0; i < set->n_rows; i++)
    {
      load_row (part->tensor, row_at (set, i), n, values);
      add_row (values, n, stats->mean, stats->count, stats->min, stats->max);
    }
  for (int64_t i = 0; i < n; i++)
    stats->mean[i] = stats->count[i] > 0 ? stats->mean[i] / stats->count[i] : 0;
  if (!per_feature)
    pool (stats, n);
  for (int64_t i = 0; i < set->n_rows; i++)
    {
      load_row (part->tensor, row_at (set, i), n, values);
      add_squares (values, n, stats->mean, stats->deviation);
    }
  for (int64_t i = 0; i < n; i++)
    {
      squares += stats->deviation[i];
      count += stats->count[i];
    }
  for (int64_t i = 0; i < n; i++)
    {
      stats->deviation[i] = per_feature ? sqrt (stats->deviation[i] / MAX (stats->count[i], 1))
                                        : sqrt (squares / MAX (count, 1));
      if (stats->min[i] > stats->max[i])
        stats->min[i] = stats->max[i] = 0;
    }
}

/* ---- folding ---- */

typedef struct {
  GwRecipe               *recipe;
  const GwPipelineColumn *column;
  const GwRowSet         *train; /* NULL while only describing */
  GError                **error;
} Fold;

static gboolean
misfit (const Fold           *fold,
        const GwTransformDef *step,
        const char           *why)
{
  return gw_invalid (fold->error, "column “%s”: %s %s", fold->column->name, step->name, why);
}

/* y = factor × what there is + offset, for element i. */
static void
scale_element (GwRecipePart *part,
               int64_t       i,
               double        factor,
               double        offset)
{
  part->scale[i] *= factor;
  part->offset[i] = part->offset[i] * factor + offset;
  if (part->fill != NULL)
    part->fill[i] = part->fill[i] * factor + offset;
}

static gboolean
begin_scaling (const Fold           *fold,
               const GwTransformDef *step)
{
  GwRecipe *recipe = fold->recipe;

  if (recipe->depth != 0)
    return misfit (fold, step, "must stand before one_hot");
  if (recipe->truncated)
    return misfit (fold, step, "must stand before the cast to whole numbers");
  recipe->scaled = TRUE;
  if (recipe->dtype != GW_FLOAT64)
    recipe->dtype = GW_FLOAT32;
  recipe->n_classes = 0;
  for (int p = 0; p < recipe->n_parts && fold->train != NULL; p++)
    {
      GwRecipePart *part = &recipe->parts[p];

      if (part->scale != NULL)
        continue;
      part->scale = g_new (double, part->elements);
      part->offset = g_new0 (double, part->elements);
      for (int64_t i = 0; i < part->elements; i++)
        part->scale[i] = 1;
    }
  return TRUE;
}

static gboolean
fold_scale (const Fold        *fold,
            const GwTransform *step)
{
  if (!begin_scaling (fold, step->def))
    return FALSE;
  for (int p = 0; p < fold->recipe->n_parts && fold->train != NULL; p++)
    for (int64_t i = 0; i < fold->recipe->parts[p].elements; i++)
      scale_element (&fold->recipe->parts[p], i, step->values[0].f, step->values[1].f);
  return TRUE;
}

static gboolean
fold_standardize (const Fold        *fold,
                  const GwTransform *step)
{
  if (!begin_scaling (fold, step->def))
    return FALSE;
  for (int p = 0; p < fold->recipe->n_parts && fold->train != NULL; p++)
    {
      GwRecipePart *part = &fold->recipe->parts[p];
      g_auto (RowStats) stats = { 0 };

      stats_take (&stats, part, fold->train, step->values[0].b);
      for (int64_t i = 0; i < part->elements; i++)
        {
          double mean = part->scale[i] * stats.mean[i] + part->offset[i];
          double deviation = fabs (part->scale[i]) * stats.deviation[i];
          double factor = deviation > 0 ? 1 / deviation : 1;

          scale_element (part, i, factor, -mean * factor);
        }
    }
  return TRUE;
}

static gboolean
fold_min_max (const Fold        *fold,
              const GwTransform *step)
{
  double low = step->values[0].f, high = step->values[1].f;

  if (!begin_scaling (fold, step->def))
    return FALSE;
  for (int p = 0; p < fold->recipe->n_parts && fold->train != NULL; p++)
    {
      GwRecipePart *part = &fold->recipe->parts[p];
      g_auto (RowStats) stats = { 0 };

      stats_take (&stats, part, fold->train, step->values[2].b);
      for (int64_t i = 0; i < part->elements; i++)
        {
          double a = part->scale[i] * stats.min[i] + part->offset[i];
          double b = part->scale[i] * stats.max[i] + part->offset[i];
          double least = MIN (a, b), range = fabs (b - a);
          double factor = range > 0 ? (high - low) / range : 0;

          scale_element (part, i, factor, low - least * factor);
        }
    }
  return TRUE;
}

static gboolean
fold_fill_missing (const Fold        *fold,
                   const GwTransform *step)
{
  gboolean by_mean = strcmp (step->values[0].s, "mean") == 0;

  if (!begin_scaling (fold, step->def))
    return FALSE;
  for (int p = 0; p < fold->recipe->n_parts && fold->train != NULL; p++)
    {
      GwRecipePart *part = &fold->recipe->parts[p];
      g_auto (RowStats) stats = { 0 };

      if (part->fill != NULL)
        continue;
      part->fill = g_new (double, part->elements);
      if (by_mean)
        stats_take (&stats, part, fold->train, FALSE);
      for (int64_t i = 0; i < part->elements; i++)
        part->fill[i] = by_mean ? part->scale[i] * stats.mean[i] + part->offset[i] : step->values[1].f;
    }
  return TRUE;
}

static gboolean
fold_vocabulary (const Fold        *fold,
                 const GwTransform *step)
{
  GwRecipe *recipe = fold->recipe;
  int n_words = step->values[0].list.n;
  char **words = step->values[0].list.s;
  char **classes;

  if (recipe->n_parts != 1 || !gw_dtype_is_integer (recipe->dtype) || recipe->ids != NULL || recipe->depth != 0)
    return misfit (fold, step->def, "must come first, and takes one column of texts");
  recipe->dtype = GW_INT32;
  recipe->n_classes = n_words;
  recipe->unknown_id = (int32_t) step->values[1].i;
  if (fold->train == NULL)
    return TRUE;
  classes = fold->train->table->columns[recipe->parts[0].column].classes;
  if (classes == NULL)
    return misfit (fold, step->def, "takes a column of texts; this one holds numbers");
  recipe->n_ids = (int) g_strv_length (classes);
  recipe->ids = g_new (int32_t, recipe->n_ids + 1);
  for (int id = 0; id < recipe->n_ids; id++)
    {
      recipe->ids[id] = recipe->unknown_id;
      for (int w = n_words - 1; w >= 0; w--)
        if (strcmp (words[w], classes[id]) == 0)
          recipe->ids[id] = w;
    }
  return TRUE;
}

static int64_t
count_classes (const Fold *fold)
{
  const GwTensor *tensor = fold->recipe->parts[0].tensor;
  int64_t most = -1;

  for (int64_t i = 0; i < tensor->elements; i++)
    most = MAX (most, gw_tensor_get_int (tensor, i));
  return most + 1;
}

static gboolean
fold_one_hot (const Fold        *fold,
              const GwTransform *step)
{
  GwRecipe *recipe = fold->recipe;
  GwShape *shape = &recipe->row_shape;

  if (recipe->n_parts != 1 || recipe->depth != 0 ||
      !(gw_dtype_is_integer (recipe->dtype) || recipe->dtype == GW_BOOL) || recipe->scaled)
    return misfit (fold, step->def, "takes one column of whole numbers; put a cast to int32 before it");
  if (shape->rank == GW_MAX_RANK)
    return misfit (fold, step->def, "would give a row too many dimensions");
  recipe->depth = step->values[0].i;
  if (recipe->depth == 0 && recipe->n_classes > 0)
    recipe->depth = recipe->n_classes;
  if (recipe->depth == 0)
    recipe->depth = fold->train != NULL ? count_classes (fold) : -1;
  if (recipe->depth == 0 || recipe->depth > 1000000)
    return misfit (fold, step->def, "finds no sensible number of classes in the data; set its depth");
  recipe->on_value = step->values[1].f;
  recipe->off_value = step->values[2].f;
  recipe->dtype = GW_FLOAT32;
  recipe->n_classes = 0;
  if (shape->rank >= 0)
    shape->dims[shape->rank++] = recipe->depth;
  return TRUE;
}

static gboolean
fold_cast (const Fold        *fold,
           const GwTransform *step)
{
  GwRecipe *recipe = fold->recipe;
  GwDType dtype = step->values[0].dtype;

  if (dtype != recipe->dtype && !gw_dtype_is_floating (dtype))
    recipe->truncated = TRUE;
  recipe->dtype = dtype;
  if (!gw_dtype_is_integer (dtype))
    recipe->n_classes = 0;
  return TRUE;
}

static gboolean
fold_reshape (const Fold        *fold,
              const GwTransform *step)
{
  GwShape shape = step->values[0].shape;
  int64_t have = gw_shape_elements (&fold->recipe->row_shape);
  int64_t known = 1;
  int unknown = -1;
  g_autofree char *from = gw_shape_to_string (&fold->recipe->row_shape);
  g_autofree char *to = gw_shape_to_string (&shape);

  if (shape.rank < 0)
    return misfit (fold, step->def, "needs a shape");
  for (int i = 0; i < shape.rank; i++)
    {
      if (shape.dims[i] < 0 && unknown >= 0)
        return misfit (fold, step->def, "can find out one size only, but several are ?");
      if (shape.dims[i] < 0)
        unknown = i;
      else if (__builtin_mul_overflow (known, shape.dims[i], &known))
        return misfit (fold, step->def, "has a shape too large to count");
    }
  if (have >= 0 && unknown >= 0 && known > 0 && have % known == 0)
    shape.dims[unknown] = have / known;
  if (have >= 0 && gw_shape_elements (&shape) != have)
    return gw_invalid (fold->error, "column “%s”: a row of shape %s cannot be reshaped to %s", fold->column->name, from, to);
  fold->recipe->row_shape = shape;
  return TRUE;
}

static gboolean
fold_step (const Fold        *fold,
           const GwTransform *step)
{
  static const struct {
    const GwTransformDef *def;
    gboolean (*fold) (const Fold *, const GwTransform *);
  } folds[] = {
    { &gw_transform_cast, fold_cast }, { &gw_transform_scale, fold_scale },
    { &gw_transform_standardize, fold_standardize }, { &gw_transform_min_max, fold_min_max },
    { &gw_transform_fill_missing, fold_fill_missing }, { &gw_transform_vocabulary, fold_vocabulary },
    { &gw_transform_one_hot, fold_one_hot }, { &gw_transform_reshape, fold_reshape },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (folds); i++)
    if (folds[i].def == step->def)
      return folds[i].fold (fold, step);
  return misfit (fold, step->def, "is not known");
}

static const GwColumnInfo *
find_info (GArray     *infos,
           const char *name,
           int        *index)
{
  for (guint i = 0; i < infos->len; i++)
    {
      const GwColumnInfo *info = &g_array_index (infos, GwColumnInfo, i);

      if (strcmp (info->name, name) == 0)
        {
          *index = (int) i;
          return info;
        }
    }
  return NULL;
}

static gboolean
no_such_column (const Fold *fold,
                GArray     *infos,
                const char *name)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < infos->len && i < 20; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", g_array_index (infos, GwColumnInfo, i).name);
  g_set_error (fold->error, GW_ERROR, GW_ERROR_NOT_FOUND, "column “%s”: the source has no column “%s”; it has %s",
               fold->column->name, name, names->str);
  return FALSE;
}

/* The recipe of the bare source columns. */
static gboolean
pick_sources (const Fold *fold,
              GArray     *infos)
{
  GwRecipe *recipe = fold->recipe;
  int n = (int) g_strv_length (fold->column->from);

  if (n == 0)
    return gw_invalid (fold->error, "column “%s” is made of no source column", fold->column->name);
  recipe->parts = g_new0 (GwRecipePart, n);
  for (int p = 0; p < n; p++)
    {
      GwRecipePart *part = &recipe->parts[p];
      const GwColumnInfo *info = find_info (infos, fold->column->from[p], &part->column);

      if (info == NULL)
        return no_such_column (fold, infos, fold->column->from[p]);
      recipe->n_parts++;
      part->elements = gw_shape_elements (&info->row_shape);
      part->tensor = fold->train != NULL ? fold->train->table->columns[part->column].tensor : NULL;
      recipe->elements = part->elements < 0 || recipe->elements < 0 ? -1 : recipe->elements + part->elements;
      recipe->dtype = p == 0 || recipe->dtype == info->dtype ? info->dtype : GW_FLOAT32;
      recipe->row_shape = info->row_shape;
      recipe->n_classes = info->n_classes;
    }
  if (n > 1)
    {
      recipe->row_shape = GW_SHAPE (recipe->elements);
      recipe->n_classes = 0;
    }
  return TRUE;
}

static gboolean
is_uniform (const GwRecipe *recipe)
{
  for (int p = 0; p < recipe->n_parts; p++)
    for (int64_t i = 1; recipe->parts[p].scale != NULL && i < recipe->parts[p].elements; i++)
      if (recipe->parts[p].scale[i] != recipe->parts[p].scale[0] || recipe->parts[p].offset[i] != recipe->parts[p].offset[0])
        return FALSE;
  return TRUE;
}

gboolean
gw_recipe_fold (GwRecipe               *recipe,
                const GwPipelineColumn *column,
                GArray                 *infos,
                const GwRowSet         *train,
                GError                **error)
{
  Fold fold = { recipe, column, train, error };

  memset (recipe, 0, sizeof *recipe);
  if (!pick_sources (&fold, infos))
    return FALSE;
  for (int i = 0; i < column->n_transforms; i++)
    if (!fold_step (&fold, &column->transforms[i]))
      return FALSE;
  recipe->uniform = is_uniform (recipe);
  return TRUE;
}

void
gw_recipe_use_table (GwRecipe      *recipe,
                     const GwTable *table)
{
  for (int p = 0; p < recipe->n_parts; p++)
    recipe->parts[p].tensor = table->columns[recipe->parts[p].column].tensor;
}

void
gw_recipe_clear (GwRecipe *recipe)
{
  for (int p = 0; p < recipe->n_parts; p++)
    {
      g_free (recipe->parts[p].scale);
      g_free (recipe->parts[p].offset);
      g_free (recipe->parts[p].fill);
    }
  g_free (recipe->parts);
  g_free (recipe->ids);
  memset (recipe, 0, sizeof *recipe);
}
