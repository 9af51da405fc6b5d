/* SPDX-License-Identifier: Apache-2.0 */
/* BlockLSTM, and the other cells' steps one after the other. */
#include "engine/document/recurrent.h"

#include "engine/document/parts.h"
#include "engine/document/weights.h"

#define MAX_STEPS 4096 /* that are built one by one */

static GwOutput
kernel (const GwRecurrent *layer,
        const char        *name,
        const GwShape     *shape)
{
  g_autofree char *full = g_strdup_printf ("%s/%s", layer->scope, name);

  return gw_layer_weights (layer->context, full, "kernel", layer->dtype, shape);
}

static GwOutput
bias (const GwRecurrent *layer,
      const char        *name,
      int64_t            n,
      const char        *initializer)
{
  g_autofree char *full = g_strdup_printf ("%s/%s", layer->scope, name);

  return gw_lowering_variable (layer->context, full, layer->dtype, &GW_SHAPE (n), initializer,
                               gw_expand_attr (layer->context, "trainable")->b);
}

/* x[−1] */
static GwOutput
last_row (GwBuilder *b,
          GwOutput   x)
{
  return gw_op (b, "StridedSlice", GW_IN (x, GW_INTS (b, -1), GW_INTS (b, 0), GW_INTS (b, 1)),
                GW_WITH ({ "shrink_axis_mask", gw_attr_int (1) }));
}

static GwOutput
count_steps (GwBuilder *b,
             GwOutput   x)
{
  return gw_op (b, "Squeeze", GW_IN (gw_part_slice (b, gw_op1 (b, "Shape", x), 0, 1)), NULL);
}

/* ---- sequences of their own lengths ---- */

/* x where the step is one of the example's, else zero. */
static GwOutput
zero_beyond (const GwRecurrent *layer,
             GwOutput           x)
{
  GwBuilder *b = layer->b;
  GwOutput steps = gw_op3 (b, "Range", gw_const_scalar (b, GW_INT32, 0), count_steps (b, x), gw_const_scalar (b, GW_INT32, 1));
  GwOutput inside = gw_op2 (b, "Less", gw_op2 (b, "ExpandDims", steps, gw_const_scalar (b, GW_INT32, 1)), layer->lengths);

  return gw_op3 (b, "SelectV2", gw_op2 (b, "ExpandDims", inside, gw_const_scalar (b, GW_INT32, 2)), x, gw_const_like (b, x, 0));
}

/* The state after each example's last step: `first` where it has none. */
static GwOutput
state_at_length (const GwRecurrent *layer,
                 GwOutput           first,
                 GwOutput           states)
{
  GwBuilder *b = layer->b;
  GwOutput all = gw_part_concat (b, GW_IN (gw_op2 (b, "ExpandDims", first, gw_const_scalar (b, GW_INT32, 0)), states), 0);
  GwOutput examples = gw_op3 (b, "Range", gw_const_scalar (b, GW_INT32, 0), gw_op1 (b, "Size", layer->lengths),
                              gw_const_scalar (b, GW_INT32, 1));
  GwOutput at = gw_op2 (b, "Minimum", layer->lengths, count_steps (b, states));

  return gw_op2 (b, "GatherNd", all, gw_op (b, "Pack", GW_IN (at, examples), GW_WITH ({ "axis", gw_attr_int (1) })));
}

/* ---- LSTM ---- */

typedef struct {
  GwOutput kernel, bias;
  GwOutput diagonals[3];  /* what input, forget and output gate see of the memory */
  gboolean peephole;
} LstmWeights;

static void
lstm_weights (const GwRecurrent *layer,
              LstmWeights       *w)
{
  static const char *const names[] = { "w_i_diag", "w_f_diag", "w_o_diag" };
  int64_t u = layer->units;

  w->peephole = gw_expand_attr (layer->context, "use_peepholes")->b;
  w->kernel = kernel (layer, "kernel", &GW_SHAPE (layer->features + layer->outputs, 4 * u));
  w->bias = bias (layer, "bias", 4 * u, "zeros");
  for (int i = 0; i < 3; i++)
    w->diagonals[i] = w->peephole ? bias (layer, names[i], u, gw_expand_attr (layer->context, "kernel_initializer")->s)
                                  : GW_NO_OUTPUT;
}

static void
run_block_lstm (const GwRecurrent *layer,
                GwOutput          *x,
                GwOutput          *last)
{
  GwBuilder *b = layer->b;
  GwOutput steps = gw_part_cast (b, count_steps (b, *x), GW_INT64);
  LstmWeights w;
  GwNode *node;

  lstm_weights (layer, &w);
  for (int i = 0; i < 3 && !w.peephole; i++)
    w.diagonals[i] = gw_op2 (b, "Fill", GW_INTS (b, layer->units), gw_const_scalar (b, layer->dtype, 0));
  node = gw_node_new (b, "BlockLSTM", NULL,
                      GW_IN (steps, *x, layer->first[1], layer->first[0], w.kernel, w.diagonals[0], w.diagonals[1], w.diagonals[2], w.bias),
                      GW_WITH ({ "forget_bias", *gw_expand_attr (layer->context, "forget_bias") },
                               { "cell_clip", *gw_expand_attr (layer->context, "cell_clip") },
                               { "use_peephole", gw_attr_bool (w.peephole) }));
  *x = gw_output_of (node, 6);
  if (layer->lengths.node == NULL)
    {
      last[0] = last_row (b, *x);
      last[1] = last_row (b, gw_output_of (node, 1));
      return;
    }
  last[0] = state_at_length (layer, layer->first[0], *x);
  last[1] = state_at_length (layer, layer->first[1], gw_output_of (node, 1));
  *x = zero_beyond (layer, *x);
}

/* ---- cells taken step by step ---- */

/* One step: `states` are replaced; the first of them is the output. */
typedef void (*Step) (const GwRecurrent *layer, gconstpointer weights, GwOutput x, GwOutput *states);

static gboolean
check_steps (GwBuilder *b,
             int64_t    n)
{
  if (b->error == NULL && (n < 1 || n > MAX_STEPS))
    gw_builder_fail (b, GW_ERROR_INVALID_ARGUMENT,
                     n < 0 ? "the number of steps, dimension 1 of inputs, must be known"
                           : "inputs must have from 1 to %d steps, dimension 1", MAX_STEPS);
  return b->error == NULL;
}

static void
unroll (const GwRecurrent *layer,
        Step               step,
        int                n_states,
        gconstpointer      weights,
        GwOutput          *x,
        GwOutput          *last)
{
  GwBuilder *b = layer->b;
  int64_t n = x->node != NULL ? gw_output_shape (*x)->dims[0] : -1;
  g_autofree GwOutput *states = NULL;
  GwOutput now[GW_RECURRENT_STATES] = { layer->first[0], layer->first[1] };
  GwOutput packed[GW_RECURRENT_STATES];
  GwNode *parts;

  if (!check_steps (b, n))
    return;
  parts = gw_node_new (b, "Unpack", NULL, GW_IN (*x), GW_WITH ({ "num", gw_attr_int (n) }, { "axis", gw_attr_int (0) }));
  states = g_new (GwOutput, GW_RECURRENT_STATES * n);
  for (int64_t i = 0; i < n; i++)
    {
      step (layer, weights, gw_output_of (parts, (int) i), now);
      for (int k = 0; k < n_states; k++)
        states[k * n + i] = now[k];
    }
  for (int k = 0; k < n_states; k++)
    packed[k] = k == 0 || layer->lengths.node != NULL ? gw_op (b, "Pack", (int) n, &states[k * n], NULL) : GW_NO_OUTPUT;
  *x = layer->lengths.node != NULL ? zero_beyond (layer, packed[0]) : packed[0];
  for (int k = 0; k < n_states; k++)
    last[k] = layer->lengths.node != NULL ? state_at_length (layer, layer->first[k], packed[k]) : now[k];
}

static GwOutput
clip (GwBuilder *b,
      GwOutput   x,
      double     most)
{
  return most > 0 ? gw_op3 (b, "ClipByValue", x, gw_const_like (b, x, -most), gw_const_like (b, x, most)) : x;
}

/* x, with what the gate sees of the memory. */
static GwOutput
peep (const GwRecurrent *layer,
      const LstmWeights *w,
      GwOutput           x,
      int                gate,
      GwOutput           memory)
{
  return w->peephole ? gw_op2 (layer->b, "AddV2", x, gw_op2 (layer->b, "Mul", w->diagonals[gate], memory)) : x;
}

/* LSTMCell.call(): states are the output and the memory. */
typedef struct {
  LstmWeights lstm;
  GwOutput    projection; /* or none */
} CellWeights;

static void
lstm_step (const GwRecurrent *layer,
           gconstpointer      weights,
           GwOutput           x,
           GwOutput          *states)
{
  const CellWeights *w = weights;
  GwBuilder *b = layer->b;
  GwOutput sum = gw_op2 (b, "BiasAdd", gw_op2 (b, "MatMul", gw_part_concat (b, GW_IN (x, states[0]), 1), w->lstm.kernel), w->lstm.bias);
  GwNode *gates = gw_node_new (b, "Split", NULL, GW_IN (gw_const_scalar (b, GW_INT32, 1), sum), GW_WITH ({ "num_split", gw_attr_int (4) }));
  GwOutput forget = gw_op2 (b, "AddV2", gw_output_of (gates, 2),
                            gw_const_scalar (b, layer->dtype, gw_expand_attr (layer->context, "forget_bias")->f));
  GwOutput kept = gw_op2 (b, "Mul", gw_op1 (b, "Sigmoid", peep (layer, &w->lstm, forget, 1, states[1])), states[1]);
  GwOutput written = gw_op2 (b, "Mul", gw_op1 (b, "Sigmoid", peep (layer, &w->lstm, gw_output_of (gates, 0), 0, states[1])),
                             gw_op1 (b, "Tanh", gw_output_of (gates, 1)));
  GwOutput memory = clip (b, gw_op2 (b, "AddV2", kept, written), gw_expand_attr (layer->context, "cell_clip")->f);
  GwOutput shown = gw_op2 (b, "Mul", gw_op1 (b, "Sigmoid", peep (layer, &w->lstm, gw_output_of (gates, 3), 2, memory)),
                           gw_op1 (b, "Tanh", memory));

  states[0] = w->projection.node == NULL
                ? shown : clip (b, gw_op2 (b, "MatMul", shown, w->projection), gw_expand_attr (layer->context, "proj_clip")->f);
  states[1] = memory;
}

/* BlockLSTM is faster, but projects nothing, and its gradient takes no notice of the clip. */
void
gw_run_lstm (const GwRecurrent *layer,
             GwOutput          *x,
             GwOutput          *last)
{
  gboolean projects = gw_expand_attr (layer->context, "num_proj")->i > 0;
  CellWeights w = { .projection = GW_NO_OUTPUT };

  if (!projects && gw_expand_attr (layer->context, "cell_clip")->f <= 0)
    {
      run_block_lstm (layer, x, last);
      return;
    }
  lstm_weights (layer, &w.lstm);
  if (projects)
    w.projection = kernel (layer, "projection/kernel", &GW_SHAPE (layer->units, layer->outputs));
  unroll (layer, lstm_step, 2, &w, x, last);
}

static void
gru_step (const GwRecurrent *layer,
          gconstpointer      weights,
          GwOutput           x,
          GwOutput          *states)
{
  const GwOutput *w = weights;

  states[0] = gw_output_of (gw_node_new (layer->b, "GRUBlockCell", NULL, GW_IN (x, states[0], w[0], w[1], w[2], w[3]), NULL), 3);
}

void
gw_run_gru (const GwRecurrent *layer,
            GwOutput          *x,
            GwOutput          *last)
{
  int64_t u = layer->units, rows = layer->features + u;
  GwOutput weights[] = {
    kernel (layer, "gates/kernel", &GW_SHAPE (rows, 2 * u)), kernel (layer, "candidate/kernel", &GW_SHAPE (rows, u)),
    bias (layer, "gates/bias", 2 * u, "ones"), bias (layer, "candidate/bias", u, "zeros"),
  };

  unroll (layer, gru_step, 1, weights, x, last);
}

/* activation ([x, h] · kernel + bias) */
static void
basic_step (const GwRecurrent *layer,
            gconstpointer      weights,
            GwOutput           x,
            GwOutput          *states)
{
  const GwOutput *w = weights;
  GwBuilder *b = layer->b;
  GwOutput sum = gw_op2 (b, "BiasAdd", gw_op2 (b, "MatMul", gw_part_concat (b, GW_IN (x, states[0]), 1), w[0]), w[1]);

  states[0] = gw_part_activation (b, gw_expand_attr (layer->context, "activation")->s, sum);
}

void
gw_run_basic_rnn (const GwRecurrent *layer,
                  GwOutput          *x,
                  GwOutput          *last)
{
  int64_t u = layer->units;
  GwOutput weights[] = { kernel (layer, "kernel", &GW_SHAPE (layer->features + u, u)), bias (layer, "bias", u, "zeros") };

  unroll (layer, basic_step, 1, weights, x, last);
}
