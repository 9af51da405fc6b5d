/* SPDX-License-Identifier: Apache-2.0 */
/* Loops whose bodies draw at random: the gradient is that of what the loop drew. The figures
 * are worked out from the draws that the loop kept. */
#include "engine/graph/gradient.h"
#include "engine/ops/loop-draws.h"
#include "tests/engine/runtime/body.h"
#include "tests/engine/runtime/fixture.h"
#include "tests/support/support.h"

#include <math.h>

#define TURNS 5

typedef enum {
  SUM,     /* s ← s + x·r */
  HORNER,  /* s ← x·(s + r), of which there are two draws: r is their product */
  WALK,    /* s ← tanh (s·x + r) */
} Kind;

static GwOutput
uniform (GwBuilder *b,
         int        seed)
{
  return gw_op (b, "RandomUniform", GW_IN (gw_const_ints (b, 1, (const int64_t[]) { 2 })),
                GW_WITH ({ "dtype", gw_attr_dtype (GW_FLOAT32) }, { "seed", gw_attr_int (seed) }, { "seed2", gw_attr_int (3) }));
}

/* Counter, s, x. */
static GwNode *
add_loop (Fixture  *f,
          GwOutput  x,
          Kind      kind)
{
  GwOutput results[3], r, s;
  GwOutput inputs[3] = { number (&f->b, GW_INT32, 0), fixture_const (f, "[0.25, -0.5]", GW_FLOAT32), x };
  const char *cond, *loop;
  Body body;

  body_init (&body, INT_AND_FLOATS (3));
  results[0] = gw_op2 (&body.b, "Less", body.args[0], number (&body.b, GW_INT32, TURNS));
  cond = body_add_to (&body, f->graph, "cond", 1, results);
  body_init (&body, INT_AND_FLOATS (3));
  s = body.args[1];
  results[2] = body.args[2];
  r = uniform (&body.b, 1);
  if (kind == HORNER)
    r = gw_op2 (&body.b, "Mul", r, uniform (&body.b, 2));
  results[0] = gw_op2 (&body.b, "AddV2", body.args[0], number (&body.b, GW_INT32, 1));
  results[1] = kind == SUM ? gw_op2 (&body.b, "AddV2", s, gw_op2 (&body.b, "Mul", results[2], r))
               : kind == HORNER ? gw_op2 (&body.b, "Mul", results[2], gw_op2 (&body.b, "AddV2", s, r))
                                : gw_op1 (&body.b, "Tanh", gw_op2 (&body.b, "AddV2", gw_op2 (&body.b, "Mul", s, results[2]), r));
  loop = body_add_to (&body, f->graph, "body", 3, results);
  return gw_loop_new (&f->b, "While", 3, inputs, gw_graph_function (f->graph, cond), gw_graph_function (f->graph, loop));
}

/* s after all turns, ds/dx and d²s/dx² by the recurrence of each; two dimensions beside each other. */
static void
follow (Kind            kind,
        int             i,
        double          x,
        const GwTensor *draws,
        const GwTensor *more,
        double          expected[3])
{
  double s = i == 0 ? 0.25 : -0.5, ds = 0, dds = 0;

  for (int turn = 0; turn < TURNS; turn++)
    {
      double r = gw_tensor_get_double (draws, 2 * turn + i) * (more != NULL ? gw_tensor_get_double (more, 2 * turn + i) : 1);
      double before = s, dbefore = ds;

      if (kind == SUM)
        {
          s += x * r;
          ds += r;
        }
      else if (kind == HORNER)
        {
          s = x * (before + r);
          dds = x * dds + 2 * dbefore;
          ds = x * dbefore + before + r;
        }
      else
        {
          double dz = before + x * dbefore, ddz = 2 * dbefore + x * dds;

          s = tanh (before * x + r);
          ds = (1 - s * s) * dz;
          dds = (1 - s * s) * ddz - 2 * s * ds * dz;
        }
    }
  expected[0] = s;
  expected[1] = ds;
  expected[2] = dds;
}

static GwOutput
stacked (Fixture *f,
         GwNode  *loop,
         int      output)
{
  return gw_op (&f->b, "TensorListStack", GW_IN (gw_output_of (loop, output), gw_const_ints (&f->b, 1, (const int64_t[]) { 2 })),
                GW_WITH ({ "element_dtype", gw_attr_dtype (GW_FLOAT32) }));
}

/* Values and derivatives of one run belong to the draws of that run; the next run draws others. */
static void
test_derivatives (Fixture      *f,
                  gconstpointer data)
{
  Kind kind = (Kind) GPOINTER_TO_INT (data);
  const double xs[2] = { 0.75, -1.25 };
  GwOutput x = fixture_const (f, "[0.75, -1.25]", GW_FLOAT32), y, first, second = GW_NO_OUTPUT;
  GwOutput fetches[5];
  int n = kind == SUM ? 2 : 3, n_draws = kind == HORNER ? 2 : 1;
  double last = 0;
  GwNode *loop;

  gw_graph_keep_draws (f->graph, "While");
  loop = add_loop (f, x, kind);
  g_assert_no_error (f->b.error);
  g_assert_cmpint (loop->n_outputs, ==, 3 + n_draws);
  y = gw_output_of (loop, 1);
  gw_gradients (&f->b, 1, &y, NULL, 1, &x, &first);
  if (kind != SUM)
    gw_gradients (&f->b, 1, &first, NULL, 1, &x, &second);
  g_assert_no_error (f->b.error);
  fetches[0] = y;
  fetches[1] = first;
  fetches[2] = second;
  for (int i = 0; i < n_draws; i++)
    fetches[n + i] = stacked (f, loop, 3 + i);
  for (int run = 0; run < 2; run++)
    {
      g_autoptr (GError) error = NULL;
      GwTensor *results[5] = { NULL };

      gw_session_run (f->session, f->graph, 0, NULL, n + n_draws, fetches, 0, NULL, NULL, results, &error);
      g_assert_no_error (error);
      g_assert_cmpint (results[n]->elements, ==, 2 * TURNS);
      g_assert_cmpfloat (gw_tensor_get_double (results[n], 0), !=, last);
      g_assert_cmpfloat (gw_tensor_get_double (results[n], 0), !=, gw_tensor_get_double (results[n], 2));
      last = gw_tensor_get_double (results[n], 0);
      for (int i = 0; i < 2; i++)
        {
          double expected[3];

          follow (kind, i, xs[i], results[n], n_draws > 1 ? results[n + 1] : NULL, expected);
          for (int k = 0; k < n; k++)
            g_assert_cmpfloat_with_epsilon (gw_tensor_get_double (results[k], i), expected[k], 1e-5 * MAX (1, fabs (expected[k])));
        }
      for (int i = 0; i < n + n_draws; i++)
        gw_tensor_unref (results[i]);
    }
}

/* Keeping changes no number that is drawn. */
static void
test_same_numbers (Fixture      *f,
                   gconstpointer data)
{
  g_autoptr (GwGraph) other = gw_graph_new ();
  g_autoptr (GError) error = NULL;
  Fixture g = { .graph = other, .session = f->session };
  GwTensor *got[2];

  gw_builder_init (&g.b, other);
  gw_graph_keep_draws (other, "While");
  for (int i = 0; i < 2; i++)
    {
      Fixture *at = i == 0 ? f : &g;
      GwNode *loop;

      loop = add_loop (at, fixture_const (at, "[0.75, -1.25]", GW_FLOAT32), SUM);
      g_assert_no_error (at->b.error);
      got[i] = gw_session_fetch (f->session, at->graph, 0, NULL, gw_output_of (loop, 1), &error);
      g_assert_no_error (error);
    }
  for (int i = 0; i < 2; i++)
    g_assert_cmpfloat (gw_tensor_get_double (got[0], i), ==, gw_tensor_get_double (got[1], i));
  gw_tensor_unref (got[0]);
  gw_tensor_unref (got[1]);
  gw_builder_clear (&g.b);
}

/* A loop that was made without lists is refused, and the graph knows which one it was. */
static void
test_not_kept (Fixture      *f,
               gconstpointer data)
{
  GwOutput x = fixture_const (f, "[0.75, -1.25]", GW_FLOAT32), y, first;

  y = gw_output_of (add_loop (f, x, SUM), 1);
  g_assert_false (gw_graph_keeps_draws (f->graph, "While"));
  gw_gradients (&f->b, 1, &y, NULL, 1, &x, &first);
  gw_test_assert_error (&f->b.error, GW_ERROR_UNIMPLEMENTED, "RandomUniform");
  g_assert_true (gw_graph_keeps_draws (f->graph, "While"));
}

int
main (int   argc,
      char *argv[])
{
  fixture_init (&argc, &argv);
  g_test_add ("/loop-draws/sum", Fixture, GINT_TO_POINTER (SUM), fixture_set_up, test_derivatives, fixture_tear_down);
  g_test_add ("/loop-draws/horner", Fixture, GINT_TO_POINTER (HORNER), fixture_set_up, test_derivatives, fixture_tear_down);
  g_test_add ("/loop-draws/walk", Fixture, GINT_TO_POINTER (WALK), fixture_set_up, test_derivatives, fixture_tear_down);
  FIXTURE_ADD ("/loop-draws/same-numbers", test_same_numbers);
  FIXTURE_ADD ("/loop-draws/not-kept", test_not_kept);
  return g_test_run ();
}
