/* SPDX-License-Identifier: Apache-2.0 */
/* How rows of a source become batches: settings, and for each column that comes
 * out its source columns and a chain of transformations. A plain description, no
 * data; forms and files derive it from the attribute definitions. */
#pragma once

#include "engine/data/dataset.h"

G_BEGIN_DECLS

/* A transformation of a column; one `static const` each in pipeline.c. */
typedef struct {
  const char      *name;
  const char      *title, *summary;
  const GwAttrDef *attrs;
} GwTransformDef;

typedef struct {
  const GwTransformDef *def;
  GwAttrValue          *values; /* one for each of def->attrs */
} GwTransform;

typedef struct {
  char        *name;
  char       **from;         /* source columns; several are put side by side in one row of numbers */
  GwTransform *transforms;   /* from the source to the batch */
  int          n_transforms;
} GwPipelineColumn;

typedef struct {
  const GwSourceDef *source;
  GwAttrValue       *source_attrs; /* one for each of source->attrs */
  GwAttrValue       *attrs;        /* one for each of gw_pipeline_attrs */
  GwPipelineColumn  *columns;      /* none: every column of the source as it is */
  int                n_columns;
} GwPipelineDef;

/* Settings, and where they stand in GwPipelineDef.attrs. */
extern const GwAttrDef gw_pipeline_attrs[];
enum {
  GW_PIPELINE_TEST_FRACTION, /* of a source without test data of its own */
  GW_PIPELINE_SPLIT_SEED,
  GW_PIPELINE_BATCH_SIZE,
  GW_PIPELINE_SHUFFLE,
  GW_PIPELINE_SHUFFLE_BUFFER, /* 0 = all rows */
  GW_PIPELINE_SEED,
  GW_PIPELINE_REPEAT,         /* -1 = without end */
  GW_PIPELINE_DROP_REMAINDER,
  GW_PIPELINE_BUCKET_BY,         /* a column of the source; "" = batches of any rows */
  GW_PIPELINE_BUCKET_BOUNDARIES,
  GW_PIPELINE_N_ATTRS
};

/* NULL-terminated. */
const GwTransformDef *const *gw_transforms (void);
const GwTransformDef *gw_transform_find (const char *name);

/* Defaults everywhere, no columns. */
GwPipelineDef *gw_pipeline_new (const GwSourceDef *source);
GwPipelineDef *gw_pipeline_copy (const GwPipelineDef *pipeline);
void gw_pipeline_free (GwPipelineDef *pipeline);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwPipelineDef, gw_pipeline_free)

/* Replaces a value by what `text` says; `name` is looked up among the pipeline's
 * settings, then the source's; "source.NAME" is the source's in any case. NOT_FOUND, INVALID_ARGUMENT. */
gboolean gw_pipeline_set (GwPipelineDef *pipeline, const char *name, const char *text, GError **error);

/* Adds a column made of `from` (one name, or several with commas). Returns its
 * index. */
int gw_pipeline_add_column (GwPipelineDef *pipeline, const char *name, const char *from);
/* Adds a step at the end of a column's chain. `settings` is "name=text; …" for what
 * differs from the defaults, or NULL. NOT_FOUND, INVALID_ARGUMENT. */
gboolean gw_pipeline_add_transform (GwPipelineDef *pipeline, int column, const char *transform, const char *settings,
                                    GError **error);

/* Columns as most networks want them: pictures as float32 from 0 to 1, numbers as
 * float32, ids as int32. Replaces what columns there are. */
void gw_pipeline_suggest_columns (GwPipelineDef *pipeline, GArray *source_infos);

/* What comes out, given what the source has: name, type, shape of a row (unknown
 * sizes where only the data tells). INVALID_ARGUMENT names the column and the step
 * that does not fit, NOT_FOUND a source column that does not exist. */
GArray *gw_pipeline_describe (const GwPipelineDef *pipeline, GArray *source_infos, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
/* [?, …] of a column that comes out, with buckets [?, ?, …] of one that is padded; the batch size itself with drop_remainder. */
GwShape gw_pipeline_batch_shape (const GwPipelineDef *pipeline, const GwColumnInfo *info);

/* {"source": …, "source_attrs": {…}, settings, "columns": [{"name", "from",
 * "transforms": [{"name", …}]}]}; what equals its default is left out. */
cJSON *gw_pipeline_to_json (const GwPipelineDef *pipeline);
GwPipelineDef *gw_pipeline_from_json (const cJSON *json, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
