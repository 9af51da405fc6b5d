/* SPDX-License-Identifier: Apache-2.0 */
/* The canvases of a document in the window, by real keys and clicks: group, enter, edit,
 * leave, break apart, and back to the very same document. */
#include <glib/gstdio.h>
#include <string.h>

#include "app/model/composite-store.h"
#include "app/scene/inside.h"
#include "app/ui/application.h"
#include "app/ui/breadcrumbs.h"
#include "app/ui/canvas-adapter-private.h"
#include "app/ui/composite-dialog.h"
#include "app/ui/editor-private.h"
#include "app/ui/window-private.h"
#include "tests/widgets/charts/gui-driver.h"
#include "widgets/forms/form.h"

static GwApplication *application;

/* x → dense → act → soft, and a second user of x. */
static const char chain[] =
  "{\"graphwright\": 1, \"nodes\": ["
  "{\"id\": 1, \"name\": \"x\", \"op\": \"Placeholder\", \"at\": [0, 0], \"attrs\": {\"shape\": [null, 4]}},"
  "{\"id\": 2, \"name\": \"dense\", \"op\": \"Dense\", \"at\": [240, 0], \"attrs\": {\"units\": 3},"
  " \"inputs\": {\"inputs\": {\"from\": 1}}},"
  "{\"id\": 3, \"name\": \"act\", \"op\": \"Relu\", \"at\": [480, 0], \"inputs\": {\"features\": {\"from\": 2}}},"
  "{\"id\": 4, \"name\": \"soft\", \"op\": \"Softmax\", \"at\": [720, 0], \"inputs\": {\"logits\": {\"from\": 3}}},"
  "{\"id\": 5, \"name\": \"other\", \"op\": \"Tanh\", \"at\": [240, 200], \"inputs\": {\"x\": {\"from\": 1}}}]}";

typedef struct {
  GwWindow     *window;
  GwEditorPage *page;
  GwDocument   *before;  /* as it was opened */
} Fixture;

static void
set_up (Fixture      *f,
        gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  GwDocument *parsed = gw_document_from_json (chain, strlen (chain), &error);

  g_assert_no_error (error);
  f->before = gw_document_copy (parsed);
  f->window = gw_window_new (GTK_APPLICATION (application));
  f->page = GW_EDITOR_PAGE (f->window->editor);
  gtk_window_set_default_size (GTK_WINDOW (f->window), 1280, 780);
  gtk_window_present (GTK_WINDOW (f->window));
  gui_wait (500);
  gw_doc_model_set_document (gw_window_get_model (f->window), parsed, NULL, "places");
  gui_wait (700);
  gtk_widget_grab_focus (f->page->canvas);
}

static void
tear_down (Fixture      *f,
           gconstpointer data)
{
  gw_run_close (gw_window_get_run (f->window));
  gui_wait (200);
  gtk_window_destroy (GTK_WINDOW (f->window));
  gui_wait (100);
  gw_document_unref (f->before);
}

static GwDocument *
document_of (Fixture *f)
{
  return gw_doc_model_get_document (gw_window_get_model (f->window));
}

static const GwScene *
scene_of (Fixture *f)
{
  return f->page->adapter->scene;
}

/* Clicks on the header of a box. */
static void
click_item (Fixture    *f,
            int64_t     id,
            const char *modifier)
{
  const GwSceneNode *node = gw_scene_get_node (scene_of (f), (guint64) id);
  double x, y;

  g_assert_nonnull (node);
  gw_canvas_to_widget (GW_CANVAS (f->page->canvas), node->x + 60, node->y + 10, &x, &y);
  gui_move_to (f->page->canvas, x, y);
  if (modifier != NULL)
    gui_do ("keydown %s click 1 keyup %s", modifier, modifier);
  else
    gui_do ("click 1");
  gui_wait (120);
}

static void
key (const char *name)
{
  gui_do ("key %s", name);
  gui_wait (200);
}

static int64_t
place_of (Fixture *f)
{
  return gw_canvas_adapter_get_place (f->page->adapter);
}

static GwBreadcrumbs *
crumbs_of (Fixture *f)
{
  for (GtkWidget *child = gtk_widget_get_first_child (f->page->overlay); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (GW_IS_BREADCRUMBS (child))
      return GW_BREADCRUMBS (child);
  return NULL;
}

static void
assert_crumbs (Fixture    *f,
               const char *expected)
{
  g_autofree char *text = gw_breadcrumbs_get_text (crumbs_of (f));

  g_assert_cmpstr (text, ==, expected);
}

/* The only group. */
static int64_t
the_group (Fixture *f)
{
  int n;
  const int64_t *ids = gw_document_ids (document_of (f), GW_ITEM_GROUP, &n);

  g_assert_cmpint (n, ==, 1);
  return ids[0];
}

static void
group_two (Fixture *f)
{
  click_item (f, 2, NULL);
  click_item (f, 3, "shift");
  key ("ctrl+g");
  gui_do ("type block");
  key ("Return");
}

static void
undo_all (Fixture *f)
{
  gtk_widget_grab_focus (f->page->canvas);
  while (gw_doc_model_undo_label (gw_window_get_model (f->window)) != NULL)
    key ("ctrl+z");
  g_assert_true (gw_document_equal (document_of (f), f->before));
}

static const GwSceneWire *
wire_between (Fixture *f,
              guint64  from,
              guint64  to)
{
  const GPtrArray *wires = gw_scene_wires (scene_of (f));

  for (guint i = 0; i < wires->len; i++)
    if (((GwSceneWire *) g_ptr_array_index (wires, i))->from == from && ((GwSceneWire *) g_ptr_array_index (wires, i))->to == to)
      return g_ptr_array_index (wires, i);
  return NULL;
}

static void
test_group (Fixture      *f,
            gconstpointer data)
{
  const GwSceneNode *box;
  int64_t scope;

  if (!gui_can_drive ())
    return;
  group_two (f);
  scope = the_group (f);
  g_assert_cmpstr (gw_document_group (document_of (f), scope)->name, ==, "block");
  g_assert_cmpstr (gw_document_node (document_of (f), 2)->name, ==, "block/dense");
  /* One box with one way in and one out stands for both. */
  box = gw_scene_get_node (scene_of (f), (guint64) scope);
  g_assert_nonnull (box);
  g_assert_null (gw_scene_get_node (scene_of (f), 2));
  g_assert_null (gw_scene_get_node (scene_of (f), 3));
  g_assert_cmpint (box->n_inputs, ==, 1);
  g_assert_cmpint (box->n_outputs, ==, 1);
  g_assert_cmpstr (box->attributes[0], ==, "2 nodes");
  g_assert_cmpstr (box->outputs[0].shape, ==, "?×3");
  g_assert_nonnull (wire_between (f, 1, (guint64) scope));
  g_assert_nonnull (wire_between (f, (guint64) scope, 4));
  g_assert_nonnull (wire_between (f, 1, 5));
  undo_all (f);
  g_assert_nonnull (gw_scene_get_node (scene_of (f), 2));
  g_assert_nonnull (wire_between (f, 2, 3));
}

static GtkWidget *
first_form (GtkWidget *widget)
{
  GtkWidget *found = GW_IS_FORM (widget) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = first_form (child);
  return found;
}

static void
commit (GtkWidget  *form,
        const char *key_of_field,
        const char *text)
{
  g_assert_true (gw_form_focus_field (GW_FORM (form), key_of_field));
  gui_wait (150);
  gui_do ("key ctrl+a");
  gui_do ("type %s", text);
  key ("Return");
}

/* A scope alone in the selection is what the inspector shows: where its variables stand, and whether it reuses them. */
static void
test_variable_scope (Fixture      *f,
                     gconstpointer data)
{
  GtkWidget *form;
  int64_t scope;

  if (!gui_can_drive ())
    return;
  group_two (f);
  scope = the_group (f);
  form = first_form (f->page->inspector);
  g_assert_cmpstr (gw_form_get_text (GW_FORM (form), "variables"), ==, "block");
  g_assert_cmpstr (gw_form_get_text (GW_FORM (form), "reuse"), ==, "as around it");
  commit (form, "variables", "encoder");
  g_assert_cmpstr (gw_document_group (document_of (f), scope)->variables, ==, "encoder");
  g_assert_cmpstr (gw_scene_get_node (scene_of (f), (guint64) scope)->attributes[1], ==, "variables encoder");
  commit (form, "variables", "_ab");
  g_assert_cmpstr (gw_document_group (document_of (f), scope)->variables, ==, "encoder");
  g_assert_nonnull (gw_form_get_error (GW_FORM (form), "variables"));
  commit (form, "variables", "encoder");
  g_signal_emit_by_name (form, "field-committed", "reuse", "reuse=True");
  gui_wait (300);
  g_assert_cmpint (gw_document_group (document_of (f), scope)->reuse, ==, GW_REUSE_TRUE);
  g_assert_cmpstr (gw_scene_get_node (scene_of (f), (guint64) scope)->attributes[1], ==, "variables encoder · reuse");
  g_assert_nonnull (gw_live_problem (gw_doc_model_settle (gw_window_get_model (f->window)), 2)); /* nobody makes them */
  commit (form, "name", "renamed");
  g_assert_cmpstr (gw_document_node (document_of (f), 2)->name, ==, "renamed/dense");
  undo_all (f);
}

static void
test_enter (Fixture      *f,
            gconstpointer data)
{
  int64_t scope;

  if (!gui_can_drive ())
    return;
  group_two (f);
  scope = the_group (f);
  assert_crumbs (f, "places · 5 nodes");
  key ("Return"); /* the scope is selected since it was made */
  g_assert_cmpint (place_of (f), ==, scope);
  assert_crumbs (f, "places › block · 2 nodes");
  /* Inside: the two nodes by their last names, what comes in and goes out at the border. */
  g_assert_cmpstr (gw_scene_get_node (scene_of (f), 2)->name, ==, "dense");
  g_assert_nonnull (wire_between (f, GW_STUB_IN | 1, 2));
  g_assert_nonnull (wire_between (f, 3, GW_STUB_OUT | 4));
  g_assert_null (gw_scene_get_node (scene_of (f), 5));
  click_item (f, 3, NULL);
  key ("F2");
  gui_do ("key ctrl+a");
  gui_do ("type ramp");
  key ("Return");
  g_assert_cmpstr (gw_document_node (document_of (f), 3)->name, ==, "block/ramp");
  gtk_widget_grab_focus (f->page->canvas);
  key ("Escape"); /* the selection */
  g_assert_cmpint (place_of (f), ==, scope);
  key ("Escape");
  g_assert_cmpint (place_of (f), ==, 0);
  assert_crumbs (f, "places · 5 nodes");
  undo_all (f);
}

/* Taking the group back while it is shown leads out of it. */
static void
test_undo_inside (Fixture      *f,
                  gconstpointer data)
{
  if (!gui_can_drive ())
    return;
  group_two (f);
  key ("Return");
  g_assert_cmpint (place_of (f), !=, 0);
  undo_all (f);
  g_assert_cmpint (place_of (f), ==, 0);
  g_assert_nonnull (gw_scene_get_node (scene_of (f), 5));
}

static void
test_break_apart (Fixture      *f,
                  gconstpointer data)
{
  if (!gui_can_drive ())
    return;
  group_two (f);
  key ("ctrl+shift+g");
  g_assert_cmpstr (gw_document_node (document_of (f), 2)->name, ==, "dense");
  g_assert_true (gw_document_equal (document_of (f), f->before));
  undo_all (f);
}

/* What is made inside lives inside; a wire to the box's port rewires the node in it. */
static void
test_edit_inside (Fixture      *f,
                  gconstpointer data)
{
  GwCanvasModel *model = GW_CANVAS_MODEL (f->page->adapter);
  GwCanvasModelInterface *iface = GW_CANVAS_MODEL_GET_IFACE (model);
  int64_t scope, added;

  if (!gui_can_drive ())
    return;
  group_two (f);
  scope = the_group (f);
  key ("Return");
  added = gw_canvas_adapter_add_op (f->page->adapter, "Tanh", 400, 200, 0, NULL);
  g_assert_cmpint (gw_document_owner (document_of (f), added), ==, scope);
  g_assert_cmpstr (gw_document_node (document_of (f), added)->name, ==, "block/Tanh");
  gw_canvas_adapter_leave (f->page->adapter);
  gui_wait (100);
  g_assert_null (iface->can_connect (model, 5, 0, (guint64) scope, 0));
  iface->connect (model, 5, 0, (guint64) scope, 0);
  gui_wait (100);
  g_assert_cmpint (gw_doc_node_input (gw_document_node (document_of (f), 2), "inputs", 0)->from, ==, 5);
  g_assert_nonnull (wire_between (f, 5, (guint64) scope));
  iface->disconnect (model, wire_between (f, (guint64) scope, 4)->id);
  g_assert_null (gw_doc_node_input (gw_document_node (document_of (f), 4), "logits", 0));
  undo_all (f);
}

/* A composite that ships: its ops, laid out, to look at. */
static void
test_composite (Fixture      *f,
                gconstpointer data)
{
  GwCanvasModel *model = GW_CANVAS_MODEL (f->page->adapter);
  GwCanvasModelInterface *iface = GW_CANVAS_MODEL_GET_IFACE (model);
  const GPtrArray *nodes;

  if (!gui_can_drive ())
    return;
  click_item (f, 2, NULL);
  key ("Return");
  g_assert_cmpint (place_of (f), ==, 2);
  assert_crumbs (f, "places › dense · read only");
  nodes = gw_scene_nodes (scene_of (f));
  g_assert_cmpint (nodes->len, >, 4);
  for (guint i = 0; i < nodes->len; i++)
    {
      const GwSceneNode *node = g_ptr_array_index (nodes, i);

      g_assert_cmpuint (node->id, >=, GW_INSIDE_NODE);
      for (guint k = 0; k < i; k++)
        g_assert_false (((GwSceneNode *) g_ptr_array_index (nodes, k))->x == node->x &&
                        ((GwSceneNode *) g_ptr_array_index (nodes, k))->y == node->y);
    }
  key ("ctrl+a");
  key ("Delete");
  g_assert_true (gw_document_equal (document_of (f), f->before));
  for (guint i = 0; i < gw_scene_wires (scene_of (f))->len; i++)
    {
      guint64 wire = ((GwSceneWire *) g_ptr_array_index (gw_scene_wires (scene_of (f)), i))->id;

      iface->add_reroute (model, wire, 50, 50);
      iface->insert_on_wire (model, 4, wire);
      iface->disconnect (model, wire);
    }
  g_assert_true (gw_document_equal (document_of (f), f->before));
  gtk_widget_grab_focus (f->page->canvas);
  key ("Escape");
  key ("Escape");
  g_assert_cmpint (place_of (f), ==, 0);
}

static GtkWindow *
dialog_of (Fixture *f)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *l = windows; l != NULL; l = l->next)
    if (GW_IS_COMPOSITE_DIALOG (l->data) && gtk_widget_get_visible (l->data))
      return l->data;
  return NULL;
}

/* Of the two nodes in the middle, by the dialog. */
static int64_t
make_ramp (Fixture *f)
{
  int64_t group;

  click_item (f, 2, NULL);
  click_item (f, 3, "shift");
  key ("ctrl+shift+j");
  gui_wait (400);
  g_assert_nonnull (dialog_of (f));
  key ("ctrl+a");
  gui_do ("type Ramp");
  gui_wait (200);
  key ("Return");
  gui_wait (500);
  g_assert_null (dialog_of (f));
  group = gw_document_find_group (document_of (f), "Ramp");
  g_assert_cmpint (group, !=, 0);
  return group;
}

/* Two nodes become an op of the user's own: made by the dialog, entered, changed, left, and
 * broken apart again. */
static void
test_own_composite (Fixture      *f,
                    gconstpointer data)
{
  int64_t use, group;

  if (!gui_can_drive ())
    return;
  group = make_ramp (f);
  g_assert_cmpint (gw_document_owner (document_of (f), 2), ==, group);
  use = gw_document_find (document_of (f), "ramp");
  g_assert_cmpint (use, !=, 0);
  g_assert_nonnull (wire_between (f, 1, (guint64) use));
  g_assert_nonnull (wire_between (f, (guint64) use, 4));
  g_assert_cmpstr (gw_scene_get_node (scene_of (f), (guint64) use)->outputs[0].shape, ==, "?×3");
  gtk_widget_grab_focus (f->page->canvas);
  key ("Return"); /* the box is selected since it was made */
  g_assert_cmpint (place_of (f), ==, group);
  g_assert_nonnull (gw_scene_get_node (scene_of (f), 2));
  gw_doc_model_set_attr (gw_window_get_model (f->window), 2, "units", "7", NULL);
  gui_wait (300);
  gtk_widget_grab_focus (f->page->canvas);
  key ("Escape");
  key ("Escape");
  g_assert_cmpint (place_of (f), ==, 0);
  g_assert_cmpstr (gw_scene_get_node (scene_of (f), (guint64) use)->outputs[0].shape, ==, "?×7");
  click_item (f, use, NULL);
  key ("ctrl+shift+g");
  g_assert_cmpstr (gw_document_node (document_of (f), use)->op, ==, "Relu");
  g_assert_cmpint (gw_document_find (document_of (f), "ramp/dense"), !=, 0);
  g_assert_nonnull (wire_between (f, (guint64) use, 4));
  undo_all (f);
}

/* The first widget below, or the widget itself, that shows this text; NULL. */
static GtkWidget *
find_text (GtkWidget  *widget,
           const char *text)
{
  GtkWidget *found = NULL;

  if (GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget) && g_str_equal (gtk_label_get_text (GTK_LABEL (widget)), text))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = find_text (child, text);
  return found;
}

static void
click_text (GtkWidget  *below,
            const char *text,
            int         button)
{
  GtkWidget *label = find_text (below, text);

  if (label == NULL)
    g_error ("“%s” is not shown", text);
  gui_move_to (label, gtk_widget_get_width (label) / 2.0 - 2, gtk_widget_get_height (label) / 2.0);
  gui_move_to (label, gtk_widget_get_width (label) / 2.0, gtk_widget_get_height (label) / 2.0);
  gui_do ("click %d", button);
  gui_wait (400);
}

/* A composite that is kept in the palette is taken off by its menu, comes back by Undo, goes by
 * Delete, and stays in the document all the while. */
static void
test_palette (Fixture      *f,
              gconstpointer data)
{
  GtkWidget *window = GTK_WIDGET (f->window);

  if (!gui_can_drive ())
    return;
  make_ramp (f); /* the dialog keeps it unless told not to */
  g_assert_cmpint (gw_composite_store_version ("Ramp"), ==, 1);
  gw_op_list_set_search (GW_OP_LIST (f->page->palette), "Ramp");
  gui_wait (300);
  click_text (f->page->palette, "Ramp", 3);
  g_assert_nonnull (find_text (f->page->palette, "Remove from the Palette"));
  key ("Down");
  key ("Return");
  g_assert_cmpint (gw_composite_store_version ("Ramp"), ==, 0);
  g_assert_nonnull (find_text (window, "“Ramp” is off the palette; this document keeps its own"));
  click_text (window, "Undo", 1);
  g_assert_cmpint (gw_composite_store_version ("Ramp"), ==, 1);
  gw_op_list_grab_search (GW_OP_LIST (f->page->palette));
  key ("Tab");
  key ("Delete");
  g_assert_cmpint (gw_composite_store_version ("Ramp"), ==, 0);
  g_assert_cmpint (gw_document_find_group (document_of (f), "Ramp"), !=, 0);
  gw_op_list_set_search (GW_OP_LIST (f->page->palette), "");
  undo_all (f);
}

/* A box that cannot be: entered, it shows the op inside that breaks the rule, and why. */
static void
test_error_inside (Fixture      *f,
                   gconstpointer data)
{
  GwDocModel *model = gw_window_get_model (f->window);
  const GwSceneNode *wrong = NULL;
  int64_t picture, box;

  if (!gui_can_drive ())
    return;
  picture = gw_canvas_adapter_add_op (f->page->adapter, "Placeholder", 240, 340, 0, NULL);
  box = gw_canvas_adapter_add_op (f->page->adapter, "Conv2DLayer", 480, 200, 0, NULL);
  gw_doc_model_set_attr (model, picture, "shape", "?,5,5,1", NULL);
  gw_doc_model_set_attr (model, box, "kernel_size", "9", NULL);
  GW_CANVAS_MODEL_GET_IFACE (f->page->adapter)->connect (GW_CANVAS_MODEL (f->page->adapter), (guint64) picture, 0, (guint64) box, 0);
  gui_wait (400);
  g_assert_nonnull (gw_scene_get_node (scene_of (f), (guint64) box)->problem);
  click_item (f, box, NULL);
  key ("Return");
  g_assert_cmpint (place_of (f), ==, box);
  for (guint i = 0; i < gw_scene_nodes (scene_of (f))->len; i++)
    {
      const GwSceneNode *node = g_ptr_array_index (gw_scene_nodes (scene_of (f)), i);

      g_assert_true (node->problem == NULL || wrong == NULL);
      wrong = node->problem != NULL ? node : wrong;
    }
  g_assert_nonnull (wrong);
  g_assert_cmpstr (wrong->op, ==, "Conv2D");
  g_assert_cmpint (wrong->n_inputs, ==, 2);
  g_assert_nonnull (strstr (wrong->problem->text, "larger than the input"));
  key ("Escape");
  key ("Escape");
  undo_all (f);
}

/* A layer that ships comes apart into its ops. */
static void
test_break_layer (Fixture      *f,
                  gconstpointer data)
{
  if (!gui_can_drive ())
    return;
  click_item (f, 2, NULL);
  key ("ctrl+shift+g");
  g_assert_cmpstr (gw_document_node (document_of (f), 2)->op, ==, "BiasAdd");
  g_assert_cmpint (gw_document_find (document_of (f), "dense/kernel"), !=, 0);
  g_assert_nonnull (wire_between (f, 2, 3));
  undo_all (f);
}

/* The sub-graphs of an If: each a canvas, which goes with the node. */
static void
test_sub_graph (Fixture      *f,
                gconstpointer data)
{
  g_autoptr (GArray) called = NULL;
  int64_t branch, other, node;
  int n;

  if (!gui_can_drive ())
    return;
  node = gw_canvas_adapter_add_op (f->page->adapter, "If", 480, 200, 0, NULL);
  called = gw_canvas_adapter_called (f->page->adapter, node);
  g_assert_cmpint (called->len, ==, 2);
  branch = g_array_index (called, int64_t, 0);
  other = g_array_index (called, int64_t, 1);
  gui_wait (200);
  click_item (f, node, NULL);
  key ("Return");
  g_assert_cmpint (place_of (f), ==, branch);
  n = (int) gw_scene_nodes (scene_of (f))->len;
  g_assert_null (gw_scene_get_node (scene_of (f), 1));
  gw_canvas_adapter_add_op (f->page->adapter, "Tanh", 0, 300, 0, NULL);
  g_assert_cmpint (gw_scene_nodes (scene_of (f))->len, ==, n + 1);
  gtk_widget_activate_action (f->page->canvas, "win.enter-body", "(xx)", (gint64) node, (gint64) other);
  g_assert_cmpint (place_of (f), ==, other);
  gtk_widget_grab_focus (f->page->canvas);
  key ("Escape");
  g_assert_cmpint (place_of (f), ==, 0);
  click_text (f->page->inspector, "Open", 1); /* beside the first branch's name */
  g_assert_cmpint (place_of (f), ==, branch);
  key ("Escape");
  g_assert_cmpint (place_of (f), ==, 0);
  key ("Delete"); /* the node whose sub-graph was left is selected */
  g_assert_null (gw_document_item (document_of (f), node));
  g_assert_null (gw_document_item (document_of (f), branch));
  g_assert_null (gw_document_item (document_of (f), other));
  undo_all (f);
}

/* ---- many ---- */

#define N_SCOPES 100
#define N_EACH 100

/* Scopes with a chain of nodes in each, one chain through all. */
static GwDocument *
many_scopes (void)
{
  GString *text = g_string_new ("{\"graphwright\": 1, \"nodes\": [{\"id\": 1, \"name\": \"x\", \"op\": \"Placeholder\","
                                "\"at\": [0, 0], \"attrs\": {\"shape\": [null, 4]}}");
  g_autoptr (GError) error = NULL;
  GwDocument *document;

  for (int i = 0; i < N_SCOPES * N_EACH; i++)
    g_string_append_printf (text, ",{\"id\": %d, \"owner\": %d, \"name\": \"s%d/n%d\", \"op\": \"Tanh\", \"at\": [%d, %d],"
                            "\"inputs\": {\"x\": {\"from\": %d}}}", i + 2, 20001 + i / N_EACH, i / N_EACH, i,
                            200 * (i % N_EACH), 0, i + 1);
  g_string_append (text, "], \"groups\": [");
  for (int i = 0; i < N_SCOPES; i++)
    g_string_append_printf (text, "%s{\"id\": %d, \"kind\": \"scope\", \"name\": \"s%d\", \"at\": [%d, 0]}", i > 0 ? "," : "",
                            20001 + i, i, 200 * (i + 1));
  g_string_append (text, "]}");
  document = gw_document_from_json (text->str, text->len, &error);
  g_assert_no_error (error);
  g_string_free (text, TRUE);
  return document;
}

static void
on_changed (GwCanvasModel *model,
            const guint64 *ids,
            gulong         n,
            gpointer       data)
{
  *(guint *) data += (guint) n;
}

/* An edit in one of many scopes touches its box and its neighbours' wires, no more. */
static void
test_many (void)
{
  g_autoptr (GwDocModel) model = gw_doc_model_new ();
  g_autoptr (GwRun) run = gw_run_new ();
  g_autoptr (GwCanvasAdapter) adapter = gw_canvas_adapter_new (model, run);
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();
  guint changed = 0;

  gw_doc_model_set_document (model, many_scopes (), NULL, "many");
  gw_doc_model_settle (model);
  g_test_message ("opened in %.1f ms", (double) (g_get_monotonic_time () - start) / 1000);
  g_assert_cmpint (gw_scene_nodes (adapter->scene)->len, ==, N_SCOPES + 1);
  g_assert_cmpint (gw_scene_wires (adapter->scene)->len, ==, N_SCOPES);
  g_signal_connect (adapter, "changed", G_CALLBACK (on_changed), &changed);
  start = g_get_monotonic_time ();
  g_assert_true (gw_doc_model_set_attr (model, 50 * N_EACH + 1, "name", "s49/last", &error));
  gw_doc_model_settle (model);
  g_test_message ("an edit in %.2f ms", (double) (g_get_monotonic_time () - start) / 1000);
  g_assert_cmpstr (gw_scene_get_node (adapter->scene, 20001 + 49)->outputs[0].name, ==, "last");
  g_assert_cmpint (changed, >, 0);
  g_assert_cmpint (changed, <=, 8);
  start = g_get_monotonic_time ();
  gw_canvas_adapter_set_place (adapter, 20001 + 49);
  g_test_message ("entered in %.2f ms", (double) (g_get_monotonic_time () - start) / 1000);
  g_assert_cmpint (gw_scene_nodes (adapter->scene)->len, ==, N_EACH + 2);
  gw_run_close (run);
}

/* Nothing of the test's goes where a person's documents are. */
static void
be_private (void)
{
  static const char *const names[] = { "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME" };
  g_autofree char *folder = g_dir_make_tmp ("gw-places-XXXXXX", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_setenv (names[i], folder, TRUE);
}

/* An op that the search finds for a wire from a control port runs after, or before, the node. */
static void
test_control_search (Fixture      *f,
                     gconstpointer data)
{
  int n;
  const int64_t node = gw_document_ids (document_of (f), GW_ITEM_NODE, &n)[0];

  for (int is_output = 0; is_output < 2; is_output++)
    {
      GwCanvasPort port = { (guint64) node, GW_SCENE_CONTROL_PORT, is_output };
      int64_t id = gw_canvas_adapter_add_op (f->page->adapter, "Neg", 0, 600, 0, &port);
      const GwDocNode *after = gw_document_node (document_of (f), is_output ? id : node);

      g_assert_cmpuint (gw_document_node (document_of (f), id)->inputs->len, ==, 0);
      g_assert_cmpuint (after->controls->len, >, 0);
      g_assert_cmpint (g_array_index (after->controls, int64_t, after->controls->len - 1), ==, is_output ? node : id);
      gui_wait (50);
      gw_doc_model_undo (gw_window_get_model (f->window));
    }
  g_assert_true (gw_document_equal (document_of (f), f->before));
}

/* Both ends of every wire are on the canvas, also while nothing is inferred yet. */
static void
check_wires (Fixture *f,
             guint    n)
{
  const GPtrArray *wires = gw_scene_wires (scene_of (f));

  g_assert_cmpuint (wires->len, ==, n);
  for (guint i = 0; i < wires->len; i++)
    {
      const GwSceneWire *wire = g_ptr_array_index (wires, i);

      g_assert_nonnull (gw_scene_get_node (scene_of (f), wire->from));
      g_assert_nonnull (gw_scene_get_node (scene_of (f), wire->to));
    }
}

/* One step right after another, with no turn of the main loop between them. */
static void
test_wires_at_once (Fixture      *f,
                    gconstpointer data)
{
  static const guint64 ids[] = { 2, 3 };
  GwDocModel *model = gw_window_get_model (f->window);
  int64_t scope;

  gw_canvas_set_selection (GW_CANVAS (f->page->canvas), ids, G_N_ELEMENTS (ids));
  scope = gw_canvas_adapter_group (f->page->adapter);
  g_assert_nonnull (gw_scene_get_node (scene_of (f), (guint64) scope));
  gui_wait (200);
  gw_canvas_set_selection (GW_CANVAS (f->page->canvas), &(guint64) { (guint64) scope }, 1);
  g_assert_true (gw_canvas_adapter_ungroup (f->page->adapter, NULL));
  for (int turn = 0; turn < 3; turn++)
    {
      g_assert_null (gw_scene_get_node (scene_of (f), (guint64) scope));
      check_wires (f, 4);
      g_assert_true (gw_doc_model_undo (model));
      g_assert_nonnull (gw_scene_get_node (scene_of (f), (guint64) scope));
      check_wires (f, 3);
      g_assert_true (gw_doc_model_redo (model));
    }
}

int
main (int    argc,
      char **argv)
{
  int status;

  be_private ();
  gui_start (&argc, &argv);
  application = gw_application_new ();
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, NULL));
  g_test_add ("/places/group", Fixture, NULL, set_up, test_group, tear_down);
  g_test_add ("/places/control-search", Fixture, NULL, set_up, test_control_search, tear_down);
  g_test_add ("/places/wires-at-once", Fixture, NULL, set_up, test_wires_at_once, tear_down);
  g_test_add ("/places/variable-scope", Fixture, NULL, set_up, test_variable_scope, tear_down);
  g_test_add ("/places/enter", Fixture, NULL, set_up, test_enter, tear_down);
  g_test_add ("/places/undo-inside", Fixture, NULL, set_up, test_undo_inside, tear_down);
  g_test_add ("/places/break-apart", Fixture, NULL, set_up, test_break_apart, tear_down);
  g_test_add ("/places/edit-inside", Fixture, NULL, set_up, test_edit_inside, tear_down);
  g_test_add_func ("/places/many", test_many);
  g_test_add ("/places/sub-graph", Fixture, NULL, set_up, test_sub_graph, tear_down);
  g_test_add ("/places/composite", Fixture, NULL, set_up, test_composite, tear_down);
  g_test_add ("/places/own-composite", Fixture, NULL, set_up, test_own_composite, tear_down);
  g_test_add ("/places/error-inside", Fixture, NULL, set_up, test_error_inside, tear_down);
  g_test_add ("/places/palette", Fixture, NULL, set_up, test_palette, tear_down);
  g_test_add ("/places/break-layer", Fixture, NULL, set_up, test_break_layer, tear_down);
  status = g_test_run ();
  g_object_unref (application);
  return status;
}
