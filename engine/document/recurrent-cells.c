/* SPDX-License-Identifier: Apache-2.0 */
/* BlockLSTM, and the other cells' steps one after the other: as many nodes where their number
 * is known, else a loop. */
#include "engine/document/recurrent.h"

#include "engine/document/parts.h"
#include "engine/document/scan-loop.h"
#include "engine/document/weights.h"

#include <string.h>

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

enum { KERNEL, BIAS, DIAGONALS, PROJECTION = DIAGONALS + 3, LSTM_WEIGHTS };

/* The diagonals, what input, forget and output gate see of the memory, are none without peepholes. */
static void
lstm_weights (const GwRecurrent *layer,
              GwOutput          *w)
{
  static const char *const names[] = { "w_i_diag", "w_f_diag", "w_o_diag" };
  int64_t u = layer->units;
  gboolean peephole = gw_expand_attr (layer->context, "use_peepholes")->b;

  w[KERNEL] = kernel (layer, "kernel", &GW_SHAPE (layer->features + layer->outputs, 4 * u));
  w[BIAS] = bias (layer, "bias", 4 * u, "zeros");
  for (int i = 0; i < 3; i++)
    w[DIAGONALS + i] = peephole ? bias (layer, names[i], u, gw_expand_attr (layer->context, "kernel_initializer")->s)
                                : GW_NO_OUTPUT;
  w[PROJECTION] = GW_NO_OUTPUT;
}

static void
run_block_lstm (const GwRecurrent *layer,
                GwOutput          *x,
                GwOutput          *last)
{
  GwBuilder *b = layer->b;
  GwOutput steps = gw_part_cast (b, count_steps (b, *x), GW_INT64);
  GwOutput w[LSTM_WEIGHTS];
  gboolean peephole;
  GwNode *node;

  lstm_weights (layer, w);
  peephole = w[DIAGONALS].node != NULL;
  for (int i = DIAGONALS; i < PROJECTION && !peephole; i++)
    w[i] = gw_op2 (b, "Fill", GW_INTS (b, layer->units), gw_const_scalar (b, layer->dtype, 0));
  node = gw_node_new (b, "BlockLSTM", NULL,
                      GW_IN (steps, *x, layer->first[1], layer->first[0], w[KERNEL], w[DIAGONALS], w[DIAGONALS + 1],
                             w[DIAGONALS + 2], w[BIAS]),
                      GW_WITH ({ "forget_bias", *gw_expand_attr (layer->context, "forget_bias") },
                               { "cell_clip", *gw_expand_attr (layer->context, "cell_clip") },
                               { "use_peephole", gw_attr_bool (peephole) }));
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
typedef void (*Step) (const GwRecurrent *layer, const GwOutput *weights, GwOutput x, GwOutput *states);

typedef struct {
  Step            step;
  int             n_states, n_weights;
  const GwOutput *weights;   /* some may be none */
} Cell;

static void
unroll (const GwRecurrent *layer,
        const Cell        *cell,
        GwOutput           x,
        GwOutput          *states,
        GwOutput          *last)
{
  GwBuilder *b = layer->b;
  int n = (int) gw_output_shape (x)->dims[0];
  GwNode *parts = gw_node_new (b, "Unpack", NULL, GW_IN (x), GW_WITH ({ "num", gw_attr_int (n) }, { "axis", gw_attr_int (0) }));
  g_autofree GwOutput *all = g_new (GwOutput, cell->n_states * n);

  memcpy (last, layer->first, sizeof *last * (gsize) cell->n_states);
  for (int i = 0; i < n; i++)
    {
      cell->step (layer, cell->weights, gw_output_of (parts, i), last);
      for (int k = 0; k < cell->n_states; k++)
        all[k * n + i] = last[k];
    }
  for (int k = 0; k < cell->n_states; k++)
    states[k] = k == 0 || layer->lengths.node != NULL ? gw_op (b, "Pack", n, &all[k * n], NULL) : GW_NO_OUTPUT;
}

/* ---- a loop of them ---- */

static GwOutput
step_arg (GwBuilder *b,
          GwOutput   xs)
{
  GwShape shape = GW_SHAPE (gw_output_shape (xs)->dims[1], gw_output_shape (xs)->dims[2]);

  return gw_output_of (gw_node_new (b, "_Arg", "step", GW_NO_IN,
                                    GW_WITH ({ "T", gw_attr_dtype (gw_output_dtype (xs)) }, { "index", gw_attr_int (0) },
                                             { "shape", gw_attr_shape (shape) })), 0);
}

/* Of a step, the states and the weights that there are; gives the states side by side, and each. */
static GwFunction *
make_function (const GwRecurrent *layer,
               const Cell        *cell,
               GwOutput           xs)
{
  g_autofree GwOutput *args = g_new (GwOutput, 1 + cell->n_states + cell->n_weights);
  g_autofree GwOutput *weights = g_new (GwOutput, cell->n_weights);
  GwOutput results[1 + GW_RECURRENT_STATES];
  GwRecurrent inside = *layer;
  GwBuilder b;
  int n = 0;

  gw_builder_init (&b, gw_graph_new ());
  b.origin = layer->b->origin;
  inside.b = &b;
  args[n++] = step_arg (&b, xs);
  for (int k = 0; k < cell->n_states; k++, n++)
    args[n] = results[1 + k] = gw_function_arg (&b, k == 0 ? "state" : "memory", n, layer->first[k]);
  for (int i = 0; i < cell->n_weights; i++)
    {
      weights[i] = GW_NO_OUTPUT;
      if (cell->weights[i].node != NULL)
        weights[i] = args[n] = gw_function_arg (&b, "weights", n, cell->weights[i]), n++;
    }
  cell->step (&inside, weights, args[0], results + 1);
  results[0] = cell->n_states > 1 ? gw_part_concat (&b, cell->n_states, results + 1, 1) : results[1];
  return gw_scan_finish_function (&b, "cell", n, args, 1 + cell->n_states, results, &layer->b->error);
}

/* [time, batch, from … from + n) */
static GwOutput
slice_states (GwBuilder *b,
              GwOutput   all,
              int64_t    from,
              int64_t    n)
{
  return gw_op3 (b, "Slice", all, GW_INTS (b, 0, 0, from), GW_INTS (b, -1, -1, n));
}

static void
loop (const GwRecurrent *layer,
      const Cell        *cell,
      GwOutput           x,
      GwOutput          *states,
      GwOutput          *last)
{
  GwBuilder *b = layer->b;
  g_autofree GwOutput *inputs = g_new (GwOutput, cell->n_states + cell->n_weights);
  g_autoptr (GwFunction) function = make_function (layer, cell, x);
  GwScanLoop scan = { function, x, .n_states = cell->n_states, .inputs = inputs };
  GwOutput all;

  memcpy (inputs, layer->first, sizeof *inputs * (gsize) cell->n_states);
  for (int i = 0; i < cell->n_weights; i++)
    if (cell->weights[i].node != NULL)
      inputs[cell->n_states + scan.n_reads++] = cell->weights[i];
  if (function == NULL || !gw_scan_loop_add (b, &scan, &all, last))
    return;
  states[0] = cell->n_states > 1 ? slice_states (b, all, 0, layer->outputs) : all;
  states[1] = cell->n_states > 1 ? slice_states (b, all, layer->outputs, layer->units) : GW_NO_OUTPUT;
}

static void
run (const GwRecurrent *layer,
     const Cell        *cell,
     GwOutput          *x,
     GwOutput          *last)
{
  int64_t n = x->node != NULL ? gw_output_shape (*x)->dims[0] : -1;
  GwOutput states[GW_RECURRENT_STATES] = { GW_NO_OUTPUT, GW_NO_OUTPUT };

  if (layer->b->error != NULL)
    return;
  (n < 1 || n > MAX_STEPS ? loop : unroll) (layer, cell, *x, states, last);
  if (layer->b->error != NULL)
    return;
  for (int k = 0; k < cell->n_states && layer->lengths.node != NULL; k++)
    last[k] = state_at_length (layer, layer->first[k], states[k]);
  *x = layer->lengths.node != NULL ? zero_beyond (layer, states[0]) : states[0];
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
      const GwOutput    *w,
      GwOutput           x,
      int                gate,
      GwOutput           memory)
{
  return w[DIAGONALS].node != NULL ? gw_op2 (layer->b, "AddV2", x, gw_op2 (layer->b, "Mul", w[DIAGONALS + gate], memory)) : x;
}

/* LSTMCell.call(): states are the output and the memory. */
static void
lstm_step (const GwRecurrent *layer,
           const GwOutput    *w,
           GwOutput           x,
           GwOutput          *states)
{
  GwBuilder *b = layer->b;
  GwOutput sum = gw_op2 (b, "BiasAdd", gw_op2 (b, "MatMul", gw_part_concat (b, GW_IN (x, states[0]), 1), w[KERNEL]), w[BIAS]);
  GwNode *gates = gw_node_new (b, "Split", NULL, GW_IN (gw_const_scalar (b, GW_INT32, 1), sum), GW_WITH ({ "num_split", gw_attr_int (4) }));
  GwOutput forget = gw_op2 (b, "AddV2", gw_output_of (gates, 2),
                            gw_const_scalar (b, layer->dtype, gw_expand_attr (layer->context, "forget_bias")->f));
  GwOutput kept = gw_op2 (b, "Mul", gw_op1 (b, "Sigmoid", peep (layer, w, forget, 1, states[1])), states[1]);
  GwOutput written = gw_op2 (b, "Mul", gw_op1 (b, "Sigmoid", peep (layer, w, gw_output_of (gates, 0), 0, states[1])),
                             gw_op1 (b, "Tanh", gw_output_of (gates, 1)));
  GwOutput memory = clip (b, gw_op2 (b, "AddV2", kept, written), gw_expand_attr (layer->context, "cell_clip")->f);
  GwOutput shown = gw_op2 (b, "Mul", gw_op1 (b, "Sigmoid", peep (layer, w, gw_output_of (gates, 3), 2, memory)),
                           gw_op1 (b, "Tanh", memory));

  states[0] = w[PROJECTION].node == NULL
                ? shown : clip (b, gw_op2 (b, "MatMul", shown, w[PROJECTION]), gw_expand_attr (layer->context, "proj_clip")->f);
  states[1] = memory;
}

/* BlockLSTM is faster, but projects nothing, and its gradient takes no notice of the clip. */
void
gw_run_lstm (const GwRecurrent *layer,
             GwOutput          *x,
             GwOutput          *last)
{
  gboolean projects = gw_expand_attr (layer->context, "num_proj")->i > 0;
  GwOutput w[LSTM_WEIGHTS];
  Cell cell = { lstm_step, 2, LSTM_WEIGHTS, w };

  if (!projects && gw_expand_attr (layer->context, "cell_clip")->f <= 0)
    {
      run_block_lstm (layer, x, last);
      return;
    }
  lstm_weights (layer, w);
  if (projects)
    w[PROJECTION] = kernel (layer, "projection/kernel", &GW_SHAPE (layer->units, layer->outputs));
  run (layer, &cell, x, last);
}

static void
gru_step (const GwRecurrent *layer,
          const GwOutput    *w,
          GwOutput           x,
          GwOutput          *states)
{
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
  Cell cell = { gru_step, 1, G_N_ELEMENTS (weights), weights };

  run (layer, &cell, x, last);
}

/* activation ([x, h] · kernel + bias) */
static void
basic_step (const GwRecurrent *layer,
            const GwOutput    *w,
            GwOutput           x,
            GwOutput          *states)
{
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
  Cell cell = { basic_step, 1, G_N_ELEMENTS (weights), weights };

  run (layer, &cell, x, last);
}
