/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/idx.h"

#include "engine/base/error.h"
#include "engine/files/atomic-file.h"
#include "engine/files/raw-private.h"

static const struct {
  guint8  code;
  GwDType dtype;
} types[] = {
  { 0x08, GW_UINT8 }, { 0x09, GW_INT8 },    { 0x0B, GW_INT16 },
  { 0x0C, GW_INT32 }, { 0x0D, GW_FLOAT32 }, { 0x0E, GW_FLOAT64 },
};

static gboolean
refuse (GwInput     *input,
        const char  *what,
        GError     **error)
{
  g_set_error (error, GW_ERROR, GW_ERROR_DATA_LOSS, "%s: %s", gw_input_name (input), what);
  return FALSE;
}

gboolean
gw_idx_read_header (GwInput   *input,
                    GwDType   *dtype,
                    GwShape   *shape,
                    GError   **error)
{
  guint8 magic[4];

  if (!gw_input_read_all (input, magic, sizeof magic, "the header", error))
    return FALSE;
  *dtype = GW_DTYPE_INVALID;
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (types[i].code == magic[2])
      *dtype = types[i].dtype;
  if (magic[0] != 0 || magic[1] != 0 || *dtype == GW_DTYPE_INVALID)
    return refuse (input, "is not an IDX file", error);
  if (magic[3] > GW_MAX_RANK)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_UNIMPLEMENTED, "%s: has %d dimensions; at most %d are possible",
                   gw_input_name (input), magic[3], GW_MAX_RANK);
      return FALSE;
    }
  *shape = GW_SHAPE_SCALAR;
  shape->rank = magic[3];
  for (int i = 0; i < shape->rank; i++)
    {
      uint32_t size;

      if (!gw_input_read_all (input, &size, sizeof size, "the header", error))
        return FALSE;
      shape->dims[i] = GUINT32_FROM_BE (size);
    }
  return TRUE;
}

GwTensor *
gw_idx_read (GwInput  *input,
             GError  **error)
{
  g_autoptr (GwTensor) tensor = NULL;
  int64_t elements;
  GwDType dtype;
  GwShape shape;

  if (!gw_idx_read_header (input, &dtype, &shape, error))
    return NULL;
  elements = gw_shape_elements (&shape);
  if (elements < 0 || (uint64_t) elements > gw_input_limit (input) / gw_dtype_size (dtype))
    {
      refuse (input, "is shorter than its header says", error);
      return NULL;
    }
  tensor = gw_tensor_new (dtype, &shape, error);
  if (tensor == NULL || !gw_input_read_all (input, tensor->data, tensor->bytes, "the values", error))
    return NULL;
  if (G_BYTE_ORDER == G_LITTLE_ENDIAN)
    gw_swap_elements (tensor->data, (size_t) tensor->elements, dtype);
  return g_steal_pointer (&tensor);
}

GwTensor *
gw_idx_load (const char  *path,
             GError     **error)
{
  g_autoptr (GwInput) input = gw_input_open (path, GW_INPUT_AUTO, error);

  return input != NULL ? gw_idx_read (input, error) : NULL;
}

/* The values in pieces, each turned around in a copy. */
static gboolean
write_values (GwAtomicFile    *file,
              const GwTensor  *tensor,
              GError         **error)
{
  size_t size = gw_dtype_size (tensor->dtype);
  union { guint8 bytes[8192]; uint64_t align; } piece;

  for (size_t done = 0; done < tensor->bytes; done += sizeof piece.bytes)
    {
      size_t n = MIN (sizeof piece.bytes, tensor->bytes - done);

      memcpy (piece.bytes, (const guint8 *) tensor->data + done, n);
      if (G_BYTE_ORDER == G_LITTLE_ENDIAN)
        gw_swap_elements (piece.bytes, n / size, tensor->dtype);
      if (!gw_atomic_file_write (file, piece.bytes, n, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
gw_idx_save (const char      *path,
             const GwTensor  *tensor,
             GError         **error)
{
  guint8 magic[4] = { 0, 0, 0, (guint8) tensor->shape.rank };
  g_autoptr (GwAtomicFile) file = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (types[i].dtype == tensor->dtype)
      magic[2] = types[i].code;
  if (magic[2] == 0 || tensor->shape.rank == 0)
    return gw_invalid (error, "an IDX file cannot hold a %s of %d dimensions", gw_dtype_name (tensor->dtype),
                       tensor->shape.rank);
  file = gw_atomic_file_new (path, error);
  if (file == NULL || !gw_atomic_file_write (file, magic, sizeof magic, error))
    return FALSE;
  for (int i = 0; i < tensor->shape.rank; i++)
    {
      uint32_t size = GUINT32_TO_BE ((uint32_t) tensor->shape.dims[i]);

      if (tensor->shape.dims[i] > UINT32_MAX)
        return gw_invalid (error, "dimension %d is too large for an IDX file", i);
      if (!gw_atomic_file_write (file, &size, sizeof size, error))
        return FALSE;
    }
  return write_values (file, tensor, error) && gw_atomic_file_commit (file, error);
}
