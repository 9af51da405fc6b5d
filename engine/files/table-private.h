/* SPDX-License-Identifier: Apache-2.0 */
/* LevelDB-style sorted tables, the form of a checkpoint's index: data blocks with
 * prefix-compressed keys, an empty metaindex block, an index block, a footer. */
#pragma once

#include "engine/files/atomic-file.h"

#include <stddef.h>

G_BEGIN_DECLS

/* One entry, in ascending order of keys (bytes compared). Key and value are borrowed
 * for the call. FALSE with an error stops. */
typedef gboolean (*GwTableFunc) (void *data, const guint8 *key, size_t key_size,
                                 const guint8 *value, size_t value_size, GError **error);

/* Calls `func` for each entry of the table in `bytes`, plain or Snappy blocks. Checks
 * checksums, bounds and the order; `name` stands in errors. DATA_LOSS for damage,
 * UNIMPLEMENTED for another compression. */
gboolean gw_table_foreach (const guint8 *bytes, size_t size, const char *name,
                           GwTableFunc func, void *data, GError **error);

typedef struct _GwTableWriter GwTableWriter;

/* Writes to `file` from its present position 0 on; uncompressed blocks. */
GwTableWriter *gw_table_writer_new (GwAtomicFile *file);
void gw_table_writer_free (GwTableWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwTableWriter, gw_table_writer_free)
/* Keys must ascend strictly. */
gboolean gw_table_writer_add (GwTableWriter *writer, const void *key, size_t key_size,
                              const void *value, size_t value_size, GError **error);
/* Writes what is left, the index and the footer; the file is not committed. */
gboolean gw_table_writer_finish (GwTableWriter *writer, GError **error);

/* The longest key that is read or written. */
#define GW_TABLE_MAX_KEY ((size_t) 64 << 10)

G_END_DECLS
