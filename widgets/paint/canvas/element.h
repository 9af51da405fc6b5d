/* SPDX-License-Identifier: Apache-2.0 */

/* The kinds a picture of a graph distinguishes: element types of tensors
 * (colour and shape of ports and wires) and categories of ops (colour and
 * glyph of the tile).  Plain enumerations; the painters and the theme give
 * them looks.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  GW_CANVAS_ELEMENT_UNKNOWN,
  GW_CANVAS_ELEMENT_FLOAT32,
  GW_CANVAS_ELEMENT_FLOAT64,
  GW_CANVAS_ELEMENT_FLOAT16,    /* bfloat16 too */
  GW_CANVAS_ELEMENT_INT32,
  GW_CANVAS_ELEMENT_INT64,
  GW_CANVAS_ELEMENT_INT8,       /* every other integer */
  GW_CANVAS_ELEMENT_BOOL,
  GW_CANVAS_ELEMENT_STRING,
  GW_CANVAS_ELEMENT_COMPLEX64,
  GW_CANVAS_ELEMENT_COMPLEX128,
  GW_CANVAS_ELEMENT_RESOURCE,   /* variant too */
  GW_CANVAS_N_ELEMENTS
} GwCanvasElement;

typedef enum
{
  GW_CANVAS_PORT_CIRCLE,
  GW_CANVAS_PORT_SQUARE,
  GW_CANVAS_PORT_DIAMOND,
  GW_CANVAS_PORT_TRIANGLE,
  GW_CANVAS_PORT_HEXAGON,
  GW_CANVAS_PORT_RING
} GwCanvasPortShape;

typedef enum
{
  GW_CANVAS_MARK_NONE,
  GW_CANVAS_MARK_PIP,
  GW_CANVAS_MARK_HALF
} GwCanvasPortMark;

typedef enum
{
  GW_CANVAS_CATEGORY_INPUTS,
  GW_CANVAS_CATEGORY_VARIABLES,
  GW_CANVAS_CATEGORY_LAYERS,
  GW_CANVAS_CATEGORY_MATHS,
  GW_CANVAS_CATEGORY_ARRAYS,
  GW_CANVAS_CATEGORY_NEURAL,
  GW_CANVAS_CATEGORY_LOSSES,
  GW_CANVAS_CATEGORY_TRAINING,
  GW_CANVAS_CATEGORY_RANDOM,
  GW_CANVAS_CATEGORY_CONTROL,
  GW_CANVAS_CATEGORY_STRINGS,
  GW_CANVAS_CATEGORY_SUMMARIES,
  GW_CANVAS_N_CATEGORIES
} GwCanvasCategory;

/* The element of a TensorFlow type name ("float32", "bfloat16"; a trailing
 * "_ref" is ignored); UNKNOWN for NULL and any other word. */
GwCanvasElement   gw_canvas_element_from_name   (const char       *dtype);

/* "float32"; "" for UNKNOWN. */
const char       *gw_canvas_element_name        (GwCanvasElement   element);

GwCanvasPortShape gw_canvas_element_shape       (GwCanvasElement   element);
GwCanvasPortMark  gw_canvas_element_mark        (GwCanvasElement   element);

/* The category of a key: "inputs", "variables", "layers", "maths", "arrays",
 * "neural", "losses", "training", "random", "control", "strings",
 * "summaries"; MATHS for any other word. */
GwCanvasCategory  gw_canvas_category_from_key   (const char       *key);

/* The tile's colour, 0xrrggbb, the same in both styles. */
guint32           gw_canvas_category_color      (GwCanvasCategory  category);

/* The glyph of a category as path text on a grid of 16 (see stroke.h). */
const char       *gw_canvas_category_glyph      (GwCanvasCategory  category);

/* The glyph of an op by its type ("Dense", "MatMul"); NULL when the op has
 * none of its own and shows its category's. */
const char       *gw_canvas_op_glyph            (const char       *op);
/* Its line in px at the tile's size: glyphs of dots have a heavier one. */
double            gw_canvas_glyph_line          (const char       *glyph);

G_END_DECLS
