/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/board-export.h"

#include "widgets/charts/chart-view.h"
#include "widgets/charts/tensor-views.h"
#include "widgets/paint/export.h"

#include <math.h>
#include <string.h>

#define WIDTH 640
#define HEIGHT 420

typedef struct {
  GwBoardCard    *card;      /* one card, a reference, or NULL … */
  GPtrArray      *cards;     /* … all of these */
  char           *format;
  GwBoardExported exported;
  gpointer        data;
} Export;

static void
export_free (Export *export)
{
  g_clear_object (&export->card);
  g_clear_pointer (&export->cards, g_ptr_array_unref);
  g_free (export->format);
  g_free (export);
}

static const char *
extension (const char *format)
{
  return strcmp (format, "pgfplots") == 0 ? "tex" : format;
}

/* "test/loss" → "test-loss.svg". */
static char *
file_name (GwBoardCard *card,
           const char  *format)
{
  const GPtrArray *runs = gw_board_card_get_runs (card);
  gboolean one = gw_board_card_get_kind (card) != GW_RUN_SCALAR && runs->len > 0;
  g_autofree char *name = one ? g_strdup_printf ("%s %s", gw_board_card_get_tag (card),
                                                 gw_run_log_get_name (runs->pdata[0]))
                              : g_strdup (gw_board_card_get_tag (card));

  return g_strdup_printf ("%s.%s", g_strdelimit (name, "/\\:*?\"<>|", '-'), extension (format));
}

static gboolean
write_text (GwLineChart *line,
            const char  *format,
            const char  *path,
            GError     **error)
{
  g_autofree char *text =
    strcmp (format, "csv") == 0 ? gw_line_chart_to_csv (line) : gw_line_chart_to_pgfplots (line);

  return gw_atomic_write (path, text, strlen (text), error);
}

/* A chart in the window has no legend and title of its own: the card has them. */
static gboolean
write_line (GwBoardCard           *card,
            GwLineChart           *line,
            const char            *path,
            const GwExportOptions *options,
            GError               **error)
{
  GwLineChartOptions *own = gw_line_chart_options (line);
  GwLineChartOptions before = *own;
  gboolean ok;

  own->legend = own->footer = TRUE;
  own->title = gw_board_card_get_tag (card);
  ok = gw_chart_export (line, path, options, error);
  *own = before;
  return ok;
}

gboolean
gw_board_write (GwBoardCard *card,
                const char  *format,
                const char  *path,
                GError     **error)
{
  GwExportOptions options = { .width = WIDTH, .height = HEIGHT, .scale = 2 };
  GtkWidget *child;

  gw_board_card_ensure (card);
  while (gw_board_card_refresh (card, G_MAXINT64))
    continue;
  child = gw_chart_card_get_child (gw_board_card_get_card (card));
  if (GW_IS_CHART_VIEW (child) && (strcmp (format, "csv") == 0 || strcmp (format, "pgfplots") == 0))
    return write_text (gw_chart_view_get_line_chart (GW_CHART_VIEW (child)), format, path, error);
  if (GW_IS_CHART_VIEW (child))
    return write_line (card, gw_chart_view_get_line_chart (GW_CHART_VIEW (child)), path, &options, error);
  if (GW_IS_HISTOGRAM_VIEW (child))
    {
      GwHistogramChart *chart = gw_chart_area_get_chart (GW_CHART_AREA (child));
      gboolean ok;

      gw_histogram_chart_set_title (chart, gw_board_card_get_tag (card));
      ok = gw_chart_export (chart, path, &options, error);
      gw_histogram_chart_set_title (chart, NULL);
      return ok;
    }
  if (GW_IS_CHART_AREA (child))
    return gw_chart_export (gw_chart_area_get_chart (GW_CHART_AREA (child)), path, &options, error);
  return gw_invalid (error, "%s: a text is not a picture; select and copy it", gw_board_card_get_tag (card));
}

/* ---- choosing ---- */

static gboolean
can_write (GwBoardCard *card,
           const char  *format)
{
  GwRunDataKind kind = gw_board_card_get_kind (card);

  if (strcmp (format, "csv") == 0 || strcmp (format, "pgfplots") == 0)
    return kind == GW_RUN_SCALAR;
  return kind == GW_RUN_SCALAR || kind == GW_RUN_HISTOGRAM;
}

static void
write_one (Export     *export,
           const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *message = NULL;

  if (gw_board_write (export->card, export->format, path, &error))
    message = g_strdup_printf ("Saved %s", base);
  else
    message = g_strdup_printf ("Not saved: %s", error->message);
  export->exported (message, export->data);
}

static void
write_all (Export     *export,
           const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *message = NULL;
  guint n = 0;

  for (guint i = 0; i < export->cards->len && error == NULL; i++)
    {
      GwBoardCard *card = export->cards->pdata[i];
      g_autofree char *name = file_name (card, export->format);
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (can_write (card, export->format) && gw_board_write (card, export->format, path, &error))
        n++;
    }
  if (error != NULL)
    message = g_strdup_printf ("Stopped after %u: %s", n, error->message);
  else
    message = g_strdup_printf ("Saved %u file%s", n, n == 1 ? "" : "s");
  export->exported (message, export->data);
}

static void
on_response (GtkNativeDialog *dialog,
             int              response,
             Export          *export)
{
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (response == GTK_RESPONSE_ACCEPT && path != NULL && export->card != NULL)
    write_one (export, path);
  else if (response == GTK_RESPONSE_ACCEPT && path != NULL)
    write_all (export, path);
  export_free (export);
  g_object_unref (dialog);
}

static void
ask (GtkWidget            *parent,
     const char           *title,
     GtkFileChooserAction  action,
     const char           *name,
     Export               *export)
{
  GtkRoot *root = gtk_widget_get_root (parent);
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (title, GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
                                                              action, "_Save", "_Cancel");

  if (name != NULL)
    gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect (dialog, "response", G_CALLBACK (on_response), export);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static Export *
export_new (const char     *format,
            GwBoardExported exported,
            gpointer        data)
{
  Export *export = g_new0 (Export, 1);

  export->format = g_strdup (format);
  export->exported = exported;
  export->data = data;
  return export;
}

void
gw_board_export (GwBoardCard    *card,
                 const char     *format,
                 GwBoardExported exported,
                 gpointer        data)
{
  Export *export = export_new (format, exported, data);
  g_autofree char *name = file_name (card, format);
  g_autofree char *title = g_strdup_printf ("Export “%s”", gw_board_card_get_tag (card));

  export->card = g_object_ref (card);
  ask (GTK_WIDGET (card), title, GTK_FILE_CHOOSER_ACTION_SAVE, name, export);
}

void
gw_board_export_all (GtkWidget      *parent,
                     GPtrArray      *cards,
                     const char     *format,
                     GwBoardExported exported,
                     gpointer        data)
{
  Export *export = export_new (format, exported, data);

  export->cards = g_ptr_array_ref (cards);
  ask (parent, "Export all cards into a folder", GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, NULL, export);
}
