/* SPDX-License-Identifier: Apache-2.0 */
/* Scan: a cell drawn by hand, run along a sequence. Stands on a While whose variables are the
 * list of the steps still to come, the list of results, the states, and what the cell only
 * reads. */
#include "engine/base/error.h"
#include "engine/document/composites.h"
#include "engine/document/functions-private.h"
#include "engine/document/parts.h"
#include "engine/ops/loop-draws.h"

#include <string.h>

enum { PORT_XS, PORT_STATES, PORT_READS };
/* Variables of the loop before the states. */
enum { STEPS, RESULTS, FIRST_STATE };

typedef struct {
  GwExpandContext  *context;
  GwBuilder        *b;
  const GwFunction *cell;
  GwDType           dtype;    /* of xs and of the results */
  int               n_states, n_reads;
  GwOutput          xs;       /* time first */
  GwShape           step;     /* of one step of xs */
  GwShape           result;   /* of one result, as far as it is known */
} Scan;

static gboolean
check_cell (const Scan *scan)
{
  const GwFunction *cell = scan->cell;
  int n = 1 + scan->n_states + scan->n_reads;

  if (cell->n_inputs != n)
    gw_builder_fail (scan->b, GW_ERROR_INVALID_ARGUMENT,
                     "the cell %s has %d inputs, and gets %d: a step of xs, %d states and %d values that it only reads",
                     cell->name, cell->n_inputs, n, scan->n_states, scan->n_reads);
  else if (cell->n_outputs != 1 + scan->n_states)
    gw_builder_fail (scan->b, GW_ERROR_INVALID_ARGUMENT,
                     "the cell %s has %d outputs, and must have %d: the result of a step, and the next states",
                     cell->name, cell->n_outputs, 1 + scan->n_states);
  return scan->b->error == NULL;
}

/* `x` with the first two dimensions the other way round when time is the second; nothing
 * when the builder has failed, or it has not as many. */
static GwOutput
swap_time (GwBuilder *b,
           GwOutput   x,
           int        axis)
{
  int rank = x.node != NULL ? gw_output_shape (x)->rank : -1;
  int64_t order[GW_MAX_RANK];

  if (axis == 0 || x.node == NULL)
    return x;
  if (rank < 2 || b->error != NULL)
    {
      if (b->error == NULL)
        gw_builder_fail (b, GW_ERROR_INVALID_ARGUMENT, "with time in dimension 1 two dimensions must be known");
      return (GwOutput) { NULL, 0 };
    }
  for (int i = 0; i < rank; i++)
    order[i] = i < 2 ? 1 - i : i;
  return gw_op2 (b, "Transpose", x, gw_const_ints (b, rank, order));
}

static GwOutput
turn_round (GwBuilder *b,
            GwOutput   x)
{
  return gw_op2 (b, "ReverseV2", x, gw_const_ints (b, 1, (const int64_t[]) { 0 }));
}

static GwOutput
shape_input (GwBuilder     *b,
             const GwShape *shape)
{
  return shape->rank < 0 ? gw_const_scalar (b, GW_INT32, -1) : gw_const_ints (b, shape->rank, shape->dims);
}

/* What one step gives: the shape of its first result. */
static gboolean
infer_result (Scan *scan)
{
  const GwFunction *cell = scan->cell;
  GwOutputFacts *facts = g_new0 (GwOutputFacts, cell->n_inputs);
  g_autofree GwShape *shapes = g_new0 (GwShape, cell->n_outputs);
  gboolean ok;

  facts[0] = (GwOutputFacts) { .dtype = scan->dtype, .shape = scan->step };
  for (int i = 1; i < cell->n_inputs; i++)
    {
      gw_output_facts_init (&facts[i], scan->context->inputs[i]);
      if (i <= scan->n_states)
        {
          g_clear_pointer (&facts[i].value, gw_tensor_unref);
          g_clear_pointer (&facts[i].partial, g_free);
        }
    }
  ok = gw_function_infer (cell, facts, shapes, &scan->b->error);
  scan->result = shapes[0];
  for (int i = 0; i < cell->n_inputs; i++)
    gw_output_facts_clear (&facts[i]);
  g_free (facts);
  return ok;
}

/* ---- the loop's sub-graphs ---- */

static GwFunction *
finish_function (const Scan     *scan,
                 GwBuilder      *b,
                 const char     *suffix,
                 int             n_args,
                 const GwOutput *args,
                 int             n_results,
                 const GwOutput *results)
{
  g_autofree char *name = g_strconcat (scan->cell->name, suffix, NULL);
  GwGraph *graph = b->graph;
  GwFunction *function = gw_builder_finish (b, &scan->b->error)
                           ? gw_function_new (name, graph, n_args, args, n_results, results, &scan->b->error) : NULL;

  gw_graph_unref (graph);
  return function;
}

static void
add_args (const Scan     *scan,
          GwBuilder      *b,
          int             n,
          const GwOutput *inputs,
          GwOutput       *args)
{
  gw_builder_init (b, gw_graph_new ());
  b->origin = scan->b->origin;
  for (int i = 0; i < n; i++)
    {
      g_autofree char *name = i == STEPS ? g_strdup ("steps") : i == RESULTS ? g_strdup ("results")
                                : i < FIRST_STATE + scan->n_states ? g_strdup_printf ("state_%d", i - FIRST_STATE)
                                                                   : g_strdup_printf ("read_%d", i - FIRST_STATE - scan->n_states);

      args[i] = gw_function_arg (b, name, i, inputs[i]);
    }
}

/* Until no step is left. */
static GwFunction *
make_condition (const Scan     *scan,
                int             n,
                const GwOutput *inputs)
{
  g_autofree GwOutput *args = g_new0 (GwOutput, n);
  GwOutput result;
  GwBuilder b;

  add_args (scan, &b, n, inputs, args);
  result = gw_op2 (&b, "Greater", gw_op1 (&b, "TensorListLength", args[STEPS]), gw_const_scalar (&b, GW_INT32, 0));
  return finish_function (scan, &b, "_scan_cond", n, args, 1, &result);
}

/* Takes a step from the end of the list, runs the cell, adds its result. */
static GwFunction *
make_body (const Scan     *scan,
           int             n,
           const GwOutput *inputs)
{
  g_autofree GwOutput *args = g_new0 (GwOutput, n);
  g_autofree GwOutput *results = g_new0 (GwOutput, n);
  g_autofree GwOutput *given = g_new0 (GwOutput, scan->cell->n_outputs);
  GwAttrSetting element = { "element_dtype", gw_attr_dtype (scan->dtype) };
  GwNode *pop;
  GwOutput first;
  GwBuilder b;

  add_args (scan, &b, n, inputs, args);
  pop = gw_node_new (&b, "TensorListPopBack", NULL, GW_IN (args[STEPS], shape_input (&b, &scan->step)), GW_WITH (element));
  first = args[RESULTS];
  args[RESULTS] = gw_output_of (pop, 1); /* the cell gets the step, the states and what it reads */
  gw_function_inline (&b, scan->cell, args + RESULTS, given);
  args[RESULTS] = first;
  memcpy (results, args, sizeof *args * (gsize) n);
  results[STEPS] = gw_output_of (pop, 0);
  results[RESULTS] = gw_op (&b, "TensorListPushBack", GW_IN (args[RESULTS], given[0]), GW_WITH (element));
  memcpy (results + FIRST_STATE, given + 1, sizeof *given * (gsize) scan->n_states);
  return finish_function (scan, &b, "_scan_body", n, args, n, results);
}

static GwNode *
add_loop (const Scan *scan)
{
  GwBuilder *b = scan->b;
  int n = FIRST_STATE + scan->n_states + scan->n_reads;
  g_autofree GwOutput *inputs = g_new0 (GwOutput, n);
  GwAttrSetting element = { "element_dtype", gw_attr_dtype (scan->dtype) };
  g_autoptr (GwFunction) cond = NULL;
  g_autoptr (GwFunction) body = NULL;

  inputs[STEPS] = gw_op (b, "TensorListFromTensor", GW_IN (scan->xs, gw_const_scalar (b, GW_INT32, -1)), GW_WITH (element));
  inputs[RESULTS] = gw_op (b, "EmptyTensorList", GW_IN (shape_input (b, &scan->result), gw_const_scalar (b, GW_INT32, -1)),
                        GW_WITH (element));
  memcpy (inputs + FIRST_STATE, scan->context->inputs + 1, sizeof *inputs * (gsize) (n - FIRST_STATE));
  cond = b->error == NULL ? make_condition (scan, n, inputs) : NULL;
  body = cond != NULL ? make_body (scan, n, inputs) : NULL;
  if (body == NULL)
    return NULL;
  return gw_loop_new (b, "While", n, inputs, cond, body);
}

static void
expand_cell (Scan *scan)
{
  GwExpandContext *context = scan->context;
  GwBuilder *b = scan->b;
  int axis = (int) gw_expand_attr (context, "time_axis")->i;
  gboolean reverse = gw_expand_attr (context, "reverse")->b;
  GwOutput xs = swap_time (b, context->inputs[0], axis);
  g_autofree GwOutput *outputs = g_new0 (GwOutput, 1 + scan->n_states);
  GwOutput ys;
  GwNode *loop;
  int64_t length;

  if (xs.node == NULL)
    return;
  length = gw_output_shape (xs)->dims[0];
  scan->step = *gw_output_shape (xs);
  scan->step.rank--;
  memmove (scan->step.dims, scan->step.dims + 1, sizeof (int64_t) * (gsize) scan->step.rank);
  scan->xs = reverse ? xs : turn_round (b, xs); /* steps are taken from the end */
  if (!infer_result (scan))
    return;
  loop = add_loop (scan);
  ys = gw_op (b, "TensorListStack", GW_IN (gw_output_of (loop, RESULTS), shape_input (b, &scan->result)),
              GW_WITH ({ "element_dtype", gw_attr_dtype (scan->dtype) }, { "num_elements", gw_attr_int (length) }));
  if (reverse)
    ys = turn_round (b, ys);
  if (axis == 1 && ys.node != NULL && gw_output_shape (ys)->rank < 2 && b->error == NULL)
    gw_builder_fail (b, GW_ERROR_INVALID_ARGUMENT, "with time in dimension 1 the cell's result must have a dimension for the batch");
  outputs[0] = swap_time (b, ys, axis);
  for (int i = 0; i < scan->n_states; i++)
    outputs[1 + i] = gw_output_of (loop, FIRST_STATE + i);
  if (b->error == NULL)
    gw_lowering_set_outputs (context, 1 + scan->n_states, outputs);
}

static void
scan_expand (GwExpandContext *context)
{
  const char *name = gw_expand_attr (context, "cell")->s;
  int64_t axis = gw_expand_attr (context, "time_axis")->i;
  const GwShape *shape = gw_output_shape (context->inputs[0]);
  Scan scan = {
    .context = context, .b = context->builder, .dtype = gw_output_dtype (context->inputs[0]),
    .n_states = context->port_sizes[PORT_STATES], .n_reads = context->port_sizes[PORT_READS],
  };

  for (int i = 1; i < context->n_inputs; i++)
    if (context->inputs[i].node == NULL)
      {
        gw_builder_fail (scan.b, GW_ERROR_INVALID_ARGUMENT, "a state, or a value that the cell reads, is missing between others");
        return;
      }
  if (shape->rank <= axis)
    {
      gw_builder_fail (scan.b, GW_ERROR_INVALID_ARGUMENT,
                       shape->rank < 0 ? "the number of dimensions of xs must be known"
                                       : "xs must have more than %d dimensions: one of them is time", (int) axis);
      return;
    }
  scan.cell = gw_lowering_function (context->lowering, name, &scan.b->error);
  if (scan.cell == NULL && scan.b->error == NULL)
    gw_builder_fail (scan.b, GW_ERROR_INVALID_ARGUMENT, "the sub-graph %s has a problem", name);
  if (scan.cell != NULL && check_cell (&scan))
    expand_cell (&scan);
}

#define NUMBER(name, words) \
  { name, GW_ATTR_INT, .max = G_MAXINT32, .help = words, .flags = GW_ATTR_HIDDEN }

static const GwOpDef scan_op = {
  .name = "Scan", .since = 1, .title = "Scan", .category = "control",
  .summary = "Runs a cell of your own along a sequence: a recurrent layer drawn by hand.",
  .doc = "The sub-graph `cell` gets one step of `xs`, the states, and what it only reads (weights, say), in this order; it "
         "gives the result of the step and the next states. Variables stand outside and are wired to `reads`, so that they "
         "are trained. The results are put together along time, and the last states are given as well. A random op in the cell "
         "draws anew at every step, and training takes the gradient at what was drawn. Stands on a While, and lists of tensors "
         "keep the steps.\n\n"
         "Example: with a cell (x, s) that gives x + s twice, `Scan ([[1, 2, 3]], [0])` gives [[1, 3, 6]] and [6]: running sums.",
  .inputs = GW_PORTS ({ "xs", "T", "The sequence: [batch, time, …], or as `time_axis` says." },
                      { "states", "T", "What the cell remembers before the first step.", .number_attr = "n_states", .literal = "" },
                      { "reads", "T", "What every step reads and none changes: weights and the like.", .number_attr = "n_reads",
                        .literal = "" }),
  .outputs = GW_PORTS ({ "ys", "T", "The results of all steps, time in the same place." },
                       { "final_states", "T", "The states after the last step.", .number_attr = "n_states" }),
  .attrs = GW_ATTRS (
    { "T", GW_ATTR_DTYPE, .def = "float32", .choices = GW_FLOAT_TYPES, .help = "Element type; follows from what is wired.", .flags = GW_ATTR_HIDDEN },
    { "cell", GW_ATTR_FUNC, .label = "Cell", .help = "The sub-graph of one step.", .flags = GW_ATTR_REQUIRED },
    { "time_axis", GW_ATTR_INT, .def = "1", .min = 0, .max = 1, .label = "Time axis",
      .help = "Which dimension of xs is time: 1 = [batch, time, …], 0 = [time, batch, …]." },
    { "reverse", GW_ATTR_BOOL, .def = "false", .label = "Backwards", .help = "From the last step to the first." },
    NUMBER ("n_states", "How many states are wired."), NUMBER ("n_reads", "How many values to read are wired.")),
  .expand = scan_expand,
  .tell = GW_TEXTS ("cell", "time_axis"),
};

const GwOpDef *const gw_composites_scan[] = { &scan_op, NULL };
