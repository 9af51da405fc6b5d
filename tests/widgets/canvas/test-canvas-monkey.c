/* SPDX-License-Identifier: Apache-2.0 */

/* Random gestures and keys by real events on the canvas of a real document,
 * seeded: nothing may crash, undo must lead back to the very document that was
 * opened, redo to the one that the gestures left.
 *
 *   test-canvas-monkey DOCUMENT [GESTURES [SEED]]
 *
 * Needs a display of its own and xdotool, as test-canvas-input does. */

#include <adwaita.h>
#include <stdlib.h>
#include <string.h>

#include "app/model/arrange.h"
#include "app/ui/canvas-adapter.h"
#include "tests/widgets/canvas/xdotool.h"
#include "widgets/canvas/canvas.h"

#define TITLE "canvas and monkey"
#define WIDTH 1200
#define HEIGHT 860
#define BATCH 10                /* gestures between two looks at the scene */
#define LONGEST 400             /* ms that one batch may take to come through */

typedef struct
{
  GRand *random;
  GwDocModel *model;
  GwRun *run;
  GwCanvasAdapter *adapter;
  GtkWidget *window;
  GwCanvas *canvas;
  guint n_edits;                /* documents that differed from the one before */
} Monkey;

static int
below (Monkey *monkey,
       int     n)
{
  return g_rand_int_range (monkey->random, 0, n);
}

static const char *
one_of (Monkey             *monkey,
        const char *const  *words)
{
  return words[below (monkey, (int) g_strv_length ((char **) words))];
}

/* Mostly on a node that is in sight, near its left edge, its right edge (where
 * ports are) or within; else anywhere. */
static void
random_place (Monkey *monkey,
              double *x,
              double *y)
{
  const GPtrArray *nodes
      = gw_scene_nodes (gw_canvas_model_get_scene (GW_CANVAS_MODEL (monkey->adapter)));

  if (nodes->len > 0 && below (monkey, 4) > 0)
    {
      const GwSceneNode *node = g_ptr_array_index (nodes, below (monkey, (int) nodes->len));
      static const double across[] = { 0, 0, 60, 128, 128 };

      gw_canvas_to_widget (monkey->canvas,
                           node->x + across[below (monkey, G_N_ELEMENTS (across))],
                           node->y + below (monkey, 2) * 46 + below (monkey, 3) * 20 * below (monkey, 2)
                               + 10 * below (monkey, 2),
                           x, y);
    }
  else
    {
      *x = below (monkey, WIDTH);
      *y = below (monkey, HEIGHT);
    }
  *x = CLAMP (*x, 2, WIDTH - 3);
  *y = CLAMP (*y, 2, HEIGHT - 3);
}

static void
add_click (Monkey  *monkey,
           GString *line)
{
  double x, y;

  random_place (monkey, &x, &y);
  g_string_append_printf (line, " mousemove %.0f %.0f click %s %d", x, y,
                          below (monkey, 5) == 0 ? "--repeat 2 --delay 10" : "",
                          below (monkey, 8) == 0 ? 3 : 1);
}

static void
add_drag (Monkey  *monkey,
          GString *line)
{
  static const char *const modifiers[] = { "", "", "", "", "shift", "ctrl", "alt", NULL };
  const char *modifier = one_of (monkey, modifiers);
  int button = below (monkey, 8) == 0 ? 2 : 1;
  double x0, y0, x1, y1;

  if (strcmp (modifier, "ctrl") == 0 && below (monkey, 2) == 0)
    button = 3;
  random_place (monkey, &x0, &y0);
  random_place (monkey, &x1, &y1);
  g_string_append_printf (line, " mousemove %.0f %.0f", x0, y0);
  if (modifier[0] != '\0')
    g_string_append_printf (line, " keydown %s", modifier);
  g_string_append_printf (line, " mousedown %d mousemove %.0f %.0f mousemove %.0f %.0f", button,
                          (2 * x0 + x1) / 3, (2 * y0 + y1) / 3, x1, y1);
  if (below (monkey, 12) == 0)
    g_string_append (line, " key --delay 0 Escape");
  g_string_append_printf (line, " mouseup %d", button);
  if (modifier[0] != '\0')
    g_string_append_printf (line, " keyup %s", modifier);
}

static void
add_wheel (Monkey  *monkey,
           GString *line)
{
  g_string_append_printf (line, " mousemove %d %d click %d", below (monkey, WIDTH),
                          below (monkey, HEIGHT), 4 + below (monkey, 2));
}

static void
add_key (Monkey  *monkey,
         GString *line)
{
  static const char *const keys[] = {
    "Left", "Right", "Up", "Down", "alt+Left", "alt+Down", "shift+alt+Up", "shift+Right",
    "ctrl+Up", "ctrl+Down", "ctrl+a", "Delete", "ctrl+Delete", "Escape", "Escape", "Return", "F2",
    "Tab", "space", "j", "l", "l", "m", "p", "h", "e", "w", "b", "shift+g", "ctrl+h", "alt+m", "f",
    "ctrl+0", "Home", "ctrl+1", "ctrl+plus", "ctrl+minus", "1", "shift+2", "x", "7", NULL
  };

  g_string_append_printf (line, " key --delay 0 %s", one_of (monkey, keys));
}

/* What a search would have given: some op, wired to the loose end. */
static void
on_search (GwCanvasAdapter    *adapter,
           double              x,
           double              y,
           const GwCanvasPort *port,
           const char         *text,
           Monkey             *monkey)
{
  static const char *const ops[] = { "MatMul", "AddV2", "Relu", "Placeholder", "Dense", "Reshape",
                                     "Softmax", "VariableV2", "Const", NULL };

  if (below (monkey, 3) == 0)
    gw_canvas_adapter_add_op (adapter, one_of (monkey, ops), x, y, 0, port);
}

static void
node_size (int64_t  id,
           double  *width,
           double  *height,
           gpointer data)
{
  *width = 128;
  *height = 96;
}

/* Copies the selection, as the page around the canvas would for a drag with Ctrl. */
static gboolean
on_command (GwCanvasAdapter *adapter,
            const char      *name,
            Monkey          *monkey)
{
  const GArray *selection = gw_canvas_adapter_get_selection (adapter);
  GwDocument *document = gw_doc_model_get_document (monkey->model);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (int64_t));
  g_autofree char *text = NULL;
  GwEdit *edit;

  for (guint i = 0; i < selection->len; i++)
    {
      int64_t id = (int64_t) g_array_index (selection, guint64, i);

      if (gw_document_item (document, id) != NULL)
        g_array_append_val (ids, id);
    }
  if (strcmp (name, "duplicate") != 0 || ids->len == 0 || ids->len > 40
      || gw_document_node (document, gw_canvas_adapter_get_place (monkey->adapter)) != NULL)
    return FALSE;
  text = gw_document_copy_items (document, (int64_t *) (gpointer) ids->data, (int) ids->len);
  g_array_set_size (ids, 0);
  edit = gw_document_paste_into (document, gw_canvas_adapter_get_place (monkey->adapter), text, 0, 0, TRUE, ids, NULL);
  g_assert_nonnull (edit);
  gw_doc_model_apply (monkey->model, edit, NULL);
  gw_canvas_set_selection (monkey->canvas, (guint64 *) (gpointer) ids->data, ids->len);
  return TRUE;
}

/* Scopes, sub-graphs and composites: made, entered, left, taken apart. */
static void
act_on_groups (Monkey *monkey)
{
  GwCanvasModel *model = GW_CANVAS_MODEL (monkey->adapter);
  const GPtrArray *nodes = gw_scene_nodes (gw_canvas_model_get_scene (model));
  const GArray *selection = gw_canvas_adapter_get_selection (monkey->adapter);

  switch (below (monkey, 6))
    {
    case 0:
      if (selection->len > 0 && selection->len < 30)
        gw_canvas_adapter_group (monkey->adapter);
      break;
    case 1:
      gw_canvas_adapter_ungroup (monkey->adapter, NULL);
      break;
    case 2:
    case 3:
      if (nodes->len > 0)
        gw_canvas_adapter_enter (monkey->adapter,
                                 (int64_t) ((GwSceneNode *) g_ptr_array_index (nodes, below (monkey, (int) nodes->len)))->id);
      break;
    case 4:
      if (nodes->len > 0)
        gw_canvas_adapter_add_op (monkey->adapter, below (monkey, 2) ? "If" : "While", 100 + below (monkey, 900),
                                  below (monkey, 700), 0, NULL);
      break;
    default:
      gw_canvas_adapter_leave (monkey->adapter);
    }
}

/* What has no key on the canvas alone. */
static void
act (Monkey *monkey)
{
  GwDocument *document = gw_doc_model_get_document (monkey->model);
  GwCanvasModelInterface *iface = GW_CANVAS_MODEL_GET_IFACE (monkey->adapter);
  static const char *const commands[] = { "bypass", "breakpoint-off", "fold", "hide-ports", NULL };
  static const char *const devices[] = { "/cpu:0", "/gpu:0", "", NULL };
  const GArray *selection = gw_canvas_adapter_get_selection (monkey->adapter);

  switch (below (monkey, 8))
    {
    case 5:
    case 6:
    case 7:
      act_on_groups (monkey);
      break;
    case 0:
      gw_doc_model_apply (monkey->model, gw_edit_arrange (document, NULL, 0, node_size, NULL), NULL);
      break;
    case 1:
      g_free (iface->paint_device (GW_CANVAS_MODEL (monkey->adapter), (guint64 *) (gpointer) selection->data,
                                   selection->len, one_of (monkey, devices)));
      break;
    case 2:
      gw_canvas_adapter_set_show_devices (monkey->adapter, below (monkey, 2) == 0);
      break;
    case 3:
      gw_canvas_set_wire_style (monkey->canvas, (GwCanvasWireStyle) below (monkey, 3));
      break;
    default:
      iface->command (GW_CANVAS_MODEL (monkey->adapter), one_of (monkey, commands));
    }
}

/* What an item is in the document, for a report. */
static const char *
owner_text (GwDocument *document,
            guint64     id)
{
  const GwItem *item = gw_document_item (document, (int64_t) id);

  if (item == NULL)
    return "not in the document";
  return item->owner == 0 ? "on the main canvas" : "in a group";
}

/* The document, and everything that is known of it, stays of one piece. */
static void
check_scene (Monkey *monkey)
{
  const GwScene *scene = gw_canvas_model_get_scene (GW_CANVAS_MODEL (monkey->adapter));
  const GPtrArray *wires = gw_scene_wires (scene);
  GwDocument *document = gw_doc_model_get_document (monkey->model);
  g_autoptr (GArray) here = gw_document_members (document, 0, GW_ITEM_NODE);
  g_autoptr (GArray) groups = gw_document_members (document, 0, GW_ITEM_GROUP);
  guint boxes = 0;

  for (guint i = 0; i < groups->len; i++)
    boxes += gw_document_group (document, g_array_index (groups, int64_t, i))->kind == GW_GROUP_SCOPE;
  if (gw_canvas_adapter_get_place (monkey->adapter) == 0)
    g_assert_cmpuint (here->len + boxes, ==, gw_scene_nodes (scene)->len);
  for (guint i = 0; i < wires->len; i++)
    {
      const GwSceneWire *wire = g_ptr_array_index (wires, i);
      const GwSceneNode *from = gw_scene_get_node (scene, wire->from);
      const GwSceneNode *to = gw_scene_get_node (scene, wire->to);

      if (from == NULL || to == NULL)
        g_error ("at place %" G_GINT64_FORMAT ": the wire %" G_GINT64_MODIFIER "x from %" G_GUINT64_FORMAT
                 " (%s) to %" G_GUINT64_FORMAT " (%s) has lost an end: %s", gw_canvas_adapter_get_place (monkey->adapter),
                 wire->id, wire->from, owner_text (document, wire->from), wire->to, owner_text (document, wire->to),
                 gw_doc_model_undo_label (monkey->model));
      g_assert_cmpint (wire->from_port, <, (int) from->n_outputs);
      g_assert_cmpint (wire->to_port, <, (int) to->n_inputs);
    }
}

static void
play (Monkey *monkey,
      int     n)
{
  g_autoptr (GString) line = g_string_new (NULL);

  for (int done = 0; done < n; done += BATCH)
    {
      g_autoptr (GwDocument) before = gw_document_copy (gw_doc_model_get_document (monkey->model));

      g_string_truncate (line, 0);
      for (int i = 0; i < MIN (BATCH, n - done); i++)
        {
          int kind = below (monkey, 20);

          if (kind < 4)
            add_click (monkey, line);
          else if (kind < 11)
            add_drag (monkey, line);
          else if (kind < 12)
            add_wheel (monkey, line);
          else
            add_key (monkey, line);
        }
      tool_run (line->str);
      tool_spin (10);
      /* a wheel or a fit may have led away from everything */
      if (below (monkey, 8) == 0)
        gw_canvas_zoom_to_fit (monkey->canvas);
      if (below (monkey, 5) == 0)
        act (monkey);
      if (below (monkey, 6) == 0)
        gw_doc_model_undo (monkey->model);
      if (below (monkey, 12) == 0)
        gw_doc_model_redo (monkey->model);
      monkey->n_edits += !gw_document_equal (before, gw_doc_model_get_document (monkey->model));
      check_scene (monkey);
    }
  tool_run ("mouseup 1 mouseup 2 mouseup 3 keyup ctrl keyup shift keyup alt key Escape key Escape");
  tool_spin (LONGEST);
}

static void
open_window (Monkey     *monkey,
             const char *path)
{
  g_autoptr (GError) error = NULL;
  GwDocument *document = gw_document_load (path, &error);

  g_assert_no_error (error);
  monkey->model = gw_doc_model_new ();
  monkey->run = gw_run_new ();
  gw_doc_model_set_document (monkey->model, document, NULL, "monkey");
  monkey->adapter = gw_canvas_adapter_new (monkey->model, monkey->run);
  g_signal_connect (monkey->adapter, "search-requested", G_CALLBACK (on_search), monkey);
  g_signal_connect (monkey->adapter, "command", G_CALLBACK (on_command), monkey);
  monkey->canvas = GW_CANVAS (gw_canvas_new ());
  gw_canvas_set_model (monkey->canvas, GW_CANVAS_MODEL (monkey->adapter));
  monkey->window = gtk_window_new ();
  gtk_window_set_title (GTK_WINDOW (monkey->window), TITLE);
  gtk_window_set_decorated (GTK_WINDOW (monkey->window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (monkey->window), WIDTH, HEIGHT);
  gtk_window_set_child (GTK_WINDOW (monkey->window), GTK_WIDGET (monkey->canvas));
  gtk_window_present (GTK_WINDOW (monkey->window));
  tool_spin (LONGEST);
  tool_run ("search --sync --onlyvisible --name '^" TITLE "$' windowmove 0 0 windowfocus");
  gtk_widget_grab_focus (GTK_WIDGET (monkey->canvas));
  gw_canvas_zoom_to_fit (monkey->canvas);
  tool_spin (LONGEST);
}

static void
close_window (Monkey *monkey)
{
  gtk_window_destroy (GTK_WINDOW (monkey->window));
  tool_spin (50);
  g_object_unref (monkey->adapter);
  g_object_unref (monkey->run);
  g_assert_finalize_object (monkey->model);
  g_rand_free (monkey->random);
}

int
main (int    argc,
      char **argv)
{
  g_autofree char *xdotool = g_find_program_in_path ("xdotool");
  g_autoptr (GwDocument) start = NULL;
  g_autoptr (GwDocument) end = NULL;
  Monkey monkey = { 0 };
  int n_undone = 0, n_redone = 0;

  if (xdotool == NULL || g_getenv ("DISPLAY") == NULL || argc < 2)
    return 77;
  gtk_init ();
  adw_init ();
  gw_init ();
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  monkey.random = g_rand_new_with_seed (argc > 3 ? (guint32) atoi (argv[3]) : 5);
  open_window (&monkey, argv[1]);
  start = gw_document_copy (gw_doc_model_get_document (monkey.model));
  play (&monkey, argc > 2 ? atoi (argv[2]) : 1000);
  end = gw_document_copy (gw_doc_model_get_document (monkey.model));
  while (gw_doc_model_undo (monkey.model))
    n_undone++;
  g_assert_true (gw_document_equal (start, gw_doc_model_get_document (monkey.model)));
  check_scene (&monkey);
  while (gw_doc_model_redo (monkey.model))
    n_redone++;
  g_assert_cmpint (n_redone, >=, n_undone);
  g_assert_cmpuint (monkey.n_edits, >, 5);
  if (n_redone == n_undone)
    g_assert_true (gw_document_equal (end, gw_doc_model_get_document (monkey.model)));
  check_scene (&monkey);
  g_print ("%u batches edited the document, %d steps undone and redone\n", monkey.n_edits, n_undone);
  close_window (&monkey);
  return 0;
}
