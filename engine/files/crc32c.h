/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32C (Castagnoli), the checksum of record files, event files and
 * checkpoints: reflected polynomial 0x82F63B78, start and end inverted. */
#pragma once

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

/* The checksum of `size` bytes; crc32c ("123456789") = 0xe3069283. Any thread. */
uint32_t gw_crc32c (const void *data, size_t size);
/* Goes on from `crc`, the checksum of what stood before; 0 starts. */
uint32_t gw_crc32c_extend (uint32_t crc, const void *data, size_t size);

/* As stored in files: rotated right by 15, plus 0xA282EAD8. */
uint32_t gw_crc32c_mask (uint32_t crc);
uint32_t gw_crc32c_unmask (uint32_t masked);

/* The table-driven form that is used where the processor has no instruction for
 * it; same value. For tests. */
uint32_t gw_crc32c_extend_portable (uint32_t crc, const void *data, size_t size);

G_END_DECLS
