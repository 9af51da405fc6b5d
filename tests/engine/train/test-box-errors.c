/* SPDX-License-Identifier: Apache-2.0 */
/* What goes wrong within a composite names the box that was drawn; where an op within found it, that one too. */
#include "tests/engine/train/documents.h"

#include <string.h>

#define BOX 2

/* A Placeholder x of `shape`, its values `feed` in text form, and the box “layer”. */
typedef struct {
  const char *op, *attrs, *inputs, *dtype, *shape, *feed;
  const char *words;   /* in the message */
  const char *inner;   /* the op within that refused it, or NULL: the box itself did */
} Case;

static GwDocument *
make_document (const Case *c)
{
  g_autofree char *text = g_strdup_printf (
    "{'graphwright': 2, 'nodes': [{'id':1,'name':'x','op':'Placeholder','at':[0,0],"
    "'attrs':{'dtype':'%s','shape':%s,'_train_value':'%s','_evaluate_value':'%s'}},"
    "{'id':2,'name':'layer','op':'%s','at':[0,0],'attrs':{%s},'inputs':{%s}}]}",
    c->dtype, c->shape, c->feed, c->feed, c->op, c->attrs, c->inputs);

  return gw_test_document (g_strdelimit (text, "'", '"'));
}

static void
test_problem (void)
{
  static const Case cases[] = {
    { "Dense", "'units':3", "'inputs':{'from':1}", "float32", "[]", "", "inputs" },
    { "Conv2DLayer", "'filters':2,'strides':[0]", "'inputs':{'from':1}", "float32", "[null,8,8,1]", "", "strides must be 1 or more" },
    { "LSTM", "'units':4", "'inputs':{'from':1}", "float32", "[null,3]", "", "[batch, time, features]" },
    { "Conv2DLayer", "'filters':2,'kernel_size':[5],'padding':'VALID'", "'inputs':{'from':1}", "float32", "[null,2,2,1]", "",
      "Negative dimension size caused by subtracting 5 from 2", "layer/Conv2D" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GwDocument) document = make_document (&cases[i]);
      g_autoptr (GwLowered) lowered = gw_lower (document, &(GwLowerOptions) { GW_MODE_TRAIN, TRUE, 7 });
      g_autoptr (GError) error = NULL;
      const GwProblem *problem;

      g_assert_cmpuint (lowered->problems->len, ==, 1);
      problem = g_ptr_array_index (lowered->problems, 0);
      g_assert_cmpint (problem->node, ==, BOX);
      g_assert_cmpstr (problem->node_name, ==, "layer");
      g_assert_cmpstr (problem->inner, ==, cases[i].inner);
      if (strstr (problem->message, cases[i].words) == NULL)
        g_error ("%s: %s", cases[i].op, problem->message);
      g_assert_false (gw_lowered_check (lowered, document, NULL, 0, &error));
      g_assert_cmpstr (gw_error_get_node (error), ==, "layer");
      g_assert_cmpstr (gw_error_get_op (error), ==, cases[i].op);
    }
}

/* Shapes that were not known before make a kernel within refuse. */
static void
test_run (void)
{
  static const Case cases[] = {
    { "Embedding", "'input_dim':4,'output_dim':2", "'inputs':{'from':1}", "int32", "[null]", "[1, 9]", "(in layer/" },
    { "Conv2DLayer", "'filters':2,'kernel_size':[5],'padding':'VALID'", "'inputs':{'from':1}", "float32", "[null,null,null,1]",
      "[[[[1],[2]],[[3],[4]]]]", "(in layer/" },
    { "LSTM", "'units':4", "'inputs':{'literal':'[[[1, 2]], [[3, 4]]]'},'sequence_length':{'from':1}", "int32", "[null]",
      "[1, 1, 1]", "(in layer/" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GwDocument) document = make_document (&cases[i]);
      GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
      const char *fetches[] = { "layer", NULL };
      GwTestWorker worker;

      options.begin = GW_TRAINER_IDLE;
      options.keep_open = TRUE;
      gw_test_worker_start (&worker, document, &options);
      {
        g_auto (GwReport) report = gw_test_await (&worker, GW_REPORT_REFUSED,
                                                  gw_trainer_predict (worker.trainer, GW_MODE_EVALUATE, NULL, fetches));

        g_assert_cmpint (report.kind, ==, GW_REPORT_REFUSED);
        g_assert_cmpstr (gw_error_get_node (report.error), ==, "layer");
        g_assert_cmpstr (gw_error_get_op (report.error), ==, cases[i].op);
        if (strstr (report.error->message, cases[i].words) == NULL)
          g_error ("%s: %s", cases[i].op, report.error->message);
      }
      gw_test_worker_end (&worker);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gw_init ();
  g_test_add_func ("/box-errors/problem", test_problem);
  g_test_add_func ("/box-errors/run", test_run);
  return g_test_run ();
}
