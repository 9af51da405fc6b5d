/* SPDX-License-Identifier: Apache-2.0 */
/* TensorFlow's V2 checkpoints (tensor bundles): PREFIX.index, a LevelDB-style table
 * of names, and PREFIX.data-00000-of-00001, the values one after the other. */
#pragma once

#include "engine/tensor/tensor.h"

G_BEGIN_DECLS

/* The prefix that PATH (PREFIX.index, PREFIX.data-…, PREFIX.meta or PREFIX itself)
 * belongs to. Free with g_free(). */
char *gw_checkpoint_prefix_of (const char *path);

/* --- Reading. Any number of threads once opened. --- */
typedef struct _GwCheckpoint GwCheckpoint;

typedef struct {
  const char *name;
  GwDType     dtype;       /* INVALID for a type that this program does not know */
  GwShape     shape;       /* unknown rank when it has more than GW_MAX_RANK dimensions */
  int64_t     bytes;       /* as stored; of all its parts together when partitioned */
  gboolean    partitioned; /* stored in slices; read as one tensor all the same */
  const char *problem;     /* why it cannot be read, or NULL */
} GwCheckpointEntry;

/* Reads PREFIX.index alone, so a missing data file shows only when a value is
 * read. NOT_FOUND; DATA_LOSS for a damaged index; UNIMPLEMENTED for a big-endian or
 * newer format. */
GwCheckpoint *gw_checkpoint_open (const char *prefix, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same from the bytes of an index (which are not kept). */
GwCheckpoint *gw_checkpoint_new_from_index (const char *prefix, const void *index, size_t size, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
void gw_checkpoint_free (GwCheckpoint *checkpoint);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwCheckpoint, gw_checkpoint_free)

const char *gw_checkpoint_prefix (const GwCheckpoint *checkpoint);
/* Tensors sorted by name; owned by `checkpoint`. */
int gw_checkpoint_n_entries (const GwCheckpoint *checkpoint);
const GwCheckpointEntry *gw_checkpoint_entry (const GwCheckpoint *checkpoint, int i);
/* NULL when there is none of that name. */
const GwCheckpointEntry *gw_checkpoint_find (const GwCheckpoint *checkpoint, const char *name);

/* NOT_FOUND “Key NAME not found in checkpoint”; DATA_LOSS “Checksum does not match…”
 * or when the data file is too short; UNIMPLEMENTED for an entry with a problem. */
GwTensor *gw_checkpoint_read (const GwCheckpoint *checkpoint, const char *name, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

/* --- Writing. One thread at a time. --- */
typedef struct _GwCheckpointWriter GwCheckpointWriter;

/* Makes missing folders. Until finish, the files of an older checkpoint of that
 * prefix stay as they are. */
GwCheckpointWriter *gw_checkpoint_writer_new (const char *prefix, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The value is written at once from the tensor's own memory. Numbers, bool,
 * strings. ALREADY_EXISTS for a second tensor of one name, INVALID_ARGUMENT for a
 * resource or an empty name, RESOURCE_EXHAUSTED for a full disk. */
gboolean gw_checkpoint_writer_add (GwCheckpointWriter *writer, const char *name, const GwTensor *tensor,
                                   GError **error);
/* The same of a part of a tensor whose whole shape is `shape`: `length[i]` elements from
 * `start[i]` on along dimension i (-1 = all of it). The parts of one name may come in any
 * order; what reads the checkpoint sees one tensor. INVALID_ARGUMENT for a part that does
 * not lie in the whole or is not of the tensor's shape. */
gboolean gw_checkpoint_writer_add_slice (GwCheckpointWriter *writer, const char *name, const GwShape *shape,
                                         const int64_t *start, const int64_t *length, const GwTensor *tensor,
                                         GError **error);
/* Brings everything to disk; the renaming of the index is the one moment at which
 * the new checkpoint takes the place of an old one (the data file then is named as
 * shard 1 of 2, so as not to be that of the old one). On error nothing has changed. */
gboolean gw_checkpoint_writer_finish (GwCheckpointWriter *writer, GError **error);
/* Without finish: removes the temporary files. */
void gw_checkpoint_writer_free (GwCheckpointWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwCheckpointWriter, gw_checkpoint_writer_free)

/* Removes PREFIX.index, PREFIX.data-?????-of-?????, PREFIX.meta and PREFIX`suffix` for
 * each of the NULL-terminated `side_suffixes` (may be NULL). Files that are not
 * there are no error. */
gboolean gw_checkpoint_delete (const char *prefix, const char *const *side_suffixes, GError **error);

G_END_DECLS
