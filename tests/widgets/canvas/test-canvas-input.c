/* SPDX-License-Identifier: Apache-2.0 */

/* Drives the canvas with real pointer and key events (xdotool) and reads what
 * the model was asked for.  Needs an X display of its own: run it under
 * xvfb-run and dbus-run-session. */

#include <adwaita.h>
#include <math.h>
#include <string.h>

#include "tests/widgets/canvas/fake-model.h"
#include "tests/widgets/canvas/fashion.h"
#include "tests/widgets/canvas/xdotool.h"
#include "widgets/canvas/canvas.h"
#include "widgets/paint/canvas/layout.h"
#include "widgets/paint/canvas/paint.h"

#define TITLE "canvas under test"

typedef struct
{
  GtkWidget *window;
  GwCanvas *canvas;
  FakeModel *model;
  GwCanvasText *text;
} Fixture;

static void
click (double x,
       double y)
{
  tool ("mousemove %.0f %.0f click 1", x, y);
  tool_spin (450);                   /* so that the next click is no double-click */
}

static void
port_place (Fixture  *fixture,
            guint64   node,
            gboolean  is_output,
            int       port,
            double   *x,
            double   *y)
{
  GwSceneNode *item = gw_scene_get_node (fake_model_scene (fixture->model), node);
  GwCanvasMetrics metrics;

  gw_canvas_measure_node (fixture->text, item, &metrics);
  gw_canvas_port_position (item, &metrics, is_output, port, x, y);
  gw_canvas_to_widget (fixture->canvas, *x + item->x, *y + item->y, x, y);
}

/* The lines since the last look, but what was selected on the way. */
static char *
take_log (Fixture *fixture)
{
  char *log = g_strdup (fake_model_log (fixture->model));

  fake_model_clear (fixture->model);
  return log;
}

static void
expect (Fixture    *fixture,
        const char *lines)
{
  g_autofree char *log = take_log (fixture);

  g_assert_cmpstr (log, ==, lines);
}

static void
expect_end (Fixture    *fixture,
            const char *lines)
{
  g_autofree char *log = take_log (fixture);

  if (!g_str_has_suffix (log, lines))
    g_test_message ("log was: %s", log);
  g_assert_true (g_str_has_suffix (log, lines));
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, "gtk-font-name",
                "Cantarell 11", NULL);
  fixture->text = gw_canvas_text_new (NULL);
  fixture->model = fake_model_new (fashion_scene_new (FALSE));
  fixture->canvas = GW_CANVAS (gw_canvas_new ());
  fixture->window = gtk_window_new ();
  gtk_window_set_title (GTK_WINDOW (fixture->window), TITLE);
  gtk_window_set_decorated (GTK_WINDOW (fixture->window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 1200, 860);
  gw_canvas_set_model (fixture->canvas, GW_CANVAS_MODEL (fixture->model));
  gtk_window_set_child (GTK_WINDOW (fixture->window), GTK_WIDGET (fixture->canvas));
  gtk_window_present (GTK_WINDOW (fixture->window));
  tool_spin (400);
  gw_canvas_set_zoom (fixture->canvas, 1);
  gw_canvas_scroll_to (fixture->canvas, 0, 0);
  tool ("search --sync --onlyvisible --name '^" TITLE "$' windowmove 0 0 windowfocus");
  gtk_widget_grab_focus (GTK_WIDGET (fixture->canvas));
  tool ("mousemove 1100 300");
  fake_model_clear (fixture->model);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  GwCanvas *canvas = g_object_ref (fixture->canvas);

  gtk_window_destroy (GTK_WINDOW (fixture->window));
  tool_spin (100);
  g_assert_finalize_object (canvas);
  g_assert_finalize_object (fixture->model);
  gw_canvas_text_free (fixture->text);
}

/* ---- tests ---- */

static void
test_select (Fixture       *fixture,
             gconstpointer  data)
{
  click (270, 120);
  expect (fixture, "selection 2\n");
  g_assert_cmpuint (gw_canvas_get_focus_item (fixture->canvas), ==, FASHION_HIDDEN1);
  tool ("keydown shift mousemove 450 125 click 1 keyup shift");
  tool_spin (450);
  expect (fixture, "selection 2 3\n");
  tool ("keydown ctrl mousemove 270 120 click 1 keyup ctrl");
  tool_spin (450);
  expect (fixture, "selection 3\n");
  click (1000, 250);
  expect (fixture, "selection \n");
  tool ("key ctrl+a");
  expect_end (fixture, " 17 18 19\n");
  tool ("key Escape");
  expect (fixture, "selection \n");
  tool ("key Escape");
  expect (fixture, "leave\n");
}

static void
test_box (Fixture       *fixture,
          gconstpointer  data)
{
  /* away from the edge, where the canvas would pan */
  gw_canvas_scroll_to (fixture->canvas, -40, -20);
  /* to the right: what is enclosed; to the left: what is touched */
  tool_drag (1, 52, 50, 460, 180, "");
  expect_end (fixture, "selection 1 2\n");
  tool_drag (1, 460, 180, 52, 50, "");
  expect_end (fixture, "selection 1 2 3\n");
  tool_drag (1, 600, 180, 760, 50, "shift");
  expect_end (fixture, "selection 1 2 3 4\n");
}

static void
test_move (Fixture       *fixture,
           gconstpointer  data)
{
  GwSceneNode *node = gw_scene_get_node (fake_model_scene (fixture->model), FASHION_HIDDEN2);

  tool_drag (1, 640, 122, 680, 142, "");
  expect (fixture, "selection 4\nbegin Move a node\nmove 4 by 40 20\nend\n");
  g_assert_cmpfloat (node->x, ==, 616);
  g_assert_cmpfloat (node->y, ==, 68);
  tool_drag (1, 680, 142, 691, 155, "shift");
  expect (fixture, "begin Move a node\nmove 4 by 8 12\nend\n");
  tool ("key alt+Left shift+alt+Down");
  expect (fixture, "move 4 by -8 0\nmove 4 by 0 1\n");
  /* a locked node stays */
  node->flags |= GW_SCENE_NODE_LOCKED;
  tool_drag (1, 680, 155, 720, 195, "");
  expect (fixture, "");
}

static void
test_move_cancel (Fixture       *fixture,
                  gconstpointer  data)
{
  GwSceneNode *node = gw_scene_get_node (fake_model_scene (fixture->model), FASHION_HIDDEN2);

  tool ("mousemove 640 122 mousedown 1");
  tool ("mousemove 660 150");
  tool ("mousemove 700 190");
  g_assert_cmpfloat (node->x, !=, 576);
  tool ("key Escape");
  g_assert_cmpfloat (node->x, ==, 576);
  g_assert_cmpfloat (node->y, ==, 48);
  tool ("mouseup 1");
  expect (fixture, "selection 4\nbegin Move a node\ncancel\n");
}

/* Given up with a modifier held: what it began with is taken back as well. */
static void
test_modified_cancel (Fixture       *fixture,
                      gconstpointer  data)
{
  static const char *const modifiers[] = { "ctrl", "alt" };
  static const char *const begun[] = { "begin Copy by dragging\ncommand duplicate\ncancel\n",
                                       "begin Take out\ncommand take-out\ncancel\n" };
  GwSceneNode *node = gw_scene_get_node (fake_model_scene (fixture->model), FASHION_HIDDEN2);

  click (640, 122);
  fake_model_clear (fixture->model);
  for (int i = 0; i < 2; i++)
    {
      tool ("mousemove 640 122 keydown %s mousedown 1", modifiers[i]);
      tool ("mousemove 660 150");
      tool ("mousemove 700 190");
      tool ("keyup %s key Escape mouseup 1", modifiers[i]);
      g_assert_cmpfloat (node->x, ==, 576);
      g_assert_true (gw_canvas_get_focus_item (fixture->canvas) == 0);
      expect (fixture, begun[i]);
    }
}

static void
test_move_scope (Fixture       *fixture,
                 gconstpointer  data)
{
  tool_drag (1, 400, 550, 420, 560, "");
  expect (fixture, "selection 19\nbegin Move 4 nodes\nmove 14 15 16 19 by 20 10\nend\n");
}

static void
test_wire (Fixture       *fixture,
           gconstpointer  data)
{
  double x0, y0, x1, y1;

  port_place (fixture, FASHION_ACCURACY, TRUE, 0, &x0, &y0);
  port_place (fixture, FASHION_ADD, FALSE, 1, &x1, &y1);
  /* let go 20 px off the port: it snaps */
  tool_drag (1, x0, y0, x1 - 12, y1 + 16, "");
  expect (fixture, "begin Connect\nconnect 12:0 16:1\nend\n");
  g_assert_true (gw_scene_get_node (fake_model_scene (fixture->model), FASHION_ADD)
                     ->inputs[1].connected);
}

static void
test_wire_reverse (Fixture       *fixture,
                   gconstpointer  data)
{
  double x0, y0, x1, y1;

  port_place (fixture, FASHION_ACCURACY, TRUE, 0, &x0, &y0);
  port_place (fixture, FASHION_ADD, FALSE, 1, &x1, &y1);
  tool_drag (1, x1, y1, x0, y0, "");
  expect (fixture, "begin Connect\nconnect 12:0 16:1\nend\n");
}

static void
test_wire_refused (Fixture       *fixture,
                   gconstpointer  data)
{
  double x0, y0, x1, y1;

  port_place (fixture, FASHION_ACCURACY, TRUE, 0, &x0, &y0);
  port_place (fixture, FASHION_STEPS, FALSE, 1, &x1, &y1);
  tool_drag (1, x0, y0, x1 - 2, y1 + 4, "");
  expect (fixture, "");
}

static void
test_wire_loose (Fixture       *fixture,
                 gconstpointer  data)
{
  double x0, y0;

  port_place (fixture, FASHION_ACCURACY, TRUE, 0, &x0, &y0);
  tool_drag (1, x0, y0, 740, 620, "");
  expect (fixture, "search at 740 620 for output 12:0\n");
  port_place (fixture, FASHION_ADD, FALSE, 1, &x0, &y0);
  tool_drag (1, x0, y0, 640, 700, "");
  expect (fixture, "search at 640 700 for input 16:1\n");
}

static void
test_wire_taken_off (Fixture       *fixture,
                     gconstpointer  data)
{
  double x0, y0, x1, y1;

  port_place (fixture, FASHION_TRAIN, FALSE, 0, &x0, &y0);
  port_place (fixture, FASHION_ADD, FALSE, 1, &x1, &y1);
  tool_drag (1, x0, y0, x1, y1, "");
  expect (fixture, "begin Move wire\ndisconnect 115\nconnect 10:0 16:1\nend\n");
  port_place (fixture, FASHION_LOSS, FALSE, 0, &x0, &y0);
  tool_drag (1, x0, y0, 700, 620, "");
  expect (fixture, "disconnect 114\n");
}

static void
test_wire_items (Fixture       *fixture,
                 gconstpointer  data)
{
  GwCanvasLayout *layout = gw_canvas_layout_new (fake_model_scene (fixture->model), fixture->text);
  GwCanvasPoint middle = gw_canvas_path_middle (&gw_canvas_layout_get_wire (layout, 105)->path);

  gw_canvas_layout_free (layout);
  click (middle.x, middle.y + 3);
  expect (fixture, "selection 105\n");
  tool ("mousemove %.0f %.0f click --repeat 2 --delay 60 1", middle.x, middle.y + 3);
  expect (fixture, "reroute 105\n");
  tool ("key Delete");
  expect (fixture, "remove 105\nselection \n");
  /* scissors through the two wires of label */
  tool_drag (3, 200, 400, 214, 500, "ctrl");
  expect_end (fixture, "remove 109 110 113\n");
}

static void
test_insert (Fixture       *fixture,
             gconstpointer  data)
{
  /* Add onto the wire from keep_prob to the dot */
  tool_drag (1, 480, 594, 580, 190, "");
  expect (fixture, "selection 16\nbegin Move a node\nmove 16 by 100 -404\ninsert 16 on 105\nend\n");
}

static void
test_double_clicks (Fixture       *fixture,
                    gconstpointer  data)
{
  tool ("mousemove 1000 250 click --repeat 2 --delay 60 1");
  expect (fixture, "search at 1000 250 text ''\n");
  tool_spin (450);
  tool ("mousemove 270 122 click --repeat 2 --delay 60 1");
  expect (fixture, "selection 2\nactivate 2\n");
  tool ("key Return");
  expect (fixture, "activate 2\n");
}

static void
test_rename (Fixture       *fixture,
             gconstpointer  data)
{
  click (270, 122);
  tool ("key F2");
  tool_spin (300);
  tool ("type --delay 30 'a b'");
  tool ("key Return");
  expect (fixture, "selection 2\nrename 2 a b\n");
  /* refused: the entry is still there */
  tool ("key ctrl+a");
  tool ("type --delay 30 first");
  tool ("key Return");
  tool_spin (200);
  expect (fixture, "rename 2 first\n");
  g_assert_cmpstr (gw_scene_get_node (fake_model_scene (fixture->model), 2)->name, ==, "first");
}

static void
test_literal (Fixture       *fixture,
              gconstpointer  data)
{
  double x, y;

  port_place (fixture, FASHION_ADD, FALSE, 1, &x, &y);
  tool ("mousemove %.0f %.0f click --repeat 2 --delay 60 1", x + 32, y);
  tool_spin (300);
  tool ("type --delay 30 0.25");
  tool ("key Return");
  expect_end (fixture, "literal 16:1 0.25\n");
}

static void
test_keys (Fixture       *fixture,
           gconstpointer  data)
{
  tool ("key Tab");
  expect (fixture, "search at 1100 300 text ''\n");
  tool ("key q");
  expect (fixture, "search at 1100 300 text 'q'\n");
  tool ("key m");
  expect (fixture, "search at 1100 300 text 'm'\n");
  tool ("key shift+a");
  expect (fixture, "search at 1100 300 text ''\n");
  tool ("key space");
  expect (fixture, "search at 1100 300 text ''\n");
  click (270, 122);
  expect (fixture, "selection 2\n");
  tool ("key m key w key b");
  expect (fixture, "command mute\ncommand watch\ncommand breakpoint\n");
  tool ("key 3 key shift+4");
  expect (fixture, "command slot-3\ncommand set-slot-4\n");
  tool ("key Right");
  expect (fixture, "selection 3\n");
  tool ("key Left key Left");
  expect (fixture, "selection 2\nselection 1\n");
  tool ("key ctrl+Down");
  expect_end (fixture, "selection 1 2 3 4 5 7 9 10 11 12 13 15 16 18\n");
  click (270, 122);
  fake_model_clear (fixture->model);
  tool ("key ctrl+Delete");
  expect (fixture, "remove 2 reconnect\nselection \n");
}

static void
test_join (Fixture       *fixture,
           gconstpointer  data)
{
  guint64 ids[] = { FASHION_ADD, FASHION_ACCURACY };

  gw_canvas_set_selection (fixture->canvas, ids, 2);
  fake_model_clear (fixture->model);
  tool ("key j");
  /* Add lies farther left, but accuracy has no free input */
  expect (fixture, "connect 12:0 16:1\n");
}

/* L pulls a wire from the focused node, the arrows choose, Enter connects. */
static void
test_wire_keys (Fixture       *fixture,
                gconstpointer  data)
{
  click (270, 122);
  fake_model_clear (fixture->model);
  tool ("key l key Down key Escape");
  expect (fixture, "");
  tool ("key l key Down key Up key Return");
  expect_end (fixture, "end\n");
  click (270, 122);
  fake_model_clear (fixture->model);
  tool ("key l key Down key Return");
  expect_end (fixture, "end\n");
}

static void
test_similar (Fixture       *fixture,
              gconstpointer  data)
{
  guint64 id = FASHION_HIDDEN1;
  const char *op = gw_scene_get_node (fake_model_scene (fixture->model), id)->op;
  g_autoptr (GArray) ids = NULL;

  gw_canvas_set_selection (fixture->canvas, &id, 1);
  tool ("key shift+g");
  ids = gw_canvas_get_selection (fixture->canvas);
  g_assert_cmpuint (ids->len, >=, 2);
  for (guint i = 0; i < ids->len; i++)
    g_assert_cmpstr (gw_scene_get_node (fake_model_scene (fixture->model),
                                        g_array_index (ids, guint64, i))->op, ==, op);
  fake_model_clear (fixture->model);
  tool ("key ctrl+h");
  expect (fixture, "command hide-ports\n");
}

static void
test_cone_of_port (Fixture       *fixture,
                   gconstpointer  data)
{
  double x, y;

  port_place (fixture, FASHION_HIDDEN1, FALSE, 0, &x, &y);
  tool ("mousemove %.0f %.0f keydown alt click 1 keyup alt", x, y);
  g_assert_true (g_str_has_suffix (fake_model_log (fixture->model), "selection 1 2\n"));
}

static void
test_modified_drags (Fixture       *fixture,
                     gconstpointer  data)
{
  tool_drag (1, 270, 122, 1000, 300, "alt");
  expect (fixture, "selection 2\nbegin Take out\ncommand take-out\nmove 2 by 730 178\nend\n");
  tool_drag (1, 1000, 300, 1010, 380, "ctrl");
  expect (fixture, "begin Copy by dragging\ncommand duplicate\nmove 2 by 10 80\nend\n");
}

/* What assistive technology hears of the focused node. */
static void
test_accessible (Fixture       *fixture,
                 gconstpointer  data)
{
  GwSceneNode *node = gw_scene_get_node (fake_model_scene (fixture->model), FASHION_HIDDEN1);
  guint64 id = FASHION_HIDDEN1;
  g_autofree char *expected = NULL, *found = NULL;

  gw_scene_set_string (&node->outputs[0].shape, "?×500");
  gw_scene_set_string (&node->outputs[0].dtype, "float32");
  gw_canvas_model_changed (GW_CANVAS_MODEL (fixture->model), &id, 1);
  gw_canvas_set_focus_item (fixture->canvas, FASHION_HIDDEN1);
  g_assert_cmpuint (node->n_outputs, ==, 1);
  expected = g_strdup_printf ("%s, %s, %u %s, output float32 unknown by 500", node->op, node->name,
                              node->n_inputs, node->n_inputs == 1 ? "input" : "inputs");
  found = gtk_test_accessible_check_property (GTK_ACCESSIBLE (fixture->canvas),
                                              GTK_ACCESSIBLE_PROPERTY_LABEL, expected);
  g_assert_cmpstr (found, ==, NULL);
}

/* Squares keep the ends of wires; hidden wires come back whole. */
static void
test_wire_styles (Fixture       *fixture,
                  gconstpointer  data)
{
  GwCanvasLayout *layout = gw_canvas_layout_new (fake_model_scene (fixture->model), fixture->text);
  GwCanvasPath round = gw_canvas_layout_get_wire (layout, 105)->path, square;

  gw_canvas_layout_set_square_wires (layout, TRUE);
  square = gw_canvas_layout_get_wire (layout, 105)->path;
  g_assert_true (square.is_way && !round.is_way);
  g_assert_cmpfloat (square.x[0], ==, round.x[0]);
  g_assert_cmpfloat (square.y[5], ==, round.y[3]);
  for (int i = 1; i < 6; i++)
    g_assert_true (square.x[i] == square.x[i - 1] || square.y[i] == square.y[i - 1]);
  gw_canvas_layout_free (layout);
  gw_canvas_set_wire_style (fixture->canvas, GW_CANVAS_WIRES_SQUARE);
  tool_spin (100);
  gw_canvas_set_wire_style (fixture->canvas, GW_CANVAS_WIRES_HIDDEN);
  tool_spin (100);
  g_assert_cmpint (gw_canvas_get_wire_style (fixture->canvas), ==, GW_CANVAS_WIRES_HIDDEN);
}

static void
count_call (GwCanvas *canvas,
            int      *n)
{
  ++*n;
}

static void
test_pick (Fixture       *fixture,
           gconstpointer  data)
{
  int n = 0;

  g_signal_connect (fixture->canvas, "view-changed", G_CALLBACK (count_call), &n);
  g_assert_cmpuint (gw_canvas_pick (fixture->canvas, 270, 122), ==, FASHION_HIDDEN1);
  g_assert_cmpuint (gw_canvas_pick (fixture->canvas, 1100, 300), ==, 0);
  gw_canvas_scroll_to (fixture->canvas, 100, 0);
  g_assert_cmpint (n, ==, 1);
  g_assert_cmpuint (gw_canvas_pick (fixture->canvas, 170, 122), ==, FASHION_HIDDEN1);
  g_signal_handlers_disconnect_by_data (fixture->canvas, &n);
}

static void
test_view (Fixture       *fixture,
           gconstpointer  data)
{
  double x0, y0, x1, y1;

  tool ("mousemove 500 400");
  gw_canvas_to_canvas (fixture->canvas, 500, 400, &x0, &y0);
  tool ("click 4");
  g_assert_cmpfloat (gw_canvas_get_zoom (fixture->canvas), >, 1.1);
  gw_canvas_to_canvas (fixture->canvas, 500, 400, &x1, &y1);
  g_assert_cmpfloat_with_epsilon (x0, x1, 0.01);
  g_assert_cmpfloat_with_epsilon (y0, y1, 0.01);
  tool ("key ctrl+1");
  g_assert_cmpfloat (gw_canvas_get_zoom (fixture->canvas), ==, 1);
  gw_canvas_scroll_to (fixture->canvas, 0, 0);
  tool_drag (2, 600, 400, 560, 370, "");
  gw_canvas_to_canvas (fixture->canvas, 0, 0, &x0, &y0);
  g_assert_cmpfloat_with_epsilon (x0, 40, 0.01);
  g_assert_cmpfloat_with_epsilon (y0, 30, 0.01);
  tool_drag (1, 560, 370, 600, 400, "space");
  gw_canvas_to_canvas (fixture->canvas, 0, 0, &x0, &y0);
  g_assert_cmpfloat_with_epsilon (x0, 0, 0.01);
  tool ("key shift+Right");
  gw_canvas_to_canvas (fixture->canvas, 0, 0, &x0, &y0);
  g_assert_cmpfloat_with_epsilon (x0, 64, 0.01);
  expect (fixture, "");
  tool ("key Home");
  gw_canvas_to_widget (fixture->canvas, 24, 48, &x0, &y0);
  g_assert_cmpfloat (x0, >=, 0);
  gw_canvas_to_widget (fixture->canvas, 904, 730, &x1, &y1);
  g_assert_cmpfloat (x1, <=, 1200);
  g_assert_cmpfloat (y1, <=, 860);
}

static void
test_minimap (Fixture       *fixture,
              gconstpointer  data)
{
  double x0, y0, x1, y1;

  gw_canvas_to_canvas (fixture->canvas, 0, 0, &x0, &y0);
  click (1200 - 16 - 20, 860 - 16 - 40);
  gw_canvas_to_canvas (fixture->canvas, 0, 0, &x1, &y1);
  g_assert_cmpfloat (x1, >, x0 + 50);
  expect (fixture, "");
  tool ("key alt+m");
  g_assert_false (gw_canvas_get_show_minimap (fixture->canvas));
  tool ("key alt+m");
  /* its minus */
  click (1200 - 16 - 156 + 14, 860 - 16 - 12);
  g_assert_cmpfloat (gw_canvas_get_zoom (fixture->canvas), <, 0.9);
}

static void
test_problem (Fixture       *fixture,
              gconstpointer  data)
{
  /* The only problem tells itself: its box is centred under the node. */
  GwSceneNode *node = gw_scene_get_node (fake_model_scene (fixture->model), FASHION_MATMUL);
  GwCanvasMetrics metrics;
  GwCanvasProblemBox box;
  double x, y;

  gw_canvas_measure_node (fixture->text, node, &metrics);
  g_assert_true (gw_canvas_problem_measure (fixture->text, node, &box));
  x = node->x + metrics.width / 2 - box.width / 2;
  y = node->y + metrics.height + 12;
  click (x + box.fixes[1].x + 20, y + box.fixes[1].y + 8);
  expect (fixture, "fix 15:1\n");
  click (x + 20, y + 8);
  expect (fixture, "");
  gw_canvas_problem_clear (&box);
}

static void
test_menu (Fixture       *fixture,
           gconstpointer  data)
{
  tool ("mousemove 640 122 click 3");
  expect (fixture, "selection 4\nmenu 4\n");
  tool ("mousemove 1000 250 click 3");
  expect (fixture, "selection \nmenu 0\n");
}

/* An op dragged from another window, onto the ground and onto a wire. */
static void
test_drop (Fixture       *fixture,
           gconstpointer  data)
{
  GtkWidget *palette = gtk_window_new (), *label = gtk_label_new ("MatMul");
  GtkDragSource *source = gtk_drag_source_new ();
  GdkContentProvider *content = gdk_content_provider_new_typed (G_TYPE_STRING, "op:MatMul");

  gtk_drag_source_set_content (source, content);
  g_object_unref (content);
  gtk_widget_add_controller (label, GTK_EVENT_CONTROLLER (source));
  gtk_window_set_title (GTK_WINDOW (palette), "palette under test");
  gtk_window_set_decorated (GTK_WINDOW (palette), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (palette), 200, 60);
  gtk_window_set_child (GTK_WINDOW (palette), label);
  gtk_window_present (GTK_WINDOW (palette));
  tool_spin (300);
  tool ("search --sync --onlyvisible --name '^palette under test$' windowmove 1220 10");
  tool_drag (1, 1320, 40, 1000, 250, "");
  tool_spin (200);
  expect (fixture, "drop MatMul at 1000 250 on 0\n");
  tool_drag (1, 1320, 40, 600, 228, "");
  tool_spin (200);
  expect (fixture, "drop MatMul at 600 228 on 105\n");
  gtk_window_destroy (GTK_WINDOW (palette));
}

static void
test_auto_pan (Fixture       *fixture,
               gconstpointer  data)
{
  double x, y;

  tool ("mousemove 640 122 mousedown 1");
  tool ("mousemove 900 300");
  tool ("mousemove 1195 400");
  tool_spin (400);
  tool ("mouseup 1");
  gw_canvas_to_canvas (fixture->canvas, 0, 0, &x, &y);
  g_assert_cmpfloat (x, >, 60);
  /* the node came along under the pointer */
  gw_canvas_to_canvas (fixture->canvas, 1195, 400, &x, &y);
  g_assert_cmpfloat_with_epsilon (
      gw_scene_get_node (fake_model_scene (fixture->model), FASHION_HIDDEN2)->x, x - 64, 16);
}

/* The model changes under the canvas in every way while it is shown. */
static void
test_changes (Fixture       *fixture,
              gconstpointer  data)
{
  GwScene *scene = fake_model_scene (fixture->model);
  GwCanvasModel *model = GW_CANVAS_MODEL (fixture->model);
  guint64 ids[] = { FASHION_HIDDEN1, FASHION_FIRST_WIRE, FASHION_PROBE };
  g_autoptr (GArray) selection = NULL;

  gw_canvas_set_selection (fixture->canvas, ids, 3);
  gw_canvas_set_focus_item (fixture->canvas, FASHION_HIDDEN1);
  tool_spin (50);
  gw_scene_set_string (&gw_scene_node_ensure_live (gw_scene_get_node (scene, FASHION_LOSS))->value,
                       "0.5");
  gw_canvas_model_live_changed (model, &(guint64) { FASHION_LOSS }, 1);
  tool_spin (50);
  for (int i = 0; i < 3; i++)
    gw_scene_remove (scene, ids[i]);
  gw_canvas_model_changed (model, ids, 3);
  tool_spin (50);
  selection = gw_canvas_get_selection (fixture->canvas);
  g_assert_cmpuint (selection->len, ==, 0);
  g_assert_cmpuint (gw_canvas_get_focus_item (fixture->canvas), ==, 0);
  gw_canvas_select_all (fixture->canvas);
  gw_scene_clear (scene);
  gw_canvas_model_reset (model);
  tool_spin (50);
  gw_canvas_zoom_to_fit (fixture->canvas);
  tool ("key Right key Delete");
  gw_canvas_set_model (fixture->canvas, NULL);
  tool ("key Delete key Tab key ctrl+0");
  click (300, 300);
  gw_canvas_set_model (fixture->canvas, model);
  tool_spin (50);
}

/* However far the view goes, the pictures that are kept stay bounded. */
static void
test_pictures (Fixture       *fixture,
               gconstpointer  data)
{
  static const double zooms[] = { 2, 1, 0.6, 1.5, 0.3 };
  g_autoptr (FakeModel) model = fake_model_new (large_scene_new (3000));
  gsize most = 0;

  gw_canvas_set_model (fixture->canvas, GW_CANVAS_MODEL (model));
  for (guint i = 0; i < 100; i++)
    {
      gw_canvas_set_zoom (fixture->canvas, zooms[i / 20]);
      gw_canvas_scroll_to (fixture->canvas, i % 20 * 500, i % 20 * 250);
      tool_spin (60);
      most = MAX (most, gw_canvas_get_picture_bytes (fixture->canvas));
    }
  g_assert_cmpuint (most, >, 8 * 1024 * 1024);
  g_assert_cmpuint (most, <=, 64 * 1024 * 1024);
  gw_canvas_set_model (fixture->canvas, GW_CANVAS_MODEL (fixture->model));
}

#define ADD(path, func) g_test_add ("/canvas/input/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int    argc,
      char **argv)
{
  g_autofree char *xdotool = g_find_program_in_path ("xdotool");

  if (xdotool == NULL || g_getenv ("DISPLAY") == NULL)
    return 77;
  g_test_init (&argc, &argv, NULL);
  gtk_init ();
  adw_init ();
  ADD ("select", test_select);
  ADD ("box", test_box);
  ADD ("move", test_move);
  ADD ("move-cancel", test_move_cancel);
  ADD ("modified-cancel", test_modified_cancel);
  ADD ("move-scope", test_move_scope);
  ADD ("wire", test_wire);
  ADD ("wire-reverse", test_wire_reverse);
  ADD ("wire-refused", test_wire_refused);
  ADD ("wire-loose", test_wire_loose);
  ADD ("wire-taken-off", test_wire_taken_off);
  ADD ("wire-items", test_wire_items);
  ADD ("insert", test_insert);
  ADD ("double-clicks", test_double_clicks);
  ADD ("rename", test_rename);
  ADD ("literal", test_literal);
  ADD ("keys", test_keys);
  ADD ("join", test_join);
  ADD ("wire-keys", test_wire_keys);
  ADD ("similar", test_similar);
  ADD ("cone-of-port", test_cone_of_port);
  ADD ("modified-drags", test_modified_drags);
  ADD ("accessible", test_accessible);
  ADD ("wire-styles", test_wire_styles);
  ADD ("pick", test_pick);
  ADD ("view", test_view);
  ADD ("minimap", test_minimap);
  ADD ("problem", test_problem);
  ADD ("menu", test_menu);
  ADD ("drop", test_drop);
  ADD ("auto-pan", test_auto_pan);
  ADD ("changes", test_changes);
  ADD ("pictures", test_pictures);
  return g_test_run ();
}
