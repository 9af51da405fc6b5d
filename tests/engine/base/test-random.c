/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/base/random.h"
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

static void
test_known_answers (void)
{
  static const uint32_t zero_state[] = { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 };
  /* Random123's known answers for 4x32-10: all ones; digits of π. */
  static const uint32_t ones_state[] = { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd };
  static const uint32_t pi_state[] = { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 };
  GwPhilox zero, ones, pi = { { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 }, { 0xa4093822, 0x299f31d0 } };
  uint32_t words[4];

  gw_philox_init (&zero, 0, 0);
  gw_philox_next (&zero, words);
  g_assert_cmpmem (words, sizeof words, zero_state, sizeof zero_state);
  memset (&ones, 0xff, sizeof ones);
  gw_philox_next (&ones, words);
  g_assert_cmpmem (words, sizeof words, ones_state, sizeof ones_state);
  for (int i = 0; i < 4; i++)
    g_assert_cmpuint (ones.counter[i], ==, 0);
  gw_philox_next (&pi, words);
  g_assert_cmpmem (words, sizeof words, pi_state, sizeof pi_state);
}

/* The bulk words are the blocks one by one, also where the counter carries. */
static void
test_words_across_carries (void)
{
  static const uint32_t counters[][4] = {
    { 0, 0, 0, 0 },
    { UINT32_MAX - 5, 7, 1, 2 },
    { UINT32_MAX - 63, UINT32_MAX, 3, 4 },
    { UINT32_MAX - 64, UINT32_MAX, UINT32_MAX, 4 },
    { UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX },
  };

  for (gsize c = 0; c < G_N_ELEMENTS (counters); c++)
    {
      GwPhilox philox = { .key = { 11, 22 } };
      uint32_t bulk[1000], words[4];

      memcpy (philox.counter, counters[c], sizeof philox.counter);
      gw_philox_words (&philox, 0, 1000, bulk);
      for (int i = 0; i < 1000; i++)
        {
          if (i % 4 == 0)
            gw_philox_next (&philox, words);
          g_assert_cmpuint (bulk[i], ==, words[i % 4]);
        }
    }
}

typedef void (*FillFloat) (const GwPhilox *, int64_t, int64_t, float *);
typedef void (*FillDouble) (const GwPhilox *, int64_t, int64_t, double *);

/* A part is what the whole holds there. */
static void
test_parts (void)
{
  static const FillFloat floats[] = { gw_philox_uniform_float, gw_philox_normal_float, gw_philox_truncated_normal_float };
  static const FillDouble doubles[] = { gw_philox_uniform_double, gw_philox_normal_double,
                                        gw_philox_truncated_normal_double };
  static const int64_t cuts[][2] = { { 0, 1 }, { 0, 3 }, { 4, 9 }, { 252, 261 }, { 256, 1001 }, { 1000, 1001 }, { 8, 8 } };
  float whole_f[1001], part_f[1001];
  double whole_d[1001], part_d[1001];
  GwPhilox philox;

  gw_philox_init (&philox, 87654321, 99);
  for (int f = 0; f < 3; f++)
    {
      floats[f] (&philox, 0, 1001, whole_f);
      doubles[f] (&philox, 0, 1001, whole_d);
      for (gsize c = 0; c < G_N_ELEMENTS (cuts); c++)
        {
          gsize begin = (gsize) cuts[c][0], n = (gsize) (cuts[c][1] - cuts[c][0]);

          part_f[n] = -77;
          part_d[n] = -77;
          floats[f] (&philox, cuts[c][0], cuts[c][1], part_f);
          doubles[f] (&philox, cuts[c][0], cuts[c][1], part_d);
          g_assert_cmpint (memcmp (part_f, whole_f + begin, n * sizeof (float)), ==, 0);
          g_assert_cmpint (memcmp (part_d, whole_d + begin, n * sizeof (double)), ==, 0);
          g_assert_true (part_f[n] == -77 && part_d[n] == -77);
        }
    }
}

static void
fill (const char     *op,
      const GwPhilox *philox,
      GwTensor       *out)
{
  gboolean single = out->dtype == GW_FLOAT32;
  FillFloat f = strcmp (op, "RandomUniform") == 0 ? gw_philox_uniform_float :
                strcmp (op, "RandomStandardNormal") == 0 ? gw_philox_normal_float : gw_philox_truncated_normal_float;
  FillDouble d = strcmp (op, "RandomUniform") == 0 ? gw_philox_uniform_double :
                 strcmp (op, "RandomStandardNormal") == 0 ? gw_philox_normal_double : gw_philox_truncated_normal_double;

  if (single)
    f (philox, 0, out->elements, GW_TENSOR_DATA (out, float));
  else
    d (philox, 0, out->elements, GW_TENSOR_DATA (out, double));
}

static void
compare_run (const char     *op,
             const GwPhilox *philox,
             const cJSON    *json)
{
  g_autoptr (GwTensor) want = gw_test_golden_tensor (json);
  g_autoptr (GwTensor) got = gw_tensor_new (want->dtype, &want->shape, NULL);

  fill (op, philox, got);
  for (int64_t i = 0; i < want->elements; i++)
    if (want->dtype == GW_FLOAT64)
      g_assert_cmpfloat_with_epsilon (GW_TENSOR_DATA (got, double)[i], GW_TENSOR_DATA (want, double)[i],
                                        5e-9); /* the file has nine digits */
    else
      g_assert_cmpint (gw_test_ulps (GW_TENSOR_DATA (got, float)[i], GW_TENSOR_DATA (want, float)[i]), <=,
                       strcmp (op, "RandomUniform") == 0 ? 0 : 4);
}

static void
test_tensorflow (void)
{
  g_autoptr (cJSON) json = gw_test_golden ("random.json");
  const cJSON *item;
  int n = 0;

  cJSON_ArrayForEach (item, cJSON_GetObjectItem (json, "cases"))
    {
      const char *op = gw_json_member_string (item, "op", "");
      const cJSON *first = cJSON_GetObjectItem (item, "first_run");
      GwPhilox philox;

      if (strcmp (op, "RandomUniform") != 0 && strcmp (op, "RandomStandardNormal") != 0 &&
          strcmp (op, "TruncatedNormal") != 0)
        continue;
      gw_philox_init (&philox, (uint64_t) gw_json_member_int (item, "seed", -1),
                      (uint64_t) gw_json_member_int (item, "seed2", -1));
      compare_run (op, &philox, first);
      gw_philox_skip (&philox, 256u * (uint64_t) cJSON_GetArraySize (cJSON_GetObjectItem (first, "data")));
      compare_run (op, &philox, cJSON_GetObjectItem (item, "second_run"));
      n++;
    }
  g_assert_cmpint (n, >=, 36);
}

/* The fast sine, cosine and logarithm against the library's, over many draws. */
static void
test_normal_accuracy (void)
{
  const int n = 1 << 18;
  g_autofree float *normal = g_new (float, n);
  g_autofree uint32_t *words = g_new (uint32_t, n);
  GwPhilox philox;

  gw_philox_init (&philox, 3, 4);
  gw_philox_normal_float (&philox, 0, n, normal);
  gw_philox_words (&philox, 0, n, words);
  for (int i = 0; i < n; i += 2)
    {
      float u = MAX ((float) (words[i] & 0x7FFFFF) * 0x1p-23f, 1e-7f);
      float angle = (float) (2 * G_PI * (words[i + 1] & 0x7FFFFF) * 0x1p-23);
      double radius = sqrt (-2 * log ((double) u));

      g_assert_cmpint (gw_test_ulps (normal[i], (float) (radius * sin ((double) angle))), <=, 4);
      g_assert_cmpint (gw_test_ulps (normal[i + 1], (float) (radius * cos ((double) angle))), <=, 4);
    }
}

static void
test_truncated_double (void)
{
  const int n = 20000;
  g_autofree double *values = g_new (double, n);
  double sum = 0, squares = 0;
  GwPhilox philox;

  gw_philox_init (&philox, 5, 6);
  gw_philox_truncated_normal_double (&philox, 0, n, values);
  for (int i = 0; i < n; i++)
    {
      g_assert_true (fabs (values[i]) < 2);
      sum += values[i];
      squares += values[i] * values[i];
    }
  g_assert_cmpfloat_with_epsilon (sum / n, 0, 0.02);
  g_assert_cmpfloat_with_epsilon (sqrt (squares / n), 0.8796, 0.015);
}

static void
test_seeds (void)
{
  g_autoptr (cJSON) json = gw_test_golden ("seeds.json");
  const cJSON *item;
  int64_t seed, seed2;

  cJSON_ArrayForEach (item, cJSON_GetObjectItem (json, "cases"))
    {
      gw_combine_seeds (gw_json_member_int (item, "graph_seed", -1), gw_json_member_int (item, "op_seed", -1), 0,
                        &seed, &seed2);
      g_assert_cmpint (seed, ==, gw_json_member_int (item, "attr_seed", -9));
      g_assert_cmpint (seed2, ==, gw_json_member_int (item, "attr_seed2", -9));
    }
  gw_combine_seeds (7, -1, 3, &seed, &seed2);
  g_assert_cmpint (seed2, ==, 3);
  gw_combine_seeds (0, 0, 3, &seed, &seed2);
  g_assert_true (seed == 0 && seed2 == G_MAXINT32);
  gw_combine_seeds ((int64_t) G_MAXINT32 + 5, -2, 3, &seed, &seed2);
  g_assert_true (seed == 5 && seed2 == G_MAXINT32 - 2);
  g_assert_true (gw_random_seed () != gw_random_seed ());
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/random/known-answers", test_known_answers);
  g_test_add_func ("/random/words-across-carries", test_words_across_carries);
  g_test_add_func ("/random/parts", test_parts);
  g_test_add_func ("/random/tensorflow", test_tensorflow);
  g_test_add_func ("/random/normal-accuracy", test_normal_accuracy);
  g_test_add_func ("/random/truncated-double", test_truncated_double);
  g_test_add_func ("/random/seeds", test_seeds);
  return g_test_run ();
}
