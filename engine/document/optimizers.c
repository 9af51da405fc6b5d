/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/document/optimizers.h"

#include "engine/graph/registry.h"

#define MAX_SLOTS 3

/* A variable kept beside each trained one; named after the optimizer. */
typedef struct {
  const char *port;     /* of the op that steps */
  const char *initial;  /* an initializer, or the attribute that says the value */
  const char *only_if;  /* a switch among the attributes, or NULL */
} Slot;

/* A setting: a scalar input of the op. */
typedef struct {
  const char *port, *attr;
} Setting;

typedef struct _Build Build;
typedef struct _Optimizer Optimizer;

struct _Optimizer {
  const char *name;               /* also that of its slots and, behind “Apply”, of its op */
  Slot        slots[MAX_SLOTS + 1];   /* in the order in which they are made; ended by one without a port */
  Setting     settings[6];            /* ended by one without a port */
  const char *(*op) (const Build *build);            /* where the op depends on the attributes, or NULL */
  void      (*prepare) (Build *build);               /* before the updates, or NULL */
  /* By rows, where there is no op for it: */
  gboolean    keeps_duplicates;   /* rows that stand twice are passed on as they are */
  GwNode   *(*by_rows) (Build *build, GwLoweredVariable *variable, const GwGradient *gradient);
  void      (*finish) (Build *build);                /* behind all updates, or NULL */
};

/* A scalar that the step of every variable gets, by the port's name. */
typedef struct {
  const char *port;
  GwOutput    value;
} Scalar;

struct _Build {
  GwExpandContext *context;
  GwBuilder       *b;
  const Optimizer *optimizer;
  GwOutput         learning_rate;
  GArray          *scalars;   /* of Scalar */
  GPtrArray       *updates;   /* of GwNode */
};

static double
setting (const Build *build,
         const char  *attr)
{
  return gw_expand_attr (build->context, attr)->f;
}

static void
add_scalar (Build      *build,
            const char *port,
            GwOutput    value)
{
  Scalar scalar = { port, value };

  g_array_append_val (build->scalars, scalar);
}

/* TensorFlow keeps settings as float32, whatever the variables are. */
static GwOutput
constant (Build *build,
          double value)
{
  return gw_const_scalar (build->b, GW_FLOAT32, value);
}

static GwOutput
cast_to (GwBuilder *b,
         GwOutput   value,
         GwDType    dtype)
{
  if (value.node == NULL || gw_output_dtype (value) == dtype)
    return value;
  return gw_op (b, "Cast", GW_IN (value), GW_WITH ({ "DstT", gw_attr_dtype (dtype) }));
}

/* Or its handle. */
static GwOutput
reference (const GwLoweredVariable *variable)
{
  return (GwOutput) { variable->variable, 0 };
}

static gboolean
by_handle (const GwLoweredVariable *variable)
{
  return gw_output_is_handle (reference (variable));
}

static GwOutput
find_scalar (const Build *build,
             const char  *port)
{
  for (guint i = 0; i < build->scalars->len; i++)
    if (g_str_equal (g_array_index (build->scalars, Scalar, i).port, port))
      return g_array_index (build->scalars, Scalar, i).value;
  g_assert_not_reached ();
}

/* In the type of the variable that it updates. */
static GwOutput
scalar_for (const Build             *build,
            const GwLoweredVariable *variable,
            const char              *port)
{
  return cast_to (build->b, find_scalar (build, port), gw_variable_node_dtype (variable->variable));
}

/* ---- slots ---- */

static char *
initializer_of (const Build *build,
                const Slot  *slot)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  if (g_str_equal (slot->initial, "zeros") || g_str_equal (slot->initial, "ones"))
    return g_strdup (slot->initial);
  return g_strdup_printf ("constant(%s)", g_ascii_dtostr (number, sizeof number, setting (build, slot->initial)));
}

/* “<variable>/<optimizer>”, like the variable. The second of a name gets “_1”, whichever
 * optimizer asks: slot_creator.py. */
static GwOutput
make_slot (Build             *build,
           GwLoweredVariable *variable,
           const Slot        *slot)
{
  g_autofree char *name = g_strdup_printf ("%s/%s", variable->name, build->optimizer->name);
  g_autofree char *initializer = initializer_of (build, slot);
  GwLoweredVariable *made = gw_lowering_new_variable_like (build->context, name, variable, initializer);

  return made != NULL ? reference (made) : GW_NO_OUTPUT;
}

static void
make_slots (Build             *build,
            GwLoweredVariable *variable,
            GwOutput           slots[MAX_SLOTS])
{
  const Slot *wanted = build->optimizer->slots;

  for (int i = 0; i < MAX_SLOTS && wanted[i].port != NULL; i++)
    slots[i] = wanted[i].only_if == NULL || gw_expand_attr (build->context, wanted[i].only_if)->b
                 ? make_slot (build, variable, &wanted[i]) : GW_NO_OUTPUT;
}

/* ---- the op that steps ---- */

static const GwOpDef *
find_op (Build      *build,
         gboolean    resource,
         gboolean    sparse)
{
  const Optimizer *optimizer = build->optimizer;
  g_autofree char *name = g_strconcat (resource ? "Resource" : "", sparse ? "SparseApply" : "Apply",
                                       optimizer->op != NULL ? optimizer->op (build) : optimizer->name, NULL);
  const GwOpDef *def = gw_registry_find (name);

  if (def == NULL)
    gw_builder_fail (build->b, GW_ERROR_UNIMPLEMENTED, "there is no op %s", name);
  return def;
}

static GwOutput
input_for (Build             *build,
           const char        *port,
           GwLoweredVariable *variable,
           const GwOutput    *slots,
           const GwGradient  *gradient)
{
  const Slot *wanted = build->optimizer->slots;

  if (g_str_equal (port, "var"))
    return reference (variable);
  if (g_str_equal (port, "grad") || g_str_equal (port, "delta"))
    return gradient->values;
  if (g_str_equal (port, "indices"))
    return gradient->indices;
  for (int i = 0; wanted[i].port != NULL; i++)
    if (g_str_equal (wanted[i].port, port))
      return slots[i];
  return scalar_for (build, variable, port);
}

/* Apply…, SparseApply… or either on handles, wired by the names of its ports. */
static GwNode *
apply (Build             *build,
       GwLoweredVariable *variable,
       const GwGradient  *gradient)
{
  const GwOpDef *def = find_op (build, by_handle (variable), gw_gradient_is_sparse (gradient));
  GwAttrSetting nesterov[2] = { { "use_nesterov", gw_attr_bool (FALSE) }, { NULL } };
  GwOutput slots[MAX_SLOTS];
  g_autofree GwOutput *inputs = NULL;
  int n;

  if (def == NULL)
    return NULL;
  n = gw_ports_length (def->inputs);
  inputs = g_new (GwOutput, n);
  make_slots (build, variable, slots);
  for (int i = 0; i < n; i++)
    inputs[i] = input_for (build, def->inputs[i].name, variable, slots, gradient);
  if (g_str_equal (build->optimizer->name, "Momentum"))
    nesterov[0].value.b = gw_expand_attr (build->context, "use_nesterov")->b;
  else
    nesterov[0].name = NULL;
  return gw_node_new (build->b, def->name, NULL, n, inputs, nesterov);
}

/* ---- gradient descent ---- */

/* Rows are subtracted as they come: what stands twice adds up (gradient_descent.py). */
static GwNode *
descend_rows (Build             *build,
              GwLoweredVariable *variable,
              const GwGradient  *gradient)
{
  gboolean resource = by_handle (variable);
  GwOutput values = resource ? gw_op1 (build->b, "Neg", gradient->values) : gradient->values;
  GwOutput delta = gw_op2 (build->b, "Mul", values, scalar_for (build, variable, "alpha"));

  return gw_node_new (build->b, resource ? "ResourceScatterAdd" : "ScatterSub", NULL,
                      GW_IN (reference (variable), gradient->indices, delta), NULL);
}

/* ---- Adam ---- */

static void
make_power (Build      *build,
            const char *name,
            const char *attr)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *initializer =
    g_strdup_printf ("constant(%s)", g_ascii_dtostr (number, sizeof number, setting (build, attr)));
  GwLoweredVariable *made = gw_lowering_new_variable (build->context, name, GW_FLOAT32, &GW_SHAPE_SCALAR, initializer);

  add_scalar (build, name, made != NULL ? reference (made) : GW_NO_OUTPUT);
}

/* Each optimizer has its own: adam.py, _create_slots(). */
static void
prepare_adam (Build *build)
{
  make_power (build, "beta1_power", "beta1");
  make_power (build, "beta2_power", "beta2");
}

/* slot = keep · slot, and rows of it += (1 - keep) · values. Its value then; *last gets
 * the node that wrote it. */
static GwOutput
fade_and_add (Build      *build,
              GwOutput    slot,
              GwOutput    keep,
              GwOutput    indices,
              GwOutput    values,
              GwNode    **last)
{
  GwBuilder *b = build->b;
  gboolean resource = slot.node != NULL && gw_output_is_handle (slot);
  GwOutput before = resource ? gw_op1 (b, "ReadVariableOp", slot) : slot;
  GwOutput share = gw_op2 (b, "Mul", values, gw_op2 (b, "Sub", gw_const_like (b, keep, 1), keep));
  GwNode *faded = gw_node_new (b, resource ? "AssignVariableOp" : "Assign", NULL,
                               GW_IN (slot, gw_op2 (b, "Mul", before, keep)), NULL);
  GwNode *read;

  *last = gw_node_new (b, resource ? "ResourceScatterAdd" : "ScatterAdd", NULL, GW_IN (slot, indices, share), NULL);
  if (*last == NULL)
    return GW_NO_OUTPUT;
  gw_graph_add_control (*last, faded);
  if (!resource)
    return gw_output_of (*last, 0);
  read = gw_node_new (b, "ReadVariableOp", NULL, GW_IN (slot), NULL);
  if (read != NULL)
    gw_graph_add_control (read, *last);
  return gw_output_of (read, 0);
}

/* Every row of m and v fades and every row of the variable moves (adam.py,
 * _apply_sparse_shared()). */
static GwNode *
adam_rows (Build             *build,
           GwLoweredVariable *variable,
           const GwGradient  *gradient)
{
  GwBuilder *b = build->b;
  GwOutput power1 = scalar_for (build, variable, "beta1_power");
  GwOutput power2 = scalar_for (build, variable, "beta2_power");
  GwOutput one = gw_const_scalar (b, gw_variable_node_dtype (variable->variable), 1);
  GwOutput rate = gw_op2 (b, "RealDiv",
                          gw_op2 (b, "Mul", scalar_for (build, variable, "lr"), gw_op1 (b, "Sqrt", gw_op2 (b, "Sub", one, power2))),
                          gw_op2 (b, "Sub", one, power1));
  GwOutput slots[MAX_SLOTS], m, v, move;
  GwNode *parts[3];
  GwNode *group;

  make_slots (build, variable, slots);
  m = fade_and_add (build, slots[0], scalar_for (build, variable, "beta1"), gradient->indices, gradient->values, &parts[0]);
  v = fade_and_add (build, slots[1], scalar_for (build, variable, "beta2"), gradient->indices,
                    gw_op2 (b, "Mul", gradient->values, gradient->values), &parts[1]);
  move = gw_op2 (b, "RealDiv", gw_op2 (b, "Mul", rate, m),
                 gw_op2 (b, "AddV2", gw_op1 (b, "Sqrt", v), scalar_for (build, variable, "epsilon")));
  parts[2] = gw_node_new (b, by_handle (variable) ? "AssignSubVariableOp" : "AssignSub", NULL,
                          GW_IN (reference (variable), move), NULL);
  group = gw_node_new (b, "NoOp", "group_deps", GW_NO_IN, NULL);
  for (guint i = 0; group != NULL && i < G_N_ELEMENTS (parts); i++)
    gw_graph_add_control (group, parts[i]);
  return group;
}

/* One NoOp behind everything so far. */
static GwNode *
group_updates (Build *build)
{
  GwNode *group = gw_node_new (build->b, "NoOp", "update", GW_NO_IN, NULL);

  for (guint i = 0; group != NULL && i < build->updates->len; i++)
    gw_graph_add_control (group, g_ptr_array_index (build->updates, i));
  return group;
}

static void
finish_adam (Build *build)
{
  static const char *const names[][2] = { { "beta1_power", "beta1" }, { "beta2_power", "beta2" } };
  GwNode *after = group_updates (build);

  for (guint i = 0; i < G_N_ELEMENTS (names) && after != NULL; i++)
    {
      GwOutput power = find_scalar (build, names[i][0]);
      GwNode *assign = gw_node_new (build->b, "Assign", NULL,
                                    GW_IN (power, gw_op2 (build->b, "Mul", power, find_scalar (build, names[i][1]))), NULL);

      if (assign == NULL)
        return;
      gw_graph_add_control (assign, after);
      g_ptr_array_add (build->updates, assign);
    }
}

/* ---- RMSProp, Ftrl ---- */

static const char *
rms_prop_op (const Build *build)
{
  return gw_expand_attr (build->context, "centered")->b ? "CenteredRMSProp" : "RMSProp";
}

static const char *
ftrl_op (const Build *build)
{
  return setting (build, "l2_shrinkage_regularization_strength") > 0 ? "FtrlV2" : "Ftrl";
}

/* l2 with beta in it: l2 + beta / (2 max (lr, 1e-36)) (ftrl.py, _prepare()). */
static void
prepare_ftrl (Build *build)
{
  GwBuilder *b = build->b;
  GwOutput l2 = constant (build, setting (build, "l2_regularization_strength"));
  GwOutput rate = build->learning_rate;
  double beta = setting (build, "beta");

  if (beta != 0)
    l2 = gw_op2 (b, "AddV2", cast_to (b, l2, gw_output_dtype (rate)),
                 gw_op2 (b, "RealDiv", gw_const_like (b, rate, beta),
                         gw_op2 (b, "Mul", gw_const_like (b, rate, 2),
                                 gw_op2 (b, "Maximum", rate, gw_const_like (b, rate, 1e-36)))));
  add_scalar (build, "l2", l2);
}

/* ---- all of them ---- */

#define PULLS { "l1", "l1_regularization_strength" }, { "l2", "l2_regularization_strength" }

static const Optimizer optimizers[] = {
  { "GradientDescent", .keeps_duplicates = TRUE, .by_rows = descend_rows },
  { "Momentum", { { "accum", "zeros" } }, { { "momentum", "momentum" } } },
  { "Adagrad", { { "accum", "initial_accumulator_value" } } },
  { "Adadelta", { { "accum", "zeros" }, { "accum_update", "zeros" } }, { { "rho", "rho" }, { "epsilon", "epsilon" } } },
  { "Adam", { { "m", "zeros" }, { "v", "zeros" } },
    { { "beta1", "beta1" }, { "beta2", "beta2" }, { "epsilon", "epsilon" } },
    .prepare = prepare_adam, .by_rows = adam_rows, .finish = finish_adam },
  { "RMSProp", { { "ms", "ones" }, { "mg", "zeros", "centered" }, { "mom", "zeros" } },
    { { "rho", "decay" }, { "momentum", "rms_momentum" }, { "epsilon", "rms_epsilon" } }, .op = rms_prop_op },
  { "Ftrl", { { "accum", "initial_accumulator_value" }, { "linear", "zeros" } },
    { { "l1", "l1_regularization_strength" }, { "l2_shrinkage", "l2_shrinkage_regularization_strength" },
      { "lr_power", "learning_rate_power" } },
    .op = ftrl_op, .prepare = prepare_ftrl },
  { "ProximalGradientDescent", .settings = { PULLS } },
  { "ProximalAdagrad", { { "accum", "initial_accumulator_value" } }, { PULLS } },
};

static const Optimizer *
find_optimizer (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (optimizers); i++)
    if (g_str_equal (optimizers[i].name, name))
      return &optimizers[i];
  g_assert_not_reached ();
}

static GwNode *
update (Build             *build,
        GwLoweredVariable *variable,
        const GwGradient  *gradient)
{
  const Optimizer *optimizer = build->optimizer;
  GwGradient rows;

  if (!gw_gradient_is_sparse (gradient))
    return apply (build, variable, gradient);
  rows = optimizer->keeps_duplicates ? *gradient : gw_gradient_unique_rows (build->b, gradient);
  return optimizer->by_rows != NULL ? optimizer->by_rows (build, variable, &rows) : apply (build, variable, &rows);
}

static void
update_all (Build                    *build,
            int                       n,
            GwLoweredVariable *const *variables,
            const GwGradient         *gradients)
{
  GwBuilder *b = build->b;

  for (int i = 0; i < n && b->error == NULL; i++)
    {
      g_autofree char *scope = g_strdup_printf ("update_%s", variables[i]->name);
      char *previous;
      GwNode *node;

      if (gradients[i].values.node == NULL)
        continue;
      previous = gw_builder_enter (b, scope);
      node = update (build, variables[i], &gradients[i]);
      gw_builder_leave (b, previous);
      if (node != NULL)
        g_ptr_array_add (build->updates, node);
    }
}

static GwNode *
count_step (Build *build)
{
  GwBuilder *b = build->b;
  GwNode *after = group_updates (build);
  GwLoweredVariable *step = gw_lowering_global_variable (build->context, "global_step", GW_INT64, &GW_SHAPE_SCALAR, "zeros");
  GwNode *add;

  if (after == NULL || step == NULL)
    return NULL;
  add = gw_node_new (b, "AssignAdd", NULL, GW_IN (reference (step), gw_const (b, gw_tensor_new_int64 (1))), NULL);
  if (add == NULL)
    return NULL;
  gw_graph_add_control (add, after);
  gw_lowering_set_final (build->context, add);
  return add;
}

static void
prepare (Build *build)
{
  const Optimizer *optimizer = build->optimizer;

  add_scalar (build, "lr", build->learning_rate);
  add_scalar (build, "alpha", build->learning_rate);
  for (int i = 0; optimizer->settings[i].port != NULL; i++)
    add_scalar (build, optimizer->settings[i].port, constant (build, setting (build, optimizer->settings[i].attr)));
  if (optimizer->prepare != NULL)
    optimizer->prepare (build);
}

/* What the ranges of the attributes do not say. */
static gboolean
check_settings (GwExpandContext *context,
                const char      *name)
{
  if ((g_str_equal (name, "Adagrad") || g_str_equal (name, "ProximalAdagrad")) &&
      gw_expand_attr (context, "initial_accumulator_value")->f <= 0)
    {
      gw_builder_fail (context->builder, GW_ERROR_INVALID_ARGUMENT,
                       "initial_accumulator_value must be positive: %g", gw_expand_attr (context, "initial_accumulator_value")->f);
      return FALSE;
    }
  return TRUE;
}

GwOutput
gw_optimizer_x (const GwLoweredVariable *variable)
{
  return by_handle (variable) ? reference (variable) : variable->read;
}

GwNode *
gw_optimizer_apply (GwExpandContext          *context,
                    GwOutput                  learning_rate,
                    int                       n,
                    GwLoweredVariable *const *variables,
                    const GwGradient         *gradients)
{
  const char *name = gw_expand_attr (context, "optimizer")->s;
  Build build = { .context = context, .b = context->builder, .optimizer = find_optimizer (name), .learning_rate = learning_rate };
  GwNode *final = NULL;

  if (context->builder->error != NULL || !check_settings (context, name))
    return NULL;
  build.scalars = g_array_new (FALSE, FALSE, sizeof (Scalar));
  build.updates = g_ptr_array_new ();
  prepare (&build);
  update_all (&build, n, variables, gradients);
  if (build.b->error == NULL && build.updates->len == 0)
    gw_builder_fail (build.b, GW_ERROR_INVALID_ARGUMENT,
                     "No gradients provided for any variable: the loss depends on no trainable variable%s",
                     n == 0 ? "" : " through ops that have gradients");
  if (build.b->error == NULL)
    {
      if (build.optimizer->finish != NULL)
        build.optimizer->finish (&build);
      final = count_step (&build);
    }
  g_array_unref (build.scalars);
  g_ptr_array_unref (build.updates);
  return final;
}
