/* SPDX-License-Identifier: Apache-2.0 */
/* Sub-graphs for tests, built by hand: begin, add nodes to `b` from `args`, and end. */
#pragma once

#include "engine/graph/function.h"

typedef struct {
  GwGraph  *graph;
  GwBuilder b;
  GwOutput  args[8];
  int       n;
} Body;

/* With `n` inputs x0, x1, … of these types. */
void body_init (Body *body, int n, const GwDType *dtypes);
/* Its name in `graph`; stops the test on an error. The body is gone. */
const char *body_add_to (Body *body, GwGraph *graph, const char *name, int n, const GwOutput *outputs);

#define FLOATS(n) (n), (const GwDType[]) { GW_FLOAT32, GW_FLOAT32, GW_FLOAT32, GW_FLOAT32 }
#define INT_AND_FLOATS(n) (n), (const GwDType[]) { GW_INT32, GW_FLOAT32, GW_FLOAT32, GW_FLOAT32 }

/* A constant. */
GwOutput number (GwBuilder *b, GwDType dtype, double value);
