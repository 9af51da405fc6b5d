/* SPDX-License-Identifier: Apache-2.0 */
/* The palette: matching, grouping, order, keys, popover. */
#include <string.h>

#include "tests/widgets/charts/gui-driver.h"
#include "tests/widgets/charts/sample-widgets.h"
#include "widgets/forms/fuzzy.h"
#include "widgets/forms/op-list-rows.h"
#include "widgets/forms/op-search.h"

static void
test_fuzzy (void)
{
  int equal = gw_fuzzy_score ("matmul", "MatMul");
  int prefix = gw_fuzzy_score ("mat", "MatMul");
  int word = gw_fuzzy_score ("mul", "MatMul");
  int inside = gw_fuzzy_score ("atm", "MatMul");
  int letters = gw_fuzzy_score ("mm", "MatMul");

  g_assert_cmpint (equal, >, prefix);
  g_assert_cmpint (prefix, >, word);
  g_assert_cmpint (word, >, inside);
  g_assert_cmpint (inside, >, letters);
  g_assert_cmpint (letters, >, 0);
  g_assert_cmpint (gw_fuzzy_score ("ssce", "SparseSoftmaxCrossEntropyWithLogits"), >, 0);
  g_assert_cmpint (gw_fuzzy_score ("xyz", "MatMul"), ==, 0);
  g_assert_cmpint (gw_fuzzy_score ("", "MatMul"), ==, 0);
  g_assert_cmpint (gw_fuzzy_score ("a", "Mean"), >, 0);
  g_assert_cmpint (gw_fuzzy_score ("add", "Add"), >, gw_fuzzy_score ("add", "AddN"));
  g_assert_cmpuint (gw_fuzzy_distance ("kitten", "Sitting"), ==, 3);
  g_assert_cmpuint (gw_fuzzy_distance ("", "abc"), ==, 3);
  g_assert_cmpuint (gw_fuzzy_distance ("Max", "max"), ==, 0);
}

static GwOpList *
new_list (void)
{
  GwOpList *list = g_object_ref_sink (GW_OP_LIST (gw_op_list_new ()));
  g_autoptr (GListModel) ops = sample_ops ();

  gw_op_list_set_model (list, ops);
  return list;
}

static const char *
shown (GwOpList *list, guint position)
{
  GwOpEntry *entry = gw_op_list_get_shown (list, position);

  return entry != NULL ? gw_op_entry_get_info (entry)->name : NULL;
}

static gboolean
bool_only (GwOpEntry *entry, gpointer data)
{
  return g_strcmp0 (gw_op_entry_get_info (entry)->dtype, "bool") == 0;
}

static void
test_groups_and_search (void)
{
  GwOpList *list = new_list ();

  g_assert_cmpuint (gw_op_list_get_n_shown (list), ==, 0);
  gw_op_list_set_expanded (list, "maths", TRUE);
  g_assert_true (gw_op_list_get_expanded (list, "maths"));
  g_assert_cmpuint (gw_op_list_get_n_shown (list), ==, 6);
  g_assert_cmpstr (shown (list, 0), ==, "MatMul");
  gw_op_list_set_expanded (list, "maths", FALSE);
  g_assert_cmpuint (gw_op_list_get_n_shown (list), ==, 0);

  gw_op_list_set_search (list, "ma");
  g_assert_cmpstr (shown (list, 0), ==, "Max");
  g_assert_cmpstr (shown (list, 1), ==, "MatMul");
  gw_op_list_set_search (list, "conv l");
  g_assert_cmpstr (shown (list, 0), ==, "ConvLayer");
  /* By category and by summary. */
  gw_op_list_set_search (list, "random");
  g_assert_cmpstr (shown (list, 0), ==, "RandomUniform");
  g_assert_cmpstr (shown (list, 1), ==, "Dropout");
  /* Hidden ones only by their exact name. */
  gw_op_list_set_search (list, "_rec");
  g_assert_cmpuint (gw_op_list_get_n_shown (list), ==, 0);
  gw_op_list_set_search (list, "_recv");
  g_assert_cmpuint (gw_op_list_get_n_shown (list), ==, 1);

  gw_op_list_set_search (list, "");
  gw_op_list_set_flat (list, TRUE);
  g_assert_cmpuint (gw_op_list_get_n_shown (list), ==, 12);
  gw_op_list_set_filter (list, bool_only, NULL, NULL);
  g_assert_cmpuint (gw_op_list_get_n_shown (list), ==, 1);
  g_assert_cmpstr (shown (list, 0), ==, "Equal");
  g_assert_finalize_object (list);
}

static void
add (GListStore *ops, const char *name, const char *group, gboolean hidden)
{
  GwOpEntryInfo info = { .name = name, .category = "arrays", .category_title = "Arrays",
                         .group = group, .hidden = hidden };
  g_autoptr (GwOpEntry) entry = gw_op_entry_new (&info);

  g_list_store_append (ops, entry);
}

/* Ops of one group stand together under its heading; what gradients are made of shows
 * only when it is asked for. */
static void
test_headings (void)
{
  g_autoptr (GListStore) ops = g_list_store_new (GW_TYPE_OP_ENTRY);
  g_autoptr (GHashTable) expanded = g_hash_table_new (g_str_hash, g_str_equal);
  GwOpListQuery query = { .model = G_LIST_MODEL (ops), .expanded = expanded };
  static const GwOpRowKind kinds[] = { GW_OP_ROW_CATEGORY, GW_OP_ROW_GROUP, GW_OP_ROW_OP, GW_OP_ROW_OP,
                                       GW_OP_ROW_GROUP, GW_OP_ROW_OP };
  static const char *const names[] = { "ConcatV2", "ConcatV2", "ConcatV2", "Pack", "Reshape", "Reshape" };
  g_autoptr (GPtrArray) rows = NULL, all = NULL, found = NULL;

  add (ops, "ConcatV2", "Joining", FALSE);
  add (ops, "Reshape", "Shape", FALSE);
  add (ops, "Pack", "Joining", FALSE);
  add (ops, "ConcatOffset", "Joining", TRUE);
  g_hash_table_add (expanded, (gpointer) "arrays");
  rows = gw_op_list_rows (&query);
  g_assert_cmpuint (rows->len, ==, G_N_ELEMENTS (kinds));
  for (guint i = 0; i < rows->len; i++)
    {
      GwOpRow *row = rows->pdata[i];

      g_assert_cmpint (row->kind, ==, kinds[i]);
      g_assert_cmpstr (gw_op_entry_get_info (row->entry)->name, ==, names[i]);
    }
  g_assert_cmpuint (gw_op_list_count (&query), ==, 3);
  query.show_hidden = TRUE;
  all = gw_op_list_rows (&query);
  g_assert_cmpuint (all->len, ==, rows->len + 1);
  g_assert_cmpuint (gw_op_list_count (&query), ==, 4);
  query.search = "offset";
  found = gw_op_list_rows (&query);
  g_assert_cmpuint (found->len, ==, 1);
}

static void
test_show_hidden (void)
{
  GwOpList *list = new_list ();

  gw_op_list_set_search (list, "_rec");
  g_assert_cmpuint (gw_op_list_get_n_shown (list), ==, 0);
  gw_op_list_set_show_hidden (list, TRUE);
  g_assert_true (gw_op_list_get_show_hidden (list));
  g_assert_cmpuint (gw_op_list_get_n_shown (list), ==, 1);
  g_assert_finalize_object (list);
}

/* 2,000 ops: what a keystroke costs. */
static void
test_speed (void)
{
  g_autoptr (GListStore) ops = g_list_store_new (GW_TYPE_OP_ENTRY);
  GwOpListQuery query = { .model = G_LIST_MODEL (ops), .search = "soft" };
  gint64 begin;

  for (int i = 0; i < 2000; i++)
    {
      g_autofree char *name = g_strdup_printf ("SparseSoftmaxCrossEntropyWithLogits%d", i);

      add (ops, name, "Joining", FALSE);
    }
  begin = g_get_monotonic_time ();
  for (int i = 0; i < 10; i++)
    g_ptr_array_unref (gw_op_list_rows (&query));
  g_test_message ("%.2f ms a keystroke", (double) (g_get_monotonic_time () - begin) / 10000);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 10 * 100000);
}

static void
test_recent (void)
{
  static const char *const recent[] = { "MatMul", "Mean", NULL };
  GwOpList *list = new_list ();

  gw_op_list_set_recent (list, recent);
  gw_op_list_set_search (list, "ma");
  g_assert_cmpstr (shown (list, 0), ==, "MatMul");
  g_assert_cmpstr (shown (list, 1), ==, "Max");
  gw_op_list_set_search (list, NULL);
  gw_op_list_set_flat (list, TRUE);
  g_assert_cmpstr (shown (list, 0), ==, "MatMul");
  g_assert_cmpstr (shown (list, 1), ==, "Mean");
  g_assert_cmpstr (shown (list, 2), ==, "Placeholder");
  g_assert_finalize_object (list);
}

static void
note_entry (gpointer widget, GwOpEntry *entry, char **name)
{
  g_free (*name);
  *name = g_strdup (gw_op_entry_get_info (entry)->name);
}

static gboolean
label_says (GtkWidget *widget, const char *text)
{
  if (GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget)
      && strcmp (gtk_label_get_text (GTK_LABEL (widget)), text) == 0)
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (label_says (child, text))
      return TRUE;
  return FALSE;
}

static void
test_keys_and_empty (void)
{
  GwOpList *list = new_list ();
  g_autofree char *name = NULL;
  GtkWindow *window;

  g_signal_connect (list, "activated", G_CALLBACK (note_entry), &name);
  window = gui_show (GTK_WIDGET (list), 208, 600);
  gw_op_list_set_search (list, "maxx");
  gui_wait (60);
  g_assert_true (label_says (GTK_WIDGET (list), "No op called “maxx”"));
  g_assert_true (label_says (GTK_WIDGET (list), "Max"));
  gw_op_list_set_search (list, "ma");
  gw_op_list_activate_selected (list);
  g_assert_cmpstr (name, ==, "Max");
  if (gui_can_drive ())
    {
      gw_op_list_set_search (list, "");
      gw_op_list_grab_search (list);
      gui_do ("mousemove 200 590");
      gui_do ("type --delay 20 me");
      g_assert_cmpstr (gw_op_list_get_search (list), ==, "me");
      gui_do ("key Return");
      g_assert_cmpstr (name, ==, "Mean");
      /* Down onto a category, Enter unfolds it; on to its first op. */
      gw_op_list_set_search (list, "");
      gui_do ("key Down Return");
      g_assert_true (gw_op_list_get_expanded (list, "inputs"));
      gui_do ("key Down Return");
      g_assert_cmpstr (name, ==, "Placeholder");
    }
  gui_close (window);
  g_assert_finalize_object (list);
}

/* A row dragged onto a drop target arrives as "op:NAME". */
static gboolean
dropped (GtkDropTarget *target, const GValue *value, double x, double y, char **text)
{
  g_free (*text);
  *text = g_value_dup_string (value);
  return TRUE;
}

static void
test_drag (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *place = gtk_label_new ("here");
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_STRING, GDK_ACTION_COPY);
  GwOpList *list = new_list ();
  g_autofree char *text = NULL;
  GtkWindow *window;

  if (!gui_can_drive ())
    {
      g_object_unref (list);
      g_object_unref (g_object_ref_sink (box));
      g_object_unref (g_object_ref_sink (place));
      g_object_unref (target);
      g_test_skip ("no xdotool");
      return;
    }
  g_signal_connect (target, "drop", G_CALLBACK (dropped), &text);
  gtk_widget_add_controller (place, GTK_EVENT_CONTROLLER (target));
  gtk_widget_set_hexpand (place, TRUE);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (list));
  gtk_box_append (GTK_BOX (box), place);
  gtk_widget_set_size_request (GTK_WIDGET (list), 208, -1);
  gw_op_list_set_search (list, "dropout");
  window = gui_show (box, 500, 400);
  gui_move_to (GTK_WIDGET (list), 80, 64);
  gui_do ("mousedown 1");
  gui_move_to (GTK_WIDGET (list), 120, 70);
  gui_move_to (GTK_WIDGET (list), 180, 90);
  gui_move_to (box, 300, 200);
  gui_move_to (box, 320, 210);
  gui_do ("mouseup 1");
  gui_wait (200);
  g_assert_cmpstr (text, ==, "op:Dropout");
  gui_close (window);
  g_assert_finalize_object (list);
}

static void
test_popover (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GwOpSearch *search = GW_OP_SEARCH (gw_op_search_new ());
  GwOpList *list = gw_op_search_get_list (search);
  g_autoptr (GListModel) ops = sample_ops ();
  g_autofree char *name = NULL;
  GtkWindow *window;

  gw_op_list_set_model (list, ops);
  gtk_widget_set_parent (GTK_WIDGET (search), box);
  g_signal_connect (search, "chosen", G_CALLBACK (note_entry), &name);
  window = gui_show (box, 500, 500);
  gw_op_search_popup (search, 100, 100, "e", bool_only, NULL, NULL);
  gui_wait (150);
  g_assert_true (gtk_widget_get_mapped (GTK_WIDGET (search)));
  g_assert_cmpuint (gw_op_list_get_n_shown (list), ==, 1);
  gw_op_list_activate_selected (list);
  g_assert_cmpstr (name, ==, "Equal");
  gui_wait (100);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (search)));
  gtk_widget_unparent (GTK_WIDGET (search));
  gui_close (window);
}

int
main (int argc, char **argv)
{
  gui_start (&argc, &argv);
  g_test_add_func ("/op-list/fuzzy", test_fuzzy);
  g_test_add_func ("/op-list/groups-and-search", test_groups_and_search);
  g_test_add_func ("/op-list/headings", test_headings);
  g_test_add_func ("/op-list/show-hidden", test_show_hidden);
  g_test_add_func ("/op-list/speed", test_speed);
  g_test_add_func ("/op-list/recent", test_recent);
  g_test_add_func ("/op-list/keys-and-empty", test_keys_and_empty);
  g_test_add_func ("/op-list/drag", test_drag);
  g_test_add_func ("/op-list/popover", test_popover);
  return g_test_run ();
}
