/* SPDX-License-Identifier: Apache-2.0 */
/* The examples of op definitions as tensors and graphs, for the tests that run over
 * the whole registry. An input at a reference port or of type resource is the value of a
 * variable; the output of an op that takes a handle and gives nothing is the variable's
 * value afterwards. */
#pragma once

#include "engine/graph/builder.h"
#include "engine/runtime/session.h"

G_BEGIN_DECLS

#define EXAMPLE_MAX 32

typedef struct {
  const GwOpDef     *def;
  const GwOpExample *example;
  GArray            *settings;              /* of GwAttrSetting, values owned */
  int                n_inputs, n_outputs;
  GwTensor          *inputs[EXAMPLE_MAX];
  const GwPortDef   *ports[EXAMPLE_MAX];    /* per input */
  GwTensor          *outputs[EXAMPLE_MAX];  /* wanted; none when it only runs */
  const GwPortDef   *out_ports[EXAMPLE_MAX];/* per output; the handle's where that is wanted */
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

static inline const GwOpExample *
example_next (const GwOpExample *example)
{
  return example != NULL && (example->inputs != NULL || example->outputs != NULL) ? example : NULL;
}

#define FOR_EACH_EXAMPLE(def, e) \
  for (const GwOpExample *e = example_next ((def)->examples); e != NULL; e = example_next (e + 1))

/* Types by the ports: what the attributes say, else what the text is, else the first
 * choice. `prefer` replaces float32 where the op has that type and the example does not
 * insist (GW_DTYPE_INVALID = nothing). “int64 [0,2] []” is an empty tensor of a shape that
 * brackets alone cannot say. Stops the test on a text that cannot be read. */
Example *example_new (const GwOpDef *def, const GwOpExample *example, GwDType prefer);
void example_free (Example *example);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Example, example_free)

/* Another value of an attribute; it is copied. */
void example_set_attr (Example *example, const char *name, const GwAttrValue *value);
/* Takes the tensor in the place of an input. */
void example_set_input (Example *example, int input, GwTensor *tensor);
/* The same example with attribute `attr`, of type DTYPE, being `dtype`: what has that
 * type is converted. NULL when a value cannot be (text to number). */
Example *example_cast (const Example *example, const char *attr, GwDType dtype);
/* The type attribute that a port follows, or NULL. A handle's is that of its variable. */
const char *example_type_attr (const GwOpDef *def, const GwPortDef *port);

static inline gboolean
example_is_handle (const GwPortDef *port)
{
  return g_str_equal (port->type, "resource");
}

/* Whether input `input` stands for a variable. */
static inline gboolean
example_is_variable (const Example *example, int input)
{
  return example->ports[input]->is_ref || example_is_handle (example->ports[input]);
}

/* A graph with the example's inputs and the op. */
typedef struct {
  GwGraph  *graph;
  GwBuilder builder;
  GwOutput  inputs[EXAMPLE_MAX];
  GwNode   *node;
  int       n_feeds;
  GwFeed    feeds[EXAMPLE_MAX];
  int       n_fetches;               /* the outputs, or the handle when there are none */
  GwOutput  fetches[EXAMPLE_MAX];
  GPtrArray *init;                   /* nodes that give variables their values */
} Stage;

/* Builds; stage->node is NULL when the op was refused, with the error in the builder. */
void stage_init (Stage *stage, const Example *example, ExampleWay way);
/* The same with a placeholder of shapes[i] for input i, a constant where `is_constant`
 * says so (NULL = nowhere). */
void stage_init_shapes (Stage *stage, const Example *example, const GwShape *shapes, const gboolean *is_constant);
void stage_clear (Stage *stage);
/* Runs what `init` holds, then fetches stage->fetches. */
gboolean stage_run (Stage *stage, GwSession *session, GwTensor **results, GError **error);
/* Fetches any outputs of the stage. */
gboolean stage_fetch (Stage *stage, GwSession *session, int n, const GwOutput *fetches, GwTensor **results, GError **error);
/* Unrefs all and sets them to NULL. */
void stage_drop_results (const Stage *stage, GwTensor **results);

/* Whether running it with any input is harmless: nothing that writes or reads files. */
gboolean example_is_harmless (const GwOpDef *def);

G_END_DECLS
