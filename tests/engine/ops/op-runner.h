/* SPDX-License-Identifier: Apache-2.0 */
/* Runs single ops for tests: in a graph of their own and a real session, with the
 * inputs as constants (folded when the plan is made), as fed values of known shape,
 * and as fed values of which nothing is known beforehand. Every way must give the
 * same. */
#pragma once

#include "engine/graph/builder.h"
#include "engine/runtime/session.h"

G_BEGIN_DECLS

/* GW_TEXTS-like list of tensors as gw_test_tensor() takes them. */
#define OP_IN(...) ((const char *const[]) { __VA_ARGS__, NULL })
#define OP_NO_IN ((const char *const[]) { NULL })

/* `attrs` is "name=value name=value" or NULL; `outputs` are compared exactly in dtype,
 * shape and value. */
void op_gives (const char *op, const char *attrs, const char *const *inputs, const char *const *outputs);

/* Building, planning or running must fail, with this code and these words. */
void op_fails (const char *op, const char *attrs, const char *const *inputs, GwErrorCode code, const char *part);

/* Shape inference: an input is a partly known shape of floats ("[?,3]", "?"), led by a
 * type where it is another ("string []"), or a constant after “=” ("=[1, 2]"); outputs are
 * shapes with a blank between. “!words” expects an error. */
void op_infers (const char *op, const char *attrs, const char *const *inputs, const char *outputs);

/* d output 0 / d input `input`, seeded with `dy`, is `dx`: with constant and with
 * fed inputs. */
void op_differentiates (const char *op, const char *attrs, const char *const *inputs, const char *dy,
                        int input, const char *dx);

/* A node with its attributes from text; NULL sets `error`. */
GwNode *op_add (GwGraph *graph, const char *op, const char *attrs, int n_inputs, const GwOutput *inputs,
                GError **error);

/* "name=value name=value" as settings of the op, with values of their own; how many. */
int op_parse_attrs (const GwOpDef *def, const char *text, GwAttrSetting *settings);

/* gw_register_all_ops() once. */
void op_runner_init (void);

G_END_DECLS
