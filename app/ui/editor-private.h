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

typedef struct _GwEditorLayout GwEditorLayout;

struct _GwEditorPage {
  AdwBin           parent_instance;

  GwDocModel      *model;
  GwRun           *run;
  GwCanvasAdapter *adapter;

  GtkWidget *start_flap, *end_flap;   /* palette | (canvas | inspector) */
  GtkWidget *palette, *canvas, *overlay, *inspector, *problems, *messages, *empty;
  GtkWidget *devices;    /* chips to drag onto nodes */
  GtkWidget *search, *menu, *palette_menu, *find, *commands;
  GHashTable  *views;      /* place → how it was looked at */
  int64_t      left;       /* the place before the present one */
  GwValues    *values;
  GwEditorLayout *layout;  /* editor-layout.c */
  GArray      *glow;     /* of GwValueStep: what lights up, from glow_start on */
  gint64       glow_start;
  guint        glow_timeout;
  GPtrArray   *cards;    /* of values on show */
  GArray      *asked;    /* of GwWatchSlot: outputs whose cards open with the next answer */
  GwWatchSlot  slots[GW_WATCH_SLOTS];
  GwCanvasPort search_port;
  double       search_x, search_y;
};

void gw_editor_page_message (GwEditorPage *self, const char *text);
/* The same of gw_error_text(). */
void gw_editor_page_error (GwEditorPage *self, const GError *error);
/* The context menu of an item (0 = the ground) at a point of the canvas widget. */
void gw_editor_page_popup_menu (GwEditorPage *self, guint64 id, double x, double y);
/* About what the painter gives, in canvas px. */
void gw_editor_page_node_size (GwEditorPage *self, int64_t id, double *width, double *height);
/* editor-places.c: the breadcrumbs, and what goes with places. */
GtkWidget *gw_editor_page_make_places (GwEditorPage *self);
/* Entries for the sub-graphs that a node calls. */
void gw_editor_page_add_bodies (GwEditorPage *self, GMenu *menu, int64_t id);
/* "group", "ungroup", "enter", "leave"; FALSE = none of these. */
gboolean gw_editor_page_place_command (GwEditorPage *self, const char *name);
/* editor-composites.c: "make-composite", "keep-composite", "update-composite". */
gboolean gw_editor_page_composite_command (GwEditorPage *self, const char *name);
/* editor-palette.c: the menu of the palette's rows. */
void gw_editor_page_make_palette_menu (GwEditorPage *self);
/* Adds an op where new ones go when no place was pointed at. */
void gw_editor_page_insert (GwEditorPage *self, const char *op);
/* “Mine” as it is now. */
void gw_editor_page_show_mine (GwEditorPage *self);
/* Keeps “Mine” in the palette up to date. */
void gw_editor_page_follow_composites (GwEditorPage *self, GListModel *catalog);
/* Entries for a box of the user's own composite. */
void gw_editor_page_add_composite_items (GwEditorPage *self, GMenu *menu, int64_t id);
void gw_editor_page_make_values (GwEditorPage *self);
/* editor-glow.c: after the values were made; before they go. */
void gw_editor_page_make_glow (GwEditorPage *self);
void gw_editor_page_stop_glow (GwEditorPage *self);
/* Before the model and the canvas go; gw_editor_page_free_layout() when nothing uses it. */
void gw_editor_page_make_layout (GwEditorPage *self);
void gw_editor_page_stop_layout (GwEditorPage *self);
void gw_editor_page_free_layout (GwEditorPage *self);
void gw_editor_page_make_view (GwEditorPage *self);
void gw_editor_page_make_find (GwEditorPage *self);
/* Keys that an entry must be able to take first, on the canvas alone. */
void gw_editor_page_add_canvas_keys (GwEditorPage *self);

G_END_DECLS
