/* SPDX-License-Identifier: Apache-2.0 */
/* Summary ops, read back through an event file as TensorBoard would; string ops. */
#include "engine/base/error.h"
#include "engine/files/event-file.h"
#include "engine/files/image-file.h"
#include "tests/engine/ops/op-runner.h"
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

/* What the values of a summary say: "tag kind" lines, with what is in them. */
typedef struct {
  char          *dir;
  GwEventReader *reader;
  GwEventValue   value;
} ReadBack;

static GwTensor *
run_summary (const char        *op,
             const char        *attrs,
             const char *const *inputs,
             GError           **error)
{
  g_autoptr (GwGraph) graph = NULL;
  g_autoptr (GwSession) session = gw_session_new (1);
  GwOutput outputs[8];
  GwBuilder b;
  GwNode *node;
  int n = 0;

  op_runner_init ();
  graph = gw_graph_new ();
  gw_builder_init (&b, graph);
  for (; inputs[n] != NULL; n++)
    outputs[n] = gw_const (&b, gw_test_tensor (inputs[n]));
  gw_builder_clear (&b);
  node = op_add (graph, op, attrs, n, outputs, error);
  return node != NULL ? gw_session_fetch (session, graph, 0, NULL, (GwOutput) { node, 0 }, error) : NULL;
}

static void
read_back_open (ReadBack       *read_back,
                const GwTensor *summary)
{
  g_autoptr (GError) error = NULL;
  GwEventWriter *writer;
  const GwString *bytes = gw_tensor_get_string (summary, 0);

  read_back->dir = gw_test_dir_new ();
  writer = gw_event_writer_new (read_back->dir, NULL, &error);
  g_assert_no_error (error);
  gw_event_writer_add_summary (writer, 1, 7, bytes->data, bytes->length, &error);
  g_assert_no_error (error);
  gw_event_writer_flush (writer, &error);
  g_assert_no_error (error);
  read_back->reader = gw_event_reader_open (gw_event_writer_path (writer), &error);
  g_assert_no_error (error);
  gw_event_writer_free (writer);
}

static gboolean
read_back_next (ReadBack *read_back)
{
  g_autoptr (GError) error = NULL;

  do
    if (gw_event_reader_next (read_back->reader, &read_back->value, &error) != GW_READ_OK)
      return FALSE;
  while (read_back->value.kind == GW_EVENT_FILE_VERSION);
  return TRUE;
}

static void
read_back_close (ReadBack *read_back)
{
  g_assert_false (read_back_next (read_back));
  gw_event_reader_free (read_back->reader);
  gw_test_dir_remove (read_back->dir);
}

static void
open_summary (ReadBack          *read_back,
              const char        *op,
              const char        *attrs,
              const char *const *inputs)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) summary = run_summary (op, attrs, inputs, &error);

  g_assert_no_error (error);
  g_assert_cmpint (summary->shape.rank, ==, 0);
  read_back_open (read_back, summary);
}

static void
test_scalar (void)
{
  ReadBack r;

  open_summary (&r, "ScalarSummary", NULL, OP_IN ("[\"loss\", \"rate\"]", "[0.5, nan]"));
  g_assert_true (read_back_next (&r));
  g_assert_cmpint (r.value.kind, ==, GW_EVENT_SCALAR);
  g_assert_cmpstr (r.value.tag, ==, "loss");
  g_assert_cmpfloat (r.value.scalar, ==, 0.5);
  g_assert_true (read_back_next (&r));
  g_assert_cmpstr (r.value.tag, ==, "rate");
  g_assert_true (isnan (r.value.scalar));
  read_back_close (&r);
  op_fails ("ScalarSummary", NULL, OP_IN ("\"loss\"", "[0.5, 1.5]"), GW_ERROR_INVALID_ARGUMENT,
            "tags and values are not the same shape: [] != [2]");
}

static void
test_histogram (void)
{
  ReadBack r;

  open_summary (&r, "HistogramSummary", NULL, OP_IN ("\"weights\"", "[[-1.0, 0.5], [0.5, 2.0]]"));
  g_assert_true (read_back_next (&r));
  g_assert_cmpint (r.value.kind, ==, GW_EVENT_HISTOGRAM);
  g_assert_cmpstr (r.value.tag, ==, "weights");
  g_assert_cmpfloat (r.value.histogram.num, ==, 4);
  g_assert_cmpfloat (r.value.histogram.min, ==, -1);
  g_assert_cmpfloat (r.value.histogram.max, ==, 2);
  g_assert_cmpfloat (r.value.histogram.sum, ==, 2);
  read_back_close (&r);
  op_fails ("HistogramSummary", NULL, OP_IN ("\"weights\"", "[1.0, nan]"), GW_ERROR_INVALID_ARGUMENT,
            "Nan in summary histogram for: HistogramSummary");
  op_fails ("HistogramSummary", NULL, OP_IN ("[\"a\", \"b\"]", "[1.0]"), GW_ERROR_INVALID_ARGUMENT, "tag must be rank 0");
}

/* The next value is a picture called `tag` with these bytes. */
static void
next_picture (ReadBack     *r,
              const char   *tag,
              int           n,
              const guint8 *pixels)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) picture = NULL;

  g_assert_true (read_back_next (r));
  g_assert_cmpint (r->value.kind, ==, GW_EVENT_IMAGE);
  g_assert_cmpstr (r->value.tag, ==, tag);
  picture = gw_png_decode (r->value.bytes, r->value.size, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (picture->data, picture->bytes, pixels, (gsize) n);
}

static void
test_image (void)
{
  ReadBack r;

  open_summary (&r, "ImageSummary", "max_images=1", OP_IN ("\"digit\"", "[[[[0.0], [1.0]], [[2.0], [4.0]]]]"));
  next_picture (&r, "digit/image", 4, (const guint8[]) { 0, 63, 127, 255 });
  read_back_close (&r);
  open_summary (&r, "ImageSummary", NULL, OP_IN ("\"x\"", "[[[[-1.0], [0.5]]], [[[0.0], [0.0]]]]"));
  next_picture (&r, "x/image/0", 2, (const guint8[]) { 1, 191 });
  next_picture (&r, "x/image/1", 2, (const guint8[]) { 0, 0 });
  read_back_close (&r);
  open_summary (&r, "ImageSummary", "max_images=1", OP_IN ("\"rgb\"", "[[[[1.0, 2.0, nan], [1.0, 2.0, 0.0]]]]"));
  next_picture (&r, "rgb/image", 6, (const guint8[]) { 255, 0, 0, 127, 255, 0 });
  read_back_close (&r);
  open_summary (&r, "ImageSummary", "max_images=2", OP_IN ("\"u\"", "uint8 [[[[7, 8, 9, 255]]]]"));
  next_picture (&r, "u/image/0", 4, (const guint8[]) { 7, 8, 9, 255 });
  read_back_close (&r);
  op_fails ("ImageSummary", NULL, OP_IN ("\"x\"", "[[[[1.0, 2.0]]]]"), GW_ERROR_INVALID_ARGUMENT,
            "Tensor must be 4-D with last dim 1, 3, or 4, not [1,1,1,2]");
  op_fails ("ImageSummary", NULL, OP_IN ("\"x\"", "[[1.0]]"), GW_ERROR_INVALID_ARGUMENT, "Tensor must be 4-D");
}

static void
test_merge (void)
{
  g_autoptr (GwGraph) graph = NULL;
  g_autoptr (GwSession) session = gw_session_new (1);
  g_autoptr (GwTensor) merged = NULL;
  GError *error = NULL;
  GwOutput a, b, sum, twice;
  GwBuilder builder;
  ReadBack r;

  op_runner_init ();
  graph = gw_graph_new ();
  gw_builder_init (&builder, graph);
  a = gw_op2 (&builder, "ScalarSummary", gw_const (&builder, gw_tensor_new_string ("a")),
              gw_const_scalar (&builder, GW_FLOAT32, 1));
  b = gw_op2 (&builder, "ScalarSummary", gw_const (&builder, gw_tensor_new_string ("b")),
              gw_const_scalar (&builder, GW_INT32, 2));
  sum = gw_op2 (&builder, "MergeSummary", a, b);
  twice = gw_op2 (&builder, "MergeSummary", sum, a);
  g_assert_no_error (builder.error);
  merged = gw_session_fetch (session, graph, 0, NULL, sum, &error);
  g_assert_no_error (error);
  read_back_open (&r, merged);
  g_assert_true (read_back_next (&r));
  g_assert_cmpstr (r.value.tag, ==, "a");
  g_assert_true (read_back_next (&r));
  g_assert_cmpstr (r.value.tag, ==, "b");
  g_assert_cmpfloat (r.value.scalar, ==, 2);
  read_back_close (&r);
  g_assert_null (gw_session_fetch (session, graph, 0, NULL, twice, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "Duplicate tag a found in summary inputs");
  gw_session_forget_graph (session, graph);
  gw_builder_clear (&builder);
}

static void
test_tensor (void)
{
  ReadBack r;

  open_summary (&r, "TensorSummaryV2", NULL, OP_IN ("\"note\"", "[\"x\", \"y\"]", "\"\\x0a\\x06\\x0a\\x04text\""));
  g_assert_true (read_back_next (&r));
  g_assert_cmpstr (r.value.tag, ==, "note");
  g_assert_cmpstr (r.value.plugin, ==, "text");
  gw_test_assert_tensor (r.value.tensor, "[\"x\", \"y\"]");
  read_back_close (&r);
  op_fails ("TensorSummaryV2", NULL, OP_IN ("\"t\"", "1", "[\"\", \"\"]"), GW_ERROR_INVALID_ARGUMENT,
            "serialized_summary_metadata must be rank 0");
}

/* ---- strings ---- */

static void
test_string_join (void)
{
  op_gives ("StringJoin", "separator=-", OP_IN ("[\"a\", \"b\"]", "[\"x\", \"y\"]"), OP_IN ("[\"a-x\", \"b-y\"]"));
  op_gives ("StringJoin", NULL, OP_IN ("\"Hello, \"", "[\"world\", \"\"]"), OP_IN ("[\"Hello, world\", \"Hello, \"]"));
  op_gives ("StringJoin", NULL, OP_IN ("\"a\""), OP_IN ("\"a\""));
  op_infers ("StringJoin", NULL, OP_IN ("string []", "string [?]", "string [3]"), "[3]");
  op_infers ("StringJoin", NULL, OP_IN ("string []", "string ?"), "?");
  op_fails ("StringJoin", NULL, OP_IN ("[\"a\", \"b\"]", "[\"x\"]"), GW_ERROR_INVALID_ARGUMENT,
            "Dimension 0 in both shapes must be equal");
}

static void
test_as_string (void)
{
  op_gives ("AsString", NULL, OP_IN ("[1.5, -2.25]"), OP_IN ("[\"1.500000\", \"-2.250000\"]"));
  op_gives ("AsString", "precision=3", OP_IN ("[1.5, -2.25]"), OP_IN ("[\"1.500\", \"-2.250\"]"));
  op_gives ("AsString", "scientific=true precision=1", OP_IN ("float64 [1500]"), OP_IN ("[\"1.5e+03\"]"));
  op_gives ("AsString", "shortest=true", OP_IN ("[0.5, 1e20]"), OP_IN ("[\"0.5\", \"1e+20\"]"));
  op_gives ("AsString", "width=4 fill=0", OP_IN ("[3, -4]"), OP_IN ("[\"0003\", \"-004\"]"));
  op_gives ("AsString", "width=4 fill=-", OP_IN ("int64 [3]"), OP_IN ("[\"3   \"]"));
  op_gives ("AsString", NULL, OP_IN ("bool [true, false]"), OP_IN ("[\"true\", \"false\"]"));
  op_fails ("AsString", "scientific=true shortest=true", OP_IN ("[1.5]"), GW_ERROR_INVALID_ARGUMENT,
            "Cannot select both scientific and shortest notation");
  op_fails ("AsString", "fill=x", OP_IN ("[1.5]"), GW_ERROR_INVALID_ARGUMENT, "Fill argument not supported: \"x\"");
  op_fails ("AsString", "precision=2", OP_IN ("[1]"), GW_ERROR_INVALID_ARGUMENT,
            "precision not supported for datatype int32");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/summary/scalar", test_scalar);
  g_test_add_func ("/ops/summary/histogram", test_histogram);
  g_test_add_func ("/ops/summary/image", test_image);
  g_test_add_func ("/ops/summary/tensor", test_tensor);
  g_test_add_func ("/ops/summary/merge", test_merge);
  g_test_add_func ("/ops/strings/join", test_string_join);
  g_test_add_func ("/ops/strings/as-string", test_as_string);
  return g_test_run ();
}
