/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of a tensor in random order or at a random place. */
#include "engine/base/error.h"
#include "engine/device/cpu/copy.h"
#include "engine/ops/families.h"
#include "engine/ops/random-common.h"

#include <string.h>

/* ---- RandomShuffle ---- */

static gboolean
shuffle_shape (GwShapeContext *context,
               GError        **error)
{
  context->outputs[0] = context->inputs[0];
  return TRUE;
}

typedef struct {
  const GwTensor *input;
  GwTensor       *output;
  const int64_t  *order;
  int64_t         row;     /* elements of one */
} Rows;

static void
copy_rows (void   *data,
           int64_t begin,
           int64_t end)
{
  const Rows *rows = data;
  GwDType dtype = rows->input->dtype;

  for (int64_t i = begin; i < end; i++)
    {
      const void *from = gw_element_at (rows->input->data, dtype, rows->order[i] * rows->row);
      void *to = gw_element_at (rows->output->data, dtype, i * rows->row);

      if (dtype == GW_STRING)
        for (int64_t k = 0; k < rows->row; k++)
          gw_string_copy ((GwString *) to + k, (const GwString *) from + k);
      else
        memcpy (to, from, (size_t) rows->row * gw_dtype_size (dtype));
    }
}

/* core/kernels/random_shuffle_op.cc: row i changes places with one of those from i
 * on, for all but the last; a word each. */
static gboolean
shuffle_cpu (GwKernelContext *context,
             GError         **error)
{
  GwTensor *input = context->inputs[0];
  int64_t n = input->shape.rank > 0 ? input->shape.dims[0] : 1;
  Rows rows = { .input = input, .output = context->outputs[0] };
  GwPhiloxReader reader;
  GwPhilox *stream;
  int64_t *order;

  if (input->elements <= 1 || n <= 1)
    {
      gw_copy_elements (context, input->dtype, input->data, rows.output->data, input->elements);
      return TRUE;
    }
  if (n > G_MAXUINT32)
    return gw_invalid (error, "value: %" G_GINT64_FORMAT " rows are more than a random word can number", n);
  order = gw_kernel_scratch (context, (size_t) n * sizeof (int64_t), error);
  if (order == NULL)
    return FALSE;
  stream = gw_random_stream (context);
  gw_philox_reader_init (&reader, stream);
  for (int64_t i = 0; i < n; i++)
    order[i] = i;
  for (int64_t i = 0; i < n - 1; i++)
    {
      int64_t j = i + gw_philox_read_word (&reader) % (uint32_t) (n - i);
      int64_t swap = order[i];

      order[i] = order[j];
      order[j] = swap;
    }
  gw_philox_skip (stream, ((uint64_t) n - 1 + 3) / 4);
  rows.order = order;
  rows.row = input->elements / n;
  gw_kernel_parallel (context, n, MAX (1, 32768 / rows.row), copy_rows, &rows);
  return TRUE;
}

static const GwOpDef random_shuffle_op = {
  .name = "RandomShuffle", .since = 1, .title = "Shuffle", .category = "random/Drawing",
  .summary = "The rows of a tensor in random order.",
  .doc = "The first dimension is shuffled: each row comes exactly once, and stays as it is inside. To shuffle examples and "
         "labels alike, shuffle their numbers and gather both.",
  .inputs = GW_PORTS ({ "value", "T", "The rows." }),
  .outputs = GW_PORTS ({ "output", "T", "The same rows in another order." }),
  .attrs = GW_ATTRS (GW_RANDOM_SEEDS, GW_ARRAY_ATTR_T),
  .flags = GW_RANDOM_FLAGS, .state_size = sizeof (GwRandomState),
  .shape_rule = "the value's",
  .shape = shuffle_shape, .cpu = shuffle_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1.5, 2.5, 3.5, 4.5]"), "seed=1", NULL }),
  .tell = GW_TEXTS ("seed"),
};

/* ---- RandomCrop ---- */

static const char *const crop_axes[] = { "height", "width" };

static gboolean
crop_shape (GwShapeContext *context,
            GError        **error)
{
  const GwTensor *size = gw_shape_input_value (context, 1);
  GwShape image, wanted;

  if (!gw_shape_want_rank (context, 0, 3, &image, error) || !gw_shape_want_rank (context, 1, 1, &wanted, error))
    return FALSE;
  if (wanted.dims[0] >= 0 && wanted.dims[0] != 2)
    return gw_invalid (error, "size must have two elements, height and width, but has %" G_GINT64_FORMAT, wanted.dims[0]);
  context->outputs[0] = GW_SHAPE (GW_DIM_UNKNOWN, GW_DIM_UNKNOWN, image.dims[2]);
  for (int i = 0; i < 2 && size != NULL; i++)
    {
      int64_t target = gw_tensor_get_int (size, i);

      if (target < 0)
        return gw_invalid (error, "size: target_%s must be >= 0, but is %" G_GINT64_FORMAT, crop_axes[i], target);
      if (image.dims[i] >= 0 && target > image.dims[i])
        return gw_invalid (error, "image: %s must be >= target_%s: %s = %" G_GINT64_FORMAT ", target_%s = %" G_GINT64_FORMAT,
                           crop_axes[i], crop_axes[i], crop_axes[i], image.dims[i], crop_axes[i], target);
      context->outputs[0].dims[i] = target;
    }
  return gw_array_check_size (&context->outputs[0], error);
}

static const GwOpDef random_crop_op;

/* core/kernels/random_crop_op.cc: the column first, then the row. */
static gboolean
crop_cpu (GwKernelContext *context,
          GError         **error)
{
  const GwTensor *image = context->inputs[0];
  int64_t offset[2] = { 0, 0 };
  int64_t strides[GW_MAX_RANK], out_strides[GW_MAX_RANK];
  GwStridedCopy copy = { 0 };
  const GwShape *out;
  GwPhiloxReader reader;
  GwPhilox *stream;

  if (!gw_array_prepare (context, &random_crop_op, error))
    return FALSE;
  out = &context->outputs[0]->shape;
  stream = gw_random_stream (context);
  if (!gw_shape_equal (&image->shape, out))
    {
      gw_philox_reader_init (&reader, stream);
      for (int i = 1; i >= 0; i--)
        if (image->shape.dims[i] > out->dims[i])
          offset[i] = gw_philox_read_word (&reader) % (image->shape.dims[i] - out->dims[i] + 1);
      gw_philox_skip (stream, 1);
    }
  gw_shape_strides (&image->shape, strides);
  gw_shape_strides (out, out_strides);
  for (int i = 0; i < 3; i++)
    gw_strided_copy_append (&copy, out->dims[i], strides[i], out_strides[i]);
  if (context->outputs[0]->elements > 0)
    gw_strided_copy_run (context, &copy, image->dtype,
                         gw_element_at (image->data, image->dtype, offset[0] * strides[0] + offset[1] * strides[1]),
                         context->outputs[0]->data);
  return TRUE;
}

static const GwOpDef random_crop_op = {
  .name = "RandomCrop", .since = 1, .title = "Random crop", .category = "random/Drawing",
  .summary = "A part of a picture, of given height and width, at a random place.",
  .doc = "A picture of exactly that size passes unchanged. The channels are kept. Showing a network another part of a picture "
         "each time makes it depend less on where things are.",
  .inputs = GW_PORTS ({ "image", "T", "[height, width, channels]" },
                      { "size", "int64", "Height and width of the part.", .literal = "[1, 1]" }),
  .outputs = GW_PORTS ({ "output", "T", "[size[0], size[1], channels]" }),
  .attrs = GW_ATTRS (GW_RANDOM_SEEDS,
                     { "T", GW_ATTR_DTYPE,
                       .choices = GW_CHOICES ("float32", "float64", "uint8", "int8", "int16", "int32", "int64"),
                       .label = "Type", .help = "Element type; follows from what is wired.",
                       .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }),
  .flags = GW_RANDOM_FLAGS, .state_size = sizeof (GwRandomState),
  .shape_rule = "[size[0], size[1], channels]",
  .shape = crop_shape, .cpu = crop_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[[1.0], [2.0]], [[3.0], [4.0]]]", "[1, 1]"), "seed=1", NULL }),
  .tell = GW_TEXTS ("seed"),
};

const GwOpDef *const gw_ops_random_pick[] = { &random_shuffle_op, &random_crop_op, NULL };
