/* SPDX-License-Identifier: Apache-2.0 */
/* Optimizers on a given row of gradients, and whole trainings: as documents, so that
 * Minimize is what is tried. */
#include "tests/golden/golden-sketch.h"

#include <math.h>
#include <string.h>

#define MAX_WEIGHTS 8

static gboolean
run_target (GwSession       *session,
            const GwLowered *lowered,
            int              id,
            int              n_feeds,
            const GwFeed    *feeds,
            const GwOutput  *fetch,
            GwTensor       **result,
            GError         **error)
{
  GwNode *target = gw_lowered_final (lowered, id);

  return gw_session_run (session, lowered->graph, n_feeds, feeds, fetch != NULL, fetch, 1, &target, NULL, result, error);
}

/* ---- one variable, gradients given ---- */

typedef struct {
  const cJSON *golden;
  gboolean     by_handle;
  int          variable, gradient, indices, train;  /* ids in the sketch; 0 = none */
  GwSession   *session;
  GwLowered   *lowered;
} Descent;

/* Its loss is the sum of variable × gradient, or of the rows of it that indices name. */
static void
sketch_descent (Descent      *descent,
                GoldenSketch *sketch)
{
  const cJSON *initial = cJSON_GetObjectItemCaseSensitive (descent->golden, "initial");
  g_autofree char *attrs = g_strdup_printf ("\"dtype\": \"%s\", \"shape\": \"?\"", gw_json_member_string (initial, "dtype", ""));
  gboolean sparse = gw_json_member_bool (descent->golden, "sparse", FALSE);
  int used, product, flat, loss;

  used = descent->variable = golden_sketch_variable (sketch, initial, descent->by_handle);
  if (descent->by_handle && !sparse)
    used = golden_sketch_add (sketch, "ReadVariableOp", NULL, "\"resource\": {\"from\": %d}", used);
  descent->gradient = golden_sketch_add (sketch, "Placeholder", attrs, "%s", "");
  if (sparse)
    {
      descent->indices = golden_sketch_add (sketch, "Placeholder", "\"dtype\": \"int32\", \"shape\": [null]", "%s", "");
      used = golden_sketch_add (sketch, descent->by_handle ? "ResourceGather" : "GatherV2", NULL,
                                "\"%s\": {\"from\": %d}, \"indices\": {\"from\": %d}",
                                descent->by_handle ? "resource" : "params", used, descent->indices);
    }
  product = golden_sketch_add (sketch, "Mul", NULL, "\"x\": {\"from\": %d}, \"y\": {\"from\": %d}", used, descent->gradient);
  flat = golden_sketch_add (sketch, "Reshape", NULL, "\"tensor\": {\"from\": %d}, \"shape\": {\"literal\": \"[-1]\"}", product);
  loss = golden_sketch_add (sketch, "Sum", NULL, "\"input\": {\"from\": %d}, \"axis\": {\"literal\": \"0\"}", flat);
  descent->train = golden_sketch_minimize (sketch, loss, gw_json_member_string (descent->golden, "optimizer", ""),
                                           cJSON_GetObjectItemCaseSensitive (descent->golden, "params"));
}

/* A tensor, or the plain list of numbers that some files hold for indices. */
static GwTensor *
read_tensor (const cJSON *json,
             GError     **error)
{
  GwTensor *tensor;

  if (!cJSON_IsArray (json))
    return gw_tensor_from_json (json, error);
  tensor = gw_tensor_new (GW_INT32, &GW_SHAPE (cJSON_GetArraySize (json)), error);
  for (int i = 0; tensor != NULL && i < cJSON_GetArraySize (json); i++)
    GW_TENSOR_DATA (tensor, int32_t)[i] = (int32_t) cJSON_GetArrayItem (json, i)->valuedouble;
  return tensor;
}

static gboolean
step_once (const Descent *descent,
           const cJSON   *step,
           GError       **error)
{
  g_autoptr (GwTensor) gradient = read_tensor (cJSON_GetObjectItemCaseSensitive (step, "grad"), error);
  g_autoptr (GwTensor) rows = NULL;
  g_autoptr (GwTensor) indices = NULL;
  GwFeed feeds[2];
  int n = 0;

  if (gradient == NULL)
    return FALSE;
  feeds[n++] = (GwFeed) { golden_sketch_output (descent->lowered, descent->gradient), gradient };
  if (descent->indices != 0)
    {
      rows = read_tensor (cJSON_GetObjectItemCaseSensitive (step, "indices"), error);
      indices = rows != NULL ? gw_tensor_cast (rows, GW_INT32, error) : NULL;
      if (indices == NULL)
        return FALSE;
      feeds[n++] = (GwFeed) { golden_sketch_output (descent->lowered, descent->indices), indices };
    }
  return run_target (descent->session, descent->lowered, descent->train, n, feeds, NULL, NULL, error);
}

static char *
run_descent (const Descent *descent,
             GError       **error)
{
  const cJSON *step;
  char *problem = NULL;
  int number = 0;

  if (!golden_sketch_initialize (descent->session, descent->lowered, error) ||
      !golden_sketch_set (descent->session, descent->lowered, descent->variable,
                          cJSON_GetObjectItemCaseSensitive (descent->golden, "initial"), error))
    return g_strdup ((*error)->message);
  cJSON_ArrayForEach (step, cJSON_GetObjectItemCaseSensitive (descent->golden, "steps"))
    {
      g_autoptr (GwTensor) after = NULL;
      g_autofree char *what = g_strdup_printf ("value after step %d", ++number);

      if (!step_once (descent, step, error) ||
          (after = golden_sketch_value (descent->session, descent->lowered, descent->variable, error)) == NULL)
        return g_strdup ((*error)->message);
      if (!golden_compare (what, after, cJSON_GetObjectItemCaseSensitive (step, "value"), -1, &problem))
        break;
    }
  return problem;
}

/* Problem, or NULL; *known is cleared when there is no such optimizer. */
static char *
try_descent (const cJSON *golden,
             gboolean     by_handle,
             gboolean    *known)
{
  g_autoptr (GwSession) session = gw_session_new (2);
  g_autoptr (GwLowered) lowered = NULL;
  g_autoptr (GError) error = NULL;
  GoldenSketch sketch = { NULL };
  Descent descent = { .golden = golden, .by_handle = by_handle, .session = session };
  char *problem = NULL;

  sketch_descent (&descent, &sketch);
  *known = descent.train != 0;
  if (*known)
    {
      lowered = descent.lowered = golden_sketch_lower (&sketch, &error);
      problem = lowered != NULL ? run_descent (&descent, &error) : g_strdup (error->message);
    }
  golden_sketch_clear (&sketch);
  return problem;
}

/* With a variable that is a reference, and one that goes by its handle. */
void
golden_optimizer_case (GoldenReport *report,
                       const cJSON  *golden)
{
  gboolean known;
  g_autofree char *problem = try_descent (golden, FALSE, &known);
  g_autofree char *by_handle = known ? try_descent (golden, TRUE, &known) : NULL;

  if (!known)
    golden_skipped (report, "optimizer %s", gw_json_member_string (golden, "optimizer", ""));
  else if (problem != NULL || by_handle != NULL)
    golden_failed (report, golden, "%s%s", problem == NULL ? "by handle: " : "", problem != NULL ? problem : by_handle);
  else
    golden_passed (report);
}

/* ---- whole trainings ---- */

typedef struct {
  GoldenSketch sketch;
  const cJSON *golden;
  int          weights[MAX_WEIGHTS];
  int          n_weights;
  int          loss, train;
} Training;

static const cJSON *
input (const Training *training,
       int             index)
{
  return cJSON_GetArrayItem (cJSON_GetObjectItemCaseSensitive (training->golden, "inputs"), index);
}

static int
two (Training   *training,
     const char *op,
     const char *first,
     int         a,
     const char *second,
     int         b)
{
  return golden_sketch_add (&training->sketch, op, NULL, "\"%s\": {\"from\": %d}, \"%s\": {\"from\": %d}", first, a, second, b);
}

static int
mean (Training *training,
      int       x)
{
  int flat = golden_sketch_add (&training->sketch, "Reshape", NULL,
                                "\"tensor\": {\"from\": %d}, \"shape\": {\"literal\": \"[-1]\"}", x);

  return golden_sketch_add (&training->sketch, "Mean", NULL, "\"input\": {\"from\": %d}, \"axis\": {\"literal\": \"0\"}", flat);
}

/* x · kernel + bias */
static int
dense (Training *training,
       int       x,
       int       kernel)
{
  int product = two (training, "MatMul", "a", x, "b", training->weights[kernel]);

  return two (training, "BiasAdd", "value", product, "bias", training->weights[kernel + 1]);
}

static int
relu (Training *training,
      int       x)
{
  return golden_sketch_add (&training->sketch, "Relu", NULL, "\"features\": {\"from\": %d}", x);
}

static void
sketch_mlp (Training *training)
{
  int x = golden_sketch_const (&training->sketch, input (training, 0));
  int labels = golden_sketch_const (&training->sketch, input (training, 1));
  int logits = dense (training, relu (training, dense (training, x, 0)), 2);

  training->loss = mean (training, two (training, "SoftmaxCrossEntropyWithLogits", "features", logits, "labels", labels));
}

static void
sketch_convnet (Training *training)
{
  int x = golden_sketch_const (&training->sketch, input (training, 0));
  int labels = golden_sketch_const (&training->sketch, input (training, 1));
  int convolved = golden_sketch_add (&training->sketch, "Conv2D", "\"strides\": [1, 1, 1, 1], \"padding\": \"SAME\"",
                                     "\"input\": {\"from\": %d}, \"filter\": {\"from\": %d}", x, training->weights[0]);
  int active = relu (training, two (training, "BiasAdd", "value", convolved, "bias", training->weights[1]));
  int pooled = golden_sketch_add (&training->sketch, "MaxPool",
                                  "\"ksize\": [1, 2, 2, 1], \"strides\": [1, 2, 2, 1], \"padding\": \"VALID\"",
                                  "\"input\": {\"from\": %d}", active);
  int batch = (int) cJSON_GetArrayItem (cJSON_GetObjectItemCaseSensitive (input (training, 0), "shape"), 0)->valuedouble;
  int flat = golden_sketch_add (&training->sketch, "Reshape", NULL,
                                "\"tensor\": {\"from\": %d}, \"shape\": {\"literal\": \"[%d, -1]\"}", pooled, batch);

  training->loss = mean (training, two (training, "SparseSoftmaxCrossEntropyWithLogits", "features",
                                        dense (training, flat, 2), "labels", labels));
}

/* ---- recurrent cells, unrolled ---- */

static int
one (Training   *training,
     const char *op,
     int         x)
{
  return golden_sketch_add (&training->sketch, op, NULL, "\"x\": {\"from\": %d}", x);
}

static int
beside (Training *training,
        int       x,
        int       state)
{
  return golden_sketch_add (&training->sketch, "ConcatV2", NULL,
                            "\"values\": {\"from\": %d}, \"values[1]\": {\"from\": %d}, \"axis\": {\"literal\": \"1\"}", x, state);
}

/* Output `i` of a Split. */
static int
columns (Training *training,
         int       parts,
         int       i)
{
  return golden_sketch_add (&training->sketch, "Identity", NULL, "\"input\": {\"from\": %d, \"output\": %d}", parts, i);
}

static int
split (Training *training,
       int       x,
       int       n)
{
  g_autofree char *attrs = g_strdup_printf ("\"num_split\": %d", n);

  return golden_sketch_add (&training->sketch, "Split", attrs, "\"axis\": {\"literal\": \"1\"}, \"value\": {\"from\": %d}", x);
}

static int
mix (Training *training,
     int       share,
     int       a,
     int       b)
{
  int difference = two (training, "Sub", "x", a, "y", b);

  return two (training, "AddV2", "x", b, "y", two (training, "Mul", "x", share, "y", difference));
}

/* h is the output, c the cell's memory where it has one. */
static void
basic_rnn (Training *training,
           int       x,
           int      *h,
           int      *c)
{
  *h = one (training, "Tanh", dense (training, beside (training, x, *h), 0));
}

/* Gates in the order i, j, f, o; the forget bias is 1. */
static void
basic_lstm (Training *training,
            int       x,
            int      *h,
            int      *c)
{
  int gates = split (training, dense (training, beside (training, x, *h), 0), 4);
  int input = one (training, "Sigmoid", columns (training, gates, 0));
  int candidate = one (training, "Tanh", columns (training, gates, 1));
  int biased = golden_sketch_add (&training->sketch, "AddV2", NULL, "\"x\": {\"from\": %d}, \"y\": {\"literal\": \"1\"}",
                                  columns (training, gates, 2));
  int kept = two (training, "Mul", "x", *c, "y", one (training, "Sigmoid", biased));
  int output = one (training, "Sigmoid", columns (training, gates, 3));

  *c = two (training, "AddV2", "x", kept, "y", two (training, "Mul", "x", input, "y", candidate));
  *h = two (training, "Mul", "x", one (training, "Tanh", *c), "y", output);
}

/* h = u h + (1 - u) c, with c from x and r h. */
static void
gru (Training *training,
     int       x,
     int      *h,
     int      *c)
{
  int gates = split (training, one (training, "Sigmoid", dense (training, beside (training, x, *h), 0)), 2);
  int reset = two (training, "Mul", "x", columns (training, gates, 0), "y", *h);
  int candidate = one (training, "Tanh", dense (training, beside (training, x, reset), 2));

  *h = mix (training, columns (training, gates, 1), *h, candidate);
}

static void
sketch_cell (Training *training,
             void    (*step) (Training *training, int x, int *h, int *c))
{
  const cJSON *shape = cJSON_GetObjectItemCaseSensitive (input (training, 0), "shape");
  int batch = (int) cJSON_GetArrayItem (shape, 0)->valuedouble;
  int n_steps = (int) cJSON_GetArrayItem (shape, 1)->valuedouble;
  int width = (int) cJSON_GetArrayItem (shape, 2)->valuedouble;
  int xs = golden_sketch_const (&training->sketch, input (training, 0));
  int target = golden_sketch_const (&training->sketch, input (training, 1));
  int h = one (training, "ZerosLike", target);
  int c = h;

  for (int t = 0; t < n_steps; t++)
    {
      int slice = golden_sketch_add (&training->sketch, "Slice", NULL,
                                     "\"input\": {\"from\": %d}, \"begin\": {\"literal\": \"[0, %d, 0]\"}, "
                                     "\"size\": {\"literal\": \"[-1, 1, -1]\"}", xs, t);

      step (training, golden_sketch_add (&training->sketch, "Reshape", NULL,
                                         "\"tensor\": {\"from\": %d}, \"shape\": {\"literal\": \"[%d, %d]\"}", slice, batch,
                                         width), &h, &c);
    }
  training->loss = mean (training, two (training, "SquaredDifference", "x", h, "y", target));
}

static void
sketch_rnn (Training *training)
{
  sketch_cell (training, basic_rnn);
}

static void
sketch_lstm (Training *training)
{
  sketch_cell (training, basic_lstm);
}

static void
sketch_gru (Training *training)
{
  sketch_cell (training, gru);
}

static const struct {
  const char *model;    /* begins so */
  void      (*sketch) (Training *training);
} models[] = {
  { "mlp", sketch_mlp },
  { "conv", sketch_convnet },
  { "BasicRNN", sketch_rnn },
  { "BasicLSTM", sketch_lstm },
  { "GRU", sketch_gru },
};

/* FALSE when the model or its optimizer is not there. */
static gboolean
sketch_training (Training *training)
{
  const char *model = gw_json_member_string (training->golden, "model", "");
  const cJSON *weight;

  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    if (g_str_has_prefix (model, models[i].model))
      {
        cJSON_ArrayForEach (weight, cJSON_GetObjectItemCaseSensitive (training->golden, "initial"))
          if (training->n_weights < MAX_WEIGHTS)
            training->weights[training->n_weights++] = golden_sketch_variable (&training->sketch, weight, FALSE);
        models[i].sketch (training);
        training->train = golden_sketch_minimize (&training->sketch, training->loss,
                                                  gw_json_member_string (training->golden, "optimizer", ""),
                                                  cJSON_GetObjectItemCaseSensitive (training->golden, "params"));
        return training->train != 0;
      }
  return FALSE;
}

static char *
compare_final (const Training  *training,
               GwSession       *session,
               const GwLowered *lowered,
               GError         **error)
{
  char *problem = NULL;

  for (int i = 0; i < training->n_weights && problem == NULL; i++)
    {
      g_autoptr (GwTensor) value = golden_sketch_value (session, lowered, training->weights[i], error);
      g_autofree char *what = g_strdup_printf ("final weights %d", i);

      if (value == NULL)
        return g_strdup ((*error)->message);
      golden_compare (what, value, cJSON_GetArrayItem (cJSON_GetObjectItemCaseSensitive (training->golden, "final"), i), 1e-4,
                      &problem);
    }
  return problem;
}

/* The loss before each step, within 1e-4 of itself; then the final weights. */
static char *
train (const Training  *training,
       GwSession       *session,
       const GwLowered *lowered,
       GError         **error)
{
  const GwOutput loss = golden_sketch_output (lowered, training->loss);
  const cJSON *want;
  int step = 0;

  if (!golden_sketch_initialize (session, lowered, error))
    return g_strdup ((*error)->message);
  for (int i = 0; i < training->n_weights; i++)
    if (!golden_sketch_set (session, lowered, training->weights[i],
                            cJSON_GetArrayItem (cJSON_GetObjectItemCaseSensitive (training->golden, "initial"), i), error))
      return g_strdup ((*error)->message);
  cJSON_ArrayForEach (want, cJSON_GetObjectItemCaseSensitive (training->golden, "losses"))
    {
      g_autoptr (GwTensor) value = NULL;
      GwTensor *result = NULL;

      if (!run_target (session, lowered, training->train, 0, NULL, &loss, &result, error))
        return g_strdup ((*error)->message);
      value = result;
      if (!(fabs (gw_tensor_get_double (value, 0) - want->valuedouble) <= 1e-4 * fabs (want->valuedouble)))
        return g_strdup_printf ("loss before step %d: %.9g, not %.9g", step, gw_tensor_get_double (value, 0), want->valuedouble);
      step++;
    }
  return compare_final (training, session, lowered, error);
}

void
golden_training_case (GoldenReport *report,
                      const cJSON  *golden)
{
  g_autoptr (GwSession) session = gw_session_new (2);
  g_autoptr (GwLowered) lowered = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *problem = NULL;
  Training training = { .golden = golden };

  if (!sketch_training (&training))
    golden_skipped (report, "training with %s of: %s", gw_json_member_string (golden, "optimizer", ""),
                    gw_json_member_string (golden, "model", ""));
  else
    {
      lowered = golden_sketch_lower (&training.sketch, &error);
      problem = lowered != NULL ? train (&training, session, lowered, &error) : g_strdup (error->message);
      if (problem != NULL)
        golden_failed (report, golden, "%s", problem);
      else
        golden_passed (report);
    }
  golden_sketch_clear (&training.sketch);
}
