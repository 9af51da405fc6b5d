/* SPDX-License-Identifier: Apache-2.0 */
/* The program: opens files into windows, recovers what a crash left, quits. */
#include "app/ui/application.h"

#include "app/model/autosave.h"
#include "app/ui/examples.h"
#include "app/ui/window.h"
#include "engine/engine.h"

struct _GwApplication {
  AdwApplication parent_instance;
  gboolean       offered_recovery;
};

G_DEFINE_FINAL_TYPE (GwApplication, gw_application, ADW_TYPE_APPLICATION)

static GwWindow *
new_window (GwApplication *self)
{
  GwWindow *window = gw_window_new (GTK_APPLICATION (self));

  gtk_window_present (GTK_WINDOW (window));
  if (!self->offered_recovery)
    {
      g_autoptr (GPtrArray) recoveries = gw_autosave_list_recoveries ();

      self->offered_recovery = TRUE;
      if (recoveries->len > 0)
        gw_window_offer_recovery (window, g_ptr_array_index (recoveries, 0));
    }
  return window;
}

static void
gw_application_activate (GApplication *application)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));

  if (window == NULL)
    new_window (GW_APPLICATION (application));
  else
    gtk_window_present (window);
}

/* Examples open as untitled copies. */
static gboolean
is_example (GFile *file)
{
  g_autofree char *folder = gw_examples_folder ();
  g_autoptr (GFile) examples = folder != NULL ? g_file_new_for_path (folder) : NULL;

  return examples != NULL && g_file_has_prefix (file, examples);
}

static void
gw_application_open (GApplication *application,
                     GFile       **files,
                     int           n_files,
                     const char   *hint)
{
  for (int i = 0; i < n_files; i++)
    {
      GwWindow *window = new_window (GW_APPLICATION (application));

      gw_window_open_file (window, files[i], is_example (files[i]));
    }
}

static void
new_activated (GSimpleAction *action,
               GVariant      *parameter,
               gpointer       data)
{
  gtk_window_present (GTK_WINDOW (gw_window_new (data)));
}

/* Windows go one by one, each asking when it must; one that stays keeps the program. */
static void
quit_activated (GSimpleAction *action,
                GVariant      *parameter,
                gpointer       data)
{
  g_autoptr (GList) windows = g_list_copy (gtk_application_get_windows (data));

  for (GList *l = windows; l != NULL; l = l->next)
    gtk_window_close (l->data);
}

static void
about_activated (GSimpleAction *action,
                 GVariant      *parameter,
                 gpointer       data)
{
  adw_show_about_window (gtk_application_get_active_window (data),
                         "application-name", "Graphwright",
                         "application-icon", "io.github.graphwright.Graphwright",
                         "version", gw_version (),
                         "license-type", GTK_LICENSE_APACHE_2_0,
                         "comments", "Build, train and inspect TensorFlow graphs by hand and eye.",
                         NULL);
}

static void
gw_application_startup (GApplication *application)
{
  static const GActionEntry entries[] = {
    { .name = "new", .activate = new_activated },
    { .name = "quit", .activate = quit_activated },
    { .name = "about", .activate = about_activated },
  };

  G_APPLICATION_CLASS (gw_application_parent_class)->startup (application);
  gw_init ();
  g_action_map_add_action_entries (G_ACTION_MAP (application), entries, G_N_ELEMENTS (entries), application);
}

static void
gw_application_class_init (GwApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->startup = gw_application_startup;
  application_class->activate = gw_application_activate;
  application_class->open = gw_application_open;
}

static void
gw_application_init (GwApplication *self)
{
}

GwApplication *
gw_application_new (void)
{
  return g_object_new (GW_TYPE_APPLICATION,
                       "application-id", "io.github.graphwright.Graphwright",
                       "resource-base-path", "/io/github/graphwright/Graphwright",
                       "flags", G_APPLICATION_HANDLES_OPEN | G_APPLICATION_NON_UNIQUE,
                       NULL);
}
