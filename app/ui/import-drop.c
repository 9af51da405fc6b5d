/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/import-drop.h"

#include "app/ui/editor-private.h"

#include <glib/gstdio.h>
#include <string.h>

#define BESIDE 200.0      /* px between the two nodes of a picture */
#define MOST_HEADER 65536 /* bytes of an .npy file before its numbers */

static gboolean
ends_with (const char        *name,
           const char *const *ends)
{
  for (; *ends != NULL; ends++)
    if (g_str_has_suffix (name, *ends))
      return TRUE;
  return FALSE;
}

GwDropKind
gw_drop_kind (const char *path)
{
  static const char *const pictures[] = { ".png", ".jpg", ".jpeg", NULL };
  static const char *const tables[] = { ".csv", ".tsv", ".idx", "-ubyte", NULL };
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *name = g_ascii_strdown (base, -1);

  if (g_str_has_suffix (name, ".gz"))
    name[strlen (name) - strlen (".gz")] = '\0';
  if (g_str_has_suffix (name, ".gw") || (strstr (name, "tfevents") == NULL && gw_graph_file_is_name (name)))
    return GW_DROP_DOCUMENT;
  if (g_str_has_suffix (name, ".npy"))
    return GW_DROP_ARRAY;
  if (ends_with (name, pictures))
    return GW_DROP_PICTURE;
  if (ends_with (name, tables))
    return GW_DROP_DATA;
  if (strcmp (name, "checkpoint") == 0 || g_str_has_suffix (name, ".index") || g_str_has_suffix (name, ".ckpt") ||
      strstr (name, ".data-0") != NULL)
    return GW_DROP_CHECKPOINT;
  return strstr (name, "tfevents") != NULL ? GW_DROP_EVENTS : GW_DROP_UNKNOWN;
}

/* "two words.npy" → "two_words": what a node may be called. */
static char *
name_of (const char *path)
{
  g_autofree char *base = g_path_get_basename (path);
  char *dot = strchr (base + 1, '.');

  if (dot != NULL)
    *dot = '\0';
  for (char *c = base; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && (c == base || strchr ("_.-", *c) == NULL))
      *c = c == base ? 'x' : '_';
  return g_steal_pointer (&base);
}

static GwTensor *
load_array (const char *path,
            GError    **error)
{
  GStatBuf status;
  GwTensor *tensor;

  /* Numbers of the largest type, 16 bytes. */
  if (g_stat (path, &status) == 0 && status.st_size > GW_DROP_MOST_ELEMENTS * 16 + MOST_HEADER)
    tensor = NULL;
  else if ((tensor = gw_npy_load (path, error)) == NULL)
    return NULL;
  if (tensor != NULL && tensor->elements <= GW_DROP_MOST_ELEMENTS)
    return tensor;
  gw_tensor_unref (tensor);
  g_set_error (error, GW_ERROR, GW_ERROR_INVALID_ARGUMENT,
               "It holds more than %d numbers: too many for a Const. Make a table of them and drop that.",
               GW_DROP_MOST_ELEMENTS);
  return NULL;
}

/* The step is taken back when an attribute does not take its text. */
static int64_t
finish (GwDocModel *model,
        int64_t     id,
        gboolean    ok)
{
  gw_doc_model_end_group (model);
  if (ok)
    return id;
  gw_doc_model_undo (model);
  return 0;
}

int64_t
gw_drop_array (GwDocModel      *model,
               GwCanvasAdapter *adapter,
               const char      *path,
               double           x,
               double           y,
               GError         **error)
{
  g_autoptr (GwTensor) tensor = load_array (path, error);
  g_autofree char *name = NULL, *unique = NULL, *value = NULL;
  int64_t id;
  gboolean ok;

  if (tensor == NULL)
    return 0;
  name = name_of (path);
  value = gw_tensor_to_string (tensor, 0);
  gw_doc_model_begin_group (model, "Add a Const from a file");
  id = gw_canvas_adapter_add_op (adapter, "Const", x, y, 0, NULL);
  unique = gw_document_unique_name (gw_doc_model_get_document (model), name);
  ok = id != 0 && gw_doc_model_set_attr (model, id, "name", unique, error) &&
       gw_doc_model_set_attr (model, id, "dtype", gw_dtype_name (tensor->dtype), error) &&
       gw_doc_model_set_attr (model, id, "value", value, error);
  return finish (model, id, ok);
}

int64_t
gw_drop_picture (GwDocModel      *model,
                 GwCanvasAdapter *adapter,
                 const char      *path,
                 double           x,
                 double           y,
                 GError         **error)
{
  GwCanvasPort port = { .is_output = TRUE };
  g_autofree char *name = name_of (path), *unique = NULL;
  int64_t file, id = 0;
  gboolean ok;

  gw_doc_model_begin_group (model, "Add a picture from a file");
  file = gw_canvas_adapter_add_op (adapter, "ReadFile", x, y, 0, NULL);
  port.node = (guint64) file;
  ok = file != 0 && gw_doc_model_set_attr (model, file, "filename", path, error);
  if (ok)
    id = gw_canvas_adapter_add_op (adapter, "DecodeImage", x + BESIDE, y, 0, &port);
  unique = gw_document_unique_name (gw_doc_model_get_document (model), name);
  ok = ok && id != 0 && gw_doc_model_set_attr (model, id, "name", unique, error);
  return finish (model, id, ok);
}

gboolean
gw_editor_page_drop_file (GwEditorPage *page,
                          const char   *path,
                          double        x,
                          double        y)
{
  g_autoptr (GError) error = NULL;
  double at_x, at_y;
  int64_t id;

  gw_canvas_to_canvas (GW_CANVAS (page->canvas), x, y, &at_x, &at_y);
  if (gw_drop_kind (path) == GW_DROP_ARRAY)
    id = gw_drop_array (page->model, page->adapter, path, at_x, at_y, &error);
  else
    id = gw_drop_picture (page->model, page->adapter, path, at_x, at_y, &error);
  if (id == 0)
    gw_editor_page_message (page, error != NULL ? error->message : "It cannot become a node");
  else
    gw_canvas_set_selection (GW_CANVAS (page->canvas), &(guint64) { (guint64) id }, 1);
  return id != 0;
}
