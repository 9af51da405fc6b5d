/* SPDX-License-Identifier: Apache-2.0 */
/* The Data page: where the rows come from, what they look like, which column feeds
 * which placeholder, and what the graph makes of one row. */
#pragma once

#include <adwaita.h>

#include "app/model/doc-model.h"
#include "app/model/run.h"

G_BEGIN_DECLS

#define GW_TYPE_DATA_PAGE (gw_data_page_get_type ())
G_DECLARE_FINAL_TYPE (GwDataPage, gw_data_page, GW, DATA_PAGE, AdwBin)

typedef enum {
  GW_DATA_COLUMNS,
  GW_DATA_INPUTS,
  GW_DATA_PREDICT,
} GwDataPart;

GtkWidget *gw_data_page_new (GwDocModel *model, GwRun *run);
/* Takes a table or IDX file as the document's data: one undo step. */
void gw_data_page_open (GwDataPage *page, const char *path);
/* Which part is shown at the right. */
void gw_data_page_show (GwDataPage *page, GwDataPart part);
/* Commits what is being typed. */
void gw_data_page_flush (GwDataPage *page);

G_END_DECLS
