/* SPDX-License-Identifier: Apache-2.0 */
/* When a breakpoint stops the training: a rule for the value of an output, written by
 * hand ("NaN", "> 3"), tested after every step. */
#pragma once

#include "engine/tensor/stats.h"

G_BEGIN_DECLS

typedef enum {
  GW_STOP_NEVER,
  GW_STOP_ALWAYS,
  GW_STOP_NOT_FINITE,    /* an element is NaN or infinite */
  GW_STOP_ABOVE,         /* an element is greater than the limit … */
  GW_STOP_AT_LEAST,
  GW_STOP_BELOW,
  GW_STOP_AT_MOST,
} GwStopKind;

typedef struct {
  GwStopKind kind;
  double     limit;
} GwStopCondition;

/* "" or "always", "NaN", "> 3", ">= 3", "< 0.5", "<= 0.5". INVALID_ARGUMENT lists them. */
gboolean gw_stop_condition_parse (const char *text, GwStopCondition *condition, GError **error);
/* Infinity counts as greater (or smaller) than every limit; NaN meets none but its own. */
gboolean gw_stop_condition_is_met (const GwStopCondition *condition, const GwTensorStats *stats);
/* "min −2, mean 0.5, max 3": what the value was when it stopped. The caller's. */
char *gw_stop_condition_describe (const GwStopCondition *condition, const GwTensorStats *stats);

G_END_DECLS
