/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/document/scan-loop.h"

#include "engine/document/parts.h"
#include "engine/ops/loop-draws.h"

#include <string.h>

/* Variables of the loop before the states. */
enum { STEPS, RESULTS, FIRST_STATE };

typedef struct {
  const GwScanLoop *loop;
  const GwFunction *cell;
  GwBuilder        *b;
  GwDType           dtype;    /* of xs and of the results */
  int               n_states;
  GwShape           step;     /* of one step of xs */
  GwShape           result;   /* of one result, as far as it is known */
} Scan;

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
      gw_output_facts_init (&facts[i], scan->loop->inputs[i - 1]);
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

GwFunction *
gw_scan_finish_function (GwBuilder      *inner,
                         const char     *name,
                         int             n_args,
                         const GwOutput *args,
                         int             n_results,
                         const GwOutput *results,
                         GError        **error)
{
  GwGraph *graph = inner->graph;
  GwFunction *function = gw_builder_finish (inner, error)
                           ? gw_function_new (name, graph, n_args, args, n_results, results, error) : NULL;

  gw_graph_unref (graph);
  return function;
}

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

  return gw_scan_finish_function (b, name, n_args, args, n_results, results, &scan->b->error);
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
add_while (const Scan *scan,
           GwOutput    steps)
{
  GwBuilder *b = scan->b;
  int n = FIRST_STATE + scan->n_states + scan->loop->n_reads;
  g_autofree GwOutput *inputs = g_new0 (GwOutput, n);
  GwAttrSetting element = { "element_dtype", gw_attr_dtype (scan->dtype) };
  g_autoptr (GwFunction) cond = NULL;
  g_autoptr (GwFunction) body = NULL;

  inputs[STEPS] = gw_op (b, "TensorListFromTensor", GW_IN (steps, gw_const_scalar (b, GW_INT32, -1)), GW_WITH (element));
  inputs[RESULTS] = gw_op (b, "EmptyTensorList", GW_IN (shape_input (b, &scan->result), gw_const_scalar (b, GW_INT32, -1)),
                        GW_WITH (element));
  memcpy (inputs + FIRST_STATE, scan->loop->inputs, sizeof *inputs * (gsize) (n - FIRST_STATE));
  cond = b->error == NULL ? make_condition (scan, n, inputs) : NULL;
  body = cond != NULL ? make_body (scan, n, inputs) : NULL;
  if (body == NULL)
    return NULL;
  return gw_loop_new (b, "While", n, inputs, cond, body);
}

gboolean
gw_scan_loop_add (GwBuilder        *builder,
                  const GwScanLoop *loop,
                  GwOutput         *ys,
                  GwOutput         *last)
{
  Scan scan = { .loop = loop, .cell = loop->cell, .b = builder, .n_states = loop->n_states };
  GwOutput steps;
  GwNode *node;

  if (builder->error != NULL)
    return FALSE;
  scan.dtype = gw_output_dtype (loop->xs);
  scan.step = *gw_output_shape (loop->xs);
  scan.step.rank--;
  memmove (scan.step.dims, scan.step.dims + 1, sizeof (int64_t) * (gsize) scan.step.rank);
  steps = loop->reverse ? loop->xs : turn_round (builder, loop->xs); /* they are taken from the end */
  if (!infer_result (&scan))
    return FALSE;
  node = add_while (&scan, steps);
  *ys = gw_op (builder, "TensorListStack", GW_IN (gw_output_of (node, RESULTS), shape_input (builder, &scan.result)),
               GW_WITH ({ "element_dtype", gw_attr_dtype (scan.dtype) },
                        { "num_elements", gw_attr_int (gw_output_shape (loop->xs)->dims[0]) }));
  if (loop->reverse)
    *ys = turn_round (builder, *ys);
  for (int i = 0; i < scan.n_states; i++)
    last[i] = gw_output_of (node, FIRST_STATE + i);
  return builder->error == NULL;
}
