/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes read in order from a file or from memory, uncompressed on the way. One
 * mechanism for all readers, so that each is plain, gzip and fuzzable at once. */
#pragma once

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct _GwInput GwInput;

typedef enum {
  GW_INPUT_AUTO,  /* gzip when it begins as gzip does, else plain */
  GW_INPUT_PLAIN,
  GW_INPUT_ZLIB,  /* a zlib or gzip stream */
} GwInputFormat;

/* What every incremental reader of this room answers. */
typedef enum {
  GW_READ_ERROR = -1,
  GW_READ_END = 0,
  GW_READ_OK = 1,
} GwReadStatus;

/* NOT_FOUND, UNAVAILABLE or INVALID_ARGUMENT (a folder), naming the file. One
 * thread at a time. */
GwInput *gw_input_open (const char *path, GwInputFormat format, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* `data` is borrowed. `name` stands in errors. */
GwInput *gw_input_new_memory (const void *data, size_t size, const char *name, GwInputFormat format);
void gw_input_free (GwInput *input);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwInput, gw_input_free)

/* The path, for messages. */
const char *gw_input_name (const GwInput *input);

/* Fills `buffer` and returns `size`, or fewer at the end of what is there; -1 with
 * DATA_LOSS for a damaged or cut compressed stream, UNAVAILABLE when reading
 * fails. A plain file that has grown since can be read on. */
gssize gw_input_read (GwInput *input, void *buffer, size_t size, GError **error);

/* FALSE with DATA_LOSS “PATH: ends in the middle of WHAT” unless all of it is there. */
gboolean gw_input_read_all (GwInput *input, void *buffer, size_t size, const char *what, GError **error);

/* Bytes delivered so far (after uncompressing). */
uint64_t gw_input_position (const GwInput *input);

/* Goes back to `position`, which was passed before. FALSE for a compressed stream. */
gboolean gw_input_rewind (GwInput *input, uint64_t position);

/* How many more bytes can at most come: exact for plain input, by deflate's
 * highest ratio (1032) otherwise. What a header claims is held against it before
 * any memory is taken. */
uint64_t gw_input_limit (const GwInput *input);

G_END_DECLS
