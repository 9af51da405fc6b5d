/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of a matrix in a scrolled grid; only what is visible is drawn, so
 * the size of the matrix does not matter.  Put it into a GtkScrolledWindow. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Text of the cell (@row, @column) into @buffer (@size bytes); returns its share
 * of the map's limit, -1..1, which tints the cell (0 = none, NaN = problem). */
typedef double (*GwTensorGridCell) (gsize row, gsize column, char *buffer, gsize size,
                                    gpointer data);

#define GW_TYPE_TENSOR_GRID (gw_tensor_grid_get_type ())
G_DECLARE_FINAL_TYPE (GwTensorGrid, gw_tensor_grid, GW, TENSOR_GRID, GtkWidget)

/* Signal "visible-changed": gw_tensor_grid_get_visible_part() gives another
 * part; "cell-activated" (guint64 row, guint64 column): Enter or double-click. */
GtkWidget *gw_tensor_grid_new (void);
/* @cell is asked for each visible cell at each drawing; the row and column
 * numbers shown begin at @first_row and @first_column. */
void gw_tensor_grid_set_source (GwTensorGrid *grid, gsize rows, gsize columns, gsize first_row,
                                gsize first_column, GwTensorGridCell cell, gpointer data,
                                GDestroyNotify destroy);
/* Copies row-major floats; texts have four significant digits.  FALSE when
 * memory ran out. */
gboolean gw_tensor_grid_set_floats (GwTensorGrid *grid, const float *values, gsize rows,
                                    gsize columns, gsize first_row, gsize first_column);
/* Values changed, the sizes did not. */
void gw_tensor_grid_changed (GwTensorGrid *grid);
void gw_tensor_grid_get_visible_part (GwTensorGrid *grid, gsize *row, gsize *column, gsize *rows,
                                      gsize *columns);
void gw_tensor_grid_scroll_to (GwTensorGrid *grid, gsize row, gsize column);

G_END_DECLS
