/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/board-settings.h"

#include <math.h>

struct _GwBoardSettings {
  GtkWidget      parent_instance;

  GwBoardOptions options;
  GtkWidget     *box;
  GtkWidget     *weight, *weight_entry;
  gboolean       filling;
};

static guint changed;

G_DEFINE_FINAL_TYPE (GwBoardSettings, gw_board_settings, GTK_TYPE_WIDGET)

const GwBoardOptions *
gw_board_settings_get (GwBoardSettings *self)
{
  return &self->options;
}

static void
emit_changed (GwBoardSettings *self)
{
  g_signal_emit (self, changed, 0);
}

/* ---- rows ---- */

static void
add_heading (GwBoardSettings *self,
             const char      *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "gw-board-heading");
  if (gtk_widget_get_first_child (self->box) != NULL)
    gtk_widget_set_margin_top (label, 10);
  gtk_box_append (GTK_BOX (self->box), label);
}

static GtkWidget *
add_caption (GwBoardSettings *self,
             const char      *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "gw-board-caption");
  gtk_widget_add_css_class (label, "dim-label");
  gtk_box_append (GTK_BOX (self->box), label);
  return label;
}

static void
add_row (GwBoardSettings *self,
         const char      *text,
         GtkWidget       *control)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_valign (control, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (row, "gw-board-row");
  gtk_accessible_update_relation (GTK_ACCESSIBLE (control), GTK_ACCESSIBLE_RELATION_LABELLED_BY, label, NULL, -1);
  gtk_box_append (GTK_BOX (row), label);
  gtk_box_append (GTK_BOX (row), control);
  gtk_box_append (GTK_BOX (self->box), row);
}

static void
on_switch (GtkSwitch  *control,
           GParamSpec *pspec,
           GwBoardSettings *self)
{
  gboolean *value = g_object_get_data (G_OBJECT (control), "value");

  *value = gtk_switch_get_active (control);
  emit_changed (self);
}

static void
add_switch (GwBoardSettings *self,
            const char      *text,
            gboolean        *value)
{
  GtkWidget *control = gtk_switch_new ();

  gtk_switch_set_active (GTK_SWITCH (control), *value);
  g_object_set_data (G_OBJECT (control), "value", value);
  g_signal_connect_object (control, "notify::active", G_CALLBACK (on_switch), self, 0);
  add_row (self, text, control);
}

/* ---- a choice of a few: linked toggles ---- */

static void
on_choice (GtkToggleButton *toggle,
           GwBoardSettings *self)
{
  int *value = g_object_get_data (G_OBJECT (toggle), "value");

  if (!gtk_toggle_button_get_active (toggle))
    return;
  *value = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (toggle), "choice"));
  emit_changed (self);
}

/* `value` is an enumeration as wide as int. */
static void
add_choice (GwBoardSettings   *self,
            const char *const *labels,
            const int         *choices,
            int               *value)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *first = NULL;

  gtk_widget_add_css_class (row, "gw-board-choice");
  gtk_box_set_homogeneous (GTK_BOX (row), TRUE);
  for (int i = 0; labels[i] != NULL; i++)
    {
      GtkWidget *toggle = gtk_toggle_button_new_with_label (labels[i]);

      gtk_widget_add_css_class (toggle, "flat");
      if (first != NULL)
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (toggle), GTK_TOGGLE_BUTTON (first));
      else
        first = toggle;
      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (toggle), *value == choices[i]);
      g_object_set_data (G_OBJECT (toggle), "value", value);
      g_object_set_data (G_OBJECT (toggle), "choice", GINT_TO_POINTER (choices[i]));
      g_signal_connect_object (toggle, "toggled", G_CALLBACK (on_choice), self, 0);
      gtk_box_append (GTK_BOX (row), toggle);
    }
  gtk_box_append (GTK_BOX (self->box), row);
}

/* ---- smoothing ---- */

static void
show_weight (GwBoardSettings *self)
{
  g_autofree char *text = g_strdup_printf (self->options.weight > 0.9901 ? "%.3f" : "%.2f", self->options.weight);

  self->filling = TRUE;
  gtk_range_set_value (GTK_RANGE (self->weight), self->options.weight);
  gtk_editable_set_text (GTK_EDITABLE (self->weight_entry), text);
  self->filling = FALSE;
}

static void
set_weight (GwBoardSettings *self,
            double           weight)
{
  self->options.weight = CLAMP (weight, 0, 0.999);
  show_weight (self);
  emit_changed (self);
}

static void
on_weight (GwBoardSettings *self)
{
  if (!self->filling)
    set_weight (self, gtk_range_get_value (GTK_RANGE (self->weight)));
}

static void
on_weight_text (GwBoardSettings *self)
{
  char *end;
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->weight_entry));
  double weight = g_ascii_strtod (text, &end);

  if (end == text || *end != 0 || !isfinite (weight))
    show_weight (self);
  else if (fabs (weight - self->options.weight) > 1e-9)
    set_weight (self, weight);
}

static void
add_smoothing (GwBoardSettings *self)
{
  static const char *const labels[] = { "EMA", "Mean", "Off", NULL };
  static const int choices[] = { GW_SMOOTHING_EMA, GW_SMOOTHING_MEAN, GW_SMOOTHING_NONE };
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkEventController *focus = gtk_event_controller_focus_new ();

  add_heading (self, "Smoothing");
  self->weight = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 0, 0.999, 0.01);
  self->weight_entry = gtk_entry_new ();
  gtk_scale_set_draw_value (GTK_SCALE (self->weight), FALSE);
  gtk_widget_set_hexpand (self->weight, TRUE);
  gtk_editable_set_width_chars (GTK_EDITABLE (self->weight_entry), 5);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (self->weight_entry), 5);
  gtk_entry_set_alignment (GTK_ENTRY (self->weight_entry), 0.5);
  gtk_widget_add_css_class (self->weight_entry, "gw-board-number");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->weight), GTK_ACCESSIBLE_PROPERTY_LABEL, "Smoothing", -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->weight_entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  "Smoothing, 0 to 0.999", -1);
  g_signal_connect_object (self->weight, "value-changed", G_CALLBACK (on_weight), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->weight_entry, "activate", G_CALLBACK (on_weight_text), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (focus, "leave", G_CALLBACK (on_weight_text), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (self->weight_entry, focus);
  gtk_box_append (GTK_BOX (row), self->weight);
  gtk_box_append (GTK_BOX (row), self->weight_entry);
  gtk_box_append (GTK_BOX (self->box), row);
  show_weight (self);
  add_choice (self, labels, choices, (int *) &self->options.smoothing);
  add_caption (self, "Computed over all points");
}

/* ---- the other groups ---- */

static void
add_axes (GwBoardSettings *self)
{
  static const char *const labels[] = { "Step", "Relative", "Wall", NULL };
  static const int choices[] = { GW_SERIES_X_STEP, GW_SERIES_X_RELATIVE, GW_SERIES_X_WALL };

  add_heading (self, "Horizontal axis");
  add_choice (self, labels, choices, (int *) &self->options.x);
  add_switch (self, "Logarithmic", &self->options.log_x);
  add_switch (self, "Link steps across cards", &self->options.link);
  add_heading (self, "Vertical axis");
  add_switch (self, "Ignore outliers (5–95 %)", &self->options.ignore_outliers);
  add_switch (self, "Same range on all cards", &self->options.same_range);
}

static void
on_rows (GwBoardSettings *self,
         GParamSpec      *pspec,
         GtkSpinButton   *spin)
{
  self->options.tooltip_rows = (guint) gtk_spin_button_get_value_as_int (spin);
  emit_changed (self);
}

static void
on_card_width (GwBoardSettings *self,
               GtkRange        *scale)
{
  self->options.card_width = (int) gtk_range_get_value (scale);
  emit_changed (self);
}

static void
add_cards (GwBoardSettings *self)
{
  static const char *const labels[] = { "Offset", "Overlay", "Bands", NULL };
  static const int choices[] = { GW_HISTOGRAM_OFFSET, GW_HISTOGRAM_OVERLAY, GW_HISTOGRAM_DISTRIBUTION };
  GtkWidget *width = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 288, 735, 1);
  GtkWidget *rows = gtk_spin_button_new_with_range (1, 40, 1);

  add_heading (self, "Histograms");
  add_choice (self, labels, choices, (int *) &self->options.histograms);
  add_heading (self, "Cards");
  gtk_range_set_value (GTK_RANGE (width), self->options.card_width);
  gtk_scale_set_draw_value (GTK_SCALE (width), FALSE);
  gtk_widget_set_size_request (width, 140, -1);
  g_signal_connect_object (width, "value-changed", G_CALLBACK (on_card_width), self, G_CONNECT_SWAPPED);
  add_row (self, "Width", width);
  add_switch (self, "Faint raw line", &self->options.raw_line);
  add_switch (self, "Envelope", &self->options.envelope);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (rows), self->options.tooltip_rows);
  g_signal_connect_object (rows, "notify::value", G_CALLBACK (on_rows), self, G_CONNECT_SWAPPED);
  add_row (self, "Rows in the table", rows);
}

static void
gw_board_settings_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (gw_board_settings_parent_class)->dispose (object);
}

static void
gw_board_settings_class_init (GwBoardSettingsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gw_board_settings_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  changed = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                          0);
}

static void
gw_board_settings_init (GwBoardSettings *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->options = (GwBoardOptions) {
    .smoothing = GW_SMOOTHING_EMA, .weight = 0.6, .link = TRUE, .ignore_outliers = TRUE, .raw_line = TRUE,
    .envelope = TRUE, .tooltip_rows = 12, .card_width = 340,
  };
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_add_css_class (self->box, "gw-board-settings");
  add_smoothing (self);
  add_axes (self);
  add_cards (self);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->box);
  gtk_widget_set_parent (scroller, GTK_WIDGET (self));
  gtk_widget_set_size_request (GTK_WIDGET (self), 256, -1);
}

GtkWidget *
gw_board_settings_new (void)
{
  return g_object_new (GW_TYPE_BOARD_SETTINGS, NULL);
}
