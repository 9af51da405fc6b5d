/* SPDX-License-Identifier: Apache-2.0 */
/* Files dropped on the window: what each kind becomes. Arrays and pictures become nodes
 * where they fell; tables become the document's data; checkpoints, event files and
 * documents open on their pages. */
#pragma once

#include "app/ui/canvas-adapter.h"

G_BEGIN_DECLS

typedef enum {
  GW_DROP_UNKNOWN,
  GW_DROP_DOCUMENT,    /* .gw */
  GW_DROP_ARRAY,       /* .npy */
  GW_DROP_PICTURE,     /* .png, .jpg, .jpeg */
  GW_DROP_DATA,        /* .csv, .tsv, IDX files, packed by gzip or not */
  GW_DROP_CHECKPOINT,  /* checkpoint, .index, .data-00000-of-00001 */
  GW_DROP_EVENTS,      /* events.out.tfevents.* */
} GwDropKind;

/* By the file's name alone. */
GwDropKind gw_drop_kind (const char *path);

/* The numbers of an .npy file as a Const at a canvas point: one undo step. Returns its id,
 * 0 with the reason. At most GW_DROP_MOST_ELEMENTS elements. */
#define GW_DROP_MOST_ELEMENTS 65536
int64_t gw_drop_array (GwDocModel *model, GwCanvasAdapter *adapter, const char *path, double x, double y,
                       GError **error);
/* A picture as ReadFile and DecodeImage at a canvas point: one undo step. Returns the id of
 * the last. */
int64_t gw_drop_picture (GwDocModel *model, GwCanvasAdapter *adapter, const char *path, double x, double y,
                         GError **error);

G_END_DECLS
