/* SPDX-License-Identifier: Apache-2.0 */
/* Documents to GraphDef and back, binary and as text; foreign graphs; functions. */
#include "engine/engine.h"

#include <glib/gstdio.h>
#include <string.h>

static const char variable_graph[] =
  "node { name: 'w/Initializer/random_uniform/shape' op: 'Const' attr { key: 'dtype' value { type: DT_INT32 } }\n"
  "  attr { key: 'value' value { tensor { dtype: DT_INT32 tensor_shape { dim { size: 2 } } int_val: 3 int_val: 2 } } } }\n"
  "node { name: 'lo' op: 'Const' attr { key: 'dtype' value { type: DT_FLOAT } }\n"
  "  attr { key: 'value' value { tensor { dtype: DT_FLOAT tensor_shape { } float_val: -0.5 } } } }\n"
  "node { name: 'hi' op: 'Const' attr { key: 'dtype' value { type: DT_FLOAT } }\n"
  "  attr { key: 'value' value { tensor { dtype: DT_FLOAT tensor_shape { } float_val: 0.5 } } } }\n"
  "node { name: 'w/Initializer/draw' op: 'RandomUniform' input: 'w/Initializer/random_uniform/shape'\n"
  "  attr { key: 'T' value { type: DT_INT32 } } attr { key: 'dtype' value { type: DT_FLOAT } } }\n"
  "node { name: 'w/Initializer/sub' op: 'Sub' input: 'hi' input: 'lo' attr { key: 'T' value { type: DT_FLOAT } } }\n"
  "node { name: 'w/Initializer/mul' op: 'Mul' input: 'w/Initializer/draw' input: 'w/Initializer/sub'\n"
  "  attr { key: 'T' value { type: DT_FLOAT } } }\n"
  "node { name: 'w/Initializer' op: 'AddV2' input: 'w/Initializer/mul' input: 'lo' attr { key: 'T' value { type: DT_FLOAT } } }\n"
  "node { name: 'w' op: 'VariableV2' device: '/job:worker/task:0/device:CPU:0' attr { key: 'dtype' value { type: DT_FLOAT } }\n"
  "  attr { key: 'shape' value { shape { dim { size: 3 } dim { size: 2 } } } } }\n"
  "node { name: 'w/Assign' op: 'Assign' input: 'w' input: 'w/Initializer' attr { key: 'T' value { type: DT_FLOAT } } }\n"
  "node { name: 'w/read' op: 'Identity' input: 'w' attr { key: 'T' value { type: DT_FLOAT } } }\n"
  "node { name: 'init' op: 'NoOp' input: '^w/Assign' }\n"
  "node { name: 'layer/x' op: 'Placeholder' attr { key: 'dtype' value { type: DT_FLOAT } }\n"
  "  attr { key: 'shape' value { shape { dim { size: -1 } dim { size: 3 } } } } }\n"
  "node { name: 'layer/MatMul' op: 'MatMul' input: 'layer/x' input: 'w/read' attr { key: 'T' value { type: DT_FLOAT } }\n"
  "  attr { key: 'grad_a' value { b: false } } }\n"
  "node { name: 'layer/odd' op: 'NobodyKnowsIt' input: 'layer/MatMul' input: 'lo' input: '^layer/x'\n"
  "  attr { key: 'sizes' value { shape { dim { size: -1 } dim { size: 7 } } } } attr { key: 'T' value { type: DT_HALF } } }\n"
  "node { name: 'after' op: 'Identity' input: 'layer/odd:1' attr { key: 'T' value { type: DT_FLOAT } } }\n"
  "versions { producer: 134 } unknown_field { a: [1, 2] b: 'x' }\n";

static GwDocument *
import (const char *text,
        GPtrArray  *notes,
        GError    **error)
{
  g_autoptr (GBytes) content = g_bytes_new (text, strlen (text));
  g_autoptr (GBytes) graph = gw_graph_file_read (content, "graph.pbtxt", NULL, error);

  return graph != NULL ? gw_document_from_graph_def (g_bytes_get_data (graph, NULL), g_bytes_get_size (graph), notes, error)
                       : NULL;
}

static const GwDocNode *
node_of (const GwDocument *document,
         const char       *name)
{
  return gw_document_node (document, gw_document_find (document, name));
}

static void
test_foreign (void)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  GError *error = NULL;
  g_autoptr (GwDocument) document = import (variable_graph, notes, &error);
  g_autoptr (GwDocument) again = NULL;
  g_autofree char *json = NULL;
  int64_t matmul;

  g_assert_no_error (error);
  /* The variable took what gives it its value. */
  g_assert_cmpstr (gw_named_attrs_get (node_of (document, "w")->attrs, "_initializer")->s, ==, "random_uniform(-0.5, 0.5)");
  g_assert_cmpstr (node_of (document, "w")->device, ==, "/cpu:0");
  g_assert_null (node_of (document, "w/Assign"));
  g_assert_null (node_of (document, "w/Initializer/mul"));
  g_assert_null (node_of (document, "init"));
  g_assert_nonnull (node_of (document, "lo")); /* something else takes it */
  /* The scope is a group, wires go to the variable itself. */
  matmul = gw_document_find (document, "layer/MatMul");
  g_assert_cmpstr (gw_document_group (document, gw_document_owner (document, matmul))->name, ==, "layer");
  g_assert_cmpint (gw_doc_node_input (gw_document_node (document, matmul), "b", 0)->from, ==, gw_document_find (document, "w"));
  g_assert_cmpuint (gw_document_node (document, matmul)->attrs->len, ==, 0);
  /* What is not known stays, and says so. */
  g_assert_cmpstr (gw_named_attrs_get (node_of (document, "layer/odd")->attrs, "sizes")->s, ==, "[?,7]");
  g_assert_cmpint (gw_doc_node_input (node_of (document, "layer/odd"), "input", 1)->from, ==, gw_document_find (document, "lo"));
  g_assert_cmpint (gw_doc_node_input (node_of (document, "after"), "input", 0)->output, ==, 1);
  g_assert_cmpuint (notes->len, ==, 1);
  g_assert_nonnull (strstr (g_ptr_array_index (notes, 0), "NobodyKnowsIt"));
  /* It is a document like others. */
  json = gw_document_to_json (document);
  again = gw_document_from_json (json, strlen (json), &error);
  g_assert_no_error (error);
  g_assert_true (gw_document_equal (document, again));
}

/* A document that went through GraphDef is the same, as long as nobody changed the graph. */
static void
test_round_trip (gconstpointer name)
{
  g_autofree char *path = g_strdup_printf ("%s/%s.gw", g_getenv ("GW_EXAMPLES"), (const char *) name);
  g_autofree char *folder = g_dir_make_tmp ("graph-import-XXXXXX", NULL);
  static const char *const files[] = { "graph.pb", "graph.pbtxt" };
  GError *error = NULL;
  g_autoptr (GwDocument) document = gw_document_load (path, &error);
  GwLowerOptions options = { .mode = GW_MODE_TRAIN, .training = TRUE, .seed = -1 };
  g_autoptr (GBytes) graph = NULL;

  g_assert_no_error (error);
  graph = gw_document_to_graph_def (document, &options, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *file = g_build_filename (folder, files[i], NULL);
      g_autoptr (GBytes) loaded = NULL;
      g_autoptr (GwDocument) back = NULL;

      g_assert_true (gw_graph_file_save (graph, file, &error));
      loaded = gw_graph_file_load (file, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (i > 0 || g_bytes_equal (loaded, graph));
      back = gw_document_from_graph_def (g_bytes_get_data (loaded, NULL), g_bytes_get_size (loaded), NULL, &error);
      g_assert_no_error (error);
      g_assert_true (gw_document_equal (document, back));
      g_assert_cmpint (g_remove (file), ==, 0);
    }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* Bodies of If and While become sub-graphs again: the lowered graph is as large. */
static void
test_functions (void)
{
  g_autofree char *path = g_strdup_printf ("%s/conditions-and-loops.gw", g_getenv ("GW_EXAMPLES"));
  GError *error = NULL;
  g_autoptr (GwDocument) document = gw_document_load (path, &error), back = NULL;
  GwLowerOptions options = { .mode = GW_MODE_PREDICT, .seed = -1 };
  g_autoptr (GwLowered) lowered = gw_lower (document, &options), again = NULL;
  g_autoptr (GBytes) graph = gw_graph_to_proto (lowered->graph, &error);

  g_assert_no_error (error);
  back = gw_document_from_graph_def (g_bytes_get_data (graph, NULL), g_bytes_get_size (graph), NULL, &error);
  g_assert_no_error (error);
  again = gw_lower (back, &options);
  g_assert_true (gw_lowered_check (again, back, NULL, 0, &error));
  g_assert_cmpint (gw_graph_n_nodes (again->graph), ==, gw_graph_n_nodes (lowered->graph));
}

static void
test_refused (void)
{
  static const struct { const char *text, *why; } wrong[] = {
    { "node { name: 'a' op: 'NoOp' } node { name: 'a' op: 'NoOp' }", "two nodes are called" },
    { "node { name: 'a' op: 'Identity' input: 'b' }", "there is no node “b”" },
    { "node { name: 'a' op: 'Identity' input: '^b' }", "waits for “b”" },
    { "node { name: 'a b' op: 'NoOp' }", "cannot be a name" },
    { "node { name: 'a' op: 'Identity' input: 'a:x9' input: 'a:-1' }", "is no output" },
    { "node { name: 'a' op: 3 }", "line 1: a text in quotes is wanted" },
    { "node { name: 'a' \n op: 'NoOp'", "line 2: a message has no end" },
    { "node { name: 'a' op: 'NoOp' attr { key: 'x' value { i: one } } }", "a whole number is wanted" },
    { "library { } node { name: 'a\nb' }", "ends at the end of its line" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GwDocument) document = import (wrong[i].text, NULL, &error);

      g_assert_null (document);
      g_assert_true (error->domain == GW_ERROR);
      if (strstr (error->message, wrong[i].why) == NULL)
        g_error ("“%s” does not say “%s”", error->message, wrong[i].why);
    }
}

int
main (int    argc,
      char **argv)
{
  static const char *const examples[] = { "gan-1d", "counters", "conditions-and-loops" };

  gw_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/document/graph-import/foreign", test_foreign);
  g_test_add_func ("/document/graph-import/functions", test_functions);
  g_test_add_func ("/document/graph-import/refused", test_refused);
  for (gsize i = 0; i < G_N_ELEMENTS (examples); i++)
    {
      g_autofree char *path = g_strdup_printf ("/document/graph-import/round-trip/%s", examples[i]);

      g_test_add_data_func (path, examples[i], test_round_trip);
    }
  return g_test_run ();
}
