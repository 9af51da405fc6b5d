/* SPDX-License-Identifier: Apache-2.0 */
/* Errors in a box that is made of ops, in the window, by real keys and clicks: the message names
 * the box that was drawn, the way there leads to it, and inside what fails is marked. */
#include <stdlib.h>
#include <string.h>

#include "app/ui/application.h"
#include "app/ui/canvas-adapter-private.h"
#include "app/ui/editor-private.h"
#include "app/ui/window-private.h"
#include "tests/widgets/charts/gui-driver.h"

#define BOX 9

static GwApplication *application;

typedef struct {
  GwWindow     *window;
  GwEditorPage *page;
} Fixture;

/* A document whose only problem is its box number BOX. */
typedef struct {
  const char *path, *name;
  const char *box;          /* its op, attributes and inputs; ' for " */
  const char *said;         /* part of the message */
  const char *leaf, *op;    /* what is marked inside */
} Case;

static const Case cases[] = {
  { "/errors/dense", "brain", "'op': 'Dense', 'inputs': {'inputs': {'from': 4}}",
    "inputs must have at least 2 dimensions", "brain", "Dense" },
  { "/errors/dense-values", "brain",
    "'op': 'Dense', 'attrs': {'units': 2, 'kernel_initializer': '[[1, 2], [3, 4]]'}, 'inputs': {'inputs': {'from': 1}}",
    "has the shape [2,2], wanted is [4,2]", "brain", "Dense" },
  { "/errors/lstm", "memory", "'op': 'LSTM', 'inputs': {'inputs': {'from': 1}}",
    "inputs must be [batch, time, features]", "memory", "LSTM" },
  { "/errors/lstm-state", "memory", "'op': 'LSTM', 'inputs': {'inputs': {'from': 5}, 'initial_state': {'from': 1}}",
    "initial_state must be [1,?,64]", "memory", "LSTM" },
  { "/errors/loss", "cost", "'op': 'Loss', 'inputs': {'predictions': {'from': 1}, 'labels': {'from': 3}}",
    "must have the same shape, but are [?,4] and [?,3]", "cost", "Loss" },
  { "/errors/loss-squared", "cost",
    "'op': 'Loss', 'attrs': {'kind': 'mean_squared_error'}, 'inputs': {'predictions': {'from': 1}, 'labels': {'from': 3}}",
    "must have the same shape, but are [?,4] and [?,3]", "cost", "Loss" },
  { "/errors/loss-op", "cost", "'op': 'Loss', 'inputs': {'predictions': {'from': 6}, 'labels': {'from': 7}}",
    "must have the same first dimension", "SparseSoftmaxCrossEntropyWithLogits", "SparseSoftmaxCrossEntropyWithLogits" },
  { "/errors/own", "block", "'op': 'Block', 'inputs': {'x': {'from': 4}}",
    "block/dense: inputs must have at least 2 dimensions", "dense", "Dense" },
  /* The second copy alone is wrong. */
  { "/errors/own-repeat", "block", "'op': 'Narrow', 'attrs': {'repeat': 3}, 'inputs': {'x': {'from': 1}}",
    "the inner sizes 2 and 4 differ", "product", "MatMul" },
};

static const char head[] =
  "{'graphwright': 2, 'groups': [{'id': 70, 'kind': 'composite', 'name': 'Block'},"
  " {'id': 80, 'kind': 'composite', 'name': 'Narrow'}], 'nodes': ["
  "{'id': 1, 'name': 'x', 'op': 'Placeholder', 'at': [0, 0], 'attrs': {'shape': [null, 4]}},"
  "{'id': 3, 'name': 'y', 'op': 'Placeholder', 'at': [0, 200], 'attrs': {'shape': [null, 3]}},"
  "{'id': 4, 'name': 'scalar', 'op': 'Placeholder', 'at': [0, 400], 'attrs': {'shape': []}},"
  "{'id': 5, 'name': 'steps', 'op': 'Placeholder', 'at': [0, 600], 'attrs': {'shape': [null, 7, 4]}},"
  "{'id': 6, 'name': 'logits', 'op': 'Placeholder', 'at': [0, 800], 'attrs': {'shape': [7, 4]}},"
  "{'id': 7, 'name': 'classes', 'op': 'Placeholder', 'at': [0, 1000], 'attrs': {'shape': [5], 'dtype': 'int32'}},"
  "{'id': 20, 'owner': 70, 'name': 'Block/x', 'op': '_Arg', 'at': [0, 0], 'attrs': {'index': 0, 'shape': [null, 4]}},"
  "{'id': 21, 'owner': 70, 'name': 'Block/dense', 'op': 'Dense', 'at': [200, 0], 'inputs': {'inputs': {'from': 20}}},"
  "{'id': 22, 'owner': 70, 'name': 'Block/act', 'op': 'Relu', 'at': [400, 0], 'inputs': {'features': {'from': 21}}},"
  "{'id': 23, 'owner': 70, 'name': 'Block/out', 'op': '_Retval', 'at': [600, 0], 'attrs': {'index': 0},"
  " 'inputs': {'input': {'from': 22}}},"
  "{'id': 30, 'owner': 80, 'name': 'Narrow/x', 'op': '_Arg', 'at': [0, 0], 'attrs': {'index': 0}},"
  "{'id': 31, 'owner': 80, 'name': 'Narrow/product', 'op': 'MatMul', 'at': [200, 0],"
  " 'inputs': {'a': {'from': 30}, 'b': {'literal': '[[1, 2], [3, 4], [5, 6], [7, 8]]'}}},"
  "{'id': 32, 'owner': 80, 'name': 'Narrow/out', 'op': '_Retval', 'at': [400, 0], 'attrs': {'index': 0},"
  " 'inputs': {'input': {'from': 31}}},";

/* A document whose box number BOX fails while it runs; what is marked inside, and inside of that. */
typedef struct {
  const char *path, *name, *box;
  const char *said;
  const char *leaves[3], *ops[3];
} RunCase;

static const RunCase runs[] = {
  { "/errors/running/embedding", "words", "'op': 'Embedding', 'attrs': {'input_dim': 1}, 'inputs': {'inputs': {'from': 2}}",
    "is not in [0, 1)", { "GatherV2" }, { "GatherV2" } },
  { "/errors/running/assert", "guard", "'op': 'Guarded', 'inputs': {'x': {'from': 3}}",
    "assertion failed: [\"a < b & c\"]", { "check" }, { "Assert" } },
  { "/errors/running/repeat", "guard", "'op': 'Guarded', 'attrs': {'repeat': 3}, 'inputs': {'x': {'from': 3}}",
    "assertion failed: [\"a < b & c\"]", { "check" }, { "Assert" } },
  { "/errors/running/nested", "outer", "'op': 'Outer', 'inputs': {'ids': {'from': 2}}",
    "is not in [0, 1)", { "look", "words", "GatherV2" }, { "Look", "Embedding", "GatherV2" } },
};

static const char run_head[] =
  "{'graphwright': 2, 'groups': [{'id': 70, 'kind': 'composite', 'name': 'Guarded'},"
  " {'id': 80, 'kind': 'composite', 'name': 'Look'}, {'id': 90, 'kind': 'composite', 'name': 'Outer'}],"
  "'data': {'source': 'xor', 'source_attrs': {'n': 400}, 'test_fraction': 0.25, 'batch_size': 50,"
  " 'columns': [{'name': 'x', 'from': ['x']}, {'name': 'y', 'from': ['y']}]},"
  "'training': {'targets': [6], 'loss': 5, 'attrs': {'epochs': 5, 'seed': 1}}, 'nodes': ["
  "{'id': 1, 'name': 'y', 'op': 'Placeholder', 'at': [0, 0], 'attrs': {'shape': [null, 1], '_column': 'y'}},"
  "{'id': 2, 'name': 'number', 'op': 'Cast', 'at': [200, 0], 'attrs': {'DstT': 'int32'}, 'inputs': {'x': {'from': 1}}},"
  "{'id': 3, 'name': 'weight', 'op': 'Dense', 'at': [200, 200], 'attrs': {'units': 1}, 'inputs': {'inputs': {'from': 1}}},"
  "{'id': 4, 'name': 'squares', 'op': 'Square', 'at': [2600, 1200], 'inputs': {'x': {'from': 9}}},"
  "{'id': 8, 'name': 'flat', 'op': 'Reshape', 'at': [2800, 1200], 'inputs': {'tensor': {'from': 4}, 'shape': {'literal': '[-1]'}}},"
  "{'id': 5, 'name': 'loss', 'op': 'Mean', 'at': [3000, 1200], 'inputs': {'input': {'from': 8}, 'axis': {'literal': '[0]'}}},"
  "{'id': 6, 'name': 'train', 'op': 'Minimize', 'at': [3200, 1200], 'inputs': {'loss': {'from': 5}}},"
  "{'id': 20, 'owner': 70, 'name': 'Guarded/x', 'op': '_Arg', 'at': [0, 0], 'attrs': {'index': 0}},"
  "{'id': 21, 'owner': 70, 'name': 'Guarded/total', 'op': 'L2Loss', 'at': [200, 0], 'inputs': {'t': {'from': 20}}},"
  "{'id': 22, 'owner': 70, 'name': 'Guarded/small', 'op': 'Less', 'at': [400, 0],"
  " 'inputs': {'x': {'from': 21}, 'y': {'literal': '-1'}}},"
  "{'id': 23, 'owner': 70, 'name': 'Guarded/check', 'op': 'Assert', 'at': [600, 0],"
  " 'attrs': {'T': ['string']}, 'inputs': {'condition': {'from': 22}, 'data': {'literal': 'a < b & c'}}},"
  "{'id': 24, 'owner': 70, 'name': 'Guarded/same', 'op': 'Identity', 'at': [800, 0], 'inputs': {'input': {'from': 20}}, 'after': [23]},"
  "{'id': 25, 'owner': 70, 'name': 'Guarded/out', 'op': '_Retval', 'at': [1000, 0], 'attrs': {'index': 0},"
  " 'inputs': {'input': {'from': 24}}},"
  "{'id': 30, 'owner': 80, 'name': 'Look/ids', 'op': '_Arg', 'at': [0, 0], 'attrs': {'index': 0, 'T': 'int32'}},"
  "{'id': 31, 'owner': 80, 'name': 'Look/words', 'op': 'Embedding', 'at': [200, 0], 'attrs': {'input_dim': 1},"
  " 'inputs': {'inputs': {'from': 30}}},"
  "{'id': 32, 'owner': 80, 'name': 'Look/out', 'op': '_Retval', 'at': [400, 0], 'attrs': {'index': 0}, 'inputs': {'input': {'from': 31}}},"
  "{'id': 40, 'owner': 90, 'name': 'Outer/ids', 'op': '_Arg', 'at': [0, 0], 'attrs': {'index': 0, 'T': 'int32'}},"
  "{'id': 41, 'owner': 90, 'name': 'Outer/look', 'op': 'Look', 'at': [200, 0], 'inputs': {'ids': {'from': 40}}},"
  "{'id': 42, 'owner': 90, 'name': 'Outer/out', 'op': '_Retval', 'at': [400, 0], 'attrs': {'index': 0}, 'inputs': {'input': {'from': 41}}},";

static int
patience (void)
{
  const char *text = g_getenv ("GW_TEST_PATIENCE");

  return text != NULL ? MAX (atoi (text), 1) : 1;
}

/* Waits until the condition holds or 20 s are over, more of a slow build. */
#define WAIT_FOR(condition)                                                \
  for (int tries_ = 400 * patience (); tries_ > 0 && !(condition); tries_--) \
    gui_wait (50);                                                         \
  g_assert_true (condition)

static void
show_document (Fixture    *f,
               const char *quoted)
{
  g_autofree char *text = g_strdelimit (g_strdup (quoted), "'", '"');
  g_autoptr (GError) error = NULL;
  GwDocument *parsed = gw_document_from_json (text, strlen (text), &error);

  g_assert_no_error (error);
  gw_doc_model_set_document (gw_window_get_model (f->window), parsed, NULL, "errors");
  gui_wait (700);
}

static void
set_up (Fixture      *f,
        gconstpointer data)
{
  f->window = gw_window_new (GTK_APPLICATION (application));
  f->page = GW_EDITOR_PAGE (f->window->editor);
  gtk_window_set_default_size (GTK_WINDOW (f->window), 1280, 780);
  gtk_window_present (GTK_WINDOW (f->window));
  gui_wait (500);
}

static void
tear_down (Fixture      *f,
           gconstpointer data)
{
  GwRun *run = gw_window_get_run (f->window);

  gw_run_close (run);
  WAIT_FOR (gw_run_get_document (run) == NULL);
  gtk_window_destroy (GTK_WINDOW (f->window));
  gui_wait (100);
}

static gboolean
can_drive (void)
{
  if (!gui_can_drive ())
    g_test_skip ("xdotool is missing");
  return gui_can_drive ();
}

static void
key (const char *name)
{
  gui_do ("key %s", name);
  gui_wait (200);
}

static void
click (GtkWidget *widget)
{
  double x = gtk_widget_get_width (widget) / 2.0, y = gtk_widget_get_height (widget) / 2.0;

  gui_move_to (widget, x - 2, y);
  gui_move_to (widget, x, y);
  gui_do ("click 1");
  gui_wait (300);
}

/* The first widget below, or the widget itself, that is shown and fits. */
static GtkWidget *
find (GtkWidget *widget,
      gboolean (*fits) (GtkWidget *, const char *),
      const char *text)
{
  GtkWidget *found = NULL;

  if (gtk_widget_get_mapped (widget) && fits (widget, text))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = find (child, fits, text);
  return found;
}

static gboolean
says (GtkWidget  *widget,
      const char *text)
{
  return GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL;
}

static gboolean
explains (GtkWidget  *widget,
          const char *text)
{
  return g_strcmp0 (gtk_widget_get_tooltip_text (widget), text) == 0;
}

static gboolean
is_row (GtkWidget  *widget,
        const char *text)
{
  return GTK_IS_LIST_BOX_ROW (widget) && find (widget, says, text) != NULL;
}

static int64_t
place_of (Fixture *f)
{
  return gw_canvas_adapter_get_place (f->page->adapter);
}

/* The box alone is selected, and stands wholly in the view. */
static void
assert_shown (Fixture *f)
{
  GwCanvas *canvas = GW_CANVAS (f->page->canvas);
  g_autoptr (GArray) selection = gw_canvas_get_selection (canvas);
  GwCanvasRect box;
  double left, top, right, bottom;

  g_assert_cmpuint (selection->len, ==, 1);
  g_assert_cmpuint (g_array_index (selection, guint64, 0), ==, BOX);
  g_assert_true (gw_canvas_get_node_box (canvas, BOX, &box));
  gw_canvas_to_widget (canvas, box.x, box.y, &left, &top);
  gw_canvas_to_widget (canvas, box.x + box.width, box.y + box.height, &right, &bottom);
  g_assert_cmpfloat (left, >=, 0);
  g_assert_cmpfloat (top, >=, 0);
  g_assert_cmpfloat (right, <=, gtk_widget_get_width (f->page->canvas));
  g_assert_cmpfloat (bottom, <=, gtk_widget_get_height (f->page->canvas));
}

/* Nothing is selected, and the box is far out of sight. */
static void
look_away (Fixture *f)
{
  GwCanvas *canvas = GW_CANVAS (f->page->canvas);
  double x, y;

  gw_canvas_set_selection (canvas, NULL, 0);
  gw_canvas_set_zoom (canvas, 1);
  gw_canvas_scroll_to (canvas, -4000, -3000);
  gui_wait (150);
  gw_canvas_to_widget (canvas, 2400, 1200, &x, &y);
  g_assert_cmpfloat (x, >, gtk_widget_get_width (f->page->canvas));
}

/* By a click on its header and Enter. */
static void
enter (Fixture *f,
       int64_t  id)
{
  const GwSceneNode *node = gw_scene_get_node (f->page->adapter->scene, (guint64) id);
  const int64_t before = place_of (f);
  double x, y;

  g_assert_nonnull (node);
  gw_canvas_to_widget (GW_CANVAS (f->page->canvas), node->x + 40, node->y + 10, &x, &y);
  gui_move_to (f->page->canvas, x - 2, y);
  gui_move_to (f->page->canvas, x, y);
  gui_do ("click 1");
  gui_wait (150);
  key ("Return");
  g_assert_cmpint (place_of (f), !=, before);
}

/* One thing on the canvas is marked, and with these words. */
static int64_t
assert_marked (Fixture    *f,
               const char *leaf,
               const char *op,
               const char *words)
{
  const GPtrArray *nodes = gw_scene_nodes (f->page->adapter->scene);
  const GwSceneNode *marked = NULL;

  for (guint i = 0; i < nodes->len; i++)
    {
      const GwSceneNode *node = g_ptr_array_index (nodes, i);

      if (node->problem == NULL)
        continue;
      g_assert_null (marked);
      marked = node;
    }
  g_assert_nonnull (marked);
  g_test_message ("%s %s: %s", marked->name, marked->op, marked->problem->text);
  g_assert_cmpstr (marked->name, ==, leaf);
  g_assert_cmpstr (marked->op, ==, op);
  g_assert_nonnull (strstr (marked->problem->text, words));
  return (int64_t) marked->id;
}

static void
leave (Fixture *f)
{
  for (int i = 0; i < 6 && place_of (f) != 0; i++)
    key ("Escape");
  g_assert_cmpint (place_of (f), ==, 0);
}

/* Before anything runs: said at the box and in the list of problems, whose line leads to the box. */
static void
test_drawn (Fixture      *f,
            gconstpointer data)
{
  const Case *c = data;
  g_autofree char *text = g_strdup_printf ("%s{'id': %d, 'name': '%s', 'at': [2400, 1200], %s}]}", head, BOX, c->name, c->box);
  const GPtrArray *problems;
  const GwProblem *problem;
  GtkWidget *row;

  if (!can_drive ())
    return;
  show_document (f, text);
  problems = gw_live_problems (gw_doc_model_settle (gw_window_get_model (f->window)));
  g_assert_cmpuint (problems->len, ==, 1);
  problem = g_ptr_array_index (problems, 0);
  g_test_message ("%s: %s (%s)", problem->node_name, problem->message, problem->inner);
  g_assert_cmpstr (problem->node_name, ==, c->name);
  g_assert_nonnull (strstr (problem->message, c->said));
  g_assert_cmpstr (gw_scene_get_node (f->page->adapter->scene, BOX)->problem->text, ==, problem->message);
  look_away (f);
  click (find (f->page->problems, explains, "Show all problems"));
  row = find (f->page->problems, is_row, c->name);
  g_assert_nonnull (row);
  g_assert_nonnull (find (row, says, c->said));
  click (find (row, says, c->name));
  assert_shown (f);
  enter (f, BOX);
  assert_marked (f, c->leaf, c->op, c->said);
  leave (f);
}

/* Down through what is marked, and out again by Escape alone. */
static void
follow (Fixture       *f,
        const RunCase *c)
{
  int64_t id = BOX;

  for (guint i = 0; i < G_N_ELEMENTS (c->leaves) && c->leaves[i] != NULL; i++)
    {
      enter (f, id);
      id = assert_marked (f, c->leaves[i], c->ops[i], c->said);
    }
  leave (f);
}

/* While it runs: Train says it over the page, Evaluate in passing; both with the name of the box. */
static void
test_running (Fixture      *f,
              gconstpointer data)
{
  const RunCase *c = data;
  GwRun *run = gw_window_get_run (f->window);
  GtkWidget *window = GTK_WIDGET (f->window);
  g_autofree char *text = g_strdup_printf ("%s{'id': %d, 'name': '%s', 'at': [2400, 1200], %s}]}", run_head, BOX, c->name, c->box);
  g_autofree char *named = g_strdup_printf ("%s: ", c->name);

  if (!can_drive ())
    return;
  show_document (f, text);
  g_assert_cmpuint (gw_live_problems (gw_doc_model_settle (gw_window_get_model (f->window)))->len, ==, 0);
  look_away (f);
  gtk_widget_grab_focus (f->page->canvas);
  key ("F5");
  WAIT_FOR (gw_run_get_state (run) == GW_RUN_FAILED);
  WAIT_FOR (find (f->window->banner, says, c->said) != NULL);
  g_assert_true (g_str_has_prefix (gtk_label_get_text (GTK_LABEL (find (f->window->banner, says, c->said))), named));
  gui_wait (300);
  click (find (f->window->banner, says, "Show the node"));
  assert_shown (f);
  follow (f, c);
  key ("ctrl+F5");
  WAIT_FOR (gw_run_get_refusal (run) != NULL);
  WAIT_FOR (find (f->window->toasts, says, named) != NULL);
  g_assert_nonnull (find (find (window, says, named), says, c->said));
  follow (f, c);
}

/* What cannot train says so with the name of the box, and goes there. */
static void
test_train (Fixture      *f,
            gconstpointer data)
{
  if (!can_drive ())
    return;
  show_document (f,
                 "{'graphwright': 1, 'training': {'targets': [6], 'loss': 5}, 'nodes': ["
                 "{'id': 1, 'name': 'scalar', 'op': 'Placeholder', 'at': [0, 0], 'attrs': {'shape': []}},"
                 "{'id': 9, 'name': 'brain', 'op': 'Dense', 'at': [2400, 1200], 'inputs': {'inputs': {'from': 1}}},"
                 "{'id': 5, 'name': 'loss', 'op': 'L2Loss', 'at': [2600, 1200], 'inputs': {'t': {'from': 9}}},"
                 "{'id': 6, 'name': 'train', 'op': 'Minimize', 'at': [2800, 1200], 'inputs': {'loss': {'from': 5}}}]}");
  look_away (f);
  gtk_widget_grab_focus (f->page->canvas);
  key ("F5");
  g_assert_nonnull (find (f->window->toasts, says, "brain: inputs must have at least 2 dimensions"));
  g_assert_cmpint (gw_run_get_state (gw_window_get_run (f->window)), ==, GW_RUN_IDLE);
  assert_shown (f);
}

/* Nothing of the test's goes where a person's documents are. */
static void
be_private (void)
{
  static const char *const names[] = { "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME" };
  g_autofree char *folder = g_dir_make_tmp ("gw-errors-XXXXXX", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_setenv (names[i], folder, TRUE);
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
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add (cases[i].path, Fixture, &cases[i], set_up, test_drawn, tear_down);
  for (guint i = 0; i < G_N_ELEMENTS (runs); i++)
    g_test_add (runs[i].path, Fixture, &runs[i], set_up, test_running, tear_down);
  g_test_add ("/errors/train", Fixture, NULL, set_up, test_train, tear_down);
  status = g_test_run ();
  g_object_unref (application);
  return status;
}
