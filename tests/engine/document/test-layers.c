/* SPDX-License-Identifier: Apache-2.0 */
/* Layers: their inside against the same thing drawn from primitive ops, bit for bit;
 * their gradients against differences; what they are in each mode; what they refuse. */
#include "engine/document/costs.h"
#include "engine/document/lower.h"
#include "engine/engine.h"
#include "engine/graph/gradient.h"
#include "engine/runtime/session.h"
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

typedef struct {
  GwDocument *document;
  GwLowered  *lowered;
  GwSession  *session;
  GwBuilder   builder;
  GwOutput    x, y;     /* the layer's first input and output */
} Layer;

static GwDocument *
make_document (const char *op,
               const char *attrs,
               const char *dtype,
               const char *shape)
{
  g_autofree char *text = g_strdup_printf (
    "{'graphwright': 1, 'nodes': ["
    "{'id':1,'name':'x','op':'Placeholder','at':[0,0],'attrs':{'dtype':'%s','shape':%s}},"
    "{'id':2,'name':'layer','op':'%s','at':[0,0],'attrs':{%s},'inputs':{'inputs':{'from':1}}}]}", dtype, shape, op, attrs);
  g_autoptr (GError) error = NULL;
  GwDocument *document;

  g_strdelimit (text, "'", '"');
  document = gw_document_from_json (text, strlen (text), &error);
  g_assert_no_error (error);
  return document;
}

static void
initialize (const Layer *layer)
{
  g_autoptr (GPtrArray) targets = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < layer->lowered->variables->len; i++)
    g_ptr_array_add (targets, ((GwLoweredVariable *) g_ptr_array_index (layer->lowered->variables, i))->initializer);
  gw_session_run (layer->session, layer->lowered->graph, 0, NULL, 0, NULL, (int) targets->len,
                  (GwNode *const *) targets->pdata, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
layer_init (Layer      *layer,
            GwMode      mode,
            const char *op,
            const char *attrs,
            const char *dtype,
            const char *shape)
{
  g_autoptr (GError) error = NULL;

  layer->document = make_document (op, attrs, dtype, shape);
  layer->lowered = gw_lower (layer->document, &(GwLowerOptions) { mode, TRUE, 7 });
  gw_lowered_check (layer->lowered, layer->document, NULL, 0, &error);
  g_assert_no_error (error);
  layer->session = gw_session_new (2);
  gw_builder_init (&layer->builder, layer->lowered->graph);
  layer->x = gw_lowered_output (layer->lowered, 1, 0);
  layer->y = gw_lowered_output (layer->lowered, 2, 0);
  initialize (layer);
}

static void
layer_clear (Layer *layer)
{
  gw_builder_clear (&layer->builder);
  g_clear_pointer (&layer->session, gw_session_free);
  g_clear_pointer (&layer->lowered, gw_lowered_unref);
  g_clear_pointer (&layer->document, gw_document_unref);
}

static GwLoweredVariable *
variable (const Layer *layer,
          const char  *name)
{
  g_autofree char *full = g_strconcat ("layer/", name, NULL);

  for (guint i = 0; i < layer->lowered->variables->len; i++)
    {
      GwLoweredVariable *found = g_ptr_array_index (layer->lowered->variables, i);

      if (g_str_equal (found->name, full))
        return found;
    }
  g_error ("there is no variable %s", full);
}

/* Numbers that are neither sorted nor symmetric. */
static GwTensor *
numbers (GwDType        dtype,
         const GwShape *shape)
{
  g_autoptr (GError) error = NULL;
  GwTensor *tensor = gw_tensor_new (dtype, shape, &error);

  g_assert_no_error (error);
  for (int64_t i = 0; i < gw_shape_elements (shape); i++)
    gw_tensor_set_double (tensor, i, sin ((double) i * 1.7 + 0.3) + 0.2 * cos ((double) (i * i)));
  return tensor;
}

static GwTensor *
fetch (const Layer *layer,
       GwTensor    *x,
       GwOutput     output)
{
  GwFeed feed = { layer->x, x };
  g_autoptr (GError) error = NULL;
  GwTensor *result;

  g_assert_nonnull (output.node);
  result = gw_session_fetch (layer->session, layer->lowered->graph, 1, &feed, output, &error);
  g_assert_no_error (error);
  return result;
}

/* ---- drawn by hand ---- */

#define READ(name) variable (layer, name)->read
#define INTS(...) gw_attr_ints ((int) (sizeof ((int64_t[]) { __VA_ARGS__ }) / sizeof (int64_t)), (const int64_t[]) { __VA_ARGS__ })

static GwOutput
conv2d (const Layer *layer,
        GwBuilder   *b)
{
  GwOutput y = gw_op (b, "Conv2D", GW_IN (layer->x, READ ("kernel")),
                      GW_WITH ({ "strides", INTS (1, 2, 1, 1) }, { "padding", gw_attr_string ("SAME") }));

  return gw_op1 (b, "Relu", gw_op2 (b, "BiasAdd", y, READ ("bias")));
}

static GwOutput
conv1d (const Layer *layer,
        GwBuilder   *b)
{
  GwOutput y = gw_op (b, "Conv2D", GW_IN (gw_op2 (b, "ExpandDims", layer->x, gw_const_scalar (b, GW_INT32, 1)),
                                          gw_op2 (b, "ExpandDims", READ ("kernel"), gw_const_scalar (b, GW_INT32, 0))),
                      GW_WITH ({ "padding", gw_attr_string ("VALID") }, { "dilations", INTS (1, 1, 2, 1) }));

  return gw_op2 (b, "BiasAdd", gw_op (b, "Squeeze", GW_IN (y), GW_WITH ({ "squeeze_dims", INTS (1) })), READ ("bias"));
}

static GwOutput
conv3d (const Layer *layer,
        GwBuilder   *b)
{
  GwOutput y = gw_op (b, "Conv3D", GW_IN (layer->x, READ ("kernel")),
                      GW_WITH ({ "strides", INTS (1, 1, 1, 1, 1) }, { "padding", gw_attr_string ("VALID") }));

  return gw_op1 (b, "Tanh", y);
}

static GwOutput
transposed (const Layer *layer,
            GwBuilder   *b)
{
  GwOutput y = gw_op (b, "Conv2DBackpropInput", GW_IN (gw_const_ints (b, 4, (int64_t[]) { 2, 7, 9, 2 }), READ ("kernel"), layer->x),
                      GW_WITH ({ "strides", INTS (1, 2, 2, 1) }, { "padding", gw_attr_string ("VALID") }));

  return gw_op2 (b, "BiasAdd", y, READ ("bias"));
}

static GwOutput
separable (const Layer *layer,
           GwBuilder   *b)
{
  GwOutput y = gw_op (b, "DepthwiseConv2dNative", GW_IN (layer->x, READ ("depthwise_kernel")),
                      GW_WITH ({ "padding", gw_attr_string ("VALID") }));

  y = gw_op (b, "Conv2D", GW_IN (y, READ ("pointwise_kernel")), GW_WITH ({ "padding", gw_attr_string ("VALID") }));
  return gw_op2 (b, "BiasAdd", y, READ ("bias"));
}

static GwOutput
depthwise (const Layer *layer,
           GwBuilder   *b)
{
  GwOutput y = gw_op (b, "DepthwiseConv2dNative", GW_IN (layer->x, READ ("depthwise_kernel")),
                      GW_WITH ({ "padding", gw_attr_string ("SAME") }));

  return gw_op2 (b, "BiasAdd", y, READ ("bias"));
}

static GwOutput
max_pool (const Layer *layer,
          GwBuilder   *b)
{
  return gw_op (b, "MaxPool", GW_IN (layer->x), GW_WITH ({ "ksize", INTS (1, 2, 2, 1) }, { "strides", INTS (1, 2, 2, 1) },
                                                         { "padding", gw_attr_string ("SAME") }));
}

static GwOutput
average_pool_1d (const Layer *layer,
                 GwBuilder   *b)
{
  GwOutput wide = gw_op2 (b, "ExpandDims", layer->x, gw_const_scalar (b, GW_INT32, 1));
  GwOutput y = gw_op (b, "AvgPool", GW_IN (wide), GW_WITH ({ "ksize", INTS (1, 1, 3, 1) }, { "strides", INTS (1, 1, 1, 1) },
                                                           { "padding", gw_attr_string ("VALID") }));

  return gw_op (b, "Squeeze", GW_IN (y), GW_WITH ({ "squeeze_dims", INTS (1) }));
}

static GwOutput
global_average (const Layer *layer,
                GwBuilder   *b)
{
  return gw_op2 (b, "Mean", layer->x, gw_const_ints (b, 2, (int64_t[]) { 1, 2 }));
}

static GwOutput
flat (const Layer *layer,
      GwBuilder   *b)
{
  return gw_op2 (b, "Reshape", layer->x, gw_const_ints (b, 2, (int64_t[]) { -1, 12 }));
}

static GwOutput
normalize (const Layer *layer,
           GwBuilder   *b,
           int          n_axes,
           int64_t      axis,
           gboolean     keep)
{
  GwOutput axes = gw_const_ints (b, n_axes, &axis);
  GwOutput mean = gw_op (b, "Mean", GW_IN (layer->x, axes), GW_WITH ({ "keep_dims", gw_attr_bool (keep) }));
  GwOutput variance = gw_op (b, "Mean", GW_IN (gw_op2 (b, "SquaredDifference", layer->x, mean), axes),
                             GW_WITH ({ "keep_dims", gw_attr_bool (keep) }));
  GwOutput inverse = gw_op1 (b, "Rsqrt", gw_op2 (b, "AddV2", variance, gw_const_like (b, variance, 0.001)));

  inverse = gw_op2 (b, "Mul", inverse, READ ("gamma"));
  return gw_op2 (b, "AddV2", gw_op2 (b, "Mul", layer->x, inverse),
                 gw_op2 (b, "Sub", READ ("beta"), gw_op2 (b, "Mul", mean, inverse)));
}

static GwOutput
layer_norm (const Layer *layer,
            GwBuilder   *b)
{
  return normalize (layer, b, 1, 2, TRUE);
}

static GwOutput
batch_norm_rows (const Layer *layer,
                 GwBuilder   *b)
{
  return normalize (layer, b, 1, 0, FALSE);
}

static GwOutput
batch_norm_pictures (const Layer *layer,
                     GwBuilder   *b)
{
  GwOutput none = gw_op2 (b, "Fill", gw_const_ints (b, 1, (int64_t[]) { 0 }), gw_const_scalar (b, GW_FLOAT32, 0));

  return gw_op (b, "FusedBatchNormV3", GW_IN (layer->x, READ ("gamma"), READ ("beta"), none, none),
                GW_WITH ({ "epsilon", gw_attr_float (0.001) }, { "is_training", gw_attr_bool (TRUE) }));
}

static GwOutput
swap (GwBuilder *b,
      GwOutput   x)
{
  return gw_op2 (b, "Transpose", x, gw_const_ints (b, 3, (int64_t[]) { 1, 0, 2 }));
}

static GwOutput
zeros (GwBuilder *b,
       int64_t    n,
       int64_t    units)
{
  return gw_op2 (b, "Fill", gw_const_ints (b, n > 0 ? 2 : 1, n > 0 ? (int64_t[]) { n, units } : (int64_t[]) { units }),
                 gw_const_scalar (b, GW_FLOAT32, 0));
}

/* Two layers of three units on [2, 4, 2]. */
static GwOutput
lstm (const Layer *layer,
      GwBuilder   *b)
{
  GwOutput x = swap (b, layer->x), state = zeros (b, 2, 3), none = zeros (b, 0, 3);
  const char *const kernels[] = { "multi_rnn_cell/cell_0/lstm_cell/kernel", "multi_rnn_cell/cell_1/lstm_cell/kernel" };
  const char *const biases[] = { "multi_rnn_cell/cell_0/lstm_cell/bias", "multi_rnn_cell/cell_1/lstm_cell/bias" };

  for (int i = 0; i < 2; i++)
    x = gw_output_of (gw_node_new (b, "BlockLSTM", NULL,
                                   GW_IN (gw_const_scalar (b, GW_INT64, 4), x, state, state, READ (kernels[i]), none, none, none,
                                          READ (biases[i])),
                                   GW_WITH ({ "cell_clip", gw_attr_float (-1) })), 6);
  return swap (b, x);
}

static GwOutput
gru (const Layer *layer,
     GwBuilder   *b)
{
  GwNode *steps = gw_node_new (b, "Unpack", NULL, GW_IN (layer->x), GW_WITH ({ "num", gw_attr_int (4) }, { "axis", gw_attr_int (1) }));
  GwOutput h = zeros (b, 2, 3), hs[4];

  for (int i = 0; i < 4; i++)
    hs[i] = h = gw_output_of (gw_node_new (b, "GRUBlockCell", NULL,
                                           GW_IN (gw_output_of (steps, i), h, READ ("gru_cell/gates/kernel"),
                                                  READ ("gru_cell/candidate/kernel"), READ ("gru_cell/gates/bias"),
                                                  READ ("gru_cell/candidate/bias")), NULL), 3);
  return gw_op (b, "Pack", 4, hs, GW_WITH ({ "axis", gw_attr_int (1) }));
}

static GwOutput
rnn (const Layer *layer,
     GwBuilder   *b)
{
  GwNode *steps = gw_node_new (b, "Unpack", NULL, GW_IN (layer->x), GW_WITH ({ "num", gw_attr_int (4) }, { "axis", gw_attr_int (1) }));
  GwOutput h = zeros (b, 2, 3), hs[4];

  for (int i = 0; i < 4; i++)
    {
      GwOutput both = gw_op3 (b, "ConcatV2", gw_output_of (steps, i), h, gw_const_scalar (b, GW_INT32, 1));

      hs[i] = h = gw_op1 (b, "Tanh", gw_op2 (b, "BiasAdd", gw_op2 (b, "MatMul", both, READ ("basic_rnn_cell/kernel")),
                                             READ ("basic_rnn_cell/bias")));
    }
  return gw_op (b, "Pack", 4, hs, GW_WITH ({ "axis", gw_attr_int (1) }));
}

/* Three units on [2, 4, 2], from the last step to the first. */
static GwOutput
lstm_backwards (const Layer *layer,
                GwBuilder   *b)
{
  GwOutput state = zeros (b, 2, 3), none = zeros (b, 0, 3), axis = gw_const_ints (b, 1, (int64_t[]) { 1 });
  GwNode *node = gw_node_new (b, "BlockLSTM", NULL,
                              GW_IN (gw_const_scalar (b, GW_INT64, 4), swap (b, gw_op2 (b, "ReverseV2", layer->x, axis)), state, state,
                                     READ ("lstm_cell/kernel"), none, none, none, READ ("lstm_cell/bias")),
                              GW_WITH ({ "cell_clip", gw_attr_float (-1) }));

  return gw_op2 (b, "ReverseV2", swap (b, gw_output_of (node, 6)), axis);
}

/* Two units projected to one. */
static GwOutput
lstm_projected (const Layer *layer,
                GwBuilder   *b)
{
  GwNode *steps = gw_node_new (b, "Unpack", NULL, GW_IN (layer->x), GW_WITH ({ "num", gw_attr_int (3) }, { "axis", gw_attr_int (1) }));
  GwOutput h = zeros (b, 2, 1), c = zeros (b, 2, 2), hs[3];

  for (int i = 0; i < 3; i++)
    {
      GwOutput both = gw_op3 (b, "ConcatV2", gw_output_of (steps, i), h, gw_const_scalar (b, GW_INT32, 1));
      GwOutput sum = gw_op2 (b, "BiasAdd", gw_op2 (b, "MatMul", both, READ ("lstm_cell/kernel")), READ ("lstm_cell/bias"));
      GwNode *g = gw_node_new (b, "Split", NULL, GW_IN (gw_const_scalar (b, GW_INT32, 1), sum), GW_WITH ({ "num_split", gw_attr_int (4) }));
      GwOutput forget = gw_op2 (b, "AddV2", gw_output_of (g, 2), gw_const_scalar (b, GW_FLOAT32, 1));

      c = gw_op2 (b, "AddV2", gw_op2 (b, "Mul", gw_op1 (b, "Sigmoid", forget), c),
                  gw_op2 (b, "Mul", gw_op1 (b, "Sigmoid", gw_output_of (g, 0)), gw_op1 (b, "Tanh", gw_output_of (g, 1))));
      h = gw_op2 (b, "MatMul", gw_op2 (b, "Mul", gw_op1 (b, "Sigmoid", gw_output_of (g, 3)), gw_op1 (b, "Tanh", c)),
                  READ ("lstm_cell/projection/kernel"));
      hs[i] = h;
    }
  return gw_op (b, "Pack", 3, hs, GW_WITH ({ "axis", gw_attr_int (1) }));
}

/* ---- the comparison ---- */

#define RANDOM_BIAS "'bias_initializer':'random_normal(0, 1)'"
#define RANDOM_BETA "'beta_initializer':'random_normal(0, 1)','gamma_initializer':'random_normal(1, 0.2)'"

static const struct Case {
  const char *op, *attrs, *shape;
  GwShape     fed;
  GwOutput  (*by_hand) (const Layer *layer, GwBuilder *b);
} cases[] = {
  { "Conv2DLayer", "'filters':3,'padding':'SAME','strides':[2,1],'activation':'relu'," RANDOM_BIAS, "[null,5,4,2]",
    { .rank = 4, .dims = { 2, 5, 4, 2 } }, conv2d },
  { "Conv1DLayer", "'filters':2,'kernel_size':[2],'dilation_rate':[2]," RANDOM_BIAS, "[null,6,3]",
    { .rank = 3, .dims = { 2, 6, 3 } }, conv1d },
  { "Conv3DLayer", "'filters':2,'kernel_size':[2],'use_bias':false,'activation':'tanh'", "[null,3,3,4,2]",
    { .rank = 5, .dims = { 1, 3, 3, 4, 2 } }, conv3d },
  { "Conv2DTransposeLayer", "'filters':2,'strides':[2]," RANDOM_BIAS, "[null,3,4,3]",
    { .rank = 4, .dims = { 2, 3, 4, 3 } }, transposed },
  { "Conv2DTransposeLayer", "'filters':2,'strides':[2]," RANDOM_BIAS, "[null,null,null,3]",
    { .rank = 4, .dims = { 2, 3, 4, 3 } }, transposed },
  { "SeparableConv2DLayer", "'filters':3,'depth_multiplier':2,'kernel_size':[2,3]," RANDOM_BIAS, "[null,4,4,2]",
    { .rank = 4, .dims = { 2, 4, 4, 2 } }, separable },
  { "DepthwiseConv2DLayer", "'depth_multiplier':2,'padding':'SAME'," RANDOM_BIAS, "[null,4,3,2]",
    { .rank = 4, .dims = { 2, 4, 3, 2 } }, depthwise },
  { "Pool", "'padding':'SAME'", "[null,5,4,2]", { .rank = 4, .dims = { 2, 5, 4, 2 } }, max_pool },
  { "Pool", "'kind':'average','pool_size':[3],'strides':[1]", "[null,6,2]", { .rank = 3, .dims = { 2, 6, 2 } }, average_pool_1d },
  { "Pool", "'kind':'global_average'", "[null,null,4,2]", { .rank = 4, .dims = { 2, 3, 4, 2 } }, global_average },
  { "Flatten", "", "[null,2,3,2]", { .rank = 4, .dims = { 3, 2, 3, 2 } }, flat },
  { "Flatten", "", "[null,null,3,2]", { .rank = 4, .dims = { 3, 2, 3, 2 } }, flat },
  { "LayerNormalization", RANDOM_BETA, "[null,3,4]", { .rank = 3, .dims = { 2, 3, 4 } }, layer_norm },
  { "BatchNormalization", RANDOM_BETA, "[null,3]", { .rank = 2, .dims = { 5, 3 } }, batch_norm_rows },
  { "BatchNormalization", RANDOM_BETA, "[null,2,3,2]", { .rank = 4, .dims = { 2, 2, 3, 2 } }, batch_norm_pictures },
  { "LSTM", "'units':3,'num_layers':2", "[null,null,2]", { .rank = 3, .dims = { 2, 4, 2 } }, lstm },
  { "LSTM", "'units':3,'direction':'backward'", "[null,null,2]", { .rank = 3, .dims = { 2, 4, 2 } }, lstm_backwards },
  { "LSTM", "'units':2,'num_proj':1", "[null,3,2]", { .rank = 3, .dims = { 2, 3, 2 } }, lstm_projected },
  { "GRU", "'units':3", "[null,4,2]", { .rank = 3, .dims = { 2, 4, 2 } }, gru },
  { "GRU", "'units':3", "[null,null,2]", { .rank = 3, .dims = { 2, 4, 2 } }, gru },
  { "RNN", "'units':3", "[null,null,2]", { .rank = 3, .dims = { 2, 4, 2 } }, rnn },
  { "RNN", "'units':3", "[null,4,2]", { .rank = 3, .dims = { 2, 4, 2 } }, rnn },
};

static void
test_by_hand (gconstpointer data)
{
  const struct Case *c = data;
  g_autoptr (GwTensor) x = numbers (GW_FLOAT32, &c->fed);
  g_autoptr (GwTensor) got = NULL;
  g_autoptr (GwTensor) want = NULL;
  GwOutput drawn;
  Layer layer;

  layer_init (&layer, GW_MODE_TRAIN, c->op, c->attrs, "float32", c->shape);
  drawn = c->by_hand (&layer, &layer.builder);
  g_assert_no_error (layer.builder.error);
  got = fetch (&layer, x, layer.y);
  want = fetch (&layer, x, drawn);
  g_assert_cmpint (gw_shape_elements (&got->shape), >, 0);
  g_assert_true (gw_tensor_equal (got, want));
  g_assert_true (gw_shape_compatible (gw_output_shape (layer.y), &got->shape));
  layer_clear (&layer);
}

/* ---- gradients ---- */

/* The sum of y · weights, in double. */
static double
score (const Layer *layer,
       GwTensor    *x,
       GwOutput     where,
       GwTensor    *value)
{
  GwFeed feeds[] = { { layer->x, x }, { where, value } };
  gboolean is_x = where.node == layer->x.node;
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) y = NULL;
  double sum = 0;

  if (is_x)
    feeds[0].tensor = value;
  y = gw_session_fetch (layer->session, layer->lowered->graph, is_x ? 1 : 2, feeds, layer->y, &error);
  g_assert_no_error (error);
  for (int64_t i = 0; i < gw_shape_elements (&y->shape); i++)
    sum += gw_tensor_get_double (y, i) * sin (0.7 * (double) i + 1);
  return sum;
}

static void
check_gradient (const Layer *layer,
                GwTensor    *x,
                GwOutput     where,
                GwOutput     gradient)
{
  g_autoptr (GwTensor) analytic = fetch (layer, x, gradient);
  g_autoptr (GwTensor) value = where.node == layer->x.node ? gw_tensor_ref (x) : fetch (layer, x, where);
  double step = analytic->dtype == GW_FLOAT64 ? 1e-5 : 4e-3;
  double tolerance = analytic->dtype == GW_FLOAT64 ? 1e-6 : 4e-3;

  for (int64_t i = 0; i < gw_shape_elements (&analytic->shape); i++)
    {
      g_autoptr (GwTensor) moved = gw_tensor_duplicate (value, NULL);
      double at = gw_tensor_get_double (value, i), above, below, want;

      gw_tensor_set_double (moved, i, at + step);
      above = score (layer, x, where, moved);
      gw_tensor_set_double (moved, i, at - step);
      below = score (layer, x, where, moved);
      want = (above - below) / (2 * step);
      g_assert_cmpfloat_with_epsilon (gw_tensor_get_double (analytic, i), want, tolerance * fmax (1, fabs (want)));
    }
}

/* Of every element of the input and of every trainable variable. */
static void
test_gradients (gconstpointer data)
{
  const struct Case *c = data;
  gboolean single = strstr ("LSTM GRU", c->op) != NULL || (g_str_equal (c->op, "BatchNormalization") && c->fed.rank == 4);
  g_autoptr (GwTensor) x = numbers (single ? GW_FLOAT32 : GW_FLOAT64, &c->fed);
  g_autoptr (GwTensor) y = NULL;
  g_autoptr (GwTensor) weights = NULL;
  GwOutput xs[16], gradients[16], dy;
  int n = 0;
  Layer layer;

  layer_init (&layer, GW_MODE_TRAIN, c->op, c->attrs, single ? "float32" : "float64", c->shape);
  y = fetch (&layer, x, layer.y);
  weights = gw_tensor_duplicate (y, NULL);
  for (int64_t i = 0; i < gw_shape_elements (&y->shape); i++)
    gw_tensor_set_double (weights, i, sin (0.7 * (double) i + 1));
  dy = gw_const (&layer.builder, g_steal_pointer (&weights));
  xs[n++] = layer.x;
  for (guint i = 0; i < layer.lowered->variables->len; i++)
    if (((GwLoweredVariable *) g_ptr_array_index (layer.lowered->variables, i))->trainable)
      xs[n++] = ((GwLoweredVariable *) g_ptr_array_index (layer.lowered->variables, i))->read;
  gw_gradients (&layer.builder, 1, &layer.y, &dy, n, xs, gradients);
  g_assert_no_error (layer.builder.error);
  for (int i = 0; i < n; i++)
    check_gradient (&layer, x, xs[i], gradients[i]);
  layer_clear (&layer);
}

/* ---- modes ---- */

static void
assert_variable (const Layer *layer,
                 const char  *name,
                 const char  *want)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) value = gw_session_fetch (layer->session, layer->lowered->graph, 0, NULL, variable (layer, name)->read, &error);

  g_assert_no_error (error);
  gw_test_assert_tensor (value, want);
}

/* Batch [1, 3], mean 2, variance 1, by n − 1 it would be 2: momentum 0.9. */
static void
test_averages (void)
{
  g_autoptr (GwTensor) x = gw_test_tensor ("[[1.0], [3.0]]");
  g_autoptr (GwTensor) y = NULL;
  g_autoptr (GwTensor) evaluated = NULL;
  Layer layer;

  layer_init (&layer, GW_MODE_TRAIN, "BatchNormalization", "'momentum':0.9,'epsilon':0", "float32", "[null,1]");
  y = fetch (&layer, x, layer.y);
  gw_test_assert_tensor (y, "[[-1.0], [1.0]]");
  assert_variable (&layer, "moving_mean", "[0.2]");
  assert_variable (&layer, "moving_variance", "[1.0]");
  g_clear_pointer (&y, gw_tensor_unref);
  y = fetch (&layer, x, layer.y);
  assert_variable (&layer, "moving_mean", "[0.38]");
  layer_clear (&layer);
  for (int mode = GW_MODE_EVALUATE; mode <= GW_MODE_PREDICT; mode++)
    {
      layer_init (&layer, (GwMode) mode, "BatchNormalization",
                  "'epsilon':0,'moving_mean_initializer':'[2]','moving_variance_initializer':'[4]'", "float32", "[null,1]");
      g_clear_pointer (&evaluated, gw_tensor_unref);
      evaluated = fetch (&layer, x, layer.y);
      gw_test_assert_tensor (evaluated, "[[-0.5], [0.5]]");
      assert_variable (&layer, "moving_mean", "[2.0]");
      layer_clear (&layer);
    }
}

/* Pictures: the average follows the variance by n − 1. */
static void
test_fused_averages (void)
{
  g_autoptr (GwTensor) x = gw_test_tensor ("[[[[1.0]], [[3.0]]]]");
  g_autoptr (GwTensor) y = NULL;
  Layer layer;

  layer_init (&layer, GW_MODE_TRAIN, "BatchNormalization", "'momentum':0.9,'epsilon':0", "float32", "[null,2,1,1]");
  y = fetch (&layer, x, layer.y);
  gw_test_assert_tensor (y, "[[[[-1.0]], [[1.0]]]]");
  assert_variable (&layer, "moving_mean", "[0.2]");
  assert_variable (&layer, "moving_variance", "[1.1]");
  layer_clear (&layer);
}

/* ---- Embedding, states ---- */

static void
test_embedding (void)
{
  g_autoptr (GwTensor) x = gw_test_tensor ("[[2, 0], [1, 2]]");
  g_autoptr (GwTensor) y = NULL;
  Layer layer;

  layer_init (&layer, GW_MODE_TRAIN, "Embedding", "'input_dim':3,'output_dim':2,'embeddings_initializer':'[[1, 2], [3, 4], [5, 6]]'",
              "int32", "[null,2]");
  y = fetch (&layer, x, layer.y);
  gw_test_assert_tensor (y, "[[[5.0, 6], [1, 2]], [[3, 4], [5, 6]]]");
  layer_clear (&layer);
}

/* The state is the last of the outputs. */
static void
test_states (void)
{
  static const char *const ops[] = { "LSTM", "GRU", "RNN" };
  g_autoptr (GwTensor) x = numbers (GW_FLOAT32, &GW_SHAPE (2, 4, 3));

  for (gsize i = 0; i < G_N_ELEMENTS (ops); i++)
    {
      g_autoptr (GwTensor) outputs = NULL;
      g_autoptr (GwTensor) state = NULL;
      Layer layer;

      layer_init (&layer, GW_MODE_PREDICT, ops[i], "'units':2,'num_layers':2", "float32", "[null,4,3]");
      outputs = fetch (&layer, x, layer.y);
      state = fetch (&layer, x, gw_lowered_output (layer.lowered, 2, 1));
      for (int j = 0; j < 4; j++)
        g_assert_cmpfloat (gw_tensor_get_double (state, j), ==, gw_tensor_get_double (outputs, (j / 2) * 8 + 6 + j % 2));
      layer_clear (&layer);
    }
}

/* ---- the examples ---- */

/* Complete in every mode; a row for each picture. */
static void
test_example (gconstpointer name)
{
  g_autofree char *path = g_build_filename (g_getenv ("GW_EXAMPLES"), (const char *) name, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GwDocument) document = NULL;
  gsize length;

  g_file_get_contents (path, &text, &length, &error);
  g_assert_no_error (error);
  document = gw_document_from_json (text, length, &error);
  g_assert_no_error (error);
  for (int mode = GW_MODE_TRAIN; mode <= GW_MODE_PREDICT; mode++)
    {
      g_autoptr (GwLowered) lowered = gw_lower (document, &(GwLowerOptions) { (GwMode) mode, TRUE, 7 });
      GwOutput logits;

      gw_lowered_check (lowered, document, NULL, 0, &error);
      g_assert_no_error (error);
      g_assert_true (gw_lowered_find (lowered, document, "logits", &logits, &error));
      g_assert_cmpint (gw_output_shape (logits)->rank, ==, 2);
      g_assert_cmpint (gw_output_shape (logits)->dims[1], ==, g_str_equal (name, "convnet.gw") ? 10 : 784);
    }
}

/* By hand: each output of a kernel of k numbers costs k multiplications and additions, its bias an addition, Relu one
 * operation more; a pool of 2 × 2 looks at 4. Flatten reckons nothing. */
static void
test_costs (void)
{
  static const struct { const char *name; int64_t parameters; double flops; } want[] = {
    { "conv1", 9 * 16 + 16, 28 * 28 * 16 * (2 * 9 + 2) }, { "pool1", 0, 14 * 14 * 16 * 4 },
    { "conv2", 9 * 16 * 32 + 32, 14 * 14 * 32 * (2 * 9 * 16 + 2) }, { "pool2", 0, 7 * 7 * 32 * 4 }, { "flat", 0, 0 },
    { "hidden", 1568 * 128 + 128, 128 * (2 * 1568 + 2) }, { "logits", 128 * 10 + 10, 10 * (2 * 128 + 1) },
  };
  g_autofree char *path = g_build_filename (g_getenv ("GW_EXAMPLES"), "convnet.gw", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GwDocument) document = gw_document_load (path, &error);
  g_autoptr (GwLowered) lowered = gw_lower (document, &(GwLowerOptions) { GW_MODE_TRAIN, FALSE, 7 });
  g_autoptr (GHashTable) costs = gw_lowered_costs (lowered);

  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (want); i++)
    {
      int64_t id = gw_document_find (document, want[i].name);
      const GwNodeCost *cost = g_hash_table_lookup (costs, GSIZE_TO_POINTER ((gsize) id));

      g_assert_cmpint (cost != NULL ? cost->parameters : 0, ==, want[i].parameters);
      g_assert_cmpfloat (cost != NULL ? cost->flops : 0, ==, want[i].flops);
    }
}

/* ---- layers of several inputs ---- */

/* The inside of `op`, whose `ports` are wired to x [2, 3, 4], against `by_hand`. */
static void
compare_self (const char *op,
              const char *attrs,
              const char *ports,
              GwOutput  (*by_hand) (const Layer *layer, GwBuilder *b))
{
  g_autofree char *text = g_strdup_printf (
    "{'graphwright': 1, 'nodes': ["
    "{'id':1,'name':'x','op':'Placeholder','at':[0,0],'attrs':{'dtype':'float64','shape':[null,3,4]}},"
    "{'id':2,'name':'layer','op':'%s','at':[0,0],'attrs':{%s},'inputs':{%s}}]}", op, attrs, ports);
  g_autoptr (GwTensor) x = numbers (GW_FLOAT64, &GW_SHAPE (2, 3, 4));
  g_autoptr (GwTensor) got = NULL;
  g_autoptr (GwTensor) want = NULL;
  g_autoptr (GError) error = NULL;
  GwOutput drawn;
  Layer layer;

  g_strdelimit (text, "'", '"');
  layer.document = gw_document_from_json (text, strlen (text), &error);
  g_assert_no_error (error);
  layer.lowered = gw_lower (layer.document, &(GwLowerOptions) { GW_MODE_TRAIN, TRUE, 7 });
  gw_lowered_check (layer.lowered, layer.document, NULL, 0, &error);
  g_assert_no_error (error);
  layer.session = gw_session_new (2);
  gw_builder_init (&layer.builder, layer.lowered->graph);
  layer.x = gw_lowered_output (layer.lowered, 1, 0);
  layer.y = gw_lowered_output (layer.lowered, 2, 0);
  initialize (&layer);
  drawn = by_hand (&layer, &layer.builder);
  g_assert_no_error (layer.builder.error);
  got = fetch (&layer, x, layer.y);
  want = fetch (&layer, x, drawn);
  g_assert_true (gw_tensor_equal (got, want));
  layer_clear (&layer);
}

static GwOutput
attention_by_hand (const Layer *layer,
                   GwBuilder   *b)
{
  GwOutput half = gw_op2 (b, "Mul", layer->x, gw_const_like (b, layer->x, 0.5));
  GwOutput scores = gw_op (b, "BatchMatMulV2", GW_IN (half, layer->x), GW_WITH ({ "adj_y", gw_attr_bool (TRUE) }));

  return gw_op2 (b, "BatchMatMulV2", gw_op1 (b, "Softmax", scores), layer->x);
}

static GwOutput
residual_by_hand (const Layer *layer,
                  GwBuilder   *b)
{
  return gw_op1 (b, "Tanh", gw_op2 (b, "AddV2", layer->x, layer->x));
}

static GwOutput
concatenate_by_hand (const Layer *layer,
                     GwBuilder   *b)
{
  return gw_op3 (b, "ConcatV2", layer->x, layer->x, gw_const_scalar (b, GW_INT32, 1));
}

static void
test_several_inputs (void)
{
  compare_self ("Attention", "", "'query':{'from':1},'key':{'from':1},'value':{'from':1}", attention_by_hand);
  compare_self ("Residual", "'activation':'tanh'", "'shortcut':{'from':1},'branch':{'from':1}", residual_by_hand);
  compare_self ("Concatenate", "'axis':1", "'inputs[0]':{'from':1},'inputs[1]':{'from':1}", concatenate_by_hand);
}

/* ---- what is refused ---- */

static void
test_refused (void)
{
  static const struct { const char *op, *attrs, *dtype, *shape, *part; } wrong[] = {
    { "Conv2DLayer", "", "float32", "[null,28,28]", "inputs must have 4 dimensions" },
    { "Conv2DLayer", "", "float32", "[null,28,28,null]", "number of channels" },
    { "Conv2DLayer", "", "int32", "[null,28,28,1]", "cannot be int32" },
    { "Conv2DLayer", "'kernel_size':[0]", "float32", "[null,28,28,1]", "kernel_size must be 1 or more" },
    { "Conv2DLayer", "'strides':[1,-2]", "float32", "[null,28,28,1]", "strides must be 1 or more" },
    { "Pool", "", "float32", "[null,3]", "3, 4 or 5 dimensions" },
    { "Pool", "'pool_size':[2,2,2]", "float32", "[null,8,8,1]", "pool_size must be one number, or 2" },
    { "Flatten", "", "float32", "[]", "batch dimension" },
    { "BatchNormalization", "", "float32", "[null,null]", "last one known" },
    { "LSTM", "", "float32", "[null,3]", "[batch, time, features]" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GwDocument) document = make_document (wrong[i].op, wrong[i].attrs, wrong[i].dtype, wrong[i].shape);
      g_autoptr (GwLowered) lowered = gw_lower (document, &(GwLowerOptions) { GW_MODE_TRAIN, TRUE, 7 });
      g_autoptr (GError) error = NULL;

      g_assert_false (gw_lowered_check (lowered, document, NULL, 0, &error));
      if (strstr (error->message, wrong[i].part) == NULL)
        g_error ("%s %s: %s", wrong[i].op, wrong[i].shape, error->message);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gw_init ();
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *by_hand = g_strdup_printf ("/layers/by-hand/%s-%d", cases[i].op, (int) i);
      g_autofree char *gradients = g_strdup_printf ("/layers/gradients/%s-%d", cases[i].op, (int) i);

      g_test_add_data_func (by_hand, &cases[i], test_by_hand);
      g_test_add_data_func (gradients, &cases[i], test_gradients);
    }
  g_test_add_func ("/layers/batch-normalization/averages", test_averages);
  g_test_add_func ("/layers/batch-normalization/fused-averages", test_fused_averages);
  g_test_add_func ("/layers/embedding", test_embedding);
  g_test_add_func ("/layers/states", test_states);
  g_test_add_data_func ("/layers/examples/convnet", "convnet.gw", test_example);
  g_test_add_data_func ("/layers/examples/autoencoder", "autoencoder.gw", test_example);
  g_test_add_func ("/layers/costs", test_costs);
  g_test_add_func ("/layers/several-inputs", test_several_inputs);
  g_test_add_func ("/layers/refused", test_refused);
  return g_test_run ();
}
