/* SPDX-License-Identifier: Apache-2.0 */
/* NCE loss and Sampled softmax loss against TensorFlow 2.15's numbers: one draw with
 * the seeds (87654321, 7), the losses and the gradients by biases. */
#include "engine/document/lower.h"
#include "engine/engine.h"
#include "engine/graph/gradient.h"
#include "engine/runtime/session.h"
#include "tests/support/support.h"

#include <string.h>

#define CONSTANT(id, name, dtype, shape, data)                                                             \
  "{'id':" #id ",'name':'" name "','op':'Const','at':[0,0],'attrs':{'dtype':'" dtype "'," \
  "'value':{'dtype':'" dtype "','shape':" shape ",'data':" data "}}},"
#define WEIGHTS                                                                                            \
  "[0.441,-0.331,2.431,-0.252,0.11,1.582,-0.909,-0.592,0.188,-0.33,-1.193,-0.205,-0.359,0.603,-1.665,-0.7,1.151,1.857," \
  "-1.511,0.645,-0.981,-0.857,-0.872,-0.423,0.996,0.712,0.059,-0.363,0.003,-0.106,0.793,-0.632,-0.006,-0.101,-0.052,0.249]"
#define BIASES "[0.198,1.335,-0.087,1.562,-0.306,-0.478,0.101,0.355,0.27,1.292,1.139,0.494]"
#define INPUTS "[-0.336,-0.101,1.413,0.221,-1.311,-0.69,-0.578,1.152,-0.107,2.26,0.657,0.125]"

/* A loss over those, of class numbers in `labels` ([4, num_true]). */
static GwDocument *
make_document (const char *op,
               const char *label_shape,
               const char *labels,
               const char *attrs)
{
  g_autofree char *text = g_strdup_printf (
    "{'graphwright': 1, 'nodes': ["
    CONSTANT (1, "weights", "float32", "[12,3]", WEIGHTS) CONSTANT (2, "biases", "float32", "[12]", BIASES)
    CONSTANT (4, "inputs", "float32", "[4,3]", INPUTS) CONSTANT (3, "labels", "int64", "%s", "%s")
    "{'id':5,'name':'loss','op':'%s','at':[0,0],'attrs':{'num_sampled':5,'num_classes':12,'seed':7%s},"
    "'inputs':{'weights':{'from':1},'biases':{'from':2},'labels':{'from':3},'inputs':{'from':4}}}]}",
    label_shape, labels, op, attrs);
  g_autoptr (GError) error = NULL;
  GwDocument *document;

  g_strdelimit (text, "'", '"');
  document = gw_document_from_json (text, strlen (text), &error);
  g_assert_no_error (error);
  return document;
}

static void
assert_near (GwSession  *session,
             GwGraph    *graph,
             GwOutput    output,
             const char *want)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) got = NULL;
  g_autoptr (GwTensor) wanted = gw_test_tensor (want);

  /* the stream begins anew, so that every fetch sees the same candidates */
  gw_session_reset_streams (session, graph);
  got = gw_session_fetch (session, graph, 0, NULL, output, &error);
  g_assert_no_error (error);
  gw_test_assert_close (got, wanted, 2e-5);
}

typedef struct {
  const char *op, *label_shape, *labels, *attrs, *loss, *d_biases;
} Case;

static void
check_case (const Case *c)
{
  g_autoptr (GwDocument) document = make_document (c->op, c->label_shape, c->labels, c->attrs);
  g_autoptr (GwLowered) lowered = gw_lower (document, &(GwLowerOptions) { GW_MODE_TRAIN, TRUE, 87654321 });
  g_autoptr (GwSession) session = gw_session_new (2);
  g_autoptr (GError) error = NULL;
  GwOutput loss, biases, gradient;
  GwBuilder builder;

  gw_lowered_check (lowered, document, NULL, 0, &error);
  g_assert_no_error (error);
  loss = gw_lowered_output (lowered, 5, 0);
  biases = gw_lowered_output (lowered, 2, 0);
  assert_near (session, lowered->graph, loss, c->loss);
  gw_builder_init (&builder, lowered->graph);
  g_assert_true (gw_gradients (&builder, 1, &loss, NULL, 1, &biases, &gradient));
  assert_near (session, lowered->graph, gradient, c->d_biases);
  gw_builder_clear (&builder);
}

#define ONE "[4,1]", "[1,4,0,7]"
#define TWO "[4,2]", "[1,2,4,0,0,3,7,1]"

static const Case cases[] = {
  { "NceLoss", ONE, "", "[10.610864,10.093811,7.209318,8.871891]",
    "[1.796683,-0.017979,2.172106,3.327468,-0.292899,0.0,0.0,2.074616,3.350928,0.0,0.0,0.0]" },
  { "NceLoss", ONE, ",'sampler':'uniform'", "[11.513547,6.630248,9.537133,6.200532]",
    "[2.376814,-0.011787,0.0,0.0,-0.319099,2.313114,2.108869,1.681745,0.0,3.458861,0.0,0.0]" },
  { "NceLoss", TWO, ",'num_true':2", "[13.452048,11.311616,7.769366,9.321857]",
    "[2.100074,0.782925,2.425080,3.587498,0.207101,0.0,0.0,2.574616,3.350928,0.0,0.0,0.0]" },
  { "SampledSoftmaxLoss", ONE, "", "[0.726289,3.465867,3.277337,5.382880]",
    "[-0.573559,-0.516299,0.153199,0.993540,-0.968754,0.0,0.0,-0.514691,1.426563,0.0,0.0,0.0]" },
  { "SampledSoftmaxLoss", TWO, ",'num_true':2", "[2.169212,4.322142,2.410142,4.264929]",
    "[-0.575692,-0.471292,-0.346877,0.492414,-0.468754,0.0,0.0,-0.014898,1.385099,0.0,0.0,0.0]" },
  { "SampledSoftmaxLoss", TWO, ",'num_true':2,'sampler':'uniform'", "[2.388345,2.850169,2.952260,2.726488]",
    "[-0.128558,-0.236329,-0.480520,-0.409547,-0.408342,0.326116,0.448643,0.046941,0.0,0.841595,0.0,0.0]" },
};

static void
test_numbers (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    check_case (&cases[i]);
}

static void
assert_problem (const char *label_shape,
                const char *labels,
                const char *attrs,
                const char *part)
{
  g_autoptr (GwDocument) document = make_document ("NceLoss", label_shape, labels, attrs);
  g_autoptr (GwLowered) lowered = gw_lower (document, &(GwLowerOptions) { GW_MODE_TRAIN, TRUE, -1 });
  g_autoptr (GError) error = NULL;

  g_assert_false (gw_lowered_check (lowered, document, NULL, 0, &error));
  if (strstr (error->message, part) == NULL)
    g_error ("“%s” is not in “%s”", part, error->message);
}

static void
test_refusals (void)
{
  assert_problem ("[4]", "[1,2,3,4]", "", "labels must be [batch, num_true], but is [4]");
  assert_problem ("[4,1]", "[1,2,3,4]", ",'num_true':2", "num_true = 2 columns");
  assert_problem ("[4,1]", "[1,2,3,4]", ",'num_sampled':13", "Sampler's range is too small");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gw_init ();
  g_test_add_func ("/sampled-losses/numbers", test_numbers);
  g_test_add_func ("/sampled-losses/refusals", test_refusals);
  return g_test_run ();
}
