/* SPDX-License-Identifier: Apache-2.0 */
/* Files that hold a graph of TensorFlow's: GraphDef (.pb, .pbtxt), MetaGraphDef (.meta),
 * SavedModel (saved_model.pb, .pbtxt) and event files; and models of ONNX (.onnx). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  GW_GRAPH_FILE_GRAPH,
  GW_GRAPH_FILE_META_GRAPH,
  GW_GRAPH_FILE_SAVED_MODEL,
  GW_GRAPH_FILE_EVENTS,
  GW_GRAPH_FILE_ONNX,
} GwGraphFileKind;

/* Larger text files are refused: INVALID_ARGUMENT. */
#define GW_GRAPH_FILE_MOST_TEXT ((size_t) 256 << 20)

/* Whether a file of that name is one of them (by its name alone). */
gboolean gw_graph_file_is_name (const char *path);

/* The file's graph as a serialised GraphDef: of a SavedModel the first one that is tagged
 * "serve", else its first; of an event file the last one; a model of ONNX as onnx.h says, with
 * weights from files beside it. `kind` (or NULL) tells what the file is. NOT_FOUND where it holds none; DATA_LOSS, INVALID_ARGUMENT when it is damaged.
 * A folder stands for the saved_model.pb in it. Any thread. */
GBytes *gw_graph_file_load (const char *path, GwGraphFileKind *kind, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same from memory; not of event files, nor with files beside it. `name` stands in errors and tells what is
 * looked for first. */
GBytes *gw_graph_file_read (GBytes *content, const char *name, GwGraphFileKind *kind, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

/* Writes a serialised GraphDef, as text when the name ends in .pbtxt. Atomically. */
gboolean gw_graph_file_save (GBytes *graph_def, const char *path, GError **error);

G_END_DECLS
