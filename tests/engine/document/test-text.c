/* SPDX-License-Identifier: Apache-2.0 */
/* Texts to numbers and back: tokens, vocabularies. The numbers of unknown words are
 * TensorFlow 2.15's (index_table_from_tensor, FastHashSpec). */
#include "engine/engine.h"
#include "engine/runtime/session.h"
#include "tests/support/support.h"

#include <glib/gstdio.h>
#include <string.h>

/* A document of a Const, wired to a box `op`; the text of the box's output `output`, or of the
 * first problem. */
static char *
run_box (const char *op,
         const char *port,
         const char *value,
         const char *attrs,
         int         output)
{
  g_autofree char *text = g_strdup_printf (
    "{'graphwright':1,'nodes':[{'id':1,'name':'x','op':'Const','at':[0,0],'attrs':%s},"
    "{'id':2,'name':'box','op':'%s','at':[0,0],'attrs':{%s},'inputs':{'%s':{'from':1}}}]}", value, op, attrs, port);
  g_autoptr (GError) error = NULL;
  g_autoptr (GwDocument) document = NULL;
  g_autoptr (GwLowered) lowered = NULL;
  g_autoptr (GwSession) session = gw_session_new (1);
  g_autoptr (GwTensor) result = NULL;

  g_strdelimit (text, "'", '"');
  document = gw_document_from_json (text, strlen (text), &error);
  g_assert_no_error (error);
  lowered = gw_lower (document, &(GwLowerOptions) { GW_MODE_PREDICT, TRUE, 7 });
  if (gw_lowered_check (lowered, document, NULL, 0, &error))
    result = gw_session_fetch (session, lowered->graph, 0, NULL, gw_lowered_output (lowered, 2, output), &error);
  if (result == NULL)
    return g_strdup (error->message);
  /* a second step with the table filled already */
  g_clear_pointer (&result, gw_tensor_unref);
  result = gw_session_fetch (session, lowered->graph, 0, NULL, gw_lowered_output (lowered, 2, output), &error);
  g_assert_no_error (error);
  return gw_tensor_to_string (result, 0);
}

#define STRINGS(n, ...) "{'dtype':'string','value':{'dtype':'string','shape':[" #n "],'data':[" __VA_ARGS__ "]}}"

static void
assert_box (const char *op,
            const char *port,
            const char *value,
            const char *attrs,
            int         output,
            const char *expected)
{
  g_autofree char *got = run_box (op, port, value, attrs, output);

  if (!g_str_has_prefix (got, expected))
    g_error ("%s {%s}: %s, not %s", op, attrs, got, expected);
}

static void
test_vocabulary (void)
{
  const char *words = STRINGS (5, "'be','hamlet','to','ophelia','king'");

  assert_box ("Vocabulary", "words", words, "'words':['to','be'],'num_oov_buckets':5", 0, "[1, 5, 0, 2, 5]");
  assert_box ("Vocabulary", "words", words, "'words':['to','be']", 0, "[1, -1, 0, -1, -1]");
  assert_box ("Vocabulary", "words", words, "'words':['to','be'],'default_value':2", 0, "[1, 2, 0, 2, 2]");
  assert_box ("Vocabulary", "words", words, "", 0, "there are no words");
  assert_box ("Vocabulary", "words", words, "'words':['to','to']", 0, "HashTable has different value for same key");
  assert_box ("VocabularyWords", "ids", "{'dtype':'int32','value':{'dtype':'int32','shape':[3],'data':[1,0,2]}}",
              "'words':['to','be'],'default_value':'?'", 0, "[\"be\", \"to\", \"?\"]");
}

static void
test_file (void)
{
  g_autofree char *folder = g_dir_make_tmp ("text-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "words.txt", NULL);
  g_autofree char *attrs = g_strdup_printf ("'file':'%s','num_oov_buckets':5", path);
  const char *words = STRINGS (3, "'be','hamlet','ophelia'");

  g_assert_true (g_file_set_contents (path, "to\nbe\n", -1, NULL));
  assert_box ("Vocabulary", "words", words, attrs, 0, "[1, 5, 2]");
  g_remove (path);
  g_rmdir (folder);
}

static gboolean
contains (GBytes     *bytes,
          const char *text)
{
  gsize size, length = strlen (text);
  const char *data = g_bytes_get_data (bytes, &size);

  for (gsize i = 0; i + length <= size; i++)
    if (memcmp (data + i, text, length) == 0)
      return TRUE;
  return FALSE;
}

/* A file stands in the document's folder, wherever the program was started; the GraphDef names it in full. */
static void
test_relative_file (void)
{
  static const char text[] = "{\"graphwright\":1,\"nodes\":[{\"id\":1,\"name\":\"x\",\"op\":\"Const\",\"at\":[0,0],\"attrs\":{"
    "\"dtype\":\"string\",\"value\":{\"dtype\":\"string\",\"shape\":[2],\"data\":[\"be\",\"no\"]}}},"
    "{\"id\":2,\"name\":\"box\",\"op\":\"Vocabulary\",\"at\":[0,0],\"attrs\":{\"file\":\"words.txt\"},\"inputs\":{\"words\":{\"from\":1}}}]}";
  g_autofree char *folder = g_dir_make_tmp ("text-XXXXXX", NULL), *shown = NULL;
  g_autofree char *words = g_build_filename (folder, "words.txt", NULL), *path = g_build_filename (folder, "text.gw", NULL);
  g_autoptr (GwDocument) document = NULL;
  g_autoptr (GwLowered) lowered = NULL;
  g_autoptr (GwSession) session = gw_session_new (1);
  g_autoptr (GwTensor) result = NULL;
  g_autoptr (GBytes) proto = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (words, "to\nbe\n", -1, NULL));
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  document = gw_document_load (path, &error);
  g_assert_no_error (error);
  lowered = gw_lower (document, &(GwLowerOptions) { GW_MODE_PREDICT, TRUE, 7 });
  result = gw_session_fetch (session, lowered->graph, 0, NULL, gw_lowered_output (lowered, 2, 0), &error);
  g_assert_no_error (error);
  shown = gw_tensor_to_string (result, 0);
  g_assert_cmpstr (shown, ==, "[1, -1]");
  proto = gw_graph_to_proto (lowered->graph, &error);
  g_assert_no_error (error);
  g_assert_true (contains (proto, words));
  g_remove (words);
  g_remove (path);
  g_rmdir (folder);
}

static void
test_tokens (void)
{
  const char *texts = STRINGS (3, "'to be  or','','not'");

  assert_box ("Tokens", "texts", texts, "", 0, "[[\"to\", \"be\", \"or\"], [\"\", \"\", \"\"], [\"not\", \"\", \"\"]]");
  assert_box ("Tokens", "texts", texts, "", 1, "[3, 0, 1]");
  assert_box ("Tokens", "texts", texts, "'length':2,'padding':'-'", 0, "[[\"to\", \"be\"], [\"-\", \"-\"], [\"not\", \"-\"]]");
  assert_box ("Tokens", "texts", texts, "'length':2", 1, "[2, 0, 1]");
  assert_box ("Tokens", "texts", texts, "'length':4", 0, "[[\"to\", \"be\", \"or\", \"\"]");
  assert_box ("Tokens", "texts", STRINGS (2, "'a,b','c'"), "'separator':','", 0, "[[\"a\", \"b\"], [\"c\", \"\"]]");
  assert_box ("Tokens", "texts", STRINGS (2, "'ab','c'"), "'into':'characters'", 0, "[[\"a\", \"b\"], [\"c\", \"\"]]");
}

/* Characters are those of UTF-8, of one to four bytes. */
static void
test_characters (void)
{
  const char *texts = STRINGS (4, "'aä€😀','','日本','z'");

  assert_box ("Tokens", "texts", texts, "'into':'characters'", 0,
              "[[\"a\", \"ä\", \"€\", \"😀\"], [\"\", \"\", \"\", \"\"], [\"日\", \"本\", \"\", \"\"], [\"z\",");
  assert_box ("Tokens", "texts", texts, "'into':'characters'", 1, "[4, 0, 2, 1]");
  assert_box ("Tokens", "texts", texts, "'into':'characters','length':2,'padding':'-'", 0,
              "[[\"a\", \"ä\"], [\"-\", \"-\"], [\"日\", \"本\"], [\"z\", \"-\"]]");
  assert_box ("Tokens", "texts", texts, "'into':'characters','length':2", 1, "[2, 0, 2, 1]");
  assert_box ("Tokens", "texts", texts, "'into':'characters','length':5", 0, "[[\"a\", \"ä\", \"€\", \"😀\", \"\"]");
  assert_box ("Tokens", "texts", STRINGS (1, "''"), "'into':'characters'", 1, "[0]");
  assert_box ("Tokens", "texts", STRINGS (0, ""), "'into':'characters'", 1, "[]");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gw_init ();
  g_test_add_func ("/text/vocabulary", test_vocabulary);
  g_test_add_func ("/text/file", test_file);
  g_test_add_func ("/text/relative-file", test_relative_file);
  g_test_add_func ("/text/tokens", test_tokens);
  g_test_add_func ("/text/characters", test_characters);
  return g_test_run ();
}
