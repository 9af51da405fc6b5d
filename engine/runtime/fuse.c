/* SPDX-License-Identifier: Apache-2.0 */
/* Steps are visited in order. An element-wise step joins the open groups that made its
 * operands, which become one, or else a group that takes the same operand, or opens one; a
 * group runs where it is closed, which is before the first step outside of it that takes
 * something it makes, and before anything that writes to a variable. So a step only ever
 * moves behind steps that have nothing to do with it, and nothing in an open group depends
 * on another open group. */
#include "engine/runtime/fuse-private.h"

#include <string.h>

#define MAX_OPEN 16
#define MAX_MEMBERS 4096

typedef struct {
  GwPlan     *plan;
  GPtrArray  *open;      /* of GwFuseGroup, oldest first */
  GHashTable *group_of;  /* value → open GwFuseGroup that makes it */
  GArray     *steps;     /* of GwPlanStep: the new ones */
  int        *users;     /* per value: steps that use its memory; more when it is kept */
} Fuser;

static void
group_free (gpointer data)
{
  GwFuseGroup *group = data;

  g_array_unref (group->members);
  g_array_unref (group->external);
  g_free (group);
}

static gpointer
value_key (int value)
{
  return GINT_TO_POINTER (value + 1);
}

static GwFuseGroup *
group_of (const Fuser *fuser,
          int          value)
{
  return g_hash_table_lookup (fuser->group_of, value_key (value));
}

/* ---- groups ---- */

static void
add_external (GwFuseGroup *group,
              int          value)
{
  for (guint i = 0; i < group->external->len; i++)
    if (g_array_index (group->external, int, i) == value)
      return;
  g_array_append_val (group->external, value);
}

static void
note_external (const Fuser      *fuser,
               GwFuseGroup      *group,
               const GwPlanStep *step)
{
  for (int i = 0; i < step->context.n_inputs; i++)
    if (group_of (fuser, step->input_values[i]) != group)
      add_external (group, step->input_values[i]);
}

static gboolean
joins (const Fuser      *fuser,
       GwFuseGroup      *group,
       const GwPlanStep *step)
{
  const GwShape *shape = &fuser->plan->values[step->output_values[0]].shape;
  int64_t inner = group->inner;

  if (!gw_shape_equal (shape, &group->shape) || group->members->len >= MAX_MEMBERS ||
      group->external->len + (guint) step->context.n_inputs > GW_FUSE_MAX_EXTERNAL ||
      !gw_fuse_operands_fit (fuser->plan, step, shape, &inner))
    return FALSE;
  group->inner = inner;
  return TRUE;
}

static GwFuseGroup *
open_group (Fuser            *fuser,
            const GwPlanStep *step)
{
  const GwShape *shape = &fuser->plan->values[step->output_values[0]].shape;
  GwFuseGroup *group;
  int64_t inner = 0;

  if (!gw_fuse_operands_fit (fuser->plan, step, shape, &inner))
    return NULL;
  group = g_new0 (GwFuseGroup, 1);
  group->members = g_array_new (FALSE, FALSE, sizeof (int));
  group->external = g_array_new (FALSE, FALSE, sizeof (int));
  group->shape = *shape;
  group->elements = gw_shape_elements (shape);
  group->inner = inner;
  group->sum = -1;
  g_ptr_array_add (fuser->open, group);
  return group;
}

/* ---- closing ---- */

static void
close_group (Fuser       *fuser,
             GwFuseGroup *group)
{
  GwPlan *plan = fuser->plan;
  gboolean several = group->members->len > 1 || group->sum >= 0;
  g_autofree int *members = g_memdup2 (group->members->data, group->members->len * sizeof (int));
  GwPlanStep fused;

  for (guint m = 0; m < group->members->len; m++)
    g_hash_table_remove (fuser->group_of, value_key (plan->steps[members[m]].output_values[0]));
  if (several && gw_fuse_make_step (plan, group, fuser->users, &fused))
    g_array_append_val (fuser->steps, fused);
  else
    {
      for (guint m = 0; m < group->members->len; m++)
        g_array_append_val (fuser->steps, plan->steps[members[m]]);
      if (group->sum >= 0)
        g_array_append_val (fuser->steps, plan->steps[group->sum]);
    }
  g_ptr_array_remove (fuser->open, group);
}

static void
close_all (Fuser *fuser)
{
  while (fuser->open->len > 0)
    close_group (fuser, g_ptr_array_index (fuser->open, 0));
}

/* Groups that make what the step uses, but for `keep`. */
static void
close_makers (Fuser             *fuser,
              const GwPlanStep  *step,
              const GwFuseGroup *keep)
{
  for (int i = 0; i < step->context.n_inputs; i++)
    {
      GwFuseGroup *group = group_of (fuser, gw_plan_memory_root (fuser->plan, step->input_values[i]));

      if (group != NULL && group != keep)
        close_group (fuser, group);
    }
}

/* ---- steps ---- */

/* Whether the step takes what the group makes under another shape: it must be whole then. */
static gboolean
takes_alias_of (const Fuser       *fuser,
                const GwPlanStep  *step,
                const GwFuseGroup *group)
{
  for (int i = 0; i < step->context.n_inputs; i++)
    {
      int root = gw_plan_memory_root (fuser->plan, step->input_values[i]);

      if (root != step->input_values[i] && group_of (fuser, root) == group)
        return TRUE;
    }
  return FALSE;
}

static gboolean
may_be_one (const GwFuseGroup *a,
            const GwFuseGroup *b,
            const GwPlanStep  *step)
{
  return gw_shape_equal (&a->shape, &b->shape) && (a->inner == 0 || b->inner == 0 || a->inner == b->inner) &&
         a->members->len + b->members->len < MAX_MEMBERS &&
         a->external->len + b->external->len + (guint) step->context.n_inputs <= GW_FUSE_MAX_EXTERNAL;
}

/* The larger of the two groups, which what the other one holds was moved to. */
static GwFuseGroup *
unite (Fuser       *fuser,
       GwFuseGroup *a,
       GwFuseGroup *b)
{
  GwFuseGroup *group = a->members->len >= b->members->len ? a : b;
  GwFuseGroup *other = group == a ? b : a;

  for (guint m = 0; m < other->members->len; m++)
    {
      int number = g_array_index (other->members, int, m);

      g_array_append_val (group->members, number);
      g_hash_table_insert (fuser->group_of, value_key (fuser->plan->steps[number].output_values[0]), group);
    }
  for (guint i = 0; i < other->external->len; i++)
    add_external (group, g_array_index (other->external, int, i));
  group->inner = MAX (group->inner, other->inner);
  g_ptr_array_remove (fuser->open, other);
  return group;
}

/* The open group that the step is to join, made one of those that make its operands; NULL =
 * none. */
static GwFuseGroup *
group_of_operands (Fuser            *fuser,
                   const GwPlanStep *step)
{
  GwFuseGroup *first = NULL;

  for (int i = 0; i < step->context.n_inputs; i++)
    {
      GwFuseGroup *group = group_of (fuser, step->input_values[i]);

      if (group == NULL || group == first || takes_alias_of (fuser, step, group))
        continue;
      if (first != NULL && may_be_one (first, group, step))
        first = unite (fuser, first, group);
      else if (first == NULL && joins (fuser, group, step))
        first = group;
    }
  return first;
}

/* Whether the group walks over one of the step's operands element by element anyway. */
static gboolean
shares_operand (const Fuser       *fuser,
                const GwFuseGroup *group,
                const GwPlanStep  *step)
{
  for (int i = 0; i < step->context.n_inputs; i++)
    for (guint k = 0; k < group->external->len; k++)
      {
        int value = g_array_index (group->external, int, k);

        if (value == step->input_values[i] && gw_shape_elements (&fuser->plan->values[value].shape) == group->elements)
          return TRUE;
      }
  return FALSE;
}

/* The newest open group that takes an operand of the step as well, and that it may join. */
static GwFuseGroup *
group_beside (Fuser            *fuser,
              const GwPlanStep *step)
{
  for (guint i = fuser->open->len; i > 0; i--)
    {
      GwFuseGroup *group = g_ptr_array_index (fuser->open, i - 1);

      if (shares_operand (fuser, group, step) && !takes_alias_of (fuser, step, group) && joins (fuser, group, step))
        return group;
    }
  return NULL;
}

static void
visit_element_wise (Fuser *fuser,
                    int    number)
{
  GwPlanStep *step = &fuser->plan->steps[number];
  GwFuseGroup *group = group_of_operands (fuser, step);

  close_makers (fuser, step, group);
  if (group == NULL)
    group = group_beside (fuser, step);
  if (group == NULL && fuser->open->len >= MAX_OPEN)
    close_group (fuser, g_ptr_array_index (fuser->open, 0));
  if (group == NULL)
    group = open_group (fuser, step);
  if (group == NULL)
    {
      g_array_append_val (fuser->steps, *step);
      return;
    }
  note_external (fuser, group, step);
  g_array_append_val (group->members, number);
  g_hash_table_insert (fuser->group_of, value_key (step->output_values[0]), group);
}

/* Nothing may move behind it. */
static gboolean
is_barrier (const GwPlanStep *step)
{
  GwOpFlags flags = step->node->def->flags;

  return (flags & GW_OP_STATEFUL) != 0 && (flags & GW_OP_RANDOM) == 0;
}

/* The open group whose tiles can be summed up on the way instead of in this step; NULL =
 * none. A result of one element is one of all axes. */
static GwFuseGroup *
group_to_sum (const Fuser      *fuser,
              const GwPlanStep *step)
{
  const GwPlanValue *values = fuser->plan->values;
  GwFuseGroup *group;

  if (step->dynamic || step->n_required > 0 || step->node->def->reduction == GW_REDUCTION_NONE)
    return NULL;
  group = group_of (fuser, step->input_values[0]);
  if (group == NULL || group->inner != 0 || values[step->input_values[1]].kind != GW_VALUE_CONSTANT ||
      values[step->output_values[0]].kind != GW_VALUE_ARENA ||
      gw_shape_elements (&values[step->output_values[0]].shape) != 1 ||
      !gw_fused_can_sum (values[step->input_values[0]].dtype, group->elements))
    return NULL;
  return group;
}

static void
visit (Fuser *fuser,
       int    number)
{
  GwPlanStep *step = &fuser->plan->steps[number];
  GwFuseGroup *summed = group_to_sum (fuser, step);

  if (summed != NULL)
    {
      summed->sum = number;
      close_group (fuser, summed);
      return;
    }

  if (gw_fuse_is_element_wise (fuser->plan, step))
    {
      visit_element_wise (fuser, number);
      return;
    }
  if (is_barrier (step))
    close_all (fuser);
  else
    close_makers (fuser, step, NULL);
  g_array_append_val (fuser->steps, *step);
}

void
gw_fuse_count_users (const GwPlan *plan,
                     int          *users)
{
  for (int s = 0; s < plan->n_steps; s++)
    for (int i = 0; i < plan->steps[s].context.n_inputs; i++)
      users[gw_plan_memory_root (plan, plan->steps[s].input_values[i])]++;
  for (int i = 0; i < plan->n_fetches; i++)
    users[gw_plan_memory_root (plan, plan->fetch_values[i])]++;
  if (plan->guard != NULL)
    users[gw_plan_memory_root (plan, plan->guard_value)]++;
}

void
gw_plan_fuse (GwPlan *plan)
{
  g_autoptr (GPtrArray) open = g_ptr_array_new_with_free_func (group_free);
  g_autoptr (GHashTable) groups = g_hash_table_new (NULL, NULL);
  g_autofree int *users = g_new0 (int, MAX (plan->n_values, 1));
  GArray *steps = g_array_sized_new (FALSE, FALSE, sizeof (GwPlanStep), (guint) MAX (plan->n_steps, 1));
  Fuser fuser = { plan, open, groups, steps, users };

  gw_fuse_count_users (plan, users);
  for (int s = 0; s < plan->n_steps; s++)
    visit (&fuser, s);
  close_all (&fuser);
  g_free (plan->steps);
  plan->n_steps = (int) steps->len;
  plan->steps = (GwPlanStep *) (gpointer) g_array_free (steps, FALSE);
}

