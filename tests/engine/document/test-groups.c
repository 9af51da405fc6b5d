/* SPDX-License-Identifier: Apache-2.0 */
/* Scopes and sub-graphs: names follow, edits are exact, files round-trip, and what no
 * file should hold is refused in words. */
#include "engine/base/error.h"
#include "engine/document/composites.h"
#include "engine/document/document.h"
#include "engine/document/live.h"
#include "engine/document/lower.h"
#include "engine/graph/graph.h"
#include "engine/graph/registry.h"
#include "engine/ops/families.h"

#include <string.h>

static int64_t
add_node (GwDocument *document,
          const char *op,
          double      x)
{
  int64_t id;
  g_autoptr (GwEdit) edit = gw_edit_add_node (document, gw_registry_find (op), x, 40, &id);

  gw_document_apply (document, edit);
  return id;
}

static void
connect (GwDocument *document,
         int64_t     from,
         int64_t     to,
         const char *port,
         const char *literal)
{
  g_autoptr (GwEdit) edit = gw_edit_new ("Connect");
  GwItem *item = gw_edit_take (edit, document, to);

  gw_doc_node_set_input (&item->node, port, 0, from, 0, literal);
  gw_edit_put (edit, document, item);
  gw_document_apply (document, edit);
}

/* Placeholder → Relu → Sigmoid, and an Assign to a variable by its name. */
typedef struct {
  GwDocument *document;
  int64_t     input, relu, sigmoid, variable, assign;
} Sample;

static void
sample_init (Sample *sample)
{
  GwDocument *document = gw_document_new ();

  sample->document = document;
  sample->input = add_node (document, "Placeholder", 0);
  sample->relu = add_node (document, "Relu", 200);
  sample->sigmoid = add_node (document, "Sigmoid", 400);
  sample->variable = add_node (document, "VariableV2", 200);
  sample->assign = add_node (document, "Assign", 400);
  connect (document, sample->input, sample->relu, "features", NULL);
  connect (document, sample->relu, sample->sigmoid, "x", NULL);
  connect (document, 0, sample->assign, "ref", "VariableV2");
}

static const char *
name_of (const Sample *sample,
         int64_t       id)
{
  return gw_document_node (sample->document, id)->name;
}

/* Applies the edit, and checks that taking it back and making it again are exact. */
static void
apply (GwDocument *document,
       GwEdit     *edit)
{
  g_autoptr (GwDocument) before = gw_document_copy (document);
  g_autoptr (GwDocument) after = NULL;
  g_autoptr (GwEdit) owned = edit;
  g_autofree char *text = NULL, *again = NULL;

  g_assert_nonnull (edit);
  gw_document_apply (document, edit);
  after = gw_document_copy (document);
  text = gw_document_to_json (document);
  gw_document_revert (document, edit);
  g_assert_true (gw_document_equal (document, before));
  gw_document_apply (document, edit);
  g_assert_true (gw_document_equal (document, after));
  again = gw_document_to_json (document);
  g_assert_cmpstr (text, ==, again);
}

static int64_t
group (GwDocument    *document,
       const int64_t *ids,
       int            n,
       const char    *name)
{
  g_autoptr (GError) error = NULL;
  int64_t id;
  GwEdit *edit = gw_edit_group (document, ids, n, name, &id, &error);

  g_assert_no_error (error);
  apply (document, edit);
  return id;
}

static GwDocument *
reread (const GwDocument *document)
{
  g_autofree char *text = gw_document_to_json (document);
  g_autoptr (GError) error = NULL;
  GwDocument *copy = gw_document_from_json (text, strlen (text), &error);

  g_assert_no_error (error);
  return copy;
}

static void
test_names (void)
{
  Sample sample;
  int64_t scope, outer;
  g_autoptr (GwDocument) copy = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *prefix = NULL;

  sample_init (&sample);
  scope = group (sample.document, (int64_t[]) { sample.relu, sample.variable }, 2, "hidden");
  g_assert_cmpstr (name_of (&sample, sample.relu), ==, "hidden/Relu");
  g_assert_cmpstr (name_of (&sample, sample.variable), ==, "hidden/VariableV2");
  g_assert_cmpstr (gw_document_leaf_name (sample.document, sample.relu), ==, "Relu");
  /* A literal that names a variable follows it. */
  g_assert_cmpstr (gw_doc_node_input (gw_document_node (sample.document, sample.assign), "ref", 0)->literal, ==,
                   "hidden/VariableV2");
  outer = group (sample.document, (int64_t[]) { scope, sample.sigmoid }, 2, "encoder");
  g_assert_cmpstr (name_of (&sample, sample.relu), ==, "encoder/hidden/Relu");
  g_assert_cmpstr (name_of (&sample, sample.sigmoid), ==, "encoder/Sigmoid");
  g_assert_cmpint (gw_document_owner (sample.document, scope), ==, outer);
  g_assert_true (gw_document_is_inside (sample.document, sample.relu, outer));
  g_assert_cmpint (gw_document_body (sample.document, sample.relu), ==, 0);
  prefix = gw_document_prefix (sample.document, scope);
  g_assert_cmpstr (prefix, ==, "encoder/hidden/");
  copy = reread (sample.document);
  g_assert_true (gw_document_equal (copy, sample.document));
  apply (sample.document, gw_edit_rename_group (sample.document, outer, "enc", &error));
  g_assert_cmpstr (name_of (&sample, sample.relu), ==, "enc/hidden/Relu");
  g_assert_null (gw_edit_rename_group (sample.document, outer, "a/b", &error));
  g_assert_error (error, GW_ERROR, GW_ERROR_INVALID_ARGUMENT);
  apply (sample.document, gw_edit_ungroup (sample.document, &outer, 1, NULL));
  g_assert_cmpstr (name_of (&sample, sample.relu), ==, "hidden/Relu");
  g_assert_cmpstr (name_of (&sample, sample.sigmoid), ==, "Sigmoid");
  g_assert_cmpfloat (gw_document_node (sample.document, sample.sigmoid)->x, ==, 400);
  g_assert_cmpint (gw_document_owner (sample.document, scope), ==, 0);
  gw_document_unref (sample.document);
}

static void
test_unique_names (void)
{
  Sample sample;
  int64_t first, second;

  sample_init (&sample);
  first = group (sample.document, &sample.relu, 1, "a");
  second = group (sample.document, &sample.sigmoid, 1, "a");
  g_assert_cmpstr (gw_document_group (sample.document, first)->name, ==, "a");
  g_assert_cmpstr (gw_document_group (sample.document, second)->name, ==, "a_1");
  g_assert_cmpstr (name_of (&sample, sample.sigmoid), ==, "a_1/Sigmoid");
  gw_document_unref (sample.document);
}

static void
test_delete (void)
{
  Sample sample;
  int64_t scope, outer;

  sample_init (&sample);
  scope = group (sample.document, &sample.relu, 1, "inner");
  outer = group (sample.document, &scope, 1, "outer");
  apply (sample.document, gw_edit_delete (sample.document, &outer, 1, FALSE));
  g_assert_null (gw_document_item (sample.document, outer));
  g_assert_null (gw_document_item (sample.document, scope));
  g_assert_null (gw_document_item (sample.document, sample.relu));
  g_assert_null (gw_doc_node_input (gw_document_node (sample.document, sample.sigmoid), "x", 0));
  gw_document_unref (sample.document);
}

static void
test_clipboard (void)
{
  Sample sample;
  g_autoptr (GArray) pasted = g_array_new (FALSE, FALSE, sizeof (int64_t));
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GArray) content = NULL;
  int64_t scope, twin;

  sample_init (&sample);
  scope = group (sample.document, (int64_t[]) { sample.relu, sample.sigmoid }, 2, "block");
  text = gw_document_copy_items (sample.document, &scope, 1);
  apply (sample.document, gw_document_paste (sample.document, text, 24, 24, FALSE, pasted, &error));
  g_assert_cmpint (pasted->len, ==, 1);
  twin = g_array_index (pasted, int64_t, 0);
  g_assert_cmpstr (gw_document_group (sample.document, twin)->name, ==, "block_1");
  content = gw_document_content (sample.document, twin, GW_ITEM_NODE);
  g_assert_cmpint (content->len, ==, 2);
  g_assert_cmpstr (name_of (&sample, g_array_index (content, int64_t, 0)), ==, "block_1/Relu");
  /* The wire within was copied with it, the one from outside was not. */
  g_assert_cmpint (gw_doc_node_input (gw_document_node (sample.document, g_array_index (content, int64_t, 1)), "x", 0)->from,
                   ==, g_array_index (content, int64_t, 0));
  g_assert_null (gw_doc_node_input (gw_document_node (sample.document, g_array_index (content, int64_t, 0)), "features", 0));
  /* Into the scope itself: deeper names. */
  g_array_set_size (pasted, 0);
  apply (sample.document, gw_document_paste_into (sample.document, scope, text, 0, 0, TRUE, pasted, &error));
  twin = g_array_index (pasted, int64_t, 0);
  g_assert_cmpint (gw_document_owner (sample.document, twin), ==, scope);
  g_clear_pointer (&content, g_array_unref);
  content = gw_document_content (sample.document, twin, GW_ITEM_NODE);
  g_assert_cmpstr (name_of (&sample, g_array_index (content, int64_t, 0)), ==, "block/block/Relu");
  g_assert_cmpint (gw_doc_node_input (gw_document_node (sample.document, g_array_index (content, int64_t, 0)), "features", 0)->from,
                   ==, sample.input);
  gw_document_unref (sample.document);
}

static const char *
called_by (GwDocument *document,
           int64_t     node,
           const char *attr)
{
  return gw_named_attrs_get (gw_document_node (document, node)->attrs, attr)->s;
}

/* A pasted If has branches of its own, which call what is theirs in turn. */
static void
test_paste_bodies (void)
{
  g_autoptr (GwDocument) document = gw_document_new ();
  g_autoptr (GwDocument) start = NULL;
  g_autoptr (GArray) pasted = g_array_new (FALSE, FALSE, sizeof (int64_t));
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  int64_t first = add_node (document, "If", 0), twin, body, inner, copied;
  g_autoptr (GArray) content = NULL;
  GwEdit *edit;

  body = gw_document_find_group (document, called_by (document, first, "then_branch"));
  g_assert_cmpint (body, !=, 0);
  edit = gw_edit_add_node (document, gw_registry_find ("While"), 0, 0, &inner);
  gw_edit_move_into (edit, document, &inner, 1, body);
  apply (document, edit);
  start = gw_document_copy (document);
  text = gw_document_copy_items (document, &first, 1);
  edit = gw_document_paste (document, text, 24, 24, FALSE, pasted, &error);
  g_assert_no_error (error);
  gw_document_apply (document, edit);
  g_assert_cmpint (pasted->len, ==, 1);
  twin = g_array_index (pasted, int64_t, 0);
  g_assert_cmpstr (called_by (document, twin, "then_branch"), !=, called_by (document, first, "then_branch"));
  g_assert_cmpstr (called_by (document, twin, "else_branch"), !=, called_by (document, first, "else_branch"));
  copied = gw_document_find_group (document, called_by (document, twin, "then_branch"));
  g_assert_true (copied != 0 && copied != body);
  content = gw_document_members (document, copied, GW_ITEM_NODE);
  for (guint i = 0; i < content->len; i++)
    {
      int64_t id = g_array_index (content, int64_t, i);
      g_autofree char *prefix = gw_document_prefix (document, copied);

      g_assert_true (g_str_has_prefix (gw_document_node (document, id)->name, prefix));
      if (g_str_equal (gw_document_node (document, id)->op, "While"))
        {
          g_assert_cmpstr (called_by (document, id, "body"), !=, called_by (document, inner, "body"));
          g_assert_cmpint (gw_document_find_group (document, called_by (document, id, "body")), !=, 0);
          g_clear_pointer (&text, g_free);
        }
    }
  g_assert_null (text); /* the While came along */
  gw_document_revert (document, edit);
  g_assert_true (gw_document_equal (document, start));
  gw_edit_free (edit);
}

/* A sub-graph's nodes are none of the graph, but their shapes are known. */
static void
test_bodies (void)
{
  const GwLowerOptions options = { GW_MODE_TRAIN, FALSE, 1 };
  Sample sample;
  g_autoptr (GwEdit) edit = gw_edit_new ("Make a sub-graph");
  g_autoptr (GwDocument) copy = NULL;
  g_autoptr (GwLive) live = NULL;
  g_autofree char *text = NULL;
  GwLowered *lowered;
  int64_t body, constant;

  sample_init (&sample);
  constant = add_node (sample.document, "Placeholder", 0);
  body = gw_edit_add_definition (edit, sample.document, GW_GROUP_FUNCTION, "body");
  gw_edit_move_into (edit, sample.document, &constant, 1, body);
  gw_document_apply (sample.document, edit);
  g_assert_cmpstr (name_of (&sample, constant), ==, "body/Placeholder_1");
  g_assert_cmpint (gw_document_find_group (sample.document, "body"), ==, body);
  g_assert_cmpint (gw_document_body (sample.document, constant), ==, body);
  lowered = gw_lower (sample.document, &options);
  g_assert_null (gw_graph_find (lowered->graph, "body/Placeholder_1"));
  g_assert_nonnull (gw_graph_find (lowered->graph, "Relu"));
  gw_lowered_unref (lowered);
  live = gw_live_new (sample.document);
  g_assert_nonnull (gw_live_output (live, constant, 0));
  text = gw_document_to_json (sample.document);
  g_assert_nonnull (strstr (text, "\"graphwright\": 2"));
  copy = reread (sample.document);
  g_assert_true (gw_document_equal (copy, sample.document));
  gw_document_unref (sample.document);
}

/* ---- files ---- */

static const struct {
  const char *groups, *says;
} bad[] = {
  { "{\"id\": 9, \"kind\": \"scope\", \"name\": \"a\", \"at\": [0, 0], \"owner\": 77}", "which is not there" },
  { "{\"id\": 8, \"kind\": \"scope\", \"name\": \"a\", \"at\": [0, 0], \"owner\": 9},"
    "{\"id\": 9, \"kind\": \"scope\", \"name\": \"b\", \"at\": [0, 0], \"owner\": 8}", "in itself" },
  { "{\"id\": 9, \"kind\": \"scope\", \"name\": \"a\", \"at\": [0, 0], \"owner\": 9}", "in itself" },
  { "{\"id\": 9, \"kind\": \"heap\", \"name\": \"a\", \"at\": [0, 0]}", "no kind of group" },
  { "{\"id\": 9, \"kind\": \"scope\", \"at\": [0, 0]}", "no name" },
  { "{\"id\": 9, \"kind\": \"scope\", \"name\": \"a\"}", "not a position" },
  { "{\"id\": 9, \"kind\": \"scope\", \"name\": \"a\", \"at\": [0, 0], \"owner\": -1}", "no id" },
  { "{\"id\": 8, \"kind\": \"scope\", \"name\": \"a\", \"at\": [0, 0]},"
    "{\"id\": 9, \"kind\": \"scope\", \"name\": \"a\", \"at\": [0, 0]}", "two groups" },
  { "{\"id\": 8, \"kind\": \"function\", \"name\": \"a\"}, {\"id\": 9, \"kind\": \"composite\", \"name\": \"a\"}",
    "two sub-graphs" },
  { "{\"id\": 8, \"kind\": \"scope\", \"name\": \"a\", \"at\": [0, 0]},"
    "{\"id\": 9, \"kind\": \"function\", \"name\": \"f\", \"owner\": 8}", "cannot live in a group" },
  { "{\"id\": 9, \"kind\": \"composite\", \"name\": \"f\", \"params\": [{\"name\": \"x\"}]}", "names no attribute" },
};

static void
test_bad_files (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"graphwright\": 2, \"nodes\": [], \"groups\": [%s]}", bad[i].groups);
      g_autoptr (GError) error = NULL;
      g_autoptr (GwDocument) document = gw_document_from_json (text, strlen (text), &error);

      g_assert_null (document);
      g_assert_error (error, GW_ERROR, GW_ERROR_INVALID_ARGUMENT);
      g_assert_nonnull (strstr (error->message, bad[i].says));
    }
}

static void
test_crossing_wire (void)
{
  static const char text[] =
    "{\"graphwright\": 2, \"nodes\": [{\"id\": 1, \"name\": \"a\", \"op\": \"Const\", \"at\": [0, 0]},"
    "{\"id\": 2, \"name\": \"f/b\", \"op\": \"Relu\", \"at\": [0, 0], \"owner\": 3, \"inputs\": {\"features\": {\"from\": 1}}}],"
    "\"groups\": [{\"id\": 3, \"kind\": \"function\", \"name\": \"f\"}]}";
  g_autoptr (GError) error = NULL;
  g_autoptr (GwDocument) document = gw_document_from_json (text, strlen (text), &error);

  g_assert_null (document);
  g_assert_error (error, GW_ERROR, GW_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "another sub-graph"));
}

/* ---- many edits ---- */

static void
random_edit (GwDocument *document,
             GRand      *random,
             GPtrArray  *history)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (int64_t));
  int n_nodes, n_groups;
  const int64_t *nodes = gw_document_ids (document, GW_ITEM_NODE, &n_nodes);
  const int64_t *groups = gw_document_ids (document, GW_ITEM_GROUP, &n_groups);
  int64_t some, group_id = n_groups > 0 ? groups[g_rand_int_range (random, 0, n_groups)] : 0;
  GwEdit *edit = NULL;

  for (int i = 0; i < 4 && n_nodes > 0; i++)
    g_array_append_val (ids, nodes[g_rand_int_range (random, 0, n_nodes)]);
  if (group_id != 0)
    g_array_append_val (ids, group_id);
  switch (g_rand_int_range (random, 0, 6))
    {
    case 0:
    case 1:
      edit = gw_edit_group (document, (const int64_t *) (gpointer) ids->data, (int) ids->len, NULL, &some, NULL);
      break;
    case 2:
      edit = gw_edit_ungroup (document, &group_id, group_id != 0, NULL);
      break;
    case 3:
      {
        g_autofree char *text = gw_document_copy_items (document, (const int64_t *) (gpointer) ids->data, (int) ids->len);

        edit = gw_document_paste_into (document, n_nodes < 60 ? group_id : 0, text, 8, 8, TRUE, NULL, NULL);
        break;
      }
    case 4:
      edit = n_nodes > 20 ? gw_edit_delete (document, (const int64_t *) (gpointer) ids->data, 1, TRUE) : NULL;
      break;
    default:
      edit = group_id != 0 ? gw_edit_rename_group (document, group_id, g_rand_boolean (random) ? "x" : "y", NULL) : NULL;
      break;
    }
  if (edit == NULL)
    return;
  gw_document_apply (document, edit);
  g_ptr_array_add (history, edit);
}

static void
test_many_edits (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  g_autoptr (GPtrArray) history = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_edit_free);
  g_autoptr (GwDocument) before = NULL;
  Sample sample;

  sample_init (&sample);
  for (int i = 0; i < 12; i++)
    connect (sample.document, sample.relu, add_node (sample.document, "Tanh", 40 * i), "x", NULL);
  before = gw_document_copy (sample.document);
  for (int i = 0; i < 300; i++)
    {
      g_autoptr (GwDocument) copy = NULL;

      random_edit (sample.document, random, history);
      copy = reread (sample.document); /* names unique, owners there: the file's own rules */
      g_assert_true (gw_document_equal (copy, sample.document));
    }
  g_assert_cmpint (history->len, >, 100);
  for (guint i = history->len; i > 0; i--)
    gw_document_revert (sample.document, g_ptr_array_index (history, i - 1));
  g_assert_true (gw_document_equal (sample.document, before));
  gw_document_unref (sample.document);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gw_register_all_ops ();
  gw_register_composites ();
  g_test_add_func ("/groups/names", test_names);
  g_test_add_func ("/groups/unique-names", test_unique_names);
  g_test_add_func ("/groups/delete", test_delete);
  g_test_add_func ("/groups/clipboard", test_clipboard);
  g_test_add_func ("/groups/paste-bodies", test_paste_bodies);
  g_test_add_func ("/groups/bodies", test_bodies);
  g_test_add_func ("/groups/bad-files", test_bad_files);
  g_test_add_func ("/groups/crossing-wire", test_crossing_wire);
  g_test_add_func ("/groups/many-edits", test_many_edits);
  return g_test_run ();
}
