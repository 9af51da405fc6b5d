/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/evaluation-view.h"

#include <math.h>

#include "app/model/checkpoint-list.h"
#include "app/model/dataset-loader.h"
#include "app/ui/data-style.h"
#include "app/ui/evaluation-curves.h"
#include "widgets/charts/tensor-views.h"
#include "widgets/paint/number-text.h"

#define CLASS_ROW 20

struct _GwEvaluationView {
  AdwBin           parent_instance;
  GwDocModel      *model;
  GwRun           *run;
  GwDatasetLoader *loader;
  int              truth, predicted;  /* only mistakes of this pair; -1 = all */
  GtkWidget *stack, *status, *figures, *curves, *confusion, *classes, *pictures, *rows, *mistakes_stack;
  GtkWidget *mistakes_title, *all;
};

G_DEFINE_FINAL_TYPE (GwEvaluationView, gw_evaluation_view, ADW_TYPE_BIN)

/* ---- figures ---- */

static void
add_figure (GwEvaluationView *self,
            const char       *name,
            const char       *value)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_box_append (GTK_BOX (box), gw_text_new (name, "gw-caption"));
  gtk_box_append (GTK_BOX (box), gw_text_new (value, "gw-big gw-number"));
  gtk_box_append (GTK_BOX (self->figures), box);
}

static void
show_figures (GwEvaluationView   *self,
              const GwEvaluation *evaluation)
{
  char text[GW_NUMBER_TEXT_SIZE], number[GW_NUMBER_TEXT_SIZE];
  g_autofree char *note = NULL;
  GtkWidget *label;

  gw_box_clear (self->figures);
  if (!isnan (evaluation->loss))
    add_figure (self, "Loss", gw_number_text (text, evaluation->loss));
  for (int i = 0; i < evaluation->n_metrics; i++)
    {
      g_autofree char *value = gw_metric_text (evaluation->metrics[i].name, evaluation->metrics[i].value);

      add_figure (self, evaluation->metrics[i].name, value);
    }
  note = g_strdup_printf ("%s test rows at step %s, evaluate mode, in %s",
                          gw_number_text_count (text, evaluation->n_examples),
                          gw_number_text_count (number, evaluation->step),
                          evaluation->seconds < 0.1 ? "less than 0.1 s" : "");
  if (evaluation->seconds >= 0.1)
    {
      g_autofree char *head = g_steal_pointer (&note);

      note = g_strconcat (head, gw_number_text_duration (text, evaluation->seconds), NULL);
    }
  label = gw_cut_text_new (note, "gw-dim gw-number");
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_valign (label, GTK_ALIGN_END);
  gtk_widget_set_margin_bottom (label, 5);
  gtk_box_append (GTK_BOX (self->figures), label);
}

/* ---- classes ---- */

static void
class_counts (const GwEvaluation *evaluation,
              int                 truth,
              int64_t            *right,
              int64_t            *all)
{
  *right = evaluation->confusion[(gsize) truth * evaluation->n_classes + truth];
  *all = 0;
  for (int i = 0; i < evaluation->n_classes; i++)
    *all += evaluation->confusion[(gsize) truth * evaluation->n_classes + i];
}

static void
draw_class (GwChartPen         *pen,
            const GwEvaluation *evaluation,
            int                 i,
            double              left,
            double              width)
{
  double y = i * CLASS_ROW, middle = y + CLASS_ROW / 2.0, right_part = 118, share;
  int64_t right, all;
  char text[64], counts[GW_NUMBER_TEXT_SIZE];

  class_counts (evaluation, i, &right, &all);
  share = all > 0 ? (double) right / (double) all : 0;
  gw_chart_pen_color (pen, pen->theme->text, 1);
  gw_chart_pen_text (pen, evaluation->class_names[i], 12, GW_TEXT_PLAIN, left - 8, middle, 1, 0.5, left - 8);
  gw_chart_pen_color (pen, pen->theme->control, 1);
  gw_chart_pen_rounded (pen, left, y + 5, width - left - right_part, CLASS_ROW - 10, 3);
  cairo_fill (pen->cr);
  gw_chart_pen_color (pen, gw_chart_theme_run (pen->theme, 0).color, 1);
  gw_chart_pen_rounded (pen, left, y + 5, MAX (2, (width - left - right_part) * share), CLASS_ROW - 10, 3);
  cairo_fill (pen->cr);
  gw_chart_pen_color (pen, pen->theme->text, 1);
  if (all > 0)
    g_snprintf (text, sizeof text, "%.1f %%", share * 100);
  else
    g_strlcpy (text, "no rows", sizeof text);
  gw_chart_pen_text (pen, text, 12, GW_TEXT_PLAIN, width - 62, middle, 1, 0.5, 0);
  gw_chart_pen_color (pen, pen->theme->dim_text, 1);
  g_snprintf (text, sizeof text, "of %s", gw_number_text_count (counts, all));
  gw_chart_pen_text (pen, text, 11, GW_TEXT_PLAIN, width, middle, 1, 0.5, 0);
}

static void
draw_classes (GwChartPen *pen,
              double      width,
              double      height,
              gpointer    data)
{
  GwEvaluationView *self = data;
  const GwEvaluation *evaluation = self->run != NULL ? gw_run_get_evaluation (self->run) : NULL;
  double left = 0;

  if (evaluation == NULL || evaluation->n_classes == 0)
    return;
  for (int i = 0; i < evaluation->n_classes; i++)
    left = MAX (left, gw_chart_pen_text_width (pen, evaluation->class_names[i], 12, GW_TEXT_PLAIN));
  left = CLAMP (left + 12, 24, width * 0.35);
  for (int i = 0; i < evaluation->n_classes; i++)
    draw_class (pen, evaluation, i, left, width);
}

static void
show_classes (GwEvaluationView   *self,
              const GwEvaluation *evaluation)
{
  GwConfusionChart *chart = gw_confusion_view_get_confusion (GW_CONFUSION_VIEW (self->confusion));
  int n = evaluation->n_classes;
  g_autofree gint64 *counts = n > 0 ? g_new (gint64, (gsize) n * n) : NULL;

  for (gsize i = 0; i < (gsize) n * n; i++)
    counts[i] = evaluation->confusion[i];
  gw_confusion_chart_set (chart, counts, (guint) n, (const char *const *) evaluation->class_names);
  gw_chart_area_changed (GW_CHART_AREA (self->confusion));
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (self->classes), n * CLASS_ROW);
  gtk_widget_queue_draw (self->classes);
}

/* ---- mistakes ---- */

static const GwTable *
test_table (GwEvaluationView *self)
{
  GwDataView *view = gw_dataset_loader_get_view (self->loader);

  return view != NULL ? view->splits[GW_SPLIT_TEST].table : NULL;
}

static gboolean
is_shown (const GwEvaluationView *self,
          const GwMistake        *mistake)
{
  return (self->truth < 0 || mistake->truth == self->truth) &&
         (self->predicted < 0 || mistake->predicted == self->predicted);
}

static char *
mistake_text (const GwEvaluation *evaluation,
              const GwMistake    *mistake)
{
  return g_strdup_printf ("%s, said %s %.0f %%", evaluation->class_names[mistake->truth],
                          evaluation->class_names[mistake->predicted], mistake->probability * 100);
}

static int
picture_column (const GwTable *table,
                int           *height,
                int           *width,
                int           *channels)
{
  for (int i = 0; i < table->n_columns; i++)
    {
      const GwShape *shape = &table->columns[i].tensor->shape;
      GwShape row = gw_shape_from_dims (shape->rank - 1, shape->dims + 1);

      if (gw_row_shape_is_picture (&row, height, width, channels))
        return i;
    }
  return -1;
}

/* ---- a mistake's picture ---- */

static void
draw_picture (GwChartPen *pen,
              double      width,
              double      height,
              gpointer    data)
{
  cairo_surface_t *surface = data;
  double multiple = width / cairo_image_surface_get_width (surface);

  cairo_scale (pen->cr, multiple, multiple);
  cairo_set_source_surface (pen->cr, surface, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (pen->cr), CAIRO_FILTER_NEAREST);
  cairo_paint (pen->cr);
}

/* The pixels of a row, at whole multiples of their size. */
static GtkWidget *
picture_new (const guint8 *pixels,
             int           height,
             int           width,
             int           channels)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  guint8 *data = cairo_image_surface_get_data (surface);
  int stride = cairo_image_surface_get_stride (surface), multiple = MAX (1, 64 / MAX (width, height));
  GtkWidget *area = gw_area_new (width * multiple, height * multiple, draw_picture, surface);

  for (int y = 0; data != NULL && y < height; y++)
    for (int x = 0; x < width; x++)
      {
        const guint8 *from = pixels + ((gsize) y * (gsize) width + (gsize) x) * (gsize) channels;
        guint32 color = channels == 3 ? (guint32) from[0] << 16 | (guint32) from[1] << 8 | from[2] : from[0] * 0x010101u;

        ((guint32 *) (gpointer) (data + y * stride))[x] = color;
      }
  cairo_surface_mark_dirty (surface);
  g_object_set_data_full (G_OBJECT (area), "surface", surface, (GDestroyNotify) cairo_surface_destroy);
  gtk_widget_set_halign (area, GTK_ALIGN_CENTER);
  return area;
}

static GtkWidget *
mistake_new (const GwEvaluation *evaluation,
             const GwMistake    *mistake,
             GtkWidget          *picture)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 1), *label;
  g_autofree char *said = g_strdup_printf ("%s %.0f %%", evaluation->class_names[mistake->predicted],
                                           mistake->probability * 100);
  g_autofree char *tip = g_strdup_printf ("Row %" G_GINT64_FORMAT " is %s; the graph says %s", (gint64) mistake->index,
                                          evaluation->class_names[mistake->truth], said);

  gtk_box_append (GTK_BOX (box), picture);
  label = gw_cut_text_new (evaluation->class_names[mistake->truth], "gw-small");
  gtk_label_set_xalign (GTK_LABEL (label), 0.5);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 16);
  gtk_box_append (GTK_BOX (box), label);
  label = gw_cut_text_new (said, "gw-small gw-wrong gw-number");
  gtk_label_set_xalign (GTK_LABEL (label), 0.5);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 16);
  gtk_box_append (GTK_BOX (box), label);
  gtk_widget_set_tooltip_text (box, tip);
  gtk_widget_set_size_request (box, 104, -1);
  return box;
}

static void
show_pictures (GwEvaluationView   *self,
               const GwEvaluation *evaluation,
               const GwTable      *table,
               int                 column,
               int                 height,
               int                 width,
               int                 channels)
{
  const GwSplitView *split = &gw_dataset_loader_get_view (self->loader)->splits[GW_SPLIT_TEST];
  const GwTensor *tensor = table->columns[column].tensor;
  const GwTensorStats *stats = &split->columns[column].stats;
  gboolean bytes = tensor->dtype == GW_UINT8;
  gsize size = (gsize) height * (gsize) width * (gsize) channels;
  g_autofree guint8 *pixels = g_try_malloc (size);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->pictures)) != NULL)
    gtk_flow_box_remove (GTK_FLOW_BOX (self->pictures), child);
  for (int i = 0; pixels != NULL && i < evaluation->n_mistakes; i++)
    {
      const GwMistake *mistake = &evaluation->mistakes[i];

      if (!is_shown (self, mistake) || mistake->index < 0 || mistake->index >= table->n_rows)
        continue;
      gw_tensor_to_pixels (tensor, mistake->index * (int64_t) size, (int64_t) size, bytes ? 0 : stats->min,
                           bytes ? 255 : stats->max, pixels);
      gtk_flow_box_insert (GTK_FLOW_BOX (self->pictures),
                           mistake_new (evaluation, mistake, picture_new (pixels, height, width, channels)), -1);
    }
}

static void
show_rows (GwEvaluationView   *self,
           const GwEvaluation *evaluation,
           const GwTable      *table)
{
  gw_box_clear (self->rows);
  for (int i = 0; i < evaluation->n_mistakes; i++)
    {
      const GwMistake *mistake = &evaluation->mistakes[i];
      GString *text = g_string_new (NULL);
      g_autofree char *head = mistake_text (evaluation, mistake);

      for (int c = 0; table != NULL && c < MIN (table->n_columns, 8) && mistake->index < table->n_rows; c++)
        {
          g_autofree char *cell = gw_table_cell_to_string (table, mistake->index, c, 4);

          g_string_append_printf (text, "%s%s %s", c > 0 ? ", " : "", table->columns[c].name, cell);
        }
      if (is_shown (self, mistake))
        {
          g_autofree char *row = g_strdup_printf ("row %" G_GINT64_FORMAT ": %s", (gint64) mistake->index, text->str);

          gtk_box_append (GTK_BOX (self->rows), gw_text_new (head, "gw-wrong"));
          gtk_box_append (GTK_BOX (self->rows), gw_cut_text_new (row, "gw-caption"));
        }
      g_string_free (text, TRUE);
    }
}

static void
show_mistakes (GwEvaluationView   *self,
               const GwEvaluation *evaluation)
{
  const GwTable *table = test_table (self);
  int height, width, channels, column = table != NULL ? picture_column (table, &height, &width, &channels) : -1, n = 0;
  g_autofree char *title = NULL;

  for (int i = 0; i < evaluation->n_mistakes; i++)
    n += is_shown (self, &evaluation->mistakes[i]);
  if (self->truth >= 0)
    title = g_strdup_printf ("%s taken for %s: %d of the %d surest mistakes", evaluation->class_names[self->truth],
                             evaluation->class_names[self->predicted], n, evaluation->n_mistakes);
  else
    title = g_strdup_printf ("The %d surest mistakes", n);
  gtk_label_set_label (GTK_LABEL (self->mistakes_title), title);
  gtk_widget_set_visible (self->all, self->truth >= 0);
  if (column >= 0)
    show_pictures (self, evaluation, table, column, height, width, channels);
  else
    show_rows (self, evaluation, table);
  gtk_stack_set_visible_child_name (GTK_STACK (self->mistakes_stack), column >= 0 ? "pictures" : "rows");
}

static void
on_pair (GtkWidget *view,
         guint      truth,
         guint      predicted,
         gpointer   data)
{
  GwEvaluationView *self = data;
  const GwEvaluation *evaluation = gw_run_get_evaluation (self->run);

  if (evaluation == NULL || (int) truth >= evaluation->n_classes || (int) predicted >= evaluation->n_classes ||
      truth == predicted)
    return;
  self->truth = (int) truth;
  self->predicted = (int) predicted;
  show_mistakes (self, evaluation);
}

static void
on_all (GwEvaluationView *self)
{
  const GwEvaluation *evaluation = gw_run_get_evaluation (self->run);

  self->truth = self->predicted = -1;
  if (evaluation != NULL)
    show_mistakes (self, evaluation);
}

/* ---- all of it ---- */

static void
show (GwEvaluationView *self)
{
  const GwEvaluation *evaluation = gw_run_get_evaluation (self->run);
  gboolean classes = evaluation != NULL && evaluation->n_classes > 0;

  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), evaluation == NULL ? "empty" : "page");
  if (evaluation == NULL)
    return;
  show_figures (self, evaluation);
  gw_evaluation_curves_set (self->curves, evaluation);
  gtk_widget_set_visible (gtk_widget_get_parent (self->mistakes_stack), classes);
  gtk_widget_set_visible (gtk_widget_get_parent (gtk_widget_get_parent (self->confusion)), classes);
  if (self->truth >= evaluation->n_classes || self->predicted >= evaluation->n_classes)
    self->truth = self->predicted = -1;
  if (classes)
    {
      show_classes (self, evaluation);
      show_mistakes (self, evaluation);
    }
}

static void
on_evaluation (GwEvaluationView *self)
{
  GwDocument *document = gw_run_get_document (self->run);
  g_autoptr (GwPipelineDef) pipeline = document != NULL ? gw_document_resolve_pipeline (document) : NULL;

  gw_dataset_loader_set_pipeline (self->loader, pipeline);
  show (self);
}

static void
on_started (GwEvaluationView *self)
{
  self->truth = self->predicted = -1;
  show (self);
}

static void
on_evaluate (GwEvaluationView *self)
{
  g_autofree char *runs_dir = gw_doc_model_runs_dir (self->model);

  gw_run_evaluate (self->run, gw_doc_model_get_document (self->model), runs_dir);
}

static void
on_run_changed (GwEvaluationView *self)
{
  const GError *error = gw_run_get_error (self->run);
  GwRunState state = gw_run_get_state (self->run);
  g_autofree char *reason = error != NULL ? gw_error_text (error) : NULL;
  g_autofree char *text = reason != NULL ? g_markup_escape_text (reason, -1) : NULL;

  adw_status_page_set_description (
    ADW_STATUS_PAGE (self->status),
    text != NULL ? text
    : state == GW_RUN_PREPARING ? "Preparing the graph…"
                                : "Evaluate runs the test rows through the graph: the loss, the metrics, and what is taken for what.");
}

/* ---- building ---- */

static GtkWidget *
card_new (GtkWidget *title,
          GtkWidget *child)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);

  gtk_box_append (GTK_BOX (card), title);
  gtk_widget_set_vexpand (child, TRUE);
  gtk_widget_set_hexpand (child, TRUE);
  gtk_box_append (GTK_BOX (card), child);
  gw_add_classes (card, "gw-card gw-column-card");
  return card;
}

static GtkWidget *
make_mistakes (GwEvaluationView *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *scrolled = gtk_scrolled_window_new ();
  GtkWidget *pictures = gtk_scrolled_window_new ();

  self->mistakes_title = gw_cut_text_new ("", "gw-pane-title");
  gtk_widget_set_hexpand (self->mistakes_title, TRUE);
  gtk_box_append (GTK_BOX (head), self->mistakes_title);
  self->all = gw_button_new (NULL, "Show all", "gw-link flat");
  g_signal_connect_object (self->all, "clicked", G_CALLBACK (on_all), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (head), self->all);
  self->pictures = gtk_flow_box_new ();
  gtk_flow_box_set_selection_mode (GTK_FLOW_BOX (self->pictures), GTK_SELECTION_NONE);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (self->pictures), 30);
  gtk_flow_box_set_row_spacing (GTK_FLOW_BOX (self->pictures), 6);
  gtk_widget_set_valign (self->pictures, GTK_ALIGN_START);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (pictures), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (pictures), self->pictures);
  self->rows = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->rows);
  self->mistakes_stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->mistakes_stack), pictures, "pictures");
  gtk_stack_add_named (GTK_STACK (self->mistakes_stack), scrolled, "rows");
  return card_new (head, self->mistakes_stack);
}

static GtkWidget *
make_page (GwEvaluationView *self)
{
  GtkWidget *page = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12), *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *upper = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *scrolled = gtk_scrolled_window_new (), *button;

  self->figures = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 32);
  gtk_widget_set_hexpand (self->figures, TRUE);
  gtk_box_append (GTK_BOX (head), self->figures);
  button = gw_button_new ("evaluate-symbolic", "Evaluate", NULL);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_evaluate), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (head), button);
  gtk_box_append (GTK_BOX (page), head);
  self->curves = gw_evaluation_curves_new ();
  gtk_box_append (GTK_BOX (page), self->curves);
  self->confusion = gw_confusion_view_new ();
  g_signal_connect_object (self->confusion, "picked", G_CALLBACK (on_pair), self, 0);
  gtk_box_append (GTK_BOX (upper), card_new (gw_text_new ("What is taken for what", "gw-pane-title"), self->confusion));
  self->classes = gw_area_new (360, 100, draw_classes, self);
  gtk_widget_set_valign (self->classes, GTK_ALIGN_START);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->classes);
  gtk_box_append (GTK_BOX (upper), card_new (gw_text_new ("Right, class by class", "gw-pane-title"), scrolled));
  gtk_box_set_homogeneous (GTK_BOX (upper), TRUE);
  gtk_widget_set_size_request (upper, -1, 320);
  gtk_widget_set_vexpand (upper, TRUE);
  gtk_box_append (GTK_BOX (page), upper);
  gtk_box_append (GTK_BOX (page), make_mistakes (self));
  gtk_widget_set_margin_start (page, 16);
  gtk_widget_set_margin_end (page, 16);
  gtk_widget_set_margin_top (page, 12);
  gtk_widget_set_margin_bottom (page, 12);
  return page;
}

static GtkWidget *
make_empty (GwEvaluationView *self)
{
  GtkWidget *button = gw_button_new (NULL, "Evaluate", "pill suggested-action");

  self->status = adw_status_page_new ();
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (self->status), "evaluate-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (self->status), "Not evaluated yet");
  gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_evaluate), self, G_CONNECT_SWAPPED);
  adw_status_page_set_child (ADW_STATUS_PAGE (self->status), button);
  return self->status;
}

static void
gw_evaluation_view_dispose (GObject *object)
{
  GwEvaluationView *self = GW_EVALUATION_VIEW (object);

  if (self->loader != NULL)
    g_signal_handlers_disconnect_by_data (self->loader, self);
  adw_bin_set_child (ADW_BIN (self), NULL);
  g_clear_object (&self->loader);
  g_clear_object (&self->run);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (gw_evaluation_view_parent_class)->dispose (object);
}

static void
gw_evaluation_view_class_init (GwEvaluationViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gw_evaluation_view_dispose;
}

static void
gw_evaluation_view_init (GwEvaluationView *self)
{
  gw_data_style_ensure ();
  self->truth = self->predicted = -1;
  self->loader = gw_dataset_loader_new ();
}

GtkWidget *
gw_evaluation_view_new (GwDocModel *model,
                        GwRun      *run)
{
  GwEvaluationView *self = g_object_new (GW_TYPE_EVALUATION_VIEW, NULL);

  self->model = g_object_ref (model);
  self->run = g_object_ref (run);
  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), make_empty (self), "empty");
  gtk_stack_add_named (GTK_STACK (self->stack), make_page (self), "page");
  adw_bin_set_child (ADW_BIN (self), self->stack);
  g_signal_connect_object (run, "evaluation", G_CALLBACK (on_evaluation), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "started", G_CALLBACK (on_started), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "changed", G_CALLBACK (on_run_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->loader, "changed", G_CALLBACK (show), self, G_CONNECT_SWAPPED);
  on_run_changed (self);
  on_evaluation (self);
  return GTK_WIDGET (self);
}
