/* SPDX-License-Identifier: Apache-2.0 */
/* What event files hold, by tag: the points of a scalar (all of them), or samples of
 * histograms, pictures and texts (thinned to a limit). A batch that a reader brought
 * and the log that it is added to have the same form. Not thread-safe. */
#pragma once

#include "app/model/run.h"

G_BEGIN_DECLS

typedef enum {
  GW_RUN_SCALAR,
  GW_RUN_HISTOGRAM,
  GW_RUN_IMAGE,
  GW_RUN_TEXT,
  GW_RUN_N_KINDS,
} GwRunDataKind;

/* One step of a tag that is no scalar; what its kind does not name is NULL. */
typedef struct {
  double       step, wall;
  gint64       number;     /* how many samples of its tag came before it */
  GwHistogram *histogram;
  GPtrArray   *pictures;   /* of GBytes, as encoded (PNG); NULL where one is missing */
  char        *text;
} GwRunSample;

typedef struct {
  GwRunDataKind kind;
  char         *tag;       /* of pictures without TensorFlow's "/image/3" */
  guint         resets;    /* goes up when something else than appending happened: begin anew */
  /* SCALAR */
  GwRunPoint   *points;
  gsize         n_points;
  /* The other kinds. */
  GPtrArray    *samples;   /* of GwRunSample; at most gw_run_data_limit(), evenly over the
                            * steps, and always the newest */
  gint64        n_seen;    /* samples that came, kept or not */
  gboolean      in_memory; /* came from a live run: its files have nothing to add */
  /*< private >*/
  gsize         allocated;
  gint64        stride;    /* every stride-th sample is kept */
  gsize         bytes;     /* of pictures and texts */
} GwRunData;

GwRunData *gw_run_data_new (GwRunDataKind kind, const char *tag);
void gw_run_data_free (GwRunData *data);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwRunData, gw_run_data_free)

/* Most samples that are kept of one tag: histograms 500, pictures 100, texts 200. */
guint gw_run_data_limit (GwRunDataKind kind);

/* FALSE when memory ran out; then nothing was added. */
gboolean gw_run_data_add_points (GwRunData *data, const GwRunPoint *points, gsize n);
GwRunSample *gw_run_sample_new (double step, double wall);
void gw_run_sample_free (GwRunSample *sample);
/* Takes `sample`. Pictures of one step, which come one by one, join. */
void gw_run_data_add_sample (GwRunData *data, GwRunSample *sample);
/* Moves what `newer`, of the same kind, holds to the end of `data`. FALSE when memory
 * ran out. */
gboolean gw_run_data_take (GwRunData *data, GwRunData *newer);
/* Drops what has step `step` or a later one, as TensorBoard does when a restarted run
 * says START. */
void gw_run_data_truncate (GwRunData *data, double step);
void gw_run_data_clear (GwRunData *data);

G_END_DECLS
