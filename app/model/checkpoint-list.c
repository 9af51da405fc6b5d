/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/checkpoint-list.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static void
item_free (gpointer data)
{
  GwCheckpointItem *item = data;

  g_free (item->prefix);
  g_free (item->label);
  g_free (item);
}

void
gw_checkpoint_list_free (GwCheckpointList *list)
{
  if (list == NULL)
    return;
  g_free (list->folder);
  g_free (list->metric);
  g_hash_table_unref (list->metrics);
  g_ptr_array_unref (list->items);
  g_free (list);
}

const GwCheckpointItem *
gw_checkpoint_list_find (const GwCheckpointList *list,
                         const char             *prefix)
{
  for (guint i = 0; list != NULL && i < list->items->len; i++)
    {
      const GwCheckpointItem *item = g_ptr_array_index (list->items, i);

      if (g_strcmp0 (item->prefix, prefix) == 0)
        return item;
    }
  return NULL;
}

gboolean
gw_metric_is_loss (const char *name)
{
  return name != NULL && (strstr (name, "loss") != NULL || strstr (name, "error") != NULL);
}

char *
gw_metric_text (const char *name,
                double      value)
{
  if (name != NULL && strstr (name, "accuracy") != NULL)
    return g_strdup_printf ("%.1f %%", value * 100);
  return g_strdup_printf ("%.4g", value);
}

/* ---- files ---- */

static char *
with_commas (int64_t number)
{
  GString *text = g_string_new (NULL);

  g_string_printf (text, "%" G_GINT64_FORMAT, (gint64) number);
  for (gssize at = (gssize) text->len - 3; at > 0; at -= 3)
    g_string_insert_c (text, at, ',');
  return g_string_free (text, FALSE);
}

/* "…/model.ckpt-500" → 500. */
static int64_t
step_of (const char *prefix)
{
  const char *dash = strrchr (prefix, '-');
  gint64 step;

  return dash != NULL && g_ascii_string_to_signed (dash + 1, 10, 0, G_MAXINT64, &step, NULL) ? step : -1;
}

static GwCheckpointItem *
item_new (const char *folder,
          const char *index_name)
{
  GwCheckpointItem *item = g_new0 (GwCheckpointItem, 1);
  g_autofree char *path = g_build_filename (folder, index_name, NULL);
  GStatBuf info;

  item->prefix = g_strndup (path, strlen (path) - strlen (".index"));
  item->step = step_of (item->prefix);
  item->seconds = item->metric = NAN;
  if (g_stat (path, &info) == 0)
    {
      item->bytes = info.st_size;
      item->written = (gint64) info.st_mtim.tv_sec * G_USEC_PER_SEC + info.st_mtim.tv_nsec / 1000;
    }
  if (item->step >= 0)
    {
      g_autofree char *number = with_commas (item->step);

      item->label = g_strconcat ("Step ", number, NULL);
    }
  else
    item->label = g_path_get_basename (item->prefix);
  return item;
}

static void
add_data_size (GPtrArray  *items,
               const char *folder,
               const char *name)
{
  const char *mark = strstr (name, ".data-");
  g_autofree char *stem = mark != NULL ? g_strndup (name, (gsize) (mark - name)) : NULL;
  g_autofree char *prefix = stem != NULL ? g_build_filename (folder, stem, NULL) : NULL;
  g_autofree char *path = g_build_filename (folder, name, NULL);
  GStatBuf info;

  for (guint i = 0; prefix != NULL && i < items->len; i++)
    {
      GwCheckpointItem *item = g_ptr_array_index (items, i);

      if (strcmp (item->prefix, prefix) == 0 && g_stat (path, &info) == 0)
        item->bytes += info.st_size;
    }
}

static int
later_step_first (gconstpointer a,
                  gconstpointer b)
{
  const GwCheckpointItem *x = *(GwCheckpointItem *const *) a, *y = *(GwCheckpointItem *const *) b;

  if (x->step != y->step)
    return x->step > y->step ? -1 : 1;
  return strcmp (x->label, y->label);
}

static void
scan_folder (GwCheckpointList *list)
{
  g_autoptr (GDir) dir = g_dir_open (list->folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".index"))
      g_ptr_array_add (list->items, item_new (list->folder, name));
  if (dir != NULL)
    g_dir_rewind (dir);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    add_data_size (list->items, list->folder, name);
  g_ptr_array_sort (list->items, later_step_first);
}

static void
mark_newest (GwCheckpointList *list)
{
  GwCheckpointItem *newest = NULL;

  for (guint i = 0; i < list->items->len; i++)
    {
      GwCheckpointItem *item = g_ptr_array_index (list->items, i);

      if (newest == NULL || item->written > newest->written)
        newest = item;
    }
  if (newest != NULL)
    newest->newest = TRUE;
}

static void
read_info (GwCheckpointList *list)
{
  g_autoptr (GwRunInfo) info = gw_run_info_read (list->folder, NULL);

  for (guint i = 0; info != NULL && i < info->metrics->len; i++)
    g_hash_table_add (list->metrics, g_strdup (g_array_index (info->metrics, GwRunMetric, i).name));
  for (guint i = 0; info != NULL && info->started > 0 && i < list->items->len; i++)
    {
      GwCheckpointItem *item = g_ptr_array_index (list->items, i);

      if (item->written >= info->started)
        item->seconds = (double) (item->written - info->started) / G_USEC_PER_SEC;
    }
}

/* ---- what evaluations say ---- */

/* Higher wins: an accuracy, any other metric that the run's last evaluation names, a
 * loss of the test split; 0 takes no part. A metric's own tag has no prefix; other
 * programs write "test/…". */
static int
rank_of_tag (const GwCheckpointList *list,
             const char             *tag)
{
  gboolean test = g_str_has_prefix (tag, "test/");

  if (g_str_has_prefix (tag, "train/"))
    return 0;
  if (strstr (tag, "accuracy") != NULL)
    return test ? 5 : 4;
  if (test)
    return gw_metric_is_loss (tag) ? 1 : 3;
  return g_hash_table_contains (list->metrics, tag) && !gw_metric_is_loss (tag) ? 2 : 0;
}

/* A better tag than the one so far replaces all values taken from it. */
static gboolean
choose_tag (GwCheckpointList *list,
            const char       *tag)
{
  if (list->metric != NULL && strcmp (list->metric, tag) == 0)
    return TRUE;
  if (rank_of_tag (list, tag) <= (list->metric != NULL ? rank_of_tag (list, list->metric) : 0))
    return FALSE;
  g_free (list->metric);
  list->metric = g_strdup (tag);
  for (guint i = 0; i < list->items->len; i++)
    ((GwCheckpointItem *) g_ptr_array_index (list->items, i))->metric = NAN;
  return TRUE;
}

static void
take_scalar (GwCheckpointList   *list,
             const GwEventValue *value)
{
  if (!choose_tag (list, value->tag))
    return;
  for (guint i = 0; i < list->items->len; i++)
    {
      GwCheckpointItem *item = g_ptr_array_index (list->items, i);

      if (item->step == value->step)
        item->metric = value->scalar;
    }
}

static gboolean
read_events (GwCheckpointList *list,
             GCancellable     *cancellable)
{
  g_autoptr (GPtrArray) paths = gw_event_files_in_folder (list->folder, NULL);
  guint n = 0;

  for (guint i = 0; paths != NULL && i < paths->len; i++)
    {
      g_autoptr (GwEventReader) reader = gw_event_reader_open (g_ptr_array_index (paths, i), NULL);
      GwEventValue value;

      while (reader != NULL && gw_event_reader_next (reader, &value, NULL) == GW_READ_OK)
        {
          if (value.kind == GW_EVENT_SCALAR)
            take_scalar (list, &value);
          if (++n % 1024 == 0 && g_cancellable_is_cancelled (cancellable))
            return FALSE;
        }
    }
  return TRUE;
}

static void
mark_best (GwCheckpointList *list)
{
  GwCheckpointItem *best = NULL;
  double sign = gw_metric_is_loss (list->metric) ? -1 : 1;

  for (guint i = 0; i < list->items->len; i++)
    {
      GwCheckpointItem *item = g_ptr_array_index (list->items, i);

      if (!isnan (item->metric) && (best == NULL || sign * item->metric > sign * best->metric))
        best = item;
    }
  if (best != NULL)
    best->best = TRUE;
}

GwCheckpointList *
gw_checkpoint_list_new (const char   *folder,
                        GCancellable *cancellable)
{
  g_autoptr (GwCheckpointList) list = g_new0 (GwCheckpointList, 1);

  list->metrics = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  list->folder = g_strdup (folder);
  list->items = g_ptr_array_new_with_free_func (item_free);
  scan_folder (list);
  mark_newest (list);
  read_info (list);
  if (!read_events (list, cancellable))
    return NULL;
  mark_best (list);
  if (list->metric != NULL && g_str_has_prefix (list->metric, "test/"))
    memmove (list->metric, list->metric + 5, strlen (list->metric + 5) + 1);
  return g_steal_pointer (&list);
}
