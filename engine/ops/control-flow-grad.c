/* SPDX-License-Identifier: Apache-2.0 */
/* Gradients of If, Case and While, made of the same ops, so that they run wherever those run.
 *
 * The gradient of an If or a Case is one of the branches' gradients. That of a While is a loop
 * backwards: a second loop forwards keeps, for each variable that the gradient of the body
 * reads, the list of its values at the beginning of every turn; the loop backwards takes
 * them from the ends of the lists, runs the body again on them and sends the gradients
 * through it. Variables that the body passes on unchanged need no list; what arrives at
 * them in each turn is summed. */
#include "engine/ops/control-flow.h"

#include "engine/graph/function.h"
#include "engine/graph/gradient.h"

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
check_repeatable (GwGradContext    *context,
                  const GwFunction *function)
{
  const GwNode *node = gw_function_unrepeatable (function);

  if (node == NULL)
    return TRUE;
  gw_builder_fail (context->builder, GW_ERROR_UNIMPLEMENTED,
                   "the gradient of %s runs %s again, and %s (%s) would not give the same once more: let it stand outside and wire "
                   "its value in", context->node->name, function->name, node->name, node->def->name);
  gw_error_set_node (&context->builder->error, node->name, node->def->name);
  return FALSE;
}

/* A function while it is put together. */
typedef struct {
  GwBuilder builder;
  GwGraph  *graph;
  GArray   *args;     /* of GwOutput */
  GArray   *results;  /* of GwOutput */
} Maker;

static void
maker_init (Maker           *maker,
            const GwBuilder *outer)
{
  maker->graph = gw_graph_new ();
  gw_builder_init (&maker->builder, maker->graph);
  maker->builder.origin = outer->origin;
  maker->args = g_array_new (FALSE, FALSE, sizeof (GwOutput));
  maker->results = g_array_new (FALSE, FALSE, sizeof (GwOutput));
}

static GwOutput
add_arg (Maker      *maker,
         const char *prefix,
         int         number,
         GwOutput    like)
{
  g_autofree char *name = g_strdup_printf ("%s_%d", prefix, number);
  GwOutput arg = gw_function_arg (&maker->builder, name, (int) maker->args->len, like);

  g_array_append_val (maker->args, arg);
  return arg;
}

static void
add_result (Maker   *maker,
            GwOutput result)
{
  g_array_append_val (maker->results, result);
}

/* The function, known to the outer graph, and what its errors are; NULL after one. The
 * maker is gone. */
static GwFunction *
maker_finish (Maker      *maker,
              GwBuilder  *outer,
              const char *stem,
              const char *suffix)
{
  g_autofree char *name = g_strdup_printf ("%s_%s", stem, suffix);
  g_autoptr (GwFunction) function = NULL;
  GError *error = NULL;

  if (gw_builder_finish (&maker->builder, &error))
    function = gw_function_new (name, maker->graph, (int) maker->args->len, (const GwOutput *) maker->args->data,
                                (int) maker->results->len, (const GwOutput *) maker->results->data, &error);
  if (error != NULL && outer->error == NULL)
    outer->error = g_steal_pointer (&error);
  g_clear_error (&error);
  gw_graph_unref (maker->graph);
  g_array_unref (maker->args);
  g_array_unref (maker->results);
  return g_steal_pointer (&function);
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
  Maker maker;

  maker_init (&maker, context->builder);
  for (int i = 0; i < n; i++)
    args[i] = add_arg (&maker, "x", i, node->inputs[1 + i]);
  gw_function_inline (&maker.builder, branch, args, outs);
  for (int i = 0; i < branch->n_outputs && maker.builder.error == NULL; i++)
    if (context->dy[i].node != NULL)
      {
        ys[n_ys] = outs[i];
        dys[n_ys++] = add_arg (&maker, "dy", i, context->dy[i]);
      }
  gw_gradients (&maker.builder, n_ys, ys, dys, n, args, dxs);
  for (int i = 0; i < n && maker.builder.error == NULL; i++)
    if (context->wanted[1 + i])
      add_result (&maker, dxs[i].node != NULL ? dxs[i] : zeros_for (&maker.builder, args[i]));
  return maker_finish (&maker, context->builder, branch->name, "grad");
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
  GwFunction       *step;     /* all variables, gradients of those that change → their gradients of one turn
                               * before, in their order */
} Reverse;

/* What variable `i` is like in every turn. */
static GwOutput
like_variable (const Reverse *reverse,
               int            i)
{
  return gw_output_is_handle (reverse->node->inputs[i]) ? reverse->node->inputs[i] : gw_output_of (reverse->node, i);
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
  int n_ys = 0;
  Maker maker;

  maker_init (&maker, reverse->b);
  for (int i = 0; i < n; i++)
    args[i] = add_arg (&maker, "x", i, like_variable (reverse, i));
  gw_function_inline (&maker.builder, reverse->body, args, outs);
  for (int i = 0; i < n && maker.builder.error == NULL; i++)
    if (reverse->variables[i].flows && !reverse->variables[i].is_fixed)
      {
        ys[n_ys] = outs[i];
        dys[n_ys++] = add_arg (&maker, "dy", i, like_variable (reverse, i));
      }
  gw_gradients (&maker.builder, n_ys, ys, dys, n, args, dxs);
  for (int i = 0; i < n && maker.builder.error == NULL; i++)
    if (reverse->variables[i].flows && !reverse->variables[i].is_fixed)
      add_result (&maker, dxs[i].node != NULL ? dxs[i] : zeros_for (&maker.builder, args[i]));
  for (int i = 0; i < n && maker.builder.error == NULL; i++)
    {
      Variable *variable = &reverse->variables[i];

      variable->adds = variable->flows && variable->is_fixed && reverse->context->wanted[i] && dxs[i].node != NULL;
      if (variable->adds && gw_output_dtype (args[i]) == GW_VARIANT)
        gw_builder_fail (&maker.builder, GW_ERROR_UNIMPLEMENTED,
                         "the gradient of a list that the loop %s only reads is not known", reverse->node->name);
      else if (variable->adds)
        add_result (&maker, dxs[i]);
    }
  reverse->step = maker_finish (&maker, reverse->b, reverse->body->name, "grad");
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

/* The condition on a counter, variables and lists: that of the loop on the variables. */
static GwFunction *
forward_condition (Reverse      *reverse,
                   const GArray *inputs)
{
  Maker maker;
  GwOutput result;

  maker_init (&maker, reverse->b);
  for (guint i = 0; i < inputs->len; i++)
    add_arg (&maker, "v", (int) i, g_array_index (inputs, GwOutput, i));
  gw_function_inline (&maker.builder, reverse->cond, (const GwOutput *) maker.args->data + 1, &result);
  add_result (&maker, result);
  return maker_finish (&maker, reverse->b, reverse->cond->name, "forward");
}

static GwFunction *
forward_body (Reverse      *reverse,
              const GArray *inputs)
{
  int n = reverse->n, k = 0;
  g_autofree GwOutput *outs = g_new0 (GwOutput, MAX (n, 1));
  const GwOutput *args;
  Maker maker;

  maker_init (&maker, reverse->b);
  for (guint i = 0; i < inputs->len; i++)
    add_arg (&maker, "v", (int) i, i > 0 && (int) i <= n ? like_variable (reverse, (int) i - 1) : g_array_index (inputs, GwOutput, i));
  args = (const GwOutput *) maker.args->data;
  gw_function_inline (&maker.builder, reverse->body, args + 1, outs);
  add_result (&maker, gw_op2 (&maker.builder, "AddV2", args[0], gw_const_scalar (&maker.builder, GW_INT32, 1)));
  for (int i = 0; i < n; i++)
    add_result (&maker, outs[i]);
  for (int i = 0; i < n && maker.builder.error == NULL; i++)
    if (needs_list (&reverse->variables[i]))
      add_result (&maker, gw_op (&maker.builder, "TensorListPushBack", GW_IN (args[1 + n + k++], args[1 + i]),
                                 GW_WITH (element_type (args[1 + i]))));
  return maker_finish (&maker, reverse->b, reverse->body->name, "forward");
}

/* Adds the loop that counts its turns and keeps lists: its count. */
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
  g_array_append_vals (inputs, reverse->node->inputs, (guint) reverse->n);
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

/* The variables of the loop backwards: turns left; lists; gradients of those that change;
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
  Maker maker;

  maker_init (&maker, reverse->b);
  for (guint i = 0; i < inputs->len; i++)
    add_arg (&maker, "v", (int) i, g_array_index (inputs, GwOutput, i));
  add_result (&maker, gw_op2 (&maker.builder, "Greater", g_array_index (maker.args, GwOutput, 0),
                              gw_const_scalar (&maker.builder, GW_INT32, 0)));
  return maker_finish (&maker, reverse->b, reverse->body->name, "backward_cond");
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
  int k = 1, value = reverse->n, result = 0;
  Maker maker;
  GwBuilder *b = &maker.builder;

  maker_init (&maker, reverse->b);
  for (guint i = 0; i < inputs->len; i++)
    add_arg (&maker, "v", (int) i, g_array_index (inputs, GwOutput, i));
  args = (const GwOutput *) maker.args->data;
  add_result (&maker, gw_op2 (b, "Sub", args[0], gw_const_scalar (b, GW_INT32, 1)));
  for (int i = 0; i < reverse->n; i++)
    if (needs_list (&reverse->variables[i]))
      {
        GwOutput y = gw_grad_y (reverse->context, i);
        GwNode *pop = gw_node_new (b, "TensorListPopBack", NULL, GW_IN (args[k++], shape_input (b, gw_output_shape (y))),
                                   GW_WITH (element_type (y)));

        values[i] = gw_output_of (pop, 1);
        add_result (&maker, gw_output_of (pop, 0));
      }
  while (value < step->n_inputs)
    values[value++] = args[k++];
  for (int i = 0; i < reverse->n; i++)
    k += reverse->variables[i].adds;
  for (int i = 0; i < reverse->n; i++)
    if (values[i].node == NULL && reverse->variables[i].is_read)
      values[i] = args[k++];
    else if (values[i].node == NULL)
      values[i] = args[0]; /* nothing reads it */
  gw_function_inline (b, step, values, results);
  for (int i = reverse->n; i < step->n_inputs; i++)
    add_result (&maker, results[result++]);
  for (int i = 0; i < reverse->n && b->error == NULL; i++)
    if (reverse->variables[i].adds)
      add_result (&maker, gw_op2 (b, "AddV2", args[reverse->variables[i].gradient], results[result++]));
  for (guint i = maker.results->len; i < inputs->len; i++)
    add_result (&maker, args[i]);
  return maker_finish (&maker, reverse->b, reverse->body->name, "backward");
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
  GwOutput count;

  if (!check_repeatable (context, reverse.cond) || !check_repeatable (context, reverse.body))
    return;
  for (int i = 0; i < n; i++)
    variables[i] = (Variable) {
      .is_fixed = gw_output_equal (reverse.body->outputs[i], reverse.body->inputs[i]),
      .flows = flows (node->inputs[i]), .gradient = -1,
    };
  make_step (&reverse);
  if (reverse.step == NULL)
    return;
  find_read_variables (&reverse);
  count = add_forward (&reverse);
  if (context->builder->error == NULL)
    add_backward (&reverse, count);
  gw_function_unref (reverse.step);
}
