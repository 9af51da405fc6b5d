/* SPDX-License-Identifier: Apache-2.0 */
/* A register's vector, for the files that are compiled once for each set of instructions. */
#pragma once

#include "engine/device/cpu/vector/vector.h"

#include "engine/device/cpu/loops.h"

#if defined(__AVX512F__)
#define NATIVE 16
#define NATIVE_NAME(name) name##_avx512
#elif defined(__AVX2__)
#define NATIVE 8
#define NATIVE_NAME(name) name##_avx2
#else
#define NATIVE 4
#define NATIVE_NAME(name) name##_plain
#endif

#define UNROLL _Pragma ("GCC unroll 16")

typedef float Native __attribute__ ((vector_size (NATIVE * sizeof (float)), aligned (sizeof (float)), may_alias));
typedef int32_t NativeLanes __attribute__ ((vector_size (NATIVE * sizeof (int32_t))));

/* A vector whose lanes are LANE (0, x), LANE (1, x), … */
#if NATIVE == 16
#define EACH_LANE(LANE, x)                                                                            \
  ((NativeLanes) { LANE (0, x), LANE (1, x), LANE (2, x), LANE (3, x), LANE (4, x), LANE (5, x),      \
                   LANE (6, x), LANE (7, x), LANE (8, x), LANE (9, x), LANE (10, x), LANE (11, x),    \
                   LANE (12, x), LANE (13, x), LANE (14, x), LANE (15, x) })
#elif NATIVE == 8
#define EACH_LANE(LANE, x)                                                                            \
  ((NativeLanes) { LANE (0, x), LANE (1, x), LANE (2, x), LANE (3, x), LANE (4, x), LANE (5, x),      \
                   LANE (6, x), LANE (7, x) })
#else
#define EACH_LANE(LANE, x) ((NativeLanes) { LANE (0, x), LANE (1, x), LANE (2, x), LANE (3, x) })
#endif
