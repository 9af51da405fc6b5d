/* SPDX-License-Identifier: Apache-2.0 */
/* Which cards the Board has, in which sections: worked out from the tags of the runs
 * that are shown. Plain C. */
#pragma once

#include "app/model/run-log.h"

G_BEGIN_DECLS

/* One card. */
typedef struct {
  GwRunDataKind kind;
  char         *tag;
  GPtrArray    *runs;   /* of GwRunLog: all that are shown (SCALAR), or the one it is of */
} GwTagRow;

typedef struct {
  char      *title;     /* "Scalars", "Histograms", or what stands before the first "/" */
  char      *detail;    /* "6 tags", "2 of 6 tags" */
  GPtrArray *rows;      /* of GwTagRow */
  guint      n_all;     /* with those that the filter leaves out */
} GwTagSection;

typedef struct {
  GPtrArray *sections;  /* of GwTagSection; none is empty */
  guint      n_tags;    /* before filtering */
} GwTagList;

/* `runs` of GwRunLog, `filter` a part of the tag without regard to case, `kind` -1 for
 * all kinds. Tags keep the order in which they came. */
GwTagList *gw_tag_list_new (GPtrArray *runs, const char *filter, int kind);
void gw_tag_list_free (GwTagList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwTagList, gw_tag_list_free)

G_END_DECLS
