/* SPDX-License-Identifier: Apache-2.0 */
/* Breaking uses of one's own composites apart: copies of what is in the definition, named as
 * lowering names them, take the place of each use. */
#include "engine/document/composite-own.h"

#include "engine/base/error.h"
#include "engine/document/document-private.h"
#include "engine/document/lower-private.h"
#include "engine/document/random-numbers.h"

#include <string.h>

#define GAP 96 /* px between copies of a repeated composite */

/* What gives a value in the document: a wire, or a literal, or nothing. */
typedef struct {
  int64_t     from;
  int         output;
  const char *literal;
} Value;

typedef struct {
  GwDocument *document;
  GwEdit     *edit;
  int64_t     use, group;
  GArray     *content;     /* of int64_t: nodes of the definition but its ports */
  GArray     *args, *results;
  Value      *values;      /* per argument */
  GHashTable *ids;         /* id in the definition → new id of this copy */
  char       *prefix;      /* of names in this copy */
  int64_t     head;        /* node of the definition whose copy takes over the use's id */
  double      dx, dy;
  GArray     *made;        /* or NULL */
} Unfold;

static gpointer
id_key (int64_t id)
{
  return GSIZE_TO_POINTER ((gsize) id);
}

static int64_t
copy_of (const Unfold *unfold,
         int64_t       id)
{
  return (int64_t) GPOINTER_TO_SIZE (g_hash_table_lookup (unfold->ids, id_key (id)));
}

static int
place_of (const GArray *ids,
          int64_t       id)
{
  for (guint i = 0; i < ids->len; i++)
    if (g_array_index (ids, int64_t, i) == id)
      return (int) i;
  return -1;
}

/* ---- values ---- */

static Value
value_at (const GwDocNode *node,
          const char      *port)
{
  const GwDocInput *input = gw_doc_node_input (node, port, 0);

  return input != NULL ? (Value) { input->from, input->output, input->literal } : (Value) { 0, 0, NULL };
}

/* The value at an input in the definition, as this copy has it. */
static Value
translate (const Unfold *unfold,
           Value         value)
{
  int argument = value.from != 0 ? place_of (unfold->args, value.from) : -1;

  if (argument >= 0)
    return unfold->values[argument];
  if (value.from != 0)
    value.from = copy_of (unfold, value.from);
  return value;
}

/* ---- one copy ---- */

static char *
name_in_copy (const Unfold *unfold,
              int64_t       id)
{
  return g_strconcat (unfold->prefix, gw_document_inner_name (unfold->document, unfold->group, id), NULL);
}

/* As lowering names it, unless somebody in the document has the name. */
static char *
unique_in_copy (const Unfold *unfold,
                int64_t       id)
{
  g_autofree char *wanted = name_in_copy (unfold, id);
  int64_t there = gw_document_find (unfold->document, wanted);

  return there != 0 && there != unfold->use ? gw_document_unique_name (unfold->document, wanted) : g_steal_pointer (&wanted);
}

/* A literal may name a variable of the definition. */
static char *
literal_in_copy (const Unfold  *unfold,
                 const GwOpDef *def,
                 const char    *port,
                 const char    *literal)
{
  const GwPortDef *found = gw_lowering_find_port (def, port);
  int64_t named = literal != NULL && found != NULL && found->is_ref ? gw_document_find (unfold->document, literal) : 0;

  return named != 0 && copy_of (unfold, named) != 0 ? unique_in_copy (unfold, named) : g_strdup (literal);
}

static void
copy_inputs (const Unfold    *unfold,
             const GwDocNode *old,
             GwDocNode       *fresh)
{
  const GwOpDef *def = gw_document_op (unfold->document, old->op);

  for (guint i = 0; i < old->inputs->len; i++)
    {
      const GwDocInput *input = &g_array_index (old->inputs, GwDocInput, i);
      Value value = translate (unfold, (Value) { input->from, input->output, input->literal });
      g_autofree char *literal = literal_in_copy (unfold, def, input->port, value.literal);

      gw_doc_node_set_input (fresh, input->port, input->index, value.from, value.output, literal);
    }
}

static void
copy_controls (const Unfold    *unfold,
               const GwDocNode *old,
               GwDocNode       *fresh)
{
  const GArray *outer = gw_document_node (unfold->document, unfold->use)->controls;

  g_array_set_size (fresh->controls, 0);
  g_array_append_vals (fresh->controls, outer->data, outer->len);
  for (guint i = 0; i < old->controls->len; i++)
    {
      int64_t id = copy_of (unfold, g_array_index (old->controls, int64_t, i));

      if (id != 0)
        g_array_append_val (fresh->controls, id);
    }
}

static void
copy_sharing (const Unfold *unfold,
              GwDocNode    *fresh)
{
  const GwAttrValue *share = gw_named_attrs_get (fresh->attrs, "share");
  GwAttrValue own;

  if (share == NULL || share->type != GW_ATTR_INT || copy_of (unfold, share->i) == 0)
    return;
  own = gw_attr_int (copy_of (unfold, share->i));
  gw_named_attrs_set (fresh->attrs, "share", &own);
}

static void
set_params (const Unfold *unfold,
            int64_t       id,
            GwDocNode    *fresh)
{
  const GArray *params = gw_document_group (unfold->document, unfold->group)->params;
  const GwDocNode *use = gw_document_node (unfold->document, unfold->use);

  for (guint i = 0; i < params->len; i++)
    {
      const GwGroupParam *param = &g_array_index (params, GwGroupParam, i);
      const GwAttrValue *value = param->node == id ? gw_named_attrs_get (use->attrs, param->name) : NULL;

      if (value != NULL)
        gw_named_attrs_set (fresh->attrs, param->attr, value);
    }
}

static void
copy_node (const Unfold *unfold,
           int64_t       id)
{
  const GwItem *old = gw_document_item (unfold->document, id);
  const GwDocNode *use = gw_document_node (unfold->document, unfold->use);
  GwItem *item = gw_item_copy (old);
  int64_t fresh = copy_of (unfold, id);

  item->id = fresh;
  item->owner = gw_document_owner (unfold->document, unfold->use);
  g_free (item->node.name);
  item->node.name = unique_in_copy (unfold, id);
  item->node.x += unfold->dx;
  item->node.y += unfold->dy;
  g_array_set_size (item->node.inputs, 0);
  copy_inputs (unfold, &old->node, &item->node);
  copy_controls (unfold, &old->node, &item->node);
  set_params (unfold, id, &item->node);
  copy_sharing (unfold, &item->node);
  if (item->node.device == NULL)
    item->node.device = g_strdup (use->device);
  if (fresh == unfold->use)
    item->node.flags |= use->flags & (GW_DOC_REPORT | GW_DOC_WATCHED);
  gw_edit_put (unfold->edit, unfold->document, item);
  if (unfold->made != NULL)
    g_array_append_val (unfold->made, fresh);
}

/* ---- where ---- */

/* The upper left corner and the width of what is in the definition. */
static void
measure (const Unfold *unfold,
         double       *x,
         double       *y,
         double       *width)
{
  double right = -G_MAXDOUBLE;

  *x = *y = G_MAXDOUBLE;
  for (guint i = 0; i < unfold->content->len; i++)
    {
      const GwDocNode *node = gw_document_node (unfold->document, g_array_index (unfold->content, int64_t, i));

      *x = MIN (*x, node->x);
      *y = MIN (*y, node->y);
      right = MAX (right, node->x);
    }
  *width = right - *x + 160;
}

/* ---- one use ---- */

static GArray *
content_of (const GwDocument *document,
            int64_t           group)
{
  GArray *content = gw_document_content (document, group, GW_ITEM_NODE);

  for (guint i = content->len; i > 0; i--)
    {
      const char *op = gw_document_node (document, g_array_index (content, int64_t, i - 1))->op;

      if (g_str_equal (op, "_Arg") || g_str_equal (op, "_Retval"))
        g_array_remove_index (content, i - 1);
    }
  return content;
}

/* What gives the first output; without outputs, the last node that nothing inside takes. */
static int64_t
head_of (const Unfold *unfold)
{
  if (unfold->results->len > 0)
    {
      const GwDocNode *first = gw_document_node (unfold->document, g_array_index (unfold->results, int64_t, 0));
      int64_t from = value_at (first, "input").from;

      return place_of (unfold->content, from) >= 0 ? from : 0;
    }
  for (guint i = unfold->content->len; i > 0; i--)
    {
      int64_t id = g_array_index (unfold->content, int64_t, i - 1);
      gboolean taken = FALSE;

      for (guint k = 0; k < unfold->content->len && !taken; k++)
        {
          const GwDocNode *user = gw_document_node (unfold->document, g_array_index (unfold->content, int64_t, k));

          for (guint m = 0; m < user->inputs->len && !taken; m++)
            taken = g_array_index (user->inputs, GwDocInput, m).from == id;
        }
      if (!taken)
        return id;
    }
  return 0;
}

static void
copy_all (Unfold  *unfold,
          gboolean is_last)
{
  g_hash_table_remove_all (unfold->ids);
  for (guint i = 0; i < unfold->content->len; i++)
    {
      int64_t id = g_array_index (unfold->content, int64_t, i);
      int64_t fresh = is_last && id == unfold->head ? unfold->use : gw_document_new_id (unfold->document);

      g_hash_table_insert (unfold->ids, id_key (id), id_key (fresh));
    }
  for (guint i = 0; i < unfold->content->len; i++)
    copy_node (unfold, g_array_index (unfold->content, int64_t, i));
}

static Value
result_value (const Unfold *unfold,
              guint         number)
{
  const GwDocNode *node = gw_document_node (unfold->document, g_array_index (unfold->results, int64_t, number));

  return translate (unfold, value_at (node, "input"));
}

static void
copy_times (Unfold  *unfold,
            int64_t  repeat)
{
  const GwDocNode *use = gw_document_node (unfold->document, unfold->use);
  g_autofree Value *results = g_new0 (Value, MAX (unfold->results->len, 1));
  double x, y, width;

  measure (unfold, &x, &y, &width);
  for (int64_t i = 0; i < repeat; i++)
    {
      unfold->prefix = repeat > 1 ? g_strdup_printf ("%s/%" G_GINT64_FORMAT "/", use->name, i + 1) : g_strconcat (use->name, "/", NULL);
      unfold->dx = use->x - x + (double) i * (width + GAP);
      unfold->dy = use->y - y;
      copy_all (unfold, i == repeat - 1);
      for (guint k = 0; k < unfold->results->len; k++)
        results[k] = result_value (unfold, k);
      for (guint k = 0; repeat > 1 && k < unfold->results->len && k < unfold->args->len; k++)
        unfold->values[k] = results[k];
      g_clear_pointer (&unfold->prefix, g_free);
    }
  for (guint k = 0; k < unfold->results->len; k++)
    unfold->values[unfold->args->len + k] = results[k];
}

/* ---- who took something from it ---- */

static void
rewire_users (const Unfold *unfold,
              const Value  *results)
{
  int n;
  const int64_t *ids = gw_document_ids (unfold->document, GW_ITEM_NODE, &n);

  for (int i = 0; i < n; i++)
    {
      g_autoptr (GwItem) item = ids[i] != unfold->use ? gw_edit_take (unfold->edit, unfold->document, ids[i]) : NULL;
      gboolean changed = FALSE;

      for (guint k = 0; item != NULL && k < item->node.inputs->len; k++)
        {
          GwDocInput *input = &g_array_index (item->node.inputs, GwDocInput, k);
          const Value *value = input->from == unfold->use && input->output < (int) unfold->results->len ? &results[input->output] : NULL;

          if (value == NULL || (value->from == input->from && value->output == input->output))
            continue;
          changed = TRUE;
          if (value->from == 0)
            {
              g_autofree char *port = g_strdup (input->port);

              gw_doc_node_set_input (&item->node, port, input->index, 0, 0, value->literal);
              k -= value->literal == NULL;
              continue;
            }
          input->from = value->from;
          input->output = value->output;
        }
      if (changed)
        gw_edit_put (unfold->edit, unfold->document, g_steal_pointer (&item));
    }
}

static int64_t
repeat_of (const GwDocument *document,
           const GwDocNode  *use)
{
  GwAttrValue value;
  int64_t repeat = 1;

  if (gw_document_attr (document, use, "repeat", &value))
    {
      repeat = value.type == GW_ATTR_INT ? CLAMP (value.i, 1, GW_MAX_REPEAT) : 1;
      gw_attr_value_clear (&value);
    }
  return repeat;
}

static void
unfold_use (GwEdit     *edit,
            GwDocument *document,
            int64_t     id,
            GArray     *made)
{
  const GwDocNode *use = gw_document_node (document, id);
  int64_t group = gw_document_own_composite (document, id);
  g_autoptr (GArray) content = content_of (document, group);
  g_autoptr (GArray) args = gw_document_arguments (document, group, FALSE);
  g_autoptr (GArray) results = gw_document_arguments (document, group, TRUE);
  g_autoptr (GHashTable) ids = g_hash_table_new (NULL, NULL);
  g_autofree Value *values = g_new0 (Value, args->len + results->len + 1);
  Unfold unfold = { document, edit, id, group, content, args, results, values, ids, .made = made };

  for (guint i = 0; i < args->len; i++)
    values[i] = value_at (use, gw_document_leaf_name (document, g_array_index (args, int64_t, i)));
  unfold.head = head_of (&unfold);
  copy_times (&unfold, repeat_of (document, use));
  rewire_users (&unfold, values + args->len);
  if (unfold.head == 0)
    gw_edit_remove (edit, document, id);
}

GwEdit *
gw_edit_unfold (GwDocument    *document,
                const int64_t *ids,
                int            n,
                GArray        *made,
                GError       **error)
{
  g_autoptr (GwEdit) edit = gw_edit_new ("Break apart");
  g_autoptr (GwDocument) so_far = gw_document_copy (document); /* one use may take from another */

  for (int i = 0; i < n; i++)
    {
      const GwDocNode *node = gw_document_node (document, ids[i]);
      g_autoptr (GwEdit) step = gw_edit_new ("Break apart");

      if (gw_document_own_composite (document, ids[i]) == 0)
        {
          gw_invalid (error, "%s is no composite of your own: break it apart by itself", node != NULL ? node->name : "this");
          return NULL;
        }
      unfold_use (step, so_far, ids[i], made);
      gw_document_apply (so_far, step);
      gw_edit_merge (edit, step);
    }
  gw_edit_keep_draws (edit, document);
  return g_steal_pointer (&edit);
}
