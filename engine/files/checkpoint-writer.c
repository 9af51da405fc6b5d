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
#include "engine/files/tensor-proto-private.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  char            *name;
  GwCheckpointPart part;
} Entry;

struct _GwCheckpointWriter {
  char         *prefix;
  char         *data_path;
  int           n_shards;  /* 1 or 2; the data file is the last of them */
  GwAtomicFile *data;
  GPtrArray    *entries;   /* Entry */
  GHashTable   *names;
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->name);
  g_free (entry);
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
check_name (GwCheckpointWriter  *writer,
            const char          *name,
            const GwTensor      *tensor,
            GError             **error)
{
  if (name[0] == '\0' || strlen (name) > GW_TABLE_MAX_KEY || !g_utf8_validate (name, -1, NULL))
    return gw_invalid (error, "“%.80s” cannot be the name of a tensor in a checkpoint", name);
  if (tensor->dtype == GW_RESOURCE || tensor->dtype == GW_VARIANT)
    return gw_invalid (error, "%s is a %s, which a checkpoint cannot hold", name, gw_dtype_name (tensor->dtype));
  if (!g_hash_table_contains (writer->names, name))
    return TRUE;
  g_set_error (error, GW_ERROR, GW_ERROR_ALREADY_EXISTS, "%s is in the checkpoint already", name);
  return FALSE;
}

gboolean
gw_checkpoint_writer_add (GwCheckpointWriter  *writer,
                          const char          *name,
                          const GwTensor      *tensor,
                          GError             **error)
{
  GwCheckpointPart part = {
    .dtype = tensor->dtype, .shape = tensor->shape, .shard = writer->n_shards - 1,
    .offset = gw_atomic_file_position (writer->data),
  };
  uint32_t crc = 0;
  gboolean ok;
  Entry *entry;

  if (!check_name (writer, name, tensor, error))
    return FALSE;
  if (tensor->dtype == GW_STRING)
    ok = write_strings (writer, tensor, &crc, error);
  else
    {
      crc = gw_crc32c (tensor->data, tensor->bytes);
      ok = gw_atomic_file_write (writer->data, tensor->data, tensor->bytes, error);
    }
  if (!ok)
    return FALSE;
  part.size = gw_atomic_file_position (writer->data) - part.offset;
  part.crc = gw_crc32c_mask (crc);
  entry = g_new0 (Entry, 1);
  entry->name = g_strdup (name);
  entry->part = part;
  g_ptr_array_add (writer->entries, entry);
  g_hash_table_add (writer->names, entry->name);
  return TRUE;
}

static int
compare_entries (gconstpointer a,
                 gconstpointer b)
{
  return strcmp ((*(Entry *const *) a)->name, (*(Entry *const *) b)->name);
}

static gboolean
add_message (GwTableWriter           *table,
             const char              *key,
             const ProtobufCMessage  *message,
             GError                 **error)
{
  g_autoptr (GBytes) value = gw_proto_pack (message, "an entry of the checkpoint", error);

  return value != NULL && gw_table_writer_add (table, key, strlen (key), g_bytes_get_data (value, NULL),
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
  return add_message (table, "", &header.base, error);
}

static gboolean
add_entry (GwTableWriter  *table,
           const Entry    *entry,
           GError        **error)
{
  Gw__BundleEntryProto message = GW__BUNDLE_ENTRY_PROTO__INIT;
  GwShapeMessage shape;

  gw_shape_message_init (&shape, &entry->part.shape);
  message.dtype = (int32_t) entry->part.dtype;
  message.shape = &shape.message;
  message.shard_id = entry->part.shard;
  message.offset = (int64_t) entry->part.offset;
  message.size = (int64_t) entry->part.size;
  message.crc32c = entry->part.crc;
  return add_message (table, entry->name, &message.base, error);
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
