/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers, the same as TensorFlow's for the same seeds. A kernel keeps its
 * generator in the node's state: each run continues the stream
 * (core/kernels/random_op.cc, core/util/guarded_philox_random.cc). */
#include "engine/base/random.h"

#include "engine/base/error.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

/* All of these ops begin their attributes with these. */
enum { RANDOM_SEED, RANDOM_SEED2, RANDOM_DTYPE };

typedef struct {
  GwPhilox philox;
  gboolean is_started;
} RandomState;

/* TensorFlow sets this many blocks aside for each element, whatever it draws. */
#define BLOCKS_PER_ELEMENT 256
/* Elements are drawn by groups that use whole blocks. */
#define GROUP 4
#define GRAIN_GROUPS 4096

static gboolean
random_shape (GwShapeContext *context,
              GError        **error)
{
  return gw_array_input_shape (context, 0, &context->outputs[0], error) &&
         gw_array_check_size (&context->outputs[0], error);
}

static RandomState *
start_stream (GwKernelContext *context)
{
  RandomState *state = context->state;
  uint64_t seed = (uint64_t) context->attrs[RANDOM_SEED].i;
  uint64_t seed2 = (uint64_t) context->attrs[RANDOM_SEED2].i;

  if (state->is_started)
    return state;
  if (seed == 0 && seed2 == 0)
    {
      seed = gw_random_seed ();
      seed2 = gw_random_seed ();
    }
  gw_philox_init (&state->philox, seed, seed2);
  state->is_started = TRUE;
  return state;
}

typedef struct {
  const GwPhilox *philox;
  GwTensor       *output;
  int64_t         low;      /* integers: low … low + span - 1 */
  uint64_t        span;
  void          (*draw) (const GwPhilox *philox, int64_t begin, int64_t end, void *out);
} Draw;

static void
draw_groups (void   *data,
             int64_t begin,
             int64_t end)
{
  const Draw *draw = data;
  int64_t first = begin * GROUP;
  int64_t last = MIN (end * GROUP, draw->output->elements);

  draw->draw (draw->philox, first, last,
              (char *) draw->output->data + (size_t) first * gw_dtype_size (draw->output->dtype));
}

/* Fills the output from the stream as it stands and moves the stream on. */
static void
run_draw (GwKernelContext *context,
          Draw            *draw,
          GwRangeFunc      func)
{
  RandomState *state = start_stream (context);

  draw->philox = &state->philox;
  draw->output = context->outputs[0];
  gw_kernel_parallel (context, (draw->output->elements + GROUP - 1) / GROUP, GRAIN_GROUPS, func, draw);
  gw_philox_skip (&state->philox, (uint64_t) draw->output->elements * BLOCKS_PER_ELEMENT);
}

#define DEFINE_DRAW(name)                                                                       \
  static void                                                                                   \
  draw_##name##_float (const GwPhilox *philox, int64_t begin, int64_t end, void *out)           \
  {                                                                                             \
    gw_philox_##name##_float (philox, begin, end, out);                                         \
  }                                                                                             \
  static void                                                                                   \
  draw_##name##_double (const GwPhilox *philox, int64_t begin, int64_t end, void *out)          \
  {                                                                                             \
    gw_philox_##name##_double (philox, begin, end, out);                                        \
  }

DEFINE_DRAW (uniform)
DEFINE_DRAW (normal)
DEFINE_DRAW (truncated_normal)

static const GwOpDef random_uniform_op;
static const GwOpDef random_normal_op;
static const GwOpDef truncated_normal_op;
static const GwOpDef random_uniform_int_op;

#define DEFINE_KERNEL(name, op)                                                                 \
  static gboolean                                                                               \
  name##_cpu (GwKernelContext *context, GError **error)                                         \
  {                                                                                             \
    Draw draw = { 0 };                                                                          \
                                                                                                \
    if (!gw_array_prepare (context, &op, error))                                                \
      return FALSE;                                                                             \
    draw.draw = context->outputs[0]->dtype == GW_FLOAT32 ? draw_##name##_float : draw_##name##_double; \
    run_draw (context, &draw, draw_groups);                                                     \
    return TRUE;                                                                                \
  }

DEFINE_KERNEL (uniform, random_uniform_op)
DEFINE_KERNEL (normal, random_normal_op)
DEFINE_KERNEL (truncated_normal, truncated_normal_op)

/* ---- integers ---- */

static gboolean
random_int_shape (GwShapeContext *context,
                  GError        **error)
{
  const GwTensor *low = gw_shape_input_value (context, 1);
  const GwTensor *high = gw_shape_input_value (context, 2);

  if (!gw_array_want_scalar (context, 1, error) || !gw_array_want_scalar (context, 2, error) ||
      !random_shape (context, error))
    return FALSE;
  if (low != NULL && high != NULL && gw_tensor_get_int (low, 0) >= gw_tensor_get_int (high, 0))
    return gw_invalid (error, "Need minval < maxval, got %" G_GINT64_FORMAT " >= %" G_GINT64_FORMAT,
                       gw_tensor_get_int (low, 0), gw_tensor_get_int (high, 0));
  return TRUE;
}

static void
draw_int_groups (void   *data,
                 int64_t begin,
                 int64_t end)
{
  const Draw *draw = data;
  gboolean is_long = draw->output->dtype == GW_INT64;
  int64_t first = begin * GROUP;
  int64_t last = MIN (end * GROUP, draw->output->elements);
  GwPhilox philox = *draw->philox;
  uint32_t words[4];

  gw_philox_skip (&philox, (uint64_t) (is_long ? 2 * begin : begin));
  for (int64_t i = first; i < last; i++)
    {
      if (i % (is_long ? 2 : 4) == 0)
        gw_philox_next (&philox, words);
      if (is_long)
        GW_TENSOR_DATA (draw->output, uint64_t)[i] = (uint64_t) draw->low +
          ((uint64_t) words[i % 2 * 2 + 1] << 32 | words[i % 2 * 2]) % draw->span;
      else
        GW_TENSOR_DATA (draw->output, uint32_t)[i] = (uint32_t) draw->low + words[i % 4] % (uint32_t) draw->span;
    }
}

static gboolean
uniform_int_cpu (GwKernelContext *context,
                 GError         **error)
{
  Draw draw = { 0 };

  if (!gw_array_prepare (context, &random_uniform_int_op, error))
    return FALSE;
  draw.low = gw_tensor_get_int (context->inputs[1], 0);
  draw.span = (uint64_t) gw_tensor_get_int (context->inputs[2], 0) - (uint64_t) draw.low;
  run_draw (context, &draw, draw_int_groups);
  return TRUE;
}

/* ---- descriptions ---- */

#define SEEDS                                                                                              \
  [RANDOM_SEED] = { "seed", GW_ATTR_SEED, .def = "0", .label = "Seed",                                     \
                    .help = "Equal seeds give equal numbers; 0 for both seeds = drawn when the run starts." }, \
  [RANDOM_SEED2] = { "seed2", GW_ATTR_SEED, .def = "0", .label = "Second seed",                            \
                     .help = "Tells ops of one graph seed apart.", .flags = GW_ATTR_HIDDEN }
#define SHAPE_PORT { "shape", "T", "The sizes.", .literal = "[1]" }
#define FLOAT_ATTRS                                                                                        \
  GW_ATTRS (SEEDS,                                                                                         \
            [RANDOM_DTYPE] = { "dtype", GW_ATTR_DTYPE, .def = "float32", .choices = GW_FLOAT_TYPES,        \
                               .label = "Type", .help = "Element type." },                                 \
            { "T", GW_ATTR_DTYPE, .def = "int32", .choices = GW_INDEX_TYPES, .label = "Index type",        \
              .help = "Type of the sizes; follows from what is wired.", .flags = GW_ATTR_HIDDEN })
#define RANDOM_FLAGS (GW_OP_STATEFUL | GW_OP_RANDOM | GW_OP_STOPS_GRADIENT)

static const char stream_doc[] =
  "Each run continues the stream; a new run of training begins it anew. With the same seeds the numbers are "
  "TensorFlow's own, on any number of threads.";

static const GwOpDef random_uniform_op = {
  .name = "RandomUniform", .since = 1, .title = "Uniform random", .category = "random/Drawing",
  .summary = "Random numbers, all of [0, 1) equally likely.", .doc = stream_doc,
  .inputs = GW_PORTS (SHAPE_PORT),
  .outputs = GW_PORTS ({ "output", "dtype", "At least 0, below 1." }),
  .attrs = FLOAT_ATTRS, .flags = RANDOM_FLAGS, .state_size = sizeof (RandomState),
  .shape = random_shape, .cpu = uniform_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[2, 3]"), "seed=1", NULL }),
  .tell = GW_TEXTS ("seed"),
};

static const GwOpDef random_normal_op = {
  .name = "RandomStandardNormal", .since = 1, .title = "Normal random", .category = "random/Drawing",
  .summary = "Random numbers of mean 0 and standard deviation 1, normally distributed.", .doc = stream_doc,
  .inputs = GW_PORTS (SHAPE_PORT),
  .outputs = GW_PORTS ({ "output", "dtype", "Normal numbers." }),
  .attrs = FLOAT_ATTRS, .flags = RANDOM_FLAGS, .state_size = sizeof (RandomState),
  .shape = random_shape, .cpu = normal_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[2, 3]"), "seed=1", NULL }),
  .tell = GW_TEXTS ("seed"),
};

static const GwOpDef truncated_normal_op = {
  .name = "TruncatedNormal", .since = 1, .title = "Truncated normal random", .category = "random/Drawing",
  .summary = "Normal random numbers, those beyond two standard deviations drawn again.",
  .doc = "The usual first weights of a network: no single one is extreme.",
  .inputs = GW_PORTS (SHAPE_PORT),
  .outputs = GW_PORTS ({ "output", "dtype", "Between -2 and 2." }),
  .attrs = FLOAT_ATTRS, .flags = RANDOM_FLAGS, .state_size = sizeof (RandomState),
  .shape = random_shape, .cpu = truncated_normal_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[2, 3]"), "seed=1", NULL }),
  .tell = GW_TEXTS ("seed"),
};

static const GwOpDef random_uniform_int_op = {
  .name = "RandomUniformInt", .since = 1, .title = "Random integers", .category = "random/Drawing",
  .summary = "Random integers from minval up to, but without, maxval.",
  .doc = "Small numbers are very slightly likelier when the range is no power of two, as in TensorFlow.",
  .inputs = GW_PORTS (SHAPE_PORT,
                      { "minval", "Tout", "The least.", .literal = "0" },
                      { "maxval", "Tout", "Not reached.", .literal = "10" }),
  .outputs = GW_PORTS ({ "output", "Tout", "Integers in [minval, maxval)." }),
  .attrs = GW_ATTRS (SEEDS,
                     { "Tout", GW_ATTR_DTYPE, .choices = GW_INDEX_TYPES, .label = "Type",
                       .help = "Element type; follows from the bounds.", .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN },
                     { "T", GW_ATTR_DTYPE, .choices = GW_INDEX_TYPES, .label = "Index type",
                       .help = "Type of the sizes; follows from what is wired.",
                       .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }),
  .flags = RANDOM_FLAGS, .state_size = sizeof (RandomState),
  .shape = random_int_shape, .cpu = uniform_int_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[2, 3]", "0", "10"), "seed=1", NULL }),
  .tell = GW_TEXTS ("seed"),
};

const GwOpDef *const gw_ops_random[] = {
  &random_uniform_op, &random_normal_op, &truncated_normal_op, &random_uniform_int_op, NULL,
};
