/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/graph/registry.h"

#include <string.h>

static GHashTable *by_name;
static GPtrArray *sorted;

static gint
compare_names (gconstpointer a,
               gconstpointer b)
{
  const GwOpDef *const *first = a;
  const GwOpDef *const *second = b;

  return strcmp ((*first)->name, (*second)->name);
}

void
gw_registry_add_family (const GwOpDef *const *family)
{
  if (by_name == NULL)
    {
      by_name = g_hash_table_new (g_str_hash, g_str_equal);
      sorted = g_ptr_array_new ();
    }
  for (; *family != NULL; family++)
    {
      g_assert (g_hash_table_lookup (by_name, (*family)->name) == NULL);
      g_hash_table_insert (by_name, (gpointer) (*family)->name, (gpointer) *family);
      g_ptr_array_add (sorted, (gpointer) *family);
    }
  g_ptr_array_sort (sorted, compare_names);
}

const GwOpDef *
gw_registry_find (const char *name)
{
  return by_name != NULL ? g_hash_table_lookup (by_name, name) : NULL;
}

const GwOpDef *const *
gw_registry_list (int *n)
{
  *n = sorted != NULL ? (int) sorted->len : 0;
  return sorted != NULL ? (const GwOpDef *const *) sorted->pdata : NULL;
}

static const struct {
  const char *name;
  const char *title;
} categories[] = {
  { "inputs", "Inputs" },
  { "variables", "Variables" },
  { "layers", "Layers" },
  { "maths", "Maths and matrices" },
  { "arrays", "Arrays and shapes" },
  { "neural", "Neural net" },
  { "losses", "Losses and metrics" },
  { "training", "Training" },
  { "random", "Random" },
  { "control", "Control flow" },
  { "strings", "Strings" },
  { "summaries", "Summaries" },
};

const char *
gw_category_title (const char *category)
{
  for (gsize i = 0; i < G_N_ELEMENTS (categories); i++)
    if (g_str_equal (categories[i].name, category))
      return categories[i].title;
  return NULL;
}

const char *const *
gw_category_list (void)
{
  static const char *names[G_N_ELEMENTS (categories) + 1];

  for (gsize i = 0; i < G_N_ELEMENTS (categories); i++)
    names[i] = categories[i].name;
  return names;
}

/* Longer words are no misspelt names of ops. */
#define MAX_WORD 64

/* Levenshtein's distance of two words of at most MAX_WORD bytes, ignoring case. */
static int
edit_distance (const char *a,
               const char *b)
{
  int row[MAX_WORD + 1];
  int n = (int) strlen (b);

  for (int j = 0; j <= n; j++)
    row[j] = j;
  for (int i = 1; a[i - 1] != '\0'; i++)
    {
      int diagonal = row[0];

      row[0] = i;
      for (int j = 1; j <= n; j++)
        {
          int above = row[j];
          gboolean same = g_ascii_tolower (a[i - 1]) == g_ascii_tolower (b[j - 1]);

          row[j] = MIN (MIN (above, row[j - 1]) + 1, diagonal + (same ? 0 : 1));
          diagonal = above;
        }
    }
  return row[n];
}

char **
gw_registry_suggest (const char *name,
                     int         max)
{
  GStrvBuilder *builder = g_strv_builder_new ();
  gsize length = strlen (name);
  int limit = MAX (2, (int) MIN (length, MAX_WORD) / 3);
  int n, found = 0;
  const GwOpDef *const *ops = gw_registry_list (&n);
  g_autofree int *distances = g_new (int, MAX (n, 1));
  char **names;

  for (int i = 0; i < n; i++)
    distances[i] = length > MAX_WORD || strlen (ops[i]->name) > MAX_WORD ? G_MAXINT : edit_distance (name, ops[i]->name);
  for (int distance = 0; distance <= limit && found < max; distance++)
    for (int i = 0; i < n && found < max; i++)
      if (distances[i] == distance)
        {
          g_strv_builder_add (builder, ops[i]->name);
          found++;
        }
  names = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);
  return names;
}

int
gw_ports_length (const GwPortDef *ports)
{
  int n = 0;

  while (ports != NULL && ports[n].name != NULL)
    n++;
  return n;
}
