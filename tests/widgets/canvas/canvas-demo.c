/* SPDX-License-Identifier: Apache-2.0 */

/* Shows the design's graph in a window: canvas-demo [--running] [--nodes N]
 * [--zoom Z] [--export FILE]. */

#include <adwaita.h>
#include <stdio.h>

#include "tests/widgets/canvas/fake-model.h"
#include "tests/widgets/canvas/fashion.h"
#include "widgets/canvas/canvas.h"
#include "widgets/paint/canvas/paint-scene.h"

static gboolean running, fit;
static int n_nodes;
static double zoom = 1;
static char *export_path;

static const GOptionEntry options[] = {
  { "running", 0, 0, G_OPTION_ARG_NONE, &running, "With live values", NULL },
  { "nodes", 0, 0, G_OPTION_ARG_INT, &n_nodes, "A large graph instead", "N" },
  { "zoom", 0, 0, G_OPTION_ARG_DOUBLE, &zoom, "Zoom", "Z" },
  { "fit", 0, 0, G_OPTION_ARG_NONE, &fit, "Fit the graph", NULL },
  { "export", 0, 0, G_OPTION_ARG_FILENAME, &export_path, "Write a PNG, SVG or PDF and end", "FILE" },
  { NULL },
};

static gboolean
on_fit (gpointer data)
{
  gw_canvas_zoom_to_fit (data);
  return G_SOURCE_REMOVE;
}

static void
on_activate (GApplication *app,
             gpointer      data)
{
  GwScene *scene = n_nodes > 0 ? large_scene_new (n_nodes) : fashion_scene_new (running);
  g_autoptr (FakeModel) model = fake_model_new (scene);
  GtkWidget *window = adw_application_window_new (GTK_APPLICATION (app));
  GtkWidget *canvas = gw_canvas_new ();
  guint64 selected = FASHION_HIDDEN1;

  g_object_set (gtk_settings_get_default (), "gtk-font-name", "Cantarell 11", NULL);
  gw_canvas_set_model (GW_CANVAS (canvas), GW_CANVAS_MODEL (model));
  gtk_window_set_default_size (GTK_WINDOW (window), 1440, 900);
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (window), canvas);
  if (n_nodes == 0)
    gw_canvas_set_selection (GW_CANVAS (canvas), &selected, 1);
  gtk_window_present (GTK_WINDOW (window));
  gw_canvas_set_zoom (GW_CANVAS (canvas), zoom);
  gw_canvas_scroll_to (GW_CANVAS (canvas), -40, -40);
  if (fit)
    g_timeout_add (500, on_fit, canvas);
}

static int
export_scene (void)
{
  g_autoptr (GwScene) scene = fashion_scene_new (running);
  g_autoptr (GError) error = NULL;
  GwCanvasTheme theme;
  GwCanvasPageFormat format = g_str_has_suffix (export_path, ".svg")   ? GW_CANVAS_PAGE_SVG
                              : g_str_has_suffix (export_path, ".pdf") ? GW_CANVAS_PAGE_PDF
                                                                       : GW_CANVAS_PAGE_PNG;

  gw_canvas_theme_init (&theme, FALSE, FALSE);
  if (gw_canvas_write_scene (scene, &theme, zoom, format, export_path, &error))
    return 0;
  fprintf (stderr, "%s\n", error->message);
  return 1;
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AdwApplication) app = NULL;

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      fprintf (stderr, "%s\n", error->message);
      return 2;
    }
  if (export_path != NULL)
    return export_scene ();
  app = adw_application_new (NULL, G_APPLICATION_DEFAULT_FLAGS);
  g_signal_connect (app, "activate", G_CALLBACK (on_activate), NULL);
  return g_application_run (G_APPLICATION (app), argc, argv);
}
