/* SPDX-License-Identifier: Apache-2.0 */
/* Documents written by a program, for cases that train: a node a line. */
#pragma once

#include "engine/document/lower.h"
#include "tests/golden/golden.h"

G_BEGIN_DECLS

typedef struct {
  GString *nodes;  /* JSON, with commas between */
  int      last;   /* id of the last node, 0 = none yet */
} GoldenSketch;

/* A node, called after its op and id; returns its id. `attrs` and `inputs` are JSON without
 * the outer braces ("\"axis\": 1"), the latter a format. Free `attrs` yourself; may be NULL. */
int golden_sketch_add (GoldenSketch *sketch, const char *op, const char *attrs, const char *inputs, ...) G_GNUC_PRINTF (4, 5);
/* A constant from a golden tensor. */
int golden_sketch_const (GoldenSketch *sketch, const cJSON *tensor);
/* A trainable variable of the type and shape of a golden tensor, zero at first: a reference
 * or a handle. */
int golden_sketch_variable (GoldenSketch *sketch, const cJSON *tensor, gboolean by_handle);
/* Minimize of a scalar with an optimizer's settings as TensorFlow's constructor names
 * them. 0 when there is no such optimizer. */
int golden_sketch_minimize (GoldenSketch *sketch, int loss, const char *optimizer, const cJSON *params);
/* Ready to train; the sketch is spent. NULL with the first problem. */
GwLowered *golden_sketch_lower (GoldenSketch *sketch, GError **error);
void golden_sketch_clear (GoldenSketch *sketch);

/* The graph's output for a node of the sketch. */
GwOutput golden_sketch_output (const GwLowered *lowered, int id);
/* Runs all initializers. */
gboolean golden_sketch_initialize (GwSession *session, const GwLowered *lowered, GError **error);
/* What a variable holds, and giving it other values. */
GwTensor *golden_sketch_value (GwSession *session, const GwLowered *lowered, int variable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean golden_sketch_set (GwSession *session, const GwLowered *lowered, int variable, const cJSON *tensor, GError **error);

G_END_DECLS
