/* SPDX-License-Identifier: Apache-2.0 */
/* What composites build again and again. Every function adds nodes through the
 * builder, which keeps the first error; GW_NO_OUTPUT after one. */
#pragma once

#include "engine/graph/builder.h"

G_BEGIN_DECLS

#define GW_INTS(b, ...) gw_const_ints ((b), (int) (sizeof ((int64_t[]) { __VA_ARGS__ }) / sizeof (int64_t)), \
                                       (const int64_t[]) { __VA_ARGS__ })

/* x itself where it is of that type already. */
GwOutput gw_part_cast (GwBuilder *b, GwOutput x, GwDType dtype);
/* The numbers of all of x's axes: a constant where its rank is known. */
GwOutput gw_part_all_axes (GwBuilder *b, GwOutput x);
/* The sum of all elements: a scalar. */
GwOutput gw_part_sum (GwBuilder *b, GwOutput x);
/* The part of the vector `shape` from `begin` on; `size` −1: to its end. */
GwOutput gw_part_slice (GwBuilder *b, GwOutput shape, int64_t begin, int64_t size);
GwOutput gw_part_concat (GwBuilder *b, int n, const GwOutput *values, int64_t axis);
/* max (x, 0) − x·z + log (1 + e^−|x|), of each element: nn_impl.py's, which never overflows. */
GwOutput gw_part_sigmoid_cross_entropy (GwBuilder *b, GwOutput logits, GwOutput labels);

/* Activations by name, as an attribute; "linear" leaves x as it is. */
#define GW_ACTIVATION_ATTR(default_value)                                                                  \
  { "activation", GW_ATTR_CHOICE, .def = default_value, .label = "Activation",                             \
    .choices = GW_CHOICES ("linear", "relu", "relu6", "leaky_relu", "elu", "selu", "sigmoid", "tanh",      \
                           "softmax", "softplus", "softsign"),                                             \
    .help = "Applied to every output." }
/* Weights of a layer: how they begin, and whether training changes them. */
#define GW_INITIALIZER_ATTR(name_text, default_value, label_text)                                          \
  { name_text, GW_ATTR_STRING, .def = default_value, .label = label_text,                                  \
    .help = "zeros, ones, constant(v), random_uniform(min, max), random_normal(mean, stddev), "            \
            "truncated_normal(mean, stddev), glorot_uniform, glorot_normal, he_uniform, he_normal, "       \
            "lecun_uniform, lecun_normal, or the values themselves." }
#define GW_VARIABLES_ATTRS                                                                                 \
  { "trainable", GW_ATTR_BOOL, .def = "true", .label = "Trainable",                                        \
    .help = "Off: training leaves its variables as they are." },                                           \
  { "share", GW_ATTR_INT, .def = "0", .min = 0, .max = 9007199254740992.0, .label = "Shares with",         \
    .help = "Number of a layer of the same kind whose variables it uses; 0: it has its own." }
#define GW_USE_BIAS_ATTR \
  { "use_bias", GW_ATTR_BOOL, .def = "true", .label = "Use bias", .help = "Add a trainable vector." }
#define GW_LAYER_TYPE_ATTR \
  { "T", GW_ATTR_DTYPE, .def = "float32", .choices = GW_FLOAT_TYPES, .help = "Follows from what is wired.", .flags = GW_ATTR_HIDDEN }
GwOutput gw_part_activation (GwBuilder *b, const char *name, GwOutput x);

G_END_DECLS
