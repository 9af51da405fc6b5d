/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of products written in index notation. */
#include "engine/base/error.h"
#include "engine/device/cpu/einsum.h"
#include "engine/graph/builder.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

#include <string.h>

enum { EINSUM_EQUATION, EINSUM_N, EINSUM_T };

#define ELLIPSIS "..."
#define MAX_TERM 32

/* ---- equations ---- */

/* A term of the equation: its letters, and where an ellipsis stands between them. */
typedef struct {
  char letters[MAX_TERM];
  int  n;
  int  ellipsis;   /* letters before it, or -1 */
} Term;

typedef struct {
  int  n_inputs;
  Term inputs[2];
  Term output;
} Equation;

static gboolean
parse_term (const char  *text,
            Term        *term,
            GError     **error)
{
  *term = (Term) { .ellipsis = -1 };
  while (*text != '\0')
    {
      if (g_str_has_prefix (text, ELLIPSIS) && term->ellipsis < 0)
        {
          term->ellipsis = term->n;
          text += strlen (ELLIPSIS);
          continue;
        }
      if (!g_ascii_isalnum (*text))
        return gw_invalid (error, "equation: a label must be a letter, not “%c”; an ellipsis is “...”, once in a term",
                           g_ascii_isprint (*text) ? *text : '?');
      if (term->n == GW_MAX_RANK)
        return gw_invalid (error, "equation: a term has more than %d labels", GW_MAX_RANK);
      term->letters[term->n++] = *text++;
    }
  return TRUE;
}

static gboolean
appears (const Equation *equation,
         char            letter)
{
  for (int i = 0; i < equation->n_inputs; i++)
    if (memchr (equation->inputs[i].letters, letter, (size_t) equation->inputs[i].n) != NULL)
      return TRUE;
  return FALSE;
}

static gboolean
parse_equation (const char  *text,
                int          n_inputs,
                Equation    *equation,
                GError     **error)
{
  g_auto (GStrv) sides = g_strsplit (text != NULL ? text : "", "->", -1);
  g_auto (GStrv) terms = NULL;
  int n;

  if (g_strv_length (sides) != 2)
    return gw_invalid (error, "Expecting exactly one '->' in einsum equation: %s", text);
  terms = *sides[0] != '\0' ? g_strsplit (sides[0], ",", -1) : g_strdupv ((char *[]) { (char *) "", NULL });
  n = (int) g_strv_length (terms);
  if (n > 2)
    return gw_invalid (error, "Expecting 1 or 2 input subscripts in equation '%s' but got: %d", text, n);
  if (n != n_inputs)
    return gw_invalid (error, "equation '%s' has %d input terms, and %d inputs are wired", text, n, n_inputs);
  equation->n_inputs = n;
  for (int i = 0; i < n; i++)
    if (!parse_term (terms[i], &equation->inputs[i], error))
      return FALSE;
  if (!parse_term (sides[1], &equation->output, error))
    return FALSE;
  for (int i = 0; i < equation->output.n; i++)
    if (!appears (equation, equation->output.letters[i]))
      return gw_invalid (error, "equation '%s': the output's label %c is in no input", text, equation->output.letters[i]);
  return TRUE;
}

/* ---- dimensions ---- */

/* Labels in the order in which they are met; dimensions under an ellipsis are counted
 * from the right and called 1, 2, …, which no letter is. */
typedef struct {
  char     names[2 * GW_EINSUM_LABELS];
  int      n;
  int64_t  dims[2 * GW_EINSUM_LABELS];  /* -1 = not known */
  int      n_under;                     /* dimensions under the widest ellipsis */
  gboolean open;                        /* an input's rank is not known */
} Labels;

static int
label_of (Labels *labels,
          char    name)
{
  for (int i = 0; i < labels->n; i++)
    if (labels->names[i] == name)
      return i;
  labels->names[labels->n] = name;
  labels->dims[labels->n] = GW_DIM_UNKNOWN;
  return labels->n++;
}

static gboolean
learn_dim (Labels         *labels,
           int             label,
           gboolean        under,
           const GwShape  *shape,
           int             axis,
           GError        **error)
{
  int64_t *dim = &labels->dims[label];
  int64_t size = shape->dims[axis];
  g_autofree char *text = NULL;

  if (size < 0 || *dim == size)
    return TRUE;
  if (under && size == 1 && *dim > 1)
    return TRUE;
  if (*dim < 0 || (under && *dim == 1))
    {
      *dim = size;
      return TRUE;
    }
  text = gw_shape_to_string (shape);
  return gw_invalid (error, "Expected dimension %" G_GINT64_FORMAT " at axis %d of the input shaped %s but got dimension %"
                     G_GINT64_FORMAT, *dim, axis, text, size);
}

/* Under an ellipsis a size of 1 may still be repeated where the other is open. */
static gboolean
learn_term (Labels         *labels,
            const Term     *term,
            const GwShape  *shape,
            int             input,
            GwEinsumTerm   *result,
            GError        **error)
{
  int under = shape->rank - term->n;

  if (shape->rank < 0)
    {
      labels->open = labels->open || term->ellipsis >= 0;
      return TRUE;
    }
  if (term->ellipsis < 0 && under != 0)
    return gw_invalid (error, "Expected input %d to have rank %d but got: %d", input, term->n, shape->rank);
  if (under < 0)
    return gw_invalid (error, "Expected input %d to have rank at least %d but got: %d", input, term->n, shape->rank);
  labels->n_under = MAX (labels->n_under, under);
  result->n = shape->rank;
  for (int axis = 0; axis < shape->rank; axis++)
    {
      gboolean inside = under > 0 && axis >= term->ellipsis && axis < term->ellipsis + under;
      int letter = axis < term->ellipsis || term->ellipsis < 0 ? axis : axis - under;
      char name = inside ? (char) (term->ellipsis + under - axis) : term->letters[letter];

      result->labels[axis] = label_of (labels, name);
      if (!learn_dim (labels, result->labels[axis], inside, shape, axis, error))
        return FALSE;
    }
  return TRUE;
}

/* A dimension under an ellipsis that one input has as 1 and the other leaves open. */
static void
forget_open_ones (const Equation *equation,
                  const GwShape  *shapes,
                  Labels         *labels)
{
  for (int i = 0; i < equation->n_inputs; i++)
    for (int p = 1; equation->inputs[i].ellipsis >= 0 && shapes[i].rank >= 0 && p <= shapes[i].rank - equation->inputs[i].n; p++)
      {
        int axis = equation->inputs[i].ellipsis + shapes[i].rank - equation->inputs[i].n - p;
        int label = label_of (labels, (char) p);

        if (shapes[i].dims[axis] < 0 && labels->dims[label] == 1)
          labels->dims[label] = GW_DIM_UNKNOWN;
      }
}

/* The output's labels, where the inputs' ranks are known. */
static gboolean
output_term (const Equation  *equation,
             Labels          *labels,
             GwEinsumTerm    *result,
             GError         **error)
{
  const Term *term = &equation->output;
  int under = term->ellipsis >= 0 ? labels->n_under : 0;
  int before = term->ellipsis >= 0 ? term->ellipsis : term->n;

  if (term->ellipsis < 0 && labels->n_under > 0)
    return gw_invalid (error, "Output contains %d broadcasting dimension(s) but no ellipsis (...) was found in the output "
                       "subscripts.", labels->n_under);
  if (term->n + under > GW_MAX_RANK)
    return gw_invalid (error, "the output has more than %d dimensions", GW_MAX_RANK);
  result->n = 0;
  for (int i = 0; i < before; i++)
    result->labels[result->n++] = label_of (labels, term->letters[i]);
  for (int p = under; p > 0; p--)
    result->labels[result->n++] = label_of (labels, (char) p);
  for (int i = before; i < term->n; i++)
    result->labels[result->n++] = label_of (labels, term->letters[i]);
  return TRUE;
}

/* Reads the equation against shapes; *complete says whether all ranks are known. */
static gboolean
resolve (const char     *text,
         int             n_inputs,
         const GwShape  *shapes,
         GwEinsum       *einsum,
         gboolean       *complete,
         GError        **error)
{
  Labels labels = { .n = 0 };
  Equation equation;

  if (!parse_equation (text, n_inputs, &equation, error))
    return FALSE;
  *einsum = (GwEinsum) { .n_inputs = n_inputs };
  for (int i = 0; i < n_inputs; i++)
    if (!learn_term (&labels, &equation.inputs[i], &shapes[i], i, &einsum->inputs[i], error))
      return FALSE;
  forget_open_ones (&equation, shapes, &labels);
  *complete = !labels.open;
  if (labels.open && equation.output.ellipsis >= 0)
    return TRUE;
  if (!output_term (&equation, &labels, &einsum->output, error))
    return FALSE;
  if (labels.n > GW_EINSUM_LABELS)
    return gw_invalid (error, "equation '%s' has more than %d labels", text, GW_EINSUM_LABELS);
  *complete = TRUE;
  memcpy (einsum->dims, labels.dims, sizeof einsum->dims);
  return TRUE;
}

static gboolean
einsum_shape (GwShapeContext *context,
              GError        **error)
{
  GwShape *out = &context->outputs[0];
  gboolean complete;
  GwEinsum einsum;

  if (!resolve (context->attrs[EINSUM_EQUATION].s, context->n_inputs, context->inputs, &einsum, &complete, error))
    return FALSE;
  if (!complete)
    return TRUE;
  *out = gw_shape_of_rank (einsum.output.n);
  for (int i = 0; i < einsum.output.n; i++)
    out->dims[i] = einsum.dims[einsum.output.labels[i]];
  return gw_array_check_size (out, error);
}

static gboolean
einsum_cpu (GwKernelContext *context,
            GError         **error)
{
  GwShape shapes[2] = { context->inputs[0]->shape };
  gboolean complete;
  GwEinsum einsum;

  if (context->n_inputs > 1)
    shapes[1] = context->inputs[1]->shape;
  return resolve (context->attrs[EINSUM_EQUATION].s, context->n_inputs, shapes, &einsum, &complete, error) &&
         gw_cpu_einsum (context, &einsum, error);
}

/* ---- gradient ---- */

static GwOutput
einsum_of (GwBuilder      *b,
           int             n,
           const GwOutput *inputs,
           const char     *left,
           const char     *right)
{
  g_autofree char *equation = g_strconcat (left, "->", right, NULL);

  return gw_op (b, "Einsum", n, inputs, GW_WITH ({ "equation", gw_attr_string (equation) }));
}

/* Where `letter` stands in a term as text: from the left, or, behind an ellipsis, from
 * the right as a negative number. */
static int
axis_of (const char *term,
         char        letter)
{
  const char *ellipsis = strstr (term, ELLIPSIS);
  const char *at = strchr (term, letter);

  return ellipsis == NULL || at < ellipsis ? (int) (at - term) : (int) (at - term) - (int) strlen (term);
}

/* The gradient of input x whose labels `gone` were summed up alone: dy, in the order of
 * `left`, is repeated along them. */
static GwOutput
spread (GwGradContext *context,
        GwOutput       x,
        GwOutput       dy,
        const char    *left,
        const char    *term,
        const char    *gone)
{
  GwBuilder *b = context->builder;
  g_autofree char *before = g_strconcat (gone, left, NULL);
  GwOutput shape = gw_op1 (b, "Shape", x), zero = gw_const_scalar (b, GW_INT32, 0), repeated;
  int64_t axes[MAX_TERM];
  int n = (int) strlen (gone);
  int rank = gw_output_shape (x)->rank;

  for (int i = 0; i < n; i++)
    {
      axes[i] = axis_of (term, gone[i]);
      if (axes[i] < 0 && rank < 0)
        {
          gw_builder_fail (b, GW_ERROR_UNIMPLEMENTED, "the gradient of this Einsum needs inputs of known rank");
          return GW_NO_OUTPUT;
        }
      axes[i] += axes[i] < 0 ? rank : 0;
    }
  shape = gw_op (b, "ConcatV2", GW_IN (gw_op3 (b, "GatherV2", shape, gw_const_ints (b, n, axes), zero),
                                       gw_op1 (b, "Shape", dy), zero), NULL);
  repeated = gw_op2 (b, "BroadcastTo", dy, shape);
  return einsum_of (b, 1, &repeated, before, term);
}

/* Labels of `term` that are in none of the others, each once. */
static char *
only_in (const char *term,
         const char *other,
         const char *output)
{
  g_autoptr (GString) found = g_string_new (NULL);

  for (const char *c = term; *c != '\0'; c++)
    if (*c != '.' && strchr (other, *c) == NULL && strchr (output, *c) == NULL && strchr (found->str, *c) == NULL)
      g_string_append_c (found, *c);
  return g_string_free (g_steal_pointer (&found), FALSE);
}

static char *
without (const char *term,
         const char *gone)
{
  g_autoptr (GString) left = g_string_new (NULL);

  for (const char *c = term; *c != '\0'; c++)
    if (strchr (gone, *c) == NULL)
      g_string_append_c (left, *c);
  return g_string_free (g_steal_pointer (&left), FALSE);
}

static GwOutput
gradient_of_one (GwGradContext *context,
                 const char    *term,
                 const char    *output)
{
  g_autofree char *gone = only_in (term, "", output);
  GwOutput dy = gw_grad_dy (context, 0);

  if (*gone == '\0')
    return einsum_of (context->builder, 1, &dy, output, term);
  return spread (context, gw_grad_x (context, 0), dy, output, term, gone);
}

/* z = x y → dx = dz y in the labels of x. */
static GwOutput
gradient_of_two (GwGradContext *context,
                 int            which,
                 const char    *term,
                 const char    *other,
                 const char    *output)
{
  GwBuilder *b = context->builder;
  g_autofree char *gone = only_in (term, other, output);
  g_autofree char *left = without (term, gone);
  g_autofree char *inputs = g_strconcat (output, ",", other, NULL);
  GwOutput y = gw_grad_x (context, 1 - which);
  GwOutput operands[2] = { gw_grad_dy (context, 0), y };
  GwOutput dx;

  if (gw_dtype_is_complex (gw_output_dtype (y)))
    operands[1] = gw_op1 (b, "Conj", y);
  dx = einsum_of (b, 2, operands, inputs, left);
  return *gone == '\0' ? dx : spread (context, gw_grad_x (context, which), dx, left, term, gone);
}

/* The sizes under the ellipsis of a term, as a vector. */
static GwOutput
under_ellipsis (GwBuilder  *b,
                GwOutput    shape,
                const char *term)
{
  const char *ellipsis = strstr (term, ELLIPSIS);
  int64_t from = ellipsis - term, to = -(int64_t) strlen (ellipsis + strlen (ELLIPSIS));

  return gw_op (b, "StridedSlice", GW_IN (shape, gw_const_ints (b, 1, &from), gw_const_ints (b, 1, &to),
                                          gw_const_ints (b, 1, (const int64_t[]) { 1 })),
                GW_WITH ({ "end_mask", gw_attr_int (to == 0 ? 1 : 0) }));
}

/* Sums what the dimensions under the ellipses were repeated for. */
static void
unbroadcast (GwGradContext *context,
             const char    *terms[2])
{
  GwBuilder *b = context->builder;
  GwOutput shapes[2], under[2];
  GwNode *args;

  for (int i = 0; i < 2; i++)
    {
      shapes[i] = gw_op1 (b, "Shape", gw_grad_x (context, i));
      under[i] = under_ellipsis (b, shapes[i], terms[i]);
    }
  args = gw_node_new (b, "BroadcastGradientArgs", NULL, GW_IN (under[0], under[1]), NULL);
  for (int i = 0; i < 2; i++)
    {
      GwOutput from = gw_const_scalar (b, GW_INT32, (double) (strstr (terms[i], ELLIPSIS) - terms[i]));
      GwOutput axes = gw_op2 (b, "AddV2", gw_output_of (args, i), from);

      context->dx[i] = gw_op2 (b, "Reshape", gw_op2 (b, "Sum", context->dx[i], axes), shapes[i]);
    }
}

static void
einsum_grad (GwGradContext *context)
{
  g_auto (GStrv) sides = g_strsplit (context->node->attrs[EINSUM_EQUATION].s, "->", 2);
  g_auto (GStrv) terms = g_strsplit (sides[0], ",", 2);
  gboolean repeats = strstr (sides[1], ELLIPSIS) != NULL;
  const GwShape *x = gw_output_shape (gw_grad_x (context, 0));

  if (context->node->n_inputs == 1)
    {
      context->dx[0] = gradient_of_one (context, sides[0], sides[1]);
      return;
    }
  for (int i = 0; i < 2; i++)
    if (repeats && strstr (terms[i], ELLIPSIS) == NULL)
      {
        char *wider = g_strconcat (terms[i], ELLIPSIS, NULL);

        g_free (terms[i]);
        terms[i] = wider;
      }
  for (int i = 0; i < 2; i++)
    context->dx[i] = gradient_of_two (context, i, terms[i], terms[1 - i], sides[1]);
  if (repeats && !(gw_shape_is_known (x) && strcmp (terms[0], terms[1]) == 0 &&
                   gw_shape_equal (x, gw_output_shape (gw_grad_x (context, 1)))))
    unbroadcast (context, (const char *[]) { terms[0], terms[1] });
}

static const GwOpDef einsum = {
  .name = "Einsum", .since = 1, .title = "Einstein sum", .category = "maths/Matrices",
  .summary = "Multiplies and sums tensors as an equation of labels says.",
  .doc = "The equation names the dimensions of the inputs and of the output. What is called by one letter in both inputs "
         "is gone through together; what the output does not name is summed:\n\n"
         "| equation | is |\n| --- | --- |\n| `ij,jk->ik` | matrix product |\n| `bij,bjk->bik` | products of a batch |\n"
         "| `ij->ji` | transpose |\n| `ii->` | trace |\n| `ii->i` | diagonal |\n| `i,j->ij` | outer product |\n"
         "| `ij->j` | sums of columns |\n| `...ij,...jk->...ik` | products with broadcasting |\n\n"
         "`...` stands for any number of further dimensions, broadcast against each other; the output must have it when an "
         "input does. One or two inputs; sums are computed as products of matrices.",
  .inputs = GW_PORTS ({ "inputs", "T", "One tensor for each term on the left.", .number_attr = "N" }),
  .outputs = GW_PORTS ({ "output", "T", "Shaped as the term on the right says." }),
  .attrs = GW_ATTRS (
    [EINSUM_EQUATION] = { "equation", GW_ATTR_STRING, .label = "Equation", .flags = GW_ATTR_REQUIRED,
                          .help = "Labels of the inputs, with a comma between, “->”, labels of the output." },
    [EINSUM_N] = GW_ARRAY_ATTR_N ("N", 1),
    [EINSUM_T] = { "T", GW_ATTR_DTYPE, .label = "Type", .help = "Element type; follows from what is wired.",
                   .choices = GW_CHOICES ("float32", "float64", "int32", "int64", "complex64", "complex128",
                                          "bfloat16", "float16"),
                   .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }),
  .flags = GW_OP_IN_FLOAT,
  .shape_rule = "the sizes that the labels of the output have in the inputs; `...` broadcasts",
  .shape = einsum_shape, .grad = einsum_grad, .cpu = einsum_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1.5, 2], [3, 4]]", "[[1.0, 0], [2, 1]]"), "equation=ij,jk->ik", GW_TEXTS ("[[5.5, 2], [11, 4]]") },
    { GW_TEXTS ("[[1, 2], [3, 4]]"), "T=int32 equation=ii->", GW_TEXTS ("5") },
    { GW_TEXTS ("[[1.5, 2, 3], [4, 5, 6]]"), "equation=ij->j", GW_TEXTS ("[5.5, 7, 9]") },
    { GW_TEXTS ("[[[1.5, 2]], [[3, 4]]]", "[1.0, 10]"), "equation=...i,i->...", GW_TEXTS ("[[21.5], [43]]") },
    { GW_TEXTS ("[1.5, 2]"), "equation=i->ii", GW_TEXTS ("[[1.5, 0], [0, 2]]") }),
  .tell = GW_CHOICES ("equation"),
};

const GwOpDef *const gw_ops_einsum[] = { &einsum, NULL };
