/* SPDX-License-Identifier: Apache-2.0 */
/* The card round a chart. */
#include "widgets/charts/chart-card.h"

#include "widgets/charts/chart-view.h"
#include "widgets/charts/tensor-views.h"
#include "widgets/charts/widget-style.h"

struct _GwChartCard
{
  GtkWidget parent_instance;

  GtkWidget *title, *tag;
  GtkWidget *log_y, *fit, *pin, *expand, *export;
  GtkWidget *child, *controls;
  GtkWidget *foot, *footer, *footer_end;
  GBinding *log_binding;
  GBinding *fit_binding;
};

enum
{
  PROP_0,
  PROP_TITLE,
  PROP_TAG,
  PROP_FOOTER,
  PROP_FOOTER_END,
  PROP_EXPANDED,
  PROP_PINNED,
  N_PROPS
};

static GParamSpec *props[N_PROPS];
static guint export_signal;

G_DEFINE_FINAL_TYPE (GwChartCard, gw_chart_card, GTK_TYPE_WIDGET)

static void
set_label (GtkWidget *label, const char *text)
{
  gtk_label_set_text (GTK_LABEL (label), text != NULL ? text : "");
  gtk_widget_set_visible (label, text != NULL && *text != '\0');
}

void
gw_chart_card_set_title (GwChartCard *self, const char *title)
{
  g_return_if_fail (GW_IS_CHART_CARD (self));

  set_label (self->title, title);
  gtk_widget_set_tooltip_text (self->title, title);
  if (self->child != NULL && title != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->child), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    title, -1);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TITLE]);
}

void
gw_chart_card_set_tag (GwChartCard *self, const char *tag)
{
  g_return_if_fail (GW_IS_CHART_CARD (self));
  set_label (self->tag, tag);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TAG]);
}

void
gw_chart_card_set_footer (GwChartCard *self, const char *footer, const char *footer_end)
{
  g_return_if_fail (GW_IS_CHART_CARD (self));

  set_label (self->footer, footer);
  set_label (self->footer_end, footer_end);
  gtk_widget_set_tooltip_text (self->footer, footer);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_FOOTER]);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_FOOTER_END]);
}

/* --- tools --- */

static void
fit_clicked (GwChartCard *self)
{
  if (GW_IS_CHART_VIEW (self->child))
    gw_chart_view_fit (GW_CHART_VIEW (self->child));
}

static void
toggle_changed (GwChartCard *self, GParamSpec *pspec, GtkWidget *toggle)
{
  if (toggle == self->expand)
    {
      gboolean expanded = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (toggle));

      gtk_button_set_icon_name (GTK_BUTTON (toggle), expanded ? "view-restore-symbolic"
                                                              : "view-fullscreen-symbolic");
      gtk_widget_set_tooltip_text (toggle, expanded ? "Normal width" : "Full width");
    }
  g_object_notify_by_pspec (G_OBJECT (self),
                            props[toggle == self->expand ? PROP_EXPANDED : PROP_PINNED]);
}

static void
export_activated (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_signal_emit (widget, export_signal, 0, g_variant_get_string (parameter, NULL));
}

static GMenuModel *
export_menu (gboolean with_points)
{
  GMenu *menu = g_menu_new ();
  GMenu *pictures = g_menu_new ();
  GMenu *points = g_menu_new ();

  g_menu_append (pictures, "PNG picture, twice the size", "card.export::png");
  g_menu_append (pictures, "SVG drawing", "card.export::svg");
  g_menu_append (pictures, "PDF page", "card.export::pdf");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (pictures));
  if (with_points)
    {
      g_menu_append (points, "pgfplots for LaTeX", "card.export::pgfplots");
      g_menu_append (points, "CSV, all points", "card.export::csv");
      g_menu_append_section (menu, NULL, G_MENU_MODEL (points));
    }
  g_object_unref (pictures);
  g_object_unref (points);
  return G_MENU_MODEL (menu);
}

static void
follow_chart (GwChartCard *self)
{
  GwChartArea *area = GW_CHART_AREA (self->child);

  if (GW_IS_CHART_VIEW (area))
    {
      GwLineChart *line = gw_chart_area_get_chart (area);
      int scale = gtk_widget_get_scale_factor (self->child);
      GwRect plot;
      GwAxis x_axis;
      GwAxis y_axis;

      gw_line_chart_layout (line, gw_chart_area_measure (area),
                            gtk_widget_get_width (self->child),
                            gtk_widget_get_height (self->child), &plot, &x_axis, &y_axis);
      gw_chart_card_set_footer (self, gw_line_chart_footer (line, plot.width * scale),
                                gw_line_chart_x_title (line));
    }
  else if (GW_IS_HISTOGRAM_VIEW (area))
    {
      GwHistogramChart *histogram = gw_chart_area_get_chart (area);
      gboolean by_value = gw_histogram_chart_get_mode (histogram) == GW_HISTOGRAM_OVERLAY;

      gw_chart_card_set_footer (self, gw_histogram_chart_footer (histogram),
                                by_value ? "value" : "step");
    }
}

static void
drop_bindings (GwChartCard *self)
{
  g_clear_pointer (&self->log_binding, g_binding_unbind);
  g_clear_pointer (&self->fit_binding, g_binding_unbind);
}

void
gw_chart_card_set_child (GwChartCard *self, GtkWidget *child)
{
  g_return_if_fail (GW_IS_CHART_CARD (self));
  g_return_if_fail (child == NULL || GTK_IS_WIDGET (child));

  if (self->child == child)
    return;
  drop_bindings (self);
  if (GW_IS_CHART_AREA (self->child))
    g_signal_handlers_disconnect_by_func (self->child, follow_chart, self);
  g_clear_pointer (&self->child, gtk_widget_unparent);
  self->child = child;
  if (child == NULL)
    return;

  gboolean lines = GW_IS_CHART_VIEW (child);

  gtk_widget_insert_before (child, GTK_WIDGET (self),
                            self->controls != NULL ? self->controls : self->foot);
  gtk_widget_set_vexpand (child, TRUE);
  gtk_widget_set_hexpand (child, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  gtk_label_get_text (GTK_LABEL (self->title)), -1);
  if (self->export != NULL)
    {
      g_autoptr (GMenuModel) menu = export_menu (lines);

      gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->export), menu);
    }
  if (lines && self->log_y != NULL)
    self->log_binding
        = g_object_bind_property (child, "log-y", self->log_y, "active",
                                  G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  if (lines && self->fit != NULL)
    self->fit_binding = g_object_bind_property (child, "zoomed", self->fit, "sensitive",
                                                G_BINDING_SYNC_CREATE);
  if (GW_IS_CHART_AREA (child))
    {
      g_signal_connect_object (child, "changed", G_CALLBACK (follow_chart), self, G_CONNECT_SWAPPED);
      follow_chart (self);
    }
}

GtkWidget *
gw_chart_card_get_child (GwChartCard *self)
{
  g_return_val_if_fail (GW_IS_CHART_CARD (self), NULL);
  return self->child;
}

void
gw_chart_card_set_controls (GwChartCard *self, GtkWidget *controls)
{
  g_return_if_fail (GW_IS_CHART_CARD (self));

  if (self->controls == controls)
    return;
  g_clear_pointer (&self->controls, gtk_widget_unparent);
  self->controls = controls;
  if (controls != NULL)
    gtk_widget_insert_before (controls, GTK_WIDGET (self), self->foot);
}

gboolean
gw_chart_card_get_expanded (GwChartCard *self)
{
  g_return_val_if_fail (GW_IS_CHART_CARD (self), FALSE);
  return self->expand != NULL && gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->expand));
}

static gboolean
get_pinned (GwChartCard *self)
{
  return self->pin != NULL && gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->pin));
}

/* --- object --- */

static void
gw_chart_card_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GwChartCard *self = GW_CHART_CARD (object);
  GtkWidget *labels[N_PROPS] = {
    [PROP_TITLE] = self->title,
    [PROP_TAG] = self->tag,
    [PROP_FOOTER] = self->footer,
    [PROP_FOOTER_END] = self->footer_end,
  };

  if (id == PROP_EXPANDED)
    g_value_set_boolean (value, gw_chart_card_get_expanded (self));
  else if (id == PROP_PINNED)
    g_value_set_boolean (value, get_pinned (self));
  else if (id < N_PROPS && labels[id] != NULL)
    g_value_set_string (value, gtk_label_get_text (GTK_LABEL (labels[id])));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gw_chart_card_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GwChartCard *self = GW_CHART_CARD (object);

  switch (id)
    {
    case PROP_TITLE:
      gw_chart_card_set_title (self, g_value_get_string (value));
      break;
    case PROP_TAG:
      gw_chart_card_set_tag (self, g_value_get_string (value));
      break;
    case PROP_FOOTER:
      gw_chart_card_set_footer (self, g_value_get_string (value),
                                gtk_label_get_text (GTK_LABEL (self->footer_end)));
      break;
    case PROP_FOOTER_END:
      gw_chart_card_set_footer (self, gtk_label_get_text (GTK_LABEL (self->footer)),
                                g_value_get_string (value));
      break;
    case PROP_EXPANDED:
      if (self->expand != NULL)
        gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->expand),
                                      g_value_get_boolean (value));
      break;
    case PROP_PINNED:
      if (self->pin != NULL)
        gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->pin), g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
gw_chart_card_dispose (GObject *object)
{
  GwChartCard *self = GW_CHART_CARD (object);
  GtkWidget *child;

  gw_chart_card_set_child (self, NULL);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  self->child = self->controls = NULL;
  self->log_y = self->fit = self->pin = self->expand = self->export = NULL;
  G_OBJECT_CLASS (gw_chart_card_parent_class)->dispose (object);
}

static void
gw_chart_card_class_init (GwChartCardClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->dispose = gw_chart_card_dispose;
  object_class->get_property = gw_chart_card_get_property;
  object_class->set_property = gw_chart_card_set_property;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "gwchartcard");
  gtk_widget_class_install_action (widget_class, "card.export", "s", export_activated);

  props[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  props[PROP_TAG] = g_param_spec_string ("tag", NULL, NULL, NULL, flags);
  props[PROP_FOOTER] = g_param_spec_string ("footer", NULL, NULL, NULL, flags);
  props[PROP_FOOTER_END] = g_param_spec_string ("footer-end", NULL, NULL, NULL, flags);
  props[PROP_EXPANDED] = g_param_spec_boolean ("expanded", NULL, NULL, FALSE, flags);
  props[PROP_PINNED] = g_param_spec_boolean ("pinned", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
  export_signal = g_signal_new ("export", GW_TYPE_CHART_CARD, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static GtkWidget *
add_label (GtkWidget *box, const char *style, gboolean dim)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  if (dim)
    gtk_widget_add_css_class (label, "dim-label");
  gtk_widget_set_visible (label, FALSE);
  gtk_box_append (GTK_BOX (box), label);
  return label;
}

static void
gw_chart_card_init (GwChartCard *self)
{
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gw_widget_style_ensure ();
  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_widget_add_css_class (GTK_WIDGET (self), "gw-card");
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_widget_add_css_class (foot, "gw-card-foot");
  self->foot = foot;
  self->footer = add_label (foot, NULL, TRUE);
  gtk_widget_set_hexpand (self->footer, TRUE);
  self->footer_end = add_label (foot, NULL, TRUE);
  gtk_widget_set_parent (foot, GTK_WIDGET (self));
}

static GtkWidget *
add_tool (GtkWidget *head, GtkWidget *button, const char *tooltip)
{
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip,
                                  -1);
  gtk_box_append (GTK_BOX (head), button);
  return button;
}

static GtkWidget *
icon_toggle (const char *icon)
{
  GtkWidget *toggle = gtk_toggle_button_new ();

  gtk_button_set_icon_name (GTK_BUTTON (toggle), icon);
  return toggle;
}

static void
add_tools (GwChartCard *self, GtkWidget *head, GwChartCardTools tools)
{
  if ((tools & GW_CHART_CARD_LOG_Y) != 0)
    self->log_y = add_tool (head, gtk_toggle_button_new_with_label ("log y"),
                            "Logarithmic vertical axis (Y)");
  if ((tools & GW_CHART_CARD_FIT) != 0)
    {
      self->fit = add_tool (head, gtk_button_new_from_icon_name ("zoom-fit-best-symbolic"),
                            "Show all points (0); zoom in first by dragging a box");
      g_signal_connect_object (self->fit, "clicked", G_CALLBACK (fit_clicked), self, G_CONNECT_SWAPPED);
    }
  if ((tools & GW_CHART_CARD_PIN) != 0)
    {
      self->pin = add_tool (head, icon_toggle ("view-pin-symbolic"), "Pin to the top");
      g_signal_connect_object (self->pin, "notify::active", G_CALLBACK (toggle_changed), self, G_CONNECT_SWAPPED);
    }
  if ((tools & GW_CHART_CARD_EXPAND) != 0)
    {
      self->expand = add_tool (head, icon_toggle ("view-fullscreen-symbolic"), "Full width");
      g_signal_connect_object (self->expand, "notify::active", G_CALLBACK (toggle_changed), self, G_CONNECT_SWAPPED);
    }
  if ((tools & GW_CHART_CARD_EXPORT) != 0)
    {
      self->export = add_tool (head, gtk_menu_button_new (), "Export (Ctrl+E)");
      gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (self->export), "folder-download-symbolic");
    }
}

GtkWidget *
gw_chart_card_new (const char *title, const char *tag, GwChartCardTools tools)
{
  GwChartCard *self = g_object_new (GW_TYPE_CHART_CARD, NULL);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);

  gtk_widget_add_css_class (head, "gw-card-head");
  self->title = add_label (head, "gw-card-title", FALSE);
  self->tag = add_label (head, "gw-card-tag", TRUE);
  gtk_widget_set_margin_start (self->tag, 4);

  /* Keeps the tools at the right. */
  GtkWidget *space = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_set_hexpand (space, TRUE);
  gtk_box_append (GTK_BOX (head), space);
  add_tools (self, head, tools);
  gtk_widget_insert_after (head, GTK_WIDGET (self), NULL);
  gw_chart_card_set_title (self, title);
  gw_chart_card_set_tag (self, tag);
  return GTK_WIDGET (self);
}
