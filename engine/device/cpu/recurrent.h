/* SPDX-License-Identifier: Apache-2.0 */
/* Recurrent layers as whole-sequence kernels of float32: the inputs of all steps go
 * through one matrix product; then blocks of the batch walk through the steps by
 * themselves, a small product and one fused loop over the gates a step. Blocks are
 * cut by the size of the batch alone.
 *
 * Formulas: TensorFlow's documentation of LSTMBlockCell and GRUBlockCell. All
 * matrices are row-major without gaps. */
#pragma once

#include "engine/device/kernel.h"

G_BEGIN_DECLS

/* Where a gate's columns stand in the weights, in units of the layer's size. */
typedef struct {
  int i, ci, f, o;
} GwLstmOrder;

#define GW_LSTM_ICFO ((GwLstmOrder) { 0, 1, 2, 3 })
#define GW_LSTM_IFCO ((GwLstmOrder) { 0, 2, 1, 3 })

typedef struct {
  int64_t      steps;       /* that are computed, from the first */
  int64_t      all_steps;   /* of the tensors; what lies behind `steps` becomes 0 */
  int64_t      batch, inputs, units;
  GwLstmOrder  order;
  float        forget_bias; /* added to the forget gate before its sigmoid */
  float        cell_clip;   /* cells are cut to ±cell_clip; ≤ 0 = not */
  gboolean     peephole;    /* wci, wcf, wco count */

  const float *x;                 /* all_steps × batch × inputs */
  const float *cs_prev, *h_prev;  /* batch × units */
  const float *w;                 /* (inputs + units) × 4 units */
  const float *wci, *wcf, *wco;   /* units */
  const float *b;                 /* 4 units */

  /* all_steps × batch × units: written by forward, read by backward */
  float       *i, *cs, *f, *o, *ci, *co, *h;
} GwLstm;

typedef struct {
  const float *cs_grad, *h_grad;             /* all_steps × batch × units */
  float       *x_grad;                       /* as x; NULL for a lone cell, or where it is not wanted */
  float       *cs_prev_grad, *h_prev_grad;   /* h_prev_grad NULL for a lone cell */
  float       *w_grad, *b_grad;              /* NULL for a lone cell */
  float       *wci_grad, *wcf_grad, *wco_grad;
  float       *gates_grad;                   /* steps × batch × 4 units, or NULL: not wanted */
} GwLstmGrads;

/* RESOURCE_EXHAUSTED without memory, INVALID_ARGUMENT for a side beyond 2^31. */
gboolean gw_cpu_lstm (GwKernelContext *context, const GwLstm *lstm, GError **error);
/* Gradients as TensorFlow's: clipping is not seen, and what arrives at the gates'
 * own outputs does not count. */
gboolean gw_cpu_lstm_backward (GwKernelContext *context, const GwLstm *lstm, const GwLstmGrads *grads, GError **error);

typedef struct {
  int64_t      batch, inputs, units;
  const float *x, *h_prev;        /* batch × inputs, batch × units */
  const float *w_ru, *w_c;        /* (inputs + units) × 2 units, r first; … × units */
  const float *b_ru, *b_c;        /* 2 units, units */
  float       *r, *u, *c, *h;     /* batch × units: written by forward; backward reads r, u, c */
} GwGru;

typedef struct {
  const float *d_h;
  float       *d_x, *d_h_prev;    /* as x, h_prev */
  float       *d_c_bar;           /* batch × units */
  float       *d_r_bar_u_bar;     /* batch × 2 units */
} GwGruGrads;

gboolean gw_cpu_gru (GwKernelContext *context, const GwGru *gru, GError **error);
gboolean gw_cpu_gru_backward (GwKernelContext *context, const GwGru *gru, const GwGruGrads *grads, GError **error);

G_END_DECLS
