/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of an output apart from the graph that it is in: enough to stand in
 * for it in another graph, where shape functions then find what they would have found. */
#pragma once

#include "engine/graph/builder.h"

G_BEGIN_DECLS

typedef struct {
  GwDType   dtype;
  gboolean  is_ref;   /* a reference to a variable */
  gboolean  is_handle;/* the handle of one, whose type and shape dtype and shape are */
  GwShape   shape;
  GwTensor *value;    /* of a constant, else NULL; a reference */
  GwShape  *partial;  /* what shapes tell of an integer vector without a value, or NULL */
} GwOutputFacts;

/* Evaluates what is constant. */
void gw_output_facts_init (GwOutputFacts *facts, GwOutput output);
void gw_output_facts_clear (GwOutputFacts *facts);
gboolean gw_output_facts_equal (const GwOutputFacts *a, const GwOutputFacts *b);

/* A constant, a variable or a placeholder of these facts, called `name`. */
GwOutput gw_output_stand_in (GwBuilder *builder, const GwOutputFacts *facts, const char *name);

G_END_DECLS
