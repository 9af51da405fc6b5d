/* SPDX-License-Identifier: Apache-2.0 */
/* Products of matrices, single and in batches. */
#include "engine/device/cpu/gemm.h"

#include "engine/base/error.h"
#include "engine/ops/math-common.h"

#define MATMUL_TYPES GW_CHOICES (GW_FLOATS, "int32", "int64", "int16", GW_COMPLEXES)

/* ---- MatMul ---- */

enum { MATMUL_T, MATMUL_TRANSPOSE_A, MATMUL_TRANSPOSE_B };

static gboolean
want_matrix (GwShapeContext *context,
             int             input,
             GwShape        *shape,
             GError        **error)
{
  g_autofree char *text = NULL;

  *shape = context->inputs[input];
  if (shape->rank < 0)
    *shape = gw_shape_of_rank (2);
  if (shape->rank == 2)
    return TRUE;
  text = gw_shape_to_string (shape);
  return gw_invalid (error, "In[%d] is not a matrix. Instead it has shape %s", input, text);
}

static gboolean
matmul_shape (GwShapeContext *context,
              GError        **error)
{
  gboolean ta = context->attrs[MATMUL_TRANSPOSE_A].b;
  gboolean tb = context->attrs[MATMUL_TRANSPOSE_B].b;
  GwShape a, b;
  int64_t inner_a, inner_b;

  if (!want_matrix (context, 0, &a, error) || !want_matrix (context, 1, &b, error))
    return FALSE;
  inner_a = a.dims[ta ? 0 : 1];
  inner_b = b.dims[tb ? 1 : 0];
  if (inner_a >= 0 && inner_b >= 0 && inner_a != inner_b)
    {
      g_autofree char *a_text = gw_shape_to_string (&a);
      g_autofree char *b_text = gw_shape_to_string (&b);

      return gw_invalid (error, "Matrix size-incompatible: In[0]: %s, In[1]: %s", a_text, b_text);
    }
  context->outputs[0] = GW_SHAPE (a.dims[ta ? 1 : 0], b.dims[tb ? 0 : 1]);
  return TRUE;
}

static gboolean
matmul_cpu (GwKernelContext *context,
            GError         **error)
{
  return gw_cpu_matmul (context, context->inputs[0], context->attrs[MATMUL_TRANSPOSE_A].b ? GW_GEMM_TRANSPOSED : GW_GEMM_PLAIN,
                        context->inputs[1], context->attrs[MATMUL_TRANSPOSE_B].b ? GW_GEMM_TRANSPOSED : GW_GEMM_PLAIN,
                        context->outputs[0], error);
}

/* A product node of type `op`, its transposing attributes called `first` and `second`. */
static GwOutput
product_of (GwBuilder  *builder,
            const char *op,
            const char *first,
            const char *second,
            GwOutput    a,
            gboolean    transpose_a,
            GwOutput    b,
            gboolean    transpose_b)
{
  return gw_op (builder, op, GW_IN (a, b),
                GW_WITH ({ first, gw_attr_bool (transpose_a) }, { second, gw_attr_bool (transpose_b) }));
}

/* With C = op(A) op(B): dA = dC op(B)ᵀ, dB = op(A)ᵀ dC, each transposed as a whole
 * where A or B is. Of complex matrices a and b are the conjugates, unless the op takes
 * adjoints. */
static void
product_grad (GwGradContext *context,
              const char    *op,
              const char    *first,
              const char    *second,
              GwOutput       a,
              gboolean       ta,
              GwOutput       b,
              gboolean       tb)
{
  GwBuilder *builder = context->builder;
  GwOutput dc = gw_grad_dy (context, 0);

  if (context->wanted[0])
    context->dx[0] = ta ? product_of (builder, op, first, second, b, tb, dc, TRUE)
                        : product_of (builder, op, first, second, dc, FALSE, b, !tb);
  if (context->wanted[1])
    context->dx[1] = tb ? product_of (builder, op, first, second, dc, TRUE, a, ta)
                        : product_of (builder, op, first, second, a, !ta, dc, FALSE);
}

static void
matmul_grad (GwGradContext *context)
{
  const GwAttrValue *attrs = context->node->attrs;
  GwOutput a = gw_math_conj (context->builder, gw_grad_x (context, 0));
  GwOutput b = gw_math_conj (context->builder, gw_grad_x (context, 1));

  product_grad (context, "MatMul", "transpose_a", "transpose_b", a, attrs[MATMUL_TRANSPOSE_A].b,
                b, attrs[MATMUL_TRANSPOSE_B].b);
}

static const GwOpDef matmul = {
  .name = "MatMul", .since = 1, .title = "Matrix product", .category = "maths/Matrices",
  .summary = "Multiplies two matrices.",
  .doc = "`product = a · b`: a is m × k, b is k × n, the product m × n. A row of a is one example, a column of b the weights "
         "of one unit; so a dense layer is a matrix product and a bias.\n\n"
         "*Transpose a* and *Transpose b* turn an operand round first, without copying it. The inner sizes must agree: "
         "`[100, 784] · [784, 500]`. For stacks of matrices see *BatchMatMulV2*.",
  .inputs = GW_PORTS ({ "a", "T", "m × k, or k × m when transposed." }, { "b", "T", "k × n, or n × k when transposed." }),
  .outputs = GW_PORTS ({ "product", "T", "The product, m × n." }),
  .attrs = GW_ATTRS (
    [MATMUL_T] = GW_MATH_T (MATMUL_TYPES),
    [MATMUL_TRANSPOSE_A] = { "transpose_a", GW_ATTR_BOOL, .def = "false", .label = "Transpose a",
                             .help = "Whether a is turned round before the product." },
    [MATMUL_TRANSPOSE_B] = { "transpose_b", GW_ATTR_BOOL, .def = "false", .label = "Transpose b",
                             .help = "Whether b is turned round before the product." }),
  .shape_rule = "[m, k] times [k, n] gives [m, n], after transposing as asked",
  .shape = matmul_shape, .grad = matmul_grad, .cpu = matmul_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1.5, 2], [3, 4]]", "[[1.0], [2]]"), NULL, GW_TEXTS ("[[5.5], [11]]") },
    { GW_TEXTS ("[[1.5, 2], [3, 4], [5, 6]]", "[[1.0, 2, 3]]"), "transpose_a=true transpose_b=true", GW_TEXTS ("[[22.5], [28]]") },
    { GW_TEXTS ("[[1, 2], [3, 4]]", "[[1, 0], [2, 1]]"), "T=int32 transpose_b=true", GW_TEXTS ("[[1, 4], [3, 10]]") }),
  .tell = GW_CHOICES ("transpose_a", "transpose_b"),
};

/* ---- BatchMatMul, BatchMatMulV2 ---- */

enum { BATCH_T, BATCH_ADJ_X, BATCH_ADJ_Y };

static GwShape
batch_of (const GwShape *shape)
{
  GwShape batch = *shape;

  batch.rank = shape->rank - 2;
  return batch;
}

static gboolean
batch_matmul_shape (GwShapeContext *context,
                    GError        **error)
{
  const GwShape *x = &context->inputs[0];
  const GwShape *y = &context->inputs[1];
  gboolean tx = context->attrs[BATCH_ADJ_X].b;
  gboolean ty = context->attrs[BATCH_ADJ_Y].b;
  GwShape x_batch, y_batch, *z = &context->outputs[0];
  int64_t inner_x, inner_y;
  g_autofree char *x_text = gw_shape_to_string (x);
  g_autofree char *y_text = gw_shape_to_string (y);

  if (!gw_shape_want_rank_at_least (context, 0, 2, error) || !gw_shape_want_rank_at_least (context, 1, 2, error))
    return FALSE;
  if (x->rank < 0 || y->rank < 0)
    return TRUE;
  x_batch = batch_of (x);
  y_batch = batch_of (y);
  inner_x = x->dims[x->rank - (tx ? 2 : 1)];
  inner_y = y->dims[y->rank - (ty ? 1 : 2)];
  if (inner_x >= 0 && inner_y >= 0 && inner_x != inner_y)
    return gw_invalid (error, "Matrix size-incompatible: In[0]: %s, In[1]: %s", x_text, y_text);
  if (!gw_shape_broadcast (&x_batch, &y_batch, z))
    return gw_invalid (error, "In[0] and In[1] must have compatible batch dimensions: %s vs. %s", x_text, y_text);
  z->dims[z->rank] = x->dims[x->rank - (tx ? 1 : 2)];
  z->dims[z->rank + 1] = y->dims[y->rank - (ty ? 2 : 1)];
  z->rank += 2;
  return TRUE;
}

/* The first version broadcasts nothing: stacks are of one shape. */
static gboolean
batch_matmul_v1_shape (GwShapeContext *context,
                       GError        **error)
{
  const GwShape *x = &context->inputs[0];
  const GwShape *y = &context->inputs[1];
  g_autofree char *x_text = gw_shape_to_string (x);
  g_autofree char *y_text = gw_shape_to_string (y);
  GwShape both, x_batch, y_batch, z;

  if (!batch_matmul_shape (context, error))
    return FALSE;
  if (x->rank < 0 || y->rank < 0)
    {
      if (x->rank >= 0 || y->rank >= 0)
        context->outputs[0] = gw_shape_of_rank (MAX (x->rank, y->rank));
      return TRUE;
    }
  x_batch = batch_of (x);
  y_batch = batch_of (y);
  if (!gw_shape_merge (&x_batch, &y_batch, &both))
    return gw_invalid (error, "In[0] and In[1] must have the same batch dimensions: %s vs. %s", x_text, y_text);
  z = context->outputs[0];
  for (int i = 0; i < both.rank; i++)
    z.dims[i] = both.dims[i];
  context->outputs[0] = z;
  return TRUE;
}

static GwGemmForm
adjoint_if (gboolean adjoint)
{
  return adjoint ? GW_GEMM_ADJOINT : GW_GEMM_PLAIN;
}

static gboolean
batch_matmul_cpu (GwKernelContext *context,
                  GError         **error)
{
  return gw_cpu_matmul (context, context->inputs[0], adjoint_if (context->attrs[BATCH_ADJ_X].b),
                        context->inputs[1], adjoint_if (context->attrs[BATCH_ADJ_Y].b), context->outputs[0], error);
}

static void
batch_matmul_v1_grad (GwGradContext *context)
{
  const GwAttrValue *attrs = context->node->attrs;

  product_grad (context, "BatchMatMul", "adj_x", "adj_y", gw_grad_x (context, 0), attrs[BATCH_ADJ_X].b,
                gw_grad_x (context, 1), attrs[BATCH_ADJ_Y].b);
}

static void
batch_matmul_grad (GwGradContext *context)
{
  const GwAttrValue *attrs = context->node->attrs;

  product_grad (context, "BatchMatMulV2", "adj_x", "adj_y", gw_grad_x (context, 0), attrs[BATCH_ADJ_X].b,
                gw_grad_x (context, 1), attrs[BATCH_ADJ_Y].b);
  for (int i = 0; i < 2; i++)
    if (context->wanted[i])
      context->dx[i] = gw_grad_unbroadcast (context, context->dx[i], gw_grad_x (context, i));
}

#define BATCH_ATTRS                                                                                       \
  [BATCH_T] = GW_MATH_T (MATMUL_TYPES),                                                                    \
  [BATCH_ADJ_X] = { "adj_x", GW_ATTR_BOOL, .def = "false", .label = "Transpose x",                        \
                    .help = "Whether the matrices of x are turned round (and conjugated) first." },       \
  [BATCH_ADJ_Y] = { "adj_y", GW_ATTR_BOOL, .def = "false", .label = "Transpose y",                        \
                    .help = "Whether the matrices of y are turned round (and conjugated) first." }

static const GwOpDef batch_matmul_v1 = {
  .name = "BatchMatMul", .since = 1, .title = "Matrix products of a batch (first version)", .category = "maths/Matrices",
  .summary = "Multiplies the matrices of two stacks of one shape.",
  .doc = "The last two dimensions are matrices, multiplied as by *MatMul*; the dimensions before them must agree. "
         "*BatchMatMulV2* broadcasts them.",
  .inputs = GW_PORTS ({ "x", "T", "… × m × k, or … × k × m." }, { "y", "T", "… × k × n, or … × n × k." }),
  .outputs = GW_PORTS ({ "output", "T", "… × m × n." }),
  .attrs = GW_ATTRS (BATCH_ATTRS), .flags = GW_OP_HIDDEN,
  .shape_rule = "[…, m, k] times […, k, n] gives […, m, n], after transposing as asked; the dimensions in front "
                "broadcast",
  .shape = batch_matmul_v1_shape, .grad = batch_matmul_v1_grad, .cpu = batch_matmul_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[1.5, 2]], [[3, 4]]]", "[[[1.0], [2]], [[3], [4]]]"), NULL, GW_TEXTS ("[[[5.5]], [[25]]]") },
    { GW_TEXTS ("[[[1.5, 2]]]", "[[[1.0, 2]]]"), "adj_y=true", GW_TEXTS ("[[[5.5]]]") }),
  .tell = GW_CHOICES ("adj_x", "adj_y"),
};

static const GwOpDef batch_matmul = {
  .name = "BatchMatMulV2", .since = 1, .title = "Matrix products of a batch", .category = "maths/Matrices",
  .summary = "Multiplies the matrices of two stacks.",
  .doc = "The last two dimensions are matrices, multiplied as by *MatMul* (but a transposed complex matrix is "
         "conjugated as well); the dimensions before them are broadcast: "
         "`[8, 1, 3, 5] · [4, 5, 2]` gives `[8, 4, 3, 2]`.",
  .inputs = GW_PORTS ({ "x", "T", "… × m × k, or … × k × m." }, { "y", "T", "… × k × n, or … × n × k." }),
  .outputs = GW_PORTS ({ "output", "T", "… × m × n." }),
  .attrs = GW_ATTRS (BATCH_ATTRS),
  .shape_rule = "[…, m, k] times […, k, n] gives […, m, n], after transposing as asked; the dimensions in front "
                "must agree",
  .shape = batch_matmul_shape, .grad = batch_matmul_grad, .cpu = batch_matmul_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[1.5, 2]], [[3, 4]]]", "[[[1.0], [2]], [[3], [4]]]"), NULL, GW_TEXTS ("[[[5.5]], [[25]]]") },
    { GW_TEXTS ("[[[1.5, 2]], [[3, 4]]]", "[[1.0, 2]]"), "adj_y=true", GW_TEXTS ("[[[5.5]], [[11]]]") }),
  .tell = GW_CHOICES ("adj_x", "adj_y"),
};

const GwOpDef *const gw_ops_matmul[] = { &matmul, &batch_matmul_v1, &batch_matmul, NULL };
