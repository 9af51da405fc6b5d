/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/board-tags.h"

#include <string.h>

static void
row_free (gpointer data)
{
  GwTagRow *row = data;

  g_free (row->tag);
  g_ptr_array_unref (row->runs);
  g_free (row);
}

static void
section_free (gpointer data)
{
  GwTagSection *section = data;

  g_free (section->title);
  g_free (section->detail);
  g_ptr_array_unref (section->rows);
  g_free (section);
}

void
gw_tag_list_free (GwTagList *list)
{
  if (list == NULL)
    return;
  g_ptr_array_unref (list->sections);
  g_free (list);
}

static GwTagSection *
find_section (GwTagList  *list,
              const char *title)
{
  GwTagSection *section;

  for (guint i = 0; i < list->sections->len; i++)
    if (strcmp (((GwTagSection *) list->sections->pdata[i])->title, title) == 0)
      return list->sections->pdata[i];
  section = g_new0 (GwTagSection, 1);
  section->title = g_strdup (title);
  section->rows = g_ptr_array_new_with_free_func (row_free);
  g_ptr_array_add (list->sections, section);
  return section;
}

/* Curves of the trainer ("loss", "test/loss") stand together, those with another prefix
 * under it; the other kinds each have one section. */
static char *
section_title (GwRunDataKind kind,
               const char   *tag)
{
  static const char *const titles[GW_RUN_N_KINDS] = { "Scalars", "Histograms", "Images", "Text" };
  const char *slash = strchr (tag, '/');

  if (kind != GW_RUN_SCALAR || slash == NULL || slash == tag || g_str_has_prefix (tag, "test/"))
    return g_strdup (titles[kind]);
  return g_strndup (tag, (gsize) (slash - tag));
}

static gboolean
matches (const char *tag,
         const char *filter)
{
  g_autofree char *folded = g_utf8_casefold (tag, -1);

  return *filter == 0 || strstr (folded, filter) != NULL;
}

static void
add_row (GwTagList       *list,
         const GwRunData *data,
         GPtrArray       *runs,
         const char      *filter)
{
  g_autofree char *title = section_title (data->kind, data->tag);
  GwTagSection *section = find_section (list, title);
  GwTagRow *row;

  section->n_all++;
  list->n_tags++;
  if (!matches (data->tag, filter))
    return;
  row = g_new0 (GwTagRow, 1);
  row->kind = data->kind;
  row->tag = g_strdup (data->tag);
  row->runs = g_ptr_array_ref (runs);
  g_ptr_array_add (section->rows, row);
}

/* Tags of one kind: of scalars each once, of the others once for each run. */
static void
add_kind (GwTagList    *list,
          GPtrArray    *runs,
          GwRunDataKind kind,
          const char   *filter)
{
  g_autoptr (GHashTable) met = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < runs->len; i++)
    {
      const GPtrArray *data = gw_run_log_get_data (runs->pdata[i]);
      g_autoptr (GPtrArray) one = g_ptr_array_new_with_free_func (g_object_unref);

      g_ptr_array_add (one, g_object_ref (runs->pdata[i]));
      for (guint j = 0; j < data->len; j++)
        {
          const GwRunData *entry = data->pdata[j];

          if (entry->kind != kind || (entry->n_points == 0 && entry->samples->len == 0))
            continue;
          if (kind != GW_RUN_SCALAR)
            add_row (list, entry, one, filter);
          else if (g_hash_table_add (met, entry->tag))
            add_row (list, entry, runs, filter);
        }
    }
}

GwTagList *
gw_tag_list_new (GPtrArray  *runs,
                 const char *filter,
                 int         kind)
{
  GwTagList *list = g_new0 (GwTagList, 1);
  g_autofree char *folded = g_utf8_casefold (filter, -1);

  list->sections = g_ptr_array_new_with_free_func (section_free);
  for (int i = 0; i < GW_RUN_N_KINDS; i++)
    if (kind < 0 || kind == i)
      add_kind (list, runs, (GwRunDataKind) i, folded);
  for (guint i = list->sections->len; i > 0; i--)
    {
      GwTagSection *section = list->sections->pdata[i - 1];

      if (section->rows->len == 0)
        g_ptr_array_remove_index (list->sections, i - 1);
      else if (section->rows->len == section->n_all)
        section->detail = g_strdup_printf ("%u tag%s", section->n_all, section->n_all == 1 ? "" : "s");
      else
        section->detail = g_strdup_printf ("%u of %u tags", section->rows->len, section->n_all);
    }
  return list;
}
