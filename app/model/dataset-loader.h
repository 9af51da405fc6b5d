/* SPDX-License-Identifier: Apache-2.0 */
/* The data of a document for looking at it: the tables of its source with the
 * statistics of their columns, read in a worker thread. Main thread only; what it
 * gives is immutable.
 *
 * Signal "changed": a view, an error or the reading itself is new. */
#pragma once

#include <gio/gio.h>

#include "engine/engine.h"

G_BEGIN_DECLS

/* A column over the rows of one split. */
typedef struct {
  GwTensorStats stats;
  gboolean      has_stats;
  int64_t      *counts;      /* how often each class occurs; NULL = no classes */
  int           n_classes;
} GwColumnView;

typedef struct {
  int32_t      *rows;        /* of the table, as they come without shuffling */
  int64_t       n_rows;
  GwTable      *table;       /* a reference */
  GwColumnView *columns;     /* one for each of the table's */
} GwSplitView;

/* Counted references; immutable. */
typedef struct {
  gint         refs;
  GwDataset   *dataset;
  GwSplitView  splits[2];    /* by GwSplit */
} GwDataView;

GwDataView *gw_data_view_ref (GwDataView *view);
void gw_data_view_unref (GwDataView *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwDataView, gw_data_view_unref)
/* Reads everything at once, any thread. */
GwDataView *gw_data_view_new (const GwPipelineDef *pipeline, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The classes of a column that has `n` of them, or NULL. Borrowed. */
const char *const *gw_data_view_class_names (const GwDataView *view, int n);

#define GW_TYPE_DATASET_LOADER (gw_dataset_loader_get_type ())
G_DECLARE_FINAL_TYPE (GwDatasetLoader, gw_dataset_loader, GW, DATASET_LOADER, GObject)

GwDatasetLoader *gw_dataset_loader_new (void);
/* Reads again only when source, its settings or the split differ. NULL: no data. File
 * names absolute: gw_document_resolve_pipeline(). */
void gw_dataset_loader_set_pipeline (GwDatasetLoader *loader, const GwPipelineDef *pipeline);
GwDataView *gw_dataset_loader_get_view (GwDatasetLoader *loader);     /* NULL = none (yet); borrowed */
const GError *gw_dataset_loader_get_error (GwDatasetLoader *loader);
gboolean gw_dataset_loader_is_loading (GwDatasetLoader *loader);

/* A pipeline for a file that was dropped or chosen: CSV and its like, IDX pictures
 * with the labels (and test files) that lie beside them. Its columns are suggested.
 * INVALID_ARGUMENT for another kind of file. */
GwPipelineDef *gw_pipeline_new_for_file (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One row of a split as the pipeline gives it: GwNamedTensor [1, …] by column name. */
GPtrArray *gw_pipeline_read_row (GwDataset *dataset, const GwPipelineDef *pipeline, GwSplit split, int64_t row,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether a column can feed a placeholder; else why not, in words (free it). */
char *gw_column_why_not (const GwPipelineDef *pipeline, const GwColumnInfo *column, GwDType dtype, const GwShape *shape);

/* A row as bytes of a picture: rows of h×w, h×w×1 or h×w×3 values, at least 4×4.
 * FALSE when it is none. */
gboolean gw_row_shape_is_picture (const GwShape *row_shape, int *height, int *width, int *channels);
/* Values scaled from low … high to 0 … 255. `pixels` has room for them. */
void gw_tensor_to_pixels (const GwTensor *tensor, int64_t first, int64_t n, double low, double high, guint8 *pixels);

G_END_DECLS
