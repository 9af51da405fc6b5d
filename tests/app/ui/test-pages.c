/* SPDX-License-Identifier: Apache-2.0 */
/* The Data and Checkpoints pages and the evaluation view in a real window. */
#include <adwaita.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "app/ui/checkpoints-private.h"
#include "app/ui/checkpoints-table.h"
#include "app/ui/data-private.h"
#include "app/ui/evaluation-view.h"
#include "tests/widgets/charts/gui-driver.h"

/* x and y of the toy data to two classes. */
static const char document_text[] =
  "{\"graphwright\": 1, \"nodes\": ["
  "{\"id\": 1, \"name\": \"x\", \"op\": \"Placeholder\", \"at\": [0, 0],"
  " \"attrs\": {\"shape\": [null, 2], \"_column\": \"x\"}},"
  "{\"id\": 2, \"name\": \"label\", \"op\": \"Placeholder\", \"at\": [0, 90],"
  " \"attrs\": {\"dtype\": \"int32\", \"shape\": [null], \"_column\": \"label\"}},"
  "{\"id\": 3, \"name\": \"dense\", \"op\": \"Dense\", \"at\": [200, 0], \"attrs\": {\"units\": 2},"
  " \"inputs\": {\"inputs\": {\"from\": 1}}},"
  "{\"id\": 4, \"name\": \"accuracy\", \"op\": \"Accuracy\", \"at\": [400, 0],"
  " \"inputs\": {\"predictions\": {\"from\": 3}, \"labels\": {\"from\": 2}}}],"
  "\"data\": {\"source\": \"xor\", \"columns\": ["
  "{\"name\": \"x\", \"from\": [\"x\"]},"
  "{\"name\": \"label\", \"from\": [\"label\"], \"transforms\": [{\"name\": \"cast\", \"dtype\": \"int32\"}]}]},"
  "\"training\": {\"metrics\": [4], \"attrs\": {\"seed\": 3}}}";

typedef struct {
  GwDocModel *model;
  GwRun      *run;
  char       *folder;
} Fixture;

static void
set_up (Fixture      *f,
        gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GFile) file = NULL;
  GwDocument *document = gw_document_from_json (document_text, strlen (document_text), &error);

  g_assert_no_error (error);
  f->folder = g_dir_make_tmp ("gw-pages-XXXXXX", &error);
  path = g_build_filename (f->folder, "pages.gw", NULL);
  file = g_file_new_for_path (path);
  f->model = gw_doc_model_new ();
  f->run = gw_run_new ();
  gw_doc_model_set_document (f->model, document, file, "pages");
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        remove_folder (path);
      else
        g_remove (path);
    }
  g_rmdir (folder);
}

static void
tear_down (Fixture      *f,
           gconstpointer data)
{
  gw_run_close (f->run);
  gui_wait (300);
  g_object_unref (f->run);
  g_object_unref (f->model);
  remove_folder (f->folder);
  g_free (f->folder);
}

/* Waits until `*flag` or 15 s are over. */
#define WAIT_FOR(condition)                            \
  for (int tries_ = 0; tries_ < 300 && !(condition); tries_++) \
    gui_wait (50);                                     \
  g_assert_true (condition)

static char *
write_checkpoint (Fixture *f,
                  int      step)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_strdup_printf ("model.ckpt-%d", step);
  char *prefix = g_build_filename (f->folder, name, NULL);
  g_autoptr (GwCheckpointWriter) writer = gw_checkpoint_writer_new (prefix, &error);
  g_autoptr (GwTensor) kernel = gw_tensor_parse (step == 10 ? "[[1, 2], [3, 4]]" : "[[2, 2], [3, 4]]", GW_FLOAT32, NULL,
                                                 &error);
  g_autoptr (GwTensor) bias = gw_tensor_parse ("[0, 0]", GW_FLOAT32, NULL, &error);

  g_assert_true (gw_checkpoint_writer_add (writer, "dense/kernel", kernel, &error));
  g_assert_true (gw_checkpoint_writer_add (writer, "dense/bias", bias, &error));
  g_assert_true (gw_checkpoint_writer_add (writer, "dense/bias/Momentum", bias, &error));
  g_assert_true (gw_checkpoint_writer_finish (writer, &error));
  return prefix;
}

static void
test_checkpoints (Fixture      *f,
                  gconstpointer data)
{
  g_autofree char *old = write_checkpoint (f, 10), *new = write_checkpoint (f, 20);
  GtkWidget *widget = gw_checkpoints_page_new (f->model, f->run);
  GwCheckpointsPage *page = GW_CHECKPOINTS_PAGE (widget);
  GwCheckpointsTable *table = GW_CHECKPOINTS_TABLE (page->table);
  GtkWindow *window;

  g_assert_cmpstr (gtk_stack_get_visible_child_name (GTK_STACK (page->stack)), ==, "empty");
  gw_checkpoints_page_open (page, f->folder);
  window = gui_show (widget, 1280, 760);
  WAIT_FOR (gw_checkpoint_store_n_ready (page->store) == 3);
  g_assert_cmpstr (page->a, ==, new);
  g_assert_cmpstr (gw_checkpoint_store_get_selected (page->store), ==, "dense/kernel");
  g_assert_cmpuint (gw_checkpoints_table_n_shown (table), ==, 3);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (page->filters[2]), TRUE);
  g_assert_cmpuint (gw_checkpoints_table_n_shown (table), ==, 1);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (page->filters[0]), TRUE);
  gtk_editable_set_text (GTK_EDITABLE (page->search), "KERNEL");
  g_assert_cmpuint (gw_checkpoints_table_n_shown (table), ==, 1);

  gw_checkpoints_page_set_compare (page, TRUE);
  g_assert_cmpstr (page->b, ==, old);
  WAIT_FOR (gw_checkpoint_store_get_value (page->store) != NULL);
  g_assert_cmpfloat (gw_checkpoint_store_get_value (page->store)->pictures[GW_VIEW_DIFFERENCE].floats[0], ==, 1);
  g_assert_cmpfloat (gw_checkpoint_store_get_value (page->store)->pictures[GW_VIEW_DIFFERENCE].floats[3], ==, 0);
  if (gui_can_drive ())
    {
      gui_do ("key Tab");
      gtk_widget_grab_focus (page->runs);
      gui_do ("key x");
      g_assert_cmpstr (page->a, ==, old);
      g_assert_cmpstr (page->b, ==, new);
    }
  gui_close (window);
}

static void
on_values (GwRun     *run,
           guint64    request,
           GPtrArray *values,
           gpointer   data)
{
  GwTensor *kernel = values != NULL ? gw_named_tensors_find (values, "dense/kernel") : NULL;

  if (kernel != NULL)
    *(double *) data = gw_tensor_get_double (kernel, 3);
}

static void
on_loaded (GwRun      *run,
           const char *prefix,
           guint       n,
           gpointer    data)
{
  *(int *) data = prefix != NULL ? (int) n : -(int) n;
}

static double
last_of_kernel (Fixture *f)
{
  double last = NAN;
  gulong handler = g_signal_connect (f->run, "values", G_CALLBACK (on_values), &last);

  gw_run_predict (f->run, GW_MODE_PREDICT, NULL, (const char *const[]) { "dense/kernel", NULL });
  WAIT_FOR (!isnan (last));
  g_signal_handler_disconnect (f->run, handler);
  return last;
}

/* Without a trainer; then the way back; then one variable alone. */
static void
test_load (Fixture      *f,
           gconstpointer data)
{
  g_autofree char *prefix = write_checkpoint (f, 10);
  GtkWidget *widget = gw_checkpoints_page_new (f->model, f->run);
  GwCheckpointsPage *page = GW_CHECKPOINTS_PAGE (widget);
  GtkWindow *window;
  g_autofree char *runs_dir = gw_doc_model_runs_dir (f->model);
  int loaded = 0;

  gw_checkpoints_page_open (page, f->folder);
  window = gui_show (widget, 1280, 760);
  WAIT_FOR (gw_checkpoint_store_n_ready (page->store) == 3);
  g_signal_connect (f->run, "loaded", G_CALLBACK (on_loaded), &loaded);
  gw_checkpoints_page_load (page, FALSE);
  WAIT_FOR (loaded == 2);
  g_assert_cmpfloat (last_of_kernel (f), ==, 4);

  gw_run_evaluate (f->run, gw_doc_model_get_document (f->model), runs_dir);
  WAIT_FOR (gw_run_get_evaluation (f->run) != NULL);
  g_assert_cmpint (gw_run_get_evaluation (f->run)->step, ==, 10);

  g_assert_true (gw_run_undo_load (f->run));
  WAIT_FOR (loaded == -2);
  g_assert_cmpfloat (fabs (last_of_kernel (f)), <, 4); /* as it was initialised */
  g_assert_false (gw_run_undo_load (f->run));

  gw_checkpoint_store_select (page->store, "dense/kernel");
  gw_checkpoints_page_load (page, TRUE);
  WAIT_FOR (loaded == 1);
  g_assert_cmpfloat (last_of_kernel (f), ==, 4);
  gui_close (window);
}

/* ---- data ---- */

static const char *
source_name (Fixture *f)
{
  const GwPipelineDef *pipeline = gw_document_settings (gw_doc_model_get_document (f->model))->pipeline;

  return pipeline != NULL ? pipeline->source->name : NULL;
}

static void
test_data (Fixture      *f,
           gconstpointer data)
{
  GtkWidget *widget = gw_data_page_new (f->model, f->run);
  GwDataPage *page = GW_DATA_PAGE (widget);
  GtkWindow *window = gui_show (widget, 1280, 760);
  g_autofree char *path = g_build_filename (f->folder, "ragged.csv", NULL);
  GtkWidget *row;

  WAIT_FOR (gw_dataset_loader_get_view (page->loader) != NULL);
  g_assert_cmpint (gw_dataset_loader_get_view (page->loader)->splits[GW_SPLIT_TRAIN].n_rows, ==, 160);
  row = gtk_widget_get_first_child (page->sources);
  while (strcmp (((const GwSourceDef *) g_object_get_data (G_OBJECT (row), "source"))->name, "sine") != 0)
    row = gtk_widget_get_next_sibling (row);
  gtk_list_box_select_row (GTK_LIST_BOX (page->sources), GTK_LIST_BOX_ROW (row));
  g_assert_cmpstr (source_name (f), ==, "sine");
  g_assert_true (gw_doc_model_undo (f->model));
  g_assert_cmpstr (source_name (f), ==, "xor");

  g_signal_emit_by_name (page->form, "field-committed", "pipeline.batch_size", "50");
  g_assert_cmpint (gw_data_page_pipeline (page)->attrs[GW_PIPELINE_BATCH_SIZE].i, ==, 50);
  g_signal_emit_by_name (page->form, "field-committed", "pipeline.batch_size", "-1");
  g_assert_cmpint (gw_data_page_pipeline (page)->attrs[GW_PIPELINE_BATCH_SIZE].i, ==, 50);
  g_assert_nonnull (gw_form_get_error (GW_FORM (page->form), "pipeline.batch_size"));

  g_assert_true (g_file_set_contents (path, "a,b\n1,2\n3,4\n5,6,7\n", -1, NULL));
  gw_doc_model_close_step (f->model);
  gw_data_page_open (page, path);
  g_assert_cmpstr (source_name (f), ==, "xor"); /* refused: the file is ragged */
  g_assert_true (g_file_set_contents (path, "a,b\n1,2\n3,4\n5,6\n", -1, NULL));
  gw_data_page_open (page, path);
  g_assert_cmpstr (source_name (f), ==, "csv");
  WAIT_FOR (gw_dataset_loader_get_view (page->loader) != NULL);
  gui_close (window);
}

static void
test_steps (Fixture      *f,
            gconstpointer data)
{
  GtkWidget *widget = gw_data_page_new (f->model, f->run), *box;
  GwDataPage *page = GW_DATA_PAGE (widget);
  GtkWindow *window = gui_show (widget, 1280, 760);

  WAIT_FOR (gw_dataset_loader_get_view (page->loader) != NULL);
  box = gtk_widget_get_first_child (page->part_stack);
  while (GTK_IS_SCROLLED_WINDOW (box) || GTK_IS_VIEWPORT (box))
    box = gtk_widget_get_first_child (box);
  gtk_widget_activate_action (box, "columns.add-step", "(is)", 0, "standardize");
  g_assert_cmpint (gw_data_page_pipeline (page)->columns[0].n_transforms, ==, 1);
  g_assert_cmpstr (gw_data_page_pipeline (page)->columns[0].transforms[0].def->name, ==, "standardize");
  gtk_widget_activate_action (box, "columns.add-column", "s", "x");
  g_assert_cmpint (gw_data_page_pipeline (page)->n_columns, ==, 3);
  g_assert_cmpstr (gw_data_page_pipeline (page)->columns[2].name, ==, "x_2");
  g_assert_true (gw_doc_model_undo (f->model));
  g_assert_true (gw_doc_model_undo (f->model));
  g_assert_cmpint (gw_data_page_pipeline (page)->columns[0].n_transforms, ==, 0);
  g_assert_cmpint (gw_data_page_pipeline (page)->n_columns, ==, 2);
  gui_close (window);
}

/* The first widget under `parent` that is one of `type` (and has this label, of buttons). */
static GtkWidget *
find_widget (GtkWidget  *parent,
             GType       type,
             const char *label)
{
  for (GtkWidget *child = gtk_widget_get_first_child (parent); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found;

      if (G_TYPE_CHECK_INSTANCE_TYPE (child, type) &&
          (label == NULL || g_strcmp0 (gtk_button_get_label (GTK_BUTTON (child)), label) == 0))
        return child;
      found = find_widget (child, type, label);
      if (found != NULL)
        return found;
    }
  return NULL;
}

/* Drops a file on a widget as the pointer would. */
static void
drop_file (GtkWidget  *widget,
           const char *path)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_auto (GValue) value = G_VALUE_INIT;
  gboolean taken = FALSE;

  g_value_init (&value, G_TYPE_FILE);
  g_value_set_object (&value, file);
  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_DROP_TARGET (controller))
        g_signal_emit_by_name (controller, "drop", &value, 1.0, 1.0, &taken);
    }
  g_assert_true (taken);
}

static char *
add_file (Fixture    *f,
          const char *name,
          const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) tensor = gw_tensor_parse (text, GW_FLOAT64, NULL, &error);
  char *path = g_build_filename (f->folder, name, NULL);

  g_assert_no_error (error);
  g_assert_true (gw_npy_save (path, tensor, &error));
  return path;
}

static gboolean
has_text (GtkWidget  *parent,
          const char *text)
{
  for (GtkWidget *child = gtk_widget_get_first_child (parent); child != NULL; child = gtk_widget_get_next_sibling (child))
    if ((GTK_IS_LABEL (child) && strstr (gtk_label_get_label (GTK_LABEL (child)), text) != NULL) || has_text (child, text))
      return TRUE;
  return FALSE;
}

/* An .npy dropped on a placeholder's line is cast and fed; one of another size is refused
 * with both shapes; a picture becomes the placeholder's numbers. */
static void
test_feed_files (Fixture      *f,
                 gconstpointer data)
{
  GtkWidget *widget = gw_data_page_new (f->model, f->run), *part, *line, *entry, *button;
  GwDataPage *page = GW_DATA_PAGE (widget);
  GtkWindow *window;
  g_autofree char *good = add_file (f, "good.npy", "[0.25, 0.75]"), *bad = add_file (f, "bad.npy", "[1.0, 2.0, 3.0]");
  g_autofree char *picture = g_build_filename (f->folder, "two.png", NULL);
  cairo_surface_t *pixels = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 2, 1);

  g_assert_cmpint (cairo_surface_write_to_png (pixels, picture), ==, CAIRO_STATUS_SUCCESS);
  cairo_surface_destroy (pixels);
  gw_data_page_show (page, GW_DATA_PREDICT);
  window = gui_show (widget, 1280, 760);
  WAIT_FOR (gw_dataset_loader_get_view (page->loader) != NULL);
  gui_wait (200);
  part = gtk_stack_get_visible_child (GTK_STACK (page->part_stack));
  entry = find_widget (part, GTK_TYPE_ENTRY, NULL);
  line = gtk_widget_get_parent (entry);
  button = find_widget (part, GTK_TYPE_BUTTON, "Predict");
  g_assert_nonnull (button);

  drop_file (line, good);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "good.npy");
  gtk_widget_activate (button);
  WAIT_FOR (has_text (part, "float32, 1×2") && has_text (part, "In predict mode"));

  drop_file (line, bad);
  gtk_widget_activate (button);
  WAIT_FOR (has_text (part, "x: the file holds [3], the placeholder takes ?×2"));

  drop_file (line, picture);
  gtk_widget_activate (button);
  WAIT_FOR (!has_text (part, "the file holds") && gtk_widget_get_sensitive (button));

  /* Typing takes the file's place. */
  gtk_editable_set_text (GTK_EDITABLE (entry), "[[1, 0], [0, 1], [1, 1]]");
  gtk_widget_activate (button);
  WAIT_FOR (has_text (part, "float32, 3×2"));
  gui_close (window);
}

/* A file dropped on the page becomes the source. */
static void
test_drop_source (Fixture      *f,
                  gconstpointer data)
{
  GtkWidget *widget = gw_data_page_new (f->model, f->run);
  GtkWindow *window = gui_show (widget, 1280, 760);
  g_autofree char *path = g_build_filename (f->folder, "table.csv", NULL);

  g_assert_true (g_file_set_contents (path, "a,b\n1,2\n3,4\n5,6\n", -1, NULL));
  drop_file (widget, path);
  WAIT_FOR (g_strcmp0 (source_name (f), "csv") == 0);
  gui_close (window);
}

/* ---- evaluation ---- */

static void
test_evaluation (Fixture      *f,
                 gconstpointer data)
{
  GtkWidget *view = gw_evaluation_view_new (f->model, f->run);
  GtkWindow *window = gui_show (view, 1280, 760);
  g_autofree char *runs_dir = gw_doc_model_runs_dir (f->model);
  GtkWidget *stack = adw_bin_get_child (ADW_BIN (view));

  g_assert_cmpstr (gtk_stack_get_visible_child_name (GTK_STACK (stack)), ==, "empty");
  gw_run_evaluate (f->run, gw_doc_model_get_document (f->model), runs_dir);
  WAIT_FOR (gw_run_get_evaluation (f->run) != NULL);
  g_assert_cmpint (gw_run_get_evaluation (f->run)->n_classes, ==, 2);
  gui_wait (300);
  g_assert_cmpstr (gtk_stack_get_visible_child_name (GTK_STACK (stack)), ==, "page");
  g_assert_true (has_text (view, "evaluate mode"));
  gui_close (window);
}

int
main (int    argc,
      char **argv)
{
  gui_start (&argc, &argv);
  gw_init ();
  g_test_add ("/pages/checkpoints", Fixture, NULL, set_up, test_checkpoints, tear_down);
  g_test_add ("/pages/load", Fixture, NULL, set_up, test_load, tear_down);
  g_test_add ("/pages/data", Fixture, NULL, set_up, test_data, tear_down);
  g_test_add ("/pages/feed-files", Fixture, NULL, set_up, test_feed_files, tear_down);
  g_test_add ("/pages/drop-source", Fixture, NULL, set_up, test_drop_source, tear_down);
  g_test_add ("/pages/steps", Fixture, NULL, set_up, test_steps, tear_down);
  g_test_add ("/pages/evaluation", Fixture, NULL, set_up, test_evaluation, tear_down);
  return g_test_run ();
}
