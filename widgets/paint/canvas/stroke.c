/* SPDX-License-Identifier: Apache-2.0 */

/* Reads path text and plays it on a cairo_t. */

#include "widgets/paint/canvas/stroke.h"

#include <math.h>
#include <string.h>

typedef struct
{
  cairo_t *cr;
  const char *p;
  double x, y;                  /* current point */
  double cx, cy;                /* last control point, for S */
} Reader;

/* Reads one number of the form [-]digits[.digits]; locale-free. */
static gboolean
read_number (Reader *reader,
             double *value)
{
  const char *start;
  char *end;

  while (*reader->p == ' ' || *reader->p == ',')
    reader->p++;
  start = reader->p;
  *value = g_ascii_strtod (start, &end);
  reader->p = end;
  return end != start;
}

static gboolean
read_numbers (Reader *reader,
              double *values,
              int     n)
{
  for (int i = 0; i < n; i++)
    if (!read_number (reader, &values[i]))
      return FALSE;
  return TRUE;
}

/* A circular arc from the current point; the formulas of SVG 1.1, F.6.5, for
 * equal radii. */
static void
draw_arc (Reader *reader,
          double  r,
          gboolean large,
          gboolean sweep,
          double  x,
          double  y)
{
  double dx = (reader->x - x) / 2, dy = (reader->y - y) / 2;
  double half = hypot (dx, dy);
  double k, cx, cy, a0, a1;

  if (half == 0 || r <= 0)
    return;
  r = MAX (r, half);
  k = sqrt (r * r - half * half) / half;
  if (large == sweep)
    k = -k;
  cx = (reader->x + x) / 2 + k * dy;
  cy = (reader->y + y) / 2 - k * dx;
  a0 = atan2 (reader->y - cy, reader->x - cx);
  a1 = atan2 (y - cy, x - cx);
  if (sweep)
    cairo_arc (reader->cr, cx, cy, r, a0, a1);
  else
    cairo_arc_negative (reader->cr, cx, cy, r, a0, a1);
}

static gboolean
draw_curve (Reader  *reader,
            gboolean smooth,
            double   ox,
            double   oy)
{
  double v[6];

  if (smooth)
    {
      v[0] = 2 * reader->x - reader->cx - ox;
      v[1] = 2 * reader->y - reader->cy - oy;
      if (!read_numbers (reader, v + 2, 4))
        return FALSE;
    }
  else if (!read_numbers (reader, v, 6))
    return FALSE;
  cairo_curve_to (reader->cr, v[0] + ox, v[1] + oy, v[2] + ox, v[3] + oy, v[4] + ox, v[5] + oy);
  reader->cx = v[2] + ox;
  reader->cy = v[3] + oy;
  reader->x = v[4] + ox;
  reader->y = v[5] + oy;
  return TRUE;
}

static gboolean
draw_line (Reader *reader,
           char    letter,
           double  ox,
           double  oy)
{
  double v[2] = { reader->x - ox, reader->y - oy };

  if (letter == 'H' ? !read_number (reader, &v[0])
      : letter == 'V' ? !read_number (reader, &v[1])
                      : !read_numbers (reader, v, 2))
    return FALSE;
  reader->x = reader->cx = v[0] + ox;
  reader->y = reader->cy = v[1] + oy;
  if (letter == 'M')
    cairo_move_to (reader->cr, reader->x, reader->y);
  else
    cairo_line_to (reader->cr, reader->x, reader->y);
  return TRUE;
}

static gboolean
draw_command (Reader *reader,
              char    letter)
{
  gboolean relative = g_ascii_islower (letter);
  double ox = relative ? reader->x : 0, oy = relative ? reader->y : 0;
  double v[7];

  letter = g_ascii_toupper (letter);
  switch (letter)
    {
    case 'M':
    case 'L':
    case 'H':
    case 'V':
      return draw_line (reader, letter, ox, oy);
    case 'C':
    case 'S':
      return draw_curve (reader, letter == 'S', ox, oy);
    case 'A':
      if (!read_numbers (reader, v, 7))
        return FALSE;
      draw_arc (reader, v[0], v[3] != 0, v[4] != 0, v[5] + ox, v[6] + oy);
      reader->x = reader->cx = v[5] + ox;
      reader->y = reader->cy = v[6] + oy;
      return TRUE;
    case 'Z':
      cairo_close_path (reader->cr);
      cairo_get_current_point (reader->cr, &reader->x, &reader->y);
      return TRUE;
    default:
      return FALSE;
    }
}

gboolean
gw_canvas_stroke_path (cairo_t    *cr,
                       const char *path)
{
  Reader reader = { .cr = cr, .p = path };
  char letter = 0;

  while (*reader.p != '\0')
    {
      if (*reader.p == ' ')
        {
          reader.p++;
          continue;
        }
      if (g_ascii_isalpha (*reader.p))
        letter = *reader.p++;
      else if (letter == 0 || strchr ("Zz", letter) != NULL)
        return FALSE;
      if (!draw_command (&reader, letter))
        return FALSE;
    }
  return TRUE;
}
