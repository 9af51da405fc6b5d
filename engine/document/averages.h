/* SPDX-License-Identifier: Apache-2.0 */
/* What goes on beside an optimizer's updates: moving averages of the variables, which
 * evaluation uses in their place, and gradients gathered over several batches. */
#pragma once

#include "engine/document/lower.h"
#include "engine/graph/gradient.h"

G_BEGIN_DECLS

#define GW_AVERAGES_ATTRS                                                                                   \
  { "accumulate_steps", GW_ATTR_INT, .def = "1", .min = 1, .max = 1e6, .ui_min = 1, .ui_max = 64,           \
    .label = "Gather", .unit = "batches",                                                                   \
    .help = "Gradients of so many batches are averaged before they change the variables." },                \
  { "moving_average_decay", GW_ATTR_FLOAT, .def = "0", .min = 0, .max = 1, .ui_min = 0, .ui_max = 0.9999,   \
    .label = "Averages",                                                                                    \
    .help = "Share of their moving averages that a step keeps; evaluation and prediction use these averages " \
            "instead of the variables. 0: there are none." },                                               \
  { "moving_average_num_updates", GW_ATTR_BOOL, .def = "false", .label = "Averages begin fast",             \
    .help = "The share is at most (1 + n) / (10 + n) after n steps." }

/* Whether `prefix` stands for the variable: "hidden1" and "hidden1/" for all under it. With any of
 * the signs of a regular expression but the full stop it is one, matched from the name's beginning
 * as tf.get_collection() matches its scope; one that is none stands for nothing. */
gboolean gw_variable_is_under (const char *name, const char *prefix);
/* A trainable variable of floating-point numbers that one of `names` stands for, or that
 * needs none when there are no names. */
gboolean gw_variable_is_chosen (const GwLoweredVariable *variable, const GwAttrValue *names);

/* What the composite reads where it uses the variable: its average in evaluation and
 * prediction, when a Minimize of the document keeps one. */
GwOutput gw_averaged_read (GwExpandContext *context, const GwLoweredVariable *variable);
/* The same of a variable that was drawn by hand, for whoever reads its output; what assigns to it
 * takes `reference` itself. */
GwOutput gw_averaged_value (GwLowering *lowering, GwOutput reference);

/* After `after`, the updates: the averages of the variables move. Returns what is then the
 * composite's end, `after` itself where there are none (ExponentialMovingAverage.apply()). */
GwNode *gw_averages_move (GwExpandContext *context, GwNode *after, int n, GwLoweredVariable *const *variables);

/* Gradients of this batch are added to those before; gradients[i] become the means. Sets the
 * composite's partial node, which only adds. Returns the sums' references (GArray of
 * GwOutput), for gw_gathered_clear(); NULL where a single batch is enough. */
GArray *gw_gather_gradients (GwExpandContext *context, int n, GwLoweredVariable *const *variables, GwGradient *gradients);
/* The sums begin anew after `after`; returns what is then the composite's end. */
GwNode *gw_gathered_clear (GwExpandContext *context, GwNode *after, const GArray *sums);

G_END_DECLS
