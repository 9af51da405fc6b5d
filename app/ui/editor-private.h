/* SPDX-License-Identifier: Apache-2.0 */
/* The editor page's own files share this. */
#pragma once

#include "app/ui/canvas-adapter.h"
#include "app/ui/editor-page.h"
#include "widgets/forms/op-search.h"

G_BEGIN_DECLS

struct _GwEditorPage {
  AdwBin           parent_instance;

  GwDocModel      *model;
  GwRun           *run;
  GwCanvasAdapter *adapter;

  GtkWidget *start_flap, *end_flap;   /* palette | (canvas | inspector) */
  GtkWidget *palette, *canvas, *overlay, *inspector, *problems, *empty, *crumb, *crumb_count;
  GtkWidget *search, *menu, *find, *find_entry, *find_list;
  GwCanvasPort search_port;
  double       search_x, search_y;
};

void gw_editor_page_message (GwEditorPage *self, const char *text);
/* The context menu of an item (0 = the ground) at a point of the canvas widget. */
void gw_editor_page_popup_menu (GwEditorPage *self, guint64 id, double x, double y);
void gw_editor_page_make_find (GwEditorPage *self);
/* Keys that an entry must be able to take first, on the canvas alone. */
void gw_editor_page_add_canvas_keys (GwEditorPage *self);

G_END_DECLS
