/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/blas.h"

#include "engine/base/error.h"

#include <dlfcn.h>

#define CORE_TYPE "OPENBLAS_CORETYPE"
#define N_THREADS "OPENBLAS_NUM_THREADS"

/* OpenBLAS's name for kernels of this processor's kind; NULL = let it choose. */
static const char *
core_type (void)
{
#if defined(__x86_64__)
  if (__builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512dq") &&
      __builtin_cpu_supports ("avx512bw") && __builtin_cpu_supports ("avx512vl"))
    return "SkylakeX";
  if (__builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma"))
    return "Haswell";
#endif
  return NULL;
}

static void *
open_library (void)
{
  g_autofree char *threads = g_strdup (g_getenv (N_THREADS));
  gboolean choose = g_getenv (CORE_TYPE) == NULL && core_type () != NULL;
  void *opened;

  if (choose)
    g_setenv (CORE_TYPE, core_type (), TRUE);
  g_setenv (N_THREADS, "1", TRUE);
  opened = dlopen ("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  if (choose)
    g_unsetenv (CORE_TYPE);
  if (threads != NULL)
    g_setenv (N_THREADS, threads, TRUE);
  else
    g_unsetenv (N_THREADS);
  return opened;
}

static void *library;

static gboolean
resolve (GwBlas *blas)
{
  void (*set_threads) (int) = NULL;

  library = open_library ();
  if (library == NULL)
    return FALSE;
  *(void **) &blas->sgemm = dlsym (library, "cblas_sgemm");
  *(void **) &blas->dgemm = dlsym (library, "cblas_dgemm");
  *(void **) &blas->cgemm = dlsym (library, "cblas_cgemm");
  *(void **) &blas->zgemm = dlsym (library, "cblas_zgemm");
  *(void **) &blas->get_corename = dlsym (library, "openblas_get_corename");
  *(void **) &set_threads = dlsym (library, "openblas_set_num_threads");
  if (set_threads != NULL)
    set_threads (1);
  return blas->sgemm != NULL && blas->dgemm != NULL && blas->cgemm != NULL && blas->zgemm != NULL && blas->get_corename != NULL;
}

const GwBlas *
gw_blas (GError **error)
{
  static GwBlas blas;
  static gsize state; /* 1 = there, 2 = not there */

  if (g_once_init_enter (&state))
    g_once_init_leave (&state, resolve (&blas) ? 1 : 2);
  if (state == 1)
    return &blas;
  g_set_error_literal (error, GW_ERROR, GW_ERROR_UNAVAILABLE,
                       "OpenBLAS (libopenblas.so.0, Debian's package libopenblas0) cannot be opened");
  return NULL;
}

void *
gw_blas_symbol (const char *name)
{
  return gw_blas (NULL) != NULL ? dlsym (library, name) : NULL;
}
