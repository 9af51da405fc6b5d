/* SPDX-License-Identifier: Apache-2.0 */
/* Integers as rows of bits. */
#include "engine/ops/math-common.h"

#define BITS "maths/Logic"

#define BIT_OP(NAME, TYPE, TITLE, FLAGS, FUNCTION, X_HELP, Y_HELP, Z_HELP, SUMMARY, DOC, EXAMPLE)            \
  GW_BINARY_FUNCTION (NAME, FUNCTION)                                                                          \
  GW_BINARY_OP (NAME, TYPE, TITLE, BITS, GW_ANY_INTEGER, GW_OP_STOPS_GRADIENT | (FLAGS), NULL, NULL,         \
                X_HELP, Y_HELP, Z_HELP, SUMMARY, DOC, EXAMPLE)

BIT_OP (bit_and, "BitwiseAnd", "And of bits", GW_OP_COMMUTATIVE, GW_BINARY_BIT_AND, "One operand.", "The other.",
        "The bits that both have.", "The bits that are set in both of two integers.",
        "With a mask as one operand it keeps the bits under the mask: `x & 255` is the lowest byte.",
        GW_EXAMPLES ({ GW_TEXTS ("[12, 255]", "[10, 15]"), "T=int32", GW_TEXTS ("[8, 15]") }))
BIT_OP (bit_or, "BitwiseOr", "Or of bits", GW_OP_COMMUTATIVE, GW_BINARY_BIT_OR, "One operand.", "The other.",
        "The bits that one or both have.", "The bits that are set in one or both of two integers.",
        "It sets the bits of a mask.", GW_EXAMPLES ({ GW_TEXTS ("[12, 1]", "[10, 4]"), "T=int32", GW_TEXTS ("[14, 5]") }))
BIT_OP (bit_xor, "BitwiseXor", "Exclusive or of bits", GW_OP_COMMUTATIVE, GW_BINARY_BIT_XOR, "One operand.", "The other.",
        "The bits in which they differ.", "The bits in which two integers differ.",
        "Applied twice with the same operand it changes nothing.",
        GW_EXAMPLES ({ GW_TEXTS ("[12, 7]", "[10, 7]"), "T=int32", GW_TEXTS ("[6, 0]") }))

#define SHIFTING " A shift below 0 counts as 0, one of the type's width or more as the width less 1."

BIT_OP (left_shift, "LeftShift", "Shift bits left", 0, GW_BINARY_LEFT_SHIFT, "The integers.", "By how many places.",
        "x, its bits moved up.", "Moves the bits of integers to higher places.",
        "Each place doubles the number; what leaves the type at the top is lost." SHIFTING,
        GW_EXAMPLES ({ GW_TEXTS ("[1, 5, -3]", "[4, 1, 1]"), "T=int32", GW_TEXTS ("[16, 10, -6]") }))
BIT_OP (right_shift, "RightShift", "Shift bits right", 0, GW_BINARY_RIGHT_SHIFT, "The integers.", "By how many places.",
        "x, its bits moved down.", "Moves the bits of integers to lower places.",
        "Each place halves the number, rounded down: a signed one keeps its sign." SHIFTING,
        GW_EXAMPLES ({ GW_TEXTS ("[16, 5, -3]", "[4, 1, 1]"), "T=int32", GW_TEXTS ("[1, 2, -2]") }))

GW_UNARY_FUNCTION (invert, GW_UNARY_INVERT)
GW_UNARY_OP (invert, "Invert", "Invert bits", BITS, GW_ANY_INTEGER, GW_OP_STOPS_GRADIENT, NULL, GW_X_Y,
             "Turns every bit of integers around.",
             "Of a signed number x it gives -x - 1, of an unsigned one the highest number of the type less x.",
             GW_EXAMPLES ({ GW_TEXTS ("[0, 5, -1]"), "T=int32", GW_TEXTS ("[-1, -6, 0]") },
                          { GW_TEXTS ("[0, 5]"), "T=uint8", GW_TEXTS ("[255, 250]") }))

GW_UNARY_FUNCTION (population_count, GW_UNARY_POPULATION_COUNT)

static const GwOpDef population_count = {
  .name = "PopulationCount", .since = 1, .title = "Number of set bits", .category = BITS,
  .summary = "Counts the bits that are set.",
  .doc = "A negative number is counted as it is stored, in two's complement: -1 has all bits of its type.",
  .inputs = GW_PORTS ({ "x", "T", "The integers." }),
  .outputs = GW_PORTS ({ "y", "uint8", "How many of their bits are 1." }),
  .attrs = GW_ATTRS (GW_MATH_T (GW_ANY_INTEGER)), .flags = GW_OP_STOPS_GRADIENT,
  .shape = gw_shape_rule_same, GW_FUNCTION (population_count),
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[0, 7, 80]"), "T=int32", GW_TEXTS ("[0, 3, 2]") }),
};

const GwOpDef *const gw_ops_math_bits[] = {
  &bit_and, &bit_or, &bit_xor, &left_shift, &right_shift, &invert, &population_count, NULL,
};
