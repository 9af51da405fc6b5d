/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of several variables made in one pass: the same bits as one after the other, on any
 * number of threads, and apart where one takes what another one changes. */
#include "tests/engine/runtime/fixture.h"

#include <string.h>

#define N 5

/* Variables of several sizes, among them one of several chunks. */
static const int64_t sizes[N] = { 1, 40000, 7, 16384, 300 };

typedef struct {
  GwOutput variable, slot, step;
} Trained;

static void
set_variable (Fixture   *f,
              GwSession *session,
              GwOutput   variable,
              double     seed)
{
  const GwShape *shape = gw_output_shape (variable);
  g_autoptr (GwTensor) value = gw_tensor_new (gw_output_dtype (variable), shape, NULL);
  GwOutput fed = gw_op (&f->b, "Placeholder", GW_NO_IN,
                        GW_WITH ({ "dtype", gw_attr_dtype (value->dtype) }, { "shape", gw_attr_shape (*shape) }));
  GwOutput assign = gw_op2 (&f->b, "Assign", variable, fed);
  g_autoptr (GError) error = NULL;

  for (int64_t i = 0; i < value->elements; i++)
    gw_tensor_set_double (value, i, seed + (double) (i % 101) / 64);
  g_assert_no_error (f->b.error);
  g_assert_true (gw_session_run (session, f->graph, 1, &(GwFeed) { fed, value }, 0, NULL, 1, &assign.node, NULL, NULL, &error));
  g_assert_no_error (error);
}

static GwOutput
make_variable (Fixture    *f,
               const char *kind,
               int         i,
               GwDType     dtype)
{
  g_autofree char *name = g_strdup_printf ("%s_%s_%d", kind, gw_dtype_name (dtype), i);

  return gw_output_of (gw_node_new (&f->b, "VariableV2", name, GW_NO_IN,
                                    GW_WITH ({ "dtype", gw_attr_dtype (dtype) },
                                             { "shape", gw_attr_shape (GW_SHAPE (sizes[i])) })), 0);
}

static GwOutput
scalar (Fixture *f,
        GwDType  dtype,
        double   value)
{
  return gw_const_scalar (&f->b, dtype, value);
}

static void
make_trained (Fixture *f,
              GwDType  dtype,
              Trained  trained[N])
{
  for (int i = 0; i < N; i++)
    {
      trained[i].variable = make_variable (f, "variable", i, dtype);
      trained[i].slot = make_variable (f, "slot", i, dtype);
    }
  for (int i = 0; i < N; i++)
    {
      GwOutput gradient = gw_op2 (&f->b, "Fill", gw_const_ints (&f->b, 1, &sizes[i]), scalar (f, dtype, 0.25 + i));

      trained[i].step = gw_op (&f->b, "ApplyMomentum",
                               GW_IN (trained[i].variable, trained[i].slot, scalar (f, dtype, 0.125), gradient, scalar (f, dtype, 0.75)),
                               GW_WITH ({ "use_nesterov", gw_attr_bool (i % 2) }));
    }
  g_assert_no_error (f->b.error);
}

static void
start (Fixture       *f,
       GwSession     *session,
       const Trained  trained[N])
{
  for (int i = 0; i < N; i++)
    {
      set_variable (f, session, trained[i].variable, i);
      set_variable (f, session, trained[i].slot, -i);
    }
}

static void
read_all (Fixture       *f,
          GwSession     *session,
          const Trained  trained[N],
          GwTensor      *values[2 * N])
{
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < N; i++)
    {
      values[2 * i] = gw_session_fetch (session, f->graph, 0, NULL, trained[i].variable, &error);
      values[2 * i + 1] = gw_session_fetch (session, f->graph, 0, NULL, trained[i].slot, &error);
      g_assert_no_error (error);
    }
}

static void
assert_same (GwTensor *const a[2 * N],
             GwTensor *const b[2 * N])
{
  for (int i = 0; i < 2 * N; i++)
    g_assert_true (gw_tensor_equal (a[i], b[i]));
}

static void
run_steps (Fixture       *f,
           GwSession     *session,
           const Trained  trained[N],
           gboolean       together)
{
  g_autoptr (GError) error = NULL;
  GwNode *targets[N];

  for (int i = 0; i < N; i++)
    targets[i] = trained[i].step.node;
  for (int i = 0; i < (together ? 1 : N); i++)
    g_assert_true (gw_session_run (session, f->graph, 0, NULL, 0, NULL, together ? N : 1, targets + i, NULL, NULL, &error));
  g_assert_no_error (error);
}

static int
count_steps (Fixture *f,
             int      n,
             GwNode **targets)
{
  GwPlanSpec spec = { .graph = f->graph, .n_targets = n, .targets = targets };
  g_autoptr (GError) error = NULL;
  g_autoptr (GwPlan) plan = gw_plan_new (f->session, &spec, &error);

  g_assert_no_error (error);
  return gw_plan_n_steps (plan);
}

static void
test_together (Fixture       *f,
               gconstpointer  data)
{
  static const GwDType dtypes[] = { GW_FLOAT32, GW_FLOAT64, GW_FLOAT16 };
  static const int threads[] = { 1, 2, 3 };

  for (guint d = 0; d < G_N_ELEMENTS (dtypes); d++)
    {
      Trained trained[N];
      GwNode *targets[N];
      GwTensor *apart[2 * N], *together[2 * N];

      make_trained (f, dtypes[d], trained);
      start (f, f->session, trained);
      run_steps (f, f->session, trained, FALSE);
      run_steps (f, f->session, trained, FALSE);
      read_all (f, f->session, trained, apart);
      for (int i = 0; i < N; i++)
        targets[i] = trained[i].step.node;
      g_assert_cmpint (count_steps (f, N, targets), ==, 1);
      for (guint t = 0; t < G_N_ELEMENTS (threads); t++)
        {
          g_autoptr (GwSession) session = gw_session_new (threads[t]);

          start (f, session, trained);
          run_steps (f, session, trained, TRUE);
          run_steps (f, session, trained, TRUE);
          read_all (f, session, trained, together);
          assert_same (apart, together);
          for (int i = 0; i < 2 * N; i++)
            gw_tensor_unref (together[i]);
        }
      for (int i = 0; i < 2 * N; i++)
        gw_tensor_unref (apart[i]);
    }
}

/* b's gradient is a, and a's is b: whoever comes first, the other one takes the old value. */
static void
test_dependent (Fixture       *f,
                gconstpointer  data)
{
  GwOutput a = fixture_initialized (f, "a", GW_SHAPE (2), "[1, 2]");
  GwOutput b = fixture_initialized (f, "b", GW_SHAPE (2), "[10, 20]");
  GwOutput step_a = gw_op (&f->b, "ApplyGradientDescent", GW_IN (a, scalar (f, GW_FLOAT32, 1), b), NULL);
  GwOutput step_b, twice;
  GwNode *targets[2];

  step_b = gw_op (&f->b, "ApplyGradientDescent", GW_IN (b, scalar (f, GW_FLOAT32, 1), b), NULL);
  targets[0] = step_a.node;
  targets[1] = step_b.node;
  g_assert_no_error (f->b.error);
  g_assert_cmpint (count_steps (f, 2, targets), ==, 2);
  fixture_assert_all (f, 2, (GwOutput[]) { a, b }, 2, targets, (const char *[]) { "[-9, -18]", "[0, 0]" });

  /* One variable, two steps. */
  twice = gw_op (&f->b, "ApplyGradientDescent", GW_IN (a, scalar (f, GW_FLOAT32, 1), fixture_const (f, "[1, 1]", GW_FLOAT32)), NULL);
  targets[0] = twice.node;
  targets[1] = gw_op (&f->b, "ApplyGradientDescent", GW_IN (a, scalar (f, GW_FLOAT32, 2), fixture_const (f, "[1, 1]", GW_FLOAT32)), NULL).node;
  g_assert_no_error (f->b.error);
  g_assert_cmpint (count_steps (f, 2, targets), ==, 2);
  fixture_assert_all (f, 1, &a, 2, targets, (const char *[]) { "[-12, -21]" });
}

/* Nothing is changed when one of them cannot be. */
static void
test_uninitialized (Fixture       *f,
                    gconstpointer  data)
{
  GwOutput a = fixture_initialized (f, "a", GW_SHAPE (2), "[1, 2]");
  GwOutput b = fixture_variable (f, "b", GW_SHAPE (2));
  GwOutput gradient = fixture_const (f, "[1, 1]", GW_FLOAT32);
  GwOutput one = scalar (f, GW_FLOAT32, 1);
  GwNode *targets[] = { gw_op (&f->b, "ApplyGradientDescent", GW_IN (a, one, gradient), NULL).node,
                        gw_op (&f->b, "ApplyGradientDescent", GW_IN (b, one, gradient), NULL).node };
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (count_steps (f, 2, targets), ==, 1);
  g_assert_false (gw_session_run (f->session, f->graph, 0, NULL, 0, NULL, 2, targets, NULL, NULL, &error));
  g_assert_error (error, GW_ERROR, GW_ERROR_FAILED_PRECONDITION);
  g_assert_nonnull (strstr (error->message, "b"));
  fixture_assert (f, a, 0, NULL, "[1, 2]");
}

int
main (int    argc,
      char **argv)
{
  fixture_init (&argc, &argv);
  FIXTURE_ADD ("/update-group/together", test_together);
  FIXTURE_ADD ("/update-group/dependent", test_dependent);
  FIXTURE_ADD ("/update-group/uninitialized", test_uninitialized);
  return g_test_run ();
}
