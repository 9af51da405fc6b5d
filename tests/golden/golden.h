/* SPDX-License-Identifier: Apache-2.0 */
/* run-golden: TensorFlow's own numbers against the engine's. What the kinds of
 * files share. Every case ends in exactly one of the three report calls. */
#pragma once

#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/graph/gradient.h"
#include "engine/graph/registry.h"
#include "engine/runtime/session.h"

G_BEGIN_DECLS

typedef struct {
  int         passed, failed, skipped;
  const char *file;          /* base name of the file at hand */
  GHashTable *reasons;       /* reason → number of cases skipped for it */
} GoldenReport;

void golden_passed (GoldenReport *report);
/* Prints one line: the file, the case, what was wrong. */
void golden_failed (GoldenReport *report, const cJSON *golden, const char *format, ...) G_GNUC_PRINTF (3, 4);
void golden_skipped (GoldenReport *report, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Float tensors agree within this, times the largest magnitude if above 1. */
double golden_tolerance (GwDType dtype);
/* Why got is not want ("float32 [2,3] wanted, …", "worst difference 3e-4 at 5"), or NULL. */
char *golden_difference (const GwTensor *got, const GwTensor *want, double tolerance);
/* "output 0: " + the difference → *problem, once; FALSE when there is one. */
gboolean golden_compare (const char *what, const GwTensor *got, const cJSON *want, double tolerance, char **problem);

/* The kinds of cases. */
void golden_op_case (GoldenReport *report, const cJSON *golden);
void golden_optimizer_case (GoldenReport *report, const cJSON *golden);
void golden_update_case (GoldenReport *report, const cJSON *golden);
void golden_layer_case (GoldenReport *report, const cJSON *golden);
void golden_training_case (GoldenReport *report, const cJSON *golden);
void golden_random_case (GoldenReport *report, const cJSON *golden);
void golden_seed_case (GoldenReport *report, const cJSON *golden);
void golden_loss_case (GoldenReport *report, const cJSON *golden);
void golden_decay_case (GoldenReport *report, const cJSON *golden);
void golden_initializer_case (GoldenReport *report, const cJSON *golden);
void golden_onnx_case (GoldenReport *report, const cJSON *golden);

G_END_DECLS
