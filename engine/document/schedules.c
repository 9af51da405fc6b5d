/* SPDX-License-Identifier: Apache-2.0 */
/* Learning rates that follow from the number of steps taken: the formulas of
 * python/training/learning_rate_decay.py, in float32 as there. */
#include "engine/base/random.h"
#include "engine/document/composites.h"
#include "engine/document/lower.h"
#include "engine/document/parts.h"

#include <math.h>

typedef struct {
  GwExpandContext *context;
  GwBuilder       *b;
  GwOutput         step;   /* global_step, int64 */
} Schedule;

/* FALSE after an error. */
static gboolean
begin (Schedule        *schedule,
       GwExpandContext *context)
{
  GwLoweredVariable *step = gw_lowering_global_variable (context, "global_step", GW_INT64, &GW_SHAPE_SCALAR, "zeros");

  *schedule = (Schedule) { context, context->builder, step != NULL ? step->read : GW_NO_OUTPUT };
  return step != NULL;
}

static GwOutput
number (const Schedule *schedule,
        double          value)
{
  return gw_const_scalar (schedule->b, GW_FLOAT32, value);
}

static double
attr (const Schedule *schedule,
      const char     *name)
{
  const GwAttrValue *value = gw_expand_attr (schedule->context, name);

  return value->type == GW_ATTR_INT ? (double) value->i : value->f;
}

static gboolean
is_set (const Schedule *schedule,
        const char     *name)
{
  return gw_expand_attr (schedule->context, name)->b;
}

static GwOutput
float_step (const Schedule *schedule)
{
  return gw_part_cast (schedule->b, schedule->step, GW_FLOAT32);
}

/* a · x */
static GwOutput
times (const Schedule *schedule,
       double          a,
       GwOutput        x)
{
  return gw_op2 (schedule->b, "Mul", number (schedule, a), x);
}

static GwOutput
plus (const Schedule *schedule,
      double          a,
      GwOutput        x)
{
  return gw_op2 (schedule->b, "AddV2", number (schedule, a), x);
}

/* a − x */
static GwOutput
minus (const Schedule *schedule,
       double          a,
       GwOutput        x)
{
  return gw_op2 (schedule->b, "Sub", number (schedule, a), x);
}

/* ½ (1 + cos (π x)) */
static GwOutput
half_cosine (const Schedule *schedule,
             GwOutput        x)
{
  return times (schedule, 0.5, plus (schedule, 1, gw_op1 (schedule->b, "Cos", times (schedule, G_PI, x))));
}

/* step / steps, or with staircase how many times that many steps are over. */
static GwOutput
periods (const Schedule *schedule)
{
  GwOutput p = gw_op2 (schedule->b, "RealDiv", float_step (schedule), number (schedule, attr (schedule, "decay_steps")));

  return is_set (schedule, "staircase") ? gw_op1 (schedule->b, "Floor", p) : p;
}

/* ---- exponential, natural exponential, inverse time ---- */

static void
exponential_expand (GwExpandContext *context)
{
  Schedule s;

  if (begin (&s, context))
    context->outputs[0] = times (&s, attr (&s, "learning_rate"),
                                 gw_op2 (s.b, "Pow", number (&s, attr (&s, "decay_rate")), periods (&s)));
}

static void
natural_exp_expand (GwExpandContext *context)
{
  Schedule s;

  if (begin (&s, context))
    context->outputs[0] = times (&s, attr (&s, "learning_rate"),
                                 gw_op2 (s.b, "Pow", gw_op1 (s.b, "Exp", number (&s, -attr (&s, "decay_rate"))), periods (&s)));
}

static void
inverse_time_expand (GwExpandContext *context)
{
  Schedule s;

  if (begin (&s, context))
    context->outputs[0] = gw_op2 (s.b, "RealDiv", number (&s, attr (&s, "learning_rate")),
                                  plus (&s, 1, times (&s, attr (&s, "decay_rate"), periods (&s))));
}

/* ---- polynomial ---- */

static void
polynomial_expand (GwExpandContext *context)
{
  Schedule s;
  GwOutput step, steps, left;
  double end;

  if (!begin (&s, context))
    return;
  end = attr (&s, "end_learning_rate");
  step = float_step (&s);
  steps = number (&s, attr (&s, "decay_steps"));
  if (is_set (&s, "cycle"))
    {
      GwOutput cycles = gw_op1 (s.b, "Ceil", gw_op2 (s.b, "RealDiv", step, steps));

      steps = gw_op2 (s.b, "Mul", steps, gw_op3 (s.b, "Select", gw_op2 (s.b, "Equal", step, number (&s, 0)), number (&s, 1), cycles));
    }
  else
    step = gw_op2 (s.b, "Minimum", step, steps);
  left = minus (&s, 1, gw_op2 (s.b, "RealDiv", step, steps));
  left = gw_op2 (s.b, "Pow", left, number (&s, attr (&s, "power")));
  context->outputs[0] = plus (&s, end, gw_op2 (s.b, "Mul", minus (&s, attr (&s, "learning_rate"), number (&s, end)), left));
}

/* ---- cosines ---- */

/* The share of the steps that is over, 1 at most. */
static GwOutput
completed (const Schedule *schedule)
{
  GwOutput steps = number (schedule, attr (schedule, "decay_steps"));

  return gw_op2 (schedule->b, "RealDiv", gw_op2 (schedule->b, "Minimum", float_step (schedule), steps), steps);
}

/* learning_rate ((1 − α) x + α) */
static GwOutput
above_alpha (const Schedule *schedule,
             GwOutput        x)
{
  double alpha = attr (schedule, "alpha");

  return times (schedule, attr (schedule, "learning_rate"), plus (schedule, alpha, times (schedule, 1 - alpha, x)));
}

static void
cosine_expand (GwExpandContext *context)
{
  Schedule s;

  if (begin (&s, context))
    context->outputs[0] = above_alpha (&s, half_cosine (&s, completed (&s)));
}

static void
cosine_restarts_expand (GwExpandContext *context)
{
  Schedule s;
  GwOutput fraction, restart, m;
  double t;

  if (!begin (&s, context))
    return;
  t = attr (&s, "t_mul");
  fraction = gw_op2 (s.b, "RealDiv", float_step (&s), number (&s, attr (&s, "first_decay_steps")));
  if (t == 1)
    {
      restart = gw_op1 (s.b, "Floor", fraction);
      fraction = gw_op2 (s.b, "Sub", fraction, restart);
    }
  else
    {
      GwOutput one_t = minus (&s, 1, number (&s, t));
      GwOutput grown = gw_op1 (s.b, "Log", minus (&s, 1, gw_op2 (s.b, "Mul", fraction, one_t)));
      GwOutput power, sum;

      restart = gw_op1 (s.b, "Floor", gw_op2 (s.b, "RealDiv", grown, gw_op1 (s.b, "Log", number (&s, t))));
      power = gw_op2 (s.b, "Pow", number (&s, t), restart);
      sum = gw_op2 (s.b, "RealDiv", minus (&s, 1, power), one_t);
      fraction = gw_op2 (s.b, "RealDiv", gw_op2 (s.b, "Sub", fraction, sum), power);
    }
  m = gw_op2 (s.b, "Pow", number (&s, attr (&s, "m_mul")), restart);
  context->outputs[0] = above_alpha (&s, gw_op2 (s.b, "Mul", m, half_cosine (&s, fraction)));
}

/* learning_rate ((α + line) · cosine + β) */
static GwOutput
linear_cosine (const Schedule *schedule,
               GwOutput        line)
{
  GwOutput cosine = half_cosine (schedule, times (schedule, 2 * attr (schedule, "num_periods"), completed (schedule)));
  GwOutput product = gw_op2 (schedule->b, "Mul", plus (schedule, attr (schedule, "alpha"), line), cosine);

  return times (schedule, attr (schedule, "learning_rate"), plus (schedule, attr (schedule, "beta"), product));
}

static void
linear_cosine_expand (GwExpandContext *context)
{
  Schedule s;

  if (begin (&s, context))
    context->outputs[0] = linear_cosine (&s, minus (&s, 1, completed (&s)));
}

/* The line with normal noise of variance initial_variance / (1 + step)^variance_decay. */
static void
noisy_linear_cosine_expand (GwExpandContext *context)
{
  Schedule s;
  int64_t own, seed = 0, seed2 = 0; /* the graph gives some */
  GwOutput step, variance, noise;

  if (!begin (&s, context))
    return;
  own = gw_expand_attr (context, "seed")->i;
  if (own != 0)
    gw_combine_seeds (gw_graph_seed (s.b->graph), own, 0, &seed, &seed2);
  step = gw_op2 (s.b, "Minimum", float_step (&s), number (&s, attr (&s, "decay_steps")));
  variance = gw_op2 (s.b, "RealDiv", number (&s, attr (&s, "initial_variance")),
                     gw_op2 (s.b, "Pow", plus (&s, 1, step), number (&s, attr (&s, "variance_decay"))));
  noise = gw_op (s.b, "RandomStandardNormal", GW_IN (gw_op1 (s.b, "Shape", step)),
                 GW_WITH ({ "dtype", gw_attr_dtype (GW_FLOAT32) }, { "seed", gw_attr_int (seed) }, { "seed2", gw_attr_int (seed2) }));
  noise = gw_op2 (s.b, "Mul", noise, gw_op1 (s.b, "Sqrt", variance));
  context->outputs[0] = linear_cosine (&s, gw_op2 (s.b, "AddV2", minus (&s, 1, completed (&s)), noise));
}

/* ---- piecewise constant ---- */

static gboolean
check_pieces (GwBuilder         *b,
              const GwAttrValue *boundaries,
              const GwAttrValue *values)
{
  if (values->list.n != boundaries->list.n + 1)
    gw_builder_fail (b, GW_ERROR_INVALID_ARGUMENT, "values must be one more than boundaries, but are %d, and boundaries %d",
                     values->list.n, boundaries->list.n);
  for (int i = 1; i < boundaries->list.n && b->error == NULL; i++)
    if (boundaries->list.i[i] <= boundaries->list.i[i - 1])
      gw_builder_fail (b, GW_ERROR_INVALID_ARGUMENT, "boundaries must rise, but %" G_GINT64_FORMAT " follows %" G_GINT64_FORMAT,
                       boundaries->list.i[i], boundaries->list.i[i - 1]);
  return b->error == NULL;
}

/* values[i] as long as the step is at most boundaries[i], the last one after all. */
static void
piecewise_constant_expand (GwExpandContext *context)
{
  const GwAttrValue *boundaries = gw_expand_attr (context, "boundaries");
  const GwAttrValue *values = gw_expand_attr (context, "values");
  Schedule s;
  GwOutput rate;

  if (!check_pieces (context->builder, boundaries, values) || !begin (&s, context))
    return;
  rate = number (&s, values->list.f[boundaries->list.n]);
  for (int i = boundaries->list.n - 1; i >= 0; i--)
    {
      g_autoptr (GwTensor) limit = gw_tensor_new_int64 (boundaries->list.i[i]);
      GwOutput before = gw_op2 (s.b, "LessEqual", s.step, gw_const (s.b, g_steal_pointer (&limit)));

      rate = gw_op3 (s.b, "Select", before, number (&s, values->list.f[i]), rate);
    }
  context->outputs[0] = boundaries->list.n > 0 ? rate : gw_op1 (s.b, "Identity", rate);
}

/* ---- descriptions ---- */

#define RATE \
  { "learning_rate", GW_ATTR_FLOAT, .def = "0.1", .min = 0, .max = -1, .label = "First rate", .help = "At step 0." }
#define STEPS(help_text) \
  { "decay_steps", GW_ATTR_INT, .def = "1000", .min = 1, .max = 1e15, .ui_min = 1, .ui_max = 100000, .label = "Steps", .help = help_text }
#define DECAY_RATE(default_value, help_text) \
  { "decay_rate", GW_ATTR_FLOAT, .def = default_value, .ui_min = 0, .ui_max = 1, .label = "Decay rate", .help = help_text }
#define STAIRCASE \
  { "staircase", GW_ATTR_BOOL, .def = "false", .label = "Staircase", .help = "Stay between whole multiples of the steps." }
#define ALPHA(help_text) \
  { "alpha", GW_ATTR_FLOAT, .def = "0", .ui_min = 0, .ui_max = 1, .label = "α", .help = help_text }
#define LINEAR_COSINE_ATTRS                                                                                            \
  { "num_periods", GW_ATTR_FLOAT, .def = "0.5", .ui_min = 0, .ui_max = 10, .label = "Periods",                         \
    .help = "How often the cosine goes up and down." },                                                                \
  ALPHA ("Added to the line."),                                                                                        \
  { "beta", GW_ATTR_FLOAT, .def = "0.001", .ui_min = 0, .ui_max = 1, .label = "β", .help = "Share of the first rate that stays." }

#define SCHEDULE(...)                                                                                                  \
  .since = 1, .category = "training/Schedules",                                                                        \
  .outputs = GW_PORTS ({ "learning_rate", "float32", "Scalar: for Minimize, or a summary." }),                         \
  .flags = GW_OP_STATEFUL | GW_OP_STOPS_GRADIENT, __VA_ARGS__
#define FROM_STEP "\n\nThe step is the document's `global_step`, which Minimize counts."

static const GwOpDef exponential = { SCHEDULE (
  .name = "ExponentialDecay", .title = "Exponential decay", .expand = exponential_expand,
  .examples = GW_EXAMPLES ({ NULL, "learning_rate=0.1 decay_rate=0.5 decay_steps=100", GW_TEXTS ("0.1") }),
  .summary = "A learning rate that shrinks by a factor every so many steps.",
  .doc = "learning_rate · decay_rate ^ (step / decay_steps)." FROM_STEP,
  .attrs = GW_ATTRS (RATE, STEPS ("After which the rate is multiplied by the decay rate."),
                     DECAY_RATE ("0.96", "What the rate is multiplied by."), STAIRCASE),
  .tell = GW_TEXTS ("learning_rate", "decay_rate", "decay_steps")) };

static const GwOpDef natural_exp = { SCHEDULE (
  .name = "NaturalExpDecay", .title = "Natural exponential decay", .expand = natural_exp_expand,
  .examples = GW_EXAMPLES ({ NULL, "learning_rate=0.1 decay_rate=0.5 decay_steps=100", GW_TEXTS ("0.1") }),
  .summary = "A learning rate that shrinks by a power of e every so many steps.",
  .doc = "learning_rate · e ^ (−decay_rate · step / decay_steps)." FROM_STEP,
  .attrs = GW_ATTRS (RATE, STEPS ("After which e to minus the decay rate is left."),
                     DECAY_RATE ("0.5", "Exponent after that many steps."), STAIRCASE),
  .tell = GW_TEXTS ("learning_rate", "decay_rate", "decay_steps")) };

static const GwOpDef inverse_time = { SCHEDULE (
  .name = "InverseTimeDecay", .title = "Inverse time decay", .expand = inverse_time_expand,
  .examples = GW_EXAMPLES ({ NULL, "learning_rate=0.1 decay_rate=0.5 decay_steps=100", GW_TEXTS ("0.1") }),
  .summary = "A learning rate divided by a number that grows with the steps.",
  .doc = "learning_rate / (1 + decay_rate · step / decay_steps)." FROM_STEP,
  .attrs = GW_ATTRS (RATE, STEPS ("After which the divisor has grown by the decay rate."),
                     DECAY_RATE ("0.5", "How much the divisor grows."), STAIRCASE),
  .tell = GW_TEXTS ("learning_rate", "decay_rate", "decay_steps")) };

static const GwOpDef polynomial = { SCHEDULE (
  .name = "PolynomialDecay", .title = "Polynomial decay", .expand = polynomial_expand,
  .examples = GW_EXAMPLES ({ NULL, "learning_rate=0.1 end_learning_rate=0.01 decay_steps=100", GW_TEXTS ("0.1") }),
  .summary = "A learning rate that falls to another one along a line or a power.",
  .doc = "(learning_rate − end_learning_rate) · (1 − step / decay_steps) ^ power + end_learning_rate; after decay_steps it stays, or "
         "with `cycle` decay_steps becomes the next multiple of itself, so that the rate jumps up and falls again." FROM_STEP,
  .attrs = GW_ATTRS (
    RATE, STEPS ("When the last rate is reached."),
    { "end_learning_rate", GW_ATTR_FLOAT, .def = "0.0001", .min = 0, .max = -1, .label = "Last rate", .help = "After that many steps." },
    { "power", GW_ATTR_FLOAT, .def = "1", .ui_min = 0, .ui_max = 4, .label = "Power", .help = "1: a straight line." },
    { "cycle", GW_ATTR_BOOL, .def = "false", .label = "Cycle", .help = "Begin again beyond the last step." }),
  .tell = GW_TEXTS ("learning_rate", "end_learning_rate", "decay_steps")) };

static const GwOpDef cosine = { SCHEDULE (
  .name = "CosineDecay", .title = "Cosine decay", .expand = cosine_expand,
  .examples = GW_EXAMPLES ({ NULL, "learning_rate=0.1 decay_steps=100", GW_TEXTS ("0.1") }),
  .summary = "A learning rate that falls along half a wave of the cosine.",
  .doc = "learning_rate · ((1 − α) · ½ (1 + cos (π · step / decay_steps)) + α); after decay_steps it stays (arXiv:1608.03983, without "
         "restarts)." FROM_STEP,
  .attrs = GW_ATTRS (RATE, STEPS ("When the lowest rate is reached."), ALPHA ("Share of the first rate that stays.")),
  .tell = GW_TEXTS ("learning_rate", "decay_steps")) };

static const GwOpDef cosine_restarts = { SCHEDULE (
  .name = "CosineDecayRestarts", .title = "Cosine decay with restarts", .expand = cosine_restarts_expand,
  .examples = GW_EXAMPLES ({ NULL, "learning_rate=0.1 first_decay_steps=100", GW_TEXTS ("0.1") }),
  .summary = "A learning rate that falls along a cosine, jumps up and falls again, more slowly each time.",
  .doc = "The first fall takes `first_decay_steps`, every other one `t_mul` times as many as the one before, from `m_mul` times its "
         "rate (arXiv:1608.03983)." FROM_STEP,
  .attrs = GW_ATTRS (
    RATE,
    { "first_decay_steps", GW_ATTR_INT, .def = "1000", .min = 1, .max = 1e15, .ui_min = 1, .ui_max = 100000, .label = "First steps",
      .help = "Of the first fall." },
    { "t_mul", GW_ATTR_FLOAT, .def = "2", .min = 1, .max = 1e6, .ui_min = 1, .ui_max = 4, .label = "Longer by",
      .help = "How many times as many steps each fall takes as the one before." },
    { "m_mul", GW_ATTR_FLOAT, .def = "1", .min = 0, .max = -1, .ui_min = 0, .ui_max = 1, .label = "Lower by",
      .help = "What the first rate of each fall is multiplied by." },
    ALPHA ("Share of the first rate that stays.")),
  .tell = GW_TEXTS ("learning_rate", "first_decay_steps")) };

static const GwOpDef linear_cosine_decay = { SCHEDULE (
  .name = "LinearCosineDecay", .title = "Linear cosine decay", .expand = linear_cosine_expand,
  .examples = GW_EXAMPLES ({ NULL, "learning_rate=0.1 decay_steps=100 beta=0.5", GW_TEXTS ("0.15") }),
  .summary = "A learning rate that falls along a line times a cosine.",
  .doc = "learning_rate · ((α + 1 − step / decay_steps) · ½ (1 + cos (2π · num_periods · step / decay_steps)) + β); after decay_steps it "
         "stays (arXiv:1709.07417)." FROM_STEP,
  .attrs = GW_ATTRS (RATE, STEPS ("When the line reaches 0."), LINEAR_COSINE_ATTRS),
  .tell = GW_TEXTS ("learning_rate", "decay_steps")) };

static const GwOpDef noisy_linear_cosine_decay = { SCHEDULE (
  .name = "NoisyLinearCosineDecay", .title = "Noisy linear cosine decay", .expand = noisy_linear_cosine_expand,
  .examples = GW_EXAMPLES ({ NULL, "learning_rate=0.1 decay_steps=100 initial_variance=0 beta=0.5", GW_TEXTS ("0.15") }),
  .summary = "Linear cosine decay whose line trembles, less and less.",
  .doc = "As LinearCosineDecay, with normal noise of variance initial_variance / (1 + step) ^ variance_decay added to the "
         "line." FROM_STEP,
  .attrs = GW_ATTRS (
    RATE, STEPS ("When the line reaches 0."),
    { "initial_variance", GW_ATTR_FLOAT, .def = "1", .min = 0, .max = -1, .ui_min = 0, .ui_max = 2, .label = "First variance",
      .help = "Of the noise at step 0." },
    { "variance_decay", GW_ATTR_FLOAT, .def = "0.55", .ui_min = 0, .ui_max = 2, .label = "Variance decay",
      .help = "To what power of the steps the variance is divided." },
    LINEAR_COSINE_ATTRS,
    { "seed", GW_ATTR_SEED, .def = "0", .label = "Seed", .help = "0: follows the document's seed." }),
  .tell = GW_TEXTS ("learning_rate", "decay_steps")) };

static const GwOpDef piecewise_constant = { SCHEDULE (
  .name = "PiecewiseConstant", .title = "Piecewise constant", .expand = piecewise_constant_expand,
  .examples = GW_EXAMPLES ({ NULL, "boundaries=[100] values=[0.1,0.01]", GW_TEXTS ("0.1") }),
  .summary = "A learning rate that changes at given steps.",
  .doc = "values[0] up to and with step boundaries[0], then values[1] up to boundaries[1], and so on; the last value from there "
         "on." FROM_STEP,
  .attrs = GW_ATTRS (
    { "boundaries", GW_ATTR_INTS, .def = "[1000]", .label = "Boundaries", .help = "The last step of each value but the last, rising." },
    { "values", GW_ATTR_FLOATS, .def = "[0.1, 0.01]", .label = "Rates", .help = "One more than boundaries." }),
  .tell = GW_TEXTS ("values", "boundaries")) };

const GwOpDef *const gw_composites_schedules[] = {
  &exponential, &natural_exp, &inverse_time, &polynomial, &piecewise_constant, &cosine, &cosine_restarts,
  &linear_cosine_decay, &noisy_linear_cosine_decay, NULL,
};
