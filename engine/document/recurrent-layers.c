/* SPDX-License-Identifier: Apache-2.0 */
/* Recurrent layers over [batch, time, features], one above the other: BlockLSTM, and
 * the other cells' steps one after the other. Variables are those of TensorFlow's cells
 * (rnn_cell_impl.py), in their layout. */
#include "engine/document/composites.h"
#include "engine/document/lower.h"
#include "engine/document/parts.h"

#define MAX_STEPS 4096 /* that are built one by one */

typedef struct {
  GwExpandContext *context;
  GwBuilder       *b;
  GwDType          dtype;
  int64_t          units, features;  /* of the layer at hand */
  GwOutput         zero;             /* the first state, [batch, units] */
  char            *scope;            /* of its variables: "multi_rnn_cell/cell_0/gru_cell" */
} Layer;

/* x is [time, batch, features] and becomes [time, batch, units]; `last` are the states after
 * the last step. */
typedef void (*RunLayer) (Layer *layer, GwOutput *x, GwOutput *last);

static GwOutput
variable (const Layer   *layer,
          const char    *name,
          const GwShape *shape,
          const char    *initializer)
{
  g_autofree char *full = g_strdup_printf ("%s/%s", layer->scope, name);

  return gw_lowering_variable (layer->context, full, layer->dtype, shape, initializer,
                               gw_expand_attr (layer->context, "trainable")->b);
}

static const char *
kernel_initializer (const Layer *layer)
{
  return gw_expand_attr (layer->context, "kernel_initializer")->s;
}

/* x[−1] */
static GwOutput
last_row (GwBuilder *b,
          GwOutput   x)
{
  return gw_op (b, "StridedSlice", GW_IN (x, GW_INTS (b, -1), GW_INTS (b, 0), GW_INTS (b, 1)),
                GW_WITH ({ "shrink_axis_mask", gw_attr_int (1) }));
}

/* ---- LSTM ---- */

static void
run_lstm (Layer    *layer,
          GwOutput *x,
          GwOutput *last)
{
  GwBuilder *b = layer->b;
  int64_t u = layer->units;
  gboolean peephole = gw_expand_attr (layer->context, "use_peepholes")->b;
  GwOutput kernel = variable (layer, "kernel", &GW_SHAPE (layer->features + u, 4 * u), kernel_initializer (layer));
  GwOutput bias = variable (layer, "bias", &GW_SHAPE (4 * u), "zeros");
  GwOutput steps = gw_part_cast (b, gw_op (b, "Squeeze", GW_IN (gw_part_slice (b, gw_op1 (b, "Shape", *x), 0, 1)), NULL), GW_INT64);
  GwOutput diagonals[3];
  static const char *const names[] = { "w_i_diag", "w_f_diag", "w_o_diag" };
  GwNode *node;

  for (int i = 0; i < 3; i++)
    diagonals[i] = peephole ? variable (layer, names[i], &GW_SHAPE (u), kernel_initializer (layer))
                            : gw_op2 (b, "Fill", GW_INTS (b, u), gw_const_scalar (b, layer->dtype, 0));
  node = gw_node_new (b, "BlockLSTM", NULL,
                      GW_IN (steps, *x, layer->zero, layer->zero, kernel, diagonals[0], diagonals[1], diagonals[2], bias),
                      GW_WITH ({ "forget_bias", *gw_expand_attr (layer->context, "forget_bias") },
                               { "cell_clip", *gw_expand_attr (layer->context, "cell_clip") },
                               { "use_peephole", gw_attr_bool (peephole) }));
  *x = gw_output_of (node, 6);
  last[0] = last_row (b, *x);
  last[1] = last_row (b, gw_output_of (node, 1));
}

/* ---- cells taken step by step ---- */

typedef GwOutput (*Step) (const Layer *layer, const GwOutput *weights, GwOutput x, GwOutput h);

static void
unroll (Layer          *layer,
        Step            step,
        const GwOutput *weights,
        GwOutput       *x,
        GwOutput       *last)
{
  GwBuilder *b = layer->b;
  int64_t n = x->node != NULL ? gw_output_shape (*x)->dims[0] : -1;
  g_autofree GwOutput *hs = NULL;
  GwOutput h = layer->zero;
  GwNode *parts;

  if (b->error == NULL && (n < 1 || n > MAX_STEPS))
    gw_builder_fail (b, GW_ERROR_INVALID_ARGUMENT,
                     n < 0 ? "the number of steps, dimension 1 of inputs, must be known"
                           : "inputs must have from 1 to %d steps, dimension 1", MAX_STEPS);
  if (b->error != NULL)
    return;
  parts = gw_node_new (b, "Unpack", NULL, GW_IN (*x), GW_WITH ({ "num", gw_attr_int (n) }, { "axis", gw_attr_int (0) }));
  hs = g_new (GwOutput, n);
  for (int64_t i = 0; i < n; i++)
    hs[i] = h = step (layer, weights, gw_output_of (parts, (int) i), h);
  *x = gw_op (b, "Pack", (int) n, hs, NULL);
  last[0] = h;
}

static GwOutput
gru_step (const Layer    *layer,
          const GwOutput *weights,
          GwOutput        x,
          GwOutput        h)
{
  return gw_output_of (gw_node_new (layer->b, "GRUBlockCell", NULL, GW_IN (x, h, weights[0], weights[1], weights[2], weights[3]), NULL), 3);
}

static void
run_gru (Layer    *layer,
         GwOutput *x,
         GwOutput *last)
{
  int64_t u = layer->units, rows = layer->features + u;
  GwOutput weights[] = {
    variable (layer, "gates/kernel", &GW_SHAPE (rows, 2 * u), kernel_initializer (layer)),
    variable (layer, "candidate/kernel", &GW_SHAPE (rows, u), kernel_initializer (layer)),
    variable (layer, "gates/bias", &GW_SHAPE (2 * u), "ones"),
    variable (layer, "candidate/bias", &GW_SHAPE (u), "zeros"),
  };

  unroll (layer, gru_step, weights, x, last);
}

/* activation ([x, h] · kernel + bias) */
static GwOutput
basic_step (const Layer    *layer,
            const GwOutput *weights,
            GwOutput        x,
            GwOutput        h)
{
  GwBuilder *b = layer->b;
  GwOutput sum = gw_op2 (b, "BiasAdd", gw_op2 (b, "MatMul", gw_part_concat (b, GW_IN (x, h), 1), weights[0]), weights[1]);

  return gw_part_activation (b, gw_expand_attr (layer->context, "activation")->s, sum);
}

static void
run_basic (Layer    *layer,
           GwOutput *x,
           GwOutput *last)
{
  int64_t u = layer->units;
  GwOutput weights[] = {
    variable (layer, "kernel", &GW_SHAPE (layer->features + u, u), kernel_initializer (layer)),
    variable (layer, "bias", &GW_SHAPE (u), "zeros"),
  };

  unroll (layer, basic_step, weights, x, last);
}

/* ---- the whole ---- */

static gboolean
check_inputs (GwExpandContext *context)
{
  GwOutput x = context->inputs[0];
  const GwShape *shape = gw_output_shape (x);
  g_autofree char *text = gw_shape_to_string (shape);

  if (!gw_dtype_is_floating (gw_output_dtype (x)))
    gw_builder_fail (context->builder, GW_ERROR_INVALID_ARGUMENT, "inputs must be floating-point numbers, not %s; put a Cast before",
                     gw_dtype_name (gw_output_dtype (x)));
  else if (shape->rank != 3 || shape->dims[2] < 0)
    gw_builder_fail (context->builder, GW_ERROR_INVALID_ARGUMENT,
                     "inputs must be [batch, time, features], the last one known, but is %s", text);
  return context->builder->error == NULL;
}

static GwOutput
swap_batch_and_time (GwBuilder *b,
                     GwOutput   x)
{
  return gw_op2 (b, "Transpose", x, GW_INTS (b, 1, 0, 2));
}

static void
run_layers (GwExpandContext *context,
            const char      *cell,
            RunLayer         run)
{
  GwBuilder *b = context->builder;
  int64_t units = gw_expand_attr (context, "units")->i, n = gw_expand_attr (context, "num_layers")->i;
  GwOutput x = context->inputs[0], last[2] = { GW_NO_OUTPUT, GW_NO_OUTPUT };
  Layer layer = { .context = context, .b = b, .units = units };
  GwOutput batch;

  if (!check_inputs (context))
    return;
  layer.dtype = gw_output_dtype (x);
  layer.features = gw_output_shape (x)->dims[2];
  batch = gw_part_slice (b, gw_op1 (b, "Shape", x), 0, 1);
  layer.zero = gw_op2 (b, "Fill", gw_part_concat (b, GW_IN (batch, GW_INTS (b, units)), 0), gw_const_scalar (b, layer.dtype, 0));
  x = swap_batch_and_time (b, x);
  for (int64_t i = 0; i < n && b->error == NULL; i++)
    {
      layer.scope = n > 1 ? g_strdup_printf ("multi_rnn_cell/cell_%d/%s", (int) i, cell) : g_strdup (cell);
      run (&layer, &x, last);
      layer.features = units;
      g_free (layer.scope);
    }
  if (b->error != NULL)
    return;
  context->outputs[0] = swap_batch_and_time (b, x);
  context->outputs[1] = last[0];
  if (last[1].node != NULL)
    context->outputs[2] = last[1];
}

static void lstm_expand (GwExpandContext *context) { run_layers (context, "lstm_cell", run_lstm); }
static void gru_expand (GwExpandContext *context) { run_layers (context, "gru_cell", run_gru); }
static void rnn_expand (GwExpandContext *context) { run_layers (context, "basic_rnn_cell", run_basic); }

/* ---- descriptions ---- */

#define RECURRENT_ATTRS                                                                                                \
  { "units", GW_ATTR_INT, .def = "64", .min = 1, .max = 1e8, .ui_min = 1, .ui_max = 1024, .label = "Units",            \
    .help = "Numbers in the state, and outputs of each step." },                                                       \
  { "num_layers", GW_ATTR_INT, .def = "1", .min = 1, .max = 64, .ui_min = 1, .ui_max = 8, .label = "Layers",           \
    .help = "One above the other: each reads the outputs of the one below." },                                         \
  GW_INITIALIZER_ATTR ("kernel_initializer", "glorot_uniform", "Kernel init"), GW_TRAINABLE_ATTR
#define RECURRENT_INPUTS(type) .inputs = GW_PORTS ({ "inputs", type, "[batch, time, features]" })
#define OUTPUTS(type) { "outputs", type, "[batch, time, units]: of every step." }
#define STATE(type) { "state", type, "[batch, units]: of the last step, in the top layer." }
#define ABOUT                                                                                                          \
  "\n\nThe first state is zero. Take `outputs` where every step counts, `state` where the whole sequence is one example. "  \
  "With several layers the variables' names have multi_rnn_cell/cell_0, … in them."

static const GwOpDef lstm = {
  .name = "LSTM", .since = 1, .title = "LSTM layer", .category = "layers",
  .summary = "Reads sequences step by step, with a memory that gates write, keep and read.",
  .doc = "As tf.nn.rnn_cell.LSTMCell run by tf.nn.dynamic_rnn; all steps are done by *BlockLSTM*. `kernel` is "
         "[features + units, 4 · units], gates in the order i, j, f, o. The variables are called NAME/lstm_cell/kernel and "
         "NAME/lstm_cell/bias." ABOUT,
  RECURRENT_INPUTS ("float32"),
  .outputs = GW_PORTS (OUTPUTS ("float32"), STATE ("float32"), { "cell", "float32", "[batch, units]: its memory, likewise." }),
  .attrs = GW_ATTRS (
    RECURRENT_ATTRS,
    { "forget_bias", GW_ATTR_FLOAT, .def = "1", .ui_min = 0, .ui_max = 5, .label = "Forget bias",
      .help = "Added to the forget gate, so that a new cell remembers." },
    { "cell_clip", GW_ATTR_FLOAT, .def = "-1", .ui_min = -1, .ui_max = 50, .label = "Cell clip",
      .help = "The memory is cut to ± this value; 0 or less leaves it alone." },
    { "use_peepholes", GW_ATTR_BOOL, .def = "false", .label = "Peepholes", .help = "Gates see the memory." }),
  .expand = lstm_expand, .tell = GW_TEXTS ("units", "num_layers"),
};

static const GwOpDef gru = {
  .name = "GRU", .since = 1, .title = "GRU layer", .category = "layers",
  .summary = "Reads sequences step by step, keeping or replacing its state by two gates.",
  .doc = "As tf.nn.rnn_cell.GRUCell run by tf.nn.dynamic_rnn: a *GRUBlockCell* for each step, so their number must be known. The "
         "variables are called NAME/gru_cell/gates/kernel (r, then u), NAME/gru_cell/gates/bias, NAME/gru_cell/candidate/kernel and "
         "NAME/gru_cell/candidate/bias." ABOUT,
  RECURRENT_INPUTS ("float32"), .outputs = GW_PORTS (OUTPUTS ("float32"), STATE ("float32")),
  .attrs = GW_ATTRS (RECURRENT_ATTRS), .expand = gru_expand, .tell = GW_TEXTS ("units", "num_layers"),
};

static const GwOpDef rnn = {
  .name = "RNN", .since = 1, .title = "Recurrent layer", .category = "layers",
  .summary = "Reads sequences step by step: the new state is activation ([input, state] · kernel + bias).",
  .doc = "As tf.nn.rnn_cell.BasicRNNCell run by tf.nn.dynamic_rnn; the number of steps must be known. Forgets faster than *LSTM* and "
         "*GRU*. The variables are called NAME/basic_rnn_cell/kernel and NAME/basic_rnn_cell/bias." ABOUT,
  RECURRENT_INPUTS ("T"), .outputs = GW_PORTS (OUTPUTS ("T"), STATE ("T")),
  .attrs = GW_ATTRS (RECURRENT_ATTRS, GW_ACTIVATION_ATTR ("tanh"), GW_LAYER_TYPE_ATTR),
  .expand = rnn_expand, .tell = GW_TEXTS ("units", "num_layers"),
};

const GwOpDef *const gw_composites_recurrent_layers[] = { &lstm, &gru, &rnn, NULL };
