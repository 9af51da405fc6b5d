/* SPDX-License-Identifier: Apache-2.0 */
/* What the ops on variables share: ports of references and of handles, attributes,
 * and the checks of shapes. */
#pragma once

#include "engine/device/kernel.h"
#include "engine/graph/shape-context.h"

G_BEGIN_DECLS

/* Types that TensorFlow's arithmetic on variables has on the CPU. */
#define GW_VARIABLE_NUMBER_TYPES \
  GW_CHOICES ("float32", "float64", "int32", "uint8", "int16", "int8", "complex64", "int64", "bfloat16", "uint16", \
              "complex128", "float16", "uint32", "uint64")

#define GW_REF_IN(name, help) { name, "T", help, .is_ref = TRUE }
#define GW_REF_OUT GW_PORTS ({ "output_ref", "T", "The variable, with its new value.", .is_ref = TRUE })
#define GW_HANDLE_IN(name, help) { name, "resource", help }

#define GW_VARIABLE_T(name, types)                                                                 \
  { name, GW_ATTR_DTYPE, .choices = types, .label = "Type",                                        \
    .help = "Element type; follows from the variable.", .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }
#define GW_VARIABLE_NAMES                                                                          \
  { "container", GW_ATTR_STRING, .help = "Kept for files of TensorFlow.", .flags = GW_ATTR_HIDDEN }, \
  { "shared_name", GW_ATTR_STRING, .label = "Shared name",                                         \
    .help = "Variables of one shared name are one variable; empty = the node's own name.",         \
    .flags = GW_ATTR_HIDDEN }
#define GW_VARIABLE_BEGINNING                                                                      \
  { "_initializer", GW_ATTR_STRING, .def = "zeros", .label = "Initial value",                      \
    .help = "zeros, ones, constant(v), random_uniform(min, max), random_normal(mean, stddev), "    \
            "truncated_normal(mean, stddev), glorot_uniform, he_normal, …, or the values themselves." }, \
  { "_trainable", GW_ATTR_BOOL, .def = "true", .label = "Trainable",                               \
    .help = "Off: Minimize leaves it as it is." }
#define GW_VARIABLE_LOCKING(value)                                                                 \
  { "use_locking", GW_ATTR_BOOL, .def = value, .label = "Locking",                                 \
    .help = "Kept for files of TensorFlow; writes are never mixed here.", .flags = GW_ATTR_HIDDEN }

/* Output 0 of ops on references is the variable itself; a plan may also keep it apart. */
void gw_variable_publish (GwKernelContext *context);

/* Shape of Assign and its like: of input 0, a reference or a handle, and input 1
 * together. Output 0, if there is one, is the variable. */
gboolean gw_variable_update_shape (GwShapeContext *context, GError **error);

/* Kernels: input 0 becomes input 1, or that is added to or subtracted from it, for
 * references and handles. `op` begins TensorFlow's sentence for shapes that differ. */
gboolean gw_variable_assign (GwKernelContext *context, const char *op, GError **error);
gboolean gw_variable_add (GwKernelContext *context, const char *op, GError **error);
gboolean gw_variable_sub (GwKernelContext *context, const char *op, GError **error);
/* Input 0, an integer scalar, goes up by 1 and what it was is output 0, unless `limit` is
 * reached: OUT_OF_RANGE. */
gboolean gw_variable_count (GwKernelContext *context, int64_t limit, GError **error);

/* Row numbers of plain indices, each checked against [0, n): “indices[1] = 5 is not in
 * [0, 3)”. Every `per_batch` of them count from n further on. */
gboolean gw_variable_read_rows (const GwTensor *indices, int64_t n, int64_t per_batch, int64_t *rows, GError **error);

G_END_DECLS
