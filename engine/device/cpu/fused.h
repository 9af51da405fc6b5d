/* SPDX-License-Identifier: Apache-2.0 */
/* A chain or tree of element-wise functions run as one: tile by tile, so that what one
 * function gives is still in the nearest cache when the next one takes it. The loops are
 * those of device/cpu/elementwise.h, so that every value is, bit for bit, what the
 * functions give one after the other. */
#pragma once

#include "engine/device/cpu/elementwise.h"

G_BEGIN_DECLS

/* How an operand from outside is walked while the result is. */
typedef enum {
  GW_FUSED_FULL,    /* element by element */
  GW_FUSED_SCALAR,  /* one element for all */
  GW_FUSED_ROW,     /* the last `inner` elements again and again */
  GW_FUSED_COLUMN,  /* one element for each `inner` of the result */
} GwFusedWalk;

/* Where an operand is or a result goes: an input, an output or a register of the
 * program, by number. */
typedef enum {
  GW_FUSED_INPUT,
  GW_FUSED_OUTPUT,
  GW_FUSED_REGISTER,
} GwFusedPlace;

typedef struct {
  GwFusedPlace place;
  int          number;
} GwFusedOperand;

typedef struct {
  int            arity;     /* 1 … 3 */
  union {
    GwUnaryLoop   unary;
    GwBinaryLoop  binary;
    GwTernaryLoop ternary;
  };
  GwFusedOperand in[3], out;
  /*< private >*/
  int            slots[4];  /* the same as places in one table */
} GwFusedOp;

typedef struct {
  size_t      size;         /* of an element */
  GwFusedWalk walk;         /* of an input; outputs are FULL */
} GwFusedPort;

/* The sum or mean of all that an operand holds, taken from the tiles as they are made: bit
 * for bit what gw_cpu_reduce() gives. */
typedef struct {
  gboolean       wanted;
  gboolean       mean;
  GwDType        dtype;
  GwFusedOperand of;        /* an output or a register */
} GwFusedSum;

/* Whether a sum over that many elements can be taken from tiles. */
gboolean gw_fused_can_sum (GwDType dtype, int64_t elements);

typedef struct {
  int64_t      elements;    /* of the result */
  int64_t      inner;       /* for ROW and COLUMN; a divisor of `elements` */
  int          n_inputs;
  GwFusedPort *inputs;
  int          n_outputs;
  GwFusedPort *outputs;
  int          n_registers;
  size_t       register_size; /* of the largest element */
  int          n_nodes;     /* of the graph that it stands for */
  int          n_ops;
  GwFusedOp   *ops;
  GwFusedSum   sum;         /* if wanted it goes to the last output, which no op writes to; there
                             * are no ROW and COLUMN operands then */
  int          tile;        /* elements: set by gw_fused_settle() */
} GwFusedProgram;

/* Chooses the tile once the rest is known. FALSE: the operands are such that tiles do not
 * fit, and the program cannot run. */
gboolean gw_fused_settle (GwFusedProgram *program);
void gw_fused_free (GwFusedProgram *program);

/* Runs it over the context's inputs and outputs, which are the program's, on all
 * workers. */
void gw_cpu_fused (GwKernelContext *context, const GwFusedProgram *program);
/* Elements [begin, end) of it, whole rows and columns of `inner`, on the calling thread; no sum
 * is wanted. */
void gw_cpu_fused_range (const GwFusedProgram *program, GwTensor *const *inputs, GwTensor *const *outputs, int64_t begin,
                         int64_t end);

G_END_DECLS
