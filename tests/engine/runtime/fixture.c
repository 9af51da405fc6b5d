/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/engine/runtime/fixture.h"

#include "engine/ops/families.h"
#include "engine/tensor/text.h"
#include "tests/support/support.h"

void
fixture_init (int    *argc,
              char ***argv)
{
  g_test_init (argc, argv, NULL);
  gw_register_all_ops ();
}

void
fixture_set_up (Fixture      *f,
                gconstpointer data)
{
  f->graph = gw_graph_new ();
  gw_builder_init (&f->b, f->graph);
  f->session = gw_session_new (2);
}

void
fixture_tear_down (Fixture      *f,
                   gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  gw_builder_finish (&f->b, &error);
  g_assert_no_error (error);
  gw_session_free (f->session);
  gw_graph_unref (f->graph);
}

GwTensor *
fixture_tensor (const char *text,
                GwDType     dtype)
{
  g_autoptr (GError) error = NULL;
  GwTensor *tensor = gw_tensor_parse (text, dtype, &GW_SHAPE_UNKNOWN, &error);

  g_assert_no_error (error);
  return tensor;
}

GwOutput
fixture_const (Fixture    *f,
               const char *text,
               GwDType     dtype)
{
  return gw_const (&f->b, fixture_tensor (text, dtype));
}

GwOutput
fixture_placeholder (Fixture *f,
                     GwShape  shape)
{
  return gw_op (&f->b, "Placeholder", GW_NO_IN, GW_WITH ({ "dtype", gw_attr_dtype (GW_FLOAT32) },
                                                         { "shape", gw_attr_shape (shape) }));
}

GwOutput
fixture_variable (Fixture    *f,
                  const char *name,
                  GwShape     shape)
{
  return gw_output_of (gw_node_new (&f->b, "VariableV2", name, GW_NO_IN,
                                    GW_WITH ({ "dtype", gw_attr_dtype (GW_FLOAT32) },
                                             { "shape", gw_attr_shape (shape) })), 0);
}

GwOutput
fixture_initialized (Fixture    *f,
                     const char *name,
                     GwShape     shape,
                     const char *text)
{
  GwOutput variable = fixture_variable (f, name, shape);

  fixture_run (f, gw_op2 (&f->b, "Assign", variable, fixture_const (f, text, GW_FLOAT32)));
  return variable;
}

void
fixture_run (Fixture *f,
             GwOutput target)
{
  g_autoptr (GError) error = NULL;

  g_assert_no_error (f->b.error);
  gw_session_run (f->session, f->graph, 0, NULL, 0, NULL, 1, &target.node, NULL, NULL, &error);
  g_assert_no_error (error);
}

void
fixture_assert (Fixture      *f,
                GwOutput      fetch,
                int           n_feeds,
                const GwFeed *feeds,
                const char   *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) tensor = NULL;
  g_autofree char *text = NULL;

  g_assert_no_error (f->b.error);
  tensor = gw_session_fetch (f->session, f->graph, n_feeds, feeds, fetch, &error);
  g_assert_no_error (error);
  text = gw_tensor_to_string (tensor, 0);
  g_assert_cmpstr (text, ==, expected);
}

void
fixture_assert_fails (Fixture      *f,
                      GwOutput      fetch,
                      int           n_feeds,
                      const GwFeed *feeds,
                      GwErrorCode   code,
                      const char   *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_no_error (f->b.error);
  g_assert_null (gw_session_fetch (f->session, f->graph, n_feeds, feeds, fetch, &error));
  gw_test_assert_error (&error, code, part);
}

void
fixture_assert_all (Fixture           *f,
                    int                n_fetches,
                    const GwOutput    *fetches,
                    int                n_targets,
                    GwNode *const     *targets,
                    const char *const *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree GwTensor **results = g_new0 (GwTensor *, n_fetches + 1);

  g_assert_no_error (f->b.error);
  gw_session_run (f->session, f->graph, 0, NULL, n_fetches, fetches, n_targets, targets, NULL, results, &error);
  g_assert_no_error (error);
  for (int i = 0; i < n_fetches; i++)
    {
      g_autofree char *text = gw_tensor_to_string (results[i], 0);

      g_assert_cmpstr (text, ==, expected[i]);
      gw_tensor_unref (results[i]);
    }
}
