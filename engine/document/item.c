/* SPDX-License-Identifier: Apache-2.0 */
/* Items: counted, immutable once in a document. */
#include "engine/document/document.h"

#include "engine/base/json.h"
#include "engine/graph/registry.h"

#include <string.h>

/* ---- named attributes ---- */

static void
named_attr_clear (gpointer data)
{
  GwNamedAttr *attr = data;

  g_free (attr->name);
  gw_attr_value_clear (&attr->value);
}

static GArray *
named_attrs_new (void)
{
  GArray *attrs = g_array_new (FALSE, FALSE, sizeof (GwNamedAttr));

  g_array_set_clear_func (attrs, named_attr_clear);
  return attrs;
}

static int
named_attrs_find (const GArray *attrs,
                  const char   *name)
{
  for (guint i = 0; i < attrs->len; i++)
    if (g_str_equal (g_array_index (attrs, GwNamedAttr, i).name, name))
      return (int) i;
  return -1;
}

const GwAttrValue *
gw_named_attrs_get (const GArray *attrs,
                    const char   *name)
{
  int i = named_attrs_find (attrs, name);

  return i >= 0 ? &g_array_index (attrs, GwNamedAttr, i).value : NULL;
}

void
gw_named_attrs_set (GArray            *attrs,
                    const char        *name,
                    const GwAttrValue *value)
{
  int i = named_attrs_find (attrs, name);
  GwNamedAttr fresh = { 0 };

  if (value == NULL)
    {
      if (i >= 0)
        g_array_remove_index (attrs, (guint) i);
      return;
    }
  gw_attr_value_copy (&fresh.value, value);
  if (i >= 0)
    {
      GwNamedAttr *old = &g_array_index (attrs, GwNamedAttr, i);

      gw_attr_value_clear (&old->value);
      old->value = fresh.value;
      return;
    }
  fresh.name = g_strdup (name);
  g_array_append_val (attrs, fresh);
}

static GArray *
named_attrs_copy (const GArray *attrs)
{
  GArray *copy = named_attrs_new ();

  for (guint i = 0; i < attrs->len; i++)
    {
      const GwNamedAttr *attr = &g_array_index (attrs, GwNamedAttr, i);

      gw_named_attrs_set (copy, attr->name, &attr->value);
    }
  return copy;
}

static gboolean
named_attrs_equal (const GArray *a,
                   const GArray *b)
{
  if (a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++)
    {
      const GwNamedAttr *attr = &g_array_index (a, GwNamedAttr, i);
      const GwAttrValue *other = gw_named_attrs_get (b, attr->name);

      if (other == NULL || !gw_attr_value_equal (&attr->value, other))
        return FALSE;
    }
  return TRUE;
}

/* ---- inputs ---- */

static void
doc_input_clear (gpointer data)
{
  GwDocInput *input = data;

  g_free (input->port);
  g_free (input->literal);
}

static GArray *
inputs_new (void)
{
  GArray *inputs = g_array_new (FALSE, FALSE, sizeof (GwDocInput));

  g_array_set_clear_func (inputs, doc_input_clear);
  return inputs;
}

static GArray *
inputs_copy (const GArray *inputs)
{
  GArray *copy = inputs_new ();

  for (guint i = 0; i < inputs->len; i++)
    {
      GwDocInput input = g_array_index (inputs, GwDocInput, i);

      input.port = g_strdup (input.port);
      input.literal = g_strdup (input.literal);
      g_array_append_val (copy, input);
    }
  return copy;
}

static gboolean
inputs_equal (const GArray *a,
              const GArray *b)
{
  if (a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++)
    {
      const GwDocInput *x = &g_array_index (a, GwDocInput, i);
      const GwDocInput *y = &g_array_index (b, GwDocInput, i);

      if (!g_str_equal (x->port, y->port) || x->index != y->index || x->from != y->from ||
          x->output != y->output || g_strcmp0 (x->literal, y->literal) != 0)
        return FALSE;
    }
  return TRUE;
}

/* Inputs are sorted by port and index. The place of one of them, or where it would
 * stand; TRUE when it is there. */
static gboolean
input_position (const GArray *inputs,
                const char   *port,
                int           index,
                guint        *position)
{
  guint low = 0, high = inputs->len;

  while (low < high)
    {
      guint middle = (low + high) / 2;
      const GwDocInput *input = &g_array_index (inputs, GwDocInput, middle);
      int order = strcmp (input->port, port);

      if (order == 0)
        order = (input->index > index) - (input->index < index);
      if (order == 0)
        {
          *position = middle;
          return TRUE;
        }
      if (order < 0)
        low = middle + 1;
      else
        high = middle;
    }
  *position = low;
  return FALSE;
}

const GwDocInput *
gw_doc_node_input (const GwDocNode *node,
                   const char      *port,
                   int              index)
{
  guint position;

  return input_position (node->inputs, port, index, &position)
           ? &g_array_index (node->inputs, GwDocInput, position) : NULL;
}

void
gw_doc_node_set_input (GwDocNode  *node,
                       const char *port,
                       int         index,
                       int64_t     from,
                       int         output,
                       const char *literal)
{
  GwDocInput fresh = { g_strdup (port), index, from, from != 0 ? output : 0,
                       from == 0 ? g_strdup (literal) : NULL };
  guint position;

  if (input_position (node->inputs, port, index, &position))
    g_array_remove_index (node->inputs, position);
  if (from != 0 || literal != NULL)
    g_array_insert_val (node->inputs, position, fresh);
  else
    doc_input_clear (&fresh);
}

static gboolean
is_list_port (const GwDocNode *node,
              const GwPortDef *port)
{
  const GwOpDef *def = gw_registry_find (node->op);
  int type = def != NULL ? gw_attr_defs_find (def->attrs, port->type) : -1;

  return port->number_attr != NULL || (type >= 0 && def->attrs[type].type == GW_ATTR_DTYPES);
}

int
gw_doc_node_port_size (const GwDocNode *node,
                       const GwPortDef *port)
{
  const GwDocInput *last;
  guint behind;

  if (!is_list_port (node, port))
    return 1;
  input_position (node->inputs, port->name, G_MAXINT, &behind);
  last = behind > 0 ? &g_array_index (node->inputs, GwDocInput, behind - 1) : NULL;
  return last != NULL && g_str_equal (last->port, port->name) ? last->index + 1 : 0;
}

int
gw_doc_node_port_count (const GwDocNode *node,
                        const GwPortDef *port)
{
  return gw_doc_node_port_size (node, port) + (is_list_port (node, port) ? 1 : 0);
}

gboolean
gw_doc_node_attr (const GwDocNode *node,
                  const char      *name,
                  GwAttrValue     *value)
{
  const GwAttrValue *set = gw_named_attrs_get (node->attrs, name);
  const GwOpDef *def = gw_registry_find (node->op);
  int index = def != NULL ? gw_attr_defs_find (def->attrs, name) : -1;

  if (set != NULL)
    gw_attr_value_copy (value, set);
  else if (index >= 0)
    gw_attr_default (&def->attrs[index], value);
  else
    return FALSE;
  return TRUE;
}

/* ---- lists of ids ---- */

static GArray *
ids_new (void)
{
  return g_array_new (FALSE, FALSE, sizeof (int64_t));
}

static GArray *
ids_copy (const GArray *ids)
{
  GArray *copy = ids_new ();

  g_array_append_vals (copy, ids->data, ids->len);
  return copy;
}

static gboolean
ids_equal (const GArray *a,
           const GArray *b)
{
  return a->len == b->len && (a->len == 0 || memcmp (a->data, b->data, a->len * sizeof (int64_t)) == 0);
}

/* ---- the kinds ---- */

static void
node_copy (GwDocNode       *dest,
           const GwDocNode *src)
{
  *dest = *src;
  dest->op = g_strdup (src->op);
  dest->name = g_strdup (src->name);
  dest->device = g_strdup (src->device);
  dest->note = g_strdup (src->note);
  dest->attrs = named_attrs_copy (src->attrs);
  dest->inputs = inputs_copy (src->inputs);
  dest->controls = ids_copy (src->controls);
}

static void
node_clear (GwDocNode *node)
{
  g_free (node->op);
  g_free (node->name);
  g_free (node->device);
  g_free (node->note);
  g_array_unref (node->attrs);
  g_array_unref (node->inputs);
  g_array_unref (node->controls);
}

static gboolean
node_equal (const GwDocNode *a,
            const GwDocNode *b)
{
  return g_strcmp0 (a->op, b->op) == 0 && g_strcmp0 (a->name, b->name) == 0 &&
         g_strcmp0 (a->device, b->device) == 0 && g_strcmp0 (a->note, b->note) == 0 &&
         a->x == b->x && a->y == b->y && a->flags == b->flags &&
         named_attrs_equal (a->attrs, b->attrs) && inputs_equal (a->inputs, b->inputs) &&
         ids_equal (a->controls, b->controls);
}

static void
settings_copy (GwDocSettings       *dest,
               const GwDocSettings *src)
{
  dest->pipeline = src->pipeline != NULL ? gw_pipeline_copy (src->pipeline) : NULL;
  dest->training_attrs = named_attrs_copy (src->training_attrs);
  dest->targets = ids_copy (src->targets);
  dest->loss = src->loss;
  dest->metrics = ids_copy (src->metrics);
}

static void
settings_clear (GwDocSettings *settings)
{
  gw_pipeline_free (settings->pipeline);
  g_array_unref (settings->training_attrs);
  g_array_unref (settings->targets);
  g_array_unref (settings->metrics);
}

/* Equal when their files would be. */
static gboolean
pipeline_equal (const GwPipelineDef *a,
                const GwPipelineDef *b)
{
  g_autoptr (cJSON) first = a != NULL ? gw_pipeline_to_json (a) : NULL;
  g_autoptr (cJSON) second = b != NULL ? gw_pipeline_to_json (b) : NULL;

  if (first == NULL || second == NULL)
    return first == second;
  return cJSON_Compare (first, second, TRUE);
}

static gboolean
settings_equal (const GwDocSettings *a,
                const GwDocSettings *b)
{
  return a->loss == b->loss && pipeline_equal (a->pipeline, b->pipeline) &&
         named_attrs_equal (a->training_attrs, b->training_attrs) &&
         ids_equal (a->targets, b->targets) && ids_equal (a->metrics, b->metrics);
}

static void
settings_init (GwDocSettings *settings)
{
  settings->training_attrs = named_attrs_new ();
  settings->targets = ids_new ();
  settings->metrics = ids_new ();
}

static void
param_clear (gpointer data)
{
  GwGroupParam *param = data;

  g_free (param->name);
  g_free (param->attr);
  g_free (param->help);
}

static GArray *
params_new (void)
{
  GArray *params = g_array_new (FALSE, FALSE, sizeof (GwGroupParam));

  g_array_set_clear_func (params, param_clear);
  return params;
}

static void
group_copy (GwDocGroup       *dest,
            const GwDocGroup *src)
{
  *dest = *src;
  dest->name = g_strdup (src->name);
  dest->variables = g_strdup (src->variables);
  dest->category = g_strdup (src->category);
  dest->summary = g_strdup (src->summary);
  dest->params = params_new ();
  for (guint i = 0; i < src->params->len; i++)
    {
      const GwGroupParam *param = &g_array_index (src->params, GwGroupParam, i);

      gw_doc_group_add_param (dest, param->name, param->node, param->attr, param->help);
    }
}

static void
group_clear (GwDocGroup *group)
{
  g_free (group->name);
  g_free (group->variables);
  g_free (group->category);
  g_free (group->summary);
  g_array_unref (group->params);
}

static gboolean
params_equal (const GArray *a,
              const GArray *b)
{
  if (a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++)
    {
      const GwGroupParam *x = &g_array_index (a, GwGroupParam, i);
      const GwGroupParam *y = &g_array_index (b, GwGroupParam, i);

      if (x->node != y->node || g_strcmp0 (x->name, y->name) != 0 || g_strcmp0 (x->attr, y->attr) != 0 ||
          g_strcmp0 (x->help, y->help) != 0)
        return FALSE;
    }
  return TRUE;
}

static gboolean
group_equal (const GwDocGroup *a,
             const GwDocGroup *b)
{
  return a->kind == b->kind && a->x == b->x && a->y == b->y && a->version == b->version &&
         a->reuse == b->reuse && g_strcmp0 (a->variables, b->variables) == 0 && g_strcmp0 (a->name, b->name) == 0 && g_strcmp0 (a->category, b->category) == 0 &&
         g_strcmp0 (a->summary, b->summary) == 0 && params_equal (a->params, b->params);
}

void
gw_doc_group_add_param (GwDocGroup *group,
                        const char *name,
                        int64_t     node,
                        const char *attr,
                        const char *help)
{
  GwGroupParam param = { g_strdup (name), node, g_strdup (attr), g_strdup (help) };

  g_array_append_val (group->params, param);
}

static GwItem *
alloc_item (GwItemKind kind,
            int64_t    id)
{
  GwItem *item = g_new0 (GwItem, 1);

  item->kind = kind;
  item->id = id;
  item->refs = 1;
  return item;
}

GwItem *
gw_item_new (GwItemKind kind,
             int64_t    id)
{
  GwItem *item = alloc_item (kind, id);

  if (kind == GW_ITEM_NODE)
    {
      item->node.attrs = named_attrs_new ();
      item->node.inputs = inputs_new ();
      item->node.controls = ids_new ();
    }
  else if (kind == GW_ITEM_SETTINGS)
    settings_init (&item->settings);
  else if (kind == GW_ITEM_GROUP)
    item->group = (GwDocGroup) { .version = 1, .params = params_new () };
  return item;
}

GwItem *
gw_item_copy (const GwItem *item)
{
  GwItem *copy = alloc_item (item->kind, item->id);

  copy->owner = item->owner;
  switch (item->kind)
    {
    case GW_ITEM_NODE:
      node_copy (&copy->node, &item->node);
      break;
    case GW_ITEM_FRAME:
      copy->frame = item->frame;
      copy->frame.title = g_strdup (item->frame.title);
      copy->frame.text = g_strdup (item->frame.text);
      break;
    case GW_ITEM_SETTINGS:
      settings_copy (&copy->settings, &item->settings);
      break;
    case GW_ITEM_GROUP:
      group_copy (&copy->group, &item->group);
      break;
    }
  return copy;
}

GwItem *
gw_item_ref (GwItem *item)
{
  g_atomic_int_inc (&item->refs);
  return item;
}

void
gw_item_unref (GwItem *item)
{
  if (item == NULL || !g_atomic_int_dec_and_test (&item->refs))
    return;
  switch (item->kind)
    {
    case GW_ITEM_NODE:
      node_clear (&item->node);
      break;
    case GW_ITEM_FRAME:
      g_free (item->frame.title);
      g_free (item->frame.text);
      break;
    case GW_ITEM_SETTINGS:
      settings_clear (&item->settings);
      break;
    case GW_ITEM_GROUP:
      group_clear (&item->group);
      break;
    }
  g_free (item);
}

static gboolean
frame_equal (const GwDocFrame *a,
             const GwDocFrame *b)
{
  return a->x == b->x && a->y == b->y && a->width == b->width && a->height == b->height &&
         a->color == b->color && g_strcmp0 (a->title, b->title) == 0 && g_strcmp0 (a->text, b->text) == 0;
}

gboolean
gw_item_equal (const GwItem *a,
               const GwItem *b)
{
  if (a == b)
    return TRUE;
  if (a->kind != b->kind || a->id != b->id || a->owner != b->owner)
    return FALSE;
  switch (a->kind)
    {
    case GW_ITEM_NODE:
      return node_equal (&a->node, &b->node);
    case GW_ITEM_FRAME:
      return frame_equal (&a->frame, &b->frame);
    case GW_ITEM_GROUP:
      return group_equal (&a->group, &b->group);
    default:
      return settings_equal (&a->settings, &b->settings);
    }
}
