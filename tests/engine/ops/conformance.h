/* SPDX-License-Identifier: Apache-2.0 */
/* What every op of the registry must keep, whoever wrote it. Each of these checks one
 * op (a GwOpDef) and stops the test with a sentence when it does not hold; a new op is
 * tested by being listed. */
#pragma once

#include "tests/engine/ops/example.h"

G_BEGIN_DECLS

/* The description is complete and its defaults parse. */
void conformance_description (gconstpointer def);
/* Examples come true however their inputs arrive, */
void conformance_examples (gconstpointer def);
/* … and in every element type that the op lists. */
void conformance_types (gconstpointer def);
/* Whatever is hidden of the shapes of the inputs, what is inferred holds and the answer
 * is the same; for examples and for examples made larger, smaller and empty. */
void conformance_shapes (gconstpointer def);
/* Added to the seed of all random shapes and values: 0, but for who asks for others. */
extern guint conformance_seed;

/* Gradients are what finite differences say. */
void conformance_gradient (gconstpointer def);
/* Wrong types and missing inputs are refused. */
void conformance_wrong_inputs (gconstpointer def);
/* Any shapes and values: an answer or a refusal. */
void conformance_any_input (gconstpointer def);
/* Attributes that nobody should set: an answer or a refusal. */
void conformance_hostile_attrs (gconstpointer def);
/* Shapes and values that nobody should feed: an answer or a refusal. */
void conformance_hostile_inputs (gconstpointer def);
/* Every allocation may fail: RESOURCE_EXHAUSTED, no leak. */
void conformance_allocations (gconstpointer def);

/* Runs what was built and checks that it gave an answer of the inferred shape, or
 * refused with an error that says which op and why. `what` tells how the inputs were
 * made. TRUE when it gave one: in `results` then, to be dropped. */
gboolean conformance_answers (const Example *example, Stage *stage, GwTensor **results, const char *what);
/* Whether output `i` is of the shape that was inferred; stops the test otherwise. */
void conformance_check_shape (const Example *example, const Stage *stage, int i, const GwTensor *result, const char *what);
/* For messages: shapes and types of the inputs, and attributes. Free it. */
char *conformance_describe (const Example *example);

G_END_DECLS
