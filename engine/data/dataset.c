/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/data/dataset.h"

#include "engine/base/error.h"
#include "engine/base/random.h"

#include <glib/gstdio.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

#define MAX_STAMPED 64 /* files of a folder: that of one with more may be any folder */

struct _GwDataset {
  gint               refs;
  const GwSourceDef *source;
  GwAttrValue       *attrs;
  pthread_mutex_t    lock; /* for the tables */
  GwTable           *tables[2];
  char              *key;  /* what is read, from files as they were; NULL = not shared */
};

/* Those that are open, by their keys: whoever asks for the same one has it with them. */
static pthread_mutex_t open_lock = PTHREAD_MUTEX_INITIALIZER;
static GHashTable *open_sets;

/* ---- what a data set is read from ---- */

/* As a file is now; one that is written again has another stamp. */
static void
append_stamp (GString    *key,
              const char *path)
{
  GStatBuf info;

  if (g_stat (path, &info) == 0)
    g_string_append_printf (key, "\n%s %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT ".%09ld", path,
                            (guint64) info.st_ino, (gint64) info.st_size, (gint64) info.st_mtim.tv_sec,
                            (long) info.st_mtim.tv_nsec);
}

static gboolean
append_stamps (GString    *key,
               const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;
  int n = 0;

  append_stamp (key, path);
  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      if (n++ == MAX_STAMPED)
        return FALSE;
      append_stamp (key, file);
    }
  return TRUE;
}

static char *
make_key (const GwDataset *dataset)
{
  const GwAttrDef *defs = dataset->source->attrs;
  g_autoptr (GString) key = g_string_new (dataset->source->name);

  for (int i = 0; i < gw_attr_defs_length (defs); i++)
    {
      const GwAttrValue *value = &dataset->attrs[i];
      g_autofree char *text = gw_attr_to_string (value);

      if (defs[i].type == GW_ATTR_SEED && value->i == 0)
        return NULL; /* drawn anew each time */
      g_string_append_printf (key, "\n%d %s", i, text != NULL ? text : "");
      if (value->type == GW_ATTR_FILE && value->s != NULL && *value->s != '\0' && !append_stamps (key, value->s))
        return NULL;
    }
  return g_strdup (key->str);
}

/* Takes `dataset`; gives the one that is open already when there is such a one. */
static GwDataset *
share (GwDataset *dataset)
{
  GwDataset *present;

  dataset->key = make_key (dataset);
  if (dataset->key == NULL)
    return dataset;
  pthread_mutex_lock (&open_lock);
  if (open_sets == NULL)
    open_sets = g_hash_table_new (g_str_hash, g_str_equal);
  present = g_hash_table_lookup (open_sets, dataset->key);
  if (present != NULL)
    gw_dataset_ref (present);
  else
    g_hash_table_insert (open_sets, dataset->key, dataset);
  pthread_mutex_unlock (&open_lock);
  if (present == NULL)
    return dataset;
  g_clear_pointer (&dataset->key, g_free);
  gw_dataset_unref (dataset);
  return present;
}

/* Whether that was the last reference; nobody finds it any more then. */
static gboolean
let_go (GwDataset *dataset)
{
  gboolean last;

  pthread_mutex_lock (&open_lock);
  last = g_atomic_int_dec_and_test (&dataset->refs);
  if (last && dataset->key != NULL)
    g_hash_table_remove (open_sets, dataset->key);
  pthread_mutex_unlock (&open_lock);
  return last;
}

/* ---- making ---- */

static gboolean
check_attrs (GwDataset *dataset,
             GError   **error)
{
  const GwAttrDef *defs = dataset->source->attrs;

  for (int i = 0; i < gw_attr_defs_length (defs); i++)
    {
      const GwAttrValue *value = &dataset->attrs[i];

      if (!gw_attr_check (&defs[i], &dataset->attrs[i], error))
        return FALSE;
      if (defs[i].flags & GW_ATTR_REQUIRED && value->type == GW_ATTR_FILE && (value->s == NULL || *value->s == '\0'))
        return gw_invalid (error, "the data source “%s” needs a file: “%s” is empty", dataset->source->title,
                           defs[i].label != NULL ? defs[i].label : defs[i].name);
    }
  return TRUE;
}

GwDataset *
gw_dataset_new (const GwSourceDef *source,
                const GwAttrValue *attrs,
                GError           **error)
{
  g_autoptr (GwDataset) dataset = g_new0 (GwDataset, 1);
  int n = gw_attr_defs_length (source->attrs);

  dataset->refs = 1;
  dataset->source = source;
  dataset->attrs = g_new0 (GwAttrValue, n + 1);
  pthread_mutex_init (&dataset->lock, NULL);
  for (int i = 0; i < n; i++)
    gw_attr_value_copy (&dataset->attrs[i], &attrs[i]);
  return check_attrs (dataset, error) ? share (g_steal_pointer (&dataset)) : NULL;
}

GwDataset *
gw_dataset_ref (GwDataset *dataset)
{
  g_atomic_int_inc (&dataset->refs);
  return dataset;
}

void
gw_dataset_unref (GwDataset *dataset)
{
  if (dataset == NULL || !let_go (dataset))
    return;
  g_free (dataset->key);
  for (int i = 0; i < gw_attr_defs_length (dataset->source->attrs); i++)
    gw_attr_value_clear (&dataset->attrs[i]);
  g_free (dataset->attrs);
  gw_table_unref (dataset->tables[0]);
  gw_table_unref (dataset->tables[1]);
  pthread_mutex_destroy (&dataset->lock);
  g_free (dataset);
}

const GwSourceDef *
gw_dataset_source (const GwDataset *dataset)
{
  return dataset->source;
}

gboolean
gw_dataset_has_test (const GwDataset *dataset)
{
  return dataset->source->has_test (dataset->attrs);
}

/* The row number is an int32 everywhere behind this. */
static GwTable *
open_table (const GwDataset *dataset,
            GwSplit          split,
            const GwTable   *train,
            GError         **error)
{
  g_autoptr (GwTable) table = dataset->source->open (dataset->attrs, split, train, error);

  if (table != NULL && (table->n_rows < 1 || table->n_rows > G_MAXINT32))
    {
      gw_invalid (error, "the data source “%s” has %" G_GINT64_FORMAT " rows; from 1 to %d can be used",
                  dataset->source->title, (gint64) table->n_rows, G_MAXINT32);
      return NULL;
    }
  return g_steal_pointer (&table);
}

const GwTable *
gw_dataset_table (GwDataset *dataset,
                  GwSplit    split,
                  GError   **error)
{
  const GwTable *table;

  if (!gw_dataset_has_test (dataset))
    split = GW_SPLIT_TRAIN;
  pthread_mutex_lock (&dataset->lock);
  if (dataset->tables[GW_SPLIT_TRAIN] == NULL)
    dataset->tables[GW_SPLIT_TRAIN] = open_table (dataset, GW_SPLIT_TRAIN, NULL, error);
  if (split == GW_SPLIT_TEST && dataset->tables[GW_SPLIT_TEST] == NULL && dataset->tables[GW_SPLIT_TRAIN] != NULL)
    dataset->tables[GW_SPLIT_TEST] = open_table (dataset, GW_SPLIT_TEST, dataset->tables[GW_SPLIT_TRAIN], error);
  table = dataset->tables[GW_SPLIT_TRAIN] != NULL ? dataset->tables[split] : NULL;
  pthread_mutex_unlock (&dataset->lock);
  return table;
}

/* Marks `n_test` of `n_rows` rows: those that a shuffle of all would put first. */
static guint8 *
mark_test_rows (int64_t  n_rows,
                int64_t  n_test,
                uint64_t seed)
{
  g_autofree int32_t *order = g_new (int32_t, n_rows);
  guint8 *marks = g_new0 (guint8, n_rows);
  GwPhilox philox;
  uint32_t words[4];

  gw_philox_init (&philox, seed, 0);
  for (int64_t i = 0; i < n_rows; i++)
    order[i] = (int32_t) i;
  for (int64_t i = 0; i < n_test; i++)
    {
      int64_t j;
      int32_t chosen;

      if (i % 4 == 0)
        gw_philox_next (&philox, words);
      j = i + words[i % 4] % (uint32_t) (n_rows - i);
      chosen = order[j];
      order[j] = order[i];
      marks[chosen] = 1;
    }
  return marks;
}

int32_t *
gw_split_rows (int64_t  n_rows,
               double   test_fraction,
               uint64_t seed,
               GwSplit  split,
               int64_t *n)
{
  int64_t n_test = llrint (CLAMP (test_fraction, 0, 1) * (double) n_rows);
  g_autofree guint8 *marks = NULL;
  int32_t *rows = g_new (int32_t, n_rows + 1);

  if (test_fraction > 0 && n_rows > 1)
    n_test = CLAMP (n_test, 1, n_rows - 1);
  marks = mark_test_rows (n_rows, n_test, seed);
  *n = 0;
  for (int64_t i = 0; i < n_rows; i++)
    if (marks[i] == (split == GW_SPLIT_TEST))
      rows[(*n)++] = (int32_t) i;
  return rows;
}
