/* SPDX-License-Identifier: Apache-2.0 */
/* The loops that are compiled once for each set of instructions: every set that this processor
 * has against plain sums. */
#include "engine/device/cpu/vector/vector.h"

#include <math.h>
#include <string.h>

#define DEPTH 37
#define ROW 50      /* floats between rows of `a` */
#define WIDTH 40    /* and between those of `b` and `c` */

static const char *const set_names[] = { "plain", "avx2", "avx512" };

static void
fill (GRand *random,
      float *values,
      int    n)
{
  for (int i = 0; i < n; i++)
    values[i] = (float) g_rand_double_range (random, -1, 1);
}

static void
check_tile (const GwVectorLoops *loops,
            int                  rows,
            int                  vectors,
            gboolean             add)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (3);
  static const int64_t places[] = { 0, 3 };
  float a[GW_TILE_MAX_ROWS * ROW + 3], b[2 * DEPTH * WIDTH], c[(GW_TILE_MAX_ROWS + 1) * WIDTH], want[G_N_ELEMENTS (c)];
  GwConvTile tile = { .a = a, .a_at = places, .a_step = 1, .a_row = ROW, .b = b, .b_outer = DEPTH * WIDTH, .b_step = WIDTH,
                      .n_outer = 2, .n_inner = DEPTH, .c = c, .c_row = WIDTH, .add = add };

  fill (random, a, G_N_ELEMENTS (a));
  fill (random, b, G_N_ELEMENTS (b));
  fill (random, c, G_N_ELEMENTS (c));
  memcpy (want, c, sizeof c);
  for (int p = 0; p < rows; p++)
    for (int lane = 0; lane < vectors * GW_TILE_LANES; lane++)
      {
        double sum = add ? c[p * WIDTH + lane] : 0;

        for (int outer = 0; outer < 2; outer++)
          for (int inner = 0; inner < DEPTH; inner++)
            sum += (double) a[places[outer] + inner + p * ROW] * b[(outer * DEPTH + inner) * WIDTH + lane];
        want[p * WIDTH + lane] = (float) sum;
      }
  loops->tiles[rows][vectors - 1] (&tile);
  for (gsize i = 0; i < G_N_ELEMENTS (c); i++)
    g_assert_cmpfloat_with_epsilon (c[i], want[i], 1e-5);
}

static void
check_tiles (const GwVectorLoops *loops)
{
  int n = 0;

  for (int rows = 1; rows <= GW_TILE_MAX_ROWS; rows++)
    for (int vectors = 1; vectors <= GW_TILE_MAX_VECTORS; vectors++)
      if (loops->tiles[rows][vectors - 1] != NULL)
        {
          check_tile (loops, rows, vectors, FALSE);
          check_tile (loops, rows, vectors, TRUE);
          n++;
        }
  g_assert_cmpint (n, >=, 4);
  g_assert_nonnull (loops->tiles[1][0]);
  g_assert_nonnull (loops->tiles[GW_TILE_MAX_ROWS][GW_TILE_MAX_VECTORS - 1]);
}

static void
check_transpose (const GwVectorLoops *loops)
{
  float from[GW_TILE_LANES * ROW], to[GW_TILE_LANES * WIDTH] = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (from); i++)
    from[i] = (float) i;
  loops->transpose (from, ROW, to, WIDTH);
  for (int i = 0; i < GW_TILE_LANES; i++)
    for (int j = 0; j < WIDTH; j++)
      g_assert_cmpfloat (to[i * WIDTH + j], ==, j < GW_TILE_LANES ? from[j * ROW + i] : 0);
}

static void
check_dots (const GwVectorLoops *loops)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (4);
  float a[2 * DEPTH], columns[GW_GEMM_NARROW * ROW];

  fill (random, a, G_N_ELEMENTS (a));
  fill (random, columns, G_N_ELEMENTS (columns));
  g_assert_nonnull (loops->dots[1]);
  for (int n = 1; n <= GW_GEMM_NARROW; n++)
    for (int add = 0; add <= 1 && loops->dots[n] != NULL; add++)
      {
        float c[2][GW_GEMM_NARROW + 1];

        for (int j = 0; j <= GW_GEMM_NARROW; j++)
          c[0][j] = c[1][j] = 2;
        loops->dots[n] (a, a + DEPTH, columns, ROW, DEPTH, add, c[0], c[1]);
        for (int j = 0; j <= GW_GEMM_NARROW; j++)
          for (int row = 0; row < 2; row++)
            {
              double sum = j < n && !add ? 0 : 2;

              for (int i = 0; j < n && i < DEPTH; i++)
                sum += (double) a[row * DEPTH + i] * columns[j * ROW + i];
              g_assert_cmpfloat_with_epsilon (c[row][j], sum, 1e-5);
            }
      }
}

/* A convolution of n × n taps over one tile by the three transforms. */
static void
check_winograd (const GwVectorLoops *loops,
                int                  n)
{
  enum { CHANNELS = 2 * GW_WINOGRAD_LANES, SIDE = GW_WINOGRAD_SIDE, PLACES = GW_WINOGRAD_PLACES };
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  float pixels[PLACES][CHANNELS], taps[PLACES][CHANNELS], outputs[PLACES][CHANNELS];
  float seen[PLACES * CHANNELS], evaluated[PLACES * CHANNELS];
  const float *pixel_rows[PLACES], *tap_rows[PLACES];
  float *output_rows[PLACES];
  int m = SIDE + 1 - n;

  fill (random, pixels[0], PLACES * CHANNELS);
  fill (random, taps[0], PLACES * CHANNELS);
  for (int i = 0; i < PLACES; i++)
    {
      pixel_rows[i] = pixels[i];
      tap_rows[i] = taps[i];
      output_rows[i] = outputs[i];
    }
  loops->winograd_input (pixel_rows, CHANNELS, seen, CHANNELS);
  loops->winograd_evaluate[n] (tap_rows, CHANNELS, evaluated, CHANNELS);
  for (int k = 0; k < PLACES; k++)
    for (int c = 0; c < CHANNELS; c++)
      seen[k * CHANNELS + c] *= evaluated[k * CHANNELS + c] * gw_winograd_scale (k);
  loops->winograd_collect[m] (seen, CHANNELS, CHANNELS, output_rows);
  for (int y = 0; y < m; y++)
    for (int x = 0; x < m; x++)
      for (int c = 0; c < CHANNELS; c++)
        {
          double sum = 0;

          for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
              sum += (double) pixels[(y + i) * SIDE + x + j][c] * taps[i * n + j][c];
          g_assert_cmpfloat_with_epsilon (outputs[y * m + x][c], sum, 1e-4);
        }
}

static void
test_set (gconstpointer data)
{
  GwVectorSet set = (GwVectorSet) GPOINTER_TO_INT (data);
  GwVectorLoops loops = { 0 };

  if (!gw_vector_loops_of (set, &loops))
    {
      g_assert_cmpint (set, !=, GW_VECTOR_PLAIN);
      g_test_skip ("this processor does not have these instructions");
      return;
    }
  g_assert_cmpint (loops.lanes, ==, 4 << set);
  check_tiles (&loops);
  check_transpose (&loops);
  check_dots (&loops);
  for (int n = GW_WINOGRAD_LEAST; n <= GW_WINOGRAD_MOST; n++)
    check_winograd (&loops, n);
}

/* The program takes the widest. */
static void
test_best (void)
{
  GwVectorLoops loops;

  for (int set = 0; set < GW_VECTOR_N_SETS; set++)
    if (gw_vector_loops_of ((GwVectorSet) set, &loops))
      g_assert_cmpint (gw_vector_loops ()->lanes, >=, loops.lanes);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (int set = 0; set < GW_VECTOR_N_SETS; set++)
    {
      g_autofree char *path = g_strconcat ("/vector-sets/", set_names[set], NULL);

      g_test_add_data_func (path, GINT_TO_POINTER (set), test_set);
    }
  g_test_add_func ("/vector-sets/best", test_best);
  return g_test_run ();
}
