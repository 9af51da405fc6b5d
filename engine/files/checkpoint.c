/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/checkpoint.h"

#include "engine/base/error.h"
#include "engine/files/checkpoint-private.h"
#include "engine/files/crc32c.h"
#include "engine/files/input-file.h"
#include "engine/files/proto-arena.h"
#include "engine/files/proto/bundle.pb-c.h"
#include "engine/files/raw-private.h"
#include "engine/files/table-private.h"
#include "engine/files/shape-message.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_CHUNK ((size_t) 1 << 20)
#define MAX_SHARDS 99999

typedef struct {
  GwCheckpointEntry  public;
  GwCheckpointPart   part;      /* when not partitioned */
  GwCheckpointSlice *slices;
  int                n_slices;
  char              *name;
  char              *problem;
} Entry;

struct _GwCheckpoint {
  char       *prefix;
  int         n_shards;
  gboolean    has_header;
  GPtrArray  *entries;  /* Entry, sorted by name */
  GHashTable *by_name;  /* name → Entry */
  GHashTable *slices;   /* GBytes → GwCheckpointPart */
};

/* --- Paths --- */

/* Length of P in “P.data-00000-of-00001”, or -1. */
static gssize
data_prefix_length (const char *path)
{
  const char *dot = strrchr (path, '.');

  if (dot == NULL || strlen (dot) != strlen (".data-00000-of-00001") || !g_str_has_prefix (dot, ".data-") ||
      strncmp (dot + 11, "-of-", 4) != 0)
    return -1;
  for (int i = 0; i < 5; i++)
    if (!g_ascii_isdigit (dot[6 + i]) || !g_ascii_isdigit (dot[15 + i]))
      return -1;
  return dot - path;
}

char *
gw_checkpoint_prefix_of (const char *path)
{
  gssize length = data_prefix_length (path);

  if (length >= 0)
    return g_strndup (path, (gsize) length);
  if (g_str_has_suffix (path, ".index"))
    return g_strndup (path, strlen (path) - strlen (".index"));
  if (g_str_has_suffix (path, ".meta"))
    return g_strndup (path, strlen (path) - strlen (".meta"));
  return g_strdup (path);
}

char *
gw_checkpoint_data_path (const char *prefix,
                         int         shard,
                         int         n_shards)
{
  return g_strdup_printf ("%s.data-%05d-of-%05d", prefix, shard, n_shards);
}

GPtrArray *
gw_checkpoint_data_files (const char *prefix)
{
  GPtrArray *files = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *folder = g_path_get_dirname (prefix);
  g_autofree char *base = g_path_get_basename (prefix);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (data_prefix_length (name) == (gssize) strlen (base) && g_str_has_prefix (name, base))
      g_ptr_array_add (files, g_build_filename (folder, name, NULL));
  return files;
}

/* --- The index --- */

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->slices);
  g_free (entry->name);
  g_free (entry->problem);
  g_free (entry);
}

void
gw_checkpoint_free (GwCheckpoint *checkpoint)
{
  if (checkpoint == NULL)
    return;
  g_hash_table_unref (checkpoint->by_name);
  g_hash_table_unref (checkpoint->slices);
  g_ptr_array_unref (checkpoint->entries);
  g_free (checkpoint->prefix);
  g_free (checkpoint);
}

static gboolean
damaged (const GwCheckpoint  *checkpoint,
         const char          *what,
         GError             **error)
{
  g_set_error (error, GW_ERROR, GW_ERROR_DATA_LOSS, "%s.index: %s", checkpoint->prefix, what);
  return FALSE;
}

static gboolean
unsupported (const GwCheckpoint  *checkpoint,
             const char          *what,
             GError             **error)
{
  g_set_error (error, GW_ERROR, GW_ERROR_UNIMPLEMENTED, "%s.index: %s", checkpoint->prefix, what);
  return FALSE;
}

static gboolean
read_header (GwCheckpoint  *checkpoint,
             GwProtoArena  *arena,
             const guint8  *value,
             size_t         size,
             GError       **error)
{
  Gw__BundleHeaderProto *header = gw_proto_unpack (arena, &gw__bundle_header_proto__descriptor, value, size,
                                                   "the header of the checkpoint", error);

  if (header == NULL)
    return FALSE;
  if (header->endianness != 0)
    return unsupported (checkpoint, "was written on a big-endian machine", error);
  if (header->version != NULL && header->version->min_consumer > GW_BUNDLE_VERSION)
    return unsupported (checkpoint, "needs a newer reader", error);
  if (header->num_shards < 1 || header->num_shards > MAX_SHARDS)
    return damaged (checkpoint, "the number of data files is impossible", error);
  checkpoint->n_shards = header->num_shards;
  checkpoint->has_header = TRUE;
  return TRUE;
}

/* Where the value lies; FALSE with the reason why it cannot be read. */
static gboolean
fill_part (const Gw__BundleEntryProto  *message,
           GwCheckpointPart            *part,
           GError                     **error)
{
  *part = (GwCheckpointPart) {
    .dtype = (GwDType) message->dtype, .shape = GW_SHAPE_UNKNOWN, .shard = message->shard_id,
    .offset = (uint64_t) message->offset, .size = (uint64_t) message->size, .crc = message->crc32c,
  };
  if (gw_dtype_size (part->dtype) == 0)
    part->dtype = GW_DTYPE_INVALID;
  if (!gw_shape_from_message (message->shape, &part->shape, error))
    {
      part->shape = GW_SHAPE_UNKNOWN;
      return FALSE;
    }
  if (part->dtype == GW_DTYPE_INVALID || part->dtype == GW_RESOURCE || part->dtype == GW_VARIANT)
    return gw_invalid (error, "the type number %d is not supported", message->dtype);
  if (gw_shape_elements (&part->shape) < 0)
    return gw_invalid (error, "the shape is not fully known or too large");
  if (message->offset < 0 || message->size < 0 || message->shard_id < 0)
    return gw_invalid (error, "the place in the data file is impossible");
  return TRUE;
}

static void
fill_slices (Entry                       *entry,
             const Gw__BundleEntryProto  *message)
{
  entry->public.partitioned = TRUE;
  entry->n_slices = (int) message->n_slices;
  entry->slices = g_new0 (GwCheckpointSlice, message->n_slices);
  for (int i = 0; i < entry->n_slices; i++)
    {
      const Gw__TensorSliceProto *proto = message->slices[i];
      GwCheckpointSlice *slice = &entry->slices[i];

      slice->rank = proto->n_extent > GW_MAX_RANK ? -1 : (int) proto->n_extent;
      for (int d = 0; d < slice->rank; d++)
        {
          const Gw__TensorSliceExtent *extent = proto->extent[d];
          gboolean given = extent->has_length_case == GW__TENSOR_SLICE_EXTENT__HAS_LENGTH_LENGTH;

          slice->start[d] = extent->start;
          slice->length[d] = given ? MAX (extent->length, 0) : -1;
        }
    }
}

static void
add_named (GwCheckpoint                *checkpoint,
           const char                  *key,
           size_t                       key_size,
           const Gw__BundleEntryProto  *message)
{
  Entry *entry = g_new0 (Entry, 1);
  g_autoptr (GError) problem = NULL;

  if (!fill_part (message, &entry->part, &problem))
    entry->problem = g_strdup (problem->message);
  if (g_utf8_validate_len (key, key_size, NULL))
    entry->name = g_strndup (key, key_size);
  else
    {
      entry->name = g_utf8_make_valid (key, (gssize) key_size);
      if (entry->problem == NULL)
        entry->problem = g_strdup ("the name is not valid UTF-8");
    }
  if (message->n_slices > 0)
    fill_slices (entry, message);
  entry->public.name = entry->name;
  entry->public.dtype = entry->part.dtype;
  entry->public.shape = entry->part.shape;
  entry->public.bytes = message->size;
  entry->public.problem = entry->problem;
  g_ptr_array_add (checkpoint->entries, entry);
}

/* Slices have keys that begin with a zero byte, which no name does. */
static void
add_slice (GwCheckpoint                *checkpoint,
           const guint8                *key,
           size_t                       key_size,
           const Gw__BundleEntryProto  *message)
{
  GwCheckpointPart part;

  if (fill_part (message, &part, NULL))
    g_hash_table_insert (checkpoint->slices, g_bytes_new (key, key_size), g_memdup2 (&part, sizeof part));
}

typedef struct {
  GwCheckpoint *checkpoint;
  GwProtoArena *arena;
} Opening;

static gboolean
open_entry (void          *data,
            const guint8  *key,
            size_t         key_size,
            const guint8  *value,
            size_t         value_size,
            GError       **error)
{
  Opening *opening = data;
  GwCheckpoint *checkpoint = opening->checkpoint;
  Gw__BundleEntryProto *message;

  gw_proto_arena_reset (opening->arena);
  if (key_size == 0)
    return read_header (checkpoint, opening->arena, value, value_size, error);
  if (!checkpoint->has_header)
    return damaged (checkpoint, "has no header", error);
  message = gw_proto_unpack (opening->arena, &gw__bundle_entry_proto__descriptor, value, value_size,
                             "an entry of the checkpoint", error);
  if (message == NULL)
    return FALSE;
  if (memchr (key, 0, key_size) != NULL)
    add_slice (checkpoint, key, key_size, message);
  else
    add_named (checkpoint, (const char *) key, key_size, message);
  return TRUE;
}

/* The part of slice `i`, or NULL when the table does not hold it. */
static const GwCheckpointPart *
find_slice (const GwCheckpoint *checkpoint,
            const Entry        *entry,
            int                 i)
{
  GByteArray *key = gw_checkpoint_slice_key (entry->name, &entry->slices[i]);
  g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (key);

  return g_hash_table_lookup (checkpoint->slices, bytes);
}

/* After all is read: names can be looked up, and partitioned tensors know their size. */
static void
finish_opening (GwCheckpoint *checkpoint)
{
  for (guint i = 0; i < checkpoint->entries->len; i++)
    {
      Entry *entry = g_ptr_array_index (checkpoint->entries, i);

      g_hash_table_insert (checkpoint->by_name, entry->name, entry);
      for (int s = 0; s < entry->n_slices; s++)
        {
          const GwCheckpointPart *part = entry->slices[s].rank >= 0 ? find_slice (checkpoint, entry, s) : NULL;

          if (part != NULL && part->size < (uint64_t) (INT64_MAX - entry->public.bytes))
            entry->public.bytes += (int64_t) part->size;
        }
    }
}

GwCheckpoint *
gw_checkpoint_new_from_index (const char  *prefix,
                              const void  *index,
                              size_t       size,
                              GError     **error)
{
  g_autoptr (GwCheckpoint) checkpoint = g_new0 (GwCheckpoint, 1);
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  g_autofree char *path = g_strconcat (prefix, ".index", NULL);
  Opening opening = { checkpoint, arena };

  checkpoint->prefix = g_strdup (prefix);
  checkpoint->entries = g_ptr_array_new_with_free_func (entry_free);
  checkpoint->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  checkpoint->slices = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, g_free);
  if (!gw_table_foreach (index, size, path, open_entry, &opening, error))
    return NULL;
  if (!checkpoint->has_header)
    {
      damaged (checkpoint, "has no header", error);
      return NULL;
    }
  finish_opening (checkpoint);
  return g_steal_pointer (&checkpoint);
}

GwCheckpoint *
gw_checkpoint_open (const char  *prefix,
                    GError     **error)
{
  g_autofree char *path = g_strconcat (prefix, ".index", NULL);
  g_autoptr (GwInput) input = gw_input_open (path, GW_INPUT_PLAIN, error);
  g_autofree guint8 *bytes = NULL;
  uint64_t size;

  if (input == NULL)
    return NULL;
  size = gw_input_limit (input);
  bytes = g_try_malloc (MAX (size, 1));
  if (bytes == NULL)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED, "%s: does not fit into memory", path);
      return NULL;
    }
  if (!gw_input_read_all (input, bytes, size, "the index", error))
    return NULL;
  return gw_checkpoint_new_from_index (prefix, bytes, size, error);
}

const char *
gw_checkpoint_prefix (const GwCheckpoint *checkpoint)
{
  return checkpoint->prefix;
}

int
gw_checkpoint_n_shards (const GwCheckpoint *checkpoint)
{
  return checkpoint->n_shards;
}

int
gw_checkpoint_n_entries (const GwCheckpoint *checkpoint)
{
  return (int) checkpoint->entries->len;
}

const GwCheckpointEntry *
gw_checkpoint_entry (const GwCheckpoint *checkpoint,
                     int                 i)
{
  g_return_val_if_fail (i >= 0 && (guint) i < checkpoint->entries->len, NULL);

  return &((const Entry *) g_ptr_array_index (checkpoint->entries, i))->public;
}

const GwCheckpointEntry *
gw_checkpoint_find (const GwCheckpoint *checkpoint,
                    const char         *name)
{
  const Entry *entry = g_hash_table_lookup (checkpoint->by_name, name);

  return entry != NULL ? &entry->public : NULL;
}

/* --- Values --- */

uint32_t
gw_checkpoint_crc_length (uint32_t crc,
                          uint64_t length)
{
  uint64_t wide = GUINT64_TO_LE (length);

  return gw_crc32c_extend (crc, &wide, length > UINT32_MAX ? 8 : 4);
}

typedef struct {
  int   fd;
  char *path;
} DataFile;

static void
data_file_close (DataFile *file)
{
  if (file->fd >= 0)
    close (file->fd);
  g_free (file->path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DataFile, data_file_close)

/* Opens the shard that holds `part` and sees that all of it is there, so that its
 * size can be believed. */
static gboolean
open_shard (const GwCheckpoint      *checkpoint,
            const GwCheckpointPart  *part,
            DataFile                *file,
            GError                 **error)
{
  struct stat info;

  file->path = gw_checkpoint_data_path (checkpoint->prefix, part->shard, checkpoint->n_shards);
  file->fd = open (file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file->fd < 0 || fstat (file->fd, &info) != 0)
    return gw_set_file_error (error, errno, "read", file->path);
  if (!S_ISREG (info.st_mode) || part->offset > (uint64_t) info.st_size ||
      part->size > (uint64_t) info.st_size - part->offset)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_DATA_LOSS, "%s: is shorter than the index says", file->path);
      return FALSE;
    }
  return TRUE;
}

/* Reads `size` bytes at `offset` and takes them into *crc. */
static gboolean
read_bytes (const DataFile  *file,
            uint64_t         offset,
            guint8          *buffer,
            size_t           size,
            uint32_t        *crc,
            GError         **error)
{
  while (size > 0)
    {
      ssize_t n = pread (file->fd, buffer, MIN (size, READ_CHUNK), (off_t) offset);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return gw_set_file_error (error, errno, "read", file->path);
      if (n == 0)
        {
          g_set_error (error, GW_ERROR, GW_ERROR_DATA_LOSS, "%s: became shorter", file->path);
          return FALSE;
        }
      *crc = gw_crc32c_extend (*crc, buffer, (size_t) n);
      buffer += n;
      offset += (uint64_t) n;
      size -= (size_t) n;
    }
  return TRUE;
}

static gboolean
check_crc (const GwCheckpointPart  *part,
           uint32_t                 crc,
           GError                 **error)
{
  if (gw_crc32c_mask (crc) == part->crc)
    return TRUE;
  g_set_error (error, GW_ERROR, GW_ERROR_DATA_LOSS,
               "Checksum does not match: stored %u vs. calculated on the restored bytes %u",
               gw_crc32c_unmask (part->crc), crc);
  return FALSE;
}

static gboolean
not_strings (GError **error)
{
  g_set_error (error, GW_ERROR, GW_ERROR_DATA_LOSS, "the lengths of the strings do not fit the stored bytes");
  return FALSE;
}

/* `bytes`: the lengths as varints, their masked checksum, all the strings. */
static gboolean
split_strings (const GwCheckpointPart  *part,
               const guint8            *bytes,
               GwTensor                *tensor,
               GError                 **error)
{
  const guint8 *end = bytes + part->size;
  const guint8 *cursor = bytes;
  const guint8 *text = bytes;
  uint32_t crc = 0;
  uint32_t stored;
  uint64_t length;

  for (int64_t i = 0; i < tensor->elements; i++)
    {
      if (!gw_varint_read (&text, end, &length))
        return not_strings (error);
      crc = gw_checkpoint_crc_length (crc, length);
    }
  if ((size_t) (end - text) < sizeof stored)
    return not_strings (error);
  memcpy (&stored, text, sizeof stored);
  if (GUINT32_FROM_LE (stored) != gw_crc32c_mask (crc))
    return not_strings (error);
  crc = gw_crc32c_extend (crc, text, sizeof stored);
  text += sizeof stored;
  if (!check_crc (part, gw_crc32c_extend (crc, text, (size_t) (end - text)), error))
    return FALSE;
  for (int64_t i = 0; i < tensor->elements; i++)
    {
      if (!gw_varint_read (&cursor, end, &length) || length > (size_t) (end - text))
        return not_strings (error);
      gw_string_set (&GW_TENSOR_DATA (tensor, GwString)[i], (const char *) text, (size_t) length);
      text += length;
    }
  return text == end || not_strings (error);
}

static GwTensor *
read_strings (const GwCheckpointPart  *part,
              const DataFile          *file,
              GError                 **error)
{
  g_autofree guint8 *bytes = NULL;
  g_autoptr (GwTensor) tensor = NULL;
  uint32_t unused = 0;

  if ((uint64_t) gw_shape_elements (&part->shape) > part->size)
    {
      not_strings (error);
      return NULL;
    }
  tensor = gw_tensor_new (GW_STRING, &part->shape, error);
  if (tensor == NULL)
    return NULL;
  bytes = g_try_malloc (MAX (part->size, 1));
  if (bytes == NULL)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED, "out of memory for %" G_GUINT64_FORMAT " bytes",
                   part->size);
      return NULL;
    }
  if (!read_bytes (file, part->offset, bytes, part->size, &unused, error) ||
      !split_strings (part, bytes, tensor, error))
    return NULL;
  return g_steal_pointer (&tensor);
}

static GwTensor *
read_numbers (const GwCheckpointPart  *part,
              const DataFile          *file,
              GError                 **error)
{
  g_autoptr (GwTensor) tensor = NULL;
  uint32_t crc = 0;

  if (part->size % gw_dtype_size (part->dtype) != 0 ||
      (uint64_t) gw_shape_elements (&part->shape) != part->size / gw_dtype_size (part->dtype))
    {
      g_set_error (error, GW_ERROR, GW_ERROR_DATA_LOSS, "the stored %" G_GUINT64_FORMAT
                   " bytes do not fit the shape", part->size);
      return NULL;
    }
  tensor = gw_tensor_new (part->dtype, &part->shape, error);
  if (tensor == NULL || !read_bytes (file, part->offset, tensor->data, tensor->bytes, &crc, error) ||
      !check_crc (part, crc, error))
    return NULL;
  if (part->dtype == GW_BOOL)
    gw_normalize_bools (tensor->data, tensor->bytes);
  return g_steal_pointer (&tensor);
}

static GwTensor *
read_part (const GwCheckpoint      *checkpoint,
           const GwCheckpointPart  *part,
           GError                 **error)
{
  g_auto (DataFile) file = { -1, NULL };

  if (!open_shard (checkpoint, part, &file, error))
    return NULL;
  return part->dtype == GW_STRING ? read_strings (part, &file, error) : read_numbers (part, &file, error);
}

/* The region of slice `i`, whose part must be there and alike. */
static const GwCheckpointPart *
check_slice (const GwCheckpoint  *checkpoint,
             const Entry         *entry,
             int                  i,
             GError             **error)
{
  const GwCheckpointPart *part = NULL;
  GwShape region;

  if (gw_checkpoint_slice_region (&entry->slices[i], &entry->part.shape, &region))
    part = find_slice (checkpoint, entry, i);
  if (part == NULL || part->dtype != entry->part.dtype || !gw_shape_equal (&part->shape, &region))
    {
      g_set_error (error, GW_ERROR, GW_ERROR_DATA_LOSS, "slice %d is missing or does not fit", i);
      return NULL;
    }
  return part;
}

static GwTensor *
read_partitioned (const GwCheckpoint  *checkpoint,
                  const Entry         *entry,
                  GError             **error)
{
  g_autoptr (GwTensor) whole = NULL;
  int64_t left = gw_shape_elements (&entry->part.shape);

  for (int i = 0; i < entry->n_slices; i++)
    {
      const GwCheckpointPart *part = check_slice (checkpoint, entry, i, error);
      g_auto (DataFile) file = { -1, NULL };

      if (part == NULL || !open_shard (checkpoint, part, &file, error))
        return NULL;
      left -= gw_shape_elements (&part->shape);
      if (left < 0)
        break;
    }
  if (left != 0)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_DATA_LOSS, "the slices do not make up the whole");
      return NULL;
    }
  whole = gw_tensor_new_zeros (entry->part.dtype, &entry->part.shape, error);
  for (int i = 0; whole != NULL && i < entry->n_slices; i++)
    {
      const GwCheckpointPart *part = check_slice (checkpoint, entry, i, error);
      g_autoptr (GwTensor) value = part != NULL ? read_part (checkpoint, part, error) : NULL;

      if (value == NULL)
        return NULL;
      gw_checkpoint_slice_store (&entry->slices[i], value, whole);
    }
  return g_steal_pointer (&whole);
}

GwTensor *
gw_checkpoint_read (const GwCheckpoint  *checkpoint,
                    const char          *name,
                    GError             **error)
{
  const Entry *entry = g_hash_table_lookup (checkpoint->by_name, name);
  GwTensor *tensor = NULL;

  if (entry == NULL)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND, "Key %s not found in checkpoint", name);
      return NULL;
    }
  if (entry->problem != NULL)
    g_set_error (error, GW_ERROR, GW_ERROR_UNIMPLEMENTED, "%s", entry->problem);
  else if (entry->public.partitioned)
    tensor = read_partitioned (checkpoint, entry, error);
  else
    tensor = read_part (checkpoint, &entry->part, error);
  if (tensor == NULL)
    g_prefix_error (error, "%s in checkpoint %s: ", name, checkpoint->prefix);
  return tensor;
}
