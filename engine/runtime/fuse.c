/* SPDX-License-Identifier: Apache-2.0 */
/* Steps are visited in order. An element-wise step joins the open group that made one of
 * its operands, or opens one; a group runs where it is closed, which is before the first
 * step outside of it that takes something it makes, and before anything that writes to a
 * variable. So a step only ever moves behind steps that have nothing to do with it. */
#include "engine/runtime/fuse.h"

#include <string.h>

#define MAX_OPEN 16
#define MAX_MEMBERS 4096
#define MAX_EXTERNAL 48

typedef struct {
  GArray *members;   /* of int: numbers of steps, in order */
  GArray *external;  /* of int: values that it takes from outside */
  GwShape shape;
  int64_t elements;
  int64_t inner;     /* of row and column operands; 0 = there are none */
  int     sum;       /* the step that sums up what a member makes; -1 = none */
} Group;

typedef struct {
  GwPlan     *plan;
  GPtrArray  *open;      /* of Group, oldest first */
  GHashTable *group_of;  /* value → open Group that makes it */
  GArray     *steps;     /* of GwPlanStep: the new ones */
  int        *users;     /* per value: steps that use its memory; more when it is kept */
} Fuser;

static void
group_free (gpointer data)
{
  Group *group = data;

  g_array_unref (group->members);
  g_array_unref (group->external);
  g_free (group);
}

static gpointer
value_key (int value)
{
  return GINT_TO_POINTER (value + 1);
}

static Group *
group_of (const Fuser *fuser,
          int          value)
{
  return g_hash_table_lookup (fuser->group_of, value_key (value));
}

/* ---- what can be fused ---- */

/* Loops of floating-point numbers and truth values never fail. */
static gboolean
never_fails (GwDType dtype)
{
  return dtype == GW_FLOAT32 || dtype == GW_FLOAT64 || dtype == GW_BOOL;
}

static gboolean
find_loop (const GwPlan     *plan,
           const GwPlanStep *step,
           GwFusedOp        *op)
{
  GwElementwise function = step->node->def->elementwise;
  GwDType dtype = plan->values[step->input_values[0]].dtype;

  op->arity = function.arity;
  if (function.arity == 1)
    op->unary = gw_unary_loop ((GwUnaryOp) function.function, dtype);
  else if (function.arity == 2)
    op->binary = gw_binary_loop ((GwBinaryOp) function.function, dtype);
  else if (function.arity == 3)
    op->ternary = gw_ternary_loop ((GwTernaryOp) function.function, dtype);
  return function.arity > 0 && op->unary != NULL;
}

/* Channels that stand second are not what an operand of fewer dimensions repeats along. */
static gboolean
has_channels_second (const GwNode *node)
{
  for (int i = 0; node->def->attrs != NULL && node->def->attrs[i].name != NULL; i++)
    if (g_str_equal (node->def->attrs[i].name, "data_format"))
      return g_strcmp0 (node->attrs[i].s, "NCHW") == 0;
  return FALSE;
}

static gboolean
is_element_wise (const GwPlan     *plan,
                 const GwPlanStep *step)
{
  GwFusedOp op = { 0 };

  if (step->dynamic || step->node->def->elementwise.arity == 0 || step->context.n_outputs != 1 ||
      plan->values[step->output_values[0]].kind != GW_VALUE_ARENA || has_channels_second (step->node))
    return FALSE;
  for (int i = 0; i < step->context.n_inputs; i++)
    if (!never_fails (plan->values[step->input_values[i]].dtype) ||
        step->context.variables[i] != NULL)
      return FALSE;
  return never_fails (plan->values[step->output_values[0]].dtype) && find_loop (plan, step, &op);
}

/* Product of the sizes [from, to) of a shape. */
static int64_t
product (const GwShape *shape,
         int            from,
         int            to)
{
  int64_t result = 1;

  for (int i = from; i < to; i++)
    result *= shape->dims[i];
  return result;
}

/* The size of `shape` that stands beside dimension `i` of a shape of `rank`. */
static int64_t
dim_beside (const GwShape *shape,
            int            rank,
            int            i)
{
  int at = i - (rank - shape->rank);

  return at >= 0 ? shape->dims[at] : 1;
}

/* How an operand of shape `x` is walked for a result of shape `y`, to which it
 * broadcasts; *inner is set for rows and columns. FALSE for any other way. */
static gboolean
find_walk (const GwShape *x,
           const GwShape *y,
           GwFusedWalk   *walk,
           int64_t       *inner)
{
  int64_t elements = gw_shape_elements (x), all = gw_shape_elements (y);
  int first = 0, last = y->rank;

  *walk = elements == all ? GW_FUSED_FULL : GW_FUSED_SCALAR;
  if (elements == all || elements == 1)
    return TRUE;
  while (first < last && dim_beside (x, y->rank, first) == 1)
    first++;
  while (last > first && dim_beside (x, y->rank, last - 1) == 1)
    last--;
  for (int i = first; i < last; i++)
    if (dim_beside (x, y->rank, i) != y->dims[i])
      return FALSE;
  if (product (y, last, y->rank) == 1)
    {
      *walk = GW_FUSED_ROW;
      *inner = elements;
      return TRUE;
    }
  *walk = GW_FUSED_COLUMN;
  *inner = product (y, last, y->rank);
  return product (y, 0, first) == 1;
}

/* ---- groups ---- */

/* Whether the step's operands can be walked together with the group's; *inner becomes
 * what the group's then is. */
static gboolean
operands_fit (const GwPlan     *plan,
              const GwPlanStep *step,
              const GwShape    *shape,
              int64_t          *inner)
{
  for (int i = 0; i < step->context.n_inputs; i++)
    {
      GwFusedWalk walk;
      int64_t own = 0;

      if (!find_walk (&plan->values[step->input_values[i]].shape, shape, &walk, &own))
        return FALSE;
      if (own == 0)
        continue;
      if (*inner != 0 && *inner != own)
        return FALSE;
      *inner = own;
    }
  return TRUE;
}

static void
note_external (const Fuser      *fuser,
               Group            *group,
               const GwPlanStep *step)
{
  for (int i = 0; i < step->context.n_inputs; i++)
    {
      int value = step->input_values[i];
      gboolean known = group_of (fuser, value) == group;

      for (guint k = 0; !known && k < group->external->len; k++)
        known = g_array_index (group->external, int, k) == value;
      if (!known)
        g_array_append_val (group->external, value);
    }
}

static gboolean
joins (const Fuser      *fuser,
       Group            *group,
       const GwPlanStep *step)
{
  const GwShape *shape = &fuser->plan->values[step->output_values[0]].shape;
  int64_t inner = group->inner;

  if (!gw_shape_equal (shape, &group->shape) || group->members->len >= MAX_MEMBERS ||
      group->external->len + (guint) step->context.n_inputs > MAX_EXTERNAL ||
      !operands_fit (fuser->plan, step, shape, &inner))
    return FALSE;
  group->inner = inner;
  return TRUE;
}

static Group *
open_group (Fuser            *fuser,
            const GwPlanStep *step)
{
  const GwShape *shape = &fuser->plan->values[step->output_values[0]].shape;
  Group *group;
  int64_t inner = 0;

  if (!operands_fit (fuser->plan, step, shape, &inner))
    return NULL;
  group = g_new0 (Group, 1);
  group->members = g_array_new (FALSE, FALSE, sizeof (int));
  group->external = g_array_new (FALSE, FALSE, sizeof (int));
  group->shape = *shape;
  group->elements = gw_shape_elements (shape);
  group->inner = inner;
  group->sum = -1;
  g_ptr_array_add (fuser->open, group);
  return group;
}

/* ---- programs ---- */

typedef struct {
  Fuser          *fuser;
  const Group    *group;
  GwFusedProgram *program;
  GArray         *inputs;    /* of int: values, as the program numbers them */
  GArray         *outputs;   /* of int: likewise */
  GHashTable     *places;    /* value → GwFusedOperand * */
  GHashTable     *makers;    /* value → its member's number, plus one */
  int            *last_use;  /* per member: the last member that takes what it makes, or -1 */
  GArray         *spare;     /* of int: registers that hold nothing any more */
  size_t         *sizes;     /* per register: of the elements it holds */
} Writer;

static int
member_step (const Group *group,
             guint        i)
{
  return g_array_index (group->members, int, i);
}

/* Per member, the last member that takes its result, and whether somebody outside does. */
static void
find_uses (Writer   *writer,
           gboolean *outside)
{
  const Group *group = writer->group;
  GwPlan *plan = writer->fuser->plan;
  g_autofree int *inside = g_new0 (int, group->members->len);

  for (guint m = 0; m < group->members->len; m++)
    {
      const GwPlanStep *step = &plan->steps[member_step (group, m)];

      writer->last_use[m] = -1;
      for (int i = 0; i < step->context.n_inputs; i++)
        {
          int from = GPOINTER_TO_INT (g_hash_table_lookup (writer->makers, value_key (step->input_values[i]))) - 1;

          if (from < 0)
            continue;
          writer->last_use[from] = (int) m;
          inside[from]++;
        }
      g_hash_table_insert (writer->makers, value_key (step->output_values[0]), GINT_TO_POINTER (m + 1));
    }
  if (group->sum >= 0)
    {
      int from = GPOINTER_TO_INT (g_hash_table_lookup (writer->makers, value_key (plan->steps[group->sum].input_values[0]))) - 1;

      writer->last_use[from] = (int) group->members->len; /* behind all of them */
      inside[from]++;
    }
  for (guint m = 0; m < group->members->len; m++)
    outside[m] = writer->fuser->users[plan->steps[member_step (group, m)].output_values[0]] > inside[m];
}

static void
set_place (Writer       *writer,
           int           value,
           GwFusedPlace  place,
           int           number)
{
  GwFusedOperand *operand = g_new (GwFusedOperand, 1);

  *operand = (GwFusedOperand) { place, number };
  g_hash_table_insert (writer->places, value_key (value), operand);
}

static GwFusedOperand
place_of (Writer *writer,
          int     value)
{
  const GwFusedOperand *known = g_hash_table_lookup (writer->places, value_key (value));

  if (known == NULL)
    {
      set_place (writer, value, GW_FUSED_INPUT, (int) writer->inputs->len);
      g_array_append_val (writer->inputs, value);
      known = g_hash_table_lookup (writer->places, value_key (value));
    }
  return *known;
}

/* A register for elements of `size`. One that held elements of another size is not taken:
 * a loop would write over what it has not read yet. */
static int
take_register (Writer *writer,
               size_t  size)
{
  for (guint i = 0; i < writer->spare->len; i++)
    {
      int number = g_array_index (writer->spare, int, i);

      if (writer->sizes[number] != size)
        continue;
      g_array_remove_index_fast (writer->spare, i);
      return number;
    }
  writer->sizes[writer->program->n_registers] = size;
  return writer->program->n_registers++;
}

/* Registers of what the step takes and nobody after it. */
static void
spare_dead (Writer           *writer,
            const GwPlanStep *step,
            guint             m)
{
  for (int i = 0; i < step->context.n_inputs; i++)
    {
      gpointer key = value_key (step->input_values[i]);
      int from = GPOINTER_TO_INT (g_hash_table_lookup (writer->makers, key)) - 1;
      const GwFusedOperand *place = g_hash_table_lookup (writer->places, key);

      if (from < 0 || writer->last_use[from] != (int) m || place->place != GW_FUSED_REGISTER)
        continue;
      writer->last_use[from] = -1; /* taken twice it dies once */
      g_array_append_val (writer->spare, place->number);
    }
}

static void
write_op (Writer   *writer,
          guint     m,
          gboolean  outside)
{
  GwPlan *plan = writer->fuser->plan;
  const GwPlanStep *step = &plan->steps[member_step (writer->group, m)];
  GwFusedOp *op = &writer->program->ops[m];
  int value = step->output_values[0];
  size_t size = gw_dtype_size (plan->values[value].dtype);

  find_loop (plan, step, op);
  for (int i = 0; i < step->context.n_inputs; i++)
    op->in[i] = place_of (writer, step->input_values[i]);
  spare_dead (writer, step, m);
  if (outside)
    {
      set_place (writer, value, GW_FUSED_OUTPUT, (int) writer->outputs->len);
      g_array_append_val (writer->outputs, value);
    }
  else
    {
      set_place (writer, value, GW_FUSED_REGISTER, take_register (writer, size));
      writer->program->register_size = MAX (writer->program->register_size, size);
    }
  op->out = place_of (writer, value);
}

static void
write_sum (Writer *writer)
{
  GwPlan *plan = writer->fuser->plan;
  const GwPlanStep *step = &plan->steps[writer->group->sum];

  writer->program->sum = (GwFusedSum) {
    .wanted = TRUE, .mean = g_str_equal (step->node->def->name, "Mean"),
    .dtype = plan->values[step->input_values[0]].dtype, .of = place_of (writer, step->input_values[0]),
  };
  g_array_append_val (writer->outputs, step->output_values[0]);
}

static void
write_ports (Writer *writer)
{
  GwFusedProgram *program = writer->program;
  const GwPlanValue *values = writer->fuser->plan->values;
  int64_t inner = 0;

  program->n_inputs = (int) writer->inputs->len;
  program->n_outputs = (int) writer->outputs->len;
  program->inputs = g_new0 (GwFusedPort, MAX (program->n_inputs, 1));
  program->outputs = g_new0 (GwFusedPort, MAX (program->n_outputs, 1));
  for (int i = 0; i < program->n_inputs; i++)
    {
      const GwPlanValue *value = &values[g_array_index (writer->inputs, int, i)];

      program->inputs[i].size = gw_dtype_size (value->dtype);
      program->register_size = MAX (program->register_size, program->inputs[i].size);
      find_walk (&value->shape, &writer->group->shape, &program->inputs[i].walk, &inner);
    }
  for (int i = 0; i < program->n_outputs; i++)
    program->outputs[i].size = gw_dtype_size (values[g_array_index (writer->outputs, int, i)].dtype);
}

/* The group as a program; NULL when it would not fit into tiles. */
static GwFusedProgram *
write_program (Fuser       *fuser,
               const Group *group,
               GArray      *inputs,
               GArray      *outputs)
{
  g_autoptr (GHashTable) places = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_autoptr (GHashTable) makers = g_hash_table_new (NULL, NULL);
  g_autoptr (GArray) spare = g_array_new (FALSE, FALSE, sizeof (int));
  g_autofree gboolean *outside = g_new0 (gboolean, group->members->len);
  g_autofree int *last_use = g_new (int, group->members->len);
  g_autofree size_t *sizes = g_new0 (size_t, group->members->len);
  GwFusedProgram *program = g_new0 (GwFusedProgram, 1);
  Writer writer = { fuser, group, program, inputs, outputs, places, makers, last_use, spare, sizes };

  program->elements = group->elements;
  program->inner = group->inner;
  program->register_size = 1;
  program->n_ops = (int) group->members->len;
  program->ops = g_new0 (GwFusedOp, program->n_ops);
  find_uses (&writer, outside);
  for (guint m = 0; m < group->members->len; m++)
    write_op (&writer, m, outside[m]);
  if (group->sum >= 0)
    write_sum (&writer);
  write_ports (&writer);
  if (gw_fused_settle (program))
    return program;
  gw_fused_free (program);
  return NULL;
}

static gboolean
run_program (GwKernelContext *context,
             GError         **error)
{
  gw_cpu_fused (context, context->state);
  return TRUE;
}

/* The variables that the members want initialised, each once. */
static void
gather_required (Fuser       *fuser,
                 const Group *group,
                 GwPlanStep  *fused)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new ();

  for (guint m = 0; m < group->members->len; m++)
    {
      const GwPlanStep *step = &fuser->plan->steps[member_step (group, m)];

      for (int i = 0; i < step->n_required; i++)
        if (!g_ptr_array_find (all, step->required[i], NULL))
          g_ptr_array_add (all, step->required[i]);
    }
  fused->n_required = (int) all->len;
  fused->required = g_new0 (GwVariable *, MAX (all->len, 1));
  for (guint i = 0; i < all->len; i++)
    fused->required[i] = g_ptr_array_index (all, i);
}

static void
append_fused (Fuser          *fuser,
              const Group    *group,
              GwFusedProgram *program,
              GArray         *inputs,
              GArray         *outputs)
{
  const GwPlanStep *last = &fuser->plan->steps[member_step (group, group->members->len - 1)];
  GwPlanStep fused = { .func = run_program, .node = last->node, .program = program };

  fused.input_values = g_memdup2 (inputs->data, MAX (inputs->len, 1) * sizeof (int));
  fused.output_values = g_memdup2 (outputs->data, MAX (outputs->len, 1) * sizeof (int));
  fused.context = last->context;
  fused.context.n_inputs = program->n_inputs;
  fused.context.n_outputs = program->n_outputs;
  fused.context.inputs = g_new0 (GwTensor *, MAX (program->n_inputs, 1));
  fused.context.outputs = g_new0 (GwTensor *, MAX (program->n_outputs, 1));
  fused.context.variables = g_new0 (GwVariable *, MAX (program->n_inputs, 1));
  fused.context.state = program;
  gather_required (fuser, group, &fused);
  g_array_append_val (fuser->steps, fused);
  for (guint m = 0; m < group->members->len; m++)
    gw_plan_step_clear (&fuser->plan->steps[member_step (group, m)]);
  if (group->sum >= 0)
    gw_plan_step_clear (&fuser->plan->steps[group->sum]);
}

/* ---- closing ---- */

static void
close_group (Fuser *fuser,
             Group *group)
{
  g_autoptr (GArray) inputs = g_array_new (FALSE, FALSE, sizeof (int));
  g_autoptr (GArray) outputs = g_array_new (FALSE, FALSE, sizeof (int));
  gboolean several = group->members->len > 1 || group->sum >= 0;
  GwFusedProgram *program = several ? write_program (fuser, group, inputs, outputs) : NULL;

  for (guint m = 0; m < group->members->len; m++)
    {
      GwPlanStep *step = &fuser->plan->steps[member_step (group, m)];

      g_hash_table_remove (fuser->group_of, value_key (step->output_values[0]));
      if (program == NULL)
        g_array_append_val (fuser->steps, *step);
    }
  if (program != NULL)
    append_fused (fuser, group, program, inputs, outputs);
  else if (group->sum >= 0)
    g_array_append_val (fuser->steps, fuser->plan->steps[group->sum]);
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
close_makers (Fuser            *fuser,
              const GwPlanStep *step,
              const Group      *keep)
{
  for (int i = 0; i < step->context.n_inputs; i++)
    {
      Group *group = group_of (fuser, gw_plan_memory_root (fuser->plan, step->input_values[i]));

      if (group != NULL && group != keep)
        close_group (fuser, group);
    }
}

/* ---- steps ---- */

/* Whether the step takes what the group makes under another shape: it must be whole then. */
static gboolean
takes_alias_of (const Fuser      *fuser,
                const GwPlanStep *step,
                const Group      *group)
{
  for (int i = 0; i < step->context.n_inputs; i++)
    {
      int root = gw_plan_memory_root (fuser->plan, step->input_values[i]);

      if (root != step->input_values[i] && group_of (fuser, root) == group)
        return TRUE;
    }
  return FALSE;
}

/* The open group that the step is to join, that of its first operand before others; NULL = none. */
static Group *
group_to_join (Fuser            *fuser,
               const GwPlanStep *step)
{
  for (int i = 0; i < step->context.n_inputs; i++)
    {
      Group *group = group_of (fuser, step->input_values[i]);

      if (group != NULL && joins (fuser, group, step) && !takes_alias_of (fuser, step, group))
        return group;
    }
  return NULL;
}

static void
visit_element_wise (Fuser *fuser,
                    int    number)
{
  GwPlanStep *step = &fuser->plan->steps[number];
  Group *group = group_to_join (fuser, step);

  close_makers (fuser, step, group);
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
static Group *
group_to_sum (const Fuser      *fuser,
              const GwPlanStep *step)
{
  const GwPlanValue *values = fuser->plan->values;
  const char *op = step->node->def->name;
  Group *group;

  if (step->dynamic || step->n_required > 0 || (!g_str_equal (op, "Sum") && !g_str_equal (op, "Mean")))
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
  Group *summed = group_to_sum (fuser, step);

  if (summed != NULL)
    {
      summed->sum = number;
      close_group (fuser, summed);
      return;
    }

  if (is_element_wise (fuser->plan, step))
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

static void
count_users (Fuser *fuser)
{
  GwPlan *plan = fuser->plan;

  for (int s = 0; s < plan->n_steps; s++)
    for (int i = 0; i < plan->steps[s].context.n_inputs; i++)
      fuser->users[gw_plan_memory_root (plan, plan->steps[s].input_values[i])]++;
  for (int i = 0; i < plan->n_fetches; i++)
    fuser->users[gw_plan_memory_root (plan, plan->fetch_values[i])]++;
  if (plan->guard != NULL)
    fuser->users[gw_plan_memory_root (plan, plan->guard_value)]++;
}

void
gw_plan_fuse (GwPlan *plan)
{
  g_autoptr (GPtrArray) open = g_ptr_array_new_with_free_func (group_free);
  g_autoptr (GHashTable) groups = g_hash_table_new (NULL, NULL);
  g_autofree int *users = g_new0 (int, MAX (plan->n_values, 1));
  GArray *steps = g_array_sized_new (FALSE, FALSE, sizeof (GwPlanStep), (guint) MAX (plan->n_steps, 1));
  Fuser fuser = { plan, open, groups, steps, users };

  count_users (&fuser);
  for (int s = 0; s < plan->n_steps; s++)
    visit (&fuser, s);
  close_all (&fuser);
  g_free (plan->steps);
  plan->n_steps = (int) steps->len;
  plan->steps = (GwPlanStep *) (gpointer) g_array_free (steps, FALSE);
}

gboolean
gw_fuse_may_overwrite (const GwFusedProgram *program,
                       int                   output,
                       int                   input)
{
  gboolean written = FALSE;

  if (program->sum.wanted && output == program->n_outputs - 1)
    return FALSE;
  if (program->inputs[input].walk != GW_FUSED_FULL || program->inputs[input].size != program->outputs[output].size)
    return FALSE;
  for (int i = 0; i < program->n_ops; i++)
    {
      const GwFusedOp *op = &program->ops[i];

      for (int k = 0; k < op->arity && written; k++)
        if (op->in[k].place == GW_FUSED_INPUT && op->in[k].number == input)
          return FALSE;
      written |= op->out.place == GW_FUSED_OUTPUT && op->out.number == output;
    }
  return TRUE;
}
