/* SPDX-License-Identifier: Apache-2.0 */
/* What the random ops share: seeds, the stream that a node keeps, and attributes and
 * ports that recur. */
#pragma once

#include "engine/base/random.h"
#include "engine/ops/array-common.h"

G_BEGIN_DECLS

/* In the node's state (GwOpDef.state_size): each run continues the stream. */
typedef struct {
  GwPhilox philox;
  gboolean is_started;
} GwRandomState;

/* TensorFlow sets this many blocks of four words aside for each element. */
#define GW_RANDOM_BLOCKS_PER_ELEMENT 256

/* The first two attributes of every op with a stream. */
#define GW_RANDOM_SEEDS                                                                                    \
  { "seed", GW_ATTR_SEED, .def = "0", .label = "Seed",                                                     \
    .help = "Equal seeds give equal numbers; 0 for both seeds = drawn when the run starts." },             \
  { "seed2", GW_ATTR_SEED, .def = "0", .label = "Second seed",                                             \
    .help = "Tells ops of one graph seed apart.", .flags = GW_ATTR_HIDDEN }
enum { GW_RANDOM_SEED, GW_RANDOM_SEED2, GW_RANDOM_N_SEEDS };

/* The attribute of a “shape” input's type. */
#define GW_RANDOM_SHAPE_TYPE(name)                                                                         \
  { name, GW_ATTR_DTYPE, .def = "int32", .choices = GW_INDEX_TYPES, .label = "Index type",                 \
    .help = "Type of the sizes; follows from what is wired.", .flags = GW_ATTR_HIDDEN }

#define GW_RANDOM_FLAGS (GW_OP_STATEFUL | GW_OP_RANDOM | GW_OP_STOPS_GRADIENT)

/* The node's stream as it stands, begun from the seeds at the first run; to be moved
 * on by gw_philox_skip(). The op's state_size is sizeof (GwRandomState), or its state
 * begins with one. */
GwPhilox *gw_random_stream (GwKernelContext *context);

/* Shape of what is drawn: input `shape` as sizes, then the dimensions of input
 * `parameter` (< 0: none). */
gboolean gw_random_shape (GwShapeContext *context, int shape, int parameter, GError **error);

/* Stateless ops: their seeds must be two, at input `input`. */
gboolean gw_random_check_seed (GwShapeContext *context, int input, GError **error);
void gw_random_init_stateless (GwPhilox *philox, const GwTensor *seeds);

G_END_DECLS
