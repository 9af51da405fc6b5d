/* SPDX-License-Identifier: Apache-2.0 */
/* Shows one page alone: pages-demo checkpoints|data|evaluation DOCUMENT [RUN-FOLDER]
 * [--compare | --inputs | --predict | --evaluate]. For looking at it while the window is changed. */
#include <adwaita.h>
#include <stdlib.h>
#include <string.h>

#include "app/model/doc-model.h"
#include "app/model/run.h"
#include "app/ui/checkpoints-page.h"
#include "app/ui/data-page.h"
#include "app/ui/evaluation-view.h"

typedef struct {
  char      **words;
  int         n_words;
  GwDocModel *model;
  GwRun      *run;
} Demo;

static gboolean
has_word (const Demo *demo,
          const char *word)
{
  for (int i = 0; i < demo->n_words; i++)
    if (strcmp (demo->words[i], word) == 0)
      return TRUE;
  return FALSE;
}

static GtkWidget *
checkpoints_new (Demo *demo)
{
  GtkWidget *page = gw_checkpoints_page_new (demo->model, demo->run);

  if (demo->n_words > 3)
    gw_checkpoints_page_open (GW_CHECKPOINTS_PAGE (page), demo->words[3]);
  gw_checkpoints_page_set_compare (GW_CHECKPOINTS_PAGE (page), has_word (demo, "--compare"));
  return page;
}

static void
load (Demo       *demo,
      const char *prefix)
{
  g_autofree char *runs_dir = gw_doc_model_runs_dir (demo->model);

  gw_run_load_checkpoint (demo->run, gw_doc_model_get_document (demo->model), runs_dir, prefix, NULL);
}

static GtkWidget *
data_new (Demo *demo)
{
  GtkWidget *page = gw_data_page_new (demo->model, demo->run);

  if (has_word (demo, "--inputs"))
    gw_data_page_show (GW_DATA_PAGE (page), GW_DATA_INPUTS);
  if (has_word (demo, "--predict") && demo->n_words > 3)
    {
      g_autofree char *latest = gw_checkpoint_latest (demo->words[3], NULL);

      if (latest != NULL)
        load (demo, latest);
    }
  if (has_word (demo, "--predict"))
    gw_data_page_show (GW_DATA_PAGE (page), GW_DATA_PREDICT);
  return page;
}

static GtkWidget *
evaluation_new (Demo *demo)
{
  GtkWidget *view = gw_evaluation_view_new (demo->model, demo->run);
  g_autofree char *latest = demo->n_words > 3 ? gw_checkpoint_latest (demo->words[3], NULL) : NULL;
  g_autofree char *runs_dir = gw_doc_model_runs_dir (demo->model);

  if (latest != NULL)
    load (demo, latest);
  if (has_word (demo, "--evaluate"))
    gw_run_evaluate (demo->run, gw_doc_model_get_document (demo->model), runs_dir);
  return view;
}

static GtkWidget *
page_new (Demo *demo)
{
  if (strcmp (demo->words[1], "data") == 0)
    return data_new (demo);
  return strcmp (demo->words[1], "evaluation") == 0 ? evaluation_new (demo) : checkpoints_new (demo);
}

static void
on_activate (GApplication *application,
             gpointer      data)
{
  Demo *demo = data;
  GtkWidget *window = adw_application_window_new (GTK_APPLICATION (application));
  const char *size = g_getenv ("PAGES_DEMO_SIZE");
  int width = 1440, height = 900;

  if (size != NULL)
    sscanf (size, "%dx%d", &width, &height);
  gtk_window_set_default_size (GTK_WINDOW (window), width, height);
  gtk_widget_add_css_class (window, "graphwright");
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (window), page_new (demo));
  gtk_window_present (GTK_WINDOW (window));
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AdwApplication) application = NULL;
  g_autoptr (GFile) file = NULL;
  GwDocument *document;
  Demo demo = { argv, argc, NULL, NULL };

  if (argc < 3)
    {
      g_printerr ("usage: pages-demo checkpoints|data|evaluation DOCUMENT [RUN-FOLDER]\n");
      return 2;
    }
  gw_init ();
  document = gw_document_load (argv[2], &error);
  if (document == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  demo.model = gw_doc_model_new ();
  demo.run = gw_run_new ();
  file = g_file_new_for_path (argv[2]);
  gw_doc_model_set_document (demo.model, document, file, NULL);
  application = g_object_new (ADW_TYPE_APPLICATION, "application-id", "io.github.graphwright.Pages", "flags",
                              G_APPLICATION_NON_UNIQUE, "resource-base-path", "/io/github/graphwright/Graphwright", NULL);
  g_signal_connect (application, "activate", G_CALLBACK (on_activate), &demo);
  return g_application_run (G_APPLICATION (application), 0, NULL);
}
