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

  GwLive     *live;        /* of the present document, or of an empty one while a worker is at it */
  guint64     generation;  /* of the document as a whole; a worker's answer to an older one is dropped */
  GArray     *missed;      /* of int64_t: changed while a worker is at it; NULL = none is */
  guint       live_idle;
  gboolean    disposed;

  GwAutosave *autosave;
};

/* doc-live.c */
/* Another document stands in the model. */
void gw_doc_model_live_reset (GwDocModel *model);
/* These nodes mean something else. */
void gw_doc_model_live_change (GwDocModel *model, const GArray *ids);
void gw_doc_model_emit_items (GwDocModel *model, const GwEdit *edit);

/* For signals of doc-model.c. */
void gw_doc_model_emit_history (GwDocModel *model);
/* `ids` (GArray of int64_t): of which nodes; NULL = all. */
void gw_doc_model_emit_live (GwDocModel *model, GArray *ids);
/* The present state is what the file holds. */
void gw_doc_model_mark_saved (GwDocModel *model, gsize undo_length);

G_END_DECLS
