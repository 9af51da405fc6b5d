/* SPDX-License-Identifier: Apache-2.0 */
/* Candidate sampling: classes drawn to stand for all the wrong ones when there are
 * too many to score each (core/kernels/candidate_sampler_ops.cc, range_sampler.cc,
 * lib/random/{distribution_sampler,weighted_picker}.cc). With the same seeds the
 * candidates are TensorFlow's. */
#include "engine/base/error.h"
#include "engine/files/input-file.h"
#include "engine/ops/candidate-tables.h"
#include "engine/ops/families.h"
#include "engine/ops/random-common.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum {
  SAMPLER_NUM_TRUE = GW_RANDOM_N_SEEDS,
  SAMPLER_NUM_SAMPLED,
  SAMPLER_UNIQUE,
  SAMPLER_RANGE_MAX,
  SAMPLER_VOCAB_FILE,
  SAMPLER_DISTORTION,
  SAMPLER_NUM_RESERVED_IDS,
  SAMPLER_NUM_SHARDS,
  SAMPLER_SHARD,
  SAMPLER_UNIGRAMS,
};

/* Of the stream, 32-bit words for each candidate. */
#define WORDS_PER_CANDIDATE 2048

typedef struct {
  GwRandomState stream;  /* first: gw_random_stream() finds it here */
  uint64_t      runs;    /* of a sampler that counts: runs of the node so far */
} SamplerState;

typedef struct {
  int64_t            range;
  double             log_range;   /* ln (range + 1) */
  GwCandidateTable  *table;       /* of the unigram samplers */
} Sampler;

typedef int64_t (*SampleFunc) (const Sampler *sampler, GwPhiloxReader *reader);
typedef float (*ProbabilityFunc) (const Sampler *sampler, int64_t value);

/* ---- the distributions ---- */

static int64_t
uniform_sample (const Sampler  *sampler,
                GwPhiloxReader *reader)
{
  return (int64_t) gw_philox_read_long_below (reader, (uint64_t) sampler->range);
}

static float
uniform_probability (const Sampler *sampler,
                     int64_t        value)
{
  return (float) (1.0 / (double) sampler->range);
}

static int64_t
log_uniform_sample (const Sampler  *sampler,
                    GwPhiloxReader *reader)
{
  int64_t value = (int64_t) exp (gw_philox_read_double (reader) * sampler->log_range) - 1;

  return value % sampler->range;
}

static float
log_uniform_probability (const Sampler *sampler,
                         int64_t        value)
{
  return (float) (log (((double) value + 2.0) / ((double) value + 1.0)) / sampler->log_range);
}

static int64_t
table_sample (const Sampler  *sampler,
              GwPhiloxReader *reader)
{
  return gw_candidate_table_sample (sampler->table, reader);
}

static float
table_probability (const Sampler *sampler,
                   int64_t        value)
{
  return gw_candidate_table_probability (sampler->table, value);
}

/* ---- drawing ---- */

static gboolean
sampler_shape (GwShapeContext *context,
               GError        **error)
{
  int64_t num_true = context->attrs[SAMPLER_NUM_TRUE].i;
  int64_t num_sampled = context->attrs[SAMPLER_NUM_SAMPLED].i;
  GwShape classes;

  if (!gw_shape_want_rank (context, 0, 2, &classes, error))
    return FALSE;
  if (classes.dims[1] >= 0 && classes.dims[1] != num_true)
    return gw_invalid (error, "true_classes must have num_true = %" G_GINT64_FORMAT " columns, but has %" G_GINT64_FORMAT,
                       num_true, classes.dims[1]);
  if (context->def->attrs[SAMPLER_UNIQUE + 1].name != NULL && context->attrs[SAMPLER_UNIQUE].b &&
      num_sampled > context->attrs[SAMPLER_RANGE_MAX].i)
    return gw_invalid (error, "Sampler's range is too small: num_sampled = %" G_GINT64_FORMAT
                       " unique candidates of range_max = %" G_GINT64_FORMAT, num_sampled,
                       context->attrs[SAMPLER_RANGE_MAX].i);
  context->outputs[0] = GW_SHAPE (num_sampled);
  context->outputs[1] = GW_SHAPE (classes.dims[0], num_true);
  context->outputs[2] = GW_SHAPE (num_sampled);
  return gw_array_check_size (&context->outputs[1], error);
}

static gboolean
check_classes (const GwTensor *classes,
               int64_t         range,
               GError        **error)
{
  const int64_t *values = GW_TENSOR_DATA (classes, int64_t);

  for (int64_t i = 0; i < classes->elements; i++)
    if (values[i] < 0 || values[i] >= range)
      return gw_invalid (error, "true_classes: `true_candidate` out of range [0, %" G_GINT64_FORMAT "), received %"
                         G_GINT64_FORMAT, range, values[i]);
  return TRUE;
}

/* Slot of `value` in a table of `mask` + 1 places that hold -1 or a number that `keys`
 * gives the value of. */
static int64_t
find_slot (const int64_t *slots,
           int64_t        mask,
           const int64_t *keys,
           int64_t        value)
{
  int64_t slot = (int64_t) ((uint64_t) value * 0x9E3779B97F4A7C15u >> 20) & mask;

  while (slots[slot] >= 0 && keys[slots[slot]] != value)
    slot = (slot + 1) & mask;
  return slot;
}

/* Room for `n` values, at most half full, all -1; *mask is its size - 1. */
static int64_t *
make_slots (GwKernelContext *context,
            int64_t          n,
            int64_t         *mask,
            GError         **error)
{
  int64_t size = 4;
  int64_t *slots;

  while (size < 2 * n)
    size *= 2;
  slots = gw_kernel_scratch (context, (size_t) size * sizeof (int64_t), error);
  for (int64_t i = 0; slots != NULL && i < size; i++)
    slots[i] = -1;
  *mask = size - 1;
  return slots;
}

/* Draws until there are as many different ones; how often is what the expected
 * counts rest on. */
static gboolean
draw_unique (GwKernelContext *context,
             const Sampler   *sampler,
             SampleFunc       sample,
             GwPhiloxReader  *reader,
             GwTensor        *batch,
             int64_t         *tries,
             GError         **error)
{
  int64_t *values = GW_TENSOR_DATA (batch, int64_t);
  int64_t mask;
  int64_t *slots = make_slots (context, batch->elements, &mask, error);
  int64_t picked = 0;

  if (slots == NULL)
    return FALSE;
  for (*tries = 0; picked < batch->elements; (*tries)++)
    {
      int64_t value, slot;

      if (*tries == G_MAXINT32)
        return gw_invalid (error, "too few classes have a probability that unique candidates could be drawn by");
      value = sample (sampler, reader);
      slot = find_slot (slots, mask, values, value);
      if (slots[slot] >= 0)
        continue;
      slots[slot] = picked;
      values[picked++] = value;
    }
  return TRUE;
}

/* How many times a value of probability p is expected among the candidates. */
static void
expect (const Sampler   *sampler,
        ProbabilityFunc  probability,
        const GwTensor  *values,
        int64_t          num_sampled,
        int64_t          tries,
        GwTensor        *counts)
{
  for (int64_t i = 0; i < values->elements; i++)
    {
      float p = probability (sampler, GW_TENSOR_DATA (values, int64_t)[i]);

      GW_TENSOR_DATA (counts, float)[i] =
        tries == num_sampled ? p * (float) num_sampled : -expm1f ((float) tries * log1pf (-p));
    }
}

static gboolean
run_sampler (GwKernelContext *context,
             const GwOpDef   *def,
             Sampler         *sampler,
             SampleFunc       sample,
             ProbabilityFunc  probability,
             GError         **error)
{
  int64_t num_sampled = context->attrs[SAMPLER_NUM_SAMPLED].i;
  int64_t tries = num_sampled;
  GwTensor *candidates;
  GwPhiloxReader reader;
  GwPhilox *stream;

  if (!gw_array_prepare (context, def, error) || !check_classes (context->inputs[0], sampler->range, error))
    return FALSE;
  candidates = context->outputs[0];
  stream = gw_random_stream (context);
  gw_philox_reader_init (&reader, stream);
  if (context->attrs[SAMPLER_UNIQUE].b)
    {
      if (!draw_unique (context, sampler, sample, &reader, candidates, &tries, error))
        return FALSE;
    }
  else
    for (int64_t i = 0; i < num_sampled; i++)
      GW_TENSOR_DATA (candidates, int64_t)[i] = sample (sampler, &reader);
  expect (sampler, probability, candidates, num_sampled, tries, context->outputs[2]);
  expect (sampler, probability, context->inputs[0], num_sampled, tries, context->outputs[1]);
  gw_philox_skip (stream, (uint64_t) num_sampled * WORDS_PER_CANDIDATE / 4);
  return TRUE;
}

static const GwOpDef uniform_op;
static const GwOpDef log_uniform_op;
static const GwOpDef learned_op;
static const GwOpDef fixed_op;
static const GwOpDef all_op;

static gboolean
uniform_cpu (GwKernelContext *context,
             GError         **error)
{
  Sampler sampler = { .range = context->attrs[SAMPLER_RANGE_MAX].i };

  return run_sampler (context, &uniform_op, &sampler, uniform_sample, uniform_probability, error);
}

static gboolean
log_uniform_cpu (GwKernelContext *context,
                 GError         **error)
{
  Sampler sampler = { .range = context->attrs[SAMPLER_RANGE_MAX].i };

  sampler.log_range = log1p ((double) sampler.range);
  return run_sampler (context, &log_uniform_op, &sampler, log_uniform_sample, log_uniform_probability, error);
}

/* Counts begin at 1 each; what was true in a step counts from the next one on. */
static gboolean
learned_cpu (GwKernelContext *context,
             GError         **error)
{
  SamplerState *state = context->state;
  Sampler sampler = { .range = context->attrs[SAMPLER_RANGE_MAX].i };
  const GwTensor *right = context->inputs[0];

  if (*context->object == NULL)
    *context->object = gw_candidate_table_new_counts (sampler.range, error);
  sampler.table = *context->object;
  if (sampler.table == NULL || !gw_candidate_table_begin (sampler.table, state->runs, right->elements, error) ||
      !run_sampler (context, &learned_op, &sampler, table_sample, table_probability, error))
    return FALSE;
  gw_candidate_table_expect (sampler.table, ++state->runs, GW_TENSOR_DATA (right, int64_t), right->elements);
  return TRUE;
}

/* ---- given unigrams ---- */

static gboolean
fixed_shape (GwShapeContext *context,
             GError        **error)
{
  const GwAttrValue *attrs = context->attrs;
  gboolean has_file = attrs[SAMPLER_VOCAB_FILE].s[0] != '\0';

  if (!has_file && attrs[SAMPLER_UNIGRAMS].list.n == 0)
    return gw_invalid (error, "Must provide either vocab_file or unigrams.");
  if (has_file && attrs[SAMPLER_UNIGRAMS].list.n > 0)
    return gw_invalid (error, "Must only provide one of vocab_file and unigrams.");
  if (attrs[SAMPLER_SHARD].i >= attrs[SAMPLER_NUM_SHARDS].i)
    return gw_invalid (error, "shard must be below num_shards = %" G_GINT64_FORMAT ", but is %" G_GINT64_FORMAT,
                       attrs[SAMPLER_NUM_SHARDS].i, attrs[SAMPLER_SHARD].i);
  if (attrs[SAMPLER_NUM_RESERVED_IDS].i > attrs[SAMPLER_RANGE_MAX].i * attrs[SAMPLER_NUM_SHARDS].i)
    return gw_invalid (error, "num_reserved_ids = %" G_GINT64_FORMAT " is more than range_max = %" G_GINT64_FORMAT,
                       attrs[SAMPLER_NUM_RESERVED_IDS].i, attrs[SAMPLER_RANGE_MAX].i);
  return sampler_shape (context, error);
}

/* Weights of this shard's classes, as they come. */
typedef struct {
  const GwAttrValue *attrs;
  GArray            *weights;  /* of float */
  int64_t            id;       /* of the next class, counted over all shards */
} Vocabulary;

static void
add_weight (Vocabulary *vocabulary,
            float       weight)
{
  weight = powf (weight, (float) vocabulary->attrs[SAMPLER_DISTORTION].f);
  if (vocabulary->id++ % vocabulary->attrs[SAMPLER_NUM_SHARDS].i == vocabulary->attrs[SAMPLER_SHARD].i)
    g_array_append_val (vocabulary->weights, weight);
}

/* A line of the file: the last field behind a comma is the weight. */
static gboolean
add_line (Vocabulary *vocabulary,
          const char *line,
          GError    **error)
{
  const char *comma = strrchr (line, ',');
  const char *field = comma != NULL ? comma + 1 : line;
  char *end;
  double weight = g_ascii_strtod (field, &end);

  while (g_ascii_isspace (*end))
    end++;
  if (end == field || *end != '\0' || !(weight >= 0))
    return gw_invalid (error, "vocab_file: Wrong vocabulary format at line: %s", line);
  add_weight (vocabulary, (float) weight);
  return TRUE;
}

#define MAX_LINE 65536

static gboolean
add_file (Vocabulary *vocabulary,
          const char *path,
          GError    **error)
{
  g_autoptr (GwInput) input = gw_input_open (path, GW_INPUT_PLAIN, error);
  g_autoptr (GString) line = g_string_new (NULL);
  char buffer[4096];
  gssize n = input != NULL ? 1 : -1;

  while (n > 0)
    {
      n = gw_input_read (input, buffer, sizeof buffer, error);
      for (gssize i = 0; i < n; i++)
        {
          if (buffer[i] != '\n' && line->len < MAX_LINE)
            g_string_append_c (line, buffer[i]);
          else if (!add_line (vocabulary, line->str, error))
            return FALSE;
          if (buffer[i] == '\n')
            g_string_truncate (line, 0);
          if (vocabulary->weights->len > (guint64) vocabulary->attrs[SAMPLER_RANGE_MAX].i)
            return gw_invalid (error, "vocab_file %s has more than range_max = %" G_GINT64_FORMAT " lines", path,
                               vocabulary->attrs[SAMPLER_RANGE_MAX].i);
        }
    }
  return n == 0 && (line->len == 0 || add_line (vocabulary, line->str, error));
}

static GwCandidateTable *
make_fixed_table (const GwAttrValue *attrs,
                  GError           **error)
{
  g_autoptr (GArray) weights = g_array_new (FALSE, FALSE, sizeof (float));
  Vocabulary vocabulary = { .attrs = attrs, .weights = weights };
  const float zero = 0;

  for (int64_t id = 0; id < attrs[SAMPLER_NUM_RESERVED_IDS].i && weights->len <= G_MAXINT32 / 2; id++)
    if (id % attrs[SAMPLER_NUM_SHARDS].i == attrs[SAMPLER_SHARD].i)
      g_array_append_val (weights, zero);
  vocabulary.id = weights->len;
  for (int i = 0; i < attrs[SAMPLER_UNIGRAMS].list.n; i++)
    {
      float weight = (float) attrs[SAMPLER_UNIGRAMS].list.f[i];

      if (!(weight >= 0) || isinf (weight))
        {
          gw_invalid (error, "unigrams[%d] = %g is no weight: it must be finite and not below 0", i, weight);
          return NULL;
        }
      add_weight (&vocabulary, weight);
    }
  if (attrs[SAMPLER_UNIGRAMS].list.n == 0 && !add_file (&vocabulary, attrs[SAMPLER_VOCAB_FILE].s, error))
    return NULL;
  if (weights->len != (guint64) attrs[SAMPLER_RANGE_MAX].i)
    {
      gw_invalid (error, "range_max is %" G_GINT64_FORMAT " and must be equal to the number of weights, %u",
                  attrs[SAMPLER_RANGE_MAX].i, weights->len);
      return NULL;
    }
  return gw_candidate_table_new_weights ((const float *) weights->data, weights->len, error);
}

static gboolean
fixed_cpu (GwKernelContext *context,
           GError         **error)
{
  Sampler sampler = { .range = context->attrs[SAMPLER_RANGE_MAX].i };
  int64_t n_possible;

  if (*context->object == NULL)
    *context->object = make_fixed_table (context->attrs, error);
  sampler.table = *context->object;
  if (sampler.table == NULL)
    return FALSE;
  n_possible = gw_candidate_table_n_possible (sampler.table);
  if (context->attrs[SAMPLER_UNIQUE].b && context->attrs[SAMPLER_NUM_SAMPLED].i > n_possible)
    return gw_invalid (error, "unigrams: only %" G_GINT64_FORMAT " classes have a weight above 0, too few for num_sampled = %"
                       G_GINT64_FORMAT " unique candidates", n_possible, context->attrs[SAMPLER_NUM_SAMPLED].i);
  return run_sampler (context, &fixed_op, &sampler, table_sample, table_probability, error);
}

/* ---- all ---- */

static gboolean
all_cpu (GwKernelContext *context,
         GError         **error)
{
  int64_t n = context->attrs[SAMPLER_NUM_SAMPLED].i;

  if (!gw_array_prepare (context, &all_op, error) || !check_classes (context->inputs[0], n, error))
    return FALSE;
  for (int64_t i = 0; i < n; i++)
    GW_TENSOR_DATA (context->outputs[0], int64_t)[i] = i;
  for (int k = 1; k <= 2; k++)
    for (int64_t i = 0; i < context->outputs[k]->elements; i++)
      GW_TENSOR_DATA (context->outputs[k], float)[i] = 1;
  return TRUE;
}

/* ---- ComputeAccidentalHits ---- */

enum { HITS_NUM_TRUE = GW_RANDOM_N_SEEDS };

static gboolean
hits_shape (GwShapeContext *context,
            GError        **error)
{
  int64_t num_true = context->attrs[HITS_NUM_TRUE].i;
  GwShape classes, sampled;

  if (!gw_shape_want_rank (context, 0, 2, &classes, error) || !gw_shape_want_rank (context, 1, 1, &sampled, error))
    return FALSE;
  if (classes.dims[1] >= 0 && classes.dims[1] != num_true)
    return gw_invalid (error, "true_classes must have num_true = %" G_GINT64_FORMAT " columns, but has %" G_GINT64_FORMAT,
                       num_true, classes.dims[1]);
  for (int i = 0; i < 3; i++)
    context->outputs[i] = GW_SHAPE (GW_DIM_UNKNOWN);
  return TRUE;
}

/* Calls it for each true class that is among the candidates; with NULL outputs only
 * counts. */
static int64_t
list_hits (GwKernelContext *context,
           const int64_t   *slots,
           int64_t          mask,
           gboolean         write)
{
  const GwTensor *classes = context->inputs[0];
  int64_t num_true = context->attrs[HITS_NUM_TRUE].i;
  int64_t n = 0;

  for (int64_t i = 0; i < classes->elements; i++)
    {
      int64_t slot = find_slot (slots, mask, GW_TENSOR_DATA (context->inputs[1], int64_t),
                                GW_TENSOR_DATA (classes, int64_t)[i]);

      if (slots[slot] < 0)
        continue;
      if (write)
        {
          GW_TENSOR_DATA (context->outputs[0], int32_t)[n] = (int32_t) (i / num_true);
          GW_TENSOR_DATA (context->outputs[1], int64_t)[n] = slots[slot];
          GW_TENSOR_DATA (context->outputs[2], float)[n] = -FLT_MAX;
        }
      n++;
    }
  return n;
}

static const GwOpDef hits_op;

static gboolean
hits_cpu (GwKernelContext *context,
          GError         **error)
{
  static const GwDType dtypes[] = { GW_INT32, GW_INT64, GW_FLOAT32 };
  const GwTensor *sampled = context->inputs[1];
  int64_t mask, n;
  int64_t *slots;

  if (!gw_array_prepare (context, &hits_op, error))
    return FALSE;
  slots = make_slots (context, sampled->elements, &mask, error);
  if (slots == NULL)
    return FALSE;
  for (int64_t i = 0; i < sampled->elements; i++)
    slots[find_slot (slots, mask, GW_TENSOR_DATA (sampled, int64_t), GW_TENSOR_DATA (sampled, int64_t)[i])] = i;
  n = list_hits (context, slots, mask, FALSE);
  for (int i = 0; i < 3; i++)
    if (!gw_kernel_allocate_output (context, i, dtypes[i], &GW_SHAPE (n), error))
      return FALSE;
  list_hits (context, slots, mask, TRUE);
  return TRUE;
}

/* ---- descriptions ---- */

#define SAMPLER_PORTS                                                                                                \
  .inputs = GW_PORTS ({ "true_classes", "int64", "[batch, num_true]: the right classes of each example." }),         \
  .outputs = GW_PORTS (                                                                                              \
    { "sampled_candidates", "int64", "[num_sampled]: classes drawn, for the whole batch." },                         \
    { "true_expected_count", "float32", "[batch, num_true]: how often each right class was to be expected among them." }, \
    { "sampled_expected_count", "float32", "[num_sampled]: the same for each candidate." })
#define SAMPLER_ATTRS                                                                                                \
  GW_RANDOM_SEEDS,                                                                                                   \
  { "num_true", GW_ATTR_INT, .min = 1, .max = G_MAXINT32, .label = "Right classes", .help = "How many each example has.", \
    .flags = GW_ATTR_REQUIRED },                                                                                     \
  { "num_sampled", GW_ATTR_INT, .min = 1, .max = G_MAXINT32, .ui_min = 1, .ui_max = 512, .label = "Candidates",      \
    .help = "How many to draw.", .flags = GW_ATTR_REQUIRED },                                                        \
  { "unique", GW_ATTR_BOOL, .label = "Unique", .help = "No candidate twice: drawn again until all differ.",          \
    .flags = GW_ATTR_REQUIRED }
#define RANGE_ATTR                                                                                                   \
  { "range_max", GW_ATTR_INT, .min = 1, .max = -1, .label = "Classes", .help = "Classes are 0 … range_max - 1.",     \
    .flags = GW_ATTR_REQUIRED }
#define SAMPLER_FLAGS GW_OP_STATEFUL | GW_OP_RANDOM | GW_OP_NO_GRADIENT
#define SAMPLER_EXAMPLE(more)                                                                                        \
  GW_EXAMPLES ({ GW_TEXTS ("int64 [[1], [4]]"), "num_true=1 num_sampled=3 unique=true seed=1 " more, NULL })

static const char counts_doc[] =
  "\n\nWith unique candidates the expected count is approximate: the chance that a class is drawn in as many tries as it took. "
  "Losses subtract its logarithm from the logits, so that the sampling does not bias them.";

static const GwOpDef uniform_op = {
  .name = "UniformCandidateSampler", .since = 1, .title = "Uniform candidates", .category = "random/Candidates",
  .summary = "Draws candidate classes, all equally likely.", .doc = counts_doc + 2,
  SAMPLER_PORTS, .attrs = GW_ATTRS (SAMPLER_ATTRS, RANGE_ATTR),
  .shape_rule = "[num_sampled], [batch, num_true], [num_sampled]",
  .flags = SAMPLER_FLAGS, .state_size = sizeof (SamplerState), .shape = sampler_shape, .cpu = uniform_cpu,
  .examples = SAMPLER_EXAMPLE ("range_max=10"), .tell = GW_TEXTS ("num_sampled", "range_max"),
};

static const GwOpDef log_uniform_op = {
  .name = "LogUniformCandidateSampler", .since = 1, .title = "Log-uniform candidates", .category = "random/Candidates",
  .summary = "Draws candidate classes, low numbers far more often: class k with ln ((k + 2) / (k + 1)) / ln (range_max + 1).",
  .doc = "About Zipf's law, after which words of a language are distributed: right when the classes are sorted by decreasing "
         "frequency, as in a vocabulary.\n\nWith unique candidates the expected count is approximate: the chance that a class is "
         "drawn in as many tries as it took. Losses subtract its logarithm from the logits, so that the sampling does not bias "
         "them.",
  SAMPLER_PORTS, .attrs = GW_ATTRS (SAMPLER_ATTRS, RANGE_ATTR),
  .shape_rule = "[num_sampled], [batch, num_true], [num_sampled]",
  .flags = SAMPLER_FLAGS, .state_size = sizeof (SamplerState), .shape = sampler_shape, .cpu = log_uniform_cpu,
  .examples = SAMPLER_EXAMPLE ("range_max=10"), .tell = GW_TEXTS ("num_sampled", "range_max"),
};

static const GwOpDef learned_op = {
  .name = "LearnedUnigramCandidateSampler", .since = 1, .title = "Learned candidates", .category = "random/Candidates",
  .summary = "Draws candidate classes as often as they were right so far.",
  .doc = "Counts the right classes of all steps, beginning with 1 for each class, and draws with these frequencies. A new run of "
         "training counts anew.",
  SAMPLER_PORTS, .attrs = GW_ATTRS (SAMPLER_ATTRS, { "range_max", GW_ATTR_INT, .min = 1, .max = G_MAXINT32 - 1,
                                                     .label = "Classes", .help = "Classes are 0 … range_max - 1.",
                                                     .flags = GW_ATTR_REQUIRED }),
  .shape_rule = "[num_sampled], [batch, num_true], [num_sampled]",
  .flags = SAMPLER_FLAGS, .state_size = sizeof (SamplerState), .object_free = gw_candidate_table_free, .shape = sampler_shape,
  .cpu = learned_cpu,
  .examples = SAMPLER_EXAMPLE ("range_max=10"), .tell = GW_TEXTS ("num_sampled", "range_max"),
};

static const GwOpDef fixed_op = {
  .name = "FixedUnigramCandidateSampler", .since = 1, .title = "Candidates by weight", .category = "random/Candidates",
  .summary = "Draws candidate classes with given weights.",
  .doc = "The weights come from the list `unigrams`, or from the last comma-separated field of each line of `vocab_file`. Each is "
         "raised to `distortion`: 1 keeps them, 0 makes all equal, 0.75 is word2vec's choice.\n\n"
         "`num_reserved_ids` classes of weight 0 come before them. With several shards only every num_shards-th class, from "
         "`shard` on, is of this sampler.",
  SAMPLER_PORTS,
  .attrs = GW_ATTRS (
    SAMPLER_ATTRS, RANGE_ATTR,
    { "vocab_file", GW_ATTR_FILE, .def = "", .label = "Vocabulary file", .help = "A class a line, its weight behind the last comma." },
    { "distortion", GW_ATTR_FLOAT, .def = "1", .ui_min = 0, .ui_max = 1, .label = "Distortion",
      .help = "Exponent of the weights." },
    { "num_reserved_ids", GW_ATTR_INT, .def = "0", .min = 0, .max = G_MAXINT32, .label = "Reserved classes",
      .help = "Classes of weight 0 before the others." },
    { "num_shards", GW_ATTR_INT, .def = "1", .min = 1, .max = G_MAXINT32, .label = "Shards", .help = "Parts that the classes are divided into." },
    { "shard", GW_ATTR_INT, .def = "0", .min = 0, .max = G_MAXINT32, .label = "Shard", .help = "Which part this is." },
    { "unigrams", GW_ATTR_FLOATS, .label = "Weights", .help = "One for each class; empty = from the file." }),
  .shape_rule = "[num_sampled], [batch, num_true], [num_sampled]",
  .flags = SAMPLER_FLAGS, .state_size = sizeof (SamplerState), .object_free = gw_candidate_table_free, .shape = fixed_shape,
  .cpu = fixed_cpu,
  .examples = SAMPLER_EXAMPLE ("range_max=5 unigrams=[5,1,1,3,2]"), .tell = GW_TEXTS ("num_sampled", "range_max"),
};

static const GwOpDef all_op = {
  .name = "AllCandidateSampler", .since = 1, .title = "All candidates", .category = "random/Candidates",
  .summary = "All classes as candidates: to compare sampled losses with the exact one.",
  .doc = "The candidates are 0 … num_sampled - 1, each expected once.",
  SAMPLER_PORTS, .attrs = GW_ATTRS (SAMPLER_ATTRS),
  .shape_rule = "[num_sampled], [batch, num_true], [num_sampled]",
  .flags = SAMPLER_FLAGS, .state_size = sizeof (SamplerState), .shape = sampler_shape, .cpu = all_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("int64 [[1], [2]]"), "num_true=1 num_sampled=3 unique=true",
      GW_TEXTS ("int64 [0, 1, 2]", "[[1.0], [1.0]]", "[1.0, 1.0, 1.0]") }),
  .tell = GW_TEXTS ("num_sampled"),
};

static const GwOpDef hits_op = {
  .name = "ComputeAccidentalHits", .since = 1, .title = "Accidental hits", .category = "random/Candidates",
  .summary = "Finds right classes among the candidates.",
  .doc = "A candidate that happens to be right must not count as wrong: added to the logits at (indices, ids), the weights remove "
         "it. Three vectors, one element for each hit, in the order of true_classes.",
  .inputs = GW_PORTS ({ "true_classes", "int64", "[batch, num_true]: the right classes." },
                      { "sampled_candidates", "int64", "What a sampler drew." }),
  .outputs = GW_PORTS ({ "indices", "int32", "Row of true_classes." },
                       { "ids", "int64", "Position in sampled_candidates; the last, if there twice." },
                       { "weights", "float32", "-FLT_MAX for each." }),
  .attrs = GW_ATTRS (GW_RANDOM_SEEDS,
                     { "num_true", GW_ATTR_INT, .min = 1, .max = G_MAXINT32, .label = "Right classes",
                       .help = "How many each example has.", .flags = GW_ATTR_REQUIRED }),
  .flags = GW_OP_DYNAMIC_OUTPUT | GW_OP_RANDOM | GW_OP_NO_GRADIENT,
  .shape_rule = "three vectors of one length, which follows from the values",
  .shape = hits_shape, .cpu = hits_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("int64 [[1], [4]]", "int64 [4, 7, 2]"), "num_true=1",
      GW_TEXTS ("int32 [1]", "int64 [0]", "float32 [-3.4028234663852886e38]") }),
};

const GwOpDef *const gw_ops_candidate_sampling[] = {
  &uniform_op, &log_uniform_op, &learned_op, &fixed_op, &all_op, &hits_op, NULL,
};
