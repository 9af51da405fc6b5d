/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/board-style.h"

static const char sheet[] =
  ".gw-board { font-size: 0.89em; }\n"
  ".gw-board-side { background-color: @window_bg_color; }\n"
  ".gw-board-side.start { border-right: 1px solid alpha(@borders, 0.8); }\n"
  ".gw-board-side.end { border-left: 1px solid alpha(@borders, 0.8); }\n"
  ".gw-board-heading { font-weight: 700; }\n"
  ".gw-board-title { font-weight: 700; font-size: 1.07em; }\n"
  ".gw-board-caption { font-size: 0.92em; }\n"
  ".gw-board-small { font-size: 0.85em; opacity: 0.7; }\n"
  ".gw-board-number { font-feature-settings: \"tnum\"; }\n"

  ".gw-board-filter { padding: 10px 10px 4px 10px; }\n"
  ".gw-board-filter entry { min-height: 34px; }\n"
  ".gw-board-regex { min-height: 26px; padding: 3px 9px; font-family: monospace; font-weight: 700; }\n"
  ".gw-board-regex:checked { color: @accent_color; background-color: alpha(@accent_bg_color, 0.18); }\n"
  ".gw-board-count { padding: 2px 10px 2px 10px; min-height: 28px; }\n"
  ".gw-board-link { color: @accent_color; padding: 0 6px; min-height: 24px; font-size: 0.92em; }\n"
  ".gw-board-runs { background: none; padding: 0 6px; }\n"
  ".gw-board-runs > row { padding: 0; margin: 1px 0; border-radius: 8px; }\n"
  ".gw-board-run { padding: 4px 4px 4px 11px; min-height: 40px; }\n"
  ".gw-board-run button { min-width: 26px; min-height: 26px; padding: 2px; }\n"
  ".gw-board-run-name { opacity: 0.75; }\n"
  ".gw-board-run-name.gw-board-shown { font-weight: 700; opacity: 1; }\n"

  ".gw-board-summary { padding: 8px 10px 12px 10px; border-top: 1px solid alpha(@borders, 0.8); }\n"
  ".gw-board-summary menubutton button { min-width: 26px; min-height: 26px; padding: 2px; }\n"
  ".gw-board-figure { min-height: 22px; }\n"
  ".gw-board-differences { background-color: @card_bg_color; border-radius: 8px;"
  "  box-shadow: 0 0 0 1px alpha(black, 0.10); margin: 2px 1px; }\n"
  ".gw-board-difference { padding: 5px 10px; }\n"
  ".gw-board-difference + .gw-board-difference { border-top: 1px solid alpha(@borders, 0.6); }\n"
  ".gw-board-open { min-height: 30px; font-weight: 700; }\n"

  ".gw-board-bar { padding: 10px 16px 4px 16px; }\n"
  ".gw-board-bar entry { min-height: 34px; }\n"
  ".gw-board-tabs button { min-height: 30px; padding: 2px 13px; border-radius: 17px; font-weight: 700; }\n"
  ".gw-board-tabs button:not(:checked) { opacity: 0.75; }\n"
  ".gw-board-section { padding: 0 8px; min-height: 26px; font-weight: 400; }\n"
  ".gw-board-slider { padding: 0 12px; }\n"
  ".gw-board-text { padding: 4px 14px; font-family: monospace; font-size: 0.95em; }\n"

  ".gw-board-settings { padding: 12px 12px 16px 12px; }\n"
  ".gw-board-settings entry, .gw-board-settings spinbutton { min-height: 30px; }\n"
  ".gw-board-settings entry { padding: 0 6px; }\n"
  ".gw-board-settings spinbutton button { padding: 0 4px; min-width: 18px; border: none; }\n"
  ".gw-board-settings spinbutton text { min-width: 26px; }\n"
  ".gw-board-settings scale { padding: 6px 0; }\n"
  ".gw-board-row { min-height: 32px; }\n"
  ".gw-board-choice { background-color: alpha(currentColor, 0.08); border-radius: 7px; padding: 2px; }\n"
  ".gw-board-choice button { min-height: 26px; padding: 0 4px; border-radius: 5px; font-weight: 400; }\n"
  ".gw-board-choice button:checked { background-color: @card_bg_color; font-weight: 700;"
  "  box-shadow: 0 1px 2px alpha(black, 0.18); }\n";

void
gw_board_style_ensure (void)
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
