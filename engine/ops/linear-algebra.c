/* SPDX-License-Identifier: Apache-2.0 */
/* Determinants, inverses, factorisations and solutions of the matrices of a batch. */
#include "engine/base/error.h"
#include "engine/device/cpu/einsum.h"
#include "engine/device/cpu/lapack.h"
#include "engine/graph/shape-rules.h"
#include "engine/ops/array-common.h"
#include "engine/ops/linear-algebra-grad.h"

/* ---- shapes ---- */

/* The shape of a matrix input with the batch in front; of unknown rank stays so. */
static gboolean
want_matrices (GwShapeContext  *context,
               int              input,
               GwShape         *shape,
               GError         **error)
{
  *shape = context->inputs[input];
  return gw_shape_want_rank_at_least (context, input, 2, error);
}

static gboolean
want_square (GwShapeContext  *context,
             int              input,
             GwShape         *shape,
             GError         **error)
{
  g_autofree char *text = NULL;
  int64_t *last;

  if (!want_matrices (context, input, shape, error))
    return FALSE;
  if (shape->rank < 0)
    return TRUE;
  last = &shape->dims[shape->rank - 2];
  if (last[0] >= 0 && last[1] >= 0 && last[0] != last[1])
    {
      text = gw_shape_to_string (shape);
      return gw_invalid (error, "Input matrix must be square: %s has shape %s", gw_shape_input_name (context, input), text);
    }
  last[0] = last[1] = MAX (last[0], last[1]);
  return TRUE;
}

/* `matrices` with the last two dimensions replaced by `n` others. */
static GwShape
with_last (const GwShape *matrices,
           int            n,
           int64_t        rows,
           int64_t        columns)
{
  GwShape shape = *matrices;

  if (shape.rank < 0)
    return shape;
  shape.rank += n - 2;
  if (n > 0)
    shape.dims[shape.rank - n] = rows;
  if (n > 1)
    shape.dims[shape.rank - 1] = columns;
  return shape;
}

static gboolean
square_shape (GwShapeContext *context,
              GError        **error)
{
  return want_square (context, 0, &context->outputs[0], error);
}

static gboolean
scalars_shape (GwShapeContext *context,
               GError        **error)
{
  GwShape matrices;

  if (!want_square (context, 0, &matrices, error))
    return FALSE;
  for (int i = 0; i < context->n_outputs; i++)
    context->outputs[i] = with_last (&matrices, 0, 0, 0);
  return TRUE;
}

static gboolean
two_squares_shape (GwShapeContext *context,
                   GError        **error)
{
  GwShape first, second;

  return want_square (context, 0, &first, error) && want_square (context, 1, &second, error) &&
         gw_array_merge (&first, &second, "l and grad", &context->outputs[0], error);
}

static int64_t
smaller (int64_t m,
         int64_t n)
{
  return m == 0 || n == 0 ? 0 : m < 0 || n < 0 ? GW_DIM_UNKNOWN : MIN (m, n);
}

#define ROWS(shape) ((shape).rank < 0 ? GW_DIM_UNKNOWN : (shape).dims[(shape).rank - 2])
#define COLUMNS(shape) ((shape).rank < 0 ? GW_DIM_UNKNOWN : (shape).dims[(shape).rank - 1])

enum { QR_FULL, QR_T };

static gboolean
qr_shape (GwShapeContext *context,
          GError        **error)
{
  GwShape a;
  int64_t p;

  if (!want_matrices (context, 0, &a, error))
    return FALSE;
  p = context->attrs[QR_FULL].b ? ROWS (a) : smaller (ROWS (a), COLUMNS (a));
  context->outputs[0] = with_last (&a, 2, ROWS (a), p);
  context->outputs[1] = with_last (&a, 2, p, COLUMNS (a));
  return TRUE;
}

enum { SVD_COMPUTE_UV, SVD_FULL, SVD_T };

static gboolean
svd_shape (GwShapeContext *context,
           GError        **error)
{
  gboolean full = context->attrs[SVD_FULL].b;
  GwShape a;
  int64_t p;

  if (!want_matrices (context, 0, &a, error))
    return FALSE;
  p = smaller (ROWS (a), COLUMNS (a));
  context->outputs[0] = with_last (&a, 1, p, 0);
  context->outputs[1] = with_last (&a, 2, ROWS (a), full ? ROWS (a) : p);
  context->outputs[2] = with_last (&a, 2, COLUMNS (a), full ? COLUMNS (a) : p);
  if (!context->attrs[SVD_COMPUTE_UV].b)
    context->outputs[1] = context->outputs[2] = GW_SHAPE (0);
  return TRUE;
}

enum { EIGEN_COMPUTE_V, EIGEN_T };

static gboolean
eigen_shape (GwShapeContext *context,
             GError        **error)
{
  GwShape a;

  if (!want_square (context, 0, &a, error))
    return FALSE;
  context->outputs[0] = with_last (&a, 1, COLUMNS (a), 0);
  context->outputs[1] = context->attrs[EIGEN_COMPUTE_V].b ? a : GW_SHAPE (0);
  return TRUE;
}

/* rhs of as many rows as the matrix has; rows of the result, and the batches. */
static gboolean
solution_shape (GwShapeContext  *context,
                const GwShape   *a,
                gboolean         broadcasts,
                GError         **error)
{
  GwShape rhs, a_batch = with_last (a, 0, 0, 0), batch;
  g_autofree char *a_text = gw_shape_to_string (a);
  g_autofree char *rhs_text = gw_shape_to_string (&context->inputs[1]);

  if (!want_matrices (context, 1, &rhs, error))
    return FALSE;
  if (ROWS (*a) >= 0 && ROWS (rhs) >= 0 && ROWS (*a) != ROWS (rhs))
    return gw_invalid (error, "Input matrix and rhs are incompatible: %s has shape %s, rhs %s",
                       gw_shape_input_name (context, 0), a_text, rhs_text);
  batch = with_last (&rhs, 0, 0, 0);
  if (broadcasts && (a->rank < 0 || rhs.rank < 0))
    return TRUE;
  if (!(broadcasts ? gw_shape_broadcast (&a_batch, &batch, &batch) : gw_shape_merge (&a_batch, &batch, &batch)))
    return gw_invalid (error, "matrix and rhs must have compatible batch dimensions: %s vs. %s", a_text, rhs_text);
  if (batch.rank < 0)
    return TRUE;
  batch.rank += 2;
  context->outputs[0] = with_last (&batch, 2, COLUMNS (*a), COLUMNS (rhs));
  return TRUE;
}

static gboolean
solve_shape (GwShapeContext *context,
             GError        **error)
{
  GwShape a;

  return want_square (context, 0, &a, error) && solution_shape (context, &a, FALSE, error);
}

static gboolean
triangular_solve_shape (GwShapeContext *context,
                        GError        **error)
{
  GwShape a;

  return want_square (context, 0, &a, error) && solution_shape (context, &a, TRUE, error);
}

static gboolean
least_squares_shape (GwShapeContext *context,
                     GError        **error)
{
  GwShape a, scalar;

  return want_matrices (context, 0, &a, error) && gw_shape_want_rank (context, 2, 0, &scalar, error) &&
         solution_shape (context, &a, FALSE, error);
}

static gboolean
cross_shape (GwShapeContext *context,
             GError        **error)
{
  GwShape *out = &context->outputs[0];
  int64_t last;

  if (!gw_array_merge (&context->inputs[0], &context->inputs[1], "a and b", out, error) ||
      !gw_shape_want_rank_at_least (context, 0, 1, error) || !gw_shape_want_rank_at_least (context, 1, 1, error))
    return FALSE;
  last = out->rank > 0 ? out->dims[out->rank - 1] : GW_DIM_UNKNOWN;
  if (last >= 0 && last != 3)
    return gw_invalid (error, "Cross-products are only defined for 3-element vectors: a and b have %" G_GINT64_FORMAT
                       " elements along the last dimension", last);
  if (out->rank > 0)
    out->dims[out->rank - 1] = 3;
  return TRUE;
}

/* ---- kernels ---- */

#define KERNEL(NAME, OP, N_INPUTS, ...)                                            \
  static gboolean                                                                  \
  NAME##_cpu (GwKernelContext *context, GError **error)                            \
  {                                                                                \
    G_GNUC_UNUSED const GwAttrValue *attrs = context->attrs;                       \
    GwMatrixOptions options = { __VA_ARGS__ };                                     \
                                                                                   \
    return gw_cpu_matrices (context, OP, N_INPUTS, &options, error);               \
  }

enum { INVERSE_ADJOINT, INVERSE_T };
enum { TRIANGULAR_LOWER, TRIANGULAR_ADJOINT, TRIANGULAR_T };

KERNEL (determinant, GW_MATRIX_DETERMINANT, 1, .full = FALSE)
KERNEL (log_determinant, GW_MATRIX_LOG_DETERMINANT, 1, .full = FALSE)
KERNEL (inverse, GW_MATRIX_INVERSE, 1, .adjoint = attrs[INVERSE_ADJOINT].b)
KERNEL (solve, GW_MATRIX_SOLVE, 2, .adjoint = attrs[INVERSE_ADJOINT].b)
KERNEL (triangular_solve, GW_MATRIX_TRIANGULAR_SOLVE, 2, .adjoint = attrs[TRIANGULAR_ADJOINT].b,
        .lower = attrs[TRIANGULAR_LOWER].b)
KERNEL (cholesky, GW_MATRIX_CHOLESKY, 1, .full = FALSE)
KERNEL (cholesky_backward, GW_MATRIX_CHOLESKY_GRAD, 2, .full = FALSE)
KERNEL (qr, GW_MATRIX_QR, 1, .full = attrs[QR_FULL].b)
KERNEL (svd, GW_MATRIX_SVD, 1, .vectors = attrs[SVD_COMPUTE_UV].b, .full = attrs[SVD_FULL].b)
KERNEL (eigen, GW_MATRIX_EIGEN, 1, .vectors = attrs[EIGEN_COMPUTE_V].b)

enum { LEAST_SQUARES_T, LEAST_SQUARES_FAST };

static gboolean
least_squares_cpu (GwKernelContext *context,
                   GError         **error)
{
  double l2 = gw_tensor_get_double (context->inputs[2], 0);
  GwMatrixOptions options = { .l2 = l2, .fast = context->attrs[LEAST_SQUARES_FAST].b };

  if (!(l2 >= 0))
    return gw_invalid (error, "l2_regularizer must be >= 0, not %g", l2);
  return gw_cpu_matrices (context, GW_MATRIX_LEAST_SQUARES, 2, &options, error);
}

/* ---- descriptors ---- */

#define T_OF(types) \
  { "T", GW_ATTR_DTYPE, .choices = types, .label = "Type", .help = "Element type; follows from what is wired.", \
    .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }
#define T_ATTR T_OF (GW_CHOICES ("float32", "float64", "complex64", "complex128"))
#define T_OR_HALF T_OF (GW_CHOICES ("float32", "float64", "complex64", "complex128", "float16"))
#define ADJOINT_ATTR(what) \
  { "adjoint", GW_ATTR_BOOL, .def = "false", .label = "Transposed", \
    .help = "Whether " what " the transpose, with the signs of imaginary parts changed." }
#define SQUARE_PORT(help) { "input", "T", "Square matrices, … × n × n" help }
#define MATRICES "maths/Matrices"
#define DECOMPOSITIONS "maths/Decompositions"
#define BATCH " The last two dimensions are matrices; any dimensions before them are a batch."

static const GwOpDef determinant = {
  .name = "MatrixDeterminant", .since = 1, .title = "Determinant", .category = MATRICES,
  .summary = "The determinants of square matrices.",
  .doc = "The product of the pivots of Gaussian elimination; 0 for a matrix that cannot be inverted, 1 for one of no rows." BATCH
         " Of large matrices it soon overflows: *LogMatrixDeterminant* does not.\n\n"
         "The gradient is the determinant times the transposed inverse.",
  .inputs = GW_PORTS (SQUARE_PORT (".")),
  .outputs = GW_PORTS ({ "output", "T", "One number a matrix." }),
  .attrs = GW_ATTRS (T_ATTR),
  .shape_rule = "[…, n, n] gives […]",
  .shape = scalars_shape, .grad = gw_determinant_grad, .cpu = determinant_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[1.5, 2], [3, 5]]"), NULL, GW_TEXTS ("1.5") },
                           { GW_TEXTS ("[[[1.5, 2], [3, 4]], [[2, 0], [0, 0.5]]]"), NULL, GW_TEXTS ("[0.0, 1]") }),
};

static const GwOpDef log_determinant = {
  .name = "LogMatrixDeterminant", .since = 1, .title = "Logarithm of the determinant", .category = MATRICES,
  .summary = "Sign and logarithm of the absolute value of determinants.",
  .doc = "`det = sign · exp (log_abs_determinant)`, without the overflow that the determinant itself runs into. A matrix that "
         "cannot be inverted gives sign 0 and -infinity." BATCH,
  .inputs = GW_PORTS (SQUARE_PORT (".")),
  .outputs = GW_PORTS ({ "sign", "T", "-1, 0 or 1; of complex matrices a number of size 1." }, { "log_abs_determinant", "T", "ln |det|." }),
  .attrs = GW_ATTRS (T_ATTR),
  .shape_rule = "[…, n, n] gives […]",
  .shape = scalars_shape, .grad = gw_log_determinant_grad, .cpu = log_determinant_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[2.0, 1], [1, 1]]"), NULL, GW_TEXTS ("1.0", "0.0") },
                           { GW_TEXTS ("[[0.5, 2], [3, 4]]"), NULL, GW_TEXTS ("-1.0", "1.38629436") }),
};

static const GwOpDef inverse = {
  .name = "MatrixInverse", .since = 1, .title = "Inverse", .category = MATRICES,
  .summary = "The inverses of square matrices.",
  .doc = "`input · output` is the unit matrix. A matrix without inverse is an error." BATCH
         " To solve equations, *MatrixSolve* is faster and more exact.",
  .inputs = GW_PORTS (SQUARE_PORT (".")),
  .outputs = GW_PORTS ({ "output", "T", "The inverses, of the same shape." }),
  .attrs = GW_ATTRS ([INVERSE_ADJOINT] = ADJOINT_ATTR ("to invert"), [INVERSE_T] = T_OR_HALF),
  .flags = GW_OP_IN_FLOAT,
  .shape_rule = "the input's, […, n, n]",
  .shape = square_shape, .grad = gw_inverse_grad, .cpu = inverse_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[2.0, 1], [5, 3]]"), NULL, GW_TEXTS ("[[3.0, -1], [-5, 2]]") },
                           { GW_TEXTS ("[[2.0, 1], [5, 3]]"), "adjoint=true", GW_TEXTS ("[[3.0, -5], [-1, 2]]") }),
  .tell = GW_CHOICES ("adjoint"),
};

static const GwOpDef solve = {
  .name = "MatrixSolve", .since = 1, .title = "Solve linear equations", .category = MATRICES,
  .summary = "Solves matrix · output = rhs.",
  .doc = "Each column of rhs is a right-hand side, each column of the output its solution. By Gaussian elimination with "
         "pivots; a matrix that cannot be inverted is an error. The batches of both must be equal.",
  .inputs = GW_PORTS ({ "matrix", "T", "Square matrices, … × n × n." }, { "rhs", "T", "Right-hand sides, … × n × k." }),
  .outputs = GW_PORTS ({ "output", "T", "The solutions, … × n × k." }),
  .attrs = GW_ATTRS ([INVERSE_ADJOINT] = ADJOINT_ATTR ("the equations are those of"), [INVERSE_T] = T_ATTR),
  .shape_rule = "matrix […, n, n] and rhs […, n, k] give […, n, k]",
  .shape = solve_shape, .grad = gw_solve_grad, .cpu = solve_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[2.0, 1], [5, 3]]", "[[4.0], [11]]"), NULL, GW_TEXTS ("[[1.0], [2]]") },
                           { GW_TEXTS ("[[2.0, 1], [5, 3]]", "[[4.0], [11]]"), "adjoint=true", GW_TEXTS ("[[-43.0], [18]]") }),
  .tell = GW_CHOICES ("adjoint"),
};

static const GwOpDef triangular_solve = {
  .name = "MatrixTriangularSolve", .since = 1, .title = "Solve triangular equations", .category = MATRICES,
  .summary = "Solves matrix · output = rhs, one triangle of the matrix counting.",
  .doc = "What stands in the other triangle is not looked at. Fast: each unknown follows from those before it. A 0 on the "
         "diagonal gives infinity or NaN. The batches are broadcast.",
  .inputs = GW_PORTS ({ "matrix", "T", "Square matrices, … × n × n." }, { "rhs", "T", "Right-hand sides, … × n × k." }),
  .outputs = GW_PORTS ({ "output", "T", "The solutions, … × n × k." }),
  .attrs = GW_ATTRS (
    [TRIANGULAR_LOWER] = { "lower", GW_ATTR_BOOL, .def = "true", .label = "Lower triangle",
                           .help = "Whether the lower triangle counts, else the upper." },
    [TRIANGULAR_ADJOINT] = ADJOINT_ATTR ("the equations are those of"), [TRIANGULAR_T] = T_ATTR),
  .shape_rule = "matrix […, n, n] and rhs […, n, k] give […, n, k]; the dimensions in front broadcast",
  .shape = triangular_solve_shape, .grad = gw_triangular_solve_grad, .cpu = triangular_solve_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[2.0, 9], [4, 1]]", "[[4.0], [11]]"), NULL, GW_TEXTS ("[[2.0], [3]]") },
    { GW_TEXTS ("[[2.0, 3], [9, 1]]", "[[[7.0], [1]], [[3], [1]]]"), "lower=false", GW_TEXTS ("[[[2.0], [1]], [[0], [1]]]") },
    { GW_TEXTS ("[[2.0, 9], [4, 1]]", "[[4.0], [1]]"), "adjoint=true", GW_TEXTS ("[[0.0], [1]]") }),
  .tell = GW_CHOICES ("lower", "adjoint"),
};

static const GwOpDef cholesky = {
  .name = "Cholesky", .since = 1, .title = "Cholesky factor", .category = DECOMPOSITIONS,
  .summary = "The lower triangles whose products with their transposes are the matrices.",
  .doc = "`input = output · outputᵀ`: `[[4, 2], [2, 5]]` gives `[[2, 0], [1, 2]]`. Only the lower triangle of the input is read; it must be that of a symmetric (Hermitian where complex), "
         "positive definite matrix, else the result is NaN." BATCH "\n\nThe gradient is symmetric: it counts an element and its mirror image "
         "as one.",
  .inputs = GW_PORTS (SQUARE_PORT (", symmetric and positive definite.")),
  .outputs = GW_PORTS ({ "output", "T", "Lower triangles, of the same shape." }),
  .attrs = GW_ATTRS (T_ATTR),
  .shape_rule = "the input's, […, n, n]",
  .shape = square_shape, .grad = gw_cholesky_grad, .cpu = cholesky_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[[4.0]], [[9.0]]]"), NULL, GW_TEXTS ("[[[2.0]], [[3.0]]]") }),
};

static const GwOpDef cholesky_backward = {
  .name = "CholeskyGrad", .since = 1, .title = "Gradient of Cholesky", .category = DECOMPOSITIONS,
  .summary = "The gradient of the Cholesky factor, in one op.",
  .doc = "For graphs made by older versions: the gradient of *Cholesky* itself is built from triangular solutions.",
  .inputs = GW_PORTS ({ "l", "T", "The factor, … × n × n." }, { "grad", "T", "Its gradient; the lower triangle counts." }),
  .outputs = GW_PORTS ({ "output", "T", "The gradient for the input, symmetric." }),
  .attrs = GW_ATTRS (T_OF (GW_FLOAT_TYPES)),
  .flags = GW_OP_HIDDEN | GW_OP_NO_GRADIENT,
  .shape_rule = "that of both inputs, […, n, n]",
  .shape = two_squares_shape, .cpu = cholesky_backward_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[2.0, 0], [1, 2]]", "[[1.0, 0], [0, 1]]"), NULL,
                             GW_TEXTS ("[[0.3125, -0.125], [-0.125, 0.25]]") }),
};

static const GwOpDef qr = {
  .name = "Qr", .since = 1, .title = "QR factors", .category = DECOMPOSITIONS,
  .summary = "Matrices as products of orthogonal and upper triangular ones.",
  .doc = "`input = q · r`: the columns of q are of length 1 and at right angles, r is upper triangular. An m × n matrix gives "
         "q of m × p and r of p × n, p = min (m, n); with *Full matrices* p = m." BATCH,
  .inputs = GW_PORTS ({ "input", "T", "Matrices, … × m × n." }),
  .outputs = GW_PORTS ({ "q", "T", "Orthogonal columns, … × m × p." }, { "r", "T", "Upper triangles, … × p × n." }),
  .attrs = GW_ATTRS (
    [QR_FULL] = { "full_matrices", GW_ATTR_BOOL, .def = "false", .label = "Full matrices", .help = "Whether q is square." },
    [QR_T] = T_OR_HALF),
  .flags = GW_OP_IN_FLOAT,
  .shape_rule = "[…, m, n] gives q […, m, p] and r […, p, n], p being min (m, n), or m with full_matrices",
  .shape = qr_shape, .grad = gw_qr_grad, .cpu = qr_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[3.0, 5], [4, 0]]"), NULL, GW_TEXTS ("[[-0.6, -0.8], [-0.8, 0.6]]", "[[-5.0, -3], [0, -4]]") },
    { GW_TEXTS ("[[3.0], [4]]"), "full_matrices=true", GW_TEXTS ("[[-0.6, -0.8], [-0.8, 0.6]]", "[[-5.0], [0]]") }),
  .tell = GW_CHOICES ("full_matrices"),
};

static const GwOpDef svd = {
  .name = "Svd", .since = 1, .title = "Singular values", .category = DECOMPOSITIONS,
  .summary = "Matrices as products of a rotation, a scaling and a rotation.",
  .doc = "`input = u · diag (s) · vᵀ`: s holds the singular values, falling; the columns of u and v are of length 1 and at right "
         "angles. Note that v comes out, not its transpose (its adjoint where complex). A column of u and the same of v may both have the other sign; "
         "which is not settled." BATCH "\n\nThe gradient is infinite where singular values are equal.",
  .inputs = GW_PORTS ({ "input", "T", "Matrices, … × m × n." }),
  .outputs = GW_PORTS ({ "s", "T", "Singular values, … × p, p = min (m, n)." },
                       { "u", "T", "… × m × p; empty when not computed." }, { "v", "T", "… × n × p; empty when not computed." }),
  .attrs = GW_ATTRS (
    [SVD_COMPUTE_UV] = { "compute_uv", GW_ATTR_BOOL, .def = "true", .label = "Compute u and v",
                         .help = "Whether the rotations are wanted; without them it is faster." },
    [SVD_FULL] = { "full_matrices", GW_ATTR_BOOL, .def = "false", .label = "Full matrices",
                   .help = "Whether u and v are square.", .visible_if = "compute_uv=true" },
    [SVD_T] = T_ATTR),
  .shape_rule = "[…, m, n] gives s […, p], u […, m, p] and v […, n, p], p being min (m, n); with full_matrices u "
                "[…, m, m] and v […, n, n]",
  .shape = svd_shape, .grad = gw_svd_grad, .cpu = svd_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[3.0, 0], [4, 0], [0, 2]]"), "compute_uv=false", GW_TEXTS ("[5.0, 2]", "[]", "[]") },
    { GW_TEXTS ("[[1.5, 2], [-1, 0.5], [0.25, 2]]"), NULL, NULL }),
  .tell = GW_CHOICES ("compute_uv", "full_matrices"),
};

static const GwOpDef eigen = {
  .name = "SelfAdjointEigV2", .since = 1, .title = "Eigenvalues of symmetric matrices", .category = DECOMPOSITIONS,
  .summary = "Eigenvalues and eigenvectors of symmetric matrices, Hermitian where complex.",
  .doc = "`input · v[:, i] = e[i] · v[:, i]`, the eigenvalues rising. Only the lower triangle is read. A vector may have the other "
         "sign; which is not settled." BATCH "\n\nThe gradient is infinite where eigenvalues are equal.",
  .inputs = GW_PORTS (SQUARE_PORT (", symmetric.")),
  .outputs = GW_PORTS ({ "e", "T", "Eigenvalues, … × n." },
                       { "v", "T", "Eigenvectors, the columns, … × n × n; empty when not computed." }),
  .attrs = GW_ATTRS (
    [EIGEN_COMPUTE_V] = { "compute_v", GW_ATTR_BOOL, .def = "true", .label = "Compute vectors",
                          .help = "Whether eigenvectors are wanted; without them it is faster." },
    [EIGEN_T] = T_ATTR),
  .shape_rule = "e is […, n], v […, n, n] ([0] without compute_v)",
  .shape = eigen_shape, .grad = gw_eigen_grad, .cpu = eigen_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[2.0, 1], [1, 2]]"), "compute_v=false", GW_TEXTS ("[1.0, 3]", "[]") },
    { GW_TEXTS ("[[4.0, 1, 0], [1, 2, 0.5], [0, 0.5, 1]]"), NULL, NULL }),
  .tell = GW_CHOICES ("compute_v"),
};

static const GwOpDef least_squares = {
  .name = "MatrixSolveLs", .since = 1, .title = "Solve by least squares", .category = MATRICES,
  .summary = "The outputs for which matrix · output comes nearest to rhs.",
  .doc = "More equations than unknowns: the smallest ‖matrix · output - rhs‖² + l2_regularizer · ‖output‖². Fewer: the "
         "smallest output that solves them. *Fast* goes by the normal equations and Cholesky's factor, which loses digits "
         "when columns are nearly dependent; otherwise by singular values, which leaves l2_regularizer out.",
  .inputs = GW_PORTS ({ "matrix", "T", "Matrices, … × m × n." }, { "rhs", "T", "Right-hand sides, … × m × k." },
                      { "l2_regularizer", "float64", "0 or more: how much large solutions cost.", .literal = "0.0" }),
  .outputs = GW_PORTS ({ "output", "T", "The solutions, … × n × k." }),
  .attrs = GW_ATTRS (
    [LEAST_SQUARES_T] = T_ATTR,
    [LEAST_SQUARES_FAST] = { "fast", GW_ATTR_BOOL, .def = "true", .label = "Fast",
                             .help = "Whether to go by the normal equations." }),
  .shape_rule = "matrix […, m, n] and rhs […, m, k] give […, n, k]",
  .shape = least_squares_shape, .grad = gw_least_squares_grad, .cpu = least_squares_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1.0, 0], [1, 1], [1, 2]]", "[[1.0], [3], [5]]", "0.0"), NULL, GW_TEXTS ("[[1.0], [2]]") },
    { GW_TEXTS ("[[1.0, 2, 2]]", "[[9.0]]", "0.0"), NULL, GW_TEXTS ("[[1.0], [2], [2]]") },
    { GW_TEXTS ("[[1.0, 1], [1, 1]]", "[[1.0], [3]]", "0.0"), "fast=false", GW_TEXTS ("[[1.0], [1]]") }),
  .tell = GW_CHOICES ("fast"),
};

static const GwOpDef cross = {
  .name = "Cross", .since = 1, .title = "Cross product", .category = MATRICES,
  .summary = "The vectors at right angles to two others.",
  .doc = "`product = a × b`: vectors of three along the last dimension. Its length is the area between them; of parallel "
         "vectors it is 0.",
  .inputs = GW_PORTS ({ "a", "T", "Vectors, … × 3." }, { "b", "T", "Vectors, … × 3, of the same shape." }),
  .outputs = GW_PORTS ({ "product", "T", "a × b, … × 3." }),
  .attrs = GW_ATTRS ({ "T", GW_ATTR_DTYPE, .label = "Type", .help = "Element type; follows from what is wired.",
                       .choices = GW_CHOICES ("float32", "float64", "int32", "int64", "uint8", "int8", "int16", "uint16",
                                              "uint32", "uint64", "bfloat16", "float16"),
                       .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }),
  .flags = GW_OP_IN_FLOAT,
  .shape_rule = "that of both inputs, which must agree; the last dimension is 3",
  .shape = cross_shape, .grad = gw_cross_grad, .cpu = gw_cpu_cross,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1.0, 0, 0]", "[0.0, 1, 0]"), NULL, GW_TEXTS ("[0.0, 0, 1]") },
                           { GW_TEXTS ("[[1, 2, 3]]", "[[4, 5, 6]]"), NULL, GW_TEXTS ("[[-3, 6, -3]]") }),
};

const GwOpDef *const gw_ops_linear_algebra[] = {
  &determinant, &log_determinant, &inverse, &solve, &triangular_solve, &least_squares, &cholesky, &cholesky_backward,
  &qr, &svd, &eigen, &cross, NULL,
};
