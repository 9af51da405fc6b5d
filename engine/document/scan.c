/* SPDX-License-Identifier: Apache-2.0 */
/* Scan: a cell drawn by hand, run along a sequence. */
#include "engine/base/error.h"
#include "engine/document/composites.h"
#include "engine/document/functions-private.h"
#include "engine/document/parts.h"
#include "engine/document/scan-loop.h"

enum { PORT_XS, PORT_STATES, PORT_READS };

typedef struct {
  GwExpandContext  *context;
  GwBuilder        *b;
  const GwFunction *cell;
  int               n_states, n_reads;
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

static void
expand_cell (Scan *scan)
{
  GwExpandContext *context = scan->context;
  GwBuilder *b = scan->b;
  int axis = (int) gw_expand_attr (context, "time_axis")->i;
  GwScanLoop loop = { scan->cell, swap_time (b, context->inputs[0], axis), gw_expand_attr (context, "reverse")->b,
                      scan->n_states, scan->n_reads, context->inputs + 1 };
  g_autofree GwOutput *outputs = g_new0 (GwOutput, 1 + scan->n_states);

  if (loop.xs.node == NULL || !gw_scan_loop_add (b, &loop, &outputs[0], outputs + 1))
    return;
  if (axis == 1 && gw_output_shape (outputs[0])->rank < 2)
    gw_builder_fail (b, GW_ERROR_INVALID_ARGUMENT, "with time in dimension 1 the cell's result must have a dimension for the batch");
  else
    outputs[0] = swap_time (b, outputs[0], axis);
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
    .context = context, .b = context->builder,
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
