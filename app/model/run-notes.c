/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/run-notes.h"

#include "app/model/background.h"

#include <string.h>

#define SAVE_MILLISECONDS 500

/* What writers in other threads share: a text that is older than what stands in the file
 * is not written any more. */
typedef struct {
  GMutex   lock;
  guint64  written;
  gboolean alone;    /* main thread: the notes have gone, nobody is to be told */
} Shared;

struct _GwRunNotes {
  char            *dir;      /* NULL = none */
  cJSON           *kept;
  Shared          *shared;
  guint            save;
  guint64          n_saved;
  GwRunNotesFailed failed;
  gpointer         data;
};

typedef struct {
  Shared          *shared;
  char            *path;
  char            *text;
  guint64          number;
  GwRunNotesFailed failed;
  gpointer         data;
} Saving;

static void
shared_clear (gpointer shared)
{
  g_mutex_clear (&((Shared *) shared)->lock);
}

static void
saving_free (gpointer data)
{
  Saving *saving = data;

  g_atomic_rc_box_release_full (saving->shared, shared_clear);
  g_free (saving->path);
  g_free (saving->text);
  g_free (saving);
}

static Saving *
saving_new (GwRunNotes *notes)
{
  Saving *saving = g_new0 (Saving, 1);

  saving->shared = g_atomic_rc_box_acquire (notes->shared);
  saving->path = g_build_filename (notes->dir, GW_RUNS_FILE, NULL);
  saving->text = gw_json_print (notes->kept);
  saving->number = ++notes->n_saved;
  saving->failed = notes->failed;
  saving->data = notes->data;
  return saving;
}

/* Any thread. */
static gboolean
write_notes (Saving  *saving,
             GError **error)
{
  gboolean ok = TRUE;

  g_mutex_lock (&saving->shared->lock);
  if (saving->number > saving->shared->written)
    {
      saving->shared->written = saving->number;
      ok = gw_atomic_write (saving->path, saving->text, strlen (saving->text), error);
    }
  g_mutex_unlock (&saving->shared->lock);
  return ok;
}

static void
save_thread (GTask        *task,
             gpointer      source,
             gpointer      saving,
             GCancellable *cancellable)
{
  GError *error = NULL;

  if (write_notes (saving, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
saved (GObject      *object,
       GAsyncResult *result,
       gpointer      unused)
{
  Saving *saving = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error) && !saving->shared->alone)
    saving->failed (error->message, saving->data);
}

static gboolean
save_cb (gpointer data)
{
  GwRunNotes *notes = data;
  g_autoptr (GTask) task = g_task_new (NULL, NULL, saved, NULL);

  notes->save = 0;
  g_task_set_task_data (task, saving_new (notes), saving_free);
  gw_background_run_task (task, save_thread);
  return G_SOURCE_REMOVE;
}

/* What still waits, before another folder is shown or the program ends. */
static void
save_now (GwRunNotes *notes)
{
  g_autoptr (GError) error = NULL;
  Saving *saving;

  if (notes->save == 0)
    return;
  g_clear_handle_id (&notes->save, g_source_remove);
  saving = saving_new (notes);
  if (g_file_test (notes->dir, G_FILE_TEST_IS_DIR) && !write_notes (saving, &error))
    notes->failed (error->message, notes->data);
  saving_free (saving);
}

static void
queue_save (GwRunNotes *notes)
{
  if (notes->dir != NULL && notes->save == 0)
    notes->save = g_timeout_add (SAVE_MILLISECONDS, save_cb, notes);
}

const cJSON *
gw_run_notes_get (const GwRunNotes *notes,
                  const char       *key)
{
  return cJSON_GetObjectItemCaseSensitive (notes->kept, key);
}

void
gw_run_notes_set (GwRunNotes *notes,
                  const char *key,
                  const char *member,
                  cJSON      *value)
{
  cJSON *entry = cJSON_GetObjectItemCaseSensitive (notes->kept, key);

  if (entry == NULL)
    entry = cJSON_AddObjectToObject (notes->kept, key);
  cJSON_DeleteItemFromObjectCaseSensitive (entry, member);
  if (value != NULL)
    cJSON_AddItemToObject (entry, member, value);
  queue_save (notes);
}

void
gw_run_notes_remove (GwRunNotes *notes,
                     const char *key)
{
  cJSON_DeleteItemFromObjectCaseSensitive (notes->kept, key);
  queue_save (notes);
}

void
gw_run_notes_take (GwRunNotes *notes,
                   cJSON      *kept)
{
  cJSON_Delete (notes->kept);
  notes->kept = kept;
}

void
gw_run_notes_set_dir (GwRunNotes *notes,
                      const char *runs_dir)
{
  save_now (notes);
  gw_run_notes_take (notes, cJSON_CreateObject ());
  g_free (notes->dir);
  notes->dir = g_strdup (runs_dir);
}

GwRunNotes *
gw_run_notes_new (GwRunNotesFailed failed,
                  gpointer         data)
{
  GwRunNotes *notes = g_new0 (GwRunNotes, 1);

  notes->kept = cJSON_CreateObject ();
  notes->shared = g_atomic_rc_box_new0 (Shared);
  g_mutex_init (&notes->shared->lock);
  notes->failed = failed;
  notes->data = data;
  return notes;
}

void
gw_run_notes_free (GwRunNotes *notes)
{
  save_now (notes);
  notes->shared->alone = TRUE;
  g_atomic_rc_box_release_full (notes->shared, shared_clear);
  cJSON_Delete (notes->kept);
  g_free (notes->dir);
  g_free (notes);
}
