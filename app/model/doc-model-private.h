/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the document model share. */
#pragma once

#include "app/model/autosave.h"
#include "app/model/doc-model.h"

G_BEGIN_DECLS

/* One step of the history. */
typedef struct {
  GwEdit     *edit;
  const char *merge;  /* interned key, or NULL */
  gint64      time;   /* monotonic, of the last edit that joined */
} GwStep;

struct _GwDocModel {
  GObject     parent_instance;

  GwDocument *document;
  GFile      *file;
  char       *name;

  GPtrArray  *undo;        /* of GwStep, newest last */
  GPtrArray  *redo;
  gsize       saved_at;    /* length of the undo list at the last save, G_MAXSIZE = gone */
  gboolean    open_step;   /* the newest step may still be joined */
  int         group_depth;
  GwEdit     *group;       /* edits since begin_group */

  GwLowered  *lowered;
  guint64     version;     /* of the document, counts what lowering depends on */
  guint64     lowered_version;
  gboolean    lowering;    /* in a worker */
  gint64      lower_cost;  /* microseconds that the last one took */
  guint       lower_idle;
  gboolean    disposed;

  GwAutosave *autosave;
};

/* Tells lowering that the document changed. */
void gw_doc_model_queue_lower (GwDocModel *model);
void gw_doc_model_emit_items (GwDocModel *model, const GwEdit *edit);

/* For signals of doc-model.c. */
void gw_doc_model_emit_history (GwDocModel *model);
void gw_doc_model_emit_lowered (GwDocModel *model);
/* The present state is what the file holds. */
void gw_doc_model_mark_saved (GwDocModel *model, gsize undo_length);

G_END_DECLS
