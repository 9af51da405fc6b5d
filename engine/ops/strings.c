/* SPDX-License-Identifier: Apache-2.0 */
/* Ops on texts. Strings are bytes; nothing here needs them to be UTF-8. */
#include "engine/base/error.h"
#include "engine/graph/shape-rules.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

#include <math.h>
#include <string.h>

/* ---- StringJoin ---- */

enum { JOIN_N, JOIN_SEPARATOR };

/* Scalars go with every element; the others must agree. */
static gboolean
string_join_shape (GwShapeContext *context,
                   GError        **error)
{
  GwShape all = GW_SHAPE_SCALAR;
  gboolean met_open = FALSE;

  for (int i = 0; i < context->n_inputs; i++)
    {
      if (context->inputs[i].rank < 0)
        met_open = TRUE;
      else if (context->inputs[i].rank > 0 && all.rank == 0)
        all = context->inputs[i];
      else if (context->inputs[i].rank > 0 &&
               !gw_array_merge (&all, &context->inputs[i], "inputs", &all, error))
        return FALSE;
    }
  context->outputs[0] = met_open && all.rank == 0 ? GW_SHAPE_UNKNOWN : all;
  return TRUE;
}

static const GwOpDef string_join_op;

static gboolean
string_join_cpu (GwKernelContext *context,
                 GError         **error)
{
  const char *separator = context->attrs[JOIN_SEPARATOR].s;
  g_autoptr (GString) text = g_string_new (NULL);
  GwTensor *output;

  if (!gw_array_prepare (context, &string_join_op, error))
    return FALSE;
  output = context->outputs[0];
  for (int64_t i = 0; i < output->elements; i++)
    {
      g_string_truncate (text, 0);
      for (int k = 0; k < context->n_inputs; k++)
        {
          const GwTensor *input = context->inputs[k];
          const GwString *part = gw_tensor_get_string (input, input->shape.rank == 0 ? 0 : i);

          if (k > 0)
            g_string_append (text, separator);
          if (part->length > 0)
            g_string_append_len (text, part->data, (gssize) part->length);
        }
      gw_string_set (&GW_TENSOR_DATA (output, GwString)[i], text->str, text->len);
    }
  return TRUE;
}

static const GwOpDef string_join_op = {
  .name = "StringJoin", .since = 1, .title = "Join texts", .category = "strings/Text",
  .summary = "Puts texts together, element by element.",
  .doc = "A scalar is put beside every element of the others.",
  .inputs = GW_PORTS ({ "inputs", "string", "Texts of one shape, or scalars.", .number_attr = "N" }),
  .outputs = GW_PORTS ({ "output", "string", "The joined texts." }),
  .attrs = GW_ATTRS ([JOIN_N] = GW_ARRAY_ATTR_N ("N", 1),
                     [JOIN_SEPARATOR] = { "separator", GW_ATTR_STRING, .label = "Separator",
                                          .help = "Stands between two texts." }),
  .flags = GW_OP_NO_GRADIENT,
  .shape_rule = "that of the inputs that are no scalars, which must agree",
  .shape = string_join_shape, .cpu = string_join_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[\"a\", \"b\"]", "[\"x\", \"y\"]"), "N=2 separator=-", GW_TEXTS ("[\"a-x\", \"b-y\"]") },
    { GW_TEXTS ("\"Hello, \"", "[\"world\", \"you\"]"), "N=2", GW_TEXTS ("[\"Hello, world\", \"Hello, you\"]") }),
  .tell = GW_TEXTS ("separator"),
};

/* ---- AsString ---- */

enum { AS_T, AS_PRECISION, AS_SCIENTIFIC, AS_SHORTEST, AS_WIDTH, AS_FILL };

static gboolean
as_string_shape (GwShapeContext *context,
                 GError        **error)
{
  const GwAttrValue *attrs = context->attrs;
  const char *fill = attrs[AS_FILL].s;
  GwDType dtype = context->input_dtypes[0];
  gboolean has_fraction = gw_dtype_is_floating (dtype) || gw_dtype_is_complex (dtype);

  if (!has_fraction && (attrs[AS_SCIENTIFIC].b || attrs[AS_SHORTEST].b))
    return gw_invalid (error, "scientific and shortest format not supported for datatype %s", gw_dtype_name (dtype));
  if (!has_fraction && attrs[AS_PRECISION].i >= 0)
    return gw_invalid (error, "precision not supported for datatype %s", gw_dtype_name (dtype));
  if (strlen (fill) > 1)
    return gw_invalid (error, "Fill string must be one or fewer characters, not “%s”", fill);
  if (attrs[AS_SCIENTIFIC].b && attrs[AS_SHORTEST].b)
    return gw_invalid (error, "Cannot select both scientific and shortest notation");
  if (fill[0] != '\0' && strchr ("+-0 #", fill[0]) == NULL)
    return gw_invalid (error, "Fill argument not supported: \"%s\"", fill);
  return gw_shape_rule_same (context, error);
}

/* printf's conversion for a double, a long long or an unsigned one; the pieces were
 * checked above. */
static char *
as_string_format (const GwAttrValue *attrs,
                  GwDType            dtype)
{
  g_autoptr (GString) format = g_string_new ("%");

  if (attrs[AS_WIDTH].i >= 0)
    g_string_append_printf (format, "%s%d", attrs[AS_FILL].s, (int) attrs[AS_WIDTH].i);
  if (attrs[AS_PRECISION].i >= 0)
    g_string_append_printf (format, ".%d", (int) attrs[AS_PRECISION].i);
  if (gw_dtype_is_integer (dtype))
    g_string_append (format, strncmp (gw_dtype_name (dtype), "uint", 4) == 0 ? "llu" : "lld");
  else
    g_string_append_c (format, attrs[AS_SHORTEST].b ? 'g' : attrs[AS_SCIENTIFIC].b ? 'e' : 'f');
  return g_string_free (g_steal_pointer (&format), FALSE);
}

/* Width at most 1000, or 309 digits and 100 decimals. */
#define AS_STRING_ROOM 2048

static char *
as_string_number (const GwTensor *input,
                  int64_t         index,
                  const char     *format)
{
  char real[AS_STRING_ROOM], imaginary[AS_STRING_ROOM];
  double parts[2] = { 0 };

  if (gw_dtype_is_integer (input->dtype))
    return g_strdup_printf (format, (long long) gw_tensor_get_int (input, index));
  if (!gw_dtype_is_complex (input->dtype))
    return g_strdup (g_ascii_formatd (real, sizeof real, format, gw_tensor_get_double (input, index)));
  for (int i = 0; i < 2; i++)
    parts[i] = input->dtype == GW_COMPLEX64 ? (double) GW_TENSOR_DATA (input, float)[2 * index + i]
                                            : GW_TENSOR_DATA (input, double)[2 * index + i];
  return g_strdup_printf ("(%s,%s)", g_ascii_formatd (real, sizeof real, format, parts[0]),
                          g_ascii_formatd (imaginary, sizeof imaginary, format, parts[1]));
}

/* A text as it is, with spaces to the width: before it, or behind it for “-”. */
static void
as_string_text (const GwAttrValue *attrs,
                const GwString    *in,
                GwString          *out)
{
  g_autoptr (GString) text = g_string_new_len (in->length > 0 ? in->data : "", (gssize) in->length);

  while ((int64_t) text->len < attrs[AS_WIDTH].i)
    g_string_insert_c (text, *attrs[AS_FILL].s == '-' ? -1 : 0, ' ');
  gw_string_set (out, text->str, text->len);
}

static gboolean
as_string_cpu (GwKernelContext *context,
               GError         **error)
{
  const GwTensor *input = context->inputs[0];
  g_autofree char *format = as_string_format (context->attrs, input->dtype);

  for (int64_t i = 0; i < input->elements; i++)
    {
      GwString *out = &GW_TENSOR_DATA (context->outputs[0], GwString)[i];
      g_autofree char *text = NULL;

      if (input->dtype == GW_STRING)
        {
          as_string_text (context->attrs, gw_tensor_get_string (input, i), out);
          continue;
        }
      text = input->dtype == GW_BOOL ? g_strdup (gw_tensor_get_int (input, i) != 0 ? "true" : "false")
                                     : as_string_number (input, i, format);
      gw_string_set (out, text, strlen (text));
    }
  return TRUE;
}

static const GwOpDef as_string_op = {
  .name = "AsString", .since = 1, .title = "As text", .category = "strings/Converting",
  .summary = "Numbers written as texts.",
  .doc = "As C's printf writes them: floats with six decimals unless `precision` says otherwise, in plain, scientific or "
         "shortest notation; complex numbers as (re,im), booleans as true and false. `width` pads to a least length with `fill`: a space, `0`, or `-` to "
         "pad on the right.\n\nExample: `AsString (3; width=4 fill=0)` is \"0003\", `AsString (0.5; precision=2)` is \"0.50\".",
  .inputs = GW_PORTS ({ "input", "T", "Numbers or booleans." }),
  .outputs = GW_PORTS ({ "output", "string", "A text for each." }),
  .attrs = GW_ATTRS (
    [AS_T] = { "T", GW_ATTR_DTYPE,
               .choices = GW_CHOICES ("float32", "float64", "int32", "int64", "int8", "int16", "uint8", "uint16", "uint32",
                                      "uint64", "float16", "bfloat16", "complex64", "complex128", "bool", "string"),
               .label = "Type", .help = "Element type; follows from what is wired.",
               .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN },
    [AS_PRECISION] = { "precision", GW_ATTR_INT, .def = "-1", .min = -1, .max = 100, .label = "Decimals",
                       .help = "Digits behind the point; -1 = six." },
    [AS_SCIENTIFIC] = { "scientific", GW_ATTR_BOOL, .def = "false", .label = "Scientific", .help = "1.5e+00." },
    [AS_SHORTEST] = { "shortest", GW_ATTR_BOOL, .def = "false", .label = "Shortest",
                      .help = "Plain or scientific, whichever is shorter." },
    [AS_WIDTH] = { "width", GW_ATTR_INT, .def = "-1", .min = -1, .max = 1000, .label = "Width",
                   .help = "Least number of characters; -1 = none." },
    [AS_FILL] = { "fill", GW_ATTR_STRING, .label = "Fill", .help = "What pads to the width: space, 0, + or -." }),
  .flags = GW_OP_NO_GRADIENT,
  .shape_rule = "the input's",
  .shape = as_string_shape, .cpu = as_string_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[3, 4]"), "width=4 fill=0", NULL }),
  .tell = GW_TEXTS ("precision"),
};

const GwOpDef *const gw_ops_strings[] = { &string_join_op, &as_string_op, NULL };
