/* SPDX-License-Identifier: Apache-2.0 */
/* What fused steps become: a list of loops over tiles, its operands being inputs, outputs
 * and registers. */
#include "engine/runtime/fuse-private.h"

#include <string.h>

/* Summands of a step that adds them all up, at most: each is an operand. */
#define MAX_FOLDED 16

static gpointer
value_key (int value)
{
  return GINT_TO_POINTER (value + 1);
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
  if (function.converts)
    op->unary = gw_cast_loop (dtype, plan->values[step->output_values[0]].dtype);
  else if (function.arity == 1)
    op->unary = gw_unary_loop ((GwUnaryOp) function.function, dtype);
  else if (function.arity == 2)
    op->binary = gw_binary_loop ((GwBinaryOp) function.function, dtype);
  else if (function.arity == 3)
    op->ternary = gw_ternary_loop ((GwTernaryOp) function.function, dtype);
  return function.arity > 0 && op->unary != NULL;
}

static const GwAttrValue *
find_attr (const GwNode *node,
           const char   *name)
{
  for (int i = 0; node->def->attrs != NULL && node->def->attrs[i].name != NULL; i++)
    if (g_str_equal (node->def->attrs[i].name, name))
      return &node->attrs[i];
  return NULL;
}

/* What makes an op another function than its definition's: channels that stand second are
 * not what an operand of fewer dimensions repeats along; a conversion may drop bits
 * instead of rounding. */
static gboolean
is_special (const GwNode *node)
{
  const GwAttrValue *format = find_attr (node, "data_format");
  const GwAttrValue *truncates = node->def->elementwise.converts ? find_attr (node, "Truncate") : NULL;

  return (format != NULL && g_strcmp0 (format->s, "NCHW") == 0) || (truncates != NULL && truncates->b);
}

static gboolean
has_operands (const GwPlanStep *step)
{
  GwElementwise function = step->node->def->elementwise;
  int n = step->context.n_inputs;

  return function.arity > 0 && (function.folds ? n >= function.arity && n <= MAX_FOLDED : n == function.arity);
}

gboolean
gw_fuse_is_element_wise (const GwPlan     *plan,
                         const GwPlanStep *step)
{
  GwFusedOp op = { 0 };

  if (step->dynamic || !has_operands (step) || step->context.n_outputs != 1 ||
      plan->values[step->output_values[0]].kind != GW_VALUE_ARENA || is_special (step->node))
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

gboolean
gw_fuse_operands_fit (const GwPlan     *plan,
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

/* ---- programs ---- */

typedef struct {
  GwPlan            *plan;
  const GwFuseGroup *group;
  const int         *users;
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
member_step (const GwFuseGroup *group,
             guint        i)
{
  return g_array_index (group->members, int, i);
}

/* Per member, the last member that takes its result, and whether somebody outside does. */
static void
find_uses (Writer   *writer,
           gboolean *outside)
{
  const GwFuseGroup *group = writer->group;
  GwPlan *plan = writer->plan;
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
    outside[m] = writer->users[plan->steps[member_step (group, m)].output_values[0]] > inside[m];
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

/* Where the member's result goes. */
static GwFusedOperand
place_result (Writer   *writer,
              int       value,
              gboolean  outside)
{
  size_t size = gw_dtype_size (writer->plan->values[value].dtype);

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
  return place_of (writer, value);
}

/* All summands are read after the first two are added: the result takes the place of none. */
static void
write_folded (Writer   *writer,
              guint     m,
              gboolean  outside)
{
  GwPlan *plan = writer->plan;
  const GwPlanStep *step = &plan->steps[member_step (writer->group, m)];
  GwFusedOperand from = place_of (writer, step->input_values[0]), to;

  for (int i = 1; i < step->context.n_inputs; i++)
    place_of (writer, step->input_values[i]);
  to = place_result (writer, step->output_values[0], outside);
  for (int i = 1; i < step->context.n_inputs; i++)
    {
      GwFusedOp *op = &writer->program->ops[writer->program->n_ops++];

      find_loop (plan, step, op);
      op->in[0] = i == 1 ? from : to;
      op->in[1] = place_of (writer, step->input_values[i]);
      op->out = to;
    }
  spare_dead (writer, step, m);
}

static void
write_member (Writer   *writer,
              guint     m,
              gboolean  outside)
{
  GwPlan *plan = writer->plan;
  const GwPlanStep *step = &plan->steps[member_step (writer->group, m)];
  GwFusedOp *op;

  if (step->node->def->elementwise.folds)
    {
      write_folded (writer, m, outside);
      return;
    }
  op = &writer->program->ops[writer->program->n_ops++];
  find_loop (plan, step, op);
  for (int i = 0; i < step->context.n_inputs; i++)
    op->in[i] = place_of (writer, step->input_values[i]);
  spare_dead (writer, step, m);
  op->out = place_result (writer, step->output_values[0], outside);
}

static void
write_sum (Writer *writer)
{
  GwPlan *plan = writer->plan;
  const GwPlanStep *step = &plan->steps[writer->group->sum];

  writer->program->sum = (GwFusedSum) {
    .wanted = TRUE, .mean = step->node->def->reduction == GW_REDUCTION_MEAN,
    .dtype = plan->values[step->input_values[0]].dtype, .of = place_of (writer, step->input_values[0]),
  };
  g_array_append_val (writer->outputs, step->output_values[0]);
}

static void
write_ports (Writer *writer)
{
  GwFusedProgram *program = writer->program;
  const GwPlanValue *values = writer->plan->values;
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

static int
count_ops (const GwPlan      *plan,
           const GwFuseGroup *group)
{
  int n = 0;

  for (guint m = 0; m < group->members->len; m++)
    {
      const GwPlanStep *step = &plan->steps[member_step (group, m)];

      n += step->node->def->elementwise.folds ? step->context.n_inputs - 1 : 1;
    }
  return n;
}

/* The group as a program; NULL when it would not fit into tiles. */
static GwFusedProgram *
write_program (GwPlan            *plan,
               const GwFuseGroup *group,
               const int         *users,
               GArray            *inputs,
               GArray            *outputs)
{
  g_autoptr (GHashTable) places = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_autoptr (GHashTable) makers = g_hash_table_new (NULL, NULL);
  g_autoptr (GArray) spare = g_array_new (FALSE, FALSE, sizeof (int));
  g_autofree gboolean *outside = g_new0 (gboolean, group->members->len);
  g_autofree int *last_use = g_new (int, group->members->len);
  g_autofree size_t *sizes = g_new0 (size_t, group->members->len);
  GwFusedProgram *program = g_new0 (GwFusedProgram, 1);
  Writer writer = { plan, group, users, program, inputs, outputs, places, makers, last_use, spare, sizes };

  program->elements = group->elements;
  program->inner = group->inner;
  program->register_size = 1;
  program->n_nodes = (int) group->members->len + (group->sum >= 0);
  program->ops = g_new0 (GwFusedOp, count_ops (plan, group));
  find_uses (&writer, outside);
  for (guint m = 0; m < group->members->len; m++)
    write_member (&writer, m, outside[m]);
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
gather_required (const GwPlan      *plan,
                 const GwFuseGroup *group,
                 GwPlanStep        *fused)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new ();

  for (guint m = 0; m < group->members->len; m++)
    {
      const GwPlanStep *step = &plan->steps[member_step (group, m)];

      for (int i = 0; i < step->n_required; i++)
        if (!g_ptr_array_find (all, step->required[i], NULL))
          g_ptr_array_add (all, step->required[i]);
    }
  fused->n_required = (int) all->len;
  fused->required = g_new0 (GwVariable *, MAX (all->len, 1));
  for (guint i = 0; i < all->len; i++)
    fused->required[i] = g_ptr_array_index (all, i);
}

gboolean
gw_fuse_make_step (GwPlan            *plan,
                   const GwFuseGroup *group,
                   const int         *users,
                   GwPlanStep        *fused)
{
  const GwPlanStep *last = &plan->steps[member_step (group, group->members->len - 1)];
  g_autoptr (GArray) inputs = g_array_new (FALSE, FALSE, sizeof (int));
  g_autoptr (GArray) outputs = g_array_new (FALSE, FALSE, sizeof (int));
  GwFusedProgram *program = write_program (plan, group, users, inputs, outputs);

  if (program == NULL)
    return FALSE;
  *fused = (GwPlanStep) { .func = run_program, .node = last->node, .program = program, .context = last->context };
  fused->input_values = g_memdup2 (inputs->data, MAX (inputs->len, 1) * sizeof (int));
  fused->output_values = g_memdup2 (outputs->data, MAX (outputs->len, 1) * sizeof (int));
  fused->context.n_inputs = program->n_inputs;
  fused->context.n_outputs = program->n_outputs;
  fused->context.inputs = g_new0 (GwTensor *, MAX (program->n_inputs, 1));
  fused->context.outputs = g_new0 (GwTensor *, MAX (program->n_outputs, 1));
  fused->context.variables = g_new0 (GwVariable *, MAX (program->n_inputs, 1));
  fused->context.state = program;
  gather_required (plan, group, fused);
  for (guint m = 0; m < group->members->len; m++)
    gw_plan_step_clear (&plan->steps[member_step (group, m)]);
  if (group->sum >= 0)
    gw_plan_step_clear (&plan->steps[group->sum]);
  return TRUE;
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
