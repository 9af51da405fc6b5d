/* SPDX-License-Identifier: Apache-2.0 */
/* Which rows an op list shows, and in which order. */
#include <string.h>

#include "widgets/forms/fuzzy.h"
#include "widgets/forms/op-list-rows.h"

#define NEAREST 3
#define INSIDE 400 /* fuzzy scores from here on are real substrings */

G_DEFINE_FINAL_TYPE (GwOpRow, gw_op_row, G_TYPE_OBJECT)

static void
gw_op_row_finalize (GObject *object)
{
  g_clear_object (&GW_OP_ROW (object)->entry);
  G_OBJECT_CLASS (gw_op_row_parent_class)->finalize (object);
}

static void
gw_op_row_class_init (GwOpRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gw_op_row_finalize;
}

static void
gw_op_row_init (GwOpRow *self)
{
}

static GwOpRow *
op_row_new (GwOpEntry *entry, GwOpRowKind kind)
{
  GwOpRow *row = g_object_new (GW_TYPE_OP_ROW, NULL);

  row->entry = g_object_ref (entry);
  row->kind = kind;
  return row;
}

int
gw_op_list_score (GwOpEntry *entry, const char *typed, gboolean show_hidden)
{
  const GwOpEntryInfo *info = gw_op_entry_get_info (entry);
  int name = gw_fuzzy_score (typed, info->name);
  int title = gw_fuzzy_score (typed, info->title);
  int category = gw_fuzzy_score (typed, info->category_title);
  int summary = gw_fuzzy_score (typed, info->summary);
  int score = MAX (name, title) * 10;

  if (info->hidden && !show_hidden)
    return name == 1000 ? name * 10 : 0;
  if (category >= INSIDE)
    score = MAX (score, category * 3);
  if (summary >= INSIDE)
    score = MAX (score, summary * 2);
  return score;
}

static gboolean
offered (const GwOpListQuery *query, GwOpEntry *entry)
{
  return query->filter == NULL || query->filter (entry, query->filter_data);
}

static gboolean
listed (const GwOpListQuery *query, GwOpEntry *entry)
{
  return (query->show_hidden || !gw_op_entry_get_info (entry)->hidden) && offered (query, entry);
}

static guint
recent_place (const GwOpListQuery *query, GwOpEntry *entry)
{
  for (guint i = 0; query->recent != NULL && query->recent[i] != NULL; i++)
    if (strcmp (query->recent[i], gw_op_entry_get_info (entry)->name) == 0)
      return i;
  return G_MAXUINT;
}

typedef struct
{
  GwOpEntry *entry;
  int score;
  guint recent;
  guint place;   /* in the model */
} Candidate;

/* Scores within a class of matches count as equal for what was used lately. */
static int
compare_candidates (gconstpointer a, gconstpointer b)
{
  const Candidate *left = a;
  const Candidate *right = b;
  int left_class = left->score / 2000;
  int right_class = right->score / 2000;

  if (left_class != right_class)
    return left_class > right_class ? -1 : 1;
  if (left->recent != right->recent)
    return left->recent < right->recent ? -1 : 1;
  if (left->score != right->score)
    return left->score > right->score ? -1 : 1;
  return left->place < right->place ? -1 : left->place > right->place;
}

/* All ops that match, best first; without a search all, recent first. */
static GPtrArray *
flat_rows (const GwOpListQuery *query, gboolean searching)
{
  g_autoptr (GArray) candidates = g_array_new (FALSE, FALSE, sizeof (Candidate));
  GPtrArray *rows = g_ptr_array_new_with_free_func (g_object_unref);
  guint n = query->model != NULL ? g_list_model_get_n_items (query->model) : 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GwOpEntry) entry = g_list_model_get_item (query->model, i);
      Candidate candidate = { entry, 0, recent_place (query, entry), i };

      if (searching)
        candidate.score = gw_op_list_score (entry, query->search, query->show_hidden);
      if (searching ? candidate.score == 0 || !offered (query, entry) : !listed (query, entry))
        continue;
      g_array_append_val (candidates, candidate);
    }
  g_array_sort (candidates, compare_candidates);
  for (guint i = 0; i < candidates->len; i++)
    g_ptr_array_add (rows, op_row_new (g_array_index (candidates, Candidate, i).entry, GW_OP_ROW_OP));
  return rows;
}

static gboolean
same_group (GwOpRow *a, GwOpRow *b)
{
  return g_strcmp0 (gw_op_entry_get_info (a->entry)->group, gw_op_entry_get_info (b->entry)->group)
         == 0;
}

/* The first row of each group. */
static GPtrArray *
first_of_groups (const GPtrArray *ops)
{
  GPtrArray *firsts = g_ptr_array_new ();

  for (guint i = 0; i < ops->len; i++)
    {
      gboolean known = FALSE;

      for (guint k = 0; k < firsts->len && !known; k++)
        known = same_group (firsts->pdata[k], ops->pdata[i]);
      if (!known)
        g_ptr_array_add (firsts, ops->pdata[i]);
    }
  return firsts;
}

/* The ops of a category, under headings when they stand in several groups. */
static void
add_ops (GPtrArray *rows, const GPtrArray *ops)
{
  g_autoptr (GPtrArray) firsts = first_of_groups (ops);

  for (guint i = 0; i < firsts->len; i++)
    {
      GwOpRow *first = firsts->pdata[i];

      if (firsts->len > 1 && gw_op_entry_get_info (first->entry)->group != NULL)
        g_ptr_array_add (rows, op_row_new (first->entry, GW_OP_ROW_GROUP));
      for (guint k = 0; k < ops->len; k++)
        if (same_group (first, ops->pdata[k]))
          g_ptr_array_add (rows, g_object_ref (ops->pdata[k]));
    }
}

/* Categories in order of first appearance, the ops of expanded ones below. */
static GPtrArray *
grouped_rows (const GwOpListQuery *query)
{
  g_autoptr (GPtrArray) heads = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GHashTable) members
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref);
  GPtrArray *rows = g_ptr_array_new_with_free_func (g_object_unref);
  guint n = query->model != NULL ? g_list_model_get_n_items (query->model) : 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GwOpEntry) entry = g_list_model_get_item (query->model, i);
      const GwOpEntryInfo *info = gw_op_entry_get_info (entry);
      GPtrArray *group = g_hash_table_lookup (members, info->category);

      if (!listed (query, entry))
        continue;
      if (group == NULL)
        {
          group = g_ptr_array_new_with_free_func (g_object_unref);
          g_hash_table_insert (members, (gpointer) info->category, group);
          g_ptr_array_add (heads, op_row_new (entry, GW_OP_ROW_CATEGORY));
        }
      g_ptr_array_add (group, op_row_new (entry, GW_OP_ROW_OP));
    }

  for (guint i = 0; i < heads->len; i++)
    {
      GwOpRow *head = g_ptr_array_index (heads, i);
      const char *category = gw_op_entry_get_info (head->entry)->category;
      GPtrArray *group = g_hash_table_lookup (members, category);

      head->count = group->len;
      head->expanded = g_hash_table_contains (query->expanded, category);
      g_ptr_array_add (rows, g_object_ref (head));
      if (head->expanded)
        add_ops (rows, group);
    }
  return rows;
}

GPtrArray *
gw_op_list_rows (const GwOpListQuery *query)
{
  gboolean searching = query->search != NULL && *query->search != '\0';

  return searching || query->flat ? flat_rows (query, searching) : grouped_rows (query);
}

guint
gw_op_list_count (const GwOpListQuery *query)
{
  guint n = query->model != NULL ? g_list_model_get_n_items (query->model) : 0;
  guint count = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GwOpEntry) entry = g_list_model_get_item (query->model, i);

      if (listed (query, entry))
        count++;
    }
  return count;
}

/* Letters that differ from the beginning of the name, or from all of it. */
static guint
distance_to (GwOpEntry *entry, const char *typed)
{
  const char *name = gw_op_entry_get_info (entry)->name;
  g_autofree char *beginning = g_strndup (name, strlen (typed));

  return MIN (gw_fuzzy_distance (typed, name), gw_fuzzy_distance (typed, beginning) + 1);
}

GPtrArray *
gw_op_list_nearest (const GwOpListQuery *query)
{
  GPtrArray *nearest = g_ptr_array_new ();
  guint distances[NEAREST];
  guint n = query->model != NULL ? g_list_model_get_n_items (query->model) : 0;

  for (guint i = 0; query->search != NULL && i < n; i++)
    {
      g_autoptr (GwOpEntry) entry = g_list_model_get_item (query->model, i);
      guint distance = distance_to (entry, query->search);
      guint place = nearest->len;

      if (!listed (query, entry))
        continue;
      while (place > 0 && distances[place - 1] > distance)
        place--;
      if (place >= NEAREST)
        continue;
      if (nearest->len == NEAREST)
        g_ptr_array_set_size (nearest, NEAREST - 1);
      g_ptr_array_insert (nearest, (int) place, entry);
      for (guint k = nearest->len - 1; k > place; k--)
        distances[k] = distances[k - 1];
      distances[place] = distance;
    }
  return nearest;
}
