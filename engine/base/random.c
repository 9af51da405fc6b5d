/* SPDX-License-Identifier: Apache-2.0 */
/* Everything is drawn by tiles of TILE blocks laid out word by word, so that the
 * ten rounds and the transformations are plain loops over vectors. A tile is
 * always computed whole, by the same code: a value does not depend on where a
 * fill begins or ends. */
#include "engine/base/random.h"

#include "engine/base/simd.h"

#include <math.h>
#include <string.h>
#include <sys/random.h>
#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

#define TILE 64
#define RESERVED_BLOCKS_PER_OUTPUT 256 /* of which each block holds four words */
#define TRUNCATE_AT 2

/* TILE counters, or the TILE blocks drawn from them: word w of block i is [w][i]. */
typedef struct {
  uint32_t words[4][TILE];
} Tile;

typedef struct {
  float values[4][TILE];
} FloatTile;

void
gw_philox_init (GwPhilox *philox,
                uint64_t  seed,
                uint64_t  seed2)
{
  philox->key[0] = (uint32_t) seed;
  philox->key[1] = (uint32_t) (seed >> 32);
  philox->counter[0] = 0;
  philox->counter[1] = 0;
  philox->counter[2] = (uint32_t) seed2;
  philox->counter[3] = (uint32_t) (seed2 >> 32);
}

void
gw_philox_skip (GwPhilox *philox,
                uint64_t  blocks)
{
  uint64_t low = (uint64_t) philox->counter[1] << 32 | philox->counter[0];
  uint64_t high = (uint64_t) philox->counter[3] << 32 | philox->counter[2];

  if (__builtin_add_overflow (low, blocks, &low))
    high++;
  philox->counter[0] = (uint32_t) low;
  philox->counter[1] = (uint32_t) (low >> 32);
  philox->counter[2] = (uint32_t) high;
  philox->counter[3] = (uint32_t) (high >> 32);
}

/* Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011). */
#define ROUND(r)                                                  \
  {                                                               \
    uint64_t p0 = (uint64_t) 0xD2511F53u * c0;                    \
    uint64_t p1 = (uint64_t) 0xCD9E8D57u * c2;                    \
    c0 = (uint32_t) (p1 >> 32) ^ c1 ^ (key0 + (r) * 0x9E3779B9u); \
    c1 = (uint32_t) p1;                                           \
    c2 = (uint32_t) (p0 >> 32) ^ c3 ^ (key1 + (r) * 0xBB67AE85u); \
    c3 = (uint32_t) p0;                                           \
  }
#define TEN_ROUNDS \
  ROUND (0u) ROUND (1u) ROUND (2u) ROUND (3u) ROUND (4u) ROUND (5u) ROUND (6u) ROUND (7u) ROUND (8u) ROUND (9u)

void
gw_philox_next (GwPhilox *philox,
                uint32_t  words[4])
{
  uint32_t c0 = philox->counter[0], c1 = philox->counter[1];
  uint32_t c2 = philox->counter[2], c3 = philox->counter[3];
  uint32_t key0 = philox->key[0], key1 = philox->key[1];

  TEN_ROUNDS
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
  gw_philox_skip (philox, 1);
}

/* Turns counters into words, in place. */
static void
draw_tile_plain (Tile    *tile,
                 uint32_t key0,
                 uint32_t key1)
{
  for (int i = 0; i < TILE; i++)
    {
      uint32_t c0 = tile->words[0][i], c1 = tile->words[1][i];
      uint32_t c2 = tile->words[2][i], c3 = tile->words[3][i];

      TEN_ROUNDS
      tile->words[0][i] = c0;
      tile->words[1][i] = c1;
      tile->words[2][i] = c2;
      tile->words[3][i] = c3;
    }
}

#if defined(__x86_64__) && defined(__GNUC__)
/* The compiler makes a full 64-bit product out of 32 × 32 bits; with the
 * instruction for the latter a fill is 1.8 times as fast. Each word lies in the low
 * half of a 64-bit lane, what is in the high half is never looked at. */
#define DRAW_TILE(NAME, TARGET, VECTOR, LANES, LOAD, STORE, SPLAT, MULTIPLY, SHIFT, XOR3)   \
  __attribute__ ((target (TARGET))) static void                                             \
  NAME (Tile *tile, uint32_t key0, uint32_t key1)                                           \
  {                                                                                         \
    const VECTOR m0 = SPLAT (0xD2511F53u), m1 = SPLAT (0xCD9E8D57u);                        \
                                                                                            \
    for (int i = 0; i < TILE; i += 2 * (LANES))                                             \
      {                                                                                     \
        VECTOR c[2][4];                                                                     \
                                                                                            \
        for (int half = 0; half < 2; half++)                                                \
          for (int w = 0; w < 4; w++)                                                       \
            c[half][w] = LOAD (&tile->words[w][i + half * (LANES)]);                        \
        for (uint32_t round = 0; round < 10; round++)                                       \
          {                                                                                 \
            const VECTOR k0 = SPLAT (key0 + round * 0x9E3779B9u);                           \
            const VECTOR k1 = SPLAT (key1 + round * 0xBB67AE85u);                           \
                                                                                            \
            for (int half = 0; half < 2; half++)                                            \
              {                                                                             \
                VECTOR p0 = MULTIPLY (m0, c[half][0]), p1 = MULTIPLY (m1, c[half][2]);      \
                                                                                            \
                c[half][0] = XOR3 (SHIFT (p1, 32), c[half][1], k0);                         \
                c[half][1] = p1;                                                            \
                c[half][2] = XOR3 (SHIFT (p0, 32), c[half][3], k1);                         \
                c[half][3] = p0;                                                            \
              }                                                                             \
          }                                                                                 \
        for (int half = 0; half < 2; half++)                                                \
          for (int w = 0; w < 4; w++)                                                       \
            STORE (&tile->words[w][i + half * (LANES)], c[half][w]);                        \
      }                                                                                     \
  }

#define LOAD_512(from) _mm512_cvtepu32_epi64 (_mm256_loadu_si256 ((const __m256i *) (from)))
#define STORE_512(to, v) _mm256_storeu_si256 ((__m256i *) (to), _mm512_cvtepi64_epi32 (v))
#define SPLAT_512(word) _mm512_set1_epi64 ((long long) (uint64_t) (word))
#define XOR3_512(a, b, c) _mm512_ternarylogic_epi64 (a, b, c, 0x96)
DRAW_TILE (draw_tile_avx512, "avx512f", __m512i, 8, LOAD_512, STORE_512, SPLAT_512, _mm512_mul_epu32,
           _mm512_srli_epi64, XOR3_512)

#define LOAD_256(from) _mm256_cvtepu32_epi64 (_mm_loadu_si128 ((const __m128i *) (from)))
#define STORE_256(to, v)                                                                    \
  _mm_storeu_si128 ((__m128i *) (to),                                                       \
                    _mm256_castsi256_si128 (_mm256_permutevar8x32_epi32 (v, _mm256_setr_epi32 (0, 2, 4, 6, 0, 2, 4, 6))))
#define SPLAT_256(word) _mm256_set1_epi64x ((long long) (uint64_t) (word))
#define XOR3_256(a, b, c) _mm256_xor_si256 (_mm256_xor_si256 (a, b), c)
DRAW_TILE (draw_tile_avx2, "avx2", __m256i, 4, LOAD_256, STORE_256, SPLAT_256, _mm256_mul_epu32,
           _mm256_srli_epi64, XOR3_256)

static void
draw_tile (Tile    *tile,
           uint32_t key0,
           uint32_t key1)
{
  if (__builtin_cpu_supports ("avx512f"))
    draw_tile_avx512 (tile, key0, key1);
  else if (__builtin_cpu_supports ("avx2"))
    draw_tile_avx2 (tile, key0, key1);
  else
    draw_tile_plain (tile, key0, key1);
}
#else
#define draw_tile draw_tile_plain
#endif

/* The counter of `philox`, `blocks` later, as lane `lane` of a tile. */
static void
set_counter (Tile           *tile,
             int             lane,
             const GwPhilox *philox,
             uint64_t        blocks)
{
  GwPhilox at = *philox;

  gw_philox_skip (&at, blocks);
  for (int w = 0; w < 4; w++)
    tile->words[w][lane] = at.counter[w];
}

/* Counters of TILE lanes, `stride` blocks apart, from `first` blocks on. */
static void
set_counters (Tile           *tile,
              const GwPhilox *philox,
              uint64_t        first,
              uint32_t        stride)
{
  GwPhilox at = *philox;

  gw_philox_skip (&at, first);
  if (at.counter[0] > UINT32_MAX - TILE * stride)
    {
      for (int i = 0; i < TILE; i++)
        set_counter (tile, i, philox, first + (uint64_t) i * stride);
      return;
    }
  for (uint32_t i = 0; i < TILE; i++)
    {
      tile->words[0][i] = at.counter[0] + i * stride;
      tile->words[1][i] = at.counter[1];
      tile->words[2][i] = at.counter[2];
      tile->words[3][i] = at.counter[3];
    }
}

static inline float
word_to_float (uint32_t word)
{
  uint32_t bits = 0x3F800000u | (word & 0x7FFFFFu);
  float value;

  memcpy (&value, &bits, sizeof value);
  return value - 1.0f;
}

static inline double
words_to_double (uint32_t high,
                 uint32_t low)
{
  uint64_t bits = 0x3FF0000000000000u | (uint64_t) (high & 0xFFFFFu) << 32 | low;
  double value;

  memcpy (&value, &bits, sizeof value);
  return value - 1.0;
}

GW_CLONES static void
store_words (const Tile *tile,
             uint32_t   *restrict out)
{
  for (int i = 0; i < TILE; i++)
    for (int w = 0; w < 4; w++)
      out[4 * i + w] = tile->words[w][i];
}

GW_CLONES static void
store_uniform_float (const Tile *tile,
                     float      *restrict out)
{
  for (int i = 0; i < TILE; i++)
    for (int w = 0; w < 4; w++)
      out[4 * i + w] = word_to_float (tile->words[w][i]);
}

GW_CLONES static void
store_uniform_double (const Tile *tile,
                      double     *restrict out)
{
  for (int i = 0; i < TILE; i++)
    {
      out[2 * i] = words_to_double (tile->words[0][i], tile->words[1][i]);
      out[2 * i + 1] = words_to_double (tile->words[2][i], tile->words[3][i]);
    }
}

/* ln x of a normal x > 0, within 1 ulp on (0, 1): x = 2^e m with m in
 * [√½, √2), then the minimax polynomial of Cephes' logf. */
static inline float
fast_log (float x)
{
  uint32_t bits;
  int32_t exponent;
  float m, z, p, e;

  memcpy (&bits, &x, sizeof bits);
  exponent = (int32_t) (bits - 0x3F3504F3u) >> 23;
  bits -= (uint32_t) exponent << 23;
  memcpy (&m, &bits, sizeof m);
  m -= 1.0f;
  e = (float) exponent;
  z = m * m;
  p = 7.0376836292e-2f;
  p = p * m - 1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  p = p * m * z + e * -2.12194440e-4f - 0.5f * z;
  return m + p + e * 0.693359375f;
}

/* sin and cos of x in [0, 2π], relative error within 1 ulp also beside the
 * zeros: x is reduced by multiples of π/2 in three pieces, the first two short
 * enough for exact products. */
static inline void
fast_sincos (float  x,
             float *sine,
             float *cosine)
{
  int32_t quadrant = (int32_t) (x * 0.636619772f + 0.5f);
  float k = (float) quadrant;
  float r = ((x - k * 0x1.921fb0p+0f) - k * 0x1.5110b0p-22f) - k * 0x1.184698p-44f;
  float z = r * r;
  float s, c, swapped_s, swapped_c;

  s = ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) * z * r + r;
  c = ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z + 4.166664568298827e-2f) * z * z - 0.5f * z + 1.0f;
  swapped_s = (quadrant & 1) != 0 ? c : s;
  swapped_c = (quadrant & 1) != 0 ? s : c;
  *sine = (quadrant & 2) != 0 ? -swapped_s : swapped_s;
  *cosine = ((quadrant + 1) & 2) != 0 ? -swapped_c : swapped_c;
}

/* Box and Muller: words 0, 1 give values 0, 1 and words 2, 3 values 2, 3. */
GW_CLONES static void
normal_tile (const Tile *tile,
             FloatTile  *restrict out)
{
  for (int pair = 0; pair < 4; pair += 2)
    for (int i = 0; i < TILE; i++)
      {
        float u = word_to_float (tile->words[pair][i]);
        float angle = (float) (2.0 * G_PI * (double) word_to_float (tile->words[pair + 1][i]));
        float radius = sqrtf (-2.0f * fast_log (u < 1.0e-7f ? 1.0e-7f : u));
        float sine, cosine;

        fast_sincos (angle, &sine, &cosine);
        out->values[pair][i] = sine * radius;
        out->values[pair + 1][i] = cosine * radius;
      }
}

static void
store_normal_float (const Tile *tile,
                    float      *restrict out)
{
  FloatTile normal;

  normal_tile (tile, &normal);
  for (int i = 0; i < TILE; i++)
    for (int w = 0; w < 4; w++)
      out[4 * i + w] = normal.values[w][i];
}

static void
words_to_normal_doubles (const uint32_t words[4],
                         double         out[2])
{
  double u = words_to_double (words[0], words[1]);
  double angle = 2.0 * G_PI * words_to_double (words[2], words[3]);
  double radius = sqrt (-2.0 * log (u < 1.0e-7 ? 1.0e-7 : u));

  out[0] = sin (angle) * radius;
  out[1] = cos (angle) * radius;
}

static void
store_normal_double (const Tile *tile,
                     double     *restrict out)
{
  for (int i = 0; i < TILE; i++)
    {
      uint32_t words[4];

      for (int w = 0; w < 4; w++)
        words[w] = tile->words[w][i];
      words_to_normal_doubles (words, &out[2 * i]);
    }
}

/* Fills [begin, end) tile by tile: `store` writes the 4 × TILE or 2 × TILE values
 * of a tile; `group` (4 or 2) values come from a block. */
#define FILL(T, group, store)                                                      \
  for (int64_t done = begin; done < end; done += (group) * TILE)                   \
    {                                                                              \
      Tile tile;                                                                   \
                                                                                   \
      set_counters (&tile, philox, (uint64_t) (done / (group)), 1);                \
      draw_tile (&tile, philox->key[0], philox->key[1]);                           \
      if (end - done >= (group) * TILE)                                            \
        store (&tile, out + (done - begin));                                       \
      else                                                                         \
        {                                                                          \
          T part[(group) * TILE];                                                  \
                                                                                   \
          store (&tile, part);                                                     \
          memcpy (out + (done - begin), part, (size_t) (end - done) * sizeof (T)); \
        }                                                                          \
    }

void
gw_philox_words (const GwPhilox *philox,
                 int64_t         begin,
                 int64_t         end,
                 uint32_t       *out)
{
  g_assert (begin % 4 == 0);
  FILL (uint32_t, 4, store_words)
}

void
gw_philox_uniform_float (const GwPhilox *philox,
                         int64_t         begin,
                         int64_t         end,
                         float          *out)
{
  g_assert (begin % 4 == 0);
  FILL (float, 4, store_uniform_float)
}

void
gw_philox_uniform_double (const GwPhilox *philox,
                          int64_t         begin,
                          int64_t         end,
                          double         *out)
{
  g_assert (begin % 2 == 0);
  FILL (double, 2, store_uniform_double)
}

void
gw_philox_normal_float (const GwPhilox *philox,
                        int64_t         begin,
                        int64_t         end,
                        float          *out)
{
  g_assert (begin % 4 == 0);
  FILL (float, 4, store_normal_float)
}

void
gw_philox_normal_double (const GwPhilox *philox,
                         int64_t         begin,
                         int64_t         end,
                         double         *out)
{
  g_assert (begin % 2 == 0);
  FILL (double, 2, store_normal_double)
}

/* A group of four of the truncated normal that is being collected. */
typedef struct {
  int64_t  group;
  uint64_t next_block;
  int      kept;
  float    values[4];
} TruncatedGroup;

/* One more block for each of the `n` groups (n ≤ TILE): what lies within the
 * limits is kept. Moves the groups that still lack values to the front and
 * returns how many they are; complete ones are written to `out`. */
static int
extend_groups (const GwPhilox *philox,
               TruncatedGroup *groups,
               int             n,
               int64_t         begin,
               int64_t         end,
               float          *out)
{
  Tile tile;
  FloatTile normal;
  int open = 0;

  memset (&tile, 0, sizeof tile);
  for (int i = 0; i < n; i++)
    set_counter (&tile, i, philox, groups[i].next_block++);
  draw_tile (&tile, philox->key[0], philox->key[1]);
  normal_tile (&tile, &normal);
  for (int i = 0; i < n; i++)
    {
      TruncatedGroup *group = &groups[i];

      for (int w = 0; w < 4 && group->kept < 4; w++)
        if (fabsf (normal.values[w][i]) < TRUNCATE_AT)
          group->values[group->kept++] = normal.values[w][i];
      if (group->kept < 4)
        groups[open++] = *group;
      else
        for (int64_t k = 0; k < 4 && group->group * 4 + k < end; k++)
          out[group->group * 4 + k - begin] = group->values[k];
    }
  return open;
}

void
gw_philox_truncated_normal_float (const GwPhilox *philox,
                                  int64_t         begin,
                                  int64_t         end,
                                  float          *out)
{
  TruncatedGroup groups[TILE];
  int64_t group = begin / 4;
  int64_t n_groups = (end + 3) / 4;
  int open = 0;

  g_assert (begin % 4 == 0);
  while (open > 0 || group < n_groups)
    {
      for (; open < TILE && group < n_groups; group++)
        groups[open++] = (TruncatedGroup) {
          .group = group,
          .next_block = (uint64_t) group * RESERVED_BLOCKS_PER_OUTPUT,
        };
      open = extend_groups (philox, groups, open, begin, end, out);
    }
}

void
gw_philox_truncated_normal_double (const GwPhilox *philox,
                                   int64_t         begin,
                                   int64_t         end,
                                   double         *out)
{
  g_assert (begin % 2 == 0);
  for (int64_t first = begin; first < end; first += 2)
    {
      GwPhilox at = *philox;
      int64_t wanted = MIN ((int64_t) 2, end - first);
      int64_t kept = 0;

      gw_philox_skip (&at, (uint64_t) first / 2 * (RESERVED_BLOCKS_PER_OUTPUT / 2));
      while (kept < wanted)
        {
          uint32_t words[4];
          double pair[2];

          gw_philox_next (&at, words);
          words_to_normal_doubles (words, pair);
          for (int i = 0; i < 2 && kept < wanted; i++)
            if (fabs (pair[i]) < TRUNCATE_AT)
              out[first - begin + kept++] = pair[i];
        }
    }
}

/* ---- block by block, word by word ---- */

int
gw_philox_uniform_block (GwPhilox *philox,
                         gboolean  is_double,
                         double    values[4])
{
  uint32_t words[4];

  gw_philox_next (philox, words);
  if (is_double)
    {
      values[0] = words_to_double (words[0], words[1]);
      values[1] = words_to_double (words[2], words[3]);
      return 2;
    }
  for (int i = 0; i < 4; i++)
    values[i] = word_to_float (words[i]);
  return 4;
}

int
gw_philox_normal_block (GwPhilox *philox,
                        gboolean  is_double,
                        double    values[4])
{
  uint32_t words[4];

  gw_philox_next (philox, words);
  if (is_double)
    {
      words_to_normal_doubles (words, values);
      return 2;
    }
  for (int i = 0; i < 4; i += 2)
    {
      float u = word_to_float (words[i]);
      float angle = (float) (2.0 * G_PI * (double) word_to_float (words[i + 1]));
      float radius = sqrtf (-2.0f * logf (u < 1.0e-7f ? 1.0e-7f : u));

      values[i] = sinf (angle) * radius;
      values[i + 1] = cosf (angle) * radius;
    }
  return 4;
}

void
gw_philox_reader_init (GwPhiloxReader *reader,
                       const GwPhilox *philox)
{
  reader->philox = *philox;
  reader->used = 4;
}

uint32_t
gw_philox_read_word (GwPhiloxReader *reader)
{
  if (reader->used == 4)
    {
      gw_philox_next (&reader->philox, reader->words);
      reader->used = 0;
    }
  return reader->words[reader->used++];
}

uint64_t
gw_philox_read_long (GwPhiloxReader *reader)
{
  uint64_t low = gw_philox_read_word (reader);

  return (uint64_t) gw_philox_read_word (reader) << 32 | low;
}

float
gw_philox_read_float (GwPhiloxReader *reader)
{
  return word_to_float (gw_philox_read_word (reader));
}

double
gw_philox_read_double (GwPhiloxReader *reader)
{
  uint32_t high = gw_philox_read_word (reader);

  return words_to_double (high, gw_philox_read_word (reader));
}

/* Refuses the first 2^bits mod n values, so that every rest is equally likely. */
#define READ_BELOW(T, MAX, read)                \
  T rest = (T) ((MAX) % n + 1);                 \
  T drawn;                                      \
                                                \
  if ((n & (n - 1)) == 0)                       \
    return read (reader) & (n - 1);             \
  do                                            \
    drawn = read (reader);                      \
  while (drawn < rest);                         \
  return drawn % n;

uint32_t
gw_philox_read_below (GwPhiloxReader *reader,
                      uint32_t        n)
{
  READ_BELOW (uint32_t, UINT32_MAX, gw_philox_read_word)
}

uint64_t
gw_philox_read_long_below (GwPhiloxReader *reader,
                           uint64_t        n)
{
  READ_BELOW (uint64_t, UINT64_MAX, gw_philox_read_long)
}

void
gw_philox_init_stateless (GwPhilox *philox,
                          uint64_t  seed,
                          uint64_t  seed2)
{
  GwPhilox scrambler = {
    .counter = { (uint32_t) seed, (uint32_t) (seed >> 32), (uint32_t) seed2, (uint32_t) (seed2 >> 32) },
    .key = { 0x3ec8f720u, 0x02461e29u },
  };
  uint32_t mixed[4];

  gw_philox_next (&scrambler, mixed);
  *philox = (GwPhilox) { .counter = { 0, 0, mixed[2], mixed[3] }, .key = { mixed[0], mixed[1] } };
}

static int64_t
reduce_seed (int64_t seed)
{
  int64_t rest = seed % G_MAXINT32;

  return rest < 0 ? rest + G_MAXINT32 : rest;
}

void
gw_combine_seeds (int64_t  graph_seed,
                  int64_t  op_seed,
                  int64_t  op_number,
                  int64_t *seed,
                  int64_t *seed2)
{
  *seed = 0;
  *seed2 = 0;
  if (graph_seed == -1 && op_seed == -1)
    return;
  *seed = graph_seed == -1 ? 87654321 : reduce_seed (graph_seed);
  *seed2 = reduce_seed (op_seed == -1 ? op_number : op_seed);
  if (*seed == 0 && *seed2 == 0)
    *seed2 = G_MAXINT32;
}

uint64_t
gw_random_seed (void)
{
  uint64_t seed = 0;

  while (seed == 0)
    if (getrandom (&seed, sizeof seed, 0) != sizeof seed)
      seed = (uint64_t) g_random_int () << 32 | g_random_int ();
  return seed;
}
