/* SPDX-License-Identifier: Apache-2.0 */
/* One binary, fast on every machine: the compiler makes each function that is
 * marked GW_CLONES once for AVX-512, once for AVX2 and once for plain x86-64, and
 * the loader picks. Mark the functions that hold the loops, not their callers;
 * what they call is inlined or stays plain. Results may differ in the last bit
 * between machines (fused multiply-add), never between runs on one.
 *
 * For plain loops. One that names vectors of a size, or keeps many results in registers, belongs
 * into engine/device/cpu/vector/: a vector wider than the registers would lie in memory. */
#pragma once

/* The loader's resolvers run before the sanitizers' runtimes are up. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
  !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
#define GW_CLONES \
  __attribute__ ((optimize ("O3"), target_clones ("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define GW_CLONES
#endif
