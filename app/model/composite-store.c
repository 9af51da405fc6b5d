/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/composite-store.h"

#include <glib/gstdio.h>

#include <errno.h>
#include <string.h>

#define SUFFIX ".gw"

char *
gw_composite_store_folder (void)
{
  char *folder = g_build_filename (g_get_user_data_dir (), "graphwright", "composites", NULL);

  g_mkdir_with_parents (folder, 0755);
  return folder;
}

static char *
path_of (const char *name)
{
  g_autofree char *folder = gw_composite_store_folder ();
  g_autofree char *file = g_strconcat (name, SUFFIX, NULL);

  return g_build_filename (folder, file, NULL);
}

static gint
compare_names (gconstpointer a,
               gconstpointer b)
{
  return g_utf8_collate (*(const char *const *) a, *(const char *const *) b);
}

char **
gw_composite_store_list (void)
{
  g_autofree char *folder = gw_composite_store_folder ();
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  GPtrArray *names = g_ptr_array_new ();
  const char *file;

  while (dir != NULL && (file = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (file, SUFFIX) && *file != '.')
      g_ptr_array_add (names, g_strndup (file, strlen (file) - strlen (SUFFIX)));
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}

GwDocument *
gw_composite_store_load (const char *name,
                         GError    **error)
{
  g_autofree char *path = path_of (name);
  g_autoptr (GwDocument) document = strchr (name, '/') == NULL ? gw_document_load (path, error) : NULL;
  int64_t group = document != NULL ? gw_document_find_group (document, name) : 0;

  if (document == NULL)
    return NULL;
  if (group == 0 || gw_document_group (document, group)->kind != GW_GROUP_COMPOSITE)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND, "%s has no composite called %s in it", path, name);
      return NULL;
    }
  return g_steal_pointer (&document);
}

int
gw_composite_store_version (const char *name)
{
  g_autoptr (GwDocument) document = gw_composite_store_load (name, NULL);

  return document != NULL ? gw_document_group (document, gw_document_find_group (document, name))->version : 0;
}

/* The definition as text, with ids of its own that follow from the order alone. */
static char *
canonical_text (const GwDocument *document,
                int64_t           group)
{
  g_autoptr (GwDocument) alone = gw_document_extract_composite (document, group);
  g_autoptr (GwDocument) fresh = gw_document_new ();
  g_autoptr (GwEdit) edit = gw_edit_take_composite (fresh, alone, gw_document_group (document, group)->name, NULL);

  if (edit != NULL)
    gw_document_apply (fresh, edit);
  return gw_document_to_json (fresh);
}

gboolean
gw_composite_store_is_kept (const GwDocument *document,
                            int64_t           group)
{
  const char *name = gw_document_group (document, group)->name;
  g_autoptr (GwDocument) library = gw_composite_store_load (name, NULL);
  g_autofree char *here = NULL;
  g_autofree char *there = NULL;

  if (library == NULL)
    return FALSE;
  here = canonical_text (document, group);
  there = canonical_text (library, gw_document_find_group (library, name));
  return strcmp (here, there) == 0;
}

static GwEdit *
raise_version (GwDocument *document,
               int64_t     group,
               int         version)
{
  g_autofree char *label = g_strdup_printf ("Keep %s", gw_document_group (document, group)->name);
  GwEdit *edit = gw_edit_new (label);
  GwItem *item = gw_edit_take (edit, document, group);

  item->group.version = version;
  gw_edit_put (edit, document, item);
  return edit;
}

gboolean
gw_composite_store_keep (GwDocument *document,
                         int64_t     group,
                         GwEdit    **edit,
                         GError    **error)
{
  const GwDocGroup *definition = gw_document_group (document, group);
  g_autofree char *path = path_of (definition->name);
  g_autoptr (GwDocument) changed = gw_document_copy (document);
  g_autoptr (GwDocument) alone = NULL;
  int version = gw_composite_store_version (definition->name);

  *edit = NULL;
  if (gw_composite_store_is_kept (document, group))
    return TRUE;
  if (version > 0)
    {
      *edit = raise_version (document, group, MAX (version, definition->version) + 1);
      gw_document_apply (changed, *edit);
    }
  alone = gw_document_extract_composite (changed, group);
  if (gw_document_save (alone, path, error))
    return TRUE;
  g_clear_pointer (edit, gw_edit_free);
  return FALSE;
}

GBytes *
gw_composite_store_remove (const char *name,
                           GError    **error)
{
  g_autofree char *path = path_of (name);
  char *content;
  gsize length;

  if (!g_file_get_contents (path, &content, &length, error))
    return NULL;
  if (g_unlink (path) == 0)
    return g_bytes_new_take (content, length);
  g_set_error (error, GW_ERROR, GW_ERROR_FAILED_PRECONDITION, "%s: %s", path, g_strerror (errno));
  g_free (content);
  return NULL;
}

gboolean
gw_composite_store_restore (const char *name,
                            GBytes     *file,
                            GError    **error)
{
  g_autofree char *path = path_of (name);

  return g_file_set_contents (path, g_bytes_get_data (file, NULL), (gssize) g_bytes_get_size (file), error);
}

GwEdit *
gw_composite_store_take (GwDocument *document,
                         const char *name,
                         GError    **error)
{
  g_autoptr (GwDocument) library = gw_composite_store_load (name, error);

  return library != NULL ? gw_edit_take_composite (document, library, name, error) : NULL;
}
