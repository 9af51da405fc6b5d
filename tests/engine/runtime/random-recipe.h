/* SPDX-License-Identifier: Apache-2.0 */
/* Random graphs from the registry: every op that runs, wired to whatever fits. A recipe
 * can be built again in another order, under other names, with Identity in its wires. */
#pragma once

#include "engine/document/document.h"
#include "engine/graph/builder.h"
#include "engine/runtime/session.h"

/* One node of it. */
typedef struct {
  const GwOpDef *def;
  GArray        *settings;  /* of GwAttrSetting, values owned */
  GArray        *inputs;    /* of Source */
  GwTensor      *feed;      /* of a placeholder, else NULL */
  GwTensor      *start;     /* of a variable, else NULL */
} Step;

typedef struct {
  int step;
  int output;
} Source;

typedef struct {
  GPtrArray *steps;  /* of Step */
  GRand     *random;
} Recipe;

/* The graph of a recipe. */
typedef struct {
  GwGraph *graph;
  GwNode **nodes;    /* per step */
  int      n_feeds;
  GwFeed  *feeds;
} Built;

/* About `n` nodes; the same for the same `seed`. Each op of the registry that can be used
 * stands in the graphs of one seed in as many as there are ops, as an example of its has it. */
Recipe *recipe_new (guint32 seed, int n);
void recipe_free (Recipe *recipe);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Recipe, recipe_free)

/* As it was drawn; or with the nodes in another order that their wires allow, other
 * names, and Identity in some wires. */
Built *recipe_build (const Recipe *recipe, gboolean shuffled);
void built_free (Built *built);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Built, built_free)

/* The document of it, one node a step with ids from 1 on; `built` is its graph as drawn. */
GwDocument *recipe_document (const Recipe *recipe, const Built *built);
/* A session in which the recipe's variables have their values. */
GwSession *recipe_session (const Recipe *recipe, int n_threads);
