/* SPDX-License-Identifier: Apache-2.0 */
/* Fusing element-wise steps changes nothing but the time: every value is, bit for bit,
 * what its op gives alone; whatever is fetched beside; on any number of threads. */
#include "tests/engine/runtime/fixture.h"

#include "engine/tensor/text.h"

#include <math.h>
#include <string.h>

#define MAX_NODES 40

static const char *const unary[] = { "Tanh", "Neg", "Relu", "Exp", "Sigmoid", "Square", "Abs" };
static const char *const binary[] = { "AddV2", "Mul", "Sub", "Maximum", "RealDiv", "TanhGrad" };
#define MOST_SUMMANDS 5

/* Inputs of a random expression: the shape of the result and those that repeat. */
typedef struct {
  GwShape shape;
  GwFeed  feeds[5];
} Inputs;

static GwTensor *
random_tensor (GRand         *random,
               const GwShape *shape)
{
  GwTensor *tensor = gw_tensor_new (GW_FLOAT32, shape, NULL);

  for (int64_t i = 0; i < tensor->elements; i++)
    gw_tensor_set_double (tensor, i, g_rand_double_range (random, -2, 2));
  return tensor;
}

static void
make_inputs (Fixture *f,
             GRand   *random,
             int64_t  rows,
             int64_t  columns,
             Inputs  *inputs)
{
  const GwShape shapes[] = { GW_SHAPE (rows, columns), GW_SHAPE (rows, columns), GW_SHAPE (columns), GW_SHAPE (rows, 1),
                             GW_SHAPE_SCALAR };

  inputs->shape = shapes[0];
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      inputs->feeds[i].output = fixture_placeholder (f, shapes[i]);
      inputs->feeds[i].tensor = random_tensor (random, &shapes[i]);
    }
}

static void
clear_inputs (Inputs *inputs)
{
  for (guint i = 0; i < G_N_ELEMENTS (inputs->feeds); i++)
    gw_tensor_unref (inputs->feeds[i].tensor);
}

/* Of two or more nodes, some perhaps taken twice. */
static GwOutput
random_sum (Fixture        *f,
            GRand          *random,
            const GwOutput *nodes,
            int             n)
{
  GwOutput summands[MOST_SUMMANDS];
  int many = g_rand_int_range (random, 2, MOST_SUMMANDS + 1);

  for (int i = 0; i < many; i++)
    summands[i] = nodes[g_rand_int_range (random, 0, n)];
  return gw_op (&f->b, "AddN", many, summands, NULL);
}

/* The first two nodes are the full inputs; each further one takes any before it. */
static int
random_expression (Fixture      *f,
                   GRand        *random,
                   const Inputs *inputs,
                   GwOutput     *nodes)
{
  int n = 2, end = g_rand_int_range (random, 4, MAX_NODES);

  nodes[0] = inputs->feeds[0].output;
  nodes[1] = inputs->feeds[1].output;
  for (; n < end; n++)
    {
      GwOutput x = nodes[g_rand_boolean (random) ? n - 1 : g_rand_int_range (random, 0, n)];
      int other = g_rand_int_range (random, 0, 6);
      GwOutput y = other < 5 ? inputs->feeds[other].output : nodes[g_rand_int_range (random, 0, n)];

      if (g_rand_int_range (random, 0, 5) == 0)
        nodes[n] = random_sum (f, random, nodes, n);
      else if (g_rand_int_range (random, 0, 8) == 0)
        nodes[n] = gw_op (&f->b, "Cast", GW_IN (gw_op2 (&f->b, "Less", x, y)), GW_WITH ({ "DstT", gw_attr_dtype (GW_FLOAT32) }));
      else if (g_rand_int_range (random, 0, 3) == 0)
        nodes[n] = gw_op1 (&f->b, unary[g_rand_int_range (random, 0, G_N_ELEMENTS (unary))], x);
      else
        {
          int op = g_rand_int_range (random, 0, y.node == x.node || other == 0 || other == 1 || other == 5 ? 6 : 5);

          nodes[n] = gw_op2 (&f->b, binary[op], x, y);
        }
    }
  g_assert_no_error (f->b.error);
  return n;
}

static void
assert_same_bits (const GwTensor *a,
                  const GwTensor *b,
                  const char     *what,
                  int             node)
{
  if (!gw_tensor_equal (a, b))
    for (int64_t i = 0; i < a->elements; i++)
      if (memcmp ((char *) a->data + 4 * i, (char *) b->data + 4 * i, 4) != 0)
        g_error ("%s: node %d differs at element %d: %.9g and %.9g", what, node, (int) i, gw_tensor_get_double (a, i),
                 gw_tensor_get_double (b, i));
}

typedef struct {
  int    n;
  GwFeed feeds[MOST_SUMMANDS];
} Feeds;

/* Feeds what the node takes, as far as it is an input or one of the first `n` nodes; else
 * what that takes. */
static void
feed_operands (const GwNode   *node,
               const Inputs   *inputs,
               int             n,
               const GwOutput *nodes,
               GwTensor      **values,
               Feeds          *feeds)
{
  for (int k = 0; k < node->n_inputs; k++)
    {
      GwOutput input = node->inputs[k];
      GwTensor *value = NULL;
      gboolean is_fed = FALSE;

      for (int i = 0; i < feeds->n; i++)
        is_fed = is_fed || gw_output_equal (input, feeds->feeds[i].output);
      for (guint j = 0; j < G_N_ELEMENTS (inputs->feeds); j++)
        if (gw_output_equal (input, inputs->feeds[j].output))
          value = inputs->feeds[j].tensor;
      for (int j = 2; j < n; j++)
        if (gw_output_equal (input, nodes[j]))
          value = values[j];
      if (value == NULL)
        feed_operands (input.node, inputs, n, nodes, values, feeds);
      else if (!is_fed)
        feeds->feeds[feeds->n++] = (GwFeed) { input, value };
    }
}

/* Each op in a run of its own, with the values before it fed. */
static void
run_alone (Fixture        *f,
           const Inputs   *inputs,
           int             n,
           const GwOutput *nodes,
           GwTensor      **values)
{
  g_autoptr (GError) error = NULL;

  values[0] = gw_tensor_ref (inputs->feeds[0].tensor);
  values[1] = gw_tensor_ref (inputs->feeds[1].tensor);
  for (int i = 2; i < n; i++)
    {
      Feeds feeds = { 0 };

      feed_operands (nodes[i].node, inputs, i, nodes, values, &feeds);
      values[i] = gw_session_fetch (f->session, f->graph, feeds.n, feeds.feeds, nodes[i], &error);
      g_assert_no_error (error);
    }
}

static void
check_expression (Fixture *f,
                  GRand   *random,
                  int64_t  rows,
                  int64_t  columns)
{
  Inputs inputs;
  GwOutput nodes[MAX_NODES];
  GwTensor *alone[MAX_NODES], *all[MAX_NODES], *last;
  g_autoptr (GwSession) single = gw_session_new (1);
  g_autoptr (GError) error = NULL;
  int n;

  make_inputs (f, random, rows, columns, &inputs);
  n = random_expression (f, random, &inputs, nodes);
  run_alone (f, &inputs, n, nodes, alone);
  g_assert_true (gw_session_run (f->session, f->graph, 5, inputs.feeds, n, nodes, 0, NULL, NULL, all, &error));
  last = gw_session_fetch (single, f->graph, 5, inputs.feeds, nodes[n - 1], &error);
  g_assert_no_error (error);
  assert_same_bits (last, alone[n - 1], "only the last one fetched", n - 1);
  for (int i = 0; i < n; i++)
    {
      assert_same_bits (all[i], alone[i], "all fetched", i);
      gw_tensor_unref (all[i]);
      gw_tensor_unref (alone[i]);
    }
  gw_tensor_unref (last);
  clear_inputs (&inputs);
}

static void
test_random (Fixture       *f,
             gconstpointer  data)
{
  static const int64_t sizes[][2] = { { 1, 1 }, { 3, 5 }, { 7, 64 }, { 100, 10 }, { 2, 3000 }, { 33, 1000 }, { 1, 5 }, { 5, 1 } };
  g_autoptr (GRand) random = g_rand_new_with_seed (11);

  for (int round = 0; round < 12; round++)
    for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
      check_expression (f, random, sizes[i][0], sizes[i][1]);
}

static int
count_steps (Fixture  *f,
             int       n,
             GwOutput *fetches)
{
  GwPlanSpec spec = { .graph = f->graph, .n_fetches = n, .fetches = fetches };
  g_autoptr (GError) error = NULL;
  g_autoptr (GwPlan) plan = gw_plan_new (f->session, &spec, &error);

  g_assert_no_error (error);
  return gw_plan_n_steps (plan);
}

/* A chain is one step, whatever of it is watched; a write to a variable cuts it. */
static void
test_steps (Fixture       *f,
            gconstpointer  data)
{
  GwOutput w = fixture_initialized (f, "w", GW_SHAPE (4), "[1, 2, 3, 4]");
  GwOutput x = gw_op1 (&f->b, "Identity", w), chain[20];
  GwOutput total;

  for (int i = 0; i < 20; i++)
    chain[i] = x = gw_op2 (&f->b, "AddV2", gw_op1 (&f->b, "Tanh", x), w);
  total = gw_op2 (&f->b, "Sum", x, gw_const_scalar (&f->b, GW_INT32, 0));
  g_assert_no_error (f->b.error);
  g_assert_cmpint (count_steps (f, 1, &x), ==, 1);
  g_assert_cmpint (count_steps (f, 20, chain), ==, 1);
  g_assert_cmpint (count_steps (f, 1, &total), <=, 2);
}

/* Chains that begin with the same operand and end in one node are one step, as are the sum
 * of several and a comparison's truth as a number; a conversion that drops bits is not. */
static void
test_trees (Fixture       *f,
            gconstpointer  data)
{
  GwOutput x = gw_op1 (&f->b, "Identity", fixture_initialized (f, "x", GW_SHAPE (6), "[-2, -1, 0, 1, 2, 3]"));
  GwOutput z = gw_op1 (&f->b, "Identity", fixture_initialized (f, "z", GW_SHAPE (6), "[1, 0, 1, 0, 1, 0]"));
  GwOutput log = gw_op1 (&f->b, "Log1p", gw_op1 (&f->b, "Exp", gw_op1 (&f->b, "Neg", gw_op1 (&f->b, "Abs", x))));
  GwOutput entropy = gw_op2 (&f->b, "AddV2", gw_op2 (&f->b, "Sub", gw_op1 (&f->b, "Relu", x), gw_op2 (&f->b, "Mul", x, z)), log);
  GwOutput many = gw_op (&f->b, "AddN", GW_IN (gw_op1 (&f->b, "Neg", x), gw_op1 (&f->b, "Square", x), x, z, x), NULL);
  GwOutput mask = gw_op (&f->b, "Cast", GW_IN (gw_op2 (&f->b, "Less", x, z)), GW_WITH ({ "DstT", gw_attr_dtype (GW_FLOAT32) }));
  GwOutput wide = gw_op (&f->b, "Cast", GW_IN (gw_op1 (&f->b, "Tanh", x)), GW_WITH ({ "DstT", gw_attr_dtype (GW_FLOAT64) }));
  GwOutput cut = gw_op (&f->b, "Cast", GW_IN (gw_op1 (&f->b, "Neg", wide)),
                        GW_WITH ({ "DstT", gw_attr_dtype (GW_FLOAT32) }, { "Truncate", gw_attr_bool (TRUE) }));

  g_assert_no_error (f->b.error);
  g_assert_cmpint (count_steps (f, 1, &entropy), ==, 1);
  g_assert_cmpint (count_steps (f, 2, (GwOutput[]) { entropy, log }), ==, 1);
  g_assert_cmpint (count_steps (f, 1, &many), ==, 1);
  g_assert_cmpint (count_steps (f, 1, &mask), ==, 1);
  g_assert_cmpint (count_steps (f, 1, &cut), ==, 2);
  fixture_assert (f, many, 0, NULL, "[3, 0, 1, 2, 7, 12]");
  fixture_assert (f, mask, 0, NULL, "[1, 1, 1, 0, 0, 0]");
}

/* y and a sum of it: alone, with y watched, on one thread, and of y fed. */
static void
check_sum (Fixture  *f,
           GwFeed    x,
           GwOutput  y,
           GwOutput  sum,
           int       steps)
{
  GwPlanSpec spec = { .graph = f->graph, .n_feeds = 1, .feeds = &x.output, .feed_shapes = &x.tensor->shape,
                      .n_fetches = 1, .fetches = &sum };
  g_autoptr (GwSession) single = gw_session_new (1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GwPlan) plan = gw_plan_new (f->session, &spec, &error);
  g_autoptr (GwTensor) alone = gw_session_fetch (f->session, f->graph, 1, &x, sum, &error);
  g_autoptr (GwTensor) one_thread = gw_session_fetch (single, f->graph, 1, &x, sum, &error);
  g_autoptr (GwTensor) of_fed = NULL;
  GwTensor *both[2];

  g_assert_no_error (error);
  g_assert_cmpint (gw_plan_n_steps (plan), ==, steps);
  g_assert_true (gw_session_run (f->session, f->graph, 1, &x, 2, (GwOutput[]) { y, sum }, 0, NULL, NULL, both, &error));
  of_fed = gw_session_fetch (f->session, f->graph, 1, &(GwFeed) { y, both[0] }, sum, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (fabs (gw_tensor_get_double (of_fed, 0)), >, 0);
  g_assert_true (gw_tensor_equal (alone, of_fed));
  g_assert_true (gw_tensor_equal (one_thread, of_fed));
  g_assert_true (gw_tensor_equal (both[1], of_fed));
  gw_tensor_unref (both[0]);
  gw_tensor_unref (both[1]);
}

/* A sum of all elements rides on the tiles where its pieces begin as tiles do, and has the
 * bits that it has by itself in any case. */
static void
test_sum (Fixture       *f,
          gconstpointer  data)
{
  static const struct { int64_t rows, columns; gboolean rides; } cases[] = {
    { 10, 4096, TRUE }, { 64, 1024, TRUE }, { 128, 640, TRUE }, { 1, 16384 * 9, TRUE }, { 1030, 1024, FALSE },
    { 7, 8192, FALSE }, { 3, 17000, FALSE }, { 5, 7, FALSE },
  };
  static const char *const ops[] = { "Sum", "Mean" };
  g_autoptr (GRand) random = g_rand_new_with_seed (5);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint k = 0; k < 4; k++)
      {
        GwShape shape = GW_SHAPE (cases[i].rows, cases[i].columns);
        g_autoptr (GwTensor) value = random_tensor (random, &shape);
        GwFeed x = { fixture_placeholder (f, shape), value };
        GwOutput wide = k < 2 ? x.output : gw_op (&f->b, "Cast", GW_IN (x.output), GW_WITH ({ "DstT", gw_attr_dtype (GW_FLOAT64) }));
        GwOutput y = gw_op2 (&f->b, "Mul", gw_op1 (&f->b, "Tanh", gw_op2 (&f->b, "AddV2", wide, wide)), wide);
        GwOutput sum = gw_op (&f->b, ops[k % 2], GW_IN (y, fixture_const (f, "[0, -1]", GW_INT32)),
                              GW_WITH ({ "keep_dims", gw_attr_bool (k == 1) }));

        check_sum (f, x, y, sum, cases[i].rides ? 1 : 2);
      }
}

/* A value under another shape is another operand: the group that makes it comes first. */
static void
test_alias (Fixture       *f,
            gconstpointer  data)
{
  GwOutput x = fixture_placeholder (f, GW_SHAPE (2, 3));
  GwOutput y = gw_op1 (&f->b, "Neg", gw_op1 (&f->b, "Square", x));
  GwOutput turned = gw_op2 (&f->b, "Reshape", y, fixture_const (f, "[3, 2]", GW_INT32));
  GwOutput back = gw_op2 (&f->b, "Reshape", turned, fixture_const (f, "[2, 3]", GW_INT32));
  GwOutput z = gw_op2 (&f->b, "AddV2", gw_op2 (&f->b, "Mul", back, y), y);
  g_autoptr (GwTensor) value = fixture_tensor ("[[1, 2, 3], [0, 1, 2]]", GW_FLOAT32);

  fixture_assert (f, z, 1, &(GwFeed) { x, value }, "[[0, 12, 72], [0, 0, 12]]");
}

/* What only a target asks for, under another shape, is made and kept nowhere. */
static void
test_target (Fixture       *f,
             gconstpointer  data)
{
  GwOutput x = fixture_placeholder (f, GW_SHAPE (2, 3));
  GwOutput y = gw_op1 (&f->b, "Relu", gw_op1 (&f->b, "Neg", x));
  GwOutput same = gw_op1 (&f->b, "Identity", y);
  g_autoptr (GwTensor) value = fixture_tensor ("[[1, 2, 3], [-1, 0, -2]]", GW_FLOAT32);
  GwFeed feed = { x, value };
  g_autoptr (GError) error = NULL;

  g_assert_true (gw_session_run (f->session, f->graph, 1, &feed, 0, NULL, 1, &same.node, NULL, NULL, &error));
  g_assert_no_error (error);
  fixture_assert (f, same, 1, &feed, "[[0, 0, 0], [1, 0, 2]]");
}

/* A bias rides along where the channels stand last; where they stand second it is added by
 * itself, along the right dimension. */
static void
test_bias (Fixture       *f,
           gconstpointer  data)
{
  static const char *const formats[] = { "NHWC", "NCHW" };
  GwOutput x = fixture_placeholder (f, GW_SHAPE (1, 2, 2, 2));
  g_autoptr (GwTensor) value = fixture_tensor ("[[[[1, 2], [3, 4]], [[-5, -6], [7, 8]]]]", GW_FLOAT32);
  static const char *const expected[] = { "[[[[11, 22], [13, 24]], [[5, 14], [17, 28]]]]",
                                          "[[[[11, 12], [13, 14]], [[15, 14], [27, 28]]]]" };

  for (int i = 0; i < 2; i++)
    {
      GwOutput sum = gw_op (&f->b, "BiasAdd", GW_IN (x, fixture_const (f, "[10, 20]", GW_FLOAT32)),
                            GW_WITH ({ "data_format", gw_attr_string (formats[i]) }));
      GwOutput y = gw_op1 (&f->b, "Relu", sum);
      GwPlanSpec spec = { .graph = f->graph, .n_feeds = 1, .feeds = &x, .feed_shapes = &value->shape, .n_fetches = 1,
                          .fetches = &y };
      g_autoptr (GwPlan) plan = gw_plan_new (f->session, &spec, NULL);

      g_assert_cmpint (gw_plan_n_steps (plan), ==, i + 1);
      fixture_assert (f, y, 1, &(GwFeed) { x, value }, expected[i]);
      fixture_assert (f, sum, 1, &(GwFeed) { x, value }, expected[i]);
    }
}

int
main (int    argc,
      char **argv)
{
  fixture_init (&argc, &argv);
  FIXTURE_ADD ("/fuse/random", test_random);
  FIXTURE_ADD ("/fuse/steps", test_steps);
  FIXTURE_ADD ("/fuse/trees", test_trees);
  FIXTURE_ADD ("/fuse/sum", test_sum);
  FIXTURE_ADD ("/fuse/alias", test_alias);
  FIXTURE_ADD ("/fuse/target", test_target);
  FIXTURE_ADD ("/fuse/bias", test_bias);
  return g_test_run ();
}
