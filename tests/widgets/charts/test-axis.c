/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as text, scales and ticks, against values worked out by hand. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "widgets/paint/axis.h"

#define MINUS "\xe2\x88\x92"

static void
test_number_text (void)
{
  static const struct
  {
    double value;
    const char *text;
  } cases[] = {
    { 0, "0" },           { 0.30849, "0.3085" }, { 6000, "6,000" },
    { -0.25, MINUS "0.25" }, { 4.1e-5, "4.1e" MINUS "5" }, { 1234567, "1,234,567" },
    { 12.3456, "12.35" }, { 1e20, "1e20" },      { 99999, "99,999" },
    { -1e-9, MINUS "1e" MINUS "9" },             { 0.00123456, "0.001235" },
  };
  char buffer[GW_NUMBER_TEXT_SIZE];

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpstr (gw_number_text (buffer, cases[i].value), ==, cases[i].text);
  g_assert_cmpstr (gw_number_text (buffer, NAN), ==, "NaN");
  g_assert_cmpstr (gw_number_text (buffer, -INFINITY), ==, MINUS "\xe2\x88\x9e");
  g_assert_cmpstr (gw_number_text_count (buffer, -1234567), ==, MINUS "1,234,567");
  g_assert_cmpstr (gw_number_text_count (buffer, 999), ==, "999");
  g_assert_cmpstr (gw_number_text_digits (buffer, 0.1, 17), ==, "0.10000000000000001");
  /* The longest that can come. */
  g_assert_cmpstr (gw_number_text_count (buffer, G_MININT64), ==,
                   MINUS "9,223,372,036,854,775,808");
}

static void
test_tick_text (void)
{
  char buffer[GW_NUMBER_TEXT_SIZE];

  g_assert_cmpstr (gw_number_text_tick (buffer, 1000, 1000, 6000), ==, "1k");
  g_assert_cmpstr (gw_number_text_tick (buffer, 500, 500, 3000), ==, "500");
  g_assert_cmpstr (gw_number_text_tick (buffer, 1500, 500, 3000), ==, "1.5k");
  g_assert_cmpstr (gw_number_text_tick (buffer, 2.5e6, 5e5, 4e6), ==, "2.5M");
  g_assert_cmpstr (gw_number_text_tick (buffer, -0.25, 0.25, 1), ==, MINUS "0.25");
  g_assert_cmpstr (gw_number_text_tick (buffer, 0.30000000000000004, 0.1, 1), ==, "0.3");
  g_assert_cmpstr (gw_number_text_tick (buffer, 1e-18, 0.1, 1), ==, "0");
  g_assert_cmpstr (gw_number_text_tick (buffer, 2e-5, 1e-5, 5e-5), ==, "2e" MINUS "5");
}

static void
test_duration_text (void)
{
  char buffer[GW_NUMBER_TEXT_SIZE];

  g_assert_cmpstr (gw_number_text_duration (buffer, 6.08), ==, "6.1 s");
  g_assert_cmpstr (gw_number_text_duration (buffer, 200), ==, "3 min 20 s");
  g_assert_cmpstr (gw_number_text_duration (buffer, 7500), ==, "2 h 5 min");
  g_assert_cmpstr (gw_number_text_duration (buffer, 90000), ==, "1 d 1 h");
  g_assert_cmpstr (gw_number_text_duration (buffer, -61), ==, MINUS "1 min 1 s");
  g_assert_cmpstr (gw_number_text_duration (buffer, 0), ==, "0 s");
}

static void
assert_ticks (GwAxisScale scale, double low, double high, guint most, const char *expected)
{
  GwAxis axis;
  g_autoptr (GString) text = g_string_new (NULL);

  gw_axis_init (&axis, scale, low, high, most);
  for (guint i = 0; i < axis.n_ticks; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "", axis.ticks[i].text);
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_linear_ticks (void)
{
  assert_ticks (GW_AXIS_INTEGER, 0, 6000, 7, "0 1k 2k 3k 4k 5k 6k");
  assert_ticks (GW_AXIS_LINEAR, -0.47, 0.47, 7,
                MINUS "0.4 " MINUS "0.2 0 0.2 0.4");
  assert_ticks (GW_AXIS_LINEAR, 0.5, 0.9, 7, "0.5 0.6 0.7 0.8 0.9");
  assert_ticks (GW_AXIS_INTEGER, 1, 4, 7, "1 2 3 4");
  assert_ticks (GW_AXIS_INTEGER, 0, 1, 7, "0 1");
  assert_ticks (GW_AXIS_LINEAR, 5, 5, 7, "4.5 4.75 5 5.25 5.5");
}

static void
test_log_ticks (void)
{
  assert_ticks (GW_AXIS_LOG, 0.15, 3, 7, "0.2 0.5 1 2");
  assert_ticks (GW_AXIS_LOG, 1, 6000, 7, "1 10 100 1k");
  assert_ticks (GW_AXIS_LOG, 1e-6, 1, 7,
                "1e" MINUS "6 1e" MINUS "5 1e" MINUS "4 0.001 0.01 0.1 1");
  /* Less than a decade: as on a linear axis. */
  assert_ticks (GW_AXIS_LOG, 2.1, 4.4, 7, "2.5 3 3.5 4");
}

static void
test_time_ticks (void)
{
  g_setenv ("TZ", "UTC", TRUE);
  tzset ();
  assert_ticks (GW_AXIS_DURATION, 0, 11.7, 7, "0 2 s 4 s 6 s 8 s 10 s");
  assert_ticks (GW_AXIS_DURATION, 0, 100, 7, "0 0:15 0:30 0:45 1:00 1:15 1:30");
  assert_ticks (GW_AXIS_DURATION, 0, 1500, 7, "0 5 min 10 min 15 min 20 min 25 min");
  assert_ticks (GW_AXIS_DURATION, 0, 4 * 3600, 5, "0 1:00 h 2:00 h 3:00 h 4:00 h");
  assert_ticks (GW_AXIS_CLOCK, 1700000000, 1700000060, 7,
                "22:13:20 22:13:30 22:13:40 22:13:50 22:14:00 22:14:10 22:14:20");
}

/* Between 3 and 7 labels, inside the range, rising, for ranges of all sizes. */
static void
test_any_range (void)
{
  GRand *random = g_rand_new_with_seed (4);

  for (int i = 0; i < 20000; i++)
    {
      double low = g_rand_double_range (random, -1, 1) * pow (10, g_rand_int_range (random, -8, 12));
      double length = pow (10, g_rand_double_range (random, -3, 3)) * (fabs (low) + 1e-9);
      GwAxis axis;

      gw_axis_init (&axis, GW_AXIS_LINEAR, low, low + length, 7);
      g_assert_cmpuint (axis.n_ticks, >=, 3);
      g_assert_cmpuint (axis.n_ticks, <=, 7);
      for (guint k = 0; k < axis.n_ticks; k++)
        {
          double share = gw_axis_map (&axis, axis.ticks[k].value);

          g_assert_cmpfloat (share, >=, -1e-6);
          g_assert_cmpfloat (share, <=, 1 + 1e-6);
          g_assert_cmpuint (strlen (axis.ticks[k].text), >, 0);
          if (k > 0)
            {
              g_assert_cmpfloat (axis.ticks[k].value, >, axis.ticks[k - 1].value);
              g_assert_cmpstr (axis.ticks[k].text, !=, axis.ticks[k - 1].text);
            }
        }
    }
  g_rand_free (random);
}

static void
test_repaired_ranges (void)
{
  static const double bad[][2]
      = { { NAN, NAN },  { INFINITY, -INFINITY }, { 3, -3 },     { 0, 0 },
          { -5, -1 },    { -1e308, 1e308 },       { 1e-320, 1e-310 }, { 7, INFINITY },
          { 1e300, 1e305 } };
  static const GwAxisScale scales[]
      = { GW_AXIS_LINEAR, GW_AXIS_INTEGER, GW_AXIS_LOG, GW_AXIS_DURATION, GW_AXIS_CLOCK };

  for (guint s = 0; s < G_N_ELEMENTS (scales); s++)
    for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
      {
        GwAxis axis;

        if (scales[s] == GW_AXIS_CLOCK && fabs (bad[i][0]) > 1e12)
          continue;
        gw_axis_init (&axis, scales[s], bad[i][0], bad[i][1], 7);
        g_assert_true (isfinite (axis.low) && isfinite (axis.high));
        g_assert_cmpfloat (axis.low, <, axis.high);
        g_assert_cmpuint (axis.n_ticks, <=, GW_AXIS_MAX_TICKS);
      }
}

static void
test_map (void)
{
  GwAxis linear;
  GwAxis log_axis;

  gw_axis_init (&linear, GW_AXIS_LINEAR, 10, 30, 7);
  g_assert_cmpfloat_with_epsilon (gw_axis_map (&linear, 15), 0.25, 1e-12);
  g_assert_cmpfloat_with_epsilon (gw_axis_unmap (&linear, 0.25), 15, 1e-12);
  gw_axis_init (&log_axis, GW_AXIS_LOG, 1, 10000, 7);
  g_assert_cmpfloat_with_epsilon (gw_axis_map (&log_axis, 100), 0.5, 1e-12);
  g_assert_cmpfloat_with_epsilon (gw_axis_unmap (&log_axis, 0.75), 1000, 1e-9);
  g_assert_true (gw_axis_map (&log_axis, 0) == -INFINITY);
  g_assert_true (isnan (gw_axis_map (&log_axis, NAN)));

  double low = 1;
  double high = 100;

  gw_axis_pad (GW_AXIS_LOG, &low, &high, 0.5);
  g_assert_cmpfloat_with_epsilon (low, 0.1, 1e-12);
  g_assert_cmpfloat_with_epsilon (high, 1000, 1e-9);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/axis/number-text", test_number_text);
  g_test_add_func ("/axis/tick-text", test_tick_text);
  g_test_add_func ("/axis/duration-text", test_duration_text);
  g_test_add_func ("/axis/linear-ticks", test_linear_ticks);
  g_test_add_func ("/axis/log-ticks", test_log_ticks);
  g_test_add_func ("/axis/time-ticks", test_time_ticks);
  g_test_add_func ("/axis/any-range", test_any_range);
  g_test_add_func ("/axis/repaired-ranges", test_repaired_ranges);
  g_test_add_func ("/axis/map", test_map);
  return g_test_run ();
}
