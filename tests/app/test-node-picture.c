/* SPDX-License-Identifier: Apache-2.0 */
/* What a node does, as numbers of a picture: against the formulas. */
#include "app/model/node-picture.h"

#include <math.h>

/* `attrs`: "name=text=name=text". */
static GwNodePicture *
picture_of (const char *op,
            const char *attrs)
{
  g_autoptr (GwDocument) document = gw_document_new ();
  g_autoptr (GwLive) live = NULL;
  g_autoptr (GwEdit) made = NULL;
  g_autoptr (GwNodeSketch) sketch = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) words = g_strsplit (attrs, "=", -1);
  GwNodePicture *picture;
  int64_t id;

  made = gw_edit_add_node (document, gw_registry_find (op), 0, 0, &id);
  gw_document_apply (document, made);
  for (int i = 0; words[i] != NULL; i += 2)
    {
      g_autoptr (GwEdit) set = gw_edit_set_attr (document, id, words[i], words[i + 1], &error);

      g_assert_no_error (error);
      gw_document_apply (document, set);
    }
  live = gw_live_new (document);
  sketch = gw_node_sketch_new (document, live, id);
  if (sketch == NULL)
    return NULL;
  picture = gw_node_sketch_draw (sketch, &error);
  g_assert_no_error (error);
  return picture;
}

static void
test_activation (void)
{
  g_autoptr (GwNodePicture) layer = picture_of ("Dense", "activation=tanh");
  g_autoptr (GwNodePicture) op = picture_of ("Relu", "");

  for (int64_t i = 0; i < layer->x->elements; i++)
    {
      double x = gw_tensor_get_double (layer->x, i);

      g_assert_cmpfloat_with_epsilon (gw_tensor_get_double (layer->y, i), tanh (x), 1e-6);
      g_assert_cmpfloat_with_epsilon (gw_tensor_get_double (op->y, i), MAX (x, 0), 1e-6);
    }
  g_assert_null (picture_of ("Dense", "activation=linear"));
  g_assert_null (picture_of ("MatMul", ""));
}

static void
test_schedule (void)
{
  g_autoptr (GwNodePicture) picture = picture_of ("ExponentialDecay", "decay_steps=50");
  double first = gw_tensor_get_double (picture->y, 0);
  int64_t last = picture->x->elements - 1;
  double ratio = gw_tensor_get_double (picture->y, 80) / first;

  g_assert_cmpfloat (gw_tensor_get_double (picture->x, last), ==, 100);
  g_assert_cmpfloat (gw_tensor_get_double (picture->x, 80), ==, 50);
  /* The same factor once more. */
  g_assert_cmpfloat_with_epsilon (gw_tensor_get_double (picture->y, last) / first, ratio * ratio, 1e-5);
  g_assert_cmpfloat (ratio, <, 1);
}

static void
test_initializer (void)
{
  g_autoptr (GwNodePicture) picture = picture_of ("VariableV2", "shape=[40, 60]=_initializer=random_normal(3, 0.5)");
  GwTensorStats stats;

  g_assert_nonnull (picture);
  g_assert_null (picture->x);
  g_assert_cmpint (picture->y->elements, ==, 2400);
  gw_tensor_stats (picture->y, &stats);
  g_assert_cmpfloat_with_epsilon (stats.mean, 3, 0.05);
  g_assert_cmpfloat_with_epsilon (stats.stddev, 0.5, 0.05);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  gw_init ();
  g_test_add_func ("/app/node-picture/activation", test_activation);
  g_test_add_func ("/app/node-picture/schedule", test_schedule);
  g_test_add_func ("/app/node-picture/initializer", test_initializer);
  return g_test_run ();
}
