/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/vector/vector.h"

#define ADD_FILES(set)                  \
  do                                    \
    {                                   \
      gw_vector_tiles_##set (loops);    \
      gw_vector_narrow_##set (loops);   \
      gw_vector_winograd_##set (loops); \
      return TRUE;                      \
    }                                   \
  while (0)

/* What -march=x86-64-v3 and -v4 take for granted. */
static gboolean
processor_has (GwVectorSet set)
{
#ifdef GW_VECTOR_SETS
  if (set == GW_VECTOR_AVX512)
    return __builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512vl") && __builtin_cpu_supports ("avx512bw") &&
           __builtin_cpu_supports ("avx512dq") && __builtin_cpu_supports ("avx512cd");
  if (set == GW_VECTOR_AVX2)
    return __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma") && __builtin_cpu_supports ("bmi2");
#endif
  return set == GW_VECTOR_PLAIN;
}

gboolean
gw_vector_loops_of (GwVectorSet    set,
                    GwVectorLoops *loops)
{
  if (!processor_has (set))
    return FALSE;
#ifdef GW_VECTOR_SETS
  if (set == GW_VECTOR_AVX512)
    ADD_FILES (avx512);
  if (set == GW_VECTOR_AVX2)
    ADD_FILES (avx2);
#endif
  ADD_FILES (plain);
}

const GwVectorLoops *
gw_vector_loops (void)
{
  static GwVectorLoops best;
  static gsize chosen;

  if (g_once_init_enter (&chosen))
    {
      int set = GW_VECTOR_N_SETS - 1;

      while (!gw_vector_loops_of ((GwVectorSet) set, &best))
        set--;
      g_once_init_leave (&chosen, 1);
    }
  return &best;
}
