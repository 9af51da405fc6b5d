/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes of bytes that are the same on every machine and in every version, for
 * buckets and for the crossing of features: TensorFlow's. */
#pragma once

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

/* FarmHash's Fingerprint64. */
uint64_t gw_fingerprint64 (const char *data, size_t length);
/* Of two fingerprints (core/platform/fingerprint.h, FingerprintCat64). */
uint64_t gw_fingerprint_cat64 (uint64_t a, uint64_t b);
/* MurmurHash64A with TensorFlow's seed (core/lib/hash/hash.cc, Hash64). */
uint64_t gw_hash64 (const char *data, size_t length);
/* SipHash-2-4: without the key nobody finds inputs that collide. */
uint64_t gw_siphash (const uint64_t key[2], const char *data, size_t length);

G_END_DECLS
