/* SPDX-License-Identifier: Apache-2.0 */
/* What the Board writes about runs. All strings are the caller's. */
#pragma once

#include "app/model/run-log.h"

G_BEGIN_DECLS

/* "88.9 %" for a share that is named an accuracy, else four digits. */
char *gw_board_value_text (const char *name, double value);
/* "6,000 steps, 88.9 %", "4,350 steps, stopped", "3,120 of 6,000, running". */
char *gw_board_run_text (GwRunLog *log);
/* Best value of the evaluations, "89.1 % at 5,500", and what it is of, "Best test
 * accuracy". FALSE when there was none. */
gboolean gw_board_best_text (GwRunLog *log, char **label, char **value);

G_END_DECLS
