/* SPDX-License-Identifier: Apache-2.0 */
/* The optimizers of python/training: what they keep beside a variable, and the ops by
 * which gradients change it. For the composites that train. */
#pragma once

#include "engine/document/lower.h"
#include "engine/graph/gradient.h"

G_BEGIN_DECLS

/* Attributes by which a composite chooses an optimizer and its settings; defaults are
 * TensorFlow's, but for momentum, which has none there. */
#define GW_OPTIMIZER_ATTRS                                                                            \
  { "optimizer", GW_ATTR_CHOICE, .def = "Adam", .label = "Optimizer",                                 \
    .choices = GW_CHOICES ("GradientDescent", "Momentum", "Adagrad", "Adadelta", "Adam", "RMSProp", "Ftrl", \
                           "ProximalGradientDescent", "ProximalAdagrad"),                             \
    .help = "How gradients become updates." },                                                        \
  { "momentum", GW_ATTR_FLOAT, .def = "0.9", .ui_min = 0, .ui_max = 1, .label = "Momentum",           \
    .help = "Share of the last update that is kept.", .visible_if = "optimizer=Momentum" },           \
  { "use_nesterov", GW_ATTR_BOOL, .def = "false", .label = "Nesterov",                                \
    .help = "Look ahead along the momentum.", .visible_if = "optimizer=Momentum" },                   \
  { "beta1", GW_ATTR_FLOAT, .def = "0.9", .min = 0, .max = 1, .label = "β₁",                          \
    .help = "Decay of the mean of the gradient.", .visible_if = "optimizer=Adam" },                   \
  { "beta2", GW_ATTR_FLOAT, .def = "0.999", .min = 0, .max = 1, .label = "β₂",                        \
    .help = "Decay of the mean of its square.", .visible_if = "optimizer=Adam" },                     \
  { "epsilon", GW_ATTR_FLOAT, .def = "1e-8", .min = 0, .max = -1, .label = "ε",                       \
    .help = "Keeps the division finite.", .visible_if = "optimizer=Adam|Adadelta" },                  \
  { "rho", GW_ATTR_FLOAT, .def = "0.95", .min = 0, .max = 1, .label = "ρ",                            \
    .help = "Decay of the means of the squared gradient and of the squared update.",                  \
    .visible_if = "optimizer=Adadelta" },                                                             \
  { "decay", GW_ATTR_FLOAT, .def = "0.9", .min = 0, .max = 1, .label = "Decay",                       \
    .help = "Decay of the mean of the squared gradient.", .visible_if = "optimizer=RMSProp" },        \
  { "rms_momentum", GW_ATTR_FLOAT, .def = "0", .ui_min = 0, .ui_max = 1, .label = "Momentum",         \
    .help = "Share of the last update that is kept.", .visible_if = "optimizer=RMSProp" },            \
  { "rms_epsilon", GW_ATTR_FLOAT, .def = "1e-10", .min = 0, .max = -1, .label = "ε",                  \
    .help = "Keeps the division finite.", .visible_if = "optimizer=RMSProp" },                        \
  { "centered", GW_ATTR_BOOL, .def = "false", .label = "Centered",                                    \
    .help = "Divide by the deviation of the gradient instead of the root of its mean square.",        \
    .visible_if = "optimizer=RMSProp" },                                                              \
  { "initial_accumulator_value", GW_ATTR_FLOAT, .def = "0.1", .min = 0, .max = -1, .label = "First sum", \
    .help = "What the sum of the squared gradients begins with.",                                     \
    .visible_if = "optimizer=Adagrad|Ftrl|ProximalAdagrad" },                                         \
  { "learning_rate_power", GW_ATTR_FLOAT, .def = "-0.5", .min = -1e30, .max = 0, .label = "Rate's power", \
    .help = "How the rate falls as gradients add up: to this power of the sum; 0 keeps it.",          \
    .visible_if = "optimizer=Ftrl" },                                                                 \
  { "l1_regularization_strength", GW_ATTR_FLOAT, .def = "0", .min = 0, .max = -1, .label = "L1",       \
    .help = "Pulls weights to exactly 0.",                                                            \
    .visible_if = "optimizer=Ftrl|ProximalGradientDescent|ProximalAdagrad" },                         \
  { "l2_regularization_strength", GW_ATTR_FLOAT, .def = "0", .min = 0, .max = -1, .label = "L2",       \
    .help = "Keeps weights small.",                                                                   \
    .visible_if = "optimizer=Ftrl|ProximalGradientDescent|ProximalAdagrad" },                         \
  { "l2_shrinkage_regularization_strength", GW_ATTR_FLOAT, .def = "0", .min = 0, .max = -1,           \
    .label = "L2 shrinkage", .help = "A penalty on the size of the weights that move.",               \
    .visible_if = "optimizer=Ftrl" },                                                                 \
  { "beta", GW_ATTR_FLOAT, .def = "0", .min = 0, .max = -1, .label = "β",                             \
    .help = "Slows the first steps down.", .visible_if = "optimizer=Ftrl" }

/* The type of what is wired as learning rate: cast to each variable's. */
#define GW_OPTIMIZER_RATE_TYPE                                                                        \
  { "R", GW_ATTR_DTYPE, .def = "float32", .choices = GW_FLOAT_TYPES, .label = "Type of the rate",     \
    .help = "Follows from what is wired.", .flags = GW_ATTR_HIDDEN }

/* What the gradients of a variable are taken with respect to: its read, or its handle, at
 * which all reads come together. */
GwOutput gw_optimizer_x (const GwLoweredVariable *variable);

/* Adds the updates of variables[i] by gradients[i] (none where it has no values), one
 * scope “update_<variable>” each, and the count of global_step behind them all, which
 * becomes the composite's final node and is returned. The composite has GW_OPTIMIZER_ATTRS. Its context's
 * builder keeps the error; INVALID_ARGUMENT when there is no gradient at all. */
GwNode *gw_optimizer_apply (GwExpandContext *context, GwOutput learning_rate, int n,
                            GwLoweredVariable *const *variables, const GwGradient *gradients);

G_END_DECLS
