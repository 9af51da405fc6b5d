/* SPDX-License-Identifier: Apache-2.0 */
/* The table of items, and edits applied to it. */
#include "engine/document/document-private.h"
#include "engine/document/groups-private.h"

#include <string.h>

struct _GwDocument {
  gint        refs;
  GHashTable *items;    /* id → GwItem */
  GHashTable *by_name;  /* node name (owned by its item) → item */
  GArray     *nodes;    /* ids in the order of their making: ids only grow, so sorted */
  GArray     *frames;
  GArray     *groups;
  GwGroupIndex *group_index;
  int64_t     last_id;
  char       *folder;
};

static gpointer
id_key (int64_t id)
{
  return GSIZE_TO_POINTER ((gsize) id);
}

static GwDocument *
document_alloc (void)
{
  GwDocument *document = g_new0 (GwDocument, 1);

  document->refs = 1;
  document->items = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) gw_item_unref);
  document->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  document->nodes = g_array_new (FALSE, FALSE, sizeof (int64_t));
  document->frames = g_array_new (FALSE, FALSE, sizeof (int64_t));
  document->groups = g_array_new (FALSE, FALSE, sizeof (int64_t));
  return document;
}

GwDocument *
gw_document_new (void)
{
  GwDocument *document = document_alloc ();

  document->group_index = gw_group_index_new ();
  g_hash_table_insert (document->items, id_key (0), gw_item_new (GW_ITEM_SETTINGS, 0));
  return document;
}

GwDocument *
gw_document_ref (GwDocument *document)
{
  g_atomic_int_inc (&document->refs);
  return document;
}

void
gw_document_unref (GwDocument *document)
{
  if (document == NULL || !g_atomic_int_dec_and_test (&document->refs))
    return;
  gw_group_index_free (document->group_index);
  g_hash_table_unref (document->by_name);
  g_hash_table_unref (document->items);
  g_array_unref (document->nodes);
  g_array_unref (document->frames);
  g_array_unref (document->groups);
  g_free (document->folder);
  g_free (document);
}

GwDocument *
gw_document_copy (const GwDocument *document)
{
  GwDocument *copy = document_alloc ();
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, document->items);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      GwItem *item = gw_item_ref (value);

      g_hash_table_insert (copy->items, key, item);
      if (item->kind == GW_ITEM_NODE)
        g_hash_table_insert (copy->by_name, item->node.name, item);
    }
  g_array_append_vals (copy->nodes, document->nodes->data, document->nodes->len);
  g_array_append_vals (copy->frames, document->frames->data, document->frames->len);
  g_array_append_vals (copy->groups, document->groups->data, document->groups->len);
  copy->group_index = gw_group_index_copy (document->group_index);
  copy->last_id = document->last_id;
  copy->folder = g_strdup (document->folder);
  return copy;
}

GwItem *
gw_document_item (const GwDocument *document,
                  int64_t           id)
{
  return g_hash_table_lookup (document->items, id_key (id));
}

const GwDocNode *
gw_document_node (const GwDocument *document,
                  int64_t           id)
{
  GwItem *item = gw_document_item (document, id);

  return item != NULL && item->kind == GW_ITEM_NODE ? &item->node : NULL;
}

const GwDocSettings *
gw_document_settings (const GwDocument *document)
{
  return &gw_document_item (document, 0)->settings;
}

int64_t
gw_document_find (const GwDocument *document,
                  const char       *name)
{
  GwItem *item = g_hash_table_lookup (document->by_name, name);

  return item != NULL ? item->id : 0;
}

const GwGroupIndex *
gw_document_group_index (const GwDocument *document)
{
  return document->group_index;
}

static GArray *
ids_of_kind (const GwDocument *document,
             GwItemKind        kind)
{
  switch (kind)
    {
    case GW_ITEM_NODE:
      return document->nodes;
    case GW_ITEM_FRAME:
      return document->frames;
    case GW_ITEM_GROUP:
      return document->groups;
    default:
      return NULL;
    }
}

const int64_t *
gw_document_ids (const GwDocument *document,
                 GwItemKind        kind,
                 int              *n)
{
  const GArray *ids = ids_of_kind (document, kind);

  *n = ids != NULL ? (int) ids->len : 0;
  return ids != NULL ? (const int64_t *) ids->data : NULL;
}

int64_t
gw_document_new_id (GwDocument *document)
{
  int64_t id = ++document->last_id;

  /* Somebody wrote the last id into a file: look for one that nobody has. */
  while (id > GW_MAX_ID || gw_document_item (document, id) != NULL)
    id = id > GW_MAX_ID ? 1 : id + 1;
  document->last_id = MAX (document->last_id, id);
  return id;
}

static gboolean
name_is_taken (const GwDocument *document,
               GHashTable       *others,
               const char       *stem,
               int64_t           number)
{
  g_autofree char *name = g_strdup_printf ("%s_%" G_GINT64_FORMAT, stem, number);

  return gw_document_find (document, name) != 0 || (others != NULL && g_hash_table_contains (others, name));
}

/* The first numbers are tried one by one; beyond them, where thousands have the same
 * name, some number that is free behind one that is not is found by halving. */
#define FEW_NUMBERS 64

static int64_t
free_number (const GwDocument *document,
             GHashTable       *others,
             const char       *stem)
{
  int64_t taken = 0, vacant;

  while (taken < FEW_NUMBERS)
    if (!name_is_taken (document, others, stem, taken + 1))
      return taken + 1;
    else
      taken++;
  vacant = 2 * taken;
  while (name_is_taken (document, others, stem, vacant))
    {
      taken = vacant;
      vacant *= 2;
    }
  while (vacant - taken > 1)
    {
      int64_t middle = taken + (vacant - taken) / 2;

      if (name_is_taken (document, others, stem, middle))
        taken = middle;
      else
        vacant = middle;
    }
  return vacant;
}

char *
gw_document_unique_name_among (const GwDocument *document,
                               GHashTable       *others,
                               const char       *name)
{
  g_autofree char *stem = g_strdup (name);
  char *underscore = strrchr (stem, '_');

  if (gw_document_find (document, name) == 0 && (others == NULL || !g_hash_table_contains (others, name)))
    return g_strdup (name);
  if (underscore != NULL && underscore != stem && underscore[1] != '\0' &&
      strspn (underscore + 1, "0123456789") == strlen (underscore + 1))
    *underscore = '\0';
  return g_strdup_printf ("%s_%" G_GINT64_FORMAT, stem, free_number (document, others, stem));
}

char *
gw_document_unique_name (const GwDocument *document,
                         const char       *name)
{
  return gw_document_unique_name_among (document, NULL, name);
}

gboolean
gw_document_equal (const GwDocument *a,
                   const GwDocument *b)
{
  GHashTableIter iter;
  gpointer key, value;

  if (g_hash_table_size (a->items) != g_hash_table_size (b->items))
    return FALSE;
  g_hash_table_iter_init (&iter, a->items);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      GwItem *other = g_hash_table_lookup (b->items, key);

      if (other == NULL || !gw_item_equal (value, other))
        return FALSE;
    }
  return TRUE;
}

/* ---- files that the settings name ---- */

void
gw_document_set_folder (GwDocument *document,
                        const char *folder)
{
  g_free (document->folder);
  document->folder = g_strdup (folder);
}

const char *
gw_document_folder (const GwDocument *document)
{
  return document->folder;
}

void
gw_document_resolve_file (const GwDocument *document,
                          GwAttrValue      *value)
{
  char *absolute;

  if (value->type != GW_ATTR_FILE || value->s == NULL || *value->s == '\0' || document->folder == NULL ||
      g_path_is_absolute (value->s))
    return;
  absolute = g_build_filename (document->folder, value->s, NULL);
  g_free (value->s);
  value->s = absolute;
}

GwPipelineDef *
gw_document_resolve_pipeline (const GwDocument *document)
{
  const GwPipelineDef *pipeline = gw_document_settings (document)->pipeline;
  GwPipelineDef *resolved = pipeline != NULL ? gw_pipeline_copy (pipeline) : NULL;

  for (int i = 0; resolved != NULL && i < gw_attr_defs_length (resolved->source->attrs); i++)
    gw_document_resolve_file (document, &resolved->source_attrs[i]);
  return resolved;
}

/* ---- edits ---- */

guint
gw_id_position (const GArray *ids,
                int64_t       id)
{
  guint low = 0, high = ids->len;

  while (low < high)
    {
      guint middle = (low + high) / 2;

      if (g_array_index (ids, int64_t, middle) < id)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static void
take_out (GwDocument *document,
          GwItem     *item)
{
  GArray *ids = ids_of_kind (document, item->kind);
  guint position = ids != NULL ? gw_id_position (ids, item->id) : 0;

  if (item->kind == GW_ITEM_NODE && g_hash_table_lookup (document->by_name, item->node.name) == item)
    g_hash_table_remove (document->by_name, item->node.name);
  if (ids != NULL && position < ids->len && g_array_index (ids, int64_t, position) == item->id)
    g_array_remove_index (ids, position);
  gw_group_index_remove (document->group_index, item);
  g_hash_table_remove (document->items, id_key (item->id));
}

static void
put_in (GwDocument *document,
        GwItem     *item)
{
  GArray *ids = ids_of_kind (document, item->kind);

  if (item->kind == GW_ITEM_NODE)
    g_hash_table_insert (document->by_name, item->node.name, item);
  if (ids != NULL)
    g_array_insert_val (ids, gw_id_position (ids, item->id), item->id);
  gw_group_index_add (document->group_index, item);
  g_hash_table_insert (document->items, id_key (item->id), gw_item_ref (item));
  document->last_id = MAX (document->last_id, item->id);
}

/* First everything out, then everything in: names may change hands within an edit. */
static void
swap_items (GwDocument   *document,
            const GwEdit *edit,
            gboolean      forward)
{
  for (guint i = 0; i < edit->changes->len; i++)
    {
      const GwChange *change = &g_array_index (edit->changes, GwChange, i);
      GwItem *old = forward ? change->before : change->after;

      if (old != NULL)
        take_out (document, gw_document_item (document, old->id));
    }
  for (guint i = 0; i < edit->changes->len; i++)
    {
      const GwChange *change = &g_array_index (edit->changes, GwChange, i);
      GwItem *fresh = forward ? change->after : change->before;

      if (fresh != NULL)
        put_in (document, fresh);
    }
}

void
gw_document_apply (GwDocument   *document,
                   const GwEdit *edit)
{
  swap_items (document, edit, TRUE);
}

void
gw_document_revert (GwDocument   *document,
                    const GwEdit *edit)
{
  swap_items (document, edit, FALSE);
}
