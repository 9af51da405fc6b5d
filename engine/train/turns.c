/* SPDX-License-Identifier: Apache-2.0 */
/* Which targets a step runs: all of them, or those whose turn it is; and of one that gathers
 * gradients only that part, but for every so-manieth time. Steps that run the same have the
 * same plans. */
#include "engine/train/trainer-private.h"

#include "engine/base/error.h"

#include <string.h>

enum { RESTS, GATHERS, RUNS };

/* A target's. */
typedef struct {
  GwNode *whole, *part;  /* part NULL = it has none */
  int64_t steps;         /* in a row; 0 = it does not take turns */
  int64_t begin;         /* of its turn in the cycle */
  int64_t gather;        /* times that it runs its part or the whole, the last one the whole */
} Turn;

struct _GwTurns {
  GArray    *turns;      /* of Turn, one a target */
  int64_t    cycle;      /* steps after which turns come again; 0 = nobody takes turns */
  guint8    *now;        /* of the step at hand, one a target: RESTS … */
  GPtrArray *phases;     /* of GwPhase */
};

static void
phase_free (gpointer data)
{
  GwPhase *phase = data;

  gw_step_plans_clear (&phase->plans);
  g_ptr_array_unref (phase->targets);
  g_free (phase->does);
  g_free (phase);
}

GwTurns *
gw_turns_new (void)
{
  GwTurns *turns = g_new0 (GwTurns, 1);

  turns->turns = g_array_new (FALSE, FALSE, sizeof (Turn));
  turns->phases = g_ptr_array_new_with_free_func (phase_free);
  return turns;
}

void
gw_turns_free (GwTurns *turns)
{
  if (turns == NULL)
    return;
  g_array_unref (turns->turns);
  g_ptr_array_unref (turns->phases);
  g_free (turns->now);
  g_free (turns);
}

static int64_t
whole_number (const GwDocNode *node,
              const char      *name,
              int64_t          otherwise)
{
  GwAttrValue value;
  int64_t number = otherwise;

  if (node == NULL || !gw_doc_node_attr (node, name, &value))
    return otherwise;
  if (value.type == GW_ATTR_INT)
    number = value.i;
  gw_attr_value_clear (&value);
  return number;
}

static gboolean
add_target (GwTurns         *turns,
            const GwLowered *lowered,
            const GwDocNode *box,
            int64_t          id,
            GError         **error)
{
  Turn turn = { gw_lowered_final (lowered, id), gw_lowered_partial (lowered, id), MAX (whole_number (box, "turn_steps", 0), 0),
                turns->cycle, MAX (whole_number (box, "accumulate_steps", 1), 1) };

  if (turn.whole == NULL)
    {
      gw_invalid (error, "a training step should run it, but there is nothing of it to run");
      gw_error_set_node (error, box != NULL ? box->name : NULL, box != NULL ? box->op : NULL);
      return FALSE;
    }
  turns->cycle += turn.steps;
  g_array_append_val (turns->turns, turn);
  return TRUE;
}

gboolean
gw_turns_take (GwTurns             *turns,
               const GwDocument    *document,
               const GwLowered     *lowered,
               GError             **error)
{
  const GArray *targets = gw_document_settings (document)->targets;

  turns->cycle = 0;
  g_array_set_size (turns->turns, 0);
  g_ptr_array_set_size (turns->phases, 0);
  for (guint i = 0; i < targets->len; i++)
    {
      int64_t id = g_array_index (targets, int64_t, i);

      if (!add_target (turns, lowered, gw_document_node (document, id), id, error))
        return FALSE;
    }
  g_free (turns->now);
  turns->now = g_new0 (guint8, MAX (turns->turns->len, 1));
  return TRUE;
}

gboolean
gw_turns_is_empty (const GwTurns *turns)
{
  return turns->turns->len == 0;
}

static guint8
what_it_does (const GwTurns *turns,
              const Turn    *turn,
              int64_t        step)
{
  int64_t at = turn->steps > 0 ? step % turns->cycle - turn->begin : 0;
  int64_t times = turn->steps > 0 ? step / turns->cycle * turn->steps + at : step;

  if (turn->steps > 0 && (at < 0 || at >= turn->steps))
    return RESTS;
  return turn->part != NULL && (times + 1) % turn->gather != 0 ? GATHERS : RUNS;
}

static GwPhase *
add_phase (GwTurns *turns)
{
  GwPhase *phase = g_new0 (GwPhase, 1);

  phase->does = g_memdup2 (turns->now, turns->turns->len);
  phase->targets = g_ptr_array_new ();
  gw_step_plans_init (&phase->plans);
  for (guint i = 0; i < turns->turns->len; i++)
    {
      const Turn *turn = &g_array_index (turns->turns, Turn, i);

      if (phase->does[i] != RESTS)
        g_ptr_array_add (phase->targets, phase->does[i] == RUNS ? turn->whole : turn->part);
    }
  g_ptr_array_add (turns->phases, phase);
  return phase;
}

GwPhase *
gw_turns_phase (GwTurns *turns,
                int64_t  step)
{
  for (guint i = 0; i < turns->turns->len; i++)
    turns->now[i] = what_it_does (turns, &g_array_index (turns->turns, Turn, i), step);
  for (guint i = 0; i < turns->phases->len; i++)
    {
      GwPhase *phase = g_ptr_array_index (turns->phases, i);

      if (memcmp (phase->does, turns->now, turns->turns->len) == 0)
        return phase;
    }
  return add_phase (turns);
}

void
gw_turns_drop_plans (GwTurns *turns,
                     unsigned kinds)
{
  for (guint i = 0; i < turns->phases->len; i++)
    gw_phase_drop_plans (g_ptr_array_index (turns->phases, i), kinds);
}
