/* SPDX-License-Identifier: Apache-2.0 */
/* Recurrent layers of an unknown number of steps, which are loops, against the same layers of a
 * known one: values, states, and what training makes of the weights. */
#include "engine/document/composite-apart.h"
#include "engine/document/lower.h"
#include "engine/engine.h"
#include "engine/runtime/session.h"
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

#define EPSILON 2e-6
#define ROUNDS 3

enum { X = 1, LENGTHS, LAYER, TRAIN = 6 };

typedef struct {
  GwDocument *document;
  GwLowered  *lowered;
  GwSession  *session;
} Net;

static const struct Case {
  const char *op, *attrs;
  gboolean    lengths;
  int         n_outputs;
} cases[] = {
  { "GRU", "'units':3", FALSE, 3 },
  { "GRU", "'units':3,'num_layers':2,'direction':'bidirectional'", TRUE, 3 },
  { "RNN", "'units':3,'activation':'relu'", TRUE, 3 },
  { "RNN", "'units':2,'direction':'backward'", FALSE, 3 },
  { "LSTM", "'units':3,'num_proj':2,'use_peepholes':true", FALSE, 5 },
  { "LSTM", "'units':3,'num_proj':2,'proj_clip':0.1,'num_layers':2", TRUE, 5 },
  { "LSTM", "'units':3,'cell_clip':0.2,'direction':'bidirectional'", TRUE, 5 },
  { "LSTM", "'units':3,'direction':'bidirectional'", TRUE, 5 },
};

/* `steps`: of the document's x, "null" = unknown. */
static void
net_init (Net               *net,
          const struct Case *c,
          const char        *steps)
{
  g_autofree char *text = g_strdup_printf (
    "{'graphwright': 1, 'nodes': ["
    "{'id':1,'name':'x','op':'Placeholder','at':[0,0],'attrs':{'shape':[null,%s,2]}},"
    "{'id':2,'name':'lengths','op':'Placeholder','at':[0,0],'attrs':{'dtype':'int32','shape':[null]}},"
    "{'id':3,'name':'layer','op':'%s','at':[0,0],'attrs':{%s},'inputs':{'inputs':{'from':1}%s}},"
    "{'id':4,'name':'square','op':'Square','at':[0,0],'inputs':{'x':{'from':3}}},"
    "{'id':5,'name':'loss','op':'Sum','at':[0,0],'inputs':{'input':{'from':4},'axis':{'literal':'[0, 1, 2]'}}},"
    "{'id':6,'name':'train','op':'Minimize','at':[0,0],'attrs':{'optimizer':'GradientDescent'},"
    "'inputs':{'loss':{'from':5},'learning_rate':{'literal':'0.01'}}}]}",
    steps, c->op, c->attrs, c->lengths ? ",'sequence_length':{'from':2}" : "");
  g_autoptr (GPtrArray) targets = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  g_strdelimit (text, "'", '"');
  net->document = gw_document_from_json (text, strlen (text), &error);
  g_assert_no_error (error);
  net->lowered = gw_lower (net->document, &(GwLowerOptions) { GW_MODE_TRAIN, TRUE, 7 });
  gw_lowered_check (net->lowered, net->document, NULL, 0, &error);
  g_assert_no_error (error);
  net->session = gw_session_new (2);
  for (guint i = 0; i < net->lowered->variables->len; i++)
    g_ptr_array_add (targets, ((GwLoweredVariable *) g_ptr_array_index (net->lowered->variables, i))->initializer);
  gw_session_run (net->session, net->lowered->graph, 0, NULL, 0, NULL, (int) targets->len,
                  (GwNode *const *) targets->pdata, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
net_clear (Net *net)
{
  gw_session_free (net->session);
  gw_lowered_unref (net->lowered);
  gw_document_unref (net->document);
}

static GwTensor *
make_batch (int64_t steps)
{
  GwTensor *x = gw_tensor_new (GW_FLOAT32, &GW_SHAPE (3, steps, 2), NULL);

  for (int64_t i = 0; i < gw_shape_elements (&x->shape); i++)
    gw_tensor_set_double (x, i, sin ((double) i * 1.7 + 0.3));
  return x;
}

/* All steps, none, and some in between. */
static GwTensor *
make_lengths (int64_t steps)
{
  GwTensor *lengths = gw_tensor_new (GW_INT32, &GW_SHAPE (3), NULL);

  for (int i = 0; i < 3; i++)
    gw_tensor_set_double (lengths, i, (double) (i == 0 ? steps : i == 1 ? 0 : (steps + 1) / 2));
  return lengths;
}

static GwTensor *
net_run (const Net *net,
         int64_t    steps,
         GwOutput   output,
         GwNode    *target)
{
  g_autoptr (GwTensor) x = make_batch (steps);
  g_autoptr (GwTensor) lengths = make_lengths (steps);
  GwFeed feeds[] = { { gw_lowered_output (net->lowered, X, 0), x }, { gw_lowered_output (net->lowered, LENGTHS, 0), lengths } };
  g_autoptr (GError) error = NULL;
  GwTensor *value = NULL;

  gw_session_run (net->session, net->lowered->graph, 2, feeds, target == NULL, &output, target != NULL, &target, NULL, &value,
                  &error);
  g_assert_no_error (error);
  return value;
}

static void
assert_alike (GwTensor *a,
              GwTensor *b)
{
  g_assert_true (gw_shape_equal (&a->shape, &b->shape));
  for (int64_t i = 0; i < gw_shape_elements (&a->shape); i++)
    g_assert_cmpfloat_with_epsilon (gw_tensor_get_double (a, i), gw_tensor_get_double (b, i), EPSILON);
}

static void
compare (const struct Case *c,
         const Net         *known,
         const Net         *unknown,
         int64_t            steps)
{
  for (int i = 0; i < c->n_outputs; i++)
    {
      GwOutput output = gw_lowered_output (unknown->lowered, LAYER, i);
      g_autoptr (GwTensor) want = net_run (known, steps, gw_lowered_output (known->lowered, LAYER, i), NULL);
      g_autoptr (GwTensor) got = net_run (unknown, steps, output, NULL);

      assert_alike (want, got);
      g_assert_true (gw_shape_compatible (gw_output_shape (output), &got->shape));
    }
}

static void
test_known (gconstpointer data)
{
  const struct Case *c = data;
  const int64_t lengths[] = { 4, 1, 7 };

  for (gsize k = 0; k < G_N_ELEMENTS (lengths); k++)
    {
      g_autofree char *steps = g_strdup_printf ("%d", (int) lengths[k]);
      Net known, unknown;

      net_init (&known, c, steps);
      net_init (&unknown, c, "null");
      compare (c, &known, &unknown, lengths[k]);
      for (int i = 0; i < ROUNDS; i++)
        {
          net_run (&known, lengths[k], GW_NO_OUTPUT, gw_lowered_final (known.lowered, TRAIN));
          net_run (&unknown, lengths[k], GW_NO_OUTPUT, gw_lowered_final (unknown.lowered, TRAIN));
        }
      compare (c, &known, &unknown, lengths[k]);
      net_clear (&known);
      net_clear (&unknown);
    }
}

/* As a batch of a bucket is: another number of steps in each run of one session. */
static void
test_buckets (gconstpointer data)
{
  const struct Case *c = data;
  GwOutput first;
  Net net;

  net_init (&net, c, "null");
  first = gw_lowered_output (net.lowered, 5, 0);
  for (int64_t steps = 1; steps < 9; steps += 3)
    {
      g_autoptr (GwTensor) before = net_run (&net, steps, first, NULL);
      g_autoptr (GwTensor) after = NULL;

      for (int i = 0; i < ROUNDS; i++)
        net_run (&net, steps, GW_NO_OUTPUT, gw_lowered_final (net.lowered, TRAIN));
      after = net_run (&net, steps, first, NULL);
      g_assert_cmpfloat (gw_tensor_get_double (after, 0), <, gw_tensor_get_double (before, 0));
    }
  net_clear (&net);
}

/* The loop's body is nobody's sub-graph. */
static void
test_apart (void)
{
  g_autoptr (GError) error = NULL;
  GwEdit *edit;
  Net net;

  net_init (&net, &cases[0], "null");
  g_assert_null (gw_edit_break_apart (net.document, LAYER, &error));
  g_assert_error (error, GW_ERROR, GW_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "layer runs its steps in a loop"));
  net_clear (&net);
  net_init (&net, &cases[0], "4");
  g_clear_error (&error);
  edit = gw_edit_break_apart (net.document, LAYER, &error);
  g_assert_no_error (error);
  gw_edit_free (edit);
  net_clear (&net);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gw_init ();
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *known = g_strdup_printf ("/recurrent/unknown-steps/%s-%d", cases[i].op, (int) i);
      g_autofree char *buckets = g_strdup_printf ("/recurrent/buckets/%s-%d", cases[i].op, (int) i);

      g_test_add_data_func (known, &cases[i], test_known);
      g_test_add_data_func (buckets, &cases[i], test_buckets);
    }
  g_test_add_func ("/recurrent/apart", test_apart);
  return g_test_run ();
}
