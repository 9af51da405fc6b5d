/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of the Checkpoints page. */
#pragma once

#include "app/model/checkpoint-list.h"
#include "app/model/checkpoint-store.h"
#include "app/ui/checkpoints-page.h"

G_BEGIN_DECLS

struct _GwCheckpointsPage {
  AdwBin             parent_instance;

  GwDocModel        *model;
  GwRun             *run;
  GwCheckpointStore *store;
  GwCheckpointList  *list;      /* of `folder`; NULL until read */
  char              *folder;    /* on view, or NULL */
  GPtrArray         *folders;   /* char *: what the drop-down of runs offers */
  GPtrArray         *opened;    /* char *: folders opened from elsewhere */
  GPtrArray         *others;    /* char *: prefixes opened from elsewhere */
  GPtrArray         *choices;   /* char *: prefixes that A's and B's drop-downs offer */
  char              *a, *b;     /* prefixes; b also while Compare is off */
  char              *chosen;    /* prefix to become A once the list is there */
  GCancellable      *reading;   /* of the list */

  gboolean           asked;     /* for a load, whose end is to be told */
  gboolean           updating;
  AdwToastOverlay   *toasts;
  GtkWidget *stack, *empty, *save_now, *runs, *summary, *rows;
  GtkWidget *a_choice, *b_choice, *b_box, *compare, *filters[3], *search, *count;
  GtkWidget *table, *table_stack, *table_message, *tensor;
};

/* Prefix of B while comparing, else NULL. */
const char *gw_checkpoints_page_get_b (GwCheckpointsPage *page);
/* "Step 6,000" of a prefix. Free it. */
char *gw_checkpoints_page_label (GwCheckpointsPage *page, const char *prefix);

/* A becomes B and B A, while comparing. */
void gw_checkpoints_page_swap (GwCheckpointsPage *page);
/* Moves A along the list: -1 newer, +1 older; FALSE at its end. */
gboolean gw_checkpoints_page_step (GwCheckpointsPage *page, int direction);
/* Once all its widgets stand: shows what there is, and follows their choices, the run
 * and the document. */
void gw_checkpoints_page_follow (GwCheckpointsPage *page);

/* Puts A's variables (`alone`: the selected one) into the graph; first says what does
 * not fit. */
void gw_checkpoints_page_load (GwCheckpointsPage *page, gboolean alone);
/* From now on tells which loads were obeyed, with the way back. */
void gw_checkpoints_page_tell_loads (GwCheckpointsPage *page);
/* Asks where to, and writes the value on view. */
void gw_checkpoints_page_save_value (GwCheckpointsPage *page);
/* Asks for a checkpoint's file. */
void gw_checkpoints_page_choose_file (GwCheckpointsPage *page);

/* Place of a text, -1 = not there. */
int gw_checkpoints_find_text (const GPtrArray *texts, const char *text);
/* What each variable of the document is: trained, or only there. */
void gw_checkpoints_document_names (GwDocModel *model, char ***trainable, char ***known);
/* A trained variable of two dimensions or more tells most; borrowed from `rows`. */
const char *gw_checkpoints_best_variable (GListModel *rows);
/* "12 checkpoints, 61 MiB" */
void gw_checkpoints_page_show_summary (GwCheckpointsPage *page);

G_END_DECLS
