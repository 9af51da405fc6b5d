/* SPDX-License-Identifier: Apache-2.0 */
/* FarmHash is Geoff Pike's, MurmurHash Austin Appleby's, SipHash Aumasson's and
 * Bernstein's; each is written here from its description. */
#include "engine/base/fingerprint.h"

#include <string.h>

#define K0 0xc3a5c85c97cb3127u
#define K1 0xb492b66fbe98f273u
#define K2 0x9ae16a3b2f90404fu
#define MURMUR 0xc6a4a7935bd1e995u
#define HASH64_SEED 0xDECAFCAFFEu

typedef struct {
  uint64_t first, second;
} Pair;

static uint64_t
fetch64 (const char *at)
{
  uint64_t value;

  memcpy (&value, at, sizeof value);
  return GUINT64_FROM_LE (value);
}

static uint64_t
fetch32 (const char *at)
{
  uint32_t value;

  memcpy (&value, at, sizeof value);
  return GUINT32_FROM_LE (value);
}

static uint64_t
rotate_right (uint64_t value,
              int      bits)
{
  return value >> bits | value << (64 - bits);
}

static uint64_t
shift_mix (uint64_t value)
{
  return value ^ (value >> 47);
}

static uint64_t
mix_pair (uint64_t u,
          uint64_t v,
          uint64_t factor)
{
  uint64_t a = shift_mix ((u ^ v) * factor);

  return shift_mix ((v ^ a) * factor) * factor;
}

static uint64_t
farm_to_16 (const char *s,
            size_t      length)
{
  uint64_t factor = K2 + length * 2;

  if (length >= 8)
    {
      uint64_t a = fetch64 (s) + K2;
      uint64_t b = fetch64 (s + length - 8);

      return mix_pair (rotate_right (b, 37) * factor + a, (rotate_right (a, 25) + b) * factor, factor);
    }
  if (length >= 4)
    return mix_pair (length + (fetch32 (s) << 3), fetch32 (s + length - 4), factor);
  if (length > 0)
    {
      uint32_t y = (uint8_t) s[0] + ((uint32_t) (uint8_t) s[length / 2] << 8);
      uint32_t z = (uint32_t) length + ((uint32_t) (uint8_t) s[length - 1] << 2);

      return shift_mix (y * K2 ^ z * K0) * K2;
    }
  return K2;
}

/* What the lengths 17 … 64 begin with: the two numbers that are mixed. */
static Pair
farm_ends (const char *s,
           size_t      length,
           uint64_t    first,
           uint64_t    factor)
{
  uint64_t a = fetch64 (s) * first;
  uint64_t b = fetch64 (s + 8);
  uint64_t c = fetch64 (s + length - 8) * factor;
  uint64_t d = fetch64 (s + length - 16) * K2;

  return (Pair) { rotate_right (a + b, 43) + rotate_right (c, 30) + d, a + rotate_right (b + K2, 18) + c };
}

static uint64_t
farm_to_64 (const char *s,
            size_t      length)
{
  uint64_t factor = K2 + length * 2;
  Pair ends = farm_ends (s, length, K2, factor);
  uint64_t z = mix_pair (ends.first, ends.second, factor);
  uint64_t a = fetch64 (s) * K2;
  uint64_t e = fetch64 (s + 16) * factor;
  uint64_t f = fetch64 (s + 24);
  uint64_t g = (ends.first + fetch64 (s + length - 32)) * factor;
  uint64_t h = (z + fetch64 (s + length - 24)) * factor;

  return mix_pair (rotate_right (e + f, 43) + rotate_right (g, 30) + h, e + rotate_right (f + a, 18) + g, factor);
}

static Pair
farm_weak (const char *s,
           uint64_t    a,
           uint64_t    b)
{
  uint64_t z = fetch64 (s + 24);
  uint64_t c;

  a += fetch64 (s);
  b = rotate_right (b + a + z, 21);
  c = a;
  a += fetch64 (s + 8) + fetch64 (s + 16);
  b += rotate_right (a, 44);
  return (Pair) { a + z, b + c };
}

/* 56 bytes of state that take in 64 bytes at a time. */
typedef struct {
  uint64_t x, y, z;
  Pair     v, w;
} Farm;

/* `nine` is 1 but for the last block. */
static void
farm_block (Farm       *farm,
            const char *s,
            uint64_t    factor,
            uint64_t    nine)
{
  uint64_t swap;

  farm->x = rotate_right (farm->x + farm->y + farm->v.first + fetch64 (s + 8), 37) * factor;
  farm->y = rotate_right (farm->y + farm->v.second + fetch64 (s + 48), 42) * factor;
  farm->x ^= farm->w.second * nine;
  farm->y += farm->v.first * nine + fetch64 (s + 40);
  farm->z = rotate_right (farm->z + farm->w.first, 33) * factor;
  farm->v = farm_weak (s, farm->v.second * factor, farm->x + farm->w.first);
  farm->w = farm_weak (s + 32, farm->z + farm->w.second, farm->y + fetch64 (s + 16));
  swap = farm->z;
  farm->z = farm->x;
  farm->x = swap;
}

static uint64_t
farm_long (const char *s,
           size_t      length)
{
  const uint64_t seed = 81;
  const char *end = s + (length - 1) / 64 * 64;
  const char *last = s + length - 64;
  Farm farm = { .x = seed * K2 + fetch64 (s), .y = seed * K1 + 113 };
  uint64_t factor;

  farm.z = shift_mix (farm.y * K2 + 113) * K2;
  for (; s != end; s += 64)
    farm_block (&farm, s, K1, 1);
  factor = K1 + ((farm.z & 0xff) << 1);
  farm.w.first += (length - 1) & 63;
  farm.v.first += farm.w.first;
  farm.w.first += farm.v.first;
  farm_block (&farm, last, factor, 9);
  return mix_pair (mix_pair (farm.v.first, farm.w.first, factor) + shift_mix (farm.y) * K0 + farm.z,
                   mix_pair (farm.v.second, farm.w.second, factor) + farm.x, factor);
}

uint64_t
gw_fingerprint64 (const char *data,
                  size_t      length)
{
  if (length <= 16)
    return farm_to_16 (data, length);
  if (length <= 32)
    {
      uint64_t factor = K2 + length * 2;
      Pair ends = farm_ends (data, length, K1, factor);

      return mix_pair (ends.first, ends.second, factor);
    }
  return length <= 64 ? farm_to_64 (data, length) : farm_long (data, length);
}

uint64_t
gw_fingerprint_cat64 (uint64_t a,
                      uint64_t b)
{
  uint64_t result = a ^ MURMUR;

  result ^= shift_mix (b * MURMUR) * MURMUR;
  result *= MURMUR;
  result = shift_mix (result) * MURMUR;
  return shift_mix (result);
}

/* The last `n` < 8 bytes as a number, the first one lowest. */
static uint64_t
fetch_rest (const char *s,
            size_t      n)
{
  uint64_t value = 0;

  for (size_t i = 0; i < n; i++)
    value |= (uint64_t) (uint8_t) s[i] << (8 * i);
  return value;
}

uint64_t
gw_hash64 (const char *data,
           size_t      length)
{
  uint64_t hash = HASH64_SEED ^ (length * MURMUR);

  for (; length >= 8; data += 8, length -= 8)
    hash = (hash ^ shift_mix (fetch64 (data) * MURMUR) * MURMUR) * MURMUR;
  if (length > 0)
    hash = (hash ^ fetch_rest (data, length)) * MURMUR;
  return shift_mix (shift_mix (hash) * MURMUR);
}

static void
sip_rounds (uint64_t v[4],
            int      n)
{
  for (int i = 0; i < n; i++)
    {
      v[0] += v[1];
      v[2] += v[3];
      v[1] = rotate_right (v[1], 51) ^ v[0];
      v[3] = rotate_right (v[3], 48) ^ v[2];
      v[0] = rotate_right (v[0], 32);
      v[2] += v[1];
      v[0] += v[3];
      v[1] = rotate_right (v[1], 47) ^ v[2];
      v[3] = rotate_right (v[3], 43) ^ v[0];
      v[2] = rotate_right (v[2], 32);
    }
}

static void
sip_take (uint64_t v[4],
          uint64_t word)
{
  v[3] ^= word;
  sip_rounds (v, 2);
  v[0] ^= word;
}

uint64_t
gw_siphash (const uint64_t key[2],
            const char    *data,
            size_t         length)
{
  uint64_t v[4] = {
    key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du,
    key[0] ^ 0x6c7967656e657261u, key[1] ^ 0x7465646279746573u,
  };
  size_t whole = length / 8 * 8;

  for (size_t i = 0; i < whole; i += 8)
    sip_take (v, fetch64 (data + i));
  sip_take (v, (uint64_t) length << 56 | fetch_rest (data + whole, length - whole));
  v[2] ^= 0xff;
  sip_rounds (v, 4);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}
