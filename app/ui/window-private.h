/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of the window. */
#pragma once

#include "app/model/doc-model.h"
#include "app/model/run.h"
#include "app/ui/editor-page.h"
#include "app/ui/run-panel.h"
#include "app/ui/window.h"

G_BEGIN_DECLS

struct _GwWindow {
  AdwApplicationWindow parent_instance;

  GwDocModel   *model;
  GwRun        *run;

  GtkWidget    *size_box, *header, *palette_button, *inspector_button, *undo, *redo, *name, *state, *switcher;
  GtkWidget    *bottom_switcher, *toasts, *pages, *editor, *data, *board, *checkpoints, *run_panel, *menu_button;
  GMenu        *recent;
  gboolean      closing;      /* asked and answered, or waiting for the run to end */
  gboolean      close_on_save;
  GtkWidget    *banner, *banner_text, *banner_show;
  int64_t       banner_node;
  const void   *banner_error; /* the run's error that it tells, to see a new one */
  gboolean      evaluate_asked;
  GtkWidget    *evaluation;   /* its window while it is open, or NULL */
  int           width;
};

void gw_window_add_actions (GwWindowClass *klass);
void gw_window_update_actions (GwWindow *self);

/* 4 s; with a button when `action` is given. */
void gw_window_toast (GwWindow *self, const char *text);

/* Commits what is being typed anywhere. */
void gw_window_flush (GwWindow *self);
/* The strip over the pages that tells why a run failed. */
GtkWidget *gw_window_make_banner (GwWindow *self);
/* The window of the last evaluation. */
void gw_window_show_evaluation (GwWindow *self);

/* Asks about unsaved work and a running training; closes when there is none. TRUE =
 * the close is held back for now. */
gboolean gw_window_ask_close (GwWindow *self);
void gw_window_open_dialog (GwWindow *self);
void gw_window_save (GwWindow *self, gboolean as);
void gw_window_show_examples (GwWindow *self);
/* The New window: an empty document or a template. */
void gw_window_show_new (GwWindow *self);
/* Whether a new file may be loaded over what stands here. */
gboolean gw_window_is_pristine (GwWindow *self);
/* `recent` is the submenu of documents opened lately. */
GMenuModel *gw_window_make_menu (GMenu *recent);
void gw_window_fill_recent (GwWindow *self);
/* Takes files that are dropped on the window, see import-drop.h. */
void gw_window_accept_drops (GwWindow *self);

G_END_DECLS
