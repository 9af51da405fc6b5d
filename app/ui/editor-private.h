/* SPDX-License-Identifier: Apache-2.0 */
/* The editor page's own files share this. */
#pragma once

#include "app/model/align.h"
#include "app/model/values.h"
#include "app/ui/canvas-adapter.h"
#include "app/ui/editor-page.h"
#include "widgets/forms/op-search.h"

G_BEGIN_DECLS

#define GW_WATCH_SLOTS 9

/* An output; node 0 = none. */
typedef struct {
  int64_t node;
  int     output;
} GwWatchSlot;

struct _GwEditorPage {
  AdwBin           parent_instance;

  GwDocModel      *model;
  GwRun           *run;
  GwCanvasAdapter *adapter;

  GtkWidget *start_flap, *end_flap;   /* palette | (canvas | inspector) */
  GtkWidget *palette, *canvas, *overlay, *inspector, *problems, *empty, *crumb, *crumb_count;
  GtkWidget *search, *menu, *find, *commands;
  GwValues    *values;
  GPtrArray   *cards;    /* of values on show */
  GArray      *asked;    /* of GwWatchSlot: outputs whose cards open with the next answer */
  GwWatchSlot  slots[GW_WATCH_SLOTS];
  GwCanvasPort search_port;
  double       search_x, search_y;
};

void gw_editor_page_message (GwEditorPage *self, const char *text);
/* The context menu of an item (0 = the ground) at a point of the canvas widget. */
void gw_editor_page_popup_menu (GwEditorPage *self, guint64 id, double x, double y);
/* About what the painter gives, in canvas px. */
void gw_editor_page_node_size (GwEditorPage *self, int64_t id, double *width, double *height);
void gw_editor_page_make_values (GwEditorPage *self);
void gw_editor_page_make_find (GwEditorPage *self);
/* Keys that an entry must be able to take first, on the canvas alone. */
void gw_editor_page_add_canvas_keys (GwEditorPage *self);

G_END_DECLS
