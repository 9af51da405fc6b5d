/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a model of ONNX: the same as of a graph of TensorFlow's. */
#define NAME "model.onnx"
#include "tests/fuzz/fuzz-graph-file.c"
