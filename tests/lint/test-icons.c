/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every icon that is compiled in is found by GTK under its name, and every symbolic one takes the colour
 * that it is drawn with: drawn in red, its opaque pixels are red. An icon that held strokes instead of
 * filled outlines would keep its own colour.
 */
#include <gtk/gtk.h>

#define ICONS "/io/github/graphwright/Graphwright/icons"

/* Names (without .svg) of the icons in one folder of the resource. */
static GPtrArray *
list_icons (const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) files = g_resources_enumerate_children (folder, G_RESOURCE_LOOKUP_FLAGS_NONE, &error);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  g_assert_no_error (error);
  for (guint i = 0; files[i] != NULL; i++)
    {
      g_assert_true (g_str_has_suffix (files[i], ".svg"));
      g_ptr_array_add (names, g_strndup (files[i], strlen (files[i]) - 4));
    }
  return names;
}

static GtkIconTheme *
theme_with_icons (void)
{
  GtkIconTheme *theme = gtk_icon_theme_get_for_display (gdk_display_get_default ());

  gtk_icon_theme_add_resource_path (theme, ICONS);
  return theme;
}

static cairo_surface_t *
draw_red (GtkIconTheme *theme,
          const char   *name,
          int           size)
{
  const GdkRGBA red[4] = { { 1, 0, 0, 1 }, { 0, 1, 0, 1 }, { 0, 1, 0, 1 }, { 0, 1, 0, 1 } };
  g_autoptr (GtkIconPaintable) icon = gtk_icon_theme_lookup_icon (theme, name, NULL, size, 1,
                                                                  GTK_TEXT_DIR_LTR, 0);
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, size, size);
  cairo_t *cr = cairo_create (surface);

  gtk_symbolic_paintable_snapshot_symbolic (GTK_SYMBOLIC_PAINTABLE (icon), snapshot, size, size, red, 4);
  node = gtk_snapshot_free_to_node (g_steal_pointer (&snapshot));
  g_assert_nonnull (node);
  gsk_render_node_draw (node, cr);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  return surface;
}

/* Counts the pixels that are at least half covered; each of them must be red and nothing else. */
static guint
count_red (cairo_surface_t *surface,
           const char      *name)
{
  const guint8 *data = cairo_image_surface_get_data (surface);
  const int stride = cairo_image_surface_get_stride (surface);
  guint covered = 0;

  for (int y = 0; y < cairo_image_surface_get_height (surface); y++)
    for (int x = 0; x < cairo_image_surface_get_width (surface); x++)
      {
        const guint32 pixel = ((const guint32 *) (data + (gsize) y * stride))[x];
        const guint alpha = pixel >> 24, red = pixel >> 16 & 255, green = pixel >> 8 & 255, blue = pixel & 255;

        if (alpha < 128)
          continue;
        covered++;
        if (red + 12 < alpha || green > 12 || blue > 12)
          g_error ("%s: the pixel %d, %d is #%08x and not red", name, x, y, pixel);
      }
  return covered;
}

static void
test_symbolic (void)
{
  GtkIconTheme *theme = theme_with_icons ();
  g_autoptr (GPtrArray) names = list_icons (ICONS "/scalable/actions");

  g_assert_cmpuint (names->len, >=, 12);
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      cairo_surface_t *surface = draw_red (theme, name, 64);
      const guint covered = count_red (surface, name);

      g_assert_true (gtk_icon_theme_has_icon (theme, name));
      /* A line of 1.6 on the grid of 16 covers at least 3 % of it; the drawing for a missing icon of the
       * theme would not be red. */
      g_assert_cmpuint (covered, >, 64 * 64 * 3 / 100);
      g_assert_cmpuint (covered, <, 64 * 64 * 60 / 100);
      cairo_surface_destroy (surface);
    }
}

static void
test_application (void)
{
  GtkIconTheme *theme = theme_with_icons ();

  g_assert_true (gtk_icon_theme_has_icon (theme, "io.github.graphwright.Graphwright"));
  g_assert_true (gtk_icon_theme_has_icon (theme, "io.github.graphwright.Graphwright-symbolic"));
  g_assert_false (gtk_icon_theme_has_icon (theme, "op-nowhere-symbolic"));
}

int
main (int   argc,
      char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/icons/application", test_application);
  g_test_add_func ("/icons/symbolic", test_symbolic);
  return g_test_run ();
}
