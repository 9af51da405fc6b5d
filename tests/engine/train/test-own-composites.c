/* SPDX-License-Identifier: Apache-2.0 */
/* Composites of one's own, and boxes that come apart: the same numbers as before, exact
 * undo, the same after a file, and what cannot be is refused in words. */
#include "tests/engine/train/documents.h"

#include "engine/document/composite-apart.h"
#include "engine/document/composite-edits.h"
#include "engine/document/graph-import.h"

#include <string.h>

enum { POINT = 1, HIDDEN, KEEP, DROP, LOGIT, LABEL, COST, TRAIN, ACCURACY };

static GwDocument *
sample (void)
{
  return gw_test_xor ("\"steps\": 20");
}

/* Applies the edit, and checks that undo, redo and the file are exact. */
static void
apply (GwDocument *document,
       GwEdit     *edit,
       GError     *error)
{
  g_autoptr (GwDocument) before = gw_document_copy (document);
  g_autoptr (GwDocument) after = NULL;
  g_autoptr (GwDocument) read = NULL;
  g_autoptr (GwEdit) owned = edit;
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  g_assert_nonnull (edit);
  gw_document_apply (document, edit);
  after = gw_document_copy (document);
  gw_document_revert (document, edit);
  g_assert_true (gw_document_equal (document, before));
  gw_document_apply (document, edit);
  g_assert_true (gw_document_equal (document, after));
  text = gw_document_to_json (document);
  read = gw_document_from_json (text, strlen (text), &error);
  g_assert_no_error (error);
  g_assert_true (gw_document_equal (document, read));
}

/* Every loss and every accuracy of a training, in order. */
static GArray *
train (GwDocument *document)
{
  g_autoptr (GwDocument) copy = gw_document_copy (document);
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTrainer) trainer = gw_trainer_new (copy, &options, &error);
  g_autoptr (GArray) reports = NULL;
  GArray *values = g_array_new (FALSE, FALSE, sizeof (double));

  g_assert_no_error (error);
  gw_test_run (trainer);
  reports = gw_test_reports (trainer);
  for (guint i = 0; i < reports->len; i++)
    if (g_array_index (reports, GwReport, i).kind == GW_REPORT_SCALAR)
      g_array_append_val (values, g_array_index (reports, GwReport, i).scalar.value);
  return values;
}

static void
assert_trains_alike (GwDocument *a,
                     GwDocument *b)
{
  g_autoptr (GArray) x = train (a);
  g_autoptr (GArray) y = train (b);

  g_assert_cmpuint (x->len, >, 20);
  g_assert_cmpuint (x->len, ==, y->len);
  g_assert_cmpmem (x->data, x->len * sizeof (double), y->data, y->len * sizeof (double));
}

static void
bypass (GwDocument *document,
        int64_t     id)
{
  g_autoptr (GwEdit) edit = gw_edit_new ("Bypass");
  GwItem *item = gw_edit_take (edit, document, id);

  item->node.flags |= GW_DOC_BYPASSED;
  gw_edit_put (edit, document, item);
  gw_document_apply (document, edit);
}

static gint
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static char *
variable_names (GwDocument *document)
{
  const GwLowerOptions options = { GW_MODE_TRAIN, TRUE, -1 };
  g_autoptr (GwLowered) lowered = gw_lower (document, &options);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  gw_lowered_check (lowered, document, NULL, 0, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < lowered->variables->len; i++)
    g_ptr_array_add (names, ((GwLoweredVariable *) g_ptr_array_index (lowered->variables, i))->name);
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return g_strjoinv (" ", (char **) names->pdata);
}

/* ---- boxes that ship ---- */

static void
test_apart_layer (void)
{
  g_autoptr (GwDocument) document = sample ();
  g_autoptr (GwDocument) whole = gw_document_copy (document);
  GError *error = NULL;
  GwEdit *edit = gw_edit_break_apart (document, HIDDEN, &error);

  apply (document, edit, error);
  g_assert_cmpstr (gw_document_node (document, HIDDEN)->op, ==, "Tanh");
  g_assert_cmpstr (gw_document_node (document, gw_document_find (document, "hidden/kernel"))->op, ==, "VariableV2");
  g_assert_cmpint (gw_doc_node_input (gw_document_node (document, gw_document_find (document, "hidden/MatMul")), "a", 0)->from, ==, POINT);
  g_assert_cmpint (gw_doc_node_input (gw_document_node (document, DROP), "x", 0)->from, ==, HIDDEN);
  assert_trains_alike (document, whole);
}

/* Of two layers that draw, the second and then the first, each in a step of its own; the file
 * keeps the numbers. */
static void
test_apart_one_by_one (void)
{
  g_autoptr (GwDocument) document = sample ();
  g_autoptr (GwDocument) whole = gw_document_copy (document);
  g_autoptr (GwDocument) read = NULL;
  g_autofree char *text = NULL;
  GError *error = NULL;

  apply (document, gw_edit_break_apart (document, LOGIT, &error), error);
  assert_trains_alike (document, whole);
  apply (document, gw_edit_break_apart (document, HIDDEN, &error), error);
  assert_trains_alike (document, whole);
  text = gw_document_to_json (document);
  read = gw_document_from_json (text, strlen (text), &error);
  g_assert_no_error (error);
  assert_trains_alike (read, whole);
}

static int64_t
number_of (const GwLowered *lowered,
           const char      *prefix)
{
  for (int i = 0; i < gw_graph_n_nodes (lowered->graph); i++)
    if (g_str_has_prefix (gw_graph_node (lowered->graph, i)->name, prefix) && gw_graph_node (lowered->graph, i)->random_number >= 0)
      return gw_graph_node (lowered->graph, i)->random_number;
  return -1;
}

/* A number that is written down is nobody else's: not a copy's, not that of what is counted. */
static void
test_numbers_claimed (void)
{
  g_autoptr (GwDocument) document = gw_test_document (
    "{\"graphwright\": 1, \"nodes\": ["
    "{\"id\": 1, \"name\": \"a\", \"op\": \"VariableV2\", \"at\": [0, 0], \"attrs\": {\"shape\": [2], \"_initializer\": \"glorot_uniform\"}},"
    "{\"id\": 2, \"name\": \"b\", \"op\": \"VariableV2\", \"at\": [0, 0],"
    " \"attrs\": {\"shape\": [2], \"_initializer\": \"glorot_uniform\", \"_random_numbers\": [0]}},"
    "{\"id\": 3, \"name\": \"c\", \"op\": \"VariableV2\", \"at\": [0, 0],"
    " \"attrs\": {\"shape\": [2], \"_initializer\": \"glorot_uniform\", \"_random_numbers\": [0]}},"
    "{\"id\": 4, \"name\": \"d\", \"op\": \"VariableV2\", \"at\": [0, 0],"
    " \"attrs\": {\"shape\": [2], \"_initializer\": \"glorot_uniform\", \"_random_numbers\": \"none\"}},"
    "{\"id\": 5, \"name\": \"e\", \"op\": \"RandomUniform\", \"at\": [0, 0], \"attrs\": {\"_seed\": 4},"
    " \"inputs\": {\"shape\": {\"literal\": \"[2]\"}}}]}");
  const GwLowerOptions options = { GW_MODE_TRAIN, TRUE, 9 };
  g_autoptr (GwLowered) lowered = gw_lower (document, &options);
  g_autoptr (GError) error = NULL;

  gw_lowered_check (lowered, document, NULL, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpint (number_of (lowered, "a/"), ==, 1);
  g_assert_cmpint (number_of (lowered, "b/"), ==, 0);
  g_assert_cmpint (number_of (lowered, "c/"), ==, 2);
  g_assert_cmpint (number_of (lowered, "d/"), ==, 3);
  g_assert_cmpint (number_of (lowered, "e"), ==, -1);
  g_assert_cmpint (gw_node_attr (gw_graph_find (lowered->graph, "e"), "seed")->i, ==, 9);
  g_assert_cmpint (gw_node_attr (gw_graph_find (lowered->graph, "e"), "seed2")->i, ==, 4);
}

/* The loss alone: its gradient is built through other nodes. */
static void
test_apart_loss (void)
{
  g_autoptr (GwDocument) document = sample ();
  g_autoptr (GwDocument) whole = gw_document_copy (document);
  GError *error = NULL;

  apply (document, gw_edit_break_apart (document, COST, &error), error);
  assert_trains_alike (document, whole);
}

/* The second layer, whose random numbers come after the first one's; and the loss. */
static void
test_apart_many (void)
{
  g_autoptr (GwDocument) document = sample ();
  g_autoptr (GwDocument) whole = gw_document_copy (document);
  g_autofree char *before = variable_names (document);
  g_autofree char *after = NULL;
  g_autoptr (GArray) made = g_array_new (FALSE, FALSE, sizeof (int64_t));
  GError *error = NULL;
  GwEdit *edit = gw_edit_break_apart_many (document, (int64_t[]) { HIDDEN, LOGIT, COST }, 3, made, &error);

  apply (document, edit, error);
  after = variable_names (document);
  g_assert_cmpstr (before, ==, after);
  g_assert_cmpuint (made->len, >, 8);
  for (guint i = 0; i < made->len; i++)
    g_assert_nonnull (gw_document_node (document, g_array_index (made, int64_t, i)));
  g_assert_cmpint (gw_document_settings (document)->loss, ==, COST);
  assert_trains_alike (document, whole);
}

/* It takes from the inside of all layers, which come apart with it. */
static void
test_apart_minimize (void)
{
  g_autoptr (GwDocument) document = sample ();
  g_autoptr (GwDocument) whole = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  GError *error = NULL;
  GwEdit *edit;

  bypass (document, DROP);
  whole = gw_document_copy (document);
  before = variable_names (document);
  edit = gw_edit_break_apart (document, TRAIN, &error);
  apply (document, edit, error);
  after = variable_names (document);
  g_assert_cmpstr (before, ==, after);
  g_assert_cmpint (g_array_index (gw_document_settings (document)->targets, int64_t, 0), ==, TRAIN);
  g_assert_cmpstr (gw_document_node (document, HIDDEN)->op, ==, "Tanh");
  assert_trains_alike (document, whole);
}

static void
test_apart_refused (void)
{
  g_autoptr (GwDocument) document = sample ();
  GError *error = NULL;

  g_assert_null (gw_edit_break_apart (document, DROP, &error));
  g_assert_nonnull (strstr (error->message, "drop does one thing while it trains"));
  g_clear_error (&error);
  g_assert_null (gw_edit_break_apart (document, POINT, &error));
  g_assert_nonnull (strstr (error->message, "point is no composite"));
  g_clear_error (&error);
}

/* ---- one's own ---- */

static int64_t
make (GwDocument    *document,
      const int64_t *ids,
      int            n,
      const char    *param)
{
  g_autoptr (GwLive) live = gw_live_new (document);
  GError *error = NULL;
  g_autoptr (GwCompositeDraft) draft = gw_composite_draft_new (document, live, ids, n, &error);
  int64_t use;
  GwEdit *edit;

  g_assert_no_error (error);
  for (guint i = 0; i < draft->params->len; i++)
    {
      GwDraftParam *chosen = g_ptr_array_index (draft->params, i);

      chosen->chosen = param != NULL && g_str_equal (chosen->attr, param) && chosen->node == ids[0];
    }
  edit = gw_edit_make_composite (document, draft, &use, &error);
  apply (document, edit, error);
  return use;
}

static void
set (GwDocument *document,
     int64_t     id,
     const char *name,
     const char *text)
{
  GError *error = NULL;
  GwEdit *edit = gw_edit_set_attr (document, id, name, text, &error);

  apply (document, edit, error);
}

static void
test_make (void)
{
  g_autoptr (GwDocument) document = sample ();
  g_autoptr (GwDocument) whole = gw_document_copy (document);
  int64_t use = make (document, (int64_t[]) { HIDDEN, DROP, LOGIT }, 3, "units");
  const GwOpDef *def = gw_document_op (document, gw_document_node (document, use)->op);
  g_autofree char *names = variable_names (document);
  g_autoptr (GwLive) live = gw_live_new (document);

  g_assert_cmpint (gw_ports_length (def->inputs), ==, 2);
  g_assert_cmpstr (def->inputs[0].name, ==, "point");
  g_assert_cmpint (gw_ports_length (def->outputs), ==, 1);
  g_assert_cmpint (gw_attr_defs_find (def->attrs, "units"), >=, 0);
  g_assert_nonnull (strstr (names, "block/hidden/kernel"));
  g_assert_cmpint (gw_live_output (live, use, 0)->shape.rank, ==, 2);
  g_assert_cmpint (gw_live_output (live, use, 0)->shape.dims[1], ==, 1);
  g_assert_true (gw_live_check (live, (int64_t[]) { TRAIN }, 1, NULL));
  assert_trains_alike (document, whole);
  set (document, use, "units", "7");
  set (whole, HIDDEN, "units", "7");
  assert_trains_alike (document, whole);
}

/* A change inside changes all uses, and their shapes at once. */
static void
test_edit_inside (void)
{
  g_autoptr (GwDocument) document = sample ();
  int64_t use = make (document, (int64_t[]) { HIDDEN }, 1, NULL);
  g_autoptr (GwLive) live = gw_live_new (document);
  g_autoptr (GArray) affected = g_array_new (FALSE, FALSE, sizeof (int64_t));
  int64_t inner = HIDDEN;
  GError *error = NULL;

  g_assert_cmpint (gw_live_output (live, use, 0)->shape.dims[1], ==, 15);
  set (document, inner, "units", "9");
  gw_live_change (live, document, 1, &inner);
  gw_live_work (live, G_MAXINT, affected);
  g_assert_cmpint (gw_live_output (live, use, 0)->shape.dims[1], ==, 9);
  set (document, gw_document_find (document, "Block/point"), "name", "Block/data");
  g_assert_cmpint (gw_doc_node_input (gw_document_node (document, use), "data", 0)->from, ==, POINT);
  apply (document, gw_edit_rename_group (document, gw_document_find_group (document, "Block"), "Layer", &error), error);
  g_assert_cmpstr (gw_document_node (document, use)->op, ==, "Layer");
}

static void
test_apart_own (void)
{
  g_autoptr (GwDocument) document = sample ();
  g_autoptr (GwDocument) whole = gw_document_copy (document);
  int64_t use = make (document, (int64_t[]) { HIDDEN, DROP, LOGIT }, 3, "units");
  g_autofree char *before = variable_names (document);
  g_autofree char *after = NULL;
  GError *error = NULL;

  apply (document, gw_edit_break_apart (document, use, &error), error);
  after = variable_names (document);
  g_assert_cmpstr (before, ==, after);
  g_assert_cmpint (gw_document_own_composite (document, use), ==, 0);
  assert_trains_alike (document, whole);
}

/* A composite in a composite; and one that would be in itself. */
static void
test_nested (void)
{
  g_autoptr (GwDocument) document = sample ();
  g_autoptr (GwDocument) whole = gw_document_copy (document);
  int64_t inner = make (document, (int64_t[]) { HIDDEN }, 1, "units");
  int64_t outer = make (document, (int64_t[]) { inner, DROP, LOGIT }, 3, "units");
  g_autofree char *names = variable_names (document);
  const GwLowerOptions options = { GW_MODE_TRAIN, FALSE, -1 };
  g_autoptr (GwLowered) lowered = NULL;
  g_autoptr (GwEdit) edit = gw_edit_new ("Recurse");
  GwItem *item;
  GError *error = NULL;

  g_assert_nonnull (strstr (names, "block2/block/hidden/kernel"));
  set (document, outer, "units", "6");
  set (whole, HIDDEN, "units", "6");
  assert_trains_alike (document, whole);
  item = gw_edit_take (edit, document, inner);
  g_free (item->node.op);
  item->node.op = g_strdup ("Block2");
  gw_doc_node_set_input (&item->node, "keep", 0, 0, 0, "1.0");
  gw_edit_put (edit, document, item);
  gw_document_apply (document, edit);
  lowered = gw_lower (document, &options);
  g_assert_false (gw_lowered_check (lowered, document, &outer, 1, &error));
  g_assert_nonnull (error); /* refused, and not expanded without end */
  g_clear_error (&error);
}

static void
test_repeat (void)
{
  g_autoptr (GwDocument) document = sample ();
  g_autoptr (GwDocument) apart = NULL;
  const GwLowerOptions options = { GW_MODE_TRAIN, FALSE, -1 };
  g_autoptr (GwLowered) lowered = NULL;
  int64_t use;
  g_autofree char *names = NULL;
  GError *error = NULL;

  set (document, HIDDEN, "units", "2");
  use = make (document, (int64_t[]) { HIDDEN }, 1, NULL);
  set (document, use, "repeat", "3");
  names = variable_names (document);
  g_assert_nonnull (strstr (names, "block/1/hidden/kernel"));
  g_assert_nonnull (strstr (names, "block/3/hidden/kernel"));
  apart = gw_document_copy (document);
  apply (apart, gw_edit_break_apart (apart, use, &error), error);
  assert_trains_alike (document, apart);
  set (document, HIDDEN, "units", "5"); /* 2 → 5, 5 → 5, 5 → 5 */
  assert_trains_alike (document, document);
  use = make (document, (int64_t[]) { COST }, 1, NULL);
  set (document, use, "repeat", "2");
  lowered = gw_lower (document, &options);
  g_assert_false (gw_lowered_check (lowered, document, &use, 1, &error)); /* a scalar is no batch of predictions */
  g_clear_error (&error);
}

/* The box is named, and the node inside. */
static void
test_problem (void)
{
  g_autoptr (GwDocument) document = sample ();
  int64_t use = make (document, (int64_t[]) { HIDDEN, DROP }, 2, NULL);
  const GwLowerOptions options = { GW_MODE_TRAIN, FALSE, -1 };
  g_autoptr (GwLowered) lowered = NULL;
  const GwProblem *problem;

  set (document, use, "point", "1.5"); /* a scalar is no batch */
  lowered = gw_lower (document, &options);
  g_assert_cmpuint (lowered->problems->len, >, 0);
  problem = g_ptr_array_index (lowered->problems, 0);
  g_assert_cmpint (problem->node, ==, use);
  g_assert_cmpstr (problem->node_name, ==, "block");
  g_assert_true (g_str_has_prefix (problem->message, "block/hidden"));
}

static void
test_refused (void)
{
  g_autoptr (GwDocument) document = sample ();
  g_autoptr (GwCompositeDraft) draft = NULL;
  int64_t use;
  GError *error = NULL;

  g_assert_null (gw_composite_draft_new (document, NULL, (int64_t[]) { POINT }, 1, &error));
  g_assert_nonnull (strstr (error->message, "placeholder"));
  g_clear_error (&error);
  g_assert_null (gw_composite_draft_new (document, NULL, NULL, 0, &error));
  g_clear_error (&error);
  draft = gw_composite_draft_new (document, NULL, (int64_t[]) { HIDDEN }, 1, &error);
  g_assert_no_error (error);
  g_free (draft->name);
  draft->name = g_strdup ("MatMul");
  g_assert_null (gw_edit_make_composite (document, draft, &use, &error));
  g_assert_error (error, GW_ERROR, GW_ERROR_ALREADY_EXISTS);
  g_clear_error (&error);
}

/* ---- between documents ---- */

static void
test_carry (void)
{
  g_autoptr (GwDocument) document = sample ();
  g_autoptr (GwDocument) older = NULL;
  g_autoptr (GwDocument) library = NULL;
  int64_t use = make (document, (int64_t[]) { HIDDEN, DROP, LOGIT }, 3, "units");
  int64_t group = gw_document_find_group (document, "Block");
  GError *error = NULL;
  g_autoptr (GwDocument) fresh = gw_document_new ();
  g_autoptr (GwEdit) place = NULL;
  int64_t id;

  older = gw_document_copy (document);
  set (document, HIDDEN, "activation", "relu");
  library = gw_document_extract_composite (document, group);
  g_assert_null (gw_document_node (library, use));
  apply (older, gw_edit_take_composite (older, library, "Block", &error), error);
  assert_trains_alike (older, document);
  apply (fresh, gw_edit_take_composite (fresh, library, "Block", &error), error);
  place = gw_edit_add_node (fresh, gw_document_op (fresh, "Block"), 0, 0, &id);
  gw_document_apply (fresh, place);
  g_assert_cmpint (gw_document_own_composite (fresh, id), ==, gw_document_find_group (fresh, "Block"));
  g_assert_null (gw_edit_take_composite (fresh, library, "Other", &error));
  g_assert_error (error, GW_ERROR, GW_ERROR_NOT_FOUND);
  g_clear_error (&error);
}

/* What the logit is for two points, without its dropout. */
static GwTensor *
predict (GwSession       *session,
         const GwLowered *lowered,
         GwOutput         points,
         GwOutput         logit)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) value = gw_tensor_parse ("[[0.5, -1], [2, 0.25]]", GW_FLOAT32, NULL, &error);
  const GwFeed feed = { points, value };
  GwTensor *result = gw_session_fetch (session, lowered->graph, 1, &feed, logit, &error);

  g_assert_no_error (error);
  return result;
}

static void
initialize (GwSession       *session,
            const GwLowered *lowered)
{
  g_autoptr (GPtrArray) targets = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < lowered->variables->len; i++)
    g_ptr_array_add (targets, ((GwLoweredVariable *) g_ptr_array_index (lowered->variables, i))->initializer);
  gw_session_run (session, lowered->graph, 0, NULL, 0, NULL, (int) targets->len, (GwNode *const *) targets->pdata, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* As TensorFlow's graph, where nothing tells of composites, and read from that: variables have the
 * names that a checkpoint of the document has, and their values give the same numbers. */
static void
test_export (void)
{
  g_autoptr (GwDocument) document = sample ();
  int64_t use = make (document, (int64_t[]) { HIDDEN, DROP, LOGIT }, 3, "units");
  const GwLowerOptions options = { GW_MODE_EVALUATE, FALSE, 5 };
  g_autoptr (GwLowered) lowered = gw_lower (document, &options), again = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = gw_graph_to_proto (lowered->graph, &error);
  g_autoptr (GwSession) session = gw_session_new (1);
  g_autoptr (GwDocument) read = NULL;
  g_autoptr (GwTensor) x = NULL, y = NULL;
  g_autofree char *logit_name = NULL;
  GwOutput logit;

  g_assert_no_error (error);
  read = gw_document_from_graph_def (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (gw_document_find_group (read, "Block"), ==, 0);
  again = gw_lower (read, &options);
  gw_lowered_check (again, read, NULL, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (again->variables->len, ==, lowered->variables->len);
  for (guint i = 0; i < lowered->variables->len; i++)
    {
      const char *name = ((GwLoweredVariable *) g_ptr_array_index (lowered->variables, i))->name;

      g_assert_true (g_str_has_prefix (name, "block/"));
      g_assert_nonnull (gw_graph_find (again->graph, name));
    }
  initialize (session, lowered);
  logit = gw_lowered_output (lowered, use, 0);
  logit_name = gw_output_name (logit);
  x = predict (session, lowered, gw_lowered_output (lowered, POINT, 0), logit);
  g_assert_true (gw_graph_find_output (again->graph, logit_name, &logit, &error));
  y = predict (session, again, (GwOutput) { gw_graph_find (again->graph, "point"), 0 }, logit);
  g_assert_cmpint (x->elements, ==, 2);
  g_assert_true (gw_tensor_equal (x, y));
}

/* A file for TensorFlow carries the document: who reads it with this program has the composite again. */
static void
test_export_carries (void)
{
  g_autoptr (GwDocument) document = sample ();
  int64_t use = make (document, (int64_t[]) { HIDDEN, DROP, LOGIT }, 3, "units");
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = gw_document_to_graph_def (document, &(GwLowerOptions) { GW_MODE_TRAIN, TRUE, 5 }, &error);
  g_autoptr (GwDocument) read = NULL;

  g_assert_no_error (error);
  read = gw_document_from_graph_def (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (gw_document_equal (document, read));
  g_assert_cmpint (gw_document_own_composite (read, use), !=, 0);
  assert_trains_alike (read, document);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gw_init ();
  g_test_add_func ("/own-composites/apart-layer", test_apart_layer);
  g_test_add_func ("/own-composites/apart-loss", test_apart_loss);
  g_test_add_func ("/own-composites/apart-one-by-one", test_apart_one_by_one);
  g_test_add_func ("/own-composites/numbers-claimed", test_numbers_claimed);
  g_test_add_func ("/own-composites/apart-many", test_apart_many);
  g_test_add_func ("/own-composites/apart-minimize", test_apart_minimize);
  g_test_add_func ("/own-composites/apart-refused", test_apart_refused);
  g_test_add_func ("/own-composites/make", test_make);
  g_test_add_func ("/own-composites/edit-inside", test_edit_inside);
  g_test_add_func ("/own-composites/apart-own", test_apart_own);
  g_test_add_func ("/own-composites/nested", test_nested);
  g_test_add_func ("/own-composites/repeat", test_repeat);
  g_test_add_func ("/own-composites/problem", test_problem);
  g_test_add_func ("/own-composites/refused", test_refused);
  g_test_add_func ("/own-composites/carry", test_carry);
  g_test_add_func ("/own-composites/export", test_export);
  g_test_add_func ("/own-composites/export-carries", test_export_carries);
  return g_test_run ();
}
