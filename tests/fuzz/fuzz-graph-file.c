/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a graph of TensorFlow's: a document that can be written and read, or an error. */
#include "engine/engine.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#ifndef NAME /* the kind of file */
#define NAME "graph.pb"
#endif

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  static gboolean is_ready;
  g_autoptr (GBytes) content = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) graph = NULL;
  g_autoptr (GwDocument) document = NULL, again = NULL;
  g_autofree char *json = NULL, *second = NULL;

  if (!is_ready)
    gw_init ();
  is_ready = TRUE;
  graph = gw_graph_file_read (content, NAME, NULL, &error);
  if (graph != NULL)
    document = gw_document_from_graph_def (g_bytes_get_data (graph, NULL), g_bytes_get_size (graph), NULL, &error);
  g_assert_true ((document != NULL) != (error != NULL));
  g_assert_true (error == NULL || error->domain == GW_ERROR);
  if (document == NULL)
    return 0;
  json = gw_document_to_json (document);
  again = gw_document_from_json (json, strlen (json), &error);
  g_assert_no_error (error);
  second = gw_document_to_json (again);
  g_assert_cmpstr (json, ==, second);
  return 0;
}
