/* SPDX-License-Identifier: Apache-2.0 */
/* One recurrent layer over time: the cells of rnn_cell_impl.py, their variables named and
 * laid out as TensorFlow's. */
#pragma once

#include "engine/document/lower.h"

G_BEGIN_DECLS

#define GW_RECURRENT_STATES 2

/* A layer in one direction. */
typedef struct {
  GwExpandContext *context;
  GwBuilder       *b;
  GwDType          dtype;
  int64_t          units, outputs;   /* of the cell's memory, of each step: less where it projects */
  int64_t          features;         /* of each step's input */
  GwOutput         lengths;          /* int32 [batch]: the steps of each example; or none: all */
  GwOutput         first[GW_RECURRENT_STATES]; /* [batch, outputs], and a cell's memory [batch, units] */
  const char      *scope;            /* of its variables: "multi_rnn_cell/cell_0/gru_cell" */
} GwRecurrent;

/* x is [time, batch, features] and becomes [time, batch, outputs], zero beyond an example's
 * length; `last` gets the states after each example's last step, none where there was an error. */
typedef void (*GwRunCell) (const GwRecurrent *layer, GwOutput *x, GwOutput *last);

void gw_run_lstm (const GwRecurrent *layer, GwOutput *x, GwOutput *last);
void gw_run_gru (const GwRecurrent *layer, GwOutput *x, GwOutput *last);
void gw_run_basic_rnn (const GwRecurrent *layer, GwOutput *x, GwOutput *last);

G_END_DECLS
