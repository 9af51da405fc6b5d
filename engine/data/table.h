/* SPDX-License-Identifier: Apache-2.0 */
/* Data in memory: named columns of as many rows, each one tensor whose first
 * dimension counts the rows. Immutable once made, so any thread may read it. */
#pragma once

#include "engine/tensor/tensor.h"

G_BEGIN_DECLS

typedef struct {
  char     *name;
  GwTensor *tensor;    /* [n_rows, …]; texts are int32 ids, -1 where missing */
  char    **classes;   /* what the ids 0, 1, … stand for, NULL-terminated; NULL when they stand for nothing */
  int       lengths;   /* column, plus one, that tells how much of each row is data, the rest of its first dimension
                        * being padding; 0 = all of it is */
  int64_t   n_missing; /* NaN that stood for “no value”, ids of -1 */
} GwTableColumn;

typedef struct {
  int64_t        n_rows;
  int            n_columns;
  GwTableColumn *columns;
  /*< private >*/
  gint           refs;
} GwTable;

/* What is known of a column before the data is read. */
typedef struct {
  char   *name;
  GwDType dtype;
  GwShape row_shape; /* of one row */
  int     n_classes; /* number of ids; 0 = none, or not known yet */
  gboolean padded;   /* rows are filled up to one length */
} GwColumnInfo;

/* An empty table; add columns before anyone else sees it. */
GwTable *gw_table_new (int64_t n_rows);
/* Takes `tensor` (whose first dimension is n_rows) and `classes`. */
void gw_table_add (GwTable *table, const char *name, GwTensor *tensor, char **classes, int64_t n_missing);
/* The rows of `name` are padded, the column `lengths` has their lengths. */
void gw_table_set_lengths (GwTable *table, const char *name, const char *lengths);
GwTable *gw_table_ref (GwTable *table);
void gw_table_unref (GwTable *table); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwTable, gw_table_unref)

/* -1 when there is none of that name. */
int gw_table_find (const GwTable *table, const char *name);

/* Columns as an array of GwColumnInfo that clears its elements. */
GArray *gw_column_infos_new (void);
void gw_column_infos_add (GArray *infos, const char *name, GwDType dtype, const GwShape *row_shape, int n_classes);
GArray *gw_table_infos (const GwTable *table);

G_END_DECLS
