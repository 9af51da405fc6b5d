/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/proto-arena.h"

#include "engine/files/proto/event.pb-c.h"
#include "engine/files/proto/graph.pb-c.h"
#include "engine/files/tensor-proto.h"
#include "tests/engine/files/hex.h"
#include "tests/support/support.h"

#include <string.h>

static void
test_varints (void)
{
  static const struct {
    uint64_t    value;
    const char *hex;
  } cases[] = {
    { 0, "00" }, { 127, "7f" }, { 128, "8001" }, { 300, "ac02" }, { UINT32_MAX, "ffffffff0f" },
    { UINT64_MAX, "ffffffffffffffffff01" },
  };
  static const char *const bad[] = { "", "80", "ffffffffffffffffff02", "ffffffffffffffffffff01" };
  uint64_t value;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      g_autofree char *hex = NULL;
      const guint8 *cursor;

      gw_varint_append (bytes, cases[i].value);
      hex = bytes_hex (bytes->data, bytes->len);
      g_assert_cmpstr (hex, ==, cases[i].hex);
      cursor = bytes->data;
      g_assert_true (gw_varint_read (&cursor, bytes->data + bytes->len, &value));
      g_assert_cmpuint (value, ==, cases[i].value);
      g_assert_true (cursor == bytes->data + bytes->len);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) bytes = hex_bytes (bad[i]);
      gsize size;
      const guint8 *cursor = g_bytes_get_data (bytes, &size);

      g_assert_false (gw_varint_read (&cursor, cursor + size, &value));
    }
}

/* Two bytes a message, some sixty in memory: the budget ends it. */
static void
test_budget (void)
{
  const gsize size = 4 << 20;
  g_autofree guint8 *bytes = g_malloc (size);
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < size; i += 2)
    {
      bytes[i] = 0x0a; /* field 1 of Summary, of GraphDef: a message */
      bytes[i + 1] = 0;
    }
  g_assert_null (gw_proto_unpack (arena, &gw__summary__descriptor, bytes, size, "a summary", &error));
  gw_test_assert_error (&error, GW_ERROR_RESOURCE_EXHAUSTED, "a summary needs far more memory");
  g_assert_null (gw_proto_unpack (arena, &gw__graph_def__descriptor, bytes, size, "a graph", &error));
  gw_test_assert_error (&error, GW_ERROR_RESOURCE_EXHAUSTED, "a graph");
  gw_proto_arena_reset (arena);
  g_assert_nonnull (gw_proto_unpack (arena, &gw__summary__descriptor, bytes, 1000, "a summary", &error));
}

/* Ten thousand attributes, each the function-valued attribute of the one around it. What
 * could nest without end stays bytes, so each level is decoded by its reader's choice. */
static void
test_depth (void)
{
  static const unsigned fields[] = { 2, 2, 10 }; /* AttrEntry.value, NameAttrList.attr, AttrValue.func */
  g_autoptr (GByteArray) nested = g_byte_array_new ();
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  g_autoptr (GError) error = NULL;
  Gw__AttrValue *value;
  Gw__NameAttrList *list;

  for (int i = 0; i < 30000; i++)
    {
      g_autoptr (GByteArray) outer = g_byte_array_new ();

      gw_varint_append (outer, fields[i % 3] << 3 | 2);
      gw_varint_append (outer, nested->len);
      g_byte_array_prepend (nested, outer->data, outer->len);
    }
  value = gw_proto_unpack (arena, &gw__attr_value__descriptor, nested->data, nested->len, "a value", &error);
  g_assert_no_error (error);
  g_assert_cmpint (value->value_case, ==, GW__ATTR_VALUE__VALUE_FUNC);
  list = gw_proto_unpack (arena, &gw__name_attr_list__descriptor, value->func.data, value->func.len, "a list", &error);
  g_assert_cmpuint (list->n_attr, ==, 1);
  g_assert_cmpint (list->attr[0]->value->value_case, ==, GW__ATTR_VALUE__VALUE_FUNC);
  g_assert_cmpuint (list->attr[0]->value->func.len, <, value->func.len);
}

static void
test_damaged (void)
{
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  g_autoptr (GError) error = NULL;

  g_assert_null (gw_proto_unpack (arena, &gw__event__descriptor, "\x2a\x05xx", 4, "an event", &error));
  gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, "an event is damaged");
  g_assert_nonnull (gw_proto_unpack (arena, &gw__event__descriptor, NULL, 0, "an event", &error));
  g_assert_no_error (error);
}

/* A graph of two nodes as TensorFlow 2.15 serialises it: read, and written the same. */
static void
test_graph (void)
{
  g_autoptr (GBytes) bytes = hex_bytes (
    "0a360a01631205436f6e73742a0b0a056474797065120230012a1d0a0576616c756512144212080112041202080222080000803f00000040"
    "0a1b0a0373756d120541646456321a01631a01632a070a015412023001220308ed0c");
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  g_autoptr (GError) error = NULL;
  Gw__GraphDef *graph = gw_proto_unpack (arena, &gw__graph_def__descriptor, g_bytes_get_data (bytes, NULL),
                                         g_bytes_get_size (bytes), "a graph", &error);
  g_autoptr (GBytes) written = NULL;
  g_autoptr (GwTensor) tensor = NULL;
  Gw__AttrValue *value;

  g_assert_no_error (error);
  g_assert_cmpuint (graph->n_node, ==, 2);
  g_assert_cmpstr (graph->node[0]->op, ==, "Const");
  g_assert_cmpstr (graph->node[0]->attr[0]->key, ==, "dtype");
  g_assert_cmpint (graph->node[0]->attr[0]->value->value_case, ==, GW__ATTR_VALUE__VALUE_TYPE);
  g_assert_cmpint (graph->node[0]->attr[0]->value->type, ==, GW_FLOAT32);
  value = graph->node[0]->attr[1]->value;
  g_assert_cmpint (value->value_case, ==, GW__ATTR_VALUE__VALUE_TENSOR);
  tensor = gw_tensor_from_proto (value->tensor.data, value->tensor.len, &error);
  gw_test_assert_tensor (tensor, "float32 [1, 2]");
  g_assert_cmpstr (graph->node[1]->input[1], ==, "c");
  g_assert_cmpint (graph->versions->producer, ==, 1645);
  written = gw_proto_pack (&graph->base, "a graph", &error);
  g_assert_true (g_bytes_equal (written, bytes));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/files/proto-arena/varints", test_varints);
  g_test_add_func ("/files/proto-arena/budget", test_budget);
  g_test_add_func ("/files/proto-arena/depth", test_depth);
  g_test_add_func ("/files/proto-arena/damaged", test_damaged);
  g_test_add_func ("/files/proto-arena/graph", test_graph);
  return g_test_run ();
}
