/* SPDX-License-Identifier: Apache-2.0 */
/* One open document: the plain-C document with its undo history, its file, and what
 * lowering says of it (shapes, problems), with signals. Main thread only; looking through
 * a large document, loading, saving and autosaving happen in worker threads.
 *
 * Signals:
 *   "items-changed" (GArray of int64_t)  items were made, changed or removed
 *   "reset"          another document stands in the model
 *   "live-changed" (GArray of int64_t)  shapes, types or problems of these nodes are new;
 *                    NULL = of all
 *   "history-changed" undo, redo, name, file or the dirty state changed */
#pragma once

#include <gio/gio.h>

#include "engine/engine.h"

G_BEGIN_DECLS

#define GW_TYPE_DOC_MODEL (gw_doc_model_get_type ())
G_DECLARE_FINAL_TYPE (GwDocModel, gw_doc_model, GW, DOC_MODEL, GObject)

/* An empty, untitled document. */
GwDocModel *gw_doc_model_new (void);

/* Borrowed; changed only through gw_doc_model_apply(). */
GwDocument *gw_doc_model_get_document (GwDocModel *model);
/* Replaces everything: no history, `file` (nullable) is where it is saved, `name` what
 * it is called while it has no file. Takes the document. */
void gw_doc_model_set_document (GwDocModel *model, GwDocument *document, GFile *file, const char *name);

GFile *gw_doc_model_get_file (GwDocModel *model);    /* NULL = untitled */
const char *gw_doc_model_get_name (GwDocModel *model);
gboolean gw_doc_model_is_dirty (GwDocModel *model);
/* Where the runs of the document lie: beside its file, else under XDG_DATA_HOME. */
char *gw_doc_model_runs_dir (GwDocModel *model);

/* ---- edits ---- */

/* Makes the edit and one undo step of it; takes it. An empty edit is nothing. With a
 * `merge` key (an interned string) it joins the step before when that has the same
 * key and is younger than 400 ms; with a key that begins with "drag:" until
 * gw_doc_model_close_step(). */
void gw_doc_model_apply (GwDocModel *model, GwEdit *edit, const char *merge);
/* The next edit begins a step of its own. */
void gw_doc_model_close_step (GwDocModel *model);
/* Edits between the two make one step called `label`. Calls nest. */
void gw_doc_model_begin_group (GwDocModel *model, const char *label);
void gw_doc_model_end_group (GwDocModel *model);
/* Ends the group as if nothing of it had been: the document is as before, no step is left
 * and what could be redone still can. */
void gw_doc_model_cancel_group (GwDocModel *model);

gboolean gw_doc_model_undo (GwDocModel *model);
gboolean gw_doc_model_redo (GwDocModel *model);
const char *gw_doc_model_undo_label (GwDocModel *model); /* NULL = nothing to undo */
const char *gw_doc_model_redo_label (GwDocModel *model);

/* Sets one attribute from text as one (merging) step; FALSE with the reason. */
gboolean gw_doc_model_set_attr (GwDocModel *model, int64_t id, const char *name, const char *text, GError **error);
/* Changes settings by a function that edits the copy it is given. */
typedef void (*GwSettingsFunc) (GwDocSettings *settings, gpointer data);
void gw_doc_model_edit_settings (GwDocModel *model, const char *label, const char *merge, GwSettingsFunc func,
                                 gpointer data);
/* Applies a fix that a problem offers. */
gboolean gw_doc_model_apply_fix (GwDocModel *model, const GwFix *fix, GError **error);

/* ---- what lowering says ---- */

/* Shapes, types and problems; parts of it may be some edits old for a moment. Borrowed,
 * never NULL. */
GwLive *gw_doc_model_get_live (GwDocModel *model);
/* The same, brought up to date first. */
GwLive *gw_doc_model_settle (GwDocModel *model);

/* ---- files ---- */

void gw_doc_model_load_async (GwDocModel *model, GFile *file, gboolean as_copy, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer data);
gboolean gw_doc_model_load_finish (GwDocModel *model, GAsyncResult *result, GError **error);
/* After it: what an imported graph had that could not be taken over, a sentence each;
 * NULL = it was a document. */
GPtrArray *gw_doc_model_load_notes (GAsyncResult *result);
/* Saves what stands now to `file`, which becomes the document's. */
void gw_doc_model_save_async (GwDocModel *model, GFile *file, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer data);
gboolean gw_doc_model_save_finish (GwDocModel *model, GAsyncResult *result, GError **error);
/* Takes a document that a crash left: it counts as changed, its file is `original`
 * when that is known. Takes the document. */
void gw_doc_model_recover (GwDocModel *model, GwDocument *document, const char *name, const char *original);

G_END_DECLS
