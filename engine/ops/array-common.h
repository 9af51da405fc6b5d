/* SPDX-License-Identifier: Apache-2.0 */
/* What the array ops, and others whose output shapes follow from the values of
 * their inputs, share: attributes that recur, checks in TensorFlow's words, and the
 * step by which a kernel checks the values that it got. */
#pragma once

#include "engine/device/kernel.h"
#include "engine/graph/op-def.h"
#include "engine/graph/shape-context.h"

G_BEGIN_DECLS

/* Element type of the data: follows from the wires. */
#define GW_ARRAY_ATTR_T \
  { "T", GW_ATTR_DTYPE, .label = "Type", .help = "Element type; follows from what is wired.", \
    .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }
/* The same for numbers. */
#define GW_ARRAY_ATTR_NUMBER_T \
  { "T", GW_ATTR_DTYPE, .choices = GW_NUMBER_TYPES, .label = "Type", \
    .help = "Element type; follows from what is wired.", .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }
/* Type of an integer input that holds sizes, axes or positions. */
#define GW_ARRAY_ATTR_INDEX(name) \
  { name, GW_ATTR_DTYPE, .def = "int32", .choices = GW_INDEX_TYPES, .label = "Index type", \
    .help = "Type of the sizes and positions; follows from what is wired.", .flags = GW_ATTR_HIDDEN }
/* Number of tensors of a list port. */
#define GW_ARRAY_ATTR_N(name, least) \
  { name, GW_ATTR_INT, .min = least, .max = G_MAXINT32, .label = "Number", \
    .help = "How many tensors; follows from what is wired.", .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }

/* ---- shape functions ---- */

/* An input that is wanted as a shape: gw_shape_input_as_shape() on a vector, and a
 * constant may hold no -1. “dims: Dimension -1 must be >= 0”. */
gboolean gw_array_input_shape (GwShapeContext *context, int input, GwShape *value, GError **error);

/* A constant integer scalar input: *known says whether there is one. Refuses an
 * input that is no scalar. */
gboolean gw_array_input_int (GwShapeContext *context, int input, gboolean *known, int64_t *value, GError **error);

/* Input `input` must be a vector when its rank is known. */
gboolean gw_array_want_vector (GwShapeContext *context, int input, GError **error);
gboolean gw_array_want_scalar (GwShapeContext *context, int input, GError **error);

/* `axis` in [-rank, rank) → [0, rank). “axis = 3 is not in [-2, 2)”. */
gboolean gw_array_axis (const char *name, int64_t axis, int rank, int *result, GError **error);

/* Refuses a shape with more elements than an int64 counts. */
gboolean gw_array_check_size (const GwShape *shape, GError **error);

/* What the two shapes say together; `what` names them in the error: “ref and value:
 * Dimension 0 in both shapes must be equal, but are 2 and 3. Shapes are [2] and [3].” */
gboolean gw_array_merge (const GwShape *a, const GwShape *b, const char *what, GwShape *merged, GError **error);

/* Partial value: that of input 0, for ops that hand a shape on. */
gboolean gw_array_partial_same (GwShapeContext *context, GwShape *value);

/* ---- kernels ---- */

/* Runs the shape function of `def` with the values that the inputs have now, so
 * that the kernel may rely on every rule it states, and makes the outputs that the
 * plan left to the kernel. */
gboolean gw_array_prepare (GwKernelContext *context, const GwOpDef *def, GError **error);

/* Elements of a small integer vector or scalar; at most GW_MAX_RANK × 2 are read. */
int gw_array_read_ints (const GwTensor *tensor, int64_t values[2 * GW_MAX_RANK]);

/* Writes integers into an int32 or int64 tensor of as many elements. */
void gw_array_write_ints (GwTensor *tensor, const int64_t *values);

/* Kernel of ops whose output holds input 0's elements in their order. */
gboolean gw_array_kernel_copy (GwKernelContext *context, GError **error);
/* Kernel of ops that do nothing. */
gboolean gw_array_kernel_none (GwKernelContext *context, GError **error);

G_END_DECLS
