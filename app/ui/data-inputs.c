/* SPDX-License-Identifier: Apache-2.0 */
/* What feeds each placeholder: a column of the pipeline, or for scalars a value for
 * training and one for evaluation. */
#include "app/ui/data-private.h"

#include <string.h>

#include "widgets/charts/dtype-glyph.h"

struct _GwDataInputs {
  GwDataPage *page;
  GtkWidget  *box;
  char       *shown;     /* what the widgets were made for */
  gboolean    updating;
};

/* A column offered in a placeholder's drop-down. */
typedef struct {
  char *name;   /* "" = none */
  char *text;   /* type and shape */
  char *shape;  /* of a batch, as an attribute's text; NULL of none */
  char *reason; /* why it does not fit, or NULL */
} Offer;

static void
offer_free (gpointer data)
{
  Offer *offer = data;

  g_free (offer->name);
  g_free (offer->text);
  g_free (offer->shape);
  g_free (offer->reason);
  g_free (offer);
}

static char *
attr_text (const GwDocNode *node,
           const char      *name)
{
  GwAttrValue value;
  char *text;

  if (!gw_doc_node_attr (node, name, &value))
    return NULL;
  text = gw_attr_to_string (&value);
  gw_attr_value_clear (&value);
  return text;
}

static GwShape
shape_of (const GwDocNode *node)
{
  GwAttrValue value;

  return gw_doc_node_attr (node, "shape", &value) && value.type == GW_ATTR_SHAPE ? value.shape : GW_SHAPE_UNKNOWN;
}

static GwDType
dtype_of (const GwDocNode *node)
{
  GwAttrValue value;

  return gw_doc_node_attr (node, "dtype", &value) && value.type == GW_ATTR_DTYPE ? value.dtype : GW_FLOAT32;
}

static void
set_attr (GwDataInputs *self,
          int64_t       id,
          const char   *name,
          const char   *text,
          GtkWidget    *form)
{
  g_autoptr (GError) error = NULL;

  if (gw_doc_model_set_attr (self->page->model, id, name, text, &error))
    return;
  if (form != NULL)
    gw_form_set_error (GW_FORM (form), name, error->message);
  else
    gw_page_toast (self->page->toasts, "%s", error->message);
}

/* ---- drop-downs ---- */

static void
on_offer_setup (GtkListItemFactory *factory,
                GtkListItem        *item,
                gpointer            data)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_box_append (GTK_BOX (box), gw_text_new ("", NULL));
  gtk_box_append (GTK_BOX (box), gw_text_new ("", "gw-caption"));
  gtk_list_item_set_child (item, box);
}

static void
on_offer_bind (GtkListItemFactory *factory,
               GtkListItem        *item,
               gpointer            data)
{
  GPtrArray *offers = data;
  const Offer *offer = g_ptr_array_index (offers, gtk_list_item_get_position (item));
  GtkWidget *box = gtk_list_item_get_child (item), *name = gtk_widget_get_first_child (box);
  GtkWidget *text = gtk_widget_get_next_sibling (name);

  gtk_label_set_label (GTK_LABEL (name), *offer->name != '\0' ? offer->name : "none");
  gtk_label_set_label (GTK_LABEL (text), offer->reason != NULL ? offer->reason : offer->text);
  gtk_widget_set_visible (text, *gtk_label_get_label (GTK_LABEL (text)) != '\0');
  gtk_widget_set_sensitive (box, offer->reason == NULL);
  gtk_list_item_set_activatable (item, offer->reason == NULL);
  gtk_list_item_set_selectable (item, offer->reason == NULL);
}

/* A placeholder that says nothing of its shape takes the column's. */
static void
bind (GwDataInputs *self,
      int64_t       id,
      const Offer  *offer)
{
  GwDocModel *model = self->page->model;
  const GwDocNode *node = gw_document_node (gw_doc_model_get_document (model), id);
  gboolean open = node != NULL && offer->shape != NULL && shape_of (node).rank < 0;
  g_autofree char *name = g_strdup (offer->name), *shape = g_strdup (offer->shape);

  gw_doc_model_begin_group (model, "Bind a column");
  set_attr (self, id, "_column", name, NULL);
  if (open)
    set_attr (self, id, "shape", shape, NULL);
  gw_doc_model_end_group (model);
}

static void
on_offer_chosen (GtkDropDown *drop_down,
                 GParamSpec  *pspec,
                 gpointer     data)
{
  GwDataInputs *self = data;
  GPtrArray *offers = g_object_get_data (G_OBJECT (drop_down), "offers");
  int64_t *id = g_object_get_data (G_OBJECT (drop_down), "id");
  guint place = gtk_drop_down_get_selected (drop_down);
  const Offer *offer = place < offers->len ? g_ptr_array_index (offers, place) : NULL;

  if (self->updating || offer == NULL)
    return;
  if (offer->reason != NULL)
    {
      gw_page_toast (self->page->toasts, "%s does not fit: %s", offer->name, offer->reason);
      g_clear_pointer (&self->shown, g_free);
      gw_data_inputs_update (self);
      return;
    }
  bind (self, *id, offer);
}

static void
add_offer (GPtrArray  *offers,
           const char *name,
           const char *text,
           char       *shape,
           char       *reason)
{
  Offer *offer = g_new0 (Offer, 1);

  offer->name = g_strdup (name);
  offer->text = g_strdup (text);
  offer->shape = shape;
  offer->reason = reason;
  g_ptr_array_add (offers, offer);
}

static GPtrArray *
offers_for (GwDataInputs    *self,
            const GwDocNode *node,
            GArray          *infos)
{
  GPtrArray *offers = g_ptr_array_new_with_free_func (offer_free);
  const GwPipelineDef *pipeline = gw_data_page_pipeline (self->page);
  GwShape shape = shape_of (node);
  g_autofree char *bound = attr_text (node, "_column");
  gboolean found = FALSE;

  add_offer (offers, "", "", NULL, NULL);
  for (guint i = 0; infos != NULL && pipeline != NULL && i < infos->len; i++)
    {
      const GwColumnInfo *info = &g_array_index (infos, GwColumnInfo, i);
      GwShape batch = gw_pipeline_batch_shape (pipeline, info);
      g_autofree char *label = gw_shape_to_label (&batch);
      g_autofree char *text = g_strdup_printf ("%s, %s", gw_dtype_name (info->dtype), label);

      add_offer (offers, info->name, text, gw_shape_to_string (&batch), gw_column_why_not (pipeline, info, dtype_of (node), &shape));
      found |= g_strcmp0 (info->name, bound) == 0;
    }
  if (!found && bound != NULL && *bound != '\0')
    add_offer (offers, bound, "", NULL, g_strdup ("the data has no such column"));
  return offers;
}

static GtkWidget *
column_choice_new (GwDataInputs    *self,
                   int64_t          id,
                   const GwDocNode *node,
                   GArray          *infos)
{
  GPtrArray *offers = offers_for (self, node, infos);
  GtkStringList *names = gtk_string_list_new (NULL);
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkWidget *drop_down;
  g_autofree char *bound = attr_text (node, "_column");
  guint selected = 0;
  int64_t *key = g_new (int64_t, 1);

  for (guint i = 0; i < offers->len; i++)
    {
      const Offer *offer = g_ptr_array_index (offers, i);

      gtk_string_list_append (names, *offer->name != '\0' ? offer->name : "none");
      if (g_strcmp0 (offer->name, bound) == 0)
        selected = i;
    }
  *key = id;
  drop_down = gtk_drop_down_new (G_LIST_MODEL (names), NULL);
  g_signal_connect (factory, "setup", G_CALLBACK (on_offer_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_offer_bind), offers);
  gtk_drop_down_set_list_factory (GTK_DROP_DOWN (drop_down), factory);
  g_object_unref (factory);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (drop_down), selected);
  g_object_set_data_full (G_OBJECT (drop_down), "offers", offers, (GDestroyNotify) g_ptr_array_unref);
  g_object_set_data_full (G_OBJECT (drop_down), "id", key, g_free);
  gw_data_page_connect (self->page, drop_down, "notify::selected", G_CALLBACK (on_offer_chosen), self, 0);
  return drop_down;
}

/* Why the column that is bound cannot feed the placeholder, or NULL. */
static char *
bound_problem (GwDataInputs    *self,
               const GwDocNode *node,
               GArray          *infos)
{
  g_autofree char *bound = attr_text (node, "_column");
  const GwPipelineDef *pipeline = gw_data_page_pipeline (self->page);
  GwShape shape = shape_of (node);

  if (bound == NULL || *bound == '\0')
    return g_strdup ("Nothing feeds it: choose a column");
  for (guint i = 0; infos != NULL && pipeline != NULL && i < infos->len; i++)
    {
      const GwColumnInfo *info = &g_array_index (infos, GwColumnInfo, i);

      if (strcmp (info->name, bound) == 0)
        return gw_column_why_not (pipeline, info, dtype_of (node), &shape);
    }
  return infos != NULL ? g_strdup_printf ("There is no column “%s”", bound) : NULL;
}

/* ---- scalars ---- */

static void
on_value_committed (GwForm     *form,
                    const char *key,
                    const char *text,
                    gpointer    data)
{
  int64_t *id = g_object_get_data (G_OBJECT (form), "id");

  set_attr (data, *id, key, text, GTK_WIDGET (form));
}

static GtkWidget *
values_new (GwDataInputs    *self,
            int64_t          id,
            const GwDocNode *node)
{
  GtkWidget *form = gw_form_new ();
  g_autoptr (GwFieldList) list = gw_field_list_new ();
  g_autofree char *train = attr_text (node, "_train_value"), *evaluate = attr_text (node, "_evaluate_value");
  int64_t *key = g_new (int64_t, 1);

  *key = id;
  g_object_set_data_full (G_OBJECT (form), "id", key, g_free);
  gw_field_list_add (list, GW_FIELD_STRING, "_train_value", "Training", train, NULL);
  gw_field_list_add (list, GW_FIELD_STRING, "_evaluate_value", "Evaluation", evaluate, NULL);
  gw_field_list_show (list, GW_FORM (form));
  gw_data_page_connect (self->page, form, "field-committed", G_CALLBACK (on_value_committed), self, 0);
  return form;
}

/* ---- the list ---- */

static GtkWidget *
input_new (GwDataInputs    *self,
           int64_t          id,
           const GwDocNode *node,
           GArray          *infos)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *label;
  GwShape shape = shape_of (node);
  g_autofree char *text = gw_shape_to_label (&shape), *problem = NULL;

  gtk_box_append (GTK_BOX (head), gw_dtype_glyph_new (gw_dtype_name (dtype_of (node))));
  label = gw_cut_text_new (node->name, "gw-bold");
  gtk_widget_set_hexpand (label, TRUE);
  gtk_box_append (GTK_BOX (head), label);
  gtk_box_append (GTK_BOX (head), gw_text_new (gw_dtype_name (dtype_of (node)), "gw-soft gw-small"));
  gtk_box_append (GTK_BOX (head), gw_text_new (text, "gw-figures"));
  gtk_box_append (GTK_BOX (card), head);
  if (shape.rank == 0)
    gtk_box_append (GTK_BOX (card), values_new (self, id, node));
  else
    {
      gtk_box_append (GTK_BOX (card), column_choice_new (self, id, node, infos));
      problem = bound_problem (self, node, infos);
      if (problem != NULL)
        {
          label = gw_text_new (problem, "gw-wrong gw-small");
          gtk_label_set_wrap (GTK_LABEL (label), TRUE);
          gtk_box_append (GTK_BOX (card), label);
        }
    }
  gw_add_classes (card, "gw-card gw-column-card");
  return card;
}

/* Everything that the widgets show; a value typed into a form is in it too, so that a
 * form keeps its focus only while nothing changed: values are left out. */
static char *
state_of (GwDocument *document,
          GArray     *infos)
{
  GString *state = g_string_new (infos != NULL ? "" : "none");
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  for (guint i = 0; infos != NULL && i < infos->len; i++)
    {
      const GwColumnInfo *info = &g_array_index (infos, GwColumnInfo, i);
      g_autofree char *shape = gw_shape_to_string (&info->row_shape);

      g_string_append_printf (state, "%s %d %s\n", info->name, info->dtype, shape);
    }
  for (int i = 0; i < n; i++)
    {
      const GwDocNode *node = gw_document_node (document, ids[i]);
      GwShape shape = shape_of (node);
      g_autofree char *text = gw_shape_to_string (&shape), *bound = NULL;

      if (strcmp (node->op, "Placeholder") != 0)
        continue;
      bound = attr_text (node, "_column");
      g_string_append_printf (state, "%" G_GINT64_FORMAT " %s %d %s %s\n", (gint64) ids[i], node->name,
                              dtype_of (node), text, bound);
    }
  return g_string_free (state, FALSE);
}

static void
rebuild (GwDataInputs *self,
         GwDocument   *document,
         GArray       *infos)
{
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);
  gboolean any = FALSE;
  GtkWidget *note;

  self->updating = TRUE;
  gw_box_clear (self->box);
  for (int i = 0; i < n; i++)
    {
      const GwDocNode *node = gw_document_node (document, ids[i]);

      if (strcmp (node->op, "Placeholder") != 0)
        continue;
      any = TRUE;
      gtk_box_append (GTK_BOX (self->box), input_new (self, ids[i], node, infos));
    }
  if (!any)
    {
      note = gw_text_new ("The graph has no placeholder. Add the op Placeholder for each column that it should take.",
                          "gw-dim");
      gtk_label_set_wrap (GTK_LABEL (note), TRUE);
      gtk_box_append (GTK_BOX (self->box), note);
    }
  self->updating = FALSE;
}

/* The forms of scalars take over values that changed elsewhere (undo). */
static void
update_values (GwDataInputs *self,
               GwDocument   *document)
{
  for (GtkWidget *card = gtk_widget_get_first_child (self->box); card != NULL; card = gtk_widget_get_next_sibling (card))
    {
      GtkWidget *form = gtk_widget_get_last_child (card);
      int64_t *id = GW_IS_FORM (form) ? g_object_get_data (G_OBJECT (form), "id") : NULL;
      const GwDocNode *node = id != NULL ? gw_document_node (document, *id) : NULL;

      if (node != NULL)
        {
          g_autofree char *train = attr_text (node, "_train_value"), *evaluate = attr_text (node, "_evaluate_value");

          gw_form_set_value (GW_FORM (form), "_train_value", train);
          gw_form_set_value (GW_FORM (form), "_evaluate_value", evaluate);
        }
    }
}

void
gw_data_inputs_update (GwDataInputs *self)
{
  GwDocument *document = gw_doc_model_get_document (self->page->model);
  g_autoptr (GArray) infos = gw_data_page_outputs (self->page, NULL);
  g_autofree char *state = state_of (document, infos);

  if (g_strcmp0 (state, self->shown) == 0)
    {
      update_values (self, document);
      return;
    }
  g_free (self->shown);
  self->shown = g_steal_pointer (&state);
  rebuild (self, document, infos);
}

static void
inputs_free (gpointer data)
{
  GwDataInputs *self = data;

  g_free (self->shown);
  g_free (self);
}

GtkWidget *
gw_data_inputs_new (GwDataPage *page)
{
  GwDataInputs *self = g_new0 (GwDataInputs, 1);

  self->page = page;
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);
  gtk_widget_set_margin_start (self->box, 12);
  gtk_widget_set_margin_end (self->box, 12);
  gtk_widget_set_margin_bottom (self->box, 12);
  g_object_set_data_full (G_OBJECT (self->box), "inputs", self, inputs_free);
  page->inputs = self;
  return self->box;
}
