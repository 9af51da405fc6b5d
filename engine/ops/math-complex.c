/* SPDX-License-Identifier: Apache-2.0 */
/* Complex numbers: put together, taken apart, turned. Everything else that can be done
 * with them is done by the ops of real numbers. */
#include "engine/base/error.h"
#include "engine/ops/math-common.h"

#define COMPLEX_NUMBERS "maths/Complex numbers"

enum { COMPLEX_T, COMPLEX_OUT };

#define COMPLEX_TYPE                                                                                   \
  { "T", GW_ATTR_DTYPE, .def = "complex64", .choices = GW_ANY_COMPLEX, .label = "Type",                \
    .help = "Complex type; follows from what is wired.", .flags = GW_ATTR_HIDDEN }
#define REAL_OUT                                                                                       \
  { "Tout", GW_ATTR_DTYPE, .def = "float32", .choices = GW_FLOAT_TYPES, .label = "Type of the result", \
    .help = "The real type that belongs to the complex one: float32 to complex64, float64 to complex128." }

/* The real type of a complex one, and the other way round. */
static GwDType
real_type (GwDType dtype)
{
  return dtype == GW_COMPLEX64 ? GW_FLOAT32 : GW_FLOAT64;
}

static GwDType
complex_type (GwDType dtype)
{
  return dtype == GW_FLOAT32 ? GW_COMPLEX64 : GW_COMPLEX128;
}

/* A result of type Tout must be of the kind that the operand's parts are of. */
static gboolean
want_out (GwShapeContext *context,
          GwDType         wanted,
          GError        **error)
{
  GwDType out = context->attrs[COMPLEX_OUT].dtype;

  if (out == wanted)
    return TRUE;
  return gw_invalid (error, "Tout is %s, but of %s the result is %s", gw_dtype_name (out),
                     gw_dtype_name (context->input_dtypes[0]), gw_dtype_name (wanted));
}

static gboolean
part_shape (GwShapeContext *context,
            GError        **error)
{
  return want_out (context, real_type (context->input_dtypes[0]), error) && gw_shape_rule_same (context, error);
}

static gboolean
complex_shape (GwShapeContext *context,
               GError        **error)
{
  return want_out (context, complex_type (context->input_dtypes[0]), error) && gw_shape_rule_broadcast (context, error);
}

static GwOutput
make_complex (GwBuilder *b,
              GwOutput   real,
              GwOutput   imaginary)
{
  if (real.node == NULL)
    return real;
  return gw_op (b, "Complex", GW_IN (real, imaginary),
                GW_WITH ({ "Tout", gw_attr_dtype (complex_type (gw_output_dtype (real))) }));
}

/* A part of a complex number, by the op that takes it. */
static GwOutput
part (GwBuilder  *b,
      const char *op,
      GwOutput    x)
{
  if (x.node == NULL)
    return x;
  return gw_op (b, op, GW_IN (x), GW_WITH ({ "Tout", gw_attr_dtype (real_type (gw_output_dtype (x))) }));
}

/* ---- Complex ---- */

GW_BINARY_FUNCTION (complex, GW_BINARY_COMPLEX)
GW_BINARY_GRADIENT (complex, part (b, "Real", dz), part (b, "Imag", dz))

static const GwOpDef complex_op = {
  .name = "Complex", .since = 1, .title = "Complex number", .category = COMPLEX_NUMBERS,
  .summary = "Puts real and imaginary parts together to complex numbers.",
  .doc = "`out = real + imag · i`. Two float32 make a complex64, two float64 a complex128." GW_BROADCASTING,
  .inputs = GW_PORTS ({ "real", "T", "The real parts." }, { "imag", "T", "The imaginary parts." }),
  .outputs = GW_PORTS ({ "out", "Tout", "The complex numbers." }),
  .attrs = GW_ATTRS (
    [COMPLEX_T] = { "T", GW_ATTR_DTYPE, .def = "float32", .choices = GW_FLOAT_TYPES, .label = "Type",
                    .help = "Type of the parts; follows from what is wired.", .flags = GW_ATTR_HIDDEN },
    [COMPLEX_OUT] = { "Tout", GW_ATTR_DTYPE, .def = "complex64", .choices = GW_ANY_COMPLEX, .label = "Type of the result",
                      .help = "complex64 of float32 parts, complex128 of float64 parts." }),
  .shape_rule = "the inputs broadcast against each other",
  .shape = complex_shape, .grad = complex_grad, GW_FUNCTION (complex),
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("float32 [1.5, 2]", "float32 [-1, 0.5]"), NULL, GW_TEXTS ("[1.5-1j, 2+0.5j]") },
    { GW_TEXTS ("float64 [1.5]", "float64 2"), "T=float64 Tout=complex128", GW_TEXTS ("[1.5+2j]") }),
};

/* ---- parts ---- */

#define PART_OP(NAME, TYPE, TITLE, IN, OUT, OUT_HELP, SUMMARY, DOC, EXAMPLES)                                \
  static const GwOpDef NAME = {                                                                              \
    .name = TYPE, .since = 1, .title = TITLE, .category = COMPLEX_NUMBERS, .summary = SUMMARY, .doc = DOC,   \
    .inputs = GW_PORTS ({ IN, "T", "The complex numbers." }),                                                \
    .outputs = GW_PORTS ({ OUT, "Tout", OUT_HELP }),                                                         \
    .attrs = GW_ATTRS ([COMPLEX_T] = COMPLEX_TYPE, [COMPLEX_OUT] = REAL_OUT),                                \
    .shape_rule = "the input's", \
    .shape = part_shape, .grad = NAME##_grad, GW_FUNCTION (NAME), .examples = EXAMPLES,                       \
  };

#define NO_PART gw_const_like (b, dz, 0)

GW_UNARY_FUNCTION (real, GW_UNARY_REAL)
GW_UNARY_GRADIENT (real, make_complex (b, dz, NO_PART))
PART_OP (real, "Real", "Real part", "input", "output", "The real parts.", "The real parts of complex numbers.",
         "Of `a + bi` it gives a, a real number of half the width. *Imag* gives the other part.",
         GW_EXAMPLES ({ GW_TEXTS ("[1.5-1j, 2+0.5j]"), NULL, GW_TEXTS ("[1.5, 2]") },
                      { GW_TEXTS ("[1.5-1j]"), "T=complex128 Tout=float64", GW_TEXTS ("[1.5]") }))

GW_UNARY_FUNCTION (imaginary, GW_UNARY_IMAG)
GW_UNARY_GRADIENT (imaginary, make_complex (b, NO_PART, dz))
PART_OP (imaginary, "Imag", "Imaginary part", "input", "output", "The imaginary parts.",
         "The imaginary parts of complex numbers.", "Of `a + bi` it gives b, a real number of half the width. *Complex* puts the two together again.",
         GW_EXAMPLES ({ GW_TEXTS ("[1.5-1j, 2+0.5j]"), NULL, GW_TEXTS ("[-1, 0.5]") }))

GW_UNARY_FUNCTION (angle, GW_UNARY_ANGLE)
GW_UNARY_GRADIENT (angle, MUL (NEG (make_complex (b, dz, NO_PART)),
                               gw_op1 (b, "Reciprocal", make_complex (b, part (b, "Imag", x), part (b, "Real", x)))))
PART_OP (angle, "Angle", "Angle", "input", "output", "The angles in radians.", "The angles of complex numbers.",
         "Of `a + bi` the angle of the point (a, b) seen from the origin, from -π to π; 0 of positive numbers.",
         GW_EXAMPLES ({ GW_TEXTS ("[1+1j, -2+0j]"), NULL, GW_TEXTS ("[0.7853982, 3.1415927]") }))

/* z / |z|, and 0 at 0. */
GW_UNARY_FUNCTION (magnitude, GW_UNARY_COMPLEX_ABS)
GW_UNARY_GRADIENT (magnitude, gw_op2 (b, "DivNoNan", MUL (make_complex (b, dz, gw_op1 (b, "ZerosLike", dz)), x),
                                      make_complex (b, z, gw_op1 (b, "ZerosLike", z))))
PART_OP (magnitude, "ComplexAbs", "Absolute value of complex numbers", "x", "y", "The absolute values.",
         "The distances of complex numbers from zero.", "Of `a + bi` it gives √(a² + b²), a real number of half the width, without overflow on the way.",
         GW_EXAMPLES ({ GW_TEXTS ("[3+4j, -2+0j]"), NULL, GW_TEXTS ("[5, 2]") }))

/* ---- Conj ---- */

GW_UNARY_FUNCTION (conjugate, GW_UNARY_CONJ)
GW_UNARY_GRADIENT (conjugate, gw_op1 (b, "Conj", dz))

static const GwOpDef conjugate = {
  .name = "Conj", .since = 1, .title = "Complex conjugate", .category = COMPLEX_NUMBERS,
  .summary = "Changes the sign of the imaginary parts.",
  .doc = "Of `a + bi` it gives `a - bi`; a number times its conjugate is the square of its absolute value. Gradients of "
         "functions of complex numbers are made of conjugates.",
  .inputs = GW_PORTS ({ "input", "T", "The complex numbers." }),
  .outputs = GW_PORTS ({ "output", "T", "Their conjugates." }),
  .attrs = GW_ATTRS (COMPLEX_TYPE), .flags = GW_OP_INPLACE,
  .shape = gw_shape_rule_same, .grad = conjugate_grad, GW_FUNCTION (conjugate),
  .examples = GW_EXAMPLE_1 ("[1.5-1j, 2+0.5j]", "[1.5+1j, 2-0.5j]"),
};

const GwOpDef *const gw_ops_math_complex[] = { &complex_op, &real, &imaginary, &angle, &magnitude, &conjugate, NULL };
