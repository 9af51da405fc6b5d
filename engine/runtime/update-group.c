/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/runtime/update-group.h"

#include "engine/base/error.h"
#include "engine/graph/op-update.h"

#include <string.h>

/* Elements of a piece: a multiple of what vectors hold, as wherever loops are cut. */
#define PIECE 16384

typedef struct {
  GwKernelContext context;   /* its inputs and outputs are parts of the group's */
  const GwNode   *node;
  GwUpdateLayout  layout;
  GwUpdate        update;    /* read anew in each run */
} Member;

typedef struct {
  int     member;
  int64_t begin, end;
} Piece;

struct _GwUpdateGroup {
  int     n_members;
  Member *members;
  GArray *pieces;  /* of Piece */
  GArray *chunks;  /* of int: the first piece of each, and one behind the last */
};

void
gw_update_group_free (GwUpdateGroup *group)
{
  if (group == NULL)
    return;
  for (int i = 0; i < group->n_members; i++)
    g_free ((gpointer) group->members[i].context.variables);
  g_free (group->members);
  g_array_unref (group->pieces);
  g_array_unref (group->chunks);
  g_free (group);
}

int
gw_update_group_size (const GwUpdateGroup *group)
{
  return group->n_members;
}

/* ---- running ---- */

static void
run_chunk (void *data,
           int   chunk)
{
  const GwUpdateGroup *group = data;
  int end = g_array_index (group->chunks, int, chunk + 1);

  for (int i = g_array_index (group->chunks, int, chunk); i < end; i++)
    {
      const Piece *piece = &g_array_index (group->pieces, Piece, i);

      gw_cpu_update_part (&group->members[piece->member].update, piece->begin, piece->end);
    }
}

/* Each is checked before any is made. One that does not fit says so by its own kernel. */
static gboolean
run_group (GwKernelContext *context,
           GError         **error)
{
  GwUpdateGroup *group = context->state;

  for (int i = 0; i < group->n_members; i++)
    {
      Member *member = &group->members[i];

      if (!gw_update_fits (&member->layout, &member->context))
        {
          if (member->node->def->cpu (&member->context, error))
            gw_invalid (error, "the shapes of its operands are not those that were planned");
          gw_error_set_node (error, member->node->name, member->node->def->name);
          return FALSE;
        }
      gw_update_read (&member->layout, &member->context, &member->update);
    }
  gw_workers_run (context->workers, (int) group->chunks->len - 1, run_chunk, group);
  return TRUE;
}

/* ---- which steps go together ---- */

static gboolean
has_loops (GwDType dtype)
{
  return gw_dtype_is_floating (dtype);
}

/* A step of all of a variable whose memory, shapes and outputs are settled. */
static gboolean
is_candidate (const GwPlan     *plan,
              const GwPlanStep *step)
{
  GwUpdateLayout layout;

  if (step->program != NULL || step->dynamic || step->node->def->update == 0)
    return FALSE;
  gw_update_layout (step->node->def, &layout);
  if (layout.indices >= 0)
    return FALSE;
  for (int i = 0; i < layout.n_tensors; i++)
    if (step->context.variables[layout.tensors[i]] == NULL ||
        !has_loops (step->context.variables[layout.tensors[i]]->tensor->dtype))
      return FALSE;
  for (int i = 0; i < step->context.n_outputs; i++)
    if (plan->values[step->output_values[i]].kind != GW_VALUE_VARIABLE)
      return FALSE;
  return TRUE;
}

/* The variables that a step changes are nothing that another one of the group changes or
 * reads, nor the other way round. */
static gboolean
is_independent (const GwPlan     *plan,
                const GwPlanStep *step,
                GHashTable       *written,
                GHashTable       *read)
{
  for (int i = 0; i < step->context.n_inputs; i++)
    {
      int root = gw_plan_memory_root (plan, step->input_values[i]);
      GwVariable *variable = plan->values[root].kind == GW_VALUE_VARIABLE ? plan->values[root].variable : NULL;

      if (variable == NULL)
        continue;
      if (g_hash_table_contains (written, variable) ||
          (step->context.variables[i] != NULL && g_hash_table_contains (read, variable)))
        return FALSE;
    }
  return TRUE;
}

static void
note_variables (const GwPlan     *plan,
                const GwPlanStep *step,
                GHashTable       *written,
                GHashTable       *read)
{
  for (int i = 0; i < step->context.n_inputs; i++)
    {
      int root = gw_plan_memory_root (plan, step->input_values[i]);

      if (plan->values[root].kind == GW_VALUE_VARIABLE)
        g_hash_table_add (step->context.variables[i] != NULL ? written : read, plan->values[root].variable);
    }
}

/* How many steps from `first` on go together. */
static int
group_length (const GwPlan *plan,
              int           first)
{
  g_autoptr (GHashTable) written = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) read = g_hash_table_new (NULL, NULL);
  int s = first;

  while (s < plan->n_steps && is_candidate (plan, &plan->steps[s]) &&
         is_independent (plan, &plan->steps[s], written, read))
    note_variables (plan, &plan->steps[s++], written, read);
  return s - first;
}

/* ---- making them one ---- */

static void
cut (GwUpdateGroup *group)
{
  int64_t gathered = PIECE; /* the first piece begins a chunk */
  int end;

  for (int m = 0; m < group->n_members; m++)
    {
      const Member *member = &group->members[m];
      int64_t n = member->context.variables[member->layout.tensors[0]]->tensor->elements;

      for (int64_t at = 0; at < n; at += PIECE)
        {
          Piece piece = { m, at, MIN (at + PIECE, n) };
          int number = (int) group->pieces->len;

          if (gathered + (piece.end - piece.begin) > PIECE)
            {
              g_array_append_val (group->chunks, number);
              gathered = 0;
            }
          gathered += piece.end - piece.begin;
          g_array_append_val (group->pieces, piece);
        }
    }
  end = (int) group->pieces->len;
  g_array_append_val (group->chunks, end);
}

static void
append_array (void       *to,
              int         at,
              const void *from,
              int         n,
              size_t      size)
{
  memcpy ((char *) to + (size_t) at * size, from, (size_t) n * size);
}

/* The member takes over what it needs of its step; the rest is freed. */
static void
move_member (GwUpdateGroup *group,
             GwPlanStep    *all,
             GwPlanStep    *step)
{
  GwKernelContext *context = &all->context;
  Member *member = &group->members[group->n_members++];

  append_array (all->input_values, context->n_inputs, step->input_values, step->context.n_inputs, sizeof (int));
  append_array (all->output_values, context->n_outputs, step->output_values, step->context.n_outputs, sizeof (int));
  append_array ((gpointer) context->variables, context->n_inputs, step->context.variables, step->context.n_inputs, sizeof (GwVariable *));
  append_array (all->required, all->n_required, step->required, step->n_required, sizeof (GwVariable *));
  *member = (Member) { .context = step->context, .node = step->node };
  gw_update_layout (step->node->def, &member->layout);
  member->context.inputs = context->inputs + context->n_inputs;
  member->context.outputs = context->outputs + context->n_outputs;
  context->n_inputs += step->context.n_inputs;
  context->n_outputs += step->context.n_outputs;
  all->n_required += step->n_required;
  step->context.variables = NULL; /* the member's now */
  gw_plan_step_clear (step);
}

static GwPlanStep
make_group (GwPlanStep *steps,
            int         n)
{
  GwUpdateGroup *group = g_new0 (GwUpdateGroup, 1);
  GwPlanStep all = { .func = run_group, .node = steps[n - 1].node, .group = group };
  int n_inputs = 0, n_outputs = 0, n_required = 0;

  for (int i = 0; i < n; i++)
    {
      n_inputs += steps[i].context.n_inputs;
      n_outputs += steps[i].context.n_outputs;
      n_required += steps[i].n_required;
    }
  group->members = g_new0 (Member, n);
  group->pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  group->chunks = g_array_new (FALSE, FALSE, sizeof (int));
  all.context = steps[n - 1].context;
  all.context.n_inputs = all.context.n_outputs = 0;
  all.context.inputs = g_new0 (GwTensor *, MAX (n_inputs, 1));
  all.context.outputs = g_new0 (GwTensor *, MAX (n_outputs, 1));
  all.context.variables = g_new0 (GwVariable *, MAX (n_inputs, 1));
  all.context.state = group;
  all.input_values = g_new (int, MAX (n_inputs, 1));
  all.output_values = g_new (int, MAX (n_outputs, 1));
  all.required = g_new0 (GwVariable *, MAX (n_required, 1));
  for (int i = 0; i < n; i++)
    move_member (group, &all, &steps[i]);
  cut (group);
  return all;
}

void
gw_plan_group_updates (GwPlan *plan)
{
  int to = 0;

  for (int s = 0; s < plan->n_steps;)
    {
      int n = group_length (plan, s);

      plan->steps[to++] = n > 1 ? make_group (&plan->steps[s], n) : plan->steps[s];
      s += MAX (n, 1);
    }
  plan->n_steps = to;
}
