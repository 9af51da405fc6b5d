/* SPDX-License-Identifier: Apache-2.0 */
/* Operators of ONNX that arrange elements: shapes, slices, indices. */
#include "engine/files/onnx-private.h"

#include <string.h>

/* ---- shapes as tensors ---- */

static GwTensor *
int64_vector (int            n,
              const int64_t *values)
{
  int64_t length = n;
  GwShape shape = gw_shape_from_dims (1, &length);

  return gw_tensor_new_copy (GW_INT64, &shape, values, NULL);
}

static Gw__NodeDef *
join (GwOnnxStep        *step,
      const char        *suffix,
      size_t             n,
      const char *const *parts, /* n of them, and room for one more */
      int64_t            axis)
{
  const char **inputs = g_newa (const char *, n + 1);
  Gw__NodeDef *def;

  if (n == 1)
    return GW_ONNX_EMIT (step, "Identity", suffix, parts[0]);
  for (size_t i = 0; i < n; i++)
    inputs[i] = parts[i];
  inputs[n] = gw_onnx_emit_int (step, "axis", axis);
  def = gw_onnx_emit (step, "ConcatV2", suffix, n + 1, inputs);
  gw_onnx_set_int (step->onnx, def, "N", (int64_t) n);
  return def;
}

static gboolean
shape (GwOnnxStep *step,
       const char *op)
{
  int64_t start = gw_onnx_int (step, "start", 0), end = gw_onnx_int (step, "end", INT32_MAX);
  gboolean is_whole = start == 0 && end == INT32_MAX;
  Gw__NodeDef *def;

  if (!gw_onnx_has (step, 1))
    return FALSE;
  def = GW_ONNX_EMIT (step, op, is_whole ? NULL : "shape", gw_onnx_input (step, 0));
  gw_onnx_set_dtype (step->onnx, def, "out_type", GW_INT64);
  if (!is_whole)
    def = gw_onnx_part_of (step, NULL, def->name, start, end);
  gw_onnx_give (step, 0, def, 0, 1, GW_INT64);
  return TRUE;
}

static gboolean
size (GwOnnxStep *step,
      const char *op)
{
  Gw__NodeDef *def;

  if (!gw_onnx_has (step, 1))
    return FALSE;
  def = GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0));
  gw_onnx_set_dtype (step->onnx, def, "out_type", GW_INT64);
  gw_onnx_give (step, 0, def, 0, 0, GW_INT64);
  return TRUE;
}

/* ---- another shape ---- */

/* A 0 stands for the input's own size there: those are cut out of its shape. */
static const char *
shape_with_copies (GwOnnxStep       *step,
                   const GwOnnxInts *sizes)
{
  const char *parts[2 * GW_MAX_RANK], *own = gw_onnx_shape_of (step, "own_shape");
  size_t n = 0;

  for (int i = 0, end; i < sizes->n; i = end)
    {
      gboolean copies = sizes->values[i] == 0;

      for (end = i + 1; end < sizes->n && (sizes->values[end] == 0) == copies; end++)
        ;
      parts[n++] = copies ? gw_onnx_part_of (step, "same", own, i, end)->name : gw_onnx_emit_ints (step, "sizes", end - i, sizes->values + i);
    }
  return join (step, "shape", n, parts, 0)->name;
}

static gboolean
reshape (GwOnnxStep *step,
         const char *op)
{
  GwOnnxInts sizes;
  gboolean copies = FALSE;
  const char *target;

  if (!gw_onnx_has (step, 1))
    return FALSE;
  if (!gw_onnx_either_ints (step, "shape", 1, &sizes))
    return gw_onnx_has (step, 2) &&
           gw_onnx_give_shaped (step, GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0), gw_onnx_input (step, 1)), -1);
  for (int i = 0; i < sizes.n; i++)
    copies |= sizes.values[i] == 0 && gw_onnx_int (step, "allowzero", 0) == 0;
  if (copies && sizes.n == 2 && sizes.values[1] == -1)
    return gw_onnx_give_shaped (step, GW_ONNX_EMIT (step, "Flatten", NULL, gw_onnx_input (step, 0)), 2);
  target = copies ? shape_with_copies (step, &sizes) : gw_onnx_emit_ints (step, "shape", sizes.n, sizes.values);
  return gw_onnx_give_shaped (step, GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0), target), sizes.n);
}

/* A matrix: dimensions before the axis are its rows. */
static gboolean
flatten (GwOnnxStep *step,
         const char *op)
{
  static const int64_t one_row[] = { 1, -1 }, one_column[] = { -1, 1 };
  int rank = gw_onnx_rank (step, 0);
  int64_t axis = gw_onnx_int (step, "axis", 1);
  const char *rows;

  if (axis < 0 && rank >= 0)
    axis += rank;
  if (!gw_onnx_has (step, 1) || axis < 0 || axis > GW_MAX_RANK)
    return FALSE;
  if (axis == 1 && rank != 1)
    return gw_onnx_give_shaped (step, GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0)), 2);
  if (axis == 0 || axis == rank)
    rows = gw_onnx_emit_ints (step, "shape", 2, axis == 0 ? one_row : one_column);
  else
    {
      const char *outer = gw_onnx_part_of (step, "outer", gw_onnx_shape_of (step, "own_shape"), 0, axis)->name;
      Gw__NodeDef *pack = GW_ONNX_EMIT (step, "Pack", "shape",
                                        GW_ONNX_NODE (step, "Prod", "rows", outer, gw_onnx_emit_int (step, "axis", 0)),
                                        gw_onnx_emit_int (step, "columns", -1));

      gw_onnx_set_int (step->onnx, pack, "N", 2);
      rows = pack->name;
    }
  return gw_onnx_give_shaped (step, GW_ONNX_EMIT (step, "Reshape", NULL, gw_onnx_input (step, 0), rows), 2);
}

static gboolean
transpose (GwOnnxStep *step,
           const char *op)
{
  int rank = gw_onnx_rank (step, 0);
  GwOnnxInts order;

  if (!gw_onnx_has (step, 1))
    return FALSE;
  if (!gw_onnx_ints (step, "perm", &order))
    {
      if (rank < 0)
        return FALSE;
      order.n = rank;
      for (int i = 0; i < rank; i++)
        order.values[i] = rank - 1 - i;
    }
  return gw_onnx_give_shaped (step, GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0),
                                          gw_onnx_emit_ints (step, "order", order.n, order.values)), order.n);
}

static gboolean
squeeze (GwOnnxStep *step,
         const char *op)
{
  int rank = gw_onnx_rank (step, 0);
  GwOnnxInts axes = { 0 };
  gboolean named = gw_onnx_either_ints (step, "axes", 1, &axes);
  Gw__NodeDef *def;

  if (!gw_onnx_has (step, 1) || (!named && gw_onnx_value (step, 1) != NULL))
    return FALSE;
  def = GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0));
  gw_onnx_set_ints (step->onnx, def, "squeeze_dims", (size_t) axes.n, axes.values);
  return gw_onnx_give_shaped (step, def, named && rank >= axes.n ? rank - axes.n : -1);
}

static int
compare_ints (const void *a,
              const void *b)
{
  int64_t first = *(const int64_t *) a, second = *(const int64_t *) b;

  return (first > second) - (first < second);
}

/* Axes are those of the result: from the first on, each finds its place. */
static gboolean
unsqueeze (GwOnnxStep *step,
           const char *op)
{
  int rank = gw_onnx_rank (step, 0);
  Gw__NodeDef *def = NULL;
  GwOnnxInts axes, size;
  const char *x;

  if (!gw_onnx_has (step, 1) || !gw_onnx_either_ints (step, "axes", 1, &axes) || axes.n == 0)
    return FALSE;
  if (axes.n == 1 && rank == 0 && gw_onnx_dtype_of (step, 0) == GW_INT64 && step->node->n_output == 1 &&
      gw_onnx_input_ints (step, 0, &size))
    return gw_onnx_give_tensor (step, int64_vector (size.n, size.values));
  for (int i = 0; i < axes.n && axes.n > 1; i++)
    if ((axes.values[i] = gw_onnx_axis (axes.values[i], rank >= 0 ? rank + axes.n : -1)) < 0)
      return FALSE;
  qsort (axes.values, (size_t) axes.n, sizeof axes.values[0], compare_ints);
  x = gw_onnx_input (step, 0);
  for (int i = 0; i < axes.n; i++)
    {
      def = GW_ONNX_EMIT (step, op, i + 1 < axes.n ? "expanded" : NULL, x, gw_onnx_emit_int (step, "axis", axes.values[i]));
      x = def->name;
    }
  return gw_onnx_give_shaped (step, def, rank >= 0 ? rank + axes.n : -1);
}

static gboolean
expand (GwOnnxStep *step,
        const char *op)
{
  GwOnnxInts sizes;
  Gw__NodeDef *own;
  const char *common;
  int rank = gw_onnx_rank (step, 0);

  if (!gw_onnx_has (step, 2))
    return FALSE;
  own = GW_ONNX_EMIT (step, "Shape", "own_shape", gw_onnx_input (step, 0));
  gw_onnx_set_dtype (step->onnx, own, "out_type", GW_INT64);
  common = GW_ONNX_NODE (step, "BroadcastArgs", "shape", own->name, gw_onnx_input (step, 1));
  rank = gw_onnx_input_ints (step, 1, &sizes) && rank >= 0 ? MAX (rank, sizes.n) : -1;
  return gw_onnx_give_shaped (step, GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0), common), rank);
}

static gboolean
tile (GwOnnxStep *step,
      const char *op)
{
  if (!gw_onnx_has (step, 2) || step->node->n_input != 2)
    return FALSE;
  return gw_onnx_give_like (step, GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0), gw_onnx_input (step, 1)));
}

/* ---- together and apart ---- */

/* A shape that is put together of constants is one itself. */
static gboolean
joins_constants (const GwOnnxStep *step,
                 GwOnnxInts       *joined)
{
  GwOnnxInts part;

  joined->n = 0;
  for (size_t i = 0; i < step->node->n_input; i++)
    {
      if (gw_onnx_dtype_of (step, i) != GW_INT64 || gw_onnx_rank (step, i) != 1 || !gw_onnx_input_ints (step, i, &part) ||
          joined->n + part.n > (int) G_N_ELEMENTS (joined->values))
        return FALSE;
      for (int k = 0; k < part.n; k++)
        joined->values[joined->n++] = part.values[k];
    }
  return step->node->n_input > 0;
}

static gboolean
concat (GwOnnxStep *step,
        const char *op G_GNUC_UNUSED)
{
  size_t n = step->node->n_input;
  g_autofree const char **parts = g_new (const char *, n + 1);
  gboolean is_told = gw_onnx_attribute (step, "axis") != NULL;
  GwOnnxInts joined;

  if (joins_constants (step, &joined) && step->node->n_output == 1)
    return gw_onnx_give_tensor (step, int64_vector (joined.n, joined.values));
  if (n == 0 || n > 10000 || !gw_onnx_has (step, n) || (!is_told && step->onnx->opset >= 4))
    return FALSE;
  for (size_t i = 0; i < n; i++)
    parts[i] = gw_onnx_input (step, i);
  return gw_onnx_give_like (step, join (step, NULL, n, parts, gw_onnx_int (step, "axis", 1)));
}

static gboolean
split (GwOnnxStep *step,
       const char *op)
{
  size_t n = step->node->n_output;
  GwOnnxInts sizes;
  gboolean is_told = gw_onnx_either_ints (step, "split", 1, &sizes);
  const char *axis;
  Gw__NodeDef *def;

  if (!gw_onnx_has (step, 1) || n == 0 || (is_told && (size_t) sizes.n != n) || (!is_told && gw_onnx_value (step, 1) != NULL))
    return FALSE;
  axis = gw_onnx_emit_int (step, "axis", gw_onnx_int (step, "axis", 0));
  if (is_told)
    def = GW_ONNX_EMIT (step, "SplitV", NULL, gw_onnx_input (step, 0), gw_onnx_emit_ints (step, "sizes", sizes.n, sizes.values), axis);
  else
    def = GW_ONNX_EMIT (step, op, NULL, axis, gw_onnx_input (step, 0));
  gw_onnx_set_int (step->onnx, def, "num_split", (int64_t) n);
  for (size_t i = 0; i < n; i++)
    gw_onnx_give (step, i, def, (int) i, gw_onnx_rank (step, 0), gw_onnx_dtype_of (step, 0));
  return TRUE;
}

/* ---- slices ---- */

typedef struct {
  GwOnnxInts starts, ends, axes, steps;
} Slice;

/* Without steps they are 1, without axes they go from the first dimension on. */
static gboolean
fill_slice (const GwOnnxStep *step,
            Slice            *slice,
            int               n)
{
  gboolean has_axes = gw_onnx_either_ints (step, "axes", 3, &slice->axes);
  gboolean has_steps = gw_onnx_input_ints (step, 4, &slice->steps);

  if (n < 1 || n > GW_MAX_RANK || (!has_axes && gw_onnx_value (step, 3) != NULL) || (!has_steps && gw_onnx_value (step, 4) != NULL))
    return FALSE;
  for (int i = 0; i < n && !has_axes; i++)
    slice->axes.values[i] = i;
  for (int i = 0; i < n && !has_steps; i++)
    slice->steps.values[i] = 1;
  slice->axes.n = has_axes ? slice->axes.n : n;
  slice->steps.n = has_steps ? slice->steps.n : n;
  for (int i = 0; i < slice->axes.n; i++)
    if ((slice->axes.values[i] = gw_onnx_axis (slice->axes.values[i], gw_onnx_rank (step, 0))) < 0)
      return FALSE;
  return slice->axes.n == n && slice->steps.n == n;
}

static gboolean
give_slice (GwOnnxStep  *step,
            Gw__NodeDef *def,
            int64_t      begin_mask,
            int64_t      end_mask)
{
  gw_onnx_set_int (step->onnx, def, "begin_mask", begin_mask);
  gw_onnx_set_int (step->onnx, def, "end_mask", end_mask);
  return gw_onnx_give_like (step, def);
}

/* All of it stands in the model. */
static gboolean
slice_constant (GwOnnxStep  *step,
                const char  *op,
                const Slice *slice)
{
  int64_t begin[GW_MAX_RANK] = { 0 }, end[GW_MAX_RANK] = { 0 }, stride[GW_MAX_RANK], begin_mask, end_mask;
  int n = 0;

  for (int i = 0; i < slice->axes.n; i++)
    n = MAX (n, (int) slice->axes.values[i] + 1);
  begin_mask = end_mask = (1 << n) - 1;
  for (int i = 0; i < n; i++)
    stride[i] = 1;
  for (int i = 0; i < slice->axes.n; i++)
    {
      int64_t axis = slice->axes.values[i];

      begin[axis] = CLAMP (slice->starts.values[i], INT32_MIN, INT32_MAX);
      end[axis] = CLAMP (slice->ends.values[i], INT32_MIN, INT32_MAX);
      stride[axis] = CLAMP (slice->steps.values[i], INT32_MIN, INT32_MAX);
      begin_mask &= ~(INT64_C (1) << axis);
      if (end[axis] < INT32_MAX || stride[axis] < 0)
        end_mask &= ~(INT64_C (1) << axis);
    }
  return give_slice (step, GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0), gw_onnx_emit_ints (step, "begin", n, begin),
                                         gw_onnx_emit_ints (step, "end", n, end), gw_onnx_emit_ints (step, "strides", n, stride)),
                     begin_mask, end_mask);
}

static const char *
vector_of (GwOnnxStep    *step,
           const char    *suffix,
           GwDType        dtype,
           int            n,
           const int64_t *values)
{
  return dtype == GW_INT32 ? gw_onnx_emit_ints (step, suffix, n, values)
                           : gw_onnx_emit_tensor (step, suffix, int64_vector (n, values));
}

/* Where it starts or ends is computed, along dimensions that follow each other. */
static gboolean
slice_computed (GwOnnxStep  *step,
                const char  *op,
                const Slice *slice)
{
  GwDType dtype = gw_onnx_dtype_of (step, 1);
  int64_t first = slice->axes.values[0], zeros[GW_MAX_RANK] = { 0 }, strides[GW_MAX_RANK], n = first + slice->axes.n;
  const char *bounds[2], *pair[3];

  for (int i = 0; i < slice->axes.n; i++)
    if (slice->axes.values[i] != first + i)
      return FALSE;
  if ((dtype != GW_INT32 && dtype != GW_INT64) || dtype != gw_onnx_dtype_of (step, 2))
    return FALSE;
  for (int64_t i = 0; i < n; i++)
    strides[i] = i < first ? 1 : slice->steps.values[i - first];
  for (int side = 0; side < 2; side++)
    {
      bounds[side] = pair[1] = gw_onnx_input (step, side + 1);
      if (first > 0)
        {
          pair[0] = vector_of (step, "before", dtype, (int) first, zeros);
          bounds[side] = join (step, side == 0 ? "begin" : "end", 2, pair, 0)->name;
        }
    }
  return give_slice (step, GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0), bounds[0], bounds[1],
                                         vector_of (step, "strides", dtype, (int) n, strides)),
                     (1 << first) - 1, (1 << first) - 1);
}

static gboolean
slice (GwOnnxStep *step,
       const char *op)
{
  Slice slice = { 0 };
  gboolean is_constant = gw_onnx_either_ints (step, "starts", 1, &slice.starts) & gw_onnx_either_ints (step, "ends", 2, &slice.ends);
  int n = is_constant ? slice.starts.n : -1;

  if (!gw_onnx_has (step, is_constant ? 1 : 3) || (is_constant && slice.starts.n != slice.ends.n))
    return FALSE;
  if (!is_constant) /* as many as there are of what is known */
    n = MAX (slice.starts.n, slice.ends.n) > 0                   ? MAX (slice.starts.n, slice.ends.n)
        : gw_onnx_either_ints (step, "axes", 3, &slice.axes)     ? slice.axes.n
                                                                 : -1;
  if (!fill_slice (step, &slice, n))
    return FALSE;
  return is_constant ? slice_constant (step, op, &slice) : slice_computed (step, op, &slice);
}

/* ---- new tensors ---- */

static gboolean
fill (GwOnnxStep *step,
      const char *op)
{
  const Gw__OnnxAttribute *value = gw_onnx_attribute (step, "value");
  g_autoptr (GwTensor) tensor = value != NULL && value->t != NULL ? gw_onnx_tensor (value->t, step->onnx->folder, NULL) : NULL;
  GwDType dtype = tensor != NULL ? tensor->dtype : GW_FLOAT32;
  GwOnnxInts sizes;

  if (!gw_onnx_has (step, 1) || (value != NULL && (tensor == NULL || tensor->elements != 1 || dtype == GW_STRING)))
    return FALSE;
  gw_onnx_give (step, 0, GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0),
                                       gw_onnx_emit_number (step, "value", dtype, tensor != NULL ? gw_tensor_get_double (tensor, 0) : 0)),
                0, gw_onnx_input_ints (step, 0, &sizes) ? sizes.n : -1, dtype);
  return TRUE;
}

static gboolean
range (GwOnnxStep *step,
       const char *op)
{
  if (!gw_onnx_has (step, 3))
    return FALSE;
  return gw_onnx_give_shaped (step, GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0), gw_onnx_input (step, 1), gw_onnx_input (step, 2)), 1);
}

/* ---- padding ---- */

/* [before of each dimension, after of each] as [before, after] of each; NULL: some are cut off instead. */
static const char *
pad_matrix (GwOnnxStep *step)
{
  static const int64_t two_rows[] = { 2, -1 }, order[] = { 1, 0 };
  int64_t sides[2 * GW_MAX_RANK], size[] = { 0, 2 };
  GwOnnxInts pads;
  GwShape shape;
  const char *rows;

  if (!gw_onnx_either_ints (step, "pads", 1, &pads) && !gw_onnx_ints (step, "paddings", &pads))
    {
      if (!gw_onnx_has (step, 2) || gw_onnx_value (step, 1)->tensor != NULL)
        return NULL;
      rows = GW_ONNX_NODE (step, "Reshape", "sides", gw_onnx_input (step, 1), gw_onnx_emit_ints (step, "two_rows", 2, two_rows));
      return GW_ONNX_NODE (step, "Transpose", "paddings", rows, gw_onnx_emit_ints (step, "order", 2, order));
    }
  for (int i = 0; i < pads.n; i++)
    {
      if (pads.values[i] < 0 || pads.n % 2 != 0)
        return NULL;
      sides[i % (pads.n / 2) * 2 + i / (pads.n / 2)] = pads.values[i];
    }
  size[0] = pads.n / 2;
  shape = gw_shape_from_dims (2, size);
  return gw_onnx_emit_tensor (step, "paddings", gw_tensor_new_copy (GW_INT64, &shape, sides, NULL));
}

static gboolean
pad (GwOnnxStep *step,
     const char *op)
{
  gboolean reflects = gw_onnx_is_text (step, "mode", "constant", "reflect");
  GwDType dtype = gw_onnx_dtype_of (step, 0);
  double number = gw_onnx_float (step, "value", 0);
  const char *paddings, *x;
  Gw__NodeDef *def;

  if (!gw_onnx_has (step, 1) || gw_onnx_value (step, 3) != NULL || (number != 0 && dtype == GW_DTYPE_INVALID) ||
      !(reflects || gw_onnx_is_text (step, "mode", "constant", "constant")) || (paddings = pad_matrix (step)) == NULL)
    return FALSE;
  x = gw_onnx_input (step, 0);
  if (reflects)
    {
      def = GW_ONNX_EMIT (step, "MirrorPad", NULL, x, paddings);
      gw_onnx_set_text (step->onnx, def, "mode", "REFLECT");
    }
  else if (gw_onnx_value (step, 2) != NULL)
    def = GW_ONNX_EMIT (step, "PadV2", NULL, x, paddings, gw_onnx_input (step, 2));
  else if (number != 0)
    def = GW_ONNX_EMIT (step, "PadV2", NULL, x, paddings, gw_onnx_emit_number (step, "value", dtype, number));
  else
    def = GW_ONNX_EMIT (step, op, NULL, x, paddings);
  return gw_onnx_give_like (step, def);
}

/* ---- blocks ---- */

/* The op for pictures with the channels last: TensorFlow has none for the other order on a CPU. */
static gboolean
blocks (GwOnnxStep *step,
        const char *op)
{
  static const int64_t channels_last[] = { 0, 2, 3, 1 }, channels_first[] = { 0, 3, 1, 2 };
  Gw__NodeDef *def;

  if (!gw_onnx_has (step, 1) || !gw_onnx_is_text (step, "mode", "DCR", "DCR"))
    return FALSE;
  def = GW_ONNX_EMIT (step, op, "blocks", GW_ONNX_NODE (step, "Transpose", "channels_last", gw_onnx_input (step, 0),
                                                        gw_onnx_emit_ints (step, "last", 4, channels_last)));
  gw_onnx_set_int (step->onnx, def, "block_size", gw_onnx_int (step, "blocksize", 1));
  return gw_onnx_give_like (step, GW_ONNX_EMIT (step, "Transpose", NULL, def->name, gw_onnx_emit_ints (step, "first", 4, channels_first)));
}

/* Mode CRD (the shuffling of pixels): [n, c·b·b, h, w] as [n, c, b, b, h, w] → [n, c, h, b, w, b]. */
static gboolean
depth_to_space (GwOnnxStep *step,
                const char *op)
{
  static const int64_t order[] = { 0, 1, 4, 2, 5, 3 };
  int64_t b = gw_onnx_int (step, "blocksize", 1), channels[] = { -1, b, b }, any = -1, block[] = { b, b };
  const char *own, *parts[4], *x;

  if (!gw_onnx_is_text (step, "mode", "DCR", "CRD"))
    return blocks (step, op);
  if (!gw_onnx_has (step, 1))
    return FALSE;
  own = gw_onnx_shape_of (step, "own_shape");
  parts[0] = gw_onnx_part_of (step, "batch", own, 0, 1)->name;
  parts[1] = gw_onnx_emit_ints (step, "channels", 3, channels);
  parts[2] = gw_onnx_part_of (step, "sizes", own, 2, 4)->name;
  x = GW_ONNX_NODE (step, "Reshape", "blocks", gw_onnx_input (step, 0), join (step, "block_shape", 3, parts, 0)->name);
  x = GW_ONNX_NODE (step, "Transpose", "shuffled", x, gw_onnx_emit_ints (step, "order", 6, order));
  parts[1] = gw_onnx_emit_ints (step, "any", 1, &any);
  parts[2] = GW_ONNX_NODE (step, "Mul", "larger", parts[2], gw_onnx_emit_ints (step, "block", 2, block));
  return gw_onnx_give_like (step, GW_ONNX_EMIT (step, "Reshape", NULL, x, join (step, "shape", 3, parts, 0)->name));
}

static gboolean
einsum (GwOnnxStep *step,
        const char *op)
{
  const Gw__OnnxAttribute *equation = gw_onnx_attribute (step, "equation");
  size_t n = step->node->n_input;
  g_autofree const char **inputs = g_new (const char *, n + 1);
  g_autofree char *text = NULL, *compact = NULL;
  g_auto (GStrv) words = NULL;
  Gw__NodeDef *def;

  if (equation == NULL || memmem (equation->s.data, equation->s.len, "->", 2) == NULL || n < 1 || n > 2 || !gw_onnx_has (step, n))
    return FALSE;
  text = gw_proto_bytes_to_text (&equation->s);
  words = g_strsplit (text, " ", -1);
  compact = g_strjoinv ("", words);
  for (size_t i = 0; i < n; i++)
    inputs[i] = gw_onnx_input (step, i);
  def = gw_onnx_emit (step, op, NULL, n, inputs);
  gw_onnx_set_int (step->onnx, def, "N", (int64_t) n);
  gw_onnx_set_text (step->onnx, def, "equation", compact);
  return gw_onnx_give_shaped (step, def, -1);
}

const GwOnnxOperator gw_onnx_arrays[] = {
  { "Concat", concat, NULL },
  { "ConstantOfShape", fill, "Fill" },
  { "DepthToSpace", depth_to_space, "DepthToSpace" },
  { "Einsum", einsum, "Einsum" },
  { "Expand", expand, "BroadcastTo" },
  { "Flatten", flatten, "Flatten" },
  { "Pad", pad, "Pad" },
  { "Range", range, "Range" },
  { "Reshape", reshape, "Reshape" },
  { "Shape", shape, "Shape" },
  { "Size", size, "Size" },
  { "Slice", slice, "StridedSlice" },
  { "SpaceToDepth", blocks, "SpaceToDepth" },
  { "Split", split, "Split" },
  { "Squeeze", squeeze, "Squeeze" },
  { "Tile", tile, "Tile" },
  { "Transpose", transpose, "Transpose" },
  { "Unsqueeze", unsqueeze, "ExpandDims" },
  { NULL },
};
