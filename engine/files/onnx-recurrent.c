/* SPDX-License-Identifier: Apache-2.0 */
/* ONNX's LSTM as TensorFlow's op for a layer over a whole sequence, one for each direction. */
#include "engine/files/onnx-private.h"

enum { X, W, R, B, LENGTHS, INITIAL_H, INITIAL_C, PEEPHOLES, N_INPUTS };
enum { H_OUTPUT = 6, C_OUTPUT = 1 }; /* of BlockLSTMV2 */

/* Gates stand in the order i, o, f, c in ONNX, and i, f, c, o in TensorFlow. */
static const int gates[] = { 0, 2, 3, 1 };

typedef struct {
  int         directions;
  gboolean    starts_reversed; /* the first direction goes from the end on */
  int64_t     inputs, units;
  const char *steps;  /* how many: a scalar */
  const char *zeros;  /* state where none is given, or NULL */
} Layer;

/* ---- weights ---- */

static const char *
weights_of (GwOnnxStep  *step,
            const Layer *layer,
            int          direction)
{
  int64_t inputs = layer->inputs, units = layer->units, dims[] = { inputs + units, 4 * units };
  GwShape shape = gw_shape_from_dims (2, dims);
  GwTensor *tensor = gw_tensor_new (GW_FLOAT32, &shape, step->onnx->error == NULL ? &step->onnx->error : NULL);
  const float *w = GW_TENSOR_DATA (gw_onnx_value (step, W)->tensor, float) + direction * 4 * units * inputs;
  const float *r = GW_TENSOR_DATA (gw_onnx_value (step, R)->tensor, float) + direction * 4 * units * units;

  if (tensor == NULL)
    return step->name;
  for (int64_t row = 0; row < inputs + units; row++)
    for (int64_t column = 0; column < 4 * units; column++)
      {
        int64_t from = gates[column / units] * units + column % units;

        GW_TENSOR_DATA (tensor, float)[row * 4 * units + column] =
          row < inputs ? w[from * inputs + row] : r[from * units + row - inputs];
      }
  return gw_onnx_emit_tensor (step, "weights", tensor);
}

/* ONNX has one for the input and one for the state: they are added up. */
static const char *
bias_of (GwOnnxStep  *step,
         const Layer *layer,
         int          direction)
{
  int64_t n = 4 * layer->units;
  GwShape shape = gw_shape_from_dims (1, &n);
  GwTensor *tensor = gw_tensor_new (GW_FLOAT32, &shape, step->onnx->error == NULL ? &step->onnx->error : NULL);
  const float *b = gw_onnx_value (step, B) != NULL ? GW_TENSOR_DATA (gw_onnx_value (step, B)->tensor, float) + direction * 2 * n : NULL;

  if (tensor == NULL)
    return step->name;
  for (int64_t i = 0; i < n; i++)
    {
      int64_t from = gates[i / layer->units] * layer->units + i % layer->units;

      GW_TENSOR_DATA (tensor, float)[i] = b != NULL ? b[from] + b[n + from] : 0;
    }
  return gw_onnx_emit_tensor (step, "bias", tensor);
}

/* ---- one direction ---- */

/* x[index], of the first dimension. */
static const char *
take_first (GwOnnxStep *step,
            const char *suffix,
            const char *x,
            int64_t     index)
{
  Gw__NodeDef *def = gw_onnx_part_of (step, suffix, x, index, index + 1);

  gw_onnx_set_int (step->onnx, def, "shrink_axis_mask", 1);
  if (index == -1)
    gw_onnx_set_int (step->onnx, def, "end_mask", 1);
  return def->name;
}

static const char *
backwards (GwOnnxStep *step,
           const char *suffix,
           const char *x)
{
  int64_t time = 0;

  return GW_ONNX_NODE (step, "ReverseV2", suffix, x, gw_onnx_emit_ints (step, "time", 1, &time));
}

static const char *
state_of (GwOnnxStep  *step,
          const Layer *layer,
          size_t       input,
          int          direction)
{
  return gw_onnx_value (step, input) != NULL ? take_first (step, "initial", gw_onnx_input (step, input), direction) : layer->zeros;
}

static Gw__NodeDef *
emit_direction (GwOnnxStep  *step,
                const char  *op,
                const Layer *layer,
                int          direction,
                gboolean     is_reversed)
{
  const char *x = gw_onnx_input (step, X);
  int64_t units = layer->units;
  GwShape shape = gw_shape_from_dims (1, &units);
  const char *peephole = gw_onnx_emit_tensor (step, "no_peephole", gw_tensor_new_zeros (GW_FLOAT32, &shape, NULL));
  Gw__NodeDef *def;

  if (is_reversed)
    x = backwards (step, "reversed", x);
  def = GW_ONNX_EMIT (step, op, "lstm", layer->steps, x, state_of (step, layer, INITIAL_C, direction),
                      state_of (step, layer, INITIAL_H, direction), weights_of (step, layer, direction), peephole, peephole, peephole,
                      bias_of (step, layer, direction));
  gw_onnx_set_float (step->onnx, def, "cell_clip", 0);
  return def;
}

/* ---- the layer ---- */

static gboolean
is_constant (const GwOnnxStep *step,
             size_t            input,
             int               rank)
{
  const GwOnnxValue *value = gw_onnx_value (step, input);

  return value != NULL && value->tensor != NULL && value->tensor->dtype == GW_FLOAT32 && value->tensor->shape.rank == rank;
}

static gboolean
has_only (const GwOnnxStep *step)
{
  static const char *const others[] = { "activations", "activation_alpha", "activation_beta", "clip" };

  for (size_t i = 0; i < G_N_ELEMENTS (others); i++)
    if (gw_onnx_attribute (step, others[i]) != NULL)
      return FALSE;
  return gw_onnx_has (step, B) && gw_onnx_dtype_of (step, X) == GW_FLOAT32 && gw_onnx_value (step, LENGTHS) == NULL &&
         gw_onnx_value (step, PEEPHOLES) == NULL && gw_onnx_int (step, "input_forget", 0) == 0 && gw_onnx_int (step, "layout", 0) == 0;
}

/* Sizes of the weights; FALSE: they do not fit each other. */
static gboolean
read_layer (const GwOnnxStep *step,
            Layer            *layer)
{
  gboolean is_both = gw_onnx_is_text (step, "direction", "forward", "bidirectional");
  const int64_t *w, *r, *b;

  if (!has_only (step) || !is_constant (step, W, 3) || !is_constant (step, R, 3) ||
      (gw_onnx_value (step, B) != NULL && !is_constant (step, B, 2)))
    return FALSE;
  w = gw_onnx_value (step, W)->tensor->shape.dims;
  r = gw_onnx_value (step, R)->tensor->shape.dims;
  b = gw_onnx_value (step, B) != NULL ? gw_onnx_value (step, B)->tensor->shape.dims : NULL;
  layer->directions = is_both ? 2 : 1;
  layer->starts_reversed = gw_onnx_is_text (step, "direction", "forward", "reverse");
  layer->inputs = w[2];
  layer->units = r[2];
  return layer->units > 0 && w[0] == layer->directions && w[1] == 4 * layer->units && r[0] == w[0] && r[1] == w[1] &&
         (b == NULL || (b[0] == w[0] && b[1] == 2 * w[1]));
}

static void
emit_common (GwOnnxStep *step,
             Layer      *layer)
{
  const char *shape = gw_onnx_shape_of (step, "own_shape"), *parts[2];
  Gw__NodeDef *def = GW_ONNX_EMIT (step, "Cast", "steps", take_first (step, "time", shape, 0));

  gw_onnx_set_dtype (step->onnx, def, "DstT", GW_INT64);
  layer->steps = def->name;
  layer->zeros = NULL;
  if (gw_onnx_value (step, INITIAL_H) != NULL && gw_onnx_value (step, INITIAL_C) != NULL)
    return;
  parts[0] = gw_onnx_part_of (step, "batch", shape, 1, 2)->name;
  parts[1] = gw_onnx_emit_ints (step, "units", 1, &layer->units);
  def = GW_ONNX_EMIT (step, "ConcatV2", "state_shape", parts[0], parts[1], gw_onnx_emit_int (step, "axis", 0));
  gw_onnx_set_int (step->onnx, def, "N", 2);
  layer->zeros = GW_ONNX_NODE (step, "Fill", "zeros", def->name, gw_onnx_number (step, "zero", 0));
}

/* Output i: what the directions give, along a dimension of theirs. */
static void
give_directions (GwOnnxStep        *step,
                 size_t             i,
                 int                directions,
                 const char *const *parts,
                 int64_t            axis)
{
  static const char *const suffixes[] = { NULL, "last_h", "last_c" };
  const char *rows[2] = { NULL };
  Gw__NodeDef *def = NULL;

  for (int d = 0; d < directions; d++)
    {
      def = GW_ONNX_EMIT (step, "ExpandDims", directions > 1 ? "direction" : suffixes[i], parts[d], gw_onnx_emit_int (step, "axis", axis));
      rows[d] = def->name;
    }
  if (directions > 1)
    {
      def = GW_ONNX_EMIT (step, "ConcatV2", suffixes[i], rows[0], rows[1], gw_onnx_emit_int (step, "axis", axis));
      gw_onnx_set_int (step->onnx, def, "N", 2);
    }
  gw_onnx_give (step, i, def, 0, i == 0 ? 4 : 3, GW_FLOAT32);
}

/* Outputs: all steps [steps, directions, batch, units], and the last h and c of each direction. */
static gboolean
lstm (GwOnnxStep *step,
      const char *op)
{
  const char *all[2], *last_h[2], *last_c[2];
  Layer layer = { 0 };

  if (!read_layer (step, &layer))
    return FALSE;
  emit_common (step, &layer);
  for (int d = 0; d < layer.directions; d++)
    {
      gboolean is_reversed = d == 1 || layer.starts_reversed;
      const Gw__NodeDef *def = emit_direction (step, op, &layer, d, is_reversed);
      g_autofree char *h = g_strdup_printf ("%s:%d", def->name, H_OUTPUT), *c = g_strdup_printf ("%s:%d", def->name, C_OUTPUT);

      all[d] = gw_onnx_keep_text (step->onnx, h);
      last_h[d] = gw_onnx_gives (step, 1) ? take_first (step, "end", h, -1) : NULL;
      last_c[d] = gw_onnx_gives (step, 2) ? take_first (step, "end_c", c, -1) : NULL;
      if (is_reversed)
        all[d] = backwards (step, "forward", h);
    }
  give_directions (step, 0, layer.directions, all, 1);
  if (gw_onnx_gives (step, 1))
    give_directions (step, 1, layer.directions, last_h, 0);
  if (gw_onnx_gives (step, 2))
    give_directions (step, 2, layer.directions, last_c, 0);
  return TRUE;
}

const GwOnnxOperator gw_onnx_recurrent[] = {
  { "LSTM", lstm, "BlockLSTMV2" },
  { NULL },
};
