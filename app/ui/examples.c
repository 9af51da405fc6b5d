/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/examples.h"

#include "engine/engine.h"

#include <string.h>

struct _GwExamplesWindow {
  AdwWindow  parent_instance;
  GtkWidget *list;
};

static guint chosen;

G_DEFINE_FINAL_TYPE (GwExamplesWindow, gw_examples_window, ADW_TYPE_WINDOW)

char *
gw_examples_folder (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *here = program != NULL ? g_path_get_dirname (program) : g_strdup (".");
  const char *const places[] = { "../share/graphwright/examples", "../../../resources/examples" };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *path = g_build_filename (here, places[i], NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        return g_canonicalize_filename (path, NULL);
    }
  return NULL;
}

/* The first frame of an example tells what it is. */
static char *
describe (const char *path)
{
  g_autoptr (GwDocument) document = gw_document_load (path, NULL);
  int n;
  const int64_t *ids;

  if (document == NULL)
    return g_strdup ("");
  ids = gw_document_ids (document, GW_ITEM_FRAME, &n);
  for (int i = 0; i < n; i++)
    {
      const GwDocFrame *frame = &gw_document_item (document, ids[i])->frame;

      if (frame->text != NULL && frame->text[0] != 0)
        return g_strdup (frame->text);
    }
  return g_strdup ("");
}

static GtkWidget *
example_row (const char *path)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *text = describe (path);

  base[strlen (base) - strlen (".gw")] = 0;
  g_strdelimit (base, "-", ' ');
  base[0] = g_ascii_toupper (base[0]);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), base);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 2);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), gtk_image_new_from_icon_name ("go-next-symbolic"));
  g_object_set_data_full (G_OBJECT (row), "path", g_strdup (path), g_free);
  return row;
}

static void
on_activated (GwExamplesWindow *self,
              GtkListBoxRow    *row)
{
  g_autoptr (GFile) file = g_file_new_for_path (g_object_get_data (G_OBJECT (row), "path"));

  g_signal_emit (self, chosen, 0, file);
  gtk_window_close (GTK_WINDOW (self));
}

static gint
compare_paths (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static void
fill (GwExamplesWindow *self)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *folder = gw_examples_folder ();
  g_autoptr (GDir) dir = folder != NULL ? g_dir_open (folder, 0, NULL) : NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".gw"))
      g_ptr_array_add (paths, g_build_filename (folder, name, NULL));
  g_ptr_array_sort (paths, compare_paths);
  for (guint i = 0; i < paths->len; i++)
    gtk_list_box_append (GTK_LIST_BOX (self->list), example_row (g_ptr_array_index (paths, i)));
}

static void
gw_examples_window_class_init (GwExamplesWindowClass *klass)
{
  chosen = g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                         G_TYPE_FILE);
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
gw_examples_window_init (GwExamplesWindow *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *placeholder = gtk_label_new ("No examples are installed.");

  self->list = gtk_list_box_new ();
  gtk_list_box_set_placeholder (GTK_LIST_BOX (self->list), placeholder);
  gtk_widget_add_css_class (self->list, "boxed-list");
  gtk_widget_set_valign (self->list, GTK_ALIGN_START);
  gtk_widget_set_margin_start (self->list, 16);
  gtk_widget_set_margin_end (self->list, 16);
  gtk_widget_set_margin_top (self->list, 16);
  gtk_widget_set_margin_bottom (self->list, 16);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->list);
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (column), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (column), scroller);
  adw_window_set_content (ADW_WINDOW (self), column);
  gtk_window_set_title (GTK_WINDOW (self), "Examples");
  gtk_window_set_default_size (GTK_WINDOW (self), 560, 520);
  g_signal_connect_object (self->list, "row-activated", G_CALLBACK (on_activated), self, G_CONNECT_SWAPPED);
  fill (self);
}

GtkWidget *
gw_examples_window_new (void)
{
  return g_object_new (GW_TYPE_EXAMPLES_WINDOW, NULL);
}
