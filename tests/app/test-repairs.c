/* SPDX-License-Identifier: Apache-2.0 */
/* Conflicts and the fixes that they offer: each offered fix mends its problem, is one
 * undo step, and stands where the words say. */
#include "app/model/doc-model.h"

#include <string.h>

typedef struct {
  const char *about;
  const char *op;          /* the node that refuses */
  const char *ports[2];
  const char *dtypes[2];   /* of the placeholders wired to them */
  const char *shapes[2];
  const char *fix;         /* one of those offered */
  const char *result;      /* label of the refuser's output after it, or NULL */
} Case;

static const Case cases[] = {
  { "flatten", "MatMul", { "a", "b" }, { "float32", "float32" }, { "[?,28,28]", "[784,10]" },
    "Reshape a to ?×784", "?×10" },
  { "transpose", "MatMul", { "a", "b" }, { "float32", "float32" }, { "[?,784]", "[10,784]" },
    "Transpose b to 784×10", "?×10" },
  { "row", "MatMul", { "a", "b" }, { "float32", "float32" }, { "[784]", "[784,10]" }, "Expand a to 1×784", "1×10" },
  { "column", "AddV2", { "x", "y" }, { "float32", "float32" }, { "[32,10]", "[32]" }, "Expand y to 32×1", "32×10" },
  { "same count", "AddV2", { "x", "y" }, { "float32", "float32" }, { "[4,6]", "[24]" }, "Reshape x to [24]", NULL },
  { "cast", "AddV2", { "x", "y" }, { "float32", "int32" }, { "[3]", "[3]" }, "Cast y to float32", "[3]" },
  { "channels", "Conv2D", { "input", "filter" }, { "float32", "float32" }, { "[8,3,32,32]", "[5,5,3,16]" },
    "Transpose input to 8×32×32×3", NULL },
  { "labels", "SparseSoftmaxCrossEntropyWithLogits", { "features", "labels" }, { "float32", "float32" },
    { "[?,10]", "[?]" }, "Cast labels to int64", NULL },
  { "squeeze", "SparseSoftmaxCrossEntropyWithLogits", { "features", "labels" }, { "float32", "int64" },
    { "[20,10]", "[20,1]" }, "Reshape labels to [20]", NULL },
};

static int64_t
add (GwDocModel *model,
     const char *op)
{
  int64_t id;

  gw_doc_model_apply (model, gw_edit_add_node (gw_doc_model_get_document (model), gw_registry_find (op), 0, 0, &id),
                      NULL);
  return id;
}

static void
set (GwDocModel *model,
     int64_t     id,
     const char *name,
     const char *text)
{
  g_autoptr (GError) error = NULL;

  gw_doc_model_set_attr (model, id, name, text, &error);
  g_assert_no_error (error);
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

static const GwFix *
find_fix (const GwProblem *problem,
          const char      *label)
{
  for (guint i = 0; i < problem->fixes->len; i++)
    {
      const GwFix *fix = g_ptr_array_index (problem->fixes, i);

      g_test_message ("offers “%s”", fix->label);
      if (strcmp (fix->label, label) == 0)
        return fix;
    }
  return NULL;
}

/* Every offer mends the node; undo gives back what was. */
static void
try_all (GwDocModel *model,
         int64_t     node)
{
  guint n = gw_live_problem (gw_doc_model_settle (model), node)->fixes->len;

  g_assert_cmpuint (n, >, 0);
  g_assert_cmpuint (n, <=, 5);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GwDocument) before = gw_document_copy (gw_doc_model_get_document (model));
      const GwProblem *problem = gw_live_problem (gw_doc_model_settle (model), node);
      g_autoptr (GError) error = NULL;

      g_assert_nonnull (problem);
      gw_doc_model_apply_fix (model, g_ptr_array_index (problem->fixes, i), &error);
      g_assert_no_error (error);
      g_assert_null (gw_live_problem (gw_doc_model_settle (model), node));
      g_assert_true (gw_doc_model_undo (model));
      g_assert_true (gw_document_equal (before, gw_doc_model_get_document (model)));
    }
}

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (GwDocModel) model = gw_doc_model_new ();
  int64_t node = add (model, c->op);
  const GwProblem *problem;
  const GwFix *fix;

  for (int i = 0; i < 2; i++)
    {
      int64_t input = add (model, "Placeholder");

      set (model, input, "dtype", c->dtypes[i]);
      set (model, input, "shape", c->shapes[i]);
      wire (model, input, node, c->ports[i]);
    }
  if (strcmp (c->op, "Conv2D") == 0)
    set (model, node, "strides", "1,1,1,1");
  problem = gw_live_problem (gw_doc_model_settle (model), node);
  g_assert_nonnull (problem);
  g_assert_nonnull (problem->port);
  fix = find_fix (problem, c->fix);
  g_assert_nonnull (fix);
  g_assert_true (gw_doc_model_apply_fix (model, fix, NULL));
  if (c->result != NULL)
    {
      g_autofree char *label = gw_shape_to_label (&gw_live_output (gw_doc_model_settle (model), node, 0)->shape);

      g_assert_cmpstr (label, ==, c->result);
    }
  gw_doc_model_undo (model);
  try_all (model, node);
}

/* The layer that sets a size is found behind its activation. */
static void
test_units (void)
{
  g_autoptr (GwDocModel) model = gw_doc_model_new ();
  int64_t x = add (model, "Placeholder"), dense = add (model, "Dense"), relu = add (model, "Relu");
  int64_t labels = add (model, "Placeholder"), loss = add (model, "SoftmaxCrossEntropyWithLogits");
  GwAttrValue units;
  const GwFix *fix;

  set (model, x, "shape", "[?,784]");
  set (model, dense, "name", "logits");
  set (model, dense, "units", "12");
  set (model, labels, "shape", "[?,10]");
  wire (model, x, dense, "inputs");
  wire (model, dense, relu, "features");
  wire (model, relu, loss, "features");
  wire (model, labels, loss, "labels");
  fix = find_fix (gw_live_problem (gw_doc_model_settle (model), loss), "Give logits 10 units");
  g_assert_nonnull (fix);
  g_assert_true (gw_doc_model_apply_fix (model, fix, NULL));
  g_assert_true (gw_doc_node_attr (gw_document_node (gw_doc_model_get_document (model), dense), "units", &units));
  g_assert_cmpint (units.i, ==, 10);
  g_assert_null (gw_live_problem (gw_doc_model_settle (model), loss));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gw_init ();
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/repairs/%s", cases[i].about);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/repairs/units", test_units);
  return g_test_run ();
}
