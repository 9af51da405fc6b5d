/* SPDX-License-Identifier: Apache-2.0 */
/* Models of ONNX that are odd: operators that nobody has, weights elsewhere, damage. What operators
 * compute is in tests/golden/onnx.json. */
#include "engine/files/onnx.h"

#include "engine/files/graph-file.h"
#include "engine/files/onnx-private.h"
#include "engine/tensor/tensor.h"
#include "tests/support/support.h"

#include <string.h>

/* ---- models ---- */

typedef struct {
  GwProtoArena  *arena;
  Gw__OnnxModel  model;
  Gw__OnnxGraph  graph;
  Gw__OnnxNode  *nodes[8];
  Gw__OnnxTensor *weights[8];
  Gw__OnnxValueInfo *inputs[8], *outputs[8];
} Model;

static void
model_init (Model *m)
{
  m->arena = gw_proto_arena_new ();
  gw__onnx_model__init (&m->model);
  gw__onnx_graph__init (&m->graph);
  m->model.graph = &m->graph;
  m->graph.node = m->nodes;
  m->graph.initializer = m->weights;
  m->graph.input = m->inputs;
  m->graph.output = m->outputs;
}

#define NEW(m, TYPE, init) ({ TYPE *made_ = gw_proto_arena_alloc ((m)->arena, sizeof (TYPE)); init (made_); made_; })

/* Names are separated by spaces; "-" is one that is left out. */
static char **
names_of (Model      *m,
          const char *text,
          size_t     *n)
{
  g_auto (GStrv) parts = g_strsplit (text, " ", -1);
  char **names = gw_proto_arena_alloc (m->arena, sizeof (char *) * 16);

  for (*n = 0; *text != '\0' && parts[*n] != NULL; (*n)++)
    {
      const char *name = g_str_equal (parts[*n], "-") ? "" : parts[*n];

      names[*n] = strcpy (gw_proto_arena_alloc (m->arena, strlen (name) + 1), name);
    }
  return names;
}

static Gw__OnnxNode *
add_node (Model      *m,
          const char *op,
          const char *inputs,
          const char *outputs)
{
  Gw__OnnxNode *node = NEW (m, Gw__OnnxNode, gw__onnx_node__init);

  node->op_type = (char *) op;
  node->input = names_of (m, inputs, &node->n_input);
  node->output = names_of (m, outputs, &node->n_output);
  node->attribute = gw_proto_arena_alloc (m->arena, sizeof (Gw__OnnxAttribute *) * 16);
  m->nodes[m->graph.n_node++] = node;
  return node;
}

static Gw__OnnxAttribute *
add_attribute (Model        *m,
               Gw__OnnxNode *node,
               const char   *name,
               int           type)
{
  Gw__OnnxAttribute *attribute = NEW (m, Gw__OnnxAttribute, gw__onnx_attribute__init);

  attribute->name = (char *) name;
  attribute->type = type;
  node->attribute[node->n_attribute++] = attribute;
  return attribute;
}

static Gw__OnnxTensor *
new_tensor (Model         *m,
            const char    *name,
            int            type,
            size_t         n_dims,
            const int64_t *dims)
{
  Gw__OnnxTensor *tensor = NEW (m, Gw__OnnxTensor, gw__onnx_tensor__init);

  tensor->name = (char *) name;
  tensor->data_type = type;
  tensor->n_dims = n_dims;
  tensor->dims = (int64_t *) dims;
  return tensor;
}

static Gw__OnnxTensor *
add_floats (Model      *m,
            const char *name,
            int64_t     n)
{
  static const float values[] = { 1.5f, -2, 3, 4 };
  int64_t *dims = gw_proto_arena_alloc (m->arena, sizeof (int64_t));
  Gw__OnnxTensor *tensor;

  *dims = n;
  tensor = new_tensor (m, name, 1, 1, dims);
  tensor->n_float_data = G_N_ELEMENTS (values);
  tensor->float_data = (float *) values;
  return m->weights[m->graph.n_initializer++] = tensor;
}

static void
add_input (Model      *m,
           const char *name,
           int         type)
{
  Gw__OnnxValueInfo *info = NEW (m, Gw__OnnxValueInfo, gw__onnx_value_info__init);

  info->name = (char *) name;
  info->type = NEW (m, Gw__OnnxType, gw__onnx_type__init);
  info->type->tensor_type = NEW (m, Gw__OnnxTensorType, gw__onnx_tensor_type__init);
  info->type->tensor_type->elem_type = type;
  m->inputs[m->graph.n_input++] = info;
}

static void
add_output (Model      *m,
            const char *name)
{
  Gw__OnnxValueInfo *info = NEW (m, Gw__OnnxValueInfo, gw__onnx_value_info__init);

  info->name = (char *) name;
  m->outputs[m->graph.n_output++] = info;
}

/* The model as a graph; frees the model. `arena` holds the graph. */
static const Gw__GraphDef *
convert (Model        *m,
         const char   *folder,
         GwProtoArena *arena,
         GError      **error)
{
  g_autoptr (GBytes) packed = gw_proto_pack (&m->model.base, "the model", NULL);
  g_autoptr (GBytes) graph = gw_onnx_to_graph_def (packed, folder, "m.onnx", error);
  const Gw__GraphDef *message = NULL;

  g_assert_nonnull (packed);
  if (graph != NULL)
    {
      gsize size;
      const void *data = g_bytes_get_data (graph, &size);
      void *copy = memcpy (gw_proto_arena_alloc (arena, size), data, size);

      message = gw_proto_unpack (arena, &gw__graph_def__descriptor, copy, size, "graph", NULL);
      g_assert_nonnull (message);
    }
  gw_proto_arena_free (m->arena);
  return message;
}

static const Gw__NodeDef *
find (const Gw__GraphDef *graph,
      const char         *name)
{
  for (size_t i = 0; i < graph->n_node; i++)
    if (g_str_equal (graph->node[i]->name, name))
      return graph->node[i];
  return NULL;
}

static const Gw__AttrValue *
attr (const Gw__NodeDef *node,
      const char        *name)
{
  for (size_t i = 0; i < node->n_attr; i++)
    if (g_str_equal (node->attr[i]->key, name))
      return node->attr[i]->value;
  return NULL;
}

/* ---- operators that stay as they are ---- */

static void
test_unknown (void)
{
  static const int64_t ints[] = { 3, 4 };
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  const Gw__GraphDef *graph;
  const Gw__NodeDef *node;
  Gw__OnnxNode *odd;
  GError *error = NULL;
  Model m = { 0 };

  model_init (&m);
  add_input (&m, "/x:0", 1);
  add_floats (&m, "w", 4);
  odd = add_node (&m, "Odd", "/x:0 - w", "a b");
  odd->name = (char *) "/block.1//Odd/";
  odd->domain = (char *) "some.where";
  add_attribute (&m, odd, "half", 1)->f = 0.5f;
  add_attribute (&m, odd, "seven", 2)->i = 7;
  add_attribute (&m, odd, "word", 3)->s = gw_proto_bytes_from_text ("hello");
  add_attribute (&m, odd, "pair", 7)->n_ints = 2;
  odd->attribute[3]->ints = (int64_t *) ints;
  add_attribute (&m, odd, "body", 5)->g = gw_proto_bytes_from_text ("");
  add_attribute (&m, odd, "early", 0)->i = 9; /* of a version that does not tell the kind */
  add_node (&m, "Relu", "b", "c");
  add_output (&m, "c");
  add_output (&m, "a");
  graph = convert (&m, NULL, arena, &error);
  g_assert_no_error (error);
  node = find (graph, "block.1/Odd");
  g_assert_nonnull (node);
  g_assert_cmpstr (node->op, ==, "some.where>Odd");
  g_assert_cmpuint (node->n_input, ==, 2);
  g_assert_cmpstr (node->input[0], ==, "x_0");
  g_assert_cmpstr (node->input[1], ==, "w");
  g_assert_cmpfloat (attr (node, "half")->f, ==, 0.5f);
  g_assert_cmpint (attr (node, "seven")->i, ==, 7);
  g_assert_cmpmem (attr (node, "word")->s.data, attr (node, "word")->s.len, "hello", 5);
  g_assert_cmpint (attr (node, "pair")->list->i[1], ==, 4);
  g_assert_nonnull (strstr ((const char *) attr (node, "body")->s.data, "0 nodes"));
  g_assert_cmpint (attr (node, "early")->i, ==, 9);
  g_assert_cmpint (attr (node, "inputs_left_out")->list->i[0], ==, 1);
  g_assert_cmpstr (find (graph, "c")->input[0], ==, "block.1/Odd:1");
  g_assert_cmpstr (find (graph, "a")->op, ==, "Identity");
  g_assert_cmpstr (find (graph, "a")->input[0], ==, "block.1/Odd");
}

/* A known operator that asks for what TensorFlow's op does not do. */
static void
test_declined (void)
{
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  static const int64_t two[] = { 2, 2 };
  const Gw__GraphDef *graph;
  Gw__OnnxNode *pool;
  GError *error = NULL;
  Model m = { 0 };

  model_init (&m);
  add_input (&m, "x", 1);
  for (int i = 0; i < 2; i++)
    {
      pool = add_node (&m, "MaxPool", "x", i == 0 ? "a" : "b");
      add_attribute (&m, pool, "kernel_shape", 7)->n_ints = 2;
      pool->attribute[0]->ints = (int64_t *) two;
    }
  add_attribute (&m, pool, "ceil_mode", 2)->i = 1;
  graph = convert (&m, NULL, arena, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (find (graph, "a")->op, ==, "MaxPool");
  g_assert_cmpstr (find (graph, "b")->op, ==, "ONNX>MaxPool");
  g_assert_cmpint (attr (find (graph, "b"), "ceil_mode")->i, ==, 1);
}

/* Inputs of types that there are not here, too. */
static void
test_foreign_types (void)
{
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  static const int64_t four[] = { 4 };
  const Gw__GraphDef *graph;
  GError *error = NULL;
  Model m = { 0 };

  model_init (&m);
  add_input (&m, "x", 17);
  m.weights[m.graph.n_initializer++] = new_tensor (&m, "w", 22, 1, four);
  add_node (&m, "Add", "x w", "y");
  graph = convert (&m, NULL, arena, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (find (graph, "x")->op, ==, "ONNX>Input");
  g_assert_cmpstr (find (graph, "w")->op, ==, "ONNX>Initializer");
}

/* Up to version 3 of the format weights are among the inputs. */
static void
test_early (void)
{
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  const Gw__GraphDef *graph;
  GError *error = NULL;
  Model m = { 0 };

  model_init (&m);
  add_input (&m, "x", 1);
  add_input (&m, "w", 1);
  add_floats (&m, "w", 4);
  add_node (&m, "Mul", "x w", "y");
  graph = convert (&m, NULL, arena, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (graph->n_node, ==, 3);
  g_assert_cmpstr (find (graph, "w")->op, ==, "Const");
  g_assert_cmpstr (find (graph, "x")->op, ==, "Placeholder");
}

/* ---- weights in files ---- */

static void
set_entry (Model          *m,
           Gw__OnnxTensor *tensor,
           const char     *key,
           const char     *value)
{
  Gw__OnnxEntry *entry = NEW (m, Gw__OnnxEntry, gw__onnx_entry__init);

  if (tensor->external_data == NULL)
    tensor->external_data = gw_proto_arena_alloc (m->arena, sizeof (Gw__OnnxEntry *) * 4);
  entry->key = (char *) key;
  entry->value = (char *) value;
  tensor->external_data[tensor->n_external_data++] = entry;
}

static const Gw__GraphDef *
convert_external (const char   *folder,
                  const char   *location,
                  const char   *offset,
                  GwProtoArena *arena,
                  GError      **error)
{
  Model m = { 0 };
  Gw__OnnxTensor *tensor;

  model_init (&m);
  tensor = add_floats (&m, "w", 2);
  tensor->n_float_data = 0;
  tensor->data_location = 1;
  set_entry (&m, tensor, "location", location);
  set_entry (&m, tensor, "offset", offset);
  add_node (&m, "Neg", "w", "y");
  return convert (&m, folder, arena, error);
}

static void
test_external (void)
{
  static const float values[] = { 0, 8, -9 };
  static const char *const outside[] = { "/etc/passwd", "../w", "a/../../w", "" };
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  char *folder = gw_test_dir_new ();
  g_autofree char *path = gw_test_write_file (folder, "w.data", values, sizeof values);
  const Gw__GraphDef *graph;
  GError *error = NULL;

  graph = convert_external (folder, "w.data", "4", arena, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (find (graph, "w")->op, ==, "Const");
  g_assert_nonnull (memmem (attr (find (graph, "w"), "value")->tensor.data, attr (find (graph, "w"), "value")->tensor.len, values + 1,
                            2 * sizeof (float)));
  /* A model without its weights can be looked at. */
  graph = convert_external (folder, "gone.data", "0", arena, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (find (graph, "w")->op, ==, "ONNX>Initializer");
  g_assert_nonnull (strstr ((const char *) attr (find (graph, "w"), "note")->s.data, "gone.data"));
  g_assert_null (convert_external (folder, "w.data", "8", arena, &error));
  gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, "“w”");
  g_assert_null (convert_external (folder, "w.data", "-4", arena, &error));
  gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, "w.data");
  for (gsize i = 0; i < G_N_ELEMENTS (outside); i++)
    {
      g_assert_null (convert_external (folder, outside[i], "0", arena, &error));
      gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "not beside the model");
    }
  gw_test_dir_remove (folder);
}

/* ---- damage ---- */

static void
test_damage (void)
{
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  g_autoptr (GBytes) noise = g_bytes_new_static ("\x08\x07\x3a\xff", 4), nothing = g_bytes_new_static ("", 0);
  GError *error = NULL;
  Model m = { 0 };

  g_assert_null (gw_onnx_to_graph_def (noise, NULL, "m.onnx", &error));
  gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, "m.onnx");
  g_assert_null (gw_onnx_to_graph_def (nothing, NULL, "m.onnx", &error));
  gw_test_assert_error (&error, GW_ERROR_NOT_FOUND, "m.onnx");
  model_init (&m);
  add_node (&m, "Add", "a b", "c")->name = (char *) "sum";
  g_assert_null (convert (&m, NULL, arena, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "Add “sum” reads “a”");
  m = (Model) { 0 };
  model_init (&m);
  add_floats (&m, "w", 5);
  add_node (&m, "Neg", "w", "c");
  g_assert_null (convert (&m, NULL, arena, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "“w”: it has the shape [5] and 4 values");
  m = (Model) { 0 };
  model_init (&m);
  add_floats (&m, "w", -1);
  add_node (&m, "Neg", "w", "c");
  g_assert_null (convert (&m, NULL, arena, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "size -1");
}

/* ---- tensors ---- */

typedef struct {
  int         type; /* ONNX's number */
  const char *list; /* which field holds the values */
  const char *want;
} TensorCase;

static void
test_tensors (void)
{
  static const TensorCase cases[] = {
    { 1, "float", "float32 [1.5, 2]" }, { 2, "int32", "uint8 [1, 200]" },  { 3, "int32", "int8 [1, -56]" },
    { 4, "int32", "uint16 [1, 200]" },  { 5, "int32", "int16 [1, 200]" },  { 6, "int32", "int32 [1, 200]" },
    { 7, "int64", "int64 [-3, 4]" },    { 9, "int32", "bool [true, true]" }, { 11, "double", "float64 [0.25, -1]" },
    { 12, "uint64", "uint32 [5, 6]" },  { 13, "uint64", "uint64 [5, 6]" }, { 8, "string", "string [\"a\", \"bc\"]" },
  };
  static const int64_t two[] = { 2 };
  static float floats[] = { 1.5f, 2 };
  static int32_t ints[] = { 1, 200 };
  static int64_t longs[] = { -3, 4 };
  static uint64_t unsigned_longs[] = { 5, 6 };
  static double doubles[] = { 0.25, -1 };
  ProtobufCBinaryData texts[] = { gw_proto_bytes_from_text ("a"), gw_proto_bytes_from_text ("bc") };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Gw__OnnxTensor message = GW__ONNX_TENSOR__INIT;
      g_autoptr (GwTensor) tensor = NULL, raw = NULL;
      GError *error = NULL;
      const char *list = cases[i].list;

      message.data_type = cases[i].type;
      message.n_dims = 1;
      message.dims = (int64_t *) two;
      message.float_data = floats;
      message.int32_data = ints;
      message.int64_data = longs;
      message.uint64_data = unsigned_longs;
      message.double_data = doubles;
      message.string_data = texts;
      message.n_float_data = g_str_equal (list, "float") ? 2 : 0;
      message.n_int32_data = g_str_equal (list, "int32") ? 2 : 0;
      message.n_int64_data = g_str_equal (list, "int64") ? 2 : 0;
      message.n_uint64_data = g_str_equal (list, "uint64") ? 2 : 0;
      message.n_double_data = g_str_equal (list, "double") ? 2 : 0;
      message.n_string_data = g_str_equal (list, "string") ? 2 : 0;
      tensor = gw_onnx_tensor (&message, NULL, &error);
      g_assert_no_error (error);
      gw_test_assert_tensor (tensor, cases[i].want);
      if (tensor->dtype == GW_STRING)
        continue;
      message.raw_data = (ProtobufCBinaryData) { tensor->bytes, tensor->data };
      raw = gw_onnx_tensor (&message, NULL, &error);
      g_assert_no_error (error);
      gw_test_assert_tensor (raw, cases[i].want);
    }
}

static void
test_transpose (void)
{
  static const int order[] = { 2, 0, 1 };
  g_autoptr (GwTensor) tensor = gw_test_tensor ("int32 [[[1, 2, 3], [4, 5, 6]]]");
  g_autoptr (GwTensor) result = gw_onnx_transpose (tensor, order, NULL);

  gw_test_assert_tensor (result, "int32 [[[1, 4]], [[2, 5]], [[3, 6]]]");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/onnx/unknown", test_unknown);
  g_test_add_func ("/onnx/declined", test_declined);
  g_test_add_func ("/onnx/foreign-types", test_foreign_types);
  g_test_add_func ("/onnx/early", test_early);
  g_test_add_func ("/onnx/external", test_external);
  g_test_add_func ("/onnx/damage", test_damage);
  g_test_add_func ("/onnx/tensors", test_tensors);
  g_test_add_func ("/onnx/transpose", test_transpose);
  return g_test_run ();
}
