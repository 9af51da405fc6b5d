/* SPDX-License-Identifier: Apache-2.0 */
/* The examples of op definitions as tensors and graphs, for the tests that run over
 * the whole registry. */
#pragma once

#include "engine/graph/builder.h"
#include "engine/runtime/session.h"

G_BEGIN_DECLS

#define EXAMPLE_MAX 32

typedef struct {
  const GwOpDef     *def;
  const GwOpExample *example;
  int                n_inputs, n_outputs;
  GwTensor          *inputs[EXAMPLE_MAX];
  GwTensor          *outputs[EXAMPLE_MAX];  /* wanted; none when it only runs */
  gboolean           is_ref[EXAMPLE_MAX];   /* per input */
} Example;

/* How the inputs come into the graph. */
typedef enum {
  EXAMPLE_CONSTANT,   /* folded by the plan where it can be */
  EXAMPLE_FED,        /* placeholders of known shape */
  EXAMPLE_OPEN,       /* placeholders of known rank, no size known */
  EXAMPLE_RANKLESS,   /* placeholders of which nothing is known */
  EXAMPLE_N_WAYS
} ExampleWay;

extern const char *const example_way_names[EXAMPLE_N_WAYS];

/* Types by the ports: what the attributes say, else what the text is, else the first
 * choice. `prefer` replaces float32 where the op has that type and the example does not
 * insist (GW_DTYPE_INVALID = nothing). Stops the test on a text that cannot be read. */
Example *example_new (const GwOpDef *def, const GwOpExample *example, GwDType prefer);
void example_free (Example *example);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Example, example_free)

/* A graph with the example's inputs and the op. */
typedef struct {
  GwGraph  *graph;
  GwBuilder builder;
  GwOutput  inputs[EXAMPLE_MAX];
  GwNode   *node;
  int       n_feeds;
  GwFeed    feeds[EXAMPLE_MAX];
  GPtrArray *init;             /* nodes that give variables their values */
} Stage;

/* Builds; stage->node is NULL when the op was refused, with the error in the builder. */
void stage_init (Stage *stage, const Example *example, ExampleWay way);
void stage_clear (Stage *stage);
/* Runs what `init` holds, then fetches all outputs. */
gboolean stage_run (Stage *stage, GwSession *session, GwTensor **results, GError **error);
/* Fetches any outputs of the stage. */
gboolean stage_fetch (Stage *stage, GwSession *session, int n, const GwOutput *fetches, GwTensor **results, GError **error);

/* Whether running it with any input is harmless: nothing that writes or reads files. */
gboolean example_is_harmless (const GwOpDef *def);

G_END_DECLS
