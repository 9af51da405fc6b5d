/* SPDX-License-Identifier: Apache-2.0 */
/* What the Checkpoints page stands on, without a display. */
#include "app/model/checkpoint-list.h"
#include "app/model/checkpoint-slice.h"
#include "app/model/checkpoint-store.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

typedef struct {
  char *folder;
} Fixture;

static void
set_up (Fixture      *f,
        gconstpointer data)
{
  f->folder = g_dir_make_tmp ("gw-checkpoints-XXXXXX", NULL);
}

static void
tear_down (Fixture      *f,
           gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (f->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (f->folder, name, NULL);

      g_remove (path);
    }
  g_rmdir (f->folder);
  g_free (f->folder);
}

static char *
write_checkpoint (Fixture *f,
                  int      step,
                  double   base)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *base_name = g_strdup_printf ("model.ckpt-%d", step);
  char *prefix = g_build_filename (f->folder, base_name, NULL);
  g_autoptr (GwCheckpointWriter) writer = gw_checkpoint_writer_new (prefix, &error);
  g_autoptr (GwTensor) kernel = NULL, slot = NULL, count = gw_tensor_new_int64 (step);

  kernel = gw_tensor_new (GW_FLOAT32, &GW_SHAPE (3, 4), &error);
  for (int i = 0; i < 12; i++)
    gw_tensor_set_double (kernel, i, base + i);
  slot = gw_tensor_new_zeros (GW_FLOAT32, &GW_SHAPE (3, 4), &error);
  g_assert_true (gw_checkpoint_writer_add (writer, "dense/kernel", kernel, &error));
  g_assert_true (gw_checkpoint_writer_add (writer, "dense/kernel/Adam", slot, &error));
  g_assert_true (gw_checkpoint_writer_add (writer, "global_step", count, &error));
  if (step == 200)
    g_assert_true (gw_checkpoint_writer_add (writer, "extra", count, &error));
  g_assert_true (gw_checkpoint_writer_finish (writer, &error));
  g_assert_no_error (error);
  return prefix;
}

/* ---- matrix parts ---- */

static void
check_part (const char *text,
            GwShape     shape,
            gsize       row,
            gsize       rows,
            gsize       column,
            gsize       columns)
{
  g_autoptr (GError) error = NULL;
  GwMatrixPart part;

  g_assert_true (gw_matrix_part_parse (text, &shape, &part, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (part.row, ==, row);
  g_assert_cmpuint (part.rows, ==, rows);
  g_assert_cmpuint (part.column, ==, column);
  g_assert_cmpuint (part.columns, ==, columns);
}

static void
check_refused (const char *text,
               GwShape     shape,
               const char *words)
{
  g_autoptr (GError) error = NULL;
  GwMatrixPart part;

  g_assert_false (gw_matrix_part_parse (text, &shape, &part, &error));
  g_assert_error (error, GW_ERROR, GW_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, words));
}

static void
test_part (void)
{
  GwShape matrix = GW_SHAPE (784, 500), filters = GW_SHAPE (3, 5, 8, 16), vector = GW_SHAPE (10);

  check_part ("[150:159, 0:8]", matrix, 150, 9, 0, 8);
  check_part ("150:159", matrix, 150, 9, 0, 500);
  check_part ("", matrix, 0, 784, 0, 500);
  check_part ("[:, -1]", matrix, 0, 784, 499, 1);
  check_part ("[-4:, :3]", matrix, 780, 4, 0, 3);
  check_part ("2, 1, 2:4, 8:", filters, (2 * 5 + 1) * 8 + 2, 2, 8, 8);
  check_part ("", filters, 0, 3 * 5 * 8, 0, 16);
  check_part ("[3:5]", vector, 3, 2, 0, 1);
  check_part ("[]", GW_SHAPE_SCALAR, 0, 1, 0, 1);

  check_refused ("[0:2, 0:2, 0, 0]", filters, "dimension 0 needs one index");
  check_refused ("[784]", matrix, "784");
  check_refused ("[0:9:2]", matrix, "a step is not possible");
  check_refused ("[5:5]", matrix, "nothing lies in");
  check_refused ("[1, 2, 3]", matrix, "3 entries for 2 dimensions");
  check_refused ("[x]", matrix, "is no index");
}

static void
test_difference (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) a = gw_tensor_parse ("[[3, 4]]", GW_FLOAT32, NULL, &error);
  g_autoptr (GwTensor) b = gw_tensor_parse ("[[3, 0]]", GW_FLOAT32, NULL, &error);
  g_autoptr (GwTensor) zero = gw_tensor_parse ("[[0, 0]]", GW_FLOAT32, NULL, &error);
  g_autoptr (GwTensor) other = gw_tensor_parse ("[3, 4]", GW_FLOAT32, NULL, &error);
  g_autoptr (GwTensor) whole = gw_tensor_parse ("[[6, 8]]", GW_INT64, NULL, &error);
  float *values = gw_matrix_floats (a, b, 2, &error);

  g_assert_cmpfloat (values[0], ==, 0);
  g_assert_cmpfloat (values[1], ==, 4);
  gw_free (values);
  g_assert_cmpfloat_with_epsilon (gw_tensor_change (a, b), 4.0 / 3, 1e-12);
  g_assert_cmpfloat (gw_tensor_change (whole, a), ==, 1);
  g_assert_cmpfloat (gw_tensor_change (zero, zero), ==, 0);
  g_assert_true (isinf (gw_tensor_change (a, zero)));
  g_assert_true (isnan (gw_tensor_change (a, other)));
  g_assert_null (gw_matrix_floats (a, other, 2, &error));
  g_assert_error (error, GW_ERROR, GW_ERROR_INVALID_ARGUMENT);
}

/* ---- the list ---- */

static void
add_scalar (GwEventWriter *writer,
            int            step,
            const char    *tag,
            float          value)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (gw_event_writer_add_scalar (writer, 1e9, step, tag, value, &error));
}

static void
test_list (Fixture      *f,
           gconstpointer data)
{
  g_autofree char *first = write_checkpoint (f, 100, 0), *second = write_checkpoint (f, 200, 1);
  g_autofree char *third = write_checkpoint (f, 12000, 2);
  g_autoptr (GError) error = NULL;
  GwEventWriter *writer = gw_event_writer_new (f->folder, NULL, &error);
  g_autoptr (GwCheckpointList) list = NULL;
  const GwCheckpointItem *item;

  add_scalar (writer, 100, "test/loss", 0.5f);
  add_scalar (writer, 100, "test/accuracy", 0.75f);
  add_scalar (writer, 100, "accuracy", 0.1f);
  add_scalar (writer, 200, "test/accuracy", 0.5f);
  g_assert_true (gw_event_writer_flush (writer, &error));
  gw_event_writer_free (writer);

  list = gw_checkpoint_list_new (f->folder, NULL);
  g_assert_cmpuint (list->items->len, ==, 3);
  g_assert_cmpstr (list->metric, ==, "accuracy");
  item = g_ptr_array_index (list->items, 0);
  g_assert_cmpstr (item->label, ==, "Step 12,000");
  g_assert_cmpstr (item->prefix, ==, third);
  g_assert_true (isnan (item->metric));
  g_assert_cmpint (item->bytes, >, 100);
  item = gw_checkpoint_list_find (list, first);
  g_assert_cmpfloat (item->metric, ==, 0.75);
  g_assert_true (item->best);
  g_assert_false (gw_checkpoint_list_find (list, second)->best);
  g_assert_null (gw_checkpoint_list_find (list, "nothing"));
}

static void
test_metric_text (void)
{
  g_autofree char *percent = gw_metric_text ("accuracy", 0.8891), *plain = gw_metric_text ("loss", 0.21437);

  g_assert_cmpstr (percent, ==, "88.9 %");
  g_assert_cmpstr (plain, ==, "0.2144");
  g_assert_true (gw_metric_is_loss ("test/loss"));
  g_assert_false (gw_metric_is_loss ("accuracy"));
}

/* ---- the store ---- */

static GwVariableRow *
find_row (GwCheckpointStore *store,
          const char        *name)
{
  GListModel *rows = gw_checkpoint_store_get_rows (store);

  for (guint i = 0; i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (GwVariableRow) row = g_list_model_get_item (rows, i);

      if (strcmp (row->name, name) == 0)
        return row;
    }
  return NULL;
}

static void
wait_ready (GwCheckpointStore *store,
            guint              n)
{
  gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while ((gw_checkpoint_store_n_ready (store) < n || gw_checkpoint_store_is_loading (store)) &&
         g_get_monotonic_time () < end)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (500);
    }
  g_assert_cmpuint (gw_checkpoint_store_n_ready (store), ==, n);
}

static void
test_store (Fixture      *f,
            gconstpointer data)
{
  g_autofree char *b = write_checkpoint (f, 100, 0), *a = write_checkpoint (f, 200, 1);
  g_autoptr (GwCheckpointStore) store = gw_checkpoint_store_new ();
  const GwVariableValue *value;
  GwVariableRow *row;

  gw_checkpoint_store_open (store, a, b, NULL, NULL);
  gw_checkpoint_store_select (store, "dense/kernel");
  wait_ready (store, 4);
  row = find_row (store, "dense/kernel");
  g_assert_cmpint (row->kind, ==, GW_VARIABLE_TRAINABLE);
  g_assert_cmpfloat (row->stats.min, ==, 1);
  g_assert_cmpfloat (row->stats.max, ==, 12);
  g_assert_cmpint (row->bins[0], ==, 1);
  /* ‖1‖ of 12 ones over ‖0 … 11‖ */
  g_assert_cmpfloat_with_epsilon (row->change, sqrt (12.0 / 506), 1e-9);
  g_assert_cmpint (find_row (store, "dense/kernel/Adam")->kind, ==, GW_VARIABLE_SLOT);
  row = find_row (store, "global_step");
  g_assert_cmpint (row->kind, ==, GW_VARIABLE_OTHER);
  g_assert_cmpfloat (row->scalar_b, ==, 100);
  row = find_row (store, "extra");
  g_assert_true (row->in_a);
  g_assert_false (row->in_b);
  g_assert_true (isnan (row->change));

  value = gw_checkpoint_store_get_value (store);
  g_assert_cmpint (value->tensor[0]->elements, ==, 12);
  g_assert_cmpfloat (gw_tensor_get_double (value->tensor[1], 0), ==, 0);
  g_assert_cmpuint (value->pictures[GW_VIEW_A].rows, ==, 3);
  g_assert_cmpuint (value->pictures[GW_VIEW_A].columns, ==, 4);
  g_assert_cmpfloat (value->pictures[GW_VIEW_DIFFERENCE].floats[11], ==, 1);
  g_assert_cmpfloat (value->pictures[GW_VIEW_DIFFERENCE].stats.stddev, ==, 0);
  gw_checkpoint_store_open (store, b, NULL, NULL, NULL);
  wait_ready (store, 3);
  value = gw_checkpoint_store_get_value (store);
  g_assert_cmpfloat (gw_tensor_get_double (value->tensor[0], 0), ==, 0);
  g_assert_null (value->tensor[1]);
  g_assert_null (value->pictures[GW_VIEW_B].floats);
}

static void
on_rows (GwCheckpointStore *store,
         gpointer           data)
{
  *(gboolean *) data = TRUE;
}

static void
test_store_missing (Fixture      *f,
                    gconstpointer data)
{
  g_autoptr (GwCheckpointStore) store = gw_checkpoint_store_new ();
  g_autofree char *prefix = g_build_filename (f->folder, "nothing", NULL);
  gboolean told = FALSE;
  gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  g_signal_connect (store, "rows-changed", G_CALLBACK (on_rows), &told);
  gw_checkpoint_store_open (store, prefix, NULL, NULL, NULL);
  while (!told && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, FALSE);
  g_assert_error (gw_checkpoint_store_get_error (store), GW_ERROR, GW_ERROR_NOT_FOUND);
}

/* ---- fit ---- */

static void
test_match (Fixture      *f,
            gconstpointer data)
{
  static const char text[] = "{\"graphwright\": 1, \"nodes\": [{\"id\": 1, \"name\": \"x\", \"op\": \"Placeholder\", \"at\": [0, 0],"
                             " \"attrs\": {\"shape\": [null, 3]}}, {\"id\": 2, \"name\": \"dense\", \"op\": \"Dense\", \"at\": [9, 0],"
                             " \"attrs\": {\"units\": %d}, \"inputs\": {\"inputs\": {\"from\": 1}}}]}";
  g_autofree char *prefix = write_checkpoint (f, 100, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (GwCheckpoint) checkpoint = gw_checkpoint_open (prefix, &error);

  for (int units = 4; units <= 5; units++)
    {
      g_autofree char *json = g_strdup_printf (text, units);
      g_autoptr (GwDocument) document = gw_document_from_json (json, strlen (json), &error);
      g_autoptr (GwLowered) lowered = NULL;
      g_autoptr (GwCheckpointMatch) match = NULL;

      g_assert_no_error (error);
      lowered = gw_lower (document, &(GwLowerOptions) { .mode = GW_MODE_TRAIN, .seed = -1 });
      match = gw_checkpoint_match_new (checkpoint, lowered);
      g_assert_cmpuint (match->matching->len, ==, units == 4 ? 1 : 0);
      g_assert_cmpuint (match->differing->len, ==, units == 4 ? 0 : 1);
      g_assert_cmpuint (match->missing->len, ==, 1);
      g_assert_cmpstr (g_ptr_array_index (match->missing, 0), ==, "dense/bias");
      g_assert_cmpuint (match->unused->len, ==, 2);
      if (units == 5)
        g_assert_cmpstr (g_ptr_array_index (match->differing, 0), ==, "dense/kernel is 3×4 here, 3×5 in the graph");
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gw_init ();
  g_test_add_func ("/checkpoints/part", test_part);
  g_test_add_func ("/checkpoints/difference", test_difference);
  g_test_add_func ("/checkpoints/metric-text", test_metric_text);
  g_test_add ("/checkpoints/list", Fixture, NULL, set_up, test_list, tear_down);
  g_test_add ("/checkpoints/store", Fixture, NULL, set_up, test_store, tear_down);
  g_test_add ("/checkpoints/store-missing", Fixture, NULL, set_up, test_store_missing, tear_down);
  g_test_add ("/checkpoints/match", Fixture, NULL, set_up, test_match, tear_down);
  return g_test_run ();
}
