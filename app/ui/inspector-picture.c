/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/inspector-picture.h"

#include "widgets/charts/chart-view.h"
#include "widgets/charts/tensor-views.h"

#define HEIGHT 130
#define BINS 30

struct _GwInspectorPicture {
  GtkBox        parent_instance;

  GtkWidget    *title, *area;
  GwNodeSketch *sketch;       /* what is shown or computed; NULL = nothing */
  GCancellable *cancellable;  /* of the work under way */
};

G_DEFINE_FINAL_TYPE (GwInspectorPicture, gw_inspector_picture, GTK_TYPE_BOX)

static gpointer
curve_new (const GwNodePicture *picture,
           gboolean             of_steps)
{
  GwLineChart *chart = gw_line_chart_new ();
  GwSeries *series = gw_series_new ();
  GwLineChartOptions *options = gw_line_chart_options (chart);

  for (int64_t i = 0; i < picture->x->elements; i++)
    gw_series_append (series, gw_tensor_get_double (picture->x, i), (double) i, gw_tensor_get_double (picture->y, i));
  options->raw_line = options->envelope = FALSE;
  options->x_title = of_steps ? "step" : "x";
  gw_line_chart_add (chart, series, "", 0);
  gw_series_unref (series);
  return chart;
}

static gpointer
histogram_new (const GwTensor *values)
{
  GwBarHistogram *chart = gw_bar_histogram_new ();
  GwTensorStats stats;
  GwBucket buckets[BINS];
  int64_t counts[BINS];
  double low, width;

  gw_tensor_stats (values, &stats);
  low = stats.max > stats.min ? stats.min : stats.min - 0.5;
  width = stats.max > stats.min ? (stats.max - stats.min) / BINS : 1.0 / BINS;
  gw_tensor_bin (values, low, low + width * BINS, BINS, counts);
  for (int i = 0; i < BINS; i++)
    buckets[i] = (GwBucket) { low + i * width, low + (i + 1) * width, (double) counts[i] };
  gw_bar_histogram_set_bins (chart, BINS);
  gw_bar_histogram_set (chart, buckets, BINS, NULL, 0);
  return chart;
}

static void
show_chart (GwInspectorPicture *self,
            gpointer            chart)
{
  g_clear_pointer (&self->area, gtk_widget_unparent);
  gtk_label_set_text (GTK_LABEL (self->title), self->sketch->title);
  gtk_widget_set_tooltip_text (self->title, self->sketch->title);
  self->area = gw_chart_area_new (chart);
  gtk_widget_set_size_request (self->area, -1, HEIGHT);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->area), GTK_ACCESSIBLE_PROPERTY_LABEL, self->sketch->title, -1);
  gtk_box_append (GTK_BOX (self), self->area);
  gtk_widget_set_visible (GTK_WIDGET (self), TRUE);
}

/* ---- the worker ---- */

static void
draw (GTask        *task,
      gpointer      source,
      gpointer      sketch,
      GCancellable *cancellable)
{
  GError *error = NULL;
  GwNodePicture *picture = gw_node_sketch_draw (sketch, &error);

  if (picture != NULL)
    g_task_return_pointer (task, picture, (GDestroyNotify) gw_node_picture_free);
  else
    g_task_return_error (task, error);
}

static void
on_drawn (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  GwInspectorPicture *self = GW_INSPECTOR_PICTURE (source);
  g_autoptr (GwNodePicture) picture = g_task_propagate_pointer (G_TASK (result), NULL);
  gpointer chart;

  if (g_task_get_cancellable (G_TASK (result)) != self->cancellable || self->sketch == NULL)
    return;
  if (picture == NULL)
    {
      gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
      return;
    }
  chart = picture->x != NULL ? curve_new (picture, self->sketch->to > 4) : histogram_new (picture->y);
  show_chart (self, chart);
  gw_chart_unref (chart);
}

/* The task has a sketch of its own. */
static GwNodeSketch *
sketch_copy (const GwNodeSketch *sketch)
{
  GwNodeSketch *copy = g_new (GwNodeSketch, 1);

  *copy = *sketch;
  copy->document = gw_document_ref (sketch->document);
  copy->title = g_strdup (sketch->title);
  copy->fetch = g_strdup (sketch->fetch);
  copy->feed = g_strdup (sketch->feed);
  copy->key = g_strdup (sketch->key);
  return copy;
}

void
gw_inspector_picture_show (GwInspectorPicture *self,
                           GwNodeSketch       *sketch)
{
  g_autoptr (GTask) task = NULL;

  if (sketch != NULL && self->sketch != NULL && g_str_equal (sketch->key, self->sketch->key))
    {
      gw_node_sketch_free (sketch);
      return;
    }
  gw_node_sketch_free (self->sketch);
  self->sketch = sketch;
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (sketch == NULL)
    {
      gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
      return;
    }
  self->cancellable = g_cancellable_new ();
  task = g_task_new (self, self->cancellable, on_drawn, NULL);
  g_task_set_task_data (task, sketch_copy (sketch), (GDestroyNotify) gw_node_sketch_free);
  g_task_run_in_thread (task, draw);
}

static void
gw_inspector_picture_dispose (GObject *object)
{
  GwInspectorPicture *self = GW_INSPECTOR_PICTURE (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->sketch, gw_node_sketch_free);
  self->area = NULL;
  G_OBJECT_CLASS (gw_inspector_picture_parent_class)->dispose (object);
}

static void
gw_inspector_picture_class_init (GwInspectorPictureClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gw_inspector_picture_dispose;
}

static void
gw_inspector_picture_init (GwInspectorPicture *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 4);
  gtk_widget_set_margin_top (GTK_WIDGET (self), 12);
  self->title = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->title, "gw-bold");
  gtk_label_set_xalign (GTK_LABEL (self->title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->title), PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (self), self->title);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
gw_inspector_picture_new (void)
{
  return g_object_new (GW_TYPE_INSPECTOR_PICTURE, NULL);
}
