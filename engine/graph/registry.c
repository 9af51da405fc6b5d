/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/graph/registry.h"

#include <string.h>

static GHashTable *by_name;
static GPtrArray *sorted;
static GPtrArray *by_category;

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

#define GROUPS(...) ((const char *const[]) { __VA_ARGS__, NULL })
#define NO_GROUPS ((const char *const[]) { NULL })

static const GwCategory categories[] = {
  { "inputs", "Inputs", NO_GROUPS },
  { "variables", "Variables", GROUPS ("Variables", "Assigning", "Scattering", "Saving") },
  { "layers", "Layers", NO_GROUPS },
  { "maths", "Maths and matrices",
    GROUPS ("Arithmetic", "Powers and logarithms", "Trigonometry", "Rounding", "Comparing", "Logic", "Reductions",
            "Running totals", "Matrices", "Decompositions", "Special functions", "Complex numbers") },
  { "arrays", "Arrays and shapes",
    GROUPS ("Making", "Shape", "Joining and splitting", "Picking", "Scattering", "Moving", "Segments", "Ordering",
            "Diagonals", "Space and depth", "Pictures", "Types and checks") },
  { "neural", "Neural net",
    GROUPS ("Activations", "Convolution", "Pooling", "Normalising", "Softmax", "Recurrent") },
  { "losses", "Losses and metrics", GROUPS ("Losses", "Metrics") },
  { "training", "Training", GROUPS ("Minimizing", "Gradients", "Steps", "Sparse steps", "Schedules") },
  { "random", "Random", GROUPS ("Drawing", "Candidates") },
  { "control", "Control flow", NO_GROUPS },
  { "strings", "Strings", GROUPS ("Text", "Converting", "Tables", "Files", "Decoding") },
  { "summaries", "Summaries", NO_GROUPS },
  { "mine", "Mine", NO_GROUPS },
};

const GwCategory *
gw_category_list (int *n)
{
  *n = G_N_ELEMENTS (categories);
  return categories;
}

gboolean
gw_op_is_in (const GwOpDef *def,
             const char    *category)
{
  gsize length = strcspn (def->category, "/");

  return strlen (category) == length && strncmp (def->category, category, length) == 0;
}

const GwCategory *
gw_op_category (const GwOpDef *def)
{
  for (gsize i = 0; i < G_N_ELEMENTS (categories); i++)
    if (gw_op_is_in (def, categories[i].name))
      return &categories[i];
  return NULL;
}

const char *
gw_op_group (const GwOpDef *def)
{
  const GwCategory *category = gw_op_category (def);
  const char *slash = strchr (def->category, '/');

  for (int i = 0; category != NULL && slash != NULL && category->groups[i] != NULL; i++)
    if (strcmp (category->groups[i], slash + 1) == 0)
      return category->groups[i];
  return NULL;
}

/* Place among all groups of all categories; an op without a group stands before them. */
static int
place (const GwOpDef *def)
{
  const GwCategory *category = gw_op_category (def);
  const char *group = gw_op_group (def);
  int at = 0;

  if (category == NULL)
    return G_MAXINT;
  while (group != NULL && category->groups[at++] != group)
    ;
  return (int) (category - categories) * 1000 + at;
}

static gint
compare_places (gconstpointer a,
                gconstpointer b)
{
  const GwOpDef *first = *(const GwOpDef *const *) a;
  const GwOpDef *second = *(const GwOpDef *const *) b;
  int difference = place (first) - place (second);

  if (difference == 0)
    difference = (second->expand != NULL) - (first->expand != NULL);
  return difference != 0 ? difference : strcmp (first->name, second->name);
}

const GwOpDef *const *
gw_registry_list_by_category (int *n)
{
  static gsize once;

  if (g_once_init_enter (&once))
    {
      by_category = g_ptr_array_copy (sorted, NULL, NULL);
      g_ptr_array_sort (by_category, compare_places);
      g_once_init_leave (&once, 1);
    }
  *n = (int) by_category->len;
  return (const GwOpDef *const *) by_category->pdata;
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
