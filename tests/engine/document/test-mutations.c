/* SPDX-License-Identifier: Apache-2.0 */
/* The examples with random changes, as a damaged file or a careless hand would make
 * them: each is refused with the reason, or loads, lowers in every mode, says what is
 * wrong with it and runs as far as that allows. */
#include "engine/document/composites.h"
#include "engine/document/lower.h"
#include "engine/graph/registry.h"
#include "engine/ops/families.h"
#include "engine/runtime/session.h"
#include "tests/support/support.h"

#include <string.h>

#define ROUNDS 150
#define MAX_ELEMENTS 100000

static gboolean
is_token (char c)
{
  return g_ascii_isalnum (c) || c == '_' || c == '.' || c == '-';
}

/* Words and numbers of the text: offset and length in turns. */
static GArray *
find_tokens (const char *text)
{
  GArray *tokens = g_array_new (FALSE, FALSE, sizeof (gsize));

  for (gsize i = 0; text[i] != '\0';)
    {
      gsize start = i;

      while (is_token (text[i]))
        i++;
      if (i > start)
        {
          gsize length = i - start;

          g_array_append_val (tokens, start);
          g_array_append_val (tokens, length);
        }
      else
        i++;
    }
  return tokens;
}

/* Some tokens replaced: numbers by small numbers, words by other words of the text, by
 * names of ops or types. */
static char *
mutate (GRand      *random,
        const char *text)
{
  static const char *const odd[] = { "0", "1", "2", "3", "7", "-1", "13", "0.5", "null", "true", "float64", "int32", "string" };
  g_autoptr (GString) result = g_string_new (text);
  int n_ops;
  const GwOpDef *const *ops = gw_registry_list (&n_ops);

  for (int k = g_rand_int_range (random, 1, 4); k > 0; k--)
    {
      g_autoptr (GArray) tokens = find_tokens (result->str);
      guint n = tokens->len / 2;
      guint at = (guint) g_rand_int_range (random, 0, (gint32) n), from = (guint) g_rand_int_range (random, 0, (gint32) n);
      gsize start = g_array_index (tokens, gsize, 2 * at), length = g_array_index (tokens, gsize, 2 * at + 1);
      gboolean number = strspn (result->str + start, "0123456789.-") >= length;
      int kind = g_rand_int_range (random, 0, 4);
      g_autofree char *other = g_strndup (result->str + g_array_index (tokens, gsize, 2 * from),
                                          g_array_index (tokens, gsize, 2 * from + 1));
      const char *fresh = kind == 0 ? other : kind == 1 && !number ? ops[g_rand_int_range (random, 0, n_ops)]->name
                          : odd[g_rand_int_range (random, 0, number ? 8 : (gint32) G_N_ELEMENTS (odd))];

      g_string_erase (result, (gssize) start, (gssize) length);
      g_string_insert (result, (gssize) start, fresh);
    }
  return g_strdup (result->str);
}

static gboolean
is_small (const GwShape *shape)
{
  int64_t elements = gw_shape_elements (shape);

  return elements >= 0 && elements <= MAX_ELEMENTS;
}

/* Zeros of the placeholder's type, with 2 for what is open. */
static GwTensor *
some_value (const GwNode *placeholder)
{
  GwShape shape = placeholder->shapes[0].rank >= 0 ? placeholder->shapes[0] : GW_SHAPE_SCALAR;

  for (int i = 0; i < shape.rank; i++)
    if (shape.dims[i] < 0)
      shape.dims[i] = 2;
  return is_small (&shape) ? gw_tensor_new_zeros (placeholder->dtypes[0], &shape, NULL) : NULL;
}

static void
check_error (gboolean      ok,
             const GError *error)
{
  if (ok)
    return;
  g_assert_nonnull (error);
  g_assert_cmpint (error->domain, ==, GW_ERROR);
  g_assert_cmpuint (strlen (error->message), >, 3);
}

static int
initialise (GwSession       *session,
            const GwLowered *lowered)
{
  int n = 0;

  for (guint i = 0; i < lowered->variables->len; i++)
    {
      const GwLoweredVariable *variable = g_ptr_array_index (lowered->variables, i);
      g_autoptr (GError) error = NULL;

      g_assert_nonnull (variable->initializer);
      if (!is_small (&variable->variable->shapes[0]))
        continue;
      check_error (gw_session_run (session, lowered->graph, 0, NULL, 0, NULL, 1, (GwNode *const *) &variable->initializer,
                                   NULL, NULL, &error), error);
      n++;
    }
  return n;
}

/* Runs every document node that has something to run. */
static int
run_all (const GwDocument *document,
         const GwLowered  *lowered)
{
  g_autoptr (GwSession) session = gw_session_new (1);
  g_autoptr (GPtrArray) tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_tensor_unref);
  g_autoptr (GArray) feeds = g_array_new (FALSE, FALSE, sizeof (GwFeed));
  int n, n_ran = 0;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  for (guint i = 0; i < lowered->inputs->len; i++)
    {
      GwFeed feed = { ((GwLoweredInput *) g_ptr_array_index (lowered->inputs, i))->output };

      feed.tensor = some_value (feed.output.node);
      if (feed.tensor == NULL)
        return 0;
      g_ptr_array_add (tensors, feed.tensor);
      g_array_append_val (feeds, feed);
    }
  initialise (session, lowered);
  for (int i = 0; i < n; i++)
    {
      GwNode *final = gw_lowered_final (lowered, ids[i]);
      g_autoptr (GError) error = NULL;
      gboolean ok;

      if (final == NULL || strstr (final->def->name, "Save") != NULL)
        continue;
      ok = gw_session_run (session, lowered->graph, (int) feeds->len, (const GwFeed *) feeds->data, 0, NULL, 1, &final,
                           NULL, NULL, &error);
      check_error (ok, error);
      n_ran += ok;
    }
  return n_ran;
}

static void
check_problems (const GwDocument *document,
                const GwLowered  *lowered)
{
  for (guint i = 0; i < lowered->problems->len; i++)
    {
      const GwProblem *problem = g_ptr_array_index (lowered->problems, i);

      g_assert_nonnull (gw_document_node (document, problem->node));
      g_assert_cmpuint (strlen (problem->message), >, 3);
      for (guint k = 0; k < problem->fixes->len; k++)
        {
          g_autoptr (GwDocument) copy = gw_document_copy (document);
          g_autoptr (GError) error = NULL;
          g_autoptr (GwEdit) edit = gw_fix_edit (g_ptr_array_index (problem->fixes, k), copy, &error);

          check_error (edit != NULL, error);
          if (edit == NULL)
            continue;
          gw_document_apply (copy, edit);
          gw_document_revert (copy, edit);
          g_assert_true (gw_document_equal (document, copy));
        }
    }
}

static gboolean
is_sane (const GwLowered *lowered)
{
  for (int id = 0; id < gw_graph_n_nodes (lowered->graph); id++)
    for (int i = 0; i < gw_graph_node (lowered->graph, id)->n_outputs; i++)
      if (gw_shape_elements (&gw_graph_node (lowered->graph, id)->shapes[i]) > 10 * MAX_ELEMENTS)
        return FALSE;
  return TRUE;
}

static void
check_document (const char *text,
                int        *n_loaded,
                int        *n_ran)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwDocument) document = gw_document_from_json (text, strlen (text), &error);
  g_autoptr (GwDocument) again = NULL;
  g_autofree char *printed = NULL;

  check_error (document != NULL, error);
  if (document == NULL)
    return;
  ++*n_loaded;
  printed = gw_document_to_json (document);
  again = gw_document_from_json (printed, strlen (printed), &error);
  g_assert_no_error (error);
  g_assert_true (gw_document_equal (document, again));
  for (GwMode mode = GW_MODE_TRAIN; mode <= GW_MODE_PREDICT; mode++)
    {
      const GwLowerOptions options = { mode, mode == GW_MODE_TRAIN, 1 };
      g_autoptr (GwLowered) lowered = gw_lower (document, &options);

      check_problems (document, lowered);
      if (is_sane (lowered))
        *n_ran += run_all (document, lowered);
    }
}

static void
test_mutations (gconstpointer data)
{
  g_autofree char *path = g_build_filename (g_getenv ("GW_EXAMPLES"), data, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GRand) random = g_rand_new_with_seed (g_str_hash (data));
  int n_loaded = 0, n_ran = 0;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  for (int i = 0; i < ROUNDS; i++)
    {
      g_autofree char *mutated = i > 0 ? mutate (random, text) : g_strdup (text);

      check_document (mutated, &n_loaded, &n_ran);
    }
  g_test_message ("%d of %d loaded, %d nodes ran", n_loaded, ROUNDS, n_ran);
  g_assert_cmpint (n_loaded, >, ROUNDS / 10);
  g_assert_cmpint (n_ran, >, ROUNDS / 10);
}

int
main (int    argc,
      char **argv)
{
  static const char *const names[] = { "hello.gw", "linear-regression.gw", "xor.gw", "logistic-regression.gw", "fashion-mlp.gw" };

  g_test_init (&argc, &argv, NULL);
  gw_register_all_ops ();
  gw_register_composites ();
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_strconcat ("/mutations/", names[i], NULL);

      g_test_add_data_func (path, names[i], test_mutations);
    }
  return g_test_run ();
}
