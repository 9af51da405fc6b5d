/* SPDX-License-Identifier: Apache-2.0 */
/* The editor of shapes: the text, and under it a chip for each dimension. A chip that has
 * the focus takes digits and "?", Delete takes it out, comma puts one behind it, arrows go
 * along, Alt+arrows move it; by pointer a chip is dragged onto another's place. */
#include <string.h>

#include "widgets/forms/form-private.h"

#define MOST_CHIPS 8
#define ANY_RANK "unknown"
#define CHIP "gw-shape-chip"      /* place of a chip, on its widget */
#define FRESH "gw-shape-fresh"    /* set: the next digit begins a new size */
#define CHIPS "gw-shape-chips"    /* the box of chips, on the entry */
#define SETTING "gw-shape-set"    /* on the entry: it is empty for a moment, which says nothing */

static GtkWidget *
chips_of (GwFormRow *row)
{
  return g_object_get_data (G_OBJECT (row->focus), CHIPS);
}

static const char *
shown_text (GwFormRow *row)
{
  return gtk_editable_get_text (GTK_EDITABLE (row->focus));
}

/* The sizes as texts; of a text that is no shape as well, so that it can be mended. */
static GPtrArray *
split (const char *text)
{
  GPtrArray *sizes = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *plain = g_strdup (text);
  g_auto (GStrv) parts = NULL;

  g_strdelimit (plain, "[]()", ' ');
  g_strstrip (plain);
  if (*plain == '\0' || g_ascii_strcasecmp (plain, ANY_RANK) == 0)
    return sizes;
  parts = g_strsplit (plain, ",", MOST_CHIPS);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      const char *part = g_strstrip (parts[i]);

      g_ptr_array_add (sizes, g_strdup (strcmp (part, "-1") == 0 ? "?" : part));
    }
  return sizes;
}

static void show_chips (GwFormRow *row);

/* An entry that gets another text tells of two changes: chips would lose the focus. */
static void
set_text (GwFormRow *row, const char *text)
{
  g_object_set_data (G_OBJECT (row->focus), SETTING, GUINT_TO_POINTER (1));
  gw_form_show_entry (row, text);
  g_object_set_data (G_OBJECT (row->focus), SETTING, NULL);
  show_chips (row);
}

static void
set_sizes (GwFormRow *row, GPtrArray *sizes, gboolean now)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < sizes->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "," : "", (const char *) g_ptr_array_index (sizes, i));
  set_text (row, text->str);
  if (now)
    gw_form_row_commit (row);
}

static guint
place_of (GtkWidget *chip)
{
  return GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (chip), CHIP));
}

static GtkWidget *
chip_at (GwFormRow *row, guint place)
{
  GtkWidget *child = gtk_widget_get_first_child (chips_of (row));

  for (; child != NULL && place > 0; place--)
    child = gtk_widget_get_next_sibling (child);
  return child;
}

static void
focus_chip (GwFormRow *row, guint place)
{
  GtkWidget *chip = chip_at (row, place);

  if (chip != NULL)
    gtk_widget_grab_focus (chip);
}

/* --- changes --- */

static void
add_size (GwFormRow *row, guint place)
{
  g_autoptr (GPtrArray) sizes = split (shown_text (row));

  if (sizes->len >= MOST_CHIPS)
    return;
  g_ptr_array_insert (sizes, (int) MIN (place, sizes->len), g_strdup ("?"));
  set_sizes (row, sizes, TRUE);
  focus_chip (row, MIN (place, sizes->len - 1));
}

static void
remove_size (GwFormRow *row, guint place)
{
  g_autoptr (GPtrArray) sizes = split (shown_text (row));

  if (place >= sizes->len)
    return;
  g_ptr_array_remove_index (sizes, place);
  set_sizes (row, sizes, TRUE);
  focus_chip (row, place > 0 && place == sizes->len ? place - 1 : place);
}

static void
move_size (GwFormRow *row, guint from, guint to)
{
  g_autoptr (GPtrArray) sizes = split (shown_text (row));

  if (from >= sizes->len || to >= sizes->len || from == to)
    return;
  g_ptr_array_insert (sizes, (int) to, g_ptr_array_steal_index (sizes, from));
  set_sizes (row, sizes, TRUE);
  focus_chip (row, to);
}

static void
replace_size (GwFormRow *row, guint place, char *size)
{
  g_autoptr (GPtrArray) sizes = split (shown_text (row));

  if (place >= sizes->len)
    {
      g_free (size);
      return;
    }
  g_free (sizes->pdata[place]);
  sizes->pdata[place] = size;
  set_sizes (row, sizes, FALSE);
}

static void
type_digit (GwFormRow *row, GtkWidget *chip, guint digit)
{
  const char *old = gtk_button_get_label (GTK_BUTTON (chip));
  gboolean begins = g_object_get_data (G_OBJECT (chip), FRESH) != NULL || !g_ascii_isdigit (*old);

  g_object_set_data (G_OBJECT (chip), FRESH, NULL);
  replace_size (row, place_of (chip), g_strdup_printf ("%s%u", begins ? "" : old, digit));
}

/* --- keys --- */

static gboolean
chip_arrow (GwFormRow *row, guint place, guint key, gboolean moves)
{
  guint other = key == GDK_KEY_Left ? place - 1 : place + 1;

  if (key == GDK_KEY_Left && place == 0)
    return GDK_EVENT_STOP;
  if (moves)
    move_size (row, place, other);
  else
    focus_chip (row, other);
  return GDK_EVENT_STOP;
}

static gboolean
chip_key (GwFormRow *row, guint key, guint code, GdkModifierType state, GtkEventController *controller)
{
  GtkWidget *chip = gtk_event_controller_get_widget (controller);
  guint place = place_of (chip);
  guint32 letter = gdk_keyval_to_unicode (key);

  if ((state & (GDK_CONTROL_MASK | GDK_SUPER_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;
  if (key == GDK_KEY_Left || key == GDK_KEY_Right)
    return chip_arrow (row, place, key, (state & GDK_ALT_MASK) != 0);
  if (key == GDK_KEY_Delete || key == GDK_KEY_BackSpace || key == GDK_KEY_KP_Delete)
    remove_size (row, place);
  else if (letter == ',' || letter == '+' || key == GDK_KEY_Insert)
    add_size (row, place + 1);
  else if (letter == '?')
    replace_size (row, place, g_strdup ("?"));
  else if (letter >= '0' && letter <= '9')
    type_digit (row, chip, letter - '0');
  else
    return GDK_EVENT_PROPAGATE;
  return GDK_EVENT_STOP;
}

static void
chip_entered (GwFormRow *row, GtkEventController *controller)
{
  g_object_set_data (G_OBJECT (gtk_event_controller_get_widget (controller)), FRESH, GUINT_TO_POINTER (1));
}

/* A click is for typing over the size in the text. */
static void
chip_clicked (GwFormRow *row, GtkWidget *chip)
{
  const char *text = shown_text (row), *start = text;
  const char *end;

  for (guint i = place_of (chip); i > 0 && strchr (start, ',') != NULL; i--)
    start = strchr (start, ',') + 1;
  end = strchr (start, ',') != NULL ? strchr (start, ',') : text + strlen (text);
  gtk_widget_grab_focus (row->focus);
  gtk_editable_select_region (GTK_EDITABLE (row->focus), (int) g_utf8_pointer_to_offset (text, start),
                              (int) g_utf8_pointer_to_offset (text, end));
}

/* --- dragging --- */

static GdkContentProvider *
chip_dragged (GtkDragSource *source, double x, double y, gpointer data)
{
  GtkWidget *chip = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (source));

  return gdk_content_provider_new_typed (GTK_TYPE_BUTTON, chip);
}

static gboolean
chip_dropped (GwFormRow *row, const GValue *value, double x, double y, GtkDropTarget *target)
{
  GtkWidget *chip = g_value_get_object (value);
  GtkWidget *onto = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (target));

  if (chip == NULL || gtk_widget_get_parent (chip) != gtk_widget_get_parent (onto))
    return FALSE;
  move_size (row, place_of (chip), place_of (onto));
  return TRUE;
}

/* --- chips --- */

static GtkWidget *
make_chip (GwFormRow *row, guint place)
{
  GtkWidget *chip = gtk_button_new_with_label ("?");
  GtkEventController *key = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();
  GtkDragSource *source = gtk_drag_source_new ();
  GtkDropTarget *target = gtk_drop_target_new (GTK_TYPE_BUTTON, GDK_ACTION_MOVE);

  g_object_set_data (G_OBJECT (chip), CHIP, GUINT_TO_POINTER (place));
  gtk_widget_add_css_class (chip, "gw-chip");
  gtk_widget_set_tooltip_text (chip, "Digits or ? set the size, Delete takes it out, a comma puts one behind it, Alt with an arrow "
                                     "moves it");
  gw_form_row_connect (row, chip, "clicked", G_CALLBACK (chip_clicked));
  gtk_event_controller_set_propagation_phase (key, GTK_PHASE_CAPTURE);
  gw_form_row_connect (row, key, "key-pressed", G_CALLBACK (chip_key));
  gw_form_row_connect (row, focus, "enter", G_CALLBACK (chip_entered));
  gw_form_row_connect (row, focus, "leave", G_CALLBACK (gw_form_row_commit));
  gtk_drag_source_set_actions (source, GDK_ACTION_MOVE);
  g_signal_connect (source, "prepare", G_CALLBACK (chip_dragged), NULL);
  gw_form_row_connect (row, target, "drop", G_CALLBACK (chip_dropped));
  gtk_widget_add_controller (chip, key);
  gtk_widget_add_controller (chip, focus);
  gtk_widget_add_controller (chip, GTK_EVENT_CONTROLLER (source));
  gtk_widget_add_controller (chip, GTK_EVENT_CONTROLLER (target));
  return chip;
}

/* In place, so that a chip keeps the focus while its size is typed. The last child is the
 * button that adds. */
static void
show_chips (GwFormRow *row)
{
  GtkWidget *box = chips_of (row);
  GtkWidget *add = gtk_widget_get_last_child (box);
  g_autoptr (GPtrArray) sizes = split (shown_text (row));
  gboolean is_any = g_ascii_strcasecmp (shown_text (row), ANY_RANK) == 0;
  guint n = 0;

  if (g_object_get_data (G_OBJECT (row->focus), SETTING) != NULL)
    return;
  for (GtkWidget *chip = gtk_widget_get_first_child (box), *next; chip != add; chip = next)
    {
      next = gtk_widget_get_next_sibling (chip);
      if (n++ >= sizes->len)
        gtk_box_remove (GTK_BOX (box), chip);
    }
  for (; n < sizes->len; n++)
    gtk_box_insert_child_after (GTK_BOX (box), make_chip (row, n), gtk_widget_get_prev_sibling (add));
  for (guint i = 0; i < sizes->len; i++)
    {
      GtkWidget *chip = chip_at (row, i);
      g_autofree char *label = g_strdup_printf ("Size %u: %s", i + 1, (const char *) g_ptr_array_index (sizes, i));

      gtk_button_set_label (GTK_BUTTON (chip), g_ptr_array_index (sizes, i));
      gtk_accessible_update_property (GTK_ACCESSIBLE (chip), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
    }
  gtk_button_set_label (GTK_BUTTON (add), sizes->len > 0 ? "+" : is_any ? "any rank +" : "scalar +");
  gtk_widget_set_sensitive (add, sizes->len < MOST_CHIPS);
}

static void
add_clicked (GwFormRow *row)
{
  add_size (row, MOST_CHIPS);
}

static void
build_shape (GwFormRow *row, GtkWidget *line)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  GtkWidget *add = gtk_button_new_with_label ("+");

  gtk_widget_set_hexpand (column, TRUE);
  gtk_widget_set_margin_top (column, 4);
  gtk_widget_set_margin_bottom (column, 4);
  gtk_box_append (GTK_BOX (line), column);
  gw_form_add_entry (row, column);
  gtk_widget_add_css_class (add, "gw-chip");
  gtk_widget_add_css_class (add, "flat");
  gtk_widget_set_tooltip_text (add, "Add a size");
  gtk_box_append (GTK_BOX (box), add);
  gtk_box_append (GTK_BOX (column), box);
  g_object_set_data (G_OBJECT (row->focus), CHIPS, box);
  gw_form_row_connect (row, add, "clicked", G_CALLBACK (add_clicked));
  gw_form_row_connect (row, row->focus, "changed", G_CALLBACK (show_chips));
  show_chips (row);
}

const GwFormEditor gw_form_shape_editor = { build_shape, set_text };
