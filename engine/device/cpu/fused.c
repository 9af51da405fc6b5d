/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/fused.h"

#include "engine/device/cpu/reduce.h"

#include <string.h>

#include "engine/device/cpu/loops.h"

/* What the registers of a chunk may take: they are to stay in the nearest cache. */
#define REGISTER_BYTES (24 * 1024)
/* A multiple of it begins every tile, so that vectors are cut everywhere in the same way. */
#define ALIGNMENT 64
#define MAX_TILE 2048
#define MAX_PORTS 4096

static int
slot_of (const GwFusedProgram *program,
         GwFusedOperand        operand)
{
  return operand.place == GW_FUSED_INPUT ? operand.number
         : operand.place == GW_FUSED_OUTPUT ? program->n_inputs + operand.number
                                            : program->n_inputs + program->n_outputs + operand.number;
}

gboolean
gw_fused_settle (GwFusedProgram *program)
{
  size_t registers = (size_t) program->n_registers;
  int64_t tile;

  for (int i = 0; i < program->n_ops; i++)
    {
      GwFusedOp *op = &program->ops[i];

      for (int k = 0; k < op->arity; k++)
        op->slots[k] = slot_of (program, op->in[k]);
      op->slots[3] = slot_of (program, op->out);
    }
  for (int i = 0; i < program->n_inputs; i++)
    if (program->inputs[i].walk == GW_FUSED_ROW || program->inputs[i].walk == GW_FUSED_COLUMN)
      registers++; /* to write it out in */
  tile = (int64_t) (REGISTER_BYTES / MAX (registers * program->register_size, 1)) / ALIGNMENT * ALIGNMENT;
  tile = MIN (tile, MAX_TILE);
  if (program->inner > 0 && program->inner < tile)
    tile = tile / program->inner * program->inner; /* whole rows */
  program->tile = (int) tile;
  return program->n_inputs + program->n_outputs + program->n_registers <= MAX_PORTS &&
         (tile >= ALIGNMENT || tile >= program->elements);
}

/* The pieces begin where tiles may begin. */
gboolean
gw_fused_can_sum (GwDType dtype,
                  int64_t elements)
{
  int64_t pieces = gw_sum_pieces (elements);

  return gw_sum_loop (dtype) != NULL && pieces > 1 && elements % (pieces * ALIGNMENT) == 0;
}

void
gw_fused_free (GwFusedProgram *program)
{
  if (program == NULL)
    return;
  g_free (program->inputs);
  g_free (program->outputs);
  g_free (program->ops);
  g_free (program);
}

/* Operands of the tile under way: inputs, outputs, registers. */
typedef struct {
  char   *data;
  int64_t step;
} Place;

typedef struct {
  const GwFusedProgram *program;
  GwTensor *const      *inputs;
  GwTensor *const      *outputs;
} Job;

static inline void
run_op (const GwFusedOp *op,
        const Place     *table,
        int64_t          n)
{
  const Place *a = &table[op->slots[0]], *b, *c;
  void *out = table[op->slots[3]].data;

  if (op->arity == 1)
    {
      op->unary (a->data, out, n);
      return;
    }
  b = &table[op->slots[1]];
  if (op->arity == 2)
    {
      op->binary (a->data, a->step, b->data, b->step, out, n);
      return;
    }
  c = &table[op->slots[2]];
  op->ternary (a->data, a->step, b->data, b->step, c->data, c->step, out, n);
}

/* `inner` elements from x on, as often as they fit. */
static void
repeat_row (char       *to,
            const char *x,
            size_t      bytes,
            int64_t     times)
{
  for (int64_t i = 0; i < times; i++)
    memcpy (to + i * bytes, x, bytes);
}

/* Each of `times` elements from x on `inner` times. */
static void
repeat_elements (char       *to,
                 const char *x,
                 size_t      size,
                 int64_t     inner,
                 int64_t     times)
{
  for (int64_t i = 0; i < times; i++)
    for (int64_t j = 0; j < inner; j++)
      memcpy (to + (i * inner + j) * size, x + i * size, size);
}

/* A row or column operand as the tile from `begin` on needs it; `spare` is where it may
 * be written out. Rows that are longer than a tile are read where they are. */
static void
place_repeated (const Job *job,
                int        input,
                int64_t    begin,
                int64_t    n,
                gboolean   first,
                char      *spare,
                Place      *table)
{
  const GwFusedProgram *program = job->program;
  const GwFusedPort *port = &program->inputs[input];
  char *x = job->inputs[input]->data;
  gboolean long_rows = program->inner > program->tile;

  table[input].step = port->walk == GW_FUSED_ROW || !long_rows;
  if (long_rows && port->walk == GW_FUSED_ROW)
    table[input].data = x + begin % program->inner * port->size;
  else if (long_rows)
    table[input].data = x + begin / program->inner * port->size;
  else if (port->walk == GW_FUSED_ROW)
    {
      table[input].data = spare;
      if (first)
        repeat_row (spare, x, program->inner * port->size, program->tile / program->inner);
    }
  else
    {
      table[input].data = spare;
      repeat_elements (spare, x + begin / program->inner * port->size, port->size, program->inner, n / program->inner);
    }
}

static void
place_inputs (const Job *job,
              int64_t    begin,
              int64_t    n,
              gboolean   first,
              char      *spare,
              Place     *table)
{
  const GwFusedProgram *program = job->program;

  for (int i = 0; i < program->n_inputs; i++)
    {
      const GwFusedPort *port = &program->inputs[i];
      char *x = job->inputs[i]->data;

      if (port->walk == GW_FUSED_FULL || port->walk == GW_FUSED_SCALAR)
        {
          table[i].step = port->walk == GW_FUSED_FULL;
          table[i].data = x + table[i].step * begin * port->size;
          continue;
        }
      place_repeated (job, i, begin, n, first, spare, table);
      spare += program->tile * program->register_size;
    }
}

/* Long rows are cut where they end; chunks begin at whole rows or tiles. */
static int64_t
next_tile (const GwFusedProgram *program,
           int64_t               begin,
           int64_t               end)
{
  int64_t n = MIN (end - begin, program->tile);

  return program->inner > program->tile ? MIN (n, program->inner - begin % program->inner) : n;
}

static void
place_outputs (const Job *job,
               int64_t    begin,
               Place     *table)
{
  const GwFusedProgram *program = job->program;

  for (int i = 0; i < program->n_outputs - program->sum.wanted; i++)
    table[program->n_inputs + i] = (Place) { (char *) job->outputs[i]->data + begin * program->outputs[i].size, 1 };
}

typedef struct {
  const GwSumLoop loop;
  double          total;
  int64_t         begin;    /* of the block under way */
  char           *block;    /* where a register that is summed is kept until its block is full */
} Sum;

/* The tile from `begin` on is made; a block that is full then, or the last one, is added. */
static void
add_tile (const GwFusedProgram *program,
          Sum                  *sum,
          const Place          *table,
          int64_t               begin,
          int64_t               n,
          int64_t               end)
{
  size_t size = gw_dtype_size (program->sum.dtype);
  const char *tile = table[slot_of (program, program->sum.of)].data;

  if (begin + n < MIN (sum->begin + GW_SUM_BLOCK, end))
    return;
  sum->loop (&sum->total, tile - (begin - sum->begin) * (int64_t) size, begin + n - sum->begin);
  sum->begin = begin + n;
}

/* What is summed fills a block, tile by tile, or lies in an output anyway. */
static int64_t
place_summed (const GwFusedProgram *program,
              const Sum            *sum,
              int64_t               begin,
              int64_t               n,
              Place                *table)
{
  if (program->sum.of.place == GW_FUSED_REGISTER)
    table[slot_of (program, program->sum.of)].data = sum->block + (begin - sum->begin) * (int64_t) gw_dtype_size (program->sum.dtype);
  return MIN (n, sum->begin + GW_SUM_BLOCK - begin);
}

/* `sum` is NULL where none is wanted. */
static void
run_range (const Job *job,
           int64_t    begin,
           int64_t    end,
           Sum       *sum)
{
  const GwFusedProgram *program = job->program;
  int base = program->n_inputs + program->n_outputs;
  size_t register_bytes = program->tile * program->register_size;
  char memory[REGISTER_BYTES + ALIGNMENT] __attribute__ ((aligned (64)));
  Place *table = g_newa (Place, base + program->n_registers + 1);
  gboolean first = TRUE;

  for (int i = 0; i < program->n_registers; i++)
    table[base + i] = (Place) { memory + i * register_bytes, 1 };
  for (int64_t n; begin < end; begin += n)
    {
      n = next_tile (program, begin, end);
      if (sum != NULL)
        n = place_summed (program, sum, begin, n, table);
      place_inputs (job, begin, n, first, memory + program->n_registers * register_bytes, table);
      place_outputs (job, begin, table);
      for (int i = 0; i < program->n_ops; i++)
        run_op (&program->ops[i], table, n);
      if (sum != NULL)
        add_tile (program, sum, table, begin, n, end);
      first = FALSE;
    }
}

typedef struct {
  Job     job;
  int64_t unit;
} Units;

static void
run_units (void    *data,
           int64_t  begin,
           int64_t  end)
{
  Units *units = data;

  run_range (&units->job, begin * units->unit, MIN (end * units->unit, units->job.program->elements), NULL);
}

typedef struct {
  Job     job;
  int64_t size;      /* of a piece */
  double  totals[GW_SUM_MAX_PIECES];
} Pieces;

static void
run_pieces (void    *data,
            int64_t  begin,
            int64_t  end)
{
  Pieces *pieces = data;
  char block[GW_SUM_BLOCK * sizeof (double)] __attribute__ ((aligned (64)));

  for (int64_t i = begin; i < end; i++)
    {
      Sum sum = { gw_sum_loop (pieces->job.program->sum.dtype), 0, i * pieces->size, block };

      run_range (&pieces->job, i * pieces->size, (i + 1) * pieces->size, &sum);
      pieces->totals[i] = sum.total;
    }
}

static void
run_with_sum (GwKernelContext      *context,
              const GwFusedProgram *program)
{
  int64_t n_pieces = gw_sum_pieces (program->elements);
  Pieces pieces = { .job = { program, context->inputs, context->outputs }, .size = program->elements / n_pieces };

  gw_kernel_parallel (context, n_pieces, 1, run_pieces, &pieces);
  gw_sum_finish (program->sum.dtype, program->sum.mean, program->elements, pieces.totals,
                 context->outputs[program->n_outputs - 1]->data);
}

void
gw_cpu_fused (GwKernelContext      *context,
              const GwFusedProgram *program)
{
  Units units = { { program, context->inputs, context->outputs }, program->tile };
  int64_t n;

  if (program->sum.wanted)
    {
      run_with_sum (context, program);
      return;
    }
  if (program->elements <= program->tile)
    {
      run_range (&units.job, 0, program->elements, NULL);
      return;
    }
  n = (program->elements + units.unit - 1) / units.unit;
  gw_kernel_parallel (context, n, MAX (GW_GRAIN / (units.unit * MAX (program->n_ops / 4, 1)), 1), run_units, &units);
}

void
gw_cpu_fused_range (const GwFusedProgram *program,
                    GwTensor *const      *inputs,
                    GwTensor *const      *outputs,
                    int64_t               begin,
                    int64_t               end)
{
  Job job = { program, inputs, outputs };

  run_range (&job, begin, end, NULL);
}
