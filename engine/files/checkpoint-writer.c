/* SPDX-License-Identifier: Apache-2.0 */
/* The writing half of checkpoint.h. A checkpoint that is overwritten must be whole at
 * every moment, although it is two files: the new data file gets a name that the old
 * index does not use (shard 0 of 1, or shard 1 of 2), so that renaming the index is
 * the one step from old to new. */
#include "engine/files/checkpoint.h"

#include "engine/base/error.h"
#include "engine/files/atomic-file.h"
#include "engine/files/checkpoint-private.h"
#include "engine/files/crc32c.h"
#include "engine/files/proto-arena.h"
#include "engine/files/proto/bundle.pb-c.h"
#include "engine/files/table-private.h"
#include "engine/files/shape-message.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* What the index says of one key: a tensor, a partitioned tensor, or a slice of one. */
typedef struct {
  char            *name;
  GByteArray      *key;    /* the name, or of a slice the bytes of gw_checkpoint_slice_key() */
  GwCheckpointPart part;
  GArray          *slices; /* of GwCheckpointSlice: a partitioned tensor, without a value; else NULL */
} Entry;

struct _GwCheckpointWriter {
  char         *prefix;
  char         *data_path;
  int           n_shards;  /* 1 or 2; the data file is the last of them */
  GwAtomicFile *data;
  GPtrArray    *entries;   /* Entry */
  GHashTable   *names;     /* name → Entry of the whole tensor */
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->name);
  g_byte_array_unref (entry->key);
  g_clear_pointer (&entry->slices, g_array_unref);
  g_free (entry);
}

/* Takes `key`; NULL = the name. */
static Entry *
add_entry_for (GwCheckpointWriter *writer,
               const char         *name,
               GByteArray         *key)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->name = g_strdup (name);
  entry->key = key != NULL ? key : g_byte_array_append (g_byte_array_new (), (const guint8 *) name, (guint) strlen (name));
  g_ptr_array_add (writer->entries, entry);
  return entry;
}

void
gw_checkpoint_writer_free (GwCheckpointWriter *writer)
{
  if (writer == NULL)
    return;
  gw_atomic_file_free (writer->data);
  g_hash_table_unref (writer->names);
  g_ptr_array_unref (writer->entries);
  g_free (writer->data_path);
  g_free (writer->prefix);
  g_free (writer);
}

GwCheckpointWriter *
gw_checkpoint_writer_new (const char  *prefix,
                          GError     **error)
{
  g_autoptr (GwCheckpointWriter) writer = g_new0 (GwCheckpointWriter, 1);
  g_autoptr (GwCheckpoint) old = gw_checkpoint_open (prefix, NULL);

  writer->prefix = g_strdup (prefix);
  writer->entries = g_ptr_array_new_with_free_func (entry_free);
  writer->names = g_hash_table_new (g_str_hash, g_str_equal);
  writer->n_shards = old != NULL && gw_checkpoint_n_shards (old) == 1 ? 2 : 1;
  writer->data_path = gw_checkpoint_data_path (prefix, writer->n_shards - 1, writer->n_shards);
  writer->data = gw_atomic_file_new (writer->data_path, error);
  return writer->data != NULL ? g_steal_pointer (&writer) : NULL;
}

/* Lengths as varints, their masked checksum, then the bytes of all strings. */
static gboolean
write_strings (GwCheckpointWriter  *writer,
               const GwTensor      *tensor,
               uint32_t            *crc,
               GError             **error)
{
  g_autoptr (GByteArray) lengths = g_byte_array_new ();
  uint32_t stored;

  for (int64_t i = 0; i < tensor->elements; i++)
    {
      size_t length = gw_tensor_get_string (tensor, i)->length;

      gw_varint_append (lengths, length);
      *crc = gw_checkpoint_crc_length (*crc, length);
    }
  stored = GUINT32_TO_LE (gw_crc32c_mask (*crc));
  *crc = gw_crc32c_extend (*crc, &stored, sizeof stored);
  g_byte_array_append (lengths, (const guint8 *) &stored, sizeof stored);
  if (!gw_atomic_file_write (writer->data, lengths->data, lengths->len, error))
    return FALSE;
  for (int64_t i = 0; i < tensor->elements; i++)
    {
      const GwString *string = gw_tensor_get_string (tensor, i);

      if (!gw_atomic_file_write (writer->data, string->data, string->length, error))
        return FALSE;
      *crc = gw_crc32c_extend (*crc, string->data, string->length);
    }
  return TRUE;
}

static gboolean
check_name (const char          *name,
            const GwTensor      *tensor,
            GError             **error)
{
  if (name[0] == '\0' || strlen (name) > GW_TABLE_MAX_KEY || !g_utf8_validate (name, -1, NULL))
    return gw_invalid (error, "“%.80s” cannot be the name of a tensor in a checkpoint", name);
  if (tensor->dtype == GW_RESOURCE || tensor->dtype == GW_VARIANT)
    return gw_invalid (error, "%s is a %s, which a checkpoint cannot hold", name, gw_dtype_name (tensor->dtype));
  return TRUE;
}

static gboolean
refuse_second (const char  *name,
               GError     **error)
{
  g_set_error (error, GW_ERROR, GW_ERROR_ALREADY_EXISTS, "%s is in the checkpoint already", name);
  return FALSE;
}

/* Writes the value; *part says where it is then. */
static gboolean
write_value (GwCheckpointWriter  *writer,
             const GwTensor      *tensor,
             GwCheckpointPart    *part,
             GError             **error)
{
  uint32_t crc = 0;
  gboolean ok;

  *part = (GwCheckpointPart) {
    .dtype = tensor->dtype, .shape = tensor->shape, .shard = writer->n_shards - 1,
    .offset = gw_atomic_file_position (writer->data),
  };
  if (tensor->dtype == GW_STRING)
    ok = write_strings (writer, tensor, &crc, error);
  else
    {
      crc = gw_crc32c (tensor->data, tensor->bytes);
      ok = gw_atomic_file_write (writer->data, tensor->data, tensor->bytes, error);
    }
  if (!ok)
    return FALSE;
  part->size = gw_atomic_file_position (writer->data) - part->offset;
  part->crc = gw_crc32c_mask (crc);
  return TRUE;
}

gboolean
gw_checkpoint_writer_add (GwCheckpointWriter  *writer,
                          const char          *name,
                          const GwTensor      *tensor,
                          GError             **error)
{
  GwCheckpointPart part;
  Entry *entry;

  if (!check_name (name, tensor, error))
    return FALSE;
  if (g_hash_table_contains (writer->names, name))
    return refuse_second (name, error);
  if (!write_value (writer, tensor, &part, error))
    return FALSE;
  entry = add_entry_for (writer, name, NULL);
  entry->part = part;
  g_hash_table_insert (writer->names, entry->name, entry);
  return TRUE;
}

/* ---- slices ---- */

/* Whether the slice may join those that are there of `name`. */
static gboolean
check_slice (const Entry              *whole,
             const char               *name,
             const GwShape            *shape,
             const GwCheckpointSlice  *slice,
             const GwTensor           *tensor,
             GError                  **error)
{
  g_autofree char *all = gw_shape_to_string (shape), *own = gw_shape_to_string (&tensor->shape);
  GwShape region;

  if (!gw_checkpoint_slice_region (slice, shape, &region) || !gw_shape_equal (&region, &tensor->shape))
    return gw_invalid (error, "%s: a tensor of shape %s is not the slice of %s that it is said to be", name, own, all);
  if (whole == NULL)
    return TRUE;
  if (whole->slices == NULL)
    return refuse_second (name, error);
  if (whole->part.dtype != tensor->dtype || !gw_shape_equal (&whole->part.shape, shape))
    return gw_invalid (error, "%s: slices of one tensor are of different types or whole shapes", name);
  for (guint i = 0; i < whole->slices->len; i++)
    if (memcmp (&g_array_index (whole->slices, GwCheckpointSlice, i), slice, sizeof *slice) == 0)
      return refuse_second (name, error);
  return TRUE;
}

gboolean
gw_checkpoint_writer_add_slice (GwCheckpointWriter  *writer,
                                const char          *name,
                                const GwShape       *shape,
                                const int64_t       *start,
                                const int64_t       *length,
                                const GwTensor      *tensor,
                                GError             **error)
{
  Entry *whole = g_hash_table_lookup (writer->names, name);
  GwCheckpointSlice slice;
  GwCheckpointPart part;

  memset (&slice, 0, sizeof slice); /* it is compared as bytes */
  slice.rank = shape->rank;
  for (int i = 0; i < shape->rank; i++)
    {
      slice.start[i] = start[i];
      slice.length[i] = length[i];
    }
  if (!check_name (name, tensor, error) || !check_slice (whole, name, shape, &slice, tensor, error) ||
      !write_value (writer, tensor, &part, error))
    return FALSE;
  if (whole == NULL)
    {
      whole = add_entry_for (writer, name, NULL);
      whole->part = (GwCheckpointPart) { .dtype = tensor->dtype, .shape = *shape };
      whole->slices = g_array_new (FALSE, FALSE, sizeof slice);
      g_hash_table_insert (writer->names, whole->name, whole);
    }
  g_array_append_val (whole->slices, slice);
  add_entry_for (writer, name, gw_checkpoint_slice_key (name, &slice))->part = part;
  return TRUE;
}

static int
compare_entries (gconstpointer a,
                 gconstpointer b)
{
  const GByteArray *x = (*(Entry *const *) a)->key, *y = (*(Entry *const *) b)->key;
  int order = memcmp (x->data, y->data, MIN (x->len, y->len));

  return order != 0 ? order : x->len < y->len ? -1 : x->len > y->len;
}

static gboolean
add_message (GwTableWriter           *table,
             const void              *key,
             size_t                   key_size,
             const ProtobufCMessage  *message,
             GError                 **error)
{
  g_autoptr (GBytes) value = gw_proto_pack (message, "an entry of the checkpoint", error);

  return value != NULL && gw_table_writer_add (table, key, key_size, g_bytes_get_data (value, NULL),
                                               g_bytes_get_size (value), error);
}

static gboolean
add_header (GwTableWriter  *table,
            int             n_shards,
            GError        **error)
{
  Gw__BundleHeaderProto header = GW__BUNDLE_HEADER_PROTO__INIT;
  Gw__VersionDef version = GW__VERSION_DEF__INIT;

  version.producer = GW_BUNDLE_VERSION;
  header.num_shards = n_shards;
  header.version = &version;
  return add_message (table, "", 0, &header.base, error);
}

/* The message of one slice, its ranges behind it. */
typedef struct {
  Gw__TensorSliceProto   message;
  Gw__TensorSliceExtent *ranges[GW_MAX_RANK];
  Gw__TensorSliceExtent  values[GW_MAX_RANK];
} SliceMessage;

static Gw__TensorSliceProto *
fill_slice (SliceMessage            *slice,
            const GwCheckpointSlice *from)
{
  gw__tensor_slice_proto__init (&slice->message);
  slice->message.n_extent = (size_t) from->rank;
  slice->message.extent = slice->ranges;
  for (int i = 0; i < from->rank; i++)
    {
      Gw__TensorSliceExtent *range = slice->ranges[i] = &slice->values[i];

      gw__tensor_slice_extent__init (range);
      range->start = from->start[i];
      if (from->length[i] < 0)
        continue;
      range->has_length_case = GW__TENSOR_SLICE_EXTENT__HAS_LENGTH_LENGTH;
      range->length = from->length[i];
    }
  return &slice->message;
}

static gboolean
add_entry (GwTableWriter  *table,
           const Entry    *entry,
           GError        **error)
{
  Gw__BundleEntryProto message = GW__BUNDLE_ENTRY_PROTO__INIT;
  guint n_slices = entry->slices != NULL ? entry->slices->len : 0;
  g_autofree SliceMessage *slices = g_new (SliceMessage, n_slices);
  g_autofree Gw__TensorSliceProto **list = g_new (Gw__TensorSliceProto *, n_slices);
  GwShapeMessage shape;

  gw_shape_message_init (&shape, &entry->part.shape);
  message.dtype = (int32_t) entry->part.dtype;
  message.shape = &shape.message;
  message.shard_id = entry->part.shard;
  message.offset = (int64_t) entry->part.offset;
  message.size = (int64_t) entry->part.size;
  message.crc32c = entry->part.crc;
  message.n_slices = n_slices;
  message.slices = list;
  for (guint i = 0; i < n_slices; i++)
    list[i] = fill_slice (&slices[i], &g_array_index (entry->slices, GwCheckpointSlice, i));
  return add_message (table, entry->key->data, entry->key->len, &message.base, error);
}

static gboolean
write_index (GwCheckpointWriter  *writer,
             GwAtomicFile        *file,
             GError             **error)
{
  g_autoptr (GwTableWriter) table = gw_table_writer_new (file);

  g_ptr_array_sort (writer->entries, compare_entries);
  if (!add_header (table, writer->n_shards, error))
    return FALSE;
  for (guint i = 0; i < writer->entries->len; i++)
    if (!add_entry (table, g_ptr_array_index (writer->entries, i), error))
      return FALSE;
  return gw_table_writer_finish (table, error) && gw_atomic_file_sync (file, error);
}

/* Data files of the checkpoint that was replaced. */
static void
remove_old_data (GwCheckpointWriter *writer)
{
  g_autoptr (GPtrArray) files = gw_checkpoint_data_files (writer->prefix);
  g_autofree char *own = g_path_get_basename (writer->data_path);

  for (guint i = 0; i < files->len; i++)
    {
      g_autofree char *base = g_path_get_basename (g_ptr_array_index (files, i));

      if (!g_str_equal (base, own))
        unlink (g_ptr_array_index (files, i));
    }
}

gboolean
gw_checkpoint_writer_finish (GwCheckpointWriter  *writer,
                             GError             **error)
{
  g_autofree char *index_path = g_strconcat (writer->prefix, ".index", NULL);
  g_autoptr (GwAtomicFile) index = NULL;

  if (!gw_atomic_file_sync (writer->data, error))
    return FALSE;
  index = gw_atomic_file_new (index_path, error);
  if (index == NULL || !write_index (writer, index, error) || !gw_atomic_file_commit (writer->data, error))
    return FALSE;
  if (!gw_atomic_file_commit (index, error))
    {
      unlink (writer->data_path); /* no index names it */
      return FALSE;
    }
  remove_old_data (writer);
  return TRUE;
}

/* --- Deleting --- */

static gboolean
remove_file (const char  *path,
             GError     **error)
{
  if (unlink (path) == 0 || errno == ENOENT)
    return TRUE;
  return gw_set_file_error (error, errno, "remove", path);
}

static gboolean
remove_with_suffix (const char  *prefix,
                    const char  *suffix,
                    GError     **error)
{
  g_autofree char *path = g_strconcat (prefix, suffix, NULL);

  return remove_file (path, error);
}

gboolean
gw_checkpoint_delete (const char         *prefix,
                      const char *const  *side_suffixes,
                      GError            **error)
{
  g_autoptr (GPtrArray) files = NULL;

  /* The index first: without it the rest is no checkpoint any more. */
  if (!remove_with_suffix (prefix, ".index", error))
    return FALSE;
  files = gw_checkpoint_data_files (prefix);
  for (guint i = 0; i < files->len; i++)
    if (!remove_file (g_ptr_array_index (files, i), error))
      return FALSE;
  for (int i = 0; side_suffixes != NULL && side_suffixes[i] != NULL; i++)
    if (!remove_with_suffix (prefix, side_suffixes[i], error))
      return FALSE;
  return remove_with_suffix (prefix, ".meta", error);
}
