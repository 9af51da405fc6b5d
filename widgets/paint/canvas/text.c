/* SPDX-License-Identifier: Apache-2.0 */

/* Two sets of Pango layouts.  Measures and vector output use the free one,
 * without hinting, which scales exactly.  On pixels text is laid out at its
 * size there, with glyphs on whole px: this cairo has no finer positions, and
 * letters would stand unevenly otherwise.
 *
 * Widths come from a table of advances (kerning is below the 8 px step of a
 * node's width), so that ten thousand nodes are measured in milliseconds;
 * other scripts than Latin, Greek and Cyrillic are shaped. */

#include "widgets/paint/canvas/text.h"

#include <math.h>
#include <string.h>

#define N_ADVANCES 0x500        /* up to Cyrillic: no shaping, no marks apart */
#define FIRST_MARK 0x300
#define LAST_MARK 0x36f

typedef struct
{
  double size;
  PangoWeight weight;
  gboolean tabular;
} FontDef;

static const FontDef font_defs[GW_CANVAS_N_FONTS] = {
  [GW_CANVAS_FONT_NAME] = { 13, PANGO_WEIGHT_BOLD, FALSE },
  [GW_CANVAS_FONT_SMALL] = { 11, PANGO_WEIGHT_NORMAL, FALSE },
  [GW_CANVAS_FONT_SMALL_BOLD] = { 11, PANGO_WEIGHT_BOLD, TRUE },
  [GW_CANVAS_FONT_WIRE] = { 10.5, PANGO_WEIGHT_NORMAL, FALSE },
  [GW_CANVAS_FONT_WIRE_BOLD] = { 10.5, PANGO_WEIGHT_BOLD, FALSE },
  [GW_CANVAS_FONT_TEXT] = { 12, PANGO_WEIGHT_NORMAL, FALSE },
  [GW_CANVAS_FONT_TEXT_BOLD] = { 12, PANGO_WEIGHT_BOLD, FALSE },
};

/* The layouts of one kind of output. */
typedef struct
{
  PangoContext *context;
  PangoLayout *layouts[GW_CANVAS_N_FONTS];
  double set_size[GW_CANVAS_N_FONTS];
} FontSet;

struct _GwCanvasText
{
  FontSet free, pixel;
  PangoAttrList *plain[GW_CANVAS_N_FONTS];
  PangoAttrList *struck[GW_CANVAS_N_FONTS];
  PangoFontDescription *descriptions[GW_CANVAS_N_FONTS];
  float advances[GW_CANVAS_N_FONTS][N_ADVANCES];
};

static PangoAttrList *
make_attributes (const FontDef *def,
                 gboolean       struck)
{
  PangoAttrList *list = pango_attr_list_new ();

  if (def->tabular)
    pango_attr_list_insert (list, pango_attr_font_features_new ("tnum=1"));
  if (struck)
    pango_attr_list_insert (list, pango_attr_strikethrough_new (TRUE));
  return list;
}

static void
init_font (GwCanvasText *text,
           int           font,
           const char   *family)
{
  const FontDef *def = &font_defs[font];

  text->descriptions[font] = pango_font_description_new ();
  pango_font_description_set_family (text->descriptions[font],
                                     family != NULL ? family : "Cantarell, Adwaita Sans, sans");
  pango_font_description_set_weight (text->descriptions[font], def->weight);
  text->plain[font] = make_attributes (def, FALSE);
  text->struck[font] = make_attributes (def, TRUE);
  for (int i = 0; i < N_ADVANCES; i++)
    text->advances[font][i] = -1;
}

static void
init_set (FontSet  *set,
          gboolean  pixel)
{
  cairo_font_options_t *options = cairo_font_options_create ();

  set->context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  cairo_font_options_set_hint_style (options, pixel ? CAIRO_HINT_STYLE_SLIGHT
                                                    : CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics (options, pixel ? CAIRO_HINT_METRICS_ON
                                                      : CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias (options, CAIRO_ANTIALIAS_GRAY);
  pango_cairo_context_set_font_options (set->context, options);
  pango_cairo_context_set_resolution (set->context, 96);
  pango_context_set_round_glyph_positions (set->context, pixel);
  cairo_font_options_destroy (options);
  for (int font = 0; font < GW_CANVAS_N_FONTS; font++)
    {
      set->layouts[font] = pango_layout_new (set->context);
      pango_layout_set_single_paragraph_mode (set->layouts[font], TRUE);
    }
}

GwCanvasText *
gw_canvas_text_new (const char *family)
{
  GwCanvasText *text = g_new0 (GwCanvasText, 1);

  for (int font = 0; font < GW_CANVAS_N_FONTS; font++)
    init_font (text, font, family);
  init_set (&text->free, FALSE);
  init_set (&text->pixel, TRUE);
  return text;
}

static void
finish_set (FontSet *set)
{
  for (int font = 0; font < GW_CANVAS_N_FONTS; font++)
    g_object_unref (set->layouts[font]);
  g_object_unref (set->context);
}

void
gw_canvas_text_free (GwCanvasText *text)
{
  if (text == NULL)
    return;
  finish_set (&text->free);
  finish_set (&text->pixel);
  for (int font = 0; font < GW_CANVAS_N_FONTS; font++)
    {
      pango_attr_list_unref (text->plain[font]);
      pango_attr_list_unref (text->struck[font]);
      pango_font_description_free (text->descriptions[font]);
    }
  g_free (text);
}

double
gw_canvas_font_size (GwCanvasFont font)
{
  return font_defs[font].size;
}

/* The layout of a font, set to a size in px. */
static PangoLayout *
get_layout (GwCanvasText *text,
            FontSet      *set,
            GwCanvasFont  font,
            double        size)
{
  if (set->set_size[font] != size)
    {
      pango_font_description_set_absolute_size (text->descriptions[font], size * PANGO_SCALE);
      pango_layout_set_font_description (set->layouts[font], text->descriptions[font]);
      set->set_size[font] = size;
    }
  return set->layouts[font];
}

static double
shaped_width (GwCanvasText *text,
              GwCanvasFont  font,
              const char   *string,
              int           length)
{
  PangoLayout *layout = get_layout (text, &text->free, font, font_defs[font].size);
  PangoRectangle logical;

  pango_layout_set_attributes (layout, text->plain[font]);
  pango_layout_set_text (layout, string, length);
  pango_layout_get_extents (layout, NULL, &logical);
  return (double) logical.width / PANGO_SCALE;
}

double
gw_canvas_text_width (GwCanvasText *text,
                      GwCanvasFont  font,
                      const char   *string)
{
  double width = 0;

  if (string == NULL)
    return 0;
  for (const char *p = string; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      gboolean simple = c < FIRST_MARK || (c > LAST_MARK && c < N_ADVANCES);

      if (!simple && (c < 0x2010 || c > 0x2300))
        return shaped_width (text, font, string, -1);
      if (!simple)
        width += shaped_width (text, font, p, g_utf8_next_char (p) - p);
      else
        {
          if (text->advances[font][c] < 0)
            text->advances[font][c] = shaped_width (text, font, p, g_utf8_next_char (p) - p);
          width += text->advances[font][c];
        }
    }
  return width;
}

/* px of the target's grid per unit of cr, when it is a picture of pixels
 * whose axes are not turned; else 0. */
static double
pixel_scale (cairo_t *cr)
{
  cairo_surface_t *target = cairo_get_group_target (cr);
  cairo_matrix_t matrix;
  double sx, sy;

  cairo_get_matrix (cr, &matrix);
  if (cairo_surface_get_type (target) != CAIRO_SURFACE_TYPE_IMAGE || matrix.xy != 0
      || matrix.yx != 0 || matrix.xx != matrix.yy)
    return 0;
  cairo_surface_get_device_scale (target, &sx, &sy);
  return sx == sy ? matrix.xx * sx : 0;
}

/* Cuts the layout to a width when it is really longer: rounding alone may
 * make it a little wider than was measured. */
static void
cut_layout (PangoLayout        *layout,
            const GwCanvasLine *line,
            double              max_width,
            PangoRectangle     *logical)
{
  if (max_width <= 0 || logical->width <= (max_width * 1.06 + 1.5) * PANGO_SCALE)
    return;
  pango_layout_set_ellipsize (layout, line->cut_middle ? PANGO_ELLIPSIZE_MIDDLE
                                                       : PANGO_ELLIPSIZE_END);
  pango_layout_set_width (layout, max_width * PANGO_SCALE);
  pango_layout_get_extents (layout, NULL, logical);
}

/* Draws at the origin of cr, in units of the layout. */
static void
show_layout (cairo_t            *cr,
             PangoLayout        *layout,
             const GwCanvasLine *line,
             double              max_width,
             gboolean            whole)
{
  PangoRectangle logical;
  double x, y;

  pango_cairo_update_layout (cr, layout);
  pango_layout_get_extents (layout, NULL, &logical);
  cut_layout (layout, line, max_width, &logical);
  x = -(double) logical.x / PANGO_SCALE;
  if (line->align == GW_CANVAS_ALIGN_MIDDLE)
    x -= logical.width / 2.0 / PANGO_SCALE;
  else if (line->align == GW_CANVAS_ALIGN_END)
    x -= (double) logical.width / PANGO_SCALE;
  y = -(double) pango_layout_get_baseline (layout) / PANGO_SCALE;
  if (whole)
    {
      double origin_x = 0, origin_y = 0, sx, sy;

      cairo_surface_get_device_scale (cairo_get_group_target (cr), &sx, &sy);
      cairo_user_to_device (cr, &origin_x, &origin_y);
      x = round (origin_x * sx + x) - origin_x * sx;
      y = round (origin_y * sy) - origin_y * sy + round (y);
    }
  cairo_move_to (cr, x, y);
  pango_cairo_show_layout (cr, layout);
  cairo_new_path (cr);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_NONE);
  pango_layout_set_width (layout, -1);
}

void
gw_canvas_text_draw (GwCanvasText       *text,
                     cairo_t            *cr,
                     const GwCanvasLine *line)
{
  double size = line->size > 0 ? line->size : font_defs[line->font].size;
  double scale = pixel_scale (cr);
  FontSet *set = scale > 0 ? &text->pixel : &text->free;
  PangoLayout *layout;

  if (line->text == NULL || line->text[0] == '\0')
    return;
  if (scale <= 0)
    scale = 1;
  layout = get_layout (text, set, line->font, size * scale);
  pango_layout_set_attributes (layout, line->struck ? text->struck[line->font]
                                                    : text->plain[line->font]);
  pango_layout_set_text (layout, line->text, -1);
  gw_canvas_set_color (cr, &line->color, 1);
  cairo_save (cr);
  cairo_translate (cr, line->x, line->baseline);
  cairo_scale (cr, 1 / scale, 1 / scale);
  if (set == &text->pixel)
    {
      /* undo the rounding of the two scales, so that the font's matrix is one */
      cairo_matrix_t matrix;
      double sx, sy;

      cairo_surface_get_device_scale (cairo_get_group_target (cr), &sx, &sy);
      cairo_get_matrix (cr, &matrix);
      cairo_matrix_init (&matrix, 1 / sx, 0, 0, 1 / sy, matrix.x0, matrix.y0);
      cairo_set_matrix (cr, &matrix);
    }
  show_layout (cr, layout, line, line->max_width * scale, set == &text->pixel);
  cairo_restore (cr);
}

char **
gw_canvas_text_wrap (GwCanvasText *text,
                     GwCanvasFont  font,
                     const char   *string,
                     double        width,
                     guint         max_lines)
{
  g_auto (GStrv) words = g_strsplit_set (string, " \n", -1);
  GPtrArray *lines = g_ptr_array_new ();
  g_autoptr (GString) line = g_string_new (NULL);

  for (guint i = 0; words[i] != NULL; i++)
    {
      g_autofree char *longer = NULL;

      if (words[i][0] == '\0')
        continue;
      longer = line->len > 0 ? g_strconcat (line->str, " ", words[i], NULL) : g_strdup (words[i]);
      if (line->len > 0 && lines->len + 1 < max_lines
          && gw_canvas_text_width (text, font, longer) > width)
        {
          g_ptr_array_add (lines, g_strdup (line->str));
          g_string_assign (line, words[i]);
        }
      else
        {
          g_string_assign (line, longer);
        }
    }
  if (line->len > 0)
    g_ptr_array_add (lines, g_strdup (line->str));
  g_ptr_array_add (lines, NULL);
  return (char **) g_ptr_array_free (lines, FALSE);
}
