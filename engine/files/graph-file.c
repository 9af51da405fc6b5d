/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/graph-file.h"

#include "engine/base/error.h"
#include "engine/files/atomic-file.h"
#include "engine/files/event-file.h"
#include "engine/files/onnx.h"
#include "engine/files/proto-arena.h"
#include "engine/files/proto-text.h"
#include "engine/files/proto/graph.pb-c.h"

#include <string.h>

static GBytes *
bytes_of (const ProtobufCBinaryData *data)
{
  return g_bytes_new (data->data, data->len);
}

static GBytes *
no_graph (const char *name,
          GError    **error)
{
  g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND, "%s holds no graph", name);
  return NULL;
}

/* ---- what is in a message ---- */

static const ProtobufCMessageDescriptor *
descriptor_of (GwGraphFileKind kind)
{
  switch (kind)
    {
    case GW_GRAPH_FILE_META_GRAPH: return &gw__meta_graph_def__descriptor;
    case GW_GRAPH_FILE_SAVED_MODEL: return &gw__saved_model__descriptor;
    case GW_GRAPH_FILE_GRAPH:
    case GW_GRAPH_FILE_EVENTS:
    case GW_GRAPH_FILE_ONNX: break;
    }
  return &gw__graph_def__descriptor;
}

/* The GraphDef in a serialised MetaGraphDef; *serves tells whether it is tagged so. */
static GBytes *
graph_of_meta (const void *data,
               size_t      size,
               const char *name,
               gboolean   *serves,
               GError    **error)
{
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  const Gw__MetaGraphDef *meta = gw_proto_unpack (arena, descriptor_of (GW_GRAPH_FILE_META_GRAPH), data, size, name, error);

  if (meta == NULL)
    return NULL;
  for (size_t i = 0; meta->meta_info_def != NULL && i < meta->meta_info_def->n_tags; i++)
    *serves |= g_str_equal (meta->meta_info_def->tags[i], "serve");
  return meta->graph_def.len > 0 ? bytes_of (&meta->graph_def) : no_graph (name, error);
}

static GBytes *
graph_of_model (const void *data,
                size_t      size,
                const char *name,
                GError    **error)
{
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  const Gw__SavedModel *model = gw_proto_unpack (arena, descriptor_of (GW_GRAPH_FILE_SAVED_MODEL), data, size, name, error);
  g_autoptr (GBytes) first = NULL;

  if (model == NULL)
    return NULL;
  for (size_t i = 0; i < model->n_meta_graphs; i++)
    {
      gboolean serves = FALSE;
      g_autoptr (GBytes) graph = graph_of_meta (model->meta_graphs[i].data, model->meta_graphs[i].len, name, &serves, error);

      if (graph == NULL || serves)
        return g_steal_pointer (&graph);
      if (first == NULL)
        first = g_steal_pointer (&graph);
    }
  return first != NULL ? g_steal_pointer (&first) : no_graph (name, error);
}

/* Each node has an op: other messages seldom pass as a graph then. */
static gboolean
is_graph (const void *data,
          size_t      size)
{
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  const Gw__GraphDef *graph = gw_proto_unpack (arena, &gw__graph_def__descriptor, data, size, "graph", NULL);

  if (graph == NULL || graph->n_node == 0)
    return FALSE;
  for (size_t i = 0; i < graph->n_node; i++)
    if (*graph->node[i]->name == '\0' || *graph->node[i]->op == '\0')
      return FALSE;
  return TRUE;
}

static GBytes *
graph_of (GBytes         *message,
          const char     *name,
          GwGraphFileKind kind,
          GError        **error)
{
  gsize size;
  const void *data = g_bytes_get_data (message, &size);
  gboolean serves = FALSE;

  if (kind == GW_GRAPH_FILE_META_GRAPH)
    return graph_of_meta (data, size, name, &serves, error);
  if (kind == GW_GRAPH_FILE_SAVED_MODEL)
    return graph_of_model (data, size, name, error);
  if (is_graph (data, size))
    return g_bytes_ref (message);
  g_set_error (error, GW_ERROR, GW_ERROR_DATA_LOSS, "%s is no graph of TensorFlow's, or it is damaged", name);
  return NULL;
}

/* ---- files ---- */

static GwGraphFileKind
kind_of (const char *name)
{
  g_autofree char *base = g_path_get_basename (name);

  if (g_str_has_prefix (base, "saved_model.pb"))
    return GW_GRAPH_FILE_SAVED_MODEL;
  if (g_str_has_suffix (base, ".onnx"))
    return GW_GRAPH_FILE_ONNX;
  return g_str_has_suffix (base, ".meta") ? GW_GRAPH_FILE_META_GRAPH : GW_GRAPH_FILE_GRAPH;
}

gboolean
gw_graph_file_is_name (const char *path)
{
  static const char *const ends[] = { ".pb", ".pbtxt", ".meta", ".onnx" };

  for (gsize i = 0; i < G_N_ELEMENTS (ends); i++)
    if (g_str_has_suffix (path, ends[i]))
      return TRUE;
  return gw_event_file_is_name (path);
}

static GBytes *
read_kind (GBytes         *content,
           const char     *name,
           GwGraphFileKind kind,
           GError        **error)
{
  gsize size;
  const void *data = g_bytes_get_data (content, &size);
  g_autoptr (GBytes) message = NULL;

  if (!gw_proto_is_text (data, size))
    return graph_of (content, name, kind, error);
  if (size > GW_GRAPH_FILE_MOST_TEXT)
    {
      gw_invalid (error, "%s is too large for text: write it in the binary form", name);
      return NULL;
    }
  message = gw_proto_from_text (descriptor_of (kind), data, size, error);
  if (message == NULL)
    g_prefix_error (error, "%s: ", name);
  return message != NULL ? graph_of (message, name, kind, error) : NULL;
}

/* From memory; a model of ONNX may have files in `folder`, NULL = none. */
static GBytes *
read_content (GBytes          *content,
              const char      *name,
              const char      *folder,
              GwGraphFileKind *kind,
              GError         **error)
{
  static const GwGraphFileKind others[] = { GW_GRAPH_FILE_GRAPH, GW_GRAPH_FILE_SAVED_MODEL, GW_GRAPH_FILE_META_GRAPH };
  GwGraphFileKind expected = kind_of (name), found = expected;
  GError *first = NULL;
  GBytes *graph = expected == GW_GRAPH_FILE_ONNX ? gw_onnx_to_graph_def (content, folder, name, &first)
                                                 : read_kind (content, name, expected, &first);

  for (gsize i = 0; graph == NULL && expected != GW_GRAPH_FILE_ONNX && i < G_N_ELEMENTS (others); i++)
    if (others[i] != expected)
      {
        graph = read_kind (content, name, found = others[i], NULL);
        if (graph != NULL && !is_graph (g_bytes_get_data (graph, NULL), g_bytes_get_size (graph)))
          g_clear_pointer (&graph, g_bytes_unref);
      }
  if (graph == NULL)
    {
      g_propagate_error (error, first);
      return NULL;
    }
  g_clear_error (&first);
  if (kind != NULL)
    *kind = found;
  return graph;
}

GBytes *
gw_graph_file_read (GBytes          *content,
                    const char      *name,
                    GwGraphFileKind *kind,
                    GError         **error)
{
  return read_content (content, name, NULL, kind, error);
}

static GBytes *
load_events (const char *path,
             GError    **error)
{
  g_autoptr (GwEventReader) reader = gw_event_reader_open (path, error);
  g_autoptr (GBytes) graph = NULL;
  GwReadStatus status = GW_READ_OK;
  GwEventValue value;
  GError *damage = NULL;
  gboolean serves = FALSE;

  if (reader == NULL)
    return NULL;
  while ((status = gw_event_reader_next (reader, &value, &damage)) == GW_READ_OK)
    {
      GBytes *found = NULL;

      if (value.kind == GW_EVENT_GRAPH)
        found = g_bytes_new (value.bytes, value.size);
      else if (value.kind == GW_EVENT_META_GRAPH && graph == NULL)
        found = graph_of_meta (value.bytes, value.size, path, &serves, NULL);
      if (found != NULL)
        {
          g_clear_pointer (&graph, g_bytes_unref);
          graph = found;
        }
    }
  if (graph != NULL)
    {
      g_clear_error (&damage);
      return g_steal_pointer (&graph);
    }
  if (damage != NULL)
    {
      g_propagate_error (error, damage);
      return NULL;
    }
  return no_graph (path, error);
}

GBytes *
gw_graph_file_load (const char      *path,
                    GwGraphFileKind *kind,
                    GError         **error)
{
  g_autofree char *inside = g_build_filename (path, "saved_model.pb", NULL);
  g_autofree char *base = NULL, *folder = NULL;
  g_autoptr (GBytes) content = NULL;
  char *text = NULL;
  gsize size = 0;
  GError *own = NULL;

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    path = inside;
  base = g_path_get_basename (path);
  if (gw_event_file_is_name (path))
    {
      if (kind != NULL)
        *kind = GW_GRAPH_FILE_EVENTS;
      return load_events (path, error);
    }
  if (!g_file_get_contents (path, &text, &size, &own))
    {
      gw_propagate_foreign_error (error, own, g_error_matches (own, G_FILE_ERROR, G_FILE_ERROR_NOENT) ? GW_ERROR_NOT_FOUND
                                                                                                     : GW_ERROR_UNAVAILABLE, base);
      return NULL;
    }
  content = g_bytes_new_take (text, size);
  folder = g_path_get_dirname (path);
  return read_content (content, base, folder, kind, error);
}

gboolean
gw_graph_file_save (GBytes     *graph_def,
                    const char *path,
                    GError    **error)
{
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  g_autofree char *text = NULL;
  gsize size;
  const void *data = g_bytes_get_data (graph_def, &size);
  const ProtobufCMessage *message;

  if (!g_str_has_suffix (path, ".pbtxt"))
    return gw_atomic_write (path, data, size, error);
  message = gw_proto_unpack (arena, &gw__graph_def__descriptor, data, size, "the graph", error);
  text = message != NULL ? gw_proto_to_text (message, error) : NULL;
  return text != NULL && gw_atomic_write (path, text, strlen (text), error);
}
