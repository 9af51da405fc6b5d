/* SPDX-License-Identifier: Apache-2.0 */
/* What the golden files cannot hold of the ops on texts, files and examples: refusals,
 * files, bytes that are no UTF-8. */
#include "engine/base/error.h"
#include "engine/base/fingerprint.h"
#include "engine/base/regex.h"
#include "engine/graph/builder.h"
#include "engine/runtime/session.h"
#include "tests/engine/ops/op-runner.h"
#include "tests/support/support.h"

#include <glib/gstdio.h>
#include <string.h>

/* ---- regular expressions ---- */

static void
assert_refused (const char *pattern,
                const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwRegex) regex = gw_regex_new (pattern, strlen (pattern), FALSE, &error);

  g_assert_null (regex);
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, part);
}

static void
test_regex_refusals (void)
{
  assert_refused ("(a)\\1", "no back references");
  assert_refused ("(?=a)", "invalid perl operator");
  assert_refused ("(?<=a)b", "invalid perl operator");
  assert_refused ("(?>a)", "invalid perl operator");
  assert_refused ("a**", "bad repetition operator");
  assert_refused ("a*+", "bad repetition operator");
  assert_refused ("a{1001}", "invalid repetition size");
  assert_refused ("a{3,2}", "invalid repetition size");
  assert_refused ("[z-a]", "invalid character class range");
  assert_refused ("[a", "missing ]");
  assert_refused ("[[:nothing:]]", "invalid character class range");
  assert_refused ("\\", "trailing \\");
  assert_refused ("\\x{110000}", "invalid escape sequence");
  assert_refused ("(*UTF8)a", "repetition operator");
  assert_refused ("(", NULL);
  assert_refused (")", NULL);
  assert_refused ("\xff", "invalid UTF-8");
  assert_refused ("(?P<n", "invalid named capture group");
  assert_refused ("\\p{Nothing}", NULL);
}

static void
assert_replaced (const char *pattern,
                 const char *text,
                 const char *rewrite,
                 const char *want)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwRegex) regex = gw_regex_new (pattern, strlen (pattern), FALSE, &error);
  g_autoptr (GString) out = g_string_new (NULL);

  g_assert_no_error (error);
  gw_regex_replace (regex, text, strlen (text), rewrite, strlen (rewrite), TRUE, out, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (out->str, ==, want);
}

static void
test_regex_bytes (void)
{
  assert_replaced ("[a-c]", "\xff" "abd\xfe", "-", "\xff--d\xfe");
  assert_replaced ("", "\xff" "a", ".", ".\xff.a.");
  assert_replaced ("\\W", "\xff" "a", "", "a");
  assert_replaced ("(?i)STRASSE", "Strasse", "Weg", "Weg");
  assert_replaced ("\\x{e4}", "ä", "ae", "ae");
}

/* A pattern that goes back and forth for ever ends with an error. */
static void
test_regex_slow (void)
{
  const char *pattern = "(a*)*(b*)*c";
  g_autoptr (GError) error = NULL;
  g_autoptr (GwRegex) regex = gw_regex_new (pattern, strlen (pattern), TRUE, &error);
  g_autofree char *text = g_strnfill (20000, 'a');
  gboolean matches = TRUE;

  g_assert_no_error (error);
  if (gw_regex_match (regex, text, strlen (text), &matches, &error))
    g_assert_false (matches);
  else
    gw_test_assert_error (&error, GW_ERROR_RESOURCE_EXHAUSTED, "too long to match");
}

/* ---- hashes ---- */

static void
test_fingerprints (void)
{
  g_assert_cmpuint (gw_fingerprint64 ("Hello", 5), ==, 15404698994557526151u);
  g_assert_cmpuint (gw_fingerprint64 ("World", 5), ==, 18308117990299812472u);
  g_assert_cmpuint (gw_fingerprint_cat64 (gw_fingerprint64 ("Hello", 5), gw_fingerprint64 ("World", 5)), ==,
                    16877292868973613377u);
}

/* ---- refusals of ops ---- */

static void
test_refusals (void)
{
  op_fails ("Substr", NULL, OP_IN ("[\"ab\"]", "3", "1"), GW_ERROR_INVALID_ARGUMENT, "pos 3 out of range");
  op_fails ("Substr", NULL, OP_IN ("[\"ab\"]", "[0, 1]", "[1]"), GW_ERROR_INVALID_ARGUMENT, "pos and len");
  op_fails ("Substr", NULL, OP_IN ("[\"a\", \"b\"]", "[0, 1, 0]", "[1, 1, 1]"), GW_ERROR_INVALID_ARGUMENT,
            "Incompatible shapes");
  op_fails ("StringToNumber", "out_type=int32", OP_IN ("[\"7x\"]"), GW_ERROR_INVALID_ARGUMENT, "“7x” to int32");
  op_fails ("StringToHashBucketStrong", "num_buckets=3 key=[1]", OP_IN ("[\"a\"]"), GW_ERROR_INVALID_ARGUMENT,
            "key must have 2 elements");
  op_fails ("DecodeRaw", "out_type=int32", OP_IN ("[\"abc\"]"), GW_ERROR_INVALID_ARGUMENT, "not a multiple of 4");
  op_fails ("DecodeRaw", "out_type=uint8", OP_IN ("[\"abc\", \"a\"]"), GW_ERROR_INVALID_ARGUMENT, "same size");
  op_fails ("DecodeBase64", NULL, OP_IN ("[\"a+b/\"]"), GW_ERROR_INVALID_ARGUMENT, "Invalid character found in base64");
  op_fails ("StringLower", "encoding=latin1", OP_IN ("[\"a\"]"), GW_ERROR_INVALID_ARGUMENT, "encoding");
  op_fails ("ReduceJoin", NULL, OP_IN ("[\"a\"]", "[0, 0]"), GW_ERROR_INVALID_ARGUMENT, "Duplicate reduction dimension 0");
  op_fails ("RegexReplace", NULL, OP_IN ("[\"a\"]", "\"(\"", "\"\""), GW_ERROR_INVALID_ARGUMENT, "Invalid pattern: (");
  op_fails ("DecodeCSV", "OUT_TYPE=[int32]", OP_IN ("[\"1,2\"]", "[0]"), GW_ERROR_INVALID_ARGUMENT,
            "Expect 1 fields but have 2 in record 0");
  op_fails ("DecodeCSV", "OUT_TYPE=[int32]", OP_IN ("[\"\\\"1\"]", "[0]"), GW_ERROR_INVALID_ARGUMENT, "Quoted field has to end");
}

/* ---- files ---- */

static char *
quoted (const char *text)
{
  return g_strdup_printf ("\"%s\"", text);
}

/* Runs an op without outputs. */
static void
write_file (const char *name,
            const char *contents)
{
  g_autoptr (GwGraph) graph = gw_graph_new ();
  g_autoptr (GwSession) session = gw_session_new (1);
  GwBuilder builder;
  GwNode *node;

  op_runner_init ();
  gw_builder_init (&builder, graph);
  node = gw_node_new (&builder, "WriteFile", NULL,
                      GW_IN (gw_const (&builder, gw_tensor_new_string (name)),
                             gw_const (&builder, gw_tensor_new_string (contents))), NULL);
  gw_session_run (session, graph, 0, NULL, 0, NULL, 1, &node, NULL, NULL, &builder.error);
  g_assert_no_error (builder.error);
  gw_builder_clear (&builder);
}

static void
test_files (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *dir = g_dir_make_tmp ("gw-files-XXXXXX", &error);
  g_autofree char *sub = g_build_filename (dir, "new", NULL);
  g_autofree char *first = g_build_filename (sub, "b.txt", NULL);
  g_autofree char *second = g_build_filename (sub, "a.txt", NULL);
  g_autofree char *pattern = g_build_filename (sub, "*.txt", NULL);
  g_autofree char *first_text = quoted (first);
  g_autofree char *second_text = quoted (second);
  g_autofree char *pattern_text = quoted (pattern);
  g_autofree char *both = g_strdup_printf ("[%s, %s]", second_text, first_text);

  g_assert_no_error (error);
  write_file (first, "one");
  write_file (first, "two");
  write_file (second, "");
  op_gives ("ReadFile", NULL, OP_IN (first_text), OP_IN ("\"two\""));
  op_gives ("ReadFile", NULL, OP_IN (second_text), OP_IN ("\"\""));
  op_gives ("MatchingFiles", NULL, OP_IN (pattern_text), OP_IN (both));
  g_unlink (first);
  op_fails ("ReadFile", NULL, OP_IN (first_text), GW_ERROR_NOT_FOUND, "b.txt");
  op_fails ("ReadFile", NULL, OP_IN ("[\"a\"]"), GW_ERROR_INVALID_ARGUMENT, "filename");
  g_unlink (second);
  g_rmdir (sub);
  g_rmdir (dir);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/strings/regex-refusals", test_regex_refusals);
  g_test_add_func ("/strings/regex-bytes", test_regex_bytes);
  g_test_add_func ("/strings/regex-slow", test_regex_slow);
  g_test_add_func ("/strings/fingerprints", test_fingerprints);
  g_test_add_func ("/strings/refusals", test_refusals);
  g_test_add_func ("/strings/files", test_files);
  return g_test_run ();
}
