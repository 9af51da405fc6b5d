/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept up to date edit by edit is what lowering the whole document gives. */
#include "engine/document/composites.h"
#include "engine/document/live.h"
#include "engine/graph/registry.h"
#include "engine/ops/families.h"
#include "tests/support/support.h"

#include <string.h>

#define ROUNDS 400

static const GwLowerOptions options = { GW_MODE_TRAIN, FALSE, -1 };

static void
check_output (const GwOutputFacts *facts,
              GwOutput             output,
              const char          *name)
{
  g_autofree char *want = NULL;
  g_autofree char *got = NULL;

  if ((facts != NULL) != (output.node != NULL))
    g_error ("%s: one way it can be lowered, the other way not", name);
  if (facts == NULL)
    return;
  want = gw_shape_to_string (gw_output_shape (output));
  got = gw_shape_to_string (&facts->shape);
  if (facts->dtype != gw_output_dtype (output) || !g_str_equal (want, got))
    g_error ("%s: %s, not %s", name, got, want);
  g_assert_cmpint (facts->is_ref, ==, gw_node_output_is_ref (output.node, output.index));
  g_assert_true ((facts->value != NULL) == (gw_output_constant (output) != NULL));
}

static gboolean
has_circle (const GwLowered *lowered)
{
  for (guint i = 0; i < lowered->problems->len; i++)
    if (strstr (((GwProblem *) g_ptr_array_index (lowered->problems, i))->message, "a cycle: ") != NULL)
      return TRUE;
  return FALSE;
}

/* As sets: the order differs. */
static GHashTable *
problem_texts (const GPtrArray *problems)
{
  GHashTable *texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < problems->len; i++)
    {
      const GwProblem *problem = g_ptr_array_index (problems, i);

      g_hash_table_add (texts, g_strdup_printf ("%s: %s: %s", problem->node_name, problem->port, problem->message));
    }
  return texts;
}

static void
check_problems (GwLive          *live,
                const GwLowered *lowered)
{
  g_autoptr (GHashTable) kept = problem_texts (gw_live_problems (live));
  g_autoptr (GHashTable) fresh = problem_texts (lowered->problems);
  GHashTableIter iter;
  gpointer text;

  if (has_circle (lowered)) /* blamed on one node or another of the circle */
    {
      g_assert_cmpuint (g_hash_table_size (kept), >, 0);
      return;
    }
  g_hash_table_iter_init (&iter, fresh);
  while (g_hash_table_iter_next (&iter, &text, NULL))
    if (!g_hash_table_contains (kept, text))
      g_error ("missed: %s", (char *) text);
  g_hash_table_iter_init (&iter, kept);
  while (g_hash_table_iter_next (&iter, &text, NULL))
    if (!g_hash_table_contains (fresh, text))
      g_error ("left over: %s", (char *) text);
}

static void
check_same (GwLive *live)
{
  const GwDocument *document = gw_live_document (live);
  g_autoptr (GwLowered) lowered = gw_lower (document, &options);
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  for (int i = 0; i < n; i++)
    {
      g_assert_cmpint (gw_live_n_outputs (live, ids[i]), ==, gw_lowered_n_outputs (lowered, ids[i]));
      for (int k = 0; k < gw_lowered_n_outputs (lowered, ids[i]); k++)
        check_output (gw_live_output (live, ids[i], k), gw_lowered_output (lowered, ids[i], k),
                      gw_document_node (document, ids[i])->name);
    }
  check_problems (live, lowered);
  g_assert_cmpuint (gw_live_variables (live)->len, ==, lowered->variables->len);
  g_assert_cmpuint (gw_live_inputs (live)->len, ==, lowered->inputs->len);
}

static GwDocument *
load_example (const char *name)
{
  g_autofree char *path = g_build_filename (g_getenv ("GW_EXAMPLES"), name, NULL);
  g_autoptr (GError) error = NULL;
  GwDocument *document = gw_document_load (path, &error);

  g_assert_no_error (error);
  return document;
}

/* ---- random edits ---- */

static int64_t
any_node (GRand            *random,
          const GwDocument *document)
{
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  return n > 0 ? ids[g_rand_int_range (random, 0, n)] : 0;
}

static GwEdit *
random_wire (GRand      *random,
             GwDocument *document)
{
  GwEdit *edit = gw_edit_new ("wire");
  int64_t to = any_node (random, document);
  const GwOpDef *op = gw_registry_find (gw_document_node (document, to)->op);
  int n = gw_ports_length (op->inputs);
  GwItem *item;

  if (n == 0)
    return edit;
  item = gw_edit_take (edit, document, to);
  gw_doc_node_set_input (&item->node, op->inputs[g_rand_int_range (random, 0, n)].name, 0,
                         g_rand_boolean (random) || g_rand_boolean (random) ? any_node (random, document) : 0, 0,
                         g_rand_boolean (random) ? "2" : NULL);
  gw_edit_put (edit, document, item);
  return edit;
}

static GwEdit *
random_edit (GRand      *random,
             GwDocument *document)
{
  static const char *const ops[] = { "Const", "Placeholder", "VariableV2", "Assign", "Add", "MatMul", "Relu", "Dense", "Reshape",
                                     "Shape", "ConcatV2", "Dropout" };
  static const char *const settings[][2] = {
    { "units", "7" }, { "units", "-1" }, { "shape", "[?,3]" }, { "shape", "[4]" }, { "dtype", "int32" }, { "dtype", "float32" },
    { "transpose_a", "true" }, { "keep_prob", "0.5" }, { "name", "renamed" }, { "name", "other" },
  };
  int64_t id = any_node (random, document);
  int kind = g_rand_int_range (random, 0, 8);
  int which = g_rand_int_range (random, 0, G_N_ELEMENTS (settings));

  if (kind == 0 || id == 0)
    return gw_edit_add_node (document, gw_registry_find (ops[g_rand_int_range (random, 0, G_N_ELEMENTS (ops))]), 0, 0, &id);
  if (kind == 1)
    return gw_edit_delete (document, &id, 1, g_rand_boolean (random));
  if (kind < 4)
    return gw_edit_set_attr (document, id, settings[which][0], settings[which][1], NULL);
  return random_wire (random, document);
}

static void
tell (GwLive       *live,
      GwDocument   *document,
      const GwEdit *edit,
      int           most)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (int64_t));
  g_autoptr (GArray) affected = g_array_new (FALSE, FALSE, sizeof (int64_t));

  for (guint i = 0; i < edit->changes->len; i++)
    {
      const GwChange *change = &g_array_index (edit->changes, GwChange, i);
      const GwItem *item = change->after != NULL ? change->after : change->before;

      if (item->kind == GW_ITEM_NODE)
        g_array_append_val (ids, item->id);
    }
  gw_live_change (live, document, (int) ids->len, (const int64_t *) ids->data);
  gw_live_work (live, most, affected);
}

static void
finish (GwLive *live)
{
  g_autoptr (GArray) affected = g_array_new (FALSE, FALSE, sizeof (int64_t));

  while (!gw_live_work (live, 3, affected))
    ;
}

/* Edits, some of them undone, some of them told while earlier ones are still at work. */
static void
test_random (gconstpointer name)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  g_autoptr (GwDocument) document = load_example (name);
  g_autoptr (GwLive) live = gw_live_new (document);

  check_same (live);
  for (int round = 0; round < ROUNDS; round++)
    {
      g_autoptr (GwEdit) edit = random_edit (random, document);

      if (edit == NULL)
        continue;
      gw_document_apply (document, edit);
      tell (live, document, edit, g_rand_boolean (random) ? G_MAXINT : 1);
      if (g_rand_int_range (random, 0, 3) == 0)
        {
          gw_document_revert (document, edit);
          tell (live, document, edit, 2);
        }
      finish (live);
      check_same (live);
    }
}

/* ---- costs ---- */

static int64_t
add (GwDocument *document,
     const char *op,
     int64_t     from)
{
  int64_t id;
  g_autoptr (GwEdit) edit = gw_edit_add_node (document, gw_registry_find (op), 0, 0, &id);
  GwItem *item = gw_edit_take (edit, document, id);

  if (from != 0)
    gw_doc_node_set_input (&item->node, gw_registry_find (op)->inputs[0].name, 0, from, 0, NULL);
  gw_edit_put (edit, document, item);
  gw_document_apply (document, edit);
  return id;
}

/* What an edit touches does not grow with the document. */
static void
test_few_affected (void)
{
  g_autoptr (GwDocument) document = gw_document_new ();
  g_autoptr (GArray) affected = g_array_new (FALSE, FALSE, sizeof (int64_t));
  int64_t id = add (document, "Placeholder", 0), middle = 0;
  g_autoptr (GwLive) live = NULL;
  g_autoptr (GwEdit) edit = NULL;
  g_autoptr (GTimer) timer = g_timer_new ();
  GwItem *item;

  for (int i = 0; i < 10000; i++)
    {
      id = add (document, "Relu", id);
      middle = i == 5000 ? id : middle;
    }
  g_timer_start (timer);
  live = gw_live_new (document);
  g_test_message ("lower 10,000 nodes: %.1f ms", 1000 * g_timer_elapsed (timer, NULL));
  edit = gw_edit_new ("");
  item = gw_edit_take (edit, document, middle);
  gw_doc_node_set_input (&item->node, "features", 0, gw_document_ids (document, GW_ITEM_NODE, &(int) { 0 })[7], 0, NULL);
  gw_edit_put (edit, document, item);
  gw_document_apply (document, edit);
  g_timer_start (timer);
  gw_live_change (live, document, 1, &middle);
  g_assert_true (gw_live_work (live, 10, affected));
  g_test_message ("a wire in the middle: %.3f ms", 1000 * g_timer_elapsed (timer, NULL));
  g_assert_cmpuint (affected->len, ==, 1);
}

/* ---- wires ---- */

static void
test_why_not (void)
{
  g_autoptr (GwDocument) document = load_example ("fashion-mlp.gw");
  g_autoptr (GwLive) live = gw_live_new (document);
  int64_t image = gw_document_find (document, "image");
  int64_t label = gw_document_find (document, "label");
  int64_t hidden1 = gw_document_find (document, "hidden1");
  int64_t logits = gw_document_find (document, "logits");
  int64_t xent = gw_document_find (document, "xent");
  g_autofree char *fits = gw_live_why_not (live, image, 0, logits, "inputs", 0);
  g_autofree char *cycle = gw_live_why_not (live, logits, 0, hidden1, "inputs", 0);
  g_autofree char *dtype = gw_live_why_not (live, label, 0, hidden1, "inputs", 0);
  g_autofree char *shape = gw_live_why_not (live, image, 0, xent, "labels", 0);

  g_assert_null (fits);
  g_assert_nonnull (strstr (cycle, "cycle"));
  g_assert_nonnull (dtype);
  g_assert_nonnull (shape);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gw_register_all_ops ();
  gw_register_composites ();
  g_test_add_data_func ("/document/live/random/fashion-mlp", "fashion-mlp.gw", test_random);
  g_test_add_data_func ("/document/live/random/xor", "xor.gw", test_random);
  g_test_add_data_func ("/document/live/random/hello", "hello.gw", test_random);
  g_test_add_func ("/document/live/few-affected", test_few_affected);
  g_test_add_func ("/document/live/why-not", test_why_not);
  return g_test_run ();
}
