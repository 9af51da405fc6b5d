/* SPDX-License-Identifier: Apache-2.0 */
/* The .gw file. */
#include "engine/base/error.h"
#include "engine/document/composite-own.h"
#include "engine/document/document.h"
#include "engine/document/groups-private.h"
#include "engine/document/json-items.h"
#include "engine/files/atomic-file.h"

#include <string.h>

/* Readers accept files up to this version; a newer one is refused with that reason. A
 * document is written in the lowest one that can hold it: 2 brought sub-graphs, whose
 * nodes a reader of 1 would take for nodes of the graph, and scopes that share variables. */
#define FORMAT_VERSION 2

static int
version_of (const GwDocument *document)
{
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_GROUP, &n);

  for (int i = 0; i < n; i++)
    {
      const GwDocGroup *group = gw_document_group (document, ids[i]);

      if (group->kind != GW_GROUP_SCOPE || group->variables != NULL || group->reuse != GW_REUSE_INHERIT)
        return 2;
    }
  return 1;
}

static cJSON *
items_to_json (const GwDocument *document,
               GwItemKind        kind)
{
  cJSON *array = cJSON_CreateArray ();
  int n;
  const int64_t *ids = gw_document_ids (document, kind, &n);

  for (int i = 0; i < n; i++)
    cJSON_AddItemToArray (array, gw_item_to_json (gw_document_item (document, ids[i])));
  return array;
}

char *
gw_document_to_json (const GwDocument *document)
{
  g_autoptr (cJSON) root = cJSON_CreateObject ();

  int n_groups;

  gw_document_ids (document, GW_ITEM_GROUP, &n_groups);
  cJSON_AddItemToObject (root, "graphwright", gw_json_new_int (version_of (document)));
  cJSON_AddItemToObject (root, "nodes", items_to_json (document, GW_ITEM_NODE));
  cJSON_AddItemToObject (root, "frames", items_to_json (document, GW_ITEM_FRAME));
  if (n_groups > 0)
    cJSON_AddItemToObject (root, "groups", items_to_json (document, GW_ITEM_GROUP));
  gw_settings_add_to_json (gw_document_settings (document), root);
  return gw_json_print (root);
}

static gboolean
check_new (const GwDocument *document,
           const GwItem     *item,
           GError          **error)
{
  if (gw_document_item (document, item->id) != NULL)
    return gw_invalid (error, "two items have the id %" G_GINT64_FORMAT, item->id);
  if (item->kind == GW_ITEM_NODE && gw_document_find (document, item->node.name) != 0)
    return gw_invalid (error, "two nodes are called “%s”", item->node.name);
  if (item->kind == GW_ITEM_GROUP && item->group.kind != GW_GROUP_SCOPE &&
      gw_document_find_group (document, item->group.name) != 0)
    return gw_invalid (error, "two sub-graphs are called “%s”", item->group.name);
  return TRUE;
}

/* One item into the document by an edit of its own: nothing is there to undo yet. */
static gboolean
add_item (GwDocument *document,
          GwItem     *item,
          GError    **error)
{
  g_autoptr (GwEdit) edit = NULL;

  if (item == NULL || !check_new (document, item, error))
    {
      gw_item_unref (item);
      return FALSE;
    }
  edit = gw_edit_new ("");
  gw_edit_put (edit, document, item);
  gw_document_apply (document, edit);
  return TRUE;
}

static gboolean
items_from_json (GwDocument  *document,
                 GwItemKind   kind,
                 const cJSON *array,
                 GError     **error)
{
  const cJSON *element;

  if (array != NULL && !cJSON_IsArray (array))
    return gw_invalid (error, "“%s” is not a list", array->string);
  cJSON_ArrayForEach (element, array)
    if (!add_item (document, gw_item_from_json (kind, element, error), error))
      return FALSE;
  return TRUE;
}

static gboolean
settings_from_json (GwDocument  *document,
                    const cJSON *root,
                    GError     **error)
{
  g_autoptr (GwEdit) edit = gw_edit_new ("");
  g_autoptr (GwItem) item = gw_item_new (GW_ITEM_SETTINGS, 0);

  if (!gw_settings_from_json (&item->settings, root, error))
    return FALSE;
  gw_edit_put (edit, document, g_steal_pointer (&item));
  gw_document_apply (document, edit);
  return TRUE;
}

static gboolean
check_version (const cJSON *root,
               GError     **error)
{
  int64_t version = cJSON_IsObject (root) ? gw_json_member_int (root, "graphwright", 0) : 0;

  if (version <= 0)
    return gw_invalid (error, "this is not a Graphwright document");
  if (version <= FORMAT_VERSION)
    return TRUE;
  g_set_error (error, GW_ERROR, GW_ERROR_UNIMPLEMENTED,
               "the document is of format %" G_GINT64_FORMAT "; this version of Graphwright reads up to %d",
               version, FORMAT_VERSION);
  return FALSE;
}

GwDocument *
gw_document_from_json (const char *text,
                       gsize       length,
                       GError    **error)
{
  g_autoptr (cJSON) root = gw_json_parse (text, length, error);
  g_autoptr (GwDocument) document = gw_document_new ();

  if (root == NULL || !check_version (root, error) ||
      !items_from_json (document, GW_ITEM_NODE, cJSON_GetObjectItemCaseSensitive (root, "nodes"), error) ||
      !items_from_json (document, GW_ITEM_FRAME, cJSON_GetObjectItemCaseSensitive (root, "frames"), error) ||
      !items_from_json (document, GW_ITEM_GROUP, cJSON_GetObjectItemCaseSensitive (root, "groups"), error) ||
      !settings_from_json (document, root, error) || !gw_document_check_groups (document, error))
    return NULL;
  gw_document_settle_uses (document);
  return g_steal_pointer (&document);
}

GwDocument *
gw_document_load (const char *path,
                  GError    **error)
{
  g_autofree char *text = NULL;
  gsize length;
  GError *failure = NULL;
  GwDocument *document;

  if (!g_file_get_contents (path, &text, &length, &failure))
    {
      GwErrorCode code = g_error_matches (failure, G_FILE_ERROR, G_FILE_ERROR_NOENT)
                           ? GW_ERROR_NOT_FOUND : GW_ERROR_UNAVAILABLE;

      gw_propagate_foreign_error (error, failure, code, path);
      return NULL;
    }
  document = gw_document_from_json (text, length, error);
  if (document == NULL)
    g_prefix_error (error, "%s: ", path);
  else
    {
      g_autofree char *absolute = g_canonicalize_filename (path, NULL);
      g_autofree char *folder = g_path_get_dirname (absolute);

      gw_document_set_folder (document, folder);
    }
  return document;
}

gboolean
gw_document_save (const GwDocument *document,
                  const char       *path,
                  GError          **error)
{
  g_autofree char *text = gw_document_to_json (document);

  return gw_atomic_write (path, text, strlen (text), error);
}
