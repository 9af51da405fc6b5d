/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/graph/gradient.h"

#include <string.h>

/* State of one differentiation over the nodes that existed when it began. Node
 * ids are a topological order, so one sweep downwards visits every node after all
 * of its users. */
typedef struct {
  GwBuilder *builder;
  int        n_nodes;
  GArray   **gradients;  /* per node: n_outputs lists, each a GArray of Arrival or NULL */
  gboolean  *below;      /* per node: an x is among what its inputs depend on */
  int       *via;        /* per node: the user that sent it its first gradient, or -1 */
  int       *first;      /* per node: where its outputs begin in is_x */
  gboolean  *is_x;       /* per output */
} Sweep;

typedef struct {
  GwGradient  gradient;
  const char *from;      /* the name of the user that sent it, "" = it is given */
} Arrival;

/* Handles of variables stand for the variable; the gradient of a list is a list. */
static gboolean
has_gradient (GwDType dtype)
{
  return gw_dtype_is_floating (dtype) || gw_dtype_is_complex (dtype) || dtype == GW_RESOURCE || dtype == GW_VARIANT;
}

static gboolean
leads_to_x (const Sweep *sweep,
            GwOutput     output)
{
  return has_gradient (gw_output_dtype (output)) &&
         (sweep->below[output.node->id] || sweep->is_x[sweep->first[output.node->id] + output.index]);
}

static void
mark_xs (Sweep          *sweep,
         int             n_xs,
         const GwOutput *xs)
{
  int n_outputs = 0;

  for (int id = 0; id < sweep->n_nodes; id++)
    {
      sweep->first[id] = n_outputs;
      n_outputs += gw_graph_node (sweep->builder->graph, id)->n_outputs;
    }
  sweep->is_x = g_new0 (gboolean, MAX (n_outputs, 1));
  for (int i = 0; i < n_xs; i++)
    sweep->is_x[sweep->first[xs[i].node->id] + xs[i].index] = TRUE;
}

static void
mark_below (Sweep                   *sweep,
            const GwDifferentiation *what)
{
  GwGraph *graph = sweep->builder->graph;
  g_autofree gboolean *stopped = g_new0 (gboolean, MAX (sweep->n_nodes, 1));

  for (int i = 0; i < what->n_stops; i++)
    stopped[what->stops[i].node->id] = TRUE;
  for (int id = 0; id < sweep->n_nodes; id++)
    {
      GwNode *node = gw_graph_node (graph, id);

      if (stopped[id] || (node->def->flags & GW_OP_STOPS_GRADIENT) != 0)
        continue;
      for (int i = 0; i < node->n_inputs && !sweep->below[id]; i++)
        sweep->below[id] = leads_to_x (sweep, node->inputs[i]);
    }
}

static void
send_gradient (Sweep            *sweep,
               GwOutput          output,
               const GwGradient *gradient,
               int               from)
{
  Arrival arrival = { *gradient, from >= 0 ? gw_graph_node (sweep->builder->graph, from)->name : "" };
  int id = output.node->id;
  GArray **list;

  if (sweep->gradients[id] == NULL)
    {
      sweep->gradients[id] = g_array_sized_new (FALSE, TRUE, sizeof (GArray *), (guint) output.node->n_outputs);
      g_array_set_size (sweep->gradients[id], (guint) output.node->n_outputs);
      sweep->via[id] = from;
    }
  list = &g_array_index (sweep->gradients[id], GArray *, output.index);
  if (*list == NULL)
    *list = g_array_new (FALSE, FALSE, sizeof (Arrival));
  g_array_append_val (*list, arrival);
}

static int
compare_arrivals (gconstpointer a,
                  gconstpointer b)
{
  return strcmp (((const Arrival *) a)->from, ((const Arrival *) b)->from);
}

/* In the order of the users' names and not of their making: the last bits of a sum must not
 * depend on the order in which a graph was drawn. */
static GwGradient
add_up (Sweep  *sweep,
        GArray *list)
{
  g_autofree GwGradient *gradients = g_new (GwGradient, list->len);

  g_array_sort (list, compare_arrivals);
  for (guint i = 0; i < list->len; i++)
    gradients[i] = g_array_index (list, Arrival, i).gradient;
  return gw_gradient_sum (sweep->builder, (int) list->len, gradients);
}

/* What has arrived at an output, added up; the list then holds the sum alone. */
static GwGradient
collect (Sweep   *sweep,
         GwOutput output)
{
  GArray *lists = sweep->gradients[output.node->id];
  GArray *list = lists != NULL ? g_array_index (lists, GArray *, output.index) : NULL;

  if (list == NULL)
    return (GwGradient) { GW_NO_OUTPUT };
  if (list->len > 1)
    {
      Arrival sum = { add_up (sweep, list), "" };

      g_array_set_size (list, 0);
      g_array_append_val (list, sum);
    }
  return g_array_index (list, Arrival, 0).gradient;
}

static void
fail_without_gradient (Sweep        *sweep,
                       const GwNode *node)
{
  GString *path = g_string_new (NULL);

  for (int id = node->id; id >= 0; id = sweep->via[id])
    {
      if (path->len > 0)
        g_string_append (path, " → ");
      g_string_append (path, gw_graph_node (sweep->builder->graph, id)->name);
    }
  gw_builder_fail (sweep->builder, GW_ERROR_FAILED_PRECONDITION,
                   "No gradient defined for operation '%s' (op type: %s); it stands on the path %s",
                   node->name, node->def->name, path->str);
  gw_error_set_node (&sweep->builder->error, node->name, node->def->name);
  g_string_free (path, TRUE);
}

static void
pass_on (Sweep               *sweep,
         const GwGradContext *context)
{
  const GwNode *node = context->node;

  for (int i = 0; i < node->n_inputs; i++)
    {
      GwGradient whole = gw_gradient_whole (context->dx[i]);
      const GwGradient *dx = gw_gradient_is_sparse (&context->slices[i]) ? &context->slices[i] : &whole;

      if (context->wanted[i] && dx->values.node != NULL)
        send_gradient (sweep, node->inputs[i], dx, node->id);
    }
}

/* Its nodes stand in a scope of their own and belong to where the node came from. */
static void
call_gradient (Sweep          *sweep,
               GwNode         *node,
               const GwOutput *dy)
{
  GwBuilder *builder = sweep->builder;
  g_autofree GwOutput *dx = g_new0 (GwOutput, MAX (node->n_inputs, 1));
  g_autofree GwGradient *slices = g_new0 (GwGradient, MAX (node->n_inputs, 1));
  g_autofree gboolean *wanted = g_new0 (gboolean, MAX (node->n_inputs, 1));
  g_autofree char *name = g_strconcat (node->name, "_grad", NULL);
  GwGradContext context = { builder, node, dy, dx, wanted, slices };
  int64_t origin = builder->origin;
  char *previous;

  for (int i = 0; i < node->n_inputs; i++)
    wanted[i] = leads_to_x (sweep, node->inputs[i]);
  previous = gw_builder_enter (builder, name);
  if (node->origin != 0)
    builder->origin = node->origin;
  node->def->grad (&context);
  builder->origin = origin;
  gw_builder_leave (builder, previous);
  if (builder->error == NULL)
    pass_on (sweep, &context);
}

/* Ops whose gradient is the very one that arrives, rows or whole; every other op gets
 * a whole one. */
static gboolean
passes_rows (const GwNode *node)
{
  static const char *const names[] = { "Identity", "ReadVariableOp", "EnsureShape", NULL };

  return node->n_outputs == 1 && g_strv_contains (names, node->def->name);
}

static void
visit (Sweep  *sweep,
       GwNode *node)
{
  g_autofree GwOutput *dy = g_new0 (GwOutput, MAX (node->n_outputs, 1));

  if (sweep->gradients[node->id] == NULL || !sweep->below[node->id] ||
      (node->def->flags & GW_OP_STOPS_GRADIENT) != 0)
    return;
  if (node->def->grad == NULL)
    {
      fail_without_gradient (sweep, node);
      return;
    }
  for (int i = 0; i < node->n_outputs; i++)
    {
      GwGradient arrived = collect (sweep, (GwOutput) { node, i });

      if (gw_gradient_is_sparse (&arrived) && passes_rows (node))
        {
          send_gradient (sweep, node->inputs[0], &arrived, node->id);
          return;
        }
      dy[i] = gw_gradient_to_dense (sweep->builder, &arrived);
    }
  if (sweep->builder->error == NULL)
    call_gradient (sweep, node, dy);
}

static void
fail_y (Sweep    *sweep,
        GwOutput  y,
        char     *reason)
{
  GwBuilder *builder = sweep->builder;
  g_autofree char *name = gw_output_name (y);
  g_autofree char *why = reason;

  gw_builder_fail (builder, GW_ERROR_INVALID_ARGUMENT, "the gradient of %s cannot be taken: %s", name, why);
  gw_error_set_node (&builder->error, y.node->name, y.node->def->name);
}

/* py/ops/gradients_util.py, _DefaultGradYs(): Fill (Shape (y), 1), where a shape that is
 * known is a constant, so that y itself need not run. */
static GwOutput
ones_like (GwBuilder *builder,
           GwOutput   y)
{
  const GwShape *shape = gw_output_shape (y);
  GwOutput dims = gw_shape_is_known (shape) ? gw_const_ints (builder, shape->rank, shape->dims)
                                            : gw_op1 (builder, "Shape", y);

  return gw_op2 (builder, "Fill", dims, gw_const_like (builder, y, 1));
}

static gboolean
check_grad_y (Sweep   *sweep,
              GwOutput y,
              GwOutput grad_y)
{
  g_autofree char *shape = gw_shape_to_string (gw_output_shape (grad_y));

  if (gw_output_dtype (grad_y) != gw_output_dtype (y))
    fail_y (sweep, y, g_strdup_printf ("the gradient given for it is %s", gw_dtype_name (gw_output_dtype (grad_y))));
  else if (!gw_shape_compatible (gw_output_shape (grad_y), gw_output_shape (y)))
    fail_y (sweep, y, g_strdup_printf ("the gradient given for it has the shape %s", shape));
  return sweep->builder->error == NULL;
}

static void
seed_ys (Sweep                   *sweep,
         const GwDifferentiation *what)
{
  GwBuilder *builder = sweep->builder;

  for (int i = 0; i < what->n_ys && builder->error == NULL; i++)
    {
      GwOutput y = what->ys[i];
      GwOutput given = what->grad_ys != NULL ? what->grad_ys[i] : GW_NO_OUTPUT;
      GwGradient seed;

      if (!has_gradient (gw_output_dtype (y)) || gw_output_is_handle (y))
        fail_y (sweep, y, g_strdup_printf ("it is %s, not a floating-point number", gw_dtype_name (gw_output_dtype (y))));
      else if (given.node == NULL && !gw_dtype_is_floating (gw_output_dtype (y)))
        fail_y (sweep, y, g_strdup_printf ("it is %s, and no gradient is given for it", gw_dtype_is_complex (gw_output_dtype (y))
                                             ? "complex" : "a list"));
      else if (given.node == NULL || check_grad_y (sweep, y, given))
        {
          seed = gw_gradient_whole (given.node != NULL ? given : ones_like (builder, y));
          send_gradient (sweep, y, &seed, -1);
        }
    }
}

static void
sweep_clear (Sweep *sweep)
{
  for (int id = 0; id < sweep->n_nodes; id++)
    if (sweep->gradients[id] != NULL)
      {
        for (guint i = 0; i < sweep->gradients[id]->len; i++)
          if (g_array_index (sweep->gradients[id], GArray *, i) != NULL)
            g_array_unref (g_array_index (sweep->gradients[id], GArray *, i));
        g_array_unref (sweep->gradients[id]);
      }
  g_free (sweep->gradients);
  g_free (sweep->below);
  g_free (sweep->via);
  g_free (sweep->first);
  g_free (sweep->is_x);
}

gboolean
gw_differentiate (GwBuilder               *builder,
                  const GwDifferentiation *what,
                  GwGradient              *gradients)
{
  int n_nodes = gw_graph_n_nodes (builder->graph);
  Sweep sweep = {
    .builder = builder, .n_nodes = n_nodes,
    .gradients = g_new0 (GArray *, MAX (n_nodes, 1)),
    .below = g_new0 (gboolean, MAX (n_nodes, 1)),
    .via = g_new (int, MAX (n_nodes, 1)),
    .first = g_new (int, MAX (n_nodes, 1)),
  };

  for (int i = 0; i < what->n_xs; i++)
    gradients[i] = (GwGradient) { GW_NO_OUTPUT };
  if (builder->error == NULL)
    {
      mark_xs (&sweep, what->n_xs, what->xs);
      mark_below (&sweep, what);
      seed_ys (&sweep, what);
    }
  for (int id = n_nodes - 1; id >= 0 && builder->error == NULL; id--)
    visit (&sweep, gw_graph_node (builder->graph, id));
  for (int i = 0; i < what->n_xs && builder->error == NULL; i++)
    gradients[i] = collect (&sweep, what->xs[i]);
  sweep_clear (&sweep);
  return builder->error == NULL;
}

gboolean
gw_gradients (GwBuilder      *builder,
              int             n_ys,
              const GwOutput *ys,
              const GwOutput *grad_ys,
              int             n_xs,
              const GwOutput *xs,
              GwOutput       *dxs)
{
  GwDifferentiation what = { .n_ys = n_ys, .ys = ys, .grad_ys = grad_ys, .n_xs = n_xs, .xs = xs };
  g_autofree GwGradient *gradients = g_new0 (GwGradient, MAX (n_xs, 1));

  gw_differentiate (builder, &what, gradients);
  for (int i = 0; i < n_xs; i++)
    dxs[i] = builder->error == NULL ? gw_gradient_to_dense (builder, &gradients[i]) : GW_NO_OUTPUT;
  return builder->error == NULL;
}

GwOutput
gw_grad_dy (GwGradContext *context,
            int            output)
{
  if (context->dy[output].node != NULL)
    return context->dy[output];
  return gw_op1 (context->builder, "ZerosLike", gw_grad_y (context, output));
}

/* ---- undoing a broadcast ---- */

/* Size of `shape` along the dimension that stands `from_right` places from the
 * right of a result; 1 where the shape does not reach. */
static int64_t
dim_from_right (const GwShape *shape,
                int            from_right)
{
  return from_right < shape->rank ? shape->dims[shape->rank - 1 - from_right] : 1;
}

/* Whether every other input is 1 (or absent) in that dimension, so that the
 * result's size can only come from x. */
static gboolean
only_x_has (const GwNode *node,
            GwOutput      x,
            int           from_right)
{
  for (int i = 0; i < node->n_inputs; i++)
    if (!gw_output_equal (node->inputs[i], x) &&
        (gw_output_shape (node->inputs[i])->rank < 0 ||
         dim_from_right (gw_output_shape (node->inputs[i]), from_right) != 1))
      return FALSE;
  return TRUE;
}

/* The axes of the result that x was repeated along, as far as shapes tell; FALSE
 * when they do not. */
static gboolean
static_axes (const GwNode  *node,
             GwOutput       x,
             const GwShape *result,
             int64_t        axes[GW_MAX_RANK],
             int           *n_axes)
{
  const GwShape *shape = gw_output_shape (x);

  *n_axes = 0;
  if (shape->rank < 0 || result->rank < 0)
    return FALSE;
  for (int axis = 0; axis < result->rank; axis++)
    {
      int from_right = result->rank - 1 - axis;
      int64_t dim = dim_from_right (shape, from_right);

      if (from_right >= shape->rank || (dim == 1 && result->dims[axis] != 1))
        axes[(*n_axes)++] = axis;
      else if (dim < 0 && !only_x_has (node, x, from_right))
        return FALSE;
    }
  return TRUE;
}

GwOutput
gw_grad_unbroadcast (GwGradContext *context,
                     GwOutput       gradient,
                     GwOutput       x)
{
  GwBuilder *b = context->builder;
  int64_t axes[GW_MAX_RANK];
  int n_axes;
  GwNode *args;
  GwOutput shape, summed;

  if (gradient.node == NULL)
    return gradient;
  if (static_axes (context->node, x, gw_output_shape (gradient), axes, &n_axes))
    {
      if (n_axes == 0)
        return gradient;
      summed = gw_op2 (b, "Sum", gradient, gw_const_ints (b, n_axes, axes));
      if (summed.node == NULL || gw_output_shape (summed)->rank == gw_output_shape (x)->rank)
        return summed;
      return gw_op2 (b, "Reshape", summed, gw_op1 (b, "Shape", x));
    }
  shape = gw_op1 (b, "Shape", x);
  args = gw_node_new (b, "BroadcastGradientArgs", NULL, GW_IN (shape, gw_op1 (b, "Shape", gradient)), NULL);
  summed = gw_op2 (b, "Sum", gradient, gw_output_of (args, 0));
  return gw_op2 (b, "Reshape", summed, shape);
}
