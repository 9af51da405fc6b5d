/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/run-panel.h"

#include "app/ui/actions.h"
#include "app/ui/device-text.h"
#include "widgets/forms/set-text.h"
#include "widgets/charts/small-widgets.h"
#include "widgets/paint/number-text.h"

#include <math.h>

#define SPARK_POINTS 240

struct _GwRunPanel {
  GtkWidget   parent_instance;

  GwDocModel *model;
  GwRun      *run;

  GtkWidget *box, *play, *menu, *stop, *step_button, *evaluate;
  GtkWidget *data_box, *data, *device_box, *device;
  GtkWidget *progress_box, *step, *total, *epoch, *rate, *state, *progress;
  GtkWidget *loss_box, *loss, *spark_separator, *spark, *metric_separator, *metric_box, *metric_title, *metric, *metric_step;
  guint      n_spark;
  guint      refresh;
};

G_DEFINE_FINAL_TYPE (GwRunPanel, gw_run_panel, GTK_TYPE_WIDGET)

/* ---- showing ---- */

/* Three digits that stay three: "0.300", so that nothing jumps while it changes. */
static char *
steady_number (double value)
{
  char number[GW_NUMBER_TEXT_SIZE];
  double size = fabs (value);

  if (size >= 0.001 && size < 99.95)
    {
      int decimals = size < 0.01 ? 5 : size < 0.1 ? 4 : size < 1 ? 3 : size < 10 ? 2 : 1;

      return g_strdup_printf ("%s%.*f", value < 0 ? "−" : "", decimals, size);
    }
  return g_strdup (gw_number_text_digits (number, value, 3));
}

static void
set_state_class (GtkWidget  *label,
                 const char *css)
{
  static const char *const all[] = { "gw-good", "gw-warning", "gw-problem" };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    gw_set_class (label, all[i], g_strcmp0 (css, all[i]) == 0);
}

static void
show_buttons (GwRunPanel *self,
              GwRunState  state)
{
  gboolean running = state == GW_RUN_RUNNING || state == GW_RUN_PREPARING;

  const char *icon = running ? "media-playback-pause-symbolic" : "media-playback-start-symbolic";

  if (g_strcmp0 (gtk_button_get_icon_name (GTK_BUTTON (self->play)), icon) != 0)
    gtk_button_set_icon_name (GTK_BUTTON (self->play), icon);
  gw_set_tooltip (self->play, running                  ? "Pause (F5)"
                              : state == GW_RUN_PAUSED ? "Go on (F5)"
                                                       : "Train with fresh variables (F5)");
  gw_set_tooltip (self->stop, gw_run_is_active (self->run) ? "Stop and save a checkpoint (Shift+F5)" : "Nothing runs");
  gw_set_tooltip (self->step_button, running ? "Pause first, then make single steps" : "One training step (F10)");
}

static void
show_state (GwRunPanel       *self,
            GwRunState        state,
            const GwProgress *progress)
{
  char number[GW_NUMBER_TEXT_SIZE];
  const GError *error = gw_run_get_error (self->run);
  const char *css = NULL;
  g_autofree char *text = NULL;

  switch (state)
    {
    case GW_RUN_IDLE:
    case GW_RUN_READY:
      text = g_strdup ("Ready");
      break;
    case GW_RUN_PREPARING:
      text = g_strdup ("Preparing…");
      break;
    case GW_RUN_RUNNING:
      text = isfinite (progress->seconds_left)
               ? g_strdup_printf ("ETA %s", gw_number_text_duration (number, progress->seconds_left))
               : g_strdup ("Running");
      break;
    case GW_RUN_PAUSED:
      text = g_strdup (error != NULL ? "Paused: the loss is not finite" : "Paused");
      css = "gw-warning";
      break;
    case GW_RUN_DONE:
      text = g_strdup_printf ("Done in %s", gw_number_text_duration (number, progress->seconds));
      css = "gw-good";
      break;
    case GW_RUN_STOPPED:
      text = g_strdup ("Stopped");
      break;
    case GW_RUN_FAILED:
      text = g_strdup ("Failed");
      css = "gw-problem";
      break;
    }
  gw_set_text (self->state, text);
  set_state_class (self->state, css);
  gw_set_tooltip (self->state, error != NULL ? error->message : NULL);
}

static int64_t
setting_int (GwDocModel *model,
             const char *name)
{
  GwAttrValue value;

  return gw_training_setting (gw_document_settings (gw_doc_model_get_document (model)), name, &value) ? value.i : 0;
}

static void
show_progress (GwRunPanel       *self,
               GwRunState        state,
               const GwProgress *progress)
{
  static const GwProgressState states[] = {
    [GW_RUN_IDLE] = GW_PROGRESS_IDLE, [GW_RUN_PREPARING] = GW_PROGRESS_IDLE, [GW_RUN_READY] = GW_PROGRESS_IDLE,
    [GW_RUN_RUNNING] = GW_PROGRESS_RUNNING, [GW_RUN_PAUSED] = GW_PROGRESS_PAUSED, [GW_RUN_DONE] = GW_PROGRESS_DONE,
    [GW_RUN_FAILED] = GW_PROGRESS_FAILED, [GW_RUN_STOPPED] = GW_PROGRESS_PAUSED,
  };
  char number[GW_NUMBER_TEXT_SIZE];
  g_autofree char *total = NULL, *rate = NULL, *epoch = NULL;
  const GArray *checkpoints = gw_run_get_checkpoints (self->run);
  g_autofree double *ticks = g_new (double, checkpoints->len + 1);
  double share = progress->total_steps > 0 ? (double) progress->step / (double) progress->total_steps : 0;
  int64_t epochs = setting_int (self->model, "epochs");

  gw_set_text (self->step, gw_number_text_count (number, progress->step));
  if (progress->total_steps > 0)
    total = g_strdup_printf ("/ %s", gw_number_text_count (number, progress->total_steps));
  gw_set_text (self->total, total != NULL ? total : "");
  if (progress->epoch > 0 && setting_int (self->model, "steps") == 0)
    epoch = g_strdup_printf ("Epoch %d of %d", (int) MIN (floor (progress->epoch) + 1, (double) epochs), (int) epochs);
  gw_set_text (self->epoch, epoch != NULL ? epoch : "");
  if (progress->steps_per_second > 0)
    rate = g_strdup_printf ("%s steps/s", gw_number_text_digits (number, progress->steps_per_second, 3));
  gw_set_text (self->rate, rate != NULL ? rate : "");
  for (guint i = 0; i < checkpoints->len && progress->total_steps > 0; i++)
    ticks[i] = (double) g_array_index (checkpoints, int64_t, i) / (double) progress->total_steps;
  gw_run_progress_set_ticks (GW_RUN_PROGRESS (self->progress), ticks, progress->total_steps > 0 ? checkpoints->len : 0);
  gw_run_progress_set (GW_RUN_PROGRESS (self->progress), CLAMP (share, 0, 1), states[state]);
}

static void
show_loss (GwRunPanel *self)
{
  const GPtrArray *curves = gw_run_get_curves (self->run);
  const GwRunCurve *loss = curves->len > 0 ? g_ptr_array_index (curves, 0) : NULL;
  g_autofree char *text = NULL;

  gtk_widget_set_visible (self->loss_box, loss != NULL && loss->points->len > 0);
  if (loss == NULL || loss->points->len == 0)
    return;
  if (loss->points->len < self->n_spark)
    {
      gw_sparkline_clear (GW_SPARKLINE (self->spark));
      self->n_spark = 0;
    }
  if (loss->points->len - self->n_spark > SPARK_POINTS)
    self->n_spark = loss->points->len - SPARK_POINTS;
  for (; self->n_spark < loss->points->len; self->n_spark++)
    gw_sparkline_append (GW_SPARKLINE (self->spark), g_array_index (loss->points, GwRunPoint, self->n_spark).value);
  text = steady_number (g_array_index (loss->points, GwRunPoint, loss->points->len - 1).value);
  gw_set_text (self->loss, text);
}

static void
show_metric (GwRunPanel *self)
{
  const GwEvaluation *evaluation = gw_run_get_evaluation (self->run);
  g_autofree char *title = NULL, *step = NULL, *text = NULL, *figure = NULL;
  char number[GW_NUMBER_TEXT_SIZE];
  const GwMetricResult *metric;

  gtk_widget_set_visible (self->metric_box, evaluation != NULL && evaluation->n_metrics > 0);
  gtk_widget_set_visible (self->metric_separator, gtk_widget_get_visible (self->metric_box));
  if (evaluation == NULL || evaluation->n_metrics == 0)
    return;
  metric = &evaluation->metrics[0];
  title = g_strdup_printf ("Test %s", metric->name);
  figure = steady_number (metric->value >= 0 && metric->value <= 1 ? metric->value * 100 : metric->value);
  text = g_strdup_printf (metric->value >= 0 && metric->value <= 1 ? "%s %%" : "%s", figure);
  step = g_strdup_printf ("step %s", gw_number_text_count (number, evaluation->step));
  gw_set_text (self->metric_title, title);
  gw_set_text (self->metric, text);
  gw_set_text (self->metric_step, step);
}

static gboolean
refresh_cb (gpointer data)
{
  GwRunPanel *self = data;
  GwRunState state = gw_run_get_state (self->run);
  const GwProgress *progress = gw_run_get_progress (self->run);

  self->refresh = 0;
  show_buttons (self, state);
  show_state (self, state, progress);
  show_progress (self, state, progress);
  show_loss (self);
  show_metric (self);
  return G_SOURCE_REMOVE;
}

/* Several things that are told together are shown in one go. */
static void
queue_refresh (GwRunPanel *self)
{
  if (self->refresh == 0)
    self->refresh = g_timeout_add (16, refresh_cb, self);
}

static void
show_data (GwRunPanel *self)
{
  const GwPipelineDef *pipeline = gw_document_settings (gw_doc_model_get_document (self->model))->pipeline;
  g_autofree char *text = NULL;

  if (pipeline != NULL)
    text = g_strdup_printf ("%s, batch %" G_GINT64_FORMAT, pipeline->source->title,
                            (gint64) pipeline->attrs[GW_PIPELINE_BATCH_SIZE].i);
  gtk_button_set_label (GTK_BUTTON (self->data), text != NULL ? text : "No data");
}

/* ---- making it ---- */

static GtkWidget *
new_label (const char *text,
           const char *css)
{
  GtkWidget *label = gtk_label_new (text);

  if (css != NULL)
    gtk_widget_add_css_class (label, css);
  gtk_widget_add_css_class (label, "gw-number");
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  return label;
}

static GtkWidget *
icon_button (const char *icon,
             const char *action)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  return button;
}

static GtkWidget *
captioned (const char *caption,
           GtkWidget  *child)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_box_append (GTK_BOX (box), new_label (caption, "gw-caption"));
  gtk_box_append (GTK_BOX (box), child);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  return box;
}

static void
make_buttons (GwRunPanel *self)
{
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autoptr (GMenuItem) fresh = gw_action_menu_item ("Train with Fresh Variables", "win.train");
  g_autoptr (GMenuItem) present = gw_action_menu_item ("Continue from Present Values", "win.continue");

  self->play = icon_button ("media-playback-start-symbolic", "win.play");
  gtk_widget_add_css_class (self->play, "gw-play");
  gtk_widget_add_css_class (self->play, "suggested-action");
  gtk_widget_add_css_class (self->play, "circular");
  self->menu = gtk_menu_button_new ();
  gtk_menu_button_set_direction (GTK_MENU_BUTTON (self->menu), GTK_ARROW_UP);
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->menu), G_MENU_MODEL (menu));
  gtk_widget_set_tooltip_text (self->menu, "How to begin");
  gtk_widget_set_valign (self->menu, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (self->menu, "flat");
  gtk_widget_add_css_class (self->menu, "gw-more");
  g_menu_append_item (menu, fresh);
  g_menu_append_item (menu, present);
  self->stop = icon_button ("media-playback-stop-symbolic", "win.stop");
  self->step_button = icon_button ("step-forward-symbolic", "win.step");
  self->evaluate = gtk_button_new ();
  gtk_box_append (GTK_BOX (content), gtk_image_new_from_icon_name ("object-select-symbolic"));
  gtk_box_append (GTK_BOX (content), gtk_label_new ("Evaluate"));
  gtk_button_set_child (GTK_BUTTON (self->evaluate), content);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->evaluate), "win.evaluate");
  gtk_widget_set_tooltip_text (self->evaluate, "Evaluate the test set (Ctrl+F5)");
  gtk_widget_set_valign (self->evaluate, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (self->box), self->play);
  gtk_box_append (GTK_BOX (self->box), self->menu);
  gtk_box_append (GTK_BOX (self->box), self->stop);
  gtk_box_append (GTK_BOX (self->box), self->step_button);
  gtk_box_append (GTK_BOX (self->box), self->evaluate);
}

static void
make_choices (GwRunPanel *self)
{
  self->data = gtk_button_new_with_label ("No data");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->data), "win.show-data");
  gtk_widget_set_tooltip_text (self->data, "Data set and batches");
  gtk_label_set_ellipsize (GTK_LABEL (gtk_button_get_child (GTK_BUTTON (self->data))), PANGO_ELLIPSIZE_END);
  gtk_label_set_width_chars (GTK_LABEL (gtk_button_get_child (GTK_BUTTON (self->data))), 13);
  self->device = gw_device_button_new ();
  self->data_box = captioned ("Data set", self->data);
  self->device_box = captioned ("Device", self->device);
  gtk_box_append (GTK_BOX (self->box), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  gtk_box_append (GTK_BOX (self->box), self->data_box);
  gtk_box_append (GTK_BOX (self->box), self->device_box);
}

static void
make_progress (GwRunPanel *self)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *space = gtk_label_new (NULL);

  self->progress_box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  self->step = new_label ("0", "gw-title");
  self->total = new_label ("", "gw-caption");
  self->epoch = new_label ("", "gw-caption");
  self->rate = new_label ("", "gw-caption");
  self->state = new_label ("Ready", "gw-bold");
  self->progress = gw_run_progress_new ();
  gtk_label_set_ellipsize (GTK_LABEL (self->state), PANGO_ELLIPSIZE_END);
  gtk_label_set_width_chars (GTK_LABEL (self->state), 11);
  gtk_label_set_xalign (GTK_LABEL (self->state), 1);
  gtk_widget_set_margin_start (self->epoch, 16);
  gtk_widget_set_hexpand (space, TRUE);
  gtk_box_append (GTK_BOX (line), new_label ("Step", "gw-caption"));
  gtk_box_append (GTK_BOX (line), self->step);
  gtk_box_append (GTK_BOX (line), self->total);
  gtk_box_append (GTK_BOX (line), self->epoch);
  gtk_box_append (GTK_BOX (line), space);
  gtk_box_append (GTK_BOX (line), self->rate);
  gtk_box_append (GTK_BOX (line), self->state);
  gtk_widget_set_size_request (self->progress, 120, 6);
  gtk_widget_set_hexpand (self->progress_box, TRUE);
  gtk_widget_set_valign (self->progress_box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (self->progress_box), line);
  gtk_box_append (GTK_BOX (self->progress_box), self->progress);
  gtk_box_append (GTK_BOX (self->box), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  gtk_box_append (GTK_BOX (self->box), self->progress_box);
}

static void
make_figures (GwRunPanel *self)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *metric = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->loss = new_label ("", "gw-title");
  self->spark = gw_sparkline_new ();
  gtk_widget_set_size_request (self->spark, 140, 34);
  gtk_widget_set_valign (self->spark, GTK_ALIGN_CENTER);
  self->loss_box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  gtk_box_append (GTK_BOX (self->loss_box), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  gtk_box_append (GTK_BOX (self->loss_box), captioned ("Loss", self->loss));
  gtk_box_append (GTK_BOX (self->loss_box), self->spark);
  self->metric_title = new_label ("", "gw-caption");
  self->metric = new_label ("", "gw-title");
  self->metric_step = new_label ("", "gw-caption");
  gtk_box_append (GTK_BOX (line), self->metric);
  gtk_box_append (GTK_BOX (line), self->metric_step);
  gtk_box_append (GTK_BOX (metric), self->metric_title);
  gtk_box_append (GTK_BOX (metric), line);
  gtk_widget_set_valign (metric, GTK_ALIGN_CENTER);
  self->metric_box = metric;
  self->metric_separator = gtk_separator_new (GTK_ORIENTATION_VERTICAL);
  gtk_box_append (GTK_BOX (self->box), self->loss_box);
  gtk_box_append (GTK_BOX (self->box), self->metric_separator);
  gtk_box_append (GTK_BOX (self->box), self->metric_box);
  gtk_widget_set_size_request (self->loss, 52, -1);
}

void
gw_run_panel_set_width (GwRunPanel *self,
                        int         width)
{
  gtk_widget_set_visible (self->data_box, width >= 900);
  gtk_widget_set_visible (self->epoch, width >= 1360);
  gtk_widget_set_size_request (self->spark, width >= 1360 ? 140 : 88, 34);
  gtk_widget_set_visible (self->spark, width >= 820);
  gtk_widget_set_visible (self->device_box, width >= 760);
  gtk_widget_set_visible (self->rate, width >= 1000);
}

static void
gw_run_panel_dispose (GObject *object)
{
  GwRunPanel *self = GW_RUN_PANEL (object);

  g_clear_handle_id (&self->refresh, g_source_remove);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->model);
  g_clear_object (&self->run);
  G_OBJECT_CLASS (gw_run_panel_parent_class)->dispose (object);
}

static void
gw_run_panel_class_init (GwRunPanelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gw_run_panel_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
gw_run_panel_init (GwRunPanel *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  gtk_widget_add_css_class (self->box, "gw-run-bar");
  make_buttons (self);
  make_choices (self);
  make_progress (self);
  make_figures (self);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}

GtkWidget *
gw_run_panel_new (GwDocModel *model,
                  GwRun      *run)
{
  GwRunPanel *self = g_object_new (GW_TYPE_RUN_PANEL, NULL);

  self->model = g_object_ref (model);
  self->run = g_object_ref (run);
  g_signal_connect_object (run, "changed", G_CALLBACK (queue_refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "points", G_CALLBACK (queue_refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "evaluation", G_CALLBACK (queue_refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "items-changed", G_CALLBACK (show_data), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "reset", G_CALLBACK (show_data), self, G_CONNECT_SWAPPED);
  show_data (self);
  refresh_cb (self);
  return GTK_WIDGET (self);
}
