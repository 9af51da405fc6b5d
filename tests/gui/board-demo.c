/* SPDX-License-Identifier: Apache-2.0 */
/* The Board alone in a window.
 *
 *   board-demo [--document FILE.gw] [--folder DIR] [--sample DIR] [--train] [--hide] [--size WxH]
 *
 * A document's runs lie beside it; --folder opens event files; --sample first writes five
 * runs into DIR and opens it; --train trains the document at full speed and prints the
 * rate; --hide does so without the Board, to compare. */
#include <adwaita.h>
#include <math.h>
#include <string.h>

#include "app/ui/board-page.h"
#include "engine/files/image-file.h"

static char *document, *folder, *sample, *size;
static gboolean train, hide;

static const GOptionEntry entries[] = {
  { "document", 0, 0, G_OPTION_ARG_FILENAME, &document, "Document whose runs are shown", "FILE.gw" },
  { "folder", 0, 0, G_OPTION_ARG_FILENAME, &folder, "Folder of event files", "DIR" },
  { "sample", 0, 0, G_OPTION_ARG_FILENAME, &sample, "Write sample runs here and open them", "DIR" },
  { "train", 0, 0, G_OPTION_ARG_NONE, &train, "Train the document", NULL },
  { "hide", 0, 0, G_OPTION_ARG_NONE, &hide, "No Board in the window", NULL },
  { "size", 0, 0, G_OPTION_ARG_STRING, &size, "Size of the window", "WxH" },
  { NULL }
};

/* ---- sample runs ---- */

static guint8
shade (int step,
       int which,
       int x,
       int y)
{
  double d = hypot (x - 14 + 6 * cos (which + step / 300.0), y - 14 + 6 * sin (which * 2 + step / 300.0));

  return (guint8) CLAMP (255 - 18 * d, 0, 255);
}

static void
write_picture (GwEventWriter *writer,
               double         wall,
               int            step,
               int            which)
{
  guint8 pixels[28 * 28];
  g_autofree char *tag = g_strdup_printf ("samples/image/%d", which);
  GwShape shape = { .rank = 3, .dims = { 28, 28, 1 } };
  g_autoptr (GwTensor) tensor = gw_tensor_new (GW_UINT8, &shape, NULL);
  g_autoptr (GBytes) png = NULL;
  gsize length;
  const void *data;

  for (int i = 0; i < 28 * 28; i++)
    pixels[i] = shade (step, which, i % 28, i / 28);
  memcpy (tensor->data, pixels, sizeof pixels);
  png = gw_png_encode (tensor, NULL);
  data = g_bytes_get_data (png, &length);
  gw_event_writer_add_image (writer, wall, step, tag, 28, 28, 1, data, length, NULL);
}

static void
write_histogram (GwEventWriter *writer,
                 GRand         *random,
                 double         wall,
                 int            step,
                 const char    *tag)
{
  GwShape shape = { .rank = 1, .dims = { 2000 } };
  g_autoptr (GwTensor) tensor = gw_tensor_new (GW_FLOAT32, &shape, NULL);
  g_autoptr (GwHistogram) histogram = NULL;
  double width = 0.05 + 0.10 * sqrt (step / 6000.0);

  for (int i = 0; i < 2000; i++)
    {
      double a = g_rand_double_range (random, 1e-9, 1), b = g_rand_double (random);

      ((float *) tensor->data)[i] = (float) (width * sqrt (-2 * log (a)) * cos (2 * G_PI * b));
    }
  histogram = gw_histogram_new (tensor, tag, NULL);
  gw_event_writer_add_histogram (writer, wall, step, tag, histogram, NULL);
}

static void
write_run (const char *dir,
           const char *name,
           double      rate,
           int         n_steps,
           guint       seed)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  g_autoptr (GwEventWriter) writer = gw_event_writer_new (path, NULL, NULL);
  GRand *random = g_rand_new_with_seed (seed);
  double start = 1.77e9;

  for (int step = 1; step <= n_steps; step++)
    {
      double wall = start + step / 512.0, base = 0.2 + 0.1 * (seed % 5) + 2.1 * exp (-step * rate / 1000);

      gw_event_writer_add_scalar (writer, wall, step, "loss",
                                  (float) (base * (1 + 0.12 * (g_rand_double (random) - 0.5))), NULL);
      if (step % 250 == 0)
        gw_event_writer_add_scalar (writer, wall, step, "test/accuracy", (float) (0.9 - 0.17 * base), NULL);
      if (step % 500 == 0)
        gw_event_writer_add_scalar (writer, wall, step, "test/loss", (float) (base * 1.05), NULL);
      if (step % 20 == 0)
        gw_event_writer_add_scalar (writer, wall, step, "optimizer/learning_rate", (float) (0.01 * pow (0.999, step)),
                                    NULL);
      if (step % 100 == 0)
        write_histogram (writer, random, wall, step, "hidden1/kernel");
      if (step % 200 == 0)
        write_histogram (writer, random, wall, step, "hidden2/kernel");
      for (int which = 0; step % 1000 == 0 && which < 6; which++)
        write_picture (writer, wall, step, which);
      if (step % 1000 == 0)
        gw_event_writer_add_text (writer, wall, step, "sample text", "the quick brown fox\njumps over the lazy dog",
                                  NULL);
    }
  gw_event_writer_flush (writer, NULL);
  g_rand_free (random);
}

static void
write_samples (const char *dir)
{
  write_run (dir, "adam 0.001", 1.6, 6000, 1);
  write_run (dir, "sgd 0.1", 1.0, 6000, 2);
  write_run (dir, "adam 0.01", 2.4, 6000, 3);
  write_run (dir, "sgd 0.1 momentum 0.9", 1.9, 6000, 4);
  write_run (dir, "adam, no dropout", 1.4, 4350, 6);
}

/* ---- the window ---- */

static void
on_run_changed (GwRun *run)
{
  const GwProgress *progress = gw_run_get_progress (run);
  static gint64 last;

  if (g_get_monotonic_time () - last < G_USEC_PER_SEC && gw_run_is_active (run))
    return;
  last = g_get_monotonic_time ();
  g_print ("step %" G_GINT64_FORMAT ", %.0f steps/s, %.2f s\n", progress->step,
           progress->seconds > 0 ? progress->step / progress->seconds : 0, progress->seconds);
  if (gw_run_get_error (run) != NULL)
    g_print ("%s\n", gw_run_get_error (run)->message);
}

static void
loaded (GObject      *object,
        GAsyncResult *result,
        gpointer      run)
{
  GwDocModel *model = GW_DOC_MODEL (object);
  g_autoptr (GError) error = NULL;
  g_autofree char *dir = NULL;

  if (!gw_doc_model_load_finish (model, result, &error))
    {
      g_printerr ("%s\n", error->message);
      return;
    }
  dir = gw_doc_model_runs_dir (model);
  g_print ("runs in %s\n", dir);
  if (train)
    gw_run_start (run, gw_doc_model_get_document (model), dir, GW_RUN_TRAIN);
}

static void
say_path (GtkWidget  *page,
          const char *path)
{
  g_print ("open %s\n", path);
}

static void
say_train (GtkWidget *page)
{
  g_print ("train\n");
}

static void
activate (GtkApplication *application)
{
  GwDocModel *model = gw_doc_model_new ();
  GwRun *run = gw_run_new ();
  GtkWidget *window = adw_application_window_new (application);
  GtkWidget *page = hide ? gtk_label_new ("no Board") : gw_board_page_new (model, run);
  int width = 1440, height = 900;

  if (size != NULL)
    sscanf (size, "%dx%d", &width, &height);
  gtk_window_set_default_size (GTK_WINDOW (window), width, height);
  gtk_window_set_title (GTK_WINDOW (window), "Board");
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (window), page);
  g_signal_connect (run, "changed", G_CALLBACK (on_run_changed), NULL);
  if (!hide)
    {
      g_signal_connect (page, "open-run-graph", G_CALLBACK (say_path), NULL);
      g_signal_connect (page, "train-requested", G_CALLBACK (say_train), NULL);
    }
  if (sample != NULL)
    write_samples (sample);
  if (document != NULL)
    {
      g_autoptr (GFile) file = g_file_new_for_commandline_arg (document);

      gw_doc_model_load_async (model, file, FALSE, NULL, loaded, run);
    }
  if (!hide && (folder != NULL || sample != NULL))
    {
      g_autoptr (GFile) file = g_file_new_for_commandline_arg (folder != NULL ? folder : sample);

      gw_board_page_open_folder (GW_BOARD_PAGE (page), file);
    }
  gtk_window_present (GTK_WINDOW (window));
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (AdwApplication) application = NULL;
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  gw_init ();
  application = g_object_new (ADW_TYPE_APPLICATION, "application-id", "io.github.graphwright.Graphwright.BoardDemo",
                              "flags", G_APPLICATION_NON_UNIQUE, "resource-base-path",
                              "/io/github/graphwright/Graphwright", NULL);
  g_signal_connect (application, "activate", G_CALLBACK (activate), NULL);
  return g_application_run (G_APPLICATION (application), argc, argv);
}
