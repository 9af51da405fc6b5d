/* SPDX-License-Identifier: Apache-2.0 */

/* Names, shapes, colours and glyphs of element types and categories. */

#include "widgets/paint/canvas/element.h"

#include <string.h>

typedef struct
{
  const char *name;
  GwCanvasElement element;
} ElementName;

static const ElementName element_names[] = {
  { "float32", GW_CANVAS_ELEMENT_FLOAT32 },
  { "float64", GW_CANVAS_ELEMENT_FLOAT64 },
  { "float16", GW_CANVAS_ELEMENT_FLOAT16 },
  { "bfloat16", GW_CANVAS_ELEMENT_FLOAT16 },
  { "int32", GW_CANVAS_ELEMENT_INT32 },
  { "int64", GW_CANVAS_ELEMENT_INT64 },
  { "int8", GW_CANVAS_ELEMENT_INT8 },
  { "uint8", GW_CANVAS_ELEMENT_INT8 },
  { "int16", GW_CANVAS_ELEMENT_INT8 },
  { "uint16", GW_CANVAS_ELEMENT_INT8 },
  { "uint32", GW_CANVAS_ELEMENT_INT8 },
  { "uint64", GW_CANVAS_ELEMENT_INT8 },
  { "bool", GW_CANVAS_ELEMENT_BOOL },
  { "string", GW_CANVAS_ELEMENT_STRING },
  { "complex64", GW_CANVAS_ELEMENT_COMPLEX64 },
  { "complex128", GW_CANVAS_ELEMENT_COMPLEX128 },
  { "resource", GW_CANVAS_ELEMENT_RESOURCE },
  { "variant", GW_CANVAS_ELEMENT_RESOURCE },
};

typedef struct
{
  GwCanvasPortShape shape;
  GwCanvasPortMark mark;
} ElementLook;

static const ElementLook element_looks[GW_CANVAS_N_ELEMENTS] = {
  [GW_CANVAS_ELEMENT_UNKNOWN] = { GW_CANVAS_PORT_RING, GW_CANVAS_MARK_NONE },
  [GW_CANVAS_ELEMENT_FLOAT32] = { GW_CANVAS_PORT_CIRCLE, GW_CANVAS_MARK_NONE },
  [GW_CANVAS_ELEMENT_FLOAT64] = { GW_CANVAS_PORT_CIRCLE, GW_CANVAS_MARK_PIP },
  [GW_CANVAS_ELEMENT_FLOAT16] = { GW_CANVAS_PORT_CIRCLE, GW_CANVAS_MARK_HALF },
  [GW_CANVAS_ELEMENT_INT32] = { GW_CANVAS_PORT_SQUARE, GW_CANVAS_MARK_NONE },
  [GW_CANVAS_ELEMENT_INT64] = { GW_CANVAS_PORT_SQUARE, GW_CANVAS_MARK_PIP },
  [GW_CANVAS_ELEMENT_INT8] = { GW_CANVAS_PORT_SQUARE, GW_CANVAS_MARK_HALF },
  [GW_CANVAS_ELEMENT_BOOL] = { GW_CANVAS_PORT_DIAMOND, GW_CANVAS_MARK_NONE },
  [GW_CANVAS_ELEMENT_STRING] = { GW_CANVAS_PORT_TRIANGLE, GW_CANVAS_MARK_NONE },
  [GW_CANVAS_ELEMENT_COMPLEX64] = { GW_CANVAS_PORT_HEXAGON, GW_CANVAS_MARK_NONE },
  [GW_CANVAS_ELEMENT_COMPLEX128] = { GW_CANVAS_PORT_HEXAGON, GW_CANVAS_MARK_PIP },
  [GW_CANVAS_ELEMENT_RESOURCE] = { GW_CANVAS_PORT_RING, GW_CANVAS_MARK_NONE },
};

typedef struct
{
  const char *key;
  guint32 color;
  const char *glyph;
} CategoryLook;

static const CategoryLook category_looks[GW_CANVAS_N_CATEGORIES] = {
  [GW_CANVAS_CATEGORY_INPUTS] = { "inputs", 0x2190a4, "M2.5 8h7M7 5l3 3l-3 3M10 3h3v10h-3" },
  [GW_CANVAS_CATEGORY_VARIABLES] = { "variables", 0xb57900,
    "M3.5 4.5c0-2 9-2 9 0v7c0 2-9 2-9 0zM3.5 4.5c0 2 9 2 9 0" },
  [GW_CANVAS_CATEGORY_LAYERS] = { "layers", 0x9141ac,
    "M3.5 3v10M8 3v10M12.5 3v10M3.5 5.5l4.5 4M8 5.5l4.5 4" },
  [GW_CANVAS_CATEGORY_MATHS] = { "maths", 0x3574d4, "M11.5 4V3h-7l4 5l-4 5h7v-1" },
  [GW_CANVAS_CATEGORY_ARRAYS] = { "arrays", 0x6f8396,
    "M5.5 3H3.5v10h2M10.5 3h2v10h-2M6.5 8h3" },
  [GW_CANVAS_CATEGORY_NEURAL] = { "neural", 0xc8458c, "M2.5 11.5h5l6-7" },
  [GW_CANVAS_CATEGORY_LOSSES] = { "losses", 0xd9500b,
    "M8 3a5 5 0 1 0 0 10a5 5 0 1 0 0-10M8 6.8a1.2 1.2 0 1 0 0 2.4a1.2 1.2 0 1 0 0-2.4" },
  [GW_CANVAS_CATEGORY_TRAINING] = { "training", 0x3a944a,
    "M2.5 3.5c2 7 5 9 11 9M10.5 9.5l3 3l-3 2.5" },
  [GW_CANVAS_CATEGORY_RANDOM] = { "random", 0x986a44,
    "M3 3h10v10H3zM5.8 5.8v.1M10.2 10.2v.1M8 8v.1" },
  [GW_CANVAS_CATEGORY_CONTROL] = { "control", 0x5e5c64, "M3 4h3l4 8h3M3 12h3l4-8h3" },
  [GW_CANVAS_CATEGORY_STRINGS] = { "strings", 0x64751c, "M4 12l4-9l4 9M5.5 9h5" },
  [GW_CANVAS_CATEGORY_SUMMARIES] = { "summaries", 0x4a6fa5, "M3 13V9M8 13V3M13 13V6" },
};

typedef struct
{
  const char *op;
  const char *glyph;
} OpGlyph;

#define GLYPH_GRID "M3 3h4v4H3zM9 3h4v4H9zM3 9h4v4H3zM9 9h4v4H9z"
#define GLYPH_PLUS "M8 3v10M3 8h10"
#define GLYPH_MINUS "M3 8h10"
#define GLYPH_TIMES "M4 4l8 8M12 4l-8 8"
#define GLYPH_DIVIDE "M3 8h10M8 3.8v.1M8 12.1v.1"
#define GLYPH_DROP "M4 4v.1M8 4v.1M12 4v.1M4 8v.1M12 8v.1M4 12v.1M8 12v.1M7 7l2 2M9 7l-2 2"
#define GLYPH_CONV "M2.5 2.5h11v11h-11zM2.5 8h5.5v-5.5M5 11h.1M11 5h.1M11 11h.1"
#define GLYPH_LOOP "M12.5 6A5 5 0 1 0 13 9.5M12.8 2.8v3.4h-3.4"
#define GLYPH_TABLE "M2.5 3h11v10h-11zM2.5 6.3h11M2.5 9.6h11M6 3v10"
#define GLYPH_BELL "M2 12.5c3.5 0 3.5-9 6-9s2.5 9 6 9"
#define GLYPH_MEAN "M8 3v10M3 3h10M3 13h10"
#define GLYPH_CHECK "M3 8.5l3.5 3.5l6.5-8"
#define GLYPH_EQUAL "M3 6h10M3 10h10"
#define GLYPH_CURVE "M2.5 12.5c5 0 5.5-1 5.5-4.500s.5-4.500 5.500-4.500"

static const OpGlyph op_glyphs[] = {
  { "Accuracy", GLYPH_CHECK }, { "Add", GLYPH_PLUS }, { "AddN", GLYPH_PLUS },
  { "AddV2", GLYPH_PLUS }, { "AvgPool", GLYPH_GRID }, { "BatchMatMul", GLYPH_GRID },
  { "BiasAdd", GLYPH_PLUS }, { "Conv2D", GLYPH_CONV }, { "Div", GLYPH_DIVIDE },
  { "Dropout", GLYPH_DROP }, { "Embedding", GLYPH_TABLE }, { "Equal", GLYPH_EQUAL },
  { "MatMul", GLYPH_GRID }, { "MaxPool", GLYPH_GRID }, { "Mean", GLYPH_MEAN },
  { "Mul", GLYPH_TIMES }, { "RealDiv", GLYPH_DIVIDE }, { "Sigmoid", GLYPH_CURVE },
  { "Sub", GLYPH_MINUS }, { "Tanh", GLYPH_CURVE }, { "BatchNormalization", GLYPH_BELL },
  { "GRU", GLYPH_LOOP }, { "LSTM", GLYPH_LOOP }, { "While", GLYPH_LOOP },
};

GwCanvasElement
gw_canvas_element_from_name (const char *dtype)
{
  gsize length;

  if (dtype == NULL)
    return GW_CANVAS_ELEMENT_UNKNOWN;
  length = strlen (dtype);
  if (g_str_has_suffix (dtype, "_ref"))
    length -= 4;
  for (gsize i = 0; i < G_N_ELEMENTS (element_names); i++)
    if (strlen (element_names[i].name) == length
        && strncmp (element_names[i].name, dtype, length) == 0)
      return element_names[i].element;
  return GW_CANVAS_ELEMENT_UNKNOWN;
}

const char *
gw_canvas_element_name (GwCanvasElement element)
{
  for (gsize i = 0; i < G_N_ELEMENTS (element_names); i++)
    if (element_names[i].element == element)
      return element_names[i].name;
  return "";
}

GwCanvasPortShape
gw_canvas_element_shape (GwCanvasElement element)
{
  g_return_val_if_fail (element < GW_CANVAS_N_ELEMENTS, GW_CANVAS_PORT_RING);
  return element_looks[element].shape;
}

GwCanvasPortMark
gw_canvas_element_mark (GwCanvasElement element)
{
  g_return_val_if_fail (element < GW_CANVAS_N_ELEMENTS, GW_CANVAS_MARK_NONE);
  return element_looks[element].mark;
}

GwCanvasCategory
gw_canvas_category_from_key (const char *key)
{
  for (int i = 0; i < GW_CANVAS_N_CATEGORIES; i++)
    if (g_strcmp0 (category_looks[i].key, key) == 0)
      return i;
  return GW_CANVAS_CATEGORY_MATHS;
}

guint32
gw_canvas_category_color (GwCanvasCategory category)
{
  g_return_val_if_fail (category < GW_CANVAS_N_CATEGORIES, 0);
  return category_looks[category].color;
}

const char *
gw_canvas_category_glyph (GwCanvasCategory category)
{
  g_return_val_if_fail (category < GW_CANVAS_N_CATEGORIES, NULL);
  return category_looks[category].glyph;
}

const char *
gw_canvas_op_glyph (const char *op)
{
  if (op == NULL)
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (op_glyphs); i++)
    if (strcmp (op_glyphs[i].op, op) == 0)
      return op_glyphs[i].glyph;
  return NULL;
}

double
gw_canvas_glyph_line (const char *glyph)
{
  return g_strcmp0 (glyph, GLYPH_DROP) == 0 ? 2.1 : 1.5;
}
