/* SPDX-License-Identifier: Apache-2.0 */
/* The Graph page: palette, canvas with problems, inspector. Signals "message" (string),
 * "panels-changed": palette or inspector came or went. */
#pragma once

#include <adwaita.h>

#include "app/model/doc-model.h"
#include "app/model/run.h"
#include "widgets/canvas/canvas.h"

G_BEGIN_DECLS

#define GW_TYPE_EDITOR_PAGE (gw_editor_page_get_type ())
G_DECLARE_FINAL_TYPE (GwEditorPage, gw_editor_page, GW, EDITOR_PAGE, AdwBin)

GtkWidget *gw_editor_page_new (GwDocModel *model, GwRun *run);

GwCanvas *gw_editor_page_get_canvas (GwEditorPage *page);
void gw_editor_page_set_palette (GwEditorPage *page, gboolean shown);
gboolean gw_editor_page_get_palette (GwEditorPage *page);
void gw_editor_page_set_inspector (GwEditorPage *page, gboolean shown);
gboolean gw_editor_page_get_inspector (GwEditorPage *page);
/* Panels lie over the canvas in narrow windows. */
void gw_editor_page_set_narrow (GwEditorPage *page, gboolean palette, gboolean inspector);
/* Commits what is being typed. */
void gw_editor_page_flush (GwEditorPage *page);

void gw_editor_page_go_problem (GwEditorPage *page, int direction);
void gw_editor_page_fix_problem (GwEditorPage *page);
/* Shows the canvas of a sub-graph that a node calls. */
void gw_editor_page_enter (GwEditorPage *page, int64_t caller, int64_t group);
/* Shows an item of the document where it stands, selected. */
void gw_editor_page_go_to (GwEditorPage *page, int64_t id);
void gw_editor_page_find (GwEditorPage *page);
void gw_editor_page_search_commands (GwEditorPage *page);

/* Computes what the selected nodes and wires give and shows it in cards beside them. */
void gw_editor_page_compute (GwEditorPage *page);
/* Watch slots 1 … 9: the selected output goes into one; its value is shown. */
void gw_editor_page_set_slot (GwEditorPage *page, int slot);
void gw_editor_page_show_slot (GwEditorPage *page, int slot);
/* "left", "right", "top", "bottom", "across", "down" for the selected nodes. */
void gw_editor_page_align (GwEditorPage *page, const char *how);
/* "mute", "lock", "bypass" for the selection. */
void gw_editor_page_command (GwEditorPage *page, const char *name);
void gw_editor_page_copy (GwEditorPage *page, gboolean cut);
void gw_editor_page_paste (GwEditorPage *page, gboolean keep_inputs);
/* Copies of the selection, `offset` px further right and down, are selected. */
void gw_editor_page_duplicate (GwEditorPage *page, double offset);
/* A frame round the selection. */
void gw_editor_page_add_frame (GwEditorPage *page);
/* Arranges the selection, else everything, in columns along the wires. */
void gw_editor_page_lay_out (GwEditorPage *page);
/* Asks for the condition of the selected node's breakpoint. */
void gw_editor_page_edit_breakpoint (GwEditorPage *page);
/* How wires run: "spline", "square" or "hidden"; kept for the next start. */
void gw_editor_page_set_wire_style (GwEditorPage *page, const char *style);
const char *gw_editor_page_get_wire_style (GwEditorPage *page);
/* Colour by device: a strip on every box that says where it runs. */
void gw_editor_page_set_show_devices (GwEditorPage *page, gboolean show);
gboolean gw_editor_page_get_show_devices (GwEditorPage *page);

/* Makes nodes of an array or a picture (gw_drop_kind()) at a point of the canvas widget;
 * tells by "message" why not. */
gboolean gw_editor_page_drop_file (GwEditorPage *page, const char *path, double x, double y);

G_END_DECLS
