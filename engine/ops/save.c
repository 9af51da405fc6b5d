/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints from within a graph, as TensorFlow's Saver builds them. */
#include "engine/base/error.h"
#include "engine/device/cpu/copy.h"
#include "engine/files/checkpoint.h"
#include "engine/graph/shape-rules.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

#include <glib/gstdio.h>
#include <string.h>

/* A part of a tensor. */
typedef struct {
  GwShape whole;                /* the tensor's shape */
  GwShape shape;                /* its own */
  int64_t start[GW_MAX_RANK];
  int64_t length[GW_MAX_RANK];  /* -1 = the whole dimension */
} Slice;

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

/* One range of a slice: “-” for the whole of a dimension, “2,3” for 3 from 2 on. */
static gboolean
parse_range (const char *text,
             int64_t     size,
             int64_t    *start,
             int64_t    *length)
{
  char *end;

  *start = 0;
  *length = -1;
  if (strcmp (text, "-") == 0)
    return TRUE;
  *start = g_ascii_strtoll (text, &end, 10);
  if (end == text || *end != ',')
    return FALSE;
  text = end + 1;
  *length = g_ascii_strtoll (text, &end, 10);
  return end != text && *end == '\0' && *start >= 0 && *length > 0 && *start <= size && *length <= size - *start;
}

/* saved_tensor_slice_util: “4 2 0,2:-”, the sizes of the whole and a range for each
 * dimension. */
static gboolean
parse_slice (const char *text,
             Slice      *slice)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  int n = (int) g_strv_length (words);
  g_auto (GStrv) ranges = NULL;

  if (n < 2 || n > GW_MAX_RANK + 1)
    return FALSE;
  ranges = g_strsplit (words[n - 1], ":", -1);
  if ((int) g_strv_length (ranges) != n - 1)
    return FALSE;
  slice->whole = slice->shape = gw_shape_of_rank (n - 1);
  for (int i = 0; i < n - 1; i++)
    {
      char *end;

      slice->whole.dims[i] = g_ascii_strtoll (words[i], &end, 10);
      if (end == words[i] || *end != '\0' || slice->whole.dims[i] < 0 ||
          !parse_range (ranges[i], slice->whole.dims[i], &slice->start[i], &slice->length[i]))
        return FALSE;
      slice->shape.dims[i] = slice->length[i] < 0 ? slice->whole.dims[i] : slice->length[i];
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

/* Tensor `index` as a whole, or as the part that its text says it is. */
static gboolean
save_one (GwKernelContext     *context,
          GwCheckpointWriter  *writer,
          int                  index,
          GError             **error)
{
  const char *name = text_at (context->inputs[INPUT_NAMES], index);
  const char *text = text_at (context->inputs[INPUT_SLICES], index);
  const GwTensor *tensor = context->inputs[INPUT_TENSORS + index];
  Slice slice;

  if (*text == '\0')
    return gw_checkpoint_writer_add (writer, name, tensor, error);
  if (!parse_slice (text, &slice))
    return gw_invalid (error, "shape_and_slices: “%s” of “%s” is no slice: wanted are the sizes of the whole and a range "
                       "for each dimension, as in “4 2 0,2:-”", text, name);
  return gw_checkpoint_writer_add_slice (writer, name, &slice.whole, slice.start, slice.length, tensor, error);
}

static gboolean
save_cpu (GwKernelContext *context,
          GError         **error)
{
  g_autoptr (GwCheckpointWriter) writer = NULL;

  if (!gw_array_prepare (context, &save_op, error))
    return FALSE;
  writer = gw_checkpoint_writer_new (text_at (context->inputs[INPUT_PREFIX], 0), error);
  if (writer == NULL)
    return FALSE;
  for (int i = 0; i < context->n_inputs - INPUT_TENSORS; i++)
    if (!save_one (context, writer, i, error))
      return FALSE;
  return gw_checkpoint_writer_finish (writer, error);
}

#define NAME_PORTS                                                                                     \
  { "prefix", "string", "Path of the checkpoint without endings: “run/model.ckpt-100”." },             \
  { "tensor_names", "string", "Name of each tensor in the file." },                                    \
  { "shape_and_slices", "string", "Empty texts: whole tensors. Else the part of a tensor, as “4 2 0,2:-”." }

static const GwOpDef save_op = {
  .name = "SaveV2", .since = 1, .title = "Save", .category = "variables/Saving",
  .summary = "Writes tensors to a checkpoint.",
  .doc = "The files are TensorFlow's: `PREFIX.index` and `PREFIX.data-00000-of-00001`. An older checkpoint of that name is "
         "replaced at one moment, when everything is on disk. A tensor may come in parts, under one name with a slice each: "
         "“4 2 0,2:-” says the first two rows of a tensor of 4 × 2.\n\n"
         "Training saves by itself; this op is for graphs that come with a Saver of their own.\n\n"
         "Example: `SaveV2 (\"run/model\", [\"w\", \"b\"], [\"\", \"\"], w, b)` writes two variables whole.",
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

/* The part of `whole` that the slice names; takes `whole`. */
static GwTensor *
take_slice (GwKernelContext *context,
            const char      *name,
            const char      *text,
            GwTensor        *whole,
            GError         **error)
{
  g_autoptr (GwTensor) owned = whole;
  g_autofree char *shape = gw_shape_to_string (&whole->shape);
  int64_t from[GW_MAX_RANK], to[GW_MAX_RANK];
  GwStridedCopy copy = { 0 };
  int64_t offset = 0;
  Slice slice;
  GwTensor *part;

  if (*text == '\0')
    return g_steal_pointer (&owned);
  if (!parse_slice (text, &slice) || !gw_shape_equal (&slice.whole, &whole->shape))
    {
      gw_invalid (error, "tensor_name = %s; the slice “%s” is not one of the shape %s", name, text, shape);
      return NULL;
    }
  part = gw_tensor_new (whole->dtype, &slice.shape, error);
  if (part == NULL)
    return NULL;
  gw_shape_strides (&whole->shape, from);
  gw_shape_strides (&slice.shape, to);
  for (int i = 0; i < slice.shape.rank; i++)
    {
      gw_strided_copy_append (&copy, slice.shape.dims[i], from[i], to[i]);
      offset += slice.start[i] * from[i];
    }
  gw_strided_copy_run (context, &copy, whole->dtype, gw_element_at (whole->data, whole->dtype, offset), part->data);
  return part;
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
  tensor = take_slice (context, name, text_at (context->inputs[INPUT_SLICES], index), g_steal_pointer (&tensor), error);
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
  .doc = "Wire the values to Assign. A name that the checkpoint does not hold is an error, one that nobody asks for is "
         "not.\n\nExample: `Assign (w, RestoreV2 (\"run/model\", [\"w\"], [\"\"]; dtypes=float32))` sets a variable to what was saved.",
  .inputs = GW_PORTS (NAME_PORTS),
  .outputs = GW_PORTS ({ "tensors", "dtypes", "The values, one for each name." }),
  .attrs = GW_ATTRS ([RESTORE_DTYPES] = { "dtypes", GW_ATTR_DTYPES, .min = 1, .max = G_MAXINT32, .label = "Types",
                                          .help = "Element types in the checkpoint.", .flags = GW_ATTR_REQUIRED }),
  .flags = GW_OP_STATEFUL | GW_OP_NO_GRADIENT | GW_OP_DYNAMIC_OUTPUT,
  .shape_rule = "those of the tensors in the file, known when it runs, or of the slices asked for",
  .shape = restore_shape, .cpu = restore_cpu,
};

/* ---- MergeV2Checkpoints ---- */

enum { MERGE_DELETE_OLD_DIRS, MERGE_ALLOW_MISSING_FILES };

static gboolean
merge_shape (GwShapeContext *context,
             GError        **error)
{
  return gw_array_want_vector (context, 0, error) && gw_array_want_scalar (context, 1, error);
}

static gboolean
merge_one (GwCheckpointWriter *writer,
           const char         *prefix,
           GError            **error)
{
  g_autoptr (GwCheckpoint) checkpoint = gw_checkpoint_open (prefix, error);

  for (int i = 0; checkpoint != NULL && i < gw_checkpoint_n_entries (checkpoint); i++)
    {
      const char *name = gw_checkpoint_entry (checkpoint, i)->name;
      g_autoptr (GwTensor) tensor = gw_checkpoint_read (checkpoint, name, error);

      if (tensor == NULL || !gw_checkpoint_writer_add (writer, name, tensor, error))
        return FALSE;
    }
  return checkpoint != NULL;
}

/* The parts, then their folders where nothing else is in them. */
static gboolean
delete_parts (const GwTensor *prefixes,
              const char     *destination,
              gboolean        delete_folders,
              GError        **error)
{
  for (int64_t i = 0; i < prefixes->elements; i++)
    {
      const char *prefix = text_at (prefixes, i);
      g_autofree char *folder = g_path_get_dirname (prefix);

      if (strcmp (prefix, destination) == 0)
        continue;
      if (!gw_checkpoint_delete (prefix, NULL, error))
        return FALSE;
      if (delete_folders)
        g_rmdir (folder);
    }
  return TRUE;
}

static gboolean
merge_cpu (GwKernelContext *context,
           GError         **error)
{
  const GwTensor *prefixes = context->inputs[0];
  g_autoptr (GwCheckpointWriter) writer = NULL;
  const char *destination;

  if (prefixes->shape.rank != 1 || context->inputs[1]->elements != 1)
    return gw_invalid (error, "checkpoint_prefixes must be a vector, and destination_prefix a scalar");
  destination = text_at (context->inputs[1], 0);
  writer = gw_checkpoint_writer_new (destination, error);
  if (writer == NULL)
    return FALSE;
  for (int64_t i = 0; i < prefixes->elements; i++)
    {
      GError *why = NULL;

      if (merge_one (writer, text_at (prefixes, i), &why))
        continue;
      if (!context->attrs[MERGE_ALLOW_MISSING_FILES].b || !g_error_matches (why, GW_ERROR, GW_ERROR_NOT_FOUND))
        {
          g_propagate_error (error, why);
          return FALSE;
        }
      g_clear_error (&why);
    }
  return gw_checkpoint_writer_finish (writer, error) &&
         delete_parts (prefixes, destination, context->attrs[MERGE_DELETE_OLD_DIRS].b, error);
}

static const GwOpDef merge_op = {
  .name = "MergeV2Checkpoints", .since = 1, .title = "Merge checkpoints", .category = "variables/Saving",
  .summary = "Makes one checkpoint out of several, which it then removes.",
  .doc = "How a Saver with `sharded=True` ends: each device has saved its variables in a checkpoint of its own. A tensor that "
         "is in two of them is an error, and everything is left as it was.\n\n"
         "Example: `MergeV2Checkpoints ([\"run/part-0\", \"run/part-1\"], \"run/model\")` makes run/model.index and its data.",
  .inputs = GW_PORTS ({ "checkpoint_prefixes", "string", "Paths of the parts, without endings; a vector." },
                      { "destination_prefix", "string", "Path of the whole." }),
  .attrs = GW_ATTRS (
    [MERGE_DELETE_OLD_DIRS] = { "delete_old_dirs", GW_ATTR_BOOL, .def = "true", .label = "Remove folders",
                                .help = "Also removes the folders of the parts, if they are empty then." },
    [MERGE_ALLOW_MISSING_FILES] = { "allow_missing_files", GW_ATTR_BOOL, .def = "false", .label = "Allow missing parts",
                                    .help = "A part that is not there is left out." }),
  .flags = GW_OP_STATEFUL | GW_OP_NO_GRADIENT,
  .shape = merge_shape, .cpu = merge_cpu,
};

/* ---- ShardedFilename, ShardedFilespec ---- */

static gboolean
sharded_shape (GwShapeContext *context,
               GError        **error)
{
  for (int i = 0; i < context->n_inputs; i++)
    if (!gw_array_want_scalar (context, i, error))
      return FALSE;
  return gw_shape_rule_scalar (context, error);
}

static gboolean
set_sharded (GwKernelContext *context,
             const char      *shard,
             const GwTensor  *num_shards,
             GError         **error)
{
  g_autofree char *name = NULL;

  for (int i = 0; i < context->n_inputs; i++)
    if (context->inputs[i]->elements != 1)
      return gw_invalid (error, "every input must be a scalar");
  name = g_strdup_printf ("%s-%s-of-%05d", text_at (context->inputs[0], 0), shard,
                          *GW_TENSOR_DATA (num_shards, int32_t));
  gw_string_set (GW_TENSOR_DATA (context->outputs[0], GwString), name, strlen (name));
  return TRUE;
}

static gboolean
sharded_filename_cpu (GwKernelContext *context,
                      GError         **error)
{
  g_autofree char *shard = g_strdup_printf ("%05d", (int) gw_tensor_get_int (context->inputs[1], 0));

  return set_sharded (context, shard, context->inputs[2], error);
}

static gboolean
sharded_filespec_cpu (GwKernelContext *context,
                      GError         **error)
{
  return set_sharded (context, "?????", context->inputs[1], error);
}

#define BASENAME { "basename", "string", "What the names begin with." }
#define NUM_SHARDS { "num_shards", "int32", "How many files there are." }

static const GwOpDef sharded_filename_op = {
  .name = "ShardedFilename", .since = 1, .title = "Name of a shard", .category = "variables/Saving",
  .summary = "The name of one file of a checkpoint that is saved in parts.",
  .doc = "Of shard 1 of 4 it is `basename-00001-of-00004`, as TensorFlow names the parts.",
  .inputs = GW_PORTS (BASENAME, { "shard", "int32", "Number of the file, from 0 on." }, NUM_SHARDS),
  .outputs = GW_PORTS ({ "filename", "string", "The name." }),
  .flags = GW_OP_STOPS_GRADIENT,
  .shape_rule = "a scalar; so are the inputs",
  .shape = sharded_shape, .cpu = sharded_filename_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("\"run/part\"", "1", "4"), NULL, GW_TEXTS ("\"run/part-00001-of-00004\"") }),
};

static const GwOpDef sharded_filespec_op = {
  .name = "ShardedFilespec", .since = 1, .title = "Pattern of shards", .category = "variables/Saving",
  .summary = "The pattern that the names of all files of a checkpoint in parts match.",
  .doc = "Of 4 shards it is `basename-\?\?\?\?\?-of-00004`, which *MatchingFiles* reads.",
  .inputs = GW_PORTS (BASENAME, NUM_SHARDS),
  .outputs = GW_PORTS ({ "filename", "string", "The pattern." }),
  .flags = GW_OP_STOPS_GRADIENT,
  .shape_rule = "a scalar; so are the inputs",
  .shape = sharded_shape, .cpu = sharded_filespec_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("\"run/part\"", "4"), NULL, GW_TEXTS ("\"run/part-\?\?\?\?\?-of-00004\"") }),
};

const GwOpDef *const gw_ops_save[] = {
  &save_op, &restore_op, &merge_op, &sharded_filename_op, &sharded_filespec_op, NULL,
};
