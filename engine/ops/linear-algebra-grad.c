/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ops/linear-algebra-grad.h"

#include "engine/ops/array-common.h"

/* ---- pieces ---- */

typedef enum {
  PLAIN = 0,
  ADJOINT_X = 1,
  ADJOINT_Y = 2,
} Form;

/* x · y, each transposed where asked. */
static GwOutput
times (GwBuilder *b,
       GwOutput   x,
       GwOutput   y,
       Form       form)
{
  return gw_op (b, "BatchMatMulV2", GW_IN (x, y), GW_WITH ({ "adj_x", gw_attr_bool ((form & ADJOINT_X) != 0) },
                                                          { "adj_y", gw_attr_bool ((form & ADJOINT_Y) != 0) }));
}

#define ADD(x, y) gw_op2 (b, "AddV2", (x), (y))
#define SUB(x, y) gw_op2 (b, "Sub", (x), (y))
#define MUL(x, y) gw_op2 (b, "Mul", (x), (y))
#define NEG(x) gw_op1 (b, "Neg", (x))

static gboolean
is_complex (GwBuilder *b,
            GwOutput   x)
{
  GwDType dtype = b->error == NULL ? gw_output_dtype (x) : GW_FLOAT32;

  return dtype == GW_COMPLEX64 || dtype == GW_COMPLEX128;
}

/* The matrices transposed. */
static GwOutput
transposed (GwBuilder *b,
            GwOutput   x)
{
  int rank = b->error == NULL ? gw_output_shape (x)->rank : 2;
  int64_t perm[GW_MAX_RANK];
  GwOutput n, zero, one, last, range;

  if (rank >= 2)
    {
      for (int i = 0; i < rank; i++)
        perm[i] = i < rank - 2 ? i : 2 * rank - 3 - i;
      return gw_op2 (b, "Transpose", x, gw_const_ints (b, rank, perm));
    }
  n = gw_op1 (b, "Rank", x);
  zero = gw_const_scalar (b, GW_INT32, 0);
  one = gw_const_scalar (b, GW_INT32, 1);
  range = gw_op3 (b, "Range", zero, SUB (n, gw_const_scalar (b, GW_INT32, 2)), one);
  last = SUB (n, gw_const_ints (b, 2, (const int64_t[]) { 1, 2 }));
  return gw_op2 (b, "Transpose", x, gw_op (b, "ConcatV2", GW_IN (range, last, zero), NULL));
}

/* And, where complex, conjugated. */
static GwOutput
adjoint (GwBuilder *b,
         GwOutput   x)
{
  return transposed (b, is_complex (b, x) ? gw_op1 (b, "Conj", x) : x);
}

/* The diagonals of square matrices, zeros elsewhere. */
static GwOutput
diagonal_only (GwBuilder *b,
               GwOutput   x)
{
  return gw_op1 (b, "MatrixDiag", gw_op1 (b, "MatrixDiagPart", x));
}

static GwOutput
solve_triangle (GwBuilder *b,
                GwOutput   triangle,
                GwOutput   rhs,
                gboolean   lower,
                gboolean   transpose)
{
  return gw_op (b, "MatrixTriangularSolve", GW_IN (triangle, rhs),
                GW_WITH ({ "lower", gw_attr_bool (lower) }, { "adjoint", gw_attr_bool (transpose) }));
}

static GwOutput
band (GwBuilder *b,
      GwOutput   x,
      int64_t    below,
      int64_t    above)
{
  return gw_op3 (b, "MatrixBandPart", x, gw_const (b, gw_tensor_new_int64 (below)), gw_const (b, gw_tensor_new_int64 (above)));
}

/* x with its diagonal times `factor`. */
static GwOutput
scale_diagonal (GwBuilder *b,
                GwOutput   x,
                double     factor)
{
  return gw_op2 (b, "MatrixSetDiag", x, MUL (gw_const_like (b, x, factor), gw_op1 (b, "MatrixDiagPart", x)));
}

/* Numbers, one a matrix, as 1 × 1 matrices. */
static GwOutput
as_matrices (GwBuilder *b,
             GwOutput   numbers)
{
  GwOutput shape = gw_op (b, "ConcatV2", GW_IN (gw_op1 (b, "Shape", numbers),
                                                gw_const_ints (b, 2, (const int64_t[]) { 1, 1 }),
                                                gw_const_scalar (b, GW_INT32, 0)), NULL);

  return gw_op2 (b, "Reshape", numbers, shape);
}

static GwOutput
transposed_inverse (GwBuilder *b,
                    GwOutput   a)
{
  return gw_op (b, "MatrixInverse", GW_IN (a), GW_WITH ({ "adjoint", gw_attr_bool (TRUE) }));
}

/* x / (x² + ε): no infinity where values are equal. */
static GwOutput
safe_reciprocal (GwBuilder *b,
                 GwOutput   x)
{
  return MUL (x, gw_op1 (b, "Reciprocal", ADD (MUL (x, x), gw_const_like (b, x, 1e-20))));
}

/* f(i, j) = 1 / (values_j - values_i), 0 on the diagonal. */
static GwOutput
differences (GwBuilder *b,
             GwOutput   values)
{
  GwOutput row = gw_op2 (b, "ExpandDims", values, gw_const_scalar (b, GW_INT32, -2));
  GwOutput column = gw_op2 (b, "ExpandDims", values, gw_const_scalar (b, GW_INT32, -1));

  return gw_op2 (b, "MatrixSetDiag", safe_reciprocal (b, SUB (row, column)), gw_op1 (b, "ZerosLike", values));
}

/* Columns [from, from + n) of matrices of known rank. */
static GwOutput
columns (GwBuilder *b,
         GwOutput   x,
         int64_t    from,
         int64_t    n)
{
  int rank = b->error == NULL ? gw_output_shape (x)->rank : 2;
  int64_t begin[GW_MAX_RANK] = { 0 }, size[GW_MAX_RANK];

  for (int i = 0; i < rank; i++)
    size[i] = i == rank - 1 ? n : -1;
  begin[rank - 1] = from;
  return gw_op3 (b, "Slice", x, gw_const_ints (b, rank, begin), gw_const_ints (b, rank, size));
}

/* The last two sizes of x, when they are known. */
static gboolean
sizes_of (GwOutput  x,
          int64_t  *rows,
          int64_t  *n)
{
  const GwShape *shape = gw_output_shape (x);

  *rows = shape->rank >= 2 ? shape->dims[shape->rank - 2] : GW_DIM_UNKNOWN;
  *n = shape->rank >= 2 ? shape->dims[shape->rank - 1] : GW_DIM_UNKNOWN;
  return *rows >= 0 && *n >= 0;
}

/* ---- determinants, inverses, solutions ---- */

void
gw_determinant_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;

  context->dx[0] = MUL (as_matrices (b, MUL (gw_grad_dy (context, 0), gw_grad_y (context, 0))),
                        transposed_inverse (b, gw_grad_x (context, 0)));
}

void
gw_log_determinant_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;

  context->dx[0] = MUL (as_matrices (b, gw_grad_dy (context, 1)), transposed_inverse (b, gw_grad_x (context, 0)));
}

void
gw_inverse_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput y = gw_grad_y (context, 0);
  gboolean turned = context->node->attrs[gw_attr_defs_find (context->node->def->attrs, "adjoint")].b;
  GwOutput right = times (b, gw_grad_dy (context, 0), y, turned ? ADJOINT_X : ADJOINT_Y);

  context->dx[0] = NEG (times (b, y, right, turned ? PLAIN : ADJOINT_X));
}

static GwOutput
matrix_gradient (GwBuilder *b,
                 GwOutput   solution,
                 GwOutput   rhs_gradient,
                 gboolean   turned)
{
  return NEG (turned ? times (b, solution, rhs_gradient, ADJOINT_Y) : times (b, rhs_gradient, solution, ADJOINT_Y));
}

void
gw_solve_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  gboolean turned = context->node->attrs[gw_attr_defs_find (context->node->def->attrs, "adjoint")].b;

  context->dx[1] = gw_op (b, "MatrixSolve", GW_IN (gw_grad_x (context, 0), gw_grad_dy (context, 0)),
                          GW_WITH ({ "adjoint", gw_attr_bool (!turned) }));
  context->dx[0] = matrix_gradient (b, gw_grad_y (context, 0), context->dx[1], turned);
}

void
gw_triangular_solve_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  const GwAttrValue *attrs = context->node->attrs;
  gboolean turned = attrs[gw_attr_defs_find (context->node->def->attrs, "adjoint")].b;
  gboolean lower = attrs[gw_attr_defs_find (context->node->def->attrs, "lower")].b;
  GwOutput rhs = solve_triangle (b, gw_grad_x (context, 0), gw_grad_dy (context, 0), lower, !turned);
  GwOutput matrix = matrix_gradient (b, gw_grad_y (context, 0), rhs, turned);

  context->dx[0] = gw_grad_unbroadcast (context, band (b, matrix, lower ? -1 : 0, lower ? 0 : -1), gw_grad_x (context, 0));
  context->dx[1] = gw_grad_unbroadcast (context, rhs, gw_grad_x (context, 1));
}

/* ---- factors ---- */

/* ½ (S + Sᵀ), S = L⁻ᵀ φ (Lᵀ dL) L⁻¹; φ keeps the lower triangle with half its diagonal. */
void
gw_cholesky_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput l = gw_grad_y (context, 0);
  GwOutput unit = gw_op1 (b, "MatrixDiag", gw_op1 (b, "OnesLike", gw_op1 (b, "MatrixDiagPart", l)));
  GwOutput inverse = solve_triangle (b, l, unit, TRUE, FALSE);
  GwOutput middle = times (b, l, gw_grad_dy (context, 0), ADJOINT_X);
  GwOutput s;

  middle = band (b, scale_diagonal (b, middle, 0.5), -1, 0);
  s = times (b, times (b, inverse, middle, ADJOINT_X), inverse, PLAIN);
  context->dx[0] = MUL (ADD (s, adjoint (b, s)), gw_const_like (b, s, 0.5));
}

/* x · r⁻ᵀ for an upper triangle r. */
static GwOutput
divide_upper (GwBuilder *b,
              GwOutput   x,
              GwOutput   r)
{
  return adjoint (b, solve_triangle (b, r, adjoint (b, x), FALSE, FALSE));
}

/* For square and deep matrices: “QR and LQ Decomposition Matrix Backpropagation
 * Algorithms”, arXiv:2009.10071. */
static GwOutput
qr_deep_gradient (GwBuilder *b,
                  GwOutput   q,
                  GwOutput   r,
                  GwOutput   dq,
                  GwOutput   dr)
{
  GwOutput qdq = times (b, q, dq, ADJOINT_X);
  GwOutput rdr = times (b, r, dr, ADJOINT_Y);
  GwOutput lower = band (b, ADD (SUB (qdq, adjoint (b, qdq)), SUB (rdr, adjoint (b, rdr))), -1, 0);
  GwOutput first = times (b, q, ADD (dr, divide_upper (b, lower, r)), PLAIN);
  GwOutput da = ADD (first, divide_upper (b, SUB (dq, times (b, q, qdq, PLAIN)), r));

  /* What is imaginary on the diagonal: r's is real. */
  if (is_complex (b, q))
    {
      GwOutput diagonal = diagonal_only (b, SUB (rdr, adjoint (b, qdq)));
      GwOutput twice = SUB (adjoint (b, diagonal), diagonal);

      da = ADD (da, divide_upper (b, times (b, q, MUL (twice, gw_const_like (b, twice, 0.5)), PLAIN), r));
    }
  return da;
}

/* [0, …, 0, n] or [-1, …, -1, n], n a vector of one: where a slice of columns begins,
 * or its size. */
static GwOutput
with_last (GwBuilder *b,
           int        rank,
           int64_t    others,
           GwOutput   n)
{
  int64_t all[GW_MAX_RANK];

  for (int i = 0; i < rank; i++)
    all[i] = others;
  return gw_op (b, "ConcatV2", GW_IN (gw_const_ints (b, rank - 1, all), n, gw_const_scalar (b, GW_INT32, 0)), NULL);
}

/* The columns before and behind those that q has, of which there may be none. */
static void
split_columns (GwBuilder *b,
               GwOutput   x,
               GwOutput   n,
               int        rank,
               GwOutput  *before,
               GwOutput  *behind)
{
  GwOutput zero = gw_const_ints (b, 1, (const int64_t[]) { 0 }), rest = gw_const_ints (b, 1, (const int64_t[]) { -1 });

  *before = gw_op3 (b, "Slice", x, with_last (b, rank, 0, zero), with_last (b, rank, -1, n));
  *behind = gw_op3 (b, "Slice", x, with_last (b, rank, 0, n), with_last (b, rank, -1, rest));
}

/* With a = [x, y] and r = [u, v] the case of x and u is that of a square matrix. */
static GwOutput
qr_wide_gradient (GwGradContext *context,
                  int            rank)
{
  GwBuilder *b = context->builder;
  GwOutput q = gw_grad_y (context, 0), last = gw_const_ints (b, 1, (const int64_t[]) { rank - 1 });
  GwOutput n = gw_op3 (b, "Slice", gw_op1 (b, "Shape", q), last, gw_const_ints (b, 1, (const int64_t[]) { 1 }));
  GwOutput x, y, u, v, du, dv, dx;

  split_columns (b, gw_grad_x (context, 0), n, rank, &x, &y);
  split_columns (b, gw_grad_y (context, 1), n, rank, &u, &v);
  split_columns (b, gw_grad_dy (context, 1), n, rank, &du, &dv);
  dx = qr_deep_gradient (b, q, u, ADD (gw_grad_dy (context, 0), times (b, y, dv, ADJOINT_Y)), du);
  return gw_op (b, "ConcatV2", GW_IN (dx, times (b, q, dv, PLAIN), gw_const_scalar (b, GW_INT32, -1)), NULL);
}

void
gw_qr_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  gboolean full = context->node->attrs[gw_attr_defs_find (context->node->def->attrs, "full_matrices")].b;
  int rank = gw_output_shape (gw_grad_x (context, 0))->rank;
  int64_t m, n;
  gboolean known = sizes_of (gw_grad_x (context, 0), &m, &n);

  if (rank < 2)
    gw_builder_fail (b, GW_ERROR_UNIMPLEMENTED, "the gradient of Qr needs matrices of known rank");
  else if (full && known && m > n)
    gw_builder_fail (b, GW_ERROR_UNIMPLEMENTED, "Qr has no gradient with more rows than columns and full_matrices");
  else if (known && m >= n)
    context->dx[0] = qr_deep_gradient (b, gw_grad_y (context, 0), gw_grad_y (context, 1), gw_grad_dy (context, 0),
                                       gw_grad_dy (context, 1));
  else
    context->dx[0] = qr_wide_gradient (context, rank);
}

/* A node of the same op that computes the vectors as well. */
static GwNode *
with_vectors (GwGradContext *context,
              const char    *attr)
{
  return gw_node_new (context->builder, context->node->def->name, NULL, GW_IN (gw_grad_x (context, 0)),
                      GW_WITH ({ attr, gw_attr_bool (TRUE) }));
}

void
gw_eigen_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  gboolean vectors = context->node->attrs[gw_attr_defs_find (context->node->def->attrs, "compute_v")].b;
  GwOutput v = vectors ? gw_grad_y (context, 1) : gw_output_of (with_vectors (context, "compute_v"), 1);
  GwOutput middle = gw_op1 (b, "MatrixDiag", gw_grad_dy (context, 0));
  GwOutput da;

  if (vectors)
    middle = ADD (middle, MUL (differences (b, gw_grad_y (context, 0)), times (b, v, gw_grad_dy (context, 1), ADJOINT_X)));
  da = times (b, v, times (b, middle, v, ADJOINT_Y), PLAIN);
  context->dx[0] = scale_diagonal (b, band (b, ADD (da, adjoint (b, da)), -1, 0), 0.5);
}

/* What of the gradient of u or v stands at right angles to its columns: (1 - w wᵀ) dw,
 * and for the square factor also -w2 dw2ᵀ w, w2 the columns behind the first `n`. */
static GwOutput
outside (GwBuilder *b,
         GwOutput   w,
         GwOutput   dw,
         int64_t    n,
         int64_t    behind)
{
  GwOutput w1 = behind > 0 ? columns (b, w, 0, n) : w, dw1 = behind > 0 ? columns (b, dw, 0, n) : dw;
  GwOutput rest = SUB (dw1, times (b, w1, times (b, w1, dw1, ADJOINT_X), PLAIN));

  if (behind > 0)
    rest = SUB (rest, times (b, columns (b, w, n, behind),
                             times (b, columns (b, dw, n, behind), w1, ADJOINT_X), PLAIN));
  return rest;
}

/* What turning a column of u and the same of v by one phase does, which complex matrices
 * leave open: of the narrower side as TensorFlow has it. https://re-ra.xyz/misc/complexsvd.pdf */
static GwOutput
svd_phase (GwGradContext *context,
           GwOutput       u,
           GwOutput       v,
           GwOutput       s_inverse,
           gboolean       deep,
           int64_t        p,
           int64_t        u_behind,
           int64_t        v_behind)
{
  GwBuilder *b = context->builder;
  GwOutput dw = gw_grad_dy (context, deep ? 1 : 2), l, difference;

  if ((deep ? u_behind : v_behind) > 0)
    dw = columns (b, dw, 0, p);
  l = diagonal_only (b, times (b, deep ? u : v, dw, ADJOINT_X));
  difference = deep ? SUB (l, adjoint (b, l)) : SUB (adjoint (b, l), l);
  difference = MUL (times (b, s_inverse, difference, PLAIN), gw_const_like (b, l, 0.5));
  return times (b, u, times (b, difference, v, ADJOINT_Y), PLAIN);
}

/* https://j-towns.github.io/papers/svd-derivative.pdf. Of a matrix with m ≤ n rows u is
 * square and nothing stands outside of it, likewise v; where the sizes are not known
 * (-1) both are computed. */
static GwOutput
svd_gradient (GwGradContext *context,
              int64_t        m,
              int64_t        n,
              gboolean       full)
{
  GwBuilder *b = context->builder;
  int64_t p = MIN (m, n), u_behind = full && m > p ? m - p : 0, v_behind = full && n > p ? n - p : 0;
  GwOutput s = gw_grad_y (context, 0), u = gw_grad_y (context, 1), v = gw_grad_y (context, 2);
  GwOutput du = gw_grad_dy (context, 1), dv = gw_grad_dy (context, 2);
  GwOutput u1 = u_behind > 0 ? columns (b, u, 0, p) : u, v1 = v_behind > 0 ? columns (b, v, 0, p) : v;
  GwOutput s_matrix = gw_op1 (b, "MatrixDiag", s), s_inverse = gw_op1 (b, "MatrixDiag", safe_reciprocal (b, s));
  GwOutput f = differences (b, MUL (s, s));
  GwOutput fu = MUL (f, times (b, u1, u_behind > 0 ? columns (b, du, 0, p) : du, ADJOINT_X));
  GwOutput fv = MUL (f, times (b, v1, v_behind > 0 ? columns (b, dv, 0, p) : dv, ADJOINT_X));
  GwOutput middle = ADD (ADD (gw_op1 (b, "MatrixDiag", gw_grad_dy (context, 0)),
                              times (b, ADD (fu, adjoint (b, fu)), s_matrix, PLAIN)),
                         times (b, s_matrix, ADD (fv, adjoint (b, fv)), PLAIN));
  GwOutput da = times (b, u1, times (b, middle, v1, ADJOINT_Y), PLAIN);

  if (m > n || m < 0 || n < 0)
    da = ADD (da, times (b, times (b, outside (b, u, du, p, u_behind), s_inverse, PLAIN), v1, ADJOINT_Y));
  if (m < n || m < 0 || n < 0)
    da = ADD (da, times (b, times (b, u1, s_inverse, PLAIN), outside (b, v, dv, p, v_behind), ADJOINT_Y));
  return is_complex (b, s) ? ADD (da, svd_phase (context, u1, v1, s_inverse, m > n, p, u_behind, v_behind)) : da;
}

void
gw_svd_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  const GwAttrDef *defs = context->node->def->attrs;
  gboolean vectors = context->node->attrs[gw_attr_defs_find (defs, "compute_uv")].b;
  gboolean full = context->node->attrs[gw_attr_defs_find (defs, "full_matrices")].b;
  int64_t m, n;
  gboolean known = sizes_of (gw_grad_x (context, 0), &m, &n);

  if (!vectors)
    {
      GwNode *node = with_vectors (context, "compute_uv");
      GwOutput ds = gw_op1 (b, "MatrixDiag", gw_grad_dy (context, 0));

      context->dx[0] = times (b, gw_output_of (node, 1), times (b, ds, gw_output_of (node, 2), ADJOINT_Y), PLAIN);
    }
  else if (full && !known)
    gw_builder_fail (b, GW_ERROR_UNIMPLEMENTED, "the gradient of Svd with full_matrices needs matrices of known sizes");
  else if (full && ABS (m - n) > 1)
    gw_builder_fail (b, GW_ERROR_UNIMPLEMENTED, "Svd has no gradient with full_matrices where the sizes differ by more than 1");
  else
    context->dx[0] = svd_gradient (context, m, n, full);
}

/* ---- least squares ---- */

/* Solves (aᵀa + l2) x = rhs, or with a aᵀ, by Cholesky's factor. */
static GwOutput
solve_normal (GwBuilder *b,
              GwOutput   factor,
              GwOutput   rhs)
{
  return solve_triangle (b, factor, solve_triangle (b, factor, rhs, TRUE, FALSE), TRUE, TRUE);
}

/* The factor of aᵀa + l2, or with a aᵀ; `lift`, a scalar, is added to its diagonal. */
static GwOutput
normal_factor (GwGradContext *context,
               Form           form,
               GwOutput       lift)
{
  GwBuilder *b = context->builder;
  GwOutput a = gw_grad_x (context, 0);
  GwOutput gram = times (b, a, a, form);
  GwOutput l2 = gw_op (b, "Cast", GW_IN (gw_grad_x (context, 2)),
                       GW_WITH ({ "DstT", gw_attr_dtype (b->error == NULL ? gw_output_dtype (a) : GW_FLOAT32) }));

  if (lift.node != NULL)
    l2 = ADD (l2, lift);
  return gw_op1 (b, "Cholesky", gw_op2 (b, "MatrixSetDiag", gram, ADD (gw_op1 (b, "MatrixDiagPart", gram), l2)));
}

/* More rows than columns, or as many: for the matrix and the right-hand side. */
static void
tall_gradient (GwGradContext *context,
               GwOutput       lift,
               GwOutput       dx[2])
{
  GwBuilder *b = context->builder;
  GwOutput a = gw_grad_x (context, 0);
  GwOutput z = solve_normal (b, normal_factor (context, ADJOINT_X, lift), gw_grad_dy (context, 0));
  GwOutput product = times (b, gw_grad_y (context, 0), z, ADJOINT_Y);

  dx[0] = ADD (NEG (times (b, a, ADD (product, transposed (b, product)), PLAIN)), times (b, gw_grad_x (context, 1), z, ADJOINT_Y));
  dx[1] = times (b, a, z, PLAIN);
}

static void
wide_gradient (GwGradContext *context,
               GwOutput       lift,
               GwOutput       dx[2])
{
  GwBuilder *b = context->builder;
  GwOutput a = gw_grad_x (context, 0), dy = gw_grad_dy (context, 0);
  GwOutput factor = normal_factor (context, ADJOINT_Y, lift);
  GwOutput z = solve_normal (b, factor, gw_grad_x (context, 1));

  dx[1] = solve_normal (b, factor, times (b, a, dy, PLAIN));
  dx[0] = ADD (NEG (times (b, dx[1], times (b, z, a, ADJOINT_X), PLAIN)),
               times (b, z, SUB (dy, times (b, a, dx[1], ADJOINT_X)), ADJOINT_Y));
}

/* Both, of which the one that does not belong is thrown away: 1 on its diagonal keeps its
 * products, which may have no inverse, from failing. */
static void
gradient_of_unknown_size (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput a = gw_grad_x (context, 0), shape = gw_op1 (b, "Shape", a), is_tall, is_wide, tall[2], wide[2];
  int rank = gw_output_shape (a)->rank;
  GwDType type = gw_output_dtype (a);

  is_tall = gw_op2 (b, "GreaterEqual", gw_op (b, "Squeeze", GW_IN (gw_array_part (b, shape, rank - 2, 1)), NULL),
                    gw_op (b, "Squeeze", GW_IN (gw_array_part (b, shape, rank - 1, 1)), NULL));
  is_wide = gw_op1 (b, "LogicalNot", is_tall);
  tall_gradient (context, gw_op (b, "Cast", GW_IN (is_wide), GW_WITH ({ "DstT", gw_attr_dtype (type) })), tall);
  wide_gradient (context, gw_op (b, "Cast", GW_IN (is_tall), GW_WITH ({ "DstT", gw_attr_dtype (type) })), wide);
  for (int i = 0; i < 2; i++)
    context->dx[i] = gw_op3 (b, "Select", is_tall, tall[i], wide[i]);
}

void
gw_least_squares_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput a = gw_grad_x (context, 0);
  int64_t m, n;

  if (!context->node->attrs[gw_attr_defs_find (context->node->def->attrs, "fast")].b)
    gw_builder_fail (b, GW_ERROR_UNIMPLEMENTED, "MatrixSolveLs has a gradient only with fast");
  else if (gw_output_shape (a)->rank < 2)
    gw_builder_fail (b, GW_ERROR_UNIMPLEMENTED, "the gradient of MatrixSolveLs needs matrices of known rank");
  else if (!sizes_of (a, &m, &n))
    gradient_of_unknown_size (context);
  else if (m >= n)
    tall_gradient (context, GW_NO_OUTPUT, context->dx);
  else
    wide_gradient (context, GW_NO_OUTPUT, context->dx);
}

/* ---- cross product ---- */

void
gw_cross_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput dz = gw_grad_dy (context, 0);

  context->dx[0] = gw_op2 (b, "Cross", gw_grad_x (context, 1), dz);
  context->dx[1] = gw_op2 (b, "Cross", dz, gw_grad_x (context, 0));
}
