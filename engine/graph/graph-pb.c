/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/graph/graph-pb.h"

#include "engine/base/error.h"
#include "engine/files/proto-arena.h"
#include "engine/files/proto/graph.pb-c.h"
#include "engine/files/tensor-proto.h"
#include "engine/graph/function.h"

#include <string.h>

#define GRAPH_NODE 1     /* field numbers of GraphDef */
#define GRAPH_LIBRARY 2
#define GRAPH_VERSIONS 4
#define FUNCTION_SIGNATURE 1 /* of FunctionDef */
#define FUNCTION_NODE 3
#define FUNCTION_RET 4
#define LIBRARY_FUNCTION 1   /* of FunctionDefLibrary */

/* Attributes that every node gets besides its own. */
#define ATTR_ORIGIN "_gw_origin"
#define ATTR_SHAPES "_output_shapes"

/* The memory of one NodeDef while it is put together. */
typedef struct {
  GwProtoArena *arena;
  GPtrArray    *keep;  /* of GBytes: serialised tensors that the message points into */
  GHashTable   *names; /* GwFunction → its name in the file */
  GPtrArray    *functions; /* of GwFunction, those called before those who call them */
  const GwFunction *inside; /* whose body is written; NULL = the graph itself */
  const char   *note_attr;  /* attribute of the next node, or NULL */
  const char   *note;
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

/* ---- functions ---- */

/* The node's functions and those that they call get names, each of its own. */
static void
name_functions (Scratch      *scratch,
                const GwNode *node)
{
  GwFunction *function;

  for (int n = 0; (function = gw_node_function_at (node, n)) != NULL; n++)
    {
      g_autofree char *name = g_strdup (function->name);
      gboolean taken = TRUE;

      if (g_hash_table_contains (scratch->names, function))
        continue;
      for (int id = 0; id < gw_graph_n_nodes (function->body); id++)
        name_functions (scratch, gw_graph_node (function->body, id));
      for (int k = 1; taken; k++)
        {
          taken = FALSE;
          for (guint i = 0; i < scratch->functions->len && !taken; i++)
            taken = g_str_equal (g_hash_table_lookup (scratch->names, g_ptr_array_index (scratch->functions, i)), name);
          if (taken)
            {
              g_free (name);
              name = g_strdup_printf ("%s_%d", function->name, k);
            }
        }
      g_hash_table_insert (scratch->names, function, g_steal_pointer (&name));
      g_ptr_array_add (scratch->functions, function);
    }
}

/* The name of the function behind an attribute, without attributes of its own. */
static ProtobufCBinaryData
function_message (Scratch      *scratch,
                  const GwNode *node,
                  const char   *attr)
{
  Gw__NameAttrList list = GW__NAME_ATTR_LIST__INIT;
  const GwFunction *function = gw_graph_function (node->graph, attr);
  ProtobufCBinaryData bytes;

  list.name = (char *) (function != NULL ? g_hash_table_lookup (scratch->names, function) : attr != NULL ? attr : "");
  bytes.len = gw__name_attr_list__get_packed_size (&list);
  bytes.data = gw_proto_arena_alloc (scratch->arena, MAX (bytes.len, 1));
  gw__name_attr_list__pack (&list, bytes.data);
  return bytes;
}

static Gw__AttrListValue *
function_list (Scratch           *scratch,
               const GwNode      *node,
               const GwAttrValue *value)
{
  Gw__AttrListValue *list = gw_proto_arena_alloc (scratch->arena, sizeof *list);
  size_t n = (size_t) value->list.n;

  gw__attr_list_value__init (list);
  FILL_LIST (func, function_message (scratch, node, value->list.s[i]));
  return list;
}

#define SET(CASE, FIELD, VALUE)                            \
  G_STMT_START {                                           \
    message->value_case = GW__ATTR_VALUE__VALUE_##CASE;    \
    message->FIELD = (VALUE);                              \
  } G_STMT_END

static gboolean
set_value (Scratch           *scratch,
           const GwNode      *node,
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
    case GW_ATTR_FUNC: SET (FUNC, func, function_message (scratch, node, value->s)); break;
    case GW_ATTR_FUNCS: SET (LIST, list, function_list (scratch, node, value)); break;
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

  def->attr = gw_proto_arena_alloc (scratch->arena, sizeof (Gw__AttrEntry *) * (size_t) (n + 3));
  for (int i = 0; i < n; i++)
    if (!set_value (scratch, node, &node->attrs[i], add_attr (scratch, def, node->def->attrs[i].name), error))
      return FALSE;
  if (node->n_outputs > 0 && !set_value (scratch, node, &shapes, add_attr (scratch, def, ATTR_SHAPES), error))
    return FALSE;
  if (node->origin != 0 && !set_value (scratch, node, &origin, add_attr (scratch, def, ATTR_ORIGIN), error))
    return FALSE;
  if (scratch->note_attr != NULL)
    {
      GwAttrValue note = gw_attr_string (scratch->note);

      if (!set_value (scratch, node, &note, add_attr (scratch, def, scratch->note_attr), error))
        return FALSE;
      scratch->note_attr = NULL;
    }
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

/* Which input of the function that is written an output is, or -1. */
static int
argument_of (const GwFunction *function,
             GwOutput          output)
{
  for (int i = 0; function != NULL && i < function->n_inputs; i++)
    if (function->inputs[i].node == output.node)
      return i;
  return -1;
}

/* An output as a FunctionDef names it: “gw_arg_2”, or “node:port:number within the port”. */
static char *
inner_name (const GwFunction *function,
            GwOutput          output)
{
  int argument = argument_of (function, output), index = output.index;
  const GwPortDef *port = output.node->def->outputs;

  if (argument >= 0)
    return g_strdup_printf ("gw_arg_%d", argument);
  for (; port->name != NULL; port++)
    {
      const GwAttrValue *type = gw_node_attr (output.node, port->type);
      int n = type != NULL && type->type == GW_ATTR_DTYPES ? type->list.n
                : port->number_attr != NULL ? (int) gw_node_attr (output.node, port->number_attr)->i : 1;

      if (index < n)
        break;
      index -= n;
    }
  return g_strdup_printf ("%s:%s:%d", output.node->name, port->name, index);
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
      g_autofree char *name = scratch->inside != NULL ? inner_name (scratch->inside, node->inputs[i])
                                                       : gw_output_name (node->inputs[i]);

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
             unsigned       field,
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
  gw_proto_append (graph_def, field, &def.base);
  return TRUE;
}

static Gw__OpArgDef **
argument_defs (Scratch        *scratch,
               const char     *prefix,
               int             n,
               const GwOutput *outputs)
{
  Gw__OpArgDef **defs = gw_proto_arena_alloc (scratch->arena, sizeof *defs * (size_t) MAX (n, 1));

  for (int i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s%d", prefix, i);

      defs[i] = gw_proto_arena_alloc (scratch->arena, sizeof **defs);
      gw__op_arg_def__init (defs[i]);
      defs[i]->name = arena_text (scratch, "", name);
      defs[i]->type = (int32_t) gw_output_dtype (outputs[i]);
    }
  return defs;
}

static void
append_signature (Scratch          *scratch,
                  const GwFunction *function,
                  GByteArray       *bytes)
{
  Gw__OpDef signature = GW__OP_DEF__INIT;

  signature.name = g_hash_table_lookup (scratch->names, function);
  signature.n_input_arg = (size_t) function->n_inputs;
  signature.input_arg = argument_defs (scratch, "gw_arg_", function->n_inputs, function->inputs);
  signature.n_output_arg = (size_t) function->n_outputs;
  signature.output_arg = argument_defs (scratch, "gw_ret_", function->n_outputs, function->outputs);
  signature.is_stateful = gw_function_unrepeatable (function) != NULL;
  gw_proto_append (bytes, FUNCTION_SIGNATURE, &signature.base);
}

static gboolean
append_function (Scratch          *scratch,
                 const GwFunction *function,
                 GByteArray       *library,
                 GError          **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree gboolean *reached = gw_function_reached (function);

  append_signature (scratch, function, bytes);
  for (int i = 0; i < function->n_outputs; i++)
    {
      Gw__StringEntry entry = GW__STRING_ENTRY__INIT;
      g_autofree char *key = g_strdup_printf ("gw_ret_%d", i);
      g_autofree char *value = inner_name (function, function->outputs[i]);

      entry.key = key;
      entry.value = value;
      gw_proto_append (bytes, FUNCTION_RET, &entry.base);
    }
  scratch->inside = function;
  for (int id = 0; id < gw_graph_n_nodes (function->body); id++)
    {
      GwNode *node = gw_graph_node (function->body, id);

      if (reached[id] && argument_of (function, (GwOutput) { node, 0 }) < 0 &&
          !append_node (scratch, node, FUNCTION_NODE, bytes, error))
        return FALSE;
    }
  scratch->inside = NULL;
  if ((size_t) library->len + bytes->len > INT32_MAX - 64)
    return gw_invalid (error, "the graph is larger than the 2 GiB that protobuf allows");
  gw_varint_append (library, LIBRARY_FUNCTION << 3 | 2);
  gw_varint_append (library, bytes->len);
  g_byte_array_append (library, bytes->data, bytes->len);
  return TRUE;
}

/* A FunctionDefLibrary of all that nodes of the graph call. */
static gboolean
append_library (Scratch       *scratch,
                GByteArray    *graph_def,
                GError       **error)
{
  g_autoptr (GByteArray) library = g_byte_array_new ();

  for (guint i = 0; i < scratch->functions->len; i++)
    {
      if (!append_function (scratch, g_ptr_array_index (scratch->functions, i), library, error))
        return FALSE;
      gw_proto_arena_reset (scratch->arena);
      g_ptr_array_set_size (scratch->keep, 0);
    }
  if (library->len == 0)
    return TRUE;
  if ((size_t) graph_def->len + library->len > INT32_MAX - 64)
    return gw_invalid (error, "the graph is larger than the 2 GiB that protobuf allows");
  gw_varint_append (graph_def, GRAPH_LIBRARY << 3 | 2);
  gw_varint_append (graph_def, library->len);
  g_byte_array_append (graph_def, library->data, library->len);
  return TRUE;
}

GBytes *
gw_graph_to_proto (const GwGraph *graph,
                   GError       **error)
{
  return gw_graph_to_proto_noted (graph, NULL, NULL, error);
}

GBytes *
gw_graph_to_proto_noted (const GwGraph *graph,
                         const char    *attr,
                         const char    *note,
                         GError       **error)
{
  g_autoptr (GByteArray) graph_def = g_byte_array_new ();
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  g_autoptr (GPtrArray) keep = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GHashTable) names = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_autoptr (GPtrArray) functions = g_ptr_array_new ();
  Scratch scratch = { arena, keep, names, functions, NULL, attr, note };
  Gw__VersionDef versions = GW__VERSION_DEF__INIT;

  for (int id = 0; id < gw_graph_n_nodes (graph); id++)
    name_functions (&scratch, gw_graph_node (graph, id));
  for (int id = 0; id < gw_graph_n_nodes (graph); id++)
    {
      if (!append_node (&scratch, gw_graph_node (graph, id), GRAPH_NODE, graph_def, error))
        return NULL;
      gw_proto_arena_reset (arena);
      g_ptr_array_set_size (keep, 0);
    }
  if (!append_library (&scratch, graph_def, error))
    return NULL;
  versions.producer = GW_GRAPH_DEF_PRODUCER;
  gw_proto_append (graph_def, GRAPH_VERSIONS, &versions.base);
  return g_byte_array_free_to_bytes (g_steal_pointer (&graph_def));
}
