/* SPDX-License-Identifier: Apache-2.0 */
/* The text file `checkpoint` of a folder: which checkpoints there are, which is the
 * newest, and the deleting of those beyond the number to keep. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  char      *latest;        /* model_checkpoint_path, as written (often relative); NULL = none */
  GPtrArray *all;           /* char *, oldest first; the last equals `latest` */
  GArray    *timestamps;    /* double, seconds; empty, or one for each of `all` */
  double     last_preserved;
} GwCheckpointState;

GwCheckpointState *gw_checkpoint_state_new (void);
void gw_checkpoint_state_free (GwCheckpointState *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwCheckpointState, gw_checkpoint_state_free)

/* NOT_FOUND without such a file, DATA_LOSS with line number when it is not
 * understood. Unknown fields are skipped. */
GwCheckpointState *gw_checkpoint_state_read (const char *folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* From its text; for tests. */
GwCheckpointState *gw_checkpoint_state_parse (const char *text, gsize size, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
gboolean gw_checkpoint_state_write (const GwCheckpointState *state, const char *folder, GError **error);

/* Prefix of the newest checkpoint of `folder`, joined with the folder; NOT_FOUND when
 * there is no state file or its index is not there. */
char *gw_checkpoint_latest (const char *folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Records that `prefix` (a path inside `folder`) was just written: it becomes the
 * newest (moved to the end when it was listed), the state file is written with
 * relative paths, and then the oldest beyond `max_to_keep` are deleted with all
 * their files (0: none is). `side_suffixes` as in gw_checkpoint_delete(). */
gboolean gw_checkpoint_retain (const char *folder, const char *prefix, int max_to_keep,
                               const char *const *side_suffixes, GError **error);

G_END_DECLS
