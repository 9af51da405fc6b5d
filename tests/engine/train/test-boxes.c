/* SPDX-License-Identifier: Apache-2.0 */
/* What training boxes do over several steps: gathered gradients, turns, moving averages,
 * penalties, shared weights; figures by hand. And metrics over several batches. */
#include "engine/document/lower.h"
#include "engine/document/sharing.h"
#include "engine/runtime/session.h"
#include "tests/engine/train/documents.h"

#include <math.h>
#include <string.h>

/* ---- documents ---- */

/* y = k · 1 for each of the Dense boxes k, l (ids 2, 3), which begin at 0; losses (y − 3)² and
 * (y − 5)² (ids 12, 22). `rest` are more nodes, `training` the settings. */
static GwDocument *
make_document (const char *k_attrs,
               const char *l_attrs,
               const char *rest,
               const char *training)
{
  g_autofree char *text = g_strdup_printf (
    "{'graphwright': 1, 'nodes': ["
    "{'id':1,'name':'x','op':'Const','at':[0,0],'attrs':{'value':{'dtype':'float32','shape':[1,1],'data':[1]}}},"
    "{'id':2,'name':'k','op':'Dense','at':[0,0],'attrs':{'units':1,'use_bias':false%s},'inputs':{'inputs':{'from':1}}},"
    "{'id':3,'name':'l','op':'Dense','at':[0,0],'attrs':{'units':1,'use_bias':false%s},'inputs':{'inputs':{'from':1}}},"
    "{'id':12,'name':'first','op':'Loss','at':[0,0],'attrs':{'kind':'mean_squared_error'},"
    "'inputs':{'predictions':{'from':2},'labels':{'literal':'[[3]]'}}},"
    "{'id':22,'name':'second','op':'Loss','at':[0,0],'attrs':{'kind':'mean_squared_error'},"
    "'inputs':{'predictions':{'from':3},'labels':{'literal':'[[5]]'}}}"
    "%s], 'training': {%s}}", k_attrs, l_attrs, rest, training);

  g_strdelimit (text, "'", '"');
  return gw_test_document (text);
}

#define ZERO ",'kernel_initializer':'zeros'"
#define MINIMIZE(id, name, loss, attrs)                                                                                   \
  ",{'id':" #id ",'name':'" name "','op':'Minimize','at':[0,0],'attrs':{'optimizer':'GradientDescent'" attrs "},"         \
  "'inputs':{'loss':{'from':" #loss "},'learning_rate':{'literal':'0.1'}}}"

/* ---- running ---- */

static double
value_of (GwDocument *document,
          int64_t     steps,
          GwMode      mode,
          const char *name)
{
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
  const char *fetches[] = { name, NULL };
  GwTestWorker worker;
  double value;

  options.steps = steps;
  options.begin = steps > 0 ? GW_TRAINER_RUNNING : GW_TRAINER_IDLE;
  options.seed = 3;
  options.keep_open = TRUE;
  gw_test_worker_start (&worker, document, &options);
  if (steps > 0)
    gw_test_await_state (&worker, GW_TRAINER_DONE);
  {
    g_auto (GwReport) report = gw_test_await (&worker, GW_REPORT_VALUES, gw_trainer_predict (worker.trainer, mode, NULL, fetches));
    const GwNamedTensor *named = g_ptr_array_index (report.values, 0);

    value = gw_tensor_get_double (named->tensor, 0);
  }
  gw_test_worker_end (&worker);
  return value;
}

static void
assert_value (GwDocument *document,
              int64_t     steps,
              GwMode      mode,
              const char *name,
              double      want)
{
  g_assert_cmpfloat_with_epsilon (value_of (document, steps, mode, name), want, 1e-6);
}

/* ---- gathered gradients ---- */

/* Each change is 0.2 · (3 − k). */
static void
test_gather (void)
{
  g_autoptr (GwDocument) document = make_document (ZERO, ZERO, MINIMIZE (30, "train", 12, ",'accumulate_steps':3"),
                                                   "'targets':[30],'loss':12");

  assert_value (document, 2, GW_MODE_TRAIN, "k", 0);
  assert_value (document, 3, GW_MODE_TRAIN, "k", 0.6);
  assert_value (document, 5, GW_MODE_TRAIN, "k", 0.6);
  assert_value (document, 6, GW_MODE_TRAIN, "k", 1.08);
  assert_value (document, 6, GW_MODE_TRAIN, "global_step", 2);
  assert_value (document, 6, GW_MODE_TRAIN, "k/kernel/GradientSum", 0);
  assert_value (document, 7, GW_MODE_TRAIN, "k/kernel/GradientSum", 2 * (1.08 - 3));
}

/* Four batches of 10 rows gathered are one of 40. */
static void
test_gather_is_a_large_batch (void)
{
  static const struct { int batch, gather, steps; } cases[] = { { 40, 1, 5 }, { 10, 4, 20 } };
  double values[2];

  for (int i = 0; i < 2; i++)
    {
      g_autofree char *text = g_strdup_printf (
        "{\"graphwright\": 1, \"nodes\": ["
        "{\"id\":1,\"name\":\"x\",\"op\":\"Placeholder\",\"at\":[0,0],\"attrs\":{\"shape\":[null,2],\"_column\":\"x\"}},"
        "{\"id\":2,\"name\":\"y\",\"op\":\"Placeholder\",\"at\":[0,0],\"attrs\":{\"shape\":[null,1],\"_column\":\"y\"}},"
        "{\"id\":3,\"name\":\"k\",\"op\":\"Dense\",\"at\":[0,0],\"attrs\":{\"units\":1},\"inputs\":{\"inputs\":{\"from\":1}}},"
        "{\"id\":4,\"name\":\"loss\",\"op\":\"Loss\",\"at\":[0,0],\"attrs\":{\"kind\":\"mean_squared_error\"},"
        "\"inputs\":{\"predictions\":{\"from\":3},\"labels\":{\"from\":2}}},"
        "{\"id\":5,\"name\":\"train\",\"op\":\"Minimize\",\"at\":[0,0],\"attrs\":{\"accumulate_steps\":%d},\"inputs\":{\"loss\":{\"from\":4}}}],"
        "\"data\":{\"source\":\"xor\",\"batch_size\":%d,\"shuffle\":false,\"columns\":[{\"name\":\"x\",\"from\":[\"x\"]},"
        "{\"name\":\"y\",\"from\":[\"y\"]}]},\"training\":{\"targets\":[5],\"loss\":4}}", cases[i].gather, cases[i].batch);
      g_autoptr (GwDocument) document = gw_test_document (text);

      values[i] = value_of (document, cases[i].steps, GW_MODE_TRAIN, "k/kernel");
    }
  g_assert_cmpfloat_with_epsilon (values[0], values[1], 1e-6);
}

/* ---- turns ---- */

static void
test_turns (void)
{
  g_autoptr (GwDocument) document = make_document (
    ZERO, ZERO, MINIMIZE (30, "a", 12, ",'turn_steps':2") MINIMIZE (31, "b", 22, ",'turn_steps':1"), "'targets':[30,31],'loss':12");
  double one = 0.6, two = one + 0.2 * (3 - one), three = two + 0.2 * (3 - two);

  assert_value (document, 1, GW_MODE_TRAIN, "k", one);
  assert_value (document, 1, GW_MODE_TRAIN, "l", 0);
  assert_value (document, 3, GW_MODE_TRAIN, "k", two);
  assert_value (document, 3, GW_MODE_TRAIN, "l", 1);
  assert_value (document, 4, GW_MODE_TRAIN, "k", three);
  assert_value (document, 4, GW_MODE_TRAIN, "l", 1);
  assert_value (document, 4, GW_MODE_TRAIN, "global_step", 4);
}

/* One of them at every step, the other two in turns. */
static void
test_turns_beside_others (void)
{
  g_autoptr (GwDocument) document = make_document (
    ZERO, ZERO, MINIMIZE (30, "a", 12, "") MINIMIZE (31, "b", 22, ",'turn_steps':1") MINIMIZE (32, "c", 22, ",'turn_steps':3"),
    "'targets':[30,31,32],'loss':12");

  assert_value (document, 2, GW_MODE_TRAIN, "k", 1.08);
  assert_value (document, 2, GW_MODE_TRAIN, "l", 1.8);
}

/* ---- moving averages ---- */

static void
test_averages (void)
{
  g_autoptr (GwDocument) document = make_document (ZERO, ZERO, MINIMIZE (30, "train", 12, ",'moving_average_decay':0.5"),
                                                   "'targets':[30],'loss':12");

  assert_value (document, 1, GW_MODE_TRAIN, "k", 0.6);
  assert_value (document, 1, GW_MODE_EVALUATE, "k", 0.3);
  assert_value (document, 2, GW_MODE_PREDICT, "k", 0.69);
  assert_value (document, 2, GW_MODE_TRAIN, "k/kernel/ExponentialMovingAverage", 0.69);
  assert_value (document, 2, GW_MODE_EVALUATE, "l", 0); /* is none of what the loss trains: as it began */
}

static void
test_averages_begin_fast (void)
{
  g_autoptr (GwDocument) document = make_document (
    ZERO, ZERO, MINIMIZE (30, "train", 12, ",'moving_average_decay':0.9,'moving_average_num_updates':true"), "'targets':[30],'loss':12");

  assert_value (document, 1, GW_MODE_EVALUATE, "k", 0.6 * (1 - 2.0 / 11));
}

/* ---- penalties ---- */

#define TOTAL(losses) ",{'id':40,'name':'total','op':'TotalLoss','at':[0,0],'inputs':{'losses[0]':" losses "}}"

static void
test_penalties (void)
{
  static const struct { const char *regularizer; double want; } cases[] = {
    { "none", 0 }, { "l1(0.1)", 0.2 }, { "l2(0.5)", 1 }, { "l1_l2(0.1, 0.5)", 1.2 }, { "l1_l2(0,0)", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *attrs = g_strdup_printf (",'kernel_initializer':'constant(-2)','kernel_regularizer':'%s'", cases[i].regularizer);
      g_autoptr (GwDocument) document = make_document (attrs, ",'kernel_regularizer':'l2(1000)'",
                                                       TOTAL ("{'from':12}") MINIMIZE (30, "train", 40, ""), "'targets':[30],'loss':40");

      assert_value (document, 0, GW_MODE_EVALUATE, "total:1", cases[i].want);
      assert_value (document, 0, GW_MODE_EVALUATE, "total", 25 + cases[i].want);
    }
}

static void
test_wrong_regularizers (void)
{
  static const char *const wrong[] = { "l3(1)", "l1", "l1()", "l1(-1)", "l2(nan)", "l1_l2(1)", "l2(1))", "l1(1e999)" };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autofree char *attrs = g_strdup_printf (",'kernel_regularizer':'%s'", wrong[i]);
      g_autoptr (GwDocument) document = make_document (attrs, "", "", "");
      g_autoptr (GwLowered) lowered = gw_lower (document, &(GwLowerOptions) { GW_MODE_TRAIN, TRUE, 7 });
      GError *error = NULL;

      g_assert_false (gw_lowered_check (lowered, document, NULL, 0, &error));
      gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "no regularizer");
    }
}

/* ---- shared weights ---- */

/* Both losses pull at the one kernel: its change is 0.1 · (2 (3 − k) + 2 (5 − k)). */
static void
test_shared (void)
{
  g_autoptr (GwDocument) document = make_document (
    ZERO, ",'share':2", ",{'id':40,'name':'sum','op':'AddV2','at':[0,0],'inputs':{'x':{'from':12},'y':{'from':22}}}"
    MINIMIZE (30, "train", 40, ""), "'targets':[30],'loss':40");
  g_autoptr (GwLowered) lowered = gw_lower (document, &(GwLowerOptions) { GW_MODE_TRAIN, FALSE, 7 });

  g_assert_cmpint (lowered->variables->len, ==, 1);
  g_assert_cmpstr (((GwLoweredVariable *) g_ptr_array_index (lowered->variables, 0))->name, ==, "k/kernel");
  assert_value (document, 1, GW_MODE_TRAIN, "k", 1.6);
  assert_value (document, 1, GW_MODE_TRAIN, "l", 1.6);
}

/* The one that shares may stand before the owner. */
static void
test_shared_the_other_way (void)
{
  g_autoptr (GwDocument) document = make_document (",'share':3", ZERO, MINIMIZE (30, "train", 12, ""), "'targets':[30],'loss':12");

  assert_value (document, 1, GW_MODE_TRAIN, "l/kernel", value_of (document, 1, GW_MODE_TRAIN, "k"));
}

static void
test_sharing_refused (void)
{
  static const struct { const char *k, *l, *part; } wrong[] = {
    { "", ",'share':77", "does not exist" }, { "", ",'share':12", "is a Loss, not a Dense" },
    { ",'share':3", ",'share':2", "circle" }, { ",'share':2", "", "circle" },
    { ",'units':2", ",'share':2", "Trying to share variable k/kernel, but specified shape [1,1] and found shape [1,2]" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GwDocument) document = make_document (wrong[i].k, wrong[i].l, "", "");
      g_autoptr (GwLowered) lowered = gw_lower (document, &(GwLowerOptions) { GW_MODE_TRAIN, TRUE, 7 });
      gboolean found = FALSE;

      for (guint k = 0; k < lowered->problems->len; k++)
        found = found || strstr (((GwProblem *) g_ptr_array_index (lowered->problems, k))->message, wrong[i].part) != NULL;
      if (!found)
        g_error ("case %d: %s", (int) i, ((GwProblem *) g_ptr_array_index (lowered->problems, 0))->message);
    }
}

static int64_t
share_of (GwDocument *document,
          int64_t     id)
{
  const GwAttrValue *value = gw_named_attrs_get (gw_document_node (document, id)->attrs, "share");

  return value != NULL ? value->i : 0;
}

#define MORE_LAYERS                                                                                                        \
  ",{'id':50,'name':'m','op':'Dense','at':[0,0],'attrs':{'units':1,'share':2},'inputs':{'inputs':{'from':1}}}"             \
  ",{'id':51,'name':'n','op':'Dense','at':[0,0],'attrs':{'units':1,'share':50},'inputs':{'inputs':{'from':1}}}"

/* Deleting the owner promotes the next; undoing that brings all back. */
static void
test_promotion (void)
{
  g_autoptr (GwDocument) document = make_document ("", ",'share':2", MORE_LAYERS, "");
  g_autoptr (GwDocument) before = gw_document_copy (document);
  g_autoptr (GwEdit) edit = gw_edit_delete (document, (int64_t[]) { 2 }, 1, FALSE);
  g_autoptr (GwEdit) middle = gw_edit_delete (document, (int64_t[]) { 50 }, 1, FALSE);
  g_autoptr (GArray) group = gw_sharing_group (document, 51);

  g_assert_cmpint (group->len, ==, 4);
  g_assert_cmpint (g_array_index (group, int64_t, 0), ==, 2);
  gw_document_apply (document, edit);
  g_assert_cmpint (share_of (document, 3), ==, 0);
  g_assert_cmpint (share_of (document, 50), ==, 3);
  g_assert_cmpint (share_of (document, 51), ==, 50);
  g_assert_cmpint (gw_sharing_owner (document, 51, NULL), ==, 3);
  gw_document_revert (document, edit);
  g_assert_true (gw_document_equal (document, before));
  gw_document_apply (document, middle);
  g_assert_cmpint (share_of (document, 51), ==, 2);
}

/* A copy of both shares among itself; a copy of the one that shares, with the original. */
static void
test_share_pasted (void)
{
  g_autoptr (GwDocument) document = make_document ("", ",'share':2", "", "");
  g_autofree char *both = gw_document_copy_items (document, (int64_t[]) { 2, 3 }, 2);
  g_autofree char *one = gw_document_copy_items (document, (int64_t[]) { 3 }, 1);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (int64_t));
  g_autoptr (GError) error = NULL;
  g_autoptr (GwEdit) first = gw_document_paste (document, both, 10, 10, TRUE, ids, &error);
  g_autoptr (GwEdit) second = NULL;

  g_assert_no_error (error);
  gw_document_apply (document, first);
  g_assert_cmpint (ids->len, ==, 2);
  g_assert_cmpint (share_of (document, g_array_index (ids, int64_t, 0)), ==, 0);
  g_assert_cmpint (share_of (document, g_array_index (ids, int64_t, 1)), ==, g_array_index (ids, int64_t, 0));
  g_array_set_size (ids, 0);
  second = gw_document_paste (document, one, 20, 20, TRUE, ids, &error);
  g_assert_no_error (error);
  gw_document_apply (document, second);
  g_assert_cmpint (share_of (document, g_array_index (ids, int64_t, 0)), ==, 2);
}

static void
test_share_edit (void)
{
  g_autoptr (GwDocument) document = make_document ("", "", "", "");
  g_autoptr (GwEdit) edit = NULL;
  g_autoptr (GwEdit) back = NULL;
  GError *error = NULL;

  edit = gw_edit_share (document, 3, 2, &error);
  g_assert_no_error (error);
  gw_document_apply (document, edit);
  g_assert_cmpint (share_of (document, 3), ==, 2);
  g_assert_null (gw_edit_share (document, 2, 3, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "already");
  g_assert_null (gw_edit_share (document, 2, 12, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "only with another Dense");
  g_assert_null (gw_edit_share (document, 2, 2, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "itself");
  back = gw_edit_share (document, 3, 0, &error);
  g_assert_no_error (error);
  gw_document_apply (document, back);
  g_assert_cmpint (share_of (document, 3), ==, 0);
}

/* ---- metrics ---- */

static GwEvaluation *
evaluate (int         batch_size,
          const char *kind)
{
  g_autofree char *text = g_strdup_printf (
    "{\"graphwright\": 1, \"nodes\": ["
    "{\"id\":1,\"name\":\"x\",\"op\":\"Placeholder\",\"at\":[0,0],\"attrs\":{\"shape\":[null,2],\"_column\":\"x\"}},"
    "{\"id\":2,\"name\":\"y\",\"op\":\"Placeholder\",\"at\":[0,0],\"attrs\":{\"shape\":[null,1],\"_column\":\"y\"}},"
    "{\"id\":3,\"name\":\"p\",\"op\":\"Dense\",\"at\":[0,0],\"attrs\":{\"units\":1,\"activation\":\"sigmoid\","
    "\"kernel_initializer\":\"[[1.0], [-0.4]]\"},\"inputs\":{\"inputs\":{\"from\":1}}},"
    "{\"id\":4,\"name\":\"figure\",\"op\":\"Metric\",\"at\":[0,0],\"attrs\":{\"kind\":\"%s\"},"
    "\"inputs\":{\"predictions\":{\"from\":3},\"labels\":{\"from\":2}}}],"
    "\"data\":{\"source\":\"xor\",\"test_fraction\":0.5,\"batch_size\":%d,\"columns\":[{\"name\":\"x\",\"from\":[\"x\"]},"
    "{\"name\":\"y\",\"from\":[\"y\"]}]},\"training\":{\"metrics\":[4]}}", kind, batch_size);
  g_autoptr (GwDocument) document = gw_test_document (text);
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
  g_autoptr (GwTrainer) trainer = NULL;
  g_autoptr (GError) error = NULL;
  GwEvaluation *result;

  trainer = gw_trainer_new (document, &options, &error);
  g_assert_no_error (error);
  result = gw_trainer_evaluate_now (trainer, &error);
  g_assert_no_error (error);
  return result;
}

/* The figure is that of all the examples, however they are cut to batches. */
static void
test_metrics (void)
{
  static const char *const kinds[] = { "root_mean_squared_error", "mean_absolute_error", "accuracy", "precision", "recall", "f1",
                                       "auc_roc", "auc_pr" };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GwEvaluation) whole = evaluate (100, kinds[i]);
      g_autoptr (GwEvaluation) pieces = evaluate (7, kinds[i]);

      g_assert_cmpint (whole->n_examples, ==, 100);
      g_assert_cmpfloat (whole->metrics[0].value, >, 0.01);
      g_assert_cmpfloat (whole->metrics[0].value, <, 1);
      g_assert_cmpfloat_with_epsilon (whole->metrics[0].value, pieces->metrics[0].value, 1e-6);
      gw_test_assert_close (pieces->metrics[0].details, whole->metrics[0].details, 1e-6);
      if (g_str_has_prefix (kinds[i], "auc"))
        g_assert_cmpint (whole->metrics[0].details->elements, ==, 400);
      g_assert_cmpint (whole->n_classes, ==, i < 2 ? 0 : 2);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gw_init ();
  g_test_add_func ("/boxes/gather", test_gather);
  g_test_add_func ("/boxes/gather/is-a-large-batch", test_gather_is_a_large_batch);
  g_test_add_func ("/boxes/turns", test_turns);
  g_test_add_func ("/boxes/turns/beside-others", test_turns_beside_others);
  g_test_add_func ("/boxes/averages", test_averages);
  g_test_add_func ("/boxes/averages/begin-fast", test_averages_begin_fast);
  g_test_add_func ("/boxes/penalties", test_penalties);
  g_test_add_func ("/boxes/penalties/wrong", test_wrong_regularizers);
  g_test_add_func ("/boxes/shared", test_shared);
  g_test_add_func ("/boxes/shared/the-other-way", test_shared_the_other_way);
  g_test_add_func ("/boxes/shared/refused", test_sharing_refused);
  g_test_add_func ("/boxes/shared/promotion", test_promotion);
  g_test_add_func ("/boxes/shared/edit", test_share_edit);
  g_test_add_func ("/boxes/shared/pasted", test_share_pasted);
  g_test_add_func ("/boxes/metrics", test_metrics);
  return g_test_run ();
}
