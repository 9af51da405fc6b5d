/* SPDX-License-Identifier: Apache-2.0 */
/* The variables of layers: how they begin, what a penalty on their size adds to the
 * loss, and which layers share them. */
#pragma once

#include "engine/document/lower.h"

G_BEGIN_DECLS

/* What keeps weights small: a penalty that TotalLoss adds to the losses. */
#define GW_REGULARIZER_ATTR(name_text, label_text)                                                          \
  { name_text, GW_ATTR_STRING, .def = "none", .label = label_text,                                          \
    .help = "What its size adds to the loss, through *Total loss*: l1(s) is s · Σ|w|, l2(s) is s · Σw² / 2, " \
            "l1_l2(s1, s2) both (elastic net); none adds nothing." }

/* The variable “<node>/<name>”, begun and penalised as the layer's attributes
 * “<part>_initializer” and, where it has one, “<part>_regularizer” say, and trained as its
 * `trainable` does. Returns the read. */
GwOutput gw_layer_weights (GwExpandContext *context, const char *name, const char *part, GwDType dtype, const GwShape *shape);

/* The penalty that `text` puts on `weights`: a scalar of its type. GW_NO_OUTPUT for none, and
 * after an error: INVALID_ARGUMENT when it is no regularizer. Formulas:
 * tf.contrib.layers.l1_regularizer(), l2_regularizer(), l1_l2_regularizer(). */
GwOutput gw_regularizer_build (GwBuilder *builder, const char *text, GwOutput weights);

G_END_DECLS
