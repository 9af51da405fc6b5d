/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/autosave.h"

#include "app/model/background.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static guint delay_seconds = 3;

struct _GwAutosave {
  GwDocModel *model;
  char       *path;     /* STATE/autosave/PID-N.gw; its side file ends in .json */
  guint       timeout;
  gint       *writing;  /* count of the worker's writes under way; shared, counted reference */
};

static char *
autosave_dir (void)
{
  return g_build_filename (g_get_user_state_dir (), "graphwright", "autosave", NULL);
}

void
gw_autosave_set_delay (guint seconds)
{
  delay_seconds = seconds;
}

GwAutosave *
gw_autosave_new (GwDocModel *model)
{
  static int count = 0;
  GwAutosave *autosave = g_new0 (GwAutosave, 1);
  g_autofree char *folder = autosave_dir ();
  g_autofree char *base = g_strdup_printf ("%d-%d.gw", (int) getpid (), ++count);

  autosave->model = model;
  autosave->path = g_build_filename (folder, base, NULL);
  autosave->writing = g_rc_box_new0 (gint);
  return autosave;
}

static char *
side_path (const char *path)
{
  return g_strconcat (path, ".info", NULL);
}

static void
remove_copy (const char *path)
{
  g_autofree char *side = side_path (path);

  g_unlink (path);
  g_unlink (side);
}

typedef struct {
  GwDocument *document;
  char       *path, *original, *name;
} CopyJob;

static void
copy_job_free (gpointer data)
{
  CopyJob *job = data;

  gw_document_unref (job->document);
  g_free (job->path);
  g_free (job->original);
  g_free (job->name);
  g_free (job);
}

static void
copy_run (GTask        *task,
          gpointer      source,
          gpointer      data,
          GCancellable *cancellable)
{
  CopyJob *job = data;
  g_autofree char *folder = g_path_get_dirname (job->path);
  g_autofree char *side = side_path (job->path);
  g_autofree char *info = g_strdup_printf ("%s\n%s\n", job->name, job->original != NULL ? job->original : "");
  GError *error = NULL;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (&error, GW_ERROR, GW_ERROR_UNAVAILABLE, "%s: %s", folder, g_strerror (errno));
      g_task_return_error (task, error);
    }
  else if (!g_file_set_contents (side, info, -1, &error) || !gw_document_save (job->document, job->path, &error))
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

/* A copy that was overtaken by a save or a close must not stay. */
static void
copy_done (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  gint *writing = data;
  CopyJob *job = g_task_get_task_data (G_TASK (result));

  if (*writing < 0)
    remove_copy (job->path);
  else
    (*writing)--;
  g_rc_box_release (writing);
}

static gboolean
copy_now (gpointer data)
{
  GwAutosave *autosave = data;
  g_autoptr (GTask) task = NULL;
  GFile *file = gw_doc_model_get_file (autosave->model);
  CopyJob *job = g_new0 (CopyJob, 1);

  autosave->timeout = 0;
  job->document = gw_document_copy (gw_doc_model_get_document (autosave->model));
  job->path = g_strdup (autosave->path);
  job->original = file != NULL ? g_file_get_path (file) : NULL;
  job->name = g_strdup (gw_doc_model_get_name (autosave->model));
  task = g_task_new (NULL, NULL, copy_done, g_rc_box_acquire (autosave->writing));
  g_task_set_task_data (task, job, copy_job_free);
  (*autosave->writing)++;
  gw_background_run_task (task, copy_run);
  return G_SOURCE_REMOVE;
}

void
gw_autosave_touch (GwAutosave *autosave)
{
  if (autosave->timeout == 0)
    autosave->timeout = g_timeout_add_seconds (delay_seconds, copy_now, autosave);
}

void
gw_autosave_discard (GwAutosave *autosave)
{
  g_clear_handle_id (&autosave->timeout, g_source_remove);
  if (*autosave->writing > 0)
    {
      *autosave->writing = -1;
      g_rc_box_release (autosave->writing);
      autosave->writing = g_rc_box_new0 (gint);
    }
  remove_copy (autosave->path);
}

void
gw_autosave_free (GwAutosave *autosave)
{
  if (autosave == NULL)
    return;
  gw_autosave_discard (autosave);
  g_rc_box_release (autosave->writing);
  g_free (autosave->path);
  g_free (autosave);
}

/* ---- what others left behind ---- */

void
gw_recovery_free (GwRecovery *recovery)
{
  g_free (recovery->path);
  g_free (recovery->original);
  g_free (recovery->name);
  g_free (recovery);
}

void
gw_recovery_forget (const GwRecovery *recovery)
{
  remove_copy (recovery->path);
}

static gint
newest_first (gconstpointer a,
              gconstpointer b)
{
  const GwRecovery *x = *(GwRecovery *const *) a, *y = *(GwRecovery *const *) b;

  return x->time < y->time ? 1 : x->time > y->time ? -1 : 0;
}

static GwRecovery *
read_recovery (const char *folder,
               const char *base)
{
  g_autofree char *path = g_build_filename (folder, base, NULL);
  g_autofree char *side = side_path (path);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  int pid = atoi (base);
  GStatBuf status;
  GwRecovery *recovery;

  if (pid <= 0 || kill (pid, 0) == 0 || errno == EPERM || g_stat (path, &status) != 0)
    return NULL;
  if (g_file_get_contents (side, &text, NULL, NULL))
    lines = g_strsplit (text, "\n", 3);
  recovery = g_new0 (GwRecovery, 1);
  recovery->path = g_steal_pointer (&path);
  recovery->name = g_strdup (lines != NULL && lines[0] != NULL ? lines[0] : "Untitled");
  if (lines != NULL && lines[0] != NULL && lines[1] != NULL && lines[1][0] != 0)
    recovery->original = g_strdup (lines[1]);
  recovery->time = status.st_mtime;
  return recovery;
}

GPtrArray *
gw_autosave_list_recoveries (void)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_recovery_free);
  g_autofree char *folder = autosave_dir ();
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *base;

  while (dir != NULL && (base = g_dir_read_name (dir)) != NULL)
    {
      GwRecovery *recovery = g_str_has_suffix (base, ".gw") ? read_recovery (folder, base) : NULL;

      if (recovery != NULL)
        g_ptr_array_add (list, recovery);
    }
  g_ptr_array_sort (list, newest_first);
  return list;
}
