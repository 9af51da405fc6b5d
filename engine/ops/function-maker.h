/* SPDX-License-Identifier: Apache-2.0 */
/* Putting a function together node by node: begin, add inputs, build, add results, finish. */
#pragma once

#include "engine/graph/function.h"

G_BEGIN_DECLS

typedef struct {
  GwBuilder builder;
  GwGraph  *graph;
  GArray   *args;     /* of GwOutput */
  GArray   *results;  /* of GwOutput */
} GwMaker;

/* Its nodes come from where those of `outer` come from. */
void gw_maker_init (GwMaker *maker, const GwBuilder *outer);
/* The next input, called "prefix_number", of what `like` is. */
GwOutput gw_maker_add_arg (GwMaker *maker, const char *prefix, int number, GwOutput like);
void gw_maker_add_result (GwMaker *maker, GwOutput result);
/* The function, called "stem_suffix"; NULL after an error, which `outer` then has unless it had
 * one. The maker is gone. */
GwFunction *gw_maker_finish (GwMaker *maker, GwBuilder *outer, const char *stem, const char *suffix) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
