/* SPDX-License-Identifier: Apache-2.0 */
/* Changing some rows of a variable: for references and for handles, at plain and at
 * nested positions, from one description. */
#include "engine/base/error.h"
#include "engine/device/cpu/rows.h"
#include "engine/graph/shape-rules.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"
#include "engine/ops/variables-common.h"

enum { INPUT_VARIABLE, INPUT_INDICES, INPUT_UPDATES };

/* ---- shapes ---- */

/* The shape of `a` with dimensions [from, …) of `b` behind it; unknown rank when it is
 * not known how many those are. FALSE when there are more than a tensor can have. */
static gboolean
join_shapes (const GwShape *a,
             const GwShape *b,
             int            from,
             GwShape       *joined,
             GError       **error)
{
  *joined = GW_SHAPE_UNKNOWN;
  if (a->rank < 0 || b->rank < 0)
    return TRUE;
  if (a->rank + b->rank - from > GW_MAX_RANK)
    return gw_invalid (error, "updates would have %d dimensions; %d are the most", a->rank + b->rank - from, GW_MAX_RANK);
  *joined = *a;
  for (int i = from; i < b->rank; i++)
    joined->dims[joined->rank++] = b->dims[i];
  return TRUE;
}

static gboolean
check_updates (const GwShape *want,
               const GwShape *updates,
               const char    *rule,
               const GwShape *indices,
               const GwShape *params,
               GError       **error)
{
  g_autofree char *got = NULL;
  g_autofree char *index_text = NULL;
  g_autofree char *param_text = NULL;

  if (gw_shape_compatible (want, updates))
    return TRUE;
  got = gw_shape_to_string (updates);
  index_text = gw_shape_to_string (indices);
  param_text = gw_shape_to_string (params);
  return gw_invalid (error, "Must have %s, got updates.shape %s, indices.shape %s, params.shape %s", rule, got, index_text,
                     param_text);
}

static gboolean
plain_updates (const GwShape *params,
               const GwShape *indices,
               const GwShape *updates,
               GError       **error)
{
  GwShape want;

  if (params->rank == 0)
    return gw_invalid (error, "params must be at least 1-D, got shape []");
  return join_shapes (indices, params, 1, &want, error) &&
         (updates->rank == 0 ||
          check_updates (&want, updates, "updates.shape = indices.shape + params.shape[1:] or updates.shape = []", indices,
                         params, error));
}

static gboolean
nested_updates (const GwShape *params,
                const GwShape *indices,
                const GwShape *updates,
                GError       **error)
{
  GwShape positions = *indices;
  GwShape want;
  int64_t depth;

  if (params->rank == 0)
    return gw_invalid (error, "params must be at least 1-D, got shape []");
  if (indices->rank == 0)
    return gw_invalid (error, "Indices shape must have rank at least one. Found:[]");
  if (updates->rank == 0)
    return gw_invalid (error, "Updates shape must have rank at least one. Found:[]");
  depth = indices->rank > 0 ? indices->dims[indices->rank - 1] : -1;
  if (depth < 0 || params->rank < 0)
    return TRUE;
  if (depth == 0)
    return gw_invalid (error, "Only indices.shape[-1] values between 1 and %d are supported. Requested rank: 0", GW_MAX_RANK);
  if (depth > params->rank)
    return gw_invalid (error, "The last dimension of indices is %" G_GINT64_FORMAT ", and params has only %d dimensions",
                       depth, params->rank);
  positions.rank--;
  return join_shapes (&positions, params, (int) depth, &want, error) &&
         check_updates (&want, updates, "updates.shape = indices.shape[:-1] + params.shape[indices.shape[-1]:]", indices,
                        params, error);
}

typedef gboolean (*UpdatesRule) (const GwShape *params, const GwShape *indices, const GwShape *updates, GError **error);

static gboolean
scatter_shape (GwShapeContext *context,
               UpdatesRule     rule,
               GError        **error)
{
  GwDType dtype;
  GwShape params;

  if (!gw_shape_input_variable (context, INPUT_VARIABLE, &dtype, &params, error) ||
      !rule (&params, &context->inputs[INPUT_INDICES], &context->inputs[INPUT_UPDATES], error))
    return FALSE;
  if (context->n_outputs > 0)
    context->outputs[0] = params;
  return TRUE;
}

static gboolean
plain_shape (GwShapeContext *context,
             GError        **error)
{
  return scatter_shape (context, plain_updates, error);
}

static gboolean
nested_shape (GwShapeContext *context,
              GError        **error)
{
  return scatter_shape (context, nested_updates, error);
}

/* ---- kernels ---- */

static gboolean
check_divisors (const GwTensor *updates,
                GError        **error)
{
  for (int64_t i = 0; gw_dtype_is_integer (updates->dtype) && i < updates->elements; i++)
    if (gw_tensor_get_int (updates, i) == 0)
      return gw_invalid (error, "updates: integer division by zero");
  return TRUE;
}

/* `depth` numbers of `indices` lead to a row. */
static gboolean
run_rows (GwKernelContext *context,
          GwRowsOp         op,
          gboolean         nested,
          int              depth,
          GError         **error)
{
  GwTensor *variable = context->inputs[INPUT_VARIABLE];
  const GwTensor *indices = context->inputs[INPUT_INDICES];
  const GwTensor *updates = context->inputs[INPUT_UPDATES];
  int64_t n = gw_shape_span (&indices->shape, 0, indices->shape.rank - (nested ? 1 : 0));
  int64_t *rows = gw_kernel_scratch (context, sizeof (int64_t) * (size_t) n, error);
  GwRowsUpdate update = {
    .op = op, .dtype = variable->dtype, .rows = rows, .n = n, .src = updates->data, .dst = variable->data,
    .inner = gw_shape_span (&variable->shape, depth, variable->shape.rank),
    .one_for_all = !nested && updates->shape.rank == 0,
  };

  return rows != NULL &&
         (nested ? gw_rows_resolve (indices, n, depth, &variable->shape, "indices", rows, error)
                 : gw_variable_read_rows (indices, variable->shape.dims[0], n, rows, error)) &&
         gw_rows_update (context, &update, error);
}

static gboolean
run (GwKernelContext *context,
     GwRowsOp         op,
     gboolean         nested,
     GError         **error)
{
  const GwTensor *variable = context->inputs[INPUT_VARIABLE];
  const GwTensor *indices = context->inputs[INPUT_INDICES];
  const GwTensor *updates = context->inputs[INPUT_UPDATES];
  UpdatesRule rule = nested ? nested_updates : plain_updates;
  int depth;

  if (!rule (&variable->shape, &indices->shape, &updates->shape, error) ||
      (op == GW_ROWS_DIV && !check_divisors (updates, error)))
    return FALSE;
  depth = nested ? (int) indices->shape.dims[indices->shape.rank - 1] : 1;
  /* Without elements the sizes of a shape may have a product that overflows. */
  if (indices->elements > 0 && !run_rows (context, op, nested, depth, error))
    return FALSE;
  gw_variable_publish (context);
  return TRUE;
}

/* ---- the ops ---- */

#define INDICES_PLAIN { "indices", "Tindices", "Which rows, along the first dimension; of any shape." }
#define INDICES_NESTED \
  { "indices", "Tindices", "Positions: each vector along the last dimension is one, as long as it goes deep." }
#define UPDATES_PLAIN(type) { "updates", type, "A row for each index: indices.shape + the row's shape; or one number for all." }
#define UPDATES_NESTED(type) \
  { "updates", type, "One for each position: indices.shape[:-1] + what is left of the variable's shape." }
#define INDEX_TYPE \
  { "Tindices", GW_ATTR_DTYPE, .choices = GW_INDEX_TYPES, .label = "Index type", \
    .help = "Type of the positions; follows from what is wired.", .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }

#define RULES_PLAIN                                                                                                  \
  " Every row that `indices` names changes; one that is named twice changes twice, in order. `updates` has the shape " \
  "of `indices` with the shape of a row behind it, or is a single number."
#define RULES_NESTED                                                                                                  \
  " Each vector along the last dimension of `indices` is one position: as many numbers as the variable has dimensions " \
  "lead to an element, fewer to a row. One that occurs twice changes twice, in order."
#define REFUSES                                                                                                       \
  "\n\nAll positions are checked before anything is written: one that is negative or too large is an error."

/* An op on a reference and its twin on a handle. */
#define SCATTER_OPS(NAME, TYPE, HANDLE_TYPE, TITLE, KIND, RULE, NESTED, OP, TYPES, LOCKING, FLAGS, SUMMARY, DOC, BEFORE, WHERE, WHAT, AFTER) \
  static gboolean                                                                                       \
  NAME##_cpu (GwKernelContext *context, GError **error)                                                 \
  {                                                                                                     \
    return run (context, OP, NESTED, error);                                                            \
  }                                                                                                     \
  static const GwOpDef NAME##_op = {                                                                    \
    .name = TYPE, .since = 1, .title = TITLE, .category = "variables/Scattering", .summary = SUMMARY,   \
    .doc = DOC RULES_##KIND REFUSES,                                                                    \
    .inputs = GW_PORTS (GW_REF_IN ("ref", "The variable."), INDICES_##KIND, UPDATES_##KIND ("T")),      \
    .outputs = GW_REF_OUT,                                                                              \
    .attrs = GW_ATTRS (GW_VARIABLE_T ("T", TYPES), INDEX_TYPE, GW_VARIABLE_LOCKING (LOCKING)),          \
    .flags = GW_OP_STATEFUL | FLAGS,                                                                    \
    .shape = RULE##_shape, .cpu = NAME##_cpu,                                                           \
    .examples = GW_EXAMPLES ({ GW_TEXTS (BEFORE, WHERE, WHAT), NULL, GW_TEXTS (AFTER) }),               \
  };                                                                                                    \
  HANDLE_##KIND (NAME, HANDLE_TYPE, TITLE, RULE, TYPES, SUMMARY, DOC, BEFORE, WHERE, WHAT, AFTER)

#define HANDLE_PLAIN(NAME, TYPE, TITLE, RULE, TYPES, SUMMARY, DOC, BEFORE, WHERE, WHAT, AFTER) \
  HANDLE_OP (NAME, TYPE, TITLE, RULE, SUMMARY, DOC RULES_PLAIN REFUSES,                            \
             GW_PORTS (GW_HANDLE_IN ("resource", "Handle of the variable."), INDICES_PLAIN, UPDATES_PLAIN ("dtype")), \
             GW_ATTRS (GW_VARIABLE_T ("dtype", TYPES), INDEX_TYPE), BEFORE, WHERE, WHAT, AFTER)
#define HANDLE_NESTED(NAME, TYPE, TITLE, RULE, TYPES, SUMMARY, DOC, BEFORE, WHERE, WHAT, AFTER) \
  HANDLE_OP (NAME, TYPE, TITLE, RULE, SUMMARY, DOC RULES_NESTED REFUSES,                           \
             GW_PORTS (GW_HANDLE_IN ("ref", "Handle of the variable."), INDICES_NESTED, UPDATES_NESTED ("T")), \
             GW_ATTRS (GW_VARIABLE_T ("T", TYPES), INDEX_TYPE, GW_VARIABLE_LOCKING ("true")), BEFORE, WHERE, WHAT, AFTER)
#define HANDLE_OP(NAME, TYPE, TITLE, RULE, SUMMARY, DOC, INPUTS, ATTRS, BEFORE, WHERE, WHAT, AFTER) \
  static const GwOpDef resource_##NAME##_op = {                                                         \
    .name = TYPE, .since = 1, .title = TITLE " (by handle)", .category = "variables/Scattering",        \
    .summary = SUMMARY, .doc = DOC, .inputs = INPUTS, .attrs = ATTRS,                                   \
    .flags = GW_OP_STATEFUL | GW_OP_NO_GRADIENT | GW_OP_HIDDEN,                                         \
    .shape = RULE##_shape, .cpu = NAME##_cpu,                                                           \
    .examples = GW_EXAMPLES ({ GW_TEXTS (BEFORE, WHERE, WHAT), NULL, GW_TEXTS (AFTER) }),               \
  };

#define PLAIN(NAME, TYPE, TITLE, OP, TYPES, LOCKING, FLAGS, SUMMARY, DOC, BEFORE, WHERE, WHAT, AFTER)   \
  SCATTER_OPS (NAME, TYPE, "Resource" TYPE, TITLE, PLAIN, plain, FALSE, OP, TYPES, LOCKING, FLAGS,      \
               SUMMARY, DOC, BEFORE, WHERE, WHAT, AFTER)
#define NESTED(NAME, TYPE, TITLE, OP, TYPES, LOCKING, FLAGS, SUMMARY, DOC, BEFORE, WHERE, WHAT, AFTER)  \
  SCATTER_OPS (NAME, TYPE, "Resource" TYPE, TITLE, NESTED, nested, TRUE, OP, TYPES, LOCKING, FLAGS,     \
               SUMMARY, DOC, BEFORE, WHERE, WHAT, AFTER)

#define ANY_TYPE NULL
#define ORDERED_TYPES GW_REAL_TYPES

PLAIN (scatter_update, "ScatterUpdate", "Replace rows", GW_ROWS_ASSIGN, ANY_TYPE, "true", GW_OP_NO_GRADIENT,
       "Puts new rows into a variable.", "`ref[indices[i], …] = updates[i, …]`.",
       "[[1.5, 2.0], [3.0, 4.0], [5.0, 6.0]]", "[2, 0]", "[[7.5, 8.0], [9.0, 0.0]]",
       "[[9.0, 0.0], [3.0, 4.0], [7.5, 8.0]]")
PLAIN (scatter_add, "ScatterAdd", "Add to rows", GW_ROWS_ADD, GW_VARIABLE_NUMBER_TYPES, "false", GW_OP_STOPS_GRADIENT,
       "Adds to rows of a variable.",
       "`ref[indices[i], …] += updates[i, …]`: how a sparse gradient or a count reaches the rows that it is about.",
       "[1.5, 2.0, 3.0]", "[0, 2, 0]", "[10.0, 20.0, 30.0]", "[41.5, 2.0, 23.0]")
PLAIN (scatter_sub, "ScatterSub", "Subtract from rows", GW_ROWS_SUB, GW_VARIABLE_NUMBER_TYPES, "false",
       GW_OP_STOPS_GRADIENT, "Subtracts from rows of a variable.",
       "`ref[indices[i], …] -= updates[i, …]`: gradient descent on the rows that were looked up.",
       "[1.5, 2.0, 3.0]", "[0, 2, 0]", "[1.0, 2.0, 3.0]", "[-2.5, 2.0, 1.0]")
PLAIN (scatter_mul, "ScatterMul", "Multiply rows", GW_ROWS_MUL, GW_VARIABLE_NUMBER_TYPES, "false", GW_OP_STOPS_GRADIENT,
       "Multiplies rows of a variable.", "`ref[indices[i], …] *= updates[i, …]`.",
       "[1.5, 2.0, 3.0]", "[0, 2, 0]", "[2.0, 3.0, 4.0]", "[12.0, 2.0, 9.0]")
PLAIN (scatter_div, "ScatterDiv", "Divide rows", GW_ROWS_DIV, GW_VARIABLE_NUMBER_TYPES, "false", GW_OP_STOPS_GRADIENT,
       "Divides rows of a variable.",
       "`ref[indices[i], …] /= updates[i, …]`. Integers are divided towards zero, and by zero not at all.",
       "[12.0, 2.0, 9.0]", "[0, 2, 0]", "[2.0, 3.0, 4.0]", "[1.5, 2.0, 3.0]")
PLAIN (scatter_min, "ScatterMin", "Lower rows", GW_ROWS_MINIMUM, ORDERED_TYPES, "false", GW_OP_NO_GRADIENT,
       "Keeps the smaller of what is there and what comes, row by row.",
       "`ref[indices[i], …] = min (ref[indices[i], …], updates[i, …])`.",
       "[1.5, 2.0, 3.0]", "[0, 2, 0]", "[1.0, 5.0, 0.5]", "[0.5, 2.0, 3.0]")
PLAIN (scatter_max, "ScatterMax", "Raise rows", GW_ROWS_MAXIMUM, ORDERED_TYPES, "false", GW_OP_NO_GRADIENT,
       "Keeps the larger of what is there and what comes, row by row.",
       "`ref[indices[i], …] = max (ref[indices[i], …], updates[i, …])`.",
       "[1.5, 2.0, 3.0]", "[0, 2, 0]", "[1.0, 5.0, 2.5]", "[2.5, 2.0, 5.0]")

NESTED (scatter_nd_update, "ScatterNdUpdate", "Replace at positions", GW_ROWS_ASSIGN, ANY_TYPE, "true",
        GW_OP_STOPS_GRADIENT, "Puts new elements or rows into a variable, anywhere in it.", "The scattered form of Assign.",
        "[[1.5, 2.0], [3.0, 4.0]]", "[[1, 0], [0, 1]]", "[7.0, 8.0]", "[[1.5, 8.0], [7.0, 4.0]]")
NESTED (scatter_nd_add, "ScatterNdAdd", "Add at positions", GW_ROWS_ADD, GW_VARIABLE_NUMBER_TYPES, "false",
        GW_OP_STOPS_GRADIENT, "Adds to elements or rows of a variable, anywhere in it.", "The scattered form of AssignAdd.",
        "[[1.5, 2.0], [3.0, 4.0]]", "[[1, 0], [1, 0]]", "[7.0, 8.0]", "[[1.5, 2.0], [18.0, 4.0]]")
NESTED (scatter_nd_sub, "ScatterNdSub", "Subtract at positions", GW_ROWS_SUB, GW_VARIABLE_NUMBER_TYPES, "false",
        GW_OP_STOPS_GRADIENT, "Subtracts from elements or rows of a variable, anywhere in it.",
        "The scattered form of AssignSub.",
        "[[1.5, 2.0], [3.0, 4.0]]", "[[1], [1]]", "[[7.0, 8.0], [1.0, 1.0]]", "[[1.5, 2.0], [-5.0, -5.0]]")
NESTED (scatter_nd_min, "ScatterNdMin", "Lower at positions", GW_ROWS_MINIMUM, ORDERED_TYPES, "false", GW_OP_NO_GRADIENT,
        "Keeps the smaller of what is there and what comes, anywhere in a variable.", "Element by element.",
        "[[1.5, 2.0], [3.0, 4.0]]", "[[1, 0], [0, 1]]", "[7.0, 0.5]", "[[1.5, 0.5], [3.0, 4.0]]")
NESTED (scatter_nd_max, "ScatterNdMax", "Raise at positions", GW_ROWS_MAXIMUM, ORDERED_TYPES, "false", GW_OP_NO_GRADIENT,
        "Keeps the larger of what is there and what comes, anywhere in a variable.", "Element by element.",
        "[[1.5, 2.0], [3.0, 4.0]]", "[[1, 0], [0, 1]]", "[7.0, 0.5]", "[[1.5, 2.0], [7.0, 4.0]]")

#define BOTH(NAME) &NAME##_op, &resource_##NAME##_op

const GwOpDef *const gw_ops_scatter[] = {
  BOTH (scatter_update), BOTH (scatter_add), BOTH (scatter_sub), BOTH (scatter_mul), BOTH (scatter_div),
  BOTH (scatter_min), BOTH (scatter_max), BOTH (scatter_nd_update), BOTH (scatter_nd_add), BOTH (scatter_nd_sub),
  BOTH (scatter_nd_min), BOTH (scatter_nd_max), NULL,
};
