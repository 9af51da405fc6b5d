/* SPDX-License-Identifier: Apache-2.0 */
/* The editors of the form, one for each kind of field. */
#include <math.h>
#include <string.h>

#include "widgets/charts/dtype-glyph.h"
#include "widgets/forms/form-private.h"
#include "widgets/paint/chart-pen.h"

#define FEW_CHOICES 4
#define FEW_LETTERS 22  /* with two for the rim of each */

/* --- entries --- */

static void
entry_changed (GwFormRow *row, GtkEditable *entry)
{
  gw_form_row_typed (row, gtk_editable_get_text (entry), FALSE);
}

static void
entry_activated (GwFormRow *row)
{
  gw_form_row_commit (row);
}

static gboolean
entry_key (GwFormRow *row, guint key, guint code, GdkModifierType state)
{
  if (key != GDK_KEY_Escape || strcmp (row->text, row->committed) == 0)
    return GDK_EVENT_PROPAGATE;
  gw_form_row_revert (row);
  return GDK_EVENT_STOP;
}

static void
watch_focus_and_escape (GwFormRow *row, GtkWidget *widget)
{
  GtkEventController *focus = gtk_event_controller_focus_new ();
  GtkEventController *key = gtk_event_controller_key_new ();

  gw_form_row_connect (row, focus, "leave", G_CALLBACK (gw_form_row_commit));
  gtk_widget_add_controller (widget, focus);
  gtk_event_controller_set_propagation_phase (key, GTK_PHASE_CAPTURE);
  gw_form_row_connect (row, key, "key-pressed", G_CALLBACK (entry_key));
  gtk_widget_add_controller (widget, key);
}

GtkWidget *
gw_form_add_entry (GwFormRow *row, GtkWidget *line)
{
  GtkWidget *entry = gtk_entry_new ();

  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 4);
  gtk_widget_set_hexpand (entry, TRUE);
  gw_form_row_connect (row, entry, "changed", G_CALLBACK (entry_changed));
  gw_form_row_connect (row, entry, "activate", G_CALLBACK (entry_activated));
  watch_focus_and_escape (row, entry);
  gtk_box_append (GTK_BOX (line), entry);
  row->focus = entry;
  return entry;
}

static void
add_unit (GwFormRow *row, GtkWidget *line)
{
  if (row->unit == NULL || *row->unit == '\0')
    return;

  GtkWidget *label = gtk_label_new (row->unit);

  gtk_widget_add_css_class (label, "dim-label");
  gtk_box_append (GTK_BOX (line), label);
}

void
gw_form_show_entry (GwFormRow *row, const char *text)
{
  if (strcmp (gtk_editable_get_text (GTK_EDITABLE (row->focus)), text) != 0)
    gtk_editable_set_text (GTK_EDITABLE (row->focus), text);
}

static GtkWidget *
add_button (GwFormRow *row, GtkWidget *line, const char *icon, const char *tooltip,
            void (*clicked) (GwFormRow *row))
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip,
                                  -1);
  gw_form_row_connect (row, button, "clicked", G_CALLBACK (clicked));
  gtk_box_append (GTK_BOX (line), button);
  return button;
}

/* Shows @text as if it had been typed, and commits it. */
static void
enter (GwFormRow *row, const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (row->focus), text);
  gw_form_row_commit (row);
}

static void
build_entry (GwFormRow *row, GtkWidget *line)
{
  gw_form_add_entry (row, line);
  add_unit (row, line);
}

/* --- whole numbers --- */

static void
step_int (GwFormRow *row, int direction)
{
  gint64 value = g_ascii_strtoll (row->text, NULL, 10);
  g_autofree char *text = NULL;

  if ((direction > 0 && value == G_MAXINT64) || (direction < 0 && value == G_MININT64))
    return;
  text = g_strdup_printf ("%" G_GINT64_FORMAT, value + direction);

  g_autofree char *reason = gw_form_check (row->type, text, row->hard_min, row->hard_max);

  if (reason == NULL)
    enter (row, text);
}

static void
less (GwFormRow *row)
{
  step_int (row, -1);
}

static void
more (GwFormRow *row)
{
  step_int (row, 1);
}

static void
build_int (GwFormRow *row, GtkWidget *line)
{
  build_entry (row, line);
  gtk_box_set_spacing (GTK_BOX (line), 2);
  add_button (row, line, "list-remove-symbolic", "One less", less);
  add_button (row, line, "list-add-symbolic", "One more", more);
}

static void
roll (GwFormRow *row)
{
  g_autofree char *text = g_strdup_printf ("%u", g_random_int () >> 1);

  enter (row, text);
}

/* Five of a dice: the icon theme has none. */
static void
draw_dice (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  GdkRGBA color;
  double side = 12;
  double x = (width - side) / 2;
  double y = (height - side) / 2;
  GwChartPen pen = { .cr = cr };
  const double places[][2] = { { 3.4, 3.4 }, { 8.6, 3.4 }, { 6, 6 }, { 3.4, 8.6 }, { 8.6, 8.6 } };

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (area)), &color);
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_set_line_width (cr, 1.4);
  gw_chart_pen_rounded (&pen, x, y, side, side, 2.5);
  cairo_stroke (cr);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      cairo_arc (cr, x + places[i][0], y + places[i][1], 1.15, 0, 2 * G_PI);
      cairo_fill (cr);
    }
}

static void
build_seed (GwFormRow *row, GtkWidget *line)
{
  GtkWidget *dice = gtk_drawing_area_new ();
  GtkWidget *button;

  gw_form_add_entry (row, line);
  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (dice), 16);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (dice), 16);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (dice), draw_dice, NULL, NULL);
  button = add_button (row, line, "media-playlist-shuffle-symbolic", "Roll another seed", roll);
  gtk_button_set_child (GTK_BUTTON (button), dice);
}

/* --- floats --- */

/* A range over three decades or more is slid by its logarithm. */
static gboolean
log_slider (const GwFormRow *row)
{
  return row->soft_min > 0 && row->soft_max / row->soft_min >= 1000;
}

static void
slid (GwFormRow *row, GtkRange *range)
{
  double value = gtk_range_get_value (range);
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (row->updating)
    return;
  if (log_slider (row))
    value = exp (value);
  g_ascii_formatd (text, sizeof text, "%.3g", value);
  row->updating = TRUE;
  gtk_editable_set_text (GTK_EDITABLE (row->focus), text);
  row->updating = FALSE;
  gw_form_row_typed (row, text, FALSE);
}

static void
build_float (GwFormRow *row, GtkWidget *line)
{
  if (row->soft_max > row->soft_min)
    {
      double low = log_slider (row) ? log (row->soft_min) : row->soft_min;
      double high = log_slider (row) ? log (row->soft_max) : row->soft_max;

      row->slider = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, low, high,
                                              (high - low) / 100);
      gtk_scale_set_draw_value (GTK_SCALE (row->slider), FALSE);
      gtk_widget_set_hexpand (row->slider, TRUE);
      gtk_widget_set_size_request (row->slider, 48, -1);
      gw_form_row_connect (row, row->slider, "value-changed", G_CALLBACK (slid));
      gtk_box_append (GTK_BOX (line), row->slider);
    }

  GtkWidget *entry = gw_form_add_entry (row, line);

  if (row->slider != NULL)
    {
      gtk_editable_set_width_chars (GTK_EDITABLE (entry), 6);
      gtk_editable_set_max_width_chars (GTK_EDITABLE (entry), 6);
      gtk_widget_set_hexpand (entry, FALSE);
    }
  add_unit (row, line);
}

static void
show_float (GwFormRow *row, const char *text)
{
  gw_form_show_entry (row, text);
  if (row->slider == NULL)
    return;

  double value = g_ascii_strtod (text, NULL);

  if (log_slider (row))
    value = value > 0 ? log (value) : log (row->soft_min);
  gtk_range_set_value (GTK_RANGE (row->slider), value);
}

/* --- switch --- */

static void
switched (GwFormRow *row, GParamSpec *pspec, GtkSwitch *widget)
{
  gw_form_row_typed (row, gtk_switch_get_active (widget) ? "true" : "false", TRUE);
}

static void
build_bool (GwFormRow *row, GtkWidget *line)
{
  row->focus = gtk_switch_new ();
  gtk_widget_set_halign (row->focus, GTK_ALIGN_END);
  gtk_widget_set_valign (row->focus, GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (row->focus, TRUE);
  gtk_widget_set_margin_end (row->focus, 4);
  gw_form_row_connect (row, row->focus, "notify::active", G_CALLBACK (switched));
  gtk_box_append (GTK_BOX (line), row->focus);
}

static void
show_bool (GwFormRow *row, const char *text)
{
  gtk_switch_set_active (GTK_SWITCH (row->focus), strcmp (text, "true") == 0);
}

/* --- choices --- */

gboolean
gw_form_few_choices (char **choices)
{
  gsize letters = 0;
  guint n = choices != NULL ? g_strv_length (choices) : 0;

  for (guint i = 0; i < n; i++)
    letters += (gsize) g_utf8_strlen (choices[i], -1);
  return n >= 2 && n <= FEW_CHOICES && letters + 2 * n <= FEW_LETTERS;
}

static void
toggled (GwFormRow *row, GtkToggleButton *toggle)
{
  if (gtk_toggle_button_get_active (toggle))
    gw_form_row_typed (row, gtk_button_get_label (GTK_BUTTON (toggle)), TRUE);
}

static void
build_toggles (GwFormRow *row, GtkWidget *line)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_add_css_class (box, "linked");
  gtk_widget_set_hexpand (box, TRUE);
  row->toggles = g_ptr_array_new ();
  for (guint i = 0; row->choices[i] != NULL; i++)
    {
      GtkWidget *toggle = gtk_toggle_button_new_with_label (row->choices[i]);

      gtk_label_set_ellipsize (GTK_LABEL (gtk_button_get_child (GTK_BUTTON (toggle))), PANGO_ELLIPSIZE_END);
      gtk_widget_set_hexpand (toggle, TRUE);
      gtk_widget_set_tooltip_text (toggle, row->choices[i]);

      if (i > 0)
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (toggle),
                                     g_ptr_array_index (row->toggles, 0));
      gw_form_row_connect (row, toggle, "toggled", G_CALLBACK (toggled));
      gtk_box_append (GTK_BOX (box), toggle);
      g_ptr_array_add (row->toggles, toggle);
    }
  gtk_box_append (GTK_BOX (line), box);
  row->focus = box;
}

static void
setup_choice (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_box_append (GTK_BOX (box), gw_dtype_glyph_new (NULL));
  gtk_box_append (GTK_BOX (box), label);
  gtk_list_item_set_child (item, box);
}

/* The button is cut where its list is not. */
static void
setup_chosen (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  setup_choice (factory, item);
  gtk_label_set_ellipsize (
      GTK_LABEL (gtk_widget_get_last_child (gtk_list_item_get_child (item))),
      PANGO_ELLIPSIZE_END);
}

static void
bind_choice (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer is_dtype)
{
  GtkWidget *glyph = gtk_widget_get_first_child (gtk_list_item_get_child (item));
  const char *text
      = gtk_string_object_get_string (GTK_STRING_OBJECT (gtk_list_item_get_item (item)));

  gtk_widget_set_visible (glyph, is_dtype != NULL);
  if (is_dtype != NULL)
    gw_dtype_glyph_set (glyph, text);
  gtk_label_set_text (GTK_LABEL (gtk_widget_get_next_sibling (glyph)), text);
  gtk_widget_set_tooltip_text (gtk_widget_get_next_sibling (glyph), text);
}

static GtkListItemFactory *
choice_factory (GwFormRow *row, GCallback setup)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", setup, NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_choice),
                    row->type == GW_FIELD_DTYPE ? (gpointer) "" : NULL);
  return factory;
}

static void
selected (GwFormRow *row, GParamSpec *pspec, GtkDropDown *drop_down)
{
  GtkStringObject *item = gtk_drop_down_get_selected_item (drop_down);

  if (item != NULL)
    gw_form_row_typed (row, gtk_string_object_get_string (item), TRUE);
}

static void
build_choice (GwFormRow *row, GtkWidget *line)
{
  if (row->button == NULL && gw_form_few_choices (row->choices)) /* names in toggles would be cut beside a button */
    {
      build_toggles (row, line);
      return;
    }

  GtkStringList *list = gtk_string_list_new ((const char *const *) row->choices);

  row->focus = gtk_drop_down_new (G_LIST_MODEL (list), NULL);
  g_autoptr (GtkListItemFactory) chosen = choice_factory (row, G_CALLBACK (setup_chosen));
  g_autoptr (GtkListItemFactory) listed = choice_factory (row, G_CALLBACK (setup_choice));

  gtk_drop_down_set_factory (GTK_DROP_DOWN (row->focus), chosen);
  gtk_drop_down_set_list_factory (GTK_DROP_DOWN (row->focus), listed);
  gtk_widget_set_hexpand (row->focus, TRUE);
  gw_form_row_connect (row, row->focus, "notify::selected", G_CALLBACK (selected));
  gtk_box_append (GTK_BOX (line), row->focus);
  add_unit (row, line);
}

static void
show_toggles (GwFormRow *row, const char *text)
{
  for (guint i = 0; i < row->toggles->len; i++)
    gtk_toggle_button_set_active (g_ptr_array_index (row->toggles, i),
                                  strcmp (row->choices[i], text) == 0);
}

/* A value that is none of the choices is shown as one more. */
static void
show_choice (GwFormRow *row, const char *text)
{
  if (row->toggles != NULL)
    {
      show_toggles (row, text);
      return;
    }

  GtkDropDown *drop_down = GTK_DROP_DOWN (row->focus);
  GListModel *model = gtk_drop_down_get_model (drop_down);
  guint n = g_list_model_get_n_items (model);

  for (guint i = 0; i < n; i++)
    if (strcmp (gtk_string_list_get_string (GTK_STRING_LIST (model), i), text) == 0)
      {
        gtk_drop_down_set_selected (drop_down, i);
        return;
      }
  gtk_string_list_append (GTK_STRING_LIST (model), text);
  gtk_drop_down_set_selected (drop_down, n);
}

/* --- files --- */

static void
file_chosen (GtkNativeDialog *dialog, int response, gpointer data)
{
  GtkWidget *entry = data;
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (response == GTK_RESPONSE_ACCEPT && path != NULL)
    {
      gtk_editable_set_text (GTK_EDITABLE (entry), path);
      g_signal_emit_by_name (entry, "activate");
    }
  g_object_unref (dialog);
}

static void
choose_file (GwFormRow *row)
{
  GtkRoot *root = gtk_widget_get_root (row->widget);
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      "Choose a file", GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
      GTK_FILE_CHOOSER_ACTION_OPEN, "Choose", "Cancel");

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  /* The entry may go away while the dialog is open. */
  g_signal_connect_object (dialog, "response", G_CALLBACK (file_chosen), row->focus, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
build_file (GwFormRow *row, GtkWidget *line)
{
  gw_form_add_entry (row, line);
  add_button (row, line, "document-open-symbolic", "Choose a file", choose_file);
}

/* --- several lines --- */

static void
buffer_changed (GwFormRow *row, GtkTextBuffer *buffer)
{
  g_autofree char *text = NULL;

  g_object_get (buffer, "text", &text, NULL);
  gw_form_row_typed (row, text, FALSE);
}

static void
build_text (GwFormRow *row, GtkWidget *line)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  row->focus = gtk_text_view_new ();
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (row->focus), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (row->focus), FALSE);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (row->focus), 8);
  gtk_text_view_set_top_margin (GTK_TEXT_VIEW (row->focus), 5);
  gtk_widget_add_css_class (row->focus, "gw-form-text");
  gw_form_row_connect (row, gtk_text_view_get_buffer (GTK_TEXT_VIEW (row->focus)), "changed",
                       G_CALLBACK (buffer_changed));
  watch_focus_and_escape (row, row->focus);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), row->focus);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scrolled), 72);
  gtk_widget_set_hexpand (scrolled, TRUE);
  gtk_widget_set_margin_top (scrolled, 4);
  gtk_widget_set_margin_bottom (scrolled, 4);
  gtk_box_append (GTK_BOX (line), scrolled);
}

static void
show_text (GwFormRow *row, const char *text)
{
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (row->focus)), text, -1);
}

/* --- read only --- */

static void
build_readonly (GwFormRow *row, GtkWidget *line)
{
  gtk_widget_add_css_class (row->widget, "readonly");
  if (row->unit != NULL && *row->unit != '\0')
    {
      GtkWidget *unit = gtk_label_new (row->unit);

      gtk_box_append (GTK_BOX (line), gw_dtype_glyph_new (row->unit));
      gtk_widget_add_css_class (unit, "dim-label");
      gtk_box_append (GTK_BOX (line), unit);
    }
  row->focus = gtk_label_new (NULL);
  gtk_label_set_selectable (GTK_LABEL (row->focus), TRUE);
  gtk_label_set_ellipsize (GTK_LABEL (row->focus), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (row->focus), 1);
  gtk_widget_set_hexpand (row->focus, TRUE);
  gtk_widget_set_margin_end (row->focus, 8);
  gtk_widget_add_css_class (row->focus, "gw-mono");
  gtk_box_append (GTK_BOX (line), row->focus);
}

static void
show_readonly (GwFormRow *row, const char *text)
{
  gtk_label_set_text (GTK_LABEL (row->focus), text);
}

/* --- all --- */

const GwFormEditor *
gw_form_editor_for (GwFieldType type)
{
  static const GwFormEditor editors[] = {
    [GW_FIELD_BOOL] = { build_bool, show_bool },
    [GW_FIELD_INT] = { build_int, gw_form_show_entry },
    [GW_FIELD_FLOAT] = { build_float, show_float },
    [GW_FIELD_STRING] = { build_entry, gw_form_show_entry },
    [GW_FIELD_CHOICE] = { build_choice, show_choice },
    [GW_FIELD_DTYPE] = { build_choice, show_choice },
    [GW_FIELD_INTS] = { build_entry, gw_form_show_entry },
    [GW_FIELD_FILE] = { build_file, gw_form_show_entry },
    [GW_FIELD_SEED] = { build_seed, gw_form_show_entry },
    [GW_FIELD_TEXT] = { build_text, show_text },
    [GW_FIELD_READONLY] = { build_readonly, show_readonly },
  };

  return type == GW_FIELD_SHAPE ? &gw_form_shape_editor : &editors[type];
}
