/* SPDX-License-Identifier: Apache-2.0 */
/* If, Case and While: ops that run sub-graphs. Their gradients are in control-flow-grad.c. */
#include "engine/base/error.h"
#include "engine/graph/function.h"
#include "engine/graph/shape-infer.h"
#include "engine/graph/shape-rules.h"
#include "engine/ops/array-common.h"
#include "engine/ops/control-flow.h"
#include "engine/ops/families.h"

#include <string.h>

/* A loop whose shapes have not settled after so many rounds: each can only lose what was
 * known, a dimension at a time. */
#define MAX_ROUNDS 64

/* ---- the ends of a sub-graph ---- */

enum { ARG_T, ARG_INDEX, ARG_SHAPE };

static gboolean
arg_shape (GwShapeContext *context,
           GError        **error)
{
  context->outputs[0] = context->attrs[ARG_SHAPE].shape;
  return TRUE;
}

static gboolean
arg_cpu (GwKernelContext *context,
         GError         **error)
{
  return gw_invalid (error, "%s is an input of a sub-graph: it has a value only where the sub-graph is called", context->node);
}

#define END_INDEX(word) \
  { "index", GW_ATTR_INT, .def = "0", .min = 0, .max = G_MAXINT32, .label = "Place", \
    .help = "Which " word " of the sub-graph it is, from 0." }

static const GwOpDef arg_op = {
  .name = "_Arg", .since = 1, .title = "Sub-graph input", .category = "control",
  .summary = "What the sub-graph that it stands in is given.",
  .doc = "Stands in the body of an If, a While or a Scan only. The caller's tensors take its place.\n\n"
         "Example: in the body of a loop that doubles a number, `Mul (_Arg (index=0), 2)` is wired to `_Retval`.",
  .outputs = GW_PORTS ({ "output", "T", "The value that the caller gives." }),
  .attrs = GW_ATTRS (
    [ARG_T] = { "T", GW_ATTR_DTYPE, .def = "float32", .label = "Type", .help = "Element type of what is given." },
    [ARG_INDEX] = END_INDEX ("input"),
    [ARG_SHAPE] = { "shape", GW_ATTR_SHAPE, .def = "?", .label = "Shape",
                    .help = "What is known of its shape; the callers' are used where it is called." }),
  .flags = GW_OP_STATEFUL | GW_OP_STOPS_GRADIENT,
  .shape_rule = "the attribute `shape`",
  .shape = arg_shape, .cpu = arg_cpu,
  .tell = GW_TEXTS ("T", "shape"),
};

enum { RETVAL_T, RETVAL_INDEX };

static const GwOpDef retval_op = {
  .name = "_Retval", .since = 1, .title = "Sub-graph output", .category = "control",
  .summary = "What the sub-graph that it stands in gives back.",
  .doc = "Stands in the body of an If, a While or a Scan only. The one whose `index` is k is the caller's output k.\n\n"
         "Example: in the body of a loop that doubles a number, `Mul (_Arg (index=0), 2)` is wired to it.",
  .inputs = GW_PORTS ({ "input", "T", "The value that the caller gets." }),
  .attrs = GW_ATTRS ([RETVAL_T] = GW_ARRAY_ATTR_T, [RETVAL_INDEX] = END_INDEX ("output")),
  .flags = GW_OP_STATEFUL | GW_OP_NO_GRADIENT | GW_OP_TAKES_LISTS,
  .shape = gw_shape_rule_none, .cpu = gw_array_kernel_none,
};

/* ---- what a shape function knows of its inputs ---- */

/* Of inputs [first, first + n); values only where `with_value` says so (NULL: everywhere). */
static GwOutputFacts *
gather_facts (GwShapeContext *context,
              int             first,
              int             n,
              const gboolean *with_value)
{
  GwOutputFacts *facts = g_new0 (GwOutputFacts, MAX (n, 1));

  for (int i = 0; i < n; i++)
    {
      int input = first + i;
      const GwNode *variable = context->node != NULL && context->input_dtypes[input] == GW_RESOURCE
                                 ? gw_output_variable (context->node->inputs[input]) : NULL;
      const GwTensor *value = NULL;
      GwShape partial;

      facts[i] = (GwOutputFacts) { .dtype = context->input_dtypes[input], .shape = context->inputs[input] };
      if (variable != NULL)
        {
          facts[i].is_handle = TRUE;
          facts[i].dtype = gw_variable_node_dtype (variable);
          facts[i].shape = gw_variable_node_shape (variable);
          continue;
        }
      if (with_value == NULL || with_value[i])
        value = gw_shape_input_value (context, input);
      if (value != NULL)
        facts[i].value = gw_tensor_ref ((GwTensor *) value);
      else if ((with_value == NULL || with_value[i]) && context->get_partial (context, input, &partial) && partial.rank >= 0)
        facts[i].partial = g_memdup2 (&partial, sizeof partial);
    }
  return facts;
}

static void
free_facts (GwOutputFacts *facts,
            int            n)
{
  for (int i = 0; i < n; i++)
    gw_output_facts_clear (&facts[i]);
  g_free (facts);
}

/* ---- types of a function against the op's ---- */

static gboolean
check_list (const GwFunction  *function,
            const char        *attr,
            const char        *what,
            int                n_given,
            const GwDType     *given,
            int                n,
            const GwOutput    *ends,
            GError           **error)
{
  if (n_given != n)
    return gw_invalid (error, "%s: %s has %d %s%s where %d are wanted", attr, function->name, n, what, n == 1 ? "" : "s", n_given);
  for (int i = 0; i < n; i++)
    if (given[i] != gw_output_dtype (ends[i]))
      return gw_invalid (error, "%s: %s %d of %s is %s where %s is wanted", attr, what, i, function->name,
                         gw_dtype_name (gw_output_dtype (ends[i])), gw_dtype_name (given[i]));
  return TRUE;
}

static const GwFunction *
find_function (GwShapeContext *context,
               const char     *attr,
               int             index,
               GError        **error)
{
  if (context->node != NULL)
    return gw_node_function (context->node, attr, index, error);
  gw_invalid (error, "%s: the sub-graph is not known here", attr);
  return NULL;
}

/* output_shapes, where given, says what the outputs are at least. */
static gboolean
apply_output_shapes (GwShapeContext *context,
                     GError        **error)
{
  const GwAttrValue *given = gw_shape_attr (context, "output_shapes");

  if (given->list.n == 0)
    return TRUE;
  if (given->list.n != context->n_outputs)
    return gw_invalid (error, "output_shapes names %d shapes for %d outputs", given->list.n, context->n_outputs);
  for (int i = 0; i < context->n_outputs; i++)
    if (!gw_shape_merge (&context->outputs[i], &given->list.shapes[i], &context->outputs[i]))
      {
        g_autofree char *found = gw_shape_to_string (&context->outputs[i]);
        g_autofree char *want = gw_shape_to_string (&given->list.shapes[i]);

        return gw_invalid (error, "output %d has the shape %s where output_shapes says %s", i, found, want);
      }
  return TRUE;
}

/* What is true of both shapes. */
static GwShape
join_shapes (const GwShape *a,
             const GwShape *b)
{
  GwShape joined = *a;

  if (a->rank != b->rank)
    return GW_SHAPE_UNKNOWN;
  for (int i = 0; i < a->rank; i++)
    if (a->dims[i] != b->dims[i])
      joined.dims[i] = GW_DIM_UNKNOWN;
  return joined;
}

/* ---- If and Case ---- */

enum { IF_TCOND, IF_TIN, IF_TOUT, IF_THEN, IF_ELSE, IF_SHAPES };

/* Of input 0 and the rest, outputs of types Tout. */
static gboolean
infer_branch (GwShapeContext      *context,
              const char          *attr,
              int                  index,
              const GwOutputFacts *facts,
              GwShape             *shapes,
              GError             **error)
{
  const GwAttrValue *types = gw_shape_attr (context, "Tout");
  const GwFunction *function = find_function (context, attr, index, error);

  return function != NULL &&
         check_list (function, attr, "input", context->n_inputs - 1, context->input_dtypes + 1, function->n_inputs,
                     function->inputs, error) &&
         check_list (function, attr, "output", types->list.n, types->list.dtypes, function->n_outputs, function->outputs, error) &&
         gw_function_infer (function, facts, shapes, error);
}

/* Branch `index` of attribute `attr`, what is known of the outputs of those before being in
 * the context. */
static gboolean
join_branch (GwShapeContext      *context,
             const char          *attr,
             int                  index,
             gboolean             is_first,
             const GwOutputFacts *facts,
             GError             **error)
{
  g_autofree GwShape *shapes = g_new0 (GwShape, MAX (context->n_outputs, 1));

  if (!infer_branch (context, attr, index, facts, shapes, error))
    return FALSE;
  for (int i = 0; i < context->n_outputs; i++)
    context->outputs[i] = is_first ? shapes[i] : join_shapes (&context->outputs[i], &shapes[i]);
  return TRUE;
}

static gboolean
if_shape (GwShapeContext *context,
          GError        **error)
{
  int n = context->n_inputs - 1;
  GwOutputFacts *facts = gather_facts (context, 1, n, NULL);
  gboolean ok = join_branch (context, "then_branch", 0, TRUE, facts, error) &&
                join_branch (context, "else_branch", 0, FALSE, facts, error);

  free_facts (facts, n);
  return ok && apply_output_shapes (context, error);
}

enum { CASE_TIN, CASE_TOUT, CASE_BRANCHES, CASE_SHAPES };

static gboolean
case_shape (GwShapeContext *context,
            GError        **error)
{
  int n = context->n_inputs - 1;
  GwOutputFacts *facts;
  gboolean ok = TRUE;

  if (!gw_array_want_scalar (context, 0, error))
    return FALSE;
  facts = gather_facts (context, 1, n, NULL);
  for (int i = 0; ok && i < context->attrs[CASE_BRANCHES].list.n; i++)
    ok = join_branch (context, "branches", i, i == 0, facts, error);
  free_facts (facts, n);
  return ok && apply_output_shapes (context, error);
}

/* TensorFlow's ToBool(): a scalar is true when it is not zero or not empty, anything else
 * when it has elements. */
static gboolean
is_true (const GwTensor *tensor)
{
  if (tensor->shape.rank > 0)
    return tensor->elements > 0;
  if (tensor->dtype == GW_STRING)
    return gw_tensor_get_string (tensor, 0)->length > 0;
  return gw_tensor_get_double (tensor, 0) != 0;
}

/* Into output `i`, which is made when its shape was not known before. */
static gboolean
give_output (GwKernelContext *context,
             int              i,
             const GwTensor  *value,
             GError         **error)
{
  if (context->outputs[i] == NULL && !gw_kernel_allocate_output (context, i, value->dtype, &value->shape, error))
    return FALSE;
  if (context->outputs[i]->elements != value->elements)
    return gw_invalid (error, "output %d has another size than was expected", i);
  gw_tensor_copy_data (context->outputs[i], value);
  return TRUE;
}

/* Runs one branch on all inputs but the first. */
static gboolean
run_branch (GwKernelContext *context,
            int              branch,
            const GwDType   *types,
            GError         **error)
{
  g_autofree GwTensor **results = g_new0 (GwTensor *, MAX (context->n_outputs, 1));

  if (!gw_kernel_call (context, branch, context->inputs + 1, results, error))
    return FALSE;
  for (int i = 0; i < context->n_outputs; i++)
    if (types[i] != GW_RESOURCE && !give_output (context, i, results[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
if_cpu (GwKernelContext *context,
        GError         **error)
{
  return run_branch (context, is_true (context->inputs[0]) ? 0 : 1, context->attrs[IF_TOUT].list.dtypes, error);
}

/* core/kernels/functional_ops.cc, CaseOp: a number that names no branch runs the last. */
static gboolean
case_cpu (GwKernelContext *context,
          GError         **error)
{
  int64_t n = context->attrs[CASE_BRANCHES].list.n, index;

  if (context->inputs[0]->elements != 1)
    return gw_invalid (error, "branch_index must be a scalar");
  index = gw_tensor_get_int (context->inputs[0], 0);
  return run_branch (context, (int) (index < 0 || index >= n ? n - 1 : index), context->attrs[CASE_TOUT].list.dtypes, error);
}

#define OUTPUT_SHAPES \
  { "output_shapes", GW_ATTR_SHAPES, .label = "Output shapes", .flags = GW_ATTR_HIDDEN, \
    .help = "What is known of the shapes of the outputs beyond what follows from the sub-graphs; empty: nothing." }

#define IF_ATTRS                                                                                                  \
  GW_ATTRS ([IF_TCOND] = { "Tcond", GW_ATTR_DTYPE, .label = "Type of the condition",                             \
                           .help = "Follows from what is wired.", .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN },   \
            [IF_TIN] = { "Tin", GW_ATTR_DTYPES, .max = G_MAXINT32, .label = "Input types",                        \
                         .help = "Element types of the inputs; follow from what is wired.",                       \
                         .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN },                                            \
            [IF_TOUT] = { "Tout", GW_ATTR_DTYPES, .max = G_MAXINT32, .label = "Output types",                     \
                          .help = "Element types of the outputs; follow from the sub-graphs.", .flags = GW_ATTR_HIDDEN }, \
            [IF_THEN] = { "then_branch", GW_ATTR_FUNC, .label = "Then",                                           \
                          .help = "The sub-graph that runs when the condition holds.", .flags = GW_ATTR_REQUIRED }, \
            [IF_ELSE] = { "else_branch", GW_ATTR_FUNC, .label = "Else",                                           \
                          .help = "The sub-graph that runs when it does not; of the same inputs and outputs.",    \
                          .flags = GW_ATTR_REQUIRED },                                                            \
            [IF_SHAPES] = OUTPUT_SHAPES)

#define IF_DEF(NAME, TITLE, FLAGS, ...)                                                                           \
  {                                                                                                               \
    .name = NAME, .since = 1, .title = TITLE, .category = "control",                                              \
    .summary = "Runs one of two sub-graphs, as a condition says.",                                                \
    .doc = "Both get the inputs and give outputs of the same types; only the one that is chosen runs. The condition is a " \
           "scalar: a number holds when it is not 0, a text when it is not empty; of a tensor with dimensions it "  \
           "counts whether it has elements. The gradient runs the chosen branch again, so random ops within it have " \
           "to be drawn outside. " __VA_ARGS__                                                                    \
           "\n\nExample: with sub-graphs keep (x) = x and turn (x) = -x, "                                        \
           "`" NAME " (Less (x, 0), x; then_branch=turn, else_branch=keep)` is the absolute value of a scalar x.", \
    .inputs = GW_PORTS ({ "cond", "Tcond", "Whether `then_branch` runs." },                                       \
                        { "input", "Tin", "What the sub-graphs get, in the order of their inputs.", .literal = "" }), \
    .outputs = GW_PORTS ({ "output", "Tout", "What the sub-graph that ran gives." }),                             \
    .attrs = IF_ATTRS,                                                                                            \
    .flags = GW_OP_CALLS | GW_OP_TAKES_LISTS | GW_OP_WRITES_VARIABLE | (FLAGS),                                   \
    .shape_rule = "what the shapes of both sub-graphs' results have in common",                                   \
    .shape = if_shape, .grad = gw_if_grad, .cpu = if_cpu,                                                         \
    .tell = GW_TEXTS ("then_branch", "else_branch"),                                                              \
  }

static const GwOpDef if_op = IF_DEF ("If", "If", GW_OP_STATEFUL, "");
static const GwOpDef stateless_if_op =
  IF_DEF ("StatelessIf", "If (stateless)", GW_OP_HIDDEN,
          "Says of itself that the sub-graphs neither draw at random nor change variables.");

#define CASE_DEF(NAME, TITLE, FLAGS, ...)                                                                         \
  {                                                                                                               \
    .name = NAME, .since = 1, .title = TITLE, .category = "control",                                              \
    .summary = "Runs one of several sub-graphs, as a number says.",                                               \
    .doc = "All get the inputs and give outputs of the same types; only the one of the place `branch_index`, counted from " \
           "0, runs. A number that names none, negative or too large, runs the last: it is the default. The gradient runs " \
           "the chosen branch again, so random ops within it have to be drawn outside. " __VA_ARGS__              \
           "\n\nExample: `" NAME " (kind, x; branches=[linear, relu, tanh])` applies the activation that the number `kind` " \
           "names; with 7 it is tanh.",                                                                           \
    .inputs = GW_PORTS ({ "branch_index", "int32", "Which branch runs, from 0.", .literal = "0" },                \
                        { "input", "Tin", "What the sub-graphs get, in the order of their inputs.", .literal = "" }), \
    .outputs = GW_PORTS ({ "output", "Tout", "What the sub-graph that ran gives." }),                             \
    .attrs = GW_ATTRS (                                                                                           \
      [CASE_TIN] = { "Tin", GW_ATTR_DTYPES, .max = G_MAXINT32, .label = "Input types",                            \
                     .help = "Element types of the inputs; follow from what is wired.",                           \
                     .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN },                                                \
      [CASE_TOUT] = { "Tout", GW_ATTR_DTYPES, .max = G_MAXINT32, .label = "Output types",                         \
                      .help = "Element types of the outputs; follow from the sub-graphs.", .flags = GW_ATTR_HIDDEN }, \
      [CASE_BRANCHES] = { "branches", GW_ATTR_FUNCS, .min = 1, .max = G_MAXINT32, .label = "Branches",            \
                          .help = "The sub-graphs, the first for 0; of the same inputs and outputs.",             \
                          .flags = GW_ATTR_REQUIRED },                                                            \
      [CASE_SHAPES] = OUTPUT_SHAPES),                                                                             \
    .flags = GW_OP_CALLS | GW_OP_TAKES_LISTS | GW_OP_WRITES_VARIABLE | (FLAGS),                                   \
    .shape_rule = "what the shapes of all sub-graphs' results have in common",                                    \
    .shape = case_shape, .grad = gw_case_grad, .cpu = case_cpu,                                                   \
    .tell = GW_TEXTS ("branches"),                                                                                \
  }

static const GwOpDef case_op = CASE_DEF ("Case", "Case", GW_OP_STATEFUL, "");
static const GwOpDef stateless_case_op =
  CASE_DEF ("StatelessCase", "Case (stateless)", GW_OP_HIDDEN,
            "Says of itself that the sub-graphs neither draw at random nor change variables.");

/* ---- While ---- */

enum { WHILE_T, WHILE_COND, WHILE_BODY, WHILE_SHAPES, WHILE_PARALLEL };

static gboolean
check_loop (GwShapeContext   *context,
            const GwFunction *cond,
            const GwFunction *body,
            GError          **error)
{
  int n = context->n_inputs;

  if (cond->n_outputs != 1)
    return gw_invalid (error, "cond: %s must have one output, and has %d", cond->name, cond->n_outputs);
  return check_list (cond, "cond", "input", n, context->input_dtypes, cond->n_inputs, cond->inputs, error) &&
         check_list (body, "body", "input", n, context->input_dtypes, body->n_inputs, body->inputs, error) &&
         check_list (body, "body", "output", n, context->input_dtypes, body->n_outputs, body->outputs, error);
}

/* Shapes that hold before every turn: what a turn changes is forgotten until nothing
 * changes any more. */
static gboolean
settle_shapes (const GwFunction *body,
               GwOutputFacts    *facts,
               GError          **error)
{
  g_autofree GwShape *shapes = g_new0 (GwShape, MAX (body->n_outputs, 1));

  for (int round = 0; round < MAX_ROUNDS; round++)
    {
      gboolean settled = TRUE;

      if (!gw_function_infer (body, facts, shapes, error))
        return FALSE;
      for (int i = 0; i < body->n_outputs; i++)
        {
          GwShape joined = join_shapes (&facts[i].shape, &shapes[i]);

          if (facts[i].is_handle || gw_shape_equal (&joined, &facts[i].shape))
            continue;
          facts[i].shape = joined;
          settled = FALSE;
        }
      if (settled)
        return TRUE;
    }
  return TRUE;
}

static gboolean
while_shape (GwShapeContext *context,
             GError        **error)
{
  const GwFunction *cond = find_function (context, "cond", 0, error);
  const GwFunction *body = cond != NULL ? find_function (context, "body", 0, error) : NULL;
  int n = context->n_inputs;
  g_autofree gboolean *same = g_new0 (gboolean, MAX (n, 1));
  GwOutputFacts *facts;
  GwShape condition;
  gboolean ok;

  if (body == NULL || !check_loop (context, cond, body, error))
    return FALSE;
  for (int i = 0; i < n; i++)
    same[i] = gw_output_equal (body->outputs[i], body->inputs[i]);
  facts = gather_facts (context, 0, n, same);
  ok = settle_shapes (body, facts, error) && gw_function_infer (cond, facts, &condition, error);
  for (int i = 0; i < n; i++)
    context->outputs[i] = facts[i].is_handle ? GW_SHAPE_SCALAR : facts[i].shape;
  free_facts (facts, n);
  return ok && apply_output_shapes (context, error);
}

/* The loop's variables while it runs: each stands in the caller's tensor, or in one of two
 * of its own that take turns, since a turn may hand the memory of one to another. */
typedef struct {
  int        n;
  GwTensor **now;
  GwTensor **own[2];
} Loop;

static void
loop_clear (Loop *loop)
{
  for (int i = 0; i < 2 * loop->n; i++)
    gw_tensor_unref (loop->own[i / loop->n][i % loop->n]);
  g_free (loop->now);
  g_free (loop->own[0]);
  g_free (loop->own[1]);
}

/* Takes what the body gave for variable `i`. */
static GwTensor *
keep_result (Loop           *loop,
             int             i,
             const GwTensor *result,
             GError        **error)
{
  GwTensor **place = &loop->own[loop->own[0][i] == loop->now[i] ? 1 : 0][i];

  if (result->data == loop->now[i]->data && gw_shape_equal (&result->shape, &loop->now[i]->shape))
    return loop->now[i];
  if (*place != NULL && ((*place)->dtype != result->dtype || !gw_shape_equal (&(*place)->shape, &result->shape)))
    g_clear_pointer (place, gw_tensor_unref);
  if (*place == NULL)
    *place = gw_tensor_new (result->dtype, &result->shape, error);
  if (*place != NULL)
    gw_tensor_copy_data (*place, result);
  return *place;
}

static gboolean
take_turn (GwKernelContext *context,
           Loop            *loop,
           GwTensor       **results,
           GError         **error)
{
  g_autofree GwTensor **next = g_new (GwTensor *, MAX (loop->n, 1));

  if (!gw_kernel_call (context, 1, loop->now, results, error))
    return FALSE;
  for (int i = 0; i < loop->n; i++)
    {
      next[i] = context->attrs[WHILE_T].list.dtypes[i] == GW_RESOURCE ? loop->now[i] : keep_result (loop, i, results[i], error);
      if (next[i] == NULL)
        return FALSE;
    }
  memcpy (loop->now, next, sizeof *next * (gsize) loop->n);
  return TRUE;
}

static gboolean
run_loop (GwKernelContext *context,
          Loop            *loop,
          GError         **error)
{
  g_autofree GwTensor **results = g_new0 (GwTensor *, MAX (loop->n, 1));
  int64_t most = gw_kernel_max_iterations (context);
  GwTensor *condition;

  for (int64_t turn = 0;; turn++)
    {
      if (!gw_kernel_call (context, 0, loop->now, &condition, error))
        return FALSE;
      if (!is_true (condition))
        return TRUE;
      if (most > 0 && turn >= most)
        {
          g_set_error (error, GW_ERROR, GW_ERROR_OUT_OF_RANGE,
                       "the loop has taken %" G_GINT64_FORMAT " turns, as many as are allowed, and its condition still holds",
                       most);
          return FALSE;
        }
      if (!take_turn (context, loop, results, error))
        return FALSE;
    }
}

static gboolean
while_cpu (GwKernelContext *context,
           GError         **error)
{
  gsize n = (gsize) MAX (context->n_inputs, 1);
  Loop loop = { context->n_inputs, g_new (GwTensor *, n), { g_new0 (GwTensor *, n), g_new0 (GwTensor *, n) } };
  gboolean ok;

  for (int i = 0; i < loop.n; i++)
    loop.now[i] = context->inputs[i];
  ok = run_loop (context, &loop, error);
  for (int i = 0; ok && i < loop.n; i++)
    ok = context->attrs[WHILE_T].list.dtypes[i] == GW_RESOURCE || give_output (context, i, loop.now[i], error);
  loop_clear (&loop);
  return ok;
}

#define WHILE_DEF(NAME, TITLE, FLAGS, ...)                                                                        \
  {                                                                                                               \
    .name = NAME, .since = 1, .title = TITLE, .category = "control",                                              \
    .summary = "Runs a sub-graph again and again while a condition holds.",                                       \
    .doc = "The inputs are the loop's variables. Before each turn the sub-graph `cond` gets them and says whether another " \
           "turn is taken; `body` gets them and gives their next values. The outputs are the last ones, or the inputs " \
           "when the condition does not hold at once. What a turn only reads (weights, a bound) is a variable that the " \
           "body passes on unchanged. For the gradient a second loop keeps what each turn began with, and another one goes " \
           "through the turns backwards and runs each body again, on what its random ops drew the first time: the loop " \
           "keeps that in lists. Random ops in sub-graphs that the body calls cannot be kept: draw outside of those. " __VA_ARGS__ \
           "\n\nExample: with `cond` (i, x) = i < 3 and `body` (i, x) = (i + 1, 2 · x), `" NAME " (0, 5)` gives 3 and 40.", \
    .inputs = GW_PORTS ({ "input", "T", "The first values of the loop's variables." }),                           \
    .outputs = GW_PORTS ({ "output", "T", "Their last values." }),                                                \
    .attrs = GW_ATTRS (                                                                                           \
      [WHILE_T] = { "T", GW_ATTR_DTYPES, .max = G_MAXINT32, .label = "Types",                                     \
                    .help = "Element types of the loop's variables; follow from what is wired.",                  \
                    .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN },                                                 \
      [WHILE_COND] = { "cond", GW_ATTR_FUNC, .label = "Condition",                                                \
                       .help = "The sub-graph whose one output says whether another turn is taken.",              \
                       .flags = GW_ATTR_REQUIRED },                                                               \
      [WHILE_BODY] = { "body", GW_ATTR_FUNC, .label = "Body",                                                     \
                       .help = "The sub-graph of one turn: as many outputs as inputs, and of their types.",       \
                       .flags = GW_ATTR_REQUIRED },                                                               \
      [WHILE_SHAPES] = OUTPUT_SHAPES,                                                                             \
      [WHILE_PARALLEL] = { "parallel_iterations", GW_ATTR_INT, .def = "10", .label = "Parallel turns",            \
                           .help = "TensorFlow's hint how many turns may overlap. Turns run one after another here.", \
                           .flags = GW_ATTR_HIDDEN }),                                                            \
    .flags = GW_OP_CALLS | GW_OP_TAKES_LISTS | GW_OP_WRITES_VARIABLE | (FLAGS),                                   \
    .shape_rule = "those of the values that go in, as far as they stay the same from turn to turn",                \
    .shape = while_shape, .grad = gw_while_grad, .cpu = while_cpu,                                                \
    .tell = GW_TEXTS ("cond", "body"),                                                                            \
  }

static const GwOpDef while_op = WHILE_DEF ("While", "While", GW_OP_STATEFUL, "");
static const GwOpDef stateless_while_op =
  WHILE_DEF ("StatelessWhile", "While (stateless)", GW_OP_HIDDEN,
             "Says of itself that the sub-graphs neither draw at random nor change variables.");

const GwOpDef *const gw_ops_control_flow[] = {
  &arg_op, &retval_op, &if_op, &stateless_if_op, &case_op, &stateless_case_op, &while_op, &stateless_while_op, NULL,
};
