/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints from within a graph, as TensorFlow's Saver builds them. */
#include "engine/base/error.h"
#include "engine/files/checkpoint.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

enum { INPUT_PREFIX, INPUT_NAMES, INPUT_SLICES, INPUT_TENSORS };

/* The three texts that both ops begin with, for `n` tensors (-1 = not known). */
static gboolean
check_names (GwShapeContext *context,
             int             n,
             GError        **error)
{
  if (!gw_array_want_scalar (context, INPUT_PREFIX, error))
    return FALSE;
  for (int i = INPUT_NAMES; i <= INPUT_SLICES; i++)
    {
      GwShape shape;

      if (!gw_shape_want_rank (context, i, 1, &shape, error))
        return FALSE;
      if (shape.dims[0] >= 0 && shape.dims[0] != n)
        return gw_invalid (error, "%s has %" G_GINT64_FORMAT " elements for %d tensors",
                           gw_shape_input_name (context, i), shape.dims[0], n);
    }
  return TRUE;
}

static const char *
text_at (const GwTensor *texts,
         int64_t         index)
{
  const char *text = gw_tensor_get_string (texts, index)->data;

  return text != NULL ? text : "";
}

/* Slices of partitioned variables are not written or read one by one. */
static gboolean
refuse_slices (GwKernelContext *context,
               GError         **error)
{
  const GwTensor *slices = context->inputs[INPUT_SLICES];

  for (int64_t i = 0; i < slices->elements; i++)
    if (text_at (slices, i)[0] != '\0')
      {
        g_set_error (error, GW_ERROR, GW_ERROR_UNIMPLEMENTED, "“%s”: the slice “%s” of a partitioned variable",
                     text_at (context->inputs[INPUT_NAMES], i), text_at (slices, i));
        return FALSE;
      }
  return TRUE;
}

/* ---- SaveV2 ---- */

static gboolean
save_shape (GwShapeContext *context,
            GError        **error)
{
  return check_names (context, context->n_inputs - INPUT_TENSORS, error);
}

static const GwOpDef save_op;

static gboolean
save_cpu (GwKernelContext *context,
          GError         **error)
{
  g_autoptr (GwCheckpointWriter) writer = NULL;

  if (!gw_array_prepare (context, &save_op, error) || !refuse_slices (context, error))
    return FALSE;
  writer = gw_checkpoint_writer_new (text_at (context->inputs[INPUT_PREFIX], 0), error);
  if (writer == NULL)
    return FALSE;
  for (int i = INPUT_TENSORS; i < context->n_inputs; i++)
    if (!gw_checkpoint_writer_add (writer, text_at (context->inputs[INPUT_NAMES], i - INPUT_TENSORS),
                                   context->inputs[i], error))
      return FALSE;
  return gw_checkpoint_writer_finish (writer, error);
}

#define NAME_PORTS                                                                                     \
  { "prefix", "string", "Path of the checkpoint without endings: “run/model.ckpt-100”." },             \
  { "tensor_names", "string", "Name of each tensor in the file." },                                    \
  { "shape_and_slices", "string", "Empty texts: whole tensors." }

static const GwOpDef save_op = {
  .name = "SaveV2", .since = 1, .title = "Save", .category = "variables/Saving",
  .summary = "Writes tensors to a checkpoint.",
  .doc = "The files are TensorFlow's: `PREFIX.index` and `PREFIX.data-00000-of-00001`. An older checkpoint of that name is "
         "replaced at one moment, when everything is on disk.\n\n"
         "Training saves by itself; this op is for graphs that come with a Saver of their own.",
  .inputs = GW_PORTS (NAME_PORTS, { "tensors", "dtypes", "The values, one for each name." }),
  .attrs = GW_ATTRS ({ "dtypes", GW_ATTR_DTYPES, .min = 1, .max = G_MAXINT32, .label = "Types",
                       .help = "Element types; follow from what is wired.",
                       .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }),
  .flags = GW_OP_STATEFUL | GW_OP_NO_GRADIENT,
  .shape = save_shape, .cpu = save_cpu,
};

/* ---- RestoreV2 ---- */

enum { RESTORE_DTYPES };

static gboolean
restore_shape (GwShapeContext *context,
               GError        **error)
{
  return check_names (context, context->n_outputs, error);
}

static gboolean
restore_one (GwKernelContext    *context,
             const GwCheckpoint *checkpoint,
             int                 index,
             GError            **error)
{
  const char *name = text_at (context->inputs[INPUT_NAMES], index);
  GwDType dtype = context->attrs[RESTORE_DTYPES].list.dtypes[index];
  g_autoptr (GwTensor) tensor = gw_checkpoint_read (checkpoint, name, error);

  if (tensor == NULL)
    return FALSE;
  if (tensor->dtype != dtype)
    return gw_invalid (error, "tensor_name = %s; expected dtype %s does not equal original dtype %s", name,
                       gw_dtype_name (dtype), gw_dtype_name (tensor->dtype));
  if (context->outputs[index] == NULL &&
      !gw_kernel_allocate_output (context, index, dtype, &tensor->shape, error))
    return FALSE;
  if (!gw_shape_equal (&context->outputs[index]->shape, &tensor->shape))
    return gw_invalid (error, "tensor_name = %s; the shape in the checkpoint is another than the graph's", name);
  gw_tensor_copy_data (context->outputs[index], tensor);
  return TRUE;
}

static gboolean
restore_cpu (GwKernelContext *context,
             GError         **error)
{
  g_autoptr (GwCheckpoint) checkpoint = NULL;

  if (context->inputs[INPUT_PREFIX]->elements != 1 ||
      context->inputs[INPUT_NAMES]->elements != context->n_outputs ||
      context->inputs[INPUT_SLICES]->elements != context->n_outputs)
    return gw_invalid (error, "prefix must be one text, tensor_names and shape_and_slices %d each", context->n_outputs);
  if (!refuse_slices (context, error))
    return FALSE;
  checkpoint = gw_checkpoint_open (text_at (context->inputs[INPUT_PREFIX], 0), error);
  if (checkpoint == NULL)
    return FALSE;
  for (int i = 0; i < context->n_outputs; i++)
    if (!restore_one (context, checkpoint, i, error))
      return FALSE;
  return TRUE;
}

static const GwOpDef restore_op = {
  .name = "RestoreV2", .since = 1, .title = "Restore", .category = "variables/Saving",
  .summary = "Reads tensors from a checkpoint.",
  .doc = "Wire the values to Assign. A name that the checkpoint does not hold is an error, one that nobody asks for is not.",
  .inputs = GW_PORTS (NAME_PORTS),
  .outputs = GW_PORTS ({ "tensors", "dtypes", "The values, one for each name." }),
  .attrs = GW_ATTRS ([RESTORE_DTYPES] = { "dtypes", GW_ATTR_DTYPES, .min = 1, .max = G_MAXINT32, .label = "Types",
                                          .help = "Element types in the checkpoint.", .flags = GW_ATTR_REQUIRED }),
  .flags = GW_OP_STATEFUL | GW_OP_NO_GRADIENT | GW_OP_DYNAMIC_OUTPUT,
  .shape = restore_shape, .cpu = restore_cpu,
};

const GwOpDef *const gw_ops_save[] = { &save_op, &restore_op, NULL };
