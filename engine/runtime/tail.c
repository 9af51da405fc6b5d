/* SPDX-License-Identifier: Apache-2.0 */
/* The joined step has the operands of both: first those of the kernel, then those of the
 * program, what goes between them being output 0 and an input too, so that the program's
 * result may take over its memory. */
#include "engine/runtime/tail.h"

#include "engine/runtime/fuse-private.h"

#include <string.h>

struct _GwPlanTail {
  GwKernelTail      kernel;    /* what the kernel calls: this very object */
  GwFusedProgram   *program;
  GwTensor *const  *inputs;    /* of the program: parts of the step's */
  GwTensor *const  *outputs;
  int               first_input, first_output; /* which of the step's those are */
  int               between;   /* the program's input that the kernel makes */
};

typedef struct {
  GwPlan *plan;
  int    *users;    /* per value: steps that use its memory; more when it is kept */
  int    *maker;    /* per value: the step that makes it, or -1 */
  int    *barriers; /* per step: those up to it that may write to variables */
} Joiner;

void
gw_plan_tail_free (GwPlanTail *tail)
{
  if (tail == NULL)
    return;
  gw_fused_free (tail->program);
  g_free (tail);
}

int
gw_plan_tail_n_nodes (const GwPlanTail *tail)
{
  return tail->program->n_nodes;
}

double
gw_plan_tail_flops (const GwPlanTail *tail)
{
  return (double) tail->program->elements * tail->program->n_nodes;
}

gboolean
gw_plan_tail_may_overwrite (const GwPlanTail *tail,
                            int               output,
                            int               input)
{
  return output >= tail->first_output && input == tail->first_input + tail->between &&
         gw_fuse_may_overwrite (tail->program, output - tail->first_output, tail->between);
}

gboolean
gw_plan_tail_is_between (const GwPlanStep *step,
                         int               operand)
{
  const GwPlanTail *tail = step->tail;

  return tail != NULL && (operand == tail->first_input + tail->between || operand == step->context.n_inputs);
}

static void
run_tail (const GwKernelTail *kernel,
          int64_t             begin,
          int64_t             end)
{
  const GwPlanTail *tail = (const GwPlanTail *) kernel;

  gw_cpu_fused_range (tail->program, tail->inputs, tail->outputs, begin, end);
}

/* ---- which steps go together ---- */

/* A kernel that calls for its tail, and has nothing else behind it. */
static gboolean
can_have_tail (const GwPlan     *plan,
               const GwPlanStep *step)
{
  const GwPlanValue *value;

  if (step->node == NULL || step->program != NULL || step->group != NULL || step->tail != NULL || step->dynamic ||
      step->context.n_outputs != 1 || (step->node->def->flags & GW_OP_TAIL) == 0 || step->func != step->node->def->cpu)
    return FALSE;
  value = &plan->values[step->output_values[0]];
  return value->kind == GW_VALUE_ARENA && (value->dtype == GW_FLOAT32 || value->dtype == GW_FLOAT64);
}

/* Whether the step is element by element and may be cut at the channels of the result. */
static gboolean
can_be_tail (const GwPlan     *plan,
             const GwPlanStep *step,
             const GwShape    *shape)
{
  int64_t inner = 0;

  if (shape->rank < 1 || shape->dims[shape->rank - 1] == 0)
    return FALSE;
  if (step->program != NULL)
    return !step->program->sum.wanted && step->program->elements == gw_shape_elements (shape) &&
           (step->program->inner == 0 || shape->dims[shape->rank - 1] % step->program->inner == 0);
  return step->group == NULL && gw_fuse_is_element_wise (plan, step) &&
         gw_shape_equal (&plan->values[step->output_values[0]].shape, shape) &&
         gw_fuse_operands_fit (plan, step, shape, &inner) &&
         (inner == 0 || shape->dims[shape->rank - 1] % inner == 0);
}

/* The input of step s whose maker it can be the tail of, or -1: nothing between the two may
 * change what the first one reads. */
static int
input_to_follow (const Joiner *joiner,
                 int           s)
{
  const GwPlan *plan = joiner->plan;
  const GwPlanStep *step = &plan->steps[s];

  for (int i = 0; i < step->context.n_inputs; i++)
    {
      int value = step->input_values[i], maker = joiner->maker[value];

      if (maker >= 0 && joiner->users[value] == 1 && joiner->barriers[maker] == joiner->barriers[s] &&
          can_have_tail (plan, &plan->steps[maker]) && can_be_tail (plan, step, &plan->values[value].shape))
        return i;
    }
  return -1;
}

/* ---- joining ---- */

/* The step as a program, which takes its place: it is one, or a lone one. */
static gboolean
make_program (Joiner     *joiner,
              int         s,
              GwPlanStep *made)
{
  GwPlan *plan = joiner->plan;
  const GwPlanStep *step = &plan->steps[s];
  g_autoptr (GArray) members = g_array_new (FALSE, FALSE, sizeof (int));
  g_autoptr (GArray) external = g_array_new (FALSE, FALSE, sizeof (int));
  GwFuseGroup group = { .members = members, .external = external, .sum = -1 };

  *made = *step;
  if (step->program != NULL)
    return TRUE;
  group.shape = plan->values[step->output_values[0]].shape;
  group.elements = gw_shape_elements (&group.shape);
  if (!gw_fuse_operands_fit (plan, step, &group.shape, &group.inner))
    return FALSE;
  g_array_append_val (members, s);
  g_array_append_vals (external, step->input_values, step->context.n_inputs);
  return gw_fuse_make_step (plan, &group, joiner->users, made);
}

static void *
joined (const void *a,
        int         n_a,
        const void *b,
        int         n_b,
        size_t      size)
{
  char *all = g_malloc_n ((size_t) MAX (n_a + n_b, 1), size);

  if (n_a > 0)
    memcpy (all, a, (size_t) n_a * size);
  if (n_b > 0)
    memcpy (all + (size_t) n_a * size, b, (size_t) n_b * size);
  return all;
}

/* The kernel's step with the program behind it; `program` is used up. */
static GwPlanStep
join (const GwPlanStep *kernel,
      GwPlanStep       *program,
      int               between,
      const GwShape    *shape)
{
  const GwKernelContext *a = &kernel->context, *b = &program->context;
  GwPlanTail *tail = g_new0 (GwPlanTail, 1);
  GwPlanStep all = *kernel;

  all.input_values = joined (kernel->input_values, a->n_inputs, program->input_values, b->n_inputs, sizeof (int));
  all.output_values = joined (kernel->output_values, a->n_outputs, program->output_values, b->n_outputs, sizeof (int));
  all.required = joined (kernel->required, kernel->n_required, program->required, program->n_required, sizeof (GwVariable *));
  all.n_required = kernel->n_required + program->n_required;
  all.context.variables = joined (a->variables, a->n_inputs, b->variables, b->n_inputs, sizeof (GwVariable *));
  all.context.n_inputs = a->n_inputs + b->n_inputs;
  all.context.n_outputs = a->n_outputs + b->n_outputs;
  all.context.inputs = g_new0 (GwTensor *, all.context.n_inputs);
  all.context.outputs = g_new0 (GwTensor *, all.context.n_outputs);
  *tail = (GwPlanTail) {
    .kernel = { run_tail, gw_shape_elements (shape), shape->dims[shape->rank - 1] },
    .program = g_steal_pointer (&program->program), .inputs = all.context.inputs + a->n_inputs,
    .outputs = all.context.outputs + a->n_outputs, .first_input = a->n_inputs, .first_output = a->n_outputs,
    .between = between,
  };
  all.tail = tail;
  all.context.tail = &tail->kernel;
  return all;
}

/* Step s is the tail of the one that makes its input `input`. */
static void
add_tail (Joiner *joiner,
          int     s,
          int     input)
{
  GwPlan *plan = joiner->plan;
  int value = plan->steps[s].input_values[input];
  GwPlanStep *kernel = &plan->steps[joiner->maker[value]];
  GwPlanStep program, all;
  int between = -1;

  if (!make_program (joiner, s, &program))
    return;
  plan->steps[s] = program;
  for (int i = 0; i < program.context.n_inputs; i++)
    if (program.input_values[i] == value && program.program->inputs[i].walk == GW_FUSED_FULL)
      between = i;
  if (between < 0)
    return;
  all = join (kernel, &program, between, &plan->values[value].shape);
  gw_plan_step_clear (&program);
  gw_plan_step_clear (kernel);
  *kernel = (GwPlanStep) { 0 };
  plan->steps[s] = all;
}

static gboolean
is_barrier (const GwPlanStep *step)
{
  GwOpFlags flags = step->node->def->flags;

  return (flags & GW_OP_STATEFUL) != 0 && (flags & GW_OP_RANDOM) == 0;
}

static void
look_around (Joiner *joiner)
{
  GwPlan *plan = joiner->plan;
  int n_barriers = 0;

  gw_fuse_count_users (plan, joiner->users);
  for (int v = 0; v < plan->n_values; v++)
    joiner->maker[v] = -1;
  for (int s = 0; s < plan->n_steps; s++)
    {
      const GwPlanStep *step = &plan->steps[s];

      n_barriers += is_barrier (step);
      joiner->barriers[s] = n_barriers;
      for (int i = 0; i < step->context.n_outputs; i++)
        joiner->maker[step->output_values[i]] = s;
    }
}

void
gw_plan_add_tails (GwPlan *plan)
{
  int n = MAX (plan->n_values, 1);
  g_autofree int *users = g_new0 (int, n);
  g_autofree int *maker = g_new (int, n);
  g_autofree int *barriers = g_new (int, MAX (plan->n_steps, 1));
  Joiner joiner = { plan, users, maker, barriers };
  int to = 0;

  look_around (&joiner);
  for (int s = 0; s < plan->n_steps; s++)
    {
      int input = plan->steps[s].dynamic ? -1 : input_to_follow (&joiner, s);

      if (input >= 0)
        add_tail (&joiner, s, input);
    }
  for (int s = 0; s < plan->n_steps; s++)
    if (plan->steps[s].node != NULL)
      plan->steps[to++] = plan->steps[s];
  plan->n_steps = to;
}
