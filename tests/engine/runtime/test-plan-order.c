/* SPDX-License-Identifier: Apache-2.0 */
/* Reads, writes and guards: a read that is not ordered after a write sees the value from
 * before it, whoever takes it on; and sharing of memory never shows. */
#include "engine/base/error.h"
#include "engine/graph/gradient.h"
#include "tests/engine/runtime/fixture.h"
#include "tests/support/support.h"

#include <math.h>

static void
assert_run (Fixture    *f,
            GwOutput    fetch,
            GwOutput    target,
            const char *expected)
{
  fixture_assert_all (f, 1, &fetch, 1, &target.node, &expected);
}

/* The read comes first, what uses it after the write: it still is the old value. */
static void
test_late_user_of_early_read (Fixture      *f,
                              gconstpointer data)
{
  GwOutput w = fixture_initialized (f, "w", GW_SHAPE (2), "[1, 2]");
  GwOutput read = gw_op1 (&f->b, "Identity", w);
  GwOutput reshaped = gw_op2 (&f->b, "Reshape", read, fixture_const (f, "[2, 1]", GW_INT32));
  GwOutput add = gw_op2 (&f->b, "AssignAdd", w, fixture_const (f, "[10, 10]", GW_FLOAT32));
  GwOutput late = gw_op1 (&f->b, "Neg", reshaped);
  GwOutput direct = gw_op1 (&f->b, "Neg", w);
  GwOutput late_read = gw_op1 (&f->b, "Neg", gw_op1 (&f->b, "Identity", w));

  gw_graph_add_control (late.node, add.node);
  gw_graph_add_control (direct.node, add.node);
  gw_graph_add_control (late_read.node->inputs[0].node, add.node);
  assert_run (f, late, add, "[[-1], [-2]]");
  assert_run (f, direct, add, "[-21, -22]");
  assert_run (f, late_read, add, "[-31, -32]");
  fixture_assert (f, w, 0, NULL, "[31, 32]");
}

/* A reduction over no axes passes its input on; a variable's memory it must not. */
static void
test_reduction_over_nothing (Fixture      *f,
                             gconstpointer data)
{
  GwOutput w = fixture_initialized (f, "w", GW_SHAPE (2), "[1, 2]");
  GwOutput none = gw_const (&f->b, gw_tensor_new_int32_vector (0, NULL));
  GwOutput sum = gw_op2 (&f->b, "Sum", w, none);
  GwOutput add = gw_op2 (&f->b, "AssignAdd", w, fixture_const (f, "[10, 10]", GW_FLOAT32));
  GwOutput late = gw_op1 (&f->b, "Neg", sum);

  gw_graph_add_control (late.node, add.node);
  assert_run (f, late, add, "[-1, -2]");
}

/* Two nodes that stand for one variable. */
static void
test_shared_name (Fixture      *f,
                  gconstpointer data)
{
  GwOutput w = fixture_initialized (f, "w", GW_SHAPE_SCALAR, "1");
  GwOutput twin = gw_output_of (gw_node_new (&f->b, "VariableV2", "twin", GW_NO_IN,
                                             GW_WITH ({ "dtype", gw_attr_dtype (GW_FLOAT32) },
                                                      { "shape", gw_attr_shape (GW_SHAPE_SCALAR) },
                                                      { "shared_name", gw_attr_string ("w") })), 0);
  GwOutput add = gw_op2 (&f->b, "AssignAdd", w, gw_const_scalar (&f->b, GW_FLOAT32, 10));
  GwOutput read = gw_op1 (&f->b, "Neg", twin);

  assert_run (f, read, add, "-1");
  fixture_assert (f, read, 0, NULL, "-11");
}

/* Whether a variable is initialised is read before the Assign, too. */
static void
test_is_initialized_reads (Fixture      *f,
                           gconstpointer data)
{
  GwOutput w = fixture_variable (f, "w", GW_SHAPE_SCALAR);
  GwOutput init = gw_op2 (&f->b, "Assign", w, gw_const_scalar (&f->b, GW_FLOAT32, 1));
  GwOutput known = gw_op1 (&f->b, "IsVariableInitialized", w);

  assert_run (f, known, init, "false");
  assert_run (f, known, init, "true");
}

/* Reads that contradict each other give way; the others hold. */
static void
test_contradiction (Fixture      *f,
                    gconstpointer data)
{
  GwOutput a = fixture_initialized (f, "a", GW_SHAPE_SCALAR, "1");
  GwOutput b = fixture_initialized (f, "b", GW_SHAPE_SCALAR, "2");
  GwOutput c = fixture_initialized (f, "c", GW_SHAPE_SCALAR, "3");
  GwOutput to_b = gw_op2 (&f->b, "Assign", b, a);
  GwOutput to_a = gw_op2 (&f->b, "Assign", a, b);
  GwOutput add = gw_op2 (&f->b, "AssignAdd", c, gw_const_scalar (&f->b, GW_FLOAT32, 10));
  GwOutput read = gw_op1 (&f->b, "Neg", gw_op2 (&f->b, "Mul", c, c));
  GwOutput fetches[3] = { a, b, read };
  GwNode *targets[3] = { to_a.node, to_b.node, add.node };

  fixture_assert_all (f, 3, fetches, 3, targets, (const char *const[]) { "1", "1", "-9" });
}

static void
test_circle (Fixture      *f,
             gconstpointer data)
{
  GwOutput x = fixture_const (f, "[1]", GW_FLOAT32);
  GwOutput y = gw_op1 (&f->b, "Neg", x);
  GwOutput z = gw_op1 (&f->b, "Exp", y);

  gw_graph_add_control (y.node, z.node);
  fixture_assert_fails (f, z, 0, NULL, GW_ERROR_INVALID_ARGUMENT, "circle");
}

/* ---- guards ---- */

static gboolean
run_guarded (Fixture  *f,
             GwOutput  x,
             GwOutput  guard,
             GwOutput  target,
             float     value,
             gboolean *tripped)
{
  GwPlanSpec spec = { f->graph, 1, &x, &GW_SHAPE_SCALAR, 0, NULL, 1, &target.node, guard };
  g_autoptr (GwTensor) tensor = gw_tensor_new_float (value);
  g_autoptr (GError) error = NULL;
  g_autoptr (GwPlan) plan = gw_plan_new (f->session, &spec, &error);
  gboolean ok;

  g_assert_no_error (error);
  ok = gw_plan_run (plan, &tensor, NULL, NULL, &error);
  *tripped = gw_plan_guard_tripped (plan);
  return ok;
}

/* The guard holds whatever became of its node: an alias, a merged node, a constant, a
 * fed value, one that only the run knows the shape of. */
static void
test_guard_forms (Fixture      *f,
                  gconstpointer data)
{
  GwOutput w = fixture_initialized (f, "w", GW_SHAPE_SCALAR, "0");
  GwOutput x = fixture_placeholder (f, GW_SHAPE_SCALAR);
  GwOutput log = gw_op1 (&f->b, "Log", x);
  GwOutput dims = gw_op (&f->b, "Cast", GW_IN (gw_op1 (&f->b, "Abs", x)), GW_WITH ({ "DstT", gw_attr_dtype (GW_INT32) }));
  GwOutput filled = gw_op2 (&f->b, "Fill", gw_op2 (&f->b, "Reshape", dims, fixture_const (f, "[1]", GW_INT32)), log);
  GwOutput guards[] = {
    gw_op1 (&f->b, "Identity", log),
    gw_op1 (&f->b, "Log", x),
    x,
    gw_op2 (&f->b, "Sum", filled, fixture_const (f, "[0]", GW_INT32)),
  };
  GwOutput update = gw_op2 (&f->b, "AssignAdd", w, gw_const_scalar (&f->b, GW_FLOAT32, 1));
  gboolean tripped;

  for (guint i = 0; i < G_N_ELEMENTS (guards); i++)
    {
      g_autofree char *expected = g_strdup_printf ("%u", i + 1);

      g_assert_true (run_guarded (f, x, guards[i], update, 2, &tripped));
      g_assert_false (tripped);
      g_assert_false (run_guarded (f, x, guards[i], update, i == 2 ? NAN : -1, &tripped));
      g_assert_true (tripped);
      fixture_assert (f, w, 0, NULL, expected);
    }
  g_assert_false (run_guarded (f, x, fixture_const (f, "inf", GW_FLOAT32), update, 1, &tripped));
  g_assert_true (tripped);
  fixture_assert (f, w, 0, NULL, "4");
}

/* A guard that follows from a write lets that one through and holds the others back. */
static void
test_guard_behind_write (Fixture      *f,
                         gconstpointer data)
{
  GwOutput step = fixture_initialized (f, "step", GW_SHAPE_SCALAR, "0");
  GwOutput w = fixture_initialized (f, "w", GW_SHAPE_SCALAR, "0");
  GwOutput x = fixture_placeholder (f, GW_SHAPE_SCALAR);
  GwOutput count = gw_op2 (&f->b, "AssignAdd", step, gw_const_scalar (&f->b, GW_FLOAT32, 1));
  GwOutput guard = gw_op2 (&f->b, "Mul", gw_op1 (&f->b, "Log", x), count);
  GwOutput update = gw_op2 (&f->b, "AssignAdd", w, gw_const_scalar (&f->b, GW_FLOAT32, 1));
  gboolean tripped;

  g_assert_false (run_guarded (f, x, guard, update, -1, &tripped));
  g_assert_true (tripped);
  fixture_assert (f, step, 0, NULL, "1");
  fixture_assert (f, w, 0, NULL, "0");
}

/* When the guard trips, random streams stand as before. */
static void
test_guard_streams (Fixture      *f,
                    gconstpointer data)
{
  GwOutput x = fixture_placeholder (f, GW_SHAPE_SCALAR);
  GwOutput drawn, guard;
  g_autoptr (GBytes) before = NULL;
  g_autoptr (GBytes) after = NULL;
  gboolean tripped;

  gw_graph_set_seed (f->graph, 3);
  drawn = gw_op (&f->b, "RandomUniform", GW_IN (fixture_const (f, "[2]", GW_INT32)), GW_WITH ({ "dtype", gw_attr_dtype (GW_FLOAT32) }));
  guard = gw_op1 (&f->b, "Log", gw_op2 (&f->b, "Mul", x, gw_op2 (&f->b, "Sum", drawn, fixture_const (f, "[0]", GW_INT32))));
  g_assert_true (run_guarded (f, x, guard, guard, 1, &tripped));
  before = gw_session_get_streams (f->session, f->graph);
  g_assert_false (run_guarded (f, x, guard, guard, -1, &tripped));
  after = gw_session_get_streams (f->session, f->graph);
  g_assert_true (g_bytes_equal (before, after));
}

/* ---- sharing of memory ---- */

/* Operands that are broadcast, used twice, fetched or passed on under another shape are
 * not overwritten by what is computed in place. */
static void
test_in_place (Fixture      *f,
               gconstpointer data)
{
  GwOutput x = fixture_placeholder (f, GW_SHAPE (2));
  GwOutput row = gw_op1 (&f->b, "Square", x);
  GwOutput column = gw_op2 (&f->b, "Reshape", row, fixture_const (f, "[2, 1]", GW_INT32));
  GwOutput table = gw_op2 (&f->b, "Mul", row, column);
  GwOutput sum = gw_op2 (&f->b, "AddV2", gw_op1 (&f->b, "Neg", row), row);
  GwOutput twice = gw_op2 (&f->b, "AddV2", table, table);
  g_autoptr (GwTensor) value = fixture_tensor ("[1, 2]", GW_FLOAT32);
  GwFeed feed = { x, value };

  fixture_assert (f, twice, 1, &feed, "[[2, 8], [8, 32]]");
  fixture_assert (f, sum, 1, &feed, "[0, 0]");
  fixture_assert (f, gw_op2 (&f->b, "AddV2", sum, column), 1, &feed, "[[1, 1], [4, 4]]");
  gw_test_assert_tensor (value, "float32 [1, 2]");
}

/* Equal nodes are merged; random ones and reads around a write are not. */
static void
test_merging (Fixture      *f,
              gconstpointer data)
{
  GwOutput x = fixture_placeholder (f, GW_SHAPE (2));
  GwOutput shape = fixture_const (f, "[4]", GW_INT32);
  GwOutput w = fixture_initialized (f, "w", GW_SHAPE_SCALAR, "1");
  GwOutput add = gw_op2 (&f->b, "AssignAdd", w, gw_const_scalar (&f->b, GW_FLOAT32, 1));
  GwOutput before = gw_op1 (&f->b, "Neg", w);
  GwOutput after = gw_op1 (&f->b, "Neg", w);
  GwOutput first, second, fetches[2];
  g_autoptr (GwTensor) value = fixture_tensor ("[1, 2]", GW_FLOAT32);
  g_autoptr (GError) error = NULL;
  GwTensor *drawn[2];
  GwPlanSpec spec = { f->graph, 1, &x, &GW_SHAPE (2), 2, fetches };
  g_autoptr (GwPlan) plan = NULL;

  gw_graph_add_control (after.node, add.node);
  fixture_assert_all (f, 2, (const GwOutput[]) { before, after }, 1, &add.node, (const char *const[]) { "-1", "-2" });
  fetches[0] = gw_op1 (&f->b, "Exp", x);
  fetches[1] = gw_op1 (&f->b, "Exp", x);
  plan = gw_plan_new (f->session, &spec, &error);
  g_assert_no_error (error);
  g_assert_cmpint (gw_plan_n_steps (plan), ==, 1);

  first = gw_op (&f->b, "RandomUniform", GW_IN (shape), GW_WITH ({ "dtype", gw_attr_dtype (GW_FLOAT32) }));
  second = gw_op (&f->b, "RandomUniform", GW_IN (shape), GW_WITH ({ "dtype", gw_attr_dtype (GW_FLOAT32) }));
  g_assert_true (gw_session_run (f->session, f->graph, 0, NULL, 2, (const GwOutput[]) { first, second }, 0, NULL, NULL, drawn, NULL));
  g_assert_false (gw_tensor_equal (drawn[0], drawn[1]));
  gw_tensor_unref (drawn[0]);
  gw_tensor_unref (drawn[1]);
}

/* A node that was folded still waits, and those behind it with it. */
static void
test_folded_node_waits (Fixture      *f,
                        gconstpointer data)
{
  GwOutput w = fixture_initialized (f, "w", GW_SHAPE_SCALAR, "1");
  GwOutput add = gw_op2 (&f->b, "AssignAdd", w, gw_const_scalar (&f->b, GW_FLOAT32, 1));
  GwOutput folded = gw_op2 (&f->b, "AddV2", gw_const_scalar (&f->b, GW_FLOAT32, 1), gw_const_scalar (&f->b, GW_FLOAT32, 2));
  GwOutput read = gw_op1 (&f->b, "Neg", w);

  gw_graph_add_control (folded.node, add.node);
  gw_graph_add_control (read.node, folded.node);
  fixture_assert (f, read, 0, NULL, "-2");
  fixture_assert (f, gw_op2 (&f->b, "Mul", folded, read), 0, NULL, "-9");
}

/* Folding computes as a run does: the smallest numbers become 0 in both. */
static void
test_folded_bits (Fixture      *f,
                  gconstpointer data)
{
  GwOutput a = fixture_const (f, "1e-30", GW_FLOAT32);
  GwOutput b = fixture_const (f, "1e-12", GW_FLOAT32);
  GwOutput x = fixture_placeholder (f, GW_SHAPE_SCALAR);
  g_autoptr (GwTensor) value = fixture_tensor ("1e-30", GW_FLOAT32);
  GwOutput folded = gw_op2 (&f->b, "Mul", a, b);

  fixture_assert (f, gw_op2 (&f->b, "Mul", x, b), 1, &(GwFeed) { x, value }, "0");
  fixture_assert (f, folded, 0, NULL, "0");
  g_assert_cmpfloat (gw_tensor_get_double (gw_output_constant (folded), 0), ==, 0);
}

/* Enough for a walk that recurses to leave its stack; a sanitizer's frames are larger and
 * its memory slower. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LONG_CHAIN 40000
#else
#define LONG_CHAIN 100000
#endif

/* So many nodes in a row, of every kind that a walk might recurse over. */
static void
test_long_chains (Fixture      *f,
                  gconstpointer data)
{
  const int n = LONG_CHAIN;
  GwOutput w = fixture_initialized (f, "w", GW_SHAPE_SCALAR, "1");
  GwOutput read = w, values = fixture_placeholder (f, GW_SHAPE_SCALAR), x = values, constant = gw_const_scalar (&f->b, GW_FLOAT32, 1);
  GwOutput size = gw_op1 (&f->b, "Size", fixture_placeholder (f, GW_SHAPE_UNKNOWN));
  GwOutput add, dx;
  g_autoptr (GwTensor) one = gw_tensor_new_float (1);
  g_autoptr (GTimer) timer = g_timer_new ();

  for (int i = 0; i < n; i++)
    {
      read = gw_op1 (&f->b, "Identity", read);
      x = gw_op1 (&f->b, "Neg", x);
      constant = gw_op1 (&f->b, "Neg", constant);
      size = gw_op2 (&f->b, "AddV2", size, size);
    }
  g_test_message ("%d nodes built after %.2f s", 4 * n, g_timer_elapsed (timer, NULL));
  add = gw_op2 (&f->b, "AssignAdd", w, gw_op2 (&f->b, "AddV2", read, x));
  fixture_assert (f, add, 1, &(GwFeed) { values, one }, "3");
  g_test_message ("chains run after %.2f s", g_timer_elapsed (timer, NULL));
  g_assert_nonnull (gw_output_constant (constant));
  g_assert_null (gw_output_constant (size));
  g_test_message ("constants known after %.2f s", g_timer_elapsed (timer, NULL));
  fixture_assert (f, constant, 0, NULL, "1");
  g_assert_true (gw_gradients (&f->b, 1, &x, NULL, 1, &values, &dx));
  fixture_assert (f, dx, 0, NULL, "1");
  g_test_message ("differentiated after %.2f s", g_timer_elapsed (timer, NULL));
}

int
main (int    argc,
      char **argv)
{
  fixture_init (&argc, &argv);
#define ADD(name, func) FIXTURE_ADD ("/plan-order/" name, func)
  ADD ("late-user-of-early-read", test_late_user_of_early_read);
  ADD ("reduction-over-nothing", test_reduction_over_nothing);
  ADD ("shared-name", test_shared_name);
  ADD ("is-initialized", test_is_initialized_reads);
  ADD ("contradiction", test_contradiction);
  ADD ("circle", test_circle);
  ADD ("guard-forms", test_guard_forms);
  ADD ("guard-behind-write", test_guard_behind_write);
  ADD ("guard-streams", test_guard_streams);
  ADD ("in-place", test_in_place);
  ADD ("merging", test_merging);
  ADD ("folded-node-waits", test_folded_node_waits);
  ADD ("folded-bits", test_folded_bits);
  ADD ("long-chains", test_long_chains);
  return g_test_run ();
}
