/* SPDX-License-Identifier: Apache-2.0 */
/* What checkpoint.c and checkpoint-slice.c share: where a value lies, and the keys of
 * partitioned variables. */
#pragma once

#include "engine/files/checkpoint.h"

G_BEGIN_DECLS

/* One value in a data file: a whole tensor, or one slice of a partitioned one. */
typedef struct {
  GwDType  dtype;
  GwShape  shape;
  int      shard;
  uint64_t offset, size;
  uint32_t crc;     /* masked */
} GwCheckpointPart;

/* Where a slice lies in the full tensor. */
typedef struct {
  int     rank;
  int64_t start[GW_MAX_RANK];
  int64_t length[GW_MAX_RANK]; /* -1 = the whole dimension */
} GwCheckpointSlice;

/* The key under which a bundle stores that slice of `name` (saved_tensor_slice_util:
 * ordered code of 0, name, rank, then start and length of each dimension). */
GByteArray *gw_checkpoint_slice_key (const char *name, const GwCheckpointSlice *slice);

/* FALSE unless the slice lies within `shape`; `region` becomes its own shape. */
gboolean gw_checkpoint_slice_region (const GwCheckpointSlice *slice, const GwShape *shape, GwShape *region);

/* Copies `part`, of the slice's shape, to its place in `whole`. */
void gw_checkpoint_slice_store (const GwCheckpointSlice *slice, const GwTensor *part, GwTensor *whole);

/* PREFIX.data-SSSSS-of-NNNNN. */
char *gw_checkpoint_data_path (const char *prefix, int shard, int n_shards);

/* PREFIX.data-?????-of-????? that exist, whatever numbers they say; char *. */
GPtrArray *gw_checkpoint_data_files (const char *prefix);

/* Shards that the header names. */
int gw_checkpoint_n_shards (const GwCheckpoint *checkpoint);

/* The checksum of a string tensor's lengths goes over 4 bytes each (8 beyond 2^32-1). */
uint32_t gw_checkpoint_crc_length (uint32_t crc, uint64_t length);

#define GW_BUNDLE_VERSION 1

G_END_DECLS
