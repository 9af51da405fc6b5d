/* SPDX-License-Identifier: Apache-2.0 */
/* Uniform and normal numbers and integers, the same as TensorFlow's for the same
 * seeds. A kernel keeps its generator in the node's state: each run continues the
 * stream (core/kernels/random_op.cc, core/util/guarded_philox_random.cc). The
 * stateless ones take their seeds as a tensor and give the same each time
 * (core/kernels/stateless_random_ops.cc). */
#include "engine/ops/random-common.h"

#include "engine/base/error.h"
#include "engine/base/half.h"
#include "engine/ops/families.h"

/* Elements are drawn by groups that use whole blocks. */
#define GROUP 4
#define GRAIN_GROUPS 2048
/* Elements of 16 bits are made of that many wider ones at a time. */
#define TILE 256

/* ---- shared with the other random families ---- */

GwPhilox *
gw_random_stream (GwKernelContext *context)
{
  GwRandomState *state = context->state;
  uint64_t seed = (uint64_t) context->attrs[GW_RANDOM_SEED].i;
  uint64_t seed2 = (uint64_t) context->attrs[GW_RANDOM_SEED2].i;

  if (state->is_started)
    return &state->philox;
  if (seed == 0 && seed2 == 0)
    {
      seed = gw_random_seed ();
      seed2 = gw_random_seed ();
    }
  gw_philox_init (&state->philox, seed, seed2);
  state->is_started = TRUE;
  return &state->philox;
}

gboolean
gw_random_shape (GwShapeContext *context,
                 int             shape,
                 int             parameter,
                 GError        **error)
{
  GwShape *out = &context->outputs[0];
  const GwShape *tail = parameter >= 0 ? &context->inputs[parameter] : &GW_SHAPE_SCALAR;

  if (!gw_array_input_shape (context, shape, out, error))
    return FALSE;
  if (out->rank < 0 || tail->rank < 0)
    {
      *out = GW_SHAPE_UNKNOWN;
      return TRUE;
    }
  if (out->rank + tail->rank > GW_MAX_RANK)
    return gw_invalid (error, "the result has more than %d dimensions: %d of shape and %d of %s", GW_MAX_RANK, out->rank,
                       tail->rank, gw_shape_input_name (context, MAX (parameter, 0)));
  for (int i = 0; i < tail->rank; i++)
    out->dims[out->rank++] = tail->dims[i];
  return gw_array_check_size (out, error);
}

gboolean
gw_random_check_seed (GwShapeContext *context,
                      int             input,
                      GError        **error)
{
  GwShape shape;
  g_autofree char *text = NULL;

  if (!gw_shape_want_rank (context, input, 1, &shape, error))
    return FALSE;
  if (shape.dims[0] == 2 || shape.dims[0] < 0)
    return TRUE;
  text = gw_shape_to_string (&shape);
  return gw_invalid (error, "seed must have shape [2], not %s", text);
}

void
gw_random_init_stateless (GwPhilox       *philox,
                          const GwTensor *seeds)
{
  gw_philox_init_stateless (philox, (uint64_t) gw_tensor_get_int (seeds, 0), (uint64_t) gw_tensor_get_int (seeds, 1));
}

/* ---- floats ---- */

typedef enum {
  UNIFORM,
  NORMAL,
  TRUNCATED_NORMAL,
} Distribution;

typedef struct {
  GwPhilox     philox;
  GwTensor    *output;
  Distribution distribution;
  int64_t      low;      /* integers: low … low + span - 1 */
  uint64_t     span;
} Draw;

static gboolean
draw_shape (GwShapeContext *context,
            GError        **error)
{
  return gw_random_shape (context, 0, -1, error);
}

static void
draw_floats (const Draw *draw,
             int64_t     begin,
             int64_t     end,
             float      *out)
{
  if (draw->distribution == UNIFORM)
    gw_philox_uniform_float (&draw->philox, begin, end, out);
  else if (draw->distribution == NORMAL)
    gw_philox_normal_float (&draw->philox, begin, end, out);
  else
    gw_philox_truncated_normal_float (&draw->philox, begin, end, out);
}

static void
draw_doubles (const Draw *draw,
              int64_t     begin,
              int64_t     end,
              double     *out)
{
  if (draw->distribution == UNIFORM)
    gw_philox_uniform_double (&draw->philox, begin, end, out);
  else if (draw->distribution == NORMAL)
    gw_philox_normal_double (&draw->philox, begin, end, out);
  else
    gw_philox_truncated_normal_double (&draw->philox, begin, end, out);
}

/* Normal numbers are rounded, uniform ones take the low bits of their word: 10 or 7. */
static void
draw_halves (const Draw *draw,
             int64_t     begin,
             int64_t     end,
             uint16_t   *out)
{
  gboolean brain = draw->output->dtype == GW_BFLOAT16;
  uint32_t steps = brain ? 1u << 7 : 1u << 10;

  for (; begin < end; begin += TILE, out += TILE)
    {
      int n = (int) MIN (TILE, end - begin);
      uint32_t words[TILE];
      float values[TILE];

      if (draw->distribution == UNIFORM)
        {
          gw_philox_words (&draw->philox, begin, begin + n, words);
          for (int i = 0; i < n; i++)
            values[i] = (float) (words[i] % steps) / (float) steps;
        }
      else
        draw_floats (draw, begin, begin + n, values);
      for (int i = 0; i < n; i++)
        out[i] = brain ? gw_float_to_bfloat (values[i]) : gw_float_to_half (values[i]);
    }
}

static void
draw_groups (void   *data,
             int64_t begin,
             int64_t end)
{
  const Draw *draw = data;
  int64_t first = begin * GROUP;
  int64_t last = MIN (end * GROUP, draw->output->elements);

  if (draw->output->dtype == GW_FLOAT32)
    draw_floats (draw, first, last, GW_TENSOR_DATA (draw->output, float) + first);
  else if (draw->output->dtype == GW_FLOAT64)
    draw_doubles (draw, first, last, GW_TENSOR_DATA (draw->output, double) + first);
  else
    draw_halves (draw, first, last, GW_TENSOR_DATA (draw->output, uint16_t) + first);
}

/* ---- integers ---- */

static void
draw_int_groups (void   *data,
                 int64_t begin,
                 int64_t end)
{
  const Draw *draw = data;
  gboolean is_long = draw->output->dtype == GW_INT64;
  int64_t first = begin * GROUP;
  int64_t last = MIN (end * GROUP, draw->output->elements);
  GwPhilox philox = draw->philox;
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
check_range (const GwTensor *low,
             const GwTensor *high,
             GError        **error)
{
  if (low == NULL || high == NULL || gw_tensor_get_int (low, 0) < gw_tensor_get_int (high, 0))
    return TRUE;
  return gw_invalid (error, "Need minval < maxval, got %" G_GINT64_FORMAT " >= %" G_GINT64_FORMAT,
                     gw_tensor_get_int (low, 0), gw_tensor_get_int (high, 0));
}

/* minval and maxval are inputs `bounds` and the one after it. */
static gboolean
check_bounds (GwShapeContext *context,
              int             bounds,
              GError        **error)
{
  return gw_array_want_scalar (context, bounds, error) && gw_array_want_scalar (context, bounds + 1, error) &&
         check_range (gw_shape_input_value (context, bounds), gw_shape_input_value (context, bounds + 1), error);
}

static gboolean
draw_int_shape (GwShapeContext *context,
                GError        **error)
{
  return draw_shape (context, error) && check_bounds (context, 1, error);
}

/* ---- kernels ---- */

/* Fills the output from draw->philox. `bounds` is the input of minval, 0 = floats. */
static void
run_draw (GwKernelContext *context,
          Draw            *draw,
          int              bounds)
{
  draw->output = context->outputs[0];
  if (bounds > 0)
    {
      draw->low = gw_tensor_get_int (context->inputs[bounds], 0);
      draw->span = (uint64_t) gw_tensor_get_int (context->inputs[bounds + 1], 0) - (uint64_t) draw->low;
    }
  gw_kernel_parallel (context, (draw->output->elements + GROUP - 1) / GROUP, GRAIN_GROUPS,
                      bounds > 0 ? draw_int_groups : draw_groups, draw);
}

/* The kernel `NAME_cpu` of an op with a stream. */
#define STREAM_KERNEL(NAME, DISTRIBUTION, BOUNDS)                                                        \
  static const GwOpDef NAME##_op;                                                                        \
  static gboolean                                                                                        \
  NAME##_cpu (GwKernelContext *context, GError **error)                                                  \
  {                                                                                                      \
    return run_from_stream (context, &NAME##_op, DISTRIBUTION, BOUNDS, error);                           \
  }
/* The same for seeds that are input 1. */
#define STATELESS_KERNEL(NAME, DISTRIBUTION, BOUNDS)                                                     \
  static const GwOpDef NAME##_op;                                                                        \
  static gboolean                                                                                        \
  NAME##_cpu (GwKernelContext *context, GError **error)                                                  \
  {                                                                                                      \
    return run_from_seeds (context, &NAME##_op, DISTRIBUTION, BOUNDS, error);                            \
  }

static gboolean
run_from_stream (GwKernelContext *context,
                 const GwOpDef   *def,
                 Distribution     distribution,
                 int              bounds,
                 GError         **error)
{
  Draw draw = { .distribution = distribution };
  GwPhilox *stream;

  if (!gw_array_prepare (context, def, error))
    return FALSE;
  stream = gw_random_stream (context);
  draw.philox = *stream;
  run_draw (context, &draw, bounds);
  gw_philox_skip (stream, (uint64_t) draw.output->elements * GW_RANDOM_BLOCKS_PER_ELEMENT);
  return TRUE;
}

static gboolean
run_from_seeds (GwKernelContext *context,
                const GwOpDef   *def,
                Distribution     distribution,
                int              bounds,
                GError         **error)
{
  Draw draw = { .distribution = distribution };

  if (!gw_array_prepare (context, def, error))
    return FALSE;
  gw_random_init_stateless (&draw.philox, context->inputs[1]);
  run_draw (context, &draw, bounds);
  return TRUE;
}

STREAM_KERNEL (random_uniform, UNIFORM, 0)
STREAM_KERNEL (random_normal, NORMAL, 0)
STREAM_KERNEL (truncated_normal, TRUNCATED_NORMAL, 0)
STREAM_KERNEL (random_uniform_int, UNIFORM, 1)
STATELESS_KERNEL (stateless_uniform, UNIFORM, 0)
STATELESS_KERNEL (stateless_normal, NORMAL, 0)
STATELESS_KERNEL (stateless_truncated_normal, TRUNCATED_NORMAL, 0)
STATELESS_KERNEL (stateless_uniform_int, UNIFORM, 2)

static gboolean
stateless_shape (GwShapeContext *context,
                 GError        **error)
{
  return draw_shape (context, error) && gw_random_check_seed (context, 1, error);
}

static gboolean
stateless_int_shape (GwShapeContext *context,
                     GError        **error)
{
  return stateless_shape (context, error) && check_bounds (context, 2, error);
}

/* ---- descriptions ---- */

#define SHAPE_PORT { "shape", "T", "The sizes.", .literal = "[1]" }
#define SEED_PORT { "seed", "Tseed", "Two integers.", .literal = "[1, 2]" }
#define ANY_FLOAT GW_CHOICES ("float32", "float64", "float16", "bfloat16")
#define FLOAT_TYPE { "dtype", GW_ATTR_DTYPE, .def = "float32", .choices = ANY_FLOAT, .label = "Type", .help = "Element type." }
#define SEED_TYPE                                                                                          \
  { "Tseed", GW_ATTR_DTYPE, .def = "int64", .choices = GW_INDEX_TYPES, .label = "Seed type",               \
    .help = "Type of the seeds; follows from what is wired.", .flags = GW_ATTR_HIDDEN }
#define INT_TYPE(name)                                                                                     \
  { name, GW_ATTR_DTYPE, .choices = GW_INDEX_TYPES, .label = "Type",                                       \
    .help = "Element type; follows from the bounds.", .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }
#define FLOAT_ATTRS GW_ATTRS (GW_RANDOM_SEEDS, FLOAT_TYPE, GW_RANDOM_SHAPE_TYPE ("T"))

static const char stream_doc[] =
  "Each run continues the stream; a new run of training begins it anew. With the same seeds the numbers are "
  "TensorFlow's own, on any number of threads.";

static const GwOpDef random_uniform_op = {
  .name = "RandomUniform", .since = 1, .title = "Uniform random", .category = "random/Drawing",
  .summary = "Random numbers, all of [0, 1) equally likely.", .doc = stream_doc,
  .inputs = GW_PORTS (SHAPE_PORT),
  .outputs = GW_PORTS ({ "output", "dtype", "At least 0, below 1." }),
  .attrs = FLOAT_ATTRS, .flags = GW_RANDOM_FLAGS, .state_size = sizeof (GwRandomState),
  .shape_rule = "what `shape` says",
  .shape = draw_shape, .cpu = random_uniform_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[2, 3]"), "seed=1", NULL }),
  .tell = GW_TEXTS ("seed"),
};

static const GwOpDef random_normal_op = {
  .name = "RandomStandardNormal", .since = 1, .title = "Normal random", .category = "random/Drawing",
  .summary = "Random numbers of mean 0 and standard deviation 1, normally distributed.", .doc = stream_doc,
  .inputs = GW_PORTS (SHAPE_PORT),
  .outputs = GW_PORTS ({ "output", "dtype", "Normal numbers." }),
  .attrs = FLOAT_ATTRS, .flags = GW_RANDOM_FLAGS, .state_size = sizeof (GwRandomState),
  .shape_rule = "what `shape` says",
  .shape = draw_shape, .cpu = random_normal_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[2, 3]"), "seed=1", NULL }),
  .tell = GW_TEXTS ("seed"),
};

static const GwOpDef truncated_normal_op = {
  .name = "TruncatedNormal", .since = 1, .title = "Truncated normal random", .category = "random/Drawing",
  .summary = "Normal random numbers, those beyond two standard deviations drawn again.",
  .doc = "The usual first weights of a network: no single one is extreme.",
  .inputs = GW_PORTS (SHAPE_PORT),
  .outputs = GW_PORTS ({ "output", "dtype", "Between -2 and 2." }),
  .attrs = FLOAT_ATTRS, .flags = GW_RANDOM_FLAGS, .state_size = sizeof (GwRandomState),
  .shape_rule = "what `shape` says",
  .shape = draw_shape, .cpu = truncated_normal_cpu,
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
  .attrs = GW_ATTRS (GW_RANDOM_SEEDS, INT_TYPE ("Tout"), GW_RANDOM_SHAPE_TYPE ("T")),
  .flags = GW_RANDOM_FLAGS, .state_size = sizeof (GwRandomState),
  .shape_rule = "what `shape` says",
  .shape = draw_int_shape, .cpu = random_uniform_int_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[2, 3]", "0", "10"), "seed=1", NULL }),
  .tell = GW_TEXTS ("seed"),
};

/* One descriptor of a stateless op of floats. */
#define STATELESS_OP(NAME, TYPE, TITLE, SUMMARY, OUT_HELP)                                                 \
  static const GwOpDef NAME##_op = {                                                                       \
    .name = TYPE, .since = 1, .title = TITLE, .category = "random/Drawing", .summary = SUMMARY,            \
    .doc = stateless_doc,                                                                                  \
    .inputs = GW_PORTS (SHAPE_PORT, SEED_PORT),                                                            \
    .outputs = GW_PORTS ({ "output", "dtype", OUT_HELP }),                                                 \
    .attrs = GW_ATTRS (FLOAT_TYPE, GW_RANDOM_SHAPE_TYPE ("T"), SEED_TYPE),                                 \
    .flags = GW_OP_STOPS_GRADIENT,                                                                         \
    .shape_rule = "what `shape` says", \
    .shape = stateless_shape, .cpu = NAME##_cpu,                                                           \
    .examples = GW_EXAMPLES ({ GW_TEXTS ("[2, 3]", "int64 [1, 2]"), NULL, NULL }),                         \
  };

static const char stateless_doc[] =
  "Keeps nothing between runs: equal `seed` and `shape` give equal numbers each time, TensorFlow's own. Other numbers need "
  "another seed, for example one with the step's number in it.";

STATELESS_OP (stateless_uniform, "StatelessRandomUniform", "Uniform random by seed",
              "Random numbers of [0, 1) that follow from a seed alone.", "At least 0, below 1.")
STATELESS_OP (stateless_normal, "StatelessRandomNormal", "Normal random by seed",
              "Normally distributed random numbers that follow from a seed alone.", "Normal numbers.")
STATELESS_OP (stateless_truncated_normal, "StatelessTruncatedNormal", "Truncated normal by seed",
              "Normal random numbers within two standard deviations that follow from a seed alone.", "Between -2 and 2.")

static const GwOpDef stateless_uniform_int_op = {
  .name = "StatelessRandomUniformInt", .since = 1, .title = "Random integers by seed", .category = "random/Drawing",
  .summary = "Random integers of [minval, maxval) that follow from a seed alone.", .doc = stateless_doc,
  .inputs = GW_PORTS (SHAPE_PORT, SEED_PORT,
                      { "minval", "dtype", "The least.", .literal = "0" },
                      { "maxval", "dtype", "Not reached.", .literal = "10" }),
  .outputs = GW_PORTS ({ "output", "dtype", "Integers in [minval, maxval)." }),
  .attrs = GW_ATTRS (INT_TYPE ("dtype"), GW_RANDOM_SHAPE_TYPE ("T"), SEED_TYPE),
  .flags = GW_OP_STOPS_GRADIENT,
  .shape_rule = "what `shape` says",
  .shape = stateless_int_shape, .cpu = stateless_uniform_int_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[2, 3]", "int64 [1, 2]", "0", "10"), NULL, NULL }),
};

const GwOpDef *const gw_ops_random[] = {
  &random_uniform_op, &random_normal_op, &truncated_normal_op, &random_uniform_int_op,
  &stateless_uniform_op, &stateless_normal_op, &stateless_truncated_normal_op, &stateless_uniform_int_op, NULL,
};
