/* SPDX-License-Identifier: Apache-2.0 */
/* What the array ops, and others whose output shapes follow from the values of
 * their inputs, share: attributes that recur, checks in TensorFlow's words, and the
 * step by which a kernel checks the values that it got. */
#pragma once

#include "engine/device/kernel.h"
#include "engine/graph/builder.h"
#include "engine/graph/op-def.h"
#include "engine/graph/shape-context.h"

G_BEGIN_DECLS

/* Types that recur in TensorFlow's lists. */
#define GW_REAL_NAMES "float32", "float64", "int32", "uint8", "int16", "int8", "int64", "bfloat16", "uint16", "float16", \
                      "uint32", "uint64"
#define GW_REAL_TYPES GW_CHOICES (GW_REAL_NAMES)
#define GW_ARITHMETIC_TYPES GW_CHOICES (GW_REAL_NAMES, "complex64", "complex128")
#define GW_PLAIN_TYPES GW_CHOICES (GW_REAL_NAMES, "complex64", "complex128", "bool")
#define GW_MOVED_TYPES GW_CHOICES (GW_REAL_NAMES, "complex64", "complex128", "bool", "string")
#define GW_NUMBER_AND_HALF_TYPES GW_CHOICES ("float32", "float64", "int32", "int64", "uint8", "int8", "int16", "uint16", \
                                             "bfloat16", "float16")
#define GW_ALL_FLOAT_TYPES GW_CHOICES ("float32", "float64", "bfloat16", "float16")
#define GW_SMALL_INDEX_TYPES GW_CHOICES ("int32", "int64", "int16")

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
/* The same for a type that has no default, of these choices. */
#define GW_ARRAY_ATTR_POSITIONS(name, types) \
  { name, GW_ATTR_DTYPE, .choices = types, .label = "Index type", \
    .help = "Type of the positions; follows from what is wired.", .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }
/* Element type out of a list. */
#define GW_ARRAY_ATTR_TYPE(name, types) \
  { name, GW_ATTR_DTYPE, .choices = types, .label = "Type", \
    .help = "Element type; follows from what is wired.", .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }
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

/* Refuses a result of more dimensions than a shape holds. */
gboolean gw_array_check_rank (int rank, GError **error);

/* ---- gradients ---- */

/* A vector of constants: GW_ARRAY_INTS (b, 0, -1). */
#define GW_ARRAY_INTS(b, ...) \
  gw_const_ints ((b), (int) (sizeof ((int64_t[]) { __VA_ARGS__ }) / sizeof (int64_t)), (const int64_t[]) { __VA_ARGS__ })

/* Shape (x), int32 or int64. */
GwOutput gw_array_shape_of (GwBuilder *builder, GwOutput x, GwDType type);
/* x as `type`; x itself when it is. */
GwOutput gw_array_cast (GwBuilder *builder, GwOutput x, GwDType type);
/* Reshape (x, [-1]). */
GwOutput gw_array_flatten (GwBuilder *builder, GwOutput x);
/* `x` in the shape of `like`. */
GwOutput gw_array_reshape_like (GwBuilder *builder, GwOutput x, GwOutput like);
/* The sum of all elements. */
GwOutput gw_array_sum_all (GwBuilder *builder, GwOutput x);
/* Concat of vectors, of one integer type. */
GwOutput gw_array_join2 (GwBuilder *builder, GwOutput a, GwOutput b);
GwOutput gw_array_join3 (GwBuilder *builder, GwOutput a, GwOutput b, GwOutput c);
/* Elements [begin, begin + size) of a vector; size -1 = up to its end. */
GwOutput gw_array_part (GwBuilder *builder, GwOutput vector, int64_t begin, int64_t size);
/* The op of the same attributes (those that both have) with other inputs: its output 0. */
GwOutput gw_array_op_like (GwGradContext *context, const char *op, int n_inputs, const GwOutput *inputs);

/* ---- kernels ---- */

/* Runs the shape function of `def` with the values that the inputs have now, so
 * that the kernel may rely on every rule it states, and makes the outputs that the
 * plan left to the kernel; one whose shape the rule leaves open stays NULL. */
gboolean gw_array_prepare (GwKernelContext *context, const GwOpDef *def, GError **error);

/* Elements of a small integer vector or scalar; at most GW_MAX_RANK × 2 are read. */
int gw_array_read_ints (const GwTensor *tensor, int64_t values[2 * GW_MAX_RANK]);

/* Writes integers into an int32 or int64 tensor of as many elements. */
void gw_array_write_ints (GwTensor *tensor, const int64_t *values);

/* Scratch for `n` numbers of rows; see gw_kernel_scratch(). */
int64_t *gw_array_row_scratch (GwKernelContext *context, int64_t n, GError **error);

/* Writes zeros, false, empty texts. */
void gw_array_clear (GwKernelContext *context, GwTensor *tensor);

/* Kernel of ops whose output holds input 0's elements in their order. */
gboolean gw_array_kernel_copy (GwKernelContext *context, GError **error);
/* Kernel of ops that do nothing. */
gboolean gw_array_kernel_none (GwKernelContext *context, GError **error);

G_END_DECLS
