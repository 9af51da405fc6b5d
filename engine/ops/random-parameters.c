/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers of distributions with parameters: gamma, Poisson, normal within
 * bounds, classes by their logits. */
#include "engine/base/error.h"
#include "engine/device/cpu/broadcast.h"
#include "engine/device/cpu/random-draws.h"
#include "engine/graph/builder.h"
#include "engine/graph/shape-rules.h"
#include "engine/ops/families.h"
#include "engine/ops/random-common.h"

/* ---- RandomGamma ---- */

static gboolean
parameter_shape (GwShapeContext *context,
                 GError        **error)
{
  return gw_random_shape (context, 0, 1, error);
}

typedef void (*ParameterDraw) (GwKernelContext *context, const GwPhilox *philox, const GwTensor *parameter, GwTensor *output);

/* Draws by input 1 and moves the stream on. */
static gboolean
run_by_parameter (GwKernelContext *context,
                  const GwOpDef   *def,
                  ParameterDraw    draw,
                  GError         **error)
{
  GwPhilox *stream;
  GwTensor *output;

  if (!gw_array_prepare (context, def, error))
    return FALSE;
  stream = gw_random_stream (context);
  output = context->outputs[0];
  draw (context, stream, context->inputs[1], output);
  gw_philox_skip (stream, (uint64_t) output->elements * GW_RANDOM_BLOCKS_PER_ELEMENT);
  return TRUE;
}

static const GwOpDef random_gamma_op;

static gboolean
random_gamma_cpu (GwKernelContext *context,
                  GError         **error)
{
  return run_by_parameter (context, &random_gamma_op, gw_cpu_random_gamma, error);
}

/* random_grad.py: alpha gets a dimension of 1 for each of `shape`, and what was drawn
 * from one alpha is summed. */
static void
random_gamma_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput alpha = gw_grad_x (context, 1);
  GwOutput zero = gw_const_scalar (b, GW_INT32, 0);
  GwOutput one = gw_const_scalar (b, GW_INT32, 1);
  GwOutput n = gw_op1 (b, "Size", gw_grad_x (context, 0));
  GwOutput ones = gw_op2 (b, "Fill", gw_op2 (b, "Reshape", n, gw_const_ints (b, 1, (const int64_t[]) { 1 })), one);
  GwOutput sizes = gw_op3 (b, "ConcatV2", ones, gw_op1 (b, "Shape", alpha), zero);
  GwOutput partial = gw_op2 (b, "RandomGammaGrad", gw_op2 (b, "Reshape", alpha, sizes), gw_grad_y (context, 0));

  context->dx[1] = gw_op2 (b, "Sum", gw_op2 (b, "Mul", gw_grad_dy (context, 0), partial),
                           gw_op3 (b, "Range", zero, n, one));
}

static const GwOpDef random_gamma_op = {
  .name = "RandomGamma", .since = 1, .title = "Gamma random", .category = "random/Drawing",
  .summary = "Random numbers of gamma distributions of given shapes and scale 1.",
  .doc = "For each element of `alpha` a block of `shape` numbers is drawn; the result has the dimensions of `shape` followed "
         "by those of `alpha`. A gamma variable of another rate is this one divided by the rate. The mean is alpha, and so is "
         "the variance; alpha 1 gives exponentially distributed numbers.\n\n"
         "The gradient with respect to `alpha` follows from the cumulative distribution (implicit reparameterization).",
  .inputs = GW_PORTS ({ "shape", "S", "Sizes of what is drawn for each alpha.", .literal = "[1]" },
                      { "alpha", "T", "Shape parameters, above 0." }),
  .outputs = GW_PORTS ({ "output", "T", "Numbers above 0, of shape `shape` + shape of alpha." }),
  .attrs = GW_ATTRS (GW_RANDOM_SEEDS, GW_RANDOM_SHAPE_TYPE ("S"),
                     { "T", GW_ATTR_DTYPE, .choices = GW_CHOICES ("float32", "float64", "float16"),
                       .label = "Type", .help = "Element type; follows from what is wired.",
                       .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }),
  .flags = GW_OP_STATEFUL | GW_OP_RANDOM, .state_size = sizeof (GwRandomState),
  .shape_rule = "`shape` followed by the shape of the parameter",
  .shape = parameter_shape, .grad = random_gamma_grad, .cpu = random_gamma_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[3]", "[0.5, 2.0]"), "seed=1", NULL }),
  .tell = GW_TEXTS ("seed"),
};

/* ---- RandomGammaGrad ---- */

typedef struct {
  const GwTensor *alpha, *sample;
  GwTensor       *output;
  GwBroadcast     plan;
} GammaGrad;

static void
gamma_grad_run (void          *data,
                const int64_t *offsets,
                int64_t        out,
                int64_t        n)
{
  const GammaGrad *grad = data;
  int last = grad->plan.rank - 1;

  for (int64_t i = 0; i < n; i++)
    {
      double alpha = gw_tensor_get_double (grad->alpha, offsets[0] + i * grad->plan.strides[0][last]);
      double sample = gw_tensor_get_double (grad->sample, offsets[1] + i * grad->plan.strides[1][last]);

      gw_tensor_set_double (grad->output, out + i, gw_cpu_gamma_sample_derivative (alpha, sample));
    }
}

static void
gamma_grad_range (void   *data,
                  int64_t begin,
                  int64_t end)
{
  GammaGrad *grad = data;

  gw_broadcast_run (&grad->plan, begin, end, gamma_grad_run, grad);
}

static gboolean
random_gamma_grad_cpu (GwKernelContext *context,
                       GError         **error)
{
  GammaGrad grad = { .alpha = context->inputs[0], .sample = context->inputs[1], .output = context->outputs[0] };
  const GwShape *operands[] = { &grad.alpha->shape, &grad.sample->shape };

  gw_broadcast_init (&grad.plan, &grad.output->shape, 2, operands);
  gw_kernel_parallel (context, grad.output->elements, 512, gamma_grad_range, &grad);
  return TRUE;
}

static const GwOpDef random_gamma_grad_op = {
  .name = "RandomGammaGrad", .since = 1, .title = "Gamma random, backward", .category = "random/Drawing",
  .summary = "The derivative of a gamma variable with respect to its alpha.",
  .doc = "What a sample would change by if alpha changed and its quantile stayed: minus the derivative of the cumulative "
         "distribution by alpha, over the density at the sample.",
  .inputs = GW_PORTS ({ "alpha", "T", "Shape parameters." }, { "sample", "T", "What was drawn; broadcasts with alpha." }),
  .outputs = GW_PORTS ({ "output", "T", "d sample / d alpha." }),
  .attrs = GW_ATTRS ({ "T", GW_ATTR_DTYPE, .choices = GW_FLOAT_TYPES, .label = "Type",
                       .help = "Element type; follows from what is wired.", .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }),
  .flags = GW_OP_HIDDEN | GW_OP_NO_GRADIENT,
  .shape = gw_shape_rule_broadcast, .cpu = random_gamma_grad_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1.0, 1.0]", "[[0.5], [2.0]]"), NULL,
                             GW_TEXTS ("[[0.80697906, 0.80697906], [1.63169169, 1.63169169]]") }),
};

/* ---- RandomPoissonV2, RandomPoisson ---- */

static const GwOpDef random_poisson_v2_op;
static const GwOpDef random_poisson_op;

static gboolean
random_poisson_v2_cpu (GwKernelContext *context,
                       GError         **error)
{
  return run_by_parameter (context, &random_poisson_v2_op, gw_cpu_random_poisson, error);
}

static gboolean
random_poisson_cpu (GwKernelContext *context,
                    GError         **error)
{
  return run_by_parameter (context, &random_poisson_op, gw_cpu_random_poisson, error);
}

#define POISSON_PORTS(type)                                                                         \
  GW_PORTS ({ "shape", "S", "Sizes of what is drawn for each rate.", .literal = "[1]" },            \
            { "rate", type, "Mean numbers of events, at least 0." })
static const char poisson_doc[] =
  "How many events happen in an interval when `rate` of them are expected. For each element of `rate` a block of `shape` "
  "numbers is drawn; the result has the dimensions of `shape` followed by those of `rate`. A negative rate gives NaN.";

static const GwOpDef random_poisson_v2_op = {
  .name = "RandomPoissonV2", .since = 1, .title = "Poisson random", .category = "random/Drawing",
  .summary = "Random whole numbers of Poisson distributions.", .doc = poisson_doc,
  .inputs = POISSON_PORTS ("R"),
  .outputs = GW_PORTS ({ "output", "dtype", "Whole numbers, of shape `shape` + shape of rate." }),
  .attrs = GW_ATTRS (
    GW_RANDOM_SEEDS, GW_RANDOM_SHAPE_TYPE ("S"),
    { "R", GW_ATTR_DTYPE, .def = "float64", .choices = GW_CHOICES ("float64", "float32", "float16", "int32", "int64"),
      .label = "Type of the rate", .help = "Follows from what is wired.", .flags = GW_ATTR_HIDDEN },
    { "dtype", GW_ATTR_DTYPE, .def = "int64", .choices = GW_CHOICES ("int64", "int32", "float32", "float64", "float16"),
      .label = "Type", .help = "Element type of the result." }),
  .flags = GW_OP_STATEFUL | GW_OP_RANDOM | GW_OP_NO_GRADIENT, .state_size = sizeof (GwRandomState),
  .shape_rule = "`shape` followed by the shape of the parameter",
  .shape = parameter_shape, .cpu = random_poisson_v2_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[3]", "[0.5, 20.0]"), "seed=1", NULL }),
  .tell = GW_TEXTS ("seed"),
};

static const GwOpDef random_poisson_op = {
  .name = "RandomPoisson", .since = 1, .title = "Poisson random, older", .category = "random/Drawing",
  .summary = "Random whole numbers of Poisson distributions, in the type of the rate.", .doc = poisson_doc,
  .inputs = POISSON_PORTS ("dtype"),
  .outputs = GW_PORTS ({ "output", "dtype", "Whole numbers, of shape `shape` + shape of rate." }),
  .attrs = GW_ATTRS (
    GW_RANDOM_SEEDS, GW_RANDOM_SHAPE_TYPE ("S"),
    { "dtype", GW_ATTR_DTYPE, .choices = GW_CHOICES ("float32", "float64", "float16"), .label = "Type",
      .help = "Element type; follows from what is wired.", .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }),
  .flags = GW_OP_STATEFUL | GW_OP_RANDOM | GW_OP_NO_GRADIENT | GW_OP_HIDDEN, .state_size = sizeof (GwRandomState),
  .shape_rule = "`shape` followed by the shape of the parameter",
  .shape = parameter_shape, .cpu = random_poisson_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[3]", "[0.5, 20.0]"), "seed=1", NULL }),
};

/* ---- ParameterizedTruncatedNormal ---- */

#define ROW_OF_ONE_DISTRIBUTION 100
#define ITERATIONS_SET_ASIDE 1000

enum { TRUNCATED_SHAPE, TRUNCATED_MEANS, TRUNCATED_STDEVS, TRUNCATED_MINVALS, TRUNCATED_MAXVALS, TRUNCATED_N_INPUTS };

static gboolean
truncated_shape (GwShapeContext *context,
                 GError        **error)
{
  const GwShape *out = &context->outputs[0];

  if (!gw_random_shape (context, TRUNCATED_SHAPE, -1, error))
    return FALSE;
  if (out->rank == 0)
    return gw_invalid (error, "shape must not be empty");
  for (int i = TRUNCATED_MEANS; i < TRUNCATED_N_INPUTS; i++)
    {
      const GwShape *shape = &context->inputs[i];
      g_autofree char *text = gw_shape_to_string (shape);

      if (shape->rank > 1)
        return gw_invalid (error, "%s should be a scalar or vector, but is %s", gw_shape_input_name (context, i), text);
      if (shape->rank == 1 && shape->dims[0] != 1 && shape->dims[0] >= 0 && out->rank > 0 && out->dims[0] >= 0 &&
          shape->dims[0] != out->dims[0])
        return gw_invalid (error, "%s should have length 1 or shape[0] = %" G_GINT64_FORMAT ", but is %s",
                           gw_shape_input_name (context, i), out->dims[0], text);
    }
  return TRUE;
}

static const GwOpDef truncated_op;

/* One distribution for all is cut into rows of a hundred, as TensorFlow does: it shows
 * in how far the stream moves on. */
static gboolean
truncated_cpu (GwKernelContext *context,
               GError         **error)
{
  GwTruncation parameters = {
    context->inputs[TRUNCATED_MEANS], context->inputs[TRUNCATED_STDEVS],
    context->inputs[TRUNCATED_MINVALS], context->inputs[TRUNCATED_MAXVALS],
  };
  gboolean one = parameters.means->elements == 1 && parameters.deviations->elements == 1 &&
                 parameters.minima->shape.rank == 0 && parameters.maxima->shape.rank == 0;
  GwPhilox *stream;
  GwTensor *output;
  int64_t rows, row;

  if (!gw_array_prepare (context, &truncated_op, error))
    return FALSE;
  output = context->outputs[0];
  rows = one ? (output->elements + ROW_OF_ONE_DISTRIBUTION - 1) / ROW_OF_ONE_DISTRIBUTION : output->shape.dims[0];
  row = one ? ROW_OF_ONE_DISTRIBUTION : gw_shape_span (&output->shape, 1, output->shape.rank);
  stream = gw_random_stream (context);
  if (!gw_cpu_truncated_normal (stream, &parameters, rows, row, output, error))
    return FALSE;
  gw_philox_skip (stream, (uint64_t) rows * 2 * ITERATIONS_SET_ASIDE * (uint64_t) (row + 3) / 4);
  return TRUE;
}

static const GwOpDef truncated_op = {
  .name = "ParameterizedTruncatedNormal", .since = 1, .title = "Normal random within bounds", .category = "random/Drawing",
  .summary = "Normal random numbers of given mean and deviation, of which only those between two bounds come.",
  .doc = "Each parameter is a scalar, or a vector with one element for each row (first dimension) of the result. One of the "
         "bounds may be infinite. Unlike TruncatedNormal the bounds may lie anywhere, far from the mean as well.",
  .inputs = GW_PORTS ({ "shape", "T", "The sizes; at least one.", .literal = "[1]" },
                      { "means", "dtype", "Means of the normal distributions before they are cut.", .literal = "0" },
                      { "stdevs", "dtype", "Standard deviations before they are cut, above 0.", .literal = "1" },
                      { "minvals", "dtype", "The least that comes; may be -inf.", .literal = "-2" },
                      { "maxvals", "dtype", "The most that comes, above minvals; may be inf.", .literal = "2" }),
  .outputs = GW_PORTS ({ "output", "dtype", "Numbers between minvals and maxvals." }),
  .attrs = GW_ATTRS (GW_RANDOM_SEEDS,
                     { "dtype", GW_ATTR_DTYPE, .def = "float32", .choices = GW_CHOICES ("float32", "float64", "float16"),
                       .label = "Type", .help = "Element type; follows from what is wired.", .flags = GW_ATTR_HIDDEN },
                     GW_RANDOM_SHAPE_TYPE ("T")),
  .flags = GW_RANDOM_FLAGS, .state_size = sizeof (GwRandomState),
  .shape_rule = "what `shape` says; each parameter is a scalar or a vector with one element for each of the first "
                "dimension",
  .shape = truncated_shape, .cpu = truncated_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[2, 3]", "0.0", "1.0", "-1.0", "1.0"), "seed=1", NULL },
                           { GW_TEXTS ("[2, 3]", "[0.0, 5.0]", "1.0", "[-1.0, 4.0]", "6.0"), "seed=1", NULL }),
  .tell = GW_TEXTS ("seed"),
};

/* ---- Multinomial ---- */

static gboolean
multinomial_shape (GwShapeContext *context,
                   GError        **error)
{
  GwShape logits;
  gboolean known;
  int64_t samples = GW_DIM_UNKNOWN;

  if (!gw_shape_want_rank (context, 0, 2, &logits, error) || !gw_array_input_int (context, 1, &known, &samples, error))
    return FALSE;
  if (known && samples < 0)
    return gw_invalid (error, "num_samples should be non-negative, got %" G_GINT64_FORMAT, samples);
  if (logits.dims[1] == 0)
    return gw_invalid (error, "num_classes should be positive, but logits is [%" G_GINT64_FORMAT ",0]", logits.dims[0]);
  context->outputs[0] = GW_SHAPE (logits.dims[0], known ? samples : GW_DIM_UNKNOWN);
  return gw_array_check_size (&context->outputs[0], error);
}

static gboolean
run_multinomial (GwKernelContext *context,
                 const GwPhilox  *philox,
                 GError         **error)
{
  const GwTensor *logits = context->inputs[0];
  double *scratch = gw_kernel_scratch (context, (size_t) logits->shape.dims[1] * sizeof (double), error);

  if (scratch == NULL)
    return FALSE;
  gw_cpu_multinomial (philox, logits, scratch, context->outputs[0]);
  return TRUE;
}

static const GwOpDef multinomial_op;
static const GwOpDef stateless_multinomial_op;

static gboolean
multinomial_cpu (GwKernelContext *context,
                 GError         **error)
{
  GwPhilox *stream;
  const GwShape *shape;

  if (!gw_array_prepare (context, &multinomial_op, error))
    return FALSE;
  stream = gw_random_stream (context);
  shape = &context->outputs[0]->shape;
  if (!run_multinomial (context, stream, error))
    return FALSE;
  gw_philox_skip (stream, (uint64_t) shape->dims[0] * (((uint64_t) shape->dims[1] + 3) / 4 * 4) * 2 *
                          GW_RANDOM_BLOCKS_PER_ELEMENT * (context->outputs[0]->elements > 0));
  return TRUE;
}

static gboolean
stateless_multinomial_shape (GwShapeContext *context,
                             GError        **error)
{
  return multinomial_shape (context, error) && gw_random_check_seed (context, 2, error);
}

static gboolean
stateless_multinomial_cpu (GwKernelContext *context,
                           GError         **error)
{
  GwPhilox philox;

  if (!gw_array_prepare (context, &stateless_multinomial_op, error))
    return FALSE;
  gw_random_init_stateless (&philox, context->inputs[2]);
  return run_multinomial (context, &philox, error);
}

static const char multinomial_doc[] =
  "Row i of the result holds `num_samples` class numbers, each drawn with the probabilities softmax (logits[i]) and "
  "independently of the others. The logits may be any unscaled logarithms of probabilities; one that is not finite belongs to a "
  "class that never comes.";

#define LOGITS_PORTS                                                                                 \
  { "logits", "T", "[batch, classes]: unscaled log-probabilities." },                                \
  { "num_samples", "int32", "How many to draw for each row.", .literal = "1" }
#define LOGITS_TYPES                                                                                 \
  { "T", GW_ATTR_DTYPE, .choices = GW_CHOICES ("float32", "float64", "float16", "bfloat16"),         \
    .label = "Type", .help = "Type of the logits; follows from what is wired.",                      \
    .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN },                                                    \
  { "output_dtype", GW_ATTR_DTYPE, .def = "int64", .choices = GW_INDEX_TYPES, .label = "Type",       \
    .help = "Type of the class numbers." }
#define CLASSES_PORT { "output", "output_dtype", "[batch, num_samples]: classes in [0, classes)." }

static const GwOpDef multinomial_op = {
  .name = "Multinomial", .since = 1, .title = "Random classes", .category = "random/Drawing",
  .summary = "Draws classes with the probabilities that logits stand for.", .doc = multinomial_doc,
  .inputs = GW_PORTS (LOGITS_PORTS),
  .outputs = GW_PORTS (CLASSES_PORT),
  .attrs = GW_ATTRS (GW_RANDOM_SEEDS, LOGITS_TYPES),
  .flags = GW_RANDOM_FLAGS, .state_size = sizeof (GwRandomState),
  .shape_rule = "[batch, num_samples]",
  .shape = multinomial_shape, .cpu = multinomial_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[0.0, 1.0, 2.0]]", "5"), "seed=1", NULL }),
  .tell = GW_TEXTS ("seed"),
};

static const GwOpDef stateless_multinomial_op = {
  .name = "StatelessMultinomial", .since = 1, .title = "Random classes by seed", .category = "random/Drawing",
  .summary = "Draws classes with the probabilities that logits stand for, from a seed alone.", .doc = multinomial_doc,
  .inputs = GW_PORTS (LOGITS_PORTS, { "seed", "Tseed", "Two integers.", .literal = "[1, 2]" }),
  .outputs = GW_PORTS (CLASSES_PORT),
  .attrs = GW_ATTRS (LOGITS_TYPES,
                     { "Tseed", GW_ATTR_DTYPE, .def = "int64", .choices = GW_INDEX_TYPES, .label = "Seed type",
                       .help = "Type of the seeds; follows from what is wired.", .flags = GW_ATTR_HIDDEN }),
  .flags = GW_OP_STOPS_GRADIENT,
  .shape_rule = "[batch, num_samples]",
  .shape = stateless_multinomial_shape, .cpu = stateless_multinomial_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[0.0, 1.0, 2.0]]", "5", "int64 [1, 2]"), NULL, NULL }),
};

const GwOpDef *const gw_ops_random_parameters[] = {
  &random_gamma_op, &random_gamma_grad_op, &random_poisson_v2_op, &random_poisson_op, &truncated_op, &multinomial_op,
  &stateless_multinomial_op, NULL,
};
