/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures to files.  Every format is written through a stream into memory
 * first, then put in place by g_file_set_contents(), which writes beside the
 * file and renames. */
#include "widgets/paint/export.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <math.h>
#include <string.h>

#define LEAST_SIZE 16
#define LARGEST_SIZE 16384

G_DEFINE_QUARK (gw-export-error-quark, gw_export_error)

typedef enum
{
  FORMAT_PNG,
  FORMAT_SVG,
  FORMAT_PDF,
  FORMAT_UNKNOWN
} Format;

static Format
format_of (const char *path)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);

  if (g_str_has_suffix (lower, ".png"))
    return FORMAT_PNG;
  if (g_str_has_suffix (lower, ".svg"))
    return FORMAT_SVG;
  if (g_str_has_suffix (lower, ".pdf"))
    return FORMAT_PDF;
  return FORMAT_UNKNOWN;
}

static cairo_status_t
collect (void *closure, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

static cairo_surface_t *
make_surface (Format format, const GwExportOptions *options, double scale, GByteArray *bytes)
{
  cairo_surface_t *surface;

  switch (format)
    {
    case FORMAT_SVG:
      return cairo_svg_surface_create_for_stream (collect, bytes, options->width,
                                                  options->height);
    case FORMAT_PDF:
      return cairo_pdf_surface_create_for_stream (collect, bytes, options->width,
                                                  options->height);
    case FORMAT_PNG:
    case FORMAT_UNKNOWN:
    default:
      surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32,
                                            (int) ceil (options->width * scale),
                                            (int) ceil (options->height * scale));
      cairo_surface_set_device_scale (surface, scale, scale);
      return surface;
    }
}

static void
paint (cairo_surface_t *surface, const GwExportOptions *options, GwExportDraw draw, gpointer data)
{
  cairo_t *cr = cairo_create (surface);
  const GwChartTheme *theme = gw_chart_theme_get (options->dark);
  GwChartPen pen;

  gw_chart_pen_init (&pen, cr, theme, options->family, 0);
  if (!options->transparent)
    {
      gw_chart_pen_color (&pen, theme->card, 1);
      cairo_paint (cr);
    }
  cairo_save (cr);
  draw (&pen, options->width, options->height, data);
  cairo_restore (cr);
  gw_chart_pen_clear (&pen);
  cairo_destroy (cr);
}

static gboolean
check (const char *path, const GwExportOptions *options, Format format, double scale,
       GError **error)
{
  if (format == FORMAT_UNKNOWN)
    {
      g_set_error (error, GW_EXPORT_ERROR, GW_EXPORT_ERROR_FORMAT,
                   "%s: the name of a picture ends in .png, .svg or .pdf", path);
      return FALSE;
    }
  if (!(options->width >= LEAST_SIZE && options->height >= LEAST_SIZE
        && options->width * scale <= LARGEST_SIZE && options->height * scale <= LARGEST_SIZE))
    {
      g_set_error (error, GW_EXPORT_ERROR, GW_EXPORT_ERROR_SIZE,
                   "%s: a picture of %g×%g at scale %g; width and height are %d to %d px", path,
                   options->width, options->height, scale, LEAST_SIZE, LARGEST_SIZE);
      return FALSE;
    }
  return TRUE;
}

gboolean
gw_export_draw (const char *path, const GwExportOptions *options, GwExportDraw draw,
                gpointer data, GError **error)
{
  g_return_val_if_fail (path != NULL && options != NULL && draw != NULL, FALSE);

  Format format = format_of (path);
  double scale = format == FORMAT_PNG && options->scale > 0 ? options->scale : 1;

  if (!check (path, options, format, scale, error))
    return FALSE;

  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  cairo_surface_t *surface = make_surface (format, options, scale, bytes);

  if (cairo_surface_status (surface) == CAIRO_STATUS_SUCCESS)
    paint (surface, options, draw, data);
  if (format == FORMAT_PNG && cairo_surface_status (surface) == CAIRO_STATUS_SUCCESS)
    cairo_surface_write_to_png_stream (surface, collect, bytes);
  cairo_surface_finish (surface);

  cairo_status_t status = cairo_surface_status (surface);

  cairo_surface_destroy (surface);
  if (status != CAIRO_STATUS_SUCCESS)
    {
      g_set_error (error, GW_EXPORT_ERROR, GW_EXPORT_ERROR_WRITE,
                   "%s: the picture could not be drawn: %s", path,
                   cairo_status_to_string (status));
      return FALSE;
    }

  g_autoptr (GError) local = NULL;

  if (!g_file_set_contents (path, (const char *) bytes->data, bytes->len, &local))
    {
      g_set_error (error, GW_EXPORT_ERROR, GW_EXPORT_ERROR_WRITE, "%s: %s", path, local->message);
      return FALSE;
    }
  return TRUE;
}

static void
draw_chart (GwChartPen *pen, double width, double height, gpointer data)
{
  gw_chart_draw (data, pen, width, height);
}

gboolean
gw_chart_export (gpointer chart, const char *path, const GwExportOptions *options, GError **error)
{
  g_return_val_if_fail (chart != NULL, FALSE);

  return gw_export_draw (path, options, draw_chart, chart, error);
}
