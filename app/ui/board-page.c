/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/board-private.h"

#include "app/ui/board-export.h"
#include "app/ui/board-style.h"
#include "app/ui/board-tags.h"
#include "widgets/charts/widget-style.h"

#include <math.h>

#define REFRESH_MICROSECONDS (100 * G_TIME_SPAN_MILLISECOND)
#define SLICE_MICROSECONDS (4 * G_TIME_SPAN_MILLISECOND)
#define SOON_MILLISECONDS 16

enum { PROP_0, PROP_SHOW_RUNS, PROP_SHOW_SETTINGS, N_PROPS };
static GParamSpec *props[N_PROPS];
enum { OPEN_RUN_GRAPH, TRAIN_REQUESTED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GwBoardPage, gw_board_page, GTK_TYPE_WIDGET)

GwRunLogList *
gw_board_page_get_runs (GwBoardPage *self)
{
  return self->runs;
}

static void
say (const char *message,
     gpointer    page)
{
  g_autofree char *escaped = g_markup_escape_text (message, -1);
  AdwToast *toast = adw_toast_new (escaped);

  adw_toast_set_timeout (toast, 4);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (GW_BOARD_PAGE (page)->toasts), toast);
}

static void
on_message (GwRunLogList *runs,
            const char   *message,
            gpointer      page)
{
  say (message, page);
}

/* ---- cards ---- */

static void
on_export (GwBoardCard *card,
           const char  *format,
           GwBoardPage *self)
{
  gw_board_export (card, format, say, self);
}

/* A card that stands there already, or a new one. */
static GwBoardCard *
card_for (GwBoardPage    *self,
          GPtrArray      *before,
          const GwTagRow *row)
{
  GwBoardCard *card;

  for (guint i = 0; i < before->len; i++)
    {
      card = before->pdata[i];
      if (gw_board_card_get_kind (card) == row->kind && g_str_equal (gw_board_card_get_tag (card), row->tag) &&
          (row->kind == GW_RUN_SCALAR || gw_board_card_get_runs (card)->pdata[0] == row->runs->pdata[0]))
        {
          g_ptr_array_remove_index_fast (before, i);
          return card;
        }
    }
  if (row->kind == GW_RUN_SCALAR)
    card = gw_board_scalar_card_new (row->tag, self->cursor);
  else if (row->kind == GW_RUN_HISTOGRAM)
    card = gw_board_histogram_card_new (row->tag, self->cursor);
  else
    card = gw_board_sample_card_new (row->kind, row->tag, self->cursor);
  g_signal_connect_object (card, "export", G_CALLBACK (on_export), self, 0);
  return card;
}

static void
lay_out (GwBoardPage *self)
{
  const GwBoardOptions *options = gw_board_settings_get (GW_BOARD_SETTINGS (self->settings));
  g_autoptr (GPtrArray) before = self->cards;
  g_autoptr (GwTagList) tags = gw_tag_list_new (self->shown, gtk_editable_get_text (GTK_EDITABLE (self->tag_entry)),
                                                self->tab);
  g_autofree char *hint = g_strdup_printf ("Filter %u tag%s", tags->n_tags, tags->n_tags == 1 ? "" : "s");

  self->cards = g_ptr_array_new ();
  g_object_set (self->tag_entry, "placeholder-text", hint, NULL);
  gw_board_grid_begin (GW_BOARD_GRID (self->grid));
  for (guint i = 0; i < tags->sections->len; i++)
    {
      const GwTagSection *section = tags->sections->pdata[i];

      gw_board_grid_add_section (GW_BOARD_GRID (self->grid), section->title, section->title, section->detail);
      for (guint j = 0; j < section->rows->len; j++)
        {
          const GwTagRow *row = section->rows->pdata[j];
          GwBoardCard *card = card_for (self, before, row);

          gw_board_card_set (card, options, row->runs);
          gw_board_grid_add_card (GW_BOARD_GRID (self->grid), card);
          g_ptr_array_add (self->cards, card);
        }
    }
  gw_board_grid_end (GW_BOARD_GRID (self->grid));
  self->dirty = FALSE;
}

/* Tags that hold something. */
static guint
count_tags (GwBoardPage *self)
{
  guint n = 0;

  for (guint i = 0; i < self->shown->len; i++)
    {
      const GPtrArray *data = gw_run_log_get_data (self->shown->pdata[i]);

      for (guint j = 0; j < data->len; j++)
        n += ((GwRunData *) data->pdata[j])->n_points > 0 || ((GwRunData *) data->pdata[j])->samples->len > 0;
    }
  return n;
}

/* ---- what stands in the middle ---- */

static void
show_plain (GwBoardPage *self,
            const char  *title,
            const char  *text)
{
  adw_status_page_set_title (ADW_STATUS_PAGE (self->plain), title);
  adw_status_page_set_description (ADW_STATUS_PAGE (self->plain), text);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "plain");
}

static void
show_no_match (GwBoardPage *self)
{
  const char *filter = gw_board_runs_get_filter (GW_BOARD_RUNS (self->list));
  guint n = gw_run_log_list_get_n (self->runs);
  g_autofree char *title = g_strdup_printf ("No run matches “%s”", filter);
  g_autofree char *text = g_strdup_printf ("%u run%s hidden.", n, n == 1 ? " is" : "s are");

  adw_status_page_set_title (ADW_STATUS_PAGE (self->filtered), title);
  adw_status_page_set_description (ADW_STATUS_PAGE (self->filtered), text);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "filtered");
}

static gboolean
is_reading (GwBoardPage *self)
{
  for (guint i = 0; i < self->shown->len; i++)
    if (gw_run_log_is_reading (self->shown->pdata[i]))
      return TRUE;
  return FALSE;
}

static void
show_middle (GwBoardPage *self)
{
  guint n = gw_run_log_list_get_n (self->runs);

  gtk_stack_set_visible_child_name (GTK_STACK (self->outer),
                                    n == 0 && gw_run_log_list_is_ready (self->runs) ? "empty" : "board");
  if (n > 0 && gw_board_runs_get_n_matching (GW_BOARD_RUNS (self->list)) == 0)
    show_no_match (self);
  else if (n > 0 && self->shown->len == 0)
    show_plain (self, "All runs are hidden", "Show one by the eye beside its name.");
  else if (self->cards->len > 0)
    gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "cards");
  else if (self->n_tags > 0)
    show_plain (self, "No tag matches", "The filter above leaves nothing to show.");
  else
    show_plain (self, is_reading (self) ? "Reading the event files" : "Nothing recorded yet",
                is_reading (self) ? "" : "Curves appear with the first recorded step.");
}

/* ---- bringing up to date ---- */

/* One vertical range on all cards in view. */
static void
share_range (GwBoardPage *self,
             gboolean     share)
{
  double low = INFINITY, high = -INFINITY;

  if (!share && !self->fixed_range)
    return;
  for (guint i = 0; share && i < self->cards->len; i++)
    {
      double card_low, card_high;

      if (gw_board_card_get_kind (self->cards->pdata[i]) == GW_RUN_SCALAR &&
          gw_board_scalar_card_get_range (self->cards->pdata[i], &card_low, &card_high))
        {
          low = MIN (low, card_low);
          high = MAX (high, card_high);
        }
    }
  for (guint i = 0; i < self->cards->len; i++)
    if (gw_board_card_get_kind (self->cards->pdata[i]) == GW_RUN_SCALAR)
      gw_board_scalar_card_fix_range (self->cards->pdata[i], low, high);
  self->fixed_range = share;
}

static gboolean refresh_cb (gpointer data);

static void
schedule (GwBoardPage *self,
          guint        milliseconds)
{
  if (self->tick == 0)
    self->tick = g_timeout_add_full (G_PRIORITY_HIGH_IDLE + 30, milliseconds, refresh_cb, self, NULL);
}

static gboolean
refresh_cb (gpointer data)
{
  GwBoardPage *self = data;
  gint64 deadline = g_get_monotonic_time () + SLICE_MICROSECONDS;
  guint n_tags = count_tags (self);
  gboolean more = FALSE;

  self->tick = 0;
  self->refreshed = g_get_monotonic_time ();
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return G_SOURCE_REMOVE; /* done when it is shown */
  if (self->dirty || n_tags != self->n_tags)
    {
      self->n_tags = n_tags;
      lay_out (self);
    }
  show_middle (self);
  for (guint i = 0; i < self->cards->len; i++)
    if (gtk_widget_get_mapped (self->cards->pdata[i]) &&
        gw_board_grid_is_shown (GW_BOARD_GRID (self->grid), self->cards->pdata[i]))
      more |= gw_board_card_refresh (self->cards->pdata[i], deadline);
  share_range (self, gw_board_settings_get (GW_BOARD_SETTINGS (self->settings))->same_range);
  gw_board_summary_update (GW_BOARD_SUMMARY (self->summary));
  self->cost = g_get_monotonic_time () - self->refreshed;
  if (more)
    schedule (self, SOON_MILLISECONDS);
  return G_SOURCE_REMOVE;
}

/* At most ten times a second, and less often where that would take more than an eighth of
 * the time from training. */
static void
queue_refresh (GwBoardPage *self)
{
  gint64 least = MAX (REFRESH_MICROSECONDS, 8 * self->cost);
  gint64 wait = self->refreshed + least - g_get_monotonic_time ();

  schedule (self, (guint) (CLAMP (wait, 0, least) / G_TIME_SPAN_MILLISECOND));
}

/* Something that was clicked: in the next frame. */
void
gw_board_page_refresh_soon (GwBoardPage *self)
{
  g_clear_handle_id (&self->tick, g_source_remove);
  schedule (self, 0);
}

void
gw_board_page_relayout (GwBoardPage *self)
{
  self->dirty = TRUE;
  gw_board_page_refresh_soon (self);
}

/* ---- runs ---- */

void
gw_board_page_show_selected (GwBoardPage *self)
{
  GwRunLog *log = gw_board_runs_get_selected (GW_BOARD_RUNS (self->list));

  if (log != NULL && gtk_widget_get_mapped (GTK_WIDGET (self)))
    gw_run_log_read (log);
  gw_board_summary_set (GW_BOARD_SUMMARY (self->summary), log,
                        gw_board_runs_get_next (GW_BOARD_RUNS (self->list)));
}

void
gw_board_page_runs_changed (GwBoardPage *self)
{
  g_ptr_array_unref (self->shown);
  self->shown = gw_board_runs_shown (GW_BOARD_RUNS (self->list));
  for (guint i = 0; i < self->shown->len && gtk_widget_get_mapped (GTK_WIDGET (self)); i++)
    gw_run_log_read (self->shown->pdata[i]);
  gw_board_page_show_selected (self);
  gw_board_page_relayout (self);
}

static void
on_items_changed (GwBoardPage *self,
                  guint        position,
                  guint        removed,
                  guint        added)
{
  for (guint i = position; i < position + added; i++)
    {
      GwRunLog *log = gw_run_log_list_get (self->runs, i);

      g_signal_handlers_disconnect_by_func (log, queue_refresh, self);
      g_signal_connect_object (log, "changed", G_CALLBACK (queue_refresh), self, G_CONNECT_SWAPPED);
    }
}

static void
on_document (GwBoardPage *self)
{
  g_autofree char *dir = gw_doc_model_runs_dir (self->model);

  gw_run_log_list_set_dir (self->runs, dir);
}

static void
opened (GObject      *runs,
        GAsyncResult *result,
        gpointer      data)
{
  g_autoptr (GwBoardPage) self = data;
  g_autoptr (GError) error = NULL;
  int n = gw_run_log_list_open_finish (GW_RUN_LOG_LIST (runs), result, &error);
  g_autofree char *message = NULL;

  if (n >= 0)
    message = g_strdup_printf (n > 0 ? "Opened %d run%s" : "These runs are in the list already", n, n == 1 ? "" : "s");
  say (n >= 0 ? message : error->message, self);
}

void
gw_board_page_open_folder (GwBoardPage *self,
                           GFile       *folder)
{
  gw_run_log_list_open_async (self->runs, folder, opened, g_object_ref (self));
}

static void
on_folder_chosen (GtkNativeDialog *dialog,
                  int              response,
                  GwBoardPage     *self)
{
  g_autoptr (GFile) folder = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));

  if (response == GTK_RESPONSE_ACCEPT && folder != NULL)
    gw_board_page_open_folder (self, folder);
  g_object_unref (self);
  g_object_unref (dialog);
}

static void
choose_folder (GwBoardPage *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkFileChooserNative *dialog =
    gtk_file_chooser_native_new ("Open a folder of event files", GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
                                 GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, "_Open", "_Cancel");

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect (dialog, "response", G_CALLBACK (on_folder_chosen), g_object_ref (self));
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* ---- what is done to a run ---- */

static void
on_undo (AdwToast    *toast,
         GwBoardPage *self)
{
  GwRunLog *log = g_object_get_data (G_OBJECT (toast), "log");

  g_object_set_data (G_OBJECT (toast), "undone", toast);
  gw_run_log_list_restore (self->runs, log);
}

static void
on_dismissed (AdwToast    *toast,
              GwBoardPage *self)
{
  if (g_object_get_data (G_OBJECT (toast), "undone") == NULL)
    gw_run_log_list_delete (self->runs, g_object_get_data (G_OBJECT (toast), "log"));
}

void
gw_board_page_remove_run (GwBoardPage *self,
                          GwRunLog    *log)
{
  g_autofree char *text = NULL;
  AdwToast *toast;

  if (gw_run_log_is_live (log))
    {
      say ("This run is training: stop it first", self);
      return;
    }
  text = g_markup_printf_escaped (gw_run_log_list_is_opened (self->runs, log) ? "“%s” is off the list"
                                                                              : "“%s” goes to the trash",
                                  gw_run_log_get_name (log));
  toast = adw_toast_new (text);
  adw_toast_set_button_label (toast, "Undo");
  adw_toast_set_timeout (toast, 4);
  g_object_set_data_full (G_OBJECT (toast), "log", g_object_ref (log), g_object_unref);
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (on_undo), self, 0);
  g_signal_connect_object (toast, "dismissed", G_CALLBACK (on_dismissed), self, 0);
  gw_run_log_list_remove (self->runs, log);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), toast);
}

static void
show_only (GwBoardPage *self,
           GwRunLog    *only)
{
  for (guint i = 0; i < gw_run_log_list_get_n (self->runs); i++)
    {
      GwRunLog *log = gw_run_log_list_get (self->runs, i);

      gw_run_log_set_visible (log, only == NULL || log == only);
    }
}

void
gw_board_page_rename_run (GwBoardPage *self)
{
  adw_flap_set_reveal_flap (ADW_FLAP (self->runs_flap), TRUE);
  gw_board_summary_rename (GW_BOARD_SUMMARY (self->summary));
}

static void
on_action (GSimpleAction *action,
           GVariant      *parameter,
           gpointer       page)
{
  GwBoardPage *self = page;
  GwRunLog *log = gw_board_runs_get_selected (GW_BOARD_RUNS (self->list));
  const char *name = g_action_get_name (G_ACTION (action));
  g_autofree char *uri = NULL;

  if (g_str_equal (name, "open"))
    choose_folder (self);
  else if (g_str_equal (name, "train"))
    g_signal_emit (self, signals[TRAIN_REQUESTED], 0);
  else if (g_str_equal (name, "show-all"))
    show_only (self, NULL);
  else if (log == NULL)
    return;
  else if (g_str_equal (name, "rename"))
    gw_board_page_rename_run (self);
  else if (g_str_equal (name, "show-only"))
    show_only (self, log);
  else if (g_str_equal (name, "copy-path"))
    gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), gw_run_log_get_info (log)->path);
  else if (g_str_equal (name, "browse") && (uri = g_filename_to_uri (gw_run_log_get_info (log)->path, NULL, NULL)))
    gtk_show_uri (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), uri, GDK_CURRENT_TIME);
  else if (g_str_equal (name, "remove"))
    gw_board_page_remove_run (self, log);
}

static void
on_export_all (GSimpleAction *action,
               GVariant      *format,
               gpointer       page)
{
  GwBoardPage *self = page;
  g_autoptr (GPtrArray) cards = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < self->cards->len; i++)
    g_ptr_array_add (cards, g_object_ref (self->cards->pdata[i]));
  gw_board_export_all (GTK_WIDGET (self), cards, g_variant_get_string (format, NULL), say, self);
}

static gboolean
export_focused (GtkWidget *widget,
                GVariant  *args,
                gpointer   unused)
{
  GwBoardPage *self = GW_BOARD_PAGE (widget);
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (widget));
  GtkWidget *card = focus != NULL ? gtk_widget_get_ancestor (focus, GW_TYPE_BOARD_CARD) : NULL;

  if (card == NULL)
    return FALSE;
  gw_board_export (GW_BOARD_CARD (card), gw_board_card_get_kind (GW_BOARD_CARD (card)) == GW_RUN_IMAGE ? "png" : "svg",
                   say, self);
  return TRUE;
}

void
gw_board_page_show_menu (GwBoardPage *self,
                         GwRunLog    *log,
                         GtkWidget   *row,
                         double       x,
                         double       y)
{
  double page_x, page_y;

  gtk_widget_translate_coordinates (row, GTK_WIDGET (self), x, y, &page_x, &page_y);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->context), &(GdkRectangle) { (int) page_x, (int) page_y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->context));
}

static void
on_open_graph (GwBoardPage *self,
               const char  *path)
{
  g_signal_emit (self, signals[OPEN_RUN_GRAPH], 0, path);
}

static void
on_flap (GwBoardPage *self,
         GParamSpec  *pspec,
         GtkWidget   *widget)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[widget == self->runs_flap ? PROP_SHOW_RUNS : PROP_SHOW_SETTINGS]);
}

/* ---- object ---- */

static void
gw_board_page_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (gw_board_page_parent_class)->map (widget);
  gw_board_page_runs_changed (GW_BOARD_PAGE (widget));
}

static void
gw_board_page_size_allocate (GtkWidget *widget,
                             int        width,
                             int        height,
                             int        baseline)
{
  GwBoardPage *self = GW_BOARD_PAGE (widget);

  gtk_widget_size_allocate (self->toasts, &(GdkRectangle) { 0, 0, width, height }, baseline);
  gtk_popover_present (GTK_POPOVER (self->context));
}

static void
gw_board_page_measure (GtkWidget      *widget,
                       GtkOrientation  orientation,
                       int             for_size,
                       int            *minimum,
                       int            *natural,
                       int            *minimum_baseline,
                       int            *natural_baseline)
{
  gtk_widget_measure (GW_BOARD_PAGE (widget)->toasts, orientation, for_size, minimum, natural, NULL, NULL);
}

static void
gw_board_page_get_property (GObject    *object,
                            guint       id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  GwBoardPage *self = GW_BOARD_PAGE (object);
  GtkWidget *which = id == PROP_SHOW_RUNS ? self->runs_flap : self->settings_flap;

  g_value_set_boolean (value, which != NULL && adw_flap_get_reveal_flap (ADW_FLAP (which)));
}

static void
gw_board_page_set_property (GObject      *object,
                            guint         id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  GwBoardPage *self = GW_BOARD_PAGE (object);
  GtkWidget *which = id == PROP_SHOW_RUNS ? self->runs_flap : self->settings_flap;

  if (which != NULL)
    adw_flap_set_reveal_flap (ADW_FLAP (which), g_value_get_boolean (value));
}

static void
gw_board_page_dispose (GObject *object)
{
  GwBoardPage *self = GW_BOARD_PAGE (object);

  g_clear_handle_id (&self->tick, g_source_remove);
  g_clear_pointer (&self->context, gtk_widget_unparent);
  g_clear_pointer (&self->toasts, gtk_widget_unparent);
  self->runs_flap = self->settings_flap = NULL;
  g_clear_object (&self->runs);
  g_clear_object (&self->model);
  g_clear_object (&self->actions);
  G_OBJECT_CLASS (gw_board_page_parent_class)->dispose (object);
}

static void
gw_board_page_finalize (GObject *object)
{
  GwBoardPage *self = GW_BOARD_PAGE (object);

  g_ptr_array_unref (self->shown);
  g_ptr_array_unref (self->cards);
  g_object_unref (self->cursor);
  G_OBJECT_CLASS (gw_board_page_parent_class)->finalize (object);
}

static void
gw_board_page_class_init (GwBoardPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->dispose = gw_board_page_dispose;
  object_class->finalize = gw_board_page_finalize;
  object_class->get_property = gw_board_page_get_property;
  object_class->set_property = gw_board_page_set_property;
  widget_class->map = gw_board_page_map;
  widget_class->measure = gw_board_page_measure;
  widget_class->size_allocate = gw_board_page_size_allocate;
  props[PROP_SHOW_RUNS] = g_param_spec_boolean ("show-runs", NULL, NULL, TRUE, flags);
  props[PROP_SHOW_SETTINGS] = g_param_spec_boolean ("show-settings", NULL, NULL, TRUE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
  signals[OPEN_RUN_GRAPH] = g_signal_new ("open-run-graph", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[TRAIN_REQUESTED] = g_signal_new ("train-requested", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                           NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "gwboard");
  gtk_widget_class_add_binding (widget_class, GDK_KEY_e, GDK_CONTROL_MASK, export_focused, NULL);
}

static void
gw_board_page_init (GwBoardPage *self)
{
  static const GActionEntry entries[] = {
    { .name = "open", .activate = on_action }, { .name = "train", .activate = on_action },
    { .name = "show-all", .activate = on_action },
    { .name = "rename", .activate = on_action }, { .name = "show-only", .activate = on_action },
    { .name = "copy-path", .activate = on_action }, { .name = "browse", .activate = on_action },
    { .name = "remove", .activate = on_action },
    { .name = "export-all", .activate = on_export_all, .parameter_type = "s" },
  };

  gw_widget_style_ensure ();
  gw_board_style_ensure ();
  gtk_widget_add_css_class (GTK_WIDGET (self), "gw-board");
  self->tab = -1;
  self->dirty = TRUE;
  self->shown = g_ptr_array_new_with_free_func (g_object_unref);
  self->cards = g_ptr_array_new ();
  self->cursor = gw_chart_cursor_new ();
  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "board", G_ACTION_GROUP (self->actions));
}

GtkWidget *
gw_board_page_new (GwDocModel *model,
                   GwRun      *run)
{
  GwBoardPage *self = g_object_new (GW_TYPE_BOARD_PAGE, NULL);

  self->model = g_object_ref (model);
  self->runs = gw_run_log_list_new ();
  gw_board_page_build (self);
  g_signal_connect_object (self->summary, "open-graph", G_CALLBACK (on_open_graph), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->settings_flap, "notify::reveal-flap", G_CALLBACK (on_flap), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->runs_flap, "notify::reveal-flap", G_CALLBACK (on_flap), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->runs, "items-changed", G_CALLBACK (on_items_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->runs, "scanned", G_CALLBACK (gw_board_page_refresh_soon), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->runs, "message", G_CALLBACK (on_message), self, 0);
  g_signal_connect_object (model, "reset", G_CALLBACK (on_document), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "history-changed", G_CALLBACK (on_document), self, G_CONNECT_SWAPPED);
  gw_run_log_list_set_run (self->runs, run);
  on_document (self);
  return GTK_WIDGET (self);
}
