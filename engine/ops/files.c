/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files: read, written, listed. */
#include "engine/base/error.h"
#include "engine/files/atomic-file.h"
#include "engine/files/input-file.h"
#include "engine/graph/shape-rules.h"
#include "engine/ops/families.h"
#include "engine/ops/strings-common.h"

#include <glob.h>
#include <string.h>

/* A path as a C text; one with a NUL in it names no file. */
static char *
read_path (const GwTensor *tensor,
           int64_t         index,
           GError        **error)
{
  const GwString *text = gw_string_at (tensor, index);

  if (text->length > 0 && memchr (text->data, '\0', text->length) != NULL)
    {
      gw_invalid (error, "a file's name holds no byte 0");
      return NULL;
    }
  return g_strndup (text->length > 0 ? text->data : "", text->length);
}

/* ---- ReadFile ---- */

static gboolean
scalar_name_shape (GwShapeContext *context,
                   GError        **error)
{
  for (int i = 0; i < context->n_inputs; i++)
    if (!gw_array_want_scalar (context, i, error))
      return FALSE;
  for (int i = 0; i < context->n_outputs; i++)
    context->outputs[i] = GW_SHAPE_SCALAR;
  return TRUE;
}

#define PIECE 65536
#define MAX_FILE (G_MAXINT32 / 2)

static gboolean
read_cpu (GwKernelContext *context,
          GError         **error)
{
  g_autofree char *path = NULL;
  g_autoptr (GwInput) input = NULL;
  g_autofree char *data = NULL;
  size_t size = 0, room = 0;
  gssize n = 1;

  if (context->inputs[0]->shape.rank != 0)
    return gw_invalid (error, "filename must be a scalar, but is rank %d", context->inputs[0]->shape.rank);
  path = read_path (context->inputs[0], 0, error);
  input = path != NULL ? gw_input_open (path, GW_INPUT_PLAIN, error) : NULL;
  if (input == NULL)
    return FALSE;
  while (n > 0)
    {
      if (room - size < PIECE)
        {
          char *larger = room > MAX_FILE ? NULL : g_try_realloc (data, room = 2 * room + PIECE);

          if (larger == NULL)
            {
              g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED, "%s is too large to be read as one text", path);
              return FALSE;
            }
          data = larger;
        }
      n = gw_input_read (input, data + size, PIECE, error);
      size += n > 0 ? (size_t) n : 0;
    }
  if (n < 0)
    return FALSE;
  gw_string_set (gw_string_at (context->outputs[0], 0), data, size);
  return TRUE;
}

static const GwOpDef read_op = {
  .name = "ReadFile", .since = 1, .title = "Read a file", .category = "strings/Files",
  .summary = "The content of a file as one text.",
  .doc = "Bytes as they are, for DecodePng, DecodeRaw and others. A file that does not exist is an error.\n\n"
         "Example: `DecodePng (ReadFile (\"digit.png\"); channels=1)` is the picture in that file.",
  .inputs = GW_PORTS ({ "filename", "string", "Scalar: where the file is." }),
  .outputs = GW_PORTS ({ "contents", "string", "Scalar: all of it." }),
  .shape_rule = "the inputs are scalars, and so is what comes out",
  .flags = GW_OP_NO_GRADIENT | GW_OP_STATEFUL, .shape = scalar_name_shape, .cpu = read_cpu,
};

/* ---- WriteFile ---- */

static gboolean
write_cpu (GwKernelContext *context,
           GError         **error)
{
  g_autofree char *path = NULL;
  const GwString *contents;

  if (context->inputs[0]->shape.rank != 0 || context->inputs[1]->shape.rank != 0)
    return gw_invalid (error, "filename and contents must be scalars");
  path = read_path (context->inputs[0], 0, error);
  contents = gw_string_at (context->inputs[1], 0);
  if (path != NULL && *path == '\0')
    return gw_invalid (error, "filename must not be empty");
  return path != NULL && gw_atomic_write (path, contents->length > 0 ? contents->data : "", contents->length, error);
}

static const GwOpDef write_op = {
  .name = "WriteFile", .since = 1, .title = "Write a file", .category = "strings/Files",
  .summary = "Writes a text as a file.",
  .doc = "Missing folders are made, and a file of that name is replaced as a whole or not at all.\n\n"
         "Example: `WriteFile (\"out/digit.png\", EncodePng (image))` stores a picture.",
  .inputs = GW_PORTS ({ "filename", "string", "Scalar: where to write." }, { "contents", "string", "Scalar: what to write." }),
  .outputs = NULL,
  .shape_rule = "the inputs are scalars, and so is what comes out",
  .flags = GW_OP_NO_GRADIENT | GW_OP_STATEFUL, .shape = scalar_name_shape, .cpu = write_cpu,
};

/* ---- MatchingFiles ---- */

static gboolean
matching_shape (GwShapeContext *context,
                GError        **error)
{
  if (context->inputs[0].rank > 1)
    return gw_invalid (error, "pattern must be a scalar or vector, but is rank %d", context->inputs[0].rank);
  context->outputs[0] = GW_SHAPE (GW_DIM_UNKNOWN);
  return TRUE;
}

static gint
compare_paths (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static gboolean
add_matches (GPtrArray  *paths,
             const char *pattern,
             GError    **error)
{
  glob_t found;
  int status = glob (pattern, GLOB_PERIOD | GLOB_NOSORT, NULL, &found);

  if (status == GLOB_NOSPACE)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED, "no memory for the files that match %s", pattern);
      return FALSE;
    }
  for (size_t i = 0; status == 0 && i < found.gl_pathc; i++)
    {
      const char *slash = strrchr (found.gl_pathv[i], '/');
      const char *name = slash != NULL ? slash + 1 : found.gl_pathv[i];

      if (strcmp (name, ".") != 0 && strcmp (name, "..") != 0)
        g_ptr_array_add (paths, g_strdup (found.gl_pathv[i]));
    }
  if (status == 0)
    globfree (&found);
  return TRUE;
}

static gboolean
matching_cpu (GwKernelContext *context,
              GError         **error)
{
  const GwTensor *patterns = context->inputs[0];
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);

  if (patterns->shape.rank > 1)
    return gw_invalid (error, "pattern must be a scalar or vector, but is rank %d", patterns->shape.rank);
  for (int64_t i = 0; i < patterns->elements; i++)
    {
      g_autofree char *pattern = read_path (patterns, i, error);

      if (pattern == NULL || !add_matches (paths, pattern, error))
        return FALSE;
    }
  g_ptr_array_sort (paths, compare_paths);
  if (!gw_kernel_allocate_output (context, 0, GW_STRING, &GW_SHAPE ((int64_t) paths->len), error))
    return FALSE;
  for (guint i = 0; i < paths->len; i++)
    {
      const char *path = g_ptr_array_index (paths, i);

      gw_string_set (gw_string_at (context->outputs[0], i), path, strlen (path));
    }
  return TRUE;
}

static const GwOpDef matching_op = {
  .name = "MatchingFiles", .since = 1, .title = "Find files", .category = "strings/Files",
  .summary = "The names of files that fit patterns.",
  .doc = "In a pattern * stands for any characters, ? for one and [a-z] for one of these; none of them for a slash. The names "
         "come sorted; none at all is no error.",
  .inputs = GW_PORTS ({ "pattern", "string", "One pattern, or a vector of them." }),
  .outputs = GW_PORTS ({ "filenames", "string", "[n]: the files." }),
  .shape_rule = "a vector; how many there are follows from the files",
  .flags = GW_OP_NO_GRADIENT | GW_OP_STATEFUL | GW_OP_DYNAMIC_OUTPUT, .shape = matching_shape, .cpu = matching_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("\"/dev/nul[k-m]\""), NULL, GW_TEXTS ("[\"/dev/null\"]") }),
};

const GwOpDef *const gw_ops_files[] = { &read_op, &write_op, &matching_op, NULL };
