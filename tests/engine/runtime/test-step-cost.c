/* SPDX-License-Identifier: Apache-2.0 */
/* What a profile is made of: every step is told of once a run, with what it costs, and the
 * chunks that the threads shared. Listening changes no result. */
#include "tests/engine/runtime/fixture.h"

#include <pthread.h>

typedef struct {
  GPtrArray *nodes;   /* of names, in the order in which they ended */
  GArray    *costs;   /* of GwStepCost */
  int64_t    last;    /* when the one before ended */
} Told;

static void
step_ended (void         *data,
            const GwPlan *plan,
            int           step,
            int64_t       begin,
            int64_t       end)
{
  Told *told = data;
  GwStepCost cost;

  gw_plan_step_cost (plan, step, &cost);
  g_assert_cmpint (begin, >=, told->last);
  g_assert_cmpint (end, >=, begin);
  told->last = end;
  g_ptr_array_add (told->nodes, cost.node->name);
  g_array_append_val (told->costs, cost);
}

static Told
told_new (void)
{
  return (Told) { g_ptr_array_new (), g_array_new (FALSE, FALSE, sizeof (GwStepCost)), 0 };
}

static void
told_clear (Told *told)
{
  g_ptr_array_unref (told->nodes);
  g_array_unref (told->costs);
}

static const GwStepCost *
cost_of (const Told *told,
         const char *node)
{
  for (guint i = 0; i < told->nodes->len; i++)
    if (g_str_equal (g_ptr_array_index (told->nodes, i), node))
      return &g_array_index (told->costs, GwStepCost, i);
  g_error ("no step of %s", node);
}

static void
test_costs (Fixture       *f,
            gconstpointer  data)
{
  GwOutput a = fixture_placeholder (f, GW_SHAPE (2, 3)), b = fixture_placeholder (f, GW_SHAPE (3, 4));
  GwOutput product = gw_op2 (&f->b, "MatMul", a, b);
  GwOutput chain = gw_op1 (&f->b, "Tanh", gw_op1 (&f->b, "Neg", product));
  g_autoptr (GwTensor) x = fixture_tensor ("[[1, 2, 3], [4, 5, 6]]", GW_FLOAT32);
  g_autoptr (GwTensor) y = fixture_tensor ("[[1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 1, 1]]", GW_FLOAT32);
  GwFeed feeds[] = { { a, x }, { b, y } };
  g_autoptr (GError) error = NULL;
  Told told = told_new ();
  g_autoptr (GwTensor) quiet = gw_session_fetch (f->session, f->graph, 2, feeds, chain, &error), watched = NULL;

  gw_session_set_step_func (f->session, step_ended, &told);
  watched = gw_session_fetch (f->session, f->graph, 2, feeds, chain, &error);
  gw_session_set_step_func (f->session, NULL, NULL);
  g_assert_no_error (error);
  g_assert_true (gw_tensor_equal (quiet, watched));
  g_assert_cmpuint (told.nodes->len, ==, 2);
  g_assert_cmpfloat (cost_of (&told, product.node->name)->flops, ==, 2 * 2 * 3 * 4);
  g_assert_cmpfloat (cost_of (&told, product.node->name)->bytes, ==, 4 * (6 + 12 + 8));
  g_assert_cmpint (cost_of (&told, chain.node->name)->n_nodes, ==, 2);
  g_assert_cmpfloat (cost_of (&told, chain.node->name)->flops, ==, 2 * 8);
  gw_tensor_unref (gw_session_fetch (f->session, f->graph, 2, feeds, chain, &error));
  g_assert_cmpuint (told.nodes->len, ==, 2);
  told_clear (&told);
}

/* Of a large table only the rows count that are taken. */
static void
test_rows (Fixture       *f,
           gconstpointer  data)
{
  GwOutput table = fixture_placeholder (f, GW_SHAPE (1000, 8));
  GwOutput rows = gw_op (&f->b, "GatherV2", GW_IN (table, fixture_const (f, "[3, 7]", GW_INT32),
                                                   gw_const_scalar (&f->b, GW_INT32, 0)), NULL);
  GwShape shape = GW_SHAPE (1000, 8);
  g_autoptr (GwTensor) value = gw_tensor_new (GW_FLOAT32, &shape, NULL), result = NULL;
  Told told = told_new ();

  memset (value->data, 0, (size_t) value->elements * 4);
  gw_session_set_step_func (f->session, step_ended, &told);
  result = gw_session_fetch (f->session, f->graph, 1, &(GwFeed) { table, value }, rows, NULL);
  gw_session_set_step_func (f->session, NULL, NULL);
  g_assert_nonnull (result);
  g_assert_cmpfloat (cost_of (&told, rows.node->name)->flops, ==, 16);
  g_assert_cmpfloat (cost_of (&told, rows.node->name)->bytes, <, 200);
  told_clear (&told);
}

typedef struct {
  pthread_mutex_t lock;
  int             n, n_threads;
} Parts;

static void
part_ended (void    *data,
            int      thread,
            int64_t  begin,
            int64_t  end)
{
  Parts *parts = data;

  pthread_mutex_lock (&parts->lock);
  g_assert_cmpint (thread, >=, 0);
  g_assert_cmpint (thread, <, parts->n_threads);
  g_assert_cmpint (begin, <=, end);
  parts->n++;
  pthread_mutex_unlock (&parts->lock);
}

static void
nothing (void *data,
         int   chunk)
{
  g_atomic_int_inc ((gint *) data);
}

static void
test_parts (void)
{
  g_autoptr (GwWorkers) workers = gw_workers_new (3);
  Parts parts = { PTHREAD_MUTEX_INITIALIZER, 0, 3 };
  gint chunks = 0;

  gw_workers_set_part_func (workers, part_ended, &parts);
  gw_workers_run (workers, 100, nothing, &chunks);
  gw_workers_set_part_func (workers, NULL, NULL);
  gw_workers_run (workers, 50, nothing, &chunks);
  g_assert_cmpint (chunks, ==, 150);
  g_assert_cmpint (parts.n, ==, 100);
}

int
main (int    argc,
      char **argv)
{
  fixture_init (&argc, &argv);
  FIXTURE_ADD ("/step-cost/costs", test_costs);
  FIXTURE_ADD ("/step-cost/rows", test_rows);
  g_test_add_func ("/step-cost/parts", test_parts);
  return g_test_run ();
}
