/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of tensors: what loops keep of their turns. */
#include "engine/tensor/tensor-list.h"

#include "engine/base/error.h"
#include "engine/graph/shape-rules.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

#include <string.h>

/* More elements than that are a mistake. */
#define MAX_LENGTH ((int64_t) 1 << 32)

#define ATTR_ELEMENT_TYPE \
  { "element_dtype", GW_ATTR_DTYPE, .def = "float32", .label = "Element type", .help = "Type of the tensors in the list." }
#define ATTR_SHAPE_TYPE \
  { "shape_type", GW_ATTR_DTYPE, .def = "int32", .choices = GW_INDEX_TYPES, .label = "Type of the shape", \
    .help = "Follows from what is wired.", .flags = GW_ATTR_HIDDEN }

/* `element_shape` as the ops take it: a vector, -1 for what is not known, or the scalar -1. */
#define PORT_SHAPE(type) \
  { "element_shape", type, "The shape of the elements as far as it is known: a vector with -1 for open sizes, or -1 alone.", \
    .literal = "-1" }
#define PORT_LIST { "input_handle", "variant", "The list." }

/* ---- shapes ---- */

static gboolean
list_shape (GwShapeContext *context,
            GError        **error)
{
  for (int i = 0; i < context->n_outputs; i++)
    context->outputs[i] = GW_SHAPE_SCALAR;
  return TRUE;
}

/* What the input that holds an element's shape says. */
static GwShape
element_shape_of (GwShapeContext *context,
                  int             input)
{
  GwShape shape;

  if (context->inputs[input].rank == 0 || !gw_shape_input_as_shape (context, input, &shape, NULL))
    return GW_SHAPE_UNKNOWN;
  return shape;
}

static gboolean
pop_shape (GwShapeContext *context,
           GError        **error)
{
  context->outputs[0] = GW_SHAPE_SCALAR;
  context->outputs[1] = element_shape_of (context, 1);
  return gw_array_want_scalar (context, 0, error);
}

static gboolean
get_shape (GwShapeContext *context,
           GError        **error)
{
  context->outputs[0] = element_shape_of (context, 2);
  return gw_array_want_scalar (context, 0, error) && gw_array_want_scalar (context, 1, error);
}

enum { STACK_TYPE, STACK_N };

static gboolean
stack_shape (GwShapeContext *context,
             GError        **error)
{
  GwShape element = element_shape_of (context, 1);
  int64_t n = context->attrs[STACK_N].i;

  if (!gw_array_want_scalar (context, 0, error) || (element.rank >= 0 && !gw_array_check_rank (element.rank + 1, error)))
    return FALSE;
  if (element.rank < 0)
    return TRUE;
  context->outputs[0] = gw_shape_of_rank (element.rank + 1);
  context->outputs[0].dims[0] = n >= 0 ? n : GW_DIM_UNKNOWN;
  memcpy (context->outputs[0].dims + 1, element.dims, sizeof (int64_t) * (gsize) element.rank);
  return TRUE;
}

static gboolean
from_tensor_shape (GwShapeContext *context,
                   GError        **error)
{
  context->outputs[0] = GW_SHAPE_SCALAR;
  return gw_shape_want_rank_at_least (context, 0, 1, error);
}

/* ---- what kernels share ---- */

static gboolean
read_list (GwKernelContext *context,
           GwDType          dtype,
           GwTensorList   **list,
           GError         **error)
{
  *list = context->inputs[0]->elements == 1 ? gw_tensor_get_list (context->inputs[0], 0) : NULL;
  if (*list == NULL)
    return gw_invalid (error, "input_handle holds no list");
  if (gw_tensor_list_dtype (*list) != dtype)
    return gw_invalid (error, "Invalid data types; op elements %s but list elements %s", gw_dtype_name (dtype),
                       gw_dtype_name (gw_tensor_list_dtype (*list)));
  return TRUE;
}

/* The shape in an input, the scalar -1 and sizes of -1 being open. */
static gboolean
read_shape (const GwTensor *tensor,
            GwShape        *shape,
            GError        **error)
{
  *shape = GW_SHAPE_UNKNOWN;
  if (tensor->shape.rank == 0)
    return gw_tensor_get_int (tensor, 0) == -1 || gw_invalid (error, "element_shape must be a vector, or the scalar -1");
  if (tensor->shape.rank != 1 || tensor->elements > GW_MAX_RANK)
    return gw_invalid (error, "element_shape must be a vector of at most %d sizes", GW_MAX_RANK);
  shape->rank = (int) tensor->elements;
  for (int i = 0; i < shape->rank; i++)
    {
      shape->dims[i] = gw_tensor_get_int (tensor, i);
      if (shape->dims[i] < -1)
        return gw_invalid (error, "element_shape holds the size %" G_GINT64_FORMAT ", which is negative", shape->dims[i]);
    }
  return TRUE;
}

static gboolean
check_element (const GwTensor *element,
               const GwShape  *want,
               GError        **error)
{
  g_autofree char *got = NULL;
  g_autofree char *text = NULL;

  if (gw_shape_matches (&element->shape, want))
    return TRUE;
  got = gw_shape_to_string (&element->shape);
  text = gw_shape_to_string (want);
  return gw_invalid (error, "Tried to use an element of the shape %s in a list whose elements have the shape %s", got, text);
}

/* Element `index` for an output: zeros of the shape asked for when nobody has set it. */
static gboolean
give_element (GwKernelContext *context,
              int              output,
              GwTensorList    *list,
              int64_t          index,
              const GwTensor  *shape_input,
              GError         **error)
{
  GwTensor *element = gw_tensor_list_get (list, index);
  GwShape shape;

  if (!read_shape (shape_input, &shape, error) ||
      !gw_shape_merge (&shape, gw_tensor_list_element_shape (list), &shape))
    return (error != NULL && *error != NULL) ? FALSE : gw_invalid (error, "element_shape does not fit the elements of the list");
  if (element != NULL && !check_element (element, &shape, error))
    return FALSE;
  if (element == NULL && !gw_shape_is_known (&shape))
    return gw_invalid (error, "Trying to read an uninitialized tensor but element_shape is not fully defined");
  if (context->outputs[output] == NULL &&
      !gw_kernel_allocate_output (context, output, gw_tensor_list_dtype (list), element != NULL ? &element->shape : &shape, error))
    return FALSE;
  if (element != NULL)
    gw_tensor_copy_data (context->outputs[output], element);
  else if (gw_tensor_list_dtype (list) == GW_VARIANT)
    return gw_invalid (error, "element %" G_GINT64_FORMAT " of the list is not set", index);
  else
    gw_array_clear (context, context->outputs[output]);
  return TRUE;
}

/* The output of an op that gives a list; FALSE when there is none. */
static gboolean
give_list (GwKernelContext *context,
           GwTensorList    *list)
{
  if (list != NULL)
    gw_tensor_set_list (context->outputs[0], 0, list);
  return list != NULL;
}

/* ---- new lists ---- */

enum { NEW_TYPE, NEW_SHAPE_TYPE };

static gboolean
new_list (GwKernelContext *context,
          int64_t          n,
          GError         **error)
{
  GwShape shape;

  return read_shape (context->inputs[0], &shape, error) &&
         give_list (context, gw_tensor_list_new (context->attrs[NEW_TYPE].dtype, &shape, n, error));
}

static gboolean
empty_cpu (GwKernelContext *context,
           GError         **error)
{
  return new_list (context, 0, error);
}

static gboolean
reserve_cpu (GwKernelContext *context,
             GError         **error)
{
  int64_t n = context->inputs[1]->elements == 1 ? gw_tensor_get_int (context->inputs[1], 0) : -1;

  if (n < 0 || n > MAX_LENGTH)
    return gw_invalid (error, "num_elements must be a scalar of at least 0");
  return new_list (context, n, error);
}

static gboolean
from_tensor_cpu (GwKernelContext *context,
                 GError         **error)
{
  GwTensor *tensor = context->inputs[0];
  GwShape shape, row = tensor->shape;
  g_autoptr (GwTensorList) list = NULL;

  if (tensor->shape.rank < 1)
    return gw_invalid (error, "Tensor must be at least a vector, but saw shape: []");
  row.rank--;
  memmove (row.dims, row.dims + 1, sizeof (int64_t) * (gsize) row.rank);
  if (!read_shape (context->inputs[1], &shape, error))
    return FALSE;
  list = gw_tensor_list_new (tensor->dtype, &shape, 0, error);
  for (int64_t i = 0; list != NULL && i < tensor->shape.dims[0]; i++)
    {
      size_t size = gw_dtype_size (tensor->dtype) * (size_t) gw_shape_elements (&row);
      g_autoptr (GwTensor) element = gw_tensor_new_copy (tensor->dtype, &row, (char *) tensor->data + size * (size_t) i, error);
      GwTensorList *longer = element != NULL && check_element (element, &shape, error) ? gw_tensor_list_push (list, element, error) : NULL;

      gw_tensor_list_unref (list);
      list = longer;
    }
  return give_list (context, g_steal_pointer (&list));
}

/* ---- elements ---- */

static gboolean
push_cpu (GwKernelContext *context,
          GError         **error)
{
  const GwTensor *tensor = context->inputs[1];
  g_autoptr (GwTensor) element = NULL;
  GwTensorList *list;

  if (!read_list (context, tensor->dtype, &list, error) ||
      !check_element (tensor, gw_tensor_list_element_shape (list), error))
    return FALSE;
  element = gw_tensor_duplicate (tensor, error);
  return element != NULL && give_list (context, gw_tensor_list_push (list, element, error));
}

static gboolean
pop_cpu (GwKernelContext *context,
         GError         **error)
{
  g_autoptr (GwTensorList) list = NULL;
  GwTensorList *shorter;

  if (!read_list (context, context->attrs[0].dtype, &list, error))
    {
      list = NULL;
      return FALSE;
    }
  gw_tensor_list_ref (list);
  if (gw_tensor_list_length (list) == 0)
    return gw_invalid (error, "Trying to pop from an empty list.");
  shorter = gw_tensor_list_pop (list);
  if (context->outputs[0] == NULL && !gw_kernel_allocate_output (context, 0, GW_VARIANT, &GW_SHAPE_SCALAR, error))
    {
      gw_tensor_list_unref (shorter);
      return FALSE;
    }
  give_list (context, shorter);
  return give_element (context, 1, list, gw_tensor_list_length (list) - 1, context->inputs[1], error);
}

static gboolean
check_index (const GwTensor     *index,
             const GwTensorList *list,
             int64_t            *value,
             GError            **error)
{
  *value = index->elements == 1 ? gw_tensor_get_int (index, 0) : -1;
  if (*value >= 0 && *value < gw_tensor_list_length (list))
    return TRUE;
  return gw_invalid (error, "Trying to access element %" G_GINT64_FORMAT " in a list with %" G_GINT64_FORMAT " elements.", *value,
                     gw_tensor_list_length (list));
}

static gboolean
get_cpu (GwKernelContext *context,
         GError         **error)
{
  GwTensorList *list;
  int64_t index;

  return read_list (context, context->attrs[0].dtype, &list, error) && check_index (context->inputs[1], list, &index, error) &&
         give_element (context, 0, list, index, context->inputs[2], error);
}

static gboolean
set_cpu (GwKernelContext *context,
         GError         **error)
{
  const GwTensor *tensor = context->inputs[2];
  g_autoptr (GwTensor) element = NULL;
  GwTensorList *list;
  int64_t index;

  if (!read_list (context, tensor->dtype, &list, error) || !check_index (context->inputs[1], list, &index, error) ||
      !check_element (tensor, gw_tensor_list_element_shape (list), error))
    return FALSE;
  element = gw_tensor_duplicate (tensor, error);
  return element != NULL && give_list (context, gw_tensor_list_set (list, index, element, error));
}

static gboolean
length_cpu (GwKernelContext *context,
            GError         **error)
{
  const GwTensorList *list = context->inputs[0]->elements == 1 ? gw_tensor_get_list (context->inputs[0], 0) : NULL;

  if (list == NULL)
    return gw_invalid (error, "input_handle holds no list");
  *GW_TENSOR_DATA (context->outputs[0], int32_t) = (int32_t) MIN (gw_tensor_list_length (list), G_MAXINT32);
  return TRUE;
}

/* The shape that all elements have; what nobody has set counts as zeros of it. */
static gboolean
common_shape (const GwTensorList *list,
              GwShape            *shape,
              GError            **error)
{
  for (int64_t i = 0; i < gw_tensor_list_length (list); i++)
    {
      const GwTensor *element = gw_tensor_list_get (list, i);

      if (element != NULL && !gw_shape_merge (shape, &element->shape, shape))
        return check_element (element, shape, error);
    }
  return gw_shape_is_known (shape) ||
         gw_invalid (error, "Tried to stack elements of a list whose element_shape is not fully defined");
}

static gboolean
stack_cpu (GwKernelContext *context,
           GError         **error)
{
  GwTensorList *list;
  GwShape shape, whole;
  size_t bytes;

  if (!read_list (context, context->attrs[STACK_TYPE].dtype, &list, error) || !read_shape (context->inputs[1], &shape, error))
    return FALSE;
  if (!gw_shape_merge (&shape, gw_tensor_list_element_shape (list), &shape))
    return gw_invalid (error, "element_shape does not fit the elements of the list");
  if (context->attrs[STACK_N].i >= 0 && context->attrs[STACK_N].i != gw_tensor_list_length (list))
    return gw_invalid (error, "Operation expected a list with %" G_GINT64_FORMAT " elements but got a list with %" G_GINT64_FORMAT
                       " elements.", context->attrs[STACK_N].i, gw_tensor_list_length (list));
  if (!common_shape (list, &shape, error) || !gw_array_check_rank (shape.rank + 1, error))
    return FALSE;
  whole = gw_shape_of_rank (shape.rank + 1);
  whole.dims[0] = gw_tensor_list_length (list);
  memcpy (whole.dims + 1, shape.dims, sizeof (int64_t) * (gsize) shape.rank);
  if (context->outputs[0] == NULL && !gw_kernel_allocate_output (context, 0, gw_tensor_list_dtype (list), &whole, error))
    return FALSE;
  gw_array_clear (context, context->outputs[0]);
  bytes = gw_dtype_size (gw_tensor_list_dtype (list)) * (size_t) gw_shape_elements (&shape);
  for (int64_t i = 0; i < whole.dims[0]; i++)
    if (gw_tensor_list_get (list, i) != NULL)
      {
        g_autoptr (GwTensor) row = gw_tensor_new_foreign (gw_tensor_list_dtype (list), &shape,
                                                          (char *) context->outputs[0]->data + bytes * (size_t) i);

        gw_tensor_copy_data (row, gw_tensor_list_get (list, i));
      }
  return TRUE;
}

/* ---- gradients: those of a list are lists ---- */

static GwOutput
open_shape (GwBuilder *b)
{
  return gw_const_scalar (b, GW_INT32, -1);
}

/* The shape of an element for the ops that take one, as far as it is known. */
static GwOutput
shape_input (GwBuilder     *b,
             const GwShape *shape)
{
  return shape->rank < 0 ? open_shape (b) : gw_const_ints (b, shape->rank, shape->dims);
}

static GwAttrSetting
element_type (const GwGradContext *context)
{
  return (GwAttrSetting) { "element_dtype", *gw_node_attr (context->node, "element_dtype") };
}

static void
push_grad (GwGradContext *context)
{
  GwNode *pop = gw_node_new (context->builder, "TensorListPopBack", NULL,
                             GW_IN (context->dy[0], shape_input (context->builder, gw_output_shape (gw_grad_x (context, 1)))),
                             GW_WITH (element_type (context)));

  context->dx[0] = gw_output_of (pop, 0);
  context->dx[1] = gw_output_of (pop, 1);
}

static void
pop_grad (GwGradContext *context)
{
  GwOutput rest = context->dy[0], element = context->dy[1];

  if (rest.node == NULL)
    rest = gw_op1 (context->builder, "ZerosLike", gw_grad_y (context, 0));
  if (element.node == NULL)
    element = gw_op1 (context->builder, "ZerosLike", gw_grad_y (context, 1));
  context->dx[0] = gw_op (context->builder, "TensorListPushBack", GW_IN (rest, element), GW_WITH (element_type (context)));
}

static void
stack_grad (GwGradContext *context)
{
  context->dx[0] = gw_op (context->builder, "TensorListFromTensor", GW_IN (context->dy[0], open_shape (context->builder)),
                          GW_WITH (element_type (context)));
}

static void
from_tensor_grad (GwGradContext *context)
{
  GwShape element = *gw_output_shape (gw_grad_x (context, 0));
  GwAttrSetting n = { "num_elements", gw_attr_int (element.rank > 0 ? element.dims[0] : -1) };

  if (element.rank > 0)
    {
      element.rank--;
      memmove (element.dims, element.dims + 1, sizeof (int64_t) * (gsize) element.rank);
    }
  context->dx[0] = gw_op (context->builder, "TensorListStack", GW_IN (context->dy[0], shape_input (context->builder, &element)),
                          GW_WITH (element_type (context), n));
}

/* A list of zeros but for the element that was read. */
static void
get_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput zeros = gw_op1 (b, "ZerosLike", gw_grad_x (context, 0));

  context->dx[0] = gw_op (b, "TensorListSetItem", GW_IN (zeros, gw_grad_x (context, 1), context->dy[0]),
                          GW_WITH (element_type (context)));
}

static void
set_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput index = gw_grad_x (context, 1), item = gw_grad_x (context, 2);

  context->dx[0] = gw_op (b, "TensorListSetItem", GW_IN (context->dy[0], index, gw_op1 (b, "ZerosLike", item)),
                          GW_WITH (element_type (context)));
  context->dx[2] = gw_op (b, "TensorListGetItem", GW_IN (context->dy[0], index, shape_input (b, gw_output_shape (item))),
                          GW_WITH (element_type (context)));
}

/* ---- descriptions ---- */

#define LIST_DEF(NAME, TITLE, SUMMARY, DOC, EXAMPLE, INPUTS, OUTPUTS, ATTRS, FLAGS, SHAPE, GRAD, CPU) \
  {                                                                                              \
    .name = NAME, .since = 1, .title = TITLE, .category = "control", .summary = SUMMARY,         \
    .doc = DOC " A list never changes: ops that add to it give another one, which shares the elements." \
           "\n\nExample: " EXAMPLE,                                                              \
    .inputs = INPUTS, .outputs = OUTPUTS, .attrs = ATTRS,                                        \
    .flags = GW_OP_HIDDEN | GW_OP_TAKES_LISTS | (FLAGS), .shape = SHAPE, .grad = GRAD, .cpu = CPU, \
    .shape_rule = "lists and their lengths are scalars; an element has the shape that its port or the list's says", \
  }

#define LIST_OUTPUT(NAME) GW_PORTS ({ NAME, "variant", "The list." })
#define NEW_ATTRS GW_ATTRS ([NEW_TYPE] = ATTR_ELEMENT_TYPE, [NEW_SHAPE_TYPE] = ATTR_SHAPE_TYPE)

static const GwOpDef list_defs[] = {
  LIST_DEF ("EmptyTensorList", "Empty list", "A list without elements.", "TensorListPushBack adds to it.",
            "`TensorListPushBack (EmptyTensorList ([2], -1), [1, 2])` is a list of one vector.",
            GW_PORTS (PORT_SHAPE ("shape_type"),
                      { "max_num_elements", "int32", "How many it will hold at most; -1: not known.", .literal = "-1" }),
            LIST_OUTPUT ("handle"), NEW_ATTRS, GW_OP_STOPS_GRADIENT, list_shape, NULL, empty_cpu),
  LIST_DEF ("TensorListReserve", "List of a length", "A list of so many elements that are not set yet.",
            "TensorListSetItem sets them; one that is read unset is zeros.",
            "`TensorListSetItem (TensorListReserve ([2], 3), 0, [1, 2])` is a list of [1, 2], [0, 0] and [0, 0].",
            GW_PORTS (PORT_SHAPE ("shape_type"), { "num_elements", "int32", "How many.", .literal = "1" }),
            LIST_OUTPUT ("handle"), NEW_ATTRS, GW_OP_STOPS_GRADIENT, list_shape, NULL, reserve_cpu),
  LIST_DEF ("TensorListFromTensor", "List of rows", "The list of a tensor's rows.", "TensorListStack goes the other way.",
            "`TensorListFromTensor ([[1, 2], [3, 4]], [2])` is a list of [1, 2] and [3, 4].",
            GW_PORTS ({ "tensor", "element_dtype", "At least a vector: its first dimension becomes the list." },
                      PORT_SHAPE ("shape_type")),
            LIST_OUTPUT ("output_handle"), NEW_ATTRS, 0, from_tensor_shape, from_tensor_grad, from_tensor_cpu),
  LIST_DEF ("TensorListPushBack", "Add to list", "The list with one more element at its end.",
            "The element must fit the shape that the list was made with.",
            "of a list of [1] and [2], `TensorListPushBack (list, [3])` is a list of [1], [2] and [3].",
            GW_PORTS (PORT_LIST, { "tensor", "element_dtype", "The element." }), LIST_OUTPUT ("output_handle"),
            GW_ATTRS (ATTR_ELEMENT_TYPE), 0, list_shape, push_grad, push_cpu),
  LIST_DEF ("TensorListPopBack", "Take from list", "The list without its last element, and that element.",
            "Of an empty list it is an error.",
            "of a list of [1] and [2], `TensorListPopBack (list, [1])` gives a list of [1], and [2].",
            GW_PORTS (PORT_LIST, PORT_SHAPE ("int32")),
            GW_PORTS ({ "output_handle", "variant", "The rest." }, { "tensor", "element_dtype", "The element." }),
            GW_ATTRS (ATTR_ELEMENT_TYPE), 0, pop_shape, pop_grad, pop_cpu),
  LIST_DEF ("TensorListGetItem", "Element of list", "One element of the list.",
            "A place that was never set is zeros of `element_shape`, which must then be whole.",
            "of a list of [1] and [2], `TensorListGetItem (list, 1, [1])` is [2].",
            GW_PORTS (PORT_LIST, { "index", "int32", "Which one, from 0." }, PORT_SHAPE ("int32")),
            GW_PORTS ({ "item", "element_dtype", "The element." }), GW_ATTRS (ATTR_ELEMENT_TYPE), 0,
            get_shape, get_grad, get_cpu),
  LIST_DEF ("TensorListSetItem", "Set element of list", "The list with another tensor in one place.",
            "There must be such a place.",
            "of a list of [1] and [2], `TensorListSetItem (list, 0, [7])` is a list of [7] and [2].",
            GW_PORTS (PORT_LIST, { "index", "int32", "Which one, from 0." }, { "item", "element_dtype", "The element." }),
            LIST_OUTPUT ("output_handle"), GW_ATTRS (ATTR_ELEMENT_TYPE), 0, list_shape, set_grad, set_cpu),
  LIST_DEF ("TensorListLength", "Length of list", "How many elements the list has.",
            "Places that were never set count as well.", "of a list of [1] and [2], `TensorListLength (list)` is 2.",
            GW_PORTS (PORT_LIST),
            GW_PORTS ({ "length", "int32", "Their number." }), NULL, GW_OP_STOPS_GRADIENT, list_shape, NULL, length_cpu),
  LIST_DEF ("TensorListStack", "Stack list", "All elements of the list as one tensor.",
            "They must be of one shape; a new first dimension counts them.",
            "of a list of [1] and [2], `TensorListStack (list, [1])` is [[1], [2]].", GW_PORTS (PORT_LIST, PORT_SHAPE ("int32")),
            GW_PORTS ({ "tensor", "element_dtype", "The elements, one a row." }),
            GW_ATTRS ([STACK_TYPE] = ATTR_ELEMENT_TYPE,
                      [STACK_N] = { "num_elements", GW_ATTR_INT, .def = "-1", .min = -1, .max = G_MAXINT32, .label = "Elements",
                                    .help = "How many there must be; -1: any number." }),
            0, stack_shape, stack_grad, stack_cpu),
};

const GwOpDef *const gw_ops_tensor_list[] = {
  &list_defs[0], &list_defs[1], &list_defs[2], &list_defs[3], &list_defs[4], &list_defs[5], &list_defs[6], &list_defs[7],
  &list_defs[8], NULL,
};
