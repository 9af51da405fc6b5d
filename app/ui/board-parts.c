/* SPDX-License-Identifier: Apache-2.0 */
/* The widgets of the Board. */
#include "app/ui/board-private.h"

static GMenuModel *
run_menu (void)
{
  static const struct { const char *label, *action; int section; } items[] = {
    { "Rename", "board.rename", 0 }, { "Show this run only", "board.show-only", 0 },
    { "Show all runs", "board.show-all", 0 }, { "Copy its path", "board.copy-path", 1 },
    { "Open its folder", "board.browse", 1 }, { "Remove", "board.remove", 2 },
  };
  GMenu *menu = g_menu_new ();
  GMenu *sections[3] = { g_menu_new (), g_menu_new (), g_menu_new () };

  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    g_menu_append (sections[items[i].section], items[i].label, items[i].action);
  for (guint i = 0; i < G_N_ELEMENTS (sections); i++)
    {
      g_menu_append_section (menu, NULL, G_MENU_MODEL (sections[i]));
      g_object_unref (sections[i]);
    }
  return G_MENU_MODEL (menu);
}

static void
on_tab (GtkToggleButton *button,
        GwBoardPage     *self)
{
  if (!gtk_toggle_button_get_active (button))
    return;
  self->tab = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "tab")) - 1;
  gw_board_page_relayout (self);
}

static GtkWidget *
tabs (GwBoardPage *self)
{
  static const char *const titles[] = { "All", "Scalars", "Histograms", "Images", "Text" };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *first = NULL;

  gtk_widget_add_css_class (box, "gw-board-tabs");
  for (guint i = 0; i < G_N_ELEMENTS (titles); i++)
    {
      GtkWidget *button = gtk_toggle_button_new_with_label (titles[i]);

      gtk_widget_add_css_class (button, "flat");
      gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
      if (first != NULL)
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (button), GTK_TOGGLE_BUTTON (first));
      else
        first = button;
      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), i == 0);
      g_object_set_data (G_OBJECT (button), "tab", GINT_TO_POINTER ((int) i));
      g_signal_connect_object (button, "toggled", G_CALLBACK (on_tab), self, 0);
      gtk_box_append (GTK_BOX (box), button);
    }
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_EXTERNAL, GTK_POLICY_NEVER);
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), box);
  return scroller;
}

static GtkWidget *
export_button (void)
{
  GtkWidget *button = gtk_menu_button_new ();
  g_autoptr (GMenu) menu = g_menu_new ();

  g_menu_append (menu, "PNG pictures, twice the size", "board.export-all::png");
  g_menu_append (menu, "SVG drawings", "board.export-all::svg");
  g_menu_append (menu, "PDF pages", "board.export-all::pdf");
  g_menu_append (menu, "CSV, all points", "board.export-all::csv");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), G_MENU_MODEL (menu));
  gtk_menu_button_set_label (GTK_MENU_BUTTON (button), "Export all");
  gtk_widget_set_tooltip_text (button, "Every card into a folder");
  return button;
}

static GtkWidget *
flap_toggle (const char *icon,
             const char *tooltip)
{
  GtkWidget *toggle = gtk_toggle_button_new ();

  gtk_button_set_icon_name (GTK_BUTTON (toggle), icon);
  gtk_widget_set_tooltip_text (toggle, tooltip);
  gtk_widget_add_css_class (toggle, "flat");
  gtk_accessible_update_property (GTK_ACCESSIBLE (toggle), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip, -1);
  return toggle;
}

static GtkWidget *
tool_bar (GwBoardPage *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *space = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  self->runs_toggle = flap_toggle ("sidebar-show-symbolic", "Runs");
  self->settings_toggle = flap_toggle ("sidebar-show-right-symbolic", "Settings");
  self->tag_entry = gtk_search_entry_new ();
  gtk_editable_set_width_chars (GTK_EDITABLE (self->tag_entry), 8);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (self->tag_entry), 16);
  gtk_widget_set_hexpand (space, TRUE);
  g_signal_connect_object (self->tag_entry, "search-changed", G_CALLBACK (gw_board_page_relayout), self,
                           G_CONNECT_SWAPPED);
  gtk_widget_add_css_class (bar, "gw-board-bar");
  gtk_box_append (GTK_BOX (bar), self->runs_toggle);
  gtk_box_append (GTK_BOX (bar), self->tag_entry);
  gtk_box_append (GTK_BOX (bar), tabs (self));
  gtk_box_append (GTK_BOX (bar), space);
  gtk_box_append (GTK_BOX (bar), export_button ());
  gtk_box_append (GTK_BOX (bar), self->settings_toggle);
  return bar;
}

static GtkWidget *
action_button (const char *label,
               gboolean    suggested)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_widget_add_css_class (button, "pill");
  if (suggested)
    gtk_widget_add_css_class (button, "suggested-action");
  return button;
}

static GtkWidget *
empty_page (void)
{
  GtkWidget *page = adw_status_page_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *train = action_button ("Train", TRUE), *open = action_button ("Open a folder", FALSE);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (train), "board.train");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (open), "board.open");
  gtk_box_append (GTK_BOX (box), train);
  gtk_box_append (GTK_BOX (box), open);
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (page), "view-board-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (page), "No runs yet");
  adw_status_page_set_description (ADW_STATUS_PAGE (page),
                                   "Train once and the curves appear here; old event files open as well.");
  adw_status_page_set_child (ADW_STATUS_PAGE (page), box);
  return page;
}

static GtkWidget *
middle (GwBoardPage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *clear = action_button ("Clear filter", FALSE);

  self->stack = gtk_stack_new ();
  self->scroller = gtk_scrolled_window_new ();
  self->grid = gw_board_grid_new ();
  self->filtered = adw_status_page_new ();
  self->plain = adw_status_page_new ();
  gtk_widget_set_halign (clear, GTK_ALIGN_CENTER);
  adw_status_page_set_child (ADW_STATUS_PAGE (self->filtered), clear);
  g_signal_connect_swapped (clear, "clicked", G_CALLBACK (gw_board_runs_clear_filter), self->list);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), self->grid);
  gw_board_grid_set_adjustment (GW_BOARD_GRID (self->grid),
                                gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scroller)));
  g_signal_connect_object (self->grid, "shown", G_CALLBACK (gw_board_page_refresh_soon), self, G_CONNECT_SWAPPED);
  gtk_stack_add_named (GTK_STACK (self->stack), self->scroller, "cards");
  gtk_stack_add_named (GTK_STACK (self->stack), self->filtered, "filtered");
  gtk_stack_add_named (GTK_STACK (self->stack), self->plain, "plain");
  gtk_widget_set_vexpand (self->stack, TRUE);
  gtk_widget_set_hexpand (box, TRUE);
  gtk_widget_set_size_request (box, 540, -1); /* below, the side panels go over it */
  gtk_box_append (GTK_BOX (box), tool_bar (self));
  gtk_box_append (GTK_BOX (box), self->stack);
  return box;
}

static GtkWidget *
left_panel (GwBoardPage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  g_autoptr (GMenuModel) menu = run_menu ();
  GtkWidget *open = gtk_button_new_with_label ("Open a folder of event files");

  self->list = gw_board_runs_new (self->runs);
  self->summary = gw_board_summary_new (menu);
  self->context = gtk_popover_menu_new_from_model (menu);
  gtk_popover_set_has_arrow (GTK_POPOVER (self->context), FALSE);
  gtk_widget_set_halign (self->context, GTK_ALIGN_START);
  gtk_widget_set_vexpand (self->list, TRUE);
  gtk_widget_add_css_class (open, "flat");
  gtk_widget_add_css_class (open, "gw-board-link");
  gtk_widget_set_halign (open, GTK_ALIGN_START);
  gtk_widget_set_margin_start (open, 6);
  gtk_widget_set_margin_bottom (open, 4);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (open), "board.open");
  gtk_widget_set_size_request (box, 264, -1);
  gtk_widget_add_css_class (box, "gw-board-side");
  gtk_widget_add_css_class (box, "start");
  gtk_box_append (GTK_BOX (box), self->list);
  gtk_box_append (GTK_BOX (box), open);
  gtk_box_append (GTK_BOX (box), self->summary);
  g_signal_connect_object (self->list, "changed", G_CALLBACK (gw_board_page_runs_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->list, "selected", G_CALLBACK (gw_board_page_show_selected), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->list, "menu", G_CALLBACK (gw_board_page_show_menu), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->list, "rename", G_CALLBACK (gw_board_page_rename_run), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->list, "delete", G_CALLBACK (gw_board_page_remove_run), self, G_CONNECT_SWAPPED);
  return box;
}

static void
on_settings (GwBoardPage *self)
{
  gw_board_grid_set_card_width (GW_BOARD_GRID (self->grid),
                                gw_board_settings_get (GW_BOARD_SETTINGS (self->settings))->card_width);
  gw_board_page_relayout (self);
}

static GtkWidget *
flap (GtkWidget      *content,
      GtkWidget      *side,
      GtkPackType     position,
      GtkWidget      *toggle)
{
  GtkWidget *widget = adw_flap_new ();

  adw_flap_set_content (ADW_FLAP (widget), content);
  adw_flap_set_flap (ADW_FLAP (widget), side);
  adw_flap_set_flap_position (ADW_FLAP (widget), position);
  g_object_bind_property (widget, "reveal-flap", toggle, "active", G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_object_bind_property (widget, "folded", toggle, "visible", G_BINDING_SYNC_CREATE);
  return widget;
}

void
gw_board_page_build (GwBoardPage *self)
{
  GtkWidget *left = left_panel (self), *content = middle (self);

  self->settings = gw_board_settings_new ();
  gtk_widget_add_css_class (self->settings, "gw-board-side");
  gtk_widget_add_css_class (self->settings, "end");
  g_signal_connect_object (self->settings, "changed", G_CALLBACK (on_settings), self, G_CONNECT_SWAPPED);
  self->settings_flap = flap (content, self->settings, GTK_PACK_END, self->settings_toggle);
  self->runs_flap = flap (self->settings_flap, left, GTK_PACK_START, self->runs_toggle);
  self->outer = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->outer), self->runs_flap, "board");
  gtk_stack_add_named (GTK_STACK (self->outer), empty_page (), "empty");
  self->toasts = adw_toast_overlay_new ();
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (self->toasts), self->outer);
  gtk_widget_set_parent (self->toasts, GTK_WIDGET (self));
  gtk_widget_set_parent (self->context, GTK_WIDGET (self));
  on_settings (self);
}
