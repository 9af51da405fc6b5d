/* SPDX-License-Identifier: Apache-2.0 */
/* Models of ONNX (.onnx) as graphs of TensorFlow's. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A model as a serialised GraphDef. Its inputs become placeholders, its weights constants, what it
 * gives identities of that name; operators become the ops that do the same, and where none does,
 * a node of the op “ONNX>Operator” (or “domain>Operator”) with the operator's attributes and
 * inputs. Pictures stay in ONNX's order (NCHW), weights get TensorFlow's.
 *
 * Weights in files of their own are read from `folder`; NULL = there is none. `name` stands in
 * errors: DATA_LOSS, INVALID_ARGUMENT for what is damaged, NOT_FOUND where there is no graph or
 * file of weights. Any thread. Source: github.com/onnx/onnx, docs/IR.md and docs/Operators.md. */
GBytes *gw_onnx_to_graph_def (GBytes *model, const char *folder, const char *name, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
