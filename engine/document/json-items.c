/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/document/json-items.h"

#include "engine/base/error.h"
#include "engine/document/variable-scopes.h"
#include "engine/graph/graph.h"
#include "engine/graph/registry.h"

#include <math.h>
#include <string.h>

static void
add (cJSON      *object,
     const char *key,
     cJSON      *value)
{
  cJSON_AddItemToObject (object, key, value);
}

static void
add_text (cJSON      *object,
          const char *key,
          const char *text)
{
  if (text != NULL && *text != '\0')
    add (object, key, cJSON_CreateString (text));
}

/* ---- attributes ---- */

static int
compare_attr_names (gconstpointer a,
                    gconstpointer b)
{
  const GwNamedAttr *const *first = a;
  const GwNamedAttr *const *second = b;

  return strcmp ((*first)->name, (*second)->name);
}

/* Sorted, so that equal documents give equal text. */
static cJSON *
attrs_to_json (const GArray *attrs)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  cJSON *object = cJSON_CreateObject ();

  for (guint i = 0; i < attrs->len; i++)
    g_ptr_array_add (sorted, &g_array_index (attrs, GwNamedAttr, i));
  g_ptr_array_sort (sorted, compare_attr_names);
  for (guint i = 0; i < sorted->len; i++)
    {
      const GwNamedAttr *attr = g_ptr_array_index (sorted, i);

      add (object, attr->name, gw_attr_to_json (&attr->value));
    }
  return object;
}

/* A definition for a value that nobody describes: of an op or a setting that this
 * version does not know. What is read is written back the same. */
static GwAttrDef
guess_definition (const cJSON *json)
{
  const cJSON *first = cJSON_IsArray (json) ? json->child : NULL;
  GwAttrDef def = { .name = json->string, .type = GW_ATTR_STRING };
  int64_t integer;

  if (cJSON_IsBool (json))
    def.type = GW_ATTR_BOOL;
  else if (cJSON_IsNumber (json))
    def.type = gw_json_get_int (json, &integer) ? GW_ATTR_INT : GW_ATTR_FLOAT;
  else if (cJSON_IsObject (json))
    def.type = GW_ATTR_TENSOR;
  else if (cJSON_IsArray (json) && cJSON_IsString (first))
    def.type = GW_ATTR_STRINGS;
  else if (cJSON_IsArray (json))
    {
      def.type = GW_ATTR_INTS;
      for (; first != NULL; first = first->next)
        if (!gw_json_get_int (first, &integer))
          def.type = GW_ATTR_FLOATS;
    }
  return def;
}

static gboolean
attrs_from_json (GArray          *attrs,
                 const GwAttrDef *defs,
                 const cJSON     *object,
                 const char      *owner,
                 GError         **error)
{
  const cJSON *member;

  if (object == NULL)
    return TRUE;
  if (!cJSON_IsObject (object))
    return gw_invalid (error, "%s: the attributes are not an object", owner);
  cJSON_ArrayForEach (member, object)
    {
      int index = gw_attr_defs_find (defs, member->string);
      GwAttrDef def = index >= 0 ? defs[index] : guess_definition (member);
      GwAttrValue value;

      if (!gw_attr_from_json (&def, member, &value, error))
        {
          g_prefix_error (error, "%s: ", owner);
          return FALSE;
        }
      gw_named_attrs_set (attrs, member->string, &value);
      gw_attr_value_clear (&value);
    }
  return TRUE;
}

/* ---- lists of ids ---- */

static cJSON *
ids_to_json (const GArray *ids)
{
  cJSON *array = cJSON_CreateArray ();

  for (guint i = 0; i < ids->len; i++)
    cJSON_AddItemToArray (array, gw_json_new_int (g_array_index (ids, int64_t, i)));
  return array;
}

static gboolean
ids_from_json (GArray      *ids,
               const cJSON *array,
               const char  *what,
               GError     **error)
{
  const cJSON *element;

  if (array != NULL && !cJSON_IsArray (array))
    return gw_invalid (error, "%s is not a list of ids", what);
  cJSON_ArrayForEach (element, array)
    {
      int64_t id;

      if (!gw_json_get_int (element, &id) || id <= 0 || id > GW_MAX_ID)
        return gw_invalid (error, "%s holds something that is not an id", what);
      g_array_append_val (ids, id);
    }
  return TRUE;
}

/* ---- inputs ---- */

static cJSON *
inputs_to_json (const GArray *inputs)
{
  cJSON *object = cJSON_CreateObject ();

  for (guint i = 0; i < inputs->len; i++)
    {
      const GwDocInput *input = &g_array_index (inputs, GwDocInput, i);
      g_autofree char *key = input->index == 0 ? g_strdup (input->port)
                                               : g_strdup_printf ("%s[%d]", input->port, input->index);
      cJSON *value = cJSON_CreateObject ();

      if (input->from != 0)
        add (value, "from", gw_json_new_int (input->from));
      if (input->from != 0 && input->output != 0)
        add (value, "output", gw_json_new_int (input->output));
      if (input->from == 0)
        add (value, "literal", cJSON_CreateString (input->literal));
      add (object, key, value);
    }
  return object;
}

/* "inputs[2]" → "inputs" and 2. */
static char *
split_port (const char *key,
            int        *index)
{
  const char *bracket = strchr (key, '[');

  *index = 0;
  if (bracket == NULL)
    return g_strdup (key);
  *index = (int) CLAMP (g_ascii_strtoll (bracket + 1, NULL, 10), 0, 65535);
  return g_strndup (key, (gsize) (bracket - key));
}

static gboolean
inputs_from_json (GwDocNode   *node,
                  const cJSON *object,
                  GError     **error)
{
  const cJSON *member;

  if (object != NULL && !cJSON_IsObject (object))
    return gw_invalid (error, "%s: the inputs are not an object", node->name);
  cJSON_ArrayForEach (member, object)
    {
      int index;
      g_autofree char *port = split_port (member->string, &index);
      int64_t from = gw_json_member_int (member, "from", 0);
      int64_t output = gw_json_member_int (member, "output", 0);
      const char *literal = gw_json_member_string (member, "literal", NULL);

      if (from < 0 || from > GW_MAX_ID || output < 0 || output > 65535 || (from == 0 && literal == NULL))
        return gw_invalid (error, "%s: the input %s has neither a wire nor a value", node->name, member->string);
      gw_doc_node_set_input (node, port, index, from, (int) output, literal);
    }
  return TRUE;
}

/* ---- nodes ---- */

static const struct {
  const char    *name;
  GwDocNodeFlags flag;
} flag_names[] = {
  { "muted", GW_DOC_MUTED },
  { "bypassed", GW_DOC_BYPASSED },
  { "locked", GW_DOC_LOCKED },
  { "report", GW_DOC_REPORT },
  { "folded", GW_DOC_FOLDED },
  { "hides_ports", GW_DOC_HIDES_PORTS },
  { "break", GW_DOC_BREAK },
  { "break_off", GW_DOC_BREAK_OFF },
  { "watched", GW_DOC_WATCHED },
};

static cJSON *
position_to_json (double x,
                  double y)
{
  const double numbers[2] = { x, y };

  return cJSON_CreateDoubleArray (numbers, 2);
}

static gboolean
position_from_json (const cJSON *json,
                    double      *x,
                    double      *y)
{
  return cJSON_IsArray (json) && cJSON_GetArraySize (json) == 2 &&
         gw_json_get_double (cJSON_GetArrayItem (json, 0), x) &&
         gw_json_get_double (cJSON_GetArrayItem (json, 1), y) && isfinite (*x) && isfinite (*y);
}

static void
node_to_json (const GwDocNode *node,
              cJSON           *object)
{
  add (object, "name", cJSON_CreateString (node->name));
  add (object, "op", cJSON_CreateString (node->op));
  add (object, "at", position_to_json (node->x, node->y));
  if (node->attrs->len > 0)
    add (object, "attrs", attrs_to_json (node->attrs));
  if (node->inputs->len > 0)
    add (object, "inputs", inputs_to_json (node->inputs));
  if (node->controls->len > 0)
    add (object, "after", ids_to_json (node->controls));
  add_text (object, "device", node->device);
  add_text (object, "note", node->note);
  for (gsize i = 0; i < G_N_ELEMENTS (flag_names); i++)
    if ((node->flags & flag_names[i].flag) != 0)
      add (object, flag_names[i].name, cJSON_CreateTrue ());
}

static gboolean
node_from_json (GwDocNode   *node,
                const cJSON *json,
                GError     **error)
{
  const char *name = gw_json_member_string (json, "name", NULL);
  const char *op = gw_json_member_string (json, "op", NULL);
  const GwOpDef *def = op != NULL ? gw_registry_find (op) : NULL;

  if (name == NULL || *name == '\0' || op == NULL || *op == '\0')
    return gw_invalid (error, "a node has no %s", name == NULL || *name == '\0' ? "name" : "op");
  node->name = g_strdup (name);
  node->op = g_strdup (op);
  if (!position_from_json (cJSON_GetObjectItemCaseSensitive (json, "at"), &node->x, &node->y))
    return gw_invalid (error, "%s: “at” is not a position", name);
  node->device = g_strdup (gw_json_member_string (json, "device", NULL));
  node->note = g_strdup (gw_json_member_string (json, "note", NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (flag_names); i++)
    if (gw_json_member_bool (json, flag_names[i].name, FALSE))
      node->flags |= flag_names[i].flag;
  return attrs_from_json (node->attrs, def != NULL ? def->attrs : NULL,
                          cJSON_GetObjectItemCaseSensitive (json, "attrs"), name, error) &&
         inputs_from_json (node, cJSON_GetObjectItemCaseSensitive (json, "inputs"), error) &&
         ids_from_json (node->controls, cJSON_GetObjectItemCaseSensitive (json, "after"), name, error);
}

/* ---- frames ---- */

static void
frame_to_json (const GwDocFrame *frame,
               cJSON            *object)
{
  add (object, "at", position_to_json (frame->x, frame->y));
  add (object, "size", position_to_json (frame->width, frame->height));
  add_text (object, "title", frame->title);
  add_text (object, "text", frame->text);
  if (frame->color != 0)
    add (object, "color", gw_json_new_int (frame->color));
}

static gboolean
frame_from_json (GwDocFrame  *frame,
                 const cJSON *json,
                 GError     **error)
{
  if (!position_from_json (cJSON_GetObjectItemCaseSensitive (json, "at"), &frame->x, &frame->y) ||
      !position_from_json (cJSON_GetObjectItemCaseSensitive (json, "size"), &frame->width, &frame->height))
    return gw_invalid (error, "a frame has no position or size");
  frame->title = g_strdup (gw_json_member_string (json, "title", NULL));
  frame->text = g_strdup (gw_json_member_string (json, "text", NULL));
  frame->color = (int) CLAMP (gw_json_member_int (json, "color", 0), 0, 7);
  return TRUE;
}

/* ---- groups ---- */

static const char *const group_kinds[] = { "scope", "function", "composite" };
static const char *const reuses[] = { NULL, "true", "auto" };

static cJSON *
params_to_json (const GArray *params)
{
  cJSON *array = cJSON_CreateArray ();

  for (guint i = 0; i < params->len; i++)
    {
      const GwGroupParam *param = &g_array_index (params, GwGroupParam, i);
      cJSON *object = cJSON_CreateObject ();

      add (object, "name", cJSON_CreateString (param->name));
      add (object, "node", gw_json_new_int (param->node));
      add (object, "attr", cJSON_CreateString (param->attr));
      add_text (object, "help", param->help);
      cJSON_AddItemToArray (array, object);
    }
  return array;
}

static void
group_to_json (const GwDocGroup *group,
               cJSON            *object)
{
  add (object, "kind", cJSON_CreateString (group_kinds[group->kind]));
  add (object, "name", cJSON_CreateString (group->name));
  if (group->kind == GW_GROUP_SCOPE)
    add (object, "at", position_to_json (group->x, group->y));
  add_text (object, "variables", group->variables);
  add_text (object, "reuse", reuses[group->reuse]);
  if (group->version != 1)
    add (object, "version", gw_json_new_int (group->version));
  add_text (object, "category", group->category);
  add_text (object, "summary", group->summary);
  if (group->params->len > 0)
    add (object, "params", params_to_json (group->params));
}

static gboolean
params_from_json (GwDocGroup  *group,
                  const cJSON *array,
                  GError     **error)
{
  const cJSON *element;

  if (array != NULL && !cJSON_IsArray (array))
    return gw_invalid (error, "%s: the parameters are not a list", group->name);
  cJSON_ArrayForEach (element, array)
    {
      const char *name = gw_json_member_string (element, "name", NULL);
      const char *attr = gw_json_member_string (element, "attr", NULL);
      int64_t node = gw_json_member_int (element, "node", 0);

      if (name == NULL || *name == '\0' || attr == NULL || node <= 0 || node > GW_MAX_ID)
        return gw_invalid (error, "%s: a parameter names no attribute of a node", group->name);
      gw_doc_group_add_param (group, name, node, attr, gw_json_member_string (element, "help", NULL));
    }
  return TRUE;
}

static gboolean
reuse_from_json (GwDocGroup *group,
                 const char *text,
                 GError    **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (reuses); i++)
    if (g_strcmp0 (text, reuses[i]) == 0)
      {
        group->reuse = (GwReuse) i;
        return TRUE;
      }
  return gw_invalid (error, "%s: reuse must be “true” or “auto”, not “%.40s”", group->name, text);
}

static gboolean
group_from_json (GwDocGroup  *group,
                 const cJSON *json,
                 GError     **error)
{
  const char *name = gw_json_member_string (json, "name", NULL);
  const char *kind = gw_json_member_string (json, "kind", "");
  gsize number = 0;

  if (name == NULL || !gw_node_name_check (name, NULL))
    return gw_invalid (error, "a group has no name, or one that a node could not have");
  group->name = g_strdup (name);
  while (number < G_N_ELEMENTS (group_kinds) && !g_str_equal (kind, group_kinds[number]))
    number++;
  if (number == G_N_ELEMENTS (group_kinds))
    return gw_invalid (error, "%s: “%.40s” is no kind of group", name, kind);
  group->kind = (GwGroupKind) number;
  if (group->kind == GW_GROUP_SCOPE &&
      !position_from_json (cJSON_GetObjectItemCaseSensitive (json, "at"), &group->x, &group->y))
    return gw_invalid (error, "%s: “at” is not a position", name);
  group->variables = g_strdup (gw_json_member_string (json, "variables", NULL));
  if (group->variables != NULL && !gw_variable_scope_check (group->variables, error))
    return FALSE;
  if (!reuse_from_json (group, gw_json_member_string (json, "reuse", NULL), error))
    return FALSE;
  group->version = (int) CLAMP (gw_json_member_int (json, "version", 1), 1, G_MAXINT);
  group->category = g_strdup (gw_json_member_string (json, "category", NULL));
  group->summary = g_strdup (gw_json_member_string (json, "summary", NULL));
  return params_from_json (group, cJSON_GetObjectItemCaseSensitive (json, "params"), error);
}

/* ---- items ---- */

cJSON *
gw_item_to_json (const GwItem *item)
{
  cJSON *object = cJSON_CreateObject ();

  add (object, "id", gw_json_new_int (item->id));
  if (item->owner != 0)
    add (object, "owner", gw_json_new_int (item->owner));
  if (item->kind == GW_ITEM_NODE)
    node_to_json (&item->node, object);
  else if (item->kind == GW_ITEM_GROUP)
    group_to_json (&item->group, object);
  else
    frame_to_json (&item->frame, object);
  return object;
}

static const char *
kind_text (GwItemKind kind)
{
  return kind == GW_ITEM_NODE ? "a node" : kind == GW_ITEM_FRAME ? "a frame" : "a group";
}

static gboolean
read_item (GwItem      *item,
           const cJSON *json,
           GError     **error)
{
  switch (item->kind)
    {
    case GW_ITEM_NODE:
      return node_from_json (&item->node, json, error);
    case GW_ITEM_FRAME:
      return frame_from_json (&item->frame, json, error);
    default:
      return group_from_json (&item->group, json, error);
    }
}

GwItem *
gw_item_from_json (GwItemKind   kind,
                   const cJSON *json,
                   GError     **error)
{
  int64_t id = gw_json_member_int (json, "id", 0);
  int64_t owner = gw_json_member_int (json, "owner", 0);
  g_autoptr (GwItem) item = NULL;

  if (!cJSON_IsObject (json) || id <= 0 || id > GW_MAX_ID)
    {
      gw_invalid (error, "%s has no id, or one beyond 2⁵³", kind_text (kind));
      return NULL;
    }
  if (owner < 0 || owner > GW_MAX_ID)
    {
      gw_invalid (error, "%s (%" G_GINT64_FORMAT ") has an owner that is no id", kind_text (kind), id);
      return NULL;
    }
  item = gw_item_new (kind, id);
  item->owner = owner;
  return read_item (item, json, error) ? g_steal_pointer (&item) : NULL;
}

/* ---- settings ---- */

void
gw_settings_add_to_json (const GwDocSettings *settings,
                         cJSON               *root)
{
  cJSON *training = cJSON_CreateObject ();

  if (settings->pipeline != NULL)
    add (root, "data", gw_pipeline_to_json (settings->pipeline));
  add (training, "targets", ids_to_json (settings->targets));
  if (settings->loss != 0)
    add (training, "loss", gw_json_new_int (settings->loss));
  add (training, "metrics", ids_to_json (settings->metrics));
  add (training, "attrs", attrs_to_json (settings->training_attrs));
  add (root, "training", training);
}

gboolean
gw_settings_from_json (GwDocSettings *settings,
                       const cJSON   *root,
                       GError       **error)
{
  const cJSON *data = cJSON_GetObjectItemCaseSensitive (root, "data");
  const cJSON *training = cJSON_GetObjectItemCaseSensitive (root, "training");
  const cJSON *loss = cJSON_GetObjectItemCaseSensitive (training, "loss");

  if (data != NULL && !cJSON_IsNull (data))
    {
      settings->pipeline = gw_pipeline_from_json (data, error);
      if (settings->pipeline == NULL)
        return FALSE;
    }
  if (loss != NULL && (!gw_json_get_int (loss, &settings->loss) || settings->loss < 0))
    return gw_invalid (error, "the training's loss is not the id of a node");
  return attrs_from_json (settings->training_attrs, NULL, cJSON_GetObjectItemCaseSensitive (training, "attrs"),
                          "training", error) &&
         ids_from_json (settings->targets, cJSON_GetObjectItemCaseSensitive (training, "targets"),
                        "targets", error) &&
         ids_from_json (settings->metrics, cJSON_GetObjectItemCaseSensitive (training, "metrics"),
                        "metrics", error);
}
