/* SPDX-License-Identifier: Apache-2.0 */

/* Measures, courses of wires, the layout's bookkeeping, hit tests and the
 * painters, all without a display. */

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "tests/widgets/canvas/fashion.h"
#include "widgets/paint/canvas/hit.h"
#include "widgets/paint/canvas/paint-scene.h"
#include "widgets/paint/canvas/stroke.h"

#define assert_near(a, b) g_assert_cmpfloat_with_epsilon (a, b, 1e-6)

static void
test_elements (void)
{
  g_assert_cmpint (gw_canvas_element_from_name ("float32"), ==, GW_CANVAS_ELEMENT_FLOAT32);
  g_assert_cmpint (gw_canvas_element_from_name ("int32_ref"), ==, GW_CANVAS_ELEMENT_INT32);
  g_assert_cmpint (gw_canvas_element_from_name ("bfloat16"), ==, GW_CANVAS_ELEMENT_FLOAT16);
  g_assert_cmpint (gw_canvas_element_from_name ("float3"), ==, GW_CANVAS_ELEMENT_UNKNOWN);
  g_assert_cmpint (gw_canvas_element_from_name (NULL), ==, GW_CANVAS_ELEMENT_UNKNOWN);
  g_assert_cmpstr (gw_canvas_element_name (GW_CANVAS_ELEMENT_BOOL), ==, "bool");
  g_assert_cmpint (gw_canvas_element_shape (GW_CANVAS_ELEMENT_INT64), ==, GW_CANVAS_PORT_SQUARE);
  g_assert_cmpint (gw_canvas_category_from_key ("losses"), ==, GW_CANVAS_CATEGORY_LOSSES);
  g_assert_cmphex (gw_canvas_category_color (GW_CANVAS_CATEGORY_TRAINING), ==, 0x3a944a);
}

/* Every glyph is read to its end; an arc ends where it says. */
static void
test_glyphs (void)
{
  cairo_surface_t *surface = cairo_recording_surface_create (CAIRO_CONTENT_ALPHA, NULL);
  cairo_t *cr = cairo_create (surface);
  double x, y;

  for (int i = 0; i < GW_CANVAS_N_CATEGORIES; i++)
    g_assert_true (gw_canvas_stroke_path (cr, gw_canvas_category_glyph (i)));
  g_assert_true (gw_canvas_stroke_path (cr, gw_canvas_op_glyph ("MatMul")));
  g_assert_true (gw_canvas_stroke_path (cr, gw_canvas_op_glyph ("LSTM")));
  g_assert_null (gw_canvas_op_glyph ("NoSuchOp"));
  cairo_new_path (cr);
  g_assert_true (gw_canvas_stroke_path (cr, "M8 3a5 5 0 1 0 0 10"));
  cairo_get_current_point (cr, &x, &y);
  assert_near (x, 8);
  assert_near (y, 13);
  g_assert_false (gw_canvas_stroke_path (cr, "M1 1Q2 2 3 3"));
  g_assert_false (gw_canvas_stroke_path (cr, "M1"));
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

static void
test_wire_width (void)
{
  assert_near (gw_canvas_wire_width (1), 1.25);
  assert_near (gw_canvas_wire_width (0), 1.25);
  assert_near (gw_canvas_wire_width (NAN), 1.25);
  assert_near (gw_canvas_wire_width (5e6), 12);
  assert_near (gw_canvas_wire_width (1e12), 12);
  /* the design's "?×784" with a batch of 100, worked out by hand */
  g_assert_cmpfloat_with_epsilon (gw_canvas_wire_width (78400), 3.905, 0.001);
}

static void
test_metrics (void)
{
  g_autoptr (GwCanvasText) text = gw_canvas_text_new (NULL);
  g_autoptr (GwScene) scene = fashion_scene_new (FALSE);
  GwSceneNode *node = gw_scene_get_node (scene, FASHION_DROP1);
  GwCanvasMetrics metrics;
  GwCanvasRect pill;
  double x, y;

  gw_canvas_measure_node (text, node, &metrics);
  assert_near (metrics.width, 104);
  assert_near (metrics.height, 38 + 2 * 20 + 6);
  gw_canvas_port_position (node, &metrics, FALSE, 1, &x, &y);
  assert_near (x, 0);
  assert_near (y, 66);
  gw_canvas_port_position (node, &metrics, TRUE, 0, &x, &y);
  assert_near (x, 104);
  assert_near (y, 46);
  gw_canvas_port_position (node, &metrics, TRUE, GW_SCENE_CONTROL_PORT, &x, &y);
  assert_near (y, 19);
  node->inputs[0].hidden = TRUE;
  gw_canvas_measure_node (text, node, &metrics);
  g_assert_cmpuint (metrics.n_hidden, ==, 1);
  gw_canvas_port_position (node, &metrics, FALSE, 1, &x, &y);
  assert_near (y, 46);
  gw_canvas_measure_node (text, gw_scene_get_node (scene, FASHION_XENT), &metrics);
  g_assert_cmpfloat (metrics.width, >, 200);
  assert_near (fmod (metrics.width, 8), 0);
  gw_scene_set_string (&node->op, "AnOperationWhoseNameIsFarTooLongForAnyBoxOnTheCanvas");
  gw_canvas_measure_node (text, node, &metrics);
  assert_near (metrics.width, 248);
  node = gw_scene_get_node (scene, FASHION_ADD);
  gw_canvas_measure_node (text, node, &metrics);
  g_assert_true (gw_canvas_literal_rect (text, node, &metrics, 1, &pill));
  assert_near (pill.height, 16);
  g_assert_false (gw_canvas_literal_rect (text, node, &metrics, 0, &pill));
}

/* The table of advances agrees with shaping. */
static void
test_text_width (void)
{
  g_autoptr (GwCanvasText) text = gw_canvas_text_new (NULL);
  double one = gw_canvas_text_width (text, GW_CANVAS_FONT_SMALL, "n");
  double many = gw_canvas_text_width (text, GW_CANVAS_FONT_SMALL, "nnnnnnnnnn");
  g_auto (GStrv) lines = gw_canvas_text_wrap (text, GW_CANVAS_FONT_TEXT,
                                              "one two three four five six seven", 60, 2);

  assert_near (gw_canvas_text_width (text, GW_CANVAS_FONT_SMALL, NULL), 0);
  g_assert_cmpfloat (one, >, 3);
  g_assert_cmpfloat_with_epsilon (many, 10 * one, 0.01);
  g_assert_cmpfloat (gw_canvas_text_width (text, GW_CANVAS_FONT_SMALL, "\xe6\xbc\xa2"), >, 0);
  g_assert_cmpuint (g_strv_length (lines), ==, 2);
  g_assert_true (g_str_has_suffix (lines[1], "seven"));
}

static void
test_paths (void)
{
  GwCanvasPath path;
  GwCanvasPoint middle;
  GwCanvasRect bounds;

  g_assert_true (gw_canvas_path_is_forward (0, 24));
  g_assert_false (gw_canvas_path_is_forward (0, 23));
  gw_canvas_path_cubic (&path, 0, 0, 48, 100);
  assert_near (path.x[1], 24);
  assert_near (path.x[2], 24);
  gw_canvas_path_cubic (&path, 0, 0, 1000, 100);
  assert_near (path.x[1], 160);
  middle = gw_canvas_path_middle (&path);
  assert_near (middle.x, 500);
  assert_near (middle.y, 50);
  assert_near (gw_canvas_path_distance (&path, 0, -7), 7);
  g_assert_true (gw_canvas_path_touches (&path, &(GwCanvasRect) { 450, 20, 100, 60 }));
  g_assert_false (gw_canvas_path_touches (&path, &(GwCanvasRect) { 450, 200, 100, 60 }));

  gw_canvas_path_way (&path, 904, 94, 32, 354, 284);
  assert_near (path.x[1], 924);
  assert_near (path.x[4], 14);
  middle = gw_canvas_path_middle (&path);
  assert_near (middle.x, 469);
  assert_near (middle.y, 284);
  assert_near (gw_canvas_path_length (&path), 20 + 190 + 910 + 70 + 18);
  bounds = gw_canvas_path_bounds (&path);
  assert_near (bounds.x, 14);
  assert_near (bounds.width, 910);
  assert_near (gw_canvas_path_distance (&path, 500, 290), 6);
}

static void
test_channel (void)
{
  GwCanvasRect boxes[] = { { 0, 308, 100, 84 }, { 0, 48, 100, 84 }, { 0, 182, 100, 84 } };

  /* 132–182 and 266–308 are free: the one nearer to the input */
  assert_near (gw_canvas_find_channel (94, 354, boxes, 3), 287);
  assert_near (gw_canvas_find_channel (10, 30, boxes, 0), 20);
  /* ends in one row: the shorter way round is over the box */
  assert_near (gw_canvas_find_channel (60, 60, &(GwCanvasRect) { 0, 48, 100, 84 }, 1), 24);
}

/* Against a scan of all rectangles. */
static void
test_grid (void)
{
  enum { N = 500 };
  GwCanvasGrid *grid = gw_canvas_grid_new ();
  GwCanvasGridEntry *entries = g_new0 (GwCanvasGridEntry, N);
  GRand *rand = g_rand_new_with_seed (7);

  for (int i = 0; i < N; i++)
    {
      GwCanvasRect rect = { g_rand_double_range (rand, -9000, 9000),
                            g_rand_double_range (rand, -9000, 9000),
                            g_rand_double_range (rand, 1, i % 50 == 0 ? 9000 : 300), 80 };
      gw_canvas_grid_insert (grid, &entries[i], &rect);
    }
  for (int i = 0; i < N; i += 7)
    gw_canvas_grid_remove (grid, &entries[i]);
  for (int i = 1; i < N; i += 7)
    gw_canvas_grid_insert (grid, &entries[i], &(GwCanvasRect) { i, i, 50, 50 });
  for (int round = 0; round < 100; round++)
    {
      g_autoptr (GPtrArray) found = g_ptr_array_new ();
      GwCanvasRect rect = { g_rand_double_range (rand, -9000, 9000),
                            g_rand_double_range (rand, -9000, 9000), round * 100 + 1,
                            round * 60 + 1 };
      guint expected = 0;

      gw_canvas_grid_find (grid, &rect, found);
      for (int i = 0; i < N; i++)
        expected += entries[i].inserted && gw_canvas_rect_intersects (&entries[i].rect, &rect);
      g_assert_cmpuint (found->len, ==, expected);
    }
  g_rand_free (rand);
  gw_canvas_grid_free (grid);
  g_free (entries);
}

static void
test_scene (void)
{
  g_autoptr (GwScene) scene = fashion_scene_new (FALSE);
  guint n = gw_scene_nodes (scene)->len;
  GwSceneNode *again = gw_scene_node_new (FASHION_LOSS, "again", "Sum", GW_CANVAS_CATEGORY_MATHS);
  guint place_before, place_after;

  g_ptr_array_find ((GPtrArray *) gw_scene_nodes (scene), gw_scene_get_node (scene, FASHION_LOSS),
                    &place_before);
  gw_scene_add_node (scene, again);
  g_ptr_array_find ((GPtrArray *) gw_scene_nodes (scene), again, &place_after);
  g_assert_cmpuint (gw_scene_nodes (scene)->len, ==, n);
  g_assert_cmpuint (place_before, ==, place_after);
  g_assert_true (gw_scene_get_node (scene, FASHION_LOSS) == again);
  g_assert_true (gw_scene_remove (scene, FASHION_LOSS));
  g_assert_false (gw_scene_remove (scene, FASHION_LOSS));
  g_assert_null (gw_scene_get_node (scene, FASHION_LOSS));
  g_assert_true (gw_scene_remove (scene, FASHION_PROBE));
  gw_scene_clear (scene);
  g_assert_cmpuint (gw_scene_wires (scene)->len, ==, 0);
}

static void
count_damage (GwCanvasDamageKind  kind,
              guint64             id,
              const GwCanvasRect *rect,
              gpointer            data)
{
  guint *counts = data;

  counts[kind]++;
}

/* After edits step by step the layout says what a new one says. */
static void
assert_same_as_new (GwCanvasLayout *layout,
                    const GwScene  *scene,
                    GwCanvasText   *text)
{
  GwCanvasLayout *fresh = gw_canvas_layout_new (scene, text);
  GwCanvasRect a = { 0 }, b = { 0 };

  g_assert_cmpint (gw_canvas_layout_bounds (layout, &a), ==, gw_canvas_layout_bounds (fresh, &b));
  assert_near (a.x + a.width, b.x + b.width);
  for (guint i = 0; i < gw_scene_wires (scene)->len; i++)
    {
      const GwSceneWire *wire = g_ptr_array_index (gw_scene_wires (scene), i);
      GwCanvasWireItem *one = gw_canvas_layout_get_wire (layout, wire->id);
      GwCanvasWireItem *two = gw_canvas_layout_get_wire (fresh, wire->id);

      g_assert_true (one != NULL && two != NULL);
      g_assert_cmpint (one->entry.inserted, ==, two->entry.inserted);
      if (!one->entry.inserted)
        continue;
      g_assert_cmpint (one->labelled, ==, two->labelled);
      assert_near (one->length, two->length);
      assert_near (one->entry.rect.x, two->entry.rect.x);
      assert_near (one->entry.rect.height, two->entry.rect.height);
    }
  gw_canvas_layout_free (fresh);
}

static void
test_layout (void)
{
  g_autoptr (GwCanvasText) text = gw_canvas_text_new (NULL);
  g_autoptr (GwScene) scene = fashion_scene_new (FALSE);
  GwCanvasLayout *layout = gw_canvas_layout_new (scene, text);
  guint counts[3] = { 0 };
  guint64 id = FASHION_DROP2, reference = FASHION_FIRST_WIRE + 16;
  guint64 pair[] = { FASHION_FIRST_WIRE + 11, FASHION_FIRST_WIRE + 12 };
  GwCanvasWireItem *back = gw_canvas_layout_get_wire (layout, FASHION_FIRST_WIRE + 7);
  GwSceneNode *taken;

  gw_canvas_layout_set_hooks (layout, count_damage, counts, NULL);
  g_assert_true (back->path.is_way);
  g_assert_true (gw_canvas_layout_get_wire (layout, reference)->scope == FASHION_PROBE);
  g_assert_true (back->scope == 0);

  gw_scene_get_node (scene, id)->x += 200;
  gw_canvas_layout_move (layout, &id, 1);
  g_assert_cmpuint (counts[GW_CANVAS_DAMAGE_NODE], ==, 2);
  g_assert_cmpuint (counts[GW_CANVAS_DAMAGE_WIRE], >=, 6);
  g_assert_cmpuint (counts[GW_CANVAS_DAMAGE_FRAME], ==, 0);
  assert_same_as_new (layout, scene, text);

  /* a wire whose node goes is out of sight, and back with the node */
  taken = gw_scene_node_new (id, "other", "Dropout", GW_CANVAS_CATEGORY_LAYERS);
  gw_scene_node_add_input (taken, "x", GW_CANVAS_ELEMENT_FLOAT32, NULL);
  gw_scene_node_add_input (taken, "keep_prob", GW_CANVAS_ELEMENT_FLOAT32, NULL);
  gw_scene_node_add_output (taken, "y", GW_CANVAS_ELEMENT_FLOAT32, NULL);
  gw_scene_remove (scene, id);
  gw_canvas_layout_update (layout, &id, 1);
  g_assert_null (back->from);
  g_assert_false (back->entry.inserted);
  assert_same_as_new (layout, scene, text);
  gw_scene_add_node (scene, taken);
  gw_canvas_layout_update (layout, &id, 1);
  g_assert_true (back->from != NULL && back->entry.inserted);
  assert_same_as_new (layout, scene, text);

  id = FASHION_FIRST_WIRE + 7;
  gw_scene_remove (scene, id);
  gw_canvas_layout_update (layout, &id, 1);
  g_assert_null (gw_canvas_layout_get_wire (layout, id));
  assert_same_as_new (layout, scene, text);
  /* several wires of one output in one update */
  gw_scene_remove (scene, pair[0]);
  gw_scene_remove (scene, pair[1]);
  gw_canvas_layout_update (layout, pair, 2);
  assert_same_as_new (layout, scene, text);
  gw_canvas_layout_free (layout);
}

static void
test_labels (void)
{
  g_autoptr (GwCanvasText) text = gw_canvas_text_new (NULL);
  g_autoptr (GwScene) scene = fashion_scene_new (FALSE);
  GwCanvasLayout *layout = gw_canvas_layout_new (scene, text);

  /* of keep_prob's two wires the longer one carries the text */
  g_assert_false (gw_canvas_layout_get_wire (layout, FASHION_FIRST_WIRE + 4)->labelled);
  g_assert_true (gw_canvas_layout_get_wire (layout, FASHION_FIRST_WIRE + 5)->labelled);
  gw_canvas_layout_free (layout);
}

static void
assert_hit (GwCanvasLayout  *layout,
            double           x,
            double           y,
            double           zoom,
            GwCanvasHitKind  kind,
            guint64          id,
            int              port)
{
  GwCanvasHit hit;

  gw_canvas_hit_test (layout, x, y, zoom, FALSE, &hit);
  g_assert_cmpint (hit.kind, ==, kind);
  g_assert_cmpuint (hit.id, ==, id);
  g_assert_cmpint (hit.port, ==, port);
}

static void
test_hits (void)
{
  g_autoptr (GwCanvasText) text = gw_canvas_text_new (NULL);
  g_autoptr (GwScene) scene = fashion_scene_new (FALSE);
  GwCanvasLayout *layout = gw_canvas_layout_new (scene, text);
  GwCanvasWireItem *wire = gw_canvas_layout_get_wire (layout, FASHION_FIRST_WIRE + 5);

  assert_hit (layout, 400, 94, 1, GW_CANVAS_HIT_PORT, FASHION_DROP1, 0);
  assert_hit (layout, 390, 114, 1, GW_CANVAS_HIT_PORT, FASHION_DROP1, 1);
  assert_hit (layout, 450, 58, 1, GW_CANVAS_HIT_NAME, FASHION_DROP1, 0);
  assert_hit (layout, 450, 120, 1, GW_CANVAS_HIT_NODE, FASHION_DROP1, 0);
  /* far out there are no ports to hit */
  assert_hit (layout, 401, 94, 0.3, GW_CANVAS_HIT_NODE, FASHION_DROP1, 0);
  assert_hit (layout, gw_canvas_path_middle (&wire->path).x, gw_canvas_path_middle (&wire->path).y + 7, 1, GW_CANVAS_HIT_WIRE, wire->id, 0);
  assert_hit (layout, gw_canvas_path_middle (&wire->path).x, gw_canvas_path_middle (&wire->path).y + 12, 1, GW_CANVAS_HIT_NONE, 0, 0);
  assert_hit (layout, 450, 550, 1, GW_CANVAS_HIT_FRAME, FASHION_PROBE, 0);
  assert_hit (layout, 400, 720, 1, GW_CANVAS_HIT_NONE, 0, 0);
  assert_hit (layout, 450, 646, 1, GW_CANVAS_HIT_LITERAL, FASHION_ADD, 1);
  gw_canvas_layout_free (layout);
}

/* The colour of a pixel, 0xrrggbb. */
static guint32
pixel (cairo_surface_t *surface,
       double           x,
       double           y)
{
  const guchar *data = cairo_image_surface_get_data (surface);
  int stride = cairo_image_surface_get_stride (surface);
  guint32 value;

  memcpy (&value, data + (int) y * stride + (int) x * 4, 4);
  return value & 0xffffff;
}

static void
test_paint (void)
{
  g_autoptr (GwScene) scene = fashion_scene_new (TRUE);
  GwCanvasTheme theme;
  double width, height;
  cairo_surface_t *surface;
  cairo_t *cr;

  gw_canvas_theme_init (&theme, TRUE, FALSE);
  g_assert_true (gw_canvas_scene_size (scene, &width, &height));
  surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  cr = cairo_create (surface);
  g_assert_true (gw_canvas_paint_scene (cr, scene, &theme, 1));
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  /* the way back from drop2 reaches farthest left, to 14; image lies at 24, 48 */
  g_assert_cmphex (pixel (surface, 4, 4), ==, 0x1b1b1d);
  g_assert_cmphex (pixel (surface, 42 + 60, 32 + 80), ==, 0x303034);
  g_assert_cmphex (pixel (surface, 42 + 10, 32 + 26), ==, 0x2190a4);
  cairo_surface_destroy (surface);
}

static void
test_every_zoom (void)
{
  static const double zooms[] = { 0.05, 0.15, 0.3, 0.4, 0.5, 0.6, 0.7, 0.85, 1, 1.5, 3 };
  g_autoptr (GwCanvasText) text = gw_canvas_text_new (NULL);
  g_autoptr (GwScene) scene = fashion_scene_new (TRUE);
  GwCanvasLayout *layout = gw_canvas_layout_new (scene, text);
  GwCanvasNodeItem *item = gw_canvas_layout_get_node (layout, FASHION_HIDDEN1);
  GwCanvasTheme theme;

  gw_canvas_theme_init (&theme, FALSE, TRUE);
  for (gsize i = 0; i < G_N_ELEMENTS (zooms); i++)
    for (guint state = 0; state < 8; state++)
      {
        GwCanvasPaint paint = { &theme, text, zooms[i], state };
        GwCanvasRect extents = gw_canvas_node_extents (item->node, &item->metrics, zooms[i]);
        cairo_surface_t *surface = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, NULL);
        cairo_t *cr = cairo_create (surface);
        double x, y, width, height;

        gw_canvas_paint_shelf (&paint, cr, item->node, &item->metrics);
        gw_canvas_paint_node (&paint, cr, item->node, &item->metrics, state);
        g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
        cairo_recording_surface_ink_extents (surface, &x, &y, &width, &height);
        /* what is drawn stays inside of what is announced */
        g_assert_cmpfloat (x, >=, extents.x - 1);
        g_assert_cmpfloat (y, >=, extents.y - 1);
        g_assert_cmpfloat (x + width, <=, extents.x + extents.width + 1);
        g_assert_cmpfloat (y + height, <=, extents.y + extents.height + 1);
        cairo_destroy (cr);
        cairo_surface_destroy (surface);
      }
  gw_canvas_layout_free (layout);
}

static void
test_problem_box (void)
{
  g_autoptr (GwCanvasText) text = gw_canvas_text_new (NULL);
  g_autoptr (GwScene) scene = fashion_scene_new (FALSE);
  GwCanvasProblemBox box;

  g_assert_false (gw_canvas_problem_measure (text, gw_scene_get_node (scene, FASHION_LOSS), &box));
  g_assert_true (gw_canvas_problem_measure (text, gw_scene_get_node (scene, FASHION_MATMUL), &box));
  g_assert_cmpuint (box.n_lines, ==, 1);
  g_assert_cmpuint (box.n_fixes, ==, 2);
  assert_near (box.height, 44);
  g_assert_cmpfloat (box.fixes[1].x, >, box.fixes[0].x + box.fixes[0].width);
  g_assert_cmpfloat (box.fixes[1].x + box.fixes[1].width, <, box.width);
  gw_canvas_problem_clear (&box);
}

static void
test_export (void)
{
  g_autoptr (GwScene) scene = fashion_scene_new (FALSE);
  g_autoptr (GwScene) empty = gw_scene_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("canvas-XXXXXX", NULL);
  static const char *const names[] = { "a.png", "a.svg", "a.pdf" };
  static const char *const magic[] = { "\x89PNG", "<?xml", "%PDF" };
  GwCanvasTheme theme;

  gw_canvas_theme_init (&theme, FALSE, FALSE);
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);
      g_autofree char *data = NULL;

      g_assert_true (gw_canvas_write_scene (scene, &theme, 1, i, path, &error));
      g_assert_no_error (error);
      g_assert_true (g_file_get_contents (path, &data, NULL, NULL));
      g_assert_true (g_str_has_prefix (data, magic[i]));
      g_unlink (path);
    }
  g_assert_false (gw_canvas_write_scene (empty, &theme, 1, GW_CANVAS_PAGE_PNG, "/none", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
  g_clear_error (&error);
  g_assert_false (gw_canvas_write_scene (scene, &theme, 1000, GW_CANVAS_PAGE_PNG, "/none", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
  g_clear_error (&error);
  g_assert_false (gw_canvas_write_scene (scene, &theme, 1, GW_CANVAS_PAGE_PNG,
                                         "/no/such/folder/a.png", &error));
  g_assert_nonnull (error);
  g_rmdir (folder);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/canvas/elements", test_elements);
  g_test_add_func ("/canvas/glyphs", test_glyphs);
  g_test_add_func ("/canvas/wire-width", test_wire_width);
  g_test_add_func ("/canvas/metrics", test_metrics);
  g_test_add_func ("/canvas/text-width", test_text_width);
  g_test_add_func ("/canvas/paths", test_paths);
  g_test_add_func ("/canvas/channel", test_channel);
  g_test_add_func ("/canvas/grid", test_grid);
  g_test_add_func ("/canvas/scene", test_scene);
  g_test_add_func ("/canvas/layout", test_layout);
  g_test_add_func ("/canvas/labels", test_labels);
  g_test_add_func ("/canvas/hits", test_hits);
  g_test_add_func ("/canvas/paint", test_paint);
  g_test_add_func ("/canvas/every-zoom", test_every_zoom);
  g_test_add_func ("/canvas/problem-box", test_problem_box);
  g_test_add_func ("/canvas/export", test_export);
  return g_test_run ();
}
