/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/document/initializers.h"

#include "engine/tensor/text.h"

#include <math.h>
#include <string.h>

/* Deviation of a unit normal cut at ±2: what TensorFlow divides by so that the cut
 * distribution has the deviation that was asked for. */
#define TRUNCATED_STDDEV 0.87962566103423978

typedef enum { CONSTANT, UNIFORM, NORMAL, TRUNCATED, ORTHOGONAL, IDENTITY } Distribution;
typedef enum { FAN_NONE, FAN_IN, FAN_OUT, FAN_AVERAGE } Fan;

typedef struct {
  const char  *name;
  Distribution distribution;
  Fan          fan;      /* FAN_NONE: a and b are the parameters; else `scale` / fan is the variance */
  double       scale;
  double       a, b;     /* value · min, max · mean, stddev; `a` is the gain of a matrix */
  int          n_params; /* how many may follow in brackets */
} Initializer;

static const Initializer initializers[] = {
  { "zeros", CONSTANT, FAN_NONE, 0, 0, 0, 0 },
  { "ones", CONSTANT, FAN_NONE, 0, 1, 0, 0 },
  { "constant", CONSTANT, FAN_NONE, 0, 0, 0, 1 },
  { "random_uniform", UNIFORM, FAN_NONE, 0, -0.05, 0.05, 2 },
  { "random_normal", NORMAL, FAN_NONE, 0, 0, 0.05, 2 },
  { "truncated_normal", TRUNCATED, FAN_NONE, 0, 0, 0.1, 2 },
  { "glorot_uniform", UNIFORM, FAN_AVERAGE, 1, 0, 0, 0 },
  { "glorot_normal", TRUNCATED, FAN_AVERAGE, 1, 0, 0, 0 },
  { "he_uniform", UNIFORM, FAN_IN, 2, 0, 0, 0 },
  { "he_normal", TRUNCATED, FAN_IN, 2, 0, 0, 0 },
  { "lecun_uniform", UNIFORM, FAN_IN, 1, 0, 0, 0 },
  { "lecun_normal", TRUNCATED, FAN_IN, 1, 0, 0, 0 },
  { "variance_scaling", TRUNCATED, FAN_IN, 1, 0, 0, 3 },
  { "orthogonal", ORTHOGONAL, FAN_NONE, 0, 1, 0, 1 },
  { "identity", IDENTITY, FAN_NONE, 0, 1, 0, 1 },
};

const char *const *
gw_initializer_names (void)
{
  static const char *names[G_N_ELEMENTS (initializers) + 1];

  for (gsize i = 0; i < G_N_ELEMENTS (initializers); i++)
    names[i] = initializers[i].name;
  return names;
}

static const Initializer *
find_initializer (const char *text,
                  gsize       length)
{
  for (gsize i = 0; i < G_N_ELEMENTS (initializers); i++)
    if (strlen (initializers[i].name) == length && strncmp (initializers[i].name, text, length) == 0)
      return &initializers[i];
  return NULL;
}

/* Words of variance_scaling. */
static const struct {
  const char  *word;
  gboolean     is_fan;
  Fan          fan;
  Distribution distribution;
} words[] = {
  { "fan_in", TRUE, FAN_IN, 0 },
  { "fan_out", TRUE, FAN_OUT, 0 },
  { "fan_avg", TRUE, FAN_AVERAGE, 0 },
  { "uniform", FALSE, 0, UNIFORM },
  { "normal", FALSE, 0, TRUNCATED }, /* TensorFlow's older word for it */
  { "truncated_normal", FALSE, 0, TRUNCATED },
  { "untruncated_normal", FALSE, 0, NORMAL },
};

/* A word at `text`; what is behind it, or NULL. */
static const char *
parse_word (const char  *text,
            Initializer *initializer)
{
  gsize length = strspn (text, "abcdefghijklmnopqrstuvwxyz_");

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (strlen (words[i].word) == length && strncmp (words[i].word, text, length) == 0)
      {
        if (words[i].is_fan)
          initializer->fan = words[i].fan;
        else
          initializer->distribution = words[i].distribution;
        return text + length;
      }
  return NULL;
}

/* The numbers in brackets after the name into a and b, or scale; the words of
 * variance_scaling. */
static gboolean
parse_params (const char  *text,
              Initializer *initializer)
{
  gboolean scaling = initializer->n_params == 3;
  double *params[3] = { scaling ? &initializer->scale : &initializer->a, &initializer->b, NULL };

  if (*text == '\0')
    return TRUE;
  if (*text++ != '(')
    return FALSE;
  for (int i = 0; i < initializer->n_params && *text != ')'; i++)
    {
      const char *end = NULL;

      if (scaling && i > 0)
        end = parse_word (text, initializer);
      else
        *params[i] = g_ascii_strtod (text, (char **) &end);
      if (end == NULL || end == text || (params[i] != NULL && !isfinite (*params[i])))
        return FALSE;
      text = end + strspn (end, ", ");
    }
  return strcmp (text, ")") == 0;
}

/* TRUE when `text` names an initializer; *result is it with its parameters. */
static gboolean
parse (const char  *text,
       Initializer *result)
{
  g_autofree char *copy = g_strstrip (g_strdup (text));
  const Initializer *found = find_initializer (copy, strcspn (copy, "("));

  if (found == NULL)
    return FALSE;
  *result = *found;
  return parse_params (copy + strlen (found->name), result) && (result->fan == FAN_NONE || result->scale > 0);
}

/* init_ops.py, _compute_fans(): a kernel's receptive field counts for both. */
static void
compute_fans (const GwShape *shape,
              double        *fan_in,
              double        *fan_out)
{
  double field = 1;

  for (int i = 0; i < shape->rank - 2; i++)
    field *= (double) shape->dims[i];
  if (shape->rank == 0)
    *fan_in = *fan_out = 1;
  else if (shape->rank == 1)
    *fan_in = *fan_out = (double) shape->dims[0];
  else
    {
      *fan_in = field * (double) shape->dims[shape->rank - 2];
      *fan_out = field * (double) shape->dims[shape->rank - 1];
    }
}

static void
scale_by_fan (Initializer   *initializer,
              const GwShape *shape)
{
  double fan_in, fan_out, variance;

  if (initializer->fan == FAN_NONE)
    return;
  compute_fans (shape, &fan_in, &fan_out);
  variance = initializer->scale / MAX (1.0, initializer->fan == FAN_IN    ? fan_in
                                            : initializer->fan == FAN_OUT ? fan_out
                                                                          : (fan_in + fan_out) / 2);
  if (initializer->distribution == UNIFORM)
    {
      initializer->b = sqrt (3 * variance);
      initializer->a = -initializer->b;
    }
  else if (initializer->distribution == TRUNCATED)
    initializer->b = sqrt (variance) / TRUNCATED_STDDEV;
  else
    initializer->b = sqrt (variance);
}

/* A matrix as an initializer sees the shape: all dimensions but the last are one. */
static void
matrix_sizes (const GwShape *shape,
              int64_t       *rows,
              int64_t       *columns)
{
  *columns = shape->rank > 0 ? shape->dims[shape->rank - 1] : 1;
  *rows = *columns > 0 ? gw_shape_elements (shape) / *columns : 0;
}

/* Mean and deviation of the elements of an orthogonal matrix or one of ones along the
 * diagonal, times the gain. */
static void
matrix_moments (const Initializer *initializer,
                const GwShape     *shape,
                double            *mean,
                double            *stddev)
{
  int64_t rows, columns;
  double share;

  matrix_sizes (shape, &rows, &columns);
  share = 1.0 / (double) MAX (MAX (rows, columns), 1);
  *mean = initializer->distribution == IDENTITY ? initializer->a * share : 0;
  *stddev = fabs (initializer->a) * sqrt (initializer->distribution == IDENTITY ? share - share * share : share);
}

gboolean
gw_initializer_moments (const char    *text,
                        const GwShape *shape,
                        double        *mean,
                        double        *stddev)
{
  Initializer initializer;

  if (!parse (text, &initializer))
    return FALSE;
  scale_by_fan (&initializer, shape);
  *mean = initializer.distribution == UNIFORM ? (initializer.a + initializer.b) / 2 : initializer.a;
  switch (initializer.distribution)
    {
    case CONSTANT:
      *stddev = 0;
      break;
    case UNIFORM:
      *stddev = (initializer.b - initializer.a) / sqrt (12);
      break;
    case NORMAL:
      *stddev = initializer.b;
      break;
    case TRUNCATED:
      *stddev = initializer.b * TRUNCATED_STDDEV;
      break;
    case ORTHOGONAL:
    case IDENTITY:
      matrix_moments (&initializer, shape, mean, stddev);
      break;
    }
  return TRUE;
}

static GwOutput
shape_const (GwBuilder     *builder,
             const GwShape *shape)
{
  return gw_const_ints (builder, shape->rank, shape->dims);
}

static GwOutput
build_random (GwBuilder         *builder,
              const Initializer *initializer,
              GwDType            dtype,
              const GwShape     *shape)
{
  const char *op = initializer->distribution == UNIFORM ? "RandomUniform"
                   : initializer->distribution == NORMAL ? "RandomStandardNormal" : "TruncatedNormal";
  double scale = initializer->distribution == UNIFORM ? initializer->b - initializer->a : initializer->b;
  GwOutput drawn = gw_op (builder, op, GW_IN (shape_const (builder, shape)),
                          GW_WITH ({ "dtype", gw_attr_dtype (dtype) }));
  GwOutput scaled = gw_op2 (builder, "Mul", drawn, gw_const_scalar (builder, dtype, scale));

  return gw_op2 (builder, "AddV2", scaled, gw_const_scalar (builder, dtype, initializer->a));
}

/* init_ops.py, Orthogonal: the Q of a random matrix that is at least as high as wide, its
 * columns turned so that R's diagonal is positive. */
static GwOutput
build_orthogonal (GwBuilder         *b,
                  const Initializer *initializer,
                  GwDType            dtype,
                  const GwShape     *shape)
{
  int64_t rows, columns;
  GwShape tall = GW_SHAPE (0, 0);
  GwOutput drawn, turned;
  GwNode *qr;

  matrix_sizes (shape, &rows, &columns);
  tall.dims[0] = MAX (rows, columns);
  tall.dims[1] = MIN (rows, columns);
  drawn = gw_op (b, "RandomStandardNormal", GW_IN (shape_const (b, &tall)), GW_WITH ({ "dtype", gw_attr_dtype (dtype) }));
  qr = gw_node_new (b, "Qr", NULL, GW_IN (drawn), NULL);
  turned = gw_op2 (b, "Mul", gw_output_of (qr, 0),
                   gw_op1 (b, "Sign", gw_op1 (b, "MatrixDiagPart", gw_output_of (qr, 1))));
  if (rows < columns)
    turned = gw_op2 (b, "Transpose", turned, gw_const_ints (b, 2, (const int64_t[]) { 1, 0 }));
  return gw_op2 (b, "Mul", gw_const_scalar (b, dtype, initializer->a),
                 gw_op2 (b, "Reshape", turned, shape_const (b, shape)));
}

static GwOutput
build_identity (GwBuilder         *b,
                const Initializer *initializer,
                GwDType            dtype,
                const GwShape     *shape)
{
  GwShape diagonal = GW_SHAPE (MIN (shape->dims[0], shape->dims[1]));
  GwOutput zeros = gw_op2 (b, "Fill", shape_const (b, shape), gw_const_scalar (b, dtype, 0));
  GwOutput gain = gw_op2 (b, "Fill", shape_const (b, &diagonal), gw_const_scalar (b, dtype, initializer->a));

  return gw_op2 (b, "MatrixSetDiag", zeros, gain);
}

static GwOutput
build_matrix (GwBuilder         *builder,
              const Initializer *initializer,
              GwDType            dtype,
              const GwShape     *shape)
{
  gboolean identity = initializer->distribution == IDENTITY;
  g_autofree char *text = gw_shape_to_string (shape);

  if (identity ? shape->rank == 2 : shape->rank >= 2)
    return identity ? build_identity (builder, initializer, dtype, shape)
                    : build_orthogonal (builder, initializer, dtype, shape);
  gw_builder_fail (builder, GW_ERROR_INVALID_ARGUMENT, "%s makes %s, and the shape is %s", initializer->name,
                   identity ? "matrices" : "tensors of rank 2 or more", text);
  return GW_NO_OUTPUT;
}

static GwOutput
build_literal (GwBuilder     *builder,
               const char    *text,
               GwDType        dtype,
               const GwShape *shape)
{
  g_autoptr (GError) error = NULL;
  GwTensor *tensor = gw_tensor_parse (text, dtype, shape, &error);

  if (tensor != NULL)
    return gw_const (builder, tensor);
  gw_builder_fail (builder, GW_ERROR_INVALID_ARGUMENT,
                   "“%s” is neither an initializer nor a value: %s", text, error->message);
  return GW_NO_OUTPUT;
}

GwOutput
gw_initializer_build (GwBuilder     *builder,
                      const char    *text,
                      GwDType        dtype,
                      const GwShape *shape)
{
  Initializer initializer;

  if (builder->error != NULL)
    return GW_NO_OUTPUT;
  if (!gw_shape_is_known (shape))
    {
      g_autofree char *shape_text = gw_shape_to_string (shape);

      gw_builder_fail (builder, GW_ERROR_INVALID_ARGUMENT,
                       "initial_value must have a shape specified: %s is not fully known", shape_text);
      return GW_NO_OUTPUT;
    }
  if (!parse (text, &initializer))
    return build_literal (builder, text, dtype, shape);
  scale_by_fan (&initializer, shape);
  if (initializer.distribution == CONSTANT)
    return gw_op2 (builder, "Fill", shape_const (builder, shape),
                   gw_const_scalar (builder, dtype, initializer.a));
  if (gw_dtype_is_floating (dtype) && initializer.distribution >= ORTHOGONAL)
    return build_matrix (builder, &initializer, dtype, shape);
  if (gw_dtype_is_floating (dtype))
    return build_random (builder, &initializer, dtype, shape);
  gw_builder_fail (builder, GW_ERROR_INVALID_ARGUMENT, "%s gives floating-point numbers, not %s",
                   initializer.name, gw_dtype_name (dtype));
  return GW_NO_OUTPUT;
}
