/* SPDX-License-Identifier: Apache-2.0 */
/* Opening what is no document: TensorFlow's graphs become documents, laid out. */
#pragma once

#include <gio/gio.h>

#include "engine/engine.h"

G_BEGIN_DECLS

/* Whether the file is read by gw_import_graph() rather than as a document. */
gboolean gw_import_is_graph (const char *path);

/* The document of the graph in a file (see engine/files/graph-file.h). Where the file does
 * not carry a layout, each canvas is laid out. `notes` (or NULL) gets what could not be
 * taken over, a sentence each. Any thread; CANCELLED when it was. */
GwDocument *gw_import_graph (const char *path, GPtrArray *notes, GCancellable *cancellable, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

/* Lays out the main canvas and those of all groups, by the sizes that the boxes have about. */
void gw_import_lay_out (GwDocument *document, GCancellable *cancellable);

G_END_DECLS
