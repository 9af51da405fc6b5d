/* SPDX-License-Identifier: Apache-2.0 */
/* What every file of element loops begins with: the compiler's settings for them
 * and the shapes that the loops share. Include it behind the other headers, so
 * that the settings hold for the loops alone. NaN and infinity keep their
 * meaning; only traps and errno are given up. */
#pragma once

#include "engine/base/simd.h"

#include <stdint.h>

#pragma GCC optimize ("O3", "no-trapping-math", "no-math-errno")

/* Before a loop whose element i is read before element i is written and never
 * read again: it may run over memory that is its own input. */
#define GW_IVDEP _Pragma ("GCC ivdep")

/* For the narrow types, which are seldom used, one version is enough. */
#define GW_NO_CLONES

#define GW_INLINE static inline __attribute__ ((always_inline))

/* Elements that a chunk of a parallel loop holds, about. */
#define GW_GRAIN 16384

/* Integer arithmetic wraps around as TensorFlow's does, without undefined
 * behaviour: it is done in an unsigned type at least as wide. */
typedef uint32_t GwWrap_int32_t, GwWrap_uint8_t, GwWrap_int8_t, GwWrap_int16_t, GwWrap_uint16_t, GwWrap_uint32_t;
typedef uint64_t GwWrap_int64_t, GwWrap_uint64_t;
#define GW_WRAP(T, a, op, b) ((T) ((GwWrap_##T) (a) op (GwWrap_##T) (b)))
