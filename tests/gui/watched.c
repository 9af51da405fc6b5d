/* SPDX-License-Identifier: Apache-2.0 */
/* Linked to the program as it ships, for stories: at SIGUSR1 it writes what stands on the screen to the
 * file that GW_STORY_MAP names, so that a story finds places by what is written there and not
 * by pixels that the next change of a layout moves. A line a shown widget, in the order of the
 * tree, with tabs between:
 *
 *   depth  type  name  text  tooltip  x  y  width  height  sensitive  window
 *
 * x, y: of the corner on the screen; text and tooltip as C strings; window: the X window. */
#include <gdk/x11/gdkx.h>
#include <glib-unix.h>
#include <gtk/gtk.h>
#include <math.h>

/* Where a surface stands on the screen; popovers have surfaces of their own. */
static void
surface_place (GdkSurface *surface,
               double     *x,
               double     *y)
{
  GdkDisplay *display = gdk_surface_get_display (surface);
  Display *x_display = gdk_x11_display_get_xdisplay (display);
  int at_x = 0, at_y = 0;
  Window child;

  XTranslateCoordinates (x_display, gdk_x11_surface_get_xid (surface), DefaultRootWindow (x_display), 0, 0, &at_x, &at_y,
                         &child);
  *x = at_x;
  *y = at_y;
}

static const char *
text_of (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget))
    return gtk_label_get_text (GTK_LABEL (widget));
  if (GTK_IS_EDITABLE (widget))
    return gtk_editable_get_text (GTK_EDITABLE (widget));
  if (GTK_IS_BUTTON (widget))
    return gtk_button_get_label (GTK_BUTTON (widget));
  if (GTK_IS_WINDOW (widget))
    return gtk_window_get_title (GTK_WINDOW (widget));
  return NULL;
}

static void
add_widget (GString   *lines,
            GtkWidget *widget,
            int        depth)
{
  GtkNative *native = gtk_widget_get_native (widget);
  g_autofree char *text = g_strescape (text_of (widget) != NULL ? text_of (widget) : "", NULL);
  const char *tip = gtk_widget_get_tooltip_text (widget);
  g_autofree char *tooltip = g_strescape (tip != NULL ? tip : "", NULL);
  double x, y, native_x, native_y, surface_x, surface_y;

  if (!gtk_widget_get_mapped (widget) || native == NULL ||
      !gtk_widget_translate_coordinates (widget, GTK_WIDGET (native), 0, 0, &native_x, &native_y))
    return;
  gtk_native_get_surface_transform (native, &surface_x, &surface_y);
  surface_place (gtk_native_get_surface (native), &x, &y);
  g_string_append_printf (lines, "%d\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\t%lu\n", depth, G_OBJECT_TYPE_NAME (widget),
                          gtk_widget_get_name (widget), text, tooltip, (int) round (x + native_x + surface_x),
                          (int) round (y + native_y + surface_y), gtk_widget_get_width (widget),
                          gtk_widget_get_height (widget), gtk_widget_is_sensitive (widget),
                          (unsigned long) gdk_x11_surface_get_xid (gtk_native_get_surface (native)));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    add_widget (lines, child, depth + 1);
}

static gboolean
write_map (gpointer data)
{
  GListModel *windows = gtk_window_get_toplevels ();
  GString *lines = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

      add_widget (lines, window, 0);
    }
  g_file_set_contents (data, lines->str, (gssize) lines->len, NULL);
  g_string_free (lines, TRUE);
  return G_SOURCE_CONTINUE;
}

/* Before main (), which is the program's own. */
static void __attribute__ ((constructor))
watch (void)
{
  const char *map = g_getenv ("GW_STORY_MAP");

  if (map != NULL)
    g_unix_signal_add (SIGUSR1, write_map, (gpointer) map);
}
