/* SPDX-License-Identifier: Apache-2.0 */
/* The document model: history of edits, grouping, signals. */
#include "app/model/doc-model-private.h"

#include <string.h>

#define MERGE_TIME (400 * G_TIME_SPAN_MILLISECOND)

enum { ITEMS_CHANGED, RESET, LIVE_CHANGED, HISTORY_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GwDocModel, gw_doc_model, G_TYPE_OBJECT)

static void
step_free (gpointer data)
{
  GwStep *step = data;

  gw_edit_free (step->edit);
  g_free (step);
}

void
gw_doc_model_emit_history (GwDocModel *self)
{
  g_signal_emit (self, signals[HISTORY_CHANGED], 0);
}

void
gw_doc_model_emit_live (GwDocModel *self,
                        GArray     *ids)
{
  g_signal_emit (self, signals[LIVE_CHANGED], 0, ids);
}

void
gw_doc_model_emit_items (GwDocModel   *self,
                         const GwEdit *edit)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (int64_t));

  for (guint i = 0; i < edit->changes->len; i++)
    {
      const GwChange *change = &g_array_index (edit->changes, GwChange, i);
      int64_t id = (change->before != NULL ? change->before : change->after)->id;

      g_array_append_val (ids, id);
    }
  g_signal_emit (self, signals[ITEMS_CHANGED], 0, ids);
}

/* Whether lowering the node could come out differently: anything but positions, notes
 * and locks. */
static gboolean
changes_meaning (const GwChange *change)
{
  g_autoptr (GwItem) moved = NULL;

  if (change->before == NULL || change->after == NULL)
    return TRUE;
  moved = gw_item_copy (change->before);
  moved->node.x = change->after->node.x;
  moved->node.y = change->after->node.y;
  g_free (moved->node.note);
  moved->node.note = g_strdup (change->after->node.note);
  return !gw_item_equal (moved, change->after);
}

/* Which variables layers in the scope have. */
static gboolean
changes_sharing (const GwChange *change)
{
  return change->before == NULL || change->after == NULL || change->before->group.reuse != change->after->group.reuse ||
         g_strcmp0 (change->before->group.variables, change->after->group.variables) != 0;
}

static void
document_changed (GwDocModel   *self,
                  const GwEdit *edit)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (int64_t));

  for (guint i = 0; i < edit->changes->len; i++)
    {
      const GwChange *change = &g_array_index (edit->changes, GwChange, i);
      const GwItem *item = change->before != NULL ? change->before : change->after;

      if ((item->kind == GW_ITEM_NODE && changes_meaning (change)) || (item->kind == GW_ITEM_GROUP && changes_sharing (change)))
        g_array_append_val (ids, item->id);
    }
  if (ids->len > 0)
    gw_doc_model_live_change (self, ids);
  gw_doc_model_emit_items (self, edit);
  gw_autosave_touch (self->autosave);
}

static gboolean
joins (GwDocModel *self,
       GwStep     *step,
       const char *merge)
{
  if (!self->open_step || merge == NULL || step->merge != merge || self->undo->len == self->saved_at)
    return FALSE;
  return g_str_has_prefix (merge, "drag:") || g_get_monotonic_time () - step->time < MERGE_TIME;
}

/* Records what has been applied already; takes the edit. */
static void
record (GwDocModel *self,
        GwEdit     *edit,
        const char *merge)
{
  GwStep *last = self->undo->len > 0 ? g_ptr_array_index (self->undo, self->undo->len - 1) : NULL;

  if (self->saved_at != G_MAXSIZE && self->saved_at > self->undo->len)
    self->saved_at = G_MAXSIZE; /* that state lay among the redone steps, which go now */
  g_ptr_array_set_size (self->redo, 0);
  if (last != NULL && joins (self, last, merge))
    {
      gw_edit_merge (last->edit, edit);
      gw_edit_free (edit);
      last->time = g_get_monotonic_time ();
    }
  else
    {
      GwStep *step = g_new0 (GwStep, 1);

      step->edit = edit;
      step->merge = merge;
      step->time = g_get_monotonic_time ();
      g_ptr_array_add (self->undo, step);
    }
  self->open_step = TRUE;
  gw_doc_model_emit_history (self);
}

void
gw_doc_model_apply (GwDocModel *self,
                    GwEdit     *edit,
                    const char *merge)
{
  g_autoptr (GwEdit) shown = NULL;

  if (edit == NULL || gw_edit_is_empty (edit))
    {
      gw_edit_free (edit);
      return;
    }
  gw_document_apply (self->document, edit);
  shown = gw_edit_new (edit->label);
  gw_edit_merge (shown, edit);
  if (self->group_depth > 0)
    {
      gw_edit_merge (self->group, edit);
      gw_edit_free (edit);
    }
  else
    {
      record (self, edit, merge);
    }
  document_changed (self, shown);
}

void
gw_doc_model_close_step (GwDocModel *self)
{
  self->open_step = FALSE;
}

void
gw_doc_model_begin_group (GwDocModel *self,
                          const char *label)
{
  if (self->group_depth++ == 0)
    self->group = gw_edit_new (label);
}

void
gw_doc_model_end_group (GwDocModel *self)
{
  g_return_if_fail (self->group_depth > 0);
  if (--self->group_depth > 0)
    return;
  self->open_step = FALSE;
  if (gw_edit_is_empty (self->group))
    g_clear_pointer (&self->group, gw_edit_free);
  else
    record (self, g_steal_pointer (&self->group), NULL);
  self->open_step = FALSE;
}

void
gw_doc_model_cancel_group (GwDocModel *self)
{
  g_autoptr (GwEdit) group = NULL;

  g_return_if_fail (self->group_depth > 0);
  if (self->group_depth > 1)
    {
      self->group_depth--; /* a group within one is given up with it, or not at all */
      return;
    }
  self->group_depth = 0;
  group = g_steal_pointer (&self->group);
  if (gw_edit_is_empty (group))
    return;
  gw_document_revert (self->document, group);
  document_changed (self, group);
}

static gboolean
travel (GwDocModel *self,
        GPtrArray  *from,
        GPtrArray  *to,
        void      (*go) (GwDocument *, const GwEdit *))
{
  GwStep *step;

  if (from->len == 0 || self->group_depth > 0)
    return FALSE;
  step = g_ptr_array_steal_index (from, from->len - 1);
  go (self->document, step->edit);
  g_ptr_array_add (to, step);
  self->open_step = FALSE;
  document_changed (self, step->edit);
  gw_doc_model_emit_history (self);
  return TRUE;
}

gboolean
gw_doc_model_undo (GwDocModel *self)
{
  return travel (self, self->undo, self->redo, gw_document_revert);
}

gboolean
gw_doc_model_redo (GwDocModel *self)
{
  return travel (self, self->redo, self->undo, gw_document_apply);
}

static const char *
newest_label (GPtrArray *steps)
{
  return steps->len > 0 ? ((GwStep *) g_ptr_array_index (steps, steps->len - 1))->edit->label : NULL;
}

const char *
gw_doc_model_undo_label (GwDocModel *self)
{
  return newest_label (self->undo);
}

const char *
gw_doc_model_redo_label (GwDocModel *self)
{
  return newest_label (self->redo);
}

/* ---- edits that views make ---- */

gboolean
gw_doc_model_set_attr (GwDocModel *self,
                       int64_t     id,
                       const char *name,
                       const char *text,
                       GError    **error)
{
  g_autofree char *key = g_strdup_printf ("attr:%" G_GINT64_FORMAT ":%s", (gint64) id, name);
  GwEdit *edit = gw_edit_set_attr (self->document, id, name, text, error);

  if (edit == NULL)
    return FALSE;
  gw_doc_model_apply (self, edit, g_intern_string (key));
  return TRUE;
}

void
gw_doc_model_edit_settings (GwDocModel    *self,
                            const char    *label,
                            const char    *merge,
                            GwSettingsFunc func,
                            gpointer       data)
{
  g_autoptr (GwEdit) edit = gw_edit_new (label);
  GwItem *item = gw_edit_take (edit, self->document, 0);

  func (&item->settings, data);
  gw_edit_put (edit, self->document, item);
  gw_doc_model_apply (self, g_steal_pointer (&edit), merge);
}

gboolean
gw_doc_model_apply_fix (GwDocModel  *self,
                        const GwFix *fix,
                        GError     **error)
{
  GwEdit *edit = gw_fix_edit (fix, self->document, error);

  if (edit == NULL)
    return FALSE;
  gw_doc_model_apply (self, edit, NULL);
  return TRUE;
}

/* ---- what stands in it ---- */

GwDocument *
gw_doc_model_get_document (GwDocModel *self)
{
  return self->document;
}

GFile *
gw_doc_model_get_file (GwDocModel *self)
{
  return self->file;
}

const char *
gw_doc_model_get_name (GwDocModel *self)
{
  return self->name;
}

gboolean
gw_doc_model_is_dirty (GwDocModel *self)
{
  return self->saved_at != self->undo->len;
}

char *
gw_doc_model_runs_dir (GwDocModel *self)
{
  g_autofree char *path = self->file != NULL ? g_file_get_path (self->file) : NULL;
  g_autofree char *folder = NULL;

  if (path != NULL)
    return gw_runs_dir_beside (path);
  folder = g_strconcat (self->name, ".runs", NULL);
  g_strdelimit (folder, "/\\", '-');
  return g_build_filename (g_get_user_data_dir (), "graphwright", "runs", folder, NULL);
}

void
gw_doc_model_mark_saved (GwDocModel *self,
                         gsize       undo_length)
{
  self->saved_at = undo_length;
  if (!gw_doc_model_is_dirty (self))
    gw_autosave_discard (self->autosave);
  gw_doc_model_emit_history (self);
}

void
gw_doc_model_set_document (GwDocModel *self,
                           GwDocument *document,
                           GFile      *file,
                           const char *name)
{
  g_autofree char *new_name = g_strdup (name);

  gw_document_unref (self->document);
  self->document = document;
  g_set_object (&self->file, file);
  g_free (self->name);
  self->name = g_steal_pointer (&new_name);
  g_ptr_array_set_size (self->undo, 0);
  g_ptr_array_set_size (self->redo, 0);
  if (self->group != NULL) /* what it holds was done to another document */
    {
      gw_edit_free (self->group);
      self->group = gw_edit_new ("");
    }
  self->open_step = FALSE;
  self->saved_at = 0;
  gw_autosave_discard (self->autosave);
  gw_doc_model_live_reset (self);
  g_signal_emit (self, signals[RESET], 0);
  gw_doc_model_emit_history (self);
}

void
gw_doc_model_recover (GwDocModel *self,
                      GwDocument *document,
                      const char *name,
                      const char *original)
{
  g_autoptr (GFile) file = original != NULL ? g_file_new_for_path (original) : NULL;

  gw_doc_model_set_document (self, document, file, name);
  self->saved_at = G_MAXSIZE;
  gw_autosave_touch (self->autosave);
  gw_doc_model_emit_history (self);
}

static void
gw_doc_model_dispose (GObject *object)
{
  GwDocModel *self = GW_DOC_MODEL (object);

  self->disposed = TRUE;
  g_clear_handle_id (&self->live_idle, g_source_remove);
  g_clear_pointer (&self->autosave, gw_autosave_free);
  G_OBJECT_CLASS (gw_doc_model_parent_class)->dispose (object);
}

static void
gw_doc_model_finalize (GObject *object)
{
  GwDocModel *self = GW_DOC_MODEL (object);

  gw_document_unref (self->document);
  gw_live_free (self->live);
  g_clear_pointer (&self->missed, g_array_unref);
  gw_edit_free (self->group);
  g_ptr_array_unref (self->undo);
  g_ptr_array_unref (self->redo);
  g_clear_object (&self->file);
  g_free (self->name);
  G_OBJECT_CLASS (gw_doc_model_parent_class)->finalize (object);
}

static void
gw_doc_model_class_init (GwDocModelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  object_class->dispose = gw_doc_model_dispose;
  object_class->finalize = gw_doc_model_finalize;
  signals[ITEMS_CHANGED] = g_signal_new ("items-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 1, G_TYPE_ARRAY | G_SIGNAL_TYPE_STATIC_SCOPE);
  signals[RESET] = g_signal_new ("reset", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[LIVE_CHANGED] =
    g_signal_new ("live-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                  G_TYPE_ARRAY | G_SIGNAL_TYPE_STATIC_SCOPE);
  signals[HISTORY_CHANGED] =
    g_signal_new ("history-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gw_doc_model_init (GwDocModel *self)
{
  self->document = gw_document_new ();
  self->name = g_strdup ("Untitled");
  self->undo = g_ptr_array_new_with_free_func (step_free);
  self->redo = g_ptr_array_new_with_free_func (step_free);
  self->autosave = gw_autosave_new (self);
  gw_doc_model_live_reset (self);
}

GwDocModel *
gw_doc_model_new (void)
{
  return g_object_new (GW_TYPE_DOC_MODEL, NULL);
}
