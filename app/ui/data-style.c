/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/data-style.h"

#include <stdarg.h>

#include "widgets/charts/widget-pen.h"
#include "widgets/charts/widget-style.h"

static const char sheet[] =
  ".gw-page-side { border-right: 1px solid @borders; }\n"
  ".gw-page-end { border-left: 1px solid @borders; }\n"
  ".gw-checkpoints { background: none; }\n"
  ".gw-checkpoints > row { padding: 0 10px 0 0; border-radius: 8px; min-height: 48px; }\n"
  ".gw-checkpoints > row.gw-drop { box-shadow: inset 0 0 0 2px @accent_bg_color; }\n"
  ".gw-badge { min-width: 20px; min-height: 20px; border-radius: 10px; font-weight: 700; font-size: 0.85em;"
  "  padding: 0; }\n"
  ".gw-badge-a { background-color: #1c62d9; color: white; }\n"
  "columnview.gw-variables > header > button label { font-weight: 400; font-size: 0.92em; }\n"
  ".gw-paned > separator { background: none; min-height: 8px; }\n"
  ".gw-badge-b { background-color: @card_bg_color; border: 2px solid #e0560a; min-width: 16px; min-height: 16px; }\n"
  ".gw-page-head { padding: 10px 16px 6px 16px; }\n"
  "columnview.gw-variables { background: none; }\n"
  "columnview.gw-variables > header > button { min-height: 28px; padding: 0 8px; font-weight: 400; }\n"
  "columnview.gw-variables > listview { background: none; }\n"
  "columnview.gw-variables > listview > row { padding: 0; border-bottom: 1px solid alpha(@borders, 0.5); }\n"
  "columnview.gw-variables > listview > row > cell { padding: 0 8px; min-height: 27px; border: none; }\n"
  "columnview.gw-variables > listview > row:selected { background-color: alpha(@accent_bg_color, 0.18);"
  "  color: @window_fg_color; }\n"
  ".gw-pane-title { font-size: 1.07em; font-weight: 700; }\n"
  ".gw-choice-list { background: none; }\n"
  ".gw-choice-list > row { border-radius: 8px; padding: 6px 10px; }\n"
  ".gw-plain-list { background: none; }\n"
  ".gw-plain-list > row { padding: 0; }\n"
  ".gw-number { font-feature-settings: \"tnum\"; }\n"
  ".gw-figures { font-family: monospace; font-size: 0.92em; }\n"
  ".gw-soft { color: alpha(currentColor, 0.65); }\n"
  ".gw-wrong { color: @error_color; }\n"
  ".gw-fine { color: @success_color; font-weight: 700; }\n"
  ".gw-page-error { background-color: alpha(@error_color, 0.12); border-radius: 10px; padding: 10px 12px; }\n"
  ".gw-page-warning { background-color: alpha(@warning_color, 0.16); border-radius: 10px; padding: 8px 12px; }\n"
  ".gw-dropping { box-shadow: inset 0 0 0 3px @accent_bg_color; }\n"
  ".gw-column-card { padding: 8px 10px; }\n"
  ".gw-segment > button { padding: 0 12px; min-height: 30px; }\n"
  ".gw-segment > button:checked { font-weight: 700; }\n";

void
gw_data_style_ensure (void)
{
  static gsize done = 0;
  g_autoptr (GtkCssProvider) provider = NULL;

  gw_widget_style_ensure ();
  if (gdk_display_get_default () == NULL || !g_once_init_enter (&done))
    return;
  provider = gtk_css_provider_new ();
  gtk_css_provider_load_from_data (provider, sheet, -1);
  gtk_style_context_add_provider_for_display (gdk_display_get_default (), GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  g_once_init_leave (&done, 1);
}

void
gw_add_classes (GtkWidget  *widget,
                const char *classes)
{
  g_auto (GStrv) list = g_strsplit (classes != NULL ? classes : "", " ", -1);

  for (guint i = 0; list[i] != NULL; i++)
    if (*list[i] != '\0')
      gtk_widget_add_css_class (widget, list[i]);
}

GtkWidget *
gw_text_new (const char *text,
             const char *classes)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gw_add_classes (label, classes);
  return label;
}

GtkWidget *
gw_cut_text_new (const char *text,
                 const char *classes)
{
  GtkWidget *label = gw_text_new (text, classes);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  if (text != NULL && *text != '\0')
    gtk_widget_set_tooltip_text (label, text);
  return label;
}

GtkWidget *
gw_button_new (const char *icon,
               const char *text,
               const char *classes)
{
  GtkWidget *button = gtk_button_new ();

  if (icon != NULL && text != NULL)
    {
      GtkWidget *content = adw_button_content_new ();

      adw_button_content_set_icon_name (ADW_BUTTON_CONTENT (content), icon);
      adw_button_content_set_label (ADW_BUTTON_CONTENT (content), text);
      gtk_button_set_child (GTK_BUTTON (button), content);
    }
  else if (icon != NULL)
    gtk_button_set_icon_name (GTK_BUTTON (button), icon);
  else
    gtk_button_set_label (GTK_BUTTON (button), text);
  gw_add_classes (button, classes);
  return button;
}

AdwToast *
gw_page_toast (AdwToastOverlay *overlay,
               const char      *format,
               ...)
{
  g_autofree char *text = NULL, *escaped = NULL;
  AdwToast *toast;
  va_list list;

  va_start (list, format);
  text = g_strdup_vprintf (format, list);
  va_end (list);
  escaped = g_markup_escape_text (text, -1);
  toast = adw_toast_new (escaped);
  adw_toast_set_timeout (toast, 4);
  adw_toast_overlay_add_toast (overlay, toast);
  return toast;
}

void
gw_box_clear (GtkWidget *box)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (box)) != NULL)
    gtk_box_remove (GTK_BOX (box), child);
}

GtkWidget *
gw_segments_new (const char *const *names,
                 GtkWidget        **toggles,
                 GCallback          changed,
                 gpointer           data)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gw_add_classes (box, "linked gw-segment");
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  for (int i = 0; names[i] != NULL; i++)
    {
      toggles[i] = gtk_toggle_button_new_with_label (names[i]);
      if (i > 0)
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (toggles[i]), GTK_TOGGLE_BUTTON (toggles[0]));
      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (toggles[i]), i == 0);
      gtk_box_append (GTK_BOX (box), toggles[i]);
    }
  for (int i = 0; names[i] != NULL; i++)
    g_signal_connect_swapped (toggles[i], "toggled", changed, data);
  return box;
}

int
gw_segments_get (GtkWidget *const *toggles,
                 int               n)
{
  for (int i = 0; i < n; i++)
    if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (toggles[i])))
      return i;
  return 0;
}

/* ---- areas ---- */

typedef struct {
  GwAreaDraw draw;
  gpointer   data;
} AreaDraw;

static void
draw_area (GtkDrawingArea *area,
           cairo_t        *cr,
           int             width,
           int             height,
           gpointer        data)
{
  const AreaDraw *area_draw = data;
  GwChartPen pen;

  gw_widget_pen_init (&pen, GTK_WIDGET (area), cr);
  area_draw->draw (&pen, width, height, area_draw->data);
  gw_chart_pen_clear (&pen);
}

GtkWidget *
gw_area_new (int        width,
             int        height,
             GwAreaDraw draw,
             gpointer   data)
{
  GtkWidget *area = gtk_drawing_area_new ();
  AreaDraw *area_draw = g_new (AreaDraw, 1);

  *area_draw = (AreaDraw) { draw, data };
  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (area), width);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (area), height);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (area), draw_area, area_draw, g_free);
  gw_widget_follow_style (area);
  return area;
}

GListModel *
gw_name_list_new (const char *const *names)
{
  return G_LIST_MODEL (gtk_string_list_new (names));
}
