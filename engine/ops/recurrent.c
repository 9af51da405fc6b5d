/* SPDX-License-Identifier: Apache-2.0 */
/* LSTM and GRU blocks: one step, or a whole sequence, in one op. */
#include "engine/base/error.h"
#include "engine/device/cpu/recurrent.h"
#include "engine/graph/builder.h"
#include "engine/graph/shape-context.h"
#include "engine/ops/families.h"

#include <string.h>

/* ---- shapes ---- */

/* A port's shape, a letter for each dimension: T steps, B batch, I inputs, U units,
 * 2 and 4 as many times the units, W inputs + units. "" = a scalar. */
typedef struct {
  const char *const *inputs;
  const char *const *outputs;
} Layout;

#define LETTERS "TBIU"
#define N_LETTERS 4

static const char *
meaning (char letter)
{
  static const struct {
    char letter;
    const char *text;
  } meanings[] = {
    { 'T', "steps" }, { 'B', "batch" }, { 'I', "inputs" }, { 'U', "units" }, { '2', "2 × units" }, { '4', "4 × units" },
    { 'W', "inputs + units" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (meanings); i++)
    if (meanings[i].letter == letter)
      return meanings[i].text;
  return "";
}

static int64_t *
size_of (int64_t *sizes,
         char     letter)
{
  return &sizes[strchr (LETTERS, letter) - LETTERS];
}

/* What the letter stands for, as far as it is known. */
static int64_t
expected_size (int64_t *sizes,
               char     letter)
{
  int64_t units = *size_of (sizes, 'U');
  int64_t inputs = *size_of (sizes, 'I');

  if (letter == 'W')
    return inputs < 0 || units < 0 || inputs > G_MAXINT64 - units ? GW_DIM_UNKNOWN : inputs + units;
  if (letter == '2' || letter == '4')
    return units < 0 || units > G_MAXINT64 / 4 ? GW_DIM_UNKNOWN : units * (letter - '0');
  return *size_of (sizes, letter);
}

/* Takes `size` for the letter; FALSE when it cannot be. */
static gboolean
learn_size (int64_t *sizes,
            char     letter,
            int64_t  size)
{
  int64_t expected = expected_size (sizes, letter);
  int64_t *units = size_of (sizes, 'U');
  int64_t *inputs = size_of (sizes, 'I');

  if (size < 0)
    return TRUE;
  if (expected >= 0)
    return size == expected;
  if (letter == '2' || letter == '4')
    *units = size / (letter - '0');
  else if (letter != 'W')
    *size_of (sizes, letter) = size;
  else if (*units >= 0)
    *inputs = size - *units;
  else if (*inputs >= 0)
    *units = size - *inputs;
  return (letter != '2' && letter != '4') || *units * (letter - '0') == size;
}

static gboolean
refuse_shape (GwShapeContext  *context,
              int              input,
              const char      *dims,
              int64_t         *sizes,
              GError         **error)
{
  g_autoptr (GString) wanted = g_string_new ("[");
  GwShape expected = { .rank = (int) strlen (dims) };
  g_autofree char *shape = gw_shape_to_string (&context->inputs[input]);
  g_autofree char *known = NULL;

  for (int i = 0; i < expected.rank; i++)
    {
      g_string_append_printf (wanted, "%s%s", i > 0 ? ", " : "", meaning (dims[i]));
      expected.dims[i] = expected_size (sizes, dims[i]);
    }
  known = gw_shape_to_string (&expected);
  return gw_invalid (error, "%s must have the shape %s], here %s, but has %s", gw_shape_input_name (context, input),
                     wanted->str, known, shape);
}

static gboolean
learn_input (GwShapeContext  *context,
             int              input,
             const char      *dims,
             int64_t         *sizes,
             GError         **error)
{
  const GwShape *shape = &context->inputs[input];
  int64_t before[N_LETTERS];

  memcpy (before, sizes, sizeof before);
  if (shape->rank < 0)
    return TRUE;
  if (shape->rank != (int) strlen (dims))
    return refuse_shape (context, input, dims, before, error);
  for (int i = 0; i < shape->rank; i++)
    if (!learn_size (sizes, dims[i], shape->dims[i]) || *size_of (sizes, 'I') < -1 || *size_of (sizes, 'U') < -1)
      return refuse_shape (context, input, dims, before, error);
  return TRUE;
}

/* Twice over the inputs: what a later one tells may settle an earlier one. */
static gboolean
recurrent_shape (GwShapeContext  *context,
                 const Layout    *layout,
                 GError         **error)
{
  int64_t sizes[N_LETTERS] = { -1, -1, -1, -1 };

  for (int pass = 0; pass < 2; pass++)
    for (int i = 0; i < context->n_inputs; i++)
      if (!learn_input (context, i, layout->inputs[i], sizes, error))
        return FALSE;
  for (int i = 0; i < context->n_outputs; i++)
    {
      GwShape *out = &context->outputs[i];

      *out = gw_shape_of_rank ((int) strlen (layout->outputs[i]));
      for (int d = 0; d < out->rank; d++)
        out->dims[d] = expected_size (sizes, layout->outputs[i][d]);
    }
  return TRUE;
}

#define LAYOUT(NAME, INPUTS, OUTPUTS)                                                          \
  static gboolean                                                                              \
  NAME##_shape (GwShapeContext *context, GError **error)                                       \
  {                                                                                            \
    static const char *const inputs[] = { INPUTS };                                            \
    static const char *const outputs[] = { OUTPUTS };                                          \
    static const Layout layout = { inputs, outputs };                                          \
                                                                                               \
    return recurrent_shape (context, &layout, error);                                          \
  }
#define CELL_INPUTS "BI", "BU", "BU", "W4", "U", "U", "U", "4"
#define SEQUENCE_INPUTS "", "TBI", "BU", "BU", "W4", "U", "U", "U", "4"
#define SEVEN(dims) dims, dims, dims, dims, dims, dims, dims
#define LIST(...) __VA_ARGS__

LAYOUT (lstm_cell, LIST (CELL_INPUTS), LIST (SEVEN ("BU")))
LAYOUT (lstm_cell_grad, LIST (CELL_INPUTS, SEVEN ("BU"), "BU"), LIST ("BU", "B4", "U", "U", "U"))
LAYOUT (block_lstm, LIST (SEQUENCE_INPUTS), LIST (SEVEN ("TBU")))
LAYOUT (block_lstm_grad, LIST (SEQUENCE_INPUTS, SEVEN ("TBU"), "TBU", "TBU"),
        LIST ("TBI", "BU", "BU", "W4", "U", "U", "U", "4"))
#define GRU_INPUTS "BI", "BU", "W2", "WU", "2", "U"
LAYOUT (gru_cell, LIST (GRU_INPUTS), LIST ("BU", "BU", "BU", "BU"))
LAYOUT (gru_cell_grad, LIST (GRU_INPUTS, "BU", "BU", "BU", "BU"), LIST ("BI", "BU", "BU", "B2"))

/* ---- kernels ---- */

#define FLOATS(tensor) GW_TENSOR_DATA (tensor, float)

/* The ports from x on are the same for a cell and a sequence. */
static void
read_lstm (GwLstm           *lstm,
           GwTensor *const  *x)
{
  const GwShape *shape = &x[0]->shape;
  int rank = shape->rank;

  lstm->all_steps = lstm->steps = rank == 3 ? shape->dims[0] : 1;
  lstm->batch = shape->dims[rank - 2];
  lstm->inputs = shape->dims[rank - 1];
  lstm->units = x[1]->shape.dims[1];
  lstm->x = FLOATS (x[0]);
  lstm->cs_prev = FLOATS (x[1]);
  lstm->h_prev = FLOATS (x[2]);
  lstm->w = FLOATS (x[3]);
  lstm->wci = FLOATS (x[4]);
  lstm->wcf = FLOATS (x[5]);
  lstm->wco = FLOATS (x[6]);
  lstm->b = FLOATS (x[7]);
}

static void
read_gates (GwLstm           *lstm,
            GwTensor *const  *gates)
{
  float **const places[] = { &lstm->i, &lstm->cs, &lstm->f, &lstm->o, &lstm->ci, &lstm->co, &lstm->h };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    *places[i] = FLOATS (gates[i]);
}

static gboolean
read_steps (GwLstm                 *lstm,
            const GwKernelContext  *context,
            GError                **error)
{
  int64_t steps = gw_tensor_get_int (context->inputs[0], 0);

  if (steps < 0 || steps > lstm->all_steps)
    return gw_invalid (error, "seq_len_max = %" G_GINT64_FORMAT " is not in [0, %" G_GINT64_FORMAT "], the steps of x",
                       steps, lstm->all_steps);
  lstm->steps = steps;
  return TRUE;
}

enum { LSTM_FORGET_BIAS, LSTM_CELL_CLIP, LSTM_PEEPHOLE, LSTM_T };
enum { V2_CELL_CLIP, V2_PEEPHOLE, V2_T };
enum { GRAD_PEEPHOLE, GRAD_T };

static gboolean
lstm_cell_cpu (GwKernelContext *context,
               GError         **error)
{
  GwLstm lstm = { .order = GW_LSTM_ICFO, .forget_bias = (float) context->attrs[LSTM_FORGET_BIAS].f,
                  .cell_clip = (float) context->attrs[LSTM_CELL_CLIP].f, .peephole = context->attrs[LSTM_PEEPHOLE].b };

  read_lstm (&lstm, context->inputs);
  read_gates (&lstm, context->outputs);
  return gw_cpu_lstm (context, &lstm, error);
}

static gboolean
run_sequence (GwKernelContext *context,
              GwLstm           lstm,
              GError         **error)
{
  read_lstm (&lstm, context->inputs + 1);
  read_gates (&lstm, context->outputs);
  return read_steps (&lstm, context, error) && gw_cpu_lstm (context, &lstm, error);
}

static gboolean
block_lstm_cpu (GwKernelContext *context,
                GError         **error)
{
  return run_sequence (context, (GwLstm) { .order = GW_LSTM_ICFO,
                                           .forget_bias = (float) context->attrs[LSTM_FORGET_BIAS].f,
                                           .cell_clip = (float) context->attrs[LSTM_CELL_CLIP].f,
                                           .peephole = context->attrs[LSTM_PEEPHOLE].b }, error);
}

static gboolean
block_lstm_v2_cpu (GwKernelContext *context,
                   GError         **error)
{
  return run_sequence (context, (GwLstm) { .order = GW_LSTM_IFCO, .cell_clip = (float) context->attrs[V2_CELL_CLIP].f,
                                           .peephole = context->attrs[V2_PEEPHOLE].b }, error);
}

static gboolean
lstm_cell_grad_cpu (GwKernelContext *context,
                    GError         **error)
{
  GwLstm lstm = { .order = GW_LSTM_ICFO, .peephole = context->attrs[GRAD_PEEPHOLE].b };
  GwTensor *const *outputs = context->outputs;
  GwLstmGrads grads = {
    .cs_grad = FLOATS (context->inputs[14 + 0]), .h_grad = FLOATS (context->inputs[14 + 1]),
    .cs_prev_grad = FLOATS (outputs[0]), .gates_grad = FLOATS (outputs[1]),
    .wci_grad = FLOATS (outputs[2]), .wcf_grad = FLOATS (outputs[3]), .wco_grad = FLOATS (outputs[4]),
  };

  read_lstm (&lstm, context->inputs);
  lstm.i = FLOATS (context->inputs[8]);
  lstm.cs = FLOATS (context->inputs[9]);
  lstm.f = FLOATS (context->inputs[10]);
  lstm.o = FLOATS (context->inputs[11]);
  lstm.ci = FLOATS (context->inputs[12]);
  lstm.co = FLOATS (context->inputs[13]);
  return gw_cpu_lstm_backward (context, &lstm, &grads, error);
}

static gboolean
run_sequence_grad (GwKernelContext *context,
                   GwLstmOrder      order,
                   GError         **error)
{
  GwLstm lstm = { .order = order, .peephole = context->attrs[GRAD_PEEPHOLE].b };
  GwTensor *const *outputs = context->outputs;
  GwLstmGrads grads = {
    .cs_grad = FLOATS (context->inputs[16]), .h_grad = FLOATS (context->inputs[17]),
    .x_grad = outputs[0] != NULL ? FLOATS (outputs[0]) : NULL,
    .cs_prev_grad = FLOATS (outputs[1]), .h_prev_grad = FLOATS (outputs[2]), .w_grad = FLOATS (outputs[3]),
    .wci_grad = FLOATS (outputs[4]), .wcf_grad = FLOATS (outputs[5]), .wco_grad = FLOATS (outputs[6]),
    .b_grad = FLOATS (outputs[7]),
  };

  read_lstm (&lstm, context->inputs + 1);
  read_gates (&lstm, context->inputs + 9);
  return read_steps (&lstm, context, error) && gw_cpu_lstm_backward (context, &lstm, &grads, error);
}

static gboolean
block_lstm_backward_cpu (GwKernelContext *context,
                         GError         **error)
{
  return run_sequence_grad (context, GW_LSTM_ICFO, error);
}

static gboolean
block_lstm_v2_backward_cpu (GwKernelContext *context,
                            GError         **error)
{
  return run_sequence_grad (context, GW_LSTM_IFCO, error);
}

static GwGru
read_gru (const GwKernelContext *context,
          GwTensor *const       *gates)
{
  GwTensor *const *in = context->inputs;

  return (GwGru) {
    .batch = in[0]->shape.dims[0], .inputs = in[0]->shape.dims[1], .units = in[1]->shape.dims[1],
    .x = FLOATS (in[0]), .h_prev = FLOATS (in[1]), .w_ru = FLOATS (in[2]), .w_c = FLOATS (in[3]),
    .b_ru = FLOATS (in[4]), .b_c = FLOATS (in[5]),
    .r = FLOATS (gates[0]), .u = FLOATS (gates[1]), .c = FLOATS (gates[2]),
  };
}

static gboolean
gru_cell_cpu (GwKernelContext *context,
              GError         **error)
{
  GwGru gru = read_gru (context, context->outputs);

  gru.h = FLOATS (context->outputs[3]);
  return gw_cpu_gru (context, &gru, error);
}

static gboolean
gru_cell_grad_cpu (GwKernelContext *context,
                   GError         **error)
{
  GwGru gru = read_gru (context, context->inputs + 6);
  GwGruGrads grads = { FLOATS (context->inputs[9]), FLOATS (context->outputs[0]), FLOATS (context->outputs[1]),
                       FLOATS (context->outputs[2]), FLOATS (context->outputs[3]) };

  return gw_cpu_gru_backward (context, &gru, &grads, error);
}

/* ---- gradients ---- */

/* TensorFlow drops, without a word, what arrives at the gates. */
static gboolean
gates_are_idle (GwGradContext *context)
{
  const GwPortDef *outputs = context->node->def->outputs;

  for (int i = 0; outputs[i].name != NULL; i++)
    if (context->dy[i].node != NULL && strcmp (outputs[i].name, "h") != 0 && strcmp (outputs[i].name, "cs") != 0)
      {
        gw_builder_fail (context->builder, GW_ERROR_UNIMPLEMENTED,
                         "%s has no gradient with respect to its output %s: only what flows back from the state counts",
                         context->node->def->name, outputs[i].name);
        return FALSE;
      }
  return TRUE;
}

/* What a backward op takes first: the inputs of the forward op, and its first
 * `n_outputs` results. Returns how many. */
static int
forward_values (GwGradContext *context,
                int            n_outputs,
                GwOutput      *values)
{
  int n = context->node->n_inputs;

  for (int i = 0; i < n; i++)
    values[i] = gw_grad_x (context, i);
  for (int i = 0; i < n_outputs; i++)
    values[n + i] = gw_grad_y (context, i);
  return n + n_outputs;
}

static void
block_lstm_grad (GwGradContext *context)
{
  GwNode *node = context->node;
  gboolean second = strcmp (node->def->name, "BlockLSTMV2") == 0;
  GwOutput inputs[18];
  GwNode *back;
  int n;

  if (!gates_are_idle (context))
    return;
  n = forward_values (context, 7, inputs);
  inputs[n] = gw_grad_dy (context, 1);
  inputs[n + 1] = gw_grad_dy (context, 6);
  back = gw_node_new (context->builder, second ? "BlockLSTMGradV2" : "BlockLSTMGrad", NULL, 18, inputs,
                      GW_WITH ({ "use_peephole", node->attrs[second ? V2_PEEPHOLE : LSTM_PEEPHOLE] }));
  for (int i = 0; i < 8; i++)
    context->dx[1 + i] = gw_output_of (back, i);
}

static GwOutput
product (GwBuilder *b,
         GwOutput   x,
         gboolean   transpose_x,
         GwOutput   y,
         gboolean   transpose_y)
{
  return gw_op (b, "MatMul", GW_IN (x, y), GW_WITH ({ "transpose_a", gw_attr_bool (transpose_x) },
                                                   { "transpose_b", gw_attr_bool (transpose_y) }));
}

static GwOutput
side_by_side (GwBuilder *b,
              GwOutput   x,
              GwOutput   y)
{
  return gw_op (b, "ConcatV2", GW_IN (x, y, gw_const_scalar (b, GW_INT32, 1)), NULL);
}

/* Columns [from, from + width) of a matrix; both are vectors of two. */
static GwOutput
like_columns (GwBuilder *b,
              GwOutput   matrix,
              GwOutput   from,
              GwOutput   like)
{
  return gw_op3 (b, "Slice", matrix, from, gw_op1 (b, "Shape", like));
}

static void
lstm_cell_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput inputs[16], gates, both, x = gw_grad_x (context, 0), h_prev = gw_grad_x (context, 2), w = gw_grad_x (context, 3);
  GwOutput zeros = gw_const_ints (b, 2, (const int64_t[]) { 0, 0 });
  GwNode *back;
  int n;

  if (!gates_are_idle (context))
    return;
  n = forward_values (context, 6, inputs);
  inputs[n] = gw_grad_dy (context, 1);
  inputs[n + 1] = gw_grad_dy (context, 6);
  back = gw_node_new (b, "LSTMBlockCellGrad", NULL, 16, inputs,
                      GW_WITH ({ "use_peephole", context->node->attrs[LSTM_PEEPHOLE] }));
  gates = gw_output_of (back, 1);
  both = product (b, gates, FALSE, w, TRUE);
  context->dx[0] = like_columns (b, both, zeros, x);
  context->dx[1] = gw_output_of (back, 0);
  context->dx[2] = like_columns (b, both, gw_op2 (b, "Mul", gw_op1 (b, "Shape", x),
                                                  gw_const_ints (b, 2, (const int64_t[]) { 0, 1 })), h_prev);
  context->dx[3] = product (b, side_by_side (b, x, h_prev), TRUE, gates, FALSE);
  for (int i = 0; i < 3; i++)
    context->dx[4 + i] = gw_output_of (back, 2 + i);
  context->dx[7] = gw_op1 (b, "BiasAddGrad", gates);
}

static void
gru_cell_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput inputs[10], x = gw_grad_x (context, 0), h_prev = gw_grad_x (context, 1), d_c_bar, d_ru_bar;
  GwNode *back;

  if (!gates_are_idle (context))
    return;
  inputs[forward_values (context, 3, inputs)] = gw_grad_dy (context, 3);
  back = gw_node_new (b, "GRUBlockCellGrad", NULL, 10, inputs, NULL);
  d_c_bar = gw_output_of (back, 2);
  d_ru_bar = gw_output_of (back, 3);
  context->dx[0] = gw_output_of (back, 0);
  context->dx[1] = gw_output_of (back, 1);
  context->dx[2] = product (b, side_by_side (b, x, h_prev), TRUE, d_ru_bar, FALSE);
  context->dx[3] = product (b, side_by_side (b, x, gw_op2 (b, "Mul", h_prev, gw_grad_y (context, 0))), TRUE, d_c_bar, FALSE);
  context->dx[4] = gw_op1 (b, "BiasAddGrad", d_ru_bar);
  context->dx[5] = gw_op1 (b, "BiasAddGrad", d_c_bar);
}

/* ---- descriptors ---- */

#define T_ATTR(...) \
  { "T", GW_ATTR_DTYPE, .choices = GW_CHOICES (__VA_ARGS__), .label = "Type", \
    .help = "Element type; follows from what is wired.", .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }
#define FORGET_BIAS_ATTR \
  { "forget_bias", GW_ATTR_FLOAT, .def = "1", .label = "Forget bias", \
    .help = "Added to the forget gate, so that a new cell remembers." }
#define CELL_CLIP_ATTR(value) \
  { "cell_clip", GW_ATTR_FLOAT, .def = value, .label = "Cell clip", \
    .help = "Cells are cut to ± this value; 0 or less leaves them alone." }
#define PEEPHOLE_ATTR \
  { "use_peephole", GW_ATTR_BOOL, .def = "false", .label = "Peepholes", \
    .help = "Whether the gates see the cell, through wci, wcf and wco." }
#define GRAD_PEEPHOLE_ATTR \
  { "use_peephole", GW_ATTR_BOOL, .label = "Peepholes", .help = "As the forward op has it.", .flags = GW_ATTR_REQUIRED }

#define STATE_PORTS(columns)                                                                                  \
  { "cs_prev", "T", "The cell before, batch × units." },                                                      \
  { "h_prev", "T", "The output before, batch × units." },                                                     \
  { "w", "T", "Weights, (inputs + units) × (4 × units), the gates' columns in the order " columns "." },      \
  { "wci", "T", "Peephole weights of the input gate, one a unit." },                                          \
  { "wcf", "T", "Peephole weights of the forget gate." },                                                     \
  { "wco", "T", "Peephole weights of the output gate." },                                                     \
  { "b", "T", "Biases, 4 × units, in the order of the weights' columns." }
#define GATE_PORTS(what)                                      \
  { "i", "T", "The input gate" what "." },                    \
  { "cs", "T", "The cell before its tanh" what "." },         \
  { "f", "T", "The forget gate" what "." },                   \
  { "o", "T", "The output gate" what "." },                   \
  { "ci", "T", "What is offered to the cell" what "." },      \
  { "co", "T", "The cell after its tanh" what "." }
#define SEQ_LEN_PORT { "seq_len_max", "int64", "Steps to compute; later outputs are 0." }
#define STEPS_PORT { "x", "T", "The inputs, steps × batch × inputs." }
#define WEIGHT_GRAD_PORTS                                     \
  { "wci_grad", "T", "Gradient for wci." },                   \
  { "wcf_grad", "T", "Gradient for wcf." },                   \
  { "wco_grad", "T", "Gradient for wco." }
#define ARRIVING_PORTS                                        \
  { "cs_grad", "T", "The gradient that arrives at cs." },     \
  { "h_grad", "T", "The gradient that arrives at h." }

#define LSTM_FORMULAS \
  "```\ni  = sigmoid (x·w_i + h_prev·u_i + b_i  [+ cs_prev · wci])\n" \
  "f  = sigmoid (x·w_f + h_prev·u_f + b_f + forget_bias  [+ cs_prev · wcf])\n" \
  "ci = tanh (x·w_c + h_prev·u_c + b_c)\n" \
  "cs = clip (ci · i + cs_prev · f, ± cell_clip)\n" \
  "o  = sigmoid (x·w_o + h_prev·u_o + b_o  [+ cs · wco])\n" \
  "co = tanh (cs)\nh  = co · o\n```\n\n"

#define CELL_W "[[0.1, 0.2, 0.3, 0.4], [0.5, 0.4, 0.3, 0.2]]"
#define CELL_EXAMPLE "[[0.5], [-1.0]]", "[[0.25], [0.5]]", "[[0.1], [-0.3]]", CELL_W, "[0.1]", "[0.2]", "[0.3]", "[0.0, 0.1, 0.2, 0.3]"

static const GwOpDef lstm_cell = {
  .name = "LSTMBlockCell", .since = 1, .title = "LSTM step", .category = "neural/Recurrent",
  .summary = "One step of a layer of LSTM cells.",
  .doc = "A cell keeps a value, `cs`, as long as its forget gate is open, takes up what is offered as far as its input gate "
         "lets it, and shows itself through its output gate:\n\n" LSTM_FORMULAS
         "The columns of w and the elements of b stand in the order i, ci, f, o; its first rows belong to x, the others to "
         "h_prev. `cs` and `h` are wired to the next step; gradients flow back through these two. For whole sequences "
         "*BlockLSTM* is faster.",
  .inputs = GW_PORTS ({ "x", "T", "The inputs of this step, batch × inputs." }, STATE_PORTS ("i, ci, f, o")),
  .outputs = GW_PORTS (GATE_PORTS (""), { "h", "T", "The output, batch × units." }),
  .attrs = GW_ATTRS ([LSTM_FORGET_BIAS] = FORGET_BIAS_ATTR, [LSTM_CELL_CLIP] = CELL_CLIP_ATTR ("3"),
                     [LSTM_PEEPHOLE] = PEEPHOLE_ATTR, [LSTM_T] = T_ATTR ("float32", "float16")),
  .flags = GW_OP_IN_FLOAT,
  .shape_rule = "all outputs are [batch, units]",
  .shape = lstm_cell_shape, .grad = lstm_cell_grad, .cpu = lstm_cell_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS (CELL_EXAMPLE), NULL, GW_TEXTS (
      "[[0.52497917], [0.4378235]]",
      "[[0.32337812], [0.25125802]]",
      "[[0.79899102], [0.69210947]]",
      "[[0.62714773], [0.46008509]]",
      "[[0.23549576], [-0.21651807]]",
      "[[0.31255823], [0.24610083]]",
      "[[0.19602019], [0.11322732]]"
    ) },
    { GW_TEXTS (CELL_EXAMPLE), "use_peephole=true forget_bias=0.5", GW_TEXTS (
      "[[0.53120935], [0.45016599]]",
      "[[0.30436635], [0.20307487]]",
      "[[0.71707529], [0.60108787]]",
      "[[0.64823955], [0.47525084]]",
      "[[0.23549576], [-0.21651807]]",
      "[[0.29530331], [0.20032859]]",
      "[[0.19142729], [0.095206328]]"
    ) }),
  .tell = GW_CHOICES ("use_peephole"),
};

static const GwOpDef lstm_cell_backward = {
  .name = "LSTMBlockCellGrad", .since = 1, .title = "Gradient of an LSTM step", .category = "neural/Recurrent",
  .summary = "The gradient of LSTMBlockCell, up to its sums.",
  .doc = "`dicfo` is the gradient of what goes into the gates, in the order of the weights' columns; products with it give "
         "the gradients of x, h_prev, w and b.",
  .inputs = GW_PORTS ({ "x", "T", "The inputs of this step, batch × inputs." }, STATE_PORTS ("i, ci, f, o"),
                      GATE_PORTS (" of the forward op"), ARRIVING_PORTS),
  .outputs = GW_PORTS ({ "cs_prev_grad", "T", "Gradient for cs_prev." },
                       { "dicfo", "T", "Gradients of the gates' sums, batch × (4 × units)." }, WEIGHT_GRAD_PORTS),
  .attrs = GW_ATTRS ([GRAD_PEEPHOLE] = GRAD_PEEPHOLE_ATTR, [GRAD_T] = T_ATTR ("float32", "float16")),
  .flags = GW_OP_HIDDEN | GW_OP_NO_GRADIENT | GW_OP_IN_FLOAT,
  .shape_rule = "cs_prev_grad is [batch, units], dicfo [batch, 4 · units], the peepholes’ gradients are [units]",
  .shape = lstm_cell_grad_shape, .cpu = lstm_cell_grad_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS (CELL_EXAMPLE,
                "[[0.53120935], [0.45016599]]",
                "[[0.32682288], [0.25903103]]",
                "[[0.80690134], [0.71300018]]",
                "[[0.64977419], [0.47943893]]",
                "[[0.23549576], [-0.21651807]]",
                "[[0.3156631], [0.253389]]"
                , "[[1.0], [0.5]]", "[[0.25], [-1.0]]"), "use_peephole=true", GW_TEXTS (
      "[[0.94498938], [0.023570098]]",
      "[[0.067537703, 0.57783705, 0.04485989, 0.01795868], [-0.0017348676, 0.013889548, 0.0033121437, -0.063240133]]",
      "[0.016016992]",
      "[0.012871045]",
      "[-0.01051185]"
    ) }),
};

#define STEPS_EXAMPLE "2", "[[[0.5], [-1.0]], [[0.25], [2.0]], [[1.0], [1.0]]]", "[[0.25], [0.5]]", "[[0.1], [-0.3]]", \
                      CELL_W, "[0.1]", "[0.2]", "[0.3]", "[0.0, 0.1, 0.2, 0.3]"

#define SEQUENCE_DOC(columns) \
  "The steps of *LSTMBlockCell*, one after the other, in one op:\n\n" LSTM_FORMULAS \
  "x is steps × batch × inputs: the steps first. The products with x of all steps are done at once, and blocks of the batch " \
  "go through the steps side by side. The columns of w and the elements of b stand in the order " columns ". Sequences " \
  "shorter than x end at `seq_len_max`; behind it all outputs are 0.\n\nGradients flow back from `cs` and `h`."

#define SEQUENCE_OP(NAME, TYPE, TITLE, COLUMNS, ATTRS, ATTR_TEXT, OUTPUTS)                                              \
  static const GwOpDef NAME = {                                                                              \
    .name = TYPE, .since = 1, .title = TITLE, .category = "neural/Recurrent",                                \
    .summary = "A layer of LSTM cells over a whole sequence, gates in the order " COLUMNS ".",               \
    .doc = SEQUENCE_DOC (COLUMNS),                                                                           \
    .inputs = GW_PORTS (SEQ_LEN_PORT, STEPS_PORT, STATE_PORTS (COLUMNS)),                                    \
    .outputs = GW_PORTS (GATE_PORTS (", steps × batch × units"),                                             \
                         { "h", "T", "The outputs, steps × batch × units." }),                               \
    .attrs = GW_ATTRS (ATTRS), .flags = GW_OP_IN_FLOAT,                                                      \
    .shape_rule = "all outputs are [steps, batch, units]", \
    .shape = block_lstm_shape, .grad = block_lstm_grad, .cpu = NAME##_cpu,                                   \
    .examples = GW_EXAMPLES ({ GW_TEXTS (STEPS_EXAMPLE), ATTR_TEXT, GW_TEXTS (OUTPUTS) }),                   \
    .tell = GW_CHOICES ("use_peephole"),                                                                     \
  };

#define SEQUENCE_GRAD_OP(NAME, TYPE, FORWARD, COLUMNS, GATES, OUTPUTS)                                       \
  static const GwOpDef NAME = {                                                                              \
    .name = TYPE, .since = 1, .title = "Gradient of " FORWARD, .category = "neural/Recurrent",               \
    .summary = "The gradients of " FORWARD ", back through all the steps.",                                  \
    .doc = "Takes what " FORWARD " got and gave, and the gradients that arrive at its cells and outputs.",   \
    .inputs = GW_PORTS (SEQ_LEN_PORT, STEPS_PORT, STATE_PORTS (COLUMNS), GATE_PORTS (" of the forward op"),  \
                        { "h", "T", "The outputs of the forward op." }, ARRIVING_PORTS),                     \
    .outputs = GW_PORTS ({ "x_grad", "T", "Gradient for x; 0 behind seq_len_max." },                         \
                         { "cs_prev_grad", "T", "Gradient for cs_prev." },                                   \
                         { "h_prev_grad", "T", "Gradient for h_prev." }, { "w_grad", "T", "Gradient for w." }, \
                         WEIGHT_GRAD_PORTS, { "b_grad", "T", "Gradient for b." }),                           \
    .attrs = GW_ATTRS ([GRAD_PEEPHOLE] = GRAD_PEEPHOLE_ATTR, [GRAD_T] = T_ATTR ("float32", "float16")),     \
    .flags = GW_OP_HIDDEN | GW_OP_NO_GRADIENT | GW_OP_IN_FLOAT | GW_OP_LEAVES_OUT,                           \
    .shape_rule = "each gradient has the shape of what it is for", \
    .shape = block_lstm_grad_shape, .cpu = NAME##_cpu,                                                       \
    .examples = GW_EXAMPLES ({ GW_TEXTS (STEPS_EXAMPLE, GATES, STEPS_ARRIVING), "use_peephole=true", GW_TEXTS (OUTPUTS) }), \
  };
#define STEPS_ARRIVING "[[[1.0], [0.5]], [[0.0], [-1.0]], [[2.0], [2.0]]]", "[[[0.25], [-1.0]], [[1.5], [0.5]], [[3.0], [1.0]]]"

SEQUENCE_OP (block_lstm, "BlockLSTM", "LSTM over a sequence", "i, ci, f, o",
             LIST ([LSTM_FORGET_BIAS] = FORGET_BIAS_ATTR, [LSTM_CELL_CLIP] = CELL_CLIP_ATTR ("3"),
                   [LSTM_PEEPHOLE] = PEEPHOLE_ATTR, [LSTM_T] = T_ATTR ("float32", "float16")),
             "use_peephole=true", LIST (
               "[[[0.53120935], [0.45016599]], [[0.5399738], [0.57117468]], [[0.0], [0.0]]]",
               "[[[0.32682288], [0.25903103]], [[0.38536656], [0.51026505]], [[0.0], [0.0]]]",
               "[[[0.80690134], [0.71300018]], [[0.80248481], [0.86855602]], [[0.0], [0.0]]]",
               "[[[0.64977419], [0.47943893]], [[0.63567287], [0.78200287]], [[0.0], [0.0]]]",
               "[[[0.23549576], [-0.21651807]], [[0.22796692], [0.49946558]], [[0.0], [0.0]]]",
               "[[[0.3156631], [0.253389]], [[0.36735892], [0.47015166]], [[0.0], [0.0]]]",
               "[[[0.20510973], [0.12148456]], [[0.23352011], [0.36765996]], [[0.0], [0.0]]]"
))
SEQUENCE_OP (block_lstm_v2, "BlockLSTMV2", "LSTM over a sequence (V2)", "i, f, ci, o",
             LIST ([V2_CELL_CLIP] = CELL_CLIP_ATTR ("0"), [V2_PEEPHOLE] = PEEPHOLE_ATTR, [V2_T] = T_ATTR ("float32", "float16")),
             NULL, LIST (
               "[[[0.52497917], [0.4378235]], [[0.53120345], [0.5577634]], [[0.0], [0.0]]]",
               "[[[0.33034226], [0.14041066]], [[0.35565627], [0.46454701]], [[0.0], [0.0]]]",
               "[[[0.5597136], [0.44522074]], [[0.55724317], [0.62847304]], [[0.0], [0.0]]]",
               "[[[0.62714773], [0.46008509]], [[0.60825682], [0.75265747]], [[0.0], [0.0]]]",
               "[[[0.36270747], [-0.18774621]], [[0.32299355], [0.67466366]], [[0.0], [0.0]]]",
               "[[[0.31882825], [0.13949513]], [[0.34138221], [0.43378291]], [[0.0], [0.0]]]",
               "[[[0.19995242], [0.064179629]], [[0.20764805], [0.32648996]], [[0.0], [0.0]]]"
))
SEQUENCE_GRAD_OP (block_lstm_backward, "BlockLSTMGrad", "BlockLSTM", "i, ci, f, o", LIST (
               "[[[0.53120935], [0.45016599]], [[0.5399738], [0.57117468]], [[0.0], [0.0]]]",
               "[[[0.32682288], [0.25903103]], [[0.38536656], [0.51026505]], [[0.0], [0.0]]]",
               "[[[0.80690134], [0.71300018]], [[0.80248481], [0.86855602]], [[0.0], [0.0]]]",
               "[[[0.64977419], [0.47943893]], [[0.63567287], [0.78200287]], [[0.0], [0.0]]]",
               "[[[0.23549576], [-0.21651807]], [[0.22796692], [0.49946558]], [[0.0], [0.0]]]",
               "[[[0.3156631], [0.253389]], [[0.36735892], [0.47015166]], [[0.0], [0.0]]]",
               "[[[0.20510973], [0.12148456]], [[0.23352011], [0.36765996]], [[0.0], [0.0]]]"
), LIST (
               "[[[0.25032628], [-0.10118565]], [[0.15771551], [-0.056986947]], [[0.0], [0.0]]]",
               "[[1.6441964], [-0.47111279]]",
               "[[0.49136558], [-0.12820511]]",
               "[[-0.13091245, 0.3048408, 0.075986028, 0.2028276], [0.0012163583, 0.23885933, 0.034381431, 0.056515869]]",
               "[0.04103291]",
               "[-0.0042103883]",
               "[0.062180564]",
               "[0.11745656, 0.87663722, 0.036351301, 0.12972675]"
))
SEQUENCE_GRAD_OP (block_lstm_v2_backward, "BlockLSTMGradV2", "BlockLSTMV2", "i, f, ci, o", LIST (
               "[[[0.52497917], [0.4378235]], [[0.53120345], [0.5577634]], [[0.0], [0.0]]]",
               "[[[0.33034226], [0.14041066]], [[0.35565627], [0.46454701]], [[0.0], [0.0]]]",
               "[[[0.5597136], [0.44522074]], [[0.55724317], [0.62847304]], [[0.0], [0.0]]]",
               "[[[0.62714773], [0.46008509]], [[0.60825682], [0.75265747]], [[0.0], [0.0]]]",
               "[[[0.36270747], [-0.18774621]], [[0.32299355], [0.67466366]], [[0.0], [0.0]]]",
               "[[[0.31882825], [0.13949513]], [[0.34138221], [0.43378291]], [[0.0], [0.0]]]",
               "[[[0.19995242], [0.064179629]], [[0.20764805], [0.32648996]], [[0.0], [0.0]]]"
), LIST (
               "[[[0.29148728], [-0.083272517]], [[0.18959814], [-0.061887842]], [[0.0], [0.0]]]",
               "[[1.0210817], [-0.21474896]]",
               "[[0.36991566], [-0.078380235]]",
               "[[-0.15202582, 0.083554842, 0.28102064, 0.16706356], [0.015760241, 0.04022231, 0.20545501, 0.042030398]]",
               "[0.056844495]",
               "[0.018112022]",
               "[0.067936093]",
               "[0.13449016, 0.097568482, 0.79975611, 0.15758878]"
))

#define GRU_PORTS                                                                                            \
  { "x", "T", "The inputs of this step, batch × inputs." },                                                  \
  { "h_prev", "T", "The state before, batch × units." },                                                     \
  { "w_ru", "T", "Weights of the gates r and u, (inputs + units) × (2 × units)." },                          \
  { "w_c", "T", "Weights of the candidate, (inputs + units) × units." },                                     \
  { "b_ru", "T", "Biases of the gates, 2 × units." },                                                        \
  { "b_c", "T", "Biases of the candidate, one a unit." }
#define GRU_GATES(what)                                                                                      \
  { "r", "T", "The reset gate" what "." },                                                                   \
  { "u", "T", "The update gate" what "." },                                                                  \
  { "c", "T", "The candidate" what "." }
#define GRU_EXAMPLE "[[0.5], [-1.0]]", "[[0.25], [0.5]]", "[[0.1, 0.2], [0.3, 0.4]]", "[[0.5], [0.6]]", "[0.1, 0.2]", "[0.3]"

static const GwOpDef gru_cell = {
  .name = "GRUBlockCell", .since = 1, .title = "GRU step", .category = "neural/Recurrent",
  .summary = "One step of a layer of gated recurrent units.",
  .doc = "A unit keeps its state as far as its update gate says, and takes up a candidate for the rest; the reset gate says "
         "how much of the state the candidate sees:\n\n"
         "```\nr = sigmoid (x·w_r + h_prev·u_r + b_r)\nu = sigmoid (x·w_u + h_prev·u_u + b_u)\n"
         "c = tanh (x·w_c + (r · h_prev)·u_c + b_c)\nh = u · h_prev + (1 - u) · c\n```\n\n"
         "The columns of w_ru hold r first, then u; the first rows belong to x, the others to the state. `h` is wired to the "
         "next step; gradients flow back through it.",
  .inputs = GW_PORTS (GRU_PORTS),
  .outputs = GW_PORTS (GRU_GATES (""), { "h", "T", "The new state, batch × units." }),
  .attrs = GW_ATTRS (T_ATTR ("float32")),
  .shape_rule = "all outputs are [batch, units]",
  .shape = gru_cell_shape, .grad = gru_cell_grad, .cpu = gru_cell_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS (GRU_EXAMPLE), NULL, GW_TEXTS (
    "[[0.55601388], [0.53742987]]",
    "[[0.59868771], [0.54983401]]",
    "[[0.56039041], [-0.038751617]]",
    "[[0.37456349], [0.25747234]]"
  ) }),
};

static const GwOpDef gru_cell_backward = {
  .name = "GRUBlockCellGrad", .since = 1, .title = "Gradient of a GRU step", .category = "neural/Recurrent",
  .summary = "The gradient of GRUBlockCell, up to its sums.",
  .doc = "`d_c_bar` and `d_r_bar_u_bar` are the gradients of what goes into the candidate and the gates; products with them "
         "give the gradients of the weights and biases.",
  .inputs = GW_PORTS (GRU_PORTS, GRU_GATES (" of the forward op"), { "d_h", "T", "The gradient that arrives at h." }),
  .outputs = GW_PORTS ({ "d_x", "T", "Gradient for x." }, { "d_h_prev", "T", "Gradient for h_prev." },
                       { "d_c_bar", "T", "Gradient of the candidate's sums." },
                       { "d_r_bar_u_bar", "T", "Gradient of the gates' sums, batch × (2 × units)." }),
  .attrs = GW_ATTRS (T_ATTR ("float32")),
  .flags = GW_OP_HIDDEN | GW_OP_NO_GRADIENT,
  .shape_rule = "d_x has the shape of x; d_h_prev and d_c_bar are [batch, units], d_r_bar_u_bar [batch, 2 · units]",
  .shape = gru_cell_grad_shape, .cpu = gru_cell_grad_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS (GRU_EXAMPLE,
                             "[[0.55601388], [0.53742987]]",
                             "[[0.59868771], [0.54983401]]",
                             "[[0.56039041], [-0.038751617]]"
                             , "[[1.0], [0.5]]"), NULL, GW_TEXTS (
    "[[0.12374704], [0.12738363]]",
    "[[0.66375339], [0.37908623]]",
    "[[0.27528521], [0.22474499]]",
    "[[0.010193638, -0.074574627], [0.016761415, 0.066674978]]"
  ) }),
};

const GwOpDef *const gw_ops_recurrent[] = {
  &lstm_cell, &lstm_cell_backward, &block_lstm, &block_lstm_v2, &block_lstm_backward, &block_lstm_v2_backward,
  &gru_cell, &gru_cell_backward, NULL,
};
