/* SPDX-License-Identifier: Apache-2.0 */
/* Operators of ONNX that take and put elements by their places. */
#include "engine/files/onnx-private.h"

/* TensorFlow counts from the start only. */
static gboolean
has_negative (const GwOnnxStep *step,
              size_t            i)
{
  const GwOnnxValue *value = gw_onnx_value (step, i);

  for (int64_t k = 0; value != NULL && value->tensor != NULL && k < value->tensor->elements; k++)
    if (gw_tensor_get_int (value->tensor, k) < 0)
      return TRUE;
  return FALSE;
}

/* x[…, index] for one index from behind. */
static gboolean
take_from_behind (GwOnnxStep *step,
                  int64_t     axis,
                  int64_t     index)
{
  int rank = gw_onnx_rank (step, 0), at = gw_onnx_axis (axis, rank);
  int64_t begin[GW_MAX_RANK] = { 0 }, end[GW_MAX_RANK] = { 0 }, strides[GW_MAX_RANK];
  Gw__NodeDef *def;

  if (at < 0)
    return FALSE;
  for (int i = 0; i <= at; i++)
    strides[i] = 1;
  begin[at] = index;
  end[at] = index + 1;
  def = GW_ONNX_EMIT (step, "StridedSlice", NULL, gw_onnx_input (step, 0), gw_onnx_emit_ints (step, "begin", at + 1, begin),
                      gw_onnx_emit_ints (step, "end", at + 1, end), gw_onnx_emit_ints (step, "strides", at + 1, strides));
  gw_onnx_set_int (step->onnx, def, "begin_mask", (1 << at) - 1);
  gw_onnx_set_int (step->onnx, def, "end_mask", (1 << at) - 1);
  gw_onnx_set_int (step->onnx, def, "shrink_axis_mask", 1 << at);
  return gw_onnx_give_shaped (step, def, rank > 0 ? rank - 1 : -1);
}

static gboolean
gather (GwOnnxStep *step,
        const char *op)
{
  int64_t axis = gw_onnx_int (step, "axis", 0);
  int rank = gw_onnx_rank (step, 0), index_rank = gw_onnx_rank (step, 1);
  GwOnnxInts index;

  if (!gw_onnx_has (step, 2))
    return FALSE;
  if (has_negative (step, 1))
    return index_rank == 0 && gw_onnx_input_ints (step, 1, &index) && index.values[0] > INT32_MIN &&
           take_from_behind (step, axis, index.values[0]);
  return gw_onnx_give_shaped (step, GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0), gw_onnx_input (step, 1),
                                          gw_onnx_emit_int (step, "axis", axis)),
                      rank >= 0 && index_rank >= 0 ? rank - 1 + index_rank : -1);
}

static gboolean
gather_nd (GwOnnxStep *step,
           const char *op)
{
  if (!gw_onnx_has (step, 2) || gw_onnx_int (step, "batch_dims", 0) != 0 || has_negative (step, 1))
    return FALSE;
  return gw_onnx_give_shaped (step, GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0), gw_onnx_input (step, 1)), -1);
}

static gboolean
scatter_nd (GwOnnxStep *step,
            const char *op)
{
  gboolean adds = gw_onnx_is_text (step, "reduction", "none", "add");

  if (!gw_onnx_has (step, 3) || has_negative (step, 1) || (!adds && !gw_onnx_is_text (step, "reduction", "none", "none")))
    return FALSE;
  return gw_onnx_give_like (step, GW_ONNX_EMIT (step, adds ? "TensorScatterAdd" : op, NULL, gw_onnx_input (step, 0),
                                                gw_onnx_input (step, 1), gw_onnx_input (step, 2)));
}

/* The largest along the last dimension. */
static gboolean
top_k (GwOnnxStep *step,
       const char *op)
{
  int rank = gw_onnx_rank (step, 0);
  int64_t axis = gw_onnx_int (step, "axis", -1);
  double k = (double) gw_onnx_int (step, "k", -1);
  Gw__NodeDef *def, *index;

  if (!gw_onnx_has (step, 1) || (gw_onnx_value (step, 1) != NULL && !gw_onnx_input_number (step, 1, &k)) || !(k >= 0 && k <= INT32_MAX) || gw_onnx_int (step, "largest", 1) == 0 || (axis != -1 && axis != rank - 1))
    return FALSE;
  def = GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0), gw_onnx_emit_int (step, "k", (int64_t) k));
  gw_onnx_give (step, 0, def, 0, rank, gw_onnx_dtype_of (step, 0));
  if (gw_onnx_gives (step, 1))
    {
      g_autofree char *places = g_strdup_printf ("%s:1", def->name);

      index = GW_ONNX_EMIT (step, "Cast", "indices", places);
      gw_onnx_set_dtype (step->onnx, index, "DstT", GW_INT64);
      gw_onnx_give (step, 1, index, 0, rank, GW_INT64);
    }
  return TRUE;
}

/* An index below 0 counts from behind. */
static gboolean
one_hot (GwOnnxStep *step,
         const char *op)
{
  int64_t axis = gw_onnx_int (step, "axis", -1);
  int rank = gw_onnx_rank (step, 0);
  const GwOnnxValue *values = gw_onnx_value (step, 2);
  const char *indices, *depth, *behind, *is_negative;
  Gw__NodeDef *def;
  double classes;

  if (!gw_onnx_has (step, 3) || !gw_onnx_input_number (step, 1, &classes) || !(classes >= 0 && classes <= INT32_MAX) || values->tensor == NULL ||
      values->tensor->elements != 2 || (axis != -1 && (axis = gw_onnx_axis (axis, rank >= 0 ? rank + 1 : -1)) < 0))
    return FALSE;
  def = GW_ONNX_EMIT (step, "Cast", "whole", gw_onnx_input (step, 0));
  gw_onnx_set_dtype (step->onnx, def, "DstT", GW_INT64);
  indices = def->name;
  depth = gw_onnx_emit_number (step, "classes", GW_INT64, classes);
  behind = GW_ONNX_NODE (step, "AddV2", "from_behind", indices, depth);
  is_negative = GW_ONNX_NODE (step, "Less", "is_negative", indices, gw_onnx_emit_number (step, "zero", GW_INT64, 0));
  indices = GW_ONNX_NODE (step, "SelectV2", "indices", is_negative, behind, indices);
  def = GW_ONNX_EMIT (step, op, NULL, indices, gw_onnx_emit_int (step, "depth", (int64_t) classes),
                      gw_onnx_emit_number (step, "on", values->dtype, gw_tensor_get_double (values->tensor, 1)),
                      gw_onnx_emit_number (step, "off", values->dtype, gw_tensor_get_double (values->tensor, 0)));
  gw_onnx_set_int (step->onnx, def, "axis", axis);
  gw_onnx_give (step, 0, def, 0, rank >= 0 ? rank + 1 : -1, values->dtype);
  return TRUE;
}

static gboolean
non_zero (GwOnnxStep *step,
          const char *op)
{
  static const int64_t order[] = { 1, 0 };
  const char *rows;

  if (!gw_onnx_has (step, 1))
    return FALSE;
  rows = GW_ONNX_NODE (step, op, "rows", gw_onnx_input (step, 0));
  gw_onnx_give (step, 0, GW_ONNX_EMIT (step, "Transpose", NULL, rows, gw_onnx_emit_ints (step, "order", 2, order)), 0, 2, GW_INT64);
  return TRUE;
}

/* The upper triangle from diagonal k on, or the lower one up to it: with k of 0 a band of the
 * matrix; without the main diagonal what the other band leaves (whatever stands in it, NaN too). */
static gboolean
triangle (GwOnnxStep *step,
          const char *op)
{
  gboolean is_upper = gw_onnx_int (step, "upper", 1) != 0;
  double k = 0;
  const char *x, *band;
  Gw__NodeDef *other;

  if (!gw_onnx_has (step, 1) || (gw_onnx_value (step, 1) != NULL && !gw_onnx_input_number (step, 1, &k)) ||
      (k != 0 && k != (is_upper ? 1 : -1)))
    return FALSE;
  x = gw_onnx_input (step, 0);
  band = k == 0 ? x : GW_ONNX_NODE (step, "OnesLike", "ones", x);
  other = GW_ONNX_EMIT (step, op, k == 0 ? NULL : "other", band, gw_onnx_emit_int (step, "lower", is_upper == (k == 0) ? 0 : -1),
                        gw_onnx_emit_int (step, "upper", is_upper == (k == 0) ? -1 : 0));
  if (k == 0)
    return gw_onnx_give_like (step, other);
  band = other->name;
  other = GW_ONNX_EMIT (step, "Cast", "is_other", band);
  gw_onnx_set_dtype (step->onnx, other, "DstT", GW_BOOL);
  return gw_onnx_give_like (step, GW_ONNX_EMIT (step, "SelectV2", NULL, other->name, GW_ONNX_NODE (step, "ZerosLike", "zeros", x), x));
}

const GwOnnxOperator gw_onnx_indices[] = {
  { "Gather", gather, "GatherV2" },
  { "GatherND", gather_nd, "GatherNd" },
  { "NonZero", non_zero, "Where" },
  { "OneHot", one_hot, "OneHot" },
  { "ScatterND", scatter_nd, "TensorScatterUpdate" },
  { "TopK", top_k, "TopKV2" },
  { "Trilu", triangle, "MatrixBandPart" },
  { NULL },
};
