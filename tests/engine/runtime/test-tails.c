/* SPDX-License-Identifier: Apache-2.0 */
/* Element-wise steps that a kernel runs on what it makes, and outputs that it leaves out: every
 * value is, bit for bit, what its op gives alone, whatever is watched and on any number of
 * threads. */
#include "tests/engine/runtime/fixture.h"

#include <string.h>

#define MOST_FEEDS 4

/* A node, what is done to its result, and what is fed. */
typedef struct {
  int      n_feeds;
  GwFeed   feeds[MOST_FEEDS];
  GwOutput made, last;
} Pair;

static GwOutput
add_feed (Fixture *f,
          GRand   *random,
          Pair    *pair,
          GwShape  shape,
          double   scale)
{
  GwOutput input = fixture_placeholder (f, shape);
  GwTensor *tensor = gw_tensor_new (GW_FLOAT32, &shape, NULL);

  for (int64_t i = 0; i < tensor->elements; i++)
    gw_tensor_set_double (tensor, i, g_rand_double_range (random, -scale, scale));
  pair->feeds[pair->n_feeds++] = (GwFeed) { input, tensor };
  return input;
}

static void
clear_pair (Pair *pair)
{
  for (int i = 0; i < pair->n_feeds; i++)
    gw_tensor_unref (pair->feeds[i].tensor);
}

static int
count_steps (Fixture    *f,
             const Pair *pair,
             int         n,
             GwOutput   *fetches)
{
  GwOutput inputs[MOST_FEEDS];
  GwShape shapes[MOST_FEEDS];
  GwPlanSpec spec = { .graph = f->graph, .n_feeds = pair->n_feeds, .feeds = inputs, .feed_shapes = shapes,
                      .n_fetches = n, .fetches = fetches };
  g_autoptr (GwPlan) plan = NULL;
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < pair->n_feeds; i++)
    {
      inputs[i] = pair->feeds[i].output;
      shapes[i] = pair->feeds[i].tensor->shape;
    }
  plan = gw_plan_new (f->session, &spec, &error);
  g_assert_no_error (error);
  return gw_plan_n_steps (plan);
}

/* The last value with the first one watched and not, on one thread, and of the first one fed. */
static void
check_pair (Fixture    *f,
            const Pair *pair,
            gboolean    joins)
{
  GwOutput both[] = { pair->made, pair->last };
  g_autoptr (GwSession) single = gw_session_new (1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) alone = gw_session_fetch (f->session, f->graph, pair->n_feeds, pair->feeds, pair->last, &error);
  g_autoptr (GwTensor) one_thread = gw_session_fetch (single, f->graph, pair->n_feeds, pair->feeds, pair->last, &error);
  g_autoptr (GwTensor) of_fed = NULL;
  GwFeed feeds[MOST_FEEDS + 1];
  GwTensor *values[2];

  g_assert_no_error (error);
  g_assert_cmpint (count_steps (f, pair, 2, both) - count_steps (f, pair, 1, &both[1]), ==, joins ? 1 : 0);
  g_assert_true (gw_session_run (f->session, f->graph, pair->n_feeds, pair->feeds, 2, both, 0, NULL, NULL, values, &error));
  memcpy (feeds, pair->feeds, sizeof pair->feeds);
  feeds[pair->n_feeds] = (GwFeed) { pair->made, values[0] };
  of_fed = gw_session_fetch (f->session, f->graph, pair->n_feeds + 1, feeds, pair->last, &error);
  g_assert_no_error (error);
  g_assert_true (gw_tensor_equal (alone, of_fed));
  g_assert_true (gw_tensor_equal (one_thread, of_fed));
  g_assert_true (gw_tensor_equal (values[1], of_fed));
  gw_tensor_unref (values[0]);
  gw_tensor_unref (values[1]);
}

/* ---- convolutions ---- */

typedef struct {
  int64_t     batch, height, width, ins, outs, side, stride;
  const char *padding;
} Picture;

/* Direct, by Winograd's transforms, by patches and a product, and of nothing. */
static const Picture pictures[] = {
  { 3, 28, 28, 1, 32, 5, 1, "SAME" },  { 5, 14, 14, 32, 64, 5, 1, "SAME" }, { 40, 9, 11, 16, 48, 3, 1, "VALID" },
  { 2, 30, 30, 32, 32, 3, 1, "SAME" }, { 2, 17, 13, 3, 10, 3, 2, "SAME" },  { 3, 5, 5, 2, 3, 2, 1, "VALID" },
  { 1, 3, 3, 4, 2, 3, 1, "VALID" },    { 0, 8, 8, 3, 4, 3, 1, "SAME" },     { 2, 64, 70, 8, 20, 3, 1, "VALID" },
};

static GwOutput
conv (Fixture       *f,
      const char    *op,
      const Picture *p,
      GwOutput       a,
      GwOutput       b,
      GwOutput       c)
{
  int64_t strides[] = { 1, p->stride, p->stride, 1 };

  return gw_op (&f->b, op, c.node != NULL ? 3 : 2, (GwOutput[]) { a, b, c },
                GW_WITH ({ "strides", gw_attr_ints (4, strides) }, { "padding", gw_attr_string (p->padding) }));
}

/* A bias for each channel and an activation; another's sign decides what passes; rows of the
 * picture; nothing but a constant. */
static GwOutput
random_tail (Fixture       *f,
             GRand         *random,
             Pair          *pair,
             const GwShape *shape,
             int            kind)
{
  GwOutput y = pair->made;

  switch (kind)
    {
    case 0:
      y = gw_op2 (&f->b, "BiasAdd", y, add_feed (f, random, pair, GW_SHAPE (shape->dims[3]), 1));
      return gw_op1 (&f->b, "Relu", y);
    case 1:
      return gw_op2 (&f->b, "ReluGrad", y, add_feed (f, random, pair, *shape, 1));
    case 2:
      y = gw_op2 (&f->b, "Sub", add_feed (f, random, pair, GW_SHAPE_SCALAR, 1), y);
      return gw_op2 (&f->b, "Mul", gw_op1 (&f->b, "Tanh", y), y);
    default:
      return gw_op1 (&f->b, "Neg", y);
    }
}

static void
check_conv (Fixture       *f,
            GRand         *random,
            const Picture *p,
            int            kind)
{
  GwShape input = GW_SHAPE (p->batch, p->height, p->width, p->ins), filter = GW_SHAPE (p->side, p->side, p->ins, p->outs);
  Pair forward = { 0 }, backward = { 0 };
  GwOutput x = add_feed (f, random, &forward, input, 1), w = add_feed (f, random, &forward, filter, 1);
  g_autofree char *sizes = g_strdup_printf ("[%d, %d, %d, %d]", (int) p->batch, (int) p->height, (int) p->width, (int) p->ins);
  GwShape output;

  forward.made = conv (f, "Conv2D", p, x, w, (GwOutput) { 0 });
  g_assert_no_error (f->b.error);
  output = *gw_output_shape (forward.made);
  forward.last = random_tail (f, random, &forward, &output, kind);
  g_assert_no_error (f->b.error);
  check_pair (f, &forward, TRUE);
  clear_pair (&forward);

  w = add_feed (f, random, &backward, filter, 1);
  backward.made = conv (f, "Conv2DBackpropInput", p, fixture_const (f, sizes, GW_INT32), w, add_feed (f, random, &backward, output, 1));
  backward.last = random_tail (f, random, &backward, &input, kind);
  g_assert_no_error (f->b.error);
  check_pair (f, &backward, TRUE);
  clear_pair (&backward);
}

static void
test_conv (Fixture       *f,
           gconstpointer  data)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (3);

  for (guint i = 0; i < G_N_ELEMENTS (pictures); i++)
    for (int kind = 0; kind < 4; kind++)
      check_conv (f, random, &pictures[i], kind);
}

/* ---- pooling ---- */

static void
check_pool (Fixture *f,
            GRand   *random,
            int64_t  size,
            int64_t  stride,
            GwShape  shape)
{
  int64_t sizes[] = { 1, size, size, 1 }, strides[] = { 1, stride, stride, 1 };
  Pair pair = { 0 };
  GwOutput x = gw_op1 (&f->b, "Relu", add_feed (f, random, &pair, shape, 1));
  GwOutput y = gw_op (&f->b, "MaxPool", GW_IN (x), GW_WITH ({ "ksize", gw_attr_ints (4, sizes) }, { "strides", gw_attr_ints (4, strides) },
                                                            { "padding", gw_attr_string ("SAME") }));

  g_assert_no_error (f->b.error);
  pair.made = gw_op (&f->b, "MaxPoolGrad", GW_IN (x, y, add_feed (f, random, &pair, *gw_output_shape (y), 1)),
                     GW_WITH ({ "ksize", gw_attr_ints (4, sizes) }, { "strides", gw_attr_ints (4, strides) },
                              { "padding", gw_attr_string ("SAME") }));
  pair.last = gw_op2 (&f->b, "ReluGrad", pair.made, x);
  g_assert_no_error (f->b.error);
  check_pair (f, &pair, TRUE);
  clear_pair (&pair);
}

/* Windows side by side and not, channels that are one unit of work and several. */
static void
test_pool (Fixture       *f,
           gconstpointer  data)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (4);

  check_pool (f, random, 2, 2, GW_SHAPE (9, 28, 28, 32));
  check_pool (f, random, 2, 2, GW_SHAPE (4, 13, 15, 20));
  check_pool (f, random, 3, 2, GW_SHAPE (3, 20, 20, 100));
  check_pool (f, random, 3, 1, GW_SHAPE (2, 7, 9, 64));
  check_pool (f, random, 2, 2, GW_SHAPE (0, 4, 4, 3));
}

/* ---- what is not joined ---- */

/* A result that two steps take, one that walks over it otherwise than as it lies, and one
 * behind a write to what the first step reads. */
static void
test_apart (Fixture       *f,
            gconstpointer  data)
{
  static const Picture picture = { 2, 6, 6, 3, 4, 3, 1, "SAME" };
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  Pair pair = { 0 };
  GwOutput x = add_feed (f, random, &pair, GW_SHAPE (2, 6, 6, 3), 1);
  GwOutput w = add_feed (f, random, &pair, GW_SHAPE (3, 3, 3, 4), 1);
  GwOutput wide = add_feed (f, random, &pair, GW_SHAPE (3, 2, 6, 6, 4), 1);

  pair.made = conv (f, "Conv2D", &picture, x, w, (GwOutput) { 0 });
  pair.last = gw_op2 (&f->b, "AddV2", wide, pair.made);
  g_assert_no_error (f->b.error);
  check_pair (f, &pair, FALSE);
  pair.last = gw_op2 (&f->b, "MatMul", gw_op (&f->b, "Reshape", GW_IN (pair.made, fixture_const (f, "[72, 4]", GW_INT32)), NULL),
                      gw_op (&f->b, "Reshape", GW_IN (gw_op1 (&f->b, "Neg", pair.made), fixture_const (f, "[4, 72]", GW_INT32)), NULL));
  g_assert_no_error (f->b.error);
  check_pair (f, &pair, FALSE);
  clear_pair (&pair);
}

/* The filter is the variable's value before the write that stands between, as without a tail. */
static void
test_write_between (Fixture       *f,
                    gconstpointer  data)
{
  static const Picture picture = { 1, 2, 2, 1, 1, 1, 1, "SAME" };
  GwOutput w = fixture_initialized (f, "w", GW_SHAPE (1, 1, 1, 1), "[[[[3]]]]");
  GwOutput x = fixture_const (f, "[[[[1], [2]], [[3], [4]]]]", GW_FLOAT32);
  GwOutput y = conv (f, "Conv2D", &picture, x, w, (GwOutput) { 0 });
  GwOutput assign, last;

  assign = gw_op2 (&f->b, "Assign", w, fixture_const (f, "[[[[10]]]]", GW_FLOAT32));
  gw_graph_add_control (assign.node, y.node);
  last = gw_op1 (&f->b, "Neg", y);
  gw_graph_add_control (last.node, assign.node);
  g_assert_no_error (f->b.error);
  fixture_assert (f, last, 0, NULL, "[[[[-3], [-6]], [[-9], [-12]]]]");
  fixture_assert (f, last, 0, NULL, "[[[[-10], [-20]], [[-30], [-40]]]]");
}

/* ---- what is left out ---- */

/* The weights' gradient with the input's fetched and not. */
static void
test_left_out (Fixture       *f,
               gconstpointer  data)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (6);
  int64_t steps = 5, batch = 3, ins = 4, units = 16;
  GwShape gates = GW_SHAPE (steps, batch, units);
  Pair pair = { 0 };
  GwOutput x = add_feed (f, random, &pair, GW_SHAPE (steps, batch, ins), 1);
  GwOutput w = add_feed (f, random, &pair, GW_SHAPE (ins + units, 4 * units), 1);
  GwOutput zero = gw_op (&f->b, "Fill", GW_IN (fixture_const (f, "[3, 16]", GW_INT32), gw_const_scalar (&f->b, GW_FLOAT32, 0)), NULL);
  GwOutput peephole = gw_op (&f->b, "Fill", GW_IN (fixture_const (f, "[16]", GW_INT32), gw_const_scalar (&f->b, GW_FLOAT32, 0)), NULL);
  GwOutput bias = gw_op (&f->b, "Fill", GW_IN (fixture_const (f, "[64]", GW_INT32), gw_const_scalar (&f->b, GW_FLOAT32, 0.5)), NULL);
  GwOutput length = fixture_const (f, "4", GW_INT64);
  GwOutput arriving = add_feed (f, random, &pair, gates, 1), h, inputs[18], fetches[2];
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) alone = NULL;
  GwTensor *both[2];

  h = gw_op (&f->b, "BlockLSTM", GW_IN (length, x, zero, zero, w, peephole, peephole, peephole, bias), NULL);
  g_assert_no_error (f->b.error);
  memcpy (inputs, (GwOutput[]) { length, x, zero, zero, w, peephole, peephole, peephole, bias }, 9 * sizeof *inputs);
  for (int i = 0; i < 7; i++)
    inputs[9 + i] = (GwOutput) { h.node, i };
  inputs[16] = inputs[17] = arriving;
  fetches[0] = gw_op (&f->b, "BlockLSTMGrad", 18, inputs, GW_WITH ({ "use_peephole", gw_attr_bool (FALSE) }));
  g_assert_no_error (f->b.error);
  fetches[1] = (GwOutput) { fetches[0].node, 3 };
  alone = gw_session_fetch (f->session, f->graph, pair.n_feeds, pair.feeds, fetches[1], &error);
  g_assert_no_error (error);
  g_assert_true (gw_session_run (f->session, f->graph, pair.n_feeds, pair.feeds, 2, fetches, 0, NULL, NULL, both, &error));
  g_assert_true (gw_tensor_equal (alone, both[1]));
  g_assert_true (gw_shape_equal (&both[0]->shape, &GW_SHAPE (steps, batch, ins)));
  g_assert_cmpfloat (gw_tensor_get_double (both[0], 0), !=, 0);
  gw_tensor_unref (both[0]);
  gw_tensor_unref (both[1]);
  clear_pair (&pair);
}

int
main (int    argc,
      char **argv)
{
  fixture_init (&argc, &argv);
  FIXTURE_ADD ("/tails/convolution", test_conv);
  FIXTURE_ADD ("/tails/pooling", test_pool);
  FIXTURE_ADD ("/tails/apart", test_apart);
  FIXTURE_ADD ("/tails/write-between", test_write_between);
  FIXTURE_ADD ("/tails/left-out", test_left_out);
  return g_test_run ();
}
