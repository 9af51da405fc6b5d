/* SPDX-License-Identifier: Apache-2.0 */
/* The style sheet of charts and forms.  Sizes are in em of the system font, so
 * that a larger font enlarges everything. */
#include "widgets/charts/widget-style.h"

#include <gtk/gtk.h>

static const char sheet[]
    = ".gw-card { background-color: @card_bg_color; color: @card_fg_color; border-radius: 12px;"
      "  box-shadow: 0 0 0 1px alpha(black, 0.08), 0 1px 3px alpha(black, 0.10); }\n"
      ".gw-card-head { min-height: 40px; padding: 0 6px 0 12px; }\n"
      ".gw-card-title { font-size: 0.95em; font-weight: 700; }\n"
      ".gw-card-tag { font-size: 0.82em; }\n"
      ".gw-card-foot { font-size: 0.75em; padding: 2px 12px 8px 12px; }\n"
      ".gw-card-head button { min-height: 26px; min-width: 26px; padding: 1px; }\n"
      ".gw-card-head button.text-button { padding: 1px 8px; font-size: 0.85em; }\n"
      ".gw-card-head button:checked { color: @accent_color;"
      "  background-color: alpha(@accent_bg_color, 0.18); }\n"
      "gwchart:focus { outline: none; }\n"

      ".gw-form { font-size: 0.89em; }\n"
      ".gw-form-group { background-color: @card_bg_color; color: @card_fg_color;"
      "  border-radius: 10px;"
      "  box-shadow: 0 0 0 1px alpha(black, 0.08), 0 1px 2px alpha(black, 0.06); }\n"
      ".gw-form-title { font-weight: 700; padding: 2px 0 4px 0; }\n"
      ".gw-form-row { min-height: 30px; padding: 4px 4px 4px 12px; }\n"
      ".gw-form-row.readonly { padding-top: 0; padding-bottom: 0; }\n"
      ".gw-form-line { border-top: 1px solid alpha(@borders, 0.6); }\n"
      ".gw-form-row entry, .gw-form-row button, .gw-form-row dropdown > button,"
      " .gw-form-row spinbutton { min-height: 30px; }\n"
      ".gw-form-row entry, .gw-form-row spinbutton, .gw-form-row dropdown > button,"
      " .gw-form-row .gw-form-text {"
      "  background-color: alpha(currentColor, 0.09); border-radius: 6px; box-shadow: none; }\n"
      ".gw-form-row entry { padding: 0 8px; }\n"
      ".gw-form-row dropdown > button { padding: 0 8px; font-weight: 400; }\n"
      ".gw-form-label { line-height: 1.1; }\n"
      ".gw-form-row button.flat, .gw-form-row .linked > button { padding: 0 3px; min-width: 22px; }\n"
      ".gw-form-row .linked > button { font-weight: 400; padding: 0 6px; }\n"
      ".gw-form-row .linked > button:checked { font-weight: 700; }\n"
      ".gw-form-row entry.error { background-color: alpha(@error_color, 0.12);"
      "  color: @error_color; }\n"
      ".gw-form-row scale { padding: 0; min-height: 22px; }\n"
      ".gw-form-row scale trough { margin: 0 4px; }\n"
      ".gw-form-error { color: @error_color; font-size: 0.92em; padding: 4px 4px 2px 0; }\n"
      ".gw-form-row button.gw-form-reset { opacity: 0.55; min-width: 20px; min-height: 24px;"
      "  padding: 0; }\n"
      ".gw-form-reset:hover, .gw-form-reset:focus { opacity: 1; }\n"
      ".gw-mono { font-family: monospace; font-size: 0.92em; }\n"

      ".gw-op-list { font-size: 0.89em; }\n"
      ".gw-op-list listview { background: none; }\n"
      ".gw-op-list listview > row { padding: 0; margin: 0 6px; border-radius: 6px;"
      "  min-height: 26px; }\n"
      ".gw-op-category { min-height: 28px; padding: 0 6px; font-weight: 700; }\n"
      ".gw-op-category .dim-label { font-weight: 400; font-size: 0.92em; }\n"
      ".gw-op-row { min-height: 26px; padding: 0 6px; }\n"
      ".gw-op-group { min-height: 24px; padding: 2px 6px 0 6px; font-size: 0.92em;"
      "  color: alpha(currentColor, 0.7); }\n"
      ".gw-op-handle { opacity: 0; }\n"
      "row:hover .gw-op-handle, row:selected .gw-op-handle { opacity: 0.6; }\n"
      ".gw-op-foot { min-height: 40px; padding: 0 6px 0 12px; font-size: 0.92em;"
      "  border-top: 1px solid alpha(@borders, 0.6); }\n"
      ".gw-key { background-color: alpha(currentColor, 0.1); border-radius: 4px; padding: 1px 7px; }\n"
      ".gw-op-empty { padding: 24px 16px; }\n"
      ".gw-op-empty .title { font-weight: 700; }\n";

void
gw_widget_style_ensure (void)
{
  static gsize done = 0;
  GdkDisplay *display = gdk_display_get_default ();

  if (display == NULL || !g_once_init_enter (&done))
    return;

  g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();

  gtk_css_provider_load_from_data (provider, sheet, -1);
  gtk_style_context_add_provider_for_display (display, GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  g_once_init_leave (&done, 1);
}
