/* SPDX-License-Identifier: Apache-2.0 */
/* The two 16-bit floating-point types as their bits: IEEE's half (float16) and the
 * upper half of a float (bfloat16). Without branches, so that loops over them
 * vectorise, and without subnormal floats on the way, so that flush-to-zero does
 * not matter. Rounding is to the nearest, ties to even. */
#pragma once

#include <glib.h>
#include <stdint.h>
#include <string.h>

G_BEGIN_DECLS

#define GW_HALF_INLINE static inline __attribute__ ((always_inline))

GW_HALF_INLINE float
gw_bits_to_float (uint32_t bits)
{
  float value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

GW_HALF_INLINE uint32_t
gw_float_bits (float value)
{
  uint32_t bits;

  memcpy (&bits, &value, sizeof bits);
  return bits;
}

/* A subnormal half is (2⁻¹⁴ with its mantissa) - 2⁻¹⁴. */
GW_HALF_INLINE float
gw_half_to_float (uint16_t half)
{
  uint32_t sign = (uint32_t) (half & 0x8000u) << 16;
  uint32_t magnitude = half & 0x7FFFu;
  uint32_t normal = (magnitude << 13) + 0x38000000u;
  uint32_t special = 0x7F800000u | (magnitude & 0x3FFu) << 13;
  uint32_t tiny = gw_float_bits (gw_bits_to_float (0x38800000u | magnitude << 13) - 0x1p-14f);
  uint32_t bits = magnitude >= 0x7C00u ? special : magnitude < 0x400u ? tiny : normal;

  return gw_bits_to_float (sign | bits);
}

/* Adding ½ puts the last bit of a subnormal half at the last place of the sum. */
GW_HALF_INLINE uint16_t
gw_float_to_half (float value)
{
  uint32_t bits = gw_float_bits (value);
  uint32_t sign = bits >> 16 & 0x8000u;
  uint32_t magnitude = bits & 0x7FFFFFFFu;
  uint32_t special = magnitude > 0x7F800000u ? 0x7E00u : 0x7C00u;
  uint32_t tiny = gw_float_bits (gw_bits_to_float (magnitude) + 0.5f) - 0x3F000000u;
  uint32_t normal = (magnitude - 0x38000000u + 0xFFFu + (magnitude >> 13 & 1u)) >> 13;

  return (uint16_t) (sign | (magnitude >= 0x47800000u ? special : magnitude < 0x38800000u ? tiny : normal));
}

GW_HALF_INLINE float
gw_bfloat_to_float (uint16_t bits)
{
  return gw_bits_to_float ((uint32_t) bits << 16);
}

GW_HALF_INLINE uint16_t
gw_float_to_bfloat (float value)
{
  uint32_t bits = gw_float_bits (value);
  uint32_t rounded = bits + 0x7FFFu + (bits >> 16 & 1u);

  return (uint16_t) (((bits & 0x7FFFFFFFu) > 0x7F800000u ? bits | 0x400000u : rounded) >> 16);
}

G_END_DECLS
