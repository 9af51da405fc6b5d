/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of the Data page. */
#pragma once

#include "app/model/dataset-loader.h"
#include "app/ui/data-page.h"
#include "app/ui/data-style.h"
#include "app/ui/form-adapter.h"

G_BEGIN_DECLS

typedef struct _GwDataPreview GwDataPreview;
typedef struct _GwDataColumns GwDataColumns;
typedef struct _GwDataInputs GwDataInputs;
typedef struct _GwDataPredict GwDataPredict;
typedef struct _GwDataFeed GwDataFeed;

struct _GwDataPage {
  AdwBin           parent_instance;

  GwDocModel      *model;
  GwRun           *run;
  GwDatasetLoader *loader;
  GwSplit          split;     /* on view */
  int64_t          row;       /* of it, chosen for Predict */

  AdwToastOverlay *toasts;
  GtkWidget       *stack, *sources, *form, *parts[3], *part_stack;
  gboolean         updating;
  gboolean         was_shown; /* before, no data are read */

  GwDataPreview   *preview;
  GwDataColumns   *columns;
  GwDataInputs    *inputs;
  GwDataPredict   *predict;
};

/* The document's pipeline, NULL without data; borrowed until the next edit. */
const GwPipelineDef *gw_data_page_pipeline (GwDataPage *page);
/* Makes `pipeline` (NULL: none; read only during the call) the document's, as one
 * undo step; steps with one `merge` key that follow each other quickly join. */
void gw_data_page_put (GwDataPage *page, const GwPipelineDef *pipeline, const char *label, const char *merge);
/* What a definition's value is set to by text in the page's forms; a refusal shows in
 * the form at `key`. `value` is replaced. */
gboolean gw_data_parse (GwForm *form, const char *key, const GwAttrDef *def, const char *text, GwAttrValue *value);
/* What the pipeline gives, NULL with the reason. */
GArray *gw_data_page_outputs (GwDataPage *page, GError **error);
/* Another row is to be predicted. */
void gw_data_page_set_row (GwDataPage *page, int64_t row);
/* A heading within a side panel. */
GtkWidget *gw_data_heading_new (const char *text);

/* g_signal_connect_data() for a part of the page, which is no object: until the page is disposed of. */
void gw_data_page_connect (GwDataPage *page, gpointer instance, const char *signal, GCallback callback, gpointer part,
                           GConnectFlags flags);

/* Each part: a widget, and an update after the document or the data changed. The
 * part is freed with its widget. */
GtkWidget *gw_data_preview_new (GwDataPage *page);
void gw_data_preview_update (GwDataPreview *preview);
GtkWidget *gw_data_columns_new (GwDataPage *page);
void gw_data_columns_update (GwDataColumns *columns);
GtkWidget *gw_data_inputs_new (GwDataPage *page);
void gw_data_inputs_update (GwDataInputs *inputs);
GtkWidget *gw_data_predict_new (GwDataPage *page);
void gw_data_predict_update (GwDataPredict *predict);

/* The line of a placeholder; it must be freed after its widget has gone. */
GwDataFeed *gw_data_feed_new (const GwDocument *document, const GwLiveInput *input);
void gw_data_feed_free (gpointer feed);
GtkWidget *gw_data_feed_get_widget (GwDataFeed *feed);
const char *gw_data_feed_name (const GwDataFeed *feed);
/* The file's value, the typed one, the column's of `row` (of GwNamedTensor, or NULL), or
 * the placeholder's own, in its type and shape. NULL without `error` = there is none. */
GwTensor *gw_data_feed_value (const GwDataFeed *feed, const GwLoweredInput *input, const GPtrArray *row,
                              GError **error);
/* Appends what the output is called and its value to `box`. */
void gw_data_result_add (GwDataPage *page, GtkWidget *box, const GwNamedTensor *named);

/* An error with its fix buttons, for the place where the data would be. */
GtkWidget *gw_data_error_new (GwDataPage *page, const GError *error);
/* Fashion-MNIST with its usual columns, as one step. */
void gw_data_page_use_fashion (GwDataPage *page);
void gw_data_page_choose_file (GwDataPage *page);

G_END_DECLS
