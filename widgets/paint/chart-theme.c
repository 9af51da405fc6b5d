/* SPDX-License-Identifier: Apache-2.0 */
/* The colour tables of charts. */
#include "widgets/paint/chart-theme.h"

#include <math.h>

#define RGB(hex)                                                                                  \
  {                                                                                               \
    (((hex) >> 16) & 255) / 255.0, (((hex) >> 8) & 255) / 255.0, ((hex) &255) / 255.0             \
  }

static const GwChartTheme light_theme = {
  .dark = FALSE,
  .card = RGB (0xffffff),
  .text = RGB (0x2b2b2f),
  .dim_text = RGB (0x65656b),
  .grid = RGB (0xececef),
  .axis = RGB (0x9a9aa1),
  .border = RGB (0xd9d9dc),
  .control = RGB (0xe7e7ea),
  .accent = RGB (0x3584e4),
  .problem = RGB (0xc01c28),
  .warning = RGB (0x855c00),
  .good = RGB (0x17774a),
  .running = RGB (0x1f9d5c),
  .flag = RGB (0x2b2b2f),
  .flag_text = RGB (0xffffff),
  .cursor = RGB (0x4a4a50),
  .negative = RGB (0x1c62d9),
  .positive = RGB (0xd9560a),
  .run = { RGB (0x1c62d9), RGB (0xe0560a), RGB (0x0c6b5c), RGB (0x8a1f80), RGB (0x6b4a00),
           RGB (0x2b93d6), RGB (0x3a1f9c), RGB (0xb08a12), RGB (0x5f8a12), RGB (0xc93a78),
           RGB (0x7b8794), RGB (0x26243a) },
  .health = { RGB (0xcc2f2c), RGB (0xff8d00), RGB (0xc3c9d1), RGB (0x8d96a0), RGB (0x262a30),
              RGB (0x003ed4) },
};

static const GwChartTheme dark_theme = {
  .dark = TRUE,
  .card = RGB (0x303033),
  .text = RGB (0xf4f4f5),
  .dim_text = RGB (0xb0b0b6),
  .grid = RGB (0x38383c),
  .axis = RGB (0x77777e),
  .border = RGB (0x48484e),
  .control = RGB (0x3d3d41),
  .accent = RGB (0x3584e4),
  .problem = RGB (0xff6674),
  .warning = RGB (0xf8e45c),
  .good = RGB (0x57e389),
  .running = RGB (0x57e389),
  .flag = RGB (0xf4f4f5),
  .flag_text = RGB (0x242424),
  .cursor = RGB (0xc8c8ce),
  .negative = RGB (0x1c62d9),
  .positive = RGB (0xd9560a),
  .run = { RGB (0x4f96f6), RGB (0xff8f2e), RGB (0x3fd6b4), RGB (0xf05fc0), RGB (0xe6d84a),
           RGB (0xa7d6ff), RGB (0x9a86e8), RGB (0xb98a5a), RGB (0x8fc74a), RGB (0xf5b0d0),
           RGB (0x93a4b8), RGB (0xffffff) },
  .health = { RGB (0xf0525c), RGB (0xffa348), RGB (0x69737f), RGB (0xa3acb6), RGB (0xf2f2f2),
              RGB (0x62a0ff) },
};

const GwChartTheme *
gw_chart_theme_get (gboolean dark)
{
  return dark ? &dark_theme : &light_theme;
}

GwChartColor
gw_chart_color_mix (GwChartColor from, GwChartColor to, double share)
{
  return (GwChartColor) {
    from.red + (to.red - from.red) * share,
    from.green + (to.green - from.green) * share,
    from.blue + (to.blue - from.blue) * share,
  };
}

GwRunStyle
gw_chart_theme_run (const GwChartTheme *theme, guint run)
{
  guint place = run % GW_CHART_RUN_COLORS;
  gboolean again = run >= GW_CHART_RUN_COLORS;
  GwRunStyle style = {
    .color = theme->run[place],
    .alpha = again ? 0.6 : 1.0,
    .name_at_end = again,
  };

  static const struct
  {
    double dash[4];
    int n_dash;
  } dashes[] = { { { 8, 4 }, 2 }, { { 2, 3 }, 2 }, { { 8, 3, 2, 3 }, 4 } };

  if (place >= 6)
    {
      guint kind = (place - 6) / 2;

      for (int i = 0; i < 4; i++)
        style.dash[i] = dashes[kind].dash[i];
      style.n_dash = dashes[kind].n_dash;
    }

  return style;
}

GwChartColor
gw_chart_theme_signed (const GwChartTheme *theme, double share)
{
  if (isnan (share))
    return theme->warning;

  double strength = pow (CLAMP (fabs (share), 0.0, 1.0), 0.8);

  return gw_chart_color_mix (theme->card, share < 0 ? theme->negative : theme->positive, strength);
}

GwChartColor
gw_chart_theme_unsigned (const GwChartTheme *theme, double share)
{
  if (isnan (share))
    return theme->warning;

  return gw_chart_color_mix (theme->card, theme->negative, CLAMP (share, 0.0, 1.0));
}

static double
linear_light (double component)
{
  return component <= 0.04045 ? component / 12.92 : pow ((component + 0.055) / 1.055, 2.4);
}

GwChartColor
gw_chart_color_on (GwChartColor ground)
{
  double luminance = 0.2126 * linear_light (ground.red) + 0.7152 * linear_light (ground.green)
                     + 0.0722 * linear_light (ground.blue);

  /* A little above where both have the same contrast ratio (0.18), so that cells
   * of nearly full colour agree: white keeps at least 3.5:1. */
  if (luminance > 0.25)
    return (GwChartColor) { 0, 0, 0 };

  return (GwChartColor) { 1, 1, 1 };
}
