/* SPDX-License-Identifier: Apache-2.0 */
/* The document model: exact undo, merging, groups, files, autosave and recovery. */
#include "app/model/autosave.h"
#include "app/model/doc-model.h"
#include "app/model/recent.h"
#include "tests/support/support.h"

#include <glib/gstdio.h>
#include <string.h>

static void
spin (gint64 milliseconds)
{
  gint64 end = g_get_monotonic_time () + milliseconds * 1000;

  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (500);
}

static int64_t
add (GwDocModel *model,
     const char *op,
     double      x)
{
  int64_t id;

  gw_doc_model_apply (model, gw_edit_add_node (gw_doc_model_get_document (model), gw_registry_find (op), x, 0, &id),
                      NULL);
  return id;
}

static void
wire (GwDocModel *model,
      int64_t     from,
      int64_t     to,
      const char *port)
{
  GwEdit *edit = gw_edit_new ("Connect");
  GwItem *item = gw_edit_take (edit, gw_doc_model_get_document (model), to);

  gw_doc_node_set_input (&item->node, port, 0, from, 0, NULL);
  gw_edit_put (edit, gw_doc_model_get_document (model), item);
  gw_doc_model_apply (model, edit, NULL);
}

/* Every state that was passed is met again, bit for bit, on the way back and forth. */
static void
test_undo_is_exact (void)
{
  g_autoptr (GwDocModel) model = gw_doc_model_new ();
  GPtrArray *states = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_document_unref);
  GwDocument *document = gw_doc_model_get_document (model);
  g_autoptr (GError) error = NULL;
  int64_t a, b;

#define KEEP g_ptr_array_add (states, gw_document_copy (document))
  KEEP;
  a = add (model, "Const", 0);
  KEEP;
  b = add (model, "Neg", 200);
  KEEP;
  wire (model, a, b, "x");
  KEEP;
  g_assert_true (gw_doc_model_set_attr (model, a, "name", "start", &error));
  KEEP;
  gw_doc_model_apply (model, gw_edit_delete (document, &a, 1, FALSE), NULL);
  KEEP;
#undef KEEP
  for (int round = 0; round < 3; round++)
    {
      for (guint i = states->len - 1; i > 0; i--)
        {
          g_assert_true (gw_document_equal (document, g_ptr_array_index (states, i)));
          g_assert_true (gw_doc_model_undo (model));
        }
      g_assert_true (gw_document_equal (document, g_ptr_array_index (states, 0)));
      g_assert_false (gw_doc_model_undo (model));
      for (guint i = 1; i < states->len; i++)
        {
          g_assert_true (gw_doc_model_redo (model));
          g_assert_true (gw_document_equal (document, g_ptr_array_index (states, i)));
        }
      g_assert_false (gw_doc_model_redo (model));
    }
  g_ptr_array_unref (states);
}

static void
test_merging (void)
{
  g_autoptr (GwDocModel) model = gw_doc_model_new ();
  GwDocument *document = gw_doc_model_get_document (model);
  int64_t id = add (model, "Const", 0);

  g_assert_true (gw_doc_model_set_attr (model, id, "name", "a", NULL));
  g_assert_true (gw_doc_model_set_attr (model, id, "name", "ab", NULL));
  g_assert_true (gw_doc_model_undo (model));
  g_assert_cmpstr (gw_document_node (document, id)->name, ==, "Const");
  g_assert_true (gw_doc_model_redo (model));
  g_assert_cmpstr (gw_document_node (document, id)->name, ==, "ab");

  /* After a rest the next letter is a step of its own. */
  spin (450);
  g_assert_true (gw_doc_model_set_attr (model, id, "name", "abc", NULL));
  g_assert_true (gw_doc_model_undo (model));
  g_assert_cmpstr (gw_document_node (document, id)->name, ==, "ab");
}

static void
test_groups (void)
{
  g_autoptr (GwDocModel) model = gw_doc_model_new ();
  GwDocument *document = gw_doc_model_get_document (model);
  int n;

  gw_doc_model_begin_group (model, "Insert");
  add (model, "Const", 0);
  gw_doc_model_begin_group (model, "inner");
  add (model, "Neg", 100);
  gw_doc_model_end_group (model);
  g_assert_null (gw_doc_model_undo_label (model));
  gw_doc_model_end_group (model);
  g_assert_cmpstr (gw_doc_model_undo_label (model), ==, "Insert");
  g_assert_true (gw_doc_model_undo (model));
  gw_document_ids (document, GW_ITEM_NODE, &n);
  g_assert_cmpint (n, ==, 0);
  g_assert_null (gw_doc_model_undo_label (model));
  /* An empty group leaves nothing to undo. */
  gw_doc_model_begin_group (model, "Nothing");
  gw_doc_model_end_group (model);
  g_assert_null (gw_doc_model_undo_label (model));
}

static void
count_calls (gpointer data)
{
  (*(int *) data)++;
}

static void
test_problems_follow (void)
{
  g_autoptr (GwDocModel) model = gw_doc_model_new ();
  int64_t id, source;
  int calls = 0;
  GwEdit *edit;
  GwItem *item;

  g_signal_connect_swapped (model, "live-changed", G_CALLBACK (count_calls), &calls);
  id = add (model, "Neg", 0);
  spin (20);
  g_assert_cmpint (calls, ==, 1);
  g_assert_nonnull (gw_live_problem (gw_doc_model_get_live (model), id));

  /* Moving a node lowers nothing. */
  edit = gw_edit_new ("Move");
  item = gw_edit_take (edit, gw_doc_model_get_document (model), id);
  item->node.x += 8;
  gw_edit_put (edit, gw_doc_model_get_document (model), item);
  gw_doc_model_apply (model, edit, NULL);
  spin (20);
  g_assert_cmpint (calls, ==, 1);

  source = add (model, "Placeholder", -200);
  wire (model, source, id, "x");
  gw_doc_model_settle (model);
  g_assert_null (gw_live_problem (gw_doc_model_get_live (model), id));
}

typedef struct {
  gboolean done, ok;
  GError  *error;
} Answer;

static void
on_saved (GObject      *object,
          GAsyncResult *result,
          gpointer      data)
{
  Answer *answer = data;

  answer->ok = gw_doc_model_save_finish (GW_DOC_MODEL (object), result, &answer->error);
  answer->done = TRUE;
}

static void
on_loaded (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  Answer *answer = data;

  answer->ok = gw_doc_model_load_finish (GW_DOC_MODEL (object), result, &answer->error);
  answer->done = TRUE;
}

static void
wait_for (Answer *answer)
{
  while (!answer->done)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_files (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "a.gw", NULL);
  g_autofree char *missing = g_build_filename (dir, "none.gw", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path), none = g_file_new_for_path (missing);
  g_autoptr (GwDocModel) model = gw_doc_model_new (), other = gw_doc_model_new ();
  g_autofree char *runs = NULL;
  g_autoptr (GPtrArray) recent = NULL;
  Answer saved = { 0 }, loaded = { 0 }, failed = { 0 };

  add (model, "Const", 0);
  g_assert_true (gw_doc_model_is_dirty (model));
  gw_doc_model_save_async (model, file, NULL, on_saved, &saved);
  /* An edit made while the file is written stays unsaved. */
  add (model, "Const", 50);
  wait_for (&saved);
  g_assert_no_error (saved.error);
  g_assert_true (gw_doc_model_is_dirty (model));
  g_assert_true (gw_doc_model_undo (model));
  g_assert_false (gw_doc_model_is_dirty (model));
  g_assert_cmpstr (gw_doc_model_get_name (model), ==, "a");
  runs = gw_doc_model_runs_dir (model);
  g_assert_true (g_str_has_suffix (runs, "/a.runs"));

  gw_doc_model_load_async (other, file, FALSE, NULL, on_loaded, &loaded);
  wait_for (&loaded);
  g_assert_no_error (loaded.error);
  g_assert_true (gw_document_equal (gw_doc_model_get_document (model), gw_doc_model_get_document (other)));
  g_assert_false (gw_doc_model_is_dirty (other));
  recent = gw_recent_list ();
  g_assert_cmpuint (recent->len, ==, 1);

  gw_doc_model_load_async (other, none, FALSE, NULL, on_loaded, &failed);
  wait_for (&failed);
  g_assert_false (failed.ok);
  g_assert_nonnull (failed.error);
  g_clear_error (&failed.error);
  g_assert_true (gw_document_equal (gw_doc_model_get_document (model), gw_doc_model_get_document (other)));
  gw_test_dir_remove (dir);
}

static const char *
file_of (GwDocModel *model,
         int64_t     node)
{
  return gw_named_attrs_get (gw_document_node (gw_doc_model_get_document (model), node)->attrs, "file")->s;
}

/* A box's file stands relative to the document: it stays the same file when the document moves. */
static void
test_files_of_boxes (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *first = g_build_filename (dir, "a.gw", NULL), *below = g_build_filename (dir, "below", NULL);
  g_autofree char *second = g_build_filename (below, "b.gw", NULL), *words = g_build_filename (dir, "words.txt", NULL);
  g_autoptr (GFile) one = g_file_new_for_path (first), two = g_file_new_for_path (second);
  g_autoptr (GwDocModel) model = gw_doc_model_new ();
  int64_t box = add (model, "Vocabulary", 0);
  Answer answers[2] = { { 0 } };

  g_assert_cmpint (g_mkdir (below, 0700), ==, 0);
  g_assert_true (gw_doc_model_set_attr (model, box, "file", "words.txt", NULL));
  gw_doc_model_save_async (model, one, NULL, on_saved, &answers[0]);
  wait_for (&answers[0]);
  g_assert_no_error (answers[0].error);
  g_assert_cmpstr (file_of (model, box), ==, "words.txt");
  gw_doc_model_save_async (model, two, NULL, on_saved, &answers[1]);
  wait_for (&answers[1]);
  g_assert_no_error (answers[1].error);
  g_assert_cmpstr (file_of (model, box), ==, words);
  g_assert_true (gw_doc_model_undo (model));
  g_assert_cmpstr (file_of (model, box), ==, "words.txt");
  gw_test_dir_remove (dir);
}

static guint
count_files (void)
{
  g_autofree char *folder = g_build_filename (g_get_user_state_dir (), "graphwright", "autosave", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    n += g_str_has_suffix (name, ".gw");
  return n;
}

static void
test_autosave (void)
{
  GwDocModel *model = gw_doc_model_new ();

  gw_autosave_set_delay (1);
  add (model, "Const", 0);
  g_assert_cmpuint (count_files (), ==, 0);
  spin (1800);
  g_assert_cmpuint (count_files (), ==, 1);
  /* Its program still runs: nothing to recover. */
  {
    g_autoptr (GPtrArray) list = gw_autosave_list_recoveries ();

    g_assert_cmpuint (list->len, ==, 0);
  }
  g_object_unref (model);
  g_assert_cmpuint (count_files (), ==, 0);
}

/* A copy whose program is gone is offered, taken up and forgotten. */
static void
test_recovery (void)
{
  g_autoptr (GwDocModel) model = gw_doc_model_new (), other = gw_doc_model_new ();
  g_autofree char *folder = g_build_filename (g_get_user_state_dir (), "graphwright", "autosave", NULL);
  g_autofree char *path = g_build_filename (folder, "2147483646-1.gw", NULL);
  g_autofree char *side = g_strconcat (path, ".info", NULL);
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GError) error = NULL;
  GwDocument *copy;
  const GwRecovery *recovery;

  add (model, "Const", 0);
  g_mkdir_with_parents (folder, 0700);
  g_assert_true (gw_document_save (gw_doc_model_get_document (model), path, &error));
  g_assert_true (g_file_set_contents (side, "lost\n/nowhere/lost.gw\n", -1, &error));
  list = gw_autosave_list_recoveries ();
  g_assert_cmpuint (list->len, ==, 1);
  recovery = g_ptr_array_index (list, 0);
  g_assert_cmpstr (recovery->name, ==, "lost");
  g_assert_cmpstr (recovery->original, ==, "/nowhere/lost.gw");
  copy = gw_document_load (recovery->path, &error);
  g_assert_no_error (error);
  gw_doc_model_recover (other, copy, recovery->name, recovery->original);
  g_assert_true (gw_doc_model_is_dirty (other));
  g_assert_true (gw_document_equal (gw_doc_model_get_document (model), gw_doc_model_get_document (other)));
  gw_recovery_forget (recovery);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (side, G_FILE_TEST_EXISTS));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  gw_init ();
  g_test_add_func ("/doc-model/undo-is-exact", test_undo_is_exact);
  g_test_add_func ("/doc-model/merging", test_merging);
  g_test_add_func ("/doc-model/groups", test_groups);
  g_test_add_func ("/doc-model/problems-follow", test_problems_follow);
  g_test_add_func ("/doc-model/files", test_files);
  g_test_add_func ("/doc-model/files-of-boxes", test_files_of_boxes);
  g_test_add_func ("/doc-model/autosave", test_autosave);
  g_test_add_func ("/doc-model/recovery", test_recovery);
  return g_test_run ();
}
