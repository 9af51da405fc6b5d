/* SPDX-License-Identifier: Apache-2.0 */
/* Operators of ONNX that are layers: products, normalizations, softmax. */
#include "engine/files/onnx-private.h"

/* ---- products ---- */

static gboolean
matmul (GwOnnxStep *step,
        const char *op)
{
  int first = gw_onnx_rank (step, 0), second = gw_onnx_rank (step, 1);
  gboolean is_matrix = first == 2 && second == 2;

  if (!gw_onnx_has (step, 2) || first == 1 || second == 1 || first == 0 || second == 0)
    return FALSE;
  gw_onnx_give (step, 0, GW_ONNX_EMIT (step, is_matrix ? "MatMul" : op, NULL, gw_onnx_input (step, 0), gw_onnx_input (step, 1)), 0,
                first < 0 || second < 0 ? -1 : MAX (first, second), gw_onnx_dtype_of (step, 0));
  return TRUE;
}

/* alpha · A · B + beta · C */
static gboolean
gemm (GwOnnxStep *step,
      const char *op)
{
  double alpha = gw_onnx_float (step, "alpha", 1), beta = gw_onnx_float (step, "beta", 1);
  const char *bias = gw_onnx_value (step, 2) != NULL && beta != 0 ? gw_onnx_input (step, 2) : NULL;
  const GwTensor *constant = bias != NULL ? gw_onnx_value (step, 2)->tensor : NULL;
  gboolean is_vector = constant != NULL && constant->shape.rank == 1 && constant->elements > 1;
  Gw__NodeDef *def;

  if (!gw_onnx_has_floats (step, 2) || (step->onnx->opset < 7 && gw_onnx_value (step, 2) != NULL && gw_onnx_int (step, "broadcast", 0) == 0))
    return FALSE;
  def = GW_ONNX_EMIT (step, op, bias != NULL || alpha != 1 ? "product" : NULL, gw_onnx_input (step, 0), gw_onnx_input (step, 1));
  gw_onnx_set_bool (step->onnx, def, "transpose_a", gw_onnx_int (step, "transA", 0) != 0);
  gw_onnx_set_bool (step->onnx, def, "transpose_b", gw_onnx_int (step, "transB", 0) != 0);
  if (alpha != 1)
    def = GW_ONNX_EMIT (step, "Mul", bias != NULL ? "scaled" : NULL, def->name, gw_onnx_number (step, "alpha", alpha));
  if (bias != NULL && beta != 1)
    bias = GW_ONNX_NODE (step, "Mul", "scaled_bias", bias, gw_onnx_number (step, "beta", beta));
  if (bias != NULL)
    def = GW_ONNX_EMIT (step, is_vector ? "BiasAdd" : "AddV2", NULL, def->name, bias);
  gw_onnx_give (step, 0, def, 0, 2, gw_onnx_dtype_of (step, 0));
  return TRUE;
}

/* ---- normalizations ---- */

/* A vector with one element a channel as [channels, 1, …]. */
static const char *
per_channel (GwOnnxStep *step,
             const char *suffix,
             size_t      i)
{
  int64_t shape[GW_MAX_RANK] = { -1, 1, 1, 1, 1, 1, 1, 1 };

  return GW_ONNX_NODE (step, "Reshape", suffix, gw_onnx_input (step, i),
                       gw_onnx_emit_ints (step, "per_channel", gw_onnx_rank (step, 0) - 1, shape));
}

/* (x - mean) · (scale / √(variance + epsilon)) + offset; that may be NULL. */
static gboolean
give_normalized (GwOnnxStep *step,
                 const char *centered,
                 const char *variance,
                 const char *scale,
                 const char *offset)
{
  const char *deviation = GW_ONNX_NODE (step, "AddV2", "steady", variance,
                                        gw_onnx_number (step, "epsilon", gw_onnx_float (step, "epsilon", 1e-5)));
  const char *factor = GW_ONNX_NODE (step, "Mul", "factor", GW_ONNX_NODE (step, "Rsqrt", "rsqrt", deviation), scale);
  Gw__NodeDef *def = GW_ONNX_EMIT (step, "Mul", offset != NULL ? "scaled" : NULL, centered, factor);

  return gw_onnx_give_like (step, offset != NULL ? GW_ONNX_EMIT (step, "AddV2", NULL, def->name, offset) : def);
}

static gboolean
batch_norm (GwOnnxStep *step,
            const char *op)
{
  int rank = gw_onnx_rank (step, 0);
  gboolean fits = gw_onnx_dtype_of (step, 0) == GW_FLOAT32;
  Gw__NodeDef *def;

  if (!gw_onnx_has_floats (step, 5) || rank < 2 || gw_onnx_int (step, "training_mode", 0) != 0 || gw_onnx_int (step, "spatial", 1) == 0 ||
      (step->onnx->opset < 7 && gw_onnx_int (step, "is_test", 0) == 0) || gw_onnx_gives (step, 1))
    return FALSE;
  if (rank != 4 || !fits)
    return give_normalized (step, GW_ONNX_NODE (step, "Sub", "centered", gw_onnx_input (step, 0), per_channel (step, "mean", 3)),
                            per_channel (step, "variance", 4), per_channel (step, "scale", 1), per_channel (step, "offset", 2));
  def = GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0), gw_onnx_input (step, 1), gw_onnx_input (step, 2),
                      gw_onnx_input (step, 3), gw_onnx_input (step, 4));
  gw_onnx_set_float (step->onnx, def, "epsilon", gw_onnx_float (step, "epsilon", 1e-5));
  gw_onnx_set_text (step->onnx, def, "data_format", "NCHW");
  gw_onnx_set_bool (step->onnx, def, "is_training", FALSE);
  return gw_onnx_give_like (step, def);
}

static const char *
mean_of (GwOnnxStep *step,
         const char *suffix,
         const char *x,
         const char *axes)
{
  Gw__NodeDef *def = GW_ONNX_EMIT (step, "Mean", suffix, x, axes);

  gw_onnx_set_bool (step->onnx, def, "keep_dims", TRUE);
  return def->name;
}

/* By the moments of x itself, over n dimensions from `first` on (which may count from behind). */
static gboolean
normalize_from (GwOnnxStep *step,
                int         first,
                int         n,
                const char *scale,
                const char *offset)
{
  int64_t axes[GW_MAX_RANK];
  const char *over, *centered;

  for (int i = 0; i < n; i++)
    axes[i] = first + i;
  over = gw_onnx_emit_ints (step, "axes", n, axes);
  centered = GW_ONNX_NODE (step, "Sub", "centered", gw_onnx_input (step, 0), mean_of (step, "mean", gw_onnx_input (step, 0), over));
  return give_normalized (step, centered, mean_of (step, "variance", GW_ONNX_NODE (step, "Square", "square", centered), over), scale,
                          offset);
}

/* A negative axis needs no rank. */
static gboolean
layer_norm (GwOnnxStep *step,
            const char *op G_GNUC_UNUSED)
{
  int rank = gw_onnx_rank (step, 0);
  int64_t axis = gw_onnx_int (step, "axis", -1);

  if (axis >= 0 && rank > axis)
    axis -= rank;
  if (!gw_onnx_has_floats (step, 2) || axis >= 0 || axis < -GW_MAX_RANK || gw_onnx_gives (step, 1) || gw_onnx_gives (step, 2))
    return FALSE;
  return normalize_from (step, (int) axis, (int) -axis, gw_onnx_input (step, 1), gw_onnx_input (step, 2));
}

static gboolean
instance_norm (GwOnnxStep *step,
               const char *op G_GNUC_UNUSED)
{
  int rank = gw_onnx_rank (step, 0);

  if (!gw_onnx_has_floats (step, 3) || rank < 3 || step->onnx->opset < 6)
    return FALSE;
  return normalize_from (step, 2, rank - 2, per_channel (step, "scale", 1), per_channel (step, "offset", 2));
}

/* ---- softmax ---- */

/* Along another dimension than the last: the two change places, and back. */
static gboolean
softmax_along (GwOnnxStep *step,
               const char *op,
               int         axis)
{
  int rank = gw_onnx_rank (step, 0);
  int64_t order[GW_MAX_RANK];
  const char *x;

  for (int i = 0; i < rank; i++)
    order[i] = i == axis ? rank - 1 : i == rank - 1 ? axis : i;
  x = GW_ONNX_NODE (step, op, "softmax", gw_onnx_reordered (step, "axis_last", gw_onnx_input (step, 0), rank, order));
  return gw_onnx_give_like (step, GW_ONNX_EMIT (step, "Transpose", NULL, x, gw_onnx_emit_ints (step, "back", rank, order)));
}

/* Up to version 12 all dimensions from the axis on were taken together. */
static gboolean
softmax_from (GwOnnxStep *step,
              const char *op,
              int         axis)
{
  const char *x = gw_onnx_input (step, 0), *shape;

  if (axis != 1)
    return FALSE;
  shape = GW_ONNX_NODE (step, "Shape", "shape", x);
  x = GW_ONNX_NODE (step, op, "softmax", GW_ONNX_NODE (step, "Flatten", "flat", x));
  return gw_onnx_give_like (step, GW_ONNX_EMIT (step, "Reshape", NULL, x, shape));
}

static gboolean
softmax (GwOnnxStep *step,
         const char *op)
{
  gboolean is_old = step->onnx->opset < 13;
  int64_t named = gw_onnx_int (step, "axis", is_old ? 1 : -1);
  int rank = gw_onnx_rank (step, 0), axis = gw_onnx_axis (named, rank);

  if (!gw_onnx_has_floats (step, 1) || rank == 0)
    return FALSE;
  if (named == -1 || (rank > 0 && axis == rank - 1))
    return gw_onnx_give_like (step, GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0)));
  if (axis < 0 || (rank < 0 && !is_old))
    return FALSE;
  return is_old ? softmax_from (step, op, axis) : softmax_along (step, op, axis);
}

const GwOnnxOperator gw_onnx_layers[] = {
  { "BatchNormalization", batch_norm, "FusedBatchNormV3" },
  { "Gemm", gemm, "MatMul" },
  { "InstanceNormalization", instance_norm, NULL },
  { "LayerNormalization", layer_norm, NULL },
  { "LogSoftmax", softmax, "LogSoftmax" },
  { "MatMul", matmul, "BatchMatMulV2" },
  { "Softmax", softmax, "Softmax" },
  { NULL },
};
