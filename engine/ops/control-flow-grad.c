/* SPDX-License-Identifier: Apache-2.0 */
/* Gradients of If, Case and While, made of the same ops, so that they run wherever those run.
 *
 * The gradient of an If or a Case is one of the branches' gradients. That of a While is a loop
 * backwards: a second loop forwards keeps, for each variable that the gradient of the body
 * reads, the list of its values at the beginning of every turn; the loop backwards takes
 * them from the ends of the lists, runs the body again on them and sends the gradients
 * through it. Variables that the body passes on unchanged need no list; what arrives at
 * them in each turn is summed. What the body draws at random is kept by the loop itself
 * (loop-draws.c): neither of the other two draws again. */
#include "engine/ops/control-flow.h"

#include "engine/graph/function.h"
#include "engine/graph/gradient.h"
#include "engine/ops/loop-draws.h"
#include "engine/ops/function-maker.h"

#include <string.h>

static gboolean
flows (GwOutput output)
{
  GwDType dtype = gw_output_dtype (output);

  return gw_dtype_is_floating (dtype) || gw_dtype_is_complex (dtype) || dtype == GW_VARIANT || dtype == GW_RESOURCE;
}

/* Zeros of what a gradient with respect to `x` is like: for a handle, of its variable. */
static GwOutput
zeros_for (GwBuilder *b,
           GwOutput   x)
{
  GwNode *variable = x.node != NULL && gw_output_is_handle (x) ? gw_output_variable (x) : NULL;

  if (variable != NULL)
    x = gw_op (b, "ReadVariableOp", GW_IN (x), GW_WITH ({ "dtype", *gw_node_attr (variable, "dtype") }));
  return x.node != NULL ? gw_op1 (b, "ZerosLike", x) : GW_NO_OUTPUT;
}

/* Random draws would come out differently the second time. */
static gboolean
fail_unrepeatable (GwGradContext    *context,
                   const GwFunction *function,
                   const GwNode     *node)
{
  gw_builder_fail (context->builder, GW_ERROR_UNIMPLEMENTED,
                   "the gradient of %s runs %s again, and %s (%s) would not give the same once more: let it stand outside and wire "
                   "its value in", context->node->name, function->name, node->name, node->def->name);
  gw_error_set_node (&context->builder->error, node->name, node->def->name);
  return FALSE;
}

static gboolean
check_repeatable (GwGradContext    *context,
                  const GwFunction *function)
{
  const GwNode *node = gw_function_unrepeatable (function);

  return node == NULL || fail_unrepeatable (context, function, node);
}

/* An op that calls functions. */
static GwNode *
add_caller (GwBuilder           *b,
            const char          *op,
            const GArray        *inputs,
            const GwAttrSetting *attrs)
{
  return gw_node_new (b, op, NULL, (int) inputs->len, (const GwOutput *) inputs->data, attrs);
}

/* ---- If and Case ---- */

/* inputs, gradients of the outputs that have one → gradients of the inputs that want one. */
static GwFunction *
branch_gradient (GwGradContext    *context,
                 const GwFunction *branch)
{
  GwNode *node = context->node;
  int n = branch->n_inputs;
  g_autofree GwOutput *args = g_new0 (GwOutput, MAX (n, 1));
  g_autofree GwOutput *outs = g_new0 (GwOutput, MAX (branch->n_outputs, 1));
  g_autofree GwOutput *ys = g_new0 (GwOutput, MAX (branch->n_outputs, 1));
  g_autofree GwOutput *dys = g_new0 (GwOutput, MAX (branch->n_outputs, 1));
  g_autofree GwOutput *dxs = g_new0 (GwOutput, MAX (n, 1));
  int n_ys = 0;
  GwMaker maker;

  gw_maker_init (&maker, context->builder);
  for (int i = 0; i < n; i++)
    args[i] = gw_maker_add_arg (&maker, "x", i, node->inputs[1 + i]);
  gw_function_inline (&maker.builder, branch, args, outs);
  for (int i = 0; i < branch->n_outputs && maker.builder.error == NULL; i++)
    if (context->dy[i].node != NULL)
      {
        ys[n_ys] = outs[i];
        dys[n_ys++] = gw_maker_add_arg (&maker, "dy", i, context->dy[i]);
      }
  gw_gradients (&maker.builder, n_ys, ys, dys, n, args, dxs);
  for (int i = 0; i < n && maker.builder.error == NULL; i++)
    if (context->wanted[1 + i])
      gw_maker_add_result (&maker, dxs[i].node != NULL ? dxs[i] : zeros_for (&maker.builder, args[i]));
  return gw_maker_finish (&maker, context->builder, branch->name, "grad");
}

typedef struct {
  int          n;
  GwFunction **gradients;  /* of the branches */
  const char **names;      /* in the graph */
} Branches;

static void
branches_clear (Branches *branches)
{
  for (int i = 0; i < branches->n; i++)
    gw_function_unref (branches->gradients[i]);
  g_free (branches->gradients);
  g_free (branches->names);
}

static gboolean
differentiate_branches (GwGradContext *context,
                        Branches      *branches)
{
  const GwFunction *branch;
  int n = 0;

  while (gw_node_function_at (context->node, n) != NULL)
    n++;
  *branches = (Branches) { n, g_new0 (GwFunction *, n), g_new0 (const char *, n) };
  for (int i = 0; (branch = gw_node_function_at (context->node, i)) != NULL; i++)
    if (!check_repeatable (context, branch))
      return FALSE;
  for (int i = 0; i < n; i++)
    {
      branches->gradients[i] = branch_gradient (context, gw_node_function_at (context->node, i));
      if (branches->gradients[i] == NULL)
        return FALSE;
      branches->names[i] = gw_graph_add_function (context->builder->graph, branches->gradients[i]);
    }
  return n > 0;
}

/* Adds the op with the inputs and the gradients that arrived; its attribute settings end in a
 * NULL name. */
static void
add_branch_gradients (GwGradContext       *context,
                      const GwAttrSetting *settings)
{
  GwNode *node = context->node, *made;
  g_autoptr (GArray) inputs = g_array_new (FALSE, FALSE, sizeof (GwOutput));
  int k = 0;

  g_array_append_vals (inputs, node->inputs, (guint) node->n_inputs);
  for (int i = 0; i < node->n_outputs; i++)
    if (context->dy[i].node != NULL)
      g_array_append_val (inputs, context->dy[i]);
  made = add_caller (context->builder, node->def->name, inputs, settings);
  for (int i = 1; i < node->n_inputs && made != NULL; i++)
    if (context->wanted[i])
      context->dx[i] = gw_output_of (made, k++);
}

void
gw_if_grad (GwGradContext *context)
{
  Branches branches;

  if (differentiate_branches (context, &branches))
    add_branch_gradients (context, GW_WITH ({ "Tout", gw_attr_dtypes (branches.gradients[0]->n_outputs, branches.gradients[0]->output_types) },
                                            { "then_branch", gw_attr_func (branches.names[0]) },
                                            { "else_branch", gw_attr_func (branches.names[1]) }));
  branches_clear (&branches);
}

void
gw_case_grad (GwGradContext *context)
{
  Branches branches;

  if (differentiate_branches (context, &branches))
    add_branch_gradients (context, GW_WITH ({ "Tout", gw_attr_dtypes (branches.gradients[0]->n_outputs, branches.gradients[0]->output_types) },
                                            { "branches", gw_attr_funcs (branches.n, branches.names) }));
  branches_clear (&branches);
}

/* ---- While ---- */

/* What one variable of the loop is for the gradient. */
typedef struct {
  gboolean is_fixed;  /* the body passes it on unchanged */
  gboolean flows;     /* a gradient can go through it */
  gboolean is_draws;  /* the list of what the body draws */
  gboolean is_read;   /* the body's gradient reads its value */
  gboolean adds;      /* fixed, and each turn adds to its gradient */
  GwOutput list;      /* of its values, in the outer graph */
  int      gradient;  /* which output of the loop backwards its gradient is, or -1 */
} Variable;

typedef struct {
  GwGradContext    *context;
  GwBuilder        *b;
  GwNode           *node;
  const GwFunction *cond, *body;
  int               n;
  Variable         *variables;
  GArray           *draws;    /* of GwLoopDraw: what the body draws at random, kept by the loop itself */
  int               n_dys;    /* gradients that `step` gets */
  GwFunction       *step;     /* all variables, gradients of those that change, draws → their gradients of one
                               * turn before, in their order */
} Reverse;

/* What variable `i` is like in every turn. */
static GwOutput
like_variable (const Reverse *reverse,
               int            i)
{
  return gw_output_is_handle (reverse->node->inputs[i]) ? reverse->node->inputs[i] : gw_output_of (reverse->node, i);
}

/* The scalar -1, or the sizes. */
static GwOutput
shape_input (GwBuilder     *b,
             const GwShape *shape)
{
  return shape->rank < 0 ? gw_const_scalar (b, GW_INT32, -1) : gw_const_ints (b, shape->rank, shape->dims);
}

static GwAttrSetting
element_type (GwOutput value)
{
  return (GwAttrSetting) { "element_dtype", gw_attr_dtype (gw_output_dtype (value)) };
}

/* ---- what was drawn at random ---- */

static GwFunctionValue *
draw (const Reverse *reverse,
      guint          k)
{
  return &g_array_index (reverse->draws, GwLoopDraw, k).value;
}

/* An input of a function for each of them. */
static void
draw_args (const Reverse *reverse,
           GwMaker       *maker)
{
  for (guint k = 0; k < reverse->draws->len; k++)
    draw (reverse, k)->outside = gw_maker_add_arg (maker, "drawn", (int) k, draw (reverse, k)->inside);
}

/* The body on what was drawn before: in the place of its random ops stand the values that
 * `draws` names outside. */
static void
inline_body (const Reverse  *reverse,
             GwBuilder      *b,
             const GwOutput *args,
             GwOutput       *outs)
{
  g_autofree GwFunctionValue *values = g_new0 (GwFunctionValue, MAX (reverse->draws->len, 1));

  for (guint k = 0; k < reverse->draws->len; k++)
    values[k] = *draw (reverse, k);
  gw_function_inline_values (b, reverse->body, args, (int) reverse->draws->len, values, outs);
}

/* An element of a list of what was drawn: nothing is derived by it. */
static GwOutput
constant_draw (GwBuilder *b,
               GwOutput   value)
{
  return gw_op1 (b, "StopGradient", value);
}

/* The gradient of one turn. Its outputs are those of all variables that change and flow,
 * then of the fixed ones that get something. */
static void
make_step (Reverse *reverse)
{
  int n = reverse->n;
  g_autofree GwOutput *args = g_new0 (GwOutput, MAX (n, 1));
  g_autofree GwOutput *outs = g_new0 (GwOutput, MAX (n, 1));
  g_autofree GwOutput *ys = g_new0 (GwOutput, MAX (n, 1));
  g_autofree GwOutput *dys = g_new0 (GwOutput, MAX (n, 1));
  g_autofree GwOutput *dxs = g_new0 (GwOutput, MAX (n, 1));
  GwMaker maker;

  gw_maker_init (&maker, reverse->b);
  for (int i = 0; i < n; i++)
    args[i] = gw_maker_add_arg (&maker, "x", i, like_variable (reverse, i));
  for (int i = 0; i < n; i++)
    if (reverse->variables[i].flows && !reverse->variables[i].is_fixed)
      dys[reverse->n_dys++] = gw_maker_add_arg (&maker, "dy", i, like_variable (reverse, i));
  draw_args (reverse, &maker);
  inline_body (reverse, &maker.builder, args, outs);
  for (int i = 0, k = 0; i < n && maker.builder.error == NULL; i++)
    if (reverse->variables[i].flows && !reverse->variables[i].is_fixed)
      ys[k++] = outs[i];
  gw_gradients (&maker.builder, reverse->n_dys, ys, dys, n, args, dxs);
  for (int i = 0; i < n && maker.builder.error == NULL; i++)
    if (reverse->variables[i].flows && !reverse->variables[i].is_fixed)
      gw_maker_add_result (&maker, dxs[i].node != NULL ? dxs[i] : zeros_for (&maker.builder, args[i]));
  for (int i = 0; i < n && maker.builder.error == NULL; i++)
    {
      Variable *variable = &reverse->variables[i];

      variable->adds = variable->flows && variable->is_fixed && reverse->context->wanted[i] && dxs[i].node != NULL;
      if (variable->adds && gw_output_dtype (args[i]) == GW_VARIANT)
        gw_builder_fail (&maker.builder, GW_ERROR_UNIMPLEMENTED,
                         "the gradient of a list that the loop %s only reads is not known", reverse->node->name);
      else if (variable->adds)
        gw_maker_add_result (&maker, dxs[i]);
    }
  reverse->step = gw_maker_finish (&maker, reverse->b, reverse->body->name, "grad");
}

static void
find_read_variables (Reverse *reverse)
{
  g_autofree gboolean *reached = gw_function_reached (reverse->step);

  for (int i = 0; i < reverse->n; i++)
    reverse->variables[i].is_read = reached[reverse->step->inputs[i].node->id];
}

static gboolean
needs_list (const Variable *variable)
{
  return variable->is_read && !variable->is_fixed;
}

/* The condition on a counter, variables and lists: that of the loop on the variables. */
static GwFunction *
forward_condition (Reverse      *reverse,
                   const GArray *inputs)
{
  GwMaker maker;
  GwOutput result;

  gw_maker_init (&maker, reverse->b);
  for (guint i = 0; i < inputs->len; i++)
    gw_maker_add_arg (&maker, "v", (int) i, g_array_index (inputs, GwOutput, i));
  gw_function_inline (&maker.builder, reverse->cond, (const GwOutput *) maker.args->data + 1, &result);
  gw_maker_add_result (&maker, result);
  return gw_maker_finish (&maker, reverse->b, reverse->cond->name, "forward");
}

/* What was drawn in the turn that the counter, args[0], names. */
static GwOutput
item_of_turn (const Reverse  *reverse,
              GwBuilder      *b,
              guint           d,
              const GwOutput *args)
{
  GwOutput inside = draw (reverse, d)->inside;
  GwOutput list = args[1 + g_array_index (reverse->draws, GwLoopDraw, d).list];

  return constant_draw (b, gw_op (b, "TensorListGetItem", GW_IN (list, args[0], shape_input (b, gw_output_shape (inside))),
                                  GW_WITH (element_type (inside))));
}

static GwFunction *
forward_body (Reverse      *reverse,
              const GArray *inputs)
{
  int n = reverse->n, k = 0;
  g_autofree GwOutput *outs = g_new0 (GwOutput, MAX (n, 1));
  const GwOutput *args;
  GwMaker maker;

  gw_maker_init (&maker, reverse->b);
  for (guint i = 0; i < inputs->len; i++)
    gw_maker_add_arg (&maker, "v", (int) i, i > 0 && (int) i <= n ? like_variable (reverse, (int) i - 1) : g_array_index (inputs, GwOutput, i));
  args = (const GwOutput *) maker.args->data;
  for (guint d = 0; d < reverse->draws->len; d++)
    draw (reverse, d)->outside = item_of_turn (reverse, &maker.builder, d, args);
  inline_body (reverse, &maker.builder, args + 1, outs);
  gw_maker_add_result (&maker, gw_op2 (&maker.builder, "AddV2", args[0], gw_const_scalar (&maker.builder, GW_INT32, 1)));
  for (int i = 0; i < n; i++)
    gw_maker_add_result (&maker, reverse->variables[i].is_draws ? args[1 + i] : outs[i]);
  for (int i = 0; i < n && maker.builder.error == NULL; i++)
    if (needs_list (&reverse->variables[i]))
      gw_maker_add_result (&maker, gw_op (&maker.builder, "TensorListPushBack", GW_IN (args[1 + n + k++], args[1 + i]),
                                 GW_WITH (element_type (args[1 + i]))));
  return gw_maker_finish (&maker, reverse->b, reverse->body->name, "forward");
}

/* Adds the loop that counts its turns and keeps lists: its count. What the first loop drew is
 * taken from its lists. */
static GwOutput
add_forward (Reverse *reverse)
{
  GwBuilder *b = reverse->b;
  g_autoptr (GArray) inputs = g_array_new (FALSE, FALSE, sizeof (GwOutput));
  GwOutput count = gw_const_scalar (b, GW_INT32, 0);
  g_autoptr (GwFunction) cond = NULL;
  g_autoptr (GwFunction) body = NULL;
  GwNode *made;
  int k = 1 + reverse->n;

  g_array_append_val (inputs, count);
  for (int i = 0; i < reverse->n; i++)
    {
      GwOutput first = reverse->variables[i].is_draws ? gw_output_of (reverse->node, i) : reverse->node->inputs[i];

      g_array_append_val (inputs, first);
    }
  for (int i = 0; i < reverse->n; i++)
    if (needs_list (&reverse->variables[i]))
      {
        GwOutput y = gw_grad_y (reverse->context, i);
        GwOutput list = gw_op (b, "EmptyTensorList",
                               GW_IN (shape_input (b, gw_output_shape (y)), gw_const_scalar (b, GW_INT32, -1)),
                               GW_WITH (element_type (y)));

        g_array_append_val (inputs, list);
      }
  cond = b->error == NULL ? forward_condition (reverse, inputs) : NULL;
  body = cond != NULL ? forward_body (reverse, inputs) : NULL;
  if (body == NULL)
    return GW_NO_OUTPUT;
  made = add_caller (b, reverse->node->def->name, inputs,
                     GW_WITH ({ "cond", gw_attr_func (gw_graph_add_function (b->graph, cond)) },
                              { "body", gw_attr_func (gw_graph_add_function (b->graph, body)) }));
  for (int i = 0; i < reverse->n; i++)
    if (needs_list (&reverse->variables[i]))
      reverse->variables[i].list = gw_output_of (made, k++);
  return gw_output_of (made, 0);
}

/* The variables of the loop backwards: turns left; lists; lists of draws; gradients of those that change;
 * sums for those that do not; what is only read. */
static GArray *
backward_inputs (Reverse *reverse,
                 GwOutput count)
{
  GArray *inputs = g_array_new (FALSE, FALSE, sizeof (GwOutput));
  GwGradContext *context = reverse->context;

  g_array_append_val (inputs, count);
  for (int i = 0; i < reverse->n; i++)
    if (needs_list (&reverse->variables[i]))
      g_array_append_val (inputs, reverse->variables[i].list);
  for (guint d = 0; d < reverse->draws->len; d++)
    {
      GwOutput list = gw_output_of (reverse->node, g_array_index (reverse->draws, GwLoopDraw, d).list);

      g_array_append_val (inputs, list);
    }
  for (int i = 0; i < reverse->n; i++)
    if (reverse->variables[i].flows && !reverse->variables[i].is_fixed)
      {
        GwOutput dy = gw_grad_dy (context, i);

        reverse->variables[i].gradient = (int) inputs->len;
        g_array_append_val (inputs, dy);
      }
  for (int i = 0; i < reverse->n; i++)
    if (reverse->variables[i].adds)
      {
        GwOutput zeros = zeros_for (reverse->b, gw_grad_x (context, i));

        reverse->variables[i].gradient = (int) inputs->len;
        g_array_append_val (inputs, zeros);
      }
  for (int i = 0; i < reverse->n; i++)
    if (reverse->variables[i].is_read && reverse->variables[i].is_fixed)
      g_array_append_vals (inputs, &reverse->node->inputs[i], 1);
  return inputs;
}

static GwFunction *
backward_condition (Reverse      *reverse,
                    const GArray *inputs)
{
  GwMaker maker;

  gw_maker_init (&maker, reverse->b);
  for (guint i = 0; i < inputs->len; i++)
    gw_maker_add_arg (&maker, "v", (int) i, g_array_index (inputs, GwOutput, i));
  gw_maker_add_result (&maker, gw_op2 (&maker.builder, "Greater", g_array_index (maker.args, GwOutput, 0),
                              gw_const_scalar (&maker.builder, GW_INT32, 0)));
  return gw_maker_finish (&maker, reverse->b, reverse->body->name, "backward_cond");
}

/* The last element of a list, which is like `like`; the rest is the next result. */
static GwOutput
pop (GwMaker  *maker,
     GwOutput  list,
     GwOutput  like)
{
  GwBuilder *b = &maker->builder;
  GwNode *made = gw_node_new (b, "TensorListPopBack", NULL, GW_IN (list, shape_input (b, gw_output_shape (like))),
                              GW_WITH (element_type (like)));

  gw_maker_add_result (maker, gw_output_of (made, 0));
  return gw_output_of (made, 1);
}

/* In the order of backward_inputs(). */
static GwFunction *
backward_body (Reverse      *reverse,
               const GArray *inputs)
{
  const GwFunction *step = reverse->step;
  g_autofree GwOutput *values = g_new0 (GwOutput, MAX (step->n_inputs, 1));
  g_autofree GwOutput *results = g_new0 (GwOutput, MAX (step->n_outputs, 1));
  const GwOutput *args;
  int k = 1, result = 0;
  GwMaker maker;
  GwBuilder *b = &maker.builder;

  gw_maker_init (&maker, reverse->b);
  for (guint i = 0; i < inputs->len; i++)
    gw_maker_add_arg (&maker, "v", (int) i, g_array_index (inputs, GwOutput, i));
  args = (const GwOutput *) maker.args->data;
  gw_maker_add_result (&maker, gw_op2 (b, "Sub", args[0], gw_const_scalar (b, GW_INT32, 1)));
  for (int i = 0; i < reverse->n; i++)
    if (needs_list (&reverse->variables[i]))
      values[i] = pop (&maker, args[k++], gw_grad_y (reverse->context, i));
  for (guint d = 0; d < reverse->draws->len; d++)
    values[reverse->n + reverse->n_dys + (int) d] = constant_draw (b, pop (&maker, args[k++], draw (reverse, d)->inside));
  for (int i = 0; i < reverse->n_dys; i++)
    values[reverse->n + i] = args[k++];
  for (int i = 0; i < reverse->n; i++)
    k += reverse->variables[i].adds;
  for (int i = 0; i < reverse->n; i++)
    if (values[i].node == NULL && reverse->variables[i].is_read)
      values[i] = args[k++];
    else if (values[i].node == NULL)
      values[i] = args[0]; /* nothing reads it */
  gw_function_inline (b, step, values, results);
  for (int i = 0; i < reverse->n_dys; i++)
    gw_maker_add_result (&maker, results[result++]);
  for (int i = 0; i < reverse->n && b->error == NULL; i++)
    if (reverse->variables[i].adds)
      gw_maker_add_result (&maker, gw_op2 (b, "AddV2", args[reverse->variables[i].gradient], results[result++]));
  for (guint i = maker.results->len; i < inputs->len; i++)
    gw_maker_add_result (&maker, args[i]);
  return gw_maker_finish (&maker, reverse->b, reverse->body->name, "backward");
}

static void
add_backward (Reverse *reverse,
              GwOutput count)
{
  GwBuilder *b = reverse->b;
  GwGradContext *context = reverse->context;
  g_autoptr (GArray) inputs = backward_inputs (reverse, count);
  g_autoptr (GwFunction) cond = b->error == NULL ? backward_condition (reverse, inputs) : NULL;
  g_autoptr (GwFunction) body = cond != NULL ? backward_body (reverse, inputs) : NULL;
  GwNode *made;

  if (body == NULL)
    return;
  made = add_caller (b, reverse->node->def->name, inputs,
                     GW_WITH ({ "cond", gw_attr_func (gw_graph_add_function (b->graph, cond)) },
                              { "body", gw_attr_func (gw_graph_add_function (b->graph, body)) }));
  for (int i = 0; i < reverse->n && made != NULL; i++)
    {
      const Variable *variable = &reverse->variables[i];
      GwOutput dx = variable->gradient >= 0 ? gw_output_of (made, variable->gradient) : GW_NO_OUTPUT;

      if (variable->is_fixed && context->dy[i].node != NULL)
        dx = dx.node != NULL ? gw_op2 (b, "AddV2", dx, context->dy[i]) : context->dy[i];
      context->dx[i] = dx;
    }
}

/* What the body draws must be in lists of the loop's; where it is not, the graph notes that it
 * should be. */
static gboolean
find_kept_draws (Reverse *reverse)
{
  const GwNode *blamed = gw_loop_draws (reverse->body, reverse->draws);

  if (blamed != NULL)
    return fail_unrepeatable (reverse->context, reverse->body, blamed);
  for (guint d = 0; d < reverse->draws->len; d++)
    if (g_array_index (reverse->draws, GwLoopDraw, d).list < 0)
      {
        gw_graph_keep_draws (reverse->b->graph, reverse->node->name);
        return fail_unrepeatable (reverse->context, reverse->body, draw (reverse, d)->inside.node);
      }
  return TRUE;
}

void
gw_while_grad (GwGradContext *context)
{
  GwNode *node = context->node;
  int n = node->n_inputs;
  g_autofree Variable *variables = g_new0 (Variable, MAX (n, 1));
  Reverse reverse = {
    .context = context, .b = context->builder, .node = node, .n = n, .variables = variables,
    .cond = gw_node_function_at (node, 0), .body = gw_node_function_at (node, 1),
  };
  g_autoptr (GArray) draws = g_array_new (FALSE, TRUE, sizeof (GwLoopDraw));
  GwOutput count;

  reverse.draws = draws;
  if (!check_repeatable (context, reverse.cond) || !find_kept_draws (&reverse))
    return;
  for (int i = 0; i < n; i++)
    variables[i] = (Variable) {
      .is_fixed = gw_output_equal (reverse.body->outputs[i], reverse.body->inputs[i]),
      .flows = flows (node->inputs[i]), .gradient = -1,
    };
  for (guint d = 0; d < draws->len; d++)
    {
      Variable *list = &variables[g_array_index (draws, GwLoopDraw, d).list];

      list->is_draws = TRUE;
      list->flows = FALSE;
    }
  make_step (&reverse);
  if (reverse.step == NULL)
    return;
  find_read_variables (&reverse);
  count = add_forward (&reverse);
  if (context->builder->error == NULL)
    add_backward (&reverse, count);
  gw_function_unref (reverse.step);
}
