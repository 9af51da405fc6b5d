/* SPDX-License-Identifier: Apache-2.0 */
/* Recurrent layers over [batch, time, features]: several one above the other, in one
 * direction or both (rnn.py's dynamic_rnn and bidirectional_dynamic_rnn, contrib.rnn's
 * stack_bidirectional_dynamic_rnn). */
#include "engine/document/composites.h"
#include "engine/document/parts.h"
#include "engine/document/recurrent.h"
#include "engine/document/weights.h"

enum { INPUTS, LENGTHS, INITIAL_STATE };

/* The layers of a box. */
typedef struct {
  GwRecurrent layer;       /* the one at hand */
  GwRunCell   run;
  const char *cell;        /* "lstm_cell" */
  int         n_states;    /* that a cell has */
  int64_t     n_layers;
  gboolean    forwards, backwards;
  GwOutput    lengths;
  GwOutput    given[GW_RECURRENT_STATES];  /* wired to the state ports, or none */
  GwOutput    zero[GW_RECURRENT_STATES];   /* what else a layer begins with */
  GArray     *last[GW_RECURRENT_STATES];   /* of GwOutput: of all layers and directions */
} Stack;

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

/* ---- states ---- */

static int64_t
n_directions (const Stack *stack)
{
  return stack->forwards && stack->backwards ? 2 : 1;
}

static int64_t
state_size (const Stack *stack,
            int          k)
{
  return k == 0 ? stack->layer.outputs : stack->layer.units;
}

static gboolean
check_state (Stack *stack,
             int    k)
{
  static const char *const names[] = { "initial_state", "initial_cell" };
  GwBuilder *b = stack->layer.b;
  const GwShape *shape = gw_output_shape (stack->given[k]);
  int64_t n = stack->n_layers * n_directions (stack);
  GwShape all = GW_SHAPE (n, -1, state_size (stack, k)), one = GW_SHAPE (-1, state_size (stack, k));
  g_autofree char *has = gw_shape_to_string (shape);
  g_autofree char *wants = gw_shape_to_string (&all);

  if (gw_shape_compatible (shape, &all) || (n == 1 && gw_shape_compatible (shape, &one)))
    return TRUE;
  gw_builder_fail (b, GW_ERROR_INVALID_ARGUMENT, "%s must be %s (each layer and direction, batch, units), but is %s", names[k], wants, has);
  return FALSE;
}

/* What layer number `i` begins with. */
static GwOutput
first_state (Stack  *stack,
             int     k,
             int64_t i)
{
  GwBuilder *b = stack->layer.b;

  if (stack->given[k].node == NULL)
    return stack->zero[k];
  if (gw_output_shape (stack->given[k])->rank == 2)
    return stack->given[k];
  return gw_op (b, "StridedSlice", GW_IN (stack->given[k], GW_INTS (b, i), GW_INTS (b, i + 1), GW_INTS (b, 1)),
                GW_WITH ({ "shrink_axis_mask", gw_attr_int (1) }));
}

static GwOutput
zeros (Stack   *stack,
       GwOutput batch,
       int64_t  n)
{
  GwBuilder *b = stack->layer.b;

  return gw_op2 (b, "Fill", gw_part_concat (b, GW_IN (batch, GW_INTS (b, n)), 0), gw_const_scalar (b, stack->layer.dtype, 0));
}

/* ---- the whole ---- */

/* The order of the steps turned round: of each example's own ones. */
static GwOutput
turn_round (const Stack *stack,
            GwOutput     x)
{
  GwBuilder *b = stack->layer.b;

  if (stack->lengths.node == NULL)
    return gw_op2 (b, "ReverseV2", x, GW_INTS (b, 0));
  return gw_op (b, "ReverseSequence", GW_IN (x, stack->lengths), GW_WITH ({ "seq_dim", gw_attr_int (0) }, { "batch_dim", gw_attr_int (1) }));
}

static char *
scope_of (const Stack *stack,
          int64_t      i,
          gboolean     backwards)
{
  g_autofree char *cell = g_strdup_printf ("cell_%d/", (int) i);
  gboolean several = stack->n_layers > 1;

  if (n_directions (stack) == 1)
    return g_strconcat (several ? "multi_rnn_cell/" : "", several ? cell : "", stack->cell, NULL);
  return g_strconcat (several ? "stack_bidirectional_rnn/" : "", several ? cell : "", "bidirectional_rnn/", backwards ? "bw/" : "fw/",
                      stack->cell, NULL);
}

static GwOutput
run_direction (Stack    *stack,
               int64_t   i,
               gboolean  backwards,
               GwOutput  x,
               GwOutput *last)
{
  g_autofree char *scope = scope_of (stack, i, backwards);
  GwRecurrent layer = stack->layer;

  layer.scope = scope;
  layer.lengths = stack->lengths;
  for (int k = 0; k < stack->n_states; k++)
    layer.first[k] = first_state (stack, k, i * n_directions (stack) + (backwards && stack->forwards));
  if (backwards)
    x = turn_round (stack, x);
  stack->run (&layer, &x, last);
  for (int k = 0; k < stack->n_states; k++)
    g_array_append_val (stack->last[k], last[k]);
  return backwards ? turn_round (stack, x) : x;
}

/* Layer number `i`: x goes through it; `last` are its states, of both directions side by side. */
static GwOutput
run_layer (Stack    *stack,
           int64_t   i,
           GwOutput  x,
           GwOutput *last)
{
  GwBuilder *b = stack->layer.b;
  GwOutput other[GW_RECURRENT_STATES] = { GW_NO_OUTPUT, GW_NO_OUTPUT }, forwards, backwards;

  if (n_directions (stack) == 1)
    return run_direction (stack, i, stack->backwards, x, last);
  forwards = run_direction (stack, i, FALSE, x, last);
  backwards = run_direction (stack, i, TRUE, x, other);
  for (int k = 0; k < stack->n_states; k++)
    last[k] = gw_part_concat (b, GW_IN (last[k], other[k]), 1);
  return gw_part_concat (b, GW_IN (forwards, backwards), 2);
}

static gboolean
check_lengths (Stack *stack)
{
  GwOutput lengths = stack->lengths;
  g_autofree char *text = NULL;

  if (lengths.node == NULL || gw_shape_compatible (gw_output_shape (lengths), &GW_SHAPE (gw_output_shape (stack->layer.context->inputs[0])->dims[0])))
    return TRUE;
  text = gw_shape_to_string (gw_output_shape (lengths));
  gw_builder_fail (stack->layer.b, GW_ERROR_INVALID_ARGUMENT, "sequence_length must be one number for each example of the batch, but is %s", text);
  return FALSE;
}

static gboolean
begin (Stack           *stack,
       GwExpandContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput x = context->inputs[INPUTS];
  int projected = gw_attr_defs_find (context->def->attrs, "num_proj");
  const char *direction = gw_expand_attr (context, "direction")->s;
  int64_t units = gw_expand_attr (context, "units")->i;
  GwOutput batch;

  if (!check_inputs (context))
    return FALSE;
  stack->layer = (GwRecurrent) { .context = context, .b = b, .dtype = gw_output_dtype (x), .units = units, .outputs = units };
  if (projected >= 0 && context->attrs[projected].i > 0)
    stack->layer.outputs = context->attrs[projected].i;
  stack->layer.features = gw_output_shape (x)->dims[2];
  stack->n_layers = gw_expand_attr (context, "num_layers")->i;
  stack->forwards = !g_str_equal (direction, "backward");
  stack->backwards = !g_str_equal (direction, "forward");
  stack->lengths = context->inputs[LENGTHS];
  for (int k = 0; k < stack->n_states; k++)
    {
      stack->given[k] = context->inputs[INITIAL_STATE + k];
      if (stack->given[k].node != NULL && !check_state (stack, k))
        return FALSE;
    }
  if (!check_lengths (stack))
    return FALSE;
  stack->lengths = gw_part_cast (b, stack->lengths, GW_INT32);
  batch = gw_part_slice (b, gw_op1 (b, "Shape", x), 0, 1);
  stack->zero[0] = zeros (stack, batch, state_size (stack, 0));
  stack->zero[1] = stack->layer.outputs == units ? stack->zero[0] : zeros (stack, batch, units);
  return b->error == NULL;
}

/* outputs, the states of the top layer, and those of all. */
static void
set_outputs (Stack          *stack,
             GwOutput        x,
             const GwOutput *last)
{
  GwExpandContext *context = stack->layer.context;

  context->outputs[0] = swap_batch_and_time (stack->layer.b, x);
  for (int k = 0; k < stack->n_states; k++)
    {
      context->outputs[1 + k] = last[k];
      context->outputs[1 + stack->n_states + k] = gw_op (stack->layer.b, "Pack", (int) stack->last[k]->len,
                                                         (const GwOutput *) stack->last[k]->data, NULL);
    }
}

static void
run_layers (GwExpandContext *context,
            const char      *cell,
            int              n_states,
            GwRunCell        run)
{
  Stack stack = { .run = run, .cell = cell, .n_states = n_states };
  GwOutput x, last[GW_RECURRENT_STATES] = { GW_NO_OUTPUT, GW_NO_OUTPUT };

  if (!begin (&stack, context))
    return;
  for (int k = 0; k < n_states; k++)
    stack.last[k] = g_array_new (FALSE, FALSE, sizeof (GwOutput));
  x = swap_batch_and_time (context->builder, context->inputs[INPUTS]);
  for (int64_t i = 0; i < stack.n_layers && context->builder->error == NULL; i++)
    {
      x = run_layer (&stack, i, x, last);
      stack.layer.features = stack.layer.outputs * n_directions (&stack);
    }
  if (context->builder->error == NULL)
    set_outputs (&stack, x, last);
  for (int k = 0; k < n_states; k++)
    g_array_unref (stack.last[k]);
}

static void lstm_expand (GwExpandContext *context) { run_layers (context, "lstm_cell", 2, gw_run_lstm); }
static void gru_expand (GwExpandContext *context) { run_layers (context, "gru_cell", 1, gw_run_gru); }
static void rnn_expand (GwExpandContext *context) { run_layers (context, "basic_rnn_cell", 1, gw_run_basic_rnn); }

/* ---- descriptions ---- */

#define RECURRENT_ATTRS                                                                                                \
  { "units", GW_ATTR_INT, .def = "64", .min = 1, .max = 1e8, .ui_min = 1, .ui_max = 1024, .label = "Units",            \
    .help = "Numbers in the state, and outputs of each step." },                                                       \
  { "num_layers", GW_ATTR_INT, .def = "1", .min = 1, .max = 64, .ui_min = 1, .ui_max = 8, .label = "Layers",           \
    .help = "One above the other: each reads the outputs of the one below." },                                         \
  { "direction", GW_ATTR_CHOICE, .def = "forward", .choices = GW_CHOICES ("forward", "backward", "bidirectional"),      \
    .label = "Direction", .help = "In which steps are read; bidirectional: both ways, the results side by side." },     \
  GW_INITIALIZER_ATTR ("kernel_initializer", "glorot_uniform", "Kernel init"),                                         \
  GW_REGULARIZER_ATTR ("kernel_regularizer", "Kernel penalty"), GW_VARIABLES_ATTRS,                                    \
  { "L", GW_ATTR_DTYPE, .def = "int32", .choices = GW_INDEX_TYPES, .help = "Follows from what is wired.", .flags = GW_ATTR_HIDDEN }
#define RECURRENT_INPUTS(type)                                                                                         \
  { "inputs", type, "[batch, time, features]" },                                                                       \
  { "sequence_length", "L", "[batch]: how many steps of each example count; unwired: all.", .literal = "" },           \
  { "initial_state", type, "What the layers begin with: [layers · directions, batch, units], or [batch, units] of a single one; " \
    "unwired: zero.", .literal = "" }
#define OUTPUTS(type) { "outputs", type, "[batch, time, units]: of every step; zero beyond sequence_length." }
#define STATE(type) { "state", type, "[batch, units]: of the last step, in the top layer." }
#define STATES(type) { "states", type, "[layers · directions, batch, units]: of the last step, in all layers." }
#define ABOUT                                                                                                          \
  "\n\nTake `outputs` where every step counts, `state` where the whole sequence is one example. With `sequence_length` the "  \
  "steps beyond it give zeros and leave the state alone. `states` can be wired to another box's `initial_state`. With several " \
  "layers the variables' names have multi_rnn_cell/cell_0, … in them, in both directions bidirectional_rnn/fw and …/bw."

static const GwOpDef lstm = {
  .name = "LSTM", .since = 1, .title = "LSTM layer", .category = "layers",
  .summary = "Reads sequences step by step, with a memory that gates write, keep and read.",
  .doc = "As tf.nn.rnn_cell.LSTMCell run by tf.nn.dynamic_rnn; all steps are done by *BlockLSTM*. `kernel` is "
         "[features + units, 4 · units], gates in the order i, j, f, o. The variables are called NAME/lstm_cell/kernel and "
         "NAME/lstm_cell/bias. With a projection or a clip the steps are built one by one from "
         "primitive ops, or are a loop where their number is not known." ABOUT,
  .inputs = GW_PORTS (RECURRENT_INPUTS ("float32"), { "initial_cell", "float32", "The memory that they begin with, likewise.", .literal = "" }),
  .outputs = GW_PORTS (OUTPUTS ("float32"), STATE ("float32"), { "cell", "float32", "[batch, units]: its memory, likewise." },
                       STATES ("float32"), { "cells", "float32", "[layers · directions, batch, units]: their memories." }),
  .attrs = GW_ATTRS (
    RECURRENT_ATTRS,
    { "forget_bias", GW_ATTR_FLOAT, .def = "1", .ui_min = 0, .ui_max = 5, .label = "Forget bias",
      .help = "Added to the forget gate, so that a new cell remembers." },
    { "cell_clip", GW_ATTR_FLOAT, .def = "-1", .ui_min = -1, .ui_max = 50, .label = "Cell clip",
      .help = "The memory is cut to ± this value; 0 or less leaves it alone." },
    { "use_peepholes", GW_ATTR_BOOL, .def = "false", .label = "Peepholes", .help = "Gates see the memory." },
    { "num_proj", GW_ATTR_INT, .def = "0", .min = 0, .max = 1e8, .ui_min = 0, .ui_max = 1024, .label = "Projection",
      .help = "Size of the outputs and the state when they are to be smaller than the memory; 0: the same." },
    { "proj_clip", GW_ATTR_FLOAT, .def = "0", .ui_min = 0, .ui_max = 50, .label = "Projection clip",
      .help = "What is projected is cut to ± this value; 0 leaves it alone." }),
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[1]]]"),
      "units=1 kernel_initializer=ones",
      GW_TEXTS ("[[[0.3696064]]]", "[[0.3696064]]", "[[0.5567699]]", "[[[0.3696064]]]", "[[[0.5567699]]]") }),
  .expand = lstm_expand, .tell = GW_TEXTS ("units", "num_layers"),
};

static const GwOpDef gru = {
  .name = "GRU", .since = 1, .title = "GRU layer", .category = "layers",
  .summary = "Reads sequences step by step, keeping or replacing its state by two gates.",
  .doc = "As tf.nn.rnn_cell.GRUCell run by tf.nn.dynamic_rnn: a *GRUBlockCell* for each step, or a loop where their number is not known. The "
         "variables are called NAME/gru_cell/gates/kernel (r, then u), NAME/gru_cell/gates/bias, NAME/gru_cell/candidate/kernel and "
         "NAME/gru_cell/candidate/bias." ABOUT,
  .inputs = GW_PORTS (RECURRENT_INPUTS ("float32")),
  .outputs = GW_PORTS (OUTPUTS ("float32"), STATE ("float32"), STATES ("float32")),
  .attrs = GW_ATTRS (RECURRENT_ATTRS),
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[1]]]"),
      "units=1 kernel_initializer=ones",
      GW_TEXTS ("[[[0.09078425]]]", "[[0.09078425]]", "[[[0.09078425]]]") }),
  .expand = gru_expand, .tell = GW_TEXTS ("units", "num_layers"),
};

static const GwOpDef rnn = {
  .name = "RNN", .since = 1, .title = "Recurrent layer", .category = "layers",
  .summary = "Reads sequences step by step: the new state is activation ([input, state] · kernel + bias).",
  .doc = "As tf.nn.rnn_cell.BasicRNNCell run by tf.nn.dynamic_rnn; where the number of steps is not known they are a loop. Forgets faster than *LSTM* and "
         "*GRU*. The variables are called NAME/basic_rnn_cell/kernel and NAME/basic_rnn_cell/bias." ABOUT,
  .inputs = GW_PORTS (RECURRENT_INPUTS ("T")), .outputs = GW_PORTS (OUTPUTS ("T"), STATE ("T"), STATES ("T")),
  .attrs = GW_ATTRS (RECURRENT_ATTRS, GW_ACTIVATION_ATTR ("tanh"), GW_LAYER_TYPE_ATTR),
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[1], [2]]]"),
      "units=1 kernel_initializer=ones activation=linear",
      GW_TEXTS ("[[[1], [3]]]", "[[3]]", "[[[3]]]") }),
  .expand = rnn_expand, .tell = GW_TEXTS ("units", "num_layers"),
};

const GwOpDef *const gw_composites_recurrent_layers[] = { &lstm, &gru, &rnn, NULL };
