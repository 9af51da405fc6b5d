/* SPDX-License-Identifier: Apache-2.0 */
/* Gradients of the ops that run sub-graphs. */
#pragma once

#include "engine/graph/builder.h"

G_BEGIN_DECLS

/* An If or a Case of the branches' gradients. */
void gw_if_grad (GwGradContext *context);
void gw_case_grad (GwGradContext *context);
/* A loop that keeps what each turn begins with, and one that goes back through them. */
void gw_while_grad (GwGradContext *context);

G_END_DECLS
