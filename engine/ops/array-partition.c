/* SPDX-License-Identifier: Apache-2.0 */
/* Rows dealt out to several tensors and put together again: DynamicPartition and
 * DynamicStitch. */
#include "engine/base/error.h"
#include "engine/device/cpu/copy.h"
#include "engine/device/cpu/rows.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

/* ---- DynamicPartition ---- */

static gboolean
dynamic_partition_shape (GwShapeContext *context,
                         GError        **error)
{
  const GwShape *data = &context->inputs[0], *partitions = &context->inputs[1];
  GwShape head, part = GW_SHAPE (GW_DIM_UNKNOWN);

  if (data->rank < 0 || partitions->rank < 0)
    return TRUE;
  head = *data;
  head.rank = MIN (data->rank, partitions->rank);
  if (!gw_array_merge (&head, partitions, "data.shape must start with partitions.shape", &head, error) ||
      !gw_array_check_rank (data->rank - partitions->rank + 1, error))
    return FALSE;
  for (int i = partitions->rank; i < data->rank; i++)
    part.dims[part.rank++] = data->dims[i];
  for (int i = 0; i < context->n_outputs; i++)
    context->outputs[i] = part;
  return TRUE;
}

/* Puts the numbers of the rows of each part behind each other into `rows`; begin[p] is
 * where those of part p start. */
static gboolean
deal_rows (const GwTensor *partitions,
           int64_t         n_parts,
           int64_t        *rows,
           int64_t        *begin,
           GError        **error)
{
  for (int64_t p = 0; p <= n_parts; p++)
    begin[p] = 0;
  for (int64_t i = 0; i < partitions->elements; i++)
    {
      int64_t part = gw_tensor_get_int (partitions, i);

      if (part < 0 || part >= n_parts)
        {
          g_autofree char *at = gw_position_text (&partitions->shape, i);

          return gw_invalid (error, "partitions[%s] = %" G_GINT64_FORMAT " is not in [0, %" G_GINT64_FORMAT ")", at, part, n_parts);
        }
      begin[part + 1]++;
    }
  for (int64_t p = 0; p < n_parts; p++)
    begin[p + 1] += begin[p];
  for (int64_t i = 0; i < partitions->elements; i++)
    rows[begin[gw_tensor_get_int (partitions, i)]++] = i;
  for (int64_t p = n_parts; p > 0; p--)
    begin[p] = begin[p - 1];
  begin[0] = 0;
  return TRUE;
}

static const GwOpDef dynamic_partition_op;

static gboolean
dynamic_partition_cpu (GwKernelContext *context,
                       GError         **error)
{
  const GwTensor *data = context->inputs[0], *partitions = context->inputs[1];
  GwShape part = GW_SHAPE (0);
  int64_t n_parts = context->n_outputs, inner;
  int64_t *rows, *begin;

  if (!gw_array_prepare (context, &dynamic_partition_op, error) ||
      (rows = gw_array_row_scratch (context, partitions->elements + n_parts + 1, error)) == NULL)
    return FALSE;
  begin = rows + partitions->elements;
  if (!deal_rows (partitions, n_parts, rows, begin, error))
    return FALSE;
  for (int i = partitions->shape.rank; i < data->shape.rank; i++)
    part.dims[part.rank++] = data->shape.dims[i];
  inner = gw_shape_span (&part, 1, part.rank);
  for (int64_t p = 0; p < n_parts; p++)
    {
      part.dims[0] = begin[p + 1] - begin[p];
      if (!gw_kernel_allocate_output (context, (int) p, data->dtype, &part, error))
        return FALSE;
    }
  for (int64_t p = 0; p < n_parts; p++)
    gw_rows_pick (context, data->dtype, data->data, rows + begin[p], begin[p + 1] - begin[p], inner, context->outputs[p]->data);
  return TRUE;
}

/* The same dealing of the numbers 0, 1, … says where each row came from. */
static void
dynamic_partition_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  int n = context->node->n_outputs;
  GwOutput partitions = gw_grad_x (context, 1);
  GwOutput zero = gw_const_scalar (b, GW_INT32, 0), one = gw_const_scalar (b, GW_INT32, 1);
  GwOutput numbers = gw_array_reshape_like (b, gw_op3 (b, "Range", zero, gw_op1 (b, "Size", partitions), one), partitions);
  GwNode *dealt = gw_node_new (b, "DynamicPartition", NULL, GW_IN (numbers, partitions),
                               GW_WITH ({ "num_partitions", gw_attr_int (n) }));
  g_autofree GwOutput *inputs = g_new (GwOutput, 2 * n);

  for (int i = 0; i < n; i++)
    {
      inputs[i] = gw_output_of (dealt, i);
      inputs[n + i] = gw_grad_dy (context, i);
    }
  context->dx[0] = gw_array_reshape_like (b, gw_op (b, "ParallelDynamicStitch", 2 * n, inputs, GW_WITH ({ "N", gw_attr_int (n) })),
                                          gw_grad_x (context, 0));
}

static const GwOpDef dynamic_partition_op = {
  .name = "DynamicPartition", .since = 1, .title = "Deal out rows", .category = "arrays/Joining and splitting",
  .summary = "Deals out the rows of a tensor to several tensors, by number.",
  .doc = "Row i of `data` goes to output number `partitions[i]`, where rows keep their order. When `partitions` has more than "
         "one dimension, a row is what stands behind them. DynamicStitch puts the rows together again.",
  .inputs = GW_PORTS ({ "data", "T", "The rows." }, { "partitions", "int32", "For each row the number of its output." }),
  .outputs = GW_PORTS ({ "outputs", "T", "The rows of each number.", .number_attr = "num_partitions" }),
  .attrs = GW_ATTRS ({ "num_partitions", GW_ATTR_INT, .def = "2", .min = 1, .max = 65536, .label = "Parts",
                       .help = "How many outputs.", .flags = GW_ATTR_REQUIRED },
                     GW_ARRAY_ATTR_T),
  .flags = GW_OP_DYNAMIC_OUTPUT,
  .shape_rule = "[number of rows, …]: the numbers follow from the values; behind them stand the dimensions of data "
                "that partitions does not have",
  .shape = dynamic_partition_shape, .grad = dynamic_partition_grad, .cpu = dynamic_partition_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[1.5, 2.5, 3.5, 4.5]", "[0, 1, 1, 0]"), "num_partitions=2", GW_TEXTS ("[1.5, 4.5]", "[2.5, 3.5]") }),
  .tell = GW_TEXTS ("num_partitions"),
};

/* ---- DynamicStitch ---- */

/* data[i].shape = indices[i].shape + rest, with one rest for all. */
static gboolean
stitch_rest (GwShapeContext *context,
             GwShape        *rest,
             GError        **error)
{
  int n = context->n_inputs / 2;

  *rest = GW_SHAPE_UNKNOWN;
  for (int i = 0; i < n; i++)
    {
      const GwShape *indices = &context->inputs[i], *data = &context->inputs[n + i];
      GwShape head, tail;

      if (indices->rank < 0 || data->rank < 0)
        continue;
      head = *data;
      head.rank = MIN (data->rank, indices->rank);
      if (!gw_array_merge (&head, indices, "data.shape must start with indices.shape", &head, error))
        return FALSE;
      tail = gw_shape_from_dims (data->rank - indices->rank, data->dims + indices->rank);
      if (!gw_array_merge (rest, &tail, "what stands behind the indices in each of data", rest, error))
        return FALSE;
    }
  return TRUE;
}

/* Rows of the result: one more than the highest index; -1 when that is not known. */
static gboolean
stitch_rows (GwShapeContext *context,
             int64_t        *rows,
             GError        **error)
{
  int64_t highest = -1;

  *rows = -1;
  for (int i = 0; i < context->n_inputs / 2; i++)
    {
      const GwTensor *indices = gw_shape_input_value (context, i);

      if (indices == NULL)
        return TRUE;
      for (int64_t k = 0; k < indices->elements; k++)
        {
          int64_t index = gw_tensor_get_int (indices, k);

          if (index < 0)
            return gw_invalid (error, "indices[%d] holds %" G_GINT64_FORMAT ", which is out of range", i, index);
          highest = MAX (highest, index);
        }
    }
  *rows = highest + 1;
  return TRUE;
}

static gboolean
stitch_shape (GwShapeContext *context,
              GError        **error)
{
  GwShape rest, *out = &context->outputs[0];
  int64_t rows;

  if (!stitch_rest (context, &rest, error) || !stitch_rows (context, &rows, error))
    return FALSE;
  if (rest.rank < 0)
    return TRUE;
  if (!gw_array_check_rank (rest.rank + 1, error))
    return FALSE;
  *out = GW_SHAPE (rows);
  for (int i = 0; i < rest.rank; i++)
    out->dims[out->rank++] = rest.dims[i];
  return gw_array_check_size (out, error);
}

static gboolean
run_stitch (GwKernelContext *context,
            const GwOpDef   *def,
            GError         **error)
{
  int n = context->n_inputs / 2;
  int64_t most = 0, *rows;
  GwTensor *output;

  if (!gw_array_prepare (context, def, error))
    return FALSE;
  output = context->outputs[0];
  for (int i = 0; i < n; i++)
    most = MAX (most, context->inputs[i]->elements);
  rows = gw_array_row_scratch (context, most, error);
  if (rows == NULL)
    return FALSE;
  gw_array_clear (context, output);
  for (int i = 0; i < n; i++)
    {
      const GwTensor *indices = context->inputs[i];
      GwRowsUpdate update = {
        .op = GW_ROWS_ASSIGN, .dtype = output->dtype, .rows = rows, .n = indices->elements,
        .inner = gw_shape_span (&output->shape, 1, output->shape.rank),
        .src = context->inputs[n + i]->data, .dst = output->data,
      };

      for (int64_t k = 0; k < indices->elements; k++)
        rows[k] = gw_tensor_get_int (indices, k);
      if (!gw_rows_update (context, &update, error))
        return FALSE;
    }
  return TRUE;
}

static void
stitch_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  int n = context->node->n_inputs / 2;

  for (int i = 0; i < n; i++)
    if (context->wanted[n + i])
      context->dx[n + i] = gw_op3 (b, "GatherV2", context->dy[0], gw_grad_x (context, i), gw_const_scalar (b, GW_INT32, 0));
}

#define STITCH(NAME, TYPE, TITLE, FLAGS, SUMMARY, DOC)                                                           \
  static const GwOpDef NAME##_op;                                                                                \
                                                                                                                 \
  static gboolean                                                                                                \
  NAME##_cpu (GwKernelContext *context, GError **error)                                                          \
  {                                                                                                              \
    return run_stitch (context, &NAME##_op, error);                                                              \
  }                                                                                                              \
                                                                                                                 \
  static const GwOpDef NAME##_op = {                                                                             \
    .name = TYPE, .since = 1, .title = TITLE, .category = "arrays/Joining and splitting", .summary = SUMMARY,    \
    .doc = DOC,                                                                                                  \
    .inputs = GW_PORTS ({ "indices", "int32", "For each tensor the places of its rows.", .number_attr = "N" },   \
                        { "data", "T", "The rows: the shape of their indices, then that of a row.", .number_attr = "N" }), \
    .outputs = GW_PORTS ({ "merged", "T", "All rows in their places." }),                                        \
    .attrs = GW_ATTRS (GW_ARRAY_ATTR_N ("N", 1), GW_ARRAY_ATTR_T),                                               \
    .shape_rule = "[largest index + 1, …], followed by the dimensions of data that indices does not have", \
    .flags = FLAGS, .shape = stitch_shape, .grad = stitch_grad, .cpu = NAME##_cpu,                               \
    .examples = GW_EXAMPLES (                                                                                    \
      { GW_TEXTS ("[0, 3]", "[2, 1]", "[1.5, 2.5]", "[3.5, 4.5]"), "N=2", GW_TEXTS ("[1.5, 4.5, 3.5, 2.5]") }),  \
  };

STITCH (dynamic_stitch, "DynamicStitch", "Put rows together", 0,
        "Puts the rows of several tensors into one, at the places given for them.",
        "Row k of `data[i]` becomes row `indices[i][k]` of the result, which has as many rows as the highest index asks for. "
        "When an index comes twice, the later one stays; a row that none names is zero. What DynamicPartition deals out, it "
        "puts together.")
STITCH (parallel_dynamic_stitch, "ParallelDynamicStitch", "Put rows together (parallel)", GW_OP_HIDDEN,
        "Puts the rows of several tensors into one, at the places given for them.",
        "DynamicStitch, in TensorFlow without a promise which row stays when an index comes twice; here it is the later one.")

const GwOpDef *const gw_ops_array_partition[] = {
  &dynamic_partition_op, &dynamic_stitch_op, &parallel_dynamic_stitch_op, NULL,
};
