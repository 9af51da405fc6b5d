/* SPDX-License-Identifier: Apache-2.0 */
/* Diagonals of matrices and tensors. The nine Matrix…Diag… ops of TensorFlow's three
 * generations are one mechanism: a band of diagonals, held in the rows of another tensor
 * and padded to one length at its left or its right. */
#include "engine/base/error.h"
#include "engine/device/cpu/copy.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

/* ---- Diag and DiagPart: tensors of twice the rank ---- */

static gboolean
diag_shape (GwShapeContext *context,
            GError        **error)
{
  const GwShape *in = &context->inputs[0];
  GwShape *out = &context->outputs[0];

  if (!gw_shape_want_rank_at_least (context, 0, 1, error))
    return FALSE;
  if (in->rank < 0)
    return TRUE;
  if (!gw_array_check_rank (2 * in->rank, error))
    return FALSE;
  *out = *in;
  out->rank = 2 * in->rank;
  for (int i = 0; i < in->rank; i++)
    out->dims[in->rank + i] = in->dims[i];
  return gw_array_check_size (out, error);
}

static gboolean
diag_cpu (GwKernelContext *context,
          GError         **error)
{
  const GwTensor *input = context->inputs[0];
  GwTensor *output = context->outputs[0];
  GwStridedCopy box = { 0 };

  gw_array_clear (context, output);
  gw_strided_copy_append (&box, input->elements, 1, input->elements + 1);
  gw_strided_copy_run (context, &box, input->dtype, input->data, output->data);
  return TRUE;
}

static void
diag_grad (GwGradContext *context)
{
  context->dx[0] = gw_op1 (context->builder, "DiagPart", context->dy[0]);
}

#define DIAG_TYPES GW_CHOICES ("float32", "float64", "float16", "bfloat16", "int32", "int64", "complex64", "complex128")

static const GwOpDef diag_op = {
  .name = "Diag", .since = 1, .title = "Diagonal tensor", .category = "arrays/Diagonals",
  .summary = "Zeros with the given elements on the diagonal.",
  .doc = "A vector of n becomes a matrix of n × n. In general the result has twice the rank, and element (i, …, i, …) is "
         "element (i, …) of the input. For a batch of matrices use MatrixDiag.",
  .inputs = GW_PORTS ({ "diagonal", "T", "The diagonal; at most rank 4." }),
  .outputs = GW_PORTS ({ "output", "T", "The input's shape twice over." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_TYPE ("T", DIAG_TYPES)),
  .shape_rule = "the input's dimensions twice over",
  .shape = diag_shape, .grad = diag_grad, .cpu = diag_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1.5, 2.5]"), NULL, GW_TEXTS ("[[1.5, 0.0], [0.0, 2.5]]") }),
};

static gboolean
diag_part_shape (GwShapeContext *context,
                 GError        **error)
{
  const GwShape *in = &context->inputs[0];
  GwShape first, second;

  if (in->rank < 0)
    return TRUE;
  if (in->rank == 0 || in->rank % 2 != 0)
    return gw_invalid (error, "input must have even and non-zero rank, but its rank is %d", in->rank);
  first = gw_shape_from_dims (in->rank / 2, in->dims);
  second = gw_shape_from_dims (in->rank / 2, in->dims + in->rank / 2);
  return gw_array_merge (&first, &second, "the two halves of input's shape", &context->outputs[0], error);
}

static gboolean
diag_part_cpu (GwKernelContext *context,
               GError         **error)
{
  const GwTensor *input = context->inputs[0];
  GwTensor *output = context->outputs[0];
  GwStridedCopy box = { 0 };

  gw_strided_copy_append (&box, output->elements, output->elements + 1, 1);
  gw_strided_copy_run (context, &box, input->dtype, input->data, output->data);
  return TRUE;
}

static void
diag_part_grad (GwGradContext *context)
{
  context->dx[0] = gw_op1 (context->builder, "Diag", context->dy[0]);
}

static const GwOpDef diag_part_op = {
  .name = "DiagPart", .since = 1, .title = "Diagonal of a tensor", .category = "arrays/Diagonals",
  .summary = "The diagonal of a square matrix, or of a tensor whose shape is one shape twice over.",
  .doc = "What Diag undoes: element (i, …) of the result is element (i, …, i, …) of the input.",
  .inputs = GW_PORTS ({ "input", "T", "A tensor of even rank whose halves agree in shape." }),
  .outputs = GW_PORTS ({ "diagonal", "T", "Its diagonal, of half the rank." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_TYPE ("T", DIAG_TYPES)),
  .shape_rule = "the first half of the dimensions, which must equal the second half",
  .shape = diag_part_shape, .grad = diag_part_grad, .cpu = diag_part_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[1.5, 9.0], [8.0, 2.5]]"), NULL, GW_TEXTS ("[1.5, 2.5]") }),
};

/* ---- bands of diagonals ---- */

/* Diagonals lower … upper of matrices: 0 is the main one, those above are positive. */
typedef struct {
  int64_t  lower, upper;
  gboolean right_above, right_below; /* short diagonals stand at the right of their row */
} Band;

static Band
band_of (const GwOpDef     *def,
         const GwAttrValue *attrs,
         const GwTensor    *k)
{
  int align = gw_attr_defs_find (def->attrs, "align");
  Band band = { 0 };

  if (k != NULL && k->elements > 0)
    {
      band.lower = gw_tensor_get_int (k, 0);
      band.upper = gw_tensor_get_int (k, k->elements - 1);
    }
  if (align >= 0)
    {
      band.right_above = g_str_has_prefix (attrs[align].s, "RIGHT");
      band.right_below = g_str_has_suffix (attrs[align].s, "RIGHT");
    }
  return band;
}

static gboolean
check_k (GwShapeContext *context,
         int             input,
         const GwTensor *k,
         GError        **error)
{
  const GwShape *shape = &context->inputs[input];

  if (shape->rank > 1)
    return gw_invalid (error, "k must be a scalar or a vector, but is rank %d", shape->rank);
  if (shape->rank == 1 && shape->dims[0] >= 0 && (shape->dims[0] < 1 || shape->dims[0] > 2))
    return gw_invalid (error, "k must have one or two elements, not %" G_GINT64_FORMAT, shape->dims[0]);
  if (k != NULL && k->elements == 2 && gw_tensor_get_int (k, 0) > gw_tensor_get_int (k, 1))
    return gw_invalid (error, "lower_diag_index must not be larger than upper_diag_index: k = [%" G_GINT64_FORMAT ", %"
                       G_GINT64_FORMAT "]", gw_tensor_get_int (k, 0), gw_tensor_get_int (k, 1));
  return TRUE;
}

/* Length of diagonal d of a matrix. */
static int64_t
diagonal_length (int64_t rows,
                 int64_t cols,
                 int64_t d)
{
  return MAX (0, MIN (rows + MIN (d, 0), cols - MAX (d, 0)));
}

static int64_t
longest (const Band *band,
         int64_t     rows,
         int64_t     cols)
{
  return MIN (rows + MIN (band->upper, 0), cols - MAX (band->lower, 0));
}

/* The diagonals must lie within the matrix; diagonal 0 is there even in an empty one. */
static gboolean
check_band (const Band *band,
            int64_t     rows,
            int64_t     cols,
            GError    **error)
{
  const int64_t bounds[] = { band->lower, band->upper };

  for (int i = 0; i < 2; i++)
    if (bounds[i] != 0 && ((rows >= 0 && bounds[i] <= -rows) || (cols >= 0 && bounds[i] >= cols)))
      return gw_invalid (error, "%s is out of bound: %" G_GINT64_FORMAT " for matrices of %" G_GINT64_FORMAT " rows and %"
                         G_GINT64_FORMAT " columns", i == 0 ? "lower_diag_index" : "upper_diag_index", bounds[i], rows, cols);
  return TRUE;
}

/* Copies the diagonals of a batch of matrices: out of them, or into them. `packed` holds
 * them as [batch, (number,) longest]. */
static void
copy_band (GwKernelContext *context,
           const Band      *band,
           GwTensor        *matrices,
           GwTensor        *packed,
           int64_t          length,
           gboolean         into_matrices)
{
  const GwShape *shape = &matrices->shape;
  int64_t rows = shape->dims[shape->rank - 2], cols = shape->dims[shape->rank - 1];
  int64_t batch = gw_shape_span (shape, 0, shape->rank - 2);
  int64_t number = band->upper - band->lower + 1;

  for (int64_t d = MIN (band->upper, cols - 1); d >= MAX (band->lower, 1 - rows) && matrices->elements > 0; d--)
    {
      int64_t n = diagonal_length (rows, cols, d);
      gboolean right = d > 0 ? band->right_above : d < 0 ? band->right_below : band->right_above && band->right_below;
      int64_t in_packed = (band->upper - d) * length + (right ? length - n : 0);
      int64_t in_matrix = MAX (-d, 0) * cols + MAX (d, 0);
      GwStridedCopy box = { 0 };
      void *from = gw_element_at ((into_matrices ? packed : matrices)->data, matrices->dtype,
                                  into_matrices ? in_packed : in_matrix);
      void *to = gw_element_at ((into_matrices ? matrices : packed)->data, matrices->dtype,
                                into_matrices ? in_matrix : in_packed);

      gw_strided_copy_append (&box, batch, into_matrices ? number * length : rows * cols,
                              into_matrices ? rows * cols : number * length);
      gw_strided_copy_append (&box, n, into_matrices ? 1 : cols + 1, into_matrices ? cols + 1 : 1);
      gw_strided_copy_run (context, &box, matrices->dtype, from, to);
    }
}

/* ---- shapes ---- */

/* Shape of what holds the band of matrices of this shape. */
static gboolean
packed_shape (const Band    *band,
              const GwShape *matrices,
              GwShape       *packed,
              GError       **error)
{
  int64_t rows = matrices->dims[matrices->rank - 2], cols = matrices->dims[matrices->rank - 1];

  if (!check_band (band, rows, cols, error))
    return FALSE;
  *packed = gw_shape_from_dims (matrices->rank - 2, matrices->dims);
  if (band->upper != band->lower)
    packed->dims[packed->rank++] = band->upper - band->lower + 1;
  packed->dims[packed->rank++] = rows < 0 || cols < 0 ? GW_DIM_UNKNOWN : longest (band, rows, cols);
  return TRUE;
}

/* Rows and columns that were asked for, or the fewest that hold the band: both when
 * neither was given, so that the matrix is square. */
static gboolean
matrix_sizes (const Band *band,
              int64_t     length,
              int64_t    *rows,
              int64_t    *cols,
              GError    **error)
{
  int64_t least_rows = length - MIN (band->upper, 0);
  int64_t least_cols = length + MAX (band->lower, 0);

  if (*rows != -1 && *rows < least_rows)
    return gw_invalid (error, "The number of rows is too small: num_rows = %" G_GINT64_FORMAT " < %" G_GINT64_FORMAT,
                       *rows, least_rows);
  if (*cols != -1 && *cols < least_cols)
    return gw_invalid (error, "The number of columns is too small: num_cols = %" G_GINT64_FORMAT " < %" G_GINT64_FORMAT,
                       *cols, least_cols);
  if (*rows == -1 && *cols == -1)
    *rows = *cols = MAX (least_rows, least_cols);
  else if (*rows == -1)
    *rows = least_rows;
  else if (*cols == -1)
    *cols = least_cols;
  if (*rows != least_rows && *cols != least_cols)
    return gw_invalid (error, "The number of rows or columns is not consistent with the specified k and diagonal: %"
                       G_GINT64_FORMAT " × %" G_GINT64_FORMAT, *rows, *cols);
  return TRUE;
}

/* Inputs of the V2 and V3 forms of MatrixDiag. */
enum { MAKE_DIAGONAL, MAKE_K, MAKE_ROWS, MAKE_COLS, MAKE_PADDING };

/* num_rows and num_cols; *known when both are, and everything else that counts. */
static gboolean
read_sizes (GwShapeContext *context,
            int64_t        *rows,
            int64_t        *cols,
            gboolean       *known,
            GError        **error)
{
  gboolean has_rows = TRUE, has_cols = TRUE;

  *rows = -1;
  *cols = -1;
  if (context->n_inputs > 1 &&
      (!check_k (context, MAKE_K, gw_shape_input_value (context, MAKE_K), error) ||
       !gw_array_input_int (context, MAKE_ROWS, &has_rows, rows, error) ||
       !gw_array_input_int (context, MAKE_COLS, &has_cols, cols, error) ||
       !gw_array_want_scalar (context, MAKE_PADDING, error)))
    return FALSE;
  *known = context->n_inputs == 1 || (gw_shape_input_value (context, MAKE_K) != NULL && has_rows && has_cols);
  if (*known && (*rows < -1 || *cols < -1))
    return gw_invalid (error, "num_rows and num_cols must be -1 or a size, not %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT,
                       *rows, *cols);
  return TRUE;
}

static gboolean
matrix_diag_shape (GwShapeContext *context,
                   GError        **error)
{
  const GwShape *in = &context->inputs[0];
  GwShape *out = &context->outputs[0];
  int64_t rows, cols, length;
  gboolean known;
  Band band;

  if (!read_sizes (context, &rows, &cols, &known, error) || !gw_shape_want_rank_at_least (context, 0, 1, error))
    return FALSE;
  if (!known || in->rank < 0)
    return TRUE;
  band = band_of (context->def, context->attrs, gw_shape_input_value (context, MAKE_K));
  length = in->dims[in->rank - 1];
  *out = *in;
  if (band.lower != band.upper)
    {
      if (in->rank < 2)
        return gw_invalid (error, "diagonal must be at least rank 2 for a band of diagonals, but is rank %d", in->rank);
      if (in->dims[in->rank - 2] >= 0 && in->dims[in->rank - 2] != band.upper - band.lower + 1)
        return gw_invalid (error, "The number of rows of diagonal, %" G_GINT64_FORMAT ", is not that of the diagonals k = [%"
                           G_GINT64_FORMAT ", %" G_GINT64_FORMAT "]", in->dims[in->rank - 2], band.lower, band.upper);
      out->rank--;
    }
  if (!gw_array_check_rank (out->rank + 1, error))
    return FALSE;
  if (length >= 0 && !matrix_sizes (&band, length, &rows, &cols, error))
    return FALSE;
  out->dims[out->rank - 1] = length >= 0 ? rows : GW_DIM_UNKNOWN;
  out->dims[out->rank++] = length >= 0 ? cols : GW_DIM_UNKNOWN;
  return gw_array_check_size (out, error);
}

static gboolean
matrix_diag_part_shape (GwShapeContext *context,
                        GError        **error)
{
  const GwShape *in = &context->inputs[0];
  const GwTensor *k = gw_shape_input_value (context, 1);
  Band band;

  if (!gw_shape_want_rank_at_least (context, 0, 2, error) ||
      (context->n_inputs > 1 && (!check_k (context, 1, k, error) || !gw_array_want_scalar (context, 2, error))))
    return FALSE;
  if (in->rank < 0 || (context->n_inputs > 1 && k == NULL))
    return TRUE;
  band = band_of (context->def, context->attrs, k);
  return packed_shape (&band, in, &context->outputs[0], error) && gw_array_check_size (&context->outputs[0], error);
}

static gboolean
matrix_set_diag_shape (GwShapeContext *context,
                       GError        **error)
{
  const GwShape *in = &context->inputs[0], *diagonal = &context->inputs[1];
  const GwTensor *k = gw_shape_input_value (context, 2);
  GwShape wanted, back;
  Band band;

  if (!gw_shape_want_rank_at_least (context, 0, 2, error) || !gw_shape_want_rank_at_least (context, 1, 1, error) ||
      (context->n_inputs > 2 && !check_k (context, 2, k, error)))
    return FALSE;
  context->outputs[0] = *in;
  if (in->rank < 0 || diagonal->rank < 0 || (context->n_inputs > 2 && k == NULL))
    return TRUE;
  band = band_of (context->def, context->attrs, k);
  if (!packed_shape (&band, in, &wanted, error) ||
      !gw_array_merge (&wanted, diagonal, "input's diagonals and diagonal", &back, error))
    return FALSE;
  for (int i = 0; i < in->rank - 2; i++)
    context->outputs[0].dims[i] = back.dims[i];
  return TRUE;
}

/* ---- kernels ---- */

static const GwOpDef matrix_diag_op, matrix_diag_v2_op, matrix_diag_v3_op;
static const GwOpDef matrix_diag_part_op, matrix_diag_part_v2_op, matrix_diag_part_v3_op;
static const GwOpDef matrix_set_diag_op, matrix_set_diag_v2_op, matrix_set_diag_v3_op;

/* Fills with the scalar of input `padding`, or zeros where the op has none. */
static void
fill_padding (GwKernelContext *context,
              int              padding)
{
  GwTensor *output = context->outputs[0];

  if (context->n_inputs > padding)
    gw_fill_elements (context, output->dtype, context->inputs[padding]->data, output->data, output->elements);
  else
    gw_array_clear (context, output);
}

static gboolean
run_matrix_diag (GwKernelContext *context,
                 const GwOpDef   *def,
                 GError         **error)
{
  GwTensor *diagonal = context->inputs[0];
  Band band;

  if (!gw_array_prepare (context, def, error))
    return FALSE;
  band = band_of (def, context->attrs, context->n_inputs > 1 ? context->inputs[MAKE_K] : NULL);
  fill_padding (context, MAKE_PADDING);
  copy_band (context, &band, context->outputs[0], diagonal, diagonal->shape.dims[diagonal->shape.rank - 1], TRUE);
  return TRUE;
}

static gboolean
run_matrix_diag_part (GwKernelContext *context,
                      const GwOpDef   *def,
                      GError         **error)
{
  GwTensor *output;
  Band band;

  if (!gw_array_prepare (context, def, error))
    return FALSE;
  output = context->outputs[0];
  band = band_of (def, context->attrs, context->n_inputs > 1 ? context->inputs[1] : NULL);
  fill_padding (context, 2);
  copy_band (context, &band, context->inputs[0], output, output->shape.dims[output->shape.rank - 1], FALSE);
  return TRUE;
}

static gboolean
run_matrix_set_diag (GwKernelContext *context,
                     const GwOpDef   *def,
                     GError         **error)
{
  GwTensor *diagonal = context->inputs[1];
  GwTensor *output;
  Band band;

  if (!gw_array_prepare (context, def, error))
    return FALSE;
  output = context->outputs[0];
  band = band_of (def, context->attrs, context->n_inputs > 2 ? context->inputs[2] : NULL);
  gw_copy_elements (context, output->dtype, context->inputs[0]->data, output->data, output->elements);
  copy_band (context, &band, output, diagonal, diagonal->shape.dims[diagonal->shape.rank - 1], TRUE);
  return TRUE;
}

#define KERNEL(NAME, RUN)                                                 \
  static gboolean                                                         \
  NAME##_cpu (GwKernelContext *context, GError **error)                   \
  {                                                                       \
    return RUN (context, &NAME##_op, error);                              \
  }

KERNEL (matrix_diag, run_matrix_diag)
KERNEL (matrix_diag_v2, run_matrix_diag)
KERNEL (matrix_diag_v3, run_matrix_diag)
KERNEL (matrix_diag_part, run_matrix_diag_part)
KERNEL (matrix_diag_part_v2, run_matrix_diag_part)
KERNEL (matrix_diag_part_v3, run_matrix_diag_part)
KERNEL (matrix_set_diag, run_matrix_set_diag)
KERNEL (matrix_set_diag_v2, run_matrix_set_diag)
KERNEL (matrix_set_diag_v3, run_matrix_set_diag)

/* ---- gradients ---- */

/* The op of this generation ("MatrixDiagPart" + "V3") over `inputs`. */
static GwOutput
same_generation (GwGradContext  *context,
                 const char     *base,
                 int             n_inputs,
                 const GwOutput *inputs)
{
  const char *own = context->node->def->name;
  const char *version = g_str_has_suffix (own, "V2") ? "V2" : g_str_has_suffix (own, "V3") ? "V3" : "";
  g_autofree char *op = g_strconcat (base, version, NULL);

  return gw_array_op_like (context, op, n_inputs, inputs);
}

/* The diagonals of `matrices`, as the node has its k at input `k` (-1 = none). */
static GwOutput
part_of (GwGradContext *context,
         GwOutput       matrices,
         int            k)
{
  if (k < 0)
    return same_generation (context, "MatrixDiagPart", GW_IN (matrices));
  return same_generation (context, "MatrixDiagPart",
                          GW_IN (matrices, gw_grad_x (context, k), gw_const_like (context->builder, matrices, 0)));
}

static GwOutput
set_in (GwGradContext *context,
        GwOutput       matrices,
        GwOutput       diagonal,
        int            k)
{
  if (k < 0)
    return same_generation (context, "MatrixSetDiag", GW_IN (matrices, diagonal));
  return same_generation (context, "MatrixSetDiag", GW_IN (matrices, diagonal, gw_grad_x (context, k)));
}

static void
matrix_diag_grad (GwGradContext *context)
{
  context->dx[0] = part_of (context, context->dy[0], context->node->n_inputs > 1 ? MAKE_K : -1);
}

static void
matrix_diag_part_grad (GwGradContext *context)
{
  GwOutput zeros = gw_op1 (context->builder, "ZerosLike", gw_grad_x (context, 0));

  context->dx[0] = set_in (context, zeros, context->dy[0], context->node->n_inputs > 1 ? 1 : -1);
}

static void
matrix_set_diag_grad (GwGradContext *context)
{
  int k = context->node->n_inputs > 2 ? 2 : -1;
  GwOutput diagonal = part_of (context, context->dy[0], k);

  if (context->wanted[0])
    context->dx[0] = set_in (context, context->dy[0], gw_op1 (context->builder, "ZerosLike", diagonal), k);
  context->dx[1] = diagonal;
}

/* ---- descriptors ---- */

#define BAND_TYPE GW_ARRAY_ATTR_TYPE ("T", GW_PLAIN_TYPES)
#define ALIGN                                                                                                  \
  { "align", GW_ATTR_CHOICE, .def = "RIGHT_LEFT",                                                              \
    .choices = GW_CHOICES ("LEFT_RIGHT", "RIGHT_LEFT", "LEFT_LEFT", "RIGHT_RIGHT"), .label = "Align",          \
    .help = "Where diagonals shorter than the longest stand in their rows: RIGHT_LEFT = those above the main one at " \
            "the right end, those below it at the left." }
#define K_PORT                                                                                                 \
  { "k", "int32", "Which diagonals: one number, or [lowest, highest]; 0 is the main one, those above are positive.", \
    .literal = "0" }
#define PADDING_PORT(help) { "padding_value", "T", help, .literal = "0" }

#define MATRIX_DIAG_DOC                                                                                        \
  "A vector becomes a square matrix with it on the diagonal; what stands before the last dimension are batches."
#define MATRIX_DIAG_PORTS                                                                                      \
  GW_PORTS ({ "diagonal", "T", "The diagonals; for several of them, one in each row, the highest first." }, K_PORT, \
            { "num_rows", "int32", "Rows of the matrix; -1 = as few as hold it.", .literal = "-1" },           \
            { "num_cols", "int32", "Columns of the matrix; -1 = as few as hold it.", .literal = "-1" },        \
            PADDING_PORT ("What stands beside the diagonals."))
#define MATRIX_DIAG(NAME, TYPE, TITLE, FLAGS, SUMMARY, DOC, INPUTS, ATTRS, EXAMPLES)                           \
  static const GwOpDef NAME##_op = {                                                                            \
    .name = TYPE, .since = 1, .title = TITLE, .category = "arrays/Diagonals", .summary = SUMMARY, .doc = DOC,  \
    .inputs = INPUTS, .outputs = GW_PORTS ({ "output", "T", "The matrices." }), .attrs = ATTRS, .flags = FLAGS, \
    .shape_rule = "[…, n] gives […, n, n]; with k, num_rows and num_cols […, rows, columns] as they say", \
    .shape = matrix_diag_shape, .grad = matrix_diag_grad, .cpu = NAME##_cpu, .examples = EXAMPLES,          \
  };


MATRIX_DIAG (matrix_diag, "MatrixDiag", "Diagonal matrices", 0,
             "Matrices with the given vectors on their diagonals, zeros elsewhere.", MATRIX_DIAG_DOC,
             GW_PORTS ({ "diagonal", "T", "The diagonals, along the last dimension." }), GW_ATTRS (BAND_TYPE),
             GW_EXAMPLES ({ GW_TEXTS ("[[1.5, 2.5], [3.5, 4.5]]"), NULL,
                            GW_TEXTS ("[[[1.5, 0.0], [0.0, 2.5]], [[3.5, 0.0], [0.0, 4.5]]]") }))
MATRIX_DIAG (matrix_diag_v2, "MatrixDiagV2", "Band matrices (aligned left)", GW_OP_HIDDEN,
             "Matrices made of any band of diagonals.", "MatrixDiagV3 with all diagonals at the left of their rows.",
             MATRIX_DIAG_PORTS, GW_ATTRS (BAND_TYPE),
             GW_EXAMPLES ({ GW_TEXTS ("[[1.0, 2.0], [3.0, 0.0]]", "[-1, 0]", "-1", "-1", "0.0"), NULL,
                            GW_TEXTS ("[[1.0, 0.0], [3.0, 2.0]]") }))
MATRIX_DIAG (matrix_diag_v3, "MatrixDiagV3", "Band matrices", 0,
             "Matrices made of any band of diagonals.",
             "`k` names one diagonal, or the lowest and the highest of a band. Of a band, row i of `diagonal` is diagonal "
             "`highest - i`; shorter ones are padded, at the side that `align` says, and the padding is not looked at. The "
             "matrix is as small as it can be unless `num_rows` or `num_cols` say more.",
             MATRIX_DIAG_PORTS, GW_ATTRS (BAND_TYPE, ALIGN),
             GW_EXAMPLES ({ GW_TEXTS ("[1.5, 2.5]", "1", "-1", "-1", "9.0"), NULL,
                            GW_TEXTS ("[[9.0, 1.5, 9.0], [9.0, 9.0, 2.5], [9.0, 9.0, 9.0]]") },
                          { GW_TEXTS ("[[0.0, 1.0], [2.0, 3.0], [4.0, 0.0]]", "[-1, 1]", "-1", "-1", "0.0"), NULL,
                            GW_TEXTS ("[[2.0, 1.0], [4.0, 3.0]]") }))

#define MATRIX_DIAG_PART(NAME, TYPE, TITLE, FLAGS, SUMMARY, DOC, INPUTS, ATTRS, EXAMPLES)                      \
  static const GwOpDef NAME##_op = {                                                                           \
    .name = TYPE, .since = 1, .title = TITLE, .category = "arrays/Diagonals", .summary = SUMMARY, .doc = DOC,  \
    .inputs = INPUTS, .outputs = GW_PORTS ({ "diagonal", "T", "The diagonals." }), .attrs = ATTRS, .flags = FLAGS, \
    .shape_rule = "[…, rows, columns] gives […, length] for one diagonal and […, diagonals, longest length] for a " \
                  "band", \
    .shape = matrix_diag_part_shape, .grad = matrix_diag_part_grad, .cpu = NAME##_cpu, .examples = EXAMPLES,   \
  };
#define DIAG_PART_PORTS \
  GW_PORTS ({ "input", "T", "Matrices." }, K_PORT, PADDING_PORT ("What fills the rows of shorter diagonals."))

MATRIX_DIAG_PART (matrix_diag_part, "MatrixDiagPart", "Diagonals of matrices", 0,
                  "The main diagonals of a batch of matrices.",
                  "The last two dimensions are rows and columns and need not be equal: the diagonal is as long as the shorter "
                  "side.",
                  GW_PORTS ({ "input", "T", "Matrices." }), GW_ATTRS (BAND_TYPE),
                  GW_EXAMPLES ({ GW_TEXTS ("[[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]"), NULL, GW_TEXTS ("[1.5, 5.5]") }))
MATRIX_DIAG_PART (matrix_diag_part_v2, "MatrixDiagPartV2", "Bands of matrices (aligned left)", GW_OP_HIDDEN,
                  "Any band of diagonals of a batch of matrices.", "MatrixDiagPartV3 with all diagonals at the left of their rows.",
                  DIAG_PART_PORTS, GW_ATTRS (BAND_TYPE),
                  GW_EXAMPLES ({ GW_TEXTS ("[[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]", "[-1, 0]", "9.0"), NULL,
                                 GW_TEXTS ("[[1.5, 5.5], [4.5, 9.0]]") }))
MATRIX_DIAG_PART (matrix_diag_part_v3, "MatrixDiagPartV3", "Bands of matrices", 0,
                  "Any band of diagonals of a batch of matrices.",
                  "`k` names one diagonal, or the lowest and the highest of a band. A band gives one row for each, the highest "
                  "first; shorter ones are filled up with `padding_value` at the side that `align` says.",
                  DIAG_PART_PORTS, GW_ATTRS (BAND_TYPE, ALIGN),
                  GW_EXAMPLES ({ GW_TEXTS ("[[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]", "1", "0.0"), NULL, GW_TEXTS ("[2.5, 6.5]") },
                               { GW_TEXTS ("[[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]", "[0, 2]", "9.0"), NULL,
                                 GW_TEXTS ("[[9.0, 3.5], [2.5, 6.5], [1.5, 5.5]]") }))

#define MATRIX_SET_DIAG(NAME, TYPE, TITLE, FLAGS, SUMMARY, DOC, INPUTS, ATTRS, EXAMPLES)                       \
  static const GwOpDef NAME##_op = {                                                                           \
    .name = TYPE, .since = 1, .title = TITLE, .category = "arrays/Diagonals", .summary = SUMMARY, .doc = DOC,  \
    .inputs = INPUTS, .outputs = GW_PORTS ({ "output", "T", "The matrices with the new diagonals." }),         \
    .attrs = ATTRS, .flags = FLAGS,                                                                            \
    .shape_rule = "the input's […, rows, columns]; the diagonal is […, min (rows, columns)], of a band […, " \
                  "diagonals, longest length]", \
    .shape = matrix_set_diag_shape, .grad = matrix_set_diag_grad, .cpu = NAME##_cpu, .examples = EXAMPLES,     \
  };
#define SET_DIAG_PORTS                                                                                         \
  GW_PORTS ({ "input", "T", "Matrices." }, { "diagonal", "T", "The diagonals, as MatrixDiagPart gives them." }, K_PORT)

MATRIX_SET_DIAG (matrix_set_diag, "MatrixSetDiag", "Set diagonals", 0,
                 "Replaces the main diagonals of a batch of matrices.",
                 "Everything beside the diagonal stays. Regularisers and covariance matrices are made with it.",
                 GW_PORTS ({ "input", "T", "Matrices." },
                           { "diagonal", "T", "The new diagonals, as long as the shorter side of a matrix." }),
                 GW_ATTRS (BAND_TYPE),
                 GW_EXAMPLES ({ GW_TEXTS ("[[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]", "[7.0, 8.0]"), NULL,
                                GW_TEXTS ("[[7.0, 2.5, 3.5], [4.5, 8.0, 6.5]]") }))
MATRIX_SET_DIAG (matrix_set_diag_v2, "MatrixSetDiagV2", "Set bands (aligned left)", GW_OP_HIDDEN,
                 "Replaces any band of diagonals of a batch of matrices.",
                 "MatrixSetDiagV3 with all diagonals at the left of their rows.", SET_DIAG_PORTS, GW_ATTRS (BAND_TYPE),
                 GW_EXAMPLES ({ GW_TEXTS ("[[1.5, 2.5], [3.5, 4.5]]", "[[7.0, 8.0], [9.0, 0.0]]", "[-1, 0]"), NULL,
                                GW_TEXTS ("[[7.0, 2.5], [9.0, 8.0]]") }))
MATRIX_SET_DIAG (matrix_set_diag_v3, "MatrixSetDiagV3", "Set bands", 0,
                 "Replaces any band of diagonals of a batch of matrices.",
                 "`k`, `align` and the rows of `diagonal` are as in MatrixDiagPartV3; what pads the shorter diagonals is not "
                 "looked at.",
                 SET_DIAG_PORTS, GW_ATTRS (BAND_TYPE, ALIGN),
                 GW_EXAMPLES ({ GW_TEXTS ("[[1.5, 2.5], [3.5, 4.5]]", "[7.0]", "1"), NULL,
                                GW_TEXTS ("[[1.5, 7.0], [3.5, 4.5]]") }))

/* ---- MatrixBandPart ---- */

static gboolean
band_limit (GwShapeContext *context,
            int             input,
            int64_t         side,
            const char     *what,
            GError        **error)
{
  gboolean known;
  int64_t value;

  if (!gw_array_input_int (context, input, &known, &value, error))
    return FALSE;
  if (known && side >= 0 && value > side)
    return gw_invalid (error, "%s must be negative or less or equal to number of %s (%" G_GINT64_FORMAT ") got: %"
                       G_GINT64_FORMAT, gw_shape_input_name (context, input), what, side, value);
  return TRUE;
}

static gboolean
matrix_band_part_shape (GwShapeContext *context,
                        GError        **error)
{
  const GwShape *in = &context->inputs[0];

  context->outputs[0] = *in;
  return gw_shape_want_rank_at_least (context, 0, 2, error) &&
         band_limit (context, 1, in->rank < 0 ? -1 : in->dims[in->rank - 2], "rows", error) &&
         band_limit (context, 2, in->rank < 0 ? -1 : in->dims[in->rank - 1], "columns", error);
}

static const GwOpDef matrix_band_part_op;

/* Row i of every matrix keeps the columns from i - lower to i + upper. */
static gboolean
matrix_band_part_cpu (GwKernelContext *context,
                      GError         **error)
{
  const GwTensor *input = context->inputs[0];
  const GwShape *shape = &input->shape;
  GwTensor *output;
  int64_t rows, cols, lower, upper;

  if (!gw_array_prepare (context, &matrix_band_part_op, error))
    return FALSE;
  output = context->outputs[0];
  rows = shape->dims[shape->rank - 2];
  cols = shape->dims[shape->rank - 1];
  lower = gw_tensor_get_int (context->inputs[1], 0);
  upper = gw_tensor_get_int (context->inputs[2], 0);
  gw_array_clear (context, output);
  for (int64_t i = 0; i < rows && input->elements > 0; i++)
    {
      int64_t first = lower < 0 ? 0 : MAX (0, i - lower);
      int64_t end = upper < 0 ? cols : MIN (cols, i + upper + 1);
      GwStridedCopy box = { 0 };

      if (first >= end)
        continue;
      gw_strided_copy_append (&box, gw_shape_span (shape, 0, shape->rank - 2), rows * cols, rows * cols);
      gw_strided_copy_append (&box, end - first, 1, 1);
      gw_strided_copy_run (context, &box, input->dtype, gw_element_at (input->data, input->dtype, i * cols + first),
                           gw_element_at (output->data, input->dtype, i * cols + first));
    }
  return TRUE;
}

static void
matrix_band_part_grad (GwGradContext *context)
{
  context->dx[0] = gw_op3 (context->builder, "MatrixBandPart", context->dy[0], gw_grad_x (context, 1),
                           gw_grad_x (context, 2));
}

static const GwOpDef matrix_band_part_op = {
  .name = "MatrixBandPart", .since = 1, .title = "Band of a matrix", .category = "arrays/Diagonals",
  .summary = "Sets everything outside of a band around the diagonal to zero.",
  .doc = "`num_lower` diagonals below the main one and `num_upper` above it are kept; a negative number keeps all on that side. "
         "`(-1, 0)` is the lower triangle, `(0, -1)` the upper one, `(0, 0)` the diagonal alone. The lower triangle of ones is "
         "the mask that keeps attention from looking ahead.",
  .inputs = GW_PORTS ({ "input", "T", "Matrices." },
                      { "num_lower", "Tindex", "Diagonals kept below the main one; negative = all.", .literal = "-1" },
                      { "num_upper", "Tindex", "Diagonals kept above the main one; negative = all.", .literal = "0" }),
  .outputs = GW_PORTS ({ "band", "T", "The matrices with zeros outside of the band." }),
  .attrs = GW_ATTRS (BAND_TYPE,
                     { "Tindex", GW_ATTR_DTYPE, .def = "int64", .choices = GW_INDEX_TYPES, .label = "Index type",
                       .help = "Type of the numbers; follows from what is wired.", .flags = GW_ATTR_HIDDEN }),
  .shape_rule = "the input's, of rank 2 or more",
  .shape = matrix_band_part_shape, .grad = matrix_band_part_grad, .cpu = matrix_band_part_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]", "-1", "0"), "Tindex=int32",
      GW_TEXTS ("[[1.5, 0.0, 0.0], [4.5, 5.5, 0.0]]") },
    { GW_TEXTS ("[[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]", "0", "1"), "Tindex=int32",
      GW_TEXTS ("[[1.5, 2.5, 0.0], [0.0, 5.5, 6.5]]") }),
};

const GwOpDef *const gw_ops_array_diagonal[] = {
  &diag_op, &diag_part_op, &matrix_diag_op, &matrix_diag_part_op, &matrix_set_diag_op, &matrix_band_part_op,
  &matrix_diag_v2_op, &matrix_diag_part_v2_op, &matrix_set_diag_v2_op,
  &matrix_diag_v3_op, &matrix_diag_part_v3_op, &matrix_set_diag_v3_op, NULL,
};
