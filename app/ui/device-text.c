/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/device-text.h"

/* The variant of the compiled loops that this processor runs. */
static const char *
instruction_set (void)
{
#if defined(__x86_64__) && defined(__GNUC__)
  __builtin_cpu_init ();
  if (__builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512bw") && __builtin_cpu_supports ("avx512vl"))
    return "AVX-512";
  if (__builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma"))
    return "AVX2";
  return "SSE2";
#else
  return "baseline";
#endif
}

static GtkWidget *
row (const char *title,
     const char *text,
     gboolean    there)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *name = gtk_label_new (title);
  GtkWidget *detail = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_xalign (GTK_LABEL (detail), 0);
  gtk_widget_add_css_class (name, "gw-bold");
  gtk_widget_add_css_class (detail, "gw-caption");
  gtk_box_append (GTK_BOX (box), name);
  gtk_box_append (GTK_BOX (box), detail);
  gtk_widget_set_sensitive (box, there);
  return box;
}

GtkWidget *
gw_device_button_new (void)
{
  GtkWidget *button = gtk_menu_button_new ();
  GtkWidget *popover = gtk_popover_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  guint cores = g_get_num_processors ();
  g_autofree char *label = g_strdup_printf (cores == 1 ? "CPU, %u core" : "CPU, %u cores", cores);
  g_autofree char *detail = g_strdup_printf ("%s, %s", label, instruction_set ());
  gboolean node = g_file_test ("/dev/nvidia0", G_FILE_TEST_EXISTS);

  gtk_box_append (GTK_BOX (box), row ("/cpu:0", detail, TRUE));
  gtk_box_append (GTK_BOX (box), row ("/gpu:0", node ? "This build computes on the processor only"
                                                     : "No NVIDIA device on this computer", FALSE));
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  gtk_menu_button_set_label (GTK_MENU_BUTTON (button), label);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (button), popover);
  gtk_menu_button_set_direction (GTK_MENU_BUTTON (button), GTK_ARROW_UP);
  gtk_widget_set_tooltip_text (button, "Where the graph runs");
  return button;
}
