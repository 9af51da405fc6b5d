/* SPDX-License-Identifier: Apache-2.0 */
/* What went wrong in a box, on the canvas of its inside: the op, or the box within, in which
 * it did. The problem of a composite of the user's own belongs to its box, and so does an
 * error of the run; both keep the full name of the op. */
#include "app/ui/canvas-adapter-private.h"

#include "app/scene/inside.h"

#include <string.h>

static GwDocument *
document_of (GwCanvasAdapter *self)
{
  return gw_doc_model_get_document (self->model);
}

/* The composite of the user's own that a place is, or is in; 0 = none. */
static int64_t
composite_around (GwCanvasAdapter *self,
                  int64_t          place)
{
  const GwDocGroup *group = gw_document_group (document_of (self), place);

  while (group != NULL && group->kind == GW_GROUP_SCOPE)
    {
      place = gw_document_owner (document_of (self), place);
      group = gw_document_group (document_of (self), place);
    }
  return group != NULL && group->kind == GW_GROUP_COMPOSITE ? place : 0;
}

/* What follows a name and a slash, "" after the name alone; NULL: `rest` begins otherwise. */
static const char *
past_name (const char *rest,
           const char *name)
{
  gsize length = strlen (name);

  if (!g_str_has_prefix (rest, name) || (rest[length] != '/' && rest[length] != '\0'))
    return NULL;
  return rest[length] == '/' ? rest + length + 1 : rest + length;
}

/* Of several copies in a row each has its number in its name: "block/2/dense". */
static const char *
past_copy (const GwDocNode *box,
           const char      *rest)
{
  const GwAttrValue *repeat = gw_named_attrs_get (box->attrs, "repeat");
  gsize digits = strspn (rest, "0123456789");

  return repeat != NULL && repeat->type == GW_ATTR_INT && repeat->i > 1 && digits > 0 && rest[digits] == '/'
           ? rest + digits + 1 : rest;
}

/* The box whose use led into the one that `box` stands in; 0 = it stands in the document itself. */
static int64_t
box_around (GwCanvasAdapter *self,
            int64_t          box)
{
  int64_t group = composite_around (self, gw_document_owner (document_of (self), box));

  return group != 0 ? gw_canvas_adapter_find_caller (self, group) : 0;
}

/* What is left of an op's full name behind that of a box, which begins with those that were
 * entered before; NULL: the op is elsewhere. */
static const char *
within_box (GwCanvasAdapter *self,
            int64_t          box,
            const char      *name)
{
  const GwDocNode *node = gw_document_node (document_of (self), box);
  int64_t group = composite_around (self, gw_document_owner (document_of (self), box));
  int64_t around = box_around (self, box);
  const char *rest = around != 0 ? within_box (self, around, name) : name;

  if (node == NULL || rest == NULL || (group != 0 && around == 0))
    return NULL;
  rest = past_name (rest, group != 0 ? gw_document_inner_name (document_of (self), group, box) : node->name);
  return rest != NULL ? past_copy (node, rest) : NULL;
}

/* The box whose inside is shown, 0 = none. */
static int64_t
entered_box (GwCanvasAdapter *self)
{
  int64_t group = composite_around (self, self->place);

  if (group != 0)
    return gw_canvas_adapter_find_caller (self, group);
  return gw_canvas_adapter_is_inside (self) ? self->place : 0;
}

/* The name of what failed, below the box that was entered; NULL = nothing did. */
static const char *
find_blame (GwCanvasAdapter *self,
            const char     **text)
{
  const GError *errors[] = { gw_run_get_error (self->run), gw_run_get_refusal (self->run) };
  int64_t box = entered_box (self), root = box;
  const GwProblem *problem;
  const char *rest = NULL;

  if (box == 0)
    return NULL;
  for (int64_t around = box; around != 0; around = box_around (self, around))
    root = around;
  problem = gw_live_problem (gw_doc_model_get_live (self->model), root);
  if (problem != NULL && problem->inner != NULL)
    rest = within_box (self, box, problem->inner);
  *text = problem != NULL ? problem->message : NULL;
  for (guint i = 0; (rest == NULL || *rest == '\0') && i < G_N_ELEMENTS (errors); i++)
    {
      const char *inner = gw_error_get_inner (errors[i]);

      rest = inner != NULL ? within_box (self, box, inner) : NULL;
      *text = rest != NULL ? errors[i]->message : NULL;
    }
  return rest != NULL && *rest != '\0' ? rest : NULL;
}

void
gw_canvas_adapter_blame (GwCanvasAdapter *self,
                         GwSceneSource   *source)
{
  int64_t group = composite_around (self, self->place);
  g_autoptr (GArray) content = NULL;
  const char *rest = group != 0 ? find_blame (self, &source->blame) : NULL;
  gsize longest = 0;

  if (rest == NULL)
    return;
  content = gw_document_content (source->document, group, GW_ITEM_NODE);
  for (guint i = 0; i < content->len; i++)
    {
      int64_t id = g_array_index (content, int64_t, i);
      const char *name = gw_document_inner_name (source->document, group, id);

      if (past_name (rest, name) == NULL || strlen (name) < longest)
        continue;
      longest = strlen (name);
      source->blamed = gw_place_box (source->document, self->place, id);
    }
}

void
gw_canvas_adapter_blame_op (GwCanvasAdapter *self)
{
  const GPtrArray *nodes = gw_scene_nodes (self->scene);
  const char *text, *rest = find_blame (self, &text);

  for (guint i = 0; rest != NULL && i < nodes->len; i++)
    {
      GwSceneNode *node = g_ptr_array_index (nodes, i);

      if (node->problem == NULL && strcmp (node->name, rest) == 0)
        gw_scene_node_set_problem (node, text, NULL);
    }
}

gboolean
gw_canvas_adapter_has_new_blame (GwCanvasAdapter *self)
{
  const void *errors[] = { gw_run_get_error (self->run), gw_run_get_refusal (self->run) };
  gboolean differs = memcmp (errors, self->errors, sizeof errors) != 0;

  memcpy (self->errors, errors, sizeof errors);
  return differs;
}
