/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a tensor by number: picked, written, added up. Gathering, scattering,
 * segments, stitching and partitioning are all a list of row numbers and one of these
 * two walks. A row is `inner` elements in a sequence. */
#pragma once

#include "engine/device/kernel.h"

G_BEGIN_DECLS

/* What happens to a row that is written to. */
typedef enum {
  GW_ROWS_ASSIGN,
  GW_ROWS_ADD,      /* of texts: appended; of bool: or */
  GW_ROWS_SUB,
  GW_ROWS_MUL,
  GW_ROWS_DIV,      /* divisors of integers were checked before */
  GW_ROWS_MAXIMUM,
  GW_ROWS_MINIMUM,
} GwRowsOp;

/* Row i of `dst` becomes row rows[i] of `src`, for i < n. Negative numbers leave it as it
 * is. The numbers were checked before. On all workers. */
void gw_rows_pick (GwKernelContext *context, GwDType dtype, const void *src, const int64_t *rows, int64_t n,
                   int64_t inner, void *dst);

typedef struct {
  GwRowsOp       op;
  GwDType        dtype;
  const int64_t *rows;          /* what is written, a number for each of n; negative: left out */
  const int64_t *src_rows;      /* the row of src that goes there; NULL: the first, the second, … */
  int64_t        n;
  int64_t        inner;
  gboolean       first_assigns; /* the first row of a run of equal numbers is assigned */
  gboolean       one_for_all;   /* src is a single element, which every element of every row meets */
  const void    *src;
  void          *dst;
} GwRowsUpdate;

/* Row rows[i] of `dst` becomes `dst op row src_rows[i] of src`, in the order of i, whatever the
 * number of threads. UNIMPLEMENTED for a type that `op` does not have; nothing is written
 * then. */
gboolean gw_rows_update (GwKernelContext *context, const GwRowsUpdate *update, GError **error);

/* Row numbers of index tuples: `indices` is seen as [n, depth], each tuple an index into
 * the first `depth` dimensions of the known `shape`. INVALID_ARGUMENT for one outside:
 * “indices[1] = [0, 9] does not index into shape [2,2]”, with `port` for “indices”. */
gboolean gw_rows_resolve (const GwTensor *indices, int64_t n, int depth, const GwShape *shape, const char *port,
                          int64_t *rows, GError **error);

/* The lowest or highest value of a number type, as std::numeric_limits has it (finite);
 * 0 or 1 for multiplying and adding: what GW_ROWS_… starts from. */
void gw_rows_identity (GwRowsOp op, GwDType dtype, GwBits128 *value);

/* “1,0”: where element `index` of `shape` is. Free with g_free(). */
char *gw_position_text (const GwShape *shape, int64_t index);

G_END_DECLS
