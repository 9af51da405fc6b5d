/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/inspector-fields.h"

#include "app/model/columns.h"
#include "app/model/targets.h"
#include "widgets/paint/number-text.h"

#include <string.h>

#define AUTOMATIC "Automatic"

static const struct {
  const char *key, *label, *help;
  GwRole      role;
} roles[] = {
  { "role:target", "Trained", "A training step runs this node.", GW_ROLE_TARGET },
  { "role:loss", "The loss", "Its value is the loss that the run bar shows.", GW_ROLE_LOSS },
  { "role:metric", "Metric", "Evaluate averages it over the test split.", GW_ROLE_METRIC },
  { "role:report", "Record", "Its value is recorded as a curve while training.", GW_ROLE_REPORT },
};

/* ---- node ---- */

typedef struct {
  GwDocModel      *model;
  const GwDocNode *node;
} NodeLookup;

static char *
lookup_node (const char *name,
             gpointer    data)
{
  const NodeLookup *lookup = data;
  GwAttrValue value;
  char *text;

  if (!gw_document_attr (gw_doc_model_get_document (lookup->model), lookup->node, name, &value))
    return NULL;
  text = gw_attr_to_string (&value);
  gw_attr_value_clear (&value);
  return text;
}

static void
add_column_choices (GwFieldList *list,
                    GwFormField *field,
                    GwDocModel  *model,
                    const char  *present)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GArray) columns = gw_document_columns (gw_doc_model_get_document (model), NULL);

  g_ptr_array_add (names, (gpointer) "");
  for (guint i = 0; columns != NULL && i < columns->len; i++)
    g_ptr_array_add (names, g_array_index (columns, GwColumnInfo, i).name);
  if (present[0] != 0 && !g_ptr_array_find_with_equal_func (names, present, g_str_equal, NULL))
    g_ptr_array_add (names, (gpointer) present);
  g_ptr_array_add (names, NULL);
  field->type = GW_FIELD_CHOICE;
  field->choices = gw_field_list_choices (list, (const char *const *) names->pdata);
}

#define UNSHARED "its own"

/* Layers of the same kind whose variables this one can take; by name, where the attribute
 * has the id. */
static void
add_share_choices (GwFieldList     *list,
                   GwFormField     *field,
                   GwDocModel      *model,
                   const GwDocNode *node)
{
  GwDocument *document = gw_doc_model_get_document (model);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  const GwDocNode *owner = gw_document_node (document, g_ascii_strtoll (field->value, NULL, 10));
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  g_ptr_array_add (names, (gpointer) UNSHARED);
  for (int i = 0; i < n; i++)
    {
      const GwDocNode *other = gw_document_node (document, ids[i]);

      if (other != node && strcmp (other->op, node->op) == 0)
        g_ptr_array_add (names, other->name);
    }
  if (owner != NULL && !g_ptr_array_find_with_equal_func (names, owner->name, g_str_equal, NULL))
    g_ptr_array_add (names, owner->name);
  g_ptr_array_add (names, NULL);
  field->type = GW_FIELD_CHOICE;
  field->unit = NULL;
  field->default_value = UNSHARED;
  field->choices = gw_field_list_choices (list, (const char *const *) names->pdata);
  field->value = gw_field_list_text (list, owner != NULL ? owner->name : UNSHARED);
}

/* The document's sub-graphs, and the way to the one that is chosen. */
static void
add_function_choices (GwFieldList     *list,
                      GwFormField     *field,
                      GwDocModel      *model,
                      const GwDocNode *node)
{
  GwDocument *document = gw_doc_model_get_document (model);
  int64_t chosen = field->value != NULL ? gw_document_find_group (document, field->value) : 0;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_GROUP, &n);

  if (chosen == 0)
    g_ptr_array_add (names, (gpointer) (field->value != NULL ? field->value : ""));
  for (int i = 0; i < n; i++)
    if (gw_document_group (document, ids[i])->kind == GW_GROUP_FUNCTION)
      g_ptr_array_add (names, gw_document_group (document, ids[i])->name);
  g_ptr_array_add (names, NULL);
  field->type = GW_FIELD_CHOICE;
  field->choices = gw_field_list_choices (list, (const char *const *) names->pdata);
  if (chosen != 0)
    {
      g_autofree char *action = g_strdup_printf ("win.enter-body((int64 %" G_GINT64_FORMAT ", int64 %" G_GINT64_FORMAT "))",
                                                 gw_document_find (document, node->name), chosen);

      field->action = gw_field_list_text (list, action);
      field->action_label = "Open";
    }
}

static void
add_attrs (GwFieldList     *list,
           GwDocModel      *model,
           const GwDocNode *node,
           const GwOpDef   *op)
{
  NodeLookup lookup = { model, node };
  const char *group = gw_op_category (op)->title;

  if (gw_op_is_in (op, "layers"))
    group = "Layer";
  for (int i = 0; i < gw_attr_defs_length (op->attrs); i++)
    {
      const GwAttrDef *def = &op->attrs[i];
      const GwAttrValue *value = gw_named_attrs_get (node->attrs, def->name);
      GwFormField *field;

      if (!gw_attr_is_visible (def, lookup_node, &lookup))
        continue;
      field = gw_field_list_add_attr (list, def, value, NULL, group);
      if (strcmp (def->name, "_column") == 0)
        add_column_choices (list, field, model, field->value);
      else if (strcmp (def->name, "share") == 0 && def->type == GW_ATTR_INT)
        add_share_choices (list, field, model, node);
      else if (def->type == GW_ATTR_FUNC)
        add_function_choices (list, field, model, node);
      group = NULL;
    }
}

static void
add_literals (GwFieldList     *list,
              const GwDocNode *node,
              const GwOpDef   *op)
{
  const char *group = "Inputs without a wire";

  for (int i = 0; i < gw_ports_length (op->inputs); i++)
    {
      const GwPortDef *port = &op->inputs[i];
      const GwDocInput *there = gw_doc_node_input (node, port->name, 0);
      g_autofree char *key = g_strdup_printf ("in:%s", port->name);
      GwFormField *field;

      if (port->number_attr != NULL || port->is_ref || (there != NULL && there->from != 0))
        continue;
      field = gw_field_list_add (list, GW_FIELD_STRING, key, port->name,
                                 there != NULL && there->literal != NULL ? there->literal : port->literal, group);
      field->help = port->help;
      field->default_value = port->literal;
      group = NULL;
    }
}

static void
add_roles (GwFieldList      *list,
           const GwDocument *document,
           int64_t           id,
           const GwOpDef    *op)
{
  const char *group = "In training";

  for (guint i = 0; i < G_N_ELEMENTS (roles); i++)
    {
      gboolean on = gw_document_has_role (document, id, roles[i].role);
      gboolean training = gw_op_is_in (op, "training");

      if ((roles[i].role == GW_ROLE_TARGET) != training && !on)
        continue;
      gw_field_list_add (list, GW_FIELD_BOOL, roles[i].key, roles[i].label, on ? "true" : "false", group)->help =
        roles[i].help;
      group = NULL;
    }
}

static void
add_shape (GwFieldList   *list,
           const char    *key,
           const char    *label,
           GwDType        dtype,
           const GwShape *shape,
           const char   **group)
{
  g_autofree char *text = gw_shape_to_label (shape);

  gw_field_list_add (list, GW_FIELD_READONLY, key, label, text, *group)->unit = gw_dtype_name (dtype);
  *group = NULL;
}

static void
add_shapes (GwFieldList     *list,
            GwLive          *live,
            const GwDocNode *node,
            const GwOpDef   *op,
            int64_t          id)
{
  const char *group = "Inferred shapes";
  int n_ports = gw_ports_length (op->outputs);

  for (guint i = 0; i < node->inputs->len; i++)
    {
      const GwDocInput *input = &g_array_index (node->inputs, GwDocInput, i);
      const GwOutputFacts *facts = input->from != 0 ? gw_live_output (live, input->from, input->output) : NULL;
      g_autofree char *key = g_strdup_printf ("shape:in:%u", i);

      if (facts != NULL)
        add_shape (list, key, input->port, facts->dtype, &facts->shape, &group);
    }
  for (guint i = 0; i < gw_live_variables (live)->len; i++)
    {
      const GwLiveVariable *variable = g_ptr_array_index (gw_live_variables (live), i);
      const char *slash = strrchr (variable->name, '/');
      g_autofree char *key = g_strdup_printf ("shape:var:%u", i);

      if (variable->node == id && op->expand != NULL)
        add_shape (list, key, slash != NULL ? slash + 1 : variable->name, variable->dtype, &variable->shape,
                   &group);
    }
  for (int i = 0; i < gw_live_n_outputs (live, id) && n_ports > 0; i++)
    {
      g_autofree char *key = g_strdup_printf ("shape:out:%d", i);
      const GwOutputFacts *facts = gw_live_output (live, id, i);

      if (facts != NULL)
        add_shape (list, key, op->outputs[MIN (i, n_ports - 1)].name, facts->dtype, &facts->shape, &group);
    }
}

static void
add_size (GwFieldList *list,
          GwLive      *live,
          int64_t      id)
{
  int64_t n = 0, bytes = 0;
  char number[GW_NUMBER_TEXT_SIZE];
  g_autofree char *size = NULL;

  for (guint i = 0; i < gw_live_variables (live)->len; i++)
    {
      const GwLiveVariable *variable = g_ptr_array_index (gw_live_variables (live), i);
      int64_t elements = gw_shape_elements (&variable->shape);

      if (variable->node != id || elements < 0)
        continue;
      n += elements;
      bytes += elements * (int64_t) gw_dtype_size (variable->dtype);
    }
  if (n == 0)
    return;
  size = g_format_size_full ((guint64) bytes, G_FORMAT_SIZE_IEC_UNITS);
  gw_field_list_add (list, GW_FIELD_READONLY, "size:parameters", "Parameters", gw_number_text_count (number, n),
                     "Size")->unit = gw_field_list_text (list, size);
}

void
gw_inspector_node_fields (GwFieldList *list,
                          GwDocModel  *model,
                          int64_t      id,
                          gboolean     alone)
{
  GwDocument *document = gw_doc_model_get_document (model);
  GwLive *live = gw_doc_model_get_live (model);
  const GwDocNode *node = gw_document_node (document, id);
  const GwOpDef *op = gw_document_op (document, node->op);
  static const char *const devices[] = { AUTOMATIC, "/cpu:0", NULL };

  if (alone)
    gw_field_list_add (list, GW_FIELD_STRING, "name", "Name", node->name, "Node");
  gw_field_list_add (list, GW_FIELD_CHOICE, "device", "Device", node->device != NULL ? node->device : AUTOMATIC,
                     alone ? NULL : "Node")->choices = devices;
  if (op == NULL)
    return;
  add_attrs (list, model, node, op);
  if (!alone)
    return;
  add_literals (list, node, op);
  add_shapes (list, live, node, op, id);
  add_size (list, live, id);
  add_roles (list, document, id, op);
}

gboolean
gw_inspector_commit_node (GwDocModel *model,
                          int64_t     id,
                          const char *key,
                          const char *text,
                          GError    **error)
{
  GwDocument *document = gw_doc_model_get_document (model);
  const GwDocNode *node = gw_document_node (document, id);
  const GwOpDef *op = node != NULL ? gw_document_op (document, node->op) : NULL;
  int attr = op != NULL ? gw_attr_defs_find (op->attrs, key) : -1;
  g_autofree char *value = NULL;

  if (node == NULL)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (roles); i++)
    if (strcmp (key, roles[i].key) == 0)
      {
        gw_doc_model_apply (model, gw_edit_set_role (document, id, roles[i].role, strcmp (text, "true") == 0), NULL);
        return TRUE;
      }
  if (strcmp (key, "device") == 0)
    return gw_doc_model_set_attr (model, id, key, strcmp (text, AUTOMATIC) == 0 ? "" : text, error);
  if (g_str_has_prefix (key, "in:"))
    return gw_doc_model_set_attr (model, id, key + 3, text, error);
  if (strcmp (key, "share") == 0 && attr >= 0 && op->attrs[attr].type == GW_ATTR_INT)
    {
      g_autofree char *owner = g_strdup_printf ("%" G_GINT64_FORMAT, gw_document_find (document, text));

      return gw_doc_model_set_attr (model, id, key, owner, error);
    }
  value = attr >= 0 ? gw_form_text_to_attr (&op->attrs[attr], text) : g_strdup (text);
  return gw_doc_model_set_attr (model, id, key, value, error);
}

/* ---- values ---- */

static void
add_number (GwFieldList *list,
            const char  *label,
            double       value,
            const char **group)
{
  char number[GW_NUMBER_TEXT_SIZE];

  gw_field_list_add (list, GW_FIELD_READONLY, label, label, gw_number_text_digits (number, value, 6), *group);
  *group = NULL;
}

void
gw_inspector_value_fields (GwFieldList *list,
                           GwDocModel  *model,
                           GwRun       *run,
                           int64_t      id)
{
  const char *group = "Output 0, while training";

  for (int i = 0; i < gw_run_get_n_watches (run); i++)
    {
      const GwWatchResult *result = gw_run_get_watched (run, i)->result;
      g_autofree char *shape = NULL;
      char number[GW_NUMBER_TEXT_SIZE];

      if (gw_run_get_watch (run, i)->node != id || result == NULL)
        continue;
      shape = gw_shape_to_label (&result->shape);
      gw_field_list_add (list, GW_FIELD_READONLY, "step", "Step", gw_number_text_count (number, result->step), group);
      group = NULL;
      gw_field_list_add (list, GW_FIELD_READONLY, "shape", "Shape", shape, NULL)->unit = gw_dtype_name (result->dtype);
      if (result->kind == GW_WATCH_SCALAR)
        {
          add_number (list, "Value", result->scalar, &group);
          continue;
        }
      add_number (list, "Mean", result->stats.mean, &group);
      add_number (list, "Deviation", result->stats.stddev, &group);
      add_number (list, "Minimum", result->stats.min, &group);
      add_number (list, "Maximum", result->stats.max, &group);
      add_number (list, "Zeros", (double) result->stats.zero, &group);
      add_number (list, "Not finite",
                  (double) (result->stats.nan + result->stats.neg_inf + result->stats.pos_inf), &group);
    }
}

/* ---- training ---- */

void
gw_inspector_training_fields (GwFieldList *list,
                              GwDocModel  *model)
{
  const GwDocSettings *settings = gw_document_settings (gw_doc_model_get_document (model));
  const GwAttrDef *defs = gw_training_attrs ();
  const char *group = "Training";

  for (int i = 0; i < gw_attr_defs_length (defs); i++)
    {
      if ((defs[i].flags & GW_ATTR_HIDDEN) != 0)
        continue;
      gw_field_list_add_attr (list, &defs[i], gw_named_attrs_get (settings->training_attrs, defs[i].name), NULL, group);
      group = NULL;
    }
}

typedef struct {
  const char        *name;
  const GwAttrValue *value;
} TrainingChange;

static void
change_training (GwDocSettings *settings,
                 gpointer       data)
{
  const TrainingChange *change = data;

  gw_named_attrs_set (settings->training_attrs, change->name, change->value);
}

gboolean
gw_inspector_commit_training (GwDocModel *model,
                              const char *key,
                              const char *text,
                              GError    **error)
{
  const GwAttrDef *defs = gw_training_attrs ();
  int i = gw_attr_defs_find (defs, key);
  g_autofree char *merge = g_strdup_printf ("training:%s", key);
  g_autofree char *label = NULL;
  GwAttrValue value, standard;
  TrainingChange change;

  if (i < 0)
    return TRUE;
  if (!gw_attr_parse (&defs[i], text, &value, error))
    return FALSE;
  gw_attr_default (&defs[i], &standard);
  change = (TrainingChange) { key, gw_attr_value_equal (&value, &standard) ? NULL : &value };
  label = g_strdup_printf ("Set %s", defs[i].label != NULL ? defs[i].label : key);
  gw_doc_model_edit_settings (model, label, g_intern_string (merge), change_training, &change);
  gw_attr_value_clear (&value);
  gw_attr_value_clear (&standard);
  return TRUE;
}
