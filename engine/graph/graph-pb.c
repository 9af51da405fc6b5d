/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/graph/graph-pb.h"

#include "engine/base/error.h"
#include "engine/files/proto-arena.h"
#include "engine/files/proto/graph.pb-c.h"
#include "engine/files/tensor-proto.h"

#include <string.h>

#define GRAPH_NODE 1     /* field numbers of GraphDef */
#define GRAPH_VERSIONS 4

/* Attributes that every node gets besides its own. */
#define ATTR_ORIGIN "_gw_origin"
#define ATTR_SHAPES "_output_shapes"

/* The memory of one NodeDef while it is put together. */
typedef struct {
  GwProtoArena *arena;
  GPtrArray    *keep;  /* of GBytes: serialised tensors that the message points into */
} Scratch;

static ProtobufCBinaryData
text_bytes (const char *text)
{
  return gw_proto_bytes_from_text (text != NULL ? text : "");
}

static Gw__TensorShapeProto *
shape_message (Scratch       *scratch,
               const GwShape *shape)
{
  Gw__TensorShapeProto *message = gw_proto_arena_alloc (scratch->arena, sizeof *message);
  int rank = MAX (shape->rank, 0);

  gw__tensor_shape_proto__init (message);
  message->unknown_rank = shape->rank < 0;
  message->n_dim = (size_t) rank;
  message->dim = gw_proto_arena_alloc (scratch->arena, sizeof (Gw__TensorShapeDim *) * (size_t) MAX (rank, 1));
  for (int i = 0; i < rank; i++)
    {
      message->dim[i] = gw_proto_arena_alloc (scratch->arena, sizeof (Gw__TensorShapeDim));
      gw__tensor_shape_dim__init (message->dim[i]);
      message->dim[i]->size = shape->dims[i];
    }
  return message;
}

/* list.FIELD[i] = VALUE for each element of the attribute. */
#define FILL_LIST(FIELD, VALUE)                                                              \
  G_STMT_START {                                                                             \
    list->n_##FIELD = n;                                                                     \
    list->FIELD = gw_proto_arena_alloc (scratch->arena, sizeof *list->FIELD * MAX (n, 1));   \
    for (size_t i = 0; i < n; i++)                                                           \
      list->FIELD[i] = (VALUE);                                                              \
  } G_STMT_END

static Gw__AttrListValue *
list_message (Scratch           *scratch,
              const GwAttrValue *value)
{
  Gw__AttrListValue *list = gw_proto_arena_alloc (scratch->arena, sizeof *list);
  size_t n = (size_t) value->list.n;

  gw__attr_list_value__init (list);
  switch (value->type)
    {
    case GW_ATTR_INTS:    FILL_LIST (i, value->list.i[i]); break;
    case GW_ATTR_FLOATS:  FILL_LIST (f, (float) value->list.f[i]); break;
    case GW_ATTR_STRINGS: FILL_LIST (s, text_bytes (value->list.s[i])); break;
    case GW_ATTR_DTYPES:  FILL_LIST (type, (int32_t) value->list.dtypes[i]); break;
    case GW_ATTR_SHAPES:  FILL_LIST (shape, shape_message (scratch, &value->list.shapes[i])); break;
    default: break;
    }
  return list;
}

static gboolean
set_tensor (Scratch        *scratch,
            const GwTensor *tensor,
            Gw__AttrValue  *message,
            GError        **error)
{
  GBytes *bytes;
  gsize size;
  const void *data;

  if (tensor == NULL)
    return TRUE;
  bytes = gw_tensor_to_proto (tensor, error);
  if (bytes == NULL)
    return FALSE;
  g_ptr_array_add (scratch->keep, bytes);
  data = g_bytes_get_data (bytes, &size);
  message->value_case = GW__ATTR_VALUE__VALUE_TENSOR;
  message->tensor = (ProtobufCBinaryData) { size, (uint8_t *) data };
  return TRUE;
}

#define SET(CASE, FIELD, VALUE)                            \
  G_STMT_START {                                           \
    message->value_case = GW__ATTR_VALUE__VALUE_##CASE;    \
    message->FIELD = (VALUE);                              \
  } G_STMT_END

static gboolean
set_value (Scratch           *scratch,
           const GwAttrValue *value,
           Gw__AttrValue     *message,
           GError           **error)
{
  switch (value->type)
    {
    case GW_ATTR_BOOL:  SET (B, b, value->b); break;
    case GW_ATTR_INT:
    case GW_ATTR_SEED:  SET (I, i, value->i); break;
    case GW_ATTR_FLOAT: SET (F, f, (float) value->f); break;
    case GW_ATTR_DTYPE: SET (TYPE, type, (int32_t) value->dtype); break;
    case GW_ATTR_SHAPE: SET (SHAPE, shape, shape_message (scratch, &value->shape)); break;
    case GW_ATTR_STRING:
    case GW_ATTR_CHOICE:
    case GW_ATTR_FILE:  SET (S, s, text_bytes (value->s)); break;
    case GW_ATTR_INTS:
    case GW_ATTR_FLOATS:
    case GW_ATTR_STRINGS:
    case GW_ATTR_DTYPES:
    case GW_ATTR_SHAPES: SET (LIST, list, list_message (scratch, value)); break;
    case GW_ATTR_TENSOR: return set_tensor (scratch, value->tensor, message, error);
    }
  return TRUE;
}

static Gw__AttrValue *
add_attr (Scratch      *scratch,
          Gw__NodeDef  *def,
          const char   *name)
{
  Gw__AttrEntry *entry = gw_proto_arena_alloc (scratch->arena, sizeof *entry);

  gw__attr_entry__init (entry);
  entry->key = (char *) name;
  entry->value = gw_proto_arena_alloc (scratch->arena, sizeof *entry->value);
  gw__attr_value__init (entry->value);
  def->attr[def->n_attr++] = entry;
  return entry->value;
}

static int
compare_entries (gconstpointer a,
                 gconstpointer b)
{
  return strcmp ((*(Gw__AttrEntry *const *) a)->key, (*(Gw__AttrEntry *const *) b)->key);
}

static gboolean
set_attrs (Scratch       *scratch,
           const GwNode  *node,
           Gw__NodeDef   *def,
           GError       **error)
{
  int n = gw_attr_defs_length (node->def->attrs);
  GwAttrValue origin = gw_attr_int (node->origin);
  GwAttrValue shapes = { GW_ATTR_SHAPES, { .list = { node->n_outputs, { .shapes = node->shapes } } } };

  def->attr = gw_proto_arena_alloc (scratch->arena, sizeof (Gw__AttrEntry *) * (size_t) (n + 2));
  for (int i = 0; i < n; i++)
    if (!set_value (scratch, &node->attrs[i], add_attr (scratch, def, node->def->attrs[i].name), error))
      return FALSE;
  if (node->n_outputs > 0 && !set_value (scratch, &shapes, add_attr (scratch, def, ATTR_SHAPES), error))
    return FALSE;
  if (node->origin != 0 && !set_value (scratch, &origin, add_attr (scratch, def, ATTR_ORIGIN), error))
    return FALSE;
  qsort (def->attr, def->n_attr, sizeof *def->attr, compare_entries);
  return TRUE;
}

static char *
arena_text (Scratch    *scratch,
            const char *prefix,
            const char *name)
{
  size_t size = strlen (prefix) + strlen (name) + 1;
  char *text = gw_proto_arena_alloc (scratch->arena, size);

  g_snprintf (text, size, "%s%s", prefix, name);
  return text;
}

static void
set_inputs (Scratch       *scratch,
            const GwNode  *node,
            Gw__NodeDef   *def)
{
  guint n_controls = node->control_inputs != NULL ? node->control_inputs->len : 0;

  def->input = gw_proto_arena_alloc (scratch->arena, sizeof (char *) * (size_t) (node->n_inputs + (int) n_controls + 1));
  for (int i = 0; i < node->n_inputs; i++)
    {
      g_autofree char *name = gw_output_name (node->inputs[i]);

      def->input[def->n_input++] = arena_text (scratch, "", name);
    }
  for (guint i = 0; i < n_controls; i++)
    {
      GwNode *control = g_ptr_array_index (node->control_inputs, i);

      def->input[def->n_input++] = arena_text (scratch, "^", control->name);
    }
}

static gboolean
append_node (Scratch       *scratch,
             const GwNode  *node,
             GByteArray    *graph_def,
             GError       **error)
{
  Gw__NodeDef def = GW__NODE_DEF__INIT;

  def.name = node->name;
  def.op = (char *) node->def->name;
  def.device = (char *) (node->device != NULL ? node->device : "");
  set_inputs (scratch, node, &def);
  if (!set_attrs (scratch, node, &def, error))
    return FALSE;
  if (graph_def->len + protobuf_c_message_get_packed_size (&def.base) > INT32_MAX - 64)
    return gw_invalid (error, "the graph is larger than the 2 GiB that protobuf allows");
  gw_proto_append (graph_def, GRAPH_NODE, &def.base);
  return TRUE;
}

GBytes *
gw_graph_to_proto (const GwGraph *graph,
                   GError       **error)
{
  g_autoptr (GByteArray) graph_def = g_byte_array_new ();
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  g_autoptr (GPtrArray) keep = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  Scratch scratch = { arena, keep };
  Gw__VersionDef versions = GW__VERSION_DEF__INIT;

  for (int id = 0; id < gw_graph_n_nodes (graph); id++)
    {
      if (!append_node (&scratch, gw_graph_node (graph, id), graph_def, error))
        return NULL;
      gw_proto_arena_reset (arena);
      g_ptr_array_set_size (keep, 0);
    }
  versions.producer = GW_GRAPH_DEF_PRODUCER;
  gw_proto_append (graph_def, GRAPH_VERSIONS, &versions.base);
  return g_byte_array_free_to_bytes (g_steal_pointer (&graph_def));
}
