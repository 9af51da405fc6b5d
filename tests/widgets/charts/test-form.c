/* SPDX-License-Identifier: Apache-2.0 */
/* The inspector's form: what it accepts, when it commits, how it is updated. */
#include <string.h>

#include "tests/widgets/charts/gui-driver.h"
#include "tests/widgets/charts/sample-widgets.h"

#define CHIP_HELP "Digits or ? set the size, Delete takes it out, a comma puts one behind it, Alt with an arrow moves it"

typedef struct
{
  guint n;
  char *key;
  char *text;
} Commits;

static void
committed (GwForm *form, const char *key, const char *text, Commits *commits)
{
  g_free (commits->key);
  g_free (commits->text);
  commits->n++;
  commits->key = g_strdup (key);
  commits->text = g_strdup (text);
}

static void
commits_clear (Commits *commits)
{
  g_clear_pointer (&commits->key, g_free);
  g_clear_pointer (&commits->text, g_free);
}

static void
assert_check (GwFieldType type, const char *text, double low, double high, gboolean good)
{
  g_autofree char *reason = gw_form_check (type, text, low, high);

  if (good)
    g_assert_cmpstr (reason, ==, NULL);
  else
    g_assert_nonnull (reason);
}

static void
test_check (void)
{
  static const char *const good_shapes[]
      = { "", "?", "?,28,28,1", "[?, 28]", "(3,)", "-1, 4", "unknown", "0" };
  static const char *const bad_shapes[] = { "28,,1", "a", "-2", "1;2", "1.5", "?,x" };
  g_autofree char *range = gw_form_check (GW_FIELD_INT, "0", 1, 1000000);
  g_autofree char *least = gw_form_check (GW_FIELD_FLOAT, "-1", 0, G_MAXDOUBLE * 10);

  for (guint i = 0; i < G_N_ELEMENTS (good_shapes); i++)
    assert_check (GW_FIELD_SHAPE, good_shapes[i], 0, 0, strcmp (good_shapes[i], "(3,)") != 0);
  for (guint i = 0; i < G_N_ELEMENTS (bad_shapes); i++)
    assert_check (GW_FIELD_SHAPE, bad_shapes[i], 0, 0, FALSE);
  assert_check (GW_FIELD_INT, "500", 1, 1000, TRUE);
  assert_check (GW_FIELD_INT, "9223372036854775807", 0, 0, TRUE);
  assert_check (GW_FIELD_INT, "9223372036854775808", 0, 0, FALSE);
  assert_check (GW_FIELD_INT, "5x", 0, 0, FALSE);
  assert_check (GW_FIELD_INT, "", 0, 0, FALSE);
  assert_check (GW_FIELD_FLOAT, "1e-3", 0, 1, TRUE);
  assert_check (GW_FIELD_FLOAT, "1.5", 0, 1, FALSE);
  assert_check (GW_FIELD_FLOAT, "0,5", 0, 1, FALSE);
  assert_check (GW_FIELD_FLOAT, "nan", 0, 1, FALSE);
  assert_check (GW_FIELD_INTS, "1,2,2,1", 1, 9, TRUE);
  assert_check (GW_FIELD_INTS, "1,0", 1, 9, FALSE);
  assert_check (GW_FIELD_BOOL, "yes", 0, 0, FALSE);
  g_assert_cmpstr (range, ==, "Between 1 and 1,000,000");
  g_assert_cmpstr (least, ==, "At least 0");
}

static GwForm *
shown_form (GtkWindow **window, Commits *commits)
{
  GwForm *form = GW_FORM (gw_form_new ());

  sample_form (form);
  g_signal_connect (form, "field-committed", G_CALLBACK (committed), commits);
  *window = gui_show (GTK_WIDGET (form), 288, 700);
  return form;
}

static void
type_units (GwForm *form, const char *text)
{
  g_assert_true (gw_form_focus_field (form, "units"));
  gui_wait (60);
  gui_do ("key ctrl+a");
  gui_do ("type --delay 20 '%s'", text);
}

static void
test_typing (void)
{
  Commits commits = { 0 };
  GtkWindow *window;
  GwForm *form;

  if (!gui_can_drive ())
    {
      g_test_skip ("no xdotool");
      return;
    }
  form = shown_form (&window, &commits);
  gui_do ("mousemove 280 690");

  /* Enter commits at once. */
  type_units (form, "64");
  g_assert_cmpuint (commits.n, ==, 0);
  g_assert_cmpstr (gw_form_get_text (form, "units"), ==, "64");
  gui_do ("key Return");
  g_assert_cmpuint (commits.n, ==, 1);
  g_assert_cmpstr (commits.key, ==, "units");
  g_assert_cmpstr (commits.text, ==, "64");
  gui_wait (500);
  g_assert_cmpuint (commits.n, ==, 1);

  /* So does a rest, and leaving the field. */
  type_units (form, "65");
  gui_wait (500);
  g_assert_cmpuint (commits.n, ==, 2);
  type_units (form, "66");
  gw_form_focus_field (form, "name");
  gui_wait (60);
  g_assert_cmpuint (commits.n, ==, 3);
  g_assert_cmpstr (commits.text, ==, "66");

  /* A refused value keeps its text and shows the reason; Escape takes it back. */
  type_units (form, "0");
  gui_do ("key Return");
  g_assert_cmpuint (commits.n, ==, 3);
  g_assert_cmpstr (gw_form_get_error (form, "units"), ==, "Between 1 and 1,000,000");
  gui_do ("key Escape");
  g_assert_cmpstr (gw_form_get_text (form, "units"), ==, "66");
  g_assert_null (gw_form_get_error (form, "units"));
  gui_close (window);
  commits_clear (&commits);
}

/* What the owner says meanwhile does not overwrite what is being typed. */
static void
test_update_while_typing (void)
{
  Commits commits = { 0 };
  GtkWindow *window;
  GwForm *form;

  if (!gui_can_drive ())
    {
      g_test_skip ("no xdotool");
      return;
    }
  form = shown_form (&window, &commits);
  type_units (form, "77");
  sample_form (form);
  gw_form_set_value (form, "name", "hidden2");
  g_assert_cmpstr (gw_form_get_text (form, "units"), ==, "77");
  g_assert_cmpstr (gw_form_get_text (form, "name"), ==, "hidden2");
  gw_form_commit_pending (form);
  g_assert_cmpstr (commits.text, ==, "77");
  sample_form (form);
  g_assert_cmpstr (gw_form_get_text (form, "units"), ==, "500");
  gui_close (window);
  commits_clear (&commits);
}

static void
test_without_typing (void)
{
  GtkWidget *widget = g_object_ref_sink (gw_form_new ());
  GwForm *form = GW_FORM (widget);
  Commits commits = { 0 };

  g_signal_connect (form, "field-committed", G_CALLBACK (committed), &commits);
  sample_form (form);
  g_assert_cmpstr (gw_form_get_text (form, "activation"), ==, "relu");
  g_assert_cmpstr (gw_form_get_error (form, "strides"), ==, "Stride 1,1 needs 4 numbers here");
  gw_form_set_value (form, "activation", "tanh");
  gw_form_set_value (form, "bias", "false");
  gw_form_set_value (form, "device", "GPU");
  gw_form_set_value (form, "rate", "0.5");
  gw_form_set_value (form, "dtype", "quint8");
  gw_form_set_value (form, "nothing", "1");
  g_assert_cmpstr (gw_form_get_text (form, "dtype"), ==, "quint8");
  g_assert_cmpstr (gw_form_get_text (form, "bias"), ==, "false");
  gw_form_set_error (form, "units", "At most 100 here");
  g_assert_cmpstr (gw_form_get_error (form, "units"), ==, "At most 100 here");
  gw_form_set_error (form, "units", NULL);
  g_assert_null (gw_form_get_error (form, "units"));
  g_assert_null (gw_form_get_text (form, "nothing"));
  gw_form_set_hidden (form, "units", TRUE);
  /* Setting is not committing. */
  g_assert_cmpuint (commits.n, ==, 0);
  gw_form_set_fields (form, NULL, 0);
  g_assert_null (gw_form_get_text (form, "activation"));
  gui_wait (20);
  g_assert_finalize_object (widget);
}

static GtkWidget *
find_widget (GtkWidget *widget, GType type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_widget (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static GtkWidget *
find_button (GtkWidget *widget, const char *tooltip)
{
  if (GTK_IS_BUTTON (widget) && g_strcmp0 (gtk_widget_get_tooltip_text (widget), tooltip) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_button (child, tooltip);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
press (GtkWidget *widget, const char *tooltip)
{
  GtkWidget *button = find_button (widget, tooltip);

  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
}

static GtkWidget *
form_of (const GwFormField *field, Commits *commits)
{
  GtkWidget *widget = g_object_ref_sink (gw_form_new ());

  gw_form_set_fields (GW_FORM (widget), field, 1);
  g_signal_connect (widget, "field-committed", G_CALLBACK (committed), commits);
  return widget;
}

static void
test_buttons (void)
{
  const GwFormField units = { .key = "units", .type = GW_FIELD_INT, .value = "99",
                              .default_value = "10", .hard_min = 1, .hard_max = 100 };
  const GwFormField seed = { .key = "seed", .type = GW_FIELD_SEED, .value = "-1" };
  Commits commits = { 0 };
  GtkWidget *widget = form_of (&units, &commits);

  press (widget, "One more");
  g_assert_cmpstr (commits.text, ==, "100");
  press (widget, "One more"); /* beyond the hard range: nothing */
  g_assert_cmpuint (commits.n, ==, 1);
  press (widget, "One less");
  g_assert_cmpstr (commits.text, ==, "99");
  press (widget, "Back to the default");
  g_assert_cmpstr (commits.text, ==, "10");
  g_assert_false (gtk_widget_get_visible (find_button (widget, "Back to the default")));
  gui_wait (20);
  g_assert_finalize_object (widget);

  widget = form_of (&seed, &commits);
  press (widget, "Roll another seed");
  g_assert_cmpstr (commits.key, ==, "seed");
  assert_check (GW_FIELD_SEED, commits.text, 0, G_MAXINT32, TRUE);
  gui_wait (20);
  g_assert_finalize_object (widget);
  commits_clear (&commits);
}

static void
test_slider_and_lines (void)
{
  const GwFormField rate = { .key = "rate", .type = GW_FIELD_FLOAT, .value = "0.001",
                             .soft_min = 1e-5, .soft_max = 1 };
  const GwFormField notes = { .key = "notes", .type = GW_FIELD_TEXT, .value = "a\nb" };
  Commits commits = { 0 };
  GtkWidget *widget = form_of (&rate, &commits);
  GtkWidget *slider = find_widget (widget, GTK_TYPE_SCALE);

  /* Five decades: the slider stands at the logarithm. */
  g_assert_cmpfloat_with_epsilon (gtk_range_get_value (GTK_RANGE (slider)), -6.9078, 1e-3);
  gtk_range_set_value (GTK_RANGE (slider), -4.60517);
  g_assert_cmpstr (gw_form_get_text (GW_FORM (widget), "rate"), ==, "0.01");
  g_assert_cmpuint (commits.n, ==, 0);
  gui_wait (500);
  g_assert_cmpstr (commits.text, ==, "0.01");
  g_assert_finalize_object (widget);

  widget = form_of (&notes, &commits);
  gtk_text_buffer_set_text (
      gtk_text_view_get_buffer (GTK_TEXT_VIEW (find_widget (widget, GTK_TYPE_TEXT_VIEW))),
      "a\nb\nc", -1);
  gui_wait (500);
  g_assert_cmpstr (commits.key, ==, "notes");
  g_assert_cmpstr (commits.text, ==, "a\nb\nc");
  g_assert_finalize_object (widget);
  commits_clear (&commits);
}

static void
rebuild_on_commit (GwForm *form, const char *key, const char *text, gpointer data)
{
  const GwFormField other = { .key = "other", .label = "Other", .value = "1" };

  gw_form_set_fields (form, &other, 1);
}

/* The answer to a commit may replace the row that committed. */
static void
test_rebuild_in_answer (void)
{
  GtkWidget *widget = g_object_ref_sink (gw_form_new ());
  Commits commits = { 0 };

  g_signal_connect (widget, "field-committed", G_CALLBACK (committed), &commits);
  g_signal_connect (widget, "field-committed", G_CALLBACK (rebuild_on_commit), NULL);
  sample_form (GW_FORM (widget));
  gtk_switch_set_active (GTK_SWITCH (find_widget (widget, GTK_TYPE_SWITCH)), FALSE);
  g_assert_cmpstr (commits.key, ==, "bias");
  g_assert_cmpstr (commits.text, ==, "false");
  g_assert_cmpstr (gw_form_get_text (GW_FORM (widget), "other"), ==, "1");
  gui_wait (20);

  sample_form (GW_FORM (widget));
  gtk_drop_down_set_selected (GTK_DROP_DOWN (find_widget (widget, GTK_TYPE_DROP_DOWN)), 3);
  g_assert_cmpstr (commits.key, ==, "activation");
  g_assert_cmpstr (commits.text, ==, "sigmoid");
  gui_wait (20);
  commits_clear (&commits);
  g_assert_finalize_object (widget);
}

static GtkEventController *
focus_controller (GtkWidget *widget)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_FOCUS (controller))
        return controller;
    }
  return NULL;
}

/* GTK keeps the entry that had the focus, and tells it of its loss, after the form has other rows. */
static void
test_entry_outlives_row (void)
{
  GtkWidget *widget = g_object_ref_sink (gw_form_new ());
  Commits commits = { 0 };
  GtkWidget *entry;

  g_signal_connect (widget, "field-committed", G_CALLBACK (committed), &commits);
  sample_form (GW_FORM (widget));
  entry = g_object_ref (find_widget (widget, GTK_TYPE_ENTRY));
  gw_form_set_fields (GW_FORM (widget), NULL, 0);
  gui_wait (20);
  g_signal_emit_by_name (focus_controller (entry), "leave");
  gtk_editable_set_text (GTK_EDITABLE (entry), "99");
  g_signal_emit_by_name (entry, "activate");
  g_assert_cmpuint (commits.n, ==, 0);
  g_assert_finalize_object (entry);
  g_assert_finalize_object (widget);
}

/* Chips for the sizes of a shape: by keys, the button and the text. */
static void
test_shape_chips (void)
{
  static const GwFormField shape = { .key = "shape", .label = "Shape", .type = GW_FIELD_SHAPE, .value = "?,28" };
  Commits commits = { 0 };
  GtkWidget *widget, *chip;
  GtkWindow *window;

  if (!gui_can_drive ())
    {
      g_test_skip ("no xdotool");
      return;
    }
  widget = form_of (&shape, &commits);
  window = gui_show (widget, 320, 200);
  chip = gtk_widget_get_next_sibling (find_button (widget, CHIP_HELP));
  gtk_widget_grab_focus (chip);
  gui_do ("key 3");
  gui_do ("key 2");
  g_assert_cmpstr (gw_form_get_text (GW_FORM (widget), "shape"), ==, "?,32");
  gui_wait (500);
  g_assert_cmpstr (commits.text, ==, "?,32");
  gui_do ("key comma");
  g_assert_cmpstr (commits.text, ==, "?,32,?");
  gui_do ("key 5");
  gui_do ("key alt+Left");
  g_assert_cmpstr (commits.text, ==, "?,5,32");
  gui_do ("key Left");
  gui_do ("key 7");
  gui_do ("key Right");
  g_assert_cmpstr (commits.text, ==, "7,5,32");
  gui_do ("key question");
  gui_do ("key Right");
  gui_do ("key Delete");
  g_assert_cmpstr (commits.text, ==, "7,?");
  g_signal_emit_by_name (find_button (widget, "Add a size"), "clicked");
  g_assert_cmpstr (commits.text, ==, "7,?,?");
  gtk_editable_set_text (GTK_EDITABLE (find_widget (widget, GTK_TYPE_ENTRY)), "7,x");
  gui_wait (500);
  g_assert_cmpstr (commits.text, ==, "7,?,?");
  g_assert_nonnull (gw_form_get_error (GW_FORM (widget), "shape"));
  chip = gtk_widget_get_next_sibling (find_button (widget, CHIP_HELP)); /* new text, new chips */
  g_assert_cmpstr (gtk_button_get_label (GTK_BUTTON (chip)), ==, "x");
  gui_close (window);
  commits_clear (&commits);
}

int
main (int argc, char **argv)
{
  gui_start (&argc, &argv);
  g_test_add_func ("/form/check", test_check);
  g_test_add_func ("/form/typing", test_typing);
  g_test_add_func ("/form/update-while-typing", test_update_while_typing);
  g_test_add_func ("/form/without-typing", test_without_typing);
  g_test_add_func ("/form/buttons", test_buttons);
  g_test_add_func ("/form/slider-and-lines", test_slider_and_lines);
  g_test_add_func ("/form/rebuild-in-answer", test_rebuild_in_answer);
  g_test_add_func ("/form/shape-chips", test_shape_chips);
  g_test_add_func ("/form/entry-outlives-row", test_entry_outlives_row);
  return g_test_run ();
}
