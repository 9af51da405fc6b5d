/* SPDX-License-Identifier: Apache-2.0 */
/* A column's chain of transformations, folded into one pass over the rows:
 * pick → number by a vocabulary → factor × value + offset, missing ones filled →
 * one-hot → type. */
#pragma once

#include "engine/data/pipeline.h"

G_BEGIN_DECLS

extern const GwTransformDef gw_transform_cast, gw_transform_scale, gw_transform_standardize, gw_transform_min_max,
  gw_transform_fill_missing, gw_transform_vocabulary, gw_transform_one_hot, gw_transform_reshape;

/* A source column's share of a row. */
typedef struct {
  int             column;     /* in the source */
  int64_t         elements;   /* of a row; -1 when not known */
  const GwTensor *tensor;     /* borrowed from the table; NULL while only described */
  double         *scale, *offset, *fill; /* `elements` each; NULL = not applied. fill stands for NaN in the result */
} GwRecipePart;

typedef struct {
  GwDType       dtype;
  GwShape       row_shape;
  int           n_classes;
  GwRecipePart *parts;
  int           n_parts;
  int64_t       elements;     /* of a row before one-hot; -1 when not known */
  int32_t      *ids;          /* new number of each class, or NULL */
  int           n_ids;
  int32_t       unknown_id;
  int64_t       depth;        /* of one-hot; 0 = none, -1 = not known yet */
  double        on_value, off_value;
  gboolean      scaled;       /* a step of factor and offset was folded in */
  gboolean      truncated;    /* a cast to whole numbers was: nothing can be scaled after it */
  gboolean      uniform;      /* scale and offset are the same for all elements of a part */
} GwRecipe;

/* The rows that statistics are taken from: all when `rows` is NULL. */
typedef struct {
  const GwTable *table;
  const int32_t *rows;
  int64_t        n_rows;
} GwRowSet;

/* Folds `column`. `train` are the training rows, NULL for a description alone, when
 * what only the data tells stays unknown. Clear the recipe in any case. */
gboolean gw_recipe_fold (GwRecipe *recipe, const GwPipelineColumn *column, GArray *infos, const GwRowSet *train,
                         GError **error);
/* Points the recipe at the table of another split with the same columns. */
void gw_recipe_use_table (GwRecipe *recipe, const GwTable *table);
void gw_recipe_clear (GwRecipe *recipe);

/* Writes rows[0 … n) of the table, one after another. `out` has room for them. */
void gw_recipe_gather (const GwRecipe *recipe, const int32_t *rows, int64_t n, void *out);

/* A column that passes its one source column through; its fields point into
 * `source` and `from` (two pointers, which the caller keeps). */
GwPipelineColumn gw_pipeline_plain_column (const GwColumnInfo *source, char *from[2]);

G_END_DECLS
