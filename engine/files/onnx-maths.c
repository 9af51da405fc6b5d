/* SPDX-License-Identifier: Apache-2.0 */
/* Operators of ONNX that go element by element, and reductions. */
#include "engine/files/onnx-private.h"

#include <math.h>
#include <string.h>

/* ---- one op for one operator ---- */

static gboolean
unary (GwOnnxStep *step,
       const char *op)
{
  if (!gw_onnx_has (step, 1) || step->node->n_input != 1)
    return FALSE;
  return gw_onnx_give_like (step, GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0)));
}

/* Weights that several operators share are often handed on so. */
static gboolean
identity (GwOnnxStep *step,
          const char *op)
{
  const GwOnnxValue *value = gw_onnx_value (step, 0);

  if (value != NULL && value->tensor != NULL && step->node->n_output == 1)
    return gw_onnx_give_tensor (step, gw_tensor_ref (value->tensor));
  return unary (step, op);
}

static gboolean
predicate (GwOnnxStep *step,
           const char *op)
{
  if (!gw_onnx_has (step, 1) || step->node->n_attribute > 0)
    return FALSE;
  gw_onnx_give (step, 0, GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0)), 0, gw_onnx_rank (step, 0), GW_BOOL);
  return TRUE;
}

static int
common_rank (const GwOnnxStep *step,
             size_t            first,
             size_t            n)
{
  int rank = 0;

  for (size_t i = first; i < first + n; i++)
    {
      if (gw_onnx_rank (step, i) < 0)
        return -1;
      rank = MAX (rank, gw_onnx_rank (step, i));
    }
  return rank;
}

/* Up to version 6 an operand was lined up at the first dimensions, if at all. */
static gboolean
broadcasts_alike (const GwOnnxStep *step)
{
  return step->onnx->opset >= 7 || gw_onnx_attribute (step, "axis") == NULL;
}

static gboolean
binary_as (GwOnnxStep *step,
           const char *op,
           GwDType     dtype)
{
  if (!gw_onnx_has (step, 2) || !broadcasts_alike (step))
    return FALSE;
  gw_onnx_give (step, 0, GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0), gw_onnx_input (step, 1)), 0,
                common_rank (step, 0, 2), dtype);
  return TRUE;
}

static gboolean
binary (GwOnnxStep *step,
        const char *op)
{
  return binary_as (step, op, gw_onnx_dtype_of (step, 0));
}

static gboolean
compare (GwOnnxStep *step,
         const char *op)
{
  return binary_as (step, op, GW_BOOL);
}

/* Whole numbers are rounded towards zero: TensorFlow's Div does either by the type. */
static gboolean
divide (GwOnnxStep *step,
        const char *op G_GNUC_UNUSED)
{
  return binary (step, gw_dtype_is_floating (gw_onnx_dtype_of (step, 0)) ? "RealDiv" : "Div");
}

static gboolean
modulo (GwOnnxStep *step,
        const char *op G_GNUC_UNUSED)
{
  return binary (step, gw_onnx_int (step, "fmod", 0) != 0 ? "TruncateMod" : "FloorMod");
}

static gboolean
power (GwOnnxStep *step,
       const char *op)
{
  GwDType dtype = gw_onnx_dtype_of (step, 0);
  const char *exponent;
  Gw__NodeDef *cast;

  if (!gw_onnx_has (step, 2) || !broadcasts_alike (step))
    return FALSE;
  if (dtype == gw_onnx_dtype_of (step, 1))
    return binary (step, op);
  if (dtype == GW_DTYPE_INVALID)
    return FALSE;
  exponent = gw_onnx_input (step, 1);
  cast = GW_ONNX_EMIT (step, "Cast", "exponent", exponent);
  gw_onnx_set_dtype (step->onnx, cast, "DstT", dtype);
  gw_onnx_give (step, 0, GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0), cast->name), 0, common_rank (step, 0, 2), dtype);
  return TRUE;
}

/* Any number of operands: a chain of the op of two. */
static Gw__NodeDef *
chained (GwOnnxStep *step,
         const char *op,
         const char *suffix)
{
  size_t n = step->node->n_input;
  const char *sum = gw_onnx_input (step, 0);
  Gw__NodeDef *def = NULL;

  for (size_t i = 1; i < n; i++)
    {
      def = GW_ONNX_EMIT (step, op, i + 1 < n ? "partial" : suffix, sum, gw_onnx_input (step, i));
      sum = def->name;
    }
  return def != NULL ? def : GW_ONNX_EMIT (step, "Identity", suffix, sum);
}

static gboolean
chain (GwOnnxStep *step,
       const char *op)
{
  size_t n = step->node->n_input;

  if (n == 0 || !gw_onnx_has (step, n))
    return FALSE;
  gw_onnx_give (step, 0, chained (step, op, NULL), 0, common_rank (step, 0, n), gw_onnx_dtype_of (step, 0));
  return TRUE;
}

static gboolean
mean (GwOnnxStep *step,
      const char *op)
{
  size_t n = step->node->n_input;
  const char *sum;

  if (n == 0 || !gw_onnx_has_floats (step, 1) || !gw_onnx_has (step, n))
    return FALSE;
  sum = chained (step, "AddV2", "sum")->name;
  gw_onnx_give (step, 0, GW_ONNX_EMIT (step, op, NULL, sum, gw_onnx_number (step, "count", (double) n)), 0, common_rank (step, 0, n),
                gw_onnx_dtype_of (step, 0));
  return TRUE;
}

static gboolean
choose (GwOnnxStep *step,
        const char *op)
{
  if (!gw_onnx_has (step, 3))
    return FALSE;
  gw_onnx_give (step, 0, GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0), gw_onnx_input (step, 1), gw_onnx_input (step, 2)),
                0, common_rank (step, 0, 3), gw_onnx_dtype_of (step, 1));
  return TRUE;
}

static gboolean
cast_to (GwOnnxStep *step,
         const char *op,
         GwDType     to)
{
  GwDType from = gw_onnx_dtype_of (step, 0);
  Gw__NodeDef *def;

  if (!gw_onnx_has (step, 1) || to == GW_DTYPE_INVALID || to == GW_STRING || from == GW_STRING)
    return FALSE;
  def = GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0));
  gw_onnx_set_dtype (step->onnx, def, "DstT", to);
  gw_onnx_give (step, 0, def, 0, gw_onnx_rank (step, 0), to);
  return TRUE;
}

static gboolean
cast (GwOnnxStep *step,
      const char *op)
{
  return cast_to (step, op, gw_onnx_dtype ((int32_t) gw_onnx_int (step, "to", 0)));
}

static gboolean
cast_like (GwOnnxStep *step,
           const char *op)
{
  return cast_to (step, op, gw_onnx_dtype_of (step, 1));
}

/* In a model that is there to be asked; where it was still to be trained it drops out indeed. */
static gboolean
dropout (GwOnnxStep *step,
         const char *op)
{
  double training = 0;

  if (!gw_onnx_has (step, 1) || gw_onnx_gives (step, 1) ||
      (gw_onnx_value (step, 2) != NULL && (!gw_onnx_input_number (step, 2, &training) || training != 0)))
    return FALSE;
  return gw_onnx_give_like (step, GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0)));
}

/* ---- activations with parameters ---- */

static gboolean
leaky_relu (GwOnnxStep *step,
            const char *op)
{
  Gw__NodeDef *def;

  if (!gw_onnx_has (step, 1))
    return FALSE;
  def = GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0));
  gw_onnx_set_float (step->onnx, def, "alpha", gw_onnx_float (step, "alpha", 0.01));
  return gw_onnx_give_like (step, def);
}

static gboolean
is_near (double a,
         double b)
{
  return fabs (a - b) < 1e-5;
}

static gboolean
selu (GwOnnxStep *step,
      const char *op)
{
  if (step->onnx->opset < 6 || !is_near (gw_onnx_float (step, "alpha", 1.67326319), 1.67326319) ||
      !is_near (gw_onnx_float (step, "gamma", 1.05070102), 1.05070102))
    return FALSE;
  return unary (step, op);
}

/* max (x, 0) + slope · f (min (x, 0)); f NULL is the identity. */
static gboolean
two_sides (GwOnnxStep *step,
           const char *f,
           const char *slope)
{
  const char *x = gw_onnx_input (step, 0);
  const char *below = GW_ONNX_NODE (step, "Minimum", "below", x, gw_onnx_number (step, "zero", 0));

  if (f != NULL)
    below = GW_ONNX_NODE (step, f, "curve", below);
  below = GW_ONNX_NODE (step, "Mul", "sloped", below, slope);
  return gw_onnx_give_like (step, GW_ONNX_EMIT (step, "AddV2", NULL, GW_ONNX_NODE (step, "Relu", "above", x), below));
}

static gboolean
elu (GwOnnxStep *step,
     const char *op)
{
  double alpha = gw_onnx_float (step, "alpha", 1);

  if (is_near (alpha, 1))
    return unary (step, op);
  return gw_onnx_has_floats (step, 1) && two_sides (step, op, gw_onnx_number (step, "alpha", alpha));
}

static gboolean
p_relu (GwOnnxStep *step,
        const char *op G_GNUC_UNUSED)
{
  if (!gw_onnx_has_floats (step, 1) || !gw_onnx_has (step, 2) || step->onnx->opset < 7)
    return FALSE;
  return two_sides (step, NULL, gw_onnx_input (step, 1));
}

/* clip (alpha · x + beta, 0, 1) */
static const char *
hard_sigmoid_of (GwOnnxStep *step,
                 const char *suffix,
                 double      alpha,
                 double      beta)
{
  const char *line = GW_ONNX_NODE (step, "Mul", "scaled", gw_onnx_input (step, 0), gw_onnx_number (step, "alpha", alpha));

  line = GW_ONNX_NODE (step, "AddV2", "line", line, gw_onnx_number (step, "beta", beta));
  return GW_ONNX_NODE (step, "ClipByValue", suffix, line, gw_onnx_number (step, "zero", 0), gw_onnx_number (step, "one", 1));
}

static gboolean
hard_sigmoid (GwOnnxStep *step,
              const char *op)
{
  const char *clipped;

  if (!gw_onnx_has_floats (step, 1))
    return FALSE;
  clipped = hard_sigmoid_of (step, "clip", gw_onnx_float (step, "alpha", 0.2), gw_onnx_float (step, "beta", 0.5));
  return gw_onnx_give_like (step, GW_ONNX_EMIT (step, op, NULL, clipped));
}

static gboolean
hard_swish (GwOnnxStep *step,
            const char *op)
{
  if (!gw_onnx_has_floats (step, 1))
    return FALSE;
  return gw_onnx_give_like (step, GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0),
                                                hard_sigmoid_of (step, "gate", 1.0 / 6, 0.5)));
}

/* x · sigmoid (alpha · x) */
static gboolean
swish (GwOnnxStep *step,
       const char *op)
{
  const char *x, *scaled;
  double alpha = gw_onnx_float (step, "alpha", 1);

  if (!gw_onnx_has_floats (step, 1))
    return FALSE;
  x = scaled = gw_onnx_input (step, 0);
  if (alpha != 1)
    scaled = GW_ONNX_NODE (step, "Mul", "scaled", x, gw_onnx_number (step, "alpha", alpha));
  return gw_onnx_give_like (step, GW_ONNX_EMIT (step, op, NULL, x, GW_ONNX_NODE (step, "Sigmoid", "gate", scaled)));
}

/* x where it is above alpha, else 0 */
static gboolean
thresholded_relu (GwOnnxStep *step,
                  const char *op)
{
  const char *x, *is_above;

  if (!gw_onnx_has_floats (step, 1))
    return FALSE;
  x = gw_onnx_input (step, 0);
  is_above = GW_ONNX_NODE (step, "Greater", "is_above", x, gw_onnx_number (step, "alpha", gw_onnx_float (step, "alpha", 1)));
  return gw_onnx_give_like (step, GW_ONNX_EMIT (step, op, NULL, is_above, x, gw_onnx_number (step, "zero", 0)));
}

/* max (x, 0) + min (alpha · (exp (x / alpha) - 1), 0) */
static gboolean
celu (GwOnnxStep *step,
      const char *op)
{
  double alpha = gw_onnx_float (step, "alpha", 1);
  const char *elu;

  if (!gw_onnx_has_floats (step, 1))
    return FALSE;
  if (alpha == 1)
    return unary (step, op);
  elu = GW_ONNX_NODE (step, "RealDiv", "scaled", gw_onnx_input (step, 0), gw_onnx_number (step, "alpha", alpha));
  elu = GW_ONNX_NODE (step, op, "elu", elu);
  return gw_onnx_give_like (step, GW_ONNX_EMIT (step, "Mul", NULL, elu, gw_onnx_number (step, "factor", alpha)));
}

/* x / 2 · (1 + erf (x / √2)), or with tanh (√(2/π) · (x + 0.044715 x³)) for erf. */
static gboolean
gelu (GwOnnxStep *step,
      const char *op)
{
  gboolean is_tanh = gw_onnx_is_text (step, "approximate", "none", "tanh");
  const char *x, *inner, *half;

  if (!gw_onnx_has_floats (step, 1))
    return FALSE;
  x = inner = gw_onnx_input (step, 0);
  if (is_tanh)
    {
      const char *cube = GW_ONNX_NODE (step, "Mul", "cube", GW_ONNX_NODE (step, "Square", "square", x), x);

      inner = GW_ONNX_NODE (step, "AddV2", "bent", x, GW_ONNX_NODE (step, "Mul", "bend", cube, gw_onnx_number (step, "factor", 0.044715)));
    }
  inner = GW_ONNX_NODE (step, "Mul", "scaled", inner, gw_onnx_number (step, "scale", is_tanh ? sqrt (2 / G_PI) : G_SQRT2 / 2));
  inner = GW_ONNX_NODE (step, is_tanh ? "Tanh" : "Erf", "curve", inner);
  inner = GW_ONNX_NODE (step, "AddV2", "gate", inner, gw_onnx_number (step, "one", 1));
  half = GW_ONNX_NODE (step, "Mul", "half", x, gw_onnx_number (step, "one_half", 0.5));
  return gw_onnx_give_like (step, GW_ONNX_EMIT (step, op, NULL, half, inner));
}

/* x · f (x) */
static gboolean
times_softplus_tanh (GwOnnxStep *step,
                     const char *op)
{
  const char *x;

  if (!gw_onnx_has (step, 1))
    return FALSE;
  x = gw_onnx_input (step, 0);
  return gw_onnx_give_like (step, GW_ONNX_EMIT (step, op, NULL, x,
                                                GW_ONNX_NODE (step, "Tanh", "gate", GW_ONNX_NODE (step, "Softplus", "softplus", x))));
}

/* ---- Clip ---- */

/* The bound of an attribute (up to version 10) or an input; NULL = there is none. */
static const char *
bound_of (GwOnnxStep *step,
          const char *name,
          size_t      i)
{
  if (gw_onnx_attribute (step, name) != NULL)
    return gw_onnx_number (step, name, gw_onnx_float (step, name, 0));
  return gw_onnx_input (step, i);
}

/* Whether the bound stands in the model, and is `value`. */
static gboolean
is_bound (const GwOnnxStep *step,
          const char       *name,
          size_t            i,
          double            value)
{
  double bound;

  if (gw_onnx_attribute (step, name) != NULL)
    return gw_onnx_float (step, name, 0) == value;
  return gw_onnx_input_number (step, i, &bound) && bound == value;
}

static gboolean
clip (GwOnnxStep *step,
      const char *op)
{
  const char *x, *lowest, *highest;

  if (!gw_onnx_has (step, 1) || (step->node->n_attribute > 0 && !gw_onnx_has_floats (step, 1)))
    return FALSE;
  if (gw_onnx_has_floats (step, 1) && is_bound (step, "min", 1, 0) && is_bound (step, "max", 2, 6))
    return gw_onnx_give_like (step, GW_ONNX_EMIT (step, "Relu6", NULL, gw_onnx_input (step, 0)));
  x = gw_onnx_input (step, 0);
  lowest = bound_of (step, "min", 1);
  highest = bound_of (step, "max", 2);
  if (lowest != NULL && highest != NULL)
    return gw_onnx_give_like (step, GW_ONNX_EMIT (step, op, NULL, x, lowest, highest));
  if (lowest != NULL || highest != NULL)
    return gw_onnx_give_like (step, GW_ONNX_EMIT (step, lowest != NULL ? "Maximum" : "Minimum", NULL, x,
                                                  lowest != NULL ? lowest : highest));
  return gw_onnx_give_like (step, GW_ONNX_EMIT (step, "Identity", NULL, x));
}

/* ---- reductions ---- */

typedef struct {
  const char *axes; /* NULL = nothing is reduced */
  int         rank; /* of the result */
  gboolean    keeps;
} Axes;

/* All of them where none are named, which has to be known. */
static gboolean
axes_of (GwOnnxStep *step,
         Axes       *axes)
{
  int rank = gw_onnx_rank (step, 0);
  GwOnnxInts named = { 0 };
  gboolean is_named = gw_onnx_either_ints (step, "axes", 1, &named) && named.n > 0;

  axes->keeps = gw_onnx_int (step, "keepdims", 1) != 0;
  axes->rank = axes->keeps || rank < 0 ? rank : MAX (rank - named.n, 0);
  axes->axes = NULL;
  if (is_named)
    axes->axes = gw_onnx_emit_ints (step, "axes", named.n, named.values);
  else if (gw_onnx_has (step, 2) && gw_onnx_value (step, 1)->tensor == NULL)
    return FALSE;
  else if (gw_onnx_int (step, "noop_with_empty_axes", 0) == 0)
    {
      axes->rank = axes->keeps ? rank : 0;
      axes->axes = GW_ONNX_NODE (step, "Range", "axes", gw_onnx_emit_int (step, "first", 0),
                                 GW_ONNX_NODE (step, "Rank", "rank", gw_onnx_input (step, 0)), gw_onnx_emit_int (step, "step", 1));
    }
  return TRUE;
}

static Gw__NodeDef *
reduced (GwOnnxStep *step,
         const char *op,
         const char *suffix,
         const char *x,
         const Axes *axes,
         gboolean    keeps)
{
  Gw__NodeDef *def;

  if (axes->axes == NULL)
    return GW_ONNX_EMIT (step, "Identity", suffix, x);
  def = GW_ONNX_EMIT (step, op, suffix, x, axes->axes);
  gw_onnx_set_bool (step->onnx, def, "keep_dims", keeps);
  return def;
}

static gboolean
give_reduced (GwOnnxStep        *step,
              const Gw__NodeDef *def,
              const Axes        *axes)
{
  gw_onnx_give (step, 0, def, 0, axes->rank, gw_onnx_dtype_of (step, 0));
  return TRUE;
}

static gboolean
reduce (GwOnnxStep *step,
        const char *op)
{
  Axes axes;

  if (!gw_onnx_has (step, 1) || !axes_of (step, &axes))
    return FALSE;
  return give_reduced (step, reduced (step, op, NULL, gw_onnx_input (step, 0), &axes, axes.keeps), &axes);
}

static gboolean
reduce_ordered (GwOnnxStep *step,
                const char *op)
{
  gboolean is_largest = g_str_equal (op, "Max");

  return reduce (step, gw_onnx_dtype_of (step, 0) != GW_BOOL ? op : is_largest ? "Any" : "All");
}

/* The sum of f (x) */
static gboolean
reduce_sum_of (GwOnnxStep *step,
               const char *f)
{
  Axes axes;

  if (!gw_onnx_has (step, 1) || !axes_of (step, &axes))
    return FALSE;
  return give_reduced (step, reduced (step, "Sum", NULL, GW_ONNX_NODE (step, f, "terms", gw_onnx_input (step, 0)), &axes, axes.keeps),
                       &axes);
}

static gboolean
reduce_log_sum (GwOnnxStep *step,
                const char *op)
{
  Axes axes;
  const char *sum;

  if (!gw_onnx_has (step, 1) || !axes_of (step, &axes))
    return FALSE;
  sum = reduced (step, "Sum", "sum", gw_onnx_input (step, 0), &axes, axes.keeps)->name;
  return give_reduced (step, GW_ONNX_EMIT (step, op, NULL, sum), &axes);
}

/* log (Σ exp (x - m)) + m with the largest element m: nothing overflows. */
static gboolean
reduce_log_sum_exp (GwOnnxStep *step,
                    const char *op G_GNUC_UNUSED)
{
  Axes axes;
  const char *x, *top, *sum;

  if (!gw_onnx_has (step, 1) || !axes_of (step, &axes) || axes.axes == NULL)
    return FALSE;
  x = gw_onnx_input (step, 0);
  top = reduced (step, "Max", "top", x, &axes, TRUE)->name;
  sum = GW_ONNX_NODE (step, "Exp", "exp", GW_ONNX_NODE (step, "Sub", "below_top", x, top));
  sum = GW_ONNX_NODE (step, "Log", "log", reduced (step, "Sum", "sum", sum, &axes, axes.keeps)->name);
  if (!axes.keeps)
    top = reduced (step, "Max", "flat_top", x, &axes, FALSE)->name;
  return give_reduced (step, GW_ONNX_EMIT (step, "AddV2", NULL, sum, top), &axes);
}

static gboolean
arg (GwOnnxStep *step,
     const char *op)
{
  int64_t axis = gw_onnx_int (step, "axis", 0);
  gboolean keeps = gw_onnx_int (step, "keepdims", 1) != 0;
  int rank = gw_onnx_rank (step, 0);
  Gw__NodeDef *def;
  const char *at;

  if (!gw_onnx_has (step, 1) || gw_onnx_int (step, "select_last_index", 0) != 0)
    return FALSE;
  at = gw_onnx_emit_int (step, "axis", axis);
  def = GW_ONNX_EMIT (step, op, keeps ? "index" : NULL, gw_onnx_input (step, 0), at);
  gw_onnx_set_dtype (step->onnx, def, "output_type", GW_INT64);
  if (keeps)
    def = GW_ONNX_EMIT (step, "ExpandDims", NULL, def->name, at);
  gw_onnx_give (step, 0, def, 0, keeps || rank < 0 ? rank : rank - 1, GW_INT64);
  return TRUE;
}

static gboolean
running_sum (GwOnnxStep *step,
             const char *op)
{
  GwOnnxInts axis;
  const char *at;
  Gw__NodeDef *def;

  if (!gw_onnx_has (step, 2))
    return FALSE;
  at = gw_onnx_input_ints (step, 1, &axis) && axis.n == 1 ? gw_onnx_emit_int (step, "axis", axis.values[0]) : gw_onnx_input (step, 1);
  def = GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0), at);
  gw_onnx_set_bool (step->onnx, def, "exclusive", gw_onnx_int (step, "exclusive", 0) != 0);
  gw_onnx_set_bool (step->onnx, def, "reverse", gw_onnx_int (step, "reverse", 0) != 0);
  return gw_onnx_give_like (step, def);
}

const GwOnnxOperator gw_onnx_maths[] = {
  { "Abs", unary, "Abs" },
  { "Acos", unary, "Acos" },
  { "Acosh", unary, "Acosh" },
  { "Add", binary, "AddV2" },
  { "And", compare, "LogicalAnd" },
  { "ArgMax", arg, "ArgMax" },
  { "ArgMin", arg, "ArgMin" },
  { "Asin", unary, "Asin" },
  { "Asinh", unary, "Asinh" },
  { "Atan", unary, "Atan" },
  { "Atanh", unary, "Atanh" },
  { "BitwiseAnd", binary, "BitwiseAnd" },
  { "BitwiseNot", unary, "Invert" },
  { "BitwiseOr", binary, "BitwiseOr" },
  { "BitwiseXor", binary, "BitwiseXor" },
  { "Cast", cast, "Cast" },
  { "CastLike", cast_like, "Cast" },
  { "Ceil", unary, "Ceil" },
  { "Celu", celu, "Elu" },
  { "Clip", clip, "ClipByValue" },
  { "Cos", unary, "Cos" },
  { "Cosh", unary, "Cosh" },
  { "CumSum", running_sum, "Cumsum" },
  { "Div", divide, NULL },
  { "Dropout", dropout, "Identity" },
  { "Elu", elu, "Elu" },
  { "Equal", compare, "Equal" },
  { "Erf", unary, "Erf" },
  { "Exp", unary, "Exp" },
  { "Floor", unary, "Floor" },
  { "Gelu", gelu, "Mul" },
  { "Greater", compare, "Greater" },
  { "GreaterOrEqual", compare, "GreaterEqual" },
  { "HardSigmoid", hard_sigmoid, "Identity" },
  { "HardSwish", hard_swish, "Mul" },
  { "Identity", identity, "Identity" },
  { "IsInf", predicate, "IsInf" },
  { "IsNaN", predicate, "IsNan" },
  { "LeakyRelu", leaky_relu, "LeakyRelu" },
  { "Less", compare, "Less" },
  { "LessOrEqual", compare, "LessEqual" },
  { "Log", unary, "Log" },
  { "Max", chain, "Maximum" },
  { "Mean", mean, "RealDiv" },
  { "Min", chain, "Minimum" },
  { "Mish", times_softplus_tanh, "Mul" },
  { "Mod", modulo, NULL },
  { "Mul", binary, "Mul" },
  { "Neg", unary, "Neg" },
  { "Not", unary, "LogicalNot" },
  { "Or", compare, "LogicalOr" },
  { "PRelu", p_relu, NULL },
  { "Pow", power, "Pow" },
  { "Reciprocal", unary, "Reciprocal" },
  { "ReduceL1", reduce_sum_of, "Abs" },
  { "ReduceL2", reduce, "EuclideanNorm" },
  { "ReduceLogSum", reduce_log_sum, "Log" },
  { "ReduceLogSumExp", reduce_log_sum_exp, NULL },
  { "ReduceMax", reduce_ordered, "Max" },
  { "ReduceMean", reduce, "Mean" },
  { "ReduceMin", reduce_ordered, "Min" },
  { "ReduceProd", reduce, "Prod" },
  { "ReduceSum", reduce, "Sum" },
  { "ReduceSumSquare", reduce_sum_of, "Square" },
  { "Relu", unary, "Relu" },
  { "Round", unary, "Round" },
  { "Selu", selu, "Selu" },
  { "Sigmoid", unary, "Sigmoid" },
  { "Sign", unary, "Sign" },
  { "Sin", unary, "Sin" },
  { "Sinh", unary, "Sinh" },
  { "Softplus", unary, "Softplus" },
  { "Softsign", unary, "Softsign" },
  { "Sqrt", unary, "Sqrt" },
  { "Sub", binary, "Sub" },
  { "Sum", chain, "AddV2" },
  { "Swish", swish, "Mul" },
  { "Tan", unary, "Tan" },
  { "Tanh", unary, "Tanh" },
  { "ThresholdedRelu", thresholded_relu, "SelectV2" },
  { "Where", choose, "SelectV2" },
  { "Xor", compare, "NotEqual" },
  { NULL },
};
