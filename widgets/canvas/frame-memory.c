/* SPDX-License-Identifier: Apache-2.0 */

/* Cairo copies each frame into memory that it shares with the X server, taken from a pool that
 * goes back to the system as soon as nothing of it is in use: after every frame. Both sides then
 * map it anew, a page fault for each 4 KiB. A little picture in the same pool keeps it there. */

#include "widgets/canvas/frame-memory.h"

#ifdef GDK_WINDOWING_X11
#include <cairo-xlib.h>
#include <gdk/x11/gdkx.h>

#define KEY "gw-frame-memory"
#define KEEPER_SIDE 64          /* 16 KiB: less is not taken from the pool */

typedef struct
{
  cairo_surface_t *keeper;
  gint64 bytes;                 /* of a frame that the pool has room for */
} FrameMemory;

static void
frame_memory_free (gpointer data)
{
  FrameMemory *memory = data;

  g_clear_pointer (&memory->keeper, cairo_surface_destroy);
  g_free (memory);
}

static cairo_surface_t *
wrap_window (GdkSurface *surface,
             int         width,
             int         height)
{
  Display *display = gdk_x11_display_get_xdisplay (gdk_surface_get_display (surface));

  return cairo_xlib_surface_create (display, gdk_x11_surface_get_xid (surface),
                                    DefaultVisual (display, DefaultScreen (display)), width, height);
}

/* A pool is made with room for what is asked of it first: for a frame, then, which goes again.
 * Room grows by doubling, so that a window that is being resized seldom needs it. */
static void
make_room (GdkSurface *surface,
           int         width,
           int         height)
{
  FrameMemory *memory = g_object_get_data (G_OBJECT (surface), KEY);
  int scale = gdk_surface_get_scale_factor (surface);
  cairo_surface_t *window, *frame;

  width = MAX (width * scale, KEEPER_SIDE);
  height = MAX (height * scale, KEEPER_SIDE);
  if ((gint64) width * height * 4 <= memory->bytes)
    return;
  height = MIN (MAX (height, memory->bytes / 2 / width), G_MAXINT16);
  memory->bytes = (gint64) width * height * 4;
  window = wrap_window (surface, width, height);
  frame = cairo_surface_create_similar_image (window, CAIRO_FORMAT_ARGB32, width, height);
  g_clear_pointer (&memory->keeper, cairo_surface_destroy);
  memory->keeper = cairo_surface_create_similar_image (window, CAIRO_FORMAT_ARGB32, KEEPER_SIDE, KEEPER_SIDE);
  cairo_surface_destroy (frame);
  cairo_surface_destroy (window);
}

void
gw_frame_memory_keep (GtkNative *native)
{
  GdkSurface *surface = gtk_native_get_surface (native);

  if (!GDK_IS_X11_SURFACE (surface) || !GSK_IS_CAIRO_RENDERER (gtk_native_get_renderer (native))
      || g_object_get_data (G_OBJECT (surface), KEY) != NULL)
    return;
  g_object_set_data_full (G_OBJECT (surface), KEY, g_new0 (FrameMemory, 1), frame_memory_free);
  g_signal_connect (surface, "layout", G_CALLBACK (make_room), NULL);
}
#else
void
gw_frame_memory_keep (GtkNative *native)
{
}
#endif
