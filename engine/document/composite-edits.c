/* SPDX-License-Identifier: Apache-2.0 */
/* Edits that make composites of one's own. What was selected moves into the definition with
 * its ids, so that wires within it stay as they are. */
#include "engine/document/composite-edits.h"

#include "engine/base/error.h"
#include "engine/document/groups-private.h"
#include "engine/graph/graph.h"
#include "engine/graph/registry.h"

#include <math.h>
#include <string.h>

#define PORT_GAP 240   /* px between the ports of a definition and what is in it */
#define PORT_ROW 96

typedef struct {
  GwDocument             *document;
  const GwCompositeDraft *draft;
  GwEdit                 *edit;
  GHashTable             *inside;   /* set of ids */
  int64_t                 group, use, owner;
  double                  x0, y0, x1, y1;
} Making;

static gboolean
is_inside (const Making *making,
           int64_t       id)
{
  return g_hash_table_contains (making->inside, GSIZE_TO_POINTER ((gsize) id));
}

/* ---- names ---- */

gboolean
gw_document_check_op_name (const GwDocument *document,
                           const char       *name,
                           GError          **error)
{
  if (!gw_node_name_check (name, error))
    return FALSE;
  if (strchr (name, '/') != NULL)
    return gw_invalid (error, "a composite's name has no “/” in it");
  if (gw_registry_find (name) != NULL || gw_document_find_group (document, name) != 0)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_ALREADY_EXISTS, "there is an op called %s already", name);
      return FALSE;
    }
  return TRUE;
}

/* Ports are nodes of the definition, so that no two and no node inside have one name. */
static gboolean
check_ports (const GPtrArray  *ports,
             GHashTable       *names,
             GError          **error)
{
  for (guint i = 0; i < ports->len; i++)
    {
      const char *name = ((GwDraftPort *) g_ptr_array_index (ports, i))->name;

      if (!gw_node_name_check (name, error))
        return FALSE;
      if (strpbrk (name, "/[]:") != NULL)
        return gw_invalid (error, "“%s” cannot be the name of a port: it has none of / : [ ] in it", name);
      if (!g_hash_table_add (names, (gpointer) name))
        return gw_invalid (error, "two ports, or a port and a node inside, are called %s", name);
    }
  return TRUE;
}

static gboolean
check_all_ports (const Making *making,
                 GError      **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < making->draft->members->len; i++)
    {
      int64_t id = g_array_index (making->draft->members, int64_t, i);

      if (gw_document_node (making->document, id) != NULL)
        g_hash_table_add (names, (gpointer) gw_document_leaf_name (making->document, id));
    }
  return check_ports (making->draft->inputs, names, error) && check_ports (making->draft->outputs, names, error);
}

static gboolean
check_params (const GwCompositeDraft *draft,
              GError                **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < draft->params->len; i++)
    {
      const GwDraftParam *param = g_ptr_array_index (draft->params, i);

      if (!param->chosen)
        continue;
      if (!g_ascii_isalpha (*param->name) ||
          strspn (param->name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_") != strlen (param->name))
        return gw_invalid (error, "“%s” cannot be the name of an attribute: it begins with a letter and has letters, digits and _ in it",
                           param->name);
      if (g_str_equal (param->name, "name") || g_str_equal (param->name, "device") || g_str_equal (param->name, "note") ||
          !g_hash_table_add (names, param->name))
        return gw_invalid (error, "two attributes of the composite would be called %s: give one of them another name", param->name);
    }
  return TRUE;
}

/* The loss and the metrics are first outputs: one of them at most can be inside. */
static gboolean
check_settings (const Making *making,
                GError      **error)
{
  const GwDocSettings *settings = gw_document_settings (making->document);
  const GwDraftPort *first = making->draft->outputs->len > 0 ? g_ptr_array_index (making->draft->outputs, 0) : NULL;
  int64_t inside = settings->loss != 0 && is_inside (making, settings->loss) ? settings->loss : 0;

  for (guint i = 0; i < settings->metrics->len; i++)
    {
      int64_t metric = g_array_index (settings->metrics, int64_t, i);

      if (!is_inside (making, metric))
        continue;
      if (inside != 0 && inside != metric)
        return gw_invalid (error, "%s is a figure of the training, and so is %s: a composite can hold one of them, as its first output",
                           gw_document_node (making->document, metric)->name, gw_document_node (making->document, inside)->name);
      inside = metric;
    }
  if (inside == 0 || (first != NULL && first->node == inside && first->output == 0))
    return TRUE;
  return gw_invalid (error, "%s is the loss or a metric: it must be the first output", gw_document_node (making->document, inside)->name);
}

/* ---- the definition ---- */

static void
measure (Making *making)
{
  making->x0 = making->y0 = G_MAXDOUBLE;
  making->x1 = making->y1 = -G_MAXDOUBLE;
  for (guint i = 0; i < making->draft->members->len; i++)
    {
      const GwItem *item = gw_document_item (making->document, g_array_index (making->draft->members, int64_t, i));
      double x = item->kind == GW_ITEM_NODE ? item->node.x : item->kind == GW_ITEM_FRAME ? item->frame.x : item->group.x;
      double y = item->kind == GW_ITEM_NODE ? item->node.y : item->kind == GW_ITEM_FRAME ? item->frame.y : item->group.y;

      making->x0 = MIN (making->x0, x);
      making->y0 = MIN (making->y0, y);
      making->x1 = MAX (making->x1, x);
      making->y1 = MAX (making->y1, y);
    }
}

static void
fill_group (const Making *making)
{
  const GwCompositeDraft *draft = making->draft;
  GwItem *item = gw_edit_take (making->edit, making->document, making->group);

  item->group.version = 1;
  item->group.category = g_strdup (draft->category);
  item->group.summary = g_strdup (draft->summary);
  for (guint i = 0; i < draft->params->len; i++)
    {
      const GwDraftParam *param = g_ptr_array_index (draft->params, i);

      if (param->chosen)
        gw_doc_group_add_param (&item->group, param->name, param->node, param->attr, param->help);
    }
  gw_edit_put (making->edit, making->document, item);
}

static GwItem *
new_port (const Making      *making,
          const GwDraftPort *port,
          guint              index,
          gboolean           is_result)
{
  GwItem *item = gw_item_new (GW_ITEM_NODE, gw_document_new_id (making->document));
  GwAttrValue number = gw_attr_int (index), type = gw_attr_dtype (port->dtype), shape = gw_attr_shape (port->shape);

  item->owner = making->group;
  item->node.op = g_strdup (is_result ? "_Retval" : "_Arg");
  item->node.name = g_strdup_printf ("%s/%s", making->draft->name, port->name);
  item->node.x = is_result ? making->x1 + PORT_GAP : making->x0 - PORT_GAP;
  item->node.y = making->y0 + PORT_ROW * index;
  if (index > 0)
    gw_named_attrs_set (item->node.attrs, "index", &number);
  if (port->dtype != GW_DTYPE_INVALID)
    gw_named_attrs_set (item->node.attrs, "T", &type);
  if (!is_result && port->shape.rank >= 0)
    gw_named_attrs_set (item->node.attrs, "shape", &shape);
  return item;
}

static void
add_argument (const Making      *making,
              const GwDraftPort *port,
              guint              index)
{
  GwItem *argument = new_port (making, port, index, FALSE);
  int64_t id = argument->id;

  gw_edit_put (making->edit, making->document, argument);
  for (guint i = 0; i < port->ends->len; i++)
    {
      const GwDraftEnd *end = &g_array_index (port->ends, GwDraftEnd, i);
      GwItem *item = gw_edit_take (making->edit, making->document, end->node);

      gw_doc_node_set_input (&item->node, end->port, end->index, id, 0, NULL);
      gw_edit_put (making->edit, making->document, item);
    }
}

static void
add_result (const Making      *making,
            const GwDraftPort *port,
            guint              index)
{
  GwItem *result = new_port (making, port, index, TRUE);

  gw_doc_node_set_input (&result->node, "input", 0, port->node, port->output, NULL);
  gw_edit_put (making->edit, making->document, result);
}

/* ---- the use ---- */

static void
take_controls (const Making *making,
               GwDocNode    *use)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, making->inside);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      int64_t id = (int64_t) GPOINTER_TO_SIZE (key);
      GwItem *item = gw_document_node (making->document, id) != NULL ? gw_edit_take (making->edit, making->document, id) : NULL;

      for (guint i = item != NULL ? item->node.controls->len : 0; i > 0; i--)
        {
          int64_t before = g_array_index (item->node.controls, int64_t, i - 1);
          gboolean known = is_inside (making, before);

          if (known)
            continue;
          for (guint k = 0; k < use->controls->len; k++)
            known |= g_array_index (use->controls, int64_t, k) == before;
          if (!known)
            g_array_append_val (use->controls, before);
          g_array_remove_index (item->node.controls, i - 1);
        }
      if (item != NULL)
        gw_edit_put (making->edit, making->document, item);
    }
}

static void
add_use (const Making *making)
{
  g_autofree char *prefix = gw_document_prefix (making->document, making->owner);
  g_autofree char *leaf = gw_composite_use_name (making->document, making->draft->name);
  g_autofree char *wanted = g_strconcat (prefix, leaf, NULL);
  GwItem *item = gw_item_new (GW_ITEM_NODE, making->use);

  item->owner = making->owner;
  item->node.op = g_strdup (making->draft->name);
  item->node.name = gw_document_unique_name (making->document, wanted);
  item->node.x = 8 * round ((making->x0 + making->x1) / 16);
  item->node.y = 8 * round ((making->y0 + making->y1) / 16);
  for (guint i = 0; i < making->draft->inputs->len; i++)
    {
      const GwDraftPort *port = g_ptr_array_index (making->draft->inputs, i);

      if (port->node != 0)
        gw_doc_node_set_input (&item->node, port->name, 0, port->node, port->output, NULL);
    }
  take_controls (making, &item->node);
  gw_edit_put (making->edit, making->document, item);
}

static int
output_number (const Making *making,
               int64_t       node,
               int           output)
{
  for (guint i = 0; i < making->draft->outputs->len; i++)
    {
      const GwDraftPort *port = g_ptr_array_index (making->draft->outputs, i);

      if (port->node == node && port->output == output)
        return (int) i;
    }
  return 0;
}

static void
rewire_outside (const Making *making,
                int64_t       id)
{
  g_autoptr (GwItem) item = gw_edit_take (making->edit, making->document, id);
  gboolean changed = FALSE;

  for (guint i = 0; i < item->node.inputs->len; i++)
    {
      GwDocInput *input = &g_array_index (item->node.inputs, GwDocInput, i);

      if (input->from == 0 || !is_inside (making, input->from))
        continue;
      input->output = output_number (making, input->from, input->output);
      input->from = making->use;
      changed = TRUE;
    }
  for (guint i = item->node.controls->len; i > 0; i--)
    if (is_inside (making, g_array_index (item->node.controls, int64_t, i - 1)))
      {
        g_array_index (item->node.controls, int64_t, i - 1) = making->use;
        changed = TRUE;
      }
  if (changed)
    gw_edit_put (making->edit, making->document, g_steal_pointer (&item));
}

/* One use in place of all those inside. */
static gboolean
replace_ids (const Making *making,
             GArray       *ids)
{
  gboolean found = FALSE;

  for (guint i = ids->len; i > 0; i--)
    if (is_inside (making, g_array_index (ids, int64_t, i - 1)))
      {
        g_array_remove_index (ids, i - 1);
        found = TRUE;
      }
  if (found)
    g_array_append_val (ids, making->use);
  return found;
}

static void
follow_settings (const Making *making)
{
  g_autoptr (GwItem) item = gw_edit_take (making->edit, making->document, 0);
  gboolean changed = replace_ids (making, item->settings.targets);

  changed |= replace_ids (making, item->settings.metrics);
  if (item->settings.loss != 0 && is_inside (making, item->settings.loss))
    {
      item->settings.loss = making->use;
      changed = TRUE;
    }
  if (changed)
    gw_edit_put (making->edit, making->document, g_steal_pointer (&item));
}

/* ---- the whole ---- */

static void
make (Making *making)
{
  const GArray *members = making->draft->members;
  int n;
  const int64_t *ids = gw_document_ids (making->document, GW_ITEM_NODE, &n);
  g_autofree int64_t *all = g_memdup2 (ids, (gsize) n * sizeof *ids);

  making->group = gw_edit_add_definition (making->edit, making->document, GW_GROUP_COMPOSITE, making->draft->name);
  making->use = gw_document_new_id (making->document);
  fill_group (making);
  gw_edit_move_into (making->edit, making->document, (const int64_t *) (gpointer) members->data, (int) members->len, making->group);
  for (guint i = 0; i < making->draft->inputs->len; i++)
    add_argument (making, g_ptr_array_index (making->draft->inputs, i), i);
  for (guint i = 0; i < making->draft->outputs->len; i++)
    add_result (making, g_ptr_array_index (making->draft->outputs, i), i);
  add_use (making);
  for (int i = 0; i < n; i++)
    if (!is_inside (making, all[i]))
      rewire_outside (making, all[i]);
  follow_settings (making);
}

GwEdit *
gw_edit_make_composite (GwDocument             *document,
                        const GwCompositeDraft *draft,
                        int64_t                *use,
                        GError                **error)
{
  g_autoptr (GHashTable) inside = g_hash_table_new (NULL, NULL);
  g_autofree char *label = g_strdup_printf ("Make %s", draft->name);
  Making making = { .document = document, .draft = draft, .inside = inside };

  *use = 0;
  making.owner = draft->members->len > 0 ? gw_document_owner (document, g_array_index (draft->members, int64_t, 0)) : 0;
  gw_document_collect (document, (const int64_t *) (gpointer) draft->members->data, (int) draft->members->len, inside);
  if (!gw_document_check_op_name (document, draft->name, error) || !check_all_ports (&making, error) ||
      !check_params (draft, error) || !check_settings (&making, error))
    return NULL;
  measure (&making);
  making.edit = gw_edit_new (label);
  make (&making);
  *use = making.use;
  return making.edit;
}

void
gw_edit_follow_port (GwEdit           *edit,
                     const GwDocument *document,
                     int64_t           argument,
                     const char       *name)
{
  int64_t group = gw_document_owner (document, argument);
  const GwDocGroup *definition = gw_document_group (document, group);
  const char *old = gw_document_leaf_name (document, argument);
  g_autofree char *prefix = gw_document_prefix (document, group);
  const char *fresh = g_str_has_prefix (name, prefix) ? name + strlen (prefix) : name;
  g_autoptr (GArray) uses = NULL;

  if (definition == NULL || definition->kind != GW_GROUP_COMPOSITE || g_str_equal (old, fresh))
    return;
  uses = gw_document_uses (document, group);
  for (guint i = 0; i < uses->len; i++)
    {
      GwItem *item = gw_edit_take (edit, document, g_array_index (uses, int64_t, i));
      const GwDocInput *input = gw_doc_node_input (&item->node, old, 0);

      if (input != NULL)
        {
          GwDocInput kept = *input;
          g_autofree char *literal = g_strdup (kept.literal);

          gw_doc_node_set_input (&item->node, old, 0, 0, 0, NULL);
          gw_doc_node_set_input (&item->node, fresh, 0, kept.from, kept.output, literal);
        }
      gw_edit_put (edit, document, item);
    }
}
