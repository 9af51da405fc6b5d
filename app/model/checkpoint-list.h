/* SPDX-License-Identifier: Apache-2.0 */
/* The checkpoints in a folder, newest first, with what the run recorded at each. */
#pragma once

#include <gio/gio.h>

#include "engine/engine.h"

G_BEGIN_DECLS

typedef struct {
  char    *prefix;
  char    *label;     /* "Step 6,000", or the prefix's base name when it has no number */
  int64_t  step;      /* -1 = not known */
  int64_t  bytes;     /* of all its files but the side file */
  gint64   written;   /* microseconds since 1970 */
  double   seconds;   /* from the run's start until it was written; NaN = not known */
  double   metric;    /* of an evaluation at this step; NaN = none */
  gboolean newest, best;
} GwCheckpointItem;

typedef struct {
  char      *folder;
  char      *metric;  /* whose values `metric` are ("accuracy"), or NULL */
  GPtrArray *items;   /* of GwCheckpointItem, highest step first */
  /*< private >*/
  GHashTable *metrics; /* names in run.json */
} GwCheckpointList;

/* Reads folder, event files and run.json: seconds at worst, any thread. A folder
 * without checkpoints gives an empty list. NULL only when cancelled. */
GwCheckpointList *gw_checkpoint_list_new (const char *folder, GCancellable *cancellable);
void gw_checkpoint_list_free (GwCheckpointList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwCheckpointList, gw_checkpoint_list_free)

/* The entry of a prefix, NULL when there is none. */
const GwCheckpointItem *gw_checkpoint_list_find (const GwCheckpointList *list, const char *prefix);

/* "88.9 %" for accuracies, four digits for others. Free it. */
char *gw_metric_text (const char *name, double value);
/* Whether less of it is better: losses and errors. */
gboolean gw_metric_is_loss (const char *name);

G_END_DECLS
