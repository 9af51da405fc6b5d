/* SPDX-License-Identifier: Apache-2.0 */
/* Ops that order or guard others. */
#include "engine/base/error.h"
#include "engine/base/simd.h"
#include "engine/graph/builder.h"
#include "engine/graph/shape-rules.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"
#include "engine/tensor/text.h"

#include <math.h>
#include <string.h>

/* ---- NoOp ---- */

static const GwOpDef no_op = {
  .name = "NoOp", .since = 1, .title = "Group", .category = "control",
  .summary = "Does nothing, once everything that it waits for is done.",
  .doc = "Wire control edges to it and run it: a train step of several ops, or the initialisation of all "
         "variables.\n\nExample: with control edges from the Assign nodes of two variables, running it initialises both.",
  .flags = GW_OP_STATEFUL | GW_OP_STOPS_GRADIENT,
  .shape = gw_shape_rule_none, .cpu = gw_array_kernel_none,
};

/* ---- CheckNumerics ---- */

enum { CHECK_T, CHECK_MESSAGE };

/* x - x is 0 unless x is NaN or infinite: one pass without branches. */
GW_CLONES static gboolean
all_finite (const GwTensor *tensor)
{
  GW_SWITCH_FLOAT (tensor->dtype, return TRUE,
                   const T *x = tensor->data;
                   int bad = 0;

                   for (int64_t i = 0; i < tensor->elements; i++)
                     bad |= !(x[i] - x[i] == 0);
                   return bad == 0);
  return TRUE;
}

static void
find_bad (const GwTensor *tensor,
          gboolean       *has_nan,
          gboolean       *has_inf)
{
  for (int64_t i = 0; i < tensor->elements; i++)
    {
      double x = gw_tensor_get_double (tensor, i);

      *has_nan = *has_nan || isnan (x);
      *has_inf = *has_inf || isinf (x);
    }
}

static gboolean
check_numerics_cpu (GwKernelContext *context,
                    GError         **error)
{
  gboolean has_nan = FALSE, has_inf = FALSE;

  if (!all_finite (context->inputs[0]))
    {
      find_bad (context->inputs[0], &has_nan, &has_inf);
      return gw_invalid (error, "%s : Tensor had %s values", context->attrs[CHECK_MESSAGE].s,
                         has_nan && has_inf ? "Inf and NaN" : has_nan ? "NaN" : "Inf");
    }
  return gw_array_kernel_copy (context, error);
}

static void
check_numerics_grad (GwGradContext *context)
{
  g_autofree char *message = g_strdup_printf ("Not a number (NaN) or infinity (Inf) values detected in gradient. %s",
                                              context->node->attrs[CHECK_MESSAGE].s);

  context->dx[0] = gw_op (context->builder, "CheckNumerics", GW_IN (context->dy[0]),
                          GW_WITH ({ "message", gw_attr_string (message) }));
}

static const GwOpDef check_numerics_op = {
  .name = "CheckNumerics", .since = 1, .title = "Check numbers", .category = "control",
  .summary = "Passes its input on, and fails when it holds NaN or infinity.",
  .doc = "The error begins with `message`, so that it tells which check failed. The gradient is checked as well. Put it behind "
         "a logarithm or a division that is under suspicion.",
  .inputs = GW_PORTS ({ "tensor", "T", "What is checked." }),
  .outputs = GW_PORTS ({ "output", "T", "The same." }),
  .attrs = GW_ATTRS (
    [CHECK_T] = { "T", GW_ATTR_DTYPE, .choices = GW_ALL_FLOAT_TYPES, .label = "Type",
                  .help = "Element type; follows from what is wired.", .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN },
    [CHECK_MESSAGE] = { "message", GW_ATTR_STRING, .label = "Message", .help = "Begins the error." }),
  .flags = GW_OP_INPLACE | GW_OP_IN_FLOAT,
  .shape = gw_shape_rule_same, .grad = check_numerics_grad, .cpu = check_numerics_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1.5, 2.5]"), "message=loss", GW_TEXTS ("[1.5, 2.5]") }),
  .tell = GW_TEXTS ("message"),
};

/* ---- Assert, Print ---- */

/* The commas between elements go, those inside of strings stay. */
static void
drop_commas (char *text)
{
  gboolean quoted = FALSE;
  char *to = text;

  for (const char *from = text; *from != '\0'; from++)
    {
      if (*from == '"' && (from == text || from[-1] != '\\'))
        quoted = !quoted;
      if (quoted || *from != ',')
        *to++ = *from;
    }
  *to = '\0';
}

/* “[1 2 3...]” for each tensor of the list, as TensorFlow's SummarizeValue() cuts it. */
static char *
list_values (const GwKernelContext *context,
             int                    first,
             int64_t                summarize)
{
  GString *text = g_string_new (NULL);

  for (int i = first; i < context->n_inputs; i++)
    {
      const GwTensor *tensor = context->inputs[i];
      int64_t shown = summarize < 0 ? tensor->elements : MIN (summarize, tensor->elements);
      GwShape vector = GW_SHAPE (shown);
      g_autoptr (GwTensor) part = gw_tensor_new_foreign (tensor->dtype, &vector, tensor->data);
      g_autofree char *values = gw_tensor_to_string (part, 0);

      drop_commas (values);
      if (shown < tensor->elements)
        values[strlen (values) - 1] = '\0';
      g_string_append_printf (text, "%s%s", values, shown < tensor->elements ? "...]" : "");
    }
  return g_string_free (text, FALSE);
}

#define SUMMARIZE \
  { "summarize", GW_ATTR_INT, .def = "3", .label = "Elements", \
    .help = "How many elements of each tensor are shown; -1 shows all." }

enum { ASSERT_T, ASSERT_SUMMARIZE };

static gboolean
assert_shape (GwShapeContext *context,
              GError        **error)
{
  return gw_array_want_scalar (context, 0, error);
}

static gboolean
assert_cpu (GwKernelContext *context,
            GError         **error)
{
  g_autofree char *values = NULL;

  if (context->inputs[0]->elements != 1)
    return gw_invalid (error, "condition must be a scalar");
  if (*GW_TENSOR_DATA (context->inputs[0], uint8_t) != 0)
    return TRUE;
  values = list_values (context, 1, context->attrs[ASSERT_SUMMARIZE].i);
  return gw_invalid (error, "assertion failed: %s", values);
}

static const GwOpDef assert_op = {
  .name = "Assert", .since = 1, .title = "Assert", .category = "control",
  .summary = "Ends the run with an error when a condition does not hold.",
  .doc = "The error shows the tensors of `data`. Nothing is wired behind it: let what relies on the condition wait for it by "
         "a control edge.",
  .inputs = GW_PORTS ({ "condition", "bool", "A scalar." },
                      { "data", "T", "What the error shows: texts, and the values that are to blame." }),
  .attrs = GW_ATTRS (
    [ASSERT_T] = { "T", GW_ATTR_DTYPES, .min = 1, .max = G_MAXINT32, .label = "Types",
                   .help = "Element types; follow from what is wired.", .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN },
    [ASSERT_SUMMARIZE] = SUMMARIZE),
  .flags = GW_OP_STATEFUL | GW_OP_NO_GRADIENT,
  .shape = assert_shape, .cpu = assert_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("true", "[1.5, 2.5]"), "summarize=10", NULL }),
  .tell = GW_TEXTS ("summarize"),
};

enum { PRINT_T, PRINT_U, PRINT_MESSAGE, PRINT_FIRST_N, PRINT_SUMMARIZE };

/* How often it has spoken. */
typedef struct {
  int64_t n;
} PrintState;

static gboolean
print_shape (GwShapeContext *context,
             GError        **error)
{
  context->outputs[0] = context->inputs[0];
  return TRUE;
}

static gboolean
print_cpu (GwKernelContext *context,
           GError         **error)
{
  PrintState *state = context->state;
  int64_t first_n = context->attrs[PRINT_FIRST_N].i;

  if (context->message != NULL && (first_n < 0 || state == NULL || state->n < first_n))
    {
      g_autofree char *values = list_values (context, 1, context->attrs[PRINT_SUMMARIZE].i);
      g_autofree char *text = g_strconcat (context->attrs[PRINT_MESSAGE].s, values, NULL);

      context->message (context->message_data, context->node, text);
    }
  if (state != NULL && state->n < G_MAXINT64)
    state->n++;
  return gw_array_kernel_copy (context, error);
}

static void
print_grad (GwGradContext *context)
{
  context->dx[0] = context->dy[0];
}

static const GwOpDef print_op = {
  .name = "Print", .since = 1, .title = "Print", .category = "control",
  .summary = "Passes its input on, and writes tensors to the log.",
  .doc = "`data` is what is written, `input` what goes on: wire it where the values are on the way to something that runs.",
  .inputs = GW_PORTS ({ "input", "T", "What is passed on." }, { "data", "U", "What is written." }),
  .outputs = GW_PORTS ({ "output", "T", "The input." }),
  .attrs = GW_ATTRS (
    [PRINT_T] = GW_ARRAY_ATTR_T,
    [PRINT_U] = { "U", GW_ATTR_DTYPES, .min = 0, .max = G_MAXINT32, .label = "Types",
                  .help = "Element types of the data; follow from what is wired.",
                  .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN },
    [PRINT_MESSAGE] = { "message", GW_ATTR_STRING, .label = "Message", .help = "Begins the line." },
    [PRINT_FIRST_N] = { "first_n", GW_ATTR_INT, .def = "-1", .label = "At most",
                        .help = "How many times it writes; -1: always." },
    [PRINT_SUMMARIZE] = SUMMARIZE),
  .flags = GW_OP_STATEFUL,
  .shape_rule = "the input's",
  .shape = print_shape, .grad = print_grad, .cpu = print_cpu, .state_size = sizeof (PrintState),
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1.5, 2.5]", "[3, 4]"), "message=values:", GW_TEXTS ("[1.5, 2.5]") }),
  .tell = GW_TEXTS ("message"),
};

const GwOpDef *const gw_ops_control[] = { &no_op, &check_numerics_op, &assert_op, &print_op, NULL };
