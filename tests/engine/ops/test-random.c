/* SPDX-License-Identifier: Apache-2.0 */
/* Random ops give TensorFlow's own numbers, in the first and the second run of a
 * session, on any number of threads. */
#include "engine/base/error.h"
#include "tests/engine/ops/op-runner.h"
#include "tests/support/support.h"

#include <string.h>

typedef struct {
  GwGraph  *graph;
  GwBuilder builder;
  GwOutput  output;
} Drawing;

static void
drawing_init (Drawing       *drawing,
              const char    *op,
              const GwShape *shape,
              GwDType        dtype,
              int64_t        seed,
              int64_t        seed2)
{
  GwOutput sizes;
  GwBuilder *b = &drawing->builder;

  op_runner_init ();
  drawing->graph = gw_graph_new ();
  gw_builder_init (b, drawing->graph);
  sizes = gw_const_ints (b, shape->rank, shape->dims);
  if (g_str_equal (op, "RandomUniformInt"))
    drawing->output = gw_op (b, op, GW_IN (sizes, gw_const_scalar (b, dtype, 3), gw_const_scalar (b, dtype, 50)),
                             GW_WITH ({ "seed", gw_attr_int (seed) }, { "seed2", gw_attr_int (seed2) }));
  else
    drawing->output = gw_op (b, op, GW_IN (sizes),
                             GW_WITH ({ "seed", gw_attr_int (seed) }, { "seed2", gw_attr_int (seed2) },
                                      { "dtype", gw_attr_dtype (dtype) }));
  g_assert_no_error (b->error);
}

static void
drawing_clear (Drawing *drawing)
{
  gw_builder_clear (&drawing->builder);
  gw_graph_unref (drawing->graph);
}

static GwTensor *
draw (Drawing   *drawing,
      GwSession *session)
{
  g_autoptr (GError) error = NULL;
  GwTensor *tensor = gw_session_fetch (session, drawing->graph, 0, NULL, drawing->output, &error);

  g_assert_no_error (error);
  return tensor;
}

static void
assert_golden (const GwTensor *got,
               const cJSON    *json,
               gboolean        is_normal)
{
  g_autoptr (GwTensor) want = gw_test_golden_tensor (json);

  g_assert_true (gw_shape_equal (&got->shape, &want->shape));
  if (got->dtype == GW_FLOAT64)
    gw_test_assert_close (got, want, 1e-9); /* the file gives nine digits */
  else if (!is_normal)
    gw_test_assert_close (got, want, 0);
  else
    for (int64_t i = 0; i < got->elements; i++)
      g_assert_cmpint (gw_test_ulps (GW_TENSOR_DATA (got, float)[i], GW_TENSOR_DATA (want, float)[i]), <=, 4);
}

static void
check_case (const cJSON *json,
            int          n_threads)
{
  const char *op = gw_json_member_string (json, "op", "");
  GwDType dtype = gw_dtype_from_name (gw_json_member_string (json, "dtype", ""));
  g_autoptr (GwTensor) want = gw_test_golden_tensor (cJSON_GetObjectItem (json, "first_run"));
  g_autoptr (GwSession) session = gw_session_new (n_threads);
  gboolean is_normal = strstr (op, "Normal") != NULL;
  g_autoptr (GwTensor) first = NULL;
  g_autoptr (GwTensor) second = NULL;
  Drawing drawing;

  drawing_init (&drawing, op, &want->shape, dtype, gw_json_member_int (json, "seed", 0),
                gw_json_member_int (json, "seed2", 0));
  first = draw (&drawing, session);
  second = draw (&drawing, session);
  assert_golden (first, cJSON_GetObjectItem (json, "first_run"), is_normal);
  assert_golden (second, cJSON_GetObjectItem (json, "second_run"), is_normal);
  gw_session_forget_graph (session, drawing.graph);
  drawing_clear (&drawing);
}

static void
test_golden (void)
{
  g_autoptr (cJSON) golden = gw_test_golden ("random.json");
  const cJSON *item;
  int n = 0;

  cJSON_ArrayForEach (item, cJSON_GetObjectItem (golden, "cases"))
  {
    const char *op = gw_json_member_string (item, "op", "");

    if (!g_str_has_prefix (op, "RandomUniform") && strstr (op, "Normal") == NULL)
      continue;
    check_case (item, 1 + n % 3);
    n++;
  }
  g_assert_cmpint (n, >=, 45);
}

static void
test_threads_agree (void)
{
  static const char *const ops[] = { "RandomUniform", "RandomStandardNormal", "TruncatedNormal", "RandomUniformInt" };

  for (gsize i = 0; i < G_N_ELEMENTS (ops); i++)
    for (int wide = 0; wide < 2; wide++)
      {
        g_autoptr (GwSession) one = gw_session_new (1);
        g_autoptr (GwSession) four = gw_session_new (4);
        g_autoptr (GwTensor) a = NULL;
        g_autoptr (GwTensor) b = NULL;
        gboolean is_int = g_str_equal (ops[i], "RandomUniformInt");
        Drawing drawing;

        drawing_init (&drawing, ops[i], &GW_SHAPE (50001),
                      is_int ? (wide ? GW_INT64 : GW_INT32) : (wide ? GW_FLOAT64 : GW_FLOAT32), 5, 6);
        a = draw (&drawing, one);
        b = draw (&drawing, four);
        g_assert_true (gw_tensor_equal (a, b));
        gw_session_forget_graph (one, drawing.graph);
        gw_session_forget_graph (four, drawing.graph);
        drawing_clear (&drawing);
      }
}

/* Without seeds every session draws its own; within one the stream goes on; after a
 * reset a seeded stream is as it was. */
static void
test_streams (void)
{
  g_autoptr (GwSession) session = gw_session_new (1);
  g_autoptr (GwSession) other = gw_session_new (1);
  g_autoptr (GwTensor) a = NULL, b = NULL, c = NULL, d = NULL, e = NULL;
  Drawing open, seeded;

  drawing_init (&open, "RandomUniform", &GW_SHAPE (8), GW_FLOAT32, 0, 0);
  a = draw (&open, session);
  b = draw (&open, session);
  c = draw (&open, other);
  g_assert_false (gw_tensor_equal (a, b));
  g_assert_false (gw_tensor_equal (a, c));
  drawing_init (&seeded, "RandomUniform", &GW_SHAPE (8), GW_FLOAT32, 1, 2);
  d = draw (&seeded, session);
  gw_session_reset_streams (session, seeded.graph);
  e = draw (&seeded, session);
  g_assert_true (gw_tensor_equal (d, e));
  gw_session_forget_graph (session, open.graph);
  gw_session_forget_graph (other, open.graph);
  gw_session_forget_graph (session, seeded.graph);
  drawing_clear (&open);
  drawing_clear (&seeded);
}

static void
test_integer_range (void)
{
  g_autoptr (GwSession) session = gw_session_new (1);
  g_autoptr (GwTensor) values = NULL;
  Drawing drawing;

  drawing_init (&drawing, "RandomUniformInt", &GW_SHAPE (10000), GW_INT64, 1, 1);
  values = draw (&drawing, session);
  for (int64_t i = 0; i < values->elements; i++)
    {
      g_assert_cmpint (GW_TENSOR_DATA (values, int64_t)[i], >=, 3);
      g_assert_cmpint (GW_TENSOR_DATA (values, int64_t)[i], <, 50);
    }
  gw_session_forget_graph (session, drawing.graph);
  drawing_clear (&drawing);
}

static void
test_errors (void)
{
  op_infers ("RandomUniform", NULL, OP_IN ("int32 [2]"), "[?,?]");
  op_infers ("TruncatedNormal", NULL, OP_IN ("=[3, 4]"), "[3,4]");
  op_fails ("RandomUniform", NULL, OP_IN ("[-1]"), GW_ERROR_INVALID_ARGUMENT, "shape: Dimension -1 must be >= 0");
  op_fails ("RandomStandardNormal", NULL, OP_IN ("int64 [1000000000000000]"), GW_ERROR_RESOURCE_EXHAUSTED, NULL);
  op_fails ("RandomUniformInt", NULL, OP_IN ("[1]", "5", "3"), GW_ERROR_INVALID_ARGUMENT,
            "Need minval < maxval, got 5 >= 3");
  op_fails ("RandomUniformInt", NULL, OP_IN ("[1]", "[5]", "7"), GW_ERROR_INVALID_ARGUMENT, "minval must be rank 0");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/random/golden", test_golden);
  g_test_add_func ("/ops/random/threads-agree", test_threads_agree);
  g_test_add_func ("/ops/random/streams", test_streams);
  g_test_add_func ("/ops/random/integer-range", test_integer_range);
  g_test_add_func ("/ops/random/errors", test_errors);
  return g_test_run ();
}
