/* SPDX-License-Identifier: Apache-2.0 */
/* A file that appears whole or not at all: written under a temporary name in the
 * same folder, brought to disk, then renamed. A kill or a full disk leaves what
 * was there before. */
#pragma once

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct _GwAtomicFile GwAtomicFile;

/* Will replace `path` (what a symbolic link points to, when it is one). Missing
 * parent folders are made. One thread at a time. */
GwAtomicFile *gw_atomic_file_new (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Buffered. RESOURCE_EXHAUSTED naming the file when the disk is full, UNAVAILABLE
 * when it cannot be written; the same again at every later call. */
gboolean gw_atomic_file_write (GwAtomicFile *file, const void *data, size_t size, GError **error);
uint64_t gw_atomic_file_position (const GwAtomicFile *file);

/* Brings everything to disk, still under the temporary name; for files that must
 * appear together. */
gboolean gw_atomic_file_sync (GwAtomicFile *file, GError **error);
/* sync and rename. Nothing can be written afterwards. */
gboolean gw_atomic_file_commit (GwAtomicFile *file, GError **error);
/* Without a commit before: removes the temporary file. NULL is fine. */
void gw_atomic_file_free (GwAtomicFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwAtomicFile, gw_atomic_file_free)

/* All of it at once. */
gboolean gw_atomic_write (const char *path, const void *data, size_t size, GError **error);

/* Sets the error of a failed system call, e.g. “cannot write PATH: No space left
 * on device”, with the code that `error_number` calls for. Returns FALSE. */
gboolean gw_set_file_error (GError **error, int error_number, const char *verb, const char *path);

G_END_DECLS
